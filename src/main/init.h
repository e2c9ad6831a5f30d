/* SPDX-License-Identifier: AGPL-3.0-or-later */
#ifndef HUIYIN_MAIN_INIT_H
#define HUIYIN_MAIN_INIT_H

/* Exit codes of main/commands.h. */
int cmd_init(int argc, char **argv);

#endif
