/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * public_log: the doors through which anyone checks the log without being let in (trust.md 8.5).
 *
 *     GET /log/checkpoint          the newest public checkpoint, with its cosignatures
 *     POST /log/cosignatures       a checkpoint with the lines of witnesses (text/plain)
 *     GET /log/vkey                the log's public key, as a line of a policy wants it
 *     GET /log/policy              a policy that believes this log alone, to start from
 *     GET /log/tile/<L>/<N>…       hashes and entries (spine/tile.h)
 *
 * Nothing beyond the public size is shown: 404. No session, no cookie, no count of who asks.
 */
#ifndef HUIYIN_SIGHT_PUBLIC_LOG_H
#define HUIYIN_SIGHT_PUBLIC_LOG_H

#include "http/route.h"

extern const struct route PUBLIC_LOG_ROUTES[];
extern const size_t PUBLIC_LOG_ROUTE_COUNT;

#endif
