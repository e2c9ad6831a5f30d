/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* demo: the offices of the town, and its days one after the other. */
#include "keep/demo.h"

#include "base/instant.h"
#include "db/writer.h"
#include "keep/demo_inside.h"
#include "lib/text/zone.h"
#include "matter/timed.h"
#include "spine/house.h"
#include "spine/sweep.h"
#include "trust/open.h"

enum { DEMO_SEED = 20260301, CHUNK_STEPS = 8 };

static enum err job_build(struct tx *tx, void *ctx)
{
    struct demo *d = ctx;
    TRY(demo_town_build(tx, &d->town, d->house->pack, house_day(d->house, tx->now_us)));
    return house_tree_renew(d->house, tx->db);
}

static enum err tell_logins(struct demo *d)
{
    const struct demo_town *t = &d->town;
    d->told->logins = ARENA_ARRAY(d->arena, t->officer_count, struct demo_login);
    if (d->told->logins == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < t->officer_count; i++) {
        const struct demo_officer *o = &t->officers[i];
        const struct demo_office *office = demo_town_office(t, o->posts[0].office);
        d->told->logins[d->told->login_count++] = (struct demo_login){
            .id = o->id,
            .login = o->login,
            .name = o->name,
            .post = str_of(post_name(o->posts[0].post)),
            .office_en = office->name[DEMO_EN],
            .office_zh = office->name[DEMO_ZH],
        };
    }
    return ERR_OK;
}

/* Timed work of the night: dues that have passed. */
static enum err sweep(struct demo *d)
{
    struct sweep_figures figures;
    TRY(sweep_look(d->sweep, NULL, NULL, &figures, d->info));
    if (figures.stuck > 0)
        return err_set(d->info, ERR_INTERNAL, NULL, "%lld dues could not be acted on: %s",
                       (long long)figures.stuck, d->info->detail);
    return ERR_OK;
}

/* Steps of one day, in one transaction each few: every step has its own instant. */
struct chunk {
    struct demo *demo;
    const struct demo_step *steps;
    size_t count;
    struct raising raising[CHUNK_STEPS];
    bool done[CHUNK_STEPS];
};

static enum err job_chunk(struct tx *tx, void *ctx)
{
    struct chunk *c = ctx;
    for (size_t i = 0; i < c->count; i++) {
        struct tx then = *tx;
        then.now_us = c->steps[i].at_us;
        if (c->steps[i].what == DO_RAISE)
            TRY(demo_raise(&then, &c->raising[i]));
        else
            TRY(demo_act(&then, c->demo, &c->steps[i], &c->done[i]));
    }
    return ERR_OK;
}

static enum err chunk_run(struct demo *d, struct chunk *c)
{
    for (size_t i = 0; i < c->count; i++) {
        const struct demo_step *s = &c->steps[i];
        c->done[i] = false;
        if (s->what == DO_RAISE)
            TRY(demo_raise_prepare(d, &d->plan.matters[s->matter], s->at_us, &c->raising[i]));
    }
    instant_set_virtual(c->steps[c->count - 1].at_us);
    TRY(writer_call(d->house->writer, job_chunk, c, d->info));
    for (size_t i = 0; i < c->count; i++) {
        if (c->steps[i].what == DO_RAISE)
            demo_raise_tell(&c->raising[i]);
        d->told->events += c->done[i] ? 1 : 0;
    }
    return ERR_OK;
}

/* Everything up to now, in order; the sweep of each night comes before the day's first step. */
static enum err live_through(struct demo *d, struct chunk *c, int64_t now_us)
{
    const struct house *h = d->house;
    const struct demo_plan *p = &d->plan;
    int32_t night = house_day(h, p->steps[0].at_us);
    for (size_t i = 0; i < p->step_count; i += c->count) {
        int32_t today = house_day(h, p->steps[i].at_us);
        for (; night < today; night++) {
            instant_set_virtual(zone_day_end(h->zone, night));
            TRY(sweep(d));
        }
        c->steps = &p->steps[i];
        c->count = 1;
        while (c->count < CHUNK_STEPS && i + c->count < p->step_count &&
               house_day(h, p->steps[i + c->count].at_us) == today)
            c->count++;
        TRY(chunk_run(d, c));
    }
    instant_set_virtual(now_us);
    return sweep(d);
}

enum err demo_make(struct house *h, struct arena *a, const char *packs_dir,
                   struct demo_told *ret_told, struct err_info *info)
{
    if (!h->demo)
        return err_set(info, ERR_REFUSED, "keep.demo.not_demo", "the house is not a demo");
    struct demo d = {.house = h, .arena = a, .told = ret_told, .info = info};
    const char *path = arena_printf(a, "%s/demo/town.json", packs_dir);
    if (path == NULL)
        return ERR_NOMEM;
    struct chunk *chunk = ARENA_NEW(a, struct chunk);
    if (chunk == NULL)
        return ERR_NOMEM;
    chunk->demo = &d;
    *ret_told = (struct demo_told){0};
    TRY(demo_town_read(a, path, &d.town, info));
    int64_t now_us = instant_now();
    TRY(demo_plan_make(a, &d.town, h->zone, now_us, DEMO_SEED, &d.plan));
    instant_set_virtual(now_us - (DEMO_DAYS + 1) * US_PER_DAY);
    enum err err = writer_call(h->writer, job_build, &d, info);
    if (err == ERR_OK)
        err = tell_logins(&d);
    if (err == ERR_OK)
        err = sweep_new(h, &MATTER_SWEEP, 1, &d.sweep);
    if (err == ERR_OK)
        err = live_through(&d, chunk, now_us);
    sweep_free(d.sweep);
    instant_set_virtual(-1);
    return err;
}
