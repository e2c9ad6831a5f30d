/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "matter/person_raise.h"

#include "base/instant.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "lib/text/words.h"
#include "lib/text/zone.h"
#include "matter/desk.h"
#include "matter/use.h"
#include "trust/code.h"

#include <string.h>

/* One form for every step: each page sends its own fields, the rest is left out. */
struct raise_input {
    struct str step;
    struct str go;
    struct str kind;
    struct str find;
    struct str title;
    struct str text;
    struct str place;
    struct str happened;
    bool danger;
    struct form_pairs q;
    struct str wish;
    struct str identity;
    struct str name;
    struct str phone;
    struct str email;
    struct str postal;
    struct str last4;
};

enum { QUESTIONS_MAX = 40 };

static const struct form_field RAISE_FIELDS[] = {
    FORM_TEXT(struct raise_input, step, 0, 20),
    FORM_TEXT(struct raise_input, go, 0, 20),
    FORM_TEXT(struct raise_input, kind, 0, 60),
    FORM_TEXT(struct raise_input, find, 0, 60),
    FORM_TEXT(struct raise_input, title, 0, 120),
    FORM_LINES(struct raise_input, text, 0, RAISE_TEXT_MAX),
    FORM_TEXT(struct raise_input, place, 0, 200),
    FORM_TEXT(struct raise_input, happened, 0, 20),
    FORM_FLAG(struct raise_input, danger),
    FORM_PAIRS(struct raise_input, q, "q_", QUESTIONS_MAX),
    FORM_LINES(struct raise_input, wish, 0, 4000),
    FORM_TEXT(struct raise_input, identity, 0, 20),
    FORM_TEXT(struct raise_input, name, 0, 60),
    FORM_TEXT(struct raise_input, phone, 0, 40),
    FORM_TEXT(struct raise_input, email, 0, 254),
    FORM_LINES(struct raise_input, postal, 0, 300),
    FORM_TEXT(struct raise_input, last4, 0, 12),
};
const struct form RAISE_FORM = FORM_INIT("raise", struct raise_input, RAISE_FIELDS);

/* From prepare to act and reply. */
struct raise_model {
    struct raise_draft draft;
    bool send;
    bool done_before; /* the matter stands already: nothing to write */
    struct matter_raise raise;
    struct identity card;
    uint8_t lookup[32];
    struct id16 handle;
};

/* ---- taking a page into the draft ------------------------------------------------------------ */

/* Only what the kind asks is kept. */
static enum err take_answers(struct request *req, const struct pack_kind *kind,
                             const struct form_pairs *q, struct raise_draft *d)
{
    struct form_pair given[QUESTIONS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < kind->question_count; i++)
        for (size_t k = 0; k < q->count && count < QUESTIONS_MAX; k++)
            if (raise_question_is_own(&kind->question[i]) &&
                str_eq(q->items[k].name, kind->question[i].id)) {
                given[count++] = q->items[k];
                break;
            }
    return matter_answers_write(req->arena, given, count, &d->answers);
}

static enum err take_page(struct request *req, const struct raise_input *in, enum raise_step step,
                          struct raise_draft *d)
{
    const struct pack_kind *kind = raise_kind(req, d);
    if (step == STEP_KIND) {
        d->find = in->find;
        if (in->kind.len > 0 && !str_eq(in->kind, d->kind)) {
            d->kind = in->kind;
            d->answers = STR(""); /* of another kind's questions */
            d->identity = STR("");
        }
    } else if (step == STEP_WHAT) {
        d->title = in->title;
        d->text = in->text;
        d->place = in->place;
        d->happened = in->happened;
        d->danger = in->danger;
    } else if (step == STEP_QUESTIONS && kind != NULL) {
        TRY(take_answers(req, kind, &in->q, d));
    } else if (step == STEP_WISH) {
        d->wish = in->wish;
    } else if (step == STEP_IDENTITY && in->identity.len > 0) {
        d->identity = in->identity;
    } else if (step == STEP_TELL) {
        d->name = in->name;
        d->phone = in->phone;
        d->email = in->email;
        d->postal = in->postal;
    }
    return ERR_OK;
}

/* ---- looking a step over ----------------------------------------------------------------------
 */

static enum err refuse(struct request *req, const char *field, const char *key)
{
    form_fault_add(&req->faults, field, key);
    return ERR_INVALID;
}

enum err raise_refuse_code(struct request *req, const char *field, struct str text)
{
    struct str digits = STR_NULL;
    uint8_t lookup[32];
    if (code_in_text(text, &digits) &&
        keeper_code_find(desk_house(req)->keeper, digits, lookup) == KEEPER_OK)
        return refuse(req, field, "person.what.has_code");
    return ERR_OK;
}

static enum err check_what(struct request *req, struct raise_draft *d)
{
    enum err e = ERR_OK;
    if (d->title.len == 0)
        e = refuse(req, "title", "person.what.title_empty");
    if (d->text.len == 0)
        e = refuse(req, "text", "person.what.text_empty");
    CLEANUP(buf_done) struct buf plain;
    buf_init(&plain, 256);
    words_ascii_digits(d->happened, &plain);
    int32_t day = 0;
    if (d->happened.len > 0 && !day_parse(buf_view(&plain), &day))
        e = refuse(req, "happened", "person.questions.bad_date");
    else if (d->happened.len > 0 && day > desk_today(req))
        e = refuse(req, "happened", "person.what.future");
    else if (d->happened.len > 0)
        d->happened = str_copy(req->arena, buf_view(&plain));
    if (raise_refuse_code(req, "text", d->text) != ERR_OK ||
        raise_refuse_code(req, "title", d->title) != ERR_OK)
        e = ERR_INVALID;
    return e;
}

static bool is_choice_of(const struct pack_question *q, struct str answer)
{
    if (q->type == PACK_YES_NO)
        return str_eq_c(answer, "yes") || str_eq_c(answer, "no");
    for (size_t i = 0; i < q->choice_count; i++)
        if (str_eq(answer, q->choice[i].id))
            return true;
    return false;
}

static const char *answer_fault(const struct pack_question *q, struct str answer)
{
    int32_t day = 0;
    int64_t n = 0;
    if (answer.len == 0)
        return q->required ? "person.questions.needed" : NULL;
    if ((q->type == PACK_CHOICE || q->type == PACK_YES_NO) && !is_choice_of(q, answer))
        return "person.questions.bad_choice";
    if (q->type == PACK_DATE && !day_parse(answer, &day))
        return "person.questions.bad_date";
    if (q->type == PACK_NUMBER && !str_to_i64(answer, -1000000000000, 1000000000000, &n))
        return "person.questions.bad_number";
    return NULL;
}

static enum err check_questions(struct request *req, const struct raise_draft *d)
{
    enum err e = ERR_OK;
    const struct pack_kind *kind = raise_kind(req, d);
    for (size_t i = 0; kind != NULL && i < kind->question_count; i++) {
        const struct pack_question *q = &kind->question[i];
        if (!raise_question_is_own(q))
            continue;
        struct str answer = raise_answer(req, d, q->id);
        const char *field = arena_printf(req->arena, "q_" STR_FMT, STR_ARG(q->id));
        if (field == NULL)
            return ERR_NOMEM;
        const char *key = answer_fault(q, answer);
        int64_t most = q->max_chars > 0 ? q->max_chars : RAISE_ANSWER_MAX;
        if (key == NULL && (int64_t)utf8_count(answer) > most) {
            e = refuse(req, field, "person.questions.too_long");
            req->faults.items[req->faults.count - 1].max = most;
        } else if (key != NULL) {
            e = refuse(req, field, key);
        }
        if (raise_refuse_code(req, field, answer) != ERR_OK)
            e = ERR_INVALID;
    }
    return e;
}

static bool may_choose(const struct pack_kind *kind, struct str identity)
{
    return (kind->may_be_known && str_eq_c(identity, "known")) ||
           (kind->may_be_sealed && str_eq_c(identity, "sealed")) ||
           (kind->may_be_anonymous && str_eq_c(identity, "anonymous"));
}

static enum err check_tell(struct request *req, const struct raise_draft *d)
{
    enum err e = ERR_OK;
    CLEANUP(buf_done) struct buf digits;
    buf_init(&digits, 256);
    words_only_digits(d->phone, &digits);
    if (d->phone.len > 0 && (buf_view(&digits).len < 3 || buf_view(&digits).len > 20))
        e = refuse(req, "phone", "person.tell.bad_phone");
    size_t at = str_find(d->email, STR("@"));
    if (d->email.len > 0 && (at == SIZE_MAX || at == 0 || at + 1 == d->email.len ||
                             str_find(d->email, STR(" ")) != SIZE_MAX))
        e = refuse(req, "email", "person.tell.bad_email");
    return e;
}

/* ERR_INVALID with faults when the draft cannot go past that step. */
static enum err check_step(struct request *req, struct raise_draft *d, enum raise_step step)
{
    const struct pack_kind *kind = raise_kind(req, d);
    switch (step) {
    case STEP_KIND:
        return kind == NULL ? refuse(req, "kind", "person.kind.fault") : ERR_OK;
    case STEP_WHAT:
        return check_what(req, d);
    case STEP_QUESTIONS:
        return check_questions(req, d);
    case STEP_WISH:
        return raise_refuse_code(req, "wish", d->wish);
    case STEP_IDENTITY:
        return kind == NULL || !may_choose(kind, d->identity)
                   ? refuse(req, "identity", "person.identity.fault")
                   : ERR_OK;
    case STEP_TELL:
        return check_tell(req, d);
    case STEP_FIRST:
    case STEP_CHECK:
    case STEP_CODE:
    case STEP_NONE:
    case STEP_COUNT:
    default:
        return ERR_OK;
    }
}

/* Everything before `until` once more: a stale page or another tab may have left a hole. The draft
 * is moved to the first step that is not whole. */
static enum err check_all(struct request *req, struct raise_draft *d, enum raise_step until)
{
    for (int s = STEP_KIND; s < (int)until; s++) {
        enum raise_step step = (enum raise_step)s;
        enum err e = raise_step_is_on(req, d, step) ? check_step(req, d, step) : ERR_OK;
        if (e != ERR_OK) {
            d->at = step;
            return e;
        }
    }
    return ERR_OK;
}

/* ---- going on ----------------------------------------------------------------------------------
 */

static enum err exclude_first(struct request *req, struct raise_draft *d)
{
    struct matter_first first;
    enum err e = raise_first(req, d, &first);
    if (e == ERR_REFUSED || e == ERR_NOT_FOUND || e == ERR_INVALID)
        return ERR_OK;
    TRY(e);
    const struct office *o = office_find(house_tree(desk_house(req)), first.office);
    if (o == NULL)
        return ERR_OK;
    const char *codes =
        arena_printf(req->arena, STR_FMT STR_FMT " ", STR_ARG(d->excluded), STR_ARG(o->code));
    if (codes == NULL)
        return ERR_NOMEM;
    d->excluded = str_of(codes);
    return ERR_OK;
}

enum err raise_code_new(struct request *req, struct raise_draft *d)
{
    struct code code;
    TRY(keeper_err(keeper_code_new(desk_house(req)->keeper, &code)));
    CLEANUP(buf_done) struct buf hex;
    buf_init(&hex, 65);
    buf_hex(&hex, code.lookup, sizeof code.lookup);
    d->code = str_copy(req->arena, str_make(code.digits, CODE_DIGITS));
    d->lookup = str_copy(req->arena, buf_view(&hex));
    code_wipe(&code);
    return d->code.ptr == NULL || d->lookup.ptr == NULL ? ERR_NOMEM : ERR_OK;
}

/* The last four digits, typed in digits of any script. */
static bool last4_is_right(struct str code, struct str typed)
{
    CLEANUP(buf_done) struct buf digits;
    buf_init(&digits, 64);
    words_only_digits(typed, &digits);
    return code.len == CODE_DIGITS && str_eq(buf_view(&digits), str_sub(code, CODE_DIGITS - 4, 4));
}

static enum err seal(struct request *req, struct raise_model *m)
{
    uint8_t tlv[KEEPER_IDENTITY_BYTES_MAX];
    size_t len = 0;
    struct str lang = desk_lang(req);
    struct identity who = m->card;
    who.lang = str_sub(lang, 0, 2);
    bool sealed = str_eq_c(m->draft.identity, "sealed");
    if (sealed)
        TRY(identity_encode(&who, tlv, sizeof tlv, &len));
    const struct keeper_seal in = {.policy = POLICY_DEFAULT,
                                   .identity = str_make(tlv, len),
                                   .channel = NOTIFY_NONE,
                                   .lang = str_sub(lang, 0, 2),
                                   .now_us = req->now_us};
    enum keeper_status s = keeper_seal(desk_house(req)->keeper, &in, &m->handle);
    crypt_wipe(tlv, sizeof tlv);
    return keeper_err(s);
}

static enum err send_prepare(struct request *req, const struct raise_input *in,
                             struct raise_model *m)
{
    struct raise_draft *d = &m->draft;
    d->at = STEP_CODE;
    TRY(check_all(req, d, STEP_CODE));
    if (!last4_is_right(d->code, in->last4))
        return refuse(req, "last4", "person.code.wrong");
    if (!request_budget(req, BUDGET_RAISE, 1))
        return err_set(&req->err, ERR_BUSY, "person.raise.often", NULL);
    if (!str_from_hex(d->lookup, m->lookup, sizeof m->lookup))
        return ERR_CORRUPT;
    TRY(raise_build(req, d, &m->raise, &m->card));
    TRY(seal(req, m));
    m->raise.lookup = m->lookup;
    m->raise.handle = &m->handle;
    m->raise.card = str_eq_c(d->identity, "known") ? &m->card : NULL;
    m->send = true;
    return ERR_OK;
}

static enum err go_next(struct request *req, const struct raise_input *in, enum raise_step step,
                        struct raise_model *m)
{
    struct raise_draft *d = &m->draft;
    if (step == STEP_CODE)
        return send_prepare(req, in, m);
    d->at = step;
    TRY(check_step(req, d, step));
    d->at = raise_step_next(req, d);
    TRY(check_all(req, d, d->at));
    if (d->at > STEP_FIRST) {
        struct matter_first first;
        enum err e = raise_first(req, d, &first);
        if (e == ERR_REFUSED || e == ERR_NOT_FOUND) {
            d->at = STEP_FIRST; /* the page says that nobody is left */
            return ERR_OK;
        }
        TRY(e);
    }
    if (d->at == STEP_CODE && d->code.len == 0)
        TRY(raise_code_new(req, d));
    return ERR_OK;
}

enum err raise_prepare(struct request *req)
{
    const struct raise_input *in = request_form(req);
    struct raise_model *m = ARENA_NEW(req->arena, struct raise_model);
    if (m == NULL)
        return ERR_NOMEM;
    req->model = m;
    struct raise_draft *d = &m->draft;
    TRY(raise_draft_load(req, d));
    if (d->is_sent && !str_eq_c(in->go, "new")) {
        m->done_before = true;
        return ERR_OK;
    }
    if (d->is_sent)
        *d = (struct raise_draft){.at = STEP_KIND};
    if (str_eq_c(in->go, "new"))
        return ERR_OK;
    d->used = STR(""); /* whoever raises something new leaves the matter he looked at */
    enum raise_step step = raise_step_find(in->step);
    if (step == STEP_NONE)
        return ERR_OK; /* not a page of ours: show where the draft is */
    TRY(take_page(req, in, step, d));
    if (str_eq_c(in->go, "next"))
        return go_next(req, in, step, m);
    d->at = step;
    if (str_eq_c(in->go, "back"))
        d->at = raise_step_before(req, d);
    else if (str_eq_c(in->go, "exclude"))
        return exclude_first(req, d);
    else if (str_eq_c(in->go, "include"))
        d->excluded = STR("");
    else if (raise_step_find(in->go) != STEP_NONE && raise_step_find(in->go) < step)
        d->at = raise_step_find(in->go);
    return ERR_OK;
}

enum err raise_act(struct tx *tx, struct request *req)
{
    struct raise_model *m = req->model;
    if (m->done_before)
        return ERR_OK;
    if (!m->send)
        return raise_draft_save(tx, req, &m->draft, (struct dossier_id){0}, false);
    struct matter_done done;
    TRY(matter_raise(tx, &m->raise, &done));
    const struct raise_draft sent = {
        .is_sent = true, .at = STEP_KIND, .kind = m->draft.kind, .used = m->draft.lookup};
    return raise_draft_save(tx, req, &sent, done.id, true);
}

enum err raise_reply(struct request *req)
{
    return reply_see_other(req, STR("/raise"));
}

enum err raise_view(struct request *req)
{
    struct raise_draft d;
    TRY(raise_draft_load(req, &d));
    if (!d.is_sent && d.used.len > 0)
        d = (struct raise_draft){.at = STEP_KIND};
    return raise_show(req, &d);
}

/* The form came with something no step takes (too long, a control character): the page it came
 * from, with everything as it was typed. */
static enum err typed_draft(struct request *req, struct raise_draft *d)
{
    struct raise_input in = {.step = request_typed(req, "step"),
                             .kind = request_typed(req, "kind"),
                             .find = request_typed(req, "find"),
                             .title = request_typed(req, "title"),
                             .text = request_typed(req, "text"),
                             .place = request_typed(req, "place"),
                             .happened = request_typed(req, "happened"),
                             .danger = request_typed(req, "danger").len > 0,
                             .wish = request_typed(req, "wish"),
                             .identity = request_typed(req, "identity"),
                             .name = request_typed(req, "name"),
                             .phone = request_typed(req, "phone"),
                             .email = request_typed(req, "email"),
                             .postal = request_typed(req, "postal")};
    enum raise_step step = raise_step_find(in.step);
    const struct raise_input *parsed = request_form(req);
    if (parsed != NULL)
        in.q = parsed->q;
    TRY(take_page(req, &in, step, d));
    d->at = step == STEP_NONE ? d->at : step;
    return ERR_OK;
}

enum err raise_again(struct request *req)
{
    struct raise_model *m = req->model;
    if (m != NULL)
        return raise_show(req, &m->draft);
    struct raise_draft d;
    TRY(raise_draft_load(req, &d));
    if (!d.is_sent)
        TRY(typed_draft(req, &d));
    return raise_show(req, &d);
}
