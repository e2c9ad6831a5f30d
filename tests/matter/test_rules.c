/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The life of a matter, step by step, and what is refused on the way. */
#include "town.h"

#include "base/mem.h"
#include "spine/due_house.h"
#include "tests/check.h"

struct life {
    struct arena a;
    struct matter m;
    int64_t now_us;
    struct err_info info;
    struct matter_event log[400];
    size_t count;
};

static int setup(void **state)
{
    struct life *l = mem_new(sizeof(*l));
    arena_init(&l->a, 64 << 20);
    l->now_us = town_nine(TOWN_DAY);
    *state = l;
    return 0;
}

static int teardown(void **state)
{
    struct life *l = *state;
    if (l->m.seq > 0) {
        assert_null(matter_broken(&l->m));
        town_check_fold(l->log, l->count, &l->m);
    }
    arena_done(&l->a);
    mem_free(l);
    return 0;
}

static enum err act(struct life *l, struct matter_command c, struct matter_actor who)
{
    struct matter_events *events = ARENA_NEW(&l->a, struct matter_events);
    assert_non_null(events);
    l->info = (struct err_info){0};
    enum err e = town_do(&l->m, &c, &who, &l->a, l->now_us, events, &l->info);
    if (e != ERR_OK)
        return e;
    for (size_t i = 0; i < events->count; i++)
        l->log[l->count++] = events->items[i];
    const char *broken = matter_broken(&l->m);
    if (broken != NULL)
        fail_msg("%s", broken);
    return ERR_OK;
}

static void good(struct life *l, struct matter_command c, struct matter_actor who)
{
    if (act(l, c, who) != ERR_OK)
        fail_msg("%s: %s %s (%s)", matter_do_word(c.what).ptr, l->info.key, l->info.arg[0],
                 l->info.detail);
}

static void bad(struct life *l, struct matter_command c, struct matter_actor who, enum err err,
                const char *key)
{
    struct matter before = l->m;
    assert_int_equal(act(l, c, who), err);
    assert_string_equal(l->info.key, key);
    assert_memory_equal(&before, &l->m, sizeof(before));
}

#define DO(verb, ...) ((struct matter_command){.what = (verb), .body = {.at_us = 0, __VA_ARGS__}})

static struct matter_command say(enum matter_do what)
{
    return DO(what, .text = STR("Because of what stands in the file."));
}

static const struct matter_due *due_of(const struct life *l, const char *rule)
{
    for (int32_t i = 0; i < l->m.due_count; i++) {
        if (str_eq_c(l->m.dues[i].rule, rule))
            return &l->m.dues[i];
    }
    return NULL;
}

static int32_t last_day_of(const struct life *l, const char *rule)
{
    const struct matter_due *d = due_of(l, rule);
    assert_non_null(d);
    return d->due.at_day;
}

static bool happened(const struct life *l, enum matter_event_type type)
{
    for (size_t i = 0; i < l->count; i++) {
        if (l->log[i].type == type)
            return true;
    }
    return false;
}

/* The sweep at the end of that day: every due whose instant has passed. */
static void sweep(struct life *l, int32_t after_day)
{
    l->now_us = (after_day + 1) * US_PER_DAY + 1;
    for (int32_t n = 1; n <= l->m.dues_started; n++) {
        const struct matter_due *d = matter_due_find(&l->m, n);
        if (d != NULL && d->due.state == DUE_OPEN && d->due.at_us <= l->now_us)
            good(l, DO(DO_MISS, .n = n), town_system());
    }
}

static void raised(struct life *l, const char *kind)
{
    good(l, town_raise(str_of(kind)), town_person());
}

static void admitted(struct life *l, const char *kind)
{
    raised(l, kind);
    good(l, DO(DO_ADMIT, .text = STR("")), town_lead(TOWN_BOARD, 21));
}

static void answered(struct life *l, const char *kind)
{
    admitted(l, kind);
    good(l, DO(DO_ASSIGN, .handler = {22}), town_lead(TOWN_BOARD, 21));
    good(l, town_answer(), town_post(TOWN_BOARD, 22, POST_HANDLER));
}

static void delivered(struct life *l, const char *kind)
{
    answered(l, kind);
    good(l, DO(DO_DELIVER, .how = STR("page")), town_person());
}

/* ---- the straight way ----------------------------------------------------------------------- */

static void test_received_is_received_and_owed(void **state)
{
    struct life *l = *state;
    raised(l, "help");
    assert_int_equal(l->m.state, MATTER_RECEIVED);
    assert_int_equal(l->m.owner.v, TOWN_BOARD);
    assert_int_equal(l->m.first.v, TOWN_BOARD);
    assert_int_equal(l->m.received_day, TOWN_DAY);
    assert_int_equal(last_day_of(l, "town/take"), TOWN_DAY + 2);
    assert_int_equal(due_of(l, "town/take")->office.v, TOWN_BOARD);
}

static void test_from_raise_to_conclusion(void **state)
{
    struct life *l = *state;
    answered(l, "help");
    assert_int_equal(l->m.state, MATTER_ANSWERED);
    assert_null(due_of(l, "town/answer"));
    assert_non_null(due_of(l, "house/deliver"));
    assert_null(due_of(l, "town/window"));
    l->now_us += US_PER_DAY;
    good(l, DO(DO_DELIVER, .how = STR("page")), town_person());
    assert_int_equal(l->m.delivered_day, TOWN_DAY + 1);
    assert_int_equal(last_day_of(l, "town/window"), TOWN_DAY + 31);
    assert_null(due_of(l, "house/window"));
    good(l, DO(DO_RATE, .stars = 4), town_person());
    bad(l, say(DO_CONCLUDE), town_lead(TOWN_BOARD, 21), ERR_REFUSED, "matter.refused.window_runs");
    assert_string_equal(l->info.arg[0], "2026-04-02");
    sweep(l, TOWN_DAY + 31);
    assert_int_equal(l->m.state, MATTER_CONCLUDED);
    assert_int_equal(l->m.due_count, 0);
}

static void test_solved_ends_it_early(void **state)
{
    struct life *l = *state;
    delivered(l, "help");
    good(l, DO(DO_RATE, .solved = SAID_YES), town_person());
    good(l, DO(DO_CONCLUDE, .reason = STR("settled")), town_lead(TOWN_BOARD, 21));
    assert_int_equal(l->m.state, MATTER_CONCLUDED);
}

static void test_delivery_counts_from_the_day_it_reached_the_person(void **state)
{
    struct life *l = *state;
    answered(l, "help");
    l->now_us += 5 * US_PER_DAY;
    bad(l, DO(DO_DELIVER, .how = STR("letter"), .day = TOWN_DAY - 1), town_lead(TOWN_BOARD, 21),
        ERR_INVALID, "matter.invalid.delivered_day");
    bad(l, DO(DO_DELIVER, .how = STR("letter"), .day = TOWN_DAY + 6), town_lead(TOWN_BOARD, 21),
        ERR_INVALID, "matter.invalid.delivered_day");
    good(l, DO(DO_DELIVER, .how = STR("letter"), .day = TOWN_DAY + 3), town_lead(TOWN_BOARD, 21));
    assert_int_equal(last_day_of(l, "town/window"), TOWN_DAY + 33);
    bad(l, DO(DO_DELIVER, .how = STR("letter")), town_lead(TOWN_BOARD, 21), ERR_REFUSED,
        "matter.refused.delivered");
}

static void test_a_letter_counts_from_the_day_it_came(void **state)
{
    struct life *l = *state;
    struct matter_command c = town_raise(STR("help"));
    c.body.channel = CHANNEL_LETTER;
    c.body.received_day = TOWN_DAY - 3; /* Friday */
    good(l, c, town_post(TOWN_BOARD, 20, POST_DESK));
    assert_int_equal(l->m.received_day, TOWN_DAY - 3);
    assert_int_equal(last_day_of(l, "town/take"), TOWN_DAY + 1);
    assert_int_equal(l->m.entered_us, l->now_us);
}

static void test_other_doors_are_the_persons_limits(void **state)
{
    struct life *l = *state;
    raised(l, "claim");
    assert_int_equal(due_of(l, "town/court")->side, DUE_PERSON);
    assert_int_equal(due_of(l, "town/court")->office.v, 0);
    assert_int_equal(last_day_of(l, "town/court"), TOWN_DAY + 61); /* 2 May */
}

/* ---- what a raise must have ------------------------------------------------------------------ */

static void test_a_raise_says_what_is_wrong_with_it(void **state)
{
    struct life *l = *state;
    struct matter_command c = town_raise(STR("weather"));
    bad(l, c, town_person(), ERR_INVALID, "matter.invalid.kind");
    c = town_raise(STR("help"));
    c.body.text = STR(" \n ");
    bad(l, c, town_person(), ERR_INVALID, "matter.missing.text");
    assert_string_equal(l->info.arg[0], "text");
    c = town_raise(STR("help"));
    c.body.identity = IDENTITY_NONE;
    bad(l, c, town_person(), ERR_INVALID, "matter.invalid.identity");
    c = town_raise(STR("report"));
    c.body.identity = IDENTITY_KNOWN;
    bad(l, c, town_person(), ERR_REFUSED, "matter.refused.identity");
    c = town_raise(STR("help"));
    c.body.received_day = TOWN_DAY + 1;
    bad(l, c, town_person(), ERR_INVALID, "matter.invalid.future");
    c = town_raise(STR("help"));
    c.body.text = STR("My number is 11010519491231002X, call me.");
    bad(l, c, town_person(), ERR_INVALID, "matter.invalid.identity_number");
    c = town_raise(STR("claim"));
    c.body.answers = STR("{}");
    bad(l, c, town_person(), ERR_INVALID, "matter.missing.answer");
    assert_string_equal(l->info.arg[1], "Which lamp?");
    c.body.answers = STR("{\"thing\":\"x\",\"who\":\"y\"}");
    bad(l, c, town_person(), ERR_INVALID, "matter.invalid.answers");
    c.body.answers = STR("{\"thing\":[1]}");
    bad(l, c, town_person(), ERR_INVALID, "matter.invalid.answers");
}

static void test_a_report_is_sealed(void **state)
{
    struct life *l = *state;
    raised(l, "report");
    assert_int_equal(l->m.content, CONTENT_SEALED);
}

/* ---- first contact, offers, objections ------------------------------------------------------- */

static void test_first_contact_stays_answerable_until_another_admits(void **state)
{
    struct life *l = *state;
    raised(l, "help");
    good(l, DO(DO_ROUTE, .to = {TOWN_WORKS}), town_post(TOWN_BOARD, 20, POST_DESK));
    assert_int_equal(l->m.state, MATTER_ROUTED);
    assert_int_equal(l->m.owner.v, TOWN_BOARD);
    assert_int_equal(due_of(l, "town/take")->office.v, TOWN_BOARD);
    assert_int_equal(due_of(l, "house/object")->office.v, TOWN_WORKS);
    bad(l, DO(DO_ADMIT), town_lead(TOWN_BOARD, 21), ERR_REFUSED, "matter.refused.not_offered_here");
    good(l, DO(DO_ADMIT), town_lead(TOWN_WORKS, 31));
    assert_int_equal(l->m.owner.v, TOWN_WORKS);
    assert_int_equal(l->m.first.v, TOWN_BOARD);
    assert_int_equal(due_of(l, "town/answer")->office.v, TOWN_WORKS);
    assert_null(due_of(l, "house/object"));
    assert_null(due_of(l, "town/take"));
}

static void test_silence_takes_an_offer(void **state)
{
    struct life *l = *state;
    raised(l, "help");
    good(l, DO(DO_ROUTE, .to = {TOWN_WORKS}), town_lead(TOWN_BOARD, 21));
    assert_int_equal(last_day_of(l, "house/object"), TOWN_DAY + 7);
    sweep(l, TOWN_DAY + 7);
    assert_int_equal(l->m.state, MATTER_ADMITTED);
    assert_int_equal(l->m.owner.v, TOWN_WORKS);
}

static void test_an_objection_is_answered_by_the_sender(void **state)
{
    struct life *l = *state;
    raised(l, "help");
    good(l, DO(DO_ROUTE, .to = {TOWN_WORKS}), town_lead(TOWN_BOARD, 21));
    bad(l, say(DO_OBJECT), town_lead(TOWN_SCHOOL, 41), ERR_REFUSED,
        "matter.refused.not_offered_here");
    bad(l, DO(DO_OBJECT, .text = STR("")), town_lead(TOWN_WORKS, 31), ERR_INVALID,
        "matter.missing.text");
    bad(l, say(DO_CONFIRM), town_lead(TOWN_BOARD, 21), ERR_REFUSED, "matter.refused.no_objection");
    good(l, say(DO_OBJECT), town_lead(TOWN_WORKS, 31));
    assert_true(l->m.objected);
    assert_int_equal(due_of(l, "house/settle")->office.v, TOWN_BOARD);
    assert_null(due_of(l, "house/object"));
    bad(l, say(DO_CONFIRM), town_lead(TOWN_WORKS, 31), ERR_REFUSED, "matter.refused.not_sender");
    good(l, say(DO_CONFIRM), town_lead(TOWN_BOARD, 21));
    bad(l, say(DO_OBJECT), town_lead(TOWN_WORKS, 31), ERR_REFUSED, "matter.refused.confirmed");
    assert_int_equal(last_day_of(l, "house/take"), TOWN_DAY + 2);
    sweep(l, TOWN_DAY + 2);
    assert_int_equal(l->m.owner.v, TOWN_WORKS);
    assert_int_equal(l->m.state, MATTER_ADMITTED);
}

static void test_a_taken_back_offer_is_first_contacts_again(void **state)
{
    struct life *l = *state;
    raised(l, "help");
    good(l, DO(DO_ROUTE, .to = {TOWN_WORKS}), town_lead(TOWN_BOARD, 21));
    good(l, say(DO_OBJECT), town_lead(TOWN_WORKS, 31));
    good(l, DO(DO_TAKE_BACK), town_lead(TOWN_BOARD, 21));
    assert_int_equal(l->m.state, MATTER_RECEIVED);
    assert_int_equal(l->m.offered.v, 0);
    assert_null(due_of(l, "house/settle"));
    assert_null(due_of(l, "house/object"));
    bad(l, DO(DO_ROUTE, .to = {TOWN_BOARD}), town_lead(TOWN_BOARD, 21), ERR_REFUSED,
        "matter.refused.to_itself");
    good(l, DO(DO_ROUTE, .to = {TOWN_SCHOOL}), town_lead(TOWN_BOARD, 21));
}

/* ---- refusing -------------------------------------------------------------------------------- */

static void test_already_in_hand_needs_the_other_reference(void **state)
{
    struct life *l = *state;
    raised(l, "help");
    bad(l, DO(DO_REFUSE, .reason = STR("in_hand"), .text = STR("Seen before.")),
        town_lead(TOWN_BOARD, 21), ERR_INVALID, "matter.missing.ref");
    bad(l, DO(DO_REFUSE, .reason = STR("busy"), .text = STR("No time.")), town_lead(TOWN_BOARD, 21),
        ERR_INVALID, "matter.invalid.reason");
    bad(l, DO(DO_REFUSE, .reason = STR("elsewhere"), .text = STR("Go to court.")),
        town_lead(TOWN_BOARD, 21), ERR_INVALID, "matter.missing.basis");
    good(l,
         DO(DO_REFUSE, .reason = STR("in_hand"), .ref = STR("K7Q2-9F4M"),
            .text = STR("The same stairs.")),
         town_lead(TOWN_BOARD, 21));
    assert_int_equal(l->m.state, MATTER_REFUSED);
    assert_null(due_of(l, "town/take"));
}

static void test_not_the_same_is_decided_by_other_eyes_in_three_days(void **state)
{
    struct life *l = *state;
    test_already_in_hand_needs_the_other_reference(state);
    good(l, say(DO_CONTEST), town_person());
    assert_int_equal(l->m.state, MATTER_RECEIVED);
    assert_int_equal(last_day_of(l, "house/contest"), TOWN_DAY + 3);
    bad(l, DO(DO_ADMIT), town_lead(TOWN_BOARD, 21), ERR_REFUSED, "matter.refused.same_officer");
    bad(l, DO(DO_ROUTE, .to = {TOWN_WORKS}), town_lead(TOWN_BOARD, 29), ERR_REFUSED,
        "matter.refused.contest_runs");
    good(l,
         DO(DO_REFUSE, .reason = STR("in_hand"), .found = STR("Same lamp, same day."),
            .text = STR("Looked at by another officer.")),
         town_lead(TOWN_BOARD, 29));
    bad(l, say(DO_CONTEST), town_person(), ERR_REFUSED, "matter.refused.contested_before");
}

static void test_a_contest_won_is_admitted(void **state)
{
    struct life *l = *state;
    test_already_in_hand_needs_the_other_reference(state);
    good(l, say(DO_CONTEST), town_person());
    good(l, DO(DO_ADMIT), town_lead(TOWN_BOARD, 29));
    assert_int_equal(l->m.state, MATTER_ADMITTED);
    assert_null(due_of(l, "house/contest"));
}

static void test_only_in_hand_can_be_contested(void **state)
{
    struct life *l = *state;
    raised(l, "help");
    bad(l, say(DO_MISDIRECT), town_lead(TOWN_BOARD, 21), ERR_INVALID, "matter.missing.whose");
    good(l, DO(DO_MISDIRECT, .whose = STR("The county"), .text = STR("A county road.")),
         town_lead(TOWN_BOARD, 21));
    assert_int_equal(l->m.state, MATTER_REFUSED);
    bad(l, say(DO_CONTEST), town_person(), ERR_REFUSED, "matter.refused.not_in_hand");
}

/* ---- limits ---------------------------------------------------------------------------------- */

static void test_an_extension_needs_the_lead_and_a_reason(void **state)
{
    struct life *l = *state;
    admitted(l, "help");
    struct matter_command c = DO(DO_EXTEND, .amount = 5, .text = STR("The lamp is made to order."));
    bad(l, c, town_post(TOWN_BOARD, 22, POST_HANDLER), ERR_REFUSED, "matter.refused.approver_lead");
    c.body.text = STR("");
    bad(l, c, town_lead(TOWN_BOARD, 21), ERR_INVALID, "matter.missing.text");
    c.body.text = STR("The lamp is made to order.");
    assert_int_equal(last_day_of(l, "town/answer"), TOWN_DAY + 14);
    good(l, c, town_lead(TOWN_BOARD, 21));
    assert_int_equal(last_day_of(l, "town/answer"), TOWN_DAY + 21);
    assert_int_equal(act(l, c, town_lead(TOWN_BOARD, 21)), ERR_REFUSED);
}

static void test_where_the_law_knows_no_extension_it_is_refused(void **state)
{
    struct life *l = *state;
    admitted(l, "claim");
    struct matter_command c = DO(DO_EXTEND, .amount = 5, .text = STR("It is hard."));
    assert_int_equal(act(l, c, town_lead(TOWN_BOARD, 21)), ERR_REFUSED);
    assert_true(strncmp(l->info.key, "due.", 4) == 0);
    assert_int_equal(last_day_of(l, "town/claim"), TOWN_DAY + 30);
}

static void test_a_limit_stands_still_for_a_reason_of_its_rule(void **state)
{
    struct life *l = *state;
    admitted(l, "help");
    struct matter_command c = DO(DO_SUSPEND, .reason = STR("holiday"), .until_day = TOWN_DAY + 7,
                                 .text = STR("We are away."));
    assert_int_equal(act(l, c, town_lead(TOWN_BOARD, 21)), ERR_REFUSED);
    c.body.reason = STR("expert");
    c.body.until_day = TOWN_DAY;
    bad(l, c, town_lead(TOWN_BOARD, 21), ERR_INVALID, "matter.invalid.until");
    c.body.until_day = TOWN_DAY + 7;
    good(l, c, town_lead(TOWN_BOARD, 21));
    assert_int_equal(due_of(l, "town/answer")->due.state, DUE_SUSPENDED);
    l->now_us += 7 * US_PER_DAY;
    good(l, DO(DO_RESUME), town_system());
    assert_int_equal(due_of(l, "town/answer")->due.state, DUE_OPEN);
    assert_int_equal(last_day_of(l, "town/answer"), TOWN_DAY + 21);
}

static void test_a_missed_limit_goes_up_after_its_grace(void **state)
{
    struct life *l = *state;
    raised(l, "help");
    bad(l, DO(DO_PUSH), town_person(), ERR_REFUSED, "matter.refused.push_early");
    sweep(l, TOWN_DAY + 2);
    assert_int_equal(due_of(l, "town/take")->due.state, DUE_MISSED);
    assert_int_equal(last_day_of(l, "house/grace"), TOWN_DAY + 4);
    assert_int_equal(l->m.owner.v, TOWN_BOARD);
    sweep(l, TOWN_DAY + 4);
    assert_int_equal(l->m.owner.v, TOWN_HALL);
    assert_int_equal(l->m.escalated, 1);
    assert_int_equal(due_of(l, "town/take")->office.v, TOWN_HALL);
    assert_non_null(due_of(l, "house/attend"));
    good(l, DO(DO_ADMIT), town_lead(TOWN_HALL, 11));
    assert_null(due_of(l, "town/take"));
}

static void test_a_push_after_a_miss_goes_up_at_once(void **state)
{
    struct life *l = *state;
    raised(l, "help");
    sweep(l, TOWN_DAY + 2);
    good(l, DO(DO_PUSH), town_person());
    assert_int_equal(l->m.owner.v, TOWN_HALL);
    bad(l, DO(DO_PUSH), town_person(), ERR_REFUSED, "matter.refused.pushed_today");
}

static void test_danger_may_be_pushed_at_once(void **state)
{
    struct life *l = *state;
    raised(l, "help");
    good(l, DO(DO_PUSH, .danger = true, .text = STR("A child fell.")), town_person());
    assert_int_equal(l->m.escalated, 1);
}

static void test_an_instant_passes_once(void **state)
{
    struct life *l = *state;
    raised(l, "help");
    bad(l, DO(DO_MISS, .n = 1), town_system(), ERR_CONFLICT, "matter.refused.not_passed");
    sweep(l, TOWN_DAY + 2);
    bad(l, DO(DO_MISS, .n = 1), town_system(), ERR_CONFLICT, "matter.refused.not_passed");
    bad(l, DO(DO_MISS, .n = 2), town_person(), ERR_REFUSED, "matter.refused.not_you");
}

/* ---- the answer ------------------------------------------------------------------------------ */

static void test_an_answer_has_all_its_parts(void **state)
{
    struct life *l = *state;
    admitted(l, "help");
    struct matter_actor who = town_lead(TOWN_BOARD, 21);
    struct matter_command c = town_answer();
    c.body.asked = STR("");
    bad(l, c, who, ERR_INVALID, "matter.missing.asked");
    c = town_answer();
    c.body.found = STR("");
    bad(l, c, who, ERR_INVALID, "matter.missing.found");
    c = town_answer();
    c.body.outcome = OUTCOME_NONE;
    bad(l, c, who, ERR_INVALID, "matter.missing.outcome");
    c = town_answer();
    c.body.basis = STR("");
    bad(l, c, who, ERR_INVALID, "matter.missing.basis");
    c = town_answer();
    c.body.remedy = STR("");
    bad(l, c, who, ERR_INVALID, "matter.missing.remedy");
    c = town_answer();
    c.body.remedy_day = 0;
    bad(l, c, who, ERR_INVALID, "matter.missing.remedy_day");
    c = town_answer();
    c.body.review_where = STR("");
    bad(l, c, who, ERR_INVALID, "matter.missing.review_where");
    c = town_answer();
    c.body.outcome = OUTCOME_NOT_SUPPORTED;
    c.body.remedy = STR("");
    c.body.remedy_day = 0;
    good(l, c, who);
    assert_int_equal(l->m.outcome, OUTCOME_NOT_SUPPORTED);
}

static void test_not_solved_opens_it_again(void **state)
{
    struct life *l = *state;
    delivered(l, "help");
    bad(l, DO(DO_NOT_SOLVED), town_person(), ERR_INVALID, "matter.missing.text");
    good(l, say(DO_NOT_SOLVED), town_person());
    assert_int_equal(l->m.state, MATTER_HANDLING);
    assert_int_equal(l->m.solved, SAID_NO);
    assert_null(due_of(l, "town/window"));
    assert_non_null(due_of(l, "town/answer"));
    good(l, town_answer(), town_post(TOWN_BOARD, 22, POST_HANDLER));
    assert_int_equal(l->m.answers, 2);
    assert_int_equal(l->m.solved, UNSAID);
}

static void test_an_answer_nobody_fetches_ends_truthfully(void **state)
{
    struct life *l = *state;
    answered(l, "help");
    bad(l, say(DO_CONCLUDE), town_lead(TOWN_BOARD, 21), ERR_REFUSED,
        "matter.refused.not_delivered");
    sweep(l, last_day_of(l, "house/deliver"));
    assert_int_equal(l->m.state, MATTER_ANSWERED);
    sweep(l, last_day_of(l, "house/window"));
    assert_int_equal(l->m.state, MATTER_CONCLUDED);
    check_str(l->log[l->count - 1].body.reason.len > 0 ? l->log[l->count - 1].body.reason
                                                       : l->log[l->count - 2].body.reason,
              "not_reached");
}

/* ---- withdrawing, whose turn, races ---------------------------------------------------------- */

static void test_withdrawing_asks_whether_anyone_asked_for_it(void **state)
{
    struct life *l = *state;
    raised(l, "claim");
    bad(l, DO(DO_WITHDRAW), town_person(), ERR_INVALID, "matter.missing.pressed");
    bad(l, DO(DO_WITHDRAW, .pressed = SAID_NO), town_lead(TOWN_BOARD, 21), ERR_REFUSED,
        "matter.refused.not_you");
    good(l, DO(DO_WITHDRAW, .pressed = SAID_YES), town_person());
    assert_int_equal(l->m.state, MATTER_WITHDRAWN);
    assert_int_equal(l->m.due_count, 0);
    bad(l, say(DO_ADD), town_person(), ERR_REFUSED, "matter.refused.state");
    assert_string_equal(l->info.arg[0], "withdrawn");
}

static void test_who_may_not(void **state)
{
    struct life *l = *state;
    raised(l, "help");
    struct matter_actor stranger = town_lead(TOWN_WORKS, 31);
    stranger.verbs = 0;
    struct err_info info = {0};
    struct matter_command c = say(DO_NOTE);
    struct matter m = l->m;
    assert_int_equal(town_do(&m, &c, &stranger, &l->a, l->now_us, NULL, &info), ERR_NOT_FOUND);
    bad(l, DO(DO_ADMIT), town_post(TOWN_BOARD, 20, POST_DESK), ERR_REFUSED,
        "matter.refused.not_your_post");
    bad(l, DO(DO_ADMIT), town_lead(TOWN_WORKS, 31), ERR_REFUSED, "matter.refused.not_owner");
    bad(l, DO(DO_ANSWER), town_lead(TOWN_BOARD, 21), ERR_REFUSED, "matter.refused.state");
    assert_string_equal(l->info.arg[0], "received");
}

static void test_what_somebody_changed_meanwhile_is_a_conflict(void **state)
{
    struct life *l = *state;
    raised(l, "help");
    int64_t seen = l->m.seq;
    struct matter_command c = DO(DO_ADMIT);
    c.expect_seq = seen;
    good(l, c, town_lead(TOWN_BOARD, 21));
    c = DO(DO_ASSIGN, .handler = {22});
    c.expect_seq = seen;
    bad(l, c, town_lead(TOWN_BOARD, 29), ERR_CONFLICT, "matter.refused.moved_on");
}

static void test_buttons_say_what_deciding_says(void **state)
{
    struct life *l = *state;
    raised(l, "help");
    struct matter_env env = town_env(&l->a, l->now_us, &l->m);
    struct matter_actor lead = town_lead(TOWN_BOARD, 21);
    struct matter_actor works = town_lead(TOWN_WORKS, 31);
    struct matter_actor person = town_person();
    assert_true(matter_may(&l->m, DO_ADMIT, &lead, &env));
    assert_true(matter_may(&l->m, DO_ROUTE, &lead, &env));
    assert_false(matter_may(&l->m, DO_ANSWER, &lead, &env));
    assert_false(matter_may(&l->m, DO_ADMIT, &works, &env));
    assert_true(matter_may(&l->m, DO_WITHDRAW, &person, &env));
    assert_false(matter_may(&l->m, DO_PUSH, &person, &env));
    assert_false(matter_may(&l->m, DO_ADMIT, &person, &env));
}

/* ---- taken over ------------------------------------------------------------------------------ */

static void test_taken_over_already_ended_starts_nothing(void **state)
{
    struct life *l = *state;
    struct matter_command c = town_raise(STR("help"));
    c.what = DO_ENTER;
    c.body.source = STR("import");
    c.body.channel = CHANNEL_IMPORT;
    c.body.received_day = TOWN_DAY - 900;
    c.body.found = STR("The lamp was changed.");
    c.body.day = TOWN_DAY - 880;
    bad(l, c, town_person(), ERR_REFUSED, "matter.refused.not_you");
    good(l, c, town_system());
    assert_int_equal(l->m.state, MATTER_CONCLUDED);
    assert_int_equal(l->m.answers, 1);
    assert_int_equal(l->m.dues_started, 0);
    assert_int_equal(l->count, 5);
}

static void test_taken_over_open_counts_from_the_day_it_came(void **state)
{
    struct life *l = *state;
    struct matter_command c = town_raise(STR("help"));
    c.body.source = STR("import");
    c.body.channel = CHANNEL_IMPORT;
    c.body.received_day = TOWN_DAY - 28;
    good(l, c, town_system());
    assert_int_equal(due_of(l, "town/take")->due.state, DUE_MISSED);
    assert_null(due_of(l, "house/grace"));
    assert_false(happened(l, EV_ESCALATED));
    assert_non_null(due_of(l, "house/attend"));
}

#define LIFE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

static const struct CMUnitTest TESTS[] = {
    LIFE(test_received_is_received_and_owed),
    LIFE(test_from_raise_to_conclusion),
    LIFE(test_solved_ends_it_early),
    LIFE(test_delivery_counts_from_the_day_it_reached_the_person),
    LIFE(test_a_letter_counts_from_the_day_it_came),
    LIFE(test_other_doors_are_the_persons_limits),
    LIFE(test_a_raise_says_what_is_wrong_with_it),
    LIFE(test_a_report_is_sealed),
    LIFE(test_first_contact_stays_answerable_until_another_admits),
    LIFE(test_silence_takes_an_offer),
    LIFE(test_an_objection_is_answered_by_the_sender),
    LIFE(test_a_taken_back_offer_is_first_contacts_again),
    LIFE(test_already_in_hand_needs_the_other_reference),
    LIFE(test_not_the_same_is_decided_by_other_eyes_in_three_days),
    LIFE(test_a_contest_won_is_admitted),
    LIFE(test_only_in_hand_can_be_contested),
    LIFE(test_an_extension_needs_the_lead_and_a_reason),
    LIFE(test_where_the_law_knows_no_extension_it_is_refused),
    LIFE(test_a_limit_stands_still_for_a_reason_of_its_rule),
    LIFE(test_a_missed_limit_goes_up_after_its_grace),
    LIFE(test_a_push_after_a_miss_goes_up_at_once),
    LIFE(test_danger_may_be_pushed_at_once),
    LIFE(test_an_instant_passes_once),
    LIFE(test_an_answer_has_all_its_parts),
    LIFE(test_not_solved_opens_it_again),
    LIFE(test_an_answer_nobody_fetches_ends_truthfully),
    LIFE(test_withdrawing_asks_whether_anyone_asked_for_it),
    LIFE(test_who_may_not),
    LIFE(test_what_somebody_changed_meanwhile_is_a_conflict),
    LIFE(test_buttons_say_what_deciding_says),
    LIFE(test_taken_over_already_ended_starts_nothing),
    LIFE(test_taken_over_open_counts_from_the_day_it_came),
};

CHECK_MAIN(TESTS)
