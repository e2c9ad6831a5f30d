/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/check.h"

#include "base/mem.h"
#include "base/rng.h"
#include "lib/json/jsonr.h"
#include "lib/json/jsonw.h"

static void test_canonical_form_is_sorted_without_blanks_and_minimally_escaped(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 4096);
    struct jsonw w;
    jsonw_init(&w, &b, JSONW_CANONICAL);
    jsonw_object(&w);
    jsonw_member_i64(&w, "at_us", -5);
    jsonw_member_array(&w, "files");
    jsonw_i64(&w, 1);
    jsonw_object(&w);
    jsonw_end(&w);
    jsonw_null(&w);
    jsonw_end(&w);
    jsonw_member_bool(&w, "late", false);
    jsonw_member_str(&w, "text", STR("\"a\\b\"/<é回>\n\x01"));
    jsonw_end(&w);
    assert_int_equal(jsonw_err(&w), ERR_OK);
    check_str(buf_view(&b), "{\"at_us\":-5,\"files\":[1,{},null],\"late\":false,"
                            "\"text\":\"\\\"a\\\\b\\\"/<é回>\\n\\u0001\"}");
}

enum mistake {
    UNSORTED,
    TWICE,
    NO_NAME,
    NO_VALUE,
    OPEN_END,
    EXTRA_END,
    SECOND_TOP,
    BAD_TEXT,
    BAD_NAME,
    NAME_IN_ARRAY,
    TOO_DEEP,
    MISTAKES
};

static void make(struct jsonw *w, enum mistake mistake)
{
    jsonw_object(w);
    switch (mistake) {
    case UNSORTED:
        jsonw_member_i64(w, "b", 1);
        jsonw_member_i64(w, "a", 1);
        break;
    case TWICE:
        jsonw_member_i64(w, "a", 1);
        jsonw_member_i64(w, "a", 1);
        break;
    case NO_NAME:
        jsonw_i64(w, 1);
        break;
    case NO_VALUE:
        jsonw_name(w, "a");
        break;
    case OPEN_END:
        jsonw_member_object(w, "a");
        break;
    case EXTRA_END:
        jsonw_end(w);
        break;
    case SECOND_TOP:
        jsonw_end(w);
        jsonw_object(w);
        break;
    case BAD_TEXT:
        jsonw_member_str(w, "a", STR("\xc3("));
        break;
    case BAD_NAME:
        jsonw_member_i64(w, "a\"b", 1);
        break;
    case NAME_IN_ARRAY:
        jsonw_member_array(w, "a");
        jsonw_name(w, "b");
        jsonw_end(w);
        break;
    case TOO_DEEP:
        jsonw_name(w, "a");
        for (int i = 0; i < JSONW_DEPTH_MAX; i++)
            jsonw_array(w);
        for (int i = 0; i < JSONW_DEPTH_MAX; i++)
            jsonw_end(w);
        break;
    case MISTAKES:
        break;
    }
    jsonw_end(w);
}

static void test_a_mistake_of_the_caller_never_gives_a_text(void **state)
{
    (void)state;
    for (enum mistake m = UNSORTED; m <= MISTAKES; m++) {
        CLEANUP(buf_done) struct buf b;
        buf_init(&b, 4096);
        struct jsonw w;
        jsonw_init(&w, &b, JSONW_CANONICAL);
        make(&w, m);
        assert_int_equal(jsonw_err(&w), m == MISTAKES ? ERR_OK : ERR_INTERNAL);
    }
}

static void test_the_plain_form_keeps_the_callers_order(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 4096);
    struct jsonw w;
    jsonw_init(&w, &b, JSONW_PLAIN);
    make(&w, UNSORTED);
    assert_int_equal(jsonw_err(&w), ERR_OK);
    check_str(buf_view(&b), "{\"b\":1,\"a\":1}");
}

static void test_a_full_buf_is_reported(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 8);
    struct jsonw w;
    jsonw_init(&w, &b, JSONW_CANONICAL);
    jsonw_object(&w);
    jsonw_member_str(&w, "a", STR("longer than eight bytes"));
    jsonw_member_i64(&w, "b", 1);
    jsonw_end(&w);
    assert_int_equal(jsonw_err(&w), ERR_LIMIT);
}

/* What the writer writes the reader reads, for random texts of every character below U+3000. */
static void test_what_is_written_is_read_back(void **state)
{
    (void)state;
    struct rng r;
    rng_seed(&r, check_seed(20261121));
    for (int round = 0; round < 2000; round++) {
        CLEANUP(arena_done) struct arena a;
        arena_init(&a, 1 << 20);
        CLEANUP(buf_done) struct buf text, b;
        buf_init(&text, 4096);
        buf_init(&b, 65536);
        for (uint64_t i = rng_below(&r, 40); i > 0; i--) {
            unsigned c = 1 + (unsigned)rng_below(&r, 0x2fff);
            if (c < 0x80) {
                buf_char(&text, (char)c);
            } else if (c < 0x800) {
                buf_char(&text, (char)(0xc0 | (c >> 6)));
                buf_char(&text, (char)(0x80 | (c & 0x3f)));
            } else {
                buf_char(&text, (char)(0xe0 | (c >> 12)));
                buf_char(&text, (char)(0x80 | ((c >> 6) & 0x3f)));
                buf_char(&text, (char)(0x80 | (c & 0x3f)));
            }
        }
        int64_t number = (int64_t)rng_next(&r);
        struct jsonw w;
        jsonw_init(&w, &b, JSONW_CANONICAL);
        jsonw_object(&w);
        jsonw_member_i64(&w, "n", number);
        jsonw_member_str(&w, "t", buf_view(&text));
        jsonw_end(&w);
        assert_int_equal(jsonw_err(&w), ERR_OK);
        const struct json *top = NULL;
        assert_int_equal(jsonr_parse(&a, buf_view(&b), &JSONR_SMALL, NULL, &top), ERR_OK);
        assert_true(jsonr_get_i64(top, "n", 0) == number);
        assert_true(str_eq(jsonr_get_str(top, "t"), buf_view(&text)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_canonical_form_is_sorted_without_blanks_and_minimally_escaped),
        cmocka_unit_test(test_a_mistake_of_the_caller_never_gives_a_text),
        cmocka_unit_test(test_the_plain_form_keeps_the_callers_order),
        cmocka_unit_test(test_a_full_buf_is_reported),
        cmocka_unit_test(test_what_is_written_is_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
