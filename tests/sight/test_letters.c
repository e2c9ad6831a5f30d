/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* With HUIYIN_LETTERS_DIR set the papers are also written there, to be looked at. */
#include "tests/paper_tools.h"

#include "base/instant.h"
#include "sight/letters.h"

static const struct letter_due dues_zh[] = {
    {.what = STR_INIT("告知受理情况"),
     .last_day = 20529,
     .law = STR_INIT("《信访工作条例》第二十二条")},
    {.what = STR_INIT("作出处理意见"),
     .last_day = 20589,
     .law = STR_INIT("《信访工作条例》第三十四条"),
     .is_provisional = true},
};
static const struct letter_due dues_en[] = {
    {.what = STR_INIT("Acknowledge"), .last_day = 20519, .law = STR_INIT("Plain rules, 2.1")},
    {.what = STR_INIT("Answer"), .last_day = 20531, .law = STR_INIT("Plain rules, 2.2")},
};

static struct letter chinese(enum letter_kind kind)
{
    return (struct letter){
        .kind = kind,
        .lang = msg_lang_find(STR("zh-CN")),
        .printed_us = INT64_C(1772500000000000),
        .paper_day = 20517,
        .office = {.name = STR("青石镇人民政府"),
                   .address = STR("青石镇中心路18号一楼窗口"),
                   .phone = STR("0700-5550118"),
                   .hours = STR("工作日8:30—12:00，14:00—17:30"),
                   .site = STR("huiyin.example.cn")},
        .series = {.mark = STR("青政告"), .year = 2026, .number = 12},
        .reference = STR("K7Q2-9F4M"),
        .register_number = STR("20260302-4821"),
        .title = STR("幸福里小区楼道照明长期损坏"),
        .text = STR("幸福里小区3号楼二单元楼道的照明灯从今年1月起一直不亮，老人晚上上下楼摔过两次。"
                    "物业说没有维修资金，社区说归物业管，跑了三趟没有人管。\n"
                    "希望明确由谁负责，并尽快修好。"),
        .wish = STR("一个月内修好楼道照明，并告诉我们以后由谁负责。"),
        .place = STR("青石镇幸福里小区3号楼"),
        .matter_kind = STR("小区物业"),
        .channel = STR("来信"),
        .identity = STR("要求保密。身份信息封存，未经批准不得开启。"),
        .owner = STR("青石镇村镇建设办公室"),
        .taken_by = STR("周敏"),
        .received_day = 20514,
        .entered_day = 20515,
        .basis = STR("《信访工作条例》第二十二条、第二十八条"),
        .dues = dues_zh,
        .due_count = 2,
        .answer = {.outcome = LETTER_SUPPORTED,
                   .asked = STR("3号楼二单元楼道照明长期损坏，要求明确责任并尽快修复。"),
                   .found = STR(
                       "经现场查看，二单元一至六层共有11盏照明灯，其中9盏不亮，系线路老化所致。该小"
                       "区物业服务合同约定公共照明由物业公司负责日常维修；线路整体更换属于共用设施"
                       "大修，可以使用住宅专项维修资金。"),
                   .basis =
                       STR("《物业管理条例》第三十五条；《住宅专项维修资金管理办法》第二十二条。"),
                   .remedy =
                       STR("责成物业公司更换全部损坏的灯具和老化线路，由村镇建设办公室验收。"),
                   .remedy_day = 20560},
        .review = {.where = STR("青石县人民政府"), .until_day = 20547},
        .served = STR("处理意见书"),
        .code = STR("0123 4567 8901 2345 6789 0123"),
    };
}

static struct letter english(enum letter_kind kind)
{
    struct letter l = chinese(kind);
    l.lang = msg_lang_find(STR("en"));
    l.office =
        (struct letter_office){.name = STR("Bluestone Town Council"),
                               .address = STR("18 Centre Road, Bluestone"),
                               .phone = STR("0700 555 0118"),
                               .hours = STR("on working days, 8:30 to 12:00 and 14:00 to 17:30"),
                               .site = STR("huiyin.example.org")};
    l.series.mark = STR("BTC");
    l.title = STR("Stair lights out at Happy Lane 3");
    l.text = STR("The lights on the stairs of block 3 have been out since January. Two old people "
                 "have fallen. The managing company says it has no money; the council says it is "
                 "the company's job.");
    l.wish = STR("Repair within a month, and tell us who is responsible from now on.");
    l.place = STR("Happy Lane, block 3 (幸福里小区3号楼)");
    l.matter_kind = STR("Housing management");
    l.channel = STR("letter");
    l.identity = STR("Sealed. Opened only by decision, on the record.");
    l.owner = STR("Building Office");
    l.taken_by = STR("Zhou Min");
    l.basis = STR("the council's complaints procedure, stage 1");
    l.dues = dues_en;
    l.answer = (struct letter_answer){
        .outcome = LETTER_SUPPORTED,
        .asked =
            STR("That the stair lights of block 3 be repaired and that it be made clear who is "
                "responsible."),
        .found =
            STR("We looked at the stairs on 4 March. Nine of eleven lights are out because the "
                "wiring is worn. The management contract makes the company responsible for "
                "lights; new wiring may be paid from the repair fund."),
        .basis = STR("Section 35 of the Property Management Rules."),
        .remedy =
            STR("The company replaces lights and wiring; the Building Office checks the work."),
        .remedy_day = 20560};
    l.review.where = STR("the Monitoring Officer");
    l.served = STR("Decision of 5 March 2026");
    return l;
}

static bool holds(struct str all, struct str part)
{
    return str_find(all, part) != SIZE_MAX;
}

static void write_out(struct str file, const char *lang, enum letter_kind kind)
{
    const char *dir = getenv("HUIYIN_LETTERS_DIR");
    if (dir == NULL)
        return;
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s-%s.pdf", dir, letter_kind_word(kind).ptr, lang);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, file.ptr, file.len), (ssize_t)file.len);
    close(fd);
}

/* Prints, keeps the text without blanks in `text`. */
static void print(const struct letter *l, const char *lang, struct buf *file, struct buf *text)
{
    struct err_info info = {0};
    buf_clear(file);
    if (letter_print(l, file, &info) != ERR_OK)
        fail_msg("%s: %s %s %s", info.key, info.arg[0], info.arg[1], info.detail);
    write_out(buf_view(file), lang, l->kind);
    if (paper_has_tools())
        paper_text(buf_view(file), text);
}

struct want {
    enum letter_kind kind;
    const char *zh[8];
    const char *en[8];
};

static const struct want wants[] = {
    {LETTER_INTAKE,
     {"事项登记表", "20260302-4821", "K7Q2-9F4M", "2026年3月2日", "跑了三趟没有人管", "拟办意见",
      "本表不记载反映人的姓名和联系方式"},
     {"Intakesheet", "20260302-4821", "Twooldpeoplehavefallen", "Proposedhandling",
      "Thissheetdoesnotnamewhoraisedthematter"}},
    {LETTER_ACCEPTANCE,
     {"受理告知书", "青政告〔2026〕12号", "K7Q2-9F4M号事项反映人：", "决定予以受理",
      "2026年5月16日", "《信访工作条例》第三十四条", "不会以任何理由向您索要查询码"},
     {"Yourmatterhasbeentakenon", "BTC[2026]No.12", "TothepersonwhoraisedmatterK7Q2-9F4M",
      "19March2026", "Nobodywhoworksherewilleveraskyouforthecode"}},
    {LETTER_DECISION,
     {"处理意见书", "二、调查核实的情况", "予以支持", "2026年4月17日前落实",
      "在2026年4月4日前向青石县人民政府请求重新审查", "2026年3月5日"},
     {"Decisiononyourmatter", "2.Whatwefound", "Yourmatterissupported",
      "asktheMonitoringOfficertolookatitagain,untilSaturday4April2026", "Placefortheseal"}},
    {LETTER_DELIVERY,
     {"送达回证", "K7Q2-9F4M号事项反映人", "□直接送达", "受送达人签名或者盖章",
      "签收只表示收到文书"},
     {"Deliveryslip", "ThepersonwhoraisedmatterK7Q2-9F4M", "□handedover",
      "Signatureofthereceiver"}},
    {LETTER_RECEIPT,
     {"回执", "K7Q2-9F4M", "20260302-4821", "接下来怎么办", "012345678901234567890123",
      "更换查询码"},
     {"Receipt", "K7Q2-9F4M", "Whathappensnext", "012345678901234567890123", "changemycode"}},
};

static void each_paper_says_what_it_has_to_in_both_languages(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf file;
    CLEANUP(buf_done) struct buf text;
    buf_init(&file, LETTER_BYTES_MAX);
    buf_init(&text, 1 << 24);
    for (size_t i = 0; i < sizeof wants / sizeof *wants; i++) {
        const struct letter zh = chinese(wants[i].kind);
        print(&zh, "zh-CN", &file, &text);
        for (size_t k = 0; paper_has_tools() && k < 8 && wants[i].zh[k] != NULL; k++)
            if (!holds(buf_view(&text), str_of(wants[i].zh[k])))
                fail_msg("paper %d lacks %s", (int)wants[i].kind, wants[i].zh[k]);
        const struct letter en = english(wants[i].kind);
        print(&en, "en", &file, &text);
        for (size_t k = 0; paper_has_tools() && k < 8 && wants[i].en[k] != NULL; k++)
            if (!holds(buf_view(&text), str_of(wants[i].en[k])))
                fail_msg("paper %d lacks %s", (int)wants[i].kind, wants[i].en[k]);
    }
    if (!paper_has_tools()) {
        print_message("skipped: no poppler-utils\n");
        skip();
    }
}

static void what_is_not_given_leaves_its_sentence_out(void **state)
{
    (void)state;
    if (!paper_has_tools()) {
        print_message("skipped: no poppler-utils\n");
        skip();
    }
    CLEANUP(buf_done) struct buf file;
    CLEANUP(buf_done) struct buf text;
    buf_init(&file, LETTER_BYTES_MAX);
    buf_init(&text, 1 << 24);
    struct letter l = chinese(LETTER_DECISION);
    l.series.number = 0;
    l.paper_day = 0;
    l.answer = (struct letter_answer){.reply = STR("已经修好，欢迎监督。")};
    l.review = (struct letter_review){.where = STR("")};
    print(&l, "zh-CN-short", &file, &text);
    assert_true(holds(buf_view(&text), STR("一、处理意见已经修好")));
    assert_true(holds(buf_view(&text), STR("二、不服本意见的途径")));
    assert_true(holds(buf_view(&text), STR("没有进一步的审查途径")));
    assert_false(holds(buf_view(&text), STR("落实措施")));
    assert_false(holds(buf_view(&text), STR("12号")));
    assert_false(holds(buf_view(&text), STR("{")));
}

static void a_name_that_no_font_has_stops_the_print(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf file;
    buf_init(&file, LETTER_BYTES_MAX);
    struct err_info info = {0};
    struct letter l = chinese(LETTER_INTAKE);
    l.taken_by = STR("周\uE777");
    assert_int_equal(letter_print(&l, &file, &info), ERR_REFUSED);
    assert_string_equal(info.key, "pdf.glyph_missing");
    assert_string_equal(info.arg[1], "U+E777");
    assert_int_equal(file.len, 0);
}

static void rare_characters_and_other_scripts_are_printed(void **state)
{
    (void)state;
    if (!paper_has_tools()) {
        print_message("skipped: no poppler-utils\n");
        skip();
    }
    CLEANUP(buf_done) struct buf file;
    CLEANUP(buf_done) struct buf text;
    buf_init(&file, LETTER_BYTES_MAX);
    buf_init(&text, 1 << 24);
    struct letter l = chinese(LETTER_INTAKE);
    l.taken_by = STR("㛃·阿依古丽");
    l.place = STR("𠮷野街 Straße ул. Мира");
    print(&l, "zh-CN-rare", &file, &text);
    assert_true(holds(buf_view(&text), STR("㛃·阿依古丽")));
    assert_true(holds(buf_view(&text), STR("𠮷野街Straßeул.Мира")));
}

static void a_very_long_matter_goes_on_over_pages(void **state)
{
    (void)state;
    if (!paper_has_tools()) {
        print_message("skipped: no poppler-utils\n");
        skip();
    }
    CLEANUP(buf_done) struct buf file;
    CLEANUP(buf_done) struct buf text;
    CLEANUP(buf_done) struct buf words;
    buf_init(&file, LETTER_BYTES_MAX);
    buf_init(&text, 1 << 24);
    buf_init(&words, 1 << 20);
    for (int i = 0; i < 250; i++)
        buf_printf(&words, "（%03d）下雨天污水从井盖冒出来，流进一楼住户家里，味道很大。\n", i);
    struct letter l = chinese(LETTER_INTAKE);
    l.text = buf_view(&words);
    print(&l, "zh-CN-long", &file, &text);
    assert_true(holds(buf_view(&text), STR("（000）")));
    assert_true(holds(buf_view(&text), STR("（249）")));
    assert_true(holds(buf_view(&text), STR("领导批示")));
    assert_true(holds(buf_view(&text), STR("—4—")));
    l = english(LETTER_DECISION);
    l.answer.found = buf_view(&words);
    print(&l, "en-long", &file, &text);
    assert_true(holds(buf_view(&text), STR("（249）")));
    assert_true(holds(buf_view(&text), STR("DecisiononyourmatterK7Q2-9F4M")) ||
                holds(buf_view(&text), STR("Decisiononyourmatter·K7Q2-9F4M")));
}

static void hostile_text_stays_text(void **state)
{
    (void)state;
    if (!paper_has_tools()) {
        print_message("skipped: no poppler-utils\n");
        skip();
    }
    CLEANUP(buf_done) struct buf file;
    CLEANUP(buf_done) struct buf text;
    buf_init(&file, LETTER_BYTES_MAX);
    buf_init(&text, 1 << 24);
    struct letter l = english(LETTER_DECISION);
    l.title = STR("{ref} <span size='90000'>big</span> %s%n (/JS (app.alert(1)))");
    l.answer.found = STR("a\x01\x02\u202Eb\u2066c\r\nd \xff\xc3");
    print(&l, "en-hostile", &file, &text);
    assert_true(holds(buf_view(&text), STR("{ref}<spansize='90000'>big</span>%s%n(/JS")));
    assert_true(holds(buf_view(&text), STR("abcd")));
    assert_false(holds(buf_view(&file), STR("/JavaScript")));
}

static void a_letter_without_what_it_needs_is_refused(void **state)
{
    (void)state;
    CLEANUP(buf_done) struct buf file;
    buf_init(&file, LETTER_BYTES_MAX);
    struct letter l = chinese(LETTER_NONE);
    assert_int_equal(letter_print(&l, &file, NULL), ERR_INVALID);
    l = chinese(LETTER_DECISION);
    l.reference = STR("");
    assert_int_equal(letter_print(&l, &file, NULL), ERR_INVALID);
    l = chinese(LETTER_DECISION);
    l.lang = NULL;
    assert_int_equal(letter_print(&l, &file, NULL), ERR_INVALID);
    for (enum letter_kind k = LETTER_INTAKE; k < LETTER_KIND_COUNT; k++)
        assert_int_equal(letter_kind_of_word(letter_kind_word(k)), k);
    assert_int_equal(letter_kind_of_word(STR("photograph")), LETTER_NONE);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(each_paper_says_what_it_has_to_in_both_languages),
    cmocka_unit_test(what_is_not_given_leaves_its_sentence_out),
    cmocka_unit_test(a_name_that_no_font_has_stops_the_print),
    cmocka_unit_test(rare_characters_and_other_scripts_are_printed),
    cmocka_unit_test(a_very_long_matter_goes_on_over_pages),
    cmocka_unit_test(hostile_text_stays_text),
    cmocka_unit_test(a_letter_without_what_it_needs_is_refused),
};

CHECK_MAIN(tests)
