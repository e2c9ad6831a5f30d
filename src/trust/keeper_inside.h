/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * keeper_inside: the inside of struct keeper, for src/trust/keeper*.c only.
 *
 * `lock` guards the database and its transaction; `waiting_lock` what waits to be written there;
 * `stock_lock` the ready codes; `slow` lets one argon2 run at a time. Whoever holds two took them
 * in that order.
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

/* A sealed item or a confirmation that the next transaction writes; no plaintext in it. */
struct waiting;

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

    pthread_mutex_t slow;
    atomic_int slow_waiting;

    pthread_mutex_t stock_lock;
    pthread_cond_t stock_wake;
    struct code *stock; /* locked memory */
    size_t stock_size;
    size_t stock_count;
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
bool keeper_has_waiting(struct keeper *k);
void keeper_waiting_free(struct keeper *k);
/* Roles changed: policies are read again. */
void keeper_policy_forget(struct keeper *k);
/* With the lock held: commits what is open. */
enum err keeper_commit(struct keeper *k);
/* The status of a failure in here: the disk is full or broken, or there is no memory. */
enum keeper_status keeper_status_of(enum err err);

/* The stock of codes: started with the keeper, stopped before it is freed. */
enum err keeper_stock_start(struct keeper *k, size_t size, struct err_info *info);
void keeper_stock_stop(struct keeper *k);

static inline struct str str_of_id(const struct id16 *id)
{
    return str_make(id->b, sizeof id->b);
}

#endif
