/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * code: where a person's code leads (trust.md section 6).
 *
 * The table has the lookup, the dossier, a counter and a state: no date, no address. Nobody can
 * list, show or reset codes; the digits themselves are never stored. Asking the keeper for the
 * lookup is the slow part and happens outside the writer:
 *
 *     keeper_code_find(keeper, typed, lookup)      HTTP thread: KEEPER_MALFORMED is a typing
 * mistake code_use(tx, lookup, &found)                 writer: counts; ERR_NOT_FOUND is "not known,
 *                                                  burned or expired", said in one sentence
 */
#ifndef HUIYIN_TRUST_CODE_H
#define HUIYIN_TRUST_CODE_H

#include "base/ids.h"
#include "base/str.h"

struct db;
struct tx;

enum code_state { CODE_UNSET = 0, CODE_LIVE = 1, CODE_BURNED = 2, CODE_EXPIRED = 3 };

/* ERR_CONFLICT when the lookup is there already: the same form was sent twice. */
enum err code_add(struct tx *tx, const uint8_t lookup[32], struct dossier_id dossier);

struct code_found {
    struct dossier_id dossier;
    int64_t uses_before; /* "this code was used N times before" */
};
/* Counts one use of a live code. */
enum err code_use(struct tx *tx, const uint8_t lookup[32], struct code_found *ret_found);
/* Looks without counting, for sessions that are open already. */
enum err code_look(struct db *db, const uint8_t lookup[32], struct code_found *ret_found);
/* The dossier of a lookup in any state, for "this was sent already". ERR_NOT_FOUND otherwise. */
enum err code_dossier(struct db *db, const uint8_t lookup[32], struct dossier_id *ret_dossier);

/* Was a code ever given out for it, in whatever state? */
enum err code_has(struct db *db, struct arena *a, struct dossier_id dossier, bool *ret_yes);

/* The person's own commands. Burned codes open nothing any more and are never live again. */
enum err code_burn(struct tx *tx, const uint8_t lookup[32]);
/* Burns `old` and puts `fresh` in its place, with the counter at 0. */
enum err code_replace(struct tx *tx, const uint8_t old[32], const uint8_t fresh[32]);
/* All codes of a dossier: when its content expires. */
enum err code_expire(struct tx *tx, struct dossier_id dossier);

/* Does the text hold exactly 24 digits in a row, blanks and dashes between them allowed? Whether
 * they are a code, keeper_code_find says: a text with the person's own code in it is refused. */
bool code_in_text(struct str text, struct str *ret_digits);

/* "0123 4567 ..." in six groups of four, and a NUL. */
enum { CODE_SPACED_BYTES = 30 };
void code_spaced(const char digits[24], char ret_text[CODE_SPACED_BYTES]);

#endif
