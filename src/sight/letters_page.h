/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* letters_page: what the files of the letters share. Not for other folders. */
#ifndef HUIYIN_SIGHT_LETTERS_PAGE_H
#define HUIYIN_SIGHT_LETTERS_PAGE_H

#include "base/arena.h"
#include "lib/pdf/pdf.h"
#include "sight/letters.h"

/* One paper being made. */
struct letter_page {
    const struct letter *l;
    struct pdf *pdf;
    struct arena words; /* sentences live until the paper is done */
    bool is_zh;
    int headings; /* so far */
    enum err err; /* of making sentences; sticky */
    struct pdf_style title, body, head, plain, label, value, small;
};

/* A sentence in the letter's language. */
struct str letter_say(struct letter_page *p, enum msg_key key, const struct msg_arg *args,
                      size_t count);
struct str letter_word(struct letter_page *p, enum msg_key key);
/* "2026年3月13日", or a gap to write in when `day` is 0. */
struct str letter_date(struct letter_page *p, int32_t day);
/* a and b in one. */
struct str letter_join(struct letter_page *p, struct str a, struct str b);
struct str letter_series(struct letter_page *p);
enum msg_key letter_title_key(enum letter_kind kind);

/* Forms: intake sheet, delivery slip. */
void letter_set_intake(struct letter_page *p);
void letter_set_delivery(struct letter_page *p);
void letter_set_receipt(struct letter_page *p);
/* Letters: acceptance notice, decision. */
void letter_set_acceptance(struct letter_page *p);
void letter_set_decision(struct letter_page *p);

#endif
