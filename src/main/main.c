/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* main: finds the command and runs it. */
#include "main/commands.h"

#include <stdio.h>
#include <sys/stat.h>

static void print_usage(FILE *out)
{
    fputs("huiyin: every matter gets an answer, in time, and anyone can check that it did.\n\n",
          out);
    for (const struct command *c = COMMANDS; c->name != NULL; c++)
        fprintf(out, "  huiyin %s %s\n      %s\n", c->name, c->usage, c->help);
}

int main(int argc, char **argv)
{
    (void)umask(077); /* what is made here is for whoever runs the program alone */
    int words = 0;
    const struct command *c = command_find(argc - 1, argv + 1, &words);
    if (c == NULL) {
        if (argc > 1)
            fprintf(stderr, "huiyin: there is no command \"%s\"\n\n", argv[1]);
        print_usage(stderr);
        return EXIT_USAGE;
    }
    int code = c->run(argc - words, argv + words);
    if (code == EXIT_USAGE)
        fprintf(stderr, "usage: huiyin %s %s\n", c->name, c->usage);
    return code;
}
