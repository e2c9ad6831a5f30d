/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * reconcile: what a crash left between the databases, put right at start (trust.md section 8.4).
 *
 *   key row, no dossier           deleted after a day
 *   vault item, no matter         erased after a day
 *   matter, item still pending    confirmed now: the process ended between commit and CONFIRM
 *
 * Nothing is deleted while the log is read-only: a restored database looks just like that.
 */
#ifndef HUIYIN_TRUST_RECONCILE_H
#define HUIYIN_TRUST_RECONCILE_H

#include "trust/keeper.h"
#include "trust/keys.h"

struct reconciled {
    int64_t keys_deleted;
    int64_t items_confirmed; /* looked at and kept; most were confirmed before */
    int64_t items_erased;
};

/* Before the writer starts. Looks at the matters entered since the oldest item that is pending. */
enum err reconcile(struct keyring *ring, struct keeper *k, struct db *main_db, int64_t now_us,
                   bool read_only, struct reconciled *ret_done);

#endif
