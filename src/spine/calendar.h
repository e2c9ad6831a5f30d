/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * calendar: which days a place works.
 *
 * A calendar is data: the days of the week that are off, holidays and make-up working days of the
 * years whose notice is known, and the holidays that fall on the same date every year. A notice
 * may speak of days of the year before or after (the Chinese one for 2019 names days of December
 * 2018); days are therefore kept by date, not by the year of the notice.
 *   Before the first known year nothing can be said: ERR_INVALID with key "due.calendar.before".
 *   After the last known year the weekend and the fixed holidays are off and the answer is marked
 *   provisional until the next notice is loaded.
 * Pure and const after loading: any thread, no I/O. Ownership: the arena it was loaded into.
 */
#ifndef HUIYIN_SPINE_CALENDAR_H
#define HUIYIN_SPINE_CALENDAR_H

#include "base/arena.h"
#include "base/err.h"
#include "base/instant.h"
#include "spine/wording.h"

/* A day that is not what its weekday says. */
struct calendar_day {
    int32_t day;
    bool off; /* a holiday; false: a make-up working day */
    const struct wording *name;
};

/* Off on the same date every year. */
struct calendar_fixed {
    int32_t month;
    int32_t mday;
    const struct wording *name;
    bool substitute; /* moves to the next day that is otherwise a working day */
};

struct calendar {
    struct str id;         /* "CN", "GB-EAW" */
    struct str version;    /* "2026.1" */
    struct str id_version; /* "CN@2026.1", as a due keeps it */
    struct wording name;
    int32_t first_year;
    int32_t last_year;
    uint8_t weekend;                /* bit 0 Monday .. bit 6 Sunday */
    const struct calendar_day *day; /* ascending */
    size_t day_count;
    const struct calendar_fixed *fixed;
    size_t fixed_count;
};

struct calendar_look {
    bool working;
    bool provisional;           /* after the last known year */
    const struct wording *name; /* of the holiday or the make-up day; NULL for a plain day */
};

enum err calendar_look(const struct calendar *c, int32_t day, struct err_info *info,
                       struct calendar_look *ret_look);

/* The `n`-th working day after `day` (n >= 1, at most 10,000). *ret_provisional says whether a
 * provisional day was looked at. */
enum err calendar_add_working(const struct calendar *c, int32_t day, int32_t n,
                              struct err_info *info, int32_t *ret_day, bool *ret_provisional);

/* `day` itself when it is a working day, else the next one. */
enum err calendar_roll(const struct calendar *c, int32_t day, struct err_info *info,
                       int32_t *ret_day, bool *ret_provisional);

/* Working days in (after, upto]. */
enum err calendar_count_working(const struct calendar *c, int32_t after, int32_t upto,
                                struct err_info *info, int32_t *ret_count);

#endif
