/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * server: listeners, threads and the life of a request.
 *
 * One accept thread serves every listener (loopback TCP, unix sockets, with or without a PROXY
 * version 1 line) and hands connections to the threads that serve them with libmicrohttpd, one per
 * core, each with its own read-only connection. A write suspends its connection, goes to
 * db/writer.h and is answered after its commit; a full queue is a 503 with Retry-After, nothing
 * half done. Rows marked slow run in a pool of their own, so that a password hash delays nobody's
 * page.
 *
 * Plain http is served on loopback and unix sockets only; an address elsewhere is refused at start.
 * No address, user agent or referrer is written anywhere: the address is reduced to a keyed hash
 * at accept, for the budgets, and forgotten. Log lines are route template, status and time bucket.
 *
 * Ordered end: server_stop closes the listeners, lets what runs be answered (bounded), then stops
 * the threads. The writer must run until server_stop has returned.
 */
#ifndef HUIYIN_HTTP_SERVER_H
#define HUIYIN_HTTP_SERVER_H

#include "http/auth.h"
#include "http/budget.h"
#include "http/route.h"
#include "http/static.h"

struct house;
struct readers;
struct server;
struct writer;

enum listen_kind {
    LISTEN_UNSET = 0,
    LISTEN_LOCAL, /* plain http for a browser on this machine: cookies without prefix */
    LISTEN_FRONT, /* behind a TLS proxy: __Host- cookies, HSTS */
    LISTEN_ONION  /* behind tor: cookies without prefix, no HSTS, no absolute links */
};

struct server_listener {
    enum listen_kind kind;
    const char *address; /* "127.0.0.1:8080", "[::1]:0", "unix:/run/huiyin/web.sock" */
    bool proxy_line;     /* each connection begins with a PROXY version 1 line */
    const char *origin;  /* "https://huiyin.example"; NULL: that of the request's own Host */
};

struct server_config {
    const struct server_listener *listeners;
    size_t listener_count;
    const struct route_span *routes;
    size_t route_count;
    const struct auth *auth;             /* must outlive the server */
    struct writer *writer;               /* must outlive the server */
    struct readers *readers;             /* must outlive the server */
    const struct house *house;           /* handed to every request */
    const struct static_table *statics;  /* may be NULL */
    const struct budget_limits *budgets; /* NULL: the limits of trust.md section 12 */
    size_t threads;                      /* 0: one per core */
    size_t connections_max;              /* 0: 10,000 */
    const char *onion; /* "xyz.onion": named in Onion-Location on LISTEN_FRONT; may be NULL */
    bool quiet;        /* no line per request */
};

/* Checks the routes, opens the listeners, starts the threads. ERR_INVALID for a bad table or an
 * address that is not loopback; info says which. */
enum err server_start(const struct server_config *config, struct err_info *info,
                      struct server **ret_server);

/* Stops as above; waits at most `wait_ms` for answers under way. NULL is allowed. */
void server_stop(struct server *s, int wait_ms);

/* The TCP port of listener `i` (for port 0), 0 for a unix socket. */
uint16_t server_port(const struct server *s, size_t i);

/* Hands over a connected socket as if listener `i` had accepted it; for tests over a socketpair.
 * The server closes it. */
enum err server_adopt(struct server *s, size_t i, int fd);

struct server_stats {
    uint64_t requests;
    uint64_t refused_busy; /* 503: queue or connections full */
    uint64_t refused_budget;
    uint64_t writes;
    uint64_t connections; /* now */
    uint64_t active;      /* requests under way now */
};
void server_stats(const struct server *s, struct server_stats *ret_stats);

#endif
