/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "http/cookie.h"

struct str cookie_find(struct str header, const char *name)
{
    struct str found = STR_NULL;
    struct str pair;
    while (header.len > 0 && str_cut(&header, ';', &pair)) {
        pair = str_trim(pair);
        size_t eq = str_find(pair, STR("="));
        if (eq == SIZE_MAX || !str_eq_c(str_sub(pair, 0, eq), name))
            continue;
        if (!str_is_null(found))
            return STR_NULL;
        found = str_sub(pair, eq + 1, pair.len);
    }
    return found;
}
