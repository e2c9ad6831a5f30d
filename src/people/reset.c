/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* An account begins anew: one administrator asks, another confirms. */
#include "base/mem.h"
#include "db/writer.h"
#include "people/acts.h"
#include "people/pages/admin_officer.html.h"
#include "people/people.sql.h"
#include "spine/house.h"

/* Who was an administrator when it was asked, and is one today. */
static enum err confirmers(struct db *db, struct arena *a, const struct house *h, int64_t now_us,
                           struct officer_id officer, struct reset_may_list_row **ret_rows,
                           size_t *ret_count)
{
    return reset_may_list(db, a, officer, POST_ADMIN, house_day(h, now_us), ret_rows, ret_count);
}

/* ---- use cases ------------------------------------------------------------------------------ */

/* In use, or already beginning anew: then its link ran out and who confirmed it is gone. */
static enum err may_begin(struct tx *tx, struct officer_id officer)
{
    struct account_get_row who;
    struct reset_confirmed_row before;
    TRY(account_get(tx->db, tx->arena, officer, &who));
    if (who.active && who.enrolled)
        return ERR_OK;
    enum err err = reset_confirmed(tx->db, tx->arena, officer, &before);
    if (err == ERR_NOT_FOUND || (err == ERR_OK && !who.active))
        return err_set(tx->info, ERR_REFUSED, "people.reset.not_enrolled", "not in use");
    return err;
}

enum err people_reset_ask(struct tx *tx, struct officer_id officer, struct officer_id by)
{
    const int32_t today = house_day(house_of(tx), tx->now_us);
    const int64_t before = tx->now_us - PEOPLE_KNOWN_US;
    struct reset_get_row asked;
    struct reset_may_ask_row known;
    struct reset_may_list_row *rows = NULL;
    size_t count = 0;
    TRY(may_begin(tx, officer));
    enum err err = reset_get(tx->db, tx->arena, officer, tx->now_us, &asked);
    if (err == ERR_OK)
        return err_set(tx->info, ERR_REFUSED, "people.reset.waits", "asked already");
    if (err != ERR_NOT_FOUND)
        return err;
    TRY(reset_may_ask(tx->db, tx->arena, by, POST_ADMIN, today, before, &known));
    if (known.n == 0)
        return err_set(tx->info, ERR_REFUSED, "people.reset.young", "asked by a new one");
    TRY(reset_put(tx->db, officer, by, tx->now_us + PEOPLE_RESET_US));
    TRY(reset_may_drop(tx->db, officer));
    const struct reset_may_fill_in fill = {
        .officer = officer, .by_officer = by, .post = POST_ADMIN, .today = today, .before = before};
    TRY(reset_may_fill(tx->db, &fill));
    TRY(confirmers(tx->db, tx->arena, house_of(tx), tx->now_us, officer, &rows, &count));
    if (count == 0)
        return err_set(tx->info, ERR_REFUSED, "people.reset.alone", "nobody could confirm");
    const struct people_fact f = {
        .type = "officer.reset_asked", .actor = "role:admin", .officer = officer, .by = by};
    return people_event(tx, &f);
}

static enum err may_confirm(struct tx *tx, struct officer_id officer, struct officer_id by,
                            const struct reset_get_row *asked)
{
    struct reset_may_list_row *rows = NULL;
    size_t count = 0;
    if (by.v == asked->by_officer.v)
        return err_set(tx->info, ERR_REFUSED, "people.reset.same", "who asked cannot confirm");
    if (by.v == officer.v)
        return err_set(tx->info, ERR_REFUSED, "people.reset.own", "nobody confirms his own");
    TRY(confirmers(tx->db, tx->arena, house_of(tx), tx->now_us, officer, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        if (rows[i].id.v == by.v)
            return ERR_OK;
    }
    return err_set(tx->info, ERR_REFUSED, "people.reset.later", "no administrator when asked");
}

enum err people_reset(struct tx *tx, struct officer_id officer, struct officer_id by,
                      char ret_text[PEOPLE_INVITE_BYTES])
{
    struct reset_get_row asked;
    enum err err = reset_get(tx->db, tx->arena, officer, tx->now_us, &asked);
    if (err == ERR_NOT_FOUND)
        return err_set(tx->info, ERR_REFUSED, "people.reset.gone", "nothing asked, or too late");
    TRY(err);
    TRY(may_confirm(tx, officer, by, &asked));
    TRY(account_reset(tx->db, officer, STR("")));
    TRY(officer_session_delete_all(tx->db, officer));
    TRY(token_revoke_all(tx->db, officer));
    TRY(reset_confirm(tx->db, officer, by));
    TRY(reset_may_drop(tx->db, officer));
    const struct people_fact f = {.type = "officer.reset",
                                  .actor = "role:admin",
                                  .officer = officer,
                                  .by = by,
                                  .asked_by = asked.by_officer};
    TRY(people_event(tx, &f));
    return people_invite(tx, officer, ret_text);
}

enum err reset_may_invite(struct tx *tx, struct officer_id officer, struct officer_id by)
{
    struct reset_confirmed_row row;
    enum err err = reset_confirmed(tx->db, tx->arena, officer, &row);
    if (err == ERR_NOT_FOUND || (err == ERR_OK && row.confirmed_by.v == by.v))
        return ERR_OK;
    TRY(err);
    return err_set(tx->info, ERR_REFUSED, "people.reset.other_link", "confirmed by another");
}

/* ---- on the officer's page ------------------------------------------------------------------ */

/* Is the account on its way to begin anew? */
static enum err begins(struct request *req, struct officer_id officer, bool *ret_begins)
{
    struct reset_confirmed_row row;
    enum err err = reset_confirmed(req->db, req->arena, officer, &row);
    *ret_begins = err == ERR_OK;
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

enum err reset_fill(struct request *req, struct officer_id officer, struct page_admin_officer *page)
{
    struct reset_get_row asked;
    struct reset_may_list_row *rows = NULL;
    size_t count = 0;
    page->reset_csrf = request_csrf(req, "/admin/officer/{login}/reset");
    page->confirm_csrf = request_csrf(req, "/admin/officer/{login}/reset-confirm");
    bool is_begun = false;
    TRY(begins(req, officer, &is_begun));
    page->can_reset = page->enrolled || is_begun;
    enum err err = reset_get(req->db, req->arena, officer, req->now_us, &asked);
    if (err == ERR_NOT_FOUND)
        return ERR_OK;
    TRY(err);
    TRY(confirmers(req->db, req->arena, req->house, req->now_us, officer, &rows, &count));
    page->confirmers = ARENA_ARRAY(req->arena, count + 1, struct page_admin_officer_confirmers);
    if (page->confirmers == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < count; i++) {
        page->confirmers[page->confirmers_count++] =
            (struct page_admin_officer_confirmers){.name = rows[i].name};
        page->may_confirm = page->may_confirm || rows[i].id.v == req->who.officer.v;
    }
    page->asked_by = asked.name;
    page->asked_until = asked.until_us;
    return ERR_OK;
}

enum err reset_ask_act(struct tx *tx, struct request *req)
{
    struct account_get_row who;
    TRY(admin_officer_find(req, tx->db, tx->arena, &who));
    return people_reset_ask(tx, who.id, req->who.officer);
}

enum err reset_confirm_act(struct tx *tx, struct request *req)
{
    struct account_get_row who;
    struct people_link *made = ARENA_NEW(req->arena, struct people_link);
    TRY(admin_officer_find(req, tx->db, tx->arena, &who));
    if (made == NULL)
        return ERR_NOMEM;
    made->name = str_copy(req->arena, who.name);
    req->model = made;
    return people_reset(tx, who.id, req->who.officer, made->text);
}
