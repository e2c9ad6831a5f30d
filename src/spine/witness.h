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

/* A line to keep. */
struct witness_line {
    int64_t size;
    struct str witness;
    struct str line;
    int64_t at_us;
};

/* Checks a cosigned checkpoint: signatures cost time, so not in the writer. Lines in the arena.
 * ERR_INVALID
 * "witness.no_note": not a note; "witness.forged": a line of a known witness is wrong.
 * ERR_NOT_FOUND "witness.no_checkpoint": no public checkpoint of ours. ERR_REFUSED
 * "witness.stranger": no line of a witness that is named here. */
enum err witness_check(struct db *db, struct arena *a, const struct house *house, struct str note,
                       struct witness_line **ret_lines, size_t *ret_count, struct err_info *info);
/* Keeps them; the first time a witness said it is the one that counts. */
enum err witness_keep(struct tx *tx, const struct witness_line *lines, size_t count);

#endif
