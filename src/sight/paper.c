/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sight/paper.h"

#include "base/instant.h"
#include "base/mem.h"
#include "db/writer.h"
#include "http/request.h"
#include "lib/text/date.h"
#include "matter/desk.h"
#include "matter/desk.sql.h"
#include "matter/use.h"
#include "sight/letters.h"
#include "spine/keys.h"
#include "trust/code.h"
#include "trust/keeper.h"

enum { WORDS_BYTES_MAX = 1 << 20 };

struct paper_input {
    int32_t paper_lang;
};

static const char *const langs[] = {"zh-CN", "en", NULL};
static const struct form_field PAPER_FIELDS[] = {
    FORM_CHOICE(struct paper_input, paper_lang, langs, false),
};
static const struct form PAPER_FORM = FORM_INIT("paper", struct paper_input, PAPER_FIELDS);

/* A letter being filled in. */
struct filling {
    struct request *req;
    const struct house *h;
    struct matter_story story;
    const struct matter_body *received;
    const struct matter_body *admitted; /* NULL: not yet */
    const struct matter_body *answered; /* the last answer; NULL: none */
    struct str lang;
    struct letter l;
};

/* ---- words
 * --------------------------------------------------------------------------------------- */

static struct str kept(struct filling *f, struct buf *b)
{
    if (buf_err(b) != ERR_OK)
        return STR("");
    const struct str copy = str_copy(f->req->arena, buf_view(b));
    return copy.ptr == NULL ? STR("") : copy;
}

static struct str law_of(struct filling *f, const struct due_rule *rule)
{
    const struct str law = wording_pick(&rule->source.law, f->lang);
    const struct str article = wording_pick(&rule->source.article, f->lang);
    const bool is_zh = str_starts(f->lang, STR("zh"));
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, WORDS_BYTES_MAX);
    buf_str(&b, law);
    if (law.len > 0 && article.len > 0 && !is_zh)
        buf_c(&b, ", ");
    buf_str(&b, article);
    return kept(f, &b);
}

static struct str word(const struct filling *f, enum msg_key key)
{
    return key == MSG_NONE ? STR("") : msg_plain(f->l.lang, key);
}

/* ---- parts
 * --------------------------------------------------------------------------------------- */

static void fill_office(struct filling *f, struct office_id id)
{
    const struct office *o = office_find(house_tree(f->h), id);
    if (o == NULL)
        return;
    const bool is_zh = str_starts(f->lang, STR("zh"));
    f->l.office = (struct letter_office){.name = office_name(o, f->lang),
                                         .address = o->address,
                                         .phone = o->phone,
                                         .hours = is_zh ? o->hours_zh : o->hours_en};
}

/* What was asked for the kind, under the account itself. */
static struct str whole_text(struct filling *f)
{
    const struct matter_body *b = f->received;
    const struct pack_kind *kind = pack_find_kind(f->h->pack, b->kind);
    struct desk_answers said;
    if (desk_answers(f->req->arena, f->l.lang, kind, b->answers, &said) != ERR_OK ||
        said.count == 0)
        return b->text;
    CLEANUP(buf_done) struct buf text;
    buf_init(&text, WORDS_BYTES_MAX);
    buf_str(&text, b->text);
    for (size_t i = 0; i < said.count; i++) {
        buf_char(&text, '\n');
        buf_str(&text, said.items[i].label);
        buf_c(&text, " ");
        buf_str(&text, said.items[i].text);
    }
    return kept(f, &text);
}

static enum err fill_dues(struct filling *f)
{
    const struct matter *m = &f->story.now;
    struct letter_due *dues =
        ARENA_ARRAY(f->req->arena, (size_t)m->due_count + 1, struct letter_due);
    if (dues == NULL)
        return ERR_NOMEM;
    for (int32_t i = 0; i < m->due_count; i++) {
        struct due_rule own;
        const struct matter_due *d = &m->dues[i];
        const struct due_rule *rule = matter_due_rule(f->h->pack, d->rule, &own);
        if (rule == NULL || d->side != DUE_OFFICE)
            continue;
        dues[f->l.due_count++] =
            (struct letter_due){.what = wording_pick(&rule->name, f->lang),
                                .law = law_of(f, rule),
                                .last_day = d->unit == DUE_AT_ONCE ? 0 : d->due.at_day,
                                .is_provisional = d->due.provisional};
    }
    f->l.dues = dues;
    return ERR_OK;
}

/* "劳动仲裁（劳动人事争议仲裁委员会），2027年3月2日" for each door the law gives. */
static void fill_elsewhere(struct filling *f)
{
    const struct pack_kind *kind = pack_find_kind(f->h->pack, f->story.now.kind);
    const bool is_zh = str_starts(f->lang, STR("zh"));
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, WORDS_BYTES_MAX);
    for (size_t i = 0; kind != NULL && i < kind->door_count; i++) {
        const struct pack_door *d = &kind->door[i];
        const struct str body = wording_pick(&d->body, f->lang);
        if (b.len > 0)
            buf_c(&b, is_zh ? "；" : "; ");
        buf_str(&b, wording_pick(&d->name, f->lang));
        if (body.len > 0) {
            buf_c(&b, is_zh ? "（" : " (");
            buf_str(&b, body);
            buf_c(&b, is_zh ? "）" : ")");
        }
        for (int32_t k = 0; d->due != NULL && k < f->story.now.due_count; k++) {
            if (!str_eq(f->story.now.dues[k].rule, d->due->id))
                continue;
            buf_c(&b, is_zh ? "，" : ", ");
            date_put_short(&b, f->l.lang, f->story.now.dues[k].due.at_day);
        }
    }
    f->l.elsewhere = kept(f, &b);
}

static enum err fill_register(struct filling *f)
{
    struct desk_register_number_row row;
    const enum err err = desk_register_number(f->req->db, f->req->arena, f->req->dossier, &row);
    if (err == ERR_NOT_FOUND)
        return ERR_OK;
    TRY(err);
    const struct civil c = civil_of(row.day);
    f->l.register_number = str_of(arena_printf(f->req->arena, "%04d%02d%02d-%04d", (int)c.year,
                                               (int)c.month, (int)c.day, (int)row.digits));
    return f->l.register_number.ptr != NULL ? ERR_OK : ERR_NOMEM;
}

static void fill_answer(struct filling *f)
{
    static const enum letter_outcome outcomes[OUTCOME_COUNT] = {
        [OUTCOME_NONE] = LETTER_OUTCOME_NONE,
        [OUTCOME_SUPPORTED] = LETTER_SUPPORTED,
        [OUTCOME_EXPLAINED] = LETTER_EXPLAINED,
        [OUTCOME_NOT_SUPPORTED] = LETTER_NOT_SUPPORTED,
    };
    const struct matter_body *b = f->answered;
    const struct pack *pack = f->h->pack;
    f->l.answer = (struct letter_answer){
        .outcome = outcomes[b->outcome],
        .asked = b->asked,
        .found = b->found,
        .reply = b->text,
        .basis = b->basis,
        .remedy = b->remedy,
        .remedy_day = b->remedy_day,
    };
    f->l.review = (struct letter_review){.where = b->review_where, .until_day = b->review_day};
    if (f->l.review.where.len > 0 || pack->review_count == 0)
        return;
    const struct office *above = office_above(house_tree(f->h), f->story.now.owner);
    f->l.review.where =
        above != NULL ? office_name(above, f->lang) : wording_pick(&pack->after_body, f->lang);
}

/* The mark of the series comes from the pack; the number is given by hand. */
static void fill_series(struct filling *f, enum pack_letter_base base)
{
    const struct pack_letter *letter = pack_find_letter(f->h->pack, base);
    const int32_t day = f->l.paper_day != 0 ? f->l.paper_day : house_day(f->h, f->req->now_us);
    if (letter != NULL && letter->series.len > 0)
        f->l.series = (struct letter_series){.mark = letter->series, .year = civil_of(day).year};
}

/* ---- the whole
 * ------------------------------------------------------------------------------------ */

static enum err find_events(struct filling *f)
{
    for (size_t i = 0; i < f->story.count; i++) {
        const struct matter_event *e = &f->story.events[i];
        if (e->type == EV_RECEIVED)
            f->received = &e->body;
        else if (e->type == EV_ADMITTED)
            f->admitted = &e->body;
        else if (e->type == EV_ANSWERED)
            f->answered = &e->body;
    }
    if (f->received == NULL)
        return ERR_CORRUPT;
    const enum letter_kind kind = f->l.kind;
    const bool has_ground = kind == LETTER_INTAKE || kind == LETTER_RECEIPT ||
                            (kind == LETTER_ACCEPTANCE && f->admitted != NULL) ||
                            (kind > LETTER_ACCEPTANCE && f->answered != NULL);
    return has_ground ? ERR_OK : ERR_NOT_FOUND;
}

static void choose_lang(struct filling *f)
{
    const struct paper_input *in = request_form(f->req);
    const bool is_letter = f->l.kind == LETTER_ACCEPTANCE || f->l.kind == LETTER_DECISION ||
                           f->l.kind == LETTER_RECEIPT;
    f->l.lang = is_letter ? msg_lang_find(f->story.now.lang) : f->req->lang;
    if (in->paper_lang > 0)
        f->l.lang = msg_lang_find(str_of(langs[in->paper_lang - 1]));
    if (f->l.lang == NULL)
        f->l.lang = f->req->lang;
    f->lang = msg_lang_tag(f->l.lang);
}

static void fill_facts(struct filling *f)
{
    const struct matter *m = &f->story.now;
    const struct pack_kind *kind = pack_find_kind(f->h->pack, m->kind);
    const struct office *owner = office_find(house_tree(f->h), m->owner);
    struct letter *l = &f->l;
    l->printed_us = f->req->now_us;
    l->reference = desk_ref(f->req, f->req->dossier);
    l->title = m->title;
    l->text = whole_text(f);
    l->wish = f->received->wish;
    l->place = m->place;
    l->matter_kind = kind != NULL ? wording_pick(&kind->name, f->lang) : m->kind;
    l->channel = word(f, desk_channel_key(m->channel));
    /* For those who handle it, sealed and anonymous look alike. */
    l->identity = word(f, m->identity == IDENTITY_KNOWN ? MSG_MATTER_IDENTITY_KNOWN
                                                        : MSG_MATTER_IDENTITY_SEALED);
    l->owner = owner != NULL ? office_name(owner, f->lang) : STR("");
    l->taken_by = desk_officer_name(f->req, f->received->by);
    l->received_day = m->received_day;
    l->entered_day = house_day(f->h, m->entered_us);
}

static enum err fill(struct filling *f)
{
    static const enum pack_letter_base bases[LETTER_KIND_COUNT] = {
        [LETTER_NONE] = PACK_LETTER_UNSET,        [LETTER_INTAKE] = PACK_LETTER_INTAKE,
        [LETTER_ACCEPTANCE] = PACK_LETTER_ACCEPT, [LETTER_DECISION] = PACK_LETTER_DECISION,
        [LETTER_DELIVERY] = PACK_LETTER_DECISION, /* the paper that is served */
        [LETTER_RECEIPT] = PACK_LETTER_RECEIPT,
    };
    TRY(matter_story_load(f->req->db, f->req->arena, f->h, f->req->dossier, true, &f->story));
    TRY(find_events(f));
    choose_lang(f);
    fill_facts(f);
    struct office_id writes = f->story.now.owner;
    if (f->l.kind == LETTER_ACCEPTANCE) {
        f->l.paper_day = house_day(f->h, f->admitted->at_us);
        f->l.basis = f->admitted->basis;
    } else if (f->answered != NULL && f->l.kind != LETTER_INTAKE && f->l.kind != LETTER_RECEIPT) {
        f->l.paper_day = house_day(f->h, f->answered->at_us);
        f->l.served = word(f, MSG_SIGHT_PAPER_DECISION_TITLE);
        writes = f->answered->office.v != 0 ? f->answered->office : writes;
        fill_answer(f);
    }
    fill_office(f, writes);
    fill_series(f, bases[f->l.kind]);
    fill_elsewhere(f);
    TRY(fill_register(f));
    return fill_dues(f);
}

/* ---- the door
 * ------------------------------------------------------------------------------------- */

static enum err look_job(struct tx *tx, void *ctx)
{
    const struct request *req = ctx;
    return matter_look(tx, req->dossier, req->who.officer);
}

static enum err record_look(struct request *req)
{
    bool has_looked = false;
    TRY(matter_has_looked(req->db, req->arena, req->dossier, req->who.officer,
                          house_day(req->house, req->now_us), &has_looked));
    return has_looked ? ERR_OK : writer_call(req->house->writer, look_job, req, &req->err);
}

static enum err paper_send(struct request *req, enum letter_kind kind, struct str code)
{
    struct filling *f = ARENA_NEW(req->arena, struct filling);
    if (f == NULL)
        return ERR_NOMEM;
    f->req = req;
    f->h = req->house;
    f->l.kind = kind;
    f->l.code = code;
    TRY(fill(f));
    CLEANUP(buf_done) struct buf file;
    buf_init(&file, LETTER_BYTES_MAX);
    TRY(letter_print(&f->l, &file, &req->err));
    const struct str bytes = str_copy(req->arena, buf_view(&file));
    const char *name = arena_printf(req->arena, STR_FMT "-" STR_FMT ".pdf", STR_ARG(f->l.reference),
                                    STR_ARG(letter_kind_word(kind)));
    if (bytes.ptr == NULL || name == NULL)
        return ERR_NOMEM;
    return reply_file(req, "application/pdf", str_of(name), bytes);
}

static enum err paper_view(struct request *req)
{
    const enum letter_kind kind = letter_kind_of_word(request_param(req, "kind"));
    if (kind == LETTER_NONE || kind == LETTER_RECEIPT)
        return ERR_NOT_FOUND; /* a receipt has a code in it and is made by slip_act alone */
    TRY(record_look(req));
    return paper_send(req, kind, STR(""));
}

/* ---- the receipt of a counter ---------------------------------------------------------------- */

/* A code from the stock, before the writer. */
static enum err slip_prepare(struct request *req)
{
    struct code *code = ARENA_NEW(req->arena, struct code);
    if (code == NULL)
        return ERR_NOMEM;
    req->model = code;
    return keeper_err(keeper_code_new(req->house->keeper, code));
}

/* One matter, one slip: whoever lost it gets another one at the counter, with the old code burned.
 */
static enum err slip_act(struct tx *tx, struct request *req)
{
    const struct code *code = req->model;
    struct dossier d;
    bool has_code = false;
    TRY(code_has(tx->db, tx->arena, req->dossier, &has_code));
    if (has_code)
        return err_set(tx->info, ERR_REFUSED, "desk.refused.slip_done", "a code was given out");
    TRY(code_add(tx, code->lookup, req->dossier));
    TRY(dossier_load(tx->db, tx->arena, req->dossier, &d));
    if (!d.has_mlk) {
        struct key32 mlk;
        TRY(req->house->keys->find(req->house->keys->ctx, d.id, KEY_MLK, &mlk));
        memcpy(d.mlk, mlk.b, sizeof d.mlk);
        d.has_mlk = true;
        crypt_wipe(&mlk, sizeof mlk);
    }
    const struct event_draft e = {.type = STR("code.handed"), .actor = STR("role:desk")};
    TRY(event_append(tx, &d, &e, NULL));
    return dossier_store(tx, &d);
}

static enum err slip_reply(struct request *req)
{
    struct code *code = req->model;
    char spaced[CODE_SPACED_BYTES];
    code_spaced(code->digits, spaced);
    enum err err = paper_send(req, LETTER_RECEIPT, str_of(spaced));
    crypt_wipe(spaced, sizeof spaced);
    code_wipe(code);
    return err;
}

const struct route PAPER_ROUTES[] = {
    {.method = METHOD_GET,
     .path = "/desk/m/{ref}/paper/{kind}",
     .door = DOOR_OFFICER,
     .verb = VERB_READ,
     .form = &PAPER_FORM,
     .csrf = CSRF_NONE,
     .budget = BUDGET_READ,
     .flags = ROUTE_SLOW,
     .view = paper_view},
    {.method = METHOD_POST,
     .path = "/desk/m/{ref}/slip",
     .door = DOOR_OFFICER,
     .verb = VERB_TAKE_IN,
     .form = &PAPER_FORM,
     .csrf = CSRF_SESSION,
     .event = "code.handed",
     .budget = BUDGET_WRITE,
     .prepare = slip_prepare,
     .act = slip_act,
     .reply = slip_reply},
};
const size_t PAPER_ROUTE_COUNT = sizeof PAPER_ROUTES / sizeof *PAPER_ROUTES;
