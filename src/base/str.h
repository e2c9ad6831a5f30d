/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * str: a view of bytes that somebody else owns, and buf: bytes that only grow.
 *
 * A str is never NUL-terminated by contract; print it with STR_FMT and STR_ARG. {NULL, 0} is
 * "nothing given", {"", 0} is "given and empty"; str_is_null tells them apart.
 * A buf that fails to grow becomes sticky: later calls do nothing, and the one check at the end
 * (buf_err) says so.
 *
 *     CLEANUP(buf_done) struct buf b;
 *     buf_init(&b, 64 * 1024);
 *     buf_str(&b, STR("seq "));
 *     buf_i64(&b, seq);
 *     TRY(buf_err(&b));
 */
#ifndef HUIYIN_BASE_STR_H
#define HUIYIN_BASE_STR_H

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct str {
    const char *ptr;
    size_t len;
};

/* A str of a string literal. */
#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
/* The same as an initializer of static data. */
#define STR_INIT(literal)                                                                          \
    {                                                                                              \
        "" literal, sizeof(literal) - 1                                                            \
    }
#define STR_NULL ((struct str){NULL, 0})
#define STR_FMT "%.*s"
#define STR_ARG(s) (int)(s).len, (s).ptr == NULL ? "" : (s).ptr

struct str str_of(const char *nul_terminated);
struct str str_make(const void *ptr, size_t len);
bool str_is_null(struct str s);
bool str_eq(struct str a, struct str b);
bool str_eq_c(struct str a, const char *nul_terminated);
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
/* Bytewise order: < 0, 0, > 0. */
int str_cmp(struct str a, struct str b);
/* Bytes [from, from + len), clamped to what is there. */
struct str str_sub(struct str s, size_t from, size_t len);
/* Without ASCII blanks, tabs and line ends at both ends. */
struct str str_trim(struct str s);
/* Cuts at the first `sep`: *ret_head before it, *rest after it; false when nothing was left. */
bool str_cut(struct str *rest, char sep, struct str *ret_head);
/* Index of the first occurrence, or SIZE_MAX. */
size_t str_find(struct str s, struct str needle);
/* A NUL-terminated copy in the arena; a str with NULL when there is no memory. */
struct str str_copy(struct arena *a, struct str s);
/* A NUL-terminated C string in the arena, or NULL. */
char *str_c(struct arena *a, struct str s);
/* A whole decimal number within [min, max], no sign but '-', no blanks. */
bool str_to_i64(struct str s, int64_t min, int64_t max, int64_t *ret_value);

struct buf {
    char *ptr;
    size_t len;
    size_t size;
    size_t cap_bytes;
    enum err err;
};

/* Takes no memory yet. More than `cap_bytes` makes the buf sticky with ERR_LIMIT. */
void buf_init(struct buf *b, size_t cap_bytes);
void buf_done(struct buf *b);
/* Empties, keeps the memory, forgets the failure. */
void buf_clear(struct buf *b);
void buf_bytes(struct buf *b, const void *bytes, size_t len);
void buf_str(struct buf *b, struct str s);
void buf_c(struct buf *b, const char *nul_terminated);
void buf_char(struct buf *b, char c);
void buf_i64(struct buf *b, int64_t value);
void buf_hex(struct buf *b, const void *bytes, size_t len);
void buf_b64(struct buf *b, const void *bytes, size_t len); /* RFC 4648 section 4, padded */
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* What was written so far; valid until the next write. */
struct str buf_view(const struct buf *b);
enum err buf_err(const struct buf *b);

/* Strict RFC 4648 section 4 base64 (padding required, no blanks, zero trailing bits).
 * Writes at most `max` bytes; false when the text is not well formed or does not fit. */
bool str_from_b64(struct str text, void *ret_bytes, size_t max, size_t *ret_len);
/* Lower- or upper-case hex into exactly `len` bytes. */
bool str_from_hex(struct str text, void *ret_bytes, size_t len);

#endif
