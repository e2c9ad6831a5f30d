/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * options: words like --data DIR behind a command's name.
 *
 * A table names them; what is no option is an operand. An unknown option, a missing value or too
 * many operands is said in one sentence on standard error, and the command ends with EXIT_USAGE.
 */
#ifndef HUIYIN_MAIN_OPTIONS_H
#define HUIYIN_MAIN_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

struct option_row {
    const char *name;   /* "--data" */
    const char **value; /* takes a value, or */
    bool *flag;         /* stands alone */
};

/* argv[0] is the command's name. Operands go to `operands`, at most `max`. */
bool options_read(int argc, char **argv, const struct option_row *rows, size_t row_count,
                  const char **operands, size_t max, size_t *ret_count);

#endif
