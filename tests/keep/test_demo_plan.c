/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The demo town as it is shipped: readable, whole in both languages, nothing in the future. */
#include "tests/check.h"

#include "base/mem.h"
#include "keep/demo_plan.h"
#include "lib/text/zone.h"
#include "matter/matter.h"
#include "tests/scratch.h"

#include <stdlib.h>

enum { NOW_DAY = 20500 };

static void town_open(struct arena *a, struct demo_town *t)
{
    arena_init(a, 64 << 20);
    struct err_info info = {0};
    enum err err = demo_town_read(a, getenv("HUIYIN_DEMO"), t, &info);
    if (err != ERR_OK)
        fail_msg("%s", info.detail);
}

static void test_the_town_is_whole_and_its_texts_carry_their_places(void **state)
{
    (void)state;
    CLEANUP(arena_done) struct arena a;
    struct demo_town t;
    town_open(&a, &t);
    assert_true(t.office_count >= 5 && t.officer_count >= 10 && t.case_count >= 20);
    for (size_t i = 0; i < t.case_count; i++) {
        for (int lang = 0; lang < DEMO_LANGS; lang++) {
            const struct demo_matter m = {.what = &t.cases[i], .lang = (enum demo_lang)lang};
            struct str title = demo_plan_text(&a, &m, t.cases[i].words[lang].title);
            struct str text = demo_plan_text(&a, &m, t.cases[i].words[lang].text);
            assert_true(str_find(title, STR("{")) == SIZE_MAX);
            assert_true(str_find(text, STR("{")) == SIZE_MAX);
            assert_true(title.len > 0 && text.len > title.len);
        }
    }
}

static void test_every_sentence_a_step_needs_is_there_in_both_languages(void **state)
{
    (void)state;
    CLEANUP(arena_done) struct arena a;
    struct demo_town t;
    town_open(&a, &t);
    static const enum matter_do SAID[] = {DO_OBJECT, DO_CONFIRM, DO_REFUSE,     DO_MISDIRECT,
                                          DO_NOTE,   DO_ASK,     DO_ADD,        DO_EXTEND,
                                          DO_PUSH,   DO_SUSPEND, DO_NOT_SOLVED, DO_RESUME};
    for (size_t i = 0; i < sizeof(SAID) / sizeof(SAID[0]); i++) {
        for (int lang = 0; lang < DEMO_LANGS; lang++) {
            const char *word = matter_do_word(SAID[i]).ptr;
            if (demo_town_say(&t, (enum demo_lang)lang, word).len == 0)
                fail_msg("no sentence for %s in language %d", word, lang);
        }
    }
}

static void test_a_town_that_is_broken_is_named_with_its_line(void **state)
{
    (void)state;
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 64 << 20);
    struct demo_town t;
    struct err_info info = {0};
    assert_int_equal(demo_town_read(&a, "/nonexistent/town.json", &t, &info), ERR_NOT_FOUND);
    char path[64];
    int fd = scratch_file(path, sizeof path, "town");
    FILE *file = fdopen(fd, "w");
    fputs("{\"offices\": [\n {\"code\": \"a\"}],\n \"officers\": [], \"cases\": []}", file);
    fclose(file);
    assert_int_equal(demo_town_read(&a, path, &t, &info), ERR_INVALID);
    remove(path);
    assert_true(str_find(str_of(info.detail), STR(":2: an office")) != SIZE_MAX);
}

static void test_the_plan_is_in_order_whole_and_in_the_past(void **state)
{
    (void)state;
    CLEANUP(arena_done) struct arena a;
    struct demo_town t;
    town_open(&a, &t);
    const struct zone *zone = zone_find(STR("Asia/Shanghai"));
    for (int32_t shift = 0; shift < 14; shift++) {
        int64_t now = zone_instant(zone, NOW_DAY + shift, 3600 * (shift * 5 % 24));
        struct demo_plan p;
        assert_int_equal(demo_plan_make(&a, &t, zone, now, 7, &p), ERR_OK);
        assert_true(p.matter_count > 100 && p.step_count > 400);
        uint32_t *next = ARENA_ARRAY(&a, p.matter_count, uint32_t);
        for (size_t i = 0; i < p.step_count; i++) {
            const struct demo_step *s = &p.steps[i];
            assert_true(s->at_us <= now && s->at_us > now - 125 * US_PER_DAY);
            assert_true(i == 0 || p.steps[i - 1].at_us <= s->at_us);
            assert_int_equal(s->turn, next[s->matter]++);
            assert_true((s->turn == 0) == (s->what == DO_RAISE));
        }
    }
}

static void test_officers_work_on_weekdays_by_day(void **state)
{
    (void)state;
    CLEANUP(arena_done) struct arena a;
    struct demo_town t;
    town_open(&a, &t);
    const struct zone *zone = zone_find(STR("Asia/Shanghai"));
    struct demo_plan p;
    int64_t now = zone_day_start(zone, NOW_DAY);
    assert_int_equal(demo_plan_make(&a, &t, zone, now, 7, &p), ERR_OK);
    for (size_t i = 0; i < p.step_count; i++) {
        if (p.steps[i].what != DO_ROUTE && p.steps[i].what != DO_ANSWER)
            continue;
        struct zone_time at = zone_time_of(zone, p.steps[i].at_us);
        assert_true(weekday_of(at.day) < 5 && at.hour >= 9 && at.hour < 17);
    }
}

static const struct CMUnitTest TESTS[] = {
    cmocka_unit_test(test_the_town_is_whole_and_its_texts_carry_their_places),
    cmocka_unit_test(test_every_sentence_a_step_needs_is_there_in_both_languages),
    cmocka_unit_test(test_a_town_that_is_broken_is_named_with_its_line),
    cmocka_unit_test(test_the_plan_is_in_order_whole_and_in_the_past),
    cmocka_unit_test(test_officers_work_on_weekdays_by_day),
};

CHECK_MAIN(TESTS)
