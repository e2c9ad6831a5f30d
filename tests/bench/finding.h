/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* finding: the index of a data set, and how long a search for words takes there. */
#ifndef HUIYIN_TESTS_BENCH_FINDING_H
#define HUIYIN_TESTS_BENCH_FINDING_H

#include "spine/house.h"
#include "tests/bench/hist.h"

/* Indexes all that is there; prints how far it is. */
enum err finding_index(const struct house *h, struct err_info *info);

/* Searches as officer 1 for words that many matters have, newest first, `rounds` times over all
 * the words, in one thread; the first round, which warms up, is not counted. */
enum err finding_run(const char *dir, int rounds, struct hist *ret_hist, struct err_info *info);

#endif
