/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * ref: the two names a dossier has outside the database, computed from its integer and K_id and
 * never stored.
 *
 * id16, for event texts, files in addresses and AAD:
 *   BLAKE2b-128(key K_id, "huiyin-id/v1" || be64(id))
 *   The system stream (id 0) is sixteen zero bytes.
 *
 * The public reference, "K7Q2-9F4M":
 *   v    = P(id) for ids 1 .. 2^35 - 1, P a permutation of the numbers below 2^35:
 *          a Feistel network of four rounds on 36 bits (two halves of 18, left the upper one),
 *            F(round, half) = low 18 bits of be32(first four bytes of
 *                             BLAKE2b-128(key K_id, "huiyin-ref/v1" || round || be32(half)))
 *            (left, right) = (right, left xor F(round, right))   for round = 0, 1, 2, 3
 *          walked until the result is below 2^35 (two steps on average);
 *   seven letters, the five highest bits first, of Crockford's 0123456789ABCDEFGHJKMNPQRSTVWXYZ;
 *   the eighth letter is the sum over GF(32) = GF(2)[a]/(a^5 + a^2 + 1) of a^(i+1) * letter i,
 *          i = 0 .. 6. One wrong letter and any two letters swapped are always noticed.
 * It is no secret and proves nothing; it does not tell how many matters there are.
 *
 * Pure and thread-safe.
 */
#ifndef HUIYIN_SPINE_REF_H
#define HUIYIN_SPINE_REF_H

#include "base/ids.h"
#include "base/str.h"
#include "lib/crypt/crypt.h"

enum { ID16_BYTES = 16, REF_BYTES = 9, REF_ID_BITS = 35 };

struct id16 {
    uint8_t b[ID16_BYTES];
};

void ref_id16(const uint8_t k_id[KEY_BYTES], struct dossier_id id, struct id16 *ret_id16);

/* Writes "K7Q2-9F4M" and a NUL. The id must be in 1 .. 2^35 - 1. */
void ref_format(const uint8_t k_id[KEY_BYTES], struct dossier_id id, char ret_text[REF_BYTES + 1]);

/* Reads what people type: any case, blanks and dashes of any kind anywhere, O for 0, I and L for 1,
 * full-width letters and digits. False when the length, a letter or the check letter is wrong, or
 * the number behind it was never an id (0). Whether there is such a dossier it does not know. */
bool ref_parse(const uint8_t k_id[KEY_BYTES], struct str text, struct dossier_id *ret_id);

/* The permutation itself, for tests: v must be below 2^35. */
uint64_t ref_permute(const uint8_t k_id[KEY_BYTES], uint64_t v);
uint64_t ref_unpermute(const uint8_t k_id[KEY_BYTES], uint64_t v);

#endif
