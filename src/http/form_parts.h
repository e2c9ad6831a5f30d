/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* form_parts: what the files of form.h share among themselves. Nobody else includes it. */
#ifndef HUIYIN_HTTP_FORM_PARTS_H
#define HUIYIN_HTTP_FORM_PARTS_H

#include "http/form.h"

/* One fault on the body as a whole; always ERR_INVALID. */
enum err form_body_fault(struct form_faults *faults, const char *key);

/* A fault on a field whose name came from outside: cut and cleaned. */
void form_fault_named(struct arena *a, struct form_faults *faults, struct str name,
                      const char *key);

/* Short, valid UTF-8: what came with everything forbidden (without `lines` also line ends and tabs)
 * replaced by U+FFFD. */
struct str form_clean(struct arena *a, struct str dirty, size_t bytes_max, bool lines);

/* Appends `s` with full-width digits as ASCII ones and the rest unchanged; b has room or sticks. */
void form_fold_digits(struct str s, struct buf *b);

#endif
