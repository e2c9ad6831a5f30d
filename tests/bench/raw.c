/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/bench/raw.h"

#include "base/instant.h"
#include "base/mem.h"
#include "base/rng.h"
#include "db/checkpoint.h"
#include "db/connection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COLUMNS_MAX = 32 };

/* How the rows of a matter are found in a table and what makes them new ones. */
enum shift {
    SHIFT_DOSSIER = 0, /* the column counts as the dossier does */
    SHIFT_LEAF,        /* … as the leaves of the log do */
    SHIFT_COUNT,       /* a number of its own that counts on */
    SHIFT_NOISE        /* a key that is a hash: other bytes */
};

struct rule {
    const char *table;
    const char *rows; /* its rows from dossier ?1 on, in their order; NULL: by its column dossier */
    const char *column[3];
    enum shift shift[3];
};

static const struct rule RULES[] = {
    {"dossier",
     "SELECT id, t.* FROM dossier t WHERE id >= ?1 ORDER BY id",
     {"id"},
     {SHIFT_DOSSIER}},
    {"matter", "SELECT id, t.* FROM matter t WHERE id >= ?1 ORDER BY id", {"id"}, {SHIFT_DOSSIER}},
    {"event", NULL, {"dossier", "leaf"}, {SHIFT_DOSSIER, SHIFT_LEAF}},
    {"due", NULL, {"dossier"}, {SHIFT_DOSSIER}},
    {"grant_", NULL, {"dossier"}, {SHIFT_DOSSIER}},
    {"bar", NULL, {"dossier"}, {SHIFT_DOSSIER}},
    {"outbox", NULL, {"id", "dossier"}, {SHIFT_COUNT, SHIFT_DOSSIER}},
    {"sent_once", NULL, {"hash", "dossier"}, {SHIFT_NOISE, SHIFT_DOSSIER}},
    {"code", NULL, {"lookup", "dossier"}, {SHIFT_NOISE, SHIFT_DOSSIER}},
    {"log_entry",
     "SELECT e.dossier, t.* FROM event e CROSS JOIN log_entry t ON t.idx = e.leaf "
     "WHERE e.dossier >= ?1 ORDER BY e.dossier, e.seq",
     {"idx"},
     {SHIFT_LEAF}},
    /* Which hashes they are does not matter; each leaf brings two on the average. */
    {"log_hash", "SELECT 0, t.* FROM log_hash t ORDER BY pos", {"pos"}, {SHIFT_COUNT}},
};
enum { RULE_COUNT = sizeof RULES / sizeof RULES[0], RULE_LOG_HASH = RULE_COUNT - 1 };

struct row {
    int rule;
    int count;
    sqlite3_value *values[COLUMNS_MAX];
};

struct raw {
    int64_t matters;
    int64_t first;      /* dossier of the first group */
    int64_t first_leaf; /* of its events */
    struct row *rows;
    size_t row_count;
    size_t row_room;
    size_t *group_end; /* rows of the n-th matter end here */
    int columns[RULE_COUNT];
    int place[RULE_COUNT][3]; /* of the columns to shift, -1 for none */
    int64_t counters[RULE_COUNT];
};

static enum err fail(struct db *db, const char *what, struct err_info *info)
{
    return err_set(info, ERR_IO, NULL, "%s: %s", what, sqlite3_errmsg(db->sq));
}

static int64_t number(struct db *db, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    int64_t n = -1;
    if (sqlite3_prepare_v2(db->sq, sql, -1, &stmt, NULL) == SQLITE_OK &&
        sqlite3_step(stmt) == SQLITE_ROW)
        n = sqlite3_column_int64(stmt, 0);
    (void)sqlite3_finalize(stmt);
    return n;
}

/* Column 0 is the dossier it belongs to; the row is what follows. */
static bool keep_row(struct raw *r, int rule, sqlite3_stmt *stmt)
{
    if (r->row_count == r->row_room) {
        size_t room = r->row_room == 0 ? 4096 : r->row_room * 2;
        struct row *rows = mem_resize(r->rows, room * sizeof *rows);
        if (rows == NULL)
            return false;
        r->rows = rows;
        r->row_room = room;
    }
    struct row *row = &r->rows[r->row_count++];
    *row = (struct row){.rule = rule, .count = sqlite3_column_count(stmt) - 1};
    for (int i = 0; i < row->count && i < COLUMNS_MAX; i++)
        row->values[i] = sqlite3_value_dup(sqlite3_column_value(stmt, i + 1));
    return true;
}

static enum err prepare_reads(struct raw *r, struct db *db, sqlite3_stmt **reads,
                              struct err_info *info)
{
    for (int i = 0; i < RULE_COUNT; i++) {
        char sql[512];
        (void)snprintf(sql, sizeof sql,
                       "SELECT dossier, t.* FROM %s t WHERE dossier >= ?1 ORDER BY dossier",
                       RULES[i].table);
        if (sqlite3_prepare_v2(db->sq, RULES[i].rows == NULL ? sql : RULES[i].rows, -1, &reads[i],
                               NULL) != SQLITE_OK)
            return fail(db, RULES[i].table, info);
        (void)sqlite3_bind_int64(reads[i], 1, r->first);
        r->columns[i] = sqlite3_column_count(reads[i]) - 1;
        for (int k = 0; k < 3; k++) {
            r->place[i][k] = -1;
            for (int c = 0; RULES[i].column[k] != NULL && c < r->columns[i]; c++)
                if (strcmp(sqlite3_column_name(reads[i], c + 1), RULES[i].column[k]) == 0)
                    r->place[i][k] = c;
        }
    }
    return ERR_OK;
}

/* Every reader stands on its next row; those of one dossier after the other are taken. */
static enum err read_groups(struct raw *r, sqlite3_stmt **reads, struct err_info *info)
{
    bool has_row[RULE_COUNT];
    for (int i = 0; i < RULE_COUNT; i++)
        has_row[i] = sqlite3_step(reads[i]) == SQLITE_ROW;
    for (int64_t n = 0; n < r->matters; n++) {
        int64_t leaves = 0;
        bool ok = true;
        for (int i = 0; i < RULE_LOG_HASH; i++)
            while (ok && has_row[i] && sqlite3_column_int64(reads[i], 0) == r->first + n) {
                ok = keep_row(r, i, reads[i]);
                leaves += strcmp(RULES[i].table, "event") == 0;
                has_row[i] = sqlite3_step(reads[i]) == SQLITE_ROW;
            }
        for (int64_t k = 0; k < 2 * leaves && ok && has_row[RULE_LOG_HASH]; k++) {
            ok = keep_row(r, RULE_LOG_HASH, reads[RULE_LOG_HASH]);
            has_row[RULE_LOG_HASH] = sqlite3_step(reads[RULE_LOG_HASH]) == SQLITE_ROW;
        }
        if (!ok)
            return err_set(info, ERR_NOMEM, NULL, "no memory for the rows");
        r->group_end[n] = r->row_count;
    }
    return ERR_OK;
}

enum err raw_load(const char *dir, int64_t matters, struct raw **ret_raw, struct err_info *info)
{
    CLEANUP(db_close_ptr) struct db *db = NULL;
    TRY(db_open(dir, DB_STORE_MAIN, DB_READ, &db, info));
    struct raw *r = mem_new(sizeof *r);
    if (r == NULL || (r->group_end = mem_new_array((size_t)matters, sizeof(size_t))) == NULL) {
        mem_free(r);
        return err_set(info, ERR_NOMEM, NULL, "no memory");
    }
    r->matters = matters;
    r->first = number(db, "SELECT max(id) FROM dossier") - matters + 1;
    char sql[128];
    (void)snprintf(sql, sizeof sql, "SELECT min(leaf) FROM event WHERE dossier = %lld",
                   (long long)r->first);
    r->first_leaf = number(db, sql);
    sqlite3_stmt *reads[RULE_COUNT] = {NULL};
    enum err err = prepare_reads(r, db, reads, info);
    if (err == ERR_OK)
        err = read_groups(r, reads, info);
    for (int i = 0; i < RULE_COUNT; i++)
        (void)sqlite3_finalize(reads[i]);
    if (err != ERR_OK) {
        raw_free(r);
        return err;
    }
    *ret_raw = r;
    return ERR_OK;
}

void raw_free(struct raw *r)
{
    if (r == NULL)
        return;
    for (size_t i = 0; i < r->row_count; i++)
        for (int c = 0; c < r->rows[i].count; c++)
            sqlite3_value_free(r->rows[i].values[c]);
    mem_free(r->rows);
    mem_free(r->group_end);
    mem_free(r);
}

double raw_rows_each(const struct raw *r)
{
    return (double)r->row_count / (double)r->matters;
}

int64_t raw_matters(const struct raw *r)
{
    return r->matters;
}

/* ---- writing -------------------------------------------------------------------------------- */

struct pen {
    struct raw *raw;
    struct db *db;
    struct checkpoint *checkpoint;
    struct rng rng;
    sqlite3_stmt *writes[RULE_COUNT];
    sqlite3_stmt *counter;
    sqlite3_stmt *state;
    int64_t dossier_add;
    int64_t leaf_add;
};

static void bind_shifted(struct pen *p, sqlite3_stmt *w, const struct row *row, int k)
{
    const struct raw *r = p->raw;
    int at = r->place[row->rule][k];
    sqlite3_value *v = row->values[at];
    unsigned char noise[32];
    switch (RULES[row->rule].shift[k]) {
    case SHIFT_DOSSIER:
        (void)sqlite3_bind_int64(w, at + 1, sqlite3_value_int64(v) + p->dossier_add);
        break;
    case SHIFT_LEAF:
        (void)sqlite3_bind_int64(w, at + 1, sqlite3_value_int64(v) + p->leaf_add);
        break;
    case SHIFT_COUNT:
        (void)sqlite3_bind_int64(w, at + 1, ++p->raw->counters[row->rule]);
        break;
    case SHIFT_NOISE:
    default:
        for (size_t i = 0; i < sizeof noise; i += 8) {
            uint64_t any = rng_next(&p->rng);
            memcpy(noise + i, &any, 8);
        }
        (void)sqlite3_bind_blob(w, at + 1, noise, sqlite3_value_bytes(v) < 32 ? 16 : 32,
                                SQLITE_TRANSIENT);
        break;
    }
}

static enum err write_row(struct pen *p, const struct row *row, struct err_info *info)
{
    sqlite3_stmt *w = p->writes[row->rule];
    for (int c = 0; c < row->count; c++)
        (void)sqlite3_bind_value(w, c + 1, row->values[c]);
    for (int k = 0; k < 3; k++)
        if (p->raw->place[row->rule][k] >= 0)
            bind_shifted(p, w, row, k);
    int rc = sqlite3_step(w);
    (void)sqlite3_reset(w);
    return rc == SQLITE_DONE ? ERR_OK : fail(p->db, RULES[row->rule].table, info);
}

static enum err run_update(struct pen *p, sqlite3_stmt *stmt, struct err_info *info)
{
    int rc = sqlite3_step(stmt);
    (void)sqlite3_reset(stmt);
    return rc == SQLITE_DONE ? ERR_OK : fail(p->db, "update", info);
}

static enum err write_batch(struct pen *p, int64_t from, int64_t to, struct err_info *info)
{
    CLEANUP(db_tx_done) struct db_tx tx = DB_TX_NONE;
    TRY(DB_TX_BEGIN(&tx, p->db));
    for (int64_t n = from; n < to; n++) {
        size_t at = n == 0 ? 0 : p->raw->group_end[n - 1];
        for (; at < p->raw->group_end[n]; at++)
            TRY(write_row(p, &p->raw->rows[at], info));
        TRY(run_update(p, p->counter, info));
    }
    TRY(run_update(p, p->state, info));
    enum err err = db_tx_commit(&tx);
    if (err != ERR_OK) {
        *info = *db_fault(p->db);
        return err;
    }
    return checkpoint_after_commit(p->checkpoint, p->db, p->db->wal_pages);
}

static enum err prepare_writes(struct pen *p, struct err_info *info)
{
    for (int i = 0; i < RULE_COUNT; i++) {
        char sql[512];
        int at = snprintf(sql, sizeof sql, "INSERT INTO %s VALUES (?", RULES[i].table);
        for (int c = 1; c < p->raw->columns[i]; c++)
            at += snprintf(sql + at, sizeof sql - (size_t)at, ", ?");
        (void)snprintf(sql + at, sizeof sql - (size_t)at, ")");
        if (sqlite3_prepare_v3(p->db->sq, sql, -1, SQLITE_PREPARE_PERSISTENT, &p->writes[i],
                               NULL) != SQLITE_OK)
            return fail(p->db, RULES[i].table, info);
    }
    if (sqlite3_prepare_v2(p->db->sq,
                           "UPDATE counter SET n = n + 1 WHERE (office, kind, state) = (SELECT "
                           "office, kind, state FROM counter LIMIT 1)",
                           -1, &p->counter, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(p->db->sq, "UPDATE log_state SET size = size + 1 WHERE id = 1", -1,
                           &p->state, NULL) != SQLITE_OK)
        return fail(p->db, "prepare", info);
    return ERR_OK;
}

static void on_fatal(void *env, const struct err_info *info)
{
    (void)env;
    (void)fprintf(stderr, "raw: %s\n", info->detail);
    _exit(74);
}

enum err raw_run(struct raw *r, const char *dir, int64_t batch, double *ret_seconds,
                 struct err_info *info)
{
    struct pen p = {.raw = r};
    rng_seed(&p.rng, (uint64_t)instant_monotonic());
    TRY(db_open(dir, DB_STORE_MAIN, DB_WRITE, &p.db, info));
    enum err err = checkpoint_new(dir, DB_STORE_MAIN, on_fatal, NULL, &p.checkpoint, info);
    if (err == ERR_OK)
        err = prepare_writes(&p, info);
    p.dossier_add = number(p.db, "SELECT max(id) FROM dossier") - r->first + 1;
    p.leaf_add = number(p.db, "SELECT max(idx) FROM log_entry") + 1 - r->first_leaf;
    for (int i = 0; i < RULE_COUNT; i++) {
        char sql[128];
        (void)snprintf(sql, sizeof sql, "SELECT max(%s) FROM %s", RULES[i].column[0],
                       RULES[i].table);
        if (RULES[i].shift[0] == SHIFT_COUNT)
            r->counters[i] = number(p.db, sql);
    }
    int64_t from_us = instant_monotonic();
    for (int64_t n = 0; n < r->matters && err == ERR_OK; n += batch)
        err = write_batch(&p, n, n + batch < r->matters ? n + batch : r->matters, info);
    *ret_seconds = (double)(instant_monotonic() - from_us) / 1e6;
    for (int i = 0; i < RULE_COUNT; i++)
        (void)sqlite3_finalize(p.writes[i]);
    (void)sqlite3_finalize(p.counter);
    (void)sqlite3_finalize(p.state);
    checkpoint_free(p.checkpoint);
    db_close(p.db);
    return err;
}
