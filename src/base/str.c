/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/str.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* One allocation for most texts that are written. */
enum { BUF_FIRST_BYTES = 1024 };

struct str str_of(const char *nul_terminated)
{
    return nul_terminated == NULL ? STR_NULL : (struct str){nul_terminated, strlen(nul_terminated)};
}

struct str str_make(const void *ptr, size_t len)
{
    return (struct str){ptr, len};
}

bool str_is_null(struct str s)
{
    return s.ptr == NULL;
}

bool str_eq(struct str a, struct str b)
{
    if (a.len != b.len || a.len == 0)
        return a.len == b.len;
    return a.ptr != NULL && b.ptr != NULL && memcmp(a.ptr, b.ptr, a.len) == 0;
}

bool str_eq_c(struct str a, const char *nul_terminated)
{
    return str_eq(a, str_of(nul_terminated));
}

bool str_starts(struct str s, struct str prefix)
{
    return s.len >= prefix.len && str_eq(str_sub(s, 0, prefix.len), prefix);
}

bool str_ends(struct str s, struct str suffix)
{
    return s.len >= suffix.len && str_eq(str_sub(s, s.len - suffix.len, suffix.len), suffix);
}

int str_cmp(struct str a, struct str b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int c = n == 0 ? 0 : memcmp(a.ptr, b.ptr, n);
    if (c != 0)
        return c;
    return (a.len > b.len) - (a.len < b.len);
}

struct str str_sub(struct str s, size_t from, size_t len)
{
    if (from > s.len)
        from = s.len;
    if (len > s.len - from)
        len = s.len - from;
    return (struct str){s.ptr == NULL ? NULL : s.ptr + from, len};
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
    for (; s.len > 0 && is_blank(*s.ptr); s.ptr++)
        s.len--;
    while (s.len > 0 && is_blank(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

bool str_cut(struct str *rest, char sep, struct str *ret_head)
{
    if (rest->ptr == NULL)
        return false;
    const char *at = rest->len == 0 ? NULL : memchr(rest->ptr, sep, rest->len);
    if (at == NULL) {
        *ret_head = *rest;
        *rest = STR_NULL;
        return true;
    }
    size_t n = (size_t)(at - rest->ptr);
    *ret_head = str_sub(*rest, 0, n);
    *rest = str_sub(*rest, n + 1, rest->len);
    return true;
}

size_t str_find(struct str s, struct str needle)
{
    if (needle.len == 0)
        return 0;
    if (s.len < needle.len)
        return SIZE_MAX;
    const char *at = memmem(s.ptr, s.len, needle.ptr, needle.len);
    return at == NULL ? SIZE_MAX : (size_t)(at - s.ptr);
}

struct str str_copy(struct arena *a, struct str s)
{
    if (s.ptr == NULL)
        return STR_NULL;
    char *p = arena_copy(a, s.ptr, s.len);
    return p == NULL ? STR_NULL : (struct str){p, s.len};
}

char *str_c(struct arena *a, struct str s)
{
    return arena_copy(a, s.ptr, s.len);
}

bool str_to_i64(struct str s, int64_t min, int64_t max, int64_t *ret_value)
{
    bool negative = s.len > 0 && s.ptr[0] == '-';
    size_t i = negative ? 1 : 0;
    if (i == s.len)
        return false;
    int64_t v = 0;
    for (; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
        int64_t digit = s.ptr[i] - '0';
        if (__builtin_mul_overflow(v, 10, &v) ||
            __builtin_add_overflow(v, negative ? -digit : digit, &v))
            return false;
    }
    if (v < min || v > max)
        return false;
    *ret_value = v;
    return true;
}

void buf_init(struct buf *b, size_t cap_bytes)
{
    *b = (struct buf){.cap_bytes = cap_bytes};
}

void buf_done(struct buf *b)
{
    mem_free(b->ptr);
    *b = (struct buf){.cap_bytes = b->cap_bytes};
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    b->err = ERR_OK;
}

static bool buf_grow(struct buf *b, size_t more)
{
    if (b->err != ERR_OK)
        return false;
    if (b->size == b->cap_bytes || more > b->cap_bytes || b->len > b->cap_bytes - more) {
        b->err = ERR_LIMIT;
        return false;
    }
    size_t need = b->len + more;
    size_t size = b->size == 0 ? BUF_FIRST_BYTES : b->size;
    while (size < need)
        size *= 2;
    if (size > b->cap_bytes)
        size = b->cap_bytes;
    char *p = mem_resize(b->ptr, size);
    if (p == NULL) {
        b->err = ERR_NOMEM;
        return false;
    }
    b->ptr = p;
    b->size = size;
    return true;
}

/* Never more than the cap: `size` is not. */
static inline bool buf_room(struct buf *b, size_t more)
{
    return b->err == ERR_OK && more <= b->size - b->len ? true : buf_grow(b, more);
}

void buf_bytes(struct buf *b, const void *bytes, size_t len)
{
    if (len == 0 || !buf_room(b, len))
        return;
    memcpy(b->ptr + b->len, bytes, len);
    b->len += len;
}

void buf_str(struct buf *b, struct str s)
{
    buf_bytes(b, s.ptr, s.len);
}

void buf_c(struct buf *b, const char *nul_terminated)
{
    buf_str(b, str_of(nul_terminated));
}

void buf_char(struct buf *b, char c)
{
    if (buf_room(b, 1))
        b->ptr[b->len++] = c;
}

void buf_i64(struct buf *b, int64_t value)
{
    char digits[24];
    size_t n = sizeof digits;
    uint64_t v = value < 0 ? 0U - (uint64_t)value : (uint64_t)value;
    do {
        digits[--n] = (char)('0' + v % 10);
        v /= 10;
    } while (v > 0);
    if (value < 0)
        digits[--n] = '-';
    buf_bytes(b, digits + n, sizeof digits - n);
}

void buf_hex(struct buf *b, const void *bytes, size_t len)
{
    static const char HEX[] = "0123456789abcdef";
    const unsigned char *p = bytes;
    if (len > SIZE_MAX / 2 || !buf_room(b, len * 2))
        return;
    for (size_t i = 0; i < len; i++) {
        b->ptr[b->len++] = HEX[p[i] >> 4];
        b->ptr[b->len++] = HEX[p[i] & 15U];
    }
}

static const char B64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void buf_b64(struct buf *b, const void *bytes, size_t len)
{
    const unsigned char *p = bytes;
    if (len > SIZE_MAX / 2 || !buf_room(b, (len + 2) / 3 * 4))
        return;
    for (size_t i = 0; i < len; i += 3) {
        unsigned v = (unsigned)p[i] << 16;
        if (i + 1 < len)
            v |= (unsigned)p[i + 1] << 8;
        if (i + 2 < len)
            v |= p[i + 2];
        b->ptr[b->len++] = B64[v >> 18];
        b->ptr[b->len++] = B64[(v >> 12) & 63U];
        b->ptr[b->len++] = i + 1 < len ? B64[(v >> 6) & 63U] : '=';
        b->ptr[b->len++] = i + 2 < len ? B64[v & 63U] : '=';
    }
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0) {
        b->err = ERR_INTERNAL;
        return;
    }
    if (!buf_room(b, (size_t)n + 1))
        return;
    va_start(ap, fmt);
    (void)vsnprintf(b->ptr + b->len, (size_t)n + 1, fmt, ap);
    va_end(ap);
    b->len += (size_t)n;
}

struct str buf_view(const struct buf *b)
{
    return (struct str){b->ptr == NULL ? "" : b->ptr, b->len};
}

enum err buf_err(const struct buf *b)
{
    return b->err;
}

static int b64_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+')
        return 62;
    return c == '/' ? 63 : -1;
}

bool str_from_b64(struct str text, void *ret_bytes, size_t max, size_t *ret_len)
{
    unsigned char *out = ret_bytes;
    size_t n = 0;
    if (text.len % 4 != 0)
        return false;
    for (size_t i = 0; i < text.len; i += 4) {
        const char *q = text.ptr + i;
        bool last = i + 4 == text.len;
        size_t pad = last && q[3] == '=' ? (q[2] == '=' ? 2 : 1) : 0;
        unsigned v = 0;
        for (size_t k = 0; k < 4 - pad; k++) {
            int d = b64_value(q[k]);
            if (d < 0)
                return false;
            v |= (unsigned)d << (18 - 6 * k);
        }
        if ((pad == 1 && (v & 0xFFU) != 0) || (pad == 2 && (v & 0xFFFFU) != 0))
            return false;
        for (size_t k = 0; k < 3 - pad; k++) {
            if (n == max)
                return false;
            out[n++] = (unsigned char)(v >> (16 - 8 * k));
        }
    }
    *ret_len = n;
    return true;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool str_from_hex(struct str text, void *ret_bytes, size_t len)
{
    unsigned char *out = ret_bytes;
    if (text.len != len * 2)
        return false;
    for (size_t i = 0; i < len; i++) {
        int hi = hex_value(text.ptr[2 * i]);
        int lo = hex_value(text.ptr[2 * i + 1]);
        if (hi < 0 || lo < 0)
            return false;
        out[i] = (unsigned char)(hi * 16 + lo);
    }
    return true;
}
