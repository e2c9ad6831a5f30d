/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Search over real matters: what is found, by whom, and what is never in the file. */
#include "village.h"

#include "base/mem.h"
#include "db/readers.h"
#include "lib/text/zone.h"
#include "matter/indexed.h"
#include "tests/check.h"
#include "tests/db/raw.h"

#include <sys/stat.h>

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

/* How many a search looks into; seen without the program. */
static int64_t parts_of(struct village *v)
{
    sqlite3 *sq = NULL;
    const char *path = arena_printf(&v->a, "%s/fts.db", v->h->data_dir);
    assert_int_equal(sqlite3_open_v2(path, &sq, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    int64_t n = number_of(sq, "SELECT count(DISTINCT segid) FROM hit_idx");
    assert_int_equal(sqlite3_close(sq), SQLITE_OK);
    return n;
}

static void raise_many(struct village *v, int count)
{
    char text[2048];
    for (int i = 0; i < count; i++) {
        int at = snprintf(text, sizeof text, "The handrail is loose.");
        for (int k = 0; k < 100; k++)
            at += snprintf(text + at, sizeof text - (size_t)at, " %x%c", i * 100 + k, 'g' + i % 20);
        (void)raise_text(v, "help", text, NULL);
    }
}

enum { MANY = 520, NEW_AT_ONCE = 20 };

static void test_an_idle_index_becomes_one_part_and_finds_the_same(void **state)
{
    struct village *v = *state;
    struct officer_id hall = v->officers[HALL][DESK];
    struct dossier_id newest;
    struct dossier_id first = {0};
    bool more = true;
    struct search *s = opened(v);
    raise_many(v, MANY);
    newest = raise_text(v, "help", "The handrail is gone.", NULL);
    index_all(v, s, NEW_AT_ONCE);
    assert_true(parts_of(v) > 2);
    int steps = 0;
    for (; more && steps < 1000; steps++) {
        assert_int_equal(search_tidy(s, &more, &v->info), ERR_OK);
        assert_int_equal(found_by(v, s, hall, "handrail", &first), SEARCH_HITS_MAX);
        assert_true(first.v == newest.v);
        assert_int_equal(found_by(v, s, hall, "handrail gone", NULL), 1);
    }
    assert_true(steps > 1);
    assert_false(more);
    assert_int_equal(parts_of(v), 1);
    /* A little more is left alone. */
    (void)raise_text(v, "help", "The handrail is gone again.", NULL);
    index_all(v, s, 1);
    assert_int_equal(search_tidy(s, &more, &v->info), ERR_OK);
    assert_false(more);
    assert_true(parts_of(v) > 1);
    /* Thrown away in the middle, and closed in the middle, it becomes one all the same. */
    for (int i = 0; i < 2; i++) {
        assert_int_equal(search_rebuild(s, &v->info), ERR_OK);
        index_all(v, s, NEW_AT_ONCE);
        assert_int_equal(search_tidy(s, &more, &v->info), ERR_OK);
        assert_true(more);
        if (i == 0) {
            assert_int_equal(search_rebuild(s, &v->info), ERR_OK);
            index_all(v, s, NEW_AT_ONCE);
        } else {
            search_close(s);
            s = opened(v);
        }
        for (steps = 0; more && steps < 1000; steps++)
            assert_int_equal(search_tidy(s, &more, &v->info), ERR_OK);
        assert_int_equal(parts_of(v), 1);
    }
    assert_int_equal(found_by(v, s, hall, "handrail gone", NULL), 2);
    search_close(s);
}

/* Nobody else copies it, and a server runs for months. */
static void test_the_log_of_the_index_does_not_grow_without_end(void **state)
{
    struct village *v = *state;
    enum { LOG_BYTES_MAX = 8 << 20, AGAIN = 8 };
    struct stat st;
    struct search *s = opened(v);
    const char *path = arena_printf(&v->a, "%s/fts.db-wal", v->h->data_dir);
    for (int i = 0; i < AGAIN; i++) {
        assert_int_equal(search_rebuild(s, &v->info), ERR_OK);
        index_all(v, s, NEW_AT_ONCE);
        assert_int_equal(stat(path, &st), 0);
        assert_in_range(st.st_size, 0, LOG_BYTES_MAX);
    }
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
        cmocka_unit_test(test_an_idle_index_becomes_one_part_and_finds_the_same),
        cmocka_unit_test(test_the_log_of_the_index_does_not_grow_without_end),
        cmocka_unit_test(test_similar_matters_share_words),
        cmocka_unit_test(test_a_name_makes_no_two_matters_alike),
    };
    return cmocka_run_group_tests(tests, village_open, village_close);
}
