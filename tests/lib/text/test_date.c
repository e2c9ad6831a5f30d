/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/check.h"

#include "base/mem.h"
#include "lib/text/date.h"

#include <pthread.h>

static const struct msg_lang *en(void)
{
    return msg_lang_find(STR("en"));
}

static const struct msg_lang *zh(void)
{
    return msg_lang_find(STR("zh-CN"));
}

static void dates_are_written_out_in_the_readers_language(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1000);
    int32_t day = day_of((struct civil){2026, 3, 13});
    date_put_long(&b, en(), day);
    check_str(buf_view(&b), "Friday 13 March 2026");
    buf_clear(&b);
    date_put_long(&b, zh(), day);
    check_str(buf_view(&b), "2026年3月13日 星期五");
    buf_clear(&b);
    date_put_short(&b, en(), day);
    check_str(buf_view(&b), "13 March 2026");
    buf_clear(&b);
    date_put_short(&b, zh(), -1);
    check_str(buf_view(&b), "1969年12月31日");
}

static void instants_are_written_in_their_zone(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1000);
    int64_t at = 0;
    assert_true(instant_parse(STR("2026-03-13T06:05:00Z"), &at));
    date_put_time(&b, zh(), zone_find(STR("Asia/Shanghai")), at);
    check_str(buf_view(&b), "2026年3月13日 14:05");
    buf_clear(&b);
    date_put_time(&b, en(), zone_utc(), at);
    check_str(buf_view(&b), "13 March 2026, 06:05");
}

static void numbers_are_grouped(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1000);
    date_put_number(&b, en(), 1234567);
    date_put_number(&b, zh(), -999);
    date_put_number(&b, zh(), INT64_MIN);
    check_str(buf_view(&b), "1,234,567-999-9,223,372,036,854,775,808");
}

static void *write_dates(void *arg)
{
    int *good = arg;
    for (int i = 0; i < 200; i++) {
        CLEANUP(buf_done) struct buf b;
        buf_init(&b, 1000);
        date_put_long(&b, i % 2 == 0 ? en() : zh(), 20525);
        *good +=
            str_eq_c(buf_view(&b), i % 2 == 0 ? "Friday 13 March 2026" : "2026年3月13日 星期五");
    }
    return NULL;
}

static void threads_have_icu_objects_of_their_own(void **state)
{
    (void)state;
    pthread_t threads[4];
    int good[4] = {0};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_dates, &good[i]), 0);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(good[i], 200);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_are_written_out_in_the_readers_language),
        cmocka_unit_test(instants_are_written_in_their_zone),
        cmocka_unit_test(numbers_are_grouped),
        cmocka_unit_test(threads_have_icu_objects_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
