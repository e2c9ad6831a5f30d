/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sim_send: requests on their way to the writer.
 *
 * What was acknowledged is noted in the writer's answer, as a browser notes it, so that a process
 * that dies right afterwards has said it. What was not answered is sent again by the next life with
 * the same key: it must come to the same as if it had been sent once.
 */
#include "tests/fault/sim.h"

#include "base/mem.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* The flight of this process: which of it is still without an answer. */
struct flight {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    int32_t open;
};

static struct flight flight = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};
static struct sim *of_flight;

struct sim_request *sim_flight_new(struct sim *s)
{
    struct sim_request *r = &s->flights[s->flight_count++];
    *r = (struct sim_request){.is_answered = false};
    (void)snprintf(r->once, sizeof r->once, "sim-%llu", (unsigned long long)++s->once);
    return r;
}

/* ---- one request ------------------------------------------------------------------------- */

static enum err run(struct tx *tx, void *ctx)
{
    struct sim_request *r = ctx;
    enum err err =
        r->is_raise ? matter_raise(tx, &r->raise, &r->done) : matter_act(tx, &r->act, &r->done);
    sim_doom_in_job(of_flight);
    return err;
}

static void note_raised(struct sim *s, const struct sim_request *r)
{
    struct sim_matter *m = &s->matters[r->done.id.v];
    m->has_code = r->raise.lookup != NULL;
    memcpy(m->lookup, r->lookup, sizeof m->lookup);
    m->is_known = r->raise.card != NULL;
    m->name = r->name;
    if (r->raise.subject_count > 0)
        m->subject = r->subject;
    if (r->raise.exclusion_count > 0)
        m->exclusion = r->exclusion;
    m->facts_day = r->raise.command.body.happened_day != 0 ? r->raise.command.body.happened_day
                                                           : r->raise.command.body.received_day;
}

static void note(struct sim *s, struct sim_request *r)
{
    if (r->done.id.v <= 0 || r->done.id.v >= SIM_MATTERS_MAX)
        sim_fail(s, 0, "answered with the id %lld", (long long)r->done.id.v);
    struct sim_matter *m = &s->matters[r->done.id.v];
    if (r->is_raise)
        note_raised(s, r);
    if (m->acked < r->done.seq)
        m->acked = r->done.seq;
}

static void answered(void *ctx, enum err err, const struct err_info *info)
{
    struct sim_request *r = ctx;
    sim_doom_unsaid(of_flight);
    r->err = err;
    r->info = *info;
    if (err == ERR_OK)
        note(of_flight, r);
    r->is_answered = true;
    (void)pthread_mutex_lock(&flight.lock);
    flight.open--;
    (void)pthread_cond_signal(&flight.wake);
    (void)pthread_mutex_unlock(&flight.lock);
}

/* All without an answer go out at once, so that they share a batch; waits for the last answer. */
static void send_open(struct sim_life *l)
{
    struct sim *s = l->s;
    of_flight = s;
    for (int32_t i = 0; i < s->flight_count; i++) {
        if (s->flights[i].is_answered)
            continue;
        (void)pthread_mutex_lock(&flight.lock);
        flight.open++;
        (void)pthread_mutex_unlock(&flight.lock);
        enum err err = writer_submit(l->h->writer, run, &s->flights[i], answered);
        if (err != ERR_OK)
            sim_fail(s, 0, "the writer takes nothing: %d", (int)err);
    }
    (void)pthread_mutex_lock(&flight.lock);
    while (flight.open > 0)
        (void)pthread_cond_wait(&flight.wake, &flight.lock);
    (void)pthread_mutex_unlock(&flight.lock);
}

/* ---- what the answer may be ---------------------------------------------------------------- */

static int64_t matter_of(const struct sim_request *r)
{
    return r->is_raise ? (r->err == ERR_OK ? r->done.id.v : 0) : r->act.id.v;
}

static const char *word_of(const struct sim_request *r)
{
    return r->is_raise ? "raise" : matter_do_word(r->act.command.what).ptr;
}

static const char *who_of(const struct sim_request *r)
{
    enum matter_who who = r->is_raise ? r->raise.who : r->act.who;
    return who == WHO_PERSON ? "person" : who == WHO_OFFICER ? "officer" : "system";
}

static void judge(struct sim *s, const struct sim_request *r)
{
    int64_t id = matter_of(r);
    int64_t officer = r->is_raise ? r->raise.officer.v : r->act.officer.v;
    sim_tell(s, id, "%s %lld %s: %s%s%s", who_of(r), (long long)officer, word_of(r),
             r->err == ERR_OK ? matter_state_word(r->done.state).ptr : r->info.key,
             r->err == ERR_OK && r->done.again ? " (again)" : "",
             r->err == ERR_NOT_FOUND ? "not found" : "");
    if (r->err == ERR_OK) {
        s->counts.acts++;
        s->counts.done[r->is_raise ? DO_RAISE : r->act.command.what]++;
        return;
    }
    s->counts.refused++;
    bool rule = r->err == ERR_REFUSED || r->err == ERR_INVALID || r->err == ERR_CONFLICT;
    if (rule && r->info.key[0] == '\0')
        sim_fail(s, id, "%s is refused without a sentence: %s", word_of(r), r->info.detail);
    if (rule && (strncmp(r->info.key, "log.", 4) == 0 || strncmp(r->info.key, "db.", 3) == 0))
        sim_fail(s, id, "%s: %s %s", word_of(r), r->info.key, r->info.detail);
    if (!rule && r->err != ERR_NOT_FOUND)
        sim_fail(s, id, "%s fails with %s: %s %s", word_of(r), err_text(r->err), r->info.key,
                 r->info.detail);
}

/* The same request once more: nothing is written, and it leads to the same. */
static void send_twice(struct sim_life *l)
{
    struct sim *s = l->s;
    struct sim_request *r = &s->flights[sim_pick(s, s->flight_count)];
    if (r->err != ERR_OK)
        return;
    struct matter_done first = r->done;
    enum err err = sim_job(l, run, r);
    if (err != ERR_OK || !r->done.again || r->done.id.v != first.id.v)
        sim_fail(s, first.id.v, "%s sent twice: %s, again %d, matter %lld", word_of(r),
                 err_text(err), (int)r->done.again, (long long)r->done.id.v);
    s->counts.again++;
}

static bool is_of_disk(enum err err)
{
    return err == ERR_FULL || err == ERR_IO || err == ERR_BUSY;
}

/* Whoever sends again has a box of their own made again. */
static void seal_open(struct sim_life *l)
{
    struct sim *s = l->s;
    for (int32_t i = 0; i < s->flight_count; i++) {
        if (!s->flights[i].is_answered && s->flights[i].raise.handle != NULL)
            sim_seal(l, &s->flights[i]);
    }
}

void sim_flight_send(struct sim_life *l)
{
    struct sim *s = l->s;
    sim_doom_arm(s);
    send_open(l);
    bool was_broken = sim_doom_heal(s);
    for (int32_t i = 0; i < s->flight_count; i++)
        s->flights[i].is_answered = !was_broken || !is_of_disk(s->flights[i].err);
    seal_open(l);
    send_open(l);
    for (int32_t i = 0; i < s->flight_count; i++)
        judge(s, &s->flights[i]);
    if (sim_chance(s, 12) && s->doom == DOOM_NONE)
        send_twice(l);
    s->flight_count = 0;
}

void sim_flight_again(struct sim_life *l)
{
    struct sim *s = l->s;
    if (s->flight_count == 0)
        return;
    s->counts.resent++;
    sim_tell(s, 0, "%d requests are sent again", (int)s->flight_count);
    seal_open(l);
    sim_flight_send(l);
}

enum err sim_job(struct sim_life *l, writer_fn *fn, void *ctx)
{
    of_flight = l->s;
    l->info = (struct err_info){0};
    enum err err = writer_call(l->h->writer, fn, ctx, &l->info);
    if (err != ERR_OK && err != ERR_REFUSED && err != ERR_INVALID && err != ERR_CONFLICT &&
        err != ERR_NOT_FOUND)
        sim_fail(l->s, 0, "a job fails with %s: %s %s", err_text(err), l->info.key, l->info.detail);
    return err;
}
