/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* answer: an answer waits thirty seconds in draft before it is an event. */
#include "base/mem.h"
#include "db/writer.h"
#include "matter/matter.sql.h"
#include "matter/use_inside.h"
#include "spine/field.h"
#include "spine/keys.h"

enum { DRAFT_WRITTEN = 1, DRAFT_SENT = 2 };

static void draft_place(struct tx *tx, const struct store *s, struct officer_id officer,
                        struct field_place *ret_place, struct key32 *ret_key)
{
    *ret_place =
        (struct field_place){.table = FIELD_DRAFT, .column = FIELD_DRAFT_BODY, .row = officer.v};
    ref_id16(house_of(tx)->keys->k_id, s->dossier.id, &ret_place->id16);
    field_key(&s->mdk, FIELD_DRAFT, FIELD_DRAFT_BODY, ret_key);
}

static enum err draft_seal(struct tx *tx, const struct store *s, struct officer_id officer,
                           struct str plain, struct str *ret_body)
{
    struct field_place place;
    struct key32 key;
    if (s->dossier.content != CONTENT_SEALED) {
        *ret_body = plain;
        return ERR_OK;
    }
    draft_place(tx, s, officer, &place, &key);
    return field_seal(tx->arena, &key, &place, plain, ret_body);
}

static enum err draft_unseal(struct tx *tx, const struct store *s, struct officer_id officer,
                             struct str body, struct str *ret_plain)
{
    struct field_place place;
    struct key32 key;
    if (s->dossier.content != CONTENT_SEALED) {
        *ret_plain = body;
        return ERR_OK;
    }
    draft_place(tx, s, officer, &place, &key);
    return field_open(tx->arena, &key, &place, body, ret_plain);
}

enum err matter_answer_wait(struct tx *tx, const struct matter_act *a, int64_t *ret_send_us)
{
    struct store s;
    struct matter_events *events = NULL;
    struct matter_act act = *a;
    act.command.what = DO_ANSWER;
    TRY(act_decide(tx, &act, &s, &events));
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, EVENT_PAYLOAD_BYTES_MAX);
    TRY(matter_body_write(&act.command.body, &b));
    struct str body;
    TRY(draft_seal(tx, &s, a->officer, buf_view(&b), &body));
    int64_t send_us = tx->now_us + MATTER_ANSWER_WAIT_S * US_PER_SECOND;
    const struct matter_draft_put_in in = {
        .matter = a->id,
        .officer = a->officer,
        .kind = DRAFT_SENT,
        .body = body,
        .send_us = send_us,
    };
    TRY(matter_draft_put(tx->db, &in));
    *ret_send_us = send_us;
    return ERR_OK;
}

enum err matter_answer_undo(struct tx *tx, struct dossier_id id, struct officer_id officer)
{
    int64_t count = 0;
    TRY(matter_draft_delete(tx->db, id, officer, DRAFT_SENT, &count));
    return count > 0 ? ERR_OK
                     : err_set(tx->info, ERR_CONFLICT, "desk.refused.undo_late", "no draft waits");
}

enum err matter_answer_waits(struct db *db, struct arena *a, struct dossier_id id,
                             int64_t *ret_send_us)
{
    struct matter_draft_waits_row *rows = NULL;
    size_t count = 0;
    TRY(matter_draft_waits(db, a, id, &rows, &count));
    *ret_send_us = count > 0 ? rows[0].send_us : 0;
    return ERR_OK;
}

/* What can no longer be sent is given back to who wrote it. */
static enum err give_back(struct tx *tx, const struct matter_draft_due_row *row)
{
    int64_t count = 0;
    const struct matter_draft_put_in in = {
        .matter = row->matter,
        .officer = row->officer,
        .kind = DRAFT_WRITTEN,
        .body = row->body,
    };
    TRY(matter_draft_put(tx->db, &in));
    return matter_draft_delete(tx->db, row->matter, row->officer, DRAFT_SENT, &count);
}

static enum err send_one(struct tx *tx, const struct matter_draft_due_row *row)
{
    struct store s;
    struct matter_events *events = NULL;
    struct str plain;
    int64_t count = 0;
    struct matter_act act = {.id = row->matter,
                             .who = WHO_OFFICER,
                             .officer = row->officer,
                             .command = {.what = DO_ANSWER}};
    TRY(store_peek(tx, row->matter, &s));
    TRY(draft_unseal(tx, &s, row->officer, row->body, &plain));
    TRY(matter_body_read(tx->arena, plain, &act.command.body, tx->info));
    enum err e = act_decide(tx, &act, &s, &events);
    if (e == ERR_REFUSED || e == ERR_INVALID || e == ERR_CONFLICT || e == ERR_NOT_FOUND)
        return give_back(tx, row);
    if (e != ERR_OK)
        return e;
    TRY(store_save(tx, &s, events));
    return matter_draft_delete(tx->db, row->matter, row->officer, DRAFT_SENT, &count);
}

enum err matter_answer_due(struct tx *tx, int64_t max, bool *ret_more)
{
    struct matter_draft_due_row *rows = NULL;
    size_t count = 0;
    TRY(matter_draft_due(tx->db, tx->arena, tx->now_us, max + 1, &rows, &count));
    for (size_t i = 0; i < count && (int64_t)i < max; i++)
        TRY(send_one(tx, &rows[i]));
    *ret_more = (int64_t)count > max;
    return ERR_OK;
}
