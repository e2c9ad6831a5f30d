/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "people/throttle.h"

#include "base/instant.h"
#include "base/rng.h"
#include "lib/crypt/crypt.h"

#include <pthread.h>

enum { SLOTS = 4096, WAYS = 4, FREE_TRIES = 5, DELAY_MAX_S = 15 * 60 };

struct slot {
    uint64_t tag; /* 0: empty */
    uint32_t fails;
    int64_t last_us;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct key32 key;
static bool has_key;
static struct slot slots[SLOTS];

/* With the lock held. */
static uint64_t tag_of(struct str login, struct str device)
{
    uint8_t out[16];
    uint64_t tag = 0;
    struct mac m;
    if (!has_key)
        has_key = rng_bytes(&key, sizeof key) == ERR_OK;
    mac_init(&m, key.b, sizeof out);
    mac_be64(&m, login.len);
    mac_str(&m, login);
    mac_str(&m, device);
    mac_done(&m, out);
    memcpy(&tag, out, sizeof tag);
    return tag == 0 ? 1 : tag;
}

/* The slot of that tag, else with `make` the one of its set that was used least lately. */
static struct slot *slot_of(uint64_t tag, bool make)
{
    struct slot *set = &slots[(tag % (SLOTS / WAYS)) * WAYS];
    struct slot *oldest = &set[0];
    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].tag == tag)
            return &set[i];
        if (set[i].last_us < oldest->last_us)
            oldest = &set[i];
    }
    if (!make)
        return NULL;
    *oldest = (struct slot){.tag = tag};
    return oldest;
}

static int64_t delay_us(uint32_t fails)
{
    if (fails < FREE_TRIES)
        return 0;
    uint32_t power = fails - FREE_TRIES + 1;
    int64_t s = power > 9 ? DELAY_MAX_S : INT64_C(1) << power;
    return (s > DELAY_MAX_S ? DELAY_MAX_S : s) * US_PER_SECOND;
}

bool throttle_may(struct str login, struct str device, int64_t now_us)
{
    pthread_mutex_lock(&lock);
    const struct slot *s = slot_of(tag_of(login, device), false);
    bool may = s == NULL || now_us >= s->last_us + delay_us(s->fails);
    pthread_mutex_unlock(&lock);
    return may;
}

void throttle_failed(struct str login, struct str device, int64_t now_us)
{
    pthread_mutex_lock(&lock);
    struct slot *s = slot_of(tag_of(login, device), true);
    s->fails++;
    s->last_us = now_us;
    pthread_mutex_unlock(&lock);
}

void throttle_passed(struct str login, struct str device)
{
    pthread_mutex_lock(&lock);
    struct slot *s = slot_of(tag_of(login, device), false);
    if (s != NULL)
        *s = (struct slot){.tag = 0};
    pthread_mutex_unlock(&lock);
}
