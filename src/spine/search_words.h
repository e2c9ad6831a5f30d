/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * search_words: what the index holds of a text, and what of a query is looked for. Pure but for
 * ICU; any thread. For search.c and its tests.
 */
#ifndef HUIYIN_SPINE_SEARCH_WORDS_H
#define HUIYIN_SPINE_SEARCH_WORDS_H

#include "base/err.h"
#include "base/str.h"

/* Appends the text with everything that points to a person replaced by U+25A2: the values in
 * `hide` in any spacing, width and case; telephone numbers, identity numbers, bank cards (7 digits
 * and more, of any script, with blanks and dashes between), addresses of mail, number plates. */
enum err search_redact(struct str text, const struct str *hide, size_t hide_count, struct buf *b);

/* Appends the words of a text, one blank between: overlapping pairs of Han characters and the last
 * one of them by itself, folded words of other scripts. */
enum err search_tokens(struct str text, struct buf *b);

/* Appends a query in the language of FTS5: every word must be there, Han characters in a row. ""
 * when the query has no words. */
enum err search_query(struct str words, struct buf *b);

/* Shaped like a number, an address of mail or a plate that search_redact hides. */
bool search_is_number(struct str words);
/* Only a personal name: a surname of the list and a given name that is no word. */
bool search_is_name(struct str words);

/* Appends the text with everything replaced by U+25A2 that could be a personal name by the same
 * lists, wherever it stands, and rather too much than too little: for matters that are alike. */
enum err search_hide_names(struct str text, struct buf *b);

#endif
