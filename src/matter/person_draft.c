/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "matter/person_raise.h"

#include "base/mem.h"
#include "http/session.h"
#include "lib/json/jsonr.h"
#include "lib/json/jsonw.h"
#include "matter/desk.h"

/* The texts of a draft by the names they have in the session. */
static const struct draft_text {
    const char *name;
    size_t offset;
} TEXTS[] = {
    {"kind", offsetof(struct raise_draft, kind)},
    {"find", offsetof(struct raise_draft, find)},
    {"title", offsetof(struct raise_draft, title)},
    {"text", offsetof(struct raise_draft, text)},
    {"place", offsetof(struct raise_draft, place)},
    {"happened", offsetof(struct raise_draft, happened)},
    {"answers", offsetof(struct raise_draft, answers)},
    {"wish", offsetof(struct raise_draft, wish)},
    {"identity", offsetof(struct raise_draft, identity)},
    {"name", offsetof(struct raise_draft, name)},
    {"phone", offsetof(struct raise_draft, phone)},
    {"email", offsetof(struct raise_draft, email)},
    {"postal", offsetof(struct raise_draft, postal)},
    {"excluded", offsetof(struct raise_draft, excluded)},
    {"code", offsetof(struct raise_draft, code)},
    {"lookup", offsetof(struct raise_draft, lookup)},
    {"used", offsetof(struct raise_draft, used)},
    {"done", offsetof(struct raise_draft, done)},
};
enum { TEXT_COUNT = sizeof TEXTS / sizeof TEXTS[0] };

static const char *const STEP_WORDS[STEP_COUNT] = {
    [STEP_NONE] = "",           [STEP_KIND] = "kind",   [STEP_WHAT] = "what",
    [STEP_QUESTIONS] = "asked", [STEP_WISH] = "wish",   [STEP_IDENTITY] = "identity",
    [STEP_TELL] = "tell",       [STEP_FIRST] = "first", [STEP_CHECK] = "check",
    [STEP_CODE] = "code",
};

static const struct str *text_of(const struct raise_draft *d, size_t i)
{
    return (const struct str *)(const void *)((const char *)d + TEXTS[i].offset);
}

enum err raise_draft_load(struct request *req, struct raise_draft *ret_draft)
{
    *ret_draft = (struct raise_draft){.at = STEP_KIND};
    if (req->person == NULL || req->person->draft.len == 0)
        return ERR_OK;
    const struct json *top = NULL;
    enum err e = jsonr_parse(req->arena, req->person->draft, &JSONR_SMALL, NULL, &top);
    if (e == ERR_NOMEM)
        return e;
    if (e != ERR_OK)
        return ERR_OK; /* written by another version: begin again */
    for (size_t i = 0; i < TEXT_COUNT; i++)
        *(struct str *)(void *)((char *)ret_draft + TEXTS[i].offset) =
            jsonr_get_str(top, TEXTS[i].name);
    ret_draft->danger = jsonr_get_bool(top, "danger", false);
    ret_draft->is_sent = jsonr_get_bool(top, "sent", false);
    int64_t at = jsonr_get_i64(top, "at", STEP_KIND);
    ret_draft->at = at > STEP_NONE && at < STEP_COUNT ? (enum raise_step)at : STEP_KIND;
    return ERR_OK;
}

enum err raise_draft_save(struct tx *tx, struct request *req, const struct raise_draft *d,
                          struct dossier_id dossier, bool fresh)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, SESSION_DRAFT_BYTES_MAX);
    struct jsonw w;
    jsonw_init(&w, &b, JSONW_PLAIN);
    jsonw_object(&w);
    jsonw_member_i64(&w, "at", d->at);
    jsonw_member_bool(&w, "danger", d->danger);
    jsonw_member_bool(&w, "sent", d->is_sent);
    for (size_t i = 0; i < TEXT_COUNT; i++)
        if (text_of(d, i)->len > 0)
            jsonw_member_str(&w, TEXTS[i].name, *text_of(d, i));
    jsonw_end(&w);
    TRY(buf_err(&b));
    TRY(jsonw_err(&w));
    /* The session of the request shows the draft from now on: it lives as long as the request. */
    struct person_session s = {.dossier = dossier, .draft = str_copy(req->arena, buf_view(&b))};
    if (s.draft.ptr == NULL)
        return ERR_NOMEM;
    if (req->person != NULL && !fresh) {
        s.made_us = req->person->made_us;
        s.seen_us = req->person->seen_us;
    }
    return session_person_save(tx, req, &s, fresh);
}

const struct pack_kind *raise_kind(const struct request *req, const struct raise_draft *d)
{
    return d->kind.len == 0 ? NULL : pack_find_kind(desk_house(req)->pack, d->kind);
}

bool raise_question_is_own(const struct pack_question *q)
{
    return q->base != PACK_ASK_WHAT && q->base != PACK_ASK_PLACE && q->base != PACK_ASK_WHEN &&
           q->base != PACK_ASK_WISH;
}

bool raise_step_is_on(const struct request *req, const struct raise_draft *d, enum raise_step s)
{
    if (s == STEP_TELL)
        return !str_eq_c(d->identity, "anonymous");
    if (s != STEP_QUESTIONS)
        return s > STEP_NONE && s < STEP_COUNT;
    const struct pack_kind *kind = raise_kind(req, d);
    for (size_t i = 0; kind != NULL && i < kind->question_count; i++)
        if (raise_question_is_own(&kind->question[i]))
            return true;
    return false;
}

enum raise_step raise_step_next(const struct request *req, const struct raise_draft *d)
{
    enum raise_step s = d->at;
    while (s < STEP_CODE && !raise_step_is_on(req, d, ++s))
        ;
    return s;
}

enum raise_step raise_step_before(const struct request *req, const struct raise_draft *d)
{
    enum raise_step s = d->at;
    while (s > STEP_KIND && !raise_step_is_on(req, d, --s))
        ;
    return s;
}

struct str raise_step_word(enum raise_step s)
{
    return s < STEP_COUNT ? str_of(STEP_WORDS[s]) : STR("");
}

enum raise_step raise_step_find(struct str word)
{
    for (int s = STEP_KIND; s < STEP_COUNT; s++)
        if (str_eq_c(word, STEP_WORDS[s]))
            return (enum raise_step)s;
    return STEP_NONE;
}

struct str raise_answer(const struct request *req, const struct raise_draft *d, struct str id)
{
    const struct json *top = NULL;
    if (d->answers.len == 0 ||
        jsonr_parse(req->arena, d->answers, &JSONR_SMALL, NULL, &top) != ERR_OK ||
        top->kind != JSON_KIND_OBJECT)
        return STR("");
    for (size_t i = 0; i < top->count; i++)
        if (str_eq(top->name[i], id))
            return top->item[i].text;
    return STR("");
}
