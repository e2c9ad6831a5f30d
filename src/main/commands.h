/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * commands: the one table of what `huiyin` can be told to do.
 *
 * A command gets its own words (argv[0] is its name) and answers with an exit code:
 * 0 done, 1 failed or found something wrong, 2 called wrongly.
 */
#ifndef HUIYIN_MAIN_COMMANDS_H
#define HUIYIN_MAIN_COMMANDS_H

enum exit_code { EXIT_DONE = 0, EXIT_WRONG = 1, EXIT_USAGE = 2 };

struct command {
    const char *name;    /* "pack check": one or two words */
    const char *usage;   /* what follows the name */
    const char *help;    /* one line */
    int (*run)(int argc, char **argv);
};

/* Ends with a row whose name is NULL. */
extern const struct command COMMANDS[];

#endif
