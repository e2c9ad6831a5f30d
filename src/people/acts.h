/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* acts: what the pages of src/people share among themselves. */
#ifndef HUIYIN_PEOPLE_ACTS_H
#define HUIYIN_PEOPLE_ACTS_H

#include "http/request.h"
#include "people/people.h"
#include "spine/grant.h"

struct account_get_row;
struct office;
struct page_admin_officer;
struct page_own;

#define PEOPLE_NO_END INT32_MAX

/* An event on the system stream about staff; numbers in the payload, names never. */
struct people_fact {
    const char *type;  /* "officer.post_given" */
    const char *actor; /* "role:admin" */
    struct officer_id officer;
    struct officer_id by;          /* who did it; 0: the system, or the officer himself */
    struct officer_id giver;       /* delegation: whose post it is */
    struct officer_id asked_by;    /* of two who agreed, the first; 0 for none */
    struct officer_id subordinate; /* led by `officer`; 0 for none */
    struct str office;             /* code, "" for none */
    struct str kind;               /* of the pack, "*" for every kind, "" for none */
    struct str place;              /* "*" for everywhere, "" for none */
    struct str witness;            /* name, "" for none */
    const char *use;               /* of an office or witness: "in" or "out", NULL for none */
    enum post post;
    int32_t from_day;
    int32_t to_day;
};
enum err people_event(struct tx *tx, const struct people_fact *f);

/* One span of holding a post: a row of `holds`. */
struct people_span {
    struct officer_id officer;
    struct office_id office;
    enum post post;
    int32_t first;           /* its first day */
    struct officer_id giver; /* must be the one who lent it; 0: a post of the officer's own */
};
/* Ends it: from today on it is not held. Spans that begin later are taken out; who stands in for
 * an own post that ends, ends with it. ERR_NOT_FOUND when there is none. */
enum err people_span_end(struct tx *tx, const struct people_span *s);

/* A one-time link on its way from act to the page that shows it. */
struct people_link {
    char text[PEOPLE_INVITE_BYTES];
    struct str name;
};

/* sign_in.c */
enum err sign_in_view(struct request *req);
enum err sign_in_prepare(struct request *req);
enum err sign_in_act(struct tx *tx, struct request *req);
enum err sign_in_reply(struct request *req);
enum err sign_out_act(struct tx *tx, struct request *req);
enum err sign_out_reply(struct request *req);
extern const struct form SIGN_IN_FORM;
extern const struct form EMPTY_FORM;

/* invite.c */
enum err invite_view(struct request *req);
enum err invite_prepare(struct request *req);
enum err invite_act(struct tx *tx, struct request *req);
enum err invite_reply(struct request *req);
extern const struct form INVITE_FORM;

/* reset.c: an account begins anew */
enum err reset_fill(struct request *req, struct officer_id officer,
                    struct page_admin_officer *page);
enum err reset_ask_act(struct tx *tx, struct request *req);
enum err reset_confirm_act(struct tx *tx, struct request *req);
/* May `by` make the link of an account that was never in use, or begins anew? ERR_REFUSED
 * "people.reset.other_link" when somebody else confirmed the latter. */
enum err reset_may_invite(struct tx *tx, struct officer_id officer, struct officer_id by);

/* admin_office.c: one office */
enum err admin_place_view(struct request *req);
enum err admin_place_reply(struct request *req);
enum err admin_details_act(struct tx *tx, struct request *req);
enum err admin_remit_act(struct tx *tx, struct request *req);
enum err admin_remit_end_act(struct tx *tx, struct request *req);
/* "Road repairs, everywhere; every kind, gate four": in the arena. */
struct str admin_answers_for(struct request *req, const struct office *o);
extern const struct form DETAILS_FORM;
extern const struct form REMIT_FORM;

/* admin_witness.c: who watches the log from outside */
enum err admin_witness_view(struct request *req);
enum err admin_witness_reply(struct request *req);
enum err admin_witness_act(struct tx *tx, struct request *req);
enum err admin_witness_end_act(struct tx *tx, struct request *req);
extern const struct form WITNESS_FORM;
extern const struct form WITNESS_END_FORM;

/* admin_lead.c: who is led by whom */
enum err admin_lead_fill(struct request *req, struct officer_id officer,
                         struct page_admin_officer *page);
enum err admin_lead_act(struct tx *tx, struct request *req);
enum err admin_lead_end_act(struct tx *tx, struct request *req);
extern const struct form LEAD_FORM;

/* own.c: what is an officer's own */
enum err own_view(struct request *req);
enum err own_delegate_act(struct tx *tx, struct request *req);
enum err own_end_act(struct tx *tx, struct request *req);
enum err own_token_act(struct tx *tx, struct request *req);
enum err own_token_reply(struct request *req);
enum err own_revoke_act(struct tx *tx, struct request *req);
enum err own_leave_act(struct tx *tx, struct request *req);
enum err own_reply(struct request *req);
/* The page once more with what is wrong. */
enum err own_show(struct request *req, int status);
extern const struct form DELEGATE_FORM;
extern const struct form END_FORM;
extern const struct form TOKEN_FORM;
extern const struct form REVOKE_FORM;

/* own_password.c */
void own_password_fill(struct request *req, struct page_own *page);
enum err own_password_prepare(struct request *req);
enum err own_password_act(struct tx *tx, struct request *req);
enum err own_password_reply(struct request *req);
extern const struct form PASSWORD_FORM;

/* admin.c */
/* The officer of the page; ERR_NOT_FOUND when there is none. */
enum err admin_officer_find(struct request *req, struct db *db, struct arena *a,
                            struct account_get_row *ret_row);
enum err admin_view(struct request *req);
enum err admin_office_act(struct tx *tx, struct request *req);
enum err admin_office_reply(struct request *req);
enum err admin_officer_act(struct tx *tx, struct request *req);
enum err admin_officer_reply(struct request *req);
enum err admin_one_view(struct request *req);
enum err admin_post_act(struct tx *tx, struct request *req);
enum err admin_end_act(struct tx *tx, struct request *req);
enum err admin_invite_act(struct tx *tx, struct request *req);
enum err admin_invite_reply(struct request *req);
enum err admin_close_act(struct tx *tx, struct request *req);
enum err admin_one_reply(struct request *req);
extern const struct form OFFICE_FORM;
extern const struct form OFFICER_FORM;
extern const struct form POST_FORM;
extern const struct form ADMIN_END_FORM;

#endif
