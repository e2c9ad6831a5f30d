/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "lib/json/jsonf.h"

#include "base/mem.h"
#include "lib/json/jsonr.h"
#include "lib/json/jsonw.h"
#include "matter/matter.h"
#include "tests/fuzz/fuzz.h"

static void put_member(struct jsonw *w, const struct jsonf_member *m)
{
    jsonw_name_str(w, m->name);
    if (m->kind == JSON_KIND_STRING)
        jsonw_str(w, m->text);
    else if (m->kind == JSON_KIND_INTEGER)
        jsonw_i64(w, m->number);
    else if (m->kind == JSON_KIND_BOOL)
        jsonw_bool(w, m->truth);
    else
        jsonw_raw(w, m->text);
}

static void check_payload(struct arena *a, struct str text)
{
    CLEANUP(buf_done) struct buf again;
    struct jsonf f;
    struct jsonf_member m;
    struct jsonw w;
    buf_init(&again, 1 << 20);
    jsonw_init(&w, &again, JSONW_CANONICAL);
    jsonw_object(&w);
    jsonf_init(&f, text);
    while (jsonf_next(&f, a, &m)) {
        if (m.kind == JSON_KIND_OBJECT)
            must(jsonf_is_texts(m.text));
        put_member(&w, &m);
    }
    jsonw_end(&w);
    if (jsonf_err(&f) != ERR_OK)
        return;
    must(jsonw_err(&w) == ERR_OK && str_eq(buf_view(&again), text));
    /* The strict reader of other people's JSON agrees, but for NUL, which it does not let in. */
    const struct json *top = NULL;
    if (str_find(text, STR("\\u0000")) == SIZE_MAX)
        must(jsonr_parse(a, text, &JSONR_FILE, NULL, &top) == ERR_OK);
}

static void check_body(struct arena *a, struct str text)
{
    CLEANUP(buf_done) struct buf again;
    struct matter_body body;
    buf_init(&again, 1 << 20);
    if (matter_body_read(a, text, &body, NULL) == ERR_OK)
        must(matter_body_write(&body, &again) == ERR_OK && str_eq(buf_view(&again), text));
}

/* What is taken is, byte for byte, what would be written. */
int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t len)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 16 << 20);
    check_payload(&a, str_make(bytes, len));
    check_body(&a, str_make(bytes, len));
    return 0;
}
