/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Intake of a letter, call or visit, on one screen. */
#include "matter/desk_similar.h"

#include "base/instant.h"
#include "base/mem.h"
#include "base/rng.h"
#include "db/writer.h"
#include "http/frame.h"
#include "http/frame_staff.h"
#include "lib/crypt/crypt.h"
#include "lib/json/jsonw.h"
#include "matter/pages/desk_new.html.h"
#include "matter/use.h"

#include <string.h>

static const char *const CHANNELS[] = {"letter", "call", "visit", "email", "fax", "box", NULL};
static const enum matter_channel CHANNEL_OF[] = {CHANNEL_NONE,  CHANNEL_LETTER, CHANNEL_CALL,
                                                 CHANNEL_VISIT, CHANNEL_EMAIL,  CHANNEL_FAX,
                                                 CHANNEL_BOX};
static const char *const IDENTITIES[] = {"known", "sealed", "anonymous", NULL};
static const char *const LANGS[] = {"zh-CN", "en", NULL};

struct new_input {
    struct str once; /* the form's own number: sent twice it is one matter */
    int32_t channel;
    int32_t received;
    int32_t answer_lang;
    struct str kind;
    struct str office;
    struct str title;
    struct str text;
    struct str place;
    struct str wish;
    int32_t identity;
    struct str name;
    struct str phone;
    struct str email;
    struct str postal;
    struct form_pairs q;
    bool again;   /* only show the questions of the kind */
    bool similar; /* only show similar matters */
};

static const struct form_field NEW_FIELDS[] = {
    FORM_TEXT(struct new_input, once, 16, 64),
    FORM_CHOICE(struct new_input, channel, CHANNELS, false),
    FORM_DATE(struct new_input, received, false),
    FORM_CHOICE(struct new_input, answer_lang, LANGS, false),
    FORM_TEXT(struct new_input, kind, 0, 100),
    FORM_TEXT(struct new_input, office, 0, 100),
    FORM_TEXT(struct new_input, title, 0, 200),
    FORM_LINES(struct new_input, text, 0, 20000),
    FORM_TEXT(struct new_input, place, 0, 200),
    FORM_LINES(struct new_input, wish, 0, 2000),
    FORM_CHOICE(struct new_input, identity, IDENTITIES, false),
    FORM_TEXT(struct new_input, name, 0, 60),
    {.name = "phone",
     .type = FORM_TYPE_TEXT,
     .offset = offsetof(struct new_input, phone),
     .min = 0,
     .max = 60,
     .any_number = true},
    FORM_TEXT(struct new_input, email, 0, 254),
    FORM_TEXT(struct new_input, postal, 0, 300),
    FORM_PAIRS(struct new_input, q, "q.", 5000),
    FORM_FLAG(struct new_input, again),
    FORM_FLAG(struct new_input, similar),
};
const struct form DESK_NEW_FORM = FORM_INIT("desk new", struct new_input, NEW_FIELDS);

/* ---- the page ------------------------------------------------------------------------------ */

static struct str typed(struct request *req, const char *field)
{
    return request_typed(req, field);
}

/* A number that only this form has. */
static struct str once_new(struct request *req)
{
    unsigned char bytes[16];
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 64);
    if (rng_bytes(bytes, sizeof bytes) != ERR_OK)
        return STR("");
    buf_hex(&b, bytes, sizeof bytes);
    return str_copy(req->arena, buf_view(&b));
}

static enum err kinds_fill(struct request *req, struct page_desk_new *v)
{
    const struct pack *p = desk_house(req)->pack;
    struct str on = typed(req, "kind");
    v->kinds = ARENA_ARRAY(req->arena, p->kind_count + 1, struct page_desk_new_kinds);
    if (v->kinds == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < p->kind_count; i++) {
        const struct pack_kind *k = &p->kind[i];
        v->kinds[v->kinds_count++] =
            (struct page_desk_new_kinds){.id = k->id,
                                         .name = wording_pick(&k->name, desk_lang(req)),
                                         .example = wording_pick(&k->example, desk_lang(req)),
                                         .on = str_eq(k->id, on)};
    }
    return ERR_OK;
}

static enum err offices_fill(struct request *req, struct page_desk_new *v)
{
    struct held *held = NULL;
    size_t n = 0;
    TRY(desk_offices(req, &held, &n));
    v->offices = ARENA_ARRAY(req->arena, n + 1, struct page_desk_new_offices);
    if (v->offices == NULL)
        return ERR_NOMEM;
    struct str on = typed(req, "office");
    for (size_t i = 0; i < n; i++) {
        const struct office *o = office_find(house_tree(desk_house(req)), held[i].office);
        if (o != NULL)
            v->offices[v->offices_count++] = (struct page_desk_new_offices){
                .code = o->code, .name = office_name(o, desk_lang(req)), .on = str_eq(o->code, on)};
    }
    return ERR_OK;
}

static enum err choices_fill(struct request *req, struct page_desk_new *v)
{
    struct str channel = typed(req, "channel");
    struct str identity = typed(req, "identity");
    struct str lang = typed(req, "answer_lang");
    v->channels = ARENA_ARRAY(req->arena, 8, struct page_desk_new_channels);
    v->identities = ARENA_ARRAY(req->arena, 4, struct page_desk_new_identities);
    v->langs = ARENA_ARRAY(req->arena, msg_lang_count() + 1, struct page_desk_new_langs);
    if (v->channels == NULL || v->identities == NULL || v->langs == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; CHANNELS[i] != NULL; i++)
        v->channels[v->channels_count++] = (struct page_desk_new_channels){
            .id = str_of(CHANNELS[i]),
            .name = desk_key("matter.channel.", str_of(CHANNELS[i])),
            .on = channel.len == 0 ? i == 0 : str_eq_c(channel, CHANNELS[i])};
    for (size_t i = 0; IDENTITIES[i] != NULL; i++)
        v->identities[v->identities_count++] = (struct page_desk_new_identities){
            .id = str_of(IDENTITIES[i]),
            .name = desk_key("matter.identity.", str_of(IDENTITIES[i])),
            .help = desk_key("desk.new.identity.", str_of(IDENTITIES[i])),
            .on = identity.len == 0 ? i == 0 : str_eq_c(identity, IDENTITIES[i])};
    struct str chosen = lang.len == 0 ? desk_lang(req) : lang;
    for (size_t i = 0; i < msg_lang_count(); i++) {
        const struct msg_lang *l = msg_lang_at(i);
        v->langs[v->langs_count++] = (struct page_desk_new_langs){
            .id = msg_lang_tag(l), .name = msg_lang_name(l), .on = str_eq(msg_lang_tag(l), chosen)};
    }
    return ERR_OK;
}

static enum err question_view(struct request *req, const struct pack_question *q,
                              struct page_desk_question *v)
{
    const char *name = arena_printf(req->arena, "q." STR_FMT, STR_ARG(q->id));
    if (name == NULL)
        return ERR_NOMEM;
    struct str on = typed(req, name);
    *v = (struct page_desk_question){
        .id = q->id,
        .label = wording_pick(&q->label, desk_lang(req)),
        .help = wording_pick(&q->help, desk_lang(req)),
        .value = on,
        .fault = frame_fault(req, name),
        .required = q->required,
        .line = q->type == PACK_LINE,
        .lines = q->type == PACK_TEXT,
        .date = q->type == PACK_DATE,
        .number = q->type == PACK_NUMBER,
        .pick = q->type == PACK_CHOICE || q->type == PACK_YES_NO,
    };
    size_t n = q->type == PACK_YES_NO ? 2 : q->choice_count;
    v->choices = ARENA_ARRAY(req->arena, n + 1, struct page_desk_question_choices);
    if (v->choices == NULL)
        return ERR_NOMEM;
    if (q->type == PACK_YES_NO) {
        v->choices[0] = (struct page_desk_question_choices){
            STR("yes"), msg_plain(req->lang, MSG_DESK_YES), str_eq(on, STR("yes"))};
        v->choices[1] = (struct page_desk_question_choices){
            STR("no"), msg_plain(req->lang, MSG_DESK_NO), str_eq(on, STR("no"))};
        v->choices_count = 2;
        return ERR_OK;
    }
    for (size_t i = 0; i < q->choice_count; i++)
        v->choices[v->choices_count++] = (struct page_desk_question_choices){
            q->choice[i].id, wording_pick(&q->choice[i].name, desk_lang(req)),
            str_eq(q->choice[i].id, on)};
    return ERR_OK;
}

static enum err questions_fill(struct request *req, struct page_desk_new *v)
{
    const struct pack_kind *k = pack_find_kind(desk_house(req)->pack, typed(req, "kind"));
    size_t n = k == NULL ? 0 : k->question_count;
    v->sealed = k != NULL && k->content == PACK_SEALED;
    v->questions = ARENA_ARRAY(req->arena, n + 1, struct page_desk_question);
    if (v->questions == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++)
        TRY(question_view(req, &k->question[i], &v->questions[v->questions_count++]));
    return ERR_OK;
}

/* The field a refusal of the rules is about, by the name it has on this page. */
static struct msg_say fault_of(const struct request *req, const char *field)
{
    struct msg_say say = frame_fault(req, field);
    if (say.key == MSG_NONE && req->err.err == ERR_INVALID && strcmp(req->err.arg[0], field) == 0)
        say = msg_say_err(&req->err);
    return say;
}

static void typed_fill(struct request *req, struct page_desk_new *v)
{
    struct str once = typed(req, "once");
    struct str received = typed(req, "received");
    v->once = once.len == 0 ? once_new(req) : once;
    v->today = desk_day_iso(req, desk_today(req));
    v->received = received.len == 0 ? v->today : received;
    v->title = typed(req, "title");
    v->text = typed(req, "text");
    v->place = typed(req, "place");
    v->wish = typed(req, "wish");
    v->name = typed(req, "name");
    v->phone = typed(req, "phone");
    v->email = typed(req, "email");
    v->postal = typed(req, "postal");
    v->received_fault = fault_of(req, "received");
    v->kind_fault = fault_of(req, "kind");
    v->office_fault = fault_of(req, "office");
    v->title_fault = fault_of(req, "title");
    v->text_fault = fault_of(req, "text");
    v->place_fault = fault_of(req, "place");
    v->wish_fault = fault_of(req, "wish");
    v->identity_fault = fault_of(req, "identity");
    v->name_fault = fault_of(req, "name");
    v->phone_fault = fault_of(req, "phone");
    v->email_fault = fault_of(req, "email");
    v->postal_fault = fault_of(req, "postal");
}

static enum err page_show(struct request *req, int status)
{
    struct page_desk_new v = {.csrf = request_csrf(req, "/desk/new")};
    typed_fill(req, &v);
    TRY(kinds_fill(req, &v));
    TRY(offices_fill(req, &v));
    TRY(choices_fill(req, &v));
    TRY(questions_fill(req, &v));
    v.similar_csrf = request_csrf(req, "/desk/similar");
    if (typed(req, "similar").len > 0) {
        v.similar.asked = true;
        TRY(desk_similar_fill(req, v.title, v.text, typed(req, "kind"), &v.similar));
    }
    v.faults = req->faults.count > 0 || (req->err.err != ERR_OK && req->err.key[0] != '\0');
    if (req->err.err != ERR_OK && req->err.key[0] != '\0')
        v.fault = msg_say_err(&req->err);
    frame_staff(req, MSG_DESK_NEW_TITLE, STAFF_NEW, &v.frame);
    page_desk_new_render(req->html, &v, req->lang);
    return reply_html(req, status);
}

enum err desk_new_view(struct request *req)
{
    return page_show(req, 200);
}

static bool is_only_shown(const struct new_input *in)
{
    return in->again || in->similar;
}

enum err desk_new_again(struct request *req)
{
    const struct new_input *in = request_form(req);
    return page_show(req, in != NULL && is_only_shown(in) ? 200 : 422);
}

/* ---- taking in ----------------------------------------------------------------------------- */

static enum post post_of_desk(const struct request *req)
{
    return (req->who.posts & (1U << POST_DESK)) != 0 ? POST_DESK : POST_LEAD;
}

static struct identity identity_of(const struct new_input *in)
{
    return (struct identity){.name = in->name,
                             .email = in->email,
                             .phone = in->phone,
                             .postal = in->postal,
                             .lang = in->answer_lang == 0 ? STR("")
                                                          : str_of(LANGS[in->answer_lang - 1])};
}

static bool has_identity(const struct new_input *in)
{
    return in->name.len + in->email.len + in->phone.len + in->postal.len > 0;
}

/* What a sealed person says of themselves goes to the vault before the matter is written; a box
 * whose matter never comes is erased after a day. */
enum err desk_new_prepare(struct request *req)
{
    const struct new_input *in = request_form(req);
    if (is_only_shown(in) || in->identity != IDENTITY_SEALED || !has_identity(in))
        return ERR_OK;
    struct id16 *handle = ARENA_NEW(req->arena, struct id16);
    uint8_t *tlv = arena_alloc(req->arena, KEEPER_IDENTITY_BYTES_MAX);
    if (handle == NULL || tlv == NULL)
        return ERR_NOMEM;
    const struct identity who = identity_of(in);
    size_t len = 0;
    TRY(identity_encode(&who, tlv, KEEPER_IDENTITY_BYTES_MAX, &len));
    const struct keeper_seal seal = {.policy = POLICY_DEFAULT,
                                     .identity = str_make(tlv, len),
                                     .address = STR(""),
                                     .lang = str_sub(who.lang, 0, 2),
                                     .now_us = req->now_us};
    enum keeper_status status = keeper_seal(desk_house(req)->keeper, &seal, handle);
    crypt_wipe(tlv, KEEPER_IDENTITY_BYTES_MAX);
    req->model = handle;
    return keeper_err(status);
}

enum err desk_new_act(struct tx *tx, struct request *req)
{
    const struct new_input *in = request_form(req);
    /* "Show the questions", "show similar ones" come back with the page and write nothing. */
    if (is_only_shown(in))
        return ERR_REFUSED;
    const struct office *o = office_find_code(house_tree(desk_house(req)), in->office);
    const struct identity card = identity_of(in);
    struct matter_raise r = {
        .command = {.what = DO_RAISE,
                    .body = {.kind = in->kind,
                             .title = in->title,
                             .text = in->text,
                             .place = in->place,
                             .wish = in->wish,
                             .lang = in->answer_lang == 0 ? desk_lang(req)
                                                          : str_of(LANGS[in->answer_lang - 1]),
                             .channel = CHANNEL_OF[in->channel],
                             .identity = (enum matter_identity)in->identity,
                             .received_day =
                                 in->received == FORM_NO_DAY ? desk_today(req) : in->received}},
        .who = WHO_OFFICER,
        .officer = req->who.officer,
        .post = post_of_desk(req),
        .office = o == NULL ? (struct office_id){0} : o->id,
        .handle = req->model, /* sealed before by prepare, or NULL */
        .card = has_identity(in) && in->identity == IDENTITY_KNOWN ? &card : NULL,
        .once = in->once,
        .give_register_number = true,
    };
    TRY(matter_answers_write(tx->arena, in->q.items, in->q.count, &r.command.body.answers));
    struct matter_done *done = ARENA_NEW(req->arena, struct matter_done);
    if (done == NULL)
        return ERR_NOMEM;
    TRY(matter_raise(tx, &r, done));
    req->model = done;
    return ERR_OK;
}

enum err desk_new_reply(struct request *req)
{
    const struct matter_done *done = req->model;
    const char *path =
        arena_printf(req->arena, "/desk/m/" STR_FMT "#taken", STR_ARG(desk_ref(req, done->id)));
    return path == NULL ? ERR_NOMEM : reply_see_other(req, str_of(path));
}
