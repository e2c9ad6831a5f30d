/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Bodies into fields as they came: urlencoded and JSON. Multipart is in multipart.c. */
#include "http/form_parts.h"
#include "lib/json/jsonr.h"

enum err form_body_fault(struct form_faults *faults, const char *key)
{
    form_fault_add(faults, "", key);
    return ERR_INVALID;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Decodes `s` into *out (which has room) and moves *out past it; false at a broken escape. */
static bool percent_decode(struct str s, char **out, struct str *ret)
{
    char *to = *out;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (c == '+') {
            c = ' ';
        } else if (c == '%') {
            if (i + 2 >= s.len)
                return false;
            int hi = hex_digit(s.ptr[i + 1]);
            int lo = hex_digit(s.ptr[i + 2]);
            if (hi < 0 || lo < 0)
                return false;
            c = (char)(hi * 16 + lo);
            i += 2;
        }
        *to++ = c;
    }
    *ret = str_make(*out, (size_t)(to - *out));
    *out = to;
    return true;
}

/* As many as there are, and no more than may be. */
static struct form_raw *raws_for(struct arena *a, size_t count)
{
    size_t room = count < FORM_FIELDS_MAX ? count : FORM_FIELDS_MAX;
    return ARENA_ARRAY(a, room + 1, struct form_raw);
}

static size_t count_pairs(struct str body)
{
    size_t n = body.len > 0 ? 1 : 0;
    for (size_t i = 0; i < body.len; i++)
        n += body.ptr[i] == '&';
    return n;
}

enum err form_split_urlencoded(struct arena *a, struct str body, struct form_faults *faults,
                               struct form_body *ret_body)
{
    char *out = arena_room(a, body.len + 1);
    struct form_raw *raws = raws_for(a, count_pairs(body));
    if (out == NULL || raws == NULL)
        return ERR_NOMEM;
    size_t count = 0;
    struct str rest = body;
    struct str pair;
    while (rest.len > 0 && str_cut(&rest, '&', &pair)) {
        if (pair.len == 0)
            continue;
        if (count == FORM_FIELDS_MAX)
            return form_body_fault(faults, "form.too_many_fields");
        struct str value = pair;
        struct str name = pair;
        if (str_find(pair, STR("=")) == SIZE_MAX)
            value = STR("");
        else
            str_cut(&value, '=', &name);
        struct form_raw *raw = &raws[count++];
        raw->file_name = STR_NULL;
        if (!percent_decode(name, &out, &raw->name) || !percent_decode(value, &out, &raw->value))
            return form_body_fault(faults, "form.malformed");
    }
    *ret_body = (struct form_body){.raws = raws, .count = count};
    return ERR_OK;
}

/* ---- JSON ----------------------------------------------------------------------------------- */

struct json_split {
    struct arena *arena;
    const struct form *form;
    struct form_faults *faults;
    struct form_raw *raws;
    size_t count;
};

static enum err add_raw(struct json_split *s, struct str name, struct str value)
{
    if (s->count == FORM_FIELDS_MAX)
        return form_body_fault(s->faults, "form.too_many_fields");
    s->raws[s->count++] = (struct form_raw){.name = name, .value = value, .file_name = STR_NULL};
    return ERR_OK;
}

/* The PAIRS field that an object of this name fills: "q" for the prefix "q_" or "q.". */
static const struct form_field *pairs_field(const struct form *form, struct str name)
{
    for (size_t i = 0; form != NULL && i < form->count; i++) {
        const struct form_field *f = &form->fields[i];
        struct str prefix = str_of(f->name);
        if (f->type == FORM_TYPE_PAIRS && prefix.len == name.len + 1 && str_starts(prefix, name))
            return f;
    }
    return NULL;
}

static enum err add_scalar(struct json_split *s, struct str name, const struct json *v)
{
    switch (v->kind) {
    case JSON_KIND_NULL:
        return ERR_OK;
    case JSON_KIND_BOOL:
        return add_raw(s, name, v->truth ? STR("1") : STR("0"));
    case JSON_KIND_INTEGER:
    case JSON_KIND_STRING:
        return add_raw(s, name, v->text);
    case JSON_KIND_REAL:
    case JSON_KIND_ARRAY:
    case JSON_KIND_OBJECT:
        break;
    }
    form_fault_named(s->arena, s->faults, name, "form.wrong_type");
    return ERR_OK;
}

static enum err add_member(struct json_split *s, struct str name, const struct json *v)
{
    if (v->kind == JSON_KIND_ARRAY) {
        for (size_t i = 0; i < v->count; i++) {
            if (v->item[i].kind != JSON_KIND_STRING) {
                form_fault_named(s->arena, s->faults, name, "form.wrong_type");
                return ERR_OK;
            }
            TRY(add_raw(s, name, v->item[i].text));
        }
        return ERR_OK;
    }
    if (v->kind != JSON_KIND_OBJECT)
        return add_scalar(s, name, v);
    const struct form_field *f = pairs_field(s->form, name);
    if (f == NULL) {
        form_fault_named(s->arena, s->faults, name, "form.wrong_type");
        return ERR_OK;
    }
    for (size_t i = 0; i < v->count; i++) {
        const char *full = arena_printf(s->arena, "%s" STR_FMT, f->name, STR_ARG(v->name[i]));
        if (full == NULL)
            return ERR_NOMEM;
        TRY(add_scalar(s, str_of(full), &v->item[i]));
    }
    return ERR_OK;
}

enum err form_split_json(struct arena *a, struct str body, const struct form *form,
                         struct form_faults *faults, struct form_body *ret_body)
{
    static const struct jsonr_limits LIMITS = {
        .bytes_max = 1024 * 1024, .depth_max = 3, .values_max = 2000};
    const struct json *top = NULL;
    enum err err = jsonr_parse(a, body, &LIMITS, NULL, &top);
    if (err == ERR_NOMEM)
        return err;
    if (err != ERR_OK || top->kind != JSON_KIND_OBJECT)
        return form_body_fault(faults, "form.not_json");
    struct json_split s = {.arena = a, .form = form, .faults = faults};
    size_t values = top->count;
    for (size_t i = 0; i < top->count; i++)
        values += top->item[i].count;
    s.raws = raws_for(a, values);
    if (s.raws == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < top->count; i++)
        TRY(add_member(&s, top->name[i], &top->item[i]));
    *ret_body = (struct form_body){.raws = s.raws, .count = s.count};
    return ERR_OK;
}
