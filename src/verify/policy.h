/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * policy: which log and which witnesses a verifier believes (c2sp.org/tlog-policy).
 *
 *   log <vkey> [<url>]
 *   witness <name> <vkey> [<url>]
 *   group <name> all|any|<k> <name>...
 *   quorum <name>|none
 *
 * Names are bytes; a name is defined before it is used and is a member of one group at most; the
 * same public key stands in one line only. At most 32 logs and 64 witnesses and groups together.
 * Views point into the text. Pure.
 */
#ifndef HUIYIN_VERIFY_POLICY_H
#define HUIYIN_VERIFY_POLICY_H

#include "spine/note.h"

enum { POLICY_LOGS_MAX = 32, POLICY_NAMES_MAX = 64 };

struct policy_name {
    struct str name;
    bool is_group;
    struct note_key key;             /* a witness's */
    size_t needed;                   /* a group: how many of its members */
    size_t member[POLICY_NAMES_MAX]; /* indexes of names defined before */
    size_t member_count;
    bool is_member;
};

struct policy {
    struct note_key logs[POLICY_LOGS_MAX];
    size_t log_count;
    struct policy_name names[POLICY_NAMES_MAX];
    size_t name_count;
    bool has_quorum;
    bool needs_none;
    size_t quorum; /* index of a name */
};

/* *ret_line is the line (from 1) that is wrong; 0 when a line is missing. */
enum err policy_parse(struct str text, struct policy *ret_policy, int32_t *ret_line);

enum policy_verdict {
    POLICY_UNSET = 0,
    POLICY_VALID,   /* signed by a log of the policy, and the quorum is there */
    POLICY_WAITING, /* signed by the log; cosignatures are missing */
    POLICY_FORGED,  /* a signature of a known key is wrong */
    POLICY_STRANGER /* not signed by a log of the policy */
};

struct policy_seen {
    int64_t times[POLICY_NAMES_MAX]; /* of each name's cosignature, 0 for none */
    int64_t first;                   /* the earliest and the latest, 0 for none */
    int64_t last;
};

enum policy_verdict policy_check(const struct policy *p, const struct checkpoint *c,
                                 struct policy_seen *ret_seen);

#endif
