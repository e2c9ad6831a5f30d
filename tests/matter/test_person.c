/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * A person's pages over a real server and a real data folder, with a browser of a few lines.
 *
 *     test_matter_person            the tests
 *     test_matter_person --serve    says a port and waits, for looking at the pages
 */
#include "tests/check.h"

#include "base/mem.h"
#include "db/readers.h"
#include "db/writer.h"
#include "http/html.h"
#include "http/server.h"
#include "lib/text/zone.h"
#include "matter/person.h"
#include "tests/matter/village.h"
#include "trust/code.h"
#include "web/web_static.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PAGE_BYTES_MAX = 60 * 1024 };

static struct village *v;
static struct server *server;

/* ---- a browser ---------------------------------------------------------------------------------
 */

struct browser {
    char cookie[200];
    char lang[40];
    struct buf page; /* the last answer, head and body */
    int status;
};

static enum err nobody(void *env, struct db *db, struct arena *a,
                       const unsigned char hash[AUTH_HASH_BYTES], int64_t now_us,
                       struct who *ret_who)
{
    (void)env;
    (void)db;
    (void)a;
    (void)hash;
    (void)now_us;
    (void)ret_who;
    return ERR_NOT_FOUND;
}

static enum err seen(void *env, struct tx *tx, const unsigned char hash[AUTH_HASH_BYTES],
                     int64_t now_us)
{
    (void)env;
    (void)tx;
    (void)hash;
    (void)now_us;
    return ERR_OK;
}

static enum err may(void *env, struct db *db, struct officer_id officer, struct str ref,
                    uint32_t verbs, int64_t now_us, struct dossier_id *ret_dossier)
{
    (void)env;
    (void)db;
    (void)officer;
    (void)ref;
    (void)verbs;
    (void)now_us;
    (void)ret_dossier;
    return ERR_NOT_FOUND;
}

static const struct auth AUTH = {.session = nobody, .token = nobody, .seen = seen, .can = may};

static int open_all(void **state)
{
    if (village_open(state) != 0)
        return 1;
    v = *state;
    html_set_statics(&WEB_STATICS);
    const struct route_span span = {PERSON_ROUTES, PERSON_ROUTE_COUNT};
    const struct server_listener listener = {.kind = LISTEN_LOCAL, .address = "127.0.0.1:0"};
    const struct server_config config = {.listeners = &listener,
                                         .listener_count = 1,
                                         .routes = &span,
                                         .route_count = 1,
                                         .auth = &AUTH,
                                         .writer = v->h->writer,
                                         .readers = v->h->readers,
                                         .house = v->h,
                                         .statics = &WEB_STATICS,
                                         .budgets = &BUDGET_OFF,
                                         .quiet = true};
    struct err_info info = {0};
    if (server_start(&config, &info, &server) != ERR_OK)
        fail_msg("server_start: %s", info.detail);
    return 0;
}

static int close_all(void **state)
{
    server_stop(server, 2000);
    return village_close(state);
}

static void browser_new(struct browser *b, const char *lang)
{
    *b = (struct browser){.status = 0};
    (void)snprintf(b->lang, sizeof b->lang, "%s", lang);
    buf_init(&b->page, 1024 * 1024);
}

static void browser_free(struct browser *b)
{
    buf_done(&b->page);
}

static struct str body_of(const struct browser *b)
{
    size_t gap = str_find(buf_view(&b->page), STR("\r\n\r\n"));
    return gap == SIZE_MAX ? STR("") : str_sub(buf_view(&b->page), gap + 4, b->page.len);
}

static bool sees(const struct browser *b, const char *text)
{
    return str_find(body_of(b), str_of(text)) != SIZE_MAX;
}

/* Keeps the person's cookie of the answer; a cleared one is forgotten. */
static void keep_cookie(struct browser *b)
{
    size_t at = str_find(buf_view(&b->page), STR("Set-Cookie: hyp="));
    if (at == SIZE_MAX)
        return;
    struct str rest = str_sub(buf_view(&b->page), at + 12, 190);
    struct str pair;
    (void)str_cut(&rest, ';', &pair);
    (void)snprintf(b->cookie, sizeof b->cookie, STR_FMT, STR_ARG(pair));
}

static void send_request(struct browser *b, struct str request)
{
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    assert_int_equal(server_adopt(server, 0, ends[1]), ERR_OK);
    const struct timeval patience = {.tv_sec = 30};
    assert_int_equal(setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    for (size_t sent = 0; sent < request.len;) {
        ssize_t n = send(ends[0], request.ptr + sent, request.len - sent, MSG_NOSIGNAL);
        if (n <= 0)
            break; /* refused before it was read to its end */
        sent += (size_t)n;
    }
    static char piece[65536];
    buf_clear(&b->page);
    for (ssize_t n = recv(ends[0], piece, sizeof piece, 0); n > 0;
         n = recv(ends[0], piece, sizeof piece, 0))
        buf_bytes(&b->page, piece, (size_t)n);
    (void)close(ends[0]);
    int64_t status = 0;
    if (!str_to_i64(str_sub(buf_view(&b->page), 9, 3), 100, 599, &status))
        fail_msg("no answer");
    b->status = (int)status;
    keep_cookie(b);
}

static void get(struct browser *b, const char *path)
{
    CLEANUP(buf_done) struct buf r;
    buf_init(&r, 4096);
    buf_printf(&r,
               "GET %s HTTP/1.1\r\nHost: localhost\r\nAccept-Language: %s\r\nCookie: %s\r\n"
               "Connection: close\r\n\r\n",
               path, b->lang, b->cookie);
    send_request(b, buf_view(&r));
}

static void put_encoded(struct buf *out, const char *value)
{
    for (const char *c = value; *c != '\0'; c++) {
        bool plain = (*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') || *c == '_';
        buf_printf(out, plain ? "%c" : "%%%02X", (unsigned char)*c);
    }
}

/* The hidden token of the form that posts to `path` on the page at hand. */
static struct str token_of(const struct browser *b, const char *path)
{
    char action[80];
    (void)snprintf(action, sizeof action, "action=\"%s\"", path);
    size_t at = str_find(body_of(b), str_of(action));
    struct str rest = at == SIZE_MAX ? STR("") : str_sub(body_of(b), at, SIZE_MAX);
    at = str_find(rest, STR("name=\"csrf\" value=\""));
    rest = at == SIZE_MAX ? STR("") : str_sub(rest, at + 19, SIZE_MAX);
    struct str token = STR("");
    (void)str_cut(&rest, '"', &token);
    return token;
}

/* Posts name, value, name, value ..., NULL with the token of the page and follows a 303. */
static void post(struct browser *b, const char *path, const char *const *fields)
{
    CLEANUP(buf_done) struct buf form;
    buf_init(&form, 16 * 1024 * 1024);
    buf_printf(&form, "csrf=" STR_FMT, STR_ARG(token_of(b, path)));
    for (size_t i = 0; fields[i] != NULL; i += 2) {
        buf_printf(&form, "&%s=", fields[i]);
        put_encoded(&form, fields[i + 1]);
    }
    CLEANUP(buf_done) struct buf r;
    buf_init(&r, 17 * 1024 * 1024);
    buf_printf(&r,
               "POST %s HTTP/1.1\r\nHost: localhost\r\nAccept-Language: %s\r\nCookie: %s\r\n"
               "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n"
               "Connection: close\r\n\r\n",
               path, b->lang, b->cookie, form.len);
    buf_str(&r, buf_view(&form));
    assert_int_equal(buf_err(&r), ERR_OK);
    send_request(b, buf_view(&r));
    if (b->status != 303)
        return;
    size_t at = str_find(buf_view(&b->page), STR("Location: "));
    assert_int_not_equal(at, SIZE_MAX);
    struct str rest = str_sub(buf_view(&b->page), at + 10, 200);
    struct str where;
    (void)str_cut(&rest, '\r', &where);
    char next[200];
    (void)snprintf(next, sizeof next, STR_FMT, STR_ARG(where));
    get(b, next);
}

#define POST(b, path, ...) post((b), (path), (const char *const[]){__VA_ARGS__, NULL})
#define STEP(b, step, ...) POST((b), "/raise", "step", (step), __VA_ARGS__, "go", "next")

/* What every page of a person keeps to. */
static void check_page(const struct browser *b)
{
    struct str page = body_of(b);
    assert_int_equal(str_find(page, STR("<script")), SIZE_MAX);
    assert_int_equal(str_find(page, STR(" style=")), SIZE_MAX);
    assert_int_equal(str_find(page, STR("http://")), SIZE_MAX);
    assert_int_equal(str_find(page, STR("https://")), SIZE_MAX);
    assert_int_not_equal(str_find(page, STR("href=\"/exit\"")), SIZE_MAX);
    size_t all = page.len;
    for (size_t i = 0; i < WEB_STATICS.count; i++)
        if (str_eq_c(WEB_STATICS.files[i].name, "app.css"))
            all += WEB_STATICS.files[i].gzip.len;
    assert_true(all < PAGE_BYTES_MAX); /* the page itself not even compressed */
}

/* The 24 digits on the page that shows them. */
static void read_code(const struct browser *b, char digits[CODE_DIGITS + 1])
{
    struct str page = body_of(b);
    size_t at = str_find(page, STR("class=\"hy-code\""));
    assert_int_not_equal(at, SIZE_MAX);
    size_t n = 0;
    for (at += 15; at < page.len && n < CODE_DIGITS; at++)
        if (page.ptr[at] >= '0' && page.ptr[at] <= '9')
            digits[n++] = page.ptr[at];
    assert_int_equal(n, CODE_DIGITS);
    digits[CODE_DIGITS] = '\0';
}

/* From the first page to the one with the code. */
static void fill_in(struct browser *b, const char *identity)
{
    get(b, "/raise");
    assert_int_equal(b->status, 200);
    check_page(b);
    STEP(b, "kind", "kind", "help");
    check_page(b);
    STEP(b, "what", "title", "no light", "text", "the stairs at gate 4 have had no light", "place",
         "gate 4", "happened", "2026-01-05");
    check_page(b);
    STEP(b, "wish", "wish", "a new lamp");
    check_page(b);
    STEP(b, "identity", "identity", identity);
    check_page(b);
    if (strcmp(identity, "anonymous") != 0)
        STEP(b, "tell", "name", "canary wu", "phone", "13800138000");
    check_page(b);
    STEP(b, "first", "kind", "");
    check_page(b);
    STEP(b, "check", "kind", "");
    check_page(b);
    assert_int_equal(b->status, 200);
}

static void raise_one(struct browser *b, const char *identity, char code[CODE_DIGITS + 1])
{
    fill_in(b, identity);
    read_code(b, code);
    STEP(b, "code", "last4", code + CODE_DIGITS - 4);
    assert_int_equal(b->status, 200);
    check_page(b);
}

static int64_t matters(void)
{
    int64_t n = 0;
    for (struct dossier_id id = {1}; id.v < 1000; id.v++) {
        struct dossier d;
        struct db *db = NULL;
        assert_int_equal(readers_take(v->h->readers, &db, NULL), ERR_OK);
        enum err e = dossier_load(db, &v->a, id, &d);
        readers_give(v->h->readers, db);
        if (e != ERR_OK)
            break;
        n++;
    }
    return n;
}

/* ---- tests -------------------------------------------------------------------------------------
 */

static void the_front_door_says_whom_to_call_first(void **state)
{
    (void)state;
    CLEANUP(browser_free) struct browser b;
    browser_new(&b, "en");
    get(&b, "/");
    assert_int_equal(b.status, 200);
    check_page(&b);
    assert_true(sees(&b, "href=\"tel:119\"") || sees(&b, "href=\"tel:"));
    assert_true(str_find(body_of(&b), STR("tel:")) < str_find(body_of(&b), STR("/raise")));
    get(&b, "/rights");
    assert_int_equal(b.status, 200);
    check_page(&b);
    CLEANUP(browser_free) struct browser zh;
    browser_new(&zh, "zh-CN");
    get(&zh, "/");
    assert_true(sees(&zh, "反映事项，必有回音"));
    assert_true(sees(&zh, "lang=\"zh-CN\""));
}

static void a_matter_is_raised_and_come_back_to(void **state)
{
    (void)state;
    CLEANUP(browser_free) struct browser b;
    browser_new(&b, "en");
    int64_t before = matters();
    char code[CODE_DIGITS + 1];
    fill_in(&b, "anonymous");
    assert_true(sees(&b, "Nothing has been sent yet"));
    assert_int_equal(matters(), before); /* nothing before the code is typed back */
    read_code(&b, code);
    STEP(&b, "code", "last4", "0000");
    if (strcmp(code + CODE_DIGITS - 4, "0000") != 0)
        assert_int_equal(b.status, 422);
    STEP(&b, "code", "last4", code + CODE_DIGITS - 4);
    assert_int_equal(matters(), before + 1);
    assert_true(sees(&b, "We have received it"));
    assert_false(sees(&b, code)); /* to be photographed */
    get(&b, "/mine");
    assert_int_equal(b.status, 200);
    check_page(&b);
    assert_false(sees(&b, "no light")); /* whoever finds the code does not learn what was written */
    POST(&b, "/mine", "act", "leave");
    get(&b, "/mine");
    assert_int_equal(b.status, 303); /* to the way back in */
    get(&b, "/back");
    POST(&b, "/back", "code", code);
    assert_int_equal(b.status, 200);
    assert_true(sees(&b, "This is the first time"));
    assert_int_equal(matters(), before + 1);
}

static void going_back_loses_nothing(void **state)
{
    (void)state;
    CLEANUP(browser_free) struct browser b;
    browser_new(&b, "zh-CN");
    get(&b, "/raise");
    STEP(&b, "kind", "kind", "help");
    POST(&b, "/raise", "step", "what", "title", "楼梯没有灯", "text", "", "go", "back");
    assert_int_equal(b.status, 200);
    assert_true(sees(&b, "value=\"help\" checked"));
    STEP(&b, "kind", "kind", "help");
    assert_true(sees(&b, "楼梯没有灯"));
    STEP(&b, "what", "title", "楼梯没有灯", "text", ""); /* text is needed: the title stays */
    assert_int_equal(b.status, 422);
    assert_true(sees(&b, "楼梯没有灯"));
    assert_true(sees(&b, "请写明发生了什么"));
    get(&b, "/raise?lang=en");
    assert_true(sees(&b, "楼梯没有灯")); /* another language, the same words */
}

static void sending_twice_makes_one_matter(void **state)
{
    (void)state;
    CLEANUP(browser_free) struct browser b;
    CLEANUP(browser_free) struct browser twin;
    browser_new(&b, "en");
    browser_new(&twin, "en");
    int64_t before = matters();
    char code[CODE_DIGITS + 1];
    fill_in(&b, "anonymous");
    read_code(&b, code);
    memcpy(twin.cookie, b.cookie, sizeof twin.cookie);
    buf_str(&twin.page, buf_view(&b.page)); /* the same page in another tab */
    STEP(&b, "code", "last4", code + CODE_DIGITS - 4);
    assert_int_equal(matters(), before + 1);
    STEP(&twin, "code", "last4", code + CODE_DIGITS - 4);
    assert_int_equal(matters(), before + 1);
    get(&b, "/raise"); /* reloading shows the receipt again */
    assert_true(sees(&b, "We have received it"));
    POST(&b, "/raise", "step", "kind", "go", "new");
    assert_true(sees(&b, "name=\"kind\""));
}

static void bad_input_is_named_and_kept(void **state)
{
    (void)state;
    CLEANUP(browser_free) struct browser b;
    browser_new(&b, "en");
    get(&b, "/raise");
    STEP(&b, "kind", "kind", "no such kind");
    assert_int_equal(b.status, 422);
    STEP(&b, "kind", "kind", "help");
    static const char *const BAD[] = {
        "11010519491231002X is my number", /* nobody needs it */
        "turned \xE2\x80\xAE"
        "around",
        "a bell \x07",
        "broken \xFF bytes",
    };
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        STEP(&b, "what", "title", "kept title", "text", BAD[i]);
        assert_int_equal(b.status, 422);
        assert_true(sees(&b, "kept title"));
        assert_true(sees(&b, "href=\"#text\""));
        check_page(&b);
    }
    STEP(&b, "what", "title", "<script>alert(1)</script>", "text", "x", "happened", "2999-01-01");
    assert_int_equal(b.status, 422);
    check_page(&b); /* and no script */
    char *huge = mem_new(700 * 1024);
    assert_non_null(huge);
    memset(huge, 'a', 700 * 1024 - 1);
    STEP(&b, "what", "title", "t", "text", huge);
    assert_int_equal(b.status, 413);
    mem_free(huge);
    get(&b, "/raise");
    POST(&b, "/raise", "step", "what", "unheard", "of");
    assert_int_equal(b.status, 422);
}

static void a_code_in_the_text_is_refused(void **state)
{
    (void)state;
    CLEANUP(browser_free) struct browser b;
    CLEANUP(browser_free) struct browser other;
    browser_new(&b, "en");
    browser_new(&other, "en");
    char code[CODE_DIGITS + 1];
    raise_one(&b, "anonymous", code);
    get(&b, "/mine");
    char text[100];
    (void)snprintf(text, sizeof text, "my code is %s", code);
    POST(&b, "/mine", "act", "add", "text", text);
    assert_int_equal(b.status, 422);
    assert_true(sees(&b, "There is a code in the text"));
    get(&other, "/raise");
    STEP(&other, "kind", "kind", "help");
    STEP(&other, "what", "title", "t", "text", text);
    assert_int_equal(other.status, 422);
}

static void codes_have_two_answers_only(void **state)
{
    (void)state;
    CLEANUP(browser_free) struct browser b;
    browser_new(&b, "en");
    get(&b, "/back");
    POST(&b, "/back", "code", "123");
    assert_true(sees(&b, "typing mistake"));
    assert_false(sees(&b, "\"123\"")); /* nothing of it is shown again */
    POST(&b, "/back", "code", "<b>");
    assert_true(sees(&b, "typing mistake"));
    struct code unknown; /* well made, leads nowhere */
    assert_int_equal(keeper_code_new(v->h->keeper, &unknown), KEEPER_OK);
    POST(&b, "/back", "code", unknown.digits);
    assert_int_equal(b.status, 422);
    assert_true(sees(&b, "not known"));
    char code[CODE_DIGITS + 1];
    CLEANUP(browser_free) struct browser owner;
    browser_new(&owner, "en");
    raise_one(&owner, "anonymous", code);
    get(&owner, "/mine");
    POST(&owner, "/mine", "act", "burn");
    assert_true(sees(&owner, "worthless"));
    get(&b, "/back");
    POST(&b, "/back", "code", code);
    assert_true(sees(&b, "not known")); /* burned reads like unknown */
}

static void a_new_code_takes_the_place_of_the_old(void **state)
{
    (void)state;
    CLEANUP(browser_free) struct browser b;
    browser_new(&b, "en");
    char old[CODE_DIGITS + 1];
    char fresh[CODE_DIGITS + 1];
    raise_one(&b, "anonymous", old);
    get(&b, "/mine");
    POST(&b, "/mine", "act", "replace");
    assert_int_equal(b.status, 200);
    read_code(&b, fresh);
    assert_string_not_equal(old, fresh);
    POST(&b, "/mine", "act", "replaced", "last4", fresh + CODE_DIGITS - 4);
    assert_int_equal(b.status, 200);
    assert_true(sees(&b, "The new code is in force"));
    CLEANUP(browser_free) struct browser late;
    browser_new(&late, "en");
    get(&late, "/back");
    POST(&late, "/back", "code", old);
    assert_true(sees(&late, "not known"));
    POST(&late, "/back", "code", fresh);
    assert_int_equal(late.status, 200);
    assert_true(sees(&late, "hy-steps"));
}

static struct dossier_id newest(void)
{
    return (struct dossier_id){matters()};
}

static void officer_does(struct dossier_id id, enum village_post post, struct matter_command c)
{
    struct matter_done done;
    enum err e = village_act(v, id, v->officers[HALL][post], &c, &done);
    if (e != ERR_OK)
        fail_msg("%s: %s %s", matter_do_word(c.what).ptr, v->info.key, v->info.detail);
}

static void the_whole_way_from_raising_to_not_solved(void **state)
{
    (void)state;
    CLEANUP(browser_free) struct browser b;
    browser_new(&b, "en");
    char code[CODE_DIGITS + 1];
    raise_one(&b, "known", code);
    struct dossier_id id = newest();
    officer_does(id, LEAD,
                 (struct matter_command){.what = DO_ADMIT, .body.route = STR("ordinary")});
    officer_does(
        id, LEAD,
        (struct matter_command){.what = DO_ASSIGN, .body.handler = v->officers[HALL][HANDLER]});
    officer_does(
        id, HANDLER,
        (struct matter_command){.what = DO_ASK,
                                .body = {.text = STR("Which <gate>?"),
                                         .until_day = house_day(v->h, village_now()) + 5}});
    get(&b, "/mine");
    assert_true(sees(&b, "Which &lt;gate&gt;?"));
    check_page(&b);
    POST(&b, "/mine", "act", "add", "text", "");
    assert_int_equal(b.status, 422);
    POST(&b, "/mine", "act", "add", "text", "the one at the school");
    assert_int_equal(b.status, 200);
    assert_false(sees(&b, "the one at the school"));
    assert_false(sees(&b, "Which &lt;gate&gt;?"));
    officer_does(id, HANDLER,
                 (struct matter_command){.what = DO_ANSWER,
                                         .body = {.asked = STR("light"),
                                                  .found = STR("the lamp was broken"),
                                                  .basis = STR("house rules"),
                                                  .outcome = OUTCOME_SUPPORTED,
                                                  .remedy = STR("a new lamp"),
                                                  .remedy_day = house_day(v->h, village_now()) + 9,
                                                  .review_where = STR("the hall")}});
    officer_does(id, HANDLER,
                 (struct matter_command){
                     .what = DO_DELIVER,
                     .body = {.day = house_day(v->h, village_now()), .how = STR("page")}});
    get(&b, "/mine");
    assert_true(sees(&b, "the lamp was broken"));
    check_page(&b);
    POST(&b, "/mine", "act", "rate");
    assert_int_equal(b.status, 422);
    POST(&b, "/mine", "act", "rate", "stars", "2");
    assert_int_equal(b.status, 200);
    POST(&b, "/mine", "act", "not_solved", "unsolved", "it is still dark");
    assert_int_equal(b.status, 200);
    struct matter_story s;
    village_story(v, id, &s);
    assert_true(matter_state_is_open(s.now.state));
    assert_int_equal(s.now.stars, 2);
    POST(&b, "/mine", "act", "withdraw");
    assert_int_equal(b.status, 422); /* the question was not answered */
    POST(&b, "/mine", "act", "withdraw", "pressed", "no");
    village_story(v, id, &s);
    assert_int_equal(s.now.state, MATTER_WITHDRAWN);
    village_check(v);
}

static void the_proof_file_holds_the_log_and_no_words(void **state)
{
    (void)state;
    CLEANUP(browser_free) struct browser b;
    browser_new(&b, "en");
    char code[CODE_DIGITS + 1];
    raise_one(&b, "known", code);
    get(&b, "/mine");
    POST(&b, "/mine", "act", "proof");
    assert_int_equal(b.status, 200);
    assert_true(str_starts(body_of(&b), STR("huiyin-history/v1\nlog ")));
    assert_true(sees(&b, "\nevent 1 "));
    assert_true(sees(&b, "\nc2sp.org/tlog-proof@v1\nextra "));
    assert_false(sees(&b, code));
    assert_false(sees(&b, "canary wu"));
}

static void names_reach_the_disk_only_sealed(void **state)
{
    (void)state;
    CLEANUP(browser_free) struct browser b;
    browser_new(&b, "en");
    char code[CODE_DIGITS + 1];
    raise_one(&b, "known", code);
    assert_int_equal(b.status, 200);
    assert_false(village_holds(v, "canary wu"));
    assert_false(village_holds(v, "13800138000"));
    assert_false(village_holds(v, code));
}

static void leaving_by_the_exit_clears_the_browser(void **state)
{
    (void)state;
    CLEANUP(browser_free) struct browser b;
    browser_new(&b, "en");
    get(&b, "/exit");
    assert_int_equal(b.status, 303);
    assert_int_not_equal(str_find(buf_view(&b.page), STR("Clear-Site-Data: \"cache\"")), SIZE_MAX);
    get(&b, "/today");
    assert_int_equal(b.status, 200);
    assert_false(sees(&b, "raise"));
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--serve") == 0) {
        void *state = NULL;
        if (open_all(&state) != 0)
            return 1;
        (void)printf("http://127.0.0.1:%u/\n", (unsigned)server_port(server, 0));
        (void)fflush(stdout);
        (void)pause();
        return close_all(&state);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_front_door_says_whom_to_call_first),
        cmocka_unit_test(a_matter_is_raised_and_come_back_to),
        cmocka_unit_test(going_back_loses_nothing),
        cmocka_unit_test(sending_twice_makes_one_matter),
        cmocka_unit_test(bad_input_is_named_and_kept),
        cmocka_unit_test(a_code_in_the_text_is_refused),
        cmocka_unit_test(codes_have_two_answers_only),
        cmocka_unit_test(a_new_code_takes_the_place_of_the_old),
        cmocka_unit_test(the_whole_way_from_raising_to_not_solved),
        cmocka_unit_test(the_proof_file_holds_the_log_and_no_words),
        cmocka_unit_test(names_reach_the_disk_only_sealed),
        cmocka_unit_test(leaving_by_the_exit_clears_the_browser),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
