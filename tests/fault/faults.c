/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/fault/faults.h"

#include "base/instant.h"
#include "base/mem.h"
#include "tests/db/fault_disk.h"
#include "tests/db/fault_vfs.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <unistd.h>

static const struct fault_way WAYS[FAULT_KIND_COUNT] = {
    [FAULT_NONE] = {"none", COUNT_WRITES, false, false, false},
    [FAULT_DISK_FULL] = {"disk-full", COUNT_WRITES, false, false, true},
    [FAULT_FULL_BY_SYSTEM] = {"write-enospc", COUNT_WRITES, false, true, false},
    [FAULT_WRITE_EIO] = {"write-eio", COUNT_WRITES, false, true, false},
    [FAULT_WRITE_EIO_ONCE] = {"write-eio-once", COUNT_WRITES, false, true, false},
    [FAULT_WRITE_TORN] = {"write-torn", COUNT_WRITES, false, true, false},
    [FAULT_SYNC_EIO] = {"sync-eio", COUNT_SYNCS, false, true, false},
    [FAULT_TRUNCATE_EIO] = {"truncate-eio", COUNT_TRUNCATES, false, true, false},
    [FAULT_LOCK_EIO] = {"lock-eio", COUNT_LOCKS, false, true, false},
    [FAULT_READ_EIO] = {"read-eio", COUNT_READS, false, true, false},
    [FAULT_MEMORY] = {"memory", COUNT_MEMORY, false, false, true},
    [FAULT_MEMORY_GONE] = {"memory-gone", COUNT_MEMORY, false, false, true},
    [FAULT_SQLITE_MEMORY] = {"sqlite-memory", COUNT_SQLITE_MEMORY, false, false, true},
    [FAULT_KILLED] = {"killed", COUNT_CHANGES, true, true, false},
    [FAULT_POWER] = {"power", COUNT_CHANGES, true, true, false},
    [FAULT_POWER_SOME] = {"power-some", COUNT_CHANGES, true, true, false},
    [FAULT_CLOCK_DAY] = {"clock-day", COUNT_CLOCK, false, false, false},
    [FAULT_CLOCK_BACK] = {"clock-back", COUNT_CLOCK, false, false, false},
};

const struct fault_way *fault_way_of(enum fault_kind kind)
{
    return &WAYS[kind];
}

static _Thread_local bool is_here;
static _Atomic bool is_armed;
static _Atomic int kind_now;
static _Atomic int64_t left;
static _Atomic int64_t fired;
static _Atomic int64_t seen[FAULT_COUNTS]; /* of memory and clock */
static _Atomic int64_t jump_us;            /* of the clock, until the process ends */
static uint64_t seed_now;

/* Counts one; is it the one that is struck, or, when they go on, one behind it? */
static bool strike(enum fault_count count, bool goes_on)
{
    if (!is_here || !atomic_load(&is_armed))
        return false;
    atomic_fetch_add(&seen[count], 1);
    if (kind_now == FAULT_NONE || WAYS[kind_now].count != count)
        return false;
    int64_t before = atomic_fetch_sub(&left, 1);
    if (before > 0 || (before < 0 && !goes_on))
        return false;
    atomic_fetch_add(&fired, 1);
    return true;
}

/* ---- memory: called instead of base/mem.h's, by everybody but base/mem.c ----------------------
 */

void *__real_mem_new(size_t size);
void *__wrap_mem_new(size_t size);
void *__real_mem_new_array(size_t count, size_t size);
void *__wrap_mem_new_array(size_t count, size_t size);
void *__real_mem_resize(void *old, size_t size);
void *__wrap_mem_resize(void *old, size_t size);

static bool memory_fails(void)
{
    return strike(COUNT_MEMORY, kind_now == FAULT_MEMORY_GONE);
}

void *__wrap_mem_new(size_t size)
{
    return memory_fails() ? NULL : __real_mem_new(size);
}

void *__wrap_mem_new_array(size_t count, size_t size)
{
    return memory_fails() ? NULL : __real_mem_new_array(count, size);
}

void *__wrap_mem_resize(void *old, size_t size)
{
    return memory_fails() ? NULL : __real_mem_resize(old, size);
}

static sqlite3_mem_methods real_memory;

static void *sqlite_new(int size)
{
    return strike(COUNT_SQLITE_MEMORY, false) ? NULL : real_memory.xMalloc(size);
}

static void *sqlite_resize(void *old, int size)
{
    return strike(COUNT_SQLITE_MEMORY, false) ? NULL : real_memory.xRealloc(old, size);
}

/* ---- the clock ------------------------------------------------------------------------------ */

int64_t __real_instant_now(void);
int64_t __wrap_instant_now(void);

int64_t __wrap_instant_now(void)
{
    if (strike(COUNT_CLOCK, false))
        atomic_store(&jump_us, kind_now == FAULT_CLOCK_DAY ? US_PER_DAY : -US_PER_HOUR);
    return __real_instant_now() + atomic_load(&jump_us);
}

/* ---- the disk ------------------------------------------------------------------------------- */

static void end_here(void)
{
    if (kind_now == FAULT_POWER)
        fault_disk_cut(FAULT_KEEP_SYNCED, seed_now);
    if (kind_now == FAULT_POWER_SOME)
        fault_disk_cut(FAULT_KEEP_SOME, seed_now);
    _exit(FAULT_EXIT);
}

static const unsigned OPS[FAULT_COUNTS] = {
    [COUNT_WRITES] = 1U << FAULT_WRITE,
    [COUNT_SYNCS] = 1U << FAULT_SYNC,
    [COUNT_TRUNCATES] = 1U << FAULT_TRUNCATE,
    [COUNT_LOCKS] = 1U << FAULT_LOCK,
    [COUNT_READS] = 1U << FAULT_READ,
    [COUNT_CHANGES] = 1U << FAULT_WRITE | 1U << FAULT_SYNC | 1U << FAULT_TRUNCATE,
};

static int code_of(enum fault_kind kind)
{
    switch ((int)kind) {
    case FAULT_DISK_FULL:
        return SQLITE_FULL;
    case FAULT_SYNC_EIO:
        return SQLITE_IOERR_FSYNC;
    case FAULT_TRUNCATE_EIO:
        return SQLITE_IOERR_TRUNCATE;
    case FAULT_LOCK_EIO:
        return SQLITE_IOERR_LOCK;
    case FAULT_READ_EIO:
        return SQLITE_IOERR_READ;
    default:
        return SQLITE_IOERR_WRITE;
    }
}

static void plan_disk(enum fault_kind kind, int64_t after)
{
    const struct fault_plan plan = {
        .ops = OPS[WAYS[kind].count],
        .after = after,
        .rc = code_of(kind),
        .system_errno = kind == FAULT_FULL_BY_SYSTEM ? ENOSPC : EIO,
        .once = kind == FAULT_WRITE_EIO_ONCE,
        .torn = kind == FAULT_WRITE_TORN,
        .fire = WAYS[kind].ends ? end_here : NULL,
    };
    fault_vfs_plan(&plan);
}

/* ---- outside -------------------------------------------------------------------------------- */

void faults_init(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real_memory);
    sqlite3_mem_methods ours = real_memory;
    ours.xMalloc = sqlite_new;
    ours.xRealloc = sqlite_resize;
    (void)sqlite3_config(SQLITE_CONFIG_MALLOC, &ours);
}

void faults_install(void)
{
    fault_vfs_install();
    fault_vfs_spare_syncs();
}

void faults_here(void)
{
    is_here = true;
    fault_vfs_here();
}

void faults_arm(enum fault_kind kind, int64_t after, uint64_t seed)
{
    kind_now = (int)kind;
    seed_now = seed;
    atomic_store(&left, after);
    atomic_store(&fired, 0);
    for (int i = 0; i < FAULT_COUNTS; i++)
        atomic_store(&seen[i], 0);
    if (kind != FAULT_NONE && OPS[WAYS[kind].count] != 0)
        plan_disk(kind, after);
    else
        fault_vfs_plan(&(struct fault_plan){.ops = 0});
    atomic_store(&is_armed, true);
}

bool faults_disarm(void)
{
    atomic_store(&is_armed, false);
    bool happened = atomic_load(&fired) > 0 || fault_vfs_failed() > 0;
    fault_vfs_heal();
    return happened;
}

int64_t faults_counted(enum fault_count count)
{
    int64_t n = atomic_load(&seen[count]);
    for (int op = 0; op < FAULT_OP_COUNT; op++)
        if ((OPS[count] & 1U << op) != 0)
            n += fault_vfs_counted((enum fault_op)op);
    return n;
}
