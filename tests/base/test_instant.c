/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/check.h"

#include "base/instant.h"
#include "base/mem.h"

static void test_days_and_civil_dates_are_inverse(void **state)
{
    (void)state;
    assert_int_equal(day_of((struct civil){1970, 1, 1}), 0);
    assert_int_equal(day_of((struct civil){2000, 2, 29}), 11016);
    for (int32_t d = -800000; d < 800000; d += 13) {
        struct civil c = civil_of(d);
        assert_true(civil_is_valid(c));
        assert_int_equal(day_of(c), d);
    }
    assert_int_equal(weekday_of(day_of((struct civil){2026, 11, 21})), 5); /* a Saturday */
}

static void test_a_month_ends_on_the_same_date_or_at_its_end(void **state)
{
    (void)state;
    int32_t jan31 = day_of((struct civil){2024, 1, 31});
    assert_int_equal(day_add_months(jan31, 1), day_of((struct civil){2024, 2, 29}));
    assert_int_equal(day_add_months(jan31, 13), day_of((struct civil){2025, 2, 28}));
    assert_int_equal(day_add_months(jan31, -2), day_of((struct civil){2023, 11, 30}));
    assert_int_equal(day_add_months(jan31, 12), day_of((struct civil){2025, 1, 31}));
}

static void test_rfc_3339_texts(void **state)
{
    (void)state;
    int64_t us = 0;
    assert_true(instant_parse(STR("2026-03-02T10:15:00.25+08:00"), &us));
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 100);
    instant_format(us, &b);
    check_str(buf_view(&b), "2026-03-02T02:15:00Z");
    static const char *const BAD[] = {
        "2026-02-29T00:00:00Z",  "2026-03-02 10:15:00Z",  "2026-03-02T24:00:00Z",
        "2026-03-02T10:15:00",   "2026-03-02T10:15:00.Z", "2026-03-02T10:15:00+8:00",
        "2026-3-2T10:15:00Z000", "2026-03-02T10:15:60Z",  "-026-03-02T10:15:00Z",
    };
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
        assert_false(instant_parse(str_of(BAD[i]), &us));
    buf_clear(&b);
    instant_format(-1, &b);
    check_str(buf_view(&b), "1969-12-31T23:59:59Z");
}

static void test_a_virtual_time_stands_still(void **state)
{
    (void)state;
    instant_set_virtual(42);
    assert_true(instant_now() == 42);
    instant_set_virtual(-1);
    assert_true(instant_now() > 1000 * US_PER_DAY);
}

static const struct CMUnitTest TESTS[] = {
    cmocka_unit_test(test_days_and_civil_dates_are_inverse),
    cmocka_unit_test(test_a_month_ends_on_the_same_date_or_at_its_end),
    cmocka_unit_test(test_rfc_3339_texts),
    cmocka_unit_test(test_a_virtual_time_stands_still),
};

CHECK_MAIN(TESTS)
