/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * jobs: the timed work of a server, on two threads of its own.
 *
 * One looks every half second: answers whose thirty seconds are over, dues that have passed,
 * sessions and pending boxes whose time is up, publication slots of the log. Everything goes in
 * small chunks through the writer, as what people do does, so that filings never wait behind it.
 * The other keeps the search index up with the log.
 */
#ifndef HUIYIN_MAIN_JOBS_H
#define HUIYIN_MAIN_JOBS_H

#include "base/err.h"
#include "spine/house.h"

struct jobs;

enum err jobs_start(const struct house *h, struct jobs **ret_jobs);
/* Waits for the chunk under way. NULL is allowed. */
void jobs_stop(struct jobs *j);

#endif
