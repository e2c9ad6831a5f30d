/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "town.h"

#include "base/mem.h"
#include "lib/text/zone.h"
#include "tests/check.h"

#define TEXT(name, en_text)                                                                        \
    static const struct wording_in name[] = {{STR_INIT("en"), STR_INIT(en_text)}}
#define LIST(name, ...) static const struct str name[] = {__VA_ARGS__}
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

TEXT(LAW, "Town Byelaw 7");
TEXT(ART_4, "section 4");
TEXT(ART_9, "section 9");
TEXT(LABEL_THING, "Which lamp?");

LIST(RECEIVED, STR_INIT("matter.received"));
LIST(ADMITTED, STR_INIT("matter.admitted"), STR_INIT("matter.reopened"));
LIST(TAKEN, STR_INIT("matter.admitted"), STR_INIT("matter.refused"),
     STR_INIT("matter.misdirected"));
LIST(ANSWERED, STR_INIT("matter.answered"));
LIST(DELIVERED, STR_INIT("matter.delivered"));
LIST(REOPENED, STR_INIT("matter.reopened"), STR_INIT("matter.review_requested"));
LIST(NOTHING, STR_INIT("matter.never"));
LIST(CLAIMS, STR_INIT("claim"));
LIST(OTHERS, STR_INIT("help"), STR_INIT("report"));
LIST(STILL, STR_INIT("expert"), STR_INIT("hearing"));
LIST(ROLES, STR_INIT("ethics"), STR_INIT("ombuds"));

static const struct calendar WEEK = {
    .id = STR_INIT("TOWN"),
    .version = STR_INIT("1"),
    .first_year = 2020,
    .last_year = 2040,
    .weekend = 0x60,
};
static const struct calendar *const CALENDARS[] = {&WEEK};

static const struct due_rule DUES[] = {
    {.id = STR_INIT("town/take"),
     .side = DUE_OFFICE,
     .start = RECEIVED,
     .start_count = COUNT(RECEIVED),
     .stop = TAKEN,
     .stop_count = COUNT(TAKEN),
     .span = {2, DUE_WORKING_DAY},
     .calendar = &WEEK,
     .miss = DUE_MISS_ESCALATE,
     .grace = {1, DUE_WORKING_DAY}},
    {.id = STR_INIT("town/answer"),
     .side = DUE_OFFICE,
     .start = ADMITTED,
     .start_count = COUNT(ADMITTED),
     .stop = ANSWERED,
     .stop_count = COUNT(ANSWERED),
     .span = {10, DUE_WORKING_DAY},
     .calendar = &WEEK,
     .extension = {.allowed = true, .max = 10, .times = 1, .post = STR_INIT("lead")},
     .suspend = STILL,
     .suspend_count = COUNT(STILL),
     .miss = DUE_MISS_ESCALATE,
     .kind = OTHERS,
     .kind_count = COUNT(OTHERS),
     .source = {.law = {LAW, 1}, .article = {ART_4, 1}, .confirmed = true}},
    {.id = STR_INIT("town/claim"),
     .side = DUE_OFFICE,
     .start = ADMITTED,
     .start_count = COUNT(ADMITTED),
     .stop = ANSWERED,
     .stop_count = COUNT(ANSWERED),
     .span = {30, DUE_CALENDAR_DAY},
     .miss = DUE_MISS_NOTICE,
     .kind = CLAIMS,
     .kind_count = COUNT(CLAIMS),
     .source = {.law = {LAW, 1}, .article = {ART_9, 1}, .confirmed = true}},
    {.id = STR_INIT("town/window"),
     .side = DUE_PERSON,
     .start = DELIVERED,
     .start_count = COUNT(DELIVERED),
     .stop = REOPENED,
     .stop_count = COUNT(REOPENED),
     .span = {30, DUE_CALENDAR_DAY},
     .miss = DUE_MISS_RECORD},
    {.id = STR_INIT("town/court"),
     .side = DUE_PERSON,
     .start = RECEIVED,
     .start_count = COUNT(RECEIVED),
     .stop = NOTHING,
     .stop_count = COUNT(NOTHING),
     .span = {2, DUE_MONTH},
     .miss = DUE_MISS_RECORD,
     .kind = CLAIMS,
     .kind_count = COUNT(CLAIMS)},
};

static const struct pack_question QUESTIONS[] = {
    {.id = STR_INIT("thing"),
     .base = PACK_ASK_THING,
     .type = PACK_LINE,
     .required = true,
     .max_chars = 100,
     .label = {LABEL_THING, 1}},
};

static const struct pack_kind KINDS[] = {
    {.id = STR_INIT("help"),
     .base = PACK_HELP,
     .content = PACK_OPEN,
     .identity = PACK_KNOWN,
     .may_be_known = true,
     .may_be_sealed = true,
     .may_be_anonymous = true},
    {.id = STR_INIT("claim"),
     .base = PACK_CLAIM,
     .content = PACK_OPEN,
     .identity = PACK_KNOWN,
     .may_be_known = true,
     .question = QUESTIONS,
     .question_count = COUNT(QUESTIONS)},
    {.id = STR_INIT("report"),
     .base = PACK_WRONGDOING,
     .content = PACK_SEALED,
     .identity = PACK_IDENTITY_SEALED,
     .may_be_sealed = true,
     .may_be_anonymous = true,
     .unseal_mode = 2,
     .unseal_role = ROLES,
     .unseal_role_count = COUNT(ROLES)},
};

static const struct pack_review REVIEWS[] = {{.id = STR_INIT("review_1"), .ask = &DUES[3]}};

const struct pack TOWN_PACK = {
    .id = STR_INIT("town"),
    .version = STR_INIT("1"),
    .name_version = STR_INIT("town@1"),
    .zone = STR_INIT("UTC"),
    .calendar = CALENDARS,
    .calendar_count = 1,
    .due = DUES,
    .due_count = COUNT(DUES),
    .kind = KINDS,
    .kind_count = COUNT(KINDS),
    .review = REVIEWS,
    .review_count = 1,
};

static const struct pack *the_pack = &TOWN_PACK;
static const struct zone *the_zone;

void town_use(const struct pack *pack, const struct zone *zone)
{
    the_pack = pack;
    the_zone = zone;
}

static const struct zone *zone_here(void)
{
    return the_zone != NULL ? the_zone : zone_utc();
}

struct office_id town_above(struct office_id office)
{
    static const int64_t ABOVE[TOWN_OFFICES + 1] = {0, 0, TOWN_HALL, TOWN_HALL, TOWN_BOARD};
    return (struct office_id){ABOVE[office.v]};
}

int64_t town_nine(int32_t day)
{
    return zone_instant(zone_here(), day, 9 * 3600);
}

struct matter_env town_env(struct arena *a, int64_t now_us, const struct matter *m)
{
    return (struct matter_env){
        .now_us = now_us,
        .today = zone_day_of(zone_here(), now_us),
        .pack = the_pack,
        .zone = zone_here(),
        .above = town_above(m->owner),
        .arena = a,
    };
}

struct matter_actor town_person(void)
{
    return (struct matter_actor){.who = WHO_PERSON};
}

struct matter_actor town_system(void)
{
    return (struct matter_actor){.who = WHO_SYSTEM};
}

struct matter_actor town_post(int64_t office, int64_t officer, enum post post)
{
    return (struct matter_actor){
        .who = WHO_OFFICER,
        .office = {office},
        .officer = {officer},
        .post = post,
        .verbs = verb_of_post(post),
    };
}

struct matter_actor town_lead(int64_t office, int64_t officer)
{
    return town_post(office, officer, POST_LEAD);
}

struct matter_command town_raise(struct str kind)
{
    struct matter_command c = {
        .what = DO_RAISE,
        .body =
            {
                .kind = kind,
                .lang = STR("en"),
                .title = STR("Stairs at gate 4"),
                .text = STR("The stairs at gate 4 have had no light since Monday."),
                .place = STR("gate 4"),
                .wish = STR("A lamp."),
                .channel = CHANNEL_WEB,
                .identity = str_eq_c(kind, "report") ? IDENTITY_SEALED : IDENTITY_KNOWN,
                .first = {TOWN_BOARD},
            },
    };
    if (str_eq_c(kind, "claim"))
        c.body.answers = STR("{\"thing\":\"the lamp at gate 4\"}");
    return c;
}

struct matter_command town_answer(void)
{
    return (struct matter_command){
        .what = DO_ANSWER,
        .body =
            {
                .asked = STR("A lamp for the stairs."),
                .found = STR("The lamp was broken since 23 February."),
                .outcome = OUTCOME_SUPPORTED,
                .basis = STR("Town Byelaw 7, section 4"),
                .remedy = STR("A new lamp."),
                .remedy_day = TOWN_DAY + 30,
                .review_where = STR("Town hall"),
            },
    };
}

enum err town_do(struct matter *m, const struct matter_command *c, const struct matter_actor *who,
                 struct arena *a, int64_t now_us, struct matter_events *ret, struct err_info *info)
{
    struct matter_events *events = ret != NULL ? ret : ARENA_NEW(a, struct matter_events);
    assert_non_null(events);
    struct matter_env env = town_env(a, now_us, m);
    TRY(matter_decide(m, c, who, &env, events, info));
    for (size_t i = 0; i < events->count; i++)
        assert_int_equal(matter_apply(m, &events->items[i]), ERR_OK);
    return ERR_OK;
}

#define SAME(member) assert_int_equal(a->member, b->member)
#define SAME_STR(member) assert_true(str_eq(a->member, b->member))

static void check_same_due(const struct matter_due *a, const struct matter_due *b)
{
    SAME(n);
    SAME_STR(rule);
    SAME(side);
    SAME(unit);
    SAME(amount);
    SAME(office.v);
    SAME(due.state);
    SAME(due.start_us);
    SAME(due.start_day);
    SAME(due.extended);
    SAME(due.extended_times);
    SAME(due.stood_us);
    SAME(due.stood_days);
    SAME(due.since_us);
    SAME(due.since_day);
    SAME(due.until_day);
    SAME(due.at_us);
    SAME(due.at_day);
    SAME(due.provisional);
    SAME_STR(due.calendar);
}

static void check_same(const struct matter *a, const struct matter *b)
{
    SAME(state);
    SAME(seq);
    SAME_STR(kind);
    SAME_STR(route);
    SAME_STR(lang);
    SAME_STR(pack);
    SAME_STR(title);
    SAME_STR(place);
    SAME_STR(handle);
    SAME(channel);
    SAME(identity);
    SAME(content);
    SAME(danger);
    SAME(ended);
    SAME(received_day);
    SAME(entered_us);
    SAME(owner.v);
    SAME(first.v);
    SAME(offered.v);
    SAME(sender.v);
    SAME(objected);
    SAME(confirmed);
    SAME(handler.v);
    SAME(refused_by.v);
    SAME_STR(refused_why);
    SAME(contested);
    SAME(answered_by.v);
    SAME(answers);
    SAME(outcome);
    SAME(answered_us);
    SAME(delivered_day);
    SAME(review_day);
    SAME(stars);
    SAME(solved);
    SAME(reopened);
    SAME(escalated);
    SAME(asked_until);
    SAME(pushed_us);
    SAME(dues_started);
    SAME(due_count);
    for (int32_t i = 0; i < a->due_count; i++)
        check_same_due(&a->dues[i], &b->dues[i]);
}

void town_check_fold(const struct matter_event *events, size_t count, const struct matter *m)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 64 << 20);
    struct matter again = {0};
    struct err_info info = {0};
    for (size_t i = 0; i < count; i++) {
        CLEANUP(buf_done) struct buf b;
        buf_init(&b, 1 << 20);
        assert_int_equal(matter_body_write(&events[i].body, &b), ERR_OK);
        struct matter_event e = {.who = events[i].who, .post = events[i].post};
        struct str payload = str_copy(&a, buf_view(&b));
        assert_true(matter_event_of_name(matter_event_name(events[i].type), &e.type));
        if (matter_body_read(&a, payload, &e.body, &info) != ERR_OK)
            fail_msg("%s: " STR_FMT, info.detail, STR_ARG(payload));
        assert_int_equal(matter_apply(&again, &e), ERR_OK);
    }
    check_same(m, &again);
}
