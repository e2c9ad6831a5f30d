/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "matter/desk_texts.h"

#include "base/mem.h"
#include "db/writer.h"
#include "http/frame.h"
#include "http/frame_staff.h"
#include "lib/json/jsonw.h"
#include "matter/desk_texts.sql.h"
#include "matter/pages/desk_matter.html.h"
#include "matter/pages/desk_texts.html.h"
#include "spine/event.h"

static const char *const LANGS[] = {"zh-CN", "en", NULL};

struct texts_input {
    struct str office; /* code; "" for the first one the reader leads */
    struct str name;
    int32_t text_lang;
    struct str text;
};

static const struct form_field TEXTS_FIELDS[] = {
    FORM_TEXT(struct texts_input, office, 0, 100),
};
const struct form DESK_TEXTS_FORM = FORM_INIT("texts", struct texts_input, TEXTS_FIELDS);

static const struct form_field PUT_FIELDS[] = {
    FORM_TEXT(struct texts_input, office, 1, 100),
    FORM_TEXT(struct texts_input, name, 1, 60),
    FORM_CHOICE(struct texts_input, text_lang, LANGS, true),
    FORM_LINES(struct texts_input, text, 1, TEXT_CHARS_MAX),
};
const struct form DESK_TEXT_PUT_FORM = FORM_INIT("put text", struct texts_input, PUT_FIELDS);

static const struct form_field DROP_FIELDS[] = {
    FORM_TEXT(struct texts_input, office, 1, 100),
    FORM_TEXT(struct texts_input, name, 1, 60),
    FORM_CHOICE(struct texts_input, text_lang, LANGS, true),
};
const struct form DESK_TEXT_DROP_FORM = FORM_INIT("drop text", struct texts_input, DROP_FIELDS);

/* ---- variables ------------------------------------------------------------------------------- */

/* The value of the variable `rest` begins with, and its length; NULL when it is none. */
static const struct str *variable_at(struct str rest, const struct text_values *values,
                                     size_t *ret_len)
{
    const struct {
        struct str name;
        const struct str *value;
    } known[] = {{STR("{ref}"), &values->ref},
                 {STR("{title}"), &values->title},
                 {STR("{office}"), &values->office},
                 {STR("{today}"), &values->today}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (str_starts(rest, known[i].name)) {
            *ret_len = known[i].name.len;
            return known[i].value;
        }
    }
    return NULL;
}

const char *desk_text_fault(struct str text)
{
    const struct text_values none = {0};
    size_t count = 0;
    size_t len = 0;
    for (size_t at = 0; at < text.len; at++) {
        if (text.ptr[at] != '{')
            continue;
        if (variable_at(str_sub(text, at, text.len), &none, &len) == NULL)
            return "desk.texts.variable";
        if (++count > TEXT_VARIABLES_MAX)
            return "desk.texts.many_variables";
    }
    return NULL;
}

void desk_text_put(struct buf *b, struct str text, const struct text_values *values)
{
    for (size_t at = 0; at < text.len;) {
        size_t len = 0;
        const struct str *value = NULL;
        if (text.ptr[at] == '{')
            value = variable_at(str_sub(text, at, text.len), values, &len);
        if (value != NULL)
            buf_str(b, *value);
        else
            buf_char(b, text.ptr[at]);
        at += value != NULL ? len : 1;
    }
}

/* ---- on a matter's page ---------------------------------------------------------------------- */

static enum err text_view(struct request *req, const struct matter *m, const struct office *o,
                          const struct text_list_row *row, struct page_desk_matter *v)
{
    const struct msg_lang *lang = msg_lang_find(row->lang);
    struct str today = desk_day_long(req->arena, lang == NULL ? req->lang : lang, desk_today(req));
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 64 * 1024);
    const struct text_values values = {.ref = desk_ref(req, req->dossier),
                                       .title = m->title,
                                       .office = office_name(o, row->lang),
                                       .today = today};
    desk_text_put(&b, row->text, &values);
    TRY(buf_err(&b));
    v->texts[v->texts_count++] = (struct page_desk_matter_texts){
        .name = row->name,
        .tag = row->lang,
        .tag_name = lang == NULL ? row->lang : msg_lang_name(lang),
        .text = str_copy(req->arena, buf_view(&b)),
    };
    return ERR_OK;
}

enum err desk_texts_fill(struct request *req, const struct matter *m, struct office_id office,
                         struct page_desk_matter *v)
{
    const struct office *o = office_find(house_tree(desk_house(req)), office);
    struct text_list_row *rows = NULL;
    size_t n = 0;
    if (o == NULL || v->acts_count == 0)
        return ERR_OK;
    TRY(text_list(req->db, req->arena, office, &rows, &n));
    v->texts = ARENA_ARRAY(req->arena, n + 1, struct page_desk_matter_texts);
    if (v->texts == NULL)
        return ERR_NOMEM;
    for (int own = 1; own >= 0; own--) {
        for (size_t i = 0; i < n; i++) {
            if (str_eq(rows[i].lang, m->lang) == (own == 1))
                TRY(text_view(req, m, o, &rows[i], v));
        }
    }
    return ERR_OK;
}

/* ---- the page of the leads ------------------------------------------------------------------- */

/* The office of that code, or the first one, if the officer leads it today; else not found, be
 * there such an office or not. */
static enum err office_led(struct db *db, struct request *req, struct str code,
                           const struct office **ret_office)
{
    struct held *held = NULL;
    size_t n = 0;
    TRY(officer_held(db, req->arena, req->who.officer, desk_today(req), &held, &n));
    for (size_t i = 0; i < n; i++) {
        const struct office *o = office_find(house_tree(desk_house(req)), held[i].office);
        if (o != NULL && (held[i].posts & (1U << POST_LEAD)) != 0 &&
            (code.len == 0 || str_eq(o->code, code))) {
            *ret_office = o;
            return ERR_OK;
        }
    }
    return ERR_NOT_FOUND;
}

static enum err offices_fill(struct request *req, const struct office *on,
                             struct page_desk_texts *v)
{
    struct held *held = NULL;
    size_t n = 0;
    TRY(desk_offices(req, &held, &n));
    v->offices = ARENA_ARRAY(req->arena, n + 1, struct page_desk_texts_offices);
    if (v->offices == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        const struct office *o = office_find(house_tree(desk_house(req)), held[i].office);
        if (o != NULL && (held[i].posts & (1U << POST_LEAD)) != 0)
            v->offices[v->offices_count++] = (struct page_desk_texts_offices){
                .code = o->code, .name = office_name(o, desk_lang(req)), .on = o == on};
    }
    v->choose = v->offices_count > 1;
    return ERR_OK;
}

static enum err rows_fill(struct request *req, const struct office *o, struct page_desk_texts *v)
{
    struct text_list_row *rows = NULL;
    size_t n = 0;
    TRY(text_list(req->db, req->arena, o->id, &rows, &n));
    v->rows = ARENA_ARRAY(req->arena, n + 1, struct page_desk_texts_rows);
    if (v->rows == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        const struct msg_lang *lang = msg_lang_find(rows[i].lang);
        v->rows[v->rows_count++] = (struct page_desk_texts_rows){
            .n = (int64_t)i + 1,
            .name = rows[i].name,
            .tag = rows[i].lang,
            .tag_name = lang == NULL ? rows[i].lang : msg_lang_name(lang),
            .text = rows[i].text};
    }
    return ERR_OK;
}

static enum err langs_fill(struct request *req, struct page_desk_texts *v)
{
    struct str on = request_typed(req, "text_lang");
    v->langs = ARENA_ARRAY(req->arena, msg_lang_count() + 1, struct page_desk_texts_langs);
    if (v->langs == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < msg_lang_count(); i++) {
        const struct msg_lang *l = msg_lang_at(i);
        v->langs[v->langs_count++] = (struct page_desk_texts_langs){
            .id = msg_lang_tag(l),
            .name = msg_lang_name(l),
            .on = str_eq(msg_lang_tag(l), on.len == 0 ? desk_lang(req) : on)};
    }
    return ERR_OK;
}

static enum err page_show(struct request *req, int status)
{
    const struct texts_input *in = request_form(req);
    const struct office *o = NULL;
    TRY(office_led(req->db, req, in->office, &o));
    struct page_desk_texts v = {
        .office = o->code,
        .office_name = office_name(o, desk_lang(req)),
        .put = request_csrf(req, "/desk/texts"),
        .drop = request_csrf(req, "/desk/texts/drop"),
        .name = request_typed(req, "name"),
        .text = request_typed(req, "text"),
        .name_fault = frame_fault(req, "name"),
        .lang_fault = frame_fault(req, "text_lang"),
        .text_fault = frame_fault(req, "text"),
        .faults = status != 200,
    };
    if (req->err.err != ERR_OK && req->err.key[0] != '\0')
        v.fault = msg_say_err(&req->err);
    TRY(offices_fill(req, o, &v));
    TRY(rows_fill(req, o, &v));
    TRY(langs_fill(req, &v));
    frame_staff(req, MSG_DESK_TEXTS_TITLE, STAFF_NONE, &v.frame);
    page_desk_texts_render(req->html, &v, req->lang);
    return reply_html(req, status);
}

enum err desk_texts_view(struct request *req)
{
    return page_show(req, 200);
}

enum err desk_texts_again(struct request *req)
{
    return page_show(req, 422);
}

enum err desk_text_put_prepare(struct request *req)
{
    const struct texts_input *in = request_form(req);
    const char *fault = desk_text_fault(in->text);
    if (fault != NULL)
        form_fault_add(&req->faults, "text", fault);
    return ERR_OK;
}

/* Who changed which words is on record; they stand in what people are sent. */
static enum err text_event(struct tx *tx, const struct request *req, const char *type,
                           struct office_id office, const struct texts_input *in)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 64 * 1024);
    struct jsonw w;
    jsonw_init(&w, &b, JSONW_CANONICAL);
    jsonw_object(&w);
    jsonw_member_i64(&w, "at", tx->now_us);
    jsonw_member_i64(&w, "by", req->who.officer.v);
    jsonw_member_str(&w, "lang", str_of(LANGS[in->text_lang - 1]));
    jsonw_member_str(&w, "name", in->name);
    jsonw_member_i64(&w, "office", office.v);
    if (in->text.len > 0)
        jsonw_member_str(&w, "text", in->text);
    jsonw_end(&w);
    TRY(jsonw_err(&w));
    const struct event_draft e = {
        .type = str_of(type), .actor = STR("role:lead"), .payload = buf_view(&b)};
    return event_append_system(tx, &e, NULL);
}

enum err desk_text_put_act(struct tx *tx, struct request *req)
{
    const struct texts_input *in = request_form(req);
    const struct office *o = NULL;
    struct text_list_row *rows = NULL;
    size_t n = 0;
    struct str lang = str_of(LANGS[in->text_lang - 1]);
    TRY(office_led(tx->db, req, in->office, &o));
    TRY(text_list(tx->db, tx->arena, o->id, &rows, &n));
    bool is_there = false;
    for (size_t i = 0; i < n && !is_there; i++)
        is_there = str_eq(rows[i].name, in->name) && str_eq(rows[i].lang, lang);
    if (!is_there && n >= TEXTS_MAX)
        return err_set(tx->info, ERR_REFUSED, "desk.texts.full", "%d texts", TEXTS_MAX);
    TRY(text_put(tx->db, o->id, in->name, lang, in->text));
    return text_event(tx, req, "office.text_kept", o->id, in);
}

enum err desk_text_drop_act(struct tx *tx, struct request *req)
{
    const struct texts_input *in = request_form(req);
    const struct office *o = NULL;
    int64_t n = 0;
    TRY(office_led(tx->db, req, in->office, &o));
    TRY(text_drop(tx->db, o->id, in->name, str_of(LANGS[in->text_lang - 1]), &n));
    return n == 0 ? ERR_OK : text_event(tx, req, "office.text_dropped", o->id, in);
}

enum err desk_texts_reply(struct request *req)
{
    const struct texts_input *in = request_form(req);
    const char *path = arena_printf(req->arena, "/desk/texts?office=" STR_FMT, STR_ARG(in->office));
    return path == NULL ? ERR_NOMEM : reply_see_other(req, str_of(path));
}
