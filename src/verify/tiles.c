/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "verify/tiles.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

enum { TILE_BYTES = TILE_WIDTH * HASH_BYTES };

const char *tiles_path(struct arena *a, const char *folder, const struct tile *t)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 200);
    tile_put(t, &b);
    return buf_err(&b) != ERR_OK
               ? NULL
               : arena_printf(a, "%s/tile/" STR_FMT, folder, STR_ARG(buf_view(&b)));
}

/* Its bytes, a null str when there is no such file or it is too short. */
static struct str read_one(struct arena *a, const char *folder, const struct tile *t)
{
    char bytes[TILE_BYTES];
    const char *path = tiles_path(a, folder, t);
    FILE *f = path == NULL ? NULL : fopen(path, "rb");
    size_t want = (size_t)t->width * HASH_BYTES;
    size_t n = f == NULL ? 0 : fread(bytes, 1, want, f);
    if (f != NULL)
        (void)fclose(f);
    return f == NULL || n < want ? STR_NULL : str_copy(a, str_make(bytes, want));
}

/* Of that width or, grown since, wider. */
static struct str read_any(const struct tiles *t, struct tile want)
{
    for (; want.width <= TILE_WIDTH; want.width++) {
        struct str bytes = read_one(t->arena, t->folder, &want);
        if (!str_is_null(bytes))
            return bytes;
    }
    return STR_NULL;
}

static enum err tile_hash(struct tiles *t, unsigned level, uint64_t n, struct hash *ret_hash)
{
    struct tile want = tile_of(level, n / TILE_WIDTH, t->size);
    size_t at = (size_t)(n % TILE_WIDTH) * HASH_BYTES;
    if (str_is_null(t->bytes) || t->cached.level != want.level || t->cached.n != want.n) {
        t->bytes = read_any(t, want);
        t->cached = want;
    }
    if (t->bytes.ptr == NULL || at + HASH_BYTES > t->bytes.len)
        return ERR_NOT_FOUND;
    memcpy(ret_hash->b, t->bytes.ptr + at, HASH_BYTES);
    return ERR_OK;
}

/* A level between two rows of tiles is made from the row below. */
static enum err subtree(struct tiles *t, unsigned level, uint64_t n, struct hash *ret_hash)
{
    struct hash parts[TILE_WIDTH / 2];
    unsigned up = level % 8;
    uint64_t first = n << up;
    size_t count = (size_t)1 << up;
    if (up == 0)
        return tile_hash(t, level / 8, n, ret_hash);
    for (size_t i = 0; i < count; i++)
        TRY(tile_hash(t, level / 8, first + i, &parts[i]));
    for (; count > 1; count /= 2)
        for (size_t i = 0; i < count / 2; i++)
            proof_node(&parts[2 * i], &parts[2 * i + 1], &parts[i]);
    *ret_hash = parts[0];
    return ERR_OK;
}

enum err tiles_hash(void *tiles, uint64_t pos, struct hash *ret_hash)
{
    struct tiles *t = tiles;
    unsigned level = 0;
    uint64_t n = 0;
    proof_split(pos, &level, &n);
    if ((n + 1) << level > t->size)
        return ERR_NOT_FOUND;
    return subtree(t, level, n, ret_hash);
}
