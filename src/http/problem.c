/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Answers that say what happened, what is still safe and what to do next. */
#include "base/diag.h"
#include "base/mem.h"
#include "base/rng.h"
#include "http/exchange.h"
#include "http/frame.h"
#include "http/frame_staff.h"
#include "http/pages/problem_person.html.h"
#include "http/pages/problem_staff.html.h"
#include "lib/json/jsonw.h"
#include "lib/text/msg.h"

enum { TYPED_MAX = 8, TYPED_LEAST_BYTES = 20, RETRY_BUSY_S = 2 };

static int status_of(const struct exchange *x, enum err err)
{
    switch (err) {
    case ERR_INVALID:
        return x->req.faults.count > 0 ? 422 : 400;
    case ERR_REFUSED:
        return 422;
    case ERR_NOT_FOUND:
        return 404;
    case ERR_CONFLICT:
        return 409;
    case ERR_BUSY:
    case ERR_FULL:
    case ERR_NOMEM:
        return 503;
    case ERR_LIMIT:
        return 413;
    case ERR_OK:
    case ERR_IO:
    case ERR_CORRUPT:
    case ERR_VERSION:
    case ERR_INTERNAL:
    case ERR_COUNT:
        break;
    }
    return 500;
}

static enum msg_key title_of(int status)
{
    switch (status) {
    case 400:
    case 415:
    case 422:
        return MSG_HTTP_TITLE_BAD;
    case 401:
        return MSG_HTTP_TITLE_AGAIN;
    case 404:
        return MSG_HTTP_TITLE_NONE;
    case 413:
    case 414:
    case 431:
        return MSG_HTTP_TITLE_LARGE;
    case 429:
    case 503:
        return MSG_HTTP_TITLE_BUSY;
    case 500:
        return MSG_HTTP_TITLE_FAULT;
    default:
        return MSG_HTTP_TITLE_REFUSED;
    }
}

/* Six letters that lead from the page to the line in the log. */
static void make_ref(struct exchange *x)
{
    static const char LETTERS[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    unsigned char bytes[6] = {0};
    (void)rng_bytes(bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++)
        x->ref[i] = LETTERS[bytes[i] % 32];
    x->ref[sizeof bytes] = '\0';
}

static void log_fault(struct exchange *x, enum err err)
{
    char what[160];
    make_ref(x);
    (void)snprintf(what, sizeof what, "%s %s: ref %s", route_method_name(x->method),
                   x->req.route == NULL ? "-" : x->req.route->path, x->ref);
    if (x->req.err.err == ERR_OK)
        x->req.err.err = err;
    diag_err(what, &x->req.err);
}

static struct msg_say sentence(const struct exchange *x, enum err err, const char *key)
{
    /* What a sentence says of the request's own fault points into that. */
    if (key == NULL && err != ERR_INTERNAL && x->req.err.err != ERR_OK && x->req.err.key[0] != '\0')
        return msg_say_err(&x->req.err);
    struct err_info info = {.err = err};
    if (key != NULL)
        (void)snprintf(info.key, sizeof info.key, "%s", key);
    struct msg_say say = msg_say_err(&info);
    say.args_count = 0;
    return say;
}

/* ---- JSON ----------------------------------------------------------------------------------- */

static void write_faults(struct exchange *x, struct jsonw *w)
{
    jsonw_name(w, "faults");
    jsonw_array(w);
    for (size_t i = 0; i < x->req.faults.count; i++) {
        const struct form_fault *f = &x->req.faults.items[i];
        struct msg_say say = frame_fault_say(f);
        CLEANUP(buf_done) struct buf text;
        buf_init(&text, 4096);
        msg_put_say(&text, x->req.lang, &say);
        jsonw_object(w);
        jsonw_member_str(w, "field", f->field);
        jsonw_member_str(w, "key", str_of(f->key));
        jsonw_member_str(w, "message", buf_view(&text));
        jsonw_end(w);
    }
    jsonw_end(w);
}

/* RFC 9457, with the key of the sentence and the faults of the fields. */
static void answer_json(struct exchange *x, int status, const struct msg_say *say)
{
    CLEANUP(buf_done) struct buf b;
    CLEANUP(buf_done) struct buf text;
    struct jsonw w;
    buf_init(&b, 64 * 1024);
    buf_init(&text, 4096);
    msg_put_say(&text, x->req.lang, say);
    jsonw_init(&w, &b, JSONW_PLAIN);
    jsonw_object(&w);
    jsonw_member_i64(&w, "status", status);
    jsonw_member_str(&w, "title", msg_plain(x->req.lang, title_of(status)));
    jsonw_member_str(&w, "detail", buf_view(&text));
    jsonw_member_str(&w, "key", msg_key_name(say->key));
    if (x->ref[0] != '\0')
        jsonw_member_str(&w, "ref", str_of(x->ref));
    if (x->req.faults.count > 0)
        write_faults(x, &w);
    jsonw_end(&w);
    struct str body = STR("{\"status\":500}");
    if (jsonw_err(&w) == ERR_OK && buf_err(&b) == ERR_OK)
        body = str_copy(&x->arena, buf_view(&b));
    x->answer.type = "application/problem+json";
    x->answer.body = str_is_null(body) ? STR("{\"status\":500}") : body;
}

/* ---- pages ---------------------------------------------------------------------------------- */

/* Longer texts of the form, so that nothing written is lost. */
static void list_typed(struct exchange *x, struct page_problem_body *body)
{
    struct request *req = &x->req;
    struct page_problem_body_typed *rows =
        ARENA_ARRAY(&x->arena, TYPED_MAX, struct page_problem_body_typed);
    bool lost = req->route != NULL && req->route->form != NULL && x->method == METHOD_POST;
    if (rows == NULL || !lost)
        return;
    for (size_t i = 0; i < req->body.count && body->typed_count < TYPED_MAX; i++) {
        const struct form_raw *raw = &req->body.raws[i];
        if (raw->value.len < TYPED_LEAST_BYTES || str_eq_c(raw->name, "csrf"))
            continue;
        char *name = str_c(&x->arena, raw->name);
        if (name == NULL)
            return;
        struct str value = form_typed(&x->arena, req->route->form, &req->body, name);
        if (value.len > 0)
            rows[body->typed_count++].value = value;
    }
    body->typed = rows;
}

static void list_faults(struct exchange *x, struct page_problem_body *body)
{
    const struct form_faults *faults = &x->req.faults;
    struct page_problem_body_faults *rows =
        ARENA_ARRAY(&x->arena, FORM_FAULTS_MAX, struct page_problem_body_faults);
    if (rows == NULL)
        return;
    for (size_t i = 0; i < faults->count; i++)
        rows[body->faults_count++].what = frame_fault_say(&faults->items[i]);
    body->faults = rows;
}

static void answer_page(struct exchange *x, int status, const struct msg_say *say)
{
    bool staff = x->req.face == FACE_DESK || x->req.face == FACE_DUTY || x->req.face == FACE_ADMIN;
    struct page_problem_body body = {
        .title = title_of(status), .what = *say, .ref = str_of(x->ref), .desk = staff};
    list_faults(x, &body);
    if (status == 401 || status == 429 || status >= 500)
        list_typed(x, &body);
    html_clear(&x->html);
    if (staff) {
        struct page_problem_staff page = {.body = body};
        frame_staff(&x->req, body.title, STAFF_NONE, &page.frame);
        page_problem_staff_render(&x->html, &page, x->req.lang);
    } else {
        struct page_problem_person page = {.body = body};
        (void)frame_person(&x->req, &page.frame, FRAME_TITLE(body.title));
        page_problem_person_render(&x->html, &page, x->req.lang);
    }
    x->answer.type = "text/html; charset=utf-8";
    x->answer.body = html_view(&x->html);
    if (html_err(&x->html) != ERR_OK)
        x->answer.body = STR("503\n");
}

void problem_answer(struct exchange *x, int status, enum err err, const char *key)
{
    struct msg_say say = sentence(x, err, key);
    x->answer.status = status;
    x->answer.location = NULL;
    x->answer.attachment = false;
    x->answer.file = NULL;
    x->answered = true;
    if (status == 503 && x->answer.retry_s == 0)
        x->answer.retry_s = RETRY_BUSY_S;
    if (x->req.lang == NULL)
        x->req.lang = msg_lang_at(0);
    if (x->req.wants_json)
        answer_json(x, status, &say);
    else
        answer_page(x, status, &say);
}

void problem_of_err(struct exchange *x, enum err err)
{
    int status = status_of(x, err);
    if (status == 500 || err == ERR_FULL)
        log_fault(x, err);
    problem_answer(x, status, status == 500 ? ERR_INTERNAL : err, NULL);
}
