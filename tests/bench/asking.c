/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* asking: the requests of the bench, the loads made of them, and the folders they work on. */
#include "base/instant.h"
#include "spine/house.h"
#include "spine/keys.h"
#include "tests/bench/bench.h"
#include "tests/bench/town.h"
#include "trust/open.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- folders -------------------------------------------------------------------------------- */

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

void folder_drop(const char *dir)
{
    (void)run_tool((char *[]){"rm", "-rf", "--", (char *)(uintptr_t)dir, NULL});
}

enum err folder_copy(const char *from, const char *to, struct err_info *info)
{
    folder_drop(to);
    char *const argv[] = {
        "cp", "-a", "--reflink=auto", "--", (char *)(uintptr_t)from, (char *)(uintptr_t)to, NULL};
    return run_tool(argv) == 0 ? ERR_OK
                               : err_set(info, ERR_IO, NULL, "cannot copy %s to %s", from, to);
}

/* ---- requests ------------------------------------------------------------------------------- */

enum { TEXTS = 4096 };

/* Made ahead: the load generator lives on the server's processors. */
static const struct town_words *texts(void)
{
    static struct town_words all[TEXTS];
    for (uint64_t i = 0; all[TEXTS - 1].text[0] == '\0' && i < TEXTS; i++)
        town_words(i, &all[i]);
    return all;
}

static size_t make_raise_at(const char *path, struct bench *b, uint64_t n, char *to, size_t size)
{
    const struct town_words *w = &texts()[n % TEXTS];
    char token[CHILD_TOKEN_BYTES];
    char body[4096];
    static const char *const KINDS[] = {"help", "complaint", "suggestion", "question"};
    bool api = strstr(path, "/v1/") != NULL;
    child_token((int64_t)(n % TOWN_OFFICES) + 1, token);
    int len = snprintf(body, sizeof body,
                       "{\"kind\":\"%s\",\"title\":\"%s\",\"text\":\"%s\",\"place\":\"%s\","
                       "%s\"what\":\"%s\"%s}",
                       KINDS[n % 4], w->title, w->text, w->place, api ? "\"answers\":{" : "",
                       w->title, api ? "}" : "");
    int all = snprintf(to, size,
                       "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                       "Authorization: Bearer %s\r\nIdempotency-Key: b-%" PRIu64 "-%" PRIu64
                       "\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
                       path, token, b->salt, n, len, body);
    return (size_t)all;
}

size_t make_raise(void *ctx, uint64_t n, char *to, size_t size)
{
    return make_raise_at("/api/v1/matters", ctx, n, to, size);
}

size_t make_person(void *ctx, uint64_t n, char *to, size_t size)
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

size_t make_matter(void *ctx, uint64_t n, char *to, size_t size)
{
    const struct bench *b = ctx;
    char path[64];
    (void)snprintf(path, sizeof path, "/desk/m/%s", b->refs[n % BENCH_REFS]);
    return make_get(path, to, size);
}

size_t make_queue(void *ctx, uint64_t n, char *to, size_t size)
{
    (void)ctx;
    (void)n;
    return make_get("/desk", to, size);
}

/* Newest matters that officer 1's office received. */
enum err bench_refs(struct bench *b, const char *dir)
{
    struct open_house *o = NULL;
    TRY(house_open(&(struct house_how){.data_dir = dir}, &o, &b->info));
    const struct house *h = open_house_get(o);
    int64_t matters = town_size(dir);
    /* The n-th matter was raised by officer n % TOWN_OFFICES + 1, ids count from 1. */
    for (int64_t i = 0; i < BENCH_REFS; i++) {
        int64_t n = (matters / TOWN_OFFICES - 1 - i * (matters / TOWN_OFFICES / BENCH_REFS / 2)) *
                    TOWN_OFFICES;
        ref_format(h->keys->k_id, (struct dossier_id){n + town_first_id(dir)}, b->refs[i]);
    }
    house_close(o);
    return ERR_OK;
}

/* ---- loads ---------------------------------------------------------------------------------- */

enum err bench_load(struct bench *b, const struct child *c, struct load l, struct load_result *ret)
{
    l.host = "127.0.0.1";
    l.port = c->port;
    l.ctx = b;
    if (l.expect == 0)
        l.expect = 200;
    if (l.seconds <= 0 && l.requests == 0)
        l.seconds = b->seconds;
    b->salt += UINT64_C(1) << 40;
    (void)texts(); /* not while time runs */
    TRY(load_run(&l, ret, &b->info));
    if (ret->wrong > 0)
        (void)fprintf(stderr, "  %" PRId64 " answers were not %d (first: %d)\n", ret->wrong,
                      l.expect, ret->first_wrong_status);
    return ret->right > 0 ? ERR_OK
                          : err_set(&b->info, ERR_IO, NULL, "no right answer, first status %d",
                                    ret->first_wrong_status);
}

enum err bench_measure(struct bench *b, const struct child *c, struct load l, struct measured *ret)
{
    struct load_result r;
    child_settle(c);
    double cpu = child_cpu_seconds(c);
    TRY(bench_load(b, c, l, &r));
    *ret = (struct measured){.rate = (double)r.right / r.seconds,
                             .p50_ms = hist_at(&r.hist, 0.5) / 1000,
                             .p99_ms = hist_at(&r.hist, 0.99) / 1000,
                             .server_us = (child_cpu_seconds(c) - cpu) * 1e6 / (double)r.right,
                             .load_cpus = r.cpu_seconds / r.seconds};
    return ERR_OK;
}
