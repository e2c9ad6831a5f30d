/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Old stores of this program, as a server that was killed left them (their rows stand in the
 * write-ahead log), opened with today's.
 */
#include "tests/check.h"

#include "base/mem.h"
#include "db/connection.h"
#include "tests/db/fault_disk.h"
#include "tests/db/fault_vfs.h"
#include "tests/db/folder.h"
#include "tests/db/raw.h"

#include <sys/stat.h>
#include <sys/wait.h>

/* tests/db/schema_1.sql */
extern const struct db_schema FIRST_SCHEMAS[DB_STORE_COUNT];

/* Which of the schemas that called themselves version 1, in the order of its digests there; and the
 * vault's second version. */
enum build { BUILD_FIRST = 0, BUILD_WITH_VIEW, BUILD_WITH_INDEX, BUILD_COUNT, BUILD_SECOND };

enum { ROWS = 3, FILES = 2, SEEDS = 3 };

/* What an old server leaves. The vault has no write-ahead log. */
static const char *const FILE_NAMES[DB_STORE_COUNT][FILES] = {
    [DB_STORE_MAIN] = {"main.db", "main.db-wal"}, [DB_STORE_VAULT] = {"vault.db"}};

/* The stores that have steps. */
static const enum db_store STORES[] = {DB_STORE_MAIN, DB_STORE_VAULT};

enum { STORE_COUNT = sizeof STORES / sizeof STORES[0] };

/* Everything that is in a store, as text. */
struct picture {
    struct buf schema;
    struct buf rows;
    int64_t version;
};

struct old {
    enum db_store store;
    struct folder folder;
    struct buf files[FILES];
    struct picture before;
    struct picture fresh; /* a store that today's program made */
};

/* ---- looking without the program ------------------------------------------------------------ */

static void path_of(const struct folder *f, const char *name, char ret_path[128])
{
    (void)snprintf(ret_path, 128, "%s/%s", f->path, name);
}

static sqlite3 *raw_open(const struct old *o)
{
    char path[128];
    sqlite3 *sq = NULL;
    path_of(&o->folder, db_store_file(o->store), path);
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    assert_int_equal(sqlite3_open_v2(path, &sq, flags, NULL), SQLITE_OK);
    return sq;
}

/* Each row of the answer on a line, its values apart by bars. */
static void answer_add(struct buf *b, sqlite3 *sq, const char *sql)
{
    sqlite3_stmt *stmt = prepared(sq, sql);
    int rc = SQLITE_OK;
    while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(stmt); i++) {
            const void *bytes = sqlite3_column_blob(stmt, i);
            buf_bytes(b, bytes, (size_t)sqlite3_column_bytes(stmt, i));
            buf_char(b, '|');
        }
        buf_char(b, '\n');
    }
    assert_int_equal(rc, SQLITE_DONE);
    assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
}

static void tables_each(sqlite3 *sq, void (*on_table)(sqlite3 *, const char *, struct buf *),
                        struct buf *b)
{
    sqlite3_stmt *stmt =
        prepared(sq, "SELECT name FROM sqlite_schema WHERE type = 'table' AND "
                     "name NOT IN ('schema_version', 'sqlite_stat1') ORDER BY name");
    while (sqlite3_step(stmt) == SQLITE_ROW)
        on_table(sq, (const char *)sqlite3_column_text(stmt, 0), b);
    (void)sqlite3_finalize(stmt);
}

/* What an item of the vault is, wherever its parts stood: in its first version it said itself
 * whether it waits for its matter; up to the second its boxes stood in tables of their own. */
static void items_add(sqlite3 *sq, struct buf *b)
{
    static const char HAS[] = "SELECT count(*) FROM pragma_table_info('item') WHERE name = '%s'";
    char sql[1024];
    (void)snprintf(sql, sizeof sql, HAS, "state");
    bool is_first = number_of(sq, sql) > 0;
    (void)snprintf(sql, sizeof sql, HAS, "notify");
    bool is_whole = number_of(sq, sql) > 0;
    (void)snprintf(
        sql, sizeof sql,
        "SELECT i.handle, mode, policy, nonce, ct, created_day, hold_until, expires_day, "
        "last_slot, %s, %s FROM item i %s ORDER BY i.handle",
        is_first ? "state = 1"
                 : "coalesce((SELECT p.created_day = i.created_day FROM pending p "
                   "WHERE p.handle = i.handle), 0)",
        is_whole ? "role_a, epoch_a, share_a, role_b, epoch_b, share_b, notify"
                 : "a.role_id, a.epoch, a.sealed, b.role_id, coalesce(b.epoch, 0), b.sealed, "
                   "n.sealed",
        is_whole ? ""
                 : "JOIN share a ON a.handle = i.handle AND a.share_no = 1 "
                   "LEFT JOIN share b ON b.handle = i.handle AND b.share_no = 2 "
                   "JOIN notify n ON n.handle = i.handle");
    answer_add(b, sq, sql);
}

static bool is_of_item(const char *table)
{
    return strcmp(table, "pending") == 0 || strcmp(table, "share") == 0 ||
           strcmp(table, "notify") == 0;
}

/* Whatever the order in which the table has its columns and rows. */
static void rows_add(sqlite3 *sq, const char *table, struct buf *b)
{
    char sql[1024];
    if (is_of_item(table))
        return;
    buf_c(b, table);
    buf_char(b, '\n');
    if (strcmp(table, "item") == 0) {
        items_add(sq, b);
        return;
    }
    (void)snprintf(sql, sizeof sql,
                   "SELECT group_concat(name) FROM (SELECT name FROM pragma_table_info('%s') "
                   "ORDER BY name)",
                   table);
    sqlite3_stmt *stmt = prepared(sq, sql);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    const char *columns = (const char *)sqlite3_column_text(stmt, 0);
    (void)snprintf(sql, sizeof sql, "SELECT %s FROM %s ORDER BY %s", columns, table, columns);
    (void)sqlite3_finalize(stmt);
    answer_add(b, sq, sql);
}

static void picture_take(const struct old *o, struct picture *p)
{
    sqlite3 *sq = raw_open(o);
    buf_init(&p->schema, 1 << 20);
    buf_init(&p->rows, 1 << 20);
    answer_add(&p->schema, sq,
               "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name");
    tables_each(sq, rows_add, &p->rows);
    p->version = number_of(sq, "SELECT version FROM schema_version");
    struct buf whole;
    buf_init(&whole, 1 << 16);
    answer_add(&whole, sq, "PRAGMA integrity_check");
    check_str(buf_view(&whole), "ok|\n");
    buf_done(&whole);
    assert_int_equal(buf_err(&p->schema), ERR_OK);
    assert_int_equal(buf_err(&p->rows), ERR_OK);
    assert_int_equal(sqlite3_close(sq), SQLITE_OK);
}

static void picture_done(struct picture *p)
{
    buf_done(&p->schema);
    buf_done(&p->rows);
}

static void check_same(const struct buf *got, const struct buf *want)
{
    if (!str_eq(buf_view(got), buf_view(want)))
        fail_msg("got:\n" STR_FMT "\nwant:\n" STR_FMT, STR_ARG(buf_view(got)),
                 STR_ARG(buf_view(want)));
}

/* The old store whole or the new one whole, with the same rows. */
static bool check_whole(const struct old *o)
{
    struct picture p;
    picture_take(o, &p);
    bool is_new = p.version != o->before.version;
    const struct picture *like = is_new ? &o->fresh : &o->before;
    assert_int_equal(p.version, like->version);
    check_same(&p.schema, &like->schema);
    check_same(&p.rows, &o->before.rows);
    picture_done(&p);
    return is_new;
}

/* ---- making old ones ------------------------------------------------------------------------ */

/* Rows of small numbers: among them dues that stand in every partial index. */
static void table_fill(sqlite3 *sq, const char *table, struct buf *b)
{
    char sql[128];
    (void)snprintf(sql, sizeof sql, "SELECT type FROM pragma_table_info('%s')", table);
    for (int row = 1; row <= ROWS; row++) {
        buf_clear(b);
        buf_printf(b, "INSERT INTO %s VALUES (", table);
        sqlite3_stmt *stmt = prepared(sq, sql);
        while (sqlite3_step(stmt) == SQLITE_ROW) {
            const char *type = (const char *)sqlite3_column_text(stmt, 0);
            const char *form[] = {"", ""};
            if (strcmp(type, "INTEGER") != 0)
                form[0] = strcmp(type, "TEXT") == 0 ? "'text " : "x'0", form[1] = "'";
            buf_printf(b, "%s%d%s,", form[0], row, form[1]);
        }
        (void)sqlite3_finalize(stmt);
        b->ptr[b->len - 1] = ')';
        buf_char(b, '\0');
        assert_int_equal(buf_err(b), ERR_OK);
        run_sql(sq, b->ptr);
    }
}

/* What the store of `build` had, as it had it. */
static void schema_make(sqlite3 *sq, enum db_store store, enum build build)
{
    const struct db_step *step = DB_SCHEMAS[store].steps; /* to version 2 */
    run_sql(sq, "PRAGMA application_id=1213819246");
    for (const char *const *p = FIRST_SCHEMAS[store].sql; *p != NULL; p++)
        run_sql(sq, *p);
    for (const char *const *p = step->sql; build != BUILD_FIRST && *p != NULL; p++)
        if (build == BUILD_SECOND || strstr(*p, "reporting_line") != NULL ||
            (build == BUILD_WITH_INDEX && strstr(*p, "due_queue") != NULL))
            run_sql(sq, *p);
    bool is_second = build == BUILD_SECOND;
    const char *digest = is_second ? step[1].from[0] : step->from[build];
    char sql[128];
    (void)snprintf(sql, sizeof sql, "INSERT INTO schema_version VALUES (1, %d, '%s')",
                   is_second ? 2 : 1, digest);
    run_sql(sq, sql);
}

/* Two items that one role opens, and one that takes two. */
static void shares_fit(sqlite3 *sq)
{
    run_sql(sq, "UPDATE share SET share_no = 1");
    run_sql(sq, "INSERT INTO share VALUES (x'02', 2, x'04', 4, x'05')");
    run_sql(sq, "UPDATE item SET mode = 1 WHERE handle = x'03'");
}

static void file_read(const struct folder *f, const char *name, struct buf *ret_bytes)
{
    char path[128];
    path_of(f, name, path);
    FILE *file = fopen(path, "rbe");
    assert_non_null(file);
    buf_init(ret_bytes, 16 << 20);
    char part[8192];
    for (size_t n = 0; (n = fread(part, 1, sizeof part, file)) > 0;)
        buf_bytes(ret_bytes, part, n);
    (void)fclose(file);
    assert_int_equal(buf_err(ret_bytes), ERR_OK);
    assert_true(ret_bytes->len > 0);
}

/* The files as they were when the old server was killed. */
static void restore(const struct old *o)
{
    char path[128];
    folder_remove(&o->folder);
    assert_int_equal(mkdir(o->folder.path, 0700), 0);
    for (int i = 0; i < FILES && FILE_NAMES[o->store][i] != NULL; i++) {
        path_of(&o->folder, FILE_NAMES[o->store][i], path);
        FILE *file = fopen(path, "wbxe");
        assert_non_null(file);
        assert_int_equal(fwrite(o->files[i].ptr, 1, o->files[i].len, file), o->files[i].len);
        assert_int_equal(fclose(file), 0);
    }
}

static void old_make(struct old *o, enum db_store store, enum build build)
{
    *o = (struct old){.store = store};
    folder_make(&o->folder);
    struct db *db = NULL;
    assert_int_equal(db_open(o->folder.path, store, DB_WRITE, &db, NULL), ERR_OK);
    db_close(db);
    picture_take(o, &o->fresh);
    folder_remove(&o->folder);
    folder_make(&o->folder);

    sqlite3 *sq = raw_open(o);
    struct buf scratch;
    buf_init(&scratch, 1 << 16);
    run_sql(sq, "PRAGMA page_size=4096");
    run_sql(sq,
            store == DB_STORE_MAIN ? "PRAGMA journal_mode=WAL" : "PRAGMA journal_mode=TRUNCATE");
    run_sql(sq, "BEGIN");
    schema_make(sq, store, build);
    tables_each(sq, table_fill, &scratch);
    if (store == DB_STORE_VAULT)
        shares_fit(sq);
    run_sql(sq, "COMMIT");
    for (int i = 0; i < FILES && FILE_NAMES[store][i] != NULL; i++)
        file_read(&o->folder, FILE_NAMES[store][i], &o->files[i]);
    assert_int_equal(sqlite3_close(sq), SQLITE_OK);
    buf_done(&scratch);
    picture_take(o, &o->before);
    restore(o);
}

static void old_done(struct old *o)
{
    for (int i = 0; i < FILES; i++)
        buf_done(&o->files[i]);
    picture_done(&o->before);
    picture_done(&o->fresh);
    folder_remove(&o->folder);
}

static bool was_migrated; /* by the last open_store */

static enum err open_store(const struct old *o, enum db_mode mode, struct err_info *info)
{
    struct db *db = NULL;
    enum err err = db_open(o->folder.path, o->store, mode, &db, info);
    was_migrated = err == ERR_OK && db_was_migrated(db);
    db_close(db);
    return err;
}

/* ---- what holds ----------------------------------------------------------------------------- */

static void becomes_what_a_fresh_store_is(enum db_store store, enum build build)
{
    struct old o;
    old_make(&o, store, build);
    assert_int_equal(o.before.version, build == BUILD_SECOND ? 2 : 1);
    assert_int_equal(o.fresh.version, DB_SCHEMAS[store].version);
    assert_int_equal(open_store(&o, DB_WRITE, NULL), ERR_OK);
    assert_true(was_migrated);
    assert_true(check_whole(&o));
    assert_int_equal(open_store(&o, DB_WRITE, NULL), ERR_OK);
    assert_false(was_migrated);
    assert_int_equal(open_store(&o, DB_READ, NULL), ERR_OK);
    assert_true(check_whole(&o));
    old_done(&o);
}

static void test_each_older_store_becomes_what_a_fresh_store_is(void **state)
{
    (void)state;
    for (int build = BUILD_FIRST; build < BUILD_COUNT; build++)
        becomes_what_a_fresh_store_is(DB_STORE_MAIN, (enum build)build);
    becomes_what_a_fresh_store_is(DB_STORE_VAULT, BUILD_FIRST);
    becomes_what_a_fresh_store_is(DB_STORE_VAULT, BUILD_SECOND);
}

/* Half an item is none that anybody could open: better the old store, whole, and somebody told. */
static void test_an_item_that_lacks_a_box_stops_the_step(void **state)
{
    (void)state;
    static const char *const LACKS[] = {"DELETE FROM share WHERE handle = x'01'",
                                        "DELETE FROM share WHERE share_no = 2",
                                        "DELETE FROM notify WHERE handle = x'03'"};
    for (size_t i = 0; i < sizeof LACKS / sizeof LACKS[0]; i++) {
        struct old o;
        struct picture before;
        struct picture after;
        old_make(&o, DB_STORE_VAULT, BUILD_SECOND);
        sqlite3 *sq = raw_open(&o);
        run_sql(sq, LACKS[i]);
        assert_int_equal(sqlite3_close(sq), SQLITE_OK);
        picture_take(&o, &before);
        assert_int_equal(open_store(&o, DB_WRITE, NULL), ERR_INTERNAL);
        picture_take(&o, &after);
        assert_int_equal(after.version, 2);
        check_same(&after.schema, &before.schema);
        check_same(&after.rows, &before.rows);
        picture_done(&before);
        picture_done(&after);
        old_done(&o);
    }
}

/* One of the three items waits, and one only. */
static void test_an_item_that_waited_in_the_old_vault_waits_in_the_new(void **state)
{
    (void)state;
    struct old o;
    struct buf waiting;
    buf_init(&waiting, 64);
    old_make(&o, DB_STORE_VAULT, BUILD_FIRST);
    assert_int_equal(open_store(&o, DB_WRITE, NULL), ERR_OK);
    sqlite3 *sq = raw_open(&o);
    answer_add(&waiting, sq, "SELECT hex(handle), created_day FROM pending");
    check_str(buf_view(&waiting), "01|1|\n");
    assert_int_equal(sqlite3_close(sq), SQLITE_OK);
    buf_done(&waiting);
    old_done(&o);
}

static void refused(const struct old *o, enum db_mode mode, const char *key)
{
    struct err_info info = {0};
    assert_int_equal(open_store(o, mode, &info), ERR_VERSION);
    assert_string_equal(info.key, key);
    assert_non_null(strstr(info.arg[0], "main.db"));
    char version[16] = "";
    if (strcmp(key, "db.other_build") != 0)
        (void)snprintf(version, sizeof version, "%d", (int)DB_SCHEMAS[DB_STORE_MAIN].version);
    assert_string_equal(info.arg[2], version);
}

static void test_reading_an_older_store_says_what_to_do_and_changes_nothing(void **state)
{
    (void)state;
    struct old o;
    old_make(&o, DB_STORE_MAIN, BUILD_FIRST);
    refused(&o, DB_READ, "db.older");
    assert_false(check_whole(&o));
    old_done(&o);
}

static void test_what_has_no_step_is_refused_and_left_alone(void **state)
{
    (void)state;
    static const struct {
        const char *sql;
        const char *key;
    } CASES[] = {
        {"UPDATE schema_version SET digest = '0123456789abcdef'", "db.other_build"},
        {"UPDATE schema_version SET version = 2", "db.other_build"}, /* with the first's digest */
        {"UPDATE schema_version SET version = 1000", "db.newer"},
        {"UPDATE schema_version SET version = 0", "db.too_old"},
    };
    struct old o;
    old_make(&o, DB_STORE_MAIN, BUILD_FIRST);
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        restore(&o);
        sqlite3 *sq = raw_open(&o);
        run_sql(sq, CASES[i].sql);
        assert_int_equal(sqlite3_close(sq), SQLITE_OK);
        refused(&o, DB_READ, CASES[i].key);
        refused(&o, DB_WRITE, CASES[i].key);
        struct picture p;
        picture_take(&o, &p);
        check_same(&p.schema, &o.before.schema);
        check_same(&p.rows, &o.before.rows);
        picture_done(&p);
    }
    old_done(&o);
}

/* ---- what goes wrong ------------------------------------------------------------------------ */

static int64_t fail_at_each_place(enum db_store store)
{
    static const struct {
        enum fault_op op;
        int rc;
    } CASES[] = {
        {FAULT_WRITE, SQLITE_FULL},       {FAULT_WRITE, SQLITE_IOERR_WRITE},
        {FAULT_SYNC, SQLITE_IOERR_FSYNC}, {FAULT_TRUNCATE, SQLITE_IOERR_TRUNCATE},
        {FAULT_READ, SQLITE_IOERR_READ},
    };
    struct old o;
    int64_t turns = 0;
    old_make(&o, store, BUILD_FIRST);
    for (size_t c = 0; c < sizeof CASES / sizeof CASES[0]; c++) {
        for (int64_t i = 0, struck = 1; struck > 0; i++, turns++) {
            restore(&o);
            fault_vfs_break(CASES[c].op, i, CASES[c].rc);
            enum err err = open_store(&o, DB_WRITE, NULL);
            struck = fault_vfs_failed();
            fault_vfs_heal();
            assert_true(err == ERR_OK || struck > 0);
            bool is_new = check_whole(&o);
            assert_true(is_new || err != ERR_OK);
            assert_int_equal(open_store(&o, DB_WRITE, NULL), ERR_OK);
            assert_true(check_whole(&o));
        }
    }
    old_done(&o);
    return turns;
}

static void test_a_failure_at_the_ith_place_leaves_the_old_store_or_the_new(void **state)
{
    (void)state;
    for (size_t i = 0; i < STORE_COUNT; i++) {
        int64_t turns = fail_at_each_place(STORES[i]);
        print_message("%s: %d turns\n", db_store_file(STORES[i]), (int)turns);
        assert_true(turns > 20);
    }
}

static void fail_each_allocation(enum db_store store)
{
    struct old o;
    old_make(&o, store, BUILD_FIRST);
    enum err err = ERR_NOMEM;
    for (int64_t i = 0; err == ERR_NOMEM; i++) {
        restore(&o);
        mem_fail_after(i);
        err = open_store(&o, DB_WRITE, NULL);
        mem_fail_after(-1);
        assert_true(err == ERR_OK || err == ERR_NOMEM);
        assert_int_equal(check_whole(&o), err == ERR_OK);
    }
    old_done(&o);
}

static void test_every_allocation_may_fail(void **state)
{
    (void)state;
    for (size_t i = 0; i < STORE_COUNT; i++)
        fail_each_allocation(STORES[i]);
}

enum { END_BEFORE = 40, END_AFTER };

static uint64_t cut_seed;
static bool is_open; /* whoever opened the store was told that it is there */

static void cut(void)
{
    fault_disk_cut(cut_seed == 0 ? FAULT_KEEP_SYNCED : FAULT_KEEP_SOME, cut_seed);
    _exit(is_open ? END_AFTER : END_BEFORE);
}

static void kill_it(void)
{
    _exit(is_open ? END_AFTER : END_BEFORE);
}

/* In a child, which ends in the `after`th write or sync, or by itself. */
static void migrate_and_die(const struct old *o, int64_t after, void (*fire)(void))
{
    struct db *db = NULL;
    if (fire == cut)
        fault_vfs_follow();
    fault_vfs_plan(&(struct fault_plan){
        .ops = 1U << FAULT_WRITE | 1U << FAULT_SYNC, .after = after, .fire = fire});
    if (db_open(o->folder.path, o->store, DB_WRITE, &db, NULL) != ERR_OK)
        _exit(2);
    is_open = true;
    db_close(db);
    _exit(0);
}

/* How the child ended. */
static int die_once(const struct old *o, int64_t after, void (*fire)(void))
{
    restore(o);
    pid_t child = fork();
    if (child == 0)
        migrate_and_die(o, after, fire);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_not_equal(WEXITSTATUS(status), 2);
    bool is_new = check_whole(o);
    assert_true(is_new || WEXITSTATUS(status) == END_BEFORE);
    assert_int_equal(open_store(o, DB_WRITE, NULL), ERR_OK);
    assert_true(check_whole(o));
    return is_new && WEXITSTATUS(status) == END_BEFORE ? END_AFTER : WEXITSTATUS(status);
}

static void die_at_each_write(enum db_store store)
{
    struct old o;
    int64_t before = 0;
    int64_t after = 0;
    old_make(&o, store, BUILD_FIRST);
    for (uint64_t seed = 0; seed <= SEEDS; seed++) {
        cut_seed = seed;
        for (int64_t i = 0, end = 1; end != 0; i++) {
            end = die_once(&o, i, seed == SEEDS ? kill_it : cut);
            before += end == END_BEFORE;
            after += end == END_AFTER;
        }
    }
    print_message("%s: %d old, %d new\n", db_store_file(store), (int)before, (int)after);
    assert_true(before > 0 && after > 0);
    old_done(&o);
}

static void
test_a_kill_or_a_power_cut_at_the_ith_write_leaves_the_old_store_or_the_new(void **state)
{
    (void)state;
    for (size_t i = 0; i < STORE_COUNT; i++)
        die_at_each_write(STORES[i]);
}

/* How often the schema was changed, ever. */
static int64_t changes(const struct old *o)
{
    sqlite3 *sq = raw_open(o);
    int64_t n = number_of(sq, "PRAGMA schema_version");
    assert_int_equal(sqlite3_close(sq), SQLITE_OK);
    return n;
}

/* A process of its own, as no connection survives a fork: holds the write lock for a while. */
static pid_t lock_hold(const struct old *o, useconds_t us)
{
    int ready[2];
    char byte = 0;
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        sqlite3 *sq = raw_open(o);
        run_sql(sq, "BEGIN IMMEDIATE");
        (void)usleep(write(ready[1], &byte, 1) == 1 ? us : 0);
        _exit(0);
    }
    (void)close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    (void)close(ready[0]);
    return child;
}

/* They look while the lock is held, so that each of them sees an old store. */
static void test_those_that_come_at_once_migrate_once(void **state)
{
    (void)state;
    enum { AT_ONCE = 3, HELD_US = 500000 };
    struct old o;
    old_make(&o, DB_STORE_MAIN, BUILD_FIRST);
    assert_int_equal(open_store(&o, DB_WRITE, NULL), ERR_OK);
    int64_t alone = changes(&o);
    restore(&o);
    pid_t children[1 + AT_ONCE];
    children[0] = lock_hold(&o, HELD_US);
    for (int i = 1; i <= AT_ONCE; i++) {
        children[i] = fork();
        if (children[i] == 0)
            _exit(open_store(&o, DB_WRITE, NULL) == ERR_OK ? 0 : 1);
    }
    for (int i = 0; i <= AT_ONCE; i++) {
        int status = 0;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    assert_true(check_whole(&o));
    assert_int_equal(changes(&o), alone);
    old_done(&o);
}

static const struct CMUnitTest TESTS[] = {
    cmocka_unit_test(test_each_older_store_becomes_what_a_fresh_store_is),
    cmocka_unit_test(test_an_item_that_lacks_a_box_stops_the_step),
    cmocka_unit_test(test_an_item_that_waited_in_the_old_vault_waits_in_the_new),
    cmocka_unit_test(test_reading_an_older_store_says_what_to_do_and_changes_nothing),
    cmocka_unit_test(test_what_has_no_step_is_refused_and_left_alone),
    cmocka_unit_test(test_a_failure_at_the_ith_place_leaves_the_old_store_or_the_new),
    cmocka_unit_test(test_every_allocation_may_fail),
    cmocka_unit_test(test_a_kill_or_a_power_cut_at_the_ith_write_leaves_the_old_store_or_the_new),
    cmocka_unit_test(test_those_that_come_at_once_migrate_once),
};

int main(void)
{
    if (db_setup(NULL) != ERR_OK)
        return 1;
    fault_vfs_install();
    fault_vfs_spare_syncs();
    return cmocka_run_group_tests(TESTS, NULL, NULL);
}
