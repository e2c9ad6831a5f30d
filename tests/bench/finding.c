/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/bench/finding.h"

#include "base/instant.h"
#include "base/mem.h"
#include "db/readers.h"
#include "matter/indexed.h"
#include "spine/search.h"
#include "trust/open.h"

#include <inttypes.h>
#include <stdio.h>

enum { STEP = 2000, TOLD_EVERY = 100000, ARENA_BYTES = 4 << 20 };

/* From every matter in two to one in sixty. */
static const char *const WORDS[] = {
    "路灯", "坏了", "school bus", "heating", "电梯", "下水道", "dangerous stairs", "噪声", "gate",
};

static enum err index_all(struct search *s, struct err_info *info)
{
    int64_t left = 1;
    int64_t told = INT64_MAX;
    while (left > 0) {
        TRY(search_step(s, STEP, &left, info));
        if (left <= told - TOLD_EVERY) {
            (void)fprintf(stderr, "  %" PRId64 " events to index\n", left);
            told = left;
        }
    }
    for (bool more = true; more;)
        TRY(search_tidy(s, &more, info));
    return ERR_OK;
}

enum err finding_index(const struct house *h, struct err_info *info)
{
    const struct search_source source = matter_search_source(h);
    struct search *s = NULL;
    TRY(search_open(h, &source, &s, info));
    enum err err = index_all(s, info);
    search_close(s);
    return err;
}

static enum err find_once(struct search *s, struct house *h, const char *words, struct hist *hist,
                          struct err_info *info)
{
    CLEANUP(arena_done) struct arena a;
    struct db *db = NULL;
    struct dossier_id *ids = NULL;
    size_t count = 0;
    arena_init(&a, ARENA_BYTES);
    TRY(readers_take(h->readers, &db, info));
    db_as_officer(db, (struct officer_id){1}, house_day(h, instant_now()));
    int64_t from = instant_monotonic();
    enum err err = search_find(s, db, &a, str_of(words), &ids, &count, info);
    hist_add(hist, instant_monotonic() - from);
    readers_give(h->readers, db);
    if (err == ERR_OK && count == 0)
        return err_set(info, ERR_NOT_FOUND, NULL, "nothing found for %s", words);
    return err;
}

static enum err find_all(struct house *h, struct search *s, int rounds, struct hist *hist,
                         struct err_info *info)
{
    for (int i = 0; i < rounds; i++) {
        for (size_t w = 0; w < sizeof WORDS / sizeof WORDS[0]; w++)
            TRY(find_once(s, h, WORDS[w], hist, info));
        if (i == 0)
            *hist = (struct hist){0}; /* the first round warms the pages up */
    }
    return ERR_OK;
}

enum err finding_run(const char *dir, int rounds, struct hist *ret_hist, struct err_info *info)
{
    struct open_house *open = NULL;
    struct search *s = NULL;
    *ret_hist = (struct hist){0};
    TRY(house_open(&(struct house_how){.data_dir = dir, .write = true}, &open, info));
    struct house *h = open_house_get(open);
    const struct search_source source = matter_search_source(h);
    enum err err = search_open(h, &source, &s, info);
    if (err == ERR_OK)
        err = index_all(s, info); /* the copy may have moved since it was indexed */
    if (err == ERR_OK)
        err = find_all(h, s, rounds, ret_hist, info);
    search_close(s);
    house_close(open);
    return err;
}
