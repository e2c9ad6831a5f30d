/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "db/writer.h"

#include "base/instant.h"
#include "base/mem.h"
#include "db/checkpoint.h"
#include "db/connection.h"

#include <pthread.h>
#include <unistd.h>

enum { ARENA_BYTES_MAX = 16 * 1024 * 1024, ARENA_BYTES_KEPT = 512 * 1024, EXIT_IO = 74 };

struct job {
    writer_fn *fn;
    void *ctx;
    writer_done_fn *done;
};

struct result {
    enum err err;
    struct err_info info;
};

struct writer {
    struct writer_options opt;
    pthread_t thread;
    struct arena arena;
    int64_t now_us; /* of the newest job */
    struct job *batch;
    struct result *results; /* of the batch, in its order */

    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t wake;
    struct job *queue; /* a ring of queue_max */
    size_t head;
    size_t count;
    bool is_stopping;
    bool is_joined;
    struct writer_figures figures;
};

/* ---- hooks ---------------------------------------------------------------------------------- */

static void hooks_mark(struct writer *w)
{
    for (size_t i = 0; i < w->opt.hook_count; i++)
        if (w->opt.hooks[i].mark != NULL)
            w->opt.hooks[i].mark(w->opt.hooks[i].self);
}

static void hooks_undo(struct writer *w)
{
    for (size_t i = w->opt.hook_count; i-- > 0;)
        if (w->opt.hooks[i].undo != NULL)
            w->opt.hooks[i].undo(w->opt.hooks[i].self);
}

static void hooks_end(struct writer *w, bool committed)
{
    for (size_t i = 0; i < w->opt.hook_count; i++) {
        const struct writer_hooks *h = &w->opt.hooks[i];
        if (committed && h->after_commit != NULL)
            h->after_commit(h->self);
        if (!committed && h->after_rollback != NULL)
            h->after_rollback(h->self);
    }
}

/* `begin` before the first job, `before_commit` after the last: both may write and fail. */
static enum err hooks_write(struct writer *w, bool at_begin, struct err_info *info)
{
    struct tx tx = {
        .db = w->opt.db, .arena = &w->arena, .now_us = w->now_us, .env = w->opt.env, .info = info};
    for (size_t i = 0; i < w->opt.hook_count; i++) {
        const struct writer_hooks *h = &w->opt.hooks[i];
        enum err (*write)(void *, struct tx *) = at_begin ? h->begin : h->before_commit;
        enum err err = write == NULL ? ERR_OK : write(h->self, &tx);
        arena_reset(&w->arena);
        if (err != ERR_OK)
            return err;
    }
    return ERR_OK;
}

static bool hooks_lost(struct writer *w)
{
    bool lost = false;
    for (size_t i = 0; i < w->opt.hook_count; i++)
        if (w->opt.hooks[i].is_lost != NULL)
            lost = w->opt.hooks[i].is_lost(w->opt.hooks[i].self) || lost;
    return lost;
}

/* ---- one batch ------------------------------------------------------------------------------ */

/* The sentence of a failure: the job's own, else what the connection noted. */
static void explain(struct writer *w, enum err err, struct err_info *info)
{
    if (info->err == err)
        return;
    if (db_fault(w->opt.db)->err == err)
        *info = *db_fault(w->opt.db);
    else
        (void)err_set(info, err, NULL, "the job said no more");
}

static void die(struct writer *w, const struct err_info *info)
{
    if (w->opt.fatal != NULL)
        w->opt.fatal(w->opt.env, info);
    _exit(EXIT_IO);
}

static int64_t clock_next(struct writer *w)
{
    int64_t now = instant_now();
    if (now > w->now_us)
        w->now_us = now;
    return w->now_us;
}

/* Not the whole of it: the texts of an old failure cost more to wipe than the job's own rows. */
static void result_clear(struct result *r)
{
    r->err = ERR_OK;
    r->info.err = ERR_OK;
    r->info.key[0] = '\0';
    r->info.detail[0] = '\0';
}

/* Runs one job. Fails only when the whole transaction is lost with it. `ret_mixed`: the job failed
 * after it had written, and no savepoint of its own takes that back. */
static enum err run_job(struct writer *w, const struct job *job, bool careful,
                        struct result *result, bool *ret_mixed)
{
    struct db *db = w->opt.db;
    if (careful)
        TRY(db_savepoint(db));
    hooks_mark(w);
    struct tx tx = {.db = db,
                    .arena = &w->arena,
                    .now_us = clock_next(w),
                    .env = w->opt.env,
                    .info = &result->info};
    const int64_t changes = db_changes(db);
    result->err = job->fn(&tx, job->ctx);
    arena_reset(&w->arena);
    if (db->sync_failed)
        die(w, db_fault(db));
    if (result->err == ERR_OK)
        return careful ? db_savepoint_keep(db) : ERR_OK;
    explain(w, result->err, &result->info);
    if (!db_in_tx(db))
        return result->err;
    if (careful)
        TRY(db_savepoint_undo(db));
    else if (db_changes(db) != changes)
        *ret_mixed = true;
    hooks_undo(w);
    return ERR_OK;
}

/* One transaction around `count` jobs. On failure nothing of it is on the disk; nor is it when
 * `ret_mixed` says that the jobs must run once more, each in its savepoint. */
static enum err run_jobs(struct writer *w, size_t count, bool careful, bool *ret_mixed,
                         struct err_info *info)
{
    struct db *db = w->opt.db;
    CLEANUP(db_tx_done) struct db_tx tx = DB_TX_NONE;
    (void)clock_next(w);
    TRY(DB_TX_BEGIN(&tx, db));
    TRY(hooks_write(w, true, info));
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        result_clear(&w->results[i]);
    for (size_t i = 0; i < count && !*ret_mixed; i++) {
        TRY(run_job(w, &w->batch[i], careful, &w->results[i], ret_mixed));
        kept += w->results[i].err == ERR_OK;
    }
    if (kept == 0 || *ret_mixed) {
        db_tx_rollback(&tx);
        hooks_end(w, false);
        return ERR_OK;
    }
    enum err err = hooks_write(w, false, info);
    if (err != ERR_OK && hooks_lost(w))
        die(w, info);
    TRY(err);
    err = db_tx_commit(&tx);
    if (err == ERR_IO || db->sync_failed)
        die(w, db_fault(db));
    if (err == ERR_OK)
        hooks_end(w, true);
    return err;
}

/* First without savepoints: nearly every job either keeps what it writes or is refused before it
 * writes, and a savepoint copies each page that its job touches. */
static enum err run_all(struct writer *w, size_t count, struct err_info *info)
{
    bool is_mixed = false;
    enum err err = run_jobs(w, count, false, &is_mixed, info);
    if (err != ERR_OK || !is_mixed || count == 1)
        return err;
    bool never = false;
    return run_jobs(w, count, true, &never, info);
}

static void run_batch(struct writer *w, size_t count)
{
    struct db *db = w->opt.db;
    struct err_info info = {.err = ERR_OK};
    enum err err = run_all(w, count, &info);
    bool is_full = err == ERR_FULL;
    if (err != ERR_OK) {
        explain(w, err, &info);
        hooks_end(w, false);
    }
    for (size_t i = 0; i < count; i++) {
        struct result *r = &w->results[i];
        /* A job that was refused on its own keeps its own reason. */
        if (err != ERR_OK && r->err == ERR_OK)
            *r = (struct result){err, info};
        is_full = is_full || r->err == ERR_FULL;
    }
    (void)pthread_mutex_lock(&w->lock);
    w->figures.jobs += (int64_t)count;
    w->figures.batches += err == ERR_OK;
    w->figures.full += is_full;
    w->figures.is_full = is_full;
    (void)pthread_mutex_unlock(&w->lock);
    for (size_t i = 0; i < count; i++)
        if (w->batch[i].done != NULL)
            w->batch[i].done(w->batch[i].ctx, w->results[i].err, &w->results[i].info);
    if (err == ERR_OK && w->opt.checkpoint != NULL)
        (void)checkpoint_after_commit(w->opt.checkpoint, db, db->wal_pages);
}

/* Waits for work; 0 when there is none and none will come. */
static size_t take_batch(struct writer *w)
{
    (void)pthread_mutex_lock(&w->lock);
    while (w->count == 0 && !w->is_stopping)
        (void)pthread_cond_wait(&w->wake, &w->lock);
    size_t n = w->count < w->opt.batch_max ? w->count : w->opt.batch_max;
    for (size_t i = 0; i < n; i++) {
        w->batch[i] = w->queue[w->head];
        w->head = w->head + 1 == w->opt.queue_max ? 0 : w->head + 1;
    }
    w->count -= n;
    (void)pthread_mutex_unlock(&w->lock);
    return n;
}

static void *run(void *arg)
{
    struct writer *w = arg;
    (void)pthread_setname_np(pthread_self(), "writer");
    for (size_t n = take_batch(w); n > 0; n = take_batch(w))
        run_batch(w, n);
    return NULL;
}

/* ---- outside -------------------------------------------------------------------------------- */

static void free_parts(struct writer *w)
{
    (void)pthread_cond_destroy(&w->wake);
    (void)pthread_mutex_destroy(&w->lock);
    arena_done(&w->arena);
    mem_free(w->queue);
    mem_free(w->batch);
    mem_free(w->results);
    mem_free(w);
}

enum err writer_new(const struct writer_options *options, struct writer **ret_writer,
                    struct err_info *info)
{
    struct writer *w = mem_new(sizeof *w);
    if (w == NULL)
        return err_set(info, ERR_NOMEM, NULL, "no memory for the writer");
    w->opt = *options;
    if (w->opt.queue_max == 0)
        w->opt.queue_max = WRITER_QUEUE_MAX;
    if (w->opt.batch_max == 0)
        w->opt.batch_max = WRITER_BATCH_MAX;
    arena_init(&w->arena, ARENA_BYTES_MAX);
    /* The first block stays over every reset: large enough for most jobs, it is taken once. */
    bool has_arena = arena_alloc(&w->arena, ARENA_BYTES_KEPT) != NULL;
    arena_reset(&w->arena);
    (void)pthread_mutex_init(&w->lock, NULL);
    (void)pthread_cond_init(&w->wake, NULL);
    w->queue = mem_new_array(w->opt.queue_max, sizeof *w->queue);
    w->batch = mem_new_array(w->opt.batch_max, sizeof *w->batch);
    w->results = mem_new_array(w->opt.batch_max, sizeof *w->results);
    int rc = 0;
    if (!has_arena || w->queue == NULL || w->batch == NULL || w->results == NULL ||
        (rc = pthread_create(&w->thread, NULL, run, w)) != 0) {
        free_parts(w);
        return err_set(info, ERR_NOMEM, NULL, "no room for the writer's thread or queue (%d)", rc);
    }
    *ret_writer = w;
    return ERR_OK;
}

void writer_stop(struct writer *w)
{
    (void)pthread_mutex_lock(&w->lock);
    w->is_stopping = true;
    bool must_join = !w->is_joined;
    w->is_joined = true;
    (void)pthread_cond_signal(&w->wake);
    (void)pthread_mutex_unlock(&w->lock);
    if (must_join)
        (void)pthread_join(w->thread, NULL);
}

void writer_free(struct writer *w)
{
    if (w == NULL)
        return;
    writer_stop(w);
    free_parts(w);
}

static enum err enqueue(struct writer *w, struct job job, struct err_info *info)
{
    enum err err = ERR_OK;
    (void)pthread_mutex_lock(&w->lock);
    if (w->is_stopping) {
        err = err_set(info, ERR_BUSY, "db.stopping", "the writer is stopping");
    } else if (w->count == w->opt.queue_max) {
        err = err_set(info, ERR_BUSY, "db.busy", "%zu jobs wait", w->count);
    } else {
        size_t at = w->head + w->count;
        w->queue[at >= w->opt.queue_max ? at - w->opt.queue_max : at] = job;
        w->count++;
        if (w->count == 1)
            (void)pthread_cond_signal(&w->wake);
    }
    (void)pthread_mutex_unlock(&w->lock);
    return err;
}

enum err writer_submit(struct writer *w, writer_fn *fn, void *ctx, writer_done_fn *done)
{
    return enqueue(w, (struct job){fn, ctx, done}, NULL);
}

struct call {
    writer_fn *fn;
    void *ctx;
    struct err_info *info;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool is_done;
    enum err err;
};

static enum err call_run(struct tx *tx, void *ctx)
{
    struct call *call = ctx;
    return call->fn(tx, call->ctx);
}

static void call_done(void *ctx, enum err err, const struct err_info *info)
{
    struct call *call = ctx;
    (void)pthread_mutex_lock(&call->lock);
    call->err = err;
    if (call->info != NULL)
        *call->info = *info;
    call->is_done = true;
    (void)pthread_cond_signal(&call->wake);
    (void)pthread_mutex_unlock(&call->lock);
}

enum err writer_call(struct writer *w, writer_fn *fn, void *ctx, struct err_info *info)
{
    if (pthread_equal(pthread_self(), w->thread))
        return err_set(info, ERR_INTERNAL, NULL, "writer_call on the writer's own thread");
    struct call call = {.fn = fn, .ctx = ctx, .info = info};
    (void)pthread_mutex_init(&call.lock, NULL);
    (void)pthread_cond_init(&call.wake, NULL);
    enum err err = enqueue(w, (struct job){call_run, &call, call_done}, info);
    if (err == ERR_OK) {
        (void)pthread_mutex_lock(&call.lock);
        while (!call.is_done)
            (void)pthread_cond_wait(&call.wake, &call.lock);
        (void)pthread_mutex_unlock(&call.lock);
        err = call.err;
    }
    (void)pthread_cond_destroy(&call.wake);
    (void)pthread_mutex_destroy(&call.lock);
    return err;
}

struct writer_figures writer_figures_get(struct writer *w)
{
    (void)pthread_mutex_lock(&w->lock);
    struct writer_figures f = w->figures;
    f.queued = w->count;
    (void)pthread_mutex_unlock(&w->lock);
    return f;
}
