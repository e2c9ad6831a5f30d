/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What was answered to the questions of a kind, as a reader sees it. */
#include "base/mem.h"
#include "lib/json/jsonf.h"
#include "matter/desk.h"

struct str desk_answer_words(struct arena *a, const struct msg_lang *lang,
                             const struct pack_question *q, struct str answer)
{
    if (q->type == PACK_YES_NO && answer.len > 0)
        return msg_plain(lang, str_eq_c(answer, "yes") ? MSG_PERSON_QUESTIONS_YES
                                                       : MSG_PERSON_QUESTIONS_NO);
    if (q->type == PACK_DATE)
        return desk_iso_long(a, lang, answer);
    for (size_t i = 0; i < q->choice_count; i++)
        if (str_eq(q->choice[i].id, answer))
            return wording_pick(&q->choice[i].name, msg_lang_tag(lang));
    return answer;
}

/* The question's label in `ret`; what no pack asks any more stands under its name. */
static void answer_fill(struct arena *a, const struct msg_lang *lang, const struct pack_kind *kind,
                        const struct jsonf_member *m, struct desk_answer *ret)
{
    *ret = (struct desk_answer){.label = m->name, .text = m->text, .place = SIZE_MAX};
    for (size_t i = 0; kind != NULL && i < kind->question_count; i++) {
        const struct pack_question *q = &kind->question[i];
        if (!str_eq(q->id, m->name))
            continue;
        ret->label = wording_pick(&q->label, msg_lang_tag(lang));
        ret->text = desk_answer_words(a, lang, q, m->text);
        ret->place = i;
    }
}

static int by_place(const void *a, const void *b)
{
    const struct desk_answer *x = a;
    const struct desk_answer *y = b;
    return (x->place > y->place) - (x->place < y->place);
}

enum err desk_answers(struct arena *a, const struct msg_lang *lang, const struct pack_kind *kind,
                      struct str answers, struct desk_answers *ret)
{
    struct jsonf f;
    struct jsonf_member m;
    ret->count = 0;
    if (answers.len == 0)
        return ERR_OK;
    jsonf_init(&f, answers);
    while (ret->count < DESK_ANSWERS_MAX && jsonf_next(&f, a, &m))
        if (m.kind == JSON_KIND_STRING)
            answer_fill(a, lang, kind, &m, &ret->items[ret->count++]);
    TRY(jsonf_err(&f));
    qsort(ret->items, ret->count, sizeof *ret->items, by_place);
    return ERR_OK;
}
