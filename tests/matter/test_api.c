/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The JSON API of matters, through a real listener, over a real data folder. */
#include "village.h"

#include "base/mem.h"
#include "http/server.h"
#include "lib/crypt/crypt.h"
#include "lib/json/jsonr.h"
#include "matter/api.h"
#include "spine/keys.h"
#include "tests/check.h"
#include "tests/http/loopback.h"

/* A token is "hyt_" and where its officer sits: hall0 is the desk of the hall, hall1 its lead. */
struct key {
    const char *token;
    enum village_office office;
    enum village_post post;
};
static const struct key KEYS[] = {
    {"hyt_hall0", HALL, DESK},     {"hyt_hall1", HALL, LEAD},   {"hyt_hall2", HALL, HANDLER},
    {"hyt_school1", SCHOOL, LEAD}, {"hyt_works1", WORKS, LEAD}, {"hyt_ethics1", ETHICS, LEAD},
};

struct api {
    struct village *v;
    struct loopback lb;
    struct auth auth;
    struct answer_read r;
    struct arena a;
};

static enum err token_find(void *env, struct db *db, struct arena *a,
                           const unsigned char hash[AUTH_HASH_BYTES], int64_t now_us,
                           struct who *ret_who)
{
    const struct village *v = env;
    (void)db;
    (void)a;
    (void)now_us;
    for (size_t i = 0; i < sizeof(KEYS) / sizeof(KEYS[0]); i++) {
        struct hash h;
        crypt_sha256(KEYS[i].token, strlen(KEYS[i].token), &h);
        if (!crypt_equal(h.b, hash, sizeof(h.b)))
            continue;
        enum post post = (enum post)(KEYS[i].post == DESK   ? POST_DESK
                                     : KEYS[i].post == LEAD ? POST_LEAD
                                                            : POST_HANDLER);
        *ret_who = (struct who){
            .officer = v->officers[KEYS[i].office][KEYS[i].post],
            .verbs = verb_of_post(post),
            .posts = 1u << post,
            .by_token = true,
            .token = {(int64_t)i + 1},
        };
        return ERR_OK;
    }
    return ERR_NOT_FOUND;
}

static enum err may(void *env, struct db *db, struct officer_id officer, struct str ref,
                    uint32_t verbs, int64_t now_us, struct dossier_id *ret_dossier)
{
    const struct village *v = env;
    uint32_t held = 0;
    struct dossier_id id;
    if (!ref_parse(v->h->keys->k_id, ref, &id))
        return ERR_NOT_FOUND;
    TRY(grant_verbs(db, officer, id, house_day(v->h, now_us), &held));
    if (held == 0 || (held & verbs) != verbs)
        return ERR_NOT_FOUND;
    *ret_dossier = id;
    return ERR_OK;
}

static int open_all(void **state)
{
    struct api *t = mem_new(sizeof(*t));
    struct err_info info = {0};
    void *village = NULL;
    assert_int_equal(village_open(&village), 0);
    t->v = village;
    arena_init(&t->a, 64 << 20);
    t->auth = (struct auth){.env = t->v, .token = token_find, .can = may};
    static const struct server_listener LISTENER = {.kind = LISTEN_LOCAL, .address = "127.0.0.1:0"};
    const struct route_span span = {MATTER_API_ROUTES, MATTER_API_ROUTE_COUNT};
    const struct server_config config = {
        .listeners = &LISTENER,
        .listener_count = 1,
        .routes = &span,
        .route_count = 1,
        .auth = &t->auth,
        .writer = t->v->h->writer,
        .readers = t->v->h->readers,
        .house = t->v->h,
        .budgets = &BUDGET_OFF,
        .quiet = true,
    };
    if (server_start(&config, &info, &t->lb.server) != ERR_OK)
        fail_msg("%s", info.detail);
    *state = t;
    return 0;
}

static int close_all(void **state)
{
    struct api *t = *state;
    void *village = t->v;
    server_stop(t->lb.server, 2000);
    assert_int_equal(village_close(&village), 0);
    arena_done(&t->a);
    mem_free(t);
    return 0;
}

static void post_as(struct api *t, const char *token, const char *path, const char *more,
                    const char *json)
{
    char headers[512];
    (void)snprintf(headers, sizeof(headers),
                   "Authorization: Bearer %s\r\nContent-Type: application/json\r\n%s", token, more);
    loopback_post(&t->lb, path, headers, str_of(json), &t->r);
}

static void get_as(struct api *t, const char *token, const char *path)
{
    char headers[256];
    (void)snprintf(headers, sizeof(headers), "Authorization: Bearer %s\r\n", token);
    loopback_get(&t->lb, path, headers, &t->r);
}

static const struct json *body(struct api *t)
{
    const struct json *top = NULL;
    if (jsonr_parse(&t->a, t->r.body, &JSONR_SMALL, NULL, &top) != ERR_OK)
        fail_msg("%d " STR_FMT, t->r.status, STR_ARG(t->r.body));
    return top;
}

static void want(struct api *t, int status, const char *key)
{
    if (t->r.status != status)
        fail_msg("%d " STR_FMT, t->r.status, STR_ARG(t->r.body));
    if (key != NULL)
        check_str(jsonr_get_str(body(t), "key"), key);
}

#define RAISE                                                                                      \
    "{\"kind\":\"help\",\"title\":\"Lamp\",\"text\":\"No light at gate "                           \
    "4.\",\"answer_lang\":\"en\"}"

/* "/api/v1/matters/<ref><more>" of the matter just answered with. */
static const char *at(struct api *t, struct str ref, const char *more)
{
    const char *path = arena_printf(&t->a, "/api/v1/matters/" STR_FMT "%s", STR_ARG(ref), more);
    assert_non_null(path);
    return path;
}

static struct str raised(struct api *t)
{
    post_as(t, "hyt_hall0", "/api/v1/matters", "", RAISE);
    want(t, 201, NULL);
    return str_copy(&t->a, jsonr_get_str(body(t), "ref"));
}

static void test_a_raise_says_where_it_is(void **state)
{
    struct api *t = *state;
    struct str ref = raised(t);
    check_str(jsonr_get_str(body(t), "state"), "received");
    check_str(jsonr_get_str(body(t), "office"), "hall");
    check_str(answer_header(&t->r, "Location"), at(t, ref, ""));
}

static void test_the_same_key_gives_the_same_answer(void **state)
{
    struct api *t = *state;
    post_as(t, "hyt_hall0", "/api/v1/matters", "Idempotency-Key: k-1\r\n", RAISE);
    want(t, 201, NULL);
    struct str ref = str_copy(&t->a, jsonr_get_str(body(t), "ref"));
    post_as(t, "hyt_hall0", "/api/v1/matters", "Idempotency-Key: k-1\r\n", RAISE);
    want(t, 200, NULL);
    assert_true(str_eq(jsonr_get_str(body(t), "ref"), ref));
    assert_true(jsonr_get_bool(body(t), "again", false));
    post_as(t, "hyt_works1", "/api/v1/matters", "Idempotency-Key: k-1\r\n", RAISE);
    want(t, 201, NULL);
    assert_false(str_eq(jsonr_get_str(body(t), "ref"), ref));
}

static void test_what_is_wrong_is_said(void **state)
{
    struct api *t = *state;
    loopback_get(&t->lb, "/api/v1/matters", "", &t->r);
    assert_int_equal(t->r.status, 401);
    get_as(t, "hyt_nobody", "/api/v1/matters");
    assert_int_equal(t->r.status, 401);
    post_as(t, "hyt_hall0", "/api/v1/matters", "", "{\"kind\":");
    assert_true(t->r.status == 400 || t->r.status == 422);
    post_as(t, "hyt_hall0", "/api/v1/matters", "", "{\"kind\":\"help\",\"colour\":\"red\"}");
    want(t, 422, NULL);
    post_as(t, "hyt_hall0", "/api/v1/matters", "",
            "{\"kind\":\"weather\",\"title\":\"x\",\"text\":\"y\"}");
    want(t, 400, "matter.invalid.kind");
    post_as(t, "hyt_hall0", "/api/v1/matters", "", "{\"kind\":\"help\",\"title\":\"x\"}");
    want(t, 400, "matter.missing.text");
    post_as(t, "hyt_hall0", "/api/v1/matters", "",
            "{\"kind\":\"help\",\"title\":\"x\",\"text\":\"no. 11010519491231002X\"}");
    want(t, 422, NULL);
    post_as(t, "hyt_hall0", "/api/v1/matters", "",
            "{\"kind\":\"help\",\"title\":\"x\",\"text\":\"y\",\"answers\":{\"nobody\":\"z\"}}");
    want(t, 400, "matter.invalid.answers");
    post_as(t, "hyt_hall0", "/api/v1/matters", "",
            "{\"kind\":\"help\",\"title\":\"x\",\"text\":\"y\",\"office\":\"moon\"}");
    want(t, 400, "matter.invalid.office");
    post_as(t, "hyt_hall0", "/api/v1/matters", "",
            "{\"kind\":\"help\",\"title\":\"x\",\"text\":\"y\",\"office\":\"works\"}");
    want(t, 422, "matter.refused.no_desk");
    get_as(t, "hyt_hall1", "/api/v1/matters?state=flying");
    want(t, 400, "matter.invalid.state");
    get_as(t, "hyt_hall1", "/api/v1/matters?office=works");
    want(t, 400, "matter.invalid.office");
}

static void test_the_way_of_a_matter(void **state)
{
    struct api *t = *state;
    struct str ref = raised(t);
    post_as(t, "hyt_hall1", at(t, ref, "/route"), "", "{\"to\":\"works\"}");
    want(t, 200, NULL);
    check_str(jsonr_get_str(body(t), "state"), "routed");
    post_as(t, "hyt_works1", at(t, ref, "/admit"), "", "{}");
    want(t, 200, NULL);
    check_str(jsonr_get_str(body(t), "office"), "works");
    post_as(t, "hyt_works1", at(t, ref, "/conclude"), "", "{}");
    want(t, 422, "matter.refused.state");
    post_as(t, "hyt_works1", at(t, ref, "/assign"), "", "{\"handler\":\"works2\"}");
    want(t, 200, NULL);
    int64_t seq = jsonr_get_i64(body(t), "seq", 0);
    post_as(t, "hyt_works1", at(t, ref, "/note"), "Idempotency-Key: n-1\r\n",
            "{\"text\":\"Looked at it.\"}");
    want(t, 200, NULL);
    post_as(t, "hyt_works1", at(t, ref, "/note"), "Idempotency-Key: n-1\r\n",
            "{\"text\":\"Looked at it.\"}");
    want(t, 200, NULL);
    assert_int_equal(jsonr_get_i64(body(t), "seq", 0), seq + 1);
    post_as(t, "hyt_works1", at(t, ref, "/note"), "", "{\"text\":\"Old.\",\"seq\":1}");
    want(t, 409, "matter.refused.moved_on");
    post_as(t, "hyt_works1", at(t, ref, "/answer"), "", "{\"asked\":\"A lamp.\"}");
    want(t, 400, "matter.missing.found");
    post_as(t, "hyt_works1", at(t, ref, "/answer"), "",
            "{\"asked\":\"A lamp.\",\"found\":\"Broken.\",\"outcome\":\"supported\","
            "\"basis\":\"Rule 4\",\"remedy\":\"A new one.\",\"remedy_day\":\"2026-03-20\","
            "\"review_where\":\"The hall\"}");
    want(t, 202, NULL);
    check_str(jsonr_get_str(body(t), "sent_at"), "2026-03-02T01:00:30Z");
    post_as(t, "hyt_works1", at(t, ref, "/undo"), "", "{}");
    want(t, 200, NULL);
    post_as(t, "hyt_works1", at(t, ref, "/undo"), "", "{}");
    want(t, 409, "desk.refused.undo_late");
}

static void test_one_matter_tells_its_story(void **state)
{
    struct api *t = *state;
    struct str ref = raised(t);
    get_as(t, "hyt_hall1", at(t, ref, ""));
    want(t, 200, NULL);
    get_as(t, "hyt_hall1", at(t, ref, ""));
    const struct json *m = body(t);
    check_str(jsonr_get_str(m, "title"), "Lamp");
    check_str(jsonr_get_str(m, "office"), "hall");
    check_str(jsonr_get_str(m, "received"), "2026-03-02");
    const struct json *dues = jsonr_find(m, "dues");
    assert_int_equal(dues->count, 1);
    check_str(jsonr_get_str(&dues->item[0], "rule"), "plain/acknowledge");
    check_str(jsonr_get_str(&dues->item[0], "last"), "2026-03-04");
    const struct json *events = jsonr_find(m, "events");
    check_str(jsonr_get_str(&events->item[0], "type"), "matter.received");
    check_str(jsonr_get_str(&events->item[0], "text"), "No light at gate 4.");
    /* The first look of the day was put on record before anything was shown; the second not. */
    assert_int_equal(events->count, 3);
    check_str(jsonr_get_str(&events->item[events->count - 1], "type"), "matter.read");
}

static void test_strangers_and_the_absent_are_the_same(void **state)
{
    struct api *t = *state;
    struct str ref = raised(t);
    get_as(t, "hyt_school1", at(t, ref, ""));
    want(t, 404, NULL);
    get_as(t, "hyt_hall1", "/api/v1/matters/0000-0000");
    want(t, 404, NULL);
    post_as(t, "hyt_school1", at(t, ref, "/note"), "", "{\"text\":\"x\"}");
    want(t, 404, NULL);
    post_as(t, "hyt_hall2", at(t, ref, "/admit"), "", "{}");
    assert_true(t->r.status == 404 || t->r.status == 403);
}

static void test_the_list_is_what_the_office_owes(void **state)
{
    struct api *t = *state;
    struct str ref = raised(t);
    get_as(t, "hyt_hall1", "/api/v1/matters?office=hall&kind=help");
    want(t, 200, NULL);
    const struct json *dues = jsonr_find(body(t), "dues");
    bool found = false;
    for (size_t i = 0; i < dues->count; i++)
        found = found || str_eq(jsonr_get_str(&dues->item[i], "ref"), ref);
    assert_true(found);
    get_as(t, "hyt_works1", "/api/v1/matters");
    want(t, 200, NULL);
    assert_false(answer_has(&t->r, ref.ptr));
}

static void test_a_sealed_person_stands_in_the_vault_alone(void **state)
{
    struct api *t = *state;
    post_as(t, "hyt_hall0", "/api/v1/matters", "",
            "{\"kind\":\"help\",\"title\":\"Lamp\",\"text\":\"Dark.\",\"identity\":\"sealed\","
            "\"name\":\"Canary Birdsong\",\"phone\":\"555 0100\"}");
    want(t, 201, NULL);
    assert_false(village_holds(t->v, "Canary Birdsong"));
    struct str ref = str_copy(&t->a, jsonr_get_str(body(t), "ref"));
    get_as(t, "hyt_hall1", at(t, ref, ""));
    want(t, 200, NULL);
    assert_false(answer_has(&t->r, "Canary"));
    post_as(t, "hyt_hall0", "/api/v1/matters", "",
            "{\"kind\":\"help\",\"title\":\"Lamp\",\"text\":\"Dark.\",\"identity\":\"known\","
            "\"name\":\"Canary Birdsong\"}");
    want(t, 201, NULL);
    ref = str_copy(&t->a, jsonr_get_str(body(t), "ref"));
    get_as(t, "hyt_hall1", at(t, ref, ""));
    assert_false(answer_has(&t->r, "Canary"));
    village_check(t->v);
}

static const struct CMUnitTest TESTS[] = {
    cmocka_unit_test(test_a_raise_says_where_it_is),
    cmocka_unit_test(test_the_same_key_gives_the_same_answer),
    cmocka_unit_test(test_what_is_wrong_is_said),
    cmocka_unit_test(test_the_way_of_a_matter),
    cmocka_unit_test(test_one_matter_tells_its_story),
    cmocka_unit_test(test_strangers_and_the_absent_are_the_same),
    cmocka_unit_test(test_the_list_is_what_the_office_owes),
    cmocka_unit_test(test_a_sealed_person_stands_in_the_vault_alone),
};

int main(void)
{
    return cmocka_run_group_tests(TESTS, open_all, close_all);
}
