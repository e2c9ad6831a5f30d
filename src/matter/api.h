/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * api: matters for other systems, as JSON under /api/v1.
 *
 *     GET  /api/v1/matters?office=CODE&kind=&state=&after=   what the office owes, next due first
 *     POST /api/v1/matters                                   raise one: 201, or 200 when the key
 * was used for it before GET  /api/v1/matters/{ref}                             one, with its dues
 * and its story POST /api/v1/matters/{ref}/{step}                      route, admit, assign, ... as
 * the desk's
 *
 * The doors are an officer's by token (Authorization: Bearer). What may be asked for, its fields,
 * its refusals and its sentences are the desk's: the same forms, the same use cases. A request with
 * an Idempotency-Key that comes again within seven days gets the same answer and does nothing
 * again. Days are "2026-03-02", instants RFC 3339; offices are named by code, officers by login,
 * matters by reference. Errors are application/problem+json with key and sentence. Who raised a
 * matter is in no answer.
 */
#ifndef HUIYIN_MATTER_API_H
#define HUIYIN_MATTER_API_H

#include "http/route.h"

extern const struct route MATTER_API_ROUTES[];
extern const size_t MATTER_API_ROUTE_COUNT;

#endif
