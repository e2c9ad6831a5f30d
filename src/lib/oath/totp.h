/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * totp: second factors that change every 30 seconds (RFC 6238: SHA-1, six digits), and the base 32
 * in which people carry their seed to a telephone (RFC 4648 section 6).
 *
 * A step is the number of half minutes since 1970. Which step was used last, the caller keeps: a
 * code is good once. The only folder that includes liboath. Thread-safe.
 */
#ifndef HUIYIN_LIB_OATH_TOTP_H
#define HUIYIN_LIB_OATH_TOTP_H

#include "base/err.h"
#include "base/str.h"

enum { TOTP_SEED_BYTES = 20, TOTP_DIGITS = 6, TOTP_BASE32_BYTES = 33 };

int64_t totp_step_of(int64_t now_us);

/* Six digits and a NUL. */
enum err totp_code(const unsigned char seed[TOTP_SEED_BYTES], int64_t step,
                   char ret_text[TOTP_DIGITS + 1]);

/* The step, among `now` and its two neighbours, whose code was given and that is after `last`; -1
 * when there is none. Takes the same time for every answer. `digits` are six ASCII digits. */
int64_t totp_match(const unsigned char seed[TOTP_SEED_BYTES], struct str digits, int64_t now,
                   int64_t last);

/* 32 letters and digits and a NUL. */
void totp_base32(const unsigned char seed[TOTP_SEED_BYTES], char ret_text[TOTP_BASE32_BYTES]);

#endif
