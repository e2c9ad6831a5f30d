/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "trust/confirm.h"

#include "base/mem.h"
#include "db/writer.h"
#include "spine/ref.h"
#include "trust/keeper.h"

#include <pthread.h>

struct list {
    uint64_t number; /* the writer's; 0: none */
    size_t count;
    struct id16 handles[WRITER_BATCH_MAX];
};

struct confirm {
    struct keeper *keeper;
    struct list running; /* `marked` is where its running job began */
    size_t marked;
    pthread_mutex_t lock; /* guards what follows */
    struct list committed[WRITER_ROUNDS_MAX];
};

enum err confirm_new(struct keeper *keeper, struct confirm **ret_confirm)
{
    struct confirm *c = mem_new(sizeof *c);
    if (c == NULL)
        return ERR_NOMEM;
    c->keeper = keeper;
    (void)pthread_mutex_init(&c->lock, NULL);
    *ret_confirm = c;
    return ERR_OK;
}

void confirm_free(struct confirm *c)
{
    if (c == NULL)
        return;
    (void)pthread_mutex_destroy(&c->lock);
    mem_free(c);
}

enum err confirm_add(struct confirm *c, const struct id16 *handle)
{
    if (c->running.count == WRITER_BATCH_MAX)
        return ERR_LIMIT;
    c->running.handles[c->running.count++] = *handle;
    return ERR_OK;
}

void confirm_mark(void *self)
{
    struct confirm *c = self;
    c->marked = c->running.count;
}

void confirm_undo(void *self)
{
    struct confirm *c = self;
    c->running.count = c->marked;
}

void confirm_after_rollback(void *self)
{
    struct confirm *c = self;
    c->running.count = 0;
    c->marked = 0;
}

void confirm_after_commit(void *self, uint64_t number)
{
    struct confirm *c = self;
    struct list *to = &c->committed[number % WRITER_ROUNDS_MAX];
    if (c->running.count > 0) {
        (void)pthread_mutex_lock(&c->lock);
        to->number = number;
        to->count = c->running.count;
        memcpy(to->handles, c->running.handles, to->count * sizeof *to->handles);
        (void)pthread_mutex_unlock(&c->lock);
    }
    confirm_after_rollback(c);
}

/* Its place in the ring is free again only after the writer has been told so: no lock is needed
 * while the keeper is. */
void confirm_settled(void *self, uint64_t number)
{
    struct confirm *c = self;
    for (size_t i = 0; i < WRITER_ROUNDS_MAX; i++) {
        struct list *l = &c->committed[i];
        (void)pthread_mutex_lock(&c->lock);
        bool is_due = l->number != 0 && l->number <= number;
        size_t count = is_due ? l->count : 0;
        if (is_due)
            l->number = 0;
        (void)pthread_mutex_unlock(&c->lock);
        for (size_t k = 0; k < count; k++)
            (void)keeper_confirm_soon(c->keeper, &l->handles[k]);
    }
}
