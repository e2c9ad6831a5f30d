/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "fixture_key.h"

#include "tests/check.h"

#include "base/mem.h"
#include "lib/text/msg.h"

static struct str say(struct buf *b, const char *lang, enum msg_key key, const struct msg_arg *args,
                      size_t n)
{
    buf_clear(b);
    msg_put(b, msg_lang_find(str_of(lang)), key, args, n);
    assert_int_equal(buf_err(b), ERR_OK);
    return buf_view(b);
}

static void plain_texts_need_no_work(void **state)
{
    (void)state;
    check_str(msg_plain(msg_lang_at(0), MSG_SHOP_OPEN), "Open.");
    check_str(msg_plain(msg_lang_find(STR("zh-CN")), MSG_SHOP_OPEN), "营业中。");
    check_str(msg_plain(msg_lang_at(0), MSG_SHOP_HELLO), "shop.hello"); /* has arguments */
}

static void arguments_are_found_by_name_in_any_order(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1000);
    struct msg_arg args[] = {msg_text("place", STR("the box")), msg_number("n", 1234)};
    check_str(say(&b, "en", MSG_SHOP_APPLES, args, 2), "1,234 apples in the box");
    check_str(say(&b, "zh", MSG_SHOP_APPLES, args, 2), "the box有1,234个苹果");
    check_str(say(&b, "en", MSG_SHOP_HELLO, args, 2), "Hello {name}, it is {name}.");
}

static void plural_takes_the_exact_number_before_the_category(void **state)
{
    (void)state;
    static const struct {
        int64_t n;
        const char *en;
        const char *ar;
    } ROWS[] = {{0, "no apples in x", "zero x"},     {1, "1 apple in x", "one x"},
                {2, "2 apples in x", "two x"},       {3, "3 apples in x", "few 3 x"},
                {11, "11 apples in x", "many 11 x"}, {100, "100 apples in x", "other 100 x"}};
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1000);
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct msg_arg args[] = {msg_number("n", ROWS[i].n), msg_text("place", STR("x"))};
        check_str(say(&b, "en", MSG_SHOP_APPLES, args, 2), ROWS[i].en);
    }
    for (size_t i = 0; i < 3; i++) {
        struct msg_arg args[] = {msg_number("n", ROWS[i].n), msg_text("place", STR("x"))};
        check_str(say(&b, "ar", MSG_SHOP_APPLES, args, 2), ROWS[i].ar);
    }
    /* Larger numbers come in the digits of that language. */
    struct msg_arg three[] = {msg_number("n", 3), msg_text("place", STR("x"))};
    assert_true(str_starts(say(&b, "ar", MSG_SHOP_APPLES, three, 2), STR("few ")));
    struct msg_arg eleven[] = {msg_number("n", 11), msg_text("place", STR("x"))};
    assert_true(str_starts(say(&b, "ar", MSG_SHOP_APPLES, eleven, 2), STR("many ")));
}

static void select_falls_to_other_and_cases_nest(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1000);
    struct msg_arg paid[] = {msg_text("paid", STR("yes")), msg_number("n", 5)};
    check_str(say(&b, "en", MSG_SHOP_PAID, paid, 2), "Paid.");
    paid[0].text = STR("perhaps");
    check_str(say(&b, "en", MSG_SHOP_PAID, paid, 2), "Not paid yet: 5.");
    struct msg_arg red[] = {msg_number("n", 2), msg_text("kind", STR("red"))};
    check_str(say(&b, "en", MSG_SHOP_NESTED, red, 2), "2 red ones");
    red[0].value = 1;
    check_str(say(&b, "en", MSG_SHOP_NESTED, red, 2), "a red one");
}

static void quotes_follow_icu(void **state)
{
    (void)state;
    check_str(msg_plain(msg_lang_at(0), MSG_SHOP_QUOTES), "It's {braces} and # and don't");
}

static void a_language_without_the_key_speaks_english(void **state)
{
    (void)state;
    check_str(msg_plain(msg_lang_find(STR("ar")), MSG_SHOP_OPEN), "Open.");
}

static void languages_are_chosen_from_a_header(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        const char *tag;
    } ROWS[] = {
        {"", "en"},
        {"zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"},
        {"en;q=0.5, zh-Hans-CN;q=0.7", "zh-CN"},
        {"fr, de;q=0.9", "en"},
        {"zh;q=0, en;q=0.1", "en"},
        {"EN-gb", "en"},
        {";;;,,,q=,zh;q=abc", "en"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
        check_str(msg_lang_tag(msg_lang_choose(str_of(ROWS[i].header))), ROWS[i].tag);
    assert_null(msg_lang_find(STR("fr")));
    assert_null(msg_lang_find(STR("")));
}

static void keys_are_found_by_name(void **state)
{
    (void)state;
    for (int k = MSG_NONE + 1; k < MSG_COUNT; k++)
        assert_int_equal(msg_key_find(msg_key_name((enum msg_key)k)), k);
    assert_int_equal(msg_key_find(STR("shop.nothing")), MSG_NONE);
    assert_int_equal(msg_key_find(STR("")), MSG_NONE);
}

static void an_error_says_its_own_sentence(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1000);
    struct err_info info;
    assert_int_equal(err_set(&info, ERR_LIMIT, "shop.positional", NULL), ERR_LIMIT);
    err_arg(&info, 0, "12000");
    err_arg(&info, 1, "apples");
    msg_put_err(&b, msg_lang_at(0), &info);
    check_str(buf_view(&b), "At most 12,000 of apples.");
    err_arg(&info, 0, "many"); /* not a number: stays what it is */
    buf_clear(&b);
    msg_put_err(&b, msg_lang_at(0), &info);
    check_str(buf_view(&b), "At most many of apples.");
}

static void no_memory_is_seen_in_the_buffer(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 3);
    msg_put(&b, msg_lang_at(0), MSG_SHOP_OPEN, NULL, 0);
    assert_int_equal(buf_err(&b), ERR_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_texts_need_no_work),
        cmocka_unit_test(arguments_are_found_by_name_in_any_order),
        cmocka_unit_test(plural_takes_the_exact_number_before_the_category),
        cmocka_unit_test(select_falls_to_other_and_cases_nest),
        cmocka_unit_test(quotes_follow_icu),
        cmocka_unit_test(a_language_without_the_key_speaks_english),
        cmocka_unit_test(languages_are_chosen_from_a_header),
        cmocka_unit_test(keys_are_found_by_name),
        cmocka_unit_test(an_error_says_its_own_sentence),
        cmocka_unit_test(no_memory_is_seen_in_the_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
