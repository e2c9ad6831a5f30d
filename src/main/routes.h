/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * routes: every door of the program in one list, and who stands at the officers' doors.
 */
#ifndef HUIYIN_MAIN_ROUTES_H
#define HUIYIN_MAIN_ROUTES_H

#include "http/auth.h"
#include "http/route.h"
#include "spine/house.h"

const struct route_span *routes_all(size_t *ret_count);

/* The officers' sessions, tokens and grants of this house. `h` must outlive *ret_auth. */
void auth_fill(const struct house *h, struct auth *ret_auth);

/* `huiyin routes`: one line a door. */
int cmd_routes(int argc, char **argv);

#endif
