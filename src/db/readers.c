/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "db/readers.h"

#include "base/mem.h"

#include <pthread.h>
#include <string.h>

struct reader {
    struct db *db;
    struct db_tx tx;
    bool is_lent;
};

struct readers {
    pthread_mutex_t lock; /* guards count, free and is_lent; a lent reader is its thread's */
    char *folder;
    enum db_store store;
    int64_t time_ms;
    struct reader all[READERS_MAX];
    size_t count;
    size_t free[READERS_MAX]; /* a stack of places in `all` */
    size_t free_count;
};

enum err readers_new(const char *folder, enum db_store store, int64_t time_ms,
                     struct readers **ret_readers, struct err_info *info)
{
    struct readers *r = mem_new(sizeof *r);
    size_t size = strlen(folder) + 1;
    if (r == NULL || (r->folder = mem_new(size)) == NULL) {
        mem_free(r);
        return err_set(info, ERR_NOMEM, NULL, "no memory for the readers");
    }
    memcpy(r->folder, folder, size);
    r->store = store;
    r->time_ms = time_ms == 0 ? READERS_TIME_MS : time_ms;
    (void)pthread_mutex_init(&r->lock, NULL);
    *ret_readers = r;
    return ERR_OK;
}

void readers_free(struct readers *r)
{
    if (r == NULL)
        return;
    for (size_t i = 0; i < r->count; i++)
        db_close(r->all[i].db);
    (void)pthread_mutex_destroy(&r->lock);
    mem_free(r->folder);
    mem_free(r);
}

static void put_back(struct readers *r, size_t at)
{
    (void)pthread_mutex_lock(&r->lock);
    r->all[at].is_lent = false;
    r->free[r->free_count++] = at;
    (void)pthread_mutex_unlock(&r->lock);
}

/* Under the lock only to be put in: who gives another one back looks through all of them. */
static enum err open_one(struct readers *r, struct reader *reader, struct err_info *info)
{
    struct db *db = NULL;
    TRY(db_open(r->folder, r->store, DB_READ, &db, info));
    (void)pthread_mutex_lock(&r->lock);
    reader->db = db;
    (void)pthread_mutex_unlock(&r->lock);
    return ERR_OK;
}

enum err readers_take(struct readers *r, struct db **ret_db, struct err_info *info)
{
    (void)pthread_mutex_lock(&r->lock);
    if (r->free_count == 0 && r->count == READERS_MAX) {
        (void)pthread_mutex_unlock(&r->lock);
        return err_set(info, ERR_BUSY, "db.busy", "%d readers are lent", READERS_MAX);
    }
    size_t at = r->free_count > 0 ? r->free[--r->free_count] : r->count++;
    struct reader *reader = &r->all[at];
    reader->is_lent = true;
    (void)pthread_mutex_unlock(&r->lock);

    enum err err = reader->db == NULL ? open_one(r, reader, info) : ERR_OK;
    if (err == ERR_OK) {
        err = DB_TX_BEGIN(&reader->tx, reader->db);
        if (err != ERR_OK && info != NULL)
            *info = *db_fault(reader->db);
    }
    if (err != ERR_OK) {
        put_back(r, at);
        return err;
    }
    db_time_box(reader->db, r->time_ms);
    *ret_db = reader->db;
    return ERR_OK;
}

void readers_give(struct readers *r, struct db *db)
{
    if (db == NULL)
        return;
    (void)pthread_mutex_lock(&r->lock);
    size_t at = 0;
    while (at < r->count && !(r->all[at].is_lent && r->all[at].db == db))
        at++;
    bool is_ours = at < r->count;
    (void)pthread_mutex_unlock(&r->lock);
    if (!is_ours)
        return;
    db_time_box(db, 0);
    db_as_nobody(db);
    db_tx_rollback(&r->all[at].tx);
    put_back(r, at);
}
