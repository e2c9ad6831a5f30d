/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/check.h"

#include "base/mem.h"
#include "lib/text/words.h"

static void folding_meets_width_and_case(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1000);
    assert_int_equal(words_fold(STR("ＡＢｃ１２ Straße ﬁ ABC"), &b), ERR_OK);
    check_str(buf_view(&b), "abc12 strasse fi abc");
    buf_clear(&b);
    assert_int_equal(words_nfc(STR("e\u0301 Ａ"), &b), ERR_OK);
    check_str(buf_view(&b), "é Ａ");
}

static enum err gather(void *ctx, const struct words_word *w)
{
    struct buf *b = ctx;
    buf_printf(b, "%d:" STR_FMT "/%zu ", (int)w->kind, STR_ARG(w->text), w->chars);
    return ERR_OK;
}

static void words_come_from_rules_and_dictionary(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1000);
    assert_int_equal(words_each(STR("工资 not paid, 3.5 days𠮷"), gather, &b), ERR_OK);
    check_str(buf_view(&b), "3:工资/2 1:not/3 1:paid/4 2:3.5/3 1:days/4 3:𠮷/1 ");
}

static enum err stop(void *ctx, const struct words_word *w)
{
    (void)w;
    ++*(int *)ctx;
    return ERR_LIMIT;
}

static void an_error_stops_the_walk(void **state)
{
    (void)state;
    int calls = 0;
    assert_int_equal(words_each(STR("one two three"), stop, &calls), ERR_LIMIT);
    assert_int_equal(calls, 1);
}

static void digits_of_any_script_count(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1000);
    words_only_digits(STR("１８3-٤ 五x"), &b);
    check_str(buf_view(&b), "1834");
    buf_clear(&b);
    words_ascii_digits(STR("２０26年"), &b);
    check_str(buf_view(&b), "2026年");
    assert_true(words_is_han(0x56DE));
    assert_true(words_is_han(0x20BB7));
    assert_false(words_is_han(0x3042)); /* kana */
    assert_false(words_is_han(0x3002)); /* full stop */
    assert_true(words_is_word(0xE9));
    assert_false(words_is_word(0xFF0C));
}

static void chinese_sorts_by_pinyin(void **state)
{
    (void)state;
    const struct msg_lang *zh = msg_lang_find(STR("zh-CN"));
    assert_true(words_compare(zh, STR("安全"), STR("北京")) < 0);
    assert_true(words_compare(zh, STR("张"), STR("王")) > 0); /* zhang after wang */
    assert_true(str_cmp(STR("张"), STR("王")) < 0);           /* bytes say otherwise */
    assert_int_equal(words_compare(zh, STR("安"), STR("安")), 0);
    CLEANUP(buf_done) struct buf a;
    CLEANUP(buf_done) struct buf b;
    buf_init(&a, 1000);
    buf_init(&b, 1000);
    assert_int_equal(words_sort_key(zh, STR("王"), &a), ERR_OK);
    assert_int_equal(words_sort_key(zh, STR("张"), &b), ERR_OK);
    assert_true(str_cmp(buf_view(&a), buf_view(&b)) < 0);
}

static void no_memory_fails_the_call_and_nothing_else(void **state)
{
    (void)state;
    int calls = 0;
    assert_int_equal(words_each(STR("warm"), stop, &calls), ERR_LIMIT); /* opens the iterator */
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1000);
    buf_c(&b, "x");
    buf_clear(&b);
    mem_fail_after(0);
    assert_int_equal(words_fold(STR("回音"), &b), ERR_NOMEM);
    mem_fail_after(-1);
    assert_int_equal(words_fold(STR("回音"), &b), ERR_OK);
    check_str(buf_view(&b), "回音");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folding_meets_width_and_case),
        cmocka_unit_test(words_come_from_rules_and_dictionary),
        cmocka_unit_test(an_error_stops_the_walk),
        cmocka_unit_test(digits_of_any_script_count),
        cmocka_unit_test(chinese_sorts_by_pinyin),
        cmocka_unit_test(no_memory_fails_the_call_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
