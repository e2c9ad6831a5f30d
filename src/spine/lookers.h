/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * lookers: which officers had a dossier open in the last ten minutes, so that two do not answer it
 * at once without knowing of each other.
 *
 * Memory only: nothing is stored, logged or counted, and it ends with the process. A table of
 * LOOKERS_MAX rows; when it is full the oldest look makes room. Officers alone stand in it. What is
 * asked says nothing about who may see the dossier now: the caller asks that of each one named.
 * Any thread.
 */
#ifndef HUIYIN_SPINE_LOOKERS_H
#define HUIYIN_SPINE_LOOKERS_H

#include "base/err.h"
#include "base/ids.h"

#include <stddef.h>
#include <stdint.h>

struct lookers;

enum { LOOKERS_MAX = 512, LOOKERS_SHOWN_MAX = 8 };
#define LOOKERS_US (INT64_C(10) * 60 * 1000000)

enum err lookers_new(struct lookers **ret_lookers);
/* NULL is allowed. */
void lookers_free(struct lookers *l);

void lookers_mark(struct lookers *l, struct dossier_id dossier, struct officer_id officer,
                  int64_t now_us);

/* The others who looked, at most LOOKERS_SHOWN_MAX; returns how many. */
size_t lookers_others(struct lookers *l, struct dossier_id dossier, struct officer_id but,
                      int64_t now_us, struct officer_id ret_officers[LOOKERS_SHOWN_MAX]);

#endif
