/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * dossier: anything with a life. The row every room's own row stands beside.
 *
 * A dossier is made and changed only inside a writer's transaction: dossier_new, then events
 * through spine/event.h (which move seq and tail in the struct), then dossier_store once at the
 * end. It knows nothing of what its room means by `state`.
 *
 * Ids count up and are never given twice: the newest row is never deleted, a shredded dossier
 * keeps its skeleton.
 */
#ifndef HUIYIN_SPINE_DOSSIER_H
#define HUIYIN_SPINE_DOSSIER_H

#include "base/ids.h"
#include "base/str.h"

struct db;
struct tx;

enum dossier_kind {
    DOSSIER_UNSET = 0,
    DOSSIER_MATTER,
    DOSSIER_MEMBER, /* one person's own part in a group matter */
    DOSSIER_INCIDENT,
    DOSSIER_DRILL,
    DOSSIER_PLAN,
    DOSSIER_DUTY_BOOK,
    DOSSIER_ROUND, /* an inspection round */
    DOSSIER_FINDING,
    DOSSIER_CONSULTATION,
    DOSSIER_CAMPAIGN,
    DOSSIER_SUGGESTION,
    DOSSIER_RELIEF,
    DOSSIER_RECEPTION_DAY,
    DOSSIER_RECOMMENDATION,
    DOSSIER_PERMIT,
    DOSSIER_KIND_COUNT
};

/* How the words in it are kept (trust.md section 7). */
enum content {
    CONTENT_UNSET = 0,
    CONTENT_OPEN,  /* clear in the database, indexed for search */
    CONTENT_SEALED /* under the dossier's own key, never indexed */
};

struct dossier {
    struct dossier_id id;
    enum dossier_kind kind;
    struct office_id office;
    int32_t state;
    int32_t opened_day;
    struct str pack; /* 'cn-petition@1', in the arena it was loaded into */
    enum content content;
    int64_t seq;            /* events so far */
    unsigned char tail[32]; /* leaf hash of the last event, zeros before the first */
    unsigned char mlk[32];  /* open kinds: here; sealed kinds: filled from keys.db when opened */
    bool has_mlk;
    bool is_new;          /* made in this transaction: dossier_store inserts */
    int32_t stored_state; /* as in the database, for the counters; 0 for a new one */
    struct office_id stored_office;
};

/* What dossier_new is told. */
struct dossier_birth {
    enum dossier_kind kind;
    enum content content;
    struct office_id office;
    int32_t opened_day;
    struct str pack;
};

/* The next id and, for open kinds, a fresh MLK. Nothing is written before dossier_store. For
 * sealed kinds the caller makes the keys with trust/keys.h under the id it got. */
enum err dossier_new(struct tx *tx, const struct dossier_birth *birth, struct dossier *ret_dossier);

/* ERR_NOT_FOUND when there is none. Strings are in `a`. Works on any connection that may read the
 * base table; pages of officers go through v_dossier instead. */
enum err dossier_load(struct db *db, struct arena *a, struct dossier_id id,
                      struct dossier *ret_dossier);

/* Writes office, state, seq and tail back, inserts when new, and moves the counters. */
enum err dossier_store(struct tx *tx, struct dossier *d);

#endif
