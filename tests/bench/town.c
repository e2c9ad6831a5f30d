/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/bench/town.h"

#include "base/instant.h"
#include "base/mem.h"
#include "base/rng.h"
#include "db/readers.h"
#include "db/statement.h"
#include "lib/crypt/crypt.h"
#include "spine/office.h"
#include "tests/bench/bench.sql.h"
#include "tests/bench/child.h"
#include "tests/bench/finding.h"
#include "tests/bench/hist.h"
#include "trust/open.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SPAN_DAYS = 30 };

/* ---- words ---------------------------------------------------------------------------------- */

static const char *const THINGS[] = {
    "street light", "路灯", "water pipe", "水管",   "school bus", "校车",     "stairs", "楼梯",
    "heating",      "暖气", "waste bins", "垃圾桶", "lift",       "电梯",     "drain",  "下水道",
    "playground",   "操场", "canteen",    "食堂",   "crossing",   "人行横道", "noise",  "噪声",
};
static const char *const STATES[] = {
    "does not work", "坏了", "is broken",    "一直没有修", "is closed",  "停用",
    "leaks",         "漏水", "is dangerous", "有危险",     "is missing", "没有了",
};

void town_words(uint64_t n, struct town_words *ret)
{
    struct rng r;
    rng_seed(&r, n);
    const char *thing = THINGS[rng_below(&r, sizeof THINGS / sizeof THINGS[0])];
    const char *state = STATES[rng_below(&r, sizeof STATES / sizeof STATES[0])];
    unsigned gate = (unsigned)rng_below(&r, 90) + 1;
    (void)snprintf(ret->place, sizeof ret->place, "Gate %u", gate);
    (void)snprintf(ret->title, sizeof ret->title, "%s %s, gate %u", thing, state, gate);
    int at = 0;
    for (int i = 0; i < 6; i++)
        at += snprintf(ret->text + at, sizeof ret->text - (size_t)at,
                       "The %s near gate %u %s; %s又%s。 ", thing, gate, state,
                       THINGS[rng_below(&r, sizeof THINGS / sizeof THINGS[0])],
                       STATES[rng_below(&r, sizeof STATES / sizeof STATES[0])]);
}

/* ---- raising -------------------------------------------------------------------------------- */

struct crowd;

struct one {
    struct crowd *crowd;
    uint64_t n;
    int64_t began_us;
    struct town_words words;
    char once[32];
};

struct crowd {
    const struct town_raise *r;
    struct hist *hist;
    int64_t sent; /* the writer's thread's, after the first ones */
    int64_t done;
    struct err_info *info;
    pthread_mutex_t lock;
    pthread_cond_t end;
    enum err err;
    bool is_over;
};

static const char *const KINDS[] = {"help", "complaint", "suggestion", "question"};

static int64_t first_id; /* of this process's first raise; the writer's */

static enum err job_raise(struct tx *tx, void *ctx)
{
    struct one *o = ctx;
    const char *answers = arena_printf(tx->arena, "{\"what\":\"%s\"}", o->words.title);
    if (answers == NULL)
        return ERR_NOMEM;
    const struct matter_raise r = {
        .command = {.what = DO_RAISE,
                    .body = {.kind = str_of(KINDS[o->n % 4]),
                             .title = str_of(o->words.title),
                             .text = str_of(o->words.text),
                             .place = str_of(o->words.place),
                             .answers = str_of(answers),
                             .lang = o->n % 2 == 0 ? STR("en") : STR("zh-CN"),
                             .channel = CHANNEL_API,
                             .identity = IDENTITY_ANONYMOUS,
                             .received_day = house_day(house_of(tx), tx->now_us)}},
        .who = WHO_OFFICER,
        .officer = {(int64_t)(o->n % TOWN_OFFICES) + 1},
        .post = POST_DESK,
        .once = str_of(o->once),
        .token = {1},
    };
    struct matter_done done;
    TRY(matter_raise(tx, &r, &done));
    if (first_id == 0)
        first_id = done.id.v;
    return ERR_OK;
}

static void on_done(void *ctx, enum err err, const struct err_info *info);

static void send_next(struct crowd *c, struct one *o)
{
    const struct town_raise *r = c->r;
    o->n = r->first + (uint64_t)c->sent++;
    town_words(o->n, &o->words);
    (void)snprintf(o->once, sizeof o->once, "bench-%" PRIu64, o->n);
    o->began_us = instant_monotonic();
    enum err err = writer_submit(r->house->writer, job_raise, o, on_done);
    if (err != ERR_OK)
        c->err = err;
}

static void on_done(void *ctx, enum err err, const struct err_info *info)
{
    struct one *o = ctx;
    struct crowd *c = o->crowd;
    const struct town_raise *r = c->r;
    if (c->hist != NULL)
        hist_add(c->hist, instant_monotonic() - o->began_us);
    if (err != ERR_OK && c->err == ERR_OK) {
        c->err = err;
        *c->info = *info;
    }
    c->done++;
    if (r->progress && c->done % 50000 == 0)
        (void)fprintf(stderr, "  %" PRId64 " of %" PRId64 " matters\n", c->done, r->count);
    if (r->virtual_from_us > 0) {
        int64_t to_us = r->virtual_from_us + SPAN_DAYS * US_PER_DAY;
        instant_set_virtual(r->virtual_from_us + (to_us - r->virtual_from_us) / r->count * c->done);
    }
    if (c->sent < r->count && c->err == ERR_OK)
        send_next(c, o);
    if (c->done == c->sent) {
        (void)pthread_mutex_lock(&c->lock);
        c->is_over = true;
        (void)pthread_cond_signal(&c->end);
        (void)pthread_mutex_unlock(&c->lock);
    }
}

/* The first ones are sent from inside the writer, so that only its thread touches the counts. */
struct opening {
    struct crowd *crowd;
    struct one *all;
    size_t n;
};

static void on_open(void *ctx, enum err err, const struct err_info *info)
{
    struct opening *o = ctx;
    (void)err;
    (void)info;
    for (size_t i = 0; i < o->n; i++) {
        o->all[i].crowd = o->crowd;
        send_next(o->crowd, &o->all[i]);
    }
}

static enum err job_nothing(struct tx *tx, void *ctx)
{
    (void)tx;
    (void)ctx;
    return ERR_OK;
}

enum err town_raise(const struct town_raise *r, double *ret_seconds, struct hist *h,
                    struct err_info *info)
{
    struct err_info why = {.err = ERR_OK};
    struct crowd c = {.r = r, .hist = h, .info = &why};
    size_t n = (int64_t)r->in_flight < r->count ? r->in_flight : (size_t)r->count;
    CLEANUP(mem_free_ptr) struct one *all = mem_new_array(n, sizeof *all);
    if (all == NULL)
        return err_set(info, ERR_NOMEM, NULL, "no memory for %zu in flight", n);
    struct opening opening = {&c, all, n};
    (void)pthread_mutex_init(&c.lock, NULL);
    (void)pthread_cond_init(&c.end, NULL);
    int64_t from = instant_monotonic();
    TRY(writer_submit(r->house->writer, job_nothing, &opening, on_open));
    (void)pthread_mutex_lock(&c.lock);
    while (!c.is_over)
        (void)pthread_cond_wait(&c.end, &c.lock);
    (void)pthread_mutex_unlock(&c.lock);
    *ret_seconds = (double)(instant_monotonic() - from) / 1e6;
    if (c.err != ERR_OK && info != NULL)
        *info = why;
    return c.err;
}

/* ---- the house ------------------------------------------------------------------------------ */

/* One row for the token as an API sends it, one for the bytes of the session's cookie. */
static enum err add_tokens(struct tx *tx, struct officer_id officer)
{
    char token[CHILD_TOKEN_BYTES];
    unsigned char bytes[(CHILD_TOKEN_BYTES - 1) / 2];
    struct hash hash;
    child_token(officer.v, token);
    crypt_sha256(token, CHILD_TOKEN_BYTES - 1, &hash);
    TRY(bench_token_add(tx->db, officer, str_make(hash.b, sizeof hash.b)));
    (void)str_from_hex(str_of(token), bytes, sizeof bytes);
    crypt_sha256(bytes, sizeof bytes, &hash);
    return bench_token_add(tx->db, officer, str_make(hash.b, sizeof hash.b));
}

static enum err job_staff(struct tx *tx, void *ctx)
{
    (void)ctx;
    int32_t today = house_day(house_of(tx), tx->now_us);
    struct office_id top = {0};
    for (int i = 0; i < TOWN_OFFICES; i++) {
        char code[32];
        char name[32];
        (void)snprintf(code, sizeof code, i == 0 ? "bench" : "bench.o%d", i);
        (void)snprintf(name, sizeof name, "Office %d", i);
        const struct office_new office = {.parent = top,
                                          .code = str_of(code),
                                          .name_en = str_of(name),
                                          .name_zh = str_of(name),
                                          .place = STR(""),
                                          .address = STR(""),
                                          .phone = STR(""),
                                          .hours_en = STR(""),
                                          .hours_zh = STR("")};
        struct office_id id = {0};
        struct officer_id officer = {0};
        TRY(office_add(tx, &office, &id));
        if (i == 0) {
            top = id;
            TRY(office_remit_add(tx, id, STR(""), STR("")));
        }
        const struct officer_new who = {str_of(code), str_of(name), STR("en")};
        TRY(officer_add(tx, &who, &officer));
        static const enum post POSTS[] = {POST_DESK, POST_HANDLER, POST_LEAD};
        for (size_t p = 0; p < sizeof POSTS / sizeof POSTS[0]; p++) {
            const struct holding holding = {.officer = officer,
                                            .office = id,
                                            .post = POSTS[p],
                                            .from_day = today - 400,
                                            .to_day = INT32_MAX};
            TRY(officer_hold(tx, &holding));
        }
        TRY(add_tokens(tx, officer));
    }
    return ERR_OK;
}

static void stamp_path(const char *dir, char *ret_path, size_t size)
{
    (void)snprintf(ret_path, size, "%s/whole", dir);
}

static enum err fill(const char *dir, int64_t matters, int64_t *ret_first, struct err_info *info)
{
    int64_t now = instant_now();
    int64_t from = now - SPAN_DAYS * US_PER_DAY;
    struct open_house *open = NULL;
    instant_set_virtual(from);
    TRY(house_open(&(struct house_how){.data_dir = dir, .write = true}, &open, info));
    first_id = 0;
    struct house *h = open_house_get(open);
    const struct town_raise r = {.house = h,
                                 .count = matters,
                                 .in_flight = 2 * (size_t)WRITER_BATCH_MAX,
                                 .virtual_from_us = from,
                                 .progress = true};
    double seconds = 0;
    enum err err = writer_call(h->writer, job_staff, NULL, info);
    struct db *db = NULL;
    if (err == ERR_OK)
        err = readers_take(h->readers, &db, info);
    if (err == ERR_OK) {
        err = house_tree_renew(h, db);
        readers_give(h->readers, db);
    }
    if (err == ERR_OK && matters > 0)
        err = town_raise(&r, &seconds, NULL, info);
    if (err == ERR_OK)
        err = finding_index(h, info);
    *ret_first = first_id;
    house_close(open);
    instant_set_virtual(-1);
    if (err == ERR_OK && matters > 0)
        (void)fprintf(stderr, "  %" PRId64 " matters in %.0f s, %.0f a second\n", matters, seconds,
                      (double)matters / seconds);
    return err;
}

enum err town_make(const char *dir, int64_t matters, struct err_info *info)
{
    char stamp[4096];
    stamp_path(dir, stamp, sizeof stamp);
    if (access(stamp, F_OK) == 0)
        return ERR_OK;
    (void)fprintf(stderr, "making %" PRId64 " matters in %s, once\n", matters, dir);
    struct house_made made;
    const struct house_plan plan = {.data_dir = dir, .pack = "plain", .demo = true};
    TRY(house_make(&plan, &made, info));
    int64_t first = 0;
    TRY(fill(dir, matters, &first, info));
    FILE *f = fopen(stamp, "we");
    if (f == NULL ||
        fprintf(f, "%" PRId64 " %" PRId64 " %s\n", matters, first,
                DB_SCHEMAS[DB_STORE_MAIN].digest) < 0 ||
        fclose(f) != 0)
        return err_set(info, ERR_IO, NULL, "cannot write %s", stamp);
    return ERR_OK;
}

static int64_t stamp_number(const char *dir, int which)
{
    char stamp[4096];
    char line[200] = "";
    stamp_path(dir, stamp, sizeof stamp);
    FILE *f = fopen(stamp, "re");
    if (f == NULL)
        return 0;
    char *at = fgets(line, sizeof line, f);
    int64_t number = 0;
    for (int i = 0; i <= which && at != NULL; i++)
        number = strtoll(at, &at, 10);
    (void)fclose(f);
    return number;
}

bool town_is_stale(const char *dir)
{
    char stamp[4096];
    char digest[64] = "";
    stamp_path(dir, stamp, sizeof stamp);
    FILE *f = fopen(stamp, "re");
    if (f == NULL)
        return access(dir, F_OK) == 0;
    bool read = fscanf(f, "%*d %*d %63s", digest) == 1;
    (void)fclose(f);
    return !read || strcmp(digest, DB_SCHEMAS[DB_STORE_MAIN].digest) != 0;
}

int64_t town_size(const char *dir)
{
    return stamp_number(dir, 0);
}

int64_t town_first_id(const char *dir)
{
    return stamp_number(dir, 1);
}
