/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tool: what the programs for outsiders have in common: sentences in the reader's language without
 * the catalogue, options with a value each, whole files. For src/verify and src/witness.
 */
#ifndef HUIYIN_VERIFY_TOOL_H
#define HUIYIN_VERIFY_TOOL_H

#include "base/arena.h"
#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>

/* One of the two, by LC_ALL, LC_MESSAGES, LANG. */
const char *tool_word(const char *english, const char *chinese);
/* A sentence and its line end. Both spellings take the same arguments in the same order. */
void tool_say(FILE *to, const char *english, const char *chinese, va_list args)
    __attribute__((nonnull(1, 2, 3), format(printf, 2, 0), format(printf, 3, 0)));

struct tool_option {
    const char *name; /* "--policy" */
    const char **value;
};
/* Reads argv from the third word on: options take a value each, the rest go to `words` in order.
 * False when an option is unknown or lacks its value, or when there are not `count` words. */
bool tool_options(int argc, char **argv, const struct tool_option *options, size_t option_count,
                  const char **words, size_t count);

/* A whole file of at most `most` bytes; false when it cannot be read. */
bool tool_read(struct arena *a, const char *path, size_t most, struct str *ret_text);

#endif
