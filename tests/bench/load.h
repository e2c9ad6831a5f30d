/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * load: many connections to a server on loopback, each sending its next request when the answer to
 * the last one is whole (closed loop, HTTP/1.1, kept alive). One thread, epoll.
 */
#ifndef HUIYIN_TESTS_BENCH_LOAD_H
#define HUIYIN_TESTS_BENCH_LOAD_H

#include "base/err.h"
#include "tests/bench/hist.h"

#include <stdbool.h>
#include <stddef.h>

enum { LOAD_REQUEST_BYTES_MAX = 16 * 1024, LOAD_BODY_KEPT_MAX = 64 * 1024 };

struct load {
    const char *host; /* a dotted address */
    unsigned port;
    size_t connections;
    int64_t requests; /* ends after so many, or … */
    double seconds;   /* … after so long, whichever is first; 0: no limit */
    int expect;       /* the status that is right */
    bool close_after; /* ends as soon as a connection is lost (the server was killed) */
    void *ctx;
    /* Writes the n-th request (head and body); returns its length. */
    size_t (*make)(void *ctx, uint64_t n, char *request, size_t size);
    /* Its answer, when not NULL: body cut at LOAD_BODY_KEPT_MAX. */
    void (*answer)(void *ctx, uint64_t n, int status, const char *body, size_t len);
};

struct load_result {
    int64_t right;
    int64_t wrong; /* other statuses, broken answers */
    int first_wrong_status;
    double seconds;
    double cpu_seconds; /* of the generator itself */
    struct hist hist;   /* right ones only */
};

/* ERR_IO when the server cannot be reached at all. */
enum err load_run(const struct load *l, struct load_result *ret_result, struct err_info *info);

#endif
