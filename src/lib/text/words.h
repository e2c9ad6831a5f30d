/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * words: text as a searcher, a sorter and a form see it.
 *
 * Folding is NFKC with full case folding, so that full-width letters, ligatures and capitals meet
 * their plain forms. Words come from ICU's break rules and dictionary. ICU objects are cached per
 * thread; when there is no memory the functions say so. Input is valid UTF-8. Any thread.
 */
#ifndef HUIYIN_LIB_TEXT_WORDS_H
#define HUIYIN_LIB_TEXT_WORDS_H

#include "base/err.h"
#include "base/str.h"
#include "lib/text/msg.h"

#include <stdbool.h>
#include <stdint.h>

/* Appends `s` folded: NFKC and case. */
enum err words_fold(struct str s, struct buf *b);
/* Appends `s` in NFC, nothing else changed. */
enum err words_nfc(struct str s, struct buf *b);

/* A Han ideograph (script Han, extensions too), not kana, not punctuation. */
bool words_is_han(int32_t cp);
/* A letter, digit or mark of any script: what a word is made of. */
bool words_is_word(int32_t cp);
/* 0..9 for a decimal digit of any script (also full-width), else -1. */
int32_t words_digit(int32_t cp);
/* Appends `s` with the decimal digits of any script as ASCII, the rest unchanged. */
void words_ascii_digits(struct str s, struct buf *b);
/* Appends only the digits of `s`, as ASCII ("１８ 3-4" gives "1834"). */
void words_only_digits(struct str s, struct buf *b);

enum words_kind {
    WORDS_NONE = 0,
    WORDS_LETTERS, /* a word of letters */
    WORDS_NUMBER,
    WORDS_HAN, /* Han by the dictionary; one character when the dictionary has no word there */
    WORDS_KANA
};

struct words_word {
    struct str text; /* view into the input */
    enum words_kind kind;
    size_t chars;
};

/* Calls `on_word` for each word in order; an error of it stops the walk and is returned. */
enum err words_each(struct str s, enum err (*on_word)(void *ctx, const struct words_word *w),
                    void *ctx);

/* Order of two texts for that reader: pinyin for Chinese. < 0, 0, > 0; bytewise when ICU has no
 * memory. */
int words_compare(const struct msg_lang *lang, struct str a, struct str b);
/* Appends bytes whose memcmp order is that order. */
enum err words_sort_key(const struct msg_lang *lang, struct str s, struct buf *b);

#endif
