/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The staff's door, from the first administrator's link to a closed account, through the server. */
#define _XOPEN_SOURCE 700
#include "base/instant.h"
#include "base/mem.h"
#include "http/session.h"
#include "lib/oath/totp.h"
#include "people/account.h"
#include "people/password.h"
#include "people/people.h"
#include "people/throttle.h"
#include "spine/office.h"
#include "tests/check.h"
#include "tests/http/loopback.h"
#include "trust/open.h"

#include <ftw.h>
#include <unistd.h>

#define PASSWORD "the stairs at gate four"

static char folder[] = "/tmp/huiyin-people-XXXXXX";
static struct open_house *opened;
static struct house *house;
static struct auth auth;
static struct loopback lb;
static struct answer_read r;
static char packs[512];

/* ---- a browser ------------------------------------------------------------------------------ */

/* One set of cookies; `token` is the form's. */
struct browser {
    char person[100];
    char officer[100];
    char device[100];
    char csrf[60];
};

static void keep_cookie(const char *name, char *room, size_t size)
{
    struct str c = answer_cookie(&r, name);
    if (c.len > 0)
        (void)snprintf(room, size, STR_FMT, STR_ARG(c));
}

static void keep_cookies(struct browser *b)
{
    keep_cookie("hyp", b->person, sizeof b->person);
    keep_cookie("hyo", b->officer, sizeof b->officer);
    keep_cookie("hyd", b->device, sizeof b->device);
}

static void cookies_line(const struct browser *b, char *line, size_t size)
{
    (void)snprintf(line, size, "Cookie: x=y%s%s%s%s%s%s\r\n", b->person[0] ? "; " : "", b->person,
                   b->officer[0] ? "; " : "", b->officer, b->device[0] ? "; " : "", b->device);
}

/* The token of the form that posts to `action`. */
static void find_csrf(struct browser *b, const char *action)
{
    char want[160];
    (void)snprintf(want, sizeof want, "action=\"%s\"", action);
    size_t at = str_find(r.body, str_of(want));
    if (at == SIZE_MAX)
        fail_msg("no form for %s", action);
    struct str rest = str_sub(r.body, at, r.body.len);
    struct str mark = STR("name=\"csrf\" value=\"");
    at = str_find(rest, mark);
    assert_true(at != SIZE_MAX);
    (void)snprintf(b->csrf, sizeof b->csrf, "%.48s", rest.ptr + at + mark.len);
}

static void go(struct browser *b, const char *path)
{
    char line[400];
    cookies_line(b, line, sizeof line);
    loopback_get(&lb, path, line, &r);
    keep_cookies(b);
}

/* Opens `page`, takes the token of the form for `action`, sends the fields. */
static void send(struct browser *b, const char *page, const char *action, const char *fields)
{
    char line[400];
    char body[2000];
    go(b, page);
    assert_int_equal(r.status, 200);
    find_csrf(b, action);
    cookies_line(b, line, sizeof line);
    (void)snprintf(body, sizeof body, "csrf=%s&%s", b->csrf, fields);
    loopback_post(&lb, action, line, str_of(body), &r);
    keep_cookies(b);
}

/* What stands between `from` and `to` on the page, into `room`. */
static void pick(const char *from, const char *to, char *room, size_t size)
{
    size_t at = str_find(r.body, str_of(from));
    assert_true(at != SIZE_MAX);
    struct str rest = str_sub(r.body, at + strlen(from), r.body.len);
    size_t end = str_find(rest, str_of(to));
    assert_true(end != SIZE_MAX && end < size);
    memcpy(room, rest.ptr, end);
    room[end] = '\0';
}

/* ---- a house -------------------------------------------------------------------------------- */

struct seeded {
    unsigned char seed[TOTP_SEED_BYTES];
    char hash[PASSHASH_BYTES];
    struct officer_id id;
    char invite[PEOPLE_INVITE_BYTES];
};
static struct seeded clerk;

static enum err first_job(struct tx *tx, void *ctx)
{
    return people_first(tx, STR("admin"), STR("Town hall"), ctx);
}

static enum err clerk_job(struct tx *tx, void *ctx)
{
    struct seeded *s = ctx;
    const struct officer_new o = {.login = STR("wang"), .name = STR("Wang"), .lang = STR("en")};
    const struct people_secret secret = {.passhash = s->hash, .seed = {1, 2, 3}};
    struct office_id office;
    TRY(officer_add(tx, &o, &s->id));
    const struct office_new n = {.code = STR("town.desk"),
                                 .name_en = STR("Front desk"),
                                 .name_zh = STR("窗口"),
                                 .place = STR(""),
                                 .address = STR(""),
                                 .phone = STR(""),
                                 .hours_en = STR(""),
                                 .hours_zh = STR("")};
    TRY(office_add(tx, &n, &office));
    const struct holding h = {.officer = s->id,
                              .office = office,
                              .post = POST_DESK,
                              .from_day = house_day(house, tx->now_us),
                              .to_day = INT32_MAX};
    TRY(officer_hold(tx, &h));
    memcpy(s->seed, secret.seed, sizeof s->seed);
    return people_enrol(tx, house, s->id, &secret);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static int open_all(void **state)
{
    struct err_info info = {0};
    struct house_made made;
    char data[80];
    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(data, sizeof data, "%s/var", folder);
    const struct house_plan plan = {
        .data_dir = data, .pack = "plain", .packs = packs, .zone = "Asia/Shanghai"};
    if (house_make(&plan, &made, &info) != ERR_OK)
        fail_msg("house_make: %s %s", info.key, info.detail);
    const struct house_how how = {.data_dir = data, .packs = packs, .write = true};
    if (house_open(&how, &opened, &info) != ERR_OK)
        fail_msg("house_open: %s %s", info.key, info.detail);
    house = open_house_get(opened);
    assert_int_equal(people_passhash(STR(PASSWORD), clerk.hash), ERR_OK);
    if (writer_call(house->writer, first_job, clerk.invite, &info) != ERR_OK ||
        writer_call(house->writer, clerk_job, &clerk, &info) != ERR_OK)
        fail_msg("%s %s", info.key, info.detail);
    struct db *db = NULL;
    assert_int_equal(readers_take(house->readers, &db, &info), ERR_OK);
    assert_int_equal(house_tree_renew(house, db), ERR_OK);
    readers_give(house->readers, db);
    people_auth(house, &auth);
    loopback_open(&lb, &(struct loopback_options){.routes = PEOPLE_ROUTES,
                                                  .route_count = PEOPLE_ROUTE_COUNT,
                                                  .auth = &auth,
                                                  .house = house});
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    loopback_close(&lb);
    house_close(opened);
    (void)nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return 0;
}

/* ---- signing in ----------------------------------------------------------------------------- */

/* The clock moves half a minute for each, so that every second factor is a new one. */
static int64_t clock_us;

static void tick(int64_t seconds)
{
    if (clock_us == 0)
        clock_us = instant_now();
    clock_us += seconds * US_PER_SECOND;
    instant_set_virtual(clock_us);
}

static void sign_in(struct browser *b, const char *login, const char *password, const char *code)
{
    char fields[300];
    (void)snprintf(fields, sizeof fields, "login=%s&password=%s&second=%s", login, password, code);
    send(b, "/sign-in", "/sign-in", fields);
}

static const char *code_now(const unsigned char *seed)
{
    static char text[TOTP_DIGITS + 1];
    assert_int_equal(totp_code(seed, totp_step_of(instant_now()), text), ERR_OK);
    return text;
}

#define PASSWORD_SENT "the+stairs+at+gate+four"

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
    send(&b, "/desk/account", "/desk/sign-out", "");
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

static unsigned char admin_seed[TOTP_SEED_BYTES];

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
    send(&b, path, path, "password=passwordpassword1&second=000000");
    assert_int_equal(r.status, 422);
    assert_true(answer_has(&r, "among the first"));
    assert_true(answer_has(&r, "do not fit"));
    (void)snprintf(fields, sizeof fields, "password=a+lantern+over+the+bridge&second=%s",
                   code_now(admin_seed));
    send(&b, path, path, fields);
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

static void admin_in(struct browser *b)
{
    tick(60);
    sign_in(b, "admin", "a+lantern+over+the+bridge", code_now(admin_seed));
    assert_int_equal(r.status, 303);
}

static void the_administrator_sets_up_staff(void **state)
{
    (void)state;
    struct browser b = {0};
    char invite[80];
    admin_in(&b);
    send(&b, "/admin", "/admin/offices",
         "code=town.school&parent=house&name_en=School&name_zh=%E5%AD%A6%E6%A0%A1");
    assert_int_equal(r.status, 303);
    go(&b, "/admin");
    assert_true(answer_has(&r, "town.school"));
    send(&b, "/admin", "/admin/officers", "login=Li.Ming&name=Li+Ming&lang_of=en");
    assert_int_equal(r.status, 422);
    send(&b, "/admin", "/admin/officers", "login=li.ming&name=Li+Ming&lang_of=en");
    assert_int_equal(r.status, 200);
    pick("<code>/sign-in/invite/", "</code>", invite, sizeof invite);
    assert_int_equal(strlen(invite), 32);
    send(&b, "/admin", "/admin/officers", "login=li.ming&name=Twin&lang_of=en");
    assert_int_equal(r.status, 422);
    assert_true(answer_has(&r, "Twin"));
    send(&b, "/admin/officer/li.ming", "/admin/officer/li.ming/post",
         "office=town.school&post=handler&from=2026-01-01&to=");
    assert_int_equal(r.status, 303);
    go(&b, "/admin/officer/li.ming");
    assert_true(answer_has(&r, "School"));
    assert_true(answer_has(&r, "Handler"));
    send(&b, "/admin/officer/li.ming", "/admin/officer/li.ming/end",
         "post=town.school%2Fhandler&from=2026-01-01");
    assert_int_equal(r.status, 303);
    go(&b, "/admin/officer/li.ming");
    assert_true(answer_has(&r, "No post."));
    go(&b, "/admin/officer/nobody");
    assert_int_equal(r.status, 404);
    /* Five minutes later a change asks for password and second factor again. */
    tick(6 * 60);
    send(&b, "/admin", "/admin/officers", "login=zhao&name=Zhao&lang_of=en");
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
    send(&b, "/desk/account", "/desk/account/delegate", fields);
    assert_int_equal(r.status, 303);
    go(&b, "/desk/account");
    assert_true(answer_has(&r, "Li Ming"));
    go(&admin, "/admin/officer/li.ming");
    assert_true(answer_has(&r, "stands in for Wang"));
    /* What one does not hold, one cannot lend. */
    (void)snprintf(fields, sizeof fields,
                   "post=house%%2Fadmin&stand_in=li.ming&from=" STR_FMT "&to=" STR_FMT,
                   STR_ARG(buf_view(&day)), STR_ARG(buf_view(&day)));
    send(&b, "/desk/account", "/desk/account/delegate", fields);
    assert_int_equal(r.status, 422);
    (void)snprintf(fields, sizeof fields, "post=town.desk%%2Fdesk&stand_in=li.ming&from=" STR_FMT,
                   STR_ARG(buf_view(&day)));
    send(&b, "/desk/account", "/desk/account/end", fields);
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
    send(&b, "/desk/account", "/desk/account/token", "label=counter&days=30");
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
    send(&b, "/desk/account", "/desk/account/revoke", "id=1");
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
    send(&admin, "/admin/officer/wang", "/admin/officer/wang/close", "");
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
    (void)snprintf(packs, sizeof packs, "%s", argv[1]);
    return cmocka_run_group_tests(TESTS, open_all, close_all);
}
