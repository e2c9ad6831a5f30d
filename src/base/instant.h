/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * instant: time as values.
 *
 * An instant is a count of microseconds since 1970-01-01T00:00:00Z in an int64_t named *_us.
 * A day is a count of days since 1970-01-01 in the proleptic Gregorian calendar in an int32_t
 * named *_day; which place's day it is, the caller knows (zones live in lib/text).
 * Pure code takes time as an argument; only instant_now asks the system, and a demo or a test
 * shifts it with instant_set_virtual.
 */
#ifndef HUIYIN_BASE_INSTANT_H
#define HUIYIN_BASE_INSTANT_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

#define US_PER_SECOND INT64_C(1000000)
#define US_PER_MINUTE (60 * US_PER_SECOND)
#define US_PER_HOUR (60 * US_PER_MINUTE)
#define US_PER_DAY (24 * US_PER_HOUR)

struct civil {
    int32_t year;
    int32_t month; /* 1..12 */
    int32_t day;   /* 1..31 */
};

/* The system's time, or the virtual one. */
int64_t instant_now(void);

/* From now on instant_now answers `now_us` and stands still until it is set again; used by the
 * demo and by simulations. A value < 0 goes back to the system's time. */
void instant_set_virtual(int64_t now_us);

/* Monotonic microseconds for measuring spans; never virtual. */
int64_t instant_monotonic(void);

/* Years -5000000..5000000. day_of needs a valid civil date. */
int32_t day_of(struct civil c);
struct civil civil_of(int32_t day);
bool civil_is_valid(struct civil c);
/* 0 = Monday .. 6 = Sunday. */
int32_t weekday_of(int32_t day);
/* `months` later: the same date, or the end of the month when it has no such date. */
int32_t day_add_months(int32_t day, int32_t months);

/* "2026-03-02"; 10 bytes, years 0000..9999. */
void day_format(int32_t day, struct buf *b);
bool day_parse(struct str s, int32_t *ret_day);

/* "2026-03-02T10:15:00Z", whole seconds (RFC 3339). */
void instant_format(int64_t at_us, struct buf *b);
/* RFC 3339 with Z or an offset and 0 to 6 decimals. */
bool instant_parse(struct str s, int64_t *ret_us);

#endif
