/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * say: sentences of the catalogue on a terminal, in the operator's language (LC_ALL, LC_MESSAGES,
 * LANG), for what a command has to tell.
 */
#ifndef HUIYIN_MAIN_SAY_H
#define HUIYIN_MAIN_SAY_H

#include "base/err.h"
#include "lib/text/msg.h"

const struct msg_lang *say_lang(void);

/* One line on standard output. */
void say_line(enum msg_key key, const struct msg_arg *args, size_t count);

/* "huiyin: sentence" on standard error, and the detail for whoever looks into it. */
void say_error(const struct err_info *info);

#endif
