/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/bench/sql_only.h"

#include "base/instant.h"
#include "base/mem.h"
#include "db/connection.h"
#include "tests/bench/script.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { WORKERS_MAX = 8 };

struct worker {
    pthread_t thread;
    const struct sql_only *how;
    const struct script *script;
    sqlite3_stmt *stmts[SCRIPT_TEXTS_MAX];
    int64_t answers;
    int64_t statements;
    int64_t rows;
    double seconds;
    double cpu_seconds;
    enum err err;
    struct err_info info;
};

static bool step_run(struct worker *w, const struct script_step *step)
{
    sqlite3_stmt *stmt = w->stmts[step->text];
    int rc = SQLITE_ROW;
    script_bind(w->script, step, stmt);
    while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        for (int c = 0; c < sqlite3_column_count(stmt); c++)
            (void)sqlite3_column_bytes(stmt, c);
        w->rows++;
    }
    (void)sqlite3_reset(stmt);
    w->statements++;
    return rc == SQLITE_DONE;
}

/* One round over the whole script. Only what stands between BEGIN and ROLLBACK is an answer's; the
 * rest opens readers. */
static enum err round_run(struct worker *w)
{
    bool inside = false;
    for (size_t i = 0; i < w->script->step_count; i++) {
        const struct script_step *step = &w->script->steps[i];
        const char *text = w->script->texts[step->text];
        inside = inside || strcmp(text, "BEGIN") == 0;
        if (!inside)
            continue;
        if (!step_run(w, step))
            return err_set(&w->info, ERR_IO, NULL, "%s: %s", text,
                           sqlite3_errmsg(sqlite3_db_handle(w->stmts[step->text])));
        if (strcmp(text, "ROLLBACK") == 0) {
            inside = false;
            w->answers++;
        }
    }
    return ERR_OK;
}

static double thread_cpu(void)
{
    struct timespec t = {0};
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static enum err rounds_run(struct worker *w, struct db *db)
{
    for (int i = 0; i < w->script->text_count; i++)
        if (sqlite3_prepare_v3(db->sq, w->script->texts[i], -1, SQLITE_PREPARE_PERSISTENT,
                               &w->stmts[i], NULL) != SQLITE_OK)
            return err_set(&w->info, ERR_IO, NULL, "%s: %s", w->script->texts[i],
                           sqlite3_errmsg(db->sq));
    TRY(round_run(w)); /* warm */
    w->answers = w->statements = w->rows = 0;
    int64_t from = instant_monotonic();
    int64_t until = from + (int64_t)(w->how->seconds * 1e6);
    double cpu = thread_cpu();
    while (instant_monotonic() < until)
        TRY(round_run(w));
    w->cpu_seconds = thread_cpu() - cpu;
    w->seconds = (double)(instant_monotonic() - from) / 1e6;
    return ERR_OK;
}

static void *work(void *arg)
{
    struct worker *w = arg;
    struct db *db = NULL;
    w->err = db_open(w->how->dir, DB_STORE_MAIN, DB_READ, &db, &w->info);
    if (w->err == ERR_OK) {
        db_as_officer(db, (struct officer_id){1}, w->how->today);
        w->err = rounds_run(w, db);
    }
    for (int i = 0; i < w->script->text_count; i++)
        (void)sqlite3_finalize(w->stmts[i]);
    db_close(db);
    return NULL;
}

static void gather(const struct worker *w, struct sql_only_result *all)
{
    if (w->answers == 0 || w->seconds <= 0)
        return;
    all->rate += (double)w->answers / w->seconds;
    all->statements_each = (double)w->statements / (double)w->answers;
    all->rows_each = (double)w->rows / (double)w->answers;
    all->cpu_us = w->cpu_seconds * 1e6 / (double)w->answers;
}

enum err sql_only_run(const struct sql_only *how, struct sql_only_result *ret_result,
                      struct err_info *info)
{
    struct script script;
    TRY(script_read(how->trace, &script, info));
    enum err err = ERR_OK;
    struct sql_only_result all = {0};
    size_t threads = how->threads < WORKERS_MAX ? how->threads : WORKERS_MAX;
    struct worker *workers = mem_new_array(threads, sizeof *workers);
    for (size_t i = 0; i < threads && workers != NULL; i++) {
        workers[i].how = how;
        workers[i].script = &script;
        (void)pthread_create(&workers[i].thread, NULL, work, &workers[i]);
    }
    for (size_t i = 0; i < threads && workers != NULL; i++) {
        (void)pthread_join(workers[i].thread, NULL);
        gather(&workers[i], &all);
        if (workers[i].err != ERR_OK) {
            err = workers[i].err;
            *info = workers[i].info;
        }
    }
    mem_free(workers);
    script_done(&script);
    if (err == ERR_OK && all.rate <= 0)
        err = err_set(info, ERR_INVALID, NULL, "%s has no whole answer", how->trace);
    *ret_result = all;
    return err;
}
