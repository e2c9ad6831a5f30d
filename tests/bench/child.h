/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * child: the server that is measured, in a process of its own, and the parent's handle on it.
 *
 * It is the program's own house, writer, readers, server and routes, without limits per visitor and
 * without timed jobs. It runs as `huiyin-bench --child DIR`, so that it can be killed, preloaded
 * with a slow fsync, and looked at from outside.
 */
#ifndef HUIYIN_TESTS_BENCH_CHILD_H
#define HUIYIN_TESTS_BENCH_CHILD_H

#include "base/err.h"

#include <stdint.h>
#include <sys/types.h>

/* The token of the n-th officer (1, 2, …), also the cookie of his session: 64 hex digits. */
enum { CHILD_TOKEN_BYTES = 65 };
void child_token(int64_t officer, char ret_token[CHILD_TOKEN_BYTES]);

/* What `huiyin-bench --child DIR` does; ends on SIGTERM. With `trace` every statement that the
 * readers run is written there, one line each (script.h). */
int child_main(const char *dir, const char *trace);

struct child {
    pid_t pid;
    unsigned port;
    double start_seconds; /* until it answered that it is ready */
};

struct child_how {
    const char *dir;
    const char *trace;   /* NULL: none */
    const char *preload; /* NULL: none; slow_sync.so */
    const char *program; /* NULL: this one; takes `--child DIR` too */
};

enum err child_start(const struct child_how *how, struct child *ret_child, struct err_info *info);
/* SIGTERM, or SIGKILL at once; waits. */
void child_stop(struct child *c, bool kill_it);
/* Proportional set size in kB, 0 when it cannot be read. */
/* Waits until it does nothing any more: its index, its signer and its stock are where they should
 * be; at most half a minute. */
void child_settle(const struct child *c);
int64_t child_pss_kb(const struct child *c);
/* Processor time of all its threads until now. */
double child_cpu_seconds(const struct child *c);

#endif
