/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * proof: the Merkle tree of RFC 6962 section 2.1, with hashes stored in the order of Go's
 * sumdb/tlog: each leaf, then every parent that it completes.
 *
 *   leaf hash = SHA-256(0x00 || entry)       node = SHA-256(0x01 || left || right)
 *   pos(L, n): for (l = L; l > 0; l--) n = 2n + 1; for (i = 0; n > 0; n >>= 1) i += n; i + L
 *
 * Pure: no database, no clock, no memory. The same code makes proofs in the server and checks them
 * in huiyin-verify. Sizes are below 2^62; anything larger is refused. Thread-safe.
 *
 *     struct frontier f = {0};
 *     struct stored s[PROOF_HASHES_MAX];
 *     size_t n = proof_append(&f, &leaf, s);      // rows to store
 *     proof_root(&f, &root);
 */
#ifndef HUIYIN_SPINE_PROOF_H
#define HUIYIN_SPINE_PROOF_H

#include "base/str.h"
#include "lib/crypt/crypt.h"

enum { PROOF_HASHES_MAX = 64 };
#define PROOF_SIZE_MAX (UINT64_C(1) << 62)

/* Hashes of an inclusion proof (leaf to root) or a consistency proof (RFC 6962 order). */
struct proof {
    size_t count;
    struct hash h[PROOF_HASHES_MAX];
};

/* The right edge of a tree: level[i] is the complete subtree of 2^i leaves for each bit i of size.
 * Zeroed memory is the empty tree. */
struct frontier {
    uint64_t size;
    struct hash level[PROOF_HASHES_MAX];
};

struct stored {
    uint64_t pos;
    struct hash h;
};

void proof_leaf(const void *entry, size_t len, struct hash *ret_hash);
void proof_node(const struct hash *left, const struct hash *right, struct hash *ret_hash);

/* Where the hash of the n-th complete subtree of level L is stored. */
uint64_t proof_pos(unsigned level, uint64_t n);
/* The level and number of what is stored at `pos`: proof_pos the other way round. */
void proof_split(uint64_t pos, unsigned *ret_level, uint64_t *ret_n);
/* How many hashes are stored for a tree of `size` leaves. */
uint64_t proof_stored_count(uint64_t size);

/* Adds a leaf hash; ret_stored takes at most PROOF_HASHES_MAX rows; returns how many. */
size_t proof_append(struct frontier *f, const struct hash *leaf, struct stored *ret_stored);
/* The root; SHA-256 of nothing for an empty tree. */
void proof_root(const struct frontier *f, struct hash *ret_root);

/* Gives the stored hash at `pos`. */
typedef enum err proof_read_fn(void *ctx, uint64_t pos, struct hash *ret_hash);

/* The right edge of the first `size` leaves. */
enum err proof_frontier(uint64_t size, proof_read_fn *read, void *ctx,
                        struct frontier *ret_frontier);
/* ERR_INVALID unless index < size, and old <= size. */
enum err proof_make_inclusion(uint64_t index, uint64_t size, proof_read_fn *read, void *ctx,
                              struct proof *ret_proof);
enum err proof_make_consistency(uint64_t old, uint64_t size, proof_read_fn *read, void *ctx,
                                struct proof *ret_proof);

/* Is `leaf` number `index` of the tree with this size and root? */
bool proof_check_inclusion(const struct hash *leaf, uint64_t index, uint64_t size,
                           const struct hash *root, const struct hash *path, size_t count);
/* Is the tree (old, old_root) a beginning of the tree (size, root)? Never for an empty old tree:
 * that it is a beginning of every tree says nothing. */
bool proof_check_consistency(uint64_t old, uint64_t size, const struct hash *old_root,
                             const struct hash *root, const struct hash *path, size_t count);

/* The same for a subtree [start, end) of the leaves, which must be one that a log has:
 * start a multiple of the smallest power of two that is not below end - start. An empty one is
 * consistent with every tree when its hash is that of nothing. */
bool proof_check_subtree_inclusion(const struct hash *leaf, uint64_t index, uint64_t start,
                                   uint64_t end, const struct hash *root, const struct hash *path,
                                   size_t count);
struct proof_span {
    uint64_t start;
    uint64_t end;
    uint64_t size;
};
bool proof_check_subtree_consistency(struct proof_span span, const struct hash *subtree,
                                     const struct hash *root, const struct hash *path,
                                     size_t count);

#endif
