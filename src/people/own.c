/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What is an officer's own: posts, standing in, tokens, other sessions. */
#include "base/instant.h"
#include "db/writer.h"
#include "http/frame.h"
#include "http/frame_staff.h"
#include "http/session.h"
#include "people/acts.h"
#include "people/pages/own.html.h"
#include "people/pages/shown_once.html.h"
#include "people/people.sql.h"
#include "people/view.h"
#include "spine/house.h"
#include "spine/office.h"

enum { TOKEN_DAYS_MAX = 366 };

struct delegate_input {
    struct str post; /* "town.school/handler" */
    struct str stand_in;
    int32_t from;
    int32_t to;
};
static const struct form_field DELEGATE_FIELDS[] = {
    FORM_TEXT(struct delegate_input, post, 1, 100),
    FORM_TEXT(struct delegate_input, stand_in, 1, 60),
    FORM_DATE(struct delegate_input, from, true),
    FORM_DATE(struct delegate_input, to, true),
};
const struct form DELEGATE_FORM = FORM_INIT("delegate", struct delegate_input, DELEGATE_FIELDS);

struct end_input {
    struct str post;
    struct str stand_in;
    int32_t from;
};
static const struct form_field END_FIELDS[] = {
    FORM_TEXT(struct end_input, post, 1, 100),
    FORM_TEXT(struct end_input, stand_in, 0, 60),
    FORM_DATE(struct end_input, from, true),
};
const struct form END_FORM = FORM_INIT("end", struct end_input, END_FIELDS);

struct token_input {
    struct str label;
    int64_t days;
};
static const struct form_field TOKEN_FIELDS[] = {
    FORM_TEXT(struct token_input, label, 1, 60),
    FORM_INT(struct token_input, days, 1, TOKEN_DAYS_MAX, true),
};
const struct form TOKEN_FORM = FORM_INIT("token", struct token_input, TOKEN_FIELDS);

struct revoke_input {
    int64_t id;
};
static const struct form_field REVOKE_FIELDS[] = {
    FORM_INT(struct revoke_input, id, 1, INT64_MAX, true)};
const struct form REVOKE_FORM = FORM_INIT("revoke", struct revoke_input, REVOKE_FIELDS);

/* ---- the page ------------------------------------------------------------------------------- */

static enum err list_posts(struct request *req, struct page_own *page)
{
    struct post_list_row *rows = NULL;
    size_t count = 0;
    int32_t today = house_day(req->house, req->now_us);
    struct str typed = request_typed(req, "post");
    TRY(post_list(req->db, req->arena, req->who.officer, today, &rows, &count));
    page->held = ARENA_ARRAY(req->arena, count + 1, struct page_own_held);
    page->posts = ARENA_ARRAY(req->arena, count + 1, struct page_own_posts);
    if (page->held == NULL || page->posts == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < count; i++) {
        enum post post = (enum post)rows[i].post;
        struct str office = people_office_name(req, rows[i].office);
        page->held[page->held_count++] =
            (struct page_own_held){.office = office,
                                   .post = people_post_key(post),
                                   .from = rows[i].from_day,
                                   .to = rows[i].to_day == PEOPLE_NO_END ? 0 : rows[i].to_day,
                                   .giver = rows[i].giver};
        if (rows[i].delegate_of.v != 0)
            continue; /* what somebody lent cannot be lent on */
        struct str id = people_post_id(req, rows[i].office, post);
        page->posts[page->posts_count++] = (struct page_own_posts){
            .id = id, .office = office, .post = people_post_key(post), .on = str_eq(id, typed)};
    }
    return ERR_OK;
}

static enum err list_given(struct request *req, struct page_own *page)
{
    struct post_given_row *rows = NULL;
    size_t count = 0;
    int32_t today = house_day(req->house, req->now_us);
    TRY(post_given(req->db, req->arena, req->who.officer, today, &rows, &count));
    page->given = ARENA_ARRAY(req->arena, count + 1, struct page_own_given);
    if (page->given == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < count; i++) {
        enum post post = (enum post)rows[i].post;
        page->given[page->given_count++] =
            (struct page_own_given){.id = people_post_id(req, rows[i].office, post),
                                    .stand_in = rows[i].login,
                                    .first = people_day_text(req, rows[i].from_day),
                                    .office = people_office_name(req, rows[i].office),
                                    .post = people_post_key(post),
                                    .name = rows[i].name,
                                    .from = rows[i].from_day,
                                    .to = rows[i].to_day};
    }
    return ERR_OK;
}

static enum err list_colleagues(struct request *req, struct page_own *page)
{
    struct account_list_row *rows = NULL;
    size_t count = 0;
    struct str typed = request_typed(req, "stand_in");
    TRY(account_list(req->db, req->arena, &rows, &count));
    page->colleagues = ARENA_ARRAY(req->arena, count + 1, struct page_own_colleagues);
    if (page->colleagues == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < count; i++) {
        if (!rows[i].active || rows[i].id.v == req->who.officer.v)
            continue;
        page->colleagues[page->colleagues_count++] = (struct page_own_colleagues){
            .login = rows[i].login, .name = rows[i].name, .on = str_eq(rows[i].login, typed)};
    }
    return ERR_OK;
}

static enum err list_tokens(struct request *req, struct page_own *page)
{
    struct token_list_row *rows = NULL;
    size_t count = 0;
    int32_t today = house_day(req->house, req->now_us);
    TRY(token_list(req->db, req->arena, req->who.officer, today, &rows, &count));
    page->tokens = ARENA_ARRAY(req->arena, count + 1, struct page_own_tokens);
    if (page->tokens == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < count; i++)
        page->tokens[page->tokens_count++] = (struct page_own_tokens){.id = rows[i].id.v,
                                                                      .label = rows[i].label,
                                                                      .made = rows[i].made_day,
                                                                      .until = rows[i].until_day};
    return ERR_OK;
}

/* Whoever can sign in should know that somebody asked for a new beginning. */
static enum err say_reset(struct request *req, struct page_own *page)
{
    struct reset_get_row asked;
    enum err err = reset_get(req->db, req->arena, req->who.officer, req->now_us, &asked);
    if (err == ERR_NOT_FOUND)
        return ERR_OK;
    TRY(err);
    page->reset = (struct msg_say){
        .key = MSG_PEOPLE_RESET_OWN_NOTE,
        .args_count = 2,
        .args = {msg_text("name", asked.name), msg_instant("until", asked.until_us)}};
    return ERR_OK;
}

enum err own_show(struct request *req, int status)
{
    struct page_own page = {.fault = people_refusal(req)};
    struct account_get_row me;
    TRY(account_get(req->db, req->arena, req->who.officer, &me));
    frame_staff(req, MSG_PEOPLE_OWN_TITLE, STAFF_NONE, &page.frame);
    page.login = me.login;
    TRY(say_reset(req, &page));
    TRY(list_posts(req, &page));
    TRY(list_given(req, &page));
    TRY(list_colleagues(req, &page));
    TRY(list_tokens(req, &page));
    page.end_csrf = request_csrf(req, "/desk/account/end");
    page.delegate_csrf = request_csrf(req, "/desk/account/delegate");
    page.revoke_csrf = request_csrf(req, "/desk/account/revoke");
    page.token_csrf = request_csrf(req, "/desk/account/token");
    page.leave_csrf = request_csrf(req, "/desk/account/leave");
    page.from = people_field(req, "from", MSG_PEOPLE_FROM, MSG_NONE, "date");
    page.to = people_field(req, "to", MSG_PEOPLE_TO, MSG_PEOPLE_TO_LAST, "date");
    page.label = people_field(req, "label", MSG_PEOPLE_OWN_LABEL, MSG_NONE, "text");
    page.days = people_field(req, "days", MSG_PEOPLE_OWN_DAYS, MSG_NONE, "number");
    own_password_fill(req, &page);
    page.post_fault = frame_fault(req, "post");
    page.stand_in_fault = frame_fault(req, "stand_in");
    page_own_render(req->html, &page, req->lang);
    return reply_html(req, status);
}

enum err own_view(struct request *req)
{
    return own_show(req, 200);
}

/* After every act here, and again when something was wrong. */
enum err own_reply(struct request *req)
{
    if (req->err.err != ERR_OK || req->faults.count > 0)
        return own_show(req, 422);
    return reply_see_other(req, STR("/desk/account"));
}

/* ---- standing in ---------------------------------------------------------------------------- */

static enum err colleague(struct tx *tx, struct request *req, struct str login,
                          struct officer_id *ret_officer)
{
    struct account_by_login_row row;
    enum err err = account_by_login(tx->db, tx->arena, login, &row);
    if (err == ERR_NOT_FOUND || (err == ERR_OK && !row.active)) {
        form_fault_add(&req->faults, "stand_in", "people.delegate.unknown");
        return ERR_INVALID;
    }
    TRY(err);
    *ret_officer = row.id;
    return ERR_OK;
}

enum err own_delegate_act(struct tx *tx, struct request *req)
{
    const struct delegate_input *in = request_form(req);
    struct holding h = {.from_day = in->from, .to_day = in->to, .delegate_of = req->who.officer};
    if (!people_post_of(req->house, in->post, &h.office, &h.post)) {
        form_fault_add(&req->faults, "post", "people.delegate.post_wrong");
        return ERR_INVALID;
    }
    TRY(colleague(tx, req, in->stand_in, &h.officer));
    if (h.officer.v == req->who.officer.v) {
        form_fault_add(&req->faults, "stand_in", "people.delegate.self");
        return ERR_INVALID;
    }
    TRY(officer_hold(tx, &h));
    const struct people_fact f = {.type = "officer.delegated",
                                  .actor = "role:officer",
                                  .officer = h.officer,
                                  .giver = req->who.officer,
                                  .office = str_sub(in->post, 0, str_find(in->post, STR("/"))),
                                  .post = h.post,
                                  .from_day = h.from_day,
                                  .to_day = h.to_day};
    return people_event(tx, &f);
}

enum err own_end_act(struct tx *tx, struct request *req)
{
    const struct end_input *in = request_form(req);
    struct people_span span = {.first = in->from, .giver = req->who.officer};
    if (!people_post_of(req->house, in->post, &span.office, &span.post))
        return ERR_NOT_FOUND;
    TRY(colleague(tx, req, in->stand_in, &span.officer));
    TRY(people_span_end(tx, &span));
    const struct people_fact f = {.type = "officer.delegation_ended",
                                  .actor = "role:officer",
                                  .officer = span.officer,
                                  .giver = req->who.officer,
                                  .office = str_sub(in->post, 0, str_find(in->post, STR("/"))),
                                  .post = span.post,
                                  .from_day = in->from};
    return people_event(tx, &f);
}

/* ---- tokens and sessions -------------------------------------------------------------------- */

enum err own_token_act(struct tx *tx, struct request *req)
{
    const struct token_input *in = request_form(req);
    char *text = arena_alloc(req->arena, PEOPLE_TOKEN_BYTES);
    int32_t until = house_day(req->house, tx->now_us) + (int32_t)in->days;
    if (text == NULL)
        return ERR_NOMEM;
    req->model = text;
    return people_token_make(tx, req->who.officer, in->label, until, text);
}

enum err own_token_reply(struct request *req)
{
    struct page_shown_once page = {.what = {.key = MSG_PEOPLE_OWN_TOKEN},
                                   .secret = str_of(req->model),
                                   .back = STR("/desk/account")};
    frame_staff(req, MSG_PEOPLE_OWN_TOKEN_TITLE, STAFF_NONE, &page.frame);
    page_shown_once_render(req->html, &page, req->lang);
    return reply_html(req, 200);
}

enum err own_revoke_act(struct tx *tx, struct request *req)
{
    const struct revoke_input *in = request_form(req);
    int64_t changed = 0;
    TRY(token_revoke(tx->db, (struct token_id){in->id}, req->who.officer, &changed));
    if (changed == 0)
        return ERR_NOT_FOUND;
    const struct people_fact f = {
        .type = "officer.token_revoked", .actor = "role:officer", .officer = req->who.officer};
    return people_event(tx, &f);
}

enum err own_leave_act(struct tx *tx, struct request *req)
{
    unsigned char hash[AUTH_HASH_BYTES];
    TRY(session_officer_hash(req, hash));
    return officer_session_delete_others(tx->db, req->who.officer, str_make(hash, sizeof hash));
}
