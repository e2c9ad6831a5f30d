/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "spine/audit.h"

#include "base/mem.h"
#include "db/db.h"
#include "spine/audit.sql.h"
#include "spine/dossier.h"
#include "spine/event.h"
#include "spine/field.h"
#include "spine/log.h"
#include "spine/log.sql.h"
#include "spine/note.h"

#include <string.h>

enum { PIECE = 1000, ARENA_BYTES = 64 << 20 };

static const char *const KEYS[AUDIT_FAULT_COUNT] = {
    [AUDIT_NONE] = "log.audit.none",
    [AUDIT_ENTRY_MISSING] = "log.audit.entry_missing",
    [AUDIT_UNEXPLAINED] = "log.audit.unexplained",
    [AUDIT_HASH] = "log.audit.hash",
    [AUDIT_PADDING] = "log.audit.padding",
    [AUDIT_TEXT] = "log.audit.text",
    [AUDIT_PLACE] = "log.audit.place",
    [AUDIT_PREV] = "log.audit.prev",
    [AUDIT_BODY] = "log.audit.body",
    [AUDIT_KEY] = "log.audit.key",
    [AUDIT_ORPHAN] = "log.audit.orphan",
    [AUDIT_SHREDDED] = "log.audit.shredded",
    [AUDIT_CHECKPOINT] = "log.audit.checkpoint",
    [AUDIT_DOSSIER] = "log.audit.dossier",
    [AUDIT_SYSTEM] = "log.audit.system",
    [AUDIT_SIZE] = "log.audit.size",
    [AUDIT_HEAD] = "log.audit.head",
};

const char *audit_fault_key(enum audit_fault_kind kind)
{
    return kind < AUDIT_FAULT_COUNT ? KEYS[kind] : KEYS[AUDIT_NONE];
}

struct span {
    int64_t first;
    int64_t last;
};

struct spans {
    struct span *span;
    size_t count;
};

/* One audit, and the piece [from, upto) it is at. */
struct audit {
    struct db *db;
    const struct audit_setup *setup;
    struct audit_result *result;
    struct arena arena; /* of the piece */
    struct frontier edge;
    struct audit_entries_row *entries;
    size_t entry_count;
    struct audit_hashes_row *hashes;
    size_t hash_count;
    size_t hash_at;
    struct audit_events_row *events;
    size_t event_count;
    size_t event_at;
    struct audit_checkpoints_row *checkpoints;
    size_t checkpoint_count;
    size_t checkpoint_at;
    struct spans pad;
    struct spans shred;
};

static void fault(struct audit *a, enum audit_fault_kind kind, int64_t index)
{
    const struct audit_fault f = {.kind = kind, .index = index};
    a->result->faults++;
    a->setup->on_fault(a->setup->ctx, &f);
}

static void fault_event(struct audit *a, enum audit_fault_kind kind,
                        const struct audit_events_row *e)
{
    const struct audit_fault f = {kind, e->leaf, e->dossier, e->seq};
    a->result->faults++;
    a->setup->on_fault(a->setup->ctx, &f);
}

static bool is_in(const struct spans *s, int64_t index)
{
    for (size_t i = 0; i < s->count && s->span[i].first <= index; i++)
        if (index <= s->span[i].last)
            return true;
    return false;
}

/* ---- one event ---------------------------------------------------------------------------------
 */

/* Where the salts of this event come from; false when its key is gone. */
static bool mlk_of(struct audit *a, const struct audit_events_row *e, struct key32 *ret_mlk)
{
    if (e->dossier.v == 0) {
        memcpy(ret_mlk->b, a->setup->keys->k_pad, KEY_BYTES);
        return true;
    }
    if (e->content == CONTENT_OPEN) {
        if (e->mlk.len != KEY_BYTES)
            return false;
        memcpy(ret_mlk->b, e->mlk.ptr, KEY_BYTES);
        return true;
    }
    return a->setup->keys->find(a->setup->keys->ctx, e->dossier, KEY_MLK, ret_mlk) == ERR_OK;
}

static enum err unseal(struct audit *a, const struct audit_events_row *e, const struct id16 *id16,
                       const struct key32 *mlk, struct str *text, struct str *payload)
{
    CLEANUP(key32_wipe) struct key32 key;
    crypt_sub(mlk->b, STR("event"), STR_NULL, &key);
    struct field_place place = {*id16, FIELD_EVENT, FIELD_EVENT_TEXT, e->seq};
    TRY(field_open(&a->arena, &key, &place, *text, text));
    if (payload->len == 0)
        return ERR_OK;
    place.column = FIELD_EVENT_PAYLOAD;
    return field_open(&a->arena, &key, &place, *payload, payload);
}

static bool is_prev(const struct event_text *t, const struct audit_events_row *e)
{
    if (e->seq == 1)
        return !t->has_prev;
    if (e->prev_leaf < 0 || e->prev_leaf >= e->leaf || e->prev_entry.len != EVENT_ENTRY_BYTES)
        return false;
    struct hash leaf;
    proof_leaf(e->prev_entry.ptr, e->prev_entry.len, &leaf);
    return t->has_prev && memcmp(leaf.b, t->prev.b, HASH_BYTES) == 0;
}

static bool is_body(const struct event_text *t, const struct audit_events_row *e,
                    struct str payload)
{
    if (!t->has_body)
        return payload.len == 0 && e->bsalt.len == 0;
    struct hash body;
    if (e->bsalt.len != 32 || payload.len == 0)
        return false;
    event_body((const uint8_t *)e->bsalt.ptr, payload, &body);
    return memcmp(body.b, t->body.b, HASH_BYTES) == 0;
}

static bool is_committed(const struct key32 *mlk, const struct audit_events_row *e, struct str text,
                         struct str entry)
{
    uint8_t salt[32];
    uint8_t want[EVENT_ENTRY_BYTES];
    struct hash commit;
    event_salt(mlk->b, e->seq, salt);
    event_commit(salt, text, &commit);
    event_entry(&commit, want);
    return entry.len == sizeof want && memcmp(entry.ptr, want, sizeof want) == 0;
}

static enum audit_fault_kind event_fault(struct audit *a, const struct audit_events_row *e,
                                         struct str entry)
{
    if (e->dossier.v != 0 && e->content == 0)
        return AUDIT_ORPHAN;
    CLEANUP(key32_wipe) struct key32 mlk = {{0}};
    if (!mlk_of(a, e, &mlk))
        return AUDIT_KEY;
    struct id16 id16;
    ref_id16(a->setup->keys->k_id, e->dossier, &id16);
    struct str text = e->text;
    struct str payload = e->payload;
    if (e->content == CONTENT_SEALED && unseal(a, e, &id16, &mlk, &text, &payload) != ERR_OK)
        return AUDIT_TEXT;
    struct event_text t;
    if (event_parse(text, &t, NULL) != ERR_OK || !is_committed(&mlk, e, text, entry))
        return AUDIT_TEXT;
    if (t.seq != e->seq || memcmp(t.id16.b, id16.b, sizeof id16.b) != 0 ||
        !str_eq(t.origin, a->setup->origin) || !str_eq(t.type, e->type))
        return AUDIT_PLACE;
    if (!is_prev(&t, e))
        return AUDIT_PREV;
    return is_body(&t, e, payload) ? AUDIT_NONE : AUDIT_BODY;
}

static void check_event(struct audit *a, const struct audit_events_row *e, struct str entry)
{
    if (e->text.len == 0) {
        if (is_in(&a->shred, e->leaf))
            a->result->shredded++;
        else
            fault_event(a, AUDIT_SHREDDED, e);
        return;
    }
    enum audit_fault_kind kind = event_fault(a, e, entry);
    if (kind != AUDIT_NONE)
        fault_event(a, kind, e);
    a->result->events++;
}

/* ---- one index ----------------------------------------------------------------------------------
 */

/* The stored hashes that this leaf makes are the next rows, in order. */
static void check_hashes(struct audit *a, const struct hash *leaf, int64_t index)
{
    struct stored want[PROOF_HASHES_MAX];
    size_t count = proof_append(&a->edge, leaf, want);
    bool is_good = true;
    for (size_t i = 0; i < count; i++) {
        while (a->hash_at < a->hash_count && (uint64_t)a->hashes[a->hash_at].pos < want[i].pos)
            a->hash_at++;
        const struct audit_hashes_row *row =
            a->hash_at < a->hash_count ? &a->hashes[a->hash_at] : NULL;
        is_good = is_good && row != NULL && (uint64_t)row->pos == want[i].pos &&
                  row->h.len == HASH_BYTES && memcmp(row->h.ptr, want[i].h.b, HASH_BYTES) == 0;
    }
    if (!is_good)
        fault(a, AUDIT_HASH, index);
}

static void check_checkpoint(struct audit *a, const struct audit_checkpoints_row *c)
{
    struct hash root;
    a->result->checkpoints++;
    proof_root(&a->edge, &root);
    bool is_good = c->root.len == HASH_BYTES && c->sig.len == SIG_BYTES &&
                   memcmp(c->root.ptr, root.b, HASH_BYTES) == 0;
    CLEANUP(buf_done) struct buf body;
    buf_init(&body, 4096);
    note_body(a->setup->origin, (uint64_t)c->size, &root, &body);
    if (is_good && a->setup->log_public_key != NULL)
        is_good =
            crypt_verify(a->setup->log_public_key, buf_view(&body), (const uint8_t *)c->sig.ptr);
    if (!is_good)
        fault(a, AUDIT_CHECKPOINT, c->size - 1);
}

static void check_heads(struct audit *a)
{
    int64_t size = (int64_t)a->edge.size;
    while (a->checkpoint_at < a->checkpoint_count && a->checkpoints[a->checkpoint_at].size <= size)
        check_checkpoint(a, &a->checkpoints[a->checkpoint_at++]);
    const struct log_head *head = a->setup->head;
    if (head == NULL || head->size != a->edge.size)
        return;
    struct hash root;
    proof_root(&a->edge, &root);
    if (memcmp(root.b, head->root.b, HASH_BYTES) != 0)
        fault(a, AUDIT_HEAD, size - 1);
}

static void check_pad(struct audit *a, int64_t index, struct str entry)
{
    uint8_t want[EVENT_ENTRY_BYTES];
    log_pad_entry(a->setup->keys, index, want);
    a->result->padding++;
    if (entry.len != sizeof want || memcmp(entry.ptr, want, sizeof want) != 0)
        fault(a, AUDIT_PADDING, index);
}

static void check_index(struct audit *a, int64_t index, struct str entry)
{
    struct hash leaf = {{0}};
    if (entry.len != EVENT_ENTRY_BYTES || entry.ptr[0] != 1)
        fault(a, AUDIT_ENTRY_MISSING, index);
    proof_leaf(entry.ptr == NULL ? "" : entry.ptr, entry.len, &leaf);
    check_hashes(a, &leaf, index);
    bool is_explained = false;
    for (; a->event_at < a->event_count && a->events[a->event_at].leaf <= index; a->event_at++) {
        check_event(a, &a->events[a->event_at], entry);
        is_explained = true;
    }
    if (!is_explained && is_in(&a->pad, index)) {
        check_pad(a, index, entry);
        is_explained = true;
    }
    if (!is_explained && is_in(&a->shred, index)) {
        a->result->shredded++;
        is_explained = true;
    }
    if (!is_explained)
        fault(a, AUDIT_UNEXPLAINED, index);
    check_heads(a);
}

/* ---- pieces -------------------------------------------------------------------------------------
 */

static enum err spans_load(struct audit *a, int64_t from, int64_t upto)
{
    struct audit_pad_row *pad = NULL;
    struct audit_shred_row *shred = NULL;
    TRY(audit_pad(a->db, &a->arena, from, upto, &pad, &a->pad.count));
    TRY(audit_shred(a->db, &a->arena, from, upto, &shred, &a->shred.count));
    a->pad.span = ARENA_ARRAY(&a->arena, a->pad.count, struct span);
    a->shred.span = ARENA_ARRAY(&a->arena, a->shred.count, struct span);
    if (a->pad.span == NULL || a->shred.span == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < a->pad.count; i++)
        a->pad.span[i] = (struct span){pad[i].first, pad[i].last};
    for (size_t i = 0; i < a->shred.count; i++)
        a->shred.span[i] = (struct span){shred[i].first, shred[i].last};
    return ERR_OK;
}

static enum err piece_load(struct audit *a, int64_t from, int64_t upto)
{
    arena_reset(&a->arena);
    a->hash_at = 0;
    a->event_at = 0;
    a->checkpoint_at = 0;
    TRY(audit_entries(a->db, &a->arena, from, upto, &a->entries, &a->entry_count));
    TRY(audit_hashes(a->db, &a->arena, (int64_t)proof_stored_count((uint64_t)from),
                     (int64_t)proof_stored_count((uint64_t)upto), &a->hashes, &a->hash_count));
    TRY(audit_events(a->db, &a->arena, from, upto, &a->events, &a->event_count));
    TRY(audit_checkpoints(a->db, &a->arena, from, upto, &a->checkpoints, &a->checkpoint_count));
    return spans_load(a, from, upto);
}

static enum err check_piece(struct audit *a, int64_t from, int64_t upto)
{
    TRY(piece_load(a, from, upto));
    size_t at = 0;
    for (int64_t index = from; index < upto; index++) {
        struct str entry = STR_NULL;
        if (at < a->entry_count && a->entries[at].idx == index)
            entry = a->entries[at++].entry;
        check_index(a, index, entry);
    }
    return ERR_OK;
}

/* ---- dossiers
 * ------------------------------------------------------------------------------------ */

static bool is_dossier_whole(const struct audit_dossiers_row *d)
{
    if (d->seq != d->newest || d->seq != d->n)
        return false;
    if (d->seq == 0)
        return true;
    struct hash leaf;
    if (d->tail_entry.len != EVENT_ENTRY_BYTES || d->tail.len != HASH_BYTES)
        return false;
    proof_leaf(d->tail_entry.ptr, d->tail_entry.len, &leaf);
    return memcmp(leaf.b, d->tail.ptr, HASH_BYTES) == 0;
}

static enum err check_dossiers(struct audit *a)
{
    struct dossier_id after = {0};
    for (;;) {
        struct audit_dossiers_row *rows = NULL;
        size_t count = 0;
        arena_reset(&a->arena);
        TRY(audit_dossiers(a->db, &a->arena, after, a->result->size, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            if (!is_dossier_whole(&rows[i])) {
                const struct audit_fault f = {AUDIT_DOSSIER, rows[i].last_leaf, rows[i].id,
                                              rows[i].seq};
                a->result->faults++;
                a->setup->on_fault(a->setup->ctx, &f);
            }
            after = rows[i].id;
        }
        a->result->dossiers += (int64_t)count;
        if (count == 0)
            return ERR_OK;
    }
}

/* ---- the whole
 * ----------------------------------------------------------------------------------- */

static enum err check_size(struct audit *a)
{
    struct log_state_row_row state = {.size = 0};
    struct log_rows_row rows;
    struct audit_system_row sys;
    enum err err = log_state_row(a->db, &a->arena, &state);
    if (err != ERR_OK && err != ERR_NOT_FOUND)
        return err;
    TRY(log_rows(a->db, &a->arena, &rows));
    TRY(audit_system(a->db, &a->arena, &sys));
    a->result->size = state.size;
    /* More rows than the state names are of commits since: fewer are lost ones. */
    if (rows.entries < state.size)
        fault(a, AUDIT_SIZE, rows.entries);
    struct audit_beyond_row beyond;
    TRY(audit_beyond(a->db, &a->arena, &beyond));
    if (beyond.leaf >= beyond.entries)
        fault(a, AUDIT_UNEXPLAINED, beyond.leaf);
    if (sys.n != sys.newest || sys.newest < state.system_seq)
        fault(a, AUDIT_SYSTEM, -1);
    if (a->setup->head != NULL && a->setup->head->size > (uint64_t)rows.entries)
        fault(a, AUDIT_HEAD, rows.entries);
    return ERR_OK;
}

enum err log_audit(struct db *db, const struct audit_setup *setup, struct audit_result *ret_result)
{
    *ret_result = (struct audit_result){.size = 0};
    struct audit a = {.db = db, .setup = setup, .result = ret_result};
    arena_init(&a.arena, ARENA_BYTES);
    enum err err = check_size(&a);
    for (int64_t from = 0; err == ERR_OK && from < ret_result->size; from += PIECE) {
        int64_t upto = from + PIECE < ret_result->size ? from + PIECE : ret_result->size;
        err = check_piece(&a, from, upto);
        if (err == ERR_OK && setup->on_progress != NULL)
            setup->on_progress(setup->ctx, upto, ret_result->size);
    }
    if (err == ERR_OK)
        err = check_dossiers(&a);
    proof_root(&a.edge, &ret_result->root);
    arena_done(&a.arena);
    return err;
}
