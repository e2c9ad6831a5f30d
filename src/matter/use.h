/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * use: what can be done with matters, each in one transaction: load, decide, apply, store.
 *
 * Pages, API, import, demo and timed jobs all come through here. Every function with a struct tx
 * runs inside the writer; who may do it is checked again there (grant_verbs of the officer, the
 * office and post acted for), whatever a page has shown before.
 *
 *     struct matter_done done;
 *     const struct matter_act act = {.id = req->dossier, .who = WHO_OFFICER, .officer = me,
 *                                    .command = {.what = DO_NOTE, .body.text = in->text}};
 *     TRY(matter_act(tx, &act, &done));
 */
#ifndef HUIYIN_MATTER_USE_H
#define HUIYIN_MATTER_USE_H

#include "matter/matter.h"
#include "spine/event.h"
#include "spine/grant.h"
#include "spine/house.h"
#include "trust/keeper.h"

/* What was done, for the page that says so. */
struct matter_done {
    struct dossier_id id;
    enum matter_state state;
    int64_t seq;             /* events of the matter now */
    struct office_id office; /* answerable now */
    bool again;              /* the same request had been done before: nothing was written */
};

/* ---- raising ------------------------------------------------------------------------------------
 */

/* How one raises: the command is DO_RAISE (DO_ENTER for what ended before an import). */
struct matter_raise {
    struct matter_command command;
    enum matter_who who;       /* person, officer (desk, API), system (import, demo) */
    struct officer_id officer; /* of the desk or the token */
    enum post post;
    struct office_id office; /* takes it in; 0: found by kind and place */
    const struct subject *subjects;
    size_t subject_count;
    const struct exclusion *exclusions;
    size_t exclusion_count;
    const uint8_t *lookup;       /* 32 bytes of the person's code, NULL for none */
    const struct id16 *handle;   /* sealed box made before by keeper_seal, NULL for none */
    const struct identity *card; /* known: the contact card, NULL for none */
    struct str once;             /* idempotency key, "" for none */
    struct token_id token;       /* its namespace: a token of the API, 0 otherwise */
    bool give_register_number;   /* letters, calls, visits */
};

/* ERR_REFUSED and ERR_INVALID as matter_decide says; a second sending of the same code or key is
 * ERR_OK with done.again and the first one's id. */
enum err matter_raise(struct tx *tx, const struct matter_raise *r, struct matter_done *ret_done);

/* The answers to a kind's questions as a body has them: canonical JSON, what is empty left out. */
struct form_pair;
enum err matter_answers_write(struct arena *a, const struct form_pair *pairs, size_t count,
                              struct str *ret_answers);

/* Who would read it first: the office and how many people there, for the person to see and exclude
 * before sending. Plain reading. */
struct matter_first {
    struct office_id office;
    int64_t people;
};
enum err matter_first_office(struct db *db, struct arena *a, const struct house *h,
                             const struct matter_raise *r, int64_t now_us,
                             struct matter_first *ret_first);

/* ---- every other step ---------------------------------------------------------------------- */

struct matter_act {
    struct dossier_id id;
    enum matter_who who;
    struct officer_id officer; /* who == WHO_OFFICER */
    struct matter_command command;
    struct str once;
    struct token_id token;
};

/* ERR_NOT_FOUND for an absent and a barred one alike. */
enum err matter_act(struct tx *tx, const struct matter_act *a, struct matter_done *ret_done);

/* Idempotency keys are kept at least seven days; drops some of the older ones. */
enum err matter_once_forget(struct tx *tx);

/* An answer first waits thirty seconds; matter_answer_due makes it an event. Sending again before
 * then replaces it. The body is checked as if it were decided now. */
enum { MATTER_ANSWER_WAIT_S = 30 };
enum err matter_answer_wait(struct tx *tx, const struct matter_act *a, int64_t *ret_send_us);
/* ERR_CONFLICT "desk.refused.undo_late" when it is final already. */
enum err matter_answer_undo(struct tx *tx, struct dossier_id id, struct officer_id officer);
/* At most `max` answers whose time has come; *ret_more says whether there are others. */
enum err matter_answer_due(struct tx *tx, int64_t max, bool *ret_more);
/* Whether one waits, and until when; 0 when none. */
enum err matter_answer_waits(struct db *db, struct arena *a, struct dossier_id id,
                             int64_t *ret_send_us);

/* ---- reading ------------------------------------------------------------------------------- */

/* A matter as its events tell it, with the events themselves, in order. Events of other rooms (who
 * looked, files) stand in the list with type EV_NONE and are not folded. */
struct matter_story {
    struct matter now;
    struct event *raw;           /* as stored, opened where sealed */
    struct matter_event *events; /* the same, read; EV_NONE for another room's */
    size_t count;
};

/* `as_officer`: through v_event, under the officer bound to `db`; otherwise the base table, for the
 * person with the code and for the system. ERR_NOT_FOUND; ERR_CORRUPT. */
enum err matter_story_load(struct db *db, struct arena *a, const struct house *h,
                           struct dossier_id id, bool as_officer, struct matter_story *ret_story);

/* What the officer may do in it now: offices, posts and verbs turned into an actor (the post that
 * stands in the event). ERR_NOT_FOUND when barred or without any grant. */
enum err matter_actor_of(struct db *db, struct arena *a, const struct house *h,
                         struct officer_id officer, const struct matter *m, struct dossier_id id,
                         int64_t now_us, struct matter_actor *ret_actor);

/* The world as values, for matter_may. */
struct matter_env matter_env_of(struct arena *a, const struct house *h, const struct matter *m,
                                int64_t now_us);

/* ---- the contact card ---------------------------------------------------------------------- */

/* In a tx, because looking is an event ("card.read") that the person sees. Needs VERB_READ.
 * ERR_NOT_FOUND when there is no card. Strings in tx->arena: copy what outlives the job. */
enum err matter_card_read(struct tx *tx, struct dossier_id id, struct officer_id officer,
                          struct identity *ret_card);
/* The first look of an officer at a matter on a day is the event "matter.read"; later looks of
 * that day write nothing. */
enum err matter_look(struct tx *tx, struct dossier_id id, struct officer_id officer);
/* Plain reading: has the officer looked on this day already? */
enum err matter_has_looked(struct db *db, struct arena *a, struct dossier_id id,
                           struct officer_id officer, int32_t day, bool *ret_yes);

#endif
