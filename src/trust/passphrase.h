/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * passphrase: what a custodian keeps in the head: six words of a list of 7,776, 77 bits.
 *
 * The list is made by rule, not taken from anybody: consonant, vowel, consonant, ending, with 18
 * consonants, 4 vowels and 6 endings (18 * 4 * 18 * 6 = 7,776). Such words can be said, typed and
 * written down by readers of any language, no two are alike, and there is no list to license, ship
 * or lose. The words are joined by single blanks; passphrase_tidy brings what was typed into that
 * form. The rule must never change: stored keys hang on it.
 */
#ifndef HUIYIN_TRUST_PASSPHRASE_H
#define HUIYIN_TRUST_PASSPHRASE_H

#include "base/str.h"
#include "trust/keeper.h"

enum { PASSPHRASE_LIST = 7776, PASSPHRASE_WORD_BYTES = 6 };

/* Word `n` of the list, 0 .. 7,775, with a NUL. */
void passphrase_word(uint32_t n, char ret_word[PASSPHRASE_WORD_BYTES]);

/* Six random words. ERR_IO when the kernel has no random bytes. */
enum err passphrase_make(char ret_text[PASSPHRASE_TEXT_BYTES]);

/* Small letters, single blanks, nothing at the ends; dashes count as blanks. False when it is too
 * long to be one. */
bool passphrase_tidy(struct str typed, char ret_text[PASSPHRASE_TEXT_BYTES]);

#endif
