/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/http/small_room.h"

#include "base/mem.h"
#include "db/setting.sql.h"
#include "http/html.h"
#include "http/request.h"
#include "http/session.h"
#include "lib/crypt/crypt.h"
#include "spine/verb.h"

#include <poll.h>

/* ---- its rows -------------------------------------------------------------------------------- */

atomic_int small_room_shut;
atomic_int small_room_acts;

struct note {
    struct str text;
};
static const struct form_field NOTE_FIELDS[] = {FORM_LINES(struct note, text, 1, 2000)};
static const struct form NOTE_FORM = FORM_INIT("note", struct note, NOTE_FIELDS);

static enum err say(struct request *req, int status, struct str text)
{
    return reply_bytes(req, status, "text/plain", str_copy(req->arena, text));
}

static enum err hello_view(struct request *req)
{
    return say(req, 200, STR("hello"));
}

static enum err broken_view(struct request *req)
{
    return err_set(&req->err, ERR_INTERNAL, NULL, "this is for the log");
}

static enum err mute_view(struct request *req)
{
    (void)req;
    return ERR_OK;
}

static enum err jump_view(struct request *req)
{
    return reply_see_other(req, STR("//elsewhere.example/"));
}

static enum err form_view(struct request *req)
{
    return say(req, 200, request_csrf(req, "/note"));
}

static enum err desk_form_view(struct request *req)
{
    return say(req, 200, request_csrf(req, "/desk/m/{ref}/note"));
}

static enum err note_act(struct tx *tx, struct request *req)
{
    const struct note *in = request_form(req);
    atomic_fetch_add(&small_room_acts, 1);
    while (atomic_load(&small_room_shut) != 0)
        (void)poll(NULL, 0, 1);
    if (str_eq_c(in->text, "refuse me please, this is a long text"))
        return err_set(tx->info, ERR_REFUSED, "form.date", "refused");
    TRY(setting_put(tx->db, STR("note"), in->text, tx->now_us));
    if (str_eq_c(in->text, "too late"))
        return err_set(tx->info, ERR_REFUSED, "form.date", "after it was written");
    req->model = req->arena;
    return ERR_OK;
}

static enum err noted_view(struct request *req)
{
    struct setting_get_row row;
    TRY(setting_get(req->db, req->arena, STR("note"), &row));
    return say(req, 200, row.value);
}

static enum err note_reply(struct request *req)
{
    assert_ptr_equal(req->model, req->arena);
    return noted_view(req);
}

static enum err note_again(struct request *req)
{
    return say(req, 422, request_typed(req, "text"));
}

static enum err save_act(struct tx *tx, struct request *req)
{
    const struct note *in = request_form(req);
    struct person_session s = {.draft = in->text, .dossier = {7}};
    return session_person_save(tx, req, &s, str_starts(in->text, STR("fresh")));
}

atomic_int small_room_drops;

/* Run once more, it must find what the first run took away. */
static enum err drop_act(struct tx *tx, struct request *req)
{
    atomic_fetch_add(&small_room_drops, 1);
    if (req->person == NULL || req->model != NULL)
        return ERR_INTERNAL;
    req->model = req->arena;
    return session_person_drop(tx, req);
}

static enum err see_mine(struct request *req)
{
    return reply_see_other(req, STR("/mine"));
}

static enum err save_form_view(struct request *req)
{
    return say(req, 200, request_csrf(req, "/save"));
}

static enum err drop_form_view(struct request *req)
{
    return say(req, 200, request_csrf(req, "/drop"));
}

static enum err mine_view(struct request *req)
{
    assert_int_equal(req->person->dossier.v, 7);
    return say(req, 200, req->person->draft);
}

static enum err matter_view(struct request *req)
{
    assert_int_equal(req->dossier.v, 41);
    return say(req, 200, request_param(req, "ref"));
}

static enum err heavy_view(struct request *req)
{
    (void)poll(NULL, 0, 300);
    return say(req, 200, STR("heavy"));
}

static enum err file_view(struct request *req)
{
    return reply_file(req, "application/octet-stream", STR("proof.txt"), STR("proof"));
}

static enum err hello_post(struct request *req)
{
    return say(req, 200, STR("posted"));
}

#define READ_ROW(where, who, may, fn)                                                              \
    {                                                                                              \
        .method = METHOD_GET, .path = (where), .door = (who), .verb = (may), .csrf = CSRF_NONE,    \
        .budget = BUDGET_READ, .view = (fn)                                                        \
    }
static const struct route ROUTES[] = {
    READ_ROW("/hello", DOOR_PUBLIC, 0, hello_view),
    READ_ROW("/broken", DOOR_PUBLIC, 0, broken_view),
    READ_ROW("/mute", DOOR_PUBLIC, 0, mute_view),
    READ_ROW("/jump", DOOR_PUBLIC, 0, jump_view),
    READ_ROW("/form", DOOR_PUBLIC, 0, form_view),
    READ_ROW("/noted", DOOR_PUBLIC, 0, noted_view),
    READ_ROW("/save-form", DOOR_PUBLIC, 0, save_form_view),
    READ_ROW("/mine", DOOR_PERSON, 0, mine_view),
    READ_ROW("/drop-form", DOOR_PERSON, 0, drop_form_view),
    READ_ROW("/file", DOOR_PUBLIC, 0, file_view),
    READ_ROW("/desk/m/{ref}", DOOR_OFFICER, VERB_READ, matter_view),
    READ_ROW("/desk/form", DOOR_OFFICER, VERB_READ, desk_form_view),
    READ_ROW("/desk/audit", DOOR_OFFICER, VERB_AUDIT, hello_view),
    {.method = METHOD_GET,
     .path = "/steady",
     .door = DOOR_PUBLIC,
     .csrf = CSRF_NONE,
     .budget = BUDGET_CODE,
     .flags = ROUTE_STEADY,
     .view = hello_view},
    {.method = METHOD_GET,
     .path = "/heavy",
     .door = DOOR_PUBLIC,
     .csrf = CSRF_NONE,
     .budget = BUDGET_READ,
     .flags = ROUTE_SLOW,
     .view = heavy_view},
    {.method = METHOD_POST,
     .path = "/note",
     .door = DOOR_PUBLIC,
     .form = &NOTE_FORM,
     .csrf = CSRF_SESSION,
     .event = "matter.noted",
     .budget = BUDGET_WRITE,
     .act = note_act,
     .reply = note_reply,
     .again = note_again},
    {.method = METHOD_POST,
     .path = "/desk/m/{ref}/note",
     .door = DOOR_OFFICER,
     .verb = VERB_NOTE,
     .form = &NOTE_FORM,
     .csrf = CSRF_SESSION,
     .event = "matter.noted",
     .budget = BUDGET_WRITE,
     .act = note_act,
     .reply = note_reply},
    {.method = METHOD_POST,
     .path = "/save",
     .door = DOOR_PUBLIC,
     .form = &NOTE_FORM,
     .csrf = CSRF_SESSION,
     .event = AUDIT_SESSION,
     .budget = BUDGET_WRITE,
     .act = save_act,
     .reply = see_mine},
    {.method = METHOD_POST,
     .path = "/drop",
     .door = DOOR_PERSON,
     .form = &NOTE_FORM,
     .csrf = CSRF_SESSION,
     .event = AUDIT_SESSION,
     .budget = BUDGET_WRITE,
     .act = drop_act,
     .reply = see_mine},
    {.method = METHOD_POST,
     .path = "/api/v1/note",
     .door = DOOR_TOKEN,
     .verb = VERB_NOTE,
     .form = &NOTE_FORM,
     .csrf = CSRF_BEARER,
     .event = "matter.noted",
     .budget = BUDGET_API,
     .act = note_act,
     .reply = note_reply},
    {.method = METHOD_POST,
     .path = "/plain",
     .door = DOOR_PUBLIC,
     .form = &NOTE_FORM,
     .csrf = CSRF_SESSION,
     .event = AUDIT_SESSION,
     .budget = BUDGET_WRITE,
     .reply = hello_post},
};

/* ---- who ------------------------------------------------------------------------------------ */

atomic_int small_room_seen;

static enum err test_session(void *env, struct db *db, struct arena *a,
                             const unsigned char hash[AUTH_HASH_BYTES], int64_t now_us,
                             struct who *ret_who)
{
    unsigned char token[32];
    struct hash want;
    (void)env;
    (void)db;
    (void)a;
    memset(token, 1, sizeof token);
    crypt_sha256(token, sizeof token, &want);
    if (memcmp(hash, want.b, sizeof want.b) != 0)
        return ERR_NOT_FOUND;
    *ret_who = (struct who){.officer = {3},
                            .name = STR("Li"),
                            .lang = STR("en"),
                            .verbs = VERB_READ | VERB_NOTE,
                            .signed_us = now_us,
                            .seen_us = 0};
    return ERR_OK;
}

static enum err test_token(void *env, struct db *db, struct arena *a,
                           const unsigned char hash[AUTH_HASH_BYTES], int64_t now_us,
                           struct who *ret_who)
{
    struct hash want;
    (void)env;
    (void)db;
    (void)a;
    (void)now_us;
    crypt_sha256("hyt_good", 8, &want);
    if (memcmp(hash, want.b, sizeof want.b) != 0)
        return ERR_NOT_FOUND;
    *ret_who = (struct who){.officer = {3}, .verbs = VERB_NOTE, .by_token = true};
    return ERR_OK;
}

static enum err test_seen(void *env, struct tx *tx, const unsigned char hash[AUTH_HASH_BYTES],
                          int64_t now_us)
{
    (void)env;
    (void)tx;
    (void)hash;
    (void)now_us;
    atomic_fetch_add(&small_room_seen, 1);
    return ERR_OK;
}

static enum err test_can(void *env, struct db *db, struct officer_id officer, struct str ref,
                         uint32_t verbs, int64_t now_us, struct dossier_id *ret_dossier)
{
    (void)env;
    (void)db;
    (void)verbs;
    (void)now_us;
    assert_int_equal(officer.v, 3);
    if (!str_eq_c(ref, "K7Q2-9F4M"))
        return ERR_NOT_FOUND;
    ret_dossier->v = 41;
    return ERR_OK;
}

static const struct auth AUTH = {
    .session = test_session, .token = test_token, .seen = test_seen, .can = test_can};

struct loopback lb;
struct answer_read r;

int small_room_open(void **state)
{
    (void)state;
    atomic_store(&small_room_shut, 0);
    loopback_open(&lb, &(struct loopback_options){.routes = ROUTES,
                                                  .route_count = sizeof ROUTES / sizeof ROUTES[0],
                                                  .auth = &AUTH,
                                                  .queue_max = 4});
    return 0;
}

int small_room_close(void **state)
{
    (void)state;
    loopback_close(&lb);
    return 0;
}

void ticket_from(const char *path, struct ticket *t)
{
    loopback_get(&lb, path, "", &r);
    assert_int_equal(r.status, 200);
    (void)snprintf(t->csrf, sizeof t->csrf, STR_FMT, STR_ARG(r.body));
    (void)snprintf(t->cookie, sizeof t->cookie, "Cookie: " STR_FMT "\r\n",
                   STR_ARG(answer_cookie(&r, "hyp")));
    assert_int_equal(strlen(t->csrf), 48);
}

void ticket_note(const struct ticket *t, const char *headers, const char *text)
{
    char all[512];
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1 << 20);
    buf_printf(&b, "csrf=%s&text=%s", t->csrf, text);
    (void)snprintf(all, sizeof all, "%s%s", t->cookie, headers);
    loopback_post(&lb, "/note", all, buf_view(&b), &r);
}

void small_room_wait(int want)
{
    for (int i = 0; i < 5000 && atomic_load(&small_room_acts) < want; i++)
        (void)poll(NULL, 0, 1);
    assert_true(atomic_load(&small_room_acts) >= want);
}

int ticket_post_to(const char *path, const struct ticket *t, const char *text)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 4096);
    buf_printf(&b,
               "POST %s HTTP/1.1\r\nHost: localhost\r\n%s"
               "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n\r\n"
               "csrf=%s&text=%s",
               path, t->cookie, strlen(t->csrf) + strlen(text) + 11, t->csrf, text);
    int fd = loopback_pair(&lb);
    loopback_write(fd, buf_view(&b));
    return fd;
}

int ticket_post(const struct ticket *t, const char *text)
{
    return ticket_post_to("/note", t, text);
}

void ticket_save(const struct ticket *t, const char *text)
{
    char body[300];
    (void)snprintf(body, sizeof body, "csrf=%s&text=%s", t->csrf, text);
    loopback_post(&lb, "/save", t->cookie, str_of(body), &r);
}
