/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Words, payloads and folds: what is written is read again, and what cannot have been is refused.
 */
#include "matter/matter.h"

#include "base/mem.h"
#include "tests/check.h"

/* ---- words -------------------------------------------------------------------------------------
 */

/* Every value of an enum by its word and back; one past the end and a strange word are none. The
 * name of a type takes no parentheses: NOLINTBEGIN(bugprone-macro-parentheses) */
#define CHECK_WORDS(type, count, word, of_word)                                                    \
    do {                                                                                           \
        enum type back = (enum type)0;                                                             \
        for (int i = 1; i < (int)(count); i++) {                                                   \
            if (word((enum type)i).len == 0)                                                       \
                continue;                                                                          \
            assert_true(of_word(word((enum type)i), &back));                                       \
            assert_int_equal(back, i);                                                             \
        }                                                                                          \
        assert_int_equal(word((enum type)0).len, 0);                                               \
        assert_int_equal(word((enum type)(count)).len, 0);                                         \
        assert_false(of_word(STR("nonsense"), &back));                                             \
        assert_false(of_word(STR(""), &back));                                                     \
    } while (0)
/* NOLINTEND(bugprone-macro-parentheses) */

static void test_every_word_is_read_as_it_is_written(void **state)
{
    (void)state;
    CHECK_WORDS(matter_state, MATTER_STATE_COUNT, matter_state_word, matter_state_of_word);
    CHECK_WORDS(matter_channel, CHANNEL_COUNT, matter_channel_word, matter_channel_of_word);
    CHECK_WORDS(matter_identity, IDENTITY_COUNT, matter_identity_word, matter_identity_of_word);
    CHECK_WORDS(matter_outcome, OUTCOME_COUNT, matter_outcome_word, matter_outcome_of_word);
    CHECK_WORDS(yes_no, YES_NO_COUNT, matter_yes_no_word, matter_yes_no_of_word);
    CHECK_WORDS(content, CONTENT_SEALED + 1, matter_content_word, matter_content_of_word);
    CHECK_WORDS(matter_do, DO_COUNT, matter_do_word, matter_do_of_word);
    CHECK_WORDS(matter_event_type, EV_COUNT, matter_event_name, matter_event_of_name);
    assert_false(matter_event_is_shown(EV_COUNT));
    assert_false(matter_event_is_shown(EV_NONE));
    assert_int_equal(matter_side_word((enum due_side)(DUE_PERSON + 1)).len, 0);
    assert_int_equal(matter_unit_word((enum due_unit)(DUE_MONTH + 1)).len, 0);
}

/* ---- payloads ----------------------------------------------------------------------------------
 */

static enum err read_body(struct str payload, struct matter_body *ret_body)
{
    static struct arena a;
    arena_done(&a);
    arena_init(&a, 1 << 20);
    struct err_info info;
    return matter_body_read(&a, payload, ret_body, &info);
}

static void test_a_body_says_what_it_said(void **state)
{
    (void)state;
    const struct matter_body said = {.at_us = 1,
                                     .by = {2},
                                     .kind = STR("help"),
                                     .text = STR("one\ntwo"),
                                     .answers = STR("{\"what\":\"a\"}"),
                                     .channel = CHANNEL_BOX,
                                     .identity = IDENTITY_SEALED,
                                     .content = CONTENT_SEALED,
                                     .danger = true,
                                     .received_day = -5,
                                     .outcome = OUTCOME_SUPPORTED,
                                     .solved = SAID_NO,
                                     .unit = DUE_HOUR,
                                     .side = DUE_PERSON,
                                     .amount = 48};
    CLEANUP(buf_done) struct buf b;
    CLEANUP(buf_done) struct buf again;
    buf_init(&b, 4096);
    buf_init(&again, 4096);
    struct matter_body read;
    assert_int_equal(matter_body_write(&said, &b), ERR_OK);
    assert_int_equal(read_body(buf_view(&b), &read), ERR_OK);
    check_str(read.text, "one\ntwo");
    assert_int_equal(read.received_day, -5);
    assert_int_equal(read.unit, DUE_HOUR);
    assert_int_equal(matter_body_write(&read, &again), ERR_OK);
    assert_true(str_eq(buf_view(&b), buf_view(&again)));
    const struct matter_body wrong = {.answers = STR("{\"what\": \"a\"}")};
    buf_clear(&b);
    assert_int_equal(matter_body_write(&wrong, &b), ERR_INVALID);
}

static void test_a_body_nobody_wrote_is_corrupt(void **state)
{
    (void)state;
    static const char *const WRONG[] = {"{\"amount\":2147483648}",
                                        "{\"amount\":-2147483649}",
                                        "{\"amount\":0}",
                                        "{\"amount\":\"1\"}",
                                        "{\"amount\":true}",
                                        "{\"answers\":\"a\"}",
                                        "{\"at\":0}",
                                        "{\"at\":true}",
                                        "{\"by\":\"\"}",
                                        "{\"danger\":1}",
                                        "{\"danger\":false}",
                                        "{\"text\":\"\"}",
                                        "{\"text\":1}",
                                        "{\"channel\":\"\"}",
                                        "{\"channel\":\"pigeon\"}",
                                        "{\"channel\":1}",
                                        "{\"content\":\"secret\"}",
                                        "{\"identity\":\"someone\"}",
                                        "{\"outcome\":\"good\"}",
                                        "{\"solved\":\"maybe\"}",
                                        "{\"side\":\"left\"}",
                                        "{\"unit\":\"week\"}",
                                        "{\"text\":\"a\",\"kind\":\"help\"}",
                                        "{\"nothing\":1}",
                                        "{}{}",
                                        ""};
    struct matter_body body;
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++)
        if (read_body(str_of(WRONG[i]), &body) != ERR_CORRUPT)
            fail_msg("taken: %s", WRONG[i]);
}

/* ---- folds -------------------------------------------------------------------------------------
 */

static enum err fold(struct matter *m, enum matter_event_type type, struct matter_body body)
{
    const struct matter_event e = {.type = type, .body = body};
    return matter_apply(m, &e);
}

static struct matter received(void)
{
    struct matter m = {0};
    assert_int_equal(fold(&m, EV_RECEIVED, (struct matter_body){.first = {1}}), ERR_OK);
    assert_int_equal(
        fold(&m, EV_DUE_STARTED,
             (struct matter_body){.n = 1, .side = DUE_OFFICE, .office = {1}, .last_us = 5}),
        ERR_OK);
    assert_null(matter_broken(&m));
    return m;
}

static void test_an_event_that_cannot_follow_is_corrupt(void **state)
{
    (void)state;
    struct matter none = {0};
    struct matter m = received();
    const struct matter_body due = {.n = 1};
    const struct matter_body no_due = {.n = 7};
    assert_int_equal(fold(&none, EV_NOTED, due), ERR_CORRUPT);
    assert_int_equal(fold(&m, EV_RECEIVED, due), ERR_CORRUPT);
    assert_int_equal(fold(&m, EV_NONE, due), ERR_CORRUPT);
    assert_int_equal(fold(&m, EV_COUNT, due), ERR_CORRUPT);
    assert_int_equal(fold(&m, EV_DUE_STARTED, no_due), ERR_CORRUPT);
    for (enum matter_event_type t = EV_DUE_MET; t < EV_COUNT; t++)
        assert_int_equal(fold(&m, t, no_due), ERR_CORRUPT);
    assert_null(matter_due_find(&m, 7));
    for (int32_t n = 2; n <= MATTER_LIVE_DUES; n++)
        assert_int_equal(fold(&m, EV_DUE_STARTED, (struct matter_body){.n = n}), ERR_OK);
    assert_int_equal(fold(&m, EV_DUE_STARTED, (struct matter_body){.n = MATTER_LIVE_DUES + 1}),
                     ERR_CORRUPT);
}

static void test_a_missed_due_that_is_extended_runs_again(void **state)
{
    (void)state;
    struct matter m = received();
    assert_int_equal(fold(&m, EV_DUE_MISSED, (struct matter_body){.n = 1}), ERR_OK);
    assert_int_equal(matter_due_find(&m, 1)->due.state, DUE_MISSED);
    assert_int_equal(fold(&m, EV_DUE_EXTENDED, (struct matter_body){.n = 1, .amount = 3}), ERR_OK);
    assert_int_equal(matter_due_find(&m, 1)->due.state, DUE_OPEN);
    assert_int_equal(matter_due_find(&m, 1)->due.extended, 3);
    assert_int_equal(fold(&m, EV_DUE_MOVED, (struct matter_body){.n = 1, .last_day = 9}), ERR_OK);
    assert_int_equal(matter_due_find(&m, 1)->due.at_day, 9);
}

static void test_a_refusal_without_an_office_is_of_the_owner(void **state)
{
    (void)state;
    struct matter m = received();
    assert_int_equal(fold(&m, EV_REFUSED, (struct matter_body){.reason = STR("other")}), ERR_OK);
    assert_int_equal(m.owner.v, 1);
    assert_int_equal(m.state, MATTER_REFUSED);
}

/* ---- what must hold ----------------------------------------------------------------------------
 */

#define BROKEN(text, ...)                                                                          \
    do {                                                                                           \
        struct matter m = received();                                                              \
        __VA_ARGS__;                                                                               \
        const char *why = matter_broken(&m);                                                       \
        assert_non_null(why);                                                                      \
        assert_string_equal(why, text);                                                            \
    } while (0)

static void test_a_broken_matter_is_told(void **state)
{
    (void)state;
    BROKEN("it is in no state", m.state = MATTER_NONE);
    BROKEN("it is in no state", m.state = MATTER_STATE_COUNT);
    BROKEN("no office answers for it", m.first.v = 0);
    BROKEN("no office answers for it", m.owner.v = 0);
    BROKEN("it is open and no office due runs", m.due_count = 0);
    BROKEN("it is open and no office due runs", m.dues[0].due.state = DUE_SUSPENDED);
    BROKEN("an offer without an office, or an office without an offer", m.state = MATTER_ROUTED);
    BROKEN("an offer without an office, or an office without an offer", m.offered.v = 2);
    BROKEN("first contact let go of it before another office had taken it", m.state = MATTER_ROUTED,
           m.offered.v = 2, m.owner.v = 3);
    BROKEN("an objection to nothing", m.objected = true);
    BROKEN("an objection to nothing", m.state = MATTER_ROUTED, m.offered.v = 2, m.objected = true,
           m.confirmed = true);
    BROKEN("answered without an answer", m.state = MATTER_ANSWERED);
    BROKEN("answered without an answer", m.state = MATTER_ANSWERED, m.answers = 1);
    BROKEN("it has ended and a due still runs", m.state = MATTER_CONCLUDED);
    BROKEN("it has ended and a due still runs", m.state = MATTER_WITHDRAWN);
    BROKEN("in hand of nobody", m.state = MATTER_HANDLING);
    BROKEN("an office due that nobody owes", m.dues[0].office.v = 0);
}

static void test_a_broken_due_is_told(void **state)
{
    (void)state;
    const struct matter_due mine = {.n = 2, .side = DUE_PERSON, .due = {.state = DUE_OPEN}};
    BROKEN("a limit of the person that is not theirs", m.dues[1] = mine, m.due_count = 2,
           m.dues[1].office.v = 1);
    BROKEN("a limit of the person that is not theirs", m.dues[1] = mine, m.due_count = 2,
           m.dues[1].due.state = DUE_MISSED);
    BROKEN("dues out of order", m.dues[1] = mine, m.due_count = 2, m.dues[1].n = 1);
    struct matter m = received();
    m.dues[0].due.state = DUE_SUSPENDED;
    m.dues[0].due.until_day = 9; /* stands still up to a day that was told */
    assert_null(matter_broken(&m));
    m.state = MATTER_ROUTED;
    m.offered.v = 2;
    m.owner.v = 3;
    m.contested = true;
    assert_null(matter_broken(&m));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_word_is_read_as_it_is_written),
        cmocka_unit_test(test_a_body_says_what_it_said),
        cmocka_unit_test(test_a_body_nobody_wrote_is_corrupt),
        cmocka_unit_test(test_an_event_that_cannot_follow_is_corrupt),
        cmocka_unit_test(test_a_missed_due_that_is_extended_runs_again),
        cmocka_unit_test(test_a_refusal_without_an_office_is_of_the_owner),
        cmocka_unit_test(test_a_broken_matter_is_told),
        cmocka_unit_test(test_a_broken_due_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
