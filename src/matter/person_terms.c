/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "matter/person_terms.h"

#include "matter/desk.h"

struct msg_say terms_span(struct due_span span)
{
    struct str unit = matter_unit_word(span.unit);
    return (struct msg_say){.key = MSG_PERSON_RIGHTS_SPAN,
                            .args_count = 2,
                            .args = {msg_text("unit", unit), msg_number("n", span.amount)}};
}

struct str terms_law(struct request *req, const struct due_rule *rule)
{
    struct str law = wording_pick(&rule->source.law, desk_lang(req));
    struct str article = wording_pick(&rule->source.article, desk_lang(req));
    if (article.len == 0)
        return law;
    const char *both =
        arena_printf(req->arena, STR_FMT " " STR_FMT, STR_ARG(law), STR_ARG(article));
    return both == NULL ? law : str_of(both);
}

/* Rules a person can count on from the start: the office's, of no review, not repeating. */
static bool is_for_everyone(const struct due_rule *r, struct str kind, struct str route)
{
    return r->side == DUE_OFFICE && r->level == 0 && r->repeat.unit == DUE_UNIT_UNSET &&
           r->span.unit != DUE_UNIT_UNSET && due_applies(r, kind, route);
}

static struct term span_term(struct request *req, const struct due_rule *r)
{
    return (struct term){.rule = r->id,
                         .name = wording_pick(&r->name, desk_lang(req)),
                         .last = terms_span(r->span),
                         .law = terms_law(req, r)};
}

static bool has_rule(const struct terms *t, struct str rule)
{
    for (size_t i = 0; i < t->count; i++)
        if (str_eq(t->items[i].rule, rule))
            return true;
    return false;
}

static void add_spans(struct request *req, struct str kind, struct str route, struct terms *t)
{
    const struct pack *p = desk_house(req)->pack;
    for (size_t i = 0; i < p->due_count; i++)
        if (is_for_everyone(&p->due[i], kind, route) && !has_rule(t, p->due[i].id))
            t->items[t->count++] = span_term(req, &p->due[i]);
}

enum err terms_of_kind(struct request *req, const struct pack_kind *kind, struct terms *ret)
{
    ret->count = 0;
    ret->items = ARENA_ARRAY(req->arena, desk_house(req)->pack->due_count + 1, struct term);
    if (ret->items == NULL)
        return ERR_NOMEM;
    if (kind != NULL)
        add_spans(req, kind->id, kind->route, ret);
    return ERR_OK;
}

/* The reason of the newest suspension of due `n`. */
static struct str why_still(const struct matter_event *events, size_t count, int32_t n)
{
    for (size_t i = count; i > 0; i--)
        if (events[i - 1].type == EV_DUE_SUSPENDED && events[i - 1].body.n == n)
            return events[i - 1].body.reason;
    return STR("");
}

static struct msg_say say_still(const struct request *req, const struct matter_due *u,
                                struct str reason)
{
    enum msg_key known = desk_key("person.still.", reason);
    if (known == MSG_NONE)
        known = desk_key("matter.reason.", reason);
    struct str why = known == MSG_NONE ? reason : msg_plain(req->lang, known);
    struct msg_say say = {.key = MSG_PERSON_MINE_STILL_OPEN, .args_count = 1};
    say.args[0] = msg_text("why", why);
    if (u->due.until_day != 0) {
        say.key = MSG_PERSON_MINE_STILL;
        say.args[1] = msg_day("day", u->due.until_day);
        say.args_count = 2;
    }
    return say;
}

static struct msg_say say_last(const struct matter_due *u)
{
    bool fine = u->unit == DUE_MINUTE || u->unit == DUE_HOUR || u->unit == DUE_AT_ONCE;
    struct msg_say say = {.key = MSG_PERSON_MINE_LAST, .args_count = 1};
    if (u->side == DUE_PERSON)
        say.key = MSG_PERSON_MINE_LAST_YOU;
    if (fine) {
        say.key = MSG_PERSON_MINE_LAST_AT;
        say.args[0] = msg_instant("at", u->due.at_us);
    } else {
        say.args[0] = msg_day("day", u->due.at_day);
    }
    return say;
}

static bool is_door_rule(const struct pack_kind *kind, struct str rule)
{
    for (size_t i = 0; kind != NULL && i < kind->door_count; i++)
        if (kind->door[i].due != NULL && str_eq(kind->door[i].due->id, rule))
            return true;
    return false;
}

enum err terms_of_matter(struct request *req, const struct matter *m,
                         const struct matter_event *events, size_t count, bool more,
                         struct terms *ret)
{
    const struct pack *p = desk_house(req)->pack;
    const struct pack_kind *kind = pack_find_kind(p, m->kind);
    ret->count = 0;
    ret->items = ARENA_ARRAY(req->arena, p->due_count + (size_t)m->due_count + 1, struct term);
    if (ret->items == NULL)
        return ERR_NOMEM;
    for (int32_t i = 0; i < m->due_count; i++) {
        const struct matter_due *u = &m->dues[i];
        struct due_rule own;
        const struct due_rule *rule = matter_due_rule(p, u->rule, &own);
        if (rule == NULL || is_door_rule(kind, u->rule))
            continue;
        struct term *t = &ret->items[ret->count++];
        *t = (struct term){.rule = u->rule,
                           .name = wording_pick(&rule->name, desk_lang(req)),
                           .last = say_last(u),
                           .law = terms_law(req, rule),
                           .late = u->due.state == DUE_MISSED && u->side == DUE_OFFICE,
                           .provisional = u->due.provisional,
                           .runs = true,
                           .is_persons = u->side == DUE_PERSON};
        if (u->due.state == DUE_SUSPENDED)
            t->still = say_still(req, u, why_still(events, count, u->n));
    }
    if (more)
        add_spans(req, m->kind, m->route, ret);
    return ERR_OK;
}

enum err terms_doors(struct request *req, const struct pack_kind *kind, const struct matter *m,
                     struct door_row **ret_rows, size_t *ret_count)
{
    size_t n = kind == NULL ? 0 : kind->door_count;
    struct door_row *rows = ARENA_ARRAY(req->arena, n + 1, struct door_row);
    if (rows == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        const struct pack_door *d = &kind->door[i];
        rows[i].name = wording_pick(&d->name, desk_lang(req));
        rows[i].body = wording_pick(&d->body, desk_lang(req));
        rows[i].how = wording_pick(&d->how, desk_lang(req));
        for (int32_t k = 0; m != NULL && d->due != NULL && k < m->due_count; k++)
            if (str_eq(m->dues[k].rule, d->due->id))
                rows[i].last = (struct msg_say){.key = MSG_PERSON_DOORS_LAST,
                                                .args_count = 1,
                                                .args = {msg_day("day", m->dues[k].due.at_day)}};
    }
    *ret_rows = rows;
    *ret_count = n;
    return ERR_OK;
}
