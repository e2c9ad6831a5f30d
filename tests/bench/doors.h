/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* doors: the routes of the server that is measured. */
#ifndef HUIYIN_TESTS_BENCH_DOORS_H
#define HUIYIN_TESTS_BENCH_DOORS_H

#include "http/route.h"

const struct route_span *doors_all(size_t *ret_count);

#endif
