/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/check.h"

#include "base/instant.h"
#include "base/rng.h"
#include "lib/text/zone.h"

static int64_t at(const char *rfc3339)
{
    int64_t us = 0;
    assert_true(instant_parse(str_of(rfc3339), &us));
    return us;
}

static int32_t day(const char *iso)
{
    int32_t d = 0;
    assert_true(day_parse(str_of(iso), &d));
    return d;
}

static void days_end_at_24_hours_local(void **state)
{
    (void)state;
    const struct zone *z = zone_find(STR("Asia/Shanghai"));
    assert_non_null(z);
    assert_true(zone_day_end(z, day("2026-03-13")) == at("2026-03-13T16:00:00Z"));
    assert_int_equal(zone_day_of(z, at("2026-03-13T15:59:59Z")), day("2026-03-13"));
    assert_int_equal(zone_day_of(z, at("2026-03-13T16:00:00Z")), day("2026-03-14"));
    assert_int_equal(zone_day_of(z, -1), 0);
}

static void clocks_that_change_make_days_of_23_and_25_hours(void **state)
{
    (void)state;
    const struct zone *z = zone_find(STR("Europe/London"));
    int32_t spring = day("2026-03-29");
    int32_t autumn = day("2026-10-25");
    assert_true(zone_day_end(z, spring) - zone_day_start(z, spring) == 23 * US_PER_HOUR);
    assert_true(zone_day_end(z, autumn) - zone_day_start(z, autumn) == 25 * US_PER_HOUR);
    /* 01:30 does not exist in spring, and comes twice in autumn. */
    assert_true(zone_instant(z, spring, 5400) == at("2026-03-29T01:30:00Z"));
    assert_true(zone_instant(z, autumn, 5400) == at("2026-10-25T00:30:00Z"));
    struct zone_time t = zone_time_of(z, at("2026-07-01T12:00:00Z"));
    assert_int_equal(t.hour, 13);
    assert_int_equal(t.offset_s, 3600);
}

static void a_day_whose_midnight_is_skipped_begins_at_the_jump(void **state)
{
    (void)state;
    const struct zone *z = zone_find(STR("America/Santiago")); /* 2026-09-06 00:00 -> 01:00 */
    int32_t d = day("2026-09-06");
    assert_true(zone_day_start(z, d) == at("2026-09-06T04:00:00Z"));
    assert_true(zone_day_end(z, d - 1) == at("2026-09-06T04:00:00Z"));
    assert_int_equal(zone_time_of(z, zone_day_start(z, d)).hour, 1);
}

static void every_day_starts_where_the_one_before_ends(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"Asia/Shanghai",  "Europe/London", "America/Santiago",
                                        "Asia/Kathmandu", "Pacific/Apia",  "UTC"};
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        const struct zone *z = zone_find(str_of(NAMES[i]));
        assert_non_null(z);
        for (int32_t d = day("1971-01-01"); d < day("2060-01-01"); d += 1) {
            int64_t start = zone_day_start(z, d);
            int64_t end = zone_day_end(z, d);
            if (start == end) /* Apia skipped 2011-12-30 altogether */
                continue;
            assert_int_equal(zone_day_of(z, start), d);
            assert_int_equal(zone_day_of(z, end - 1), d);
            assert_true(zone_day_of(z, start - 1) < d);
        }
    }
}

static void unknown_names_are_no_zone(void **state)
{
    (void)state;
    assert_null(zone_find(STR("Asia/Nowhere")));
    assert_null(zone_find(STR("")));
    assert_null(zone_find(STR("Asia/Shanghai\n")));
    assert_null(zone_find(STR("../../etc/passwd")));
    assert_ptr_equal(zone_find(STR("Asia/Shanghai")), zone_find(STR("Asia/Shanghai")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_end_at_24_hours_local),
        cmocka_unit_test(clocks_that_change_make_days_of_23_and_25_hours),
        cmocka_unit_test(a_day_whose_midnight_is_skipped_begins_at_the_jump),
        cmocka_unit_test(every_day_starts_where_the_one_before_ends),
        cmocka_unit_test(unknown_names_are_no_zone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
