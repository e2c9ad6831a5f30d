/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "trust/passphrase.h"

#include "base/rng.h"
#include "lib/crypt/crypt.h"

#include <string.h>

static const char CONSONANTS[] = "bdfghjklmnprstvwyz";
static const char VOWELS[] = "aeio";
static const char *const ENDINGS[] = {"a", "e", "i", "o", "u", "on"};

/* In the list by rule, but no words to hand to anybody. */
static const char *const UNSAID[] = {"dago", "kike"};

_Static_assert(sizeof CONSONANTS - 1 == 18, "consonants");

void passphrase_word(uint32_t n, char ret_word[PASSPHRASE_WORD_BYTES])
{
    const char *ending = ENDINGS[n % 6];
    n /= 6;
    ret_word[2] = CONSONANTS[n % 18];
    n /= 18;
    ret_word[1] = VOWELS[n % 4];
    n /= 4;
    ret_word[0] = CONSONANTS[n % 18];
    ret_word[3] = ending[0];
    ret_word[4] = ending[1]; /* its NUL, or the second letter */
    ret_word[5] = '\0';
}

static bool is_unsaid(const char *word)
{
    for (size_t i = 0; i < sizeof UNSAID / sizeof *UNSAID; i++)
        if (strcmp(word, UNSAID[i]) == 0)
            return true;
    return false;
}

/* Uniform below 7,776: 16-bit numbers of 62,208 (8 * 7,776) and more are thrown away. */
static enum err random_word(char ret_word[PASSPHRASE_WORD_BYTES])
{
    uint8_t bytes[2];
    uint32_t n = 0;
    do {
        do {
            TRY(rng_bytes(bytes, sizeof bytes));
            n = (uint32_t)bytes[0] << 8 | bytes[1];
        } while (n >= 8 * PASSPHRASE_LIST);
        passphrase_word(n % PASSPHRASE_LIST, ret_word);
    } while (is_unsaid(ret_word));
    return ERR_OK;
}

enum err passphrase_make(char ret_text[PASSPHRASE_TEXT_BYTES])
{
    size_t at = 0;
    for (size_t i = 0; i < PASSPHRASE_WORDS; i++) {
        char word[PASSPHRASE_WORD_BYTES];
        TRY(random_word(word));
        if (i > 0)
            ret_text[at++] = ' ';
        memcpy(ret_text + at, word, strlen(word));
        at += strlen(word);
        crypt_wipe(word, sizeof word);
    }
    ret_text[at] = '\0';
    return ERR_OK;
}

bool passphrase_tidy(struct str typed, char ret_text[PASSPHRASE_TEXT_BYTES])
{
    size_t len = 0;
    bool gap = false;
    for (size_t i = 0; i < typed.len; i++) {
        char c = typed.ptr[i];
        if (c == ' ' || c == '-' || c == '\t' || c == '\n' || c == '\r') {
            gap = len > 0;
            continue;
        }
        if (len + 2 >= PASSPHRASE_TEXT_BYTES)
            return false;
        if (gap)
            ret_text[len++] = ' ';
        gap = false;
        ret_text[len++] = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
    }
    ret_text[len] = '\0';
    return true;
}
