/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/check.h"

#include "base/instant.h"
#include "base/mem.h"
#include "lib/text/msg.h"
#include "reach/import_reject.h"
#include "reach/import_row.h"
#include "tests/scratch.h"

#include <unistd.h>

static const char *samples = "tests/reach/samples";

/* ---- dates
 * --------------------------------------------------------------------------------------- */

struct date_case {
    const char *text;
    enum import_dates dates;
    enum import_date_fault fault;
    const char *day;
    const char *instant; /* in Asia/Shanghai; NULL: midnight there */
};

static const struct date_case date_cases[] = {
    {"2019-04-25", IMPORT_DATES_AUTO, IMPORT_DATE_FINE, "2019-04-25", "2019-04-24T16:00:00Z"},
    {"2019-04-25Z", IMPORT_DATES_AUTO, IMPORT_DATE_FINE, "2019-04-25", "2019-04-24T16:00:00Z"},
    {"2019/4/25 9:32:09", IMPORT_DATES_AUTO, IMPORT_DATE_FINE, "2019-04-25",
     "2019-04-25T01:32:09Z"},
    {" 2019.4.5 ", IMPORT_DATES_AUTO, IMPORT_DATE_FINE, "2019-04-05", NULL},
    {"2019年4月25日", IMPORT_DATES_AUTO, IMPORT_DATE_FINE, "2019-04-25", NULL},
    {"2019年4月25日 9时32分9秒", IMPORT_DATES_AUTO, IMPORT_DATE_FINE, "2019-04-25",
     "2019-04-25T01:32:09Z"},
    {"2019年4月25日 下午3点05分", IMPORT_DATES_AUTO, IMPORT_DATE_FINE, "2019-04-25",
     "2019-04-25T07:05:00Z"},
    {"2019年4月25日 星期四 上午9:30", IMPORT_DATES_AUTO, IMPORT_DATE_FINE, "2019-04-25",
     "2019-04-25T01:30:00Z"},
    {"２０１９年４月２５日　９：３２", IMPORT_DATES_AUTO, IMPORT_DATE_FINE, "2019-04-25",
     "2019-04-25T01:32:00Z"},
    {"20190425", IMPORT_DATES_AUTO, IMPORT_DATE_FINE, "2019-04-25", NULL},
    {"20190425093209", IMPORT_DATES_AUTO, IMPORT_DATE_FINE, "2019-04-25", "2019-04-25T01:32:09Z"},
    {"2019-04-25T01:32:09Z", IMPORT_DATES_AUTO, IMPORT_DATE_FINE, "2019-04-25",
     "2019-04-25T01:32:09Z"},
    {"2019-04-25T23:30:00.123456Z", IMPORT_DATES_ISO, IMPORT_DATE_FINE, "2019-04-26",
     "2019-04-25T23:30:00Z"},
    {"2019-04-25 09:32:09+05:30", IMPORT_DATES_AUTO, IMPORT_DATE_FINE, "2019-04-25",
     "2019-04-25T04:02:09Z"},
    {"04/12/2018 11:11:26 AM", IMPORT_DATES_US, IMPORT_DATE_FINE, "2018-04-12",
     "2018-04-12T03:11:26Z"},
    {"04/12/2018 12:00:00 AM", IMPORT_DATES_US, IMPORT_DATE_FINE, "2018-04-12",
     "2018-04-11T16:00:00Z"},
    {"04/12/2018 12:00:00 PM", IMPORT_DATES_US, IMPORT_DATE_FINE, "2018-04-12",
     "2018-04-12T04:00:00Z"},
    {"04/12/2018", IMPORT_DATES_EU, IMPORT_DATE_FINE, "2018-12-04", NULL},
    {"12.04.2018 11:11", IMPORT_DATES_AUTO, IMPORT_DATE_FINE, "2018-04-12", "2018-04-12T03:11:00Z"},
    {"25/04/2018", IMPORT_DATES_AUTO, IMPORT_DATE_FINE, "2018-04-25", NULL},
    {"04/25/2018", IMPORT_DATES_AUTO, IMPORT_DATE_FINE, "2018-04-25", NULL},
    {"04/12/2018", IMPORT_DATES_AUTO, IMPORT_DATE_DOUBTFUL, NULL, NULL},
    {"2019-02-30", IMPORT_DATES_AUTO, IMPORT_DATE_IMPOSSIBLE, NULL, NULL},
    {"2019-04-25 25:00", IMPORT_DATES_AUTO, IMPORT_DATE_IMPOSSIBLE, NULL, NULL},
    {"1019-04-25", IMPORT_DATES_AUTO, IMPORT_DATE_IMPOSSIBLE, NULL, NULL},
    {"13/25/2018", IMPORT_DATES_US, IMPORT_DATE_IMPOSSIBLE, NULL, NULL},
    {"2019-04-25", IMPORT_DATES_US, IMPORT_DATE_UNREADABLE, NULL, NULL},
    {"昨天下午", IMPORT_DATES_AUTO, IMPORT_DATE_UNREADABLE, NULL, NULL},
    {"25 April 2019", IMPORT_DATES_AUTO, IMPORT_DATE_UNREADABLE, NULL, NULL},
    {"2019-04", IMPORT_DATES_AUTO, IMPORT_DATE_UNREADABLE, NULL, NULL},
    {"99999999999999999999", IMPORT_DATES_AUTO, IMPORT_DATE_UNREADABLE, NULL, NULL},
    {"1/2/3/4/5/6/7/8/9", IMPORT_DATES_AUTO, IMPORT_DATE_UNREADABLE, NULL, NULL},
    {"", IMPORT_DATES_AUTO, IMPORT_DATE_UNREADABLE, NULL, NULL},
    {"\xFF\xFE", IMPORT_DATES_AUTO, IMPORT_DATE_UNREADABLE, NULL, NULL},
};

static void usual_dates_are_read_and_doubtful_ones_are_not_guessed(void **state)
{
    (void)state;
    const struct zone *zone = zone_find(STR("Asia/Shanghai"));
    assert_non_null(zone);
    for (size_t i = 0; i < sizeof date_cases / sizeof *date_cases; i++) {
        const struct date_case *c = &date_cases[i];
        struct import_date date = {0};
        const enum import_date_fault fault =
            import_date_read(str_of(c->text), c->dates, zone, &date);
        if (fault != c->fault)
            fail_msg("\"%s\": fault %d, want %d", c->text, (int)fault, (int)c->fault);
        if (fault != IMPORT_DATE_FINE)
            continue;
        CLEANUP(buf_done) struct buf day;
        CLEANUP(buf_done) struct buf at;
        buf_init(&day, 64);
        buf_init(&at, 64);
        day_format(date.day, &day);
        instant_format(date.at_us, &at);
        check_str(buf_view(&day), c->day);
        if (c->instant != NULL)
            check_str(buf_view(&at), c->instant);
        else
            assert_int_equal(date.at_us, zone_day_start(zone, date.day));
    }
}

/* ---- person columns
 * ------------------------------------------------------------------------------- */

static void heads_that_tell_who_somebody_is_are_known(void **state)
{
    (void)state;
    static const char *const persons[] = {"留言用户",  "姓名",     "反映人姓名",   "联系电话",
                                          "手机号码",  "E-mail",   "CustomerName", "contact_phone",
                                          "Full Name", "UserID",   "name",         "Caller",
                                          "性别",      "家庭地址", "LastName",     "投诉人"};
    static const char *const forbidden[] = {"身份证号", "民族", "政治面貌", "SSN", "Passport No"};
    static const char *const things[] = {
        "留言编号", "留言主题", "SRType",       "Neighborhood",   "StreetName",
        "Address",  "地址",     "责任单位",     "MethodReceived", "PoliceDistrict",
        "答复意见", "Agency",   "LastActivity", "ZipCode",        "2010 Census Wards Precincts"};
    for (size_t i = 0; i < sizeof persons / sizeof *persons; i++)
        if (import_person_of(str_of(persons[i])) != IMPORT_PERSON)
            fail_msg("%s tells who somebody is", persons[i]);
    for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++)
        if (import_person_of(str_of(forbidden[i])) != IMPORT_FORBIDDEN)
            fail_msg("%s is nobody's business", forbidden[i]);
    for (size_t i = 0; i < sizeof things / sizeof *things; i++)
        if (import_person_of(str_of(things[i])) != IMPORT_NO_PERSON)
            fail_msg("%s is of a thing", things[i]);
}

/* ---- maps
 * ----------------------------------------------------------------------------------------- */

static enum err load(struct arena *a, const char *name, struct import_faults *faults,
                     const struct import_map **ret_map)
{
    char path[512];
    struct err_info info = {0};
    (void)snprintf(path, sizeof path, "%s/%s", samples, name);
    faults->count = 0;
    return import_map_load(a, path, faults, &info, ret_map);
}

static bool has_fault(const struct import_faults *faults, const char *key, int32_t line,
                      const char *path)
{
    for (size_t i = 0; i < faults->count; i++) {
        const struct import_fault *f = &faults->fault[i];
        if (strcmp(f->why.key, key) == 0 && f->line == line &&
            (path == NULL || str_eq_c(f->path, path)))
            return true;
    }
    return false;
}

static void a_map_that_breaks_a_rule_is_refused_with_line_and_path(void **state)
{
    (void)state;
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 8 << 20);
    struct import_faults *faults = ARENA_NEW(&a, struct import_faults);
    const struct import_map *map = NULL;
    assert_int_equal(load(&a, "broken.json", faults, &map), ERR_INVALID);
    assert_int_equal(faults->count, 1);
    assert_true(has_fault(faults, "import.map.json", 4, NULL));
    assert_int_equal(load(&a, "faults.json", faults, &map), ERR_INVALID);
    assert_true(has_fault(faults, "import.map.unknown", 5, "$.colums"));
    assert_true(has_fault(faults, "import.map.key_person", 3, "$.key"));
    assert_true(has_fault(faults, "import.map.target", 7, NULL));
    assert_true(has_fault(faults, "import.map.person", 8, NULL));
    assert_true(has_fault(faults, "import.map.forbidden", 9, NULL));
    assert_true(has_fault(faults, "import.map.not_date", 10, NULL));
    assert_true(has_fault(faults, "import.map.format", 11, NULL));
    assert_true(has_fault(faults, "import.map.zone", 11, NULL));
    assert_true(has_fault(faults, "import.map.word", 12, NULL));
    assert_true(has_fault(faults, "import.map.both", 14, "$.drop[0]"));
    assert_true(has_fault(faults, "import.map.drop", 14, "$.drop[1]"));
    for (size_t i = 0; i < faults->count; i++)
        if (msg_key_find(str_of(faults->fault[i].why.key)) == MSG_NONE)
            fail_msg("no sentence for %s", faults->fault[i].why.key);
    assert_int_equal(load(&a, "absent.json", faults, &map), ERR_NOT_FOUND);
}

static void a_list_of_people_is_refused(void **state)
{
    (void)state;
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 8 << 20);
    struct import_faults *faults = ARENA_NEW(&a, struct import_faults);
    const struct import_map *map = NULL;
    assert_int_equal(load(&a, "people.json", faults, &map), ERR_INVALID);
    assert_true(has_fault(faults, "import.map.people", 5, "$.columns"));
}

static void the_maps_we_ship_are_whole(void **state)
{
    (void)state;
    static const char *const names[] = {"../../../packs/maps/baltimore-311.json",
                                        "../../../packs/maps/cn-petition-messages.json"};
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 8 << 20);
    struct import_faults *faults = ARENA_NEW(&a, struct import_faults);
    for (size_t i = 0; i < 2; i++) {
        const struct import_map *map = NULL;
        if (load(&a, names[i], faults, &map) != ERR_OK)
            fail_msg("%s: %s %s", names[i], faults->fault[0].why.key, faults->fault[0].why.arg[0]);
    }
}

/* ---- heads and rows
 * -------------------------------------------------------------------------------- */

struct table {
    struct arena a;
    struct import_faults *faults;
    const struct import_map *map;
    struct csv_reader *csv;
    struct import_head head;
    struct pack_kind kind;
    struct pack pack;
    struct import_house house;
};

static void table_open(struct table *t, const char *text)
{
    *t = (struct table){.kind = {.id = STR("complaint")}};
    arena_init(&t->a, 16 << 20);
    t->faults = ARENA_NEW(&t->a, struct import_faults);
    t->pack = (struct pack){.kind = &t->kind, .kind_count = 1};
    t->house = (struct import_house){.pack = &t->pack,
                                     .zone = zone_find(STR("Asia/Shanghai")),
                                     .lang = STR("zh-CN"),
                                     .now_us = INT64_C(1772500000000000)};
    assert_int_equal(load(&t->a, "letters.json", t->faults, &t->map), ERR_OK);
    assert_int_equal(csv_open(0, &t->csv), ERR_OK);
    assert_int_equal(csv_feed(t->csv, str_of(text), true), ERR_OK);
}

static void table_done(struct table *t)
{
    csv_close(&t->csv);
    arena_done(&t->a);
}

static enum err bind(struct table *t)
{
    struct csv_row row;
    assert_true(csv_next(t->csv, &row));
    return import_head_bind(t->map, &row, t->faults, &t->head);
}

static enum err next(struct table *t, struct import_item *item, struct err_info *why,
                     size_t *ret_column)
{
    struct csv_row row;
    assert_true(csv_next(t->csv, &row));
    *why = (struct err_info){0};
    return import_row_read(t->map, &t->head, &row, &t->house, &t->a, item, why, ret_column);
}

#define HEAD "编号,来信人,标题,内容,收到时间,答复,答复时间,联系电话\n"

static void every_column_must_be_mapped_or_dropped_by_name(void **state)
{
    (void)state;
    CLEANUP(table_done) struct table t;
    table_open(&t, "编号,来信人,标题,内容,收到时间,答复,备注,微信号,标题\n");
    assert_int_equal(bind(&t), ERR_INVALID);
    assert_int_equal(t.faults->count, 4);
    assert_string_equal(t.faults->fault[0].why.key, "import.head.unnamed");
    assert_string_equal(t.faults->fault[0].why.arg[0], "备注");
    assert_string_equal(t.faults->fault[1].why.key, "import.head.unnamed_person");
    assert_string_equal(t.faults->fault[2].why.key, "import.head.twice");
    assert_string_equal(t.faults->fault[3].why.key, "import.head.absent");
    assert_string_equal(t.faults->fault[3].why.arg[0], "答复时间");
}

static void a_row_becomes_a_matter_and_loses_the_person(void **state)
{
    (void)state;
    CLEANUP(table_done) struct table t;
    table_open(
        &t, HEAD
        "1,张小明,路灯 不亮,\"\n\t\t　　路灯\r\n\t 坏了，张小明敬上 \n\n\n\n谢谢\",2019年4月25日,"
        "张小明：您好，已经修好。,2019/5/10 14:56:53,13800001111\n"
        "2,,,楼道里堆满杂物。消防通道也堵了。,2019-04-26,,,13800001111\n");
    assert_int_equal(bind(&t), ERR_OK);
    struct import_item item;
    struct err_info why;
    size_t column;
    assert_int_equal(next(&t, &item, &why, &column), ERR_OK);
    check_str(item.body.title, "路灯 不亮");
    check_str(item.body.text, "路灯\n坏了，▢敬上\n\n谢谢");
    check_str(item.body.found, "▢：您好，已经修好。");
    check_str(item.body.kind, "complaint");
    check_str(item.body.source, "import");
    check_str(item.body.lang, "zh-CN");
    assert_int_equal(item.body.channel, CHANNEL_LETTER);
    assert_int_equal(item.body.received_day, day_of((struct civil){2019, 4, 25}));
    assert_int_equal(item.body.day, day_of((struct civil){2019, 5, 10}));
    assert_true(item.is_ended);
    assert_true(item.has_identity);
    check_str(item.who.name, "张小明");
    assert_int_equal(item.who.phone.len, 0); /* dropped */
    uint8_t first[IMPORT_HASH_BYTES];
    memcpy(first, item.hash, sizeof first);
    assert_int_equal(next(&t, &item, &why, &column), ERR_OK);
    check_str(item.body.title, "楼道里堆满杂物。");
    assert_false(item.is_ended);
    assert_false(item.has_identity);
    assert_memory_not_equal(first, item.hash, sizeof first);
}

static void an_identity_number_in_a_text_is_taken_out(void **state)
{
    (void)state;
    CLEANUP(table_done) struct table t;
    table_open(&t, HEAD "1,,标题,我的号码 11010519491231002X 请查,2019-04-25,,,\n"
                        "2,,标题,号码１１０１０５１９４９１２３１００２Ｘ请查,2019-04-25,,,\n");
    assert_int_equal(bind(&t), ERR_OK);
    struct import_item item;
    struct err_info why;
    size_t column;
    assert_int_equal(next(&t, &item, &why, &column), ERR_OK);
    check_str(item.body.text, "我的号码 ▢ 请查");
    (void)next(&t, &item, &why, &column);
    assert_int_equal(str_find(item.body.text, STR("1002")), SIZE_MAX);
}

static void a_bad_row_says_what_is_wrong_with_which_column(void **state)
{
    (void)state;
    static const struct {
        const char *row;
        const char *key;
        size_t column;
    } cases[] = {
        {"2,,日期坏,内容,昨天下午,,,\n", "import.row.date_unreadable", 4},
        {"3,,没有这天,内容,2019-02-30,,,\n", "import.row.date_impossible", 4},
        {"4,,没有日期,内容,,,,\n", "import.row.no_received", 4},
        {"5,,,,2019-04-25,,,\n", "import.row.nothing_raised", SIZE_MAX},
        {",,没有编号,内容,2019-04-25,,,\n", "import.row.no_key", 0},
        {"7,,少了字段\n", "import.row.fields", SIZE_MAX},
        {"8,,引号\"坏,内容,2019-04-25,,,\n", "csv.stray_quote", SIZE_MAX},
        {"9,,答复没日期,内容,2019-04-25,已办,,\n", "import.row.answer_undated", SIZE_MAX},
        {"10,,先答复,内容,2019-04-25,已办,2018-01-01,\n", "import.row.answer_before", SIZE_MAX},
        {"11,,将来,内容,2099-01-01,,,\n", "import.row.date_future", 4},
        {"12,,两可,内容,04/05/2018,,,\n", "import.row.date_doubtful", 4},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512];
        (void)snprintf(text, sizeof text, HEAD "%s", cases[i].row);
        CLEANUP(table_done) struct table t;
        table_open(&t, text);
        assert_int_equal(bind(&t), ERR_OK);
        struct import_item item;
        struct err_info why;
        size_t column = 99;
        assert_int_equal(next(&t, &item, &why, &column), ERR_INVALID);
        if (strcmp(why.key, cases[i].key) != 0 || column != cases[i].column)
            fail_msg("%s: %s at %zu", cases[i].row, why.key, column);
        assert_int_not_equal(msg_key_find(str_of(why.key)), MSG_NONE);
    }
}

/* ---- rejects
 * --------------------------------------------------------------------------------------- */

static void rejects_have_the_reason_in_both_languages_and_no_person(void **state)
{
    (void)state;
    CLEANUP(table_done) struct table t;
    table_open(&t, HEAD "2,张小明,日期坏,=1+1,昨天下午,,,13800001111\n");
    assert_int_equal(bind(&t), ERR_OK);
    struct csv_row row;
    assert_true(csv_next(t.csv, &row));
    struct import_item item;
    struct err_info why = {0};
    size_t column = 0;
    assert_int_equal(import_row_read(t.map, &t.head, &row, &t.house, &t.a, &item, &why, &column),
                     ERR_INVALID);
    char path[64];
    int fd = scratch_file(path, sizeof path, "rejects");
    struct import_rejects rejects;
    import_rejects_init(&rejects, path, &t.head);
    const struct import_reject reject = {
        .line = 2, .column = column, .why = &why, .raw = row.raw, .separator = ','};
    assert_int_equal(import_rejects_put(&rejects, &reject, NULL), ERR_OK);
    import_rejects_done(&rejects);
    char text[4096] = {0};
    assert_true(read(fd, text, sizeof text - 1) > 0);
    close(fd);
    unlink(path);
    assert_string_equal(text,
                        "\xEF\xBB\xBFhuiyin.line,huiyin.column,huiyin.name,huiyin.reason.zh-CN,"
                        "huiyin.reason.en,编号,来信人,标题,内容,收到时间,答复,答复时间,联系电话\r\n"
                        "2,5,收到时间,“昨天下午”不是能看懂的日期。,"
                        "“昨天下午” cannot be read as a date.,2,,日期坏,'=1+1,昨天下午,,,\r\n");
    import_rejects_init(&rejects, "/nowhere/at/all.csv", &t.head);
    struct err_info info = {0};
    assert_int_equal(import_rejects_put(&rejects, &reject, &info), ERR_IO);
    assert_string_equal(info.key, "import.rejects_write");
    import_rejects_done(&rejects);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(usual_dates_are_read_and_doubtful_ones_are_not_guessed),
    cmocka_unit_test(heads_that_tell_who_somebody_is_are_known),
    cmocka_unit_test(a_map_that_breaks_a_rule_is_refused_with_line_and_path),
    cmocka_unit_test(a_list_of_people_is_refused),
    cmocka_unit_test(the_maps_we_ship_are_whole),
    cmocka_unit_test(every_column_must_be_mapped_or_dropped_by_name),
    cmocka_unit_test(a_row_becomes_a_matter_and_loses_the_person),
    cmocka_unit_test(an_identity_number_in_a_text_is_taken_out),
    cmocka_unit_test(a_bad_row_says_what_is_wrong_with_which_column),
    cmocka_unit_test(rejects_have_the_reason_in_both_languages_and_no_person),
};

int main(int argc, char **argv)
{
    if (argc > 1)
        samples = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
