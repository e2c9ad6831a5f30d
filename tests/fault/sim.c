/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* sim: what happens when, and one life of the process after the other. */
#include "tests/fault/sim.h"

#include "base/instant.h"
#include "base/mem.h"
#include "matter/timed.h"
#include "tests/db/fault_vfs.h"
#include "tests/fault/sim.sql.h"
#include "tests/scratch.h"

#include "db/readers.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* 2026-03-02 09:00 in Shanghai, a Monday. */
#define START_US (INT64_C(20514) * US_PER_DAY + US_PER_HOUR)

enum { ARENA_BYTES = 512 << 20, LIFE_DAYS = 45 };

/* ---- chance and time -------------------------------------------------------------------------
 */

int64_t sim_pick(struct sim *s, int64_t below)
{
    return below > 0 ? (int64_t)rng_below(&s->rng, (uint64_t)below) : 0;
}

bool sim_chance(struct sim *s, int32_t percent)
{
    return sim_pick(s, 100) < percent;
}

int64_t sim_now(const struct sim *s)
{
    return s->now_us - s->skew_us;
}

int32_t sim_today(const struct sim_life *l)
{
    return house_day(l->h, sim_now(l->s));
}

/* ---- the queue: a heap by time, then by the order it was filled in ------------------------------
 */

static bool is_before(const struct sim_thing *a, const struct sim_thing *b)
{
    return a->at_us != b->at_us ? a->at_us < b->at_us : a->order < b->order;
}

static void swap(struct sim_thing *a, struct sim_thing *b)
{
    struct sim_thing t = *a;
    *a = *b;
    *b = t;
}

void sim_at(struct sim *s, int64_t at_us, enum sim_what what, int64_t matter)
{
    if (s->thing_count == SIM_THINGS_MAX)
        sim_fail(s, 0, "more happens than there is room for");
    int64_t i = s->thing_count++;
    s->things[i] = (struct sim_thing){at_us, s->thing_order++, what, matter};
    for (; i > 0 && is_before(&s->things[i], &s->things[(i - 1) / 2]); i = (i - 1) / 2)
        swap(&s->things[i], &s->things[(i - 1) / 2]);
}

static struct sim_thing next_thing(struct sim *s)
{
    struct sim_thing first = s->things[0];
    s->things[0] = s->things[--s->thing_count];
    int64_t i = 0;
    for (;;) {
        int64_t least = i;
        for (int64_t c = 2 * i + 1; c <= 2 * i + 2 && c < s->thing_count; c++)
            least = is_before(&s->things[c], &s->things[least]) ? c : least;
        if (least == i)
            return first;
        swap(&s->things[i], &s->things[least]);
        i = least;
    }
}

/* ---- what happens by itself --------------------------------------------------------------------
 */

/* So that the wished number of matter-days comes together in the wished number of days. */
static int64_t raise_gap_us(struct sim *s)
{
    int64_t matters = s->size.matter_days / LIFE_DAYS + 1;
    int64_t mean_us = s->size.days * US_PER_DAY / matters;
    return mean_us / 4 + sim_pick(s, mean_us * 3 / 2 + 1);
}

static void check_nothing_passed(struct sim_life *l)
{
    struct db *db = NULL;
    struct sim_passed_row row;
    if (readers_take(l->h->readers, &db, &l->info) != ERR_OK ||
        sim_passed(db, &l->a, sim_now(l->s), sim_today(l), &row) != ERR_OK)
        sim_fail(l->s, 0, "dues cannot be read");
    readers_give(l->h->readers, db);
    if (row.count != 0)
        sim_fail(l->s, row.dossier.v, "the sweep left %lld dues that had passed, as due %lld",
                 (long long)row.count, (long long)row.n);
}

static int64_t look_once(struct sim_life *l)
{
    struct sweep_figures f = {0};
    l->info = (struct err_info){0};
    enum err err = sweep_look(l->sweep, NULL, NULL, &f, &l->info);
    if (err != ERR_OK || f.stuck > 0)
        sim_fail(l->s, 0, "sweep: %s, %lld stuck, %s", err_text(err), (long long)f.stuck,
                 l->info.detail);
    l->s->counts.acted += f.acted;
    return f.acted;
}

/* A disk that fails meanwhile may end the process or the look; the next look makes up for it, and
 * for what had passed by the time that a late sweep let it go on. */
static void sweep(struct sim_life *l)
{
    struct sim *s = l->s;
    struct sweep_figures f = {0};
    sim_doom_arm(s);
    if (s->may_die)
        (void)sweep_look(l->sweep, NULL, NULL, &f, &l->info);
    (void)sim_doom_heal(s);
    int64_t acted = f.acted;
    for (int64_t more = look_once(l); more > 0; more = look_once(l))
        acted += more;
    s->counts.sweeps++;
    if (acted > 0)
        sim_tell(s, 0, "the sweep acts on %lld dues", (long long)acted);
    check_nothing_passed(l);
}

static enum err job_night(struct tx *tx, void *ctx)
{
    (void)ctx;
    return matter_once_forget(tx);
}

static void night(struct sim_life *l)
{
    struct sim *s = l->s;
    int64_t erased = 0;
    s->days++;
    s->matter_days += s->live;
    if (sim_job(l, job_night, NULL) != ERR_OK ||
        keeper_sweep(l->h->keeper, sim_now(s), &erased) != KEEPER_OK)
        sim_fail(s, 0, "the night's work fails: %s", l->info.detail);
    s->is_over = s->matter_days >= s->size.matter_days;
    sim_at(s, s->now_us + US_PER_DAY, SIM_NIGHT, 0);
}

/* Back by what a clock that is set right may go back, or forward. */
static void set_clock(struct sim *s)
{
    if (sim_chance(s, 50))
        s->skew_us = s->skew_us == 0 ? sim_pick(s, 240) * US_PER_SECOND : 0;
    else
        s->now_us += sim_pick(s, 40) * US_PER_HOUR;
    sim_tell(s, 0, "the clock is set");
}

static void happens(struct sim_life *l, const struct sim_thing *t)
{
    struct sim *s = l->s;
    switch (t->what) {
    case SIM_RAISE:
        sim_at(s, s->now_us + raise_gap_us(s), SIM_RAISE, 0);
        sim_raise(l, 1);
        break;
    case SIM_RUSH:
        sim_at(s, s->now_us + (5 + sim_pick(s, 30)) * US_PER_DAY, SIM_RUSH, 0);
        sim_raise(l, 2 + (int32_t)sim_pick(s, SIM_FLIGHTS_MAX - 2));
        break;
    case SIM_PERSON:
        sim_person(l, t->matter);
        break;
    case SIM_OFFICE:
        sim_office(l, t->matter);
        break;
    case SIM_ANSWERS:
        sim_answers(l);
        break;
    case SIM_SWEEP:
        /* Mostly every few hours, sometimes not for days. */
        sim_at(s, s->now_us + (sim_chance(s, 3) ? 72 : 5) * US_PER_HOUR, SIM_SWEEP, 0);
        sweep(l);
        break;
    case SIM_NIGHT:
        night(l);
        break;
    case SIM_STAFF:
        sim_at(s, s->now_us + (1 + sim_pick(s, 6)) * US_PER_DAY, SIM_STAFF, 0);
        sim_town_change(l);
        break;
    case SIM_CLOCK:
        sim_at(s, s->now_us + (1 + sim_pick(s, 20)) * US_PER_DAY, SIM_CLOCK, 0);
        set_clock(s);
        break;
    case SIM_DIE:
        sim_at(s, s->now_us + (1 + sim_pick(s, 12)) * US_PER_DAY, SIM_DIE, 0);
        sim_doom_choose(l);
        break;
    case SIM_WHOLE:
        sim_at(s, s->now_us + s->size.check_days * US_PER_DAY, SIM_WHOLE, 0);
        sim_check_whole(l);
        break;
    }
}

/* ---- one life ----------------------------------------------------------------------------------
 */

static void clock_show(const struct sim *s)
{
    instant_set_virtual(sim_now(s));
}

static void open_life(struct sim_life *l)
{
    struct sim *s = l->s;
    clock_show(s);
    arena_init(&l->a, ARENA_BYTES);
    if (db_setup(&l->info) != ERR_OK)
        sim_fail(s, 0, "the database is not set up: %s", l->info.detail);
    fault_vfs_install();
    const struct house_how how = {.data_dir = s->dir, .packs = s->packs, .write = true};
    if (house_open(&how, &l->open, &l->info) != ERR_OK)
        sim_fail(s, 0, "does not open: %s %s", l->info.key, l->info.detail);
    l->h = open_house_get(l->open);
    if (sweep_new(l->h, &MATTER_SWEEP, 1, &l->sweep) != ERR_OK)
        sim_fail(s, 0, "no sweep");
    s->counts.lives++;
    s->may_die = false;
}

static void begin_life(struct sim_life *l)
{
    struct sim *s = l->s;
    if (!s->town.is_built)
        sim_town_build(l);
    sim_check_touched(l);
    sim_flight_again(l);
    sim_check_touched(l);
    /* What the process before may have left half done is looked for at every third start. */
    if (s->counts.lives % 3 == 0 && s->counts.lives < 200)
        sim_check_whole(l);
    arena_reset(&l->a);
}

static void live(struct sim *s)
{
    struct sim_life l = {.s = s};
    open_life(&l);
    begin_life(&l);
    while (!s->is_over) {
        struct sim_thing t = next_thing(s);
        s->now_us = t.at_us > s->now_us ? t.at_us : s->now_us;
        clock_show(s);
        happens(&l, &t);
        sim_check_touched(&l);
        arena_reset(&l.a);
    }
    sim_check_whole(&l);
    sweep_free(l.sweep);
    house_close(l.open);
    arena_done(&l.a);
    _exit(LIFE_OVER);
}

/* ---- all of them ------------------------------------------------------------------------------
 */

static void make_house(struct sim *s)
{
    struct house_made made;
    struct err_info info = {0};
    clock_show(s);
    const struct house_plan plan = {
        .data_dir = s->dir, .pack = s->pack, .packs = s->packs, .zone = "Asia/Shanghai"};
    if (house_make(&plan, &made, &info) != ERR_OK)
        sim_fail(s, 0, "no house: %s %s", info.key, info.detail);
    _exit(LIFE_OVER);
}

/* The exit code, or what makes clear that there is none. */
static int in_child(struct sim *s, void (*fn)(struct sim *))
{
    int status = 0;
    (void)fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        fn(s);
        _exit(LIFE_FAULT);
    }
    if (pid < 0 || waitpid(pid, &status, 0) < 0)
        return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The process is gone; the machine may be off for a while. */
static void between_lives(struct sim *s, int code)
{
    static const int64_t SPANS[] = {US_PER_SECOND, US_PER_MINUTE, US_PER_HOUR, 12 * US_PER_HOUR,
                                    2 * US_PER_DAY};
    s->doom = DOOM_NONE;
    s->now_us += SPANS[sim_pick(s, 5)];
    sim_tell(s, 0, "the process ended with %d and starts again", code);
}

static void begin(struct sim *s, uint64_t seed, const struct sim_size *size)
{
    static const char *const PACKS[] = {"plain", "cn-petition", "uk-council"};
    const char *source = getenv("HUIYIN_SOURCE");
    s->seed = seed;
    s->size = *size;
    s->pack = PACKS[seed % 3];
    s->now_us = START_US;
    s->fingerprint = UINT64_C(14695981039346656037);
    rng_seed(&s->rng, seed);
    (void)snprintf(s->packs, sizeof s->packs, "%s/packs", source != NULL ? source : ".");
    scratch_folder(s->top, sizeof s->top, "sim");
    (void)snprintf(s->dir, sizeof s->dir, "%s/data", s->top);
    sim_at(s, START_US, SIM_RAISE, 0);
    sim_at(s, START_US + US_PER_DAY, SIM_RUSH, 0);
    sim_at(s, START_US + US_PER_HOUR, SIM_SWEEP, 0);
    sim_at(s, START_US + 15 * US_PER_HOUR, SIM_NIGHT, 0);
    sim_at(s, START_US + 4 * US_PER_DAY, SIM_STAFF, 0);
    sim_at(s, START_US + 6 * US_PER_DAY, SIM_CLOCK, 0);
    sim_at(s, START_US + 2 * US_PER_DAY, SIM_DIE, 0);
    sim_at(s, START_US + size->check_days * US_PER_DAY, SIM_WHOLE, 0);
}

static void clear_away(const struct sim *s)
{
    pid_t pid = fork();
    if (pid == 0) {
        (void)execlp("rm", "rm", "-rf", "--", s->top, (char *)NULL);
        _exit(127);
    }
    (void)waitpid(pid, NULL, 0);
}

static void print_counts(const struct sim *s)
{
    const struct sim_counts *c = &s->counts;
    (void)printf("seed %" PRIu64 " (%s): %lld matter-days in %lld days, %lld matters, %lld steps "
                 "and %lld refusals, %lld dues acted on, %lld missed, %lld gone up, %lld staff "
                 "changes\n",
                 s->seed, s->pack, (long long)s->matter_days, (long long)s->days,
                 (long long)c->matters, (long long)c->acts, (long long)c->refused,
                 (long long)c->acted, (long long)c->missed, (long long)c->escalated,
                 (long long)c->staff);
    (void)printf("  %lld lives, %lld flights sent again, %lld requests sent twice; deaths:",
                 (long long)c->lives, (long long)c->resent, (long long)c->again);
    for (int d = 1; d < DOOM_COUNT; d++)
        (void)printf(" %lld", (long long)c->dooms[d]);
    (void)printf("\n  done:");
    for (int what = DO_RAISE; what < DO_COUNT; what++)
        (void)printf(" " STR_FMT " %lld", STR_ARG(matter_do_word((enum matter_do)what)),
                     (long long)c->done[what]);
    (void)printf("\n  %lld leaves, %lld bars tried, %lld times everything checked, fingerprint "
                 "%016" PRIx64 "\n",
                 (long long)s->leaf, (long long)c->barred, (long long)c->wholes, s->fingerprint);
}

static void print_fault(const struct sim *s, int code)
{
    (void)printf("seed %" PRIu64 " (%s), matter %lld: %s\n", s->seed, s->pack,
                 (long long)s->fault_matter, s->fault[0] != '\0' ? s->fault : "the process died");
    (void)printf("exit code %d after %lld matter-days; the folder stays in %s\n", code,
                 (long long)s->matter_days, s->dir);
    sim_story_print(s);
    print_counts(s);
    (void)printf("again: HUIYIN_SEED=%" PRIu64 " HUIYIN_MATTER_DAYS=%lld HUIYIN_DAYS=%d "
                 "HUIYIN_OFFICES=%d meson test -C BUILD --verbose fault/sim\n",
                 s->seed, (long long)s->size.matter_days, (int)s->size.days, (int)s->size.offices);
}

bool sim_run(uint64_t seed, const struct sim_size *size)
{
    struct sim *s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE,
                         MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (s == MAP_FAILED)
        return false;
    begin(s, seed, size);
    int code = in_child(s, make_house);
    bool goes_on = code == LIFE_OVER;
    while (goes_on) {
        code = in_child(s, live);
        goes_on = code == LIFE_AGAIN || (code == LIFE_FATAL && s->may_die);
        if (goes_on)
            between_lives(s, code);
    }
    bool held = code == LIFE_OVER && s->is_over && s->fault[0] == '\0';
    if (held) {
        print_counts(s);
        clear_away(s);
    } else {
        print_fault(s, code);
    }
    (void)munmap(s, sizeof *s);
    return held;
}
