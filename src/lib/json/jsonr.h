/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * jsonr: reads JSON from outside into a tree that knows where each value stands.
 *
 * Strict: RFC 8259, UTF-8, one value and nothing after it, no duplicate member, no NUL, integers
 * within int64. Bounded: bytes, depth and values. Every value knows its line and its way down from
 * the top, so that a fault can name file, line and path. The tree lives in the caller's arena and
 * is const; a number with a point or an exponent keeps its spelling and is never a double.
 *
 *     struct jsonr_fault fault;
 *     const struct json *top;
 *     if (jsonr_parse(a, text, &JSONR_SMALL, &fault, &top) != ERR_OK)
 *         ... fault.line, fault.why ...
 *     struct str title;
 *     if (!jsonr_str(jsonr_find(top, "title"), &title))
 *         ...
 *
 * Thread-safe. The tests hold it against jansson, over a corpus and under the fuzzer.
 */
#ifndef HUIYIN_LIB_JSON_JSONR_H
#define HUIYIN_LIB_JSON_JSONR_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum json_kind {
    JSON_KIND_NULL = 0,
    JSON_KIND_BOOL,
    JSON_KIND_INTEGER,
    JSON_KIND_REAL,
    JSON_KIND_STRING,
    JSON_KIND_ARRAY,
    JSON_KIND_OBJECT
};

struct json {
    enum json_kind kind;
    int32_t line;            /* where it begins, from 1 */
    bool truth;              /* BOOL */
    int64_t number;          /* INTEGER */
    struct str text;         /* STRING: its characters; INTEGER and REAL: as it was written */
    size_t count;            /* ARRAY, OBJECT: how many */
    const struct json *item; /* ARRAY, OBJECT: the values, in the order of the text */
    const struct str *name;  /* OBJECT: the names of the members */
    const struct json *up;   /* what holds it; NULL at the top */
    size_t at;               /* its place there */
};

struct jsonr_limits {
    size_t bytes_max;
    uint32_t depth_max;
    size_t values_max;
};

/* A request body or an event payload; a file of a pack. */
extern const struct jsonr_limits JSONR_SMALL; /* 256 KiB, depth 12, 20,000 values */
extern const struct jsonr_limits JSONR_FILE;  /* 4 MiB, depth 16, 200,000 values */

struct jsonr_fault {
    int32_t line;   /* 0 when the whole text is meant */
    int32_t column; /* in bytes, from 1; 0 when unknown */
    char why[160];  /* English, for the log and the command line */
};

/* ERR_LIMIT past a limit, ERR_INVALID for text that is not such JSON, ERR_NOMEM; *ret_fault (which
 * may be NULL) is filled for the first two. */
enum err jsonr_parse(struct arena *a, struct str text, const struct jsonr_limits *limits,
                     struct jsonr_fault *ret_fault, const struct json **ret_top);

/* The member of that name, or NULL when there is none or `object` is NULL or no object. */
const struct json *jsonr_find(const struct json *object, const char *name);

/* The name `value` stands under in its object, a null str in an array or at the top. */
struct str jsonr_name(const struct json *value);

/* True and *ret set when the value is there and of that kind (and within the bounds). */
bool jsonr_str(const struct json *value, struct str *ret_text);
bool jsonr_i64(const struct json *value, int64_t min, int64_t max, int64_t *ret_number);
bool jsonr_bool(const struct json *value, bool *ret_truth);

/* The member as text, number or truth; the fallback when it is absent or of another kind. For
 * payloads this program wrote itself; input from outside is checked with the functions above. */
struct str jsonr_get_str(const struct json *object, const char *name);
int64_t jsonr_get_i64(const struct json *object, const char *name, int64_t fallback);
bool jsonr_get_bool(const struct json *object, const char *name, bool fallback);

/* Appends the way from the top: "$.dues[3].amount"; a member whose name is not a plain word is
 * written ["like this"]. */
void jsonr_path(const struct json *value, struct buf *b);

#endif
