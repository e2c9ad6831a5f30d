/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* pack_due: reads the time limits of a pack and finds those that contradict themselves. */
#include "spine/pack_read.h"

static const char *const DUE_NAMES[] = {
    "id",       "name",      "side",    "start",  "stop",   "amount", "unit",  "roll",
    "calendar", "extension", "suspend", "warn",   "miss",   "grace",  "kinds", "routes",
    "level",    "otherwise", "repeat",  "within", "source", NULL};
static const char *const SIDES[] = {"", "office", "person", NULL};
static const char *const ROLLS[] = {"none", "next_working_day", NULL};
static const char *const MISSES[] = {"", "record", "notice", "escalate", NULL};
static const char *const APPROVERS[] = {"", "lead", "superior", NULL};
static const char *const REASONS[] = {
    "", "hearing", "appraisal", "awaiting_person", "other_procedure", "mediation", NULL};

/* Events a due may start or end with. */
static const char *const EVENTS[] = {"",
                                     "matter.received",
                                     "matter.routed",
                                     "matter.objected",
                                     "matter.confirmed",
                                     "matter.returned",
                                     "matter.admitted",
                                     "matter.refused",
                                     "matter.misdirected",
                                     "matter.contested",
                                     "matter.referred",
                                     "matter.assigned",
                                     "matter.asked",
                                     "matter.added",
                                     "matter.answered",
                                     "matter.delivered",
                                     "matter.rated",
                                     "matter.reopened",
                                     "matter.review_requested",
                                     "matter.review_admitted",
                                     "matter.review_decided",
                                     "matter.heard",
                                     "matter.mediated",
                                     "matter.settled",
                                     "matter.concluded",
                                     "matter.withdrawn",
                                     "due.missed",
                                     NULL};

static bool is_word(struct str s, const char *const *words)
{
    for (int i = 1; words[i] != NULL; i++) {
        if (str_eq_c(s, words[i]))
            return true;
    }
    return false;
}

/* A list of words out of `words`; what is none of them is a fault with that key. */
static const struct str *read_words(struct pack_reader *r, const struct json *due, const char *name,
                                    const char *const *words, const char *key, size_t *ret_count)
{
    const struct str *list = pack_strs(r, due, name, ret_count);
    const struct json *at = jsonr_find(due, name);
    for (size_t i = 0; list != NULL && i < at->count; i++) {
        if (at->item[i].kind == JSON_KIND_STRING && !is_word(at->item[i].text, words))
            pack_fault(r, &at->item[i], key, at->item[i].text, STR_NULL);
    }
    return list;
}

static const struct calendar *read_calendar_name(struct pack_reader *r, const struct json *due,
                                                 const struct pack *p)
{
    const struct json *name = pack_member(r, due, "calendar", JSON_KIND_STRING, false);
    if (name == NULL)
        return NULL;
    const struct calendar *c = pack_find_calendar(p, name->text);
    if (c == NULL)
        pack_fault(r, name, "no_calendar", name->text, STR_NULL);
    return c;
}

static void read_extension(struct pack_reader *r, const struct json *due, struct due_rule *rule)
{
    static const char *const NAMES[] = {"max", "times", "approver", "needs", NULL};
    const struct json *e = pack_member(r, due, "extension", JSON_KIND_OBJECT, false);
    if (e == NULL)
        return;
    pack_only(r, e, NAMES);
    rule->extension.allowed = true;
    rule->extension.max = pack_int(r, e, "max", 1, 4000, 0);
    rule->extension.times = pack_int(r, e, "times", 1, 100, 1);
    if (jsonr_find(e, "approver") == NULL)
        pack_fault(r, e, "no_approver", STR_NULL, STR_NULL);
    rule->extension.post = str_of(APPROVERS[pack_word(r, e, "approver", APPROVERS, false)]);
    rule->extension.needs = pack_wording(r, e, "needs", PACK_LABEL_ANY, true);
    if (jsonr_find(e, "max") == NULL)
        pack_fault(r, e, "missing", STR("max"), STR_NULL);
    if (rule->side == DUE_PERSON || rule->span.unit == DUE_AT_ONCE)
        pack_fault(r, e, "extension_not_here", STR_NULL, STR_NULL);
}

static void read_source(struct pack_reader *r, const struct json *due, const struct pack *p,
                        struct due_rule *rule)
{
    static const char *const NAMES[] = {"id", "article", "confirmed", NULL};
    const struct json *s = pack_member(r, due, "source", JSON_KIND_OBJECT, true);
    if (s == NULL)
        return;
    pack_only(r, s, NAMES);
    struct str id = pack_id(r, s, "id", true);
    rule->source.article = pack_wording(r, s, "article", PACK_LABEL_UNSET, false);
    rule->source.confirmed = pack_truth(r, s, "confirmed", true);
    for (size_t i = 0; i < p->source_count; i++) {
        if (!str_eq(p->source[i].id, id))
            continue;
        rule->source.law = p->source[i].title;
        rule->source.text_date = p->source[i].date;
        rule->source.url = p->source[i].url;
        return;
    }
    if (id.len > 0)
        pack_fault(r, jsonr_find(s, "id"), "no_source", id, STR_NULL);
}

static void read_span(struct pack_reader *r, const struct json *due, struct due_rule *rule)
{
    rule->span.unit = (enum due_unit)pack_word(r, due, "unit", PACK_UNITS, true);
    const struct json *amount = jsonr_find(due, "amount");
    rule->span.amount = pack_int(r, due, "amount", 1, 4000, 0);
    if (rule->span.unit == DUE_AT_ONCE) {
        if (amount != NULL)
            pack_fault(r, amount, "at_once_amount", STR_NULL, STR_NULL);
    } else if (amount == NULL) {
        pack_fault(r, due, "missing", STR("amount"), STR_NULL);
    }
    if (jsonr_find(due, "roll") != NULL && str_eq_c(jsonr_get_str(due, "roll"), ROLLS[1]))
        rule->roll = DUE_ROLL_NEXT_WORKING_DAY;
    else if (jsonr_find(due, "roll") != NULL && !str_eq_c(jsonr_get_str(due, "roll"), ROLLS[0]))
        pack_fault(r, jsonr_find(due, "roll"), "word", jsonr_get_str(due, "roll"),
                   STR("none, next_working_day"));
}

static void read_warnings(struct pack_reader *r, const struct json *due, struct due_rule *rule)
{
    const struct json *list = pack_member(r, due, "warn", JSON_KIND_ARRAY, false);
    if (list == NULL)
        return;
    struct due_span *warn = pack_array(r, list->count, sizeof(*warn));
    if (warn == NULL)
        return;
    for (size_t i = 0; i < list->count; i++) {
        warn[i] = pack_span(r, &list->item[i]);
        if (warn[i].unit == rule->span.unit && warn[i].amount >= rule->span.amount &&
            rule->span.amount > 0)
            pack_fault(r, &list->item[i], "warn_long", STR_NULL, STR_NULL);
        if (warn[i].unit == DUE_WORKING_DAY && rule->calendar == NULL)
            pack_fault(r, &list->item[i], "calendar_needed", STR_NULL, STR_NULL);
    }
    rule->warn = warn;
    rule->warn_count = list->count;
}

/* What cannot be counted or makes no sense together. */
static void check_rule(struct pack_reader *r, const struct json *due, const struct due_rule *rule)
{
    bool days = rule->span.unit == DUE_CALENDAR_DAY || rule->span.unit == DUE_WORKING_DAY ||
                rule->span.unit == DUE_MONTH;
    bool rolls = rule->roll == DUE_ROLL_NEXT_WORKING_DAY;
    bool grace_works = rule->grace.unit == DUE_WORKING_DAY;
    if ((rule->span.unit == DUE_WORKING_DAY || rolls || grace_works) && rule->calendar == NULL &&
        jsonr_find(due, "calendar") == NULL)
        pack_fault(r, due, "calendar_needed", STR_NULL, STR_NULL);
    if (rolls && !days && rule->span.unit != DUE_UNIT_UNSET)
        pack_fault(r, due, "roll_hours", STR_NULL, STR_NULL);
    if (rule->side == DUE_PERSON && rule->miss != DUE_MISS_RECORD && rule->miss != DUE_MISS_UNSET)
        pack_fault(r, due, "person_miss", STR_NULL, STR_NULL);
    if (rule->side == DUE_OFFICE && rule->stop_count == 0 && rule->span.unit != DUE_AT_ONCE)
        pack_fault(r, due, "no_stop", STR_NULL, STR_NULL);
    if (rule->start_count == 0)
        pack_fault(r, due, "no_start", STR_NULL, STR_NULL);
    for (size_t i = 0; i < rule->start_count; i++) {
        if (due_stops_with(rule, rule->start[i]))
            pack_fault(r, due, "start_is_stop", rule->start[i], STR_NULL);
    }
    if (rule->grace.unit != DUE_UNIT_UNSET && rule->miss != DUE_MISS_ESCALATE)
        pack_fault(r, due, "grace_without", STR_NULL, STR_NULL);
}

static void read_due(struct pack_reader *r, const struct json *due, const struct pack *p,
                     struct due_rule *rule)
{
    pack_only(r, due, DUE_NAMES);
    struct str id = pack_id(r, due, "id", true);
    rule->id = pack_printf(r, STR_FMT "/" STR_FMT, STR_ARG(p->id), STR_ARG(id));
    rule->name = pack_wording(r, due, "name", PACK_LABEL_ANY, true);
    rule->side = (enum due_side)pack_word(r, due, "side", SIDES, true);
    rule->start = read_words(r, due, "start", EVENTS, "no_event", &rule->start_count);
    rule->stop = read_words(r, due, "stop", EVENTS, "no_event", &rule->stop_count);
    rule->calendar = read_calendar_name(r, due, p);
    read_span(r, due, rule);
    read_extension(r, due, rule);
    rule->suspend = read_words(r, due, "suspend", REASONS, "no_reason", &rule->suspend_count);
    read_warnings(r, due, rule);
    rule->miss = (enum due_miss)pack_word(r, due, "miss", MISSES, rule->side == DUE_OFFICE);
    if (rule->side == DUE_PERSON && rule->miss == DUE_MISS_UNSET)
        rule->miss = DUE_MISS_RECORD;
    rule->grace = pack_span(r, jsonr_find(due, "grace"));
    rule->kind = pack_strs(r, due, "kinds", &rule->kind_count);
    rule->route = pack_strs(r, due, "routes", &rule->route_count);
    rule->level = pack_int(r, due, "level", 0, 2, 0);
    rule->otherwise = pack_id(r, due, "otherwise", false);
    rule->repeat = pack_span(r, jsonr_find(due, "repeat"));
    rule->within = pack_span(r, jsonr_find(due, "within"));
    read_source(r, due, p, rule);
    check_rule(r, due, rule);
}

void pack_read_dues(struct pack_reader *r, const struct json *top, struct pack *p)
{
    const struct json *list = pack_member(r, top, "dues", JSON_KIND_ARRAY, true);
    if (list == NULL)
        return;
    struct due_rule *due = pack_array(r, list->count, sizeof(*due));
    if (due == NULL)
        return;
    p->due = due;
    for (size_t i = 0; i < list->count; i++) {
        if (list->item[i].kind != JSON_KIND_OBJECT) {
            pack_fault(r, &list->item[i], "kind", STR("object"), STR_NULL);
            continue;
        }
        read_due(r, &list->item[i], p, &due[i]);
        for (size_t k = 0; k < i; k++) {
            if (due[i].id.len > 0 && str_eq(due[k].id, due[i].id))
                pack_fault(r, &list->item[i], "twice", due[i].id, STR_NULL);
        }
    }
    p->due_count = list->count;
    for (size_t i = 0; i < list->count; i++) {
        struct str other = due[i].otherwise;
        const struct due_rule *next = other.len == 0 ? NULL : pack_find_due(p, other);
        if (other.len > 0 && (next == NULL || next == &due[i] || next->span.unit == DUE_AT_ONCE))
            pack_fault(r, jsonr_find(&list->item[i], "otherwise"), "no_due", other, STR_NULL);
        else if (next != NULL)
            due[i].otherwise = next->id;
    }
}
