/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/instant.h"
#include "http/csrf.h"
#include "http/exchange.h"

#include <strings.h>

/* What a handler may read; nothing among them says who is asking. */
const char *const REQUEST_HEADER_NAMES[HEADER_VALUES] = {"Idempotency-Key", "If-None-Match",
                                                         "Accept"};

struct str request_param(const struct request *req, const char *name)
{
    struct str rest = str_of(req->route->path);
    struct str part;
    size_t n = 0;
    while (str_cut(&rest, '/', &part)) {
        if (part.len < 3 || part.ptr[0] != '{')
            continue;
        struct str label = str_sub(part, 1, part.len - 2);
        if (str_ends(label, STR("*")))
            label.len--;
        if (str_eq_c(label, name) && n < req->param_count)
            return req->params[n];
        n++;
    }
    return STR("");
}

struct str request_typed(struct request *req, const char *field)
{
    return form_typed(req->arena, req->route->form, &req->body, field);
}

/* A page has many forms and all but a few hang on one session: its key is made once. */
static const struct key32 *csrf_key_of(struct exchange *x, const unsigned char *session)
{
    struct csrf_made *made = &x->csrf;
    if (!made->known || !crypt_equal(made->session, session, CSRF_KEY_BYTES)) {
        csrf_key(session, &made->key);
        memcpy(made->session, session, CSRF_KEY_BYTES);
        made->known = true;
    }
    return &made->key;
}

struct str request_csrf(struct request *req, const char *route_path)
{
    /* A path that has no such row is a defect of the page. */
    const struct route *row = route_of_path(req->server->routes, METHOD_POST, route_path);
    const unsigned char *session =
        row == NULL ? NULL : session_csrf_key(req->exchange, row->door, true);
    char *text = arena_room(req->arena, CSRF_TEXT_BYTES + 1);
    if (session == NULL || text == NULL)
        return STR("");
    csrf_make(csrf_key_of(req->exchange, session), METHOD_POST, route_path, req->now_us, text);
    return str_make(text, CSRF_TEXT_BYTES);
}

int64_t request_form_age_us(const struct request *req)
{
    return req->exchange->form_age_us;
}

struct str request_header(const struct request *req, const char *name)
{
    for (size_t i = 0; i < HEADER_VALUES; i++) {
        if (strcasecmp(name, REQUEST_HEADER_NAMES[i]) == 0)
            return req->exchange->headers[i];
    }
    return STR_NULL;
}

bool request_budget(struct request *req, enum budget budget, uint32_t cost)
{
    uint32_t wait_s = 0;
    return budget_take(req->server->budgets, &req->exchange->peer->budget, budget, cost,
                       instant_now(), &wait_s);
}
