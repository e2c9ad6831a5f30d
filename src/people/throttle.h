/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * throttle: how often a password may be tried, per account and per device (trust.md section 10).
 *
 * After five failures an account waits 2, 4, 8 ... seconds, at most 15 minutes, counted from the
 * last failure. A browser with a device cookie of that account has a count of its own, so strangers
 * who try passwords do not lock it out. Logins that exist and those that do not are treated alike.
 * In memory only, keyed by a hash under a key of this process; a fixed table. Thread-safe.
 */
#ifndef HUIYIN_PEOPLE_THROTTLE_H
#define HUIYIN_PEOPLE_THROTTLE_H

#include "base/str.h"

#include <stdint.h>

/* May it be tried now? `device` is "" for a browser nobody knows. */
bool throttle_may(struct str login, struct str device, int64_t now_us);

/* Counts a failure; a success forgets them. */
void throttle_failed(struct str login, struct str device, int64_t now_us);
void throttle_passed(struct str login, struct str device);

#endif
