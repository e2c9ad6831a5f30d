/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * readers: read-only connections for the threads that answer requests.
 *
 * A thread borrows one for the length of a request and gives it back; the one given back last is
 * lent first, so that as many are opened as threads ever read at once, and each stays warm. A
 * borrowed reader stands in one snapshot and has a time box: a read that stays open would let the
 * write-ahead log grow without end.
 *
 *     struct db *db = NULL;
 *     TRY(readers_take(readers, &db, info));
 *     db_as_officer(db, officer, today);
 *     … one request's statements …
 *     readers_give(readers, db);          // ends the snapshot, forgets the officer
 */
#ifndef HUIYIN_DB_READERS_H
#define HUIYIN_DB_READERS_H

#include "base/err.h"
#include "db/db.h"

enum { READERS_MAX = 64, READERS_TIME_MS = 5000 };

struct readers;

/* Opens none yet. `time_ms` 0: READERS_TIME_MS. */
enum err readers_new(const char *folder, enum db_store store, int64_t time_ms,
                     struct readers **ret_readers, struct err_info *info);
/* Every reader must have been given back. NULL is allowed. */
void readers_free(struct readers *r);

/* ERR_BUSY when READERS_MAX are lent. */
enum err readers_take(struct readers *r, struct db **ret_db, struct err_info *info);
/* NULL is allowed. */
void readers_give(struct readers *r, struct db *db);

#endif
