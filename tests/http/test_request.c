/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Whole requests through a real listener, thread pool and writer. */
#include "base/instant.h"
#include "base/mem.h"
#include "http/html.h"
#include "http/request.h"
#include "tests/db/fault_vfs.h"
#include "tests/http/small_room.h"

#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- reading -------------------------------------------------------------------------------- */

static void a_page_comes_with_every_header(void **state)
{
    (void)state;
    loopback_get(&lb, "/hello", "", &r);
    assert_int_equal(r.status, 200);
    check_str(r.body, "hello");
    check_str(answer_header(&r, "Content-Security-Policy"),
              "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; "
              "form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
    check_str(answer_header(&r, "X-Content-Type-Options"), "nosniff");
    check_str(answer_header(&r, "Referrer-Policy"), "same-origin");
    check_str(answer_header(&r, "Cross-Origin-Opener-Policy"), "same-origin");
    check_str(answer_header(&r, "Cross-Origin-Resource-Policy"), "same-origin");
    check_str(answer_header(&r, "Cache-Control"), "no-store");
    assert_false(str_is_null(answer_header(&r, "Permissions-Policy")));
    assert_true(str_is_null(answer_header(&r, "Strict-Transport-Security")));
    assert_true(str_is_null(answer_header(&r, "Set-Cookie")));
    loopback_get(&lb, "/desk/form", "Cookie: " OFFICER_COOKIE "\r\n", &r);
    assert_int_equal(r.status, 200);
    assert_true(str_ends(answer_header(&r, "Content-Security-Policy"),
                         STR("script-src 'self'; connect-src 'self'; worker-src 'self'; "
                             "manifest-src 'self'")));
    loopback_get(&lb, "/file", "", &r);
    check_str(answer_header(&r, "Content-Disposition"), "attachment; filename=\"proof.txt\"");
    assert_true(str_starts(answer_header(&r, "Content-Security-Policy"), STR("sandbox")));
}

static void one_connection_serves_many_requests_and_head(void **state)
{
    (void)state;
    int fd = loopback_tcp(&lb);
    for (int i = 0; i < 50; i++) {
        loopback_write(fd, STR("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        loopback_read(fd, false, &r);
        assert_int_equal(r.status, 200);
        assert_false(r.closed);
    }
    loopback_write(fd, STR("HEAD /hello HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    loopback_read(fd, true, &r);
    assert_int_equal(r.status, 200);
    check_str(answer_header(&r, "Content-Length"), "5");
    assert_int_equal(r.body.len, 0);
    loopback_write(fd, STR("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    loopback_read(fd, false, &r);
    check_str(r.body, "hello");
    (void)close(fd);
}

static void errors_are_pages_in_the_readers_language(void **state)
{
    (void)state;
    loopback_get(&lb, "/nowhere", "Accept-Language: zh-CN,zh;q=0.9\r\n", &r);
    assert_int_equal(r.status, 404);
    assert_true(answer_has(&r, "lang=\"zh-CN\""));
    assert_true(answer_has(&r, "这里没有内容"));
    loopback_get(&lb, "/nowhere", "Accept-Language: de\r\n", &r);
    assert_true(answer_has(&r, "There is nothing here"));
    loopback_get(&lb, "/broken", "", &r);
    assert_int_equal(r.status, 500);
    assert_true(answer_has(&r, "Something went wrong here"));
    assert_false(answer_has(&r, "this is for the log"));
    loopback_get(&lb, "/mute", "", &r);
    assert_int_equal(r.status, 500);
    loopback_get(&lb, "/jump", "", &r);
    assert_int_equal(r.status, 500);
    assert_true(str_is_null(answer_header(&r, "Location")));
}

static void the_language_chosen_stays(void **state)
{
    (void)state;
    loopback_get(&lb, "/nowhere?lang=zh-CN", "", &r);
    assert_true(answer_has(&r, "这里没有内容"));
    check_str(answer_cookie(&r, "hyl"), "hyl=zh-CN");
    loopback_get(&lb, "/nowhere", "Cookie: hyl=zh-CN\r\nAccept-Language: en\r\n", &r);
    assert_true(answer_has(&r, "这里没有内容"));
    loopback_get(&lb, "/nowhere?lang=xx&large=1", "", &r);
    assert_int_equal(r.status, 404);
    check_str(answer_cookie(&r, "hyl"), "");
    check_str(answer_cookie(&r, "hyv"), "hyv=large");
    assert_true(answer_has(&r, "hy-large"));
    loopback_get(&lb, "/nowhere?large=0", "Cookie: hyv=large\r\n", &r);
    check_str(answer_cookie(&r, "hyv"), "hyv=normal");
    assert_false(answer_has(&r, "hy-large"));
}

static void wrong_methods_and_hosts_are_refused(void **state)
{
    (void)state;
    loopback_get(&lb, "/note", "", &r);
    assert_int_equal(r.status, 405);
    check_str(answer_header(&r, "Allow"), "POST");
    loopback_post(&lb, "/hello", "", STR("a=b"), &r);
    assert_int_equal(r.status, 405);
    check_str(answer_header(&r, "Allow"), "GET, HEAD");
    int fd = loopback_pair(&lb);
    loopback_write(fd, STR("DELETE /note HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    loopback_read(fd, false, &r);
    assert_int_equal(r.status, 405);
    (void)close(fd);
    loopback_get(&lb, "/hello", "Host: evil.example\r\n", &r);
    assert_int_equal(r.status, 421);
    loopback_get(&lb, "/hello", "Host: 127.0.0.1:8080\r\n", &r);
    assert_int_equal(r.status, 200);
    loopback_get(&lb, "/hello", "Host: [::1]:8080\r\n", &r);
    assert_int_equal(r.status, 200);
    loopback_get(&lb, "/hello", "Host: [::1]\r\n", &r);
    assert_int_equal(r.status, 200);
    loopback_get(&lb, "/hello", "Host: [::2]\r\n", &r);
    assert_int_equal(r.status, 421);
    loopback_get(&lb, "/hello", "Host: \r\n", &r);
    assert_int_equal(r.status, 421);
    loopback_get(&lb, "/hello?x=%zz", "", &r);
    assert_int_equal(r.status, 400);
}

static void long_addresses_and_headers_are_refused(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1 << 20);
    buf_c(&b, "/");
    for (int i = 0; i < 2100; i++)
        buf_char(&b, 'a');
    buf_char(&b, '\0');
    loopback_get(&lb, b.ptr, "", &r);
    assert_int_equal(r.status, 414);
    assert_true(answer_has(&r, "The address is too long"));
    buf_clear(&b);
    buf_c(&b, "X-Long: ");
    for (int i = 0; i < 9000; i++)
        buf_char(&b, 'a');
    buf_c(&b, "\r\n");
    buf_char(&b, '\0');
    loopback_get(&lb, "/hello", b.ptr, &r);
    assert_int_equal(r.status, 431);
    buf_clear(&b);
    buf_c(&b, "X-Huge: ");
    for (int i = 0; i < 60000; i++)
        buf_char(&b, 'a');
    buf_c(&b, "\r\n");
    buf_char(&b, '\0');
    loopback_get(&lb, "/hello", b.ptr, &r);
    assert_int_equal(r.status, 431);
}

static void a_slow_client_holds_up_nobody(void **state)
{
    (void)state;
    int slow[20];
    for (size_t i = 0; i < 20; i++) {
        slow[i] = loopback_pair(&lb);
        loopback_write(slow[i], STR("GET /hello HT"));
    }
    loopback_get(&lb, "/hello", "", &r);
    assert_int_equal(r.status, 200);
    for (size_t i = 0; i < 20; i++) {
        loopback_write(slow[i], STR("TP/1.1\r\nHost: localhost\r\n\r\n"));
        loopback_read(slow[i], false, &r);
        assert_int_equal(r.status, 200);
        (void)close(slow[i]);
    }
}

static void heavy_work_holds_up_nobody_and_steady_answers_take_their_time(void **state)
{
    (void)state;
    int fd[6];
    for (size_t i = 0; i < 6; i++) {
        fd[i] = loopback_pair(&lb);
        loopback_write(fd[i], STR("GET /heavy HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    }
    int64_t from = instant_monotonic();
    loopback_get(&lb, "/hello", "", &r);
    assert_int_equal(r.status, 200);
    assert_true(instant_monotonic() - from < 250 * INT64_C(1000));
    for (size_t i = 0; i < 6; i++) {
        loopback_read(fd[i], false, &r);
        check_str(r.body, "heavy");
        (void)close(fd[i]);
    }
    from = instant_monotonic();
    loopback_get(&lb, "/steady", "", &r);
    check_str(r.body, "hello");
    assert_true(instant_monotonic() - from >= 590 * INT64_C(1000));
}

/* ---- writing -------------------------------------------------------------------------------- */

static void a_write_is_answered_after_its_commit(void **state)
{
    (void)state;
    struct ticket t;
    ticket_from("/form", &t);
    ticket_note(&t, "", "stairs+without+light");
    assert_int_equal(r.status, 200);
    check_str(r.body, "stairs without light");
}

static void faults_and_refusals_show_what_was_typed(void **state)
{
    (void)state;
    struct ticket t;
    ticket_from("/form", &t);
    int before = atomic_load(&small_room_acts);
    ticket_note(&t, "", "a%00b");
    assert_int_equal(r.status, 422);
    check_str(r.body, "a\xEF\xBF\xBD"
                      "b");
    ticket_note(&t, "", "ok&stranger=1");
    assert_int_equal(r.status, 422);
    assert_int_equal(atomic_load(&small_room_acts), before);
    ticket_note(&t, "", "refuse+me+please%2C+this+is+a+long+text");
    assert_int_equal(r.status, 422);
    check_str(r.body, "refuse me please, this is a long text");
    ticket_note(&t, "", "stands");
    check_str(r.body, "stands");
}

static void foreign_forms_change_nothing(void **state)
{
    (void)state;
    struct ticket t;
    struct ticket other;
    ticket_from("/form", &t);
    ticket_from("/form", &other);
    int before = atomic_load(&small_room_acts);
    struct ticket mixed = t;
    memcpy(mixed.cookie, other.cookie, sizeof mixed.cookie);
    ticket_note(&mixed, "", "x");
    assert_int_equal(r.status, 403);
    struct ticket none = t;
    none.csrf[0] = '\0';
    ticket_note(&none, "", "x");
    assert_int_equal(r.status, 403);
    ticket_note(&t, "", "x&csrf=again");
    assert_int_equal(r.status, 403);
    struct ticket bare = t;
    bare.cookie[0] = '\0';
    ticket_note(&bare, "", "x");
    assert_int_equal(r.status, 403);
    assert_true(answer_has(&r, "cookies"));
    ticket_note(&t, "Sec-Fetch-Site: cross-site\r\n", "x");
    assert_int_equal(r.status, 403);
    ticket_note(&t, "Sec-Fetch-Site: none\r\n", "x");
    assert_int_equal(r.status, 403);
    ticket_note(&t, "Origin: https://evil.example\r\n", "x");
    assert_int_equal(r.status, 403);
    static const char *const ORIGINS[] = {"null", "http://localhosx", "http://localhost:81",
                                          "ftp_://localhost"};
    for (size_t i = 0; i < sizeof ORIGINS / sizeof *ORIGINS; i++) {
        char header[64];
        (void)snprintf(header, sizeof header, "Origin: %s\r\n", ORIGINS[i]);
        ticket_note(&t, header, "x");
        assert_int_equal(r.status, 403);
    }
    assert_int_equal(atomic_load(&small_room_acts), before);
    ticket_note(&t, "Sec-Fetch-Site: same-origin\r\nOrigin: http://localhost\r\n", "x");
    assert_int_equal(r.status, 200);
}

static void a_page_left_open_too_long_keeps_the_text(void **state)
{
    (void)state;
    struct ticket t;
    int64_t now = instant_now();
    instant_set_virtual(now - 7 * US_PER_HOUR);
    ticket_from("/form", &t);
    instant_set_virtual(-1);
    int before = atomic_load(&small_room_acts);
    ticket_note(&t, "", "written+long+ago");
    assert_int_equal(r.status, 422);
    check_str(r.body, "written long ago");
    assert_int_equal(atomic_load(&small_room_acts), before);
}

static void bodies_that_are_too_large_are_told_so(void **state)
{
    (void)state;
    struct ticket t;
    ticket_from("/form", &t);
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 32 << 20);
    buf_printf(&b, "csrf=%s&text=", t.csrf);
    for (int i = 0; i < (10 << 20) / 16; i++)
        buf_c(&b, "aaaaaaaaaaaaaaaa");
    loopback_post(&lb, "/note", t.cookie, buf_view(&b), &r);
    assert_int_equal(r.status, 413);
    assert_true(answer_has(&r, "larger than we can take"));
    /* Who asks first is told before sending. */
    int fd = loopback_pair(&lb);
    loopback_write(fd, STR("POST /note HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
                           "Content-Length: 10000000\r\n\r\n"));
    loopback_read(fd, false, &r);
    assert_int_equal(r.status, 413);
    (void)close(fd);
    /* Without a length it is counted as it comes. */
    fd = loopback_pair(&lb);
    loopback_write(fd,
                   STR("POST /note HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
                       "\r\n"));
    for (int i = 0; i < 40; i++) {
        char chunk[16 * 1024 + 16];
        int n = snprintf(chunk, sizeof chunk, "4000\r\n%0*d\r\n", 0x4000, 0);
        loopback_write(fd, str_make(chunk, (size_t)n));
    }
    loopback_write(fd, STR("0\r\n\r\n"));
    loopback_read(fd, false, &r);
    assert_int_equal(r.status, 413);
    (void)close(fd);
    loopback_post(&lb, "/note", "Content-Type: text/xml\r\n", STR("<a/>"), &r);
    assert_int_equal(r.status, 415);
}

static void a_full_queue_is_503_and_nothing_is_half_done(void **state)
{
    (void)state;
    struct ticket t;
    enum { CLIENTS = 12 };
    int fd[CLIENTS];
    int done = 0;
    int busy = 0;
    ticket_from("/form", &t);
    int before = atomic_load(&small_room_acts);
    atomic_store(&small_room_shut, 1);
    fd[0] = ticket_post(&t, "first");
    small_room_wait(before + 1);
    for (size_t i = 1; i < CLIENTS; i++)
        fd[i] = ticket_post(&t, "more");
    /* Reading goes on while the writer stands still. */
    loopback_get(&lb, "/hello", "", &r);
    assert_int_equal(r.status, 200);
    struct server_stats stats = {0};
    for (int i = 0; i < 5000 && stats.refused_busy == 0; i++) {
        (void)poll(NULL, 0, 1);
        server_stats(lb.server, &stats);
    }
    atomic_store(&small_room_shut, 0);
    for (size_t i = 0; i < CLIENTS; i++) {
        loopback_read(fd[i], false, &r);
        if (r.status == 200) {
            done++;
        } else {
            assert_int_equal(r.status, 503);
            check_str(answer_header(&r, "Retry-After"), "2");
            busy++;
        }
        (void)close(fd[i]);
    }
    assert_true(busy > 0);
    assert_true(done > 0);
    assert_int_equal(atomic_load(&small_room_acts) - before, done);
}

static void a_client_that_goes_away_mid_write_harms_nobody(void **state)
{
    (void)state;
    struct ticket t;
    ticket_from("/form", &t);
    int before = atomic_load(&small_room_acts);
    atomic_store(&small_room_shut, 1);
    int fd = ticket_post(&t, "gone");
    small_room_wait(before + 1);
    (void)close(fd);
    atomic_store(&small_room_shut, 0);
    for (int i = 0; i < 200; i++) {
        int one = ticket_post(&t, "quick");
        (void)close(one);
    }
    struct server_stats stats = {.active = 1};
    for (int i = 0; i < 5000 && stats.active > 0; i++) {
        (void)poll(NULL, 0, 1);
        server_stats(lb.server, &stats);
    }
    assert_int_equal(stats.active, 0);
    ticket_note(&t, "", "still+here");
    check_str(r.body, "still here");
}

/* ---- on the disk before it is shown ---------------------------------------------------------- */

static bool is_silent(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, 200) == 0;
}

static void what_is_not_on_the_disk_is_shown_to_nobody(void **state)
{
    (void)state;
    struct ticket t;
    ticket_from("/form", &t);
    ticket_note(&t, "", "on the disk");
    loopback_get(&lb, "/noted", "", &r);
    check_str(r.body, "on the disk");
    uint64_t mark = writer_mark(lb.writer);
    fault_vfs_hold_syncs(true);
    int writing = ticket_post(&t, "in the air");
    while (writer_mark(lb.writer) == mark)
        (void)poll(NULL, 0, 1);
    int reading = loopback_tcp(&lb);
    loopback_write(reading, STR("GET /noted HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    assert_true(is_silent(reading));
    assert_true(is_silent(writing));
    /* Who asks for nothing from the store need not wait. */
    loopback_get(&lb, "/hello", "", &r);
    check_str(r.body, "hello");
    fault_vfs_hold_syncs(false);
    loopback_read(reading, false, &r);
    assert_int_equal(r.status, 200);
    assert_true(str_eq_c(r.body, "in the air") || str_eq_c(r.body, "on the disk"));
    (void)close(reading);
    loopback_read(writing, false, &r);
    check_str(r.body, "in the air");
    (void)close(writing);
}

static const struct CMUnitTest TESTS[] = {
    cmocka_unit_test(a_page_comes_with_every_header),
    cmocka_unit_test(one_connection_serves_many_requests_and_head),
    cmocka_unit_test(errors_are_pages_in_the_readers_language),
    cmocka_unit_test(the_language_chosen_stays),
    cmocka_unit_test(wrong_methods_and_hosts_are_refused),
    cmocka_unit_test(long_addresses_and_headers_are_refused),
    cmocka_unit_test(a_slow_client_holds_up_nobody),
    cmocka_unit_test(heavy_work_holds_up_nobody_and_steady_answers_take_their_time),
    cmocka_unit_test(a_write_is_answered_after_its_commit),
    cmocka_unit_test(faults_and_refusals_show_what_was_typed),
    cmocka_unit_test(foreign_forms_change_nothing),
    cmocka_unit_test(a_page_left_open_too_long_keeps_the_text),
    cmocka_unit_test(bodies_that_are_too_large_are_told_so),
    cmocka_unit_test(a_full_queue_is_503_and_nothing_is_half_done),
    cmocka_unit_test(a_client_that_goes_away_mid_write_harms_nobody),
    cmocka_unit_test(what_is_not_on_the_disk_is_shown_to_nobody),
};

int main(void)
{
    if (db_setup(NULL) != ERR_OK)
        return 1;
    fault_vfs_install();
    return cmocka_run_group_tests(TESTS, small_room_open, small_room_close);
}
