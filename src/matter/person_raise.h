/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * person_raise: a person fills in a matter, one question a page, and sends it.
 *
 * All steps post to /raise. What was typed so far is a draft inside the person's session, sealed
 * under a key that only the browser has; nothing of it is a matter before the last step. A step
 * that posts "back" keeps what was typed; a page that is stale only fills in its own fields.
 * person_draft.c keeps the draft, person_raise.c takes a step, person_raise_view.c shows one, and
 * person_build.c makes the command.
 */
#ifndef HUIYIN_MATTER_PERSON_RAISE_H
#define HUIYIN_MATTER_PERSON_RAISE_H

#include "http/request.h"
#include "matter/use.h"
#include "spine/pack.h"

enum raise_step {
    STEP_NONE = 0,
    STEP_KIND,
    STEP_WHAT,
    STEP_QUESTIONS, /* only where the kind asks more than what, where, when and the wish */
    STEP_WISH,
    STEP_IDENTITY,
    STEP_TELL, /* not for the anonymous */
    STEP_FIRST,
    STEP_CHECK,
    STEP_CODE,
    STEP_COUNT
};

enum { RAISE_TEXT_MAX = 20000, RAISE_ANSWER_MAX = 8000 };

/* What is in a person's session. Texts are as typed and checked again at each step. */
struct raise_draft {
    bool is_sent; /* the matter stands; what is left is where it leads */
    enum raise_step at;
    struct str kind;
    struct str find;
    struct str title;
    struct str text;
    struct str place;
    struct str happened; /* "2026-03-02" */
    bool danger;
    struct str answers; /* canonical JSON object: question id -> text */
    struct str wish;
    struct str identity; /* "known", "sealed", "anonymous" */
    struct str name;
    struct str phone;
    struct str email;
    struct str postal;
    struct str excluded; /* codes of offices, each followed by a blank */
    struct str code;     /* 24 digits, shown and not yet sent, or to be put in force */
    struct str lookup;   /* hex: where `code` leads */
    struct str used;     /* hex: where the code leads with which the person came in */
    struct str done;     /* key of the sentence that says what was just done */
};

/* From the session; an empty draft at STEP_KIND when there is none, or it is not readable. */
enum err raise_draft_load(struct request *req, struct raise_draft *ret_draft);
/* Into the session, in act. */
enum err raise_draft_save(struct tx *tx, struct request *req, const struct raise_draft *d,
                          struct dossier_id dossier, bool fresh);

const struct pack_kind *raise_kind(const struct request *req, const struct raise_draft *d);
/* Whether the step belongs to this draft; its neighbours; its place among all. */
bool raise_step_is_on(const struct request *req, const struct raise_draft *d, enum raise_step s);
enum raise_step raise_step_next(const struct request *req, const struct raise_draft *d);
enum raise_step raise_step_before(const struct request *req, const struct raise_draft *d);
struct str raise_step_word(enum raise_step s);
enum raise_step raise_step_find(struct str word);
/* A question the steps before do not ask already. */
bool raise_question_is_own(const struct pack_question *q);
struct str raise_answer(const struct request *req, const struct raise_draft *d, struct str id);

/* The command and all that goes with it. `card` is filled for the known. */
enum err raise_build(struct request *req, const struct raise_draft *d,
                     struct matter_raise *ret_raise, struct identity *ret_card);
/* Who would read it first; ERR_REFUSED or ERR_NOT_FOUND when nobody is left. */
enum err raise_first(struct request *req, const struct raise_draft *d,
                     struct matter_first *ret_first);

/* Renders the step the draft is at, or the page after sending, with the faults of the request. */
enum err raise_show(struct request *req, const struct raise_draft *d);

/* Groups of four digits for the page that shows a code. */
enum err raise_code_show(struct request *req, struct str digits, bool replacing, struct str csrf);

/* Hands a 24-digit code out of the keeper into the draft. */
enum err raise_code_new(struct request *req, struct raise_draft *d);
/* A code stands in the text: ERR_INVALID with a fault on `field`. */
enum err raise_refuse_code(struct request *req, const char *field, struct str text);

/* The handlers of /raise. */
enum err raise_view(struct request *req);
enum err raise_prepare(struct request *req);
enum err raise_act(struct tx *tx, struct request *req);
enum err raise_reply(struct request *req);
enum err raise_again(struct request *req);
extern const struct form RAISE_FORM;

#endif
