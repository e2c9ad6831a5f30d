/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * statement: what a generated statement is, and how it runs.
 *
 * tools/gen_sql.py writes one const struct db_statement and one typed function for each name in a
 * .sql file; only that generated code includes this header. A statement is prepared once per
 * connection and kept; it is reset before its function returns, so none is ever open between
 * calls. Running a statement inside the callback of the same statement is ERR_INTERNAL.
 *
 * On failure db_fault(db) names the statement and where it stands in its file.
 */
#ifndef HUIYIN_DB_STATEMENT_H
#define HUIYIN_DB_STATEMENT_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "db/db.h"

enum db_type {
    DB_TYPE_UNSET = 0,
    DB_TYPE_I64,
    DB_TYPE_I32,
    DB_TYPE_BOOL,
    DB_TYPE_TEXT,
    DB_TYPE_BLOB
};

/* For whom a statement runs; an officer's reads protected tables only through views v_*. */
enum db_role { DB_ROLE_UNSET = 0, DB_ROLE_OFFICER, DB_ROLE_PERSON, DB_ROLE_SYSTEM };

struct db_field {
    const char *name;
    const char *word; /* the type as declared: "day", "dossier_id" */
    enum db_type type;
    bool may_be_null;
    size_t offset; /* of an output in its row struct */
};

struct db_statement {
    const char *name;
    const char *place; /* "matter/matter.sql:12" */
    const char *sql;
    enum db_store store; /* DB_STORE_UNSET: any */
    enum db_role role;
    const struct db_field *ins;
    size_t in_count;
    const struct db_field *outs;
    size_t out_count;
    size_t row_bytes;
};

/* One input: `i` for numbers, ids and truth, `s` for text and blob. */
union db_value {
    int64_t i;
    struct str s;
};

/* What leads a store from the version before to `version`. */
struct db_step {
    int32_t version;
    const char *const *from; /* digests of the schemas it leads from; NULL at the end */
    const char *const *sql;  /* NULL at the end */
};

struct db_schema {
    int32_t version;
    const char *digest;
    const char *const *sql; /* NULL at the end; NULL for a store without tables */
    const char *const *protected_tables;
    const struct db_step *steps; /* upwards to `version`; one of version 0 ends them */
};

/* By enum db_store; generated from every schema.sql. */
extern const struct db_schema DB_SCHEMAS[DB_STORE_COUNT];

/* The first row, or ERR_NOT_FOUND. */
enum err db_run_one(struct db *db, struct arena *a, const struct db_statement *st,
                    const union db_value *ins, void *ret_row);

/* Every row in one array in `a`; *ret_rows is NULL when there is none. */
enum err db_run_many(struct db *db, struct arena *a, const struct db_statement *st,
                     const union db_value *ins, void **ret_rows, size_t *ret_count);

/* *ret_count (may be NULL): rows changed. */
enum err db_run_exec(struct db *db, const struct db_statement *st, const union db_value *ins,
                     int64_t *ret_count);

/* Row by row; strings point into the engine until the next step. */
struct db_cursor {
    struct db *db;
    struct db_prepared *prepared; /* NULL when it is not running */
};

enum err db_cursor_init(struct db_cursor *c, struct db *db, const struct db_statement *st,
                        const union db_value *ins);
enum err db_cursor_next(struct db_cursor *c, void *ret_row, bool *ret_has_row);
void db_cursor_done(struct db_cursor *c);

#endif
