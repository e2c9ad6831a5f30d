/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * audit: recomputes the whole log from its rows (trust.md sections 8.2 and 8.6).
 *
 *   - every index 0 .. N-1 is an event, padding, or listed as shredded; anything else was deleted
 *     without a record;
 *   - every event's text is what its entry commits to, is canonical, stands at its place (dossier,
 *     number, previous event), and its payload is what its body commits to;
 *   - every stored hash follows from the entries, and every signed checkpoint from the hashes;
 *   - every dossier's events run 1, 2, 3 ... to the number and the hash that its row names.
 *
 * Reads in bounded pieces by index, so that a server may run meanwhile; what is appended after the
 * start is left to the next audit. Nothing is changed.
 */
#ifndef HUIYIN_SPINE_AUDIT_H
#define HUIYIN_SPINE_AUDIT_H

#include "base/ids.h"
#include "spine/keys.h"
#include "spine/proof.h"
#include "spine/signer.h"

struct db;

enum audit_fault_kind {
    AUDIT_NONE = 0,
    AUDIT_ENTRY_MISSING, /* no log_entry row at this index, or none of 33 bytes */
    AUDIT_UNEXPLAINED,   /* neither event nor padding nor listed as shredded */
    AUDIT_HASH,          /* a stored hash does not follow from the entries */
    AUDIT_PADDING,       /* said to be padding, but is not */
    AUDIT_TEXT,          /* the text is not canonical or not what was committed to */
    AUDIT_PLACE,         /* the text names another dossier, number, log or type than its row */
    AUDIT_PREV,          /* the previous event is missing or another one */
    AUDIT_BODY,          /* the payload is not what the body commits to */
    AUDIT_KEY,           /* the key of a sealed dossier is gone, though it was not shredded */
    AUDIT_ORPHAN,        /* an event of a dossier that is not there */
    AUDIT_SHREDDED,      /* the text is gone, but no record says that it was shredded */
    AUDIT_CHECKPOINT,    /* a checkpoint's root or signature is wrong */
    AUDIT_DOSSIER,       /* a dossier's row names other events than there are */
    AUDIT_SYSTEM,        /* the same for the stream of the system */
    AUDIT_SIZE,          /* log_state names another size than there are entries */
    AUDIT_HEAD,          /* the signer's last head is not on this history */
    AUDIT_FAULT_COUNT
};

/* The catalogue key of the sentence: "log.audit.text" ... Never NULL. */
const char *audit_fault_key(enum audit_fault_kind kind);

struct audit_fault {
    enum audit_fault_kind kind;
    int64_t index;             /* in the log, -1 when no single leaf is meant */
    struct dossier_id dossier; /* 0: none, or the system */
    int64_t seq;
};

struct audit_setup {
    struct str origin;
    const struct keys *keys;
    const uint8_t *log_public_key; /* NULL: signatures are not checked */
    const struct log_head *head;   /* the signer's, NULL: not known */
    void (*on_fault)(void *ctx, const struct audit_fault *f);
    void (*on_progress)(void *ctx, int64_t done, int64_t size); /* may be NULL */
    void *ctx;
};

struct audit_result {
    int64_t size;
    int64_t events;
    int64_t padding;
    int64_t shredded;
    int64_t dossiers;
    int64_t checkpoints;
    int64_t faults;
    struct hash root;
};

/* ERR_OK also when faults were found: they are counted. */
enum err log_audit(struct db *db, const struct audit_setup *setup, struct audit_result *ret_result);

#endif
