/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/instant.h"
#include "lib/oath/totp.h"
#include "tests/check.h"

#include <string.h>

/* RFC 6238 appendix B: the seed "12345678901234567890", the last six of eight digits. */
static const unsigned char SEED[] = "12345678901234567890";

static void codes_are_those_of_the_rfc(void **state)
{
    (void)state;
    static const struct {
        int64_t at_s;
        const char *code;
    } CASES[] = {{59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
                 {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"}};
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        char text[TOTP_DIGITS + 1];
        int64_t step = totp_step_of(CASES[i].at_s * US_PER_SECOND);
        assert_int_equal(totp_code(SEED, step, text), ERR_OK);
        assert_string_equal(text, CASES[i].code);
    }
}

static void a_code_is_good_one_step_around_and_once(void **state)
{
    (void)state;
    char text[TOTP_DIGITS + 1];
    assert_int_equal(totp_code(SEED, 100, text), ERR_OK);
    struct str digits = str_of(text);
    assert_int_equal(totp_match(SEED, digits, 100, 0), 100);
    assert_int_equal(totp_match(SEED, digits, 99, 0), 100);
    assert_int_equal(totp_match(SEED, digits, 101, 99), 100);
    assert_int_equal(totp_match(SEED, digits, 98, 0), -1);
    assert_int_equal(totp_match(SEED, digits, 102, 0), -1);
    assert_int_equal(totp_match(SEED, digits, 100, 100), -1);
    assert_int_equal(totp_match(SEED, digits, 100, 101), -1);
    assert_int_equal(totp_match(SEED, STR(""), 100, 0), -1);
    assert_int_equal(totp_match(SEED, str_sub(digits, 0, 5), 100, 0), -1);
}

static void seeds_travel_as_base32(void **state)
{
    (void)state;
    char text[TOTP_BASE32_BYTES];
    totp_base32(SEED, text);
    assert_string_equal(text, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
}

static const struct CMUnitTest TESTS[] = {
    cmocka_unit_test(codes_are_those_of_the_rfc),
    cmocka_unit_test(a_code_is_good_one_step_around_and_once),
    cmocka_unit_test(seeds_travel_as_base32),
};
CHECK_MAIN(TESTS)
