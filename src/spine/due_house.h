/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * due_house: the time limits of the program itself.
 *
 * Laws leave holes: a route without a limit, an offer nobody answers, an answer nobody delivered.
 * A matter in an open state always has a due, so where the pack names none one of these runs. They
 * are rules like a pack's, with ids "house/...", counted in the pack's first calendar (calendar
 * days when it has none). A pack's own rule for the same event stands in their place.
 *
 * Pure; the rules are const after the program starts.
 */
#ifndef HUIYIN_SPINE_DUE_HOUSE_H
#define HUIYIN_SPINE_DUE_HOUSE_H

#include "spine/due.h"

struct pack;

enum due_house {
    HOUSE_NONE = 0,
    HOUSE_ATTEND,  /* the next step, where nothing else is owed: 10 working days */
    HOUSE_OBJECT,  /* an offer may be objected to: 5 working days, then silence takes it */
    HOUSE_SETTLE,  /* the sender answers an objection: 3 working days */
    HOUSE_TAKE,    /* a confirmed offer must be taken: 2 working days, then it counts as taken */
    HOUSE_CONTEST, /* another officer decides "not the same": 3 working days */
    HOUSE_DELIVER, /* the answer reaches the person: 10 working days */
    HOUSE_WINDOW,  /* side person: an answer may be called not solved: 30 calendar days */
    HOUSE_GRACE,   /* after a miss, before the superior owns it: as long as the missed rule says */
    HOUSE_COUNT
};

/* "house/attend". */
struct str due_house_id(enum due_house rule);

/* HOUSE_NONE when the id is none of them. */
enum due_house due_house_find(struct str id);

/* Fills a rule that lives as long as `*ret_rule`; what it points to is static or the pack's. */
void due_house_rule(enum due_house rule, const struct pack *p, struct due_rule *ret_rule);

#endif
