/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * fuzz: what every target shares. A target takes any bytes and stops the program when something
 * that must hold does not; replay.c runs it over its corpus, libFuzzer over what it thinks of.
 *
 * A target that needs several texts cuts them apart at lines of four dashes.
 */
#ifndef HUIYIN_TESTS_FUZZ_FUZZ_H
#define HUIYIN_TESTS_FUZZ_FUZZ_H

#include "base/str.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t len);

static inline void must(bool holds)
{
    if (!holds)
        abort();
}

/* The text up to the next line of dashes, with its last line end; *rest is what follows. */
static inline struct str fuzz_cut(struct str *rest)
{
    size_t at = str_find(*rest, STR("\n----\n"));
    struct str part = str_sub(*rest, 0, at == SIZE_MAX ? rest->len : at + 1);
    *rest = at == SIZE_MAX ? STR("") : str_sub(*rest, at + 6, rest->len);
    return part;
}

#endif
