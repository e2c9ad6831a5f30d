/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * person_proof: the file with which a person shows later, to anyone, that a matter was received
 * and what became of it (trust.md section 8.6).
 *
 * The format is spine/receipt.h's history; what is internal stands in it as closed lines. There is
 * no name and no code in it.
 */
#ifndef HUIYIN_MATTER_PERSON_PROOF_H
#define HUIYIN_MATTER_PERSON_PROOF_H

#include "matter/use.h"

/* Appends the file. ERR_BUSY when the log's head with the last event is not signed within a
 * second: the same call will succeed later. */
enum err person_proof(struct db *db, struct arena *a, const struct house *h, struct dossier_id id,
                      const struct matter_story *story, struct buf *b);

#endif
