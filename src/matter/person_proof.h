/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * person_proof: the file with which a person shows later, to anyone, that a matter was received
 * and what became of it (trust.md section 8.6).
 *
 *   huiyin-history/v1
 *   log <origin>
 *   matter <id16 in hex>
 *   event <seq> <index> open <base64 salt> <base64 event text>      what the person may see
 *   event <seq> <index> closed <base64 leaf hash>                   what is internal
 *   (empty line)
 *   the C2SP tlog-proof of the last open event, with the newest signed checkpoint
 *
 * Each event names the leaf of the one before, so one proof covers all above it. What came after
 * the last open event is left out: it could not be proved without showing it. There is no name and
 * no code in it.
 */
#ifndef HUIYIN_MATTER_PERSON_PROOF_H
#define HUIYIN_MATTER_PERSON_PROOF_H

#include "matter/use.h"

/* Appends the file. ERR_BUSY when the log's head with the last event is not signed within a
 * second: the same call will succeed later. */
enum err person_proof(struct db *db, struct arena *a, const struct house *h, struct dossier_id id,
                      const struct matter_story *story, struct buf *b);

#endif
