/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/spine/packs.h"

#include "lib/text/msg.h"
#include "lib/text/zone.h"
#include "spine/due.h"

static const struct pack *petition;
static const struct pack *council;
static const struct zone *shanghai;
static const struct zone *london;

static int64_t at(const char *text)
{
    int64_t us = 0;
    if (!instant_parse(str_of(text), &us))
        fail_msg("no instant: %s", text);
    return us;
}

static void check_day(const struct due *d, const char *date)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 64);
    day_format(d->at_day, &b);
    check_str(buf_view(&b), date);
}

static struct due start(const struct pack *p, const char *rule, const struct zone *zone,
                        const char *from)
{
    const struct due_rule *r = pack_find_due(p, str_of(rule));
    if (r == NULL)
        fail_msg("no rule %s", rule);
    struct due d;
    struct err_info info = {0};
    if (due_start(&d, r, zone, at(from), &info) != ERR_OK)
        fail_msg("%s: %s", rule, info.detail);
    return d;
}

static void test_the_first_day_is_excluded_and_the_last_ends_at_midnight(void **state)
{
    (void)state;
    /* 00:30 in Shanghai on 2 March is still 1 March in UTC. */
    struct due d = start(petition, "object", shanghai, "2026-03-01T16:30:00Z");
    check_day(&d, "2026-03-09");
    assert_true(d.at_us == at("2026-03-09T16:00:00Z"));
    assert_int_equal(d.state, DUE_OPEN);
    assert_false(d.provisional);
    check_str(d.calendar, "CN@2026.1");
    /* Clocks go forward in London on 29 March 2026: the day still ends at its own midnight. */
    d = start(council, "ack-1", london, "2026-03-23T12:00:00Z");
    check_day(&d, "2026-03-30");
    assert_true(d.at_us == at("2026-03-30T23:00:00Z"));
}

static void test_sixty_days_roll_and_thirty_more_are_counted_from_the_start(void **state)
{
    (void)state;
    struct err_info info = {0};
    struct due d = start(petition, "decide", shanghai, "2026-03-02T02:00:00Z");
    check_day(&d, "2026-05-06"); /* the 60th day, 1 May, begins a holiday */
    assert_int_equal(due_extend(&d, shanghai, 31, &info), ERR_REFUSED);
    assert_string_equal(info.key, "due.refused.extension_too_long");
    assert_string_equal(info.arg[1], "30");
    assert_int_equal(due_extend(&d, shanghai, 0, &info), ERR_INVALID);
    check_day(&d, "2026-05-06");
    assert_int_equal(due_extend(&d, shanghai, 30, &info), ERR_OK);
    check_day(&d, "2026-06-01"); /* the 90th day, 31 May, is a Sunday */
    assert_int_equal(due_extend(&d, shanghai, 1, &info), ERR_REFUSED);
    assert_string_equal(info.key, "due.refused.extended_enough");
}

static void test_a_rule_without_extension_names_the_law(void **state)
{
    (void)state;
    struct err_info info = {0};
    struct due d = start(petition, "decide-review-1", shanghai, "2026-03-02T02:00:00Z");
    assert_int_equal(due_extend(&d, shanghai, 5, &info), ERR_REFUSED);
    assert_string_equal(info.key, "due.refused.no_extension");
    assert_non_null(strstr(info.arg[0], "《信访工作条例》 第三十五条"));
    assert_non_null(strstr(info.arg[0], "Regulations"));
}

static void test_only_the_second_review_stands_still_for_a_hearing(void **state)
{
    (void)state;
    struct err_info info = {0};
    struct due d = start(petition, "decide-review-1", shanghai, "2026-03-02T02:00:00Z");
    int64_t now = at("2026-03-10T03:00:00Z");
    assert_int_equal(due_suspend(&d, shanghai, STR("hearing"), now, 0, &info), ERR_REFUSED);
    assert_string_equal(info.key, "due.refused.no_suspension");

    d = start(petition, "decide-review-2", shanghai, "2026-03-02T02:00:00Z");
    check_day(&d, "2026-04-01");
    assert_int_equal(due_suspend(&d, shanghai, STR("mediation"), now, 0, &info), ERR_REFUSED);
    assert_int_equal(due_suspend(&d, shanghai, STR("hearing"), now, 0, &info), ERR_OK);
    assert_int_equal(d.state, DUE_SUSPENDED);
    assert_int_equal(due_suspend(&d, shanghai, STR("hearing"), now, 0, &info), ERR_REFUSED);
    assert_int_equal(due_resume(&d, shanghai, at("2026-03-17T03:00:00Z"), &info), ERR_OK);
    assert_int_equal(d.state, DUE_OPEN);
    assert_int_equal(d.stood_days, 7);
    check_day(&d, "2026-04-08");
    assert_int_equal(due_resume(&d, shanghai, now, &info), ERR_REFUSED);
}

static void test_a_stated_end_is_shown_ahead_and_is_the_most_that_is_added(void **state)
{
    (void)state;
    struct err_info info = {0};
    struct due d = start(petition, "decide-review-2", shanghai, "2026-03-02T02:00:00Z");
    int64_t now = at("2026-03-10T03:00:00Z");
    int32_t until = packs_day("2026-03-15");
    assert_int_equal(due_suspend(&d, shanghai, STR("hearing"), now, packs_day("2026-03-10"), &info),
                     ERR_INVALID);
    assert_int_equal(due_suspend(&d, shanghai, STR("hearing"), now, until, &info), ERR_OK);
    check_day(&d, "2026-04-07"); /* 6 April 2026 is a holiday */
    /* Somebody presses the button four days late: only the stated days count. */
    assert_int_equal(due_resume(&d, shanghai, at("2026-03-19T03:00:00Z"), &info), ERR_OK);
    assert_int_equal(d.stood_days, 5);
    check_day(&d, "2026-04-07");
}

static void test_working_days_standing_still_are_added_as_working_days(void **state)
{
    (void)state;
    struct err_info info = {0};
    const struct str reason = STR("awaiting_person");
    struct due_rule rule = *pack_find_due(council, STR("respond-1"));
    rule.suspend = &reason;
    rule.suspend_count = 1;
    struct due d;
    assert_int_equal(due_start(&d, &rule, london, at("2026-03-02T12:00:00Z"), &info), ERR_OK);
    check_day(&d, "2026-03-16");
    assert_int_equal(due_suspend(&d, london, reason, at("2026-03-05T12:00:00Z"), 0, &info), ERR_OK);
    /* Friday, a weekend and Monday: two working days. */
    assert_int_equal(due_resume(&d, london, at("2026-03-09T12:00:00Z"), &info), ERR_OK);
    assert_int_equal(d.stood_days, 2);
    check_day(&d, "2026-03-18");
}

static void test_hours_run_through_the_night_and_the_change_of_clocks(void **state)
{
    (void)state;
    struct err_info info = {0};
    struct due_rule rule = {.id = STR("test/report"), .span = {24, DUE_HOUR}, .side = DUE_OFFICE};
    struct due d;
    assert_int_equal(due_start(&d, &rule, london, at("2026-03-28T22:10:30Z"), &info), ERR_OK);
    assert_true(d.at_us == at("2026-03-29T22:10:30Z"));
    check_day(&d, "2026-03-29");
    rule.span = (struct due_span){120, DUE_MINUTE};
    assert_int_equal(due_start(&d, &rule, london, at("2026-03-29T21:00:00Z"), &info), ERR_OK);
    check_day(&d, "2026-03-29"); /* ends exactly at midnight, so on this day */
    assert_true(d.at_us == at("2026-03-29T23:00:00Z"));
    rule.span = (struct due_span){0, DUE_AT_ONCE};
    assert_int_equal(due_start(&d, &rule, london, at("2026-03-29T21:00:00Z"), &info), ERR_OK);
    assert_true(d.at_us == at("2026-03-29T21:00:00Z"));
}

static void test_a_month_ends_on_the_same_date_or_at_its_end(void **state)
{
    (void)state;
    static const struct {
        const char *from;
        int32_t months;
        const char *to;
    } rows[] = {{"2026-01-15", 1, "2026-02-15"}, {"2026-01-31", 1, "2026-02-28"},
                {"2024-01-31", 1, "2024-02-29"}, {"2026-11-30", 3, "2027-02-28"},
                {"2026-03-31", 6, "2026-09-30"}, {"2024-02-29", 12, "2025-02-28"}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct due_span span = {rows[i].months, DUE_MONTH};
        int32_t day = 0;
        bool provisional = true;
        assert_int_equal(due_last_day(&span, DUE_ROLL_NONE, NULL, packs_day(rows[i].from), NULL,
                                      &day, &provisional),
                         ERR_OK);
        assert_int_equal(day, packs_day(rows[i].to));
        assert_false(provisional);
    }
}

static void test_a_provisional_day_moves_when_the_next_year_is_known(void **state)
{
    (void)state;
    struct err_info info = {0};
    struct due d = start(petition, "object", shanghai, "2027-02-03T02:00:00Z");
    assert_true(d.provisional);
    check_day(&d, "2027-02-10");

    /* The notice of 2027, as it may come: the Spring Festival takes 5 to 11 February. */
    struct calendar next = *d.rule->calendar;
    struct calendar_day *days = mem_new_array(next.day_count + 7, sizeof(*days));
    assert_non_null(days);
    memcpy(days, next.day, next.day_count * sizeof(*days));
    for (int i = 0; i < 7; i++)
        days[next.day_count + (size_t)i] =
            (struct calendar_day){.day = packs_day("2027-02-05") + i, .off = true};
    next.day = days;
    next.day_count += 7;
    next.last_year = 2027;
    next.id_version = STR("CN@2027.1");
    struct due_rule rule = *d.rule;
    rule.calendar = &next;
    d.rule = &rule;
    bool moved = false;
    assert_int_equal(due_recompute(&d, shanghai, &info, &moved), ERR_OK);
    assert_true(moved);
    assert_false(d.provisional);
    check_day(&d, "2027-02-17");
    check_str(d.calendar, "CN@2027.1");
    assert_int_equal(due_recompute(&d, shanghai, &info, &moved), ERR_OK);
    assert_false(moved);
    mem_free(days);
}

static void test_warnings_and_grace_are_counted_from_the_last_day(void **state)
{
    (void)state;
    struct err_info info = {0};
    struct due d = start(council, "respond-1", london, "2026-03-02T12:00:00Z");
    int64_t us = 0;
    assert_int_equal(due_warn_at(&d, london, 0, &info, &us), ERR_OK);
    assert_true(us == at("2026-03-12T00:00:00Z")); /* two working days before Monday 16 */
    assert_int_equal(due_grace_at(&d, london, &info, &us), ERR_OK);
    assert_true(us == at("2026-03-20T00:00:00Z")); /* the end of Thursday 19 */
}

static void test_rules_apply_by_kind_and_route(void **state)
{
    (void)state;
    const struct due_rule *decide = pack_find_due(petition, STR("decide"));
    const struct due_rule *door = pack_find_due(petition, STR("cn-petition/door-admin-review"));
    const struct due_rule *tell = pack_find_due(petition, STR("tell"));
    assert_true(due_applies(decide, STR("claim"), STR("petition")));
    assert_false(due_applies(decide, STR("claim"), STR("duty")));
    assert_false(due_applies(decide, STR("claim"), STR("")));
    assert_true(due_applies(door, STR("claim"), STR("")));
    assert_false(due_applies(door, STR("suggestion"), STR("")));
    assert_true(due_applies(tell, STR("wrongdoing"), STR("discipline")));
    assert_true(due_starts_with(decide, STR("matter.admitted")));
    assert_true(due_stops_with(decide, STR("matter.answered")));
    assert_false(due_stops_with(decide, STR("matter.admitted")));
}

static void print_working(const struct due *d, const char *lang, struct buf *b)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 1 << 20);
    struct due_line *line = NULL;
    size_t count = 0;
    zone_set_house(shanghai);
    assert_int_equal(due_explain(&a, d, shanghai, NULL, &line, &count), ERR_OK);
    for (size_t i = 0; i < count; i++) {
        due_line_print(&line[i], msg_lang_find(str_of(lang)), b);
        buf_char(b, '\n');
    }
    assert_int_equal(buf_err(b), ERR_OK);
}

static void test_the_working_is_told_line_by_line_in_both_languages(void **state)
{
    (void)state;
    struct err_info info = {0};
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 65536);
    struct due d = start(petition, "decide", shanghai, "2026-03-02T02:00:00Z");
    assert_int_equal(due_extend(&d, shanghai, 2, &info), ERR_OK);
    print_working(&d, "en", &b);
    check_str(buf_view(&b),
              "It began on Monday 2 March 2026. That day is not counted.\n"
              "60 calendar days are counted.\n"
              "Extended by 2 calendar days.\n"
              "The count ends on Sunday 3 May 2026, which is a day off.\n"
              "Sunday 3 May 2026 to Tuesday 5 May 2026: Labour Day, 3 days off, not counted.\n"
              "The last day moves to the next working day, Wednesday 6 May 2026.\n"
              "Last day: Wednesday 6 May 2026, until midnight at its end.\n"
              "Source: Regulations on Public Complaints Work art. 34\n");
    buf_clear(&b);
    d = start(petition, "object", shanghai, "2026-09-18T02:00:00Z");
    print_working(&d, "zh-CN", &b);
    check_str(buf_view(&b), "自2026年9月18日 星期五起算，当日不计入。\n"
                            "期限为5个工作日。\n"
                            "2026年9月19日 星期六：周末，不计入。\n"
                            "2026年9月20日 星期日：国庆节调休上班，计入。\n"
                            "最后一日：2026年9月24日 星期四，至当日24时止。\n"
                            "依据：《信访工作条例》第二十三条第三款\n");
    buf_clear(&b);
    d = start(petition, "object", shanghai, "2026-12-30T02:00:00Z");
    print_working(&d, "en", &b);
    assert_true(str_find(buf_view(&b), STR("Provisional: holidays are known up to 2026.")) !=
                SIZE_MAX);
}

static void test_impossible_lengths_are_refused(void **state)
{
    (void)state;
    int32_t day = 0;
    bool provisional = false;
    struct err_info info = {0};
    const struct calendar *cn = petition->calendar[0];
    struct due_span zero = {0, DUE_CALENDAR_DAY};
    struct due_span huge = {4001, DUE_WORKING_DAY};
    struct due_span hours = {1, DUE_HOUR};
    struct due_span work = {1, DUE_WORKING_DAY};
    int32_t from = packs_day("2026-01-01");
    assert_int_equal(due_last_day(&zero, DUE_ROLL_NONE, cn, from, &info, &day, &provisional),
                     ERR_INVALID);
    assert_int_equal(due_last_day(&huge, DUE_ROLL_NONE, cn, from, &info, &day, &provisional),
                     ERR_INVALID);
    assert_int_equal(due_last_day(&hours, DUE_ROLL_NONE, cn, from, &info, &day, &provisional),
                     ERR_INVALID);
    assert_int_equal(due_last_day(&work, DUE_ROLL_NONE, NULL, from, &info, &day, &provisional),
                     ERR_INVALID);
    assert_string_equal(info.key, "due.calendar.none");
}

/* ---- rules made here ---------------------------------------------------------------------------
 */

static const struct str REASONS[] = {STR_INIT("hearing")};
static const struct due_span WARNINGS[] = {
    {2, DUE_HOUR}, {1, DUE_MONTH}, {2, DUE_CALENDAR_DAY}, {2, DUE_WORKING_DAY}};

/* A rule of that length that may be extended and may stand still. */
static struct due_rule rule_of(int32_t amount, enum due_unit unit)
{
    return (struct due_rule){.id = STR("here/rule"),
                             .span = {amount, unit},
                             .calendar = petition->calendar[0],
                             .extension = {.allowed = true, .max = 5, .times = 2},
                             .suspend = REASONS,
                             .suspend_count = 1,
                             .warn = WARNINGS,
                             .warn_count = 4};
}

static struct due started(const struct due_rule *rule)
{
    struct due d;
    assert_int_equal(due_start(&d, rule, shanghai, at("2026-03-02T02:00:00Z"), NULL), ERR_OK);
    return d;
}

static int64_t warned(const struct due *d, size_t i)
{
    int64_t us = 0;
    assert_int_equal(due_warn_at(d, shanghai, i, NULL, &us), ERR_OK);
    return us;
}

static void test_a_warning_comes_hours_months_or_days_before(void **state)
{
    (void)state;
    const struct due_rule rule = rule_of(40, DUE_CALENDAR_DAY);
    struct due d = started(&rule);
    check_day(&d, "2026-04-11");
    assert_true(warned(&d, 0) == d.at_us - 2 * US_PER_HOUR);
    assert_true(warned(&d, 1) == at("2026-03-10T16:00:00Z"));
    assert_true(warned(&d, 2) == at("2026-04-08T16:00:00Z"));
    assert_true(warned(&d, 3) == at("2026-04-08T16:00:00Z"));
}

static void test_a_grace_is_of_hours_or_there_is_none(void **state)
{
    (void)state;
    struct due_rule rule = rule_of(3, DUE_CALENDAR_DAY);
    struct due d = started(&rule);
    int64_t us = 0;
    assert_int_equal(due_grace_at(&d, shanghai, NULL, &us), ERR_OK);
    assert_true(us == d.at_us);
    rule.grace = (struct due_span){1, DUE_AT_ONCE};
    assert_int_equal(due_grace_at(&d, shanghai, NULL, &us), ERR_OK);
    assert_true(us == d.at_us);
    rule.grace = (struct due_span){30, DUE_MINUTE};
    assert_int_equal(due_grace_at(&d, shanghai, NULL, &us), ERR_OK);
    assert_true(us == d.at_us + 30 * US_PER_MINUTE);
    rule.grace = (struct due_span){0, DUE_CALENDAR_DAY};
    assert_int_equal(due_grace_at(&d, shanghai, NULL, &us), ERR_INVALID);
}

static void test_hours_stand_still_by_the_clock(void **state)
{
    (void)state;
    struct err_info info = {0};
    const struct due_rule rule = rule_of(48, DUE_HOUR);
    struct due d = started(&rule);
    int64_t end_us = d.at_us;
    int64_t now = at("2026-03-02T10:00:00Z");
    int32_t until = packs_day("2026-03-03");
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 65536);
    assert_int_equal(due_suspend(&d, shanghai, REASONS[0], now, until, &info), ERR_OK);
    assert_true(d.at_us == end_us + (at("2026-03-03T16:00:00Z") - now));
    print_working(&d, "en", &b);
    assert_true(str_find(buf_view(&b), STR("48 hours")) != SIZE_MAX);
    assert_int_equal(due_resume(&d, shanghai, now + US_PER_HOUR, &info), ERR_OK);
    assert_true(d.at_us == end_us + US_PER_HOUR && d.stood_us == US_PER_HOUR && d.stood_days == 0);
    buf_clear(&b);
    print_working(&d, "en", &b);
    assert_true(str_find(buf_view(&b), STR("60 minutes")) != SIZE_MAX);
    d.state = DUE_SUSPENDED; /* since 1970: longer than anything may stand still */
    d.until_day = 0;
    assert_int_equal(due_resume(&d, shanghai, 0, &info), ERR_OK);
}

static void test_days_standing_still_are_told(void **state)
{
    (void)state;
    struct err_info info = {0};
    const enum due_unit units[] = {DUE_CALENDAR_DAY, DUE_WORKING_DAY, DUE_MONTH};
    for (size_t i = 0; i < 3; i++) {
        const struct due_rule rule = rule_of(1 + 20 * (units[i] != DUE_MONTH), units[i]);
        struct due d = started(&rule);
        CLEANUP(buf_done) struct buf b;
        buf_init(&b, 65536);
        assert_int_equal(due_suspend(&d, shanghai, REASONS[0], at("2026-03-03T02:00:00Z"),
                                     packs_day("2026-03-05"), &info),
                         ERR_OK);
        print_working(&d, "en", &b);
        assert_true(str_find(buf_view(&b), STR("2 ")) != SIZE_MAX);
        assert_int_equal(due_extend(&d, shanghai, 1, &info), ERR_OK); /* while it stands still */
        assert_int_equal(due_resume(&d, shanghai, at("2026-03-05T02:00:00Z"), &info), ERR_OK);
        assert_int_equal(d.stood_days, 2);
        buf_clear(&b);
        print_working(&d, "zh-CN", &b);
        assert_int_equal(buf_err(&b), ERR_OK);
    }
}

static void test_at_once_is_the_moment_itself(void **state)
{
    (void)state;
    const struct due_rule rule = rule_of(0, DUE_AT_ONCE);
    struct due d = started(&rule);
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 65536);
    assert_true(d.at_us == d.start_us);
    print_working(&d, "en", &b);
    assert_true(b.len > 0);
    d.state = DUE_SUSPENDED;
    assert_int_equal(due_resume(&d, shanghai, d.start_us, NULL), ERR_OK);
    assert_int_equal(d.stood_days, 0);
}

static void test_what_is_over_is_neither_extended_nor_suspended(void **state)
{
    (void)state;
    struct err_info info = {0};
    const struct due_rule rule = rule_of(3, DUE_CALENDAR_DAY);
    struct due d = started(&rule);
    int64_t now = d.start_us;
    int32_t far = packs_day("2026-03-02") + 4001;
    assert_int_equal(due_suspend(&d, shanghai, REASONS[0], d.at_us, 0, &info), ERR_REFUSED);
    assert_string_equal(info.key, "due.refused.over");
    assert_int_equal(due_suspend(&d, shanghai, REASONS[0], now, far, &info), ERR_INVALID);
    d.state = DUE_MET;
    assert_int_equal(due_extend(&d, shanghai, 1, &info), ERR_REFUSED);
    assert_string_equal(info.key, "due.refused.over");
    assert_int_equal(due_extend(&d, shanghai, 1, NULL), ERR_REFUSED);
    d.stood_days = -1;
    assert_int_equal(due_recompute(&d, shanghai, &info, &(bool){false}), ERR_INVALID);
    d.stood_days = 4001;
    assert_int_equal(due_recompute(&d, shanghai, &info, &(bool){false}), ERR_INVALID);
}

static void test_every_line_has_a_sentence(void **state)
{
    (void)state;
    const enum due_unit units[] = {DUE_UNIT_UNSET,   DUE_AT_ONCE,     DUE_MINUTE, DUE_HOUR,
                                   DUE_CALENDAR_DAY, DUE_WORKING_DAY, DUE_MONTH};
    const struct wording none = {0};
    for (int kind = DUE_LINE_START; kind <= DUE_LINE_SOURCE + 1; kind++) {
        for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
            const struct due_line line = {.kind = (enum due_line_kind)kind,
                                          .n = 1 + (int64_t)i % 2,
                                          .unit = units[i],
                                          .name = i < 4 ? NULL : &petition->name,
                                          .article = i < 4 ? &none : &petition->name};
            CLEANUP(buf_done) struct buf b;
            buf_init(&b, 4096);
            due_line_print(&line, msg_lang_find(STR("zh-CN")), &b);
            assert_int_equal(buf_err(&b), ERR_OK);
            assert_int_equal(b.len > 0, kind <= DUE_LINE_SOURCE);
        }
    }
}

static int load(void **state)
{
    (void)state;
    petition = packs_load("cn-petition");
    council = packs_load("uk-council");
    shanghai = zone_find(STR("Asia/Shanghai"));
    london = zone_find(STR("Europe/London"));
    return shanghai == NULL || london == NULL ? -1 : 0;
}

static int unload(void **state)
{
    (void)state;
    pack_free(petition);
    pack_free(council);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_first_day_is_excluded_and_the_last_ends_at_midnight),
        cmocka_unit_test(test_sixty_days_roll_and_thirty_more_are_counted_from_the_start),
        cmocka_unit_test(test_a_rule_without_extension_names_the_law),
        cmocka_unit_test(test_only_the_second_review_stands_still_for_a_hearing),
        cmocka_unit_test(test_a_stated_end_is_shown_ahead_and_is_the_most_that_is_added),
        cmocka_unit_test(test_working_days_standing_still_are_added_as_working_days),
        cmocka_unit_test(test_hours_run_through_the_night_and_the_change_of_clocks),
        cmocka_unit_test(test_a_month_ends_on_the_same_date_or_at_its_end),
        cmocka_unit_test(test_a_provisional_day_moves_when_the_next_year_is_known),
        cmocka_unit_test(test_warnings_and_grace_are_counted_from_the_last_day),
        cmocka_unit_test(test_rules_apply_by_kind_and_route),
        cmocka_unit_test(test_the_working_is_told_line_by_line_in_both_languages),
        cmocka_unit_test(test_impossible_lengths_are_refused),
        cmocka_unit_test(test_a_warning_comes_hours_months_or_days_before),
        cmocka_unit_test(test_a_grace_is_of_hours_or_there_is_none),
        cmocka_unit_test(test_hours_stand_still_by_the_clock),
        cmocka_unit_test(test_days_standing_still_are_told),
        cmocka_unit_test(test_at_once_is_the_moment_itself),
        cmocka_unit_test(test_what_is_over_is_neither_extended_nor_suspended),
        cmocka_unit_test(test_every_line_has_a_sentence),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
