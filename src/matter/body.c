/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * body: how what a command or an event says is written down, and read again.
 *
 * One table holds the vocabulary; its order is the byte order of the keys, so that walking it
 * writes canonical JSON. A key or its meaning never changes: stored events are proved by the bytes.
 */
#include "matter/matter.h"

#include "base/mem.h"
#include "lib/json/jsonf.h"
#include "lib/json/jsonw.h"

enum field_type {
    FIELD_I32 = 1,
    FIELD_I64,
    FIELD_BOOL,
    FIELD_TEXT,
    FIELD_JSON, /* an object of texts, kept as its canonical bytes */
    FIELD_CHANNEL,
    FIELD_CONTENT,
    FIELD_IDENTITY,
    FIELD_OUTCOME,
    FIELD_YES_NO,
    FIELD_SIDE,
    FIELD_UNIT
};

struct field {
    const char *key;
    enum field_type type;
    size_t at;
};

#define FIELD(key, type, member)                                                                   \
    {                                                                                              \
        key, type, offsetof(struct matter_body, member)                                            \
    }

static const struct field FIELDS[] = {
    FIELD("amount", FIELD_I32, amount),
    FIELD("answers", FIELD_JSON, answers),
    FIELD("asked", FIELD_TEXT, asked),
    FIELD("at", FIELD_I64, at_us),
    FIELD("basis", FIELD_TEXT, basis),
    FIELD("by", FIELD_I64, by.v),
    FIELD("calendar", FIELD_TEXT, calendar),
    FIELD("channel", FIELD_CHANNEL, channel),
    FIELD("content", FIELD_CONTENT, content),
    FIELD("danger", FIELD_BOOL, danger),
    FIELD("day", FIELD_I32, day),
    FIELD("ended", FIELD_BOOL, ended),
    FIELD("first", FIELD_I64, first.v),
    FIELD("found", FIELD_TEXT, found),
    FIELD("handle", FIELD_TEXT, handle),
    FIELD("handler", FIELD_I64, handler.v),
    FIELD("happened", FIELD_I32, happened_day),
    FIELD("how", FIELD_TEXT, how),
    FIELD("identity", FIELD_IDENTITY, identity),
    FIELD("kind", FIELD_TEXT, kind),
    FIELD("lang", FIELD_TEXT, lang),
    FIELD("last", FIELD_I32, last_day),
    FIELD("last_us", FIELD_I64, last_us),
    FIELD("n", FIELD_I32, n),
    FIELD("office", FIELD_I64, office.v),
    FIELD("outcome", FIELD_OUTCOME, outcome),
    FIELD("pack", FIELD_TEXT, pack),
    FIELD("place", FIELD_TEXT, place),
    FIELD("pressed", FIELD_YES_NO, pressed),
    FIELD("provisional", FIELD_BOOL, provisional),
    FIELD("reason", FIELD_TEXT, reason),
    FIELD("received", FIELD_I32, received_day),
    FIELD("ref", FIELD_TEXT, ref),
    FIELD("remedy", FIELD_TEXT, remedy),
    FIELD("remedy_day", FIELD_I32, remedy_day),
    FIELD("review_day", FIELD_I32, review_day),
    FIELD("review_where", FIELD_TEXT, review_where),
    FIELD("route", FIELD_TEXT, route),
    FIELD("rule", FIELD_TEXT, rule),
    FIELD("side", FIELD_SIDE, side),
    FIELD("solved", FIELD_YES_NO, solved),
    FIELD("source", FIELD_TEXT, source),
    FIELD("stars", FIELD_I32, stars),
    FIELD("start", FIELD_I32, start_day),
    FIELD("start_us", FIELD_I64, start_us),
    FIELD("stood_days", FIELD_I32, stood_days),
    FIELD("stood_us", FIELD_I64, stood_us),
    FIELD("text", FIELD_TEXT, text),
    FIELD("title", FIELD_TEXT, title),
    FIELD("to", FIELD_I64, to.v),
    FIELD("unit", FIELD_UNIT, unit),
    FIELD("until", FIELD_I32, until_day),
    FIELD("whose", FIELD_TEXT, whose),
    FIELD("wish", FIELD_TEXT, wish),
};

enum { FIELD_COUNT = sizeof(FIELDS) / sizeof(FIELDS[0]) };

static const struct str SIDES[] = {STR_INIT(""), STR_INIT("office"), STR_INIT("person")};

static const struct str UNITS[] = {
    [DUE_UNIT_UNSET] = STR_INIT(""),
    [DUE_AT_ONCE] = STR_INIT("at_once"),
    [DUE_MINUTE] = STR_INIT("minute"),
    [DUE_HOUR] = STR_INIT("hour"),
    [DUE_CALENDAR_DAY] = STR_INIT("calendar_day"),
    [DUE_WORKING_DAY] = STR_INIT("working_day"),
    [DUE_MONTH] = STR_INIT("month"),
};

static bool word_find(const struct str *words, size_t count, struct str word, uint32_t *ret_at)
{
    for (uint32_t i = 1; i < count; i++) {
        if (str_eq(words[i], word)) {
            *ret_at = i;
            return true;
        }
    }
    return false;
}

struct str matter_side_word(enum due_side side)
{
    return (unsigned)side <= DUE_PERSON ? SIDES[side] : SIDES[0];
}

struct str matter_unit_word(enum due_unit unit)
{
    return (unsigned)unit <= DUE_MONTH ? UNITS[unit] : UNITS[0];
}

/* The member's word, an empty text for "not given"; only for the types that are words. */
static struct str field_word(const struct field *f, const void *at)
{
    uint32_t value = *(const uint32_t *)at;
    switch (f->type) {
    case FIELD_CHANNEL:
        return matter_channel_word((enum matter_channel)value);
    case FIELD_CONTENT:
        return matter_content_word((enum content)value);
    case FIELD_IDENTITY:
        return matter_identity_word((enum matter_identity)value);
    case FIELD_OUTCOME:
        return matter_outcome_word((enum matter_outcome)value);
    case FIELD_YES_NO:
        return matter_yes_no_word((enum yes_no)value);
    case FIELD_SIDE:
        return matter_side_word((enum due_side)value);
    case FIELD_UNIT:
        return matter_unit_word((enum due_unit)value);
    case FIELD_I32:
    case FIELD_I64:
    case FIELD_BOOL:
    case FIELD_TEXT:
    case FIELD_JSON:
        break;
    }
    return STR("");
}

static bool field_set_word(const struct field *f, void *at, struct str word)
{
    uint32_t value = 0;
    enum matter_channel channel = CHANNEL_NONE;
    enum content content = CONTENT_UNSET;
    enum matter_identity identity = IDENTITY_NONE;
    enum matter_outcome outcome = OUTCOME_NONE;
    enum yes_no yes_no = UNSAID;
    bool known = false;
    switch (f->type) {
    case FIELD_CHANNEL:
        known = matter_channel_of_word(word, &channel);
        value = channel;
        break;
    case FIELD_CONTENT:
        known = matter_content_of_word(word, &content);
        value = content;
        break;
    case FIELD_IDENTITY:
        known = matter_identity_of_word(word, &identity);
        value = identity;
        break;
    case FIELD_OUTCOME:
        known = matter_outcome_of_word(word, &outcome);
        value = outcome;
        break;
    case FIELD_YES_NO:
        known = matter_yes_no_of_word(word, &yes_no);
        value = yes_no;
        break;
    case FIELD_SIDE:
        known = word_find(SIDES, sizeof(SIDES) / sizeof(SIDES[0]), word, &value);
        break;
    case FIELD_UNIT:
        known = word_find(UNITS, sizeof(UNITS) / sizeof(UNITS[0]), word, &value);
        break;
    case FIELD_I32:
    case FIELD_I64:
    case FIELD_BOOL:
    case FIELD_TEXT:
    case FIELD_JSON:
        break;
    }
    if (known)
        *(uint32_t *)at = value;
    return known;
}

/* ---- writing -------------------------------------------------------------------------------- */

static enum err field_write(struct jsonw *w, const struct field *f, const void *at)
{
    switch (f->type) {
    case FIELD_I32:
        if (*(const int32_t *)at != 0)
            jsonw_member_i64(w, f->key, *(const int32_t *)at);
        return ERR_OK;
    case FIELD_I64:
        if (*(const int64_t *)at != 0)
            jsonw_member_i64(w, f->key, *(const int64_t *)at);
        return ERR_OK;
    case FIELD_BOOL:
        if (*(const bool *)at)
            jsonw_member_bool(w, f->key, true);
        return ERR_OK;
    case FIELD_TEXT:
        if (((const struct str *)at)->len > 0)
            jsonw_member_str(w, f->key, *(const struct str *)at);
        return ERR_OK;
    case FIELD_JSON:
        if (((const struct str *)at)->len == 0)
            return ERR_OK;
        if (!jsonf_is_texts(*(const struct str *)at))
            return ERR_INVALID;
        jsonw_name(w, f->key);
        jsonw_raw(w, *(const struct str *)at);
        return ERR_OK;
    case FIELD_CHANNEL:
    case FIELD_CONTENT:
    case FIELD_IDENTITY:
    case FIELD_OUTCOME:
    case FIELD_YES_NO:
    case FIELD_SIDE:
    case FIELD_UNIT: {
        struct str word = field_word(f, at);
        if (word.len > 0)
            jsonw_member_str(w, f->key, word);
        return ERR_OK;
    }
    }
    return ERR_INTERNAL;
}

enum err matter_body_write(const struct matter_body *b, struct buf *out)
{
    struct jsonw w;
    jsonw_init(&w, out, JSONW_CANONICAL);
    jsonw_object(&w);
    for (size_t i = 0; i < FIELD_COUNT; i++)
        TRY(field_write(&w, &FIELDS[i], (const char *)b + FIELDS[i].at));
    jsonw_end(&w);
    return jsonw_err(&w);
}

/* ---- reading -------------------------------------------------------------------------------- */

/* What is not given is not written, so that a zero that stands there is not of our writing. */
static enum err field_read(const struct field *f, const struct jsonf_member *m, void *at)
{
    switch (f->type) {
    case FIELD_I32:
        if (m->number < INT32_MIN || m->number > INT32_MAX)
            return ERR_CORRUPT;
        *(int32_t *)at = (int32_t)m->number;
        return m->kind == JSON_KIND_INTEGER && m->number != 0 ? ERR_OK : ERR_CORRUPT;
    case FIELD_I64:
        *(int64_t *)at = m->number;
        return m->kind == JSON_KIND_INTEGER && m->number != 0 ? ERR_OK : ERR_CORRUPT;
    case FIELD_BOOL:
        *(bool *)at = m->truth;
        return m->kind == JSON_KIND_BOOL && m->truth ? ERR_OK : ERR_CORRUPT;
    case FIELD_TEXT:
        *(struct str *)at = m->text;
        return m->kind == JSON_KIND_STRING && m->text.len > 0 ? ERR_OK : ERR_CORRUPT;
    case FIELD_JSON:
        *(struct str *)at = m->text;
        return m->kind == JSON_KIND_OBJECT ? ERR_OK : ERR_CORRUPT;
    case FIELD_CHANNEL:
    case FIELD_CONTENT:
    case FIELD_IDENTITY:
    case FIELD_OUTCOME:
    case FIELD_YES_NO:
    case FIELD_SIDE:
    case FIELD_UNIT:
        return m->kind == JSON_KIND_STRING && field_set_word(f, at, m->text) ? ERR_OK : ERR_CORRUPT;
    }
    return ERR_INTERNAL;
}

enum err matter_body_read(struct arena *a, struct str payload, struct matter_body *ret_body,
                          struct err_info *info)
{
    struct jsonf json;
    struct jsonf_member m;
    struct matter_body body = {0};
    size_t f = 0;
    jsonf_init(&json, payload);
    while (jsonf_next(&json, a, &m)) {
        while (f < FIELD_COUNT && !str_eq_c(m.name, FIELDS[f].key))
            f++;
        if (f == FIELD_COUNT)
            return err_set(info, ERR_CORRUPT, NULL, "event payload: unknown or out of order: %.*s",
                           STR_ARG(m.name));
        enum err e = field_read(&FIELDS[f], &m, (char *)&body + FIELDS[f].at);
        if (e != ERR_OK)
            return err_set(info, e, NULL, "event payload: %s", FIELDS[f].key);
    }
    if (jsonf_err(&json) == ERR_CORRUPT)
        return err_set(info, ERR_CORRUPT, NULL, "event payload: not canonical");
    TRY(jsonf_err(&json));
    *ret_body = body;
    return ERR_OK;
}

/* ---- attributes of the event text --------------------------------------------------------------
 */

static void attr_put(struct event_attr *attrs, size_t *count, const char *key, struct str value)
{
    if (value.len == 0 || *count == MATTER_ATTRS)
        return;
    attrs[*count] = (struct event_attr){str_of(key), value};
    (*count)++;
}

enum { DAY_BYTES = 24, NUMBER_BYTES = 24 };

static struct str day_text(struct arena *a, int32_t day)
{
    struct buf b = {.ptr = arena_room(a, DAY_BYTES), .size = DAY_BYTES, .cap_bytes = DAY_BYTES};
    if (b.ptr == NULL)
        return STR_NULL;
    day_format(day, &b);
    return buf_view(&b);
}

static struct str number_text(struct arena *a, int64_t n)
{
    struct buf b = {
        .ptr = arena_room(a, NUMBER_BYTES), .size = NUMBER_BYTES, .cap_bytes = NUMBER_BYTES};
    if (b.ptr == NULL)
        return STR_NULL;
    buf_i64(&b, n);
    return buf_view(&b);
}

enum err matter_body_attrs(struct arena *a, const struct matter_event *e,
                           struct event_attr ret_attrs[MATTER_ATTRS], size_t *ret_count)
{
    const struct matter_body *b = &e->body;
    bool of_due = e->type >= EV_DUE_STARTED;
    size_t n = 0;
    /* In byte order of the names. */
    if (e->type == EV_RECEIVED)
        attr_put(ret_attrs, &n, "channel", matter_channel_word(b->channel));
    if (of_due)
        attr_put(ret_attrs, &n, "due", b->rule);
    if (e->type == EV_RECEIVED) {
        attr_put(ret_attrs, &n, "kind", b->kind);
        attr_put(ret_attrs, &n, "lang", b->lang);
    }
    if (of_due && b->last_day != 0)
        attr_put(ret_attrs, &n, "last", day_text(a, b->last_day));
    if (of_due)
        attr_put(ret_attrs, &n, "n", number_text(a, b->n));
    attr_put(ret_attrs, &n, "outcome", matter_outcome_word(b->outcome));
    attr_put(ret_attrs, &n, "reason", b->reason);
    if (e->type == EV_RECEIVED && b->received_day != 0)
        attr_put(ret_attrs, &n, "received", day_text(a, b->received_day));
    attr_put(ret_attrs, &n, "route", b->route);
    attr_put(ret_attrs, &n, "side", matter_side_word(b->side));
    attr_put(ret_attrs, &n, "source", b->source);
    for (size_t i = 0; i < n; i++) {
        if (ret_attrs[i].value.ptr == NULL)
            return ERR_NOMEM;
    }
    *ret_count = n;
    return ERR_OK;
}
