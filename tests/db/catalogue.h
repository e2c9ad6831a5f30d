/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* catalogue: every named statement and every schema of the program in both dialects, written by
 * tools/gen_sql.py for the test that prepares them. */
#ifndef HUIYIN_TESTS_DB_CATALOGUE_H
#define HUIYIN_TESTS_DB_CATALOGUE_H

#include "db/statement.h"

struct catalogue_row {
    const struct db_statement *st; /* .sql is SQLite's; NULL at the end */
    const char *postgres;
};

extern const struct catalogue_row CATALOGUE[];
/* By enum db_store; each list has NULL at its end, a store without tables is NULL. */
extern const char *const *const CATALOGUE_POSTGRES_SCHEMAS[DB_STORE_COUNT];

#endif
