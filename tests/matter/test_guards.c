/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What a command may leave out or ask for, and packs other than the town's. */
#include "town.h"

#include "base/mem.h"
#include "lib/text/zone.h"
#include "spine/due_house.h"
#include "tests/check.h"

#include <string.h>

struct life {
    struct arena a;
    struct matter m;
    int64_t now_us;
    struct err_info info;
};

/* The town's pack with what a test changes; its rules with room for more. */
enum { DUES_MAX = 64 };
static struct pack pack;
static struct due_rule dues[DUES_MAX];

static int setup(void **state)
{
    struct life *l = mem_new(sizeof(*l));
    arena_init(&l->a, 64 << 20);
    l->now_us = town_nine(TOWN_DAY);
    pack = TOWN_PACK;
    memcpy(dues, TOWN_PACK.due, TOWN_PACK.due_count * sizeof(*dues));
    pack.due = dues;
    town_use(&pack, zone_utc());
    *state = l;
    return 0;
}

static int teardown(void **state)
{
    struct life *l = *state;
    arena_done(&l->a);
    mem_free(l);
    return 0;
}

static enum err act(struct life *l, struct matter_command c, struct matter_actor who)
{
    l->info = (struct err_info){0};
    return town_do(&l->m, &c, &who, &l->a, l->now_us, NULL, &l->info);
}

static void good(struct life *l, struct matter_command c, struct matter_actor who)
{
    if (act(l, c, who) != ERR_OK)
        fail_msg("%s: %s %s", matter_do_word(c.what).ptr, l->info.key, l->info.detail);
}

static void bad(struct life *l, struct matter_command c, struct matter_actor who, const char *key)
{
    struct matter before = l->m;
    assert_int_not_equal(act(l, c, who), ERR_OK);
    assert_string_equal(l->info.key, key);
    assert_memory_equal(&before, &l->m, sizeof(before));
}

#define DO(verb, ...) ((struct matter_command){.what = (verb), .body = {.at_us = 0, __VA_ARGS__}})
#define LEAD town_lead(TOWN_BOARD, 21)

static void raised(struct life *l)
{
    good(l, town_raise(STR("help")), town_person());
}

static void admitted(struct life *l)
{
    raised(l);
    good(l, DO(DO_ADMIT), LEAD);
}

/* ---- raising ----------------------------------------------------------------------------------
 */

static void test_a_raise_has_a_title_a_language_a_channel_and_an_office(void **state)
{
    struct life *l = *state;
    struct matter_command c = town_raise(STR("help"));
    c.body.title = STR("\t");
    bad(l, c, town_person(), "matter.missing.title");
    c = town_raise(STR("help"));
    c.body.lang = STR("");
    bad(l, c, town_person(), "matter.invalid.lang");
    c = town_raise(STR("help"));
    c.body.channel = CHANNEL_NONE;
    bad(l, c, town_person(), "matter.invalid.channel");
    c = town_raise(STR("help"));
    c.body.first.v = 0;
    bad(l, c, town_person(), "matter.invalid.office");
    c = town_raise(STR("help"));
    c.body.happened_day = TOWN_DAY + 1;
    bad(l, c, town_person(), "matter.invalid.future");
    assert_string_equal(l->info.arg[0], "happened");
    c = town_raise(STR("help"));
    c.body.identity = IDENTITY_COUNT;
    bad(l, c, town_person(), "matter.invalid.identity");
    c = town_raise(STR("claim"));
    c.body.answers = STR("{\"thing\":1}");
    bad(l, c, town_person(), "matter.invalid.answers");
    c = town_raise(STR("help"));
    c.what = DO_COUNT;
    bad(l, c, town_person(), "matter.invalid.command");
    assert_false(matter_may(&l->m, DO_COUNT, &(struct matter_actor){.who = WHO_PERSON},
                            &(struct matter_env){.pack = &pack}));
}

static void test_a_raise_of_every_identity_is_taken(void **state)
{
    struct life *l = *state;
    for (enum matter_identity i = IDENTITY_KNOWN; i < IDENTITY_COUNT; i++) {
        struct matter_command c = town_raise(STR("help"));
        c.body.identity = i;
        l->m = (struct matter){0};
        good(l, c, town_person());
        assert_int_equal(l->m.identity, i);
    }
}

static void test_a_kind_without_any_identity_takes_nobody(void **state)
{
    struct life *l = *state;
    const struct pack_kind none = {.id = STR("help"), .base = PACK_HELP, .content = PACK_OPEN};
    pack.kind = &none;
    pack.kind_count = 1;
    for (enum matter_identity i = IDENTITY_KNOWN; i < IDENTITY_COUNT; i++) {
        struct matter_command c = town_raise(STR("help"));
        c.body.identity = i;
        bad(l, c, town_person(), "matter.refused.identity");
    }
}

static void test_what_has_a_field_of_its_own_is_not_asked_twice(void **state)
{
    struct life *l = *state;
    static const struct pack_question ASKS[] = {
        {.id = STR_INIT("what"), .base = PACK_ASK_WHAT, .required = true},
        {.id = STR_INIT("place"), .base = PACK_ASK_PLACE, .required = true},
        {.id = STR_INIT("wish"), .base = PACK_ASK_WISH, .required = true},
        {.id = STR_INIT("when"), .base = PACK_ASK_WHEN, .required = true},
        {.id = STR_INIT("thing"), .base = PACK_ASK_THING},
    };
    const struct pack_kind asking = {.id = STR("help"),
                                     .base = PACK_HELP,
                                     .content = PACK_OPEN,
                                     .may_be_known = true,
                                     .question = ASKS,
                                     .question_count = 5};
    pack.kind = &asking;
    pack.kind_count = 1;
    struct matter_command c = town_raise(STR("help"));
    bad(l, c, town_person(), "matter.missing.answer"); /* when */
    c.body.happened_day = TOWN_DAY - 1;
    good(l, c, town_person());
    l->m = (struct matter){0};
    c.body.place = STR("");
    bad(l, c, town_person(), "matter.missing.answer");
    c.body.answers = STR("{\"place\":\"gate 4\",\"thing\":\"a lamp\"}");
    good(l, c, town_person());
    l->m = (struct matter){0};
    c = town_raise(STR("help"));
    c.body.source = STR("import"); /* another system never asked */
    good(l, c, town_person());
}

/* ---- routes -----------------------------------------------------------------------------------
 */

static void test_a_route_is_of_the_pack_and_within_the_office(void **state)
{
    struct life *l = *state;
    const struct pack_route routes[] = {{.id = STR("own")}, {.id = STR("far"), .outside = true}};
    pack.route = routes;
    pack.route_count = 2;
    raised(l);
    bad(l, DO(DO_ADMIT), LEAD, "matter.missing.route");
    bad(l, DO(DO_ADMIT, .route = STR("none")), LEAD, "matter.invalid.route");
    bad(l, DO(DO_ADMIT, .route = STR("far")), LEAD, "matter.refused.route_outside");
    good(l, DO(DO_ADMIT, .route = STR("own")), LEAD);
    l->m = (struct matter){0};
    struct matter_command c = town_raise(STR("help"));
    c.body.route = STR("far"); /* the kind starts there */
    good(l, c, town_person());
    good(l, DO(DO_ADMIT, .route = STR("far")), LEAD);
}

/* ---- refusing, asking, answering ---------------------------------------------------------------
 */

static void test_a_refusal_names_its_ground(void **state)
{
    struct life *l = *state;
    static const char *const GROUNDS[] = {"elsewhere", "out_of_time", "final"};
    for (size_t i = 0; i < 3; i++) {
        l->m = (struct matter){0};
        raised(l);
        struct matter_command c =
            DO(DO_REFUSE, .reason = str_of(GROUNDS[i]), .text = STR("See the byelaw."));
        bad(l, c, LEAD, "matter.missing.basis");
        c.body.reason = STR("dull");
        bad(l, c, LEAD, "matter.invalid.reason");
        c.body.reason = str_of(GROUNDS[i]);
        c.body.basis = STR("Town Byelaw 7");
        good(l, c, LEAD);
    }
}

static void test_a_question_waits_at_most_half_a_year(void **state)
{
    struct life *l = *state;
    admitted(l);
    struct matter_command c = DO(DO_ASK, .text = STR("Which lamp?"), .until_day = TOWN_DAY);
    bad(l, c, LEAD, "matter.invalid.until");
    c.body.until_day = TOWN_DAY + 181;
    bad(l, c, LEAD, "matter.invalid.until");
    c.body.until_day = TOWN_DAY + 180;
    good(l, c, LEAD);
    c = DO(DO_SUSPEND, .reason = STR("expert"), .text = STR("Away."), .until_day = TOWN_DAY + 91);
    bad(l, c, LEAD, "matter.invalid.until");
}

static void test_without_a_review_an_answer_names_none(void **state)
{
    struct life *l = *state;
    admitted(l);
    good(l, DO(DO_ASSIGN, .handler = {22}), LEAD);
    struct matter_command c = town_answer();
    c.body.review_where = STR("");
    bad(l, c, town_post(TOWN_BOARD, 22, POST_HANDLER), "matter.missing.review_where");
    pack.review_count = 0;
    good(l, c, town_post(TOWN_BOARD, 22, POST_HANDLER));
}

/* ---- time -------------------------------------------------------------------------------------
 */

static void test_what_the_superior_approves_the_office_does_not(void **state)
{
    struct life *l = *state;
    dues[1].extension.post = STR("superior"); /* town/answer */
    admitted(l);
    struct matter_command c = DO(DO_EXTEND, .amount = 5, .text = STR("The lamp is on order."));
    bad(l, c, town_post(TOWN_BOARD, 22, POST_HANDLER), "matter.refused.approver_lead");
    bad(l, c, LEAD, "matter.refused.approver_superior");
    good(l, c, town_lead(TOWN_HALL, 11));
    l->m = (struct matter){0};
    struct matter_command raise = town_raise(STR("help"));
    raise.body.first.v = TOWN_HALL; /* nobody stands above it */
    good(l, raise, town_person());
    good(l, DO(DO_ADMIT), town_lead(TOWN_HALL, 11));
    good(l, c, town_lead(TOWN_HALL, 11));
}

static void test_a_rule_without_an_approver_is_extended_by_whoever_may(void **state)
{
    struct life *l = *state;
    dues[1].extension.post = STR("");
    admitted(l);
    struct matter_command c = DO(DO_EXTEND, .text = STR("The lamp is on order."));
    bad(l, c, LEAD, "matter.missing.amount");
    c.body.amount = 5;
    c.body.n = 99;
    bad(l, c, LEAD, "matter.missing.due");
    c.body.n = 0;
    good(l, c, LEAD);
}

static void test_at_once_gives_way_to_the_rule_it_names(void **state)
{
    struct life *l = *state;
    struct due_rule *take = &dues[0];
    struct due_rule *later = &dues[pack.due_count++];
    *later = *take;
    later->id = STR("town/later");
    later->start_count = 0;
    later->span = (struct due_span){5, DUE_WORKING_DAY};
    take->span.unit = DUE_AT_ONCE;
    take->otherwise = STR("town/later");
    raised(l);
    assert_non_null(matter_due_find(&l->m, 1));
    check_str(matter_due_find(&l->m, 1)->rule, "town/later");
    l->m = (struct matter){0};
    take->otherwise = STR("town/never"); /* then a house rule keeps it from being owed by nobody */
    raised(l);
    check_str(matter_due_find(&l->m, 1)->rule, "house/attend");
    l->m = (struct matter){0};
    take->otherwise = STR("");
    raised(l);
    check_str(matter_due_find(&l->m, 1)->rule, "town/take");
}

static void test_rules_of_a_second_review_wait(void **state)
{
    struct life *l = *state;
    struct due_rule *more = &dues[pack.due_count];
    for (size_t i = 0; i < 3; i++) {
        more[i] = dues[0];
        more[i].id = str_of(i == 0 ? "town/ask" : i == 1 ? "town/decide" : "town/level");
    }
    more[2].level = 2;
    pack.due_count += 3;
    const struct pack_review levels[] = {
        {.id = STR("review_1"), .ask = &dues[3]},
        {.id = STR("review_2"), .ask = &more[0], .decide = &more[1]}};
    pack.review = levels;
    pack.review_count = 2;
    raised(l);
    assert_int_equal(l->m.due_count, 1);
    check_str(l->m.dues[0].rule, "town/take");
}

static void test_more_dues_than_there_is_room_for_are_refused(void **state)
{
    struct life *l = *state;
    static char names[DUES_MAX][32];
    while (pack.due_count < TOWN_PACK.due_count + MATTER_LIVE_DUES) {
        (void)snprintf(names[pack.due_count], sizeof names[0], "town/%zu", pack.due_count);
        dues[pack.due_count] = dues[0];
        dues[pack.due_count].id = str_of(names[pack.due_count]);
        pack.due_count++;
    }
    bad(l, town_raise(STR("help")), town_person(), "matter.refused.too_many_dues");
}

static void test_a_due_whose_rule_has_gone_is_corrupt(void **state)
{
    struct life *l = *state;
    raised(l);
    pack.due_count = 0;
    struct matter before = l->m;
    assert_int_equal(act(l, DO(DO_ADMIT), LEAD), ERR_CORRUPT);
    assert_memory_equal(&before, &l->m, sizeof(before));
}

static void test_without_a_calendar_house_rules_count_every_day(void **state)
{
    struct life *l = *state;
    struct due_rule rule;
    due_house_rule(HOUSE_ATTEND, &pack, &rule);
    assert_int_equal(rule.span.unit, DUE_WORKING_DAY);
    assert_non_null(rule.calendar);
    pack.calendar_count = 0;
    due_house_rule(HOUSE_ATTEND, &pack, &rule);
    assert_int_equal(rule.span.unit, DUE_CALENDAR_DAY);
    assert_null(rule.calendar);
    check_str(due_house_id(HOUSE_ATTEND), "house/attend");
    assert_int_equal(due_house_id(HOUSE_COUNT).len, 0);
    pack.due_count = 0; /* a pack without any rule of its own */
    raised(l);
    assert_null(matter_broken(&l->m));
}

static void test_a_miss_is_told_only_where_the_rule_says_so(void **state)
{
    struct life *l = *state;
    dues[0].miss = DUE_MISS_NOTICE;
    raised(l);
    l->now_us = town_nine(TOWN_DAY + 7);
    good(l, DO(DO_MISS, .n = 1), town_system());
    assert_int_equal(l->m.escalated, 0);
    l->m = (struct matter){0};
    dues[0].miss = DUE_MISS_ESCALATE;
    dues[0].grace = (struct due_span){2, DUE_CALENDAR_DAY};
    dues[0].span.unit = DUE_CALENDAR_DAY;
    dues[0].calendar = NULL;
    l->now_us = town_nine(TOWN_DAY);
    raised(l);
    l->now_us = town_nine(TOWN_DAY + 3);
    good(l, DO(DO_MISS, .n = 1), town_system());
    const struct matter_due *grace = matter_due_find(&l->m, l->m.dues_started);
    assert_non_null(grace);
    assert_int_equal(grace->unit, DUE_CALENDAR_DAY);
    bad(l, DO(DO_MISS, .n = 1), town_system(), "matter.refused.not_passed");
}

#define LIFE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LIFE(test_a_raise_has_a_title_a_language_a_channel_and_an_office),
        LIFE(test_a_raise_of_every_identity_is_taken),
        LIFE(test_a_kind_without_any_identity_takes_nobody),
        LIFE(test_what_has_a_field_of_its_own_is_not_asked_twice),
        LIFE(test_a_route_is_of_the_pack_and_within_the_office),
        LIFE(test_a_refusal_names_its_ground),
        LIFE(test_a_question_waits_at_most_half_a_year),
        LIFE(test_without_a_review_an_answer_names_none),
        LIFE(test_what_the_superior_approves_the_office_does_not),
        LIFE(test_a_rule_without_an_approver_is_extended_by_whoever_may),
        LIFE(test_at_once_gives_way_to_the_rule_it_names),
        LIFE(test_rules_of_a_second_review_wait),
        LIFE(test_more_dues_than_there_is_room_for_are_refused),
        LIFE(test_a_due_whose_rule_has_gone_is_corrupt),
        LIFE(test_without_a_calendar_house_rules_count_every_day),
        LIFE(test_a_miss_is_told_only_where_the_rule_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
