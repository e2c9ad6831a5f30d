/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Rows against events: random histories through the writer, a changed row that is found, and
 * memory that runs out at every place in turn and leaves nothing behind.
 */
#include "village.h"

#include "base/mem.h"
#include "base/rng.h"
#include "db/readers.h"
#include "db/writer.h"
#include "matter/matter.sql.h"
#include "matter/rebuild.h"
#include "tests/check.h"

enum { MATTERS = 24, STEPS = 700 };

struct walk {
    struct village *v;
    struct rng rng;
    struct dossier_id ids[MATTERS];
    size_t done;
    size_t refused;
};

static int64_t pick(struct walk *w, int64_t below)
{
    return (int64_t)rng_below(&w->rng, (uint64_t)below);
}

static void raise_some(struct walk *w)
{
    static const char *const KINDS[] = {"help", "complaint", "suggestion", "wrongdoing"};
    for (int i = 0; i < MATTERS; i++) {
        struct matter_raise r = village_raise_of(KINDS[pick(w, 4)]);
        const struct subject about = {
            SUBJECT_OFFICER, w->v->officers[pick(w, VILLAGE_OFFICES)][pick(w, VILLAGE_POSTS)].v,
            SOURCE_PERSON};
        struct matter_done done;
        if (pick(w, 4) == 0) {
            r.subjects = &about;
            r.subject_count = 1;
        }
        if (pick(w, 3) == 0)
            r.command.body.place = STR("the school");
        if (village_raise(w->v, &r, &done) != ERR_OK)
            fail_msg("%s (%s)", w->v->info.key, w->v->info.detail);
        w->ids[i] = done.id;
    }
}

/* What is likely to be asked for next, most of the time. */
static enum matter_do any_do(struct walk *w, const struct matter *m)
{
    static const enum matter_do NEXT[MATTER_STATE_COUNT][6] = {
        [MATTER_RECEIVED] = {DO_ROUTE, DO_ADMIT, DO_ADMIT, DO_REFUSE, DO_ASK, DO_ADD},
        [MATTER_ROUTED] = {DO_OBJECT, DO_CONFIRM, DO_TAKE_BACK, DO_ADMIT, DO_NOTE, DO_ADMIT},
        [MATTER_ADMITTED] = {DO_ASSIGN, DO_EXTEND, DO_SUSPEND, DO_RESUME, DO_ANSWER, DO_ASK},
        [MATTER_HANDLING] = {DO_NOTE, DO_EXTEND, DO_SUSPEND, DO_RESUME, DO_ANSWER, DO_ANSWER},
        [MATTER_ANSWERED] = {DO_DELIVER, DO_RATE, DO_NOT_SOLVED, DO_REOPEN, DO_CONCLUDE, DO_ADD},
        [MATTER_REFUSED] = {DO_CONTEST, DO_REOPEN, DO_NOTE, DO_CONTEST, DO_REOPEN, DO_NOTE},
        [MATTER_CONCLUDED] = {DO_REOPEN, DO_RATE, DO_NOTE, DO_REOPEN, DO_RATE, DO_NOTE},
    };
    enum matter_do next = NEXT[m->state][pick(w, 6)];
    return next == DO_NONE || pick(w, 5) == 0 ? (enum matter_do)(1 + pick(w, DO_COUNT - 1)) : next;
}

static struct matter_command any_command(struct walk *w, const struct matter *m)
{
    static const char *const REASONS[] = {"in_hand", "awaiting_person", "settled", "not_reached"};
    int32_t today = house_day(w->v->h, village_now());
    struct matter_command c = {.what = any_do(w, m)};
    c.body = (struct matter_body){
        .text = STR("What stands in the file."),
        .reason = str_of(REASONS[pick(w, 4)]),
        .ref = STR("K7Q2-9F4M"),
        .whose = STR("The county"),
        .how = STR("page"),
        .to = w->v->offices[pick(w, VILLAGE_OFFICES)],
        .handler = w->v->officers[pick(w, VILLAGE_OFFICES)][LEAD + pick(w, 2)],
        .until_day = today + 1 + (int32_t)pick(w, 10),
        .amount = 1 + (int32_t)pick(w, 4),
        .asked = STR("A lamp."),
        .found = STR("Broken."),
        .outcome = (enum matter_outcome)(1 + pick(w, 3)),
        .basis = STR("Rule 4"),
        .remedy = STR("A new one."),
        .remedy_day = today + 20,
        .review_where = STR("The hall"),
        .stars = 1 + (int32_t)pick(w, 5),
        .pressed = pick(w, 4) == 0 ? SAID_YES : SAID_NO,
        .n = m->due_count > 0 ? m->dues[pick(w, m->due_count)].n : 0,
    };
    return c;
}

static enum err sweep_run(struct tx *tx, void *ctx)
{
    const struct matter_act *a = ctx;
    struct matter_done done;
    return matter_act(tx, a, &done);
}

/* What the sweep does: every due that has passed. */
static void sweep(struct walk *w, struct dossier_id id)
{
    struct matter_story story;
    village_story(w->v, id, &story);
    for (int32_t i = 0; i < story.now.due_count; i++) {
        struct matter_act a = {.id = id,
                               .who = WHO_SYSTEM,
                               .command = {.what = DO_MISS, .body.n = story.now.dues[i].n}};
        (void)writer_call(w->v->h->writer, sweep_run, &a, &w->v->info);
    }
}

static void step(struct walk *w, uint64_t seed)
{
    struct dossier_id id = w->ids[pick(w, MATTERS)];
    struct matter_story story;
    village_story(w->v, id, &story);
    struct matter_command c = any_command(w, &story.now);
    struct officer_id officer = w->v->officers[pick(w, VILLAGE_OFFICES)][pick(w, VILLAGE_POSTS)];
    bool likely = pick(w, 4) != 0;
    for (int o = 0; o < VILLAGE_OFFICES && likely; o++) {
        bool turn = story.now.offered.v != 0 && c.what != DO_CONFIRM && c.what != DO_TAKE_BACK
                        ? w->v->offices[o].v == story.now.offered.v
                        : w->v->offices[o].v == story.now.owner.v;
        if (turn)
            officer = w->v->officers[o][LEAD];
    }
    enum err e = pick(w, 4) == 0 ? village_person(w->v, id, &c, NULL)
                                 : village_act(w->v, id, officer, &c, NULL);
    if (e == ERR_OK)
        w->done++;
    else if (e == ERR_REFUSED || e == ERR_INVALID || e == ERR_NOT_FOUND || e == ERR_CONFLICT)
        w->refused++;
    else
        fail_msg("seed %llu: %s: %s", (unsigned long long)seed, matter_do_word(c.what).ptr,
                 w->v->info.detail);
    village_wait(pick(w, 3) * US_PER_HOUR);
    if (pick(w, 6) == 0)
        sweep(w, id);
}

static void test_rows_are_what_the_events_say_after_random_histories(void **state)
{
    const char *given = getenv("HUIYIN_SEED");
    int64_t seed = 4711;
    if (given != NULL)
        (void)str_to_i64(str_of(given), 1, INT64_MAX, &seed);
    struct walk w = {.v = *state};
    rng_seed(&w.rng, (uint64_t)seed);
    raise_some(&w);
    for (int i = 0; i < STEPS; i++) {
        step(&w, (uint64_t)seed);
        if (i % 100 == 99)
            arena_reset(&w.v->a);
    }
    print_message("seed %lld: %zu steps done, %zu refused\n", (long long)seed, w.done, w.refused);
    assert_true(w.done > STEPS / 5);
    village_check(w.v);
}

/* ---- a row that was changed ---------------------------------------------------------------------
 */

static enum err spoil_due(struct tx *tx, void *ctx)
{
    const struct dossier_id *id = ctx;
    return matter_due_end(tx->db, *id, 1, (int32_t)DUE_MET, (struct office_id){99});
}

static enum err spoil_row(struct tx *tx, void *ctx)
{
    const struct dossier_id *id = ctx;
    const struct matter_update_in in = {.id = *id, .route = STR("elsewhere"), .owner = {99}};
    return matter_update(tx->db, &in);
}

static int64_t differences(struct village *v)
{
    struct rebuild_found found;
    assert_int_equal(matter_rebuild_check(v->h, NULL, NULL, &found, &v->info), ERR_OK);
    return found.differences;
}

static void test_a_changed_row_is_found(void **state)
{
    struct village *v = *state;
    struct matter_raise r = village_raise_of("help");
    struct matter_done done;
    assert_int_equal(village_raise(v, &r, &done), ERR_OK);
    assert_int_equal(differences(v), 0);
    assert_int_equal(writer_call(v->h->writer, spoil_due, &done.id, &v->info), ERR_OK);
    assert_int_equal(differences(v), 2); /* state and office of the due */
    assert_int_equal(writer_call(v->h->writer, spoil_row, &done.id, &v->info), ERR_OK);
    assert_true(differences(v) >= 4);
}

/* ---- memory that runs out -----------------------------------------------------------------------
 */

struct fault {
    const struct matter_raise *raise;
    const struct matter_act *act;
    int64_t after;
    struct matter_done done;
};

static enum err fault_run(struct tx *tx, void *ctx)
{
    struct fault *f = ctx;
    mem_fail_after(f->after);
    enum err e =
        f->raise != NULL ? matter_raise(tx, f->raise, &f->done) : matter_act(tx, f->act, &f->done);
    mem_fail_after(-1);
    return e;
}

static int64_t matters_now(struct village *v)
{
    struct rebuild_found found;
    assert_int_equal(matter_rebuild_check(v->h, NULL, NULL, &found, &v->info), ERR_OK);
    assert_int_equal(found.differences, 0);
    return found.matters * 100000 + found.events;
}

/* Fails the first, the second, the third allocation ... until none is left to fail. */
static int64_t until_it_works(struct village *v, struct fault *f)
{
    int64_t before = matters_now(v);
    for (f->after = 0;; f->after++) {
        enum err e = writer_call(v->h->writer, fault_run, f, &v->info);
        if (e == ERR_OK)
            return f->after;
        if (e != ERR_NOMEM)
            fail_msg("allocation %lld: error %d, %s", (long long)f->after, (int)e, v->info.detail);
        assert_int_equal(matters_now(v), before);
        assert_true(f->after < 500);
    }
}

static void test_a_raise_without_memory_leaves_nothing(void **state)
{
    struct village *v = *state;
    const struct identity who = {.name = STR("Wang")};
    struct matter_raise open = village_raise_of("help");
    open.card = &who;
    open.command.body.identity = IDENTITY_KNOWN;
    open.once = STR("fault-key");
    struct fault f = {.raise = &open};
    assert_true(until_it_works(v, &f) > 5);
    struct matter_raise sealed = village_raise_of("wrongdoing");
    const struct subject about = {SUBJECT_OFFICE, v->offices[HALL].v, SOURCE_PERSON};
    sealed.subjects = &about;
    sealed.subject_count = 1;
    f = (struct fault){.raise = &sealed};
    assert_true(until_it_works(v, &f) > 5);
    village_check(v);
}

static void test_a_step_without_memory_leaves_nothing(void **state)
{
    struct village *v = *state;
    struct matter_raise r = village_raise_of("help");
    struct matter_done done;
    assert_int_equal(village_raise(v, &r, &done), ERR_OK);
    const struct matter_act a = {
        .id = done.id,
        .who = WHO_OFFICER,
        .officer = v->officers[HALL][LEAD],
        .command = {.what = DO_ROUTE, .body = {.to = v->offices[WORKS]}},
    };
    struct fault f = {.act = &a};
    assert_true(until_it_works(v, &f) > 2);
    struct matter_story story;
    village_story(v, done.id, &story);
    assert_int_equal(story.now.state, MATTER_ROUTED);
}

static const struct CMUnitTest HISTORIES[] = {
    cmocka_unit_test(test_rows_are_what_the_events_say_after_random_histories),
};
static const struct CMUnitTest FAULTS[] = {
    cmocka_unit_test(test_a_raise_without_memory_leaves_nothing),
    cmocka_unit_test(test_a_step_without_memory_leaves_nothing),
    cmocka_unit_test(test_a_changed_row_is_found), /* last: what it spoils stays spoiled */
};

int main(void)
{
    int failed = cmocka_run_group_tests(HISTORIES, village_open, village_close);
    return cmocka_run_group_tests(FAULTS, village_open, village_close) + failed;
}
