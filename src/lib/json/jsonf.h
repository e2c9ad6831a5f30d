/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * jsonf: reads back one object that jsonw wrote in its canonical form, member by member.
 *
 * For event payloads, which this program wrote itself and proves by their bytes: what jsonw would
 * not have written, byte for byte, is refused. So there is no tree, no line number and no copy of a
 * text without escapes. JSON from outside goes through jsonr.
 *
 *     struct jsonf f;
 *     struct jsonf_member m;
 *     jsonf_init(&f, payload);
 *     while (jsonf_next(&f, a, &m))
 *         ... m.name, m.kind, m.text ...
 *     TRY(jsonf_err(&f));
 *
 * Members are texts, integers, truths and objects of texts; an object within comes as its bytes,
 * checked, for a jsonf of its own. Thread-safe; texts point into the input or into the arena.
 */
#ifndef HUIYIN_LIB_JSON_JSONF_H
#define HUIYIN_LIB_JSON_JSONF_H

#include "lib/json/jsonr.h"

struct jsonf {
    struct str text;
    size_t at;
    struct str last; /* name, a null str before the first */
    bool is_inner;
    bool is_over;
    enum err err;
};

struct jsonf_member {
    struct str name;
    enum json_kind kind; /* STRING, INTEGER, BOOL or OBJECT */
    struct str text;     /* STRING: its characters; OBJECT: its canonical bytes */
    int64_t number;      /* INTEGER */
    bool truth;          /* BOOL */
};

void jsonf_init(struct jsonf *f, struct str text);

/* False at the end and at a fault. With `a` NULL a text that has escapes is a null str: for looking
 * whether it is canonical. */
bool jsonf_next(struct jsonf *f, struct arena *a, struct jsonf_member *ret_member);

/* ERR_CORRUPT for what is not canonical, ERR_NOMEM; ERR_OK at the end. */
enum err jsonf_err(const struct jsonf *f);

/* Is it one object of texts as jsonw writes it? */
bool jsonf_is_texts(struct str text);

#endif
