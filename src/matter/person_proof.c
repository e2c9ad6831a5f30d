/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "matter/person_proof.h"

#include "base/mem.h"
#include "matter/matter.h"
#include "spine/dossier.h"
#include "spine/keys.h"
#include "spine/log.h"
#include "spine/receipt.h"

#include <string.h>

enum { SIGN_WAIT_MS = 1000 };

/* Events a person sees by name; another room's and internal ones are closed. */
static bool is_shown(struct str type)
{
    enum matter_event_type t = EV_NONE;
    return matter_event_of_name(type, &t) && matter_event_is_shown(t);
}

static enum err salts_key(const struct house *h, const struct dossier *d, struct key32 *ret_key)
{
    if (d->content == CONTENT_SEALED)
        return h->keys->find(h->keys->ctx, d->id, KEY_MLK, ret_key);
    memcpy(ret_key->b, d->mlk, sizeof ret_key->b);
    return ERR_OK;
}

enum err person_proof(struct db *db, struct arena *a, const struct house *h, struct dossier_id id,
                      const struct matter_story *story, struct buf *b)
{
    if (story->count == 0)
        return ERR_NOT_FOUND;
    struct dossier d;
    struct log_head head;
    CLEANUP(key32_wipe) struct key32 mlk = {{0}};
    TRY(dossier_load(db, a, id, &d));
    TRY(salts_key(h, &d, &mlk));
    uint64_t covers = (uint64_t)story->raw[story->count - 1].leaf + 1;
    TRY(log_wait(h->log, covers, SIGN_WAIT_MS, &head));
    const struct receipt_ask ask = {.house = h,
                                    .dossier = id,
                                    .mlk = &mlk,
                                    .is_sealed = d.content == CONTENT_SEALED,
                                    .is_shown = is_shown};
    return history_make(db, a, &ask, b, NULL);
}
