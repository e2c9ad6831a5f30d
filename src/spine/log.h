/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * log: the one history of all dossiers, as a Merkle tree inside the main database.
 *
 * Every event is a leaf in the same transaction. The writer keeps the right edge of the tree in
 * memory, with a copy from before the running job and one of the last commit. After COMMIT the
 * newest size is handed to the signer thread, which proves to the signer that it continues what was
 * signed before and keeps the signature (log_newest); a dead signer delays receipts, never intake.
 *
 * The log is read-only, and every event_append refused, when the signer's head is ahead of the
 * database (a backup was restored, or the disk lied) or does not lie on its history, and after the
 * clock was found to run backwards. log_refusal says which.
 *
 * Reading functions take any connection and are thread-safe.
 */
#ifndef HUIYIN_SPINE_LOG_H
#define HUIYIN_SPINE_LOG_H

#include "base/ids.h"
#include "base/str.h"
#include "spine/proof.h"
#include "spine/signer.h"

struct db;
struct tx;
struct keys;
struct log;

struct log_setup {
    struct str origin; /* "log.example.org/huiyin": scheme-less, no blank, no plus; copied */
    const struct keys *keys;
    const struct signer *signer; /* NULL: nothing is signed */
    const char *folder; /* the data folder: the signer reads through a connection of its own */
    bool sign_at_once;  /* in log_settled itself, not in a thread of its own */
};

/* Reads the tail from `db` (the writer's connection), checks it against the rows and against the
 * signer's head, and signs what was committed but not signed. The database may be new and empty.
 * ERR_CORRUPT when the rows contradict each other. A signer ahead of the database is no error
 * here: the log opens read-only. */
enum err log_open(struct db *db, const struct log_setup *setup, struct log **ret_log,
                  struct err_info *info);
void log_close(struct log *log);

/* Why nothing can be written: a catalogue key, or NULL when it can. */
const char *log_refusal(const struct log *log);
/* No more writing; `key` is a literal. */
void log_refuse(struct log *log, const char *key);

struct str log_origin(const struct log *log);
/* The signer's public key, 32 bytes; zeros when there is no signer. */
const uint8_t *log_public_key(const struct log *log);

/* ---- the writer's hooks (see db/writer.h) ------------------------------------------------------
 */

/* Before a job: remembers the tail. After its rollback: puts it back. */
void log_mark(struct log *log);
void log_undo(struct log *log);
/* When the tail has moved, writes the new leaves, hashes and log_state, and now and then the newest
 * signed head. */
enum err log_before_commit(struct tx *tx, struct log *log);
/* The new size is kept for the signer until that batch is on the disk: then it may sign it. */
void log_after_commit(struct log *log, uint64_t number);
void log_settled(struct log *log, uint64_t number);
/* The whole batch is gone: the tail of the last commit again. */
void log_after_rollback(struct log *log);

/* ---- appending, in the writer's thread ---------------------------------------------------------
 */

/* ERR_REFUSED when nothing may be written, or when `now_us` is more than five minutes before the
 * newest event: then the log turns read-only as well. */
enum err log_check_time(struct tx *tx, struct log *log, int64_t now_us);
/* One leaf: it moves the edge at once; its rows in log_entry and log_hash are written with all
 * others of the batch by log_before_commit, until when only memory has them. */
enum err log_append(struct log *log, const uint8_t entry[33], int64_t *ret_index,
                    struct hash *ret_leaf);
/* The stream of the system: how many events, and the last one's leaf; log_system_move after one was
 * appended. */
struct log_system {
    int64_t seq;
    struct hash tail;
};
struct log_system log_system_of(const struct log *log);
void log_system_move(struct log *log, const struct hash *leaf);
/* The running batch ends at a multiple of `multiple` leaves (32 per publication slot): outsiders
 * see no small counts. An empty slot is padded too when `always`. The padding itself is the last
 * thing before the commit, and exactly that size is signed before any newer one. */
enum err log_pad(struct tx *tx, struct log *log, int64_t multiple, bool always);
/* Waits until the last padded size is signed; ERR_BUSY after `timeout_ms`. Not in the writer. */
enum err log_slot_wait(struct log *log, int32_t timeout_ms);
/* The entry of a padding leaf: commit = SHA-256("huiyin-commit/v1\n" || salt || "huiyin-pad/v1\n"),
 * salt = BLAKE2b-256(K_pad, "huiyin-pad/v1" || be64(index)). Pure. */
void log_pad_entry(const struct keys *keys, int64_t index, uint8_t ret_entry[33]);
/* The signed head of the last padded size becomes public; ERR_NOT_FOUND before there is one. A
 * publication slot is log_pad in one job, log_slot_wait, and this in another. */
enum err log_publish(struct tx *tx, struct log *log);

/* ---- heads -------------------------------------------------------------------------------------
 */

/* The newest signed head; size 0 when there is none yet. Any thread. */
void log_newest(struct log *log, struct log_head *ret_head);
/* The newest of the last heads that is not larger than `size`: for a reader whose snapshot ends
 * there. ERR_NOT_FOUND: look among the stored checkpoints. */
enum err log_newest_upto(struct log *log, uint64_t size, struct log_head *ret_head);
/* Waits until a head of at least `size` leaves is signed; ERR_BUSY after `timeout_ms`. */
enum err log_wait(struct log *log, uint64_t size, int32_t timeout_ms, struct log_head *ret_head);
/* The newest public checkpoint and when it was made (may be NULL); ERR_NOT_FOUND before the first
 * slot. */
enum err log_public(struct db *db, struct log_head *ret_head, int64_t *ret_made_us);

/* ---- proofs from rows --------------------------------------------------------------------------
 */

enum err log_root(struct db *db, uint64_t size, struct hash *ret_root);
enum err log_inclusion(struct db *db, uint64_t index, uint64_t size, struct proof *ret_proof);
enum err log_consistency(struct db *db, uint64_t old, uint64_t size, struct proof *ret_proof);

#endif
