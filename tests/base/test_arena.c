/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/check.h"

#include "base/mem.h"

#include <string.h>

static void test_pieces_are_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 1 << 20);
    unsigned char *last = NULL;
    for (size_t n = 1; n < 200; n++) {
        unsigned char *p = arena_alloc(&a, n * 7);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
        for (size_t i = 0; i < n * 7; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xAA, n * 7);
        assert_ptr_not_equal(p, last);
        last = p;
    }
}

static void test_the_cap_holds_over_reset(void **state)
{
    (void)state;
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 100);
    assert_non_null(arena_alloc(&a, 60));
    assert_null(arena_alloc(&a, 41));
    assert_non_null(arena_alloc(&a, 40));
    arena_reset(&a);
    assert_non_null(arena_alloc(&a, 100));
    assert_null(arena_array(&a, SIZE_MAX, 2));
}

static void test_no_memory_is_null_and_nothing_is_lost(void **state)
{
    (void)state;
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 1 << 20);
    mem_fail_after(0);
    assert_null(arena_copy(&a, "abc", 3));
    mem_fail_after(-1);
    assert_string_equal(arena_copy(&a, "abc", 3), "abc");
    assert_string_equal(arena_printf(&a, "%d-%s", 7, "x"), "7-x");
}

static const struct CMUnitTest TESTS[] = {
    cmocka_unit_test(test_pieces_are_zeroed_aligned_and_apart),
    cmocka_unit_test(test_the_cap_holds_over_reset),
    cmocka_unit_test(test_no_memory_is_null_and_nothing_is_lost),
};

CHECK_MAIN(TESTS)
