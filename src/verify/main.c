/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/mem.h"
#include "lib/crypt/crypt.h"
#include "verify/tool.h"
#include "verify/verify.h"

#include <stdio.h>
#include <string.h>

enum { ARENA_BYTES = 64 << 20 };

struct verb {
    const char *name;
    enum answer (*ask)(const struct question *q);
    size_t files;
    const char *usage;
};

static const struct verb VERBS[] = {
    {"receipt", verify_receipt, 1, "receipt FILE --policy P"},
    {"history", verify_history, 1, "history FILE --policy P"},
    {"body", verify_body, 1, "body FILE --event E --salt S"},
    {"time", verify_time, 1, "time FILE --checkpoints DIR --policy P"},
    {"consistency", verify_consistency, 2,
     "consistency OLD NEW --tiles DIR --policy P\nhuiyin-verify consistency OLD PROOF --policy P"},
    {"checkpoint", verify_checkpoint, 1, "checkpoint FILE --policy P [--printed TEXT]"},
    {"bundle", verify_bundle, 1, "bundle DIR --policy P"},
};

static int usage(void)
{
    for (size_t i = 0; i < sizeof VERBS / sizeof *VERBS; i++)
        fprintf(stderr, "huiyin-verify %s\n", VERBS[i].usage);
    return ANSWER_USAGE;
}

static bool words_read(int argc, char **argv, const struct verb *verb, struct question *q)
{
    const struct tool_option options[] = {
        {"--policy", &q->policy},           {"--event", &q->event}, {"--salt", &q->salt},
        {"--checkpoints", &q->checkpoints}, {"--tiles", &q->tiles}, {"--printed", &q->printed}};
    const char *files[2] = {NULL, NULL};
    bool is_good =
        tool_options(argc, argv, options, sizeof options / sizeof *options, files, verb->files);
    q->file = files[0];
    q->second = files[1];
    return is_good;
}

int main(int argc, char **argv)
{
    const struct verb *verb = NULL;
    for (size_t i = 0; argc > 1 && i < sizeof VERBS / sizeof *VERBS; i++)
        if (strcmp(argv[1], VERBS[i].name) == 0)
            verb = &VERBS[i];
    CLEANUP(arena_done) struct arena arena;
    arena_init(&arena, ARENA_BYTES);
    struct question q = {.arena = &arena};
    if (verb == NULL || !words_read(argc, argv, verb, &q))
        return usage();
    if (crypt_init() != ERR_OK)
        return ANSWER_INVALID;
    return (int)verb->ask(&q);
}
