/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sight/letters_page.h"

#include "base/mem.h"
#include "lib/text/date.h"

enum { WORDS_BYTES_MAX = 4 << 20, SENTENCE_BYTES_MAX = 1 << 20 };

static const char *const kind_words[LETTER_KIND_COUNT] = {
    [LETTER_NONE] = "",
    [LETTER_INTAKE] = "intake",
    [LETTER_ACCEPTANCE] = "acceptance",
    [LETTER_DECISION] = "decision",
    [LETTER_DELIVERY] = "delivery",
    [LETTER_RECEIPT] = "receipt",
};

enum letter_kind letter_kind_of_word(struct str word)
{
    for (enum letter_kind k = LETTER_INTAKE; k < LETTER_KIND_COUNT; k++)
        if (str_eq_c(word, kind_words[k]))
            return k;
    return LETTER_NONE;
}

struct str letter_kind_word(enum letter_kind kind)
{
    return str_of(kind < LETTER_KIND_COUNT ? kind_words[kind] : "");
}

enum msg_key letter_title_key(enum letter_kind kind)
{
    static const enum msg_key keys[LETTER_KIND_COUNT] = {
        [LETTER_NONE] = MSG_NONE,
        [LETTER_INTAKE] = MSG_SIGHT_PAPER_INTAKE_TITLE,
        [LETTER_ACCEPTANCE] = MSG_SIGHT_PAPER_ACCEPTANCE_TITLE,
        [LETTER_DECISION] = MSG_SIGHT_PAPER_DECISION_TITLE,
        [LETTER_DELIVERY] = MSG_SIGHT_PAPER_DELIVERY_TITLE,
        [LETTER_RECEIPT] = MSG_SIGHT_PAPER_RECEIPT_TITLE,
    };
    return keys[kind];
}

/* ---- sentences ------------------------------------------------------------------------------ */

static struct str keep(struct letter_page *p, struct buf *b)
{
    struct str kept = STR("");
    if (p->err == ERR_OK)
        p->err = buf_err(b);
    if (p->err != ERR_OK)
        return kept;
    kept = str_copy(&p->words, buf_view(b));
    if (kept.ptr == NULL)
        p->err = ERR_NOMEM;
    return kept.ptr == NULL ? STR("") : kept;
}

struct str letter_say(struct letter_page *p, enum msg_key key, const struct msg_arg *args,
                      size_t count)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, SENTENCE_BYTES_MAX);
    msg_put(&b, p->l->lang, key, args, count);
    return keep(p, &b);
}

struct str letter_word(struct letter_page *p, enum msg_key key)
{
    return letter_say(p, key, NULL, 0);
}

struct str letter_date(struct letter_page *p, int32_t day)
{
    if (day == 0)
        return letter_word(p, MSG_SIGHT_PAPER_DATE_BLANK);
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 256);
    date_put_short(&b, p->l->lang, day);
    return keep(p, &b);
}

struct str letter_join(struct letter_page *p, struct str a, struct str b)
{
    CLEANUP(buf_done) struct buf both;
    buf_init(&both, SENTENCE_BYTES_MAX);
    buf_str(&both, a);
    buf_str(&both, b);
    return keep(p, &both);
}

struct str letter_series(struct letter_page *p)
{
    const struct letter_series *s = &p->l->series;
    if (s->year == 0)
        return letter_word(p, MSG_SIGHT_PAPER_SERIES_EMPTY);
    char year[16], number[16];
    (void)snprintf(year, sizeof year, "%d", (int)s->year);
    (void)snprintf(number, sizeof number, "%d", (int)s->number);
    const struct msg_arg args[] = {msg_text("mark", s->mark), msg_text("year", str_of(year)),
                                   msg_text("number", str_of(number))};
    if (s->number == 0)
        return letter_say(p, MSG_SIGHT_PAPER_SERIES_BLANK, args, 2);
    return letter_say(p, MSG_SIGHT_PAPER_SERIES, args, 3);
}

/* ---- the page ------------------------------------------------------------------------------- */

static bool is_form(enum letter_kind kind)
{
    return kind == LETTER_INTAKE || kind == LETTER_DELIVERY || kind == LETTER_RECEIPT;
}

/* GB/T 9704-2012, 5.2.1 and 5.2.2: 37 mm above, 28 mm left, 156 by 225 mm of text, 22 lines. */
static void styles_zh(struct letter_page *p)
{
    bool form = is_form(p->l->kind);
    p->title = (struct pdf_style){.face = PDF_SERIF,
                                  .align = PDF_CENTRE,
                                  .bold = true,
                                  .size_pu = PDF_PT(22),
                                  .line_pu = PDF_PT(34),
                                  .keep_next = true};
    p->plain = (struct pdf_style){.size_pu = form ? PDF_PT(12) : PDF_PT(16),
                                  .line_pu = form ? PDF_PT(20) : PDF_PT(28.9)};
    p->body = p->plain;
    p->body.indent_pu = 2 * p->plain.size_pu;
    p->body.justify = true;
    p->head = p->plain;
    p->head.face = PDF_SANS;
    p->head.indent_pu = 2 * p->plain.size_pu;
    p->head.keep_next = true;
    p->label = (struct pdf_style){
        .align = PDF_CENTRE, .size_pu = PDF_PT(12), .line_pu = PDF_PT(18), .face = PDF_SANS};
    p->value = (struct pdf_style){.size_pu = PDF_PT(12), .line_pu = PDF_PT(18)};
    p->small = (struct pdf_style){.size_pu = PDF_PT(10.5), .line_pu = PDF_PT(16)};
}

static void styles_en(struct letter_page *p)
{
    p->title = (struct pdf_style){.face = PDF_SANS,
                                  .bold = true,
                                  .size_pu = PDF_PT(17),
                                  .line_pu = PDF_PT(26),
                                  .keep_next = true};
    p->plain = (struct pdf_style){.size_pu = PDF_PT(11.5), .line_pu = PDF_PT(16.5)};
    p->body = p->plain;
    p->body.after_pu = PDF_PT(7);
    p->head = (struct pdf_style){.face = PDF_SANS,
                                 .bold = true,
                                 .size_pu = PDF_PT(11.5),
                                 .line_pu = PDF_PT(18),
                                 .before_pu = PDF_PT(5),
                                 .keep_next = true};
    p->label = (struct pdf_style){
        .face = PDF_SANS, .ink = PDF_BLACK, .size_pu = PDF_PT(9.5), .line_pu = PDF_PT(14)};
    p->value = (struct pdf_style){.size_pu = PDF_PT(11), .line_pu = PDF_PT(15)};
    p->small = (struct pdf_style){.size_pu = PDF_PT(9.5), .line_pu = PDF_PT(13.5)};
}

static struct pdf_opts options(struct letter_page *p)
{
    const struct letter *l = p->l;
    bool form = is_form(l->kind);
    struct str title = letter_word(p, letter_title_key(l->kind));
    const struct msg_arg args[] = {msg_text("title", title), msg_text("ref", l->reference)};
    struct pdf_opts o = {
        .lang = p->is_zh ? "zh-CN" : "en",
        .title = letter_say(p, MSG_SIGHT_PAPER_RUNNING, args, 2),
        .author = l->office.name,
        .created_us = l->printed_us,
        .number = p->is_zh ? PDF_NUMBER_DASHES : PDF_NUMBER_PLAIN,
        .number_from_second = true,
        .foot_line = p->is_zh && !form,
    };
    o.running = o.title;
    o.top_pu = form || !p->is_zh ? PDF_MM(22) : PDF_MM(30);
    o.bottom_pu = form || !p->is_zh ? PDF_MM(20) : PDF_MM(35);
    o.left_pu = p->is_zh ? (form ? PDF_MM(24) : PDF_MM(28)) : PDF_MM(25);
    o.right_pu = p->is_zh ? (form ? PDF_MM(22) : PDF_MM(26)) : PDF_MM(25);
    return o;
}

static void words_done(struct letter_page *p)
{
    pdf_close(&p->pdf);
    arena_done(&p->words);
}

enum err letter_print(const struct letter *l, struct buf *ret_file, struct err_info *info)
{
    if (l->kind <= LETTER_NONE || l->kind >= LETTER_KIND_COUNT || l->lang == NULL ||
        l->office.name.len == 0 || l->reference.len == 0)
        return err_set(info, ERR_INVALID, NULL, "letter: no kind, language, office or reference");
    CLEANUP(words_done) struct letter_page p = {.l = l};
    arena_init(&p.words, WORDS_BYTES_MAX);
    p.is_zh = str_starts(msg_lang_tag(l->lang), STR("zh"));
    if (p.is_zh)
        styles_zh(&p);
    else
        styles_en(&p);
    const struct pdf_opts opts = options(&p);
    TRY(pdf_open(&opts, info, &p.pdf));
    static void (*const set[LETTER_KIND_COUNT])(struct letter_page *) = {
        [LETTER_INTAKE] = letter_set_intake,     [LETTER_ACCEPTANCE] = letter_set_acceptance,
        [LETTER_DECISION] = letter_set_decision, [LETTER_DELIVERY] = letter_set_delivery,
        [LETTER_RECEIPT] = letter_set_receipt,
    };
    set[l->kind](&p);
    if (p.err != ERR_OK)
        return err_set(info, p.err, p.err == ERR_LIMIT ? "pdf.too_long" : NULL, "letter: words");
    return pdf_finish(p.pdf, ret_file);
}
