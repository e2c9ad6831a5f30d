/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Search over real matters: what is found, by whom, and what is never in the file. */
#include "village.h"

#include "base/mem.h"
#include "db/readers.h"
#include "lib/text/zone.h"
#include "matter/indexed.h"
#include "tests/check.h"

static struct search *opened(struct village *v)
{
    struct search *s = NULL;
    const struct search_source source = matter_search_source(v->h);
    if (search_open(v->h, &source, &s, &v->info) != ERR_OK)
        fail_msg("%s %s", v->info.key, v->info.detail);
    return s;
}

static void index_all(struct village *v, struct search *s, int64_t at_once)
{
    int64_t left = 1;
    for (int i = 0; i < 1000 && left > 0; i++) {
        if (search_step(s, at_once, &left, &v->info) != ERR_OK)
            fail_msg("%s", v->info.detail);
    }
    assert_int_equal(left, 0);
    assert_int_equal(search_behind(s), 0);
}

static struct dossier_id raise_text(struct village *v, const char *kind, const char *text,
                                    const struct identity *card)
{
    struct matter_raise r = village_raise_of(kind);
    struct matter_done done;
    r.command.body.title = STR("A title");
    r.command.body.text = str_of(text);
    if (card != NULL) {
        r.card = card;
        r.command.body.identity = IDENTITY_KNOWN;
    }
    if (strcmp(kind, "wrongdoing") == 0)
        r.command.body.identity = IDENTITY_ANONYMOUS;
    if (village_raise(v, &r, &done) != ERR_OK)
        fail_msg("raise: %s %s (%s)", v->info.key, v->info.arg[0], v->info.detail);
    return done.id;
}

static size_t found_by(struct village *v, struct search *s, struct officer_id officer,
                       const char *words, struct dossier_id *ret_first)
{
    struct db *db = NULL;
    struct dossier_id *ids = NULL;
    size_t count = 0;
    assert_int_equal(readers_take(v->h->readers, &db, &v->info), ERR_OK);
    db_as_officer(db, officer, zone_day_of(v->h->zone, village_now()));
    enum err err = search_find(s, db, &v->a, str_of(words), &ids, &count, &v->info);
    db_as_nobody(db);
    readers_give(v->h->readers, db);
    if (err != ERR_OK)
        fail_msg("\"%s\": %s", words, v->info.key);
    if (count > 0 && ret_first != NULL)
        *ret_first = ids[0];
    return count;
}

static void test_words_are_found_newest_first_by_who_may_see(void **state)
{
    struct village *v = *state;
    struct officer_id hall = v->officers[HALL][DESK];
    struct dossier_id first = {0};
    struct search *s = opened(v);
    (void)raise_text(v, "help", "学校食堂旁边的水管漏水三天了", NULL);
    struct dossier_id newer = raise_text(v, "help", "二号楼水管又漏水", NULL);
    (void)raise_text(v, "help", "The lamp at Gate 4 is broken.", NULL);
    index_all(v, s, 1);
    assert_int_equal(found_by(v, s, hall, "水管漏水", NULL), 1);
    assert_int_equal(found_by(v, s, hall, "水管 漏水", &first), 2);
    assert_true(first.v == newer.v);
    assert_int_equal(found_by(v, s, hall, "ＧＡＴＥ lamp", NULL), 1);
    assert_int_equal(found_by(v, s, hall, "停电", NULL), 0);
    /* Nobody of the works holds anything in them. */
    assert_int_equal(found_by(v, s, v->officers[WORKS][LEAD], "水管 漏水", NULL), 0);
    search_close(s);
}

static void test_nothing_of_a_person_and_nothing_sealed_is_in_the_file(void **state)
{
    struct village *v = *state;
    struct officer_id hall = v->officers[HALL][DESK];
    const struct identity card = {.name = STR("Wilhelmina Kanarienvogel"),
                                  .phone = STR("13800138000"),
                                  .postal = STR("Nachtigallenweg Siebzehn")};
    struct search *s = opened(v);
    (void)raise_text(v, "help",
                     "I am wilhelmina  KANARIENVOGEL of Nachtigallenweg-Siebzehn, the staircase is "
                     "dark, call 138 0013 8000 or w.k@example.org",
                     &card);
    (void)raise_text(v, "wrongdoing", "The foreman sells the staircasesecret cement.", NULL);
    index_all(v, s, 50);
    assert_int_equal(found_by(v, s, hall, "staircase", NULL), 1);
    assert_int_equal(found_by(v, s, hall, "Kanarienvogel", NULL), 0);
    assert_int_equal(found_by(v, s, hall, "Nachtigallenweg", NULL), 0);
    assert_int_equal(found_by(v, s, hall, "wilhelmina", NULL), 0);
    assert_int_equal(found_by(v, s, hall, "staircasesecret", NULL), 0);
    assert_int_equal(found_by(v, s, hall, "example", NULL), 0);
    search_close(s);
}

static void test_the_index_goes_on_after_a_restart_and_can_be_made_again(void **state)
{
    struct village *v = *state;
    struct officer_id hall = v->officers[HALL][DESK];
    struct search *s = opened(v);
    int64_t left = 0;
    for (int i = 0; i < 6; i++)
        (void)raise_text(v, "help", "The bridge railing is loose.", NULL);
    assert_int_equal(search_step(s, 2, &left, &v->info), ERR_OK);
    assert_true(left > 0);
    assert_int_equal(search_behind(s), left);
    search_close(s);
    s = opened(v);
    index_all(v, s, 100);
    assert_int_equal(found_by(v, s, hall, "bridge railing", NULL), 6);
    assert_int_equal(search_rebuild(s, &v->info), ERR_OK);
    assert_int_equal(found_by(v, s, hall, "bridge railing", NULL), 0);
    index_all(v, s, 3);
    assert_int_equal(found_by(v, s, hall, "bridge railing", NULL), 6);
    search_close(s);
}

static void test_similar_matters_share_words(void **state)
{
    struct village *v = *state;
    struct search *s = opened(v);
    struct dossier_id like = raise_text(v, "help", "幼儿园滑梯螺丝松动有危险", NULL);
    index_all(v, s, 100);
    struct db *db = NULL;
    struct dossier_id *ids = NULL;
    size_t count = 0;
    assert_int_equal(readers_take(v->h->readers, &db, &v->info), ERR_OK);
    db_as_officer(db, v->officers[HALL][DESK], zone_day_of(v->h->zone, village_now()));
    assert_int_equal(search_similar(s, db, &v->a, STR("幼儿园的滑梯松动了"), &ids, &count), ERR_OK);
    assert_true(count >= 1 && count <= 5);
    assert_true(ids[0].v == like.v);
    db_as_officer(db, v->officers[WORKS][DESK], zone_day_of(v->h->zone, village_now()));
    assert_int_equal(search_similar(s, db, &v->a, STR("幼儿园的滑梯松动了"), &ids, &count), ERR_OK);
    assert_int_equal(count, 0);
    db_as_nobody(db);
    readers_give(v->h->readers, db);
    search_close(s);
}

static void test_a_name_makes_no_two_matters_alike(void **state)
{
    struct village *v = *state;
    struct search *s = opened(v);
    (void)raise_text(v, "help", "王玉兰说渡船码头的跳板断了。Also John Smith says so.", NULL);
    index_all(v, s, 100);
    static const char *const NAMES[] = {"王玉兰",     "反映人王玉兰来过", "王玉兰，王玉兰，王玉兰",
                                        "John Smith", "john smith came",  "王 玉兰 的 王玉 兰"};
    struct db *db = NULL;
    struct dossier_id *ids = NULL;
    size_t count = 0;
    assert_int_equal(readers_take(v->h->readers, &db, &v->info), ERR_OK);
    db_as_officer(db, v->officers[HALL][DESK], zone_day_of(v->h->zone, village_now()));
    for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
        assert_int_equal(search_similar(s, db, &v->a, str_of(NAMES[i]), &ids, &count), ERR_OK);
        if (count > 0)
            fail_msg("\"%s\" finds %zu", NAMES[i], count);
    }
    assert_int_equal(search_similar(s, db, &v->a, STR("王玉兰：码头跳板断了"), &ids, &count),
                     ERR_OK);
    assert_int_equal(count, 1);
    db_as_nobody(db);
    readers_give(v->h->readers, db);
    search_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words_are_found_newest_first_by_who_may_see),
        cmocka_unit_test(test_nothing_of_a_person_and_nothing_sealed_is_in_the_file),
        cmocka_unit_test(test_the_index_goes_on_after_a_restart_and_can_be_made_again),
        cmocka_unit_test(test_similar_matters_share_words),
        cmocka_unit_test(test_a_name_makes_no_two_matters_alike),
    };
    return cmocka_run_group_tests(tests, village_open, village_close);
}
