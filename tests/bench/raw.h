/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * raw: what the store itself can take.
 *
 * The rows of the newest matters of a data folder are read into memory, table by table, and then
 * written again under new keys into the same files by bare prepared statements: a transaction per
 * `batch` matters, the same pragmas, the same coordinated checkpoints, no program around it. What
 * comes out is the limit that the server is measured against.
 */
#ifndef HUIYIN_TESTS_BENCH_RAW_H
#define HUIYIN_TESTS_BENCH_RAW_H

#include "base/err.h"

#include <stdint.h>

struct raw;

/* Reads the rows of the `matters` newest dossiers. Nothing else may have the folder open. */
enum err raw_load(const char *dir, int64_t matters, struct raw **ret_raw, struct err_info *info);
void raw_free(struct raw *r);

/* Writes them all once; may be called again: keys go on counting. */
enum err raw_run(struct raw *r, const char *dir, int64_t batch, double *ret_seconds,
                 struct err_info *info);

/* Rows of one matter, on the average. */
double raw_rows_each(const struct raw *r);
int64_t raw_matters(const struct raw *r);

#endif
