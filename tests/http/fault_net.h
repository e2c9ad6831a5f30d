/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* fault_net: what the server calls of the system and of libmicrohttpd, to be broken with
 * fault_call_break (tests/db/fault_calls.h), and its monotonic clock. */
#ifndef HUIYIN_TESTS_HTTP_FAULT_NET_H
#define HUIYIN_TESTS_HTTP_FAULT_NET_H

#include <stdbool.h>
#include <stdint.h>

/* From now on instant_monotonic answers so much more. */
void fault_net_shift(int64_t us);
/* It stands still, until it is let go, but for the shift. */
void fault_net_stand(bool still);

#endif
