/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "db/connection.h"

#include "base/instant.h"
#include "base/mem.h"
#include "db/pagecache.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { BUSY_MS = 5000, CACHE_WRITER_KIB = 48 * 1024, CACHE_READER_KIB = 24 * 1024 };

/* Virtual machine steps between two looks at the clock: about a fifth of a millisecond. */
enum { PROGRESS_STEPS = 4000 };

enum { GUARDED_MAX = 64 }; /* bits of guard_seen */

enum { EXIT_IO = 74 };

static pthread_once_t setup_once = PTHREAD_ONCE_INIT;
static int setup_rc = SQLITE_MISUSE;

static void setup_run(void)
{
    /* One connection is never used by two threads at a time, so SQLite need not lock them; its
     * statistics of memory cost a mutex on each allocation. Both are set before anything else. */
    setup_rc = sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
    if (setup_rc == SQLITE_OK)
        setup_rc = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    if (setup_rc == SQLITE_OK)
        setup_rc = pagecache_install();
    if (setup_rc == SQLITE_OK)
        setup_rc = sqlite3_initialize();
}

enum err db_setup(struct err_info *info)
{
    (void)pthread_once(&setup_once, setup_run);
    if (setup_rc != SQLITE_OK)
        return err_set(info, ERR_INTERNAL, NULL, "sqlite3_config: %s", sqlite3_errstr(setup_rc));
    return ERR_OK;
}

const char *db_store_file(enum db_store store)
{
    static const char *const FILES[DB_STORE_COUNT] = {
        [DB_STORE_MAIN] = "main.db",
        [DB_STORE_KEYS] = "keys.db",
        [DB_STORE_VAULT] = "vault.db",
        [DB_STORE_FTS] = "fts.db",
    };
    return (unsigned)store < DB_STORE_COUNT && FILES[store] != NULL ? FILES[store] : "";
}

/* ---- failures ------------------------------------------------------------------------------- */

static bool is_no_room(int extended, int system_errno)
{
    int rc = extended & 0xff;
    if (rc == SQLITE_FULL)
        return true;
    return rc == SQLITE_IOERR && extended != SQLITE_IOERR_FSYNC &&
           extended != SQLITE_IOERR_DIR_FSYNC && (system_errno == ENOSPC || system_errno == EDQUOT);
}

static enum err class_of(int extended)
{
    switch (extended & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return ERR_CORRUPT;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ERR_BUSY;
    case SQLITE_INTERRUPT:
    case SQLITE_TOOBIG:
        return ERR_LIMIT;
    case SQLITE_NOMEM:
        return ERR_NOMEM;
    case SQLITE_CONSTRAINT:
        return extended == SQLITE_CONSTRAINT_UNIQUE || extended == SQLITE_CONSTRAINT_PRIMARYKEY ||
                       extended == SQLITE_CONSTRAINT_ROWID
                   ? ERR_CONFLICT
                   : ERR_INTERNAL;
    case SQLITE_IOERR:
        return extended == SQLITE_IOERR_NOMEM ? ERR_NOMEM : ERR_IO;
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        return ERR_IO;
    default:
        return ERR_INTERNAL;
    }
}

static const char *key_of(enum err err)
{
    if (err == ERR_CORRUPT)
        return "db.corrupt";
    if (err == ERR_BUSY)
        return "db.busy";
    if (err == ERR_LIMIT)
        return "db.slow";
    return NULL;
}

enum err db_note(struct db *db, int rc, const char *what, const char *place)
{
    int extended = sqlite3_extended_errcode(db->sq);
    if ((extended & 0xff) != (rc & 0xff))
        extended = rc;
    if (extended == SQLITE_IOERR_FSYNC || extended == SQLITE_IOERR_DIR_FSYNC)
        db->sync_failed = true;
    bool no_room = is_no_room(extended, sqlite3_system_errno(db->sq));
    enum err err = no_room ? ERR_FULL : class_of(extended);
    /* A message of the full-text engine may quote what was searched for. */
    const char *message =
        db->store == DB_STORE_FTS ? sqlite3_errstr(extended) : sqlite3_errmsg(db->sq);
    return err_set(&db->fault, err, no_room ? "db.full" : key_of(err), "%s: %s (%s): %s [%d]",
                   db_store_file(db->store), what, place, message, extended);
}

enum err db_note_own(struct db *db, enum err err, const char *key, const char *detail_fmt, ...)
{
    char detail[400];
    va_list ap;
    va_start(ap, detail_fmt);
    (void)vsnprintf(detail, sizeof detail, detail_fmt, ap);
    va_end(ap);
    return err_set(&db->fault, err, key, "%s: %s", db_store_file(db->store), detail);
}

enum err db_note_none(struct db *db, const char *name)
{
    struct err_info *f = &db->fault;
    f->err = ERR_NOT_FOUND;
    f->key[0] = '\0';
    struct buf b = {
        .ptr = f->detail, .size = sizeof f->detail - 1, .cap_bytes = sizeof f->detail - 1};
    buf_c(&b, name);
    buf_c(&b, ": no row");
    f->detail[b.len] = '\0';
    return f->err;
}

const struct err_info *db_fault(const struct db *db)
{
    return &db->fault;
}

bool db_sync_failed(const struct db *db)
{
    return db->sync_failed;
}

bool db_was_migrated(const struct db *db)
{
    return db->is_migrated;
}

/* ---- for whom ------------------------------------------------------------------------------- */

void db_as_officer(struct db *db, struct officer_id officer, int32_t today)
{
    db->officer = officer;
    db->today = today;
}

void db_as_nobody(struct db *db)
{
    db_as_officer(db, (struct officer_id){0}, 0);
}

static void function_officer(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    (void)argc;
    (void)argv;
    const struct db *db = sqlite3_user_data(ctx);
    if (db->officer.v == 0)
        sqlite3_result_error(ctx, "hy_officer() while no officer is bound", -1);
    else
        sqlite3_result_int64(ctx, db->officer.v);
}

static void function_today(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
    (void)argc;
    (void)argv;
    const struct db *db = sqlite3_user_data(ctx);
    if (db->officer.v == 0)
        sqlite3_result_error(ctx, "hy_today() while no officer is bound", -1);
    else
        sqlite3_result_int64(ctx, db->today);
}

/* Its place in the list of protected tables, 63 for SQLite's own, -1 for an open one. */
static int place_protected(const struct db *db, const char *table)
{
    if (strncmp(table, "sqlite_", 7) == 0)
        return GUARDED_MAX - 1;
    const char *const *names = DB_SCHEMAS[db->store].protected_tables;
    for (int i = 0; names[i] != NULL; i++)
        if (strcmp(names[i], table) == 0)
            return i < GUARDED_MAX ? i : GUARDED_MAX - 1;
    return -1;
}

/* A protected table is read only from inside a view v_* (`source` is the innermost view that
 * asks). Once a view asked, SQLite may name the table again without column or view: it does so
 * when nothing but the key is used. That an officer's text itself names no protected table, the
 * generator has seen to. */
static int guard_read(struct db *db, const char *table, const char *column, const char *source)
{
    int place = place_protected(db, table);
    if (place < 0)
        return SQLITE_OK;
    uint64_t bit = UINT64_C(1) << place;
    if (source != NULL && strncmp(source, "v_", 2) == 0) {
        db->guard_seen |= bit;
        return SQLITE_OK;
    }
    bool is_keyed = (column == NULL || column[0] == '\0') && (db->guard_seen & bit) != 0;
    return is_keyed ? SQLITE_OK : SQLITE_DENY;
}

static int authorize(void *user, int action, const char *one, const char *two, const char *base,
                     const char *source)
{
    (void)base;
    struct db *db = user;
    if (!db->is_guarded)
        return SQLITE_OK;
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_FUNCTION:
    case SQLITE_RECURSIVE:
        return SQLITE_OK;
    case SQLITE_READ:
        return guard_read(db, one == NULL ? "sqlite_" : one, two, source);
    default:
        return SQLITE_DENY;
    }
}

/* ---- opening -------------------------------------------------------------------------------- */

static int on_progress(void *user)
{
    const struct db *db = user;
    return db->deadline_us != 0 && instant_monotonic() > db->deadline_us;
}

static int on_commit_pages(void *user, sqlite3 *sq, const char *name, int pages)
{
    (void)sq;
    (void)name;
    struct db *db = user;
    db->wal_pages = pages;
    return SQLITE_OK;
}

static enum err run_text(struct db *db, const char *sql)
{
    int rc = sqlite3_exec(db->sq, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? ERR_OK : db_note(db, rc, sql, "db/db.c");
}

/* The write-ahead log where readers come while somebody writes; a rollback journal, synced twice,
 * where keys live, so that what is deleted is gone with the commit. The log of the main store is
 * copied by db/checkpoint; that of the index, where nobody waits for a commit, by SQLite itself. */
static enum err set_pragmas(struct db *db)
{
    static const char *const ALL[] = {
        "PRAGMA mmap_size=0",        "PRAGMA temp_store=MEMORY", "PRAGMA trusted_schema=OFF",
        "PRAGMA cell_size_check=ON", "PRAGMA secure_delete=ON",
    };
    static const char *const LOGGED[] = {
        "PRAGMA page_size=4096",
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=FULL",
        "PRAGMA journal_size_limit=67108864",
    };
    static const char *const SECRET[] = {
        "PRAGMA page_size=4096",
        "PRAGMA journal_mode=TRUNCATE",
        "PRAGMA synchronous=EXTRA",
    };
    for (size_t i = 0; i < sizeof ALL / sizeof ALL[0]; i++)
        TRY(run_text(db, ALL[i]));
    char cache[64];
    (void)snprintf(cache, sizeof cache, "PRAGMA cache_size=-%d",
                   db->mode == DB_WRITE ? CACHE_WRITER_KIB : CACHE_READER_KIB);
    TRY(run_text(db, cache));
    if (db->mode != DB_WRITE)
        return ERR_OK;
    bool secret = db->store == DB_STORE_KEYS || db->store == DB_STORE_VAULT;
    const char *const *own = secret ? SECRET : LOGGED;
    size_t count = secret ? sizeof SECRET / sizeof SECRET[0] : sizeof LOGGED / sizeof LOGGED[0];
    for (size_t i = 0; i < count; i++)
        TRY(run_text(db, own[i]));
    return ERR_OK;
}

static enum err set_functions(struct db *db)
{
    /* Deterministic within one run of a statement, which is what SQLite means by it. */
    const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
    int rc = sqlite3_create_function_v2(db->sq, "hy_officer", 0, flags, db, function_officer, NULL,
                                        NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_create_function_v2(db->sq, "hy_today", 0, flags, db, function_today, NULL,
                                        NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_db_config(db->sq, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_busy_timeout(db->sq, BUSY_MS);
    if (rc == SQLITE_OK)
        rc = sqlite3_set_authorizer(db->sq, authorize, db);
    if (rc != SQLITE_OK)
        return db_note(db, rc, "prepare the connection", "db/db.c");
    sqlite3_progress_handler(db->sq, PROGRESS_STEPS, on_progress, db);
    return ERR_OK;
}

static enum err open_file(struct db *db)
{
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    flags |=
        db->mode == DB_WRITE ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
    int rc = sqlite3_open_v2(db->path, &db->sq, flags, NULL);
    if (db->sq == NULL)
        return err_set(&db->fault, ERR_NOMEM, NULL, "no memory to open %s", db->path);
    if (rc != SQLITE_OK) {
        enum err err = db_note(db, rc, "open", db->path);
        if ((rc & 0xff) == SQLITE_CANTOPEN) {
            err = err_set(&db->fault, ERR_IO, "db.cannot_open", "%s: %s", db->path,
                          sqlite3_errmsg(db->sq));
            err_arg(&db->fault, 0, db->path);
        }
        return err;
    }
    TRY(set_functions(db));
    TRY(set_pragmas(db));
    if (db->store != DB_STORE_FTS) /* else SQLite copies, each 4 MB */
        (void)sqlite3_wal_hook(db->sq, on_commit_pages, db);
    return db_schema_ready(db);
}

enum err db_open(const char *folder, enum db_store store, enum db_mode mode, struct db **ret_db,
                 struct err_info *info)
{
    TRY(db_setup(info));
    CLEANUP(db_close_ptr) struct db *db = mem_new(sizeof *db);
    size_t size = strlen(folder) + sizeof "/vault.db";
    if (db == NULL || (db->path = mem_new(size)) == NULL)
        return err_set(info, ERR_NOMEM, NULL, "no memory for a connection");
    (void)snprintf(db->path, size, "%s/%s", folder, db_store_file(store));
    db->store = store;
    db->mode = mode;
    enum err err = open_file(db);
    if (err != ERR_OK) {
        if (info != NULL)
            *info = db->fault;
        return err;
    }
    *ret_db = TAKE(db);
    return ERR_OK;
}

void db_close(struct db *db)
{
    if (db == NULL)
        return;
    for (size_t i = 0; i < db->slot_count; i++) {
        if (db->slots[i] != NULL)
            (void)sqlite3_finalize(db->slots[i]->stmt);
        mem_free(db->slots[i]);
    }
    for (size_t i = 0; i < DB_FIXED_COUNT; i++)
        (void)sqlite3_finalize(db->fixed[i]);
    (void)sqlite3_close(db->sq);
    mem_free(db->slots);
    mem_free(db->path);
    mem_free(db);
}

void db_close_ptr(struct db **db)
{
    db_close(*db);
    *db = NULL;
}

bool db_has_read(const struct db *db)
{
    return sqlite3_txn_state(db->sq, NULL) != SQLITE_TXN_NONE;
}

enum err db_leave_sync(struct db *db, bool leave)
{
    return run_text(db, leave ? "PRAGMA synchronous=NORMAL" : "PRAGMA synchronous=FULL");
}

struct sqlite3_file *db_log_file(struct db *db)
{
    sqlite3_file *file = NULL;
    (void)sqlite3_file_control(db->sq, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file);
    return file->pMethods == NULL ? NULL : file; /* there is always one, open or not */
}

enum err db_sync_file(struct sqlite3_file *file, struct err_info *info)
{
    int rc = file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
    return rc == SQLITE_OK ? ERR_OK
                           : err_set(info, ERR_IO, NULL, "sync: %s [%d]", sqlite3_errstr(rc), rc);
}

void db_end_process(void (*fatal)(void *env, const struct err_info *info), void *env,
                    const struct err_info *info)
{
    if (fatal != NULL)
        fatal(env, info);
    _exit(EXIT_IO);
}

void db_time_box(struct db *db, int64_t ms)
{
    db->deadline_us = ms == 0 ? 0 : instant_monotonic() + ms * 1000;
}

/* ---- transactions --------------------------------------------------------------------------- */

static enum err fixed_ready(struct db *db, enum db_fixed which)
{
    static const char *const TEXTS[DB_FIXED_COUNT] = {
        [DB_FIXED_BEGIN_READ] = "BEGIN",      [DB_FIXED_BEGIN_WRITE] = "BEGIN IMMEDIATE",
        [DB_FIXED_COMMIT] = "COMMIT",         [DB_FIXED_ROLLBACK] = "ROLLBACK",
        [DB_FIXED_SAVEPOINT] = "SAVEPOINT j", [DB_FIXED_RELEASE] = "RELEASE j",
        [DB_FIXED_UNDO] = "ROLLBACK TO j",
    };
    int rc = SQLITE_OK;
    if (db->fixed[which] == NULL)
        rc = sqlite3_prepare_v3(db->sq, TEXTS[which], -1, SQLITE_PREPARE_PERSISTENT,
                                &db->fixed[which], NULL);
    return rc == SQLITE_OK ? ERR_OK : db_note(db, rc, TEXTS[which], "db/db.c");
}

enum err db_run_fixed(struct db *db, enum db_fixed which)
{
    TRY(fixed_ready(db, which));
    int rc = sqlite3_step(db->fixed[which]);
    const char *text = sqlite3_sql(db->fixed[which]);
    enum err err = rc == SQLITE_DONE ? ERR_OK : db_note(db, rc, text, "db/db.c");
    (void)sqlite3_reset(db->fixed[which]);
    return err;
}

int64_t db_changes(const struct db *db)
{
    return sqlite3_total_changes64(db->sq);
}

bool db_in_tx(const struct db *db)
{
    return sqlite3_get_autocommit(db->sq) == 0;
}

enum err db_tx_begin(struct db_tx *tx, struct db *db, const char *file, int line)
{
    if (db_in_tx(db))
        return db_note_own(db, ERR_INTERNAL, NULL, "a transaction at %s:%d inside that of %s:%d",
                           file, line, db->tx_file, db->tx_line);
    TRY(fixed_ready(db, DB_FIXED_ROLLBACK)); /* it must not lack memory when it is needed */
    TRY(db_run_fixed(db, db->mode == DB_WRITE ? DB_FIXED_BEGIN_WRITE : DB_FIXED_BEGIN_READ));
    db->tx_file = file;
    db->tx_line = line;
    tx->db = db;
    return ERR_OK;
}

/* SQLite gives a transaction up by itself for want of room or memory, or when the disk fails: what
 * it said then is the reason, and whoever relies on the transaction must fail with it. */
static enum err tx_gone(struct db *db)
{
    const enum err err = db->fault.err;
    if (err == ERR_FULL || err == ERR_IO || err == ERR_NOMEM)
        return err;
    return db_note_own(db, ERR_INTERNAL, NULL, "the transaction of %s:%d is gone", db->tx_file,
                       db->tx_line);
}

enum err db_tx_commit(struct db_tx *tx)
{
    struct db *db = tx->db;
    tx->db = NULL;
    if (!db_in_tx(db))
        return tx_gone(db);
    enum err err = db_run_fixed(db, DB_FIXED_COMMIT);
    if (err != ERR_OK && db_in_tx(db)) {
        struct err_info why = db->fault;
        (void)db_run_fixed(db, DB_FIXED_ROLLBACK);
        db->fault = why;
    }
    return err;
}

void db_tx_rollback(struct db_tx *tx)
{
    struct db *db = tx->db;
    tx->db = NULL;
    if (db == NULL || !db_in_tx(db))
        return;
    struct err_info why = db->fault;
    (void)db_run_fixed(db, DB_FIXED_ROLLBACK);
    db->fault = why;
}

void db_tx_done(struct db_tx *tx)
{
    db_tx_rollback(tx);
}

enum err db_savepoint(struct db *db)
{
    if (!db_in_tx(db))
        return db_note_own(db, ERR_INTERNAL, NULL, "a savepoint outside a transaction");
    return db_run_fixed(db, DB_FIXED_SAVEPOINT);
}

enum err db_savepoint_keep(struct db *db)
{
    return db_run_fixed(db, DB_FIXED_RELEASE);
}

enum err db_savepoint_undo(struct db *db)
{
    struct err_info why = db->fault;
    TRY(db_run_fixed(db, DB_FIXED_UNDO));
    TRY(db_run_fixed(db, DB_FIXED_RELEASE));
    db->fault = why;
    return ERR_OK;
}
