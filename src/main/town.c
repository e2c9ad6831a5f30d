/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "main/town.h"

#include "base/mem.h"
#include "base/rng.h"
#include "db/writer.h"
#include "keep/demo.h"
#include "people/people.h"
#include "spine/pack.h"
#include "spine/terminal.h"
#include "trust/open.h"

#include <stdio.h>

enum { TOWN_ARENA_BYTES = 128 << 20 };

struct enrolment {
    const struct house *house;
    const struct demo_told *told;
    char passhash[PASSHASH_BYTES];
};

static enum err job_enrol(struct tx *tx, void *ctx)
{
    struct enrolment *e = ctx;
    for (size_t i = 0; i < e->told->login_count; i++) {
        struct people_secret secret = {.passhash = e->passhash};
        TRY(rng_bytes(secret.seed, sizeof(secret.seed)));
        TRY(people_enrol(tx, e->house, e->told->logins[i].id, &secret));
    }
    return ERR_OK;
}

static void town_say(const struct demo_told *t)
{
    const struct msg_arg counts[] = {msg_number("matters", (int64_t)t->matters),
                                     msg_number("steps", (int64_t)t->events)};
    terminal_say(stdout, MSG_KEEP_DEMO_MADE, counts, 2);
    const struct msg_arg password[] = {msg_text("password", STR(PEOPLE_DEMO_PASSWORD))};
    terminal_say(stdout, MSG_KEEP_DEMO_LOGINS, password, 1);
    bool zh = str_eq_c(msg_lang_tag(terminal_lang()), "zh-CN");
    for (size_t i = 0; i < t->login_count; i++) {
        const struct demo_login *l = &t->logins[i];
        struct str office = zh ? l->office_zh : l->office_en;
        printf("  %-12.*s " STR_FMT ", " STR_FMT " (" STR_FMT ")\n", STR_ARG(l->login),
               STR_ARG(l->name), STR_ARG(office), STR_ARG(l->post));
    }
    terminal_say(stdout, MSG_KEEP_DEMO_CODES, NULL, 0);
    for (size_t i = 0; i < t->code_count; i++)
        printf("  %s  " STR_FMT "\n", t->codes[i].text, STR_ARG(t->codes[i].title));
}

static enum err town_fill(struct house *h, struct arena *a, const char *packs,
                          struct err_info *info)
{
    const char *dir = NULL;
    struct demo_told told;
    TRY(pack_find_dir(a, packs, info, &dir));
    TRY(demo_make(h, a, dir, &told, info));
    struct enrolment e = {.house = h, .told = &told};
    TRY(people_passhash(STR(PEOPLE_DEMO_PASSWORD), e.passhash));
    TRY(writer_call(h->writer, job_enrol, &e, info));
    town_say(&told);
    return ERR_OK;
}

enum err town_make(const char *data, const char *packs, struct err_info *info)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, TOWN_ARENA_BYTES);
    struct open_house *o = NULL;
    const struct house_how how = {.data_dir = data, .packs = packs, .write = true};
    TRY(house_open(&how, &o, info));
    enum err err = town_fill(open_house_get(o), &a, packs, info);
    house_close(o);
    return err;
}
