/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* check: the includes cmocka wants, in its order, and a main for a table of tests. */
#ifndef HUIYIN_TESTS_CHECK_H
#define HUIYIN_TESTS_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"

/* Fails with both texts shown when a str differs from a C string. */
#define check_str(actual, expected)                                                                \
    do {                                                                                           \
        struct str check_s_ = (actual);                                                            \
        if (!str_eq_c(check_s_, (expected)))                                                       \
            fail_msg("got \"" STR_FMT "\", want \"%s\"", STR_ARG(check_s_), (expected));           \
    } while (0)

/* The seed of a random history: `usual`, or $HUIYIN_SEED when `./dev soak` asks for others. It is
 * printed, so that a failure can be walked again. */
static inline uint64_t check_seed(uint64_t usual)
{
    const char *given = getenv("HUIYIN_SEED");
    uint64_t seed = given != NULL ? strtoull(given, NULL, 10) : usual;
    print_message("seed %llu\n", (unsigned long long)seed);
    return seed;
}

#define CHECK_MAIN(tests)                                                                          \
    int main(void)                                                                                 \
    {                                                                                              \
        return cmocka_run_group_tests(tests, NULL, NULL);                                          \
    }

#endif
