/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* peek: a look at a folder, or a change to it, past the program; nobody else may have it open. */
#ifndef HUIYIN_TESTS_BENCH_PEEK_H
#define HUIYIN_TESTS_BENCH_PEEK_H

#include "base/err.h"

#include <stdint.h>

/* The first column of the first row; ERR_NOT_FOUND when there is none. */
enum err peek_number(const char *dir, const char *sql, int64_t *ret_number, struct err_info *info);
enum err peek_run(const char *dir, const char *sql, struct err_info *info);

#endif
