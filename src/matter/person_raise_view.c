/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/mem.h"
#include "http/frame.h"
#include "http/session.h"
#include "lib/text/words.h"
#include "matter/desk.h"
#include "matter/pages/raise_check.html.h"
#include "matter/pages/raise_code.html.h"
#include "matter/pages/raise_first.html.h"
#include "matter/pages/raise_identity.html.h"
#include "matter/pages/raise_kind.html.h"
#include "matter/pages/raise_questions.html.h"
#include "matter/pages/raise_sent.html.h"
#include "matter/pages/raise_tell.html.h"
#include "matter/pages/raise_what.html.h"
#include "matter/pages/raise_wish.html.h"
#include "matter/person_raise.h"
#include "matter/person_terms.h"

/* What every step's page begins with. */
static enum err open_page(struct request *req, const struct raise_draft *d, enum msg_key title,
                          struct page_person_frame *frame, struct page_error_summary *wrong,
                          struct page_raise_head *head)
{
    TRY(frame_person(req, frame, FRAME_TITLE(title)));
    TRY(frame_faults(req, wrong));
    head->csrf = request_csrf(req, "/raise");
    head->here = raise_step_word(d->at);
    for (int s = STEP_KIND; s < STEP_COUNT; s++) {
        if (!raise_step_is_on(req, d, (enum raise_step)s))
            continue;
        head->steps++;
        if (s <= (int)d->at)
            head->step++;
    }
    return ERR_OK;
}

/* ---- what it is about ---------------------------------------------------------------------------
 */

/* Whether the folded words are in the kind's name or example. */
static bool kind_has(const struct request *req, const struct pack_kind *kind, struct str folded)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 8192);
    if (words_fold(wording_pick(&kind->name, desk_lang(req)), &b) != ERR_OK ||
        words_fold(wording_pick(&kind->example, desk_lang(req)), &b) != ERR_OK)
        return true;
    return str_find(buf_view(&b), folded) != SIZE_MAX;
}

static enum err kinds_fill(struct request *req, const struct raise_draft *d,
                           struct page_raise_kind *v)
{
    const struct pack *p = desk_house(req)->pack;
    CLEANUP(buf_done) struct buf folded;
    buf_init(&folded, 4096);
    TRY(words_fold(d->find, &folded));
    v->kinds = ARENA_ARRAY(req->arena, p->kind_count + 1, struct page_raise_kind_kinds);
    if (v->kinds == NULL)
        return ERR_NOMEM;
    for (int all = d->find.len == 0; all < 2 && v->kinds_count == 0; all++) {
        v->none = all == 1 && d->find.len > 0;
        for (size_t i = 0; i < p->kind_count; i++) {
            const struct pack_kind *k = &p->kind[i];
            if (all == 0 && !kind_has(req, k, buf_view(&folded)))
                continue;
            v->kinds[v->kinds_count++] =
                (struct page_raise_kind_kinds){.id = k->id,
                                               .name = wording_pick(&k->name, desk_lang(req)),
                                               .example = wording_pick(&k->example, desk_lang(req)),
                                               .chosen = str_eq(k->id, d->kind)};
        }
    }
    return ERR_OK;
}

static enum err show_kind(struct request *req, const struct raise_draft *d)
{
    struct page_raise_kind v = {.find = d->find, .fault = frame_fault(req, "kind")};
    TRY(open_page(req, d, MSG_PERSON_KIND_HEAD, &v.frame, &v.wrong, &v.head));
    TRY(kinds_fill(req, d, &v));
    for (size_t i = 0; i < v.wrong.items_count && v.kinds_count > 0; i++)
        if (str_eq_c(v.wrong.items[i].field, "kind"))
            v.wrong.items[i].field =
                str_of(arena_printf(req->arena, "kind-" STR_FMT, STR_ARG(v.kinds[0].id)));
    page_raise_kind_render(req->html, &v, req->lang);
    return ERR_OK;
}

/* ---- what happened, what else, the wish ---------------------------------------------------------
 */

static enum err doors_of_what(struct request *req, const struct pack_kind *kind,
                              struct page_raise_what *v)
{
    struct door_row *rows;
    size_t n;
    TRY(terms_doors(req, kind, NULL, &rows, &n));
    v->doors = ARENA_ARRAY(req->arena, n + 1, struct page_raise_what_doors);
    if (v->doors == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++)
        v->doors[i] = (struct page_raise_what_doors){
            .name = rows[i].name, .body = rows[i].body, .how = rows[i].how};
    v->doors_count = n;
    return ERR_OK;
}

static enum err show_what(struct request *req, const struct raise_draft *d)
{
    struct page_raise_what v = {.title = d->title,
                                .text = d->text,
                                .place = d->place,
                                .happened = d->happened,
                                .danger = d->danger,
                                .title_fault = frame_fault(req, "title"),
                                .text_fault = frame_fault(req, "text"),
                                .place_fault = frame_fault(req, "place"),
                                .happened_fault = frame_fault(req, "happened")};
    TRY(open_page(req, d, MSG_PERSON_WHAT_HEAD, &v.frame, &v.wrong, &v.head));
    TRY(doors_of_what(req, raise_kind(req, d), &v));
    page_raise_what_render(req->html, &v, req->lang);
    return ERR_OK;
}

static enum err choices_fill(struct request *req, const struct pack_question *q, struct str answer,
                             struct page_field_choice *c)
{
    size_t n = q->type == PACK_YES_NO ? 2 : q->choice_count;
    c->items = ARENA_ARRAY(req->arena, n + 1, struct page_field_choice_items);
    if (c->items == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        struct page_field_choice_items *item = &c->items[i];
        if (q->type == PACK_YES_NO) {
            item->value = i == 0 ? STR("yes") : STR("no");
            item->label =
                msg_plain(req->lang, i == 0 ? MSG_PERSON_QUESTIONS_YES : MSG_PERSON_QUESTIONS_NO);
        } else {
            item->value = q->choice[i].id;
            item->label = wording_pick(&q->choice[i].name, desk_lang(req));
        }
        /* The list of faults leads to the name of the field: that is the first choice. */
        const char *id = i == 0 ? arena_printf(req->arena, STR_FMT, STR_ARG(c->name))
                                : arena_printf(req->arena, STR_FMT "-%zu", STR_ARG(c->name), i);
        if (id == NULL)
            return ERR_NOMEM;
        item->id = str_of(id);
        item->checked = str_eq(item->value, answer);
    }
    c->items_count = n;
    return ERR_OK;
}

static enum err question_fill(struct request *req, const struct raise_draft *d,
                              const struct pack_question *q, struct page_raise_questions_lines *v)
{
    const char *name = arena_printf(req->arena, "q_" STR_FMT, STR_ARG(q->id));
    if (name == NULL)
        return ERR_NOMEM;
    struct str answer = raise_answer(req, d, q->id);
    struct str label = wording_pick(&q->label, desk_lang(req));
    struct str hint = wording_pick(&q->help, desk_lang(req));
    if (q->type == PACK_TEXT) {
        v->is_lines = true;
        v->text = (struct page_field_lines){.name = str_of(name),
                                            .label = label,
                                            .hint = hint,
                                            .value = answer,
                                            .fault = frame_fault(req, name),
                                            .rows = 4};
        return ERR_OK;
    }
    if (q->type == PACK_CHOICE || q->type == PACK_YES_NO) {
        v->is_choice = true;
        v->choice = (struct page_field_choice){
            .name = str_of(name), .label = label, .hint = hint, .fault = frame_fault(req, name)};
        return choices_fill(req, q, answer, &v->choice);
    }
    v->is_line = true;
    v->line = (struct page_field_line){.name = str_of(name),
                                       .label = label,
                                       .hint = hint,
                                       .value = answer,
                                       .fault = frame_fault(req, name),
                                       .type = q->type == PACK_DATE ? STR("date") : STR("text"),
                                       .mode = q->type == PACK_NUMBER ? STR("numeric") : STR(""),
                                       .fill = STR("off"),
                                       .size = q->type == PACK_LINE ? STR("") : STR("hy-w10")};
    return ERR_OK;
}

static enum err show_questions(struct request *req, const struct raise_draft *d)
{
    const struct pack_kind *kind = raise_kind(req, d);
    size_t n = kind == NULL ? 0 : kind->question_count;
    struct page_raise_questions v = {.kind = desk_kind_name(req, d->kind)};
    TRY(open_page(req, d, MSG_PERSON_RAISE_TITLE, &v.frame, &v.wrong, &v.head));
    v.lines = ARENA_ARRAY(req->arena, n + 1, struct page_raise_questions_lines);
    if (v.lines == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++)
        if (raise_question_is_own(&kind->question[i]))
            TRY(question_fill(req, d, &kind->question[i], &v.lines[v.lines_count++]));
    page_raise_questions_render(req->html, &v, req->lang);
    return ERR_OK;
}

static enum err show_wish(struct request *req, const struct raise_draft *d)
{
    struct page_raise_wish v = {.wish = d->wish, .fault = frame_fault(req, "wish")};
    TRY(open_page(req, d, MSG_PERSON_WISH_HEAD, &v.frame, &v.wrong, &v.head));
    page_raise_wish_render(req->html, &v, req->lang);
    return ERR_OK;
}

/* ---- who may know what ------------------------------------------------------------------------
 */

static bool opens_by_two(const struct pack_kind *kind)
{
    return kind != NULL && kind->unseal_mode == 2;
}

static enum err show_identity(struct request *req, const struct raise_draft *d)
{
    const struct pack_kind *kind = raise_kind(req, d);
    struct str chosen = d->identity;
    struct page_raise_identity v = {.fault = frame_fault(req, "identity"),
                                    .known = kind != NULL && kind->may_be_known,
                                    .sealed = kind != NULL && kind->may_be_sealed,
                                    .nameless = kind != NULL && kind->may_be_anonymous,
                                    .two = opens_by_two(kind),
                                    .is_known = str_eq_c(chosen, "known"),
                                    .is_sealed = str_eq_c(chosen, "sealed"),
                                    .is_nameless = str_eq_c(chosen, "anonymous")};
    TRY(open_page(req, d, MSG_PERSON_IDENTITY_HEAD, &v.frame, &v.wrong, &v.head));
    const char *first = v.known ? "identity-known" : v.sealed ? "identity-sealed" : "main";
    for (size_t i = 0; i < v.wrong.items_count; i++)
        if (str_eq_c(v.wrong.items[i].field, "identity"))
            v.wrong.items[i].field = str_of(first);
    page_raise_identity_render(req->html, &v, req->lang);
    return ERR_OK;
}

static enum err show_tell(struct request *req, const struct raise_draft *d)
{
    struct page_raise_tell v = {.known = str_eq_c(d->identity, "known"),
                                .two = opens_by_two(raise_kind(req, d)),
                                .name = d->name,
                                .phone = d->phone,
                                .email = d->email,
                                .postal = d->postal,
                                .name_fault = frame_fault(req, "name"),
                                .phone_fault = frame_fault(req, "phone"),
                                .email_fault = frame_fault(req, "email"),
                                .postal_fault = frame_fault(req, "postal")};
    TRY(open_page(req, d, MSG_PERSON_TELL_HEAD, &v.frame, &v.wrong, &v.head));
    page_raise_tell_render(req->html, &v, req->lang);
    return ERR_OK;
}

/* ---- who reads it first
 * --------------------------------------------------------------------------
 */

static struct str shut_name(const struct request *req, struct str code)
{
    const struct office *o = office_find_code(house_tree(desk_house(req)), code);
    return o == NULL ? STR("") : office_name(o, desk_lang(req));
}

static enum err show_first(struct request *req, const struct raise_draft *d)
{
    struct page_raise_first v = {.none = false};
    TRY(open_page(req, d, MSG_PERSON_FIRST_HEAD, &v.frame, &v.wrong, &v.head));
    struct matter_first first = {.people = 0};
    enum err e = raise_first(req, d, &first);
    if (e != ERR_OK && e != ERR_REFUSED && e != ERR_NOT_FOUND && e != ERR_INVALID)
        return e;
    v.none = e != ERR_OK;
    v.office = desk_office_name(req, first.office);
    v.people = first.people;
    size_t most = house_tree(desk_house(req))->count + 1;
    v.shut = ARENA_ARRAY(req->arena, most, struct page_raise_first_shut);
    if (v.shut == NULL)
        return ERR_NOMEM;
    struct str rest = d->excluded;
    struct str code;
    while (v.shut_count < most && str_cut(&rest, ' ', &code))
        if (code.len > 0)
            v.shut[v.shut_count++].name = shut_name(req, code);
    page_raise_first_render(req->html, &v, req->lang);
    return ERR_OK;
}

/* ---- everything once more
 * ------------------------------------------------------------------------
 */

static void row_add(struct request *req, struct page_raise_check *v, enum msg_key label,
                    struct str value, enum raise_step step)
{
    v->rows[v->rows_count++] = (struct page_raise_check_rows){
        .label = msg_plain(req->lang, label),
        .value = value.len > 0 ? value : msg_plain(req->lang, MSG_PERSON_CHECK_EMPTY),
        .go = raise_step_word(step)};
}

static void check_answers(struct request *req, const struct raise_draft *d,
                          struct page_raise_check *v)
{
    const struct pack_kind *kind = raise_kind(req, d);
    for (size_t i = 0; kind != NULL && i < kind->question_count; i++) {
        const struct pack_question *q = &kind->question[i];
        if (!raise_question_is_own(q))
            continue;
        struct str answer = raise_answer(req, d, q->id);
        row_add(req, v, MSG_PERSON_CHECK_EMPTY, desk_answer_words(req->arena, req->lang, q, answer),
                STEP_QUESTIONS);
        v->rows[v->rows_count - 1].label = wording_pick(&q->label, desk_lang(req));
    }
}

static void check_person(struct request *req, const struct raise_draft *d,
                         struct page_raise_check *v)
{
    enum msg_key word = str_eq_c(d->identity, "known")    ? MSG_PERSON_IDENTITY_KNOWN
                        : str_eq_c(d->identity, "sealed") ? MSG_PERSON_IDENTITY_SEALED
                                                          : MSG_PERSON_IDENTITY_ANONYMOUS;
    row_add(req, v, MSG_PERSON_CHECK_IDENTITY, msg_plain(req->lang, word), STEP_IDENTITY);
    if (str_eq_c(d->identity, "anonymous"))
        return;
    row_add(req, v, MSG_PERSON_CHECK_NAME, d->name, STEP_TELL);
    row_add(req, v, MSG_PERSON_CHECK_PHONE, d->phone, STEP_TELL);
    row_add(req, v, MSG_PERSON_CHECK_EMAIL, d->email, STEP_TELL);
    row_add(req, v, MSG_PERSON_CHECK_POSTAL, d->postal, STEP_TELL);
}

static enum err check_terms(struct request *req, const struct raise_draft *d,
                            struct page_raise_check *v)
{
    struct terms t;
    TRY(terms_of_kind(req, raise_kind(req, d), &t));
    v->terms = ARENA_ARRAY(req->arena, t.count + 1, struct page_raise_check_terms);
    if (v->terms == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < t.count; i++)
        v->terms[i] = (struct page_raise_check_terms){
            .name = t.items[i].name, .last = t.items[i].last, .law = t.items[i].law};
    v->terms_count = t.count;
    return ERR_OK;
}

static enum err show_check(struct request *req, const struct raise_draft *d)
{
    const struct pack_kind *kind = raise_kind(req, d);
    size_t most = 16 + (kind == NULL ? 0 : kind->question_count);
    struct page_raise_check v = {.rows_count = 0};
    TRY(open_page(req, d, MSG_PERSON_CHECK_HEAD, &v.frame, &v.wrong, &v.head));
    v.rows = ARENA_ARRAY(req->arena, most, struct page_raise_check_rows);
    if (v.rows == NULL)
        return ERR_NOMEM;
    row_add(req, &v, MSG_PERSON_CHECK_KIND, desk_kind_name(req, d->kind), STEP_KIND);
    row_add(req, &v, MSG_PERSON_CHECK_TITLE, d->title, STEP_WHAT);
    row_add(req, &v, MSG_PERSON_CHECK_TEXT, d->text, STEP_WHAT);
    row_add(req, &v, MSG_PERSON_CHECK_PLACE, d->place, STEP_WHAT);
    row_add(req, &v, MSG_PERSON_CHECK_HAPPENED, desk_iso_long(req->arena, req->lang, d->happened),
            STEP_WHAT);
    if (d->danger)
        row_add(req, &v, MSG_PERSON_CHECK_DANGER, msg_plain(req->lang, MSG_PERSON_CHECK_DANGER_YES),
                STEP_WHAT);
    check_answers(req, d, &v);
    row_add(req, &v, MSG_PERSON_CHECK_WISH, d->wish, STEP_WISH);
    check_person(req, d, &v);
    struct matter_first first = {.people = 0};
    TRY(raise_first(req, d, &first));
    row_add(req, &v, MSG_PERSON_CHECK_FIRST, desk_office_name(req, first.office), STEP_FIRST);
    TRY(check_terms(req, d, &v));
    page_raise_check_render(req->html, &v, req->lang);
    return ERR_OK;
}

/* ---- the code, and after it ---------------------------------------------------------------------
 */

static enum err code_fill(struct request *req, struct str digits, struct page_raise_code *v)
{
    v->groups = ARENA_ARRAY(req->arena, 6, struct page_raise_code_groups);
    if (v->groups == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < 6; i++)
        v->groups[i].digits = str_sub(digits, 4 * i, 4);
    v->groups_count = 6;
    v->fault = frame_fault(req, "last4");
    return ERR_OK;
}

enum err raise_code_show(struct request *req, struct str digits, bool replacing, struct str csrf)
{
    struct page_raise_code v = {.replacing = replacing, .head = {.csrf = csrf}};
    TRY(frame_person(req, &v.frame, FRAME_TITLE(MSG_PERSON_CODE_TITLE)));
    TRY(frame_faults(req, &v.wrong));
    TRY(code_fill(req, digits, &v));
    page_raise_code_render(req->html, &v, req->lang);
    return reply_html(req, 200);
}

static enum err show_code(struct request *req, const struct raise_draft *d)
{
    struct page_raise_code v = {.replacing = false};
    TRY(open_page(req, d, MSG_PERSON_CODE_TITLE, &v.frame, &v.wrong, &v.head));
    TRY(code_fill(req, d->code, &v));
    page_raise_code_render(req->html, &v, req->lang);
    return ERR_OK;
}

static enum err sent_rows(struct request *req, const struct matter_story *s,
                          struct page_raise_sent *v)
{
    struct terms t;
    struct door_row *doors;
    size_t n;
    TRY(terms_of_matter(req, &s->now, s->events, s->count, true, &t));
    TRY(terms_doors(req, pack_find_kind(desk_house(req)->pack, s->now.kind), &s->now, &doors, &n));
    v->terms = ARENA_ARRAY(req->arena, t.count + 1, struct page_raise_sent_terms);
    v->doors = ARENA_ARRAY(req->arena, n + 1, struct page_raise_sent_doors);
    if (v->terms == NULL || v->doors == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < t.count; i++)
        v->terms[i] = (struct page_raise_sent_terms){
            .name = t.items[i].name, .last = t.items[i].last, .law = t.items[i].law};
    for (size_t i = 0; i < n; i++)
        v->doors[i] = (struct page_raise_sent_doors){.name = doors[i].name,
                                                     .body = doors[i].body,
                                                     .how = doors[i].how,
                                                     .last = doors[i].last};
    v->terms_count = t.count;
    v->doors_count = n;
    return ERR_OK;
}

static enum err show_sent(struct request *req)
{
    if (req->person == NULL || req->person->dossier.v == 0)
        return ERR_NOT_FOUND;
    struct dossier_id id = req->person->dossier;
    struct matter_story s;
    TRY(matter_story_load(req->db, req->arena, desk_house(req), id, false, &s));
    const struct office *o = office_find(house_tree(desk_house(req)), s.now.owner);
    struct page_raise_sent v = {.ref = desk_ref(req, id),
                                .office = desk_office_name(req, s.now.owner),
                                .phone = o == NULL ? STR("") : o->phone,
                                .day = s.now.received_day,
                                .csrf = request_csrf(req, "/mine")};
    v.again_csrf = request_csrf(req, "/raise");
    TRY(frame_person(req, &v.frame, FRAME_TITLE(MSG_PERSON_SENT_TITLE)));
    TRY(sent_rows(req, &s, &v));
    page_raise_sent_render(req->html, &v, req->lang);
    return ERR_OK;
}

static enum err show_step(struct request *req, const struct raise_draft *d)
{
    switch (d->at) {
    case STEP_KIND:
        return show_kind(req, d);
    case STEP_WHAT:
        return show_what(req, d);
    case STEP_QUESTIONS:
        return show_questions(req, d);
    case STEP_WISH:
        return show_wish(req, d);
    case STEP_IDENTITY:
        return show_identity(req, d);
    case STEP_TELL:
        return show_tell(req, d);
    case STEP_FIRST:
        return show_first(req, d);
    case STEP_CHECK:
        return show_check(req, d);
    case STEP_CODE:
        return show_code(req, d);
    case STEP_NONE:
    case STEP_COUNT:
    default:
        return ERR_INTERNAL;
    }
}

enum err raise_show(struct request *req, const struct raise_draft *d)
{
    TRY(d->is_sent ? show_sent(req) : show_step(req, d));
    bool wrong = req->faults.count > 0 || req->err.err != ERR_OK;
    return reply_html(req, wrong ? 422 : 200);
}
