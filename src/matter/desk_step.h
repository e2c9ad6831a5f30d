/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk_step: the steps an officer can take on a matter's page, as a table: which fields each asks
 * for, and how what is typed becomes the command that matter_act decides on.
 *
 * One row of DESK_STEPS, one row of DESK_ROUTES (desk_routes.c), one form on the page.
 */
#ifndef HUIYIN_MATTER_DESK_STEP_H
#define HUIYIN_MATTER_DESK_STEP_H

#include "matter/desk.h"
#include "matter/use.h"

/* Everything any step asks for; each form fills its own part. */
struct desk_input {
    int64_t seq; /* events the page had shown */
    int64_t n;   /* which limit */
    int64_t amount;
    struct str text;
    struct str to;      /* office, by its code */
    struct str handler; /* officer, by login */
    struct str route;
    struct str reason;
    struct str ref;
    struct str basis;
    struct str whose;
    struct str asked;
    struct str found;
    struct str remedy;
    struct str review_where;
    struct str how;
    int32_t outcome; /* 1.. in the order of enum matter_outcome */
    int32_t solved;  /* 1 yes, 2 no */
    int32_t until;
    int32_t remedy_day;
    int32_t day;
};

enum desk_widget {
    WIDGET_LINE = 1,
    WIDGET_LINES,
    WIDGET_DATE,
    WIDGET_NUMBER,
    WIDGET_OFFICE,  /* every office but the matter's own */
    WIDGET_HANDLER, /* officers of the office who may handle it */
    WIDGET_ROUTE,
    WIDGET_DUE,       /* running limits of the office */
    WIDGET_DUE_STILL, /* those that stand still */
    WIDGET_OUTCOME,
    WIDGET_SOLVED,
    WIDGET_HOW,
    WIDGET_REFUSAL,   /* reasons for not taking it */
    WIDGET_STILL_WHY, /* reasons the running limits' rules allow */
    WIDGET_END_WHY    /* reasons for concluding */
};

struct desk_field {
    const char *name; /* of the form's field, and of the body's in refusals */
    enum desk_widget widget;
    enum msg_key label;
};

enum { DESK_FIELDS_MAX = 9 };

struct desk_step {
    enum matter_do what;
    enum msg_key help;
    struct desk_field fields[DESK_FIELDS_MAX]; /* ends with a NULL name */
    const struct form *form;
};

extern const struct form DESK_ROUTE_FORM;
extern const struct form DESK_NOTHING_FORM;
extern const struct form DESK_WORDS_FORM;
extern const struct form DESK_ADMIT_FORM;
extern const struct form DESK_REFUSE_FORM;
extern const struct form DESK_MISDIRECT_FORM;
extern const struct form DESK_ASSIGN_ONE_FORM;
extern const struct form DESK_ASK_FORM;
extern const struct form DESK_EXTEND_FORM;
extern const struct form DESK_SUSPEND_FORM;
extern const struct form DESK_RESUME_FORM;
extern const struct form DESK_ANSWER_FORM;
extern const struct form DESK_DELIVER_FORM;
extern const struct form DESK_CONCLUDE_FORM;

/* NULL when the desk has no such step. */
const struct desk_step *desk_step_find(enum matter_do what);
const struct desk_step *desk_step_at(size_t i);

/* The step a path asks for, by its last segment. */
const struct desk_step *desk_step_of(const struct request *req);

struct page_desk_matter;
/* The forms of the steps that are possible now; `opened` is shown unfolded with what was typed. */
enum err desk_acts_fill(struct request *req, const struct matter *m, const struct matter_actor *me,
                        const struct desk_step *opened, struct page_desk_matter *v);

/* What was sent, as the command it asks for; the API's doors use it too. */
enum err desk_act_fill(struct tx *tx, struct request *req, enum matter_do what,
                       struct matter_act *ret_act);
enum err desk_step_act(struct tx *tx, struct request *req);
enum err desk_answer_act(struct tx *tx, struct request *req);
enum err desk_undo_act(struct tx *tx, struct request *req);
enum err desk_recuse_act(struct tx *tx, struct request *req);
enum err desk_recuse_reply(struct request *req);
enum err desk_card_act(struct tx *tx, struct request *req);
enum err desk_card_reply(struct request *req);
/* Back to the matter's page. */
enum err desk_step_reply(struct request *req);

#endif
