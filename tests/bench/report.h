/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* report: a table of what was measured against its bar, and the same as JSON with every round. */
#ifndef HUIYIN_TESTS_BENCH_REPORT_H
#define HUIYIN_TESTS_BENCH_REPORT_H

#include "tests/bench/rounds.h"

#include <stdbool.h>
#include <stdint.h>

enum { REPORT_ROWS_MAX = 100, REPORT_TEXT_BYTES = 160, REPORT_NOTE_BYTES = 400 };

struct report_row {
    char what[REPORT_TEXT_BYTES];
    char note[REPORT_NOTE_BYTES]; /* why it was not measured, or how it is to be read */
    double measured;
    const char *unit;
    double base;  /* what it is a ratio of; 0: none */
    double value; /* what is held against the bar */
    double bar;
    const char *bar_unit;
    bool at_most; /* the bar is above */
    int verdict;  /* 1 reached, -1 missed, 0 has no bar, -2 not measured */
    struct rounds rounds;
};

struct report {
    struct report_row rows[REPORT_ROWS_MAX];
    int count;
    int64_t matters;
    char command[512];
    char machine[512];
};

void report_begin(struct report *r, int64_t matters, int argc, char **argv);
void report_fact(struct report *r, const char *what, double measured, const char *unit);
/* measured / base must be at least `bar`. */
void report_ratio(struct report *r, const char *what, double measured, double base, double bar,
                  const char *of);
/* measured must be at most `bar`. */
void report_most(struct report *r, const char *what, double measured, double bar, const char *unit);
/* Both in ms: large / small must be at most `bar`. */
void report_times(struct report *r, const char *what, double large, double small, double bar);

/* The same of rounds: medians, and the median of the rounds' ratios. */
void report_rounds(struct report *r, const char *what, const struct rounds *all, const char *unit);
void report_rounds_ratio(struct report *r, const char *what, const struct rounds *all, double bar,
                         const char *of);
void report_rounds_most(struct report *r, const char *what, const struct rounds *all, double bar,
                        const char *unit);
/* got and base are rates: what the work behind got costs more than that behind base, in per cent of
 * the latter's time, must be at most `bar`. */
void report_rounds_cost(struct report *r, const char *what, const struct rounds *all, double bar,
                        const char *of);
/* How the last row is to be read. */
void report_note(struct report *r, const char *note);
void report_skip(struct report *r, const char *what, const char *why);

/* Prints table, machine, method and command, writes the JSON; true when every bar was reached. */
bool report_end(const struct report *r, const char *json_path);

#endif
