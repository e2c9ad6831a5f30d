/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* One office: its details, and what it answers for. Both decide where a matter goes first. */
#include "base/mem.h"
#include "db/writer.h"
#include "http/frame.h"
#include "http/frame_staff.h"
#include "people/acts.h"
#include "people/pages/admin_office.html.h"
#include "people/view.h"
#include "spine/house.h"
#include "spine/office.h"
#include "spine/pack.h"
#include "trust/open.h"

struct details_input {
    struct str name_en, name_zh, place, phone, address, hours_en, hours_zh;
    bool in_use;
};
static const struct form_field DETAILS_FIELDS[] = {
    FORM_TEXT(struct details_input, name_en, 1, 100),
    FORM_TEXT(struct details_input, name_zh, 1, 100),
    FORM_TEXT(struct details_input, place, 0, 100),
    FORM_TEXT(struct details_input, phone, 0, 60),
    FORM_TEXT(struct details_input, address, 0, 200),
    FORM_TEXT(struct details_input, hours_en, 0, 200),
    FORM_TEXT(struct details_input, hours_zh, 0, 200),
    FORM_FLAG(struct details_input, in_use),
};
const struct form DETAILS_FORM = FORM_INIT("office details", struct details_input, DETAILS_FIELDS);

/* Not called `place`: that is a field of the other form on the page. */
struct remit_input {
    struct str kind;  /* "" for every kind */
    struct str where; /* "" for everywhere */
};
static const struct form_field REMIT_FIELDS[] = {
    FORM_TEXT(struct remit_input, kind, 0, 60),
    FORM_TEXT(struct remit_input, where, 0, 200),
};
const struct form REMIT_FORM = FORM_INIT("remit", struct remit_input, REMIT_FIELDS);

/* ---- in words ------------------------------------------------------------------------------- */

/* A kind that the pack had once and has no more is shown by its id, so that it can be removed. */
static struct str kind_name(struct request *req, struct str kind)
{
    struct str lang = msg_lang_tag(req->lang);
    const struct pack_kind *k = pack_find_kind(req->house->pack, kind);
    if (kind.len == 0)
        return msg_plain(req->lang, MSG_PEOPLE_OFFICE_EVERY_KIND);
    return k == NULL ? kind : wording_pick(&k->name, lang);
}

static struct str place_name(struct request *req, struct str place)
{
    return place.len == 0 ? msg_plain(req->lang, MSG_PEOPLE_OFFICE_EVERYWHERE) : place;
}

struct str admin_answers_for(struct request *req, const struct office *o)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, REQUEST_URI_MAX * 10);
    for (size_t i = 0; i < o->remit_count; i++) {
        const struct remit *r = &o->remits[i];
        const struct msg_arg args[] = {msg_text("kind", kind_name(req, r->kind)),
                                       msg_text("place", place_name(req, r->place))};
        if (i > 0)
            buf_str(&b, msg_plain(req->lang, MSG_PEOPLE_OFFICE_AND));
        msg_put(&b, req->lang, MSG_PEOPLE_OFFICE_REMIT, args, 2);
    }
    struct str s = str_copy(req->arena, buf_view(&b));
    return str_is_null(s) ? STR("") : s;
}

/* ---- the page ------------------------------------------------------------------------------- */

static const struct office *find(const struct request *req)
{
    return office_find_code(house_tree(req->house), request_param(req, "code"));
}

static enum err list_remits(struct request *req, const struct office *o,
                            struct page_admin_office *page)
{
    page->remits = ARENA_ARRAY(req->arena, o->remit_count + 1, struct page_admin_office_remits);
    if (page->remits == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < o->remit_count; i++) {
        const struct remit *r = &o->remits[i];
        page->remits[page->remits_count++] =
            (struct page_admin_office_remits){.kind = r->kind,
                                              .place = r->place,
                                              .kind_name = kind_name(req, r->kind),
                                              .place_name = place_name(req, r->place)};
    }
    return ERR_OK;
}

static enum err list_kinds(struct request *req, struct page_admin_office *page)
{
    const struct pack *p = req->house->pack;
    struct str typed = request_typed(req, "kind");
    page->kinds = ARENA_ARRAY(req->arena, p->kind_count + 1, struct page_admin_office_kinds);
    if (page->kinds == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < p->kind_count; i++)
        page->kinds[page->kinds_count++] =
            (struct page_admin_office_kinds){.id = p->kind[i].id,
                                             .name = kind_name(req, p->kind[i].id),
                                             .on = str_eq(p->kind[i].id, typed)};
    page->kind_fault = frame_fault(req, "kind");
    page->where =
        people_field(req, "where", MSG_PEOPLE_OFFICE_WHERE, MSG_PEOPLE_OFFICE_WHERE_HINT, "text");
    return ERR_OK;
}

/* As it stands, or as it was typed into this form when something in it was wrong. */
static void fill_details(struct request *req, const struct office *o,
                         struct page_admin_office *page)
{
    const struct details_input *in = request_form(req);
    bool typed = req->route->form == &DETAILS_FORM;
    page->name_en = people_field(req, "name_en", MSG_PEOPLE_ADMIN_NAME_EN, MSG_NONE, "text");
    page->name_zh = people_field(req, "name_zh", MSG_PEOPLE_ADMIN_NAME_ZH, MSG_NONE, "text");
    page->place =
        people_field(req, "place", MSG_PEOPLE_ADMIN_PLACE, MSG_PEOPLE_OFFICE_PLACE_HINT, "text");
    page->phone = people_field(req, "phone", MSG_PEOPLE_ADMIN_PHONE, MSG_NONE, "text");
    page->address = people_field(req, "address", MSG_PEOPLE_ADMIN_ADDRESS, MSG_NONE, "text");
    page->hours_en = people_field(req, "hours_en", MSG_PEOPLE_ADMIN_HOURS_EN, MSG_NONE, "text");
    page->hours_zh = people_field(req, "hours_zh", MSG_PEOPLE_ADMIN_HOURS_ZH, MSG_NONE, "text");
    page->in_use = typed && in != NULL ? in->in_use : o->active;
    if (typed)
        return;
    page->name_en.value = o->name_en;
    page->name_zh.value = o->name_zh;
    page->place.value = o->place;
    page->phone.value = o->phone;
    page->address.value = o->address;
    page->hours_en.value = o->hours_en;
    page->hours_zh.value = o->hours_zh;
}

static enum err show(struct request *req, int status)
{
    struct page_admin_office page = {.fault = people_refusal(req)};
    const struct office *o = find(req);
    if (o == NULL)
        return ERR_NOT_FOUND;
    if (!o->outside) /* reports of wrongdoing end there: not even their number is told */
        TRY(office_owes(req->db, req->arena, o->id, &page.owes));
    frame_staff(req, MSG_PEOPLE_OFFICE_TITLE, STAFF_ADMIN, &page.frame);
    page.code = o->code;
    page.title = office_name(o, msg_lang_tag(req->lang));
    page.above = o->parent.v == 0 ? STR("") : people_office_name(req, o->parent);
    page.outside = o->outside;
    page.active = o->active;
    TRY(list_remits(req, o, &page));
    TRY(list_kinds(req, &page));
    fill_details(req, o, &page);
    page.csrf = request_csrf(req, "/admin/office/{code}/details");
    page.add_csrf = request_csrf(req, "/admin/office/{code}/remit");
    page.end_csrf = request_csrf(req, "/admin/office/{code}/remit-end");
    page_admin_office_render(req->html, &page, req->lang);
    return reply_html(req, status);
}

enum err admin_place_view(struct request *req)
{
    return show(req, 200);
}

enum err admin_place_reply(struct request *req)
{
    if (req->err.err != ERR_OK || req->faults.count > 0)
        return show(req, 422);
    TRY(house_tree_renew((struct house *)(uintptr_t)req->house, req->db));
    char *path =
        arena_printf(req->arena, "/admin/office/" STR_FMT, STR_ARG(request_param(req, "code")));
    return path == NULL ? ERR_NOMEM : reply_see_other(req, str_of(path));
}

/* ---- what is changed ------------------------------------------------------------------------ */

enum err admin_details_act(struct tx *tx, struct request *req)
{
    const struct details_input *in = request_form(req);
    const struct office *o = find(req);
    if (o == NULL)
        return ERR_NOT_FOUND;
    const struct office_edit e = {.id = o->id,
                                  .name_en = in->name_en,
                                  .name_zh = in->name_zh,
                                  .place = in->place,
                                  .address = in->address,
                                  .phone = in->phone,
                                  .hours_en = in->hours_en,
                                  .hours_zh = in->hours_zh,
                                  .active = in->in_use};
    TRY(office_change(tx, &e));
    const struct people_fact f = {.type = "office.changed",
                                  .actor = "role:admin",
                                  .by = req->who.officer,
                                  .office = o->code,
                                  .use = in->in_use ? "in" : "out"};
    return people_event(tx, &f);
}

/* The same words for both: what is added and what ends. */
static enum err remit_event(struct tx *tx, const struct request *req, const char *type)
{
    const struct remit_input *in = request_form(req);
    const struct people_fact f = {.type = type,
                                  .actor = "role:admin",
                                  .by = req->who.officer,
                                  .office = request_param(req, "code"),
                                  .kind = in->kind.len == 0 ? STR("*") : in->kind,
                                  .place = in->where.len == 0 ? STR("*") : in->where};
    return people_event(tx, &f);
}

enum err admin_remit_act(struct tx *tx, struct request *req)
{
    const struct remit_input *in = request_form(req);
    const struct office *o = find(req);
    if (o == NULL)
        return ERR_NOT_FOUND;
    if (in->kind.len > 0 && pack_find_kind(req->house->pack, in->kind) == NULL) {
        form_fault_add(&req->faults, "kind", "people.office.kind_unknown");
        return ERR_INVALID;
    }
    TRY(office_remit_add(tx, o->id, in->kind, in->where));
    return remit_event(tx, req, "office.remit_added");
}

enum err admin_remit_end_act(struct tx *tx, struct request *req)
{
    const struct remit_input *in = request_form(req);
    const struct office *o = find(req);
    if (o == NULL)
        return ERR_NOT_FOUND;
    TRY(office_remit_end(tx, o->id, in->kind, in->where));
    return remit_event(tx, req, "office.remit_ended");
}
