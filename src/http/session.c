/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "http/session.h"

#include "base/instant.h"
#include "base/mem.h"
#include "base/rng.h"
#include "db/writer.h"
#include "http/cookie.h"
#include "http/exchange.h"
#include "http/session.sql.h"
#include "lib/crypt/crypt.h"

enum { SEALED_HEAD_BYTES = 16, PAD_TO_BYTES = 1024 };

#define TOUCH_US (5 * US_PER_MINUTE)

static const char *const NAMES[2][COOKIES_MAX] = {
    {"hyp", "hyo", "hyd", "hyl", "hyv"},
    {"__Host-hyp", "__Host-hyo", "__Host-hyd", "__Host-hyl", "__Host-hyv"}};

const char *session_cookie_name(const struct exchange *x, enum cookie cookie)
{
    return NAMES[exchange_listener(x)->kind == LISTEN_FRONT][cookie];
}

struct str cookie_value(const struct exchange *x, struct str header, enum cookie cookie)
{
    return cookie_find(header, session_cookie_name(x, cookie));
}

static void read_one(struct exchange *x, struct str header, enum cookie cookie,
                     struct session_token *ret_token)
{
    struct str text = cookie_value(x, header, cookie);
    ret_token->given = str_from_hex(text, ret_token->b, sizeof ret_token->b);
}

/* ---- a person's row ------------------------------------------------------------------------- */

static void seal_key(const struct session_token *t, struct key32 *ret_key)
{
    crypt_sub(t->b, STR("session"), STR(""), ret_key);
}

static void put_be64(unsigned char *to, uint64_t v)
{
    for (size_t i = 0; i < 8; i++)
        to[i] = (unsigned char)(v >> (56 - 8 * i));
}

static int64_t get_be64(const unsigned char *from)
{
    uint64_t v = 0;
    for (size_t i = 0; i < 8; i++)
        v = v << 8 | from[i];
    return (int64_t)v;
}

static struct str hash_of(const struct session_token *t, struct hash *room)
{
    crypt_sha256(t->b, sizeof t->b, room);
    return str_make(room->b, sizeof room->b);
}

/* Opens what stands in the row; false when it is not genuine. */
static bool open_row(struct exchange *x, struct str aad, struct str sealed)
{
    CLEANUP(key32_wipe) struct key32 key;
    struct str ct = str_sub(sealed, AEAD_NONCE_BYTES, sealed.len);
    if (ct.len < AEAD_TAG_BYTES + SEALED_HEAD_BYTES)
        return false;
    size_t len = ct.len - AEAD_TAG_BYTES;
    unsigned char *plain = arena_alloc(&x->arena, len);
    seal_key(&x->person, &key);
    if (plain == NULL || !crypt_aead_open(key.b, (const unsigned char *)sealed.ptr, aad, ct, plain))
        return false;
    /* The draft is followed by one 1 and zeros. */
    while (len > SEALED_HEAD_BYTES && plain[len - 1] == 0)
        len--;
    if (len <= SEALED_HEAD_BYTES || plain[len - 1] != 1)
        return false;
    struct person_session *s = &x->person_row;
    s->dossier.v = get_be64(plain);
    s->made_us = get_be64(plain + 8);
    s->draft = str_make(plain + SEALED_HEAD_BYTES, len - 1 - SEALED_HEAD_BYTES);
    return true;
}

enum err session_read(struct exchange *x)
{
    const char *value = MHD_lookup_connection_value(x->conn, MHD_HEADER_KIND, "Cookie");
    struct str header = value == NULL ? STR_NULL : str_of(value);
    struct hash room;
    struct person_session_get_row row;
    read_one(x, header, COOKIE_OFFICER, &x->officer);
    read_one(x, header, COOKIE_PERSON, &x->person);
    x->person_sent = x->person;
    x->device = str_copy(&x->arena, cookie_value(x, header, COOKIE_DEVICE));
    if (!x->person.given || x->req.db == NULL)
        return ERR_OK;
    struct str hash = hash_of(&x->person, &room);
    enum err err = person_session_get(x->req.db, &x->arena, hash, x->req.now_us, &row);
    if (err == ERR_NOT_FOUND)
        return ERR_OK;
    TRY(err);
    if (open_row(x, hash, row.sealed)) {
        x->person_until_us = row.until_us;
        x->person_row.seen_us = row.until_us - SESSION_PERSON_IDLE_US;
        x->req.person = &x->person_row;
    }
    return ERR_OK;
}

static int64_t until_of(int64_t made_us, int64_t now_us)
{
    int64_t idle = now_us + SESSION_PERSON_IDLE_US;
    int64_t total = made_us + SESSION_PERSON_TOTAL_US;
    return idle < total ? idle : total;
}

/* nonce || XChaCha20-Poly1305(key, aad = hash, be64 dossier || be64 made || draft || 1 || 0...) */
static enum err seal_row(struct exchange *x, const struct person_session *s, struct str aad,
                         struct str *ret_sealed)
{
    CLEANUP(key32_wipe) struct key32 key;
    size_t len = SEALED_HEAD_BYTES + s->draft.len + 1;
    len = (len + PAD_TO_BYTES - 1) / PAD_TO_BYTES * PAD_TO_BYTES;
    unsigned char *plain = arena_alloc(&x->arena, len);
    unsigned char *sealed = arena_alloc(&x->arena, AEAD_NONCE_BYTES + len + AEAD_TAG_BYTES);
    if (plain == NULL || sealed == NULL)
        return ERR_NOMEM;
    put_be64(plain, (uint64_t)s->dossier.v);
    put_be64(plain + 8, (uint64_t)s->made_us);
    if (s->draft.len > 0)
        memcpy(plain + SEALED_HEAD_BYTES, s->draft.ptr, s->draft.len);
    plain[SEALED_HEAD_BYTES + s->draft.len] = 1;
    TRY(rng_bytes(sealed, AEAD_NONCE_BYTES));
    seal_key(&x->person, &key);
    crypt_aead_seal(key.b, sealed, aad, str_make(plain, len), sealed + AEAD_NONCE_BYTES);
    *ret_sealed = str_make(sealed, AEAD_NONCE_BYTES + len + AEAD_TAG_BYTES);
    return ERR_OK;
}

static enum err token_new(struct session_token *ret_token)
{
    TRY(rng_bytes(ret_token->b, sizeof ret_token->b));
    ret_token->given = true;
    ret_token->fresh = true;
    return ERR_OK;
}

enum err session_person_save(struct tx *tx, struct request *req, const struct person_session *s,
                             bool fresh)
{
    struct exchange *x = req->exchange;
    struct person_session row = *s;
    struct hash room;
    struct str sealed;
    if (row.draft.len > SESSION_DRAFT_BYTES_MAX)
        return ERR_LIMIT;
    if (fresh && x->person_sent.given)
        TRY(person_session_delete(tx->db, hash_of(&x->person_sent, &room)));
    if (fresh || !x->person.given)
        TRY(token_new(&x->person));
    if (fresh || row.made_us == 0)
        row.made_us = tx->now_us;
    struct str hash = hash_of(&x->person, &room);
    TRY(seal_row(x, &row, hash, &sealed));
    row.seen_us = tx->now_us;
    x->person_row = row;
    req->person = &x->person_row;
    return person_session_put(tx->db, hash, sealed, until_of(row.made_us, tx->now_us));
}

enum err session_person_drop(struct tx *tx, struct request *req)
{
    struct exchange *x = req->exchange;
    struct hash room;
    x->cookies[COOKIE_PERSON] = (struct cookie_set){.due = true, .clear = true};
    x->person.fresh = false;
    req->person = NULL;
    if (!x->person_sent.given)
        return ERR_OK;
    return person_session_delete(tx->db, hash_of(&x->person_sent, &room));
}

enum err session_person_sweep(struct tx *tx, int64_t now_us)
{
    int64_t count = 0;
    return person_session_sweep(tx->db, now_us, &count);
}

/* ---- in use --------------------------------------------------------------------------------- */

struct touch {
    const struct auth *auth;
    struct hash hash;
    int64_t at_us; /* officer: now; person: until */
    bool officer;
};

static enum err touch_job(struct tx *tx, void *ctx)
{
    struct touch *t = ctx;
    if (t->officer)
        return t->auth->seen(t->auth->env, tx, t->hash.b, t->at_us);
    return person_session_touch(tx->db, str_make(t->hash.b, sizeof t->hash.b), t->at_us);
}

static void touch_done(void *ctx, enum err err, const struct err_info *info)
{
    (void)err; /* a session that could not be written down ends a little early */
    (void)info;
    mem_free(ctx);
}

static void touch_submit(struct exchange *x, const struct session_token *token, bool officer,
                         int64_t at_us)
{
    struct touch *t = mem_new(sizeof *t);
    if (t == NULL)
        return;
    *t = (struct touch){.auth = x->server->config.auth, .at_us = at_us, .officer = officer};
    (void)hash_of(token, &t->hash);
    if (writer_submit(x->server->config.writer, touch_job, t, touch_done) != ERR_OK)
        mem_free(t);
}

void session_touch(struct exchange *x)
{
    int64_t now = x->req.now_us;
    const struct who *who = &x->req.who;
    if (x->server->config.writer == NULL)
        return;
    if (who->officer.v != 0 && !who->by_token && now - who->seen_us > TOUCH_US)
        touch_submit(x, &x->officer, true, now);
    if (x->req.person == NULL)
        return;
    int64_t until = until_of(x->person_row.made_us, now);
    if (until - x->person_until_us > TOUCH_US)
        touch_submit(x, &x->person, false, until);
}

/* ---- keys and cookies ----------------------------------------------------------------------- */

const unsigned char *session_csrf_key(struct exchange *x, enum door door, bool make)
{
    if (door == DOOR_OFFICER)
        return x->officer.given ? x->officer.b : NULL;
    if (!x->person.given && (!make || token_new(&x->person) != ERR_OK))
        return NULL;
    return x->person.b;
}

enum err session_officer_new(struct request *req, unsigned char ret_hash[AUTH_HASH_BYTES])
{
    struct exchange *x = req->exchange;
    struct hash room;
    TRY(token_new(&x->officer));
    (void)hash_of(&x->officer, &room);
    memcpy(ret_hash, room.b, AUTH_HASH_BYTES);
    x->cookies[COOKIE_OFFICER] = (struct cookie_set){.due = false};
    return ERR_OK;
}

enum err session_officer_hash(const struct request *req, unsigned char ret_hash[AUTH_HASH_BYTES])
{
    struct hash room;
    if (!req->exchange->officer.given)
        return ERR_NOT_FOUND;
    (void)hash_of(&req->exchange->officer, &room);
    memcpy(ret_hash, room.b, AUTH_HASH_BYTES);
    return ERR_OK;
}

void session_officer_clear(struct request *req)
{
    req->exchange->cookies[COOKIE_OFFICER] = (struct cookie_set){.due = true, .clear = true};
    req->exchange->officer.fresh = false;
}

struct str session_device_get(const struct request *req)
{
    return req->exchange->device;
}

enum err session_device_set(struct request *req, struct str value)
{
    struct cookie_set *c = &req->exchange->cookies[COOKIE_DEVICE];
    if (value.len == 0 || value.len > DEVICE_TEXT_MAX)
        return ERR_LIMIT;
    c->due = true;
    c->clear = false;
    c->max_age_s = 365 * 24 * 3600;
    memcpy(c->value, value.ptr, value.len);
    c->value[value.len] = '\0';
    return ERR_OK;
}
