/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/db/fault_disk.h"

#include "base/mem.h"
#include "base/rng.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES_MAX = 16, PATH_BYTES = 512, SECTOR_BYTES = 512 };

/* A write, or with `bytes` NULL a truncation to `at`. */
struct change {
    char *bytes;
    size_t len;
    int64_t at;
};

struct fault_disk {
    char path[PATH_BYTES];
    char *image; /* as it was synced */
    size_t size;
    struct change *changes; /* since */
    size_t count;
    size_t room;
    bool is_gone;
};

static struct fault_disk files[FILES_MAX];
static size_t file_count;

/* No test can go on without its memory. */
static void *grown(void *old, size_t size)
{
    void *p = mem_resize(old, size);
    if (p == NULL)
        abort();
    return p;
}

/* ---- following ------------------------------------------------------------------------------ */

static void image_read(struct fault_disk *d)
{
    struct stat st;
    int fd = open(d->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    if (fstat(fd, &st) == 0 && st.st_size > 0) {
        d->image = grown(NULL, (size_t)st.st_size);
        ssize_t n = pread(fd, d->image, (size_t)st.st_size, 0);
        d->size = n > 0 ? (size_t)n : 0;
    }
    (void)close(fd);
}

struct fault_disk *fault_disk_open(const char *path)
{
    for (size_t i = 0; i < file_count; i++)
        if (strcmp(files[i].path, path) == 0) {
            files[i].is_gone = false;
            return &files[i];
        }
    if (file_count == FILES_MAX || strlen(path) >= PATH_BYTES)
        return NULL;
    struct fault_disk *d = &files[file_count++];
    (void)snprintf(d->path, sizeof d->path, "%s", path);
    image_read(d);
    return d;
}

static struct change *change_new(struct fault_disk *d)
{
    if (d->count == d->room) {
        d->room = d->room == 0 ? 64 : d->room * 2;
        d->changes = grown(d->changes, d->room * sizeof *d->changes);
    }
    return &d->changes[d->count++];
}

void fault_disk_write(struct fault_disk *d, const void *bytes, size_t len, int64_t at)
{
    char *copy = grown(NULL, len);
    memcpy(copy, bytes, len);
    *change_new(d) = (struct change){copy, len, at};
}

void fault_disk_truncate(struct fault_disk *d, int64_t size)
{
    *change_new(d) = (struct change){NULL, 0, size};
}

/* ---- what is on the disk -------------------------------------------------------------------- */

static void image_resize(struct fault_disk *d, size_t size)
{
    d->image = grown(d->image, size);
    if (size > d->size)
        memset(d->image + d->size, 0, size - d->size);
    d->size = size;
}

static void image_put(struct fault_disk *d, const char *bytes, size_t len, size_t at)
{
    if (at + len > d->size)
        image_resize(d, at + len);
    memcpy(d->image + at, bytes, len);
}

static void apply(struct fault_disk *d, const struct change *c)
{
    if (c->bytes != NULL)
        image_put(d, c->bytes, c->len, (size_t)c->at);
    else if ((size_t)c->at < d->size)
        image_resize(d, (size_t)c->at);
}

static void forget(struct fault_disk *d)
{
    for (size_t i = 0; i < d->count; i++)
        mem_free(d->changes[i].bytes);
    d->count = 0;
}

void fault_disk_sync(struct fault_disk *d)
{
    for (size_t i = 0; i < d->count; i++)
        apply(d, &d->changes[i]);
    forget(d);
}

void fault_disk_remove(const char *path)
{
    for (size_t i = 0; i < file_count; i++) {
        if (strcmp(files[i].path, path) != 0)
            continue;
        forget(&files[i]);
        files[i].size = 0;
        files[i].is_gone = true;
    }
}

/* One change of three is lost, one is there, one is there in some of its sectors. */
static void apply_some(struct fault_disk *d, const struct change *c, struct rng *rng)
{
    uint64_t die = rng_below(rng, 3);
    if (die == 1 || (die == 2 && c->bytes == NULL)) {
        apply(d, c);
        return;
    }
    for (size_t done = 0; die == 2 && done < c->len;) {
        size_t at = (size_t)c->at + done;
        size_t len = SECTOR_BYTES - at % SECTOR_BYTES;
        if (len > c->len - done)
            len = c->len - done;
        if (rng_below(rng, 2) == 0)
            image_put(d, c->bytes + done, len, at);
        done += len;
    }
}

static void file_write(const struct fault_disk *d)
{
    int fd = open(d->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool whole = fd >= 0 && pwrite(fd, d->image, d->size, 0) == (ssize_t)d->size;
    if (!whole)
        abort();
    (void)close(fd);
}

void fault_disk_cut(enum fault_keep keep, uint64_t seed)
{
    struct rng rng;
    rng_seed(&rng, seed);
    for (size_t i = 0; i < file_count; i++) {
        struct fault_disk *d = &files[i];
        for (size_t c = 0; keep == FAULT_KEEP_SOME && c < d->count; c++)
            apply_some(d, &d->changes[c], &rng);
        if (!d->is_gone)
            file_write(d);
    }
}
