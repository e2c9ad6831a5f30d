/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The forms of the steps that are possible now, filled with what was typed and what was wrong. */
#include "matter/desk_step.h"

#include "http/frame.h"
#include "matter/desk.sql.h"
#include "matter/pages/desk_matter.html.h"

typedef struct page_desk_act_fields_choices choice_view;

/* What a form needs to know to offer its choices. */
struct offer {
    struct request *req;
    const struct matter *m;
    const struct matter_actor *me;
    struct str typed;
    choice_view *out;
    size_t count;
    size_t size;
};

static enum err offer_put(struct offer *o, struct str id, struct str name)
{
    if (o->count == o->size) {
        size_t size = o->size == 0 ? 8 : o->size * 2;
        choice_view *out = ARENA_ARRAY(o->req->arena, size, choice_view);
        if (out == NULL)
            return ERR_NOMEM;
        if (o->count > 0)
            memcpy(out, o->out, o->count * sizeof *out);
        o->out = out;
        o->size = size;
    }
    o->out[o->count++] = (choice_view){.id = id, .name = name, .on = str_eq(id, o->typed)};
    return ERR_OK;
}

static enum err offer_words(struct offer *o, const char *prefix, const char *const *words)
{
    for (; *words != NULL; words++)
        TRY(offer_put(o, str_of(*words),
                      msg_plain(o->req->lang, desk_key(prefix, str_of(*words)))));
    return ERR_OK;
}

static enum err offer_offices(struct offer *o)
{
    const struct office_tree *tree = house_tree(desk_house(o->req));
    for (size_t i = 0; i < tree->count; i++) {
        const struct office *f = &tree->offices[i];
        if (f->active && f->id.v != o->m->owner.v)
            TRY(offer_put(o, f->code, office_name(f, desk_lang(o->req))));
    }
    return ERR_OK;
}

static enum err offer_handlers(struct offer *o)
{
    struct desk_assignable_row *rows = NULL;
    size_t n = 0;
    TRY(desk_assignable(o->req->db, o->req->arena, o->m->owner, o->req->dossier, desk_today(o->req),
                        &rows, &n));
    for (size_t i = 0; i < n; i++)
        TRY(offer_put(o, rows[i].login, rows[i].name));
    return ERR_OK;
}

static enum err offer_routes(struct offer *o)
{
    const struct pack *p = desk_house(o->req)->pack;
    if (o->typed.len == 0)
        o->typed = o->m->route;
    TRY(offer_put(o, STR(""), msg_plain(o->req->lang, MSG_DESK_NEW_CHOOSE)));
    for (size_t i = 0; i < p->route_count; i++)
        TRY(offer_put(o, p->route[i].id, wording_pick(&p->route[i].name, desk_lang(o->req))));
    return ERR_OK;
}

static enum err offer_dues(struct offer *o, enum due_state state)
{
    for (int32_t i = 0; i < o->m->due_count; i++) {
        const struct matter_due *d = &o->m->dues[i];
        if (d->side != DUE_OFFICE || d->due.state != state)
            continue;
        const char *id = arena_printf(o->req->arena, "%d", (int)d->n);
        if (id == NULL)
            return ERR_NOMEM;
        TRY(offer_put(o, str_of(id), desk_rule_name(o->req, d->rule)));
    }
    return ERR_OK;
}

/* Every reason that a rule of a running limit knows, once. */
static enum err offer_still_reasons(struct offer *o)
{
    for (int32_t i = 0; i < o->m->due_count; i++) {
        struct due_rule own;
        const struct due_rule *r =
            matter_due_rule(desk_house(o->req)->pack, o->m->dues[i].rule, &own);
        for (size_t k = 0; r != NULL && k < r->suspend_count; k++) {
            bool is_there = false;
            for (size_t q = 0; q < o->count && !is_there; q++)
                is_there = str_eq(o->out[q].id, r->suspend[k]);
            enum msg_key key = desk_key("due.reason.", r->suspend[k]);
            if (!is_there)
                TRY(offer_put(o, r->suspend[k],
                              key == MSG_NONE ? r->suspend[k] : msg_plain(o->req->lang, key)));
        }
    }
    return ERR_OK;
}

static const char *const REFUSALS[] = {"in_hand",     "no_facts", "elsewhere",
                                       "out_of_time", "final",    NULL};
static const char *const ENDS[] = {"settled", "window_ended", "not_reached", NULL};
static const char *const WAYS[] = {"page", "letter", "visit", "call", "email", NULL};
static const char *const OUTCOMES[] = {"supported", "explained", "not_supported", NULL};
static const char *const YES_NO[] = {"yes", "no", NULL};

static enum err offer_fill(struct offer *o, enum desk_widget widget)
{
    switch (widget) {
    case WIDGET_OFFICE:
        return offer_offices(o);
    case WIDGET_HANDLER:
        return offer_handlers(o);
    case WIDGET_ROUTE:
        return offer_routes(o);
    case WIDGET_DUE:
        return offer_dues(o, DUE_OPEN);
    case WIDGET_DUE_STILL:
        return offer_dues(o, DUE_SUSPENDED);
    case WIDGET_OUTCOME:
        return offer_words(o, "matter.outcome.", OUTCOMES);
    case WIDGET_SOLVED:
        return offer_words(o, "desk.", YES_NO);
    case WIDGET_HOW:
        return offer_words(o, "desk.how.", WAYS);
    case WIDGET_REFUSAL:
        return offer_words(o, "matter.reason.", REFUSALS);
    case WIDGET_STILL_WHY:
        return offer_still_reasons(o);
    case WIDGET_END_WHY:
        return offer_words(o, "matter.reason.", ENDS);
    case WIDGET_LINE:
    case WIDGET_LINES:
    case WIDGET_DATE:
    case WIDGET_NUMBER:
        break;
    }
    return ERR_OK;
}

/* What is wrong with a field: by the form, or by the rules, which name the field in argument 0. */
static struct msg_say field_fault(const struct request *req, const char *name)
{
    struct msg_say say = frame_fault(req, name);
    if (say.key != MSG_NONE)
        return say;
    if (req->err.err == ERR_INVALID && strcmp(req->err.arg[0], name) == 0)
        return msg_say_err(&req->err);
    return (struct msg_say){.key = MSG_NONE};
}

static enum err field_view(struct offer *o, const struct desk_field *f, bool is_open,
                           struct page_desk_act_fields *v)
{
    struct request *req = o->req;
    o->typed = is_open ? request_typed(req, f->name) : STR("");
    *v = (struct page_desk_act_fields){
        .name = str_of(f->name),
        .label = f->label,
        .value = o->typed,
        .line = f->widget == WIDGET_LINE,
        .lines = f->widget == WIDGET_LINES,
        .date = f->widget == WIDGET_DATE,
        .number = f->widget == WIDGET_NUMBER,
        .pick = f->widget >= WIDGET_OFFICE,
    };
    if (is_open)
        v->fault = field_fault(req, f->name);
    o->out = NULL;
    o->count = 0;
    o->size = 0;
    TRY(offer_fill(o, f->widget));
    v->choices = o->out;
    v->choices_count = o->count;
    return ERR_OK;
}

static enum err act_view(struct offer *o, const struct desk_step *step, bool is_open,
                         struct page_desk_act *v)
{
    struct request *req = o->req;
    const char *path =
        arena_printf(req->arena, "/desk/m/{ref}/" STR_FMT, STR_ARG(matter_do_word(step->what)));
    if (path == NULL)
        return ERR_NOMEM;
    *v = (struct page_desk_act){
        .word = matter_do_word(step->what),
        .ref = desk_ref(req, req->dossier),
        .name = desk_do_key(step->what),
        .help = step->help,
        .csrf = request_csrf(req, path),
        .seq = o->m->seq,
        .open = is_open,
        .keep = o->m->content != CONTENT_SEALED, /* a browser writes to its disk */
        .button = MSG_DESK_ACT_SEND,
    };
    size_t count = 0;
    while (count < DESK_FIELDS_MAX && step->fields[count].name != NULL)
        count++;
    v->fields = arena_room(req->arena, count * sizeof *v->fields);
    if (v->fields == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < count; i++)
        TRY(field_view(o, &step->fields[i], is_open, &v->fields[v->fields_count++]));
    return ERR_OK;
}

/* Nothing to extend, to stop or to let go on: the step would only be refused. */
static bool has_due_for(const struct matter *m, enum matter_do what)
{
    enum due_state wanted = what == DO_RESUME ? DUE_SUSPENDED : DUE_OPEN;
    if (what != DO_RESUME && what != DO_EXTEND && what != DO_SUSPEND)
        return true;
    for (int32_t i = 0; i < m->due_count; i++) {
        if (m->dues[i].side == DUE_OFFICE && m->dues[i].due.state == wanted)
            return true;
    }
    return false;
}

enum err desk_acts_fill(struct request *req, const struct matter *m, const struct matter_actor *me,
                        const struct desk_step *opened, struct page_desk_matter *v)
{
    const struct house *h = desk_house(req);
    const struct office *above = office_above(house_tree(h), m->owner);
    const struct matter_env env = {
        .now_us = req->now_us,
        .today = desk_today(req),
        .pack = h->pack,
        .zone = h->zone,
        .above = above == NULL ? (struct office_id){0} : above->id,
        .arena = req->arena,
    };
    size_t size = 0;
    while (desk_step_at(size) != NULL)
        size++;
    v->acts = arena_room(req->arena, size * sizeof *v->acts);
    if (v->acts == NULL)
        return ERR_NOMEM;
    struct offer o = {.req = req, .m = m, .me = me};
    for (size_t i = 0; i < size; i++) {
        const struct desk_step *step = desk_step_at(i);
        bool is_open_to_me = has_due_for(m, step->what) && matter_may(m, step->what, me, &env);
        if (step == opened || is_open_to_me)
            TRY(act_view(&o, step, step == opened, &v->acts[v->acts_count++]));
    }
    return ERR_OK;
}
