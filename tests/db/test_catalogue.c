/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Prepares every statement of the program on SQLite (no argument) or on the PostgreSQL named by
 * HUIYIN_PG ("postgres") and compares inputs and columns with what its "-- in:" and "-- out:" say.
 * There the steps are tried too: the first schema must become what today's is.
 */
#include "base/mem.h"
#include "db/connection.h"
#include "tests/db/catalogue.h"
#include "tests/db/folder.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of PostgreSQL's catalogue pg_type, fixed for ever. */
enum { OID_BOOL = 16, OID_BYTEA = 17, OID_INT8 = 20, OID_INT2 = 21, OID_INT4 = 23, OID_TEXT = 25 };

static int faults;

static void fault(const struct db_statement *st, const char *what, const char *got,
                  const char *want)
{
    (void)printf("%s (%s): %s: got %s, want %s\n", st->name, st->place, what, got, want);
    faults++;
}

static void fault_count(const struct db_statement *st, const char *what, int got, size_t want)
{
    char g[16];
    char w[16];
    (void)snprintf(g, sizeof g, "%d", got);
    (void)snprintf(w, sizeof w, "%zu", want);
    fault(st, what, g, w);
}

/* ---- SQLite --------------------------------------------------------------------------------- */

/* Of a column that is an expression SQLite knows no type. */
static bool suits_sqlite(enum db_type type, const char *declared)
{
    if (declared == NULL)
        return true;
    if (type == DB_TYPE_TEXT || type == DB_TYPE_BLOB)
        return strcmp(declared, type == DB_TYPE_TEXT ? "TEXT" : "BLOB") == 0;
    return strcmp(declared, "INTEGER") == 0;
}

/* A value held against a partial index makes SQLite compile the statement again whenever it is
 * bound: a list took twice the time. `+ 0` in the statement keeps the two apart. */
static void check_compiled_once(sqlite3_stmt *stmt, const struct db_statement *st)
{
    if (sqlite3_stmt_readonly(stmt) == 0)
        return;
    for (int value = 1; value <= 3; value++) {
        for (int i = 1; i <= sqlite3_bind_parameter_count(stmt); i++)
            (void)sqlite3_bind_int(stmt, i, value);
        (void)sqlite3_step(stmt);
        (void)sqlite3_reset(stmt);
    }
    if (sqlite3_stmt_status(stmt, SQLITE_STMTSTATUS_REPREPARE, 0) > 0)
        fault(st, "compiled", "again for other values", "once");
}

static void check_sqlite(struct db *db, const struct db_statement *st)
{
    sqlite3_stmt *stmt = NULL;
    if (sqlite3_prepare_v2(db->sq, st->sql, -1, &stmt, NULL) != SQLITE_OK) {
        fault(st, "prepare", sqlite3_errmsg(db->sq), "no fault");
        return;
    }
    if ((size_t)sqlite3_bind_parameter_count(stmt) != st->in_count)
        fault_count(st, "inputs", sqlite3_bind_parameter_count(stmt), st->in_count);
    int columns = sqlite3_column_count(stmt);
    if ((size_t)columns != st->out_count)
        fault_count(st, "columns", columns, st->out_count);
    for (size_t i = 0; i < st->out_count && (int)i < columns; i++) {
        if (strcmp(sqlite3_column_name(stmt, (int)i), st->outs[i].name) != 0)
            fault(st, "column", sqlite3_column_name(stmt, (int)i), st->outs[i].name);
        const char *declared = sqlite3_column_decltype(stmt, (int)i);
        if (!suits_sqlite(st->outs[i].type, declared))
            fault(st, st->outs[i].name, declared, st->outs[i].word);
    }
    check_compiled_once(stmt, st);
    (void)sqlite3_finalize(stmt);
}

static int on_sqlite(void)
{
    struct folder folder;
    struct db *dbs[DB_STORE_COUNT] = {NULL};
    int count = 0;
    folder_make(&folder);
    for (int s = DB_STORE_MAIN; s < DB_STORE_COUNT; s++) {
        struct err_info info = {0};
        if (db_open(folder.path, (enum db_store)s, DB_WRITE, &dbs[s], &info) != ERR_OK) {
            (void)printf("%s: %s\n", db_store_file((enum db_store)s), info.detail);
            faults++;
        }
    }
    for (const struct catalogue_row *row = CATALOGUE; row->st != NULL; row++, count++) {
        enum db_store store = row->st->store == DB_STORE_UNSET ? DB_STORE_MAIN : row->st->store;
        if (dbs[store] != NULL)
            check_sqlite(dbs[store], row->st);
    }
    for (int s = DB_STORE_MAIN; s < DB_STORE_COUNT; s++)
        db_close(dbs[s]);
    folder_remove(&folder);
    (void)printf("%d statements on SQLite %s, %d faults\n", count, sqlite3_libversion(), faults);
    return faults == 0 && count > 0 ? 0 : 1;
}

/* ---- PostgreSQL ----------------------------------------------------------------------------- */

static Oid oid_of(const struct db_field *f)
{
    switch (f->type) {
    case DB_TYPE_I64:
        return OID_INT8;
    case DB_TYPE_I32:
        return OID_INT4;
    case DB_TYPE_BOOL:
        return OID_INT2; /* BOOL columns are SMALLINT: 0 and 1 mean the same in both engines */
    case DB_TYPE_BLOB:
        return OID_BYTEA;
    case DB_TYPE_TEXT:
    case DB_TYPE_UNSET:
    default:
        return OID_TEXT;
    }
}

static bool suits_postgres(enum db_type type, Oid oid)
{
    if (type == DB_TYPE_TEXT)
        return oid == OID_TEXT;
    if (type == DB_TYPE_BLOB)
        return oid == OID_BYTEA;
    return oid == OID_INT8 || oid == OID_INT4 || oid == OID_INT2 ||
           (type == DB_TYPE_BOOL && oid == OID_BOOL);
}

static bool run(PGconn *pg, const char *sql)
{
    PGresult *r = PQexec(pg, sql);
    bool ok = PQresultStatus(r) == PGRES_COMMAND_OK || PQresultStatus(r) == PGRES_TUPLES_OK;
    if (!ok) {
        (void)printf("%s\n  %s", sql, PQerrorMessage(pg));
        faults++;
    }
    PQclear(r);
    return ok;
}

static void check_columns(const struct db_statement *st, const PGresult *r)
{
    if ((size_t)PQnparams(r) != st->in_count)
        fault_count(st, "inputs", PQnparams(r), st->in_count);
    if ((size_t)PQnfields(r) != st->out_count)
        fault_count(st, "columns", PQnfields(r), st->out_count);
    for (size_t i = 0; i < st->out_count && (int)i < PQnfields(r); i++) {
        if (strcmp(PQfname(r, (int)i), st->outs[i].name) != 0)
            fault(st, "column", PQfname(r, (int)i), st->outs[i].name);
        if (!suits_postgres(st->outs[i].type, PQftype(r, (int)i))) {
            char oid[24];
            (void)snprintf(oid, sizeof oid, "type oid %u", PQftype(r, (int)i));
            fault(st, st->outs[i].name, oid, st->outs[i].word);
        }
    }
}

static void check_postgres(PGconn *pg, const struct catalogue_row *row)
{
    const struct db_statement *st = row->st;
    Oid types[64] = {0};
    for (size_t i = 0; i < st->in_count && i < 64; i++)
        types[i] = oid_of(&st->ins[i]);
    PGresult *r = PQprepare(pg, st->name, row->postgres, (int)st->in_count, types);
    if (PQresultStatus(r) != PGRES_COMMAND_OK)
        fault(st, "prepare", PQerrorMessage(pg), "no fault");
    PQclear(r);
    r = PQdescribePrepared(pg, st->name);
    if (PQresultStatus(r) == PGRES_COMMAND_OK)
        check_columns(st, r);
    PQclear(r);
}

/* Each store is a schema of its own, as each is a file of its own on SQLite. */
static const char *const SPACES[DB_STORE_COUNT] = {
    [DB_STORE_MAIN] = "main",
    [DB_STORE_KEYS] = "keys",
    [DB_STORE_VAULT] = "vault",
    [DB_STORE_FTS] = "fts",
};

static bool enter(PGconn *pg, const char *space)
{
    char sql[64];
    (void)snprintf(sql, sizeof sql, "SET search_path TO %s, public", space);
    return run(pg, sql);
}

static bool run_all(PGconn *pg, const char *const *texts)
{
    for (const char *const *p = texts; p != NULL && *p != NULL; p++)
        if (!run(pg, *p))
            return false;
    return true;
}

static bool make_store(PGconn *pg, const char *space, const struct db_schema *schema)
{
    char sql[64];
    (void)snprintf(sql, sizeof sql, "CREATE SCHEMA %s", space);
    return run(pg, sql) && enter(pg, space) && run_all(pg, schema->sql);
}

static bool make_stores(PGconn *pg)
{
    bool ok = run(pg, "SET client_min_messages TO warning") &&
              run(pg, "CREATE FUNCTION hy_officer() RETURNS bigint STABLE LANGUAGE sql AS "
                      "$$ SELECT current_setting('huiyin.officer')::bigint $$") &&
              run(pg, "CREATE FUNCTION hy_today() RETURNS integer STABLE LANGUAGE sql AS "
                      "$$ SELECT current_setting('huiyin.today')::integer $$");
    for (int s = DB_STORE_MAIN; s < DB_STORE_COUNT && ok; s++)
        ok = make_store(pg, SPACES[s], &POSTGRES_SCHEMAS[s]);
    return ok;
}

/* Tables, views and indexes of the space one is in, as PostgreSQL itself would write them. */
static PGresult *picture(PGconn *pg)
{
    PGresult *r = PQexec(
        pg, "SELECT c.relname || ' ' || CASE c.relkind "
            "  WHEN 'v' THEN pg_get_viewdef(c.oid, true) "
            "  WHEN 'i' THEN pg_get_indexdef(c.oid, 0, true) "
            "  ELSE (SELECT string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || "
            "        CASE WHEN a.attnotnull THEN ' not null' ELSE '' END, ', ' ORDER BY a.attnum) "
            "        FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 "
            "        AND NOT a.attisdropped) END "
            "FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace "
            "AND c.relkind IN ('r', 'v', 'i') ORDER BY 1");
    if (PQresultStatus(r) != PGRES_TUPLES_OK || PQntuples(r) == 0) {
        (void)printf("%s", PQerrorMessage(pg));
        faults++;
    }
    return r;
}

static void check_same(const PGresult *got, const PGresult *want)
{
    int count = PQntuples(got) > PQntuples(want) ? PQntuples(got) : PQntuples(want);
    for (int i = 0; i < count; i++) {
        const char *g = i < PQntuples(got) ? PQgetvalue(got, i, 0) : "nothing";
        const char *w = i < PQntuples(want) ? PQgetvalue(want, i, 0) : "nothing";
        if (strcmp(g, w) != 0) {
            (void)printf("migrated: %s\n   fresh: %s\n", g, w);
            faults++;
            return;
        }
    }
}

/* Each store of the first version, led here by the steps. */
static void check_steps(PGconn *pg)
{
    for (int s = DB_STORE_MAIN; s < DB_STORE_COUNT; s++) {
        char space[32];
        (void)snprintf(space, sizeof space, "first_%s", SPACES[s]);
        bool ok = make_store(pg, space, &POSTGRES_FIRST[s]);
        const struct db_step *step = POSTGRES_SCHEMAS[s].steps;
        for (; ok && step->version != 0; step++)
            ok = run_all(pg, step->sql);
        PGresult *got = picture(pg);
        PGresult *want = enter(pg, SPACES[s]) ? picture(pg) : NULL;
        check_same(got, want);
        PQclear(got);
        PQclear(want);
    }
}

static int on_postgres(void)
{
    const char *where = getenv("HUIYIN_PG");
    if (where == NULL) {
        (void)puts("skipped: HUIYIN_PG names no PostgreSQL (tests/db/with_postgres.py makes one)");
        return 77;
    }
    PGconn *pg = PQconnectdb(where);
    int count = 0;
    if (PQstatus(pg) != CONNECTION_OK) {
        (void)printf("%s", PQerrorMessage(pg));
        faults++;
    } else if (make_stores(pg)) {
        for (const struct catalogue_row *row = CATALOGUE; row->st != NULL; row++, count++) {
            enum db_store s = row->st->store;
            if (enter(pg, SPACES[s == DB_STORE_UNSET ? DB_STORE_MAIN : s]))
                check_postgres(pg, row);
        }
        check_steps(pg);
    }
    (void)printf("%d statements on PostgreSQL %d, %d faults\n", count, PQserverVersion(pg), faults);
    PQfinish(pg);
    return faults == 0 && count > 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    return argc > 1 && strcmp(argv[1], "postgres") == 0 ? on_postgres() : on_sqlite();
}
