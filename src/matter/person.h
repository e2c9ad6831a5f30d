/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * person: the pages of people who raise matters. No account, no script, no cookie but the session.
 *
 * person.c has the doors, start, rights and exit; person_raise.h the way in; person_mine.c the one
 * page behind a code. A person's session names one matter and nothing else; every read here is of
 * that matter, so no parameter leads to another.
 */
#ifndef HUIYIN_MATTER_PERSON_H
#define HUIYIN_MATTER_PERSON_H

#include "http/request.h"
#include "http/route.h"
#include "lib/text/msg.h"

extern const struct route PERSON_ROUTES[];
extern const size_t PERSON_ROUTE_COUNT;

/* The page behind the code, and all that can be done there. */
enum err person_mine_view(struct request *req);
enum err person_mine_prepare(struct request *req);
enum err person_mine_act(struct tx *tx, struct request *req);
enum err person_mine_reply(struct request *req);
enum err person_mine_again(struct request *req);
extern const struct form PERSON_MINE_FORM;

/* A page that says one or two things. */
enum err person_say(struct request *req, enum msg_key title, const enum msg_key *lines,
                    size_t count);

#endif
