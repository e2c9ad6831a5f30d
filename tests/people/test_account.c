/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Passwords that are changed and accounts that begin anew, through the server. */
#include "base/instant.h"
#include "base/mem.h"
#include "db/writer.h"
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

/* ---- an account begins anew ----------------------------------------------------------------- */

#define WANG "/admin/officer/wang"
#define ZHOU_SENT "seven+lamps+on+the+quay"

enum { WEEK_S = 7 * 24 * 3600 + 60 };

static struct browser admin;
static struct browser second;
static unsigned char second_seed[TOTP_SEED_BYTES];
static struct officer_id first_id;
static struct officer_id second_id;
static struct officer_id late_id;

static void second_in(void)
{
    tick(60);
    sign_in(&second, "zhou", ZHOU_SENT, code_now(second_seed));
    assert_int_equal(r.status, 303);
}

/* An officer with an account in use and, with `post`, an administrator. */
static struct officer_id add(const char *login, const char *password, bool post,
                             unsigned char ret_seed[TOTP_SEED_BYTES])
{
    static int64_t last = 2; /* the administrator and the clerk */
    char invite[80];
    char fields[200];
    char path[100];
    admin_in(&admin);
    (void)snprintf(fields, sizeof fields, "login=%s&name=%s&lang_of=en", login, login);
    send_form(&admin, "/admin", "/admin/officers", fields);
    assert_int_equal(r.status, 200);
    pick("<code>/sign-in/invite/", "</code>", invite, sizeof invite);
    if (password != NULL)
        enrol(invite, password, ret_seed);
    (void)snprintf(path, sizeof path, "/admin/officer/%s", login);
    (void)snprintf(fields, sizeof fields, "%s/post", path);
    if (post) {
        send_form(&admin, path, fields, "office=house&post=admin&from=2026-01-01&to=");
        assert_int_equal(r.status, 303);
    }
    return (struct officer_id){++last};
}

struct reset_job {
    struct officer_id officer;
    struct officer_id by;
    char text[PEOPLE_INVITE_BYTES];
};

static enum err ask_job(struct tx *tx, void *ctx)
{
    const struct reset_job *j = ctx;
    return people_reset_ask(tx, j->officer, j->by);
}

static enum err confirm_job(struct tx *tx, void *ctx)
{
    struct reset_job *j = ctx;
    return people_reset(tx, j->officer, j->by, j->text);
}

/* What the use case says when the page offers no such button; NULL when it was done. */
static const char *says(writer_fn *job, struct officer_id officer, struct officer_id by)
{
    static struct err_info info;
    struct reset_job j = {.officer = officer, .by = by};
    info = (struct err_info){0};
    return writer_call(house->writer, job, &j, &info) == ERR_OK ? NULL : info.key;
}

static void an_administrator_alone_cannot_ask_for_it(void **state)
{
    (void)state;
    admin_in(&admin);
    send_form(&admin, WANG, WANG "/reset", "");
    assert_int_equal(r.status, 422);
    assert_true(answer_has(&r, "less than seven days"));
    tick(WEEK_S);
    admin_in(&admin);
    send_form(&admin, WANG, WANG "/reset", "");
    assert_int_equal(r.status, 422);
    assert_true(answer_has(&r, "Nobody can do this alone"));
    /* An administrator who never set a password is nobody who could confirm. */
    (void)add("sleeper", NULL, true, NULL);
    send_form(&admin, WANG, WANG "/reset", "");
    assert_int_equal(r.status, 422);
    assert_int_equal(told("type officer.reset"), 0);
    wang_in(&second, NEW_SENT, 303);
    memset(&second, 0, sizeof second);
}

static void two_administrators_let_an_account_begin_anew(void **state)
{
    (void)state;
    struct browser mine = {0};
    unsigned char late_seed[TOTP_SEED_BYTES];
    char invite[80];
    char again[400];
    second_id = add("zhou", ZHOU_SENT, true, second_seed);
    /* A second account made up for the purpose waits a week in the open, whoever asks of the two;
       a first day typed in the past makes it no older. */
    assert_string_equal(says(ask_job, clerk.id, first_id), "people.reset.alone");
    assert_string_equal(says(ask_job, clerk.id, second_id), "people.reset.young");
    assert_int_equal(told("type officer.reset_asked"), 0);
    tick(WEEK_S);
    wang_in(&mine, NEW_SENT, 303);
    send_form(&mine, ACCOUNT, ACCOUNT "/token", "label=counter&days=30");
    assert_int_equal(r.status, 200);
    admin_in(&admin);
    send_form(&admin, WANG, WANG "/reset", "");
    assert_int_equal(r.status, 303);
    assert_int_equal(told("type officer.reset_asked"), 1);
    /* Nothing has happened yet; the one who asked gets no button, the officer is told. */
    go(&admin, WANG);
    assert_true(answer_has(&r, "<li>zhou</li>"));
    assert_false(answer_has(&r, "reset-confirm"));
    go(&mine, ACCOUNT);
    assert_true(answer_has(&r, "has asked that your account begin anew"));
    assert_string_equal(says(ask_job, clerk.id, second_id), "people.reset.waits");
    assert_string_equal(says(confirm_job, clerk.id, first_id), "people.reset.same");
    assert_string_equal(says(confirm_job, clerk.id, clerk.id), "people.reset.own");
    /* An administrator made up for the purpose comes too late. */
    late_id = add("late", "nine+kites+over+the+dam", true, late_seed);
    assert_string_equal(says(confirm_job, clerk.id, late_id), "people.reset.later");
    assert_string_equal(says(ask_job, first_id, late_id), "people.reset.young");
    second_in();
    send_form(&second, WANG, WANG "/reset-confirm", "");
    assert_int_equal(r.status, 200);
    pick("<code>/sign-in/invite/", "</code>", invite, sizeof invite);
    assert_int_equal(told("type officer.reset\n"), 1);
    go(&mine, ACCOUNT);
    assert_int_equal(r.status, 303);
    wang_in(&mine, NEW_SENT, 422);
    assert_string_equal(says(confirm_job, clerk.id, second_id), "people.reset.gone");
    /* The link is the confirmer's: who asked cannot make one behind it. */
    admin_in(&admin);
    send_form(&admin, WANG, WANG "/invite", "");
    assert_int_equal(r.status, 422);
    assert_true(answer_has(&r, "Only the administrator who confirmed"));
    send_form(&second, WANG, WANG "/invite", "");
    assert_int_equal(r.status, 200);
    pick("<code>/sign-in/invite/", "</code>", invite, sizeof invite);
    enrol(invite, "a+third+sentence+of+wang", clerk.seed);
    wang_in(&mine, "a+third+sentence+of+wang", 303);
    go(&mine, ACCOUNT);
    assert_false(answer_has(&r, "has asked that"));
    assert_false(answer_has(&r, "counter"));
    (void)snprintf(again, sizeof again, "/sign-in/invite/%s", invite);
    go(&mine, again);
    assert_int_equal(r.status, 422);
}

static void what_is_asked_for_runs_out(void **state)
{
    (void)state;
    admin_in(&admin);
    send_form(&admin, WANG, WANG "/reset", "");
    assert_int_equal(r.status, 303);
    assert_string_equal(says(confirm_job, clerk.id, late_id), "people.reset.later");
    tick(71 * 3600);
    second_in();
    go(&second, WANG);
    assert_true(answer_has(&r, "reset-confirm"));
    tick(2 * 3600);
    assert_string_equal(says(confirm_job, clerk.id, second_id), "people.reset.gone");
    second_in();
    go(&second, WANG);
    assert_false(answer_has(&r, "reset-confirm"));
    /* It can be asked for again, a week later also with the third. */
    tick(WEEK_S);
    second_in();
    send_form(&second, WANG, WANG "/reset", "");
    assert_int_equal(r.status, 303);
    assert_null(says(confirm_job, clerk.id, late_id));
    assert_int_equal(told("type officer.reset_asked"), 3);
    assert_int_equal(told("type officer.reset\n"), 2);
    /* Its link is lost and who confirmed is away: two can begin it once more, not one. */
    assert_null(says(ask_job, clerk.id, second_id));
    send_form(&second, WANG, WANG "/invite", "");
    assert_int_equal(r.status, 422);
    assert_string_equal(says(confirm_job, clerk.id, second_id), "people.reset.same");
    assert_null(says(confirm_job, clerk.id, first_id));
    assert_int_equal(told("type officer.reset\n"), 3);
}

static void who_is_an_administrator_no_more_cannot_confirm(void **state)
{
    (void)state;
    second_in();
    assert_null(says(ask_job, first_id, second_id));
    assert_string_equal(says(confirm_job, first_id, first_id), "people.reset.own");
    send_form(&second, "/admin/officer/late", "/admin/officer/late/end",
              "post=house%2Fadmin&from=2026-01-01");
    assert_int_equal(r.status, 303);
    assert_string_equal(says(confirm_job, first_id, late_id), "people.reset.later");
    go(&second, "/admin/officer/admin");
    assert_true(answer_has(&r, "It will run out"));
    /* A closed account is asked for no more. */
    send_form(&second, "/admin/officer/admin", "/admin/officer/admin/close", "");
    assert_int_equal(r.status, 303);
    assert_string_equal(says(confirm_job, first_id, second_id), "people.reset.gone");
    assert_string_equal(says(ask_job, first_id, second_id), "people.reset.not_enrolled");
    go(&second, "/admin/officer/nobody");
    assert_int_equal(r.status, 404);
}

static int open_with_admin(void **state)
{
    int failed = door_open(state);
    if (failed != 0)
        return failed;
    enrol(clerk.invite, ADMIN_SENT, admin_seed);
    first_id = (struct officer_id){1};
    return 0;
}

static const struct CMUnitTest TESTS[] = {
    cmocka_unit_test(a_new_password_is_held_to_the_rules),
    cmocka_unit_test(wrong_old_passwords_count_as_they_do_at_the_door),
    cmocka_unit_test(a_new_password_ends_the_other_sessions),
    cmocka_unit_test(a_sign_in_that_tried_the_password_of_before_is_refused),
    cmocka_unit_test(an_administrator_alone_cannot_ask_for_it),
    cmocka_unit_test(two_administrators_let_an_account_begin_anew),
    cmocka_unit_test(what_is_asked_for_runs_out),
    cmocka_unit_test(who_is_an_administrator_no_more_cannot_confirm),
};

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    (void)snprintf(door_packs, sizeof door_packs, "%s", argv[1]);
    return cmocka_run_group_tests(TESTS, open_with_admin, door_close);
}
