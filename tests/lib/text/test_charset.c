/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/check.h"

#include "base/mem.h"
#include "lib/text/charset.h"

static const char GB_NIHAO[] = "\xC4\xE3\xBA\xC3"; /* 你好 */

static void gb18030_comes_in_and_goes_out(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 100000);
    assert_int_equal(charset_from_gb18030(str_of(GB_NIHAO), &b), ERR_OK);
    check_str(buf_view(&b), "你好");
    CLEANUP(buf_done) struct buf back;
    buf_init(&back, 100000);
    assert_int_equal(charset_to_gb18030(STR("你好"), &back), ERR_OK);
    check_str(buf_view(&back), GB_NIHAO);
}

static void the_characters_of_2022_are_real_ones(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1000);
    assert_int_equal(charset_from_gb18030(STR("\xFE\x59\xFE\x61\xA6\xD9"), &b), ERR_OK);
    check_str(buf_view(&b), "\u9FB4\u9FB5\uFE10");
    CLEANUP(buf_done) struct buf back;
    buf_init(&back, 1000);
    assert_int_equal(charset_to_gb18030(buf_view(&b), &back), ERR_OK);
    check_str(buf_view(&back), "\xFE\x59\xFE\x61\xA6\xD9");
}

/* Feeds `bytes` in pieces of `step` and gives what came out. */
static enum err in_pieces(enum charset from, struct str bytes, size_t step, struct buf *b,
                          uint64_t *ret_bad_at)
{
    CLEANUP(charset_reader_free_ptr) struct charset_reader *r = charset_reader_new(from);
    assert_non_null(r);
    for (size_t at = 0; at < bytes.len; at += step) {
        enum err e =
            charset_read(r, str_sub(bytes, at, step), at + step >= bytes.len, b, ret_bad_at);
        if (e != ERR_OK)
            return e;
    }
    return ERR_OK;
}

static void a_character_may_be_cut_between_pieces(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf gb;
    buf_init(&gb, 1000000);
    CLEANUP(buf_done) struct buf text;
    buf_init(&text, 1000000);
    for (int i = 0; i < 700; i++) /* more than one inner buffer; 𠮷 is 4 bytes and a pair */
        buf_c(&text, "回音𠮷a");
    assert_int_equal(charset_to_gb18030(buf_view(&text), &gb), ERR_OK);
    for (size_t step = 1; step <= 7; step++) {
        CLEANUP(buf_done) struct buf b;
        buf_init(&b, 1000000);
        assert_int_equal(in_pieces(CHARSET_GB18030, buf_view(&gb), step, &b, NULL), ERR_OK);
        assert_true(str_eq(buf_view(&b), buf_view(&text)));
        buf_clear(&b);
        assert_int_equal(in_pieces(CHARSET_UTF8, buf_view(&text), step, &b, NULL), ERR_OK);
        assert_true(str_eq(buf_view(&b), buf_view(&text)));
    }
    CLEANUP(buf_done) struct buf whole;
    buf_init(&whole, 1000000);
    assert_int_equal(charset_from_gb18030(buf_view(&gb), &whole), ERR_OK);
    assert_true(str_eq(buf_view(&whole), buf_view(&text)));
}

static void a_bad_byte_is_named_by_its_offset(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1000);
    uint64_t bad = 0;
    assert_int_equal(in_pieces(CHARSET_GB18030,
                               STR("abcd\xFF"
                                   "ef"),
                               3, &b, &bad),
                     ERR_INVALID);
    assert_int_equal(bad, 4);
    buf_clear(&b);
    assert_int_equal(in_pieces(CHARSET_UTF8, STR("ab\xE4\xBD"), 2, &b, &bad), ERR_INVALID);
    assert_int_equal(bad, 2);
    buf_clear(&b);
    assert_int_equal(in_pieces(CHARSET_UTF8, STR("a\xC0\x80"), 1, &b, &bad), ERR_INVALID);
    assert_int_equal(bad, 1);
}

static void a_character_broken_where_it_was_cut_is_refused(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 100);
    uint64_t bad = 0;
    /* First bytes only, each of which could begin a character. */
    assert_int_equal(in_pieces(CHARSET_UTF8, STR("ab\xC3\xF0\xF0\xF0\xF0\xF0\xF0"), 3, &b, &bad),
                     ERR_INVALID);
    assert_int_equal(bad, 2);
    check_str(buf_view(&b), "ab");
}

static void the_mark_at_the_start_goes(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1000);
    assert_int_equal(in_pieces(CHARSET_UTF8, STR("\xEF\xBB\xBFx\xEF\xBB\xBF"), 2, &b, NULL),
                     ERR_OK);
    check_str(buf_view(&b), "x\xEF\xBB\xBF");
    buf_clear(&b);
    assert_int_equal(in_pieces(CHARSET_UTF8, STR("\xEF\xBB\xBF\xEF\xBB\xBFx"), 3, &b, NULL),
                     ERR_OK);
    check_str(buf_view(&b), "\xEF\xBB\xBFx");
    buf_clear(&b);
    assert_int_equal(in_pieces(CHARSET_UTF8, STR("\xEF\xBB\xBFx\xFF"), 8, &b, NULL), ERR_INVALID);
    check_str(buf_view(&b), "x");
}

static void what_a_file_is_can_be_told(void **state)
{
    (void)state;
    assert_int_equal(charset_guess(STR("plain")), CHARSET_UTF8);
    assert_int_equal(charset_guess(STR("你好\xE4\xBD")), CHARSET_UTF8); /* cut off */
    assert_int_equal(charset_guess(str_of(GB_NIHAO)), CHARSET_GB18030);
    assert_int_equal(charset_guess(STR("\xFF\xFF\xFF")), CHARSET_UNKNOWN);
    assert_int_equal(charset_find(STR("GBK")), CHARSET_GB18030);
    assert_int_equal(charset_find(STR("latin1")), CHARSET_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gb18030_comes_in_and_goes_out),
        cmocka_unit_test(the_characters_of_2022_are_real_ones),
        cmocka_unit_test(a_character_may_be_cut_between_pieces),
        cmocka_unit_test(a_bad_byte_is_named_by_its_offset),
        cmocka_unit_test(a_character_broken_where_it_was_cut_is_refused),
        cmocka_unit_test(the_mark_at_the_start_goes),
        cmocka_unit_test(what_a_file_is_can_be_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
