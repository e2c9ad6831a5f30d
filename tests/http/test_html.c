/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* test_html: what templates write, byte by byte, for harmless and for hostile values.
 *     test_html DIR [--update]    DIR holds the golden pages; --update writes them anew */
#define HUIYIN_WRITTEN_BY_GEN_TEMPLATES
#include "tests/check.h"

#include "base/mem.h"
#include "base/rng.h"
#include "base/utf8.h"
#include "golden/pages/all.html.h"
#include "http/html_emit.h"
#include "http/static.h"
#include "lib/text/zone.h"

#include <stdio.h>
#include <string.h>

static const char *golden_dir;
static bool update;

static const struct static_file FILES[] = {
    {STR_INIT("app.css"), STR_INIT("/static/00.css"), "text/css", STR_INIT("x"), STR_INIT("")},
};
static const struct static_table STATICS = {FILES, 1};

static struct page_all view_of(struct arena *a, struct str text)
{
    struct page_all v = {
        .head = {.title = {.key = MSG_HTTP_NAME}},
        .text = text,
        .count = 1234567,
        .on = true,
        .due = 20525,
        .sent = INT64_C(1773381900000000),
        .label = MSG_HTTP_TO_START,
        .why = {.key = MSG_HTTP_PAGE_OF,
                .args_count = 2,
                .args = {msg_text("page", text), msg_number("pages", 9)}},
        .next = STR("/back?x=1"),
        .rows_count = 2,
        .parts_count = 1,
    };
    v.rows = ARENA_ARRAY(a, 2, struct page_all_rows);
    v.parts = ARENA_ARRAY(a, 1, struct page_part);
    v.rows[0] = (struct page_all_rows){.name = text, .subs_count = 2};
    v.rows[0].subs = ARENA_ARRAY(a, 2, struct page_all_rows_subs);
    v.rows[0].subs[1].n = 2;
    v.parts[0] = (struct page_part){.label = MSG_HTTP_NAME, .value = text, .wrong = true};
    return v;
}

static void golden_path(char *path, size_t size, const char *name)
{
    (void)snprintf(path, size, "%s/%s.html", golden_dir, name);
}

static void check_golden(const char *name, struct str got)
{
    char path[512];
    golden_path(path, sizeof path, name);
    if (update) {
        FILE *f = fopen(path, "wb");
        assert_non_null(f);
        assert_int_equal(fwrite(got.ptr, 1, got.len, f), got.len);
        assert_int_equal(fclose(f), 0);
        return;
    }
    static char want[65536];
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t n = fread(want, 1, sizeof want - 1, f);
    (void)fclose(f);
    want[n] = '\0';
    check_str(got, want);
}

static void render(struct html *h, const struct page_all *v, const char *lang)
{
    html_clear(h);
    page_all_render(h, v, msg_lang_find(str_of(lang)));
    assert_int_equal(html_err(h), ERR_OK);
}

static void pages_come_out_as_the_golden_ones(void **state)
{
    (void)state;
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 1 << 20);
    CLEANUP(html_done) struct html h;
    html_init(&h, HTML_BYTES_MAX);
    CLEANUP(html_done) struct html inner;
    html_init(&inner, HTML_BYTES_MAX);
    struct page_all v = view_of(&a, STR("plain"));
    render(&inner, &v, "en");
    v.inner = &inner;
    render(&h, &v, "en");
    check_golden("all.en", html_view(&h));
    v.inner = NULL;
    v.on = false;
    v.rows_count = 0;
    render(&h, &v, "zh-CN");
    check_golden("all.zh-CN", html_view(&h));
}

/* Values that try to leave their place; one golden page holds them all. */
static const char *const HOSTILE[] = {
    "<script>alert(1)</script>",
    "\" onmouseover=\"alert(1)",
    "' onfocus='alert(1)' x='",
    "javascript:alert(1)",
    "//evil.example/x",
    "/\\evil.example",
    "&lt;already&gt; &amp;",
    "</textarea></title><img src=x onerror=alert(1)>",
    "a\x01"
    "b\x7F"
    "c\xC2\x85"
    "d\xE2\x80\xA8"
    "e",
    "\xE2\x80\xAE"
    "gpj.exe\xE2\x81\xA6",
    "broken \xFF\xC0\x80\xED\xA0\x80 end\xE4\xBD",
    "line\r\nHeader: x\ttab",
    "{{title}} {name} '{'",
    "%2e%2e/\x3F#&=+",
};

static void hostile_values_stay_in_their_place(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf all;
    buf_init(&all, 1 << 20);
    CLEANUP(html_done) struct html h;
    html_init(&h, HTML_BYTES_MAX);
    for (size_t i = 0; i < sizeof HOSTILE / sizeof HOSTILE[0]; i++) {
        CLEANUP(arena_done) struct arena a;
        arena_init(&a, 1 << 20);
        struct page_all v = view_of(&a, str_of(HOSTILE[i]));
        v.next = v.text;
        render(&h, &v, "en");
        struct str got = html_view(&h);
        /* Nothing of the value is left that could open a tag or close a quoted value. */
        assert_int_equal(str_find(got, STR("<script>")), SIZE_MAX);
        assert_int_equal(str_find(got, STR("<img")), SIZE_MAX);
        assert_int_equal(str_find(got, STR("\" on")), SIZE_MAX);
        assert_int_equal(str_find(got, STR("href=\"j")), SIZE_MAX);
        assert_int_equal(str_find(got, STR("href=\"//")), SIZE_MAX);
        assert_int_equal(str_find(got, STR("\xE2\x80\xAE")), SIZE_MAX);
        buf_str(&all, got);
    }
    check_golden("hostile", buf_view(&all));
}

/* Random bytes: the output is always UTF-8 and has exactly the tags of the harmless page. */
static void any_bytes_leave_the_markup_as_it_is(void **state)
{
    (void)state;
    CLEANUP(html_done) struct html h;
    html_init(&h, HTML_BYTES_MAX);
    size_t tags = 0;
    uint64_t seed = 42;
    for (int round = 0; round < 500; round++) {
        CLEANUP(arena_done) struct arena a;
        arena_init(&a, 1 << 20);
        char bytes[40];
        for (size_t i = 0; i < sizeof bytes; i++) {
            seed = seed * 6364136223846793005U + 1442695040888963407U;
            static const char SHARP[] = "<>\"'&/\\{}%=";
            bytes[i] =
                (seed >> 61) < 3 ? SHARP[(seed >> 40) % (sizeof SHARP - 1)] : (char)(seed >> 50);
        }
        struct page_all v = view_of(&a, str_make(bytes, round == 0 ? 0 : sizeof bytes));
        v.next = v.text;
        render(&h, &v, "en");
        struct str got = html_view(&h);
        size_t count = 0;
        for (size_t i = 0; i < got.len; i++)
            count += got.ptr[i] == '<' || got.ptr[i] == '"';
        if (round == 0)
            tags = count;
        assert_int_equal(count, tags);
    }
}

static void a_page_past_its_cap_fails_and_says_so(void **state)
{
    (void)state;
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 1 << 20);
    CLEANUP(html_done) struct html h;
    html_init(&h, 200);
    struct page_all v = view_of(&a, STR("x"));
    page_all_render(&h, &v, msg_lang_at(0));
    assert_int_equal(html_err(&h), ERR_LIMIT);
    CLEANUP(html_done) struct html outer; /* and so does the page around it */
    html_init(&outer, HTML_BYTES_MAX);
    v.inner = &h;
    page_all_render(&outer, &v, msg_lang_at(0));
    assert_int_equal(html_err(&outer), ERR_LIMIT);
}

/* Whole runs are passed over at once: the same must come out as when each character is written
 * alone. */
static void a_text_is_written_as_its_characters_are(void **state)
{
    static const char *const PIECES[] = {
        "a",  "plain enough", "0123456",      "<",      "&&",       "\"",           "it's",     ">",
        "\n", "\x7F",         "\x01",         "回音。", "，",       "\xE2\x80\xAE", "\xE4\xBD", "é",
        "😀",  "\xC2\x85",     "\xEF\xBB\xBF", "\xFF",   "\xE3\x80", "가나"};
    struct rng rng;
    CLEANUP(buf_done) struct buf b;
    CLEANUP(html_done) struct html whole;
    CLEANUP(html_done) struct html parts;
    (void)state;
    buf_init(&b, 1 << 16);
    html_init(&whole, HTML_BYTES_MAX);
    html_init(&parts, HTML_BYTES_MAX);
    rng_seed(&rng, check_seed(20261128));
    for (int round = 0; round < 20000; round++) {
        buf_clear(&b);
        html_clear(&whole);
        html_clear(&parts);
        for (uint64_t n = rng_below(&rng, 12); n > 0; n--)
            buf_c(&b, PIECES[rng_below(&rng, sizeof PIECES / sizeof *PIECES)]);
        struct str s = buf_view(&b);
        html_text(&whole, s);
        for (size_t at = 0; at < s.len;) {
            size_t from = at;
            (void)utf8_next(s, &at);
            html_text(&parts, str_sub(s, from, at - from));
        }
        assert_true(str_eq(html_view(&whole), html_view(&parts)));
    }
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        (void)fprintf(stderr, "usage: test_html DIR [--update]\n");
        return 2;
    }
    golden_dir = argv[1];
    update = argc > 2 && strcmp(argv[2], "--update") == 0;
    zone_set_house(zone_find(STR("Asia/Shanghai")));
    html_set_statics(&STATICS);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_come_out_as_the_golden_ones),
        cmocka_unit_test(hostile_values_stay_in_their_place),
        cmocka_unit_test(a_text_is_written_as_its_characters_are),
        cmocka_unit_test(any_bytes_leave_the_markup_as_it_is),
        cmocka_unit_test(a_page_past_its_cap_fails_and_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
