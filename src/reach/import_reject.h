/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * import_reject: the file of rows that could not be taken, for the one who puts them right.
 *
 * A CSV file (UTF-8 with byte order mark, so that spreadsheets read it) of the columns of the
 * original and five of ours: huiyin.line, huiyin.column, huiyin.name (the column's head),
 * huiyin.reason.zh-CN, huiyin.reason.en. It can be put right and imported again with the same map.
 * Columns that are dropped or tell who somebody is are left empty: the line says where they are in
 * the original. Of a row that could not be taken apart there is only the place and the reason.
 *
 * The file is made, readable for its owner alone, when the first row is rejected. One thread.
 */
#ifndef HUIYIN_REACH_IMPORT_REJECT_H
#define HUIYIN_REACH_IMPORT_REJECT_H

#include "reach/import_map.h"

struct import_rejects {
    const char *path;
    const struct import_head *head;
    int fd; /* -1: not made yet */
    int64_t count;
    struct buf line;
};

void import_rejects_init(struct import_rejects *r, const char *path,
                         const struct import_head *head);
/* For CLEANUP. */
void import_rejects_done(struct import_rejects *r);

/* What is wrong and where. */
struct import_reject {
    int64_t line;
    int64_t text_column; /* within the line, for a row that is not well formed; else 0 */
    size_t column;       /* index of the field; SIZE_MAX for the whole row */
    const struct err_info *why;
    struct str raw; /* the row as it stood; null when it could not be taken apart */
    char separator;
};

/* ERR_IO or ERR_FULL with info, key "import.rejects_write" ({0} the path). */
enum err import_rejects_put(struct import_rejects *r, const struct import_reject *reject,
                            struct err_info *info);

#endif
