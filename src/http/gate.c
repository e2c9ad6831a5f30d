/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What is asked before any handler runs, in this order: size, host, foreign page, path, budget,
 * who, verb, token of the form, form. */
#include "base/instant.h"
#include "db/writer.h"
#include "http/csrf.h"
#include "http/exchange.h"
#include "lib/crypt/crypt.h"
#include "lib/text/msg.h"
#include "spine/house.h"

#include <strings.h>

static struct str header_of(struct exchange *x, const char *name)
{
    const char *value = MHD_lookup_connection_value(x->conn, MHD_HEADER_KIND, name);
    return value == NULL ? STR_NULL : str_of(value);
}

static bool is_type(struct str content_type, const char *want)
{
    size_t len = strlen(want);
    return content_type.len >= len && strncasecmp(content_type.ptr, want, len) == 0 &&
           (content_type.len == len || content_type.ptr[len] == ';' ||
            content_type.ptr[len] == ' ');
}

/* Whoever is turned away with a form in hand finds its texts on the page that says so. */
static void keep_typed(struct exchange *x)
{
    struct form_faults none = {.count = 0};
    x->req.route = x->match.route;
    if (x->method == METHOD_POST && x->match.route != NULL && x->match.route->form != NULL &&
        is_type(x->content_type, "application/x-www-form-urlencoded"))
        (void)form_split_urlencoded(&x->arena, buf_view(&x->body), &none, &x->req.body);
}

static enum err stop(struct exchange *x, int status, enum err err, const char *key)
{
    if (status == 401 || status == 429)
        keep_typed(x);
    problem_answer(x, status, err, key);
    return err;
}

/* ---- language and size of type -------------------------------------------------------------- */

static void keep_cookie(struct exchange *x, enum cookie cookie, struct str value)
{
    struct cookie_set *c = &x->cookies[cookie];
    if (value.len > DEVICE_TEXT_MAX)
        return;
    c->due = true;
    c->max_age_s = 365 * 24 * 3600;
    memcpy(c->value, value.ptr, value.len);
    c->value[value.len] = '\0';
}

/* Takes lang= and large= out of the query: they are the server's, of every page. */
static void read_view(struct exchange *x, struct form_body *query, struct str cookies)
{
    const struct msg_lang *lang = NULL;
    struct str large = cookie_value(x, cookies, COOKIE_VIEW);
    size_t kept = 0;
    for (size_t i = 0; i < query->count; i++) {
        const struct form_raw *raw = &query->raws[i];
        if (str_eq_c(raw->name, "lang")) {
            lang = msg_lang_find(raw->value);
            if (lang != NULL)
                keep_cookie(x, COOKIE_LANG, msg_lang_tag(lang));
        } else if (str_eq_c(raw->name, "large")) {
            large = str_eq_c(raw->value, "1") ? STR("large") : STR("normal");
            keep_cookie(x, COOKIE_VIEW, large);
        } else {
            query->raws[kept++] = *raw;
        }
    }
    query->count = kept;
    if (lang == NULL)
        lang = msg_lang_find(cookie_value(x, cookies, COOKIE_LANG));
    if (lang == NULL)
        lang = msg_lang_choose(header_of(x, "Accept-Language"));
    x->req.lang = lang;
    x->req.large = str_eq_c(large, "large");
}

/* ---- where it comes from -------------------------------------------------------------------- */

static bool is_local_name(struct str host)
{
    size_t colon = SIZE_MAX;
    for (size_t i = host.len; i-- > 0;) {
        if (host.ptr[i] == ':') {
            colon = i;
            break;
        }
        if (host.ptr[i] == ']')
            break;
    }
    struct str name = str_sub(host, 0, colon == SIZE_MAX ? host.len : colon);
    return str_eq_c(name, "localhost") || str_eq_c(name, "127.0.0.1") || str_eq_c(name, "[::1]");
}

/* A name that is not ours must not lead here: a page elsewhere whose name was turned to this
 * machine would count as ours. */
static bool is_our_host(const struct listener *l, struct str host)
{
    if (l->kind == LISTEN_LOCAL)
        return is_local_name(host);
    if (l->origin[0] == '\0')
        return host.len > 0;
    struct str ours = str_of(l->origin);
    size_t at = str_find(ours, STR("://"));
    return at != SIZE_MAX && str_eq(str_sub(ours, at + 3, ours.len), host);
}

static bool is_our_origin(const struct listener *l, struct str host, struct str origin)
{
    struct str scheme = l->kind == LISTEN_FRONT ? STR("https://") : STR("http://");
    if (l->origin[0] != '\0')
        return str_eq_c(origin, l->origin);
    return origin.len == scheme.len + host.len && str_starts(origin, scheme) &&
           str_ends(origin, host);
}

static enum err check_source(struct exchange *x)
{
    const struct listener *l = exchange_listener(x);
    struct str host = header_of(x, "Host");
    if (!is_our_host(l, host))
        return stop(x, 421, ERR_REFUSED, "http.wrong_host");
    if (x->method == METHOD_GET)
        return ERR_OK;
    struct str site = header_of(x, "Sec-Fetch-Site");
    struct str origin = header_of(x, "Origin");
    if (!str_is_null(site) && !str_eq_c(site, "same-origin"))
        return stop(x, 403, ERR_REFUSED, "http.foreign_page");
    if (!str_is_null(origin) && !is_our_origin(l, host, origin))
        return stop(x, 403, ERR_REFUSED, "http.foreign_page");
    return ERR_OK;
}

static enum err check_shape(struct exchange *x)
{
    switch (x->refused) {
    case 0:
        return ERR_OK;
    case 413:
        return stop(x, 413, ERR_LIMIT, "http.too_large");
    case 414:
        return stop(x, 414, ERR_LIMIT, "http.address_too_long");
    case 431:
        return stop(x, 431, ERR_LIMIT, "http.headers_too_large");
    default:
        return stop(x, 503, ERR_NOMEM, NULL);
    }
}

static enum err check_path(struct exchange *x)
{
    const struct route *r = x->match.route;
    x->req.param_count = x->match.param_count;
    memcpy(x->req.params, x->match.params, sizeof x->req.params);
    if (r == NULL && x->match.path_known) {
        x->answer.headers[x->answer.header_count++] =
            (struct answer_header){"Allow", x->match.allow};
        return stop(x, 405, ERR_REFUSED, "http.wrong_method");
    }
    if (r == NULL)
        return stop(x, 404, ERR_NOT_FOUND, NULL);
    uint32_t wait_s = 0;
    if (r->budget != BUDGET_NONE &&
        !budget_take(x->server->budgets, &x->peer->budget, r->budget, 1, x->req.now_us, &wait_s)) {
        x->answer.retry_s = wait_s;
        atomic_fetch_add(&x->server->refused_budget, 1);
        return stop(x, 429, ERR_BUSY, "http.too_often");
    }
    return ERR_OK;
}

/* ---- who ------------------------------------------------------------------------------------ */

static enum err read_token(struct exchange *x)
{
    const struct auth *auth = x->server->config.auth;
    struct str value = header_of(x, "Authorization");
    struct hash hash;
    enum err err = ERR_NOT_FOUND;
    if (value.len > 7 && value.len < 200 && strncasecmp(value.ptr, "Bearer ", 7) == 0) {
        struct str token = str_trim(str_sub(value, 7, value.len));
        crypt_sha256(token.ptr, token.len, &hash);
        err = auth->token(auth->env, x->req.db, &x->arena, hash.b, x->req.now_us, &x->req.who);
    }
    if (err == ERR_NOT_FOUND) {
        x->answer.headers[x->answer.header_count++] =
            (struct answer_header){"WWW-Authenticate", "Bearer"};
        return stop(x, 401, ERR_REFUSED, "http.token_unknown");
    }
    if (err != ERR_OK)
        problem_of_err(x, err);
    return err;
}

static enum err read_officer(struct exchange *x)
{
    const struct auth *auth = x->server->config.auth;
    struct hash hash;
    if (!x->officer.given)
        return ERR_OK;
    crypt_sha256(x->officer.b, sizeof x->officer.b, &hash);
    enum err err =
        auth->session(auth->env, x->req.db, &x->arena, hash.b, x->req.now_us, &x->req.who);
    if (err != ERR_OK)
        x->req.who = (struct who){.officer = {0}};
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static void see_other(struct exchange *x, const char *path)
{
    x->answer.status = 303;
    x->answer.location = path;
    x->answered = true;
}

static enum err check_officer(struct exchange *x)
{
    const struct route *r = x->match.route;
    if (x->req.who.officer.v == 0) {
        if (x->method == METHOD_POST)
            return stop(x, 401, ERR_REFUSED, "http.session_over");
        see_other(x, "/sign-in");
        return ERR_REFUSED;
    }
    bool recent = x->req.now_us - x->req.who.signed_us <= 5 * US_PER_MINUTE;
    if ((r->flags & ROUTE_STEP_UP) != 0 && !recent) {
        if (x->method == METHOD_POST)
            return stop(x, 401, ERR_REFUSED, "http.step_up");
        see_other(x, "/sign-in");
        return ERR_REFUSED;
    }
    return ERR_OK;
}

/* The dossier of {ref}; STR_NULL when the path has none. */
static struct str ref_of(const struct exchange *x)
{
    if (strstr(x->match.route->path, "{ref}") == NULL)
        return STR_NULL;
    return request_param(&x->req, "ref");
}

static enum err check_verbs(struct exchange *x, struct db *db)
{
    const struct auth *auth = x->server->config.auth;
    uint32_t verbs = x->match.route->verb & ~ROUTE_VERB_OWN;
    struct str ref = ref_of(x);
    if ((x->req.who.verbs & verbs) != verbs)
        return ERR_NOT_FOUND;
    if (str_is_null(ref))
        return ERR_OK;
    return auth->can(auth->env, db, x->req.who.officer, ref, verbs, x->req.now_us, &x->req.dossier);
}

static enum err check_who(struct exchange *x)
{
    const struct route *r = x->match.route;
    bool staff_face =
        x->req.face == FACE_DESK || x->req.face == FACE_DUTY || x->req.face == FACE_ADMIN;
    if (r->door == DOOR_TOKEN) {
        TRY(read_token(x));
    } else if (r->door == DOOR_OFFICER || staff_face) {
        enum err err = read_officer(x);
        if (err != ERR_OK) {
            problem_of_err(x, err);
            return err;
        }
    }
    if (r->door == DOOR_OFFICER)
        TRY(check_officer(x));
    if (r->door == DOOR_OFFICER || r->door == DOOR_TOKEN) {
        enum err err = check_verbs(x, x->req.db);
        if (err != ERR_OK) {
            x->req.err = (struct err_info){.err = ERR_OK};
            problem_of_err(x, err);
            return err;
        }
        if (x->req.db != NULL)
            db_as_officer(x->req.db, x->req.who.officer, x->today);
    }
    if (r->door == DOOR_PERSON && x->req.person == NULL) {
        if (x->method == METHOD_POST)
            return stop(x, 401, ERR_REFUSED, "http.session_over");
        see_other(x, "/back");
        return ERR_REFUSED;
    }
    return ERR_OK;
}

enum err gate_pass_again(struct exchange *x, struct tx *tx)
{
    const struct route *r = x->match.route;
    if (r->door != DOOR_OFFICER && r->door != DOOR_TOKEN)
        return ERR_OK;
    return check_verbs(x, tx->db);
}

/* ---- the form ------------------------------------------------------------------------------- */

static enum err split_body(struct exchange *x)
{
    struct request *req = &x->req;
    struct str body = buf_view(&x->body);
    if (req->route->csrf == CSRF_SIGNED) {
        if (!is_type(x->content_type, "text/plain"))
            return stop(x, 415, ERR_INVALID, "http.wrong_type");
        req->text = body;
        return ERR_OK;
    }
    if (req->route->door == DOOR_TOKEN) {
        if (!is_type(x->content_type, "application/json"))
            return stop(x, 415, ERR_INVALID, "http.wrong_type");
        return form_split_json(&x->arena, body, req->route->form, &req->faults, &req->body);
    }
    if (is_type(x->content_type, "multipart/form-data"))
        return form_split_multipart(&x->arena, x->content_type, body, &req->faults, &req->body);
    if (is_type(x->content_type, "application/x-www-form-urlencoded"))
        return form_split_urlencoded(&x->arena, body, &req->faults, &req->body);
    return stop(x, 415, ERR_INVALID, "http.wrong_type");
}

static struct str raw_of(const struct form_body *body, const char *name)
{
    struct str found = STR_NULL;
    for (size_t i = 0; i < body->count; i++) {
        if (!str_eq_c(body->raws[i].name, name))
            continue;
        if (!str_is_null(found))
            return STR_NULL;
        found = body->raws[i].value;
    }
    return found;
}

static enum err check_csrf(struct exchange *x)
{
    const struct route *r = x->match.route;
    if (r->csrf != CSRF_SESSION)
        return ERR_OK;
    const unsigned char *key = session_csrf_key(x, r->door, false);
    struct str text = raw_of(&x->req.body, "csrf");
    if (key == NULL)
        return stop(x, 403, ERR_REFUSED, "http.cookies_off");
    enum csrf_verdict verdict =
        csrf_check(key, METHOD_POST, r->path, x->req.now_us, text, &x->form_age_us);
    if (verdict == CSRF_REFUSED)
        return stop(x, 403, ERR_REFUSED, "http.foreign_form");
    if (verdict == CSRF_STALE)
        form_fault_add(&x->req.faults, "", "form.stale");
    return ERR_OK;
}

static enum err read_form(struct exchange *x)
{
    struct request *req = &x->req;
    enum err err = ERR_OK;
    if (x->method == METHOD_POST) {
        err = split_body(x);
        if (err != ERR_OK) {
            if (x->answer.status == 0)
                problem_of_err(x, err);
            return err;
        }
        TRY(check_csrf(x));
    }
    if (req->route->form == NULL)
        return ERR_OK;
    err = form_parse(&x->arena, req->route->form, &req->body, &req->faults, &req->form);
    if (err != ERR_OK)
        problem_of_err(x, err);
    return err;
}

enum err gate_pass(struct exchange *x)
{
    struct request *req = &x->req;
    struct form_body query = {0};
    struct form_faults bent = {.count = 0};
    req->now_us = instant_now();
    x->today = req->house == NULL ? (int32_t)(req->now_us / US_PER_DAY)
                                  : house_day(req->house, req->now_us);
    req->demo = req->house != NULL && req->house->demo;
    bool is_bent = form_split_urlencoded(&x->arena, x->query, &bent, &query) != ERR_OK;
    read_view(x, &query, header_of(x, "Cookie"));
    TRY(check_shape(x));
    TRY(check_source(x));
    TRY(check_path(x));
    if (is_bent)
        return stop(x, 400, ERR_INVALID, "form.malformed");
    if (x->method == METHOD_GET)
        req->body = query;
    enum err err = req->route->door == DOOR_TOKEN ? ERR_OK : session_read(x);
    if (err != ERR_OK) {
        problem_of_err(x, err);
        return err;
    }
    TRY(check_who(x));
    session_touch(x);
    return read_form(x);
}
