/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/arena.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { BLOCK_BYTES = 16 * 1024, PRINTED_BYTES = 256 };

struct arena_block {
    struct arena_block *next;
    size_t size;
    size_t used;
    alignas(max_align_t) unsigned char bytes[];
};

void arena_init(struct arena *a, size_t cap_bytes)
{
    *a = (struct arena){.cap_bytes = cap_bytes};
}

void arena_done(struct arena *a)
{
    while (a->blocks != NULL) {
        struct arena_block *next = a->blocks->next;
        mem_free(a->blocks);
        a->blocks = next;
    }
    a->used_bytes = 0;
}

void arena_reset(struct arena *a)
{
    while (a->blocks != NULL && a->blocks->next != NULL) {
        struct arena_block *next = a->blocks->next;
        mem_free(a->blocks);
        a->blocks = next;
    }
    if (a->blocks != NULL)
        a->blocks->used = 0;
    a->used_bytes = 0;
}

static struct arena_block *block_add(struct arena *a, size_t least)
{
    size_t size = least > BLOCK_BYTES ? least : BLOCK_BYTES;
    if (size > SIZE_MAX - sizeof(struct arena_block))
        return NULL;
    struct arena_block *b = mem_resize(NULL, sizeof *b + size); /* zeroed piece by piece */
    if (b == NULL)
        return NULL;
    b->size = size;
    b->used = 0;
    b->next = a->blocks;
    a->blocks = b;
    return b;
}

static size_t rounded_up(size_t size)
{
    const size_t align = alignof(max_align_t);
    return (size + align - 1) & ~(align - 1);
}

void *arena_room(struct arena *a, size_t size)
{
    if (size > a->cap_bytes || a->used_bytes > a->cap_bytes - size)
        return NULL;
    size_t rounded = rounded_up(size);
    if (rounded < size)
        return NULL;
    struct arena_block *b = a->blocks;
    if (b == NULL || b->size - b->used < rounded) {
        b = block_add(a, rounded);
        if (b == NULL)
            return NULL;
    }
    void *p = b->bytes + b->used;
    b->used += rounded;
    a->used_bytes += size;
    return p;
}

void *arena_alloc(struct arena *a, size_t size)
{
    void *p = arena_room(a, size);
    if (p != NULL)
        memset(p, 0, rounded_up(size));
    return p;
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
    size_t total = 0;
    if (__builtin_mul_overflow(count, size, &total))
        return NULL;
    return arena_alloc(a, total);
}

char *arena_copy(struct arena *a, const void *bytes, size_t size)
{
    if (size == SIZE_MAX)
        return NULL;
    char *p = arena_room(a, size + 1);
    if (p == NULL)
        return NULL;
    if (size > 0)
        memcpy(p, bytes, size);
    p[size] = '\0';
    return p;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    char text[PRINTED_BYTES]; /* most are no longer: then once is enough */
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (n < 0)
        return NULL;
    if ((size_t)n < sizeof text)
        return arena_copy(a, text, (size_t)n);
    char *p = arena_room(a, (size_t)n + 1);
    if (p == NULL)
        return NULL;
    va_start(ap, fmt);
    (void)vsnprintf(p, (size_t)n + 1, fmt, ap);
    va_end(ap);
    return p;
}
