/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* sql_only: what a traced child asked of SQLite for each of its answers, stepped again in a loop
 * without HTTP, templates or program: the yardstick of the pages. */
#ifndef HUIYIN_TESTS_BENCH_SQL_ONLY_H
#define HUIYIN_TESTS_BENCH_SQL_ONLY_H

#include "base/err.h"

#include <stddef.h>

/* Runs the read transactions of `trace` over and over in `threads` threads, each with a reader of
 * its own on `dir`, for `seconds`; *ret_rate: transactions (answers) a second. Only those with as
 * many statements as the median one or more count as answers. */
enum err sql_only_run(const char *dir, const char *trace, size_t threads, double seconds,
                      double *ret_rate, double *ret_statements_each, struct err_info *info);

#endif
