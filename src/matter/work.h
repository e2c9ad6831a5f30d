/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * work: one decision being made. Private to the rules of a matter.
 *
 * A decision works on a copy of the state: each event it thinks of is folded in at once, so the
 * next step sees what the fold will see, and the last look (matter_broken) is at the real outcome.
 */
#ifndef HUIYIN_MATTER_WORK_H
#define HUIYIN_MATTER_WORK_H

#include "matter/matter.h"

struct work {
    struct matter m;
    const struct matter_command *c;
    const struct matter_actor *actor;
    const struct matter_env *env;
    struct matter_events *out;
    struct err_info *info;
};

/* Adds one event by the actor (or by the system), with the instant, officer and office filled in,
 * folds it in, and lets dues follow a matter.* event. */
enum err work_emit(struct work *w, enum matter_event_type type, const struct matter_body *body);
enum err work_emit_by_system(struct work *w, enum matter_event_type type,
                             const struct matter_body *body);

/* Dues that an event meets, ends and starts. */
enum err work_follow(struct work *w, enum matter_event_type type, const struct matter_body *body,
                     bool was_open);

/* Where the matter is open and nothing is owed: the next step is. */
enum err work_ensure(struct work *w);

/* Starts a due; `house` HOUSE_NONE for a rule of the pack. */
enum err work_start(struct work *w, const struct due_rule *rule, struct office_id office,
                    int64_t start_us);

/* A copy of live due `d` with its rule filled in, ready for the functions of spine/due.h. */
enum err work_due(const struct work *w, const struct matter_due *d, struct due_rule *ret_hold,
                  struct due *ret_due);

/* The body of an event about a due, as it stands in `d` after a change. */
struct matter_body work_due_body(const struct matter_due *m, const struct due *d);

/* Live dues that are missed, on the office's side. */
bool work_is_late(const struct matter *m);
/* A live due whose rule starts with that event, on that side. */
bool work_runs_since(const struct work *w, struct str event_name, enum due_side side);

#endif
