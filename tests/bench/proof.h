/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* proof: what the log costs, and what checking it takes. */
#ifndef HUIYIN_TESTS_BENCH_PROOF_H
#define HUIYIN_TESTS_BENCH_PROOF_H

#include "base/err.h"

/* Processor seconds for the hashes of one raise: two events' salts, bodies, commitments and leaves,
 * and a share of the root's nodes and of the signature of a batch of `batch`. */
double proof_hashing(int batch);

/* Seconds to audit the folder's log, and how many leaves it has; ERR_CORRUPT when it is not sound.
 */
enum err proof_audit(const char *dir, double *ret_seconds, double *ret_leaves,
                     struct err_info *info);

/* Median seconds of `huiyin-verify receipt` as a process of its own, on the receipt of the folder's
 * first matter. */
enum err proof_verify(const char *dir, const char *program, double *ret_seconds,
                      struct err_info *info);

#endif
