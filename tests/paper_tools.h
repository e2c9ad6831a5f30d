/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * paper_tools: what poppler's programs (Debian: poppler-utils) say of a PDF. A test that needs
 * them says "skipped: no poppler-utils" where they are absent.
 */
#ifndef HUIYIN_TESTS_PAPER_TOOLS_H
#define HUIYIN_TESTS_PAPER_TOOLS_H

#include "tests/check.h"

#include "base/mem.h"
#include "tests/scratch.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Cairo 1.16 keeps one array a document and fontconfig its configuration: neither is ours. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libcairo\nleak:libfontconfig\n";
}

static inline bool paper_has_tools(void)
{
    return access("/usr/bin/pdftotext", X_OK) == 0 && access("/usr/bin/pdffonts", X_OK) == 0;
}

/* Everything `program [option] file -` prints, in `out`. */
static inline void paper_run(const char *program, const char *option, struct str file,
                             struct buf *out)
{
    char path[64];
    int fd = scratch_file(path, sizeof path, "paper");
    assert_int_equal(write(fd, file.ptr, file.len), (ssize_t)file.len);
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    posix_spawn_file_actions_t acts;
    posix_spawn_file_actions_init(&acts);
    posix_spawn_file_actions_adddup2(&acts, ends[1], 1);
    posix_spawn_file_actions_addclose(&acts, ends[0]);
    char *with[] = {(char *)(uintptr_t)program, (char *)(uintptr_t)option, path, "-", NULL};
    char *without[] = {(char *)(uintptr_t)program, path, NULL};
    char **argv = option != NULL ? with : without;
    pid_t pid = 0;
    assert_int_equal(posix_spawn(&pid, program, &acts, NULL, argv, environ), 0);
    posix_spawn_file_actions_destroy(&acts);
    close(ends[1]);
    char piece[4096];
    buf_clear(out);
    for (ssize_t n = read(ends[0], piece, sizeof piece); n > 0;
         n = read(ends[0], piece, sizeof piece))
        buf_bytes(out, piece, (size_t)n);
    close(ends[0]);
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    close(fd);
    unlink(path);
    assert_int_equal(status, 0);
}

/* The text of a PDF without blanks and line ends, so that a broken line still matches. */
static inline void paper_text(struct str file, struct buf *out)
{
    CLEANUP(buf_done) struct buf raw;
    buf_init(&raw, 1 << 24);
    paper_run("/usr/bin/pdftotext", "-raw", file, &raw);
    buf_clear(out);
    for (size_t i = 0; i < raw.len; i++)
        if (raw.ptr[i] != ' ' && raw.ptr[i] != '\n' && raw.ptr[i] != '\f')
            buf_char(out, raw.ptr[i]);
}

#endif
