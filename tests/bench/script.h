/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * script: the statements a traced child ran, and what was bound to them.
 *
 * The child writes a line for each statement: the text it was prepared from, SCRIPT_SEPARATOR, and
 * the same text with every parameter spelt out (sqlite3_expanded_sql). Reading finds the values in
 * the second by walking along the first, so that a statement can be prepared once and bound again
 * and again, as the program does. Values are numbers, 'texts', x'blobs' and NULL.
 */
#ifndef HUIYIN_TESTS_BENCH_SCRIPT_H
#define HUIYIN_TESTS_BENCH_SCRIPT_H

#include "base/err.h"
#include "base/str.h"

#include <sqlite3.h>
#include <stddef.h>

#define SCRIPT_SEPARATOR '\x1e'

enum { SCRIPT_TEXTS_MAX = 256, SCRIPT_STEPS_MAX = 40000 };

struct script_value {
    int place; /* which parameter, from 1 */
    int type;  /* SQLITE_INTEGER, SQLITE_TEXT, SQLITE_BLOB, SQLITE_NULL */
    int64_t number;
    struct str bytes; /* of the script */
};

struct script_step {
    int text;     /* which of `texts` */
    size_t first; /* of `values` */
    size_t end;
};

struct script {
    char *texts[SCRIPT_TEXTS_MAX];
    int text_count;
    struct script_step *steps;
    size_t step_count;
    struct script_value *values;
    size_t value_count;
    size_t value_room;
    char *bytes; /* the file */
};

enum err script_read(const char *path, struct script *ret_script, struct err_info *info);
void script_done(struct script *s);

/* Binds the values of a step to its statement. */
void script_bind(const struct script *s, const struct script_step *step, sqlite3_stmt *stmt);

#endif
