/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "spine/proof.h"

#include <string.h>

void proof_leaf(const void *entry, size_t len, struct hash *ret_hash)
{
    struct sha256 s;
    sha256_init(&s);
    sha256_add(&s, "\0", 1);
    sha256_add(&s, entry, len);
    sha256_done(&s, ret_hash);
}

void proof_node(const struct hash *left, const struct hash *right, struct hash *ret_hash)
{
    struct sha256 s;
    sha256_init(&s);
    sha256_add(&s, "\1", 1);
    sha256_add(&s, left->b, sizeof left->b);
    sha256_add(&s, right->b, sizeof right->b);
    sha256_done(&s, ret_hash);
}

uint64_t proof_pos(unsigned level, uint64_t n)
{
    for (unsigned l = level; l > 0; l--)
        n = 2 * n + 1;
    uint64_t i = 0;
    for (; n > 0; n >>= 1)
        i += n;
    return i + level;
}

/* Leaf n stands at 2n less the ones in n, or a little before; its parents follow it. */
void proof_split(uint64_t pos, unsigned *ret_level, uint64_t *ret_n)
{
    uint64_t n = pos / 2;
    uint64_t at = proof_pos(0, n);
    for (;;) {
        uint64_t next = at + 1 + (unsigned)__builtin_ctzll(n + 1);
        if (next > pos)
            break;
        n++;
        at = next;
    }
    *ret_level = (unsigned)(pos - at);
    *ret_n = n >> *ret_level;
}

uint64_t proof_stored_count(uint64_t size)
{
    uint64_t count = 0;
    for (uint64_t n = size; n > 0; n >>= 1)
        count += n;
    return count;
}

size_t proof_append(struct frontier *f, const struct hash *leaf, struct stored *ret_stored)
{
    uint64_t n = f->size;
    size_t count = 0;
    struct hash h = *leaf;
    unsigned level = 0;
    ret_stored[count++] = (struct stored){proof_pos(0, n), h};
    for (; (n >> level & 1) != 0; level++) {
        proof_node(&f->level[level], &h, &h);
        ret_stored[count++] = (struct stored){proof_pos(level + 1, n >> (level + 1)), h};
    }
    f->level[level] = h;
    f->size = n + 1;
    return count;
}

void proof_root(const struct frontier *f, struct hash *ret_root)
{
    if (f->size == 0) {
        crypt_sha256("", 0, ret_root);
        return;
    }
    unsigned level = 0;
    while ((f->size >> level & 1) == 0)
        level++;
    struct hash h = f->level[level];
    for (level++; level < PROOF_HASHES_MAX && f->size >> level != 0; level++)
        if ((f->size >> level & 1) != 0)
            proof_node(&f->level[level], &h, &h);
    *ret_root = h;
}

enum err proof_frontier(uint64_t size, proof_read_fn *read, void *ctx,
                        struct frontier *ret_frontier)
{
    if (size > PROOF_SIZE_MAX)
        return ERR_INVALID;
    struct frontier f = {.size = size};
    for (unsigned level = 0; level < PROOF_HASHES_MAX && size >> level != 0; level++)
        if ((size >> level & 1) != 0)
            TRY(read(ctx, proof_pos(level, (size >> level) - 1), &f.level[level]));
    *ret_frontier = f;
    return ERR_OK;
}

/* The largest power of two below n, for n > 1: where RFC 6962 splits n leaves. */
static unsigned split_level(uint64_t n)
{
    return 63U - (unsigned)__builtin_clzll(n - 1);
}

/* The hash of leaves [lo, hi): complete subtrees are read, the ragged right edge is folded. */
static enum err span_hash(uint64_t lo, uint64_t hi, proof_read_fn *read, void *ctx,
                          struct hash *ret_hash)
{
    /* lo is a multiple of every complete subtree in it, so a list of them from left to right is
     * the binary digits of hi - lo. */
    struct hash parts[PROOF_HASHES_MAX] = {0};
    size_t count = 0;
    while (lo < hi) {
        unsigned level = 63U - (unsigned)__builtin_clzll(hi - lo);
        TRY(read(ctx, proof_pos(level, lo >> level), &parts[count++]));
        lo += UINT64_C(1) << level;
    }
    if (count == 0)
        return ERR_INTERNAL;
    struct hash h = parts[count - 1];
    for (size_t i = count - 1; i > 0; i--)
        proof_node(&parts[i - 1], &h, &h);
    *ret_hash = h;
    return ERR_OK;
}

/* The path from the root goes down; the proof lists it from the leaf up. */
static void reverse(struct proof *p)
{
    for (size_t i = 0; i < p->count / 2; i++) {
        struct hash t = p->h[i];
        p->h[i] = p->h[p->count - 1 - i];
        p->h[p->count - 1 - i] = t;
    }
}

enum err proof_make_inclusion(uint64_t index, uint64_t size, proof_read_fn *read, void *ctx,
                              struct proof *ret_proof)
{
    if (size > PROOF_SIZE_MAX || index >= size)
        return ERR_INVALID;
    ret_proof->count = 0;
    uint64_t lo = 0;
    uint64_t hi = size;
    while (hi - lo > 1) {
        uint64_t mid = lo + (UINT64_C(1) << split_level(hi - lo));
        struct hash *h = &ret_proof->h[ret_proof->count++];
        if (index < mid) {
            TRY(span_hash(mid, hi, read, ctx, h));
            hi = mid;
        } else {
            TRY(span_hash(lo, mid, read, ctx, h));
            lo = mid;
        }
    }
    reverse(ret_proof);
    return ERR_OK;
}

enum err proof_make_consistency(uint64_t old, uint64_t size, proof_read_fn *read, void *ctx,
                                struct proof *ret_proof)
{
    if (size > PROOF_SIZE_MAX || old > size)
        return ERR_INVALID;
    ret_proof->count = 0;
    if (old == 0 || old == size)
        return ERR_OK;
    uint64_t lo = 0;
    uint64_t hi = size;
    /* SUBPROOF of RFC 6962 section 2.1.2, with the recursion turned into a walk downwards. */
    while (old != hi) {
        uint64_t mid = lo + (UINT64_C(1) << split_level(hi - lo));
        struct hash *h = &ret_proof->h[ret_proof->count++];
        if (old <= mid) {
            TRY(span_hash(mid, hi, read, ctx, h));
            hi = mid;
        } else {
            TRY(span_hash(lo, mid, read, ctx, h));
            lo = mid;
        }
    }
    if (lo != 0) /* else the old tree is that subtree itself, and its root is known */
        TRY(span_hash(lo, hi, read, ctx, &ret_proof->h[ret_proof->count++]));
    reverse(ret_proof);
    return ERR_OK;
}

/* [start, end) is a subtree that a log of 2^62 leaves can have. */
static bool is_subtree(uint64_t start, uint64_t end)
{
    if (start >= end || end > PROOF_SIZE_MAX)
        return false;
    uint64_t len = end - start;
    uint64_t ceil = len == 1 ? 1 : UINT64_C(2) << split_level(len);
    return (start & (ceil - 1)) == 0;
}

static bool hash_eq(const struct hash *a, const struct hash *b)
{
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

bool proof_check_subtree_inclusion(const struct hash *leaf, uint64_t index, uint64_t start,
                                   uint64_t end, const struct hash *root, const struct hash *path,
                                   size_t count)
{
    if (!is_subtree(start, end) || index < start || index >= end)
        return false;
    uint64_t fn = index - start;
    uint64_t sn = end - start - 1;
    struct hash h = *leaf;
    for (size_t i = 0; i < count; i++) {
        if (sn == 0)
            return false;
        if ((fn & 1) != 0 || fn == sn) {
            proof_node(&path[i], &h, &h);
            while ((fn & 1) == 0 && fn != 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            proof_node(&h, &path[i], &h);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return sn == 0 && hash_eq(&h, root);
}

bool proof_check_inclusion(const struct hash *leaf, uint64_t index, uint64_t size,
                           const struct hash *root, const struct hash *path, size_t count)
{
    return proof_check_subtree_inclusion(leaf, index, 0, size, root, path, count);
}

static void shift(uint64_t *a, uint64_t *b, uint64_t *c)
{
    *a >>= 1;
    *b >>= 1;
    *c >>= 1;
}

bool proof_check_subtree_consistency(struct proof_span span, const struct hash *subtree,
                                     const struct hash *root, const struct hash *path, size_t count)
{
    if (span.end > span.size || span.size > PROOF_SIZE_MAX)
        return false;
    if (span.start == span.end) {
        struct hash empty;
        crypt_sha256("", 0, &empty);
        return count == 0 && hash_eq(subtree, &empty);
    }
    if (!is_subtree(span.start, span.end))
        return false;
    uint64_t fn = span.start;
    uint64_t sn = span.end - 1;
    uint64_t tn = span.size - 1;
    if (sn == tn) {
        while (fn != sn)
            shift(&fn, &sn, &tn);
    } else {
        while (fn != sn && (sn & 1) != 0)
            shift(&fn, &sn, &tn);
    }
    size_t i = 0;
    struct hash fr = *subtree;
    struct hash sr = *subtree;
    if (fn != sn) {
        if (count == 0)
            return false;
        fr = path[0];
        sr = path[0];
        i = 1;
    }
    for (; i < count; i++) {
        if (tn == 0)
            return false;
        if ((sn & 1) != 0 || sn == tn) {
            if (fn < sn)
                proof_node(&path[i], &fr, &fr);
            proof_node(&path[i], &sr, &sr);
            while ((sn & 1) == 0 && sn != 0)
                shift(&fn, &sn, &tn);
        } else {
            proof_node(&sr, &path[i], &sr);
        }
        shift(&fn, &sn, &tn);
    }
    return tn == 0 && hash_eq(&fr, subtree) && hash_eq(&sr, root);
}

bool proof_check_consistency(uint64_t old, uint64_t size, const struct hash *old_root,
                             const struct hash *root, const struct hash *path, size_t count)
{
    if (old == 0)
        return false;
    if (old == size)
        return count == 0 && size <= PROOF_SIZE_MAX && hash_eq(old_root, root);
    const struct proof_span span = {0, old, size};
    return proof_check_subtree_consistency(span, old_root, root, path, count);
}
