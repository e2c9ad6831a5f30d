/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * diag: lines for the operator on standard error.
 *
 * Only http/ and main/ write them; below, failures go up in struct err_info. A line never holds an
 * address, a code, a name or what a person wrote: route template, status, sizes and error details
 * only. Thread-safe; one write(2) a line.
 */
#ifndef HUIYIN_BASE_DIAG_H
#define HUIYIN_BASE_DIAG_H

#include "base/err.h"

enum diag_level { DIAG_ERROR = 0, DIAG_WARN, DIAG_INFO };

/* Lines above `most` are dropped; DIAG_INFO is the default. */
void diag_set_level(enum diag_level most);

void diag_line(enum diag_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* "what: class (key): detail". */
void diag_err(const char *what, const struct err_info *info);

#endif
