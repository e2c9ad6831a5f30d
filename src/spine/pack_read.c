/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "spine/pack_read.h"

#include "base/mem.h"
#include "base/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

const char *const PACK_UNITS[] = {
    "", "at_once", "minute", "hour", "calendar_day", "working_day", "month", NULL};

/* ---- faults ---------------------------------------------------------------------------------- */

void pack_faults_init(struct pack_faults *f)
{
    *f = (struct pack_faults){0};
    arena_init(&f->arena, 4 * 1024 * 1024);
}

void pack_faults_done(struct pack_faults *f)
{
    arena_done(&f->arena);
    *f = (struct pack_faults){0};
}

static struct pack_fault *new_fault(struct pack_reader *r, const char *key)
{
    struct pack_faults *f = r->faults;
    if (f->fault == NULL)
        f->fault = ARENA_ARRAY(&f->arena, PACK_FAULTS_MAX, struct pack_fault);
    if (f->fault == NULL) {
        r->nomem = true;
        return NULL;
    }
    if (f->count == PACK_FAULTS_MAX) {
        f->more = true;
        return NULL;
    }
    struct pack_fault *fault = &f->fault[f->count++];
    fault->file = str_copy(&f->arena, r->file);
    fault->key = str_of(arena_printf(&f->arena, "pack.fault.%s", key));
    fault->path = STR("$");
    r->nomem = r->nomem || fault->key.ptr == NULL || fault->file.ptr == NULL;
    return fault;
}

static struct str keep_arg(struct pack_faults *f, struct str arg)
{
    return arg.len == 0 ? STR("") : str_copy(&f->arena, utf8_cut(arg, 400));
}

void pack_fault(struct pack_reader *r, const struct json *at, const char *key, struct str arg0,
                struct str arg1)
{
    struct pack_fault *fault = new_fault(r, key);
    if (fault == NULL)
        return;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 8192);
    jsonr_path(at, &b);
    fault->line = at->line;
    fault->path = str_copy(&r->faults->arena, buf_view(&b));
    fault->arg[0] = keep_arg(r->faults, arg0);
    fault->arg[1] = keep_arg(r->faults, arg1);
}

void pack_fault_file(struct pack_reader *r, int32_t line, const char *key, struct str arg0)
{
    struct pack_fault *fault = new_fault(r, key);
    if (fault == NULL)
        return;
    fault->line = line;
    fault->arg[0] = keep_arg(r->faults, arg0);
}

void *pack_array(struct pack_reader *r, size_t count, size_t size)
{
    void *p = arena_array(r->a, count == 0 ? 1 : count, size);
    r->nomem = r->nomem || p == NULL;
    return p;
}

struct str pack_printf(struct pack_reader *r, const char *fmt, ...)
{
    char text[512];
    va_list args;
    va_start(args, fmt);
    int len = vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    struct str cut = utf8_cut(str_of(text), sizeof(text) - 1);
    struct str kept = len < 0 ? STR_NULL : str_copy(r->a, cut);
    r->nomem = r->nomem || kept.ptr == NULL;
    return kept;
}

/* ---- files ------------------------------------------------------------------------------------
 */

static enum err read_all(int fd, struct buf *b)
{
    char piece[16384];
    for (;;) {
        ssize_t n = read(fd, piece, sizeof(piece));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return ERR_IO;
        if (n == 0)
            return buf_err(b);
        buf_bytes(b, piece, (size_t)n);
        TRY(buf_err(b));
    }
}

enum err pack_file(struct pack_reader *r, const char *dir, const char *name,
                   const struct json **ret_top)
{
    r->file = str_copy(r->a, str_of(name));
    char *path = arena_printf(r->a, "%s/%s", dir, name);
    if (path == NULL || r->file.ptr == NULL)
        return ERR_NOMEM;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return ERR_NOT_FOUND;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, JSONR_FILE.bytes_max + 1);
    enum err err = fd < 0 ? ERR_IO : read_all(fd, &b);
    if (fd >= 0)
        close(fd);
    if (err == ERR_NOMEM)
        return err;
    if (err != ERR_OK) {
        pack_fault_file(r, 0, err == ERR_LIMIT ? "too_large" : "unreadable", STR_NULL);
        return ERR_INVALID;
    }
    struct jsonr_fault fault = {0};
    err = jsonr_parse(r->a, buf_view(&b), &JSONR_FILE, &fault, ret_top);
    if (err == ERR_INVALID || err == ERR_LIMIT) {
        pack_fault_file(r, fault.line, "json", str_of(fault.why));
        return ERR_INVALID;
    }
    return err;
}

/* ---- members -----------------------------------------------------------------------------------
 */

static struct str kind_word(enum json_kind kind)
{
    static const struct str WORDS[] = {
        [JSON_KIND_NULL] = STR_INIT("null"),      [JSON_KIND_BOOL] = STR_INIT("true_false"),
        [JSON_KIND_INTEGER] = STR_INIT("number"), [JSON_KIND_REAL] = STR_INIT("number"),
        [JSON_KIND_STRING] = STR_INIT("text"),    [JSON_KIND_ARRAY] = STR_INIT("list"),
        [JSON_KIND_OBJECT] = STR_INIT("object"),
    };
    return WORDS[kind];
}

void pack_only(struct pack_reader *r, const struct json *object, const char *const *names)
{
    if (object == NULL || object->kind != JSON_KIND_OBJECT)
        return;
    for (size_t i = 0; i < object->count; i++) {
        bool known = false;
        for (const char *const *n = names; *n != NULL && !known; n++)
            known = str_eq_c(object->name[i], *n);
        if (!known)
            pack_fault(r, &object->item[i], "unknown_member", object->name[i], STR_NULL);
    }
}

const struct json *pack_member(struct pack_reader *r, const struct json *object, const char *name,
                               enum json_kind kind, bool required)
{
    if (object == NULL || object->kind != JSON_KIND_OBJECT)
        return NULL;
    const struct json *value = jsonr_find(object, name);
    if (value == NULL) {
        if (required)
            pack_fault(r, object, "missing", str_of(name), STR_NULL);
        return NULL;
    }
    if (value->kind != kind) {
        pack_fault(r, value, "kind", kind_word(kind), STR_NULL);
        return NULL;
    }
    return value;
}

struct str pack_text(struct pack_reader *r, const struct json *object, const char *name,
                     size_t chars_max, bool required)
{
    const struct json *value = pack_member(r, object, name, JSON_KIND_STRING, required);
    if (value == NULL)
        return STR_NULL;
    size_t at = 0;
    if (utf8_scan(value->text, false, &at) != UTF8_CLEAN) {
        pack_fault(r, value, "characters", STR_NULL, STR_NULL);
        return STR_NULL;
    }
    if (utf8_count(value->text) > chars_max) {
        pack_fault(r, value, "long", pack_printf(r, "%zu", chars_max), STR_NULL);
        return STR_NULL;
    }
    if (required && str_trim(value->text).len == 0)
        pack_fault(r, value, "empty", STR_NULL, STR_NULL);
    return value->text;
}

static bool is_id(struct str s)
{
    if (s.len == 0 || s.len > 48 || s.ptr[0] < 'a' || s.ptr[0] > 'z')
        return false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'))
            return false;
    }
    return true;
}

struct str pack_id(struct pack_reader *r, const struct json *object, const char *name,
                   bool required)
{
    struct str id = pack_text(r, object, name, 48, required);
    if (id.len > 0 && !is_id(id)) {
        pack_fault(r, jsonr_find(object, name), "id", id, STR_NULL);
        return STR_NULL;
    }
    return id;
}

int32_t pack_int(struct pack_reader *r, const struct json *object, const char *name, int32_t min,
                 int32_t max, int32_t fallback)
{
    const struct json *value = pack_member(r, object, name, JSON_KIND_INTEGER, false);
    int64_t number = fallback;
    if (value != NULL && !jsonr_i64(value, min, max, &number))
        pack_fault(r, value, "range", pack_printf(r, "%d", (int)min),
                   pack_printf(r, "%d", (int)max));
    return (int32_t)number;
}

bool pack_truth(struct pack_reader *r, const struct json *object, const char *name, bool fallback)
{
    const struct json *value = pack_member(r, object, name, JSON_KIND_BOOL, false);
    return value == NULL ? fallback : value->truth;
}

struct str pack_date(struct pack_reader *r, const struct json *object, const char *name)
{
    const struct json *value = pack_member(r, object, name, JSON_KIND_STRING, false);
    int32_t day;
    if (value == NULL)
        return STR_NULL;
    if (!day_parse(value->text, &day)) {
        pack_fault(r, value, "date", value->text, STR_NULL);
        return STR_NULL;
    }
    return value->text;
}

int pack_word(struct pack_reader *r, const struct json *object, const char *name,
              const char *const *words, bool required)
{
    const struct json *value = pack_member(r, object, name, JSON_KIND_STRING, required);
    if (value == NULL)
        return 0;
    CLEANUP(buf_done) struct buf list;
    buf_init(&list, 4096);
    for (int i = 1; words[i] != NULL; i++) {
        if (str_eq_c(value->text, words[i]))
            return i;
        if (list.len > 0)
            buf_c(&list, ", ");
        buf_c(&list, words[i]);
    }
    pack_fault(r, value, "word", value->text, buf_view(&list));
    return 0;
}

const struct str *pack_strs(struct pack_reader *r, const struct json *object, const char *name,
                            size_t *ret_count)
{
    *ret_count = 0;
    const struct json *list = pack_member(r, object, name, JSON_KIND_ARRAY, false);
    if (list == NULL)
        return NULL;
    struct str *strs = pack_array(r, list->count, sizeof(*strs));
    if (strs == NULL)
        return NULL;
    for (size_t i = 0; i < list->count; i++) {
        if (list->item[i].kind != JSON_KIND_STRING) {
            pack_fault(r, &list->item[i], "kind", STR("text"), STR_NULL);
            continue;
        }
        for (size_t k = 0; k < *ret_count; k++) {
            if (str_eq(strs[k], list->item[i].text))
                pack_fault(r, &list->item[i], "twice", list->item[i].text, STR_NULL);
        }
        strs[(*ret_count)++] = list->item[i].text;
    }
    return strs;
}

struct due_span pack_span(struct pack_reader *r, const struct json *value)
{
    static const char *const NAMES[] = {"amount", "unit", NULL};
    struct due_span span = {0};
    if (value == NULL)
        return span;
    if (value->kind != JSON_KIND_OBJECT) {
        pack_fault(r, value, "kind", STR("object"), STR_NULL);
        return span;
    }
    pack_only(r, value, NAMES);
    span.unit = (enum due_unit)pack_word(r, value, "unit", PACK_UNITS, true);
    span.amount = pack_int(r, value, "amount", 1, 4000, 0);
    if (span.unit == DUE_AT_ONCE || span.amount == 0) {
        pack_fault(r, value, "span", STR_NULL, STR_NULL);
        span = (struct due_span){0};
    }
    return span;
}

/* ---- texts in every language -------------------------------------------------------------------
 */

void pack_check_label(struct pack_reader *r, const struct json *at, enum pack_label label,
                      struct str text)
{
    struct str word;
    struct str topic;
    if (label == PACK_LABEL_UNSET || r->refused == NULL ||
        !pack_label_is_refused(r->refused, label, text, &word, &topic))
        return;
    struct str key = pack_printf(r, "refused_" STR_FMT, STR_ARG(topic));
    if (key.ptr != NULL)
        pack_fault(r, at, key.ptr, word, STR_NULL); /* NUL-terminated by str_copy */
}

void pack_wording_into(struct pack_reader *r, const struct json *value, enum pack_label label,
                       struct wording *ret)
{
    struct wording_in *in = pack_array(r, value->count, sizeof(*in));
    if (in == NULL)
        return;
    size_t count = 0;
    for (size_t i = 0; i < value->count; i++) {
        bool known = false;
        for (size_t k = 0; k < r->language_count; k++)
            known = known || str_eq(r->language[k], value->name[i]);
        if (!known) {
            pack_fault(r, &value->item[i], "language_extra", value->name[i], STR_NULL);
            continue;
        }
        char *name = str_c(r->a, value->name[i]);
        if (name == NULL) {
            r->nomem = true;
            return;
        }
        in[count].lang = value->name[i];
        in[count].text = pack_text(r, value, name, 4000, true);
        pack_check_label(r, &value->item[i], label, in[count].text);
        count++;
    }
    for (size_t k = 0; k < r->language_count; k++) {
        bool there = false;
        for (size_t i = 0; i < count; i++)
            there = there || str_eq(r->language[k], in[i].lang);
        if (!there)
            pack_fault(r, value, "language", r->language[k], STR_NULL);
    }
    *ret = (struct wording){.in = in, .count = count};
}

struct wording pack_wording(struct pack_reader *r, const struct json *object, const char *name,
                            enum pack_label label, bool required)
{
    struct wording w = {0};
    const struct json *value = pack_member(r, object, name, JSON_KIND_OBJECT, required);
    if (value != NULL)
        pack_wording_into(r, value, label, &w);
    return w;
}
