/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "lib/json/jsonf.h"

#include "base/utf8.h"
#include "lib/json/jsonplain.h"
#include "lib/json/jsonw.h"

static bool fail(struct jsonf *f, enum err err)
{
    f->err = err;
    f->is_over = true;
    return false;
}

static char peek(const struct jsonf *f)
{
    return f->at < f->text.len ? f->text.ptr[f->at] : '\0';
}

static bool take(struct jsonf *f, char c)
{
    if (peek(f) != c)
        return false;
    f->at++;
    return true;
}

static bool take_word(struct jsonf *f, struct str word)
{
    if (!str_starts(str_sub(f->text, f->at, word.len), word))
        return false;
    f->at += word.len;
    return true;
}

/* The character an escape of two stands for; 0 for what jsonw does not write. */
static char short_escape(char c)
{
    switch (c) {
    case '"':
    case '\\':
        return c;
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return '\0';
    }
}

/* "00" to "1f" in small letters, and not what has a short escape. */
static bool long_escape(struct str hex, char *ret)
{
    unsigned char c = 0;
    bool is_small = hex.len == 2 && (hex.ptr[0] == '0' || hex.ptr[0] == '1') &&
                    !(hex.ptr[1] >= 'A' && hex.ptr[1] <= 'F');
    if (!is_small || !str_from_hex(hex, &c, 1))
        return false;
    *ret = (char)c;
    return c != '\b' && c != '\f' && c != '\n' && c != '\r' && c != '\t';
}

/* Takes one escape, the backslash with it. */
static bool take_escape(struct jsonf *f, char *ret)
{
    f->at++;
    if (take_word(f, STR("u00"))) {
        bool ok = long_escape(str_sub(f->text, f->at, 2), ret);
        f->at += 2;
        return ok;
    }
    *ret = short_escape(peek(f));
    f->at++;
    return *ret != '\0';
}

/* What stands between the quotes, as it is written. */
static bool take_quoted(struct jsonf *f, struct str *ret_raw, size_t *ret_escapes)
{
    if (!take(f, '"'))
        return false;
    size_t from = f->at;
    *ret_escapes = 0;
    for (;;) {
        char any;
        f->at = json_plain_end(f->text, f->at);
        if (peek(f) == '"')
            break;
        (*ret_escapes)++;
        if (peek(f) != '\\' || !take_escape(f, &any))
            return false;
    }
    *ret_raw = str_sub(f->text, from, f->at - from);
    f->at++;
    return utf8_is_valid(*ret_raw);
}

static enum err unescape(struct arena *a, struct str raw, struct str *ret_text)
{
    char *to = arena_alloc(a, raw.len + 1);
    size_t len = 0;
    if (to == NULL)
        return ERR_NOMEM;
    struct jsonf f = {.text = raw};
    while (f.at < raw.len) {
        if (raw.ptr[f.at] == '\\')
            (void)take_escape(&f, &to[len]); /* which was possible before */
        else
            to[len] = raw.ptr[f.at++];
        len++;
    }
    *ret_text = str_make(to, len);
    return ERR_OK;
}

static bool take_text(struct jsonf *f, struct arena *a, struct jsonf_member *m)
{
    size_t escapes = 0;
    struct str raw;
    if (!take_quoted(f, &raw, &escapes))
        return fail(f, ERR_CORRUPT);
    m->kind = JSON_KIND_STRING;
    m->text = raw;
    if (escapes == 0)
        return true;
    m->text = STR_NULL;
    enum err err = a == NULL ? ERR_OK : unescape(a, raw, &m->text);
    return err == ERR_OK ? true : fail(f, err);
}

static bool take_number(struct jsonf *f, struct jsonf_member *m)
{
    size_t from = f->at;
    (void)take(f, '-');
    size_t digits = f->at;
    while (peek(f) >= '0' && peek(f) <= '9')
        f->at++;
    bool starts_zero = digits < f->text.len && f->text.ptr[digits] == '0';
    bool is_minus = digits != from;
    m->kind = JSON_KIND_INTEGER;
    if ((starts_zero && (f->at - digits > 1 || is_minus)) ||
        !str_to_i64(str_sub(f->text, from, f->at - from), INT64_MIN, INT64_MAX, &m->number))
        return fail(f, ERR_CORRUPT);
    return true;
}

static bool take_object(struct jsonf *f, struct jsonf_member *m)
{
    struct jsonf inner = {.text = f->text, .at = f->at, .is_inner = true};
    struct jsonf_member any;
    size_t from = f->at;
    if (f->is_inner)
        return fail(f, ERR_CORRUPT);
    while (jsonf_next(&inner, NULL, &any))
        if (any.kind != JSON_KIND_STRING)
            return fail(f, ERR_CORRUPT);
    if (inner.err != ERR_OK)
        return fail(f, inner.err);
    f->at = inner.at;
    m->kind = JSON_KIND_OBJECT;
    m->text = str_sub(f->text, from, f->at - from);
    return true;
}

static bool take_value(struct jsonf *f, struct arena *a, struct jsonf_member *m)
{
    switch (peek(f)) {
    case '"':
        return take_text(f, a, m);
    case '{':
        return take_object(f, m);
    case 't':
    case 'f':
        m->kind = JSON_KIND_BOOL;
        m->truth = take_word(f, STR("true"));
        return m->truth || take_word(f, STR("false")) ? true : fail(f, ERR_CORRUPT);
    default:
        return take_number(f, m);
    }
}

static bool take_name(struct jsonf *f, struct str *ret_name)
{
    size_t escapes = 0;
    if (!take_quoted(f, ret_name, &escapes) || !jsonw_is_name(*ret_name) || !take(f, ':'))
        return false;
    return f->last.ptr == NULL || str_cmp(f->last, *ret_name) < 0;
}

void jsonf_init(struct jsonf *f, struct str text)
{
    *f = (struct jsonf){.text = text};
}

bool jsonf_next(struct jsonf *f, struct arena *a, struct jsonf_member *ret_member)
{
    if (f->is_over)
        return false;
    bool is_first = f->last.ptr == NULL;
    if (is_first && !take(f, '{'))
        return fail(f, ERR_CORRUPT);
    if (take(f, '}')) {
        f->is_over = true;
        return !f->is_inner && f->at != f->text.len ? fail(f, ERR_CORRUPT) : false;
    }
    *ret_member = (struct jsonf_member){.name = STR_NULL};
    if ((!is_first && !take(f, ',')) || !take_name(f, &ret_member->name))
        return fail(f, ERR_CORRUPT);
    f->last = ret_member->name;
    return take_value(f, a, ret_member);
}

enum err jsonf_err(const struct jsonf *f)
{
    return f->err;
}

bool jsonf_is_texts(struct str text)
{
    struct jsonf f;
    struct jsonf_member m;
    jsonf_init(&f, text);
    while (jsonf_next(&f, NULL, &m))
        if (m.kind != JSON_KIND_STRING)
            return false;
    return f.err == ERR_OK;
}
