/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * connection: the inside of struct db, for the files of src/db only.
 */
#ifndef HUIYIN_DB_CONNECTION_H
#define HUIYIN_DB_CONNECTION_H

#include "db/db.h"
#include "db/statement.h"

#include <sqlite3.h>

/* Fixed statements of the engine itself, prepared when first used. */
enum db_fixed {
    DB_FIXED_BEGIN_READ = 0,
    DB_FIXED_BEGIN_WRITE,
    DB_FIXED_COMMIT,
    DB_FIXED_ROLLBACK,
    DB_FIXED_SAVEPOINT,
    DB_FIXED_RELEASE,
    DB_FIXED_UNDO,
    DB_FIXED_COUNT
};

struct db_prepared {
    const struct db_statement *st;
    sqlite3_stmt *stmt;
    bool is_running;
};

struct db {
    sqlite3 *sq;
    enum db_store store;
    enum db_mode mode;
    char *path;
    struct err_info fault;
    bool sync_failed; /* an fsync failed: what the disk holds is unknown */
    bool is_migrated; /* it was of an older version when it was opened */
    struct officer_id officer;
    int32_t today;
    bool is_guarded;            /* the authorizer guards what is prepared or run now */
    uint64_t guard_seen;        /* protected tables that a view asked for meanwhile */
    struct db_prepared **slots; /* open addressing by address of the statement */
    size_t slot_count;          /* a power of two */
    size_t prepared_count;
    sqlite3_stmt *fixed[DB_FIXED_COUNT];
    const char *tx_file; /* where the transaction began */
    int tx_line;
    int64_t deadline_us; /* monotonic; 0: none */
    int64_t wal_pages;   /* after the last commit here */
};

/* Notes the failure `rc` of doing `what` at `place` and answers its class. */
enum err db_note(struct db *db, int rc, const char *what, const char *place);

/* Notes a failure that is ours, not SQLite's. */
enum err db_note_own(struct db *db, enum err err, const char *key, const char *detail_fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* From now on a commit of this connection is not synced by SQLite; whoever asks for that syncs the
 * log before saying that anything is kept. Off again with false. */
enum err db_leave_sync(struct db *db, bool leave);

/* The write-ahead log behind the connection, for db_sync_file; NULL before the first commit. It
 * stays the same as long as the connection is open. The connection's thread only. */
struct sqlite3_file *db_log_file(struct db *db);

/* What was written to the file so far is on the disk, or ERR_IO. Any thread. */
enum err db_sync_file(struct sqlite3_file *file, struct err_info *info);

/* Notes that a statement found no row: no failure to most, so it costs no printing. */
enum err db_note_none(struct db *db, const char *name);

enum err db_run_fixed(struct db *db, enum db_fixed which);

/* What the disk holds is unknown: `fatal` is told (it may be NULL, and should not return), and the
 * process ends with 74 (EX_IOERR). */
_Noreturn void db_end_process(void (*fatal)(void *env, const struct err_info *info), void *env,
                              const struct err_info *info);

/* Makes the schema in an empty file, or checks that the file's is this program's; a connection that
 * writes leads an older one to it, whole or not at all. */
enum err db_schema_ready(struct db *db);

#endif
