/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* terminal: sentences of commands, in the language of whoever typed them. */
#ifndef HUIYIN_SPINE_TERMINAL_H
#define HUIYIN_SPINE_TERMINAL_H

#include "lib/text/msg.h"

#include <stdio.h>

/* By LC_ALL, LC_MESSAGES, LANG; English when they name none we have. */
const struct msg_lang *terminal_lang(void);

/* The sentence and a line end. */
void terminal_say(FILE *out, enum msg_key key, const struct msg_arg *args, size_t args_count);
/* The sentence of an error and a line end. */
void terminal_say_err(FILE *out, const struct err_info *info);

#endif
