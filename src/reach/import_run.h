/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * import_run: a file from its first byte to its last row.
 *
 * Reads in pieces, turns GB18030 into UTF-8 on the way, binds the head to the map, and hands each
 * row to the writer (or, in a dry run, only looks at it). Rows that cannot be taken go to the
 * rejects. A row is either taken whole or not at all; stopping at any moment leaves what was taken,
 * and running again goes on behind it, for known rows are passed over.
 */
#ifndef HUIYIN_REACH_IMPORT_RUN_H
#define HUIYIN_REACH_IMPORT_RUN_H

#include "base/ids.h"
#include "reach/import_map.h"
#include "spine/house.h"

#include <signal.h>

struct import_figures {
    int64_t rows;  /* read */
    int64_t open;  /* taken, still to be answered */
    int64_t ended; /* taken, concluded elsewhere */
    int64_t known; /* taken by an earlier run */
    int64_t rejected;
    uint64_t bytes;    /* of the file, read */
    uint64_t size;     /* of the file */
    int64_t last_line; /* everything up to here is done */
};

struct import_job {
    const char *path;
    const struct import_map *map;
    const struct house *house;
    struct office_id office; /* 0: found by kind and place */
    const char *rejects;
    bool dry_run;
    volatile sig_atomic_t *stop; /* set by a signal: finish what is under way and return */
    void (*on_progress)(void *ctx, const struct import_figures *figures); /* may be NULL */
    void *ctx;
};

/* ERR_OK when the file was read to its end or stopped, also with rejected rows. ERR_INVALID with
 * faults: the head does not fit the map; without faults, info says: the encoding is unknown, the
 * file is empty, the kind is none of the pack's. ERR_NOT_FOUND, ERR_IO, ERR_FULL with info. Figures
 * are right in every case. */
enum err import_run(const struct import_job *job, struct import_faults *faults,
                    struct import_figures *ret_figures, struct err_info *info);

#endif
