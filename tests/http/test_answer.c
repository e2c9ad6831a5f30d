/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What handlers may say and ask, who comes through which door, and what is written of it. */
#define HUIYIN_WRITTEN_BY_GEN_TEMPLATES
#include "base/instant.h"
#include "db/connection.h"
#include "http/exchange.h"
#include "http/html_emit.h"
#include "http/request.h"
#include "lib/crypt/crypt.h"
#include "spine/verb.h"
#include "tests/check.h"
#include "tests/http/loopback.h"
#include "tests/scratch.h"

#include <fcntl.h>
#include <unistd.h>

/* ---- rows that do as the test says ---------------------------------------------------------- */

static enum err (*deed)(struct request *req); /* of every view, prepare and reply; NULL: "done" */
static enum err (*act)(struct tx *tx, struct request *req);
static enum err said; /* what a deed got */

static enum err done(struct request *req)
{
    return reply_bytes(req, 200, "text/plain", STR("done"));
}

static enum err view(struct request *req)
{
    return deed == NULL ? done(req) : deed(req);
}

static enum err prepare(struct request *req)
{
    return deed == NULL ? ERR_OK : deed(req);
}

static enum err do_act(struct tx *tx, struct request *req)
{
    return act == NULL ? ERR_OK : act(tx, req);
}

static enum err again(struct request *req)
{
    return reply_bytes(req, 422, "text/plain", STR("again"));
}

static enum err token_view(struct request *req)
{
    const char *path = str_starts(req->path, STR("/desk/")) ? "/desk/do" : "/do";
    return reply_bytes(req, 200, "text/plain", request_csrf(req, path));
}

struct note {
    struct str text;
};
static const struct form_field FIELDS[] = {FORM_TEXT(struct note, text, 0, 40)};
static const struct form FORM = FORM_INIT("f", struct note, FIELDS);
static const struct form_field LONG_FIELDS[] = {FORM_LINES(struct note, text, 0, 400000)};
static const struct form LONG_FORM = FORM_INIT("long", struct note, LONG_FIELDS);

#define READ_ROW(where, who, may, how)                                                             \
    {                                                                                              \
        .method = METHOD_GET, .path = (where), .door = (who), .verb = (may), .csrf = CSRF_NONE,    \
        .budget = BUDGET_NONE, .flags = (how), .view = view                                        \
    }
#define WRITE_ROW(where, who, may, token)                                                          \
    .method = METHOD_POST, .path = (where), .door = (who), .verb = (may), .csrf = (token),         \
    .event = "matter.noted", .budget = BUDGET_WRITE, .act = do_act, .reply = done
static const struct route ROUTES[] = {
    READ_ROW("/", DOOR_PUBLIC, 0, 0),
    READ_ROW("/tiles/{tree}/{at*}", DOOR_PUBLIC, 0, ROUTE_CACHE),
    READ_ROW("/record/x", DOOR_PUBLIC, 0, 0),
    READ_ROW("/deskless", DOOR_PUBLIC, 0, 0),
    READ_ROW("/desk", DOOR_PUBLIC, 0, 0),
    READ_ROW("/duty/x", DOOR_PUBLIC, 0, 0),
    READ_ROW("/admin/x", DOOR_OFFICER, VERB_READ, ROUTE_STEP_UP),
    READ_ROW("/api/x", DOOR_TOKEN, VERB_READ, 0),
    READ_ROW("/steady", DOOR_PUBLIC, 0, ROUTE_STEADY),
    {.method = METHOD_GET,
     .path = "/token",
     .door = DOOR_PUBLIC,
     .csrf = CSRF_NONE,
     .budget = BUDGET_NONE,
     .view = token_view},
    {.method = METHOD_GET,
     .path = "/desk/token",
     .door = DOOR_PUBLIC,
     .csrf = CSRF_NONE,
     .budget = BUDGET_NONE,
     .view = token_view},
    {WRITE_ROW("/do", DOOR_PUBLIC, 0, CSRF_SESSION), .form = &FORM, .prepare = prepare,
     .again = again},
    {WRITE_ROW("/do-long", DOOR_PUBLIC, 0, CSRF_SESSION), .form = &LONG_FORM},
    {WRITE_ROW("/short", DOOR_PUBLIC, 0, CSRF_SESSION), .form = &FORM, .body_max = 100},
    {WRITE_ROW("/signed", DOOR_PUBLIC, 0, CSRF_SIGNED)},
    {WRITE_ROW("/mine", DOOR_PERSON, 0, CSRF_SESSION), .form = &FORM},
    {WRITE_ROW("/desk/do", DOOR_OFFICER, VERB_READ, CSRF_SESSION), .form = &FORM,
     .flags = ROUTE_STEP_UP},
    {WRITE_ROW("/api/do", DOOR_TOKEN, VERB_READ, CSRF_BEARER), .form = &FORM, .again = again},
};
enum { ROUTE_COUNT = sizeof ROUTES / sizeof ROUTES[0] };

/* ---- who ------------------------------------------------------------------------------------ */

static enum err auth_says; /* instead of who it is */
static int64_t signed_ago_us;

static enum err who_is(void *env, struct db *db, struct arena *a,
                       const unsigned char hash[AUTH_HASH_BYTES], int64_t now_us,
                       struct who *ret_who)
{
    (void)env;
    (void)db;
    (void)a;
    (void)hash;
    *ret_who = (struct who){.officer = {3},
                            .name = STR("Li"),
                            .lang = STR("en"),
                            .verbs = VERB_READ,
                            .signed_us = now_us - signed_ago_us,
                            .seen_us = now_us};
    return auth_says;
}

static const struct auth AUTH = {.session = who_is, .token = who_is};

#define OFFICER "Cookie: hyo=0101010101010101010101010101010101010101010101010101010101010101\r\n"

static struct loopback lb;
static struct answer_read r;

static int open_room(void **state)
{
    (void)state;
    deed = NULL;
    act = NULL;
    auth_says = ERR_OK;
    signed_ago_us = 0;
    loopback_open(&lb, &(struct loopback_options){
                           .routes = ROUTES, .route_count = ROUTE_COUNT, .auth = &AUTH});
    return 0;
}

static int close_room(void **state)
{
    (void)state;
    loopback_close(&lb);
    return 0;
}

static int get(const char *path, const char *headers)
{
    loopback_get(&lb, path, headers, &r);
    return r.status;
}

static int post(const char *path, const char *headers, const char *body)
{
    loopback_post(&lb, path, headers, str_of(body), &r);
    return r.status;
}

/* Posts to /do with its token. */
static int post_do(const char *text)
{
    char headers[200];
    char body[200];
    assert_int_equal(get("/token", ""), 200);
    (void)snprintf(body, sizeof body, "csrf=" STR_FMT "&text=%s", STR_ARG(r.body), text);
    (void)snprintf(headers, sizeof headers, "Cookie: " STR_FMT "\r\n",
                   STR_ARG(answer_cookie(&r, "hyp")));
    return post("/do", headers, body);
}

/* ---- what a handler says -------------------------------------------------------------------- */

static int number; /* of the case */

static enum err say_status(struct request *req)
{
    static const int STATUS[] = {199, 600, 0, -1};
    said = reply_bytes(req, STATUS[number], "text/plain", STR("never"));
    return done(req);
}

static const char *const PATHS[] = {"/ok",  "/",      "",         "ok",       "//evil.example",
                                    "/a b", "/a\x7f", "/a\\evil", "/\r\nX: y"};

static enum err say_see_other(struct request *req)
{
    said = reply_see_other(req, str_of(PATHS[number]));
    return said == ERR_OK ? ERR_OK : done(req);
}

static char long_name[122];
static const char *const NAMES[] = {"ok.txt", "",     "a b", "a\x7f", "\xe4\xb8\xad",
                                    "a\"b",   "a\\b", "a/b", "a;b",   long_name};

static enum err say_file(struct request *req)
{
    said = reply_file(req, "text/plain", str_of(NAMES[number]), STR("bytes"));
    return said == ERR_OK ? ERR_OK : done(req);
}

static const char *const VALUES[] = {"ok", "a\nb", "a\x7f"};

static enum err say_header(struct request *req)
{
    said = reply_header(req, "X-Probe", str_of(VALUES[number]));
    return done(req);
}

static enum err say_many_headers(struct request *req)
{
    for (number = 0; number < 20 && said == ERR_OK; number++)
        said = reply_header(req, "X-Probe", STR("y"));
    return done(req);
}

static void a_handler_cannot_say_what_http_has_not(void **state)
{
    (void)state;
    deed = say_status;
    for (number = 0; number < 4; number++) {
        assert_int_equal(get("/", ""), 200);
        assert_int_equal(said, ERR_INTERNAL);
        check_str(r.body, "done");
    }
    deed = say_see_other;
    for (number = 0; number < (int)(sizeof PATHS / sizeof PATHS[0]); number++) {
        bool is_good = number < 2;
        assert_int_equal(get("/", ""), is_good ? 303 : 200);
        assert_int_equal(said, is_good ? ERR_OK : ERR_INTERNAL);
        struct str location = answer_header(&r, "Location");
        assert_true(is_good ? str_eq_c(location, PATHS[number]) : str_is_null(location));
    }
    memset(long_name, 'n', sizeof long_name - 1);
    deed = say_file;
    for (number = 0; number < (int)(sizeof NAMES / sizeof NAMES[0]); number++) {
        assert_int_equal(get("/", ""), 200);
        assert_int_equal(said, number == 0 ? ERR_OK : ERR_INTERNAL);
        assert_int_equal(str_is_null(answer_header(&r, "Content-Disposition")), number != 0);
    }
    deed = say_header;
    for (number = 0; number < 3; number++) {
        assert_int_equal(get("/", ""), 200);
        assert_int_equal(said, number == 0 ? ERR_OK : ERR_INTERNAL);
        assert_int_equal(str_is_null(answer_header(&r, "X-Probe")), number != 0);
    }
    deed = say_many_headers;
    said = ERR_OK;
    assert_int_equal(get("/", ""), 200);
    assert_int_equal(said, ERR_LIMIT);
    assert_int_equal(number, 9);
}

static enum err overflow_html(struct request *req)
{
    while (html_err(req->html) == ERR_OK)
        html_text(req->html, STR("many words of a page that never ends, and then more of them"));
    return done(req);
}

static enum err long_html(struct request *req)
{
    for (int i = 0; i < 10000; i++)
        html_text(req->html, STR("thirty bytes of a page, no more"));
    return reply_html(req, 200);
}

static void a_page_that_is_too_long_is_not_sent_in_part(void **state)
{
    (void)state;
    deed = overflow_html;
    assert_int_equal(get("/", ""), 413);
    assert_false(answer_has(&r, "many words of a page that never ends"));
    deed = long_html; /* its memory is not kept */
    assert_int_equal(get("/", ""), 200);
    assert_int_equal(r.body.len, 310000);
    deed = NULL;
    assert_int_equal(get("/", ""), 200);
    check_str(r.body, "done");
}

static enum err not_found(struct request *req)
{
    return reply_error(req, ERR_NOT_FOUND);
}

static void caching_is_the_handlers_where_the_row_says_so(void **state)
{
    (void)state;
    assert_int_equal(get("/tiles/1/x/2", ""), 200);
    assert_true(str_is_null(answer_header(&r, "Cache-Control")));
    deed = not_found;
    assert_int_equal(get("/tiles/1/x/2", ""), 404);
    check_str(answer_header(&r, "Cache-Control"), "no-store");
    deed = NULL;
    assert_int_equal(get("/record/x", ""), 200);
    check_str(answer_header(&r, "Cache-Control"), "no-store");
}

static void only_pages_of_the_staff_may_run_scripts(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        bool is_staff;
    } CASES[] = {{"/desk", true},      {"/duty/x", true},    {"/admin/x", true},
                 {"/deskless", false}, {"/record/x", false}, {"/", false}};
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        assert_int_equal(get(CASES[i].path, OFFICER), 200);
        struct str csp = answer_header(&r, "Content-Security-Policy");
        assert_int_equal(str_find(csp, STR("script-src 'self'")) != SIZE_MAX, CASES[i].is_staff);
    }
    assert_int_equal(get("/api/x", "Authorization: Bearer hyt_good\r\n"), 200);
    assert_true(str_starts(answer_header(&r, "Content-Security-Policy"), STR("sandbox")));
}

/* ---- what a handler asks -------------------------------------------------------------------- */

static enum err ask(struct request *req)
{
    check_str(request_param(req, "tree"), "7");
    check_str(request_param(req, "at"), "x/2");
    check_str(request_param(req, "none"), "");
    check_str(request_csrf(req, "/no/such/form"), "");
    check_str(request_csrf(req, "/desk/do"), ""); /* no officer, no key */
    check_str(request_header(req, "if-none-match"), "\"tag\"");
    assert_true(str_is_null(request_header(req, "User-Agent")));
    assert_true(str_is_null(request_header(req, "Cookie")));
    return done(req);
}

static void a_handler_learns_the_path_and_nothing_of_the_visitor(void **state)
{
    (void)state;
    deed = ask;
    assert_int_equal(get("/tiles/7/x/2", "If-None-Match: \"tag\"\r\nUser-Agent: someone\r\n"
                                         "Cookie: a=b\r\n"),
                     200);
}

/* ---- who comes in --------------------------------------------------------------------------- */

static void a_token_has_one_form_and_a_fault_is_no_stranger(void **state)
{
    (void)state;
    static const char *const BAD[] = {"", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "hyt_good"};
    char headers[400];
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        (void)snprintf(headers, sizeof headers, "Authorization: %s\r\n", BAD[i]);
        assert_int_equal(get("/api/x", headers), 401);
        check_str(answer_header(&r, "WWW-Authenticate"), "Bearer");
    }
    (void)snprintf(headers, sizeof headers, "Authorization: Bearer %0250d\r\n", 1);
    assert_int_equal(get("/api/x", headers), 401);
    assert_int_equal(get("/api/x", "Authorization: bearer hyt_good\r\n"), 200);
    auth_says = ERR_NOT_FOUND;
    assert_int_equal(get("/api/x", "Authorization: Bearer hyt_good\r\n"), 401);
    auth_says = ERR_IO;
    assert_int_equal(get("/api/x", "Authorization: Bearer hyt_good\r\n"), 500);
    assert_int_equal(get("/admin/x", OFFICER), 500);
    assert_int_equal(get("/desk", OFFICER), 500);
}

static void who_signed_in_long_ago_signs_in_again(void **state)
{
    (void)state;
    assert_int_equal(get("/admin/x", OFFICER), 200);
    signed_ago_us = 6 * US_PER_MINUTE;
    assert_int_equal(get("/admin/x", OFFICER), 303);
    check_str(answer_header(&r, "Location"), "/sign-in");
    assert_int_equal(post("/desk/do", OFFICER, "csrf=x&text=kept+for+the+next+time"), 401);
    assert_true(answer_has(&r, "kept for the next time"));
    assert_int_equal(post("/desk/do", OFFICER "Content-Type: text/plain\r\n", "not a form"), 401);
    assert_false(answer_has(&r, "not a form"));
    signed_ago_us = 0;
    assert_int_equal(post("/desk/do", OFFICER, "csrf=x&text=y"), 403);
}

static void a_persons_form_without_a_session_keeps_what_was_typed(void **state)
{
    (void)state;
    assert_int_equal(post("/mine", "", "csrf=x&text=a+text+that+took+a+while+to+write"), 401);
    assert_true(answer_has(&r, "a text that took a while to write"));
}

/* A store that cannot be read makes nobody a stranger. */
static void a_session_that_cannot_be_read_is_an_error(void **state)
{
    (void)state;
    static const char COOKIE[] =
        "Cookie: hyp=0202020202020202020202020202020202020202020202020202020202020202\r\n";
    char path[128];
    sqlite3 *sq = NULL;
    assert_int_equal(get("/", COOKIE), 200);
    (void)snprintf(path, sizeof path, "%s/main.db", lb.folder);
    assert_int_equal(sqlite3_open(path, &sq), SQLITE_OK);
    assert_int_equal(sqlite3_exec(sq, "DROP TABLE person_session", NULL, NULL, NULL), SQLITE_OK);
    (void)sqlite3_close(sq);
    assert_int_equal(get("/", COOKIE), 500);
    assert_int_equal(get("/", ""), 200);
}

/* ---- writing -------------------------------------------------------------------------------- */

static enum err add_fault(struct tx *tx, struct request *req)
{
    (void)tx;
    form_fault_add(&req->faults, "text", "form.empty");
    return ERR_OK;
}

static enum err refuse_late(struct tx *tx, struct request *req)
{
    (void)req;
    return err_set(tx->info, ERR_CONFLICT, NULL, "somebody was faster");
}

static enum err find_fault(struct request *req)
{
    form_fault_add(&req->faults, "text", "form.empty");
    return ERR_OK;
}

/* Takes all that a request may have. */
static enum err take_all(struct request *req)
{
    for (size_t size = 1 << 20; size > 0; size /= 2)
        while (arena_alloc(req->arena, size) != NULL)
            ;
    return ERR_OK;
}

static void an_act_says_what_it_found(void **state)
{
    (void)state;
    assert_int_equal(post_do("x"), 200);
    act = add_fault; /* and says that all is well: a defect of the act */
    assert_int_equal(post_do("x"), 500);
    act = refuse_late;
    assert_int_equal(post_do("x"), 422);
    check_str(r.body, "again");
    static const char TOKEN[] =
        "Authorization: Bearer hyt_good\r\nContent-Type: application/json\r\n";
    assert_int_equal(post("/api/do", TOKEN, "{\"text\":\"x\"}"), 409); /* no page for a program */
    check_str(answer_header(&r, "Content-Type"), "application/problem+json");
    act = NULL;
    assert_int_equal(post("/api/do", TOKEN, "{\"text\":\"x\"}"), 200);
    deed = find_fault;
    assert_int_equal(post_do("x"), 422);
    deed = done; /* there is nothing to write */
    act = refuse_late;
    assert_int_equal(post_do("x"), 200);
}

static void a_request_that_has_used_its_memory_is_not_written(void **state)
{
    (void)state;
    deed = take_all;
    act = refuse_late; /* would be told apart */
    assert_int_equal(post_do("x"), 503);
    deed = NULL;
    act = NULL;
    assert_int_equal(post_do("x"), 200);
}

static void a_row_has_its_own_bound_and_large_bodies_are_not_kept(void **state)
{
    (void)state;
    static char body[300 * 1024];
    char headers[200];
    memset(body, 'a', sizeof body - 1);
    assert_int_equal(post("/short", "", "csrf=x&text=y"), 403); /* it came as far as the token */
    static const char BEGIN[] = {'c', 's', 'r', 'f', '='};
    memcpy(body, BEGIN, sizeof BEGIN);
    loopback_post(&lb, "/short", "", str_make(body, 101), &r);
    assert_int_equal(r.status, 413);
    assert_int_equal(get("/token", ""), 200);
    (void)snprintf(headers, sizeof headers, "Cookie: " STR_FMT "\r\n",
                   STR_ARG(answer_cookie(&r, "hyp")));
    assert_int_equal(post("/do-long", headers, body), 403);
    assert_int_equal(post_do("x"), 200);
}

static enum err read_text(struct tx *tx, struct request *req)
{
    (void)tx;
    check_str(req->text, "signed by somebody");
    return ERR_OK;
}

static void a_signed_text_comes_as_text(void **state)
{
    (void)state;
    act = read_text;
    assert_int_equal(post("/signed", "Content-Type: text/plain\r\n", "signed by somebody"), 200);
    assert_int_equal(post("/signed", "", "signed by somebody"), 415);
}

/* ---- what a browser holds ---------------------------------------------------------------------
 */

static struct person_session draft_of(size_t len)
{
    static char big[SESSION_DRAFT_BYTES_MAX + 1];
    memset(big, 'd', sizeof big);
    return (struct person_session){.draft = str_make(big, len), .dossier = {7}};
}

static enum err save_too_much(struct tx *tx, struct request *req)
{
    const struct person_session s = draft_of(SESSION_DRAFT_BYTES_MAX + 1);
    said = session_person_save(tx, req, &s, true);
    return ERR_OK;
}

static enum err save_fresh(struct tx *tx, struct request *req)
{
    const struct person_session s = draft_of(0);
    said = session_person_save(tx, req, &s, true);
    return said;
}

static enum err drop(struct tx *tx, struct request *req)
{
    said = session_person_drop(tx, req);
    return said;
}

static enum err see_known(struct request *req)
{
    if (req->person == NULL)
        return reply_error(req, ERR_NOT_FOUND);
    assert_int_equal(req->person->dossier.v, 7);
    assert_int_equal(req->person->draft.len, 0);
    return done(req);
}

/* Through a door that asks for no cookie. */
static void a_session_begins_and_ends_without_one_before(void **state)
{
    (void)state;
    static const char PLAIN[] = "Content-Type: text/plain\r\n";
    char cookie[200];
    act = save_too_much;
    assert_int_equal(post("/signed", PLAIN, "x"), 200);
    assert_int_equal(said, ERR_LIMIT);
    check_str(answer_cookie(&r, "hyp"), "");
    act = drop;
    assert_int_equal(post("/signed", PLAIN, "x"), 200);
    assert_int_equal(said, ERR_OK);
    act = save_fresh;
    assert_int_equal(post("/signed", PLAIN, "x"), 200);
    (void)snprintf(cookie, sizeof cookie, "Cookie: " STR_FMT "\r\n",
                   STR_ARG(answer_cookie(&r, "hyp")));
    deed = see_known;
    assert_int_equal(get("/", cookie), 200);
    assert_int_equal(get("/", ""), 404);
}

static char device[DEVICE_TEXT_MAX + 2];
static size_t device_len;

static enum err set_device(struct request *req)
{
    said = session_device_set(req, str_make(device, device_len));
    return done(req);
}

static void a_device_is_known_by_a_short_text(void **state)
{
    (void)state;
    static const size_t LENGTHS[] = {0, DEVICE_TEXT_MAX + 1, DEVICE_TEXT_MAX};
    memset(device, 'k', sizeof device - 1);
    deed = set_device;
    for (size_t i = 0; i < 3; i++) {
        device_len = LENGTHS[i];
        assert_int_equal(get("/", ""), 200);
        assert_int_equal(said, i == 2 ? ERR_OK : ERR_LIMIT);
        assert_int_equal(answer_cookie(&r, "hyd").len, i == 2 ? 4 + DEVICE_TEXT_MAX : 0);
    }
}

/* ---- other servers -------------------------------------------------------------------------- */

static void an_origin_is_a_whole_address(void **state)
{
    (void)state;
    struct loopback_options o = {.routes = ROUTES,
                                 .route_count = ROUTE_COUNT,
                                 .kind = LISTEN_FRONT,
                                 .origin = "https://huiyin.example",
                                 .onion = "abc.onion"};
    loopback_open(&lb, &o);
    static const struct {
        const char *headers;
        int status;
    } CASES[] = {{"Host: huiyin.example\r\nOrigin: https://huiyin.example\r\n", 403},
                 {"Host: huiyin.example\r\nOrigin: http://huiyin.example\r\n", 403},
                 {"Host: huiyin.example\r\n", 403},
                 {"Host: example\r\n", 421}};
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        assert_int_equal(post("/do", CASES[i].headers, "text=x"), CASES[i].status);
        /* The right one is stopped later: by its token. */
        assert_int_equal(answer_has(&r, "from a page that is not ours"), i == 1);
    }
    assert_int_equal(get("/record/x", "Host: huiyin.example\r\n"), 200);
    check_str(answer_header(&r, "Onion-Location"), "http://abc.onion/record/x");
    assert_int_equal(get("/nothing", "Host: huiyin.example\r\n"), 404);
    assert_true(str_is_null(answer_header(&r, "Onion-Location")));
    assert_int_equal(get("/desk", "Host: huiyin.example\r\n"), 200);
    assert_true(str_is_null(answer_header(&r, "Onion-Location")));
    loopback_close(&lb);
    o.origin = "huiyin.example"; /* no address: nobody is let in under it */
    loopback_open(&lb, &o);
    assert_int_equal(get("/", "Host: huiyin.example\r\n"), 421);
    loopback_close(&lb);
}

static const struct route_span SPAN = {ROUTES, ROUTE_COUNT};
static const struct server_listener LISTENER = {.kind = LISTEN_LOCAL, .address = "127.0.0.1:0"};

static void start(struct server_config config)
{
    struct err_info info = {0};
    config.listeners = &LISTENER;
    config.listener_count = 1;
    config.routes = &SPAN;
    config.route_count = 1;
    config.auth = &AUTH;
    config.threads = 1;
    lb = (struct loopback){.borrowed = true};
    if (server_start(&config, &info, &lb.server) != ERR_OK)
        fail_msg("%s", info.detail);
}

static void a_server_whose_store_is_gone_answers_with_an_error(void **state)
{
    (void)state;
    struct readers *readers = NULL;
    assert_int_equal(readers_new("/nowhere/at/all", DB_STORE_MAIN, 0, &readers, NULL), ERR_OK);
    start((struct server_config){.readers = readers, .budgets = &BUDGET_OFF, .quiet = true});
    assert_int_equal(get("/", ""), 500);
    assert_int_equal(get("/", ""), 500);
    server_stop(lb.server, 1000);
    readers_free(readers);
}

static void a_server_without_a_writer_shows_what_it_reads(void **state)
{
    (void)state;
    char folder[64];
    char path[128];
    struct db *db = NULL;
    struct readers *readers = NULL;
    scratch_folder(folder, sizeof folder, "http");
    assert_int_equal(db_open(folder, DB_STORE_MAIN, DB_WRITE, &db, NULL), ERR_OK);
    assert_int_equal(readers_new(folder, DB_STORE_MAIN, 0, &readers, NULL), ERR_OK);
    start((struct server_config){.readers = readers, .budgets = &BUDGET_OFF, .quiet = true});
    assert_int_equal(get("/", ""), 200);
    assert_int_equal(get("/admin/x", OFFICER), 200);
    server_stop(lb.server, 1000);
    start((struct server_config){.budgets = &BUDGET_OFF, .quiet = true});
    assert_int_equal(get("/admin/x", OFFICER), 200); /* an officer without a store to read */
    deed = see_known;                                /* … and a person is a stranger */
    assert_int_equal(get("/", "Cookie: hyp=0202020202020202020202020202020202020202020202020202"
                              "020202020202\r\n"),
                     404);
    deed = NULL;
    server_stop(lb.server, 1000);
    readers_free(readers);
    db_close(db);
    static const char *const FILES[] = {"main.db", "main.db-wal", "main.db-shm"};
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, FILES[i]);
        (void)unlink(path);
    }
    assert_int_equal(rmdir(folder), 0);
}

static void too_many_forms_of_one_visitor_keep_what_was_typed(void **state)
{
    (void)state;
    struct budget_limits limits = BUDGET_OFF;
    limits.of[BUDGET_WRITE] = (struct budget_limit){.epochs = 1, .all = 1};
    start((struct server_config){.budgets = &limits, .quiet = true});
    static const char TEXT[] = "csrf=x&text=a+text+that+took+a+while+to+write";
    (void)post("/do", "", TEXT);
    /* The next minute may just have begun. */
    for (int i = 0; i < 3 && post("/do", "", TEXT) != 429; i++)
        ;
    assert_int_equal(r.status, 429);
    assert_true(answer_has(&r, "a text that took a while to write"));
    assert_int_equal(post("/signed", "Content-Type: text/plain\r\n", "signed text, not a form"),
                     429);
    assert_false(answer_has(&r, "signed text, not a form"));
    server_stop(lb.server, 1000);
}

/* Template, status and a step of time: nothing that the visitor wrote. */
static void the_log_names_the_row_and_nobody(void **state)
{
    (void)state;
    char path[64];
    static char log[64 * 1024];
    int file = scratch_file(path, sizeof path, "log");
    int kept = dup(STDERR_FILENO);
    start((struct server_config){.budgets = &BUDGET_OFF});
    assert_true(dup2(file, STDERR_FILENO) >= 0);
    (void)get("/tiles/canary/x?lang=en", "User-Agent: canary\r\nCookie: hyd=canary\r\n");
    (void)get("/canary", "");
    (void)post("/do", "", "text=canary");
    int fd = loopback_tcp(&lb);
    loopback_write(fd, STR("HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
    loopback_read(fd, true, &r);
    (void)close(fd);
    (void)get("/steady", "");
    server_stop(lb.server, 1000);
    assert_true(dup2(kept, STDERR_FILENO) >= 0);
    (void)close(kept);
    ssize_t n = pread(file, log, sizeof log - 1, 0);
    (void)close(file);
    (void)unlink(path);
    assert_true(n > 0);
    log[n] = '\0';
    assert_non_null(strstr(log, "huiyin: info: GET /tiles/{tree}/{at*} 200 "));
    assert_non_null(strstr(log, "huiyin: info: GET - 404 "));
    assert_non_null(strstr(log, "huiyin: info: POST /do 403 "));
    assert_non_null(strstr(log, "huiyin: info: HEAD / 200 "));
    assert_non_null(strstr(log, "huiyin: info: GET /steady 200 "));
    assert_null(strstr(log, "canary"));
    assert_null(strstr(log, "127.0.0.1"));
}

#define IN_ROOM(test) cmocka_unit_test_setup_teardown(test, open_room, close_room)

static const struct CMUnitTest TESTS[] = {
    IN_ROOM(a_handler_cannot_say_what_http_has_not),
    IN_ROOM(a_page_that_is_too_long_is_not_sent_in_part),
    IN_ROOM(caching_is_the_handlers_where_the_row_says_so),
    IN_ROOM(only_pages_of_the_staff_may_run_scripts),
    IN_ROOM(a_handler_learns_the_path_and_nothing_of_the_visitor),
    IN_ROOM(a_token_has_one_form_and_a_fault_is_no_stranger),
    IN_ROOM(who_signed_in_long_ago_signs_in_again),
    IN_ROOM(a_persons_form_without_a_session_keeps_what_was_typed),
    IN_ROOM(a_session_that_cannot_be_read_is_an_error),
    IN_ROOM(an_act_says_what_it_found),
    IN_ROOM(a_request_that_has_used_its_memory_is_not_written),
    IN_ROOM(a_row_has_its_own_bound_and_large_bodies_are_not_kept),
    IN_ROOM(a_signed_text_comes_as_text),
    IN_ROOM(a_session_begins_and_ends_without_one_before),
    IN_ROOM(a_device_is_known_by_a_short_text),
    cmocka_unit_test(an_origin_is_a_whole_address),
    cmocka_unit_test(a_server_whose_store_is_gone_answers_with_an_error),
    cmocka_unit_test(a_server_without_a_writer_shows_what_it_reads),
    cmocka_unit_test(too_many_forms_of_one_visitor_keep_what_was_typed),
    cmocka_unit_test(the_log_names_the_row_and_nobody),
};
CHECK_MAIN(TESTS)
