/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The receipt that is handed over at a counter: what came, what is owed and until when, and below
 * a line to fold at the person's code. It is printed once; the code is in this stream and nowhere
 * else.
 */
#include "sight/letters_page.h"

static void line_put(struct letter_page *p, enum msg_key label, struct str text)
{
    if (text.len == 0)
        return;
    struct str head = letter_join(p, letter_word(p, label), p->is_zh ? STR("：") : STR(": "));
    pdf_para(p->pdf, &p->plain, letter_join(p, head, text));
}

static void due_put(struct letter_page *p, const struct letter_due *d)
{
    const struct msg_arg args[] = {msg_text("what", d->what), msg_day("day", d->last_day)};
    struct str text = letter_say(
        p, d->last_day == 0 ? MSG_SIGHT_PAPER_DUE_ONCE : MSG_SIGHT_PAPER_DUE_LINE, args, 2);
    if (d->law.len > 0) {
        const struct msg_arg law[] = {msg_text("law", d->law)};
        text = letter_join(p, text, letter_say(p, MSG_SIGHT_PAPER_LAW, law, 1));
    }
    pdf_para(p->pdf, &p->plain, text);
}

void letter_set_receipt(struct letter_page *p)
{
    const struct letter *l = p->l;
    pdf_para(p->pdf, &p->plain, l->office.name);
    pdf_para(p->pdf, &p->title, letter_word(p, MSG_SIGHT_PAPER_RECEIPT_TITLE));
    line_put(p, MSG_SIGHT_PAPER_REF, l->reference);
    line_put(p, MSG_SIGHT_PAPER_REGISTER, l->register_number);
    line_put(p, MSG_SIGHT_PAPER_SUBJECT, l->title);
    line_put(p, MSG_SIGHT_PAPER_RECEIVED, letter_date(p, l->received_day));
    line_put(p, MSG_SIGHT_PAPER_OWNER, l->owner);
    pdf_para(p->pdf, &p->head, letter_word(p, MSG_SIGHT_PAPER_RECEIPT_NEXT));
    for (size_t i = 0; i < l->due_count; i++)
        due_put(p, &l->dues[i]);
    if (l->elsewhere.len > 0) {
        const struct msg_arg args[] = {msg_text("elsewhere", l->elsewhere)};
        pdf_para(p->pdf, &p->plain, letter_say(p, MSG_SIGHT_PAPER_ELSEWHERE, args, 1));
    }
    pdf_para(p->pdf, &p->plain, letter_word(p, MSG_SIGHT_PAPER_LATE));
    const struct msg_arg contact[] = {msg_text("phone", l->office.phone),
                                      msg_text("address", l->office.address)};
    if (l->office.phone.len > 0 && l->office.address.len > 0)
        pdf_para(p->pdf, &p->plain, letter_say(p, MSG_SIGHT_PAPER_VISIT, contact, 2));
    struct pdf_style fold = p->small;
    fold.align = PDF_CENTRE;
    fold.before_pu = PDF_PT(24);
    fold.after_pu = PDF_PT(18);
    fold.ink = PDF_GREY;
    pdf_para(p->pdf, &fold, letter_word(p, MSG_SIGHT_PAPER_RECEIPT_FOLD));
    pdf_para(p->pdf, &p->head, letter_word(p, MSG_SIGHT_PAPER_RECEIPT_CODE));
    struct pdf_style code = p->title;
    code.align = PDF_CENTRE;
    code.keep_next = true;
    pdf_para(p->pdf, &code, l->code);
    const struct msg_arg site[] = {msg_text("site", l->office.site)};
    pdf_para(p->pdf, &p->plain, letter_say(p, MSG_SIGHT_PAPER_BACK, site, 1));
    pdf_para(p->pdf, &p->plain, letter_word(p, MSG_SIGHT_PAPER_RECEIPT_CHANGE));
}
