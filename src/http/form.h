/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * form: a body or a query becomes a struct, and everything wrong with it becomes a list.
 *
 * A form is a const table of fields, each tied to a member of a struct by type. The same table
 * reads urlencoded and multipart bodies, queries, and JSON objects of the API, so that a page and
 * an API cannot differ in what they let in.
 *
 *     struct note_input {
 *         struct str text;
 *         bool urgent;
 *     };
 *     static const struct form_field NOTE_FIELDS[] = {
 *         FORM_LINES(struct note_input, text, 1, 5000),
 *         FORM_FLAG(struct note_input, urgent),
 *     };
 *     const struct form NOTE_FORM = FORM_INIT("note", struct note_input, NOTE_FIELDS);
 *     ...
 *     const struct note_input *in = request_form(req);
 *
 * Rules for all: text is UTF-8 without control characters and direction overrides; blanks at both
 * ends go; CR LF becomes LF; a field that is not in the table, or that comes twice, is a fault;
 * numbers and dates may come in digits of any width; an 18-digit identity number with a right check
 * digit is a fault in every text (nobody needs them). Every fault is collected, none stops the
 * reading, and the struct holds what could be read, so a page shows all at once and loses nothing:
 * form_typed gives back what was typed, with broken bytes replaced.
 *
 * `min` 0 means the field may be left out; `required` numbers and dates say so by name.
 * Everything lives in the arena that form_parse is given. Pure but for memory. Any thread.
 */
#ifndef HUIYIN_HTTP_FORM_H
#define HUIYIN_HTTP_FORM_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum form_type {
    FORM_TYPE_UNSET = 0,
    FORM_TYPE_TEXT,   /* struct str, one line, min..max characters */
    FORM_TYPE_LINES,  /* struct str, several lines */
    FORM_TYPE_SECRET, /* struct str, as typed, blanks kept; never given back by form_typed */
    FORM_TYPE_CHOICE, /* int32_t: 1.. for the n-th choice, 0 when left out */
    FORM_TYPE_DATE,   /* int32_t day, FORM_NO_DAY when left out */
    FORM_TYPE_INT,    /* int64_t within min..max, FORM_NO_INT when left out */
    FORM_TYPE_FLAG,   /* bool: present with 1, on, true or yes */
    FORM_TYPE_STRS,   /* struct form_strs: the one kind of field that may repeat */
    FORM_TYPE_PAIRS,  /* struct form_pairs: every field whose name begins with `name` */
    FORM_TYPE_FILE    /* struct form_file: multipart only */
};

#define FORM_NO_DAY INT32_MIN
#define FORM_NO_INT INT64_MIN

enum {
    FORM_FAULTS_MAX = 32,
    FORM_FIELDS_MAX = 200, /* fields in one body */
    FORM_NAME_BYTES_MAX = 64,
    FORM_PARTS_MAX = 32 /* parts of a multipart body */
};

struct form_strs {
    const struct str *items;
    size_t count;
};

struct form_pair {
    struct str name; /* without the prefix */
    struct str value;
};

struct form_pairs {
    const struct form_pair *items;
    size_t count;
};

struct form_file {
    struct str name; /* as the browser sent it; not to be trusted, shown or used as a path */
    struct str bytes;
};

struct form_field {
    const char *name;
    const char *const *choices; /* CHOICE: names, ending with NULL */
    size_t offset;
    int64_t min; /* characters; value of an INT; count of STRS and PAIRS; bytes of a FILE */
    int64_t max;
    enum form_type type;
    bool required;   /* CHOICE, DATE, INT, FLAG */
    bool any_number; /* TEXT, LINES, PAIRS: may hold an identity number shape */
};

struct form {
    const char *name; /* for messages to developers */
    size_t size;
    const struct form_field *fields;
    size_t count;
};

/* Breaks the build when a member has not the type its field fills. */
#define FORM_AT_(owner, member, of)                                                                \
    (offsetof(owner, member) +                                                                     \
     0 * sizeof(                                                                                   \
             char[__builtin_types_compatible_p(__typeof__(((owner *)0)->member), of) ? 1 : -1]))

#define FORM_TEXT(owner, member, lo, hi)                                                           \
    {                                                                                              \
        .name = #member, .type = FORM_TYPE_TEXT, .offset = FORM_AT_(owner, member, struct str),    \
        .min = (lo), .max = (hi)                                                                   \
    }
#define FORM_LINES(owner, member, lo, hi)                                                          \
    {                                                                                              \
        .name = #member, .type = FORM_TYPE_LINES, .offset = FORM_AT_(owner, member, struct str),   \
        .min = (lo), .max = (hi)                                                                   \
    }
#define FORM_SECRET(owner, member, lo, hi)                                                         \
    {                                                                                              \
        .name = #member, .type = FORM_TYPE_SECRET, .offset = FORM_AT_(owner, member, struct str),  \
        .min = (lo), .max = (hi)                                                                   \
    }
#define FORM_CHOICE(owner, member, names, must)                                                    \
    {                                                                                              \
        .name = #member, .type = FORM_TYPE_CHOICE, .offset = FORM_AT_(owner, member, int32_t),     \
        .choices = (names), .required = (must)                                                     \
    }
#define FORM_DATE(owner, member, must)                                                             \
    {                                                                                              \
        .name = #member, .type = FORM_TYPE_DATE, .offset = FORM_AT_(owner, member, int32_t),       \
        .required = (must)                                                                         \
    }
#define FORM_INT(owner, member, lo, hi, must)                                                      \
    {                                                                                              \
        .name = #member, .type = FORM_TYPE_INT, .offset = FORM_AT_(owner, member, int64_t),        \
        .min = (lo), .max = (hi), .required = (must)                                               \
    }
#define FORM_FLAG(owner, member)                                                                   \
    {                                                                                              \
        .name = #member, .type = FORM_TYPE_FLAG, .offset = FORM_AT_(owner, member, bool)           \
    }
#define FORM_STRS(owner, member, lo, hi)                                                           \
    {                                                                                              \
        .name = #member, .type = FORM_TYPE_STRS,                                                   \
        .offset = FORM_AT_(owner, member, struct form_strs), .min = (lo), .max = (hi)              \
    }
#define FORM_PAIRS(owner, member, prefix, hi)                                                      \
    {                                                                                              \
        .name = (prefix), .type = FORM_TYPE_PAIRS,                                                 \
        .offset = FORM_AT_(owner, member, struct form_pairs), .max = (hi)                          \
    }
#define FORM_FILE(owner, member, hi)                                                               \
    {                                                                                              \
        .name = #member, .type = FORM_TYPE_FILE,                                                   \
        .offset = FORM_AT_(owner, member, struct form_file), .max = (hi)                           \
    }
#define FORM_INIT(what, owner, table)                                                              \
    {                                                                                              \
        .name = (what), .size = sizeof(owner), .fields = (table),                                  \
        .count = sizeof(table) / sizeof((table)[0])                                                \
    }

/* One thing that is wrong. `key` is a message key with {max}, {min}, {count} for sizes. */
struct form_fault {
    struct str field; /* as sent; "" for the body as a whole */
    const char *key;  /* "form.empty", "form.too_long", ... */
    int64_t min;
    int64_t max;
    int64_t count; /* characters given, or the offset of a bad byte */
};

struct form_faults {
    struct form_fault items[FORM_FAULTS_MAX];
    size_t count;
    size_t dropped; /* more than fit */
};

/* A field as it came, before any rule. */
struct form_raw {
    struct str name;
    struct str value;
    struct str file_name; /* multipart with a file; STR_NULL otherwise */
};

struct form_body {
    struct form_raw *raws;
    size_t count;
};

/* Adds a fault found by a use case, to stand beside those of the form. Keys are literals. */
void form_fault_add(struct form_faults *faults, const char *field, const char *key);
/* The first fault of a field, or NULL: templates show it beside the field. */
const struct form_fault *form_fault_of(const struct form_faults *faults, const char *field);

/* Splits; ERR_INVALID with one fault on the body when it is not of that shape at all, ERR_NOMEM. */
enum err form_split_urlencoded(struct arena *a, struct str body, struct form_faults *faults,
                               struct form_body *ret_body);
enum err form_split_multipart(struct arena *a, struct str content_type, struct str body,
                              struct form_faults *faults, struct form_body *ret_body);
/* A JSON object: strings, numbers, true and false, arrays of strings (STRS), and one level of
 * objects of strings (PAIRS). */
enum err form_split_json(struct arena *a, struct str body, const struct form *form,
                         struct form_faults *faults, struct form_body *ret_body);

/* Fills a zeroed struct of form->size in the arena; faults are added. ERR_NOMEM only. Fields
 * called `csrf` are passed over: the server has read them. */
enum err form_parse(struct arena *a, const struct form *form, const struct form_body *body,
                    struct form_faults *faults, void **ret_struct);

/* What was typed into a field, safe to show again (broken and forbidden characters replaced by
 * U+FFFD, cut at 100,000 bytes); "" when it was not sent. Secrets are never given back. */
struct str form_typed(struct arena *a, const struct form *form, const struct form_body *body,
                      const char *field);

/* Does the text hold an 18-digit identity number (GB 11643: a date and a right check digit) that
 * is not part of a longer number? Digits of any width. Pure. */
bool form_has_identity_number(struct str text);

/* The table itself is sound: names, sizes, no double, bounds in order. For the start-up check. */
enum err form_check(const struct form *form, struct err_info *info);

#endif
