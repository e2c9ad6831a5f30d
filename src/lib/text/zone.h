/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * zone: which local day and hour an instant is, in an IANA time zone.
 *
 * zone_find reads the zone's offset changes from 1970 to 2100 out of ICU once and keeps them for
 * the life of the process; every other call is a pure look-up in that table, needs no memory and
 * may run on any thread. Before 1970 the first offset holds, after 2100 the last.
 * A day ends at 24:00 local, which is the first instant of the next local day, also where the
 * clocks change at midnight.
 *
 *     const struct zone *shanghai = zone_find(STR("Asia/Shanghai"));
 *     int32_t due_day = zone_day_of(shanghai, at_us);
 *     int64_t due_us = zone_day_end(shanghai, due_day);
 */
#ifndef HUIYIN_LIB_TEXT_ZONE_H
#define HUIYIN_LIB_TEXT_ZONE_H

#include "base/instant.h"
#include "base/str.h"

#include <stdint.h>

struct zone;

struct zone_time {
    int32_t day; /* local, days since 1970-01-01 */
    int32_t hour;
    int32_t minute;
    int32_t second;
    int32_t offset_s; /* local minus UTC */
};

/* The zone of that name, or NULL when ICU knows none or there is no memory. Never freed; the same
 * name gives the same pointer. At most 64 zones a process. Any thread. */
const struct zone *zone_find(struct str iana_name);
struct str zone_name(const struct zone *z);

/* UTC, always there. */
const struct zone *zone_utc(void);

/* The installation's zone: pages and letters write instants in it. UTC until it is set at start,
 * constant afterwards. */
const struct zone *zone_house(void);
void zone_set_house(const struct zone *z);

/* The local day at that instant. */
int32_t zone_day_of(const struct zone *z, int64_t at_us);
struct zone_time zone_time_of(const struct zone *z, int64_t at_us);

/* First instant of the local day; 24:00 of it = first instant of the next one. */
int64_t zone_day_start(const struct zone *z, int32_t day);
int64_t zone_day_end(const struct zone *z, int32_t day);

/* The instant of a local civil time, `second_of_day` 0..86400 on the clock on the wall. A time that
 * the clocks skip counts from before the jump (02:30 becomes 03:30); of one that comes twice it is
 * the first. */
int64_t zone_instant(const struct zone *z, int32_t day, int32_t second_of_day);

#endif
