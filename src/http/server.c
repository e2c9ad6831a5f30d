/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "http/server.h"

#include "base/diag.h"
#include "base/instant.h"
#include "base/mem.h"
#include "http/exchange.h"
#include "lib/text/msg.h"

#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    CONNECTIONS_DEFAULT = 10000,
    POOL_BYTES = 16 * 1024, /* per connection: headers in and out; bodies are in the arena */
    IDLE_S = 30,
    KEEP_FREE = 64, /* exchanges a thread keeps for the next requests */
    KEEP_BUF_BYTES = 256 * 1024,
    SLOW_THREADS = 2
};

#define BODY_WAIT_US (120 * US_PER_SECOND)
#define DRAIN_BYTES_MAX (UINT64_C(64) * 1024 * 1024)

/* What one thread keeps for its next requests. */
struct pool {
    struct exchange *free;
    size_t count;
    struct pool *next;
};

/* ---- exchanges ------------------------------------------------------------------------------ */

static struct pool *pool_here(struct server *s)
{
    struct pool *p = pthread_getspecific(s->pool_key);
    if (p != NULL)
        return p;
    p = mem_new(sizeof *p);
    if (p == NULL || pthread_setspecific(s->pool_key, p) != 0) {
        mem_free(p);
        return NULL;
    }
    pthread_mutex_lock(&s->pools_lock);
    p->next = s->pools;
    s->pools = p;
    pthread_mutex_unlock(&s->pools_lock);
    return p;
}

static struct exchange *exchange_new(struct server *s)
{
    struct pool *p = pool_here(s);
    struct exchange *x = p == NULL ? NULL : p->free;
    if (x != NULL) {
        struct arena arena = x->arena;
        struct html html = x->html;
        struct buf body = x->body;
        p->free = x->next;
        p->count--;
        *x = (struct exchange){.arena = arena, .html = html, .body = body};
    } else {
        x = mem_new(sizeof *x);
        if (x == NULL)
            return NULL;
        arena_init(&x->arena, REQUEST_ARENA_MAX);
        html_init(&x->html, HTML_BYTES_MAX);
        buf_init(&x->body, REQUEST_BODY_MAX);
    }
    x->server = s;
    x->started_us = instant_monotonic();
    x->req.server = s;
    x->req.exchange = x;
    x->req.arena = &x->arena;
    x->req.html = &x->html;
    x->req.house = s->config.house;
    atomic_fetch_add(&s->active, 1);
    atomic_fetch_add(&s->requests, 1);
    return x;
}

static void exchange_destroy(struct exchange *x)
{
    arena_done(&x->arena);
    html_done(&x->html);
    buf_done(&x->body);
    mem_free(x);
}

static void exchange_free(struct exchange *x)
{
    struct server *s = x->server;
    struct pool *p = pool_here(s);
    crypt_wipe(&x->csrf, sizeof x->csrf);
    bool keep = p != NULL && p->count < KEEP_FREE && x->body.size <= KEEP_BUF_BYTES &&
                html_view(&x->html).len <= KEEP_BUF_BYTES;
    if (keep) {
        arena_reset(&x->arena);
        x->next = p->free;
        p->free = x;
        p->count++;
    } else {
        exchange_destroy(x);
    }
    atomic_fetch_sub(&s->active, 1);
}

static void pools_free(struct server *s)
{
    while (s->pools != NULL) {
        struct pool *p = s->pools;
        s->pools = p->next;
        while (p->free != NULL) {
            struct exchange *x = p->free;
            p->free = x->next;
            exchange_destroy(x);
        }
        mem_free(p);
    }
}

/* ---- what libmicrohttpd calls --------------------------------------------------------------- */

/* The first call of all for a request: its address as it came, before any decoding. */
static void *on_uri(void *cls, const char *uri, struct MHD_Connection *conn)
{
    struct exchange *x = exchange_new(worker_server(cls));
    if (x == NULL)
        return NULL;
    x->worker = cls;
    x->conn = conn;
    x->uri_len = strlen(uri);
    struct str whole = str_copy(&x->arena, str_make(uri, x->uri_len));
    size_t mark = str_find(whole, STR("?"));
    x->req.path = str_sub(whole, 0, mark == SIZE_MAX ? whole.len : mark);
    x->query = mark == SIZE_MAX ? STR("") : str_sub(whole, mark + 1, whole.len);
    return x;
}

static bool answer_static(struct exchange *x)
{
    const struct static_table *t = x->server->config.statics;
    const struct static_file *f = NULL;
    if (t != NULL && x->method == METHOD_GET && str_starts(x->req.path, STR("/static/")))
        f = static_find(t, x->req.path);
    if (f == NULL)
        return false;
    const char *accepts = MHD_lookup_connection_value(x->conn, MHD_HEADER_KIND, "Accept-Encoding");
    x->answer.file = f;
    x->answer.status = 200;
    x->answer.type = f->type;
    x->answer.gzip = f->gzip.len > 0 && accepts != NULL && strstr(accepts, "gzip") != NULL;
    x->answer.body = x->answer.gzip ? f->gzip : f->bytes;
    x->stage = STAGE_ANSWER;
    return true;
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *conn, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_len, void **con_cls)
{
    struct exchange *x = *con_cls;
    (void)cls;
    (void)url;
    (void)version;
    if (x == NULL)
        return MHD_NO; /* no memory for this request */
    if (x->stage == STAGE_HEAD) {
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(conn, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
        x->peer = peer_of(info->client_addr);
        if (exchange_open(x, method))
            return MHD_YES;
    }
    if (*upload_len > 0) {
        exchange_body(x, upload, *upload_len);
        *upload_len = 0;
        bool too_long = instant_monotonic() - x->started_us > BODY_WAIT_US;
        return too_long || x->body_seen > DRAIN_BYTES_MAX ? MHD_NO : MHD_YES;
    }
    if (x->stage == STAGE_BODY && answer_static(x))
        return answer_send(x);
    if (!exchange_advance(x))
        return MHD_YES;
    return answer_send(x);
}

static void on_completed(void *cls, struct MHD_Connection *conn, void **con_cls,
                         enum MHD_RequestTerminationCode how)
{
    (void)cls;
    (void)conn;
    (void)how;
    if (*con_cls != NULL)
        exchange_free(*con_cls);
    *con_cls = NULL;
}

static void on_connection(void *cls, struct MHD_Connection *conn, void **socket_ctx,
                          enum MHD_ConnectionNotificationCode how)
{
    (void)conn;
    (void)socket_ctx;
    worker_notify(cls, how);
}

/* Its own words may hold what a client sent: they are dropped. */
static void on_log(void *cls, const char *fmt, va_list args)
{
    (void)cls;
    (void)fmt;
    (void)args;
}

/* ---- start and end -------------------------------------------------------------------------- */

/* As many descriptors as the system lets us have: each connection is one. */
static void raise_limit(size_t connections)
{
    struct rlimit limit;
    rlim_t want = (rlim_t)connections + 256;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= want)
        return;
    limit.rlim_cur = limit.rlim_max < want ? limit.rlim_max : want;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

static enum err open_listeners(struct server *s, struct err_info *info)
{
    size_t count = s->config.listener_count;
    s->listeners = mem_new_array(count + 1, sizeof *s->listeners);
    if (s->listeners == NULL)
        return err_set(info, ERR_NOMEM, NULL, "listeners");
    for (size_t i = 0; i < count; i++) {
        s->listeners[i].fd = -1;
        s->listener_count = i + 1;
        TRY(listener_open(&s->config.listeners[i], &s->listeners[i], info));
    }
    return ERR_OK;
}

struct MHD_Daemon *server_daemon(struct server *s, struct worker *w)
{
    return MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0,
        NULL, NULL, on_request, s, MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)s->config.connections_max,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)POOL_BYTES, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_URI_LOG_CALLBACK, on_uri, w,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, s, MHD_OPTION_NOTIFY_CONNECTION, on_connection,
        w, MHD_OPTION_END);
}

static enum err start_parts(struct server *s, struct err_info *info)
{
    const struct budget_limits *limits = s->config.budgets;
    TRY(route_table_new(s->config.routes, s->config.route_count, info, &s->routes));
    TRY(open_listeners(s, info));
    TRY(budget_new(limits == NULL ? &BUDGET_DEFAULTS : limits, &s->budgets));
    if (pthread_key_create(&s->pool_key, NULL) != 0)
        return err_set(info, ERR_NOMEM, NULL, "thread key");
    s->has_pool_key = true;
    raise_limit(s->config.connections_max);
    TRY(slow_new(SLOW_THREADS, &s->slow));
    TRY(workers_start(s, info));
    return accepting_start(s, &s->accepting);
}

enum err server_start(const struct server_config *config, struct err_info *info,
                      struct server **ret_server)
{
    struct server *s = mem_new(sizeof *s);
    if (s == NULL || pthread_mutex_init(&s->pools_lock, NULL) != 0) {
        mem_free(s);
        return err_set(info, ERR_NOMEM, NULL, "server");
    }
    s->config = *config;
    if (s->config.connections_max == 0)
        s->config.connections_max = CONNECTIONS_DEFAULT;
    struct err_info why = {.err = ERR_OK};
    enum err err = start_parts(s, &why);
    if (err != ERR_OK) {
        server_stop(s, 0);
        if (why.err != err) /* what is smaller than a listener does not say more */
            (void)err_set(&why, err, NULL, "the server's threads and tables");
        if (info != NULL)
            *info = why;
        return err;
    }
    *ret_server = s;
    return ERR_OK;
}

void server_stop(struct server *s, int wait_ms)
{
    if (s == NULL)
        return;
    atomic_store(&s->stopping, true);
    if (s->accepting != NULL)
        accepting_stop(s->accepting);
    else
        for (size_t i = 0; i < s->listener_count; i++)
            listener_close(&s->listeners[i]);
    for (int i = 0; i < wait_ms && atomic_load(&s->active) > 0; i += 5)
        (void)poll(NULL, 0, 5);
    slow_stop(s->slow);
    /* Suspended ones are in the writer's hands, which must come back before the pool may end. */
    while (atomic_load(&s->waiting) > 0)
        (void)poll(NULL, 0, 1);
    workers_stop(s);
    slow_free(s->slow);
    pools_free(s);
    if (s->has_pool_key)
        (void)pthread_key_delete(s->pool_key);
    pthread_mutex_destroy(&s->pools_lock);
    budget_free(s->budgets);
    route_table_free(s->routes);
    mem_free(s->listeners);
    mem_free(s);
}

uint16_t server_port(const struct server *s, size_t i)
{
    return i < s->listener_count ? s->listeners[i].port : 0;
}

enum err server_adopt(struct server *s, size_t i, int fd)
{
    return accepting_add(s, (uint32_t)i, fd, STR(""));
}

void server_stats(const struct server *s, struct server_stats *ret_stats)
{
    *ret_stats = (struct server_stats){
        .requests = atomic_load(&s->requests),
        .refused_busy = atomic_load(&s->refused_busy),
        .refused_budget = atomic_load(&s->refused_budget),
        .writes = atomic_load(&s->writes),
        .connections = atomic_load(&s->connections),
        .active = atomic_load(&s->active),
    };
}
