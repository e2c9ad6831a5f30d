/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * rounds: what was measured several times in one run, in turns with what it is compared to.
 *
 * The machine's speed wanders by a factor of two within minutes. Two measurements that belong
 * together are therefore made one right after the other, again and again, and their ratio is the
 * median of the rounds' ratios.
 */
#ifndef HUIYIN_TESTS_BENCH_ROUNDS_H
#define HUIYIN_TESTS_BENCH_ROUNDS_H

enum { ROUNDS_MAX = 12 };

struct rounds {
    double got[ROUNDS_MAX];
    double base[ROUNDS_MAX]; /* what `got` of the same round is compared to; 0: nothing */
    int count;
};

void rounds_add(struct rounds *r, double got, double base);
double rounds_got(const struct rounds *r);   /* median; 0 when there are none */
double rounds_base(const struct rounds *r);  /* … of the bases */
double rounds_ratio(const struct rounds *r); /* … of got / base */

#endif
