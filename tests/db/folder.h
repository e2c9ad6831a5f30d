/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* folder: a data folder of a test, emptied and removed at its end. */
#ifndef HUIYIN_TESTS_DB_FOLDER_H
#define HUIYIN_TESTS_DB_FOLDER_H

#include "tests/scratch.h"

struct folder {
    char path[64];
};

static inline void folder_make(struct folder *f)
{
    scratch_folder(f->path, sizeof f->path, "test");
}

static inline void folder_remove(const struct folder *f)
{
    static const char *const NAMES[] = {
        "main.db",  "main.db-wal",      "main.db-shm", "keys.db",    "keys.db-journal",
        "vault.db", "vault.db-journal", "fts.db",      "fts.db-wal", "fts.db-shm",
        "lock",
    };
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "%s/%s", f->path, NAMES[i]);
        (void)unlink(path);
    }
    (void)rmdir(f->path);
}

#endif
