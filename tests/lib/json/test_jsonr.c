/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/check.h"

#include "base/mem.h"
#include "base/rng.h"
#include "lib/json/jsonr.h"
#include "tests/lib/json/like_jansson.h"

static enum err parse(struct arena *a, const char *text, struct jsonr_fault *fault,
                      const struct json **ret_top)
{
    return jsonr_parse(a, str_of(text), &JSONR_SMALL, fault, ret_top);
}

static void test_reads_every_kind_with_its_line_and_path(void **state)
{
    (void)state;
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 1 << 20);
    const struct json *top = NULL;
    const char *text = "{\n"
                       "  \"name\": \"a \\\"quoted\\\" \\u56de\\u97f3\",\n"
                       "  \"dues\": [\n"
                       "    { \"amount\": 60, \"unit\": \"calendar_day\" },\n"
                       "    [ ], { },\n"
                       "    {\"amount\":-7,\n"
                       "     \"roll \\\"me\": true, \"none\": null, \"half\": 0.50}\n"
                       "  ]\n"
                       "}\n";
    assert_int_equal(parse(&a, text, NULL, &top), ERR_OK);
    assert_int_equal(top->kind, JSON_KIND_OBJECT);
    check_str(jsonr_get_str(top, "name"), "a \"quoted\" 回音");
    const struct json *dues = jsonr_find(top, "dues");
    assert_int_equal(dues->count, 4);
    assert_int_equal(dues->line, 3);
    assert_int_equal(dues->item[1].count, 0);
    assert_int_equal(dues->item[1].line, 5);
    const struct json *last = &dues->item[3];
    assert_int_equal(last->line, 6);
    assert_int_equal(jsonr_get_i64(last, "amount", 0), -7);
    const struct json *roll = jsonr_find(last, "roll \"me");
    assert_non_null(roll);
    assert_true(roll->truth);
    assert_int_equal(roll->line, 7);
    const struct json *half = jsonr_find(last, "half");
    assert_int_equal(half->kind, JSON_KIND_REAL);
    check_str(half->text, "0.50");
    assert_int_equal(jsonr_find(last, "none")->kind, JSON_KIND_NULL);

    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 4096);
    jsonr_path(jsonr_find(&dues->item[0], "unit"), &b);
    check_str(buf_view(&b), "$.dues[0].unit");
    buf_clear(&b);
    jsonr_path(roll, &b);
    check_str(buf_view(&b), "$.dues[3][\"roll \\\"me\"]");
    buf_clear(&b);
    jsonr_path(top, &b);
    check_str(buf_view(&b), "$");
}

static void test_wrong_kinds_and_absent_members_are_not_taken(void **state)
{
    (void)state;
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 1 << 20);
    const struct json *top = NULL;
    assert_int_equal(parse(&a, "{\"n\":5,\"s\":\"5\",\"b\":false}", NULL, &top), ERR_OK);
    int64_t n = 1;
    struct str s = STR("kept");
    bool b = true;
    assert_false(jsonr_i64(jsonr_find(top, "s"), 0, 9, &n));
    assert_false(jsonr_i64(jsonr_find(top, "n"), 6, 9, &n));
    assert_false(jsonr_i64(jsonr_find(top, "gone"), 0, 9, &n));
    assert_false(jsonr_str(jsonr_find(top, "n"), &s));
    assert_false(jsonr_bool(jsonr_find(top, "n"), &b));
    assert_int_equal(n, 1);
    check_str(s, "kept");
    assert_true(b);
    assert_true(jsonr_i64(jsonr_find(top, "n"), 5, 5, &n));
    assert_int_equal(n, 5);
    assert_int_equal(jsonr_get_i64(top, "s", 42), 42);
    assert_true(str_is_null(jsonr_get_str(NULL, "s")));
}

static void test_text_that_is_not_strict_json_is_refused_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int line;
    } bad[] = {
        {"", 1},
        {"{\"a\":1,\n\"a\":2}", 2},   /* a member twice */
        {"{\"a\":1}\n{}", 2},         /* something after it */
        {"{\"a\":1,}", 1},            /* trailing comma */
        {"[1,\n2,\n03]", 3},          /* leading zero */
        {"[\"\\u0000\"]", 1},         /* NUL */
        {"[\"\xff\"]", 1},            /* not UTF-8 */
        {"[\"\xed\xa0\x80\"]", 1},    /* a surrogate */
        {"[9223372036854775808]", 1}, /* past int64 */
        {"[1", 1},
        {"[\"\\", 1},
        {"nul", 1},
        {"[NaN]", 1},
        {"{'a':1}", 1},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        CLEANUP(arena_done) struct arena a;
        arena_init(&a, 1 << 20);
        struct jsonr_fault fault = {0};
        const struct json *top = NULL;
        if (parse(&a, bad[i].text, &fault, &top) != ERR_INVALID)
            fail_msg("taken: %s", bad[i].text);
        assert_null(top);
        assert_int_equal(fault.line, bad[i].line);
        assert_true(fault.why[0] != '\0');
    }
}

static void test_depth_size_and_count_are_bounded(void **state)
{
    (void)state;
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 16 << 20);
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1 << 20);
    const struct json *top = NULL;
    struct jsonr_fault fault = {0};
    const struct jsonr_limits tight = {.bytes_max = 100000, .depth_max = 3, .values_max = 10};

    assert_int_equal(jsonr_parse(&a, STR("[[[1]]]"), &tight, &fault, &top), ERR_OK);
    assert_int_equal(jsonr_parse(&a, STR("\n[[[[1]]]]"), &tight, &fault, &top), ERR_LIMIT);
    assert_int_equal(fault.line, 2);
    assert_int_equal(jsonr_parse(&a, STR("[\"[[[[\"]"), &tight, &fault, &top), ERR_OK);
    assert_int_equal(jsonr_parse(&a, STR("[1,2,3,4,5,6,7,8,9,0,1]"), &tight, &fault, &top),
                     ERR_LIMIT);
    for (int i = 0; i < 50001; i++)
        buf_c(&b, "[ ");
    assert_int_equal(jsonr_parse(&a, buf_view(&b), &tight, &fault, &top), ERR_LIMIT);
    /* A million brackets do not run through the stack. */
    buf_clear(&b);
    for (int i = 0; i < 200000; i++)
        buf_char(&b, '[');
    assert_int_equal(jsonr_parse(&a, buf_view(&b), &JSONR_SMALL, &fault, &top), ERR_LIMIT);
}

static void test_out_of_memory_fails_the_call_only(void **state)
{
    (void)state;
    const char *text = "{\"a\":[1,2,{\"b\":\"text\"}],\"c\":true}";
    bool passed = false;
    for (int64_t i = 0; i < 200 && !passed; i++) {
        CLEANUP(arena_done) struct arena a;
        arena_init(&a, 1 << 20);
        const struct json *top = NULL;
        mem_fail_after(i);
        enum err err = parse(&a, text, NULL, &top);
        mem_fail_after(-1);
        passed = err == ERR_OK;
        if (!passed)
            assert_int_equal(err, ERR_NOMEM);
    }
    assert_true(passed);
}

static void test_many_members_keep_their_order_and_none_comes_twice(void **state)
{
    (void)state;
    CLEANUP(arena_done) struct arena a;
    CLEANUP(buf_done) struct buf b;
    arena_init(&a, 64 << 20);
    buf_init(&b, 1 << 20);
    const struct json *top = NULL;
    struct jsonr_fault fault;
    buf_char(&b, '{');
    for (int i = 0; i < 3000; i++)
        buf_printf(&b, "%s\n\"m%d\":%d", i > 0 ? "," : "", (i * 7919) % 3000, i);
    size_t whole = b.len;
    buf_char(&b, '}');
    assert_int_equal(jsonr_parse(&a, buf_view(&b), &JSONR_SMALL, &fault, &top), ERR_OK);
    assert_int_equal(top->count, 3000);
    for (size_t i = 0; i < top->count; i++)
        assert_int_equal(top->item[i].number, i);
    b.len = whole;
    buf_c(&b, ",\n\"m17\":0,\n\"m18\":0}");
    assert_int_equal(jsonr_parse(&a, buf_view(&b), &JSONR_SMALL, &fault, &top), ERR_INVALID);
    assert_int_equal(fault.line, 3002);
}

static const char *const PIECES[] = {
    "{",       "}",     "[",        "]",     ",",    ":",  "\"a\"",   "\"b\"",
    "1",       "-0",    "0.5e-3",   "1e999", "01",   "-",  "true",    "false",
    "null",    "nul",   "\"",       "\\",    " ",    "\n", "\\u0041", "\"\\ud83d\\ude00\"",
    "\\ud800", "回音",  "\xe5\x9b", "\x7f",  "\x01", "1.", "\\/",     "9223372036854775807",
    "\\u0000", "\\b\\n"};

static void put_value(struct rng *rng, struct buf *b, int depth)
{
    uint64_t kind = rng_below(rng, depth > 4 ? 4 : 6);
    uint64_t count = rng_below(rng, 5);
    if (kind < 4) {
        static const char *const PLAIN[] = {"12", "\"t\\u56de\\n\"", "null", "-7.25"};
        buf_c(b, PLAIN[kind]);
        return;
    }
    buf_char(b, kind == 4 ? '[' : '{');
    for (uint64_t i = 0; i < count; i++) {
        buf_c(b, i > 0 ? " ,\n" : "");
        if (kind == 5)
            buf_printf(b, "\"n%d\": ", (int)rng_below(rng, 40));
        put_value(rng, b, depth + 1);
    }
    buf_char(b, kind == 4 ? ']' : '}');
}

/* Texts of random pieces, and good ones with one byte changed, taken or left out. */
static void test_takes_what_jansson_takes_and_reads_the_same(void **state)
{
    (void)state;
    struct rng rng;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1 << 20);
    rng_seed(&rng, check_seed(20261128));
    for (int round = 0; round < 20000; round++) {
        buf_clear(&b);
        if (round % 2 == 0) {
            for (uint64_t n = rng_below(&rng, 12); n > 0; n--)
                buf_c(&b, PIECES[rng_below(&rng, sizeof PIECES / sizeof *PIECES)]);
        } else {
            put_value(&rng, &b, 0);
            if (round % 4 == 1)
                b.ptr[rng_below(&rng, b.len)] = (char)rng_below(&rng, 256);
            else if (round % 8 == 3)
                b.len = rng_below(&rng, b.len);
        }
        if (!agrees_with_jansson(buf_view(&b)))
            fail_msg("jansson reads this otherwise: " STR_FMT, STR_ARG(buf_view(&b)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_every_kind_with_its_line_and_path),
        cmocka_unit_test(test_wrong_kinds_and_absent_members_are_not_taken),
        cmocka_unit_test(test_text_that_is_not_strict_json_is_refused_with_its_line),
        cmocka_unit_test(test_depth_size_and_count_are_bounded),
        cmocka_unit_test(test_out_of_memory_fails_the_call_only),
        cmocka_unit_test(test_many_members_keep_their_order_and_none_comes_twice),
        cmocka_unit_test(test_takes_what_jansson_takes_and_reads_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
