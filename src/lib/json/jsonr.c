/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * jansson says whether the text is JSON and decodes it; the tree is then built by walking the text
 * a second time beside jansson's, which keeps members in the order of the text, so that each value
 * gets its line. Depth is checked before jansson recurses.
 */
#include "lib/json/jsonr.h"

#include "base/mem.h"

#include <jansson.h>
#include <pthread.h>

const struct jsonr_limits JSONR_SMALL = {
    .bytes_max = 256 * 1024, .depth_max = 12, .values_max = 20000};
const struct jsonr_limits JSONR_FILE = {
    .bytes_max = 4 * 1024 * 1024, .depth_max = 16, .values_max = 200000};

static pthread_once_t alloc_once = PTHREAD_ONCE_INIT;
/* jansson reports some allocations that failed as bad syntax. */
static _Thread_local bool out_of_memory;

static void *take_memory(size_t size)
{
    void *p = mem_new(size);
    if (p == NULL)
        out_of_memory = true;
    return p;
}

static void use_own_memory(void)
{
    json_set_alloc_funcs(take_memory, mem_free);
}

static void free_root(json_t **root)
{
    json_decref(*root);
}

/* ---- the walk ------------------------------------------------------------------------------- */

struct walk {
    struct arena *a;
    struct str text;
    size_t at;
    int32_t line;
};

static void skip_blank(struct walk *w)
{
    for (; w->at < w->text.len; w->at++) {
        char c = w->text.ptr[w->at];
        if (c == '\n')
            w->line++;
        else if (c != ' ' && c != '\t' && c != '\r')
            return;
    }
}

/* Past the string that begins here. */
static void skip_string(struct walk *w)
{
    w->at++;
    while (w->at < w->text.len && w->text.ptr[w->at] != '"')
        w->at += w->text.ptr[w->at] == '\\' ? 2 : 1;
    w->at++;
}

static bool is_scalar_end(char c)
{
    return c == ',' || c == ']' || c == '}' || c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The word or number that begins here. */
static struct str take_scalar(struct walk *w)
{
    size_t from = w->at;
    while (w->at < w->text.len && !is_scalar_end(w->text.ptr[w->at]))
        w->at++;
    return str_sub(w->text, from, w->at - from);
}

static enum err build(struct walk *w, json_t *value, struct json *j);

static enum err build_array(struct walk *w, json_t *value, struct json *j)
{
    j->kind = JSON_KIND_ARRAY;
    j->count = json_array_size(value);
    struct json *item = ARENA_ARRAY(w->a, j->count + 1, struct json);
    if (item == NULL)
        return ERR_NOMEM;
    j->item = item;
    w->at++;
    for (size_t i = 0; i < j->count; i++) {
        item[i].up = j;
        item[i].at = i;
        TRY(build(w, json_array_get(value, i), &item[i]));
        skip_blank(w);
        w->at++; /* the comma, or the bracket */
    }
    if (j->count == 0) {
        skip_blank(w);
        w->at++;
    }
    return ERR_OK;
}

static enum err build_object(struct walk *w, json_t *value, struct json *j)
{
    j->kind = JSON_KIND_OBJECT;
    j->count = json_object_size(value);
    struct json *item = ARENA_ARRAY(w->a, j->count + 1, struct json);
    struct str *name = ARENA_ARRAY(w->a, j->count + 1, struct str);
    if (item == NULL || name == NULL)
        return ERR_NOMEM;
    j->item = item;
    j->name = name;
    w->at++;
    size_t i = 0;
    for (void *it = json_object_iter(value); it != NULL; it = json_object_iter_next(value, it)) {
        name[i] = str_copy(w->a, str_of(json_object_iter_key(it)));
        if (name[i].ptr == NULL)
            return ERR_NOMEM;
        skip_blank(w);
        skip_string(w);
        skip_blank(w);
        w->at++; /* the colon */
        item[i].up = j;
        item[i].at = i;
        TRY(build(w, json_object_iter_value(it), &item[i]));
        skip_blank(w);
        w->at++;
        i++;
    }
    if (j->count == 0) {
        skip_blank(w);
        w->at++;
    }
    return ERR_OK;
}

static enum err build_scalar(struct walk *w, json_t *value, struct json *j)
{
    if (json_is_string(value)) {
        j->kind = JSON_KIND_STRING;
        j->text = str_copy(w->a, str_make(json_string_value(value), json_string_length(value)));
        skip_string(w);
        return j->text.ptr == NULL ? ERR_NOMEM : ERR_OK;
    }
    struct str spelling = str_copy(w->a, take_scalar(w));
    if (spelling.ptr == NULL)
        return ERR_NOMEM;
    if (json_is_boolean(value)) {
        j->kind = JSON_KIND_BOOL;
        j->truth = json_is_true(value);
    } else if (json_is_integer(value)) {
        j->kind = JSON_KIND_INTEGER;
        j->number = json_integer_value(value);
        j->text = spelling;
    } else if (json_is_real(value)) {
        j->kind = JSON_KIND_REAL;
        j->text = spelling;
    }
    return ERR_OK;
}

static enum err build(struct walk *w, json_t *value, struct json *j)
{
    skip_blank(w);
    j->line = w->line;
    if (json_is_array(value))
        return build_array(w, value, j);
    if (json_is_object(value))
        return build_object(w, value, j);
    return build_scalar(w, value, j);
}

/* ---- limits ------------------------------------------------------------------------------------
 */

static enum err refuse(struct jsonr_fault *fault, enum err err, int32_t line, const char *why)
{
    if (fault != NULL) {
        *fault = (struct jsonr_fault){.line = line};
        snprintf(fault->why, sizeof(fault->why), "%s", why);
    }
    return err;
}

/* Counts brackets and commas outside strings; text that is no JSON is left to jansson. */
static enum err check_limits(struct str text, const struct jsonr_limits *limits,
                             struct jsonr_fault *fault)
{
    if (text.len > limits->bytes_max)
        return refuse(fault, ERR_LIMIT, 0, "larger than may be read");
    struct walk w = {.text = text, .line = 1};
    uint32_t depth = 0;
    size_t values = 1;
    while (w.at < text.len) {
        char c = text.ptr[w.at];
        if (c == '"') {
            skip_string(&w);
            continue;
        }
        if (c == '\n')
            w.line++;
        if (c == '[' || c == '{') {
            depth++;
            values++;
        }
        if (c == ',')
            values++;
        if ((c == ']' || c == '}') && depth > 0)
            depth--;
        if (depth > limits->depth_max)
            return refuse(fault, ERR_LIMIT, w.line, "nested too deeply");
        if (values > limits->values_max)
            return refuse(fault, ERR_LIMIT, w.line, "too many values");
        w.at++;
    }
    return ERR_OK;
}

enum err jsonr_parse(struct arena *a, struct str text, const struct jsonr_limits *limits,
                     struct jsonr_fault *ret_fault, const struct json **ret_top)
{
    pthread_once(&alloc_once, use_own_memory);
    TRY(check_limits(text, limits, ret_fault));
    json_error_t error;
    out_of_memory = false;
    CLEANUP(free_root)
    json_t *root = json_loadb(text.ptr == NULL ? "" : text.ptr, text.len,
                              JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (root == NULL) {
        if (out_of_memory)
            return ERR_NOMEM;
        refuse(ret_fault, ERR_INVALID, error.line, error.text);
        if (ret_fault != NULL)
            ret_fault->column = error.column > 0 ? error.column : 0;
        return ERR_INVALID;
    }
    struct walk w = {.a = a, .text = text, .line = 1};
    struct json *top = ARENA_NEW(a, struct json);
    if (top == NULL)
        return ERR_NOMEM;
    TRY(build(&w, root, top));
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
