/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "reach/import_store.h"

#include "base/mem.h"
#include "db/writer.h"
#include "matter/use.h"
#include "reach/import.sql.h"

#include <pthread.h>

enum { SLOTS = 2 * WRITER_BATCH_MAX, SLOT_BYTES_MAX = 16 << 20 };

struct import_store {
    const struct house *house;
    struct office_id office;
    void (*on_done)(void *ctx, struct import_slot *slot);
    void *ctx;
    pthread_mutex_t lock; /* guards is_pending of every slot */
    pthread_cond_t answered;
    size_t first; /* oldest submitted */
    size_t count; /* submitted and not given back */
    struct import_slot slots[SLOTS];
};

enum err import_store_new(const struct house *house, struct office_id office,
                          void (*on_done)(void *ctx, struct import_slot *slot), void *ctx,
                          struct import_store **ret_store)
{
    struct import_store *s = mem_new(sizeof *s);
    if (s == NULL)
        return ERR_NOMEM;
    s->house = house;
    s->office = office;
    s->on_done = on_done;
    s->ctx = ctx;
    (void)pthread_mutex_init(&s->lock, NULL);
    (void)pthread_cond_init(&s->answered, NULL);
    for (size_t i = 0; i < SLOTS; i++) {
        s->slots[i].store = s;
        arena_init(&s->slots[i].arena, SLOT_BYTES_MAX);
    }
    *ret_store = s;
    return ERR_OK;
}

void import_store_free(struct import_store *s)
{
    if (s == NULL)
        return;
    import_store_drain(s);
    for (size_t i = 0; i < SLOTS; i++)
        arena_done(&s->slots[i].arena);
    (void)pthread_cond_destroy(&s->answered);
    (void)pthread_mutex_destroy(&s->lock);
    mem_free(s);
}

/* ---- in the writer
 * ------------------------------------------------------------------------------- */

static enum err seal(struct tx *tx, const struct import_item *item, struct id16 *ret_handle)
{
    uint8_t tlv[KEEPER_IDENTITY_BYTES_MAX];
    size_t len = 0;
    enum err err = identity_encode(&item->who, tlv, sizeof tlv, &len);
    if (err == ERR_OK) {
        const struct keeper_seal in = {.policy = POLICY_DEFAULT,
                                       .identity = str_make(tlv, len),
                                       .lang = str_sub(item->body.lang, 0, 2),
                                       .now_us = tx->now_us};
        err = keeper_err(keeper_seal(house_of(tx)->keeper, &in, ret_handle));
    }
    crypt_wipe(tlv, sizeof tlv);
    return err;
}

static enum err take_row(struct tx *tx, void *ctx)
{
    struct import_slot *slot = ctx;
    const struct import_item *item = &slot->item;
    TRY(import_store_has(tx->db, tx->arena, item, &slot->was_known));
    if (slot->was_known)
        return ERR_OK;
    struct matter_raise raise = {
        .command = {.what = item->is_ended ? DO_ENTER : DO_RAISE, .body = item->body},
        .who = WHO_SYSTEM,
        .office = slot->store->office};
    struct id16 handle;
    raise.command.body.identity = item->has_identity ? IDENTITY_SEALED : IDENTITY_ANONYMOUS;
    if (item->has_identity) {
        TRY(seal(tx, item, &handle));
        raise.handle = &handle;
    }
    struct matter_done done;
    TRY(matter_raise(tx, &raise, &done));
    return import_add(tx->db, str_make(item->hash, IMPORT_HASH_BYTES), done.id);
}

static void row_done(void *ctx, enum err err, const struct err_info *info)
{
    struct import_slot *slot = ctx;
    struct import_store *s = slot->store;
    (void)pthread_mutex_lock(&s->lock);
    slot->err = err;
    if (err != ERR_OK)
        slot->why = *info;
    slot->is_pending = false;
    (void)pthread_cond_signal(&s->answered);
    (void)pthread_mutex_unlock(&s->lock);
}

/* ---- in the reading thread
 * ------------------------------------------------------------------------ */

/* Waits for the oldest and gives it back. */
static void reap(struct import_store *s)
{
    struct import_slot *slot = &s->slots[s->first];
    (void)pthread_mutex_lock(&s->lock);
    while (slot->is_pending)
        (void)pthread_cond_wait(&s->answered, &s->lock);
    (void)pthread_mutex_unlock(&s->lock);
    s->on_done(s->ctx, slot);
    s->first = (s->first + 1) % SLOTS;
    s->count--;
}

struct import_slot *import_store_slot(struct import_store *s)
{
    if (s->count == SLOTS)
        reap(s);
    struct import_slot *slot = &s->slots[(s->first + s->count) % SLOTS];
    arena_reset(&slot->arena);
    slot->raw = STR_NULL;
    slot->was_known = false;
    slot->err = ERR_OK;
    return slot;
}

void import_store_submit(struct import_store *s, struct import_slot *slot)
{
    slot->is_pending = true;
    s->count++;
    const enum err err = writer_submit(s->house->writer, take_row, slot, row_done);
    if (err == ERR_OK)
        return;
    /* The queue holds more than the ring: only a writer that stops refuses. */
    struct err_info why = {0};
    (void)err_set(&why, err, NULL, "import: the writer takes no more");
    row_done(slot, err, &why);
}

void import_store_drain(struct import_store *s)
{
    while (s->count > 0)
        reap(s);
}

enum err import_store_has(struct db *db, struct arena *a, const struct import_item *item,
                          bool *ret_has)
{
    struct import_find_row row;
    const enum err err = import_find(db, a, str_make(item->hash, IMPORT_HASH_BYTES), &row);
    *ret_has = err == ERR_OK;
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}
