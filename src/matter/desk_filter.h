/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk_filter: what is asked of an officer's list, and what an officer keeps of it by name.
 *
 * A filter narrows by what a matter is, where it stands, how and when it came and at which place;
 * there is no field for who raised it, and none may be added. A place is words, which stand in no
 * address: it comes in a body and waits in the officer's own row, and the address says only which
 * row (0: the last one that was not given a name).
 */
#ifndef HUIYIN_MATTER_DESK_FILTER_H
#define HUIYIN_MATTER_DESK_FILTER_H

#include "matter/desk.h"

enum { FILTERS_MAX = 20 };
enum { WHOSE_ALL = 1, WHOSE_MINE, WHOSE_UNASSIGNED };

/* Both forms, that of the address and that of the body, fill their part. */
struct desk_filter {
    struct str office; /* code; "" for the first one of the reader's */
    struct str kind;
    struct str state;
    struct str channel;
    struct str place;
    int32_t whose; /* 0: as the reader's post has it */
    bool soon;
    int32_t from; /* day received, FORM_NO_DAY for none */
    int32_t to;
    int64_t kept;     /* which row, FORM_NO_INT for none */
    struct str after; /* "<day>.<reference>.<n>": what the page before ended with */
    struct str title; /* to keep it under */
    bool keep;
};

/* Takes what the row `f->kept` says in place of what the address says, and drops words that are
 * none of ours; a row that is gone is no filter. */
enum err desk_filter_settle(struct request *req, struct desk_filter *f);

/* The query of a page with that filter, without a place: "kept=3" or the fields. */
enum err desk_filter_query(struct request *req, const struct desk_filter *f, struct str *ret_query);

struct page_desk_queue;
/* The choices with what is chosen, and the filters kept by name. */
enum err desk_filter_fill(struct request *req, const struct desk_filter *f,
                          struct page_desk_queue *v);

#endif
