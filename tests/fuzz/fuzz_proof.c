/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "spine/proof.h"

#include "tests/fuzz/fuzz.h"

#include <string.h>

enum { LEAVES = 67, NUMBERS = 4 };

static struct hash leaves[LEAVES];
static struct hash rows[2 * LEAVES];
static struct hash roots[LEAVES + 1];

static enum err read_row(void *ctx, uint64_t pos, struct hash *ret_hash)
{
    (void)ctx;
    must(pos < 2 * LEAVES);
    *ret_hash = rows[pos];
    return ERR_OK;
}

static void grow(void)
{
    struct frontier f = {0};
    struct stored s[PROOF_HASHES_MAX];
    proof_root(&f, &roots[0]);
    for (size_t i = 0; i < LEAVES; i++) {
        proof_leaf(&i, sizeof i, &leaves[i]);
        size_t n = proof_append(&f, &leaves[i], s);
        for (size_t k = 0; k < n; k++)
            rows[s[k].pos] = s[k].h;
        proof_root(&f, &roots[i + 1]);
    }
}

static void check_inclusion(uint64_t index, uint64_t size, uint64_t bent)
{
    struct proof p;
    must(proof_make_inclusion(index, size, read_row, NULL, &p) == ERR_OK);
    const struct hash *root = &roots[size];
    must(proof_check_inclusion(&leaves[index], index, size, root, p.h, p.count));
    must(proof_check_subtree_inclusion(&leaves[index], index, 0, size, root, p.h, p.count));
    must(!proof_check_inclusion(&leaves[index], index ^ 1, size, root, p.h, p.count));
    must(!proof_check_inclusion(&leaves[index], index, size, root, p.h, p.count + 1));
    if (p.count == 0)
        return;
    must(!proof_check_inclusion(&leaves[index], index, size, root, p.h, p.count - 1));
    p.h[bent % p.count].b[bent / 64 % HASH_BYTES] ^= (uint8_t)(1U << bent % 8);
    must(!proof_check_inclusion(&leaves[index], index, size, root, p.h, p.count));
}

static void check_consistency(uint64_t old, uint64_t size, uint64_t bent)
{
    struct proof p;
    must(proof_make_consistency(old, size, read_row, NULL, &p) == ERR_OK);
    const struct hash *from = &roots[old];
    const struct hash *to = &roots[size];
    must(proof_check_consistency(old, size, from, to, p.h, p.count) == (old > 0));
    if (old == 0 || p.count == 0)
        return;
    must(!proof_check_consistency(old, size, from, to, p.h, p.count - 1));
    p.h[bent % p.count].b[bent / 64 % HASH_BYTES] ^= (uint8_t)(1U << bent % 8);
    must(!proof_check_consistency(old, size, from, to, p.h, p.count));
}

/* Numbers and hashes out of nowhere prove nothing. */
static void check_nonsense(const uint64_t n[NUMBERS], const struct hash *path, size_t count)
{
    const struct hash *root = &roots[LEAVES];
    const struct hash stranger = {{0}};
    must(!proof_check_inclusion(&stranger, n[0], n[1], root, path, count));
    must(!proof_check_consistency(n[0], n[1], &stranger, root, path, count));
    must(!proof_check_subtree_inclusion(&stranger, n[0], n[1], n[2], root, path, count));
    (void)proof_check_subtree_consistency((struct proof_span){n[0], n[1], n[2]}, &stranger, root,
                                          path, count);
    struct proof made;
    if (n[1] > LEAVES)
        return;
    must((proof_make_inclusion(n[0], n[1], read_row, NULL, &made) == ERR_OK) == (n[0] < n[1]));
    must((proof_make_consistency(n[0], n[1], read_row, NULL, &made) == ERR_OK) == (n[0] <= n[1]));
}

/* Four numbers and hashes: what is made is believed, what is bent is not. */
int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t len)
{
    uint64_t n[NUMBERS] = {0};
    struct hash path[PROOF_HASHES_MAX] = {{{0}}};
    if (len < sizeof n)
        return 0;
    if (rows[0].b[0] == 0)
        grow();
    memcpy(n, bytes, sizeof n);
    size_t rest = len - sizeof n;
    if (rest > sizeof path)
        rest = sizeof path;
    memcpy(path, bytes + sizeof n, rest);
    uint64_t size = n[1] % LEAVES + 1;
    check_inclusion(n[0] % size, size, n[3]);
    check_consistency(n[0] % (size + 1), size, n[3]);
    check_nonsense(n, path, rest / HASH_BYTES);
    return 0;
}
