/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * town: the data set of the bench: a house with a few offices and `matters` matters, raised by
 * the same use case as in the server, with events, dues, grants, log and outbox. Made once in a
 * folder and used again; every measurement works on a copy.
 */
#ifndef HUIYIN_TESTS_BENCH_TOWN_H
#define HUIYIN_TESTS_BENCH_TOWN_H

#include "base/err.h"
#include "base/ids.h"
#include "db/writer.h"
#include "matter/use.h"

enum { TOWN_OFFICES = 16 };

/* What the n-th matter says: words of both languages, about as long as what people write. */
struct town_words {
    char title[128];
    char text[1024];
    char place[64];
};
void town_words(uint64_t n, struct town_words *ret_words);

/* Makes the folder when it is not there or not whole; prints progress. */
enum err town_make(const char *dir, int64_t matters, struct err_info *info);

/* Half made, or made with other tables than this program's: to be thrown away. */
bool town_is_stale(const char *dir);

/* How many matters a made folder began with, and the id of the first. */
int64_t town_size(const char *dir);
int64_t town_first_id(const char *dir);

/* Raises `count` matters through the writer with `in_flight` at a time, each as an officer with an
 * idempotency key. The n-th is town_words(first + n). *ret_seconds, and latencies into `h` (may be
 * NULL). */
struct hist;
struct town_raise {
    const struct house *house;
    int64_t count;
    size_t in_flight;
    uint64_t first;
    int64_t virtual_from_us; /* > 0: the clock runs from there to now over the whole run */
    bool progress;
};
enum err town_raise(const struct town_raise *r, double *ret_seconds, struct hist *h,
                    struct err_info *info);

#endif
