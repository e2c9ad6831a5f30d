/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "reach/import_date.h"

#include "base/instant.h"
#include "base/mem.h"
#include "tests/fuzz/fuzz.h"

static void check_day(struct str text)
{
    int32_t day = 0;
    if (!day_parse(text, &day))
        return;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 64);
    day_format(day, &b);
    must(str_eq(buf_view(&b), text));
    must(day_of(civil_of(day)) == day && civil_is_valid(civil_of(day)));
    for (int32_t months = -25; months <= 25; months++) {
        int32_t later = day_add_months(day, months);
        must(civil_is_valid(civil_of(later)) && (months > 0) == (later > day));
    }
}

static void check_instant(struct str text)
{
    int64_t at = 0;
    int64_t again = 0;
    if (!instant_parse(text, &at))
        return;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 64);
    instant_format(at, &b);
    if (b.len == 20) /* an offset may lead out of the years 0000 to 9999 */
        must(instant_parse(buf_view(&b), &again) && again <= at && at - again < US_PER_SECOND);
}

static void check_import(struct str text, const struct zone *zone)
{
    int32_t first = day_of((struct civil){1949, 12, 31});
    int32_t last = day_of((struct civil){2101, 1, 1});
    for (enum import_dates dates = IMPORT_DATES_AUTO; dates < IMPORT_DATES_COUNT; dates++) {
        struct import_date d;
        if (import_date_read(text, dates, zone, &d) != IMPORT_DATE_FINE)
            continue;
        must(d.day >= first && d.day <= last && zone_day_of(zone, d.at_us) == d.day);
        if (!d.has_time)
            must(d.at_us == zone_day_start(zone, d.day));
    }
}

/* What is read as a day or an instant is written the same way; an imported one lies in its zone. */
int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t len)
{
    struct str text = str_make(bytes, len);
    check_day(text);
    check_instant(text);
    check_import(text, zone_utc());
    check_import(text, zone_find(STR("Asia/Shanghai")));
    check_import(text, zone_find(STR("America/New_York")));
    return 0;
}
