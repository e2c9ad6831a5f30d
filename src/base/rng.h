/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * rng: secret bytes from the kernel, and a seeded sequence for tests and simulations.
 *
 * The seeded one (xoshiro256**, public domain by Blackman and Vigna) is never used for secrets.
 */
#ifndef HUIYIN_BASE_RNG_H
#define HUIYIN_BASE_RNG_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/* Fills with getrandom(2); ERR_IO when the kernel cannot. */
enum err rng_bytes(void *ret_bytes, size_t len);

/* The same for at most 64 bytes, from a pool of the thread that is filled many at a time: for the
 * salts, nonces and keys that every row of a matter needs. What was given is wiped from the pool; a
 * forked process begins a new one. */
enum err rng_few(void *ret_bytes, size_t len);

struct rng {
    uint64_t s[4];
};

void rng_seed(struct rng *r, uint64_t seed);
uint64_t rng_next(struct rng *r);
/* Uniform in [0, below); below > 0. */
uint64_t rng_below(struct rng *r, uint64_t below);

#endif
