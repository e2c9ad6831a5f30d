/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What the law of each shipped pack says, step by step: which limit runs from when to when, what
 * may be extended, by how much and by whom, and what is refused naming the law.
 */
#include "town.h"

#include "base/mem.h"
#include "lib/text/zone.h"
#include "tests/check.h"
#include "tests/spine/packs.h"

struct life {
    struct arena a;
    const struct pack *pack;
    struct matter m;
    int64_t now_us;
    struct err_info info;
};

static void begin(struct life *l, const char *pack, const char *day)
{
    *l = (struct life){.pack = packs_load(pack)};
    town_use(l->pack, zone_find(l->pack->zone));
    arena_init(&l->a, 64 << 20);
    l->now_us = town_nine(packs_day(day));
}

static void end(struct life *l)
{
    assert_null(matter_broken(&l->m));
    arena_done(&l->a);
    pack_free(l->pack);
}

static void on(struct life *l, const char *day)
{
    l->now_us = town_nine(packs_day(day));
}

static enum err act(struct life *l, struct matter_command c, struct matter_actor who)
{
    l->info = (struct err_info){0};
    return town_do(&l->m, &c, &who, &l->a, l->now_us, NULL, &l->info);
}

static void good(struct life *l, struct matter_command c, struct matter_actor who)
{
    if (act(l, c, who) != ERR_OK)
        fail_msg("%s %s (%s)", l->info.key, l->info.arg[0], l->info.detail);
}

static void bad(struct life *l, struct matter_command c, struct matter_actor who, const char *key)
{
    assert_int_not_equal(act(l, c, who), ERR_OK);
    assert_string_equal(l->info.key, key);
}

#define DO(verb, ...) ((struct matter_command){.what = (verb), .body = {.at_us = 0, __VA_ARGS__}})

static const struct matter_due *due_of(const struct life *l, const char *rule)
{
    for (int32_t i = 0; i < l->m.due_count; i++) {
        if (str_eq_c(l->m.dues[i].rule, rule))
            return &l->m.dues[i];
    }
    return NULL;
}

static void ends(const struct life *l, const char *rule, const char *day)
{
    const struct matter_due *d = due_of(l, rule);
    assert_non_null(d);
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 32);
    day_format(d->due.at_day, &b);
    check_str(buf_view(&b), day);
}

static void raised(struct life *l, const char *kind)
{
    struct matter_command c = town_raise(str_of(kind));
    c.body.answers = STR("");
    c.body.lang = STR("zh-CN");
    good(l, c, town_person());
}

static struct matter_actor lead(void)
{
    return town_lead(TOWN_BOARD, 21);
}

/* ---- 信访工作条例 (2022) --------------------------------------------------------------------- */

static void test_cn_fifteen_days_to_tell_five_to_object(void **state)
{
    (void)state;
    struct life l;
    begin(&l, "cn-petition", "2026-03-02");
    raised(&l, "claim");
    ends(&l, "cn-petition/tell", "2026-03-17");              /* art. 22, 23 */
    ends(&l, "cn-petition/door-admin-review", "2026-05-06"); /* the person's own limit elsewhere */
    assert_int_equal(due_of(&l, "cn-petition/door-admin-review")->side, DUE_PERSON);
    assert_null(due_of(&l, "cn-petition/simple-admit"));
    assert_null(due_of(&l, "cn-petition/decide"));
    good(&l, DO(DO_ROUTE, .to = {TOWN_WORKS}), lead());
    ends(&l, "cn-petition/object", "2026-03-09");         /* art. 23: five working days */
    ends(&l, "cn-petition/tell-forwarded", "2026-03-17"); /* of the office that got it */
    assert_int_equal(due_of(&l, "cn-petition/tell-forwarded")->office.v, TOWN_WORKS);
    assert_null(due_of(&l, "house/object"));
    end(&l);
}

static void test_cn_sixty_days_only_on_route_six(void **state)
{
    (void)state;
    struct life l;
    begin(&l, "cn-petition", "2026-03-02");
    raised(&l, "claim");
    bad(&l, DO(DO_ADMIT, .text = STR("")), lead(), "matter.missing.route");
    bad(&l, DO(DO_ADMIT, .route = STR("judicial")), lead(), "matter.refused.route_outside");
    struct matter open = l.m;
    good(&l, DO(DO_ADMIT, .route = STR("duty")), lead());
    assert_null(due_of(&l, "cn-petition/decide"));
    assert_non_null(due_of(&l, "house/attend")); /* the law sets none: ours runs */
    l.m = open;
    good(&l, DO(DO_ADMIT, .route = STR("petition")), lead());
    ends(&l, "cn-petition/decide", "2026-05-06"); /* art. 34: sixty days, which end on a holiday */
    assert_null(due_of(&l, "cn-petition/tell"));
    end(&l);
}

static void test_cn_thirty_more_once_by_the_head_with_reasons_told(void **state)
{
    (void)state;
    struct life l;
    begin(&l, "cn-petition", "2026-03-02");
    raised(&l, "claim");
    good(&l, DO(DO_ADMIT, .route = STR("petition")), lead());
    struct matter_command c = DO(DO_EXTEND, .amount = 31, .text = STR("情况复杂。"));
    bad(&l, c, town_post(TOWN_BOARD, 22, POST_HANDLER), "matter.refused.approver_lead");
    assert_int_equal(act(&l, c, lead()), ERR_REFUSED);
    c.body.amount = 30;
    c.body.text = STR("");
    bad(&l, c, lead(), "matter.missing.text");
    c.body.text = STR("情况复杂。");
    good(&l, c, lead());
    ends(&l, "cn-petition/decide", "2026-06-01"); /* the ninetieth day is a Sunday */
    assert_int_equal(act(&l, c, lead()), ERR_REFUSED);
    end(&l);
}

static void test_cn_simple_handling_knows_no_extension(void **state)
{
    (void)state;
    struct life l;
    begin(&l, "cn-petition", "2026-04-01");
    raised(&l, "claim");
    good(&l, DO(DO_ADMIT, .route = STR("simple")), lead());
    ends(&l, "cn-petition/simple-decide", "2026-04-16"); /* over Qingming, the 6th is off */
    struct matter_command c = DO(DO_EXTEND, .amount = 1, .text = STR("情况复杂。"));
    assert_int_equal(act(&l, c, lead()), ERR_REFUSED);
    assert_true(strncmp(l.info.key, "due.", 4) == 0);
    end(&l);
}

static void test_cn_thirty_days_to_ask_for_review_from_delivery(void **state)
{
    (void)state;
    struct life l;
    begin(&l, "cn-petition", "2026-03-02");
    raised(&l, "claim");
    good(&l, DO(DO_ADMIT, .route = STR("petition")), lead());
    struct matter_command c = town_answer();
    c.body.review_where = STR("");
    bad(&l, c, lead(), "matter.missing.review_where");
    good(&l, town_answer(), lead());
    assert_null(due_of(&l, "cn-petition/ask-review-1"));
    on(&l, "2026-03-20");
    good(&l, DO(DO_DELIVER, .how = STR("letter"), .day = packs_day("2026-03-18")), lead());
    ends(&l, "cn-petition/ask-review-1", "2026-04-17"); /* art. 35 */
    assert_null(due_of(&l, "cn-petition/ask-review-2"));
    assert_null(due_of(&l, "house/window"));
    end(&l);
}

/* ---- LGSCO Complaint Handling Code ------------------------------------------------------------
 */

static void test_uk_five_and_ten_working_days_over_easter(void **state)
{
    (void)state;
    struct life l;
    begin(&l, "uk-council", "2026-03-30");
    raised(&l, "complaint");
    ends(&l, "uk-council/ack-1", "2026-04-08");
    on(&l, "2026-04-01");
    good(&l, DO(DO_ADMIT, .route = STR("complaint")), lead());
    assert_null(due_of(&l, "uk-council/ack-1"));
    ends(&l, "uk-council/respond-1", "2026-04-17");
    struct matter_command c = DO(DO_EXTEND, .amount = 11, .text = STR("Good reason."));
    assert_int_equal(act(&l, c, lead()), ERR_REFUSED);
    c.body.amount = 10;
    good(&l, c, lead());
    ends(&l, "uk-council/respond-1", "2026-05-01");
    end(&l);
}

/* ---- the plain example -------------------------------------------------------------------------
 */

static void test_plain_two_to_acknowledge_ten_to_answer(void **state)
{
    (void)state;
    struct life l;
    begin(&l, "plain", "2026-03-02");
    raised(&l, "help");
    ends(&l, "plain/acknowledge", "2026-03-04");
    good(&l, DO(DO_ADMIT, .text = STR("")), lead());
    ends(&l, "plain/answer", "2026-03-16");
    struct matter_command c =
        DO(DO_SUSPEND, .reason = STR("awaiting_person"), .until_day = packs_day("2026-03-12"),
           .text = STR("Which lamp is it?"));
    good(&l, c, lead());
    on(&l, "2026-03-09");
    good(&l, DO(DO_RESUME, .text = STR("She told us.")), lead());
    ends(&l, "plain/answer", "2026-03-23"); /* five working days stood still */
    good(&l, town_answer(), lead());
    good(&l, DO(DO_DELIVER, .how = STR("page")), town_person());
    ends(&l, "plain/ask-review", "2026-04-08");
    end(&l);
}

static const struct CMUnitTest TESTS[] = {
    cmocka_unit_test(test_cn_fifteen_days_to_tell_five_to_object),
    cmocka_unit_test(test_cn_sixty_days_only_on_route_six),
    cmocka_unit_test(test_cn_thirty_more_once_by_the_head_with_reasons_told),
    cmocka_unit_test(test_cn_simple_handling_knows_no_extension),
    cmocka_unit_test(test_cn_thirty_days_to_ask_for_review_from_delivery),
    cmocka_unit_test(test_uk_five_and_ten_working_days_over_easter),
    cmocka_unit_test(test_plain_two_to_acknowledge_ten_to_answer),
};

CHECK_MAIN(TESTS)
