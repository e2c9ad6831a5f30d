/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * paper: the door behind which an officer gets a matter's papers as PDF.
 *
 *     GET /desk/m/{ref}/paper/{kind}[?paper_lang=zh-CN|en]     intake acceptance decision delivery
 *
 *     POST /desk/m/{ref}/slip    the receipt with the person's code: once a matter, in this stream
 *
 * Whoever may read the matter may print it; printing is a look, and the first look of a day is an
 * event before anything is shown. Letters are in the language the person used, forms in the
 * officer's, unless paper_lang says otherwise. 404 for a paper the matter has no ground for yet: an
 * acceptance before it was admitted, a decision before there was an answer.
 */
#ifndef HUIYIN_SIGHT_PAPER_H
#define HUIYIN_SIGHT_PAPER_H

#include "http/route.h"

extern const struct route PAPER_ROUTES[];
extern const size_t PAPER_ROUTE_COUNT;

#endif
