/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "trust/reconcile.h"

#include "base/instant.h"
#include "base/mem.h"
#include "trust/code.sql.h"

#include <string.h>

/* One page of matters; *ret_below is where the next one ends, 0 when there is none. */
static enum err confirm_page(struct keeper *k, struct db *main_db, int64_t since_us,
                             struct dossier_id below, struct dossier_id *ret_below,
                             int64_t *ret_confirmed)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 1 << 20);
    struct vault_handles_row *rows = NULL;
    size_t count = 0;
    TRY(vault_handles(main_db, &a, below, &rows, &count));
    *ret_below = (struct dossier_id){0};
    for (size_t i = 0; i < count; i++) {
        if (rows[i].entered_us < since_us)
            return ERR_OK;
        *ret_below = rows[i].id;
        struct id16 handle;
        if (rows[i].handle.len != sizeof handle.b)
            continue;
        memcpy(handle.b, rows[i].handle.ptr, sizeof handle.b);
        enum keeper_status status = keeper_confirm(k, &handle);
        if (status != KEEPER_OK && status != KEEPER_NOT_FOUND)
            return keeper_err(status);
        *ret_confirmed += status == KEEPER_OK;
    }
    return ERR_OK;
}

/* Every matter that may wait for its confirmation, however long the machine was off: what is left
 * pending is erased below. A day more, because the item was sealed before the matter came in. */
static enum err confirm_pending(struct keeper *k, struct db *main_db, int64_t *ret_confirmed)
{
    int32_t since_day = INT32_MAX;
    struct dossier_id below = {INT64_MAX};
    TRY(keeper_err(keeper_pending_since(k, &since_day)));
    while (since_day != INT32_MAX && below.v > 0)
        TRY(confirm_page(k, main_db, (since_day - 1) * US_PER_DAY, below, &below, ret_confirmed));
    return ERR_OK;
}

enum err reconcile(struct keyring *ring, struct keeper *k, struct db *main_db, int64_t now_us,
                   bool read_only, struct reconciled *ret_done)
{
    *ret_done = (struct reconciled){0};
    TRY(confirm_pending(k, main_db, &ret_done->items_confirmed));
    TRY(keeper_flush(k, NULL));
    if (read_only)
        return ERR_OK;
    TRY(keyring_reconcile(ring, main_db, (int32_t)(now_us / US_PER_DAY), false,
                          &ret_done->keys_deleted));
    return keeper_err(keeper_sweep(k, now_us, &ret_done->items_erased));
}
