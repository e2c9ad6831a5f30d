/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A server that cannot start leaves nothing behind; one that runs loses one connection at most,
 * whatever the system refuses. */
#include "base/instant.h"
#include "base/mem.h"
#include "http/exchange.h"
#include "tests/check.h"
#include "tests/db/fault_calls.h"
#include "tests/http/fault_net.h"
#include "tests/http/loopback.h"
#include "tests/scratch.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/socket.h>

/* ---- a server without a store --------------------------------------------------------------- */

static atomic_int held;    /* while it is 1 /held stands still */
static atomic_int running; /* so many do */

static enum err plain_view(struct request *req)
{
    return reply_bytes(req, 200, "text/plain", STR("plain"));
}

static enum err held_view(struct request *req)
{
    atomic_fetch_add(&running, 1);
    while (atomic_load(&held) != 0)
        (void)usleep(1000);
    return plain_view(req);
}

#define READ_ROW(where, how, fn)                                                                   \
    {                                                                                              \
        .method = METHOD_GET, .path = (where), .door = DOOR_PUBLIC, .csrf = CSRF_NONE,             \
        .budget = BUDGET_READ, .flags = (how), .view = (fn)                                        \
    }
static const struct route ROUTES[] = {
    READ_ROW("/plain", 0, plain_view),
    READ_ROW("/held", ROUTE_SLOW, held_view),
    READ_ROW("/blocked", 0, held_view),
    READ_ROW("/steady", ROUTE_STEADY, plain_view),
};
static const struct route_span SPAN = {ROUTES, sizeof ROUTES / sizeof ROUTES[0]};
static const struct server_listener LISTENER = {.kind = LISTEN_LOCAL, .address = "127.0.0.1:0"};
static const struct server_listener PROXIED = {
    .kind = LISTEN_LOCAL, .address = "127.0.0.1:0", .proxy_line = true};

static struct server_config config_of(const struct server_listener *listener)
{
    return (struct server_config){.listeners = listener,
                                  .listener_count = 1,
                                  .routes = &SPAN,
                                  .route_count = 1,
                                  .budgets = &BUDGET_OFF,
                                  .threads = 1,
                                  .quiet = true};
}

static struct server *serve(const struct server_listener *listener)
{
    struct server *s = NULL;
    struct err_info info = {0};
    const struct server_config config = config_of(listener);
    if (server_start(&config, &info, &s) != ERR_OK)
        fail_msg("%s", info.detail);
    return s;
}

static int dial(const struct server *s)
{
    struct sockaddr_in addr = {.sin_family = AF_INET,
                               .sin_port = htons(server_port(s, 0)),
                               .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    struct timeval wait = {.tv_sec = 20};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait), 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&addr, sizeof addr), 0);
    return fd;
}

static void ask_for(int fd, const char *path)
{
    char text[200];
    int n = snprintf(text, sizeof text,
                     "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", path);
    (void)!send(fd, text, (size_t)n, MSG_NOSIGNAL);
}

/* A request that says it brings `size` bytes, and the first `len` of them. */
static void send_much(int fd, size_t size, size_t len)
{
    static char some[64 * 1024];
    char head[200];
    int n = snprintf(head, sizeof head,
                     "POST /plain HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                     "Content-Length: %zu\r\n\r\n",
                     size);
    ssize_t sent = send(fd, head, (size_t)n, MSG_NOSIGNAL);
    while (len > 0 && sent > 0) {
        sent = send(fd, some, len < sizeof some ? len : sizeof some, MSG_NOSIGNAL);
        len -= sent > 0 ? (size_t)sent : 0;
    }
}

/* The status of what comes until the end; 0 when nothing did. Closes. */
static int hear(int fd)
{
    char bytes[16 * 1024];
    size_t len = 0;
    int64_t status = 0;
    ssize_t n = 0;
    while (len < sizeof bytes && (n = recv(fd, bytes + len, sizeof bytes - len, 0)) > 0)
        len += (size_t)n;
    if (n < 0 && errno != ECONNRESET)
        fail_msg("no answer and no end: %s", strerror(errno));
    (void)close(fd);
    if (len > 0 && !str_to_i64(str_make(bytes + 9, 3), 100, 599, &status))
        fail_msg("no answer: \"%.*s\"", (int)len, bytes);
    return (int)status;
}

static int get(const struct server *s, const char *path)
{
    int fd = dial(s);
    ask_for(fd, path);
    return hear(fd);
}

static struct server_stats stats_of(const struct server *s)
{
    struct server_stats stats;
    server_stats(s, &stats);
    return stats;
}

static void wait_until(atomic_int *value, int want)
{
    for (int i = 0; i < 10000 && atomic_load(value) != want; i++)
        (void)usleep(1000);
    assert_int_equal(atomic_load(value), want);
}

static void wait_refused(const struct server *s, uint64_t want)
{
    for (int i = 0; i < 10000 && stats_of(s).refused_busy < want; i++)
        (void)usleep(1000);
    assert_int_equal(stats_of(s).refused_busy, want);
}

static void wait_nobody(const struct server *s)
{
    for (int i = 0; i < 10000 && stats_of(s).connections > 0; i++)
        (void)usleep(1000);
    assert_int_equal(stats_of(s).connections, 0);
}

/* ---- starting ------------------------------------------------------------------------------- */

/* Entries of a folder of /proc/self; a thread that was joined may stand there a moment longer. */
static size_t entries(const char *path)
{
    size_t count = 0;
    DIR *dir = opendir(path);
    assert_non_null(dir);
    while (readdir(dir) != NULL)
        count++;
    (void)closedir(dir);
    return count;
}

static void check_nothing_left(size_t files, size_t threads)
{
    assert_int_equal(entries("/proc/self/fd"), files);
    for (int i = 0; i < 5000 && entries("/proc/self/task") > threads; i++)
        (void)usleep(1000);
    assert_int_equal(entries("/proc/self/task"), threads);
}

static void a_server_that_cannot_start_says_so_and_leaves_nothing(void **state)
{
    (void)state;
    static const enum fault_call CALLS[] = {
        FAULT_THREAD,      FAULT_MUTEX,   FAULT_COND,   FAULT_CLOCK,      FAULT_CONDATTR,
        FAULT_KEY,         FAULT_EVENTFD, FAULT_SOCKET, FAULT_SETSOCKOPT, FAULT_LISTEN,
        FAULT_GETSOCKNAME, FAULT_RANDOM,  FAULT_DAEMON};
    const struct server_config config = config_of(&LISTENER);
    server_stop(serve(&LISTENER), 0); /* a sanitizer may start a thread of its own with the first */
    size_t files = entries("/proc/self/fd");
    size_t threads = entries("/proc/self/task");
    for (size_t c = 0; c < sizeof CALLS / sizeof CALLS[0]; c++) {
        bool was_struck = true;
        int failed = 0;
        for (int64_t i = 0; was_struck; i++) {
            struct server *s = NULL;
            struct err_info info = {.err = ERR_OK};
            fault_call_break(CALLS[c], i, EAGAIN);
            enum err err = server_start(&config, &info, &s);
            was_struck = fault_call_heal();
            assert_int_equal(s != NULL, err == ERR_OK);
            assert_int_equal(info.err, err);
            failed += err != ERR_OK;
            if (s != NULL) /* with a thread less perhaps */
                assert_int_equal(get(s, "/held"), 200);
            server_stop(s, 2000);
            check_nothing_left(files, threads);
        }
        assert_true(failed > 0);
    }
}

static void a_server_without_memory_to_start_says_so_and_leaves_nothing(void **state)
{
    (void)state;
    const struct server_config config = config_of(&LISTENER);
    size_t files = entries("/proc/self/fd");
    size_t threads = entries("/proc/self/task");
    enum err err = ERR_NOMEM;
    int64_t i = 0;
    for (; err != ERR_OK; i++) {
        struct server *s = NULL;
        struct err_info info = {.err = ERR_OK};
        mem_fail_after(i);
        err = server_start(&config, &info, &s);
        mem_fail_after(-1);
        assert_true(err == ERR_OK || err == ERR_NOMEM);
        assert_int_equal(info.err, err);
        server_stop(s, 2000);
        check_nothing_left(files, threads);
    }
    assert_true(i > 5);
}

static void listeners_are_bounded(void **state)
{
    (void)state;
    struct server_listener many[17]; /* to be reached by server_adopt only */
    struct err_info info = {.err = ERR_OK};
    struct server *s = NULL;
    for (size_t i = 0; i < 17; i++)
        many[i] = (struct server_listener){.kind = LISTEN_LOCAL};
    struct server_config config = config_of(many);
    config.listener_count = 17;
    assert_int_equal(server_start(&config, &info, &s), ERR_LIMIT);
    assert_int_equal(info.err, ERR_LIMIT);
    config.listener_count = 16;
    assert_int_equal(server_start(&config, &info, &s), ERR_OK);
    server_stop(s, 0);
}

static void a_socket_that_cannot_be_is_told(void **state)
{
    (void)state;
    static const enum fault_call CALLS[] = {FAULT_SOCKET, FAULT_CHMOD, FAULT_LISTEN};
    char folder[64];
    char address[100];
    scratch_folder(folder, sizeof folder, "sock");
    (void)snprintf(address, sizeof address, "unix:%s/s", folder);
    const struct server_listener listener = {.kind = LISTEN_FRONT, .address = address};
    const struct server_config config = config_of(&listener);
    size_t files = entries("/proc/self/fd");
    for (size_t i = 0; i < sizeof CALLS / sizeof CALLS[0]; i++) {
        struct server *s = NULL;
        struct err_info info = {.err = ERR_OK};
        fault_call_break(CALLS[i], 0, EPERM);
        assert_int_equal(server_start(&config, &info, &s), ERR_IO);
        assert_true(fault_call_heal());
        assert_string_equal(info.key, "http.listen_failed");
        assert_non_null(strstr(info.detail, strerror(EPERM)));
        assert_int_equal(entries("/proc/self/fd"), files);
    }
    assert_int_equal(rmdir(folder), 0); /* no socket stays either */
}

static size_t threads_named(const char *name)
{
    size_t count = 0;
    DIR *dir = opendir("/proc/self/task");
    assert_non_null(dir);
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        char path[300];
        char text[32] = "";
        (void)snprintf(path, sizeof path, "/proc/self/task/%s/comm", e->d_name);
        FILE *f = fopen(path, "r");
        if (f == NULL)
            continue;
        (void)!fgets(text, sizeof text, f);
        (void)fclose(f);
        count += strncmp(text, name, strlen(name)) == 0 && text[strlen(name)] == '\n';
    }
    (void)closedir(dir);
    return count;
}

static void a_machine_that_does_not_say_its_cores_gets_two_threads(void **state)
{
    (void)state;
    struct server_config config = config_of(&LISTENER);
    struct err_info info = {0};
    struct server *s = NULL;
    config.threads = 0;
    fault_call_break(FAULT_SYSCONF, 0, EINVAL);
    assert_int_equal(server_start(&config, &info, &s), ERR_OK);
    assert_true(fault_call_heal());
    for (int i = 0; i < 5000 && threads_named("http") < 2; i++)
        (void)usleep(1000);
    assert_int_equal(threads_named("http"), 2);
    assert_int_equal(get(s, "/plain"), 200);
    server_stop(s, 1000);
}

static rlim_t files_after_start(rlim_t before, size_t connections)
{
    struct server_config config = config_of(&LISTENER);
    struct err_info info = {0};
    struct server *s = NULL;
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = before;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    config.connections_max = connections;
    assert_int_equal(server_start(&config, &info, &s), ERR_OK);
    assert_int_equal(get(s, "/plain"), 200);
    server_stop(s, 1000);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    return limit.rlim_cur;
}

static void as_many_descriptors_are_asked_for_as_connections_need(void **state)
{
    (void)state;
    struct rlimit was;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
    if (was.rlim_max < 800) {
        print_message("skipped: this process may open %lu files\n", (unsigned long)was.rlim_max);
        skip();
    }
    assert_int_equal(files_after_start(300, 400), 656);
    assert_int_equal(files_after_start(700, 400), 700); /* never fewer */
    assert_int_equal(files_after_start(300, was.rlim_max), was.rlim_max);
    fault_call_break(FAULT_GETRLIMIT, 1, EPERM); /* the second is the server's */
    assert_int_equal(files_after_start(300, 400), 300);
    assert_true(fault_call_heal());
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
}

/* ---- serving -------------------------------------------------------------------------------- */

/* The i-th allocation after the server has started fails: its request may be lost, and no other. */
static void without_memory_one_request_is_lost_and_no_other(void **state)
{
    (void)state;
    int lost = 0;
    int told = 0;
    for (int64_t i = 0; i < 48; i++) {
        struct server *s = serve(&LISTENER);
        mem_fail_after(i / 2);
        int fd = dial(s);
        if (i % 2 == 0)
            ask_for(fd, "/nowhere"); /* a page: it allocates most */
        else
            send_much(fd, 20000, 20000);
        int status = hear(fd);
        mem_fail_after(-1);
        if (status != 0 && status != 404 && status != 405 && status != 500 && status != 503)
            fail_msg("allocation %d: %d", (int)i, status);
        lost += status == 0;
        told += status == 500 || status == 503;
        assert_int_equal(get(s, "/plain"), 200);
        wait_nobody(s);
        assert_int_equal(stats_of(s).active, 0);
        server_stop(s, 2000);
    }
    assert_true(lost > 0);
    assert_true(told > 0);
}

static void a_thread_that_cannot_keep_anything_serves_all_the_same(void **state)
{
    (void)state;
    struct server *s = serve(&LISTENER);
    for (int64_t i = 0; i < 2; i++) {
        fault_call_break(FAULT_KEY_SET, i, ENOMEM);
        assert_int_equal(get(s, "/plain"), 200);
        assert_int_equal(fault_call_heal(), i == 0);
        wait_nobody(s);
    }
    server_stop(s, 1000);
}

static void what_libmicrohttpd_refuses_is_one_connection(void **state)
{
    (void)state;
    struct server *s = serve(&LISTENER);
    fault_call_break(FAULT_ADD, 0, ENFILE);
    assert_int_equal(get(s, "/plain"), 0);
    assert_true(fault_call_heal());
    wait_refused(s, 1);
    wait_nobody(s);
    fault_call_break(FAULT_RESPONSE, 0, ENOMEM);
    assert_int_equal(get(s, "/plain"), 0);
    assert_true(fault_call_heal());
    wait_nobody(s);
    assert_int_equal(get(s, "/plain"), 200);
    server_stop(s, 1000);
}

/* It used to hear nobody any more when poll failed once. */
static void the_accept_thread_outlives_what_the_system_refuses(void **state)
{
    (void)state;
    static const struct {
        enum fault_call call;
        int code;
    } CASES[] = {{FAULT_ACCEPT, EMFILE},       {FAULT_ACCEPT, ENFILE}, {FAULT_ACCEPT, ENOMEM},
                 {FAULT_ACCEPT, ECONNABORTED}, {FAULT_POLL, ENOMEM},   {FAULT_POLL, EINTR}};
    const struct server_listener two[] = {LISTENER, LISTENER};
    struct server_config config = config_of(two);
    struct err_info info = {0};
    struct server *s = NULL;
    config.listener_count = 2;
    assert_int_equal(server_start(&config, &info, &s), ERR_OK);
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        fault_call_break(CASES[i].call, 0, CASES[i].code);
        for (int k = 0; k < 1000 && !fault_call_has_failed(); k++)
            assert_int_equal(get(s, "/plain"), 200);
        assert_true(fault_call_heal());
        assert_int_equal(get(s, "/plain"), 200);
    }
    server_stop(s, 1000);
}

static void a_body_is_waited_for_and_drained_only_so_far(void **state)
{
    (void)state;
    struct server *s = serve(&LISTENER);
    int fd = dial(s);
    send_much(fd, 1000, 500);
    for (int i = 0; i < 10000 && stats_of(s).active == 0; i++)
        (void)usleep(1000);
    fault_net_shift(121 * US_PER_SECOND);
    (void)!send(fd, "more", 4, MSG_NOSIGNAL);
    assert_int_equal(hear(fd), 0);
    fault_net_shift(0);
    fd = dial(s);
    send_much(fd, 1000 * 1000 * 1000, 80 * 1000 * 1000); /* it stops listening at 64 MiB */
    assert_int_equal(hear(fd), 0);
    fd = dial(s);
    send_much(fd, 600 * 1000, 600 * 1000);
    assert_int_equal(hear(fd), 413);
    wait_nobody(s);
    server_stop(s, 1000);
}

static void *stop_now(void *arg)
{
    server_stop(arg, 0);
    return NULL;
}

/* It was accepted, and its thread never came to it. */
static void a_connection_nobody_has_begun_is_closed_at_the_end(void **state)
{
    (void)state;
    struct server *s = serve(&LISTENER);
    pthread_t thread;
    atomic_store(&running, 0);
    atomic_store(&held, 1);
    int first = dial(s);
    ask_for(first, "/blocked");
    wait_until(&running, 1);
    int second = dial(s);
    for (int i = 0; i < 10000 && stats_of(s).connections < 2; i++)
        (void)usleep(1000);
    assert_int_equal(stats_of(s).connections, 2);
    assert_int_equal(pthread_create(&thread, NULL, stop_now, s), 0);
    while (!atomic_load(&s->stopping))
        (void)usleep(1000);
    (void)usleep(50000);
    atomic_store(&held, 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(hear(second), 0);
    int status = hear(first);
    assert_true(status == 200 || status == 0);
}

/* Without new keys the old ones stay, and what they count. */
static void without_random_bytes_a_visitor_is_still_known(void **state)
{
    (void)state;
    struct budget_limits limits = BUDGET_OFF;
    limits.of[BUDGET_RAISE] = (struct budget_limit){.each = 2, .epochs = 6};
    struct budgets *b = NULL;
    struct budget_peer peer;
    uint32_t wait_s = 0;
    const int64_t now = INT64_C(1770000000) * US_PER_SECOND;
    const int64_t later = now + 20 * US_PER_MINUTE;
    assert_int_equal(budget_new(&limits, &b), ERR_OK);
    budget_peer_of(b, STR("\x0A\x01\x02"), now, &peer);
    assert_true(budget_take(b, &peer, BUDGET_RAISE, 2, now, &wait_s));
    fault_call_break(FAULT_RANDOM, 0, EIO);
    budget_peer_of(b, STR("\x0A\x01\x02"), later, &peer);
    assert_true(fault_call_heal());
    assert_int_equal(peer.epoch, now / BUDGET_EPOCH_US);
    assert_false(budget_take(b, &peer, BUDGET_RAISE, 1, later, &wait_s));
    budget_free(b);
}

#define LINE "PROXY TCP4 192.0.2.1 10.0.0.1 1 443\r\n"

static int get_proxied(const struct server *s)
{
    int fd = dial(s);
    (void)!send(fd, LINE, sizeof LINE - 1, MSG_NOSIGNAL);
    ask_for(fd, "/plain");
    return hear(fd);
}

static void a_line_that_cannot_be_read_is_one_connection(void **state)
{
    (void)state;
    struct server *s = serve(&PROXIED);
    fault_call_break(FAULT_PEEK, 0, EINTR);
    assert_int_equal(get_proxied(s), 200);
    assert_true(fault_call_heal());
    fault_call_break(FAULT_PEEK, 0, ECONNRESET);
    assert_int_equal(get_proxied(s), 0);
    assert_true(fault_call_heal());
    fault_call_break(FAULT_TAKE, 0, ECONNRESET);
    assert_int_equal(get_proxied(s), 0);
    assert_true(fault_call_heal());
    int fd = dial(s); /* gone before it has said anything */
    (void)close(fd);
    assert_int_equal(get_proxied(s), 200);
    server_stop(s, 1000);
}

static void who_never_says_his_line_is_closed_in_time(void **state)
{
    (void)state;
    struct server *s = serve(&PROXIED);
    fault_net_stand(true);
    int silent = dial(s);
    int slow = dial(s);
    (void)!send(slow, LINE, 9, MSG_NOSIGNAL);
    assert_int_equal(get_proxied(s), 200); /* so both have been accepted */
    struct pollfd fds[] = {{.fd = silent, .events = POLLIN}, {.fd = slow, .events = POLLIN}};
    assert_int_equal(poll(fds, 2, 50), 0);
    fault_net_shift(4 * US_PER_SECOND);
    assert_int_equal(hear(silent), 0);
    assert_int_equal(hear(slow), 0);
    fault_net_shift(0);
    fault_net_stand(false);
    server_stop(s, 1000);
}

static void past_the_bound_nobody_waits_for_a_line(void **state)
{
    (void)state;
    enum { BOUND = 256 };
    int fd[BOUND];
    struct server *s = serve(&PROXIED);
    for (size_t i = 0; i < BOUND; i++)
        fd[i] = dial(s);
    assert_int_equal(hear(dial(s)), 503);
    (void)!send(fd[0], LINE, sizeof LINE - 1, MSG_NOSIGNAL);
    ask_for(fd[0], "/plain");
    assert_int_equal(hear(fd[0]), 200);
    server_stop(s, 0);
    for (size_t i = 1; i < BOUND; i++)
        assert_int_equal(hear(fd[i]), 0);
}

static void past_its_bound_the_slow_pool_says_so(void **state)
{
    (void)state;
    enum { THREADS = 2, QUEUE = 64, MORE = 4, ALL = THREADS + QUEUE + MORE };
    int fd[ALL];
    int done = 0;
    int busy = 0;
    struct server *s = serve(&LISTENER);
    atomic_store(&running, 0);
    atomic_store(&held, 1);
    for (size_t i = 0; i < ALL; i++) {
        fd[i] = dial(s);
        ask_for(fd[i], "/held");
        if (i + 1 == THREADS)
            wait_until(&running, THREADS);
    }
    wait_refused(s, MORE);
    assert_int_equal(get(s, "/plain"), 200);
    atomic_store(&held, 0);
    for (size_t i = 0; i < ALL; i++) {
        int status = hear(fd[i]);
        done += status == 200;
        busy += status == 503;
    }
    assert_int_equal(done, THREADS + QUEUE);
    assert_int_equal(busy, MORE);
    assert_int_equal(atomic_load(&running), THREADS + QUEUE);
    server_stop(s, 1000);
}

static void steady_answers_leave_in_their_order_and_not_before(void **state)
{
    (void)state;
    struct server *s = serve(&LISTENER);
    int fd[3];
    int64_t from = instant_monotonic();
    for (size_t i = 0; i < 3; i++) {
        fd[i] = dial(s);
        ask_for(fd[i], "/steady");
    }
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(hear(fd[i]), 200);
        assert_true(instant_monotonic() - from >= 590 * INT64_C(1000));
    }
    server_stop(s, 1000);
}

/* It would have left in a hundred seconds. */
static void a_steady_answer_does_not_hold_up_the_end(void **state)
{
    (void)state;
    struct server *s = serve(&LISTENER);
    int fd = dial(s);
    ask_for(fd, "/steady");
    for (int i = 0; i < 5000 && atomic_load(&s->waiting) == 0; i++)
        (void)usleep(1000);
    assert_int_equal(atomic_load(&s->waiting), 1);
    fault_net_shift(-100 * US_PER_SECOND);
    int64_t from = instant_monotonic();
    server_stop(s, 0);
    assert_true(instant_monotonic() - from < 50 * US_PER_SECOND);
    fault_net_shift(0);
    int status = hear(fd);
    assert_true(status == 200 || status == 0);
}

static const struct CMUnitTest TESTS[] = {
    cmocka_unit_test(a_server_that_cannot_start_says_so_and_leaves_nothing),
    cmocka_unit_test(a_server_without_memory_to_start_says_so_and_leaves_nothing),
    cmocka_unit_test(listeners_are_bounded),
    cmocka_unit_test(a_socket_that_cannot_be_is_told),
    cmocka_unit_test(a_machine_that_does_not_say_its_cores_gets_two_threads),
    cmocka_unit_test(as_many_descriptors_are_asked_for_as_connections_need),
    cmocka_unit_test(without_memory_one_request_is_lost_and_no_other),
    cmocka_unit_test(a_thread_that_cannot_keep_anything_serves_all_the_same),
    cmocka_unit_test(what_libmicrohttpd_refuses_is_one_connection),
    cmocka_unit_test(the_accept_thread_outlives_what_the_system_refuses),
    cmocka_unit_test(a_body_is_waited_for_and_drained_only_so_far),
    cmocka_unit_test(a_connection_nobody_has_begun_is_closed_at_the_end),
    cmocka_unit_test(without_random_bytes_a_visitor_is_still_known),
    cmocka_unit_test(a_line_that_cannot_be_read_is_one_connection),
    cmocka_unit_test(who_never_says_his_line_is_closed_in_time),
    cmocka_unit_test(past_the_bound_nobody_waits_for_a_line),
    cmocka_unit_test(past_its_bound_the_slow_pool_says_so),
    cmocka_unit_test(steady_answers_leave_in_their_order_and_not_before),
    cmocka_unit_test(a_steady_answer_does_not_hold_up_the_end),
};
CHECK_MAIN(TESTS)
