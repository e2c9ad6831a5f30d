/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* demo_act: every step after the first: who takes it, and what they say. */
#include "base/mem.h"
#include "db/writer.h"
#include "keep/demo_inside.h"
#include "spine/pack.h"

enum { ASK_DAYS = 7, STILL_DAYS = 5, EXTEND_BY = 5, REMEDY_DAYS = 14, REVIEW_DAYS = 30 };

struct acting {
    struct demo *demo;
    struct demo_matter *matter;
    enum matter_do what;
};

/* Who does it: the person, or whoever holds one of the posts in the office whose turn it is. */
struct doer {
    bool person;
    uint32_t posts; /* bits 1 << post; a lead does it where nobody else is */
};

static const struct doer DOERS[DO_COUNT] = {
    [DO_ROUTE] = {.posts = 1u << POST_DESK},
    [DO_CONFIRM] = {.posts = 1u << POST_DESK},
    [DO_ADMIT] = {.posts = 1u << POST_LEAD},
    [DO_OBJECT] = {.posts = 1u << POST_LEAD},
    [DO_ASSIGN] = {.posts = 1u << POST_LEAD},
    [DO_REFUSE] = {.posts = 1u << POST_LEAD},
    [DO_MISDIRECT] = {.posts = 1u << POST_LEAD},
    [DO_EXTEND] = {.posts = 1u << POST_LEAD},
    [DO_CONCLUDE] = {.posts = 1u << POST_LEAD},
    [DO_NOTE] = {.posts = 1u << POST_HANDLER},
    [DO_ASK] = {.posts = 1u << POST_HANDLER},
    [DO_SUSPEND] = {.posts = 1u << POST_HANDLER},
    [DO_RESUME] = {.posts = 1u << POST_HANDLER},
    [DO_ANSWER] = {.posts = 1u << POST_HANDLER},
    [DO_DELIVER] = {.posts = 1u << POST_HANDLER},
    [DO_ADD] = {.person = true},
    [DO_RATE] = {.person = true},
    [DO_NOT_SOLVED] = {.person = true},
    [DO_PUSH] = {.person = true},
    [DO_WITHDRAW] = {.person = true},
};

static bool acting_who(const struct acting *t, const struct matter *m, struct matter_act *act)
{
    const struct doer *doer = &DOERS[t->what];
    act->who = doer->person ? WHO_PERSON : WHO_OFFICER;
    if (doer->person)
        return true;
    bool answers_offer = t->what == DO_ADMIT || t->what == DO_OBJECT;
    struct office_id office = answers_offer && m->state == MATTER_ROUTED ? m->offered : m->owner;
    const struct demo_officer *o = demo_town_who(&t->demo->town, office, doer->posts);
    if (o == NULL)
        o = demo_town_who(&t->demo->town, office, 1u << POST_LEAD);
    act->officer = o != NULL ? o->id : (struct officer_id){0};
    return o != NULL;
}

/* What a step says, beside its sentence of town.json; false when there is nothing to do. */
typedef bool body_fn(const struct acting *t, const struct matter *m, int32_t today,
                     struct matter_body *b);

static bool body_route(const struct acting *t, const struct matter *m, int32_t today,
                       struct matter_body *b)
{
    (void)today;
    b->to = demo_town_office(&t->demo->town, t->matter->what->office)->id;
    return b->to.v != m->owner.v && m->content != CONTENT_SEALED;
}

static bool has_rule(const struct pack *p, struct str route)
{
    for (size_t d = 0; d < p->due_count; d++) {
        for (size_t i = 0; i < p->due[d].route_count; i++) {
            if (str_eq(p->due[d].route[i], route))
                return true;
        }
    }
    return false;
}

/* Where the kind names no route: one inside that has time limits of its own, else any inside. */
static bool body_admit(const struct acting *t, const struct matter *m, int32_t today,
                       struct matter_body *b)
{
    (void)today;
    const struct pack *p = t->demo->house->pack;
    for (size_t i = 0; m->route.len == 0 && i < p->route_count; i++) {
        if (p->route[i].outside)
            continue;
        if (b->route.len == 0 || has_rule(p, p->route[i].id))
            b->route = p->route[i].id;
        if (has_rule(p, b->route))
            break;
    }
    return true;
}

static bool body_assign(const struct acting *t, const struct matter *m, int32_t today,
                        struct matter_body *b)
{
    (void)today;
    const struct demo_officer *o = demo_town_who(&t->demo->town, m->owner, 1u << POST_HANDLER);
    if (o == NULL)
        o = demo_town_who(&t->demo->town, m->owner, 1u << POST_LEAD);
    b->handler = o != NULL ? o->id : (struct officer_id){0};
    return o != NULL;
}

static bool body_ask(const struct acting *t, const struct matter *m, int32_t today,
                     struct matter_body *b)
{
    (void)t;
    (void)m;
    b->until_day = today + ASK_DAYS;
    return true;
}

/* The first open due of the office whose rule passes `fits`. */
static const struct matter_due *due_that(const struct acting *t, const struct matter *m,
                                         bool (*fits)(const struct due_rule *),
                                         struct due_rule *ret_rule)
{
    for (int32_t i = 0; i < m->due_count; i++) {
        const struct matter_due *d = &m->dues[i];
        struct due_rule house;
        const struct due_rule *rule = matter_due_rule(t->demo->house->pack, d->rule, &house);
        if (d->side != DUE_OFFICE || d->due.state != DUE_OPEN || rule == NULL || !fits(rule))
            continue;
        *ret_rule = *rule;
        return d;
    }
    return NULL;
}

static bool may_extend(const struct due_rule *rule)
{
    return rule->extension.allowed;
}

static bool may_stand(const struct due_rule *rule)
{
    return rule->suspend_count > 0;
}

static bool body_extend(const struct acting *t, const struct matter *m, int32_t today,
                        struct matter_body *b)
{
    (void)today;
    struct due_rule rule;
    const struct matter_due *d = due_that(t, m, may_extend, &rule);
    if (d == NULL)
        return false;
    b->n = d->n;
    b->amount = rule.extension.max < EXTEND_BY ? rule.extension.max : EXTEND_BY;
    return true;
}

static bool body_suspend(const struct acting *t, const struct matter *m, int32_t today,
                         struct matter_body *b)
{
    struct due_rule rule;
    const struct matter_due *d = due_that(t, m, may_stand, &rule);
    if (d == NULL)
        return false;
    b->n = d->n;
    b->reason = rule.suspend[0];
    b->until_day = today + STILL_DAYS;
    return true;
}

static bool body_resume(const struct acting *t, const struct matter *m, int32_t today,
                        struct matter_body *b)
{
    (void)t;
    (void)today;
    for (int32_t i = 0; i < m->due_count && b->n == 0; i++) {
        if (m->dues[i].due.state == DUE_SUSPENDED)
            b->n = m->dues[i].n;
    }
    return b->n != 0;
}

static bool body_refuse(const struct acting *t, const struct matter *m, int32_t today,
                        struct matter_body *b)
{
    (void)m;
    (void)today;
    b->reason = STR("elsewhere");
    b->basis = demo_town_say(&t->demo->town, t->matter->lang, "refuse_basis");
    return true;
}

static bool body_misdirect(const struct acting *t, const struct matter *m, int32_t today,
                           struct matter_body *b)
{
    (void)m;
    (void)today;
    b->whose = demo_town_say(&t->demo->town, t->matter->lang, "whose");
    return true;
}

static bool body_answer(const struct acting *t, const struct matter *m, int32_t today,
                        struct matter_body *b)
{
    (void)m;
    const struct demo_words *w = &t->matter->what->words[t->matter->lang];
    b->asked = w->asked;
    b->found = w->found;
    b->outcome = t->matter->what->outcome;
    b->basis = w->basis;
    b->remedy = w->remedy;
    b->remedy_day = today + REMEDY_DAYS;
    b->review_day = today + REVIEW_DAYS;
    b->review_where = t->demo->town.offices[0].name[t->matter->lang];
    return true;
}

static bool body_deliver(const struct acting *t, const struct matter *m, int32_t today,
                         struct matter_body *b)
{
    (void)m;
    (void)today;
    enum matter_channel channel = t->matter->channel;
    b->how = channel == CHANNEL_WEB ? STR("page") : matter_channel_word(channel);
    return true;
}

static bool body_rate(const struct acting *t, const struct matter *m, int32_t today,
                      struct matter_body *b)
{
    (void)m;
    (void)today;
    b->stars = 3 + (int32_t)(t->matter->id.v % 3);
    b->solved = SAID_YES;
    return true;
}

static bool body_withdraw(const struct acting *t, const struct matter *m, int32_t today,
                          struct matter_body *b)
{
    (void)t;
    (void)m;
    (void)today;
    b->pressed = SAID_NO;
    return true;
}

static body_fn *const BODIES[DO_COUNT] = {
    [DO_ADMIT] = body_admit,       [DO_ROUTE] = body_route,
    [DO_ASSIGN] = body_assign,     [DO_ASK] = body_ask,
    [DO_EXTEND] = body_extend,     [DO_RESUME] = body_resume,
    [DO_SUSPEND] = body_suspend,   [DO_REFUSE] = body_refuse,
    [DO_ANSWER] = body_answer,     [DO_MISDIRECT] = body_misdirect,
    [DO_RATE] = body_rate,         [DO_DELIVER] = body_deliver,
    [DO_WITHDRAW] = body_withdraw,
};

static bool acting_body(const struct acting *t, const struct matter *m, int32_t today,
                        struct matter_body *b)
{
    b->text = demo_town_say(&t->demo->town, t->matter->lang, matter_do_word(t->what).ptr);
    return BODIES[t->what] == NULL || BODIES[t->what](t, m, today, b);
}

static enum err act_now(struct tx *tx, struct acting *t)
{
    struct matter_story story;
    TRY(matter_story_load(tx->db, tx->arena, t->demo->house, t->matter->id, false, &story));
    struct matter_act act = {.id = t->matter->id, .command.what = t->what};
    if (!acting_who(t, &story.now, &act) ||
        !acting_body(t, &story.now, house_day(t->demo->house, tx->now_us), &act.command.body))
        return ERR_REFUSED;
    struct matter_done done;
    return matter_act(tx, &act, &done);
}

enum err demo_act(struct tx *tx, struct demo *d, const struct demo_step *s, bool *ret_done)
{
    struct acting t = {.demo = d, .matter = &d->plan.matters[s->matter], .what = s->what};
    enum err err = act_now(tx, &t);
    *ret_done = err == ERR_OK;
    return err == ERR_REFUSED || err == ERR_CONFLICT ? ERR_OK : err;
}
