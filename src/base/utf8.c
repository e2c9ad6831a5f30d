/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/utf8.h"

#include "base/eight.h"

enum { WIDE = 3 };

/* Bytes from `at` on that are plain ASCII, eight at a time: most of most texts. */
static size_t ascii_run(struct str s, size_t at)
{
    size_t from = at;
    while (s.len - at >= EIGHT && eight_high(eight_at(s.ptr + at)) == 0)
        at += EIGHT;
    while (at < s.len && (unsigned char)s.ptr[at] < 0x80)
        at++;
    return at - from;
}

/* The same for printable ASCII. */
static size_t printable_run(struct str s, size_t at)
{
    size_t from = at;
    for (; s.len - at >= EIGHT; at += EIGHT) {
        uint64_t e = eight_at(s.ptr + at);
        if ((eight_high(e) | eight_below(e, 0x20) | eight_has(e, 0x7F)) != 0)
            break;
    }
    return at - from;
}

size_t utf8_wide_run(struct str s, size_t at)
{
    size_t from = at;
    for (; s.len - at >= WIDE; at += WIDE) {
        const unsigned char *p = (const unsigned char *)s.ptr + at;
        if (p[0] < 0xE3 || p[0] > 0xEC || (p[1] & 0xC0U) != 0x80U || (p[2] & 0xC0U) != 0x80U)
            break;
    }
    return at - from;
}

static int32_t broken(size_t *at)
{
    (*at)++;
    return -1;
}

int32_t utf8_next(struct str s, size_t *at)
{
    static const int32_t LEAST[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char c = (unsigned char)s.ptr[*at];
    if (c < 0x80) {
        (*at)++;
        return c;
    }
    size_t n = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
    if (c < 0xC2 || c > 0xF4 || s.len - *at < n)
        return broken(at);
    int32_t cp = c & (0x7F >> n);
    for (size_t i = 1; i < n; i++) {
        unsigned char t = (unsigned char)s.ptr[*at + i];
        if ((t & 0xC0U) != 0x80U)
            return broken(at);
        cp = cp * 64 + (t & 0x3F);
    }
    if (cp < LEAST[n] || cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
        return broken(at);
    *at += n;
    return cp;
}

void utf8_put(struct buf *b, int32_t cp)
{
    uint32_t c = (uint32_t)cp;
    if (c < 0x80) {
        buf_char(b, (char)c);
        return;
    }
    if (c < 0x800) {
        buf_char(b, (char)(0xC0U | (c >> 6)));
    } else {
        if (c < 0x10000) {
            buf_char(b, (char)(0xE0U | (c >> 12)));
        } else {
            buf_char(b, (char)(0xF0U | (c >> 18)));
            buf_char(b, (char)(0x80U | ((c >> 12) & 0x3FU)));
        }
        buf_char(b, (char)(0x80U | ((c >> 6) & 0x3FU)));
    }
    buf_char(b, (char)(0x80U | (c & 0x3FU)));
}

static enum utf8_fault judge(int32_t cp, bool lines)
{
    if (cp < 0)
        return UTF8_BROKEN;
    if (cp == '\n' || cp == '\r' || cp == '\t')
        return lines ? UTF8_CLEAN : UTF8_CONTROL;
    if (cp < 0x20 || (cp >= 0x7F && cp < 0xA0) || cp == 0x2028 || cp == 0x2029)
        return UTF8_CONTROL;
    if ((cp & 0xFFFE) == 0xFFFE || (cp >= 0xFDD0 && cp <= 0xFDEF))
        return UTF8_CONTROL;
    if ((cp >= 0x202A && cp <= 0x202E) || (cp >= 0x2066 && cp <= 0x2069))
        return UTF8_BIDI;
    return UTF8_CLEAN;
}

enum utf8_fault utf8_scan(struct str s, bool lines, size_t *ret_at)
{
    for (size_t at = printable_run(s, 0); at < s.len;) {
        size_t start = at;
        if (s.ptr[at] >= 0x20 && s.ptr[at] < 0x7F) {
            at++;
            at += printable_run(s, at);
            continue;
        }
        at += utf8_wide_run(s, at);
        if (at != start)
            continue;
        enum utf8_fault f = judge(utf8_next(s, &at), lines);
        if (f != UTF8_CLEAN) {
            if (ret_at != NULL)
                *ret_at = start;
            return f;
        }
    }
    return UTF8_CLEAN;
}

bool utf8_is_valid(struct str s)
{
    for (size_t at = 0;;) {
        at += ascii_run(s, at);
        at += utf8_wide_run(s, at);
        if (at == s.len)
            return true;
        if (utf8_next(s, &at) < 0)
            return false;
    }
}

size_t utf8_count(struct str s)
{
    size_t n = 0;
    for (size_t at = 0; at < s.len;) {
        size_t run = ascii_run(s, at);
        at += run;
        n += run;
        run = utf8_wide_run(s, at);
        at += run;
        n += run / WIDE;
        if (at < s.len) {
            (void)utf8_next(s, &at);
            n++;
        }
    }
    return n;
}

struct str utf8_cut(struct str s, size_t max_bytes)
{
    if (s.len <= max_bytes)
        return s;
    size_t n = max_bytes;
    while (n > 0 && ((unsigned char)s.ptr[n] & 0xC0U) == 0x80U)
        n--;
    return str_sub(s, 0, n);
}
