/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/mem.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static _Atomic int64_t fail_in = -1;

void mem_fail_after(int64_t n)
{
    atomic_store(&fail_in, n);
}

static bool must_fail(void)
{
    if (atomic_load_explicit(&fail_in, memory_order_relaxed) < 0)
        return false;
    return atomic_fetch_sub(&fail_in, 1) == 0;
}

void *mem_new(size_t size)
{
    return must_fail() ? NULL : calloc(1, size == 0 ? 1 : size);
}

void *mem_new_array(size_t count, size_t size)
{
    size_t total = 0;
    if (__builtin_mul_overflow(count, size, &total))
        return NULL;
    return mem_new(total);
}

void *mem_resize(void *old, size_t size)
{
    return must_fail() ? NULL : realloc(old, size == 0 ? 1 : size);
}

void mem_free(void *p)
{
    free(p);
}

void mem_free_ptr(void *pointer_to_pointer)
{
    void *p = NULL;
    memcpy(&p, pointer_to_pointer, sizeof p);
    free(p);
}
