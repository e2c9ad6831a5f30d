/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The sweep over a real writer, with a room that only counts. */
#include "tests/check.h"

#include "base/instant.h"
#include "base/mem.h"
#include "db/readers.h"
#include "db/writer.h"
#include "lib/text/zone.h"
#include "spine/house.h"
#include "spine/pack.h"
#include "spine/sweep.h"
#include "tests/db/folder.h"
#include "tests/spine/sweep_probe.sql.h"

#include <stdatomic.h>

enum { TODAY = 20500, MANY = 100000 };

struct place {
    struct folder folder;
    struct db *db;
    struct writer *writer;
    struct readers *readers;
    struct calendar calendar;
    const struct calendar *calendars[1];
    struct pack pack;
    struct house house;
    struct err_info info;
    int64_t fails; /* dossier on which the room fails */
    int64_t refuses;
    bool ends_two; /* of an odd dossier: with its due that of the next one ends */
    int64_t dies;  /* the room fails for good after so many acts; 0 never */
    int64_t acts;
};

static enum err leave(struct tx *tx, struct dossier_id dossier, int32_t n, int32_t state)
{
    const struct house *h = house_of(tx);
    struct place *p = (struct place *)((char *)(uintptr_t)h - offsetof(struct place, house));
    int64_t count = 0;
    if (dossier.v == p->refuses)
        return ERR_REFUSED;
    if (p->ends_two && dossier.v % 2 == 0)
        return err_set(tx->info, ERR_CONFLICT, "probe.over", "ended with the one before");
    if (p->ends_two)
        TRY(probe_act(tx->db, (struct dossier_id){dossier.v + 1}, n, state, p->calendar.id_version,
                      &count));
    TRY(probe_act(tx->db, dossier, n, state, p->calendar.id_version, &count));
    assert_int_equal(count, 1);
    if (dossier.v == p->fails)
        return err_set(tx->info, ERR_CORRUPT, NULL, "no event follows");
    p->acts++;
    if (p->dies > 0 && p->acts > p->dies)
        return err_set(tx->info, ERR_FULL, NULL, "as after a crash");
    return ERR_OK;
}

static enum err missed(struct tx *tx, struct dossier_id dossier, int32_t n)
{
    return leave(tx, dossier, n, 4);
}

static enum err stood(struct tx *tx, struct dossier_id dossier, int32_t n)
{
    return leave(tx, dossier, n, 3);
}

static enum err recount(struct tx *tx, struct dossier_id dossier, int32_t n)
{
    return leave(tx, dossier, n, 1);
}

static const struct sweep_room ROOM = {DOSSIER_MATTER, missed, stood, recount};

static int place_open(void **state)
{
    struct place *p = mem_new(sizeof(*p));
    assert_non_null(p);
    folder_make(&p->folder);
    assert_int_equal(db_setup(&p->info), ERR_OK);
    assert_int_equal(db_open(p->folder.path, DB_STORE_MAIN, DB_WRITE, &p->db, &p->info), ERR_OK);
    p->calendar = (struct calendar){
        .id = STR("CN"), .id_version = STR("CN@2"), .first_year = 2000, .last_year = 2099};
    p->calendars[0] = &p->calendar;
    p->pack.calendar = p->calendars;
    p->pack.calendar_count = 1;
    p->house.pack = &p->pack;
    p->house.zone = zone_utc();
    const struct writer_options options = {.db = p->db, .env = &p->house};
    assert_int_equal(writer_new(&options, &p->writer, &p->info), ERR_OK);
    assert_int_equal(readers_new(p->folder.path, DB_STORE_MAIN, 0, &p->readers, &p->info), ERR_OK);
    p->house.writer = p->writer;
    p->house.readers = p->readers;
    instant_set_virtual((int64_t)TODAY * US_PER_DAY);
    *state = p;
    return 0;
}

static int place_close(void **state)
{
    struct place *p = *state;
    writer_free(p->writer);
    readers_free(p->readers);
    db_close(p->db);
    folder_remove(&p->folder);
    instant_set_virtual(-1);
    mem_free(p);
    return 0;
}

struct fill {
    int64_t count;
    int32_t state;
    int64_t at_us;
    bool fine;
    int32_t until_day;
    const char *calendar;
};

static enum err fill_run(struct tx *tx, void *ctx)
{
    const struct fill *f = ctx;
    const struct probe_dues_in in = {
        .count = f->count,
        .n = 1,
        .state = f->state,
        .at_us = f->at_us,
        .at_day = (int32_t)((f->at_us - 1) / US_PER_DAY),
        .fine = f->fine,
        .until_day = f->until_day,
        .calendar = str_of(f->calendar),
    };
    TRY(probe_dossiers(tx->db, f->count, DOSSIER_MATTER, STR("")));
    return probe_dues(tx->db, &in);
}

static void fill(struct place *p, struct fill f)
{
    if (writer_call(p->writer, fill_run, &f, &p->info) != ERR_OK)
        fail_msg("%s", p->info.detail);
}

static void check_result(struct place *p, int32_t state, int64_t once, int64_t other)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 1 << 20);
    struct db *db = NULL;
    struct probe_result_row row;
    assert_int_equal(readers_take(p->readers, &db, &p->info), ERR_OK);
    assert_int_equal(probe_result(db, &a, state, &row), ERR_OK);
    readers_give(p->readers, db);
    assert_int_equal(row.once, once);
    assert_int_equal(row.other, other);
}

static struct sweep_figures look(struct place *p, enum err want)
{
    struct sweep *s = NULL;
    struct sweep_figures f = {0};
    assert_int_equal(sweep_new(&p->house, &ROOM, 1, &s), ERR_OK);
    assert_int_equal(sweep_look(s, NULL, NULL, &f, &p->info), want);
    sweep_free(s);
    return f;
}

static atomic_int filings;

static void filed(void *ctx, enum err err, const struct err_info *info)
{
    (void)ctx;
    (void)info;
    if (err == ERR_OK)
        atomic_fetch_add(&filings, 1);
}

static enum err file_run(struct tx *tx, void *ctx)
{
    (void)tx;
    (void)ctx;
    return ERR_OK;
}

/* Files a job between chunks, as people do, and sees that it is not left waiting to the end. */
static bool file_meanwhile(void *ctx)
{
    struct place *p = ctx;
    return writer_submit(p->writer, file_run, NULL, filed) == ERR_OK;
}

/* Silence takes an offer, which meets another due that passed on the same day. */
static void test_what_ends_with_another_due_of_the_chunk_is_not_stuck(void **state)
{
    struct place *p = *state;
    fill(p, (struct fill){10, 1, (int64_t)TODAY * US_PER_DAY, true, 0, "CN@2"});
    p->ends_two = true;
    struct sweep_figures f = look(p, ERR_OK);
    assert_int_equal(f.acted, 5);
    assert_int_equal(f.stuck, 0);
    check_result(p, 4, 10, 0);
}

static void test_a_hundred_thousand_missed_in_one_minute_act_once_each(void **state)
{
    struct place *p = *state;
    fill(p, (struct fill){MANY, 1, (int64_t)TODAY * US_PER_DAY + US_PER_HOUR, true, 0, "CN@2"});
    assert_int_equal(look(p, ERR_OK).acted, 0);
    instant_set_virtual((int64_t)TODAY * US_PER_DAY + US_PER_HOUR);
    struct sweep *s = NULL;
    struct sweep_figures f;
    atomic_store(&filings, 0);
    assert_int_equal(sweep_new(&p->house, &ROOM, 1, &s), ERR_OK);
    assert_int_equal(sweep_look(s, file_meanwhile, p, &f, &p->info), ERR_OK);
    sweep_free(s);
    assert_int_equal(f.acted, MANY);
    assert_int_equal(f.stuck, 0);
    assert_true(f.next_us == INT64_MAX);
    assert_true(atomic_load(&filings) >= MANY / SWEEP_CHUNK);
    check_result(p, 4, MANY, 0);
    assert_int_equal(look(p, ERR_OK).acted, 0);
    check_result(p, 4, MANY, 0);
}

static void test_a_sweep_that_breaks_off_goes_on_where_it_was(void **state)
{
    struct place *p = *state;
    fill(p, (struct fill){1000, 1, (int64_t)TODAY * US_PER_DAY, false, 0, "CN@2"});
    p->dies = 300;
    look(p, ERR_FULL);
    p->dies = 0;
    struct sweep_figures f = look(p, ERR_OK);
    assert_int_equal(f.acted, 1000 - 256); /* four whole chunks stood */
    check_result(p, 4, 1000, 0);
}

static void test_one_due_that_fails_holds_nobody_up(void **state)
{
    struct place *p = *state;
    fill(p, (struct fill){500, 1, (int64_t)TODAY * US_PER_DAY, false, 0, "CN@2"});
    p->fails = 100;
    p->refuses = 200;
    struct sweep_figures f = look(p, ERR_OK);
    assert_int_equal(f.acted, 498);
    assert_int_equal(f.stuck, 2);
    assert_int_equal(p->info.err, ERR_CORRUPT);
    assert_non_null(strstr(p->info.detail, "dossier 100, due 1"));
    check_result(p, 4, 498, 2); /* what the failing one had written is gone again */
    p->fails = p->refuses = 0;
    assert_int_equal(look(p, ERR_OK).acted, 2);
    check_result(p, 4, 500, 0);
}

static void test_a_day_passes_at_its_midnight_and_not_before(void **state)
{
    struct place *p = *state;
    int64_t end_us = (int64_t)(TODAY + 1) * US_PER_DAY;
    fill(p, (struct fill){3, 1, end_us, false, 0, "CN@2"});
    struct sweep_figures f = look(p, ERR_OK);
    assert_true(f.next_us == end_us);
    instant_set_virtual(end_us - 1);
    assert_int_equal(look(p, ERR_OK).acted, 0);
    instant_set_virtual(end_us);
    assert_int_equal(look(p, ERR_OK).acted, 3);
}

static void test_a_stated_end_is_acted_on_and_a_daily_check_is_not(void **state)
{
    struct place *p = *state;
    fill(p, (struct fill){2, 2, (int64_t)TODAY * US_PER_DAY, false, TODAY, "CN@2"});
    assert_int_equal(look(p, ERR_OK).acted, 0);
    instant_set_virtual((int64_t)(TODAY + 1) * US_PER_DAY);
    assert_int_equal(look(p, ERR_OK).acted, 2);
    check_result(p, 3, 2, 0);
}

static void test_a_suspension_without_an_end_waits(void **state)
{
    struct place *p = *state;
    fill(p, (struct fill){2, 2, (int64_t)TODAY * US_PER_DAY, false, 0, "CN@2"});
    instant_set_virtual((int64_t)(TODAY + 90) * US_PER_DAY);
    struct sweep_figures f = look(p, ERR_OK);
    assert_int_equal(f.acted, 0);
    assert_true(f.next_us == INT64_MAX);
}

static void test_another_calendar_is_counted_once_and_remembered(void **state)
{
    struct place *p = *state;
    fill(p, (struct fill){300, 1, (int64_t)(TODAY + 9) * US_PER_DAY, false, 0, "CN@1"});
    assert_int_equal(look(p, ERR_OK).acted, 300);
    check_result(p, 1, 300, 0);
    assert_int_equal(look(p, ERR_OK).acted, 0);
    p->calendar.id_version = STR("CN@3");
    assert_int_equal(look(p, ERR_OK).acted, 300);
}

static void test_dues_of_a_room_nobody_sweeps_are_left(void **state)
{
    struct place *p = *state;
    fill(p, (struct fill){5, 1, (int64_t)TODAY * US_PER_DAY, false, 0, "CN@2"});
    struct sweep *s = NULL;
    struct sweep_figures f;
    assert_int_equal(sweep_new(&p->house, NULL, 0, &s), ERR_OK);
    assert_int_equal(sweep_look(s, NULL, NULL, &f, &p->info), ERR_OK);
    sweep_free(s);
    assert_int_equal(f.acted, 0);
    assert_int_equal(f.stuck, 5);
}

#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, place_open, place_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PLACE(test_a_hundred_thousand_missed_in_one_minute_act_once_each),
        IN_PLACE(test_what_ends_with_another_due_of_the_chunk_is_not_stuck),
        IN_PLACE(test_a_sweep_that_breaks_off_goes_on_where_it_was),
        IN_PLACE(test_one_due_that_fails_holds_nobody_up),
        IN_PLACE(test_a_day_passes_at_its_midnight_and_not_before),
        IN_PLACE(test_a_stated_end_is_acted_on_and_a_daily_check_is_not),
        IN_PLACE(test_a_suspension_without_an_end_waits),
        IN_PLACE(test_another_calendar_is_counted_once_and_remembered),
        IN_PLACE(test_dues_of_a_room_nobody_sweeps_are_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
