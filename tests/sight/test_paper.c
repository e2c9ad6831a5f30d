/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The door of the papers, over a real server and a real data folder. */
#include "tests/paper_tools.h"

#include "db/readers.h"
#include "db/writer.h"
#include "http/server.h"
#include "sight/paper.h"
#include "spine/keys.h"
#include "tests/matter/village.h"

#include <sys/socket.h>

/* Token bytes 01 01 01 …: whoever `reader` is. */
#define COOKIE "hyo=0101010101010101010101010101010101010101010101010101010101010101"

static struct village *v;
static struct server *server;
static struct officer_id reader;

static enum err session(void *env, struct db *db, struct arena *a,
                        const unsigned char hash[AUTH_HASH_BYTES], int64_t now_us,
                        struct who *ret_who)
{
    (void)env;
    (void)db;
    (void)a;
    (void)hash;
    *ret_who = (struct who){.officer = reader,
                            .name = STR("desk"),
                            .lang = STR("en"),
                            .verbs = UINT32_MAX,
                            .signed_us = now_us,
                            .seen_us = now_us};
    return ERR_OK;
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

static const struct auth auth = {.session = session, .token = no_token, .seen = seen, .can = may};

static int open_all(void **state)
{
    if (village_open(state) != 0)
        return 1;
    v = *state;
    reader = v->officers[HALL][LEAD];
    const struct route_span span = {PAPER_ROUTES, PAPER_ROUTE_COUNT};
    const struct server_listener listener = {.kind = LISTEN_LOCAL, .address = "127.0.0.1:0"};
    const struct server_config config = {.listeners = &listener,
                                         .listener_count = 1,
                                         .routes = &span,
                                         .route_count = 1,
                                         .auth = &auth,
                                         .writer = v->h->writer,
                                         .readers = v->h->readers,
                                         .house = v->h,
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

/* A whole answer in `out`; gives its status and what follows the head. */
static int get(const char *path, struct buf *out, struct str *ret_body)
{
    int ends[2];
    char request[512];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    assert_int_equal(server_adopt(server, 0, ends[1]), ERR_OK);
    const struct timeval patience = {.tv_sec = 20};
    assert_int_equal(setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    int len = snprintf(request, sizeof request,
                       "GET %s HTTP/1.1\r\nHost: localhost\r\nCookie: " COOKIE
                       "\r\nConnection: close\r\n\r\n",
                       path);
    assert_int_equal(send(ends[0], request, (size_t)len, MSG_NOSIGNAL), len);
    static char piece[65536];
    buf_clear(out);
    for (ssize_t n = recv(ends[0], piece, sizeof piece, 0); n > 0;
         n = recv(ends[0], piece, sizeof piece, 0))
        buf_bytes(out, piece, (size_t)n);
    close(ends[0]);
    int64_t status = 0;
    const size_t gap = str_find(buf_view(out), STR("\r\n\r\n"));
    if (gap == SIZE_MAX || !str_to_i64(str_sub(buf_view(out), 9, 3), 100, 599, &status))
        fail_msg("no answer to %s", path);
    *ret_body = str_sub(buf_view(out), gap + 4, out->len);
    return (int)status;
}

static const char *path_of(struct dossier_id id, const char *rest)
{
    static char path[128];
    char ref[REF_BYTES + 1];
    ref_format(v->h->keys->k_id, id, ref);
    (void)snprintf(path, sizeof path, "/desk/m/%s/paper/%s", ref, rest);
    return path;
}

static struct dossier_id raise_one(void)
{
    struct matter_raise r = village_raise_of("suggestion");
    struct matter_done done;
    r.command.body.lang = STR("zh-CN");
    r.command.body.title = STR("四号门楼梯没有灯");
    r.command.body.text = STR("四号门的楼梯从星期一起就没有灯了。");
    r.command.body.source = STR("import"); /* no questions */
    r.give_register_number = true;
    r.office = v->offices[HALL];
    if (village_raise(v, &r, &done) != ERR_OK)
        fail_msg("raise: %s %s", v->info.key, v->info.detail);
    return done.id;
}

static void act(struct dossier_id id, const struct matter_command *c)
{
    if (village_act(v, id, reader, c, NULL) != ERR_OK)
        fail_msg("%s %s %s", v->info.key, v->info.arg[0], v->info.detail);
}

static bool holds(struct buf *text, const char *part)
{
    return str_find(buf_view(text), str_of(part)) != SIZE_MAX;
}

static void papers_come_as_the_matter_gives_ground_for_them(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf answer;
    CLEANUP(buf_done) struct buf text;
    buf_init(&answer, 16 << 20);
    buf_init(&text, 1 << 20);
    struct str body;
    const struct dossier_id id = raise_one();
    assert_int_equal(get(path_of(id, "intake"), &answer, &body), 200);
    assert_true(str_starts(body, STR("%PDF-")));
    assert_true(holds(&answer, "Content-Type: application/pdf"));
    assert_int_equal(get(path_of(id, "acceptance"), &answer, &body), 404);
    assert_int_equal(get(path_of(id, "decision"), &answer, &body), 404);
    act(id, &(struct matter_command){.what = DO_ADMIT});
    assert_int_equal(get(path_of(id, "acceptance"), &answer, &body), 200);
    if (paper_has_tools()) {
        paper_text(body, &text);
        assert_true(holds(&text, "受理告知书"));
        assert_true(holds(&text, "“四号门楼梯没有灯”"));
    }
    act(id, &(struct matter_command){.what = DO_ANSWER,
                                     .body = {.asked = STR("给楼梯装灯"),
                                              .found = STR("灯管烧坏"),
                                              .outcome = OUTCOME_SUPPORTED,
                                              .basis = STR("物业服务合同第三条"),
                                              .remedy = STR("三天内更换"),
                                              .remedy_day = 20530,
                                              .review_where = STR("青石县人民政府"),
                                              .text = STR("谢谢您的提醒。")}});
    assert_int_equal(get(path_of(id, "decision?paper_lang=en"), &answer, &body), 200);
    if (paper_has_tools()) {
        paper_text(body, &text);
        assert_true(holds(&text, "Decisiononyourmatter"));
        assert_true(holds(&text, "灯管烧坏"));
    }
    assert_int_equal(get(path_of(id, "delivery"), &answer, &body), 200);
    assert_int_equal(get(path_of(id, "decision?paper_lang=fr"), &answer, &body), 422);
}

static void who_may_not_read_gets_no_paper(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf answer;
    buf_init(&answer, 16 << 20);
    struct str body;
    const struct dossier_id id = raise_one();
    reader = v->officers[WORKS][HANDLER];
    assert_int_equal(get(path_of(id, "intake"), &answer, &body), 404);
    reader = v->officers[HALL][LEAD];
    assert_int_equal(get("/desk/m/K7Q2-9F4X/paper/intake", &answer, &body), 404);
    assert_int_equal(get(path_of(id, "photograph"), &answer, &body), 404);
}

static void printing_is_a_look_and_stands_in_the_log(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf answer;
    buf_init(&answer, 16 << 20);
    struct str body;
    struct matter_story story;
    const struct dossier_id id = raise_one();
    village_story(v, id, &story);
    const size_t before = story.count;
    assert_int_equal(get(path_of(id, "intake"), &answer, &body), 200);
    assert_int_equal(get(path_of(id, "intake"), &answer, &body), 200);
    village_story(v, id, &story);
    assert_int_equal(story.count, before + 1);
    check_str(story.raw[before].parsed.type, "matter.read");
}

static void a_character_without_glyph_is_named_to_the_officer(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf answer;
    buf_init(&answer, 16 << 20);
    struct str body;
    struct matter_raise r = village_raise_of("suggestion");
    struct matter_done done;
    r.command.body.title = STR("王\uE123明");
    r.command.body.source = STR("import");
    r.office = v->offices[HALL];
    assert_int_equal(village_raise(v, &r, &done), ERR_OK);
    assert_int_not_equal(get(path_of(done.id, "intake"), &answer, &body), 200);
    assert_true(str_find(body, STR("U+E123")) != SIZE_MAX);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(papers_come_as_the_matter_gives_ground_for_them),
    cmocka_unit_test(who_may_not_read_gets_no_paper),
    cmocka_unit_test(printing_is_a_look_and_stands_in_the_log),
    cmocka_unit_test(a_character_without_glyph_is_named_to_the_officer),
};

int main(void)
{
    return cmocka_run_group_tests(tests, open_all, close_all);
}
