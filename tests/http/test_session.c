/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Who is let in, by which door, and what a browser holds afterwards. */
#include "base/instant.h"
#include "base/mem.h"
#include "http/request.h"
#include "tests/http/small_room.h"

#include <poll.h>
#include <sqlite3.h>
#include <unistd.h>

static void a_persons_session_is_sealed_and_outlives_nothing(void **state)
{
    (void)state;
    struct ticket t;
    char fresh[160];
    loopback_get(&lb, "/mine", "", &r);
    assert_int_equal(r.status, 303);
    check_str(answer_header(&r, "Location"), "/back");
    ticket_from("/save-form", &t);
    ticket_save(&t, "half-filled+canary");
    assert_int_equal(r.status, 303);
    loopback_get(&lb, "/mine", t.cookie, &r);
    check_str(r.body, "half-filled canary");
    /* The draft is nowhere in the clear, and no id beside it. */
    char path[128];
    (void)snprintf(path, sizeof path, "%s/main.db-wal", lb.folder);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    static char bytes[8 << 20];
    size_t len = fread(bytes, 1, sizeof bytes, f);
    (void)fclose(f);
    assert_true(len > 0);
    assert_true(str_find(str_make(bytes, len), STR("canary")) == SIZE_MAX);
    /* A new token when the person is known: the planted one is worth nothing. */
    ticket_save(&t, "fresh+one");
    (void)snprintf(fresh, sizeof fresh, "Cookie: " STR_FMT "\r\n",
                   STR_ARG(answer_cookie(&r, "hyp")));
    assert_string_not_equal(fresh, t.cookie);
    loopback_get(&lb, "/mine", t.cookie, &r);
    assert_int_equal(r.status, 303);
    loopback_get(&lb, "/mine", fresh, &r);
    check_str(r.body, "fresh one");
    /* Idle for 21 minutes. */
    instant_set_virtual(instant_now() + 21 * US_PER_MINUTE);
    loopback_get(&lb, "/mine", fresh, &r);
    instant_set_virtual(-1);
    assert_int_equal(r.status, 303);
}

/* A person who is known: the cookie that /mine opens with. */
static void be_known(const char *draft, char *ret_cookie, size_t size)
{
    struct ticket t;
    char text[100];
    ticket_from("/save-form", &t);
    (void)snprintf(text, sizeof text, "fresh%s", draft);
    ticket_save(&t, text);
    assert_int_equal(r.status, 303);
    (void)snprintf(ret_cookie, size, "Cookie: " STR_FMT "\r\n", STR_ARG(answer_cookie(&r, "hyp")));
}

static int at_mine(const char *cookie)
{
    loopback_get(&lb, "/mine", cookie, &r);
    return r.status;
}

static void a_row_that_was_changed_counts_as_none(void **state)
{
    (void)state;
    static const char *const CHANGES[] = {
        "UPDATE person_session SET sealed = zeroblob(length(sealed))",
        "UPDATE person_session SET sealed = substr(sealed, 1, 30)",
        "UPDATE person_session SET sealed = zeroblob(0)",
        "UPDATE person_session SET sealed = randomblob(length(sealed))",
        "UPDATE person_session SET hash = randomblob(32)",
    };
    for (size_t i = 0; i < sizeof CHANGES / sizeof CHANGES[0]; i++) {
        char cookie[160];
        char path[128];
        sqlite3 *sq = NULL;
        be_known("", cookie, sizeof cookie);
        assert_int_equal(at_mine(cookie), 200);
        check_str(r.body, "fresh");
        (void)snprintf(path, sizeof path, "%s/main.db", lb.folder);
        assert_int_equal(sqlite3_open(path, &sq), SQLITE_OK);
        assert_int_equal(sqlite3_busy_timeout(sq, 5000), SQLITE_OK);
        if (sqlite3_exec(sq, CHANGES[i], NULL, NULL, NULL) != SQLITE_OK)
            fail_msg("%s: %s", CHANGES[i], sqlite3_errmsg(sq));
        (void)sqlite3_close(sq);
        assert_int_equal(at_mine(cookie), 303);
        check_str(answer_header(&r, "Location"), "/back");
    }
}

static void a_session_in_use_lives_on_and_not_for_ever(void **state)
{
    (void)state;
    char cookie[160];
    char other[160];
    const int64_t from = instant_now();
    be_known("", cookie, sizeof cookie);
    int64_t minute = 0;
    for (; minute < 118; minute += 10) { /* never idle for twenty */
        instant_set_virtual(from + minute * US_PER_MINUTE);
        int status = at_mine(cookie);
        if (status != 200)
            fail_msg("after %d minutes: %d", (int)minute, status);
        /* The touch went to the writer before the answer: when the next write is done, so is it. */
        be_known("", other, sizeof other);
    }
    instant_set_virtual(from + 121 * US_PER_MINUTE); /* two hours is all */
    assert_int_equal(at_mine(cookie), 303);
    instant_set_virtual(-1);
}

static void wait_queued(size_t want)
{
    for (int i = 0; i < 5000 && writer_figures_get(lb.writer).queued < want; i++)
        (void)poll(NULL, 0, 1);
    assert_true(writer_figures_get(lb.writer).queued >= want);
}

/* That a session is in use need not be written down at once. */
static void a_writer_that_is_busy_keeps_nobody_from_reading(void **state)
{
    (void)state;
    enum { QUEUE = 4 };
    struct ticket t;
    char cookie[160];
    int fd[1 + QUEUE];
    be_known("", cookie, sizeof cookie);
    ticket_from("/form", &t);
    int before = atomic_load(&small_room_acts);
    atomic_store(&small_room_shut, 1);
    fd[0] = ticket_post(&t, "first");
    small_room_wait(before + 1);
    for (size_t i = 1; i <= QUEUE; i++) {
        fd[i] = ticket_post(&t, "more");
        wait_queued(i);
    }
    instant_set_virtual(instant_now() + 10 * US_PER_MINUTE);
    assert_int_equal(at_mine(cookie), 200);
    instant_set_virtual(-1);
    assert_int_equal(writer_figures_get(lb.writer).queued, QUEUE);
    atomic_store(&small_room_shut, 0);
    for (size_t i = 0; i <= QUEUE; i++) {
        loopback_read(fd[i], false, &r);
        assert_int_equal(r.status, 200);
        (void)close(fd[i]);
    }
}

/* Somebody in the same batch is refused after writing: everybody in it runs again. */
static void an_act_that_runs_again_finds_everything_as_it_came(void **state)
{
    (void)state;
    struct ticket person;
    struct ticket t;
    ticket_from("/save-form", &person);
    ticket_save(&person, "leaving");
    ticket_from("/form", &t);
    loopback_get(&lb, "/drop-form", person.cookie, &r);
    assert_int_equal(r.status, 200);
    (void)snprintf(person.csrf, sizeof person.csrf, STR_FMT, STR_ARG(r.body));
    int before = atomic_load(&small_room_acts);
    atomic_store(&small_room_drops, 0);
    atomic_store(&small_room_shut, 1);
    int first = ticket_post(&t, "first");
    small_room_wait(before + 1);
    int leaving = ticket_post_to("/drop", &person, "x");
    wait_queued(1);
    int late = ticket_post(&t, "too+late");
    wait_queued(2);
    atomic_store(&small_room_shut, 0);
    loopback_read(first, false, &r);
    check_str(r.body, "first");
    loopback_read(late, false, &r);
    assert_int_equal(r.status, 422);
    loopback_read(leaving, false, &r);
    assert_int_equal(r.status, 303);
    check_str(answer_cookie(&r, "hyp"), "hyp=");
    assert_int_equal(atomic_load(&small_room_drops), 2);
    loopback_get(&lb, "/mine", person.cookie, &r);
    check_str(answer_header(&r, "Location"), "/back");
    (void)close(first);
    (void)close(leaving);
    (void)close(late);
}

static void barred_and_absent_are_the_same_404(void **state)
{
    (void)state;
    static struct answer_read absent;
    char with_cookie[] = "Cookie: " OFFICER_COOKIE "\r\n";
    loopback_get(&lb, "/desk/m/K7Q2-9F4M", with_cookie, &r);
    check_str(r.body, "K7Q2-9F4M");
    loopback_get(&lb, "/desk/m/BARR-EDED", with_cookie, &r);
    assert_int_equal(r.status, 404);
    loopback_get(&lb, "/desk/m/ABSE-NT00", with_cookie, &absent);
    assert_int_equal(absent.status, 404);
    assert_int_equal(r.body.len, absent.body.len);
    assert_int_equal(r.head.len, absent.head.len);
    loopback_get(&lb, "/desk/audit", with_cookie, &r);
    assert_int_equal(r.status, 404);
    loopback_get(&lb, "/desk/m/K7Q2-9F4M", "", &r);
    assert_int_equal(r.status, 303);
    check_str(answer_header(&r, "Location"), "/sign-in");
    loopback_get(&lb, "/desk/m/K7Q2-9F4M", "Cookie: " OFFICER_COOKIE "; " OFFICER_COOKIE "\r\n",
                 &r);
    assert_int_equal(r.status, 303);
    for (int i = 0; i < 2000 && atomic_load(&small_room_seen) == 0; i++)
        (void)poll(NULL, 0, 1);
    assert_true(atomic_load(&small_room_seen) > 0);
}

static void an_officers_form_hangs_on_the_officers_session(void **state)
{
    (void)state;
    char body[200];
    loopback_get(&lb, "/desk/form", "Cookie: " OFFICER_COOKIE "\r\n", &r);
    (void)snprintf(body, sizeof body, "csrf=" STR_FMT "&text=desk", STR_ARG(r.body));
    loopback_post(&lb, "/desk/m/K7Q2-9F4M/note", "Cookie: " OFFICER_COOKIE "\r\n", str_of(body),
                  &r);
    check_str(r.body, "desk");
    loopback_post(&lb, "/desk/m/BARR-EDED/note", "Cookie: " OFFICER_COOKIE "\r\n", str_of(body),
                  &r);
    assert_int_equal(r.status, 404);
    /* The session has ended: the text is not lost. */
    loopback_post(&lb, "/desk/m/K7Q2-9F4M/note", "",
                  STR("csrf=x&text=a+long+answer+that+took+an+hour+to+write"), &r);
    assert_int_equal(r.status, 401);
    assert_true(answer_has(&r, "a long answer that took an hour to write"));
}

static void the_api_takes_tokens_and_json_only(void **state)
{
    (void)state;
    static const char JSON[] = "Content-Type: application/json\r\n";
    char good[200];
    (void)snprintf(good, sizeof good, "%sAuthorization: Bearer hyt_good\r\n", JSON);
    loopback_post(&lb, "/api/v1/note", JSON, STR("{\"text\":\"x\"}"), &r);
    assert_int_equal(r.status, 401);
    check_str(answer_header(&r, "WWW-Authenticate"), "Bearer");
    check_str(answer_header(&r, "Content-Type"), "application/problem+json");
    loopback_post(&lb, "/api/v1/note", "Cookie: " OFFICER_COOKIE "\r\n", STR("text=x"), &r);
    assert_int_equal(r.status, 401);
    loopback_post(&lb, "/api/v1/note", good, STR("{\"text\":\"by token\"}"), &r);
    check_str(r.body, "by token");
    loopback_post(&lb, "/api/v1/note", good, STR("{\"text\":\"\",\"x\":1}"), &r);
    assert_int_equal(r.status, 422);
    assert_true(answer_has(&r, "\"field\":\"x\",\"key\":\"form.unknown_field\""));
    assert_true(answer_has(&r, "\"field\":\"text\",\"key\":\"form.empty\""));
    loopback_post(&lb, "/api/v1/note", "Authorization: Bearer hyt_good\r\n", STR("text=x"), &r);
    assert_int_equal(r.status, 415);
}

static const struct CMUnitTest TESTS[] = {
    cmocka_unit_test(a_persons_session_is_sealed_and_outlives_nothing),
    cmocka_unit_test(a_row_that_was_changed_counts_as_none),
    cmocka_unit_test(a_writer_that_is_busy_keeps_nobody_from_reading),
    cmocka_unit_test(an_act_that_runs_again_finds_everything_as_it_came),
    cmocka_unit_test(barred_and_absent_are_the_same_404),
    cmocka_unit_test(an_officers_form_hangs_on_the_officers_session),
    cmocka_unit_test(the_api_takes_tokens_and_json_only),
    /* Last: the writer's time does not go back. */
    cmocka_unit_test(a_session_in_use_lives_on_and_not_for_ever),
};

int main(void)
{
    return cmocka_run_group_tests(TESTS, small_room_open, small_room_close);
}
