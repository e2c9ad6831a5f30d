/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/mem.h"
#include "http/frame.h"
#include "http/session.h"
#include "lib/text/zone.h"
#include "matter/desk.h"
#include "matter/pages/person_mine.html.h"
#include "matter/person_mine.h"
#include "matter/person_terms.h"
#include "trust/code.h"

static int32_t day_of_event(const struct request *req, const struct matter_story *s, size_t i)
{
    return zone_day_of(desk_house(req)->zone, s->raw[i].at_us);
}

/* "role:handler" as the reader knows it; of itself and the system in words too. */
static struct str who_of(const struct request *req, struct str actor)
{
    struct str word = actor;
    if (str_starts(actor, STR("role:")))
        word = str_sub(actor, 5, actor.len);
    enum msg_key key = desk_key("person.post.", word);
    return msg_plain(req->lang, key == MSG_NONE ? MSG_PERSON_POST_OTHER : key);
}

/* ---- the line of steps --------------------------------------------------------------------------
 */

/* The day of the last event of that type, 0 when there was none. */
static int32_t day_of_last(const struct request *req, const struct matter_story *s,
                           enum matter_event_type type)
{
    for (size_t i = s->count; i > 0; i--)
        if (s->events[i - 1].type == type)
            return day_of_event(req, s, i - 1);
    return 0;
}

static void step_add(struct page_person_mine *v, enum msg_key what, int32_t day)
{
    v->steps[v->steps_count++] =
        (struct page_person_mine_steps){.what = what, .day = day, .past = day != 0};
}

/* Received, admitted, looked into, answered, concluded; or where it left that way. */
static void steps_fill(const struct request *req, const struct matter_story *s,
                       struct page_person_mine *v)
{
    enum matter_state state = s->now.state;
    step_add(v, MSG_PERSON_MINE_STEP_RECEIVED, s->now.received_day);
    if (state == MATTER_ROUTED)
        step_add(v, MSG_PERSON_MINE_STEP_ROUTED, day_of_last(req, s, EV_ROUTED));
    if (state == MATTER_REFUSED) {
        int32_t day = day_of_last(req, s, EV_REFUSED);
        int32_t other = day_of_last(req, s, EV_MISDIRECTED);
        step_add(v, MSG_PERSON_MINE_STEP_REFUSED, other > day ? other : day);
    } else if (state == MATTER_WITHDRAWN) {
        step_add(v, MSG_PERSON_MINE_STEP_WITHDRAWN, day_of_last(req, s, EV_WITHDRAWN));
    } else {
        step_add(v, MSG_PERSON_MINE_STEP_ADMITTED, day_of_last(req, s, EV_ADMITTED));
        step_add(v, MSG_PERSON_MINE_STEP_HANDLING, day_of_last(req, s, EV_ASSIGNED));
        bool open_again = s->now.reopened && matter_state_is_open(state);
        step_add(v, MSG_PERSON_MINE_STEP_ANSWERED,
                 open_again ? 0 : day_of_last(req, s, EV_ANSWERED));
        step_add(v, MSG_PERSON_MINE_STEP_CONCLUDED, day_of_last(req, s, EV_CONCLUDED));
    }
    /* The newest step that has a day is where it stands. */
    for (size_t i = v->steps_count; i > 0; i--) {
        if (v->steps[i - 1].past) {
            v->steps[i - 1].past = false;
            v->steps[i - 1].now = true;
            break;
        }
    }
}

/* ---- what was said to the person ----------------------------------------------------------------
 */

static enum err answers_fill(const struct request *req, const struct matter_story *s,
                             struct page_person_mine *v)
{
    v->answers =
        ARENA_ARRAY(req->arena, (size_t)s->now.answers + 1, struct page_person_mine_answers);
    if (v->answers == NULL)
        return ERR_NOMEM;
    for (size_t i = s->count; i > 0; i--) { /* the newest on top */
        const struct matter_event *e = &s->events[i - 1];
        if (e->type != EV_ANSWERED || v->answers_count == (size_t)s->now.answers)
            continue;
        const struct matter_body *b = &e->body;
        v->answers[v->answers_count++] = (struct page_person_mine_answers){
            .day = day_of_event(req, s, i - 1),
            .office = desk_office_name(req, b->office),
            .outcome = desk_key("matter.outcome.", matter_outcome_word(b->outcome)),
            .asked = b->asked,
            .found = b->found,
            .basis = b->basis,
            .remedy = b->remedy,
            .remedy_day = b->remedy_day,
            .review_day = b->review_day,
            .review_where = b->review_where};
    }
    return ERR_OK;
}

static void asked_fill(const struct matter_story *s, struct page_person_mine *v)
{
    for (size_t i = s->count; i > 0; i--) {
        const struct matter_event *e = &s->events[i - 1];
        if (e->type == EV_ADDED && e->who == WHO_PERSON)
            return; /* it has been answered */
        if (e->type == EV_ASKED) {
            v->asked = e->body.text;
            v->asked_until = s->now.asked_until;
            return;
        }
    }
}

static void refusal_fill(const struct matter_story *s, struct page_person_mine *v)
{
    for (size_t i = s->count; s->now.state == MATTER_REFUSED && i > 0; i--) {
        const struct matter_event *e = &s->events[i - 1];
        if (e->type != EV_REFUSED && e->type != EV_MISDIRECTED)
            continue;
        v->refusal = e->body.text;
        v->refusal_basis = e->body.basis;
        v->refusal_whose = e->body.whose;
        v->refusal_reason = desk_key("matter.reason.", e->body.reason);
        if (v->refusal_reason == MSG_NONE)
            v->refusal_reason = e->type == EV_MISDIRECTED ? MSG_MATTER_REASON_MISDIRECTED
                                                          : MSG_PERSON_MINE_STEP_REFUSED;
        return;
    }
}

/* ---- limits and doors ---------------------------------------------------------------------------
 */

static enum err terms_fill(struct request *req, const struct matter_story *s,
                           struct page_person_mine *v)
{
    struct terms t;
    struct door_row *doors;
    size_t n;
    const struct pack_kind *kind = pack_find_kind(desk_house(req)->pack, s->now.kind);
    TRY(terms_of_matter(req, &s->now, s->events, s->count, false, &t));
    TRY(terms_doors(req, kind, &s->now, &doors, &n));
    v->terms = ARENA_ARRAY(req->arena, t.count + 1, struct page_person_mine_terms);
    v->doors = ARENA_ARRAY(req->arena, n + 1, struct page_person_mine_doors);
    if (v->terms == NULL || v->doors == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < t.count; i++)
        v->terms[i] = (struct page_person_mine_terms){.name = t.items[i].name,
                                                      .last = t.items[i].last,
                                                      .law = t.items[i].law,
                                                      .late = t.items[i].late,
                                                      .still = t.items[i].still,
                                                      .soft = t.items[i].provisional};
    for (size_t i = 0; i < n; i++)
        v->doors[i] = (struct page_person_mine_doors){.name = doors[i].name,
                                                      .body = doors[i].body,
                                                      .how = doors[i].how,
                                                      .last = doors[i].last};
    v->terms_count = t.count;
    v->doors_count = n;
    return ERR_OK;
}

/* ---- who looked, and the whole story ------------------------------------------------------------
 */

static bool is_look(struct str type)
{
    return str_eq_c(type, "matter.read") || str_eq_c(type, "card.read");
}

static enum err look_add(const struct request *req, const struct matter_story *s, size_t i,
                         struct page_person_mine *v)
{
    struct str who = who_of(req, s->raw[i].parsed.actor);
    enum msg_key key = str_eq_c(s->raw[i].parsed.type, "card.read") ? MSG_PERSON_MINE_LOOK_CARD
                                                                    : MSG_PERSON_MINE_LOOK_READ;
    struct buf b;
    buf_init(&b, 400);
    const struct msg_arg args[] = {msg_text("who", who)};
    msg_put(&b, req->lang, key, args, 1);
    struct str text = str_copy(req->arena, buf_view(&b));
    buf_done(&b);
    if (text.ptr == NULL)
        return ERR_NOMEM;
    v->looks[v->looks_count++] =
        (struct page_person_mine_looks){.day = day_of_event(req, s, i), .who = text};
    return ERR_OK;
}

static enum err story_fill(struct request *req, const struct matter_story *s,
                           struct page_person_mine *v)
{
    v->story = ARENA_ARRAY(req->arena, s->count + 1, struct page_person_mine_story);
    v->looks = ARENA_ARRAY(req->arena, s->count + 1, struct page_person_mine_looks);
    if (v->story == NULL || v->looks == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < s->count; i++) {
        enum matter_event_type type = s->events[i].type;
        struct str name = s->raw[i].parsed.type;
        if (type == EV_NONE && is_look(name)) {
            TRY(look_add(req, s, i, v));
        } else if (type == EV_NONE || !matter_event_is_shown(type)) {
            v->shut++;
        } else {
            /* Of a limit one wants to know which; of a step, who took it. */
            bool is_due = str_starts(name, STR("due."));
            v->story[v->story_count++] = (struct page_person_mine_story){
                .day = day_of_event(req, s, i),
                .what = {.key = desk_event_key(name)},
                .who = is_due ? desk_rule_name(req, s->events[i].body.rule)
                              : who_of(req, s->raw[i].parsed.actor)};
        }
    }
    return ERR_OK;
}

/* ---- what can be done now
 * ------------------------------------------------------------------------
 */

static void may_fill(struct request *req, const struct matter_story *s, struct page_person_mine *v)
{
    const struct house *h = desk_house(req);
    const struct office *above = office_above(house_tree(h), s->now.owner);
    const struct matter_actor person = {.who = WHO_PERSON};
    const struct matter_env env = {.now_us = req->now_us,
                                   .today = desk_today(req),
                                   .pack = h->pack,
                                   .zone = h->zone,
                                   .above = above == NULL ? (struct office_id){0} : above->id,
                                   .arena = req->arena};
    v->can_add = matter_may(&s->now, DO_ADD, &person, &env);
    v->can_push = matter_may(&s->now, DO_PUSH, &person, &env);
    v->can_unsolved = matter_may(&s->now, DO_NOT_SOLVED, &person, &env);
    v->can_rate = matter_may(&s->now, DO_RATE, &person, &env);
    v->can_contest = matter_may(&s->now, DO_CONTEST, &person, &env);
    v->can_withdraw = matter_may(&s->now, DO_WITHDRAW, &person, &env);
}

static void typed_fill(struct request *req, struct page_person_mine *v)
{
    v->text_fault = frame_fault(req, "text");
    v->unsolved_fault = frame_fault(req, "unsolved");
    v->contest_fault = frame_fault(req, "contest");
    v->rate_fault = frame_fault(req, "stars");
    v->pressed_fault = frame_fault(req, "pressed");
    bool again = req->faults.count > 0 || req->err.err != ERR_OK;
    v->text_typed = again ? request_typed(req, "text") : STR("");
    v->unsolved_typed = again ? request_typed(req, "unsolved") : STR("");
    v->contest_typed = again ? request_typed(req, "contest") : STR("");
}

static enum msg_key name_key(enum matter_identity identity)
{
    if (identity == IDENTITY_KNOWN)
        return MSG_PERSON_MINE_NAME_KNOWN;
    return identity == IDENTITY_SEALED ? MSG_PERSON_MINE_NAME_SEALED
                                       : MSG_PERSON_MINE_NAME_ANONYMOUS;
}

/* How often the code was used before this visit. */
static int64_t uses_of(struct request *req, const struct raise_draft *d)
{
    uint8_t lookup[32];
    struct code_found found = {.uses_before = 0};
    if (!str_from_hex(d->used, lookup, sizeof lookup) ||
        code_look(req->db, lookup, &found) != ERR_OK)
        return 0;
    return found.uses_before > 0 ? found.uses_before - 1 : 0;
}

enum err person_mine_show(struct request *req, const struct raise_draft *d)
{
    struct dossier_id id = req->person->dossier;
    struct matter_story s;
    TRY(matter_story_load(req->db, req->arena, desk_house(req), id, false, &s));
    const struct office *o = office_find(house_tree(desk_house(req)), s.now.owner);
    struct page_person_mine v = {.ref = desk_ref(req, id),
                                 .kind = desk_kind_name(req, s.now.kind),
                                 .uses = uses_of(req, d),
                                 .state = desk_state_key(s.now.state),
                                 .office = desk_office_name(req, s.now.owner),
                                 .phone = o == NULL ? STR("") : o->phone,
                                 .handled = s.now.handler.v != 0,
                                 .identity = name_key(s.now.identity),
                                 .csrf = request_csrf(req, "/mine")};
    TRY(frame_person(req, &v.frame, FRAME_TITLE(MSG_PERSON_MINE_TITLE)));
    TRY(frame_faults(req, &v.wrong));
    bool again = req->faults.count > 0 || req->err.err != ERR_OK;
    if (!again && d->done.len > 0)
        v.done.key = msg_key_find(d->done);
    v.steps = ARENA_ARRAY(req->arena, 8, struct page_person_mine_steps);
    if (v.steps == NULL)
        return ERR_NOMEM;
    steps_fill(req, &s, &v);
    TRY(answers_fill(req, &s, &v));
    asked_fill(&s, &v);
    refusal_fill(&s, &v);
    TRY(terms_fill(req, &s, &v));
    TRY(story_fill(req, &s, &v));
    may_fill(req, &s, &v);
    typed_fill(req, &v);
    TRY(person_proof_line(req, &s, &v.line));
    page_person_mine_render(req->html, &v, req->lang);
    return reply_html(req, again ? 422 : 200);
}
