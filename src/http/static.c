/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "http/static.h"

const struct static_file *static_find(const struct static_table *t, struct str path)
{
    size_t lo = 0;
    size_t hi = t->count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int c = str_cmp(path, t->files[mid].path);
        if (c == 0)
            return &t->files[mid];
        if (c < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return NULL;
}

struct str static_href(const struct static_table *t, struct str name)
{
    for (size_t i = 0; i < t->count; i++)
        if (str_eq(t->files[i].name, name))
            return t->files[i].path;
    return STR("");
}
