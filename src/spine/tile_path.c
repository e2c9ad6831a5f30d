/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The names of tiles; pure. */
#include "spine/proof.h"
#include "spine/tile.h"

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

void tile_put(const struct tile *t, struct buf *ret_path)
{
    char groups[N_MAX_GROUPS][GROUP_DIGITS + 2];
    size_t count = 0;
    uint64_t n = t->n;
    if (t->is_entries)
        buf_c(ret_path, "entries");
    else
        buf_printf(ret_path, "%u", (unsigned)t->level);
    do {
        (void)snprintf(groups[count++], sizeof groups[0], "%03u", (unsigned)(n % 1000));
        n /= 1000;
    } while (n > 0 && count < N_MAX_GROUPS);
    while (count-- > 0)
        buf_printf(ret_path, "/%s%s", count > 0 ? "x" : "", groups[count]);
    if (t->width < TILE_WIDTH)
        buf_printf(ret_path, ".p/%u", (unsigned)t->width);
}

struct tile tile_of(unsigned level, uint64_t n, uint64_t size)
{
    uint64_t left = (size >> (8 * level)) - n * TILE_WIDTH;
    return (struct tile){
        .level = level, .n = n, .width = left < TILE_WIDTH ? (uint32_t)left : TILE_WIDTH};
}
