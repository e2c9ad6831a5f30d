/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * frame_staff: what stands around every page of the staff: name, ways to go, signing out.
 */
#ifndef HUIYIN_HTTP_FRAME_STAFF_H
#define HUIYIN_HTTP_FRAME_STAFF_H

#include "http/pages/staff_frame.html.h"

struct request;

enum staff_section { STAFF_NONE = 0, STAFF_WORK, STAFF_NEW, STAFF_SEARCH, STAFF_LATE, STAFF_ADMIN };

/* Fills the frame for the officer of the request; nobody signed in shows neither name nor ways. */
void frame_staff(struct request *req, enum msg_key title, enum staff_section section,
                 struct page_staff_frame *ret_frame);

#endif
