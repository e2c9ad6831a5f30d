/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/mem.h"
#include "db/db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES_MAX = 4096 };

static enum err fail(struct err_info *info, const char *key, enum err err, const char *folder,
                     int system_errno)
{
    (void)err_set(info, err, key, "%s: %s", folder, strerror(system_errno));
    err_arg(info, 0, folder);
    err_arg(info, 1, strerror(system_errno));
    return err;
}

/* Who holds the lock is written in the file for the operator; the lock itself is the kernel's, so
 * that a process that was killed leaves none behind. */
enum err db_folder_lock(const char *folder, struct db_folder_lock *ret_lock, struct err_info *info)
{
    char path[PATH_BYTES_MAX];
    int n = snprintf(path, sizeof path, "%s/lock", folder);
    if ((size_t)n >= sizeof path)
        return fail(info, "db.folder", ERR_INVALID, folder, ENAMETOOLONG);
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return fail(info, "db.folder", ERR_IO, folder, errno);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return fail(info, "db.folder", ERR_IO, folder, errno);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        enum err err = errno == EWOULDBLOCK ? fail(info, "db.locked", ERR_CONFLICT, folder, errno)
                                            : fail(info, "db.folder", ERR_IO, folder, errno);
        (void)close(fd);
        return err;
    }
    char line[32];
    int len = snprintf(line, sizeof line, "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) != 0 || pwrite(fd, line, (size_t)len, 0) != len) {
        enum err err = fail(info, errno == ENOSPC ? "db.full" : "db.folder",
                            errno == ENOSPC ? ERR_FULL : ERR_IO, folder, errno);
        (void)close(fd);
        return err;
    }
    ret_lock->fd = fd;
    return ERR_OK;
}

void db_folder_unlock(struct db_folder_lock *lock)
{
    if (lock->fd >= 0)
        (void)close(lock->fd);
    lock->fd = -1;
}
