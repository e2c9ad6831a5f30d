/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The vault: what is sealed, on its way to the disk, there, and away from it. */
#include "base/instant.h"
#include "base/mem.h"
#include "trust/keeper_inside.h"
#include "trust/vault.sql.h"

#include <string.h>

enum { TAGS = 6, WAITING_MAX = 4096 };

/* ---- the identity's text
 * ------------------------------------------------------------------------- */

enum err identity_encode(const struct identity *who, uint8_t *ret_bytes, size_t max,
                         size_t *ret_len)
{
    const struct str part[TAGS] = {who->name,   who->email, who->phone,
                                   who->postal, who->other, who->lang};
    size_t at = 0;
    for (size_t i = 0; i < TAGS; i++) {
        if (part[i].len == 0)
            continue;
        if (part[i].len > KEEPER_IDENTITY_BYTES_MAX || at + 3 + part[i].len > max ||
            at + 3 + part[i].len > KEEPER_IDENTITY_BYTES_MAX)
            return ERR_LIMIT;
        ret_bytes[at++] = (uint8_t)(i + 1);
        ret_bytes[at++] = (uint8_t)(part[i].len >> 8);
        ret_bytes[at++] = (uint8_t)part[i].len;
        memcpy(ret_bytes + at, part[i].ptr, part[i].len);
        at += part[i].len;
    }
    *ret_len = at;
    return ERR_OK;
}

bool identity_decode(struct str tlv, struct identity *ret_who)
{
    struct str part[TAGS] = {STR(""), STR(""), STR(""), STR(""), STR(""), STR("")};
    unsigned last = 0;
    if (tlv.len > KEEPER_IDENTITY_BYTES_MAX)
        return false;
    for (size_t at = 0; at < tlv.len;) {
        if (tlv.len - at < 3)
            return false;
        const uint8_t *head = (const uint8_t *)tlv.ptr + at;
        unsigned tag = head[0];
        size_t len = (size_t)head[1] << 8 | head[2];
        at += 3;
        if (tag <= last || tag > TAGS || len == 0 || len > tlv.len - at)
            return false;
        part[tag - 1] = str_sub(tlv, at, len);
        at += len;
        last = tag;
    }
    *ret_who = (struct identity){part[0], part[1], part[2], part[3], part[4], part[5]};
    return true;
}

/* ---- what waits
 * ----------------------------------------------------------------------------------- */

/* A disk that takes nothing must not fill the memory too. */
bool keeper_wait_for_write(struct keeper *k, struct waiting *w)
{
    (void)pthread_mutex_lock(&k->waiting_lock);
    bool has_room = w->is_confirm || k->waiting_count < WAITING_MAX;
    if (has_room) {
        if (k->last == NULL)
            k->first = w;
        else
            k->last->next = w;
        k->last = w;
        k->waiting_count++;
    }
    (void)pthread_mutex_unlock(&k->waiting_lock);
    return has_room;
}

bool keeper_has_waiting(struct keeper *k)
{
    (void)pthread_mutex_lock(&k->waiting_lock);
    bool waits = k->first != NULL;
    (void)pthread_mutex_unlock(&k->waiting_lock);
    return waits;
}

/* The next one, or NULL. Only the holder of the database's lock takes. */
static struct waiting *waiting_take(struct keeper *k)
{
    (void)pthread_mutex_lock(&k->waiting_lock);
    struct waiting *w = k->first;
    if (w != NULL) {
        k->first = w->next;
        if (k->first == NULL)
            k->last = NULL;
        w->next = NULL;
        k->waiting_count--;
    }
    (void)pthread_mutex_unlock(&k->waiting_lock);
    return w;
}

static void waiting_put_back(struct keeper *k, struct waiting *w)
{
    (void)pthread_mutex_lock(&k->waiting_lock);
    w->next = k->first;
    k->first = w;
    if (k->last == NULL)
        k->last = w;
    k->waiting_count++;
    (void)pthread_mutex_unlock(&k->waiting_lock);
}

void keeper_drained(struct keeper *k, bool is_kept)
{
    /* The newest was put first: put back one by one they stand in their order again. */
    while (k->written != NULL) {
        struct waiting *w = k->written;
        k->written = w->next;
        if (is_kept)
            mem_free(w);
        else
            waiting_put_back(k, w);
    }
}

void keeper_waiting_free(struct keeper *k)
{
    for (struct waiting *w = waiting_take(k); w != NULL; w = waiting_take(k))
        mem_free(w);
}

static enum err store_bars(struct keeper *k, const struct id16 *handle,
                           const struct keeper_bar *bars, size_t count)
{
    for (size_t i = 0; i < count; i++)
        TRY(bar_put(k->db, str_of_id(handle), (int32_t)bars[i].kind, str_of_id(&bars[i].id)));
    return ERR_OK;
}

static enum err store_item(struct keeper *k, const struct waiting *w)
{
    const struct share_box *one = &w->shares[0];
    struct item_put_in item = {
        .handle = str_of_id(&w->handle),
        .mode = w->mode,
        .policy = w->policy,
        .created_day = w->created_day,
        .role_a = str_of_id(&one->role),
        .epoch_a = one->epoch,
        .share_a = str_make(one->box, sizeof one->box),
        .role_b = STR(""),
        .share_b = STR(""),
        .notify = str_make(w->notify, sizeof w->notify),
        .nonce = str_make(w->nonce, sizeof w->nonce),
        .ct = str_make(w->ct, w->ct_len),
    };
    if (w->mode == 2) {
        const struct share_box *two = &w->shares[1];
        item.role_b = str_of_id(&two->role);
        item.epoch_b = two->epoch;
        item.share_b = str_make(two->box, sizeof two->box);
    }
    TRY(item_put(k->db, &item));
    TRY(pending_put(k->db, item.handle, item.created_day));
    return store_bars(k, &w->handle, w->bars, w->bar_count);
}

static enum err write_waiting(struct keeper *k, const struct waiting *w)
{
    return w->is_confirm ? pending_delete(k->db, str_of_id(&w->handle)) : store_item(k, w);
}

enum err keeper_drain(struct keeper *k)
{
    for (struct waiting *w = waiting_take(k); w != NULL; w = waiting_take(k)) {
        enum err err = write_waiting(k, w);
        if (err != ERR_OK) { /* an item that was begun is not begun twice */
            waiting_put_back(k, w);
            keeper_undo(k);
            return err;
        }
        w->next = k->written;
        k->written = w;
    }
    return ERR_OK;
}

/* ---- confirming, sweeping, barring
 * ---------------------------------------------------------------- */

/* With the lock held. What is kept already is not written again. */
static enum err confirm(struct keeper *k, const struct id16 *handle)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, KEEPER_ARENA_BYTES);
    struct item_waits_row row;
    if (keeper_has_waiting(k))
        TRY(keeper_begin(k));
    TRY(item_waits(k->db, &a, str_of_id(handle), &row));
    if (!row.pending)
        return ERR_OK;
    TRY(keeper_begin(k));
    return pending_delete(k->db, str_of_id(handle));
}

enum keeper_status keeper_confirm(struct keeper *k, const struct id16 *handle)
{
    (void)pthread_mutex_lock(&k->lock);
    enum err err = confirm(k, handle);
    (void)pthread_mutex_unlock(&k->lock);
    return keeper_status_of(err);
}

enum keeper_status keeper_confirm_soon(struct keeper *k, const struct id16 *handle)
{
    struct waiting *w = mem_new(sizeof *w);
    if (w == NULL)
        return KEEPER_AGAIN;
    w->handle = *handle;
    w->is_confirm = true;
    (void)keeper_wait_for_write(k, w);
    return KEEPER_OK;
}

enum keeper_status keeper_pending_since(struct keeper *k, int32_t *ret_day)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, KEEPER_ARENA_BYTES);
    struct pending_oldest_row row;
    (void)pthread_mutex_lock(&k->lock);
    enum err err = pending_oldest(k->db, &a, &row);
    (void)pthread_mutex_unlock(&k->lock);
    if (err == ERR_OK)
        *ret_day = row.day;
    return keeper_status_of(err);
}

static enum err erase(struct keeper *k, struct str handle)
{
    TRY(bar_delete(k->db, handle));
    TRY(pending_delete(k->db, handle));
    return item_delete(k->db, handle);
}

/* With the lock held. Days, not hours, are stored: an item is erased on the second day after. */
static enum err sweep(struct keeper *k, int64_t now_us, int64_t *ret_erased)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, KEEPER_ARENA_BYTES);
    struct pending_stale_row *rows = NULL;
    size_t count = 0;
    if (keeper_has_waiting(k))
        TRY(keeper_begin(k));
    TRY(pending_stale(k->db, &a, (int32_t)(now_us / US_PER_DAY) - 1, &rows, &count));
    if (count > 0)
        TRY(keeper_begin(k));
    for (size_t i = 0; i < count; i++)
        TRY(erase(k, rows[i].handle));
    *ret_erased = (int64_t)count;
    return count > 0 ? keeper_commit(k) : ERR_OK;
}

enum keeper_status keeper_sweep(struct keeper *k, int64_t now_us, int64_t *ret_erased)
{
    *ret_erased = 0;
    (void)pthread_mutex_lock(&k->lock);
    enum err err = sweep(k, now_us, ret_erased);
    (void)pthread_mutex_unlock(&k->lock);
    return keeper_status_of(err);
}

static enum err add_bars(struct keeper *k, const struct id16 *handle, const struct keeper_bar *bars,
                         size_t count)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, KEEPER_ARENA_BYTES);
    struct item_waits_row row;
    TRY(keeper_begin(k));
    TRY(item_waits(k->db, &a, str_of_id(handle), &row));
    TRY(store_bars(k, handle, bars, count));
    return keeper_commit(k); /* a bar bites at once */
}

enum keeper_status keeper_bar_add(struct keeper *k, const struct id16 *handle,
                                  const struct keeper_bar *bars, size_t count)
{
    if (count > KEEPER_BARS_MAX)
        return KEEPER_MALFORMED;
    (void)pthread_mutex_lock(&k->lock);
    enum err err = add_bars(k, handle, bars, count);
    (void)pthread_mutex_unlock(&k->lock);
    return keeper_status_of(err);
}
