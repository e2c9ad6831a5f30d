/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * mem: the only place that calls malloc.
 *
 * Running out of memory is an ordinary failure: every caller checks for NULL and fails one request.
 * Tests make the i-th allocation fail with mem_fail_after(). Thread-safe.
 */
#ifndef HUIYIN_BASE_MEM_H
#define HUIYIN_BASE_MEM_H

#include <stddef.h>
#include <stdint.h>

/* `size` zeroed bytes, or NULL. A size of 0 gives a block one may free. */
void *mem_new(size_t size) __attribute__((warn_unused_result, malloc));

/* `count` * `size` zeroed bytes, or NULL, also when the product overflows. */
void *mem_new_array(size_t count, size_t size) __attribute__((warn_unused_result, malloc));

/* Grows or shrinks; NULL leaves the old block as it was. New bytes are not zeroed. */
void *mem_resize(void *old, size_t size) __attribute__((warn_unused_result));

/* Frees; NULL is allowed. */
void mem_free(void *p);

/* Tests only: the allocation after the next `n` fails, once; a negative n switches it off. */
void mem_fail_after(int64_t n);

/* Runs `fn(&variable)` when the variable leaves its scope. */
#define CLEANUP(fn) __attribute__((cleanup(fn)))

/* Hands a pointer over: gives its value and leaves NULL, so that a CLEANUP does nothing. */
#define TAKE(p)                                                                                    \
    (__extension__({                                                                               \
        __typeof__(p) take_ = (p);                                                                 \
        (p) = NULL;                                                                                \
        take_;                                                                                     \
    }))

/* For CLEANUP on any pointer made by mem_new: `CLEANUP(mem_free_ptr) char *p = NULL;` */
void mem_free_ptr(void *pointer_to_pointer);

#endif
