/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * keys: what the spine needs to know of keys, as functions that trust/keys.c supplies.
 *
 * Two keys belong to a dossier: MDK for what people wrote and uploaded, MLK for the salts and the
 * texts of its events. Open kinds keep MLK in the dossier's row and have a row in keys.db only when
 * there is a contact card or a file (MDK). Sealed kinds have both in keys.db from the start.
 * keys.db commits before the main database does, so that what is in the main database always has
 * its key; what is left over after a crash is found at start and deleted after a day.
 */
#ifndef HUIYIN_SPINE_KEYS_H
#define HUIYIN_SPINE_KEYS_H

#include "base/ids.h"
#include "lib/crypt/crypt.h"

enum key_kind { KEY_UNSET = 0, KEY_MDK = 1, KEY_MLK = 2 }; /* the numbers stand in keys.db */

struct keys {
    void *ctx;
    const uint8_t *k_id;  /* 32 bytes, locked memory, as long as the program runs */
    const uint8_t *k_pad; /* 32 bytes */
    /* A fresh key, stored before the running batch commits. Writer thread only. A key that is
     * there already under this id and kind is replaced: its dossier was never committed. */
    enum err (*make)(void *ctx, struct dossier_id id, enum key_kind kind, struct key32 *ret_key);
    /* ERR_NOT_FOUND when there is none, or it was destroyed. Any thread. */
    enum err (*find)(void *ctx, struct dossier_id id, enum key_kind kind, struct key32 *ret_key);
    /* Gone for good; call after the commit of the event that says so. ERR_OK when there was none.
     */
    enum err (*destroy)(void *ctx, struct dossier_id id, enum key_kind kind);
};

#endif
