/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * verify: what huiyin-verify can be asked (trust.md section 8.6).
 *
 *   receipt FILE --policy P                 one event, its place in the log, the log's signature
 *   history FILE --policy P                 a matter's events, numbered without a gap
 *   body FILE --event E --salt S            the content is what the event's body commits to
 *   time FILE --checkpoints DIR --policy P  the event is as old as it says, by the witnesses'
 * clocks consistency OLD NEW --tiles DIR --policy P   two checkpoints of one history, by a mirror's
 * tiles consistency OLD PROOF --policy P        the same; PROOF is "old N", hashes, an empty line
 * and the new checkpoint checkpoint FILE --policy P              who signed it; --printed TEXT: the
 * three lines as a newspaper printed them bundle DIR --policy P                   a closing file:
 * every file of its manifest, its history and its receipts
 *
 * It reads files and folders and nothing else: no network, no clock, no configuration. Sentences in
 * English or Chinese by LANG. Answers: 0 valid, 1 INVALID, 2 called wrongly, 3 valid, but
 * cosignatures or data are missing.
 */
#ifndef HUIYIN_VERIFY_VERIFY_H
#define HUIYIN_VERIFY_VERIFY_H

#include "base/arena.h"
#include "base/str.h"
#include "verify/policy.h"

enum answer { ANSWER_VALID = 0, ANSWER_INVALID = 1, ANSWER_USAGE = 2, ANSWER_WAITING = 3 };

struct question {
    struct arena *arena;
    const char *file;
    const char *second; /* consistency: the proof, or the new checkpoint */
    const char *policy;
    const char *event;
    const char *salt;
    const char *checkpoints;
    const char *tiles;
    const char *printed;
};

/* A sentence on standard output, in the reader's language. */
void verify_say(const char *english, const char *chinese, ...)
    __attribute__((format(printf, 1, 3), format(printf, 2, 3)));
/* "INVALID: why", and ANSWER_INVALID. */
enum answer verify_fail(const char *english, const char *chinese);
/* A whole file of at most 8 MiB; false, with a sentence, when it cannot be read. */
bool verify_read(struct arena *a, const char *path, struct str *ret_text);
/* The policy of the question; false, with a sentence. */
bool verify_policy(const struct question *q, struct policy *ret_policy);
/* Says who signed; ANSWER_VALID, ANSWER_WAITING or ANSWER_INVALID. */
enum answer verify_signed(const struct policy *p, const struct checkpoint *c,
                          struct policy_seen *ret_seen);

enum answer verify_receipt(const struct question *q);
enum answer verify_history(const struct question *q);
enum answer verify_body(const struct question *q);
enum answer verify_time(const struct question *q);
enum answer verify_consistency(const struct question *q);
enum answer verify_checkpoint(const struct question *q);
enum answer verify_bundle(const struct question *q);

#endif
