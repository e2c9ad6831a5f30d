/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * static: files of ours that never change: style sheets, fonts, pictures, staff scripts.
 *
 * tools/gen_static.py makes a table of them at build time: the address holds a hash of the content
 * (/static/3f9c0a7be1d2.css), so a browser may keep them for ever; a gzip form is made once, at
 * build. Nothing is read from disk at run time.
 *
 *     static_href(&WEB_STATICS, STR("app.css"))   ->  "/static/3f9c0a7be1d2.css"
 */
#ifndef HUIYIN_HTTP_STATIC_H
#define HUIYIN_HTTP_STATIC_H

#include "base/str.h"

struct static_file {
    struct str name; /* "app.css", as templates call it */
    struct str path; /* "/static/3f9c0a7be1d2.css" */
    const char *type;
    struct str bytes;
    struct str gzip; /* empty where it would not be smaller */
};

struct static_table {
    const struct static_file *files; /* ordered by path */
    size_t count;
};

/* NULL when there is none. */
const struct static_file *static_find(const struct static_table *t, struct str path);

/* The address of a file by its plain name; "" when there is none of that name. */
struct str static_href(const struct static_table *t, struct str name);

#endif
