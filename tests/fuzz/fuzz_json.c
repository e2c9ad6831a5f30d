/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/mem.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/fuzz_form.h"
#include "tests/lib/json/like_jansson.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t len)
{
    CLEANUP(arena_done) struct arena a;
    struct form_body body = {0};
    struct form_faults faults = {.count = 0};
    arena_init(&a, 1 << 20);
    if (form_split_json(&a, str_make(bytes, len), &FUZZ_FORM, &faults, &body) == ERR_OK)
        fuzz_form_check(&a, &body, &faults);
    must(agrees_with_jansson(str_make(bytes, len)));
    return 0;
}
