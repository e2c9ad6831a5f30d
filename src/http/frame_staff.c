/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "http/frame_staff.h"

#include "http/request.h"
#include "spine/verb.h"

/* With two languages the chooser is one link: to the other one. */
static const struct msg_lang *lang_other(const struct msg_lang *lang)
{
    for (size_t i = 0; i < msg_lang_count(); i++) {
        if (msg_lang_at(i) != lang)
            return msg_lang_at(i);
    }
    return lang;
}

void frame_staff(struct request *req, enum msg_key title, enum staff_section section,
                 struct page_staff_frame *ret_frame)
{
    const struct msg_lang *other = lang_other(req->lang);
    bool is_in = req->who.officer.v != 0;
    *ret_frame = (struct page_staff_frame){
        .title = title,
        .path = req->path,
        .other_tag = msg_lang_tag(other),
        .other_name = msg_lang_name(other),
        .large = req->large,
        .demo = req->demo,
        .name = is_in ? req->who.name : STR(""),
        .officer = is_in ? req->who.officer.v : 0,
        .sign_out = is_in ? request_csrf(req, "/desk/sign-out") : STR(""),
        .work = section == STAFF_WORK,
        .new = section == STAFF_NEW,
        .search = section == STAFF_SEARCH,
        .late = section == STAFF_LATE,
        .admin = section == STAFF_ADMIN,
        .can_take = (req->who.verbs & VERB_TAKE_IN) != 0,
        .can_read = (req->who.verbs & VERB_READ) != 0,
        .can_admin = (req->who.verbs & VERB_CONFIGURE) != 0,
    };
}
