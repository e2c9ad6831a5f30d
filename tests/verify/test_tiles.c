/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A mirror's folder of tiles gives the same hashes as the rows of the log, for every size. */
#include "tests/check.h"

#include "base/mem.h"
#include "base/rng.h"
#include "tests/scratch.h"
#include "verify/tiles.h"

#include <ftw.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LEAVES = 66100, ROWS = 2 * LEAVES + 64, PATH_BYTES = 300, TRIES = 400 };

static struct hash rows[ROWS];
static char folder[64];
static struct arena arena;

static enum err read_row(void *ctx, uint64_t pos, struct hash *ret_hash)
{
    (void)ctx;
    *ret_hash = rows[pos];
    return ERR_OK;
}

static void rows_make(void)
{
    struct frontier f = {0};
    struct stored s[PROOF_HASHES_MAX];
    for (uint64_t i = 0; i < LEAVES; i++) {
        struct hash leaf;
        proof_leaf(&i, sizeof i, &leaf);
        size_t n = proof_append(&f, &leaf, s);
        for (size_t k = 0; k < n; k++)
            rows[s[k].pos] = s[k].h;
    }
}

static void folders_make(const char *path)
{
    char part[PATH_BYTES];
    for (const char *at = strchr(path + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
        (void)snprintf(part, sizeof part, "%.*s", (int)(at - path), path);
        (void)mkdir(part, 0700);
    }
}

static void tile_write(const struct tile *t)
{
    const char *path = tiles_path(&arena, folder, t);
    folders_make(path);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    for (uint32_t k = 0; k < t->width; k++)
        assert_int_equal(
            fwrite(rows[proof_pos(8 * t->level, t->n * TILE_WIDTH + k)].b, 1, HASH_BYTES, f),
            HASH_BYTES);
    assert_int_equal(fclose(f), 0);
}

/* As a mirror fetches them: every tile of a log of that size. */
static void mirror_make(uint64_t size)
{
    for (unsigned level = 0; size >> (8 * level) > 0; level++)
        for (uint64_t n = 0; n * TILE_WIDTH < size >> (8 * level); n++) {
            struct tile t = tile_of(level, n, size);
            tile_write(&t);
        }
}

static int open_all(void **state)
{
    (void)state;
    arena_init(&arena, 64 << 20);
    scratch_folder(folder, sizeof folder, "tiles");
    rows_make();
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

static int close_all(void **state)
{
    (void)state;
    assert_int_equal(nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
    arena_done(&arena);
    return 0;
}

static void test_what_stands_where_is_found_again(void **state)
{
    (void)state;
    uint64_t pos = 0;
    for (uint64_t n = 0; n < 5000; n++)
        for (unsigned level = 0; level == 0 || (n >> (level - 1) & 1) == 1; level++, pos++) {
            unsigned got = 99;
            uint64_t number = 0;
            proof_split(pos, &got, &number);
            assert_int_equal(got, level);
            assert_int_equal(number, n >> level);
            assert_int_equal(proof_pos(got, number), pos);
        }
}

static void test_every_path_is_read_back(void **state)
{
    (void)state;
    static const struct {
        struct tile t;
        const char *path;
    } CASES[] = {
        {{.level = 0, .n = 0, .width = 256}, "0/000"},
        {{.level = 0, .n = 1234067, .width = 256}, "0/x001/x234/067"},
        {{.level = 3, .n = 67, .width = 7}, "3/067.p/7"},
        {{.is_entries = true, .n = 1000, .width = 255}, "entries/x001/000.p/255"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        CLEANUP(buf_done) struct buf b;
        struct tile back;
        buf_init(&b, 200);
        tile_put(&CASES[i].t, &b);
        check_str(buf_view(&b), CASES[i].path);
        assert_true(tile_parse(buf_view(&b), &back));
        assert_int_equal(back.n, CASES[i].t.n);
        assert_int_equal(back.width, CASES[i].t.width);
    }
}

static void check_pair(uint64_t mirrored, uint64_t old, uint64_t size)
{
    struct proof rowwise;
    struct proof tiled;
    struct tiles tiles = {.folder = folder, .size = mirrored, .arena = &arena};
    assert_int_equal(proof_make_consistency(old, size, read_row, NULL, &rowwise), ERR_OK);
    if (proof_make_consistency(old, size, tiles_hash, &tiles, &tiled) != ERR_OK)
        fail_msg("%d of %d in a mirror of %d: no proof", (int)old, (int)size, (int)mirrored);
    assert_int_equal(rowwise.count, tiled.count);
    assert_memory_equal(rowwise.h, tiled.h, rowwise.count * sizeof *tiled.h);
}

static void test_a_mirror_proves_what_the_log_proves(void **state)
{
    (void)state;
    struct rng rng;
    rng_seed(&rng, check_seed(66));
    static const uint64_t SIZES[] = {1, 2, 255, 256, 257, 511, 513, 65535, 65536, 65537, LEAVES};
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
        mirror_make(SIZES[i]); /* into the same folder: partial tiles of before remain */
        for (int k = 0; k < TRIES; k++) {
            uint64_t old = 1 + rng_below(&rng, SIZES[i]);
            arena_reset(&arena);
            check_pair(SIZES[i], old, SIZES[i]);
        }
    }
    /* A folder fetched later serves an earlier size too: a partial tile may have grown. */
    check_pair(65537, 300, 65537);
}

static void test_what_is_not_there_is_not_made_up(void **state)
{
    (void)state;
    struct tiles tiles = {.folder = folder, .size = 300, .arena = &arena};
    struct hash h;
    assert_int_equal(tiles_hash(&tiles, proof_pos(0, 300), &h), ERR_NOT_FOUND);
    assert_int_equal(tiles_hash(&tiles, proof_pos(9, 0), &h), ERR_NOT_FOUND);
    struct tiles elsewhere = {.folder = "/nonexistent", .size = 300, .arena = &arena};
    assert_int_equal(tiles_hash(&elsewhere, 0, &h), ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_stands_where_is_found_again),
        cmocka_unit_test(test_every_path_is_read_back),
        cmocka_unit_test(test_a_mirror_proves_what_the_log_proves),
        cmocka_unit_test(test_what_is_not_there_is_not_made_up),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
