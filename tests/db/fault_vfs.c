/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/db/fault_vfs.h"

#include <sqlite3.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

struct fault_file {
    sqlite3_file base;
    sqlite3_file *real; /* directly behind this struct */
};

static sqlite3_vfs shim;
static sqlite3_vfs *real_vfs;
static _Atomic int64_t left[FAULT_OP_COUNT] = {INT64_MAX, INT64_MAX};
static _Atomic int64_t failed;
static _Atomic int fault_rc;

static int fails(enum fault_op op)
{
    if (atomic_load(&left[op]) == INT64_MAX || atomic_fetch_sub(&left[op], 1) > 0)
        return SQLITE_OK;
    atomic_fetch_add(&failed, 1);
    return atomic_load(&fault_rc);
}

void fault_vfs_break(enum fault_op op, int64_t after, int rc)
{
    atomic_store(&failed, 0);
    atomic_store(&fault_rc, rc);
    atomic_store(&left[op], after);
}

void fault_vfs_heal(void)
{
    for (int i = 0; i < FAULT_OP_COUNT; i++)
        atomic_store(&left[i], INT64_MAX);
}

int64_t fault_vfs_failed(void)
{
    return atomic_load(&failed);
}

static sqlite3_file *real_of(sqlite3_file *f)
{
    return ((struct fault_file *)f)->real;
}

static int f_close(sqlite3_file *f)
{
    return real_of(f)->pMethods->xClose(real_of(f));
}

static int f_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
    return real_of(f)->pMethods->xRead(real_of(f), p, n, at);
}

static int f_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
    int rc = fails(FAULT_WRITE);
    return rc != SQLITE_OK ? rc : real_of(f)->pMethods->xWrite(real_of(f), p, n, at);
}

static int f_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    return real_of(f)->pMethods->xTruncate(real_of(f), size);
}

static int f_sync(sqlite3_file *f, int flags)
{
    int rc = fails(FAULT_SYNC);
    return rc != SQLITE_OK ? rc : real_of(f)->pMethods->xSync(real_of(f), flags);
}

static int f_size(sqlite3_file *f, sqlite3_int64 *size)
{
    return real_of(f)->pMethods->xFileSize(real_of(f), size);
}

static int f_lock(sqlite3_file *f, int level)
{
    return real_of(f)->pMethods->xLock(real_of(f), level);
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
    return real_of(f)->pMethods->xShmLock(real_of(f), at, n, flags);
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
    f->real = (sqlite3_file *)(void *)(f + 1);
    int rc = real_vfs->xOpen(real_vfs, name, f->real, flags, out);
    if (f->real->pMethods != NULL)
        f->base.pMethods = &METHODS;
    return rc;
}

void fault_vfs_install(void)
{
    real_vfs = sqlite3_vfs_find(NULL);
    shim = *real_vfs;
    shim.pNext = NULL;
    shim.zName = "fault";
    shim.szOsFile = (int)sizeof(struct fault_file) + real_vfs->szOsFile;
    shim.xOpen = shim_open;
    (void)sqlite3_vfs_register(&shim, 1);
}
