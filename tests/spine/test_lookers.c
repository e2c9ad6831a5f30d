/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/check.h"

#include "spine/lookers.h"

#include <pthread.h>

enum { THREADS = 4, ROUNDS = 3000 };

static struct lookers *looks;

static int open_looks(void **state)
{
    (void)state;
    return lookers_new(&looks) == ERR_OK ? 0 : 1;
}

static int close_looks(void **state)
{
    (void)state;
    lookers_free(looks);
    looks = NULL;
    return 0;
}

static size_t others(int64_t dossier, int64_t but, int64_t now_us)
{
    struct officer_id who[LOOKERS_SHOWN_MAX];
    return lookers_others(looks, (struct dossier_id){dossier}, (struct officer_id){but}, now_us,
                          who);
}

static void mark(int64_t dossier, int64_t officer, int64_t now_us)
{
    lookers_mark(looks, (struct dossier_id){dossier}, (struct officer_id){officer}, now_us);
}

static void test_others_are_named_for_ten_minutes(void **state)
{
    (void)state;
    mark(1, 7, 1000);
    assert_int_equal(others(1, 7, 1000), 0); /* oneself is not */
    assert_int_equal(others(1, 8, 1000), 1);
    assert_int_equal(others(2, 8, 1000), 0);
    assert_int_equal(others(1, 8, 1000 + LOOKERS_US - 1), 1);
    assert_int_equal(others(1, 8, 1000 + LOOKERS_US), 0);
    mark(1, 7, 1000 + LOOKERS_US); /* again: one row, a new time */
    assert_int_equal(others(1, 8, 1000 + LOOKERS_US), 1);
}

static void test_a_full_table_forgets_the_oldest(void **state)
{
    (void)state;
    for (int64_t i = 1; i <= LOOKERS_MAX + 1; i++)
        mark(i, 7, i);
    assert_int_equal(others(1, 8, LOOKERS_MAX), 0);
    assert_int_equal(others(2, 8, LOOKERS_MAX), 1);
    assert_int_equal(others(LOOKERS_MAX + 1, 8, LOOKERS_MAX), 1);
    for (int64_t i = 1; i <= LOOKERS_SHOWN_MAX + 3; i++)
        mark(5, 100 + i, LOOKERS_MAX);
    assert_int_equal(others(5, 8, LOOKERS_MAX), LOOKERS_SHOWN_MAX);
}

static void *look_around(void *arg)
{
    int64_t me = *(const int64_t *)arg;
    for (int64_t i = 1; i <= ROUNDS; i++) {
        mark(i % 50 + 1, me, i);
        if (others(i % 50 + 1, me, i) > THREADS)
            return arg;
    }
    return NULL;
}

static void test_threads_look_at_once(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    int64_t officers[THREADS];
    for (int64_t i = 0; i < THREADS; i++) {
        officers[i] = i + 1;
        assert_int_equal(pthread_create(&threads[i], NULL, look_around, &officers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        void *wrong = NULL;
        assert_int_equal(pthread_join(threads[i], &wrong), 0);
        assert_null(wrong);
    }
    assert_int_equal(others(1, 99, ROUNDS), THREADS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_others_are_named_for_ten_minutes, open_looks,
                                        close_looks),
        cmocka_unit_test_setup_teardown(test_a_full_table_forgets_the_oldest, open_looks,
                                        close_looks),
        cmocka_unit_test_setup_teardown(test_threads_look_at_once, open_looks, close_looks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
