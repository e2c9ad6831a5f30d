/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "spine/pack.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "lib/text/msg.h"
#include "lib/text/zone.h"
#include "tests/fuzz/fuzz.h"
#include "tests/scratch.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* The files of a pack, in the order in which they stand in an input. */
static const char *const FILES[] = {"pack.json", "calendar/WEEK.json", "messages.en.json",
                                    "terms.en.json"};
enum { FILE_COUNT = sizeof FILES / sizeof *FILES, PATH_BYTES = 128, START_DAY = 20500 };

static char dir[64];

static const char *path_of(const char *name, char path[PATH_BYTES])
{
    (void)snprintf(path, PATH_BYTES, "%s/%s", dir, name);
    return path;
}

static void remove_dir(void)
{
    char path[PATH_BYTES];
    for (size_t i = 0; i < FILE_COUNT; i++)
        (void)unlink(path_of(FILES[i], path));
    (void)rmdir(path_of("calendar", path));
    (void)rmdir(dir);
}

static void make_dir(void)
{
    char path[PATH_BYTES];
    scratch_folder(dir, sizeof dir, "fuzz");
    must(mkdir(path_of("calendar", path), 0700) == 0);
    must(atexit(remove_dir) == 0);
}

static void put_file(const char *name, struct str text)
{
    char path[PATH_BYTES];
    int fd = open(path_of(name, path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    must(fd >= 0 && write(fd, text.ptr, text.len) == (ssize_t)text.len && close(fd) == 0);
}

static void must_be_told(const struct pack_faults *faults)
{
    for (size_t i = 0; i < faults->count; i++) {
        CLEANUP(buf_done) struct buf b;
        buf_init(&b, 1 << 20);
        pack_fault_print(&faults->fault[i], STR("zh-CN"), &b);
        must(buf_err(&b) == ERR_OK && utf8_is_valid(buf_view(&b)));
        must(msg_key_find(faults->fault[i].key) != MSG_NONE);
    }
}

/* Whatever a pack names is there, and its dues can be counted. */
static void must_stand(const struct pack *p)
{
    const struct zone *zone = zone_find(p->zone);
    must(zone != NULL && p->language_count > 0);
    for (size_t i = 0; i < p->kind_count; i++) {
        const struct pack_kind *k = &p->kind[i];
        must(pack_find_kind(p, k->id) != NULL && pack_base_code(k->base).len > 0);
        must(k->route.ptr == NULL || pack_find_route(p, k->route) != NULL);
        must(k->may_be_known || k->may_be_sealed || k->may_be_anonymous);
        if (k->base == PACK_WRONGDOING || k->base == PACK_DETRIMENT)
            must(k->content == PACK_SEALED);
    }
    for (size_t i = 0; i < p->due_count; i++) {
        struct due due;
        bool is_moved = true;
        int64_t start_us = zone_day_start(zone, START_DAY);
        if (due_start(&due, &p->due[i], zone, start_us, NULL) != ERR_OK)
            continue; /* before its calendar begins */
        must(due.at_us >= start_us);
        must(due_recompute(&due, zone, NULL, &is_moved) == ERR_OK && !is_moved);
    }
}

/* A pack is loaded whole or not at all, and what is wrong with it is said. */
int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t len)
{
    CLEANUP(pack_faults_done) struct pack_faults faults;
    struct str rest = str_make(bytes, len);
    const struct pack *p = NULL;
    struct err_info info = {0};
    if (dir[0] == '\0')
        make_dir();
    for (size_t i = 0; i < FILE_COUNT; i++)
        put_file(FILES[i], fuzz_cut(&rest));
    pack_faults_init(&faults);
    enum err err = pack_load(dir, "/nonexistent", &faults, &info, &p);
    must((err == ERR_OK) == (p != NULL) && (p == NULL || faults.count == 0));
    must_be_told(&faults);
    if (p != NULL)
        must_stand(p);
    pack_free(p);
    return 0;
}
