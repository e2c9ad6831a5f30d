/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * commands: the one table of what `huiyin` can be told to do.
 *
 * A name is one or two words ("serve", "log audit"); the row with the longest fitting name is run.
 * A command gets its own words: argv[0] is the last word of its name, the rest is the caller's. It
 * answers with an exit code: 0 done, 1 failed or found something wrong, 2 called wrongly.
 */
#ifndef HUIYIN_MAIN_COMMANDS_H
#define HUIYIN_MAIN_COMMANDS_H

#include <stddef.h>

enum exit_code { EXIT_DONE = 0, EXIT_WRONG = 1, EXIT_USAGE = 2 };

struct command {
    const char *name;  /* "log audit" */
    const char *usage; /* what follows the name, "" for nothing */
    const char *help;  /* one line */
    int (*run)(int argc, char **argv);
};

/* Ends with a row whose name is NULL. */
extern const struct command COMMANDS[];

/* The row whose name the words argv[0..argc) begin with, and how many words it has; NULL when there
 * is none. */
const struct command *command_find(int argc, char **argv, int *ret_words);

#endif
