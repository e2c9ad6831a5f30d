/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * writer: the one thread that changes a store, and one that waits for the disk.
 *
 * Jobs wait in a bounded queue. The thread takes what is there (at most batch_max, no timer),
 * runs one after the other and commits once. What a job that fails has written is taken back, and
 * nothing else. While the second thread syncs that commit, the first runs the next batch, at most
 * WRITER_ROUNDS_MAX ahead; one sync may stand for several commits. Then every `done` is called, in
 * the order of submission: nothing is acknowledged, not even a refusal, before everything that it
 * rests on is on the disk.
 *
 * A batch is kept small, because several share a sync anyway: whoever reads requests and sends
 * answers then has work all the time, where in one large batch they all wait for the writer and
 * afterwards the writer for them.
 *
 * Readers see a commit a moment before it is on the disk. Who shows what he read to anybody, or
 * keeps it elsewhere, waits for that moment first:
 *
 *     uint64_t mark = writer_mark(w);               // after reading
 *     if (!writer_is_settled(w, mark))
 *         writer_settle(w);                         // or writer_wait_later, without blocking
 *
 * A batch runs without savepoints first. Only when a job fails after it has written, all of it is
 * rolled back and every job of the batch runs again from its start, now in a savepoint of its own:
 * a job sets what it answers, it never adds to it.
 *
 *   queue full, or stopping          submit: ERR_BUSY ("db.busy", "db.stopping"), nothing queued
 *   no room on the disk              every job of the batch ERR_FULL ("db.full"); the next batch
 *                                    tries again, so that room helps at once
 *   SQLite gave up the transaction   every job of the batch gets that error; none is kept
 *   COMMIT or fsync failed otherwise `fatal` is called and must not return: what the disk holds is
 *                                    unknown, so nothing is retried on the same page cache. So
 *                                    too when a hook says that of a store beside this one
 *
 * The log of a power cut ends with a whole commit, and what follows one that was lost is lost too.
 *
 * A job runs on the writer's thread with the writer's connection: it must not wait for anything,
 * open a socket, call writer_call, or touch what another thread may touch meanwhile.
 *
 *     static enum err job_take(struct tx *tx, void *ctx)
 *     {
 *         struct take *t = ctx;
 *         TRY(counter_add(tx->db, t->office, 1));
 *         return ERR_OK;                      // or err_set(tx->info, ERR_REFUSED, "key", …)
 *     }
 *     TRY(writer_call(w, job_take, &take, info));
 */
#ifndef HUIYIN_DB_WRITER_H
#define HUIYIN_DB_WRITER_H

#include "base/arena.h"
#include "base/err.h"
#include "db/db.h"

enum { WRITER_BATCH_MAX = 64, WRITER_QUEUE_MAX = 4096, WRITER_ROUNDS_MAX = 4 };

struct checkpoint;
struct writer;

/* What a job works with; valid until it returns. */
struct tx {
    struct db *db;
    struct arena *arena;   /* emptied after each job */
    int64_t now_us;        /* when this job began; never before the job ahead of it */
    void *env;             /* the owner's, from writer_options */
    struct err_info *info; /* the sentence of a refusal goes here */
};

typedef enum err writer_fn(struct tx *tx, void *ctx);

/* Called once per accepted job on the second thread, when it is on the disk or has failed; `info`
 * is valid until it returns. Must be short. */
typedef void writer_done_fn(void *ctx, enum err err, const struct err_info *info);

/* State kept in memory beside the store (the tail of the log, a signer). Every member may be
 * NULL. `mark` is called before each job, `undo` when the job is rolled back to its mark;
 * `before_commit` may still write and fail (the whole batch then fails); `is_lost` is asked when it
 * did, for a store of the owner whose fsync failed; `after_commit` and `after_rollback` end the
 * batch. Batches have numbers that go up; `settled` says, on the second thread, that everything up
 * to that number is on the disk: what leaves the store (a signature, a confirmation) leaves then.
 * No more than WRITER_ROUNDS_MAX commits are ahead of it. */
struct writer_hooks {
    void *self;
    enum err (*begin)(void *self, struct tx *tx);
    void (*mark)(void *self);
    void (*undo)(void *self);
    enum err (*before_commit)(void *self, struct tx *tx);
    bool (*is_lost)(void *self);
    void (*after_commit)(void *self, uint64_t number);
    void (*after_rollback)(void *self);
    void (*settled)(void *self, uint64_t number);
};

struct writer_options {
    struct db *db;                 /* opened with DB_WRITE; the writer's until writer_free */
    struct checkpoint *checkpoint; /* may be NULL: then the WAL is bounded by the writer alone */
    size_t queue_max;              /* 0: WRITER_QUEUE_MAX */
    size_t batch_max;              /* 0: WRITER_BATCH_MAX */
    void *env;
    const struct writer_hooks *hooks; /* called in order, undone in reverse; may be NULL */
    size_t hook_count;
    void (*fatal)(void *env, const struct err_info *info); /* NULL: _exit(74) */
};

/* Starts the threads. */
enum err writer_new(const struct writer_options *options, struct writer **ret_writer,
                    struct err_info *info);

/* Takes no new job, finishes every queued one, ends the threads. Called once, by one thread. */
void writer_stop(struct writer *w);

/* Stops when needed and frees; the connection stays the caller's. NULL is allowed. */
void writer_free(struct writer *w);

/* Queues; `done` (may be NULL) is called later, also before this returns. ERR_BUSY: not queued,
 * `done` is not called. Any thread. Never waits and never allocates. */
enum err writer_submit(struct writer *w, writer_fn *fn, void *ctx, writer_done_fn *done);

/* Queues and waits until it is on the disk. Any thread but the writer's own two (ERR_INTERNAL). */
enum err writer_call(struct writer *w, writer_fn *fn, void *ctx, struct err_info *info);

/* Stands for everything that a reader may have seen up to now. */
uint64_t writer_mark(const struct writer *w);
/* Is all of that on the disk? */
bool writer_is_settled(const struct writer *w, uint64_t mark);
/* Waits until everything that may be seen now is on the disk. Any thread but the writer's own. */
void writer_settle(struct writer *w);

/* The caller's until `fn` is called, once, on the second thread; it must be short. */
struct writer_wait {
    uint64_t mark;
    void (*fn)(void *ctx);
    void *ctx;
    struct writer_wait *next; /* the writer's */
};
/* False when it is settled already: then `fn` is not called. */
bool writer_wait_later(struct writer *w, struct writer_wait *wait);

/* A moment's figures, for metrics and tests. */
struct writer_figures {
    size_t queued;
    int64_t jobs;    /* finished, refused ones too */
    int64_t batches; /* commits */
    int64_t full;    /* batches lost for want of room */
    bool is_full;    /* the last batch was one of those: matters cannot be taken now */
};
struct writer_figures writer_figures_get(struct writer *w);

#endif
