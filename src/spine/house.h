/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * house: what every room may look up about this installation.
 *
 * Filled once by main/ before the first request and const afterwards, but for the office tree,
 * which a change of configuration replaces (house_tree). tx->env and the HTTP request both point
 * to it. It owns nothing.
 */
#ifndef HUIYIN_SPINE_HOUSE_H
#define HUIYIN_SPINE_HOUSE_H

#include "base/str.h"

#include <stdatomic.h>

struct keeper; /* trust/keeper.h */
struct keys;   /* spine/keys.h */
struct log;    /* spine/log.h */
struct office_tree;
struct pack;
struct search;
struct tx;
struct writer;
struct zone; /* lib/text/zone.h */

struct house {
    const struct pack *pack;
    const struct zone *zone;
    const struct keys *keys;
    struct keeper *keeper;
    struct log *log;
    struct writer *writer;
    struct search *search; /* NULL where nothing is indexed (tests, bench of the raise alone) */
    const char *data_dir;
    struct str origin; /* of the log: "log.example.org/huiyin" */
    bool demo;         /* a flag of the database: a band on every page, second factors shown */
    _Atomic(const struct office_tree *) tree;
};

/* The offices as they are now; an older tree stays valid until the server stops. */
const struct office_tree *house_tree(const struct house *h);

/* The installation's day of an instant. */
int32_t house_day(const struct house *h, int64_t at_us);

/* The house a job in the writer belongs to. */
const struct house *house_of(const struct tx *tx);

#endif
