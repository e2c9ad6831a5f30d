/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * checkpoint: carries what is committed from the write-ahead log into the store file.
 *
 * One thread with a connection of its own, woken by the writer when enough has gathered, copies
 * PASSIVE under a mutex while readers and the writer go on. Under an unbroken stream of writes
 * that alone never reaches the end of the log, so past a bound the thread asks the writer, which
 * after a commit copies the short rest itself; the next write then starts the log again from its
 * beginning. A reader that stays open prevents that: reads are time-boxed.
 */
#ifndef HUIYIN_DB_CHECKPOINT_H
#define HUIYIN_DB_CHECKPOINT_H

#include "base/err.h"
#include "db/db.h"

struct checkpoint;

/* Starts the thread on `folder`/<store>. `fatal` as in db/writer.h: an fsync failed. */
enum err checkpoint_new(const char *folder, enum db_store store,
                        void (*fatal)(void *env, const struct err_info *info), void *env,
                        struct checkpoint **ret_checkpoint, struct err_info *info);

/* Ends the thread. NULL is allowed. */
void checkpoint_free(struct checkpoint *c);

/* The writer's, after each commit: `pages` are in the log now. Copies the rest on `db` when it was
 * asked for. */
enum err checkpoint_after_commit(struct checkpoint *c, struct db *db, int64_t pages);

#endif
