/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* like_jansson: what jsonr makes of a text, held against what jansson makes of it. */
#ifndef HUIYIN_TESTS_LIB_JSON_LIKE_JANSSON_H
#define HUIYIN_TESTS_LIB_JSON_LIKE_JANSSON_H

#include "base/mem.h"
#include "lib/json/jsonr.h"

#include <jansson.h>

static inline bool is_like(const struct json *ours, json_t *theirs)
{
    switch (ours->kind) {
    case JSON_KIND_NULL:
        return json_is_null(theirs);
    case JSON_KIND_BOOL:
        return json_is_boolean(theirs) && json_is_true(theirs) == ours->truth;
    case JSON_KIND_INTEGER:
        return json_is_integer(theirs) && json_integer_value(theirs) == ours->number;
    case JSON_KIND_REAL:
        return json_is_real(theirs);
    case JSON_KIND_STRING:
        return json_is_string(theirs) &&
               str_eq(ours->text, str_make(json_string_value(theirs), json_string_length(theirs)));
    case JSON_KIND_ARRAY:
        if (!json_is_array(theirs) || json_array_size(theirs) != ours->count)
            return false;
        for (size_t i = 0; i < ours->count; i++)
            if (ours->item[i].up != ours || ours->item[i].at != i ||
                !is_like(&ours->item[i], json_array_get(theirs, i)))
                return false;
        return true;
    case JSON_KIND_OBJECT:
        break;
    }
    if (!json_is_object(theirs) || json_object_size(theirs) != ours->count)
        return false;
    void *it = json_object_iter(theirs); /* in the order of the text, as ours */
    for (size_t i = 0; i < ours->count; i++, it = json_object_iter_next(theirs, it))
        if (ours->item[i].up != ours || ours->item[i].at != i ||
            !str_eq_c(ours->name[i], json_object_iter_key(it)) ||
            !is_like(&ours->item[i], json_object_iter_value(it)))
            return false;
    return true;
}

/* True when both take the text and read the same, or neither takes it. What is too large for a
 * double is no fault to ours, which keeps a number as it is spelled; limits are ours alone. */
static inline bool agrees_with_jansson(struct str text)
{
    CLEANUP(arena_done) struct arena a;
    const struct json *top = NULL;
    json_error_t why;
    arena_init(&a, 64 << 20);
    enum err err = jsonr_parse(&a, text, &JSONR_FILE, NULL, &top);
    if (err == ERR_LIMIT)
        return true;
    if (text.len > 0 && memchr(text.ptr, '\0', text.len) != NULL)
        return err == ERR_INVALID; /* to jansson's lexer NUL is the end of the text */
    json_t *theirs = json_loadb(text.ptr == NULL ? "" : text.ptr, text.len,
                                JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
    bool is_same = theirs == NULL ? err == ERR_INVALID : err == ERR_OK && is_like(top, theirs);
    if (theirs == NULL && json_error_code(&why) == json_error_numeric_overflow)
        is_same = true;
    json_decref(theirs);
    return is_same;
}

#endif
