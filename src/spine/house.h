/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * house: what every room may look up about this installation.
 *
 * Filled once by trust/open.c before the first request and const afterwards, but for the office
 * tree, which a change of configuration replaces. tx->env and the env of an HTTP request both
 * point to it. It owns nothing.
 */
#ifndef HUIYIN_SPINE_HOUSE_H
#define HUIYIN_SPINE_HOUSE_H

#include "base/str.h"

#include <stdatomic.h>

struct confirm; /* trust/confirm.h */
struct keeper;  /* trust/keeper.h */
struct keys;    /* spine/keys.h */
struct log;     /* spine/log.h */
struct lookers; /* spine/lookers.h */
struct office_tree;
struct pack;
struct readers; /* db/readers.h */
struct search;  /* spine/search.h */
struct seats;   /* spine/seats.h */
struct tx;
struct writer;
struct zone; /* lib/text/zone.h */

struct house {
    const char *data_dir;
    const struct pack *pack;
    const struct zone *zone;
    const struct keys *keys;
    const unsigned char *kek; /* 32 bytes: for small secrets of officers (second factors) */
    struct keeper *keeper;
    struct log *log;
    struct writer *writer; /* NULL when opened for reading */
    struct readers *readers;
    struct lookers *lookers; /* memory only: who has which dossier open */
    struct search *search;   /* NULL where nothing is indexed */
    struct confirm *confirm; /* vault items to confirm after the commit */
    struct seats *seats;     /* the writer's: who holds a post where */
    struct str origin;       /* of the log: "log.example.org/huiyin" */
    bool demo; /* a flag of the database: a band on every page, second factors shown */
    _Atomic(const struct office_tree *) tree;
};

/* The offices as they are now; an older tree stays valid until the server stops. */
const struct office_tree *house_tree(const struct house *h);

/* The installation's day of an instant. */
int32_t house_day(const struct house *h, int64_t at_us);

/* The house a job in the writer belongs to. */
const struct house *house_of(const struct tx *tx);

#endif
