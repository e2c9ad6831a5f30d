/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What SQLite asks of its page cache, counted below the program's own cover of it. */
#include "base/rng.h"
#include "db/pagecache.h"
#include "tests/db/folder.h"
#include "tests/db/raw.h"

enum { PAGE = 4096, LOCK_PAGE = 0x40000000 / PAGE + 1, NUMBERS = 64, STEPS = 20000 };

static sqlite3_pcache_methods2 inner;
static sqlite3_pcache_methods2 covered; /* as SQLite has them now */
static int asked;                       /* truncations that reached SQLite's cache, to something */
static int parked;                      /* pages that were given the lock page's number */

static void count_truncate(sqlite3_pcache *cache, unsigned from)
{
    asked += from > 1; /* a table of one statement is emptied when it ends */
    inner.xTruncate(cache, from);
}

static void count_rekey(sqlite3_pcache *cache, sqlite3_pcache_page *page, unsigned from,
                        unsigned to)
{
    parked += to == LOCK_PAGE;
    inner.xRekey(cache, page, from, to);
}

static int setup(void **state)
{
    (void)state;
    int rc = sqlite3_config(SQLITE_CONFIG_GETPCACHE2, &inner);
    sqlite3_pcache_methods2 counting = inner;
    counting.xTruncate = count_truncate;
    counting.xRekey = count_rekey;
    if (rc == SQLITE_OK)
        rc = sqlite3_config(SQLITE_CONFIG_PCACHE2, &counting);
    if (rc == SQLITE_OK)
        rc = pagecache_install();
    if (rc == SQLITE_OK)
        rc = sqlite3_config(SQLITE_CONFIG_GETPCACHE2, &covered);
    return rc == SQLITE_OK ? sqlite3_initialize() : rc;
}

/* ---- as SQLite uses it ---------------------------------------------------------------------- */

static void open_new(const struct folder *f, const char *journal, sqlite3 **ret_sq)
{
    char path[128];
    char sql[128];
    (void)snprintf(path, sizeof path, "%s/main.db", f->path);
    (void)snprintf(sql, sizeof sql, "PRAGMA page_size=4096; PRAGMA journal_mode=%s", journal);
    assert_int_equal(sqlite3_open(path, ret_sq), SQLITE_OK);
    run_sql(*ret_sq, sql);
    run_sql(*ret_sq, "CREATE TABLE t (k BLOB PRIMARY KEY, v BLOB) WITHOUT ROWID");
}

static void insert_some(sqlite3 *sq, int count)
{
    char sql[256];
    (void)snprintf(sql, sizeof sql,
                   "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
                   "INSERT INTO t SELECT randomblob(16), randomblob(400) FROM n",
                   count);
    run_sql(sq, sql);
}

/* The test would show nothing if SQLite no longer parked pages: then the cover can go. */
static void test_commits_that_split_pages_do_not_look_through_the_cache(void **state)
{
    enum { COMMITS = 50, ROWS = 40 };
    static const char *const JOURNALS[] = {"WAL", "TRUNCATE"};
    (void)state;
    for (size_t i = 0; i < sizeof JOURNALS / sizeof JOURNALS[0]; i++) {
        struct folder f;
        sqlite3 *sq = NULL;
        folder_make(&f);
        open_new(&f, JOURNALS[i], &sq);
        asked = parked = 0;
        for (int c = 0; c < COMMITS; c++)
            insert_some(sq, ROWS);
        assert_true(parked > 0);
        assert_int_equal(asked, 0);
        assert_int_equal(number_of(sq, "SELECT count(*) FROM t"), COMMITS * ROWS);
        assert_int_equal(sqlite3_close(sq), SQLITE_OK);
        folder_remove(&f);
    }
}

/* Pages beyond the end must go: what grew and was undone, what was given back. */
static void test_a_file_that_shrinks_and_grows_again_holds_what_was_written(void **state)
{
    enum { ROUNDS = 30, ROWS = 300 };
    (void)state;
    struct folder f;
    sqlite3 *sq = NULL;
    folder_make(&f);
    open_new(&f, "WAL", &sq);
    int64_t rows = 0;
    asked = 0;
    for (int i = 0; i < ROUNDS; i++) {
        run_sql(sq, "BEGIN");
        insert_some(sq, ROWS);
        run_sql(sq, "SAVEPOINT s");
        insert_some(sq, ROWS);
        run_sql(sq, "ROLLBACK TO s; RELEASE s");
        run_sql(sq, i % 3 == 0 ? "ROLLBACK" : "COMMIT");
        rows += i % 3 == 0 ? 0 : ROWS;
        if (i % 5 == 4) {
            run_sql(sq, "DELETE FROM t WHERE k < x'80'; VACUUM");
            rows = number_of(sq, "SELECT count(*) FROM t WHERE k >= x'80'");
        }
        assert_int_equal(number_of(sq, "SELECT count(*) FROM t"), rows);
        assert_int_equal(number_of(sq, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"),
                         1);
    }
    assert_true(asked > 0);
    assert_int_equal(sqlite3_close(sq), SQLITE_OK);
    folder_remove(&f);
}

/* ---- asked by hand -------------------------------------------------------------------------- */

struct model {
    sqlite3_pcache *cache;
    sqlite3_pcache_page *page[NUMBERS]; /* pinned, or NULL */
};

static bool holds(const struct model *m, unsigned number)
{
    return covered.xFetch(m->cache, number, 0) != NULL;
}

static void check_all(const struct model *m)
{
    for (unsigned n = 1; n < NUMBERS; n++)
        assert_int_equal(holds(m, n), m->page[n] != NULL);
}

static void fetch_one(struct model *m, unsigned n)
{
    m->page[n] = covered.xFetch(m->cache, n, 2);
    assert_non_null(m->page[n]);
}

static void discard_one(struct model *m, unsigned n)
{
    if (m->page[n] != NULL)
        covered.xUnpin(m->cache, m->page[n], 1);
    m->page[n] = NULL;
}

static void move_one(struct model *m, unsigned from, unsigned to)
{
    if (m->page[from] == NULL || m->page[to] != NULL)
        return;
    covered.xRekey(m->cache, m->page[from], from, to);
    m->page[to] = m->page[from];
    m->page[from] = NULL;
}

static void truncate_all(struct model *m, unsigned from)
{
    covered.xTruncate(m->cache, from);
    for (unsigned n = from; n < NUMBERS; n++)
        m->page[n] = NULL;
}

static void test_after_a_truncation_nothing_is_left_beyond(void **state)
{
    (void)state;
    struct model m = {.cache = covered.xCreate(PAGE, 64, 1)};
    struct rng rng;
    assert_non_null(m.cache);
    covered.xCachesize(m.cache, 2 * NUMBERS);
    rng_seed(&rng, 20261129);
    for (int i = 0; i < STEPS; i++) {
        unsigned a = 1 + (unsigned)rng_below(&rng, NUMBERS - 1);
        unsigned b = 1 + (unsigned)rng_below(&rng, NUMBERS - 1);
        switch (rng_below(&rng, 5)) {
        case 0:
            truncate_all(&m, a);
            check_all(&m);
            break;
        case 1:
            discard_one(&m, a);
            break;
        case 2:
            move_one(&m, a, b);
            break;
        default:
            fetch_one(&m, a);
            break;
        }
    }
    check_all(&m);
    covered.xDestroy(m.cache);
}

static void test_a_page_that_was_parked_and_stayed_is_found(void **state)
{
    (void)state;
    struct model m = {.cache = covered.xCreate(PAGE, 64, 1)};
    covered.xCachesize(m.cache, 2 * NUMBERS);
    fetch_one(&m, 3);
    fetch_one(&m, 5);
    move_one(&m, 5, 60);
    asked = 0;
    truncate_all(&m, 61);
    assert_int_equal(asked, 0);
    truncate_all(&m, 60);
    assert_int_equal(asked, 1);
    check_all(&m);
    truncate_all(&m, 6); /* 5 was the highest that did not come from below */
    assert_int_equal(asked, 1);
    truncate_all(&m, 3);
    assert_int_equal(asked, 2);
    check_all(&m);
    covered.xDestroy(m.cache);
}

static const struct CMUnitTest TESTS[] = {
    cmocka_unit_test(test_commits_that_split_pages_do_not_look_through_the_cache),
    cmocka_unit_test(test_a_file_that_shrinks_and_grows_again_holds_what_was_written),
    cmocka_unit_test(test_after_a_truncation_nothing_is_left_beyond),
    cmocka_unit_test(test_a_page_that_was_parked_and_stayed_is_found),
};

int main(void)
{
    return cmocka_run_group_tests(TESTS, setup, NULL);
}
