/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * One pass over the text. The values of the containers that are still open stand on one stack; a
 * container that closes takes its own from the top of it, so that they lie side by side.
 */
#include "lib/json/jsonr.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "lib/json/jsonplain.h"

const struct jsonr_limits JSONR_SMALL = {
    .bytes_max = 256 * 1024, .depth_max = 12, .values_max = 20000};
const struct jsonr_limits JSONR_FILE = {
    .bytes_max = 4 * 1024 * 1024, .depth_max = 16, .values_max = 200000};

enum { ROOM_FIRST = 24, COMPARE_ALL = 24, HEX_DIGITS = 4 };

struct member {
    struct str name; /* a null str in an array */
    struct json value;
};

struct reader {
    struct arena *a;
    struct str text;
    const struct jsonr_limits *limits;
    struct jsonr_fault *fault;
    size_t at;
    size_t line_from; /* where the line begins */
    int32_t line;
    uint32_t depth;
    size_t values;
    struct member *stack;
    size_t count;
    size_t room;
};

static enum err refuse_at(struct reader *r, enum err err, int32_t line, size_t column,
                          const char *why)
{
    if (r->fault != NULL) {
        *r->fault = (struct jsonr_fault){.line = line, .column = (int32_t)column};
        (void)snprintf(r->fault->why, sizeof r->fault->why, "%s", why);
    }
    return err;
}

static enum err refuse(struct reader *r, const char *why)
{
    return refuse_at(r, ERR_INVALID, r->line, r->at - r->line_from + 1, why);
}

static bool is_over(const struct reader *r)
{
    return r->at == r->text.len;
}

/* NUL at the end, which is no character of JSON. */
static char peek(const struct reader *r)
{
    return is_over(r) ? '\0' : r->text.ptr[r->at];
}

static bool take(struct reader *r, char c)
{
    if (peek(r) != c || is_over(r))
        return false;
    r->at++;
    return true;
}

static void skip_blank(struct reader *r)
{
    for (; r->at < r->text.len; r->at++) {
        char c = r->text.ptr[r->at];
        if (c == '\n') {
            r->line++;
            r->line_from = r->at + 1;
        } else if (c != ' ' && c != '\t' && c != '\r') {
            return;
        }
    }
}

/* ---- strings ---------------------------------------------------------------------------------
 */

/* To the quote that ends it; whether it has escapes. */
static enum err find_end(struct reader *r, bool *ret_escaped)
{
    *ret_escaped = false;
    for (;;) {
        r->at = json_plain_end(r->text, r->at);
        if (r->text.len - r->at < 2 && peek(r) != '"')
            break;
        if (peek(r) == '"')
            return ERR_OK;
        if (peek(r) != '\\')
            return refuse(r, "a control character in a string");
        *ret_escaped = true;
        r->at += 2;
    }
    r->at = r->text.len;
    return refuse(r, "a string without its end");
}

/* Four hexadecimal digits; -1 for anything else. */
static int32_t hex_of(struct str s, size_t at)
{
    uint8_t two[2];
    if (!str_from_hex(str_sub(s, at, HEX_DIGITS), two, sizeof two))
        return -1;
    return two[0] * 256 + two[1];
}

/* The character of "uXXXX" (or of two that are a pair), and *at past it; -1 for none. */
static int32_t unicode_of(struct str s, size_t *at)
{
    int32_t high = hex_of(s, *at + 1);
    *at += 1 + HEX_DIGITS;
    if (high < 0xD800 || high > 0xDFFF)
        return high == 0 ? -1 : high;
    if (high > 0xDBFF || !str_starts(str_sub(s, *at, 2), STR("\\u")))
        return -1;
    int32_t low = hex_of(s, *at + 2);
    *at += 2 + HEX_DIGITS;
    return low < 0xDC00 || low > 0xDFFF ? -1 : 0x10000 + (high - 0xD800) * 0x400 + (low - 0xDC00);
}

static int32_t escape_of(struct str s, size_t *at)
{
    static const char LETTERS[] = "\"\\/bfnrt";
    static const char MEANT[] = "\"\\/\b\f\n\r\t";
    if (s.ptr[*at] == 'u')
        return unicode_of(s, at);
    const char *found = s.ptr[*at] == '\0' ? NULL : strchr(LETTERS, s.ptr[*at]);
    (*at)++;
    return found == NULL ? -1 : MEANT[found - LETTERS];
}

/* What it says is never longer than how it is written. */
static enum err unescape(struct reader *r, struct str raw, struct str *ret_text)
{
    struct buf b = {.ptr = arena_room(r->a, raw.len + 1), .size = raw.len, .cap_bytes = raw.len};
    if (b.ptr == NULL)
        return ERR_NOMEM;
    for (size_t at = 0; at < raw.len;) {
        const char *next = memchr(raw.ptr + at, '\\', raw.len - at);
        size_t plain = next == NULL ? raw.len - at : (size_t)(next - raw.ptr) - at;
        buf_bytes(&b, raw.ptr + at, plain);
        at += plain;
        if (next == NULL)
            break;
        at++;
        int32_t cp = escape_of(raw, &at);
        if (cp < 0)
            return refuse(r, "an escape that means nothing, or NUL");
        utf8_put(&b, cp);
    }
    b.ptr[b.len] = '\0';
    *ret_text = buf_view(&b);
    return ERR_OK;
}

static enum err take_string(struct reader *r, struct str *ret_text)
{
    bool escaped = false;
    r->at++;
    size_t from = r->at;
    TRY(find_end(r, &escaped));
    struct str raw = str_sub(r->text, from, r->at - from);
    if (!utf8_is_valid(raw))
        return refuse(r, "a string that is not UTF-8");
    if (escaped)
        TRY(unescape(r, raw, ret_text));
    else
        *ret_text = str_copy(r->a, raw);
    r->at++;
    return ret_text->ptr == NULL ? ERR_NOMEM : ERR_OK;
}

/* ---- numbers and words ------------------------------------------------------------------------
 */

static bool take_digits(struct reader *r)
{
    size_t from = r->at;
    while (peek(r) >= '0' && peek(r) <= '9')
        r->at++;
    return r->at > from;
}

/* RFC 8259 section 6. */
static bool take_spelling(struct reader *r, bool *ret_whole)
{
    *ret_whole = true;
    (void)take(r, '-');
    if (!take(r, '0') && !take_digits(r))
        return false;
    if (take(r, '.')) {
        *ret_whole = false;
        if (!take_digits(r))
            return false;
    }
    if (take(r, 'e') || take(r, 'E')) {
        *ret_whole = false;
        (void)(take(r, '+') || take(r, '-'));
        return take_digits(r);
    }
    return true;
}

static enum err take_number(struct reader *r, struct json *j)
{
    size_t from = r->at;
    bool whole = false;
    if (!take_spelling(r, &whole))
        return refuse(r, "no value stands here");
    struct str spelling = str_sub(r->text, from, r->at - from);
    j->kind = whole ? JSON_KIND_INTEGER : JSON_KIND_REAL;
    j->text = str_copy(r->a, spelling);
    if (j->text.ptr == NULL)
        return ERR_NOMEM;
    if (whole && !str_to_i64(spelling, INT64_MIN, INT64_MAX, &j->number))
        return refuse(r, "a number larger than can be kept");
    return ERR_OK;
}

static bool take_word(struct reader *r, struct str word)
{
    if (!str_starts(str_sub(r->text, r->at, word.len), word))
        return false;
    r->at += word.len;
    return true;
}

/* ---- containers -------------------------------------------------------------------------------
 */

static enum err take_value(struct reader *r, struct json *j);

static enum err push(struct reader *r, const struct member *m)
{
    if (r->count == r->room) {
        size_t room = r->room == 0 ? ROOM_FIRST : r->room * 2;
        struct member *more = arena_room(r->a, room * sizeof *more);
        if (more == NULL)
            return ERR_NOMEM;
        if (r->count > 0)
            memcpy(more, r->stack, r->count * sizeof *more);
        r->stack = more;
        r->room = room;
    }
    r->stack[r->count++] = *m;
    return ERR_OK;
}

static int by_name(const void *a, const void *b)
{
    const struct member *const *x = a;
    const struct member *const *y = b;
    int order = str_cmp((*x)->name, (*y)->name);
    return order != 0 ? order : (*x > *y) - (*x < *y);
}

/* The second of two members of one name, or NULL. */
static enum err find_twice(struct reader *r, const struct member *m, size_t count,
                           const struct member **ret_twice)
{
    *ret_twice = NULL;
    if (count <= COMPARE_ALL) {
        for (size_t i = 1; i < count && *ret_twice == NULL; i++)
            for (size_t k = 0; k < i; k++)
                if (str_eq(m[k].name, m[i].name))
                    *ret_twice = &m[i];
        return ERR_OK;
    }
    const struct member **sorted = arena_room(r->a, count * sizeof *sorted);
    if (sorted == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < count; i++)
        sorted[i] = &m[i];
    qsort(sorted, count, sizeof *sorted, by_name);
    for (size_t i = 1; i < count; i++)
        if (str_eq(sorted[i - 1]->name, sorted[i]->name) &&
            (*ret_twice == NULL || sorted[i] < *ret_twice))
            *ret_twice = sorted[i];
    return ERR_OK;
}

/* What was pushed since `base` becomes the content of *j. */
static enum err gather(struct reader *r, size_t base, struct json *j)
{
    size_t count = r->count - base;
    const struct member *m = count > 0 ? &r->stack[base] : NULL; /* there may be no stack yet */
    bool is_object = j->kind == JSON_KIND_OBJECT;
    struct json *item = arena_room(r->a, (count + 1) * sizeof *item);
    struct str *name = is_object ? arena_room(r->a, (count + 1) * sizeof *name) : NULL;
    if (item == NULL || (is_object && name == NULL))
        return ERR_NOMEM;
    if (is_object && count > 1) {
        const struct member *twice = NULL;
        TRY(find_twice(r, m, count, &twice));
        if (twice != NULL)
            return refuse_at(r, ERR_INVALID, twice->value.line, 0, "a member twice");
    }
    for (size_t i = 0; i < count; i++) {
        item[i] = m[i].value;
        if (is_object)
            name[i] = m[i].name;
    }
    r->count = base;
    j->item = item;
    j->name = name;
    j->count = count;
    return ERR_OK;
}

static enum err take_members(struct reader *r, struct json *j)
{
    const bool is_object = j->kind == JSON_KIND_OBJECT;
    const char end = is_object ? '}' : ']';
    const size_t base = r->count;
    if (++r->depth > r->limits->depth_max)
        return refuse_at(r, ERR_LIMIT, r->line, 0, "nested too deeply");
    r->at++;
    skip_blank(r);
    bool is_empty = take(r, end);
    for (bool more = !is_empty; more; more = take(r, ',')) {
        struct member m = {.name = STR_NULL};
        skip_blank(r);
        if (is_object) {
            if (peek(r) != '"')
                return refuse(r, "a member without a name in quotes");
            TRY(take_string(r, &m.name));
            skip_blank(r);
            if (!take(r, ':'))
                return refuse(r, "a name without its colon");
        }
        TRY(take_value(r, &m.value));
        TRY(push(r, &m));
        skip_blank(r);
    }
    if (!is_empty && !take(r, end))
        return refuse(r, is_object ? "a comma or } is missing" : "a comma or ] is missing");
    r->depth--;
    return gather(r, base, j);
}

static enum err take_value(struct reader *r, struct json *j)
{
    skip_blank(r);
    *j = (struct json){.line = r->line};
    if (++r->values > r->limits->values_max)
        return refuse_at(r, ERR_LIMIT, r->line, 0, "too many values");
    switch (peek(r)) {
    case '{':
    case '[':
        j->kind = peek(r) == '{' ? JSON_KIND_OBJECT : JSON_KIND_ARRAY;
        return take_members(r, j);
    case '"':
        j->kind = JSON_KIND_STRING;
        return take_string(r, &j->text);
    case 't':
    case 'f':
        j->kind = JSON_KIND_BOOL;
        j->truth = take_word(r, STR("true"));
        return j->truth || take_word(r, STR("false")) ? ERR_OK : refuse(r, "no value stands here");
    case 'n':
        return take_word(r, STR("null")) ? ERR_OK : refuse(r, "no value stands here");
    default:
        return take_number(r, j);
    }
}

/* Each value learns its place, now that none moves any more. */
static void place_all(struct json *j)
{
    struct json *item = (struct json *)(uintptr_t)j->item;
    for (size_t i = 0; i < j->count; i++) {
        item[i].up = j;
        item[i].at = i;
        place_all(&item[i]);
    }
}

enum err jsonr_parse(struct arena *a, struct str text, const struct jsonr_limits *limits,
                     struct jsonr_fault *ret_fault, const struct json **ret_top)
{
    struct reader r = {.a = a, .text = text, .limits = limits, .fault = ret_fault, .line = 1};
    if (text.len > limits->bytes_max)
        return refuse_at(&r, ERR_LIMIT, 0, 0, "larger than may be read");
    struct json *top = ARENA_NEW(a, struct json);
    if (top == NULL)
        return ERR_NOMEM;
    TRY(take_value(&r, top));
    skip_blank(&r);
    if (!is_over(&r))
        return refuse(&r, "something stands after the value");
    place_all(top);
    *ret_top = top;
    return ERR_OK;
}

/* ---- reading the tree ------------------------------------------------------------------------ */

const struct json *jsonr_find(const struct json *object, const char *name)
{
    if (object == NULL || object->kind != JSON_KIND_OBJECT)
        return NULL;
    for (size_t i = 0; i < object->count; i++) {
        if (str_eq_c(object->name[i], name))
            return &object->item[i];
    }
    return NULL;
}

struct str jsonr_name(const struct json *value)
{
    if (value->up == NULL || value->up->kind != JSON_KIND_OBJECT)
        return STR_NULL;
    return value->up->name[value->at];
}

bool jsonr_str(const struct json *value, struct str *ret_text)
{
    if (value == NULL || value->kind != JSON_KIND_STRING)
        return false;
    *ret_text = value->text;
    return true;
}

bool jsonr_i64(const struct json *value, int64_t min, int64_t max, int64_t *ret_number)
{
    if (value == NULL || value->kind != JSON_KIND_INTEGER || value->number < min ||
        value->number > max)
        return false;
    *ret_number = value->number;
    return true;
}

bool jsonr_bool(const struct json *value, bool *ret_truth)
{
    if (value == NULL || value->kind != JSON_KIND_BOOL)
        return false;
    *ret_truth = value->truth;
    return true;
}

struct str jsonr_get_str(const struct json *object, const char *name)
{
    struct str text = STR_NULL;
    jsonr_str(jsonr_find(object, name), &text);
    return text;
}

int64_t jsonr_get_i64(const struct json *object, const char *name, int64_t fallback)
{
    jsonr_i64(jsonr_find(object, name), INT64_MIN, INT64_MAX, &fallback);
    return fallback;
}

bool jsonr_get_bool(const struct json *object, const char *name, bool fallback)
{
    jsonr_bool(jsonr_find(object, name), &fallback);
    return fallback;
}

static bool is_plain_word(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        bool digit = c >= '0' && c <= '9';
        if (!letter && !(digit && i > 0))
            return false;
    }
    return s.len > 0;
}

static void put_name(struct buf *b, struct str name)
{
    if (is_plain_word(name)) {
        buf_char(b, '.');
        buf_str(b, name);
        return;
    }
    buf_c(b, "[\"");
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (c == '"' || c == '\\')
            buf_char(b, '\\');
        buf_char(b, (unsigned char)c < 0x20 ? ' ' : c);
    }
    buf_c(b, "\"]");
}

void jsonr_path(const struct json *value, struct buf *b)
{
    const struct json *way[64];
    size_t depth = 0;
    for (const struct json *v = value; v->up != NULL && depth < 64; v = v->up)
        way[depth++] = v;
    buf_char(b, '$');
    while (depth > 0) {
        const struct json *v = way[--depth];
        if (v->up->kind == JSON_KIND_OBJECT)
            put_name(b, jsonr_name(v));
        else
            buf_printf(b, "[%zu]", v->at);
    }
}
