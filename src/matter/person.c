/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "matter/person.h"

#include "base/mem.h"
#include "db/writer.h"
#include "http/frame.h"
#include "http/session.h"
#include "matter/desk.h"
#include "matter/pages/person_back.html.h"
#include "matter/pages/person_rights.html.h"
#include "matter/pages/person_said.html.h"
#include "matter/pages/person_start.html.h"
#include "matter/pages/person_today.html.h"
#include "matter/person_raise.h"
#include "matter/person_terms.h"
#include "trust/code.h"

/* ---- start -------------------------------------------------------------------------------------
 */

/* The office at the top: the one the front door belongs to. */
static const struct office *front_office(const struct request *req)
{
    const struct office_tree *tree = house_tree(desk_house(req));
    for (size_t i = 0; i < tree->count; i++)
        if (tree->offices[i].parent.v == 0 && tree->offices[i].active && !tree->offices[i].outside)
            return &tree->offices[i];
    return NULL;
}

static enum err start_view(struct request *req)
{
    const struct pack *p = desk_house(req)->pack;
    struct page_person_start v = {.numbers_count = p->danger_number_count};
    TRY(frame_person(req, &v.frame, FRAME_TITLE(MSG_PERSON_START_TITLE)));
    v.numbers = ARENA_ARRAY(req->arena, v.numbers_count + 1, struct page_person_start_numbers);
    if (v.numbers == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < v.numbers_count; i++) {
        v.numbers[i].number = p->danger_number[i].number;
        v.numbers[i].name = wording_pick(&p->danger_number[i].name, desk_lang(req));
    }
    const struct office *o = front_office(req);
    if (o != NULL) {
        v.office = office_name(o, desk_lang(req));
        v.hours = str_starts(desk_lang(req), STR("zh")) ? o->hours_zh : o->hours_en;
        v.address = o->address;
        v.phone = o->phone;
    }
    page_person_start_render(req->html, &v, req->lang);
    return reply_html(req, 200);
}

/* ---- rights ------------------------------------------------------------------------------------
 */

static enum err rights_view(struct request *req)
{
    const struct pack *p = desk_house(req)->pack;
    struct page_person_rights v = {
        .after = wording_pick(&p->after_body, desk_lang(req)),
        .keep = {.key = MSG_PERSON_RIGHTS_KEEP,
                 .args_count = 3,
                 .args = {msg_number("identity", p->retention.identity_days),
                          msg_number("content", p->retention.content_days),
                          msg_number("skeleton", p->retention.skeleton_days)}}};
    TRY(frame_person(req, &v.frame, FRAME_TITLE(MSG_PERSON_RIGHTS_TITLE)));
    v.terms = ARENA_ARRAY(req->arena, p->due_count + 1, struct page_person_rights_terms);
    if (v.terms == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < p->due_count; i++) {
        const struct due_rule *r = &p->due[i];
        if (r->span.unit != DUE_UNIT_UNSET)
            v.terms[v.terms_count++] =
                (struct page_person_rights_terms){.name = wording_pick(&r->name, desk_lang(req)),
                                                  .span = terms_span(r->span),
                                                  .law = terms_law(req, r)};
    }
    page_person_rights_render(req->html, &v, req->lang);
    return reply_html(req, 200);
}

/* ---- leaving -----------------------------------------------------------------------------------
 */

static enum err exit_view(struct request *req)
{
    TRY(reply_header(req, "Clear-Site-Data", STR("\"cache\", \"cookies\", \"storage\"")));
    return reply_see_other(req, STR("/today"));
}

static enum err today_view(struct request *req)
{
    const struct page_person_today v = {.day = desk_today(req)};
    page_person_today_render(req->html, &v, req->lang);
    return reply_html(req, 200);
}

enum err person_say(struct request *req, enum msg_key title, const enum msg_key *lines,
                    size_t count)
{
    struct page_person_said v = {.lines_count = count};
    TRY(frame_person(req, &v.frame, FRAME_TITLE(title)));
    v.lines = ARENA_ARRAY(req->arena, count + 1, struct page_person_said_lines);
    if (v.lines == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < count; i++)
        v.lines[i].say = lines[i];
    page_person_said_render(req->html, &v, req->lang);
    return reply_html(req, 200);
}

/* ---- coming back -------------------------------------------------------------------------------
 */

struct back_input {
    struct str code;
};
static const struct form_field BACK_FIELDS[] = {
    {.name = "code",
     .type = FORM_TYPE_TEXT,
     .offset = FORM_AT_(struct back_input, code, struct str),
     .max = 120,
     .any_number = true},
};
static const struct form BACK_FORM = FORM_INIT("back", struct back_input, BACK_FIELDS);

struct back_model {
    uint8_t lookup[32];
};

static enum err back_view(struct request *req)
{
    struct page_person_back v = {.csrf = request_csrf(req, "/back"),
                                 .fault = frame_fault(req, "code")};
    TRY(frame_person(req, &v.frame, FRAME_TITLE(MSG_PERSON_BACK_TITLE)));
    TRY(frame_faults(req, &v.wrong));
    v.wrong.refusal.key = MSG_NONE; /* two sentences only, both beside the field */
    page_person_back_render(req->html, &v, req->lang);
    return reply_html(req, v.fault.key == MSG_NONE ? 200 : 422);
}

static enum err back_prepare(struct request *req)
{
    const struct back_input *in = request_form(req);
    struct back_model *m = ARENA_NEW(req->arena, struct back_model);
    if (m == NULL)
        return ERR_NOMEM;
    req->model = m;
    enum keeper_status s = keeper_code_find(desk_house(req)->keeper, in->code, m->lookup);
    if (s == KEEPER_MALFORMED)
        form_fault_add(&req->faults, "code", "person.back.typing");
    else if (s != KEEPER_OK)
        return keeper_err(s);
    return ERR_OK;
}

static enum err back_act(struct tx *tx, struct request *req)
{
    const struct back_model *m = req->model;
    struct code_found found;
    enum err e = code_use(tx, m->lookup, &found);
    if (e == ERR_NOT_FOUND)
        return err_set(tx->info, ERR_REFUSED, "person.back.unknown", NULL);
    TRY(e);
    CLEANUP(buf_done) struct buf hex;
    buf_init(&hex, 65);
    buf_hex(&hex, m->lookup, sizeof m->lookup);
    const struct raise_draft d = {.at = STEP_KIND, .used = buf_view(&hex)};
    return raise_draft_save(tx, req, &d, found.dossier, true);
}

static enum err back_reply(struct request *req)
{
    return reply_see_other(req, STR("/mine"));
}

/* A code that leads nowhere is said at the field as well; nothing of the code is shown again. */
static enum err back_again(struct request *req)
{
    if (req->faults.count == 0)
        form_fault_add(&req->faults, "code", "person.back.unknown");
    return back_view(req);
}

/* ---- the doors ---------------------------------------------------------------------------------
 */

const struct route PERSON_ROUTES[] = {
    {.method = METHOD_GET,
     .path = "/",
     .door = DOOR_PUBLIC,
     .csrf = CSRF_NONE,
     .budget = BUDGET_READ,
     .view = start_view},
    {.method = METHOD_GET,
     .path = "/rights",
     .door = DOOR_PUBLIC,
     .csrf = CSRF_NONE,
     .budget = BUDGET_READ,
     .view = rights_view},
    {.method = METHOD_GET,
     .path = "/exit",
     .door = DOOR_PUBLIC,
     .csrf = CSRF_NONE,
     .budget = BUDGET_READ,
     .view = exit_view},
    {.method = METHOD_GET,
     .path = "/today",
     .door = DOOR_PUBLIC,
     .csrf = CSRF_NONE,
     .budget = BUDGET_READ,
     .view = today_view},
    {.method = METHOD_GET,
     .path = "/raise",
     .door = DOOR_PUBLIC,
     .csrf = CSRF_NONE,
     .budget = BUDGET_READ,
     .view = raise_view},
    {.method = METHOD_POST,
     .path = "/raise",
     .door = DOOR_PUBLIC,
     .form = &RAISE_FORM,
     .csrf = CSRF_SESSION,
     .event = "matter.received",
     .budget = BUDGET_WRITE, /* a step; sending draws on BUDGET_RAISE */
     .prepare = raise_prepare,
     .act = raise_act,
     .reply = raise_reply,
     .again = raise_again},
    {.method = METHOD_GET,
     .path = "/back",
     .door = DOOR_PUBLIC,
     .csrf = CSRF_NONE,
     .budget = BUDGET_READ,
     .view = back_view},
    {.method = METHOD_POST,
     .path = "/back",
     .door = DOOR_PUBLIC,
     .form = &BACK_FORM,
     .csrf = CSRF_SESSION,
     .event = AUDIT_SESSION,
     .budget = BUDGET_CODE,
     .flags = ROUTE_SLOW | ROUTE_STEADY,
     .prepare = back_prepare,
     .act = back_act,
     .reply = back_reply,
     .again = back_again},
    {.method = METHOD_GET,
     .path = "/mine",
     .door = DOOR_PUBLIC,
     .csrf = CSRF_NONE,
     .budget = BUDGET_READ,
     .view = person_mine_view},
    {.method = METHOD_POST,
     .path = "/mine",
     .door = DOOR_PERSON,
     .form = &PERSON_MINE_FORM,
     .csrf = CSRF_SESSION,
     .event = "matter.added",
     .budget = BUDGET_WRITE,
     .prepare = person_mine_prepare,
     .act = person_mine_act,
     .reply = person_mine_reply,
     .again = person_mine_again},
};
const size_t PERSON_ROUTE_COUNT = sizeof PERSON_ROUTES / sizeof PERSON_ROUTES[0];
