/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* look: who looked at a matter, and at the card of who raised it, is itself on the record. */
#include "base/mem.h"
#include "db/writer.h"
#include "matter/matter.sql.h"
#include "matter/use_inside.h"
#include "spine/field.h"
#include "spine/keys.h"
#include "spine/office.h"

/* Who looks, without reading the matter first: the office is told by the row. */
static enum err looker(struct tx *tx, const struct store *s, struct officer_id officer,
                       struct matter_actor *ret_actor)
{
    const struct matter stands = {.owner = s->dossier.office};
    TRY(matter_actor_of(tx->db, tx->arena, house_of(tx), officer, &stands, s->dossier.id,
                        tx->now_us, ret_actor));
    return ret_actor->verbs & VERB_READ ? ERR_OK : ERR_NOT_FOUND;
}

enum err matter_has_looked(struct db *db, struct arena *a, struct dossier_id id,
                           struct officer_id officer, int32_t day, bool *ret_yes)
{
    struct matter_looked_get_row *rows = NULL;
    size_t count = 0;
    TRY(matter_looked_get(db, a, id, officer, &rows, &count));
    *ret_yes = count > 0 && rows[0].day == day;
    return ERR_OK;
}

enum err matter_look(struct tx *tx, struct dossier_id id, struct officer_id officer)
{
    struct store s;
    struct matter_actor actor;
    bool looked = false;
    int32_t day = house_day(house_of(tx), tx->now_us);
    TRY(store_peek(tx, id, &s));
    TRY(looker(tx, &s, officer, &actor));
    TRY(matter_has_looked(tx->db, tx->arena, id, officer, day, &looked));
    if (looked)
        return ERR_OK;
    TRY(matter_looked_put(tx->db, id, officer, day));
    return store_remark(tx, &s, "matter.read", actor.post, officer);
}

enum err matter_card_read(struct tx *tx, struct dossier_id id, struct officer_id officer,
                          struct identity *ret_card)
{
    const struct house *h = house_of(tx);
    struct store s;
    struct matter_actor actor;
    struct matter_card_get_row row;
    struct field_place place = {.table = FIELD_CONTACT_CARD, .column = FIELD_CONTACT_CARD_CARD};
    struct key32 mdk;
    struct key32 key;
    struct str plain;
    TRY(store_peek(tx, id, &s));
    TRY(looker(tx, &s, officer, &actor));
    TRY(matter_card_get(tx->db, tx->arena, id, &row));
    TRY(h->keys->find(h->keys->ctx, id, KEY_MDK, &mdk));
    ref_id16(h->keys->k_id, id, &place.id16);
    field_key(&mdk, FIELD_CONTACT_CARD, FIELD_CONTACT_CARD_CARD, &key);
    enum err e = field_open(tx->arena, &key, &place, row.card, &plain);
    key32_wipe(&mdk);
    key32_wipe(&key);
    if (e != ERR_OK)
        return e;
    if (!identity_decode(plain, ret_card))
        return err_set(tx->info, ERR_CORRUPT, NULL, "contact card");
    return store_remark(tx, &s, "card.read", actor.post, officer);
}

/* ---- who is left in an office ------------------------------------------------------------------
 */

enum err officer_is_barred(struct db *db, struct arena *a, struct dossier_id id,
                           struct officer_id officer, bool *ret_yes)
{
    struct matter_bars_row *rows = NULL;
    size_t count = 0;
    TRY(matter_bars(db, a, id, &rows, &count));
    *ret_yes = false;
    for (size_t i = 0; i < count; i++)
        *ret_yes = *ret_yes || rows[i].officer.v == officer.v;
    return ERR_OK;
}

enum err office_open_count(struct db *db, struct arena *a, struct dossier_id id,
                           struct office_id office, int32_t day, int64_t *ret_count)
{
    struct matter_bars_row *rows = NULL;
    size_t count = 0;
    TRY(matter_bars(db, a, id, &rows, &count));
    struct officer_id *barred = ARENA_ARRAY(a, count + 1, struct officer_id);
    if (barred == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < count; i++)
        barred[i] = rows[i].officer;
    return office_unbarred_count(db, a, office, day, barred, count, OFFICE_PEOPLE_MAX, ret_count);
}
