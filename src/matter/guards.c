/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * guards: what must be so before a command may do what it does. Pure; one function a name.
 *
 * A guard that does not hold says so as a sentence one can act on. ERR_INVALID names the field
 * (argument 0) that is missing or impossible; ERR_REFUSED names the rule.
 */
#include "matter/guards.h"

#include "base/mem.h"
#include "http/form.h"
#include "lib/json/jsonf.h"
#include "lib/text/zone.h"

enum { ASK_DAYS_MAX = 180, STILL_DAYS_MAX = 90, PUSH_PAUSE_HOURS = 24 };

static enum err missing(const struct work *w, const char *key, const char *field)
{
    enum err e = err_set(w->info, ERR_INVALID, key, "field %s", field);
    err_arg(w->info, 0, field);
    return e;
}

static enum err refused(const struct work *w, const char *key)
{
    return err_set(w->info, ERR_REFUSED, key, "%s", matter_do_word(w->c->what).ptr);
}

static enum err refused_day(const struct work *w, const char *key, int32_t day)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 32);
    day_format(day, &b);
    buf_char(&b, '\0');
    enum err e = refused(w, key);
    if (buf_err(&b) == ERR_OK)
        err_arg(w->info, 0, b.ptr);
    return e;
}

static bool is_blank(struct str s)
{
    return str_trim(s).len == 0;
}

/* ---- what came ------------------------------------------------------------------------------ */

static enum err guard_kind(const struct work *w)
{
    const struct pack_kind *kind = pack_find_kind(w->env->pack, w->c->body.kind);
    if (kind == NULL)
        return missing(w, "matter.invalid.kind", "kind");
    bool wanted = false;
    switch (w->c->body.identity) {
    case IDENTITY_KNOWN:
        wanted = kind->may_be_known;
        break;
    case IDENTITY_SEALED:
        wanted = kind->may_be_sealed;
        break;
    case IDENTITY_ANONYMOUS:
        wanted = kind->may_be_anonymous;
        break;
    case IDENTITY_NONE:
    case IDENTITY_COUNT:
        return missing(w, "matter.invalid.identity", "identity");
    }
    return wanted ? ERR_OK : refused(w, "matter.refused.identity");
}

static enum err guard_words(const struct work *w)
{
    const struct matter_body *b = &w->c->body;
    if (is_blank(b->text))
        return missing(w, "matter.missing.text", "text");
    if (is_blank(b->title))
        return missing(w, "matter.missing.title", "title");
    if (b->lang.len == 0)
        return missing(w, "matter.invalid.lang", "lang");
    if (b->channel == CHANNEL_NONE)
        return missing(w, "matter.invalid.channel", "channel");
    return ERR_OK;
}

static enum err guard_no_identity_number(const struct work *w)
{
    const struct matter_body *b = &w->c->body;
    const struct {
        const char *field;
        struct str text;
    } texts[] = {
        {"text", b->text},   {"title", b->title}, {"wish", b->wish},     {"place", b->place},
        {"asked", b->asked}, {"found", b->found}, {"remedy", b->remedy}, {"answers", b->answers},
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (form_has_identity_number(texts[i].text))
            return missing(w, "matter.invalid.identity_number", texts[i].field);
    }
    return ERR_OK;
}

/* What happened, where, when and what is wished for have fields of their own. */
static struct str asked_elsewhere(const struct work *w, const struct pack_question *ask)
{
    const struct matter_body *b = &w->c->body;
    if (ask->base == PACK_ASK_WHAT)
        return b->text;
    if (ask->base == PACK_ASK_PLACE)
        return b->place;
    if (ask->base == PACK_ASK_WISH)
        return b->wish;
    return ask->base == PACK_ASK_WHEN && b->happened_day != 0 ? STR("given") : STR("");
}

static const struct pack_question *question_find(const struct pack_kind *kind, struct str id)
{
    for (size_t q = 0; q < kind->question_count; q++)
        if (str_eq(kind->question[q].id, id))
            return &kind->question[q];
    return NULL;
}

/* The answer to `ask`, or to none: then only that each is text and to a question of the kind. */
static enum err answer_find(const struct work *w, const struct pack_kind *kind,
                            const struct pack_question *ask, struct str *ret_given)
{
    struct jsonf f;
    struct jsonf_member m;
    if (w->c->body.answers.len == 0)
        return ERR_OK;
    jsonf_init(&f, w->c->body.answers);
    while (jsonf_next(&f, w->env->arena, &m)) {
        if (m.kind != JSON_KIND_STRING || question_find(kind, m.name) == NULL)
            return missing(w, "matter.invalid.answers", "answers");
        if (ask != NULL && str_eq(m.name, ask->id))
            *ret_given = m.text;
    }
    return jsonf_err(&f) == ERR_CORRUPT ? missing(w, "matter.invalid.answers", "answers")
                                        : jsonf_err(&f);
}

static enum err guard_questions(const struct work *w)
{
    const struct pack_kind *kind = pack_find_kind(w->env->pack, w->c->body.kind);
    struct str none;
    TRY(answer_find(w, kind, NULL, &none));
    /* What another system took in was never asked. */
    if (str_eq_c(w->c->body.source, "import"))
        return ERR_OK;
    for (size_t q = 0; q < kind->question_count; q++) {
        const struct pack_question *ask = &kind->question[q];
        struct str given = asked_elsewhere(w, ask);
        if (!ask->required)
            continue;
        TRY(answer_find(w, kind, ask, &given));
        if (is_blank(given)) {
            enum err e = missing(w, "matter.missing.answer", "answers");
            struct str label = wording_pick(&ask->label, w->c->body.lang);
            err_arg(w->info, 1, str_c(w->env->arena, label));
            return e;
        }
    }
    return ERR_OK;
}

static enum err guard_came(const struct work *w)
{
    const struct matter_body *b = &w->c->body;
    if (b->received_day > w->env->today || b->happened_day > w->env->today)
        return missing(w, "matter.invalid.future",
                       b->received_day > w->env->today ? "received" : "happened");
    if (b->first.v == 0)
        return missing(w, "matter.invalid.office", "office");
    return ERR_OK;
}

/* ---- words and choices ---------------------------------------------------------------------- */

static enum err guard_text(const struct work *w)
{
    return is_blank(w->c->body.text) ? missing(w, "matter.missing.text", "text") : ERR_OK;
}

static enum err guard_to(const struct work *w)
{
    if (w->c->body.to.v == 0)
        return missing(w, "matter.missing.to", "to");
    if (w->c->body.to.v == w->actor->office.v || w->c->body.to.v == w->m.owner.v)
        return refused(w, "matter.refused.to_itself");
    return ERR_OK;
}

static enum err guard_route(const struct work *w)
{
    const struct pack *p = w->env->pack;
    struct str route = w->c->body.route;
    if (route.len > 0) {
        const struct pack_route *r = pack_find_route(p, route);
        if (r == NULL)
            return missing(w, "matter.invalid.route", "route");
        bool already = str_eq(route, w->m.route); /* of a kind that starts there */
        if (r->outside && !already && w->c->what == DO_ADMIT)
            return refused(w, "matter.refused.route_outside");
        return ERR_OK;
    }
    if (w->c->what == DO_ADMIT && w->m.route.len == 0 && p->route_count > 0)
        return missing(w, "matter.missing.route", "route");
    return ERR_OK;
}

static enum err guard_reason(const struct work *w)
{
    const struct matter_body *b = &w->c->body;
    if (str_eq_c(b->reason, "in_hand"))
        return is_blank(b->ref) && is_blank(b->found) ? missing(w, "matter.missing.ref", "ref")
                                                      : ERR_OK;
    if (str_eq_c(b->reason, "no_facts"))
        return ERR_OK;
    if (str_eq_c(b->reason, "elsewhere") || str_eq_c(b->reason, "out_of_time") ||
        str_eq_c(b->reason, "final"))
        return is_blank(b->basis) ? missing(w, "matter.missing.basis", "basis") : ERR_OK;
    return missing(w, "matter.invalid.reason", "reason");
}

static enum err guard_whose(const struct work *w)
{
    return is_blank(w->c->body.whose) ? missing(w, "matter.missing.whose", "whose") : ERR_OK;
}

static enum err guard_handler(const struct work *w)
{
    if (w->c->body.handler.v == 0)
        return missing(w, "matter.missing.handler", "handler");
    if (w->c->body.handler.v == w->m.handler.v)
        return refused(w, "matter.refused.same_handler");
    return ERR_OK;
}

static enum err guard_ask_until(const struct work *w)
{
    int32_t until = w->c->body.until_day;
    if (until != 0 && (until <= w->env->today || until > w->env->today + ASK_DAYS_MAX))
        return missing(w, "matter.invalid.until", "until");
    return ERR_OK;
}

static enum err guard_parts(const struct work *w)
{
    const struct matter_body *b = &w->c->body;
    if (is_blank(b->asked))
        return missing(w, "matter.missing.asked", "asked");
    if (is_blank(b->found))
        return missing(w, "matter.missing.found", "found");
    if (b->outcome == OUTCOME_NONE)
        return missing(w, "matter.missing.outcome", "outcome");
    if (is_blank(b->basis))
        return missing(w, "matter.missing.basis", "basis");
    if (b->outcome == OUTCOME_SUPPORTED && is_blank(b->remedy))
        return missing(w, "matter.missing.remedy", "remedy");
    if (!is_blank(b->remedy) && b->remedy_day == 0)
        return missing(w, "matter.missing.remedy_day", "remedy_day");
    if (w->env->pack->review_count > 0 && is_blank(b->review_where))
        return missing(w, "matter.missing.review_where", "review_where");
    return ERR_OK;
}

static enum err guard_arrived(const struct work *w)
{
    int32_t answered = zone_day_of(w->env->zone, w->m.answered_us);
    if (w->m.delivered_day != 0)
        return refused_day(w, "matter.refused.delivered", w->m.delivered_day);
    int32_t day = w->c->body.day; /* 0: today */
    if (day > w->env->today || (day != 0 && day < answered))
        return missing(w, "matter.invalid.delivered_day", "day");
    return ERR_OK;
}

static enum err guard_how(const struct work *w)
{
    static const char *const WAYS[] = {"page", "letter", "visit", "call", "email"};
    for (size_t i = 0; i < sizeof(WAYS) / sizeof(WAYS[0]); i++) {
        if (str_eq_c(w->c->body.how, WAYS[i]))
            return ERR_OK;
    }
    return missing(w, "matter.invalid.how", "how");
}

static enum err guard_stars(const struct work *w)
{
    if (w->c->body.stars < 0 || w->c->body.stars > 5 ||
        (w->c->body.stars == 0 && w->c->body.solved == UNSAID))
        return missing(w, "matter.invalid.stars", "stars");
    return ERR_OK;
}

static enum err guard_pressed(const struct work *w)
{
    return w->c->body.pressed == UNSAID ? missing(w, "matter.missing.pressed", "pressed") : ERR_OK;
}

/* ---- whose turn it is ----------------------------------------------------------------------- */

static enum err guard_offered_here(const struct work *w)
{
    return w->actor->office.v == w->m.offered.v ? ERR_OK
                                                : refused(w, "matter.refused.not_offered_here");
}

static enum err guard_sender_here(const struct work *w)
{
    return w->actor->office.v == w->m.sender.v ? ERR_OK : refused(w, "matter.refused.not_sender");
}

static enum err guard_objected(const struct work *w)
{
    return w->m.objected ? ERR_OK : refused(w, "matter.refused.no_objection");
}

static enum err guard_not_objected(const struct work *w)
{
    return w->m.objected ? refused(w, "matter.refused.objection_waits") : ERR_OK;
}

static enum err guard_not_confirmed(const struct work *w)
{
    return w->m.confirmed ? refused(w, "matter.refused.confirmed") : ERR_OK;
}

/* The office it stands with decides; an offer is for the office it was made to. */
static enum err guard_turn(const struct work *w)
{
    if (w->actor->who == WHO_SYSTEM)
        return ERR_OK;
    struct office_id turn = w->m.state == MATTER_ROUTED ? w->m.offered : w->m.owner;
    if (w->actor->office.v != turn.v)
        return refused(w, w->m.state == MATTER_ROUTED ? "matter.refused.not_offered_here"
                                                      : "matter.refused.not_owner");
    return ERR_OK;
}

/* "Not the same" is looked at by somebody who did not say that it was. */
static enum err guard_other_eyes(const struct work *w)
{
    if (w->m.contested && w->actor->officer.v == w->m.refused_by.v)
        return refused(w, "matter.refused.same_officer");
    return ERR_OK;
}

static enum err guard_not_contested(const struct work *w)
{
    return w->m.contested ? refused(w, "matter.refused.contest_runs") : ERR_OK;
}

static enum err guard_in_hand(const struct work *w)
{
    if (w->m.contested)
        return refused(w, "matter.refused.contested_before");
    return str_eq_c(w->m.refused_why, "in_hand") ? ERR_OK
                                                 : refused(w, "matter.refused.not_in_hand");
}

/* ---- time -------------------------------------------------------------------------------------
 */

/* The due a command is about: named by n, or the only one of its sort. */
const struct matter_due *guard_due(const struct work *w, enum due_state state)
{
    if (w->c->body.n != 0) {
        const struct matter_due *d = matter_due_find(&w->m, w->c->body.n);
        return d != NULL && d->side == DUE_OFFICE && d->due.state == state ? d : NULL;
    }
    const struct matter_due *only = NULL;
    for (int32_t i = 0; i < w->m.due_count; i++) {
        const struct matter_due *d = &w->m.dues[i];
        if (d->side != DUE_OFFICE || d->due.state != state)
            continue;
        if (only != NULL)
            return NULL;
        only = d;
    }
    return only;
}

static enum err guard_extendable(const struct work *w)
{
    const struct matter_due *d = guard_due(w, DUE_OPEN);
    if (d == NULL)
        return missing(w, "matter.missing.due", "n");
    if (w->c->body.amount <= 0)
        return missing(w, "matter.missing.amount", "amount");
    struct due_rule hold;
    struct due due;
    TRY(work_due(w, d, &hold, &due));
    if (!due.rule->extension.allowed)
        return ERR_OK; /* due_extend refuses, naming the law */
    struct str post = due.rule->extension.post;
    bool lead = str_eq_c(post, "lead");
    bool superior = str_eq_c(post, "superior");
    if ((lead || superior) && (w->actor->verbs & VERB_APPROVE) == 0)
        return refused(w, "matter.refused.approver_lead");
    if (superior && w->actor->office.v == w->m.owner.v && w->env->above.v != 0)
        return refused(w, "matter.refused.approver_superior");
    return ERR_OK;
}

static enum err guard_still(const struct work *w)
{
    int32_t until = w->c->body.until_day;
    if (guard_due(w, DUE_OPEN) == NULL)
        return missing(w, "matter.missing.due", "n");
    if (w->c->body.reason.len == 0)
        return missing(w, "matter.missing.reason", "reason");
    if (until <= w->env->today || until > w->env->today + STILL_DAYS_MAX)
        return missing(w, "matter.invalid.until", "until");
    return ERR_OK;
}

static enum err guard_stands_still(const struct work *w)
{
    return guard_due(w, DUE_SUSPENDED) == NULL ? missing(w, "matter.missing.due", "n") : ERR_OK;
}

static enum err guard_passed(const struct work *w)
{
    const struct matter_due *d = matter_due_find(&w->m, w->c->body.n);
    if (d == NULL || d->due.state != DUE_OPEN || d->due.at_us > w->env->now_us)
        return err_set(w->info, ERR_CONFLICT, "matter.refused.not_passed", "due %d",
                       (int)w->c->body.n);
    return ERR_OK;
}

static enum err guard_push(const struct work *w)
{
    if (!work_is_late(&w->m) && !w->m.danger && !w->c->body.danger)
        return refused(w, "matter.refused.push_early");
    if (w->m.pushed_us != 0 && w->env->now_us < w->m.pushed_us + PUSH_PAUSE_HOURS * US_PER_HOUR)
        return refused(w, "matter.refused.pushed_today");
    return ERR_OK;
}

static enum err guard_above(const struct work *w)
{
    return w->env->above.v == 0 ? refused(w, "matter.refused.top") : ERR_OK;
}

/* ---- the end ------------------------------------------------------------------------------------
 */

static enum err guard_may_end(const struct work *w)
{
    if (w->m.delivered_day == 0) {
        bool tried = str_eq_c(w->c->body.reason, "not_reached") &&
                     (w->actor->who == WHO_SYSTEM || !is_blank(w->c->body.text));
        return tried ? ERR_OK : refused(w, "matter.refused.not_delivered");
    }
    if (w->m.solved == SAID_YES)
        return ERR_OK;
    for (int32_t i = 0; i < w->m.due_count; i++) {
        const struct matter_due *d = &w->m.dues[i];
        struct due_rule hold;
        const struct due_rule *rule = matter_due_rule(w->env->pack, d->rule, &hold);
        if (d->side == DUE_PERSON && rule != NULL && due_starts_with(rule, STR("matter.delivered")))
            return refused_day(w, "matter.refused.window_runs", d->due.at_day);
    }
    return ERR_OK;
}

/* ---- names --------------------------------------------------------------------------------------
 */

struct guard_row {
    const char *name;
    guard_fn *fn;
    bool early; /* says something before the fields are filled in: for buttons */
};

static const struct guard_row GUARDS[] = {
    {"kind", guard_kind, false},
    {"words", guard_words, false},
    {"no_identity_number", guard_no_identity_number, false},
    {"questions", guard_questions, false},
    {"came", guard_came, false},
    {"text", guard_text, false},
    {"to", guard_to, false},
    {"route", guard_route, false},
    {"reason", guard_reason, false},
    {"whose", guard_whose, false},
    {"handler", guard_handler, false},
    {"ask_until", guard_ask_until, false},
    {"parts", guard_parts, false},
    {"arrived", guard_arrived, false},
    {"how", guard_how, false},
    {"stars", guard_stars, false},
    {"pressed", guard_pressed, false},
    {"offered_here", guard_offered_here, true},
    {"sender_here", guard_sender_here, true},
    {"objected", guard_objected, true},
    {"not_objected", guard_not_objected, true},
    {"not_confirmed", guard_not_confirmed, true},
    {"turn", guard_turn, true},
    {"other_eyes", guard_other_eyes, true},
    {"not_contested", guard_not_contested, true},
    {"in_hand", guard_in_hand, true},
    {"extendable", guard_extendable, false},
    {"still", guard_still, false},
    {"stands_still", guard_stands_still, false},
    {"passed", guard_passed, false},
    {"push", guard_push, true},
    {"above", guard_above, true},
    {"may_end", guard_may_end, false},
};

guard_fn *guard_find(const char *name, bool early)
{
    for (size_t i = 0; i < sizeof(GUARDS) / sizeof(GUARDS[0]); i++) {
        if (strcmp(GUARDS[i].name, name) == 0)
            return early && !GUARDS[i].early ? NULL : GUARDS[i].fn;
    }
    return NULL;
}
