/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Sealing: the byte formats of trust.md section 5.1, and the stock of boxes for nobody. */
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
    ADDRESS_PADDED = KEEPER_ADDRESS_BYTES_MAX + 1, /* 255 */
    NOTIFY_PLAIN = 4 + ID16_BYTES + 2 + 1 + ADDRESS_PADDED
};

_Static_assert(KEEPER_SHARE_BOX == SHARE_PLAIN + BOX_OVERHEAD_BYTES, "share");
_Static_assert(KEEPER_NOTIFY_BOX == NOTIFY_PLAIN + BOX_OVERHEAD_BYTES, "notify box");

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
    TRY(rng_few(w->handle.b, sizeof w->handle.b));
    TRY(rng_few(s->idk.b, sizeof s->idk.b));
    TRY(rng_few(s->share[0].b, sizeof s->share[0].b));
    return rng_few(w->nonce, sizeof w->nonce);
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

static enum err box_make(struct keeper *k, const struct keeper_seal *in,
                         const struct policy *policy, struct waiting **ret_box)
{
    CLEANUP(mem_free_ptr)
    struct waiting *w = mem_new(sizeof *w + padded(in->identity) + AEAD_TAG_BYTES);
    if (w == NULL)
        return ERR_NOMEM;
    TRY(seal_all(k, in, policy, w));
    *ret_box = TAKE(w);
    return ERR_OK;
}

/* ---- boxes for nobody, sealed ahead
 * ------------------------------------------------------------- */

/* Most who raise a matter leave the boxes empty. Such a box says nothing of the matter, so that it
 * may be sealed before there is one: a third of what a raise would otherwise cost. It differs in
 * nothing from one that is sealed on the spot, and its day is the day it is taken. */

static const char READY_LANG[KEEPER_READY_LANGS][3] = {"en", "zh"};

static bool is_for_nobody(const struct keeper_seal *in)
{
    return in->policy == POLICY_DEFAULT && in->identity.len == 0 && in->address.len == 0 &&
           in->bar_count == 0 && in->channel == NOTIFY_NONE;
}

static struct ready *ready_of(struct keeper *k, struct str lang)
{
    for (size_t i = 0; i < KEEPER_READY_LANGS; i++)
        if (str_eq_c(lang, READY_LANG[i]))
            return &k->ready[i];
    return NULL;
}

/* With waiting_lock held. */
static struct waiting *ready_pop(struct ready *r)
{
    struct waiting *w = r->first;
    if (w != NULL) {
        r->first = w->next;
        r->count--;
        w->next = NULL;
    }
    return w;
}

/* Whether it is sealed to the keys that the policy has now. */
static bool is_sealed_to(const struct waiting *w, const struct policy *policy)
{
    bool is = w->mode == policy->mode;
    for (int32_t i = 0; i < w->mode && is; i++)
        is = w->shares[i].epoch == policy->to[i].epoch &&
             memcmp(&w->shares[i].role, &policy->to[i].role, sizeof policy->to[i].role) == 0;
    return is;
}

/* NULL when none is ready. What is sealed to a key of before is thrown away. */
static struct waiting *ready_take(struct keeper *k, const struct keeper_seal *in,
                                  const struct policy *policy)
{
    struct ready *r = k->ready_size > 0 && is_for_nobody(in) ? ready_of(k, in->lang) : NULL;
    if (r == NULL)
        return NULL;
    (void)pthread_mutex_lock(&k->waiting_lock);
    r->is_asked = true;
    struct waiting *w = ready_pop(r);
    while (w != NULL && !is_sealed_to(w, policy)) {
        mem_free(w);
        w = ready_pop(r);
    }
    (void)pthread_mutex_unlock(&k->waiting_lock);
    keeper_stock_taken(k);
    if (w != NULL)
        w->created_day = (int32_t)(in->now_us / US_PER_DAY);
    return w;
}

static void ready_put(struct keeper *k, struct ready *r, struct waiting *w)
{
    (void)pthread_mutex_lock(&k->waiting_lock);
    w->next = r->first;
    r->first = w;
    r->count++;
    (void)pthread_mutex_unlock(&k->waiting_lock);
}

/* A language that lacks boxes, or KEEPER_READY_LANGS. */
static size_t ready_missing(struct keeper *k)
{
    size_t i = 0;
    (void)pthread_mutex_lock(&k->waiting_lock);
    while (i < KEEPER_READY_LANGS && (!k->ready[i].is_asked || k->ready[i].count >= k->ready_size))
        i++;
    (void)pthread_mutex_unlock(&k->waiting_lock);
    return i;
}

bool keeper_ready_fill(struct keeper *k)
{
    struct policy policy;
    struct waiting *w = NULL;
    size_t i = ready_missing(k);
    if (i == KEEPER_READY_LANGS)
        return false;
    const struct keeper_seal nobody = {.policy = POLICY_DEFAULT, .lang = str_of(READY_LANG[i])};
    if (policy_find(k, nobody.policy, &policy) != ERR_OK ||
        box_make(k, &nobody, &policy, &w) != ERR_OK)
        return false;
    ready_put(k, &k->ready[i], w);
    return true;
}

void keeper_ready_free(struct keeper *k)
{
    (void)pthread_mutex_lock(&k->waiting_lock);
    for (size_t i = 0; i < KEEPER_READY_LANGS; i++)
        for (struct waiting *w = ready_pop(&k->ready[i]); w != NULL; w = ready_pop(&k->ready[i]))
            mem_free(w);
    (void)pthread_mutex_unlock(&k->waiting_lock);
}

/* ---- the operation
 * ------------------------------------------------------------------------------- */

static _Thread_local uint64_t sealed_here;

uint64_t keeper_sealed_here(void)
{
    return sealed_here;
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
    CLEANUP(mem_free_ptr) struct waiting *w = ready_take(k, in, &policy);
    if (w == NULL)
        err = box_make(k, in, &policy, &w);
    if (err != ERR_OK)
        return keeper_status_of(err);
    const struct id16 handle = w->handle;
    if (!keeper_wait_for_write(k, w))
        return KEEPER_AGAIN;
    (void)TAKE(w);
    sealed_here++;
    *ret_handle = handle;
    return KEEPER_OK;
}
