/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "spine/due.h"

#include "base/mem.h"
#include "lib/text/zone.h"

enum { AMOUNT_MAX = 4000 };

/* ---- counting -------------------------------------------------------------------------------- */

static bool is_fine(enum due_unit unit)
{
    return unit == DUE_MINUTE || unit == DUE_HOUR;
}

static int64_t unit_us(enum due_unit unit)
{
    return unit == DUE_MINUTE ? US_PER_MINUTE : US_PER_HOUR;
}

/* Days from a start day, before and after rolling. */
struct day_count {
    int32_t counted_day;
    int32_t last_day;
    bool provisional;
};

static enum err count_days(const struct due_span *span, int32_t stood_days, enum due_roll roll,
                           const struct calendar *c, int32_t start_day, struct err_info *info,
                           struct day_count *ret)
{
    if (span->amount < 1 || span->amount > AMOUNT_MAX || stood_days < 0 || stood_days > AMOUNT_MAX)
        return err_set(info, ERR_INVALID, "due.amount.bounds", "%d units, %d days standing still",
                       (int)span->amount, (int)stood_days);
    bool needs_calendar = span->unit == DUE_WORKING_DAY || roll != DUE_ROLL_NONE;
    if (needs_calendar && c == NULL)
        return err_set(info, ERR_INVALID, "due.calendar.none", "counted without a calendar");
    struct day_count n = {0};
    if (span->unit == DUE_WORKING_DAY) {
        TRY(calendar_add_working(c, start_day, span->amount + stood_days, info, &n.counted_day,
                                 &n.provisional));
    } else if (span->unit == DUE_CALENDAR_DAY) {
        n.counted_day = start_day + span->amount + stood_days;
    } else if (span->unit == DUE_MONTH) {
        n.counted_day = day_add_months(start_day, span->amount) + stood_days;
    } else {
        return err_set(info, ERR_INVALID, "due.unit.days", "unit %d", (int)span->unit);
    }
    n.last_day = n.counted_day;
    if (roll == DUE_ROLL_NEXT_WORKING_DAY) {
        bool provisional = false;
        TRY(calendar_roll(c, n.counted_day, info, &n.last_day, &provisional));
        n.provisional = n.provisional || provisional;
    }
    *ret = n;
    return ERR_OK;
}

enum err due_last_day(const struct due_span *span, enum due_roll roll, const struct calendar *c,
                      int32_t start_day, struct err_info *info, int32_t *ret_day,
                      bool *ret_provisional)
{
    struct day_count n = {0};
    TRY(count_days(span, 0, roll, c, start_day, info, &n));
    *ret_day = n.last_day;
    *ret_provisional = n.provisional;
    return ERR_OK;
}

/* Days of this rule that stand still between two days: those after the first up to the second. */
static enum err standing_days(const struct due *d, int32_t since_day, int32_t upto_day,
                              struct err_info *info, int32_t *ret_days)
{
    *ret_days = 0;
    if (upto_day <= since_day)
        return ERR_OK;
    if (d->rule->span.unit == DUE_WORKING_DAY)
        return calendar_count_working(d->rule->calendar, since_day, upto_day, info, ret_days);
    *ret_days = upto_day - since_day;
    return ERR_OK;
}

/* Fills at_us, at_day, provisional and calendar from the rest. */
static enum err compute(struct due *d, const struct zone *zone, struct err_info *info,
                        struct day_count *ret_count)
{
    const struct due_rule *r = d->rule;
    struct day_count n = {.counted_day = d->start_day, .last_day = d->start_day};
    int64_t at_us = d->start_us;
    if (is_fine(r->span.unit)) {
        int64_t stood_us = d->stood_us;
        if (d->state == DUE_SUSPENDED && d->until_day != 0)
            stood_us += zone_day_end(zone, d->until_day) - d->since_us;
        at_us += (int64_t)(r->span.amount + d->extended) * unit_us(r->span.unit) + stood_us;
        n.counted_day = n.last_day = zone_day_of(zone, at_us - 1);
    } else if (r->span.unit != DUE_AT_ONCE) {
        int32_t standing = 0;
        if (d->state == DUE_SUSPENDED && d->until_day != 0)
            TRY(standing_days(d, d->since_day, d->until_day, info, &standing));
        struct due_span span = {.amount = r->span.amount + d->extended, .unit = r->span.unit};
        TRY(count_days(&span, d->stood_days + standing, r->roll, r->calendar, d->start_day, info,
                       &n));
        at_us = zone_day_end(zone, n.last_day);
    }
    d->at_us = at_us;
    d->at_day = n.last_day;
    d->provisional = n.provisional;
    d->calendar = r->calendar == NULL ? STR_NULL : r->calendar->id_version;
    if (ret_count != NULL)
        *ret_count = n;
    return ERR_OK;
}

/* ---- which rules ------------------------------------------------------------------------------
 */

static bool has(const struct str *list, size_t count, struct str s)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(list[i], s))
            return true;
    }
    return false;
}

bool due_applies(const struct due_rule *rule, struct str kind, struct str route)
{
    return (rule->kind_count == 0 || has(rule->kind, rule->kind_count, kind)) &&
           (rule->route_count == 0 || has(rule->route, rule->route_count, route));
}

bool due_starts_with(const struct due_rule *rule, struct str event_type)
{
    return has(rule->start, rule->start_count, event_type);
}

bool due_stops_with(const struct due_rule *rule, struct str event_type)
{
    return has(rule->stop, rule->stop_count, event_type);
}

/* ---- the life of one ---------------------------------------------------------------------------
 */

enum err due_start(struct due *ret_due, const struct due_rule *rule, const struct zone *zone,
                   int64_t start_us, struct err_info *info)
{
    struct due d = {.rule = rule,
                    .state = DUE_OPEN,
                    .start_us = start_us,
                    .start_day = zone_day_of(zone, start_us)};
    TRY(compute(&d, zone, info, NULL));
    *ret_due = d;
    return ERR_OK;
}

/* Law and article in every language the pack has, joined: a refusal cites its source, and the
 * reader's language is not known here. */
static void cite(struct err_info *info, size_t arg, const struct due_source *source)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1024);
    for (size_t i = 0; i < source->law.count; i++) {
        if (i > 0)
            buf_c(&b, " / ");
        buf_str(&b, source->law.in[i].text);
        struct str article = wording_pick(&source->article, source->law.in[i].lang);
        if (article.len > 0) {
            buf_char(&b, ' ');
            buf_str(&b, article);
        }
    }
    buf_char(&b, '\0');
    if (info != NULL)
        err_arg(info, arg, buf_err(&b) == ERR_OK ? b.ptr : "");
}

static enum err refuse(struct err_info *info, const struct due_rule *rule, const char *key,
                       int64_t number)
{
    enum err err = err_set(info, ERR_REFUSED, key, STR_FMT, STR_ARG(rule->id));
    cite(info, 0, &rule->source);
    if (info != NULL) {
        char text[24];
        snprintf(text, sizeof(text), "%lld", (long long)number);
        err_arg(info, 1, text);
    }
    return err;
}

enum err due_extend(struct due *d, const struct zone *zone, int32_t amount, struct err_info *info)
{
    const struct due_rule *r = d->rule;
    if (d->state != DUE_OPEN && d->state != DUE_SUSPENDED)
        return refuse(info, r, "due.refused.over", 0);
    if (!r->extension.allowed)
        return refuse(info, r, "due.refused.no_extension", 0);
    if (d->extended_times >= r->extension.times)
        return refuse(info, r, "due.refused.extended_enough", r->extension.times);
    if (amount < 1)
        return err_set(info, ERR_INVALID, "due.amount.bounds", "%d", (int)amount);
    if (amount > r->extension.max - d->extended)
        return refuse(info, r, "due.refused.extension_too_long", r->extension.max - d->extended);
    struct due after = *d;
    after.extended += amount;
    after.extended_times++;
    TRY(compute(&after, zone, info, NULL));
    *d = after;
    return ERR_OK;
}

enum err due_suspend(struct due *d, const struct zone *zone, struct str reason, int64_t now_us,
                     int32_t until_day, struct err_info *info)
{
    const struct due_rule *r = d->rule;
    if (d->state != DUE_OPEN || now_us >= d->at_us)
        return refuse(info, r, "due.refused.over", 0);
    if (!has(r->suspend, r->suspend_count, reason))
        return refuse(info, r, "due.refused.no_suspension", 0);
    int32_t today = zone_day_of(zone, now_us);
    if (until_day != 0 && (until_day <= today || until_day - today > AMOUNT_MAX))
        return err_set(info, ERR_INVALID, "due.refused.until_past", "until day %d", (int)until_day);
    struct due after = *d;
    after.state = DUE_SUSPENDED;
    after.since_us = now_us;
    after.since_day = today;
    after.until_day = until_day;
    TRY(compute(&after, zone, info, NULL));
    *d = after;
    return ERR_OK;
}

enum err due_resume(struct due *d, const struct zone *zone, int64_t now_us, struct err_info *info)
{
    if (d->state != DUE_SUSPENDED)
        return refuse(info, d->rule, "due.refused.not_suspended", 0);
    int64_t from_us = now_us < d->since_us ? d->since_us : now_us;
    if (d->until_day != 0 && from_us > zone_day_end(zone, d->until_day))
        from_us = zone_day_end(zone, d->until_day);
    int32_t standing = 0;
    if (is_fine(d->rule->span.unit) || d->rule->span.unit == DUE_AT_ONCE) {
        standing = 0;
    } else {
        int32_t from_day = zone_day_of(zone, from_us);
        if (d->until_day != 0 && from_day > d->until_day)
            from_day = d->until_day;
        TRY(standing_days(d, d->since_day, from_day, info, &standing));
    }
    struct due after = *d;
    after.state = DUE_OPEN;
    after.stood_us += from_us - d->since_us;
    after.stood_days += standing;
    after.since_us = 0;
    after.since_day = 0;
    after.until_day = 0;
    TRY(compute(&after, zone, info, NULL));
    *d = after;
    return ERR_OK;
}

enum err due_recompute(struct due *d, const struct zone *zone, struct err_info *info,
                       bool *ret_moved)
{
    struct due after = *d;
    TRY(compute(&after, zone, info, NULL));
    *ret_moved = after.at_us != d->at_us;
    *d = after;
    return ERR_OK;
}

/* ---- before and after the end
 * --------------------------------------------------------------------- */

static enum err working_days_back(const struct calendar *c, int32_t day, int32_t n,
                                  struct err_info *info, int32_t *ret_day)
{
    while (n > 0) {
        struct calendar_look look;
        TRY(calendar_look(c, --day, info, &look));
        n -= look.working ? 1 : 0;
    }
    *ret_day = day;
    return ERR_OK;
}

enum err due_warn_at(const struct due *d, const struct zone *zone, size_t i, struct err_info *info,
                     int64_t *ret_us)
{
    const struct due_span *span = &d->rule->warn[i];
    if (is_fine(span->unit)) {
        *ret_us = d->at_us - (int64_t)span->amount * unit_us(span->unit);
        return ERR_OK;
    }
    int32_t day = d->at_day - span->amount;
    if (span->unit == DUE_MONTH)
        day = day_add_months(d->at_day, -span->amount);
    if (span->unit == DUE_WORKING_DAY)
        TRY(working_days_back(d->rule->calendar, d->at_day, span->amount, info, &day));
    *ret_us = zone_day_start(zone, day);
    return ERR_OK;
}

enum err due_grace_at(const struct due *d, const struct zone *zone, struct err_info *info,
                      int64_t *ret_us)
{
    const struct due_span *span = &d->rule->grace;
    if (span->unit == DUE_UNIT_UNSET || span->unit == DUE_AT_ONCE) {
        *ret_us = d->at_us;
        return ERR_OK;
    }
    if (is_fine(span->unit)) {
        *ret_us = d->at_us + (int64_t)span->amount * unit_us(span->unit);
        return ERR_OK;
    }
    struct day_count n = {0};
    TRY(count_days(span, 0, DUE_ROLL_NONE, d->rule->calendar, d->at_day, info, &n));
    *ret_us = zone_day_end(zone, n.last_day);
    return ERR_OK;
}

/* ---- the working
 * ------------------------------------------------------------------------------------ */

struct lines {
    struct arena *a;
    struct due_line *line;
    size_t count;
    size_t room;
};

static enum err add_line(struct lines *l, struct due_line line)
{
    if (l->count == l->room) {
        size_t room = l->room == 0 ? 32 : l->room * 2;
        struct due_line *more = ARENA_ARRAY(l->a, room, struct due_line);
        if (more == NULL)
            return ERR_NOMEM;
        if (l->count > 0)
            memcpy(more, l->line, l->count * sizeof(*more));
        l->line = more;
        l->room = room;
    }
    l->line[l->count++] = line;
    return ERR_OK;
}

/* Runs of days off in (after, upto], and make-up days one by one. A weekend beside a holiday is
 * told with it. */
static enum err add_off_days(struct lines *l, const struct calendar *c, int32_t after, int32_t upto,
                             struct err_info *info)
{
    struct due_line run = {.kind = DUE_LINE_OFF};
    for (int32_t day = after + 1; day <= upto; day++) {
        struct calendar_look look;
        TRY(calendar_look(c, day, info, &look));
        bool joins = run.n > 0 && !look.working &&
                     (run.name == NULL || look.name == NULL || run.name == look.name);
        if (run.n > 0 && !joins) {
            TRY(add_line(l, run));
            run.n = 0;
        }
        if (look.working && look.name != NULL)
            TRY(add_line(
                l, (struct due_line){.kind = DUE_LINE_MAKE_UP, .day = day, .name = look.name}));
        if (look.working)
            continue;
        if (run.n == 0)
            run = (struct due_line){.kind = DUE_LINE_OFF, .from_day = day};
        run.day = day;
        run.n++;
        if (look.name != NULL)
            run.name = look.name;
    }
    return run.n > 0 ? add_line(l, run) : ERR_OK;
}

static enum err add_amounts(struct lines *l, const struct due *d, const struct zone *zone,
                            struct err_info *info)
{
    const struct due_rule *r = d->rule;
    TRY(add_line(l, (struct due_line){.kind = DUE_LINE_START,
                                      .day = d->start_day,
                                      .at_us = d->start_us,
                                      .unit = r->span.unit}));
    if (r->span.unit == DUE_AT_ONCE)
        return ERR_OK;
    TRY(add_line(
        l, (struct due_line){.kind = DUE_LINE_AMOUNT, .n = r->span.amount, .unit = r->span.unit}));
    if (d->extended > 0)
        TRY(add_line(l, (struct due_line){
                            .kind = DUE_LINE_EXTENDED, .n = d->extended, .unit = r->span.unit}));
    int64_t stood = is_fine(r->span.unit) ? d->stood_us / US_PER_MINUTE : d->stood_days;
    enum due_unit unit = is_fine(r->span.unit)             ? DUE_MINUTE
                         : r->span.unit == DUE_WORKING_DAY ? DUE_WORKING_DAY
                                                           : DUE_CALENDAR_DAY;
    if (d->state == DUE_SUSPENDED && d->until_day != 0) {
        int32_t standing = 0;
        if (!is_fine(r->span.unit))
            TRY(standing_days(d, d->since_day, d->until_day, info, &standing));
        stood += is_fine(r->span.unit)
                     ? (zone_day_end(zone, d->until_day) - d->since_us) / US_PER_MINUTE
                     : standing;
    }
    if (stood > 0)
        TRY(add_line(l, (struct due_line){.kind = DUE_LINE_STOOD, .n = stood, .unit = unit}));
    return ERR_OK;
}

enum err due_explain(struct arena *a, const struct due *d, const struct zone *zone,
                     struct err_info *info, struct due_line **ret_line, size_t *ret_count)
{
    const struct due_rule *r = d->rule;
    struct lines l = {.a = a};
    struct due now = *d;
    struct day_count n;
    TRY(compute(&now, zone, info, &n));
    TRY(add_amounts(&l, d, zone, info));
    if (r->span.unit == DUE_WORKING_DAY)
        TRY(add_off_days(&l, r->calendar, d->start_day, n.last_day, info));
    if (n.last_day != n.counted_day) {
        TRY(add_line(&l, (struct due_line){.kind = DUE_LINE_COUNTED, .day = n.counted_day}));
        TRY(add_off_days(&l, r->calendar, n.counted_day - 1, n.last_day - 1, info));
        TRY(add_line(&l, (struct due_line){.kind = DUE_LINE_ROLLED, .day = n.last_day}));
    }
    if (n.provisional)
        TRY(add_line(&l,
                     (struct due_line){.kind = DUE_LINE_PROVISIONAL, .n = r->calendar->last_year}));
    TRY(add_line(&l, (struct due_line){.kind = DUE_LINE_END,
                                       .day = now.at_day,
                                       .at_us = now.at_us,
                                       .unit = r->span.unit}));
    if (r->source.law.count > 0)
        TRY(add_line(&l, (struct due_line){.kind = DUE_LINE_SOURCE,
                                           .name = &r->source.law,
                                           .article = &r->source.article}));
    *ret_line = l.line;
    *ret_count = l.count;
    return ERR_OK;
}
