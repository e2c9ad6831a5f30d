/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * frame: fills the layout of a person's page, from the request.
 *
 *     struct page_person_start v = {...};
 *     TRY(frame_person(req, &v.frame, FRAME_TITLE(MSG_MATTER_START_TITLE)));
 *     page_person_start_render(req->html, &v, req->lang);
 *     return reply_html(req, 200);
 *
 * What is filled in lives in the request's arena. Any HTTP thread.
 */
#ifndef HUIYIN_HTTP_FRAME_H
#define HUIYIN_HTTP_FRAME_H

#include "base/err.h"
#include "http/form.h"
#include "http/pages/error_summary.html.h"
#include "http/pages/person_frame.html.h"

struct request;

#define FRAME_TITLE(k) ((struct msg_say){.key = (k)})

/* What the installation is called, in the head of every page: once at start. */
void frame_set_house(struct str name_en, struct str name_zh);
struct str frame_house(const struct msg_lang *lang);

/* ERR_NOMEM only. Pages of officers have http/frame_staff.h. */
enum err frame_person(struct request *req, struct page_person_frame *f, struct msg_say title);

/* Everything wrong with the form, for the top of the page: faults of fields and, when a use case
 * refused, its sentence. */
enum err frame_faults(struct request *req, struct page_error_summary *e);
/* The sentence for one field, empty (key MSG_NONE) when nothing is wrong with it. */
struct msg_say frame_fault(const struct request *req, const char *field);
struct msg_say frame_fault_say(const struct form_fault *fault);

#endif
