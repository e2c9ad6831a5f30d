/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "spine/tile.h"

#include "spine/audit.sql.h"
#include "spine/log.sql.h"
#include "spine/proof.h"

static enum err read_entries(struct db *db, struct arena *a, const struct tile *t,
                             struct buf *ret_bytes)
{
    struct audit_entries_row *rows = NULL;
    size_t count = 0;
    int64_t from = (int64_t)(t->n * TILE_WIDTH);
    TRY(audit_entries(db, a, from, from + t->width, &rows, &count));
    if (count != t->width)
        return ERR_CORRUPT;
    for (size_t i = 0; i < count; i++) {
        buf_char(ret_bytes, (char)(rows[i].entry.len >> 8));
        buf_char(ret_bytes, (char)(rows[i].entry.len & 0xFF));
        buf_str(ret_bytes, rows[i].entry);
    }
    return buf_err(ret_bytes);
}

enum err tile_read(struct db *db, struct arena *a, const struct tile *t, struct buf *ret_bytes)
{
    if (t->is_entries)
        return read_entries(db, a, t, ret_bytes);
    for (uint32_t k = 0; k < t->width; k++) {
        struct log_hash_row_row row;
        uint64_t pos = proof_pos(8 * t->level, t->n * TILE_WIDTH + k);
        enum err err = log_hash_row(db, a, (int64_t)pos, &row);
        if (err != ERR_OK)
            return err == ERR_NOT_FOUND ? ERR_CORRUPT : err;
        buf_str(ret_bytes, row.h);
    }
    return buf_err(ret_bytes);
}
