/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * timed: what happens to a matter's dues without anybody asking.
 *
 * A due that passes, a suspension that ends and a day that has to be counted again go through the
 * same rules as what people do.
 */
#ifndef HUIYIN_MATTER_TIMED_H
#define HUIYIN_MATTER_TIMED_H

#include "spine/sweep.h"

extern const struct sweep_room MATTER_SWEEP;

#endif
