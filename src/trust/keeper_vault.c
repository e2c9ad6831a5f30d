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
    ITEM_KEPT = 2
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

/* ---- sealing
 * ------------------------------------------------------------------------------------- */

/* Wiped on every way out. */
struct sealing {
    struct id16 handle;
    int32_t mode;
    struct key32 idk;
    struct key32 share[2];
    uint8_t plain[PLAIN_LARGE];
    uint8_t nonce[AEAD_NONCE_BYTES];
    uint8_t ct[PLAIN_LARGE + AEAD_TAG_BYTES];
    size_t ct_len;
};

static void sealing_wipe(struct sealing *s)
{
    crypt_wipe(s, sizeof *s);
}

/* 0x80 and zeros, so that every identity is 1,024 or 4,096 bytes. */
static void seal_identity(struct sealing *s, struct str tlv)
{
    size_t size = tlv.len < PLAIN_SMALL ? PLAIN_SMALL : PLAIN_LARGE;
    if (tlv.len > 0)
        memcpy(s->plain, tlv.ptr, tlv.len);
    memset(s->plain + tlv.len, 0, size - tlv.len);
    s->plain[tlv.len] = 0x80;
    uint8_t aad[AAD_BYTES] = {'H', 'Y', 'I', '1', (uint8_t)s->mode};
    memcpy(aad + 5, s->handle.b, ID16_BYTES);
    crypt_aead_seal(s->idk.b, s->nonce, str_make(aad, sizeof aad), str_make(s->plain, size), s->ct);
    s->ct_len = size + AEAD_TAG_BYTES;
}

/* Mode 1: the key itself. Mode 2: a random half and what is missing to it. */
static void split_key(struct sealing *s)
{
    if (s->mode == 1) {
        s->share[0] = s->idk;
        return;
    }
    for (size_t i = 0; i < KEY_BYTES; i++)
        s->share[1].b[i] = s->idk.b[i] ^ s->share[0].b[i];
}

static bool is_role_barred(const struct keeper_seal *in, struct str role)
{
    for (size_t i = 0; i < in->bar_count; i++)
        if (in->bars[i].kind == KEEPER_BAR_ROLE && str_eq(str_of_id(&in->bars[i].id), role))
            return true;
    return false;
}

static enum err store_share(struct keeper *k, struct arena *a, const struct sealing *s,
                            int32_t share_no, struct str role)
{
    struct role_key_live_row key;
    TRY(role_key_live(k->db, a, role, &key));
    if (key.pub.len != KEY_BYTES)
        return ERR_CORRUPT;
    uint8_t plain[SHARE_PLAIN] = {'H', 'Y', 'S', '1'};
    uint8_t box[SHARE_BOX];
    memcpy(plain + 4, s->handle.b, ID16_BYTES);
    plain[4 + ID16_BYTES] = (uint8_t)share_no;
    memcpy(plain + 5 + ID16_BYTES, s->share[share_no - 1].b, KEY_BYTES);
    enum err err = crypt_box_seal((const uint8_t *)key.pub.ptr, str_make(plain, sizeof plain), box);
    crypt_wipe(plain, sizeof plain);
    TRY(err);
    const struct share_put_in in = {.handle = str_of_id(&s->handle),
                                    .share_no = share_no,
                                    .role_id = role,
                                    .epoch = key.epoch,
                                    .sealed = str_make(box, sizeof box)};
    return share_put(k->db, &in);
}

static enum err store_notify(struct keeper *k, const struct sealing *s,
                             const struct keeper_seal *in)
{
    uint8_t plain[NOTIFY_PLAIN] = {'H', 'Y', 'N', '1'};
    uint8_t box[NOTIFY_BOX];
    uint8_t *at = plain + 4;
    memcpy(at, s->handle.b, ID16_BYTES);
    at += ID16_BYTES;
    memcpy(at, in->lang.len == 2 ? in->lang.ptr : "en", 2);
    at += 2;
    *at++ = (uint8_t)in->channel;
    if (in->address.len > 0)
        memcpy(at, in->address.ptr, in->address.len);
    at[in->address.len] = 0x80;
    enum err err = crypt_box_seal(k->notify_pub, str_make(plain, sizeof plain), box);
    crypt_wipe(plain, sizeof plain);
    TRY(err);
    return notify_put(k->db, str_of_id(&s->handle), str_make(box, sizeof box));
}

static enum err store_bars(struct keeper *k, const struct id16 *handle,
                           const struct keeper_bar *bars, size_t count)
{
    for (size_t i = 0; i < count; i++)
        TRY(bar_put(k->db, str_of_id(handle), (int32_t)bars[i].kind, str_of_id(&bars[i].id)));
    return ERR_OK;
}

static enum err store_item(struct keeper *k, struct arena *a, const struct sealing *s,
                           const struct keeper_seal *in, const struct policy_get_row *policy)
{
    const struct item_put_in item = {
        .handle = str_of_id(&s->handle),
        .mode = s->mode,
        .policy = in->policy,
        .nonce = str_make(s->nonce, sizeof s->nonce),
        .ct = str_make(s->ct, s->ct_len),
        .created_day = (int32_t)(in->now_us / US_PER_DAY),
    };
    TRY(keeper_begin(k));
    TRY(item_put(k->db, &item));
    TRY(store_share(k, a, s, 1, policy->role_a));
    if (s->mode == 2)
        TRY(store_share(k, a, s, 2, policy->role_b));
    TRY(store_notify(k, s, in));
    return store_bars(k, &s->handle, in->bars, in->bar_count);
}

static enum err sealing_random(struct sealing *s)
{
    TRY(rng_bytes(s->handle.b, sizeof s->handle.b));
    TRY(rng_bytes(s->idk.b, sizeof s->idk.b));
    TRY(rng_bytes(s->share[0].b, sizeof s->share[0].b));
    return rng_bytes(s->nonce, sizeof s->nonce);
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

/* With the lock held. */
static enum keeper_status seal(struct keeper *k, const struct keeper_seal *in,
                               struct id16 *ret_handle)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, KEEPER_ARENA_BYTES);
    struct policy_get_row policy;
    enum err err = policy_get(k->db, &a, in->policy, &policy);
    if (err != ERR_OK)
        return err == ERR_NOT_FOUND ? KEEPER_REFUSED : KEEPER_AGAIN;
    if (is_role_barred(in, policy.role_a) ||
        (policy.mode == 2 && is_role_barred(in, policy.role_b)))
        return KEEPER_REFUSED;
    CLEANUP(sealing_wipe) struct sealing s = {.mode = policy.mode};
    err = sealing_random(&s);
    if (err != ERR_OK)
        return KEEPER_AGAIN;
    split_key(&s);
    seal_identity(&s, in->identity);
    err = store_item(k, &a, &s, in, &policy);
    if (err == ERR_OK)
        *ret_handle = s.handle;
    return err == ERR_NOT_FOUND ? KEEPER_REFUSED : keeper_status_of(err);
}

enum keeper_status keeper_seal(struct keeper *k, const struct keeper_seal *in,
                               struct id16 *ret_handle)
{
    if (!is_well_formed(in))
        return KEEPER_MALFORMED;
    (void)pthread_mutex_lock(&k->lock);
    enum keeper_status status = seal(k, in, ret_handle);
    (void)pthread_mutex_unlock(&k->lock);
    return status;
}

/* ---- confirming, sweeping, barring
 * ---------------------------------------------------------------- */

/* With the lock held. What is kept already is not written again. */
static enum err confirm(struct keeper *k, const struct id16 *handle)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, KEEPER_ARENA_BYTES);
    struct item_state_row row;
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
    TRY(item_state(k->db, &a, str_of_id(handle), &row));
    TRY(keeper_begin(k));
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
