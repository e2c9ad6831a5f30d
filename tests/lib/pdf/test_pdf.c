/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/paper_tools.h"

#include "lib/pdf/pdf.h"

#include <pthread.h>

static const struct pdf_opts plain = {
    .lang = "zh-CN", .title = STR_INIT("Prüfung 试印"), .number = PDF_NUMBER_DASHES};

/* A paper of one paragraph. */
static enum err print(struct str text, struct err_info *info, struct buf *out)
{
    CLEANUP(pdf_close) struct pdf *pdf = NULL;
    TRY(pdf_open(&plain, info, &pdf));
    const struct pdf_style body = {.size_pu = PDF_PT(12), .indent_pu = PDF_PT(24)};
    pdf_para(pdf, &body, text);
    return pdf_finish(pdf, out);
}

static bool holds(struct str all, struct str part)
{
    return str_find(all, part) != SIZE_MAX;
}

static void the_text_of_a_paper_can_be_selected(void **state)
{
    (void)state;
    if (!paper_has_tools()) {
        print_message("skipped: no poppler-utils\n");
        skip();
    }
    CLEANUP(buf_done) struct buf file;
    CLEANUP(buf_done) struct buf text;
    buf_init(&file, 1 << 24);
    buf_init(&text, 1 << 24);
    assert_int_equal(
        print(STR("件件有着落，事事有回音。 Every matter gets an answer."), NULL, &file), ERR_OK);
    assert_true(str_starts(buf_view(&file), STR("%PDF-")));
    paper_text(buf_view(&file), &text);
    assert_true(holds(buf_view(&text), STR("件件有着落，事事有回音。")));
    assert_true(holds(buf_view(&text), STR("Everymattergetsananswer.")));
    assert_true(holds(buf_view(&text), STR("—1—")));
}

static void every_font_of_a_paper_is_embedded(void **state)
{
    (void)state;
    if (!paper_has_tools()) {
        print_message("skipped: no poppler-utils\n");
        skip();
    }
    CLEANUP(buf_done) struct buf file;
    CLEANUP(buf_done) struct buf fonts;
    buf_init(&file, 1 << 24);
    buf_init(&fonts, 1 << 20);
    assert_int_equal(print(STR("回音 Huiyin áé"), NULL, &file), ERR_OK);
    paper_run("/usr/bin/pdffonts", NULL, buf_view(&file), &fonts);
    struct str rest = buf_view(&fonts), line;
    size_t seen = 0;
    for (size_t i = 0; str_cut(&rest, '\n', &line); i++) {
        if (i < 2 || line.len == 0)
            continue;
        seen++;
        /* the columns "emb sub uni" */
        if (!holds(line, STR(" yes yes yes ")))
            fail_msg("not embedded: " STR_FMT, STR_ARG(line));
    }
    assert_true(seen > 0);
}

static void the_same_calls_give_the_same_bytes(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf one;
    CLEANUP(buf_done) struct buf two;
    buf_init(&one, 1 << 24);
    buf_init(&two, 1 << 24);
    assert_int_equal(print(STR("同样的内容"), NULL, &one), ERR_OK);
    assert_int_equal(print(STR("同样的内容"), NULL, &two), ERR_OK);
    assert_true(str_eq(buf_view(&one), buf_view(&two)));
    assert_false(holds(buf_view(&one), STR("/home")));
    assert_false(holds(buf_view(&one), STR("/tmp")));
}

static void a_missing_glyph_stops_the_print_and_is_named(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf file;
    buf_init(&file, 1 << 24);
    struct err_info info = {0};
    /* U+E123 stands in the private use area: no font of Debian's has it */
    assert_int_equal(print(STR("王\uE123明"), &info, &file), ERR_REFUSED);
    assert_string_equal(info.key, "pdf.glyph_missing");
    assert_string_equal(info.arg[0], "\uE123");
    assert_string_equal(info.arg[1], "U+E123");
    assert_int_equal(file.len, 0);
}

static void a_long_text_fills_many_pages_and_loses_nothing(void **state)
{
    (void)state;
    if (!paper_has_tools()) {
        print_message("skipped: no poppler-utils\n");
        skip();
    }
    CLEANUP(buf_done) struct buf text;
    CLEANUP(buf_done) struct buf file;
    CLEANUP(buf_done) struct buf back;
    buf_init(&text, 1 << 20);
    buf_init(&file, 1 << 24);
    buf_init(&back, 1 << 24);
    for (int i = 0; i < 400; i++)
        buf_printf(&text, "第%03d段：楼道里的灯坏了很久，晚上看不见路，希望尽快修好。%s", i,
                   i % 3 == 0 ? "\n" : "");
    assert_int_equal(print(buf_view(&text), NULL, &file), ERR_OK);
    paper_text(buf_view(&file), &back);
    for (int i = 0; i < 400; i++) {
        char want[32];
        (void)snprintf(want, sizeof want, "%03d", i);
        if (!holds(buf_view(&back), str_of(want)))
            fail_msg("paragraph %d is not on paper", i);
    }
    assert_true(holds(buf_view(&back), STR("—9—")));
}

static void a_tall_row_is_cut_over_pages_and_loses_nothing(void **state)
{
    (void)state;
    if (!paper_has_tools()) {
        print_message("skipped: no poppler-utils\n");
        skip();
    }
    CLEANUP(buf_done) struct buf text;
    CLEANUP(buf_done) struct buf file;
    CLEANUP(buf_done) struct buf back;
    buf_init(&text, 1 << 20);
    buf_init(&file, 1 << 24);
    buf_init(&back, 1 << 24);
    for (int i = 0; i < 300; i++)
        buf_printf(&text, "Z%03dZ 供水管道漏水，路面结冰。\n", i);
    const struct pdf_cell cells[] = {{.text = STR("内容")}, {.text = buf_view(&text)}};
    const struct pdf_row row = {.cells = cells, .count = 2};
    const struct pdf_table table = {
        .weights = (const uint8_t[]){1, 5}, .columns = 2, .rows = &row, .count = 1};
    CLEANUP(pdf_close) struct pdf *pdf = NULL;
    assert_int_equal(pdf_open(&plain, NULL, &pdf), ERR_OK);
    pdf_table(pdf, &table);
    assert_true(pdf_pages(pdf) > 4);
    assert_int_equal(pdf_finish(pdf, &file), ERR_OK);
    paper_text(buf_view(&file), &back);
    for (int i = 0; i < 300; i++) {
        char want[32];
        (void)snprintf(want, sizeof want, "Z%03dZ", i);
        if (!holds(buf_view(&back), str_of(want)))
            fail_msg("line %d of the cell is not on paper", i);
    }
}

static void hostile_text_is_only_text(void **state)
{
    (void)state;
    if (!paper_has_tools()) {
        print_message("skipped: no poppler-utils\n");
        skip();
    }
    CLEANUP(buf_done) struct buf file;
    CLEANUP(buf_done) struct buf back;
    buf_init(&file, 1 << 24);
    buf_init(&back, 1 << 24);
    assert_int_equal(print(STR("<b>粗</b> &amp; ) Tj (x \x01\x1b[2J \xff\xfe 前\u202E后\u2066中 "
                               "\\input{/etc/passwd}"),
                           NULL, &file),
                     ERR_OK);
    paper_text(buf_view(&file), &back);
    assert_true(holds(buf_view(&back), STR("<b>粗</b>&amp;)Tj(x")));
    assert_true(holds(buf_view(&back), STR("前后中")));
    assert_true(holds(buf_view(&back), STR("\\input{/etc/passwd}")));
    assert_false(holds(buf_view(&file), STR("/JavaScript")));
}

static void bounds_are_kept_with_a_reason(void **state)
{
    (void)state;
    struct err_info info = {0};
    CLEANUP(buf_done) struct buf file;
    buf_init(&file, 1 << 24);
    struct pdf_opts two_pages = plain;
    two_pages.pages_max = 2;
    CLEANUP(pdf_close) struct pdf *pdf = NULL;
    assert_int_equal(pdf_open(&two_pages, &info, &pdf), ERR_OK);
    const struct pdf_style body = {.size_pu = PDF_PT(16)};
    for (int i = 0; i < 200; i++)
        pdf_para(pdf, &body, STR("再来一行"));
    assert_int_equal(pdf_finish(pdf, &file), ERR_LIMIT);
    assert_string_equal(info.key, "pdf.too_long");
    pdf_close(&pdf);
    struct pdf_opts small = plain;
    small.bytes_max = 1000;
    assert_int_equal(pdf_open(&small, &info, &pdf), ERR_OK);
    pdf_para(pdf, &body, STR("一份放不下的文件"));
    assert_int_equal(pdf_finish(pdf, &file), ERR_LIMIT);
    pdf_close(&pdf);
    struct pdf_opts narrow = plain;
    narrow.left_pu = PDF_MM(190);
    assert_int_equal(pdf_open(&narrow, &info, &pdf), ERR_INVALID);
    narrow = (struct pdf_opts){.lang = NULL};
    assert_int_equal(pdf_open(&narrow, &info, &pdf), ERR_INVALID);
    assert_int_equal(file.len, 0);
}

static void *print_in_a_thread(void *arg)
{
    CLEANUP(buf_done) struct buf file;
    buf_init(&file, 1 << 24);
    for (int i = 0; i < 5; i++) {
        buf_clear(&file);
        if (print(STR("四个线程同时印，各印各的。"), NULL, &file) != ERR_OK)
            return NULL;
    }
    buf_str(arg, buf_view(&file));
    return arg;
}

static void papers_are_set_in_several_threads_at_once(void **state)
{
    (void)state;
    pthread_t threads[4];
    struct buf files[4];
    for (size_t i = 0; i < 4; i++) {
        buf_init(&files[i], 1 << 24);
        assert_int_equal(pthread_create(&threads[i], NULL, print_in_a_thread, &files[i]), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        void *done = NULL;
        assert_int_equal(pthread_join(threads[i], &done), 0);
        assert_ptr_equal(done, &files[i]);
        assert_true(str_eq(buf_view(&files[i]), buf_view(&files[0])) && files[i].len > 0);
    }
    for (size_t i = 0; i < 4; i++)
        buf_done(&files[i]);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_text_of_a_paper_can_be_selected),
    cmocka_unit_test(every_font_of_a_paper_is_embedded),
    cmocka_unit_test(the_same_calls_give_the_same_bytes),
    cmocka_unit_test(a_missing_glyph_stops_the_print_and_is_named),
    cmocka_unit_test(a_long_text_fills_many_pages_and_loses_nothing),
    cmocka_unit_test(a_tall_row_is_cut_over_pages_and_loses_nothing),
    cmocka_unit_test(hostile_text_is_only_text),
    cmocka_unit_test(bounds_are_kept_with_a_reason),
    cmocka_unit_test(papers_are_set_in_several_threads_at_once),
};

CHECK_MAIN(tests)
