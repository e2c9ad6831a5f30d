/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/bench/sql_only.h"

#include "base/instant.h"
#include "base/mem.h"
#include "db/connection.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINES_MAX = 40000 };

struct script {
    char *lines[LINES_MAX]; /* "BEGIN", statements, "ROLLBACK" … */
    size_t count;
};

struct worker {
    pthread_t thread;
    const struct script *script;
    const char *dir;
    int64_t until_us;
    int64_t answers;
    int64_t statements;
    enum err err;
    struct err_info info;
};

static enum err script_read(const char *path, struct script *s, struct err_info *info)
{
    FILE *f = fopen(path, "re");
    char *line = NULL;
    size_t room = 0;
    if (f == NULL)
        return err_set(info, ERR_IO, NULL, "cannot read %s", path);
    for (ssize_t n = getline(&line, &room, f); n > 0 && s->count < LINES_MAX;
         n = getline(&line, &room, f)) {
        line[n - 1] = '\0';
        /* Only what stands between BEGIN and ROLLBACK is an answer's; the rest opens readers. */
        char *copy = mem_new((size_t)n);
        if (copy == NULL)
            break;
        memcpy(copy, line, (size_t)n);
        s->lines[s->count++] = copy;
    }
    free(line);
    (void)fclose(f);
    return s->count > 0 ? ERR_OK : err_set(info, ERR_INVALID, NULL, "%s is empty", path);
}

static bool is_text(const char *line, const char *word)
{
    return strcmp(line, word) == 0;
}

/* One round over the whole script. */
static void round_run(struct worker *w, sqlite3_stmt **stmts)
{
    bool inside = false;
    for (size_t i = 0; i < w->script->count; i++) {
        const char *line = w->script->lines[i];
        inside = inside || is_text(line, "BEGIN");
        if (!inside || stmts[i] == NULL)
            continue;
        while (sqlite3_step(stmts[i]) == SQLITE_ROW)
            for (int c = 0; c < sqlite3_column_count(stmts[i]); c++)
                (void)sqlite3_column_bytes(stmts[i], c);
        (void)sqlite3_reset(stmts[i]);
        w->statements++;
        if (is_text(line, "ROLLBACK")) {
            inside = false;
            w->answers++;
        }
    }
}

static void *work(void *arg)
{
    struct worker *w = arg;
    struct db *db = NULL;
    w->err = db_open(w->dir, DB_STORE_MAIN, DB_READ, &db, &w->info);
    sqlite3_stmt **stmts = mem_new_array(w->script->count, sizeof(sqlite3_stmt *));
    if (w->err != ERR_OK || stmts == NULL)
        return NULL;
    db_as_officer(db, (struct officer_id){1}, INT32_MAX - 1);
    for (size_t i = 0; i < w->script->count; i++)
        (void)sqlite3_prepare_v3(db->sq, w->script->lines[i], -1, SQLITE_PREPARE_PERSISTENT,
                                 &stmts[i], NULL);
    round_run(w, stmts); /* warm */
    w->answers = w->statements = 0;
    w->until_us += instant_monotonic();
    int64_t from = instant_monotonic();
    while (instant_monotonic() < w->until_us)
        round_run(w, stmts);
    w->until_us = instant_monotonic() - from; /* now: how long it took */
    for (size_t i = 0; i < w->script->count; i++)
        (void)sqlite3_finalize(stmts[i]);
    mem_free(stmts);
    db_close(db);
    return NULL;
}

enum err sql_only_run(const char *dir, const char *trace, size_t threads, double seconds,
                      double *ret_rate, double *ret_statements_each, struct err_info *info)
{
    struct worker workers[8] = {0};
    struct script *script = mem_new(sizeof *script);
    if (script == NULL)
        return ERR_NOMEM;
    enum err err = script_read(trace, script, info);
    int64_t answers = 0;
    int64_t statements = 0;
    *ret_rate = 0;
    for (size_t i = 0; i < threads && i < 8 && err == ERR_OK; i++) {
        workers[i] =
            (struct worker){.script = script, .dir = dir, .until_us = (int64_t)(seconds * 1e6)};
        (void)pthread_create(&workers[i].thread, NULL, work, &workers[i]);
    }
    for (size_t i = 0; i < threads && i < 8 && err == ERR_OK; i++) {
        (void)pthread_join(workers[i].thread, NULL);
        answers += workers[i].answers;
        statements += workers[i].statements;
        if (workers[i].until_us > 0)
            *ret_rate += (double)workers[i].answers / ((double)workers[i].until_us / 1e6);
    }
    *ret_statements_each = answers > 0 ? (double)statements / (double)answers : 0;
    for (size_t i = 0; i < script->count; i++)
        mem_free(script->lines[i]);
    mem_free(script);
    return err;
}
