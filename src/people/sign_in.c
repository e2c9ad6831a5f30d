/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Signing in and out. */
#include "base/instant.h"
#include "db/writer.h"
#include "http/frame.h"
#include "http/frame_staff.h"
#include "http/session.h"
#include "people/account.h"
#include "people/acts.h"
#include "people/pages/sign_in.html.h"
#include "people/people.sql.h"
#include "people/view.h"
#include "spine/house.h"
#include "spine/office.h"

struct sign_in_input {
    struct str login;
    struct str password;
    struct str second;
};
static const struct form_field SIGN_IN_FIELDS[] = {
    FORM_TEXT(struct sign_in_input, login, 1, 60),
    FORM_SECRET(struct sign_in_input, password, 1, 500),
    FORM_SECRET(struct sign_in_input, second, 1, 60),
};
const struct form SIGN_IN_FORM = FORM_INIT("sign in", struct sign_in_input, SIGN_IN_FIELDS);

struct empty_input {
    bool ok;
};
static const struct form_field EMPTY_FIELDS[] = {FORM_FLAG(struct empty_input, ok)};
const struct form EMPTY_FORM = FORM_INIT("nothing", struct empty_input, EMPTY_FIELDS);

/* In the invented town: who there is, with the second factor of this moment. */
static enum err list_demo(struct request *req, struct page_sign_in *page)
{
    struct account_demo_row *rows = NULL;
    size_t count = 0;
    if (!req->demo)
        return ERR_OK;
    TRY(account_demo(req->db, req->arena, &rows, &count));
    page->demo = ARENA_ARRAY(req->arena, count + 1, struct page_sign_in_demo);
    if (page->demo == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < count; i++) {
        unsigned char seed[TOTP_SEED_BYTES];
        char *code = arena_alloc(req->arena, TOTP_DIGITS + 1);
        if (code == NULL)
            return ERR_NOMEM;
        if (!account_open_seed(req->house, rows[i].id, rows[i].totp, seed) ||
            totp_code(seed, totp_step_of(req->now_us), code) != ERR_OK)
            continue;
        page->demo[page->demo_count++] = (struct page_sign_in_demo){
            .login = rows[i].login, .name = rows[i].name, .code = str_of(code)};
    }
    page->demo_password = STR(PEOPLE_DEMO_PASSWORD);
    return ERR_OK;
}

static enum err show(struct request *req, int status)
{
    struct page_sign_in page = {.fault = people_refusal(req)};
    frame_staff(req, MSG_PEOPLE_SIGN_IN_TITLE, STAFF_NONE, &page.frame);
    page.csrf = request_csrf(req, "/sign-in");
    page.again = req->who.officer.v != 0;
    page.login = people_field(req, "login", MSG_PEOPLE_LOGIN, MSG_NONE, "text");
    page.login.fill = STR("username");
    page.password = people_field(req, "password", MSG_PEOPLE_PASSWORD, MSG_NONE, "password");
    page.password.fill = STR("current-password");
    page.second = people_field(req, "second", MSG_PEOPLE_SECOND, MSG_PEOPLE_SECOND_HINT, "text");
    page.second.fill = STR("one-time-code");
    if (form_fault_of(&req->faults, "") != NULL)
        page.fault = frame_fault(req, "");
    TRY(list_demo(req, &page));
    page_sign_in_render(req->html, &page, req->lang);
    return reply_html(req, status);
}

enum err sign_in_view(struct request *req)
{
    return show(req, 200);
}

/* In the slow pool. */
enum err sign_in_prepare(struct request *req)
{
    const struct sign_in_input *in = request_form(req);
    struct passed *p = ARENA_NEW(req->arena, struct passed);
    if (p == NULL)
        return ERR_NOMEM;
    struct attempt t = {.login = in->login,
                        .password = in->password,
                        .second = in->second,
                        .device = session_device_get(req)};
    TRY(account_try(req->house, req->db, req->arena, &t, req->now_us, &req->err, p));
    req->model = p;
    return ERR_OK;
}

enum err sign_in_act(struct tx *tx, struct request *req)
{
    unsigned char hash[AUTH_HASH_BYTES];
    const struct passed *p = req->model;
    TRY(account_enter(tx, p));
    /* A browser that was signed in gets a new token; the old one is worth nothing. */
    if (session_officer_hash(req, hash) == ERR_OK)
        TRY(officer_session_delete(tx->db, str_make(hash, sizeof hash)));
    TRY(session_officer_new(req, hash));
    return officer_session_put(tx->db, str_make(hash, sizeof hash), p->officer, tx->now_us);
}

enum err sign_in_reply(struct request *req)
{
    const struct sign_in_input *in = request_form(req);
    const struct passed *p = req->model;
    char device[DEVICE_TEXT_BYTES];
    struct held *held = NULL;
    size_t count = 0;
    bool only_admin = true;
    if (req->err.err != ERR_OK || req->faults.count > 0)
        return show(req, 422);
    TRY(account_device_make(req->house, in->login, device));
    TRY(session_device_set(req, str_of(device)));
    TRY(officer_held(req->db, req->arena, p->officer, house_day(req->house, req->now_us), &held,
                     &count));
    for (size_t i = 0; i < count; i++)
        only_admin = only_admin && held[i].posts == 1U << POST_ADMIN;
    return reply_see_other(req, count > 0 && only_admin ? STR("/admin") : STR("/desk"));
}

enum err sign_out_act(struct tx *tx, struct request *req)
{
    unsigned char hash[AUTH_HASH_BYTES];
    TRY(session_officer_hash(req, hash));
    session_officer_clear(req);
    return officer_session_delete(tx->db, str_make(hash, sizeof hash));
}

enum err sign_out_reply(struct request *req)
{
    TRY(reply_see_other(req, STR("/sign-in")));
    return reply_header(req, "Clear-Site-Data", STR("\"cache\", \"storage\""));
}
