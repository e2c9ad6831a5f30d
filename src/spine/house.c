/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "spine/house.h"

#include "db/writer.h"
#include "lib/text/zone.h"

const struct office_tree *house_tree(const struct house *h)
{
    return atomic_load_explicit(&h->tree, memory_order_acquire);
}

int32_t house_day(const struct house *h, int64_t at_us)
{
    return zone_day_of(h->zone, at_us);
}

const struct house *house_of(const struct tx *tx)
{
    return tx->env;
}
