/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * exchange: one request and its answer on their way through the server. Private to src/http.
 *
 *   on_request -> exchange_open    first call: limits, method, route; nothing is answered yet
 *              -> exchange_body    pieces of the body, kept up to the row's bound
 *              -> exchange_advance gate, form, work, write, reply: until the answer is ready, or
 *                                  until somebody else (slow pool, writer, timer) owns it
 *              -> exchange_send
 *   on_completed -> exchange_free  the only place where its memory goes
 *
 * Whoever hands an exchange over suspends the connection first and touches nothing afterwards; who
 * took it over resumes exactly once. Only libmicrohttpd's thread of the connection sends.
 */
#ifndef HUIYIN_HTTP_EXCHANGE_H
#define HUIYIN_HTTP_EXCHANGE_H

#include "db/writer.h"
#include "http/budget.h"
#include "http/csrf.h"
#include "http/html.h"
#include "http/request.h"
#include "http/server.h"
#include "http/session.h"
#include "http/static.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

enum { ANSWER_HEADERS_MAX = 8, COOKIES_MAX = 5, HEADER_VALUES = 3, DEVICE_TEXT_MAX = 160 };

/* What a connection carries from accept on, in place of an address. */
struct peer {
    struct budget_peer budget;
    uint32_t listener;
};

/* libmicrohttpd keeps the "address" it is given with the connection: it gets a struct peer behind
 * a family it does not look into, so that no real address is in its memory. */
struct peer_address {
    sa_family_t family;
    struct peer peer;
};

enum stage {
    STAGE_HEAD = 0,
    STAGE_BODY,
    STAGE_GATE,
    STAGE_WORK,    /* view, or prepare */
    STAGE_WRITE,   /* to be queued */
    STAGE_WRITTEN, /* the writer is done with it */
    STAGE_ANSWER,  /* the answer stands in x->answer */
    STAGE_SENT
};

enum cookie { COOKIE_PERSON = 0, COOKIE_OFFICER, COOKIE_DEVICE, COOKIE_LANG, COOKIE_VIEW };

struct cookie_set {
    bool due;
    bool clear;
    int32_t max_age_s; /* 0: until the browser closes */
    char value[DEVICE_TEXT_MAX + 1];
};

struct answer_header {
    const char *name;
    const char *value; /* in the arena or for ever */
};

struct answer {
    int status; /* 0: none yet */
    const char *type;
    struct str body;
    const char *location;
    bool attachment;
    const char *file_name;
    struct answer_header headers[ANSWER_HEADERS_MAX];
    size_t header_count;
    const struct static_file *file;
    bool gzip;
    uint32_t retry_s;
};

struct session_token {
    bool given; /* the browser sent one of the right shape */
    bool fresh; /* made here: the cookie is to be set */
    unsigned char b[SESSION_TOKEN_BYTES];
};

/* The key of the forms of a page that is being made. */
struct csrf_made {
    bool known;
    unsigned char session[CSRF_KEY_BYTES];
    struct key32 key;
};

/* The writer may run an act again from its start: it then finds everything as it came. */
struct as_came {
    struct request req;
    struct session_token person;
    struct session_token officer;
    struct person_session person_row;
    struct cookie_set cookies[COOKIES_MAX];
    size_t header_count;
};

struct exchange {
    struct request req;
    struct arena arena;
    struct html html;
    struct server *server;
    struct worker *worker; /* whose connection it is */
    struct MHD_Connection *conn;
    const struct peer *peer;
    struct exchange *next; /* in a free list, the slow queue or the timer */
    enum stage stage;
    bool suspended;
    bool apart; /* a slow thread runs it */
    int32_t today;

    enum method method;
    bool head; /* HEAD: as GET, without body */
    struct str query;
    struct str headers[HEADER_VALUES]; /* by REQUEST_HEADER_NAMES */
    struct str content_type;
    size_t body_max;
    uint64_t body_seen;
    struct buf body;
    int refused; /* 413, 414, 431, 503 before anything was read; 0 */
    size_t uri_len;
    struct route_match match;

    struct session_token person;      /* as it will be */
    struct session_token person_sent; /* as it came */
    struct session_token officer;
    struct person_session person_row;
    int64_t person_until_us;
    struct str device; /* the device cookie */
    int64_t form_age_us;
    struct csrf_made csrf;

    uint64_t seen; /* what was read may rest on all that this mark of the writer stands for */
    struct writer_wait wait;
    struct as_came *came; /* what an act may change, before it does */
    bool has_run;         /* the act, once at least */
    enum err outcome;     /* of the writer */
    struct answer answer;
    bool answered; /* by the handler: reply_* was called */
    struct cookie_set cookies[COOKIES_MAX];
    char ref[8];        /* of an error, for the page and the log */
    int64_t started_us; /* monotonic */
    int64_t due_us;     /* monotonic: when the timer lets it go */
};

struct listener {
    enum listen_kind kind;
    int fd;
    bool proxy_line;
    bool is_unix;
    uint16_t port;
    char origin[160]; /* "" when not configured */
    char path[108];   /* of a unix socket, to be removed */
};

struct accepting;
struct slow;
struct worker;

struct server {
    struct server_config config;
    struct route_table *routes;
    struct worker *workers;
    size_t worker_count;
    struct accepting *accepting;
    struct slow *slow;
    struct budgets *budgets;
    struct listener *listeners;
    size_t listener_count;
    pthread_key_t pool_key; /* a thread's free exchanges */
    bool has_pool_key;
    pthread_mutex_t pools_lock;
    struct pool *pools;
    atomic_bool stopping;
    atomic_uint_fast64_t requests;
    atomic_uint_fast64_t refused_busy;
    atomic_uint_fast64_t refused_budget;
    atomic_uint_fast64_t writes;
    atomic_uint_fast64_t connections;
    atomic_uint_fast64_t active;
    atomic_uint_fast64_t waiting; /* suspended now */
};

static inline const struct listener *exchange_listener(const struct exchange *x)
{
    return &x->server->listeners[x->peer->listener];
}

/* The headers in exchange.headers, in order. */
extern const char *const REQUEST_HEADER_NAMES[HEADER_VALUES];

/* ---- exchange.c ----------------------------------------------------------------------------- */

/* False: answer now (x->answer is set), the body will not be read. */
bool exchange_open(struct exchange *x, const char *method);
void exchange_body(struct exchange *x, const char *bytes, size_t len);
/* True: the answer is ready and the caller may send it; false: somebody else owns x. */
bool exchange_advance(struct exchange *x);
/* For the slow pool and the timer: advance, then resume. */
void exchange_advance_apart(struct exchange *x);

/* ---- gate.c --------------------------------------------------------------------------------- */

/* Everything that is asked before a handler runs; ERR_OK, or x->answer is set. */
enum err gate_pass(struct exchange *x);
/* Again in the writer's savepoint. */
enum err gate_pass_again(struct exchange *x, struct tx *tx);

/* ---- answer.c ------------------------------------------------------------------------------- */

enum MHD_Result answer_send(struct exchange *x);

/* ---- problem.c ------------------------------------------------------------------------------ */

/* A page, or JSON at a token door, with that status and sentence. `key` NULL: of req->err, then of
 * `err`. Faults of the form are listed. */
void problem_answer(struct exchange *x, int status, enum err err, const char *key);
void problem_of_err(struct exchange *x, enum err err);

/* ---- session.c ------------------------------------------------------------------------------ */

/* Reads the cookies and the person's row; a row that does not open counts as none. */
enum err session_read(struct exchange *x);
/* Writes down, at most every five minutes, that sessions are in use. */
void session_touch(struct exchange *x);
/* The token a csrf field of that door hangs on; made when there is none and `make`. */
const unsigned char *session_csrf_key(struct exchange *x, enum door door, bool make);
const char *session_cookie_name(const struct exchange *x, enum cookie cookie);
struct str cookie_value(const struct exchange *x, struct str header, enum cookie cookie);

/* ---- slow.c --------------------------------------------------------------------------------- */

enum err slow_new(size_t threads, struct slow **ret_slow);
/* ERR_BUSY when 64 wait. */
enum err slow_submit(struct slow *s, struct exchange *x);
/* At `due_us` of instant_monotonic the exchange is resumed. */
void slow_later(struct slow *s, struct exchange *x, int64_t due_us);
/* Finishes what is queued and takes nothing more. NULL is allowed. */
void slow_stop(struct slow *s);
void slow_free(struct slow *s);

/* ---- server.c ------------------------------------------------------------------------------- */

/* What libmicrohttpd shall call, for the connections of one worker; NULL when it cannot. */
struct MHD_Daemon *server_daemon(struct server *s, struct worker *w);

/* ---- workers.c ------------------------------------------------------------------------------ */

enum err workers_start(struct server *s, struct err_info *info);
/* Ends the threads, then closes every connection; none may be suspended. */
void workers_stop(struct server *s);
/* To the thread with the fewest; ERR_NOMEM: the descriptor stays the caller's. Any thread. */
enum err workers_hand(struct server *s, int fd, const struct peer_address *address);
/* Something was left for it: a connection, or one that goes on. Any thread. */
void worker_wake(struct worker *w);
struct server *worker_server(const struct worker *w);
/* A connection of the worker began or ended. Its thread only. */
void worker_notify(struct worker *w, enum MHD_ConnectionNotificationCode how);

/* ---- listen.c ------------------------------------------------------------------------------- */

enum err listener_open(const struct server_listener *config, struct listener *ret_listener,
                       struct err_info *info);
void listener_close(struct listener *l);
/* The peer behind what libmicrohttpd takes for an address. */
const struct peer *peer_of(const struct sockaddr *addr);
enum err accepting_start(struct server *s, struct accepting **ret_accepting);
/* Closes the listeners and ends the thread. */
void accepting_stop(struct accepting *a);
/* Hands a connection to the pool; closes it when that fails. `reduced` is the reduced address. */
enum err accepting_add(struct server *s, uint32_t listener, int fd, struct str reduced);

#endif
