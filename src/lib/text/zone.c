/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "lib/text/zone.h"

#include "base/mem.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include <unicode/ucal.h>
#include <unicode/ustring.h>

enum { ZONES_MAX = 64, NAME_BYTES_MAX = 63 };

static const double TABLE_END_MS = 4102444800000.0; /* 2100-01-01T00:00:00Z */

struct zone_step {
    int64_t from_us; /* this offset holds from here on */
    int32_t offset_s;
};

struct zone {
    char name[NAME_BYTES_MAX + 1];
    size_t count; /* at least 1; the first holds for all earlier instants */
    struct zone_step *steps;
};

static struct zone_step utc_step = {INT64_MIN, 0};
static const struct zone UTC = {"UTC", 1, &utc_step};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct zone *zones[ZONES_MAX];
static size_t zones_count;
static _Atomic(const struct zone *) house = &UTC;

static int64_t floor_div(int64_t a, int64_t b)
{
    int64_t q = a / b;
    return a % b < 0 ? q - 1 : q;
}

/* Offset in seconds at the instant the calendar stands at. */
static int32_t offset_at(UCalendar *c, double ms, UErrorCode *e)
{
    ucal_setMillis(c, ms, e);
    int32_t raw = ucal_get(c, UCAL_ZONE_OFFSET, e);
    int32_t dst = ucal_get(c, UCAL_DST_OFFSET, e);
    return (raw + dst) / 1000;
}

/* Adds a step unless the offset stays as it was; `room` is how many fit. */
static bool step_add(struct zone *z, size_t *room, int64_t from_us, int32_t offset_s)
{
    if (z->count > 0 && z->steps[z->count - 1].offset_s == offset_s)
        return true;
    if (z->count == *room) {
        size_t more = *room == 0 ? 32 : *room * 2;
        struct zone_step *p = mem_resize(z->steps, more * sizeof *p);
        if (p == NULL)
            return false;
        z->steps = p;
        *room = more;
    }
    z->steps[z->count++] = (struct zone_step){from_us, offset_s};
    return true;
}

static bool steps_load(struct zone *z, UCalendar *c)
{
    UErrorCode e = U_ZERO_ERROR;
    size_t room = 0;
    double at = 0;
    if (!step_add(z, &room, INT64_MIN, offset_at(c, at, &e)))
        return false;
    for (;;) {
        ucal_setMillis(c, at, &e);
        double next = 0;
        if (!ucal_getTimeZoneTransitionDate(c, UCAL_TZ_TRANSITION_NEXT, &next, &e) ||
            U_FAILURE(e) || next >= TABLE_END_MS)
            return U_SUCCESS(e);
        int32_t offset = offset_at(c, next, &e);
        if (!step_add(z, &room, (int64_t)next * 1000, offset))
            return false;
        at = next;
    }
}

static void zone_free(struct zone *z)
{
    if (z != NULL)
        mem_free(z->steps);
    mem_free(z);
}

/* ICU takes any name for "GMT" when it does not know it; the canonical id tells. */
static UCalendar *calendar_open(struct str name)
{
    UErrorCode e = U_ZERO_ERROR;
    UChar id[NAME_BYTES_MAX + 1];
    UChar canonical[NAME_BYTES_MAX + 1];
    UBool is_system = false;
    u_charsToUChars(name.ptr, id, (int32_t)name.len);
    (void)ucal_getCanonicalTimeZoneID(id, (int32_t)name.len, canonical, NAME_BYTES_MAX, &is_system,
                                      &e);
    if (U_FAILURE(e) || !is_system)
        return NULL;
    UCalendar *c = ucal_open(id, (int32_t)name.len, "en_US_POSIX", UCAL_GREGORIAN, &e);
    return U_SUCCESS(e) ? c : NULL;
}

static struct zone *zone_load(struct str name)
{
    UCalendar *c = calendar_open(name);
    if (c == NULL)
        return NULL;
    struct zone *z = mem_new(sizeof *z);
    if (z != NULL) {
        memcpy(z->name, name.ptr, name.len);
        if (!steps_load(z, c)) {
            zone_free(z);
            z = NULL;
        }
    }
    ucal_close(c);
    return z;
}

/* What ICU's invariant conversion takes, and all that zone names are made of. */
static bool name_is_plain(struct str name)
{
    if (name.len == 0 || name.len > NAME_BYTES_MAX)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool ok = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  c == '/' || c == '_' || c == '-' || c == '+';
        if (!ok)
            return false;
    }
    return true;
}

const struct zone *zone_find(struct str iana_name)
{
    if (str_eq_c(iana_name, UTC.name))
        return &UTC;
    if (!name_is_plain(iana_name))
        return NULL;
    (void)pthread_mutex_lock(&lock);
    struct zone *found = NULL;
    for (size_t i = 0; i < zones_count && found == NULL; i++)
        if (str_eq_c(iana_name, zones[i]->name))
            found = zones[i];
    if (found == NULL && zones_count < ZONES_MAX) {
        found = zone_load(iana_name);
        if (found != NULL)
            zones[zones_count++] = found;
    }
    (void)pthread_mutex_unlock(&lock);
    return found;
}

/* Leak checkers see the tables go; nothing runs any more that could ask for one. */
__attribute__((destructor)) static void zones_free(void)
{
    for (size_t i = 0; i < zones_count; i++)
        zone_free(zones[i]);
    zones_count = 0;
}

struct str zone_name(const struct zone *z)
{
    return str_of(z->name);
}

const struct zone *zone_utc(void)
{
    return &UTC;
}

const struct zone *zone_house(void)
{
    return atomic_load(&house);
}

void zone_set_house(const struct zone *z)
{
    atomic_store(&house, z == NULL ? &UTC : z);
}

static int32_t offset_of(const struct zone *z, int64_t at_us)
{
    size_t lo = 0;
    size_t hi = z->count; /* steps[lo].from_us <= at_us < steps[hi].from_us */
    while (hi - lo > 1) {
        size_t mid = lo + (hi - lo) / 2;
        if (z->steps[mid].from_us <= at_us)
            lo = mid;
        else
            hi = mid;
    }
    return z->steps[lo].offset_s;
}

struct zone_time zone_time_of(const struct zone *z, int64_t at_us)
{
    int32_t offset_s = offset_of(z, at_us);
    int64_t local_s = floor_div(at_us, US_PER_SECOND) + offset_s;
    int64_t day = floor_div(local_s, 86400);
    int32_t s = (int32_t)(local_s - day * 86400);
    return (struct zone_time){.day = (int32_t)day,
                              .hour = s / 3600,
                              .minute = s / 60 % 60,
                              .second = s % 60,
                              .offset_s = offset_s};
}

int32_t zone_day_of(const struct zone *z, int64_t at_us)
{
    return zone_time_of(z, at_us).day;
}

int64_t zone_instant(const struct zone *z, int32_t day, int32_t second_of_day)
{
    int64_t local_us = ((int64_t)day * 86400 + second_of_day) * US_PER_SECOND;
    /* The offsets a day before and after bound what may hold around this local time. */
    int32_t before_s = offset_of(z, local_us - US_PER_DAY);
    int32_t after_s = offset_of(z, local_us + US_PER_DAY);
    int64_t first = local_us - before_s * US_PER_SECOND;
    if (before_s == after_s || offset_of(z, first) == before_s)
        return first;
    int64_t second = local_us - after_s * US_PER_SECOND;
    if (offset_of(z, second) == after_s)
        return second;
    return first; /* skipped by the clocks: counted from before the jump */
}

int64_t zone_day_start(const struct zone *z, int32_t day)
{
    int64_t at = zone_instant(z, day, 0);
    /* Where the clocks jump at midnight the day begins at the jump. */
    for (size_t i = 1; i < z->count; i++) {
        int64_t jump = z->steps[i].from_us;
        if (jump > at - US_PER_DAY && jump <= at && zone_day_of(z, jump) == day &&
            zone_day_of(z, jump - 1) < day)
            return jump;
    }
    return at;
}

int64_t zone_day_end(const struct zone *z, int32_t day)
{
    return zone_day_start(z, day + 1);
}
