/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A shipped pack is copied with one thing changed; the check must name that thing. */
#include "tests/spine/packs.h"

#include "lib/text/msg.h"
#include "tests/scratch.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char scratch[64];
static char pack_dir[80];

/* ---- a copy with one change ------------------------------------------------------------------ */

static void read_whole(const char *path, struct buf *b)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        fail_msg("cannot open %s", path);
    char piece[4096];
    ssize_t n;
    while ((n = read(fd, piece, sizeof(piece))) > 0)
        buf_bytes(b, piece, (size_t)n);
    close(fd);
    assert_int_equal(buf_err(b), ERR_OK);
}

static void write_whole(const char *path, struct str text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_true(write(fd, text.ptr, text.len) == (ssize_t)text.len);
    close(fd);
}

static void remove_folder(const char *path)
{
    DIR *d = opendir(path);
    if (d == NULL)
        return;
    for (const struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        char inner[512];
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        snprintf(inner, sizeof(inner), "%s/%s", path, e->d_name);
        if (unlink(inner) != 0)
            remove_folder(inner);
    }
    closedir(d);
    rmdir(path);
}

/* Copies a folder; in `file` the first `find` becomes `put`. */
static void copy_folder(const char *from, const char *to, const char *below, const char *file,
                        const char *find, const char *put)
{
    DIR *d = opendir(from);
    assert_non_null(d);
    mkdir(to, 0700);
    for (const struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        if (e->d_name[0] == '.')
            continue;
        char a[600];
        char b[600];
        char name[300];
        snprintf(a, sizeof(a), "%s/%s", from, e->d_name);
        snprintf(b, sizeof(b), "%s/%s", to, e->d_name);
        snprintf(name, sizeof(name), "%s%s", below, e->d_name);
        struct stat st;
        assert_int_equal(stat(a, &st), 0);
        if (S_ISDIR(st.st_mode)) {
            snprintf(name, sizeof(name), "%s/", e->d_name);
            copy_folder(a, b, name, file, find, put);
            continue;
        }
        CLEANUP(buf_done) struct buf text;
        CLEANUP(buf_done) struct buf changed;
        buf_init(&text, 1 << 22);
        buf_init(&changed, 1 << 22);
        read_whole(a, &text);
        struct str whole = buf_view(&text);
        if (strcmp(name, file) == 0) {
            size_t at = str_find(whole, str_of(find));
            if (at == SIZE_MAX)
                fail_msg("%s does not contain %s", name, find);
            buf_str(&changed, str_sub(whole, 0, at));
            buf_c(&changed, put);
            buf_str(&changed, str_sub(whole, at + strlen(find), whole.len));
            whole = buf_view(&changed);
        }
        write_whole(b, whole);
    }
    closedir(d);
}

static enum err load_changed(const char *pack, const char *file, const char *find, const char *put,
                             struct pack_faults *faults)
{
    char from[512];
    const char *source = getenv("HUIYIN_SOURCE");
    snprintf(from, sizeof(from), "%s/packs/%s", source == NULL ? "." : source, pack);
    remove_folder(pack_dir);
    copy_folder(from, pack_dir, "", file, find, put);
    struct err_info info = {0};
    const struct pack *p = NULL;
    enum err err = pack_load(pack_dir, NULL, faults, &info, &p);
    if (err == ERR_OK)
        pack_free(p);
    return err;
}

/* ---- every fault ----------------------------------------------------------------------------- */

struct change {
    const char *pack;
    const char *file;
    const char *find;
    const char *put;
    const char *key; /* after "pack.fault." */
    const char *path;
};

#define JSON "pack.json"
#define CN "calendar/CN.json"

static const struct change CHANGES[] = {
    {"plain", JSON, "\"id\": \"plain\"", "\"id\": \"Plain!\"", "id", "$.id"},
    {"plain", JSON, "\"version\": \"1\",", "", "missing", "$"},
    {"plain", JSON, "huiyin-pack/1", "huiyin-pack/9", "word", "$.format"},
    {"plain", JSON, "\"jurisdiction\"", "\"juristiction\"", "unknown_member", "$.juristiction"},
    {"plain", JSON, "Asia/Shanghai", "Asia/Shangai", "no_zone", "$.zone"},
    {"plain", JSON, "[\"en\", \"zh-CN\"]", "[]", "no_languages", "$"},
    {"plain", JSON, "{\"en\": \"Answer\", ", "{", "language", "$.dues[1].name"},
    {"plain", JSON, "{\"en\": \"Answer\", ", "{\"fr\": \"x\", \"en\": \"Answer\", ",
     "language_extra", "$.dues[1].name.fr"},
    {"plain", JSON, "\"base\": \"help\"", "\"base\": \"petitioner\"", "word", "$.kinds[0].base"},
    {"plain", JSON, "\"route\": \"ordinary\"", "\"route\": \"secret\"", "no_route",
     "$.kinds[0].route"},
    {"plain", JSON, "\"id\": \"complaint\"", "\"id\": \"help\"", "twice", "$.kinds[1]"},
    {"plain", JSON, "\"content\": \"sealed\"", "\"content\": \"open\"", "must_seal", "$.kinds[4]"},
    {"plain", JSON, "\"default\": \"sealed\"", "\"default\": \"known\"", "must_not_be_known",
     "$.kinds[4]"},
    {"plain", JSON, "\"mode\": 2", "\"mode\": 1", "two_roles", "$.kinds[4]"},
    {"plain", JSON, "\"roles\": [\"custodian\"]", "\"roles\": []", "identity_roles",
     "$.kinds[0].identity"},
    {"plain", JSON, "\"default\": \"known\"", "\"default\": \"known\", \"allow\": [\"known\"]",
     "identity_forced", "$.kinds[0].identity"},
    {"plain", JSON, "\"default\": \"known\"", "\"default\": \"known\", \"allow\": [\"anonymous\"]",
     "identity_default", "$.kinds[0].identity"},
    {"plain", JSON, "\"calendars\": [\"WEEK\"]", "\"calendars\": [\"WEAK\"]", "no_calendar_file",
     "$.calendars[0]"},
    {"plain", JSON, "\"calendar\": \"WEEK\"", "\"calendar\": \"CN\"", "no_calendar",
     "$.dues[0].calendar"},
    {"plain", JSON, "\"calendar\": \"WEEK\",", "", "calendar_needed", "$.dues[0]"},
    {"plain", JSON, "\"start\": [\"matter.received\"]", "\"start\": [\"matter.arrived\"]",
     "no_event", "$.dues[0].start[0]"},
    {"plain", JSON, "\"start\": [\"matter.received\"]", "\"start\": []", "no_start", "$.dues[0]"},
    {"plain", JSON, "\"stop\": [\"matter.answered\"]", "\"stop\": []", "no_stop", "$.dues[1]"},
    {"plain", JSON, "\"stop\": [\"matter.answered\"]", "\"stop\": [\"matter.admitted\"]",
     "start_is_stop", "$.dues[1]"},
    {"plain", JSON, "\"amount\": 10", "\"amount\": 0", "range", "$.dues[1].amount"},
    {"plain", JSON, "\"amount\": 10", "\"amount\": \"10\"", "kind", "$.dues[1].amount"},
    {"plain", JSON, "\"approver\": \"lead\",", "", "no_approver", "$.dues[1].extension"},
    {"plain", JSON, "\"approver\": \"lead\"", "\"approver\": \"anyone\"", "word",
     "$.dues[1].extension.approver"},
    {"plain", JSON, "\"awaiting_person\"", "\"too_busy\"", "no_reason", "$.dues[1].suspend[0]"},
    {"plain", JSON, "\"warn\": [{\"amount\": 2", "\"warn\": [{\"amount\": 12", "warn_long",
     "$.dues[1].warn[0]"},
    {"plain", JSON, "\"id\": \"plain\"}", "\"id\": \"elsewhere\"}", "no_source",
     "$.dues[0].source.id"},
    {"plain", JSON, "\"ask\": \"ask-review\"", "\"ask\": \"answer\"", "due_side_person",
     "$.review.levels[0].ask"},
    {"plain", JSON, "\"ask\": \"ask-review\"", "\"ask\": \"ask-again\"", "no_due",
     "$.review.levels[0].ask"},
    {"plain", JSON, "\"ask\": \"ask-review\",", "", "missing", "$.review.levels[0]"},
    {"plain", JSON, "\"decide\": \"decide-review\"", "\"decide\": \"ask-review\"",
     "due_side_office", "$.review.levels[0].decide"},
    {"plain", JSON, "\"base\": \"fire\"", "\"base\": \"march\"", "word",
     "$.incidents.kinds[0].base"},
    {"plain", JSON, "\"base\": \"reading\"", "\"base\": \"matter\"", "word",
     "$.incidents.triggers[0].base"},
    {"plain", JSON, "\"base\": \"receipt\"", "\"base\": \"intake\"", "twice", "$.letters[1]"},
    {"plain", JSON, "\"identity_days\": 30", "\"identity_days\": 900", "retention_order",
     "$.retention"},
    {"plain", JSON, "\"steps\": [\"receive\"", "\"steps\": [\"send_home\"", "no_step",
     "$.routes[0].steps"},
    {"plain", "messages.zh-CN.json", "\"rights.raise\"", "\"rights.rise\"", "text_extra",
     "$[\"rights.rise\"]"},
    {"plain", "calendar/WEEK.json", "\"sat\", \"sun\"",
     "\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"sun\"", "all_off", "$.weekend"},
    {"cn-petition", JSON, "\"due\": \"door-admin-review\"", "\"due\": \"decide\"",
     "due_side_person", "$.kinds[1].elsewhere[0].due"},
    {"cn-petition", JSON, "\"kinds\": [\"claim\"]", "\"kinds\": [\"suggestion\"]",
     "due_not_for_kind", "$.kinds[1].elsewhere[0].due"},
    {"cn-petition", JSON, "\"kinds\": [\"claim\"]", "\"kinds\": [\"claims\"]", "no_kind",
     "$.dues[11].kinds[0]"},
    {"cn-petition", JSON, "\"routes\": [\"petition\"]", "\"routes\": [\"petiton\"]", "no_route",
     "$.dues[4].routes[0]"},
    {"cn-petition", JSON, "\"unit\": \"at_once\"", "\"unit\": \"at_once\", \"amount\": 3",
     "at_once_amount", "$.dues[0].amount"},
    {"cn-petition", JSON, "\"otherwise\": \"tell\"", "\"otherwise\": \"tell-at-once\"", "no_due",
     "$.dues[0].otherwise"},
    {"cn-petition", CN, "\"2018-02-11\"", "\"2018-02-12\"", "make_up_weekday",
     "$.years[0].work[0].date"},
    {"cn-petition", CN, "\"2018-02-11\"", "\"2018-02-17\"", "day_both", "$.years[0].work[0]"},
    {"cn-petition", CN, "\"2018-01-01\"", "\"2018-02-30\"", "date", "$.years[0].off[0].from"},
    {"cn-petition", CN, "\"2018-01-01\"", "\"2016-01-01\"", "other_year", "$.years[0].off[0].from"},
    {"cn-petition", CN, "\"to\": \"2018-02-21\"", "\"to\": \"2018-02-11\"", "range_days",
     "$.years[0].off[1]"},
    {"cn-petition", CN, "\"year\": 2019", "\"year\": 2020", "year_gap", "$.years[1]"},
    {"cn-petition", CN, "\"holiday\": \"spring\"}", "\"holiday\": \"sprung\"}", "no_holiday",
     "$.years[0].off[1].holiday"},
    {"cn-petition", CN, "\"05-02\"", "\"04-31\"", "month_day", "$.fixed[2].date"},
    {"cn-petition", CN, "\"05-02\"", "\"04-30\"", "fixed_order", "$.fixed[2]"},
    {"cn-petition", CN, "\"id\": \"CN\"", "\"id\": \"CHN\"", "calendar_name", "$"},
    {"uk-council", JSON, "\"miss\": \"escalate\"", "\"miss\": \"notice\"", "grace_without",
     "$.dues[0]"},
};

static void test_each_fault_is_named_with_file_line_and_path(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(CHANGES) / sizeof(CHANGES[0]); i++) {
        const struct change *c = &CHANGES[i];
        CLEANUP(pack_faults_done) struct pack_faults faults;
        pack_faults_init(&faults);
        enum err err = load_changed(c->pack, c->file, c->find, c->put, &faults);
        if (err != ERR_INVALID || faults.count == 0)
            fail_msg("%s -> %s was taken (%d)", c->find, c->put, (int)err);
        bool named = false;
        for (size_t k = 0; k < faults.count; k++) {
            const struct pack_fault *f = &faults.fault[k];
            struct str key = str_sub(f->key, strlen("pack.fault."), f->key.len);
            named = named || (str_eq_c(key, c->key) && str_eq_c(f->path, c->path) &&
                              str_eq_c(f->file, c->file) && f->line > 0);
        }
        if (!named)
            fail_msg("%s -> %s: got " STR_FMT " at " STR_FMT ":%d " STR_FMT, c->find, c->put,
                     STR_ARG(faults.fault[0].key), STR_ARG(faults.fault[0].file),
                     (int)faults.fault[0].line, STR_ARG(faults.fault[0].path));
    }
}

static void test_a_fault_reads_as_a_sentence_in_both_languages(void **state)
{
    (void)state;
    CLEANUP(pack_faults_done) struct pack_faults faults;
    pack_faults_init(&faults);
    assert_int_equal(
        load_changed("plain", JSON, "\"calendar\": \"WEEK\"", "\"calendar\": \"CN\"", &faults),
        ERR_INVALID);
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 8192);
    pack_fault_print(&faults.fault[0], STR("en"), &b);
    struct str text = buf_view(&b);
    assert_true(str_starts(text, STR("pack.json:")));
    assert_true(str_find(text, STR(": $.dues[0].calendar: There is no calendar \"CN\" in this "
                                   "pack. Name it under calendars")) != SIZE_MAX);
    buf_clear(&b);
    pack_fault_print(&faults.fault[0], STR("zh-CN"), &b);
    assert_true(str_find(buf_view(&b), STR("政策包中没有日历“CN”。请列入calendars")) != SIZE_MAX);
}

/* Every key a fault can have is a sentence of the catalogues. */
static void test_no_fault_is_without_a_sentence(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(CHANGES) / sizeof(CHANGES[0]); i++) {
        char key[96];
        snprintf(key, sizeof(key), "pack.fault.%s", CHANGES[i].key);
        if (msg_key_find(str_of(key)) == MSG_NONE)
            fail_msg("no sentence for %s", key);
    }
}

static void test_text_that_is_not_json_is_named_with_its_line(void **state)
{
    (void)state;
    CLEANUP(pack_faults_done) struct pack_faults faults;
    pack_faults_init(&faults);
    assert_int_equal(load_changed("plain", JSON, "\"jurisdiction\":", "\"jurisdiction\"", &faults),
                     ERR_INVALID);
    assert_int_equal(faults.count, 1);
    check_str(faults.fault[0].key, "pack.fault.json");
    assert_int_equal(faults.fault[0].line, 6);
}

static void test_a_folder_without_a_pack_is_not_found(void **state)
{
    (void)state;
    CLEANUP(pack_faults_done) struct pack_faults faults;
    pack_faults_init(&faults);
    struct err_info info = {0};
    const struct pack *p = NULL;
    assert_int_equal(pack_load("/nonexistent/pack", NULL, &faults, &info, &p), ERR_NOT_FOUND);
    assert_string_equal(info.key, "pack.not_found");
    assert_null(p);
}

/* ---- what a pack cannot say ---------------------------------------------------------------------
 */

struct label {
    const char *text;
    const char *topic; /* NULL: nothing against it */
    enum pack_label where;
};

static const struct label LABELS[] = {
    /* six spellings of one word */
    {"key person", "person_list", PACK_LABEL_ANY},
    {"KEY PERSONS", "person_list", PACK_LABEL_ANY},
    {"ｋｅｙ　ｐｅｒｓｏｎ", "person_list", PACK_LABEL_ANY},
    {"k e y p e r s o n", "person_list", PACK_LABEL_ANY},
    {"key_person list", "person_list", PACK_LABEL_ANY},
    {"k.e.y-p/e/r/s/o/n", "person_list", PACK_LABEL_ANY},
    {"重点人员", "person_list", PACK_LABEL_ANY},
    {"重 点 人 员", "person_list", PACK_LABEL_ANY},
    {"重·点·人·员台账", "person_list", PACK_LABEL_ANY},
    {"重點人員", "person_list", PACK_LABEL_ANY},
    {"「重点」人员", "person_list", PACK_LABEL_ANY},
    {"重\xe2\x80\x8b点人员", "person_list", PACK_LABEL_ANY}, /* a zero-width blank */
    {"集体上访应急处置", "gathering", PACK_LABEL_ANY},
    {"群體性事件", "gathering", PACK_LABEL_ANY},
    {"Labour strike", "gathering", PACK_LABEL_ANY},
    {"劝返接回", "control", PACK_LABEL_ANY},
    {"全国两会安保", "public_date", PACK_LABEL_ANY},
    {"情绪状态", "mood", PACK_LABEL_ANY},
    {"承诺不再上访", "silence", PACK_LABEL_ANY},
    /* asked of a person, these are refused; as the name of a service they stand */
    {"Your ID card number", "identity_number", PACK_LABEL_QUESTION},
    {"您的身份證號", "identity_number", PACK_LABEL_QUESTION},
    {"民族", "ethnicity", PACK_LABEL_QUESTION},
    {"宗教信仰", "belief", PACK_LABEL_QUESTION},
    {"政治面貌", "party", PACK_LABEL_QUESTION},
    {"Names of your family", "family", PACK_LABEL_QUESTION},
    {"Employer", "employer", PACK_LABEL_QUESTION},
    {"您的工作单位", "employer", PACK_LABEL_QUESTION},
    {"户籍所在地", "residence", PACK_LABEL_QUESTION},
    {"WeChat", "accounts", PACK_LABEL_QUESTION},
    {"健康状况", "health", PACK_LABEL_QUESTION},
    {"是否上访过", "earlier", PACK_LABEL_QUESTION},
    {"Previous complaints", "earlier", PACK_LABEL_QUESTION},
    {"健康证明办理", NULL, PACK_LABEL_ANY},
    {"户籍业务", NULL, PACK_LABEL_ANY},
    {"Health station", NULL, PACK_LABEL_ANY},
    /* words that only look like it */
    {"monkey personality", NULL, PACK_LABEL_ANY},
    {"Reported orally", NULL, PACK_LABEL_ANY},
    {"A parenthesis", NULL, PACK_LABEL_QUESTION},
    {"Where did it happen?", NULL, PACK_LABEL_QUESTION},
    {"事情发生在什么地方？", NULL, PACK_LABEL_QUESTION},
    {"消防重点单位", NULL, PACK_LABEL_ANY},
    {"自然灾害", NULL, PACK_LABEL_ANY},
};

static void test_refused_words_are_found_in_every_spelling_and_nothing_else(void **state)
{
    (void)state;
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 8 << 20);
    struct err_info info = {0};
    const struct pack_refused *refused = NULL;
    if (pack_refused_load(&a, NULL, &info, &refused) != ERR_OK)
        fail_msg("%s", info.detail);
    for (size_t i = 0; i < sizeof(LABELS) / sizeof(LABELS[0]); i++) {
        const struct label *l = &LABELS[i];
        struct str word = STR_NULL;
        struct str topic = STR_NULL;
        bool found = pack_label_is_refused(refused, l->where, str_of(l->text), &word, &topic);
        if (found != (l->topic != NULL))
            fail_msg("%s: %s " STR_FMT, l->text, found ? "refused for" : "let through",
                     STR_ARG(word));
        if (!found)
            continue;
        check_str(topic, l->topic);
        char key[96];
        snprintf(key, sizeof(key), "pack.fault.refused_%s", l->topic);
        assert_true(msg_key_find(str_of(key)) != MSG_NONE);
    }
}

static void test_a_pack_that_says_them_is_refused(void **state)
{
    (void)state;
    static const struct change rows[] = {
        {"plain", JSON, "Ask for something to be done", "Key persons", "refused_person_list",
         "$.kinds[0].name.en"},
        {"plain", JSON, "\"id\": \"help\"", "\"id\": \"repeat-petitioner\"", "refused_person_list",
         "$.kinds[0].id"},
        {"plain", JSON, "What happened?", "Your religion?", "refused_belief",
         "$.kinds[0].questions[0].label.en"},
        {"plain", JSON, "什么时候发生或开始的？", "您的户口在哪里？", "refused_residence",
         "$.kinds[0].questions[2].label[\"zh-CN\"]"},
        {"plain", JSON, "极端天气", "群体性事件", "refused_gathering",
         "$.incidents.kinds[8].name[\"zh-CN\"]"},
        {"plain", JSON, "A public warning", "Two Sessions", "refused_public_date",
         "$.incidents.triggers[1].name.en"},
        {"plain", JSON, "Acknowledge", "x", "", ""},
    };
    for (size_t i = 0; rows[i].key[0] != '\0'; i++) {
        CLEANUP(pack_faults_done) struct pack_faults faults;
        pack_faults_init(&faults);
        assert_int_equal(
            load_changed(rows[i].pack, rows[i].file, rows[i].find, rows[i].put, &faults),
            ERR_INVALID);
        char key[96];
        snprintf(key, sizeof(key), "pack.fault.%s", rows[i].key);
        check_str(faults.fault[0].key, key);
        check_str(faults.fault[0].path, rows[i].path);
    }
}

static void test_an_operator_can_lengthen_the_list_but_not_shorten_it(void **state)
{
    (void)state;
    char path[128];
    snprintf(path, sizeof(path), "%s/refused-words.zh-CN.txt", scratch);
    write_whole(path, STR("# the shipped list, emptied\n[any person_list]\n本地禁词\n"));
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 8 << 20);
    struct err_info info = {0};
    const struct pack_refused *refused = NULL;
    assert_int_equal(pack_refused_load(&a, scratch, &info, &refused), ERR_OK);
    struct str word;
    struct str topic;
    assert_true(pack_label_is_refused(refused, PACK_LABEL_ANY, STR("重点人员"), &word, &topic));
    assert_true(pack_label_is_refused(refused, PACK_LABEL_ANY, STR("本地 禁词"), &word, &topic));
    write_whole(path, STR("[any person_list]\nok word\n\n[some nonsense]\n"));
    assert_int_equal(pack_refused_load(&a, scratch, &info, &refused), ERR_INVALID);
    assert_string_equal(info.key, "pack.refused_file.line");
    assert_string_equal(info.arg[1], "4");
    unlink(path);
}

/* ---- what the shipped packs say
 * ------------------------------------------------------------------ */

static void test_the_shipped_packs_have_what_pages_and_papers_need(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"plain", "cn-petition", "uk-council"};
    for (size_t i = 0; i < 3; i++) {
        const struct pack *p = packs_load(NAMES[i]);
        assert_true(p->danger_number_count > 0 && p->review_count > 0 && p->kind_count > 0);
        for (int base = PACK_LETTER_INTAKE; base < PACK_LETTER_COUNT; base++)
            assert_non_null(pack_find_letter(p, (enum pack_letter_base)base));
        assert_non_null(pack_find_kind(p, STR("suggestion")));
        assert_non_null(pack_find_kind(p, STR("detriment")));
        assert_int_equal(pack_find_kind(p, STR("wrongdoing"))->content, PACK_SEALED);
        assert_true(pack_message(p, "rights.raise", STR("en")).len > 0);
        assert_true(pack_term(p, "person", STR("zh-CN")).len > 0);
        assert_true(str_is_null(pack_message(p, "no.such", STR("en"))));
        pack_free(p);
    }
}

static void test_the_petition_pack_says_what_the_regulations_say(void **state)
{
    (void)state;
    const struct pack *p = packs_load("cn-petition");
    const struct due_rule *decide = pack_find_due(p, STR("decide"));
    assert_int_equal(decide->span.amount, 60);
    assert_int_equal(decide->extension.max, 30);
    check_str(decide->extension.post, "lead");
    check_str(wording_pick(&decide->source.article, STR("zh-CN")), "第三十四条");
    check_str(decide->source.text_date, "2022-05-01");
    assert_false(pack_find_due(p, STR("decide-review-1"))->extension.allowed);
    assert_int_equal(pack_find_due(p, STR("decide-review-1"))->suspend_count, 0);
    assert_int_equal(pack_find_due(p, STR("decide-review-2"))->suspend_count, 1);
    assert_int_equal(pack_find_due(p, STR("object"))->span.unit, DUE_WORKING_DAY);
    assert_false(pack_find_due(p, STR("simple-admit"))->source.confirmed);
    assert_int_equal(p->representatives_max, 5);
    assert_int_equal(p->after_review, PACK_AFTER_NONE);
    check_str(p->name_version, "cn-petition@1");
    pack_free(p);
}

static int make_scratch(void **state)
{
    (void)state;
    scratch_folder(scratch, sizeof scratch, "pack");
    snprintf(pack_dir, sizeof(pack_dir), "%s/pack", scratch);
    return 0;
}

static int drop_scratch(void **state)
{
    (void)state;
    remove_folder(scratch);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_fault_is_named_with_file_line_and_path),
        cmocka_unit_test(test_a_fault_reads_as_a_sentence_in_both_languages),
        cmocka_unit_test(test_no_fault_is_without_a_sentence),
        cmocka_unit_test(test_text_that_is_not_json_is_named_with_its_line),
        cmocka_unit_test(test_a_folder_without_a_pack_is_not_found),
        cmocka_unit_test(test_refused_words_are_found_in_every_spelling_and_nothing_else),
        cmocka_unit_test(test_a_pack_that_says_them_is_refused),
        cmocka_unit_test(test_an_operator_can_lengthen_the_list_but_not_shorten_it),
        cmocka_unit_test(test_the_shipped_packs_have_what_pages_and_papers_need),
        cmocka_unit_test(test_the_petition_pack_says_what_the_regulations_say),
    };
    return cmocka_run_group_tests(tests, make_scratch, drop_scratch);
}
