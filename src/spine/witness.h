/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * witness: who cosigns the log's checkpoints from outside (trust.md section 8.5).
 *
 * A witness keeps the last checkpoint it saw, signs a newer one only when it continues it, and says
 * when. With its lines a fork and a back-dated event can be shown by anybody. Witnesses are named
 * by the administrators; what they send proves itself, so anybody may bring it.
 */
#ifndef HUIYIN_SPINE_WITNESS_H
#define HUIYIN_SPINE_WITNESS_H

#include "base/arena.h"
#include "spine/note.h"

struct db;
struct house;
struct tx;

enum { WITNESSES_MAX = 16 };

struct witness {
    struct note_key key; /* name and public half */
    struct str vkey;
    int64_t since_us;
};

/* By name, in the arena. */
enum err witness_list(struct db *db, struct arena *a, struct witness **ret_rows, size_t *ret_count);

/* ERR_INVALID "witness.bad_key": not the vkey of a witness (algorithm 4). ERR_CONFLICT
 * "witness.known": the name or the key is there. ERR_REFUSED "witness.full". */
enum err witness_add(struct tx *tx, struct str vkey, struct witness *ret_added);
/* What was cosigned stays. ERR_NOT_FOUND. */
enum err witness_end(struct tx *tx, struct str name);

/* Keeps the lines of a cosigned checkpoint; *ret_count of them are new. ERR_INVALID
 * "witness.no_note": not a note; "witness.forged": a line of a known witness is wrong.
 * ERR_NOT_FOUND "witness.no_checkpoint": no public checkpoint of ours. ERR_REFUSED
 * "witness.stranger": no line of a witness that is named here. */
enum err witness_take(struct tx *tx, const struct house *house, struct str note, size_t *ret_count);

#endif
