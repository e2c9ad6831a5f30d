/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "main/commands.h"

#include "main/init.h"
#include "main/log_audit.h"
#include "main/routes.h"
#include "main/serve.h"
#include "matter/explain.h"
#include "matter/rebuild.h"
#include "reach/import.h"
#include "spine/pack.h"

#include <stdio.h>
#include <string.h>

static int cmd_version(int argc, char **argv)
{
    (void)argv;
    if (argc != 1)
        return EXIT_USAGE;
    printf("huiyin %s\n", HUIYIN_VERSION);
    return EXIT_DONE;
}

const struct command COMMANDS[] = {
    {"due check", "FILE.csv [--packs DIR]", "recomputes a table of last days", cmd_due_check},
    {"due explain", "REF [--data DIR]", "shows how each time limit of a matter was counted",
     cmd_due_explain},
    {"import matters",
     "FILE.csv --map MAP.json [--office CODE] [--rejects PATH] [--dry-run] [--data DIR]",
     "takes matters over from another system's file", cmd_import},
    {"log audit", "[--data DIR]", "recomputes the whole log from its rows", cmd_log_audit},
    {"init", "[--data DIR] [--pack ID] [--zone ZONE] [--origin NAME] [--admin LOGIN] [--demo]",
     "makes a new installation, and prints what is shown only once", cmd_init},
    {"pack check", "DIR...", "reads packs as a server would and lists every fault", cmd_pack_check},
    {"routes", "", "lists every door of the server, and who may come in", cmd_routes},
    {"serve", "[--data DIR] [--port N] [--listen ADDRESS] [--front] [--quiet]",
     "serves pages and API until it is told to stop", cmd_serve},
    {"rebuild", "--check [--data DIR]", "folds all events again and compares them with the rows",
     cmd_rebuild},
    {"version", "", "says which version this is", cmd_version},
    {NULL, NULL, NULL, NULL},
};

/* How many leading words of argv spell `name`, all of it; 0 when they do not. */
static int words_of(const char *name, int argc, char **argv)
{
    int words = 0;
    while (*name != '\0') {
        size_t len = strcspn(name, " ");
        if (words == argc || strlen(argv[words]) != len || memcmp(argv[words], name, len) != 0)
            return 0;
        name += name[len] == ' ' ? len + 1 : len;
        words++;
    }
    return words;
}

const struct command *command_find(int argc, char **argv, int *ret_words)
{
    const struct command *best = NULL;
    for (const struct command *c = COMMANDS; c->name != NULL; c++) {
        int words = words_of(c->name, argc, argv);
        if (words > 0 && (best == NULL || words > *ret_words)) {
            best = c;
            *ret_words = words;
        }
    }
    return best;
}
