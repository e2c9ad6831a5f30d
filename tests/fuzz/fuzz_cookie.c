/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "http/cookie.h"
#include "tests/fuzz/fuzz.h"

/* What is found lies within the header and holds no separator. */
int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t len)
{
    struct str header = str_make(bytes, len);
    struct str value = cookie_find(header, "hyp");
    if (str_is_null(value))
        return 0;
    if (value.ptr < header.ptr || value.ptr + value.len > header.ptr + header.len ||
        str_find(value, STR(";")) != SIZE_MAX)
        abort();
    return 0;
}
