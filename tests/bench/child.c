/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/bench/child.h"

#include "base/instant.h"
#include "base/mem.h"
#include "db/db.h"
#include "http/server.h"
#include "lib/crypt/crypt.h"
#include "spine/grant.h"
#include "spine/keys.h"
#include "spine/office.h"
#include "tests/bench/bench.sql.h"
#include "tests/bench/doors.h"
#include "tests/bench/script.h"
#include "trust/open.h"
#include "web_static.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SETTLE_MS = 100, SETTLE_TRIES = 300 };
#define SETTLE_CPU_SECONDS 0.003

/* More than a run takes: what is measured is a raise whose box is ready, as its code is. */
enum { CHILD_BOXES = 12288 };

void child_token(int64_t officer, char ret_token[CHILD_TOKEN_BYTES])
{
    (void)snprintf(ret_token, CHILD_TOKEN_BYTES, "%064" PRIx64, (uint64_t)officer + 0xbe4c0000U);
}

/* ---- who comes in --------------------------------------------------------------------------- */

static enum err who_of_hash(const struct house *h, struct db *db, struct arena *a, struct str hash,
                            int64_t now_us, struct who *ret)
{
    struct bench_token_find_row row;
    struct held *held = NULL;
    size_t count = 0;
    int32_t today = house_day(h, now_us);
    TRY(bench_token_find(db, a, hash, today, &row));
    TRY(officer_held(db, a, row.officer, today, &held, &count));
    *ret = (struct who){.officer = row.officer,
                        .name = row.name,
                        .lang = STR("en"),
                        .signed_us = now_us,
                        .seen_us = now_us,
                        .token = row.id};
    for (size_t i = 0; i < count; i++) {
        ret->posts |= held[i].posts;
        for (int p = POST_DESK; p < POST_COUNT; p++)
            if ((held[i].posts & 1U << p) != 0)
                ret->verbs |= verb_of_post((enum post)p);
    }
    return ERR_OK;
}

static enum err auth_token(void *env, struct db *db, struct arena *a,
                           const unsigned char hash[AUTH_HASH_BYTES], int64_t now_us,
                           struct who *ret)
{
    TRY(who_of_hash(env, db, a, str_make(hash, AUTH_HASH_BYTES), now_us, ret));
    ret->by_token = true;
    return ERR_OK;
}

static enum err auth_session(void *env, struct db *db, struct arena *a,
                             const unsigned char hash[AUTH_HASH_BYTES], int64_t now_us,
                             struct who *ret)
{
    return who_of_hash(env, db, a, str_make(hash, AUTH_HASH_BYTES), now_us, ret);
}

static enum err auth_seen(void *env, struct tx *tx, const unsigned char hash[AUTH_HASH_BYTES],
                          int64_t now_us)
{
    (void)env;
    (void)tx;
    (void)hash;
    (void)now_us;
    return ERR_OK;
}

static enum err auth_can(void *env, struct db *db, struct officer_id officer, struct str ref,
                         uint32_t verbs, int64_t now_us, struct dossier_id *ret_dossier)
{
    const struct house *h = env;
    struct dossier_id id = {0};
    uint32_t held = 0;
    if (!ref_parse(h->keys->k_id, ref, &id))
        return ERR_NOT_FOUND;
    TRY(grant_verbs(db, officer, id, house_day(h, now_us), &held));
    if ((held & verbs) != verbs)
        return ERR_NOT_FOUND;
    *ret_dossier = id;
    return ERR_OK;
}

/* ---- tracing -------------------------------------------------------------------------------- */

static FILE *trace_file;

static int on_statement(unsigned what, void *ctx, void *stmt, void *text)
{
    (void)ctx;
    (void)text;
    if (what != SQLITE_TRACE_STMT || sqlite3_stmt_readonly(stmt) == 0)
        return 0;
    char *sql = sqlite3_expanded_sql(stmt);
    if (sql != NULL)
        (void)fprintf(trace_file, "%s%c%s\n", sqlite3_sql(stmt), SCRIPT_SEPARATOR, sql);
    sqlite3_free(sql);
    return 0;
}

static int on_connection(sqlite3 *db, char **error, const struct sqlite3_api_routines *api)
{
    (void)error;
    (void)api;
    return sqlite3_db_readonly(db, "main") == 1
               ? sqlite3_trace_v2(db, SQLITE_TRACE_STMT, on_statement, NULL)
               : SQLITE_OK;
}

static bool trace_open(const char *path)
{
    trace_file = fopen(path, "we");
    return trace_file != NULL && sqlite3_auto_extension((void (*)(void))on_connection) == SQLITE_OK;
}

/* ---- the process ---------------------------------------------------------------------------- */

static enum err serve(struct house *h, sigset_t *signals, struct err_info *info)
{
    const struct server_listener listener = {.kind = LISTEN_LOCAL, .address = "127.0.0.1:0"};
    struct auth auth = {
        .env = h, .session = auth_session, .token = auth_token, .seen = auth_seen, .can = auth_can};
    size_t spans = 0;
    const struct server_config config = {.listeners = &listener,
                                         .listener_count = 1,
                                         .routes = doors_all(&spans),
                                         .route_count = spans,
                                         .auth = &auth,
                                         .writer = h->writer,
                                         .readers = h->readers,
                                         .house = h,
                                         .statics = &WEB_STATICS,
                                         .budgets = &BUDGET_OFF,
                                         .connections_max = 12000,
                                         .quiet = true};
    struct server *server = NULL;
    int number = 0;
    TRY(server_start(&config, info, &server));
    (void)printf("ready %u\n", (unsigned)server_port(server, 0));
    (void)fflush(stdout);
    (void)sigwait(signals, &number);
    if (trace_file != NULL)
        (void)fflush(trace_file);
    server_stop(server, 5000);
    return ERR_OK;
}

int child_main(const char *dir, const char *trace)
{
    struct err_info info = {0};
    struct open_house *o = NULL;
    sigset_t signals;
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    if (db_setup(&info) != ERR_OK || (trace != NULL && !trace_open(trace)))
        return 1;
    const struct house_how how = {.data_dir = dir, .write = true, .box_stock = CHILD_BOXES};
    enum err err = house_open(&how, &o, &info);
    if (err == ERR_OK)
        err = serve(open_house_get(o), &signals, &info);
    if (err != ERR_OK)
        (void)fprintf(stderr, "child: %s %s %s\n", err_text(err), info.key, info.detail);
    house_close(o);
    return err == ERR_OK ? 0 : 1;
}

/* ---- the parent ----------------------------------------------------------------------------- */

static void become(const struct child_how *how, int out)
{
    (void)dup2(out, STDOUT_FILENO);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a bench that is stopped leaves no server behind */
    if (how->preload != NULL)
        (void)setenv("LD_PRELOAD", how->preload, 1);
    char *argv[] = {(char[]){"huiyin-bench"}, (char[]){"--child"}, (char *)(uintptr_t)how->dir,
                    (char *)(uintptr_t)how->trace, NULL};
    (void)execv(how->program == NULL ? "/proc/self/exe" : how->program, argv);
    _exit(127);
}

enum err child_start(const struct child_how *how, struct child *ret, struct err_info *info)
{
    int pipe_fds[2];
    int64_t from = instant_monotonic();
    if (pipe2(pipe_fds, O_CLOEXEC) != 0)
        return err_set(info, ERR_IO, NULL, "pipe: %s", strerror(errno));
    *ret = (struct child){.pid = fork()};
    if (ret->pid == 0)
        become(how, pipe_fds[1]);
    (void)close(pipe_fds[1]);
    FILE *in = fdopen(pipe_fds[0], "re");
    char line[64] = "";
    bool ready = ret->pid > 0 && in != NULL && fgets(line, sizeof line, in) != NULL &&
                 strncmp(line, "ready ", 6) == 0;
    ret->start_seconds = (double)(instant_monotonic() - from) / 1e6;
    if (in != NULL)
        (void)fclose(in);
    if (!ready)
        return err_set(info, ERR_IO, NULL, "the server on %s did not start", how->dir);
    ret->port = (unsigned)strtoul(line + 6, NULL, 10);
    return ERR_OK;
}

void child_stop(struct child *c, bool kill_it)
{
    if (c->pid <= 0)
        return;
    (void)kill(c->pid, kill_it ? SIGKILL : SIGTERM);
    (void)waitpid(c->pid, NULL, 0);
    c->pid = 0;
}

void child_settle(const struct child *c)
{
    const struct timespec pause = {.tv_nsec = SETTLE_MS * 1000000L};
    double before = child_cpu_seconds(c);
    for (int i = 0; i < SETTLE_TRIES; i++) {
        (void)nanosleep(&pause, NULL);
        double now = child_cpu_seconds(c);
        if (now - before < SETTLE_CPU_SECONDS)
            break;
        before = now;
    }
}

int64_t child_pss_kb(const struct child *c)
{
    char path[64];
    char line[128];
    long long kb = 0;
    (void)snprintf(path, sizeof path, "/proc/%ld/smaps_rollup", (long)c->pid);
    FILE *f = fopen(path, "re");
    if (f == NULL)
        return 0;
    while (fgets(line, sizeof line, f) != NULL)
        if (strncmp(line, "Pss:", 4) == 0)
            kb = strtoll(line + 4, NULL, 10);
    (void)fclose(f);
    return kb;
}

double child_cpu_seconds(const struct child *c)
{
    clockid_t clock = 0;
    struct timespec t = {0};
    if (c->pid <= 0 || clock_getcpuclockid(c->pid, &clock) != 0 || clock_gettime(clock, &t) != 0)
        return 0;
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}
