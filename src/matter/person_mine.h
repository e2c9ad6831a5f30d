/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* person_mine: showing the one page behind a code; person_mine.c takes what is posted from it. */
#ifndef HUIYIN_MATTER_PERSON_MINE_H
#define HUIYIN_MATTER_PERSON_MINE_H

#include "matter/person_raise.h"

/* The matter of the session, as it stands, with what is wrong with what was just posted. */
enum err person_mine_show(struct request *req, const struct raise_draft *d);

#endif
