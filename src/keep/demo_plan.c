/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "keep/demo_plan.h"

#include "base/mem.h"
#include "base/rng.h"
#include "lib/json/jsonr.h"
#include "lib/text/zone.h"

enum { STEPS_MAX = 14, DAY_BEGINS_H = 9, DAY_ENDS_H = 17, MONDAY = 0, SATURDAY = 5 };

struct beat {
    enum matter_do what;
    int32_t after_h; /* hours after the step before; up to half as much again is added */
};

/* How a matter goes. `share` is how many there are; between `age_min` and `age_max` days old. */
struct fate {
    int32_t share;
    int32_t age_min;
    int32_t age_max;
    struct beat beats[STEPS_MAX];
};

#define TAKEN                                                                                      \
    {DO_ROUTE, 4}, {DO_ADMIT, 18},                                                                 \
    {                                                                                              \
        DO_ASSIGN, 3                                                                               \
    }

static const struct fate FATES[] = {
    /* answered, carried out, solved */
    {30,
     22,
     118,
     {TAKEN, {DO_NOTE, 24}, {DO_ANSWER, 60}, {DO_DELIVER, 16}, {DO_RATE, 30}, {DO_CONCLUDE, 20}}},
    /* asked back before it was answered; nothing more was said until the window ended */
    {10,
     50,
     118,
     {TAKEN, {DO_ASK, 8}, {DO_ADD, 26}, {DO_NOTE, 20}, {DO_ANSWER, 50}, {DO_DELIVER, 20}}},
    /* "not solved", worked on again */
    {6,
     40,
     100,
     {TAKEN,
      {DO_ANSWER, 70},
      {DO_DELIVER, 20},
      {DO_NOT_SOLVED, 60},
      {DO_NOTE, 20},
      {DO_ANSWER, 60},
      {DO_DELIVER, 16},
      {DO_RATE, 20},
      {DO_CONCLUDE, 20}}},
    {3, 14, 18, {TAKEN, {DO_ANSWER, 60}, {DO_DELIVER, 16}, {DO_NOT_SOLVED, 60}, {DO_NOTE, 20}}},
    /* answered a short while ago */
    {8, 9, 16, {TAKEN, {DO_NOTE, 20}, {DO_ANSWER, 50}, {DO_DELIVER, 16}}},
    {3, 9, 12, {TAKEN, {DO_NOTE, 20}, {DO_ANSWER, 50}}},
    /* in hand */
    {10, 3, 7, {TAKEN, {DO_NOTE, 20}}},
    {4, 4, 7, {TAKEN, {DO_ASK, 20}}},
    /* nobody has moved: missed, pushed by the person, gone up */
    {5, 24, 60, {TAKEN, {DO_NOTE, 40}, {DO_PUSH, 420}}},
    {3, 16, 24, {TAKEN}},
    {3, 90, 115, {TAKEN, {DO_NOTE, 40}, {DO_PUSH, 1500}}},
    /* extended, and standing still, where the pack allows it */
    {5, 9, 16, {TAKEN, {DO_EXTEND, 70}, {DO_NOTE, 20}}},
    {4, 8, 12, {TAKEN, {DO_SUSPEND, 50}}},
    {3, 30, 60, {TAKEN, {DO_SUSPEND, 50}, {DO_RESUME, 70}, {DO_ANSWER, 60}, {DO_DELIVER, 20}}},
    /* taken, nobody named yet; offered; objected to; told "yours after all"; just come in */
    {4, 2, 3, {{DO_ROUTE, 4}, {DO_ADMIT, 18}}},
    {4, 1, 2, {{DO_ROUTE, 4}}},
    {2, 3, 4, {{DO_ROUTE, 4}, {DO_OBJECT, 20}}},
    {1, 5, 5, {{DO_ROUTE, 4}, {DO_OBJECT, 20}, {DO_CONFIRM, 20}}},
    {6, 0, 1, {{DO_NONE, 0}}},
    /* refused, somebody else's, withdrawn */
    {4, 10, 80, {{DO_REFUSE, 24}}},
    {4, 10, 80, {{DO_MISDIRECT, 24}}},
    {4, 10, 80, {TAKEN, {DO_WITHDRAW, 40}}},
};

static const enum matter_channel CHANNELS[] = {CHANNEL_WEB,  CHANNEL_WEB,    CHANNEL_CALL,
                                               CHANNEL_WEB,  CHANNEL_LETTER, CHANNEL_WEB,
                                               CHANNEL_VISIT};

static bool is_officers(enum matter_do what)
{
    return what != DO_ADD && what != DO_RATE && what != DO_NOT_SOLVED && what != DO_PUSH &&
           what != DO_WITHDRAW;
}

/* The first instant from `at_us` on at which an office is open. */
static int64_t office_hours(const struct zone *zone, int64_t at_us, int64_t minute)
{
    struct zone_time t = zone_time_of(zone, at_us);
    if (t.hour >= DAY_ENDS_H || weekday_of(t.day) >= SATURDAY) {
        do
            t.day++;
        while (weekday_of(t.day) >= SATURDAY);
        t.hour = 0;
    }
    if (t.hour >= DAY_BEGINS_H)
        return at_us > zone_day_start(zone, t.day) ? at_us : zone_day_start(zone, t.day);
    return zone_instant(zone, t.day, DAY_BEGINS_H * 3600) + minute * US_PER_MINUTE;
}

static bool is_reported(const struct demo_case *c)
{
    return str_eq_c(c->base, "wrongdoing") || str_eq_c(c->base, "detriment");
}

static void add_step(struct demo_plan *p, uint32_t matter, uint32_t turn, int64_t at_us,
                     enum matter_do what)
{
    p->steps[p->step_count++] =
        (struct demo_step){.at_us = at_us, .matter = matter, .turn = turn, .what = what};
}

/* One matter with all its steps up to now. */
static void live(struct demo_plan *p, const struct fate *fate, const struct zone *zone,
                 int64_t now_us, struct rng *r)
{
    uint32_t n = (uint32_t)p->matter_count++;
    struct demo_matter *m = &p->matters[n];
    int64_t ages = fate->age_max - fate->age_min + 1;
    int64_t age = fate->age_min + (int64_t)rng_below(r, (uint64_t)ages);
    int32_t day = zone_day_of(zone, now_us) - (int32_t)age;
    int64_t at = zone_instant(zone, day, (int32_t)(7 * 3600 + rng_below(r, 13 * 3600)));
    if (at > now_us)
        at = now_us - (int64_t)rng_below(r, (uint64_t)US_PER_HOUR);
    int64_t open = office_hours(zone, at - US_PER_DAY, (int64_t)rng_below(r, 120));
    if (m->channel != CHANNEL_WEB && open <= now_us)
        at = open;
    else
        m->channel = CHANNEL_WEB; /* the desk is closed: it came by itself */
    add_step(p, n, 0, at, DO_RAISE);
    for (uint32_t i = 0; i < STEPS_MAX && fate->beats[i].what != DO_NONE; i++) {
        const struct beat *b = &fate->beats[i];
        uint64_t most = (uint64_t)b->after_h * (uint64_t)US_PER_HOUR / 2;
        at += b->after_h * US_PER_HOUR + (int64_t)rng_below(r, most + 1);
        if (is_officers(b->what))
            at = office_hours(zone, at, (int64_t)rng_below(r, 120));
        if (at >= now_us)
            return;
        add_step(p, n, i + 1, at, b->what);
    }
}

static int by_time(const void *left, const void *right)
{
    const struct demo_step *a = left;
    const struct demo_step *b = right;
    if (a->at_us != b->at_us)
        return a->at_us < b->at_us ? -1 : 1;
    if (a->matter != b->matter)
        return a->matter < b->matter ? -1 : 1;
    return a->turn < b->turn ? -1 : a->turn > b->turn;
}

enum err demo_plan_make(struct arena *a, const struct demo_town *town, const struct zone *zone,
                        int64_t now_us, uint64_t seed, struct demo_plan *ret_plan)
{
    size_t count = 0;
    for (size_t f = 0; f < sizeof(FATES) / sizeof(FATES[0]); f++)
        count += (size_t)FATES[f].share;
    struct demo_plan p = {
        .matters = ARENA_ARRAY(a, count, struct demo_matter),
        .steps = ARENA_ARRAY(a, count * (STEPS_MAX + 1), struct demo_step),
    };
    if (p.matters == NULL || p.steps == NULL)
        return ERR_NOMEM;
    struct rng r;
    rng_seed(&r, seed);
    for (size_t f = 0; f < sizeof(FATES) / sizeof(FATES[0]); f++) {
        for (int32_t i = 0; i < FATES[f].share; i++) {
            size_t n = p.matter_count;
            const struct demo_case *c = &town->cases[n % town->case_count];
            size_t round = n / town->case_count;
            p.matters[n] = (struct demo_matter){
                .what = c,
                .place = round / DEMO_LANGS % c->places->count,
                .lang = (round + n) % DEMO_LANGS == 0 ? DEMO_ZH : DEMO_EN,
                .channel = is_reported(c)
                               ? CHANNEL_WEB
                               : CHANNELS[rng_below(&r, sizeof(CHANNELS) / sizeof(CHANNELS[0]))],
            };
            live(&p, &FATES[f], zone, now_us, &r);
        }
    }
    qsort(p.steps, p.step_count, sizeof(p.steps[0]), by_time);
    *ret_plan = p;
    return ERR_OK;
}

struct str demo_plan_text(struct arena *a, const struct demo_matter *m, struct str text)
{
    static const struct str MARK = STR_INIT("{place}");
    struct str place = m->what->places->item[m->place].item[m->lang].text;
    size_t at = str_find(text, MARK);
    if (at == SIZE_MAX)
        return text;
    struct str head = str_sub(text, 0, at);
    struct str tail = demo_plan_text(a, m, str_sub(text, at + MARK.len, text.len));
    char *made =
        arena_printf(a, STR_FMT STR_FMT STR_FMT, STR_ARG(head), STR_ARG(place), STR_ARG(tail));
    return made == NULL ? STR_NULL : str_of(made);
}
