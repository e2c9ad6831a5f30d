/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* person_mine: showing the one page behind a code; person_mine.c takes what is posted from it. */
#ifndef HUIYIN_MATTER_PERSON_MINE_H
#define HUIYIN_MATTER_PERSON_MINE_H

#include "matter/person_raise.h"

/* The matter of the session, as it stands, with what is wrong with what was just posted. */
enum err person_mine_show(struct request *req, const struct raise_draft *d);

/* person_proof.c: the history of the matter (`is_whole`), or the receipt of its first event, as a
 * download. ERR_BUSY "person.mine.proof_later" when the log has not signed it yet. */
enum err person_proof_reply(struct request *req, bool is_whole);
/* The receipt in a line (receipt_paper_line), "" when there is none. */
enum err person_proof_line(struct request *req, const struct matter_story *s, struct str *ret_line);

#endif
