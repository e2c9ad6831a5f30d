/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/mem.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/fuzz_form.h"

/* The first line is the Content-Type, the rest the body. */
int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t len)
{
    CLEANUP(arena_done) struct arena a;
    struct form_body body = {0};
    struct form_faults faults = {.count = 0};
    struct str rest = str_make(bytes, len);
    struct str type = STR("");
    arena_init(&a, 1 << 20);
    if (len == 0 || !str_cut(&rest, '\n', &type))
        return 0;
    if (form_split_multipart(&a, type, rest, &faults, &body) == ERR_OK)
        fuzz_form_check(&a, &body, &faults);
    return 0;
}
