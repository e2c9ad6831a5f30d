/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "matter/api.h"

#include "base/mem.h"
#include "db/writer.h"
#include "lib/json/jsonf.h"
#include "lib/json/jsonw.h"
#include "matter/desk.sql.h"
#include "matter/desk_step.h"
#include "spine/keys.h"

enum { ANSWER_BYTES_MAX = 4 << 20, LIST_ROWS = 60, KEY_BYTES_MAX = 200, PAIRS_MAX = 100 };

/* From prepare and act to reply. */
struct api_call {
    struct str once;
    bool has_handle;
    struct id16 handle; /* sealed before the writer: kept when act runs again */
    struct matter_done done;
    int64_t send_us;
};

/* ---- writing JSON ---------------------------------------------------------------------------- */

static struct str ref_of(struct request *req, struct dossier_id id)
{
    char ref[REF_BYTES + 1];
    ref_format(desk_house(req)->keys->k_id, id, ref);
    return str_copy(req->arena, str_of(ref));
}

static void put_word(struct jsonw *w, const char *name, struct str word)
{
    if (word.len > 0)
        jsonw_member_str(w, name, word);
}

static void put_day(struct jsonw *w, const char *name, int32_t day)
{
    if (day == 0)
        return;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 32);
    day_format(day, &b);
    jsonw_member_str(w, name, buf_view(&b));
}

static void put_instant(struct jsonw *w, const char *name, int64_t at_us)
{
    if (at_us == 0)
        return;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 40);
    instant_format(at_us, &b);
    jsonw_member_str(w, name, buf_view(&b));
}

static void put_office(struct jsonw *w, const struct request *req, const char *name,
                       struct office_id id)
{
    const struct office *o = office_find(house_tree(desk_house(req)), id);
    if (o != NULL)
        jsonw_member_str(w, name, o->code);
}

static enum err reply_made(struct request *req, int status, const struct jsonw *w,
                           const struct buf *b)
{
    TRY(jsonw_err(w));
    struct str json = str_copy(req->arena, buf_view(b));
    return json.ptr == NULL ? ERR_NOMEM : reply_json(req, status, json);
}

/* ---- keys sent once ------------------------------------------------------------------------ */

static enum err call_new(struct request *req, struct api_call **ret_call)
{
    struct api_call *call = ARENA_NEW(req->arena, struct api_call);
    struct str key = request_header(req, "Idempotency-Key");
    if (call == NULL)
        return ERR_NOMEM;
    if (key.len > KEY_BYTES_MAX)
        return err_set(&req->err, ERR_INVALID, "matter.invalid.key", "%zu bytes", key.len);
    call->once = str_copy(req->arena, key);
    req->model = call;
    *ret_call = call;
    return ERR_OK;
}

static enum err step_prepare(struct request *req)
{
    struct api_call *call = NULL;
    return call_new(req, &call);
}

/* ---- raising ------------------------------------------------------------------------------- */

static const char *const CHANNELS[] = {"api",   "letter", "visit", "call",
                                       "email", "fax",    "box",   NULL};
static const enum matter_channel CHANNEL_OF[] = {CHANNEL_API,   CHANNEL_API,  CHANNEL_LETTER,
                                                 CHANNEL_VISIT, CHANNEL_CALL, CHANNEL_EMAIL,
                                                 CHANNEL_FAX,   CHANNEL_BOX};
static const char *const IDENTITIES[] = {"known", "sealed", "anonymous", NULL};

struct raise_input {
    struct str kind;
    struct str title;
    struct str text;
    struct str wish;
    struct str place;
    struct str answer_lang;
    struct str office;
    struct str name;
    struct str email;
    struct str phone;
    struct str postal;
    int32_t channel;
    int32_t identity;
    int32_t received;
    int32_t happened;
    bool danger;
    bool number; /* of the register, as for a letter */
    struct form_pairs answers;
};

static const struct form_field RAISE_FIELDS[] = {
    FORM_TEXT(struct raise_input, kind, 0, 100),
    FORM_TEXT(struct raise_input, title, 0, 200),
    FORM_LINES(struct raise_input, text, 0, 20000),
    FORM_LINES(struct raise_input, wish, 0, 2000),
    FORM_TEXT(struct raise_input, place, 0, 200),
    FORM_TEXT(struct raise_input, answer_lang, 0, 16),
    FORM_TEXT(struct raise_input, office, 0, 100),
    FORM_TEXT(struct raise_input, name, 0, 60),
    FORM_TEXT(struct raise_input, email, 0, 254),
    {.name = "phone",
     .type = FORM_TYPE_TEXT,
     .offset = offsetof(struct raise_input, phone),
     .max = 60,
     .any_number = true},
    FORM_TEXT(struct raise_input, postal, 0, 300),
    FORM_CHOICE(struct raise_input, channel, CHANNELS, false),
    FORM_CHOICE(struct raise_input, identity, IDENTITIES, false),
    FORM_DATE(struct raise_input, received, false),
    FORM_DATE(struct raise_input, happened, false),
    FORM_FLAG(struct raise_input, danger),
    FORM_FLAG(struct raise_input, number),
    FORM_PAIRS(struct raise_input, answers, "answers.", PAIRS_MAX),
};
static const struct form RAISE_FORM = FORM_INIT("api raise", struct raise_input, RAISE_FIELDS);

static struct identity identity_of(const struct raise_input *in)
{
    return (struct identity){.name = in->name,
                             .email = in->email,
                             .phone = in->phone,
                             .postal = in->postal,
                             .lang = in->answer_lang};
}

static bool has_identity(const struct raise_input *in)
{
    return in->name.len + in->email.len + in->phone.len + in->postal.len > 0;
}

/* What a sealed person says of themselves is in the vault before the matter is written. */
static enum err raise_prepare(struct request *req)
{
    const struct raise_input *in = request_form(req);
    struct api_call *call = NULL;
    TRY(call_new(req, &call));
    if (call == NULL || in->identity != IDENTITY_SEALED || !has_identity(in))
        return ERR_OK;
    uint8_t tlv[KEEPER_IDENTITY_BYTES_MAX];
    size_t len = 0;
    const struct identity who = identity_of(in);
    TRY(identity_encode(&who, tlv, sizeof(tlv), &len));
    const struct keeper_seal seal = {.policy = POLICY_DEFAULT,
                                     .identity = str_make(tlv, len),
                                     .address = STR(""),
                                     .lang = str_sub(in->answer_lang, 0, 2),
                                     .now_us = req->now_us};
    enum keeper_status status = keeper_seal(desk_house(req)->keeper, &seal, &call->handle);
    crypt_wipe(tlv, sizeof(tlv));
    call->has_handle = status == KEEPER_OK;
    return keeper_err(status);
}

static int32_t day_or_none(int32_t day)
{
    return day == FORM_NO_DAY ? 0 : day;
}

static enum err raise_act(struct tx *tx, struct request *req)
{
    const struct raise_input *in = request_form(req);
    struct api_call *call = req->model;
    const struct identity card = identity_of(in);
    struct matter_raise r = {
        .command = {.what = DO_RAISE,
                    .body = {.kind = in->kind,
                             .title = in->title,
                             .text = in->text,
                             .wish = in->wish,
                             .place = in->place,
                             .lang = in->answer_lang.len > 0 ? in->answer_lang
                                                             : msg_lang_tag(req->lang),
                             .channel = CHANNEL_OF[in->channel],
                             .identity = in->identity != 0 ? (enum matter_identity)in->identity
                                                           : IDENTITY_ANONYMOUS,
                             .danger = in->danger,
                             .received_day = day_or_none(in->received),
                             .happened_day = day_or_none(in->happened)}},
        .who = WHO_OFFICER,
        .officer = req->who.officer,
        .handle = call->has_handle ? &call->handle : NULL,
        .card = has_identity(in) && in->identity == IDENTITY_KNOWN ? &card : NULL,
        .once = call->once,
        .token = req->who.token,
        .give_register_number = in->number,
    };
    if (in->office.len > 0) {
        const struct office *o = office_find_code(house_tree(house_of(tx)), in->office);
        if (o == NULL)
            return err_set(tx->info, ERR_INVALID, "matter.invalid.office",
                           "no office of that code");
        r.office = o->id;
    }
    TRY(matter_answers_write(tx->arena, in->answers.items, in->answers.count,
                             &r.command.body.answers));
    return matter_raise(tx, &r, &call->done);
}

static void put_done(struct jsonw *w, struct request *req, struct str ref,
                     const struct matter_done *done)
{
    jsonw_member_str(w, "ref", ref);
    put_word(w, "state", matter_state_word(done->state));
    put_office(w, req, "office", done->office);
    jsonw_member_i64(w, "seq", done->seq);
    jsonw_member_bool(w, "again", done->again);
}

static enum err raise_reply(struct request *req)
{
    const struct api_call *call = req->model;
    struct jsonw w;
    struct str ref = ref_of(req, call->done.id);
    const char *path = arena_printf(req->arena, "/api/v1/matters/" STR_FMT, STR_ARG(ref));
    if (path == NULL)
        return ERR_NOMEM;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 4096);
    jsonw_init(&w, &b, JSONW_PLAIN);
    jsonw_object(&w);
    put_done(&w, req, ref, &call->done);
    jsonw_end(&w);
    TRY(reply_header(req, "Location", str_of(path)));
    return reply_made(req, call->done.again ? 200 : 201, &w, &b);
}

/* ---- steps --------------------------------------------------------------------------------- */

static enum err step_act(struct tx *tx, struct request *req)
{
    const struct desk_step *step = desk_step_of(req);
    struct api_call *call = req->model;
    struct matter_act a;
    if (step == NULL)
        return ERR_INTERNAL;
    TRY(desk_act_fill(tx, req, step->what, &a));
    a.once = call->once;
    a.token = req->who.token;
    return matter_act(tx, &a, &call->done);
}

static enum err step_reply(struct request *req)
{
    const struct api_call *call = req->model;
    CLEANUP(buf_done) struct buf b;
    struct jsonw w;
    buf_init(&b, 4096);
    jsonw_init(&w, &b, JSONW_PLAIN);
    jsonw_object(&w);
    put_done(&w, req, ref_of(req, call->done.id), &call->done);
    jsonw_end(&w);
    return reply_made(req, 200, &w, &b);
}

/* An answer waits thirty seconds for these doors too; sent again it replaces itself. */
static enum err answer_act(struct tx *tx, struct request *req)
{
    struct api_call *call = req->model;
    struct matter_act a;
    TRY(desk_act_fill(tx, req, DO_ANSWER, &a));
    return matter_answer_wait(tx, &a, &call->send_us);
}

static enum err answer_reply(struct request *req)
{
    const struct api_call *call = req->model;
    CLEANUP(buf_done) struct buf b;
    struct jsonw w;
    buf_init(&b, 4096);
    jsonw_init(&w, &b, JSONW_PLAIN);
    jsonw_object(&w);
    jsonw_member_str(&w, "ref", ref_of(req, req->dossier));
    put_instant(&w, "sent_at", call->send_us);
    jsonw_end(&w);
    return reply_made(req, 202, &w, &b);
}

static enum err undo_reply(struct request *req)
{
    CLEANUP(buf_done) struct buf b;
    struct jsonw w;
    buf_init(&b, 4096);
    jsonw_init(&w, &b, JSONW_PLAIN);
    jsonw_object(&w);
    jsonw_member_str(&w, "ref", ref_of(req, req->dossier));
    jsonw_end(&w);
    return reply_made(req, 200, &w, &b);
}

/* ---- one matter ---------------------------------------------------------------------------- */

static enum err look_job(struct tx *tx, void *ctx)
{
    const struct request *req = ctx;
    return matter_look(tx, req->dossier, req->who.officer);
}

static enum err look_record(struct request *req)
{
    bool looked = false;
    TRY(matter_has_looked(req->db, req->arena, req->dossier, req->who.officer, desk_today(req),
                          &looked));
    return looked ? ERR_OK : writer_call(desk_house(req)->writer, look_job, req, &req->err);
}

static enum err put_dues(struct jsonw *w, struct request *req)
{
    static const char *const STATES[] = {"", "open", "suspended", "met", "missed", "dropped"};
    struct desk_dues_row *rows = NULL;
    size_t count = 0;
    TRY(desk_dues(req->db, req->arena, req->dossier, &rows, &count));
    jsonw_member_array(w, "dues");
    for (size_t i = 0; i < count; i++) {
        const struct desk_dues_row *r = &rows[i];
        jsonw_object(w);
        jsonw_member_i64(w, "n", r->n);
        jsonw_member_str(w, "rule", r->rule);
        put_word(w, "side", matter_side_word((enum due_side)r->side));
        if (r->state > 0 && r->state <= DUE_DROPPED)
            jsonw_member_str(w, "state", str_of(STATES[r->state]));
        put_office(w, req, "office", r->office);
        put_instant(w, "started", r->start_us);
        put_day(w, "last", r->at_day);
        put_instant(w, "ends", r->at_us);
        put_day(w, "until", r->until_day);
        jsonw_member_bool(w, "provisional", r->provisional);
        jsonw_end(w);
    }
    jsonw_end(w);
    return ERR_OK;
}

/* By the names of the pack's questions, as they were sent. */
static void put_answers(struct jsonw *w, struct arena *a, struct str answers)
{
    struct jsonf f;
    struct jsonf_member m;
    if (answers.len == 0)
        return;
    jsonw_member_object(w, "answers");
    jsonf_init(&f, answers);
    while (jsonf_next(&f, a, &m))
        if (m.kind == JSON_KIND_STRING) {
            jsonw_name_str(w, m.name);
            jsonw_str(w, m.text);
        }
    jsonw_end(w);
}

static void put_said(struct jsonw *w, struct arena *a, const struct matter_body *b)
{
    put_word(w, "title", b->title);
    put_word(w, "text", b->text);
    put_word(w, "wish", b->wish);
    put_day(w, "happened", b->happened_day);
    put_answers(w, a, b->answers);
    put_word(w, "place", b->place);
    put_word(w, "route", b->route);
    put_word(w, "reason", b->reason);
    put_word(w, "basis", b->basis);
    put_word(w, "ref", b->ref);
    put_word(w, "whose", b->whose);
    put_word(w, "asked", b->asked);
    put_word(w, "found", b->found);
    put_word(w, "outcome", matter_outcome_word(b->outcome));
    put_word(w, "remedy", b->remedy);
    put_day(w, "remedy_day", b->remedy_day);
    put_word(w, "review_where", b->review_where);
    put_word(w, "how", b->how);
    put_day(w, "day", b->day);
    put_day(w, "until", b->until_day);
    put_word(w, "solved", matter_yes_no_word(b->solved));
    if (b->stars != 0)
        jsonw_member_i64(w, "stars", b->stars);
}

static void put_event(struct jsonw *w, struct request *req, const struct event *raw,
                      const struct matter_event *e)
{
    jsonw_object(w);
    jsonw_member_i64(w, "seq", raw->seq);
    put_instant(w, "at", raw->at_us);
    jsonw_member_str(w, "type", raw->parsed.type);
    jsonw_member_str(w, "actor", raw->parsed.actor);
    if (e->type >= EV_DUE_STARTED) {
        jsonw_member_i64(w, "n", e->body.n);
        put_word(w, "rule", e->body.rule);
        put_day(w, "last", e->body.last_day);
    } else if (e->type != EV_NONE) {
        put_office(w, req, "office", e->body.office);
        put_office(w, req, "to", e->body.to);
        put_said(w, req->arena, &e->body);
    }
    jsonw_end(w);
}

static void put_matter(struct jsonw *w, struct request *req, const struct matter *m)
{
    jsonw_member_str(w, "ref", ref_of(req, req->dossier));
    jsonw_member_str(w, "kind", m->kind);
    put_word(w, "route", m->route);
    put_word(w, "state", matter_state_word(m->state));
    put_word(w, "channel", matter_channel_word(m->channel));
    put_word(w, "lang", m->lang);
    put_word(w, "content", matter_content_word(m->content));
    put_word(w, "title", m->title);
    put_word(w, "place", m->place);
    put_day(w, "received", m->received_day);
    put_instant(w, "entered", m->entered_us);
    put_office(w, req, "office", m->owner);
    put_office(w, req, "first_office", m->first);
    put_office(w, req, "offered", m->offered);
    put_word(w, "handler", desk_officer_name(req, m->handler));
    jsonw_member_i64(w, "answers", m->answers);
    put_word(w, "outcome", matter_outcome_word(m->outcome));
    put_day(w, "delivered", m->delivered_day);
    jsonw_member_bool(w, "danger", m->danger);
    jsonw_member_i64(w, "seq", m->seq);
}

static enum err matter_view(struct request *req)
{
    struct matter_story story;
    struct jsonw w;
    TRY(look_record(req));
    TRY(matter_story_load(req->db, req->arena, desk_house(req), req->dossier, true, &story));
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, ANSWER_BYTES_MAX);
    jsonw_init(&w, &b, JSONW_PLAIN);
    jsonw_object(&w);
    put_matter(&w, req, &story.now);
    TRY(put_dues(&w, req));
    jsonw_member_array(&w, "events");
    for (size_t i = 0; i < story.count; i++)
        put_event(&w, req, &story.raw[i], &story.events[i]);
    jsonw_end(&w);
    jsonw_end(&w);
    return reply_made(req, 200, &w, &b);
}

/* ---- the list ------------------------------------------------------------------------------ */

struct list_input {
    struct str office;
    struct str kind;
    struct str state;
    struct str after; /* "<last day>.<n>.<reference>" of the row before */
};

static const struct form_field LIST_FIELDS[] = {
    FORM_TEXT(struct list_input, office, 0, 100),
    FORM_TEXT(struct list_input, kind, 0, 100),
    FORM_TEXT(struct list_input, state, 0, 30),
    FORM_TEXT(struct list_input, after, 0, 60),
};
static const struct form LIST_FORM = FORM_INIT("api list", struct list_input, LIST_FIELDS);

static bool after_read(const struct request *req, struct str after, struct desk_queue_in *in)
{
    struct str day;
    struct str n;
    if (after.len == 0)
        return true;
    return str_cut(&after, '.', &day) && str_cut(&after, '.', &n) &&
           day_parse(day, &in->after_day) && str_to_i64(n, 1, INT32_MAX, &in->after_n) &&
           ref_parse(desk_house(req)->keys->k_id, after, &in->after);
}

/* The office asked for, when the officer holds a post there; else the first one held. */
static enum err list_office(struct request *req, struct str code, struct office_id *ret_office)
{
    struct held *held = NULL;
    size_t count = 0;
    const struct office *o = office_find_code(house_tree(desk_house(req)), code);
    TRY(desk_offices(req, &held, &count));
    for (size_t i = 0; i < count; i++) {
        if (code.len == 0 || (o != NULL && o->id.v == held[i].office.v)) {
            *ret_office = held[i].office;
            return ERR_OK;
        }
    }
    return err_set(&req->err, ERR_INVALID, "matter.invalid.office", "not an office of the officer");
}

static void put_row(struct jsonw *w, struct request *req, const struct desk_queue_row *r)
{
    jsonw_object(w);
    jsonw_member_str(w, "ref", ref_of(req, r->dossier));
    jsonw_member_str(w, "kind", r->kind);
    put_word(w, "state", matter_state_word((enum matter_state)r->state));
    if (r->content == CONTENT_OPEN)
        put_word(w, "title", r->title);
    put_day(w, "received", r->received_day);
    jsonw_member_i64(w, "n", r->n);
    jsonw_member_str(w, "rule", r->rule);
    put_day(w, "last", r->at_day);
    put_instant(w, "ends", r->at_us);
    jsonw_end(w);
}

static void put_after(struct jsonw *w, struct request *req, const struct desk_queue_row *last)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 64);
    day_format(last->at_day, &b);
    buf_printf(&b, ".%lld." STR_FMT, (long long)last->n, STR_ARG(ref_of(req, last->dossier)));
    jsonw_member_str(w, "after", buf_view(&b));
}

static enum err list_view(struct request *req)
{
    const struct list_input *in = request_form(req);
    struct desk_queue_in ask = {
        .due_state = DUE_OPEN, .kind = in->kind, .until = INT32_MAX, .after_day = INT32_MIN};
    enum matter_state state = MATTER_NONE;
    struct desk_queue_row *rows = NULL;
    size_t count = 0;
    struct jsonw w;
    if (in->state.len > 0 && !matter_state_of_word(in->state, &state))
        return err_set(&req->err, ERR_INVALID, "matter.invalid.state", "no such state");
    if (!after_read(req, in->after, &ask))
        return err_set(&req->err, ERR_INVALID, "matter.invalid.after", "not a row's place");
    ask.state = (int32_t)state;
    TRY(list_office(req, in->office, &ask.office));
    TRY(desk_queue(req->db, req->arena, &ask, &rows, &count));
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, ANSWER_BYTES_MAX);
    jsonw_init(&w, &b, JSONW_PLAIN);
    jsonw_object(&w);
    put_office(&w, req, "office", ask.office);
    jsonw_member_array(&w, "dues");
    for (size_t i = 0; i < count; i++)
        put_row(&w, req, &rows[i]);
    jsonw_end(&w);
    if (count == LIST_ROWS)
        put_after(&w, req, &rows[count - 1]);
    jsonw_end(&w);
    return reply_made(req, 200, &w, &b);
}

/* ---- doors --------------------------------------------------------------------------------- */

#define STEP(word, needs, leaves, step_form)                                                       \
    {                                                                                              \
        .method = METHOD_POST, .path = "/api/v1/matters/{ref}/" word, .door = DOOR_TOKEN,          \
        .verb = (needs), .form = &(step_form), .csrf = CSRF_BEARER, .event = (leaves),             \
        .budget = BUDGET_API, .prepare = step_prepare, .act = step_act, .reply = step_reply        \
    }

const struct route MATTER_API_ROUTES[] = {
    {.method = METHOD_GET,
     .path = "/api/v1/matters",
     .door = DOOR_TOKEN,
     .verb = VERB_LIST,
     .form = &LIST_FORM,
     .csrf = CSRF_NONE,
     .budget = BUDGET_API,
     .view = list_view},
    {.method = METHOD_POST,
     .path = "/api/v1/matters",
     .door = DOOR_TOKEN,
     .verb = VERB_TAKE_IN,
     .form = &RAISE_FORM,
     .csrf = CSRF_BEARER,
     .event = "matter.received",
     .budget = BUDGET_API,
     .prepare = raise_prepare,
     .act = raise_act,
     .reply = raise_reply},
    {.method = METHOD_GET,
     .path = "/api/v1/matters/{ref}",
     .door = DOOR_TOKEN,
     .verb = VERB_READ,
     .csrf = CSRF_NONE,
     .budget = BUDGET_API,
     .view = matter_view},
    STEP("route", VERB_ROUTE, "matter.routed", DESK_ROUTE_FORM),
    STEP("object", VERB_OBJECT, "matter.objected", DESK_WORDS_FORM),
    STEP("confirm", VERB_ROUTE, "matter.confirmed", DESK_WORDS_FORM),
    STEP("take_back", VERB_ROUTE, "matter.returned", DESK_WORDS_FORM),
    STEP("admit", VERB_ADMIT, "matter.admitted", DESK_ADMIT_FORM),
    STEP("refuse", VERB_ADMIT, "matter.refused", DESK_REFUSE_FORM),
    STEP("misdirect", VERB_ADMIT, "matter.misdirected", DESK_MISDIRECT_FORM),
    STEP("assign", VERB_ASSIGN, "matter.assigned", DESK_ASSIGN_ONE_FORM),
    STEP("note", VERB_NOTE, "matter.noted", DESK_WORDS_FORM),
    STEP("ask", VERB_ASK, "matter.asked", DESK_ASK_FORM),
    STEP("add", VERB_NOTE, "matter.added", DESK_WORDS_FORM),
    STEP("extend", VERB_EXTEND, "matter.extended", DESK_EXTEND_FORM),
    STEP("suspend", VERB_SUSPEND, "matter.suspended", DESK_SUSPEND_FORM),
    STEP("resume", VERB_SUSPEND, "matter.resumed", DESK_RESUME_FORM),
    STEP("deliver", VERB_ANSWER, "matter.delivered", DESK_DELIVER_FORM),
    STEP("conclude", VERB_CONCLUDE, "matter.concluded", DESK_CONCLUDE_FORM),
    STEP("reopen", VERB_ADMIT, "matter.reopened", DESK_WORDS_FORM),
    {.method = METHOD_POST,
     .path = "/api/v1/matters/{ref}/answer",
     .door = DOOR_TOKEN,
     .verb = VERB_ANSWER,
     .form = &DESK_ANSWER_FORM,
     .csrf = CSRF_BEARER,
     .event = "matter.answered",
     .budget = BUDGET_API,
     .prepare = step_prepare,
     .act = answer_act,
     .reply = answer_reply},
    {.method = METHOD_POST,
     .path = "/api/v1/matters/{ref}/undo",
     .door = DOOR_TOKEN,
     .verb = VERB_ANSWER,
     .form = &DESK_NOTHING_FORM,
     .csrf = CSRF_BEARER,
     .event = AUDIT_SESSION,
     .budget = BUDGET_API,
     .act = desk_undo_act,
     .reply = undo_reply},
};
const size_t MATTER_API_ROUTE_COUNT = sizeof MATTER_API_ROUTES / sizeof *MATTER_API_ROUTES;
