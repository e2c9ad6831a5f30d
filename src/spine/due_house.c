/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "spine/due_house.h"

#include "spine/pack.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TEXTS(name, en_text, zh_text)                                                              \
    static const struct wording_in name[] = {                                                      \
        {STR_INIT("en"), STR_INIT(en_text)},                                                       \
        {STR_INIT("zh-CN"), STR_INIT(zh_text)},                                                    \
    }

TEXTS(NAME_ATTEND, "Next step by the office", "单位办理下一步");
TEXTS(NAME_OBJECT, "Object to being given the matter", "对交办提出异议");
TEXTS(NAME_SETTLE, "Answer the objection", "核定异议");
TEXTS(NAME_TAKE, "Take the matter after the objection was turned down", "异议未采纳后接收");
TEXTS(NAME_CONTEST, "Look again at whether it is the same matter", "复核是否为同一事项");
TEXTS(NAME_DELIVER, "The answer reaches the person", "答复送达");
TEXTS(NAME_WINDOW, "Say that it is not solved", "反映问题未解决");
TEXTS(NAME_GRACE, "Make good what was missed, before the office above takes over",
      "逾期补办，再逾期由上级单位接办");
TEXTS(LAW, "Rule of this program, where the law sets no limit", "本系统规则（法律未设期限处）");

static const struct str ON_OPEN[] = {STR_INIT("matter.open")};
static const struct str ON_ROUTED[] = {STR_INIT("matter.routed")};
static const struct str ON_OBJECTED[] = {STR_INIT("matter.objected")};
static const struct str ON_CONFIRMED[] = {STR_INIT("matter.confirmed")};
static const struct str ON_CONTESTED[] = {STR_INIT("matter.contested")};
static const struct str ON_ANSWERED[] = {STR_INIT("matter.answered")};
static const struct str ON_DELIVERED[] = {STR_INIT("matter.delivered")};
static const struct str ON_MISSED[] = {STR_INIT("due.missed")};

static const struct str END_ATTEND[] = {
    STR_INIT("matter.routed"),      STR_INIT("matter.returned"), STR_INIT("matter.admitted"),
    STR_INIT("matter.refused"),     STR_INIT("matter.assigned"), STR_INIT("matter.answered"),
    STR_INIT("matter.misdirected"),
};
static const struct str END_OBJECT[] = {
    STR_INIT("matter.objected"), STR_INIT("matter.admitted"),    STR_INIT("matter.returned"),
    STR_INIT("matter.refused"),  STR_INIT("matter.misdirected"),
};
static const struct str END_SETTLE[] = {STR_INIT("matter.confirmed"), STR_INIT("matter.returned")};
static const struct str END_TAKE[] = {
    STR_INIT("matter.admitted"),
    STR_INIT("matter.refused"),
    STR_INIT("matter.misdirected"),
};
static const struct str END_DELIVER[] = {STR_INIT("matter.delivered")};
static const struct str END_WINDOW[] = {STR_INIT("matter.reopened")};

struct house_row {
    struct str id;
    const struct wording_in *name;
    const struct str *start;
    const struct str *stop;
    size_t stop_count;
    struct due_span span;
    enum due_side side;
    enum due_miss miss;
    bool extendable;
};

#define ROW(word, nm, on, end, amount, unit, side, miss, ext)                                      \
    {                                                                                              \
        STR_INIT("house/" word), nm, on, end, COUNT(end), {amount, unit}, side, miss, ext          \
    }

static const struct house_row ROWS[HOUSE_COUNT] = {
    [HOUSE_ATTEND] = ROW("attend", NAME_ATTEND, ON_OPEN, END_ATTEND, 10, DUE_WORKING_DAY,
                         DUE_OFFICE, DUE_MISS_ESCALATE, true),
    [HOUSE_OBJECT] = ROW("object", NAME_OBJECT, ON_ROUTED, END_OBJECT, 5, DUE_WORKING_DAY,
                         DUE_OFFICE, DUE_MISS_RECORD, false),
    [HOUSE_SETTLE] = ROW("settle", NAME_SETTLE, ON_OBJECTED, END_SETTLE, 3, DUE_WORKING_DAY,
                         DUE_OFFICE, DUE_MISS_ESCALATE, false),
    [HOUSE_TAKE] = ROW("take", NAME_TAKE, ON_CONFIRMED, END_TAKE, 2, DUE_WORKING_DAY, DUE_OFFICE,
                       DUE_MISS_RECORD, false),
    [HOUSE_CONTEST] = ROW("contest", NAME_CONTEST, ON_CONTESTED, END_TAKE, 3, DUE_WORKING_DAY,
                          DUE_OFFICE, DUE_MISS_ESCALATE, false),
    [HOUSE_DELIVER] = ROW("deliver", NAME_DELIVER, ON_ANSWERED, END_DELIVER, 10, DUE_WORKING_DAY,
                          DUE_OFFICE, DUE_MISS_NOTICE, false),
    [HOUSE_WINDOW] = ROW("window", NAME_WINDOW, ON_DELIVERED, END_WINDOW, 30, DUE_CALENDAR_DAY,
                         DUE_PERSON, DUE_MISS_RECORD, false),
    [HOUSE_GRACE] = ROW("grace", NAME_GRACE, ON_MISSED, END_TAKE, 0, DUE_WORKING_DAY, DUE_OFFICE,
                        DUE_MISS_ESCALATE, false),
};

struct str due_house_id(enum due_house rule)
{
    return (unsigned)rule < HOUSE_COUNT ? ROWS[rule].id : (struct str){"", 0};
}

enum due_house due_house_find(struct str id)
{
    for (int i = HOUSE_NONE + 1; i < HOUSE_COUNT; i++) {
        if (str_eq(ROWS[i].id, id))
            return (enum due_house)i;
    }
    return HOUSE_NONE;
}

void due_house_rule(enum due_house rule, const struct pack *p, struct due_rule *ret_rule)
{
    const struct house_row *row = &ROWS[rule];
    const struct calendar *calendar = p->calendar_count > 0 ? p->calendar[0] : NULL;
    struct due_span span = row->span;
    if (span.unit == DUE_WORKING_DAY && calendar == NULL)
        span.unit = DUE_CALENDAR_DAY;
    *ret_rule = (struct due_rule){
        .id = row->id,
        .name = {row->name, 2},
        .side = row->side,
        .start = row->start,
        .start_count = 1,
        .stop = row->stop,
        .stop_count = row->stop_count,
        .span = span,
        .calendar = calendar,
        .miss = row->miss,
        .source = {.law = {LAW, COUNT(LAW)}, .confirmed = true},
    };
    if (row->extendable) {
        ret_rule->extension = (struct due_extension){
            .allowed = true, .max = row->span.amount, .times = 1, .post = STR_INIT("lead")};
    }
}
