/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "main/options.h"

#include <stdio.h>
#include <string.h>

static const struct option_row *row_find(const struct option_row *rows, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    }
    return NULL;
}

bool options_read(int argc, char **argv, const struct option_row *rows, size_t row_count,
                  const char **operands, size_t max, size_t *ret_count)
{
    *ret_count = 0;
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) != 0) {
            if (*ret_count == max) {
                fprintf(stderr, "huiyin: there is no place for \"%s\" here\n", argv[i]);
                return false;
            }
            operands[(*ret_count)++] = argv[i];
            continue;
        }
        const struct option_row *row = row_find(rows, row_count, argv[i]);
        if (row == NULL) {
            fprintf(stderr, "huiyin: there is no option %s\n", argv[i]);
            return false;
        }
        if (row->flag != NULL) {
            *row->flag = true;
            continue;
        }
        if (i + 1 == argc) {
            fprintf(stderr, "huiyin: %s needs a value\n", argv[i]);
            return false;
        }
        *row->value = argv[++i];
    }
    return true;
}
