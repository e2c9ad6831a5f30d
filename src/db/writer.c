/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "db/writer.h"

#include "base/instant.h"
#include "base/mem.h"
#include "db/checkpoint.h"
#include "db/connection.h"

#include <pthread.h>
#include <stdatomic.h>

enum { ARENA_BYTES_MAX = 16 * 1024 * 1024, ARENA_BYTES_KEPT = 512 * 1024 };

/* How far the writer may be ahead of the disk. */
enum { ROUNDS = WRITER_ROUNDS_MAX };

struct job {
    writer_fn *fn;
    void *ctx;
    writer_done_fn *done;
};

struct result {
    enum err err;
    struct err_info info;
};

/* A batch that ran, until everybody in it has an answer. */
struct round {
    struct job *batch;
    struct result *results; /* of the batch, in its order */
    size_t count;
    uint64_t number;           /* 1, 2, 3 … */
    struct sqlite3_file *file; /* to be synced first; NULL when nothing was committed */
};

struct writer {
    struct writer_options opt;
    pthread_t thread;
    pthread_t syncer;
    struct arena arena;
    int64_t now_us; /* of the newest job */
    struct round rounds[ROUNDS];
    _Atomic uint64_t begun;   /* the last round whose commit may be seen by readers */
    _Atomic uint64_t settled; /* up to this one everything is on the disk */

    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t wake;
    pthread_cond_t ran;      /* a round is to be synced and answered */
    pthread_cond_t answered; /* a round is free again */
    struct job *queue;       /* a ring of queue_max */
    size_t head;
    size_t count;
    size_t first; /* of the rounds that ran and are not answered, a ring */
    size_t ran_count;
    bool is_stopping;
    bool has_ended; /* no more rounds will run */
    bool is_joined;
    struct writer_wait *waits; /* in no order */
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

static void hooks_end(struct writer *w, const struct round *r, bool committed)
{
    for (size_t i = 0; i < w->opt.hook_count; i++) {
        const struct writer_hooks *h = &w->opt.hooks[i];
        if (committed && h->after_commit != NULL)
            h->after_commit(h->self, r->number);
        if (!committed && h->after_rollback != NULL)
            h->after_rollback(h->self);
    }
}

static void hooks_settle(struct writer *w, uint64_t number)
{
    for (size_t i = 0; i < w->opt.hook_count; i++)
        if (w->opt.hooks[i].settled != NULL)
            w->opt.hooks[i].settled(w->opt.hooks[i].self, number);
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

static _Noreturn void die(struct writer *w, const struct err_info *info)
{
    db_end_process(w->opt.fatal, w->opt.env, info);
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

/* One transaction around the jobs of a round. On failure nothing of it is on the disk; nor is it
 * when `ret_mixed` says that they must run once more, each in its savepoint. */
static enum err run_jobs(struct writer *w, struct round *r, bool careful, bool *ret_mixed,
                         struct err_info *info)
{
    struct db *db = w->opt.db;
    CLEANUP(db_tx_done) struct db_tx tx = DB_TX_NONE;
    (void)clock_next(w);
    TRY(DB_TX_BEGIN(&tx, db));
    TRY(hooks_write(w, true, info));
    size_t kept = 0;
    for (size_t i = 0; i < r->count; i++)
        result_clear(&r->results[i]);
    for (size_t i = 0; i < r->count && !*ret_mixed; i++) {
        TRY(run_job(w, &r->batch[i], careful, &r->results[i], ret_mixed));
        kept += r->results[i].err == ERR_OK;
    }
    if (kept == 0 || *ret_mixed) {
        db_tx_rollback(&tx);
        hooks_end(w, r, false);
        return ERR_OK;
    }
    enum err err = hooks_write(w, false, info);
    if (db->sync_failed)
        die(w, db_fault(db));
    if (err != ERR_OK && hooks_lost(w))
        die(w, info);
    TRY(err);
    atomic_store(&w->begun, r->number);
    err = db_tx_commit(&tx);
    if (err == ERR_IO) /* a failed sync too */
        die(w, db_fault(db));
    if (err != ERR_OK)
        return err;
    hooks_end(w, r, true);
    r->file = db_log_file(db);
    return ERR_OK;
}

/* First without savepoints: nearly every job either keeps what it writes or is refused before it
 * writes, and a savepoint copies each page that its job touches. */
static enum err run_all(struct writer *w, struct round *r, struct err_info *info)
{
    bool is_mixed = false;
    enum err err = run_jobs(w, r, false, &is_mixed, info);
    if (err != ERR_OK || !is_mixed || r->count == 1)
        return err;
    bool never = false;
    return run_jobs(w, r, true, &never, info);
}

static void run_round(struct writer *w, struct round *r)
{
    struct db *db = w->opt.db;
    struct err_info info = {.err = ERR_OK};
    r->file = NULL;
    enum err err = run_all(w, r, &info);
    bool is_full = err == ERR_FULL;
    if (err != ERR_OK) {
        explain(w, err, &info);
        hooks_end(w, r, false);
    }
    for (size_t i = 0; i < r->count; i++) {
        struct result *result = &r->results[i];
        /* A job that was refused on its own keeps its own reason. */
        if (err != ERR_OK && result->err == ERR_OK)
            *result = (struct result){err, info};
        is_full = is_full || result->err == ERR_FULL;
    }
    (void)pthread_mutex_lock(&w->lock);
    w->figures.jobs += (int64_t)r->count;
    w->figures.batches += err == ERR_OK;
    w->figures.full += is_full;
    w->figures.is_full = is_full;
    w->ran_count++;
    (void)pthread_cond_signal(&w->ran);
    (void)pthread_mutex_unlock(&w->lock);
    if (err == ERR_OK && w->opt.checkpoint != NULL)
        (void)checkpoint_after_commit(w->opt.checkpoint, db, db->wal_pages);
}

/* Waits for work and for a round to do it in; NULL when there is none and none will come. */
static struct round *take_round(struct writer *w)
{
    (void)pthread_mutex_lock(&w->lock);
    while ((w->count == 0 && !w->is_stopping) || w->ran_count == ROUNDS)
        (void)pthread_cond_wait(w->ran_count == ROUNDS ? &w->answered : &w->wake, &w->lock);
    struct round *r = &w->rounds[(w->first + w->ran_count) % ROUNDS];
    size_t n = w->count < w->opt.batch_max ? w->count : w->opt.batch_max;
    for (size_t i = 0; i < n; i++) {
        r->batch[i] = w->queue[w->head];
        w->head = w->head + 1 == w->opt.queue_max ? 0 : w->head + 1;
    }
    w->count -= n;
    (void)pthread_mutex_unlock(&w->lock);
    r->count = n;
    return n == 0 ? NULL : r;
}

static void *run(void *arg)
{
    struct writer *w = arg;
    (void)pthread_setname_np(pthread_self(), "writer");
    uint64_t number = 0;
    for (struct round *r = take_round(w); r != NULL; r = take_round(w)) {
        r->number = ++number;
        run_round(w, r);
    }
    (void)pthread_mutex_lock(&w->lock);
    w->has_ended = true;
    (void)pthread_cond_signal(&w->ran);
    (void)pthread_mutex_unlock(&w->lock);
    return NULL;
}

/* ---- the other thread: on the disk, then said --------------------------------------------------
 */

/* All that have run meanwhile, in their order: one sync is enough for them. 0 at the end. */
static size_t take_ran(struct writer *w)
{
    (void)pthread_mutex_lock(&w->lock);
    while (w->ran_count == 0 && !w->has_ended)
        (void)pthread_cond_wait(&w->ran, &w->lock);
    size_t n = w->ran_count;
    (void)pthread_mutex_unlock(&w->lock);
    return n;
}

static void sync_rounds(struct writer *w, size_t count)
{
    struct err_info info = {.err = ERR_OK};
    struct sqlite3_file *file = NULL;
    for (size_t i = 0; i < count; i++)
        if (w->rounds[(w->first + i) % ROUNDS].file != NULL)
            file = w->rounds[(w->first + i) % ROUNDS].file;
    if (file != NULL && db_sync_file(file, &info) != ERR_OK)
        die(w, &info);
}

static void answer_round(struct round *r)
{
    for (size_t i = 0; i < r->count; i++)
        if (r->batch[i].done != NULL)
            r->batch[i].done(r->batch[i].ctx, r->results[i].err, &r->results[i].info);
}

/* Those who waited for no more than is settled now. With the lock held. */
static struct writer_wait *take_waits(struct writer *w, uint64_t settled)
{
    struct writer_wait *over = NULL;
    struct writer_wait **at = &w->waits;
    while (*at != NULL) {
        struct writer_wait *wait = *at;
        if (wait->mark > settled) {
            at = &wait->next;
            continue;
        }
        *at = wait->next;
        wait->next = over;
        over = wait;
    }
    return over;
}

static void end_waits(struct writer_wait *over)
{
    while (over != NULL) {
        struct writer_wait *next = over->next; /* its owner may be gone after the call */
        over->fn(over->ctx);
        over = next;
    }
}

static void *sync_run(void *arg)
{
    struct writer *w = arg;
    (void)pthread_setname_np(pthread_self(), "syncer");
    for (size_t n = take_ran(w); n > 0; n = take_ran(w)) {
        sync_rounds(w, n);
        uint64_t number = w->rounds[(w->first + n - 1) % ROUNDS].number;
        hooks_settle(w, number);
        atomic_store(&w->settled, number);
        for (size_t i = 0; i < n; i++)
            answer_round(&w->rounds[(w->first + i) % ROUNDS]);
        (void)pthread_mutex_lock(&w->lock);
        w->first = (w->first + n) % ROUNDS;
        w->ran_count -= n;
        struct writer_wait *over = take_waits(w, number);
        (void)pthread_cond_signal(&w->answered);
        (void)pthread_mutex_unlock(&w->lock);
        end_waits(over);
    }
    return NULL;
}

/* ---- outside -------------------------------------------------------------------------------- */

static void free_parts(struct writer *w)
{
    (void)pthread_cond_destroy(&w->wake);
    (void)pthread_cond_destroy(&w->ran);
    (void)pthread_cond_destroy(&w->answered);
    (void)pthread_mutex_destroy(&w->lock);
    arena_done(&w->arena);
    mem_free(w->queue);
    for (size_t i = 0; i < ROUNDS; i++) {
        mem_free(w->rounds[i].batch);
        mem_free(w->rounds[i].results);
    }
    mem_free(w);
}

static bool make_parts(struct writer *w)
{
    arena_init(&w->arena, ARENA_BYTES_MAX);
    /* The first block stays over every reset: large enough for most jobs, it is taken once. */
    bool is_whole = arena_alloc(&w->arena, ARENA_BYTES_KEPT) != NULL;
    arena_reset(&w->arena);
    (void)pthread_mutex_init(&w->lock, NULL);
    (void)pthread_cond_init(&w->wake, NULL);
    (void)pthread_cond_init(&w->ran, NULL);
    (void)pthread_cond_init(&w->answered, NULL);
    w->queue = mem_new_array(w->opt.queue_max, sizeof *w->queue);
    is_whole = is_whole && w->queue != NULL;
    for (size_t i = 0; i < ROUNDS; i++) {
        struct round *r = &w->rounds[i];
        r->batch = mem_new_array(w->opt.batch_max, sizeof *r->batch);
        r->results = mem_new_array(w->opt.batch_max, sizeof *r->results);
        is_whole = is_whole && r->batch != NULL && r->results != NULL;
    }
    return is_whole;
}

static void end_syncer(struct writer *w)
{
    (void)pthread_mutex_lock(&w->lock);
    w->has_ended = true;
    (void)pthread_cond_signal(&w->ran);
    (void)pthread_mutex_unlock(&w->lock);
    (void)pthread_join(w->syncer, NULL);
}

static int make_threads(struct writer *w)
{
    int rc = pthread_create(&w->syncer, NULL, sync_run, w);
    if (rc != 0)
        return rc;
    rc = pthread_create(&w->thread, NULL, run, w);
    if (rc != 0)
        end_syncer(w);
    return rc;
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
    int rc = 0;
    enum err err = ERR_OK;
    if (!make_parts(w))
        err = err_set(info, ERR_NOMEM, NULL, "no memory for the writer's rounds");
    else if ((err = db_leave_sync(w->opt.db, true)) != ERR_OK && info != NULL)
        *info = *db_fault(w->opt.db);
    else if (err == ERR_OK && (rc = make_threads(w)) != 0)
        err = err_set(info, ERR_NOMEM, NULL, "no room for the writer's threads (%d)", rc);
    if (err != ERR_OK) {
        (void)db_leave_sync(w->opt.db, false); /* the connection is the caller's again */
        free_parts(w);
        return err;
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
    if (!must_join)
        return;
    (void)pthread_join(w->thread, NULL);
    (void)pthread_join(w->syncer, NULL);
    (void)db_leave_sync(w->opt.db, false);
}

void writer_free(struct writer *w)
{
    if (w == NULL)
        return;
    writer_stop(w);
    free_parts(w);
}

/* ---- what is not settled yet -------------------------------------------------------------------
 */

uint64_t writer_mark(const struct writer *w)
{
    return atomic_load(&w->begun);
}

bool writer_is_settled(const struct writer *w, uint64_t mark)
{
    return atomic_load(&w->settled) >= mark;
}

bool writer_wait_later(struct writer *w, struct writer_wait *wait)
{
    bool must_wait = false;
    (void)pthread_mutex_lock(&w->lock);
    if (!writer_is_settled(w, wait->mark)) {
        wait->next = w->waits;
        w->waits = wait;
        must_wait = true;
    }
    (void)pthread_mutex_unlock(&w->lock);
    return must_wait;
}

/* One thread stands still until another says that it is over, once. */
struct pause {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool is_over;
};

static void pause_init(struct pause *p)
{
    p->is_over = false;
    (void)pthread_mutex_init(&p->lock, NULL);
    (void)pthread_cond_init(&p->wake, NULL);
}

static void pause_done(struct pause *p)
{
    (void)pthread_cond_destroy(&p->wake);
    (void)pthread_mutex_destroy(&p->lock);
}

static void pause_wait(struct pause *p)
{
    (void)pthread_mutex_lock(&p->lock);
    while (!p->is_over)
        (void)pthread_cond_wait(&p->wake, &p->lock);
    (void)pthread_mutex_unlock(&p->lock);
}

static void pause_end(void *ctx)
{
    struct pause *p = ctx;
    (void)pthread_mutex_lock(&p->lock);
    p->is_over = true;
    (void)pthread_cond_signal(&p->wake);
    (void)pthread_mutex_unlock(&p->lock);
}

void writer_settle(struct writer *w)
{
    struct pause pause;
    struct writer_wait wait = {.mark = writer_mark(w), .fn = pause_end, .ctx = &pause};
    pause_init(&pause);
    if (writer_wait_later(w, &wait))
        pause_wait(&pause);
    pause_done(&pause);
}

/* ---- jobs from outside -------------------------------------------------------------------------
 */

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
    struct pause pause;
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
    call->err = err;
    if (call->info != NULL)
        *call->info = *info;
    pause_end(&call->pause);
}

enum err writer_call(struct writer *w, writer_fn *fn, void *ctx, struct err_info *info)
{
    if (pthread_equal(pthread_self(), w->thread) || pthread_equal(pthread_self(), w->syncer))
        return err_set(info, ERR_INTERNAL, NULL, "writer_call on a thread of the writer");
    struct call call = {.fn = fn, .ctx = ctx, .info = info};
    pause_init(&call.pause);
    enum err err = enqueue(w, (struct job){call_run, &call, call_done}, info);
    if (err == ERR_OK) {
        pause_wait(&call.pause);
        err = call.err;
    }
    pause_done(&call.pause);
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
