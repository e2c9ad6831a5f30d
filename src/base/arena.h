/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * arena: memory with the lifetime of one request.
 *
 * Pieces are handed out and never freed one by one; arena_done frees all. A cap bounds what one
 * request may take: past it arena_alloc answers NULL, as it does when the system has no memory.
 * One thread at a time.
 *
 *     CLEANUP(arena_done) struct arena a;
 *     arena_init(&a, 1 << 20);
 *     struct row *row = ARENA_NEW(&a, struct row);
 *     if (row == NULL)
 *         return ERR_NOMEM;
 */
#ifndef HUIYIN_BASE_ARENA_H
#define HUIYIN_BASE_ARENA_H

#include <stdalign.h>
#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *blocks; /* newest first */
    size_t used_bytes;
    size_t cap_bytes;
};

/* Takes no memory yet. `cap_bytes` bounds all pieces together. */
void arena_init(struct arena *a, size_t cap_bytes);

/* Frees every piece; the arena may be used again with the same cap. */
void arena_done(struct arena *a);

/* Frees every piece but keeps the first block for the next request. */
void arena_reset(struct arena *a);

/* `size` zeroed bytes aligned for any object, or NULL. */
void *arena_alloc(struct arena *a, size_t size);

/* The same with bytes of any value, for who fills them all. */
void *arena_room(struct arena *a, size_t size);

/* `count` * `size` zeroed bytes, or NULL, also on overflow. */
void *arena_array(struct arena *a, size_t count, size_t size);

/* A copy of `size` bytes with a NUL after them, or NULL. */
char *arena_copy(struct arena *a, const void *bytes, size_t size);

/* A printed string, or NULL. */
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, count, type) ((type *)arena_array((a), (count), sizeof(type)))

#endif
