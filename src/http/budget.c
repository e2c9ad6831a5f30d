/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "http/budget.h"

#include "base/instant.h"
#include "base/mem.h"
#include "base/rng.h"
#include "lib/crypt/crypt.h"

#include <pthread.h>

enum { SLOTS = 64 * 1024, WAYS = 4 };

/* One visitor, one budget, one epoch. */
struct slot {
    uint64_t tag; /* 0: empty */
    uint32_t count;
    uint32_t epoch; /* low bits of the epoch it was written in */
};

struct minute {
    int64_t number;
    uint32_t count;
};

struct budgets {
    struct budget_limits limits;
    pthread_mutex_t lock;
    int64_t epoch;                   /* of key[0] */
    struct key32 key[BUDGET_EPOCHS]; /* newest first */
    struct minute all[BUDGET_COUNT];
    struct slot slots[SLOTS];
};

/* The figures of trust.md section 12; pages and signed-in acts are bounded only against floods. */
const struct budget_limits BUDGET_DEFAULTS = {
    .of = {[BUDGET_READ] = {.each = 12000, .epochs = 1},
           [BUDGET_WRITE] = {.each = 1200, .epochs = 1},
           [BUDGET_RAISE] = {.each = 6, .epochs = 6, .all = 600},
           [BUDGET_CODE] = {.each = 5, .epochs = 1},
           [BUDGET_SIGN_IN] = {.each = 20, .epochs = 1},
           [BUDGET_API] = {.each = 60000, .epochs = 1}}};

const struct budget_limits BUDGET_OFF = {.of = {[BUDGET_UNSET] = {0}}};

enum err budget_new(const struct budget_limits *limits, struct budgets **ret_budgets)
{
    CLEANUP(mem_free_ptr) struct budgets *b = mem_new(sizeof *b);
    if (b == NULL)
        return ERR_NOMEM;
    b->limits = *limits;
    TRY(rng_bytes(b->key, sizeof b->key));
    if (pthread_mutex_init(&b->lock, NULL) != 0)
        return ERR_NOMEM;
    *ret_budgets = TAKE(b);
    return ERR_OK;
}

void budget_free(struct budgets *b)
{
    if (b == NULL)
        return;
    pthread_mutex_destroy(&b->lock);
    crypt_wipe(b->key, sizeof b->key);
    mem_free(b);
}

/* New keys for the ten minutes that began since; without random bytes the old ones stay. */
static void renew_keys(struct budgets *b, int64_t epoch)
{
    if (b->epoch == 0)
        b->epoch = epoch;
    while (b->epoch < epoch) {
        struct key32 fresh;
        if (rng_bytes(&fresh, sizeof fresh) != ERR_OK)
            return;
        memmove(&b->key[1], &b->key[0], sizeof b->key - sizeof b->key[0]);
        b->key[0] = fresh;
        crypt_wipe(&fresh, sizeof fresh);
        b->epoch = epoch - b->epoch > BUDGET_EPOCHS ? epoch - BUDGET_EPOCHS : b->epoch + 1;
    }
}

void budget_peer_of(struct budgets *b, struct str reduced, int64_t now_us,
                    struct budget_peer *ret_peer)
{
    *ret_peer = (struct budget_peer){.epoch = now_us / BUDGET_EPOCH_US};
    if (reduced.len == 0)
        return;
    pthread_mutex_lock(&b->lock);
    renew_keys(b, now_us / BUDGET_EPOCH_US);
    ret_peer->epoch = b->epoch;
    for (size_t i = 0; i < BUDGET_EPOCHS; i++) {
        uint8_t out[16];
        struct mac m;
        mac_init(&m, b->key[i].b, sizeof out);
        mac_str(&m, reduced);
        mac_done(&m, out);
        memcpy(&ret_peer->hash[i], out, sizeof ret_peer->hash[i]);
    }
    pthread_mutex_unlock(&b->lock);
}

static uint64_t mix(uint64_t x)
{
    x ^= x >> 31;
    x *= UINT64_C(0x9E3779B97F4A7C15);
    x ^= x >> 29;
    x *= UINT64_C(0xBF58476D1CE4E5B9);
    return x ^ (x >> 32);
}

static uint64_t tag_of(const struct budget_peer *peer, enum budget budget, int64_t epoch)
{
    int64_t age = peer->epoch - epoch;
    size_t i = age <= 0 ? 0 : (size_t)age;
    if (i >= BUDGET_EPOCHS)
        return 0;
    uint64_t tag = mix(peer->hash[i] + (uint64_t)budget * UINT64_C(0xD6E8FEB86659FD93));
    return tag == 0 ? 1 : tag;
}

/* The slot of that tag and epoch; with `make`, the oldest of its set when there is none. */
static struct slot *slot_of(struct budgets *b, uint64_t tag, uint32_t epoch, bool make)
{
    struct slot *set = &b->slots[(tag % (SLOTS / WAYS)) * WAYS];
    struct slot *oldest = &set[0];
    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].tag == tag && set[i].epoch == epoch)
            return &set[i];
        bool older = set[i].epoch < oldest->epoch ||
                     (set[i].epoch == oldest->epoch && set[i].count < oldest->count);
        if (set[i].tag == 0 || (oldest->tag != 0 && older))
            oldest = &set[i];
    }
    if (!make)
        return NULL;
    *oldest = (struct slot){.tag = tag, .epoch = epoch};
    return oldest;
}

static uint32_t seconds_left(int64_t now_us, int64_t span_us)
{
    return (uint32_t)((span_us - now_us % span_us) / US_PER_SECOND) + 1;
}

/* What the visitor took in the window. */
static uint64_t taken(struct budgets *b, const struct budget_peer *peer, enum budget budget,
                      int64_t epoch, uint32_t epochs)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < epochs; i++) {
        uint64_t tag = tag_of(peer, budget, epoch - i);
        const struct slot *s = tag == 0 ? NULL : slot_of(b, tag, (uint32_t)(epoch - i), false);
        if (s != NULL)
            sum += s->count;
    }
    return sum;
}

bool budget_take(struct budgets *b, const struct budget_peer *peer, enum budget budget,
                 uint32_t cost, int64_t now_us, uint32_t *ret_wait_s)
{
    const struct budget_limit *limit = &b->limits.of[budget];
    if (limit->each == 0 && limit->all == 0)
        return true;
    int64_t epoch = now_us / BUDGET_EPOCH_US;
    int64_t minute = now_us / US_PER_MINUTE;
    bool ok = true;
    pthread_mutex_lock(&b->lock);
    struct minute *all = &b->all[budget];
    if (all->number != minute)
        *all = (struct minute){.number = minute};
    if (limit->all != 0 && all->count + cost > limit->all) {
        *ret_wait_s = seconds_left(now_us, US_PER_MINUTE);
        ok = false;
    }
    if (ok && limit->each != 0 && peer->hash[0] != 0) {
        if (taken(b, peer, budget, epoch, limit->epochs) + cost > limit->each) {
            *ret_wait_s = seconds_left(now_us, BUDGET_EPOCH_US);
            ok = false;
        } else {
            slot_of(b, tag_of(peer, budget, epoch), (uint32_t)epoch, true)->count += cost;
        }
    }
    if (ok)
        all->count += cost;
    pthread_mutex_unlock(&b->lock);
    return ok;
}
