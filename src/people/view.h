/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* view: pieces of pages that several files of src/people fill. */
#ifndef HUIYIN_PEOPLE_VIEW_H
#define HUIYIN_PEOPLE_VIEW_H

#include "http/request.h"
#include "people/pages/field.html.h"
#include "spine/verb.h"

/* One line with what was typed and what is wrong with it. */
struct page_field people_field(struct request *req, const char *name, enum msg_key label,
                               enum msg_key hint, const char *type);

/* "post.handler" as a message key. */
enum msg_key people_post_key(enum post post);

/* The office's name in the reader's language, its number when it is gone. */
struct str people_office_name(struct request *req, struct office_id id);
/* "town.school/handler": how a form names a post in an office. */
struct str people_post_id(struct request *req, struct office_id office, enum post post);
/* The other way; false when there is no such office or post. */
bool people_post_of(const struct house *h, struct str id, struct office_id *ret_office,
                    enum post *ret_post);

/* The day as YYYY-MM-DD in the arena. */
struct str people_day_text(struct request *req, int32_t day);

/* The sentence of a refusal, key MSG_NONE when there was none. */
struct msg_say people_refusal(const struct request *req);

#endif
