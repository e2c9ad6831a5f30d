/* SPDX-License-Identifier: AGPL-3.0-or-later */
#ifndef HUIYIN_MAIN_SERVE_H
#define HUIYIN_MAIN_SERVE_H

/* Exit codes of main/commands.h. */
int cmd_serve(int argc, char **argv);

#endif
