/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* multipart/form-data (RFC 7578) over a body that is whole in memory: at most FORM_PARTS_MAX parts,
 * a bounded head each; no nesting, no transfer encodings, no charset per part. */
#include "http/form_parts.h"

enum { BOUNDARY_MAX = 70, HEAD_BYTES_MAX = 1024 };

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool starts_nocase(struct str s, const char *prefix)
{
    struct str p = str_of(prefix);
    if (s.len < p.len)
        return false;
    for (size_t i = 0; i < p.len; i++) {
        if (lower(s.ptr[i]) != p.ptr[i])
            return false;
    }
    return true;
}

/* The value of `; key=` in a header value, quoted or not; STR_NULL when it is not there. A
 * backslash before a quote is kept as sent: names are ours and hold neither. */
static struct str parameter(struct str value, const char *key)
{
    size_t key_len = strlen(key);
    for (size_t at = str_find(value, STR(";")); at != SIZE_MAX;) {
        struct str rest = str_trim(str_sub(value, at + 1, value.len));
        size_t end = 0;
        bool quoted = false;
        while (end < rest.len && (quoted || rest.ptr[end] != ';')) {
            if (rest.ptr[end] == '"' && (end == 0 || rest.ptr[end - 1] != '\\'))
                quoted = !quoted;
            end++;
        }
        struct str one = str_sub(rest, 0, end);
        if (starts_nocase(one, key) && one.len > key_len && one.ptr[key_len] == '=') {
            struct str v = str_trim(str_sub(one, key_len + 1, one.len));
            if (v.len >= 2 && v.ptr[0] == '"' && v.ptr[v.len - 1] == '"')
                v = str_sub(v, 1, v.len - 2);
            return v;
        }
        if (end >= rest.len)
            return STR_NULL;
        value = str_sub(rest, end, rest.len);
        at = 0;
    }
    return STR_NULL;
}

static bool boundary_of(struct str content_type, struct str *ret_boundary)
{
    struct str b = parameter(content_type, "boundary");
    if (b.len == 0 || b.len > BOUNDARY_MAX)
        return false;
    for (size_t i = 0; i < b.len; i++) {
        if (b.ptr[i] <= ' ' || b.ptr[i] > '~' || b.ptr[i] == '"')
            return false;
    }
    *ret_boundary = b;
    return true;
}

/* Reads the head of a part: name and file name. Only Content-Disposition is looked at. */
static bool read_head(struct str head, struct form_raw *ret_raw)
{
    bool named = false;
    while (head.len > 0) {
        size_t eol = str_find(head, STR("\r\n"));
        struct str line = str_sub(head, 0, eol == SIZE_MAX ? head.len : eol);
        head = eol == SIZE_MAX ? STR("") : str_sub(head, eol + 2, head.len);
        if (!starts_nocase(line, "content-disposition:"))
            continue;
        struct str value = str_trim(str_sub(line, strlen("content-disposition:"), line.len));
        if (named || !starts_nocase(value, "form-data"))
            return false;
        ret_raw->name = parameter(value, "name");
        ret_raw->file_name = parameter(value, "filename");
        named = true;
    }
    return named && ret_raw->name.len > 0 && ret_raw->name.len <= FORM_NAME_BYTES_MAX;
}

/* One part from *rest, which stands behind its delimiter line. */
static bool read_part(struct str *rest, struct str delimiter, struct form_raw *ret_raw)
{
    struct str window = str_sub(*rest, 0, HEAD_BYTES_MAX);
    size_t gap = str_find(window, STR("\r\n\r\n"));
    if (gap == SIZE_MAX || !read_head(str_sub(*rest, 0, gap), ret_raw))
        return false;
    struct str content = str_sub(*rest, gap + 4, rest->len);
    size_t end = str_find(content, delimiter);
    if (end == SIZE_MAX)
        return false;
    ret_raw->value = str_sub(content, 0, end);
    *rest = str_sub(content, end + delimiter.len, content.len);
    return true;
}

enum err form_split_multipart(struct arena *a, struct str content_type, struct str body,
                              struct form_faults *faults, struct form_body *ret_body)
{
    struct str boundary;
    if (!boundary_of(content_type, &boundary))
        return form_body_fault(faults, "form.malformed");
    char *text = arena_printf(a, "\r\n--" STR_FMT, STR_ARG(boundary));
    struct form_raw *raws = ARENA_ARRAY(a, FORM_PARTS_MAX, struct form_raw);
    if (text == NULL || raws == NULL)
        return ERR_NOMEM;
    struct str delimiter = str_of(text);
    struct str first = str_sub(delimiter, 2, delimiter.len);
    struct str rest = body;
    if (str_starts(rest, STR("\r\n")))
        rest = str_sub(rest, 2, rest.len);
    if (!str_starts(rest, first))
        return form_body_fault(faults, "form.malformed");
    rest = str_sub(rest, first.len, rest.len);
    size_t count = 0;
    while (!str_starts(rest, STR("--"))) {
        if (!str_starts(rest, STR("\r\n")))
            return form_body_fault(faults, "form.malformed");
        rest = str_sub(rest, 2, rest.len);
        if (count == FORM_PARTS_MAX)
            return form_body_fault(faults, "form.too_many_fields");
        if (!read_part(&rest, delimiter, &raws[count++]))
            return form_body_fault(faults, "form.malformed");
    }
    *ret_body = (struct form_body){.raws = raws, .count = count};
    return ERR_OK;
}
