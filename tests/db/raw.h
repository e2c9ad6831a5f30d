/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* raw: SQLite without the program, for tests that look at a store or make one by hand. Whatever
 * SQLite refuses fails the test and is printed. */
#ifndef HUIYIN_TESTS_DB_RAW_H
#define HUIYIN_TESTS_DB_RAW_H

#include "tests/check.h"

#include <sqlite3.h>

static inline void run_sql(sqlite3 *sq, const char *sql)
{
    if (sqlite3_exec(sq, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(sq));
}

static inline sqlite3_stmt *prepared(sqlite3 *sq, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    if (sqlite3_prepare_v2(sq, sql, -1, &stmt, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(sq));
    return stmt;
}

/* The first value of the first row. */
static inline int64_t number_of(sqlite3 *sq, const char *sql)
{
    sqlite3_stmt *stmt = prepared(sq, sql);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(stmt, 0);
    assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
    return n;
}

#endif
