/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "spine/witness.h"

#include "base/instant.h"
#include "base/mem.h"
#include "db/writer.h"
#include "spine/house.h"
#include "spine/witness.sql.h"

#include <string.h>

enum err witness_list(struct db *db, struct arena *a, struct witness **ret_rows, size_t *ret_count)
{
    struct witness_rows_row *rows = NULL;
    size_t n = 0;
    *ret_count = 0;
    TRY(witness_rows(db, a, &rows, &n));
    *ret_rows = ARENA_ARRAY(a, n + 1, struct witness);
    if (*ret_rows == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        struct witness *w = &(*ret_rows)[(*ret_count)++];
        *w = (struct witness){.vkey = rows[i].vkey, .since_us = rows[i].since_us};
        if (!note_key_parse(w->vkey, &w->key))
            return ERR_CORRUPT;
    }
    return ERR_OK;
}

enum err witness_add(struct tx *tx, struct str vkey, struct witness *ret_added)
{
    struct witness *rows = NULL;
    size_t n = 0;
    *ret_added =
        (struct witness){.vkey = str_copy(tx->arena, str_trim(vkey)), .since_us = tx->now_us};
    if (ret_added->vkey.ptr == NULL)
        return ERR_NOMEM;
    if (!note_key_parse(ret_added->vkey, &ret_added->key) ||
        ret_added->key.algorithm != NOTE_COSIGNATURE)
        return err_set(tx->info, ERR_INVALID, "witness.bad_key", "not the vkey of a witness");
    TRY(witness_list(tx->db, tx->arena, &rows, &n));
    for (size_t i = 0; i < n; i++)
        if (str_eq(rows[i].key.name, ret_added->key.name) ||
            memcmp(rows[i].key.pub, ret_added->key.pub, KEY_BYTES) == 0)
            return err_set(tx->info, ERR_CONFLICT, "witness.known", "named already");
    if (n >= WITNESSES_MAX)
        return err_set(tx->info, ERR_REFUSED, "witness.full", "%d witnesses", WITNESSES_MAX);
    return witness_put(tx->db, ret_added->key.name, ret_added->vkey, tx->now_us);
}

enum err witness_end(struct tx *tx, struct str name)
{
    int64_t changed = 0;
    TRY(witness_drop(tx->db, name, &changed));
    return changed == 0 ? ERR_NOT_FOUND : ERR_OK;
}

/* The note is one of our public checkpoints. */
static enum err is_ours(struct db *db, struct arena *a, const struct house *house,
                        const struct checkpoint *c, struct err_info *info)
{
    struct witness_checkpoint_row row;
    enum err err = ERR_NOT_FOUND;
    if (str_eq(c->origin, house->origin) && c->size <= INT64_MAX)
        err = witness_checkpoint(db, a, (int64_t)c->size, &row);
    if (err == ERR_OK && row.root.len == HASH_BYTES &&
        memcmp(row.root.ptr, c->root.b, HASH_BYTES) == 0)
        return ERR_OK;
    return err == ERR_OK || err == ERR_NOT_FOUND
               ? err_set(info, ERR_NOT_FOUND, "witness.no_checkpoint", "no checkpoint of ours")
               : err;
}

/* The line as it stands, without its LF. */
static enum err line_of(struct arena *a, const struct checkpoint *c, const struct note_key *k,
                        struct str *ret_line)
{
    for (size_t i = 0; i < c->sig_count; i++) {
        const struct note_sig *s = &c->sigs[i];
        if (!str_eq(s->name, k->name) || memcmp(s->id, k->id, sizeof k->id) != 0)
            continue;
        char *line =
            arena_printf(a, "\xE2\x80\x94 " STR_FMT " " STR_FMT, STR_ARG(s->name), STR_ARG(s->b64));
        *ret_line = line == NULL ? STR_NULL : str_of(line);
        return line == NULL ? ERR_NOMEM : ERR_OK;
    }
    return ERR_NOT_FOUND;
}

enum err witness_check(struct db *db, struct arena *a, const struct house *house, struct str note,
                       struct witness_line **ret_lines, size_t *ret_count, struct err_info *info)
{
    struct witness *rows = NULL;
    size_t n = 0;
    struct checkpoint *c = ARENA_NEW(a, struct checkpoint);
    *ret_count = 0;
    if (c == NULL)
        return ERR_NOMEM;
    if (note.len > NOTE_BYTES_MAX || note_parse(note, c) != ERR_OK)
        return err_set(info, ERR_INVALID, "witness.no_note", "not a signed note");
    TRY(is_ours(db, a, house, c, info));
    TRY(witness_list(db, a, &rows, &n));
    *ret_lines = ARENA_ARRAY(a, n + 1, struct witness_line);
    if (*ret_lines == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        struct witness_line *l = &(*ret_lines)[*ret_count];
        int64_t at = 0;
        enum note_signed is_signed = note_check(c, &rows[i].key, &at);
        if (is_signed == NOTE_FORGED)
            return err_set(info, ERR_INVALID, "witness.forged", "a cosignature is wrong");
        if (is_signed != NOTE_SIGNED)
            continue;
        *l = (struct witness_line){
            .size = (int64_t)c->size, .witness = rows[i].key.name, .at_us = at * US_PER_SECOND};
        TRY(line_of(a, c, &rows[i].key, &l->line));
        (*ret_count)++;
    }
    return *ret_count > 0 ? ERR_OK
                          : err_set(info, ERR_REFUSED, "witness.stranger", "no witness named here");
}

enum err witness_keep(struct tx *tx, const struct witness_line *lines, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct witness_line *l = &lines[i];
        int64_t changed = 0;
        TRY(witness_cosig_put(tx->db, l->size, l->witness, l->line, l->at_us, &changed));
    }
    return ERR_OK;
}
