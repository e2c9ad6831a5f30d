/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * indexed: what of a matter the search may hold: the words of open kinds, and the identity values
 * that must be hidden in them. Sealed kinds are never handed over.
 */
#ifndef HUIYIN_MATTER_INDEXED_H
#define HUIYIN_MATTER_INDEXED_H

#include "spine/search.h"

/* Valid as long as the house. */
struct search_source matter_search_source(const struct house *h);

#endif
