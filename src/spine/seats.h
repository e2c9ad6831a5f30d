/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * seats: who holds a post where, remembered while the writer takes in one matter after another.
 *
 * Every raise asks who may take in and whether somebody can read it, and in a batch of a hundred
 * the answers are the same few rows. They hold from one raise to the next; any other job, a job
 * undone and the end of the batch forget them, so that nothing is ever remembered over a change of
 * posts; a job that raises must change none. The writer's thread only. seats_begin, seats_mark and
 * seats_forget are its hooks.
 */
#ifndef HUIYIN_SPINE_SEATS_H
#define HUIYIN_SPINE_SEATS_H

#include "spine/office.h"

struct seats;

enum err seats_new(struct seats **ret_seats);
/* NULL is allowed. */
void seats_free(struct seats *s);

enum err seats_begin(void *self, struct tx *tx);
void seats_mark(void *self);
void seats_forget(void *self);

/* This job changes no post: what it learns may stand for the next one. */
void seats_keep(struct seats *s);

/* officer_held and office_unbarred_count (without anybody barred), asked once. `s` may be NULL:
 * then the store is asked. What seats_held gives is valid until the job ends. */
enum err seats_held(struct seats *s, struct tx *tx, struct officer_id officer, int32_t day,
                    const struct held **ret_held, size_t *ret_count);
enum err seats_count(struct seats *s, struct db *db, struct arena *a, struct office_id office,
                     int32_t day, int64_t most, int64_t *ret_count);

#endif
