/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * huiyin-bench: measures what docs/ARCHITECTURE.md promises, as ratios within one run.
 *
 *   huiyin-bench [--full] [--matters N] [--dir DIR] [--seconds S] [--only PART]
 *
 * --full goes on with ten times as many, where the disk has room; peers are not started.
 * The data sets are made once under DIR (var/bench) and used again; everything runs on a copy. The
 * load comes from this process over loopback, on the same processors as the server. What is
 * compared is measured in turns, round after round (rounds.h).
 */
#include "tests/bench/bench.h"

#include "base/instant.h"
#include "tests/bench/finding.h"
#include "tests/bench/proof.h"
#include "tests/bench/town.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- parts ---------------------------------------------------------------------------------- */

enum { SMALL = 10000, FINDS = 300, FULL_TIMES = 10, FULL_BYTES_EACH = 13000 };

static enum err part_slow_disk(struct bench *b)
{
    struct child c;
    struct load_result one;
    struct load_result many;
    const struct child_how how = {.dir = b->work, .preload = b->slow_sync};
    TRY(child_start(&how, &c, &b->info));
    enum err err =
        bench_load(b, &c, (struct load){.connections = 1, .make = make_raise, .expect = 201}, &one);
    if (err == ERR_OK)
        err = bench_load(
            b, &c, (struct load){.connections = 256, .make = make_raise, .expect = 201}, &many);
    child_stop(&c, false);
    if (err != ERR_OK)
        return err;
    report_fact(&b->report, "fsync slowed by 8 ms: one transaction each",
                (double)one.right / one.seconds, "/s");
    report_ratio(&b->report, "fsync slowed by 8 ms: group commit, 256 connections",
                 (double)many.right / many.seconds, (double)one.right / one.seconds, 20,
                 "times that");
    return ERR_OK;
}

/* ---- size against size ---------------------------------------------------------------------- */

struct pair {
    double p50;
    double p99;
};

static enum err measure(struct bench *b, const char *dir, make_request *make, struct pair *ret)
{
    struct child c;
    struct load_result r;
    TRY(child_start(&(struct child_how){.dir = dir}, &c, &b->info));
    enum err err = bench_load(
        b, &c, (struct load){.connections = 4, .make = make, .requests = (int64_t)BENCH_REFS}, &r);
    if (err == ERR_OK)
        err = bench_load(b, &c, (struct load){.connections = 4, .make = make}, &r);
    child_stop(&c, false);
    *ret = (struct pair){hist_at(&r.hist, 0.5), hist_at(&r.hist, 0.99)};
    return err;
}

static enum err part_sizes(struct bench *b, const char *what, make_request *make)
{
    struct pair small;
    struct pair large;
    char text[128];
    TRY(bench_refs(b, b->small));
    TRY(measure(b, b->small, make, &small));
    TRY(bench_refs(b, b->work));
    TRY(measure(b, b->work, make, &large));
    (void)snprintf(text, sizeof text, "%s: median, large against small", what);
    report_times(&b->report, text, large.p50 / 1000, small.p50 / 1000, 1.5);
    (void)snprintf(text, sizeof text, "%s: 99th percentile, large against small", what);
    report_times(&b->report, text, large.p99 / 1000, small.p99 / 1000, 2);
    return ERR_OK;
}

/* Without HTTP: the page of a search also records its words, which is a write. */
static enum err part_search(struct bench *b)
{
    struct hist small;
    struct hist large;
    TRY(finding_run(b->small, FINDS, &small, &b->info));
    TRY(finding_run(b->work, FINDS, &large, &b->info));
    report_times(&b->report, "search, newest first: median, large against small",
                 hist_at(&large, 0.5) / 1000, hist_at(&small, 0.5) / 1000, 1.5);
    report_times(&b->report, "search, newest first: 99th percentile, large against small",
                 hist_at(&large, 0.99) / 1000, hist_at(&small, 0.99) / 1000, 2);
    return ERR_OK;
}

/* ---- starting, memory ----------------------------------------------------------------------- */

static enum err part_start(struct bench *b)
{
    char empty[4200];
    struct child c;
    struct load_result r;
    (void)snprintf(empty, sizeof empty, "%s/empty", b->dir);
    folder_drop(empty);
    TRY(town_make(empty, 0, &b->info));
    TRY(child_start(&(struct child_how){.dir = empty}, &c, &b->info));
    report_most(&b->report, "start: empty", c.start_seconds, 0.3, "s");
    (void)sleep(1);
    report_most(&b->report, "memory: idle", (double)child_pss_kb(&c) / 1024, 48, "MB");
    child_stop(&c, false);
    TRY(child_start(&(struct child_how){.dir = b->work}, &c, &b->info));
    pid_t killer = fork();
    if (killer == 0) {
        (void)usleep(2500000);
        (void)kill(c.pid, SIGKILL);
        _exit(0);
    }
    enum err err = bench_load(b, &c,
                              (struct load){.connections = 64,
                                            .make = make_raise,
                                            .expect = 201,
                                            .seconds = 6,
                                            .close_after = true},
                              &r);
    (void)waitpid(killer, NULL, 0);
    child_stop(&c, true);
    if (err != ERR_OK)
        return err;
    TRY(child_start(&(struct child_how){.dir = b->work}, &c, &b->info));
    report_most(&b->report, "start: after kill -9 under load", c.start_seconds, 2, "s");
    child_stop(&c, false);
    return ERR_OK;
}

static enum err part_proof(struct bench *b)
{
    double seconds = 0;
    double leaves = 0;
    TRY(proof_audit(b->work, &seconds, &leaves, &b->info));
    report_fact(&b->report, "log audit: leaves", leaves, "");
    report_most(&b->report, "log audit: a million leaves", seconds * 1e6 / leaves, 60, "s");
    TRY(proof_verify(b->work, b->verify, &seconds, &b->info));
    report_most(&b->report, "huiyin-verify receipt, a process each", seconds * 1000, 5, "ms");
    return ERR_OK;
}

static enum err part_crowd(struct bench *b)
{
    struct rlimit lim = {12000, 12000};
    struct child c;
    struct load_result r;
    if (setrlimit(RLIMIT_NOFILE, &lim) != 0) {
        report_skip(&b->report, "memory: 10,000 connections", "the limit of open files is lower");
        return ERR_OK;
    }
    TRY(child_start(&(struct child_how){.dir = b->work}, &c, &b->info));
    enum err err = bench_load(
        b, &c, (struct load){.connections = 10000, .make = make_queue, .requests = 20000}, &r);
    report_most(&b->report, "memory: after 10,000 connections", (double)child_pss_kb(&c) / 1024,
                512, "MB");
    child_stop(&c, false);
    return err;
}

/* ---- the run -------------------------------------------------------------------------------- */

struct part {
    const char *name;
    enum err (*run)(struct bench *b);
};

static enum err part_queue_sizes(struct bench *b)
{
    return part_sizes(b, "queue", make_queue);
}

static enum err part_matter_sizes(struct bench *b)
{
    return part_sizes(b, "matter", make_matter);
}

static const struct part PARTS[] = {
    {"raise", part_raise},
    {"slow-disk", part_slow_disk},
    {"matter-page", part_matter_page},
    {"queue-page", part_queue_page},
    {"queue-sizes", part_queue_sizes},
    {"matter-sizes", part_matter_sizes},
    {"search", part_search},
    {"log", part_log},
    {"proof", part_proof},
    {"start", part_start},
    {"crowd", part_crowd},
};

static bool read_options(struct bench *b, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        bool more = i + 1 < argc;
        if (strcmp(argv[i], "--full") == 0)
            b->full = true;
        else if (strcmp(argv[i], "--matters") == 0 && more)
            b->matters = strtoll(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--seconds") == 0 && more)
            b->seconds = strtod(argv[++i], NULL);
        else if (strcmp(argv[i], "--only") == 0 && more)
            b->only = argv[++i];
        else if (strcmp(argv[i], "--dir") == 0 && more)
            b->dir = argv[++i];
        else
            return false;
    }
    return b->matters >= 1000 && b->seconds > 0;
}

static void paths(struct bench *b)
{
    char exe[3900];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    exe[n > 0 ? n : 0] = '\0';
    char *slash = strrchr(exe, '/');
    if (slash != NULL)
        *slash = '\0';
    (void)snprintf(b->slow_sync, sizeof b->slow_sync, "%s/tests/bench/slow_sync.so", exe);
    /* Linked part by part, both: --wrap does not reach through link-time optimisation. */
    (void)snprintf(b->with_log, sizeof b->with_log, "%s/../build-gcc/huiyin-bench", exe);
    (void)snprintf(b->no_log, sizeof b->no_log, "%s/../build-gcc/tests/bench/huiyin-bench-no-log",
                   exe);
    (void)snprintf(b->verify, sizeof b->verify, "%s/huiyin-verify", exe);
    (void)snprintf(b->whole, sizeof b->whole, "%s/%" PRId64, b->dir, b->matters);
    (void)snprintf(b->small, sizeof b->small, "%s/%d", b->dir, SMALL);
    (void)snprintf(b->work, sizeof b->work, "%s/work", b->dir);
    (void)snprintf(b->trace, sizeof b->trace, "%s/trace.sql", b->dir);
}

static enum err town_ready(struct bench *b, const char *dir, int64_t matters)
{
    if (town_is_stale(dir))
        folder_drop(dir);
    return town_make(dir, matters, &b->info);
}

static enum err run_parts(struct bench *b)
{
    TRY(town_ready(b, b->whole, b->matters));
    TRY(folder_copy(b->whole, b->work, &b->info));
    for (size_t i = 0; i < sizeof PARTS / sizeof PARTS[0]; i++) {
        const char *name = PARTS[i].name;
        if (b->only != NULL && strcmp(b->only, name) != 0)
            continue;
        enum err err = PARTS[i].run(b);
        if (err != ERR_OK) {
            (void)fprintf(stderr, "%s: %s %s %s\n", name, err_text(err), b->info.key,
                          b->info.detail);
            report_skip(&b->report, name, b->info.detail);
        }
    }
    folder_drop(b->work);
    return ERR_OK;
}

/* Ten times as much, where the disk has room for the set, its copy and both indexes. */
static enum err run_full(struct bench *b)
{
    struct statvfs disk;
    char why[REPORT_TEXT_BYTES];
    double need = (double)b->matters * FULL_TIMES * FULL_BYTES_EACH / 1e9;
    double has =
        statvfs(b->dir, &disk) == 0 ? (double)disk.f_bavail * (double)disk.f_frsize / 1e9 : 0;
    if (has < need) {
        (void)snprintf(why, sizeof why, "needs %.0f GB in %s, %.0f GB are free", need, b->dir, has);
        report_skip(&b->report, "ten times as many matters", why);
        return ERR_OK;
    }
    b->matters *= FULL_TIMES;
    paths(b);
    report_fact(&b->report, "from here on with ten times as many matters", (double)b->matters, "");
    return run_parts(b);
}

static enum err run(struct bench *b)
{
    TRY(town_ready(b, b->small, SMALL));
    TRY(run_parts(b));
    if (!b->full)
        return ERR_OK;
    report_skip(&b->report, "peers in the same run", "this bench does not start them");
    return run_full(b);
}

int main(int argc, char **argv)
{
    if (argc > 2 && strcmp(argv[1], "--child") == 0)
        return child_main(argv[2], argc > 3 ? argv[3] : NULL);
    static struct bench b = {.dir = "var/bench", .matters = 1000000, .seconds = 8};
    if (!read_options(&b, argc, argv)) {
        (void)fputs("usage: huiyin-bench [--full] [--matters N] [--dir DIR] [--seconds S] "
                    "[--only PART]\n",
                    stderr);
        return 2;
    }
    (void)mkdir("var", 0700);
    (void)mkdir(b.dir, 0700);
    paths(&b);
    b.salt = (uint64_t)instant_monotonic() << 20;
    report_begin(&b.report, b.matters, argc, argv);
    enum err err = run(&b);
    if (err != ERR_OK)
        (void)fprintf(stderr, "bench: %s %s %s\n", err_text(err), b.info.key, b.info.detail);
    char json[4200];
    (void)snprintf(json, sizeof json, "%s/result.json", b.dir);
    return report_end(&b.report, json) && err == ERR_OK ? 0 : 1;
}
