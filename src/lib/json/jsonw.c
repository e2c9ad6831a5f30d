/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "lib/json/jsonw.h"

#include "base/utf8.h"
#include "lib/json/jsonplain.h"

enum { NAME_BYTES_MAX = 128 };

void jsonw_init(struct jsonw *w, struct buf *b, enum jsonw_form form)
{
    *w = (struct jsonw){.b = b, .form = form};
}

/* A buf that is full drops names, and what then looks like a defect is not one. */
static void fail(struct jsonw *w, enum err err)
{
    if (w->err == ERR_OK)
        w->err = buf_err(w->b) != ERR_OK ? buf_err(w->b) : err;
}

static struct jsonw_level *top(struct jsonw *w)
{
    return w->depth == 0 ? NULL : &w->level[w->depth - 1];
}

/* Whether a value may stand here; writes the comma before an array's second item. */
static bool begin_value(struct jsonw *w)
{
    if (w->err != ERR_OK)
        return false;
    struct jsonw_level *l = top(w);
    if (l == NULL) {
        if (w->done)
            fail(w, ERR_INTERNAL);
        return w->err == ERR_OK;
    }
    if (l->is_object) {
        if (!l->has_name)
            fail(w, ERR_INTERNAL);
        l->has_name = false;
        return w->err == ERR_OK;
    }
    if (l->has_items)
        buf_char(w->b, ',');
    l->has_items = true;
    return true;
}

static void end_value(struct jsonw *w)
{
    if (w->depth == 0)
        w->done = true;
}

static void open_level(struct jsonw *w, bool is_object)
{
    if (!begin_value(w))
        return;
    if (w->depth == JSONW_DEPTH_MAX) {
        fail(w, ERR_INTERNAL);
        return;
    }
    w->level[w->depth++] = (struct jsonw_level){.is_object = is_object};
    buf_char(w->b, is_object ? '{' : '[');
}

void jsonw_object(struct jsonw *w)
{
    open_level(w, true);
}

void jsonw_array(struct jsonw *w)
{
    open_level(w, false);
}

void jsonw_end(struct jsonw *w)
{
    struct jsonw_level *l = top(w);
    if (w->err != ERR_OK)
        return;
    if (l == NULL || l->has_name) {
        fail(w, ERR_INTERNAL);
        return;
    }
    buf_char(w->b, l->is_object ? '}' : ']');
    w->depth--;
    end_value(w);
}

/* '$', '-' to ':' (with the digits), '@' to 'Z', '_', 'a' to 'z'. */
static bool is_name_byte(unsigned char c)
{
    static const uint64_t LOW = UINT64_C(1) << '$' | UINT64_C(0x3FFF) << '-';
    static const uint64_t HIGH =
        UINT64_C(0x7FFFFFF) | UINT64_C(1) << ('_' - '@') | UINT64_C(0x3FFFFFF) << ('a' - '@');
    return c < '@' ? (LOW >> c & 1) != 0 : c < 0x80 && (HIGH >> (c - '@') & 1) != 0;
}

bool jsonw_is_name(struct str name)
{
    if (name.len == 0 || name.len > NAME_BYTES_MAX)
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (!is_name_byte((unsigned char)name.ptr[i]))
            return false;
    return true;
}

/* ,"name": in one piece; the comma only after another member. */
static void put_name(struct jsonw *w, struct jsonw_level *l, struct str name)
{
    char all[NAME_BYTES_MAX + 4];
    size_t n = 0;
    if (l->has_items)
        all[n++] = ',';
    all[n++] = '"';
    l->name_at = w->b->len + n;
    l->name_len = name.len;
    memcpy(all + n, name.ptr, name.len);
    n += name.len;
    all[n++] = '"';
    all[n++] = ':';
    buf_bytes(w->b, all, n);
    l->has_items = true;
    l->has_name = true;
}

void jsonw_name_str(struct jsonw *w, struct str name)
{
    struct jsonw_level *l = top(w);
    if (w->err != ERR_OK)
        return;
    if (l == NULL || !l->is_object || l->has_name || !jsonw_is_name(name)) {
        fail(w, ERR_INTERNAL);
        return;
    }
    if (l->has_items) {
        if (buf_err(w->b) != ERR_OK)
            return;
        struct str last = str_make(w->b->ptr + l->name_at, l->name_len);
        int order = str_cmp(last, name);
        if (order == 0 || (order > 0 && w->form == JSONW_CANONICAL)) {
            fail(w, ERR_INTERNAL);
            return;
        }
    }
    put_name(w, l, name);
}

void jsonw_name(struct jsonw *w, const char *name)
{
    jsonw_name_str(w, str_of(name));
}

static void put_escaped(struct buf *b, char c)
{
    switch (c) {
    case '"':
        buf_c(b, "\\\"");
        return;
    case '\\':
        buf_c(b, "\\\\");
        return;
    case '\b':
        buf_c(b, "\\b");
        return;
    case '\f':
        buf_c(b, "\\f");
        return;
    case '\n':
        buf_c(b, "\\n");
        return;
    case '\r':
        buf_c(b, "\\r");
        return;
    case '\t':
        buf_c(b, "\\t");
        return;
    default:
        buf_printf(b, "\\u%04x", (unsigned)(unsigned char)c);
    }
}

void jsonw_str(struct jsonw *w, struct str text)
{
    if (!begin_value(w))
        return;
    if (!utf8_is_valid(text)) {
        fail(w, ERR_INTERNAL);
        return;
    }
    buf_char(w->b, '"');
    for (size_t at = 0; at < text.len; at++) {
        size_t end = json_plain_end(text, at);
        buf_bytes(w->b, text.ptr + at, end - at);
        at = end;
        if (at < text.len)
            put_escaped(w->b, text.ptr[at]);
    }
    buf_char(w->b, '"');
    end_value(w);
}

void jsonw_i64(struct jsonw *w, int64_t number)
{
    if (!begin_value(w))
        return;
    buf_i64(w->b, number);
    end_value(w);
}

void jsonw_bool(struct jsonw *w, bool truth)
{
    if (!begin_value(w))
        return;
    buf_c(w->b, truth ? "true" : "false");
    end_value(w);
}

void jsonw_null(struct jsonw *w)
{
    if (!begin_value(w))
        return;
    buf_c(w->b, "null");
    end_value(w);
}

void jsonw_raw(struct jsonw *w, struct str value)
{
    if (!begin_value(w))
        return;
    buf_str(w->b, value);
    end_value(w);
}

void jsonw_member_str(struct jsonw *w, const char *name, struct str text)
{
    jsonw_name(w, name);
    jsonw_str(w, text);
}

void jsonw_member_i64(struct jsonw *w, const char *name, int64_t number)
{
    jsonw_name(w, name);
    jsonw_i64(w, number);
}

void jsonw_member_bool(struct jsonw *w, const char *name, bool truth)
{
    jsonw_name(w, name);
    jsonw_bool(w, truth);
}

void jsonw_member_object(struct jsonw *w, const char *name)
{
    jsonw_name(w, name);
    jsonw_object(w);
}

void jsonw_member_array(struct jsonw *w, const char *name)
{
    jsonw_name(w, name);
    jsonw_array(w);
}

enum err jsonw_err(const struct jsonw *w)
{
    if (w->err != ERR_OK)
        return w->err;
    if (buf_err(w->b) != ERR_OK)
        return buf_err(w->b);
    return w->done && w->depth == 0 ? ERR_OK : ERR_INTERNAL;
}
