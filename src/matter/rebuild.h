/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * rebuild: folds every matter's events again and compares what they say with what the rows say.
 *
 * `huiyin rebuild --check` reads only. It looks at the rows of matter, dossier (office, state,
 * number of events), due and counter. A shredded matter is counted and passed over. It reads in
 * chunks, each in one snapshot, so that a server may go on; counters are compared only when nothing
 * was written meanwhile.
 */
#ifndef HUIYIN_MATTER_REBUILD_H
#define HUIYIN_MATTER_REBUILD_H

#include "base/err.h"
#include "base/ids.h"

#include <stdint.h>

struct house;

struct rebuild_found {
    int64_t matters;
    int64_t events;
    int64_t shredded;
    int64_t differences;
    char first[256]; /* the first difference, for a message; "" when there is none */
};

/* `line` (may be NULL) is called with each difference, as "K7Q2-9F4M due 3: at_day is 20520, events
 * say 20521". ERR_IO and such when reading fails; differences are no error. */
typedef void rebuild_line_fn(void *ctx, const char *text);
enum err matter_rebuild_check(const struct house *h, rebuild_line_fn *line, void *ctx,
                              struct rebuild_found *ret_found, struct err_info *info);

/* `huiyin rebuild --check [--data DIR]`: 0 the rows are what the events say, 1 they are not, or it
 * cannot be read, 2 usage. */
int cmd_rebuild(int argc, char **argv);

#endif
