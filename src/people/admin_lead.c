/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Who is led by whom: a subordinate is kept out of what is about the superior. */
#include "base/mem.h"
#include "db/writer.h"
#include "http/frame.h"
#include "people/acts.h"
#include "people/pages/admin_officer.html.h"
#include "people/people.sql.h"
#include "spine/office.h"

struct lead_input {
    struct str subordinate;
};
static const struct form_field LEAD_FIELDS[] = {
    FORM_TEXT(struct lead_input, subordinate, 1, 60),
};
const struct form LEAD_FORM = FORM_INIT("lead", struct lead_input, LEAD_FIELDS);

static enum err list_colleagues(struct request *req, struct officer_id officer,
                                struct page_admin_officer *page)
{
    struct account_list_row *rows = NULL;
    size_t count = 0;
    struct str typed = request_typed(req, "subordinate");
    TRY(account_list(req->db, req->arena, &rows, &count));
    page->colleagues = ARENA_ARRAY(req->arena, count + 1, struct page_admin_officer_colleagues);
    if (page->colleagues == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < count; i++) {
        if (!rows[i].active || rows[i].id.v == officer.v)
            continue;
        page->colleagues[page->colleagues_count++] = (struct page_admin_officer_colleagues){
            .login = rows[i].login, .name = rows[i].name, .on = str_eq(rows[i].login, typed)};
    }
    return ERR_OK;
}

enum err admin_lead_fill(struct request *req, struct officer_id officer,
                         struct page_admin_officer *page)
{
    struct lead_list_row *led = NULL;
    struct lead_above_row *above = NULL;
    size_t led_count = 0;
    size_t above_count = 0;
    TRY(lead_list(req->db, req->arena, officer, &led, &led_count));
    TRY(lead_above(req->db, req->arena, officer, &above, &above_count));
    page->led = ARENA_ARRAY(req->arena, led_count + 1, struct page_admin_officer_led);
    page->above = ARENA_ARRAY(req->arena, above_count + 1, struct page_admin_officer_above);
    if (page->led == NULL || page->above == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < led_count; i++)
        page->led[page->led_count++] =
            (struct page_admin_officer_led){.login = led[i].login, .name = led[i].name};
    for (size_t i = 0; i < above_count; i++)
        page->above[page->above_count++] =
            (struct page_admin_officer_above){.login = above[i].login, .name = above[i].name};
    page->lead_fault = frame_fault(req, "subordinate");
    page->lead_csrf = request_csrf(req, "/admin/officer/{login}/lead");
    page->lead_end_csrf = request_csrf(req, "/admin/officer/{login}/lead-end");
    return list_colleagues(req, officer, page);
}

/* Both officers of the form; a closed account may still be taken out. */
static enum err find_both(struct tx *tx, struct request *req, bool may_be_closed,
                          struct people_fact *f)
{
    const struct lead_input *in = request_form(req);
    struct account_get_row who;
    struct account_by_login_row row;
    TRY(admin_officer_find(req, tx->db, tx->arena, &who));
    enum err err = account_by_login(tx->db, tx->arena, in->subordinate, &row);
    if (err == ERR_NOT_FOUND || (err == ERR_OK && !row.active && !may_be_closed)) {
        form_fault_add(&req->faults, "subordinate", "people.delegate.unknown");
        return ERR_INVALID;
    }
    TRY(err);
    f->officer = who.id;
    f->subordinate = row.id;
    return ERR_OK;
}

enum err admin_lead_act(struct tx *tx, struct request *req)
{
    struct people_fact f = {
        .type = "officer.lead_set", .actor = "role:admin", .by = req->who.officer};
    TRY(find_both(tx, req, false, &f));
    TRY(officer_lead(tx, f.officer, f.subordinate));
    return people_event(tx, &f);
}

enum err admin_lead_end_act(struct tx *tx, struct request *req)
{
    struct people_fact f = {
        .type = "officer.lead_ended", .actor = "role:admin", .by = req->who.officer};
    TRY(find_both(tx, req, true, &f));
    TRY(officer_lead_end(tx, f.officer, f.subordinate));
    return people_event(tx, &f);
}
