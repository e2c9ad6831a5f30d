/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * loopback: a real server over a store of its own in a folder of its own, for tests of requests.
 *
 *     struct loopback lb;
 *     loopback_open(&lb, &(struct loopback_options){.routes = ROUTES, .route_count = N,
 *                                                   .auth = &AUTH});
 *     struct answer_read r;
 *     loopback_get(&lb, "/hello", "", &r);
 *     assert_int_equal(r.status, 200);
 *     loopback_close(&lb);
 *
 * Every call fails the test when the server does not answer within ten seconds.
 */
#ifndef HUIYIN_TESTS_HTTP_LOOPBACK_H
#define HUIYIN_TESTS_HTTP_LOOPBACK_H

#include "base/str.h"
#include "db/db.h"
#include "db/readers.h"
#include "db/writer.h"
#include "http/server.h"

enum { READ_BYTES_MAX = 512 * 1024 };

struct loopback_options {
    const struct route *routes;
    size_t route_count;
    const struct auth *auth;
    const struct house *house;           /* with a writer and readers: they are used */
    const struct budget_limits *budgets; /* NULL: BUDGET_OFF */
    const struct static_table *statics;
    size_t queue_max;
    enum listen_kind kind; /* 0: LISTEN_LOCAL */
    bool proxy_line;
    const char *origin;
    size_t connections_max;
    size_t threads;
    const char *onion;
};

struct loopback {
    char folder[64];
    struct db *db;
    struct writer *writer;
    struct readers *readers;
    struct server *server;
    bool borrowed; /* store, writer and readers are the house's */
};

void loopback_open(struct loopback *lb, const struct loopback_options *options);
void loopback_close(struct loopback *lb);

/* What came back. `head` is the status line and headers, `body` what follows. */
struct answer_read {
    int status;
    struct str head;
    struct str body;
    char bytes[READ_BYTES_MAX];
    size_t len;
    bool closed; /* the server closed the connection behind it */
};

/* A connection of its own over a socketpair, or over TCP. */
int loopback_pair(struct loopback *lb);
int loopback_tcp(struct loopback *lb);
int loopback_unix(const char *path);
void loopback_write(int fd, struct str bytes);
/* One answer by its Content-Length. `head_only`: a HEAD request was sent. */
void loopback_read(int fd, bool head_only, struct answer_read *ret);

/* One request on a connection of its own: `headers` are whole lines with CR LF. */
void loopback_get(struct loopback *lb, const char *path, const char *headers,
                  struct answer_read *ret);
void loopback_post(struct loopback *lb, const char *path, const char *headers, struct str body,
                   struct answer_read *ret);

/* The value of a header of the answer; STR_NULL when it is not there. */
struct str answer_header(const struct answer_read *r, const char *name);
/* "name=value" of a Set-Cookie, for a Cookie header; "" when there is none. */
struct str answer_cookie(const struct answer_read *r, const char *name);
bool answer_has(const struct answer_read *r, const char *text);

#endif
