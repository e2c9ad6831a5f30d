/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "spine/calendar.h"

enum { ADD_MAX = 10000, LOOK_AHEAD_MAX = 60 };

static const struct calendar_day *find_day(const struct calendar *c, int32_t day)
{
    size_t low = 0;
    size_t high = c->day_count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (c->day[mid].day < day)
            low = mid + 1;
        else
            high = mid;
    }
    return low < c->day_count && c->day[low].day == day ? &c->day[low] : NULL;
}

static bool is_weekend(const struct calendar *c, int32_t day)
{
    return (c->weekend >> weekday_of(day) & 1) != 0;
}

/* The fixed holiday that lies on its own date on this day. */
static const struct calendar_fixed *fixed_on(const struct calendar *c, int32_t day)
{
    struct civil civil = civil_of(day);
    for (size_t i = 0; i < c->fixed_count; i++) {
        if (c->fixed[i].month == civil.month && c->fixed[i].mday == civil.day)
            return &c->fixed[i];
    }
    return NULL;
}

/* The fixed holiday kept on this working day in place of one that fell on a weekend. Substitutes
 * are given out in the order of the dates, each to the next day that is neither weekend nor a
 * holiday of its own nor taken. */
static const struct calendar_fixed *substitute_on(const struct calendar *c, int32_t day)
{
    int32_t taken = INT32_MIN;
    int32_t year = civil_of(day).year;
    for (size_t i = 0; i < c->fixed_count; i++) {
        const struct calendar_fixed *f = &c->fixed[i];
        int32_t at = day_of((struct civil){.year = year, .month = f->month, .day = f->mday});
        if (!f->substitute || at >= day || day - at > 7 || !is_weekend(c, at))
            continue;
        do
            at++;
        while (at < day && (is_weekend(c, at) || fixed_on(c, at) != NULL || at <= taken));
        if (at == day && day > taken)
            return f;
        taken = at;
    }
    return NULL;
}

enum err calendar_look(const struct calendar *c, int32_t day, struct err_info *info,
                       struct calendar_look *ret_look)
{
    int32_t year = civil_of(day).year;
    if (year < c->first_year) {
        enum err err =
            err_set(info, ERR_INVALID, "due.calendar.before", STR_FMT " begins in %d, asked for %d",
                    STR_ARG(c->id), (int)c->first_year, (int)year);
        char number[16];
        snprintf(number, sizeof(number), "%d", (int)c->first_year);
        char id[ERR_ARG_BYTES];
        snprintf(id, sizeof(id), STR_FMT, STR_ARG(c->id));
        if (info != NULL) {
            err_arg(info, 0, id);
            err_arg(info, 1, number);
        }
        return err;
    }
    struct calendar_look look = {.provisional = year > c->last_year};
    const struct calendar_day *special = find_day(c, day);
    if (special != NULL) {
        look.working = !special->off;
        look.name = special->name;
        look.provisional = false;
    } else {
        look.working = !is_weekend(c, day);
        if (look.provisional && look.working) {
            const struct calendar_fixed *f = fixed_on(c, day);
            if (f == NULL)
                f = substitute_on(c, day);
            look.working = f == NULL;
            look.name = f == NULL ? NULL : f->name;
        }
    }
    *ret_look = look;
    return ERR_OK;
}

/* A calendar file may say that every day is off: nothing is counted on such a one. */
static enum err no_working_day(const struct calendar *c, struct err_info *info)
{
    return err_set(info, ERR_CORRUPT, NULL, STR_FMT " has no working day in %d days",
                   STR_ARG(c->id), LOOK_AHEAD_MAX);
}

enum err calendar_add_working(const struct calendar *c, int32_t day, int32_t n,
                              struct err_info *info, int32_t *ret_day, bool *ret_provisional)
{
    if (n < 1 || n > ADD_MAX)
        return err_set(info, ERR_INVALID, "due.amount.bounds", "%d working days", (int)n);
    bool provisional = false;
    int32_t last = day; /* the working day found last */
    while (n > 0) {
        struct calendar_look look;
        TRY(calendar_look(c, ++day, info, &look));
        provisional = provisional || look.provisional;
        if (look.working) {
            n--;
            last = day;
        } else if (day - last >= LOOK_AHEAD_MAX) {
            return no_working_day(c, info);
        }
    }
    *ret_day = day;
    *ret_provisional = provisional;
    return ERR_OK;
}

enum err calendar_roll(const struct calendar *c, int32_t day, struct err_info *info,
                       int32_t *ret_day, bool *ret_provisional)
{
    bool provisional = false;
    for (int32_t i = 0; i < LOOK_AHEAD_MAX; i++, day++) {
        struct calendar_look look;
        TRY(calendar_look(c, day, info, &look));
        provisional = provisional || look.provisional;
        if (look.working) {
            *ret_day = day;
            *ret_provisional = provisional;
            return ERR_OK;
        }
    }
    return no_working_day(c, info);
}

enum err calendar_count_working(const struct calendar *c, int32_t after, int32_t upto,
                                struct err_info *info, int32_t *ret_count)
{
    int32_t count = 0;
    for (int32_t day = after + 1; day <= upto; day++) {
        struct calendar_look look = {0};
        TRY(calendar_look(c, day, info, &look));
        count += look.working ? 1 : 0;
    }
    *ret_count = count;
    return ERR_OK;
}
