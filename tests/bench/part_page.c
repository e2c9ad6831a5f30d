/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* part_page: the pages of the staff, against the same SQL without anything around it. */
#include "base/instant.h"
#include "tests/bench/bench.h"
#include "tests/bench/sql_only.h"

#include <stdio.h>
#include <unistd.h>

enum { PAGE_ROUNDS = 3 };

struct paging {
    make_request *make;
    struct rounds loop; /* against one loop over its SQL */
    struct rounds rate; /* against one on each processor */
    struct rounds cpu;
    struct rounds load;
    double statements;
    double rows;
};

/* Each is asked for once; the first look of a day at a matter is a write. */
static enum err ask_each(struct bench *b, make_request *make, const char *trace)
{
    struct child c;
    struct load_result r;
    TRY(child_start(&(struct child_how){.dir = b->work, .trace = trace}, &c, &b->info));
    const struct load l = {.connections = 1, .make = make, .requests = BENCH_REFS};
    enum err err = bench_load(b, &c, l, &r);
    child_stop(&c, false);
    return err;
}

static enum err page_round(struct bench *b, const struct child *c, struct paging *p)
{
    struct sql_only how = {.dir = b->work,
                           .trace = b->trace,
                           .threads = 1,
                           .seconds = b->seconds / 2,
                           .today = (int32_t)(instant_now() / US_PER_DAY)};
    const struct load l = {.connections = 64, .make = p->make, .seconds = b->seconds / 2};
    struct sql_only_result loop;
    struct sql_only_result sql;
    struct measured m;
    TRY(sql_only_run(&how, &loop, &b->info));
    how.threads = (size_t)sysconf(_SC_NPROCESSORS_ONLN);
    TRY(sql_only_run(&how, &sql, &b->info));
    TRY(bench_measure(b, c, l, &m));
    rounds_add(&p->loop, m.rate, loop.rate);
    rounds_add(&p->rate, m.rate, sql.rate);
    rounds_add(&p->cpu, m.server_us, sql.cpu_us);
    rounds_add(&p->load, m.load_cpus, 0);
    p->statements = sql.statements_each;
    p->rows = sql.rows_each;
    return ERR_OK;
}

static void page_report(struct report *to, const char *what, const struct paging *p)
{
    char note[REPORT_NOTE_BYTES];
    report_rounds_ratio(to, what, &p->loop, 0.5, "of its SQL in a loop");
    (void)snprintf(
        note, sizeof note,
        "its SQL: %.1f statements, %.1f rows, stepped without HTTP; beside the server the "
        "load generator kept %.2f of %ld processors busy",
        p->statements, p->rows, rounds_got(&p->load), sysconf(_SC_NPROCESSORS_ONLN));
    report_note(to, note);
    report_rounds_ratio(to, "  against such a loop on each processor", &p->rate, 0.5,
                        "of those together");
    report_rounds(to, "  the server's processor time of one, against its SQL's", &p->cpu, "us");
}

static enum err part_page(struct bench *b, const char *what, make_request *make)
{
    struct paging p = {.make = make};
    struct child c;
    TRY(bench_refs(b, b->work));
    TRY(ask_each(b, make, NULL));
    TRY(ask_each(b, make, b->trace));
    TRY(child_start(&(struct child_how){.dir = b->work}, &c, &b->info));
    enum err err = ERR_OK;
    for (int i = 0; i < PAGE_ROUNDS && err == ERR_OK; i++)
        err = page_round(b, &c, &p);
    child_stop(&c, false);
    if (err == ERR_OK)
        page_report(&b->report, what, &p);
    return err;
}

enum err part_matter_page(struct bench *b)
{
    return part_page(b, "matter page", make_matter);
}

enum err part_queue_page(struct bench *b)
{
    return part_page(b, "queue page", make_queue);
}
