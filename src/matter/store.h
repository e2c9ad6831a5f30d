/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * store: a matter between its rows and its events. Private to the use cases.
 *
 * Loading folds the events; storing appends the events that were decided, folds them in, and moves
 * every row that follows from them: matter, dues, grants, dossier, counters, outbox. All inside one
 * savepoint of the writer.
 */
#ifndef HUIYIN_MATTER_STORE_H
#define HUIYIN_MATTER_STORE_H

#include "matter/matter.h"
#include "spine/house.h"

/* A matter opened for changing. */
struct store {
    struct dossier dossier;
    struct matter m;
    bool is_new;
    struct key32 mdk; /* sealed kinds */
};

/* The numbers stand in outbox.kind. */
enum matter_notice {
    NOTICE_UNSET = 0,
    NOTICE_NEW = 1,   /* something came for this post */
    NOTICE_LATE = 2,  /* a due was missed */
    NOTICE_PUSHED = 3 /* the person pushed, or it was taken up a level */
};

/* Reads the stored events of one dossier as a state. Rows of other rooms are passed over: their
 * type in ret_events (which may be NULL) is EV_NONE. */
enum err store_fold(struct arena *a, const struct event *raw, size_t count, struct matter *ret_m,
                    struct matter_event **ret_events, struct err_info *info);

/* ERR_NOT_FOUND, ERR_CORRUPT. */
enum err store_open(struct tx *tx, struct dossier_id id, struct store *ret_store);

/* The same without its events: for a remark. */
enum err store_peek(struct tx *tx, struct dossier_id id, struct store *ret_store);

/* For reading outside the writer: the dossier with what opens its events, and the events. */
enum err store_dossier(struct db *db, struct arena *a, const struct house *h, struct dossier_id id,
                       struct dossier *ret_dossier);
enum err store_events(struct db *db, struct arena *a, const struct house *h,
                      const struct dossier *d, bool as_officer, struct event **ret_raw,
                      size_t *ret_count);

/* A new one, with its keys, for events that begin with EV_RECEIVED. */
enum err store_new(struct tx *tx, const struct matter_body *received, struct store *ret_store);

/* Appends, folds and writes the rows. */
enum err store_save(struct tx *tx, struct store *s, const struct matter_events *events);

/* An event that is not folded (who looked), with its canonical payload. */
enum err store_remark(struct tx *tx, struct store *s, const char *type, enum post post,
                      struct officer_id officer);

/* The state a due was left in by the event that ended it. */
enum due_state store_due_ended(enum matter_event_type type);
/* A due as its row has it. */
struct matter_due_rows_row;
void store_due_row(const struct matter_due *d, struct matter_due_rows_row *ret_row);

/* Title and place as they stand in the row: clear, or field blobs. */
enum err store_field(struct tx *tx, const struct store *s, uint16_t column, struct str plain,
                     struct str *ret_value);

#endif
