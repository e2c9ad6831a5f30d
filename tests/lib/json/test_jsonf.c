/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/check.h"

#include "base/mem.h"
#include "base/rng.h"
#include "lib/json/jsonf.h"
#include "lib/json/jsonw.h"

static enum err read_all(struct arena *a, struct str text)
{
    struct jsonf f;
    struct jsonf_member m;
    jsonf_init(&f, text);
    while (jsonf_next(&f, a, &m))
        assert_non_null(m.name.ptr);
    return jsonf_err(&f);
}

static void test_members_come_as_they_were_written(void **state)
{
    (void)state;
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 1 << 20);
    struct jsonf f;
    struct jsonf_member m;
    jsonf_init(
        &f, STR("{\"a\":-12,\"b\":true,\"c\":{\"x\":\"1\",\"y\":\"\\\"\"},\"d\":\"回\\n\\u0001\","
                "\"e\":false,\"f\":\"\"}"));
    assert_true(jsonf_next(&f, &a, &m));
    check_str(m.name, "a");
    assert_int_equal(m.kind, JSON_KIND_INTEGER);
    assert_int_equal(m.number, -12);
    assert_true(jsonf_next(&f, &a, &m));
    assert_int_equal(m.kind, JSON_KIND_BOOL);
    assert_true(m.truth);
    assert_true(jsonf_next(&f, &a, &m));
    assert_int_equal(m.kind, JSON_KIND_OBJECT);
    check_str(m.text, "{\"x\":\"1\",\"y\":\"\\\"\"}");
    assert_true(jsonf_next(&f, &a, &m));
    check_str(m.text, "回\n\x01");
    assert_true(jsonf_next(&f, &a, &m));
    assert_false(m.truth);
    assert_true(jsonf_next(&f, &a, &m));
    assert_int_equal(m.text.len, 0);
    assert_non_null(m.text.ptr);
    assert_false(jsonf_next(&f, &a, &m));
    assert_int_equal(jsonf_err(&f), ERR_OK);
    assert_false(jsonf_next(&f, &a, &m));
    assert_int_equal(read_all(&a, STR("{}")), ERR_OK);
}

static void test_what_the_writer_would_not_write_is_refused(void **state)
{
    (void)state;
    static const char *const WRONG[] = {
        "",
        "{",
        "}",
        "[]",
        "null",
        "\"a\"",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{\"a\":1}}",
        "{\"a\":1} ",
        " {\"a\":1}",
        "{\"a\": 1}",
        "{\"a\":1 }",
        "{\"b\":1,\"a\":2}",
        "{\"a\":1,\"a\":2}",
        "{\"a\":null}",
        "{\"a\":[1]}",
        "{\"a\":1.0}",
        "{\"a\":1e3}",
        "{\"a\":01}",
        "{\"a\":-0}",
        "{\"a\":-}",
        "{\"a\":+1}",
        "{\"a\":9223372036854775808}",
        "{\"a\":tru}",
        "{\"a\":truefalse}",
        "{\"a\":\"\\/\"}",
        "{\"a\":\"\\u0041\"}",
        "{\"a\":\"\\u000a\"}",
        "{\"a\":\"\\u001F\"}",
        "{\"a\":\"\\u00\"}",
        "{\"a\":\"\\",
        "{\"a\":\"\n\"}",
        "{\"a\":\"x}",
        "{\"a\":\"\xff\"}",
        "{\"a\":\"\xc0\x80\"}",
        "{\"\":1}",
        "{\"\\n\":1}",
        "{\"a b\":1}",
        "{\"\xc3\xa9\":1}",
        "{a:1}",
        "{\"a\":{\"b\":1}}",
        "{\"a\":{\"b\":{\"c\":\"d\"}}}",
        "{\"a\":{\"b\":\"1\"}",
        "{\"a\":{\"b\":\"1\",}}",
        "{\"a\":1\"b\":2}",
    };
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 1 << 20);
    for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++)
        if (read_all(&a, str_of(WRONG[i])) != ERR_CORRUPT)
            fail_msg("not refused: %s", WRONG[i]);
}

static void test_only_texts(void **state)
{
    (void)state;
    assert_true(jsonf_is_texts(STR("{}")));
    assert_true(jsonf_is_texts(STR("{\"a\":\"\\t\",\"b\":\"\"}")));
    assert_false(jsonf_is_texts(STR("{\"a\":1}")));
    assert_false(jsonf_is_texts(STR("{\"a\":\"b\"},")));
    assert_false(jsonf_is_texts(STR("")));
}

/* A text of bytes that need every kind of care. */
static struct str any_text(struct rng *r, char *room)
{
    static const char *const BITS[] = {"a", "\"",   "\\", "\n",    "\x01", "\x1f", "回", "é",
                                       "/", "\x7f", "\t", "u0041", "{",    ",",    "𝄞"};
    size_t len = 0;
    for (uint64_t n = rng_below(r, 12); n > 0; n--) {
        struct str bit = str_of(BITS[rng_below(r, sizeof BITS / sizeof BITS[0])]);
        memcpy(room + len, bit.ptr, bit.len);
        len += bit.len;
    }
    return str_make(room, len);
}

/* What the writer wrote reads back the same, and jansson reads the same; one byte changed is
 * either refused or still canonical JSON to jansson too. */
static void test_agrees_with_the_writer_and_with_the_strict_reader(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3000; seed++) {
        CLEANUP(arena_done) struct arena a;
        CLEANUP(buf_done) struct buf b;
        struct rng r;
        struct jsonw w;
        struct jsonf f;
        struct jsonf_member m;
        char texts[4][64];
        struct str text[4];
        int64_t number[4];
        const struct json *top = NULL;
        arena_init(&a, 1 << 20);
        buf_init(&b, 4096);
        rng_seed(&r, seed);
        jsonw_init(&w, &b, JSONW_CANONICAL);
        jsonw_object(&w);
        for (size_t i = 0; i < 4; i++) {
            const char *names[] = {"a", "b", "c", "d"};
            text[i] = any_text(&r, texts[i]);
            number[i] = (int64_t)rng_next(&r) >> rng_below(&r, 63);
            jsonw_name(&w, names[i]);
            if (i % 2 == 0)
                jsonw_str(&w, text[i]);
            else
                jsonw_i64(&w, number[i]);
        }
        jsonw_end(&w);
        assert_int_equal(jsonw_err(&w), ERR_OK);
        assert_int_equal(jsonr_parse(&a, buf_view(&b), &JSONR_SMALL, NULL, &top), ERR_OK);
        jsonf_init(&f, buf_view(&b));
        for (size_t i = 0; i < 4; i++) {
            assert_true(jsonf_next(&f, &a, &m));
            if (i % 2 == 0)
                assert_true(str_eq(m.text, text[i]) && str_eq(top->item[i].text, m.text));
            else
                assert_true(m.number == number[i] && top->item[i].number == number[i]);
        }
        assert_false(jsonf_next(&f, &a, &m));
        assert_int_equal(jsonf_err(&f), ERR_OK);
        b.ptr[rng_below(&r, b.len)] = (char)rng_below(&r, 256);
        if (read_all(&a, buf_view(&b)) == ERR_OK)
            assert_int_equal(jsonr_parse(&a, buf_view(&b), &JSONR_SMALL, NULL, &top), ERR_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members_come_as_they_were_written),
        cmocka_unit_test(test_what_the_writer_would_not_write_is_refused),
        cmocka_unit_test(test_only_texts),
        cmocka_unit_test(test_agrees_with_the_writer_and_with_the_strict_reader),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
