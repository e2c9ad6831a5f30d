/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/mem.h"
#include "db/connection.h"
#include "db/readers.h"
#include "tests/db/probe.sql.h"
#include "tests/db/store.h"

#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>

static enum err add(struct db *db, int64_t id, struct str note)
{
    const struct item_add_in in = {.id = id, .note = note, .data = STR("x"), .big = id};
    return item_add(db, &in);
}

static int64_t count(struct store *f)
{
    struct item_count_row row = {0};
    assert_int_equal(item_count(f->db, &f->a, &row), ERR_OK);
    return row.n;
}

/* ---- values --------------------------------------------------------------------------------- */

static void test_values_come_back_as_they_went(void **state)
{
    struct store *f = *state;
    const struct item_add_in in = {.id = 1,
                                   .note = STR_NULL,
                                   .data = str_make("a\0b", 3),
                                   .big = INT64_MIN,
                                   .day = -719162,
                                   .fine = true};
    assert_int_equal(item_add(f->db, &in), ERR_OK);
    struct item_get_row row = {0};
    assert_int_equal(item_get(f->db, &f->a, 1, &row), ERR_OK);
    assert_true(str_is_null(row.note));
    assert_int_equal(row.data.len, 3);
    assert_memory_equal(row.data.ptr, "a\0b", 3);
    assert_true(row.big == INT64_MIN);
    assert_int_equal(row.day, -719162);
    assert_true(row.fine);
    assert_int_equal(add(f->db, 2, STR("")), ERR_OK);
    assert_int_equal(item_get(f->db, &f->a, 2, &row), ERR_OK);
    assert_false(str_is_null(row.note));
    assert_int_equal(row.note.len, 0);
}

static void test_failure_leaves_the_row_untouched_and_says_where(void **state)
{
    struct store *f = *state;
    struct item_note_get_row row = {.note = STR("before")};
    assert_int_equal(item_note_get(f->db, &f->a, 5, &row), ERR_NOT_FOUND);
    check_str(row.note, "before");
    assert_int_equal(add(f->db, 5, STR_NULL), ERR_OK);
    assert_int_equal(item_note_get(f->db, &f->a, 5, &row), ERR_CORRUPT);
    check_str(row.note, "before");
    assert_non_null(strstr(db_fault(f->db)->detail, "db/probe.sql:"));
    assert_string_equal(db_fault(f->db)->key, "db.corrupt");
    assert_int_equal(add(f->db, INT64_C(1) << 40, STR_NULL), ERR_OK);
    struct item_small_get_row small = {.big = 9};
    assert_int_equal(item_small_get(f->db, &f->a, INT64_C(1) << 40, &small), ERR_CORRUPT);
    assert_int_equal(small.big, 9);
    assert_int_equal(add(f->db, 5, STR_NULL), ERR_CONFLICT);
}

static enum err on_row_stop(void *ctx, const struct item_walk_row *row)
{
    int64_t *sum = ctx;
    *sum += row->id;
    return row->id == 30 ? ERR_REFUSED : ERR_OK;
}

static void test_lists_walks_and_counts(void **state)
{
    struct store *f = *state;
    for (int64_t i = 1; i <= 40; i++)
        assert_int_equal(add(f->db, i, STR("n")), ERR_OK);
    struct item_list_row *rows = NULL;
    size_t n = 0;
    assert_int_equal(item_list(f->db, &f->a, &rows, &n), ERR_OK);
    assert_int_equal(n, 40);
    for (size_t i = 0; i < n; i++)
        assert_true(rows[i].id == (int64_t)i + 1 && str_eq_c(rows[i].note, "n"));
    int64_t sum = 0;
    assert_int_equal(item_walk(f->db, on_row_stop, &sum), ERR_REFUSED);
    assert_int_equal(sum, 30 * 31 / 2);
    int64_t dropped = 0;
    assert_int_equal(item_drop(f->db, 36, &dropped), ERR_OK);
    assert_int_equal(dropped, 5);
    struct item_take_row taken = {0};
    assert_int_equal(item_take(f->db, &f->a, STR(""), 9, &taken), ERR_OK);
    assert_int_equal(taken.id, 36);
    assert_int_equal(count(f), 36);
}

static enum err on_row_again(void *ctx, const struct item_walk_row *row)
{
    (void)row;
    struct db *db = ctx;
    int64_t sum = 0;
    return item_walk(db, on_row_stop, &sum);
}

static void test_a_statement_inside_itself_is_refused(void **state)
{
    struct store *f = *state;
    assert_int_equal(add(f->db, 1, STR("n")), ERR_OK);
    assert_int_equal(item_walk(f->db, on_row_again, f->db), ERR_INTERNAL);
    int64_t sum = 0;
    assert_int_equal(item_walk(f->db, on_row_stop, &sum), ERR_OK);
}

static void test_a_capped_arena_fails_one_call_only(void **state)
{
    struct store *f = *state;
    for (int64_t i = 1; i <= 400; i++)
        assert_int_equal(add(f->db, i, STR("some words in a note")), ERR_OK);
    CLEANUP(arena_done) struct arena small;
    arena_init(&small, 2000);
    struct item_list_row *rows = NULL;
    size_t n = 0;
    assert_int_equal(item_list(f->db, &small, &rows, &n), ERR_NOMEM);
    assert_null(rows);
    assert_int_equal(item_list(f->db, &f->a, &rows, &n), ERR_OK);
}

static void test_every_allocation_may_fail(void **state)
{
    struct store *f = *state;
    assert_int_equal(add(f->db, 1, STR("n")), ERR_OK);
    enum err err = ERR_NOMEM;
    int64_t i = 0;
    for (; err == ERR_NOMEM; i++) {
        struct db *db = NULL;
        struct item_list_row *rows = NULL;
        size_t n = 0;
        CLEANUP(arena_done) struct arena a;
        arena_init(&a, 1 << 20);
        mem_fail_after(i);
        err = db_open(f->folder.path, DB_STORE_MAIN, DB_READ, &db, NULL);
        if (err == ERR_OK)
            err = item_list(db, &a, &rows, &n);
        mem_fail_after(-1);
        assert_true(err == ERR_NOMEM || (err == ERR_OK && n == 1));
        db_close(db);
    }
    assert_int_equal(err, ERR_OK);
    assert_true(i > 4);
}

/* ---- transactions --------------------------------------------------------------------------- */

static enum err add_then_leave(struct db *db, bool commit)
{
    CLEANUP(db_tx_done) struct db_tx tx = DB_TX_NONE;
    TRY(DB_TX_BEGIN(&tx, db));
    TRY(add(db, 1, STR("n")));
    return commit ? db_tx_commit(&tx) : ERR_OK;
}

static void test_a_transaction_rolls_back_unless_committed(void **state)
{
    struct store *f = *state;
    assert_int_equal(add_then_leave(f->db, false), ERR_OK);
    assert_false(db_in_tx(f->db));
    assert_int_equal(count(f), 0);
    assert_int_equal(add_then_leave(f->db, true), ERR_OK);
    assert_int_equal(count(f), 1);
}

static void test_a_transaction_inside_another_names_where_that_began(void **state)
{
    struct store *f = *state;
    CLEANUP(db_tx_done) struct db_tx outer = DB_TX_NONE;
    CLEANUP(db_tx_done) struct db_tx inner = DB_TX_NONE;
    assert_int_equal(DB_TX_BEGIN(&outer, f->db), ERR_OK);
    assert_int_equal(DB_TX_BEGIN(&inner, f->db), ERR_INTERNAL);
    assert_non_null(strstr(db_fault(f->db)->detail, "inside that of"));
    assert_non_null(strstr(db_fault(f->db)->detail, "test_db.c:"));
    assert_int_equal(add(f->db, 1, STR("n")), ERR_OK);
    assert_int_equal(db_tx_commit(&outer), ERR_OK);
}

static void test_a_savepoint_undoes_only_itself(void **state)
{
    struct store *f = *state;
    assert_int_equal(db_savepoint(f->db), ERR_INTERNAL);
    CLEANUP(db_tx_done) struct db_tx tx = DB_TX_NONE;
    assert_int_equal(DB_TX_BEGIN(&tx, f->db), ERR_OK);
    assert_int_equal(add(f->db, 1, STR("kept")), ERR_OK);
    assert_int_equal(db_savepoint(f->db), ERR_OK);
    assert_int_equal(add(f->db, 2, STR("undone")), ERR_OK);
    assert_int_equal(db_savepoint_undo(f->db), ERR_OK);
    assert_int_equal(db_savepoint(f->db), ERR_OK);
    assert_int_equal(add(f->db, 3, STR("kept")), ERR_OK);
    assert_int_equal(db_savepoint_keep(f->db), ERR_OK);
    assert_int_equal(db_tx_commit(&tx), ERR_OK);
    assert_int_equal(count(f), 2);
}

static void test_a_full_disk_is_said_and_passes(void **state)
{
    struct store *f = *state;
    assert_int_equal(sqlite3_exec(f->db->sq, "PRAGMA max_page_count=20", NULL, NULL, NULL), 0);
    static char big[300 * 1024];
    memset(big, 'x', sizeof big);
    assert_int_equal(add(f->db, 1, str_make(big, sizeof big)), ERR_FULL);
    assert_string_equal(db_fault(f->db)->key, "db.full");
    assert_int_equal(sqlite3_exec(f->db->sq, "PRAGMA max_page_count=10000", NULL, NULL, NULL), 0);
    assert_int_equal(add(f->db, 1, str_make(big, sizeof big)), ERR_OK);
}

/* ---- officers ------------------------------------------------------------------------------- */

static void test_an_officer_sees_through_the_view_only(void **state)
{
    struct store *f = *state;
    struct officer_id me = {4};
    assert_int_equal(dossier_put(f->db, 1, me, 100), ERR_OK);
    assert_int_equal(dossier_put(f->db, 2, (struct officer_id){5}, 100), ERR_OK);
    assert_int_equal(dossier_put(f->db, 3, me, 300), ERR_OK);
    struct dossier_seen_row *rows = NULL;
    struct dossier_seen_count_row seen = {0};
    size_t n = 0;
    assert_int_equal(dossier_seen(f->db, &f->a, &rows, &n), ERR_INTERNAL);
    db_as_officer(f->db, me, 200);
    assert_int_equal(dossier_seen(f->db, &f->a, &rows, &n), ERR_OK);
    assert_int_equal(n, 1);
    assert_int_equal(rows[0].id, 1);
    assert_int_equal(dossier_seen_count(f->db, &f->a, &seen), ERR_OK);
    assert_int_equal(seen.n, 1);
    db_as_officer(f->db, me, 300);
    assert_int_equal(dossier_seen_count(f->db, &f->a, &seen), ERR_OK);
    assert_int_equal(seen.n, 2);
    db_as_nobody(f->db);
    assert_int_equal(dossier_seen(f->db, &f->a, &rows, &n), ERR_INTERNAL);
}

/* Statements that the generator would not let through, to see that the connection refuses too. */
static void test_the_authorizer_fires(void **state)
{
    struct store *f = *state;
    static const struct db_field OUT[] = {{"id", "i64", DB_TYPE_I64, false, 0}};
    static const char *const TEXTS[] = {
        "SELECT d.id FROM dossier d",
        "SELECT count(*) FROM dossier",
        "SELECT d.officer FROM v_dossier v JOIN dossier d ON d.id = v.id",
        "SELECT (SELECT d.officer FROM dossier d) FROM v_dossier v",
        "SELECT name FROM sqlite_schema",
        "DELETE FROM dossier",
        "INSERT INTO office (id, name) VALUES (1, 'x')",
        "UPDATE item SET big = 0",
        "PRAGMA user_version",
    };
    struct officer_id me = {4};
    assert_int_equal(dossier_put(f->db, 1, me, 100), ERR_OK);
    db_as_officer(f->db, me, 200);
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        const struct db_statement st = {.name = "probe",
                                        .place = "test",
                                        .sql = TEXTS[i],
                                        .role = DB_ROLE_OFFICER,
                                        .outs = OUT,
                                        .out_count = 1,
                                        .row_bytes = sizeof(int64_t)};
        int64_t id = 0;
        if (db_run_one(f->db, &f->a, &st, NULL, &id) != ERR_INTERNAL)
            fail_msg("not refused: %s", TEXTS[i]);
    }
    assert_int_equal(dossier_put(f->db, 9, me, 100), ERR_OK); /* the system still may */
}

/* ---- files ---------------------------------------------------------------------------------- */

static void set_text(struct store *f, const char *sql)
{
    assert_int_equal(sqlite3_exec(f->db->sq, sql, NULL, NULL, NULL), SQLITE_OK);
}

static void refused(struct store *f, const char *key, enum err want)
{
    db_close(f->db);
    f->db = NULL;
    struct err_info info = {0};
    struct db *db = NULL;
    assert_int_equal(db_open(f->folder.path, DB_STORE_MAIN, DB_WRITE, &db, &info), want);
    assert_null(db);
    assert_string_equal(info.key, key);
    assert_true(want == ERR_CORRUPT || strstr(info.arg[0], "main.db") != NULL);
}

static void test_a_newer_store_is_refused_with_both_versions(void **state)
{
    struct store *f = *state;
    set_text(f, "UPDATE schema_version SET version = 8");
    db_close(f->db);
    struct err_info info = {0};
    f->db = NULL;
    assert_int_equal(db_open(f->folder.path, DB_STORE_MAIN, DB_WRITE, &f->db, &info), ERR_VERSION);
    assert_string_equal(info.key, "db.newer");
    assert_string_equal(info.arg[1], "8");
    assert_string_equal(info.arg[2], "7");
}

static void test_other_builds_older_and_foreign_files_are_refused(void **state)
{
    struct store *f = *state;
    set_text(f, "UPDATE schema_version SET digest = 'other'");
    refused(f, "db.other_build", ERR_VERSION);
    folder_remove(&f->folder);
    folder_make(&f->folder);
    assert_int_equal(db_open(f->folder.path, DB_STORE_MAIN, DB_WRITE, &f->db, NULL), ERR_OK);
    set_text(f, "UPDATE schema_version SET version = 6");
    refused(f, "db.too_old", ERR_VERSION);
    folder_remove(&f->folder);
    folder_make(&f->folder);
    assert_int_equal(db_open(f->folder.path, DB_STORE_MAIN, DB_WRITE, &f->db, NULL), ERR_OK);
    set_text(f, "PRAGMA application_id=5");
    refused(f, "db.foreign", ERR_VERSION);
}

static void test_a_damaged_file_is_said_to_be_one(void **state)
{
    struct store *f = *state;
    char path[128];
    (void)snprintf(path, sizeof path, "%s/main.db", f->folder.path);
    db_close(f->db);
    f->db = NULL;
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    static const char noise[8192] = "this is no database at all, only some text";
    assert_int_equal(pwrite(fd, noise, sizeof noise, 0), sizeof noise);
    (void)close(fd);
    refused(f, "db.corrupt", ERR_CORRUPT);
}

static void test_reading_makes_nothing(void **state)
{
    struct store *f = *state;
    struct db *db = NULL;
    struct err_info info = {0};
    assert_int_equal(db_open(f->folder.path, DB_STORE_KEYS, DB_READ, &db, &info), ERR_IO);
    assert_string_equal(info.key, "db.cannot_open");
    assert_int_equal(db_open(f->folder.path, DB_STORE_KEYS, DB_WRITE, &db, &info), ERR_OK);
    struct item_count_row row = {0};
    assert_int_equal(item_count(db, &f->a, &row), ERR_INTERNAL); /* it belongs to main.db */
    db_close(db);
    assert_int_equal(db_open(f->folder.path, DB_STORE_MAIN, DB_READ, &db, &info), ERR_OK);
    assert_int_equal(add(db, 1, STR("n")), ERR_INTERNAL);
    db_close(db);
}

static void test_a_folder_serves_one_process(void **state)
{
    struct store *f = *state;
    struct db_folder_lock lock = DB_FOLDER_LOCK_NONE;
    assert_int_equal(db_folder_lock(f->folder.path, &lock, NULL), ERR_OK);
    pid_t child = fork();
    if (child == 0) {
        struct db_folder_lock other = DB_FOLDER_LOCK_NONE;
        struct err_info info = {0};
        bool right = db_folder_lock(f->folder.path, &other, &info) == ERR_CONFLICT &&
                     strcmp(info.key, "db.locked") == 0 && strcmp(info.arg[0], f->folder.path) == 0;
        _exit(right ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    db_folder_unlock(&lock);
    assert_int_equal(db_folder_lock(f->folder.path, &lock, NULL), ERR_OK);
    db_folder_unlock(&lock);
    assert_int_equal(db_folder_lock("/proc/none/there", &lock, NULL), ERR_IO);
}

/* ---- readers -------------------------------------------------------------------------------- */

static void test_a_reader_stands_in_one_snapshot(void **state)
{
    struct store *f = *state;
    struct readers *readers = NULL;
    assert_int_equal(readers_new(f->folder.path, DB_STORE_MAIN, 0, &readers, NULL), ERR_OK);
    struct db *one = NULL;
    struct db *two = NULL;
    struct item_count_row row = {0};
    assert_int_equal(readers_take(readers, &one, NULL), ERR_OK);
    assert_int_equal(item_count(one, &f->a, &row), ERR_OK);
    assert_int_equal(add(f->db, 1, STR("n")), ERR_OK);
    assert_int_equal(item_count(one, &f->a, &row), ERR_OK);
    assert_int_equal(row.n, 0);
    assert_int_equal(readers_take(readers, &two, NULL), ERR_OK);
    assert_ptr_not_equal(one, two);
    assert_int_equal(item_count(two, &f->a, &row), ERR_OK);
    assert_int_equal(row.n, 1);
    db_as_officer(two, (struct officer_id){3}, 1);
    readers_give(readers, two);
    readers_give(readers, one);
    assert_int_equal(readers_take(readers, &two, NULL), ERR_OK);
    assert_ptr_equal(one, two); /* the one given back last */
    assert_int_equal(two->officer.v, 0);
    assert_int_equal(item_count(two, &f->a, &row), ERR_OK);
    assert_int_equal(row.n, 1);
    readers_give(readers, two);
    readers_free(readers);
}

static void test_a_read_that_takes_too_long_is_stopped(void **state)
{
    struct store *f = *state;
    struct readers *readers = NULL;
    assert_int_equal(readers_new(f->folder.path, DB_STORE_MAIN, 30, &readers, NULL), ERR_OK);
    struct db *db = NULL;
    struct endless_row row = {0};
    struct item_count_row items = {0};
    assert_int_equal(readers_take(readers, &db, NULL), ERR_OK);
    assert_int_equal(endless(db, &f->a, &row), ERR_LIMIT);
    assert_string_equal(db_fault(db)->key, "db.slow");
    readers_give(readers, db);
    assert_int_equal(readers_take(readers, &db, NULL), ERR_OK);
    assert_int_equal(item_count(db, &f->a, &items), ERR_OK);
    readers_give(readers, db);
    readers_free(readers);
}

static void test_a_reader_that_cannot_be_leaves_its_place(void **state)
{
    (void)state;
    struct readers *readers = NULL;
    struct db *db = NULL;
    struct err_info info = {0};
    assert_int_equal(readers_new("/nowhere/at/all", DB_STORE_MAIN, 0, &readers, NULL), ERR_OK);
    for (int i = 0; i <= READERS_MAX; i++) /* more than there are places */
        assert_int_not_equal(readers_take(readers, &db, &info), ERR_OK);
    assert_int_not_equal(info.err, ERR_BUSY);
    assert_null(db);
    readers_give(readers, db);
    readers_free(readers);
    readers_free(NULL);
}

static void test_what_is_not_lent_is_not_taken_back(void **state)
{
    struct store *f = *state;
    struct readers *readers = NULL;
    struct db *db = NULL;
    assert_int_equal(readers_new(f->folder.path, DB_STORE_MAIN, 0, &readers, NULL), ERR_OK);
    readers_give(readers, f->db);
    assert_int_equal(readers_take(readers, &db, NULL), ERR_OK);
    readers_give(readers, f->db);
    readers_give(readers, db);
    readers_give(readers, db); /* twice */
    struct db *again = NULL;
    assert_int_equal(readers_take(readers, &again, NULL), ERR_OK);
    assert_ptr_equal(again, db);
    readers_give(readers, again);
    readers_free(readers);
}

static void test_readers_are_bounded(void **state)
{
    struct store *f = *state;
    struct readers *readers = NULL;
    assert_int_equal(readers_new(f->folder.path, DB_STORE_MAIN, 0, &readers, NULL), ERR_OK);
    struct db *lent[READERS_MAX] = {NULL};
    for (size_t i = 0; i < READERS_MAX; i++)
        assert_int_equal(readers_take(readers, &lent[i], NULL), ERR_OK);
    struct db *more = NULL;
    struct err_info info = {0};
    assert_int_equal(readers_take(readers, &more, &info), ERR_BUSY);
    assert_string_equal(info.key, "db.busy");
    for (size_t i = 0; i < READERS_MAX; i++)
        readers_give(readers, lent[i]);
    readers_free(readers);
}

#define WITH_STORE(test) cmocka_unit_test_setup_teardown(test, store_set_up, store_tear_down)

static const struct CMUnitTest TESTS[] = {
    WITH_STORE(test_values_come_back_as_they_went),
    WITH_STORE(test_failure_leaves_the_row_untouched_and_says_where),
    WITH_STORE(test_lists_walks_and_counts),
    WITH_STORE(test_a_statement_inside_itself_is_refused),
    WITH_STORE(test_a_capped_arena_fails_one_call_only),
    WITH_STORE(test_every_allocation_may_fail),
    WITH_STORE(test_a_transaction_rolls_back_unless_committed),
    WITH_STORE(test_a_transaction_inside_another_names_where_that_began),
    WITH_STORE(test_a_savepoint_undoes_only_itself),
    WITH_STORE(test_a_full_disk_is_said_and_passes),
    WITH_STORE(test_an_officer_sees_through_the_view_only),
    WITH_STORE(test_the_authorizer_fires),
    WITH_STORE(test_a_newer_store_is_refused_with_both_versions),
    WITH_STORE(test_other_builds_older_and_foreign_files_are_refused),
    WITH_STORE(test_a_damaged_file_is_said_to_be_one),
    WITH_STORE(test_reading_makes_nothing),
    WITH_STORE(test_a_folder_serves_one_process),
    WITH_STORE(test_a_reader_stands_in_one_snapshot),
    WITH_STORE(test_a_read_that_takes_too_long_is_stopped),
    WITH_STORE(test_readers_are_bounded),
    cmocka_unit_test(test_a_reader_that_cannot_be_leaves_its_place),
    WITH_STORE(test_what_is_not_lent_is_not_taken_back),
};

CHECK_MAIN(TESTS)
