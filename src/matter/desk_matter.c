/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* One matter on one screen. */
#include "matter/desk.h"

#include "base/instant.h"
#include "base/mem.h"
#include "db/writer.h"
#include "http/frame_staff.h"
#include "lib/text/zone.h"
#include "matter/desk.sql.h"
#include "matter/desk_similar.h"
#include "matter/desk_step.h"
#include "matter/desk_texts.h"
#include "matter/pages/desk_matter.html.h"
#include "spine/lookers.h"
#include "trust/code.h"

/* ---- the story ----------------------------------------------------------------------------- */

static struct str word_text(struct request *req, const char *prefix, struct str word)
{
    enum msg_key key = desk_key(prefix, word);
    return key == MSG_NONE ? word : msg_plain(req->lang, key);
}

enum { PARTS_EACH = 16, PARTS_MAX = PARTS_EACH + DESK_ANSWERS_MAX };

static void part_put(struct page_desk_matter_story *s, enum msg_key label, struct str text)
{
    if (text.len > 0 && s->parts_count < PARTS_EACH)
        s->parts[s->parts_count++] =
            (struct page_desk_matter_story_parts){.label = label, .text = text};
}

static void part_day(struct request *req, struct page_desk_matter_story *s, enum msg_key label,
                     int32_t day)
{
    if (day != 0)
        part_put(s, label, desk_day_long(req->arena, req->lang, day));
}

/* The questions have the pack's words, not ours. */
static void part_answers(struct request *req, struct page_desk_matter_story *s,
                         const struct matter_body *b)
{
    struct desk_answers said;
    const struct pack_kind *kind = pack_find_kind(desk_house(req)->pack, b->kind);
    if (desk_answers(req->arena, req->lang, kind, b->answers, &said) != ERR_OK)
        return;
    for (size_t i = 0; i < said.count && s->parts_count < PARTS_MAX; i++)
        s->parts[s->parts_count++] = (struct page_desk_matter_story_parts){
            .name = said.items[i].label, .text = said.items[i].text};
}

static enum err parts_fill(struct request *req, const struct matter_body *b,
                           struct page_desk_matter_story *s)
{
    struct page_desk_matter_story_parts parts[PARTS_MAX]; /* most events have none or one */
    s->parts = parts;
    part_day(req, s, MSG_DESK_PART_HAPPENED, b->happened_day);
    part_put(s, MSG_DESK_PART_WISH, b->wish);
    part_put(s, MSG_DESK_PART_TO, desk_office_name(req, b->to));
    part_put(s, MSG_DESK_PART_HANDLER, desk_officer_name(req, b->handler));
    part_put(s, MSG_DESK_PART_REASON, word_text(req, "matter.reason.", b->reason));
    part_put(s, MSG_DESK_PART_REF, b->ref);
    part_put(s, MSG_DESK_PART_WHOSE, b->whose);
    part_put(s, MSG_DESK_PART_ASKED, b->asked);
    part_put(s, MSG_DESK_PART_FOUND, b->found);
    part_put(s, MSG_DESK_PART_OUTCOME,
             word_text(req, "matter.outcome.", matter_outcome_word(b->outcome)));
    part_put(s, MSG_DESK_PART_BASIS, b->basis);
    part_put(s, MSG_DESK_PART_REMEDY, b->remedy);
    part_day(req, s, MSG_DESK_PART_REMEDY_DAY, b->remedy_day);
    part_put(s, MSG_DESK_PART_REVIEW_WHERE, b->review_where);
    part_day(req, s, MSG_DESK_PART_REVIEW_DAY, b->review_day);
    part_day(req, s, MSG_DESK_PART_UNTIL, b->until_day);
    if (b->rule.len > 0) {
        part_put(s, MSG_DESK_PART_RULE, desk_rule_name(req, b->rule));
        part_day(req, s, MSG_DESK_PART_LAST, b->last_day);
    }
    part_answers(req, s, b);
    s->parts = (void *)arena_copy(req->arena, parts, s->parts_count * sizeof *parts);
    return s->parts == NULL ? ERR_NOMEM : ERR_OK;
}

static struct str who_text(struct request *req, const struct matter_event *e)
{
    if (e->who == WHO_PERSON)
        return msg_plain(req->lang, MSG_DESK_WHO_PERSON);
    if (e->who != WHO_OFFICER)
        return msg_plain(req->lang, MSG_DESK_WHO_SYSTEM);
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 400);
    const struct msg_arg args[] = {
        msg_text("name", desk_officer_name(req, e->body.by)),
        msg_text("office", desk_office_name(req, e->body.office)),
    };
    msg_put(&b, req->lang, MSG_DESK_WHO_OFFICER, args, 2);
    return str_copy(req->arena, buf_view(&b));
}

static bool is_due_event(enum matter_event_type t)
{
    return t >= EV_DUE_STARTED;
}

/* Due events are in the list of limits already; the story tells those that changed something. */
static bool is_told(enum matter_event_type t)
{
    return t != EV_NONE && (!is_due_event(t) || t == EV_DUE_MISSED || t == EV_DUE_MOVED);
}

static enum err story_fill(struct request *req, const struct matter_story *story,
                           struct page_desk_matter *v)
{
    v->story = ARENA_ARRAY(req->arena, story->count + 1, struct page_desk_matter_story);
    if (v->story == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < story->count; i++) {
        const struct matter_event *e = &story->events[i];
        if (!is_told(e->type))
            continue;
        struct page_desk_matter_story *s = &v->story[v->story_count++];
        *s = (struct page_desk_matter_story){
            .when = story->raw[i].at_us,
            .day = zone_day_of(desk_house(req)->zone, story->raw[i].at_us),
            .dayonly = e->who == WHO_PERSON,
            .what = {.key = desk_event_key(matter_event_name(e->type))},
            .who = who_text(req, e),
            .text = e->body.text,
            .inner = !matter_event_is_shown(e->type),
            .person = e->who == WHO_PERSON,
            .machine = e->who == WHO_SYSTEM,
        };
        TRY(parts_fill(req, &e->body, s));
    }
    return ERR_OK;
}

/* ---- beside it ----------------------------------------------------------------------------- */

static struct msg_say due_left(const struct request *req, const struct desk_dues_row *d)
{
    if (d->state == DUE_SUSPENDED)
        return (struct msg_say){.key = MSG_DESK_LEFT_STILL};
    return desk_left(req, d->at_us, d->at_day, d->fine);
}

/* Those that run first, then those that stand still or were missed; what is over is left out. */
static enum err dues_fill(struct request *req, struct page_desk_matter *v)
{
    struct desk_dues_row *rows = NULL;
    size_t n = 0;
    TRY(desk_dues(req->db, req->arena, req->dossier, &rows, &n));
    v->dues = ARENA_ARRAY(req->arena, n + 1, struct page_desk_matter_dues);
    if (v->dues == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        const struct desk_dues_row *d = &rows[i];
        if (d->state == DUE_DROPPED || d->state == DUE_MET)
            continue;
        v->dues[v->dues_count++] = (struct page_desk_matter_dues){
            .n = d->n,
            .name = desk_rule_name(req, d->rule),
            .source = desk_rule_source(req, d->rule),
            .office = desk_office_name(req, d->office),
            .person = d->side == DUE_PERSON,
            .last = d->at_day,
            .at = d->at_us,
            .fine = d->fine,
            .left = due_left(req, d),
            .open = d->state == DUE_OPEN,
            .still = d->state == DUE_SUSPENDED,
            .until = d->until_day,
            .missed = d->state == DUE_MISSED || d->at_us <= req->now_us,
            .provisional = d->provisional,
            .extended = d->extended,
        };
    }
    return ERR_OK;
}

static enum err doors_fill(struct request *req, const struct matter *m, struct page_desk_matter *v)
{
    const struct pack_kind *k = pack_find_kind(desk_house(req)->pack, m->kind);
    size_t n = k == NULL ? 0 : k->door_count;
    v->doors = ARENA_ARRAY(req->arena, n + 1, struct page_desk_matter_doors);
    if (v->doors == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        const struct pack_door *d = &k->door[i];
        struct page_desk_matter_doors *out = &v->doors[v->doors_count++];
        *out = (struct page_desk_matter_doors){.name = wording_pick(&d->name, desk_lang(req)),
                                               .body = wording_pick(&d->body, desk_lang(req)),
                                               .how = wording_pick(&d->how, desk_lang(req))};
        for (int32_t q = 0; d->due != NULL && q < m->due_count; q++) {
            if (str_eq(m->dues[q].rule, d->due->id))
                out->last = m->dues[q].due.at_day;
        }
    }
    return ERR_OK;
}

static enum err register_fill(struct request *req, struct page_desk_matter *v)
{
    struct desk_register_number_row row;
    enum err err = desk_register_number(req->db, req->arena, req->dossier, &row);
    if (err == ERR_NOT_FOUND)
        return ERR_OK;
    TRY(err);
    struct civil c = civil_of(row.day);
    const char *text = arena_printf(req->arena, "%04d%02d%02d-%04d", (int)c.year, (int)c.month,
                                    (int)c.day, (int)row.digits);
    v->register_number = text == NULL ? STR("") : str_of(text);
    return ERR_OK;
}

static void card_fill(struct request *req, const struct matter *m, struct page_desk_matter *v)
{
    v->has_card = m->identity == IDENTITY_KNOWN;
    v->card_csrf = request_csrf(req, "/desk/m/{ref}/card");
    const struct identity *card = req->model;
    if (card == NULL)
        return;
    v->card = true;
    v->has_card = false;
    v->card_name = card->name;
    v->card_phone = card->phone;
    v->card_email = card->email;
    v->card_postal = card->postal;
    v->card_other = card->other;
}

static enum err papers_fill(struct request *req, const struct matter *m, struct page_desk_matter *v)
{
    v->papers = ARENA_ARRAY(req->arena, 4, struct page_desk_matter_papers);
    if (v->papers == NULL)
        return ERR_NOMEM;
    v->papers[v->papers_count++] =
        (struct page_desk_matter_papers){STR("intake"), MSG_DESK_PAPER_INTAKE};
    bool is_taken =
        m->state != MATTER_RECEIVED && m->state != MATTER_ROUTED && m->state != MATTER_REFUSED;
    if (is_taken)
        v->papers[v->papers_count++] =
            (struct page_desk_matter_papers){STR("acceptance"), MSG_DESK_PAPER_ACCEPTANCE};
    if (m->answers > 0) {
        v->papers[v->papers_count++] =
            (struct page_desk_matter_papers){STR("decision"), MSG_DESK_PAPER_DECISION};
        v->papers[v->papers_count++] =
            (struct page_desk_matter_papers){STR("delivery"), MSG_DESK_PAPER_DELIVERY};
    }
    return ERR_OK;
}

/* Who came to the desk takes a receipt away; one matter has one. */
static enum err slip_fill(struct request *req, const struct matter *m,
                          const struct matter_actor *me, struct page_desk_matter *v)
{
    bool came_here =
        m->channel != CHANNEL_WEB && m->channel != CHANNEL_API && m->channel != CHANNEL_IMPORT;
    bool has_code = true;
    if (came_here && (me->verbs & VERB_TAKE_IN) != 0)
        TRY(code_has(req->db, req->arena, req->dossier, &has_code));
    v->slip = has_code ? STR("") : request_csrf(req, "/desk/m/{ref}/slip");
    return ERR_OK;
}

static void facts_fill(struct request *req, const struct matter *m, struct page_desk_matter *v)
{
    v->ref = desk_ref(req, req->dossier);
    v->title = m->title;
    v->kind = desk_kind_name(req, m->kind);
    v->route = desk_route_name(req, m->route);
    v->state = desk_state_key(m->state);
    v->channel = desk_channel_key(m->channel);
    v->identity =
        m->identity == IDENTITY_KNOWN ? MSG_MATTER_IDENTITY_KNOWN : MSG_MATTER_IDENTITY_SEALED;
    v->sealed = m->content == CONTENT_SEALED;
    v->received = m->received_day;
    v->entered = m->entered_us;
    v->place = m->place;
    v->owner = desk_office_name(req, m->owner);
    v->offered = desk_office_name(req, m->offered);
    v->first = m->first.v == m->owner.v ? STR("") : desk_office_name(req, m->first);
    v->handler = desk_officer_name(req, m->handler);
    v->danger = m->danger;
    v->reopened = m->reopened;
    v->seq = m->seq;
}

/* Officers who had it open lately and may see it still, with the post they see it by. */
static enum err others_fill(struct request *req, const struct matter *m, struct page_desk_matter *v)
{
    const struct house *h = desk_house(req);
    struct officer_id ids[LOOKERS_SHOWN_MAX];
    size_t n = lookers_others(h->lookers, req->dossier, req->who.officer, req->now_us, ids);
    v->others = ARENA_ARRAY(req->arena, n + 1, struct page_desk_matter_others);
    if (v->others == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        struct matter_actor a;
        enum err err =
            matter_actor_of(req->db, req->arena, h, ids[i], m, req->dossier, req->now_us, &a);
        if (err == ERR_NOT_FOUND || (err == ERR_OK && a.post == POST_UNSET))
            continue;
        TRY(err);
        struct msg_say *who = &v->others[v->others_count++].who;
        *who = (struct msg_say){.key = MSG_DESK_OTHERS_ONE, .args_count = 3};
        who->args[0] = msg_text("name", desk_officer_name(req, ids[i]));
        who->args[1] = msg_text("office", desk_office_name(req, a.office));
        who->args[2] =
            msg_text("post", msg_plain(req->lang, desk_key("post.", str_of(post_name(a.post)))));
    }
    return ERR_OK;
}

/* On demand: it asks the index, and most looks do not need it. The matter itself is not like it. */
static enum err similar_fill(struct request *req, const struct matter_story *story,
                             struct page_desk_matter *v)
{
    struct str text = STR("");
    size_t kept = 0;
    for (size_t i = 0; i < story->count && text.len == 0; i++)
        if (story->events[i].type == EV_RECEIVED)
            text = story->events[i].body.text;
    v->similar.asked = true;
    TRY(desk_similar_fill(req, story->now.title, text, story->now.kind, &v->similar));
    for (size_t i = 0; i < v->similar.rows_count; i++)
        if (!str_eq(v->similar.rows[i].ref, v->ref))
            v->similar.rows[kept++] = v->similar.rows[i];
    v->similar.rows_count = kept;
    return ERR_OK;
}

/* ---- the page ------------------------------------------------------------------------------ */

/* The first look of a day is on record before anything is shown. */
static enum err look_job(struct tx *tx, void *ctx)
{
    const struct request *req = ctx;
    return matter_look(tx, req->dossier, req->who.officer);
}

static enum err look_record(struct request *req)
{
    bool has_looked = false;
    TRY(matter_has_looked(req->db, req->arena, req->dossier, req->who.officer, desk_today(req),
                          &has_looked));
    if (has_looked)
        return ERR_OK;
    return writer_call(desk_house(req)->writer, look_job, req, &req->err);
}

static enum err page_show(struct request *req, const struct desk_step *opened, bool similar,
                          int status)
{
    const struct house *h = desk_house(req);
    struct matter_story story;
    struct matter_actor me;
    struct page_desk_matter v = {0};
    TRY(matter_story_load(req->db, req->arena, h, req->dossier, true, &story));
    TRY(matter_actor_of(req->db, req->arena, h, req->who.officer, &story.now, req->dossier,
                        req->now_us, &me));
    facts_fill(req, &story.now, &v);
    TRY(story_fill(req, &story, &v));
    if (similar)
        TRY(similar_fill(req, &story, &v));
    TRY(dues_fill(req, &v));
    TRY(doors_fill(req, &story.now, &v));
    TRY(register_fill(req, &v));
    TRY(papers_fill(req, &story.now, &v));
    TRY(slip_fill(req, &story.now, &me, &v));
    TRY(others_fill(req, &story.now, &v));
    card_fill(req, &story.now, &v);
    TRY(desk_acts_fill(req, &story.now, &me, opened, &v));
    TRY(desk_texts_fill(req, &story.now, me.office.v != 0 ? me.office : story.now.owner, &v));
    TRY(matter_answer_waits(req->db, req->arena, req->dossier, &v.send_at));
    v.answering = v.send_at != 0;
    v.undo = request_csrf(req, "/desk/m/{ref}/undo");
    v.recuse = request_csrf(req, "/desk/m/{ref}/recuse");
    if (opened != NULL && req->err.err != ERR_OK)
        v.fault = msg_say_err(&req->err);
    frame_staff(req, MSG_DESK_STORY, STAFF_WORK, &v.frame);
    page_desk_matter_render(req->html, &v, req->lang);
    return reply_html(req, status);
}

enum err desk_matter_look_view(struct request *req)
{
    TRY(look_record(req));
    lookers_mark(desk_house(req)->lookers, req->dossier, req->who.officer, req->now_us);
    return page_show(req, NULL, false, 200);
}

enum err desk_matter_similar_view(struct request *req)
{
    TRY(look_record(req));
    lookers_mark(desk_house(req)->lookers, req->dossier, req->who.officer, req->now_us);
    return page_show(req, NULL, true, 200);
}

enum err desk_matter_again(struct request *req)
{
    return page_show(req, desk_step_of(req), false, req->err.err == ERR_CONFLICT ? 409 : 422);
}
