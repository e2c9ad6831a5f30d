/* SPDX-License-Identifier: AGPL-3.0-or-later */
#define HUIYIN_WRITTEN_BY_GEN_TEMPLATES
#include "http/html.h"

#include "http/html_emit.h"
#include "http/static.h"

#include "base/eight.h"
#include "base/instant.h"
#include "base/utf8.h"
#include "lib/text/date.h"

#include <stdatomic.h>

static _Atomic(const struct static_table *) statics;

void html_set_statics(const struct static_table *table)
{
    atomic_store(&statics, table);
}

void html_init(struct html *h, size_t cap_bytes)
{
    buf_init(&h->private_buf, cap_bytes);
    buf_init(&h->private_scratch, cap_bytes);
}

void html_done(struct html *h)
{
    buf_done(&h->private_buf);
    buf_done(&h->private_scratch);
}

void html_clear(struct html *h)
{
    buf_clear(&h->private_buf);
    buf_clear(&h->private_scratch);
}

struct str html_view(const struct html *h)
{
    return buf_view(&h->private_buf);
}

enum err html_err(const struct html *h)
{
    return buf_err(&h->private_buf);
}

void html_take(struct html *h, struct buf *ret)
{
    *ret = h->private_buf;
    buf_init(&h->private_buf, ret->cap_bytes);
}

void html_literal(struct html *h, const char *markup, size_t len)
{
    buf_bytes(&h->private_buf, markup, len);
}

/* An ASCII byte that stands for itself. */
static bool is_plain(unsigned char c)
{
    static const uint64_t MARKS = UINT64_C(1) << '"' | UINT64_C(1) << '&' | UINT64_C(1) << '\'' |
                                  UINT64_C(1) << '<' | UINT64_C(1) << '>';
    if (c >= 0x40)
        return c < 0x7F;
    return c >= 0x20 ? (MARKS >> c & 1) == 0 : c == '\n' || c == '\t';
}

/* Bytes from `at` on that stand for themselves. Two masks find '"' with '&' and '<' with '>', which
 * differ in one bit. */
static size_t plain_run(struct str s, size_t at)
{
    const size_t from = at;
    for (; s.len - at >= EIGHT; at += EIGHT) {
        const uint64_t e = eight_at(s.ptr + at);
        if ((eight_high(e) | eight_below(e, 0x20) | eight_has(e & EIGHT_OF(0xFB), '"') |
             eight_has(e & EIGHT_OF(0xFD), '<') | eight_has(e, '\'') | eight_has(e, 0x7F)) != 0)
            break;
    }
    while (at < s.len && is_plain((unsigned char)s.ptr[at]))
        at++;
    return at - from;
}

/* What stands for an ASCII byte that does not stand for itself. */
static struct str reference_of(unsigned char c)
{
    switch (c) {
    case '&':
        return STR("&amp;");
    case '<':
        return STR("&lt;");
    case '>':
        return STR("&gt;");
    case '"':
        return STR("&quot;");
    case '\'':
        return STR("&#39;");
    default:
        return STR("\xEF\xBF\xBD");
    }
}

static bool is_harmful(int32_t cp)
{
    return cp < 0 || (cp >= 0x80 && cp <= 0x9F) || cp == 0x2028 || cp == 0x2029 ||
           (cp >= 0x202A && cp <= 0x202E) || (cp >= 0x2066 && cp <= 0x2069) || cp == 0xFEFF ||
           (cp >= 0xFDD0 && cp <= 0xFDEF) || (cp & 0xFFFE) == 0xFFFE;
}

void html_text(struct html *h, struct str s)
{
    struct buf *b = &h->private_buf;
    size_t from = 0; /* what stands for itself and is not yet written */
    size_t at = 0;
    for (;;) {
        size_t run = plain_run(s, at);
        run += utf8_wide_run(s, at + run);
        at += run;
        if (at == s.len)
            break;
        if (run > 0)
            continue;
        const unsigned char c = (unsigned char)s.ptr[at];
        size_t here = at;
        struct str instead = STR("");
        if (c < 0x80) {
            instead = reference_of(c);
            at++;
        } else if (is_harmful(utf8_next(s, &at))) {
            instead = STR("\xEF\xBF\xBD");
        }
        if (instead.len > 0) {
            buf_str(b, str_sub(s, from, here - from));
            buf_str(b, instead);
            from = at;
        }
    }
    buf_str(b, str_sub(s, from, s.len - from));
}

void html_segment(struct html *h, struct str s)
{
    static const char HEX[] = "0123456789ABCDEF";
    struct buf *b = &h->private_buf;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
            c == '-' || c == '.' || c == '_' || c == '~') {
            buf_char(b, (char)c);
        } else {
            buf_char(b, '%');
            buf_char(b, HEX[c >> 4]);
            buf_char(b, HEX[c & 15U]);
        }
    }
}

void html_url(struct html *h, struct str s)
{
    bool ours =
        s.len > 0 && s.ptr[0] == '/' && (s.len == 1 || (s.ptr[1] != '/' && s.ptr[1] != '\\'));
    for (size_t i = 0; i < s.len && ours; i++)
        ours = (unsigned char)s.ptr[i] > 0x20 && s.ptr[i] != '\\' && s.ptr[i] != 0x7F;
    html_text(h, ours ? s : STR("#"));
}

void html_static(struct html *h, const char *name)
{
    const struct static_table *table = atomic_load(&statics);
    html_text(h, table == NULL ? STR("") : static_href(table, str_of(name)));
}

/* Escapes what was gathered in the scratch buffer, which keeps its memory. */
static void put_scratch(struct html *h)
{
    if (buf_err(&h->private_scratch) != ERR_OK)
        h->private_buf.err = buf_err(&h->private_scratch);
    html_text(h, buf_view(&h->private_scratch));
    buf_clear(&h->private_scratch);
}

void html_message(struct html *h, const struct msg_lang *lang, enum msg_key key,
                  const struct msg_arg *args, size_t args_count)
{
    if (args_count == 0 && msg_is_plain(lang, key)) {
        html_text(h, msg_plain(lang, key));
        return;
    }
    msg_put(&h->private_scratch, lang, key, args, args_count);
    put_scratch(h);
}

void html_number(struct html *h, const struct msg_lang *lang, int64_t n)
{
    date_put_number(&h->private_scratch, lang, n);
    put_scratch(h);
}

void html_digits(struct html *h, int64_t n)
{
    buf_i64(&h->private_buf, n);
}

void html_day_long(struct html *h, const struct msg_lang *lang, int32_t day)
{
    if (day != 0)
        date_put_long(&h->private_scratch, lang, day);
    put_scratch(h);
}

void html_day_short(struct html *h, const struct msg_lang *lang, int32_t day)
{
    if (day != 0)
        date_put_short(&h->private_scratch, lang, day);
    put_scratch(h);
}

void html_day_iso(struct html *h, int32_t day)
{
    if (day != 0)
        day_format(day, &h->private_buf);
}

void html_instant(struct html *h, const struct msg_lang *lang, int64_t at_us)
{
    if (at_us != 0)
        date_put_time(&h->private_scratch, lang, zone_house(), at_us);
    put_scratch(h);
}

void html_instant_iso(struct html *h, int64_t at_us)
{
    if (at_us != 0)
        instant_format(at_us, &h->private_buf);
}

void html_join(struct html *h, const struct html *other)
{
    if (other == NULL)
        return;
    if (html_err(other) != ERR_OK)
        h->private_buf.err = html_err(other);
    buf_str(&h->private_buf, html_view(other));
}
