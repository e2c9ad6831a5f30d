/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* sim_town: offices, officers and posts: made once, and changed while matters run. */
#include "tests/fault/sim.h"

#include "base/mem.h"
#include "people/acts.h"
#include "people/people.h"
#include "spine/grant.h"
#include "spine/office.h"

#include <stdio.h>
#include <string.h>

enum { NO_END = INT32_MAX, FROM_DAY = 20000 };

/* A change and what it comes to, as a job. */
struct change {
    struct sim_life *l;
    struct sim_span span;
    struct officer_id officer;
    struct officer_id other;
    struct office_id office;
    bool active;
};

/* ---- looking ----------------------------------------------------------------------------------
 */

bool sim_town_within(const struct sim *s, int32_t inner, int32_t outer)
{
    for (int32_t o = inner; o >= 0; o = s->town.offices[o].parent) {
        if (o == outer)
            return true;
    }
    return false;
}

int32_t sim_town_index(const struct sim *s, struct office_id office)
{
    for (int32_t o = 0; o < s->town.office_count; o++) {
        if (s->town.offices[o].id.v == office.v)
            return o;
    }
    return -1;
}

static bool holds_now(const struct sim *s, const struct sim_span *span, int32_t today)
{
    return today >= span->from_day && today <= span->to_day &&
           s->town.officers[span->officer].active;
}

int32_t sim_town_who(struct sim_life *l, struct office_id office, enum post post)
{
    const struct sim_town *t = &l->s->town;
    int32_t index = sim_town_index(l->s, office);
    int32_t today = sim_today(l);
    int64_t seen = 0;
    int32_t found = -1;
    for (int32_t i = 0; i < t->span_count; i++) {
        const struct sim_span *span = &t->spans[i];
        if (span->office != index || (post != POST_UNSET && span->post != post) ||
            !holds_now(l->s, span, today))
            continue;
        if (sim_pick(l->s, ++seen) == 0)
            found = span->officer;
    }
    return found;
}

static int32_t holders(struct sim_life *l, int32_t office, enum post post)
{
    int32_t n = 0;
    for (int32_t i = 0; i < l->s->town.span_count; i++) {
        const struct sim_span *span = &l->s->town.spans[i];
        n += span->office == office && span->post == post && span->giver < 0 &&
             holds_now(l->s, span, sim_today(l));
    }
    return n;
}

/* ---- making ------------------------------------------------------------------------------------
 */

static enum err add_officer(struct tx *tx, struct sim *s, struct officer_id *ret_id)
{
    char login[24];
    (void)snprintf(login, sizeof login, "o%d", (int)s->town.officer_count);
    const struct officer_new fresh = {
        .login = str_of(login), .name = str_of(login), .lang = STR("en")};
    return officer_add(tx, &fresh, ret_id);
}

static enum err hold(struct tx *tx, const struct sim *s, const struct sim_span *span)
{
    const struct holding h = {
        .officer = s->town.officers[span->officer].id,
        .office = s->town.offices[span->office].id,
        .post = span->post,
        .from_day = span->from_day,
        .to_day = span->to_day,
        .delegate_of = span->giver >= 0 ? s->town.officers[span->giver].id : (struct officer_id){0},
    };
    return officer_hold(tx, &h);
}

static enum err build_office(struct tx *tx, struct sim *s, int32_t o)
{
    char code[24];
    char place[24];
    struct sim_office *office = &s->town.offices[o];
    (void)snprintf(code, sizeof code, "office%d", (int)o);
    (void)snprintf(place, sizeof place, "place %d", (int)o);
    office->outside = o == s->town.office_count - 1;
    office->parent = o == 0 || office->outside ? -1 : (int32_t)sim_pick(s, o);
    office->active = true;
    const struct office_new fresh = {
        .parent = office->parent >= 0 ? s->town.offices[office->parent].id : (struct office_id){0},
        .code = str_of(code),
        .name_en = str_of(code),
        .name_zh = str_of(code),
        .place = STR(""),
        .address = STR(""),
        .phone = STR(""),
        .hours_en = STR(""),
        .hours_zh = STR(""),
        .outside = office->outside,
    };
    TRY(office_add(tx, &fresh, &office->id));
    if (office->outside)
        return ERR_OK;
    return office_remit_add(tx, office->id, STR(""), o == 0 ? STR("") : str_of(place));
}

static void add_span(struct sim *s, struct sim_span span)
{
    if (s->town.span_count < SIM_SPANS_MAX)
        s->town.spans[s->town.span_count++] = span;
}

/* Every fourth lets everything lie. */
static int32_t new_officer(struct sim *s, struct officer_id id)
{
    s->town.officers[s->town.officer_count] = (struct sim_officer){
        .id = id, .active = true, .zeal = sim_chance(s, 25) ? 0 : 30 + (int32_t)sim_pick(s, 70)};
    return s->town.officer_count++;
}

static enum err build(struct tx *tx, void *ctx)
{
    static const enum post POSTS[] = {POST_DESK, POST_LEAD, POST_HANDLER, POST_HANDLER};
    struct sim *s = ((struct sim_life *)ctx)->s;
    s->town.office_count = s->size.offices;
    for (int32_t o = 0; o < s->town.office_count; o++) {
        TRY(build_office(tx, s, o));
        for (size_t p = 0; p < 4; p++) {
            struct officer_id id;
            TRY(add_officer(tx, s, &id));
            const struct sim_span span = {.officer = new_officer(s, id),
                                          .office = o,
                                          .post = POSTS[p],
                                          .from_day = FROM_DAY,
                                          .to_day = NO_END,
                                          .giver = -1};
            TRY(hold(tx, s, &span));
            add_span(s, span);
        }
    }
    return house_tree_renew(((struct sim_life *)ctx)->h, tx->db);
}

void sim_town_build(struct sim_life *l)
{
    if (sim_job(l, build, l) != ERR_OK)
        sim_fail(l->s, 0, "no town: %s", l->info.detail);
    l->s->town.is_built = true;
}

/* ---- changing ----------------------------------------------------------------------------------
 */

static enum err job_join(struct tx *tx, void *ctx)
{
    struct change *c = ctx;
    TRY(add_officer(tx, c->l->s, &c->officer));
    struct sim *s = c->l->s;
    c->span.officer = s->town.officer_count;
    s->town.officers[s->town.officer_count].id = c->officer;
    return hold(tx, s, &c->span);
}

static void join(struct sim_life *l)
{
    static const enum post POSTS[] = {POST_DESK, POST_LEAD, POST_HANDLER, POST_HANDLER};
    struct sim *s = l->s;
    if (s->town.officer_count == SIM_OFFICERS_MAX)
        return;
    struct change c = {.l = l,
                       .span = {.office = (int32_t)sim_pick(s, s->town.office_count),
                                .post = POSTS[sim_pick(s, 4)],
                                .from_day = sim_today(l),
                                .to_day = NO_END,
                                .giver = -1}};
    if (sim_job(l, job_join, &c) != ERR_OK)
        return;
    c.span.officer = new_officer(s, c.officer);
    add_span(s, c.span);
    sim_tell(s, 0, "officer %lld joins office %lld as %s", (long long)c.officer.v,
             (long long)s->town.offices[c.span.office].id.v, post_name(c.span.post));
}

static enum err job_leave(struct tx *tx, void *ctx)
{
    struct change *c = ctx;
    return people_disable(tx, c->officer);
}

static enum err job_end(struct tx *tx, void *ctx)
{
    struct change *c = ctx;
    const struct sim *s = c->l->s;
    const struct people_span span = {
        .officer = s->town.officers[c->span.officer].id,
        .office = s->town.offices[c->span.office].id,
        .post = c->span.post,
        .first = c->span.from_day,
        .giver = c->span.giver >= 0 ? s->town.officers[c->span.giver].id : (struct officer_id){0},
    };
    return people_span_end(tx, &span);
}

static enum err job_hold(struct tx *tx, void *ctx)
{
    struct change *c = ctx;
    return hold(tx, c->l->s, &c->span);
}

/* A span that runs today, or NULL. Whoever is the only lead of an office stays. */
static struct sim_span *any_span(struct sim_life *l)
{
    struct sim *s = l->s;
    struct sim_span *span = &s->town.spans[sim_pick(s, s->town.span_count)];
    if (!holds_now(s, span, sim_today(l)))
        return NULL;
    bool only =
        span->post == POST_LEAD && span->giver < 0 && holders(l, span->office, POST_LEAD) < 2;
    return only ? NULL : span;
}

static bool leads_alone(struct sim_life *l, int32_t officer)
{
    const struct sim_town *t = &l->s->town;
    for (int32_t i = 0; i < t->span_count; i++) {
        const struct sim_span *span = &t->spans[i];
        if (span->officer == officer && span->post == POST_LEAD && span->giver < 0 &&
            holds_now(l->s, span, sim_today(l)) && holders(l, span->office, POST_LEAD) < 2)
            return true;
    }
    return false;
}

static void leave(struct sim_life *l)
{
    struct sim *s = l->s;
    const struct sim_span *span = any_span(l);
    if (span == NULL || leads_alone(l, span->officer))
        return;
    struct change c = {.l = l, .officer = s->town.officers[span->officer].id};
    if (sim_job(l, job_leave, &c) != ERR_OK)
        sim_fail(s, 0, "officer %lld cannot leave: %s", (long long)c.officer.v, l->info.key);
    s->town.officers[span->officer].active = false;
    sim_tell(s, 0, "officer %lld leaves", (long long)c.officer.v);
}

/* Own posts that end take with them what was lent of them. */
static void cut(struct sim_life *l, const struct sim_span *span)
{
    struct sim_town *t = &l->s->town;
    int32_t last = sim_today(l) - 1;
    for (int32_t i = 0; i < t->span_count; i++) {
        struct sim_span *o = &t->spans[i];
        bool lent = span->giver < 0 && o->giver == span->officer && o->office == span->office &&
                    o->post == span->post;
        if ((o == span || lent) && o->to_day > last)
            o->to_day = last;
    }
}

static void move(struct sim_life *l)
{
    struct sim *s = l->s;
    const struct sim_span *span = any_span(l);
    if (span == NULL)
        return;
    struct change c = {.l = l, .span = *span};
    if (sim_job(l, job_end, &c) != ERR_OK)
        sim_fail(s, 0, "a post cannot end: %s", l->info.detail);
    cut(l, span);
    c.span.office = (int32_t)sim_pick(s, s->town.office_count);
    c.span.from_day = sim_today(l);
    c.span.to_day = NO_END;
    c.span.giver = -1;
    sim_tell(s, 0, "officer %lld gives up %s of office %lld",
             (long long)s->town.officers[c.span.officer].id.v, post_name(c.span.post),
             (long long)s->town.offices[span->office].id.v);
    if (sim_job(l, job_hold, &c) != ERR_OK)
        return;
    add_span(s, c.span);
    sim_tell(s, 0, "officer %lld is %s of office %lld from now on",
             (long long)s->town.officers[c.span.officer].id.v, post_name(c.span.post),
             (long long)s->town.offices[c.span.office].id.v);
}

static void delegate(struct sim_life *l)
{
    struct sim *s = l->s;
    const struct sim_span *span = &s->town.spans[sim_pick(s, s->town.span_count)];
    int32_t to = (int32_t)sim_pick(s, s->town.officer_count);
    if (!holds_now(s, span, sim_today(l)) || span->giver >= 0 || !s->town.officers[to].active ||
        to == span->officer)
        return;
    struct change c = {.l = l, .span = *span};
    c.span.officer = to;
    c.span.giver = span->officer;
    c.span.from_day = sim_today(l);
    c.span.to_day = sim_today(l) + 3 + (int32_t)sim_pick(s, 20);
    if (sim_job(l, job_hold, &c) != ERR_OK)
        return;
    add_span(s, c.span);
    sim_tell(s, 0, "officer %lld stands in for %lld in office %lld for %d days",
             (long long)s->town.officers[to].id.v, (long long)s->town.officers[c.span.giver].id.v,
             (long long)s->town.offices[span->office].id.v, (int)(c.span.to_day - c.span.from_day));
}

static enum err job_lead(struct tx *tx, void *ctx)
{
    struct change *c = ctx;
    return officer_lead(tx, c->officer, c->other);
}

static enum err job_lead_end(struct tx *tx, void *ctx)
{
    struct change *c = ctx;
    return officer_lead_end(tx, c->officer, c->other);
}

static void lead(struct sim_life *l)
{
    struct sim *s = l->s;
    struct sim_town *t = &s->town;
    if (t->lead_count > 0 && sim_chance(s, 30)) {
        struct sim_lead *old = &t->leads[sim_pick(s, t->lead_count)];
        struct change c = {.l = l,
                           .officer = t->officers[old->officer].id,
                           .other = t->officers[old->subordinate].id};
        if (!old->ended && sim_job(l, job_lead_end, &c) != ERR_OK)
            sim_fail(s, 0, "a lead cannot end: %s", l->info.key);
        old->ended = true;
        return;
    }
    int32_t a = (int32_t)sim_pick(s, t->officer_count);
    int32_t b = (int32_t)sim_pick(s, t->officer_count);
    struct change c = {.l = l, .officer = t->officers[a].id, .other = t->officers[b].id};
    if (t->lead_count == SIM_LEADS_MAX || !t->officers[a].active || !t->officers[b].active ||
        sim_job(l, job_lead, &c) != ERR_OK)
        return;
    t->leads[t->lead_count++] = (struct sim_lead){.officer = a, .subordinate = b};
    sim_tell(s, 0, "officer %lld reports to %lld from now on", (long long)c.other.v,
             (long long)c.officer.v);
}

static enum err job_use(struct tx *tx, void *ctx)
{
    struct change *c = ctx;
    struct sim_life *l = c->l;
    const struct office *o = office_find(house_tree(l->h), c->office);
    const struct office_edit edit = {
        .id = c->office,
        .name_en = o->name_en,
        .name_zh = o->name_zh,
        .place = o->place,
        .address = o->address,
        .phone = o->phone,
        .hours_en = o->hours_en,
        .hours_zh = o->hours_zh,
        .active = c->active,
    };
    TRY(office_change(tx, &edit));
    return house_tree_renew(l->h, tx->db);
}

/* An office goes out of use, which it may only when it owes nothing, or comes back. */
static void use(struct sim_life *l)
{
    struct sim *s = l->s;
    struct sim_office *o = &s->town.offices[sim_pick(s, s->town.office_count)];
    struct change c = {.l = l, .office = o->id, .active = !o->active};
    if (sim_job(l, job_use, &c) != ERR_OK)
        return;
    o->active = c.active;
    sim_tell(s, 0, "office %lld is %s use", (long long)o->id.v, o->active ? "in" : "out of");
}

void sim_town_change(struct sim_life *l)
{
    static void (*const CHANGES[])(struct sim_life *) = {join,     join,     leave, move, move,
                                                         delegate, delegate, lead,  use};
    l->s->counts.staff++;
    CHANGES[sim_pick(l->s, sizeof CHANGES / sizeof *CHANGES)](l);
}
