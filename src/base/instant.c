/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/instant.h"

#include <stdatomic.h>
#include <time.h>

static _Atomic int64_t virtual_us = -1;

static int64_t read_system(clockid_t id)
{
    struct timespec ts = {0};
    (void)clock_gettime(id, &ts);
    return (int64_t)ts.tv_sec * US_PER_SECOND + ts.tv_nsec / 1000;
}

int64_t instant_now(void)
{
    int64_t v = atomic_load_explicit(&virtual_us, memory_order_relaxed);
    return v >= 0 ? v : read_system(CLOCK_REALTIME);
}

void instant_set_virtual(int64_t now_us)
{
    atomic_store(&virtual_us, now_us < 0 ? -1 : now_us);
}

int64_t instant_monotonic(void)
{
    return read_system(CLOCK_MONOTONIC);
}

/* Days from civil and back: eras of 400 years that begin on 1 March. */
int32_t day_of(struct civil c)
{
    int32_t y = c.month <= 2 ? c.year - 1 : c.year;
    int32_t era = (y >= 0 ? y : y - 399) / 400;
    int32_t yoe = y - era * 400;
    int32_t doy = (153 * (c.month + (c.month > 2 ? -3 : 9)) + 2) / 5 + c.day - 1;
    int32_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

struct civil civil_of(int32_t day)
{
    int32_t z = day + 719468;
    int32_t era = (z >= 0 ? z : z - 146096) / 146097;
    int32_t doe = z - era * 146097;
    int32_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int32_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int32_t mp = (5 * doy + 2) / 153;
    int32_t month = mp < 10 ? mp + 3 : mp - 9;
    return (struct civil){
        .year = yoe + era * 400 + (month <= 2 ? 1 : 0),
        .month = month,
        .day = doy - (153 * mp + 2) / 5 + 1,
    };
}

static int32_t month_days(int32_t year, int32_t month)
{
    static const int32_t DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && leap ? 29 : DAYS[month - 1];
}

bool civil_is_valid(struct civil c)
{
    return c.year >= -5000000 && c.year <= 5000000 && c.month >= 1 && c.month <= 12 && c.day >= 1 &&
           c.day <= month_days(c.year, c.month);
}

int32_t weekday_of(int32_t day)
{
    int32_t w = (day + 3) % 7; /* 1970-01-01 was a Thursday */
    return w < 0 ? w + 7 : w;
}

int32_t day_add_months(int32_t day, int32_t months)
{
    struct civil c = civil_of(day);
    int32_t m = c.year * 12 + c.month - 1 + months;
    c.year = (m >= 0 ? m : m - 11) / 12;
    c.month = m - c.year * 12 + 1;
    int32_t last = month_days(c.year, c.month);
    if (c.day > last)
        c.day = last;
    return day_of(c);
}

/* As "%0*d" writes it, for what has no more digits than that. */
static void put_digits(struct buf *b, int64_t n, size_t count)
{
    char digits[8];
    for (size_t i = count; i > 0; i--, n /= 10)
        digits[i - 1] = (char)('0' + n % 10);
    buf_bytes(b, digits, count);
}

void day_format(int32_t day, struct buf *b)
{
    struct civil c = civil_of(day);
    if (c.year < 0 || c.year > 9999)
        buf_printf(b, "%04d", (int)c.year);
    else
        put_digits(b, c.year, 4);
    buf_char(b, '-');
    put_digits(b, c.month, 2);
    buf_char(b, '-');
    put_digits(b, c.day, 2);
}

static bool digits(struct str s, size_t from, size_t len, int64_t max, int64_t *ret_value)
{
    if (s.len < from + len)
        return false;
    struct str part = str_sub(s, from, len);
    return part.ptr[0] != '-' && str_to_i64(part, 0, max, ret_value);
}

bool day_parse(struct str s, int32_t *ret_day)
{
    int64_t y = 0;
    int64_t m = 0;
    int64_t d = 0;
    if (s.len != 10 || s.ptr[4] != '-' || s.ptr[7] != '-' || !digits(s, 0, 4, 9999, &y) ||
        !digits(s, 5, 2, 12, &m) || !digits(s, 8, 2, 31, &d))
        return false;
    struct civil c = {(int32_t)y, (int32_t)m, (int32_t)d};
    if (!civil_is_valid(c))
        return false;
    *ret_day = day_of(c);
    return true;
}

void instant_format(int64_t at_us, struct buf *b)
{
    int64_t day = at_us / US_PER_DAY;
    int64_t in_day = at_us % US_PER_DAY;
    if (in_day < 0) {
        in_day += US_PER_DAY;
        day--;
    }
    int64_t s = in_day / US_PER_SECOND;
    day_format((int32_t)day, b);
    buf_char(b, 'T');
    put_digits(b, s / 3600, 2);
    buf_char(b, ':');
    put_digits(b, s / 60 % 60, 2);
    buf_char(b, ':');
    put_digits(b, s % 60, 2);
    buf_char(b, 'Z');
}

static bool fraction_parse(struct str *s, int64_t *ret_us)
{
    *ret_us = 0;
    if (s->len == 0 || s->ptr[0] != '.')
        return true;
    int64_t unit = US_PER_SECOND;
    size_t i = 1;
    for (; i < s->len && s->ptr[i] >= '0' && s->ptr[i] <= '9' && i <= 6; i++) {
        unit /= 10;
        *ret_us += (s->ptr[i] - '0') * unit;
    }
    *s = str_sub(*s, i, s->len);
    return i > 1;
}

static bool offset_parse(struct str s, int64_t *ret_us)
{
    int64_t h = 0;
    int64_t m = 0;
    *ret_us = 0;
    if (str_eq(s, STR("Z")))
        return true;
    if (s.len != 6 || (s.ptr[0] != '+' && s.ptr[0] != '-') || s.ptr[3] != ':' ||
        !digits(s, 1, 2, 23, &h) || !digits(s, 4, 2, 59, &m))
        return false;
    *ret_us = (h * 60 + m) * US_PER_MINUTE * (s.ptr[0] == '-' ? -1 : 1);
    return true;
}

bool instant_parse(struct str s, int64_t *ret_us)
{
    int32_t day = 0;
    int64_t h = 0;
    int64_t m = 0;
    int64_t sec = 0;
    if (s.len < 20 || s.ptr[10] != 'T' || s.ptr[13] != ':' || s.ptr[16] != ':' ||
        !day_parse(str_sub(s, 0, 10), &day) || !digits(s, 11, 2, 23, &h) ||
        !digits(s, 14, 2, 59, &m) || !digits(s, 17, 2, 59, &sec))
        return false;
    struct str rest = str_sub(s, 19, s.len);
    int64_t fraction_us = 0;
    int64_t offset_us = 0;
    if (!fraction_parse(&rest, &fraction_us) || !offset_parse(rest, &offset_us))
        return false;
    *ret_us = day * US_PER_DAY + h * US_PER_HOUR + m * US_PER_MINUTE + sec * US_PER_SECOND +
              fraction_us - offset_us;
    return true;
}
