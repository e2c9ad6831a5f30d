/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The use cases that are swept, each as the pages, the API and the server's own jobs do it. */
#include "tests/fault/sweep.h"

#include "base/mem.h"
#include "db/writer.h"
#include "matter/timed.h"
#include "people/people.h"
#include "reach/import_run.h"
#include "spine/log.h"
#include "spine/office.h"
#include "trust/code.h"

#include <semaphore.h>

enum { SLOT_LEAVES = 32, ANSWERS_A_CHUNK = 10 };

/* ---- raising -------------------------------------------------------------------------------- */

static enum err raise_here(struct town *t, const struct matter_raise *r)
{
    struct matter_done done;
    return village_raise(&t->v, r, &done);
}

/* A report with a code and an identity that only custodians can open. */
static enum err raise_sealed(struct town *t, const struct use_case *c)
{
    (void)c;
    static const uint8_t LOOKUP[LOOKUP_BYTES] = {7};
    const struct identity who = {.name = STR("Zhao Min"), .phone = STR("555 0199")};
    const struct subject about = {SUBJECT_OFFICE, t->v.offices[HALL].v, SOURCE_PERSON};
    uint8_t tlv[256];
    size_t len = 0;
    struct id16 handle;
    TRY(identity_encode(&who, tlv, sizeof tlv, &len));
    const struct keeper_seal seal = {.policy = POLICY_DEFAULT,
                                     .identity = str_make(tlv, len),
                                     .lang = STR("en"),
                                     .now_us = instant_now()};
    TRY(keeper_err(keeper_seal(t->v.h->keeper, &seal, &handle)));
    struct matter_raise r = village_raise_of("wrongdoing");
    r.command.body.identity = IDENTITY_SEALED;
    r.subjects = &about;
    r.subject_count = 1;
    r.handle = &handle;
    r.lookup = LOOKUP;
    return raise_here(t, &r);
}

static enum err raise_known(struct town *t, const struct use_case *c)
{
    (void)c;
    static const uint8_t LOOKUP[LOOKUP_BYTES] = {8};
    const struct identity who = {.name = STR("Zhao Min"), .email = STR("min@example.org")};
    struct matter_raise r = village_raise_of("help");
    r.command.body.identity = IDENTITY_KNOWN;
    r.card = &who;
    r.lookup = LOOKUP;
    return raise_here(t, &r);
}

static enum err raise_desk(struct town *t, const struct use_case *c)
{
    (void)c;
    struct matter_raise r = village_raise_of("help");
    r.who = WHO_OFFICER;
    r.officer = t->v.officers[WORKS][DESK];
    r.office = t->v.offices[WORKS];
    r.give_register_number = true;
    r.command.body.channel = CHANNEL_LETTER;
    return raise_here(t, &r);
}

static enum err raise_once(struct town *t, const struct use_case *c)
{
    (void)c;
    struct matter_raise r = village_raise_of("help");
    r.once = STR("the-same-key");
    r.token = (struct token_id){7};
    r.command.body.channel = CHANNEL_API;
    TRY(raise_here(t, &r));
    return raise_here(t, &r); /* sent again because the answer was lost */
}

/* Three at once, each sent by a person who has a code: one commit, and what fails in one of them
 * must not take what another one was promised. */
enum { BATCH = 3 };

struct batch;
struct turn {
    struct batch *batch;
    int i;
};

struct batch {
    struct town *town;
    struct turn turns[BATCH];
    struct matter_raise raises[BATCH];
    struct matter_done done[BATCH];
    enum err errs[BATCH];
    sem_t gate; /* keeps the writer until all are queued */
    sem_t ended;
};

static enum err gate_job(struct tx *tx, void *ctx)
{
    (void)tx;
    struct batch *b = ctx;
    while (sem_wait(&b->gate) != 0)
        continue;
    (void)sem_post(&b->gate); /* it stays open: a batch may run again */
    return ERR_REFUSED;       /* nothing to commit */
}

static enum err batch_job(struct tx *tx, void *ctx)
{
    const struct turn *turn = ctx;
    struct batch *b = turn->batch;
    return matter_raise(tx, &b->raises[turn->i], &b->done[turn->i]);
}

static void batch_ended(void *ctx, enum err err, const struct err_info *info)
{
    const struct turn *turn = ctx;
    struct batch *b = turn->batch;
    b->errs[turn->i] = err;
    if (err == ERR_OK)
        *b->town->acknowledged |= 1U << turn->i;
    else
        b->town->v.info = *info;
    (void)sem_post(&b->ended);
}

static enum err raise_batch(struct town *t, const struct use_case *c)
{
    (void)c;
    static const uint8_t LOOKUPS[BATCH][LOOKUP_BYTES] = {{21}, {22}, {23}};
    const struct identity who = {.name = STR("Zhao Min"), .email = STR("min@example.org")};
    struct batch b = {.town = t};
    int queued = 0;
    t->v.info = (struct err_info){0};
    (void)sem_init(&b.gate, 0, 0);
    (void)sem_init(&b.ended, 0, 0);
    enum err err = writer_submit(t->v.h->writer, gate_job, &b, NULL);
    for (int i = 0; i < BATCH; i++) {
        b.turns[i] = (struct turn){&b, i};
        b.raises[i] = village_raise_of(i == 1 ? "wrongdoing" : "help");
        b.raises[i].card = i == 1 ? NULL : &who;
        b.raises[i].command.body.identity = i == 1 ? IDENTITY_ANONYMOUS : IDENTITY_KNOWN;
        b.raises[i].lookup = LOOKUPS[i];
        if (err == ERR_OK)
            err = writer_submit(t->v.h->writer, batch_job, &b.turns[i], batch_ended);
        queued += err == ERR_OK;
    }
    (void)sem_post(&b.gate);
    for (int i = 0; i < queued; i++)
        while (sem_wait(&b.ended) != 0)
            continue;
    for (int i = 0; i < queued && err == ERR_OK; i++)
        err = b.errs[i];
    return err;
}

/* ---- steps ---------------------------------------------------------------------------------- */

static void fill_officer(const struct town *t, enum matter_do what, struct matter_body *b)
{
    switch ((int)what) {
    case DO_ROUTE:
        b->to = t->v.offices[WORKS];
        break;
    case DO_REFUSE:
        b->reason = STR("in_hand");
        b->ref = STR("A-1");
        break;
    case DO_MISDIRECT:
        b->whose = STR("The county");
        break;
    case DO_ASSIGN:
        b->handler = t->v.officers[HALL][HANDLER];
        break;
    case DO_ASK:
        b->until_day = t->today + 10;
        break;
    case DO_EXTEND:
        b->n = t->due_n;
        b->amount = 3;
        break;
    case DO_SUSPEND:
        b->n = t->due_n;
        b->reason = STR("awaiting_person");
        b->until_day = t->today + 5;
        break;
    case DO_RESUME:
        b->n = t->still_n;
        break;
    default:
        break;
    }
}

static void fill_person(enum matter_do what, struct matter_body *b)
{
    b->how = what == DO_DELIVER ? STR("page") : STR("");
    b->stars = what == DO_RATE ? 4 : 0;
    b->pressed = what == DO_WITHDRAW ? SAID_NO : UNSAID;
    b->danger = what == DO_PUSH;
}

struct act_job {
    struct matter_act act;
    struct matter_done done;
};

static enum err act_job(struct tx *tx, void *ctx)
{
    struct act_job *j = ctx;
    return matter_act(tx, &j->act, &j->done);
}

static enum err call(struct town *t, writer_fn *fn, void *ctx)
{
    t->v.info = (struct err_info){0};
    return writer_call(t->v.h->writer, fn, ctx, &t->v.info);
}

static void act_fill(const struct town *t, const struct use_case *c, struct matter_act *ret_act)
{
    *ret_act = (struct matter_act){.id = t->ids[c->at], .who = WHO_OFFICER};
    ret_act->command.what = c->what;
    ret_act->command.body.text = STR("What stands in the file.");
    if (c->office == PERSON)
        ret_act->who = WHO_PERSON;
    else if (c->office == SYSTEM)
        ret_act->who = WHO_SYSTEM;
    else
        ret_act->officer = t->v.officers[c->office][c->post];
    if (c->what == DO_ANSWER)
        ret_act->command = town_answer(t);
    else if (c->office == PERSON)
        fill_person(c->what, &ret_act->command.body);
    else
        fill_officer(t, c->what, &ret_act->command.body);
}

static enum err step(struct town *t, const struct use_case *c)
{
    struct act_job j;
    act_fill(t, c, &j.act);
    return call(t, act_job, &j);
}

/* Sent twice with one key, as a browser does that lost the answer. */
static enum err step_once(struct town *t, const struct use_case *c)
{
    struct act_job j;
    act_fill(t, c, &j.act);
    j.act.once = STR("step-1");
    TRY(call(t, act_job, &j));
    return call(t, act_job, &j);
}

static enum err withdraw_pressed(struct town *t, const struct use_case *c)
{
    struct act_job j;
    act_fill(t, c, &j.act);
    j.act.command.body.pressed = SAID_YES;
    return call(t, act_job, &j);
}

/* ---- answers that wait, looks, codes --------------------------------------------------------- */

static enum err wait_job(struct tx *tx, void *ctx)
{
    struct act_job *j = ctx;
    int64_t send_us = 0;
    return matter_answer_wait(tx, &j->act, &send_us);
}

static enum err answer_wait(struct town *t, const struct use_case *c)
{
    struct act_job j;
    act_fill(t, c, &j.act);
    return call(t, wait_job, &j);
}

static enum err undo_job(struct tx *tx, void *ctx)
{
    struct act_job *j = ctx;
    return matter_answer_undo(tx, j->act.id, j->act.officer);
}

static enum err answer_undo(struct town *t, const struct use_case *c)
{
    struct act_job j;
    act_fill(t, c, &j.act);
    return call(t, undo_job, &j);
}

static enum err due_job(struct tx *tx, void *ctx)
{
    return matter_answer_due(tx, ANSWERS_A_CHUNK, ctx);
}

static enum err answer_due(struct town *t, const struct use_case *c)
{
    (void)c;
    bool more = false;
    return call(t, due_job, &more);
}

static enum err look_job(struct tx *tx, void *ctx)
{
    struct act_job *j = ctx;
    return matter_look(tx, j->act.id, j->act.officer);
}

static enum err look(struct town *t, const struct use_case *c)
{
    struct act_job j;
    act_fill(t, c, &j.act);
    return call(t, look_job, &j);
}

static enum err card_job(struct tx *tx, void *ctx)
{
    struct act_job *j = ctx;
    struct identity card;
    return matter_card_read(tx, j->act.id, j->act.officer, &card);
}

static enum err card_read(struct town *t, const struct use_case *c)
{
    struct act_job j;
    act_fill(t, c, &j.act);
    return call(t, card_job, &j);
}

static enum err code_job(struct tx *tx, void *ctx)
{
    struct town *t = ctx;
    const uint8_t fresh[LOOKUP_BYTES] = {9};
    struct code_found found;
    TRY(code_use(tx, t->lookup, &found));
    return code_replace(tx, t->lookup, fresh);
}

static enum err code_change(struct town *t, const struct use_case *c)
{
    (void)c;
    return call(t, code_job, t);
}

/* ---- what the server does by itself ---------------------------------------------------------- */

static enum err dues(struct town *t, const struct use_case *c)
{
    (void)c;
    struct sweep *s = NULL;
    struct sweep_figures figures = {0};
    TRY(sweep_new(t->v.h, &MATTER_SWEEP, 1, &s));
    t->v.info = (struct err_info){0};
    enum err err = ERR_OK;
    do { /* what was missed starts the next step, whose time may have come too */
        err = sweep_look(s, NULL, NULL, &figures, &t->v.info);
    } while (err == ERR_OK && figures.acted > 0 && figures.stuck == 0);
    sweep_free(s);
    /* What is stuck is tried again at the next look. */
    return err == ERR_OK && figures.stuck > 0 ? ERR_BUSY : err;
}

static enum err pad_job(struct tx *tx, void *ctx)
{
    struct town *t = ctx;
    return log_pad(tx, t->v.h->log, SLOT_LEAVES, true);
}

static enum err pad(struct town *t, const struct use_case *c)
{
    (void)c;
    return call(t, pad_job, t);
}

/* ---- other rooms ----------------------------------------------------------------------------- */

static enum err import(struct town *t, const struct use_case *c)
{
    (void)c;
    CLEANUP(mem_free_ptr) struct import_faults *faults = mem_new(sizeof *faults);
    char file[640], map_path[640], rejects[128];
    volatile sig_atomic_t stop = 0;
    struct import_figures figures = {0};
    const struct import_map *map = NULL;
    if (faults == NULL)
        return ERR_NOMEM;
    (void)snprintf(file, sizeof file, "%s/letters-utf8.csv", t->samples);
    (void)snprintf(map_path, sizeof map_path, "%s/letters.json", t->samples);
    (void)snprintf(rejects, sizeof rejects, "%s/rejects.csv", t->v.folder);
    t->v.info = (struct err_info){0};
    arena_reset(&t->v.a);
    TRY(import_map_load(&t->v.a, map_path, faults, &t->v.info, &map));
    const struct import_job job = {.path = file,
                                   .map = map,
                                   .house = t->v.h,
                                   .office = t->v.offices[HALL],
                                   .rejects = rejects,
                                   .stop = &stop};
    TRY(import_run(&job, faults, &figures, &t->v.info));
    /* A row's own fault is for the rejects; ours must stop the import. */
    if (figures.rejected > 0)
        return err_set(&t->v.info, ERR_CORRUPT, NULL, "%d rows rejected", (int)figures.rejected);
    return ERR_OK;
}

static enum err officer_job(struct tx *tx, void *ctx)
{
    struct town *t = ctx;
    char text[PEOPLE_INVITE_BYTES];
    struct officer_id id;
    const struct officer_new mason = {
        .login = STR("mason"), .name = STR("Mason"), .lang = STR("en")};
    TRY(officer_add(tx, &mason, &id));
    const struct holding post = {.officer = id,
                                 .office = t->v.offices[WORKS],
                                 .post = POST_HANDLER,
                                 .from_day = t->today,
                                 .to_day = t->today + 100};
    TRY(officer_hold(tx, &post));
    return people_invite(tx, id, text);
}

static enum err officer(struct town *t, const struct use_case *c)
{
    (void)c;
    return call(t, officer_job, t);
}

static enum err enrol_job(struct tx *tx, void *ctx)
{
    struct town *t = ctx;
    const struct people_secret secret = {.passhash = "$argon2id$not-a-real-one", .seed = {1}};
    char text[PEOPLE_TOKEN_BYTES];
    TRY(people_enrol(tx, t->v.h, t->account, &secret));
    return people_token_make(tx, t->account, STR("till"), t->today + 30, text);
}

static enum err enrol(struct town *t, const struct use_case *c)
{
    (void)c;
    return call(t, enrol_job, t);
}

static enum err disable_job(struct tx *tx, void *ctx)
{
    struct town *t = ctx;
    return people_disable(tx, t->v.officers[SCHOOL][HANDLER]);
}

static enum err disable(struct town *t, const struct use_case *c)
{
    (void)c;
    return call(t, disable_job, t);
}

/* ---- all of them ----------------------------------------------------------------------------- */

#define STEP(name, stage, do, office, post)                                                        \
    {                                                                                              \
        name, step, stage, do, office, post, 0, false                                              \
    }

const struct use_case USE_CASES[] = {
    {.name = "raise-sealed", .run = raise_sealed},
    {.name = "raise-known", .run = raise_known},
    {.name = "raise-desk", .run = raise_desk},
    {.name = "raise-once", .run = raise_once, .in_parts = true},
    {.name = "raise-batch", .run = raise_batch, .in_parts = true},
    STEP("route", STAGE_FRESH, DO_ROUTE, HALL, DESK),
    STEP("object", STAGE_OFFERED, DO_OBJECT, WORKS, LEAD),
    STEP("confirm", STAGE_OBJECTED, DO_CONFIRM, HALL, LEAD),
    STEP("take-back", STAGE_OBJECTED, DO_TAKE_BACK, HALL, LEAD),
    STEP("admit", STAGE_OFFERED, DO_ADMIT, WORKS, LEAD),
    STEP("refuse", STAGE_FRESH, DO_REFUSE, HALL, LEAD),
    STEP("misdirect", STAGE_FRESH, DO_MISDIRECT, HALL, LEAD),
    STEP("contest", STAGE_REFUSED, DO_CONTEST, PERSON, 0),
    STEP("assign", STAGE_TAKEN, DO_ASSIGN, HALL, LEAD),
    STEP("note", STAGE_ASSIGNED, DO_NOTE, HALL, HANDLER),
    STEP("note-sealed", STAGE_SEALED, DO_NOTE, ETHICS, LEAD),
    STEP("ask", STAGE_TAKEN, DO_ASK, HALL, LEAD),
    STEP("add", STAGE_FRESH, DO_ADD, PERSON, 0),
    STEP("extend", STAGE_TAKEN, DO_EXTEND, HALL, LEAD),
    STEP("suspend", STAGE_TAKEN, DO_SUSPEND, HALL, LEAD),
    STEP("resume", STAGE_STILL, DO_RESUME, HALL, LEAD),
    STEP("answer", STAGE_ASSIGNED, DO_ANSWER, HALL, HANDLER),
    {.name = "answer-sealed",
     .run = step,
     .at = STAGE_SEALED,
     .what = DO_ANSWER,
     .office = ETHICS,
     .post = LEAD},
    {.name = "answer-wait",
     .run = answer_wait,
     .at = STAGE_TAKEN,
     .what = DO_ANSWER,
     .office = HALL,
     .post = LEAD},
    {.name = "answer-undo", .run = answer_undo, .at = STAGE_WAITING, .office = HALL, .post = LEAD},
    {.name = "answer-due", .run = answer_due, .wait_us = 31 * US_PER_SECOND},
    STEP("deliver", STAGE_ANSWERED, DO_DELIVER, PERSON, 0),
    STEP("rate", STAGE_DELIVERED, DO_RATE, PERSON, 0),
    STEP("not-solved", STAGE_DELIVERED, DO_NOT_SOLVED, PERSON, 0),
    STEP("reopen", STAGE_CONCLUDED, DO_REOPEN, HALL, LEAD),
    STEP("conclude", STAGE_SETTLED, DO_CONCLUDE, HALL, LEAD),
    STEP("withdraw", STAGE_TAKEN, DO_WITHDRAW, PERSON, 0),
    {.name = "withdraw-pressed",
     .run = withdraw_pressed,
     .at = STAGE_TAKEN,
     .what = DO_WITHDRAW,
     .office = PERSON},
    STEP("push", STAGE_TAKEN, DO_PUSH, PERSON, 0),
    STEP("escalate", STAGE_SCHOOL, DO_ESCALATE, SYSTEM, 0),
    {.name = "step-once",
     .run = step_once,
     .at = STAGE_TAKEN,
     .what = DO_NOTE,
     .office = HALL,
     .post = LEAD,
     .in_parts = true},
    {.name = "look", .run = look, .at = STAGE_FRESH, .office = HALL, .post = DESK},
    {.name = "card-read", .run = card_read, .at = STAGE_CARDED, .office = HALL, .post = LEAD},
    {.name = "code-change", .run = code_change},
    {.name = "dues-missed", .run = dues, .wait_us = 4 * US_PER_DAY, .in_parts = true},
    {.name = "dues-gone-up", .run = dues, .wait_us = 40 * US_PER_DAY, .in_parts = true},
    {.name = "pad", .run = pad},
    {.name = "import", .run = import, .in_parts = true},
    {.name = "officer", .run = officer},
    {.name = "enrol", .run = enrol},
    {.name = "disable", .run = disable},
};
const size_t USE_CASE_COUNT = sizeof USE_CASES / sizeof *USE_CASES;
