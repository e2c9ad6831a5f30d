/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * person_terms: last days as a person reads them: what is owed, by when, why it stands still, and
 * which law says so; and the doors the law opens elsewhere.
 *
 * The same rows stand on the page before sending, after it and behind the code; templates copy
 * what they show. Everything lives in the request's arena.
 */
#ifndef HUIYIN_MATTER_PERSON_TERMS_H
#define HUIYIN_MATTER_PERSON_TERMS_H

#include "http/request.h"
#include "lib/text/msg.h"
#include "matter/matter.h"
#include "spine/event.h"
#include "spine/pack.h"

struct term {
    struct str rule;
    struct str name;
    struct msg_say last;  /* a last day, or a span while it has not begun */
    struct msg_say still; /* MSG_NONE while it runs */
    struct str law;
    bool late;
    bool provisional;
    bool runs;
    bool is_persons; /* the person's own window */
};

struct terms {
    struct term *items;
    size_t count;
};

struct door_row {
    struct str name;
    struct str body;
    struct str how;
    struct msg_say last; /* MSG_NONE where the law sets no day */
};

/* "within 10 working days" */
struct msg_say terms_span(struct due_span span);
/* "信访工作条例 第二十三条" in the reader's language. */
struct str terms_law(struct request *req, const struct due_rule *rule);

/* What the office owes once a matter of that kind is sent: the rules of the pack, as spans. */
enum err terms_of_kind(struct request *req, const struct pack_kind *kind, struct terms *ret);
/* What runs in a matter now; why a limit stands still is read out of its events. With `more` the
 * rules that have not begun follow, as spans. */
enum err terms_of_matter(struct request *req, const struct matter *m,
                         const struct matter_event *events, size_t count, bool more,
                         struct terms *ret);

/* Doors elsewhere; with a matter those whose limit runs say their last day. */
enum err terms_doors(struct request *req, const struct pack_kind *kind, const struct matter *m,
                     struct door_row **ret_rows, size_t *ret_count);

#endif
