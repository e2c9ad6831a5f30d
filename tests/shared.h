/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * shared: conformance data that lies beside the project (HUIYIN_SHARED, or ../shared from the
 * source folder) and is not part of it. A test that needs it and does not find it says
 * "skipped: no shared data" and passes on its own small samples.
 */
#ifndef HUIYIN_TESTS_SHARED_H
#define HUIYIN_TESTS_SHARED_H

#include "base/mem.h"
#include "tests/check.h"

#include <stdio.h>
#include <unistd.h>

/* The folder, or NULL. `rel` is below it. */
static inline const char *shared_path(char ret_path[1024], const char *rel)
{
    const char *root = getenv("HUIYIN_SHARED");
    const char *source = getenv("HUIYIN_SOURCE");
    if (root != NULL)
        (void)snprintf(ret_path, 1024, "%s/%s", root, rel);
    else
        (void)snprintf(ret_path, 1024, "%s/../shared/%s", source == NULL ? "." : source, rel);
    if (access(ret_path, R_OK) == 0)
        return ret_path;
    print_message("skipped: no shared data (%s)\n", rel);
    return NULL;
}

/* A whole small file in the arena. */
static inline struct str shared_read(struct arena *a, const char *path)
{
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    long len = ftell(f);
    assert_true(len >= 0);
    rewind(f);
    char *bytes = arena_alloc(a, (size_t)len + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, (size_t)len, f), (size_t)len);
    (void)fclose(f);
    return str_make(bytes, (size_t)len);
}

#endif
