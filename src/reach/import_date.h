/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * import_date: dates as other systems write them.
 *
 *   2019-04-25  2019/4/25 9:32:09  2019.4.25  20190425  2019-04-25T09:32:09+08:00
 *   2019年4月25日  2019年4月25日 下午3点05分  04/12/2018 11:11:26 AM (us)  12.04.2018 11:11 (eu)
 *
 * Digits and punctuation may be full-width. Pure; any thread.
 */
#ifndef HUIYIN_REACH_IMPORT_DATE_H
#define HUIYIN_REACH_IMPORT_DATE_H

#include "base/str.h"
#include "lib/text/zone.h"

#include <stdbool.h>
#include <stdint.h>

enum import_dates {
    IMPORT_DATES_AUTO = 0, /* what leaves no doubt */
    IMPORT_DATES_ISO,      /* year, month, day */
    IMPORT_DATES_US,       /* month, day, year */
    IMPORT_DATES_EU,       /* day, month, year */
    IMPORT_DATES_COUNT
};

/* "auto" "iso" "us" "eu"; false for another word. */
bool import_dates_of_word(struct str word, enum import_dates *ret_dates);

enum import_date_fault {
    IMPORT_DATE_FINE = 0,
    IMPORT_DATE_UNREADABLE,
    IMPORT_DATE_IMPOSSIBLE, /* 31 April, 25:00, a year before 1950 or after 2100 */
    IMPORT_DATE_DOUBTFUL,   /* 04/05/2018 without a format */
    IMPORT_DATE_NO_MEMORY   /* not the text's fault */
};

struct import_date {
    int32_t day;   /* in the zone, also where the text names another offset */
    int64_t at_us; /* 00:00 in the zone when it has no time */
    bool has_time;
};

/* `zone` is where the clock hung, unless the text has an offset of its own. */
enum import_date_fault import_date_read(struct str text, enum import_dates dates,
                                        const struct zone *zone, struct import_date *ret_date);

#endif
