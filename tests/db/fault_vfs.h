/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* fault_vfs: a file layer under SQLite whose i-th write or sync fails. */
#ifndef HUIYIN_TESTS_DB_FAULT_VFS_H
#define HUIYIN_TESTS_DB_FAULT_VFS_H

#include <stdint.h>

enum fault_op { FAULT_WRITE = 0, FAULT_SYNC, FAULT_OP_COUNT };

/* Becomes the default; after db_setup, before the first connection. */
void fault_vfs_install(void);

/* The operation after the next `after` of this kind fails with the SQLite code `rc`, and every one
 * behind it, until fault_vfs_heal. */
void fault_vfs_break(enum fault_op op, int64_t after, int rc);
void fault_vfs_heal(void);

/* Operations that were made to fail since the last break. */
int64_t fault_vfs_failed(void);

#endif
