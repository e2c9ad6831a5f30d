/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Years of an organisation under a seeded scheduler; see sim.h.
 *
 *   test_sim      HUIYIN_SEED      the seed; otherwise three of the suite, one for each pack
 *                 HUIYIN_SEEDS     that many seeds from there on
 *                 HUIYIN_WHOLE=1   a million matter-days
 *                 HUIYIN_MATTER_DAYS, HUIYIN_DAYS, HUIYIN_OFFICES, HUIYIN_CHECK_DAYS
 */
#include "tests/fault/sim.h"

#include <stdio.h>
#include <stdlib.h>

enum { FIRST_SEED = 1, SEEDS = 3 };

static const struct sim_size SMALL = {
    .matter_days = 7000, .days = 300, .offices = 6, .check_days = 60};
static const struct sim_size WHOLE = {
    .matter_days = 1000000, .days = 1100, .offices = 20, .check_days = 120};

static int64_t setting(const char *name, int64_t otherwise)
{
    const char *text = getenv(name);
    return text == NULL ? otherwise : (int64_t)strtoull(text, NULL, 10);
}

int main(void)
{
    struct sim_size size = setting("HUIYIN_WHOLE", 0) != 0 ? WHOLE : SMALL;
    bool is_given = getenv("HUIYIN_SEED") != NULL;
    int64_t first = setting("HUIYIN_SEED", FIRST_SEED);
    int64_t count = setting("HUIYIN_SEEDS", is_given ? 1 : SEEDS);
    size.matter_days = setting("HUIYIN_MATTER_DAYS", size.matter_days);
    size.days = (int32_t)setting("HUIYIN_DAYS", size.days);
    size.offices = (int32_t)setting("HUIYIN_OFFICES", size.offices);
    size.check_days = (int32_t)setting("HUIYIN_CHECK_DAYS", size.check_days);
    if (size.offices < 3 || size.offices > SIM_OFFICES_MAX || size.days < 1 ||
        size.check_days < 1) {
        (void)fputs("sizes are impossible\n", stderr);
        return 2;
    }
    int failed = 0;
    for (int64_t i = 0; i < count && failed == 0; i++)
        failed += sim_run((uint64_t)(first + i), &size) ? 0 : 1;
    return failed == 0 ? 0 : 1;
}
