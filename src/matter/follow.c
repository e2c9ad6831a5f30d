/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* follow: the time limits that an event meets, ends and starts. Pure. */
#include "matter/work.h"

#include "lib/text/zone.h"
#include "spine/due_house.h"

const struct due_rule *matter_due_rule(const struct pack *p, struct str id,
                                       struct due_rule *ret_house)
{
    enum due_house house = due_house_find(id);
    if (house == HOUSE_NONE)
        return pack_find_due(p, id);
    due_house_rule(house, p, ret_house);
    return ret_house;
}

enum err work_due(const struct work *w, const struct matter_due *d, struct due_rule *ret_hold,
                  struct due *ret_due)
{
    const struct due_rule *rule = matter_due_rule(w->env->pack, d->rule, ret_hold);
    if (rule == NULL)
        return err_set(w->info, ERR_CORRUPT, NULL, "due rule %.*s is not in pack %.*s",
                       STR_ARG(d->rule), STR_ARG(w->env->pack->name_version));
    if (rule == ret_hold)
        ret_hold->span = (struct due_span){d->amount, d->unit};
    *ret_due = d->due;
    ret_due->rule = rule;
    return ERR_OK;
}

struct matter_body work_due_body(const struct matter_due *m, const struct due *d)
{
    return (struct matter_body){
        .n = m->n,
        .rule = m->rule,
        .side = m->side,
        .office = m->office,
        .last_day = d->at_day,
        .last_us = d->at_us,
        .provisional = d->provisional,
        .calendar = d->calendar,
    };
}

bool work_is_late(const struct matter *m)
{
    for (int32_t i = 0; i < m->due_count; i++) {
        if (m->dues[i].side == DUE_OFFICE && m->dues[i].due.state == DUE_MISSED)
            return true;
    }
    return false;
}

bool work_runs_since(const struct work *w, struct str event_name, enum due_side side)
{
    for (int32_t i = 0; i < w->m.due_count; i++) {
        const struct matter_due *d = &w->m.dues[i];
        struct due_rule hold;
        const struct due_rule *rule = matter_due_rule(w->env->pack, d->rule, &hold);
        if (rule != NULL && d->side == side && due_starts_with(rule, event_name))
            return true;
    }
    return false;
}

enum err work_start(struct work *w, const struct due_rule *rule, struct office_id office,
                    int64_t start_us)
{
    if (w->m.due_count == MATTER_LIVE_DUES)
        return err_set(w->info, ERR_LIMIT, "matter.refused.too_many_dues", "%d live dues",
                       (int)MATTER_LIVE_DUES);
    struct due due;
    TRY(due_start(&due, rule, w->env->zone, start_us, w->info));
    struct matter_due d = {
        .n = w->m.dues_started + 1,
        .rule = rule->id,
        .side = rule->side,
        .office = rule->side == DUE_OFFICE ? office : (struct office_id){0},
    };
    struct matter_body b = work_due_body(&d, &due);
    b.unit = rule->span.unit;
    b.amount = rule->span.amount;
    b.start_us = due.start_us;
    b.start_day = due.start_day;
    return work_emit_by_system(w, EV_DUE_STARTED, &b);
}

/* Who owes what an event starts. */
static struct office_id owes(const struct matter *m, enum matter_event_type type)
{
    if (type == EV_ROUTED || type == EV_CONFIRMED)
        return m->offered;
    if (type == EV_OBJECTED)
        return m->sender;
    return m->owner;
}

/* What happened on an earlier day counts from that day. */
static int64_t counts_from(const struct work *w, enum matter_event_type type,
                           const struct matter_body *b)
{
    int32_t day = 0;
    if (type == EV_RECEIVED)
        day = b->received_day;
    else if (type == EV_DELIVERED)
        day = b->day;
    if (day == 0 || day >= w->env->today)
        return w->env->now_us;
    return zone_day_start(w->env->zone, day);
}

static bool is_drop(const struct work *w, const struct due_rule *rule, const struct matter_due *d,
                    enum matter_event_type type, bool was_open)
{
    bool office = d->side == DUE_OFFICE;
    if (type == EV_CONCLUDED || type == EV_WITHDRAWN)
        return true;
    if (office && was_open && !matter_state_is_open(w->m.state))
        return true;
    if (type == EV_RETURNED || type == EV_ADMITTED)
        return office && (due_starts_with(rule, STR("matter.routed")) ||
                          due_starts_with(rule, STR("matter.objected")) ||
                          due_starts_with(rule, STR("matter.confirmed")));
    if (type == EV_CONFIRMED)
        return office && due_starts_with(rule, STR("matter.routed"));
    if (type == EV_REOPENED || type == EV_CONTESTED)
        return due_starts_with(rule, STR("matter.answered")) ||
               due_starts_with(rule, STR("matter.delivered")) ||
               (!office && due_starts_with(rule, STR("matter.refused")));
    return false;
}

/* Ends dues; the list shrinks while it is walked, so it is walked by number. */
static enum err follow_ends(struct work *w, enum matter_event_type type, bool was_open)
{
    struct str name = matter_event_name(type);
    for (int32_t n = 1; n <= w->m.dues_started; n++) {
        const struct matter_due *d = matter_due_find(&w->m, n);
        if (d == NULL)
            continue;
        struct due_rule hold;
        struct due due = {.rule = NULL};
        TRY(work_due(w, d, &hold, &due));
        struct matter_body b = work_due_body(d, &due);
        if (due_stops_with(due.rule, name))
            TRY(work_emit_by_system(w, EV_DUE_MET, &b));
        else if (is_drop(w, due.rule, d, type, was_open))
            TRY(work_emit_by_system(w, EV_DUE_DROPPED, &b));
    }
    return ERR_OK;
}

/* A grace lasts only as long as something is late. */
static enum err follow_grace(struct work *w)
{
    if (work_is_late(&w->m))
        return ERR_OK;
    for (int32_t n = 1; n <= w->m.dues_started; n++) {
        const struct matter_due *d = matter_due_find(&w->m, n);
        if (d == NULL || due_house_find(d->rule) != HOUSE_GRACE)
            continue;
        struct matter_body b = work_due_body(d, &d->due);
        TRY(work_emit_by_system(w, EV_DUE_DROPPED, &b));
    }
    return ERR_OK;
}

static bool runs(const struct matter *m, struct str rule)
{
    for (int32_t i = 0; i < m->due_count; i++) {
        if (str_eq(m->dues[i].rule, rule))
            return true;
    }
    return false;
}

/* Windows and limits of a second review wait for the first. */
static bool is_of_later_review(const struct pack *p, const struct due_rule *rule)
{
    for (size_t i = 1; i < p->review_count; i++) {
        if (rule == p->review[i].ask || rule == p->review[i].decide)
            return true;
    }
    return rule->level > 1;
}

static enum err follow_starts(struct work *w, enum matter_event_type type, int64_t start_us)
{
    const struct pack *p = w->env->pack;
    struct str name = matter_event_name(type);
    struct office_id office = owes(&w->m, type);
    for (size_t i = 0; i < p->due_count; i++) {
        const struct due_rule *rule = &p->due[i];
        if (!due_starts_with(rule, name) || !due_applies(rule, w->m.kind, w->m.route) ||
            is_of_later_review(p, rule))
            continue;
        if (rule->span.unit == DUE_AT_ONCE && rule->otherwise.len > 0)
            rule = pack_find_due(p, rule->otherwise);
        if (rule != NULL && !runs(&w->m, rule->id))
            TRY(work_start(w, rule, office, start_us));
    }
    for (int h = HOUSE_OBJECT; h <= HOUSE_WINDOW; h++) {
        struct due_rule rule;
        due_house_rule((enum due_house)h, p, &rule);
        if (due_starts_with(&rule, name) && !work_runs_since(w, name, rule.side))
            TRY(work_start(w, &rule, office, start_us));
    }
    return ERR_OK;
}

enum err work_follow(struct work *w, enum matter_event_type type, const struct matter_body *body,
                     bool was_open)
{
    TRY(follow_ends(w, type, was_open));
    if (!w->m.ended) {
        TRY(follow_starts(w, type, counts_from(w, type, body)));
    }
    return follow_grace(w);
}

enum err work_ensure(struct work *w)
{
    if (w->m.ended || !matter_state_is_open(w->m.state))
        return ERR_OK;
    for (int32_t i = 0; i < w->m.due_count; i++) {
        const struct matter_due *d = &w->m.dues[i];
        if (d->side == DUE_OFFICE && (d->due.state == DUE_OPEN || d->due.state == DUE_SUSPENDED))
            return ERR_OK;
    }
    for (int32_t n = 1; n <= w->m.dues_started; n++) {
        const struct matter_due *d = matter_due_find(&w->m, n);
        if (d == NULL || due_house_find(d->rule) != HOUSE_ATTEND)
            continue;
        struct matter_body b = work_due_body(d, &d->due);
        TRY(work_emit_by_system(w, EV_DUE_DROPPED, &b));
    }
    struct due_rule rule;
    due_house_rule(HOUSE_ATTEND, w->env->pack, &rule);
    return work_start(w, &rule, owes(&w->m, w->m.state == MATTER_ROUTED ? EV_ROUTED : EV_NONE),
                      w->env->now_us);
}
