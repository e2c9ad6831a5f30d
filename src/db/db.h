/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * db: a connection to one store file.
 *
 * A store is a SQLite file with a schema of its own: main.db, keys.db, vault.db, fts.db. One
 * process writes to a data folder at a time (db_folder_lock); main.db and fts.db are in WAL mode,
 * so readers never wait. A connection belongs to one thread at a time. Statements are run by the
 * functions that tools/gen_sql.py makes of the .sql files; nothing else builds SQL.
 *
 * A transaction rolls back unless it is committed:
 *
 *     CLEANUP(db_tx_done) struct db_tx tx = DB_TX_NONE;
 *     TRY(DB_TX_BEGIN(&tx, db));          // remembers this file and line
 *     TRY(setting_put(db, STR("zone"), zone, instant_now()));
 *     return db_tx_commit(&tx);
 *
 * Errors: ERR_FULL no room on the disk; ERR_CORRUPT the file is damaged or contradicts its schema;
 * ERR_VERSION a newer program's or another program's file; ERR_LIMIT a read took too long;
 * ERR_BUSY somebody else holds the write lock; ERR_CONFLICT a UNIQUE or primary key is taken;
 * ERR_IO, ERR_NOMEM. db_fault has the sentence and the log line of the last one.
 */
#ifndef HUIYIN_DB_DB_H
#define HUIYIN_DB_DB_H

#include "base/err.h"
#include "base/ids.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum db_store {
    DB_STORE_UNSET = 0,
    DB_STORE_MAIN,
    DB_STORE_KEYS,
    DB_STORE_VAULT,
    DB_STORE_FTS,
    DB_STORE_COUNT
};

enum db_mode {
    DB_MODE_UNSET = 0,
    DB_READ,  /* the file must exist and have its schema */
    DB_WRITE, /* made with its schema when it is absent or empty, brought to it when it is older */
};

struct db;

/* Once per process, before any connection and any thread of ours; again does nothing. */
enum err db_setup(struct err_info *info);

/* "main.db" and so on: the file's name in a data folder. */
const char *db_store_file(enum db_store store);

/* Opens `folder`/<file of store>, sets the pragmas of docs/ARCHITECTURE.md, makes or checks the
 * schema. Older schemas that are known are migrated by DB_WRITE, in one transaction; DB_READ, and
 * whatever else is not this program's, is ERR_VERSION with a sentence that says what to do. */
enum err db_open(const char *folder, enum db_store store, enum db_mode mode, struct db **ret_db,
                 struct err_info *info);

/* Rolls back what is open. NULL is allowed. */
void db_close(struct db *db);
/* For CLEANUP: `CLEANUP(db_close_ptr) struct db *db = NULL;` */
void db_close_ptr(struct db **db);

/* The sentence and the detail of the last failure on this connection. Never NULL. */
const struct err_info *db_fault(const struct db *db);

/* An fsync of this connection failed, ever: what the disk holds is unknown, and nothing that rests
 * on it may be promised. The process must end; what is there, the next start finds out. */
bool db_sync_failed(const struct db *db);

/* This connection found a store of an older version and led it to today's. */
bool db_was_migrated(const struct db *db);

/* ---- for whom ------------------------------------------------------------------------------ */

/* Binds hy_officer() and hy_today(); statements `-- as: officer` are refused (ERR_INTERNAL)
 * while nobody is bound. A zero officer unbinds. */
void db_as_officer(struct db *db, struct officer_id officer, int32_t today);
void db_as_nobody(struct db *db);

/* ---- transactions -------------------------------------------------------------------------- */

struct db_tx {
    struct db *db; /* NULL: not running */
};

#define DB_TX_NONE ((struct db_tx){NULL})

/* BEGIN IMMEDIATE; on a DB_READ connection a read transaction: one snapshot for all statements.
 * One inside another is ERR_INTERNAL and says where the outer one began. */
enum err db_tx_begin(struct db_tx *tx, struct db *db, const char *file, int line);
#define DB_TX_BEGIN(tx, db) db_tx_begin((tx), (db), __FILE__, __LINE__)
/* Ends the transaction also when it fails. */
enum err db_tx_commit(struct db_tx *tx);
void db_tx_rollback(struct db_tx *tx);
/* For CLEANUP. */
void db_tx_done(struct db_tx *tx);

/* False when no transaction is open, also after SQLite itself rolled one back. */
bool db_in_tx(const struct db *db);
/* Has anything been read in the running transaction? */
bool db_has_read(const struct db *db);

/* Rows inserted, updated or deleted by this connection since it was opened; those that were rolled
 * back count too. */
int64_t db_changes(const struct db *db);

/* Nests inside a transaction: name it 1, 2, 3 …; undo rolls back to it and forgets it. */
enum err db_savepoint(struct db *db);
enum err db_savepoint_keep(struct db *db);
enum err db_savepoint_undo(struct db *db);

/* ---- reading within bounds ----------------------------------------------------------------- */

/* From now every statement together may take `ms`; then ERR_LIMIT. 0: no bound. */
void db_time_box(struct db *db, int64_t ms);

/* ---- the data folder ----------------------------------------------------------------------- */

struct db_folder_lock {
    int fd; /* -1: not held */
};

#define DB_FOLDER_LOCK_NONE ((struct db_folder_lock){-1})

/* Makes `folder` (0700) when it is absent and takes its lock for this process; ERR_CONFLICT with a
 * sentence when another process holds it. Released by the end of the process at the latest. */
enum err db_folder_lock(const char *folder, struct db_folder_lock *ret_lock, struct err_info *info);
void db_folder_unlock(struct db_folder_lock *lock);

#endif
