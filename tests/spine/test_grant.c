/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Offices, routing, bars: the examples of trust.md section 9, and can() against v_dossier. */
#include "tests/check.h"

#include "base/mem.h"
#include "base/rng.h"
#include "db/writer.h"
#include "spine/dossier.h"
#include "spine/grant.h"
#include "spine/grant.sql.h"
#include "spine/office.h"
#include "tests/scratch.h"

#include <unistd.h>

struct town {
    char folder[64];
    struct db *db;
    struct arena arena;
    struct err_info info;
    struct tx tx;
};

enum { TODAY = 20000, FOREVER = INT32_MAX };

static void town_open(struct town *t)
{
    scratch_folder(t->folder, sizeof t->folder, "grant");
    assert_int_equal(db_setup(&t->info), ERR_OK);
    assert_int_equal(db_open(t->folder, DB_STORE_MAIN, DB_WRITE, &t->db, &t->info), ERR_OK);
    arena_init(&t->arena, 64 << 20);
    t->tx = (struct tx){.db = t->db,
                        .arena = &t->arena,
                        .now_us = (int64_t)TODAY * INT64_C(86400000000),
                        .info = &t->info};
}

static void town_close(struct town *t)
{
    db_close(t->db);
    arena_done(&t->arena);
    static const char *const FILES[] = {"main.db", "main.db-wal", "main.db-shm"};
    for (size_t i = 0; i < 3; i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "%s/%s", t->folder, FILES[i]);
        (void)unlink(path);
    }
    assert_int_equal(rmdir(t->folder), 0);
}

static struct office_id office(struct town *t, const char *code, int64_t parent, bool outside)
{
    struct office_id id = {0};
    const struct office_new o = {.parent = {parent},
                                 .code = str_of(code),
                                 .name_en = str_of(code),
                                 .name_zh = str_of(code),
                                 .place = STR(""),
                                 .address = STR(""),
                                 .phone = STR(""),
                                 .hours_en = STR(""),
                                 .hours_zh = STR(""),
                                 .outside = outside};
    assert_int_equal(office_add(&t->tx, &o, &id), ERR_OK);
    return id;
}

static struct officer_id officer(struct town *t, const char *login)
{
    struct officer_id id = {0};
    const struct officer_new o = {str_of(login), str_of(login), STR("en")};
    assert_int_equal(officer_add(&t->tx, &o, &id), ERR_OK);
    return id;
}

static void hold(struct town *t, struct officer_id who, struct office_id where, enum post post)
{
    const struct holding h = {
        .officer = who, .office = where, .post = post, .from_day = TODAY - 100, .to_day = FOREVER};
    assert_int_equal(officer_hold(&t->tx, &h), ERR_OK);
}

static struct dossier_id dossier(struct town *t, struct office_id where)
{
    struct dossier d;
    const struct dossier_birth birth = {.kind = DOSSIER_MATTER,
                                        .content = CONTENT_OPEN,
                                        .office = where,
                                        .opened_day = TODAY,
                                        .pack = STR("plain@1")};
    assert_int_equal(dossier_new(&t->tx, &birth, &d), ERR_OK);
    d.state = 1;
    assert_int_equal(dossier_store(&t->tx, &d), ERR_OK);
    return d.id;
}

static void grant_to(struct town *t, struct dossier_id d, struct office_id where, enum post post)
{
    const struct grant g = {
        .office = where, .post = post, .verbs = VERB_ALL, .from_us = t->tx.now_us};
    assert_int_equal(grant_add(&t->tx, d, &g), ERR_OK);
}

/* can() and the view agree, always; returns what they say. */
static bool may_read(struct town *t, struct officer_id who, struct dossier_id d, int32_t day)
{
    bool yes = false;
    assert_int_equal(can(t->db, who, d, VERB_LIST, day, &yes), ERR_OK);
    struct dossier_seen_row row;
    db_as_officer(t->db, who, day);
    enum err err = dossier_seen(t->db, &t->arena, d, &row);
    db_as_nobody(t->db);
    assert_int_equal(err, yes ? ERR_OK : ERR_NOT_FOUND);
    return yes;
}

/* The row itself: whoever holds no post anywhere reads nothing anyway. */
static bool has_bar(struct town *t, struct officer_id who, struct dossier_id d)
{
    struct is_barred_row row;
    return is_barred(t->db, &t->arena, d, who, &row) == ERR_OK;
}

static void test_the_most_specific_office_is_first_and_then_up(void **state)
{
    (void)state;
    struct town t = {0};
    town_open(&t);
    struct office_id town = office(&t, "town", 0, false);
    struct office_id roads = office(&t, "town.roads", town.v, false);
    struct office_id north = office(&t, "town.roads.north", roads.v, false);
    struct office_id court = office(&t, "outside", 0, true);
    assert_int_equal(office_remit_add(&t.tx, town, STR(""), STR("")), ERR_OK);
    assert_int_equal(office_remit_add(&t.tx, roads, STR("road"), STR("")), ERR_OK);
    assert_int_equal(office_remit_add(&t.tx, north, STR("road"), STR("north")), ERR_OK);
    struct office_tree *tree = NULL;
    assert_int_equal(office_tree_load(t.db, &tree), ERR_OK);
    struct office_id ids[OFFICE_CANDIDATES_MAX];
    size_t n = 0;
    assert_int_equal(office_candidates(tree, STR("road"), STR("north"), false, ids, &n), ERR_OK);
    assert_int_equal(n, 3);
    assert_int_equal(ids[0].v, north.v);
    assert_int_equal(ids[1].v, roads.v);
    assert_int_equal(ids[2].v, town.v);
    assert_int_equal(office_candidates(tree, STR("road"), STR("south"), true, ids, &n), ERR_OK);
    assert_int_equal(n, 3);
    assert_int_equal(ids[0].v, roads.v);
    assert_int_equal(ids[2].v, court.v);
    assert_int_equal(office_candidates(tree, STR("noise"), STR(""), false, ids, &n), ERR_OK);
    assert_int_equal(n, 1);
    assert_int_equal(ids[0].v, town.v);
    assert_true(office_is_within(tree, north, town));
    assert_false(office_is_within(tree, town, north));
    office_tree_free(tree);
    town_close(&t);
}

static void test_reports_of_wrongdoing_need_an_office_outside(void **state)
{
    (void)state;
    struct town t = {0};
    town_open(&t);
    struct office_id town = office(&t, "town", 0, false);
    assert_int_equal(office_remit_add(&t.tx, town, STR(""), STR("")), ERR_OK);
    struct office_tree *tree = NULL;
    assert_int_equal(office_tree_load(t.db, &tree), ERR_OK);
    struct office_id ids[OFFICE_CANDIDATES_MAX];
    size_t n = 0;
    assert_int_equal(office_candidates(tree, STR("bribe"), STR(""), true, ids, &n), ERR_REFUSED);
    office_tree_free(tree);
    town_close(&t);
}

static void test_who_it_is_about_and_who_depends_on_them_are_barred(void **state)
{
    (void)state;
    struct town t = {0};
    town_open(&t);
    struct office_id town = office(&t, "town", 0, false);
    struct office_id school = office(&t, "town.school", town.v, false);
    struct office_id class = office(&t, "town.school.class", school.v, false);
    struct officer_id head = officer(&t, "head");
    struct officer_id teacher = officer(&t, "teacher");
    struct officer_id desk = officer(&t, "desk");
    struct officer_id away = officer(&t, "away");
    hold(&t, head, school, POST_LEAD);
    hold(&t, teacher, class, POST_HANDLER);
    hold(&t, desk, town, POST_DESK);
    hold(&t, away, town, POST_HANDLER);
    struct dossier_id d = dossier(&t, town);
    grant_to(&t, d, town, POST_DESK);
    grant_to(&t, d, town, POST_HANDLER);
    grant_to(&t, d, school, POST_LEAD);
    grant_to(&t, d, class, POST_HANDLER);
    assert_true(may_read(&t, head, d, TODAY));
    const struct subject about[] = {{SUBJECT_OFFICER, head.v, SOURCE_PERSON}};
    const struct exclusion not_them[] = {{.officer = away}};
    const struct grant_about g = {.subjects = about,
                                  .subject_count = 1,
                                  .exclusions = not_them,
                                  .exclusion_count = 1,
                                  .facts_day = TODAY - 10};
    assert_int_equal(grant_about_add(&t.tx, d, &g), ERR_OK);
    assert_false(may_read(&t, head, d, TODAY));    /* it is about this officer */
    assert_false(may_read(&t, teacher, d, TODAY)); /* reports to them, an office below */
    assert_false(may_read(&t, away, d, TODAY));    /* named by the person */
    assert_true(may_read(&t, desk, d, TODAY));
    /* A21: moved to another office afterwards, still barred; new people under them are too. */
    hold(&t, head, town, POST_DESK);
    assert_false(may_read(&t, head, d, TODAY));
    struct officer_id newcomer = officer(&t, "newcomer");
    hold(&t, newcomer, class, POST_HANDLER);
    assert_false(may_read(&t, newcomer, d, TODAY));
    /* A22: naming a barred officer in a grant is refused. */
    const struct grant named = {
        .office = town, .post = POST_HANDLER, .officer = teacher, .verbs = VERB_READ};
    assert_int_equal(grant_add(&t.tx, d, &named), ERR_REFUSED);
    assert_string_equal(t.info.key, "grant.barred");
    town_close(&t);
}

static void test_members_of_the_office_it_is_about_are_barred_from_that_day_on(void **state)
{
    (void)state;
    struct town t = {0};
    town_open(&t);
    struct office_id town = office(&t, "town", 0, false);
    struct office_id mine = office(&t, "town.mine", town.v, false);
    struct officer_id old = officer(&t, "old");
    struct officer_id now = officer(&t, "now");
    const struct holding left = {.officer = old,
                                 .office = mine,
                                 .post = POST_HANDLER,
                                 .from_day = TODAY - 900,
                                 .to_day = TODAY - 500};
    assert_int_equal(officer_hold(&t.tx, &left), ERR_OK);
    hold(&t, old, town, POST_HANDLER);
    hold(&t, now, mine, POST_HANDLER);
    struct dossier_id d = dossier(&t, town);
    grant_to(&t, d, town, POST_HANDLER);
    grant_to(&t, d, mine, POST_HANDLER);
    const struct subject about[] = {{SUBJECT_OFFICE, mine.v, SOURCE_PERSON}};
    const struct grant_about g = {.subjects = about, .subject_count = 1, .facts_day = TODAY - 300};
    assert_int_equal(grant_about_add(&t.tx, d, &g), ERR_OK);
    assert_false(may_read(&t, now, d, TODAY));
    assert_true(may_read(&t, old, d, TODAY)); /* had left before the facts began */
    /* Whoever joins later is barred in the transaction that makes them a member. */
    hold(&t, old, mine, POST_DESK);
    assert_false(may_read(&t, old, d, TODAY));
    town_close(&t);
}

static void test_who_gets_a_superior_is_barred_at_once_with_all_below(void **state)
{
    (void)state;
    struct town t = {0};
    town_open(&t);
    struct office_id town = office(&t, "town", 0, false);
    struct officer_id chief = officer(&t, "chief");
    struct officer_id head = officer(&t, "head");
    struct officer_id clerk = officer(&t, "clerk");
    struct officer_id other = officer(&t, "other");
    hold(&t, head, town, POST_HANDLER);
    hold(&t, clerk, town, POST_HANDLER);
    hold(&t, other, town, POST_HANDLER);
    struct dossier_id d = dossier(&t, town);
    grant_to(&t, d, town, POST_HANDLER);
    const struct subject about[] = {{SUBJECT_OFFICER, chief.v, SOURCE_PERSON}};
    const struct grant_about g = {.subjects = about, .subject_count = 1, .facts_day = TODAY};
    assert_int_equal(grant_about_add(&t.tx, d, &g), ERR_OK);
    assert_int_equal(officer_lead(&t.tx, head, clerk), ERR_OK);
    assert_true(may_read(&t, clerk, d, TODAY));
    assert_int_equal(officer_lead(&t.tx, chief, head), ERR_OK);
    assert_false(may_read(&t, head, d, TODAY));
    assert_false(may_read(&t, clerk, d, TODAY));
    assert_true(may_read(&t, other, d, TODAY));
    /* The end of it lifts nothing. */
    assert_int_equal(officer_lead_end(&t.tx, chief, head), ERR_OK);
    assert_false(may_read(&t, head, d, TODAY));
    assert_int_equal(officer_lead_end(&t.tx, chief, head), ERR_CONFLICT);
    town_close(&t);
}

/* A post above others and a line in the table are one chain, whichever link comes last. */
static void test_both_ways_of_leading_make_one_chain(void **state)
{
    (void)state;
    for (int last = 0; last < 4; last++) {
        struct town t = {0};
        town_open(&t);
        struct office_id town = office(&t, "town", 0, false);
        struct office_id school = office(&t, "school", town.v, false);
        struct office_id class = office(&t, "class", school.v, false);
        struct officer_id chief = officer(&t, "chief");
        struct officer_id head = officer(&t, "head");
        struct officer_id teacher = officer(&t, "teacher");
        struct officer_id helper = officer(&t, "helper");
        struct officer_id clerk = officer(&t, "clerk");
        hold(&t, clerk, town, POST_HANDLER);
        struct dossier_id d = dossier(&t, town);
        const struct subject about[] = {{SUBJECT_OFFICER, chief.v, SOURCE_PERSON}};
        const struct grant_about g = {.subjects = about, .subject_count = 1, .facts_day = TODAY};
        for (int i = 0; i < 5; i++) {
            int link = i == 4 ? last : i; /* each but one, then the matter, then that one */
            if (i == 4)
                assert_int_equal(grant_about_add(&t.tx, d, &g), ERR_OK);
            else if (i == last)
                continue;
            if (link == 0)
                assert_int_equal(officer_lead(&t.tx, chief, head), ERR_OK);
            else if (link == 1)
                hold(&t, head, school, POST_LEAD);
            else if (link == 2)
                hold(&t, teacher, class, POST_HANDLER);
            else
                assert_int_equal(officer_lead(&t.tx, teacher, helper), ERR_OK);
        }
        struct officer_id below[] = {chief, head, teacher, helper};
        for (size_t i = 0; i < 4; i++)
            if (!has_bar(&t, below[i], d))
                fail_msg("the last link is %d: number %zu is not barred", last, i);
        assert_false(has_bar(&t, clerk, d));
        town_close(&t);
    }
}

/* Who leads the town and helps out at a counter is kept out of a matter about the counter's head;
 * the town is not. */
static void test_a_chain_does_not_run_back_through_who_stands_above(void **state)
{
    (void)state;
    struct town t = {0};
    town_open(&t);
    struct office_id town = office(&t, "town", 0, false);
    struct office_id counter = office(&t, "counter", town.v, false);
    struct officer_id mayor = officer(&t, "mayor");
    struct officer_id head = officer(&t, "head");
    struct officer_id clerk = officer(&t, "clerk");
    hold(&t, mayor, town, POST_LEAD);
    hold(&t, clerk, town, POST_HANDLER);
    hold(&t, head, counter, POST_LEAD);
    struct dossier_id first = dossier(&t, town);
    struct dossier_id second = dossier(&t, town);
    const struct subject about[] = {{SUBJECT_OFFICER, head.v, SOURCE_PERSON}};
    const struct grant_about g = {.subjects = about, .subject_count = 1, .facts_day = TODAY};
    assert_int_equal(grant_about_add(&t.tx, first, &g), ERR_OK);
    hold(&t, mayor, counter, POST_HANDLER);
    assert_int_equal(grant_about_add(&t.tx, second, &g), ERR_OK);
    assert_true(has_bar(&t, mayor, first) && has_bar(&t, mayor, second));
    assert_true(!has_bar(&t, clerk, first) && !has_bar(&t, clerk, second));
    town_close(&t);
}

static void test_nobody_leads_himself_or_who_leads_him(void **state)
{
    (void)state;
    struct town t = {0};
    town_open(&t);
    struct officer_id a = officer(&t, "a");
    struct officer_id b = officer(&t, "b");
    struct officer_id c = officer(&t, "c");
    assert_int_equal(officer_lead(&t.tx, a, a), ERR_REFUSED);
    assert_string_equal(t.info.key, "office.lead_self");
    assert_int_equal(officer_lead(&t.tx, a, b), ERR_OK);
    assert_int_equal(officer_lead(&t.tx, a, b), ERR_CONFLICT);
    assert_int_equal(officer_lead(&t.tx, b, a), ERR_REFUSED);
    assert_string_equal(t.info.key, "office.lead_circle");
    assert_int_equal(officer_lead(&t.tx, b, c), ERR_OK);
    assert_int_equal(officer_lead(&t.tx, c, a), ERR_REFUSED);
    town_close(&t);
}

static void test_grants_end_posts_end_and_no_post_sees_more_than_it_may(void **state)
{
    (void)state;
    struct town t = {0};
    town_open(&t);
    struct office_id town = office(&t, "town", 0, false);
    struct officer_id desk = officer(&t, "desk");
    struct officer_id admin = officer(&t, "admin");
    const struct holding h = {.officer = desk,
                              .office = town,
                              .post = POST_DESK,
                              .from_day = TODAY - 1,
                              .to_day = TODAY + 1};
    assert_int_equal(officer_hold(&t.tx, &h), ERR_OK);
    hold(&t, admin, town, POST_ADMIN);
    struct dossier_id d = dossier(&t, town);
    grant_to(&t, d, town, POST_DESK);
    grant_to(&t, d, town, POST_ADMIN);
    assert_true(may_read(&t, desk, d, TODAY + 1));
    assert_false(may_read(&t, desk, d, TODAY + 2));
    assert_false(may_read(&t, desk, d, TODAY - 2));
    uint32_t verbs = 0;
    assert_int_equal(grant_verbs(t.db, desk, d, TODAY, &verbs), ERR_OK);
    assert_int_equal(verbs, verb_of_post(POST_DESK));
    assert_int_equal(grant_verbs(t.db, admin, d, TODAY, &verbs), ERR_OK);
    assert_int_equal(verbs, VERB_CONFIGURE); /* runs the system, reads no matter */
    assert_int_equal(grant_end(&t.tx, d, town, POST_DESK), ERR_OK);
    assert_false(may_read(&t, desk, d, TODAY));
    town_close(&t);
}

static void test_a_post_can_be_delegated_only_over_a_span_it_is_held(void **state)
{
    (void)state;
    struct town t = {0};
    town_open(&t);
    struct office_id town = office(&t, "town", 0, false);
    struct officer_id lead = officer(&t, "lead");
    struct officer_id deputy = officer(&t, "deputy");
    hold(&t, lead, town, POST_LEAD);
    struct holding h = {.officer = deputy,
                        .office = town,
                        .post = POST_LEAD,
                        .from_day = TODAY - 200,
                        .to_day = TODAY + 5,
                        .delegate_of = lead};
    assert_int_equal(officer_hold(&t.tx, &h), ERR_REFUSED);
    h.from_day = TODAY;
    assert_int_equal(officer_hold(&t.tx, &h), ERR_OK);
    struct dossier_id d = dossier(&t, town);
    grant_to(&t, d, town, POST_LEAD);
    assert_true(may_read(&t, deputy, d, TODAY + 5));
    assert_false(may_read(&t, deputy, d, TODAY + 6));
    /* A delegate cannot hand it on. */
    h.officer = officer(&t, "third");
    h.delegate_of = deputy;
    assert_int_equal(officer_hold(&t.tx, &h), ERR_REFUSED);
    town_close(&t);
}

/* Whatever is done, nobody once barred ever reads it again, and both spellings of the rule agree.
 */
static void test_random_histories_never_lift_a_bar(void **state)
{
    (void)state;
    struct town t = {0};
    struct rng r;
    rng_seed(&r, check_seed(20261121));
    town_open(&t);
    struct office_id offices[6];
    struct officer_id officers[8];
    struct dossier_id dossiers[6];
    bool was_barred[6][8] = {{false}};
    for (size_t i = 0; i < 6; i++) {
        char code[] = "o0";
        code[1] = (char)('0' + i);
        offices[i] = office(&t, code, i == 0 ? 0 : offices[(i - 1) / 2].v, false);
    }
    for (size_t i = 0; i < 8; i++) {
        char login[] = "a0";
        login[1] = (char)('0' + i);
        officers[i] = officer(&t, login);
    }
    for (size_t i = 0; i < 6; i++)
        dossiers[i] = dossier(&t, offices[i]);
    for (int step = 0; step < 400; step++) {
        struct dossier_id d = dossiers[rng_below(&r, 6)];
        struct office_id o = offices[rng_below(&r, 6)];
        struct officer_id who = officers[rng_below(&r, 8)];
        enum post post = (enum post)(1 + rng_below(&r, 4));
        const struct subject s = {rng_below(&r, 2) == 0 ? SUBJECT_OFFICER : SUBJECT_OFFICE, 0,
                                  SOURCE_TRIAGE};
        struct subject about = s;
        about.ref = s.kind == SUBJECT_OFFICER ? who.v : o.v;
        const struct grant_about g = {
            .subjects = &about, .subject_count = 1, .facts_day = TODAY - 50};
        switch (rng_below(&r, 4)) {
        case 0:
            hold(&t, who, o, post);
            break;
        case 1:
            grant_to(&t, d, o, post);
            break;
        case 2:
            assert_int_equal(grant_end(&t.tx, d, o, post), ERR_OK);
            break;
        default:
            if (rng_below(&r, 8) == 0)
                assert_int_equal(grant_about_add(&t.tx, d, &g), ERR_OK);
            break;
        }
        for (size_t i = 0; i < 6; i++) {
            for (size_t k = 0; k < 8; k++) {
                struct is_barred_row bar;
                bool reads = may_read(&t, officers[k], dossiers[i], TODAY);
                bool barred = is_barred(t.db, &t.arena, dossiers[i], officers[k], &bar) == ERR_OK;
                assert_false(reads && barred);
                assert_false(was_barred[i][k] && !barred);
                was_barred[i][k] = barred;
            }
        }
        arena_reset(&t.arena);
    }
    town_close(&t);
}

static const struct CMUnitTest TESTS[] = {
    cmocka_unit_test(test_the_most_specific_office_is_first_and_then_up),
    cmocka_unit_test(test_reports_of_wrongdoing_need_an_office_outside),
    cmocka_unit_test(test_who_it_is_about_and_who_depends_on_them_are_barred),
    cmocka_unit_test(test_members_of_the_office_it_is_about_are_barred_from_that_day_on),
    cmocka_unit_test(test_who_gets_a_superior_is_barred_at_once_with_all_below),
    cmocka_unit_test(test_both_ways_of_leading_make_one_chain),
    cmocka_unit_test(test_a_chain_does_not_run_back_through_who_stands_above),
    cmocka_unit_test(test_nobody_leads_himself_or_who_leads_him),
    cmocka_unit_test(test_grants_end_posts_end_and_no_post_sees_more_than_it_may),
    cmocka_unit_test(test_a_post_can_be_delegated_only_over_a_span_it_is_held),
    cmocka_unit_test(test_random_histories_never_lift_a_bar),
};

CHECK_MAIN(TESTS)
