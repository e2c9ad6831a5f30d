/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What must hold after any fault, asked of the stores themselves. */
#include "tests/fault/sweep.h"

#include "base/mem.h"
#include "db/db.h"
#include "matter/rebuild.h"
#include "spine/audit.h"
#include "spine/keys.h"
#include "spine/log.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdarg.h>

static bool say(char why[WHY_BYTES], const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool say(char why[WHY_BYTES], const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    (void)vsnprintf(why, WHY_BYTES, format, ap);
    va_end(ap);
    return false;
}

static sqlite3 *store_open(const struct town *t, const char *name)
{
    char path[128];
    sqlite3 *sq = NULL;
    (void)snprintf(path, sizeof path, "%s/%s", t->v.folder, name);
    if (sqlite3_open_v2(path, &sq, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
            SQLITE_OK ||
        sqlite3_busy_timeout(sq, 5000) != SQLITE_OK)
        abort();
    return sq;
}

static sqlite3_stmt *prepared(sqlite3 *sq, const char *sql)
{
    sqlite3_stmt *s = NULL;
    if (sqlite3_prepare_v2(sq, sql, -1, &s, NULL) != SQLITE_OK) {
        (void)fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(sq));
        abort();
    }
    return s;
}

/* ---- prints ---------------------------------------------------------------------------------- */

static void add(uint64_t *hash, const void *bytes, size_t len)
{
    const unsigned char *p = bytes;
    for (size_t i = 0; i < len; i++)
        *hash = (*hash ^ p[i]) * UINT64_C(1099511628211); /* FNV-1a */
}

static void add_row(uint64_t *hash, sqlite3_stmt *s)
{
    for (int c = 0; c < sqlite3_column_count(s); c++) {
        int type = sqlite3_column_type(s, c);
        const void *bytes = sqlite3_column_blob(s, c);
        size_t len = (size_t)sqlite3_column_bytes(s, c);
        add(hash, &type, sizeof type);
        add(hash, &len, sizeof len);
        if (len > 0)
            add(hash, bytes, len);
    }
}

static void print_table(sqlite3 *sq, const char *name, struct print *p)
{
    char sql[160];
    (void)snprintf(sql, sizeof sql, "SELECT * FROM \"%s\"", name);
    sqlite3_stmt *s = prepared(sq, sql);
    for (; sqlite3_step(s) == SQLITE_ROW; p->rows[p->tables]++)
        add_row(&p->hash, s);
    if (strcmp(name, "dossier") == 0)
        p->dossiers = p->rows[p->tables];
    p->tables++;
    (void)sqlite3_finalize(s);
}

void print_take(const struct town *t, struct print *ret_print)
{
    *ret_print = (struct print){.hash = UINT64_C(14695981039346656037)};
    sqlite3 *sq = store_open(t, "main.db");
    sqlite3_stmt *s =
        prepared(sq, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE "
                     "'sqlite%' AND name <> 'log_checkpoint' ORDER BY name");
    while (sqlite3_step(s) == SQLITE_ROW && ret_print->tables < TABLES_MAX)
        print_table(sq, (const char *)sqlite3_column_text(s, 0), ret_print);
    (void)sqlite3_finalize(s);
    (void)sqlite3_close(sq);
}

bool print_is_same(const struct print *a, const struct print *b)
{
    return a->hash == b->hash && print_is_alike(a, b);
}

bool print_is_alike(const struct print *a, const struct print *b)
{
    return a->tables == b->tables && memcmp(a->rows, b->rows, sizeof a->rows) == 0;
}

/* ---- rows and log -----------------------------------------------------------------------------
 */

static void on_fault(void *ctx, const struct audit_fault *f)
{
    char *why = ctx;
    if (why[0] == '\0')
        (void)say(why, "log audit: %s at leaf %" PRId64, audit_fault_key(f->kind), f->index);
}

static bool check_log(struct town *t, char why[WHY_BYTES])
{
    struct house *h = t->v.h;
    struct log_head head;
    struct audit_result result;
    CLEANUP(db_close_ptr) struct db *db = NULL;
    if (keeper_log_head(h->keeper, &head) != KEEPER_OK ||
        db_open(t->v.folder, DB_STORE_MAIN, DB_READ, &db, &t->v.info) != ERR_OK)
        return say(why, "log audit: %s", t->v.info.detail);
    const struct audit_setup setup = {
        .origin = h->origin,
        .keys = h->keys,
        .log_public_key = keeper_signer(h->keeper)->public_key,
        .head = &head,
        .on_fault = on_fault,
        .ctx = why,
    };
    if (log_audit(db, &setup, &result) != ERR_OK)
        return say(why, "log audit: %s", db_fault(db)->detail);
    return result.faults == 0;
}

bool check_open(struct town *t, char why[WHY_BYTES])
{
    struct rebuild_found found;
    why[0] = '\0';
    if (log_refusal(t->v.h->log) != NULL)
        return say(why, "the log is read-only: %s", log_refusal(t->v.h->log));
    if (matter_rebuild_check(t->v.h, NULL, NULL, &found, &t->v.info) != ERR_OK)
        return say(why, "rebuild: %s", t->v.info.detail);
    if (found.differences != 0)
        return say(why, "rebuild: %s", found.first);
    if (found.shredded != 0)
        return say(why, "%" PRId64 " matters without their keys", found.shredded);
    return check_log(t, why);
}

/* ---- the stores among themselves ---------------------------------------------------------------
 */

static int64_t number(sqlite3 *sq, const char *sql)
{
    sqlite3_stmt *s = prepared(sq, sql);
    int64_t n = sqlite3_step(s) == SQLITE_ROW ? sqlite3_column_int64(s, 0) : -1;
    (void)sqlite3_finalize(s);
    return n;
}

static void attach(sqlite3 *sq, const struct town *t, const char *file, const char *name)
{
    char sql[200];
    (void)snprintf(sql, sizeof sql, "ATTACH '%s/%s' AS %s", t->v.folder, file, name);
    if (sqlite3_exec(sq, sql, NULL, NULL, NULL) != SQLITE_OK)
        abort();
}

static bool is_sound(sqlite3 *sq, const char *name, char why[WHY_BYTES])
{
    char sql[64];
    (void)snprintf(sql, sizeof sql, "PRAGMA %s.integrity_check", name);
    sqlite3_stmt *s = prepared(sq, sql);
    bool sound =
        sqlite3_step(s) == SQLITE_ROW && strcmp((const char *)sqlite3_column_text(s, 0), "ok") == 0;
    if (!sound)
        (void)say(why, "%s: %s", name, (const char *)sqlite3_column_text(s, 0));
    (void)sqlite3_finalize(s);
    return sound;
}

/* Each counts what must not be. */
static const struct {
    const char *what;
    const char *sql;
    bool late; /* only when what a crash left has had its time */
} LAWS[] = {
    {"a matter without its sealed identity",
     "SELECT count(*) FROM matter WHERE length(handle) > 0 AND handle NOT IN "
     "(SELECT handle FROM vault.item EXCEPT SELECT handle FROM vault.pending)",
     false},
    {"an identity kept without its matter",
     "SELECT count(*) FROM (SELECT handle FROM vault.item "
     "EXCEPT SELECT handle FROM vault.pending EXCEPT SELECT handle FROM matter)",
     false},
    {"an identity without its shares or its notify box",
     "SELECT count(*) FROM vault.item WHERE length(share_a) <> 101 OR "
     "length(share_b) <> iif(mode = 2, 101, 0) OR length(notify) <> 326",
     false},
    {"what waits or is barred without its identity",
     "SELECT (SELECT count(*) FROM vault.pending WHERE handle NOT IN (SELECT handle FROM "
     "vault.item))"
     " + (SELECT count(*) FROM vault.bar WHERE handle NOT IN (SELECT handle FROM vault.item))",
     false},
    {"a key behind the newest matter that no matter has",
     "SELECT count(*) FROM keys.matter_key WHERE matter_id NOT IN (SELECT id FROM dossier) "
     "AND matter_id < (SELECT max(id) FROM dossier)",
     false},
    {"an identity that waits still", "SELECT count(*) FROM vault.pending", true},
    {"a key without its matter",
     "SELECT count(*) FROM keys.matter_key WHERE matter_id NOT IN (SELECT id FROM dossier)", true},
};

bool check_stores(const struct town *t, bool late, char why[WHY_BYTES])
{
    sqlite3 *sq = store_open(t, "main.db");
    attach(sq, t, "keys.db", "keys");
    attach(sq, t, "vault.db", "vault");
    bool good =
        is_sound(sq, "main", why) && is_sound(sq, "keys", why) && is_sound(sq, "vault", why);
    for (size_t i = 0; good && i < sizeof LAWS / sizeof *LAWS; i++) {
        int64_t n = LAWS[i].late && !late ? 0 : number(sq, LAWS[i].sql);
        if (n != 0)
            good = say(why, "%s (%" PRId64 ")", LAWS[i].what, n);
    }
    (void)sqlite3_close(sq);
    return good;
}
