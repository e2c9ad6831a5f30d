/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* guards: what must be so before a command may do what it does. Private to the rules. */
#ifndef HUIYIN_MATTER_GUARDS_H
#define HUIYIN_MATTER_GUARDS_H

#include "matter/work.h"

/* ERR_OK when it holds; else the sentence is in w->info. */
typedef enum err guard_fn(const struct work *w);

/* NULL when there is none of that name; with `early`, also when it needs the fields of a form. */
guard_fn *guard_find(const char *name, bool early);

/* The office's due in that state which the command is about: the one named by n, else the only
 * one; NULL when there is none or several. */
const struct matter_due *guard_due(const struct work *w, enum due_state state);

#endif
