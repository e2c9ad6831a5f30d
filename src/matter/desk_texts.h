/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk_texts: texts an office uses again, written by its leads, inserted on a matter's page.
 *
 * Four variables are filled in when a text is shown on a matter: {ref} {title} {office} {today}.
 * There is none for a person and no other is let in; what is filled in is not read again.
 */
#ifndef HUIYIN_MATTER_DESK_TEXTS_H
#define HUIYIN_MATTER_DESK_TEXTS_H

#include "matter/desk.h"

enum {
    TEXTS_MAX = 50, /* of an office, both languages together */
    TEXT_CHARS_MAX = 2000,
    TEXT_VARIABLES_MAX = 20 /* keeps a filled-in text near its own size */
};

struct text_values {
    struct str ref;
    struct str title;
    struct str office;
    struct str today;
};

/* NULL, or the key of what is wrong with the variables of a text. Pure. */
const char *desk_text_fault(struct str text);
/* Appends the text with its variables filled in. Pure. */
void desk_text_put(struct buf *b, struct str text, const struct text_values *values);

struct matter;
struct page_desk_matter;
/* The texts of the office the reader acts for; those in the matter's language first. */
enum err desk_texts_fill(struct request *req, const struct matter *m, struct office_id office,
                         struct page_desk_matter *v);

#endif
