/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "http/form.h"
#include "http/route.h"
#include "spine/verb.h"
#include "tests/check.h"

static enum err view(struct request *req)
{
    (void)req;
    return ERR_OK;
}

static enum err act(struct tx *tx, struct request *req)
{
    (void)tx;
    (void)req;
    return ERR_OK;
}

struct input {
    struct str text;
};
static const struct form_field FIELDS[] = {FORM_TEXT(struct input, text, 0, 9)};
static const struct form FORM = FORM_INIT("f", struct input, FIELDS);

#define READ_PUBLIC(where)                                                                         \
    {                                                                                              \
        .method = METHOD_GET, .path = (where), .door = DOOR_PUBLIC, .csrf = CSRF_NONE,             \
        .budget = BUDGET_READ, .view = view                                                        \
    }
#define WRITE_DESK(where)                                                                          \
    {                                                                                              \
        .method = METHOD_POST, .path = (where), .door = DOOR_OFFICER, .verb = VERB_NOTE,           \
        .form = &FORM, .csrf = CSRF_SESSION, .event = "matter.noted", .budget = BUDGET_WRITE,      \
        .act = act, .reply = view                                                                  \
    }

static enum err table_of(const struct route *routes, size_t count, struct err_info *info,
                         struct route_table **ret_table)
{
    const struct route_span span = {routes, count};
    return route_table_new(&span, 1, info, ret_table);
}

static void each_silence_of_a_row_stops_the_start(void **state)
{
    (void)state;
    const struct route good_read = READ_PUBLIC("/a");
    const struct route good_write = WRITE_DESK("/a");
    struct {
        struct route row;
        const char *lack;
    } cases[40];
    size_t n = 0;
#define BAD(base, change, text)                                                                    \
    do {                                                                                           \
        struct route r = (base);                                                                   \
        change;                                                                                    \
        cases[n].row = r;                                                                          \
        cases[n++].lack = (text);                                                                  \
    } while (0)
    BAD(good_read, r.method = METHOD_UNSET, "no method");
    BAD(good_read, r.path = NULL, "not well formed");
    BAD(good_read, r.path = "a", "not well formed");
    BAD(good_read, r.path = "/a//b", "not well formed");
    BAD(good_read, r.path = "/{x*}/b", "not well formed");
    BAD(good_read, r.path = "", "not well formed");
    BAD(good_read, r.path = "/a/{}", "not well formed");
    BAD(good_read, r.path = "/a/{ref", "not well formed");
    BAD(good_read, r.path = "/{a}/{b}/{c}/{d}/{e}", "not well formed");
    BAD(good_read, r.path = "/1/2/3/4/5/6/7/8/9/10/11/12/13", "not well formed");
    BAD(good_read, r.path = "/a b", "not well formed");
    BAD(good_read, r.path = "/{a b}", "not well formed");
    BAD(good_read,
        r.path = "/0123456789012345678901234567890123456789012345678901234567890123456789",
        "not well formed");
    BAD(good_read, r.door = DOOR_UNSET, "no door");
    BAD(good_read, r.door = (enum door)(DOOR_TOKEN + 1), "no door");
    BAD(good_read, r.budget = BUDGET_COUNT, "no budget");
    BAD(good_read, r.reply = view, "functions of a write");
    BAD(good_read, r.prepare = view, "functions of a write");
    BAD(good_read, r.event = "matter.seen", "leaves no event");
    BAD(good_write, r.event = "", "without an event");
    BAD(good_write, (r.csrf = CSRF_SIGNED, r.form = NULL), "csrf rule"); /* of an officer */
    BAD(good_read, r.door = DOOR_OFFICER, "without a verb");
    BAD(good_read, r.verb = VERB_READ, "knows no officer");
    BAD(good_read, r.budget = BUDGET_UNSET, "no budget");
    BAD(good_read, r.view = NULL, "without a view");
    BAD(good_read, r.act = act, "functions of a write");
    BAD(good_read, r.csrf = CSRF_UNSET, "CSRF_NONE");
    BAD(good_write, r.form = NULL, "without a form");
    BAD(good_write, r.csrf = CSRF_NONE, "csrf rule");
    BAD(good_write, r.csrf = CSRF_BEARER, "csrf rule");
    BAD(good_write, r.event = NULL, "without an event");
    BAD(good_write, r.act = NULL, "without an act");
    BAD(good_write, r.reply = NULL, "without a reply");
    BAD(good_write, r.view = view, "no view");
    BAD(good_read, r.flags = ROUTE_STEP_UP, "step up");
    for (size_t i = 0; i < n; i++) {
        struct err_info info = {0};
        struct route_table *table = NULL;
        assert_int_equal(table_of(&cases[i].row, 1, &info, &table), ERR_INVALID);
        if (strstr(info.detail, cases[i].lack) == NULL)
            fail_msg("\"%s\" does not say \"%s\"", info.detail, cases[i].lack);
        assert_null(table);
    }
}

static void a_door_stands_in_the_table_once(void **state)
{
    (void)state;
    const struct route twice[] = {READ_PUBLIC("/m/{ref}"), READ_PUBLIC("/m/{other}")};
    struct err_info info = {0};
    struct route_table *table = NULL;
    assert_int_equal(table_of(twice, 2, &info, &table), ERR_INVALID);
    assert_non_null(strstr(info.detail, "twice"));
}

static const struct route ROUTES[] = {
    READ_PUBLIC("/"),
    READ_PUBLIC("/desk/m/{ref}"),
    READ_PUBLIC("/desk/m/new"),
    WRITE_DESK("/desk/m/{ref}/note"),
    READ_PUBLIC("/log/tile/{rest*}"),
    READ_PUBLIC("/back"),
    WRITE_DESK("/back"),
    READ_PUBLIC("/desk/{page}"),
};

static void paths_find_their_row(void **state)
{
    (void)state;
    static const struct {
        enum method method;
        const char *path;
        int row; /* -1: none */
        const char *allow;
        const char *param;
    } CASES[] = {
        {METHOD_GET, "/", 0, NULL, NULL},
        {METHOD_GET, "/desk/m/K7Q2-9F4M", 1, NULL, "K7Q2-9F4M"},
        {METHOD_GET, "/desk/m/new", 2, NULL, NULL},
        {METHOD_POST, "/desk/m/K7Q2-9F4M/note", 3, NULL, "K7Q2-9F4M"},
        {METHOD_GET, "/desk/m/K7Q2-9F4M/note", -1, "POST", NULL},
        {METHOD_GET, "/log/tile/0/x001/067.p/8", 4, NULL, "0/x001/067.p/8"},
        {METHOD_GET, "/log/tile/", -1, NULL, NULL},
        {METHOD_GET, "/back", 5, NULL, NULL},
        {METHOD_POST, "/back", 6, NULL, NULL},
        {METHOD_POST, "/", -1, "GET, HEAD", NULL},
        {METHOD_GET, "/desk/", -1, NULL, NULL},
        {METHOD_GET, "/desk/search", 7, NULL, "search"},
        {METHOD_GET, "/desk/a%2Fb", -1, NULL, NULL},
        {METHOD_GET, "/desk/m/a b", -1, NULL, NULL},
        {METHOD_GET, "//", -1, NULL, NULL},
        {METHOD_GET, "", -1, NULL, NULL},
        {METHOD_GET, "back", -1, NULL, NULL},
        {METHOD_GET, "/back/", -1, NULL, NULL},
        {METHOD_GET, "/nothing/at/all", -1, NULL, NULL},
        {METHOD_GET, "/desk/a_b-c.D9", 7, NULL, "a_b-c.D9"},
        {METHOD_GET, "/desk/a~b", -1, NULL, NULL},
        {METHOD_GET, "/desk/a:b", -1, NULL, NULL},
        {METHOD_GET, "/desk/a@b", -1, NULL, NULL},
        {METHOD_GET, "/desk/a[b", -1, NULL, NULL},
        {METHOD_GET, "/desk/a{b", -1, NULL, NULL},
        {METHOD_GET, "/desk/01234567890123456789012345678901234567890123456789012345678901234", -1,
         NULL, NULL},
        {METHOD_GET, "/log/tile/a%2e", -1, NULL, NULL},
    };
    struct err_info info = {0};
    struct route_table *table = NULL;
    assert_int_equal(table_of(ROUTES, sizeof ROUTES / sizeof ROUTES[0], &info, &table), ERR_OK);
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct route_match m;
        route_find(table, CASES[i].method, str_of(CASES[i].path), &m);
        const struct route *want = CASES[i].row < 0 ? NULL : &ROUTES[CASES[i].row];
        if (m.route != want)
            fail_msg("%s led to %s", CASES[i].path, m.route == NULL ? "-" : m.route->path);
        if (want == NULL) {
            assert_int_equal(m.path_known, CASES[i].allow != NULL);
            if (CASES[i].allow != NULL)
                assert_string_equal(m.allow, CASES[i].allow);
        }
        if (CASES[i].param != NULL)
            check_str(m.params[0], CASES[i].param);
    }
    size_t rows = 0;
    while (route_table_at(table, rows) != NULL)
        rows++;
    assert_int_equal(rows, sizeof ROUTES / sizeof ROUTES[0]);
    route_table_free(table);
}

static void a_shorter_row_stands_before_a_longer_one(void **state)
{
    (void)state;
    static const struct route BOTH[] = {READ_PUBLIC("/m/list/old"), READ_PUBLIC("/m/list"),
                                        READ_PUBLIC("/m")};
    struct err_info info = {0};
    struct route_table *table = NULL;
    assert_int_equal(table_of(BOTH, 3, &info, &table), ERR_OK);
    for (size_t i = 0; i < 3; i++)
        assert_ptr_equal(route_table_at(table, i), &BOTH[2 - i]);
    assert_null(route_table_at(table, 3));
    route_table_free(table);
}

static void what_is_no_word_of_the_table_has_no_name(void **state)
{
    (void)state;
    assert_string_equal(route_method_name(METHOD_POST), "POST");
    assert_string_equal(route_method_name((enum method)9), "");
    assert_string_equal(route_door_name(DOOR_OFFICER), "officer");
    assert_string_equal(route_door_name((enum door)9), "");
    assert_string_equal(route_csrf_name(CSRF_SIGNED), "signed");
    assert_string_equal(route_csrf_name((enum csrf)9), "");
    assert_string_equal(route_budget_name(BUDGET_NONE), "none");
    assert_string_equal(route_budget_name(BUDGET_COUNT), "");
}

static const struct CMUnitTest TESTS[] = {
    cmocka_unit_test(a_shorter_row_stands_before_a_longer_one),
    cmocka_unit_test(what_is_no_word_of_the_table_has_no_name),
    cmocka_unit_test(each_silence_of_a_row_stops_the_start),
    cmocka_unit_test(a_door_stands_in_the_table_once),
    cmocka_unit_test(paths_find_their_row),
};
CHECK_MAIN(TESTS)
