/* SPDX-License-Identifier: AGPL-3.0-or-later */
#define _XOPEN_SOURCE 700
#include "door.h"

#include "base/instant.h"
#include "base/mem.h"
#include "db/readers.h"
#include "people/account.h"
#include "spine/event.h"
#include "spine/office.h"
#include "tests/scratch.h"
#include "trust/open.h"

#include <ftw.h>
#include <unistd.h>

static char folder[64];
static struct open_house *opened;
struct house *house;
struct auth auth;
static struct loopback lb;
struct answer_read r;
char door_packs[512];
unsigned char admin_seed[TOTP_SEED_BYTES];

/* ---- a browser ------------------------------------------------------------------------------ */

static void keep_cookie(const char *name, char *room, size_t size)
{
    struct str c = answer_cookie(&r, name);
    if (c.len > 0)
        (void)snprintf(room, size, STR_FMT, STR_ARG(c));
}

static void keep_cookies(struct browser *b)
{
    keep_cookie("hyp", b->person, sizeof b->person);
    keep_cookie("hyo", b->officer, sizeof b->officer);
    keep_cookie("hyd", b->device, sizeof b->device);
}

static void cookies_line(const struct browser *b, char *line, size_t size)
{
    (void)snprintf(line, size, "Cookie: x=y%s%s%s%s%s%s\r\n", b->person[0] ? "; " : "", b->person,
                   b->officer[0] ? "; " : "", b->officer, b->device[0] ? "; " : "", b->device);
}

void find_csrf(struct browser *b, const char *action)
{
    char want[160];
    (void)snprintf(want, sizeof want, "action=\"%s\"", action);
    size_t at = str_find(r.body, str_of(want));
    if (at == SIZE_MAX)
        fail_msg("no form for %s", action);
    struct str rest = str_sub(r.body, at, r.body.len);
    struct str mark = STR("name=\"csrf\" value=\"");
    at = str_find(rest, mark);
    assert_true(at != SIZE_MAX);
    (void)snprintf(b->csrf, sizeof b->csrf, "%.48s", rest.ptr + at + mark.len);
}

void go(struct browser *b, const char *path)
{
    char line[400];
    cookies_line(b, line, sizeof line);
    loopback_get(&lb, path, line, &r);
    keep_cookies(b);
}

void send_form(struct browser *b, const char *page, const char *action, const char *fields)
{
    char line[400];
    char body[2000];
    go(b, page);
    assert_int_equal(r.status, 200);
    find_csrf(b, action);
    cookies_line(b, line, sizeof line);
    (void)snprintf(body, sizeof body, "csrf=%s&%s", b->csrf, fields);
    loopback_post(&lb, action, line, str_of(body), &r);
    keep_cookies(b);
}

void pick(const char *from, const char *to, char *room, size_t size)
{
    size_t at = str_find(r.body, str_of(from));
    assert_true(at != SIZE_MAX);
    struct str rest = str_sub(r.body, at + strlen(from), r.body.len);
    size_t end = str_find(rest, str_of(to));
    assert_true(end != SIZE_MAX && end < size);
    memcpy(room, rest.ptr, end);
    room[end] = '\0';
}

/* ---- a house -------------------------------------------------------------------------------- */

struct seeded clerk;

static enum err first_job(struct tx *tx, void *ctx)
{
    return people_first(tx, STR("admin"), STR("Town hall"), ctx);
}

static enum err clerk_job(struct tx *tx, void *ctx)
{
    struct seeded *s = ctx;
    const struct officer_new o = {.login = STR("wang"), .name = STR("Wang"), .lang = STR("en")};
    const struct people_secret secret = {.passhash = s->hash, .seed = {1, 2, 3}};
    struct office_id office;
    TRY(officer_add(tx, &o, &s->id));
    const struct office_new n = {.code = STR("town.desk"),
                                 .name_en = STR("Front desk"),
                                 .name_zh = STR("窗口"),
                                 .place = STR(""),
                                 .address = STR(""),
                                 .phone = STR(""),
                                 .hours_en = STR(""),
                                 .hours_zh = STR("")};
    TRY(office_add(tx, &n, &office));
    const struct holding h = {.officer = s->id,
                              .office = office,
                              .post = POST_DESK,
                              .from_day = house_day(house, tx->now_us),
                              .to_day = INT32_MAX};
    TRY(officer_hold(tx, &h));
    memcpy(s->seed, secret.seed, sizeof s->seed);
    return people_enrol(tx, house, s->id, &secret);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

int door_open(void **state)
{
    struct err_info info = {0};
    struct house_made made;
    char data[80];
    (void)state;
    scratch_folder(folder, sizeof folder, "people");
    (void)snprintf(data, sizeof data, "%s/var", folder);
    const struct house_plan plan = {
        .data_dir = data, .pack = "plain", .packs = door_packs, .zone = "Asia/Shanghai"};
    if (house_make(&plan, &made, &info) != ERR_OK)
        fail_msg("house_make: %s %s", info.key, info.detail);
    const struct house_how how = {.data_dir = data, .packs = door_packs, .write = true};
    if (house_open(&how, &opened, &info) != ERR_OK)
        fail_msg("house_open: %s %s", info.key, info.detail);
    house = open_house_get(opened);
    assert_int_equal(people_passhash(STR(PASSWORD), clerk.hash), ERR_OK);
    if (writer_call(house->writer, first_job, clerk.invite, &info) != ERR_OK ||
        writer_call(house->writer, clerk_job, &clerk, &info) != ERR_OK)
        fail_msg("%s %s", info.key, info.detail);
    struct db *db = NULL;
    assert_int_equal(readers_take(house->readers, &db, &info), ERR_OK);
    assert_int_equal(house_tree_renew(house, db), ERR_OK);
    readers_give(house->readers, db);
    people_auth(house, &auth);
    loopback_open(&lb, &(struct loopback_options){.routes = PEOPLE_ROUTES,
                                                  .route_count = PEOPLE_ROUTE_COUNT,
                                                  .auth = &auth,
                                                  .house = house});
    return 0;
}

int door_close(void **state)
{
    (void)state;
    loopback_close(&lb);
    house_close(opened);
    (void)nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return 0;
}

/* ---- signing in ----------------------------------------------------------------------------- */

static int64_t clock_us;

void tick(int64_t seconds)
{
    if (clock_us == 0)
        clock_us = instant_now();
    clock_us += seconds * US_PER_SECOND;
    instant_set_virtual(clock_us);
}

void sign_in(struct browser *b, const char *login, const char *password, const char *code)
{
    char fields[300];
    (void)snprintf(fields, sizeof fields, "login=%s&password=%s&second=%s", login, password, code);
    send_form(b, "/sign-in", "/sign-in", fields);
}

const char *code_now(const unsigned char *seed)
{
    static char text[TOTP_DIGITS + 1];
    assert_int_equal(totp_code(seed, totp_step_of(instant_now()), text), ERR_OK);
    return text;
}

void admin_in(struct browser *b)
{
    tick(60);
    sign_in(b, "admin", ADMIN_SENT, code_now(admin_seed));
    assert_int_equal(r.status, 303);
}

void enrol(const char *invite, const char *password, unsigned char ret_seed[TOTP_SEED_BYTES])
{
    struct browser b = {0};
    char path[100];
    char fields[300];
    tick(60);
    (void)snprintf(path, sizeof path, "/sign-in/invite/%s", invite);
    account_invite_seed(house, str_of(invite), ret_seed);
    (void)snprintf(fields, sizeof fields, "password=%s&second=%s", password, code_now(ret_seed));
    send_form(&b, path, path, fields);
    assert_int_equal(r.status, 200);
}

int told(const char *words)
{
    struct event *events = NULL;
    size_t count = 0;
    int n = 0;
    struct err_info info = {0};
    struct db *db = NULL;
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 8 << 20);
    assert_int_equal(readers_take(house->readers, &db, &info), ERR_OK);
    assert_int_equal(event_load(db, &a, &(struct event_ask){.max = 0}, &events, &count), ERR_OK);
    for (size_t i = 0; i < count; i++)
        n += str_find(events[i].text, str_of(words)) != SIZE_MAX ? 1 : 0;
    readers_give(house->readers, db);
    return n;
}
