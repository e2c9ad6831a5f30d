/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* part_log: what log, commitments and signature cost a raise. */
#include "tests/bench/bench.h"
#include "tests/bench/peek.h"
#include "tests/bench/proof.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

/* Many short rounds: their median bears more of the machine's moods than a few long ones. */
enum { LOG_ROUNDS = 9, LOG_BATCH = 64, WITH = 0, WITHOUT = 1 };

/* One server after the other, each on a copy of its own of the same folder. */
struct side {
    struct child_how how;
    char dir[BENCH_PATH_BYTES];
    bool has_log;
};

/* Did it really do with the log, or without, what it was started for? */
static enum err side_check(struct bench *b, const struct side *s, int64_t leaves, int64_t events)
{
    int64_t leaves_now = 0;
    int64_t events_now = 0;
    TRY(peek_number(s->dir, "SELECT size FROM log_state", &leaves_now, &b->info));
    TRY(peek_number(s->dir, "SELECT sum(seq) FROM dossier", &events_now, &b->info));
    int64_t more = leaves_now - leaves;
    bool is_right = events_now > events && (s->has_log ? more >= events_now - events : more == 0);
    return is_right ? ERR_OK
                    : err_set(&b->info, ERR_INTERNAL, NULL,
                              "%s: %" PRId64 " events, %" PRId64 " leaves came in", s->dir,
                              events_now - events, more);
}

static enum err side_run(struct bench *b, const struct side *s, struct measured *ret)
{
    struct child c;
    struct load l = {.connections = 64, .make = make_raise, .expect = 201, .seconds = 1};
    TRY(child_start(&s->how, &c, &b->info));
    enum err err = bench_measure(b, &c, l, ret); /* warm */
    l.seconds = b->seconds / 3;
    if (err == ERR_OK)
        err = bench_measure(b, &c, l, ret);
    child_stop(&c, false);
    return err;
}

static enum err sides_ready(struct bench *b, struct side sides[2])
{
    for (int i = 0; i < 2; i++) {
        struct side *s = &sides[i];
        s->has_log = i == WITH;
        (void)snprintf(s->dir, sizeof s->dir, "%s/%s", b->dir, s->has_log ? "log" : "no-log");
        s->how = (struct child_how){.dir = s->dir, .program = s->has_log ? b->with_log : b->no_log};
        TRY(folder_copy(b->whole, s->dir, &b->info));
    }
    return ERR_OK;
}

static enum err log_rounds(struct bench *b, const struct side sides[2], struct rounds *rate,
                           struct rounds *cpu)
{
    struct measured m[2];
    int64_t leaves[2] = {0};
    int64_t events[2] = {0};
    for (int i = 0; i < 2; i++) {
        TRY(peek_number(sides[i].dir, "SELECT size FROM log_state", &leaves[i], &b->info));
        TRY(peek_number(sides[i].dir, "SELECT sum(seq) FROM dossier", &events[i], &b->info));
    }
    for (int n = 0; n < LOG_ROUNDS; n++) {
        for (int k = 0; k < 2; k++) { /* with, without, without, with … */
            int at = (n + k) % 2;
            TRY(side_run(b, &sides[at], &m[at]));
        }
        rounds_add(rate, m[WITH].rate, m[WITHOUT].rate);
        rounds_add(cpu, m[WITH].server_us, m[WITHOUT].server_us);
    }
    for (int i = 0; i < 2; i++)
        TRY(side_check(b, &sides[i], leaves[i], events[i]));
    return ERR_OK;
}

enum err part_log(struct bench *b)
{
    static struct side sides[2];
    struct rounds rate = {.count = 0};
    struct rounds cpu = {.count = 0};
    for (int i = 0; i < 2; i++) {
        const char *program = i == 0 ? b->with_log : b->no_log;
        if (access(program, X_OK) != 0)
            return err_set(&b->info, ERR_NOT_FOUND, NULL, "%s is not built", program);
    }
    enum err err = sides_ready(b, sides);
    if (err == ERR_OK)
        err = log_rounds(b, sides, &rate, &cpu);
    for (int i = 0; i < 2; i++)
        folder_drop(sides[i].dir);
    if (err != ERR_OK)
        return err;
    report_rounds_cost(&b->report, "log: what it costs a raise through the API, 64 connections",
                       &rate, 15, "% more time");
    report_note(&b->report, "against the same server without salts, commitments, leaves, tree, "
                            "roots, signatures, checkpoints, their rows and columns; events with "
                            "their texts and payloads stay (no_log.c)");
    report_rounds(&b->report, "  the server's processor time of a raise, against without", &cpu,
                  "us");
    report_fact(&b->report, "  hashes and signature of a raise alone",
                proof_hashing(LOG_BATCH) * 1e6, "us");
    return ERR_OK;
}
