/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * event: what happened to a dossier, in the one form that can be proved to outsiders
 * (trust.md section 8.1; none of it can change).
 *
 *   huiyin-event/v1
 *   log <origin>
 *   matter <32 hex digits: id16; all zeros for the system stream>
 *   seq <1, 2, 3 ...>
 *   prev <base64 leaf hash of the dossier's previous event, or ->
 *   time <YYYY-MM-DD for actor person, YYYY-MM-DDTHH:MM:SSZ for all others>
 *   type <words of a-z 0-9 _ joined by dots>
 *   actor <person | system | role:word>
 *   body <base64 commitment to the payload, or ->
 *   attr <key> <value>            0 to 16 lines, strictly ascending bytewise
 *
 * Every line ends in one LF; no CR, no blank at the end of a line, no control characters, UTF-8, at
 * most 2,048 bytes. There is one spelling of every event: event_parse takes exactly what
 * event_format makes.
 *
 *   body   = SHA-256("huiyin-body/v1\n" || bsalt32 || payload)
 *   salt   = BLAKE2b-256(MLK, "huiyin-salt/v1" || be64(seq))
 *   commit = SHA-256("huiyin-commit/v1\n" || salt32 || text)
 *   entry  = 0x01 || commit                          what tile/entries serves
 *   leaf   = SHA-256(0x00 || entry)
 *
 * event_append is the only way an event gets into the database:
 *
 *     const struct event_attr attrs[] = {{STR("kind"), kind}, {STR("lang"), lang}};
 *     const struct event_draft e = {.type = STR("matter.received"), .actor = STR("person"),
 *                                   .attrs = attrs, .attr_count = 2, .payload = json};
 *     TRY(event_append(tx, &dossier, &e, NULL));
 *     ...
 *     TRY(dossier_store(tx, &dossier));
 *
 * Formatting, parsing and hashing are pure and thread-safe; event_append runs in the writer.
 */
#ifndef HUIYIN_SPINE_EVENT_H
#define HUIYIN_SPINE_EVENT_H

#include "base/ids.h"
#include "base/str.h"
#include "lib/crypt/crypt.h"
#include "spine/ref.h"

struct db;
struct tx;
struct dossier;
struct keys;

enum {
    EVENT_TEXT_BYTES_MAX = 2048,
    EVENT_ATTRS_MAX = 16,
    EVENT_ENTRY_BYTES = 33,
    EVENT_PAYLOAD_BYTES_MAX = 4 * 1024 * 1024
};

struct event_attr {
    struct str key;   /* a-z 0-9 . _ -, starts with a letter */
    struct str value; /* not empty, no control characters, no blank at either end */
};

/* A canonical text, taken apart; views point into the text. */
struct event_text {
    struct str origin;
    struct id16 id16;
    int64_t seq;
    bool has_prev;
    struct hash prev;
    bool date_only;
    int32_t day;   /* of `time` */
    int64_t at_us; /* whole seconds; 00:00Z of the day when date_only */
    struct str type;
    struct str actor;
    bool has_body;
    struct hash body;
    struct event_attr attrs[EVENT_ATTRS_MAX];
    size_t attr_count;
};

/* ERR_INVALID with a detail that names the field when `e` breaks a rule above. */
enum err event_format(const struct event_text *e, struct buf *ret_text, struct err_info *info);
/* What a row of our own says: the rules above, without asking whether it is the one spelling. */
enum err event_understand(struct str text, struct event_text *ret_event, struct err_info *info);
/* Takes only the canonical spelling. */
enum err event_parse(struct str text, struct event_text *ret_event, struct err_info *info);
/* The value of the first attribute of that key, or a str with NULL. */
struct str event_attr(const struct event_text *e, struct str key);

void event_body(const uint8_t bsalt[32], struct str payload, struct hash *ret_body);
void event_salt(const uint8_t mlk[KEY_BYTES], int64_t seq, uint8_t ret_salt[32]);
void event_commit(const uint8_t salt[32], struct str text, struct hash *ret_commit);
void event_entry(const struct hash *commit, uint8_t ret_entry[EVENT_ENTRY_BYTES]);

/* ---- writing --------------------------------------------------------------------------------- */

/* What the use case says; the rest is filled in. */
struct event_draft {
    struct str type;
    struct str actor;               /* "person", "system", "role:desk" */
    const struct event_attr *attrs; /* in any order */
    size_t attr_count;
    struct str payload; /* canonical JSON (sorted keys, no blanks), or STR_NULL */
};

/* Where it now stands. */
struct event_place {
    int64_t seq;
    int64_t leaf; /* index in the log */
    struct hash leaf_hash;
};

/* Fills in seq, prev, time (of tx->now_us, for a person the day in house_day's zone) and
 * commitments, stores the event, its log entry and the hashes it completes, and moves d->seq and
 * d->tail. dossier_store must follow in the same job. For sealed kinds d->mlk must have been filled
 * in (d->has_mlk). ret_place may be NULL. ERR_REFUSED "log.clock_back": tx->now_us is more than
 * five minutes before the newest event of the log; the log turns read-only until it is restarted
 * with a clock that is right. ERR_REFUSED "log.read_only": the log may not be written
 * (spine/log.h). ERR_LIMIT: text or payload too long. ERR_INVALID: the draft breaks a rule of the
 * text. */
enum err event_append(struct tx *tx, struct dossier *d, const struct event_draft *e,
                      struct event_place *ret_place);

/* The same on the system stream: configuration, shredding, restores. */
enum err event_append_system(struct tx *tx, const struct event_draft *e,
                             struct event_place *ret_place);

/* ---- reading --------------------------------------------------------------------------------- */

/* An event as it was written, opened where it was sealed. */
struct event {
    int64_t seq;
    int64_t at_us;
    int64_t leaf;
    struct str text;    /* canonical text */
    struct str payload; /* canonical JSON, empty for none */
    uint8_t bsalt[32];
    bool shredded; /* text and payload are gone */
    struct event_text parsed;
};

/* The events of a dossier in order, seq > after, at most `max`, in the arena. Works on every
 * connection; rows come from v_event on an officer's connection and from the table otherwise.
 * `mlk` is needed for sealed kinds only (NULL for open ones). */
struct event_ask {
    struct dossier_id dossier;
    struct id16 id16;
    const struct key32 *mlk; /* NULL: the texts are clear */
    bool as_officer;         /* through v_event */
    int64_t after;
    int64_t max; /* 0: 10,000 */
};
enum err event_load(struct db *db, struct arena *a, const struct event_ask *ask,
                    struct event **ret_events, size_t *ret_count);

#endif
