/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/mem.h"
#include "lib/crypt/crypt.h"
#include "verify/tool.h"
#include "witness/witness.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

enum { ARENA_BYTES = 256 << 20 };

void errand_say(const char *english, const char *chinese, ...)
{
    va_list args;
    va_start(args, chinese);
    tool_say(stderr, english, chinese, args);
    va_end(args);
}

static const struct {
    const char *name;
    enum witness_answer (*run)(const struct errand *e);
    bool takes_word;
    const char *usage;
} VERBS[] = {
    {"keygen", errand_keygen, true, "keygen NAME --state DIR"},
    {"cosign", errand_cosign, false, "cosign --log VKEY --state DIR --url URL [--file OUT]"},
    {"mirror", errand_mirror, true, "mirror --log VKEY --url URL DIR"},
};

static int usage(void)
{
    for (size_t i = 0; i < sizeof VERBS / sizeof *VERBS; i++)
        fprintf(stderr, "huiyin-witness %s\n", VERBS[i].usage);
    return WITNESS_USAGE;
}

static bool words_read(int argc, char **argv, bool takes_word, struct errand *e)
{
    const struct tool_option options[] = {
        {"--log", &e->log}, {"--state", &e->state}, {"--url", &e->url}, {"--file", &e->file}};
    if (!tool_options(argc, argv, options, sizeof options / sizeof *options, &e->name,
                      takes_word ? 1 : 0))
        return false;
    /* "…/log/" is "…/log". */
    size_t len = e->url == NULL ? 0 : strlen(e->url);
    while (len > 0 && e->url[len - 1] == '/')
        len--;
    if (len > 0)
        e->url = arena_printf(e->arena, "%.*s", (int)len, e->url);
    return true;
}

int main(int argc, char **argv)
{
    size_t v = 0;
    CLEANUP(arena_done) struct arena arena;
    arena_init(&arena, ARENA_BYTES);
    struct errand e = {.arena = &arena};
    while (argc > 1 && v < sizeof VERBS / sizeof *VERBS && strcmp(argv[1], VERBS[v].name) != 0)
        v++;
    if (argc < 2 || v == sizeof VERBS / sizeof *VERBS ||
        !words_read(argc, argv, VERBS[v].takes_word, &e))
        return usage();
    if (crypt_init() != ERR_OK || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return WITNESS_USAGE;
    int answer = (int)VERBS[v].run(&e);
    curl_global_cleanup();
    return answer;
}
