/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "matter/store.h"

#include "base/mem.h"
#include "db/writer.h"
#include "matter/matter.sql.h"
#include "spine/field.h"
#include "spine/grant.h"
#include "spine/keys.h"
#include "spine/office.h"

/* ---- reading -------------------------------------------------------------------------------- */

static enum matter_who who_of(struct str actor)
{
    if (str_eq_c(actor, "person"))
        return WHO_PERSON;
    return str_eq_c(actor, "system") ? WHO_SYSTEM : WHO_OFFICER;
}

static enum err event_read(struct arena *a, const struct event *raw, struct matter_event *ret,
                           struct err_info *info)
{
    *ret = (struct matter_event){.who = who_of(raw->parsed.actor)};
    if (!matter_event_of_name(raw->parsed.type, &ret->type))
        return ERR_OK;
    struct str role = STR("role:");
    if (str_starts(raw->parsed.actor, role)) {
        const char *post =
            str_c(a, str_sub(raw->parsed.actor, role.len, raw->parsed.actor.len - role.len));
        if (post == NULL)
            return ERR_NOMEM;
        ret->post = post_parse(post);
    }
    return matter_body_read(a, raw->payload, &ret->body, info);
}

enum err store_fold(struct arena *a, const struct event *raw, size_t count, struct matter *ret_m,
                    struct matter_event **ret_events, struct err_info *info)
{
    struct matter m = {0};
    struct matter_event *events = ARENA_ARRAY(a, count > 0 ? count : 1, struct matter_event);
    if (events == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < count; i++) {
        TRY(event_read(a, &raw[i], &events[i], info));
        if (events[i].type != EV_NONE && matter_apply(&m, &events[i]) != ERR_OK)
            return err_set(info, ERR_CORRUPT, NULL, "event %lld does not follow",
                           (long long)raw[i].seq);
    }
    *ret_m = m;
    if (ret_events != NULL)
        *ret_events = events;
    return ERR_OK;
}

/* What opens the events of a sealed kind, before anything of it is read. */
static enum err keys_find(const struct house *h, struct dossier *d, struct key32 *ret_mdk)
{
    if (d->content != CONTENT_SEALED)
        return ERR_OK;
    struct key32 mlk;
    TRY(h->keys->find(h->keys->ctx, d->id, KEY_MLK, &mlk));
    TRY(h->keys->find(h->keys->ctx, d->id, KEY_MDK, ret_mdk));
    memcpy(d->mlk, mlk.b, sizeof(d->mlk));
    d->has_mlk = true;
    key32_wipe(&mlk);
    return ERR_OK;
}

enum err store_peek(struct tx *tx, struct dossier_id id, struct store *ret_store)
{
    struct store s = {0};
    TRY(dossier_load(tx->db, tx->arena, id, &s.dossier));
    if (s.dossier.kind != DOSSIER_MATTER)
        return ERR_NOT_FOUND;
    TRY(keys_find(house_of(tx), &s.dossier, &s.mdk));
    *ret_store = s;
    return ERR_OK;
}

enum err store_events(struct db *db, struct arena *a, const struct house *h,
                      const struct dossier *d, bool as_officer, struct event **ret_raw,
                      size_t *ret_count)
{
    struct event_ask ask = {.dossier = d->id, .as_officer = as_officer};
    struct key32 mlk;
    ref_id16(h->keys->k_id, d->id, &ask.id16);
    if (d->content == CONTENT_SEALED) {
        memcpy(mlk.b, d->mlk, sizeof(mlk.b));
        ask.mlk = &mlk;
    }
    return event_load(db, a, &ask, ret_raw, ret_count);
}

enum err store_open(struct tx *tx, struct dossier_id id, struct store *ret_store)
{
    struct store s;
    struct event *raw = NULL;
    size_t count = 0;
    TRY(store_peek(tx, id, &s));
    TRY(store_events(tx->db, tx->arena, house_of(tx), &s.dossier, false, &raw, &count));
    TRY(store_fold(tx->arena, raw, count, &s.m, NULL, tx->info));
    *ret_store = s;
    return ERR_OK;
}

enum err store_dossier(struct db *db, struct arena *a, const struct house *h, struct dossier_id id,
                       struct dossier *ret_dossier)
{
    struct key32 mdk;
    struct dossier d;
    TRY(dossier_load(db, a, id, &d));
    if (d.kind != DOSSIER_MATTER)
        return ERR_NOT_FOUND;
    TRY(keys_find(h, &d, &mdk));
    *ret_dossier = d;
    return ERR_OK;
}

enum err store_new(struct tx *tx, const struct matter_body *received, struct store *ret_store)
{
    const struct house *h = house_of(tx);
    struct store s = {.is_new = true};
    const struct dossier_birth birth = {
        .kind = DOSSIER_MATTER,
        .content = received->content,
        .office = received->first,
        .opened_day = received->received_day,
        .pack = received->pack,
    };
    TRY(dossier_new(tx, &birth, &s.dossier));
    if (received->content == CONTENT_SEALED) {
        struct key32 mlk;
        TRY(h->keys->make(h->keys->ctx, s.dossier.id, KEY_MLK, &mlk));
        TRY(h->keys->make(h->keys->ctx, s.dossier.id, KEY_MDK, &s.mdk));
        memcpy(s.dossier.mlk, mlk.b, sizeof(s.dossier.mlk));
        s.dossier.has_mlk = true;
    }
    *ret_store = s;
    return ERR_OK;
}

/* ---- writing events ------------------------------------------------------------------------- */

static struct str actor_text(enum matter_who who, enum post post)
{
    if (who == WHO_PERSON)
        return STR("person");
    if (who != WHO_OFFICER)
        return STR("system");
    return post_role(post == POST_UNSET ? POST_DESK : post);
}

static enum err event_write(struct tx *tx, struct store *s, const struct matter_event *e,
                            struct buf *scratch)
{
    struct event_attr attrs[MATTER_ATTRS];
    size_t count = 0;
    TRY(matter_body_attrs(tx->arena, e, attrs, &count));
    buf_clear(scratch);
    TRY(matter_body_write(&e->body, scratch));
    const struct event_draft draft = {
        .type = matter_event_name(e->type),
        .actor = actor_text(e->who, e->post),
        .attrs = attrs,
        .attr_count = count,
        .payload = buf_view(scratch),
    };
    return event_append(tx, &s->dossier, &draft, NULL);
}

enum err store_remark(struct tx *tx, struct store *s, const char *type, enum post post,
                      struct officer_id officer)
{
    CLEANUP(buf_done) struct buf payload;
    buf_init(&payload, 4096);
    const struct matter_body body = {.at_us = tx->now_us, .by = officer};
    TRY(matter_body_write(&body, &payload));
    const struct event_draft draft = {
        .type = str_of(type),
        .actor = actor_text(WHO_OFFICER, post),
        .payload = buf_view(&payload),
    };
    TRY(event_append(tx, &s->dossier, &draft, NULL));
    return dossier_store(tx, &s->dossier);
}

/* ---- grants and notices -----------------------------------------------------------------------
 */

static enum err grant_post(struct tx *tx, struct dossier_id id, struct office_id office,
                           enum post post, struct officer_id officer)
{
    const struct grant g = {
        .office = office,
        .post = post,
        .officer = officer,
        .verbs = verb_of_post(post),
        .from_us = tx->now_us,
    };
    return grant_add(tx, id, &g);
}

static enum err grant_office(struct tx *tx, const struct store *s, struct office_id office)
{
    const enum post posts[] = {POST_DESK, POST_LEAD};
    struct grant grants[2];
    for (size_t i = 0; i < 2; i++)
        grants[i] = (struct grant){.office = office,
                                   .post = posts[i],
                                   .verbs = verb_of_post(posts[i]),
                                   .from_us = tx->now_us};
    if (s->is_new && s->m.seq == 1)
        return grant_first(tx, s->dossier.id, grants, 2);
    TRY(grant_add(tx, s->dossier.id, &grants[0]));
    return grant_add(tx, s->dossier.id, &grants[1]);
}

static enum err notice(struct tx *tx, const struct store *s, enum matter_notice kind,
                       struct office_id office, enum post post)
{
    const struct matter_outbox_insert_in in = {
        .kind = (int32_t)kind,
        .dossier = s->dossier.id,
        .seq = s->dossier.seq,
        .office = office,
        .post = (int32_t)post,
        .next_us = tx->now_us,
    };
    return matter_outbox_insert(tx->db, &in);
}

/* A handler is somebody by name: the post held there decides which grant it is. */
static enum err grant_handler(struct tx *tx, const struct store *s, struct officer_id officer)
{
    struct held *held = NULL;
    size_t count = 0;
    int32_t day = house_day(house_of(tx), tx->now_us);
    TRY(officer_held(tx->db, tx->arena, officer, day, &held, &count));
    for (size_t i = 0; i < count; i++) {
        if (held[i].office.v != s->m.owner.v)
            continue;
        if (held[i].posts & (1u << POST_HANDLER))
            return grant_post(tx, s->dossier.id, s->m.owner, POST_HANDLER, officer);
    }
    return ERR_OK; /* the lead handles it and has a grant already */
}

/* Who had it before an event. */
struct had {
    struct office_id owner;
    struct office_id offered;
    struct officer_id handler;
};

/* Who may read and do what follows from who has it. */
static enum err grants_follow(struct tx *tx, const struct store *s, const struct had *before,
                              const struct matter_event *e)
{
    struct dossier_id id = s->dossier.id;
    bool quiet = str_eq_c(e->body.source, "import");
    if (e->type == EV_RECEIVED) {
        TRY(grant_office(tx, s, e->body.first));
        return quiet ? ERR_OK : notice(tx, s, NOTICE_NEW, e->body.first, POST_DESK);
    }
    if (e->type == EV_ROUTED) {
        TRY(grant_office(tx, s, e->body.to));
        return notice(tx, s, NOTICE_NEW, e->body.to, POST_DESK);
    }
    /* Unless it has gone up to that office meanwhile: then it is the owner's to read. */
    if (e->type == EV_RETURNED && before->offered.v != s->m.owner.v)
        return grant_end(tx, id, before->offered, POST_UNSET);
    if (e->type == EV_ADMITTED && before->owner.v != s->m.owner.v)
        return grant_end(tx, id, before->owner, POST_UNSET);
    if (e->type == EV_ASSIGNED) {
        if (before->handler.v != 0)
            TRY(grant_end(tx, id, s->m.owner, POST_HANDLER));
        return grant_handler(tx, s, e->body.handler);
    }
    if (e->type == EV_ESCALATED) {
        TRY(grant_post(tx, id, e->body.to, POST_LEAD, (struct officer_id){0}));
        return notice(tx, s, NOTICE_PUSHED, e->body.to, POST_LEAD);
    }
    if (e->type == EV_DUE_MISSED && e->body.side == DUE_OFFICE && !s->is_new)
        return notice(tx, s, NOTICE_LATE, e->body.office, POST_LEAD);
    return ERR_OK;
}

/* ---- dues ---------------------------------------------------------------------------------- */

static bool is_fine(enum due_unit unit)
{
    return unit == DUE_MINUTE || unit == DUE_HOUR || unit == DUE_AT_ONCE;
}

/* Working and calendar days that a due stood still are kept as whole days of time. */
static int64_t stood_us(const struct due *d)
{
    return d->stood_us + d->stood_days * US_PER_DAY;
}

void store_due_row(const struct matter_due *d, struct matter_due_rows_row *ret_row)
{
    *ret_row = (struct matter_due_rows_row){
        .n = d->n,
        .rule = d->rule,
        .side = (int32_t)d->side,
        .state = (int32_t)d->due.state,
        .office = d->office,
        .start_us = d->due.start_us,
        .at_us = d->due.at_us,
        .at_day = d->due.at_day,
        .fine = is_fine(d->unit),
        .provisional = d->due.provisional,
        .calendar = d->due.calendar,
        .until_day = d->due.until_day,
        .extended = d->due.extended_times,
        .stood_us = stood_us(&d->due),
        .since_us = d->due.since_us,
    };
}

static enum err due_row_insert(struct tx *tx, struct dossier_id id, const struct matter_due *d)
{
    struct matter_due_rows_row row;
    store_due_row(d, &row);
    const struct matter_due_insert_in in = {
        .dossier = id,
        .n = row.n,
        .rule = row.rule,
        .side = row.side,
        .state = row.state,
        .office = row.office,
        .start_us = row.start_us,
        .at_us = row.at_us,
        .at_day = row.at_day,
        .fine = row.fine,
        .provisional = row.provisional,
        .calendar = row.calendar,
        .until_day = row.until_day,
        .extended = row.extended,
        .stood_us = row.stood_us,
        .since_us = row.since_us,
    };
    return matter_due_insert(tx->db, &in);
}

static enum err due_row_update(struct tx *tx, struct dossier_id id, const struct matter_due *d)
{
    const struct matter_due_update_in in = {
        .dossier = id,
        .n = d->n,
        .state = (int32_t)d->due.state,
        .office = d->office,
        .at_us = d->due.at_us,
        .at_day = d->due.at_day,
        .provisional = d->due.provisional,
        .calendar = d->due.calendar,
        .until_day = d->due.until_day,
        .extended = d->due.extended_times,
        .stood_us = stood_us(&d->due),
        .since_us = d->due.since_us,
    };
    return matter_due_update(tx->db, &in);
}

enum due_state store_due_ended(enum matter_event_type type)
{
    if (type == EV_DUE_MET)
        return DUE_MET;
    return type == EV_DUE_MISSED ? DUE_MISSED : DUE_DROPPED;
}

static bool due_differs(const struct matter_due *a, const struct matter_due *b)
{
    return a->office.v != b->office.v || a->due.state != b->due.state ||
           a->due.at_us != b->due.at_us || a->due.at_day != b->due.at_day ||
           a->due.until_day != b->due.until_day || a->due.since_us != b->due.since_us ||
           a->due.extended_times != b->due.extended_times ||
           a->due.provisional != b->due.provisional || stood_us(&a->due) != stood_us(&b->due) ||
           !str_eq(a->due.calendar, b->due.calendar);
}

/* A due that this command started and ended: its row is what the last fold before the end gave. */
static enum err due_row_passing(struct tx *tx, struct dossier_id id,
                                const struct matter_events *events, int32_t n)
{
    struct matter_due d = {0};
    for (size_t i = 0; i < events->count; i++) {
        const struct matter_event *e = &events->items[i];
        const struct matter_body *b = &e->body;
        if (e->type < EV_DUE_STARTED || b->n != n)
            continue;
        if (e->type == EV_DUE_STARTED)
            d = (struct matter_due){.n = n,
                                    .rule = b->rule,
                                    .side = b->side,
                                    .unit = b->unit,
                                    .office = b->office,
                                    .due = {.start_us = b->start_us,
                                            .at_us = b->last_us,
                                            .at_day = b->last_day,
                                            .provisional = b->provisional,
                                            .calendar = b->calendar}};
        else
            d.due.state = store_due_ended(e->type);
        d.office = b->office;
    }
    return due_row_insert(tx, id, &d);
}

static enum err dues_follow(struct tx *tx, const struct store *s, const struct matter *before,
                            const struct matter_events *events)
{
    struct dossier_id id = s->dossier.id;
    for (int32_t n = before->dues_started + 1; n <= s->m.dues_started; n++) {
        const struct matter_due *now = matter_due_find(&s->m, n);
        TRY(now != NULL ? due_row_insert(tx, id, now) : due_row_passing(tx, id, events, n));
    }
    for (int32_t i = 0; i < before->due_count; i++) {
        const struct matter_due *was = &before->dues[i];
        const struct matter_due *now = matter_due_find(&s->m, was->n);
        if (now != NULL && due_differs(was, now))
            TRY(due_row_update(tx, id, now));
    }
    for (size_t i = 0; i < events->count; i++) {
        const struct matter_event *e = &events->items[i];
        if (e->type < EV_DUE_STARTED || e->body.n > before->dues_started ||
            matter_due_find(&s->m, e->body.n) != NULL)
            continue;
        TRY(matter_due_end(tx->db, id, e->body.n, (int32_t)store_due_ended(e->type),
                           e->body.office));
    }
    return ERR_OK;
}

/* ---- the matter's own row ------------------------------------------------------------------ */

enum err store_field(struct tx *tx, const struct store *s, uint16_t column, struct str plain,
                     struct str *ret_value)
{
    if (s->dossier.content != CONTENT_SEALED) {
        *ret_value = plain;
        return ERR_OK;
    }
    struct field_place place = {.table = FIELD_MATTER, .column = column, .row = 0};
    struct key32 key;
    ref_id16(house_of(tx)->keys->k_id, s->dossier.id, &place.id16);
    field_key(&s->mdk, FIELD_MATTER, column, &key);
    return field_seal(tx->arena, &key, &place, plain, ret_value);
}

static enum err row_insert(struct tx *tx, const struct store *s)
{
    const struct matter *m = &s->m;
    uint8_t handle[ID16_BYTES];
    size_t handle_len = 0;
    if (m->handle.len > 0 && !str_from_b64(m->handle, handle, sizeof(handle), &handle_len))
        return err_set(tx->info, ERR_INTERNAL, NULL, "vault handle is not base64");
    struct matter_insert_in in = {
        .id = s->dossier.id,
        .kind = m->kind,
        .route = m->route,
        .channel = (int32_t)m->channel,
        .lang = m->lang,
        .identity = (int32_t)m->identity,
        .handle = str_make(handle, handle_len),
        .received_day = m->received_day,
        .entered_us = m->entered_us,
        .owner = m->owner,
        .first_office = m->first,
        .offered = m->offered,
        .handler = m->handler,
        .answers = m->answers,
        .outcome = (int32_t)m->outcome,
        .rated = m->stars,
        .solved = (int32_t)m->solved,
        .reopened = m->reopened,
        .escalated = m->escalated,
        .version = s->dossier.seq,
    };
    TRY(store_field(tx, s, FIELD_MATTER_TITLE, m->title, &in.title));
    TRY(store_field(tx, s, FIELD_MATTER_PLACE, m->place, &in.place));
    return matter_insert(tx->db, &in);
}

static enum err row_update(struct tx *tx, const struct store *s)
{
    const struct matter *m = &s->m;
    const struct matter_update_in in = {
        .id = s->dossier.id,
        .route = m->route,
        .owner = m->owner,
        .offered = m->offered,
        .handler = m->handler,
        .answers = m->answers,
        .outcome = (int32_t)m->outcome,
        .rated = m->stars,
        .solved = (int32_t)m->solved,
        .reopened = m->reopened,
        .escalated = m->escalated,
        .version = s->dossier.seq,
    };
    return matter_update(tx->db, &in);
}

enum err store_save(struct tx *tx, struct store *s, const struct matter_events *events)
{
    CLEANUP(buf_done) struct buf scratch;
    buf_init(&scratch, EVENT_PAYLOAD_BYTES_MAX);
    const struct matter before = s->m;
    for (size_t i = 0; i < events->count; i++) {
        const struct matter_event *e = &events->items[i];
        const struct had was = {s->m.owner, s->m.offered, s->m.handler};
        TRY(event_write(tx, s, e, &scratch));
        TRY(matter_apply(&s->m, e));
        TRY(grants_follow(tx, s, &was, e));
    }
    TRY(dues_follow(tx, s, &before, events));
    TRY(s->is_new ? row_insert(tx, s) : row_update(tx, s));
    s->is_new = false;
    s->dossier.office = s->m.owner;
    s->dossier.state = (int32_t)s->m.state;
    return dossier_store(tx, &s->dossier);
}
