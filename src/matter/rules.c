/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * rules: the life of a matter as a table, and how a command becomes events.
 *
 * The table says from which states who may ask for what, with which verb, what must hold, which
 * event says it and where the matter stands afterwards. What an event does to time limits is in
 * follow.c. The diagram of the manual is drawn from matter_steps.
 */
#include "matter/guards.h"

#include "spine/due_house.h"

#define IN(state) (UINT32_C(1) << (state))

enum {
    OPEN = IN(MATTER_RECEIVED) | IN(MATTER_ROUTED) | IN(MATTER_ADMITTED) | IN(MATTER_HANDLING),
    TAKEN = IN(MATTER_ADMITTED) | IN(MATTER_HANDLING),
    NEW = IN(MATTER_RECEIVED) | IN(MATTER_ROUTED),
    P = WHO_PERSON,
    O = WHO_OFFICER,
    S = WHO_SYSTEM
};

static const struct matter_step STEPS[] = {
    {DO_RAISE,
     IN(MATTER_NONE),
     MATTER_RECEIVED,
     P | O | S,
     VERB_TAKE_IN,
     EV_RECEIVED,
     {"kind", "words", "no_identity_number", "questions", "came"},
     "house/attend",
     ""},
    {DO_ENTER,
     IN(MATTER_NONE),
     MATTER_CONCLUDED,
     S,
     0,
     EV_RECEIVED,
     {"kind", "words", "no_identity_number", "came"},
     "",
     ""},
    {DO_ROUTE,
     IN(MATTER_RECEIVED),
     MATTER_ROUTED,
     O | S,
     VERB_ROUTE,
     EV_ROUTED,
     {"turn", "not_contested", "to", "route"},
     "house/object",
     "house/attend"},
    {DO_OBJECT,
     IN(MATTER_ROUTED),
     MATTER_NONE,
     O,
     VERB_OBJECT,
     EV_OBJECTED,
     {"offered_here", "not_confirmed", "not_objected", "text"},
     "house/settle",
     "house/object"},
    {DO_CONFIRM,
     IN(MATTER_ROUTED),
     MATTER_NONE,
     O,
     VERB_ROUTE,
     EV_CONFIRMED,
     {"sender_here", "objected", "text"},
     "house/take",
     "house/settle"},
    {DO_TAKE_BACK,
     IN(MATTER_ROUTED),
     MATTER_RECEIVED,
     O,
     VERB_ROUTE,
     EV_RETURNED,
     {"sender_here"},
     "house/attend",
     "house/settle house/object"},
    {DO_ADMIT,
     NEW,
     MATTER_ADMITTED,
     O | S,
     VERB_ADMIT,
     EV_ADMITTED,
     {"turn", "other_eyes", "route"},
     "house/attend",
     "house/object house/take house/contest"},
    {DO_REFUSE,
     NEW,
     MATTER_REFUSED,
     O,
     VERB_ADMIT,
     EV_REFUSED,
     {"turn", "other_eyes", "not_objected", "reason", "text"},
     "",
     "house/object house/take house/contest"},
    {DO_MISDIRECT,
     NEW,
     MATTER_REFUSED,
     O,
     VERB_ADMIT,
     EV_MISDIRECTED,
     {"turn", "other_eyes", "not_objected", "whose", "text"},
     "",
     "house/object house/take house/contest"},
    {DO_CONTEST,
     IN(MATTER_REFUSED),
     MATTER_RECEIVED,
     P,
     0,
     EV_CONTESTED,
     {"in_hand", "text", "no_identity_number"},
     "house/contest",
     ""},
    {DO_ASSIGN,
     TAKEN,
     MATTER_HANDLING,
     O,
     VERB_ASSIGN,
     EV_ASSIGNED,
     {"handler"},
     "",
     "house/attend"},
    {DO_NOTE,
     OPEN | IN(MATTER_ANSWERED) | IN(MATTER_REFUSED) | IN(MATTER_CONCLUDED),
     MATTER_NONE,
     O,
     VERB_NOTE,
     EV_NOTED,
     {"text"},
     "",
     ""},
    {DO_ASK, OPEN, MATTER_NONE, O, VERB_ASK, EV_ASKED, {"text", "ask_until"}, "", ""},
    {DO_ADD,
     OPEN | IN(MATTER_ANSWERED),
     MATTER_NONE,
     P | O,
     VERB_NOTE,
     EV_ADDED,
     {"text", "no_identity_number"},
     "",
     ""},
    {DO_EXTEND, OPEN, MATTER_NONE, O, VERB_EXTEND, EV_EXTENDED, {"extendable", "text"}, "", ""},
    {DO_SUSPEND, OPEN, MATTER_NONE, O, VERB_SUSPEND, EV_SUSPENDED, {"still", "text"}, "", ""},
    {DO_RESUME, OPEN, MATTER_NONE, O | S, VERB_SUSPEND, EV_RESUMED, {"stands_still"}, "", ""},
    {DO_ANSWER,
     TAKEN,
     MATTER_ANSWERED,
     O,
     VERB_ANSWER,
     EV_ANSWERED,
     {"parts", "no_identity_number"},
     "house/deliver",
     "house/attend"},
    {DO_DELIVER,
     IN(MATTER_ANSWERED),
     MATTER_NONE,
     P | O | S,
     VERB_ANSWER,
     EV_DELIVERED,
     {"arrived", "how"},
     "house/window",
     "house/deliver"},
    {DO_RATE,
     IN(MATTER_ANSWERED) | IN(MATTER_CONCLUDED),
     MATTER_NONE,
     P,
     0,
     EV_RATED,
     {"stars", "no_identity_number"},
     "",
     ""},
    {DO_NOT_SOLVED,
     IN(MATTER_ANSWERED),
     MATTER_HANDLING,
     P,
     0,
     EV_REOPENED,
     {"text", "no_identity_number"},
     "house/attend",
     "house/window"},
    {DO_REOPEN,
     IN(MATTER_ANSWERED) | IN(MATTER_REFUSED) | IN(MATTER_CONCLUDED),
     MATTER_HANDLING,
     O,
     VERB_ADMIT,
     EV_REOPENED,
     {"text"},
     "house/attend",
     "house/window"},
    {DO_CONCLUDE,
     IN(MATTER_ANSWERED),
     MATTER_CONCLUDED,
     O | S,
     VERB_CONCLUDE,
     EV_CONCLUDED,
     {"may_end"},
     "",
     ""},
    {DO_WITHDRAW,
     OPEN | IN(MATTER_ANSWERED),
     MATTER_WITHDRAWN,
     P,
     0,
     EV_WITHDRAWN,
     {"pressed"},
     "",
     ""},
    {DO_PUSH, OPEN, MATTER_NONE, P, 0, EV_PUSHED, {"push"}, "", ""},
    {DO_MISS,
     OPEN | IN(MATTER_ANSWERED) | IN(MATTER_REFUSED),
     MATTER_NONE,
     S,
     0,
     EV_DUE_MISSED,
     {"passed"},
     "house/grace",
     ""},
    {DO_ESCALATE, OPEN, MATTER_NONE, S, 0, EV_ESCALATED, {"above"}, "", ""},
};

const struct matter_step *matter_steps(size_t *ret_count)
{
    *ret_count = sizeof(STEPS) / sizeof(STEPS[0]);
    return STEPS;
}

/* The row for a command, and whether it can be asked for in this state. */
static const struct matter_step *step_find(enum matter_do what, enum matter_state state,
                                           bool *ret_now)
{
    for (size_t i = 0; i < sizeof(STEPS) / sizeof(STEPS[0]); i++) {
        if (STEPS[i].what == what) {
            *ret_now = (STEPS[i].from & IN(state)) != 0;
            return &STEPS[i];
        }
    }
    *ret_now = false;
    return NULL;
}

/* ---- events ---------------------------------------------------------------------------------- */

/* Room for one more. What the old array held stays where it is until the arena goes. */
static enum err events_room(struct work *w)
{
    struct matter_events *out = w->out;
    if (out->count == MATTER_EVENTS_PER_COMMAND)
        return err_set(w->info, ERR_INTERNAL, NULL, "a command of more than %d events",
                       (int)MATTER_EVENTS_PER_COMMAND);
    if (out->count < out->size)
        return ERR_OK;
    size_t size = out->size == 0 ? 4 : out->size * 2;
    struct matter_event *items = ARENA_ARRAY(w->env->arena, size, struct matter_event);
    if (items == NULL)
        return ERR_NOMEM;
    if (out->count > 0)
        memcpy(items, out->items, out->count * sizeof(*items));
    out->items = items;
    out->size = size;
    return ERR_OK;
}

static enum err emit(struct work *w, enum matter_event_type type, const struct matter_body *body,
                     const struct matter_actor *actor)
{
    TRY(events_room(w));
    struct matter_event *e = &w->out->items[w->out->count];
    *e = (struct matter_event){.type = type, .body = *body, .who = WHO_SYSTEM};
    e->body.at_us = w->env->now_us;
    if (actor != NULL) {
        e->who = actor->who;
        e->post = actor->post;
        e->body.by = actor->officer;
        if (e->body.office.v == 0)
            e->body.office = actor->office;
    }
    bool was_open = matter_state_is_open(w->m.state);
    if (matter_apply(&w->m, e) != ERR_OK)
        return err_set(w->info, ERR_INTERNAL, NULL, "%s does not follow",
                       matter_event_name(type).ptr);
    w->out->count++;
    if (type >= EV_DUE_STARTED)
        return ERR_OK;
    return work_follow(w, type, &e->body, was_open);
}

enum err work_emit(struct work *w, enum matter_event_type type, const struct matter_body *body)
{
    return emit(w, type, body, w->actor);
}

enum err work_emit_by_system(struct work *w, enum matter_event_type type,
                             const struct matter_body *body)
{
    return emit(w, type, body, NULL);
}

/* ---- commands that do more than say so ------------------------------------------------------- */

static struct matter_body received_body(const struct work *w)
{
    const struct matter_body *c = &w->c->body;
    const struct pack_kind *kind = pack_find_kind(w->env->pack, c->kind);
    return (struct matter_body){
        .kind = kind->id,
        .route = c->route.len > 0 ? c->route : kind->route,
        .lang = c->lang,
        .pack = w->env->pack->name_version,
        .source = c->source,
        .title = str_trim(c->title),
        .text = str_trim(c->text),
        .wish = str_trim(c->wish),
        .place = str_trim(c->place),
        .answers = c->answers,
        .handle = c->handle,
        .channel = c->channel,
        .identity = c->identity,
        .content = kind->content == PACK_SEALED ? CONTENT_SEALED : CONTENT_OPEN,
        .danger = c->danger,
        .received_day = c->received_day != 0 ? c->received_day : w->env->today,
        .happened_day = c->happened_day,
        .first = c->first,
        .office = c->first,
    };
}

/* What was late before it was taken over is recorded once, and nobody is told. */
static enum err record_past(struct work *w)
{
    for (int32_t n = 1; n <= w->m.dues_started; n++) {
        const struct matter_due *d = matter_due_find(&w->m, n);
        if (d == NULL || d->due.state != DUE_OPEN || d->due.at_us > w->env->now_us)
            continue;
        struct matter_body b = work_due_body(d, &d->due);
        TRY(work_emit_by_system(w, EV_DUE_MISSED, &b));
    }
    return ERR_OK;
}

static enum err do_raise(struct work *w)
{
    struct matter_body b = received_body(w);
    TRY(work_emit(w, EV_RECEIVED, &b));
    return str_eq_c(b.source, "import") ? record_past(w) : ERR_OK;
}

static enum err do_enter(struct work *w)
{
    const struct matter_body *c = &w->c->body;
    struct matter_body b = received_body(w);
    b.ended = true;
    TRY(work_emit(w, EV_RECEIVED, &b));
    struct matter_body admitted = {.office = c->first, .route = c->route};
    TRY(work_emit(w, EV_ADMITTED, &admitted));
    if (c->found.len > 0) {
        struct matter_body answered = {
            .office = c->first,
            .found = c->found,
            .outcome = c->outcome != OUTCOME_NONE ? c->outcome : OUTCOME_EXPLAINED,
        };
        struct matter_body delivered = {.day = c->day, .how = STR("page")};
        TRY(work_emit(w, EV_ANSWERED, &answered));
        TRY(work_emit(w, EV_DELIVERED, &delivered));
    }
    struct matter_body concluded = {.reason = STR("ended_before")};
    return work_emit(w, EV_CONCLUDED, &concluded);
}

static enum err escalate(struct work *w)
{
    if (w->env->above.v == 0 || w->env->above.v == w->m.owner.v)
        return ERR_OK;
    struct matter_body b = {.to = w->env->above, .office = w->m.owner};
    return work_emit_by_system(w, EV_ESCALATED, &b);
}

static enum err do_extend(struct work *w)
{
    const struct matter_due *d = guard_due(w, DUE_OPEN);
    struct due_rule hold;
    struct due due;
    TRY(work_due(w, d, &hold, &due));
    TRY(due_extend(&due, w->env->zone, w->c->body.amount, w->info));
    struct matter_body told = {
        .n = d->n, .rule = d->rule, .reason = w->c->body.reason, .text = w->c->body.text};
    struct matter_body b = work_due_body(d, &due);
    b.amount = w->c->body.amount;
    TRY(work_emit(w, EV_EXTENDED, &told));
    return work_emit_by_system(w, EV_DUE_EXTENDED, &b);
}

static enum err do_suspend(struct work *w)
{
    const struct matter_due *d = guard_due(w, DUE_OPEN);
    const struct matter_body *c = &w->c->body;
    struct due_rule hold;
    struct due due;
    TRY(work_due(w, d, &hold, &due));
    TRY(due_suspend(&due, w->env->zone, c->reason, w->env->now_us, c->until_day, w->info));
    struct matter_body told = {.n = d->n,
                               .rule = d->rule,
                               .reason = c->reason,
                               .text = c->text,
                               .until_day = c->until_day};
    struct matter_body b = work_due_body(d, &due);
    b.reason = c->reason;
    b.until_day = due.until_day;
    b.start_us = due.since_us;
    b.start_day = due.since_day;
    TRY(work_emit(w, EV_SUSPENDED, &told));
    return work_emit_by_system(w, EV_DUE_SUSPENDED, &b);
}

static enum err do_resume(struct work *w)
{
    const struct matter_due *d = guard_due(w, DUE_SUSPENDED);
    struct due_rule hold;
    struct due due;
    TRY(work_due(w, d, &hold, &due));
    TRY(due_resume(&due, w->env->zone, w->env->now_us, w->info));
    struct matter_body told = {.n = d->n, .rule = d->rule, .text = w->c->body.text};
    struct matter_body b = work_due_body(d, &due);
    b.stood_days = due.stood_days;
    b.stood_us = due.stood_us;
    TRY(work_emit(w, EV_RESUMED, &told));
    return work_emit_by_system(w, EV_DUE_RESUMED, &b);
}

static enum err do_not_solved(struct work *w)
{
    struct matter_body rated = {.solved = SAID_NO, .text = w->c->body.text};
    struct matter_body again = {.reason = STR("not_solved")};
    TRY(work_emit(w, EV_RATED, &rated));
    return work_emit(w, EV_REOPENED, &again);
}

static enum err do_push(struct work *w)
{
    struct matter_body b = {.text = w->c->body.text, .danger = w->c->body.danger};
    TRY(work_emit(w, EV_PUSHED, &b));
    return escalate(w);
}

static enum err do_deliver(struct work *w)
{
    struct matter_body b = {.day = w->c->body.day != 0 ? w->c->body.day : w->env->today,
                            .how = w->c->body.how};
    return work_emit(w, EV_DELIVERED, &b);
}

/* The person's last window has ended: nothing more is owed by anybody. */
static enum err miss_of_person(struct work *w, const struct due_rule *rule)
{
    struct str delivered = STR("matter.delivered");
    if (w->m.state != MATTER_ANSWERED || !due_starts_with(rule, delivered) ||
        work_runs_since(w, delivered, DUE_PERSON))
        return ERR_OK;
    struct matter_body b = {.reason =
                                w->m.delivered_day != 0 ? STR("window_ended") : STR("not_reached")};
    return work_emit_by_system(w, EV_CONCLUDED, &b);
}

/* The time in which an offer may be objected to, or must be taken. */
static bool is_offer(const struct due_rule *rule)
{
    return due_stops_with(rule, STR("matter.objected")) ||
           due_starts_with(rule, STR("matter.confirmed"));
}

/* After a miss: told, given its grace, or taken up. */
static enum err miss_of_office(struct work *w, const struct due_rule *rule)
{
    struct due_rule house;
    if (due_house_find(rule->id) == HOUSE_DELIVER) {
        due_house_rule(HOUSE_WINDOW, w->env->pack, &house);
        return work_start(w, &house, w->m.owner, w->env->now_us);
    }
    if (rule->miss != DUE_MISS_ESCALATE || !matter_state_is_open(w->m.state))
        return ERR_OK;
    if (rule->grace.amount > 0) {
        due_house_rule(HOUSE_GRACE, w->env->pack, &house);
        house.span = rule->grace;
        house.calendar = rule->calendar != NULL ? rule->calendar : house.calendar;
        return work_start(w, &house, w->m.owner, w->env->now_us);
    }
    return escalate(w);
}

static enum err do_miss(struct work *w)
{
    const struct matter_due *d = matter_due_find(&w->m, w->c->body.n);
    struct due_rule hold;
    struct due due;
    TRY(work_due(w, d, &hold, &due));
    struct matter_body b = work_due_body(d, &due);
    bool of_person = d->side == DUE_PERSON;
    /* Silence at the end of an offer takes it; the admission ends the due. */
    if (w->m.state == MATTER_ROUTED && !w->m.objected && !of_person && is_offer(due.rule)) {
        struct matter_body taken = {.office = w->m.offered, .reason = STR("silence")};
        return work_emit_by_system(w, EV_ADMITTED, &taken);
    }
    if (due_house_find(d->rule) == HOUSE_GRACE) {
        TRY(work_emit_by_system(w, EV_DUE_DROPPED, &b));
        return escalate(w);
    }
    TRY(work_emit_by_system(w, EV_DUE_MISSED, &b));
    return of_person ? miss_of_person(w, due.rule) : miss_of_office(w, due.rule);
}

/* Commands whose one event says what the form said. */
static struct matter_body plain_body(const struct work *w)
{
    const struct matter_body *c = &w->c->body;
    struct matter_body b = {.text = str_trim(c->text)};
    switch (w->c->what) {
    case DO_ROUTE:
        b.office = w->m.owner;
        b.to = c->to;
        b.route = c->route;
        break;
    case DO_OBJECT:
        b.to = c->to;
        break;
    case DO_ADMIT:
        b.office = w->m.state == MATTER_ROUTED ? w->m.offered : w->m.owner;
        b.route = c->route;
        break;
    case DO_REFUSE:
        b.reason = c->reason;
        b.basis = c->basis;
        b.ref = c->ref;
        b.found = c->found;
        break;
    case DO_MISDIRECT:
        b.reason = STR("misdirected");
        b.whose = c->whose;
        break;
    case DO_ASSIGN:
        b.handler = c->handler;
        break;
    case DO_ASK:
        b.until_day = c->until_day;
        break;
    case DO_ADD:
        b.danger = c->danger;
        b.received_day = c->received_day;
        break;
    case DO_ANSWER:
        b.asked = c->asked;
        b.found = c->found;
        b.outcome = c->outcome;
        b.basis = c->basis;
        b.remedy = c->remedy;
        b.remedy_day = c->remedy_day;
        b.review_day = c->review_day;
        b.review_where = c->review_where;
        break;
    case DO_RATE:
        b.stars = c->stars;
        b.solved = c->solved;
        break;
    case DO_REOPEN:
        b.reason = STR("new_facts");
        break;
    case DO_CONCLUDE:
        b.reason = c->reason.len > 0 ? c->reason : STR("settled");
        break;
    case DO_WITHDRAW:
        b.pressed = c->pressed;
        break;
    case DO_NONE:
    case DO_RAISE:
    case DO_CONFIRM:
    case DO_TAKE_BACK:
    case DO_CONTEST:
    case DO_NOTE:
    case DO_EXTEND:
    case DO_SUSPEND:
    case DO_RESUME:
    case DO_DELIVER:
    case DO_NOT_SOLVED:
    case DO_PUSH:
    case DO_MISS:
    case DO_ESCALATE:
    case DO_ENTER:
    case DO_COUNT:
        break;
    }
    return b;
}

static enum err carry_out(struct work *w, const struct matter_step *step)
{
    switch (w->c->what) {
    case DO_RAISE:
        return do_raise(w);
    case DO_ENTER:
        return do_enter(w);
    case DO_EXTEND:
        return do_extend(w);
    case DO_SUSPEND:
        return do_suspend(w);
    case DO_RESUME:
        return do_resume(w);
    case DO_DELIVER:
        return do_deliver(w);
    case DO_NOT_SOLVED:
        return do_not_solved(w);
    case DO_PUSH:
        return do_push(w);
    case DO_MISS:
        return do_miss(w);
    case DO_ESCALATE:
        return escalate(w);
    case DO_NONE:
    case DO_COUNT:
        return ERR_INTERNAL;
    case DO_ROUTE:
    case DO_OBJECT:
    case DO_CONFIRM:
    case DO_TAKE_BACK:
    case DO_ADMIT:
    case DO_REFUSE:
    case DO_MISDIRECT:
    case DO_CONTEST:
    case DO_ASSIGN:
    case DO_NOTE:
    case DO_ASK:
    case DO_ADD:
    case DO_ANSWER:
    case DO_RATE:
    case DO_REOPEN:
    case DO_CONCLUDE:
    case DO_WITHDRAW:
        break;
    }
    struct matter_body b = plain_body(w);
    return work_emit(w, step->event, &b);
}

/* ---- deciding -------------------------------------------------------------------------------- */

static enum err allowed(const struct work *w, const struct matter_step *step, bool now)
{
    const struct matter_actor *actor = w->actor;
    if ((step->who & actor->who) == 0)
        return err_set(w->info, ERR_REFUSED, "matter.refused.not_you", "%s",
                       matter_do_word(step->what).ptr);
    if (actor->who == WHO_OFFICER && actor->verbs == 0)
        return err_set(w->info, ERR_NOT_FOUND, NULL, "no verb held");
    if (actor->who == WHO_OFFICER && (actor->verbs & step->verb) != step->verb)
        return err_set(w->info, ERR_REFUSED, "matter.refused.not_your_post", "%s",
                       matter_do_word(step->what).ptr);
    if (now)
        return ERR_OK;
    enum err e = err_set(w->info, ERR_REFUSED, "matter.refused.state", "%s in %s",
                         matter_do_word(step->what).ptr, matter_state_word(w->m.state).ptr);
    err_arg(w->info, 0, matter_state_word(w->m.state).ptr);
    return e;
}

static enum err guarded(const struct work *w, const struct matter_step *step, bool early)
{
    for (size_t i = 0; i < MATTER_GUARDS && step->guards[i] != NULL; i++) {
        guard_fn *guard = guard_find(step->guards[i], early);
        if (guard != NULL)
            TRY(guard(w));
    }
    return ERR_OK;
}

enum err matter_decide(const struct matter *m, const struct matter_command *c,
                       const struct matter_actor *actor, const struct matter_env *env,
                       struct matter_events *ret, struct err_info *info)
{
    struct work w = {.m = *m, .c = c, .actor = actor, .env = env, .out = ret, .info = info};
    *ret = (struct matter_events){0};
    bool now = false;
    const struct matter_step *step = step_find(c->what, m->state, &now);
    if (step == NULL)
        return err_set(info, ERR_INVALID, "matter.invalid.command", "no such command");
    if (c->expect_seq > 0 && c->expect_seq != m->seq)
        return err_set(info, ERR_CONFLICT, "matter.refused.moved_on", "seen %lld, is %lld",
                       (long long)c->expect_seq, (long long)m->seq);
    TRY(allowed(&w, step, now));
    TRY(guarded(&w, step, false));
    TRY(carry_out(&w, step));
    TRY(work_ensure(&w));
    const char *broken = matter_broken(&w.m);
    if (broken != NULL)
        return err_set(info, ERR_INTERNAL, NULL, "%s after %s", broken,
                       matter_do_word(c->what).ptr);
    return ERR_OK;
}

bool matter_may(const struct matter *m, enum matter_do what, const struct matter_actor *actor,
                const struct matter_env *env)
{
    struct matter_command c = {.what = what};
    struct work w = {.m = *m, .c = &c, .actor = actor, .env = env};
    bool now = false;
    const struct matter_step *step = step_find(what, m->state, &now);
    return step != NULL && allowed(&w, step, now) == ERR_OK && guarded(&w, step, true) == ERR_OK;
}
