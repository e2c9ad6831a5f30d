/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * fault_calls: the i-th call of the system fails.
 *
 *     fault_call_break(FAULT_THREAD, 1, EAGAIN);    // the second pthread_create, and no other
 *     ...
 *     assert_true(fault_call_heal());               // it was called
 *
 * The test's program is linked with --wrap of what it wants struck (meson.build), so only what the
 * program itself calls is, never what a library calls. Thread-safe.
 */
#ifndef HUIYIN_TESTS_DB_FAULT_CALLS_H
#define HUIYIN_TESTS_DB_FAULT_CALLS_H

#include <stdbool.h>
#include <stdint.h>

enum fault_call {
    FAULT_NO_CALL = 0,
    FAULT_THREAD, /* pthread_create */
    FAULT_FLOCK,
    FAULT_FTRUNCATE,
    FAULT_PWRITE,
    /* What tests/http/fault_net.c wraps. */
    FAULT_MUTEX,
    FAULT_COND,
    FAULT_CONDATTR,
    FAULT_CLOCK, /* pthread_condattr_setclock */
    FAULT_KEY,
    FAULT_KEY_SET, /* pthread_setspecific */
    FAULT_EVENTFD,
    FAULT_SOCKET,
    FAULT_CHMOD,
    FAULT_SETSOCKOPT, /* SO_REUSEADDR */
    FAULT_LISTEN,
    FAULT_GETSOCKNAME,
    FAULT_ACCEPT,
    FAULT_PEEK, /* recv, with MSG_PEEK and without */
    FAULT_TAKE,
    FAULT_POLL, /* of the accept thread */
    FAULT_SYSCONF,
    FAULT_GETRLIMIT,
    FAULT_RANDOM,  /* rng_bytes */
    FAULT_DAEMON,  /* libmicrohttpd does not start */
    FAULT_ADD,     /* MHD_add_connection */
    FAULT_RESPONSE /* MHD_create_response_from_buffer */
};

/* The call after the next `after` of this kind fails with `code`, an errno; the others do not. */
void fault_call_break(enum fault_call call, int64_t after, int code);
/* Did it, since? */
bool fault_call_has_failed(void);
/* No call fails any more; did one? */
bool fault_call_heal(void);

/* For the wrappers: the code that this call fails with, or 0. */
int fault_call_strike(enum fault_call call);

#endif
