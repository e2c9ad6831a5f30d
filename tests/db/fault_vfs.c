/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/db/fault_vfs.h"

#include "tests/db/fault_disk.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stddef.h>
#include <string.h>

struct fault_file {
    sqlite3_file base;
    struct fault_disk *disk; /* NULL: not followed */
    sqlite3_file *real;      /* directly behind this struct */
};

static sqlite3_vfs shim;
static sqlite3_vfs *real_vfs;

/* Held during every write, truncation and sync, so that a cut finds them whole or not begun. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct fault_plan plan;
static int64_t left;
static int64_t failed;
static int64_t counted[FAULT_OP_COUNT];
static int told_errno;
static bool is_following;
static bool is_sparing;
static bool is_holding; /* syncs */
static pthread_cond_t let_go = PTHREAD_COND_INITIALIZER;
static bool is_by_thread;
static _Thread_local bool is_here;

/* ---- plans ---------------------------------------------------------------------------------- */

/* With the lock held: what becomes of this operation. */
static int strike(enum fault_op op)
{
    if (is_by_thread && !is_here)
        return SQLITE_OK;
    counted[op]++;
    if ((plan.ops & 1U << op) == 0)
        return SQLITE_OK;
    if (left > 0) {
        left--;
        return SQLITE_OK;
    }
    if (plan.once && failed > 0)
        return SQLITE_OK;
    failed++;
    if (plan.fire != NULL)
        plan.fire();
    told_errno = plan.system_errno;
    return plan.rc;
}

static int fails(enum fault_op op)
{
    (void)pthread_mutex_lock(&lock);
    int rc = strike(op);
    (void)pthread_mutex_unlock(&lock);
    return rc;
}

void fault_vfs_plan(const struct fault_plan *p)
{
    (void)pthread_mutex_lock(&lock);
    plan = *p;
    left = p->after;
    failed = 0;
    memset(counted, 0, sizeof counted);
    (void)pthread_mutex_unlock(&lock);
}

void fault_vfs_break(enum fault_op op, int64_t after, int rc)
{
    fault_vfs_plan(&(struct fault_plan){.ops = 1U << op, .after = after, .rc = rc});
}

void fault_vfs_heal(void)
{
    (void)pthread_mutex_lock(&lock);
    plan.ops = 0;
    told_errno = 0;
    (void)pthread_mutex_unlock(&lock);
}

int64_t fault_vfs_failed(void)
{
    (void)pthread_mutex_lock(&lock);
    int64_t n = failed;
    (void)pthread_mutex_unlock(&lock);
    return n;
}

int64_t fault_vfs_counted(enum fault_op op)
{
    (void)pthread_mutex_lock(&lock);
    int64_t n = counted[op];
    (void)pthread_mutex_unlock(&lock);
    return n;
}

void fault_vfs_here(void)
{
    is_here = true;
    (void)pthread_mutex_lock(&lock);
    is_by_thread = true;
    (void)pthread_mutex_unlock(&lock);
}

void fault_vfs_spare_syncs(void)
{
    is_sparing = true;
}

void fault_vfs_hold_syncs(bool hold)
{
    (void)pthread_mutex_lock(&lock);
    is_holding = hold;
    (void)pthread_cond_broadcast(&let_go);
    (void)pthread_mutex_unlock(&lock);
}

void fault_vfs_follow(void)
{
    is_following = true;
}

/* ---- one file ------------------------------------------------------------------------------- */

static struct fault_file *file_of(sqlite3_file *f)
{
    return (struct fault_file *)f;
}

static sqlite3_file *real_of(sqlite3_file *f)
{
    return file_of(f)->real;
}

static int f_close(sqlite3_file *f)
{
    return real_of(f)->pMethods->xClose(real_of(f));
}

static int f_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
    int rc = fails(FAULT_READ);
    return rc != SQLITE_OK ? rc : real_of(f)->pMethods->xRead(real_of(f), p, n, at);
}

/* With the lock held. */
static int write_some(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
    int rc = n == 0 ? SQLITE_OK : real_of(f)->pMethods->xWrite(real_of(f), p, n, at);
    if (rc == SQLITE_OK && n > 0 && file_of(f)->disk != NULL)
        fault_disk_write(file_of(f)->disk, p, (size_t)n, at);
    return rc;
}

static int f_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
    (void)pthread_mutex_lock(&lock);
    int rc = strike(FAULT_WRITE);
    if (rc == SQLITE_OK)
        rc = write_some(f, p, n, at);
    else if (plan.torn)
        (void)write_some(f, p, n / 2, at);
    (void)pthread_mutex_unlock(&lock);
    return rc;
}

static int f_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    (void)pthread_mutex_lock(&lock);
    int rc = strike(FAULT_TRUNCATE);
    if (rc == SQLITE_OK)
        rc = real_of(f)->pMethods->xTruncate(real_of(f), size);
    if (rc == SQLITE_OK && file_of(f)->disk != NULL)
        fault_disk_truncate(file_of(f)->disk, size);
    (void)pthread_mutex_unlock(&lock);
    return rc;
}

static int f_sync(sqlite3_file *f, int flags)
{
    (void)pthread_mutex_lock(&lock);
    while (is_holding)
        (void)pthread_cond_wait(&let_go, &lock);
    int rc = strike(FAULT_SYNC);
    if (rc == SQLITE_OK && !is_sparing)
        rc = real_of(f)->pMethods->xSync(real_of(f), flags);
    if (rc == SQLITE_OK && file_of(f)->disk != NULL)
        fault_disk_sync(file_of(f)->disk);
    (void)pthread_mutex_unlock(&lock);
    return rc;
}

static int f_size(sqlite3_file *f, sqlite3_int64 *size)
{
    return real_of(f)->pMethods->xFileSize(real_of(f), size);
}

static int f_lock(sqlite3_file *f, int level)
{
    int rc = fails(FAULT_LOCK);
    return rc != SQLITE_OK ? rc : real_of(f)->pMethods->xLock(real_of(f), level);
}

static int f_unlock(sqlite3_file *f, int level)
{
    return real_of(f)->pMethods->xUnlock(real_of(f), level);
}

static int f_reserved(sqlite3_file *f, int *held)
{
    return real_of(f)->pMethods->xCheckReservedLock(real_of(f), held);
}

static int f_control(sqlite3_file *f, int op, void *arg)
{
    return real_of(f)->pMethods->xFileControl(real_of(f), op, arg);
}

static int f_sector(sqlite3_file *f)
{
    return real_of(f)->pMethods->xSectorSize(real_of(f));
}

static int f_traits(sqlite3_file *f)
{
    return real_of(f)->pMethods->xDeviceCharacteristics(real_of(f));
}

static int f_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **pp)
{
    return real_of(f)->pMethods->xShmMap(real_of(f), page, size, extend, pp);
}

static int f_shm_lock(sqlite3_file *f, int at, int n, int flags)
{
    int rc = (flags & SQLITE_SHM_LOCK) != 0 ? fails(FAULT_LOCK) : SQLITE_OK;
    return rc != SQLITE_OK ? rc : real_of(f)->pMethods->xShmLock(real_of(f), at, n, flags);
}

static void f_shm_barrier(sqlite3_file *f)
{
    real_of(f)->pMethods->xShmBarrier(real_of(f));
}

static int f_shm_unmap(sqlite3_file *f, int del)
{
    return real_of(f)->pMethods->xShmUnmap(real_of(f), del);
}

static const sqlite3_io_methods METHODS = {
    .iVersion = 2,
    .xClose = f_close,
    .xRead = f_read,
    .xWrite = f_write,
    .xTruncate = f_truncate,
    .xSync = f_sync,
    .xFileSize = f_size,
    .xLock = f_lock,
    .xUnlock = f_unlock,
    .xCheckReservedLock = f_reserved,
    .xFileControl = f_control,
    .xSectorSize = f_sector,
    .xDeviceCharacteristics = f_traits,
    .xShmMap = f_shm_map,
    .xShmLock = f_shm_lock,
    .xShmBarrier = f_shm_barrier,
    .xShmUnmap = f_shm_unmap,
};

static int shim_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    (void)vfs;
    struct fault_file *f = (struct fault_file *)file;
    f->base.pMethods = NULL;
    f->disk = NULL;
    f->real = (sqlite3_file *)(void *)(f + 1);
    int rc = real_vfs->xOpen(real_vfs, name, f->real, flags, out);
    if (f->real->pMethods != NULL)
        f->base.pMethods = &METHODS;
    (void)pthread_mutex_lock(&lock);
    if (rc == SQLITE_OK && name != NULL && is_following)
        f->disk = fault_disk_open(name);
    (void)pthread_mutex_unlock(&lock);
    return rc;
}

static int shim_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    (void)vfs;
    (void)pthread_mutex_lock(&lock);
    int rc = real_vfs->xDelete(real_vfs, name, is_sparing ? 0 : sync);
    if (rc == SQLITE_OK)
        fault_disk_remove(name);
    (void)pthread_mutex_unlock(&lock);
    return rc;
}

static int shim_last_error(sqlite3_vfs *vfs, int size, char *text)
{
    (void)vfs;
    (void)pthread_mutex_lock(&lock);
    int told = told_errno;
    (void)pthread_mutex_unlock(&lock);
    return told != 0 ? told : real_vfs->xGetLastError(real_vfs, size, text);
}

void fault_vfs_install(void)
{
    real_vfs = sqlite3_vfs_find(NULL);
    shim = *real_vfs;
    shim.pNext = NULL;
    shim.zName = "fault";
    shim.szOsFile = (int)sizeof(struct fault_file) + real_vfs->szOsFile;
    shim.xOpen = shim_open;
    shim.xDelete = shim_delete;
    shim.xGetLastError = shim_last_error;
    (void)sqlite3_vfs_register(&shim, 1);
}
