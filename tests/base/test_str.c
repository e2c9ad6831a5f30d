/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/check.h"

#include "base/mem.h"
#include "base/rng.h"

#include <string.h>

static void test_cut_gives_every_part_and_then_nothing(void **state)
{
    (void)state;
    struct str rest = STR("a,,b");
    struct str head = STR_NULL;
    assert_true(str_cut(&rest, ',', &head));
    check_str(head, "a");
    assert_true(str_cut(&rest, ',', &head));
    check_str(head, "");
    assert_true(str_cut(&rest, ',', &head));
    check_str(head, "b");
    assert_false(str_cut(&rest, ',', &head));
}

static void test_numbers_outside_their_bounds_are_refused(void **state)
{
    (void)state;
    int64_t v = 7;
    assert_true(str_to_i64(STR("-9223372036854775808"), INT64_MIN, INT64_MAX, &v));
    assert_true(v == INT64_MIN);
    static const char *const BAD[] = {"", "-", "+1", " 1", "1 ", "9223372036854775808", "1e3"};
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
        assert_false(str_to_i64(str_of(BAD[i]), INT64_MIN, INT64_MAX, &v));
    assert_false(str_to_i64(STR("11"), 0, 10, &v));
}

static void test_base64_round_trips_and_has_one_spelling(void **state)
{
    (void)state;
    struct rng r;
    rng_seed(&r, 1);
    for (size_t n = 0; n < 100; n++) {
        unsigned char in[100];
        unsigned char out[100];
        size_t got = 0;
        for (size_t i = 0; i < n; i++)
            in[i] = (unsigned char)rng_next(&r);
        CLEANUP(buf_done) struct buf b;
        buf_init(&b, 1000);
        buf_b64(&b, in, n);
        assert_true(str_from_b64(buf_view(&b), out, sizeof out, &got));
        assert_int_equal(got, n);
        assert_memory_equal(in, out, n);
    }
    unsigned char out[8];
    size_t got = 0;
    static const char *const BAD[] = {"QQ=", "QQ", "QR==", "QUJ=", "Q===", "QQ==QQ==", "QQ\n="};
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
        assert_false(str_from_b64(str_of(BAD[i]), out, sizeof out, &got));
}

static void test_a_buf_that_failed_stays_failed(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 4);
    buf_c(&b, "abc");
    buf_c(&b, "de");
    buf_c(&b, "f");
    assert_int_equal(buf_err(&b), ERR_LIMIT);
    check_str(buf_view(&b), "abc");
    buf_clear(&b);
    mem_fail_after(0);
    CLEANUP(buf_done) struct buf c;
    buf_init(&c, 4);
    buf_c(&c, "a");
    assert_int_equal(buf_err(&c), ERR_NOMEM);
    mem_fail_after(-1);
}

static void test_integers_print_at_both_ends(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 100);
    buf_i64(&b, INT64_MIN);
    buf_char(&b, ' ');
    buf_i64(&b, INT64_MAX);
    buf_char(&b, ' ');
    buf_i64(&b, 0);
    check_str(buf_view(&b), "-9223372036854775808 9223372036854775807 0");
}

static const struct CMUnitTest TESTS[] = {
    cmocka_unit_test(test_cut_gives_every_part_and_then_nothing),
    cmocka_unit_test(test_numbers_outside_their_bounds_are_refused),
    cmocka_unit_test(test_base64_round_trips_and_has_one_spelling),
    cmocka_unit_test(test_a_buf_that_failed_stays_failed),
    cmocka_unit_test(test_integers_print_at_both_ends),
};

CHECK_MAIN(TESTS)
