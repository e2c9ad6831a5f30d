/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * desk_similar: matters like the one being typed in, of those the reader may see, at most five.
 */
#ifndef HUIYIN_MATTER_DESK_SIMILAR_H
#define HUIYIN_MATTER_DESK_SIMILAR_H

#include "matter/desk.h"
#include "matter/pages/desk_similar.html.h"

/* Adds to v->rows; none where nothing is indexed, or when the kind is sealed. Reads only. */
enum err desk_similar_fill(struct request *req, struct str title, struct str text, struct str kind,
                           struct page_desk_similar *v);

#endif
