/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "spine/verb.h"

#include <string.h>

struct post_row {
    const char *role; /* "role:" and the name */
    uint32_t verbs;
};

enum { ROLE_BYTES = sizeof "role:" - 1 };

enum {
    VERBS_HANDLER =
        VERB_LIST | VERB_READ | VERB_NOTE | VERB_ASK | VERB_ANSWER | VERB_SUSPEND | VERB_EXTEND,
    VERBS_SAFETY = VERB_LIST | VERB_READ | VERB_NOTE | VERB_ASSIGN | VERB_ANSWER | VERB_CONCLUDE,
};

static const struct post_row POSTS[POST_COUNT] = {
    [POST_UNSET] = {"role:", 0},
    [POST_DESK] = {"role:desk", VERB_LIST | VERB_READ | VERB_TAKE_IN | VERB_ROUTE | VERB_NOTE},
    [POST_HANDLER] = {"role:handler", VERBS_HANDLER},
    [POST_LEAD] = {"role:lead",
                   VERB_ALL & ~(VERB_REVIEW | VERB_UNSEAL | VERB_CONFIGURE | VERB_AUDIT)},
    [POST_REVIEWER] = {"role:reviewer", VERB_LIST | VERB_READ | VERB_NOTE | VERB_ASK | VERB_REVIEW},
    [POST_CUSTODIAN] = {"role:custodian", VERB_UNSEAL},
    [POST_GUARDIAN] = {"role:guardian", VERB_BAR},
    [POST_AUDITOR] = {"role:auditor", VERB_AUDIT},
    [POST_DUTY] = {"role:duty", VERBS_SAFETY},
    [POST_COMMANDER] = {"role:commander", VERBS_SAFETY},
    [POST_INSPECTOR] = {"role:inspector", VERBS_SAFETY},
    [POST_ADMIN] = {"role:admin", VERB_CONFIGURE},
};

const char *verb_name(uint32_t verb)
{
    static const char *const NAMES[] = {
        "list",   "read",   "take_in", "route",  "object",    "admit",   "assign",
        "note",   "ask",    "answer",  "extend", "approve",   "suspend", "conclude",
        "review", "export", "bar",     "unseal", "configure", "audit",
    };
    for (uint32_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++)
        if (verb == UINT32_C(1) << i)
            return NAMES[i];
    return "";
}

uint32_t verb_of_post(enum post post)
{
    return (unsigned)post < POST_COUNT ? POSTS[post].verbs : 0;
}

const char *post_name(enum post post)
{
    return (unsigned)post < POST_COUNT ? POSTS[post].role + ROLE_BYTES : "";
}

struct str post_role(enum post post)
{
    return str_of(POSTS[(unsigned)post < POST_COUNT ? post : POST_UNSET].role);
}

enum post post_parse(const char *name)
{
    for (int p = POST_UNSET + 1; p < POST_COUNT; p++) {
        if (strcmp(POSTS[p].role + ROLE_BYTES, name) == 0)
            return (enum post)p;
    }
    return POST_UNSET;
}
