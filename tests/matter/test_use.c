/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Use cases over a real data folder: who may, what is written, what is kept once. */
#include "village.h"

#include "base/mem.h"
#include "db/readers.h"
#include "db/writer.h"
#include "lib/text/zone.h"
#include "spine/seats.h"
#include "tests/check.h"

#include <pthread.h>

static struct dossier_id raised(struct village *v, const char *kind)
{
    struct matter_raise r = village_raise_of(kind);
    struct matter_done done;
    if (village_raise(v, &r, &done) != ERR_OK)
        fail_msg("raise: %s %s (%s)", v->info.key, v->info.arg[0], v->info.detail);
    assert_false(done.again);
    return done.id;
}

static void good(struct village *v, struct dossier_id id, struct officer_id officer,
                 struct matter_command c)
{
    if (village_act(v, id, officer, &c, NULL) != ERR_OK)
        fail_msg("%s: %s %s (%s)", matter_do_word(c.what).ptr, v->info.key, v->info.arg[0],
                 v->info.detail);
}

static void bad(struct village *v, struct dossier_id id, struct officer_id officer,
                struct matter_command c, enum err err, const char *key)
{
    assert_int_equal(village_act(v, id, officer, &c, NULL), err);
    assert_string_equal(v->info.key, key);
}

static struct matter now_of(struct village *v, struct dossier_id id)
{
    struct matter_story story;
    village_story(v, id, &story);
    return story.now;
}

#define DO(verb, ...) ((struct matter_command){.what = (verb), .body = {.at_us = 0, __VA_ARGS__}})

static struct matter_command answer(void)
{
    return DO(DO_ANSWER, .asked = STR("A lamp."), .found = STR("It was broken."),
              .outcome = OUTCOME_SUPPORTED, .basis = STR("Rule 4"), .remedy = STR("A new lamp."),
              .remedy_day = 20600, .review_where = STR("The hall"));
}

/* ---- the whole way ----------------------------------------------------------------------------
 */

static void test_a_matter_goes_its_way_through_the_rows(void **state)
{
    struct village *v = *state;
    struct officer_id *hall = v->officers[HALL];
    struct officer_id *works = v->officers[WORKS];
    struct dossier_id id = raised(v, "help");
    assert_int_equal(now_of(v, id).owner.v, v->offices[HALL].v);
    good(v, id, hall[DESK], DO(DO_ROUTE, .to = v->offices[WORKS]));
    good(v, id, works[LEAD], DO(DO_OBJECT, .text = STR("Not our stairs.")));
    good(v, id, hall[LEAD], DO(DO_CONFIRM, .text = STR("They are.")));
    good(v, id, works[LEAD], DO(DO_ADMIT, .text = STR("")));
    bad(v, id, hall[LEAD], DO(DO_NOTE, .text = STR("Hm.")), ERR_NOT_FOUND, "");
    good(v, id, works[LEAD], DO(DO_ASSIGN, .handler = works[HANDLER]));
    good(v, id, works[HANDLER], DO(DO_NOTE, .text = STR("Looked at it.")));
    village_wait(US_PER_DAY);
    good(v, id, works[LEAD], DO(DO_EXTEND, .amount = 3, .text = STR("The lamp is ordered.")));
    good(v, id, works[HANDLER], answer());
    struct matter_command c = DO(DO_DELIVER, .how = STR("page"));
    assert_int_equal(village_person(v, id, &c, NULL), ERR_OK);
    c = DO(DO_NOT_SOLVED, .text = STR("It is dark again."));
    assert_int_equal(village_person(v, id, &c, NULL), ERR_OK);
    assert_int_equal(now_of(v, id).state, MATTER_HANDLING);
    good(v, id, works[HANDLER], answer());
    assert_int_equal(now_of(v, id).answers, 2);
    village_check(v);
}

static void test_what_a_refusal_leaves_is_nothing(void **state)
{
    struct village *v = *state;
    struct dossier_id id = raised(v, "help");
    int64_t seq = now_of(v, id).seq;
    bad(v, id, v->officers[HALL][LEAD], DO(DO_ANSWER, .text = STR("")), ERR_REFUSED,
        "matter.refused.state");
    bad(v, id, v->officers[HALL][LEAD], DO(DO_ROUTE, .to = {99}), ERR_INVALID,
        "matter.invalid.office");
    bad(v, id, v->officers[HALL][DESK], DO(DO_ADMIT, .text = STR("")), ERR_REFUSED,
        "matter.refused.not_your_post");
    bad(v, id, v->officers[SCHOOL][LEAD], DO(DO_ADMIT, .text = STR("")), ERR_NOT_FOUND, "");
    bad(v, (struct dossier_id){424242}, v->officers[HALL][LEAD], DO(DO_ADMIT, .text = STR("")),
        ERR_NOT_FOUND, "");
    assert_int_equal(now_of(v, id).seq, seq);
    village_check(v);
}

static void test_the_place_finds_its_office(void **state)
{
    struct village *v = *state;
    struct matter_raise r = village_raise_of("help");
    struct matter_done done;
    r.command.body.place = STR("the school");
    assert_int_equal(village_raise(v, &r, &done), ERR_OK);
    assert_int_equal(done.office.v, v->offices[SCHOOL].v);
}

static enum err forget_run(struct tx *tx, void *ctx)
{
    (void)ctx;
    return matter_once_forget(tx);
}

/* ---- who holds a post where, remembered from raise to raise ------------------------------------
 */

enum { BATCH = 4 };

struct seats_job {
    struct village *v;
    const struct holding *hold; /* given in this job */
    bool keep;                  /* says that it changes no post */
    int64_t people;             /* counted in this job, at the school */
    size_t offices;             /* where the school's lead holds a post */
};

static enum err seats_run(struct tx *tx, void *ctx)
{
    struct seats_job *j = ctx;
    struct seats *s = j->v->h->seats;
    int32_t today = house_day(j->v->h, tx->now_us);
    const struct held *held = NULL;
    if (j->hold != NULL)
        TRY(officer_hold(tx, j->hold));
    TRY(seats_count(s, tx->db, tx->arena, j->v->offices[SCHOOL], today, 100, &j->people));
    TRY(seats_held(s, tx, j->v->officers[SCHOOL][LEAD], today, &held, &j->offices));
    if (j->keep)
        seats_keep(s);
    return ERR_OK;
}

static enum err hold_on(struct tx *tx, void *ctx)
{
    (void)tx;
    return pthread_mutex_lock(ctx) == 0 && pthread_mutex_unlock(ctx) == 0 ? ERR_OK : ERR_INTERNAL;
}

/* All of them in one batch: the writer stands still until the last one is queued. */
static void run_together(struct village *v, struct seats_job *jobs)
{
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    assert_int_equal(pthread_mutex_lock(&gate), 0);
    assert_int_equal(writer_submit(v->h->writer, hold_on, &gate, NULL), ERR_OK);
    for (size_t i = 0; i < BATCH; i++)
        assert_int_equal(writer_submit(v->h->writer, seats_run, &jobs[i], NULL), ERR_OK);
    assert_int_equal(pthread_mutex_unlock(&gate), 0);
    assert_int_equal(writer_call(v->h->writer, forget_run, NULL, &v->info), ERR_OK);
}

/* A job that says nothing is believed to have changed everything; that one which lies is believed
 * shows that something is remembered at all. */
static void test_a_change_of_posts_is_seen_by_the_next_raise(void **state)
{
    struct village *v = *state;
    const struct holding first = {.officer = v->officers[HALL][HANDLER],
                                  .office = v->offices[SCHOOL],
                                  .post = POST_HANDLER,
                                  .from_day = 1,
                                  .to_day = INT32_MAX};
    struct holding second = first;
    struct holding moved = first;
    second.officer = v->officers[HALL][DESK];
    moved.officer = v->officers[SCHOOL][LEAD];
    moved.office = v->offices[WORKS];
    struct seats_job honest[BATCH] = {{.keep = true}, {.keep = true}, {.hold = &first}, {.v = v}};
    struct seats_job lying[BATCH] = {{.keep = true}, {.hold = &second, .keep = true}};
    for (size_t i = 0; i < BATCH; i++)
        honest[i].v = lying[i].v = v;
    run_together(v, honest);
    assert_int_equal(honest[0].people, honest[1].people);
    assert_int_equal(honest[3].people, honest[0].people + 1);
    assert_int_equal(honest[3].offices, 1);
    run_together(v, lying);
    assert_int_equal(lying[0].people, honest[3].people);
    assert_int_equal(lying[2].people, lying[0].people); /* remembered, and wrong */
    assert_int_equal(lying[3].people, lying[0].people + 1);
    struct seats_job after[BATCH] = {{.keep = true}, {.hold = &moved}};
    for (size_t i = 0; i < BATCH; i++)
        after[i].v = v;
    run_together(v, after);
    assert_int_equal(after[0].people, lying[3].people); /* the batch before is forgotten */
    assert_int_equal(after[0].offices, 1);
    assert_int_equal(after[3].offices, 2);
}

/* ---- once ---------------------------------------------------------------------------------- */

static void test_a_double_send_makes_one_matter(void **state)
{
    struct village *v = *state;
    struct matter_raise r = village_raise_of("help");
    struct matter_done one;
    struct matter_done two;
    r.once = STR("the-same-key");
    r.token = (struct token_id){7};
    assert_int_equal(village_raise(v, &r, &one), ERR_OK);
    assert_int_equal(village_raise(v, &r, &two), ERR_OK);
    assert_false(one.again);
    assert_true(two.again);
    assert_int_equal(one.id.v, two.id.v);
    r.token = (struct token_id){8};
    assert_int_equal(village_raise(v, &r, &two), ERR_OK);
    assert_int_not_equal(one.id.v, two.id.v);
}

static void test_a_key_is_kept_for_seven_days_and_not_for_fourteen(void **state)
{
    struct village *v = *state;
    struct matter_raise r = village_raise_of("help");
    struct matter_done one;
    struct matter_done two;
    r.once = STR("a-week");
    assert_int_equal(village_raise(v, &r, &one), ERR_OK);
    village_wait(7 * US_PER_DAY);
    assert_int_equal(writer_call(v->h->writer, forget_run, NULL, &v->info), ERR_OK);
    assert_int_equal(village_raise(v, &r, &two), ERR_OK);
    assert_int_equal(one.id.v, two.id.v);
    village_wait(7 * US_PER_DAY);
    assert_int_equal(writer_call(v->h->writer, forget_run, NULL, &v->info), ERR_OK);
    assert_int_equal(village_raise(v, &r, &two), ERR_OK);
    assert_int_not_equal(one.id.v, two.id.v);
}

static void test_the_same_code_makes_one_matter(void **state)
{
    struct village *v = *state;
    struct matter_raise r = village_raise_of("help");
    struct matter_done one;
    struct matter_done two;
    uint8_t lookup[32] = {1, 2, 3};
    r.lookup = lookup;
    assert_int_equal(village_raise(v, &r, &one), ERR_OK);
    assert_int_equal(village_raise(v, &r, &two), ERR_OK);
    assert_true(two.again);
    assert_int_equal(one.id.v, two.id.v);
}

static enum err act_once(struct tx *tx, void *ctx)
{
    struct matter_done done;
    enum err e = matter_act(tx, ctx, &done);
    return e;
}

static void test_a_step_sent_twice_is_taken_once(void **state)
{
    struct village *v = *state;
    struct dossier_id id = raised(v, "help");
    const struct matter_act a = {
        .id = id,
        .who = WHO_OFFICER,
        .officer = v->officers[HALL][LEAD],
        .command = DO(DO_NOTE, .text = STR("Once.")),
        .once = STR("note-1"),
    };
    union {
        const struct matter_act *in;
        void *out;
    } ctx = {&a};
    int64_t before = now_of(v, id).seq;
    assert_int_equal(writer_call(v->h->writer, act_once, ctx.out, &v->info), ERR_OK);
    assert_int_equal(writer_call(v->h->writer, act_once, ctx.out, &v->info), ERR_OK);
    assert_int_equal(now_of(v, id).seq, before + 1);
}

static void test_of_two_officers_the_second_hears_of_it(void **state)
{
    struct village *v = *state;
    struct dossier_id id = raised(v, "help");
    struct matter_command c = DO(DO_ADMIT, .text = STR(""));
    c.expect_seq = now_of(v, id).seq;
    good(v, id, v->officers[HALL][LEAD], c);
    c = DO(DO_NOTE, .text = STR("Seen."));
    c.expect_seq = now_of(v, id).seq - 1;
    bad(v, id, v->officers[HALL][LEAD], c, ERR_CONFLICT, "matter.refused.moved_on");
}

/* ---- sealed kinds, bars -------------------------------------------------------------------- */

static void test_a_report_ends_outside_and_is_unreadable_at_rest(void **state)
{
    struct village *v = *state;
    struct matter_raise r = village_raise_of("wrongdoing");
    const struct subject about = {SUBJECT_OFFICE, v->offices[HALL].v, SOURCE_PERSON};
    struct matter_done done;
    r.subjects = &about;
    r.subject_count = 1;
    (void)raised(v, "help");
    r.command.body.title = STR("CANARY-4711 in the till");
    assert_int_equal(village_raise(v, &r, &done), ERR_OK);
    assert_int_equal(done.office.v, v->offices[ETHICS].v);
    struct matter_story story;
    village_story(v, done.id, &story);
    assert_int_equal(story.now.content, CONTENT_SEALED);
    check_str(story.now.title, "CANARY-4711 in the till");
    assert_false(village_holds(v, "CANARY-4711"));
    assert_true(village_holds(v, "no light since Monday")); /* an open kind's text is clear */
    bad(v, done.id, v->officers[HALL][LEAD], DO(DO_NOTE, .text = STR("x")), ERR_NOT_FOUND, "");
    good(v, done.id, v->officers[ETHICS][LEAD], DO(DO_ADMIT, .text = STR("")));
    bad(v, done.id, v->officers[ETHICS][LEAD], DO(DO_ROUTE, .to = v->offices[HALL]), ERR_REFUSED,
        "matter.refused.state");
    village_check(v);
}

static void test_a_barred_officer_is_not_assigned(void **state)
{
    struct village *v = *state;
    struct matter_raise r = village_raise_of("complaint");
    const struct subject about = {SUBJECT_OFFICER, v->officers[HALL][HANDLER].v, SOURCE_PERSON};
    struct matter_done done;
    r.subjects = &about;
    r.subject_count = 1;
    assert_int_equal(village_raise(v, &r, &done), ERR_OK);
    good(v, done.id, v->officers[HALL][LEAD], DO(DO_ADMIT, .text = STR("")));
    bad(v, done.id, v->officers[HALL][LEAD], DO(DO_ASSIGN, .handler = v->officers[HALL][HANDLER]),
        ERR_REFUSED, "matter.refused.handler");
    bad(v, done.id, v->officers[HALL][LEAD], DO(DO_ASSIGN, .handler = v->officers[WORKS][HANDLER]),
        ERR_REFUSED, "matter.refused.handler");
    bad(v, done.id, v->officers[HALL][HANDLER], DO(DO_NOTE, .text = STR("x")), ERR_NOT_FOUND, "");
}

static void test_an_excluded_office_never_gets_it(void **state)
{
    struct village *v = *state;
    struct matter_raise r = village_raise_of("help");
    const struct exclusion not_school = {.office = v->offices[SCHOOL]};
    struct matter_done done;
    r.command.body.place = STR("the school");
    r.exclusions = &not_school;
    r.exclusion_count = 1;
    assert_int_equal(village_raise(v, &r, &done), ERR_OK);
    assert_int_equal(done.office.v, v->offices[HALL].v);
    bad(v, done.id, v->officers[HALL][LEAD], DO(DO_ROUTE, .to = v->offices[SCHOOL]), ERR_INVALID,
        "matter.invalid.office");
}

static int64_t matters(struct village *v)
{
    struct matter_raise r = village_raise_of("help");
    struct matter_done done;
    assert_int_equal(village_raise(v, &r, &done), ERR_OK);
    return done.id.v;
}

static void test_pressed_to_withdraw_is_a_matter_of_its_own(void **state)
{
    struct village *v = *state;
    struct dossier_id id = raised(v, "help");
    struct matter_command c = DO(DO_WITHDRAW, .pressed = SAID_YES);
    assert_int_equal(village_person(v, id, &c, NULL), ERR_OK);
    assert_int_equal(now_of(v, id).state, MATTER_WITHDRAWN);
    struct dossier_id next = {id.v + 1};
    struct matter m = now_of(v, next);
    check_str(m.kind, "detriment");
    assert_int_equal(m.owner.v, v->offices[ETHICS].v);
    bad(v, next, v->officers[HALL][LEAD], DO(DO_NOTE, .text = STR("x")), ERR_NOT_FOUND, "");
    int64_t before = matters(v);
    id = raised(v, "help");
    c = DO(DO_WITHDRAW, .pressed = SAID_NO);
    assert_int_equal(village_person(v, id, &c, NULL), ERR_OK);
    assert_int_equal(matters(v), before + 2);
    village_check(v);
}

/* ---- desk, card, looks --------------------------------------------------------------------------
 */

static void test_the_desk_takes_in_where_it_sits(void **state)
{
    struct village *v = *state;
    struct matter_raise r = village_raise_of("help");
    struct matter_done done;
    r.who = WHO_OFFICER;
    r.officer = v->officers[WORKS][DESK];
    r.office = v->offices[WORKS];
    r.give_register_number = true;
    r.command.body.channel = CHANNEL_LETTER;
    assert_int_equal(village_raise(v, &r, &done), ERR_OK);
    assert_int_equal(done.office.v, v->offices[WORKS].v);
    r.office = v->offices[HALL];
    assert_int_equal(village_raise(v, &r, &done), ERR_REFUSED);
    assert_string_equal(v->info.key, "matter.refused.no_desk");
    r.officer = v->officers[WORKS][HANDLER];
    r.office = v->offices[WORKS];
    assert_int_equal(village_raise(v, &r, &done), ERR_REFUSED);
    village_check(v);
}

struct card_job {
    struct dossier_id id;
    struct officer_id officer;
    struct str name;
    char kept[64];
};

static enum err card_run(struct tx *tx, void *ctx)
{
    struct card_job *j = ctx;
    struct identity card;
    TRY(matter_card_read(tx, j->id, j->officer, &card));
    (void)snprintf(j->kept, sizeof(j->kept), STR_FMT, STR_ARG(card.name));
    return ERR_OK;
}

static enum err look_run(struct tx *tx, void *ctx)
{
    struct card_job *j = ctx;
    return matter_look(tx, j->id, j->officer);
}

static size_t stored(struct village *v, struct dossier_id id, const char *type)
{
    struct matter_story story;
    size_t n = 0;
    village_story(v, id, &story);
    for (size_t i = 0; i < story.count; i++)
        n += str_eq_c(story.raw[i].parsed.type, type) ? 1 : 0;
    return n;
}

static void test_a_look_at_the_card_is_on_the_record(void **state)
{
    struct village *v = *state;
    struct matter_raise r = village_raise_of("help");
    const struct identity who = {.name = STR("Wang Xiaomei"), .phone = STR("555 0100")};
    struct matter_done done;
    r.card = &who;
    r.command.body.identity = IDENTITY_KNOWN;
    assert_int_equal(village_raise(v, &r, &done), ERR_OK);
    struct card_job j = {.id = done.id, .officer = v->officers[HALL][LEAD]};
    assert_int_equal(writer_call(v->h->writer, card_run, &j, &v->info), ERR_OK);
    assert_string_equal(j.kept, "Wang Xiaomei");
    assert_false(village_holds(v, "Wang Xiaomei"));
    assert_int_equal(stored(v, done.id, "card.read"), 1);
    j.officer = v->officers[WORKS][LEAD];
    assert_int_equal(writer_call(v->h->writer, card_run, &j, &v->info), ERR_NOT_FOUND);
    j.id = raised(v, "help");
    j.officer = v->officers[HALL][LEAD];
    assert_int_equal(writer_call(v->h->writer, card_run, &j, &v->info), ERR_NOT_FOUND);
    village_check(v);
}

static void test_the_first_look_of_a_day_is_on_the_record(void **state)
{
    struct village *v = *state;
    struct card_job j = {.id = raised(v, "help"), .officer = v->officers[HALL][DESK]};
    assert_int_equal(writer_call(v->h->writer, look_run, &j, &v->info), ERR_OK);
    assert_int_equal(writer_call(v->h->writer, look_run, &j, &v->info), ERR_OK);
    assert_int_equal(stored(v, j.id, "matter.read"), 1);
    village_wait(US_PER_DAY);
    assert_int_equal(writer_call(v->h->writer, look_run, &j, &v->info), ERR_OK);
    assert_int_equal(stored(v, j.id, "matter.read"), 2);
    j.officer = v->officers[SCHOOL][DESK];
    assert_int_equal(writer_call(v->h->writer, look_run, &j, &v->info), ERR_NOT_FOUND);
    /* Looks do not move what officers write against. */
    struct matter_command c = DO(DO_ADMIT, .text = STR(""));
    c.expect_seq = now_of(v, j.id).seq;
    good(v, j.id, v->officers[HALL][LEAD], c);
}

/* ---- thirty seconds ------------------------------------------------------------------------ */

struct wait_job {
    struct matter_act act;
    int64_t send_us;
    bool more;
};

static enum err wait_run(struct tx *tx, void *ctx)
{
    struct wait_job *j = ctx;
    return matter_answer_wait(tx, &j->act, &j->send_us);
}

static enum err undo_run(struct tx *tx, void *ctx)
{
    struct wait_job *j = ctx;
    return matter_answer_undo(tx, j->act.id, j->act.officer);
}

static enum err due_run(struct tx *tx, void *ctx)
{
    struct wait_job *j = ctx;
    return matter_answer_due(tx, 10, &j->more);
}

static void test_an_answer_waits_thirty_seconds(void **state)
{
    struct village *v = *state;
    struct officer_id lead = v->officers[HALL][LEAD];
    struct dossier_id id = raised(v, "help");
    good(v, id, lead, DO(DO_ADMIT, .text = STR("")));
    struct wait_job j = {
        .act = {.id = id, .who = WHO_OFFICER, .officer = lead, .command = answer()}};
    struct matter_command half = answer();
    half.body.basis = STR("");
    struct wait_job bad_job = j;
    bad_job.act.command = half;
    assert_int_equal(writer_call(v->h->writer, wait_run, &bad_job, &v->info), ERR_INVALID);
    assert_int_equal(writer_call(v->h->writer, wait_run, &j, &v->info), ERR_OK);
    assert_int_equal(writer_call(v->h->writer, undo_run, &j, &v->info), ERR_OK);
    assert_int_equal(writer_call(v->h->writer, undo_run, &j, &v->info), ERR_CONFLICT);
    assert_int_equal(writer_call(v->h->writer, wait_run, &j, &v->info), ERR_OK);
    assert_int_equal(writer_call(v->h->writer, due_run, &j, &v->info), ERR_OK);
    assert_int_equal(now_of(v, id).state, MATTER_ADMITTED);
    village_wait(31 * US_PER_SECOND);
    assert_int_equal(writer_call(v->h->writer, due_run, &j, &v->info), ERR_OK);
    assert_false(j.more);
    struct matter m = now_of(v, id);
    assert_int_equal(m.state, MATTER_ANSWERED);
    assert_int_equal(m.answered_by.v, lead.v);
    assert_int_equal(writer_call(v->h->writer, undo_run, &j, &v->info), ERR_CONFLICT);
    village_check(v);
}

static void test_a_sealed_draft_waits_sealed(void **state)
{
    struct village *v = *state;
    struct officer_id lead = v->officers[ETHICS][LEAD];
    struct matter_raise r = village_raise_of("wrongdoing");
    const struct subject about = {SUBJECT_OFFICE, v->offices[HALL].v, SOURCE_PERSON};
    struct matter_done done;
    r.subjects = &about;
    r.subject_count = 1;
    assert_int_equal(village_raise(v, &r, &done), ERR_OK);
    good(v, done.id, lead, DO(DO_ADMIT, .text = STR("")));
    struct wait_job j = {
        .act = {.id = done.id, .who = WHO_OFFICER, .officer = lead, .command = answer()}};
    assert_int_equal(writer_call(v->h->writer, wait_run, &j, &v->info), ERR_OK);
    village_wait(31 * US_PER_SECOND);
    assert_int_equal(writer_call(v->h->writer, due_run, &j, &v->info), ERR_OK);
    assert_int_equal(now_of(v, done.id).state, MATTER_ANSWERED);
}

static void test_an_answer_overtaken_is_given_back(void **state)
{
    struct village *v = *state;
    struct officer_id lead = v->officers[HALL][LEAD];
    struct dossier_id id = raised(v, "help");
    good(v, id, lead, DO(DO_ADMIT, .text = STR("")));
    struct wait_job j = {
        .act = {.id = id, .who = WHO_OFFICER, .officer = lead, .command = answer()}};
    assert_int_equal(writer_call(v->h->writer, wait_run, &j, &v->info), ERR_OK);
    struct matter_command c = DO(DO_WITHDRAW, .pressed = SAID_NO);
    assert_int_equal(village_person(v, id, &c, NULL), ERR_OK);
    village_wait(31 * US_PER_SECOND);
    assert_int_equal(writer_call(v->h->writer, due_run, &j, &v->info), ERR_OK);
    assert_int_equal(now_of(v, id).state, MATTER_WITHDRAWN);
    assert_int_equal(now_of(v, id).answers, 0);
}

static const struct CMUnitTest TESTS[] = {
    cmocka_unit_test(test_a_matter_goes_its_way_through_the_rows),
    cmocka_unit_test(test_what_a_refusal_leaves_is_nothing),
    cmocka_unit_test(test_the_place_finds_its_office),
    cmocka_unit_test(test_a_double_send_makes_one_matter),
    cmocka_unit_test(test_a_key_is_kept_for_seven_days_and_not_for_fourteen),
    cmocka_unit_test(test_the_same_code_makes_one_matter),
    cmocka_unit_test(test_a_step_sent_twice_is_taken_once),
    cmocka_unit_test(test_of_two_officers_the_second_hears_of_it),
    cmocka_unit_test(test_a_report_ends_outside_and_is_unreadable_at_rest),
    cmocka_unit_test(test_a_barred_officer_is_not_assigned),
    cmocka_unit_test(test_an_excluded_office_never_gets_it),
    cmocka_unit_test(test_pressed_to_withdraw_is_a_matter_of_its_own),
    cmocka_unit_test(test_the_desk_takes_in_where_it_sits),
    cmocka_unit_test(test_a_look_at_the_card_is_on_the_record),
    cmocka_unit_test(test_the_first_look_of_a_day_is_on_the_record),
    cmocka_unit_test(test_an_answer_waits_thirty_seconds),
    cmocka_unit_test(test_a_sealed_draft_waits_sealed),
    cmocka_unit_test(test_an_answer_overtaken_is_given_back),
    cmocka_unit_test(test_a_change_of_posts_is_seen_by_the_next_raise), /* moves people: last */
};

int main(void)
{
    return cmocka_run_group_tests(TESTS, village_open, village_close);
}
