/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "reach/import_date.h"

#include "base/instant.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "lib/text/words.h"

enum { TEXT_BYTES_MAX = 64, NUMBERS_MAX = 7, YEAR_FIRST = 1950, YEAR_LAST = 2100 };

/* What a date is made of once it is taken apart. */
struct parts {
    int32_t number[NUMBERS_MAX]; /* in the order of the text */
    int32_t digits[NUMBERS_MAX];
    size_t count;
    char sep;     /* between the first two numbers */
    int32_t half; /* 0 none, 1 morning, 2 afternoon, 3 noon hours (中午) */
    bool has_offset;
    int32_t offset_s;
};

bool import_dates_of_word(struct str word, enum import_dates *ret_dates)
{
    static const char *const words[IMPORT_DATES_COUNT] = {"auto", "iso", "us", "eu"};
    for (enum import_dates d = IMPORT_DATES_AUTO; d < IMPORT_DATES_COUNT; d++) {
        if (!str_eq_c(word, words[d]))
            continue;
        *ret_dates = d;
        return true;
    }
    return false;
}

/* ---- taking apart ------------------------------------------------------------------------------
 */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The words a date may hold; longer ones first. */
static const struct {
    const char *word;
    char
        stands_for; /* a separator, or one of: m morning, a afternoon, n noon, z UTC, ' ' nothing */
} words[] = {
    {"a.m.", 'm'}, {"p.m.", 'a'}, {"am", 'm'},   {"pm", 'a'},   {"上午", 'm'}, {"早上", 'm'},
    {"凌晨", 'm'}, {"下午", 'a'}, {"晚上", 'a'}, {"中午", 'n'}, {"星期", 'w'}, {"年", '/'},
    {"月", '/'},   {"日", ' '},   {"号", ' '},   {"时", ':'},   {"点", ':'},   {"分", ':'},
    {"秒", ' '},   {"t", ' '},    {"z", 'z'},    {"utc", 'z'},  {"/", '/'},    {"-", '/'},
    {".", '.'},    {":", ':'},    {" ", ' '},    {",", ' '},
};

static bool take_number(struct str s, size_t *at, struct parts *p)
{
    int64_t value = 0;
    int32_t digits = 0;
    while (*at < s.len && is_digit(s.ptr[*at]) && digits < 15) {
        value = value * 10 + (s.ptr[*at] - '0');
        digits++;
        (*at)++;
    }
    if (p->count == NUMBERS_MAX)
        return false;
    /* 20190425 and 20190425093209 */
    if (p->count == 0 && (digits == 8 || digits == 14)) {
        const int64_t date = digits == 14 ? value / 1000000 : value;
        const int64_t time = digits == 14 ? value % 1000000 : 0;
        const int64_t six[] = {date / 10000, date / 100 % 100, date % 100,
                               time / 10000, time / 100 % 100, time % 100};
        for (size_t i = 0; i < (digits == 14 ? 6U : 3U); i++) {
            p->number[p->count] = (int32_t)six[i];
            p->digits[p->count++] = i == 0 ? 4 : 2;
        }
        p->sep = '/';
        return true;
    }
    /* decimals of a second may be long; of all other numbers four digits is most */
    if (digits > 4 && p->count < 6)
        return false;
    p->number[p->count] = digits > 4 ? 0 : (int32_t)value;
    p->digits[p->count++] = digits;
    return true;
}

/* "+08:00", "+0800", "-05" after a time. */
static bool take_offset(struct str s, size_t *at, struct parts *p)
{
    const int32_t sign = s.ptr[*at] == '-' ? -1 : 1;
    int32_t value = 0, digits = 0;
    for (++*at; *at < s.len; (*at)++) {
        if (s.ptr[*at] == ':')
            continue;
        if (!is_digit(s.ptr[*at]) || digits == 4)
            return false;
        value = value * 10 + (s.ptr[*at] - '0');
        digits++;
    }
    if (digits == 2)
        value *= 100;
    if ((digits != 2 && digits != 4) || value / 100 > 14 || value % 100 > 59)
        return false;
    p->has_offset = true;
    p->offset_s = sign * (value / 100 * 3600 + value % 100 * 60);
    return true;
}

static bool take_word(struct str s, size_t *at, struct parts *p)
{
    const struct str rest = str_sub(s, *at, s.len);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!str_starts(rest, str_of(words[i].word)))
            continue;
        *at += strlen(words[i].word);
        const char c = words[i].stands_for;
        if (c == 'm' || c == 'a' || c == 'n')
            p->half = c == 'm' ? 1 : c == 'a' ? 2 : 3;
        if (c == 'z')
            p->has_offset = true;
        if (c == 'w') /* 星期四: what day it was follows from the date */
            (void)utf8_next(s, at);
        if (p->count == 1 && p->sep == 0 && (c == '/' || c == '.'))
            p->sep = c;
        return true;
    }
    return false;
}

static bool take_apart(struct str s, struct parts *p)
{
    for (size_t at = 0; at < s.len;) {
        const char c = s.ptr[at];
        bool ok;
        if (is_digit(c))
            ok = take_number(s, &at, p);
        else if ((c == '+' || c == '-') && p->count >= 5)
            ok = take_offset(s, &at, p);
        else
            ok = take_word(s, &at, p);
        if (!ok)
            return false;
    }
    return p->count == 3 || (p->count >= 5 && p->count <= 7);
}

/* ---- putting together --------------------------------------------------------------------------
 */

/* Which of the first three numbers is what. */
static enum import_date_fault order(const struct parts *p, enum import_dates dates,
                                    struct civil *ret_civil)
{
    const int32_t a = p->number[0], b = p->number[1], c = p->number[2];
    const struct civil iso = {a, b, c}, us = {c, a, b}, eu = {c, b, a};
    if (p->sep == 0)
        return IMPORT_DATE_UNREADABLE;
    if (p->digits[0] == 4) {
        *ret_civil = iso;
        return dates == IMPORT_DATES_US || dates == IMPORT_DATES_EU ? IMPORT_DATE_UNREADABLE
                                                                    : IMPORT_DATE_FINE;
    }
    if (p->digits[2] != 4 || dates == IMPORT_DATES_ISO)
        return IMPORT_DATE_UNREADABLE;
    if (dates == IMPORT_DATES_AUTO && p->sep == '.')
        dates = IMPORT_DATES_EU;
    if (dates == IMPORT_DATES_AUTO && a > 12)
        dates = IMPORT_DATES_EU;
    if (dates == IMPORT_DATES_AUTO && (b > 12 || a == b))
        dates = IMPORT_DATES_US;
    if (dates == IMPORT_DATES_AUTO)
        return IMPORT_DATE_DOUBTFUL;
    *ret_civil = dates == IMPORT_DATES_US ? us : eu;
    return IMPORT_DATE_FINE;
}

/* Seconds of the day, or -1. */
static int32_t clock_of(const struct parts *p)
{
    if (p->count == 3)
        return 0;
    int32_t hour = p->number[3];
    const int32_t minute = p->number[4], second = p->count > 5 ? p->number[5] : 0;
    if (p->half != 0 && hour > 12 && p->half != 2)
        return -1;
    if (p->half == 1 && hour == 12)
        hour = 0;
    if (p->half == 2 && hour < 12)
        hour += 12;
    if (p->half == 3 && hour < 11)
        hour += 12;
    if (hour > 23 || minute > 59 || second > 60)
        return -1;
    return hour * 3600 + minute * 60 + (second == 60 ? 59 : second);
}

enum import_date_fault import_date_read(struct str text, enum import_dates dates,
                                        const struct zone *zone, struct import_date *ret_date)
{
    CLEANUP(buf_done) struct buf folded;
    buf_init(&folded, (size_t)TEXT_BYTES_MAX * 4);
    const struct str trimmed = str_trim(text);
    if (trimmed.len == 0 || trimmed.len > TEXT_BYTES_MAX)
        return IMPORT_DATE_UNREADABLE;
    const enum err err = words_fold(trimmed, &folded);
    if (err != ERR_OK)
        return err == ERR_NOMEM ? IMPORT_DATE_NO_MEMORY : IMPORT_DATE_UNREADABLE;
    struct parts p = {0};
    struct civil civil = {0};
    if (!take_apart(str_trim(buf_view(&folded)), &p))
        return IMPORT_DATE_UNREADABLE;
    const enum import_date_fault fault = order(&p, dates, &civil);
    if (fault != IMPORT_DATE_FINE)
        return fault;
    const int32_t second = clock_of(&p);
    if (second < 0 || civil.year < YEAR_FIRST || civil.year > YEAR_LAST || !civil_is_valid(civil))
        return IMPORT_DATE_IMPOSSIBLE;
    const int32_t day = day_of(civil);
    ret_date->has_time = p.count > 3;
    /* "2019-04-25Z" is that day wherever the clock hung. */
    const bool is_elsewhere = p.has_offset && ret_date->has_time;
    ret_date->at_us = is_elsewhere ? day * US_PER_DAY + (second - p.offset_s) * US_PER_SECOND
                                   : zone_instant(zone, day, second);
    ret_date->day = is_elsewhere ? zone_day_of(zone, ret_date->at_us) : day;
    return IMPORT_DATE_FINE;
}
