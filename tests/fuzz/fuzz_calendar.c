/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "spine/calendar.h"

#include "base/mem.h"
#include "spine/pack_read.h"
#include "tests/fuzz/fuzz.h"

enum { YEARS = 3, STEP_DAYS = 97 };

static void must_count_alike(const struct calendar *c, int32_t day, int32_t n)
{
    int32_t there = 0;
    int32_t count = 0;
    int32_t rolled = 0;
    bool is_provisional = false;
    struct calendar_look look;
    enum err err = calendar_add_working(c, day, n, NULL, &there, &is_provisional);
    must(err == ERR_OK || err == ERR_CORRUPT); /* weeks on end without a working day */
    if (err != ERR_OK)
        return;
    must(calendar_look(c, there, NULL, &look) == ERR_OK && look.working);
    must(calendar_count_working(c, day, there, NULL, &count) == ERR_OK && count == n);
    must(calendar_roll(c, there, NULL, &rolled, &is_provisional) == ERR_OK && rolled == there);
}

static void check(const struct calendar *c)
{
    struct calendar_look look;
    int32_t first = day_of((struct civil){c->first_year, 1, 1});
    int32_t known = day_of((struct civil){c->last_year, 1, 1});
    must(calendar_look(c, first - 1, NULL, &look) == ERR_INVALID);
    for (size_t i = 1; i < c->day_count; i++)
        must(c->day[i - 1].day < c->day[i].day);
    for (int32_t day = 0; day < YEARS * 366; day += STEP_DAYS) {
        must_count_alike(c, first + day, 1 + day % 40);
        must_count_alike(c, known + day, 1 + day % 40);
    }
}

/* A calendar file without a fault counts the same forwards and backwards. */
int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t len)
{
    static const struct str LANGUAGES[] = {STR_INIT("en"), STR_INIT("zh-CN")};
    CLEANUP(arena_done) struct arena a;
    CLEANUP(pack_faults_done) struct pack_faults faults;
    struct pack_reader r = {.a = &a,
                            .faults = &faults,
                            .file = STR("calendar/X.json"),
                            .language = LANGUAGES,
                            .language_count = 1 + len % 2};
    const struct json *top = NULL;
    struct jsonr_fault fault;
    arena_init(&a, 16 << 20);
    pack_faults_init(&faults);
    if (jsonr_parse(&a, str_make(bytes, len), &JSONR_FILE, &fault, &top) != ERR_OK)
        return 0;
    const struct calendar *c = pack_read_calendar(&r, top);
    must(c != NULL || faults.count > 0 || r.nomem);
    if (c != NULL && faults.count == 0 && !r.nomem)
        check(c);
    return 0;
}
