/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * jsonw: writes JSON straight into a buf.
 *
 * Canonical form (event payloads): the members of an object come in ascending byte order of their
 * names, no blanks, only what must be escaped is (quote, backslash, control characters), so that
 * the same facts are the same bytes. A member out of order, a value without a name, a name twice,
 * an end that does not fit or text that is not UTF-8 is a defect of the caller: the writer becomes
 * sticky with ERR_INTERNAL and the buf must not be used. The plain form (API answers) writes the
 * same bytes but keeps the caller's order.
 *
 *     struct jsonw w;
 *     jsonw_init(&w, &b, JSONW_CANONICAL);
 *     jsonw_object(&w);
 *     jsonw_member_i64(&w, "at_us", at_us);
 *     jsonw_member_str(&w, "text", text);
 *     jsonw_end(&w);
 *     TRY(jsonw_err(&w));
 */
#ifndef HUIYIN_LIB_JSON_JSONW_H
#define HUIYIN_LIB_JSON_JSONW_H

#include "base/err.h"
#include "base/str.h"

enum jsonw_form { JSONW_CANONICAL = 1, JSONW_PLAIN };

enum { JSONW_DEPTH_MAX = 16 };

struct jsonw_level {
    bool is_object;
    bool has_items;
    bool has_name;  /* a name was written and waits for its value */
    size_t name_at; /* the last name written, within the buf */
    size_t name_len;
};

struct jsonw {
    struct buf *b;
    enum jsonw_form form;
    enum err err;
    uint32_t depth;
    bool done; /* the one top value is written */
    struct jsonw_level level[JSONW_DEPTH_MAX];
};

void jsonw_init(struct jsonw *w, struct buf *b, enum jsonw_form form);

void jsonw_object(struct jsonw *w);
void jsonw_array(struct jsonw *w);
/* Ends the innermost object or array. */
void jsonw_end(struct jsonw *w);

/* Names are plain words of our own: letters, digits, '_', '-', '.', ':', '/', '$', '@'. */
void jsonw_name(struct jsonw *w, const char *name);
void jsonw_name_str(struct jsonw *w, struct str name);
/* Whether it is such a name: one of at most 128 bytes. */
bool jsonw_is_name(struct str name);
void jsonw_str(struct jsonw *w, struct str text);
void jsonw_i64(struct jsonw *w, int64_t number);
void jsonw_bool(struct jsonw *w, bool truth);
void jsonw_null(struct jsonw *w);
/* Bytes that are one value in this form already (jsonf_is_texts says so). */
void jsonw_raw(struct jsonw *w, struct str value);

void jsonw_member_str(struct jsonw *w, const char *name, struct str text);
void jsonw_member_i64(struct jsonw *w, const char *name, int64_t number);
void jsonw_member_bool(struct jsonw *w, const char *name, bool truth);
void jsonw_member_object(struct jsonw *w, const char *name);
void jsonw_member_array(struct jsonw *w, const char *name);

/* ERR_OK only when exactly one whole value was written and the buf held it. */
enum err jsonw_err(const struct jsonw *w);

#endif
