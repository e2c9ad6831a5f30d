/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The acceptance notice and the decision: letters to who raised the matter. */
#include "sight/letters_page.h"

enum { DUES_SHOWN = 12 };

/* ---- the head of a letter -------------------------------------------------------------------- */

/* GB/T 9704-2012, 10.1: the office's name in red above a double line, the number under it at the
 * right, then the title. */
static void head_zh(struct letter_page *p)
{
    const struct letter *l = p->l;
    struct pdf_style name = {.align = PDF_CENTRE,
                             .ink = PDF_RED,
                             .bold = true,
                             .size_pu = l->office.name.len > 48 ? PDF_PT(22) : PDF_PT(30),
                             .line_pu = PDF_PT(42)};
    pdf_para(p->pdf, &name, l->office.name);
    pdf_rule(p->pdf, PDF_LINE_THICK_THIN, PDF_RED);
    struct pdf_style number = p->plain;
    number.align = PDF_END;
    number.before_pu = PDF_PT(6);
    pdf_para(p->pdf, &number, letter_series(p));
    struct pdf_style title = p->title;
    title.before_pu = PDF_PT(16);
    title.after_pu = PDF_PT(14);
    pdf_para(p->pdf, &title, letter_word(p, letter_title_key(l->kind)));
}

/* "Label: text", nothing for an empty text. */
static struct str labelled(struct letter_page *p, enum msg_key label, struct str text)
{
    if (text.len == 0)
        return text;
    return letter_join(p, letter_join(p, letter_word(p, label), STR(": ")), text);
}

static void head_en(struct letter_page *p)
{
    const struct letter *l = p->l;
    struct pdf_style name = {
        .face = PDF_SANS, .bold = true, .size_pu = PDF_PT(16), .line_pu = PDF_PT(22)};
    pdf_para(p->pdf, &name, l->office.name);
    struct pdf_style where = p->small;
    where.ink = PDF_GREY;
    if (l->office.address.len > 0)
        pdf_para(p->pdf, &where, l->office.address);
    if (l->office.phone.len > 0) {
        const struct msg_arg arg = msg_text("phone", l->office.phone);
        pdf_para(p->pdf, &where, letter_say(p, MSG_SIGHT_PAPER_PHONE, &arg, 1));
    }
    pdf_gap(p->pdf, PDF_PT(4));
    pdf_rule(p->pdf, PDF_LINE_THIN, PDF_BLACK);
    pdf_gap(p->pdf, PDF_PT(12));
    struct pdf_style line = p->plain;
    line.size_pu = PDF_PT(10.5);
    line.line_pu = PDF_PT(15);
    pdf_pair(p->pdf, &line, labelled(p, MSG_SIGHT_PAPER_REF, l->reference),
             labelled(p, MSG_SIGHT_PAPER_DATE, letter_date(p, l->paper_day)));
    pdf_pair(p->pdf, &line, labelled(p, MSG_SIGHT_PAPER_REGISTER, l->register_number),
             labelled(p, MSG_SIGHT_PAPER_NUMBER, letter_series(p)));
    struct pdf_style title = p->title;
    title.before_pu = PDF_PT(20);
    title.after_pu = PDF_PT(10);
    pdf_para(p->pdf, &title, letter_word(p, letter_title_key(l->kind)));
}

static void begin(struct letter_page *p)
{
    const struct letter *l = p->l;
    if (p->is_zh)
        head_zh(p);
    else
        head_en(p);
    struct str to;
    if (l->recipient.len > 0) {
        const struct msg_arg arg = msg_text("recipient", l->recipient);
        to = letter_say(p, MSG_SIGHT_PAPER_TO, &arg, 1);
    } else {
        const struct msg_arg arg = msg_text("ref", l->reference);
        to = letter_say(p, MSG_SIGHT_PAPER_TO_REF, &arg, 1);
    }
    struct pdf_style style = p->plain;
    style.after_pu = p->is_zh ? 0 : PDF_PT(9);
    pdf_para(p->pdf, &style, to);
}

/* ---- paragraphs ------------------------------------------------------------------------------ */

static void say(struct letter_page *p, enum msg_key key, const struct msg_arg *args, size_t count)
{
    pdf_para(p->pdf, &p->body, letter_say(p, key, args, count));
}

static void about(struct letter_page *p, enum msg_key key)
{
    const struct letter *l = p->l;
    const struct msg_arg args[] = {msg_text("title", l->title), msg_text("ref", l->reference),
                                   msg_day("day", l->received_day)};
    struct str text = letter_say(p, key, args, 3);
    if (l->register_number.len > 0 && key == MSG_SIGHT_PAPER_TAKEN) {
        const struct msg_arg number = msg_text("register", l->register_number);
        if (!p->is_zh)
            text = letter_join(p, text, STR(" "));
        text = letter_join(p, text, letter_say(p, MSG_SIGHT_PAPER_TAKEN_REGISTER, &number, 1));
    }
    pdf_para(p->pdf, &p->body, text);
}

static void heading(struct letter_page *p, enum msg_key key)
{
    static const char *const han[] = {"一", "二", "三", "四", "五", "六", "七", "八"};
    static const char *const digits[] = {"1", "2", "3", "4", "5", "6", "7", "8"};
    const size_t n = (size_t)p->headings++ % 8;
    const struct msg_arg args[] = {msg_text("n", str_of(p->is_zh ? han[n] : digits[n])),
                                   msg_text("text", letter_word(p, key))};
    pdf_para(p->pdf, &p->head, letter_say(p, MSG_SIGHT_PAPER_HEADING, args, 2));
}

/* A heading and what the office wrote under it; neither when it wrote nothing. */
static void part(struct letter_page *p, enum msg_key key, struct str text)
{
    if (str_trim(text).len == 0)
        return;
    heading(p, key);
    pdf_para(p->pdf, &p->body, str_trim(text));
}

static void contact(struct letter_page *p)
{
    const struct letter_office *o = &p->l->office;
    if (o->site.len > 0) {
        const struct msg_arg site = msg_text("site", o->site);
        say(p, MSG_SIGHT_PAPER_BACK, &site, 1);
    }
    struct str text = STR("");
    if (o->phone.len > 0 && o->address.len > 0) {
        const struct msg_arg args[] = {msg_text("phone", o->phone),
                                       msg_text("address", o->address)};
        text = letter_say(p, MSG_SIGHT_PAPER_VISIT, args, 2);
    }
    if (o->hours.len > 0) {
        const struct msg_arg hours = msg_text("hours", o->hours);
        if (text.len > 0 && !p->is_zh)
            text = letter_join(p, text, STR(" "));
        text = letter_join(p, text, letter_say(p, MSG_SIGHT_PAPER_HOURS, &hours, 1));
    }
    if (text.len > 0)
        pdf_para(p->pdf, &p->body, text);
}

static void elsewhere(struct letter_page *p)
{
    if (p->l->elsewhere.len == 0)
        return;
    const struct msg_arg arg = msg_text("elsewhere", p->l->elsewhere);
    say(p, MSG_SIGHT_PAPER_ELSEWHERE, &arg, 1);
}

static void limits(struct letter_page *p)
{
    const struct letter *l = p->l;
    const size_t count = l->due_count < DUES_SHOWN ? l->due_count : DUES_SHOWN;
    if (count == 0)
        return;
    pdf_keep(p->pdf, PDF_PT(90));
    say(p, MSG_SIGHT_PAPER_LIMITS, NULL, 0);
    struct pdf_cell cells[DUES_SHOWN + 1][3] = {
        {{.text = letter_word(p, MSG_SIGHT_PAPER_LIMIT_WHAT), .style = &p->label},
         {.text = letter_word(p, MSG_SIGHT_PAPER_LIMIT_DAY), .style = &p->label},
         {.text = letter_word(p, MSG_SIGHT_PAPER_LIMIT_LAW), .style = &p->label}}};
    struct pdf_row rows[DUES_SHOWN + 1] = {{.cells = cells[0], .count = 3}};
    for (size_t i = 0; i < count; i++) {
        const struct letter_due *d = &l->dues[i];
        struct str day = d->last_day == 0 ? letter_word(p, MSG_SIGHT_PAPER_AT_ONCE)
                                          : letter_date(p, d->last_day);
        if (d->is_provisional)
            day = letter_join(p, day, letter_word(p, MSG_SIGHT_PAPER_PROVISIONAL));
        cells[i + 1][0] = (struct pdf_cell){.text = d->what};
        cells[i + 1][1] = (struct pdf_cell){.text = day};
        cells[i + 1][2] = (struct pdf_cell){.text = d->law};
        rows[i + 1] = (struct pdf_row){.cells = cells[i + 1], .count = 3};
    }
    const struct pdf_table table = {.weights = (const uint8_t[]){4, 4, 5},
                                    .columns = 3,
                                    .rows = rows,
                                    .count = count + 1,
                                    .style = p->value,
                                    .open = !p->is_zh};
    pdf_table(p->pdf, &table);
    pdf_gap(p->pdf, p->is_zh ? PDF_PT(8) : PDF_PT(12));
}

/* The signature never stands alone on a page: what is said last goes over with it. */
static void keep_with_end(struct letter_page *p)
{
    pdf_keep(p->pdf, p->is_zh ? 9 * p->plain.line_pu : PDF_PT(162));
}

/* ---- the end of a letter --------------------------------------------------------------------- */

/* GB/T 9704-2012, 7.3.5: office and date at the right, four characters in; the seal is set over
 * them by hand, so three lines stay free above. */
static void sign_zh(struct letter_page *p)
{
    pdf_keep(p->pdf, 6 * p->plain.line_pu);
    struct pdf_style sign = p->plain;
    sign.align = PDF_CENTRE;
    sign.left_pu = PDF_MM(60);
    sign.before_pu = 3 * p->plain.line_pu;
    sign.keep_next = true;
    pdf_para(p->pdf, &sign, p->l->office.name);
    sign.before_pu = 0;
    pdf_para(p->pdf, &sign, letter_date(p, p->l->paper_day));
    const struct letter_office *o = &p->l->office;
    if (o->phone.len == 0 && o->address.len == 0)
        return;
    const struct msg_arg args[] = {msg_text("phone", o->phone), msg_text("address", o->address)};
    struct pdf_style foot = p->small;
    foot.before_pu = PDF_PT(14);
    pdf_para(p->pdf, &foot, letter_say(p, MSG_SIGHT_PAPER_CONTACT, args, 2));
}

static void sign_en(struct letter_page *p)
{
    pdf_keep(p->pdf, PDF_PT(97));
    pdf_gap(p->pdf, PDF_PT(8));
    const struct msg_arg arg = msg_text("office", p->l->office.name);
    pdf_para(p->pdf, &p->plain, letter_say(p, MSG_SIGHT_PAPER_SIGNED, &arg, 1));
    pdf_gap(p->pdf, PDF_MM(16));
    struct pdf_style line = p->small;
    line.ink = PDF_GREY;
    pdf_pair(p->pdf, &line, STR("__________________________________________"), STR(""));
    pdf_pair(p->pdf, &line, letter_word(p, MSG_SIGHT_PAPER_SIGNATURE),
             letter_word(p, MSG_SIGHT_PAPER_SEAL_PLACE));
}

static void end(struct letter_page *p)
{
    if (p->is_zh)
        sign_zh(p);
    else
        sign_en(p);
}

/* ---- the two letters ------------------------------------------------------------------------- */

void letter_set_acceptance(struct letter_page *p)
{
    const struct letter *l = p->l;
    begin(p);
    say(p, MSG_SIGHT_PAPER_GREETING, NULL, 0);
    about(p, MSG_SIGHT_PAPER_TAKEN);
    const struct msg_arg owner = msg_text("owner", l->owner.len > 0 ? l->owner : l->office.name);
    say(p, MSG_SIGHT_PAPER_ADMITTED, &owner, 1);
    if (l->basis.len > 0) {
        const struct msg_arg basis = msg_text("basis", l->basis);
        say(p, MSG_SIGHT_PAPER_BASIS_LINE, &basis, 1);
    }
    limits(p);
    say(p, MSG_SIGHT_PAPER_LATE, NULL, 0);
    elsewhere(p);
    keep_with_end(p);
    contact(p);
    end(p);
}

static void outcome(struct letter_page *p)
{
    static const enum msg_key keys[LETTER_OUTCOME_COUNT] = {
        [LETTER_OUTCOME_NONE] = MSG_NONE,
        [LETTER_SUPPORTED] = MSG_SIGHT_PAPER_OUTCOME_SUPPORTED,
        [LETTER_EXPLAINED] = MSG_SIGHT_PAPER_OUTCOME_EXPLAINED,
        [LETTER_NOT_SUPPORTED] = MSG_SIGHT_PAPER_OUTCOME_NOT_SUPPORTED,
    };
    const struct letter_answer *a = &p->l->answer;
    if (a->outcome == LETTER_OUTCOME_NONE && a->reply.len == 0)
        return;
    heading(p, MSG_SIGHT_PAPER_H_OUTCOME);
    if (a->outcome != LETTER_OUTCOME_NONE && a->outcome < LETTER_OUTCOME_COUNT)
        say(p, keys[a->outcome], NULL, 0);
    if (str_trim(a->reply).len > 0)
        pdf_para(p->pdf, &p->body, str_trim(a->reply));
}

static void remedy(struct letter_page *p)
{
    const struct letter_answer *a = &p->l->answer;
    part(p, MSG_SIGHT_PAPER_H_REMEDY, a->remedy);
    if (str_trim(a->remedy).len == 0)
        return;
    if (a->remedy_day != 0) {
        const struct msg_arg day = msg_day("day", a->remedy_day);
        say(p, MSG_SIGHT_PAPER_REMEDY_DAY, &day, 1);
    }
    say(p, MSG_SIGHT_PAPER_NOT_SOLVED, NULL, 0);
}

static void review(struct letter_page *p)
{
    const struct letter_review *r = &p->l->review;
    heading(p, MSG_SIGHT_PAPER_H_REVIEW);
    const struct msg_arg args[] = {msg_text("where", r->where), msg_day("day", r->until_day)};
    if (r->where.len == 0)
        say(p, MSG_SIGHT_PAPER_REVIEW_NONE, NULL, 0);
    else if (r->until_day == 0)
        say(p, MSG_SIGHT_PAPER_REVIEW_OPEN, args, 1);
    else
        say(p, MSG_SIGHT_PAPER_REVIEW, args, 2);
    elsewhere(p);
}

void letter_set_decision(struct letter_page *p)
{
    const struct letter_answer *a = &p->l->answer;
    begin(p);
    about(p, MSG_SIGHT_PAPER_DECIDED);
    part(p, MSG_SIGHT_PAPER_H_ASKED, a->asked);
    part(p, MSG_SIGHT_PAPER_H_FOUND, a->found);
    outcome(p);
    part(p, MSG_SIGHT_PAPER_H_BASIS, a->basis);
    remedy(p);
    keep_with_end(p);
    review(p);
    end(p);
}
