/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The staff's door, from the first administrator's link to a closed account, through the server. */
#define _XOPEN_SOURCE 700
#include "base/instant.h"
#include "base/mem.h"
#include "door.h"
#include "people/account.h"
#include "people/password.h"
#include "people/throttle.h"
#include "spine/house.h"
#include "spine/verb.h"

#include <unistd.h>

static void a_clerk_signs_in_and_out(void **state)
{
    (void)state;
    struct browser b = {0};
    tick(60);
    go(&b, "/desk/account");
    assert_int_equal(r.status, 303);
    check_str(answer_header(&r, "Location"), "/sign-in");
    sign_in(&b, "wang", PASSWORD_SENT, code_now(clerk.seed));
    assert_int_equal(r.status, 303);
    check_str(answer_header(&r, "Location"), "/desk");
    assert_true(b.officer[0] != '\0');
    go(&b, "/desk/account");
    assert_int_equal(r.status, 200);
    assert_true(answer_has(&r, "Front desk"));
    /* No door of the administrator. */
    go(&b, "/admin");
    assert_int_equal(r.status, 404);
    char before[100];
    memcpy(before, b.officer, sizeof before);
    send_form(&b, "/desk/account", "/desk/sign-out", "");
    assert_int_equal(r.status, 303);
    memcpy(b.officer, before, sizeof before);
    go(&b, "/desk/account");
    assert_int_equal(r.status, 303);
}

static void whatever_is_wrong_looks_the_same(void **state)
{
    (void)state;
    static const struct {
        const char *login;
        const char *password;
        bool right_code;
    } CASES[] = {{"wang", "wrong+password+altogether", true},
                 {"nobody", PASSWORD_SENT, true},
                 {"wang", PASSWORD_SENT, false},
                 {"admin", PASSWORD_SENT, true}};
    size_t length = 0;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct browser b = {0};
        tick(60);
        sign_in(&b, CASES[i].login, CASES[i].password,
                CASES[i].right_code ? code_now(clerk.seed) : "000000");
        assert_int_equal(r.status, 422);
        assert_true(answer_has(&r, "do not fit together"));
        assert_string_equal(b.officer, "");
        /* The same page but for the login that was typed. */
        size_t now = r.body.len - strlen(CASES[i].login);
        assert_true(length == 0 || length == now);
        length = now;
    }
}

static void a_second_factor_is_good_once(void **state)
{
    (void)state;
    struct browser one = {0};
    struct browser two = {0};
    tick(60);
    char code[TOTP_DIGITS + 1];
    memcpy(code, code_now(clerk.seed), sizeof code);
    sign_in(&one, "wang", PASSWORD_SENT, code);
    assert_int_equal(r.status, 303);
    sign_in(&two, "wang", PASSWORD_SENT, code);
    assert_int_equal(r.status, 422);
    assert_string_equal(two.officer, "");
}

static void strangers_do_not_lock_out_a_known_device(void **state)
{
    (void)state;
    struct browser mine = {0};
    struct browser stranger = {0};
    tick(60);
    sign_in(&mine, "wang", PASSWORD_SENT, code_now(clerk.seed));
    assert_int_equal(r.status, 303);
    assert_true(mine.device[0] != '\0');
    mine.officer[0] = '\0';
    for (int i = 0; i < 6; i++) {
        sign_in(&stranger, "wang", "guessing", "000000");
        assert_int_equal(r.status, 422);
    }
    tick(1);
    /* Even the right words do not help the stranger now; the known browser gets in. */
    sign_in(&stranger, "wang", PASSWORD_SENT, code_now(clerk.seed));
    assert_int_equal(r.status, 422);
    tick(30);
    struct browser known = mine;
    sign_in(&known, "wang", PASSWORD_SENT, code_now(clerk.seed));
    assert_int_equal(r.status, 303);
    tick(20 * 60);
    sign_in(&stranger, "wang", PASSWORD_SENT, code_now(clerk.seed));
    assert_int_equal(r.status, 303);
}

/* ---- the first administrator ---------------------------------------------------------------- */

static void the_first_link_makes_the_administrator(void **state)
{
    (void)state;
    struct browser b = {0};
    char path[100];
    char fields[200];
    char recovery[20];
    tick(60);
    (void)snprintf(path, sizeof path, "/sign-in/invite/%s", clerk.invite);
    account_invite_seed(house, str_of(clerk.invite), admin_seed);
    /* Weak words and wrong digits are told together. */
    send_form(&b, path, path, "password=passwordpassword1&second=000000");
    assert_int_equal(r.status, 422);
    assert_true(answer_has(&r, "among the first"));
    assert_true(answer_has(&r, "do not fit"));
    (void)snprintf(fields, sizeof fields, "password=a+lantern+over+the+bridge&second=%s",
                   code_now(admin_seed));
    send_form(&b, path, path, fields);
    assert_int_equal(r.status, 200);
    pick("<li><code>", "</code>", recovery, sizeof recovery);
    assert_int_equal(strlen(recovery), 11);
    /* The link is used up. */
    go(&b, path);
    assert_int_equal(r.status, 422);
    assert_true(answer_has(&r, "used already"));
    tick(60);
    sign_in(&b, "admin", "a+lantern+over+the+bridge", code_now(admin_seed));
    assert_int_equal(r.status, 303);
    check_str(answer_header(&r, "Location"), "/admin");
    /* A recovery code stands for the second factor, once. */
    struct browser other = {0};
    tick(60);
    sign_in(&other, "admin", "a+lantern+over+the+bridge", recovery);
    assert_int_equal(r.status, 303);
    struct browser third = {0};
    sign_in(&third, "admin", "a+lantern+over+the+bridge", recovery);
    assert_int_equal(r.status, 422);
}

static void the_administrator_sets_up_staff(void **state)
{
    (void)state;
    struct browser b = {0};
    char invite[80];
    admin_in(&b);
    send_form(&b, "/admin", "/admin/offices",
              "code=town.school&parent=house&name_en=School&name_zh=%E5%AD%A6%E6%A0%A1");
    assert_int_equal(r.status, 303);
    go(&b, "/admin");
    assert_true(answer_has(&r, "town.school"));
    send_form(&b, "/admin", "/admin/officers", "login=Li.Ming&name=Li+Ming&lang_of=en");
    assert_int_equal(r.status, 422);
    send_form(&b, "/admin", "/admin/officers", "login=li.ming&name=Li+Ming&lang_of=en");
    assert_int_equal(r.status, 200);
    pick("<code>/sign-in/invite/", "</code>", invite, sizeof invite);
    assert_int_equal(strlen(invite), 32);
    send_form(&b, "/admin", "/admin/officers", "login=li.ming&name=Twin&lang_of=en");
    assert_int_equal(r.status, 422);
    assert_true(answer_has(&r, "Twin"));
    send_form(&b, "/admin/officer/li.ming", "/admin/officer/li.ming/post",
              "office=town.school&post=handler&from=2026-01-01&to=");
    assert_int_equal(r.status, 303);
    go(&b, "/admin/officer/li.ming");
    assert_true(answer_has(&r, "School"));
    assert_true(answer_has(&r, "Handler"));
    send_form(&b, "/admin/officer/li.ming", "/admin/officer/li.ming/end",
              "post=town.school%2Fhandler&from=2026-01-01");
    assert_int_equal(r.status, 303);
    go(&b, "/admin/officer/li.ming");
    assert_true(answer_has(&r, "No post."));
    go(&b, "/admin/officer/nobody");
    assert_int_equal(r.status, 404);
    /* Five minutes later a change asks for password and second factor again. */
    tick(6 * 60);
    send_form(&b, "/admin", "/admin/officers", "login=zhao&name=Zhao&lang_of=en");
    assert_int_equal(r.status, 401);
    go(&b, "/admin/officer/zhao");
    assert_int_equal(r.status, 404);
}

static void a_post_is_lent_for_a_span_and_taken_back(void **state)
{
    (void)state;
    struct browser b = {0};
    struct browser admin = {0};
    char fields[300];
    CLEANUP(buf_done) struct buf day;
    buf_init(&day, 64);
    admin_in(&admin);
    tick(60);
    sign_in(&b, "wang", PASSWORD_SENT, code_now(clerk.seed));
    assert_int_equal(r.status, 303);
    day_format(house_day(house, instant_now()), &day);
    (void)snprintf(fields, sizeof fields,
                   "post=town.desk%%2Fdesk&stand_in=li.ming&from=" STR_FMT "&to=" STR_FMT,
                   STR_ARG(buf_view(&day)), STR_ARG(buf_view(&day)));
    send_form(&b, "/desk/account", "/desk/account/delegate", fields);
    assert_int_equal(r.status, 303);
    go(&b, "/desk/account");
    assert_true(answer_has(&r, "Li Ming"));
    go(&admin, "/admin/officer/li.ming");
    assert_true(answer_has(&r, "stands in for Wang"));
    /* What one does not hold, one cannot lend. */
    (void)snprintf(fields, sizeof fields,
                   "post=house%%2Fadmin&stand_in=li.ming&from=" STR_FMT "&to=" STR_FMT,
                   STR_ARG(buf_view(&day)), STR_ARG(buf_view(&day)));
    send_form(&b, "/desk/account", "/desk/account/delegate", fields);
    assert_int_equal(r.status, 422);
    (void)snprintf(fields, sizeof fields, "post=town.desk%%2Fdesk&stand_in=li.ming&from=" STR_FMT,
                   STR_ARG(buf_view(&day)));
    send_form(&b, "/desk/account", "/desk/account/end", fields);
    assert_int_equal(r.status, 303);
    go(&admin, "/admin/officer/li.ming");
    assert_true(answer_has(&r, "No post."));
}

static void a_token_is_shown_once_and_ends(void **state)
{
    (void)state;
    struct browser b = {0};
    char token[PEOPLE_TOKEN_BYTES];
    struct hash hash;
    struct who who = {.officer = {0}};
    struct err_info info = {0};
    struct db *db = NULL;
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 1 << 20);
    tick(60);
    sign_in(&b, "wang", PASSWORD_SENT, code_now(clerk.seed));
    send_form(&b, "/desk/account", "/desk/account/token", "label=counter&days=30");
    assert_int_equal(r.status, 200);
    pick("<code>", "</code>", token, sizeof token);
    crypt_sha256(token, strlen(token), &hash);
    assert_int_equal(readers_take(house->readers, &db, &info), ERR_OK);
    assert_int_equal(auth.token(auth.env, db, &a, hash.b, instant_now(), &who), ERR_OK);
    assert_int_equal(who.officer.v, clerk.id.v);
    assert_true(who.by_token);
    assert_int_equal(who.verbs, verb_of_post(POST_DESK));
    assert_int_equal(auth.token(auth.env, db, &a, hash.b, instant_now() + 31 * US_PER_DAY, &who),
                     ERR_NOT_FOUND);
    readers_give(house->readers, db);
    go(&b, "/desk/account");
    assert_false(answer_has(&r, token));
    send_form(&b, "/desk/account", "/desk/account/revoke", "id=1");
    assert_int_equal(r.status, 303);
    assert_int_equal(readers_take(house->readers, &db, &info), ERR_OK);
    assert_int_equal(auth.token(auth.env, db, &a, hash.b, instant_now(), &who), ERR_NOT_FOUND);
    readers_give(house->readers, db);
}

static void a_closed_account_is_out_at_once(void **state)
{
    (void)state;
    struct browser b = {0};
    struct browser admin = {0};
    admin_in(&admin);
    tick(60);
    sign_in(&b, "wang", PASSWORD_SENT, code_now(clerk.seed));
    go(&b, "/desk/account");
    assert_int_equal(r.status, 200);
    send_form(&admin, "/admin/officer/wang", "/admin/officer/wang/close", "");
    assert_int_equal(r.status, 303);
    go(&b, "/desk/account");
    assert_int_equal(r.status, 303);
    tick(60);
    sign_in(&b, "wang", PASSWORD_SENT, code_now(clerk.seed));
    assert_int_equal(r.status, 422);
}

static void sessions_end_by_idling_and_by_age(void **state)
{
    (void)state;
    struct browser b = {0};
    admin_in(&b);
    tick(29 * 60);
    go(&b, "/admin");
    assert_int_equal(r.status, 200);
    usleep(200000); /* its use is written down behind the answer */
    tick(29 * 60);
    go(&b, "/admin");
    assert_int_equal(r.status, 200);
    tick(31 * 60);
    go(&b, "/admin");
    assert_int_equal(r.status, 303);
    admin_in(&b);
    for (int i = 0; i < 21; i++) {
        tick(28 * 60);
        go(&b, "/admin");
        assert_int_equal(r.status, 200);
        usleep(100000);
    }
    tick(28 * 60);
    go(&b, "/admin");
    assert_int_equal(r.status, 303);
}

/* ---- words ---------------------------------------------------------------------------------- */

static void passwords_that_everybody_tries_are_refused(void **state)
{
    (void)state;
    static const char *const BAD[] = {"short",
                                      "passwordpassword",
                                      "Password123456789",
                                      "aaaaaaaaaaaaaaaa",
                                      "123123123123123",
                                      "abcdefghijklmnopq",
                                      "wangwangwangwang1",
                                      "qwertyuiopasdfghjkl",
                                      "Admin-2026-Admin",
                                      "987654321098765",
                                      "iloveyou iloveyou"};
    static const char *const GOOD[] = {"the stairs at gate four",
                                       "件件有着落，事事有回音，人人可查验", "xK9vQ2mR7tLpW4z",
                                       "a lantern over the bridge"};
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        if (password_fault(str_of(BAD[i]), STR("wang"), STR("Wang")) == NULL)
            fail_msg("\"%s\" was taken", BAD[i]);
    }
    for (size_t i = 0; i < sizeof GOOD / sizeof GOOD[0]; i++) {
        const char *key = password_fault(str_of(GOOD[i]), STR("wang"), STR("Wang"));
        if (key != NULL)
            fail_msg("\"%s\": %s", GOOD[i], key);
    }
}

static const struct CMUnitTest TESTS[] = {
    cmocka_unit_test(passwords_that_everybody_tries_are_refused),
    cmocka_unit_test(a_clerk_signs_in_and_out),
    cmocka_unit_test(whatever_is_wrong_looks_the_same),
    cmocka_unit_test(a_second_factor_is_good_once),
    cmocka_unit_test(strangers_do_not_lock_out_a_known_device),
    cmocka_unit_test(the_first_link_makes_the_administrator),
    cmocka_unit_test(the_administrator_sets_up_staff),
    cmocka_unit_test(a_post_is_lent_for_a_span_and_taken_back),
    cmocka_unit_test(a_token_is_shown_once_and_ends),
    cmocka_unit_test(a_closed_account_is_out_at_once),
    cmocka_unit_test(sessions_end_by_idling_and_by_age),
};

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    (void)snprintf(door_packs, sizeof door_packs, "%s", argv[1]);
    return cmocka_run_group_tests(TESTS, door_open, door_close);
}
