/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "lib/text/words.h"

#include "lib/text/icu.h"
#include "lib/text/wide.h"

#include "base/mem.h"
#include "base/utf8.h"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>

static size_t index_of(const struct msg_lang *lang)
{
    size_t i = 0;
    while (i + 1 < msg_lang_count() && msg_lang_at(i) != lang)
        i++;
    return i;
}

static enum err normalize(const UNormalizer2 *form, struct str s, struct buf *b)
{
    int32_t n = 0;
    CLEANUP(mem_free_ptr) UChar *in = wide_new(s, &n);
    if (in == NULL)
        return ERR_NOMEM;
    UErrorCode e = U_ZERO_ERROR;
    int32_t need = unorm2_normalize(form, in, n, NULL, 0, &e);
    if (need == 0)
        return ERR_OK;
    CLEANUP(mem_free_ptr) UChar *out = mem_new_array((size_t)need, sizeof *out);
    if (out == NULL)
        return ERR_NOMEM;
    e = U_ZERO_ERROR;
    n = unorm2_normalize(form, in, n, out, need, &e);
    if (U_FAILURE(e))
        return ERR_NOMEM;
    wide_put(b, out, n);
    return buf_err(b);
}

static bool is_ascii(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] >= 0x80U)
            return false;
    return true;
}

enum err words_fold(struct str s, struct buf *b)
{
    if (is_ascii(s)) {
        for (size_t i = 0; i < s.len; i++) {
            char c = s.ptr[i];
            buf_char(b, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
        }
        return buf_err(b);
    }
    UErrorCode e = U_ZERO_ERROR;
    const UNormalizer2 *form = unorm2_getNFKCCasefoldInstance(&e);
    return U_FAILURE(e) ? ERR_NOMEM : normalize(form, s, b);
}

enum err words_nfc(struct str s, struct buf *b)
{
    if (is_ascii(s)) {
        buf_str(b, s);
        return buf_err(b);
    }
    UErrorCode e = U_ZERO_ERROR;
    const UNormalizer2 *form = unorm2_getNFCInstance(&e);
    return U_FAILURE(e) ? ERR_NOMEM : normalize(form, s, b);
}

bool words_is_han(int32_t cp)
{
    if (cp < 0x2E80)
        return false;
    if (cp >= 0x4E00 && cp <= 0x9FFF)
        return true;
    UErrorCode e = U_ZERO_ERROR;
    return uscript_getScript(cp, &e) == USCRIPT_HAN && u_isalpha(cp);
}

bool words_is_word(int32_t cp)
{
    if (cp < 0x80)
        return (cp >= '0' && cp <= '9') || (cp >= 'a' && cp <= 'z') || (cp >= 'A' && cp <= 'Z');
    return (U_GET_GC_MASK(cp) & (U_GC_L_MASK | U_GC_M_MASK | U_GC_N_MASK)) != 0;
}

int32_t words_digit(int32_t cp)
{
    if (cp < 0x80)
        return cp >= '0' && cp <= '9' ? cp - '0' : -1;
    return u_charDigitValue(cp);
}

void words_ascii_digits(struct str s, struct buf *b)
{
    for (size_t at = 0; at < s.len;) {
        size_t from = at;
        int32_t cp = utf8_next(s, &at);
        int32_t digit = words_digit(cp);
        if (digit >= 0)
            buf_char(b, (char)('0' + digit));
        else
            buf_str(b, str_sub(s, from, at - from));
    }
}

void words_only_digits(struct str s, struct buf *b)
{
    for (size_t at = 0; at < s.len;) {
        int32_t digit = words_digit(utf8_next(s, &at));
        if (digit >= 0)
            buf_char(b, (char)('0' + digit));
    }
}

static enum words_kind kind_of(int32_t status)
{
    if (status >= UBRK_WORD_IDEO && status < UBRK_WORD_IDEO_LIMIT)
        return WORDS_HAN;
    if (status >= UBRK_WORD_KANA && status < UBRK_WORD_KANA_LIMIT)
        return WORDS_KANA;
    if (status >= UBRK_WORD_LETTER && status < UBRK_WORD_LETTER_LIMIT)
        return WORDS_LETTERS;
    if (status >= UBRK_WORD_NUMBER && status < UBRK_WORD_NUMBER_LIMIT)
        return WORDS_NUMBER;
    return WORDS_NONE;
}

/* Walks the breaks; `at` keeps the byte offset in `s` that belongs to the UTF-16 position. */
static enum err walk(UBreakIterator *it, const UChar *wide, struct str s,
                     enum err (*on_word)(void *ctx, const struct words_word *w), void *ctx)
{
    size_t at = 0;
    int32_t from = ubrk_first(it);
    for (int32_t to = ubrk_next(it); to != UBRK_DONE; from = to, to = ubrk_next(it)) {
        struct words_word w = {.kind = kind_of(ubrk_getRuleStatus(it))};
        size_t start = at;
        for (int32_t i = from; i < to;) {
            (void)wide_next(wide, &i, to);
            (void)utf8_next(s, &at);
            w.chars++;
        }
        w.text = str_sub(s, start, at - start);
        if (w.kind != WORDS_NONE)
            TRY(on_word(ctx, &w));
    }
    return ERR_OK;
}

enum err words_each(struct str s, enum err (*on_word)(void *ctx, const struct words_word *w),
                    void *ctx)
{
    UBreakIterator *it = icu_word_breaks();
    int32_t n = 0;
    CLEANUP(mem_free_ptr) UChar *wide = wide_new(s, &n);
    if (it == NULL || wide == NULL)
        return ERR_NOMEM;
    UErrorCode e = U_ZERO_ERROR;
    ubrk_setText(it, wide, n, &e);
    if (U_FAILURE(e))
        return ERR_NOMEM;
    enum err err = walk(it, wide, s, on_word, ctx);
    e = U_ZERO_ERROR;
    ubrk_setText(it, u"", 0, &e); /* it must not point at freed memory */
    return err;
}

int words_compare(const struct msg_lang *lang, struct str a, struct str b)
{
    UCollator *c = icu_collator(index_of(lang), msg_lang_locale(lang));
    UErrorCode e = U_ZERO_ERROR;
    if (c == NULL || a.len > INT32_MAX || b.len > INT32_MAX)
        return str_cmp(a, b);
    int r = (int)ucol_strcollUTF8(c, a.ptr == NULL ? "" : a.ptr, (int32_t)a.len,
                                  b.ptr == NULL ? "" : b.ptr, (int32_t)b.len, &e);
    return U_FAILURE(e) || r == 0 ? str_cmp(a, b) : r;
}

enum err words_sort_key(const struct msg_lang *lang, struct str s, struct buf *b)
{
    UCollator *c = icu_collator(index_of(lang), msg_lang_locale(lang));
    int32_t n = 0;
    CLEANUP(mem_free_ptr) UChar *wide = wide_new(s, &n);
    if (c == NULL || wide == NULL)
        return ERR_NOMEM;
    int32_t need = ucol_getSortKey(c, wide, n, NULL, 0);
    CLEANUP(mem_free_ptr) uint8_t *key = mem_new((size_t)need);
    if (need <= 0 || key == NULL)
        return ERR_NOMEM;
    need = ucol_getSortKey(c, wide, n, key, need);
    buf_bytes(b, key, (size_t)need - 1); /* without its final zero */
    return buf_err(b);
}
