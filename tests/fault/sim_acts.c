/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* sim_acts: what persons and officers ask for, likely steps most of the time and anything now and
 * then: also by people who may not. */
#include "tests/fault/sim.h"

#include "base/instant.h"
#include "base/mem.h"
#include "db/readers.h"
#include "http/form.h"
#include "spine/grant.h"
#include "trust/code.h"

#include <stdio.h>
#include <string.h>

static struct str pick_word(struct sim *s, const char *const *words, int64_t count)
{
    return str_of(words[sim_pick(s, count)]);
}

static int64_t hours_us(struct sim *s, int64_t least, int64_t most)
{
    return least * US_PER_HOUR + sim_pick(s, (most - least) * 60) * US_PER_MINUTE;
}

/* ---- raising --------------------------------------------------------------------------------- */

static const struct pack_kind *pick_kind(struct sim_life *l)
{
    const struct pack *p = l->h->pack;
    return &p->kind[sim_pick(l->s, (int64_t)p->kind_count)];
}

static enum matter_identity pick_identity(struct sim *s, const struct pack_kind *kind)
{
    const bool may[IDENTITY_COUNT] = {[IDENTITY_KNOWN] = kind->may_be_known,
                                      [IDENTITY_SEALED] = kind->may_be_sealed,
                                      [IDENTITY_ANONYMOUS] = kind->may_be_anonymous};
    enum matter_identity i;
    do {
        i = (enum matter_identity)(1 + sim_pick(s, IDENTITY_COUNT - 1));
    } while (!may[i]);
    return i;
}

/* Questions that are not asked elsewhere get one answer for all. */
static void answer_questions(struct sim_life *l, struct sim_request *r,
                             const struct pack_kind *kind)
{
    struct form_pair pairs[16];
    size_t count = 0;
    for (size_t q = 0; q < kind->question_count && count < 16; q++) {
        enum pack_ask base = kind->question[q].base;
        if (kind->question[q].required && base != PACK_ASK_WHAT && base != PACK_ASK_PLACE &&
            base != PACK_ASK_WISH && base != PACK_ASK_WHEN)
            pairs[count++] = (struct form_pair){.name = kind->question[q].id, .value = STR("x")};
    }
    struct str answers;
    if (matter_answers_write(&l->a, pairs, count, &answers) != ERR_OK ||
        answers.len >= sizeof r->answers)
        sim_fail(l->s, 0, "answers do not fit");
    memcpy(r->answers, answers.ptr, answers.len);
    r->raise.command.body.answers = str_make(r->answers, answers.len);
}

void sim_seal(struct sim_life *l, struct sim_request *r)
{
    uint8_t tlv[256];
    size_t len = 0;
    (void)identity_encode(&r->card, tlv, sizeof tlv, &len);
    const struct keeper_seal seal = {.policy = POLICY_DEFAULT,
                                     .identity = str_make(tlv, len),
                                     .lang = STR("en"),
                                     .now_us = sim_now(l->s)};
    enum keeper_status status = keeper_seal(l->h->keeper, &seal, &r->handle);
    if (status != KEEPER_OK)
        sim_fail(l->s, 0, "the keeper seals nothing: %d", (int)status);
    r->raise.handle = &r->handle;
}

static void raise_who(struct sim_life *l, struct sim_request *r)
{
    enum matter_identity i = r->raise.command.body.identity;
    r->name = l->s->once;
    (void)snprintf(r->name_text, sizeof r->name_text, "person %llu", (unsigned long long)r->name);
    r->card = (struct identity){
        .name = str_of(r->name_text), .phone = STR("000-5550199"), .lang = STR("en")};
    if (i == IDENTITY_KNOWN)
        r->raise.card = &r->card;
    if (i == IDENTITY_SEALED)
        sim_seal(l, r);
}

/* About an officer or an office, and not to be seen by another. */
static void raise_about(struct sim *s, struct sim_request *r)
{
    if (sim_chance(s, 30)) {
        bool office = sim_chance(s, 50);
        const struct sim_town *t = &s->town;
        int64_t officer = t->officers[sim_pick(s, t->officer_count)].id.v;
        int64_t ref = office ? t->offices[sim_pick(s, t->office_count - 1)].id.v : officer;
        r->subject =
            (struct subject){office ? SUBJECT_OFFICE : SUBJECT_OFFICER, ref, SOURCE_PERSON};
        r->raise.subjects = &r->subject;
        r->raise.subject_count = 1;
    }
    if (sim_chance(s, 15)) {
        if (sim_chance(s, 50))
            r->exclusion.office = s->town.offices[sim_pick(s, s->town.office_count - 1)].id;
        else
            r->exclusion.officer = s->town.officers[sim_pick(s, s->town.officer_count)].id;
        r->raise.exclusions = &r->exclusion;
        r->raise.exclusion_count = 1;
    }
}

/* Over a counter: the desk types it in, and it may have come days before. */
static void raise_at_desk(struct sim_life *l, struct sim_request *r)
{
    struct sim *s = l->s;
    struct office_id office = s->town.offices[sim_pick(s, s->town.office_count)].id;
    int32_t desk = sim_town_who(l, office, POST_DESK);
    if (desk < 0)
        return;
    r->raise.who = WHO_OFFICER;
    r->raise.officer = s->town.officers[desk].id;
    r->raise.post = POST_DESK;
    r->raise.office = office;
    r->raise.give_register_number = true;
    r->raise.command.body.channel = CHANNEL_LETTER;
    r->raise.command.body.received_day -= (int32_t)sim_pick(s, 6);
}

static void raise_one(struct sim_life *l)
{
    static const char *const PLACES[] = {"",        "place 1", "place 2", "place 3",
                                         "place 4", "place 5", "place 6"};
    struct sim *s = l->s;
    struct sim_request *r = sim_flight_new(s);
    const struct pack_kind *kind = pick_kind(l);
    (void)snprintf(r->kind, sizeof r->kind, STR_FMT, STR_ARG(kind->id));
    r->is_raise = true;
    r->raise = (struct matter_raise){.who = WHO_PERSON, .once = str_of(r->once)};
    r->raise.command = (struct matter_command){
        .what = DO_RAISE,
        .body = {.kind = str_of(r->kind),
                 .lang = STR("en"),
                 .title = STR("Stairs at gate 4"),
                 .text = STR("The stairs at gate 4 have had no light since Monday."),
                 .place = pick_word(s, PLACES, 7),
                 .channel = CHANNEL_WEB,
                 .identity = pick_identity(s, kind),
                 .danger = sim_chance(s, 4),
                 .received_day = sim_today(l)}};
    if (sim_chance(s, 30))
        r->raise.command.body.happened_day = sim_today(l) - (int32_t)sim_pick(s, 300);
    answer_questions(l, r, kind);
    raise_about(s, r);
    if (sim_chance(s, 20))
        raise_at_desk(l, r);
    raise_who(l, r);
    for (size_t i = 0; i < sizeof r->lookup; i++)
        r->lookup[i] = (uint8_t)rng_next(&s->rng);
    if (r->raise.who == WHO_PERSON)
        r->raise.lookup = r->lookup;
}

void sim_raise(struct sim_life *l, int32_t count)
{
    for (int32_t i = 0; i < count; i++)
        raise_one(l);
    sim_flight_send(l);
}

/* ---- a step ---------------------------------------------------------------------------------- */

/* What somebody who is about to act sees. */
struct view {
    struct sim_life *l;
    struct matter m;
    struct dossier_id id;
    struct officer_id officer; /* 0: the person */
    struct matter_actor actor;
};

static bool look(struct view *v)
{
    struct sim_life *l = v->l;
    struct db *db = NULL;
    struct matter_story story;
    if (readers_take(l->h->readers, &db, &l->info) != ERR_OK ||
        matter_story_load(db, &l->a, l->h, v->id, false, &story) != ERR_OK)
        sim_fail(l->s, v->id.v, "cannot be read: %s", l->info.detail);
    v->m = story.now;
    v->actor = (struct matter_actor){.who = v->officer.v != 0 ? WHO_OFFICER : WHO_PERSON};
    enum err err = ERR_OK;
    if (v->officer.v != 0)
        err = matter_actor_of(db, &l->a, l->h, v->officer, &v->m, v->id, sim_now(l->s), &v->actor);
    readers_give(l->h->readers, db);
    return err == ERR_OK;
}

static int32_t any_due(struct view *v, bool live)
{
    int32_t n = v->m.due_count > 0 ? v->m.dues[sim_pick(v->l->s, v->m.due_count)].n : 0;
    return live ? n : 1 + (int32_t)sim_pick(v->l->s, v->m.dues_started + 1);
}

static void fill_answer(struct sim *s, int32_t today, struct matter_body *b)
{
    b->asked = STR("A lamp.");
    b->found = STR("Broken.");
    b->outcome = (enum matter_outcome)(1 + sim_pick(s, 3));
    b->basis = STR("Rule 4");
    b->remedy = STR("A new one.");
    b->remedy_day = today + 20;
    b->review_day = today + 30;
    b->review_where = STR("The hall");
}

static struct matter_body fill(struct view *v, enum matter_do what)
{
    static const char *const REASONS[] = {"in_hand", "no_facts", "elsewhere", "settled",
                                          "not_reached"};
    static const char *const WAYS[] = {"page", "letter", "visit", "call", "email"};
    static const char *const ROUTES[] = {"ordinary", "independent", "petition", "simple",
                                         "duty",     "service",     "complaint"};
    struct sim *s = v->l->s;
    int32_t today = sim_today(v->l);
    const struct sim_town *t = &s->town;
    int32_t handler = sim_town_who(v->l, v->m.owner, POST_UNSET);
    if (handler < 0 || sim_chance(s, 4))
        handler = (int32_t)sim_pick(s, t->officer_count);
    struct matter_body b = {
        .text = STR("What stands in the file."),
        .reason = what == DO_SUSPEND ? STR("awaiting_person") : pick_word(s, REASONS, 5),
        .ref = STR("K7Q2-9F4M"),
        .basis = STR("Rule 4"),
        .whose = STR("The county"),
        .how = pick_word(s, WAYS, 5),
        .to = t->offices[sim_pick(s, t->office_count)].id,
        .handler = t->officers[handler].id,
        .until_day = today + 1 + (int32_t)sim_pick(s, 12),
        .amount = 1 + (int32_t)sim_pick(s, 6),
        .stars = 1 + (int32_t)sim_pick(s, 5),
        .solved = (enum yes_no)sim_pick(s, 3),
        .pressed = sim_chance(s, 20) ? SAID_YES : SAID_NO,
        .n = any_due(v, !sim_chance(s, 4)),
    };
    if (what == DO_ADMIT && v->m.route.len == 0)
        b.route = pick_word(s, ROUTES, 7);
    if (what == DO_ANSWER && !sim_chance(s, 5))
        fill_answer(s, today, &b);
    return b;
}

static void act(struct view *v, enum matter_do what)
{
    struct sim_request *r = sim_flight_new(v->l->s);
    r->act = (struct matter_act){.id = v->id,
                                 .who = v->officer.v != 0 ? WHO_OFFICER : WHO_PERSON,
                                 .officer = v->officer,
                                 .once = str_of(r->once),
                                 .command = {.what = what, .body = fill(v, what)}};
    if (sim_chance(v->l->s, 10))
        r->act.command.expect_seq = v->m.seq - sim_pick(v->l->s, 2);
    sim_flight_send(v->l);
}

/* ---- persons --------------------------------------------------------------------------------- */

struct come_back {
    const uint8_t *lookup;
    uint8_t fresh[32];
    bool replaces;
    struct code_found found;
};

static enum err job_come_back(struct tx *tx, void *ctx)
{
    struct come_back *c = ctx;
    TRY(code_use(tx, c->lookup, &c->found));
    return c->replaces ? code_replace(tx, c->lookup, c->fresh) : ERR_OK;
}

static void come_back(struct sim_life *l, int64_t id)
{
    struct sim *s = l->s;
    struct sim_matter *m = &s->matters[id];
    struct come_back c = {.lookup = m->lookup, .replaces = sim_chance(s, 5)};
    for (size_t i = 0; i < sizeof c.fresh; i++)
        c.fresh[i] = (uint8_t)rng_next(&s->rng);
    if (sim_job(l, job_come_back, &c) != ERR_OK || c.found.dossier.v != id)
        sim_fail(s, id, "the code leads to %lld: %s", (long long)c.found.dossier.v, l->info.detail);
    if (c.replaces)
        memcpy(m->lookup, c.fresh, sizeof m->lookup);
}

static enum matter_do person_wish(struct view *v)
{
    static const enum matter_do ANY[] = {DO_ADD,     DO_PUSH,     DO_RATE,    DO_NOT_SOLVED,
                                         DO_CONTEST, DO_WITHDRAW, DO_DELIVER, DO_ANSWER};
    struct sim *s = v->l->s;
    if (sim_chance(s, 5))
        return ANY[sim_pick(s, 8)];
    if (v->m.state == MATTER_ANSWERED) {
        if (v->m.delivered_day == 0)
            return DO_DELIVER;
        return sim_chance(s, 25) ? DO_NOT_SOLVED : DO_RATE;
    }
    if (v->m.state == MATTER_REFUSED)
        return sim_chance(s, 60) ? DO_CONTEST : DO_NONE;
    if (!matter_state_is_open(v->m.state))
        return v->m.state == MATTER_CONCLUDED ? DO_RATE : DO_NONE;
    return sim_chance(s, 6) ? DO_WITHDRAW : sim_chance(s, 50) ? DO_PUSH : DO_ADD;
}

void sim_person(struct sim_life *l, int64_t id)
{
    struct sim *s = l->s;
    struct sim_matter *m = &s->matters[id];
    struct view v = {.l = l, .id = {id}};
    if (m->has_code)
        come_back(l, id);
    (void)look(&v);
    enum matter_do what = person_wish(&v);
    if (what != DO_NONE && (m->has_code || sim_chance(s, 30)))
        act(&v, what);
    if (!m->is_over || sim_chance(s, 30))
        sim_at(s, s->now_us + hours_us(s, 48, 700), SIM_PERSON, id);
}

/* ---- officers -------------------------------------------------------------------------------- */

static enum matter_do officer_wish(struct view *v)
{
    static const enum matter_do NEXT[MATTER_STATE_COUNT][8] = {
        [MATTER_RECEIVED] = {DO_ROUTE, DO_ROUTE, DO_ADMIT, DO_ADMIT, DO_ADMIT, DO_REFUSE, DO_ASK,
                             DO_MISDIRECT},
        [MATTER_ROUTED] = {DO_OBJECT, DO_OBJECT, DO_CONFIRM, DO_TAKE_BACK, DO_ADMIT, DO_ADMIT,
                           DO_NOTE, DO_REFUSE},
        [MATTER_ADMITTED] = {DO_ASSIGN, DO_ASSIGN, DO_ASSIGN, DO_EXTEND, DO_SUSPEND, DO_ANSWER,
                             DO_ASK, DO_ADD},
        [MATTER_HANDLING] = {DO_NOTE, DO_EXTEND, DO_SUSPEND, DO_RESUME, DO_ANSWER, DO_ANSWER,
                             DO_ASSIGN, DO_ASK},
        [MATTER_ANSWERED] = {DO_DELIVER, DO_DELIVER, DO_DELIVER, DO_REOPEN, DO_CONCLUDE,
                             DO_CONCLUDE, DO_ADD, DO_NOTE},
        [MATTER_REFUSED] = {DO_REOPEN, DO_NOTE, DO_NONE, DO_NONE, DO_NONE, DO_NONE, DO_NONE,
                            DO_NONE},
        [MATTER_CONCLUDED] = {DO_REOPEN, DO_NOTE, DO_NONE, DO_NONE, DO_NONE, DO_NONE, DO_NONE,
                              DO_NONE},
    };
    struct sim_life *l = v->l;
    struct matter_env env = matter_env_of(&l->a, l->h, &v->m, sim_now(l->s));
    if (sim_chance(l->s, 5))
        return (enum matter_do)(DO_ROUTE + sim_pick(l->s, DO_COUNT - DO_ROUTE));
    for (int i = 0; i < 12; i++) {
        enum matter_do what = NEXT[v->m.state][sim_pick(l->s, 8)];
        if (what == DO_NONE || matter_may(&v->m, what, &v->actor, &env))
            return what;
    }
    return DO_NONE;
}

struct reading {
    struct dossier_id id;
    struct officer_id officer;
    struct sim_matter *m;
    struct matter_act act;
    char name[24];
    bool is_same;
};

static enum err job_look(struct tx *tx, void *ctx)
{
    struct reading *r = ctx;
    return matter_look(tx, r->id, r->officer);
}

static enum err job_card(struct tx *tx, void *ctx)
{
    struct reading *r = ctx;
    struct identity card;
    TRY(matter_card_read(tx, r->id, r->officer, &card));
    r->is_same = str_eq_c(card.name, r->name);
    return ERR_OK;
}

static enum err job_recuse(struct tx *tx, void *ctx)
{
    struct reading *r = ctx;
    return grant_recuse(tx, r->id, r->officer);
}

static enum err job_wait(struct tx *tx, void *ctx)
{
    struct reading *r = ctx;
    int64_t send_us = 0;
    return matter_answer_wait(tx, &r->act, &send_us);
}

static enum err job_undo(struct tx *tx, void *ctx)
{
    struct reading *r = ctx;
    return matter_answer_undo(tx, r->id, r->officer);
}

/* An answer as the desk sends it: it waits half a minute, and may be taken back. */
static void answer_waits(struct view *v)
{
    struct sim *s = v->l->s;
    struct reading r = {.id = v->id, .officer = v->officer};
    r.act = (struct matter_act){.id = v->id,
                                .who = WHO_OFFICER,
                                .officer = v->officer,
                                .command = {.what = DO_ANSWER, .body = fill(v, DO_ANSWER)}};
    enum err err = sim_job(v->l, job_wait, &r);
    sim_tell(s, v->id.v, "officer %lld sends an answer that waits: %s", (long long)v->officer.v,
             err == ERR_OK ? "ok" : v->l->info.key);
    if (err == ERR_OK && sim_chance(s, 10) && sim_job(v->l, job_undo, &r) != ERR_OK)
        sim_fail(s, v->id.v, "an answer that waits cannot be taken back: %s", v->l->info.key);
    if (err == ERR_OK)
        sim_at(s, s->now_us + (31 + sim_pick(s, 60)) * US_PER_SECOND, SIM_ANSWERS, 0);
}

/* The page was opened: that is on the record, and so is a look at the card. */
static void read_page(struct view *v, bool may)
{
    struct sim *s = v->l->s;
    struct sim_matter *m = &s->matters[v->id.v];
    struct reading r = {.id = v->id, .officer = v->officer, .m = m};
    enum err err = sim_job(v->l, job_look, &r);
    if ((err == ERR_OK) != (may && (v->actor.verbs & VERB_READ) != 0))
        sim_fail(s, v->id.v, "officer %lld with verbs %x looks: %s", (long long)v->officer.v,
                 (unsigned)v->actor.verbs, err_text(err));
    if (!m->is_known)
        return;
    (void)snprintf(r.name, sizeof r.name, "person %llu", (unsigned long long)m->name);
    enum err card = sim_job(v->l, job_card, &r);
    if (card != err || (card == ERR_OK && !r.is_same))
        sim_fail(s, v->id.v, "officer %lld reads the card: %s", (long long)v->officer.v,
                 err_text(card));
}

/* Whose turn it is; now and then somebody who has nothing to do with it. */
static struct officer_id whose_turn(struct view *v)
{
    struct sim *s = v->l->s;
    const struct sim_town *t = &s->town;
    struct office_id office = v->m.owner;
    if (v->m.state == MATTER_ROUTED && !v->m.objected && sim_chance(s, 80))
        office = v->m.offered;
    if (v->m.objected && sim_chance(s, 80))
        office = v->m.sender;
    int32_t who = sim_town_who(v->l, office, POST_UNSET);
    if (who < 0 || sim_chance(s, 4))
        who = (int32_t)sim_pick(s, t->officer_count);
    else if (!sim_chance(s, t->officers[who].zeal))
        return (struct officer_id){0};
    return t->officers[who].id;
}

static void recuse(struct view *v)
{
    struct reading r = {.id = v->id, .officer = v->officer};
    enum err err = sim_job(v->l, job_recuse, &r);
    sim_tell(v->l->s, v->id.v, "officer %lld steps aside: %s", (long long)v->officer.v,
             err == ERR_OK ? "ok" : err_text(err));
}

static void take_turn(struct view *v)
{
    struct sim *s = v->l->s;
    bool may = look(v);
    if (sim_chance(s, 10))
        read_page(v, may);
    if (may && sim_chance(s, 2)) {
        recuse(v);
        return;
    }
    enum matter_do what = officer_wish(v);
    if (what == DO_ANSWER && sim_chance(s, 60))
        answer_waits(v);
    else if (what != DO_NONE)
        act(v, what);
}

void sim_office(struct sim_life *l, int64_t id)
{
    struct sim *s = l->s;
    struct view v = {.l = l, .id = {id}};
    (void)look(&v);
    v.officer = whose_turn(&v);
    if (v.officer.v != 0)
        take_turn(&v);
    if (!s->matters[id].is_over || sim_chance(s, 20))
        sim_at(s, s->now_us + hours_us(s, 4, 120), SIM_OFFICE, id);
}

static enum err job_answers(struct tx *tx, void *ctx)
{
    return matter_answer_due(tx, 50, ctx);
}

void sim_answers(struct sim_life *l)
{
    bool more = true;
    while (more) {
        if (sim_job(l, job_answers, &more) != ERR_OK)
            sim_fail(l->s, 0, "answers that waited do not go out: %s", l->info.detail);
    }
}
