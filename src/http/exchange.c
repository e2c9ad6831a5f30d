/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "http/exchange.h"

#include "base/diag.h"
#include "base/instant.h"
#include "db/readers.h"
#include "db/writer.h"
#include "spine/house.h"

#include <strings.h>

enum { STEADY_MS = 600 };

/* ---- opening -------------------------------------------------------------------------------- */

static enum MHD_Result add_length(void *ctx, enum MHD_ValueKind kind, const char *key,
                                  size_t key_len, const char *value, size_t value_len)
{
    size_t *sum = ctx;
    (void)kind;
    (void)key;
    (void)value;
    *sum += key_len + value_len + 4;
    return MHD_YES;
}

static struct str header_of(struct exchange *x, const char *name)
{
    const char *value = NULL;
    size_t len = 0;
    if (MHD_lookup_connection_value_n(x->conn, MHD_HEADER_KIND, name, strlen(name), &value, &len) !=
            MHD_YES ||
        value == NULL)
        return STR_NULL;
    return str_make(value, len);
}

static enum face face_of(struct str path)
{
    static const struct {
        const char *prefix;
        enum face face;
    } FACES[] = {{"/desk", FACE_DESK},    {"/duty", FACE_DUTY},     {"/admin", FACE_ADMIN},
                 {"/sign-in", FACE_DESK}, {"/record", FACE_RECORD}, {"/log", FACE_RECORD},
                 {"/api", FACE_API}};
    for (size_t i = 0; i < sizeof FACES / sizeof FACES[0]; i++) {
        size_t len = strlen(FACES[i].prefix);
        if (str_starts(path, str_of(FACES[i].prefix)) && (path.len == len || path.ptr[len] == '/'))
            return FACES[i].face;
    }
    return FACE_PERSON;
}

static void read_method(struct exchange *x, const char *method)
{
    x->head = strcmp(method, "HEAD") == 0;
    if (x->head || strcmp(method, "GET") == 0)
        x->method = METHOD_GET;
    else if (strcmp(method, "POST") == 0)
        x->method = METHOD_POST;
}

bool exchange_open(struct exchange *x, const char *method)
{
    size_t header_bytes = 0;
    int64_t length = 0;
    read_method(x, method);
    for (size_t i = 0; i < HEADER_VALUES; i++)
        x->headers[i] = str_copy(&x->arena, header_of(x, REQUEST_HEADER_NAMES[i]));
    x->content_type = header_of(x, "Content-Type");
    x->req.face = face_of(x->req.path);
    x->stage = STAGE_BODY;
    (void)MHD_get_connection_values_n(x->conn, MHD_HEADER_KIND, add_length, &header_bytes);
    route_find(x->server->routes, x->method, x->req.path, &x->match);
    x->req.route = x->match.route;
    x->req.wants_json = x->req.face == FACE_API;
    x->body_max = REQUEST_BODY_MAX;
    if (x->match.route != NULL && x->match.route->body_max != 0)
        x->body_max = x->match.route->body_max;
    buf_clear(&x->body);
    x->body.cap_bytes = x->body_max;
    if (header_bytes > REQUEST_HEADERS_MAX)
        x->refused = 431;
    else if (x->uri_len > REQUEST_URI_MAX)
        x->refused = 414;
    struct str text = header_of(x, "Content-Length");
    if (str_to_i64(text, 0, INT64_MAX, &length) && (uint64_t)length > x->body_max)
        x->refused = 413;
    /* Who asks first need not send it at all. */
    if (x->refused != 0 && !str_is_null(header_of(x, "Expect"))) {
        x->stage = STAGE_GATE;
        return false;
    }
    return true;
}

void exchange_body(struct exchange *x, const char *bytes, size_t len)
{
    x->body_seen += len;
    if (x->refused != 0)
        return;
    buf_bytes(&x->body, bytes, len);
    if (buf_err(&x->body) == ERR_LIMIT)
        x->refused = 413;
    else if (buf_err(&x->body) != ERR_OK)
        x->refused = 503;
    if (x->refused != 0)
        buf_clear(&x->body);
}

/* ---- handing over --------------------------------------------------------------------------- */

static void reader_close(struct exchange *x)
{
    if (x->req.db == NULL)
        return;
    if (x->server->config.writer != NULL && db_has_read(x->req.db))
        x->seen = writer_mark(x->server->config.writer);
    readers_give(x->server->config.readers, x->req.db);
    x->req.db = NULL;
}

static enum err reader_open(struct exchange *x)
{
    if (x->req.db != NULL || x->server->config.readers == NULL)
        return ERR_OK;
    struct err_info info = {0};
    enum err err = readers_take(x->server->config.readers, &x->req.db, &info);
    if (err != ERR_OK) {
        x->req.db = NULL;
        x->req.err = info;
    } else if (x->req.who.officer.v != 0) {
        db_as_officer(x->req.db, x->req.who.officer, x->today);
    }
    return err;
}

/* From here on the connection waits; libmicrohttpd calls nothing for it until it is resumed. */
static void suspend(struct exchange *x)
{
    reader_close(x);
    if (x->suspended)
        return;
    x->suspended = true;
    atomic_fetch_add(&x->server->waiting, 1);
    MHD_suspend_connection(x->conn);
}

static void resume(struct exchange *x)
{
    struct server *s = x->server;
    struct worker *w = x->worker;
    x->suspended = false;
    MHD_resume_connection(x->conn); /* x may be gone already */
    worker_wake(w);
    atomic_fetch_sub(&s->waiting, 1);
}

/* ---- the writer ----------------------------------------------------------------------------- */

static enum err keep_as_came(struct exchange *x)
{
    struct as_came *came = arena_room(&x->arena, sizeof *came);
    if (came == NULL)
        return ERR_NOMEM;
    *came = (struct as_came){.req = x->req,
                             .person = x->person,
                             .officer = x->officer,
                             .person_row = x->person_row,
                             .header_count = x->answer.header_count};
    memcpy(came->cookies, x->cookies, sizeof came->cookies);
    x->came = came;
    x->has_run = false;
    return ERR_OK;
}

static void put_back(struct exchange *x)
{
    const struct as_came *came = x->came;
    x->req = came->req;
    x->person = came->person;
    x->officer = came->officer;
    x->person_row = came->person_row;
    x->answer.header_count = came->header_count;
    memcpy(x->cookies, came->cookies, sizeof x->cookies);
}

static enum err write_job(struct tx *tx, void *ctx)
{
    struct exchange *x = ctx;
    struct request *req = &x->req;
    if (x->has_run)
        put_back(x);
    x->has_run = true;
    TRY(gate_pass_again(x, tx));
    x->answered = false;
    if (req->who.officer.v != 0)
        db_as_officer(tx->db, req->who.officer, x->today);
    enum err err = req->route->act(tx, req);
    db_as_nobody(tx->db);
    return err;
}

static void write_done(void *ctx, enum err err, const struct err_info *info)
{
    struct exchange *x = ctx;
    x->outcome = err;
    if (err != ERR_OK)
        x->req.err = *info;
    x->stage = STAGE_WRITTEN;
    resume(x);
}

/* ---- on the disk before it is shown ---------------------------------------------------------- */

static void settled(void *ctx)
{
    resume(ctx);
}

/* Readers see a commit a moment before it is on the disk: what was read then waits for that moment.
 * True when it does; libmicrohttpd's own thread comes back for the answer. */
static bool hand_to_disk(struct exchange *x)
{
    struct writer *w = x->server->config.writer;
    if (w == NULL || writer_is_settled(w, x->seen))
        return false;
    suspend(x);
    x->wait = (struct writer_wait){.mark = x->seen, .fn = settled, .ctx = x};
    if (!writer_wait_later(w, &x->wait))
        resume(x);
    return true;
}

/* ---- the handlers --------------------------------------------------------------------------- */

static bool may_show_again(const struct exchange *x, enum err err)
{
    return x->req.route->again != NULL && x->req.route->door != DOOR_TOKEN &&
           (err == ERR_REFUSED || err == ERR_INVALID || err == ERR_CONFLICT);
}

static void call(struct exchange *x, route_fn *fn)
{
    html_clear(&x->html);
    x->answered = false;
    enum err err = fn(&x->req);
    if (err == ERR_OK && !x->answered)
        err = ERR_INTERNAL;
    if (err == ERR_OK && html_err(&x->html) != ERR_OK)
        err = html_err(&x->html);
    if (err != ERR_OK)
        problem_of_err(x, err);
    x->stage = STAGE_ANSWER;
}

/* A form that is not right, or a refusal: the page again where it has one. */
static void show_again(struct exchange *x, enum err err)
{
    if (may_show_again(x, err)) {
        call(x, x->req.route->again);
        return;
    }
    problem_of_err(x, err);
    x->stage = STAGE_ANSWER;
}

static void work(struct exchange *x)
{
    struct request *req = &x->req;
    enum err err = reader_open(x);
    if (err != ERR_OK) {
        problem_of_err(x, err);
        x->stage = STAGE_ANSWER;
        return;
    }
    if (req->route->method == METHOD_GET) {
        if (req->faults.count > 0)
            show_again(x, ERR_INVALID);
        else
            call(x, req->route->view);
        return;
    }
    err = req->faults.count > 0 ? ERR_INVALID : ERR_OK;
    if (err == ERR_OK && req->route->prepare != NULL) {
        x->answered = false;
        err = req->route->prepare(req);
        if (err == ERR_OK && req->faults.count > 0)
            err = ERR_INVALID;
    }
    if (err != ERR_OK)
        show_again(x, err);
    else if (x->answered)
        x->stage = STAGE_ANSWER; /* nothing to write after all */
    else if (req->route->act == NULL)
        call(x, req->route->reply);
    else
        x->stage = STAGE_WRITE;
}

static void written(struct exchange *x)
{
    struct request *req = &x->req;
    enum err err = x->outcome;
    if (err == ERR_BUSY)
        atomic_fetch_add(&x->server->refused_busy, 1);
    if (err == ERR_OK && req->faults.count > 0)
        err = ERR_INTERNAL; /* an act that found faults says ERR_INVALID */
    enum err reader = reader_open(x);
    if (err == ERR_OK)
        err = reader;
    if (err == ERR_OK)
        call(x, req->route->reply);
    else
        show_again(x, err);
}

/* ---- the way through ------------------------------------------------------------------------ */

static bool must_wait(struct exchange *x)
{
    bool steady = x->req.route != NULL && (x->req.route->flags & ROUTE_STEADY) != 0;
    return steady && !atomic_load(&x->server->stopping) && x->due_us == 0 &&
           instant_monotonic() < x->started_us + STEADY_MS * INT64_C(1000);
}

/* Does not come back to x when it was taken. */
static bool hand_to_writer(struct exchange *x)
{
    suspend(x);
    enum err err = keep_as_came(x);
    if (err == ERR_OK) {
        atomic_fetch_add(&x->server->writes, 1);
        err = writer_submit(x->server->config.writer, write_job, x, write_done);
    }
    if (err == ERR_OK)
        return true;
    x->outcome = err;
    x->stage = STAGE_WRITTEN;
    return false;
}

/* True when the slow pool has it now. */
static bool hand_to_slow(struct exchange *x)
{
    bool is_slow = (x->req.route->flags & ROUTE_SLOW) != 0;
    if (!is_slow || x->apart)
        return false;
    suspend(x);
    if (slow_submit(x->server->slow, x) == ERR_OK)
        return true;
    atomic_fetch_add(&x->server->refused_busy, 1);
    problem_of_err(x, ERR_BUSY);
    x->stage = STAGE_ANSWER;
    return false;
}

static void gate(struct exchange *x)
{
    enum err err = reader_open(x);
    x->stage = STAGE_WORK;
    if (err != ERR_OK) {
        problem_of_err(x, err);
        x->stage = STAGE_ANSWER;
    } else if (gate_pass(x) != ERR_OK) {
        x->stage = STAGE_ANSWER;
    }
}

bool exchange_advance(struct exchange *x)
{
    for (;;) {
        switch (x->stage) {
        case STAGE_HEAD:
        case STAGE_BODY:
        case STAGE_GATE:
            gate(x);
            break;
        case STAGE_WORK:
            if (hand_to_slow(x))
                return false;
            if (x->stage == STAGE_WORK)
                work(x);
            break;
        case STAGE_WRITE:
            if (hand_to_writer(x))
                return false;
            break;
        case STAGE_WRITTEN:
            written(x);
            break;
        case STAGE_ANSWER:
        case STAGE_SENT:
            reader_close(x);
            if (hand_to_disk(x))
                return false;
            if (must_wait(x)) {
                int64_t due_us = x->started_us + STEADY_MS * INT64_C(1000);
                suspend(x);
                slow_later(x->server->slow, x, due_us);
                return false;
            }
            if (!x->suspended)
                return true;
            resume(x); /* libmicrohttpd's own thread comes back for the answer */
            return false;
        }
    }
}

void exchange_advance_apart(struct exchange *x)
{
    x->apart = true;
    (void)exchange_advance(x);
}
