/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * routes: every door of the program in one list.
 */
#ifndef HUIYIN_MAIN_ROUTES_H
#define HUIYIN_MAIN_ROUTES_H

#include "http/route.h"

/* Static; for http/server.h and for `huiyin routes`. */
const struct route_span *routes_all(size_t *ret_count);

/* `huiyin routes`: one line a door. */
int cmd_routes(int argc, char **argv);

#endif
