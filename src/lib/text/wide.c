/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "lib/text/wide.h"

#include "base/mem.h"
#include "base/utf8.h"

/* ICU's own macros for this do not compile without a warning on signs. */
int32_t wide_next(const UChar *units, int32_t *at, int32_t n)
{
    int32_t c = units[(*at)++];
    if (c < 0xD800 || c > 0xDFFF)
        return c;
    int32_t low = *at < n ? units[*at] : 0;
    if (c > 0xDBFF || low < 0xDC00 || low > 0xDFFF)
        return 0xFFFD;
    (*at)++;
    return 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
}

void wide_put(struct buf *b, const UChar *units, int32_t n)
{
    for (int32_t i = 0; i < n;)
        utf8_put(b, wide_next(units, &i, n));
}

UChar *wide_new(struct str s, int32_t *ret_units)
{
    if (s.len > (size_t)1 << 30)
        return NULL;
    /* UTF-8 never has fewer bytes than the same text has UTF-16 units. */
    UChar *out = mem_new_array(s.len + 1, sizeof *out);
    if (out == NULL)
        return NULL;
    int32_t n = 0;
    for (size_t at = 0; at < s.len;) {
        int32_t c = utf8_next(s, &at);
        if (c < 0)
            c = 0xFFFD;
        if (c >= 0x10000) {
            out[n++] = (UChar)(0xD800 + ((c - 0x10000) >> 10));
            c = 0xDC00 + (c & 0x3FF);
        }
        out[n++] = (UChar)c;
    }
    *ret_units = n;
    return out;
}
