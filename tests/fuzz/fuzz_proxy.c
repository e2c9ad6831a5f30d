/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "http/proxy_line.h"
#include "tests/fuzz/fuzz.h"

/* A line that counts is whole, bounded and gives at most a circuit's worth of bytes. */
int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t len)
{
    char room[PROXY_REDUCED_MAX];
    struct str reduced = STR("");
    size_t used = 0;
    if (proxy_line_read(str_make(bytes, len), room, &reduced, &used) != PROXY_GOOD)
        return 0;
    if (used > PROXY_LINE_MAX || used > len || reduced.len > 17 || bytes[used - 1] != '\n')
        abort();
    return 0;
}
