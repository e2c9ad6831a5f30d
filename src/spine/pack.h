/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * pack: the rules of a place as data: kinds, routes, dues, review, papers, retention, and what a
 * pack can never say.
 *
 * A pack is a folder: pack.json, calendar/<ID>.json, messages.<lang>.json, terms.<lang>.json,
 * letters/<id>.<lang>.json (domain.md section 4; the JSON Schema is packs/schema.json). Loading
 * checks everything; a pack with one fault is not loaded, and every fault is listed with file,
 * line, JSON path and a sentence on what to use instead. A server never starts on a faulty pack.
 *
 * Everything maps to a base code of this program. Base codes stand for things, places, duties and
 * harms; there is none for a person or a gathering, and a pack cannot add one.
 *
 * A loaded pack is const and lives until pack_free; any thread may read it.
 *
 *     struct pack_faults faults;
 *     pack_faults_init(&faults);
 *     const struct pack *p;
 *     enum err err = pack_load("packs/cn-petition", &faults, info, &p);
 */
#ifndef HUIYIN_SPINE_PACK_H
#define HUIYIN_SPINE_PACK_H

#include "base/arena.h"
#include "base/err.h"
#include "spine/calendar.h"
#include "spine/due.h"
#include "spine/wording.h"

/* ---- base codes ---------------------------------------------------------------------------- */

/* What a matter is. */
enum pack_base {
    PACK_BASE_UNSET = 0,
    PACK_HELP,       /* help: asks for something to be done */
    PACK_COMPLAINT,  /* complaint: something was done badly or not done */
    PACK_CLAIM,      /* claim: asks for a right to be upheld (申诉求决) */
    PACK_WRONGDOING, /* wrongdoing: reports a breach of duty; always sealed */
    PACK_DETRIMENT,  /* detriment: harm because one raised something; always sealed */
    PACK_SUGGESTION, /* suggestion */
    PACK_QUESTION,   /* question: wants to know something */
    PACK_DANGER,     /* danger: something that can harm */
    PACK_BASE_COUNT
};

/* What a question asks about. */
enum pack_ask {
    PACK_ASK_UNSET = 0,
    PACK_ASK_WHAT,       /* what: what happened */
    PACK_ASK_WHEN,       /* when */
    PACK_ASK_PLACE,      /* place */
    PACK_ASK_THING,      /* thing: equipment, road, goods, service */
    PACK_ASK_DUTY,       /* duty: which duty was not done, which act it is about */
    PACK_ASK_RESPONDENT, /* respondent: the office, post or company it is about */
    PACK_ASK_DOCUMENT,   /* document: number and date of a paper of the office */
    PACK_ASK_MONEY,      /* money: an amount in dispute */
    PACK_ASK_HARM,       /* harm: what it has done or can do */
    PACK_ASK_WISH,       /* wish: what would put it right */
    PACK_ASK_COUNT
};

enum pack_answer_type {
    PACK_ANSWER_UNSET = 0,
    PACK_LINE, /* one line */
    PACK_TEXT, /* several lines */
    PACK_DATE,
    PACK_NUMBER,
    PACK_YES_NO,
    PACK_CHOICE
};

enum pack_content { PACK_CONTENT_UNSET = 0, PACK_OPEN, PACK_SEALED };

/* What the office may know of who raised it. */
enum pack_identity { PACK_IDENTITY_UNSET = 0, PACK_KNOWN, PACK_IDENTITY_SEALED, PACK_ANONYMOUS };

enum pack_after_review { PACK_AFTER_UNSET = 0, PACK_AFTER_NONE, PACK_AFTER_BODY };

/* What an incident can be: things that happen to people and places. None is a gathering. */
enum pack_harm {
    PACK_HARM_UNSET = 0,
    PACK_HARM_FIRE,
    PACK_HARM_EXPLOSION,
    PACK_HARM_COLLAPSE,
    PACK_HARM_TRAFFIC,
    PACK_HARM_POISONING,
    PACK_HARM_EPIDEMIC,
    PACK_HARM_INJURY,
    PACK_HARM_SELF_HARM,
    PACK_HARM_VIOLENCE, /* only with somebody hurt or attacked, or a weapon */
    PACK_HARM_WEATHER,
    PACK_HARM_FLOOD,
    PACK_HARM_EARTHQUAKE,
    PACK_HARM_OUTAGE,
    PACK_HARM_RELEASE, /* into air, water or ground */
    PACK_HARM_NEAR_MISS,
    PACK_HARM_COUNT
};

/* What may set a plan in motion. */
enum pack_trigger {
    PACK_TRIGGER_UNSET = 0,
    PACK_TRIGGER_READING, /* an instrument past its limit */
    PACK_TRIGGER_WARNING, /* a public warning: weather, flood, earthquake, epidemic */
    PACK_TRIGGER_ALARM,   /* a fire or gas alarm */
    PACK_TRIGGER_DANGER,  /* somebody reported danger */
    PACK_TRIGGER_FINDING, /* an inspection found a hazard */
    PACK_TRIGGER_OUTAGE,  /* power, water, gas, network */
    PACK_TRIGGER_COUNT
};

/* Letters the program can make. */
enum pack_letter_base {
    PACK_LETTER_UNSET = 0,
    PACK_LETTER_INTAKE,    /* intake: intake sheet, for the office */
    PACK_LETTER_RECEIPT,   /* receipt: what the person takes away */
    PACK_LETTER_ACCEPT,    /* accept: admitted, route and last day */
    PACK_LETTER_REFUSE,    /* refuse */
    PACK_LETTER_MISDIRECT, /* misdirect: not our remit, with whose */
    PACK_LETTER_FORWARD,   /* forward: handed on to another office */
    PACK_LETTER_EXTEND,    /* extend */
    PACK_LETTER_DECISION,  /* decision: the answer with its parts */
    PACK_LETTER_REVIEW,    /* review: the decision of a review */
    PACK_LETTER_DELIVERY,  /* delivery: slip signed on receipt */
    PACK_LETTER_COUNT
};

/* ---- what a pack holds ---------------------------------------------------------------------- */

struct pack_choice {
    struct str id;
    struct wording name;
};

struct pack_question {
    struct str id;
    enum pack_ask base;
    enum pack_answer_type type;
    bool required;
    int32_t max_chars;
    struct wording label;
    struct wording help; /* may be empty */
    const struct pack_choice *choice;
    size_t choice_count;
};

/* Another door the law gives, told before sending and in the first notice. */
struct pack_door {
    struct str id;
    struct wording name;
    struct wording body; /* who */
    struct wording how;
    const struct due_rule *due; /* side person: until when; NULL when the law sets no day */
};

struct pack_kind {
    struct str id;
    enum pack_base base;
    struct wording name;
    struct wording example; /* what people would say */
    enum pack_content content;
    enum pack_identity identity; /* default */
    bool may_be_known;           /* offered at all */
    bool may_be_sealed;
    bool may_be_anonymous;
    int32_t unseal_mode;           /* 1 or 2 roles open a sealed identity together */
    const struct str *unseal_role; /* ordered */
    size_t unseal_role_count;
    struct str route; /* where it starts; null until admission decides */
    const struct pack_question *question;
    size_t question_count;
    const struct pack_door *door;
    size_t door_count;
};

struct pack_route {
    struct str id;
    struct wording name;
    const struct str *step; /* words of matter commands: "admit", "answer", "review_1" */
    size_t step_count;
    bool outside; /* the matter leaves to another procedure by law */
};

struct pack_review {
    struct str id; /* "review_1" */
    struct wording name;
    const struct due_rule *ask;    /* side person: the window */
    const struct due_rule *decide; /* side office */
};

struct pack_incident {
    struct str id;
    enum pack_harm base;
    struct wording name;
};

struct pack_start {
    struct str id;
    enum pack_trigger base;
    struct wording name;
};

struct pack_letter {
    struct str id;
    enum pack_letter_base base;
    struct wording name;
    struct str series; /* "信访告知" in 信访告知〔2026〕12号; may be empty */
};

struct pack_number {
    struct str number; /* "119" */
    struct wording name;
};

struct pack_source {
    struct str id;
    struct wording title;
    struct str date;
    struct str url;
};

struct pack_retention {
    int32_t identity_days;
    int32_t content_days;
    int32_t skeleton_days;
};

/* A word of the program under another name on the page: "person" -> 信访人. */
struct pack_term {
    struct str id;
    struct wording name;
};

/* A sentence of the pack, by id: notices, rights. */
struct pack_message {
    struct str id;
    struct wording text;
};

struct pack {
    struct str id;
    struct str version;
    struct str name_version; /* "cn-petition@1", as a dossier keeps it */
    struct str jurisdiction;
    struct str zone; /* IANA */
    const struct str *language;
    size_t language_count;
    struct wording name;
    const struct pack_source *source;
    size_t source_count;
    const struct calendar *const *calendar;
    size_t calendar_count;
    const struct due_rule *due;
    size_t due_count;
    const struct pack_kind *kind;
    size_t kind_count;
    const struct pack_route *route;
    size_t route_count;
    const struct pack_review *review; /* internal levels in order */
    size_t review_count;
    enum pack_after_review after_review;
    struct wording after_body; /* who remains after the last level, or the truth that nobody does */
    int32_t representatives_max;
    int32_t reception_hours; /* a group that comes is met by a senior officer within; 0 unset */
    const struct pack_letter *letter;
    size_t letter_count;
    struct pack_retention retention;
    const struct pack_incident *incident;
    size_t incident_count;
    const struct pack_start *trigger;
    size_t trigger_count;
    const struct pack_number *danger_number;
    size_t danger_number_count;
    const struct pack_term *term;
    size_t term_count;
    const struct pack_message *message;
    size_t message_count;
    struct arena *arena; /* owns all of it */
};

/* NULL when there is none. Ids are compared exactly; a due by "decide" or "cn-petition/decide". */
const struct pack_kind *pack_find_kind(const struct pack *p, struct str id);
const struct pack_route *pack_find_route(const struct pack *p, struct str id);
const struct due_rule *pack_find_due(const struct pack *p, struct str id);
const struct calendar *pack_find_calendar(const struct pack *p, struct str id);
const struct pack_letter *pack_find_letter(const struct pack *p, enum pack_letter_base base);

/* The pack's sentence or name for a word of the program, a null str when it has none. */
struct str pack_message(const struct pack *p, const char *id, struct str lang);
struct str pack_term(const struct pack *p, const char *id, struct str lang);

struct str pack_base_code(enum pack_base base); /* "help", ... */
struct str pack_letter_code(enum pack_letter_base base);

/* ---- loading and checking ---------------------------------------------------------------------
 */

/* One thing wrong, where it stands, and what to do instead. */
struct pack_fault {
    struct str file; /* within the pack: "pack.json", "calendar/CN.json" */
    int32_t line;
    struct str path; /* "$.dues[3].calendar" */
    struct str key;  /* message "pack.fault.*" */
    struct str arg[3];
};

enum { PACK_FAULTS_MAX = 200 };

struct pack_faults {
    struct arena arena;
    struct pack_fault *fault;
    size_t count;
    bool more; /* there were more than PACK_FAULTS_MAX */
};

void pack_faults_init(struct pack_faults *f);
void pack_faults_done(struct pack_faults *f);

/* "pack.json:12: $.kinds[0].base: sentence" in that language, without a line end. */
void pack_fault_print(const struct pack_fault *fault, struct str lang, struct buf *b);

/* ERR_INVALID when the pack has faults (they are in *faults), ERR_NOT_FOUND without the folder or
 * its pack.json, ERR_IO, ERR_NOMEM. `refused_dir` holds more refused-words*.txt; NULL for the
 * folder above the pack. */
enum err pack_load(const char *dir, const char *refused_dir, struct pack_faults *faults,
                   struct err_info *info, const struct pack **ret_pack);
void pack_free(const struct pack *p);

/* Finds the folder of packs: `given` when not NULL, else $HUIYIN_PACKS, else beside the program
 * (../packs, ../share/huiyin/packs), else "packs". ERR_NOT_FOUND when none of them is there. */
enum err pack_find_dir(struct arena *a, const char *given, struct err_info *info,
                       const char **ret_dir);

/* ---- what nobody can write ------------------------------------------------------------------ */

/* The refused words in force: those in the program, which nothing shortens, and those an operator
 * put into refused-words*.txt. */
struct pack_refused;

/* Where a label stands: some words are refused only in what a person is asked. */
enum pack_label { PACK_LABEL_UNSET = 0, PACK_LABEL_ANY, PACK_LABEL_QUESTION };

/* `dir` may be NULL: the words in the program alone. ERR_INVALID names file and line. */
enum err pack_refused_load(struct arena *a, const char *dir, struct err_info *info,
                           const struct pack_refused **ret_refused);

/* Whether a label (of a kind, question, tag, plan item, checklist line, campaign) contains a
 * refused word, in any spelling: upper or lower case, full-width letters, blanks or punctuation
 * between the characters, traditional characters. *ret_word is the word as listed and *ret_topic
 * the word of the message pack.refused.<topic>, which says why and what to use instead. */
bool pack_label_is_refused(const struct pack_refused *refused, enum pack_label where,
                           struct str label, struct str *ret_word, struct str *ret_topic);

/* ---- the command
 * ----------------------------------------------------------------------------------- */

/* `huiyin pack check DIR...`: 0 all stand, 1 faults, 2 usage. */
int cmd_pack_check(int argc, char **argv);
/* `huiyin due check FILE.csv [--packs DIR]`: 0 only when every line is right. */
int cmd_due_check(int argc, char **argv);

#endif
