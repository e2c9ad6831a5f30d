/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/instant.h"
#include "http/budget.h"
#include "http/cookie.h"
#include "http/csrf.h"
#include "lib/crypt/crypt.h"
#include "tests/check.h"

#define NOW (INT64_C(1770000000) * US_PER_SECOND)

static void a_cookie_is_found_once_or_not_at_all(void **state)
{
    (void)state;
    check_str(cookie_find(STR("a=1; hyp=x; b=2"), "hyp"), "x");
    check_str(cookie_find(STR("hyp=x=y"), "hyp"), "x=y");
    assert_true(str_is_null(cookie_find(STR("hyp=x; hyp=y"), "hyp")));
    assert_true(str_is_null(cookie_find(STR("xhyp=x; hypx=y; hyp"), "hyp")));
    assert_true(str_is_null(cookie_find(STR(""), "hyp")));
    assert_true(str_is_null(cookie_find(STR(";;;==;"), "hyp")));
}

static void a_token_is_good_for_its_own_form_only(void **state)
{
    (void)state;
    unsigned char session[CSRF_KEY_BYTES] = {1};
    unsigned char other[CSRF_KEY_BYTES] = {2};
    char text[CSRF_TEXT_BYTES + 1];
    int64_t age = 0;
    struct key32 key;
    csrf_key(session, &key);
    csrf_make(&key, METHOD_POST, "/back", NOW, text);
    struct str t = str_of(text);
    assert_int_equal(csrf_check(session, METHOD_POST, "/back", NOW + US_PER_MINUTE, t, &age),
                     CSRF_GOOD);
    assert_true(age >= US_PER_MINUTE && age < US_PER_MINUTE + 2 * US_PER_SECOND);
    assert_int_equal(csrf_check(other, METHOD_POST, "/back", NOW, t, NULL), CSRF_REFUSED);
    assert_int_equal(csrf_check(session, METHOD_POST, "/raise", NOW, t, NULL), CSRF_REFUSED);
    assert_int_equal(csrf_check(session, METHOD_GET, "/back", NOW, t, NULL), CSRF_REFUSED);
    assert_int_equal(
        csrf_check(session, METHOD_POST, "/back", NOW + CSRF_LIFE_US + US_PER_SECOND, t, NULL),
        CSRF_STALE);
    assert_int_equal(csrf_check(session, METHOD_POST, "/back", NOW, STR(""), NULL), CSRF_REFUSED);
    for (size_t i = 0; i < CSRF_TEXT_BYTES; i++) {
        char bent[CSRF_TEXT_BYTES + 1];
        memcpy(bent, text, sizeof bent);
        bent[i] = bent[i] == '0' ? '1' : '0';
        assert_int_equal(csrf_check(session, METHOD_POST, "/back", NOW, str_of(bent), NULL),
                         CSRF_REFUSED);
    }
}

static struct budgets *budgets_of(enum budget budget, struct budget_limit limit)
{
    struct budget_limits limits = BUDGET_OFF;
    struct budgets *b = NULL;
    limits.of[budget] = limit;
    assert_int_equal(budget_new(&limits, &b), ERR_OK);
    return b;
}

static void a_visitor_is_held_to_the_hour(void **state)
{
    (void)state;
    struct budgets *b = budgets_of(BUDGET_RAISE, (struct budget_limit){.each = 6, .epochs = 6});
    struct budget_peer one;
    struct budget_peer two;
    uint32_t wait = 0;
    budget_peer_of(b, STR("\x0A\x01\x02"), NOW, &one);
    budget_peer_of(b, STR("\x0A\x01\x03"), NOW, &two);
    for (int i = 0; i < 6; i++)
        assert_true(budget_take(b, &one, BUDGET_RAISE, 1, NOW, &wait));
    assert_false(budget_take(b, &one, BUDGET_RAISE, 1, NOW, &wait));
    assert_true(wait >= 1 && wait <= 601);
    assert_true(budget_take(b, &two, BUDGET_RAISE, 1, NOW, &wait));
    /* Another budget is another purse. */
    assert_true(budget_take(b, &one, BUDGET_READ, 1000, NOW, &wait));
    /* The key was renewed; a new connection is still known for the hour, and no longer. */
    int64_t later = NOW + 40 * US_PER_MINUTE;
    budget_peer_of(b, STR("\x0A\x01\x02"), later, &one);
    assert_false(budget_take(b, &one, BUDGET_RAISE, 1, later, &wait));
    later = NOW + 70 * US_PER_MINUTE;
    budget_peer_of(b, STR("\x0A\x01\x02"), later, &one);
    assert_true(budget_take(b, &one, BUDGET_RAISE, 1, later, &wait));
    budget_free(b);
}

static void nobody_in_particular_is_held_to_no_purse(void **state)
{
    (void)state;
    struct budgets *b =
        budgets_of(BUDGET_RAISE, (struct budget_limit){.each = 2, .epochs = 1, .all = 10});
    struct budget_peer peer;
    uint32_t wait = 0;
    int64_t now = NOW - NOW % US_PER_MINUTE;
    budget_peer_of(b, STR(""), now, &peer);
    for (int i = 0; i < 10; i++)
        assert_true(budget_take(b, &peer, BUDGET_RAISE, 1, now, &wait));
    assert_false(budget_take(b, &peer, BUDGET_RAISE, 1, now, &wait));
    budget_free(b);
}

static void everybody_together_is_held_to_the_minute(void **state)
{
    (void)state;
    struct budgets *b = budgets_of(BUDGET_RAISE, (struct budget_limit){.epochs = 1, .all = 3});
    struct budget_peer peer = {.epoch = 0};
    uint32_t wait = 0;
    int64_t now = NOW - NOW % US_PER_MINUTE;
    for (int i = 0; i < 3; i++)
        assert_true(budget_take(b, &peer, BUDGET_RAISE, 1, now, &wait));
    assert_false(budget_take(b, &peer, BUDGET_RAISE, 1, now, &wait));
    assert_int_equal(wait, 61);
    assert_true(budget_take(b, &peer, BUDGET_RAISE, 1, now + US_PER_MINUTE, &wait));
    budget_free(b);
}

static void a_flood_of_addresses_takes_no_memory_and_stops_nobody(void **state)
{
    (void)state;
    struct budgets *b = budgets_of(BUDGET_CODE, (struct budget_limit){.each = 1, .epochs = 1});
    uint32_t wait = 0;
    for (uint32_t i = 0; i < 200000; i++) {
        struct budget_peer peer = {.epoch = NOW / BUDGET_EPOCH_US};
        peer.hash[0] = (uint64_t)i * UINT64_C(0x9E3779B97F4A7C15) + 1;
        assert_true(budget_take(b, &peer, BUDGET_CODE, 1, NOW, &wait));
    }
    budget_free(b);
}

/* On one connection, whose address was reduced when it came. */
static void a_connection_that_stays_open_is_held_to_the_hour_too(void **state)
{
    (void)state;
    struct budgets *b = budgets_of(BUDGET_RAISE, (struct budget_limit){.each = 3, .epochs = 6});
    struct budget_peer peer;
    uint32_t wait = 0;
    budget_peer_of(b, STR("\x0A\x01\x02"), NOW, &peer);
    for (int64_t i = 0; i < 3; i++)
        assert_true(budget_take(b, &peer, BUDGET_RAISE, 1, NOW + i * 10 * US_PER_MINUTE, &wait));
    assert_false(budget_take(b, &peer, BUDGET_RAISE, 1, NOW + 40 * US_PER_MINUTE, &wait));
    assert_true(budget_take(b, &peer, BUDGET_RAISE, 1, NOW + 65 * US_PER_MINUTE, &wait));
    budget_free(b);
}

static void after_a_quiet_night_a_visitor_is_new(void **state)
{
    (void)state;
    struct budgets *b = budgets_of(BUDGET_RAISE, (struct budget_limit){.each = 1, .epochs = 6});
    struct budget_peer before;
    struct budget_peer after;
    uint32_t wait = 0;
    int64_t later = NOW + 10 * US_PER_HOUR;
    budget_peer_of(b, STR("\x0A\x01\x02"), NOW, &before);
    assert_true(budget_take(b, &before, BUDGET_RAISE, 1, NOW, &wait));
    budget_peer_of(b, STR("\x0A\x01\x02"), later, &after);
    assert_int_equal(after.epoch, later / BUDGET_EPOCH_US);
    for (size_t i = 0; i < BUDGET_EPOCHS; i++) /* no key of the evening is left */
        for (size_t k = 0; k < BUDGET_EPOCHS; k++)
            assert_true(after.hash[i] != before.hash[k]);
    assert_true(budget_take(b, &after, BUDGET_RAISE, 1, later, &wait));
    /* A clock that was put back stops nobody. */
    for (int i = 0; i < 5; i++)
        assert_true(budget_take(b, &after, BUDGET_RAISE, 1, NOW, &wait));
    budget_free(b);
}

/* Sixteen thousand strangers find room among what is old. */
static void the_oldest_make_room_first(void **state)
{
    (void)state;
    struct budgets *b = budgets_of(BUDGET_CODE, (struct budget_limit){.each = 2, .epochs = 1});
    uint32_t wait = 0;
    uint64_t n = 1;
    for (int i = 0; i < 100000; i++) {
        struct budget_peer old = {.hash[0] = n++ * UINT64_C(0x9E3779B97F4A7C15)};
        assert_true(budget_take(b, &old, BUDGET_CODE, 1 + (uint32_t)i % 2, NOW, &wait));
    }
    int64_t later = NOW + 10 * US_PER_MINUTE;
    struct budget_peer known = {.hash[0] = 4711};
    assert_true(budget_take(b, &known, BUDGET_CODE, 2, later, &wait));
    for (int i = 0; i < 16000; i++) {
        struct budget_peer stranger = {.hash[0] = n++ * UINT64_C(0x9E3779B97F4A7C15)};
        assert_true(budget_take(b, &stranger, BUDGET_CODE, 1, later, &wait));
    }
    assert_false(budget_take(b, &known, BUDGET_CODE, 1, later, &wait));
    budget_free(b);
}

static int start(void **state)
{
    (void)state;
    return crypt_init() == ERR_OK ? 0 : -1;
}

static const struct CMUnitTest TESTS[] = {
    cmocka_unit_test(a_cookie_is_found_once_or_not_at_all),
    cmocka_unit_test(a_token_is_good_for_its_own_form_only),
    cmocka_unit_test(a_visitor_is_held_to_the_hour),
    cmocka_unit_test(nobody_in_particular_is_held_to_no_purse),
    cmocka_unit_test(everybody_together_is_held_to_the_minute),
    cmocka_unit_test(a_flood_of_addresses_takes_no_memory_and_stops_nobody),
    cmocka_unit_test(a_connection_that_stays_open_is_held_to_the_hour_too),
    cmocka_unit_test(after_a_quiet_night_a_visitor_is_new),
    cmocka_unit_test(the_oldest_make_room_first),
};

int main(void)
{
    return cmocka_run_group_tests(TESTS, start, NULL);
}
