/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tile: the log as outsiders fetch it (c2sp.org/tlog-tiles): views on its rows, no files.
 *
 *   tile/<L>/<N>[.p/<W>]         W hashes of level 8L, numbers 256N, 256N + 1, ...   32 bytes each
 *   tile/entries/<N>[.p/<W>]     W entries, each after its length as two bytes
 *
 * N is written in groups of three digits, all but the last with an x before: 1234067 is
 * x001/x234/067. W is 1 .. 255 for a tile that is not full yet. Nothing beyond the public size is
 * ever shown. What a tile holds never changes, so it may be kept for ever.
 */
#ifndef HUIYIN_SPINE_TILE_H
#define HUIYIN_SPINE_TILE_H

#include "base/arena.h"
#include "base/str.h"

struct db;

enum { TILE_WIDTH = 256, TILE_LEVEL_MAX = 7 };

struct tile {
    bool is_entries;
    uint32_t level; /* 0 .. 7 */
    uint64_t n;
    uint32_t width; /* 1 .. 256 */
};

/* What follows "tile/". One spelling; false for anything else. */
bool tile_parse(struct str path, struct tile *ret_tile);
/* Is all of it within the first `size` leaves? */
bool tile_is_within(const struct tile *t, uint64_t size);
/* Appends what follows "tile/"; tile_parse reads it back. */
void tile_put(const struct tile *t, struct buf *ret_path);
/* The n-th tile of hashes of a level as a log of `size` leaves has it: full, or as wide as it is.
 * The tile must be there: n * TILE_WIDTH < size >> 8 * level. */
struct tile tile_of(unsigned level, uint64_t n, uint64_t size);
/* Appends its bytes. */
enum err tile_read(struct db *db, struct arena *a, const struct tile *t, struct buf *ret_bytes);

#endif
