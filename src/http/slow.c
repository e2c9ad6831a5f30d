/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The slow pool: a few threads for what takes too long for an HTTP thread, and one that lets
 * answers go at a fixed time. At most as many password hashes run at once as there are threads. */
#include "base/instant.h"
#include "base/mem.h"
#include "http/exchange.h"

enum { QUEUE_MAX = 64, THREADS_MAX = 4 };

struct slow {
    pthread_mutex_t lock;
    pthread_cond_t work;
    pthread_cond_t due;
    struct exchange *first; /* waiting for a thread */
    struct exchange *last;
    size_t queued;
    struct exchange *later; /* waiting for their time, soonest first */
    bool stop;
    pthread_t threads[THREADS_MAX];
    size_t thread_count;
    pthread_t timer;
    bool has_timer;
};

static void *work_main(void *arg)
{
    struct slow *s = arg;
    (void)pthread_setname_np(pthread_self(), "slow");
    pthread_mutex_lock(&s->lock);
    for (;;) {
        while (s->first == NULL && !s->stop)
            pthread_cond_wait(&s->work, &s->lock);
        struct exchange *x = s->first;
        if (x == NULL)
            break;
        s->first = x->next;
        if (s->first == NULL)
            s->last = NULL;
        s->queued--;
        pthread_mutex_unlock(&s->lock);
        exchange_advance_apart(x);
        pthread_mutex_lock(&s->lock);
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

static void *timer_main(void *arg)
{
    struct slow *s = arg;
    (void)pthread_setname_np(pthread_self(), "steady");
    pthread_mutex_lock(&s->lock);
    while (!s->stop || s->later != NULL) {
        struct exchange *x = s->later;
        if (x == NULL) {
            pthread_cond_wait(&s->due, &s->lock);
            continue;
        }
        int64_t now = instant_monotonic();
        if (x->due_us > now && !s->stop) {
            struct timespec at = {.tv_sec = x->due_us / US_PER_SECOND,
                                  .tv_nsec = (x->due_us % US_PER_SECOND) * 1000};
            (void)pthread_cond_timedwait(&s->due, &s->lock, &at);
            continue;
        }
        s->later = x->next;
        pthread_mutex_unlock(&s->lock);
        exchange_advance_apart(x);
        pthread_mutex_lock(&s->lock);
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

static enum err init_locks(struct slow *s)
{
    pthread_condattr_t attr;
    if (pthread_condattr_init(&attr) != 0)
        return ERR_NOMEM;
    bool ok = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0 &&
              pthread_mutex_init(&s->lock, NULL) == 0 && pthread_cond_init(&s->work, NULL) == 0 &&
              pthread_cond_init(&s->due, &attr) == 0;
    pthread_condattr_destroy(&attr);
    return ok ? ERR_OK : ERR_NOMEM;
}

enum err slow_new(size_t threads, struct slow **ret_slow)
{
    struct slow *s = mem_new(sizeof *s);
    if (s == NULL || init_locks(s) != ERR_OK) {
        mem_free(s);
        return ERR_NOMEM;
    }
    s->has_timer = pthread_create(&s->timer, NULL, timer_main, s) == 0;
    for (size_t i = 0; s->has_timer && i < threads && i < THREADS_MAX; i++) {
        if (pthread_create(&s->threads[i], NULL, work_main, s) != 0)
            break;
        s->thread_count++;
    }
    if (s->thread_count == 0) {
        slow_free(s);
        return ERR_NOMEM;
    }
    *ret_slow = s;
    return ERR_OK;
}

enum err slow_submit(struct slow *s, struct exchange *x)
{
    enum err err = ERR_BUSY;
    pthread_mutex_lock(&s->lock);
    if (s->queued < QUEUE_MAX && !s->stop) {
        x->next = NULL;
        if (s->last == NULL)
            s->first = x;
        else
            s->last->next = x;
        s->last = x;
        s->queued++;
        err = ERR_OK;
        pthread_cond_signal(&s->work);
    }
    pthread_mutex_unlock(&s->lock);
    return err;
}

void slow_later(struct slow *s, struct exchange *x, int64_t due_us)
{
    pthread_mutex_lock(&s->lock);
    struct exchange **at = &s->later;
    while (*at != NULL && (*at)->due_us <= due_us)
        at = &(*at)->next;
    x->due_us = due_us;
    x->next = *at;
    *at = x;
    pthread_cond_signal(&s->due);
    pthread_mutex_unlock(&s->lock);
}

void slow_stop(struct slow *s)
{
    if (s == NULL)
        return;
    pthread_mutex_lock(&s->lock);
    s->stop = true;
    pthread_cond_broadcast(&s->work);
    pthread_cond_broadcast(&s->due);
    pthread_mutex_unlock(&s->lock);
    for (size_t i = 0; i < s->thread_count; i++)
        (void)pthread_join(s->threads[i], NULL);
    if (s->has_timer)
        (void)pthread_join(s->timer, NULL);
    s->thread_count = 0;
    s->has_timer = false;
}

void slow_free(struct slow *s)
{
    if (s == NULL)
        return;
    slow_stop(s);
    pthread_cond_destroy(&s->work);
    pthread_cond_destroy(&s->due);
    pthread_mutex_destroy(&s->lock);
    mem_free(s);
}
