/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Whole requests through a real listener, thread pool and writer. */
#include "base/instant.h"
#include "base/mem.h"
#include "db/setting.sql.h"
#include "http/html.h"
#include "http/request.h"
#include "http/session.h"
#include "lib/crypt/crypt.h"
#include "spine/verb.h"
#include "tests/check.h"
#include "tests/http/loopback.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- a small room --------------------------------------------------------------------------- */

static atomic_int gate_shut; /* while it is 1 the act of /wait stands still */
static atomic_int acts;

struct note {
    struct str text;
};
static const struct form_field NOTE_FIELDS[] = {FORM_LINES(struct note, text, 1, 2000)};
static const struct form NOTE_FORM = FORM_INIT("note", struct note, NOTE_FIELDS);

static enum err say(struct request *req, int status, struct str text)
{
    return reply_bytes(req, status, "text/plain", str_copy(req->arena, text));
}

static enum err hello_view(struct request *req)
{
    return say(req, 200, STR("hello"));
}

static enum err broken_view(struct request *req)
{
    return err_set(&req->err, ERR_INTERNAL, NULL, "this is for the log");
}

static enum err mute_view(struct request *req)
{
    (void)req;
    return ERR_OK;
}

static enum err jump_view(struct request *req)
{
    return reply_see_other(req, STR("//elsewhere.example/"));
}

static enum err form_view(struct request *req)
{
    return say(req, 200, request_csrf(req, "/note"));
}

static enum err desk_form_view(struct request *req)
{
    return say(req, 200, request_csrf(req, "/desk/m/{ref}/note"));
}

static enum err note_act(struct tx *tx, struct request *req)
{
    const struct note *in = request_form(req);
    atomic_fetch_add(&acts, 1);
    while (atomic_load(&gate_shut) != 0)
        (void)poll(NULL, 0, 1);
    if (str_eq_c(in->text, "refuse me please, this is a long text"))
        return err_set(tx->info, ERR_REFUSED, "form.date", "refused");
    TRY(setting_put(tx->db, STR("note"), in->text, tx->now_us));
    req->model = req->arena;
    return ERR_OK;
}

static enum err note_reply(struct request *req)
{
    struct setting_get_row row;
    assert_ptr_equal(req->model, req->arena);
    TRY(setting_get(req->db, req->arena, STR("note"), &row));
    return say(req, 200, row.value);
}

static enum err note_again(struct request *req)
{
    return say(req, 422, request_typed(req, "text"));
}

static enum err save_act(struct tx *tx, struct request *req)
{
    const struct note *in = request_form(req);
    struct person_session s = {.draft = in->text, .dossier = {7}};
    return session_person_save(tx, req, &s, str_starts(in->text, STR("fresh")));
}

static enum err drop_act(struct tx *tx, struct request *req)
{
    return session_person_drop(tx, req);
}

static enum err see_mine(struct request *req)
{
    return reply_see_other(req, STR("/mine"));
}

static enum err save_form_view(struct request *req)
{
    return say(req, 200, request_csrf(req, "/save"));
}

static enum err mine_view(struct request *req)
{
    assert_int_equal(req->person->dossier.v, 7);
    return say(req, 200, req->person->draft);
}

static enum err matter_view(struct request *req)
{
    assert_int_equal(req->dossier.v, 41);
    return say(req, 200, request_param(req, "ref"));
}

static enum err heavy_view(struct request *req)
{
    (void)poll(NULL, 0, 300);
    return say(req, 200, STR("heavy"));
}

static enum err file_view(struct request *req)
{
    return reply_file(req, "application/octet-stream", STR("proof.txt"), STR("proof"));
}

static enum err hello_post(struct request *req)
{
    return say(req, 200, STR("posted"));
}

#define READ_ROW(where, who, may, fn)                                                              \
    {                                                                                              \
        .method = METHOD_GET, .path = (where), .door = (who), .verb = (may), .csrf = CSRF_NONE,    \
        .budget = BUDGET_READ, .view = (fn)                                                        \
    }
static const struct route ROUTES[] = {
    READ_ROW("/hello", DOOR_PUBLIC, 0, hello_view),
    READ_ROW("/broken", DOOR_PUBLIC, 0, broken_view),
    READ_ROW("/mute", DOOR_PUBLIC, 0, mute_view),
    READ_ROW("/jump", DOOR_PUBLIC, 0, jump_view),
    READ_ROW("/form", DOOR_PUBLIC, 0, form_view),
    READ_ROW("/save-form", DOOR_PUBLIC, 0, save_form_view),
    READ_ROW("/mine", DOOR_PERSON, 0, mine_view),
    READ_ROW("/file", DOOR_PUBLIC, 0, file_view),
    READ_ROW("/desk/m/{ref}", DOOR_OFFICER, VERB_READ, matter_view),
    READ_ROW("/desk/form", DOOR_OFFICER, VERB_READ, desk_form_view),
    READ_ROW("/desk/audit", DOOR_OFFICER, VERB_AUDIT, hello_view),
    {.method = METHOD_GET,
     .path = "/steady",
     .door = DOOR_PUBLIC,
     .csrf = CSRF_NONE,
     .budget = BUDGET_CODE,
     .flags = ROUTE_STEADY,
     .view = hello_view},
    {.method = METHOD_GET,
     .path = "/heavy",
     .door = DOOR_PUBLIC,
     .csrf = CSRF_NONE,
     .budget = BUDGET_READ,
     .flags = ROUTE_SLOW,
     .view = heavy_view},
    {.method = METHOD_POST,
     .path = "/note",
     .door = DOOR_PUBLIC,
     .form = &NOTE_FORM,
     .csrf = CSRF_SESSION,
     .event = "matter.noted",
     .budget = BUDGET_WRITE,
     .act = note_act,
     .reply = note_reply,
     .again = note_again},
    {.method = METHOD_POST,
     .path = "/desk/m/{ref}/note",
     .door = DOOR_OFFICER,
     .verb = VERB_NOTE,
     .form = &NOTE_FORM,
     .csrf = CSRF_SESSION,
     .event = "matter.noted",
     .budget = BUDGET_WRITE,
     .act = note_act,
     .reply = note_reply},
    {.method = METHOD_POST,
     .path = "/save",
     .door = DOOR_PUBLIC,
     .form = &NOTE_FORM,
     .csrf = CSRF_SESSION,
     .event = AUDIT_SESSION,
     .budget = BUDGET_WRITE,
     .act = save_act,
     .reply = see_mine},
    {.method = METHOD_POST,
     .path = "/drop",
     .door = DOOR_PERSON,
     .form = &NOTE_FORM,
     .csrf = CSRF_SESSION,
     .event = AUDIT_SESSION,
     .budget = BUDGET_WRITE,
     .act = drop_act,
     .reply = see_mine},
    {.method = METHOD_POST,
     .path = "/api/v1/note",
     .door = DOOR_TOKEN,
     .verb = VERB_NOTE,
     .form = &NOTE_FORM,
     .csrf = CSRF_BEARER,
     .event = "matter.noted",
     .budget = BUDGET_API,
     .act = note_act,
     .reply = note_reply},
    {.method = METHOD_POST,
     .path = "/plain",
     .door = DOOR_PUBLIC,
     .form = &NOTE_FORM,
     .csrf = CSRF_SESSION,
     .event = AUDIT_SESSION,
     .budget = BUDGET_WRITE,
     .reply = hello_post},
};

/* ---- who ------------------------------------------------------------------------------------ */

#define OFFICER_COOKIE "hyo=0101010101010101010101010101010101010101010101010101010101010101"

static atomic_int seen;

static enum err test_session(void *env, struct db *db, struct arena *a,
                             const unsigned char hash[AUTH_HASH_BYTES], int64_t now_us,
                             struct who *ret_who)
{
    unsigned char token[32];
    struct hash want;
    (void)env;
    (void)db;
    (void)a;
    memset(token, 1, sizeof token);
    crypt_sha256(token, sizeof token, &want);
    if (memcmp(hash, want.b, sizeof want.b) != 0)
        return ERR_NOT_FOUND;
    *ret_who = (struct who){.officer = {3},
                            .name = STR("Li"),
                            .lang = STR("en"),
                            .verbs = VERB_READ | VERB_NOTE,
                            .signed_us = now_us,
                            .seen_us = 0};
    return ERR_OK;
}

static enum err test_token(void *env, struct db *db, struct arena *a,
                           const unsigned char hash[AUTH_HASH_BYTES], int64_t now_us,
                           struct who *ret_who)
{
    struct hash want;
    (void)env;
    (void)db;
    (void)a;
    (void)now_us;
    crypt_sha256("hyt_good", 8, &want);
    if (memcmp(hash, want.b, sizeof want.b) != 0)
        return ERR_NOT_FOUND;
    *ret_who = (struct who){.officer = {3}, .verbs = VERB_NOTE, .by_token = true};
    return ERR_OK;
}

static enum err test_seen(void *env, struct tx *tx, const unsigned char hash[AUTH_HASH_BYTES],
                          int64_t now_us)
{
    (void)env;
    (void)tx;
    (void)hash;
    (void)now_us;
    atomic_fetch_add(&seen, 1);
    return ERR_OK;
}

static enum err test_can(void *env, struct db *db, struct officer_id officer, struct str ref,
                         uint32_t verbs, int64_t now_us, struct dossier_id *ret_dossier)
{
    (void)env;
    (void)db;
    (void)verbs;
    (void)now_us;
    assert_int_equal(officer.v, 3);
    if (!str_eq_c(ref, "K7Q2-9F4M"))
        return ERR_NOT_FOUND;
    ret_dossier->v = 41;
    return ERR_OK;
}

static const struct auth AUTH = {
    .session = test_session, .token = test_token, .seen = test_seen, .can = test_can};

static struct loopback lb;
static struct answer_read r;

static int open_server(void **state)
{
    (void)state;
    atomic_store(&gate_shut, 0);
    loopback_open(&lb, &(struct loopback_options){.routes = ROUTES,
                                                  .route_count = sizeof ROUTES / sizeof ROUTES[0],
                                                  .auth = &AUTH,
                                                  .queue_max = 4});
    return 0;
}

static int close_server(void **state)
{
    (void)state;
    loopback_close(&lb);
    return 0;
}

/* A page with a form: its token and the cookie that goes with it. */
struct ticket {
    char csrf[64];
    char cookie[160]; /* a whole header line */
};

static void ticket_from(const char *path, struct ticket *t)
{
    loopback_get(&lb, path, "", &r);
    assert_int_equal(r.status, 200);
    (void)snprintf(t->csrf, sizeof t->csrf, STR_FMT, STR_ARG(r.body));
    (void)snprintf(t->cookie, sizeof t->cookie, "Cookie: " STR_FMT "\r\n",
                   STR_ARG(answer_cookie(&r, "hyp")));
    assert_int_equal(strlen(t->csrf), 48);
}

static void post_note(const struct ticket *t, const char *headers, const char *text)
{
    char all[512];
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1 << 20);
    buf_printf(&b, "csrf=%s&text=%s", t->csrf, text);
    (void)snprintf(all, sizeof all, "%s%s", t->cookie, headers);
    loopback_post(&lb, "/note", all, buf_view(&b), &r);
}

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
    post_note(&t, "", "stairs+without+light");
    assert_int_equal(r.status, 200);
    check_str(r.body, "stairs without light");
}

static void faults_and_refusals_show_what_was_typed(void **state)
{
    (void)state;
    struct ticket t;
    ticket_from("/form", &t);
    int before = atomic_load(&acts);
    post_note(&t, "", "a%00b");
    assert_int_equal(r.status, 422);
    check_str(r.body, "a\xEF\xBF\xBD"
                      "b");
    post_note(&t, "", "ok&stranger=1");
    assert_int_equal(r.status, 422);
    assert_int_equal(atomic_load(&acts), before);
    post_note(&t, "", "refuse+me+please%2C+this+is+a+long+text");
    assert_int_equal(r.status, 422);
    check_str(r.body, "refuse me please, this is a long text");
    post_note(&t, "", "stands");
    check_str(r.body, "stands");
}

static void foreign_forms_change_nothing(void **state)
{
    (void)state;
    struct ticket t;
    struct ticket other;
    ticket_from("/form", &t);
    ticket_from("/form", &other);
    int before = atomic_load(&acts);
    struct ticket mixed = t;
    memcpy(mixed.cookie, other.cookie, sizeof mixed.cookie);
    post_note(&mixed, "", "x");
    assert_int_equal(r.status, 403);
    struct ticket none = t;
    none.csrf[0] = '\0';
    post_note(&none, "", "x");
    assert_int_equal(r.status, 403);
    post_note(&t, "", "x&csrf=again");
    assert_int_equal(r.status, 403);
    struct ticket bare = t;
    bare.cookie[0] = '\0';
    post_note(&bare, "", "x");
    assert_int_equal(r.status, 403);
    assert_true(answer_has(&r, "cookies"));
    post_note(&t, "Sec-Fetch-Site: cross-site\r\n", "x");
    assert_int_equal(r.status, 403);
    post_note(&t, "Sec-Fetch-Site: none\r\n", "x");
    assert_int_equal(r.status, 403);
    post_note(&t, "Origin: https://evil.example\r\n", "x");
    assert_int_equal(r.status, 403);
    static const char *const ORIGINS[] = {"null", "http://localhosx", "http://localhost:81",
                                          "ftp_://localhost"};
    for (size_t i = 0; i < sizeof ORIGINS / sizeof *ORIGINS; i++) {
        char header[64];
        (void)snprintf(header, sizeof header, "Origin: %s\r\n", ORIGINS[i]);
        post_note(&t, header, "x");
        assert_int_equal(r.status, 403);
    }
    assert_int_equal(atomic_load(&acts), before);
    post_note(&t, "Sec-Fetch-Site: same-origin\r\nOrigin: http://localhost\r\n", "x");
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
    int before = atomic_load(&acts);
    post_note(&t, "", "written+long+ago");
    assert_int_equal(r.status, 422);
    check_str(r.body, "written long ago");
    assert_int_equal(atomic_load(&acts), before);
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

static void wait_for_acts(int want)
{
    for (int i = 0; i < 5000 && atomic_load(&acts) < want; i++)
        (void)poll(NULL, 0, 1);
    assert_true(atomic_load(&acts) >= want);
}

static int post_open(const struct ticket *t, const char *text)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 4096);
    buf_printf(&b,
               "POST /note HTTP/1.1\r\nHost: localhost\r\n%s"
               "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n\r\n"
               "csrf=%s&text=%s",
               t->cookie, strlen(t->csrf) + strlen(text) + 11, t->csrf, text);
    int fd = loopback_pair(&lb);
    loopback_write(fd, buf_view(&b));
    return fd;
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
    int before = atomic_load(&acts);
    atomic_store(&gate_shut, 1);
    fd[0] = post_open(&t, "first");
    wait_for_acts(before + 1);
    for (size_t i = 1; i < CLIENTS; i++)
        fd[i] = post_open(&t, "more");
    /* Reading goes on while the writer stands still. */
    loopback_get(&lb, "/hello", "", &r);
    assert_int_equal(r.status, 200);
    struct server_stats stats = {0};
    for (int i = 0; i < 5000 && stats.refused_busy == 0; i++) {
        (void)poll(NULL, 0, 1);
        server_stats(lb.server, &stats);
    }
    atomic_store(&gate_shut, 0);
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
    assert_int_equal(atomic_load(&acts) - before, done);
}

static void a_client_that_goes_away_mid_write_harms_nobody(void **state)
{
    (void)state;
    struct ticket t;
    ticket_from("/form", &t);
    int before = atomic_load(&acts);
    atomic_store(&gate_shut, 1);
    int fd = post_open(&t, "gone");
    wait_for_acts(before + 1);
    (void)close(fd);
    atomic_store(&gate_shut, 0);
    for (int i = 0; i < 200; i++) {
        int one = post_open(&t, "quick");
        (void)close(one);
    }
    struct server_stats stats = {.active = 1};
    for (int i = 0; i < 5000 && stats.active > 0; i++) {
        (void)poll(NULL, 0, 1);
        server_stats(lb.server, &stats);
    }
    assert_int_equal(stats.active, 0);
    post_note(&t, "", "still+here");
    check_str(r.body, "still here");
}

/* ---- sessions ------------------------------------------------------------------------------- */

static void save(const struct ticket *t, const char *text)
{
    char body[300];
    (void)snprintf(body, sizeof body, "csrf=%s&text=%s", t->csrf, text);
    loopback_post(&lb, "/save", t->cookie, str_of(body), &r);
}

static void a_persons_session_is_sealed_and_outlives_nothing(void **state)
{
    (void)state;
    struct ticket t;
    char fresh[160];
    loopback_get(&lb, "/mine", "", &r);
    assert_int_equal(r.status, 303);
    check_str(answer_header(&r, "Location"), "/back");
    ticket_from("/save-form", &t);
    save(&t, "half-filled+canary");
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
    save(&t, "fresh+one");
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
    for (int i = 0; i < 2000 && atomic_load(&seen) == 0; i++)
        (void)poll(NULL, 0, 1);
    assert_true(atomic_load(&seen) > 0);
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
    cmocka_unit_test(a_persons_session_is_sealed_and_outlives_nothing),
    cmocka_unit_test(barred_and_absent_are_the_same_404),
    cmocka_unit_test(an_officers_form_hangs_on_the_officers_session),
    cmocka_unit_test(the_api_takes_tokens_and_json_only),
};

int main(void)
{
    return cmocka_run_group_tests(TESTS, open_server, close_server);
}
