/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "db/checkpoint.h"

#include "base/mem.h"
#include "db/connection.h"

#include <pthread.h>

/* In pages of 4 kB: the thread is woken each 4 MB; past 32 MB the writer finishes. */
enum { WAKE_PAGES = 1000, FINISH_PAGES = 8000 };

struct checkpoint {
    pthread_t thread;
    struct db *db;
    void (*fatal)(void *env, const struct err_info *info);
    void *env;
    pthread_mutex_t copying; /* held by whoever copies */
    pthread_mutex_t lock;    /* guards what follows */
    pthread_cond_t wake;
    bool is_stopping;
    bool is_asked;
    bool must_finish;     /* the writer copies the rest after its next commit */
    int64_t pages_at_ask; /* length of the log when the thread was last woken */
};

/* Copies what it can. ERR_BUSY (a reader, another copier) is no failure: the next time does it. */
static enum err copy(struct checkpoint *c, struct db *db, int *ret_in_log, int *ret_copied)
{
    int in_log = 0;
    int copied = 0;
    int rc = sqlite3_wal_checkpoint_v2(db->sq, NULL, SQLITE_CHECKPOINT_PASSIVE, &in_log, &copied);
    *ret_in_log = in_log < 0 ? 0 : in_log;
    *ret_copied = copied < 0 ? 0 : copied;
    if (rc == SQLITE_OK || (rc & 0xff) == SQLITE_BUSY || (rc & 0xff) == SQLITE_LOCKED)
        return ERR_OK;
    enum err err = db_note(db, rc, "checkpoint", "db/checkpoint.c");
    if (db->sync_failed)
        db_end_process(c->fatal, c->env, db_fault(db));
    return err;
}

/* While the writer goes on SQLite copies without syncing the store; the sync would then fall to
 * whoever reaches the end of the log: the writer. It is taken here instead, on SQLite's own handle,
 * because closing another one would drop the locks of the process on the file. */
static void sync_store(struct checkpoint *c)
{
    struct err_info info;
    sqlite3_file *file = NULL; /* an open store always has one */
    (void)sqlite3_file_control(c->db->sq, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (db_sync_file(file, &info) != ERR_OK)
        db_end_process(c->fatal, c->env, &info);
}

/* Whether the log is so long that the writer should finish. A failed copy (no room to grow the
 * file) leaves the log as it is: nothing is lost. */
static bool copy_in_background(struct checkpoint *c)
{
    int in_log = 0;
    int copied = 0;
    (void)pthread_mutex_lock(&c->copying);
    enum err err = copy(c, c->db, &in_log, &copied);
    bool is_long = err == ERR_OK && in_log > FINISH_PAGES;
    if (is_long) { /* what came meanwhile, so that little is left for the writer */
        sync_store(c);
        (void)copy(c, c->db, &in_log, &copied);
    }
    (void)pthread_mutex_unlock(&c->copying);
    return is_long;
}

static void *run(void *arg)
{
    struct checkpoint *c = arg;
    (void)pthread_setname_np(pthread_self(), "checkpoint");
    (void)pthread_mutex_lock(&c->lock);
    for (;;) {
        while ((!c->is_asked || c->must_finish) && !c->is_stopping)
            (void)pthread_cond_wait(&c->wake, &c->lock);
        if (c->is_stopping)
            break;
        c->is_asked = false;
        (void)pthread_mutex_unlock(&c->lock);
        bool is_long = copy_in_background(c);
        (void)pthread_mutex_lock(&c->lock);
        c->must_finish = is_long;
    }
    (void)pthread_mutex_unlock(&c->lock);
    return NULL;
}

enum err checkpoint_after_commit(struct checkpoint *c, struct db *db, int64_t pages)
{
    (void)pthread_mutex_lock(&c->lock);
    if (pages < c->pages_at_ask)
        c->pages_at_ask = 0; /* the log began again */
    bool must_ask = pages - c->pages_at_ask >= WAKE_PAGES;
    bool must_finish = c->must_finish;
    if (must_ask) {
        c->pages_at_ask = pages;
        c->is_asked = true;
    }
    if (must_ask && !must_finish)
        (void)pthread_cond_signal(&c->wake);
    (void)pthread_mutex_unlock(&c->lock);
    if (!must_finish)
        return ERR_OK;
    int in_log = 0;
    int copied = 0;
    (void)pthread_mutex_lock(&c->copying); /* the thread stands still while must_finish is set */
    enum err err = copy(c, db, &in_log, &copied);
    (void)pthread_mutex_unlock(&c->copying);
    (void)pthread_mutex_lock(&c->lock);
    c->must_finish = false;
    if (in_log > 0 && copied == in_log) /* it begins again: what the thread was asked for is done */
        c->is_asked = false;
    if (c->is_asked) /* a reader was in the way: the thread goes on */
        (void)pthread_cond_signal(&c->wake);
    (void)pthread_mutex_unlock(&c->lock);
    return err;
}

enum err checkpoint_new(const char *folder, enum db_store store,
                        void (*fatal)(void *env, const struct err_info *info), void *env,
                        struct checkpoint **ret_checkpoint, struct err_info *info)
{
    struct checkpoint *c = mem_new(sizeof *c);
    if (c == NULL)
        return err_set(info, ERR_NOMEM, NULL, "no memory for the checkpoint thread");
    c->fatal = fatal;
    c->env = env;
    enum err err = db_open(folder, store, DB_WRITE, &c->db, info);
    if (err != ERR_OK) {
        mem_free(c);
        return err;
    }
    (void)pthread_mutex_init(&c->copying, NULL);
    (void)pthread_mutex_init(&c->lock, NULL);
    (void)pthread_cond_init(&c->wake, NULL);
    int rc = pthread_create(&c->thread, NULL, run, c);
    if (rc != 0) {
        db_close(c->db);
        mem_free(c);
        return err_set(info, ERR_NOMEM, NULL, "pthread_create: %d", rc);
    }
    *ret_checkpoint = c;
    return ERR_OK;
}

void checkpoint_free(struct checkpoint *c)
{
    if (c == NULL)
        return;
    (void)pthread_mutex_lock(&c->lock);
    c->is_stopping = true;
    (void)pthread_cond_signal(&c->wake);
    (void)pthread_mutex_unlock(&c->lock);
    (void)pthread_join(c->thread, NULL);
    db_close(c->db);
    (void)pthread_cond_destroy(&c->wake);
    (void)pthread_mutex_destroy(&c->lock);
    (void)pthread_mutex_destroy(&c->copying);
    mem_free(c);
}
