/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What the system, the disk and SQLite's memory refuse: each has its class, nothing is left behind
 * by it, and what comes next works. */
#include "base/mem.h"
#include "db/checkpoint.h"
#include "db/connection.h"
#include "db/readers.h"
#include "db/writer.h"
#include "tests/db/fault_calls.h"
#include "tests/db/fault_vfs.h"
#include "tests/db/probe.sql.h"
#include "tests/db/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* ---- calls that fail ------------------------------------------------------------------------ */

int __real_flock(int fd, int how);
int __wrap_flock(int fd, int how);
int __real_ftruncate64(int fd, off_t size);
int __wrap_ftruncate64(int fd, off_t size);
ssize_t __real_pwrite64(int fd, const void *bytes, size_t len, off_t at);
ssize_t __wrap_pwrite64(int fd, const void *bytes, size_t len, off_t at);

static bool fails(enum fault_call call)
{
    int code = fault_call_strike(call);
    if (code != 0)
        errno = code;
    return code != 0;
}

int __wrap_flock(int fd, int how)
{
    return fails(FAULT_FLOCK) ? -1 : __real_flock(fd, how);
}

int __wrap_ftruncate64(int fd, off_t size)
{
    return fails(FAULT_FTRUNCATE) ? -1 : __real_ftruncate64(fd, size);
}

ssize_t __wrap_pwrite64(int fd, const void *bytes, size_t len, off_t at)
{
    return fails(FAULT_PWRITE) ? -1 : __real_pwrite64(fd, bytes, len, at);
}

/* SQLite's memory, from the one thread that breaks it. */
static sqlite3_mem_methods real_memory;
static _Thread_local int64_t memory_left = -1;

static bool memory_fails(void)
{
    return memory_left >= 0 && memory_left-- == 0;
}

/* SQLite does without some of what it asks for; so a test goes on until nothing failed any more. */
static bool memory_heal(void)
{
    bool has_failed = memory_left < 0;
    memory_left = -1;
    return has_failed;
}

static void *memory_new(int size)
{
    return memory_fails() ? NULL : real_memory.xMalloc(size);
}

static void *memory_resize(void *old, int size)
{
    return memory_fails() ? NULL : real_memory.xRealloc(old, size);
}

static int memory_install(void)
{
    int rc = sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real_memory);
    sqlite3_mem_methods ours = real_memory;
    ours.xMalloc = memory_new;
    ours.xRealloc = memory_resize;
    if (rc == SQLITE_OK)
        rc = sqlite3_config(SQLITE_CONFIG_MALLOC, &ours);
    if (rc == SQLITE_OK) /* or most of it would come from there */
        rc = sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);
    return rc;
}

/* ---- a store -------------------------------------------------------------------------------- */

static enum err add(struct db *db, int64_t id)
{
    const struct item_add_in in = {.id = id, .note = STR("a note"), .data = STR("x"), .big = id};
    return item_add(db, &in);
}

static int64_t count(struct store *f)
{
    struct item_count_row row = {0};
    assert_int_equal(item_count(f->db, &f->a, &row), ERR_OK);
    return row.n;
}

static int64_t pragma(struct store *f, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    assert_int_equal(sqlite3_prepare_v2(f->db->sq, sql, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    int64_t value = sqlite3_column_int64(stmt, 0);
    (void)sqlite3_finalize(stmt);
    return value;
}

/* What a child said with _exit. */
static int status_of(pid_t child)
{
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/* ---- SQLite --------------------------------------------------------------------------------- */

/* Its locks and statistics can no longer be chosen then. Runs before anything else of SQLite. */
static void test_sqlite_in_use_before_us_is_refused(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        struct err_info info = {0};
        bool right = sqlite3_initialize() == SQLITE_OK && db_setup(&info) == ERR_INTERNAL &&
                     strstr(info.detail, "sqlite3_config") != NULL &&
                     db_setup(&info) == ERR_INTERNAL;
        _exit(right ? 0 : 1);
    }
    assert_int_equal(status_of(child), 0);
}

static void test_each_failure_of_sqlite_has_its_class(void **state)
{
    struct store *f = *state;
    static const struct {
        int rc;
        enum err err;
        const char *key;
    } CASES[] = {
        {SQLITE_CORRUPT, ERR_CORRUPT, "db.corrupt"},
        {SQLITE_CORRUPT_VTAB, ERR_CORRUPT, "db.corrupt"},
        {SQLITE_NOTADB, ERR_CORRUPT, "db.corrupt"},
        {SQLITE_BUSY, ERR_BUSY, "db.busy"},
        {SQLITE_BUSY_SNAPSHOT, ERR_BUSY, "db.busy"},
        {SQLITE_LOCKED, ERR_BUSY, "db.busy"},
        {SQLITE_INTERRUPT, ERR_LIMIT, "db.slow"},
        {SQLITE_TOOBIG, ERR_LIMIT, "db.slow"},
        {SQLITE_NOMEM, ERR_NOMEM, ""},
        {SQLITE_IOERR_NOMEM, ERR_NOMEM, ""},
        {SQLITE_FULL, ERR_FULL, "db.full"},
        {SQLITE_IOERR_READ, ERR_IO, ""},
        {SQLITE_CANTOPEN, ERR_IO, ""},
        {SQLITE_PERM, ERR_IO, ""},
        {SQLITE_CONSTRAINT_UNIQUE, ERR_CONFLICT, ""},
        {SQLITE_CONSTRAINT_PRIMARYKEY, ERR_CONFLICT, ""},
        {SQLITE_CONSTRAINT_ROWID, ERR_CONFLICT, ""},
        {SQLITE_CONSTRAINT_NOTNULL, ERR_INTERNAL, ""},
        {SQLITE_MISUSE, ERR_INTERNAL, ""},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        char number[16];
        (void)snprintf(number, sizeof number, "[%d]", CASES[i].rc);
        if (db_note(f->db, CASES[i].rc, "the deed", "the place") != CASES[i].err)
            fail_msg("%d: %s", CASES[i].rc, db_fault(f->db)->detail);
        assert_string_equal(db_fault(f->db)->key, CASES[i].key);
        assert_non_null(strstr(db_fault(f->db)->detail, "main.db: the deed (the place)"));
        assert_non_null(strstr(db_fault(f->db)->detail, number));
        assert_false(db_sync_failed(f->db));
    }
    assert_int_equal(db_note(f->db, SQLITE_IOERR_DIR_FSYNC, "d", "p"), ERR_IO);
    assert_true(db_sync_failed(f->db));
}

static void test_what_was_searched_for_is_not_in_the_log(void **state)
{
    struct store *f = *state;
    int rc = sqlite3_exec(f->db->sq, "SELECT canary", NULL, NULL, NULL);
    (void)db_note(f->db, rc, "search", "here");
    assert_non_null(strstr(db_fault(f->db)->detail, "canary"));
    f->db->store = DB_STORE_FTS;
    (void)db_note(f->db, rc, "search", "here");
    f->db->store = DB_STORE_MAIN;
    assert_null(strstr(db_fault(f->db)->detail, "canary"));
    assert_non_null(strstr(db_fault(f->db)->detail, "fts.db: search (here): SQL logic error"));
}

static void test_a_store_that_is_none_has_no_file(void **state)
{
    (void)state;
    assert_string_equal(db_store_file(DB_STORE_VAULT), "vault.db");
    assert_string_equal(db_store_file(DB_STORE_UNSET), "");
    assert_string_equal(db_store_file(DB_STORE_COUNT), "");
}

/* The system says why it failed: only want of room is a reason that passes. */
static void test_want_of_room_is_told_from_a_broken_disk(void **state)
{
    struct store *f = *state;
    static const struct {
        enum fault_op op;
        int rc;
        int system_errno;
        enum err err;
    } CASES[] = {
        {FAULT_WRITE, SQLITE_FULL, 0, ERR_FULL},
        {FAULT_LOCK, SQLITE_IOERR_SHMSIZE, ENOSPC, ERR_FULL},
        {FAULT_LOCK, SQLITE_IOERR_SHMSIZE, EDQUOT, ERR_FULL},
        {FAULT_LOCK, SQLITE_IOERR_SHMSIZE, EIO, ERR_IO},
        {FAULT_SYNC, SQLITE_IOERR_FSYNC, ENOSPC, ERR_IO},
        {FAULT_SYNC, SQLITE_IOERR_DIR_FSYNC, EDQUOT, ERR_IO},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct db *db = NULL;
        assert_int_equal(db_open(f->folder.path, DB_STORE_MAIN, DB_WRITE, &db, NULL), ERR_OK);
        fault_vfs_plan(&(struct fault_plan){
            .ops = 1U << CASES[i].op, .rc = CASES[i].rc, .system_errno = CASES[i].system_errno});
        assert_int_equal(add(db, 1), CASES[i].err);
        fault_vfs_heal();
        assert_string_equal(db_fault(db)->key, CASES[i].err == ERR_FULL ? "db.full" : "");
        assert_int_equal(db_sync_failed(db), CASES[i].op == FAULT_SYNC);
        db_close(db);
    }
    assert_true(count(f) <= 1); /* what is not synced may be there or not */
}

/* ---- SQLite's memory ------------------------------------------------------------------------ */

static enum err write_one(struct store *f, int64_t i, bool *ret_has_failed)
{
    CLEANUP(db_close_ptr) struct db *db = NULL;
    CLEANUP(db_tx_done) struct db_tx tx = DB_TX_NONE;
    memory_left = i;
    enum err err = db_open(f->folder.path, DB_STORE_MAIN, DB_WRITE, &db, NULL);
    if (err == ERR_OK)
        err = DB_TX_BEGIN(&tx, db);
    if (err == ERR_OK) {
        enum err added = add(db, 1);
        err = db_tx_commit(&tx);
        if (added != ERR_OK) { /* nothing of it was kept, whatever the commit said */
            assert_int_equal(added, ERR_NOMEM);
            err = added;
        }
        assert_false(db_in_tx(db));
    }
    *ret_has_failed = memory_heal();
    return err;
}

static void test_a_write_that_lacks_memory_keeps_nothing(void **state)
{
    struct store *f = *state;
    bool has_failed = true;
    int64_t refused = 0;
    for (int64_t i = 0; has_failed; i++) {
        int64_t dropped = 0;
        enum err err = write_one(f, i, &has_failed);
        assert_true(err == ERR_OK || (err == ERR_NOMEM && has_failed));
        assert_int_equal(count(f), err == ERR_OK);
        assert_int_equal(item_drop(f->db, 0, &dropped), ERR_OK);
        refused += err == ERR_NOMEM;
    }
    assert_true(refused > 100);
}

static void test_a_number_read_as_text_is_never_short(void **state)
{
    struct store *f = *state;
    enum { TRIES = 100 };
    static const struct db_field OUT[] = {{"big", "text", DB_TYPE_TEXT, false, 0}};
    static struct db_statement all[TRIES]; /* each is prepared anew */
    assert_int_equal(add(f->db, 4711), ERR_OK);
    bool has_failed = true;
    int64_t refused = 0;
    for (int64_t i = 0; has_failed && i < TRIES; i++) {
        struct str text = STR("before");
        all[i] = (struct db_statement){.name = "probe",
                                       .place = "test",
                                       .sql = "SELECT big FROM item",
                                       .role = DB_ROLE_SYSTEM,
                                       .outs = OUT,
                                       .out_count = 1,
                                       .row_bytes = sizeof text};
        memory_left = i;
        enum err err = db_run_one(f->db, &f->a, &all[i], NULL, &text);
        has_failed = memory_heal();
        assert_true(err == ERR_OK || (err == ERR_NOMEM && has_failed));
        check_str(text, err == ERR_OK ? "4711" : "before");
        refused += err == ERR_NOMEM;
    }
    assert_false(has_failed);
    assert_true(refused > 5);
}

static void test_a_reader_that_lacks_memory_leaves_its_place(void **state)
{
    struct store *f = *state;
    assert_int_equal(add(f->db, 1), ERR_OK);
    for (int with_info = 0; with_info < 2; with_info++) {
        bool has_failed = true;
        for (int64_t i = 0; has_failed; i++) {
            struct readers *readers = NULL;
            struct db *db = NULL;
            struct item_count_row row = {0};
            struct err_info info = {.err = ERR_OK};
            assert_int_equal(readers_new(f->folder.path, DB_STORE_MAIN, 0, &readers, NULL), ERR_OK);
            memory_left = i;
            enum err err = readers_take(readers, &db, with_info ? &info : NULL);
            has_failed = memory_heal();
            assert_true(err == ERR_OK || (err == ERR_NOMEM && has_failed));
            assert_int_equal(db != NULL, err == ERR_OK);
            assert_true(!with_info || info.err == err);
            readers_give(readers, db);
            assert_int_equal(readers_take(readers, &db, NULL), ERR_OK);
            assert_int_equal(item_count(db, &f->a, &row), ERR_OK);
            assert_int_equal(row.n, 1);
            readers_give(readers, db);
            readers_free(readers);
        }
    }
}

static void test_readers_need_memory_of_ours(void **state)
{
    struct store *f = *state;
    enum err err = ERR_NOMEM;
    int64_t i = 0;
    for (; err == ERR_NOMEM; i++) {
        struct readers *readers = NULL;
        mem_fail_after(i);
        err = readers_new(f->folder.path, DB_STORE_MAIN, 0, &readers, NULL);
        mem_fail_after(-1);
        assert_int_equal(readers != NULL, err == ERR_OK);
        readers_free(readers);
    }
    assert_int_equal(err, ERR_OK);
    assert_int_equal(i, 3);
}

/* ---- transactions --------------------------------------------------------------------------- */

/* SQLite gives a transaction up by itself; who commits then is told why. */
static void test_a_transaction_given_up_says_why(void **state)
{
    struct store *f = *state;
    static const struct {
        enum err before;
        enum err err;
    } CASES[] = {{ERR_FULL, ERR_FULL},
                 {ERR_IO, ERR_IO},
                 {ERR_NOMEM, ERR_NOMEM},
                 {ERR_OK, ERR_INTERNAL},
                 {ERR_CONFLICT, ERR_INTERNAL}};
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct db_tx tx = DB_TX_NONE;
        assert_int_equal(DB_TX_BEGIN(&tx, f->db), ERR_OK);
        assert_int_equal(add(f->db, 1), ERR_OK);
        assert_int_equal(sqlite3_exec(f->db->sq, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
        f->db->fault.err = CASES[i].before;
        assert_int_equal(db_tx_commit(&tx), CASES[i].err);
        if (CASES[i].err == ERR_INTERNAL)
            assert_non_null(strstr(db_fault(f->db)->detail, "test_broken.c:"));
        db_tx_rollback(&tx); /* again: nothing happens */
        assert_int_equal(count(f), 0);
    }
}

static void test_a_commit_that_fails_leaves_no_transaction(void **state)
{
    struct store *f = *state;
    static const int RCS[] = {SQLITE_FULL, SQLITE_IOERR_WRITE};
    for (size_t i = 0; i < sizeof RCS / sizeof RCS[0]; i++) {
        CLEANUP(db_tx_done) struct db_tx tx = DB_TX_NONE;
        assert_int_equal(DB_TX_BEGIN(&tx, f->db), ERR_OK);
        assert_int_equal(add(f->db, 1), ERR_OK);
        fault_vfs_break(FAULT_WRITE, 0, RCS[i]);
        assert_int_equal(db_tx_commit(&tx), i == 0 ? ERR_FULL : ERR_IO);
        fault_vfs_heal();
        assert_false(db_in_tx(f->db));
        assert_int_equal(db_fault(f->db)->err, i == 0 ? ERR_FULL : ERR_IO);
        assert_int_equal(count(f), 0);
    }
    assert_int_equal(add(f->db, 1), ERR_OK);
}

static void test_the_log_of_a_store_is_synced_or_not(void **state)
{
    struct store *f = *state;
    struct err_info info = {0};
    struct db *keys = NULL;
    assert_int_equal(db_open(f->folder.path, DB_STORE_KEYS, DB_WRITE, &keys, NULL), ERR_OK);
    assert_null(db_log_file(keys)); /* it has none */
    db_close(keys);
    assert_int_equal(add(f->db, 1), ERR_OK);
    struct sqlite3_file *file = db_log_file(f->db);
    assert_non_null(file);
    assert_int_equal(db_sync_file(file, &info), ERR_OK);
    fault_vfs_break(FAULT_SYNC, 0, SQLITE_IOERR_FSYNC);
    assert_int_equal(db_sync_file(file, &info), ERR_IO);
    fault_vfs_heal();
    assert_non_null(strstr(info.detail, "sync: disk I/O error [1034]"));
}

/* ---- statements ----------------------------------------------------------------------------- */

static void test_any_number_of_statements_is_kept(void **state)
{
    struct store *f = *state;
    enum { COUNT = 300 };
    static const struct db_field OUT[] = {{"n", "i64", DB_TYPE_I64, false, 0}};
    static struct db_statement all[COUNT];
    static char sql[COUNT][32];
    const size_t before = f->db->prepared_count;
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < COUNT; i++) {
            int64_t n = 0;
            (void)snprintf(sql[i], sizeof sql[i], "SELECT %d", i);
            all[i] = (struct db_statement){.name = "probe",
                                           .place = "test",
                                           .sql = sql[i],
                                           .role = DB_ROLE_SYSTEM,
                                           .outs = OUT,
                                           .out_count = 1,
                                           .row_bytes = sizeof n};
            assert_int_equal(db_run_one(f->db, &f->a, &all[i], NULL, &n), ERR_OK);
            assert_int_equal(n, i);
        }
        assert_int_equal(f->db->prepared_count, before + COUNT); /* the second time none is new */
    }
}

static void test_what_cannot_be_bound_names_its_statement(void **state)
{
    struct store *f = *state;
    static const struct db_field IN[] = {{"one", "text", DB_TYPE_TEXT, false, 0},
                                         {"two", "text", DB_TYPE_TEXT, false, 0}};
    const struct db_statement st = {.name = "probe",
                                    .place = "test:7",
                                    .sql = "SELECT :one",
                                    .role = DB_ROLE_SYSTEM,
                                    .ins = IN,
                                    .in_count = 2};
    const union db_value ins[] = {{.s = STR("a")}, {.s = STR("b")}};
    assert_int_equal(db_run_exec(f->db, &st, ins, NULL), ERR_INTERNAL); /* there is no second */
    assert_non_null(strstr(db_fault(f->db)->detail, "probe (test:7)"));
    static char big[2000];
    int before = sqlite3_limit(f->db->sq, SQLITE_LIMIT_LENGTH, 1000);
    const struct item_add_in in = {.id = 1, .note = STR_NULL, .data = str_make(big, sizeof big)};
    assert_int_equal(item_add(f->db, &in), ERR_LIMIT);
    (void)sqlite3_limit(f->db->sq, SQLITE_LIMIT_LENGTH, before);
    assert_int_equal(item_add(f->db, &in), ERR_OK);
}

static void test_no_bytes_are_not_null_where_that_must_not_be(void **state)
{
    struct store *f = *state;
    struct item_get_row row = {0};
    const struct item_add_in in = {.id = 1, .note = STR_NULL, .data = STR_NULL, .big = INT64_MIN};
    assert_int_equal(item_add(f->db, &in), ERR_OK);
    assert_int_equal(item_get(f->db, &f->a, 1, &row), ERR_OK);
    assert_true(str_is_null(row.note));
    assert_false(str_is_null(row.data));
    assert_int_equal(row.data.len, 0);
    struct item_small_get_row small = {.big = 9};
    assert_int_equal(item_small_get(f->db, &f->a, 1, &small), ERR_CORRUPT);
    assert_int_equal(small.big, 9);
}

static void test_a_row_without_room_for_its_text_fails(void **state)
{
    struct store *f = *state;
    static char big[60000];
    const struct item_add_in in = {.id = 1, .note = STR("n"), .data = str_make(big, sizeof big)};
    assert_int_equal(item_add(f->db, &in), ERR_OK);
    CLEANUP(arena_done) struct arena small;
    arena_init(&small, 40000);
    struct item_get_row row = {.big = 9};
    assert_int_equal(item_get(f->db, &small, 1, &row), ERR_NOMEM);
    assert_int_equal(row.big, 9);
    assert_int_equal(item_get(f->db, &f->a, 1, &row), ERR_OK);
    assert_int_equal(row.data.len, sizeof big);
}

/* ---- who asks ------------------------------------------------------------------------------- */

static void test_the_functions_of_an_officer_need_one(void **state)
{
    struct store *f = *state;
    static const char *const TEXTS[] = {"SELECT hy_officer()", "SELECT hy_today()"};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(sqlite3_exec(f->db->sq, TEXTS[i], NULL, NULL, NULL), SQLITE_ERROR);
        assert_non_null(strstr(sqlite3_errmsg(f->db->sq), "no officer is bound"));
    }
    db_as_officer(f->db, (struct officer_id){4}, 200);
    assert_int_equal(pragma(f, TEXTS[0]), 4);
    assert_int_equal(pragma(f, TEXTS[1]), 200);
}

/* Only a view v_* may read for an officer; a name given in the text is none. */
static void test_a_query_under_another_name_is_no_view(void **state)
{
    struct store *f = *state;
    static const struct db_field OUT[] = {{"id", "i64", DB_TYPE_I64, false, 0}};
    static const char *const TEXTS[] = {
        "WITH x AS (SELECT d.officer AS id FROM dossier d LIMIT 5) SELECT x.id FROM x",
        "SELECT y.id FROM (SELECT d.officer AS id FROM dossier d LIMIT 5) y",
    };
    assert_int_equal(dossier_put(f->db, 1, (struct officer_id){5}, 100), ERR_OK);
    db_as_officer(f->db, (struct officer_id){4}, 200);
    for (size_t i = 0; i < 2; i++) {
        const struct db_statement st = {.name = "probe",
                                        .place = "test",
                                        .sql = TEXTS[i],
                                        .role = DB_ROLE_OFFICER,
                                        .outs = OUT,
                                        .out_count = 1,
                                        .row_bytes = sizeof(int64_t)};
        int64_t id = 0;
        assert_int_equal(db_run_one(f->db, &f->a, &st, NULL, &id), ERR_INTERNAL);
        assert_int_equal(id, 0);
    }
}

/* ---- the folder ----------------------------------------------------------------------------- */

static void test_a_folder_that_cannot_be_locked_says_why(void **state)
{
    struct store *f = *state;
    static const struct {
        enum fault_call call;
        int code;
        enum err err;
        const char *key;
    } CASES[] = {
        {FAULT_FLOCK, EIO, ERR_IO, "db.folder"},
        {FAULT_FLOCK, EWOULDBLOCK, ERR_CONFLICT, "db.locked"},
        {FAULT_FTRUNCATE, EIO, ERR_IO, "db.folder"},
        {FAULT_FTRUNCATE, ENOSPC, ERR_FULL, "db.full"},
        {FAULT_PWRITE, EIO, ERR_IO, "db.folder"},
        {FAULT_PWRITE, ENOSPC, ERR_FULL, "db.full"},
    };
    struct db_folder_lock lock = DB_FOLDER_LOCK_NONE;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct err_info info = {0};
        fault_call_break(CASES[i].call, 0, CASES[i].code);
        assert_int_equal(db_folder_lock(f->folder.path, &lock, &info), CASES[i].err);
        assert_true(fault_call_heal());
        assert_string_equal(info.key, CASES[i].key);
        assert_string_equal(info.arg[0], f->folder.path);
        assert_string_equal(info.arg[1], strerror(CASES[i].code));
        assert_int_equal(lock.fd, -1);
    }
    assert_int_equal(db_folder_lock(f->folder.path, &lock, NULL), ERR_OK); /* none kept it */
    db_folder_unlock(&lock);
    db_folder_unlock(&lock);
    assert_int_equal(lock.fd, -1);
}

static void test_a_lock_that_leads_elsewhere_is_not_followed(void **state)
{
    struct store *f = *state;
    struct db_folder_lock lock = DB_FOLDER_LOCK_NONE;
    struct err_info info = {0};
    char path[128];
    static char far[5000];
    (void)snprintf(path, sizeof path, "%s/lock", f->folder.path);
    assert_int_equal(symlink("main.db", path), 0);
    assert_int_equal(db_folder_lock(f->folder.path, &lock, &info), ERR_IO);
    assert_string_equal(info.key, "db.folder");
    assert_int_equal(unlink(path), 0);
    memset(far, 'x', sizeof far - 1);
    assert_int_equal(db_folder_lock(far, &lock, &info), ERR_INVALID);
    assert_int_equal(lock.fd, -1);
}

/* ---- threads -------------------------------------------------------------------------------- */

/* The connection is the caller's again, and its commits are synced as before. */
static void test_a_writer_without_threads_gives_the_connection_back(void **state)
{
    struct store *f = *state;
    const struct writer_options opt = {.db = f->db};
    struct writer *w = NULL;
    for (int i = 0; i < 2; i++) {
        struct err_info info = {0};
        fault_call_break(FAULT_THREAD, i, EAGAIN);
        assert_int_equal(writer_new(&opt, &w, &info), ERR_NOMEM);
        assert_true(fault_call_heal());
        assert_null(w);
        assert_int_equal(info.err, ERR_NOMEM);
        assert_int_equal(pragma(f, "PRAGMA synchronous"), 2);
    }
    for (int with_info = 0; with_info < 2; with_info++) {
        struct err_info info = {0};
        memory_left = 0;
        assert_int_equal(writer_new(&opt, &w, with_info ? &info : NULL), ERR_NOMEM);
        memory_left = -1;
        assert_int_equal(info.err, with_info ? ERR_NOMEM : ERR_OK);
    }
    assert_int_equal(writer_new(&opt, &w, NULL), ERR_OK);
    assert_int_equal(pragma(f, "PRAGMA synchronous"), 1);
    writer_free(w);
    assert_int_equal(pragma(f, "PRAGMA synchronous"), 2);
}

static void test_a_checkpoint_that_cannot_begin_is_told(void **state)
{
    struct store *f = *state;
    struct checkpoint *c = NULL;
    struct err_info info = {0};
    assert_int_equal(checkpoint_new("/nowhere/at/all", DB_STORE_MAIN, NULL, NULL, &c, &info),
                     ERR_IO);
    assert_string_equal(info.key, "db.cannot_open");
    fault_call_break(FAULT_THREAD, 0, EAGAIN);
    assert_int_equal(checkpoint_new(f->folder.path, DB_STORE_MAIN, NULL, NULL, &c, &info),
                     ERR_NOMEM);
    assert_true(fault_call_heal());
    mem_fail_after(0);
    assert_int_equal(checkpoint_new(f->folder.path, DB_STORE_MAIN, NULL, NULL, &c, &info),
                     ERR_NOMEM);
    mem_fail_after(-1);
    assert_null(c);
    checkpoint_free(c);
}

#define WITH_STORE(test) cmocka_unit_test_setup_teardown(test, store_set_up, store_tear_down)

static const struct CMUnitTest FIRST[] = {
    cmocka_unit_test(test_sqlite_in_use_before_us_is_refused),
};

static const struct CMUnitTest TESTS[] = {
    WITH_STORE(test_each_failure_of_sqlite_has_its_class),
    WITH_STORE(test_what_was_searched_for_is_not_in_the_log),
    cmocka_unit_test(test_a_store_that_is_none_has_no_file),
    WITH_STORE(test_want_of_room_is_told_from_a_broken_disk),
    WITH_STORE(test_a_write_that_lacks_memory_keeps_nothing),
    WITH_STORE(test_a_number_read_as_text_is_never_short),
    WITH_STORE(test_a_reader_that_lacks_memory_leaves_its_place),
    WITH_STORE(test_readers_need_memory_of_ours),
    WITH_STORE(test_a_transaction_given_up_says_why),
    WITH_STORE(test_a_commit_that_fails_leaves_no_transaction),
    WITH_STORE(test_the_log_of_a_store_is_synced_or_not),
    WITH_STORE(test_any_number_of_statements_is_kept),
    WITH_STORE(test_what_cannot_be_bound_names_its_statement),
    WITH_STORE(test_no_bytes_are_not_null_where_that_must_not_be),
    WITH_STORE(test_a_row_without_room_for_its_text_fails),
    WITH_STORE(test_the_functions_of_an_officer_need_one),
    WITH_STORE(test_a_query_under_another_name_is_no_view),
    WITH_STORE(test_a_folder_that_cannot_be_locked_says_why),
    WITH_STORE(test_a_lock_that_leads_elsewhere_is_not_followed),
    WITH_STORE(test_a_writer_without_threads_gives_the_connection_back),
    WITH_STORE(test_a_checkpoint_that_cannot_begin_is_told),
};

int main(void)
{
    int failed = cmocka_run_group_tests(FIRST, NULL, NULL);
    if (memory_install() != SQLITE_OK || db_setup(NULL) != ERR_OK)
        return 1;
    fault_vfs_install();
    return failed + cmocka_run_group_tests(TESTS, NULL, NULL);
}
