/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The log is carried into the store whatever is in the way, and a disk that fails ends the process.
 */
#include "base/mem.h"
#include "db/checkpoint.h"
#include "db/connection.h"
#include "tests/db/fault_vfs.h"
#include "tests/db/probe.sql.h"
#include "tests/db/store.h"

#include <sys/stat.h>
#include <sys/wait.h>

/* Pages of 512 bytes, so that a long log is a small one. */
enum { BIG_BYTES = 550 * 1024 }; /* past the 1000 pages at which the thread is woken */
enum { LONG_LOG = 8 };           /* so many of these are past 8000 pages */
enum { EXIT_FATAL = 42 };

struct fixture {
    struct folder folder;
    struct db *db;
    struct checkpoint *checkpoint;
    int64_t rows;
};

static void on_fatal(void *env, const struct err_info *info)
{
    _exit(env == NULL && info->err == ERR_IO ? EXIT_FATAL : 1);
}

static void make(struct fixture *f)
{
    char path[128];
    sqlite3 *sq = NULL;
    folder_make(&f->folder);
    (void)snprintf(path, sizeof path, "%s/main.db", f->folder.path);
    assert_int_equal(sqlite3_open(path, &sq), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(sq, "PRAGMA page_size=512; PRAGMA user_version=1", NULL, NULL, NULL),
        SQLITE_OK);
    (void)sqlite3_close(sq);
}

static void start(struct fixture *f, void (*fatal)(void *env, const struct err_info *info))
{
    struct err_info info = {0};
    f->rows = 0;
    if (db_open(f->folder.path, DB_STORE_MAIN, DB_WRITE, &f->db, &info) != ERR_OK ||
        db_leave_sync(f->db, true) != ERR_OK ||
        checkpoint_new(f->folder.path, DB_STORE_MAIN, fatal, NULL, &f->checkpoint, &info) != ERR_OK)
        fail_msg("%s", info.detail);
}

static void finish(struct fixture *f)
{
    checkpoint_free(f->checkpoint);
    db_close(f->db);
    folder_remove(&f->folder);
}

static void put(struct fixture *f)
{
    static char big[BIG_BYTES];
    const struct item_add_in in = {.id = ++f->rows, .data = str_make(big, sizeof big)};
    assert_int_equal(item_add(f->db, &in), ERR_OK);
}

static int64_t count(struct fixture *f)
{
    CLEANUP(db_close_ptr) struct db *db = NULL;
    CLEANUP(arena_done) struct arena a;
    struct item_count_row row = {0};
    arena_init(&a, 4096);
    assert_int_equal(db_open(f->folder.path, DB_STORE_MAIN, DB_READ, &db, NULL), ERR_OK);
    assert_int_equal(item_count(db, &a, &row), ERR_OK);
    return row.n;
}

/* A reader that stands in the snapshot of now. */
static struct db *reader_open(struct fixture *f, struct db_tx *tx)
{
    CLEANUP(arena_done) struct arena a;
    struct db *db = NULL;
    struct item_count_row row = {0};
    arena_init(&a, 4096);
    assert_int_equal(db_open(f->folder.path, DB_STORE_MAIN, DB_READ, &db, NULL), ERR_OK);
    assert_int_equal(DB_TX_BEGIN(tx, db), ERR_OK);
    assert_int_equal(item_count(db, &a, &row), ERR_OK);
    return db;
}

static int64_t store_bytes(struct fixture *f)
{
    char path[128];
    struct stat st;
    (void)snprintf(path, sizeof path, "%s/main.db", f->folder.path);
    return stat(path, &st) == 0 ? (int64_t)st.st_size : -1;
}

static void test_a_copy_without_room_is_made_later(void **state)
{
    (void)state;
    struct fixture f;
    make(&f);
    start(&f, on_fatal);
    put(&f);
    fault_vfs_break(FAULT_WRITE, 0, SQLITE_FULL);
    assert_int_equal(checkpoint_after_commit(f.checkpoint, f.db, f.db->wal_pages), ERR_OK);
    for (int i = 0; i < 10000 && fault_vfs_failed() == 0; i++)
        (void)usleep(1000);
    assert_true(fault_vfs_failed() > 0);
    fault_vfs_heal();
    assert_int_equal(count(&f), 1);
    assert_true(store_bytes(&f) < BIG_BYTES);
    put(&f);
    assert_int_equal(checkpoint_after_commit(f.checkpoint, f.db, f.db->wal_pages), ERR_OK);
    for (int i = 0; i < 10000 && store_bytes(&f) < 2 * BIG_BYTES; i++)
        (void)usleep(1000);
    assert_true(store_bytes(&f) >= 2 * BIG_BYTES);
    assert_int_equal(count(&f), 2);
    finish(&f);
}

/* Commits until the thread has asked for it that a commit finishes the log, under that plan; what
 * checkpoint_after_commit said then. */
static enum err finish_once(struct fixture *f, const struct fault_plan *plan)
{
    for (int i = 0; i < 200; i++) {
        put(f);
        fault_vfs_plan(plan);
        enum err err = checkpoint_after_commit(f->checkpoint, f->db, f->db->wal_pages);
        bool was_there = fault_vfs_counted(FAULT_LOCK) > 0;
        fault_vfs_heal();
        if (was_there)
            return err;
        assert_int_equal(err, ERR_OK);
        (void)usleep(10000);
    }
    fail_msg("the writer was never asked");
    return ERR_INTERNAL;
}

/* Only this thread's operations are counted from here on. */
static void test_a_reader_holds_the_log_up_only_while_it_reads(void **state)
{
    (void)state;
    static const struct {
        int rc;
        enum err err;
    } CASES[] = {{SQLITE_BUSY, ERR_OK}, /* somebody else copies: no failure */
                 {SQLITE_LOCKED, ERR_OK},
                 {SQLITE_IOERR_SHMLOCK, ERR_IO},
                 {SQLITE_OK, ERR_OK}};
    struct fixture f;
    struct db_tx tx = DB_TX_NONE;
    fault_vfs_here();
    make(&f);
    start(&f, on_fatal);
    struct db *reader = reader_open(&f, &tx);
    for (int i = 0; i < LONG_LOG; i++)
        put(&f);
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        const struct fault_plan plan = {.ops = CASES[i].rc == SQLITE_OK ? 0 : 1U << FAULT_LOCK,
                                        .rc = CASES[i].rc};
        assert_int_equal(finish_once(&f, &plan), CASES[i].err);
    }
    assert_true(f.db->wal_pages > 8000); /* it could not begin again */
    db_tx_rollback(&tx);
    db_close(reader);
    int64_t before = f.rows;
    while (f.db->wal_pages > 8000 && f.rows < before + 200) {
        put(&f);
        assert_int_equal(checkpoint_after_commit(f.checkpoint, f.db, f.db->wal_pages), ERR_OK);
        (void)usleep(10000);
    }
    assert_true(f.db->wal_pages <= 8000);
    assert_int_equal(count(&f), f.rows);
    finish(&f);
}

/* In a child: the sync after the next `after` fails while a long log is carried over. */
static int status_of_a_failed_sync(int64_t after,
                                   void (*fatal)(void *env, const struct err_info *info))
{
    struct fixture f;
    make(&f);
    pid_t child = fork();
    if (child == 0) {
        struct db_tx tx = DB_TX_NONE;
        start(&f, fatal);
        (void)reader_open(&f, &tx);
        for (int i = 0; i < LONG_LOG; i++)
            put(&f);
        fault_vfs_break(FAULT_SYNC, after, SQLITE_IOERR_FSYNC);
        (void)checkpoint_after_commit(f.checkpoint, f.db, f.db->wal_pages);
        for (int i = 0; i < 20000 && fault_vfs_counted(FAULT_SYNC) < 2; i++)
            (void)usleep(1000);
        checkpoint_free(f.checkpoint);
        _exit(0);
    }
    int end = store_child_end(child);
    folder_remove(&f.folder);
    return end;
}

/* The thread used to call a `fatal` that nobody had given it. */
static void test_a_failed_sync_ends_the_process_heard_or_not(void **state)
{
    (void)state;
    enum { OF_THE_LOG = 0, OF_THE_STORE = 1 };
    assert_int_equal(status_of_a_failed_sync(OF_THE_LOG, on_fatal), EXIT_FATAL);
    assert_int_equal(status_of_a_failed_sync(OF_THE_STORE, on_fatal), EXIT_FATAL);
    assert_int_equal(status_of_a_failed_sync(OF_THE_LOG, NULL), 74);
    assert_int_equal(status_of_a_failed_sync(OF_THE_STORE, NULL), 74);
    assert_int_equal(status_of_a_failed_sync(100, NULL), 0);
}

static const struct CMUnitTest TESTS[] = {
    cmocka_unit_test(test_a_failed_sync_ends_the_process_heard_or_not),
    cmocka_unit_test(test_a_copy_without_room_is_made_later),
    cmocka_unit_test(test_a_reader_holds_the_log_up_only_while_it_reads),
};

int main(void)
{
    if (db_setup(NULL) != ERR_OK)
        return 1;
    fault_vfs_install();
    fault_vfs_spare_syncs();
    return cmocka_run_group_tests(TESTS, NULL, NULL);
}
