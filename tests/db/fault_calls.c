/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/db/fault_calls.h"

#include <pthread.h>
#include <stdatomic.h>

static _Atomic int armed;
static _Atomic int64_t left;
static _Atomic int code_now;
static _Atomic bool was_struck;

void fault_call_break(enum fault_call call, int64_t after, int code)
{
    atomic_store(&armed, FAULT_NO_CALL);
    atomic_store(&left, after);
    atomic_store(&code_now, code);
    atomic_store(&was_struck, false);
    atomic_store(&armed, (int)call);
}

bool fault_call_has_failed(void)
{
    return atomic_load(&was_struck);
}

bool fault_call_heal(void)
{
    atomic_store(&armed, FAULT_NO_CALL);
    return fault_call_has_failed();
}

int fault_call_strike(enum fault_call call)
{
    if (atomic_load(&armed) != (int)call || atomic_fetch_sub(&left, 1) != 0)
        return 0;
    atomic_store(&was_struck, true);
    return atomic_load(&code_now);
}

/* ---- wrappers of every program that links this ------------------------------------------------
 */

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*fn)(void *),
                          void *arg);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*fn)(void *),
                          void *arg);
_Noreturn void __real__exit(int status);
_Noreturn void __wrap__exit(int status);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*fn)(void *),
                          void *arg)
{
    int code = fault_call_strike(FAULT_THREAD);
    return code != 0 ? code : __real_pthread_create(thread, attr, fn, arg);
}

#ifdef COVERAGE
void __gcov_dump(void);
#endif

/* What a child reached that ends this way counts too. */
void __wrap__exit(int status)
{
#ifdef COVERAGE
    __gcov_dump();
#endif
    __real__exit(status);
}
