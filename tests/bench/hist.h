/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* hist: latencies in microseconds, in buckets no wider than 1.6 % of their value. */
#ifndef HUIYIN_TESTS_BENCH_HIST_H
#define HUIYIN_TESTS_BENCH_HIST_H

#include <stdint.h>

enum { HIST_SUB = 64, HIST_BUCKETS = 40 * HIST_SUB };

struct hist {
    uint64_t n;
    uint64_t bucket[HIST_BUCKETS];
};

static inline void hist_add(struct hist *h, int64_t us)
{
    uint64_t v = us < 0 ? 0 : (uint64_t)us;
    unsigned shift = 0;
    while (v >> shift >= 2 * HIST_SUB)
        shift++;
    uint64_t at = (uint64_t)shift * HIST_SUB + (v >> shift);
    h->bucket[at < HIST_BUCKETS ? at : HIST_BUCKETS - 1]++;
    h->n++;
}

/* The upper edge of the bucket that holds the p-th part (0.5, 0.99); 0 when empty. */
static inline double hist_at(const struct hist *h, double p)
{
    double want = p * (double)h->n;
    uint64_t seen = 0;
    for (uint64_t i = 0; i < HIST_BUCKETS; i++) {
        seen += h->bucket[i];
        if (h->bucket[i] > 0 && (double)seen >= want) {
            if (i < 2 * HIST_SUB)
                return (double)i;
            uint64_t shift = i / HIST_SUB - 1;
            return (double)((i - shift * HIST_SUB + 1) << shift);
        }
    }
    return 0;
}

#endif
