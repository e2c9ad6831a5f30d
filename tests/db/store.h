/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* store: a main store in a folder of its own, and how a child that used one ended. */
#ifndef HUIYIN_TESTS_DB_STORE_H
#define HUIYIN_TESTS_DB_STORE_H

#include "tests/check.h"

#include "base/arena.h"
#include "db/db.h"
#include "tests/db/folder.h"

#include <sys/wait.h>

struct store {
    struct folder folder;
    struct db *db;
    struct arena a;
};

/* The connection that writes; the test fails when there is none. */
static inline struct db *store_open(const struct folder *folder)
{
    struct err_info info = {0};
    struct db *db = NULL;
    if (db_open(folder->path, DB_STORE_MAIN, DB_WRITE, &db, &info) != ERR_OK)
        fail_msg("%s", info.detail);
    return db;
}

/* For cmocka: *state becomes a struct store. */
static inline int store_set_up(void **state)
{
    static struct store s;
    folder_make(&s.folder);
    arena_init(&s.a, 1 << 20);
    s.db = store_open(&s.folder);
    *state = &s;
    return 0;
}

static inline int store_tear_down(void **state)
{
    struct store *s = *state;
    db_close(s->db);
    s->db = NULL;
    arena_done(&s->a);
    folder_remove(&s->folder);
    return 0;
}

/* With what the child ended, or the signal below zero. */
static inline int store_child_end(pid_t child)
{
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

#endif
