/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Random histories through the rules of a matter: after every command what must hold holds, and
 * the events alone, written and read again, give the same state.
 *
 * HUIYIN_SEED=n walks one history again.
 */
#include "town.h"

#include "base/mem.h"
#include "base/rng.h"
#include "tests/check.h"

enum { HISTORIES = 1000, COMMANDS = 60, EVENTS_MAX = 4000 };

struct walk {
    struct rng rng;
    struct arena a;
    struct matter m;
    int64_t now_us;
    struct matter_event *log;
    size_t count;
    size_t done;
    size_t refused;
    uint32_t seen_states;
    uint64_t seen_commands;
};

static int64_t pick(struct walk *w, int64_t below)
{
    return (int64_t)rng_below(&w->rng, (uint64_t)below);
}

static struct str pick_word(struct walk *w, const char *const *words, size_t count)
{
    return str_of(words[pick(w, (int64_t)count)]);
}

static struct matter_actor pick_actor(struct walk *w)
{
    static const enum post POSTS[] = {POST_LEAD, POST_LEAD, POST_LEAD, POST_DESK, POST_HANDLER};
    int64_t die = pick(w, 10);
    if (die < 3)
        return town_person();
    if (die < 4)
        return town_system();
    /* Mostly somebody it concerns. */
    int64_t office = 1 + pick(w, TOWN_OFFICES);
    if (die < 7 && w->m.owner.v != 0)
        office = w->m.owner.v;
    else if (die < 8 && w->m.offered.v != 0)
        office = w->m.offered.v;
    else if (die < 9 && w->m.sender.v != 0)
        office = w->m.sender.v;
    return town_post(office, office * 10 + pick(w, 3), POSTS[pick(w, 5)]);
}

static void fill(struct walk *w, struct matter_body *b)
{
    static const char *const TEXTS[] = {"Facts.", "", "补充情况：二楼楼梯没有灯。", "\"x\\y\"\t\n"};
    static const char *const REASONS[] = {"",       "in_hand", "no_facts",    "elsewhere", "final",
                                          "expert", "hearing", "not_reached", "nonsense"};
    static const char *const WAYS[] = {"page", "letter", "pigeon"};
    int32_t today = (int32_t)(w->now_us / US_PER_DAY);
    b->text = pick_word(w, TEXTS, 4);
    if (pick(w, 2) == 0)
        b->text = STR("What stands in the file.");
    b->reason = pick_word(w, REASONS, 9);
    b->basis = pick_word(w, TEXTS, 2);
    b->ref = pick_word(w, TEXTS, 2);
    b->whose = pick_word(w, TEXTS, 2);
    b->how = pick_word(w, WAYS, 3);
    b->to = (struct office_id){pick(w, TOWN_OFFICES + 1)};
    b->handler = (struct officer_id){pick(w, 45)};
    b->until_day = today + (int32_t)pick(w, 40) - 5;
    b->day = pick(w, 2) ? 0 : today - (int32_t)pick(w, 5);
    b->stars = (int32_t)pick(w, 8) - 1;
    b->solved = (enum yes_no)pick(w, 3);
    b->pressed = (enum yes_no)pick(w, 3);
    b->amount = (int32_t)pick(w, 15) - 1;
    b->n = pick(w, 2) ? 0 : 1 + (int32_t)pick(w, w->m.dues_started + 1);
    b->danger = pick(w, 8) == 0;
}

/* Three times out of four something that stands a chance. */
static enum matter_do pick_do(struct walk *w, const struct matter_actor *who)
{
    struct matter_env env = town_env(&w->a, w->now_us, &w->m);
    enum matter_do what = (enum matter_do)(1 + pick(w, DO_COUNT - 1));
    for (int i = 0; i < 40 && pick(w, 30) != 0; i++) {
        bool ends = what == DO_WITHDRAW || what == DO_REFUSE || what == DO_MISDIRECT;
        if (matter_may(&w->m, what, who, &env) && (!ends || pick(w, 8) == 0))
            return what;
        what = (enum matter_do)(1 + pick(w, DO_COUNT - 1));
    }
    return what;
}

static struct matter_command pick_command(struct walk *w, const struct matter_actor *who)
{
    static const char *const KINDS[] = {"help", "help", "claim", "report", "nothing"};
    struct matter_command c = {.what = DO_NONE};
    if (w->m.seq == 0) {
        c = town_raise(pick_word(w, KINDS, 5));
        c.body.first = (struct office_id){1 + pick(w, TOWN_OFFICES)};
        if (pick(w, 4) == 0)
            c.body.received_day = (int32_t)(w->now_us / US_PER_DAY) - (int32_t)pick(w, 40);
        if (pick(w, 8) == 0)
            c.body.source = STR("import");
        return c;
    }
    c.what = pick_do(w, who);
    if (c.what == DO_ANSWER && pick(w, 4) != 0)
        c.body = town_answer().body;
    else
        fill(w, &c.body);
    if (pick(w, 10) == 0)
        c.expect_seq = w->m.seq + pick(w, 2);
    return c;
}

static void hold(struct walk *w, const struct matter_command *c, uint64_t seed)
{
    const char *broken = matter_broken(&w->m);
    if (broken != NULL)
        fail_msg("seed %llu: %s after %s in %s", (unsigned long long)seed, broken,
                 matter_do_word(c->what).ptr, matter_state_word(w->m.state).ptr);
}

static void step(struct walk *w, const struct matter_command *c, const struct matter_actor *who,
                 uint64_t seed)
{
    CLEANUP(mem_free_ptr) struct matter_events *events = mem_new(sizeof(*events));
    assert_non_null(events);
    struct err_info info = {0};
    struct matter before = w->m;
    enum err e = town_do(&w->m, c, who, &w->a, w->now_us, events, &info);
    if (e == ERR_INTERNAL || e == ERR_CORRUPT || e == ERR_NOMEM)
        fail_msg("seed %llu: %s in %s: %s", (unsigned long long)seed, matter_do_word(c->what).ptr,
                 matter_state_word(before.state).ptr, info.detail);
    if (e != ERR_OK) {
        assert_memory_equal(&before, &w->m, sizeof(before));
        if (e != ERR_NOT_FOUND && info.key[0] == '\0')
            fail_msg("seed %llu: %s refused without a sentence", (unsigned long long)seed,
                     matter_do_word(c->what).ptr);
        w->refused++;
        return;
    }
    for (size_t i = 0; i < events->count; i++) {
        assert_true(w->count < EVENTS_MAX);
        w->log[w->count++] = events->items[i];
    }
    w->done++;
    w->seen_states |= UINT32_C(1) << w->m.state;
    w->seen_commands |= UINT64_C(1) << c->what;
    hold(w, c, seed);
}

/* Time goes on; what has passed is acted on, as the sweep does, most of the time. */
static void pass(struct walk *w, uint64_t seed)
{
    static const int64_t SPANS[] = {US_PER_MINUTE, US_PER_HOUR, US_PER_DAY, 4 * US_PER_DAY,
                                    20 * US_PER_DAY};
    w->now_us += SPANS[pick(w, pick(w, 4) == 0 ? 5 : 3)] * pick(w, 3);
    if (w->m.seq == 0 || pick(w, 5) == 0)
        return;
    struct matter_actor sweep = town_system();
    for (int32_t n = 1; n <= w->m.dues_started; n++) {
        const struct matter_due *d = matter_due_find(&w->m, n);
        if (d == NULL || d->due.state != DUE_OPEN || d->due.at_us > w->now_us)
            continue;
        struct matter_command c = {.what = DO_MISS, .body = {.n = n}};
        step(w, &c, &sweep, seed);
    }
}

static void history(struct walk *total, uint64_t seed)
{
    struct walk w = {.now_us = town_nine(TOWN_DAY)};
    rng_seed(&w.rng, seed);
    arena_init(&w.a, 512 << 20);
    w.log = mem_new_array(EVENTS_MAX, sizeof(*w.log));
    assert_non_null(w.log);
    for (int i = 0; i < COMMANDS && w.count < EVENTS_MAX - 200; i++) {
        struct matter_actor who = pick_actor(&w);
        struct matter_command c = pick_command(&w, &who);
        step(&w, &c, &who, seed);
        pass(&w, seed);
    }
    if (w.m.seq > 0)
        town_check_fold(w.log, w.count, &w.m);
    assert_int_equal(w.m.seq, (int64_t)w.count);
    total->done += w.done;
    total->refused += w.refused;
    total->seen_states |= w.seen_states;
    total->seen_commands |= w.seen_commands;
    mem_free(w.log);
    arena_done(&w.a);
}

static void test_every_history_holds(void **state)
{
    (void)state;
    struct walk total = {0};
    const char *one = getenv("HUIYIN_SEED");
    int64_t seed = 0;
    if (one != NULL && str_to_i64(str_of(one), 1, INT64_MAX, &seed)) {
        history(&total, (uint64_t)seed);
        return;
    }
    for (uint64_t s = 1; s <= HISTORIES; s++)
        history(&total, s);
    print_message("%d histories: %zu commands done, %zu refused\n", HISTORIES, total.done,
                  total.refused);
    /* The walk is worth something only when it gets about. */
    for (int s = MATTER_RECEIVED; s <= MATTER_HANDLING; s++)
        assert_true(total.seen_states & (UINT32_C(1) << s));
    assert_true(total.seen_states & (UINT32_C(1) << MATTER_ANSWERED));
    assert_true(total.seen_states & (UINT32_C(1) << MATTER_REFUSED));
    assert_true(total.seen_states & (UINT32_C(1) << MATTER_CONCLUDED));
    assert_true(total.seen_states & (UINT32_C(1) << MATTER_WITHDRAWN));
    for (int c = DO_RAISE; c < DO_COUNT; c++) {
        if (c != DO_ENTER && (total.seen_commands & (UINT64_C(1) << c)) == 0)
            fail_msg("no history did %s", matter_do_word((enum matter_do)c).ptr);
    }
}

static const struct CMUnitTest TESTS[] = {
    cmocka_unit_test(test_every_history_holds),
};

CHECK_MAIN(TESTS)
