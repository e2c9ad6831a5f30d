/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* jsonplain: how far a string of JSON goes without anything to escape. For the files beside it. */
#ifndef HUIYIN_LIB_JSON_JSONPLAIN_H
#define HUIYIN_LIB_JSON_JSONPLAIN_H

#include "base/eight.h"
#include "base/str.h"

/* From `at` on, where the first quote, backslash or control character stands (RFC 8259 section 7);
 * the length when there is none. */
static inline size_t json_plain_end(struct str s, size_t at)
{
    for (; s.len - at >= EIGHT; at += EIGHT) {
        uint64_t e = eight_at(s.ptr + at);
        if ((eight_below(e, 0x20) | eight_has(e, '"') | eight_has(e, '\\')) != 0)
            break;
    }
    while (at < s.len && (unsigned char)s.ptr[at] >= 0x20 && s.ptr[at] != '"' && s.ptr[at] != '\\')
        at++;
    return at;
}

#endif
