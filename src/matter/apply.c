/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * apply: the fold. What each event makes of a matter, and nothing else.
 *
 * It never refuses what a decision once allowed: an event that cannot follow is damage, and the
 * answer is ERR_CORRUPT. No pack is asked: events say all there is.
 */
#include "matter/matter.h"

static struct matter_due *due_at(struct matter *m, int32_t n)
{
    for (int32_t i = 0; i < m->due_count; i++) {
        if (m->dues[i].n == n)
            return &m->dues[i];
    }
    return NULL;
}

const struct matter_due *matter_due_find(const struct matter *m, int32_t n)
{
    for (int32_t i = 0; i < m->due_count; i++) {
        if (m->dues[i].n == n)
            return &m->dues[i];
    }
    return NULL;
}

static void due_remove(struct matter *m, const struct matter_due *d)
{
    int32_t at = (int32_t)(d - m->dues);
    m->due_count--;
    for (int32_t i = at; i < m->due_count; i++)
        m->dues[i] = m->dues[i + 1];
    m->dues[m->due_count] = (struct matter_due){0};
}

static void due_end(struct due *d, const struct matter_body *b)
{
    d->at_us = b->last_us;
    d->at_day = b->last_day;
    d->provisional = b->provisional;
    d->calendar = b->calendar;
}

static enum err apply_due_started(struct matter *m, const struct matter_body *b)
{
    if (b->n != m->dues_started + 1 || m->due_count == MATTER_LIVE_DUES)
        return ERR_CORRUPT;
    struct matter_due *d = &m->dues[m->due_count++];
    *d = (struct matter_due){
        .n = b->n,
        .rule = b->rule,
        .side = b->side,
        .unit = b->unit,
        .amount = b->amount,
        .office = b->office,
        .due = {.state = DUE_OPEN, .start_us = b->start_us, .start_day = b->start_day},
    };
    due_end(&d->due, b);
    m->dues_started = b->n;
    return ERR_OK;
}

static enum err apply_due(struct matter *m, const struct matter_event *e)
{
    const struct matter_body *b = &e->body;
    if (e->type == EV_DUE_STARTED)
        return apply_due_started(m, b);
    struct matter_due *d = due_at(m, b->n);
    if (d == NULL)
        return ERR_CORRUPT;
    if (e->type == EV_DUE_MET || e->type == EV_DUE_DROPPED) {
        due_remove(m, d);
        return ERR_OK;
    }
    if (e->type == EV_DUE_MISSED) {
        if (d->side == DUE_PERSON)
            due_remove(m, d);
        else
            d->due.state = DUE_MISSED;
        return ERR_OK;
    }
    if (e->type == EV_DUE_EXTENDED) {
        d->due.extended += b->amount;
        d->due.extended_times++;
        if (d->due.state == DUE_MISSED)
            d->due.state = DUE_OPEN;
    } else if (e->type == EV_DUE_SUSPENDED) {
        d->due.state = DUE_SUSPENDED;
        d->due.since_us = b->start_us;
        d->due.since_day = b->start_day;
        d->due.until_day = b->until_day;
    } else if (e->type == EV_DUE_RESUMED) {
        d->due.state = DUE_OPEN;
        d->due.stood_days = b->stood_days;
        d->due.stood_us = b->stood_us;
        d->due.since_us = 0;
        d->due.since_day = 0;
        d->due.until_day = 0;
    } else if (e->type != EV_DUE_MOVED) {
        return ERR_CORRUPT;
    }
    due_end(&d->due, b);
    return ERR_OK;
}

static void apply_received(struct matter *m, const struct matter_body *b)
{
    m->state = MATTER_RECEIVED;
    m->kind = b->kind;
    m->route = b->route;
    m->lang = b->lang;
    m->pack = b->pack;
    m->title = b->title;
    m->place = b->place;
    m->handle = b->handle;
    m->channel = b->channel;
    m->identity = b->identity;
    m->content = b->content;
    m->danger = b->danger;
    m->ended = b->ended;
    m->received_day = b->received_day;
    m->entered_us = b->at_us;
    m->first = b->first;
    m->owner = b->first;
}

/* Who answers for the matter owes what is owed. */
static void own(struct matter *m, struct office_id office)
{
    m->owner = office;
    for (int32_t i = 0; i < m->due_count; i++) {
        if (m->dues[i].side == DUE_OFFICE)
            m->dues[i].office = office;
    }
}

static void offer_over(struct matter *m)
{
    m->offered = (struct office_id){0};
    m->sender = (struct office_id){0};
    m->objected = false;
    m->confirmed = false;
}

static void apply_moving(struct matter *m, const struct matter_event *e)
{
    const struct matter_body *b = &e->body;
    if (e->type == EV_ROUTED) {
        m->state = MATTER_ROUTED;
        m->sender = b->office;
        m->offered = b->to;
        m->objected = false;
        m->confirmed = false;
    } else if (e->type == EV_OBJECTED) {
        m->objected = true;
    } else if (e->type == EV_CONFIRMED) {
        m->objected = false;
        m->confirmed = true;
    } else if (e->type == EV_RETURNED) {
        m->state = MATTER_RECEIVED;
        offer_over(m);
    } else {
        m->state = MATTER_ADMITTED;
        m->contested = false;
        m->refused_by = (struct officer_id){0};
        m->refused_why = STR("");
        own(m, b->office);
        offer_over(m);
    }
    if (b->route.len > 0)
        m->route = b->route;
}

static void apply_answering(struct matter *m, const struct matter_event *e)
{
    const struct matter_body *b = &e->body;
    if (e->type == EV_ANSWERED) {
        m->state = MATTER_ANSWERED;
        m->answers++;
        m->answered_by = b->by;
        m->outcome = b->outcome;
        m->answered_us = b->at_us;
        m->review_day = b->review_day;
        m->delivered_day = 0;
        m->stars = 0;
        m->solved = UNSAID;
        m->asked_until = 0;
    } else if (e->type == EV_DELIVERED) {
        m->delivered_day = b->day;
    } else if (e->type == EV_RATED) {
        if (b->stars != 0)
            m->stars = b->stars;
        if (b->solved != UNSAID)
            m->solved = b->solved;
    } else {
        m->state = m->handler.v != 0 ? MATTER_HANDLING : MATTER_ADMITTED;
        m->reopened = true;
        m->contested = false;
    }
}

enum err matter_apply(struct matter *m, const struct matter_event *e)
{
    const struct matter_body *b = &e->body;
    if ((e->type == EV_RECEIVED) != (m->seq == 0))
        return ERR_CORRUPT;
    switch (e->type) {
    case EV_RECEIVED:
        apply_received(m, b);
        break;
    case EV_ROUTED:
    case EV_OBJECTED:
    case EV_CONFIRMED:
    case EV_RETURNED:
    case EV_ADMITTED:
        apply_moving(m, e);
        break;
    case EV_REFUSED:
    case EV_MISDIRECTED:
        m->state = MATTER_REFUSED;
        m->refused_by = b->by;
        m->refused_why = b->reason;
        own(m, b->office.v != 0 ? b->office : m->owner);
        offer_over(m);
        break;
    case EV_CONTESTED:
        m->state = MATTER_RECEIVED;
        m->contested = true;
        break;
    case EV_ASSIGNED:
        m->state = MATTER_HANDLING;
        m->handler = b->handler;
        break;
    case EV_ASKED:
        m->asked_until = b->until_day;
        break;
    case EV_ADDED:
        m->asked_until = 0;
        m->danger = m->danger || b->danger;
        break;
    case EV_ANSWERED:
    case EV_DELIVERED:
    case EV_RATED:
    case EV_REOPENED:
        apply_answering(m, e);
        break;
    case EV_CONCLUDED:
        m->state = MATTER_CONCLUDED;
        break;
    case EV_WITHDRAWN:
        m->state = MATTER_WITHDRAWN;
        offer_over(m);
        break;
    case EV_PUSHED:
        m->pushed_us = b->at_us;
        break;
    case EV_ESCALATED:
        m->escalated++;
        own(m, b->to);
        break;
    case EV_NOTED:
    case EV_EXTENDED:
    case EV_SUSPENDED:
    case EV_RESUMED:
        break;
    case EV_DUE_STARTED:
    case EV_DUE_MET:
    case EV_DUE_MISSED:
    case EV_DUE_EXTENDED:
    case EV_DUE_SUSPENDED:
    case EV_DUE_RESUMED:
    case EV_DUE_DROPPED:
    case EV_DUE_MOVED: {
        enum err err = apply_due(m, e);
        if (err != ERR_OK)
            return err;
        break;
    }
    case EV_NONE:
    case EV_COUNT:
        return ERR_CORRUPT;
    }
    m->seq++;
    return ERR_OK;
}

/* ---- what must hold after every command -------------------------------------------------------
 */

static bool office_owes(const struct matter *m)
{
    for (int32_t i = 0; i < m->due_count; i++) {
        const struct matter_due *d = &m->dues[i];
        if (d->side == DUE_OFFICE &&
            (d->due.state == DUE_OPEN || (d->due.state == DUE_SUSPENDED && d->due.until_day != 0)))
            return true;
    }
    return false;
}

const char *matter_broken(const struct matter *m)
{
    bool ended = m->state == MATTER_CONCLUDED || m->state == MATTER_WITHDRAWN;
    if (m->state == MATTER_NONE || m->state >= MATTER_STATE_COUNT)
        return "it is in no state";
    if (m->first.v == 0 || m->owner.v == 0)
        return "no office answers for it";
    if (matter_state_is_open(m->state) && !office_owes(m))
        return "it is open and no office due runs";
    if ((m->state == MATTER_ROUTED) != (m->offered.v != 0))
        return "an offer without an office, or an office without an offer";
    if (m->state == MATTER_ROUTED && m->escalated == 0 && m->answers == 0 && !m->contested &&
        m->owner.v != m->first.v)
        return "first contact let go of it before another office had taken it";
    if (m->objected && (m->state != MATTER_ROUTED || m->confirmed))
        return "an objection to nothing";
    if (m->state == MATTER_ANSWERED && (m->answers == 0 || m->outcome == OUTCOME_NONE))
        return "answered without an answer";
    if (ended && m->due_count != 0)
        return "it has ended and a due still runs";
    if (m->state == MATTER_HANDLING && m->handler.v == 0)
        return "in hand of nobody";
    for (int32_t i = 0; i < m->due_count; i++) {
        const struct matter_due *d = &m->dues[i];
        if (d->side == DUE_OFFICE && d->office.v == 0)
            return "an office due that nobody owes";
        if (d->side == DUE_PERSON && (d->office.v != 0 || d->due.state != DUE_OPEN))
            return "a limit of the person that is not theirs";
        if (i > 0 && m->dues[i - 1].n >= d->n)
            return "dues out of order";
    }
    return NULL;
}
