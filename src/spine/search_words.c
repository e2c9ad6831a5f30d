/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "spine/search_words.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "lib/text/words.h"

enum { DIGITS_MIN = 7, SQUARE = 0x25a2, PLATE_TAIL_MIN = 5, PLATE_TAIL_MAX = 6 };

/* ---- characters with their places -------------------------------------------------------------
 */

struct glyph {
    int32_t cp;     /* as it stands */
    int32_t folded; /* half-width, lower case */
    int32_t digit;  /* 0..9, or -1 */
    size_t at;
    size_t end;
    bool hidden;
};

struct glyphs {
    struct glyph *g;
    size_t count;
};

static void glyphs_done(struct glyphs *g)
{
    mem_free(g->g);
}

/* 〇零一二三四五六七八九, 幺 and 两 as they are spoken in numbers. */
static int32_t han_digit(int32_t cp)
{
    static const int32_t DIGITS[] = {0x96f6, 0x4e00, 0x4e8c, 0x4e09, 0x56db,
                                     0x4e94, 0x516d, 0x4e03, 0x516b, 0x4e5d};
    for (int32_t i = 0; i < 10; i++) {
        if (DIGITS[i] == cp)
            return i;
    }
    if (cp == 0x3007)
        return 0;
    return cp == 0x5e7a ? 1 : -1;
}

static int32_t fold_one(int32_t cp)
{
    if (cp >= 0xff01 && cp <= 0xff5e)
        cp -= 0xfee0;
    return cp >= 'A' && cp <= 'Z' ? cp + 32 : cp;
}

static enum err glyphs_of(struct str text, struct glyphs *ret)
{
    struct glyphs g = {.g = mem_new_array(text.len + 1, sizeof(*g.g))};
    if (g.g == NULL)
        return ERR_NOMEM;
    for (size_t at = 0; at < text.len;) {
        struct glyph *now = &g.g[g.count++];
        now->at = at;
        now->cp = utf8_next(text, &at);
        now->end = at;
        now->folded = fold_one(now->cp);
        now->digit = words_digit(now->cp);
        if (now->digit < 0)
            now->digit = han_digit(now->cp);
    }
    *ret = g;
    return ERR_OK;
}

/* What people put between the parts of a number. */
static bool is_joint(int32_t folded)
{
    return folded == ' ' || folded == '-' || folded == '.' || folded == '(' || folded == ')' ||
           folded == '/' || folded == 0x3000 || folded == 0xa0 || folded == 0xb7 ||
           (folded >= 0x2010 && folded <= 0x2015) || folded == 0x200b || folded == 0x2009;
}

/* ---- shapes -------------------------------------------------------------------------------------
 */

static void hide(struct glyphs *g, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        g->g[i].hidden = true;
}

/* "2026-03-02", "2026/3/2", "2026.03.02": dates are about what happened. */
static bool is_date(const struct glyphs *g, size_t from, size_t to)
{
    int32_t part[3] = {0};
    int digits[3] = {0};
    int at = 0;
    for (size_t i = from; i < to; i++) {
        if (g->g[i].digit >= 0) {
            part[at] = part[at] * 10 + g->g[i].digit;
            digits[at]++;
        } else if (++at > 2 || i + 1 >= to || g->g[i + 1].digit < 0) {
            return false;
        }
        if (digits[at] > 4)
            return false;
    }
    return at == 2 && digits[0] == 4 && digits[1] <= 2 && digits[2] <= 2 && part[0] >= 1900 &&
           part[0] < 2100 && part[1] >= 1 && part[1] <= 12 && part[2] >= 1 && part[2] <= 31;
}

/* Runs of seven digits and more, an X at the end of one with them. */
static size_t hide_number(struct glyphs *g, size_t from)
{
    size_t to = from;
    int digits = 0;
    for (size_t i = from; i < g->count; i++) {
        if (g->g[i].digit >= 0) {
            digits++;
            to = i + 1;
        } else if (!is_joint(g->g[i].folded) || i - to > 1) {
            break;
        }
    }
    if (digits < DIGITS_MIN || is_date(g, from, to))
        return to;
    if (to < g->count && g->g[to].folded == 'x')
        to++;
    hide(g, from, to);
    return to;
}

static bool is_mail_char(int32_t folded)
{
    return (folded >= 'a' && folded <= 'z') || (folded >= '0' && folded <= '9') || folded == '.' ||
           folded == '_' || folded == '-' || folded == '+' || folded == '%';
}

static void hide_mail(struct glyphs *g, size_t at)
{
    size_t from = at;
    size_t to = at + 1;
    while (from > 0 && g->g[from - 1].folded == ' ')
        from--;
    while (from > 0 && is_mail_char(g->g[from - 1].folded))
        from--;
    while (to < g->count && g->g[to].folded == ' ')
        to++;
    size_t host = to;
    while (to < g->count && is_mail_char(g->g[to].folded))
        to++;
    if (from < at && to > host)
        hide(g, from, to);
}

/* The first character of a plate: the short name of a province. */
static bool is_province(int32_t cp)
{
    struct str s = STR("京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领学警");
    for (size_t at = 0; at < s.len;) {
        if (utf8_next(s, &at) == cp)
            return true;
    }
    return false;
}

static bool is_plate_char(int32_t folded)
{
    return (folded >= 'a' && folded <= 'z') || (folded >= '0' && folded <= '9');
}

/* 京A·12345, 粤 B D12345: province, letter, five or six letters and digits with a digit among
 * them. */
static void hide_plate(struct glyphs *g, size_t from)
{
    size_t i = from + 1;
    while (i < g->count && is_joint(g->g[i].folded))
        i++;
    if (i >= g->count || g->g[i].folded < 'a' || g->g[i].folded > 'z')
        return;
    i++;
    int tail = 0;
    int digits = 0;
    size_t to = i;
    for (; i < g->count && tail < PLATE_TAIL_MAX; i++) {
        if (is_plate_char(g->g[i].folded)) {
            tail++;
            digits += g->g[i].digit >= 0 ? 1 : 0;
            to = i + 1;
        } else if (!is_joint(g->g[i].folded)) {
            break;
        }
    }
    if (tail >= PLATE_TAIL_MIN && digits >= 3)
        hide(g, from, to);
}

static void hide_shapes(struct glyphs *g)
{
    for (size_t i = 0; i < g->count; i++) {
        if (g->g[i].folded == '@')
            hide_mail(g, i);
        if (is_province(g->g[i].cp))
            hide_plate(g, i);
    }
    for (size_t i = 0; i < g->count;)
        i = g->g[i].digit >= 0 ? hide_number(g, i) : i + 1;
}

/* ---- given values
 * -------------------------------------------------------------------------------- */

static bool is_skipped(const struct glyph *g)
{
    return !words_is_word(g->cp) || g->cp < 0;
}

/* Where the value, its blanks and marks aside, ends when it begins here; 0 when it does not. */
static size_t match(const struct glyphs *text, size_t from, const struct glyphs *value)
{
    size_t i = from;
    for (size_t k = 0; k < value->count; k++) {
        if (is_skipped(&value->g[k]))
            continue;
        while (i > from && i < text->count && is_skipped(&text->g[i]))
            i++;
        if (i >= text->count || text->g[i].folded != value->g[k].folded)
            return 0;
        i++;
    }
    return i;
}

static enum err hide_value(struct glyphs *g, struct str value)
{
    CLEANUP(glyphs_done) struct glyphs v = {0};
    TRY(glyphs_of(value, &v));
    size_t letters = 0;
    for (size_t i = 0; i < v.count; i++)
        letters += is_skipped(&v.g[i]) ? 0 : 1;
    if (letters < 2)
        return ERR_OK;
    for (size_t i = 0; i < g->count; i++) {
        size_t to = match(g, i, &v);
        if (to > i)
            hide(g, i, to);
    }
    return ERR_OK;
}

enum err search_redact(struct str text, const struct str *hidden, size_t hidden_count,
                       struct buf *b)
{
    CLEANUP(glyphs_done) struct glyphs g = {0};
    TRY(glyphs_of(text, &g));
    for (size_t i = 0; i < hidden_count; i++)
        TRY(hide_value(&g, hidden[i]));
    hide_shapes(&g);
    for (size_t i = 0; i < g.count; i++) {
        if (!g.g[i].hidden)
            buf_bytes(b, text.ptr + g.g[i].at, g.g[i].end - g.g[i].at);
        else if (i == 0 || !g.g[i - 1].hidden)
            utf8_put(b, SQUARE);
    }
    return buf_err(b);
}

bool search_is_number(struct str words)
{
    CLEANUP(glyphs_done) struct glyphs g = {0};
    if (glyphs_of(words, &g) != ERR_OK)
        return true; /* what cannot be looked at is not run */
    hide_shapes(&g);
    for (size_t i = 0; i < g.count; i++) {
        if (g.g[i].hidden)
            return true;
    }
    return false;
}

/* ---- tokens
 * ----------------------------------------------------------------------------------------- */

/* Runs of Han characters and of other word characters, in the folded text. */
struct run {
    size_t from;
    size_t to;
    bool is_han;
    size_t chars;
};

static bool next_run(struct str s, size_t *at, struct run *ret)
{
    struct run run = {0};
    while (*at < s.len) {
        size_t from = *at;
        int32_t cp = utf8_next(s, at);
        bool word = cp >= 0 && words_is_word(cp);
        bool han = word && words_is_han(cp);
        if (run.chars > 0 && (!word || han != run.is_han)) {
            *at = from;
            break;
        }
        if (!word)
            continue;
        if (run.chars++ == 0) {
            run.from = from;
            run.is_han = han;
        }
        run.to = *at;
    }
    *ret = run;
    return run.chars > 0;
}

static void put_word(struct buf *b, struct str word)
{
    if (b->len > 0 && b->ptr[b->len - 1] != ' ' && b->ptr[b->len - 1] != '"')
        buf_char(b, ' ');
    buf_str(b, word);
}

/* The pairs of a run of Han characters; a single one as it is. */
static void put_pairs(struct buf *b, struct str han)
{
    size_t last = 0;
    size_t at = 0;
    (void)utf8_next(han, &at);
    if (at == han.len)
        put_word(b, str_sub(han, 0, at));
    while (at < han.len) {
        size_t from = last;
        last = at;
        (void)utf8_next(han, &at);
        put_word(b, str_sub(han, from, at - from));
    }
}

/* The last character of a run by itself: every other one begins a pair, so that one character
 * looked for is found wherever it stands. */
static void put_last(struct buf *b, struct str han)
{
    size_t from = han.len - 1;
    while (from > 0 && ((unsigned char)han.ptr[from] & 0xC0U) == 0x80U)
        from--;
    put_word(b, str_sub(han, from, han.len - from));
}

enum err search_tokens(struct str text, struct buf *b)
{
    CLEANUP(buf_done) struct buf folded;
    buf_init(&folded, 64 << 20);
    TRY(words_fold(text, &folded));
    TRY(buf_err(&folded));
    struct str s = buf_view(&folded);
    struct run run;
    for (size_t at = 0; next_run(s, &at, &run);) {
        struct str word = str_sub(s, run.from, run.to - run.from);
        if (run.is_han)
            put_pairs(b, word);
        else
            put_word(b, word);
        if (run.is_han && run.chars > 1)
            put_last(b, word);
    }
    return buf_err(b);
}

enum err search_query(struct str words, struct buf *b)
{
    CLEANUP(buf_done) struct buf folded;
    buf_init(&folded, 64 * 1024);
    TRY(words_fold(words, &folded));
    TRY(buf_err(&folded));
    struct str s = buf_view(&folded);
    struct run run;
    for (size_t at = 0; next_run(s, &at, &run);) {
        struct str word = str_sub(s, run.from, run.to - run.from);
        if (b->len > 0)
            buf_char(b, ' ');
        buf_char(b, '"');
        if (run.is_han)
            put_pairs(b, word);
        else
            buf_str(b, word);
        buf_char(b, '"');
        if (run.is_han && run.chars == 1)
            buf_char(b, '*'); /* any pair that begins with it, or it as the last of its run */
    }
    return buf_err(b);
}
