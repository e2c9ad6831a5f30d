/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Use cases of the staff's own affairs, each in the caller's transaction with its event. */
#include "people/people.h"

#include "base/instant.h"
#include "base/mem.h"
#include "base/rng.h"
#include "db/writer.h"
#include "lib/json/jsonw.h"
#include "people/account.h"
#include "people/acts.h"
#include "people/people.sql.h"
#include "spine/event.h"
#include "spine/house.h"
#include "spine/keys.h"
#include "spine/office.h"
#include "spine/ref.h"

#define SESSION_IDLE_US (30 * US_PER_MINUTE)
#define SESSION_TOTAL_US (10 * US_PER_HOUR)

/* ---- auth.h --------------------------------------------------------------------------------- */

/* What the posts held today may do. */
static enum err fill_verbs(const struct house *h, struct db *db, struct arena *a, int64_t now_us,
                           struct who *who)
{
    struct held *held = NULL;
    size_t count = 0;
    TRY(officer_held(db, a, who->officer, house_day(h, now_us), &held, &count));
    for (size_t i = 0; i < count; i++)
        who->posts |= held[i].posts;
    for (int p = POST_UNSET + 1; p < POST_COUNT; p++) {
        if ((who->posts >> p & 1U) != 0)
            who->verbs |= verb_of_post((enum post)p);
    }
    return ERR_OK;
}

static enum err auth_session(void *env, struct db *db, struct arena *a,
                             const unsigned char hash[AUTH_HASH_BYTES], int64_t now_us,
                             struct who *ret_who)
{
    const struct house *h = env;
    struct officer_session_get_row row;
    TRY(officer_session_get(db, a, str_make(hash, AUTH_HASH_BYTES), now_us - SESSION_IDLE_US,
                            now_us - SESSION_TOTAL_US, &row));
    *ret_who = (struct who){.officer = row.officer,
                            .name = row.name,
                            .lang = row.lang,
                            .signed_us = row.signed_us,
                            .seen_us = row.seen_us};
    return fill_verbs(h, db, a, now_us, ret_who);
}

static enum err auth_token(void *env, struct db *db, struct arena *a,
                           const unsigned char hash[AUTH_HASH_BYTES], int64_t now_us,
                           struct who *ret_who)
{
    const struct house *h = env;
    struct token_get_row row;
    TRY(token_get(db, a, str_make(hash, AUTH_HASH_BYTES), house_day(h, now_us), &row));
    *ret_who = (struct who){.officer = row.officer,
                            .name = row.name,
                            .lang = row.lang,
                            .by_token = true,
                            .token = row.id};
    return fill_verbs(h, db, a, now_us, ret_who);
}

static enum err auth_seen(void *env, struct tx *tx, const unsigned char hash[AUTH_HASH_BYTES],
                          int64_t now_us)
{
    (void)env;
    return officer_session_seen(tx->db, str_make(hash, AUTH_HASH_BYTES), now_us);
}

static enum err auth_can(void *env, struct db *db, struct officer_id officer, struct str ref,
                         uint32_t verbs, int64_t now_us, struct dossier_id *ret_dossier)
{
    const struct house *h = env;
    struct dossier_id id;
    uint32_t held = 0;
    if (!ref_parse(h->keys->k_id, ref, &id))
        return ERR_NOT_FOUND;
    TRY(grant_verbs(db, officer, id, house_day(h, now_us), &held));
    if ((held & verbs) != verbs)
        return ERR_NOT_FOUND;
    *ret_dossier = id;
    return ERR_OK;
}

void people_auth(const struct house *house, struct auth *ret_auth)
{
    *ret_auth = (struct auth){.env = (void *)(uintptr_t)house,
                              .session = auth_session,
                              .token = auth_token,
                              .seen = auth_seen,
                              .can = auth_can};
}

/* ---- events --------------------------------------------------------------------------------- */

enum err people_event(struct tx *tx, const struct people_fact *f)
{
    CLEANUP(buf_done) struct buf b;
    struct jsonw w;
    struct event_attr attrs[6];
    size_t n = 0;
    buf_init(&b, 4096);
    jsonw_init(&w, &b, JSONW_CANONICAL);
    jsonw_object(&w);
    if (f->asked_by.v != 0)
        jsonw_member_i64(&w, "asked_by", f->asked_by.v);
    if (f->by.v != 0)
        jsonw_member_i64(&w, "by", f->by.v);
    if (f->from_day != 0)
        jsonw_member_i64(&w, "from_day", f->from_day);
    if (f->officer.v != 0)
        jsonw_member_i64(&w, "officer", f->officer.v);
    if (f->giver.v != 0)
        jsonw_member_i64(&w, "stands_in_for", f->giver.v);
    if (f->subordinate.v != 0)
        jsonw_member_i64(&w, "subordinate", f->subordinate.v);
    if (f->to_day != 0)
        jsonw_member_i64(&w, "to_day", f->to_day);
    jsonw_end(&w);
    TRY(jsonw_err(&w));
    if (f->kind.len > 0)
        attrs[n++] = (struct event_attr){STR("kind"), f->kind};
    if (f->office.len > 0)
        attrs[n++] = (struct event_attr){STR("office"), f->office};
    if (f->place.len > 0)
        attrs[n++] = (struct event_attr){STR("place"), f->place};
    if (f->post != POST_UNSET)
        attrs[n++] = (struct event_attr){STR("post"), str_of(post_name(f->post))};
    if (f->use != NULL)
        attrs[n++] = (struct event_attr){STR("use"), str_of(f->use)};
    if (f->witness.len > 0)
        attrs[n++] = (struct event_attr){STR("witness"), f->witness};
    const struct event_draft e = {.type = str_of(f->type),
                                  .actor = str_of(f->actor),
                                  .attrs = attrs,
                                  .attr_count = n,
                                  .payload = buf_view(&b)};
    return event_append_system(tx, &e, NULL);
}

enum err people_span_end(struct tx *tx, const struct people_span *s)
{
    int32_t post = (int32_t)s->post;
    struct post_find_row row;
    int32_t last = house_day(house_of(tx), tx->now_us) - 1;
    TRY(post_find(tx->db, tx->arena, s->officer, s->office, post, s->first, &row));
    if (row.delegate_of.v != s->giver.v)
        return ERR_NOT_FOUND;
    if (s->first > last) {
        TRY(post_drop(tx->db, s->officer, s->office, post, s->first));
    } else {
        const struct post_cut_in cut = {.officer = s->officer,
                                        .office = s->office,
                                        .post = post,
                                        .from_day = s->first,
                                        .last = last};
        TRY(post_cut(tx->db, &cut));
    }
    if (s->giver.v != 0)
        return ERR_OK;
    TRY(post_cut_lent(tx->db, s->officer, s->office, post, last));
    return post_drop_lent(tx->db, s->officer, s->office, post, last);
}

/* ---- beginning and ending ------------------------------------------------------------------- */

static void hash_text(const char *text, struct hash *ret_hash)
{
    crypt_sha256(text, strlen(text), ret_hash);
}

/* `bytes` random bytes as hex behind `prefix`. */
static enum err random_text(const char *prefix, size_t bytes, char *ret_text)
{
    unsigned char raw[24];
    size_t head = strlen(prefix);
    TRY(rng_bytes(raw, bytes));
    memcpy(ret_text, prefix, head);
    struct buf b = {.ptr = ret_text + head, .size = 2 * bytes, .cap_bytes = 2 * bytes};
    buf_hex(&b, raw, bytes);
    ret_text[head + 2 * bytes] = '\0';
    crypt_wipe(raw, sizeof raw);
    return ERR_OK;
}

enum err people_invite(struct tx *tx, struct officer_id officer, char ret_text[PEOPLE_INVITE_BYTES])
{
    struct hash hash;
    int64_t changed = 0;
    TRY(random_text("", 16, ret_text));
    hash_text(ret_text, &hash);
    TRY(account_invite(tx->db, officer, str_make(hash.b, sizeof hash.b),
                       tx->now_us + PEOPLE_INVITE_US, &changed));
    if (changed == 0)
        return err_set(tx->info, ERR_REFUSED, "people.enrolled", "account in use or closed");
    return ERR_OK;
}

/* The office at the top of the tree; made when there is none at all. */
static enum err top_office(struct tx *tx, const struct house *h, struct str name,
                           struct office_id *ret_id)
{
    const struct office_tree *tree = house_tree(h);
    for (size_t i = 0; tree != NULL && i < tree->count; i++) {
        if (tree->offices[i].parent.v == 0 && !tree->offices[i].outside) {
            *ret_id = tree->offices[i].id;
            return ERR_OK;
        }
    }
    const struct office_new o = {.code = STR("house"),
                                 .name_en = name,
                                 .name_zh = name,
                                 .place = STR(""),
                                 .address = STR(""),
                                 .phone = STR(""),
                                 .hours_en = STR(""),
                                 .hours_zh = STR("")};
    TRY(office_add(tx, &o, ret_id));
    /* Until offices below it are told what they answer for, everything comes here. */
    return office_remit_add(tx, *ret_id, STR(""), STR(""));
}

enum err people_first(struct tx *tx, struct str login, struct str house_name,
                      char ret_text[PEOPLE_INVITE_BYTES])
{
    const struct house *h = house_of(tx);
    int32_t today = house_day(h, tx->now_us);
    struct account_admins_row *admins = NULL;
    size_t count = 0;
    TRY(account_admins(tx->db, tx->arena, POST_ADMIN, today, &admins, &count));
    for (size_t i = 0; i < count; i++) {
        if (admins[i].enrolled)
            return err_set(tx->info, ERR_CONFLICT, "people.has_admin", "an administrator is there");
    }
    if (count > 0)
        return people_invite(tx, admins[0].id, ret_text);
    struct office_id office;
    struct officer_id officer;
    const struct officer_new o = {.login = login, .name = login, .lang = STR("en")};
    TRY(top_office(tx, h, house_name, &office));
    TRY(officer_add(tx, &o, &officer));
    const struct holding hold = {.officer = officer,
                                 .office = office,
                                 .post = POST_ADMIN,
                                 .from_day = today,
                                 .to_day = PEOPLE_NO_END};
    TRY(officer_hold(tx, &hold));
    const struct people_fact f = {
        .type = "officer.added", .actor = "system", .officer = officer, .post = POST_ADMIN};
    TRY(people_event(tx, &f));
    return people_invite(tx, officer, ret_text);
}

enum err people_enrol(struct tx *tx, const struct house *house, struct officer_id officer,
                      const struct people_secret *secret)
{
    unsigned char sealed[SEALED_SEED_BYTES];
    int64_t changed = 0;
    TRY(account_seal_seed(house, officer, secret->seed, sealed));
    const struct account_enrol_in in = {.id = officer,
                                        .passhash = str_of(secret->passhash),
                                        .totp = str_make(sealed, sizeof sealed),
                                        .step = 0,
                                        .recovery = STR(""),
                                        .none = STR("")};
    TRY(account_enrol(tx->db, &in, &changed));
    if (changed == 0)
        return ERR_NOT_FOUND;
    TRY(since_put(tx->db, officer, tx->now_us));
    const struct people_fact f = {
        .type = "officer.enrolled", .actor = "system", .officer = officer};
    return people_event(tx, &f);
}

enum err people_disable(struct tx *tx, struct officer_id officer)
{
    int64_t changed = 0;
    TRY(account_close(tx->db, officer, STR(""), &changed));
    if (changed == 0)
        return ERR_NOT_FOUND;
    TRY(officer_session_delete_all(tx->db, officer));
    TRY(token_revoke_all(tx->db, officer));
    TRY(reset_drop(tx->db, officer));
    TRY(reset_may_drop(tx->db, officer));
    const struct people_fact f = {
        .type = "officer.disabled", .actor = "role:admin", .officer = officer};
    return people_event(tx, &f);
}

enum err people_token_make(struct tx *tx, struct officer_id officer, struct str label,
                           int32_t until_day, char ret_text[PEOPLE_TOKEN_BYTES])
{
    struct hash hash;
    struct token_next_id_row next;
    TRY(random_text("hyt_", 20, ret_text));
    hash_text(ret_text, &hash);
    TRY(token_next_id(tx->db, tx->arena, &next));
    const struct token_put_in in = {.id = {next.id},
                                    .officer = officer,
                                    .hash = str_make(hash.b, sizeof hash.b),
                                    .label = label,
                                    .made_day = house_day(house_of(tx), tx->now_us),
                                    .until_day = until_day};
    TRY(token_put(tx->db, &in));
    const struct people_fact f = {
        .type = "officer.token_made", .actor = "system", .officer = officer, .to_day = until_day};
    return people_event(tx, &f);
}

enum err people_sweep(struct tx *tx, int64_t now_us)
{
    int64_t count = 0;
    return officer_session_sweep(tx->db, now_us - SESSION_TOTAL_US, &count);
}
