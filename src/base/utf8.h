/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * utf8: what text from outside may contain.
 *
 * RFC 3629 UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF. utf8_scan finds the
 * first thing that a form must not let in and says where and what it is. Pure; no allocation.
 */
#ifndef HUIYIN_BASE_UTF8_H
#define HUIYIN_BASE_UTF8_H

#include "base/str.h"

enum utf8_fault {
    UTF8_CLEAN = 0,
    UTF8_BROKEN,  /* not UTF-8 */
    UTF8_CONTROL, /* C0, DEL or C1 other than those allowed, U+2028, U+2029, a noncharacter */
    UTF8_BIDI     /* a direction override, embedding or isolate: U+202A-202E, U+2066-2069 */
};

/* Decodes one character at *at and moves *at past it; -1 when it is broken (*at moves by one). */
int32_t utf8_next(struct str s, size_t *at);

/* Bytes from `at` on of characters that take three and are nothing but text: U+3000 to U+CFFF,
 * where ideographs, kana, hangul and their punctuation stand. For loops that pass over most of a
 * text. */
size_t utf8_wide_run(struct str s, size_t at);

/* Appends one character; cp must be a scalar value. */
void utf8_put(struct buf *b, int32_t cp);

/* The first fault. With `lines`, line feed, carriage return and tab are allowed. */
enum utf8_fault utf8_scan(struct str s, bool lines, size_t *ret_at);

bool utf8_is_valid(struct str s);

/* Characters (scalar values); broken bytes count one each. */
size_t utf8_count(struct str s);

/* The longest prefix of at most `max_bytes` bytes that ends on a character boundary. */
struct str utf8_cut(struct str s, size_t max_bytes);

#endif
