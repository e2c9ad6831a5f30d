/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * matter: one thing raised, with its whole life.
 *
 * The words (states, commands, events), the pure rules (rules.c: matter_decide, matter_apply) and
 * the use cases that load, decide and store in one transaction (matter.c).
 *
 * State is a fold: matter_apply over the events, in order, gives the state; matter_decide looks at
 * a state and a command and answers with events or a refusal. Both are pure: time, pack and the
 * offices' facts come in as values (struct matter_env), nothing is read or written. What pages
 * read are rows kept in the same transaction; `huiyin rebuild --check` folds again and compares.
 *
 * Every event is written with one vocabulary of fields, struct matter_body; a command carries the
 * same struct with the fields it needs, so that a form, the JSON API and an import fill in the
 * same thing. How a body stands in an event, and cannot change any more:
 *
 *   type      "matter." or "due." and a past participle: matter_event_name
 *   actor     "person", "system", or "role:" and the post
 *   attrs     what may be shown to outsiders with the person's own proof, no text, no ids:
 *             kind lang channel received source outcome reason route due last side
 *   payload   canonical JSON: one object, keys sorted bytewise, no blanks, absent when 0 or empty:
 *
 *   amount     number  of a due: how many units (0: at once); of an extension: how many more
 *   answers    object  question id -> text, as the kind's questions ask
 *   asked      text    of an answer: what was asked
 *   at         number  the exact instant, microseconds since 1970 UTC; in every event
 *   basis      text    the law or rule it rests on
 *   by         number  officer who did it; absent for the person and the system
 *   calendar   text    of a due: "CN@2026.1", the calendar it was computed with
 *   channel    word    web api letter visit call email fax box import
 *   content    word    open sealed
 *   danger     bool    danger to life or health, in the person's own word
 *   day        number  a day named by the event (delivered on), days since 1970
 *   ended      bool    taken over from elsewhere already ended: starts no dues
 *   first      number  office of first contact
 *   found      text    of an answer: what was found
 *   handle     text    vault handle, base64
 *   handler    number  officer it is assigned to
 *   happened   number  day the facts happened
 *   how        word    how it was delivered: page letter visit call email
 *   identity   word    known sealed anonymous
 *   kind       word    kind of the pack
 *   lang       word    language the person used
 *   last       number  of a due: its last day
 *   last_us    number  of a due: the first instant that is too late
 *   n          number  which due of this matter
 *   office     number  office the officer acted for; of a due: the office that owes it
 *   outcome    word    supported explained not_supported
 *   pack       text    "plain@1"
 *   place      text
 *   pressed    word    yes no: "did anyone ask you to withdraw?"
 *   provisional bool   of a due: the calendar beyond is not known yet
 *   reason     word    why refused, extended, suspended, concluded
 *   received   number  day it came, which may be before the day it was entered
 *   ref        text    another reference, as the person gave it
 *   remedy     text    of an answer: what puts it right
 *   remedy_day number  ... and by when
 *   review_day number  of an answer: review may be asked for until
 *   review_where text  ... and where
 *   route      word    route of the pack
 *   rule       word    of a due: "cn-petition/decide", or "house/attend"
 *   side       word    of a due: office person
 *   solved     word    yes no: the person's own word
 *   source     word    import, demo; absent for what came by itself
 *   stars      number  1..5, of a rating
 *   start      number  of a due: the day it began, which is not counted
 *   start_us   number  ... and the instant
 *   stood_days number  of a due: days it has stood still, all together
 *   stood_us   number  ... of one counted in hours or minutes
 *   text       text    what was written: the matter, a note, a question, a reason in words
 *   title      text
 *   to         number  office it goes to
 *   unit       word    of a due: at_once minute hour calendar_day working_day month
 *   until      number  day something is asked for by, or a suspension ends
 *   whose      text    of a misdirected matter: who is responsible
 *   wish       text    what would put it right
 *
 * A due lives in events alone: due.started gives rule, office, side, unit, amount, start, calendar,
 * provisional, last; due.extended the amount added; due.suspended reason and until; due.resumed
 * the days it has stood still; each also the new last and calendar. due.met, due.missed and
 * due.dropped end or mark it.
 *
 * Views in bodies and states point into memory of whoever made them (the arena of the load, the
 * form); they live as long as that. Nothing here logs. Pure functions are thread-safe.
 */
#ifndef HUIYIN_MATTER_MATTER_H
#define HUIYIN_MATTER_MATTER_H

#include "base/arena.h"
#include "base/err.h"
#include "base/ids.h"
#include "base/str.h"
#include "spine/dossier.h"
#include "spine/due.h"
#include "spine/event.h"
#include "spine/pack.h"
#include "spine/verb.h"

#include <stdbool.h>
#include <stdint.h>

/* The numbers stand in dossier.state. */
enum matter_state {
    MATTER_NONE = 0,
    MATTER_RECEIVED = 1, /* first contact has it and is answerable */
    MATTER_ROUTED = 2,   /* offered to another office, first contact still answerable */
    MATTER_ADMITTED = 3, /* taken by the office that will answer */
    MATTER_HANDLING = 4, /* somebody works on it */
    MATTER_REVIEW_1 = 5,
    MATTER_REVIEW_2 = 6,
    MATTER_ANSWERED = 7, /* the person's window runs, the office owes nothing */
    MATTER_REFERRED = 8,
    MATTER_REFUSED = 9, /* not taken, with reason; also "not our remit, with whose" */
    MATTER_CONCLUDED = 10,
    MATTER_WITHDRAWN = 11,
    MATTER_MERGED = 12,
    MATTER_STATE_COUNT
};

/* In these an office owes something: at least one office due runs or stands still. */
bool matter_state_is_open(enum matter_state s);
/* "received", "routed", ...: catalogue key matter.state.<word>. */
struct str matter_state_word(enum matter_state s);
bool matter_state_of_word(struct str word, enum matter_state *ret_state);

enum matter_channel {
    CHANNEL_NONE = 0,
    CHANNEL_WEB = 1,
    CHANNEL_API,
    CHANNEL_LETTER,
    CHANNEL_VISIT,
    CHANNEL_CALL,
    CHANNEL_EMAIL,
    CHANNEL_FAX,
    CHANNEL_BOX,
    CHANNEL_IMPORT,
    CHANNEL_COUNT
};

enum matter_identity {
    IDENTITY_NONE = 0,
    IDENTITY_KNOWN = 1, /* a contact card, read by those who handle it */
    IDENTITY_SEALED,
    IDENTITY_ANONYMOUS,
    IDENTITY_COUNT
};

enum matter_outcome {
    OUTCOME_NONE = 0,
    OUTCOME_SUPPORTED = 1,
    OUTCOME_EXPLAINED,
    OUTCOME_NOT_SUPPORTED,
    OUTCOME_COUNT
};

enum yes_no { UNSAID = 0, SAID_YES = 1, SAID_NO = 2, YES_NO_COUNT };

/* Words of the enums as they stand in payloads, forms and the API; "" for 0. The way back leaves
 * *ret alone and answers false for a word that is none of them. */
struct str matter_channel_word(enum matter_channel c);
bool matter_channel_of_word(struct str word, enum matter_channel *ret_channel);
struct str matter_identity_word(enum matter_identity i);
bool matter_identity_of_word(struct str word, enum matter_identity *ret_identity);
struct str matter_outcome_word(enum matter_outcome o);
bool matter_outcome_of_word(struct str word, enum matter_outcome *ret_outcome);
struct str matter_yes_no_word(enum yes_no y);
bool matter_yes_no_of_word(struct str word, enum yes_no *ret_yes_no);
struct str matter_content_word(enum content c);
bool matter_content_of_word(struct str word, enum content *ret_content);
struct str matter_side_word(enum due_side side);
struct str matter_unit_word(enum due_unit unit);

/* What can be asked for. The API's address is matter_do_word. */
enum matter_do {
    DO_NONE = 0,
    DO_RAISE,
    DO_ROUTE,     /* offer it to another office */
    DO_OBJECT,    /* the office it was offered to: "not ours", with reasons */
    DO_CONFIRM,   /* the sender, after an objection: it is yours after all */
    DO_TAKE_BACK, /* the sender: given back */
    DO_ADMIT,
    DO_REFUSE,
    DO_MISDIRECT, /* not our remit, and whose it is */
    DO_CONTEST,   /* the person: "not the same" as what you say is in hand already */
    DO_ASSIGN,
    DO_NOTE, /* internal */
    DO_ASK,  /* a question to the person */
    DO_ADD,  /* the person, or the desk for a letter that came later, adds facts */
    DO_EXTEND,
    DO_SUSPEND,
    DO_RESUME,
    DO_ANSWER,
    DO_DELIVER, /* the answer reached the person, on a day */
    DO_RATE,
    DO_NOT_SOLVED, /* the person: the answer is not carried out, or misses the point */
    DO_REOPEN,     /* an officer, on new facts */
    DO_CONCLUDE,
    DO_WITHDRAW,
    DO_PUSH,     /* the person: a due was missed, or there is danger */
    DO_MISS,     /* the system: the instant of due n has passed */
    DO_ESCALATE, /* the system: up the tree */
    DO_ENTER,    /* an import: came, answered and ended elsewhere */
    DO_COUNT
};

struct str matter_do_word(enum matter_do what);
bool matter_do_of_word(struct str word, enum matter_do *ret_what);

/* What happened; names in matter_event_name. The order is not stored, the names are. */
enum matter_event_type {
    EV_NONE = 0,
    EV_RECEIVED,
    EV_ROUTED,
    EV_OBJECTED,
    EV_CONFIRMED,
    EV_RETURNED,
    EV_ADMITTED,
    EV_REFUSED,
    EV_MISDIRECTED,
    EV_CONTESTED,
    EV_ASSIGNED,
    EV_NOTED,
    EV_ASKED,
    EV_ADDED,
    EV_EXTENDED,
    EV_SUSPENDED,
    EV_RESUMED,
    EV_ANSWERED,
    EV_DELIVERED,
    EV_RATED,
    EV_REOPENED,
    EV_CONCLUDED,
    EV_WITHDRAWN,
    EV_PUSHED,
    EV_ESCALATED,
    EV_DUE_STARTED,
    EV_DUE_MET,
    EV_DUE_MISSED,
    EV_DUE_EXTENDED,
    EV_DUE_SUSPENDED,
    EV_DUE_RESUMED,
    EV_DUE_DROPPED, /* what it was for has gone: withdrawn, concluded, given back */
    EV_DUE_MOVED,   /* the calendar of a provisional day became known and the day moved */
    EV_COUNT
};

/* "matter.received"; "" for EV_NONE. */
struct str matter_event_name(enum matter_event_type t);
bool matter_event_of_name(struct str name, enum matter_event_type *ret_type);
/* Whether the person sees what happened, or only that something did. */
bool matter_event_is_shown(enum matter_event_type t);

/* The one vocabulary of commands and events; see the table above. 0 and "" mean not given. */
struct matter_body {
    int64_t at_us;
    struct officer_id by;
    struct office_id office;

    struct str kind;
    struct str route;
    struct str lang;
    struct str pack;
    struct str source;
    struct str title;
    struct str text;
    struct str wish;
    struct str place;
    struct str answers; /* canonical JSON object */
    struct str handle;  /* base64 */
    enum matter_channel channel;
    enum matter_identity identity;
    enum content content;
    bool danger;
    bool ended;
    int32_t received_day;
    int32_t happened_day;
    struct office_id first;

    struct office_id to;
    struct officer_id handler;
    struct str reason;
    struct str basis;
    struct str ref;
    struct str whose;
    int32_t until_day;

    struct str asked;
    struct str found;
    struct str remedy;
    struct str review_where;
    enum matter_outcome outcome;
    int32_t remedy_day;
    int32_t review_day;

    int32_t day;
    struct str how;
    int32_t stars;
    enum yes_no solved;
    enum yes_no pressed;

    int32_t n;
    struct str rule;
    struct str calendar;
    enum due_unit unit;
    enum due_side side;
    bool provisional;
    int32_t amount;
    int32_t start_day;
    int32_t last_day;
    int32_t stood_days;
    int64_t start_us;
    int64_t last_us;
    int64_t stood_us;
};

enum { MATTER_LIVE_DUES = 24 };

/* One due that is not over: open, suspended, or missed and not made good. `due.rule` is NULL in a
 * fold: events name the rule by its id, matter_due_rule finds it. */
struct matter_due {
    int32_t n;
    struct str rule;
    enum due_side side;
    enum due_unit unit;
    int32_t amount;
    struct office_id office; /* who owes it; 0 on the person's side */
    struct due due;
};

/* What the events so far say. */
struct matter {
    enum matter_state state;
    int64_t seq; /* events applied */
    struct str kind;
    struct str route;
    struct str lang;
    struct str pack;
    struct str title;
    struct str place;
    struct str handle;
    enum matter_channel channel;
    enum matter_identity identity;
    enum content content;
    bool danger;
    bool ended; /* came from elsewhere already ended: no dues */
    int32_t received_day;
    int64_t entered_us;
    struct office_id owner;   /* answerable for it now */
    struct office_id first;   /* of first contact */
    struct office_id offered; /* 0: to nobody */
    struct office_id sender;  /* who offered it */
    bool objected;            /* an objection waits for the sender's word */
    bool confirmed;           /* the sender said: yours after all */
    struct officer_id handler;
    struct officer_id refused_by;
    struct str refused_why;
    bool contested;
    struct officer_id answered_by;
    int32_t answers;
    enum matter_outcome outcome;
    int64_t answered_us;
    int32_t delivered_day; /* of the last answer, 0 while it has not arrived */
    int32_t review_day;
    int32_t stars;
    enum yes_no solved;
    bool reopened;
    int32_t escalated;
    int32_t asked_until; /* a question to the person waits for an answer until */
    int64_t pushed_us;   /* the person's last push */
    int32_t dues_started;
    int32_t due_count;
    struct matter_due dues[MATTER_LIVE_DUES];
};

/* Who asks. */
enum matter_who { WHO_NONE = 0, WHO_PERSON = 1, WHO_OFFICER = 2, WHO_SYSTEM = 4 };

struct matter_actor {
    enum matter_who who;
    struct officer_id officer;
    struct office_id office; /* acts for */
    enum post post;          /* stands in the event as role:<post> */
    uint32_t verbs;          /* enum verb bits held in this matter, not barred */
};

struct matter_command {
    enum matter_do what;
    struct matter_body body;
    int64_t expect_seq; /* > 0: ERR_CONFLICT when the matter has moved past it */
};

/* One event decided, not yet stored. */
struct matter_event {
    enum matter_event_type type;
    enum matter_who who;
    enum post post;
    struct matter_body body;
};

enum { MATTER_EVENTS_PER_COMMAND = 64 };

/* What a command comes to; the array grows in env->arena. */
struct matter_events {
    size_t count;
    size_t size;
    struct matter_event *items;
};

/* ---- the rules: pure --------------------------------------------------------------------------
 */

/* What deciding needs to know of the world, as values. */
struct matter_env {
    int64_t now_us;
    int32_t today;           /* the day of now_us in the installation's zone */
    const struct pack *pack; /* the version the matter was raised under */
    const struct zone *zone; /* lib/text/zone.h */
    struct office_id above;  /* next office up from the owner, 0 at the top */
    struct arena *arena;     /* for what the events' bodies point to */
};

/* One row of the transition table. Guards are checked in order; the first that does not hold
 * refuses. Dues follow the events: a pack's rule names the events that start and meet it, and the
 * house rules (spine/due_house.h) fill what a pack leaves open; `starts` and `meets` name those. */
enum { MATTER_GUARDS = 6 };
struct matter_step {
    enum matter_do what;
    uint32_t from;        /* bits 1 << state */
    enum matter_state to; /* MATTER_NONE: stays where it is */
    uint32_t who;         /* enum matter_who bits */
    uint32_t verb;        /* of an officer; 0 for the others */
    enum matter_event_type event;
    const char *guards[MATTER_GUARDS]; /* names, for the manual's diagram and for rules.c */
    const char *starts;                /* house rules, separated by blanks */
    const char *meets;
};

/* The whole table; *ret_count rows. */
const struct matter_step *matter_steps(size_t *ret_count);

/* What the command does to the matter: its events in order, due events among them. Refusals:
 *   ERR_INVALID  a field is missing or says something impossible; arg 0 is the field's name
 *   ERR_REFUSED  a rule forbids it: the key is a sentence to act on
 *   ERR_CONFLICT the matter has moved past expect_seq, or is in another state by now
 *   ERR_NOT_FOUND the officer holds no verb in it at all
 * For DO_RAISE and DO_ENTER `m` is a zeroed struct. *ret is written only on ERR_OK. */
enum err matter_decide(const struct matter *m, const struct matter_command *c,
                       const struct matter_actor *actor, const struct matter_env *env,
                       struct matter_events *ret, struct err_info *info);

/* Folds one event in. ERR_CORRUPT when it cannot follow: a due that does not run is met, say. */
enum err matter_apply(struct matter *m, const struct matter_event *e);

/* Whether the command stands a chance now for this actor, its fields aside: for showing only the
 * buttons that work. */
bool matter_may(const struct matter *m, enum matter_do what, const struct matter_actor *actor,
                const struct matter_env *env);

/* NULL when `n` is over or never was. */
const struct matter_due *matter_due_find(const struct matter *m, int32_t n);

/* The rule of that id in the pack, or the house rule, whose calendar is the pack's first; *ret_rule
 * is the caller's to hold a house rule. NULL when there is none. */
const struct due_rule *matter_due_rule(const struct pack *p, struct str id,
                                       struct due_rule *ret_house);

/* Breaks of what must hold after every command, as text for a test or rebuild; NULL when whole. */
const char *matter_broken(const struct matter *m);

/* ---- how a body stands in an event --------------------------------------------------------------
 */

enum { MATTER_ATTRS = 12 };

/* Canonical JSON of the body, appended. */
enum err matter_body_write(const struct matter_body *b, struct buf *out);
/* Views point into `a`. ERR_CORRUPT for anything matter_body_write does not write. */
enum err matter_body_read(struct arena *a, struct str payload, struct matter_body *ret_body,
                          struct err_info *info);
/* The attributes of the event text, sorted bytewise. */
enum err matter_body_attrs(struct arena *a, const struct matter_event *e,
                           struct event_attr ret_attrs[MATTER_ATTRS], size_t *ret_count);

#endif
