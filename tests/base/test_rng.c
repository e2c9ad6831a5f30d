/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/check.h"

#include "base/rng.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DRAWS = 4096, DRAW_BYTES = 16 };

static int order(const void *a, const void *b)
{
    return memcmp(a, b, DRAW_BYTES);
}

/* Over many fillings of the pool, and with sizes that do not divide it. */
static void test_what_is_drawn_never_comes_again(void **state)
{
    static unsigned char all[DRAWS][DRAW_BYTES];
    unsigned char odd[13];
    (void)state;
    for (size_t i = 0; i < DRAWS; i++) {
        assert_int_equal(rng_few(all[i], DRAW_BYTES), ERR_OK);
        assert_int_equal(rng_few(odd, i % sizeof odd + 1), ERR_OK);
    }
    qsort(all, DRAWS, DRAW_BYTES, order);
    for (size_t i = 1; i < DRAWS; i++)
        assert_memory_not_equal(all[i - 1], all[i], DRAW_BYTES);
}

static void test_more_than_a_few_bytes_are_whole(void **state)
{
    unsigned char many[200] = {0};
    static const unsigned char none[sizeof many / 4];
    (void)state;
    assert_int_equal(rng_few(many, sizeof many), ERR_OK);
    for (size_t i = 0; i < 4; i++)
        assert_memory_not_equal(many + i * sizeof none, none, sizeof none);
}

/* Both would otherwise go on with the same pool. */
static void test_a_forked_process_draws_its_own(void **state)
{
    unsigned char ours[DRAW_BYTES];
    unsigned char theirs[DRAW_BYTES];
    int fds[2];
    int status = -1;
    (void)state;
    assert_int_equal(rng_few(ours, sizeof ours), ERR_OK); /* the pool is filled */
    assert_int_equal(pipe(fds), 0);
    pid_t child = fork();
    if (child == 0) {
        bool done = rng_few(theirs, sizeof theirs) == ERR_OK &&
                    write(fds[1], theirs, sizeof theirs) == (ssize_t)sizeof theirs;
        _exit(done ? 0 : 1);
    }
    assert_int_equal(rng_few(ours, sizeof ours), ERR_OK);
    assert_int_equal(read(fds[0], theirs, sizeof theirs), sizeof theirs);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_memory_not_equal(ours, theirs, sizeof ours);
    (void)close(fds[0]);
    (void)close(fds[1]);
}

static const struct CMUnitTest TESTS[] = {
    cmocka_unit_test(test_what_is_drawn_never_comes_again),
    cmocka_unit_test(test_more_than_a_few_bytes_are_whole),
    cmocka_unit_test(test_a_forked_process_draws_its_own),
};

CHECK_MAIN(TESTS)
