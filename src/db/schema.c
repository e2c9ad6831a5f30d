/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/mem.h"
#include "db/connection.h"
#include "db/version.sql.h"

#include <inttypes.h>
#include <stdio.h>

/* "HYin": marks a file as a store of this program. */
#define APPLICATION_ID 0x4859696e

static enum err read_number(struct db *db, const char *sql, int64_t *ret_number)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db->sq, sql, -1, &stmt, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(stmt);
    enum err err = ERR_OK;
    if (rc == SQLITE_ROW)
        *ret_number = sqlite3_column_int64(stmt, 0);
    else
        err = db_note(db, rc, sql, "db/schema.c");
    (void)sqlite3_finalize(stmt);
    return err;
}

static enum err run(struct db *db, const char *sql)
{
    int rc = sqlite3_exec(db->sq, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? ERR_OK : db_note(db, rc, sql, "db/schema.c");
}

/* All of it in one transaction: a store is whole or empty, whenever the power fails. */
static enum err make(struct db *db)
{
    const struct db_schema *schema = &DB_SCHEMAS[db->store];
    CLEANUP(db_tx_done) struct db_tx tx = DB_TX_NONE;
    TRY(DB_TX_BEGIN(&tx, db));
    int64_t tables = 0;
    TRY(read_number(db, "SELECT count(*) FROM sqlite_schema", &tables));
    if (tables > 0) /* somebody else made it between our look and our lock */
        return ERR_OK;
    char sql[64];
    (void)snprintf(sql, sizeof sql, "PRAGMA application_id=%d", APPLICATION_ID);
    TRY(run(db, sql));
    for (const char *const *p = schema->sql; *p != NULL; p++)
        TRY(run(db, *p));
    TRY(schema_version_put(db, schema->version, str_of(schema->digest)));
    return db_tx_commit(&tx);
}

static enum err refuse(struct db *db, const char *key, const char *why)
{
    enum err err = db_note_own(db, ERR_VERSION, key, "%s", why);
    err_arg(&db->fault, 0, db->path);
    return err;
}

static enum err refuse_version(struct db *db, const char *key, int64_t version)
{
    enum err err = refuse(db, key, "the schema has another version");
    char text[32];
    (void)snprintf(text, sizeof text, "%" PRId64, version);
    err_arg(&db->fault, 1, text);
    (void)snprintf(text, sizeof text, "%" PRId32, DB_SCHEMAS[db->store].version);
    err_arg(&db->fault, 2, text);
    return err;
}

static bool is_one_of(struct str digest, const char *const *digests)
{
    for (const char *const *p = digests; *p != NULL; p++)
        if (str_eq_c(digest, *p))
            return true;
    return false;
}

/* *ret_step: the first of the steps that lead an older schema here, for a connection that writes;
 * NULL when the schema is this program's. All else is refused. */
static enum err check(struct db *db, const struct db_step **ret_step)
{
    const struct db_schema *schema = &DB_SCHEMAS[db->store];
    int64_t application = 0;
    TRY(read_number(db, "PRAGMA application_id", &application));
    if (application != APPLICATION_ID)
        return refuse(db, "db.foreign", "not a store of this program");
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 4096);
    struct schema_version_get_row row = {0};
    TRY(schema_version_get(db, &a, &row));
    if (row.version > schema->version)
        return refuse_version(db, "db.newer", row.version);
    const struct db_step *step = schema->steps;
    while (step->version != 0 && step->version <= row.version)
        step++;
    bool is_here = row.version == schema->version;
    if (!is_here && step->version != row.version + 1)
        return refuse_version(db, "db.too_old", row.version);
    if (!(is_here ? str_eq_c(row.digest, schema->digest) : is_one_of(row.digest, step->from)))
        return refuse(db, "db.other_build", "a schema that is none of its version's");
    if (!is_here && db->mode != DB_WRITE)
        return refuse_version(db, "db.older", row.version);
    *ret_step = is_here ? NULL : step;
    return ERR_OK;
}

/* The steps and the new version in one transaction: whenever the power fails, the store is the old
 * one or the new one. */
static enum err migrate(struct db *db)
{
    const struct db_schema *schema = &DB_SCHEMAS[db->store];
    CLEANUP(db_tx_done) struct db_tx tx = DB_TX_NONE;
    TRY(DB_TX_BEGIN(&tx, db));
    const struct db_step *step = NULL;
    TRY(check(db, &step));
    if (step == NULL) /* somebody else did it between our look and our lock */
        return ERR_OK;
    for (; step->version != 0; step++)
        for (const char *const *p = step->sql; *p != NULL; p++)
            TRY(run(db, *p));
    TRY(schema_version_put(db, schema->version, str_of(schema->digest)));
    TRY(db_tx_commit(&tx));
    db->is_migrated = true;
    return ERR_OK;
}

enum err db_schema_ready(struct db *db)
{
    int64_t tables = 0;
    TRY(read_number(db, "SELECT count(*) FROM sqlite_schema", &tables));
    if (tables == 0) {
        if (db->mode != DB_WRITE)
            return refuse(db, "db.empty", "no schema yet");
        TRY(make(db));
    }
    const struct db_step *step = NULL;
    TRY(check(db, &step));
    return step == NULL ? ERR_OK : migrate(db);
}
