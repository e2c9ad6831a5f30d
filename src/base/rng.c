/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/rng.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum { POOL_BYTES = 1024, FEW_MAX = 64 };

enum err rng_bytes(void *ret_bytes, size_t len)
{
    unsigned char *p = ret_bytes;
    while (len > 0) {
        ssize_t n = getrandom(p, len, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return ERR_IO;
        p += n;
        len -= (size_t)n;
    }
    return ERR_OK;
}

struct pool {
    pid_t owner;
    size_t left; /* at its end */
    unsigned char bytes[POOL_BYTES];
};

enum err rng_few(void *ret_bytes, size_t len)
{
    static _Thread_local struct pool pool;
    if (len > FEW_MAX)
        return rng_bytes(ret_bytes, len);
    const pid_t self = getpid();
    if (pool.owner != self || pool.left < len) {
        pool.left = 0;
        enum err err = rng_bytes(pool.bytes, sizeof pool.bytes);
        if (err != ERR_OK)
            return err;
        pool.owner = self;
        pool.left = sizeof pool.bytes;
    }
    unsigned char *from = pool.bytes + sizeof pool.bytes - pool.left;
    memcpy(ret_bytes, from, len);
    explicit_bzero(from, len);
    pool.left -= len;
    return ERR_OK;
}

static uint64_t rotl(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

void rng_seed(struct rng *r, uint64_t seed)
{
    for (int i = 0; i < 4; i++) { /* splitmix64 */
        seed += UINT64_C(0x9E3779B97F4A7C15);
        uint64_t z = seed;
        z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
        z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
        r->s[i] = z ^ (z >> 31);
    }
}

uint64_t rng_next(struct rng *r)
{
    uint64_t result = rotl(r->s[1] * 5, 7) * 9;
    uint64_t t = r->s[1] << 17;
    r->s[2] ^= r->s[0];
    r->s[3] ^= r->s[1];
    r->s[1] ^= r->s[2];
    r->s[0] ^= r->s[3];
    r->s[2] ^= t;
    r->s[3] = rotl(r->s[3], 45);
    return result;
}

uint64_t rng_below(struct rng *r, uint64_t below)
{
    uint64_t limit = UINT64_MAX - UINT64_MAX % below;
    uint64_t v = 0;
    do {
        v = rng_next(r);
    } while (v >= limit);
    return v % below;
}
