/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Passwords that are changed and accounts that begin anew, through the server. */
#include "base/instant.h"
#include "base/mem.h"
#include "door.h"
#include "people/account.h"
#include "spine/house.h"

#define ACCOUNT "/desk/account"
#define NEW_SENT "a+boat+under+the+willow"

static void wang_in(struct browser *b, const char *password, int status)
{
    tick(60);
    sign_in(b, "wang", password, code_now(clerk.seed));
    assert_int_equal(r.status, status);
}

static void change(struct browser *b, const char *old, const char *fresh, const char *again,
                   int status)
{
    char fields[300];
    tick(60);
    (void)snprintf(fields, sizeof fields, "old=%s&second=%s&password=%s&again=%s", old,
                   code_now(clerk.seed), fresh, again);
    send_form(b, ACCOUNT, ACCOUNT "/password", fields);
    if (r.status != status)
        fail_msg("%s: %d\n" STR_FMT, fields, r.status, STR_ARG(r.body));
}

/* ---- one's own password --------------------------------------------------------------------- */

static void a_new_password_is_held_to_the_rules(void **state)
{
    (void)state;
    struct browser b = {0};
    wang_in(&b, PASSWORD_SENT, 303);
    change(&b, PASSWORD_SENT, "short", "short", 422);
    assert_true(answer_has(&r, "at least 15 characters"));
    change(&b, PASSWORD_SENT, "passwordpassword1", "passwordpassword1", 422);
    assert_true(answer_has(&r, "among the first"));
    change(&b, PASSWORD_SENT, NEW_SENT, "a+boat+under+the+willows", 422);
    assert_true(answer_has(&r, "not the same"));
    assert_false(answer_has(&r, "willow"));
    change(&b, PASSWORD_SENT, "", "", 422);
    assert_int_equal(told("type officer.password_changed"), 0);
}

static void wrong_old_passwords_count_as_they_do_at_the_door(void **state)
{
    (void)state;
    struct browser b = {0};
    wang_in(&b, PASSWORD_SENT, 303);
    for (int i = 0; i < 5; i++) {
        change(&b, "not+the+right+one", NEW_SENT, NEW_SENT, 422);
        assert_true(answer_has(&r, "do not fit"));
    }
    /* A wrong second factor, too; and now even the right words must wait, here and at the door. */
    send_form(&b, ACCOUNT, ACCOUNT "/password",
              "old=" PASSWORD_SENT "&second=000000&password=" NEW_SENT "&again=" NEW_SENT);
    assert_int_equal(r.status, 422);
    tick(1);
    char fields[300];
    (void)snprintf(fields, sizeof fields,
                   "old=" PASSWORD_SENT "&second=%s&password=" NEW_SENT "&again=" NEW_SENT,
                   code_now(clerk.seed));
    send_form(&b, ACCOUNT, ACCOUNT "/password", fields);
    assert_int_equal(r.status, 422);
    sign_in(&b, "wang", PASSWORD_SENT, code_now(clerk.seed));
    assert_int_equal(r.status, 422);
    assert_int_equal(told("type officer.password_changed"), 0);
    tick(20 * 60);
}

static void a_new_password_ends_the_other_sessions(void **state)
{
    (void)state;
    struct browser here = {0};
    struct browser there = {0};
    struct browser fresh = {0};
    wang_in(&here, PASSWORD_SENT, 303);
    wang_in(&there, PASSWORD_SENT, 303);
    change(&here, PASSWORD_SENT, NEW_SENT, NEW_SENT, 200);
    assert_true(answer_has(&r, "Your password is changed"));
    assert_int_equal(told("type officer.password_changed"), 1);
    go(&here, ACCOUNT);
    assert_int_equal(r.status, 200);
    go(&there, ACCOUNT);
    assert_int_equal(r.status, 303);
    wang_in(&fresh, PASSWORD_SENT, 422);
    wang_in(&fresh, NEW_SENT, 303);
}

/* Between the try in the slow pool and the writer the password became another one. */
static enum err enter_job(struct tx *tx, void *ctx)
{
    return account_enter(tx, ctx);
}

static void a_sign_in_that_tried_the_password_of_before_is_refused(void **state)
{
    (void)state;
    struct err_info info = {0};
    struct passed p = {.officer = clerk.id, .passhash = str_of(clerk.hash)};
    p.step = totp_step_of(instant_now()) + 10;
    assert_int_equal(writer_call(house->writer, enter_job, &p, &info), ERR_REFUSED);
    p = (struct passed){.officer = clerk.id,
                        .passhash = str_of(clerk.hash),
                        .step = -1,
                        .recovery_before = STR(""),
                        .recovery_after = STR("")};
    assert_int_equal(writer_call(house->writer, enter_job, &p, &info), ERR_REFUSED);
}

static int open_with_admin(void **state)
{
    int failed = door_open(state);
    if (failed == 0)
        enrol(clerk.invite, ADMIN_SENT, admin_seed);
    return failed;
}

static const struct CMUnitTest TESTS[] = {
    cmocka_unit_test(a_new_password_is_held_to_the_rules),
    cmocka_unit_test(wrong_old_passwords_count_as_they_do_at_the_door),
    cmocka_unit_test(a_new_password_ends_the_other_sessions),
    cmocka_unit_test(a_sign_in_that_tried_the_password_of_before_is_refused),
};

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    (void)snprintf(door_packs, sizeof door_packs, "%s", argv[1]);
    return cmocka_run_group_tests(TESTS, open_with_admin, door_close);
}
