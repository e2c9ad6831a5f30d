/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What goes into the index and what is not looked for. */
#include "tests/check.h"

#include "base/mem.h"
#include "spine/search.h"
#include "spine/search_words.h"
#include "tests/shared.h"

#include "lib/csv/csv.h"
#include "lib/text/words.h"

static void check_redacted(const char *text, const char *want)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 65536);
    const struct str hide[] = {STR("张伟民"), STR("Anna Schmidt"), STR("13912345678")};
    assert_int_equal(search_redact(str_of(text), hide, 3, &b), ERR_OK);
    check_str(buf_view(&b), want);
}

static void test_what_points_to_a_person_becomes_a_square(void **state)
{
    (void)state;
    check_redacted("Call 13812345678 now", "Call ▢ now");
    check_redacted("电话１３８ １２３４ ５６７８。", "电话▢。");
    check_redacted("138-1234-5678, 138.1234.5678", "▢, ▢");
    check_redacted("一三八一二三四五六七八", "▢");
    check_redacted("身份证11010519491231002X号", "身份证▢号");
    check_redacted("６２２２ ０２１２ ３４５６ ７８９０ １２３", "▢");
    check_redacted("write to Anna.S+x@example.org.", "write to ▢");
    check_redacted("车牌京A·12345和粤 B D12345", "车牌▢和▢");
    check_redacted("张伟民说，张 伟 民，张·伟·民", "▢说，▢，▢");
    check_redacted("ANNA  SCHMIDT and ａｎｎａ-ｓｃｈｍｉｄｔ", "▢ and ▢");
    /* What happened stays. */
    check_redacted("2026-03-02 at gate 4, 12 lamps, 3.5 km",
                   "2026-03-02 at gate 4, 12 lamps, 3.5 km");
    check_redacted("三月二日停水三十七小时", "三月二日停水三十七小时");
    check_redacted("京津冀A级景区", "京津冀A级景区");
}

static void check_tokens(const char *text, const char *want)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 65536);
    assert_int_equal(search_tokens(str_of(text), &b), ERR_OK);
    check_str(buf_view(&b), want);
}

static void test_han_goes_in_as_pairs_and_the_rest_as_folded_words(void **state)
{
    (void)state;
    check_tokens("停水了", "停水 水了 了");
    check_tokens("Ｓtairs, GATE-4 灯", "stairs gate 4 灯");
    check_tokens("4号楼停水", "4 号楼 楼停 停水 水");
    check_tokens("▢的电话", "的电 电话 话");
    check_tokens("  ", "");
}

static void test_queries_ask_for_every_word(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 65536);
    assert_int_equal(search_query(STR("停水了 \"GATE\" OR 灯"), &b), ERR_OK);
    check_str(buf_view(&b), "\"停水 水了\" \"gate\" \"or\" \"灯\"*");
}

struct spelling {
    const char *words;
    const char *key; /* NULL: may be run */
};

/* R02: name, number and plate in six spellings each. */
static const struct spelling SPELLINGS[] = {
    {"13812345678", "search.refused.number"},
    {"138 1234 5678", "search.refused.number"},
    {"138-1234-5678", "search.refused.number"},
    {"１３８１２３４５６７８", "search.refused.number"},
    {"+86 (138) 1234.5678", "search.refused.number"},
    {"一三八一二三四五六七八", "search.refused.number"},
    {"11010519491231002x", "search.refused.number"},
    {"someone@example.org", "search.refused.number"},
    {"京A12345", "search.refused.number"},
    {"京 A 12345", "search.refused.number"},
    {"京A·12345", "search.refused.number"},
    {"京ａ１２３４５", "search.refused.number"},
    {"京-A-12345", "search.refused.number"},
    {"京a12345", "search.refused.number"},
    {"李小明", "search.refused.name"},
    {"李 小 明", "search.refused.name"},
    {"李·小明", "search.refused.name"},
    {"「李小明」", "search.refused.name"},
    {"　李小明　", "search.refused.name"},
    {"李\xe2\x80\x8b小明", "search.refused.name"},
    {"欧阳志远", "search.refused.name"},
    {"John Smith", "search.refused.name"},
    {"", "search.empty"},
    {"。，！", "search.empty"},
    {"停水", NULL},
    {"高温补贴", NULL},
    {"黄土路", NULL},
    {"石油", NULL},
    {"马路", NULL},
    {"李小明 停水", NULL},
    {"street light", NULL},
    {"Gate 4", NULL},
    {"2026-03-02", NULL},
};

static void test_numbers_and_bare_names_are_not_searched(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(SPELLINGS) / sizeof(SPELLINGS[0]); i++) {
        const struct spelling *s = &SPELLINGS[i];
        struct err_info info = {0};
        enum err err = search_check(str_of(s->words), &info);
        if ((err == ERR_OK) != (s->key == NULL) ||
            (s->key != NULL && strcmp(info.key, s->key) != 0))
            fail_msg("\"%s\": %d %s", s->words, (int)err, info.key);
    }
    char longer[SEARCH_WORDS_BYTES_MAX + 2];
    memset(longer, 'a', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    struct err_info info = {0};
    assert_int_equal(search_check(str_of(longer), &info), ERR_INVALID);
    assert_string_equal(info.key, "search.too_long");
}

/* ---- real messages
 * -------------------------------------------------------------------------------- */

struct tally {
    int64_t asked;
    int64_t refused;
    int64_t titles;
    int64_t titles_refused;
};

static enum err ask_word(void *ctx, const struct words_word *w)
{
    struct tally *t = ctx;
    if (w->kind != WORDS_HAN || w->chars < 2)
        return ERR_OK;
    t->asked++;
    if (search_check(w->text, NULL) != ERR_OK)
        t->refused++;
    return ERR_OK;
}

static void test_fewer_than_one_in_five_hundred_real_titles_are_refused(void **state)
{
    (void)state;
    char path[1024];
    if (shared_path(path, "data/cn-petition-messages/messages-with-replies-1.csv") == NULL) {
        print_message("skipped: no shared data\n");
        return;
    }
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    CLEANUP(csv_close) struct csv_reader *reader = NULL;
    assert_int_equal(csv_open(',', &reader), ERR_OK);
    struct tally t = {0};
    static char piece[65536];
    size_t n = 1;
    while (n > 0) {
        n = fread(piece, 1, sizeof(piece), f);
        assert_int_equal(csv_feed(reader, str_make(piece, n), n == 0), ERR_OK);
        struct csv_row row;
        while (csv_next(reader, &row)) {
            if (row.line == 1 || row.count < 3)
                continue;
            struct str title = str_trim(row.fields[2].text);
            t.titles++;
            if (title.len <= SEARCH_WORDS_BYTES_MAX && search_check(title, NULL) != ERR_OK)
                t.titles_refused++;
            assert_int_equal(words_each(title, ask_word, &t), ERR_OK);
        }
    }
    fclose(f);
    print_message("%lld of %lld titles, %lld of %lld of their words refused\n",
                  (long long)t.titles_refused, (long long)t.titles, (long long)t.refused,
                  (long long)t.asked);
    assert_true(t.titles > 1000);
    assert_true(t.titles_refused * 500 < t.titles);
    assert_true(t.refused * 500 < t.asked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_points_to_a_person_becomes_a_square),
        cmocka_unit_test(test_han_goes_in_as_pairs_and_the_rest_as_folded_words),
        cmocka_unit_test(test_queries_ask_for_every_word),
        cmocka_unit_test(test_numbers_and_bare_names_are_not_searched),
        cmocka_unit_test(test_fewer_than_one_in_five_hundred_real_titles_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
