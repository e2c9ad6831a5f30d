/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * import_store: rows on their way through the writer, many at a time, answered in order.
 *
 * A ring of slots. The reading thread takes a free slot, fills it and submits it; the writer does
 * each in a savepoint of its own, together with others in one commit; the reading thread gets the
 * slots back in the order of submission. So reading goes on while the disk syncs, and memory is
 * the ring.
 *
 *     struct import_slot *s = import_store_slot(store);   waits; gives finished ones to on_done
 *     ... import_row_read(..., &s->arena, &s->item, ...) ...
 *     import_store_submit(store, s);
 *     import_store_drain(store);
 *
 * One reading thread. A row that is there already (imported) is left as it is.
 */
#ifndef HUIYIN_REACH_IMPORT_STORE_H
#define HUIYIN_REACH_IMPORT_STORE_H

#include "reach/import_row.h"
#include "spine/house.h"

struct import_slot {
    struct arena arena; /* what item and raw point to */
    struct import_item item;
    struct str raw; /* the row as it stood, for the rejects */
    bool was_known; /* answer: imported before */
    enum err err;   /* answer */
    struct err_info why;
    struct import_store *store;
    bool is_pending;
};

struct import_store;

/* `on_done` is called in the reading thread. `office` takes everything in; 0: found by kind and
 * place. `house` must be open for writing. */
enum err import_store_new(const struct house *house, struct office_id office,
                          void (*on_done)(void *ctx, struct import_slot *slot), void *ctx,
                          struct import_store **ret_store);
/* Waits for what is under way. NULL is allowed. */
void import_store_free(struct import_store *store);

struct import_slot *import_store_slot(struct import_store *store);
void import_store_submit(struct import_store *store, struct import_slot *slot);
void import_store_drain(struct import_store *store);

/* Has this row been imported? For a dry run. */
enum err import_store_has(struct db *db, struct arena *a, const struct import_item *item,
                          bool *ret_has);

#endif
