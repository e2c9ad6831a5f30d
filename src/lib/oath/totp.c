/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "lib/oath/totp.h"

#include "base/instant.h"

#include <liboath/oath.h>

enum { STEP_S = 30 };

int64_t totp_step_of(int64_t now_us)
{
    return now_us / (STEP_S * US_PER_SECOND);
}

enum err totp_code(const unsigned char seed[TOTP_SEED_BYTES], int64_t step,
                   char ret_text[TOTP_DIGITS + 1])
{
    if (step < 0 ||
        oath_hotp_generate((const char *)seed, TOTP_SEED_BYTES, (uint64_t)step, TOTP_DIGITS, false,
                           OATH_HOTP_DYNAMIC_TRUNCATION, ret_text) != OATH_OK)
        return ERR_INTERNAL;
    return ERR_OK;
}

int64_t totp_match(const unsigned char seed[TOTP_SEED_BYTES], struct str digits, int64_t now,
                   int64_t last)
{
    int64_t found = -1;
    for (int64_t step = now - 1; step <= now + 1; step++) {
        char want[TOTP_DIGITS + 1];
        unsigned differ = digits.len == TOTP_DIGITS ? 0 : 1;
        if (totp_code(seed, step, want) != ERR_OK)
            continue;
        for (size_t i = 0; i < TOTP_DIGITS && i < digits.len; i++)
            differ |= (unsigned char)(want[i] ^ digits.ptr[i]);
        if (differ == 0 && step > last)
            found = step;
    }
    return found;
}

void totp_base32(const unsigned char seed[TOTP_SEED_BYTES], char ret_text[TOTP_BASE32_BYTES])
{
    static const char LETTERS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    unsigned bits = 0;
    unsigned held = 0;
    size_t n = 0;
    for (size_t i = 0; i < TOTP_SEED_BYTES; i++) {
        held = held << 8 | seed[i];
        bits += 8;
        while (bits >= 5) {
            bits -= 5;
            ret_text[n++] = LETTERS[held >> bits & 31U];
        }
        held &= (1U << bits) - 1;
    }
    ret_text[n] = '\0';
}
