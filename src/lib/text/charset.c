/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "lib/text/charset.h"

#include "lib/text/wide.h"

#include "base/mem.h"
#include "base/utf8.h"

#include <string.h>

#include <unicode/ucnv.h>

struct charset_reader {
    enum charset from;
    UConverter *cnv; /* GB18030 only */
    char held[4];    /* UTF-8 only: a character cut off at the end of the last piece */
    size_t held_len;
    uint64_t taken; /* bytes of whole characters so far */
    bool started;
};

struct private_pair {
    UChar was; /* what the table of 2005 says: a private character */
    UChar is;  /* what GB 18030-2022 says */
};

static const struct private_pair PAIRS_2022[] = {
    {0xE78D, 0xFE10}, {0xE78E, 0xFE12}, {0xE78F, 0xFE11}, {0xE790, 0xFE13}, {0xE791, 0xFE14},
    {0xE792, 0xFE15}, {0xE793, 0xFE16}, {0xE794, 0xFE17}, {0xE795, 0xFE18}, {0xE796, 0xFE19},
    {0xE81E, 0x9FB4}, {0xE826, 0x9FB5}, {0xE82B, 0x9FB6}, {0xE82C, 0x9FB7}, {0xE832, 0x9FB8},
    {0xE843, 0x9FB9}, {0xE854, 0x9FBA}, {0xE864, 0x9FBB},
};
enum { PAIRS = sizeof PAIRS_2022 / sizeof PAIRS_2022[0], PIECE_UNITS = 1024 };

static bool is_lead(UChar unit)
{
    return unit >= 0xD800 && unit <= 0xDBFF;
}

static void to_2022(UChar *units, int32_t n)
{
    for (int32_t i = 0; i < n; i++)
        if (units[i] >= 0xE78D && units[i] <= 0xE864)
            for (size_t k = 0; k < PAIRS; k++)
                if (PAIRS_2022[k].was == units[i])
                    units[i] = PAIRS_2022[k].is;
}

static void from_2022(UChar *units, int32_t n)
{
    for (int32_t i = 0; i < n; i++)
        if (units[i] >= 0x9FB4)
            for (size_t k = 0; k < PAIRS; k++)
                if (PAIRS_2022[k].is == units[i])
                    units[i] = PAIRS_2022[k].was;
}

enum charset charset_find(struct str name)
{
    static const struct {
        const char *name;
        enum charset charset;
    } NAMES[] = {
        {"utf-8", CHARSET_UTF8},  {"utf8", CHARSET_UTF8},      {"gb18030", CHARSET_GB18030},
        {"gbk", CHARSET_GB18030}, {"gb2312", CHARSET_GB18030},
    };
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++)
        if (name.len == strlen(NAMES[i].name) &&
            strncasecmp(name.ptr, NAMES[i].name, name.len) == 0)
            return NAMES[i].charset;
    return CHARSET_UNKNOWN;
}

struct charset_reader *charset_reader_new(enum charset from)
{
    struct charset_reader *r = from == CHARSET_UNKNOWN ? NULL : mem_new(sizeof *r);
    if (r == NULL)
        return NULL;
    r->from = from;
    if (from == CHARSET_GB18030) {
        UErrorCode e = U_ZERO_ERROR;
        r->cnv = ucnv_open("gb18030", &e);
        ucnv_setToUCallBack(r->cnv, UCNV_TO_U_CALLBACK_STOP, NULL, NULL, NULL, &e);
        if (U_FAILURE(e)) {
            charset_reader_free(r);
            return NULL;
        }
    }
    return r;
}

void charset_reader_free(struct charset_reader *r)
{
    if (r != NULL && r->cnv != NULL)
        ucnv_close(r->cnv);
    mem_free(r);
}

void charset_reader_free_ptr(struct charset_reader **r)
{
    charset_reader_free(*r);
    *r = NULL;
}

/* Appends decoded units, dropping a byte-order mark at the start of the stream. */
static void put_units(struct charset_reader *r, UChar *units, int32_t n, struct buf *b)
{
    to_2022(units, n);
    if (n > 0 && !r->started && units[0] == 0xFEFF) {
        units++;
        n--;
        r->started = true;
    }
    if (n > 0)
        r->started = true;
    wide_put(b, units, n);
}

static enum err read_gb18030(struct charset_reader *r, struct str piece, bool last, struct buf *b,
                             uint64_t *ret_bad_at)
{
    const char *at = piece.ptr == NULL ? "" : piece.ptr;
    const char *end = at + piece.len;
    /* One character of 4 bytes may be two units; a pair is never cut, as wide_put needs it whole.
     */
    for (;;) {
        UChar units[PIECE_UNITS] = {0};
        UChar *out = units;
        UErrorCode e = U_ZERO_ERROR;
        const char *from = at;
        ucnv_toUnicode(r->cnv, &out, units + PIECE_UNITS - 1, &at, end, NULL, last, &e);
        int32_t n = (int32_t)(out - units);
        if (e == U_BUFFER_OVERFLOW_ERROR && n > 0 && is_lead(units[n - 1])) {
            UErrorCode again = U_ZERO_ERROR;
            ucnv_toUnicode(r->cnv, &out, units + PIECE_UNITS, &at, end, NULL, last, &again);
            n = (int32_t)(out - units);
        }
        put_units(r, units, n, b);
        r->taken += (uint64_t)(at - from);
        if (e == U_BUFFER_OVERFLOW_ERROR)
            continue;
        if (U_SUCCESS(e))
            return buf_err(b);
        char bad[16];
        int8_t bad_len = sizeof bad;
        UErrorCode ignored = U_ZERO_ERROR;
        ucnv_getInvalidChars(r->cnv, bad, &bad_len, &ignored);
        if (ret_bad_at != NULL)
            *ret_bad_at = r->taken - (uint64_t)(U_SUCCESS(ignored) ? bad_len : 0);
        return ERR_INVALID;
    }
}

/* How many bytes at the end of `s` begin a character that is not whole: 0..3. */
static size_t cut_off(struct str s)
{
    for (size_t back = 1; back <= 3 && back <= s.len; back++) {
        unsigned char c = (unsigned char)s.ptr[s.len - back];
        if (c < 0x80)
            return 0;
        if (c >= 0xC0) {
            size_t need = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
            return need > back ? back : 0;
        }
    }
    return 0;
}

static enum err put_utf8(struct charset_reader *r, struct str s, struct buf *b,
                         uint64_t *ret_bad_at)
{
    size_t good = 0;
    for (size_t at = 0; at < s.len && utf8_next(s, &at) >= 0;)
        good = at;
    bool has_mark = !r->started && str_starts(s, STR("\xEF\xBB\xBF"));
    buf_str(b, has_mark ? str_sub(s, 3, good - 3) : str_sub(s, 0, good));
    r->started = r->started || good > 0;
    r->taken += good;
    if (good == s.len)
        return buf_err(b);
    if (ret_bad_at != NULL)
        *ret_bad_at = r->taken;
    return ERR_INVALID;
}

static enum err read_utf8(struct charset_reader *r, struct str piece, bool last, struct buf *b,
                          uint64_t *ret_bad_at)
{
    while (r->held_len > 0 && piece.len > 0) { /* finish the character that was cut off */
        r->held[r->held_len++] = piece.ptr[0];
        piece = str_sub(piece, 1, piece.len);
        struct str held = str_make(r->held, r->held_len);
        if (cut_off(held) != held.len) { /* whole, or broken by the byte that came */
            r->held_len = 0;
            TRY(put_utf8(r, held, b, ret_bad_at));
        }
    }
    size_t keep = last ? 0 : cut_off(piece);
    TRY(put_utf8(r, str_sub(piece, 0, piece.len - keep), b, ret_bad_at));
    if (keep > 0) {
        memcpy(r->held, piece.ptr + piece.len - keep, keep);
        r->held_len = keep;
    }
    if (last && r->held_len > 0) {
        if (ret_bad_at != NULL)
            *ret_bad_at = r->taken;
        return ERR_INVALID;
    }
    return buf_err(b);
}

enum err charset_read(struct charset_reader *r, struct str piece, bool last, struct buf *b,
                      uint64_t *ret_bad_at)
{
    return r->from == CHARSET_GB18030 ? read_gb18030(r, piece, last, b, ret_bad_at)
                                      : read_utf8(r, piece, last, b, ret_bad_at);
}

enum charset charset_guess(struct str sample)
{
    if (utf8_is_valid(str_sub(sample, 0, sample.len - cut_off(sample))))
        return CHARSET_UTF8;
    CLEANUP(charset_reader_free_ptr)
    struct charset_reader *r = charset_reader_new(CHARSET_GB18030);
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, SIZE_MAX);
    if (r == NULL || charset_read(r, sample, false, &b, NULL) != ERR_OK)
        return CHARSET_UNKNOWN;
    return CHARSET_GB18030;
}

enum err charset_from_gb18030(struct str bytes, struct buf *b)
{
    CLEANUP(charset_reader_free_ptr)
    struct charset_reader *r = charset_reader_new(CHARSET_GB18030);
    return r == NULL ? ERR_NOMEM : charset_read(r, bytes, true, b, NULL);
}

enum err charset_to_gb18030(struct str utf8, struct buf *b)
{
    if (!utf8_is_valid(utf8))
        return ERR_INVALID;
    int32_t n = 0;
    CLEANUP(mem_free_ptr) UChar *wide = wide_new(utf8, &n);
    if (wide == NULL)
        return ERR_NOMEM;
    from_2022(wide, n);
    UErrorCode e = U_ZERO_ERROR;
    UConverter *cnv = ucnv_open("gb18030", &e);
    if (U_FAILURE(e))
        return ERR_NOMEM;
    const UChar *at = wide;
    do {
        char bytes[4096];
        char *out = bytes;
        e = U_ZERO_ERROR;
        ucnv_fromUnicode(cnv, &out, bytes + sizeof bytes, &at, wide + n, NULL, true, &e);
        buf_bytes(b, bytes, (size_t)(out - bytes));
    } while (e == U_BUFFER_OVERFLOW_ERROR);
    ucnv_close(cnv);
    return U_SUCCESS(e) ? buf_err(b) : ERR_INVALID;
}
