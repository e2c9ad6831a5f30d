/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The desk's pages over a real server and a real data folder, as officers use and misuse them. */
#include "tests/check.h"

#include "base/mem.h"
#include "db/readers.h"
#include "db/writer.h"
#include "http/html.h"
#include "http/server.h"
#include "matter/desk_texts.h"
#include "matter/indexed.h"
#include "spine/keys.h"
#include "spine/lookers.h"
#include "tests/matter/village.h"
#include "web/web_static.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define COOKIE "hyo=0202020202020202020202020202020202020202020202020202020202020202"

static struct village *v;
static struct server *server;
static struct officer_id reader; /* whoever sits at the desk now */
static struct buf page;          /* the last answer, head and body */

/* ---- who comes in ------------------------------------------------------------------------------
 */

static enum err session(void *env, struct db *db, struct arena *a,
                        const unsigned char hash[AUTH_HASH_BYTES], int64_t now_us,
                        struct who *ret_who)
{
    (void)env;
    (void)db;
    (void)a;
    (void)hash;
    *ret_who = (struct who){.officer = reader,
                            .name = STR("reader"),
                            .lang = STR("en"),
                            .verbs = VERB_ALL,
                            .posts = 1U << POST_DESK | 1U << POST_LEAD,
                            .signed_us = now_us,
                            .seen_us = now_us};
    return ERR_OK;
}

static enum err no_token(void *env, struct db *db, struct arena *a,
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
    struct dossier_id id = {0};
    uint32_t held = 0;
    if (!ref_parse(v->h->keys->k_id, ref, &id))
        return ERR_NOT_FOUND;
    TRY(grant_verbs(db, officer, id, house_day(v->h, now_us), &held));
    if ((held & verbs) != verbs)
        return ERR_NOT_FOUND;
    *ret_dossier = id;
    return ERR_OK;
}

static const struct auth AUTH = {.session = session, .token = no_token, .seen = seen, .can = may};

static int open_all(void **state)
{
    if (village_open(state) != 0)
        return 1;
    v = *state;
    reader = v->officers[HALL][LEAD];
    html_set_statics(&WEB_STATICS);
    buf_init(&page, 4 << 20);
    const struct route_span span = {DESK_ROUTES, DESK_ROUTE_COUNT};
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
    search_close(v->h->search);
    buf_done(&page);
    return village_close(state);
}

/* ---- a browser of a few lines
 * --------------------------------------------------------------------- */

static int send_request(const char *method, const char *path, struct str body)
{
    int ends[2];
    CLEANUP(buf_done) struct buf request;
    buf_init(&request, 16 << 20);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    assert_int_equal(server_adopt(server, 0, ends[1]), ERR_OK);
    const struct timeval patience = {.tv_sec = 20};
    assert_int_equal(setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    buf_printf(&request,
               "%s %s HTTP/1.1\r\nHost: localhost\r\nCookie: " COOKIE "\r\nConnection: close\r\n"
               "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n\r\n",
               method, path, body.len);
    buf_str(&request, body);
    for (size_t at = 0; at < request.len;) {
        ssize_t n = send(ends[0], request.ptr + at, request.len - at, MSG_NOSIGNAL);
        if (n <= 0)
            break; /* the server has said its last word already */
        at += (size_t)n;
    }
    static char piece[65536];
    buf_clear(&page);
    for (ssize_t n = recv(ends[0], piece, sizeof piece, 0); n > 0;
         n = recv(ends[0], piece, sizeof piece, 0))
        buf_bytes(&page, piece, (size_t)n);
    close(ends[0]);
    int64_t status = 0;
    if (!str_to_i64(str_sub(buf_view(&page), 9, 3), 100, 599, &status))
        fail_msg("no answer to %s %s", method, path);
    return (int)status;
}

static int get(const char *path)
{
    return send_request("GET", path, STR(""));
}

static bool sees(const char *text)
{
    return str_find(buf_view(&page), str_of(text)) != SIZE_MAX;
}

/* The value of the hidden field `name` in the form that posts to `action`. */
static void hidden(const char *action, const char *name, char *ret, size_t size)
{
    char mark[200];
    struct str all = buf_view(&page);
    (void)snprintf(mark, sizeof mark, "action=\"%s\"", action);
    size_t at = str_find(all, str_of(mark));
    if (at == SIZE_MAX)
        fail_msg("no form for %s", action);
    all = str_sub(all, at, all.len);
    (void)snprintf(mark, sizeof mark, "name=\"%s\" value=\"", name);
    at = str_find(all, str_of(mark));
    if (at == SIZE_MAX)
        fail_msg("no field %s for %s", name, action);
    struct str rest = str_sub(all, at + strlen(mark), all.len);
    struct str value = STR_NULL;
    (void)str_cut(&rest, '"', &value);
    (void)snprintf(ret, size, STR_FMT, STR_ARG(value));
}

/* Posts fields (already encoded) to `path` with the token of that form on `from`. */
static int post(const char *from, const char *path, const char *fields)
{
    char token[200];
    assert_int_equal(get(from), 200);
    hidden(path, "csrf", token, sizeof token);
    CLEANUP(buf_done) struct buf body;
    buf_init(&body, 16 << 20);
    buf_printf(&body, "csrf=%s&", token);
    buf_c(&body, fields);
    return send_request("POST", path, buf_view(&body));
}

static const char *path_of(struct dossier_id id, const char *rest)
{
    static char paths[4][128];
    static size_t next;
    char *path = paths[next++ % 4];
    char ref[REF_BYTES + 1];
    ref_format(v->h->keys->k_id, id, ref);
    (void)snprintf(path, 128, "/desk/m/%s%s", ref, rest);
    return path;
}

static struct dossier_id raised(const char *kind)
{
    struct matter_raise r = village_raise_of(kind);
    struct matter_done done;
    assert_int_equal(village_raise(v, &r, &done), ERR_OK);
    return done.id;
}

/* The dossier of the page that a 303 leads to. */
static struct dossier_id led_to(void)
{
    struct dossier_id id = {0};
    size_t at = str_find(buf_view(&page), STR("Location: /desk/m/"));
    assert_true(at != SIZE_MAX);
    assert_true(ref_parse(v->h->keys->k_id, str_sub(buf_view(&page), at + 18, REF_BYTES), &id));
    return id;
}

/* ---- what holds
 * --------------------------------------------------------------------------------------- */

static void a_letter_is_taken_in_routed_answered_and_closed(void **state)
{
    (void)state;
    char once[80];
    char fields[600];
    reader = v->officers[HALL][LEAD];
    assert_int_equal(get("/desk/new"), 200);
    hidden("/desk/new", "once", once, sizeof once);
    (void)snprintf(fields, sizeof fields,
                   "once=%s&channel=letter&received=2026-03-02&answer_lang=en&kind=help&office=hall"
                   "&title=Broken+lamp&text=The+lamp+at+gate+4+is+dark.&place=Gate+4&identity=known"
                   "&name=Somebody+Kind&phone=0700+555+0100",
                   once);
    int status = post("/desk/new", "/desk/new", fields);
    if (status != 303)
        fail_msg("%d " STR_FMT, status, STR_ARG(buf_view(&page)));
    struct dossier_id id = led_to();
    /* Sent twice, it is one matter. */
    assert_int_equal(post("/desk/new", "/desk/new", fields), 303);
    assert_int_equal(led_to().v, id.v);
    assert_int_equal(get(path_of(id, "")), 200);
    assert_true(sees("Broken lamp"));
    assert_true(sees("The lamp at gate 4 is dark."));
    assert_false(sees("Somebody Kind")); /* on the card alone */
    assert_int_equal(get("/desk"), 200);
    assert_true(sees("Broken lamp"));
    assert_false(sees("Somebody Kind"));
    assert_int_equal(post(path_of(id, ""), path_of(id, "/card"), ""), 200);
    assert_true(sees("Somebody Kind"));
    assert_true(sees("0700 555 0100"));

    assert_int_equal(post(path_of(id, ""), path_of(id, "/admit"), "route=ordinary"), 303);
    assert_int_equal(post(path_of(id, ""), path_of(id, "/note"), "text=Ring+the+works+first."),
                     303);
    assert_int_equal(get(path_of(id, "")), 200);
    assert_true(sees("Ring the works first."));
    assert_true(sees("internal"));
    /* An answer lacks a part: nothing changes, what was typed is still there. */
    assert_int_equal(post(path_of(id, ""), path_of(id, "/answer"),
                          "asked=A+lamp&outcome=supported&basis=Rule+2"),
                     422);
    assert_true(sees("Say what was found."));
    assert_true(sees("A lamp"));
    const char *whole = "asked=A+lamp&found=It+is+dark&outcome=supported&basis=Rule+2"
                        "&remedy=New+lamp&remedy_day=2027-01-10&review_where=The+hall";
    assert_int_equal(post(path_of(id, ""), path_of(id, "/answer"), whole), 303);
    /* Within thirty seconds it can be taken back. */
    assert_int_equal(post(path_of(id, ""), path_of(id, "/undo"), ""), 303);
    struct matter_story story;
    village_story(v, id, &story);
    assert_int_equal(story.now.answers, 0);
    village_check(v);
}

static void what_does_not_fit_is_said_beside_the_field_and_nothing_is_written(void **state)
{
    (void)state;
    reader = v->officers[HALL][LEAD];
    static const struct {
        const char *fields;
        int status;
        const char *says;
    } BAD[] = {
        {"once=0123456789abcdef0&kind=help&office=hall", 422, ""},
        {"once=0123456789abcdef1&kind=nothing&office=hall&title=T&text=x&identity=anonymous", 422,
         "Choose what it is about"},
        {"once=0123456789abcdef2&kind=help&office=hall&title=T&text=%FF%FE&identity=anonymous", 422,
         ""},
        {"once=0123456789abcdef3&kind=help&office=hall&title=T&text=a%E2%80%AEb&identity=anonymous",
         422, ""},
        {"once=0123456789abcdef4&kind=help&office=hall&title=T&text=a%00b&identity=anonymous", 422,
         ""},
        {"once=0123456789abcdef5&kind=help&office=hall&title=T&text=x&identity=anonymous&odd=1",
         422, ""},
        {"once=0123456789abcdef6&kind=help&office=hall&title=T&identity=anonymous"
         "&text=number+11010519491231002X",
         422, "identity number"},
        {"once=0123456789abcdef7&channel=letter&kind=help&office=hall&title=T&text=x&received=2999-"
         "01-01"
         "&identity=anonymous",
         422, "future"},
        {"once=0123456789abcdef8&kind=help&office=hall&title=T&text=x&received=yesterday"
         "&identity=anonymous",
         422, ""},
    };
    int64_t before = 0;
    struct matter_done done;
    struct matter_raise r = village_raise_of("help");
    assert_int_equal(village_raise(v, &r, &done), ERR_OK);
    before = done.id.v;
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        int status = post("/desk/new", "/desk/new", BAD[i].fields);
        if (status != BAD[i].status || !sees(BAD[i].says))
            fail_msg("case %zu: %d", i, status);
    }
    assert_int_equal(village_raise(v, &r, &done), ERR_OK);
    assert_int_equal(done.id.v, before + 1);
}

static void ten_megabytes_are_refused_with_a_sentence(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf body;
    buf_init(&body, 16 << 20);
    buf_c(&body, "text=");
    for (int i = 0; i < 10 * 1024; i++) {
        char kilo[1024];
        memset(kilo, 'a', sizeof kilo);
        buf_bytes(&body, kilo, sizeof kilo);
    }
    assert_int_equal(send_request("POST", "/desk/new", buf_view(&body)), 413);
}

static void without_the_forms_token_nothing_happens(void **state)
{
    (void)state;
    reader = v->officers[HALL][LEAD];
    struct dossier_id a = raised("help");
    struct dossier_id b = raised("help");
    assert_int_equal(send_request("POST", path_of(a, "/note"), STR("text=x")), 403);
    assert_int_equal(send_request("POST", path_of(a, "/note"), STR("csrf=abc&text=x")), 403);
    /* The token of another step. */
    char token[200];
    char body[300];
    assert_int_equal(get(path_of(a, "")), 200);
    hidden(path_of(a, "/ask"), "csrf", token, sizeof token);
    (void)snprintf(body, sizeof body, "csrf=%s&text=x", token);
    assert_int_equal(send_request("POST", path_of(a, "/note"), str_of(body)), 403);
    struct matter_story story;
    village_story(v, a, &story);
    assert_int_equal(story.now.state, MATTER_RECEIVED);
    (void)b;
}

static void a_page_that_is_out_of_date_changes_nothing(void **state)
{
    (void)state;
    reader = v->officers[HALL][LEAD];
    struct dossier_id id = raised("help");
    assert_int_equal(post(path_of(id, ""), path_of(id, "/note"), "seq=1&text=late+note"), 409);
    assert_true(sees("late note"));
    assert_true(sees("Somebody has changed this matter"));
}

static void others_see_neither_the_matter_nor_that_it_is_there(void **state)
{
    (void)state;
    struct dossier_id id = raised("help");
    reader = v->officers[WORKS][DESK];
    CLEANUP(buf_done) struct buf barred;
    buf_init(&barred, 4 << 20);
    assert_int_equal(get(path_of(id, "")), 404);
    buf_str(&barred, buf_view(&page));
    assert_int_equal(get(path_of((struct dossier_id){999999}, "")), 404);
    /* The same bytes, but for the second that has passed. */
    struct str x = buf_view(&barred);
    struct str y = buf_view(&page);
    size_t date = str_find(x, STR("Date:"));
    assert_true(date != SIZE_MAX && x.len == y.len);
    assert_true(str_eq(str_sub(x, 0, date), str_sub(y, 0, date)));
    assert_true(str_eq(str_sub(x, date + 37, x.len), str_sub(y, date + 37, y.len)));
    assert_int_equal(get("/desk"), 200);
    char ref[REF_BYTES + 1];
    ref_format(v->h->keys->k_id, id, ref);
    assert_false(sees(ref));
    reader = v->officers[HALL][LEAD];
}

static void who_steps_aside_is_out_at_once(void **state)
{
    (void)state;
    reader = v->officers[HALL][LEAD];
    struct dossier_id id = raised("help");
    assert_int_equal(post(path_of(id, ""), path_of(id, "/recuse"), ""), 303);
    assert_int_equal(get(path_of(id, "")), 404);
}

static void hostile_words_stay_words(void **state)
{
    (void)state;
    reader = v->officers[HALL][LEAD];
    char once[80];
    char fields[400];
    assert_int_equal(get("/desk/new"), 200);
    hidden("/desk/new", "once", once, sizeof once);
    (void)snprintf(fields, sizeof fields,
                   "once=%s&channel=call&answer_lang=en&kind=help&office=hall&identity=anonymous"
                   "&title=%%3Cscript%%3Ealert(1)%%3C/script%%3E&text=%%22%%3E%%3Cimg+src%%3Dx%%3E",
                   once);
    assert_int_equal(post("/desk/new", "/desk/new", fields), 303);
    struct dossier_id id = led_to();
    assert_int_equal(get(path_of(id, "")), 200);
    assert_false(sees("<script>alert"));
    assert_false(sees("<img src=x>"));
    assert_true(sees("&lt;script&gt;alert"));
}

/* ---- the list of work --------------------------------------------------------------------- */

static struct dossier_id raised_at(const char *place, enum matter_channel channel, int32_t received)
{
    struct matter_raise r = village_raise_of("help");
    struct matter_done done;
    r.command.body.title = str_of(place);
    r.command.body.place = str_of(place);
    if (channel != CHANNEL_WEB) {
        r.who = WHO_OFFICER;
        r.officer = v->officers[HALL][DESK];
        r.post = POST_DESK;
        r.office = v->offices[HALL];
    }
    r.command.body.channel = channel;
    r.command.body.received_day = received;
    if (village_raise(v, &r, &done) != ERR_OK)
        fail_msg("%s %s", v->info.key, v->info.detail);
    return done.id;
}

static bool lists(struct dossier_id id)
{
    char ref[REF_BYTES + 1];
    ref_format(v->h->keys->k_id, id, ref);
    return sees(ref);
}

static const char *led_address(void)
{
    static char address[300];
    struct str all = buf_view(&page);
    size_t at = str_find(all, STR("Location: "));
    assert_true(at != SIZE_MAX);
    struct str rest = str_sub(all, at + 10, all.len);
    struct str line = STR_NULL;
    (void)str_cut(&rest, '\r', &line);
    (void)snprintf(address, sizeof address, STR_FMT, STR_ARG(line));
    return address;
}

static void work_is_narrowed_by_what_came_and_when_and_where(void **state)
{
    (void)state;
    reader = v->officers[HALL][LEAD];
    int32_t today = house_day(v->h, village_now());
    struct dossier_id letter = raised_at("Weir 9", CHANNEL_LETTER, today - 9);
    struct dossier_id call = raised_at("Weir 10", CHANNEL_CALL, today);
    assert_int_equal(get("/desk?channel=letter"), 200);
    assert_true(lists(letter) && !lists(call));
    assert_int_equal(get("/desk?from=2026-03-01&channel=call"), 200);
    assert_true(!lists(letter) && lists(call));
    assert_int_equal(get("/desk?to=2026-02-28"), 200);
    assert_true(lists(letter) && !lists(call));
    /* A state stands with its count. */
    assert_true(sees("Received ("));
    /* A place is words: it is asked for in the body and stands in no address. */
    assert_int_equal(post("/desk", "/desk/filter", "place=Weir+9"), 303);
    check_str(str_of(led_address()), "/desk?kept=0");
    assert_int_equal(get("/desk?kept=0"), 200);
    assert_true(lists(letter) && !lists(call)); /* exactly: not "Weir 9" within another name */
    assert_int_equal(post("/desk", "/desk/filter", "channel=call&soon=1&whose=unassigned"), 303);
    assert_non_null(strstr(led_address(), "channel=call&whose=unassigned&soon=1"));
    assert_int_equal(get("/desk?kept=20"), 200); /* no such row: no filter */
    assert_true(lists(letter) && lists(call));
}

static void a_filter_is_kept_by_name_for_its_officer_alone(void **state)
{
    (void)state;
    reader = v->officers[HALL][LEAD];
    struct dossier_id letter = raised_at("Pier 1", CHANNEL_LETTER, 20500);
    struct dossier_id other = raised_at("Pier 2", CHANNEL_LETTER, 20500);
    assert_int_equal(post("/desk", "/desk/filter",
                          "keep=1&channel=letter&place=Pier+1&title=%3Cb%3Epier+letters"),
                     303);
    check_str(str_of(led_address()), "/desk?kept=1");
    assert_int_equal(get("/desk?kept=1"), 200);
    assert_true(lists(letter) && !lists(other));
    assert_true(sees("&lt;b&gt;pier letters") && !sees("<b>pier"));
    /* To show is not to keep, whatever stands in the field of the name. */
    assert_int_equal(post("/desk", "/desk/filter", "channel=letter&title=%3Cb%3Epier+letters"),
                     303);
    assert_non_null(strstr(led_address(), "channel=letter"));
    /* The same name again is the same row. */
    assert_int_equal(post("/desk", "/desk/filter", "keep=1&place=Pier+2&title=%3Cb%3Epier+letters"),
                     303);
    check_str(str_of(led_address()), "/desk?kept=1");
    reader = v->officers[HALL][DESK];
    assert_int_equal(get("/desk"), 200);
    assert_false(sees("pier letters"));
    assert_int_equal(get("/desk?kept=1"), 200);
    assert_true(lists(letter) && lists(other)); /* another's row is not there */
    reader = v->officers[HALL][LEAD];
    assert_int_equal(post("/desk", "/desk/filter/drop", "n=1"), 303);
    assert_int_equal(get("/desk"), 200);
    assert_false(sees("pier letters"));
}

static void a_filter_that_does_not_fit_is_said_and_not_kept(void **state)
{
    (void)state;
    reader = v->officers[HALL][LEAD];
    static const struct {
        const char *fields;
        const char *says;
    } BAD[] = {
        {"from=2026-03-09&to=2026-03-02", "The last day lies before the first"},
        {"from=yesterday&place=x", ""},
        {"keep=1", "Give the filter a name."},
        {"keep=1&title=%E7%8E%8B%E7%8E%89%E5%85%B0",
         "not after a person"}, /* a name of three characters */
        {"keep=1&title=13800138000", "not after a person"},
        {"keep=1&title=late:+%E7%8E%8B%E7%8E%89%E5%85%B0", "not after a person"},
        {"place=13800138000", "They are not found by who raised them"},
        {"place=%E7%8E%8B%E7%8E%89%E5%85%B0", "not by whose home it is"},
        {"place=%E7%8E%8B%E7%8E%89%E5%85%B0%E5%AE%B6", "not by whose home it is"},
        {"title=x&name=Somebody", ""}, /* there is no such field, and never will be */
        {"title=x&phone=1", ""},
        {"title=%FF", ""},
    };
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        int status = post("/desk", "/desk/filter", BAD[i].fields);
        if (status != 422 || !sees(BAD[i].says) || !sees("hy-filter"))
            fail_msg("case %zu: %d", i, status);
    }
    for (int i = 1; i <= 21; i++) {
        char fields[60];
        (void)snprintf(fields, sizeof fields, "keep=1&title=work+no+%d", i);
        assert_int_equal(post("/desk", "/desk/filter", fields), i <= 20 ? 303 : 422);
    }
    assert_true(sees("You keep 20 filters already"));
    assert_false(sees("work no 21</a>"));
    assert_int_equal(send_request("POST", "/desk/filter", STR("title=x")), 403);
    assert_int_equal(post("/desk", "/desk/filter/drop", "n=7"), 303);
    assert_int_equal(post("/desk", "/desk/filter", "keep=1&title=in+the+gap"), 303);
    check_str(str_of(led_address()), "/desk?kept=7");
}

/* ---- similar matters while one types ------------------------------------------------------- */

static void index_all(void)
{
    const struct search_source source = matter_search_source(v->h);
    int64_t left = 1;
    if (v->h->search == NULL)
        assert_int_equal(search_open(v->h, &source, &v->h->search, &v->info), ERR_OK);
    while (left > 0)
        assert_int_equal(search_step(v->h->search, 1000, &left, &v->info), ERR_OK);
}

/* Asks as the script does, with the token of the intake page. */
static int ask_similar(const char *fields)
{
    char token[200];
    struct str mark = STR("data-similar-box=\"");
    assert_int_equal(get("/desk/new"), 200);
    size_t at = str_find(buf_view(&page), mark);
    assert_true(at != SIZE_MAX);
    (void)snprintf(token, sizeof token, STR_FMT,
                   STR_ARG(str_sub(buf_view(&page), at + mark.len, 48)));
    CLEANUP(buf_done) struct buf body;
    buf_init(&body, 1 << 20);
    buf_printf(&body, "csrf=%s&", token);
    buf_c(&body, fields);
    return send_request("POST", "/desk/similar", buf_view(&body));
}

static void similar_matters_are_those_the_reader_may_see_and_nothing_is_written(void **state)
{
    (void)state;
    reader = v->officers[HALL][LEAD];
    struct matter_raise r = village_raise_of("help");
    struct matter_done done;
    r.command.body.title = STR("<i>Ferry</i> gangway cracked");
    r.command.body.text = STR("The gangway of the ferry is cracked near the pontoon.");
    assert_int_equal(village_raise(v, &r, &done), ERR_OK);
    index_all();
    const char *typed = "title=gangway+cracked&text=at+the+ferry+pontoon&kind=help";
    struct matter_story before;
    struct matter_story after;
    village_story(v, done.id, &before);
    assert_int_equal(ask_similar(typed), 200);
    assert_true(lists(done.id));
    assert_true(sees("&lt;i&gt;Ferry") && !sees("<i>Ferry"));
    assert_false(sees("<html")); /* a piece of the page, not a page */
    village_story(v, done.id, &after);
    assert_int_equal(after.count, before.count);
    assert_false(village_holds(v, "at the ferry pontoon"));
    /* Of a sealed kind nothing is asked; little or nothing typed finds nothing. */
    assert_int_equal(ask_similar("title=gangway+cracked&text=ferry+pontoon&kind=wrongdoing"), 200);
    assert_false(lists(done.id));
    assert_int_equal(ask_similar(""), 200);
    assert_false(lists(done.id));
    assert_int_equal(ask_similar("title=a%00b"), 422);
    assert_int_equal(ask_similar("title=x&name=Somebody"), 422); /* never by person */
    assert_int_equal(send_request("POST", "/desk/similar", STR("title=gangway")), 403);
    assert_int_equal(get("/desk/similar"), 405);
    reader = v->officers[WORKS][DESK];
    assert_int_equal(ask_similar(typed), 200);
    assert_false(lists(done.id));
    reader = v->officers[HALL][LEAD];
}

/* Beside a matter on demand, itself left out; who may not read it gets what is there for nothing.
 */
static void a_matter_shows_those_like_it(void **state)
{
    (void)state;
    reader = v->officers[HALL][LEAD];
    struct matter_raise r = village_raise_of("help");
    struct matter_done one;
    struct matter_done two;
    char path[64];
    r.command.body.title = STR("Lighthouse bulb burnt out");
    r.command.body.text = STR("The lighthouse bulb is burnt out again.");
    assert_int_equal(village_raise(v, &r, &one), ERR_OK);
    assert_int_equal(village_raise(v, &r, &two), ERR_OK);
    index_all();
    char ref[REF_BYTES + 1];
    ref_format(v->h->keys->k_id, one.id, ref);
    (void)snprintf(path, sizeof path, "/desk/m/%s", ref);
    assert_int_equal(get(path), 200);
    assert_false(lists(two.id));
    (void)snprintf(path, sizeof path, "/desk/m/%s/similar", ref);
    assert_int_equal(get(path), 200);
    assert_true(lists(two.id));
    char own[96];
    (void)snprintf(own, sizeof own, "<li><a href=\"/desk/m/%s\"", ref);
    assert_false(sees(own));
    reader = v->officers[WORKS][DESK];
    assert_int_equal(get(path), 404);
    reader = v->officers[HALL][LEAD];
}

static void without_script_a_button_shows_similar_matters_and_takes_nothing_in(void **state)
{
    (void)state;
    struct dossier_id like = raised_at("Mole 7", CHANNEL_WEB, 0);
    index_all();
    const char *fields =
        "once=0123456789abcdefA&kind=help&office=hall&identity=anonymous"
        "&title=Cracked+breakwater&text=The+breakwater+lantern+is+cracked&similar=1";
    assert_int_equal(post("/desk/new", "/desk/new", fields), 200);
    assert_true(sees("No matter you may see is much like this."));
    assert_true(sees("The breakwater lantern is cracked"));
    struct dossier_id next = raised_at("Mole 8", CHANNEL_WEB, 0);
    assert_int_equal(next.v, like.v + 1); /* none between */
}

/* The page forgets what was typed when it is led to "#taken", and only then. */
static void what_is_typed_is_forgotten_when_it_was_taken(void **state)
{
    (void)state;
    reader = v->officers[HALL][LEAD];
    struct dossier_id id = raised("help");
    char keep[100];
    char ref[REF_BYTES + 1];
    ref_format(v->h->keys->k_id, id, ref);
    (void)snprintf(keep, sizeof keep, "data-keep=\"%s-note\"", ref);
    assert_int_equal(get(path_of(id, "")), 200);
    assert_true(sees(keep));
    assert_int_equal(post(path_of(id, ""), path_of(id, "/note"), "text="), 422);
    assert_false(sees("#taken"));
    assert_int_equal(post(path_of(id, ""), path_of(id, "/note"), "text=x"), 303);
    assert_true(str_ends(str_of(led_address()), STR("#taken")));
}

static void who_else_has_it_open_is_said_for_ten_minutes(void **state)
{
    (void)state;
    reader = v->officers[HALL][LEAD];
    struct dossier_id id = raised("help");
    struct dossier_id other = raised("help");
    assert_int_equal(get(path_of(id, "")), 200);
    assert_int_equal(get(path_of(id, "")), 200);
    assert_false(sees("hy-others")); /* not oneself */
    reader = v->officers[HALL][DESK];
    assert_int_equal(get(path_of(other, "")), 200);
    assert_false(sees("hy-others"));
    assert_int_equal(get(path_of(id, "")), 200);
    assert_true(sees("hall1 (Lead of the office, hall)"));
    village_wait(9 * US_PER_MINUTE);
    assert_int_equal(get(path_of(id, "")), 200);
    assert_true(sees("hall1"));
    village_wait(1 * US_PER_MINUTE);
    assert_int_equal(get(path_of(id, "")), 200);
    assert_false(sees("hy-others"));
    /* Who has stepped aside is not named any more. */
    assert_int_equal(post(path_of(id, ""), path_of(id, "/recuse"), ""), 303);
    reader = v->officers[HALL][LEAD];
    assert_int_equal(get(path_of(id, "")), 200);
    assert_false(sees("hy-others"));
    /* A full table forgets the oldest look and keeps to its size. */
    struct officer_id ids[LOOKERS_SHOWN_MAX];
    for (int64_t i = 1; i <= LOOKERS_MAX; i++)
        lookers_mark(v->h->lookers, (struct dossier_id){1000000}, (struct officer_id){i},
                     village_now() + i);
    assert_int_equal(lookers_others(v->h->lookers, id, (struct officer_id){0}, village_now(), ids),
                     0);
    assert_int_equal(lookers_others(v->h->lookers, (struct dossier_id){1000000},
                                    (struct officer_id){0}, village_now(), ids),
                     LOOKERS_SHOWN_MAX);
}

/* ---- texts of the office -------------------------------------------------------------------- */

static void variables_of_a_text_are_four_and_filled_in_once(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *fault;
    } CASES[] = {
        {"", NULL},
        {"plain } text", NULL},
        {"{ref}{title}{office}{today}", NULL},
        {"{name}", "desk.texts.variable"},
        {"{", "desk.texts.variable"},
        {"{ref", "desk.texts.variable"},
        {"{REF}", "desk.texts.variable"},
        {"{{ref}}", "desk.texts.variable"},
        {"\xe2\x80\x9c{ref}\xe2\x80\x9d", NULL},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        const char *fault = desk_text_fault(str_of(CASES[i].text));
        if ((fault == NULL) != (CASES[i].fault == NULL) ||
            (fault != NULL && strcmp(fault, CASES[i].fault) != 0))
            fail_msg("case %zu: %s", i, fault == NULL ? "none" : fault);
    }
    CLEANUP(buf_done) struct buf many;
    buf_init(&many, 4096);
    for (int i = 0; i < TEXT_VARIABLES_MAX; i++)
        buf_c(&many, "{ref} ");
    assert_null(desk_text_fault(buf_view(&many)));
    buf_c(&many, "{today}");
    assert_string_equal(desk_text_fault(buf_view(&many)), "desk.texts.many_variables");
    const struct text_values values = {.ref = STR("{title}"),
                                       .title = STR("{office}"),
                                       .office = STR("<O>"),
                                       .today = STR("today")};
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 4096);
    desk_text_put(&b, STR("a {ref} {title} {office} {today} }"), &values);
    check_str(buf_view(&b), "a {title} {office} <O> today }");
}

static void texts_are_written_by_leads_and_offered_on_the_matters_of_their_office(void **state)
{
    (void)state;
    reader = v->officers[HALL][LEAD];
    assert_int_equal(post("/desk/texts", "/desk/texts",
                          "office=hall&name=Thanks&text_lang=en"
                          "&text=About+{ref}:+{title}+%3Cb%3E+from+{office}+on+{today}."),
                     303);
    check_str(str_of(led_address()), "/desk/texts?office=hall");
    struct dossier_id id = raised_at("{office} 5", CHANNEL_WEB, 0);
    char want[200];
    char ref[REF_BYTES + 1];
    ref_format(v->h->keys->k_id, id, ref);
    (void)snprintf(want, sizeof want, "About %s: {office} 5 &lt;b&gt; from hall on ", ref);
    assert_int_equal(get(path_of(id, "")), 200);
    assert_true(sees(want));
    assert_false(sees("<b>"));
    /* The same name and language again changes it. */
    assert_int_equal(
        post("/desk/texts", "/desk/texts", "office=hall&name=Thanks&text_lang=en&text=Thank+you."),
        303);
    assert_int_equal(get(path_of(id, "")), 200);
    assert_true(sees("Thank you.") && !sees("About "));
    /* Others of the office use them and do not write them; other offices do neither. */
    char body[300];
    char token[200];
    reader = v->officers[HALL][DESK];
    assert_int_equal(get(path_of(id, "")), 200);
    assert_true(sees("Thank you."));
    assert_int_equal(get("/desk/texts"), 404);
    assert_int_equal(get("/desk/texts?office=hall"), 404);
    reader = v->officers[SCHOOL][LEAD];
    assert_int_equal(get("/desk/texts?office=hall"), 404);
    assert_int_equal(get("/desk/texts?office=nowhere"), 404);
    assert_int_equal(get("/desk/texts"), 200);
    assert_false(sees("Thank you."));
    hidden("/desk/texts", "csrf", token, sizeof token);
    (void)snprintf(body, sizeof body, "csrf=%s&office=hall&name=Thanks&text_lang=en&text=Bad",
                   token);
    assert_int_equal(send_request("POST", "/desk/texts", str_of(body)), 404);
    reader = v->officers[HALL][LEAD];
    assert_int_equal(
        post("/desk/texts", "/desk/texts/drop", "office=hall&name=Thanks&text_lang=zh-CN"), 303);
    assert_int_equal(get(path_of(id, "")), 200);
    assert_true(sees("Thank you."));
    assert_int_equal(
        post("/desk/texts", "/desk/texts/drop", "office=hall&name=Thanks&text_lang=en"), 303);
    assert_int_equal(get(path_of(id, "")), 200);
    assert_false(sees("Thank you."));
}

static void a_text_that_does_not_fit_is_said_and_not_kept(void **state)
{
    (void)state;
    reader = v->officers[HALL][LEAD];
    static const struct {
        const char *fields;
        const char *says;
    } BAD[] = {
        {"office=hall&name=x&text_lang=en&text=Dear+{name}", "there is none for a person"},
        {"office=hall&name=&text_lang=en&text=a", ""},
        {"office=hall&name=x&text_lang=en&text=", ""},
        {"office=hall&name=x&text_lang=fr&text=a", ""},
        {"office=hall&name=%3Ci%3E&text_lang=en&text={%3C/textarea%3E%3Ci%3E}",
         "&lt;/textarea&gt;"},
        {"office=hall&name=x&text_lang=en&text=11010519491231002X", "identity number"},
    };
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        int status = post("/desk/texts", "/desk/texts", BAD[i].fields);
        if (status != 422 || !sees(BAD[i].says) || sees("<i>"))
            fail_msg("case %zu: %d", i, status);
    }
    assert_int_equal(get("/desk/texts"), 200);
    assert_true(sees("There is no text yet."));
    for (int i = 1; i <= TEXTS_MAX + 1; i++) {
        char fields[100];
        (void)snprintf(fields, sizeof fields, "office=hall&name=text+%d&text_lang=zh-CN&text=a", i);
        assert_int_equal(post("/desk/texts", "/desk/texts", fields), i <= TEXTS_MAX ? 303 : 422);
    }
    assert_true(sees("The office keeps 50 texts already."));
}

static const struct CMUnitTest TESTS[] = {
    cmocka_unit_test(a_letter_is_taken_in_routed_answered_and_closed),
    cmocka_unit_test(what_does_not_fit_is_said_beside_the_field_and_nothing_is_written),
    cmocka_unit_test(ten_megabytes_are_refused_with_a_sentence),
    cmocka_unit_test(without_the_forms_token_nothing_happens),
    cmocka_unit_test(a_page_that_is_out_of_date_changes_nothing),
    cmocka_unit_test(others_see_neither_the_matter_nor_that_it_is_there),
    cmocka_unit_test(who_steps_aside_is_out_at_once),
    cmocka_unit_test(hostile_words_stay_words),
    cmocka_unit_test(work_is_narrowed_by_what_came_and_when_and_where),
    cmocka_unit_test(a_filter_is_kept_by_name_for_its_officer_alone),
    cmocka_unit_test(a_filter_that_does_not_fit_is_said_and_not_kept),
    cmocka_unit_test(similar_matters_are_those_the_reader_may_see_and_nothing_is_written),
    cmocka_unit_test(a_matter_shows_those_like_it),
    cmocka_unit_test(without_script_a_button_shows_similar_matters_and_takes_nothing_in),
    cmocka_unit_test(what_is_typed_is_forgotten_when_it_was_taken),
    cmocka_unit_test(who_else_has_it_open_is_said_for_ten_minutes),
    cmocka_unit_test(variables_of_a_text_are_four_and_filled_in_once),
    cmocka_unit_test(texts_are_written_by_leads_and_offered_on_the_matters_of_their_office),
    cmocka_unit_test(a_text_that_does_not_fit_is_said_and_not_kept),
};

int main(void)
{
    return cmocka_run_group_tests(TESTS, open_all, close_all);
}
