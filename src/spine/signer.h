/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * signer: what the log needs from whoever holds its key, as functions that trust/keeper.c supplies.
 *
 * The signer never sees a text to sign, only a size, a root and the proof that this tree extends
 * the last one it signed; it writes the head down before it answers. Asked for a size below its
 * head it answers with the head. A signer that is dead or slow stops no one from raising a matter.
 */
#ifndef HUIYIN_SPINE_SIGNER_H
#define HUIYIN_SPINE_SIGNER_H

#include "spine/proof.h"

struct log_head {
    uint64_t size; /* 0: nothing signed yet */
    struct hash root;
    uint8_t sig[SIG_BYTES];
};

struct signer {
    void *ctx;
    /* 32 bytes of Ed25519 public key, as long as the program runs. */
    const uint8_t *public_key;
    /* The last head that was signed; size 0 for none. */
    enum err (*head)(void *ctx, struct log_head *ret_head);
    /* Signs (size, root), proved by `consistency` from the signer's head. ERR_CONFLICT: this is
     * not a continuation of what was signed before. The signer thread only. */
    enum err (*sign)(void *ctx, uint64_t size, const struct hash *root,
                     const struct proof *consistency, struct log_head *ret_head);
};

#endif
