/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * due: one time limit. A rule says how it is counted; a due is one that runs.
 *
 * Pure: no I/O; zone and calendar come in as const data, time as values.
 * How it is counted (domain.md section 3):
 *   - the day it starts on is excluded; a due of days or months ends at 24:00 of its last day in
 *     the place's zone: at_us is that instant (the first moment that is too late), at_day the day;
 *   - minutes and hours run through, by the clock, whatever the calendar says;
 *   - a month ends on the same date or at the month's end;
 *   - `roll next_working_day`: a last day that is a rest day moves to the next working day;
 *   - an extension is added to the amount, and the whole is counted (and rolled) once;
 *   - days standing still are added: from the day after it stopped to the day it went on, calendar
 *     days for days and months, working days for working days, the exact span for hours;
 *   - beyond the calendar's last known year the result is provisional and is computed again when
 *     the next year is loaded.
 * "At once" has no amount: the moment is recorded; at_us is the start.
 *
 *     struct due d;
 *     TRY(due_start(&d, rule, zone, start_us, info));
 *     TRY(due_extend(&d, zone, 30, info));
 */
#ifndef HUIYIN_SPINE_DUE_H
#define HUIYIN_SPINE_DUE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/instant.h"
#include "spine/calendar.h"
#include "spine/wording.h"

struct zone; /* lib/text/zone.h */

enum due_side { DUE_SIDE_UNSET = 0, DUE_OFFICE, DUE_PERSON };

enum due_unit {
    DUE_UNIT_UNSET = 0,
    DUE_AT_ONCE,
    DUE_MINUTE,
    DUE_HOUR,
    DUE_CALENDAR_DAY,
    DUE_WORKING_DAY,
    DUE_MONTH
};

enum due_roll { DUE_ROLL_NONE = 0, DUE_ROLL_NEXT_WORKING_DAY };

/* What a miss does; it is always an event and on the board. */
enum due_miss {
    DUE_MISS_UNSET = 0,
    DUE_MISS_RECORD,  /* nothing more: dues of the person's side */
    DUE_MISS_NOTICE,  /* owner and next office up are told */
    DUE_MISS_ESCALATE /* told, and after the grace the superior owns it */
};

/* The numbers stand in the table `due`. */
enum due_state {
    DUE_STATE_UNSET = 0,
    DUE_OPEN,
    DUE_SUSPENDED,
    DUE_MET,
    DUE_MISSED, /* too late and not yet made good; it may still be met, late */
    DUE_DROPPED /* the matter ended, or another rule took its place */
};

struct due_span {
    int32_t amount;
    enum due_unit unit;
};

struct due_extension {
    bool allowed;
    int32_t max; /* in the rule's unit, all extensions together */
    int32_t times;
    struct str post; /* who approves: "lead", "superior" */
    struct wording needs;
};

struct due_source {
    struct wording law;
    struct wording article; /* "art. 23(2)", 第二十三条第二款; may be empty */
    struct str text_date;   /* of the text that was read: "2022-05-01" */
    struct str url;
    bool confirmed; /* false: stands on a secondary source, and the pages say so */
};

struct due_rule {
    struct str id; /* "cn-petition/decide" */
    struct wording name;
    enum due_side side;
    const struct str *start; /* event types that start it */
    size_t start_count;
    const struct str *stop; /* event types that meet it */
    size_t stop_count;
    struct due_span span; /* amount and unit */
    enum due_roll roll;
    const struct calendar *calendar; /* NULL for minutes, hours and at once */
    struct due_extension extension;
    const struct str *suspend; /* reasons for which this rule may stand still */
    size_t suspend_count;
    const struct due_span *warn; /* how long before the end */
    size_t warn_count;
    enum due_miss miss;
    struct due_span grace;  /* after a miss, before the superior owns it */
    const struct str *kind; /* applies to these kinds and routes; none given: to all */
    size_t kind_count;
    const struct str *route;
    size_t route_count;
    int32_t level;          /* review level it belongs to: 0 none, 1, 2 */
    struct str otherwise;   /* rule that follows when "at once" was not possible; null for none */
    struct due_span repeat; /* starts again until stopped; unit unset for once */
    struct due_span within; /* a window in which each start owes at once (supplements) */
    struct due_source source;
};

struct due {
    const struct due_rule *rule;
    enum due_state state;
    int64_t start_us;
    int32_t start_day;
    int32_t extended; /* amount, in the rule's unit */
    int32_t extended_times;
    int64_t stood_us;   /* minutes, hours: how long it stood still */
    int32_t stood_days; /* days, months: calendar days; working days: working days */
    int64_t since_us;   /* suspended since */
    int32_t since_day;
    int32_t until_day; /* suspended: the stated end, 0 for a daily check */
    int64_t at_us;     /* the first instant that is too late */
    int32_t at_day;    /* last day */
    bool provisional;
    struct str calendar; /* version it was computed with, "CN@2026.1"; null without calendar */
};

/* Whether the rule runs for a matter of this kind on this route ("" before it is known: only rules
 * without routes apply). */
bool due_applies(const struct due_rule *rule, struct str kind, struct str route);
bool due_starts_with(const struct due_rule *rule, struct str event_type);
bool due_stops_with(const struct due_rule *rule, struct str event_type);

/* A due of days may count from a day that lies before the event was written ("attr received"):
 * start_us is then the first instant of that day. */
enum err due_start(struct due *ret_due, const struct due_rule *rule, const struct zone *zone,
                   int64_t start_us, struct err_info *info);

/* `amount` more, in the rule's unit. ERR_REFUSED names the law when the rule has no extension, when
 * the sum passes its maximum, or when it was extended often enough. Who may approve is the
 * caller's to check (rule->extension.post). */
enum err due_extend(struct due *d, const struct zone *zone, int32_t amount, struct err_info *info);

/* Stands still from now; `until_day` is a stated end after today, or 0 for a daily check. With a
 * stated end at_us is where it will be if it goes on then. ERR_REFUSED when the reason is none of
 * the rule's. */
enum err due_suspend(struct due *d, const struct zone *zone, struct str reason, int64_t now_us,
                     int32_t until_day, struct err_info *info);
enum err due_resume(struct due *d, const struct zone *zone, int64_t now_us, struct err_info *info);

/* Computes at_us, at_day, provisional and calendar afresh from the rest; *ret_moved says whether
 * the last day or instant is another one. For a calendar that has a new year. */
enum err due_recompute(struct due *d, const struct zone *zone, struct err_info *info,
                       bool *ret_moved);

/* When warning `i` falls due. */
enum err due_warn_at(const struct due *d, const struct zone *zone, size_t i, struct err_info *info,
                     int64_t *ret_us);

/* When the grace after a miss ends: at_us itself without one. */
enum err due_grace_at(const struct due *d, const struct zone *zone, struct err_info *info,
                      int64_t *ret_us);

/* Only days, from a start day; what `huiyin due check` runs. */
enum err due_last_day(const struct due_span *span, enum due_roll roll, const struct calendar *c,
                      int32_t start_day, struct err_info *info, int32_t *ret_day,
                      bool *ret_provisional);

/* ---- the working, line by line ---- */

enum due_line_kind {
    DUE_LINE_START = 1, /* day (at_us for hours): it began and is not counted */
    DUE_LINE_AMOUNT,    /* n of unit */
    DUE_LINE_EXTENDED,  /* n more of unit */
    DUE_LINE_STOOD,     /* n days (or n minutes) standing still */
    DUE_LINE_OFF,       /* from..day: n days off in a row, with the holiday's name or the weekend */
    DUE_LINE_MAKE_UP,   /* day: worked although its weekday is off */
    DUE_LINE_COUNTED,   /* day: where the count ends */
    DUE_LINE_ROLLED,    /* day: moved there because the last day was a rest day */
    DUE_LINE_PROVISIONAL, /* n: the last known year */
    DUE_LINE_END,         /* day: last day, ends at 24:00; or at_us */
    DUE_LINE_SOURCE       /* law and article */
};

struct due_line {
    enum due_line_kind kind;
    int32_t from_day;
    int32_t day;
    int64_t at_us;
    int64_t n;
    enum due_unit unit;
    const struct wording *name;    /* OFF, MAKE_UP: the holiday, NULL for a weekend; SOURCE: law */
    const struct wording *article; /* SOURCE */
};

/* The lines of a due as it stands. ERR_NOMEM, or what computing it says. */
enum err due_explain(struct arena *a, const struct due *d, const struct zone *zone,
                     struct err_info *info, struct due_line **ret_line, size_t *ret_count);

/* The line as a sentence, without a line end. */
struct msg_lang;
void due_line_print(const struct due_line *line, const struct msg_lang *lang, struct buf *b);

#endif
