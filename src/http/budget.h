/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * budget: how much one visitor may ask in a while, without knowing who it is (trust.md section 12).
 *
 * An address is reduced at accept to /24 (IPv4), /48 (IPv6) or the circuit of a PROXY line, and at
 * once to a SipHash under keys that are renewed every ten minutes and live an hour, in memory only.
 * Counts stand in a fixed table of 64 k slots; when it is crowded the oldest slot goes, so a flood
 * of addresses costs no memory. Nothing here can be turned back into an address. Thread-safe.
 */
#ifndef HUIYIN_HTTP_BUDGET_H
#define HUIYIN_HTTP_BUDGET_H

#include "base/err.h"
#include "base/str.h"
#include "http/route.h"

enum { BUDGET_EPOCHS = 6 };

#define BUDGET_EPOCH_US (INT64_C(10) * 60 * 1000000)

struct budget_limit {
    uint32_t each;   /* per visitor and window; 0: no limit */
    uint32_t epochs; /* window in ten minutes, 1..BUDGET_EPOCHS */
    uint32_t all;    /* of everybody together in a minute; 0: no limit */
};

struct budget_limits {
    struct budget_limit of[BUDGET_COUNT];
};

extern const struct budget_limits BUDGET_DEFAULTS; /* trust.md section 12 */
extern const struct budget_limits BUDGET_OFF;      /* nothing is limited: bench, imports, tests */

struct budgets;

/* A visitor as the budgets know one: hashes of the reduced address under the keys of this hour,
 * newest first. All zero for a connection without address (a browser on this machine, a proxy that
 * sends no PROXY line): nobody in particular, held to the limits of everybody together only, so
 * that a house behind such a proxy is not one visitor with six matters an hour. */
struct budget_peer {
    uint64_t hash[BUDGET_EPOCHS];
    int64_t epoch; /* which ten minutes hash[0] belongs to */
};

enum err budget_new(const struct budget_limits *limits, struct budgets **ret_budgets);
void budget_free(struct budgets *b);

/* `reduced` is the reduced address (or circuit id), at most 32 bytes; "" for none. */
void budget_peer_of(struct budgets *b, struct str reduced, int64_t now_us,
                    struct budget_peer *ret_peer);

/* Counts `cost`; false when the visitor or everybody together is past the limit (nothing is
 * counted then). *ret_wait_s: seconds after which it may go again. */
bool budget_take(struct budgets *b, const struct budget_peer *peer, enum budget budget,
                 uint32_t cost, int64_t now_us, uint32_t *ret_wait_s);

#endif
