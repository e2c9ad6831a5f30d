/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tiles: a folder of tiles as a mirror keeps it, `tile/<L>/<N>[.p/<W>]` below it (spine/tile.h).
 *
 * Nothing in it is believed: what is read is only good for proofs, which check it against a signed
 * root. A partial tile may be there under its own width or, grown since, a wider one.
 */
#ifndef HUIYIN_VERIFY_TILES_H
#define HUIYIN_VERIFY_TILES_H

#include "base/arena.h"
#include "spine/proof.h"
#include "spine/tile.h"

struct tiles {
    const char *folder;
    uint64_t size; /* leaves: how wide the last tile of each level is */
    struct arena *arena;
    struct tile cached;
    struct str bytes; /* of `cached`, null for none */
};

/* A proof_read_fn over a struct tiles. ERR_NOT_FOUND when the tile is not in the folder, or
 * shorter than it must be. */
enum err tiles_hash(void *tiles, uint64_t pos, struct hash *ret_hash);

/* "<folder>/tile/<path>" in the arena, NULL without memory. */
const char *tiles_path(struct arena *a, const char *folder, const struct tile *t);

#endif
