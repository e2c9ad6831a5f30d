/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * eight: questions about eight bytes at a time, for loops that pass over most of a long text.
 *
 * Each answer is 0 when no byte is meant; which byte it is, the caller then finds one by one.
 *
 *     for (; s.len - at >= EIGHT; at += EIGHT)
 *         if (eight_below(eight_at(s.ptr + at), 0x20) != 0)
 *             break;
 */
#ifndef HUIYIN_BASE_EIGHT_H
#define HUIYIN_BASE_EIGHT_H

#include <stdint.h>
#include <string.h>

enum { EIGHT = 8 };

#define EIGHT_OF(byte) (UINT64_C(0x0101010101010101) * (uint64_t)(byte))
#define EIGHT_TOPS EIGHT_OF(0x80)

static inline uint64_t eight_at(const char *p)
{
    uint64_t e;
    memcpy(&e, p, sizeof e);
    return e;
}

/* Is one of them below `n`, which is at most 0x80? */
static inline uint64_t eight_below(uint64_t e, unsigned char n)
{
    return (e - EIGHT_OF(n)) & ~e & EIGHT_TOPS;
}

/* Is one of them this byte? */
static inline uint64_t eight_has(uint64_t e, unsigned char byte)
{
    return eight_below(e ^ EIGHT_OF(byte), 1);
}

/* Is one of them 0x80 or above? */
static inline uint64_t eight_high(uint64_t e)
{
    return e & EIGHT_TOPS;
}

/* Is one of them '0' to '9'? */
static inline uint64_t eight_digit(uint64_t e)
{
    uint64_t low = e & EIGHT_OF(0x7F); /* so that no sum carries over */
    return (low + EIGHT_OF(0x80 - '0')) & ~(low + EIGHT_OF(0x80 - '9' - 1)) & ~e & EIGHT_TOPS;
}

#endif
