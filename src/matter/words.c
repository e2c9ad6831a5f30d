/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* words: the names that states, commands, events and choices have outside the program. */
#include "matter/matter.h"

#define WORD_IN(words, at)                                                                         \
    ((unsigned)(at) < sizeof(words) / sizeof((words)[0]) ? (words)[at] : (struct str){"", 0})

static bool word_find(const struct str *words, int count, struct str word, int *ret_at)
{
    for (int i = 1; i < count; i++) {
        if (word.len > 0 && str_eq(words[i], word)) {
            *ret_at = i;
            return true;
        }
    }
    return false;
}

static const struct str STATES[MATTER_STATE_COUNT] = {
    [MATTER_NONE] = STR_INIT(""),
    [MATTER_RECEIVED] = STR_INIT("received"),
    [MATTER_ROUTED] = STR_INIT("routed"),
    [MATTER_ADMITTED] = STR_INIT("admitted"),
    [MATTER_HANDLING] = STR_INIT("handling"),
    [MATTER_REVIEW_1] = STR_INIT("review_1"),
    [MATTER_REVIEW_2] = STR_INIT("review_2"),
    [MATTER_ANSWERED] = STR_INIT("answered"),
    [MATTER_REFERRED] = STR_INIT("referred"),
    [MATTER_REFUSED] = STR_INIT("refused"),
    [MATTER_CONCLUDED] = STR_INIT("concluded"),
    [MATTER_WITHDRAWN] = STR_INIT("withdrawn"),
    [MATTER_MERGED] = STR_INIT("merged"),
};

static const struct str CHANNELS[CHANNEL_COUNT] = {
    [CHANNEL_NONE] = STR_INIT(""),       [CHANNEL_WEB] = STR_INIT("web"),
    [CHANNEL_API] = STR_INIT("api"),     [CHANNEL_LETTER] = STR_INIT("letter"),
    [CHANNEL_VISIT] = STR_INIT("visit"), [CHANNEL_CALL] = STR_INIT("call"),
    [CHANNEL_EMAIL] = STR_INIT("email"), [CHANNEL_FAX] = STR_INIT("fax"),
    [CHANNEL_BOX] = STR_INIT("box"),     [CHANNEL_IMPORT] = STR_INIT("import"),
};

static const struct str IDENTITIES[IDENTITY_COUNT] = {
    [IDENTITY_NONE] = STR_INIT(""),
    [IDENTITY_KNOWN] = STR_INIT("known"),
    [IDENTITY_SEALED] = STR_INIT("sealed"),
    [IDENTITY_ANONYMOUS] = STR_INIT("anonymous"),
};

static const struct str OUTCOMES[OUTCOME_COUNT] = {
    [OUTCOME_NONE] = STR_INIT(""),
    [OUTCOME_SUPPORTED] = STR_INIT("supported"),
    [OUTCOME_EXPLAINED] = STR_INIT("explained"),
    [OUTCOME_NOT_SUPPORTED] = STR_INIT("not_supported"),
};

static const struct str YES_NO[YES_NO_COUNT] = {
    [UNSAID] = STR_INIT(""),
    [SAID_YES] = STR_INIT("yes"),
    [SAID_NO] = STR_INIT("no"),
};

static const struct str CONTENTS[] = {
    [CONTENT_UNSET] = STR_INIT(""),
    [CONTENT_OPEN] = STR_INIT("open"),
    [CONTENT_SEALED] = STR_INIT("sealed"),
};

static const struct str DOS[DO_COUNT] = {
    [DO_NONE] = STR_INIT(""),
    [DO_RAISE] = STR_INIT("raise"),
    [DO_ROUTE] = STR_INIT("route"),
    [DO_OBJECT] = STR_INIT("object"),
    [DO_CONFIRM] = STR_INIT("confirm"),
    [DO_TAKE_BACK] = STR_INIT("take_back"),
    [DO_ADMIT] = STR_INIT("admit"),
    [DO_REFUSE] = STR_INIT("refuse"),
    [DO_MISDIRECT] = STR_INIT("misdirect"),
    [DO_CONTEST] = STR_INIT("contest"),
    [DO_ASSIGN] = STR_INIT("assign"),
    [DO_NOTE] = STR_INIT("note"),
    [DO_ASK] = STR_INIT("ask"),
    [DO_ADD] = STR_INIT("add"),
    [DO_EXTEND] = STR_INIT("extend"),
    [DO_SUSPEND] = STR_INIT("suspend"),
    [DO_RESUME] = STR_INIT("resume"),
    [DO_ANSWER] = STR_INIT("answer"),
    [DO_DELIVER] = STR_INIT("deliver"),
    [DO_RATE] = STR_INIT("rate"),
    [DO_NOT_SOLVED] = STR_INIT("not_solved"),
    [DO_REOPEN] = STR_INIT("reopen"),
    [DO_CONCLUDE] = STR_INIT("conclude"),
    [DO_WITHDRAW] = STR_INIT("withdraw"),
    [DO_PUSH] = STR_INIT("push"),
    [DO_MISS] = STR_INIT("miss"),
    [DO_ESCALATE] = STR_INIT("escalate"),
    [DO_ENTER] = STR_INIT("enter"),
};

struct event_row {
    struct str name;
    bool shown; /* to the person; what is not appears to them as a closed line */
};

static const struct event_row EVENTS[EV_COUNT] = {
    [EV_NONE] = {STR_INIT(""), false},
    [EV_RECEIVED] = {STR_INIT("matter.received"), true},
    [EV_ROUTED] = {STR_INIT("matter.routed"), true},
    [EV_OBJECTED] = {STR_INIT("matter.objected"), false},
    [EV_CONFIRMED] = {STR_INIT("matter.confirmed"), false},
    [EV_RETURNED] = {STR_INIT("matter.returned"), true},
    [EV_ADMITTED] = {STR_INIT("matter.admitted"), true},
    [EV_REFUSED] = {STR_INIT("matter.refused"), true},
    [EV_MISDIRECTED] = {STR_INIT("matter.misdirected"), true},
    [EV_CONTESTED] = {STR_INIT("matter.contested"), true},
    [EV_ASSIGNED] = {STR_INIT("matter.assigned"), true},
    [EV_NOTED] = {STR_INIT("matter.noted"), false},
    [EV_ASKED] = {STR_INIT("matter.asked"), true},
    [EV_ADDED] = {STR_INIT("matter.added"), true},
    [EV_EXTENDED] = {STR_INIT("matter.extended"), true},
    [EV_SUSPENDED] = {STR_INIT("matter.suspended"), true},
    [EV_RESUMED] = {STR_INIT("matter.resumed"), true},
    [EV_ANSWERED] = {STR_INIT("matter.answered"), true},
    [EV_DELIVERED] = {STR_INIT("matter.delivered"), true},
    [EV_RATED] = {STR_INIT("matter.rated"), true},
    [EV_REOPENED] = {STR_INIT("matter.reopened"), true},
    [EV_CONCLUDED] = {STR_INIT("matter.concluded"), true},
    [EV_WITHDRAWN] = {STR_INIT("matter.withdrawn"), true},
    [EV_PUSHED] = {STR_INIT("matter.pushed"), true},
    [EV_ESCALATED] = {STR_INIT("matter.escalated"), true},
    [EV_DUE_STARTED] = {STR_INIT("due.started"), true},
    [EV_DUE_MET] = {STR_INIT("due.met"), true},
    [EV_DUE_MISSED] = {STR_INIT("due.missed"), true},
    [EV_DUE_EXTENDED] = {STR_INIT("due.extended"), true},
    [EV_DUE_SUSPENDED] = {STR_INIT("due.suspended"), true},
    [EV_DUE_RESUMED] = {STR_INIT("due.resumed"), true},
    [EV_DUE_DROPPED] = {STR_INIT("due.dropped"), true},
    [EV_DUE_MOVED] = {STR_INIT("due.moved"), true},
};

bool matter_state_is_open(enum matter_state s)
{
    return s == MATTER_RECEIVED || s == MATTER_ROUTED || s == MATTER_ADMITTED ||
           s == MATTER_HANDLING || s == MATTER_REVIEW_1 || s == MATTER_REVIEW_2;
}

struct str matter_state_word(enum matter_state s)
{
    return WORD_IN(STATES, s);
}

bool matter_state_of_word(struct str word, enum matter_state *ret_state)
{
    int at = 0;
    if (!word_find(STATES, MATTER_STATE_COUNT, word, &at))
        return false;
    *ret_state = (enum matter_state)at;
    return true;
}

struct str matter_channel_word(enum matter_channel c)
{
    return WORD_IN(CHANNELS, c);
}

bool matter_channel_of_word(struct str word, enum matter_channel *ret_channel)
{
    int at = 0;
    if (!word_find(CHANNELS, CHANNEL_COUNT, word, &at))
        return false;
    *ret_channel = (enum matter_channel)at;
    return true;
}

struct str matter_identity_word(enum matter_identity i)
{
    return WORD_IN(IDENTITIES, i);
}

bool matter_identity_of_word(struct str word, enum matter_identity *ret_identity)
{
    int at = 0;
    if (!word_find(IDENTITIES, IDENTITY_COUNT, word, &at))
        return false;
    *ret_identity = (enum matter_identity)at;
    return true;
}

struct str matter_outcome_word(enum matter_outcome o)
{
    return WORD_IN(OUTCOMES, o);
}

bool matter_outcome_of_word(struct str word, enum matter_outcome *ret_outcome)
{
    int at = 0;
    if (!word_find(OUTCOMES, OUTCOME_COUNT, word, &at))
        return false;
    *ret_outcome = (enum matter_outcome)at;
    return true;
}

struct str matter_yes_no_word(enum yes_no y)
{
    return WORD_IN(YES_NO, y);
}

bool matter_yes_no_of_word(struct str word, enum yes_no *ret_yes_no)
{
    int at = 0;
    if (!word_find(YES_NO, YES_NO_COUNT, word, &at))
        return false;
    *ret_yes_no = (enum yes_no)at;
    return true;
}

struct str matter_content_word(enum content c)
{
    return WORD_IN(CONTENTS, c);
}

bool matter_content_of_word(struct str word, enum content *ret_content)
{
    int at = 0;
    if (!word_find(CONTENTS, CONTENT_SEALED + 1, word, &at))
        return false;
    *ret_content = (enum content)at;
    return true;
}

struct str matter_do_word(enum matter_do what)
{
    return WORD_IN(DOS, what);
}

bool matter_do_of_word(struct str word, enum matter_do *ret_what)
{
    int at = 0;
    if (!word_find(DOS, DO_COUNT, word, &at))
        return false;
    *ret_what = (enum matter_do)at;
    return true;
}

struct str matter_event_name(enum matter_event_type t)
{
    return (unsigned)t < EV_COUNT ? EVENTS[t].name : (struct str){"", 0};
}

bool matter_event_of_name(struct str name, enum matter_event_type *ret_type)
{
    for (int t = EV_NONE + 1; t < EV_COUNT; t++) {
        if (str_eq(EVENTS[t].name, name)) {
            *ret_type = (enum matter_event_type)t;
            return true;
        }
    }
    return false;
}

bool matter_event_is_shown(enum matter_event_type t)
{
    return (unsigned)t < EV_COUNT && EVENTS[t].shown;
}
