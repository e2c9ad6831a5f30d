/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/bench/rounds.h"

#include <stdlib.h>
#include <string.h>

void rounds_add(struct rounds *r, double got, double base)
{
    if (r->count == ROUNDS_MAX)
        return;
    r->got[r->count] = got;
    r->base[r->count++] = base;
}

static int order(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(const double *all, int count)
{
    double sorted[ROUNDS_MAX];
    if (count == 0)
        return 0;
    memcpy(sorted, all, (size_t)count * sizeof *sorted);
    qsort(sorted, (size_t)count, sizeof *sorted, order);
    double middle = sorted[count / 2];
    return count % 2 == 1 ? middle : (sorted[count / 2 - 1] + middle) / 2;
}

double rounds_got(const struct rounds *r)
{
    return median(r->got, r->count);
}

double rounds_base(const struct rounds *r)
{
    return median(r->base, r->count);
}

double rounds_ratio(const struct rounds *r)
{
    double ratio[ROUNDS_MAX];
    for (int i = 0; i < r->count; i++)
        ratio[i] = r->base[i] > 0 ? r->got[i] / r->base[i] : 0;
    return median(ratio, r->count);
}
