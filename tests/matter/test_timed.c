/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Dues that pass while nobody looks: missed once, gone up after the grace, gone on, moved. */
#include "village.h"

#include "base/mem.h"
#include "lib/text/msg.h"
#include "lib/text/zone.h"
#include "matter/explain.h"
#include "matter/timed.h"
#include "spine/pack.h"
#include "tests/check.h"

enum { MATTERS = 150 };

static struct dossier_id raised(struct village *v, const char *kind)
{
    struct matter_raise r = village_raise_of(kind);
    struct matter_done done;
    if (village_raise(v, &r, &done) != ERR_OK)
        fail_msg("raise: %s (%s)", v->info.key, v->info.detail);
    return done.id;
}

static void good(struct village *v, struct dossier_id id, struct officer_id officer,
                 struct matter_command c)
{
    if (village_act(v, id, officer, &c, NULL) != ERR_OK)
        fail_msg(STR_FMT ": %s %s (%s)", STR_ARG(matter_do_word(c.what)), v->info.key,
                 v->info.arg[0], v->info.detail);
}

static struct sweep_figures look(struct village *v)
{
    struct sweep *s = NULL;
    struct sweep_figures f = {0};
    assert_int_equal(sweep_new(v->h, &MATTER_SWEEP, 1, &s), ERR_OK);
    enum err err = sweep_look(s, NULL, NULL, &f, &v->info);
    if (err != ERR_OK || f.stuck > 0)
        fail_msg("sweep: %d, %lld stuck, %s", (int)err, (long long)f.stuck, v->info.detail);
    sweep_free(s);
    return f;
}

static int count_events(struct village *v, struct dossier_id id, enum matter_event_type type)
{
    struct matter_story story;
    int count = 0;
    village_story(v, id, &story);
    for (size_t i = 0; i < story.count; i++)
        count += story.events[i].type == type ? 1 : 0;
    return count;
}

static int32_t due_of(struct village *v, struct dossier_id id, const char *rule)
{
    struct matter_story story;
    village_story(v, id, &story);
    for (int32_t i = 0; i < story.now.due_count; i++) {
        if (str_eq_c(story.now.dues[i].rule, rule))
            return story.now.dues[i].n;
    }
    fail_msg("no due %s", rule);
    return 0;
}

static void test_each_missed_due_acts_once_and_goes_up_after_its_grace(void **state)
{
    struct village *v = *state;
    struct dossier_id ids[MATTERS];
    for (int i = 0; i < MATTERS; i++)
        ids[i] = raised(v, "help");
    struct sweep_figures f = look(v);
    assert_int_equal(f.acted, 0);
    /* Monday: two working days end with Wednesday. */
    assert_true(f.next_us == zone_day_end(v->h->zone, zone_day_of(v->h->zone, village_now()) + 2));
    village_wait(f.next_us - village_now() - 1);
    assert_int_equal(look(v).acted, 0);
    village_wait(1);
    assert_int_equal(look(v).acted, MATTERS);
    assert_int_equal(look(v).acted, 0);
    for (int i = 0; i < MATTERS; i++)
        assert_int_equal(count_events(v, ids[i], EV_DUE_MISSED), 1);
    village_wait(8 * US_PER_DAY);
    assert_true(look(v).acted >= MATTERS);
    assert_int_equal(look(v).acted, 0);
    for (int i = 0; i < MATTERS; i++)
        assert_int_equal(count_events(v, ids[i], EV_DUE_MISSED), 1);
    village_check(v);
}

static void test_what_the_school_misses_the_hall_owns_after_the_grace(void **state)
{
    struct village *v = *state;
    struct matter_raise r = village_raise_of("help");
    struct matter_done done;
    r.command.body.place = STR("the school");
    assert_int_equal(village_raise(v, &r, &done), ERR_OK);
    assert_true(done.office.v == v->offices[SCHOOL].v);
    village_wait(7 * US_PER_DAY);
    (void)look(v);
    struct matter_story story;
    village_story(v, done.id, &story);
    assert_true(story.now.owner.v == v->offices[SCHOOL].v);
    village_wait(7 * US_PER_DAY);
    (void)look(v);
    village_story(v, done.id, &story);
    assert_true(story.now.owner.v == v->offices[HALL].v);
    assert_int_equal(count_events(v, done.id, EV_ESCALATED), 1);
    village_check(v);
}

/* Offered to the office above, gone up to that same office, then taken back by the sender: the
 * owner's posts went with the offer, and nobody who answered for it could read it. */
static void test_what_went_up_and_is_taken_back_can_be_read_by_its_owner(void **state)
{
    struct village *v = *state;
    struct matter_raise r = village_raise_of("help");
    struct matter_done done;
    r.command.body.place = STR("the school");
    assert_int_equal(village_raise(v, &r, &done), ERR_OK);
    good(v, done.id, v->officers[SCHOOL][LEAD],
         (struct matter_command){.what = DO_ROUTE, .body.to = v->offices[HALL]});
    good(v, done.id, v->officers[HALL][LEAD],
         (struct matter_command){.what = DO_OBJECT, .body.text = STR("Not ours.")});
    village_wait(7 * US_PER_DAY);
    (void)look(v);
    struct matter_story story;
    village_story(v, done.id, &story);
    assert_true(story.now.owner.v == v->offices[HALL].v);
    good(v, done.id, v->officers[SCHOOL][LEAD], (struct matter_command){.what = DO_TAKE_BACK});
    good(v, done.id, v->officers[HALL][LEAD], (struct matter_command){.what = DO_ADMIT});
    village_check(v);
}

static void test_a_suspension_with_a_stated_end_ends_by_itself(void **state)
{
    struct village *v = *state;
    struct officer_id lead = v->officers[HALL][LEAD];
    struct dossier_id id = raised(v, "help");
    good(v, id, lead, (struct matter_command){.what = DO_ADMIT});
    int32_t n = due_of(v, id, "plain/answer");
    int32_t today = zone_day_of(v->h->zone, village_now());
    good(v, id, lead,
         (struct matter_command){.what = DO_SUSPEND,
                                 .body = {.n = n,
                                          .reason = STR("awaiting_person"),
                                          .text = STR("Which gate?"),
                                          .until_day = today + 2}});
    (void)look(v);
    assert_int_equal(count_events(v, id, EV_DUE_RESUMED), 0);
    village_wait(3 * US_PER_DAY);
    (void)look(v);
    (void)look(v);
    assert_int_equal(count_events(v, id, EV_DUE_RESUMED), 1);
    village_check(v);
}

static void explained(struct village *v, struct dossier_id id, const char *lang, struct buf *b)
{
    struct matter_story story;
    village_story(v, id, &story);
    buf_clear(b);
    if (matter_explain(&v->a, v->h, &story, msg_lang_find(str_of(lang)), b, &v->info) != ERR_OK)
        fail_msg("%s", v->info.detail);
}

static void has(const struct buf *b, const char *text)
{
    if (str_find(buf_view(b), str_of(text)) == SIZE_MAX)
        fail_msg("no \"%s\" in:\n" STR_FMT, text, STR_ARG(buf_view(b)));
}

static void test_the_working_is_told_from_the_events(void **state)
{
    struct village *v = *state;
    struct officer_id lead = v->officers[HALL][LEAD];
    struct dossier_id id = raised(v, "help");
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1 << 20);
    good(v, id, lead, (struct matter_command){.what = DO_ADMIT});
    good(v, id, lead,
         (struct matter_command){.what = DO_EXTEND,
                                 .body = {.n = due_of(v, id, "plain/answer"),
                                          .amount = 3,
                                          .reason = STR("complex"),
                                          .text = STR("The part must be ordered.")}});
    explained(v, id, "en", &b);
    has(&b, "1. Tell you that it was taken, and by whom (for the office, plain/acknowledge)\n"
            "  It was met on ");
    has(&b, "2. Answer (for the office, plain/answer)\n  It is running.\n  It began on ");
    has(&b, "  10 working days are counted.\n  Extended by 3 working days.\n");
    has(&b, "  Source: Example rules of this program\n");
    explained(v, id, "zh-CN", &b);
    has(&b, "2．答复（单位，plain/answer）\n  正在计算。\n  自");
    has(&b, "  经批准延长3个工作日。\n");
    village_wait(30 * US_PER_DAY);
    (void)look(v);
    explained(v, id, "en", &b);
    has(&b, "  It was missed and is still owed.\n");
}

/* The pack's calendar gets its next year while dues run. */
static void test_a_provisional_day_is_counted_again_once(void **state)
{
    struct village *v = *state;
    struct calendar *c = (struct calendar *)(uintptr_t)v->h->pack->calendar[0];
    const struct calendar old = *c;
    int32_t year = civil_of(zone_day_of(v->h->zone, village_now())).year;
    c->last_year = year - 1;
    c->id_version = STR("WEEK@0");
    struct dossier_id id = raised(v, "help");
    struct matter_story story;
    village_story(v, id, &story);
    assert_true(story.now.dues[0].due.provisional);
    int32_t was = story.now.dues[0].due.at_day;

    struct calendar_day off[4];
    for (int i = 0; i < 4; i++)
        off[i] = (struct calendar_day){.day = was - 2 + i, .off = true};
    c->last_year = year;
    c->id_version = STR("WEEK@00");
    c->day = off;
    c->day_count = 4;
    assert_true(look(v).acted >= 1);
    village_story(v, id, &story);
    assert_false(story.now.dues[0].due.provisional);
    assert_true(story.now.dues[0].due.at_day > was);
    check_str(story.now.dues[0].due.calendar, "WEEK@00");
    assert_int_equal(count_events(v, id, EV_DUE_MOVED), 1);
    assert_int_equal(look(v).acted, 0);
    village_check(v);
    *c = old;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_missed_due_acts_once_and_goes_up_after_its_grace),
        cmocka_unit_test(test_what_the_school_misses_the_hall_owns_after_the_grace),
        cmocka_unit_test(test_what_went_up_and_is_taken_back_can_be_read_by_its_owner),
        cmocka_unit_test(test_a_suspension_with_a_stated_end_ends_by_itself),
        cmocka_unit_test(test_the_working_is_told_from_the_events),
        cmocka_unit_test(test_a_provisional_day_is_counted_again_once),
    };
    return cmocka_run_group_tests(tests, village_open, village_close);
}
