/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* sim_story: the steps that led there, in the shortest form one can use. */
#include "tests/fault/sim.h"

#include "base/instant.h"
#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

enum { AROUND = 25, BEFORE = 4 };

static void fingerprint(struct sim *s, const struct sim_line *line)
{
    const unsigned char *at = (const unsigned char *)&line->at_us;
    for (size_t i = 0; i < sizeof line->at_us; i++)
        s->fingerprint = (s->fingerprint ^ at[i]) * UINT64_C(1099511628211);
    for (const char *c = line->text; *c != '\0'; c++)
        s->fingerprint = (s->fingerprint ^ (unsigned char)*c) * UINT64_C(1099511628211);
}

void sim_tell(struct sim *s, int64_t matter, const char *fmt, ...)
{
    struct sim_line *line = &s->lines[s->line_count++ % SIM_LINES_MAX];
    va_list ap;
    va_start(ap, fmt);
    line->at_us = sim_now(s);
    line->matter = matter;
    (void)vsnprintf(line->text, sizeof line->text, fmt, ap);
    va_end(ap);
    fingerprint(s, line);
}

_Noreturn void sim_fail(struct sim *s, int64_t matter, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(s->fault, sizeof s->fault, fmt, ap);
    va_end(ap);
    s->fault_matter = matter;
    _exit(LIFE_FAULT);
}

static void print_line(const struct sim_line *line)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 64);
    instant_format(line->at_us, &b);
    (void)printf("  " STR_FMT " ", STR_ARG(buf_view(&b)));
    if (line->matter != 0)
        (void)printf("matter %lld: ", (long long)line->matter);
    (void)printf("%s\n", line->text);
}

/* Where the matter's story begins: a few lines before its first. */
static int64_t story_begin(const struct sim *s, int64_t first)
{
    for (int64_t i = first; s->fault_matter != 0 && i < s->line_count; i++) {
        if (s->lines[i % SIM_LINES_MAX].matter == s->fault_matter)
            return i - BEFORE;
    }
    return s->line_count;
}

/* Of another matter nothing is told but in the last lines. */
void sim_story_print(const struct sim *s)
{
    int64_t first = s->line_count > SIM_LINES_MAX ? s->line_count - SIM_LINES_MAX : 0;
    int64_t begin = story_begin(s, first);
    for (int64_t i = first; i < s->line_count; i++) {
        const struct sim_line *line = &s->lines[i % SIM_LINES_MAX];
        bool is_of_it = line->matter == 0 || line->matter == s->fault_matter;
        if ((i >= begin && is_of_it) || i >= s->line_count - AROUND)
            print_line(line);
    }
}
