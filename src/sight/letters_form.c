/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The intake sheet and the delivery slip: forms that are filled in by hand as well. */
#include "sight/letters_page.h"

/* Four columns: a label and what it says, twice. */
static const uint8_t columns_zh[] = {9, 16, 9, 16};
static const uint8_t columns_en[] = {10, 17, 10, 17};

enum { ROW_PU = 28 * 1024 };

static void rows(struct letter_page *p, const struct pdf_row *row, size_t count)
{
    const struct pdf_table table = {.weights = p->is_zh ? columns_zh : columns_en,
                                    .columns = 4,
                                    .rows = row,
                                    .count = count,
                                    .style = p->value};
    pdf_table(p->pdf, &table);
}

static void pair(struct letter_page *p, enum msg_key a, struct str a_text, enum msg_key b,
                 struct str b_text)
{
    const struct pdf_cell cells[] = {{.text = letter_word(p, a), .style = &p->label},
                                     {.text = a_text},
                                     {.text = letter_word(p, b), .style = &p->label},
                                     {.text = b_text}};
    const struct pdf_row row = {.cells = cells, .count = 4, .height_pu = ROW_PU};
    rows(p, &row, 1);
}

static void wide(struct letter_page *p, enum msg_key label, struct str text, int32_t height_pu)
{
    const struct pdf_cell cells[] = {{.text = letter_word(p, label), .style = &p->label},
                                     {.text = text, .span = 3}};
    const struct pdf_row row = {
        .cells = cells, .count = 2, .height_pu = height_pu > ROW_PU ? height_pu : ROW_PU};
    rows(p, &row, 1);
}

/* A box to write in, with a line for name and date at its foot. */
static void box(struct letter_page *p, enum msg_key label, int32_t height_pu)
{
    struct pdf_style end = p->value;
    end.align = PDF_END;
    end.ink = PDF_GREY;
    const struct pdf_cell cells[] = {
        {.text = letter_word(p, label), .style = &p->label},
        {.text = letter_join(p, STR("\n\n\n"), letter_word(p, MSG_SIGHT_PAPER_SIGN_ROW)),
         .span = 3,
         .style = &end}};
    const struct pdf_row row = {.cells = cells, .count = 2, .height_pu = height_pu};
    rows(p, &row, 1);
}

static void head(struct letter_page *p)
{
    const struct letter *l = p->l;
    struct pdf_style name = p->plain;
    name.align = p->is_zh ? PDF_CENTRE : PDF_START;
    name.size_pu = p->is_zh ? PDF_PT(15) : PDF_PT(12);
    name.line_pu = p->is_zh ? PDF_PT(24) : PDF_PT(18);
    pdf_para(p->pdf, &name, l->office.name);
    struct pdf_style title = p->title;
    title.after_pu = PDF_PT(10);
    pdf_para(p->pdf, &title, letter_word(p, letter_title_key(l->kind)));
}

static void above_table(struct letter_page *p, enum msg_key left_label, struct str left,
                        struct str right)
{
    struct pdf_style line = p->small;
    line.after_pu = PDF_PT(4);
    struct str text = letter_join(p, letter_word(p, left_label), p->is_zh ? STR("：") : STR(": "));
    pdf_pair(p->pdf, &line, letter_join(p, text, left), right);
}

static struct str dues(struct letter_page *p)
{
    struct str all = STR("");
    for (size_t i = 0; i < p->l->due_count; i++) {
        const struct letter_due *d = &p->l->dues[i];
        const struct msg_arg args[] = {msg_text("what", d->what), msg_day("day", d->last_day)};
        struct str line = d->last_day == 0 ? letter_say(p, MSG_SIGHT_PAPER_DUE_ONCE, args, 1)
                                           : letter_say(p, MSG_SIGHT_PAPER_DUE_LINE, args, 2);
        if (d->law.len > 0) {
            const struct msg_arg law = msg_text("law", d->law);
            line = letter_join(p, line, letter_say(p, MSG_SIGHT_PAPER_LAW, &law, 1));
        }
        if (d->is_provisional)
            line = letter_join(p, line, letter_word(p, MSG_SIGHT_PAPER_PROVISIONAL));
        all = i == 0 ? line : letter_join(p, letter_join(p, all, STR("\n")), line);
    }
    return all;
}

void letter_set_intake(struct letter_page *p)
{
    const struct letter *l = p->l;
    head(p);
    above_table(p, MSG_SIGHT_PAPER_MADE_BY, l->office.name, letter_series(p));
    pair(p, MSG_SIGHT_PAPER_REF, l->reference, MSG_SIGHT_PAPER_REGISTER, l->register_number);
    pair(p, MSG_SIGHT_PAPER_RECEIVED, letter_date(p, l->received_day), MSG_SIGHT_PAPER_ENTERED,
         letter_date(p, l->entered_day));
    pair(p, MSG_SIGHT_PAPER_CHANNEL, l->channel, MSG_SIGHT_PAPER_KIND, l->matter_kind);
    wide(p, MSG_SIGHT_PAPER_PLACE, l->place, 0);
    wide(p, MSG_SIGHT_PAPER_SUBJECT, l->title, 0);
    wide(p, MSG_SIGHT_PAPER_TEXT, str_trim(l->text), PDF_MM(38));
    wide(p, MSG_SIGHT_PAPER_WISH, str_trim(l->wish), PDF_MM(16));
    wide(p, MSG_SIGHT_PAPER_IDENTITY, l->identity, 0);
    wide(p, MSG_SIGHT_PAPER_DUES, dues(p), PDF_MM(14));
    box(p, MSG_SIGHT_PAPER_PROPOSAL, PDF_MM(27));
    box(p, MSG_SIGHT_PAPER_INSTRUCTION, PDF_MM(27));
    pair(p, MSG_SIGHT_PAPER_OWNER, l->owner, MSG_SIGHT_PAPER_TAKEN_BY, l->taken_by);
    struct pdf_style note = p->small;
    note.before_pu = PDF_PT(6);
    pdf_para(p->pdf, &note, letter_word(p, MSG_SIGHT_PAPER_IDENTITY_NOTE));
}

void letter_set_delivery(struct letter_page *p)
{
    const struct letter *l = p->l;
    head(p);
    above_table(p, MSG_SIGHT_PAPER_REF, l->reference, letter_word(p, MSG_SIGHT_PAPER_SEAL_PLACE));
    struct str receiver = l->recipient;
    if (receiver.len == 0) {
        const struct msg_arg ref = msg_text("ref", l->reference);
        receiver = letter_say(p, MSG_SIGHT_PAPER_RECEIVER_REF, &ref, 1);
    }
    wide(p, MSG_SIGHT_PAPER_SERVED, l->served, 0);
    pair(p, MSG_SIGHT_PAPER_SERVED_NUMBER, letter_series(p), MSG_SIGHT_PAPER_REGISTER,
         l->register_number);
    wide(p, MSG_SIGHT_PAPER_RECEIVER, receiver, 0);
    wide(p, MSG_SIGHT_PAPER_WHERE, STR(""), PDF_MM(14));
    wide(p, MSG_SIGHT_PAPER_HOW, letter_word(p, MSG_SIGHT_PAPER_HOW_BOXES), PDF_MM(16));
    wide(p, MSG_SIGHT_PAPER_RECEIVER_SIGN, STR(""), PDF_MM(26));
    wide(p, MSG_SIGHT_PAPER_RECEIVED_AT, letter_date(p, 0), PDF_MM(14));
    wide(p, MSG_SIGHT_PAPER_STAND_IN, STR(""), PDF_MM(20));
    wide(p, MSG_SIGHT_PAPER_REFUSED, STR(""), PDF_MM(20));
    wide(p, MSG_SIGHT_PAPER_DELIVERERS, STR(""), PDF_MM(18));
    wide(p, MSG_SIGHT_PAPER_REMARKS, STR(""), PDF_MM(20));
    struct pdf_style note = p->small;
    note.before_pu = PDF_PT(6);
    pdf_para(p->pdf, &note, letter_word(p, MSG_SIGHT_PAPER_SLIP_NOTE));
}
