/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * pack_calendar: reads packs/<pack>/calendar/<ID>.json.
 *
 * {"format": "huiyin-calendar/1", "id": "CN", "version": "2026.1", "name": {...},
 *  "weekend": ["sat", "sun"],
 *  "holidays": {"spring": {"en": "Spring Festival", "zh-CN": "春节"}},
 *  "fixed": [{"date": "10-01", "holiday": "national"}],
 *  "years": [{"year": 2026, "source": "https://...",
 *             "off": [{"from": "2026-02-15", "to": "2026-02-23", "holiday": "spring"}],
 *             "work": [{"date": "2026-02-14", "holiday": "spring"}]}]}
 * A year is the year of its notice; its days may lie in the year before or after. "always": true
 * stands in place of years for a calendar that knows only the weekend: 1900 to 2200.
 */
#include "spine/pack_read.h"

enum { DAYS_MAX = 8000, RANGE_MAX = 31 };

struct calendar_reader {
    struct pack_reader *r;
    const struct json *holidays;
    struct wording *holiday; /* by place in `holidays` */
    struct calendar_day *day;
    size_t count;
    uint8_t weekend;
};

static const struct wording *find_holiday(struct calendar_reader *c, const struct json *entry)
{
    const struct json *name = pack_member(c->r, entry, "holiday", JSON_KIND_STRING, true);
    if (name == NULL || c->holidays == NULL)
        return NULL;
    for (size_t i = 0; i < c->holidays->count; i++) {
        if (str_eq(c->holidays->name[i], name->text))
            return &c->holiday[i];
    }
    pack_fault(c->r, name, "no_holiday", name->text, STR_NULL);
    return NULL;
}

static bool read_day(struct calendar_reader *c, const struct json *entry, const char *name,
                     int32_t year, int32_t *ret_day)
{
    const struct json *value = pack_member(c->r, entry, name, JSON_KIND_STRING, true);
    if (value == NULL)
        return false;
    if (!day_parse(value->text, ret_day)) {
        pack_fault(c->r, value, "date", value->text, STR_NULL);
        return false;
    }
    int32_t has = civil_of(*ret_day).year;
    if (has < year - 1 || has > year + 1) {
        pack_fault(c->r, value, "other_year", value->text, STR_NULL);
        return false;
    }
    return true;
}

static void add_day(struct calendar_reader *c, const struct json *at, struct calendar_day day)
{
    if (c->count == DAYS_MAX) {
        pack_fault(c->r, at, "too_many_days", STR_NULL, STR_NULL);
        return;
    }
    size_t i = c->count;
    while (i > 0 && c->day[i - 1].day > day.day)
        i--;
    if (i > 0 && c->day[i - 1].day == day.day) {
        if (c->day[i - 1].off != day.off)
            pack_fault(c->r, at, "day_both", STR_NULL, STR_NULL);
        return; /* two notices may name the same day */
    }
    memmove(&c->day[i + 1], &c->day[i], (c->count - i) * sizeof(day));
    c->day[i] = day;
    c->count++;
}

static void read_off(struct calendar_reader *c, const struct json *entry, int32_t year)
{
    static const char *const NAMES[] = {"from", "to", "holiday", NULL};
    int32_t from;
    int32_t to;
    pack_only(c->r, entry, NAMES);
    const struct wording *name = find_holiday(c, entry);
    if (!read_day(c, entry, "from", year, &from))
        return;
    to = from;
    if (jsonr_find(entry, "to") != NULL && !read_day(c, entry, "to", year, &to))
        return;
    if (to < from || to - from >= RANGE_MAX) {
        pack_fault(c->r, entry, "range_days", STR_NULL, STR_NULL);
        return;
    }
    for (int32_t day = from; day <= to; day++)
        add_day(c, entry, (struct calendar_day){.day = day, .off = true, .name = name});
}

static void read_work(struct calendar_reader *c, const struct json *entry, int32_t year)
{
    static const char *const NAMES[] = {"date", "holiday", NULL};
    int32_t day;
    pack_only(c->r, entry, NAMES);
    const struct wording *name = find_holiday(c, entry);
    if (!read_day(c, entry, "date", year, &day))
        return;
    if ((c->weekend >> weekday_of(day) & 1) == 0)
        pack_fault(c->r, jsonr_find(entry, "date"), "make_up_weekday", STR_NULL, STR_NULL);
    else
        add_day(c, entry, (struct calendar_day){.day = day, .off = false, .name = name});
}

static void read_list(struct calendar_reader *c, const struct json *year, const char *name,
                      int32_t number,
                      void (*read)(struct calendar_reader *, const struct json *, int32_t))
{
    const struct json *list = pack_member(c->r, year, name, JSON_KIND_ARRAY, false);
    for (size_t i = 0; list != NULL && i < list->count; i++) {
        if (list->item[i].kind == JSON_KIND_OBJECT)
            read(c, &list->item[i], number);
        else
            pack_fault(c->r, &list->item[i], "kind", STR("object"), STR_NULL);
    }
}

static void read_years(struct calendar_reader *c, const struct json *top, struct calendar *cal)
{
    static const char *const NAMES[] = {"year", "source", "off", "work", NULL};
    bool always = pack_truth(c->r, top, "always", false);
    const struct json *years = pack_member(c->r, top, "years", JSON_KIND_ARRAY, !always);
    if (always) {
        cal->first_year = 1900;
        cal->last_year = 2200;
        if (years != NULL)
            pack_fault(c->r, years, "always_years", STR_NULL, STR_NULL);
        return;
    }
    if (years == NULL)
        return;
    if (years->count == 0)
        pack_fault(c->r, years, "no_years", STR_NULL, STR_NULL);
    for (size_t i = 0; i < years->count; i++) {
        const struct json *year = &years->item[i];
        pack_only(c->r, year, NAMES);
        if (pack_member(c->r, year, "year", JSON_KIND_INTEGER, true) == NULL)
            continue;
        int32_t number = pack_int(c->r, year, "year", 1900, 2200, 0);
        (void)pack_text(c->r, year, "source", 400, true);
        if (i > 0 && number != cal->last_year + 1)
            pack_fault(c->r, year, "year_gap", STR_NULL, STR_NULL);
        if (i == 0)
            cal->first_year = number;
        cal->last_year = number;
        read_list(c, year, "off", number, read_off);
        read_list(c, year, "work", number, read_work);
    }
}

static uint8_t read_weekend(struct pack_reader *r, const struct json *top)
{
    static const char *const DAYS[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    const struct json *list = pack_member(r, top, "weekend", JSON_KIND_ARRAY, true);
    uint8_t weekend = 0;
    for (size_t i = 0; list != NULL && i < list->count; i++) {
        bool known = false;
        for (unsigned d = 0; d < 7; d++) {
            if (list->item[i].kind != JSON_KIND_STRING || !str_eq_c(list->item[i].text, DAYS[d]))
                continue;
            known = true;
            weekend = (uint8_t)(weekend | 1U << d);
        }
        if (!known)
            pack_fault(r, &list->item[i], "word", list->item[i].text,
                       STR("mon, tue, wed, thu, fri, sat, sun"));
    }
    if (weekend == 0x7f)
        pack_fault(r, list, "all_off", STR_NULL, STR_NULL);
    return weekend;
}

/* "10-01", read as a day of a leap year so that 29 February is one. */
static bool parse_month_day(struct str text, struct civil *ret)
{
    char date[16];
    int32_t day;
    snprintf(date, sizeof(date), "2024-" STR_FMT, STR_ARG(str_sub(text, 0, 6)));
    if (!day_parse(str_of(date), &day))
        return false;
    *ret = civil_of(day);
    return true;
}

static void read_fixed(struct calendar_reader *c, const struct json *top, struct calendar *cal)
{
    static const char *const NAMES[] = {"date", "holiday", "substitute", NULL};
    const struct json *list = pack_member(c->r, top, "fixed", JSON_KIND_ARRAY, false);
    if (list == NULL)
        return;
    struct calendar_fixed *fixed = pack_array(c->r, list->count, sizeof(*fixed));
    if (fixed == NULL)
        return;
    for (size_t i = 0; i < list->count; i++) {
        const struct json *entry = &list->item[i];
        pack_only(c->r, entry, NAMES);
        const struct json *date = pack_member(c->r, entry, "date", JSON_KIND_STRING, true);
        struct civil civil = {0};
        if (date != NULL && !parse_month_day(date->text, &civil))
            pack_fault(c->r, date, "month_day", date->text, STR_NULL);
        struct calendar_fixed *last = i == 0 ? NULL : &fixed[i - 1];
        if (last != NULL && civil.month * 100 + civil.day <= last->month * 100 + last->mday)
            pack_fault(c->r, entry, "fixed_order", STR_NULL, STR_NULL);
        fixed[i] =
            (struct calendar_fixed){.month = civil.month,
                                    .mday = civil.day,
                                    .name = find_holiday(c, entry),
                                    .substitute = pack_truth(c->r, entry, "substitute", false)};
    }
    cal->fixed = fixed;
    cal->fixed_count = list->count;
}

/* Calendar ids are those of places: "CN", "GB-EAW". */
static bool is_calendar_id(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char ch = s.ptr[i];
        if (!((ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') || ch == '-'))
            return false;
    }
    return s.len >= 2 && s.len <= 16;
}

const struct calendar *pack_read_calendar(struct pack_reader *r, const struct json *top)
{
    static const char *const NAMES[] = {"$schema", "format",  "id",       "version",
                                        "name",    "weekend", "holidays", "fixed",
                                        "always",  "years",   NULL};
    static const char *const FORMATS[] = {"", "huiyin-calendar/1", NULL};
    struct calendar_reader c = {.r = r};
    struct calendar *cal = pack_array(r, 1, sizeof(*cal));
    c.day = pack_array(r, DAYS_MAX + 1, sizeof(*c.day));
    if (cal == NULL || c.day == NULL)
        return NULL;
    if (top->kind != JSON_KIND_OBJECT) {
        pack_fault(r, top, "kind", STR("object"), STR_NULL);
        return NULL;
    }
    pack_only(r, top, NAMES);
    (void)pack_word(r, top, "format", FORMATS, true);
    cal->id = pack_text(r, top, "id", 16, true);
    if (cal->id.ptr != NULL && !is_calendar_id(cal->id))
        pack_fault(r, jsonr_find(top, "id"), "calendar_id", cal->id, STR_NULL);
    cal->version = pack_text(r, top, "version", 16, true);
    cal->id_version = pack_printf(r, STR_FMT "@" STR_FMT, STR_ARG(cal->id), STR_ARG(cal->version));
    cal->name = pack_wording(r, top, "name", PACK_LABEL_UNSET, true);
    cal->weekend = c.weekend = read_weekend(r, top);
    c.holidays = pack_member(r, top, "holidays", JSON_KIND_OBJECT, false);
    c.holiday = pack_array(r, c.holidays == NULL ? 0 : c.holidays->count, sizeof(*c.holiday));
    for (size_t i = 0; c.holiday != NULL && c.holidays != NULL && i < c.holidays->count; i++) {
        if (c.holidays->item[i].kind == JSON_KIND_OBJECT)
            pack_wording_into(r, &c.holidays->item[i], PACK_LABEL_UNSET, &c.holiday[i]);
        else
            pack_fault(r, &c.holidays->item[i], "kind", STR("object"), STR_NULL);
    }
    if (c.holiday == NULL)
        return NULL;
    read_fixed(&c, top, cal);
    read_years(&c, top, cal);
    cal->day = c.day;
    cal->day_count = c.count;
    return cal;
}
