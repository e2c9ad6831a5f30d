/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * confirm: tells the keeper which boxes belong to a matter that is on the disk.
 *
 * A box is sealed before its matter is written and is erased after a day unless it is confirmed.
 * The handles are gathered while a batch runs (the writer's thread) and go to the keeper when it
 * has settled (the writer's second thread). What is lost with the process is made up for at the
 * next start. The functions are the writer's hooks of the same names.
 */
#ifndef HUIYIN_TRUST_CONFIRM_H
#define HUIYIN_TRUST_CONFIRM_H

#include "base/err.h"

#include <stdint.h>

struct confirm;
struct id16;
struct keeper;

enum err confirm_new(struct keeper *keeper, struct confirm **ret_confirm);
void confirm_free(struct confirm *c);

/* In a job: ERR_LIMIT when the batch has one for each of its jobs already. */
enum err confirm_add(struct confirm *c, const struct id16 *handle);

void confirm_mark(void *self);
void confirm_undo(void *self);
void confirm_after_commit(void *self, uint64_t number);
void confirm_after_rollback(void *self);
void confirm_settled(void *self, uint64_t number);

#endif
