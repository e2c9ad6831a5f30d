/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/check.h"

#include "base/rng.h"
#include "lib/json/jsonr.h"
#include "spine/proof.h"
#include "tests/shared.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

/* ---- RFC 6962 word for word, slow and plain ----------------------------------------------------
 */

enum { LEAVES = 300 };
static struct hash leaves[LEAVES];

static size_t split(size_t n)
{
    size_t k = 1;
    while (k * 2 < n)
        k *= 2;
    return k;
}

static void mth(size_t lo, size_t n, struct hash *ret)
{
    if (n == 0) {
        crypt_sha256("", 0, ret);
    } else if (n == 1) {
        *ret = leaves[lo];
    } else {
        struct hash l;
        struct hash r;
        mth(lo, split(n), &l);
        mth(lo + split(n), n - split(n), &r);
        proof_node(&l, &r, ret);
    }
}

static void slow_path(size_t m, size_t lo, size_t n, struct proof *p)
{
    if (n <= 1)
        return;
    size_t k = split(n);
    if (m < k) {
        slow_path(m, lo, k, p);
        mth(lo + k, n - k, &p->h[p->count++]);
    } else {
        slow_path(m - k, lo + k, n - k, p);
        mth(lo, k, &p->h[p->count++]);
    }
}

static void slow_subproof(size_t m, size_t lo, size_t n, bool whole, struct proof *p)
{
    if (m == n) {
        if (!whole)
            mth(lo, n, &p->h[p->count++]);
        return;
    }
    size_t k = split(n);
    if (m <= k) {
        slow_subproof(m, lo, k, whole, p);
        mth(lo + k, n - k, &p->h[p->count++]);
    } else {
        slow_subproof(m - k, lo + k, n - k, false, p);
        mth(lo, k, &p->h[p->count++]);
    }
}

/* ---- rows, as the database has them
 * -------------------------------------------------------------- */

static struct hash rows[2 * LEAVES];
static size_t row_count;

static enum err read_row(void *ctx, uint64_t pos, struct hash *ret_hash)
{
    (void)ctx;
    assert_true(pos < row_count);
    *ret_hash = rows[pos];
    return ERR_OK;
}

static int fill(void **state)
{
    (void)state;
    struct frontier f = {0};
    for (size_t i = 0; i < LEAVES; i++) {
        proof_leaf(&i, sizeof i, &leaves[i]);
        struct stored s[PROOF_HASHES_MAX];
        size_t n = proof_append(&f, &leaves[i], s);
        for (size_t k = 0; k < n; k++) {
            assert_true(s[k].pos == row_count); /* in order, without a gap */
            rows[row_count++] = s[k].h;
        }
        assert_true(proof_stored_count(i + 1) == row_count);
    }
    return 0;
}

static bool same(const struct proof *a, const struct proof *b)
{
    return a->count == b->count && memcmp(a->h, b->h, a->count * sizeof a->h[0]) == 0;
}

static void test_roots_of_rfc6962_leaves(void **state)
{
    (void)state;
    static const char *const LEAF[] = {"",
                                       "00",
                                       "10",
                                       "2021",
                                       "3031",
                                       "40414243",
                                       "5051525354555657",
                                       "606162636465666768696a6b6c6d6e6f"};
    static const char *const ROOT[] = {
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
    struct frontier f = {0};
    for (size_t i = 0; i <= 8; i++) {
        struct hash want;
        struct hash root;
        assert_true(str_from_hex(str_of(ROOT[i]), want.b, sizeof want.b));
        proof_root(&f, &root);
        assert_memory_equal(root.b, want.b, sizeof want.b);
        if (i == 8)
            break;
        uint8_t entry[16];
        size_t len = strlen(LEAF[i]) / 2;
        assert_true(str_from_hex(str_of(LEAF[i]), entry, len));
        struct hash leaf;
        struct stored s[PROOF_HASHES_MAX];
        proof_leaf(entry, len, &leaf);
        (void)proof_append(&f, &leaf, s);
    }
}

static void test_nine_leaves_are_sixteen_rows(void **state)
{
    (void)state;
    assert_true(proof_stored_count(9) == 16);
    assert_true(proof_pos(0, 0) == 0 && proof_pos(0, 1) == 1 && proof_pos(1, 0) == 2);
    assert_true(proof_pos(0, 2) == 3 && proof_pos(2, 0) == 6 && proof_pos(3, 0) == 14);
}

static void test_every_inclusion_proof_up_to_200(void **state)
{
    (void)state;
    for (size_t n = 1; n <= 200; n++) {
        struct hash root;
        mth(0, n, &root);
        struct frontier f;
        struct hash mine;
        assert_int_equal(proof_frontier(n, read_row, NULL, &f), ERR_OK);
        proof_root(&f, &mine);
        assert_memory_equal(mine.b, root.b, 32);
        for (size_t i = 0; i < n; i++) {
            struct proof p;
            struct proof slow = {0};
            assert_int_equal(proof_make_inclusion(i, n, read_row, NULL, &p), ERR_OK);
            slow_path(i, 0, n, &slow);
            assert_true(same(&p, &slow));
            assert_true(proof_check_inclusion(&leaves[i], i, n, &root, p.h, p.count));
            size_t j = (i + 1) % n;
            assert_true(n == 1 || !proof_check_inclusion(&leaves[i], j, n, &root, p.h, p.count));
            assert_false(proof_check_inclusion(&leaves[i], i, n, &root, p.h, p.count + 1));
        }
    }
}

static void test_every_consistency_proof_up_to_130(void **state)
{
    (void)state;
    for (size_t n = 1; n <= 130; n++) {
        struct hash root;
        mth(0, n, &root);
        for (size_t m = 0; m <= n; m++) {
            struct hash old;
            struct proof p;
            struct proof slow = {0};
            mth(0, m, &old);
            assert_int_equal(proof_make_consistency(m, n, read_row, NULL, &p), ERR_OK);
            if (m > 0)
                slow_subproof(m, 0, n, true, &slow);
            assert_true(same(&p, &slow));
            assert_true(proof_check_consistency(m, n, &old, &root, p.h, p.count) == (m > 0));
            assert_true(m == n || !proof_check_consistency(m, n, &root, &old, p.h, p.count));
            if (p.count > 0) {
                p.h[p.count - 1].b[31] ^= 1;
                assert_false(proof_check_consistency(m, n, &old, &root, p.h, p.count));
                assert_false(proof_check_consistency(m, n, &old, &root, p.h, p.count - 1));
            }
        }
    }
}

static void test_out_of_range_is_refused(void **state)
{
    (void)state;
    struct proof p;
    struct hash root;
    mth(0, 5, &root);
    assert_int_equal(proof_make_inclusion(5, 5, read_row, NULL, &p), ERR_INVALID);
    assert_int_equal(proof_make_consistency(6, 5, read_row, NULL, &p), ERR_INVALID);
    assert_int_equal(proof_make_inclusion(0, UINT64_MAX, read_row, NULL, &p), ERR_INVALID);
    assert_false(proof_check_inclusion(&root, UINT64_MAX, UINT64_MAX, &root, p.h, 0));
    assert_false(proof_check_inclusion(&root, 0, 0, &root, p.h, 0));
    assert_false(proof_check_consistency(1, UINT64_MAX, &root, &root, p.h, 64));
    assert_false(proof_check_consistency(UINT64_MAX, 1, &root, &root, p.h, 0));
    struct frontier f;
    assert_int_equal(proof_frontier(UINT64_MAX, read_row, NULL, &f), ERR_INVALID);
    assert_int_equal(proof_make_consistency(1, UINT64_MAX, read_row, NULL, &p), ERR_INVALID);
    const struct proof_span none = {3, 3, UINT64_MAX};
    assert_false(proof_check_subtree_consistency(none, &root, &root, p.h, 0));
}

/* ---- the cases of transparency-dev/merkle
 * --------------------------------------------------------- */

struct corpus {
    size_t good;
    size_t bad;
};

static bool hash_of(const struct json *v, struct hash *ret_hash)
{
    struct str text;
    size_t len = 0;
    return jsonr_str(v, &text) && str_from_b64(text, ret_hash->b, 32, &len) && len == 32;
}

/* Some cases have shorter texts as roots, which are only compared: they are filled up with zeros.
 */
static bool root_of(const struct json *v, struct hash *ret_hash)
{
    struct str text;
    size_t len = 0;
    *ret_hash = (struct hash){{0}};
    return jsonr_str(v, &text) && str_from_b64(text, ret_hash->b, 32, &len);
}

/* False when a hash has another length than 32: such a proof is refused before it is looked at. */
static bool proof_of(const struct json *v, struct proof *ret_proof)
{
    ret_proof->count = 0;
    for (size_t i = 0; v != NULL && i < v->count; i++) {
        if (i == PROOF_HASHES_MAX || !hash_of(&v->item[i], &ret_proof->h[i]))
            return false;
        ret_proof->count++;
    }
    return true;
}

static uint64_t number_of(const struct json *top, const char *name)
{
    int64_t n = 0;
    const struct json *v = jsonr_find(top, name);
    return jsonr_i64(v, 0, INT64_MAX, &n) ? (uint64_t)n : 0;
}

static bool is_accepted(const struct json *top)
{
    struct hash root;
    struct hash root2;
    struct hash leaf;
    struct proof p;
    if (!proof_of(jsonr_find(top, "proof"), &p))
        return false;
    if (jsonr_find(top, "leafIdx") != NULL) {
        if (!root_of(jsonr_find(top, "root"), &root) ||
            !hash_of(jsonr_find(top, "leafHash"), &leaf))
            return false;
        uint64_t index = number_of(top, "leafIdx");
        if (jsonr_find(top, "treeSize") != NULL)
            return proof_check_inclusion(&leaf, index, number_of(top, "treeSize"), &root, p.h,
                                         p.count);
        return proof_check_subtree_inclusion(&leaf, index, number_of(top, "start"),
                                             number_of(top, "end"), &root, p.h, p.count);
    }
    if (!root_of(jsonr_find(top, "root1"), &root) || !root_of(jsonr_find(top, "root2"), &root2))
        return false;
    if (jsonr_find(top, "size1") != NULL)
        return proof_check_consistency(number_of(top, "size1"), number_of(top, "size2"), &root,
                                       &root2, p.h, p.count);
    const struct proof_span span = {number_of(top, "start"), number_of(top, "end"),
                                    number_of(top, "size")};
    return proof_check_subtree_consistency(span, &root, &root2, p.h, p.count);
}

static void run_case(const char *path, struct corpus *c)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 1 << 20);
    const struct json *top = NULL;
    struct str text = shared_read(&a, path);
    /* Indexes of 2^64 - 1 are beyond what the reader of JSON takes: refused before the proof. */
    bool is_read = jsonr_parse(&a, text, &JSONR_SMALL, NULL, &top) == ERR_OK;
    bool want_err = str_find(text, STR("\"wantErr\": true")) != SIZE_MAX;
    if ((is_read && is_accepted(top)) == want_err)
        fail_msg("%s: %s", path, want_err ? "accepted" : "refused");
    if (want_err)
        c->bad++;
    else
        c->good++;
}

static void run_folder(const char *path, struct corpus *c)
{
    DIR *d = opendir(path);
    assert_non_null(d);
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        char below[2048];
        if (e->d_name[0] == '.')
            continue;
        (void)snprintf(below, sizeof below, "%s/%s", path, e->d_name);
        struct stat st;
        assert_int_equal(stat(below, &st), 0);
        if (S_ISDIR(st.st_mode))
            run_folder(below, c);
        else
            run_case(below, c);
    }
    (void)closedir(d);
}

static void test_all_cases_of_the_merkle_corpus(void **state)
{
    (void)state;
    char path[1024];
    if (shared_path(path, "vectors/rfc6962/testdata") == NULL)
        skip();
    struct corpus c = {0};
    run_folder(path, &c);
    assert_int_equal(c.bad, 482);
    assert_int_equal(c.good, 518 - 482);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_roots_of_rfc6962_leaves),
        cmocka_unit_test(test_nine_leaves_are_sixteen_rows),
        cmocka_unit_test(test_every_inclusion_proof_up_to_200),
        cmocka_unit_test(test_every_consistency_proof_up_to_130),
        cmocka_unit_test(test_out_of_range_is_refused),
        cmocka_unit_test(test_all_cases_of_the_merkle_corpus),
    };
    if (crypt_init() != ERR_OK)
        return 1;
    return cmocka_run_group_tests(tests, fill, NULL);
}
