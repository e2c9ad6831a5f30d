/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * letters: the papers of a matter, as A4 PDF, in the language of the reader.
 *
 *     intake sheet        登记表      stays in the file; goes round with the matter
 *     acceptance notice   受理告知书  tells the person: taken, by whom, until when
 *     decision letter     处理意见书  asked, found, outcome, basis, remedy, review
 *     delivery slip       送达回证    signed by who receives a paper, comes back to the file
 *     receipt             回执        handed over at a counter, once, with the person's code
 *
 * Chinese papers keep the measures of GB/T 9704-2012 (margins, 16 pt text at 22 lines a page,
 * centred 22 pt title, letter form with red double lines); English ones are laid out as a British
 * office writes. The seal is never printed: its place is left free. A series number that has not
 * been given yet is a gap to write in.
 *
 * Everything printed comes from struct letter: the layout reads no database and knows no names but
 * those it is given. No sheet names who raised a matter; letters are addressed by the reference
 * unless the caller has a line for the envelope.
 *
 * Empty members leave their sentence out, or on forms an empty box. Text is plain text. Errors are
 * those of lib/pdf: ERR_REFUSED with "pdf.glyph_missing" for a character that no font has,
 * ERR_LIMIT with "pdf.too_long"; ERR_INVALID for a letter without kind, language, office or
 * reference.
 *
 * Threads: any; one letter is one thread's. Memory: as lib/pdf, and at most 4 MB for sentences.
 *
 *     struct letter l = {.kind = LETTER_DECISION, .lang = msg_lang_find(STR("zh-CN")), ...};
 *     CLEANUP(buf_done) struct buf file;
 *     buf_init(&file, LETTER_BYTES_MAX);
 *     TRY(letter_print(&l, &file, info));
 */
#ifndef HUIYIN_SIGHT_LETTERS_H
#define HUIYIN_SIGHT_LETTERS_H

#include "base/err.h"
#include "base/str.h"
#include "lib/text/msg.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LETTER_BYTES_MAX = 16 << 20 };

enum letter_kind {
    LETTER_NONE = 0,
    LETTER_INTAKE,
    LETTER_ACCEPTANCE,
    LETTER_DECISION,
    LETTER_DELIVERY,
    LETTER_RECEIPT,
    LETTER_KIND_COUNT
};

enum letter_outcome {
    LETTER_OUTCOME_NONE = 0,
    LETTER_SUPPORTED,
    LETTER_EXPLAINED,
    LETTER_NOT_SUPPORTED,
    LETTER_OUTCOME_COUNT
};

/* Who writes. */
struct letter_office {
    struct str name;
    struct str address;
    struct str phone;
    struct str hours;
    struct str site; /* where the person comes back with the code */
};

/* A time limit, as the person may read it. */
struct letter_due {
    struct str what;
    struct str law;      /* law and article, "" for none */
    int32_t last_day;    /* 0: at once */
    bool is_provisional; /* the calendar of that year is not known yet */
};

/* 〔2026〕12号; number 0 leaves a gap to write in. */
struct letter_series {
    struct str mark; /* 机关代字 */
    int32_t year;
    int32_t number;
};

struct letter_answer {
    enum letter_outcome outcome;
    struct str asked;
    struct str found;
    struct str reply; /* the answer itself, when it was not written in parts */
    struct str basis;
    struct str remedy;
    int32_t remedy_day; /* 0: none */
};

struct letter_review {
    struct str where; /* who looks at it again; "" when there is no further step inside */
    int32_t until_day;
};

struct letter {
    enum letter_kind kind;
    const struct msg_lang *lang;
    int64_t printed_us; /* date in the file */
    int32_t paper_day;  /* date under the letter; 0 leaves a gap to write in */
    struct letter_office office;
    struct letter_series series;
    struct str reference;
    struct str register_number;
    struct str recipient; /* "" addresses by the reference */
    struct str title;
    struct str text;
    struct str wish;
    struct str place;
    struct str matter_kind; /* in the reader's words, as all that follow */
    struct str channel;
    struct str identity;
    struct str owner;    /* office answerable now */
    struct str taken_by; /* officer who entered it */
    int32_t received_day;
    int32_t entered_day;
    struct str basis; /* law on which it is taken */
    const struct letter_due *dues;
    size_t due_count;
    struct str elsewhere; /* the other door, and until when */
    struct letter_answer answer;
    struct letter_review review;
    struct str served; /* delivery slip: the paper that is served */
    struct str code;   /* receipt: "0123 4567 ..."; printed once, kept nowhere */
};

/* Appends the file. */
enum err letter_print(const struct letter *l, struct buf *ret_file, struct err_info *info);

/* "intake" "acceptance" "decision" "delivery" "receipt", as they stand in addresses; LETTER_NONE
 * for another word. */
enum letter_kind letter_kind_of_word(struct str word);
struct str letter_kind_word(enum letter_kind kind);

#endif
