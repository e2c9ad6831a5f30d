/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Offices, staff and posts: what an administrator sets up. No matter is seen from here. */
#include "base/instant.h"
#include "db/writer.h"
#include "http/frame.h"
#include "http/frame_staff.h"
#include "people/account.h"
#include "people/acts.h"
#include "people/pages/admin.html.h"
#include "people/pages/admin_officer.html.h"
#include "people/pages/shown_once.html.h"
#include "people/people.sql.h"
#include "people/view.h"
#include "spine/house.h"
#include "spine/office.h"
#include "spine/pack.h"
#include "trust/open.h"

static const char *const LANGS[] = {"en", "zh-CN", NULL};
static const char *const POSTS[] = {"desk",      "handler",   "lead",    "reviewer",
                                    "custodian", "guardian",  "auditor", "duty",
                                    "commander", "inspector", "admin",   NULL};

struct office_input {
    struct str code, parent, name_en, name_zh, place, phone, address, hours_en, hours_zh;
    bool outside;
};
static const struct form_field OFFICE_FIELDS[] = {
    FORM_TEXT(struct office_input, code, 2, 60),
    FORM_TEXT(struct office_input, parent, 0, 60),
    FORM_TEXT(struct office_input, name_en, 1, 100),
    FORM_TEXT(struct office_input, name_zh, 1, 100),
    FORM_TEXT(struct office_input, place, 0, 100),
    FORM_TEXT(struct office_input, phone, 0, 60),
    FORM_TEXT(struct office_input, address, 0, 200),
    FORM_TEXT(struct office_input, hours_en, 0, 200),
    FORM_TEXT(struct office_input, hours_zh, 0, 200),
    FORM_FLAG(struct office_input, outside),
};
const struct form OFFICE_FORM = FORM_INIT("office", struct office_input, OFFICE_FIELDS);

struct officer_input {
    struct str login;
    struct str name;
    int32_t lang_of;
};
static const struct form_field OFFICER_FIELDS[] = {
    FORM_TEXT(struct officer_input, login, LOGIN_MIN, LOGIN_MAX),
    FORM_TEXT(struct officer_input, name, 1, 60),
    FORM_CHOICE(struct officer_input, lang_of, LANGS, true),
};
const struct form OFFICER_FORM = FORM_INIT("officer", struct officer_input, OFFICER_FIELDS);

struct post_input {
    struct str office;
    int32_t post;
    int32_t from;
    int32_t to;
};
static const struct form_field POST_FIELDS[] = {
    FORM_TEXT(struct post_input, office, 1, 60),
    FORM_CHOICE(struct post_input, post, POSTS, true),
    FORM_DATE(struct post_input, from, true),
    FORM_DATE(struct post_input, to, false),
};
const struct form POST_FORM = FORM_INIT("post", struct post_input, POST_FIELDS);

struct admin_end_input {
    struct str post;
    int32_t from;
};
static const struct form_field ADMIN_END_FIELDS[] = {
    FORM_TEXT(struct admin_end_input, post, 1, 100),
    FORM_DATE(struct admin_end_input, from, true),
};
const struct form ADMIN_END_FORM = FORM_INIT("end post", struct admin_end_input, ADMIN_END_FIELDS);

/* ---- everybody and every office ------------------------------------------------------------- */

static bool takes_wrongdoing(const struct pack *p)
{
    for (size_t i = 0; i < p->kind_count; i++)
        if (p->kind[i].base == PACK_WRONGDOING || p->kind[i].base == PACK_DETRIMENT)
            return true;
    return false;
}

static enum err list_offices(struct request *req, struct page_admin *page)
{
    const struct office_tree *tree = house_tree(req->house);
    struct str parent = request_typed(req, "parent");
    page->offices = ARENA_ARRAY(req->arena, tree->count + 1, struct page_admin_offices);
    page->parents = ARENA_ARRAY(req->arena, tree->count + 1, struct page_admin_parents);
    if (page->offices == NULL || page->parents == NULL)
        return ERR_NOMEM;
    page->no_way_out = takes_wrongdoing(req->house->pack);
    for (size_t i = 0; i < tree->count; i++) {
        const struct office *o = &tree->offices[i];
        struct str name = office_name(o, msg_lang_tag(req->lang));
        struct str above = o->parent.v == 0 ? STR("") : people_office_name(req, o->parent);
        page->offices[page->offices_count++] =
            (struct page_admin_offices){.code = o->code,
                                        .name = name,
                                        .above = above,
                                        .place = o->place,
                                        .answers = admin_answers_for(req, o),
                                        .outside = o->outside,
                                        .active = o->active};
        page->no_way_out = page->no_way_out && !(o->outside && o->active);
        page->parents[page->parents_count++] = (struct page_admin_parents){
            .code = o->code, .name = name, .on = str_eq(o->code, parent)};
    }
    return ERR_OK;
}

static enum err list_officers(struct request *req, struct page_admin *page)
{
    struct account_list_row *rows = NULL;
    size_t count = 0;
    TRY(account_list(req->db, req->arena, &rows, &count));
    page->officers = ARENA_ARRAY(req->arena, count + 1, struct page_admin_officers);
    if (page->officers == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < count; i++)
        page->officers[page->officers_count++] =
            (struct page_admin_officers){.login = rows[i].login,
                                         .name = rows[i].name,
                                         .active = rows[i].active,
                                         .enrolled = rows[i].enrolled};
    return ERR_OK;
}

static enum err list_langs(struct request *req, struct page_admin *page)
{
    struct str typed = request_typed(req, "lang_of");
    page->langs_count = msg_lang_count();
    page->langs = ARENA_ARRAY(req->arena, page->langs_count + 1, struct page_admin_langs);
    if (page->langs == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < page->langs_count; i++) {
        const struct msg_lang *lang = msg_lang_at(i);
        page->langs[i] = (struct page_admin_langs){
            .tag = msg_lang_tag(lang),
            .name = msg_lang_name(lang),
            .on = typed.len > 0 ? str_eq(typed, msg_lang_tag(lang)) : lang == req->lang};
    }
    page->lang_fault = frame_fault(req, "lang_of");
    return ERR_OK;
}

static void fill_office_form(struct request *req, struct page_admin *page)
{
    page->code =
        people_field(req, "code", MSG_PEOPLE_ADMIN_CODE, MSG_PEOPLE_ADMIN_CODE_HINT, "text");
    page->name_en = people_field(req, "name_en", MSG_PEOPLE_ADMIN_NAME_EN, MSG_NONE, "text");
    page->name_zh = people_field(req, "name_zh", MSG_PEOPLE_ADMIN_NAME_ZH, MSG_NONE, "text");
    page->place = people_field(req, "place", MSG_PEOPLE_ADMIN_PLACE, MSG_NONE, "text");
    page->phone = people_field(req, "phone", MSG_PEOPLE_ADMIN_PHONE, MSG_NONE, "text");
    page->address = people_field(req, "address", MSG_PEOPLE_ADMIN_ADDRESS, MSG_NONE, "text");
    page->hours_en = people_field(req, "hours_en", MSG_PEOPLE_ADMIN_HOURS_EN, MSG_NONE, "text");
    page->hours_zh = people_field(req, "hours_zh", MSG_PEOPLE_ADMIN_HOURS_ZH, MSG_NONE, "text");
}

static enum err show(struct request *req, int status)
{
    struct page_admin page = {.fault = people_refusal(req)};
    frame_staff(req, MSG_PEOPLE_ADMIN_TITLE, STAFF_ADMIN, &page.frame);
    TRY(list_offices(req, &page));
    TRY(list_officers(req, &page));
    TRY(list_langs(req, &page));
    fill_office_form(req, &page);
    page.login = people_field(req, "login", MSG_PEOPLE_LOGIN, MSG_PEOPLE_ADMIN_LOGIN_HINT, "text");
    page.name = people_field(req, "name", MSG_PEOPLE_NAME, MSG_NONE, "text");
    page.office_csrf = request_csrf(req, "/admin/offices");
    page.officer_csrf = request_csrf(req, "/admin/officers");
    page_admin_render(req->html, &page, req->lang);
    return reply_html(req, status);
}

enum err admin_view(struct request *req)
{
    return show(req, 200);
}

static bool code_is_valid(struct str code)
{
    bool ok = code.ptr[0] >= 'a' && code.ptr[0] <= 'z';
    for (size_t i = 0; i < code.len; i++) {
        char c = code.ptr[i];
        ok = ok && ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-');
    }
    return ok;
}

enum err admin_office_act(struct tx *tx, struct request *req)
{
    const struct office_input *in = request_form(req);
    const struct office *parent = NULL;
    struct office_id id;
    if (!code_is_valid(in->code))
        form_fault_add(&req->faults, "code", "people.admin.code_wrong");
    if (in->parent.len > 0) {
        parent = office_find_code(house_tree(req->house), in->parent);
        if (parent == NULL)
            form_fault_add(&req->faults, "parent", "people.admin.office_unknown");
    }
    if (req->faults.count > 0)
        return ERR_INVALID;
    const struct office_new o = {.parent = {parent == NULL ? 0 : parent->id.v},
                                 .code = in->code,
                                 .name_en = in->name_en,
                                 .name_zh = in->name_zh,
                                 .place = in->place,
                                 .address = in->address,
                                 .phone = in->phone,
                                 .hours_en = in->hours_en,
                                 .hours_zh = in->hours_zh,
                                 .outside = in->outside};
    TRY(office_add(tx, &o, &id));
    const struct people_fact f = {
        .type = "office.added", .actor = "role:admin", .by = req->who.officer, .office = in->code};
    return people_event(tx, &f);
}

enum err admin_office_reply(struct request *req)
{
    if (req->err.err != ERR_OK || req->faults.count > 0)
        return show(req, 422);
    TRY(house_tree_renew((struct house *)(uintptr_t)req->house, req->db));
    return reply_see_other(req, STR("/admin"));
}

/* ---- a new officer -------------------------------------------------------------------------- */

enum err admin_officer_act(struct tx *tx, struct request *req)
{
    const struct officer_input *in = request_form(req);
    struct people_link *made = ARENA_NEW(req->arena, struct people_link);
    struct officer_id id;
    if (made == NULL)
        return ERR_NOMEM;
    if (!account_login_is_valid(in->login)) {
        form_fault_add(&req->faults, "login", "people.admin.login_wrong");
        return ERR_INVALID;
    }
    const struct officer_new o = {
        .login = in->login, .name = in->name, .lang = str_of(LANGS[in->lang_of - 1])};
    TRY(officer_add(tx, &o, &id));
    const struct people_fact f = {
        .type = "officer.added", .actor = "role:admin", .officer = id, .by = req->who.officer};
    TRY(people_event(tx, &f));
    made->name = in->name;
    req->model = made;
    return people_invite(tx, id, made->text);
}

/* The link, once. Where the reader is, is where the link leads: the origin is not guessed. */
static enum err show_link(struct request *req, struct str back)
{
    const struct people_link *made = req->model;
    struct page_shown_once page = {.back = back};
    char *link = arena_printf(req->arena, "/sign-in/invite/%s", made->text);
    if (link == NULL)
        return ERR_NOMEM;
    page.what = (struct msg_say){
        .key = MSG_PEOPLE_ADMIN_LINK,
        .args_count = 2,
        .args = {msg_text("name", made->name),
                 msg_day("until", house_day(req->house, req->now_us + PEOPLE_INVITE_US))}};
    page.secret = str_of(link);
    frame_staff(req, MSG_PEOPLE_ADMIN_INVITE, STAFF_ADMIN, &page.frame);
    page_shown_once_render(req->html, &page, req->lang);
    return reply_html(req, 200);
}

enum err admin_officer_reply(struct request *req)
{
    if (req->err.err != ERR_OK || req->faults.count > 0)
        return show(req, 422);
    return show_link(req, STR("/admin"));
}

/* ---- one officer ---------------------------------------------------------------------------- */

enum err admin_officer_find(struct request *req, struct db *db, struct arena *a,
                            struct account_get_row *ret_row)
{
    struct account_by_login_row row;
    TRY(account_by_login(db, a, request_param(req, "login"), &row));
    return account_get(db, a, row.id, ret_row);
}

static enum err list_held(struct request *req, struct officer_id officer,
                          struct page_admin_officer *page)
{
    struct post_list_row *rows = NULL;
    size_t count = 0;
    int32_t today = house_day(req->house, req->now_us);
    TRY(post_list(req->db, req->arena, officer, today, &rows, &count));
    page->held = ARENA_ARRAY(req->arena, count + 1, struct page_admin_officer_held);
    if (page->held == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < count; i++) {
        enum post post = (enum post)rows[i].post;
        page->held[page->held_count++] = (struct page_admin_officer_held){
            .id = people_post_id(req, rows[i].office, post),
            .first = people_day_text(req, rows[i].from_day),
            .office = people_office_name(req, rows[i].office),
            .post = people_post_key(post),
            .from = rows[i].from_day,
            .to = rows[i].to_day == PEOPLE_NO_END ? 0 : rows[i].to_day,
            .giver = rows[i].giver};
    }
    return ERR_OK;
}

static enum err list_choices(struct request *req, struct page_admin_officer *page)
{
    const struct office_tree *tree = house_tree(req->house);
    struct str office = request_typed(req, "office");
    struct str post = request_typed(req, "post");
    page->offices = ARENA_ARRAY(req->arena, tree->count + 1, struct page_admin_officer_offices);
    page->posts = ARENA_ARRAY(req->arena, POST_COUNT, struct page_admin_officer_posts);
    if (page->offices == NULL || page->posts == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < tree->count; i++) {
        const struct office *o = &tree->offices[i];
        page->offices[page->offices_count++] =
            (struct page_admin_officer_offices){.code = o->code,
                                                .name = office_name(o, msg_lang_tag(req->lang)),
                                                .on = str_eq(o->code, office)};
    }
    for (size_t i = 0; POSTS[i] != NULL; i++)
        page->posts[page->posts_count++] =
            (struct page_admin_officer_posts){.id = str_of(POSTS[i]),
                                              .name = people_post_key(post_parse(POSTS[i])),
                                              .on = str_eq_c(post, POSTS[i])};
    page->office_fault = frame_fault(req, "office");
    page->post_fault = frame_fault(req, "post");
    return ERR_OK;
}

static enum err show_one(struct request *req, int status)
{
    struct page_admin_officer page = {.fault = people_refusal(req)};
    struct account_get_row who;
    TRY(admin_officer_find(req, req->db, req->arena, &who));
    frame_staff(req, MSG_PEOPLE_ADMIN_TITLE, STAFF_ADMIN, &page.frame);
    page.login = who.login;
    page.name = who.name;
    page.active = who.active;
    page.enrolled = who.enrolled;
    TRY(list_held(req, who.id, &page));
    TRY(list_choices(req, &page));
    TRY(admin_lead_fill(req, who.id, &page));
    TRY(reset_fill(req, who.id, &page));
    page.from = people_field(req, "from", MSG_PEOPLE_FROM, MSG_NONE, "date");
    page.to = people_field(req, "to", MSG_PEOPLE_TO, MSG_PEOPLE_TO_HINT, "date");
    page.end_csrf = request_csrf(req, "/admin/officer/{login}/end");
    page.post_csrf = request_csrf(req, "/admin/officer/{login}/post");
    page.invite_csrf = request_csrf(req, "/admin/officer/{login}/invite");
    page.close_csrf = request_csrf(req, "/admin/officer/{login}/close");
    page_admin_officer_render(req->html, &page, req->lang);
    return reply_html(req, status);
}

enum err admin_one_view(struct request *req)
{
    return show_one(req, 200);
}

enum err admin_one_reply(struct request *req)
{
    if (req->err.err != ERR_OK || req->faults.count > 0)
        return show_one(req, 422);
    char *path =
        arena_printf(req->arena, "/admin/officer/" STR_FMT, STR_ARG(request_param(req, "login")));
    return path == NULL ? ERR_NOMEM : reply_see_other(req, str_of(path));
}

enum err admin_post_act(struct tx *tx, struct request *req)
{
    const struct post_input *in = request_form(req);
    struct account_get_row who;
    TRY(admin_officer_find(req, tx->db, tx->arena, &who));
    const struct office *o = office_find_code(house_tree(req->house), in->office);
    if (o == NULL) {
        form_fault_add(&req->faults, "office", "people.admin.office_unknown");
        return ERR_INVALID;
    }
    const struct holding h = {.officer = who.id,
                              .office = o->id,
                              .post = post_parse(POSTS[in->post - 1]),
                              .from_day = in->from,
                              .to_day = in->to == FORM_NO_DAY ? PEOPLE_NO_END : in->to};
    if (h.post == POST_ADMIN)
        TRY(since_put_unless_held(tx->db, h.officer, tx->now_us, POST_ADMIN,
                                  house_day(req->house, tx->now_us)));
    TRY(officer_hold(tx, &h));
    const struct people_fact f = {.type = "officer.post_given",
                                  .actor = "role:admin",
                                  .officer = who.id,
                                  .by = req->who.officer,
                                  .office = o->code,
                                  .post = h.post,
                                  .from_day = h.from_day,
                                  .to_day = h.to_day};
    return people_event(tx, &f);
}

enum err admin_end_act(struct tx *tx, struct request *req)
{
    const struct admin_end_input *in = request_form(req);
    struct account_get_row who;
    struct people_span span = {.first = in->from};
    TRY(admin_officer_find(req, tx->db, tx->arena, &who));
    if (!people_post_of(req->house, in->post, &span.office, &span.post))
        return ERR_NOT_FOUND;
    span.officer = who.id;
    TRY(people_span_end(tx, &span));
    const struct people_fact f = {.type = "officer.post_ended",
                                  .actor = "role:admin",
                                  .officer = who.id,
                                  .by = req->who.officer,
                                  .office = str_sub(in->post, 0, str_find(in->post, STR("/"))),
                                  .post = span.post,
                                  .from_day = in->from};
    return people_event(tx, &f);
}

enum err admin_invite_act(struct tx *tx, struct request *req)
{
    struct account_get_row who;
    struct people_link *made = ARENA_NEW(req->arena, struct people_link);
    TRY(admin_officer_find(req, tx->db, tx->arena, &who));
    if (made == NULL)
        return ERR_NOMEM;
    made->name = str_copy(req->arena, who.name);
    req->model = made;
    TRY(reset_may_invite(tx, who.id, req->who.officer));
    TRY(people_invite(tx, who.id, made->text));
    const struct people_fact f = {.type = "officer.invited",
                                  .actor = "role:admin",
                                  .officer = who.id,
                                  .by = req->who.officer};
    return people_event(tx, &f);
}

enum err admin_invite_reply(struct request *req)
{
    char *back =
        arena_printf(req->arena, "/admin/officer/" STR_FMT, STR_ARG(request_param(req, "login")));
    return back == NULL ? ERR_NOMEM : show_link(req, str_of(back));
}

enum err admin_close_act(struct tx *tx, struct request *req)
{
    struct account_get_row who;
    TRY(admin_officer_find(req, tx->db, tx->arena, &who));
    return people_disable(tx, who.id);
}
