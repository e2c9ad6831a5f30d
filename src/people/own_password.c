/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* An officer changes the password: whoever found the browser open cannot. */
#include "base/mem.h"
#include "db/writer.h"
#include "http/frame_staff.h"
#include "http/session.h"
#include "people/account.h"
#include "people/acts.h"
#include "people/pages/changed.html.h"
#include "people/pages/own.html.h"
#include "people/password.h"
#include "people/people.sql.h"
#include "people/view.h"

struct password_input {
    struct str old;
    struct str second;
    struct str password;
    struct str again;
};
static const struct form_field PASSWORD_FIELDS[] = {
    FORM_SECRET(struct password_input, old, 1, 500),
    FORM_SECRET(struct password_input, second, 1, 60),
    FORM_SECRET(struct password_input, password, 1, 500),
    FORM_SECRET(struct password_input, again, 1, 500),
};
const struct form PASSWORD_FORM = FORM_INIT("password", struct password_input, PASSWORD_FIELDS);

/* From prepare to act. */
struct changing {
    struct passed passed;
    char passhash[PASSHASH_BYTES];
};

void own_password_fill(struct request *req, struct page_own *page)
{
    page->old = people_field(req, "old", MSG_PEOPLE_OWN_PASSWORD_OLD, MSG_NONE, "password");
    page->old.fill = STR("current-password");
    page->second = people_field(req, "second", MSG_PEOPLE_SECOND, MSG_PEOPLE_SECOND_HINT, "text");
    page->second.fill = STR("one-time-code");
    page->password = people_field(req, "password", MSG_PEOPLE_OWN_PASSWORD_NEW,
                                  MSG_PEOPLE_INVITE_PASSWORD_HINT, "password");
    page->password.fill = STR("new-password");
    page->again = people_field(req, "again", MSG_PEOPLE_OWN_PASSWORD_AGAIN, MSG_NONE, "password");
    page->again.fill = STR("new-password");
    page->password_csrf = request_csrf(req, "/desk/account/password");
}

/* Sign-in speaks of the login too, which nobody typed here. */
static enum err said_here(enum err err, struct err_info *info)
{
    if (err == ERR_REFUSED)
        return err_set(info, ERR_REFUSED, "people.own.password_wrong", "not the one who signed in");
    return err;
}

/* In the slow pool. What is wrong with the new password is told before the old one is tried. */
enum err own_password_prepare(struct request *req)
{
    const struct password_input *in = request_form(req);
    struct account_get_row me;
    struct changing *c = ARENA_NEW(req->arena, struct changing);
    if (c == NULL)
        return ERR_NOMEM;
    TRY(account_get(req->db, req->arena, req->who.officer, &me));
    const char *fault = password_fault(in->password, me.login, me.name);
    if (fault != NULL)
        form_fault_add(&req->faults, "password", fault);
    else if (!str_eq(in->password, in->again))
        form_fault_add(&req->faults, "again", "people.own.password_differs");
    if (req->faults.count > 0)
        return ERR_INVALID;
    const struct attempt t = {.login = me.login,
                              .password = in->old,
                              .second = in->second,
                              .device = session_device_get(req)};
    TRY(said_here(
        account_try(req->house, req->db, req->arena, &t, req->now_us, &req->err, &c->passed),
        &req->err));
    TRY(people_passhash(in->password, c->passhash));
    req->model = c;
    return ERR_OK;
}

enum err own_password_act(struct tx *tx, struct request *req)
{
    const struct changing *c = req->model;
    unsigned char hash[AUTH_HASH_BYTES];
    TRY(said_here(account_enter(tx, &c->passed), tx->info));
    TRY(account_password(tx->db, c->passed.officer, str_of(c->passhash)));
    TRY(session_officer_hash(req, hash));
    TRY(officer_session_delete_others(tx->db, c->passed.officer, str_make(hash, sizeof hash)));
    const struct people_fact f = {
        .type = "officer.password_changed", .actor = "role:officer", .officer = c->passed.officer};
    return people_event(tx, &f);
}

enum err own_password_reply(struct request *req)
{
    struct page_changed page = {.what = MSG_PEOPLE_OWN_PASSWORD_CHANGED,
                                .back = STR("/desk/account")};
    if (req->err.err != ERR_OK || req->faults.count > 0)
        return own_show(req, 422);
    frame_staff(req, MSG_PEOPLE_OWN_PASSWORD, STAFF_NONE, &page.frame);
    page_changed_render(req->html, &page, req->lang);
    return reply_html(req, 200);
}
