/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * keeper_inside: the inside of struct keeper, for src/trust/keeper*.c only.
 *
 * `lock` guards the database and its transaction; `waiting_lock` what waits to be written there and
 * the ready boxes; `stock_lock` the ready codes; `slow` lets one argon2 run at a time. Whoever
 * holds two took them in that order.
 */
#ifndef HUIYIN_TRUST_KEEPER_INSIDE_H
#define HUIYIN_TRUST_KEEPER_INSIDE_H

#include "db/db.h"
#include "trust/keeper.h"

#include <pthread.h>
#include <stdatomic.h>

enum { KEEPER_ARENA_BYTES = 256 * 1024, CODE_WAIT_MAX = 64 };

/* Who a policy seals to. */
struct sealed_to {
    struct id16 role;
    int64_t epoch;
    uint8_t pub[KEY_BYTES];
};
struct policy {
    uint16_t id; /* 0: not read yet */
    int32_t mode;
    struct sealed_to to[2];
};

enum { KEEPER_SHARE_BOX = 101, KEEPER_NOTIFY_BOX = 326 };

/* A box to one role. */
struct share_box {
    struct id16 role;
    int64_t epoch;
    uint8_t box[KEEPER_SHARE_BOX];
};

/* A sealed item or a confirmation that the next transaction writes; no plaintext in it. */
struct waiting {
    struct waiting *next;
    struct id16 handle;
    bool is_confirm; /* then nothing below counts */
    int32_t mode;
    uint16_t policy;
    int32_t created_day;
    uint8_t nonce[AEAD_NONCE_BYTES];
    struct share_box shares[2];
    uint8_t notify[KEEPER_NOTIFY_BOX];
    size_t bar_count;
    struct keeper_bar bars[KEEPER_BARS_MAX];
    size_t ct_len;
    uint8_t ct[]; /* the sealed identity */
};

/* Boxes for nobody, sealed ahead: one list for each language of the notify box. */
enum { KEEPER_READY_LANGS = 2 };
struct ready {
    struct waiting *first;
    size_t count;
    bool is_asked; /* somebody raised in it: from then on it is kept full */
};

struct keeper {
    char origin_bytes[201];
    struct str origin;
    struct secret *k_log;
    struct secret *k_receipt;
    uint8_t log_pub[KEY_BYTES];
    uint8_t notify_pub[KEY_BYTES];
    struct signer signer;
    size_t custodian_mem_bytes;

    pthread_mutex_t lock;
    struct db *db;
    struct db_tx tx;         /* runs from the first change to the next commit */
    atomic_bool is_dirty;    /* it runs */
    struct waiting *written; /* in it: back to those that wait when it fails */

    pthread_mutex_t waiting_lock;
    struct waiting *first;
    struct waiting *last;
    size_t waiting_count;
    struct policy policy; /* the last one asked for */
    struct ready ready[KEEPER_READY_LANGS];
    size_t ready_size; /* of each, when it is full */

    pthread_mutex_t flush_lock; /* guards what follows; taken alone */
    pthread_cond_t flush_wake;
    pthread_cond_t flush_done;
    uint64_t flush_asked;
    uint64_t flush_served; /* up to this one, with the outcome below */
    enum err flush_err;
    struct err_info flush_info;
    bool flush_stops;
    pthread_t flush_thread;
    bool has_flush_thread;

    pthread_mutex_t slow;
    atomic_int slow_waiting;

    pthread_mutex_t stock_lock;
    pthread_cond_t stock_wake;
    struct code *stock; /* locked memory */
    size_t stock_size;
    size_t stock_count;
    uint64_t stock_taken; /* goes up with each code or box that is taken */
    bool is_stopping;
    pthread_t stock_thread;
    bool has_stock_thread;
};

/* With the lock held: a transaction runs, and what waited is in it. */
enum err keeper_begin(struct keeper *k);
/* With the lock held: writes what waits. */
enum err keeper_drain(struct keeper *k);
/* With the lock held: what was written is kept now, or waits again. */
void keeper_drained(struct keeper *k, bool is_kept);
/* With the lock held: ends the transaction without; what was written in it waits again. */
void keeper_undo(struct keeper *k);
bool keeper_has_waiting(struct keeper *k);
/* Queues it for the next transaction, which frees it; false when too many wait already. */
bool keeper_wait_for_write(struct keeper *k, struct waiting *w);
void keeper_waiting_free(struct keeper *k);
/* Roles changed: policies are read again. */
void keeper_policy_forget(struct keeper *k);
/* With the lock held: commits what is open. */
enum err keeper_commit(struct keeper *k);
/* The status of a failure in here: the disk is full or broken, or there is no memory. */
enum keeper_status keeper_status_of(enum err err);

/* The stock of codes and of boxes: started with the keeper, stopped before it is freed. */
enum err keeper_stock_start(struct keeper *k, size_t codes, size_t boxes, struct err_info *info);
void keeper_stock_stop(struct keeper *k);
/* Something was taken: the thread looks again what is missing. */
void keeper_stock_taken(struct keeper *k);
/* Seals one box ahead; false when none is missing or it cannot be. */
bool keeper_ready_fill(struct keeper *k);
void keeper_ready_free(struct keeper *k);

static inline struct str str_of_id(const struct id16 *id)
{
    return str_make(id->b, sizeof id->b);
}

#endif
