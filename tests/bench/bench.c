/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * huiyin-bench: measures what docs/ARCHITECTURE.md promises, as ratios within one run.
 *
 *   huiyin-bench [--full] [--matters N] [--dir DIR] [--seconds S] [--only PART]
 *
 * --full goes on with ten times as many, where the disk has room; peers are not started.
 * The data sets are made once under DIR (var/bench) and used again; everything runs on a copy. The
 * load comes from this process over loopback, on the same processors as the server.
 */
#include "base/instant.h"
#include "base/mem.h"
#include "lib/crypt/crypt.h"
#include "spine/keys.h"
#include "spine/ref.h"
#include "tests/bench/child.h"
#include "tests/bench/finding.h"
#include "tests/bench/load.h"
#include "tests/bench/proof.h"
#include "tests/bench/raw.h"
#include "tests/bench/report.h"
#include "tests/bench/sql_only.h"
#include "tests/bench/town.h"
#include "trust/open.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    SMALL = 10000,
    REFS = 300,
    RAW_MATTERS = 20000,
    LOG_BATCH = 64,
    FINDS = 300,
    FULL_TIMES = 10,
    FULL_BYTES_EACH = 13000
};

struct bench {
    const char *dir;
    int64_t matters;
    double seconds;
    bool full;
    const char *only;     /* the first word of one part; NULL: all */
    char slow_sync[4096]; /* the module to preload */
    char whole[4096];     /* the data set */
    char small[4096];
    char work[4096]; /* its copy */
    char trace[4096];
    char refs[REFS][REF_BYTES + 1]; /* of matters that officer 1 may read */
    double raw_limit;
    double api;        /* raises per second, 256 connections */
    char verify[4096]; /* huiyin-verify */
    uint64_t salt;     /* so that no idempotency key comes twice */
    struct report report;
    struct err_info info;
};

static int run_tool(char *const argv[])
{
    int status = -1;
    pid_t pid = fork();
    if (pid == 0) {
        (void)execvp(argv[0], argv);
        _exit(127);
    }
    (void)waitpid(pid, &status, 0);
    return status;
}

static void folder_drop(const char *dir)
{
    (void)run_tool((char *[]){"rm", "-rf", "--", (char *)(uintptr_t)dir, NULL});
}

static enum err folder_copy(const char *from, const char *to, struct err_info *info)
{
    folder_drop(to);
    char *const argv[] = {
        "cp", "-a", "--reflink=auto", "--", (char *)(uintptr_t)from, (char *)(uintptr_t)to, NULL};
    return run_tool(argv) == 0 ? ERR_OK
                               : err_set(info, ERR_IO, NULL, "cannot copy %s to %s", from, to);
}

/* ---- requests ------------------------------------------------------------------------------- */

static size_t make_raise_at(const char *path, struct bench *b, uint64_t n, char *to, size_t size)
{
    struct town_words w;
    char token[CHILD_TOKEN_BYTES];
    char body[4096];
    static const char *const KINDS[] = {"help", "complaint", "suggestion", "question"};
    bool api = strstr(path, "/v1/") != NULL;
    town_words(b->salt + n, &w);
    child_token((int64_t)(n % TOWN_OFFICES) + 1, token);
    int len = snprintf(body, sizeof body,
                       "{\"kind\":\"%s\",\"title\":\"%s\",\"text\":\"%s\",\"place\":\"%s\","
                       "%s\"what\":\"%s\"%s}",
                       KINDS[n % 4], w.title, w.text, w.place, api ? "\"answers\":{" : "", w.title,
                       api ? "}" : "");
    int all = snprintf(to, size,
                       "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                       "Authorization: Bearer %s\r\nIdempotency-Key: b-%" PRIu64 "-%" PRIu64
                       "\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
                       path, token, b->salt, n, len, body);
    return (size_t)all;
}

static size_t make_raise(void *ctx, uint64_t n, char *to, size_t size)
{
    return make_raise_at("/api/v1/matters", ctx, n, to, size);
}

static size_t make_person(void *ctx, uint64_t n, char *to, size_t size)
{
    return make_raise_at("/api/bench/person", ctx, n, to, size);
}

static size_t make_get(const char *path, char *to, size_t size)
{
    char token[CHILD_TOKEN_BYTES];
    child_token(1, token);
    return (size_t)snprintf(
        to, size, "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: hyo=%s\r\n\r\n", path, token);
}

static size_t make_matter(void *ctx, uint64_t n, char *to, size_t size)
{
    const struct bench *b = ctx;
    char path[64];
    (void)snprintf(path, sizeof path, "/desk/m/%s", b->refs[n % REFS]);
    return make_get(path, to, size);
}

static size_t make_queue(void *ctx, uint64_t n, char *to, size_t size)
{
    (void)ctx;
    (void)n;
    return make_get("/desk", to, size);
}

/* ---- parts ---------------------------------------------------------------------------------- */

static enum err load_on(struct bench *b, const struct child *c, struct load l,
                        struct load_result *ret)
{
    l.host = "127.0.0.1";
    l.port = c->port;
    l.ctx = b;
    if (l.expect == 0)
        l.expect = 200;
    if (l.seconds <= 0 && l.requests == 0)
        l.seconds = b->seconds;
    b->salt += UINT64_C(1) << 40;
    TRY(load_run(&l, ret, &b->info));
    if (ret->wrong > 0)
        (void)fprintf(stderr, "  %" PRId64 " answers were not %d (first: %d)\n", ret->wrong,
                      l.expect, ret->first_wrong_status);
    return ret->right > 0 ? ERR_OK
                          : err_set(&b->info, ERR_IO, NULL, "no right answer, first status %d",
                                    ret->first_wrong_status);
}

static double rate(const struct load_result *r)
{
    return (double)r->right / r->seconds;
}

/* On a copy of its own, `copy`: the rows written there make no sense as a log. */
static enum err raw_ready(struct bench *b, char copy[4200], struct raw **ret_raw)
{
    (void)snprintf(copy, 4200, "%s/raw", b->dir);
    TRY(folder_copy(b->whole, copy, &b->info));
    return raw_load(copy, b->matters < 2 * RAW_MATTERS ? b->matters / 2 : RAW_MATTERS, ret_raw,
                    &b->info);
}

/* What the files take. */
static enum err part_raw(struct bench *b)
{
    static const int64_t BATCHES[] = {64, 128, 256};
    char copy[4200];
    struct raw *raw = NULL;
    enum err err = raw_ready(b, copy, &raw);
    for (size_t i = 0; i < 3 && err == ERR_OK; i++) {
        double seconds = 0;
        char what[96];
        err = raw_run(raw, copy, BATCHES[i], &seconds, &b->info);
        double got = (double)raw_matters(raw) / seconds;
        (void)snprintf(what, sizeof what, "raw: the rows of a raise, %" PRId64 " a transaction",
                       BATCHES[i]);
        report_fact(&b->report, what, got, "/s");
        b->raw_limit = got > b->raw_limit ? got : b->raw_limit;
    }
    if (err == ERR_OK)
        report_fact(&b->report, "raw: rows of one raise", raw_rows_each(raw), "rows");
    raw_free(raw);
    folder_drop(copy);
    return err;
}

/* The same rows through the API, and as a person. */
static enum err part_raise(struct bench *b)
{
    enum err err = ERR_OK;
    struct child c;
    TRY(child_start(&(struct child_how){.dir = b->work}, &c, &b->info));
    static const size_t CONNECTIONS[] = {64, 256};
    for (size_t i = 0; i < 2 && err == ERR_OK; i++) {
        struct load_result r;
        err = load_on(
            b, &c, (struct load){.connections = CONNECTIONS[i], .make = make_raise, .expect = 201},
            &r);
        if (err != ERR_OK)
            break;
        char what[96];
        (void)snprintf(what, sizeof what, "durable raise through the API, %zu connections",
                       CONNECTIONS[i]);
        report_ratio(&b->report, what, rate(&r), b->raw_limit, 0.7, "of the raw limit");
        (void)snprintf(what, sizeof what, "  its 99th percentile, %zu connections", CONNECTIONS[i]);
        report_most(&b->report, what, hist_at(&r.hist, 0.99) / 1000, 50, "ms");
        report_fact(&b->report, "  its median", hist_at(&r.hist, 0.5) / 1000, "ms");
        b->api = rate(&r);
    }
    if (err == ERR_OK) {
        struct load_result r;
        err = load_on(b, &c, (struct load){.connections = 256, .make = make_person, .expect = 201},
                      &r);
        if (err == ERR_OK)
            report_ratio(&b->report, "the same as a person, 256 connections", rate(&r), b->api, 0.4,
                         "of the API's");
    }
    report_most(&b->report, "memory: after that, at this many matters",
                (double)child_pss_kb(&c) / 1024, 200, "MB");
    child_stop(&c, false);
    return err;
}

static enum err part_slow_disk(struct bench *b)
{
    struct child c;
    struct load_result one;
    struct load_result many;
    const struct child_how how = {.dir = b->work, .preload = b->slow_sync};
    TRY(child_start(&how, &c, &b->info));
    enum err err =
        load_on(b, &c, (struct load){.connections = 1, .make = make_raise, .expect = 201}, &one);
    if (err == ERR_OK)
        err = load_on(b, &c, (struct load){.connections = 256, .make = make_raise, .expect = 201},
                      &many);
    child_stop(&c, false);
    if (err != ERR_OK)
        return err;
    report_fact(&b->report, "fsync slowed by 8 ms: one transaction each", rate(&one), "/s");
    report_ratio(&b->report, "fsync slowed by 8 ms: group commit, 256 connections", rate(&many),
                 rate(&one), 20, "times that");
    return ERR_OK;
}

/* Newest matters that officer 1's office received. */
static enum err read_refs(struct bench *b, const char *dir)
{
    struct open_house *o = NULL;
    TRY(house_open(&(struct house_how){.data_dir = dir}, &o, &b->info));
    const struct house *h = open_house_get(o);
    int64_t matters = town_size(dir);
    /* The n-th matter was raised by officer n % TOWN_OFFICES + 1, ids count from 1. */
    for (int64_t i = 0; i < REFS; i++) {
        int64_t n =
            (matters / TOWN_OFFICES - 1 - i * (matters / TOWN_OFFICES / REFS / 2)) * TOWN_OFFICES;
        ref_format(h->keys->k_id, (struct dossier_id){n + town_first_id(dir)}, b->refs[i]);
    }
    house_close(o);
    return ERR_OK;
}

/* A page against its own SQL: each is asked for once (the first look is a write), then traced. */
static enum err part_page(struct bench *b, const char *what,
                          size_t (*make)(void *, uint64_t, char *, size_t))
{
    struct child c;
    struct load_result r;
    double sql = 0;
    double each = 0;
    char text[128];
    TRY(read_refs(b, b->work));
    TRY(child_start(&(struct child_how){.dir = b->work, .trace = b->trace}, &c, &b->info));
    enum err err = load_on(
        b, &c, (struct load){.connections = 1, .make = make, .requests = (int64_t)REFS}, &r);
    child_stop(&c, false);
    if (err != ERR_OK)
        return err;
    TRY(child_start(&(struct child_how){.dir = b->work, .trace = b->trace}, &c, &b->info));
    err = load_on(b, &c, (struct load){.connections = 1, .make = make, .requests = (int64_t)REFS},
                  &r);
    child_stop(&c, false);
    if (err != ERR_OK)
        return err;
    TRY(sql_only_run(b->work, b->trace, (size_t)sysconf(_SC_NPROCESSORS_ONLN), b->seconds, &sql,
                     &each, &b->info));
    TRY(child_start(&(struct child_how){.dir = b->work}, &c, &b->info));
    err = load_on(b, &c, (struct load){.connections = 64, .make = make}, &r);
    child_stop(&c, false);
    if (err != ERR_OK)
        return err;
    (void)snprintf(text, sizeof text, "%s: its SQL alone (%.1f statements)", what, each);
    report_fact(&b->report, text, sql, "/s");
    report_ratio(&b->report, what, rate(&r), sql, 0.5, "of its SQL alone");
    return ERR_OK;
}

/* ---- size against size ---------------------------------------------------------------------- */

struct pair {
    double p50;
    double p99;
};

static enum err measure(struct bench *b, const char *dir,
                        size_t (*make)(void *, uint64_t, char *, size_t), struct pair *ret)
{
    struct child c;
    struct load_result r;
    TRY(child_start(&(struct child_how){.dir = dir}, &c, &b->info));
    enum err err = load_on(
        b, &c, (struct load){.connections = 4, .make = make, .requests = (int64_t)REFS}, &r);
    if (err == ERR_OK)
        err = load_on(b, &c, (struct load){.connections = 4, .make = make}, &r);
    child_stop(&c, false);
    *ret = (struct pair){hist_at(&r.hist, 0.5), hist_at(&r.hist, 0.99)};
    return err;
}

static enum err part_sizes(struct bench *b, const char *what,
                           size_t (*make)(void *, uint64_t, char *, size_t))
{
    struct pair small;
    struct pair large;
    char text[128];
    TRY(read_refs(b, b->small));
    TRY(measure(b, b->small, make, &small));
    TRY(read_refs(b, b->work));
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
    enum err err = load_on(b, &c,
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

/* Against the same raise without the log's rows, hashes and signatures. */
static enum err part_log_cost(struct bench *b)
{
    char copy[4200];
    struct raw *raw = NULL;
    double with = 0;
    double without = 0;
    enum err err = raw_ready(b, copy, &raw);
    if (err == ERR_OK)
        err = raw_run(raw, copy, LOG_BATCH, &with, &b->info);
    if (err == ERR_OK)
        err = raw_run_without_log(raw, copy, LOG_BATCH, &without, &b->info);
    double rows = err == ERR_OK ? (with - without) / (double)raw_matters(raw) : 0;
    raw_free(raw);
    folder_drop(copy);
    if (err != ERR_OK)
        return err;
    if (b->api == 0) {
        report_skip(&b->report, "log: what it adds to a raise", "no raise was measured");
        return ERR_OK;
    }
    double hashing = proof_hashing(LOG_BATCH);
    double raise = 1 / b->api;
    report_fact(&b->report, "log: its rows of a raise", rows * 1e6, "us");
    report_fact(&b->report, "log: hashes and signature of a raise", hashing * 1e6, "us");
    report_most(&b->report, "log: what it adds to a raise through the API",
                100 * (rows + hashing) / (raise - rows - hashing), 15, "%");
    return ERR_OK;
}

static enum err part_proof(struct bench *b)
{
    double seconds = 0;
    double leaves = 0;
    TRY(part_log_cost(b));
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
    enum err err = load_on(
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

static enum err part_matter_page(struct bench *b)
{
    return part_page(b, "matter page", make_matter);
}

static enum err part_queue_page(struct bench *b)
{
    return part_page(b, "queue page", make_queue);
}

static enum err part_queue_sizes(struct bench *b)
{
    return part_sizes(b, "queue", make_queue);
}

static enum err part_matter_sizes(struct bench *b)
{
    return part_sizes(b, "matter", make_matter);
}

static const struct part PARTS[] = {
    {"raw", part_raw},
    {"raise", part_raise},
    {"slow-disk", part_slow_disk},
    {"matter-page", part_matter_page},
    {"queue-page", part_queue_page},
    {"queue-sizes", part_queue_sizes},
    {"matter-sizes", part_matter_sizes},
    {"search", part_search},
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
        bool is_wanted = b->only == NULL || strcmp(b->only, name) == 0 ||
                         (strcmp(name, "raw") == 0 && strcmp(b->only, "raise") == 0) ||
                         (strcmp(b->only, "proof") == 0 &&
                          (strcmp(name, "raw") == 0 || strcmp(name, "raise") == 0));
        if (!is_wanted)
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
