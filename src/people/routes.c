/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "people/acts.h"
#include "spine/verb.h"

#define OWN_WRITE(where, what, input, does, answers, more)                                         \
    {                                                                                              \
        .method = METHOD_POST, .path = "/desk/account/" where, .door = DOOR_OFFICER,               \
        .verb = ROUTE_VERB_OWN, .form = &(input), .csrf = CSRF_SESSION, .event = (what),           \
        .budget = BUDGET_WRITE, .flags = (more), .act = (does), .reply = (answers),                \
        .again = own_reply                                                                         \
    }

#define ADMIN_WRITE(where, what, input, does, answers, wrong)                                      \
    {                                                                                              \
        .method = METHOD_POST, .path = "/admin/" where, .door = DOOR_OFFICER,                      \
        .verb = VERB_CONFIGURE, .form = &(input), .csrf = CSRF_SESSION, .event = (what),           \
        .budget = BUDGET_WRITE, .flags = ROUTE_STEP_UP, .act = (does), .reply = (answers),         \
        .again = (wrong)                                                                           \
    }

const struct route PEOPLE_ROUTES[] = {
    {.method = METHOD_GET,
     .path = "/sign-in",
     .door = DOOR_PUBLIC,
     .csrf = CSRF_NONE,
     .budget = BUDGET_READ,
     .view = sign_in_view},
    {.method = METHOD_POST,
     .path = "/sign-in",
     .door = DOOR_PUBLIC,
     .form = &SIGN_IN_FORM,
     .csrf = CSRF_SESSION,
     .event = AUDIT_SESSION,
     .budget = BUDGET_SIGN_IN,
     .flags = ROUTE_SLOW,
     .prepare = sign_in_prepare,
     .act = sign_in_act,
     .reply = sign_in_reply,
     .again = sign_in_reply},
    {.method = METHOD_GET,
     .path = "/sign-in/invite/{token}",
     .door = DOOR_PUBLIC,
     .csrf = CSRF_NONE,
     .budget = BUDGET_SIGN_IN,
     .view = invite_view},
    {.method = METHOD_POST,
     .path = "/sign-in/invite/{token}",
     .door = DOOR_PUBLIC,
     .form = &INVITE_FORM,
     .csrf = CSRF_SESSION,
     .event = "officer.enrolled",
     .budget = BUDGET_SIGN_IN,
     .flags = ROUTE_SLOW,
     .prepare = invite_prepare,
     .act = invite_act,
     .reply = invite_reply,
     .again = invite_reply},
    {.method = METHOD_POST,
     .path = "/desk/sign-out",
     .door = DOOR_OFFICER,
     .verb = ROUTE_VERB_OWN,
     .form = &EMPTY_FORM,
     .csrf = CSRF_SESSION,
     .event = AUDIT_SESSION,
     .budget = BUDGET_WRITE,
     .act = sign_out_act,
     .reply = sign_out_reply},
    {.method = METHOD_GET,
     .path = "/desk/account",
     .door = DOOR_OFFICER,
     .verb = ROUTE_VERB_OWN,
     .csrf = CSRF_NONE,
     .budget = BUDGET_READ,
     .view = own_view},
    OWN_WRITE("delegate", "officer.delegated", DELEGATE_FORM, own_delegate_act, own_reply, 0),
    OWN_WRITE("end", "officer.delegation_ended", END_FORM, own_end_act, own_reply, 0),
    OWN_WRITE("token", "officer.token_made", TOKEN_FORM, own_token_act, own_token_reply,
              ROUTE_STEP_UP),
    OWN_WRITE("revoke", "officer.token_revoked", REVOKE_FORM, own_revoke_act, own_reply, 0),
    OWN_WRITE("leave", AUDIT_SESSION, EMPTY_FORM, own_leave_act, own_reply, 0),
    {.method = METHOD_GET,
     .path = "/admin",
     .door = DOOR_OFFICER,
     .verb = VERB_CONFIGURE,
     .csrf = CSRF_NONE,
     .budget = BUDGET_READ,
     .view = admin_view},
    {.method = METHOD_GET,
     .path = "/admin/officer/{login}",
     .door = DOOR_OFFICER,
     .verb = VERB_CONFIGURE,
     .csrf = CSRF_NONE,
     .budget = BUDGET_READ,
     .view = admin_one_view},
    ADMIN_WRITE("offices", "office.added", OFFICE_FORM, admin_office_act, admin_office_reply,
                admin_office_reply),
    ADMIN_WRITE("officers", "officer.added", OFFICER_FORM, admin_officer_act, admin_officer_reply,
                admin_officer_reply),
    ADMIN_WRITE("officer/{login}/post", "officer.post_given", POST_FORM, admin_post_act,
                admin_one_reply, admin_one_reply),
    ADMIN_WRITE("officer/{login}/end", "officer.post_ended", ADMIN_END_FORM, admin_end_act,
                admin_one_reply, admin_one_reply),
    ADMIN_WRITE("officer/{login}/invite", "officer.invited", EMPTY_FORM, admin_invite_act,
                admin_invite_reply, admin_one_reply),
    ADMIN_WRITE("officer/{login}/close", "officer.disabled", EMPTY_FORM, admin_close_act,
                admin_one_reply, admin_one_reply),
};
const size_t PEOPLE_ROUTE_COUNT = sizeof PEOPLE_ROUTES / sizeof PEOPLE_ROUTES[0];
