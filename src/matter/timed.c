/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "matter/timed.h"

#include "db/writer.h"
#include "matter/store.h"
#include "matter/use.h"
#include "matter/work.h"

static enum err act_on(struct tx *tx, struct dossier_id dossier, int32_t n, enum matter_do what)
{
    struct matter_done done;
    const struct matter_act act = {
        .id = dossier, .who = WHO_SYSTEM, .command = {.what = what, .body.n = n}};
    return matter_act(tx, &act, &done);
}

static enum err missed(struct tx *tx, struct dossier_id dossier, int32_t n)
{
    return act_on(tx, dossier, n, DO_MISS);
}

static enum err stood(struct tx *tx, struct dossier_id dossier, int32_t n)
{
    return act_on(tx, dossier, n, DO_RESUME);
}

/* The due counted afresh; an event where the last day or its certainty is another one. A day that
 * stays where it was keeps the calendar it was counted with. */
static enum err recount(struct tx *tx, struct dossier_id dossier, int32_t n)
{
    const struct house *h = house_of(tx);
    struct store s;
    TRY(store_open(tx, dossier, &s));
    const struct matter_due *d = matter_due_find(&s.m, n);
    if (d == NULL)
        return ERR_NOT_FOUND;
    const struct matter_env env = {.now_us = tx->now_us, .pack = h->pack, .zone = h->zone};
    const struct work w = {.m = s.m, .env = &env, .info = tx->info};
    struct due_rule hold;
    struct due due;
    TRY(work_due(&w, d, &hold, &due));
    bool moved = false;
    bool was_provisional = due.provisional;
    TRY(due_recompute(&due, h->zone, tx->info, &moved));
    if (!moved && due.provisional == was_provisional)
        return ERR_OK;
    struct matter_event *e = ARENA_NEW(tx->arena, struct matter_event);
    if (e == NULL)
        return ERR_NOMEM;
    *e = (struct matter_event){
        .type = EV_DUE_MOVED, .who = WHO_SYSTEM, .body = work_due_body(d, &due)};
    e->body.at_us = tx->now_us;
    const struct matter_events events = {.count = 1, .size = 1, .items = e};
    return store_save(tx, &s, &events);
}

const struct sweep_room MATTER_SWEEP = {
    .kind = DOSSIER_MATTER, .missed = missed, .stood = stood, .recount = recount};
