/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* scratch: files and folders of a test, under $TMPDIR, or /tmp where that is unset or too long. */
#ifndef HUIYIN_TESTS_SCRATCH_H
#define HUIYIN_TESTS_SCRATCH_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static inline __attribute__((nonnull)) void scratch_pattern(char *ret_path, size_t size,
                                                            const char *what)
{
    const char *top = getenv("TMPDIR");
    bool is_usable = top != NULL && top[0] == '/' && access(top, W_OK) == 0 &&
                     strlen(top) + strlen(what) + sizeof "/huiyin--XXXXXX" <= size;
    (void)snprintf(ret_path, size, "%s/huiyin-%s-XXXXXX", is_usable ? top : "/tmp", what);
}

/* Makes an empty folder and writes its path; the caller removes it. */
static inline __attribute__((nonnull)) void scratch_folder(char *ret_path, size_t size,
                                                           const char *what)
{
    scratch_pattern(ret_path, size, what);
    if (mkdtemp(ret_path) == NULL) {
        (void)fprintf(stderr, "no folder %s\n", ret_path);
        abort();
    }
}

/* Makes an empty file, writes its path and answers its descriptor; the caller closes and removes.
 */
static inline __attribute__((nonnull)) int scratch_file(char *ret_path, size_t size,
                                                        const char *what)
{
    scratch_pattern(ret_path, size, what);
    int fd = mkstemp(ret_path);
    if (fd < 0) {
        (void)fprintf(stderr, "no file %s\n", ret_path);
        abort();
    }
    return fd;
}

#endif
