/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk: the officers' pages of matters: what is waiting, one matter on one screen, intake, search.
 *
 * Everything shown is read through the reader's own grants (v_* views); everything done goes
 * through matter_act, as the API's does. desk.c lists, desk_filter.c narrows the list,
 * desk_matter.c shows one matter, desk_step.c takes the steps, desk_new.c takes in, desk_search.c
 * searches.
 */
#ifndef HUIYIN_MATTER_DESK_H
#define HUIYIN_MATTER_DESK_H

#include "http/request.h"
#include "http/route.h"
#include "lib/text/msg.h"
#include "matter/matter.h"
#include "spine/house.h"
#include "spine/office.h"

extern const struct route DESK_ROUTES[];
extern const size_t DESK_ROUTE_COUNT;
extern const struct route DESK_SEARCH_ROUTES[];
extern const size_t DESK_SEARCH_ROUTE_COUNT;

/* ---- shared by the desk's files ----------------------------------------------------------------
 */

const struct house *desk_house(const struct request *req);
int32_t desk_today(const struct request *req);

/* Catalogue keys of words; MSG_NONE for the zero of each. */
enum msg_key desk_state_key(enum matter_state s);
enum msg_key desk_channel_key(enum matter_channel c);
enum msg_key desk_identity_key(enum matter_identity i);
enum msg_key desk_do_key(enum matter_do what);
/* "matter.event.received" of "matter.received", "matter.event.due_met" of "due.met"; MSG_NONE. */
enum msg_key desk_event_key(struct str type);
/* The key "<prefix><word>", or MSG_NONE. */
enum msg_key desk_key(const char *prefix, struct str word);

/* Names in the reader's language; "" when there is none of that id. */
struct str desk_office_name(const struct request *req, struct office_id id);
struct str desk_officer_name(struct request *req, struct officer_id id);
struct str desk_kind_name(const struct request *req, struct str kind);
struct str desk_route_name(const struct request *req, struct str route);
struct str desk_rule_name(struct request *req, struct str rule);

/* A day as it is written in a language; of an ISO day, what is none as it stands. */
struct str desk_day_long(struct arena *a, const struct msg_lang *lang, int32_t day);
struct str desk_iso_long(struct arena *a, const struct msg_lang *lang, struct str iso);

/* What was answered to the kind's questions, in the pack's order, in the words of a language;
 * `kind` is NULL for one the pack has no more. ERR_CORRUPT when `answers` is not what
 * matter_answers_write writes. */
enum { DESK_ANSWERS_MAX = 40 };
struct desk_answer {
    struct str label;
    struct str text;
    size_t place;
};
struct desk_answers {
    struct desk_answer items[DESK_ANSWERS_MAX];
    size_t count;
};
enum err desk_answers(struct arena *a, const struct msg_lang *lang, const struct pack_kind *kind,
                      struct str answers, struct desk_answers *ret);
/* One answer: a choice by its name, yes and no, a day as it is written. */
struct str desk_answer_words(struct arena *a, const struct msg_lang *lang,
                             const struct pack_question *q, struct str answer);
/* "信访工作条例 第二十三条", "art. 23 …": where the rule stands. */
struct str desk_rule_source(struct request *req, struct str rule);
/* The reference in the request's arena, or "" without memory. */
struct str desk_ref(struct request *req, struct dossier_id id);
struct str desk_lang(const struct request *req);
/* "2026-03-02", for the value of a date field. */
struct str desk_day_iso(struct request *req, int32_t day);

/* How long a due still has, in words: days, or hours for a fine one. */
struct msg_say desk_left(const struct request *req, int64_t at_us, int32_t at_day, bool fine);

/* Offices in which the officer of the request holds a post today. */
enum err desk_offices(struct request *req, struct held **ret_held, size_t *ret_count);

/* ---- pages and steps ----------------------------------------------------------------------------
 */

extern const struct form DESK_QUEUE_FORM;
extern const struct form DESK_FILTER_FORM;
extern const struct form DESK_FILTER_DROP_FORM;
extern const struct form DESK_ASSIGN_FORM;
extern const struct form DESK_NEW_FORM;
extern const struct form DESK_SIMILAR_FORM;
extern const struct form DESK_TEXTS_FORM;
extern const struct form DESK_TEXT_PUT_FORM;
extern const struct form DESK_TEXT_DROP_FORM;
extern const struct form DESK_SEARCH_FORM;

enum err desk_queue_view(struct request *req);
enum err desk_queue_again(struct request *req);
enum err desk_filter_prepare(struct request *req);
enum err desk_filter_act(struct tx *tx, struct request *req);
enum err desk_filter_reply(struct request *req);
enum err desk_filter_drop_act(struct tx *tx, struct request *req);
enum err desk_filter_drop_reply(struct request *req);
enum err desk_late_view(struct request *req);
enum err desk_assign_act(struct tx *tx, struct request *req);
enum err desk_assign_reply(struct request *req);

enum err desk_matter_look_view(struct request *req);
/* The same with the matters like it. */
enum err desk_matter_similar_view(struct request *req);
/* The page of the matter again, with the step `what` open and what is wrong with it. */
enum err desk_matter_again(struct request *req);

enum err desk_new_view(struct request *req);
enum err desk_new_prepare(struct request *req);
enum err desk_new_act(struct tx *tx, struct request *req);
enum err desk_new_reply(struct request *req);
enum err desk_new_again(struct request *req);

enum err desk_texts_view(struct request *req);
enum err desk_texts_again(struct request *req);
enum err desk_text_put_prepare(struct request *req);
enum err desk_text_put_act(struct tx *tx, struct request *req);
enum err desk_text_drop_act(struct tx *tx, struct request *req);
enum err desk_texts_reply(struct request *req);

/* The list of similar matters alone, for the script of the intake page. */
enum err desk_similar_reply(struct request *req);

enum err desk_search_view(struct request *req);
enum err desk_search_prepare(struct request *req);
enum err desk_search_again(struct request *req);
enum err desk_search_act(struct tx *tx, struct request *req);
enum err desk_search_reply(struct request *req);

#endif
