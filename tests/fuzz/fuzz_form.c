/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/fuzz/fuzz_form.h"

#include "base/utf8.h"
#include "tests/fuzz/fuzz.h"

static const char *const WISHES[] = {"known", "sealed", NULL};

struct input {
    struct str title;
    struct str text;
    struct str secret;
    int32_t wish;
    int32_t day;
    int64_t number;
    bool urgent;
    struct form_strs marks;
    struct form_pairs answers;
    struct form_file paper;
};
static const struct form_field FIELDS[] = {
    FORM_TEXT(struct input, title, 1, 20),
    FORM_LINES(struct input, text, 0, 200),
    FORM_SECRET(struct input, secret, 0, 20),
    FORM_CHOICE(struct input, wish, WISHES, true),
    FORM_DATE(struct input, day, false),
    FORM_INT(struct input, number, 1, 99, false),
    FORM_FLAG(struct input, urgent),
    FORM_STRS(struct input, marks, 0, 3),
    FORM_PAIRS(struct input, answers, "q_", 3),
    FORM_FILE(struct input, paper, 64),
};
const struct form FUZZ_FORM = FORM_INIT("fuzz", struct input, FIELDS);

static void must_be_clean(struct str s, bool lines)
{
    must(utf8_scan(s, lines, NULL) == UTF8_CLEAN);
    must(!form_has_identity_number(s));
}

void fuzz_form_check(struct arena *a, const struct form_body *body, struct form_faults *faults)
{
    void *out = NULL;
    if (form_parse(a, &FUZZ_FORM, body, faults, &out) != ERR_OK)
        return;
    const struct input *in = out;
    must_be_clean(in->title, false);
    must_be_clean(in->text, true);
    must(utf8_scan(in->secret, false, NULL) == UTF8_CLEAN);
    must(in->wish >= 0 && in->wish <= 2);
    must(in->number == FORM_NO_INT || (in->number >= 1 && in->number <= 99));
    for (size_t i = 0; i < in->marks.count; i++)
        must_be_clean(in->marks.items[i], false);
    for (size_t i = 0; i < in->answers.count; i++) {
        must(utf8_scan(in->answers.items[i].name, false, NULL) == UTF8_CLEAN);
        must_be_clean(in->answers.items[i].value, true);
    }
    must(in->paper.bytes.len <= 64);
    if (faults->count == 0) {
        must(utf8_count(in->title) >= 1 && utf8_count(in->title) <= 20);
        must(utf8_count(in->text) <= 200);
        must(in->wish != 0);
        must(in->marks.count <= 3 && in->answers.count <= 3);
    }
    for (size_t i = 0; i < faults->count; i++)
        must(utf8_scan(faults->items[i].field, false, NULL) == UTF8_CLEAN);
    must(utf8_scan(form_typed(a, &FUZZ_FORM, body, "text"), true, NULL) == UTF8_CLEAN);
    must(form_typed(a, &FUZZ_FORM, body, "secret").len == 0);
}
