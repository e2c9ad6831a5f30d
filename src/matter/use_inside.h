/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* use_inside: what the files of the use cases share. Private to them. */
#ifndef HUIYIN_MATTER_USE_INSIDE_H
#define HUIYIN_MATTER_USE_INSIDE_H

#include "matter/store.h"
#include "matter/use.h"

/* A key sent once, as it is kept; with an empty key nothing is. */
struct once {
    bool is_given;
    uint8_t hash[16];
};
void once_of(const struct tx *tx, struct token_id token, struct str key, struct once *ret_once);
/* Has it been used in the last seven days, or up to fourteen? */
enum err once_find(struct tx *tx, const struct once *once, bool *ret_found,
                   struct matter_done *ret_done);
enum err once_keep(struct tx *tx, const struct once *once, const struct matter_done *done);

enum err actor_for(struct tx *tx, const struct store *s, enum matter_who who,
                   struct officer_id officer, struct matter_actor *ret_actor);

/* Opens the matter and decides, without writing. */
enum err act_decide(struct tx *tx, const struct matter_act *a, struct store *ret_store,
                    struct matter_events **ret_events);

/* Officers of an office who are not barred from the matter. */
enum err office_open_count(struct db *db, struct arena *a, struct dossier_id id,
                           struct office_id office, int32_t day, int64_t *ret_count);
enum err officer_is_barred(struct db *db, struct arena *a, struct dossier_id id,
                           struct officer_id officer, bool *ret_yes);

#endif
