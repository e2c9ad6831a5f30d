/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "db/statement.h"

#include "base/mem.h"
#include "db/connection.h"

#include <string.h>

enum { SLOTS_FIRST = 128, ROWS_FIRST = 16 };

/* ---- one prepared statement per connection ----------------------------------------------------
 */

static size_t slot_of(const struct db *db, const struct db_statement *st)
{
    uint64_t h = (uint64_t)(uintptr_t)st * UINT64_C(0x9E3779B97F4A7C15);
    size_t at = (size_t)(h >> 32) & (db->slot_count - 1);
    while (db->slots[at] != NULL && db->slots[at]->st != st)
        at = (at + 1) & (db->slot_count - 1);
    return at;
}

static enum err slots_grow(struct db *db)
{
    size_t count = db->slot_count == 0 ? SLOTS_FIRST : db->slot_count * 2;
    struct db_prepared **old = db->slots;
    size_t old_count = db->slot_count;
    struct db_prepared **slots = mem_new_array(count, sizeof *slots);
    if (slots == NULL)
        return db_note_own(db, ERR_NOMEM, NULL, "no memory for the statements");
    db->slots = slots;
    db->slot_count = count;
    for (size_t i = 0; i < old_count; i++)
        if (old[i] != NULL)
            db->slots[slot_of(db, old[i]->st)] = old[i];
    mem_free(old);
    return ERR_OK;
}

/* NULL when it cannot be: db_fault says why. */
static struct db_prepared *prepare(struct db *db, const struct db_statement *st)
{
    if ((db->prepared_count + 1) * 2 > db->slot_count && slots_grow(db) != ERR_OK)
        return NULL;
    size_t at = slot_of(db, st);
    if (db->slots[at] != NULL)
        return db->slots[at];
    CLEANUP(mem_free_ptr) struct db_prepared *p = mem_new(sizeof *p);
    if (p == NULL) {
        (void)db_note_own(db, ERR_NOMEM, NULL, "no memory for %s", st->name);
        return NULL;
    }
    p->st = st;
    int rc = sqlite3_prepare_v3(db->sq, st->sql, -1, SQLITE_PREPARE_PERSISTENT, &p->stmt, NULL);
    if (rc != SQLITE_OK) {
        (void)db_note(db, rc, st->name, st->place);
        return NULL;
    }
    db->prepared_count++;
    db->slots[at] = TAKE(p);
    return db->slots[at];
}

static int bind_one(sqlite3_stmt *stmt, int at, const struct db_field *f, union db_value v)
{
    if (f->type != DB_TYPE_TEXT && f->type != DB_TYPE_BLOB)
        return sqlite3_bind_int64(stmt, at, v.i);
    if (v.s.ptr == NULL && f->may_be_null)
        return sqlite3_bind_null(stmt, at);
    const char *ptr = v.s.ptr == NULL ? "" : v.s.ptr;
    if (f->type == DB_TYPE_TEXT)
        return sqlite3_bind_text64(stmt, at, ptr, v.s.len, SQLITE_STATIC, SQLITE_UTF8);
    return sqlite3_bind_blob64(stmt, at, ptr, v.s.len, SQLITE_STATIC);
}

static void guard(struct db *db, const struct db_statement *st)
{
    db->is_guarded = st->role == DB_ROLE_OFFICER;
    db->guard_seen = 0;
}

/* Ready to step, with its inputs bound; it runs until end(). NULL when it is not: db_fault says
 * why. */
static struct db_prepared *begin(struct db *db, const struct db_statement *st,
                                 const union db_value *ins)
{
    if (st->store != DB_STORE_UNSET && st->store != db->store) {
        (void)db_note_own(db, ERR_INTERNAL, NULL, "%s (%s) belongs to %s", st->name, st->place,
                          db_store_file(st->store));
        return NULL;
    }
    if (st->role == DB_ROLE_OFFICER && db->officer.v == 0) {
        (void)db_note_own(db, ERR_INTERNAL, NULL, "%s (%s) while no officer is bound", st->name,
                          st->place);
        return NULL;
    }
    guard(db, st);
    struct db_prepared *p = prepare(db, st);
    db->is_guarded = false;
    if (p == NULL)
        return NULL;
    if (p->is_running) {
        (void)db_note_own(db, ERR_INTERNAL, NULL, "%s (%s) inside itself", st->name, st->place);
        return NULL;
    }
    for (size_t i = 0; i < st->in_count; i++) {
        int rc = bind_one(p->stmt, (int)i + 1, &st->ins[i], ins[i]);
        if (rc != SQLITE_OK) {
            (void)db_note(db, rc, st->name, st->place);
            return NULL;
        }
    }
    p->is_running = true;
    return p;
}

static void end(struct db_prepared *p)
{
    (void)sqlite3_reset(p->stmt);
    p->is_running = false;
}

static enum err step(struct db *db, struct db_prepared *p, bool *ret_has_row)
{
    /* A statement may be compiled again inside its step, and the guard must stand then too. */
    guard(db, p->st);
    int rc = sqlite3_step(p->stmt);
    db->is_guarded = false;
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        return db_note(db, rc, p->st->name, p->st->place);
    *ret_has_row = rc == SQLITE_ROW;
    return ERR_OK;
}

/* ---- rows ---------------------------------------------------------------------------------------
 */

static enum err column_bytes(struct db *db, struct db_prepared *p, int at, struct arena *a,
                             struct str *ret)
{
    const struct db_field *f = &p->st->outs[at];
    if (sqlite3_column_type(p->stmt, at) == SQLITE_NULL) {
        if (!f->may_be_null)
            return db_note_own(db, ERR_CORRUPT, "db.corrupt", "%s (%s): %s is NULL", p->st->name,
                               p->st->place, f->name);
        *ret = STR_NULL;
        return ERR_OK;
    }
    const void *ptr = f->type == DB_TYPE_TEXT ? (const void *)sqlite3_column_text(p->stmt, at)
                                              : sqlite3_column_blob(p->stmt, at);
    size_t len = (size_t)sqlite3_column_bytes(p->stmt, at);
    /* NULL stands for no bytes, but also for bytes that found no room. */
    if (ptr == NULL && sqlite3_errcode(db->sq) == SQLITE_NOMEM)
        return db_note_own(db, ERR_NOMEM, NULL, "no memory for %s", p->st->name);
    struct str s = {ptr == NULL ? "" : ptr, len};
    *ret = a == NULL ? s : str_copy(a, s);
    if (ret->ptr == NULL)
        return db_note_own(db, ERR_NOMEM, NULL, "no memory for %s", p->st->name);
    return ERR_OK;
}

static enum err column_number(struct db *db, struct db_prepared *p, int at, void *to)
{
    const struct db_field *f = &p->st->outs[at];
    int64_t v = sqlite3_column_int64(p->stmt, at);
    if (f->type == DB_TYPE_I64) {
        memcpy(to, &v, sizeof v);
    } else if (f->type == DB_TYPE_I32) {
        if (v < INT32_MIN || v > INT32_MAX)
            return db_note_own(db, ERR_CORRUPT, "db.corrupt", "%s (%s): %s is out of range",
                               p->st->name, p->st->place, f->name);
        int32_t narrow = (int32_t)v;
        memcpy(to, &narrow, sizeof narrow);
    } else {
        bool truth = v != 0;
        memcpy(to, &truth, sizeof truth);
    }
    return ERR_OK;
}

/* Fills the row struct; with an arena strings are copied, without they point into SQLite. */
static enum err decode(struct db *db, struct db_prepared *p, struct arena *a, void *row)
{
    for (size_t i = 0; i < p->st->out_count; i++) {
        const struct db_field *f = &p->st->outs[i];
        unsigned char *to = (unsigned char *)row + f->offset;
        if (f->type == DB_TYPE_TEXT || f->type == DB_TYPE_BLOB) {
            struct str s = STR_NULL;
            TRY(column_bytes(db, p, (int)i, a, &s));
            memcpy(to, &s, sizeof s);
        } else {
            TRY(column_number(db, p, (int)i, to));
        }
    }
    return ERR_OK;
}

static enum err take_one(struct db *db, struct db_prepared *p, struct arena *a, void *ret_row)
{
    bool has_row = false;
    TRY(step(db, p, &has_row));
    if (!has_row)
        return db_note_none(db, p->st->name);
    void *row = arena_alloc(a, p->st->row_bytes);
    if (row == NULL)
        return db_note_own(db, ERR_NOMEM, NULL, "no memory for %s", p->st->name);
    TRY(decode(db, p, a, row));
    if (sqlite3_stmt_readonly(p->stmt) == 0) /* INSERT … RETURNING ends with its last step */
        while (has_row)
            TRY(step(db, p, &has_row));
    memcpy(ret_row, row, p->st->row_bytes);
    return ERR_OK;
}

enum err db_run_one(struct db *db, struct arena *a, const struct db_statement *st,
                    const union db_value *ins, void *ret_row)
{
    struct db_prepared *p = begin(db, st, ins);
    if (p == NULL)
        return db_fault(db)->err;
    enum err err = take_one(db, p, a, ret_row);
    end(p);
    return err;
}

static enum err take_many(struct db *db, struct db_prepared *p, struct arena *a, void **ret_rows,
                          size_t *ret_count)
{
    size_t count = 0;
    size_t room = 0;
    size_t size = p->st->row_bytes;
    unsigned char *rows = NULL;
    for (;;) {
        bool has_row = false;
        TRY(step(db, p, &has_row));
        if (!has_row)
            break;
        if (count == room) {
            room = room == 0 ? ROWS_FIRST : room * 2;
            unsigned char *more = arena_array(a, room, size);
            if (more == NULL)
                return db_note_own(db, ERR_NOMEM, NULL, "no memory for %s", p->st->name);
            if (count > 0)
                memcpy(more, rows, count * size);
            rows = more;
        }
        TRY(decode(db, p, a, rows + count * size));
        count++;
    }
    *ret_rows = rows;
    *ret_count = count;
    return ERR_OK;
}

enum err db_run_many(struct db *db, struct arena *a, const struct db_statement *st,
                     const union db_value *ins, void **ret_rows, size_t *ret_count)
{
    struct db_prepared *p = begin(db, st, ins);
    if (p == NULL)
        return db_fault(db)->err;
    enum err err = take_many(db, p, a, ret_rows, ret_count);
    end(p);
    return err;
}

enum err db_run_exec(struct db *db, const struct db_statement *st, const union db_value *ins,
                     int64_t *ret_count)
{
    struct db_prepared *p = begin(db, st, ins);
    if (p == NULL)
        return db_fault(db)->err;
    bool has_row = true;
    enum err err = ERR_OK;
    while (err == ERR_OK && has_row)
        err = step(db, p, &has_row);
    if (err == ERR_OK && ret_count != NULL)
        *ret_count = sqlite3_changes64(db->sq);
    end(p);
    return err;
}

enum err db_cursor_init(struct db_cursor *c, struct db *db, const struct db_statement *st,
                        const union db_value *ins)
{
    *c = (struct db_cursor){.db = db, .prepared = begin(db, st, ins)};
    return c->prepared == NULL ? db_fault(db)->err : ERR_OK;
}

enum err db_cursor_next(struct db_cursor *c, void *ret_row, bool *ret_has_row)
{
    bool has_row = false;
    TRY(step(c->db, c->prepared, &has_row));
    if (has_row)
        TRY(decode(c->db, c->prepared, NULL, ret_row));
    *ret_has_row = has_row;
    return ERR_OK;
}

void db_cursor_done(struct db_cursor *c)
{
    if (c->prepared != NULL)
        end(c->prepared);
    c->prepared = NULL;
}
