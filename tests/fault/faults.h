/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * faults: everything that can go wrong underneath, at the i-th place.
 *
 * The disk is fault_vfs; memory is struck where base/mem.h is called (the linker's --wrap, so that
 * src/ knows nothing of it) and in SQLite's own allocator; the clock jumps at its i-th reading
 * (--wrap too) and stays there. Only threads that called faults_here are struck, so that the same
 * `after` meets the same place again.
 */
#ifndef HUIYIN_TESTS_FAULT_FAULTS_H
#define HUIYIN_TESTS_FAULT_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

enum fault_kind {
    FAULT_NONE = 0,
    FAULT_DISK_FULL,      /* no room for the i-th write, nor for any later one */
    FAULT_FULL_BY_SYSTEM, /* the same, told as an I/O error with ENOSPC */
    FAULT_WRITE_EIO,      /* that write fails, and every later one */
    FAULT_WRITE_EIO_ONCE,
    FAULT_WRITE_TORN, /* of that write the first half is there, and so on */
    FAULT_SYNC_EIO,
    FAULT_TRUNCATE_EIO,
    FAULT_LOCK_EIO,
    FAULT_READ_EIO,
    FAULT_MEMORY,      /* one allocation fails */
    FAULT_MEMORY_GONE, /* and every later one */
    FAULT_SQLITE_MEMORY,
    FAULT_KILLED,     /* the process ends before the i-th write, truncation or sync */
    FAULT_POWER,      /* and with it all that was not synced */
    FAULT_POWER_SOME, /* and with it a part of that */
    FAULT_CLOCK_DAY,  /* the clock goes forward a day */
    FAULT_CLOCK_BACK, /* ... back an hour */
    FAULT_KIND_COUNT
};

/* What is counted for a kind. */
enum fault_count {
    COUNT_WRITES = 0,
    COUNT_SYNCS,
    COUNT_TRUNCATES,
    COUNT_LOCKS,
    COUNT_READS,
    COUNT_CHANGES, /* writes, syncs and truncations together */
    COUNT_MEMORY,
    COUNT_SQLITE_MEMORY,
    COUNT_CLOCK,
    FAULT_COUNTS
};

struct fault_way {
    const char *name;
    enum fault_count count;
    bool ends;    /* the process ends there */
    bool may_end; /* ... or the server ends it, as db/writer.h says */
    bool passes;  /* the server goes on as if nothing had been, however often it happens */
};
const struct fault_way *fault_way_of(enum fault_kind kind);

/* Exit status of a process that was ended by FAULT_KILLED or FAULT_POWER. */
enum { FAULT_EXIT = 75 };

/* Before db_setup. */
void faults_init(void);
/* After it, before the first connection. Nothing is really synced from now on. */
void faults_install(void);

/* The calling thread is one of those that are struck. */
void faults_here(void);

/* FAULT_NONE counts only. */
void faults_arm(enum fault_kind kind, int64_t after, uint64_t seed);
/* Whether it happened. */
bool faults_disarm(void);
/* What was counted between the last faults_arm(FAULT_NONE) and its faults_disarm. */
int64_t faults_counted(enum fault_count count);

#endif
