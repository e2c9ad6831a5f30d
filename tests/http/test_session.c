/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Who is let in, by which door, and what a browser holds afterwards. */
#include "base/instant.h"
#include "base/mem.h"
#include "http/request.h"
#include "tests/http/small_room.h"

#include <poll.h>
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

static void wait_queued(size_t want)
{
    for (int i = 0; i < 5000 && writer_figures_get(lb.writer).queued < want; i++)
        (void)poll(NULL, 0, 1);
    assert_true(writer_figures_get(lb.writer).queued >= want);
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
    cmocka_unit_test(an_act_that_runs_again_finds_everything_as_it_came),
    cmocka_unit_test(barred_and_absent_are_the_same_404),
    cmocka_unit_test(an_officers_form_hangs_on_the_officers_session),
    cmocka_unit_test(the_api_takes_tokens_and_json_only),
};

int main(void)
{
    return cmocka_run_group_tests(TESTS, small_room_open, small_room_close);
}
