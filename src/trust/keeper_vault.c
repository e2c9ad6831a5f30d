/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Sealing: the byte formats of trust.md section 5.1. */
#include "base/instant.h"
#include "base/mem.h"
#include "base/rng.h"
#include "trust/keeper_inside.h"
#include "trust/vault.sql.h"

#include <string.h>

enum {
    PLAIN_SMALL = 1024,
    PLAIN_LARGE = 4096,
    AAD_BYTES = 4 + 1 + ID16_BYTES,                /* "HYI1" mode handle */
    SHARE_PLAIN = 4 + ID16_BYTES + 1 + KEY_BYTES,  /* "HYS1" handle share_no share */
    SHARE_BOX = SHARE_PLAIN + BOX_OVERHEAD_BYTES,  /* 101 */
    ADDRESS_PADDED = KEEPER_ADDRESS_BYTES_MAX + 1, /* 255 */
    NOTIFY_PLAIN = 4 + ID16_BYTES + 2 + 1 + ADDRESS_PADDED,
    NOTIFY_BOX = NOTIFY_PLAIN + BOX_OVERHEAD_BYTES, /* 326 */
    TAGS = 6,
    ITEM_KEPT = 2,
    WAITING_MAX = 4096
};

_Static_assert(SHARE_BOX == 101, "share");
_Static_assert(NOTIFY_BOX == 326, "notify box");

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

/* A box to one role. */
struct share_box {
    struct id16 role;
    int64_t epoch;
    uint8_t box[SHARE_BOX];
};

struct waiting {
    struct waiting *next;
    struct id16 handle;
    bool is_confirm; /* then nothing below counts */
    int32_t mode;
    uint16_t policy;
    int32_t created_day;
    uint8_t nonce[AEAD_NONCE_BYTES];
    struct share_box shares[2];
    uint8_t notify[NOTIFY_BOX];
    size_t bar_count;
    struct keeper_bar bars[KEEPER_BARS_MAX];
    size_t ct_len;
    uint8_t ct[]; /* the sealed identity */
};

/* False when too many wait already: a disk that takes nothing must not fill the memory too. */
static bool wait_for_write(struct keeper *k, struct waiting *w)
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
    const struct item_put_in item = {
        .handle = str_of_id(&w->handle),
        .mode = w->mode,
        .policy = w->policy,
        .nonce = str_make(w->nonce, sizeof w->nonce),
        .ct = str_make(w->ct, w->ct_len),
        .created_day = w->created_day,
    };
    TRY(item_put(k->db, &item));
    for (int32_t i = 0; i < w->mode; i++) {
        const struct share_box *s = &w->shares[i];
        const struct share_put_in in = {.handle = str_of_id(&w->handle),
                                        .share_no = i + 1,
                                        .role_id = str_of_id(&s->role),
                                        .epoch = s->epoch,
                                        .sealed = str_make(s->box, sizeof s->box)};
        TRY(share_put(k->db, &in));
    }
    TRY(notify_put(k->db, str_of_id(&w->handle), str_make(w->notify, sizeof w->notify)));
    return store_bars(k, &w->handle, w->bars, w->bar_count);
}

/* Whole or not at all: an item that was begun is not begun twice. */
static enum err write_waiting(struct keeper *k, const struct waiting *w)
{
    int64_t changed = 0;
    if (w->is_confirm)
        return item_confirm(k->db, str_of_id(&w->handle), &changed);
    TRY(db_savepoint(k->db));
    enum err err = store_item(k, w);
    if (err == ERR_OK)
        return db_savepoint_keep(k->db);
    (void)db_savepoint_undo(k->db);
    return err;
}

enum err keeper_drain(struct keeper *k)
{
    for (struct waiting *w = waiting_take(k); w != NULL; w = waiting_take(k)) {
        enum err err = write_waiting(k, w);
        if (err != ERR_OK) {
            waiting_put_back(k, w);
            return err;
        }
        w->next = k->written;
        k->written = w;
    }
    return ERR_OK;
}

/* ---- policies
 * ------------------------------------------------------------------------------------ */

static enum err sealed_to_read(struct keeper *k, struct arena *a, struct str role,
                               struct sealed_to *ret)
{
    struct role_key_live_row key;
    TRY(role_key_live(k->db, a, role, &key));
    if (key.pub.len != KEY_BYTES || role.len != ID16_BYTES)
        return ERR_CORRUPT;
    memcpy(ret->role.b, role.ptr, ID16_BYTES);
    memcpy(ret->pub, key.pub.ptr, KEY_BYTES);
    ret->epoch = key.epoch;
    return ERR_OK;
}

/* With the lock held. */
static enum err policy_read(struct keeper *k, uint16_t id, struct policy *ret_policy)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, KEEPER_ARENA_BYTES);
    struct policy_get_row row;
    struct policy p = {.id = id};
    TRY(policy_get(k->db, &a, id, &row));
    p.mode = row.mode;
    TRY(sealed_to_read(k, &a, row.role_a, &p.to[0]));
    if (p.mode == 2)
        TRY(sealed_to_read(k, &a, row.role_b, &p.to[1]));
    if (p.mode != 1 && p.mode != 2)
        return ERR_CORRUPT;
    *ret_policy = p;
    return ERR_OK;
}

void keeper_policy_forget(struct keeper *k)
{
    (void)pthread_mutex_lock(&k->waiting_lock);
    k->policy.id = 0;
    (void)pthread_mutex_unlock(&k->waiting_lock);
}

static enum err policy_find(struct keeper *k, uint16_t id, struct policy *ret_policy)
{
    (void)pthread_mutex_lock(&k->waiting_lock);
    *ret_policy = k->policy;
    (void)pthread_mutex_unlock(&k->waiting_lock);
    if (ret_policy->id == id && id != 0)
        return ERR_OK;
    (void)pthread_mutex_lock(&k->lock);
    enum err err = policy_read(k, id, ret_policy);
    if (err == ERR_OK) {
        (void)pthread_mutex_lock(&k->waiting_lock);
        k->policy = *ret_policy;
        (void)pthread_mutex_unlock(&k->waiting_lock);
    }
    (void)pthread_mutex_unlock(&k->lock);
    return err;
}

/* ---- sealing
 * ------------------------------------------------------------------------------------- */

/* Wiped on every way out. */
struct sealing {
    struct key32 idk;
    struct key32 share[2];
    uint8_t plain[PLAIN_LARGE];
};

static void sealing_wipe(struct sealing *s)
{
    crypt_wipe(s, sizeof *s);
}

static size_t padded(struct str tlv)
{
    return tlv.len < PLAIN_SMALL ? PLAIN_SMALL : PLAIN_LARGE;
}

/* 0x80 and zeros, so that every identity is 1,024 or 4,096 bytes. */
static void seal_identity(struct sealing *s, struct str tlv, struct waiting *w)
{
    size_t size = padded(tlv);
    if (tlv.len > 0)
        memcpy(s->plain, tlv.ptr, tlv.len);
    memset(s->plain + tlv.len, 0, size - tlv.len);
    s->plain[tlv.len] = 0x80;
    uint8_t aad[AAD_BYTES] = {'H', 'Y', 'I', '1', (uint8_t)w->mode};
    memcpy(aad + 5, w->handle.b, ID16_BYTES);
    crypt_aead_seal(s->idk.b, w->nonce, str_make(aad, sizeof aad), str_make(s->plain, size), w->ct);
    w->ct_len = size + AEAD_TAG_BYTES;
}

/* Mode 1: the key itself. Mode 2: a random half and what is missing to it. */
static void split_key(struct sealing *s, int32_t mode)
{
    if (mode == 1) {
        s->share[0] = s->idk;
        return;
    }
    for (size_t i = 0; i < KEY_BYTES; i++)
        s->share[1].b[i] = s->idk.b[i] ^ s->share[0].b[i];
}

static enum err seal_share(const struct sealing *s, const struct sealed_to *to, int32_t share_no,
                           struct waiting *w)
{
    struct share_box *share = &w->shares[share_no - 1];
    uint8_t plain[SHARE_PLAIN] = {'H', 'Y', 'S', '1'};
    memcpy(plain + 4, w->handle.b, ID16_BYTES);
    plain[4 + ID16_BYTES] = (uint8_t)share_no;
    memcpy(plain + 5 + ID16_BYTES, s->share[share_no - 1].b, KEY_BYTES);
    share->role = to->role;
    share->epoch = to->epoch;
    enum err err = crypt_box_seal(to->pub, str_make(plain, sizeof plain), share->box);
    crypt_wipe(plain, sizeof plain);
    return err;
}

static enum err seal_notify(const struct keeper *k, const struct keeper_seal *in, struct waiting *w)
{
    uint8_t plain[NOTIFY_PLAIN] = {'H', 'Y', 'N', '1'};
    uint8_t *at = plain + 4;
    memcpy(at, w->handle.b, ID16_BYTES);
    at += ID16_BYTES;
    memcpy(at, in->lang.len == 2 ? in->lang.ptr : "en", 2);
    at += 2;
    *at++ = (uint8_t)in->channel;
    if (in->address.len > 0)
        memcpy(at, in->address.ptr, in->address.len);
    at[in->address.len] = 0x80;
    enum err err = crypt_box_seal(k->notify_pub, str_make(plain, sizeof plain), w->notify);
    crypt_wipe(plain, sizeof plain);
    return err;
}

static enum err sealing_random(struct sealing *s, struct waiting *w)
{
    TRY(rng_bytes(w->handle.b, sizeof w->handle.b));
    TRY(rng_bytes(s->idk.b, sizeof s->idk.b));
    TRY(rng_bytes(s->share[0].b, sizeof s->share[0].b));
    return rng_bytes(w->nonce, sizeof w->nonce);
}

/* All that costs time, with no lock held. */
static enum err seal_all(struct keeper *k, const struct keeper_seal *in,
                         const struct policy *policy, struct waiting *w)
{
    CLEANUP(sealing_wipe) struct sealing s;
    w->mode = policy->mode;
    w->policy = in->policy;
    w->created_day = (int32_t)(in->now_us / US_PER_DAY);
    w->bar_count = in->bar_count;
    if (in->bar_count > 0)
        memcpy(w->bars, in->bars, in->bar_count * sizeof *in->bars);
    TRY(sealing_random(&s, w));
    split_key(&s, w->mode);
    seal_identity(&s, in->identity, w);
    for (int32_t i = 0; i < w->mode; i++)
        TRY(seal_share(&s, &policy->to[i], i + 1, w));
    return seal_notify(k, in, w);
}

static bool is_well_formed(const struct keeper_seal *in)
{
    struct identity who;
    if (in->address.len > KEEPER_ADDRESS_BYTES_MAX || in->bar_count > KEEPER_BARS_MAX ||
        !identity_decode(in->identity, &who))
        return false;
    for (size_t i = 0; i < in->bar_count; i++)
        if (in->bars[i].kind != KEEPER_BAR_CUSTODIAN && in->bars[i].kind != KEEPER_BAR_ROLE)
            return false;
    return in->channel <= NOTIFY_POST;
}

static bool is_role_barred(const struct keeper_seal *in, const struct policy *policy)
{
    for (int32_t i = 0; i < policy->mode; i++)
        for (size_t b = 0; b < in->bar_count; b++)
            if (in->bars[b].kind == KEEPER_BAR_ROLE &&
                memcmp(&in->bars[b].id, &policy->to[i].role, sizeof in->bars[b].id) == 0)
                return true;
    return false;
}

enum keeper_status keeper_seal(struct keeper *k, const struct keeper_seal *in,
                               struct id16 *ret_handle)
{
    struct policy policy;
    if (!is_well_formed(in))
        return KEEPER_MALFORMED;
    enum err err = policy_find(k, in->policy, &policy);
    if (err != ERR_OK)
        return err == ERR_NOT_FOUND ? KEEPER_REFUSED : KEEPER_AGAIN;
    if (is_role_barred(in, &policy))
        return KEEPER_REFUSED;
    CLEANUP(mem_free_ptr)
    struct waiting *w = mem_new(sizeof *w + padded(in->identity) + AEAD_TAG_BYTES);
    if (w == NULL)
        return KEEPER_AGAIN;
    err = seal_all(k, in, &policy, w);
    if (err != ERR_OK)
        return keeper_status_of(err);
    const struct id16 handle = w->handle;
    if (!wait_for_write(k, w))
        return KEEPER_AGAIN;
    (void)TAKE(w);
    *ret_handle = handle;
    return KEEPER_OK;
}

/* ---- confirming, sweeping, barring
 * ---------------------------------------------------------------- */

/* With the lock held. What is kept already is not written again. */
static enum err confirm(struct keeper *k, const struct id16 *handle)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, KEEPER_ARENA_BYTES);
    struct item_state_row row;
    if (keeper_has_waiting(k))
        TRY(keeper_begin(k));
    TRY(item_state(k->db, &a, str_of_id(handle), &row));
    if (row.state == ITEM_KEPT)
        return ERR_OK;
    int64_t changed = 0;
    TRY(keeper_begin(k));
    return item_confirm(k->db, str_of_id(handle), &changed);
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
    (void)wait_for_write(k, w);
    return KEEPER_OK;
}

enum keeper_status keeper_pending_since(struct keeper *k, int32_t *ret_day)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, KEEPER_ARENA_BYTES);
    struct item_oldest_pending_row row;
    (void)pthread_mutex_lock(&k->lock);
    enum err err = item_oldest_pending(k->db, &a, &row);
    (void)pthread_mutex_unlock(&k->lock);
    if (err == ERR_OK)
        *ret_day = row.day;
    return keeper_status_of(err);
}

static enum err erase(struct keeper *k, struct str handle)
{
    TRY(share_delete(k->db, handle));
    TRY(notify_delete(k->db, handle));
    TRY(bar_delete(k->db, handle));
    return item_delete(k->db, handle);
}

/* With the lock held. Days, not hours, are stored: an item is erased on the second day after. */
static enum err sweep(struct keeper *k, int64_t now_us, int64_t *ret_erased)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, KEEPER_ARENA_BYTES);
    struct item_stale_row *rows = NULL;
    size_t count = 0;
    if (keeper_has_waiting(k))
        TRY(keeper_begin(k));
    TRY(item_stale(k->db, &a, (int32_t)(now_us / US_PER_DAY) - 1, &rows, &count));
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
    struct item_state_row row;
    TRY(keeper_begin(k));
    TRY(item_state(k->db, &a, str_of_id(handle), &row));
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
