/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/check.h"

#include "base/mem.h"
#include "base/rng.h"
#include "base/utf8.h"

static void test_every_scalar_value_round_trips(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 16);
    for (int32_t cp = 0; cp <= 0x10FFFF; cp++) {
        if (cp >= 0xD800 && cp <= 0xDFFF)
            continue;
        buf_clear(&b);
        utf8_put(&b, cp);
        size_t at = 0;
        assert_int_equal(utf8_next(buf_view(&b), &at), cp);
        assert_int_equal(at, buf_view(&b).len);
    }
}

static void test_forms_rfc_3629_forbids_are_broken(void **state)
{
    (void)state;
    static const char *const BAD[] = {"\x80",
                                      "\xC0\x80",
                                      "\xC1\xBF",
                                      "\xE0\x80\x80",
                                      "\xED\xA0\x80",
                                      "\xF0\x80\x80\x80",
                                      "\xF4\x90\x80\x80",
                                      "\xF5\x80\x80\x80",
                                      "\xE4\xBD",
                                      "\xFF"};
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
        assert_int_equal(utf8_scan(str_of(BAD[i]), true, NULL), UTF8_BROKEN);
}

static void test_controls_and_direction_marks_are_found_where_they_stand(void **state)
{
    (void)state;
    size_t at = 0;
    assert_int_equal(utf8_scan(STR("好\nb"), true, &at), UTF8_CLEAN);
    assert_int_equal(utf8_scan(STR("好\nb"), false, &at), UTF8_CONTROL);
    assert_int_equal(at, 3);
    assert_int_equal(utf8_scan(str_make("a\0b", 3), true, &at), UTF8_CONTROL);
    assert_int_equal(utf8_scan(STR("x\xE2\x80\xAEy"), true, &at), UTF8_BIDI);
    assert_int_equal(at, 1);
    assert_int_equal(utf8_scan(STR("\xEF\xBF\xBF"), true, &at), UTF8_CONTROL);
}

static void test_a_cut_never_splits_a_character(void **state)
{
    (void)state;
    check_str(utf8_cut(STR("回音"), 5), "回");
    check_str(utf8_cut(STR("回音"), 2), "");
    check_str(utf8_cut(STR("回音"), 6), "回音");
    assert_int_equal(utf8_count(STR("回音!")), 3);
}

/* Whole texts are read eight bytes at a time where they can be: the same must come out as when each
 * character is looked at alone. */
static void test_a_text_is_judged_as_its_characters_are(void **state)
{
    (void)state;
    static const char *const PIECES[] = {
        "a",        "Zz ~", "0123456789", "\x7F", "\x1F",     "\n",  "\x20",         "回",
        "\xC2\x85", "\xE2", "\xF4",       "😀",    "\xED\xA0", "ﬀ９", "\xE2\x80\xAE", "plain eno",
        "回音。",   "가나", "\xE3\x80",   "\xEC", "，",       "퀀",  "\xEF\xBF\xBE", "\xE4\xBD"};
    struct rng rng;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1 << 16);
    rng_seed(&rng, check_seed(20261128));
    for (int round = 0; round < 20000; round++) {
        buf_clear(&b);
        for (uint64_t n = rng_below(&rng, 12); n > 0; n--)
            buf_c(&b, PIECES[rng_below(&rng, sizeof PIECES / sizeof *PIECES)]);
        struct str s = buf_view(&b);
        bool lines = round % 2 == 0;
        enum utf8_fault want = UTF8_CLEAN;
        size_t want_at = 0;
        size_t count = 0;
        bool is_valid = true;
        for (size_t at = 0; at < s.len; count++) {
            size_t from = at;
            is_valid = utf8_next(s, &at) >= 0 && is_valid;
            enum utf8_fault one = utf8_scan(str_sub(s, from, at - from), lines, NULL);
            if (want == UTF8_CLEAN && one != UTF8_CLEAN) {
                want = one;
                want_at = from;
            }
        }
        size_t got_at = 0;
        assert_int_equal(utf8_scan(s, lines, &got_at), want);
        assert_int_equal(got_at, want_at);
        assert_int_equal(utf8_count(s), count);
        assert_int_equal(utf8_is_valid(s), is_valid);
    }
}

static const struct CMUnitTest TESTS[] = {
    cmocka_unit_test(test_every_scalar_value_round_trips),
    cmocka_unit_test(test_forms_rfc_3629_forbids_are_broken),
    cmocka_unit_test(test_controls_and_direction_marks_are_found_where_they_stand),
    cmocka_unit_test(test_a_cut_never_splits_a_character),
    cmocka_unit_test(test_a_text_is_judged_as_its_characters_are),
};

CHECK_MAIN(TESTS)
