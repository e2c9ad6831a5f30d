/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Answers: what handlers say (reply_*), and the bytes and headers that go out. */
#include "base/diag.h"
#include "base/instant.h"
#include "http/exchange.h"

/* ---- what handlers say ---------------------------------------------------------------------- */

static enum err answer_begin(struct request *req, int status)
{
    struct exchange *x = req->exchange;
    if (status < 200 || status > 599)
        return ERR_INTERNAL;
    x->answer.status = status;
    x->answer.type = "text/html; charset=utf-8";
    x->answer.body = STR("");
    x->answer.location = NULL;
    x->answer.attachment = false;
    x->answered = true;
    return ERR_OK;
}

enum err reply_html(struct request *req, int status)
{
    TRY(html_err(req->html));
    TRY(answer_begin(req, status));
    req->exchange->answer.body = html_view(req->html);
    return ERR_OK;
}

enum err reply_see_other(struct request *req, struct str path)
{
    bool ours = path.len > 0 && path.ptr[0] == '/' && (path.len == 1 || path.ptr[1] != '/');
    for (size_t i = 0; i < path.len; i++)
        ours = ours && path.ptr[i] > ' ' && path.ptr[i] <= '~' && path.ptr[i] != '\\';
    char *copy = str_c(req->arena, path);
    if (!ours)
        return ERR_INTERNAL;
    if (copy == NULL)
        return ERR_NOMEM;
    TRY(answer_begin(req, 303));
    req->exchange->answer.location = copy;
    return ERR_OK;
}

enum err reply_json(struct request *req, int status, struct str json)
{
    TRY(answer_begin(req, status));
    req->exchange->answer.type = "application/json";
    req->exchange->answer.body = json;
    return ERR_OK;
}

static bool is_plain_name(struct str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (c <= ' ' || c > '~' || c == '"' || c == '\\' || c == '/' || c == ';')
            return false;
    }
    return name.len > 0 && name.len <= 120;
}

enum err reply_file(struct request *req, const char *type, struct str name, struct str bytes)
{
    char *header = arena_printf(req->arena, "attachment; filename=\"" STR_FMT "\"", STR_ARG(name));
    if (!is_plain_name(name))
        return ERR_INTERNAL;
    if (header == NULL)
        return ERR_NOMEM;
    TRY(answer_begin(req, 200));
    req->exchange->answer.type = type;
    req->exchange->answer.body = bytes;
    req->exchange->answer.attachment = true;
    return reply_header(req, "Content-Disposition", str_of(header));
}

enum err reply_bytes(struct request *req, int status, const char *type, struct str bytes)
{
    TRY(answer_begin(req, status));
    req->exchange->answer.type = type;
    req->exchange->answer.body = bytes;
    return ERR_OK;
}

enum err reply_header(struct request *req, const char *name, struct str value)
{
    struct answer *a = &req->exchange->answer;
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] < ' ' || value.ptr[i] > '~')
            return ERR_INTERNAL;
    }
    char *copy = str_c(req->arena, value);
    if (copy == NULL)
        return ERR_NOMEM;
    if (a->header_count == ANSWER_HEADERS_MAX)
        return ERR_LIMIT;
    a->headers[a->header_count++] = (struct answer_header){name, copy};
    return ERR_OK;
}

enum err reply_error(struct request *req, enum err err)
{
    problem_of_err(req->exchange, err);
    return ERR_OK;
}

/* ---- what goes out -------------------------------------------------------------------------- */

#define CSP_PERSON                                                                                 \
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; "  \
    "base-uri 'none'; frame-ancestors 'none'"
#define CSP_STAFF                                                                                  \
    CSP_PERSON "; script-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'"
#define CSP_FILE "sandbox; default-src 'none'; frame-ancestors 'none'"

static const char PERMISSIONS[] =
    "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), "
    "fullscreen=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), "
    "payment=(), picture-in-picture=(), publickey-credentials-get=(), screen-wake-lock=(), "
    "usb=(), web-share=(), xr-spatial-tracking=()";

static void put(struct MHD_Response *r, const char *name, const char *value)
{
    (void)MHD_add_response_header(r, name, value);
}

static const char *csp_of(const struct exchange *x)
{
    if (x->answer.attachment || x->req.face == FACE_API)
        return CSP_FILE;
    bool staff = x->req.face == FACE_DESK || x->req.face == FACE_DUTY || x->req.face == FACE_ADMIN;
    return staff ? CSP_STAFF : CSP_PERSON;
}

static void put_cache(const struct exchange *x, struct MHD_Response *r)
{
    bool own =
        x->req.route != NULL && (x->req.route->flags & ROUTE_CACHE) != 0 && x->answer.status == 200;
    if (x->answer.file != NULL)
        put(r, "Cache-Control", "public, max-age=31536000, immutable");
    else if (!own)
        put(r, "Cache-Control", "no-store");
}

static void put_security(struct exchange *x, struct MHD_Response *r)
{
    const struct listener *l = exchange_listener(x);
    put(r, "Content-Security-Policy", csp_of(x));
    put(r, "X-Content-Type-Options", "nosniff");
    put(r, "Referrer-Policy", "same-origin");
    put(r, "Cross-Origin-Opener-Policy", "same-origin");
    put(r, "Cross-Origin-Resource-Policy", "same-origin");
    put(r, "Permissions-Policy", PERMISSIONS);
    if (l->kind != LISTEN_FRONT)
        return;
    put(r, "Strict-Transport-Security", "max-age=31536000");
    bool public_page = x->req.face == FACE_PERSON || x->req.face == FACE_RECORD;
    if (x->server->config.onion != NULL && public_page && x->answer.status == 200) {
        const char *value = arena_printf(&x->arena, "http://%s" STR_FMT, x->server->config.onion,
                                         STR_ARG(x->req.path));
        if (value != NULL)
            put(r, "Onion-Location", value);
    }
}

static void put_cookie(struct exchange *x, struct MHD_Response *r, enum cookie cookie,
                       const char *value, int32_t max_age_s, bool clear)
{
    const char *secure = exchange_listener(x)->kind == LISTEN_FRONT ? "; Secure" : "";
    char age[40] = "";
    if (clear)
        max_age_s = 0;
    if (clear || max_age_s > 0)
        (void)snprintf(age, sizeof age, "; Max-Age=%d", (int)max_age_s);
    const char *line =
        arena_printf(&x->arena, "%s=%s; Path=/; HttpOnly; SameSite=Strict%s%s",
                     session_cookie_name(x, cookie), clear ? "" : value, secure, age);
    if (line != NULL)
        put(r, "Set-Cookie", line);
}

static void put_token(struct exchange *x, struct MHD_Response *r, enum cookie cookie,
                      const struct session_token *token)
{
    char text[2 * SESSION_TOKEN_BYTES + 1] = "";
    if (!token->fresh)
        return;
    struct buf b = {.ptr = text, .size = sizeof text - 1, .cap_bytes = sizeof text - 1};
    buf_hex(&b, token->b, sizeof token->b);
    put_cookie(x, r, cookie, text, 0, false);
}

static void put_cookies(struct exchange *x, struct MHD_Response *r)
{
    put_token(x, r, COOKIE_PERSON, &x->person);
    put_token(x, r, COOKIE_OFFICER, &x->officer);
    for (int i = 0; i < COOKIES_MAX; i++) {
        const struct cookie_set *c = &x->cookies[i];
        if (c->due)
            put_cookie(x, r, (enum cookie)i, c->value, c->max_age_s, c->clear);
    }
}

static void put_answer(struct exchange *x, struct MHD_Response *r)
{
    const struct answer *a = &x->answer;
    char retry[16];
    if (a->type != NULL)
        put(r, "Content-Type", a->type);
    if (a->location != NULL)
        put(r, "Location", a->location);
    if (a->gzip)
        put(r, "Content-Encoding", "gzip");
    if (a->file != NULL)
        put(r, "Vary", "Accept-Encoding");
    if (a->retry_s > 0) {
        (void)snprintf(retry, sizeof retry, "%u", a->retry_s);
        put(r, "Retry-After", retry);
    }
    for (size_t i = 0; i < a->header_count; i++)
        put(r, a->headers[i].name, a->headers[i].value);
    if (atomic_load(&x->server->stopping) || (x->refused != 0 && x->body_seen == 0))
        put(r, "Connection", "close");
}

/* Template, status and how long it took, in steps: nothing that tells one visitor from another. */
static void log_line(const struct exchange *x)
{
    static const char *const STEPS[] = {"<10ms", "<100ms", "<1s", ">=1s"};
    int64_t took = instant_monotonic() - x->started_us;
    size_t step = took < 10000 ? 0 : took < 100000 ? 1 : took < US_PER_SECOND ? 2 : 3;
    if (x->server->config.quiet)
        return;
    diag_line(DIAG_INFO, "%s %s %d %s", x->head ? "HEAD" : route_method_name(x->method),
              x->req.route == NULL ? "-" : x->req.route->path, x->answer.status, STEPS[step]);
}

enum MHD_Result answer_send(struct exchange *x)
{
    struct str body = x->answer.body;
    struct MHD_Response *r = MHD_create_response_from_buffer(
        body.len, (void *)(uintptr_t)(body.len == 0 ? "" : body.ptr), MHD_RESPMEM_PERSISTENT);
    if (r == NULL)
        return MHD_NO;
    put_security(x, r);
    put_cache(x, r);
    put_answer(x, r);
    put_cookies(x, r);
    x->stage = STAGE_SENT;
    enum MHD_Result result = MHD_queue_response(x->conn, (unsigned)x->answer.status, r);
    MHD_destroy_response(r);
    log_line(x);
    return result;
}
