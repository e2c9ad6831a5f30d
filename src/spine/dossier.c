/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "spine/dossier.h"

#include "base/rng.h"
#include "db/writer.h"
#include "spine/dossier.sql.h"

#include <string.h>

enum err dossier_new(struct tx *tx, const struct dossier_birth *birth, struct dossier *ret_dossier)
{
    struct dossier_next_id_row next;
    TRY(dossier_next_id(tx->db, tx->arena, &next));
    *ret_dossier = (struct dossier){
        .id = {next.id},
        .kind = birth->kind,
        .office = birth->office,
        .opened_day = birth->opened_day,
        .pack = birth->pack,
        .content = birth->content,
        .is_new = true,
    };
    if (birth->content != CONTENT_OPEN)
        return ERR_OK;
    TRY(rng_few(ret_dossier->mlk, sizeof ret_dossier->mlk));
    ret_dossier->has_mlk = true;
    return ERR_OK;
}

enum err dossier_load(struct db *db, struct arena *a, struct dossier_id id,
                      struct dossier *ret_dossier)
{
    struct dossier_row_row row;
    TRY(dossier_row(db, a, id, &row));
    struct dossier d = {
        .id = id,
        .kind = (enum dossier_kind)row.kind,
        .office = row.office,
        .state = row.state,
        .opened_day = row.opened_day,
        .pack = row.pack,
        .content = (enum content)row.content,
        .seq = row.seq,
        .stored_state = row.state,
        .stored_office = row.office,
        .has_mlk = row.mlk.len == sizeof d.mlk,
    };
    if (row.tail.len != sizeof d.tail || (row.mlk.len != 0 && row.mlk.len != sizeof d.mlk))
        return ERR_CORRUPT;
    memcpy(d.tail, row.tail.ptr, sizeof d.tail);
    if (d.has_mlk)
        memcpy(d.mlk, row.mlk.ptr, sizeof d.mlk);
    *ret_dossier = d;
    return ERR_OK;
}

static enum err dossier_write(struct tx *tx, const struct dossier *d)
{
    struct str tail = str_make(d->tail, sizeof d->tail);
    if (!d->is_new) {
        const struct dossier_update_in in = {
            .id = d->id, .office = d->office, .state = d->state, .seq = d->seq, .tail = tail};
        return dossier_update(tx->db, &in);
    }
    const struct dossier_insert_in in = {
        .id = d->id,
        .kind = (int32_t)d->kind,
        .office = d->office,
        .state = d->state,
        .opened_day = d->opened_day,
        .pack = d->pack,
        .content = (int32_t)d->content,
        .seq = d->seq,
        .tail = tail,
        .mlk = d->content == CONTENT_OPEN ? str_make(d->mlk, sizeof d->mlk) : STR(""),
    };
    return dossier_insert(tx->db, &in);
}

enum err dossier_store(struct tx *tx, struct dossier *d)
{
    TRY(dossier_write(tx, d));
    bool same = d->stored_state == d->state && d->stored_office.v == d->office.v;
    if (d->is_new || !same) {
        if (!d->is_new)
            TRY(counter_add(tx->db, d->stored_office, (int32_t)d->kind, d->stored_state, -1));
        TRY(counter_add(tx->db, d->office, (int32_t)d->kind, d->state, 1));
    }
    d->is_new = false;
    d->stored_state = d->state;
    d->stored_office = d->office;
    return ERR_OK;
}
