/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/instant.h"
#include "base/mem.h"
#include "base/rng.h"
#include "base/utf8.h"
#include "http/form.h"
#include "tests/check.h"

static const char *const WISHES[] = {"known", "sealed", "anonymous", NULL};

struct input {
    struct str title;
    struct str text;
    struct str secret;
    int32_t wish;
    int32_t day;
    int64_t number;
    bool urgent;
    struct form_strs marks;
    struct form_pairs answers;
    struct form_file paper;
};

static const struct form_field FIELDS[] = {
    FORM_TEXT(struct input, title, 2, 10),
    FORM_LINES(struct input, text, 0, 40),
    FORM_SECRET(struct input, secret, 0, 20),
    FORM_CHOICE(struct input, wish, WISHES, false),
    FORM_DATE(struct input, day, false),
    FORM_INT(struct input, number, 1, 99, false),
    FORM_FLAG(struct input, urgent),
    FORM_STRS(struct input, marks, 0, 3),
    FORM_PAIRS(struct input, answers, "q_", 3),
    FORM_FILE(struct input, paper, 16),
};
static const struct form FORM = FORM_INIT("test", struct input, FIELDS);

struct ground {
    struct arena arena;
    struct form_body body;
    struct form_faults faults;
    struct input *in;
};

static void ground_begin(struct ground *g)
{
    *g = (struct ground){.in = NULL};
    arena_init(&g->arena, 4 << 20);
}

static enum err read_url(struct ground *g, struct str body)
{
    void *in = NULL;
    ground_begin(g);
    TRY(form_split_urlencoded(&g->arena, body, &g->faults, &g->body));
    TRY(form_parse(&g->arena, &FORM, &g->body, &g->faults, &in));
    g->in = in;
    return ERR_OK;
}

static const char *fault_key(const struct ground *g, const char *field)
{
    const struct form_fault *f = form_fault_of(&g->faults, field);
    return f == NULL ? "" : f->key;
}

/* One field sent alone beside a good title: the key of its fault, or "". */
static const char *one(struct ground *g, const char *pair)
{
    char text[512];
    (void)snprintf(text, sizeof text, "title=good&%s", pair);
    assert_int_equal(read_url(g, str_of(text)), ERR_OK);
    const char *key = g->faults.count == 0 ? "" : g->faults.items[0].key;
    return key;
}

static void every_kind_of_field_is_read(void **state)
{
    (void)state;
    struct ground g;
    assert_int_equal(
        read_url(&g, STR("title=+stairs%21+&text=a%0D%0Ab%0Dc&secret=+keep+&wish=sealed"
                         "&day=2026-03-02&number=7&urgent=on&marks=x&marks=y&q_size=big")),
        ERR_OK);
    assert_int_equal(g.faults.count, 0);
    check_str(g.in->title, "stairs!");
    check_str(g.in->text, "a\nb\nc");
    check_str(g.in->secret, " keep ");
    assert_int_equal(g.in->wish, 2);
    assert_int_equal(g.in->day, day_of((struct civil){2026, 3, 2}));
    assert_int_equal(g.in->number, 7);
    assert_true(g.in->urgent);
    assert_int_equal(g.in->marks.count, 2);
    check_str(g.in->marks.items[1], "y");
    assert_int_equal(g.in->answers.count, 1);
    check_str(g.in->answers.items[0].name, "size");
    check_str(g.in->answers.items[0].value, "big");
    arena_done(&g.arena);
}

static void what_is_left_out_is_unset(void **state)
{
    (void)state;
    struct ground g;
    assert_int_equal(read_url(&g, STR("title=abc")), ERR_OK);
    assert_int_equal(g.faults.count, 0);
    assert_int_equal(g.in->wish, 0);
    assert_int_equal(g.in->day, FORM_NO_DAY);
    assert_true(g.in->number == FORM_NO_INT);
    assert_false(g.in->urgent);
    check_str(g.in->text, "");
    arena_done(&g.arena);
}

static void every_fault_is_collected_at_once(void **state)
{
    (void)state;
    struct ground g;
    assert_int_equal(read_url(&g, STR("title=&wish=loud&day=2026-02-30&number=100&urgent=maybe"
                                      "&stranger=1&text=%FF")),
                     ERR_OK);
    assert_string_equal(fault_key(&g, "title"), "form.empty");
    assert_string_equal(fault_key(&g, "wish"), "form.not_a_choice");
    assert_string_equal(fault_key(&g, "day"), "form.date");
    assert_string_equal(fault_key(&g, "number"), "form.number_range");
    assert_string_equal(fault_key(&g, "urgent"), "form.flag");
    assert_string_equal(fault_key(&g, "stranger"), "form.unknown_field");
    assert_string_equal(fault_key(&g, "text"), "form.encoding");
    assert_int_equal(g.faults.count, 7);
    arena_done(&g.arena);
}

static void nonsense_in_a_text_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *pair;
        const char *key;
    } CASES[] = {
        {"text=ok", ""},
        {"text=%00", "form.control"},
        {"text=a%1Bb", "form.control"},
        {"text=tab%09fine", ""},
        {"text=%E2%80%AEevil", "form.bidi"},
        {"text=%E2%81%A6x", "form.bidi"},
        {"text=%C0%AF", "form.encoding"},
        {"text=%ED%A0%80", "form.encoding"},
        {"text=11010519491231002X", "form.identity_number"},
        {"text=no.+%EF%BC%91%EF%BC%91%EF%BC%90%EF%BC%91%EF%BC%90%EF%BC%95%EF%BC%91%EF%BC%99"
         "%EF%BC%94%EF%BC%99%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%91%EF%BC%90%EF%BC%90%EF%BC%92x",
         "form.identity_number"},
        {"text=110105194912310021", ""},   /* wrong check digit */
        {"text=9911010519491231002X", ""}, /* part of a longer number */
        {"text=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "form.too_long"},
        {"title=twice", "form.repeated"},
        {"number=%EF%BC%97", ""},
        {"number=seven", "form.number"},
        {"number=99999999999999999999", "form.number"},
        {"day=2026%E5%B9%B43%E6%9C%882%E6%97%A5", ""},
        {"day=2026%2F3%2F2", ""},
        {"day=26-3-2", "form.date"},
        {"day=2026-3-2-1", "form.date"},
        {"marks=1&marks=2&marks=3&marks=4", "form.too_many"},
        {"q_a=1&q_a=2", "form.repeated"},
        {"q_a=1&q_b=2&q_c=3&q_d=4", "form.too_many"},
        {"paper=text", "form.not_a_file"},
        {"title%00=x", "form.unknown_field"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct ground g;
        const char *key = one(&g, CASES[i].pair);
        if (strcmp(key, CASES[i].key) != 0)
            fail_msg("%s: got \"%s\", want \"%s\"", CASES[i].pair, key, CASES[i].key);
        arena_done(&g.arena);
    }
}

/* Wherever it stands, and in digits of either width; not when a digit of it is wrong. */
static void an_identity_number_is_found_anywhere(void **state)
{
    (void)state;
    static const char *const FILL[] = {"x", "号", "no. ", "ﬀ", "\n", "ab12cd34 ", "X", "~"};
    static const char NUMBER[] = "11010519491231002X";
    struct rng rng;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1 << 16);
    rng_seed(&rng, check_seed(20261128));
    for (int round = 0; round < 5000; round++) {
        bool is_wide = round % 3 == 0;
        size_t wrong = round % 2 == 0 ? SIZE_MAX : rng_below(&rng, 17);
        buf_clear(&b);
        for (uint64_t n = rng_below(&rng, 12); n > 0; n--)
            buf_c(&b, FILL[rng_below(&rng, sizeof FILL / sizeof *FILL)]);
        buf_c(&b, "号");
        for (size_t i = 0; i < 18; i++) {
            int32_t digit = NUMBER[i] - '0';
            if (i == wrong)
                digit = (digit + 1) % 10;
            utf8_put(&b, (is_wide ? 0xFF10 : '0') + digit);
        }
        for (uint64_t n = rng_below(&rng, 12); n > 0; n--)
            buf_c(&b, FILL[rng_below(&rng, sizeof FILL / sizeof *FILL)]);
        if (form_has_identity_number(buf_view(&b)) != (wrong == SIZE_MAX))
            fail_msg("wrong digit %zu: " STR_FMT, wrong, STR_ARG(buf_view(&b)));
    }
}

static void blanks_at_both_ends_go_whatever_their_width(void **state)
{
    (void)state;
    static const char *const CASES[][2] = {
        {"%E3%80%80+a%C2%A0%E2%80%8B", "a"},
        {"+%09%E3%80%80", ""},
        {"%E5%9B%9E+%E9%9F%B3%E3%80%80", "回 音"},
        {"a%EF%BB%BF%0A", "a"},
        {"%E3%80%81", "、"}, /* ends with the bytes of a wide blank's neighbour */
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct ground g;
        CLEANUP(buf_done) struct buf b;
        buf_init(&b, 400);
        buf_printf(&b, "title=abc&text=%s", CASES[i][0]);
        assert_int_equal(read_url(&g, buf_view(&b)), ERR_OK);
        assert_int_equal(g.faults.count, 0);
        check_str(g.in->text, CASES[i][1]);
        arena_done(&g.arena);
    }
}

static void broken_escapes_and_floods_of_fields_are_refused(void **state)
{
    (void)state;
    struct ground g;
    assert_int_equal(read_url(&g, STR("title=%2")), ERR_INVALID);
    assert_string_equal(fault_key(&g, ""), "form.malformed");
    arena_done(&g.arena);
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1 << 20);
    for (int i = 0; i < 201; i++)
        buf_printf(&b, "f%d=1&", i);
    assert_int_equal(read_url(&g, buf_view(&b)), ERR_INVALID);
    assert_string_equal(fault_key(&g, ""), "form.too_many_fields");
    arena_done(&g.arena);
}

static void ten_megabytes_of_text_are_one_fault(void **state)
{
    (void)state;
    struct ground g = {.in = NULL};
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 12 << 20);
    buf_c(&b, "title=");
    for (int i = 0; i < 10 << 20; i += 16)
        buf_c(&b, "aaaaaaaaaaaaaaaa");
    arena_init(&g.arena, 64 << 20);
    void *in = NULL;
    assert_int_equal(form_split_urlencoded(&g.arena, buf_view(&b), &g.faults, &g.body), ERR_OK);
    assert_int_equal(form_parse(&g.arena, &FORM, &g.body, &g.faults, &in), ERR_OK);
    assert_int_equal(g.faults.count, 1);
    assert_string_equal(fault_key(&g, "title"), "form.too_long");
    assert_int_equal(g.faults.items[0].count, 10 << 20);
    arena_done(&g.arena);
    /* Within the arena of a request it does not fit: an error, not a crash. */
    arena_init(&g.arena, 1 << 20);
    assert_int_equal(form_split_urlencoded(&g.arena, buf_view(&b), &g.faults, &g.body), ERR_NOMEM);
    arena_done(&g.arena);
}

static void what_was_typed_comes_back_clean(void **state)
{
    (void)state;
    struct ground g;
    assert_int_equal(read_url(&g, STR("title=%3Cb%3E%FFx%E2%80%AEy%00z&secret=pass")), ERR_OK);
    check_str(form_typed(&g.arena, &FORM, &g.body, "title"),
              "<b>\xEF\xBF\xBDx\xEF\xBF\xBDy\xEF\xBF\xBDz");
    check_str(form_typed(&g.arena, &FORM, &g.body, "secret"), "");
    check_str(form_typed(&g.arena, &FORM, &g.body, "text"), "");
    arena_done(&g.arena);
}

/* Found by tests/fuzz: the name of an answer kept its line ends. */
static void names_from_outside_are_one_line(void **state)
{
    (void)state;
    struct ground g;
    assert_int_equal(read_url(&g, STR("title=abc&q_a%0D%0Ab=1&x%0Ay=2")), ERR_OK);
    check_str(g.in->answers.items[0].name, "a\xEF\xBF\xBD\xEF\xBF\xBD"
                                           "b");
    check_str(g.faults.items[0].field, "x\xEF\xBF\xBDy");
    arena_done(&g.arena);
}

static enum err read_multi(struct ground *g, const char *type, struct str body)
{
    void *in = NULL;
    ground_begin(g);
    TRY(form_split_multipart(&g->arena, str_of(type), body, &g->faults, &g->body));
    TRY(form_parse(&g->arena, &FORM, &g->body, &g->faults, &in));
    g->in = in;
    return ERR_OK;
}

#define MULTI "multipart/form-data; boundary=\"xYz\""

static void multipart_reads_texts_and_files(void **state)
{
    (void)state;
    struct ground g;
    assert_int_equal(
        read_multi(&g, MULTI,
                   STR("--xYz\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nstairs\r\n"
                       "--xYz\r\ncontent-disposition: form-data; name=\"paper\"; "
                       "filename=\"../a;b.txt\"\r\nContent-Type: text/plain\r\n\r\n\r\n--xY\r\n"
                       "--xYz--\r\n")),
        ERR_OK);
    assert_int_equal(g.faults.count, 0);
    check_str(g.in->title, "stairs");
    check_str(g.in->paper.bytes, "\r\n--xY");
    check_str(g.in->paper.name, "../a;b.txt");
    arena_done(&g.arena);
}

static void multipart_that_is_bent_is_refused(void **state)
{
    (void)state;
    static const char *const BENT[] = {
        "",
        "--xYz",
        "--xYz\r\n",
        "--xYz\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nno end",
        "--xYz\r\nContent-Disposition: attachment; name=\"title\"\r\n\r\na\r\n--xYz--",
        "--xYz\r\n\r\nno head\r\n--xYz--",
        "--xYz\r\nContent-Disposition: form-data; name=\"\"\r\n\r\na\r\n--xYz--",
        "--other\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\na\r\n--other--",
        "--xYz\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\na\r\n--xYzjunk",
    };
    struct ground g;
    for (size_t i = 0; i < sizeof BENT / sizeof BENT[0]; i++) {
        assert_int_equal(read_multi(&g, MULTI, str_of(BENT[i])), ERR_INVALID);
        assert_string_equal(fault_key(&g, ""), "form.malformed");
        arena_done(&g.arena);
    }
    assert_int_equal(read_multi(&g, "multipart/form-data", STR("--\r\n")), ERR_INVALID);
    arena_done(&g.arena);
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1 << 20);
    for (int i = 0; i < 100000 / 1000; i++)
        buf_printf(&b, "--xYz\r\nContent-Disposition: form-data; name=\"q_%d\"\r\n\r\na\r\n", i);
    buf_c(&b, "--xYz--");
    assert_int_equal(read_multi(&g, MULTI, buf_view(&b)), ERR_INVALID);
    assert_string_equal(fault_key(&g, ""), "form.too_many_fields");
    arena_done(&g.arena);
}

static enum err read_json(struct ground *g, struct str body)
{
    void *in = NULL;
    ground_begin(g);
    TRY(form_split_json(&g->arena, body, &FORM, &g->faults, &g->body));
    TRY(form_parse(&g->arena, &FORM, &g->body, &g->faults, &in));
    g->in = in;
    return ERR_OK;
}

static void json_goes_through_the_same_table(void **state)
{
    (void)state;
    struct ground g;
    assert_int_equal(read_json(&g, STR("{\"title\":\"stairs\",\"number\":7,\"urgent\":true,"
                                       "\"marks\":[\"x\",\"y\"],\"q\":{\"size\":\"big\"},"
                                       "\"text\":null,\"day\":\"2026-03-02\"}")),
                     ERR_OK);
    assert_int_equal(g.faults.count, 0);
    assert_int_equal(g.in->number, 7);
    assert_true(g.in->urgent);
    assert_int_equal(g.in->marks.count, 2);
    check_str(g.in->answers.items[0].name, "size");
    arena_done(&g.arena);
    assert_int_equal(read_json(&g, STR("{\"title\":[1],\"number\":1.5,\"text\":{\"a\":\"b\"},"
                                       "\"x\":1}")),
                     ERR_OK);
    assert_string_equal(fault_key(&g, "title"), "form.wrong_type");
    assert_string_equal(fault_key(&g, "number"), "form.wrong_type");
    assert_string_equal(fault_key(&g, "text"), "form.wrong_type");
    assert_string_equal(fault_key(&g, "x"), "form.unknown_field");
    arena_done(&g.arena);
    static const char *const BENT[] = {"",
                                       "[]",
                                       "{",
                                       "{\"a\":1,\"a\":2}",
                                       "{\"a\":\"\xFF\"}",
                                       "{\"a\":{\"b\":{\"c\":{\"d\":1}}}}"};
    for (size_t i = 0; i < sizeof BENT / sizeof BENT[0]; i++) {
        assert_int_equal(read_json(&g, str_of(BENT[i])), ERR_INVALID);
        assert_string_equal(fault_key(&g, ""), "form.not_json");
        arena_done(&g.arena);
    }
}

static void a_bad_table_is_found_at_start(void **state)
{
    (void)state;
    struct err_info info = {0};
    assert_int_equal(form_check(&FORM, &info), ERR_OK);
    static const struct form_field TWICE[] = {FORM_FLAG(struct input, urgent),
                                              FORM_FLAG(struct input, urgent)};
    static const struct form_field BOUNDLESS[] = {FORM_TEXT(struct input, title, 0, 0)};
    static const char *const NONE[] = {NULL};
    static const struct form_field NO_CHOICE[] = {FORM_CHOICE(struct input, wish, NONE, true)};
    static const struct form BAD[] = {FORM_INIT("twice", struct input, TWICE),
                                      FORM_INIT("boundless", struct input, BOUNDLESS),
                                      FORM_INIT("no choice", struct input, NO_CHOICE)};
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        assert_int_equal(form_check(&BAD[i], &info), ERR_INVALID);
        assert_non_null(strstr(info.detail, BAD[i].name));
    }
}

static void no_memory_is_an_error_not_a_crash(void **state)
{
    (void)state;
    for (size_t cap = 0; cap < 40000; cap += 97) {
        struct ground g = {.in = NULL};
        void *in = NULL;
        arena_init(&g.arena, cap);
        enum err err = form_split_urlencoded(&g.arena, STR("title=abc&text=a%0Db&q_x=1&marks=2"),
                                             &g.faults, &g.body);
        if (err == ERR_OK)
            err = form_parse(&g.arena, &FORM, &g.body, &g.faults, &in);
        assert_true(err == ERR_OK || err == ERR_NOMEM);
        arena_done(&g.arena);
    }
}

static const struct CMUnitTest TESTS[] = {
    cmocka_unit_test(every_kind_of_field_is_read),
    cmocka_unit_test(what_is_left_out_is_unset),
    cmocka_unit_test(every_fault_is_collected_at_once),
    cmocka_unit_test(nonsense_in_a_text_is_named),
    cmocka_unit_test(an_identity_number_is_found_anywhere),
    cmocka_unit_test(blanks_at_both_ends_go_whatever_their_width),
    cmocka_unit_test(broken_escapes_and_floods_of_fields_are_refused),
    cmocka_unit_test(ten_megabytes_of_text_are_one_fault),
    cmocka_unit_test(what_was_typed_comes_back_clean),
    cmocka_unit_test(names_from_outside_are_one_line),
    cmocka_unit_test(multipart_reads_texts_and_files),
    cmocka_unit_test(multipart_that_is_bent_is_refused),
    cmocka_unit_test(json_goes_through_the_same_table),
    cmocka_unit_test(a_bad_table_is_found_at_start),
    cmocka_unit_test(no_memory_is_an_error_not_a_crash),
};
CHECK_MAIN(TESTS)
