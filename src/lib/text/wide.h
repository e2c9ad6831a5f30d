/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* wide: between UTF-8 and the UTF-16 that ICU's C interface speaks; for lib/text alone. */
#ifndef HUIYIN_LIB_TEXT_WIDE_H
#define HUIYIN_LIB_TEXT_WIDE_H

#include "base/str.h"

#include <unicode/utypes.h>

/* Appends `n` units as UTF-8; a lone surrogate becomes U+FFFD. */
void wide_put(struct buf *b, const UChar *units, int32_t n);

/* The character at *at, which moves past it; U+FFFD for a lone surrogate. */
int32_t wide_next(const UChar *units, int32_t *at, int32_t n);

/* A UTF-16 copy on the heap for valid UTF-8 of at most 1 GiB; NULL when there is no memory or it
 * is too long. The caller frees it with mem_free. */
UChar *wide_new(struct str s, int32_t *ret_units);

#endif
