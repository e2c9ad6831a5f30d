/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "spine/log.h"

#include "base/instant.h"
#include "base/mem.h"
#include "db/db.h"
#include "db/writer.h"
#include "spine/event.h"
#include "spine/keys.h"
#include "spine/log.sql.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define CLOCK_SLACK_US (5 * US_PER_MINUTE)
#define CHECKPOINT_EVERY_US US_PER_SECOND
/* Under load one signature stands for many commits, for more when nobody waits for one: the disk is
 * the writer's, and every signature makes the signer sync its head several times. */
enum { PACE_MS = 50, PACE_ALONE_MS = 250, RETRY_MS = 1000, ARENA_BYTES = 256 * 1024, RECENT = 64 };
enum { FRESH_FIRST = 256, EIGHT = 8 };

/* A commit that is not on the disk yet: its head must not be signed before it is. */
struct pending {
    uint64_t number; /* the writer's; 0: none */
    struct log_head want;
    bool is_slot;
};

/* What the next event continues. */
struct tail {
    struct frontier edge;
    int64_t newest_us;
    struct log_system sys;
    int64_t pad_to; /* the running batch ends at a multiple of this; 0: as it comes */
    bool pad_always;
};

/* The leaves since the last commit and the hashes they complete, in the order of their rows: both
 * tables count without a gap, so that the sizes of `tail` and `committed` say how many there are. A
 * job that is rolled back takes its own along, and what is left goes into the database in one go
 * before the commit. */
struct fresh {
    uint8_t (*entries)[EVENT_ENTRY_BYTES];
    size_t entry_room;
    struct hash *hashes;
    size_t hash_room;
};

struct log {
    struct str origin;
    char origin_bytes[201];
    const struct keys *keys;
    const struct signer *signer;
    _Atomic(const char *) refusal;
    /* the writer's thread only */
    struct tail tail;
    struct tail marked;
    struct tail committed;
    struct fresh fresh;
    uint64_t checkpoint_size; /* newest row of log_checkpoint */
    int64_t checkpoint_us;
    /* the signer's thread only, but for the lock's members */
    struct db *signer_db;
    pthread_t thread;
    bool has_thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_cond_t signed_more;
    pthread_cond_t pace;  /* signalled at the end only */
    pthread_cond_t hurry; /* somebody waits for a signature */
    size_t waiting;
    bool is_stopping;
    struct pending pending[WRITER_ROUNDS_MAX];
    struct log_head wanted;         /* size and root of the last commit that is on the disk */
    struct log_head slot;           /* of the last padded one: signed before any newer */
    struct log_head newest;         /* signed */
    struct log_head padded;         /* signed: the slot's */
    struct log_head recent[RECENT]; /* a ring of the last ones */
    size_t recent_at;
};

/* ---- rows ------------------------------------------------------------------------------------ */

struct hash_reader {
    struct db *db;
    struct arena *arena;
};

static enum err read_hash(void *ctx, uint64_t pos, struct hash *ret_hash)
{
    struct hash_reader *r = ctx;
    struct log_hash_row_row row;
    enum err err = log_hash_row(r->db, r->arena, (int64_t)pos, &row);
    if (err != ERR_OK)
        return err == ERR_NOT_FOUND ? ERR_CORRUPT : err;
    if (row.h.len != HASH_BYTES)
        return ERR_CORRUPT;
    memcpy(ret_hash->b, row.h.ptr, HASH_BYTES);
    return ERR_OK;
}

enum err log_root(struct db *db, uint64_t size, struct hash *ret_root)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, ARENA_BYTES);
    struct hash_reader r = {db, &a};
    struct frontier f;
    TRY(proof_frontier(size, read_hash, &r, &f));
    proof_root(&f, ret_root);
    return ERR_OK;
}

enum err log_inclusion(struct db *db, uint64_t index, uint64_t size, struct proof *ret_proof)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, ARENA_BYTES);
    struct hash_reader r = {db, &a};
    return proof_make_inclusion(index, size, read_hash, &r, ret_proof);
}

enum err log_consistency(struct db *db, uint64_t old, uint64_t size, struct proof *ret_proof)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, ARENA_BYTES);
    struct hash_reader r = {db, &a};
    return proof_make_consistency(old, size, read_hash, &r, ret_proof);
}

static enum err head_of(struct str root, struct str sig, int64_t size, struct log_head *ret_head)
{
    if (root.len != HASH_BYTES || sig.len != SIG_BYTES || size < 0)
        return ERR_CORRUPT;
    ret_head->size = (uint64_t)size;
    memcpy(ret_head->root.b, root.ptr, HASH_BYTES);
    memcpy(ret_head->sig, sig.ptr, SIG_BYTES);
    return ERR_OK;
}

enum err log_public(struct db *db, struct log_head *ret_head, int64_t *ret_made_us)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, ARENA_BYTES);
    struct log_checkpoint_public_row row;
    TRY(log_checkpoint_public(db, &a, &row));
    if (ret_made_us != NULL)
        *ret_made_us = row.made_us;
    return head_of(row.root, row.sig, row.size, ret_head);
}

/* ---- read-only ------------------------------------------------------------------------------- */

const char *log_refusal(const struct log *log)
{
    return atomic_load_explicit(&log->refusal, memory_order_acquire);
}

void log_refuse(struct log *log, const char *key)
{
    atomic_store_explicit(&log->refusal, key, memory_order_release);
}

struct str log_origin(const struct log *log)
{
    return log->origin;
}

const uint8_t *log_public_key(const struct log *log)
{
    static const uint8_t NONE[KEY_BYTES];
    return log->signer == NULL ? NONE : log->signer->public_key;
}

enum err log_check_time(struct tx *tx, struct log *log, int64_t now_us)
{
    const char *key = log_refusal(log);
    if (key == NULL && now_us < log->tail.newest_us - CLOCK_SLACK_US) {
        key = "log.clock_back";
        log_refuse(log, key);
    }
    if (key != NULL)
        return err_set(tx->info, ERR_REFUSED, key, "the log is read-only: %s", key);
    if (now_us > log->tail.newest_us)
        log->tail.newest_us = now_us;
    return ERR_OK;
}

/* ---- signing --------------------------------------------------------------------------------- */

/* With the lock held. */
static void head_keep(struct log *log, const struct log_head *head)
{
    log->newest = *head;
    log->recent[log->recent_at] = *head;
    log->recent_at = (log->recent_at + 1) % RECENT;
}

/* Proves `want` to the signer, reading rows through `db`. */
static enum err sign_head(struct log *log, struct db *db, const struct log_head *want)
{
    struct log_head head;
    struct proof proof;
    TRY(log->signer->head(log->signer->ctx, &head));
    TRY(log_consistency(db, head.size < want->size ? head.size : want->size, want->size, &proof));
    TRY(log->signer->sign(log->signer->ctx, want->size, &want->root, &proof, &head));
    (void)pthread_mutex_lock(&log->lock);
    if (head.size >= log->newest.size)
        head_keep(log, &head);
    if (head.size == log->slot.size)
        log->padded = head;
    (void)pthread_cond_broadcast(&log->signed_more);
    (void)pthread_mutex_unlock(&log->lock);
    return ERR_OK;
}

/* A signer that says "this is not my history" stops the log; any other failure only delays. */
static enum err sign_or_refuse(struct log *log, struct db *db, const struct log_head *want)
{
    enum err err = sign_head(log, db, want);
    if (err == ERR_CONFLICT)
        log_refuse(log, "log.forked");
    return err;
}

static void wait_ms(struct log *log, pthread_cond_t *cond, int64_t ms)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (time_t)(ms / 1000);
    until.tv_nsec += (long)(ms % 1000) * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    (void)pthread_cond_timedwait(cond, &log->lock, &until);
}

/* With the lock held. After a signature, until the next may be made. */
static void pace(struct log *log, enum err err)
{
    if (log->is_stopping)
        return;
    wait_ms(log, &log->pace, err == ERR_OK ? PACE_MS : RETRY_MS);
    if (err == ERR_OK && log->waiting == 0 && !log->is_stopping)
        wait_ms(log, &log->hurry, PACE_ALONE_MS - PACE_MS);
}

static void *signer_run(void *arg)
{
    struct log *log = arg;
    (void)pthread_setname_np(pthread_self(), "signer");
    (void)pthread_mutex_lock(&log->lock);
    while (!log->is_stopping) {
        if (log->wanted.size <= log->newest.size || log_refusal(log) != NULL) {
            (void)pthread_cond_wait(&log->wake, &log->lock);
            continue;
        }
        struct log_head want = log->slot.size > log->newest.size ? log->slot : log->wanted;
        (void)pthread_mutex_unlock(&log->lock);
        enum err err = sign_or_refuse(log, log->signer_db, &want);
        (void)pthread_mutex_lock(&log->lock);
        pace(log, err);
    }
    (void)pthread_mutex_unlock(&log->lock);
    return NULL;
}

void log_newest(struct log *log, struct log_head *ret_head)
{
    (void)pthread_mutex_lock(&log->lock);
    *ret_head = log->newest;
    (void)pthread_mutex_unlock(&log->lock);
}

enum err log_newest_upto(struct log *log, uint64_t size, struct log_head *ret_head)
{
    const struct log_head *best = NULL;
    (void)pthread_mutex_lock(&log->lock);
    for (size_t i = 0; i < RECENT; i++) {
        const struct log_head *h = &log->recent[i];
        if (h->size > 0 && h->size <= size && (best == NULL || h->size > best->size))
            best = h;
    }
    if (best != NULL)
        *ret_head = *best;
    (void)pthread_mutex_unlock(&log->lock);
    return best == NULL ? ERR_NOT_FOUND : ERR_OK;
}

enum err log_wait(struct log *log, uint64_t size, int32_t timeout_ms, struct log_head *ret_head)
{
    int64_t until_us = instant_monotonic() + (int64_t)timeout_ms * 1000;
    (void)pthread_mutex_lock(&log->lock);
    int64_t left_us = (int64_t)timeout_ms * 1000;
    log->waiting++;
    if (log->newest.size < size)
        (void)pthread_cond_signal(&log->hurry);
    while (log->newest.size < size && left_us > 0) {
        wait_ms(log, &log->signed_more, left_us / 1000 + 1);
        left_us = until_us - instant_monotonic();
    }
    log->waiting--;
    bool is_there = log->newest.size >= size;
    if (is_there)
        *ret_head = log->newest;
    (void)pthread_mutex_unlock(&log->lock);
    return is_there ? ERR_OK : ERR_BUSY;
}

/* ---- opening --------------------------------------------------------------------------------- */

static enum err tail_read(struct log *log, struct db *db, struct err_info *info)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, ARENA_BYTES);
    struct log_state_row_row row = {.system_tail = STR("")};
    enum err err = log_state_row(db, &a, &row);
    if (err != ERR_OK && err != ERR_NOT_FOUND)
        return err;
    struct log_rows_row rows;
    TRY(log_rows(db, &a, &rows));
    if (row.size < 0 || rows.entries != row.size ||
        (uint64_t)rows.hashes != proof_stored_count((uint64_t)row.size) ||
        (row.system_seq > 0 && row.system_tail.len != HASH_BYTES))
        return err_set(info, ERR_CORRUPT, "log.rows",
                       "log_state says %lld leaves, log_entry %lld, log_hash %lld rows",
                       (long long)row.size, (long long)rows.entries, (long long)rows.hashes);
    struct hash_reader r = {db, &a};
    TRY(proof_frontier((uint64_t)row.size, read_hash, &r, &log->tail.edge));
    log->tail.newest_us = row.newest_us;
    log->tail.sys.seq = row.system_seq;
    if (row.system_seq > 0)
        memcpy(log->tail.sys.tail.b, row.system_tail.ptr, HASH_BYTES);
    struct log_checkpoint_newest_row newest;
    err = log_checkpoint_newest(db, &a, &newest);
    if (err == ERR_OK) {
        log->checkpoint_size = (uint64_t)newest.size;
        log->checkpoint_us = newest.made_us;
    }
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

/* Is the signer's head a beginning of what stands in the database? If not, the database is older
 * than what was signed, or another one: nothing may be added before that is repaired. */
static enum err signer_check(struct log *log, struct db *db)
{
    struct log_head head;
    if (log->signer == NULL || log->signer->head(log->signer->ctx, &head) != ERR_OK)
        return ERR_OK; /* a dead signer delays, it does not stop */
    if (head.size > log->tail.edge.size) {
        log_refuse(log, "log.restored");
        return ERR_OK;
    }
    struct hash root;
    TRY(log_root(db, head.size, &root));
    if (head.size > 0 && !crypt_equal(root.b, head.root.b, HASH_BYTES)) {
        log_refuse(log, "log.forked");
        return ERR_OK;
    }
    head_keep(log, &head);
    log->wanted.size = log->tail.edge.size;
    proof_root(&log->tail.edge, &log->wanted.root);
    if (log->wanted.size > head.size)
        (void)sign_or_refuse(log, db, &log->wanted);
    return ERR_OK;
}

static enum err signing_start(struct log *log, const char *folder, bool own_thread,
                              struct err_info *info)
{
    if (log->signer == NULL)
        return ERR_OK;
    TRY(db_open(folder, DB_STORE_MAIN, DB_READ, &log->signer_db, info));
    if (!own_thread)
        return ERR_OK;
    int rc = pthread_create(&log->thread, NULL, signer_run, log);
    if (rc != 0)
        return err_set(info, ERR_NOMEM, NULL, "no thread for the signer (%d)", rc);
    log->has_thread = true;
    return ERR_OK;
}

static void sync_init(struct log *log)
{
    pthread_condattr_t monotonic;
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&log->lock, NULL);
    (void)pthread_cond_init(&log->wake, &monotonic);
    (void)pthread_cond_init(&log->signed_more, &monotonic);
    (void)pthread_cond_init(&log->pace, &monotonic);
    (void)pthread_cond_init(&log->hurry, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
}

enum err log_open(struct db *db, const struct log_setup *setup, struct log **ret_log,
                  struct err_info *info)
{
    struct log *log = mem_new(sizeof *log);
    if (log == NULL)
        return ERR_NOMEM;
    sync_init(log);
    log->keys = setup->keys;
    log->signer = setup->signer;
    struct str origin = str_sub(setup->origin, 0, sizeof log->origin_bytes - 1);
    memcpy(log->origin_bytes, origin.ptr, origin.len);
    log->origin = str_make(log->origin_bytes, origin.len);
    enum err err = tail_read(log, db, info);
    if (err == ERR_OK) {
        log->marked = log->tail;
        log->committed = log->tail;
        err = signer_check(log, db);
    }
    if (err == ERR_OK)
        err = signing_start(log, setup->folder, !setup->sign_at_once, info);
    if (err != ERR_OK) {
        log_close(log);
        return err;
    }
    *ret_log = log;
    return ERR_OK;
}

void log_close(struct log *log)
{
    if (log == NULL)
        return;
    (void)pthread_mutex_lock(&log->lock);
    log->is_stopping = true;
    (void)pthread_cond_broadcast(&log->wake);
    (void)pthread_cond_broadcast(&log->pace);
    (void)pthread_cond_broadcast(&log->hurry);
    (void)pthread_mutex_unlock(&log->lock);
    if (log->has_thread)
        (void)pthread_join(log->thread, NULL);
    db_close(log->signer_db);
    (void)pthread_cond_destroy(&log->wake);
    (void)pthread_cond_destroy(&log->signed_more);
    (void)pthread_cond_destroy(&log->pace);
    (void)pthread_cond_destroy(&log->hurry);
    (void)pthread_mutex_destroy(&log->lock);
    mem_free(log->fresh.entries);
    mem_free(log->fresh.hashes);
    mem_free(log);
}

/* ---- the writer's hooks ------------------------------------------------------------------------
 */

void log_mark(struct log *log)
{
    log->marked = log->tail;
}

void log_undo(struct log *log)
{
    log->tail = log->marked;
}

static enum err checkpoint_store(struct tx *tx, struct log *log, const struct log_head *head,
                                 bool is_public)
{
    const struct log_checkpoint_put_in in = {
        .size = (int64_t)head->size,
        .root = str_make(head->root.b, HASH_BYTES),
        .sig = str_make(head->sig, SIG_BYTES),
        .made = tx->now_us,
        .public = is_public,
    };
    TRY(log_checkpoint_put(tx->db, &in));
    if (head->size > log->checkpoint_size)
        log->checkpoint_size = head->size;
    log->checkpoint_us = tx->now_us;
    return ERR_OK;
}

/* Padding is the last thing a batch does, so that the committed size is the multiple. */
static enum err pad(struct tx *tx, struct log *log)
{
    int64_t multiple = log->tail.pad_to;
    if (multiple == 0)
        return ERR_OK;
    int64_t first = (int64_t)log->tail.edge.size;
    int64_t count = (multiple - first % multiple) % multiple;
    if (count == 0 && log->tail.pad_always)
        count = multiple;
    for (int64_t i = 0; i < count; i++) {
        uint8_t entry[33];
        int64_t index = 0;
        struct hash leaf;
        log_pad_entry(log->keys, first + i, entry);
        TRY(log_append(log, entry, &index, &leaf));
    }
    return count == 0 ? ERR_OK : log_pad_put(tx->db, first, first + count - 1);
}

static enum err entries_store(struct tx *tx, const struct log *log)
{
    int64_t first = (int64_t)log->committed.edge.size;
    size_t count = (size_t)(log->tail.edge.size - log->committed.edge.size);
    struct str e[EIGHT];
    size_t at = 0;
    for (; at + EIGHT <= count; at += EIGHT) {
        for (size_t i = 0; i < EIGHT; i++)
            e[i] = str_make(log->fresh.entries[at + i], EVENT_ENTRY_BYTES);
        const struct log_entry_put_eight_in in = {
            first + (int64_t)at, e[0], e[1], e[2], e[3], e[4], e[5], e[6], e[7]};
        TRY(log_entry_put_eight(tx->db, &in));
    }
    for (; at < count; at++)
        TRY(log_entry_put(tx->db, first + (int64_t)at,
                          str_make(log->fresh.entries[at], EVENT_ENTRY_BYTES)));
    return ERR_OK;
}

static enum err hashes_store(struct tx *tx, const struct log *log)
{
    uint64_t first = proof_stored_count(log->committed.edge.size);
    size_t count = (size_t)(proof_stored_count(log->tail.edge.size) - first);
    struct str h[EIGHT];
    size_t at = 0;
    for (; at + EIGHT <= count; at += EIGHT) {
        for (size_t i = 0; i < EIGHT; i++)
            h[i] = str_make(log->fresh.hashes[at + i].b, HASH_BYTES);
        const struct log_hash_put_eight_in in = {
            (int64_t)(first + at), h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7]};
        TRY(log_hash_put_eight(tx->db, &in));
    }
    for (; at < count; at++)
        TRY(log_hash_put(tx->db, (int64_t)(first + at),
                         str_make(log->fresh.hashes[at].b, HASH_BYTES)));
    return ERR_OK;
}

enum err log_before_commit(struct tx *tx, struct log *log)
{
    TRY(pad(tx, log));
    if (log->tail.edge.size == log->committed.edge.size)
        return ERR_OK;
    TRY(entries_store(tx, log));
    TRY(hashes_store(tx, log));
    struct str system_tail = str_make(log->tail.sys.tail.b, log->tail.sys.seq > 0 ? HASH_BYTES : 0);
    TRY(log_state_put(tx->db, (int64_t)log->tail.edge.size, log->tail.newest_us, log->tail.sys.seq,
                      system_tail));
    /* Not every head: each lies on the one history, and one a second is enough to prove times. */
    struct log_head head;
    log_newest(log, &head);
    if (head.size > log->checkpoint_size && tx->now_us - log->checkpoint_us >= CHECKPOINT_EVERY_US)
        return checkpoint_store(tx, log, &head, false);
    return ERR_OK;
}

void log_after_commit(struct log *log, uint64_t number)
{
    bool is_new = log->tail.edge.size != log->committed.edge.size;
    bool is_slot = log->tail.pad_to != 0;
    log->tail.pad_to = 0;
    log->committed = log->tail;
    log->marked = log->tail;
    if ((!is_new && !is_slot) || log->signer == NULL)
        return;
    struct pending p = {
        .number = number, .want = {.size = log->tail.edge.size}, .is_slot = is_slot};
    proof_root(&log->tail.edge, &p.want.root);
    (void)pthread_mutex_lock(&log->lock);
    log->pending[number % WRITER_ROUNDS_MAX] = p;
    (void)pthread_mutex_unlock(&log->lock);
}

/* With the lock held. True when there is something to sign. */
static bool pending_take(struct log *log, uint64_t number)
{
    bool is_new = false;
    for (size_t i = 0; i < WRITER_ROUNDS_MAX; i++) {
        struct pending *p = &log->pending[i];
        if (p->number == 0 || p->number > number)
            continue;
        if (p->want.size >= log->wanted.size)
            log->wanted = p->want;
        if (p->is_slot && p->want.size >= log->slot.size)
            log->slot = p->want;
        if (p->is_slot && log->newest.size == p->want.size)
            log->padded = log->newest;
        p->number = 0;
        is_new = true;
    }
    return is_new;
}

void log_settled(struct log *log, uint64_t number)
{
    (void)pthread_mutex_lock(&log->lock);
    bool is_new = pending_take(log, number);
    struct log_head want = log->wanted;
    (void)pthread_cond_signal(&log->wake);
    (void)pthread_mutex_unlock(&log->lock);
    if (is_new && !log->has_thread && log->signer_db != NULL && log_refusal(log) == NULL)
        (void)sign_or_refuse(log, log->signer_db, &want);
}

void log_after_rollback(struct log *log)
{
    log->tail = log->committed;
    log->marked = log->committed;
}

/* ---- appending ------------------------------------------------------------------------------- */

/* An array of at least `least` elements of `each` bytes, or NULL: then the old one stays. */
static void *grown(void *old, size_t least, size_t each, size_t *room)
{
    if (least <= *room)
        return old;
    size_t more = *room == 0 ? FRESH_FIRST : 2 * *room;
    void *p = mem_resize(old, more * each);
    *room = p == NULL ? *room : more;
    return p;
}

/* Room for one more leaf and what it may complete. */
static enum err fresh_grow(struct fresh *f, size_t entries, size_t hashes)
{
    void *e = grown(f->entries, entries + 1, sizeof *f->entries, &f->entry_room);
    if (e == NULL)
        return ERR_NOMEM;
    f->entries = e;
    void *h = grown(f->hashes, hashes + PROOF_HASHES_MAX, sizeof *f->hashes, &f->hash_room);
    if (h == NULL)
        return ERR_NOMEM;
    f->hashes = h;
    return ERR_OK;
}

enum err log_append(struct log *log, const uint8_t entry[EVENT_ENTRY_BYTES], int64_t *ret_index,
                    struct hash *ret_leaf)
{
    struct hash leaf;
    struct stored rows[PROOF_HASHES_MAX];
    uint64_t index = log->tail.edge.size;
    uint64_t first = proof_stored_count(log->committed.edge.size);
    size_t at = (size_t)(index - log->committed.edge.size);
    TRY(fresh_grow(&log->fresh, at, (size_t)(proof_stored_count(index) - first)));
    proof_leaf(entry, EVENT_ENTRY_BYTES, &leaf);
    memcpy(log->fresh.entries[at], entry, EVENT_ENTRY_BYTES);
    size_t count = proof_append(&log->tail.edge, &leaf, rows);
    for (size_t i = 0; i < count; i++)
        log->fresh.hashes[rows[i].pos - first] = rows[i].h;
    *ret_index = (int64_t)index;
    *ret_leaf = leaf;
    return ERR_OK;
}

struct log_system log_system_of(const struct log *log)
{
    return log->tail.sys;
}

void log_system_move(struct log *log, const struct hash *leaf)
{
    log->tail.sys.seq++;
    log->tail.sys.tail = *leaf;
}

void log_pad_entry(const struct keys *keys, int64_t index, uint8_t ret_entry[33])
{
    uint8_t salt[32];
    struct mac m;
    mac_init(&m, keys->k_pad, sizeof salt);
    mac_str(&m, STR("huiyin-pad/v1"));
    mac_be64(&m, (uint64_t)index);
    mac_done(&m, salt);
    struct hash commit;
    event_commit(salt, STR("huiyin-pad/v1\n"), &commit);
    event_entry(&commit, ret_entry);
}

enum err log_pad(struct tx *tx, struct log *log, int64_t multiple, bool always)
{
    TRY(log_check_time(tx, log, tx->now_us));
    log->tail.pad_to = multiple;
    log->tail.pad_always = always;
    return ERR_OK;
}

enum err log_slot_wait(struct log *log, int32_t timeout_ms)
{
    int64_t until_us = instant_monotonic() + (int64_t)timeout_ms * 1000;
    int64_t left_us = (int64_t)timeout_ms * 1000;
    (void)pthread_mutex_lock(&log->lock);
    log->waiting++;
    if (log->padded.size != log->slot.size)
        (void)pthread_cond_signal(&log->hurry);
    while (log->padded.size != log->slot.size && left_us > 0) {
        wait_ms(log, &log->signed_more, left_us / 1000 + 1);
        left_us = until_us - instant_monotonic();
    }
    log->waiting--;
    bool is_there = log->padded.size == log->slot.size && log->slot.size > 0;
    (void)pthread_mutex_unlock(&log->lock);
    return is_there ? ERR_OK : ERR_BUSY;
}

enum err log_publish(struct tx *tx, struct log *log)
{
    (void)pthread_mutex_lock(&log->lock);
    struct log_head head = log->padded;
    (void)pthread_mutex_unlock(&log->lock);
    return head.size == 0 ? ERR_NOT_FOUND : checkpoint_store(tx, log, &head, true);
}
