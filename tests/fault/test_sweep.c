/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Every use case of the matter room with everything underneath failing at the i-th place: i = 0, 1,
 * 2 ... until nothing was struck any more. After each the house is opened as the server does at
 * start, and:
 *
 *   - what was done is there whole or not at all, whole if it was acknowledged;
 *   - rows are what the events say (rebuild --check), and the log is sound (log audit);
 *   - every matter has its sealed identity and its keys, and what a crash left between the stores
 *     is gone after its time (trust.md section 8.4);
 *   - what was not done can be done now.
 *
 *   test_sweep                            some places, chosen by HUIYIN_SEED; with HUIYIN_WHOLE=1
 *                                         all those of every eighth use case
 *   test_sweep CASE                       of one use case only
 *   test_sweep CASE KIND FROM STRIDE      one place, or with a kind that passes all from there on
 *
 * Each place is struck in a process of its own, since the server ends itself when the disk fails
 * (db/writer.h). A kind that passes is met many times by one process, which must not mind.
 */
#include "tests/fault/sweep.h"

#include "base/mem.h"
#include "base/rng.h"
#include "db/writer.h"
#include "tests/db/fault_vfs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    EXIT_IO = 74, /* db/writer.c: an fsync or a commit failed */
    ATTEMPTS_MAX =
        16, /* by one process: a seal that nobody used waits to be written with the next */
    STRIDE_PARTS = 16,
    KINDS_PART = 4, /* the short form takes every fourth kind for a use case */
    WHOLE_PART = 8,
    LATE_EVERY = 8,
    CLOCK_WAIT_DAYS = 2,
    LATE_DAYS = 4
};

/* What a struck process says to its parent. */
struct report {
    bool was_struck;       /* the last time */
    bool is_done;          /* acknowledged with ERR_OK */
    int64_t at;            /* the last place */
    int64_t tried;         /* how many places */
    unsigned acknowledged; /* of a batch */
    char why[WHY_BYTES];   /* what is wrong, "" for nothing */
    int64_t counts[FAULT_COUNTS];
};

struct sweep {
    struct town t;
    struct print before;
    struct print after; /* of the running use case, without a fault */
    int64_t counts[FAULT_COUNTS];
    struct report *report; /* shared with the child */
    uint64_t seed;
    bool is_whole;
    int64_t points;
    int64_t late;
    int wrong;
};

struct point {
    const struct use_case *c;
    enum fault_kind kind;
    int64_t from;
    int64_t stride;
};

static bool is_clock(enum fault_kind kind)
{
    return fault_way_of(kind)->count == COUNT_CLOCK;
}

static void wrong(struct sweep *s, const struct point *p, const char *why)
{
    s->wrong++;
    (void)printf("FAULT %s %s at %" PRId64 ": %s; again: HUIYIN_SEED=%" PRIu64
                 " test_sweep %s %s %" PRId64 " %" PRId64 "\n",
                 p->c->name, fault_way_of(p->kind)->name, s->report->at, why, s->seed, p->c->name,
                 fault_way_of(p->kind)->name, p->from, p->stride);
    (void)fflush(stdout);
}

/* ---- in the child -----------------------------------------------------------------------------
 */

static enum err here_job(struct tx *tx, void *ctx)
{
    (void)tx;
    (void)ctx;
    faults_here();
    return ERR_REFUSED; /* nothing to commit */
}

static void fail_child(struct sweep *s, const char *what, enum err err)
{
    (void)snprintf(s->report->why, WHY_BYTES, "%s: %s %s (%d)", what, s->t.v.info.key,
                   s->t.v.info.detail, (int)err);
}

/* One attempt with the fault; whether another place can be tried in this process. */
static bool attempt(struct sweep *s, const struct point *p, int64_t at)
{
    const struct fault_way *way = fault_way_of(p->kind);
    struct report *r = s->report;
    struct print now;
    r->at = at;
    r->tried++;
    faults_arm(p->kind, at, s->seed + (uint64_t)at);
    enum err err = p->c->run(&s->t, p->c);
    r->is_done = err == ERR_OK;
    for (int i = 0; i < FAULT_COUNTS; i++)
        r->counts[i] = faults_counted((enum fault_count)i);
    r->was_struck = faults_disarm();
    if (!r->was_struck && err != ERR_OK)
        fail_child(s, "failed without a fault", err);
    if (!r->was_struck || err == ERR_OK)
        return false;
    if (!p->c->in_parts) {
        print_take(&s->t, &now);
        if (!print_is_same(&now, &s->before))
            fail_child(s, "refused, and yet something is there", err);
    }
    return way->passes && r->tried < ATTEMPTS_MAX && r->why[0] == '\0';
}

/* After what failed the server is as it was, if it is still there. */
static void attempt_again(struct sweep *s, const struct point *p)
{
    struct report *r = s->report;
    enum err err = p->c->run(&s->t, p->c);
    r->is_done = err == ERR_OK;
    if (err != ERR_OK)
        fail_child(s, "does not go on after the fault", err);
}

static void child_run(struct sweep *s, const struct point *p)
{
    if (p->kind == FAULT_POWER || p->kind == FAULT_POWER_SOME)
        fault_vfs_follow();
    village_wait(p->c->wait_us);
    if (town_open(&s->t) != ERR_OK) {
        fail_child(s, "open", s->t.v.info.err);
        _exit(0);
    }
    faults_here();
    (void)writer_call(s->t.v.h->writer, here_job, NULL, NULL);
    int64_t at = p->from;
    while (attempt(s, p, at))
        at += p->stride;
    const struct report *r = s->report;
    if (r->was_struck && !r->is_done && r->why[0] == '\0' && !is_clock(p->kind))
        attempt_again(s, p);
    town_close(&s->t);
    _exit(0);
}

/* ---- afterwards -------------------------------------------------------------------------------
 */

static enum err probe(struct town *t)
{
    struct matter_raise r = village_raise_of("help");
    struct matter_done done;
    return village_raise(&t->v, &r, &done);
}

static bool is_left_right(const struct sweep *s, const struct point *p, bool *ret_nothing,
                          char why[WHY_BYTES])
{
    struct print now;
    print_take(&s->t, &now);
    *ret_nothing = print_is_same(&now, &s->before);
    bool all = print_is_alike(&now, &s->after);
    if (s->report->is_done && !(is_clock(p->kind) ? !*ret_nothing : all))
        (void)snprintf(why, WHY_BYTES, "acknowledged, and %s", *ret_nothing ? "lost" : "not whole");
    else if (now.dossiers < s->before.dossiers + __builtin_popcount(s->report->acknowledged))
        (void)snprintf(why, WHY_BYTES, "one of a batch was acknowledged and is lost");
    else if (!*ret_nothing && !all && !p->c->in_parts && !is_clock(p->kind))
        (void)snprintf(why, WHY_BYTES, "half of it is there");
    return why[0] == '\0';
}

/* What was not done can be done now; otherwise something else can. */
static bool goes_on(struct sweep *s, const struct point *p, bool nothing, char why[WHY_BYTES])
{
    struct print now;
    bool again = nothing || (p->c->in_parts && !s->report->is_done);
    enum err err = again ? p->c->run(&s->t, p->c) : probe(&s->t);
    if (err != ERR_OK && !(again && is_clock(p->kind) && err == ERR_REFUSED)) {
        (void)snprintf(why, WHY_BYTES, "does not go on: %s %s (%d)", s->t.v.info.key,
                       s->t.v.info.detail, (int)err);
        return false;
    }
    print_take(&s->t, &now);
    if (again && !is_clock(p->kind) && !print_is_alike(&now, &s->after)) {
        (void)snprintf(why, WHY_BYTES, "done again, it is not what it should be");
        return false;
    }
    return true;
}

/* What a crash left may stand for days, and is gone then. */
static bool is_clean_late(struct sweep *s, char why[WHY_BYTES])
{
    bool clean = false;
    village_wait(LATE_DAYS * US_PER_DAY);
    if (town_open(&s->t) == ERR_OK)
        clean = true;
    else
        (void)snprintf(why, WHY_BYTES, "open, days later: %s", s->t.v.info.detail);
    town_close(&s->t);
    clean = clean && check_stores(&s->t, true, why);
    village_wait(-LATE_DAYS * US_PER_DAY);
    return clean;
}

static bool is_right_after(struct sweep *s, const struct point *p, char why[WHY_BYTES])
{
    bool nothing = false;
    if (town_open(&s->t) != ERR_OK) {
        (void)snprintf(why, WHY_BYTES, "cannot be opened: %s %s", s->t.v.info.key,
                       s->t.v.info.detail);
        town_close(&s->t);
        return false;
    }
    bool right =
        is_left_right(s, p, &nothing, why) && goes_on(s, p, nothing, why) && check_open(&s->t, why);
    town_close(&s->t);
    if (!right || !check_stores(&s->t, false, why))
        return false;
    return ++s->late % LATE_EVERY != 0 || is_clean_late(s, why);
}

static void check_after(struct sweep *s, const struct point *p)
{
    char why[WHY_BYTES] = "";
    int64_t wait_us = p->c->wait_us + (is_clock(p->kind) ? CLOCK_WAIT_DAYS * US_PER_DAY : 0);
    village_wait(wait_us);
    if (!is_right_after(s, p, why))
        wrong(s, p, why);
    village_wait(-wait_us);
}

static bool is_end_allowed(const struct sweep *s, enum fault_kind kind, int status)
{
    const struct fault_way *way = fault_way_of(kind);
    if (!WIFEXITED(status))
        return false;
    switch (WEXITSTATUS(status)) {
    case 0:
        return true;
    case EXIT_IO:
        s->report->was_struck = true;
        return way->may_end;
    case FAULT_EXIT:
        s->report->was_struck = true;
        return way->ends;
    default:
        return false;
    }
}

/* Strikes there; false when nothing was struck. */
static bool run_point(struct sweep *s, const struct point *p)
{
    int status = 0;
    *s->report = (struct report){.was_struck = false};
    town_restore(&s->t);
    (void)fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        child_run(s, p);
    if (child < 0 || waitpid(child, &status, 0) != child)
        abort();
    s->points += s->report->tried;
    if (!is_end_allowed(s, p->kind, status))
        (void)snprintf(s->report->why, WHY_BYTES, "ended with %s %d",
                       WIFEXITED(status) ? "status" : "signal",
                       WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
    if (s->report->why[0] != '\0')
        wrong(s, p, s->report->why);
    else
        check_after(s, p);
    return s->report->was_struck;
}

/* ---- all of it --------------------------------------------------------------------------------
 */

/* The use case without a fault: what it comes to, and how many places it has. */
static bool learn(struct sweep *s, const struct use_case *c)
{
    const struct point p = {c, FAULT_NONE, 0, 1};
    town_restore(&s->t);
    *s->report = (struct report){.was_struck = false};
    (void)fflush(NULL);
    pid_t child = fork();
    int status = 0;
    if (child == 0)
        child_run(s, &p);
    if (child < 0 || waitpid(child, &status, 0) != child)
        abort();
    if (status != 0 || !s->report->is_done) {
        wrong(s, &p, s->report->why);
        return false;
    }
    memcpy(s->counts, s->report->counts, sizeof s->counts);
    print_take(&s->t, &s->after);
    return true;
}

/* Up to `most` places of one kind, or all that there are. */
static void run_kind(struct sweep *s, struct point p, int64_t most)
{
    int64_t begun = s->points;
    while (s->points - begun < most && run_point(s, &p))
        p.from = (s->report->at > p.from ? s->report->at : p.from) + p.stride;
}

/* Some places of one use case, or with HUIYIN_WHOLE every one. */
static void run_case(struct sweep *s, size_t n)
{
    const struct use_case *c = &USE_CASES[n];
    if (!learn(s, c))
        return;
    for (int k = FAULT_NONE + 1; k < FAULT_KIND_COUNT; k++) {
        struct rng rng;
        rng_seed(&rng, s->seed * 1000003 + n * 101 + (uint64_t)k);
        const struct fault_way *way = fault_way_of((enum fault_kind)k);
        struct point p = {c, (enum fault_kind)k, 0, 1};
        int64_t count = s->counts[way->count];
        if (s->is_whole) {
            run_kind(s, p, INT64_MAX);
        } else if ((n + (uint64_t)k + s->seed) % KINDS_PART == 0) {
            p.stride = way->passes ? count / STRIDE_PARTS + 1 : count + 1;
            p.from = (int64_t)rng_below(&rng, (uint64_t)p.stride);
            run_kind(s, p, way->passes ? STRIDE_PARTS : 1);
        }
    }
}

/* In the whole form a round takes every eighth use case: eight seeds one after the other, as
 * ./dev soak has them, take all. */
static void run_all(struct sweep *s, const char *only)
{
    for (size_t n = 0; n < USE_CASE_COUNT; n++) {
        bool is_turn = !s->is_whole || n % WHOLE_PART == s->seed % WHOLE_PART;
        if (only != NULL ? strcmp(only, USE_CASES[n].name) == 0 : is_turn)
            run_case(s, n);
    }
}

static bool run_one(struct sweep *s, char **argv)
{
    for (size_t n = 0; n < USE_CASE_COUNT; n++) {
        for (int k = 1; k < FAULT_KIND_COUNT; k++) {
            if (strcmp(USE_CASES[n].name, argv[1]) != 0 ||
                strcmp(fault_way_of((enum fault_kind)k)->name, argv[2]) != 0)
                continue;
            const struct point p = {&USE_CASES[n], (enum fault_kind)k, strtoll(argv[3], NULL, 10),
                                    strtoll(argv[4], NULL, 10)};
            if (learn(s, p.c))
                (void)run_point(s, &p);
            return true;
        }
    }
    return false;
}

/* What a process has freed and AddressSanitizer keeps is copied with each fork. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "quarantine_size_mb=4";
}

static uint64_t setting(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

int main(int argc, char **argv)
{
    struct sweep s = {.seed = setting("HUIYIN_SEED", 1), .is_whole = setting("HUIYIN_WHOLE", 0)};
    struct err_info info = {0};
    s.report =
        mmap(NULL, sizeof *s.report, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    faults_init();
    if (s.report == MAP_FAILED || db_setup(&info) != ERR_OK)
        return 2;
    faults_install();
    town_found(&s.t);
    s.t.acknowledged = &s.report->acknowledged;
    print_take(&s.t, &s.before);
    if (argc != 5)
        run_all(&s, argc == 2 ? argv[1] : NULL);
    else if (!run_one(&s, argv))
        return 2;
    town_raze(&s.t);
    (void)printf("HUIYIN_SEED=%" PRIu64 ": %zu use cases, %d kinds of fault, %" PRId64
                 " places struck, %d wrong\n",
                 s.seed, USE_CASE_COUNT, FAULT_KIND_COUNT - 1, s.points, s.wrong);
    return s.wrong == 0 ? 0 : 1;
}
