/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * explain: every time limit a matter has had, with the working of its last day, told from the
 * events alone.
 */
#ifndef HUIYIN_MATTER_EXPLAIN_H
#define HUIYIN_MATTER_EXPLAIN_H

#include "matter/use.h"

struct msg_lang;

/* Appends the text for a story that was read. ERR_CORRUPT when a rule is neither the pack's nor the
 * program's, or the events do not follow. */
enum err matter_explain(struct arena *a, const struct house *h, const struct matter_story *story,
                        const struct msg_lang *lang, struct buf *b, struct err_info *info);

/* `huiyin due explain REF [--data DIR]`: 0 told, 1 there is no such matter or it cannot be read,
 * 2 usage. */
int cmd_due_explain(int argc, char **argv);

#endif
