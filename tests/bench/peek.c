/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/bench/peek.h"

#include "base/mem.h"
#include "db/connection.h"

enum err peek_number(const char *dir, const char *sql, int64_t *ret_number, struct err_info *info)
{
    CLEANUP(db_close_ptr) struct db *db = NULL;
    sqlite3_stmt *stmt = NULL;
    enum err err = ERR_NOT_FOUND;
    TRY(db_open(dir, DB_STORE_MAIN, DB_READ, &db, info));
    if (sqlite3_prepare_v2(db->sq, sql, -1, &stmt, NULL) == SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW) {
        *ret_number = sqlite3_column_int64(stmt, 0);
        err = ERR_OK;
    }
    if (err != ERR_OK)
        (void)err_set(info, err, NULL, "%s: %s", sql, sqlite3_errmsg(db->sq));
    (void)sqlite3_finalize(stmt);
    return err;
}

enum err peek_run(const char *dir, const char *sql, struct err_info *info)
{
    CLEANUP(db_close_ptr) struct db *db = NULL;
    TRY(db_open(dir, DB_STORE_MAIN, DB_WRITE, &db, info));
    return sqlite3_exec(db->sq, sql, NULL, NULL, NULL) == SQLITE_OK
               ? ERR_OK
               : err_set(info, ERR_IO, NULL, "%s: %s", sql, sqlite3_errmsg(db->sq));
}
