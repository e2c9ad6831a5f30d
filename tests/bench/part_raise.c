/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* part_raise: how many matters a second come in, against what the files take. */
#include "tests/bench/bench.h"
#include "tests/bench/raw.h"

#include <inttypes.h>
#include <stdio.h>

enum { RAW_MATTERS = 20000, RAISE_ROUNDS = 3, BATCHES = 3 };

static const int64_t BATCH[BATCHES] = {64, 128, 256};

enum { FEW, MANY, CROWDS };
static const size_t CROWD[CROWDS] = {64, 256};

struct raising {
    struct raw *raw;
    char copy[BENCH_PATH_BYTES]; /* for the raw rows, which make no sense as a log */
    struct rounds raw_rate[BATCHES];
    struct rounds api[CROWDS];
    struct rounds api_alike[CROWDS];
    struct rounds api_p50[CROWDS];
    struct rounds api_p99[CROWDS];
    struct rounds api_cpu[CROWDS];
    struct rounds api_load[CROWDS];
    struct rounds person;
    struct rounds person_cpu;
};

static enum err raw_ready(struct bench *b, struct raising *r)
{
    (void)snprintf(r->copy, sizeof r->copy, "%s/raw", b->dir);
    TRY(folder_copy(b->whole, r->copy, &b->info));
    return raw_load(r->copy, b->matters < 2 * RAW_MATTERS ? b->matters / 2 : RAW_MATTERS, &r->raw,
                    &b->info);
}

/* What the files take: the best batch of this round is its limit. */
static enum err raw_round(struct bench *b, struct raising *r, double ret_rates[BATCHES],
                          double *ret_limit)
{
    double limit = 0;
    for (int i = 0; i < BATCHES; i++) {
        double seconds = 0;
        TRY(raw_run(r->raw, r->copy, BATCH[i], &seconds, &b->info));
        double rate = (double)raw_matters(r->raw) / seconds;
        rounds_add(&r->raw_rate[i], rate, 0);
        ret_rates[i] = rate;
        limit = rate > limit ? rate : limit;
    }
    *ret_limit = limit;
    return ERR_OK;
}

/* The stock is filled for whoever has asked once. */
static enum err stock_ready(struct bench *b, const struct child *c)
{
    struct load_result any;
    return bench_load(
        b, c, (struct load){.connections = 1, .make = make_person, .expect = 201, .requests = 1},
        &any);
}

static double rate_of_batch(const double rates[BATCHES], size_t batch)
{
    for (int i = 0; i < BATCHES; i++)
        if (BATCH[i] == (int64_t)batch)
            return rates[i];
    return 0;
}

static enum err raise_round(struct bench *b, const struct child *c, struct raising *r)
{
    struct measured m = {0};
    double rates[BATCHES];
    double limit = 0;
    child_settle(c);
    TRY(raw_round(b, r, rates, &limit));
    for (int i = 0; i < CROWDS; i++) {
        const struct load l = {
            .connections = CROWD[i], .make = make_raise, .expect = 201, .seconds = b->seconds / 2};
        TRY(bench_measure(b, c, l, &m));
        rounds_add(&r->api[i], m.rate, limit);
        rounds_add(&r->api_alike[i], m.rate, rate_of_batch(rates, CROWD[i]));
        rounds_add(&r->api_p50[i], m.p50_ms, 0);
        rounds_add(&r->api_p99[i], m.p99_ms, 0);
        rounds_add(&r->api_cpu[i], m.server_us, 0);
        rounds_add(&r->api_load[i], m.load_cpus, 0);
    }
    const struct load l = {
        .connections = 256, .make = make_person, .expect = 201, .seconds = b->seconds / 2};
    double api = m.rate;
    double api_us = m.server_us;
    TRY(stock_ready(b, c));
    TRY(bench_measure(b, c, l, &m));
    rounds_add(&r->person, m.rate, api);
    rounds_add(&r->person_cpu, m.server_us, api_us);
    return ERR_OK;
}

static void raise_report(struct report *to, const struct raising *r)
{
    char what[REPORT_TEXT_BYTES];
    for (int i = 0; i < BATCHES; i++) {
        (void)snprintf(what, sizeof what, "raw: the rows of a raise, %" PRId64 " a transaction",
                       BATCH[i]);
        report_rounds(to, what, &r->raw_rate[i], "/s");
    }
    report_fact(to, "raw: rows of one raise", raw_rows_each(r->raw), "rows");
    for (int i = 0; i < CROWDS; i++) {
        (void)snprintf(what, sizeof what, "durable raise through the API, %zu connections",
                       CROWD[i]);
        report_rounds_ratio(to, what, &r->api[i], 0.7, "of the raw limit");
        report_rounds(to, "  against as many raises a transaction as connections", &r->api_alike[i],
                      "/s");
        (void)snprintf(what, sizeof what, "  its 99th percentile, %zu connections", CROWD[i]);
        report_rounds_most(to, what, &r->api_p99[i], 50, "ms");
        report_rounds(to, "  its median", &r->api_p50[i], "ms");
        report_rounds(to, "  the server's processor time of one", &r->api_cpu[i], "us");
        report_rounds(to, "  processors the load generator kept busy", &r->api_load[i], "");
    }
    report_rounds_ratio(to, "the same as a person, 256 connections", &r->person, 0.4,
                        "of the API's");
    report_rounds(to, "  the server's processor time of one, against the API's", &r->person_cpu,
                  "us");
}

enum err part_raise(struct bench *b)
{
    static struct raising r;
    struct child c;
    r = (struct raising){.raw = NULL};
    enum err err = raw_ready(b, &r);
    if (err == ERR_OK)
        err = child_start(&(struct child_how){.dir = b->work}, &c, &b->info);
    if (err == ERR_OK) {
        for (int i = 0; i < RAISE_ROUNDS && err == ERR_OK; i++)
            err = raise_round(b, &c, &r);
        if (err == ERR_OK) {
            raise_report(&b->report, &r);
            report_most(&b->report, "memory: after that, at this many matters",
                        (double)child_pss_kb(&c) / 1024, 200, "MB");
        }
        child_stop(&c, false);
    }
    raw_free(r.raw);
    folder_drop(r.copy);
    return err;
}
