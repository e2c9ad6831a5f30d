/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * fault_vfs: a file layer under SQLite whose i-th operation fails, is torn, or is the last one.
 *
 *     fault_vfs_install();                      after db_setup, before the first connection
 *     fault_vfs_break(FAULT_WRITE, 3, SQLITE_FULL);
 *     ...
 *     fault_vfs_heal();
 *
 * One plan at a time. Thread-safe.
 */
#ifndef HUIYIN_TESTS_DB_FAULT_VFS_H
#define HUIYIN_TESTS_DB_FAULT_VFS_H

#include <stdbool.h>
#include <stdint.h>

enum fault_op {
    FAULT_WRITE = 0,
    FAULT_SYNC,
    FAULT_TRUNCATE,
    FAULT_LOCK,
    FAULT_READ,
    FAULT_OP_COUNT
};

/* Becomes the default; after db_setup, before the first connection. */
void fault_vfs_install(void);

struct fault_plan {
    unsigned ops;     /* 1 << enum fault_op: which are counted together */
    int64_t after;    /* the one after so many is struck */
    int rc;           /* SQLite's code for it */
    int system_errno; /* what SQLite is told the system said; 0: what it did say */
    bool once;        /* those behind it are left alone */
    bool torn;        /* a write that fails has written its first half */
    void (*fire)(
        void); /* not NULL: called instead, while all else stands still; ends the process */
};
void fault_vfs_plan(const struct fault_plan *plan);

/* The operation after the next `after` of this kind fails with the SQLite code `rc`, and every one
 * behind it, until fault_vfs_heal. */
void fault_vfs_break(enum fault_op op, int64_t after, int rc);
void fault_vfs_heal(void);

/* Operations that were struck since the last plan. */
int64_t fault_vfs_failed(void);

/* Operations of this kind since the last plan, struck or not. */
int64_t fault_vfs_counted(enum fault_op op);

/* From now on a plan counts only what threads do that have called this. */
void fault_vfs_here(void);

/* Files are not really synced any more, which spares a test the waiting. */
void fault_vfs_spare_syncs(void);

/* Every sync waits until this is taken back; all else goes on. */
void fault_vfs_hold_syncs(bool hold);

/* What would be left without power is kept from now on, for every file opened later
 * (fault_disk.h). */
void fault_vfs_follow(void);

#endif
