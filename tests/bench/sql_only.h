/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* sql_only: what a traced child asked of SQLite for each of its answers, stepped again in a loop
 * without HTTP, templates or program: the yardstick of the pages. */
#ifndef HUIYIN_TESTS_BENCH_SQL_ONLY_H
#define HUIYIN_TESTS_BENCH_SQL_ONLY_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct sql_only {
    const char *dir;
    const char *trace; /* see script.h */
    size_t threads;    /* each with a reader of its own; at most 8 */
    double seconds;
    int32_t today; /* what HY_TODAY() says */
};

struct sql_only_result {
    double rate;            /* answers (read transactions) a second, all threads together */
    double statements_each; /* BEGIN and ROLLBACK too */
    double rows_each;
    double cpu_us; /* processor time of one answer */
};

/* Runs the read transactions of the trace over and over. Each statement is prepared once for a
 * thread and bound again, every column of every row is taken, as the program does. */
enum err sql_only_run(const struct sql_only *how, struct sql_only_result *ret_result,
                      struct err_info *info);

#endif
