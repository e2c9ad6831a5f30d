/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * huiyin-witness: watches somebody's log from outside (trust.md section 8.5).
 *
 *   keygen NAME --state DIR                        a key in DIR, made once; prints its vkey
 *   cosign --log VKEY --state DIR --url URL        one look: fetches the checkpoint, proves that it
 *          [--file OUT]                            continues the last one, keeps it, signs, sends
 *   mirror --log VKEY --url URL DIR                every tile into DIR; makes the root again from
 *                                                  the entries themselves
 *
 * URL is the log's: http://town.example/log. Run cosign from cron. With --file the signed note goes
 * into a file (for a USB stick, or for publishing it elsewhere) instead of back to the log. What
 * was seen is on the disk before it is signed, so that a witness never signs two histories,
 * whatever happens to it in between. It believes the tiles for nothing: they only make proofs.
 *
 * Answers: 0 done; 1 ALARM: the log was rolled back, forked or forged (both notes are kept in the
 * state folder); 2 called wrongly, or nothing to reach.
 */
#ifndef HUIYIN_WITNESS_WITNESS_H
#define HUIYIN_WITNESS_WITNESS_H

#include "base/arena.h"
#include "spine/note.h"

enum witness_answer { WITNESS_DONE = 0, WITNESS_ALARM = 1, WITNESS_USAGE = 2 };

struct errand {
    struct arena *arena;
    const char *name;  /* keygen: of the key; mirror: the folder */
    const char *log;   /* vkey */
    const char *state; /* folder */
    const char *url;
    const char *file;
};

/* A sentence on standard error, in English and Chinese by LANG as huiyin-verify does. */
void errand_say(const char *english, const char *chinese, ...)
    __attribute__((format(printf, 1, 3), format(printf, 2, 3)));

enum witness_answer errand_keygen(const struct errand *e);
enum witness_answer errand_cosign(const struct errand *e);
enum witness_answer errand_mirror(const struct errand *e);

/* ---- fetch.c --------------------------------------------------------------------------------- */

/* The body of URL/path; ERR_NOT_FOUND for 404, ERR_IO for anything else but 200, with a sentence.
 */
enum err fetch(const struct errand *e, const char *path, struct buf *ret_body);
/* Posts text/plain; the status, 0 when nothing answered. */
long fetch_post(const struct errand *e, const char *path, struct str text, struct buf *ret_body);

/* ---- state.c --------------------------------------------------------------------------------- */

/* A file of the state folder in the arena, a null str when it is not there. */
struct str state_read(const struct errand *e, const char *name);
/* Whole or not at all, on the disk when it returns; 0600. */
bool state_write(const struct errand *e, const char *name, struct str text);
/* The log's checkpoint of now, with its own signature checked; false with a sentence, and
 * *ret_answer says which. */
bool head_fetch(const struct errand *e, struct note_key *ret_log, struct str *ret_note,
                struct checkpoint *ret_head, enum witness_answer *ret_answer);
/* Downloads a tile below `folder` unless it is there. */
enum err tile_fetch(const struct errand *e, const char *folder, unsigned level, uint64_t n,
                    uint64_t size);

#endif
