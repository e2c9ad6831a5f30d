/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * fault_disk: what of each file would be there after the power failed.
 *
 * Beside every file that fault_vfs opens stands what had been synced of it, and the writes and
 * truncations since. fault_disk_cut puts the files so that only what was synced is in them, or that
 * and some of the rest: a disk may write what it holds in any order, and in sectors. Names of files
 * are taken to last.
 *
 * The caller (fault_vfs) sees to it that one thread at a time is in here.
 */
#ifndef HUIYIN_TESTS_DB_FAULT_DISK_H
#define HUIYIN_TESTS_DB_FAULT_DISK_H

#include <stddef.h>
#include <stdint.h>

struct fault_disk;

enum fault_keep {
    FAULT_KEEP_SYNCED = 0, /* nothing but what was synced */
    FAULT_KEEP_SOME,       /* and of the rest what the seed says, by sectors of 512 bytes */
};

/* What is in the file now counts as synced; the same file opened twice is one. NULL when it cannot
 * be followed. */
struct fault_disk *fault_disk_open(const char *path);

void fault_disk_write(struct fault_disk *d, const void *bytes, size_t len, int64_t at);
void fault_disk_truncate(struct fault_disk *d, int64_t size);
void fault_disk_sync(struct fault_disk *d);
/* The file was removed. */
void fault_disk_remove(const char *path);

/* Writes every file anew. The process must end without another word to them. */
void fault_disk_cut(enum fault_keep keep, uint64_t seed);

#endif
