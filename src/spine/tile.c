/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "spine/tile.h"

#include "spine/audit.sql.h"
#include "spine/log.sql.h"
#include "spine/proof.h"

enum { GROUP_DIGITS = 3, N_MAX_GROUPS = 5 };

/* A number without leading zeros, at most `max`. */
static bool parse_small(struct str s, int64_t max, int64_t *ret_number)
{
    return s.len > 0 && s.len <= 3 && (s.len == 1 || s.ptr[0] != '0') && s.ptr[0] != '-' &&
           str_to_i64(s, 0, max, ret_number);
}

/* Three digits. */
static bool parse_group(struct str s, uint64_t *n)
{
    int64_t group = 0;
    if (s.len != GROUP_DIGITS || s.ptr[0] == '-' || !str_to_i64(s, 0, 999, &group))
        return false;
    *n = *n * 1000 + (uint64_t)group;
    return true;
}

/* x001/x234/067, then nothing or ".p/" and the width. */
static bool parse_place(struct str rest, struct tile *t)
{
    struct str part = STR_NULL;
    bool is_first = true;
    t->n = 0;
    t->width = TILE_WIDTH;
    for (int groups = 0; groups < N_MAX_GROUPS && str_cut(&rest, '/', &part); groups++) {
        bool is_more = part.len == GROUP_DIGITS + 1 && part.ptr[0] == 'x';
        bool is_partial = str_ends(part, STR(".p"));
        struct str digits = is_more ? str_sub(part, 1, part.len)
                                    : str_sub(part, 0, part.len - (is_partial ? 2 : 0));
        if (!parse_group(digits, &t->n) || (is_more && is_first && t->n == 0))
            return false;
        is_first = false;
        if (is_more)
            continue;
        int64_t width = TILE_WIDTH;
        if (is_partial && (!parse_small(rest, TILE_WIDTH - 1, &width) || width == 0))
            return false;
        t->width = (uint32_t)width;
        return is_partial || str_is_null(rest) || rest.len == 0;
    }
    return false;
}

bool tile_parse(struct str path, struct tile *ret_tile)
{
    struct str rest = path;
    struct str head = STR_NULL;
    struct tile t = {.level = 0};
    int64_t level = 0;
    if (str_ends(path, STR("/")) || !str_cut(&rest, '/', &head))
        return false;
    t.is_entries = str_eq_c(head, "entries");
    if (!t.is_entries && !parse_small(head, TILE_LEVEL_MAX, &level))
        return false;
    t.level = (uint32_t)level;
    if (!parse_place(rest, &t))
        return false;
    *ret_tile = t;
    return true;
}

bool tile_is_within(const struct tile *t, uint64_t size)
{
    uint64_t at_level = size >> (8 * t->level);
    return t->n < PROOF_SIZE_MAX / TILE_WIDTH && t->n * TILE_WIDTH + t->width <= at_level;
}

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
