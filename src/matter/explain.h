/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * explain: the working of every due of a matter, line by line, from its events alone.
 */
#ifndef HUIYIN_MATTER_EXPLAIN_H
#define HUIYIN_MATTER_EXPLAIN_H

/* `huiyin due explain REF [--data DIR]`: 0 told, 1 there is no such matter or it cannot be read,
 * 2 usage. Reads only; a server may go on. */
int cmd_due_explain(int argc, char **argv);

#endif
