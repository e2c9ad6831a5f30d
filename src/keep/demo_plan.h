/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * demo_plan: which matters the demo town has, and who does what with them when.
 *
 * Pure: the town, the day and a seed give the plan. A fate is a list of steps with the hours
 * between them; steps that would lie in the future are left out, so that matters of all ages stand
 * in all states. Private to keep/demo.
 */
#ifndef HUIYIN_KEEP_DEMO_PLAN_H
#define HUIYIN_KEEP_DEMO_PLAN_H

#include "keep/demo_town.h"

struct zone; /* lib/text/zone.h */

struct demo_matter {
    const struct demo_case *what;
    size_t place;
    enum demo_lang lang;
    enum matter_channel channel;
    struct dossier_id id; /* once it has been raised */
};

struct demo_step {
    int64_t at_us;
    uint32_t matter;
    uint32_t turn; /* within the matter: keeps the order of steps at the same instant */
    enum matter_do what;
};

struct demo_plan {
    struct demo_matter *matters;
    size_t matter_count;
    struct demo_step *steps; /* by time */
    size_t step_count;
};

/* ERR_NOMEM. */
enum err demo_plan_make(struct arena *a, const struct demo_town *town, const struct zone *zone,
                        int64_t now_us, uint64_t seed, struct demo_plan *ret_plan);

/* The text with "{place}" replaced by the matter's place in its language. Null when there is no
 * memory. */
struct str demo_plan_text(struct arena *a, const struct demo_matter *m, struct str text);

#endif
