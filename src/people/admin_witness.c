/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Who watches the log from outside. */
#include "base/instant.h"
#include "base/mem.h"
#include "db/writer.h"
#include "http/frame_staff.h"
#include "people/acts.h"
#include "people/pages/admin_witness.html.h"
#include "people/view.h"
#include "spine/house.h"
#include "spine/log.h"
#include "spine/witness.h"
#include "spine/witness.sql.h"

struct witness_input {
    struct str key;
};
static const struct form_field WITNESS_FIELDS[] = {
    FORM_TEXT(struct witness_input, key, 1, 400),
};
const struct form WITNESS_FORM = FORM_INIT("witness", struct witness_input, WITNESS_FIELDS);

struct witness_end_input {
    struct str name;
};
static const struct form_field WITNESS_END_FIELDS[] = {
    FORM_TEXT(struct witness_end_input, name, 1, 300),
};
const struct form WITNESS_END_FORM =
    FORM_INIT("witness end", struct witness_end_input, WITNESS_END_FIELDS);

static struct str vkey_of(struct request *req)
{
    struct note_key key;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1000);
    note_key_init(&key, req->house->origin, NOTE_ED25519, log_public_key(req->house->log));
    note_key_format(&key, &b);
    return str_copy(req->arena, buf_view(&b));
}

static enum err list_rows(struct request *req, struct page_admin_witness *page)
{
    struct witness *rows = NULL;
    size_t count = 0;
    TRY(witness_list(req->db, req->arena, &rows, &count));
    page->rows = ARENA_ARRAY(req->arena, count + 1, struct page_admin_witness_rows);
    if (page->rows == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < count; i++) {
        struct witness_last_row last = {.at_us = 0};
        enum err err = witness_last(req->db, req->arena, rows[i].key.name, &last);
        if (err != ERR_OK && err != ERR_NOT_FOUND)
            return err;
        page->rows[page->rows_count++] =
            (struct page_admin_witness_rows){.name = rows[i].key.name,
                                             .since = house_day(req->house, rows[i].since_us),
                                             .last = last.at_us};
    }
    return ERR_OK;
}

static enum err show(struct request *req, int status)
{
    struct page_admin_witness page = {.fault = people_refusal(req)};
    struct log_head head;
    frame_staff(req, MSG_WITNESS_TITLE, STAFF_ADMIN, &page.frame);
    TRY(list_rows(req, &page));
    enum err err = log_public(req->db, &head, NULL);
    page.has_size = err == ERR_OK;
    page.size = err == ERR_OK ? (int64_t)head.size : 0;
    page.vkey = vkey_of(req);
    page.key = people_field(req, "key", MSG_WITNESS_KEY, MSG_WITNESS_KEY_HINT, "text");
    page.csrf = request_csrf(req, "/admin/log/witness");
    page.end_csrf = request_csrf(req, "/admin/log/remove");
    page_admin_witness_render(req->html, &page, req->lang);
    return reply_html(req, status);
}

enum err admin_witness_view(struct request *req)
{
    return show(req, 200);
}

enum err admin_witness_reply(struct request *req)
{
    if (req->err.err != ERR_OK || req->faults.count > 0)
        return show(req, 422);
    return reply_see_other(req, STR("/admin/log"));
}

static enum err changed(struct tx *tx, const struct request *req, struct str name, const char *use)
{
    const struct people_fact f = {.type = "witness.changed",
                                  .actor = "role:admin",
                                  .by = req->who.officer,
                                  .witness = name,
                                  .use = use};
    return people_event(tx, &f);
}

enum err admin_witness_act(struct tx *tx, struct request *req)
{
    const struct witness_input *in = request_form(req);
    struct witness added;
    TRY(witness_add(tx, in->key, &added));
    return changed(tx, req, added.key.name, "in");
}

enum err admin_witness_end_act(struct tx *tx, struct request *req)
{
    const struct witness_end_input *in = request_form(req);
    enum err err = witness_end(tx, in->name);
    if (err == ERR_NOT_FOUND)
        return err_set(tx->info, ERR_REFUSED, "witness.gone", "no such witness");
    TRY(err);
    return changed(tx, req, in->name, "out");
}
