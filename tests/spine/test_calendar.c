/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/spine/packs.h"

#include "base/rng.h"
#include "spine/calendar.h"

static const struct pack *petition;
static const struct pack *council;
static const struct pack *plain;

static bool works(const struct calendar *c, const char *date)
{
    struct calendar_look look;
    if (calendar_look(c, packs_day(date), NULL, &look) != ERR_OK)
        fail_msg("no answer for %s", date);
    return look.working;
}

static bool is_provisional(const struct calendar *c, const char *date)
{
    struct calendar_look look;
    if (calendar_look(c, packs_day(date), NULL, &look) != ERR_OK)
        fail_msg("no answer for %s", date);
    return look.provisional;
}

static void test_holidays_make_up_days_and_weekends_of_china(void **state)
{
    (void)state;
    const struct calendar *cn = pack_find_calendar(petition, STR("CN"));
    assert_non_null(cn);
    assert_int_equal(cn->first_year, 2018);
    assert_int_equal(cn->last_year, 2026);
    assert_true(works(cn, "2020-01-23"));
    assert_false(works(cn, "2020-01-24"));
    assert_false(works(cn, "2020-01-31")); /* lengthened by a second notice */
    assert_true(works(cn, "2020-02-03"));
    assert_true(works(cn, "2020-01-19"));  /* a Sunday worked for the Spring Festival */
    assert_false(works(cn, "2026-10-04")); /* a Sunday within a holiday */
    assert_false(works(cn, "2026-03-01")); /* a plain Sunday */
    /* Days of the year before stand in the notice of the year after. */
    assert_true(works(cn, "2018-12-29"));
    assert_false(works(cn, "2018-12-31"));
    assert_false(works(cn, "2022-12-31"));
    struct calendar_look look;
    assert_int_equal(calendar_look(cn, packs_day("2020-01-19"), NULL, &look), ERR_OK);
    check_str(wording_pick(look.name, STR("zh-CN")), "春节");
    check_str(wording_pick(look.name, STR("en")), "Spring Festival");
}

static void test_bank_holidays_with_substitutes(void **state)
{
    (void)state;
    const struct calendar *eaw = pack_find_calendar(council, STR("GB-EAW"));
    const struct calendar *sct = pack_find_calendar(council, STR("GB-SCT"));
    const struct calendar *nir = pack_find_calendar(council, STR("GB-NIR"));
    assert_false(works(eaw, "2022-09-19"));
    assert_false(works(eaw, "2020-12-28"));
    assert_true(works(eaw, "2020-05-04"));
    assert_false(works(eaw, "2020-05-08"));
    assert_false(works(sct, "2026-01-02"));
    assert_true(works(eaw, "2026-01-02"));
    assert_true(works(sct, "2026-04-06"));
    assert_false(works(eaw, "2026-04-06"));
    assert_false(works(nir, "2026-07-13"));
}

static void test_before_the_first_known_year_is_an_error(void **state)
{
    (void)state;
    const struct calendar *cn = pack_find_calendar(petition, STR("CN"));
    struct calendar_look look;
    struct err_info info = {0};
    assert_int_equal(calendar_look(cn, packs_day("2017-12-31"), &info, &look), ERR_INVALID);
    assert_string_equal(info.key, "due.calendar.before");
    assert_string_equal(info.arg[0], "CN");
    assert_string_equal(info.arg[1], "2018");
    int32_t day = 0;
    bool provisional = false;
    assert_int_equal(
        calendar_add_working(cn, packs_day("2017-12-30"), 1, &info, &day, &provisional),
        ERR_INVALID);
    assert_int_equal(
        calendar_add_working(cn, packs_day("2017-12-31"), 1, &info, &day, &provisional), ERR_OK);
    assert_int_equal(day, packs_day("2018-01-02"));
}

static void test_after_the_last_known_year_fixed_holidays_are_off_and_marked(void **state)
{
    (void)state;
    const struct calendar *cn = pack_find_calendar(petition, STR("CN"));
    const struct calendar *eaw = pack_find_calendar(council, STR("GB-EAW"));
    const struct calendar *sct = pack_find_calendar(council, STR("GB-SCT"));
    assert_false(is_provisional(cn, "2026-12-31"));
    assert_true(is_provisional(cn, "2027-01-01"));
    assert_false(works(cn, "2027-01-01"));
    assert_false(works(cn, "2027-10-01"));
    assert_true(works(cn, "2027-10-04"));  /* moved days are not known yet */
    assert_false(works(cn, "2027-05-02")); /* a Sunday */
    assert_true(works(cn, "2027-02-08"));  /* Spring Festival moves with the moon */
    /* 25 and 26 December 2032 are a Saturday and a Sunday. */
    assert_false(works(eaw, "2032-12-27"));
    assert_false(works(eaw, "2032-12-28"));
    assert_true(works(eaw, "2032-12-29"));
    /* 25 December 2033 is a Sunday: Boxing Day on Monday, its substitute on Tuesday. */
    assert_false(works(eaw, "2033-12-26"));
    assert_false(works(eaw, "2033-12-27"));
    assert_true(works(eaw, "2033-12-28"));
    /* 1 and 2 January 2033 are a weekend in Scotland, where both are holidays. */
    assert_false(works(sct, "2033-01-03"));
    assert_false(works(sct, "2033-01-04"));
    assert_true(works(sct, "2033-01-05"));
    assert_true(works(eaw, "2033-01-04"));
}

static void test_a_calendar_of_weekends_knows_every_year(void **state)
{
    (void)state;
    const struct calendar *week = plain->calendar[0];
    assert_true(works(week, "1999-12-31"));
    assert_false(works(week, "2100-01-02"));
    assert_false(is_provisional(week, "2150-06-01"));
}

/* Counting forward and counting what lies between agree, and rolling stays on working days. */
static void test_counting_forward_and_between_agree(void **state)
{
    (void)state;
    const uint64_t seed = 7;
    print_message("seed %llu\n", (unsigned long long)seed);
    struct rng r;
    rng_seed(&r, seed);
    const struct calendar *all[] = {petition->calendar[0], council->calendar[0],
                                    council->calendar[1], council->calendar[2]};
    for (int i = 0; i < 20000; i++) {
        const struct calendar *c = all[rng_below(&r, 4)];
        int32_t start = packs_day("2019-01-01") + (int32_t)rng_below(&r, 3650);
        int32_t n = 1 + (int32_t)rng_below(&r, 90);
        int32_t end = 0;
        int32_t between = 0;
        int32_t rolled = 0;
        bool provisional = false;
        struct calendar_look look;
        assert_int_equal(calendar_add_working(c, start, n, NULL, &end, &provisional), ERR_OK);
        assert_int_equal(calendar_count_working(c, start, end, NULL, &between), ERR_OK);
        assert_int_equal(between, n);
        assert_int_equal(provisional, civil_of(end).year > c->last_year);
        assert_int_equal(calendar_roll(c, end, NULL, &rolled, &provisional), ERR_OK);
        assert_int_equal(rolled, end);
        assert_int_equal(calendar_roll(c, start, NULL, &rolled, &provisional), ERR_OK);
        assert_int_equal(calendar_look(c, rolled, NULL, &look), ERR_OK);
        assert_true(look.working && rolled >= start && rolled - start < 16);
    }
}

static int load(void **state)
{
    (void)state;
    petition = packs_load("cn-petition");
    council = packs_load("uk-council");
    plain = packs_load("plain");
    return 0;
}

static int unload(void **state)
{
    (void)state;
    pack_free(petition);
    pack_free(council);
    pack_free(plain);
    return 0;
}

static void test_nothing_is_counted_where_every_day_is_off(void **state)
{
    (void)state;
    static struct calendar_fixed every[366];
    for (int32_t i = 0; i < 366; i++) {
        struct civil c = civil_of(packs_day("2024-01-01") + i);
        every[i] = (struct calendar_fixed){.month = c.month, .mday = c.day};
    }
    const struct calendar never = {.id = STR("NEVER"),
                                   .first_year = 2024,
                                   .last_year = 2024,
                                   .fixed = every,
                                   .fixed_count = 366};
    int32_t day = 0;
    bool is_provisional = false;
    assert_int_equal(
        calendar_add_working(&never, packs_day("2024-12-30"), 1, NULL, &day, &is_provisional),
        ERR_OK);
    assert_int_equal(day, packs_day("2024-12-31"));
    assert_int_equal(
        calendar_add_working(&never, packs_day("2024-12-30"), 2, NULL, &day, &is_provisional),
        ERR_CORRUPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_holidays_make_up_days_and_weekends_of_china),
        cmocka_unit_test(test_bank_holidays_with_substitutes),
        cmocka_unit_test(test_before_the_first_known_year_is_an_error),
        cmocka_unit_test(test_after_the_last_known_year_fixed_holidays_are_off_and_marked),
        cmocka_unit_test(test_a_calendar_of_weekends_knows_every_year),
        cmocka_unit_test(test_counting_forward_and_between_agree),
        cmocka_unit_test(test_nothing_is_counted_where_every_day_is_off),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
