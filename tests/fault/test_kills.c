/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Kills the server at random moments while many connections raise matters, again and again on the
 * same data folder. Whatever was answered with 201 must be there afterwards, sending it again must
 * find the same matter, and log and rows must be whole: `huiyin log audit`, `huiyin rebuild
 * --check`.
 *
 *   test_kills HUIYIN          HUIYIN_KILLS (40), HUIYIN_SEED
 */
#include "base/instant.h"
#include "base/mem.h"
#include "base/rng.h"
#include "spine/dossier.h"
#include "spine/keys.h"
#include "spine/ref.h"
#include "tests/bench/child.h"
#include "tests/bench/load.h"
#include "tests/bench/town.h"
#include "tests/scratch.h"
#include "trust/open.h"

#include "db/readers.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CONNECTIONS = 24, ACKED_MAX = 2000000, AGAIN_MAX = 25, KILL_MS_LEAST = 30, KILL_MS = 500 };

struct acked {
    uint64_t n; /* which request */
    char ref[REF_BYTES + 1];
};

struct test {
    char top[64];
    char dir[80];
    struct rng rng;
    uint64_t base; /* requests of this round are counted from here */
    struct acked *acked;
    size_t count;
    bool again;        /* sending what was acknowledged before */
    size_t again_from; /* of acked */
    int faults;
};

static void fault(struct test *t, const char *what, const char *detail)
{
    (void)printf("FAULT %s: %s\n", what, detail);
    t->faults++;
}

/* ---- requests ------------------------------------------------------------------------------- */

static uint64_t number_of(const struct test *t, uint64_t n)
{
    return t->again ? t->acked[t->again_from + n].n : t->base + n;
}

static size_t make_raise(void *ctx, uint64_t n, char *to, size_t size)
{
    const struct test *t = ctx;
    uint64_t id = number_of(t, n);
    struct town_words w;
    char token[CHILD_TOKEN_BYTES];
    char body[4096];
    town_words(id, &w);
    child_token((int64_t)(id % TOWN_OFFICES) + 1, token);
    int len = snprintf(body, sizeof body,
                       "{\"kind\":\"help\",\"title\":\"%s\",\"text\":\"%s\",\"place\":\"%s\","
                       "\"answers\":{\"what\":\"%s\"}}",
                       w.title, w.text, w.place, w.title);
    return (size_t)snprintf(to, size,
                            "POST /api/v1/matters HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                            "Authorization: Bearer %s\r\nIdempotency-Key: kills-%" PRIu64
                            "\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
                            token, id, len, body);
}

static void on_answer(void *ctx, uint64_t n, int status, const char *body, size_t len)
{
    struct test *t = ctx;
    const char *at =
        (status == 201 || status == 200) && len > 0 ? strstr(body, "\"ref\":\"") : NULL;
    if (at == NULL)
        return;
    struct acked a = {.n = number_of(t, n)};
    memcpy(a.ref, at + 7, REF_BYTES);
    if (t->again) {
        if (strcmp(a.ref, t->acked[t->again_from + n].ref) != 0)
            fault(t, "sent again and got another matter", a.ref);
    } else if (t->count < ACKED_MAX) {
        t->acked[t->count++] = a;
    }
}

/* ---- rounds --------------------------------------------------------------------------------- */

static void send_again(struct test *t, const struct child *c)
{
    size_t n = t->count < AGAIN_MAX ? t->count : AGAIN_MAX;
    struct load_result r;
    struct err_info info = {0};
    if (n == 0)
        return;
    t->again = true;
    t->again_from = t->count - n; /* the newest: those the kill was closest to */
    const struct load l = {.host = "127.0.0.1",
                           .port = c->port,
                           .connections = 1,
                           .requests = (int64_t)n,
                           .seconds = 30,
                           .expect = 200, /* done before */
                           .ctx = t,
                           .make = make_raise,
                           .answer = on_answer};
    if (load_run(&l, &r, &info) != ERR_OK || r.right != (int64_t)n)
        fault(t, "sending again", info.detail);
    t->again = false;
}

static void kill_round(struct test *t, int round)
{
    struct child c;
    struct err_info info = {0};
    if (child_start(&(struct child_how){.dir = t->dir}, &c, &info) != ERR_OK) {
        fault(t, "start after a kill", info.detail);
        return;
    }
    send_again(t, &c);
    unsigned ms = KILL_MS_LEAST + (unsigned)rng_below(&t->rng, KILL_MS);
    size_t before = t->count;
    t->base += UINT64_C(1) << 24;
    pid_t killer = fork();
    if (killer == 0) {
        (void)usleep(ms * 1000);
        (void)kill(c.pid, SIGKILL);
        _exit(0);
    }
    struct load_result r;
    const struct load l = {.host = "127.0.0.1",
                           .port = c.port,
                           .connections = CONNECTIONS,
                           .seconds = 60,
                           .expect = 201,
                           .close_after = true,
                           .ctx = t,
                           .make = make_raise,
                           .answer = on_answer};
    (void)load_run(&l, &r, &info); /* ends with the server */
    (void)waitpid(killer, NULL, 0);
    child_stop(&c, true);
    (void)printf("kill %d after %u ms: %zu acknowledged, started in %.2f s\n", round, ms,
                 t->count - before, c.start_seconds);
    (void)fflush(stdout);
}

/* ---- afterwards ----------------------------------------------------------------------------- */

static void check_all_there(struct test *t)
{
    struct open_house *o = NULL;
    struct err_info info = {0};
    struct db *db = NULL;
    if (house_open(&(struct house_how){.data_dir = t->dir, .write = true}, &o, &info) != ERR_OK) {
        fault(t, "open", info.detail);
        return;
    }
    const struct house *h = open_house_get(o);
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 1 << 20);
    if (readers_take(h->readers, &db, &info) != ERR_OK)
        fault(t, "reader", info.detail);
    for (size_t i = 0; i < t->count && db != NULL; i++) {
        struct dossier_id id = {0};
        struct dossier d;
        if (!ref_parse(h->keys->k_id, str_of(t->acked[i].ref), &id) ||
            dossier_load(db, &a, id, &d) != ERR_OK)
            fault(t, "acknowledged and lost", t->acked[i].ref);
        arena_reset(&a);
    }
    readers_give(h->readers, db);
    house_close(o);
}

static void check_command(struct test *t, const char *huiyin, const char *one, const char *two)
{
    int status = -1;
    pid_t pid = fork();
    if (pid == 0) {
        (void)execl(huiyin, huiyin, one, two, "--data", t->dir, (char *)NULL);
        _exit(127);
    }
    (void)waitpid(pid, &status, 0);
    if (status != 0)
        fault(t, one, two);
}

static uint64_t setting(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

static void clear_away(const char *top)
{
    pid_t pid = fork();
    if (pid == 0) {
        (void)execlp("rm", "rm", "-rf", "--", top, (char *)NULL);
        _exit(127);
    }
    (void)waitpid(pid, NULL, 0);
}

int main(int argc, char **argv)
{
    if (argc > 2 && strcmp(argv[1], "--child") == 0)
        return child_main(argv[2], NULL);
    if (argc != 2) {
        (void)fputs("usage: test_kills HUIYIN\n", stderr);
        return 2;
    }
    struct test t = {.faults = 0};
    uint64_t seed = setting("HUIYIN_SEED", (uint64_t)instant_now());
    int kills = (int)setting("HUIYIN_KILLS", 40);
    struct err_info info = {0};
    t.acked = mem_new_array(ACKED_MAX, sizeof *t.acked);
    if (t.acked == NULL)
        return 2;
    scratch_folder(t.top, sizeof t.top, "kills");
    (void)snprintf(t.dir, sizeof t.dir, "%s/data", t.top);
    (void)printf("HUIYIN_SEED=%" PRIu64 "\n", seed);
    rng_seed(&t.rng, seed);
    if (town_make(t.dir, 0, &info) != ERR_OK) {
        (void)printf("%s %s\n", info.key, info.detail);
        return 2;
    }
    for (int i = 1; i <= kills && t.faults == 0; i++)
        kill_round(&t, i);
    check_all_there(&t);
    check_command(&t, argv[1], "log", "audit");
    check_command(&t, argv[1], "rebuild", "--check");
    (void)printf("%d kills, %zu matters acknowledged, %d faults\n", kills, t.count, t.faults);
    bool whole = t.faults == 0 && (kills == 0 || t.count > 0);
    mem_free(t.acked);
    if (whole)
        clear_away(t.top);
    return whole ? 0 : 1;
}
