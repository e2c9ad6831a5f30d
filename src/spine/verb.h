/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * verb: what one may do with one dossier, and which post may do what (domain.md section 5).
 *
 * Verbs are bits of grant_.verbs. No post has them all: an administrator configures and reads no
 * matter. The numbers stand in the database: never change them.
 */
#ifndef HUIYIN_SPINE_VERB_H
#define HUIYIN_SPINE_VERB_H

#include "base/str.h"

#include <stdint.h>

enum verb {
    VERB_NONE = 0,
    VERB_LIST = 1 << 0,
    VERB_READ = 1 << 1,
    VERB_TAKE_IN = 1 << 2,
    VERB_ROUTE = 1 << 3,
    VERB_OBJECT = 1 << 4,
    VERB_ADMIT = 1 << 5, /* also refuse, misdirect */
    VERB_ASSIGN = 1 << 6,
    VERB_NOTE = 1 << 7,
    VERB_ASK = 1 << 8,
    VERB_ANSWER = 1 << 9,
    VERB_EXTEND = 1 << 10,
    VERB_APPROVE = 1 << 11,
    VERB_SUSPEND = 1 << 12, /* also resume */
    VERB_CONCLUDE = 1 << 13,
    VERB_REVIEW = 1 << 14,
    VERB_EXPORT = 1 << 15,
    VERB_BAR = 1 << 16,
    VERB_UNSEAL = 1 << 17,
    VERB_CONFIGURE = 1 << 18,
    VERB_AUDIT = 1 << 19,
    VERB_ALL = (1 << 20) - 1
};

enum post {
    POST_UNSET = 0,
    POST_DESK,
    POST_HANDLER,
    POST_LEAD,
    POST_REVIEWER,
    POST_CUSTODIAN,
    POST_GUARDIAN,
    POST_AUDITOR,
    POST_DUTY,
    POST_COMMANDER,
    POST_INSPECTOR,
    POST_ADMIN,
    POST_COUNT
};

/* "read", "take_in", ...; "" for what is not one verb. */
const char *verb_name(uint32_t verb);

/* The most a post may ever hold on a dossier; a grant gives a subset of it. */
uint32_t verb_of_post(enum post post);

/* "desk", "handler", ...: as it stands in event texts (`actor role:handler`) and message keys
 * (`post.handler`). Never NULL; "" for POST_UNSET and unknown values. */
const char *post_name(enum post post);

/* The actor of an event: "role:lead". */
struct str post_role(enum post post);

/* POST_UNSET when there is none of that name. */
enum post post_parse(const char *name);

#endif
