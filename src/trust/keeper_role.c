/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Roles, custodians and their passphrases: trust.md sections 5.1 and 5.4. */
#include "base/mem.h"
#include "base/rng.h"
#include "trust/keeper_inside.h"
#include "trust/passphrase.h"
#include "trust/vault.sql.h"

#include <string.h>

enum {
    CUSTODIAN_OPS = 3,
    LABEL_BYTES = 19,
    AAD_BYTES = LABEL_BYTES + ID16_BYTES + KEY_BYTES, /* label id CK.pub */
    WRAP_PLAIN = 4 + ID16_BYTES + 4 + KEY_BYTES,      /* "HYR1" role epoch RK.sk */
    WRAP_BOX = WRAP_PLAIN + BOX_OVERHEAD_BYTES,       /* 104 */
    WRAPPED_SK = KEY_BYTES + AEAD_TAG_BYTES,
    FIRST_EPOCH = 1
};

_Static_assert(WRAP_BOX == 104, "role key wrap");

/* ---- custodians
 * ------------------------------------------------------------------------------------ */

struct enrolling {
    struct id16 id;
    struct id16 person_tag;
    uint8_t pub[KEY_BYTES];
    struct key32 secret;
    struct key32 wrap;
    uint8_t salt[STRETCH_SALT_BYTES];
    uint8_t nonce[AEAD_NONCE_BYTES];
    uint8_t enc_sk[WRAPPED_SK];
};

static void enrolling_wipe(struct enrolling *e)
{
    crypt_wipe(e, sizeof *e);
}

/* CK under argon2id of the passphrase: about a second, so outside the vault's lock. */
static enum err enrolling_fill(struct keeper *k, struct enrolling *e, struct str passphrase)
{
    TRY(rng_bytes(e->id.b, sizeof e->id.b));
    TRY(rng_bytes(e->salt, sizeof e->salt));
    TRY(rng_bytes(e->nonce, sizeof e->nonce));
    crypt_box_pair(e->pub, &e->secret);
    (void)pthread_mutex_lock(&k->slow);
    enum err err = crypt_stretch(passphrase, e->salt, CUSTODIAN_OPS, k->custodian_mem_bytes,
                                 e->wrap.b, sizeof e->wrap.b);
    (void)pthread_mutex_unlock(&k->slow);
    TRY(err);
    uint8_t aad[AAD_BYTES];
    memcpy(aad, "huiyin-custodian/v1", LABEL_BYTES);
    memcpy(aad + LABEL_BYTES, e->id.b, ID16_BYTES);
    memcpy(aad + LABEL_BYTES + ID16_BYTES, e->pub, KEY_BYTES);
    crypt_aead_seal(e->wrap.b, e->nonce, str_make(aad, sizeof aad),
                    str_make(e->secret.b, sizeof e->secret.b), e->enc_sk);
    return ERR_OK;
}

static enum err custodian_store(struct keeper *k, const struct enrolling *e)
{
    const struct custodian_put_in in = {
        .id = str_of_id(&e->id),
        .person_tag = str_of_id(&e->person_tag),
        .pub = str_make(e->pub, sizeof e->pub),
        .salt = str_make(e->salt, sizeof e->salt),
        .ops = CUSTODIAN_OPS,
        .mem = (int64_t)k->custodian_mem_bytes,
        .nonce = str_make(e->nonce, sizeof e->nonce),
        .enc_sk = str_make(e->enc_sk, sizeof e->enc_sk),
    };
    TRY(keeper_begin(k));
    TRY(custodian_put(k->db, &in));
    return keeper_commit(k);
}

static enum err counts(struct keeper *k, struct vault_counts_row *ret_row)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, KEEPER_ARENA_BYTES);
    return vault_counts(k->db, &a, ret_row);
}

enum keeper_status keeper_counts(struct keeper *k, int64_t *ret_roles, int64_t *ret_custodians)
{
    struct vault_counts_row row;
    (void)pthread_mutex_lock(&k->lock);
    enum err err = counts(k, &row);
    (void)pthread_mutex_unlock(&k->lock);
    if (err == ERR_OK) {
        *ret_roles = row.roles;
        *ret_custodians = row.custodians;
    }
    return keeper_status_of(err);
}

enum keeper_status keeper_custodian_enrol(struct keeper *k, const struct keeper_custodian_new *in,
                                          struct keeper_custodian_made *ret_made)
{
    static const struct id16 NONE;
    CLEANUP(enrolling_wipe) struct enrolling e = {.person_tag = in->person_tag};
    int64_t roles = 0;
    int64_t custodians = 0;
    enum keeper_status status = keeper_counts(k, &roles, &custodians);
    if (status != KEEPER_OK || custodians > 0)
        return status == KEEPER_OK ? KEEPER_REFUSED : status;
    enum err err = passphrase_make(ret_made->passphrase);
    if (err == ERR_OK && memcmp(&in->person_tag, &NONE, sizeof NONE) == 0)
        err = rng_bytes(e.person_tag.b, sizeof e.person_tag.b);
    if (err == ERR_OK)
        err = enrolling_fill(k, &e, str_of(ret_made->passphrase));
    if (err == ERR_OK) {
        (void)pthread_mutex_lock(&k->lock);
        err = custodian_store(k, &e);
        (void)pthread_mutex_unlock(&k->lock);
    }
    ret_made->custodian = e.id;
    return keeper_status_of(err);
}

/* ---- roles
 * ----------------------------------------------------------------------------------------- */

static enum err role_wrap_store(struct keeper *k, const struct keeper_role_new *in,
                                const struct key32 *secret, struct str custodian_pub)
{
    uint8_t plain[WRAP_PLAIN] = {'H', 'Y', 'R', '1'};
    uint8_t box[WRAP_BOX];
    memcpy(plain + 4, in->role.b, ID16_BYTES);
    plain[4 + ID16_BYTES + 3] = FIRST_EPOCH; /* be32 */
    memcpy(plain + 4 + ID16_BYTES + 4, secret->b, KEY_BYTES);
    enum err err =
        crypt_box_seal((const uint8_t *)custodian_pub.ptr, str_make(plain, sizeof plain), box);
    crypt_wipe(plain, sizeof plain);
    TRY(err);
    return role_wrap_put(k->db, str_of_id(&in->role), FIRST_EPOCH, str_of_id(&in->custodian),
                         str_make(box, sizeof box));
}

/* The first role is what the default policy seals to. */
static enum err policy_default(struct keeper *k, struct arena *a, const struct id16 *role)
{
    struct policy_get_row row;
    enum err err = policy_get(k->db, a, POLICY_DEFAULT, &row);
    if (err != ERR_NOT_FOUND)
        return err;
    return policy_put(k->db, POLICY_DEFAULT, 1, str_of_id(role), STR(""));
}

/* With the lock held. */
static enum keeper_status role_new(struct keeper *k, const struct keeper_role_new *in)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, KEEPER_ARENA_BYTES);
    struct role_key_live_row old;
    struct custodian_get_row custodian;
    enum err err = role_key_live(k->db, &a, str_of_id(&in->role), &old);
    if (err == ERR_OK)
        return KEEPER_REFUSED;
    if (err != ERR_NOT_FOUND)
        return keeper_status_of(err);
    err = custodian_get(k->db, &a, str_of_id(&in->custodian), &custodian);
    if (err != ERR_OK || custodian.pub.len != KEY_BYTES)
        return err == ERR_OK ? KEEPER_AGAIN : keeper_status_of(err);
    CLEANUP(key32_wipe) struct key32 secret;
    uint8_t pub[KEY_BYTES];
    crypt_box_pair(pub, &secret);
    err = keeper_begin(k);
    if (err == ERR_OK)
        err = role_key_put(k->db, str_of_id(&in->role), FIRST_EPOCH, str_make(pub, sizeof pub));
    if (err == ERR_OK)
        err = role_wrap_store(k, in, &secret, custodian.pub);
    if (err == ERR_OK)
        err = policy_default(k, &a, &in->role);
    if (err == ERR_OK)
        err = keeper_commit(k);
    keeper_policy_forget(k);
    return err == ERR_OK ? KEEPER_OK : KEEPER_AGAIN;
}

enum keeper_status keeper_role_new(struct keeper *k, const struct keeper_role_new *in)
{
    (void)pthread_mutex_lock(&k->lock);
    enum keeper_status status = role_new(k, in);
    (void)pthread_mutex_unlock(&k->lock);
    return status;
}
