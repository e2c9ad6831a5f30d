/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * small_room: a server with a row of each kind and a writer whose queue holds four, for tests that
 * send whole requests. One at a time; `r` is the last answer.
 */
#ifndef HUIYIN_TESTS_HTTP_SMALL_ROOM_H
#define HUIYIN_TESTS_HTTP_SMALL_ROOM_H

#include "tests/check.h"
#include "tests/http/loopback.h"

#include <stdatomic.h>

#define OFFICER_COOKIE "hyo=0101010101010101010101010101010101010101010101010101010101010101"

extern struct loopback lb;
extern struct answer_read r;

extern atomic_int small_room_shut;  /* while it is 1 the act of /note stands still in the writer */
extern atomic_int small_room_acts;  /* how often that act ran */
extern atomic_int small_room_drops; /* … and that of /drop */
extern atomic_int small_room_seen;  /* officers' sessions that were touched */

/* Set-up and tear-down of a group. */
int small_room_open(void **state);
int small_room_close(void **state);
/* Until the act of /note has run so often. */
void small_room_wait(int want);

/* A page with a form: its token and the cookie that goes with it. */
struct ticket {
    char csrf[64];
    char cookie[160]; /* a whole header line */
};

void ticket_from(const char *path, struct ticket *t);
/* Posts a text to /note and reads the answer. */
void ticket_note(const struct ticket *t, const char *headers, const char *text);
/* Posts it and answers the connection; the answer is not read. */
int ticket_post_to(const char *path, const struct ticket *t, const char *text);
int ticket_post(const struct ticket *t, const char *text);
/* Posts it to /save, where it becomes a draft. */
void ticket_save(const struct ticket *t, const char *text);

#endif
