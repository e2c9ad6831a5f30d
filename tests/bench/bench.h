/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* bench: what the parts of one run share. */
#ifndef HUIYIN_TESTS_BENCH_BENCH_H
#define HUIYIN_TESTS_BENCH_BENCH_H

#include "base/err.h"
#include "spine/ref.h"
#include "tests/bench/child.h"
#include "tests/bench/load.h"
#include "tests/bench/report.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BENCH_REFS = 300, BENCH_PATH_BYTES = 4200 };

struct bench {
    const char *dir;
    int64_t matters;
    double seconds;
    bool full;
    const char *only;     /* the first word of one part; NULL: all */
    char slow_sync[4096]; /* the module to preload */
    char with_log[4096];  /* the server as it is, and */
    char no_log[4096];    /* … without its log, both linked alike */
    char verify[4096];    /* huiyin-verify */
    char whole[4096];     /* the data set */
    char small[4096];
    char work[4096]; /* its copy */
    char trace[4096];
    char refs[BENCH_REFS][REF_BYTES + 1]; /* of matters that officer 1 may read */
    uint64_t salt;                        /* so that no idempotency key comes twice */
    struct report report;
    struct err_info info;
};

/* ---- requests ------------------------------------------------------------------------------- */

typedef size_t make_request(void *ctx, uint64_t n, char *to, size_t size);

make_request make_raise;  /* the API's */
make_request make_person; /* the same as a person */
make_request make_matter; /* the page of one of b->refs */
make_request make_queue;

/* Fills in b->refs: the newest matters that officer 1's office received. */
enum err bench_refs(struct bench *b, const char *dir);

/* ---- loads ---------------------------------------------------------------------------------- */

/* Host, port and what is 0 of status and time are filled in. ERR_IO when no answer was right. */
enum err bench_load(struct bench *b, const struct child *c, struct load l,
                    struct load_result *ret_result);

struct measured {
    double rate;      /* right answers a second */
    double p50_ms;    /* of their times */
    double p99_ms;    /* … */
    double server_us; /* processor time of the server for each */
    double load_cpus; /* processors that the load generator kept busy, 1 at most */
};
enum err bench_measure(struct bench *b, const struct child *c, struct load l,
                       struct measured *ret_measured);

/* ---- folders -------------------------------------------------------------------------------- */

void folder_drop(const char *dir);
enum err folder_copy(const char *from, const char *to, struct err_info *info);

/* ---- parts ---------------------------------------------------------------------------------- */

/* The raw limit, the API with few and many connections, a person. */
enum err part_raise(struct bench *b);
/* Against the server without its log. */
enum err part_log(struct bench *b);
/* Against their own SQL. */
enum err part_matter_page(struct bench *b);
enum err part_queue_page(struct bench *b);

#endif
