/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "spine/event.h"

#include "base/mem.h"
#include "base/rng.h"
#include "db/writer.h"
#include "spine/dossier.h"
#include "spine/event.sql.h"
#include "spine/field.h"
#include "spine/house.h"
#include "spine/keys.h"
#include "spine/log.h"

#include <string.h>

enum { EVENTS_MAX = 10000 };

/* What an event continues: a dossier's events, or the system's. */
struct chain {
    struct dossier_id dossier;
    struct id16 id16;
    int64_t seq; /* of the new event */
    struct hash prev;
    const uint8_t *mlk;
    bool is_sealed;
};

/* ---- writing --------------------------------------------------------------------------------- */

static void attrs_sort(struct event_text *e)
{
    for (size_t i = 1; i < e->attr_count; i++) {
        struct event_attr a = e->attrs[i];
        size_t k = i;
        for (; k > 0; k--) {
            int by_key = str_cmp(e->attrs[k - 1].key, a.key);
            if (by_key < 0 || (by_key == 0 && str_cmp(e->attrs[k - 1].value, a.value) <= 0))
                break;
            e->attrs[k] = e->attrs[k - 1];
        }
        e->attrs[k] = a;
    }
}

static enum err text_make(struct tx *tx, const struct chain *c, const struct event_draft *draft,
                          const uint8_t bsalt[32], struct buf *ret_text)
{
    const struct house *house = house_of(tx);
    if (draft->attr_count > EVENT_ATTRS_MAX)
        return err_set(tx->info, ERR_INVALID, "log.event_text", "more than 16 attributes");
    if (draft->payload.len > EVENT_PAYLOAD_BYTES_MAX)
        return err_set(tx->info, ERR_LIMIT, "log.event_text", "payload of %zu bytes",
                       draft->payload.len);
    struct event_text e = {
        .origin = log_origin(house->log),
        .id16 = c->id16,
        .seq = c->seq,
        .has_prev = c->seq > 1,
        .prev = c->prev,
        .date_only = str_eq_c(draft->actor, "person"),
        .at_us = tx->now_us,
        .type = draft->type,
        .actor = draft->actor,
        .has_body = draft->payload.len > 0,
        .attr_count = draft->attr_count,
    };
    if (e.date_only)
        e.day = house_day(house, tx->now_us);
    if (e.has_body)
        event_body(bsalt, draft->payload, &e.body);
    for (size_t i = 0; i < draft->attr_count; i++)
        e.attrs[i] = draft->attrs[i];
    attrs_sort(&e);
    return event_format(&e, ret_text, tx->info);
}

/* Text and payload as they stand in the table: clear, or one field blob each. */
static enum err seal_row(struct tx *tx, const struct chain *c, struct event_insert_in *in)
{
    if (!c->is_sealed)
        return ERR_OK;
    CLEANUP(key32_wipe) struct key32 key;
    crypt_sub(c->mlk, STR("event"), STR_NULL, &key);
    struct field_place place = {c->id16, FIELD_EVENT, FIELD_EVENT_TEXT, c->seq};
    TRY(field_seal(tx->arena, &key, &place, in->body, &in->body));
    if (in->payload.len == 0)
        return ERR_OK;
    place.column = FIELD_EVENT_PAYLOAD;
    return field_seal(tx->arena, &key, &place, in->payload, &in->payload);
}

static enum err append(struct tx *tx, const struct chain *c, const struct event_draft *draft,
                       struct event_place *ret_place)
{
    struct log *log = house_of(tx)->log;
    TRY(log_check_time(tx, log, tx->now_us));
    uint8_t bsalt[32];
    TRY(rng_few(bsalt, sizeof bsalt));
    CLEANUP(buf_done) struct buf text;
    buf_init(&text, 4 * EVENT_TEXT_BYTES_MAX);
    TRY(text_make(tx, c, draft, bsalt, &text));
    uint8_t salt[32];
    uint8_t entry[EVENT_ENTRY_BYTES];
    struct hash commit;
    event_salt(c->mlk, c->seq, salt);
    event_commit(salt, buf_view(&text), &commit);
    event_entry(&commit, entry);
    struct event_place place = {.seq = c->seq};
    TRY(log_append(log, entry, &place.leaf, &place.leaf_hash));
    bool has_payload = draft->payload.len > 0;
    struct event_insert_in in = {
        .dossier = c->dossier,
        .seq = c->seq,
        .at = tx->now_us,
        .type = draft->type,
        .body = buf_view(&text),
        .payload = has_payload ? draft->payload : STR(""),
        .bsalt = str_make(bsalt, has_payload ? sizeof bsalt : 0),
        .leaf = place.leaf,
    };
    TRY(seal_row(tx, c, &in));
    TRY(event_insert(tx->db, &in));
    *ret_place = place;
    return ERR_OK;
}

enum err event_append(struct tx *tx, struct dossier *d, const struct event_draft *e,
                      struct event_place *ret_place)
{
    if (!d->has_mlk || d->content == CONTENT_UNSET)
        return err_set(tx->info, ERR_INTERNAL, NULL, "event without a key for dossier");
    struct chain c = {
        .dossier = d->id,
        .seq = d->seq + 1,
        .mlk = d->mlk,
        .is_sealed = d->content == CONTENT_SEALED,
    };
    ref_id16(house_of(tx)->keys->k_id, d->id, &c.id16);
    memcpy(c.prev.b, d->tail, HASH_BYTES);
    struct event_place place;
    TRY(append(tx, &c, e, &place));
    d->seq = place.seq;
    memcpy(d->tail, place.leaf_hash.b, HASH_BYTES);
    if (ret_place != NULL)
        *ret_place = place;
    return ERR_OK;
}

enum err event_append_system(struct tx *tx, const struct event_draft *e,
                             struct event_place *ret_place)
{
    struct log *log = house_of(tx)->log;
    struct log_system sys = log_system_of(log);
    const struct chain c = {
        .seq = sys.seq + 1,
        .prev = sys.tail,
        .mlk = house_of(tx)->keys->k_pad,
    };
    struct event_place place;
    TRY(append(tx, &c, e, &place));
    log_system_move(log, &place.leaf_hash);
    if (ret_place != NULL)
        *ret_place = place;
    return ERR_OK;
}

/* ---- reading --------------------------------------------------------------------------------- */

static enum err unseal(struct arena *a, const struct event_ask *ask, struct event *e)
{
    CLEANUP(key32_wipe) struct key32 key;
    crypt_sub(ask->mlk->b, STR("event"), STR_NULL, &key);
    struct field_place place = {ask->id16, FIELD_EVENT, FIELD_EVENT_TEXT, e->seq};
    TRY(field_open(a, &key, &place, e->text, &e->text));
    if (e->payload.len == 0)
        return ERR_OK;
    place.column = FIELD_EVENT_PAYLOAD;
    return field_open(a, &key, &place, e->payload, &e->payload);
}

static enum err event_open(struct arena *a, const struct event_ask *ask, struct str bsalt,
                           struct event *e)
{
    e->shredded = e->text.len == 0;
    if (e->shredded)
        return ERR_OK;
    if (bsalt.len == sizeof e->bsalt)
        memcpy(e->bsalt, bsalt.ptr, sizeof e->bsalt);
    if (ask->mlk != NULL)
        TRY(unseal(a, ask, e));
    enum err err = event_understand(e->text, &e->parsed, NULL);
    return err == ERR_INVALID ? ERR_CORRUPT : err;
}

static enum err load_officer(struct db *db, struct arena *a, const struct event_ask *ask,
                             int64_t max, struct event **ret_events, size_t *ret_count)
{
    struct event_range_officer_row *rows = NULL;
    size_t count = 0;
    TRY(event_range_officer(db, a, ask->dossier, ask->after, max, &rows, &count));
    struct event *events = ARENA_ARRAY(a, count, struct event);
    if (events == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < count; i++) {
        events[i] = (struct event){.seq = rows[i].seq,
                                   .at_us = rows[i].at_us,
                                   .leaf = rows[i].leaf,
                                   .text = rows[i].text,
                                   .payload = rows[i].payload};
        TRY(event_open(a, ask, STR_NULL, &events[i]));
    }
    *ret_events = events;
    *ret_count = count;
    return ERR_OK;
}

static enum err load_system(struct db *db, struct arena *a, const struct event_ask *ask,
                            int64_t max, struct event **ret_events, size_t *ret_count)
{
    struct event_range_row *rows = NULL;
    size_t count = 0;
    TRY(event_range(db, a, ask->dossier, ask->after, max, &rows, &count));
    struct event *events = ARENA_ARRAY(a, count, struct event);
    if (events == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < count; i++) {
        events[i] = (struct event){.seq = rows[i].seq,
                                   .at_us = rows[i].at_us,
                                   .leaf = rows[i].leaf,
                                   .text = rows[i].text,
                                   .payload = rows[i].payload};
        TRY(event_open(a, ask, rows[i].bsalt, &events[i]));
    }
    *ret_events = events;
    *ret_count = count;
    return ERR_OK;
}

enum err event_load(struct db *db, struct arena *a, const struct event_ask *ask,
                    struct event **ret_events, size_t *ret_count)
{
    int64_t max = ask->max > 0 ? ask->max : EVENTS_MAX;
    return ask->as_officer ? load_officer(db, a, ask, max, ret_events, ret_count)
                           : load_system(db, a, ask, max, ret_events, ret_count);
}
