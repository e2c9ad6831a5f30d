/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "main/jobs.h"

#include "base/diag.h"
#include "base/instant.h"
#include "base/mem.h"
#include "db/readers.h"
#include "db/writer.h"
#include "http/session.h"
#include "matter/timed.h"
#include "matter/use.h"
#include "people/people.h"
#include "spine/log.h"
#include "spine/search.h"
#include "spine/sweep.h"
#include "trust/keeper.h"

#include <pthread.h>
#include <time.h>

#define DEMO_SLOT_US (INT64_C(15) * US_PER_SECOND)

enum {
    LOOK_MS = 500,
    ANSWERS_A_CHUNK = 50,
    SEARCH_A_CHUNK = 200,
    SLOT_LEAVES = 32,
    SLOT_WAIT_MS = 2000,
    SLOTS_A_DAY = 4,
};

struct jobs {
    const struct house *house;
    struct sweep *sweep;
    pthread_t timed;
    pthread_t indexer;
    bool has_indexer;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping;
};

/* Sleeps, unless it is time to stop; says whether to go on. */
static bool jobs_sleep(struct jobs *j, long ms)
{
    struct timespec until = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += ms % 1000 * 1000000;
    until.tv_sec += ms / 1000 + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    (void)pthread_mutex_lock(&j->lock);
    if (!j->stopping)
        (void)pthread_cond_timedwait(&j->wake, &j->lock, &until);
    bool goes_on = !j->stopping;
    (void)pthread_mutex_unlock(&j->lock);
    return goes_on;
}

static bool jobs_go_on(struct jobs *j)
{
    (void)pthread_mutex_lock(&j->lock);
    bool goes_on = !j->stopping;
    (void)pthread_mutex_unlock(&j->lock);
    return goes_on;
}

/* ---- chunks, in the writer
 * ------------------------------------------------------------------------ */

static enum err answers_chunk(struct tx *tx, void *ctx)
{
    return matter_answer_due(tx, ANSWERS_A_CHUNK, ctx);
}

static enum err sessions_chunk(struct tx *tx, void *ctx)
{
    (void)ctx;
    TRY(people_sweep(tx, tx->now_us));
    TRY(matter_once_forget(tx));
    return session_person_sweep(tx, tx->now_us);
}

/* Small counts are hidden behind padding before a slot's checkpoint is published. */
static enum err pad_chunk(struct tx *tx, void *ctx)
{
    return log_pad(tx, ctx, SLOT_LEAVES, true);
}

static enum err publish_chunk(struct tx *tx, void *ctx)
{
    return log_publish(tx, ctx);
}

/* A chunk that fails is tried again at the next look; the operator reads why. */
static bool chunk_run(struct jobs *j, const char *what, writer_fn *fn, void *ctx)
{
    struct err_info info = {0};
    enum err err = writer_call(j->house->writer, fn, ctx, &info);
    if (err != ERR_OK && err != ERR_BUSY) {
        info.err = err;
        diag_err(what, &info);
    }
    return err == ERR_OK;
}

/* A slot whose head is not signed in time is tried again at the next look, padded once more. */
static bool slot_publish(struct jobs *j)
{
    struct log *log = j->house->log;
    return chunk_run(j, "padding of the log", pad_chunk, log) &&
           log_slot_wait(log, SLOT_WAIT_MS) == ERR_OK &&
           chunk_run(j, "publication of the log", publish_chunk, log);
}

/* ---- the thread that looks at the time
 * ------------------------------------------------------------ */

/* The invented town hides nothing, and whoever tries it out does not wait for six hours. */
static int64_t slot_of(const struct jobs *j, int64_t now_us)
{
    return now_us / (j->house->demo ? DEMO_SLOT_US : US_PER_DAY / SLOTS_A_DAY);
}

/* The last publication; size 0 before the first. */
static void published(const struct jobs *j, struct log_head *ret_head, int64_t *ret_made_us)
{
    struct db *db = NULL;
    *ret_head = (struct log_head){.size = 0};
    if (readers_take(j->house->readers, &db, NULL) != ERR_OK)
        return;
    (void)log_public(db, ret_head, ret_made_us);
    readers_give(j->house->readers, db);
}

/* Its slot, -1 before the first: one that was missed is made up for at once. */
static int64_t slot_published(const struct jobs *j)
{
    struct log_head head;
    int64_t made_us = 0;
    published(j, &head, &made_us);
    return head.size > 0 ? slot_of(j, made_us) : -1;
}

/* In the demo a slot without anything new is left out. */
static bool has_news(const struct jobs *j)
{
    struct log_head before;
    struct log_head now;
    if (!j->house->demo)
        return true;
    published(j, &before, NULL);
    log_newest(j->house->log, &now);
    return now.size != before.size;
}

static bool sweep_goes_on(void *ctx)
{
    return jobs_go_on(ctx);
}

static void dues_look(struct jobs *j)
{
    struct sweep_figures figures;
    struct err_info info = {0};
    enum err err = sweep_look(j->sweep, sweep_goes_on, j, &figures, &info);
    if (err != ERR_OK && err != ERR_BUSY) {
        info.err = err;
        diag_err("dues", &info);
    }
}

static void timed_look(struct jobs *j, int64_t *slot, int64_t *minute)
{
    int64_t now_us = instant_now();
    bool more = true;
    while (more && jobs_go_on(j)) {
        more = false;
        if (!chunk_run(j, "answers that wait", answers_chunk, &more))
            break;
    }
    dues_look(j);
    if (now_us / US_PER_MINUTE != *minute) {
        int64_t erased = 0;
        *minute = now_us / US_PER_MINUTE;
        (void)chunk_run(j, "sessions and keys", sessions_chunk, NULL);
        (void)keeper_sweep(j->house->keeper, now_us, &erased);
    }
    if (slot_of(j, now_us) != *slot && log_refusal(j->house->log) == NULL && has_news(j)) {
        if (slot_publish(j))
            *slot = slot_of(j, now_us);
    }
}

static void *timed_main(void *arg)
{
    struct jobs *j = arg;
    int64_t slot = slot_published(j);
    (void)pthread_setname_np(pthread_self(), "timed");
    int64_t minute = 0;
    do {
        timed_look(j, &slot, &minute);
    } while (jobs_sleep(j, LOOK_MS));
    return NULL;
}

/* The next events, or when there are none a little tidying; whether there is more to do at once. */
static bool index_more(struct jobs *j)
{
    struct err_info info = {0};
    int64_t left = 0;
    bool more = false;
    enum err err = search_step(j->house->search, SEARCH_A_CHUNK, &left, &info);
    if (err == ERR_OK && left == 0)
        err = search_tidy(j->house->search, &more, &info);
    if (err == ERR_OK)
        return left > 0 || more;
    info.err = err;
    diag_err("search index", &info);
    return false;
}

/* Keeps the index of words up with the log, in batches of its own file. */
static void *indexer_main(void *arg)
{
    struct jobs *j = arg;
    (void)pthread_setname_np(pthread_self(), "indexer");
    do {
        while (index_more(j) && jobs_go_on(j))
            continue;
    } while (jobs_sleep(j, LOOK_MS));
    return NULL;
}

enum err jobs_start(const struct house *h, struct jobs **ret_jobs)
{
    struct jobs *j = mem_new(sizeof *j);
    if (j == NULL)
        return ERR_NOMEM;
    j->house = h;
    enum err err = sweep_new(h, &MATTER_SWEEP, 1, &j->sweep);
    if (err != ERR_OK) {
        mem_free(j);
        return err;
    }
    pthread_condattr_t attr;
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&j->lock, NULL);
    (void)pthread_cond_init(&j->wake, &attr);
    (void)pthread_condattr_destroy(&attr);
    if (pthread_create(&j->timed, NULL, timed_main, j) != 0) {
        sweep_free(j->sweep);
        mem_free(j);
        return ERR_NOMEM;
    }
    j->has_indexer = h->search != NULL && pthread_create(&j->indexer, NULL, indexer_main, j) == 0;
    *ret_jobs = j;
    return ERR_OK;
}

void jobs_stop(struct jobs *j)
{
    if (j == NULL)
        return;
    (void)pthread_mutex_lock(&j->lock);
    j->stopping = true;
    (void)pthread_cond_broadcast(&j->wake);
    (void)pthread_mutex_unlock(&j->lock);
    (void)pthread_join(j->timed, NULL);
    if (j->has_indexer)
        (void)pthread_join(j->indexer, NULL);
    sweep_free(j->sweep);
    (void)pthread_cond_destroy(&j->wake);
    (void)pthread_mutex_destroy(&j->lock);
    mem_free(j);
}
