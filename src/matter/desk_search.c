/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Search: words of what happened, or a reference. The words travel in the body, never in an
 * address, and are kept as an event of the system stream. */
#include "matter/desk.h"

#include "base/mem.h"
#include "db/writer.h"
#include "http/frame.h"
#include "http/frame_staff.h"
#include "lib/json/jsonw.h"
#include "matter/desk.sql.h"
#include "matter/pages/desk_search.html.h"
#include "spine/event.h"
#include "spine/keys.h"
#include "spine/search.h"
#include "spine/verb.h"

struct search_input {
    struct str words;
};

static const struct form_field SEARCH_FIELDS[] = {
    FORM_TEXT(struct search_input, words, 1, 100),
};
const struct form DESK_SEARCH_FORM = FORM_INIT("desk search", struct search_input, SEARCH_FIELDS);

/* What was found, from prepare to reply. */
struct found {
    struct dossier_id *ids;
    size_t count;
};

static enum err row_view(struct request *req, struct dossier_id id, struct page_desk_search_rows *v)
{
    struct desk_matter_row row;
    TRY(desk_matter(req->db, req->arena, id, &row));
    *v = (struct page_desk_search_rows){
        .ref = desk_ref(req, id),
        .title = row.title,
        .kind = desk_kind_name(req, row.kind),
        .state = desk_state_key((enum matter_state)row.state),
        .received = row.received_day,
    };
    return ERR_OK;
}

static enum err page_show(struct request *req, const struct found *found, int status)
{
    const struct house *h = desk_house(req);
    struct page_desk_search v = {
        .words = request_typed(req, "words"),
        .csrf = request_csrf(req, "/desk/search"),
        .asked = found != NULL,
        .behind = h->search == NULL ? 0 : search_behind(h->search),
    };
    v.fault = frame_fault(req, "words");
    if (v.fault.key == MSG_NONE && req->err.err != ERR_OK)
        v.fault = msg_say_err(&req->err);
    size_t n = found == NULL ? 0 : found->count;
    v.rows = ARENA_ARRAY(req->arena, n + 1, struct page_desk_search_rows);
    if (v.rows == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        enum err err = row_view(req, found->ids[i], &v.rows[v.rows_count]);
        if (err == ERR_OK)
            v.rows_count++;
        else if (err != ERR_NOT_FOUND)
            return err;
    }
    v.count = (int64_t)v.rows_count;
    frame_staff(req, MSG_DESK_SEARCH_TITLE, STAFF_SEARCH, &v.frame);
    page_desk_search_render(req->html, &v, req->lang);
    return reply_html(req, status);
}

enum err desk_search_view(struct request *req)
{
    return page_show(req, NULL, 200);
}

enum err desk_search_again(struct request *req)
{
    return page_show(req, NULL, 422);
}

/* A reference is looked up, anything else is searched for. */
enum err desk_search_prepare(struct request *req)
{
    const struct house *h = desk_house(req);
    const struct search_input *in = request_form(req);
    struct found *found = ARENA_NEW(req->arena, struct found);
    struct dossier_id id;
    if (found == NULL)
        return ERR_NOMEM;
    req->model = found;
    if (ref_parse(h->keys->k_id, in->words, &id)) {
        found->ids = ARENA_NEW(req->arena, struct dossier_id);
        if (found->ids == NULL)
            return ERR_NOMEM;
        found->ids[0] = id;
        found->count = 1;
        return ERR_OK;
    }
    TRY(search_check(in->words, &req->err));
    if (h->search == NULL)
        return ERR_OK;
    return search_find(h->search, req->db, req->arena, in->words, &found->ids, &found->count,
                       &req->err);
}

/* Who searched for which words is on record before anything is shown. */
enum err desk_search_act(struct tx *tx, struct request *req)
{
    const struct search_input *in = request_form(req);
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 4096);
    struct jsonw w;
    jsonw_init(&w, &b, JSONW_CANONICAL);
    jsonw_object(&w);
    jsonw_member_i64(&w, "at", tx->now_us);
    jsonw_member_i64(&w, "by", req->who.officer.v);
    jsonw_member_str(&w, "words", in->words);
    jsonw_end(&w);
    TRY(jsonw_err(&w));
    const struct event_draft e = {
        .type = STR("search.made"), .actor = STR("role:officer"), .payload = buf_view(&b)};
    return event_append_system(tx, &e, NULL);
}

enum err desk_search_reply(struct request *req)
{
    return page_show(req, req->model, 200);
}

/* ---- doors --------------------------------------------------------------------------------- */

const struct route DESK_SEARCH_ROUTES[] = {
    {.method = METHOD_GET,
     .path = "/desk/search",
     .door = DOOR_OFFICER,
     .verb = VERB_READ,
     .csrf = CSRF_NONE,
     .budget = BUDGET_READ,
     .view = desk_search_view},
    {.method = METHOD_POST,
     .path = "/desk/search",
     .door = DOOR_OFFICER,
     .verb = VERB_READ,
     .form = &DESK_SEARCH_FORM,
     .csrf = CSRF_SESSION,
     .event = "search.made",
     .budget = BUDGET_WRITE,
     .prepare = desk_search_prepare,
     .act = desk_search_act,
     .reply = desk_search_reply,
     .again = desk_search_again},
};
const size_t DESK_SEARCH_ROUTE_COUNT = sizeof DESK_SEARCH_ROUTES / sizeof *DESK_SEARCH_ROUTES;
