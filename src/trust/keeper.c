/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "trust/keeper.h"

#include "base/mem.h"
#include "spine/note.h"
#include "trust/keeper_inside.h"
#include "trust/keys.h"
#include "trust/vault.sql.h"

#include <string.h>

enum { CUSTODIAN_MEM_BYTES = 268435456 };

enum err keeper_err(enum keeper_status status)
{
    switch (status) {
    case KEEPER_OK:
        return ERR_OK;
    case KEEPER_REFUSED:
        return ERR_REFUSED;
    case KEEPER_NOT_FOUND:
        return ERR_NOT_FOUND;
    case KEEPER_RATE:
    case KEEPER_AGAIN:
        return ERR_BUSY;
    case KEEPER_INCONSISTENT:
        return ERR_CONFLICT;
    case KEEPER_MALFORMED:
        return ERR_INVALID;
    }
    return ERR_INTERNAL;
}

enum keeper_status keeper_status_of(enum err err)
{
    if (err == ERR_OK)
        return KEEPER_OK;
    return err == ERR_NOT_FOUND ? KEEPER_NOT_FOUND : KEEPER_AGAIN;
}

/* ---- transactions -------------------------------------------------------------------------------
 */

/* SQLite may give a transaction up by itself, for want of room mostly: what was in it waits again.
 */
static void tx_lost(struct keeper *k)
{
    k->tx = DB_TX_NONE;
    keeper_drained(k, false);
    atomic_store(&k->is_dirty, false); /* not before it waits again: a flush asks for either */
}

void keeper_undo(struct keeper *k)
{
    db_tx_rollback(&k->tx);
    tx_lost(k);
}

enum err keeper_begin(struct keeper *k)
{
    if (db_sync_failed(k->db)) /* what is there may be there in memory only, or twice */
        return ERR_IO;
    if (k->tx.db != NULL && !db_in_tx(k->db))
        tx_lost(k);
    if (k->tx.db == NULL)
        TRY(DB_TX_BEGIN(&k->tx, k->db));
    atomic_store(&k->is_dirty, true);
    return keeper_drain(k);
}

enum err keeper_commit(struct keeper *k)
{
    if (k->tx.db == NULL)
        return ERR_OK;
    enum err err = db_tx_commit(&k->tx);
    keeper_drained(k, err == ERR_OK);
    atomic_store(&k->is_dirty, false); /* not before it is on the disk: keeper_flush asks */
    return err;
}

/* Asked without waiting for a commit that others need. What waited is taken only after is_dirty is
 * set and waits again before it is cleared, so that under this lock one of the two shows it. */
static bool is_clean(struct keeper *k)
{
    (void)pthread_mutex_lock(&k->waiting_lock);
    bool is = k->first == NULL && !atomic_load(&k->is_dirty);
    (void)pthread_mutex_unlock(&k->waiting_lock);
    return is;
}

enum err keeper_flush(struct keeper *k, struct err_info *info)
{
    if (is_clean(k))
        return ERR_OK;
    (void)pthread_mutex_lock(&k->lock);
    enum err err = keeper_begin(k);
    if (err == ERR_OK)
        err = keeper_commit(k);
    if (err != ERR_OK && info != NULL)
        *info = *db_fault(k->db);
    (void)pthread_mutex_unlock(&k->lock);
    return err;
}

static void *flush_run(void *arg)
{
    struct keeper *k = arg;
    (void)pthread_setname_np(pthread_self(), "vault");
    (void)pthread_mutex_lock(&k->flush_lock);
    for (;;) {
        while (k->flush_served == k->flush_asked && !k->flush_stops)
            (void)pthread_cond_wait(&k->flush_wake, &k->flush_lock);
        if (k->flush_stops)
            break;
        const uint64_t served = k->flush_asked;
        struct err_info info = {.err = ERR_OK};
        (void)pthread_mutex_unlock(&k->flush_lock);
        enum err err = keeper_flush(k, &info);
        (void)pthread_mutex_lock(&k->flush_lock);
        k->flush_served = served;
        k->flush_err = err;
        k->flush_info = info;
        (void)pthread_cond_broadcast(&k->flush_done);
    }
    (void)pthread_mutex_unlock(&k->flush_lock);
    return NULL;
}

uint64_t keeper_flush_soon(struct keeper *k)
{
    if (is_clean(k))
        return 0;
    (void)pthread_mutex_lock(&k->flush_lock);
    uint64_t flush = ++k->flush_asked;
    (void)pthread_cond_signal(&k->flush_wake);
    (void)pthread_mutex_unlock(&k->flush_lock);
    return flush;
}

/* A later flush has all that an earlier one could not keep, so that the last outcome is the answer
 * for every one before it. */
enum err keeper_flush_wait(struct keeper *k, uint64_t flush, struct err_info *info)
{
    (void)pthread_mutex_lock(&k->flush_lock);
    while (k->flush_served < flush)
        (void)pthread_cond_wait(&k->flush_done, &k->flush_lock);
    enum err err = flush == 0 ? ERR_OK : k->flush_err;
    if (err != ERR_OK && info != NULL)
        *info = k->flush_info;
    (void)pthread_mutex_unlock(&k->flush_lock);
    return err;
}

static enum err flush_start(struct keeper *k, struct err_info *info)
{
    int rc = pthread_create(&k->flush_thread, NULL, flush_run, k);
    if (rc != 0)
        return err_set(info, ERR_NOMEM, NULL, "no thread for the vault (%d)", rc);
    k->has_flush_thread = true;
    return ERR_OK;
}

/* Nobody waits for one any more. */
static void flush_stop(struct keeper *k)
{
    if (!k->has_flush_thread)
        return;
    (void)pthread_mutex_lock(&k->flush_lock);
    k->flush_stops = true;
    (void)pthread_cond_signal(&k->flush_wake);
    (void)pthread_mutex_unlock(&k->flush_lock);
    (void)pthread_join(k->flush_thread, NULL);
    k->has_flush_thread = false;
}

bool keeper_is_lost(struct keeper *k)
{
    (void)pthread_mutex_lock(&k->lock);
    bool lost = db_sync_failed(k->db);
    (void)pthread_mutex_unlock(&k->lock);
    return lost;
}

/* ---- the log ------------------------------------------------------------------------------------
 */

/* With the lock held. */
static enum err head_read(struct keeper *k, struct log_head *ret_head)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, KEEPER_ARENA_BYTES);
    struct head_get_row row;
    *ret_head = (struct log_head){.size = 0};
    enum err err = head_get(k->db, &a, &row);
    if (err != ERR_OK)
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    if (row.size < 1 || row.root.len != HASH_BYTES || row.sig.len != SIG_BYTES)
        return ERR_CORRUPT;
    ret_head->size = (uint64_t)row.size;
    memcpy(ret_head->root.b, row.root.ptr, HASH_BYTES);
    memcpy(ret_head->sig, row.sig.ptr, SIG_BYTES);
    return ERR_OK;
}

/* The keeper builds the text itself: it never signs what a caller hands it. */
static enum err head_sign(struct keeper *k, struct log_head *head)
{
    CLEANUP(buf_done) struct buf body;
    buf_init(&body, 4096);
    note_body(k->origin, head->size, &head->root, &body);
    TRY(buf_err(&body));
    crypt_sign(secret_bytes(k->k_log), buf_view(&body), head->sig);
    TRY(keeper_begin(k));
    TRY(head_put(k->db, (int64_t)head->size, str_make(head->root.b, HASH_BYTES),
                 str_make(head->sig, SIG_BYTES)));
    return keeper_commit(k);
}

static enum keeper_status log_sign(struct keeper *k, const struct keeper_log_sign *in,
                                   struct log_head *ret_head)
{
    struct log_head head;
    enum err err = head_read(k, &head);
    if (err != ERR_OK)
        return keeper_status_of(err);
    if (in->size == 0 || in->size > PROOF_SIZE_MAX || in->consistency.count > PROOF_HASHES_MAX)
        return KEEPER_MALFORMED;
    if (in->size <= head.size) {
        bool differs =
            in->size == head.size && !crypt_equal(in->root.b, head.root.b, sizeof in->root.b);
        *ret_head = head;
        return differs ? KEEPER_INCONSISTENT : KEEPER_OK;
    }
    if (head.size > 0 && !proof_check_consistency(head.size, in->size, &head.root, &in->root,
                                                  in->consistency.h, in->consistency.count))
        return KEEPER_INCONSISTENT;
    head = (struct log_head){.size = in->size, .root = in->root};
    err = head_sign(k, &head);
    if (err == ERR_OK)
        *ret_head = head;
    return keeper_status_of(err);
}

enum keeper_status keeper_log_sign(struct keeper *k, const struct keeper_log_sign *in,
                                   struct log_head *ret_head)
{
    (void)pthread_mutex_lock(&k->lock);
    enum keeper_status status = log_sign(k, in, ret_head);
    (void)pthread_mutex_unlock(&k->lock);
    return status;
}

enum keeper_status keeper_log_head(struct keeper *k, struct log_head *ret_head)
{
    (void)pthread_mutex_lock(&k->lock);
    enum err err = head_read(k, ret_head);
    (void)pthread_mutex_unlock(&k->lock);
    return keeper_status_of(err);
}

static enum err signer_head(void *ctx, struct log_head *ret_head)
{
    return keeper_err(keeper_log_head(ctx, ret_head));
}

static enum err signer_sign(void *ctx, uint64_t size, const struct hash *root,
                            const struct proof *consistency, struct log_head *ret_head)
{
    const struct keeper_log_sign in = {.size = size, .root = *root, .consistency = *consistency};
    return keeper_err(keeper_log_sign(ctx, &in, ret_head));
}

const struct signer *keeper_signer(struct keeper *k)
{
    return &k->signer;
}

/* ---- life ---------------------------------------------------------------------------------------
 */

static enum err keeper_fill(struct keeper *k, const struct keeper_setup *setup,
                            struct err_info *info)
{
    CLEANUP(secret_free_ptr) struct secret *notify = NULL;
    TRY(secret_read(setup->dir, "k_log", KEY_BYTES, &k->k_log, info));
    TRY(secret_read(setup->dir, "k_receipt", KEY_BYTES, &k->k_receipt, info));
    TRY(secret_read(setup->dir, "k_notify.pub", KEY_BYTES, &notify, info));
    memcpy(k->notify_pub, secret_bytes(notify), KEY_BYTES);
    crypt_sign_public(secret_bytes(k->k_log), k->log_pub);
    TRY(db_open(setup->dir, DB_STORE_VAULT, DB_WRITE, &k->db, info));
    k->signer = (struct signer){
        .ctx = k, .public_key = k->log_pub, .head = signer_head, .sign = signer_sign};
    TRY(flush_start(k, info));
    return keeper_stock_start(k, setup->stock, setup->boxes, info);
}

enum err keeper_open(const struct keeper_setup *setup, struct keeper **ret_keeper,
                     struct err_info *info)
{
    TRY(crypt_init());
    struct keeper *k = mem_new(sizeof *k);
    if (k == NULL)
        return ERR_NOMEM;
    (void)pthread_mutex_init(&k->lock, NULL);
    (void)pthread_mutex_init(&k->slow, NULL);
    (void)pthread_mutex_init(&k->waiting_lock, NULL);
    (void)pthread_mutex_init(&k->stock_lock, NULL);
    (void)pthread_cond_init(&k->stock_wake, NULL);
    (void)pthread_mutex_init(&k->flush_lock, NULL);
    (void)pthread_cond_init(&k->flush_wake, NULL);
    (void)pthread_cond_init(&k->flush_done, NULL);
    struct str origin = str_sub(setup->origin, 0, sizeof k->origin_bytes - 1);
    memcpy(k->origin_bytes, origin.ptr, origin.len);
    k->origin = str_make(k->origin_bytes, origin.len);
    k->custodian_mem_bytes =
        setup->custodian_mem_bytes == 0 ? CUSTODIAN_MEM_BYTES : setup->custodian_mem_bytes;
    enum err err = keeper_fill(k, setup, info);
    if (err != ERR_OK) {
        keeper_close(k);
        return err;
    }
    *ret_keeper = k;
    return ERR_OK;
}

void keeper_close(struct keeper *k)
{
    if (k == NULL)
        return;
    keeper_stock_stop(k);
    flush_stop(k);
    if (k->db != NULL)
        (void)keeper_flush(k, NULL);
    keeper_drained(k, false);
    keeper_waiting_free(k);
    db_close(k->db);
    secret_free(k->k_log);
    secret_free(k->k_receipt);
    (void)pthread_cond_destroy(&k->flush_done);
    (void)pthread_cond_destroy(&k->flush_wake);
    (void)pthread_mutex_destroy(&k->flush_lock);
    (void)pthread_cond_destroy(&k->stock_wake);
    (void)pthread_mutex_destroy(&k->stock_lock);
    (void)pthread_mutex_destroy(&k->waiting_lock);
    (void)pthread_mutex_destroy(&k->slow);
    (void)pthread_mutex_destroy(&k->lock);
    mem_free(k);
}

/* ---- operations whose room is not built
 * ------------------------------------------------------------ */

enum keeper_status keeper_open_begin(struct keeper *k, const struct keeper_open_begin *in,
                                     struct keeper_opening *ret_opening)
{
    (void)k;
    (void)in;
    (void)ret_opening;
    return KEEPER_REFUSED;
}

enum keeper_status keeper_open_approve(struct keeper *k, const struct id16 *req,
                                       const struct id16 *custodian, struct str passphrase)
{
    (void)k;
    (void)req;
    (void)custodian;
    (void)passphrase;
    return KEEPER_REFUSED;
}

enum keeper_status keeper_open_finish(struct keeper *k, const struct keeper_open_finish *in,
                                      struct buf *ret_identity)
{
    (void)k;
    (void)in;
    (void)ret_identity;
    return KEEPER_REFUSED;
}

enum keeper_status keeper_erase(struct keeper *k, const struct id16 *handle,
                                const struct keeper_event *event)
{
    (void)k;
    (void)handle;
    (void)event;
    return KEEPER_REFUSED;
}

enum keeper_status keeper_notify(struct keeper *k, const struct id16 *handle, uint16_t template_id)
{
    (void)k;
    (void)handle;
    (void)template_id;
    return KEEPER_REFUSED;
}

enum keeper_status keeper_custodian_rewrap(struct keeper *k, const struct id16 *custodian,
                                           struct str old_passphrase, struct str new_passphrase)
{
    (void)k;
    (void)custodian;
    (void)old_passphrase;
    (void)new_passphrase;
    return KEEPER_REFUSED;
}

enum keeper_status keeper_custodian_retire(struct keeper *k, const struct id16 *custodian,
                                           const struct keeper_event *event)
{
    (void)k;
    (void)custodian;
    (void)event;
    return KEEPER_REFUSED;
}

enum keeper_status keeper_role_add(struct keeper *k, const struct id16 *role,
                                   const struct id16 *custodian, struct str passphrase)
{
    (void)k;
    (void)role;
    (void)custodian;
    (void)passphrase;
    return KEEPER_REFUSED;
}

enum keeper_status keeper_role_rotate(struct keeper *k, const struct id16 *role,
                                      const struct id16 *custodian, struct str passphrase)
{
    (void)k;
    (void)role;
    (void)custodian;
    (void)passphrase;
    return KEEPER_REFUSED;
}

enum keeper_status keeper_rewrap_step(struct keeper *k, const struct id16 *role, int64_t *ret_left)
{
    (void)k;
    (void)role;
    (void)ret_left;
    return KEEPER_REFUSED;
}

enum keeper_status keeper_backup(struct keeper *k, const char *path)
{
    (void)k;
    (void)path;
    return KEEPER_REFUSED;
}
