/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * receipt: what a person takes home to prove that something was recorded (trust.md section 8.6).
 *
 * A receipt is a C2SP tlog-proof file (c2sp.org/tlog-proof) of one event:
 *
 *   c2sp.org/tlog-proof@v1
 *   extra <base64 of 0x01 || salt32 || event text>      left out when the event is not shown
 *   index <n>
 *   <base64 hash>                                        leaf to root
 *                                                        an empty line
 *   <the checkpoint, with the cosignatures there are>
 *
 * A history is everything of one dossier that the person may see, with the rest as closed lines:
 *
 *   huiyin-history/v1
 *   log <origin>
 *   matter <id16>
 *   event <seq> <index> open <base64 salt> <base64 text>
 *   event <seq> <index> closed <base64 leaf hash>
 *                                                        an empty line
 *   <tlog-proof of the last event; without extra when it is closed>
 *
 * Each open text names the leaf before it, so that one proof covers all. Told, but not proved, are
 * the index of an event before the last, and a closed line that no open one follows but another
 * closed one. The code is never in it.
 *
 * Formatting, parsing and checking are pure and shared with huiyin-verify; receipt_make and
 * history_make read rows. Strict: one spelling, at most 1 MiB, 64 hashes, 10,000 events.
 */
#ifndef HUIYIN_SPINE_RECEIPT_H
#define HUIYIN_SPINE_RECEIPT_H

#include "base/arena.h"
#include "base/ids.h"
#include "spine/event.h"
#include "spine/note.h"
#include "spine/proof.h"

struct db;
struct house;

enum {
    RECEIPT_BYTES_MAX = 1 << 20,
    RECEIPT_EXTRA_BYTES_MAX = 1 + 32 + EVENT_TEXT_BYTES_MAX,
    HISTORY_EVENTS_MAX = 10000
};

struct receipt {
    bool has_event;
    uint8_t extra[RECEIPT_EXTRA_BYTES_MAX]; /* 0x01 salt text, when has_event */
    size_t extra_len;
    uint64_t index;
    struct proof path;
    struct str note; /* the checkpoint as it stands */
    struct checkpoint head;
};

void receipt_format(const struct receipt *r, struct buf *ret_file);
/* Views point into `file`. ERR_INVALID when it is not such a file. */
enum err receipt_parse(struct str file, struct receipt *ret_receipt);
struct str receipt_text(const struct receipt *r);
/* The leaf of its own event; false when it has none. */
bool receipt_leaf(const struct receipt *r, struct hash *ret_leaf);
/* Is `leaf` at its index under the checkpoint's root? Who signed that, note_check says. */
bool receipt_is_included(const struct receipt *r, const struct hash *leaf);

struct history_event {
    int64_t seq;
    uint64_t index;
    bool is_open;
    struct str text; /* open */
    struct hash leaf;
    struct event_text parsed; /* open */
};

struct history {
    struct str origin;
    struct id16 id16;
    struct history_event *events; /* in the arena */
    size_t count;
    struct receipt last;
};

/* ERR_INVALID when it is not such a file; *ret_why is English and names the line. */
enum err history_parse(struct arena *a, struct str file, struct history *ret_history,
                       const char **ret_why);
/* NULL when numbers run without a gap, each open event is of this dossier and log and names the one
 * before, and the last one is proved; else what is wrong. Signatures are note_check's. */
const char *history_fault(const struct history *h);

/* ---- from rows
 * ----------------------------------------------------------------------------------- */

struct receipt_ask {
    const struct house *house;
    struct dossier_id dossier;
    const struct key32 *mlk; /* of the dossier, open or sealed */
    bool is_sealed;
    int64_t seq;                       /* receipt_make: which event */
    bool (*is_shown)(struct str type); /* history_make: what the person may see */
};

/* Under the newest head that a witness has cosigned, else under the newest signed one this
 * connection sees. ERR_BUSY "log.not_signed": that head does not
 * cover the event yet; a second later it does. ERR_NOT_FOUND: no such event. */
enum err receipt_make(struct db *db, struct arena *a, const struct receipt_ask *ask,
                      struct buf *ret_file, struct err_info *info);
enum err history_make(struct db *db, struct arena *a, const struct receipt_ask *ask,
                      struct buf *ret_file, struct err_info *info);

/* "18342 9F3A-77C1-02BD-5E10-A4C9": leaf index and the first 80 bits of the leaf hash, for those
 * who keep no file. */
void receipt_paper_line(uint64_t index, const struct hash *leaf, struct buf *ret_line);

/* The newest public checkpoint as /log/checkpoint serves it, with its cosignatures.
 * ERR_NOT_FOUND before the first slot. */
enum err checkpoint_public(struct db *db, const struct house *house, struct buf *ret_note);

#endif
