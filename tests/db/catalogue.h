/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* catalogue: every named statement of the program in both dialects and every schema in
 * PostgreSQL's, written by tools/gen_sql.py for the test that prepares them. */
#ifndef HUIYIN_TESTS_DB_CATALOGUE_H
#define HUIYIN_TESTS_DB_CATALOGUE_H

#include "db/statement.h"

struct catalogue_row {
    const struct db_statement *st; /* .sql is SQLite's; NULL at the end */
    const char *postgres;
};

extern const struct catalogue_row CATALOGUE[];
extern const struct db_schema POSTGRES_SCHEMAS[DB_STORE_COUNT];
extern const struct db_schema POSTGRES_FIRST[DB_STORE_COUNT]; /* tests/db/schema_1.sql */

#endif
