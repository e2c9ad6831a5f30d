/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Listeners behind a proxy and behind tor, budgets, static files, bounds, the end of a server. */
#include "base/instant.h"
#include "base/mem.h"
#include "http/exchange.h"
#include "http/proxy_line.h"
#include "http/request.h"
#include "tests/check.h"
#include "tests/http/loopback.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

struct note {
    struct str text;
};
static const struct form_field FIELDS[] = {FORM_TEXT(struct note, text, 0, 9)};
static const struct form FORM = FORM_INIT("f", struct note, FIELDS);

static atomic_int running;

static enum err form_view(struct request *req)
{
    return reply_bytes(req, 200, "text/plain", request_csrf(req, "/send"));
}

static atomic_int held;

static enum err hold_view(struct request *req)
{
    atomic_store(&running, 1);
    while (atomic_load(&held) != 0)
        (void)poll(NULL, 0, 1);
    return reply_bytes(req, 200, "text/plain", STR("held"));
}

static enum err slow_act(struct tx *tx, struct request *req)
{
    (void)tx;
    (void)req;
    atomic_store(&running, 1);
    (void)poll(NULL, 0, 150);
    return ERR_OK;
}

static enum err send_reply(struct request *req)
{
    return reply_bytes(req, 200, "text/plain", STR("sent"));
}

static const struct route ROUTES[] = {
    {.method = METHOD_GET,
     .path = "/form",
     .door = DOOR_PUBLIC,
     .csrf = CSRF_NONE,
     .budget = BUDGET_READ,
     .view = form_view},
    {.method = METHOD_GET,
     .path = "/hold",
     .door = DOOR_PUBLIC,
     .csrf = CSRF_NONE,
     .budget = BUDGET_READ,
     .view = hold_view},
    {.method = METHOD_POST,
     .path = "/send",
     .door = DOOR_PUBLIC,
     .form = &FORM,
     .csrf = CSRF_SESSION,
     .event = "matter.received",
     .budget = BUDGET_RAISE,
     .act = slow_act,
     .reply = send_reply},
};
enum { ROUTE_COUNT = sizeof ROUTES / sizeof ROUTES[0] };

static struct loopback lb;
static struct answer_read r;

/* ---- the PROXY line ------------------------------------------------------------------------- */

static void proxy_lines_are_read_strictly_and_addresses_cut(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        enum proxy_verdict verdict;
        const char *reduced; /* hex */
    } CASES[] = {
        {"PROXY TCP4 192.0.2.77 10.0.0.1 51234 443\r\nGET", PROXY_GOOD, "34c00002"},
        {"PROXY TCP6 2001:db8:1:2:3:4:5:6 ::1 1 2\r\n", PROXY_GOOD, "3620010db80001"},
        {"PROXY TCP6 ::ffff:192.0.2.9 ::1 1 2\r\n", PROXY_GOOD, "34c00002"},
        {"PROXY TCP6 fc00:dead:beef:4dad::1:2 ::1 1 2\r\n", PROXY_GOOD,
         "36fc00deadbeef4dad0000000000010002"},
        {"PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n", PROXY_GOOD, ""},
        {"PROXY TCP6 ::1 ::1 1 2\r\n", PROXY_GOOD, ""},
        {"PROXY TCP6 ::2 ::1 1 2\r\n", PROXY_GOOD, "36000000000000"},
        {"PROXY TCP6 1::1 ::1 1 2\r\n", PROXY_GOOD, "36000100000000"},
        {"PROXY TCP6 0:0:1::1 ::1 1 2\r\n", PROXY_GOOD, "36000000000001"},
        {"PROXY TCP6 ::1:0:0:1 ::1 1 2\r\n", PROXY_GOOD, "36000000000000"},
        {"PROXY TCP6 0:0:0:0:0:0:0:00000000000000000000000000000001 ::1 1 2\r\n", PROXY_BAD, ""},
        {"PROXY UNKNOWN\r\n", PROXY_GOOD, ""},
        {"PROXY UNKNOWN what ever\r\n", PROXY_GOOD, ""},
        {"PROX", PROXY_MORE, ""},
        {"PROXY TCP4 192.0.2.77", PROXY_MORE, ""},
        {"GET / HTTP/1.1\r\n", PROXY_BAD, ""},
        {"PROXY TCP5 1.2.3.4 1.2.3.4 1 2\r\n", PROXY_BAD, ""},
        {"PROXY TCP4 1.2.3 1.2.3.4 1 2\r\n", PROXY_BAD, ""},
        {"PROXY TCP4 1.2.3.4 1.2.3.4 1 99999\r\n", PROXY_BAD, ""},
        {"PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n", PROXY_BAD, ""},
        {"PROXY TCP4  1.2.3.4 1.2.3.4 1 2\r\n", PROXY_BAD, ""},
        {"PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n", PROXY_BAD, ""},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        char room[PROXY_REDUCED_MAX];
        char hex[80] = "";
        struct str reduced = STR("");
        size_t used = 0;
        enum proxy_verdict v = proxy_line_read(str_of(CASES[i].line), room, &reduced, &used);
        if (v != CASES[i].verdict)
            fail_msg("%s: %d", CASES[i].line, (int)v);
        if (v != PROXY_GOOD)
            continue;
        for (size_t k = 0; k < reduced.len; k++)
            (void)snprintf(hex + 2 * k, 3, "%02x", (unsigned char)reduced.ptr[k]);
        assert_string_equal(hex, CASES[i].reduced);
    }
    char endless[120];
    char room[PROXY_REDUCED_MAX];
    struct str reduced;
    size_t used = 0;
    memset(endless, 'x', sizeof endless);
    static const char BEGIN[] = {'P', 'R', 'O', 'X', 'Y', ' '};
    memcpy(endless, BEGIN, sizeof BEGIN);
    assert_int_equal(proxy_line_read(str_make(endless, sizeof endless), room, &reduced, &used),
                     PROXY_BAD);
}

/* ---- behind a proxy ------------------------------------------------------------------------- */

static int visit(const char *address, const char *request)
{
    char line[160];
    int fd = loopback_tcp(&lb);
    (void)snprintf(line, sizeof line, "PROXY TCP4 %s 10.0.0.1 1 443\r\n", address);
    loopback_write(fd, str_of(line));
    loopback_write(fd, str_of(request));
    loopback_read(fd, false, &r);
    (void)close(fd);
    return r.status;
}

#define ASK "GET /form HTTP/1.1\r\nHost: huiyin.example\r\n\r\n"

static void a_front_listener_counts_visitors_and_hardens_cookies(void **state)
{
    (void)state;
    struct budget_limits limits = BUDGET_OFF;
    limits.of[BUDGET_READ] = (struct budget_limit){.each = 3, .epochs = 1};
    loopback_open(&lb, &(struct loopback_options){.routes = ROUTES,
                                                  .route_count = ROUTE_COUNT,
                                                  .budgets = &limits,
                                                  .kind = LISTEN_FRONT,
                                                  .proxy_line = true,
                                                  .origin = "https://huiyin.example",
                                                  .onion = "abc.onion"});
    assert_int_equal(visit("192.0.2.1", ASK), 200);
    assert_true(str_starts(answer_cookie(&r, "__Host-hyp"), STR("__Host-hyp=")));
    struct str cookie = answer_header(&r, "Set-Cookie");
    assert_true(str_find(cookie, STR("; Path=/; HttpOnly; SameSite=Strict; Secure")) != SIZE_MAX);
    check_str(answer_header(&r, "Strict-Transport-Security"), "max-age=31536000");
    check_str(answer_header(&r, "Onion-Location"), "http://abc.onion/form");
    /* The same net is one visitor; another net is another. */
    assert_int_equal(visit("192.0.2.99", ASK), 200);
    assert_int_equal(visit("192.0.2.3", ASK), 200);
    assert_int_equal(visit("192.0.2.200", ASK), 429);
    int64_t wait = 0;
    assert_true(str_to_i64(answer_header(&r, "Retry-After"), 1, 601, &wait));
    assert_int_equal(visit("198.51.100.1", ASK), 200);
    assert_int_equal(visit("198.51.100.1", "GET /form HTTP/1.1\r\nHost: other.example\r\n\r\n"),
                     421);
    /* Without its line a connection is nobody's: closed without a word. */
    int fd = loopback_tcp(&lb);
    char byte;
    loopback_write(fd, STR(ASK));
    assert_true(recv(fd, &byte, 1, 0) <= 0);
    (void)close(fd);
    /* A line that comes in pieces is waited for, and nobody else waits with it. */
    fd = loopback_tcp(&lb);
    loopback_write(fd, STR("PROXY TCP4 203.0.113.9 "));
    assert_int_equal(visit("198.51.100.1", ASK), 200);
    loopback_write(fd, STR("10.0.0.1 1 443\r\n" ASK));
    loopback_read(fd, false, &r);
    assert_int_equal(r.status, 200);
    (void)close(fd);
    loopback_close(&lb);
}

static void an_onion_has_neither_hsts_nor_secure_cookies(void **state)
{
    (void)state;
    loopback_open(&lb, &(struct loopback_options){.routes = ROUTES,
                                                  .route_count = ROUTE_COUNT,
                                                  .kind = LISTEN_ONION,
                                                  .origin = "http://abc.onion",
                                                  .onion = "abc.onion"});
    loopback_get(&lb, "/form", "Host: abc.onion\r\n", &r);
    assert_int_equal(r.status, 200);
    assert_true(str_is_null(answer_header(&r, "Strict-Transport-Security")));
    assert_true(str_is_null(answer_header(&r, "Onion-Location")));
    assert_true(str_starts(answer_cookie(&r, "hyp"), STR("hyp=")));
    assert_true(str_find(answer_header(&r, "Set-Cookie"), STR("Secure")) == SIZE_MAX);
    loopback_close(&lb);
}

static void plain_http_elsewhere_is_refused(void **state)
{
    (void)state;
    static const char *const BAD[] = {
        "0.0.0.0:0",
        "192.0.2.1:80",
        "[::]:0",
        "[2001:db8::1]:80",
        "[0:0:1::1]:80",
        "[::1:0:0:1]:80",
        "[::2]:80",
        "localhost:80",
        "127.0.0.1",
        "127.0.0.1:99999",
        "127.0.0.1:x",
        "127.0.0.1:-1",
        "",
        "8080",
        "[]:80",
        "[::1:80",
        "::1]:80",
        "[::g]:80",
        "127.0.0.1.127.0.0.1.127.0.0.1.127.0.0.1.127.0.0.1.127.0.0.1.1.2.3:80"};
    struct route_span span = {ROUTES, ROUTE_COUNT};
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        struct err_info info = {0};
        struct server *s = NULL;
        struct server_listener listener = {.kind = LISTEN_LOCAL, .address = BAD[i]};
        struct server_config config = {
            .listeners = &listener, .listener_count = 1, .routes = &span, .route_count = 1};
        assert_int_equal(server_start(&config, &info, &s), ERR_INVALID);
        assert_null(s);
        assert_true(strncmp(info.key, "http.listen_", 12) == 0);
    }
}

static void a_listener_that_cannot_be_is_told(void **state)
{
    (void)state;
    char far[300] = "unix:/";
    char origin[600];
    struct listener l;
    struct err_info info;
    memset(far + 6, 'x', sizeof far - 7);
    far[sizeof far - 1] = '\0';
    memset(origin, 'o', sizeof origin - 1);
    origin[sizeof origin - 1] = '\0';
    const struct {
        struct server_listener config;
        enum err err;
    } CASES[] = {
        {{.kind = LISTEN_UNSET}, ERR_INVALID},
        {{.kind = (enum listen_kind)(LISTEN_ONION + 1)}, ERR_INVALID},
        {{.kind = LISTEN_FRONT, .origin = origin}, ERR_INVALID},
        {{.kind = LISTEN_FRONT, .address = "unix:"}, ERR_INVALID},
        {{.kind = LISTEN_FRONT, .address = far}, ERR_INVALID},
        {{.kind = LISTEN_FRONT, .address = "unix:/nowhere/at/all/socket"}, ERR_IO},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        assert_int_equal(listener_open(&CASES[i].config, &l, &info), CASES[i].err);
        if (l.fd >= 0)
            (void)close(l.fd);
    }
    /* A port that is taken. */
    struct listener first;
    char taken[32];
    const struct server_listener any = {.kind = LISTEN_LOCAL, .address = "127.0.0.1:0"};
    assert_int_equal(listener_open(&any, &first, &info), ERR_OK);
    (void)snprintf(taken, sizeof taken, "127.0.0.1:%d", (int)first.port);
    const struct server_listener same = {.kind = LISTEN_LOCAL, .address = taken};
    assert_int_equal(listener_open(&same, &l, &info), ERR_IO);
    assert_string_equal(info.key, "http.listen_failed");
    (void)close(l.fd);
    (void)close(first.fd);
    const struct server_listener six = {.kind = LISTEN_LOCAL, .address = "[::1]:0"};
    enum err err = listener_open(&six, &l, &info); /* a machine may have no IPv6 */
    assert_true(err == ERR_IO || (err == ERR_OK && l.port != 0));
    if (l.fd >= 0)
        (void)close(l.fd);
}

static void a_bad_table_keeps_the_server_from_starting(void **state)
{
    (void)state;
    struct route bad = ROUTES[0];
    struct err_info info = {0};
    struct server *s = NULL;
    bad.door = DOOR_UNSET;
    struct route_span span = {&bad, 1};
    struct server_listener listener = {.kind = LISTEN_LOCAL, .address = "127.0.0.1:0"};
    struct server_config config = {
        .listeners = &listener, .listener_count = 1, .routes = &span, .route_count = 1};
    assert_int_equal(server_start(&config, &info, &s), ERR_INVALID);
    assert_null(s);
    assert_non_null(strstr(info.detail, "/form"));
}

/* A form without its token; what stops it says how far it came. */
static int send_raw(int fd, const char *headers, struct answer_read *got)
{
    char request[512];
    (void)snprintf(request, sizeof request,
                   "POST /send HTTP/1.1\r\nHost: any.example\r\n%sContent-Length: 6\r\n\r\ntext=x",
                   headers);
    loopback_write(fd, str_of(request));
    loopback_read(fd, false, got);
    return got->status;
}

static void check_types_and_origins(int fd, struct answer_read *got)
{
    static const struct {
        const char *headers;
        int status;
    } CASES[] = {
        {"", 415},
        {"Content-Type: text/plain\r\n", 415},
        {"Content-Type: application/x-www-form-urlencodedx\r\n", 415},
        {"Content-Type: application/x-www-form-urlencoded\r\n", 403},
        {"Content-Type: Application/X-WWW-Form-Urlencoded; charset=utf-8\r\n", 403},
        {"Content-Type: application/x-www-form-urlencoded charset=utf-8\r\n", 403},
        {"Content-Type: multipart/form-data\r\n", 422}, /* no boundary */
        {"Origin: https://any.example\r\n", 415},       /* ours: it comes as far as the form */
        {"Origin: http://any.example\r\n", 403},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        if (send_raw(fd, CASES[i].headers, got) != CASES[i].status)
            fail_msg("%s: %d", CASES[i].headers, got->status);
}

static void a_unix_socket_serves_too(void **state)
{
    (void)state;
    char address[64];
    struct err_info info = {0};
    struct server *s = NULL;
    (void)snprintf(address, sizeof address, "unix:/tmp/huiyin-test-%d.sock", (int)getpid());
    struct route_span span = {ROUTES, ROUTE_COUNT};
    struct server_listener listener = {.kind = LISTEN_FRONT, .address = address};
    struct server_config config = {.listeners = &listener,
                                   .listener_count = 1,
                                   .routes = &span,
                                   .route_count = 1,
                                   .budgets = &BUDGET_OFF,
                                   .quiet = true};
    assert_int_equal(server_start(&config, &info, &s), ERR_OK);
    struct answer_read *got = mem_new(sizeof *got);
    assert_non_null(got);
    int fd = loopback_unix(address + 5);
    loopback_write(fd, STR("GET /nothing HTTP/1.1\r\nHost: any.example\r\n\r\n"));
    loopback_read(fd, false, got);
    assert_int_equal(got->status, 404);
    check_types_and_origins(fd, got);
    (void)close(fd);
    server_stop(s, 1000);
    assert_int_equal(access(address + 5, F_OK), -1);
    mem_free(got);
}

static void visitors_over_ipv6_are_served(void **state)
{
    (void)state;
    struct err_info info = {0};
    struct server *s = NULL;
    struct route_span span = {ROUTES, ROUTE_COUNT};
    struct server_listener listener = {.kind = LISTEN_LOCAL, .address = "[::1]:0"};
    struct server_config config = {.listeners = &listener,
                                   .listener_count = 1,
                                   .routes = &span,
                                   .route_count = 1,
                                   .quiet = true};
    if (server_start(&config, &info, &s) != ERR_OK) {
        print_message("skipped: no IPv6 here: %s\n", info.detail);
        skip();
    }
    struct sockaddr_in6 addr = {.sin6_family = AF_INET6,
                                .sin6_port = htons(server_port(s, 0)),
                                .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&addr, sizeof addr), 0);
    loopback_write(fd, STR("GET /form HTTP/1.1\r\nHost: [::1]\r\n\r\n"));
    loopback_read(fd, false, &r);
    assert_int_equal(r.status, 200);
    (void)close(fd);
    server_stop(s, 1000);
}

static void any_number_of_threads_serves(void **state)
{
    (void)state;
    static const size_t THREADS[] = {1, 3, 100000};
    struct route_span span = {ROUTES, ROUTE_COUNT};
    struct server_listener listener = {.kind = LISTEN_LOCAL, .address = "127.0.0.1:0"};
    struct server_config config = {.listeners = &listener,
                                   .listener_count = 1,
                                   .routes = &span,
                                   .route_count = 1,
                                   .budgets = &BUDGET_OFF,
                                   .quiet = true};
    for (size_t i = 0; i < sizeof THREADS / sizeof *THREADS; i++) {
        struct err_info info = {0};
        struct server *s = NULL;
        config.threads = THREADS[i];
        assert_int_equal(server_start(&config, &info, &s), ERR_OK);
        assert_int_not_equal(server_port(s, 0), 0);
        assert_int_equal(server_port(s, 1), 0);
        server_stop(s, 1000);
    }
}

/* As many events at once as libmicrohttpd's table holds used to leave a thread waiting for half a
 * minute with all of them in hand. */
static void everybody_who_asks_at_once_is_answered(void **state)
{
    (void)state;
    static const struct str FORM_PLEASE = STR_INIT("GET /form HTTP/1.1\r\nHost: localhost\r\n\r\n");
    enum { EVENTS = 128 };
    int fd[EVENTS];
    loopback_open(&lb, &(struct loopback_options){
                           .routes = ROUTES, .route_count = ROUTE_COUNT, .threads = 1});
    for (size_t i = 0; i < EVENTS; i++) {
        fd[i] = loopback_tcp(&lb);
        loopback_write(fd[i], FORM_PLEASE);
        loopback_read(fd[i], false, &r);
        assert_int_equal(r.status, 200);
    }
    int first = loopback_tcp(&lb);
    atomic_store(&running, 0);
    atomic_store(&held, 1);
    loopback_write(first, STR("GET /hold HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    for (int i = 0; i < 5000 && atomic_load(&running) == 0; i++)
        (void)poll(NULL, 0, 1);
    for (size_t i = 0; i < EVENTS; i++)
        loopback_write(fd[i], FORM_PLEASE);
    atomic_store(&held, 0);
    loopback_read(first, false, &r);
    check_str(r.body, "held");
    for (size_t i = 0; i < EVENTS; i++) {
        loopback_read(fd[i], false, &r);
        assert_int_equal(r.status, 200);
        (void)close(fd[i]);
    }
    (void)close(first);
    loopback_close(&lb);
}

/* ---- static files --------------------------------------------------------------------------- */

static const struct static_file FILES[] = {
    {STR_INIT("a.css"), STR_INIT("/static/0123456789ab.css"), "text/css", STR_INIT("body {}"),
     STR_INIT("GZIPPED")},
    {STR_INIT("b.txt"), STR_INIT("/static/1123456789ab.txt"), "text/plain", STR_INIT("short"),
     STR_INIT("")},
};
static const struct static_table STATICS = {FILES, 2};

static void static_files_stay_for_ever(void **state)
{
    (void)state;
    loopback_open(&lb, &(struct loopback_options){
                           .routes = ROUTES, .route_count = ROUTE_COUNT, .statics = &STATICS});
    loopback_get(&lb, "/static/0123456789ab.css", "", &r);
    assert_int_equal(r.status, 200);
    check_str(r.body, "body {}");
    check_str(answer_header(&r, "Cache-Control"), "public, max-age=31536000, immutable");
    check_str(answer_header(&r, "Content-Type"), "text/css");
    check_str(answer_header(&r, "Vary"), "Accept-Encoding");
    loopback_get(&lb, "/static/0123456789ab.css", "Accept-Encoding: br, gzip\r\n", &r);
    check_str(r.body, "GZIPPED");
    check_str(answer_header(&r, "Content-Encoding"), "gzip");
    loopback_get(&lb, "/static/0123456789ab.css", "Accept-Encoding: br\r\n", &r);
    check_str(r.body, "body {}");
    loopback_get(&lb, "/static/1123456789ab.txt", "Accept-Encoding: gzip\r\n", &r);
    check_str(r.body, "short");
    assert_true(str_is_null(answer_header(&r, "Content-Encoding")));
    loopback_get(&lb, "/static/ffffffffffff.css", "", &r);
    assert_int_equal(r.status, 404);
    check_str(answer_header(&r, "Cache-Control"), "no-store");
    loopback_close(&lb);
}

/* ---- bounds and the end --------------------------------------------------------------------- */

static void past_the_bound_connections_are_told_to_come_again(void **state)
{
    (void)state;
    int fd[8];
    int refused = 0;
    loopback_open(&lb, &(struct loopback_options){
                           .routes = ROUTES, .route_count = ROUTE_COUNT, .connections_max = 4});
    for (size_t i = 0; i < 8; i++) {
        fd[i] = loopback_tcp(&lb);
        loopback_write(fd[i], STR("GET /form HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        loopback_read(fd[i], false, &r);
        refused += r.status == 503;
        assert_true(r.status == 503 || r.status == 200);
    }
    assert_int_equal(refused, 4);
    for (size_t i = 0; i < 8; i++)
        (void)close(fd[i]);
    for (int i = 0; i < 2000; i++) {
        struct server_stats stats;
        server_stats(lb.server, &stats);
        if (stats.connections == 0)
            break;
        (void)poll(NULL, 0, 1);
    }
    loopback_get(&lb, "/form", "", &r);
    assert_int_equal(r.status, 200);
    loopback_close(&lb);
}

static void *stop_main(void *arg)
{
    (void)arg;
    server_stop(lb.server, 5000);
    return NULL;
}

/* A connection whose write is in the writer's hands. */
static int write_begun(void)
{
    char request[400];
    loopback_open(&lb, &(struct loopback_options){.routes = ROUTES, .route_count = ROUTE_COUNT});
    loopback_get(&lb, "/form", "", &r);
    (void)snprintf(request, sizeof request,
                   "POST /send HTTP/1.1\r\nHost: localhost\r\nCookie: " STR_FMT "\r\n"
                   "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n\r\n"
                   "csrf=" STR_FMT "&text=x",
                   STR_ARG(answer_cookie(&r, "hyp")), r.body.len + 12, STR_ARG(r.body));
    int fd = loopback_tcp(&lb);
    atomic_store(&running, 0);
    loopback_write(fd, str_of(request));
    for (int i = 0; i < 5000 && atomic_load(&running) == 0; i++)
        (void)poll(NULL, 0, 1);
    assert_int_equal(atomic_load(&running), 1);
    return fd;
}

static void what_was_taken_is_answered_before_the_end(void **state)
{
    (void)state;
    int fd = write_begun();
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, stop_main, NULL), 0);
    loopback_read(fd, false, &r);
    assert_int_equal(r.status, 200);
    check_str(r.body, "sent");
    check_str(answer_header(&r, "Connection"), "close");
    assert_int_equal(pthread_join(thread, NULL), 0);
    (void)close(fd);
    lb.server = NULL;
    loopback_close(&lb);
}

/* Who does not wait for answers still waits for the writer, which has the connection in hand. */
static void the_end_waits_for_the_writer_at_least(void **state)
{
    (void)state;
    int fd = write_begun();
    server_stop(lb.server, 0);
    lb.server = NULL;
    assert_int_equal(writer_figures_get(lb.writer).jobs, 1);
    char bytes[2000];
    ssize_t n = recv(fd, bytes, sizeof bytes, 0);
    assert_true(n <= 0 || str_starts(str_make(bytes, (size_t)n), STR("HTTP/1.1 200 ")));
    (void)close(fd);
    loopback_close(&lb);
}

static const struct CMUnitTest TESTS[] = {
    cmocka_unit_test(proxy_lines_are_read_strictly_and_addresses_cut),
    cmocka_unit_test(a_front_listener_counts_visitors_and_hardens_cookies),
    cmocka_unit_test(an_onion_has_neither_hsts_nor_secure_cookies),
    cmocka_unit_test(plain_http_elsewhere_is_refused),
    cmocka_unit_test(a_listener_that_cannot_be_is_told),
    cmocka_unit_test(visitors_over_ipv6_are_served),
    cmocka_unit_test(any_number_of_threads_serves),
    cmocka_unit_test(everybody_who_asks_at_once_is_answered),
    cmocka_unit_test(a_bad_table_keeps_the_server_from_starting),
    cmocka_unit_test(a_unix_socket_serves_too),
    cmocka_unit_test(static_files_stay_for_ever),
    cmocka_unit_test(past_the_bound_connections_are_told_to_come_again),
    cmocka_unit_test(what_was_taken_is_answered_before_the_end),
    cmocka_unit_test(the_end_waits_for_the_writer_at_least),
};
CHECK_MAIN(TESTS)
