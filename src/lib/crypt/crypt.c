/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <nettle/sha2.h>
#undef sha256_init /* nettle's names are macros; ours are below */

#include "lib/crypt/crypt.h"

#include "base/mem.h"

#include <sodium.h>

_Static_assert(sizeof(struct sha256_ctx) <= sizeof(((struct sha256 *)0)->state), "sha256");
_Static_assert(sizeof(crypto_generichash_state) <= sizeof(((struct mac *)0)->state), "mac");
_Static_assert(crypto_box_SEALBYTES == BOX_OVERHEAD_BYTES, "box");
_Static_assert(crypto_pwhash_STRBYTES == PASSHASH_BYTES, "passhash");

enum err crypt_init(void)
{
    return sodium_init() < 0 ? ERR_INTERNAL : ERR_OK;
}

static const unsigned char *bytes_of(struct str s)
{
    return (const unsigned char *)s.ptr;
}

/* ---- memory ---------------------------------------------------------------------------------- */

void crypt_wipe(void *bytes, size_t len)
{
    sodium_memzero(bytes, len);
}

void key32_wipe(struct key32 *k)
{
    sodium_memzero(k->b, sizeof k->b);
}

bool crypt_equal(const void *a, const void *b, size_t len)
{
    return sodium_memcmp(a, b, len) == 0;
}

struct secret {
    size_t len;
    uint8_t *bytes;
};

enum { SECRET_BYTES_MAX = 4096 };

/* The header is ordinary memory: only the bytes are worth a guarded page. */
static struct secret *secret_alloc(size_t len)
{
    if (len == 0 || len > SECRET_BYTES_MAX)
        return NULL;
    struct secret *s = mem_new(sizeof *s);
    if (s == NULL)
        return NULL;
    s->len = len;
    s->bytes = sodium_malloc(len);
    if (s->bytes == NULL) {
        mem_free(s);
        return NULL;
    }
    return s;
}

struct secret *secret_new(const void *bytes, size_t len)
{
    struct secret *s = secret_alloc(len);
    if (s == NULL)
        return NULL;
    memcpy(s->bytes, bytes, len);
    (void)sodium_mprotect_readonly(s->bytes);
    return s;
}

struct secret *secret_random(size_t len)
{
    struct secret *s = secret_alloc(len);
    if (s == NULL)
        return NULL;
    randombytes_buf(s->bytes, len);
    (void)sodium_mprotect_readonly(s->bytes);
    return s;
}

void secret_free(struct secret *s)
{
    if (s == NULL)
        return;
    sodium_free(s->bytes); /* makes it writable and wipes it first */
    mem_free(s);
}

void secret_free_ptr(struct secret **s)
{
    secret_free(*s);
    *s = NULL;
}

const uint8_t *secret_bytes(const struct secret *s)
{
    return s->bytes;
}

size_t secret_len(const struct secret *s)
{
    return s->len;
}

void *locked_new(size_t size)
{
    void *p = sodium_malloc(size);
    if (p != NULL)
        memset(p, 0, size);
    return p;
}

void locked_free(void *p)
{
    sodium_free(p);
}

/* ---- hashes ---------------------------------------------------------------------------------- */

/* nettle's uses the processor's SHA instructions, libsodium's does not: five times the speed. */
static struct sha256_ctx *sha_of(struct sha256 *s)
{
    return (struct sha256_ctx *)(void *)s->state;
}

void sha256_init(struct sha256 *s)
{
    nettle_sha256_init(sha_of(s));
}

void sha256_add(struct sha256 *s, const void *bytes, size_t len)
{
    if (len > 0)
        nettle_sha256_update(sha_of(s), len, bytes);
}

void sha256_str(struct sha256 *s, struct str text)
{
    sha256_add(s, text.ptr, text.len);
}

void sha256_done(struct sha256 *s, struct hash *ret_hash)
{
    nettle_sha256_digest(sha_of(s), sizeof ret_hash->b, ret_hash->b);
}

void crypt_sha256(const void *bytes, size_t len, struct hash *ret_hash)
{
    struct sha256 s;
    sha256_init(&s);
    sha256_add(&s, bytes, len);
    sha256_done(&s, ret_hash);
}

static crypto_generichash_state *mac_of(struct mac *m)
{
    return (crypto_generichash_state *)(void *)m->state;
}

void mac_init(struct mac *m, const uint8_t key[KEY_BYTES], size_t out_len)
{
    m->len = out_len;
    crypto_generichash_init(mac_of(m), key, KEY_BYTES, out_len);
}

void mac_add(struct mac *m, const void *bytes, size_t len)
{
    if (len > 0)
        crypto_generichash_update(mac_of(m), bytes, len);
}

void mac_str(struct mac *m, struct str text)
{
    mac_add(m, text.ptr, text.len);
}

void mac_be64(struct mac *m, uint64_t value)
{
    uint8_t be[8];
    for (int i = 0; i < 8; i++)
        be[i] = (uint8_t)(value >> (56 - 8 * i));
    mac_add(m, be, sizeof be);
}

void mac_done(struct mac *m, uint8_t *ret_bytes)
{
    crypto_generichash_final(mac_of(m), ret_bytes, m->len);
    sodium_memzero(m->state, sizeof m->state);
}

void crypt_sub(const uint8_t key[KEY_BYTES], struct str label, struct str ctx,
               struct key32 *ret_key)
{
    struct mac m;
    mac_init(&m, key, sizeof ret_key->b);
    mac_str(&m, STR("huiyin-kdf/v1"));
    mac_str(&m, label);
    mac_add(&m, "", 1);
    mac_str(&m, ctx);
    mac_done(&m, ret_key->b);
}

/* ---- sealing --------------------------------------------------------------------------------- */

void crypt_aead_seal(const uint8_t key[KEY_BYTES], const uint8_t nonce[AEAD_NONCE_BYTES],
                     struct str aad, struct str plain, uint8_t *ret_ct)
{
    crypto_aead_xchacha20poly1305_ietf_encrypt(ret_ct, NULL, bytes_of(plain), plain.len,
                                               bytes_of(aad), aad.len, NULL, nonce, key);
}

bool crypt_aead_open(const uint8_t key[KEY_BYTES], const uint8_t nonce[AEAD_NONCE_BYTES],
                     struct str aad, struct str ct, uint8_t *ret_plain)
{
    if (ct.len < AEAD_TAG_BYTES)
        return false;
    return crypto_aead_xchacha20poly1305_ietf_decrypt(ret_plain, NULL, NULL, bytes_of(ct), ct.len,
                                                      bytes_of(aad), aad.len, nonce, key) == 0;
}

void crypt_box_pair(uint8_t ret_pub[KEY_BYTES], struct key32 *ret_secret)
{
    crypto_box_keypair(ret_pub, ret_secret->b);
}

void crypt_box_public(const struct key32 *secret, uint8_t ret_pub[KEY_BYTES])
{
    crypto_scalarmult_base(ret_pub, secret->b);
}

enum err crypt_box_seal(const uint8_t pub[KEY_BYTES], struct str plain, uint8_t *ret_box)
{
    /* Fails only for a public key of small order, which no honest pair has. */
    return crypto_box_seal(ret_box, bytes_of(plain), plain.len, pub) == 0 ? ERR_OK : ERR_CORRUPT;
}

bool crypt_box_open(const uint8_t pub[KEY_BYTES], const struct key32 *secret, struct str box,
                    uint8_t *ret_plain)
{
    if (box.len < BOX_OVERHEAD_BYTES)
        return false;
    return crypto_box_seal_open(ret_plain, bytes_of(box), box.len, pub, secret->b) == 0;
}

/* ---- signing --------------------------------------------------------------------------------- */

void crypt_sign_public(const uint8_t seed[KEY_BYTES], uint8_t ret_pub[KEY_BYTES])
{
    uint8_t pair[crypto_sign_SECRETKEYBYTES];
    crypto_sign_seed_keypair(ret_pub, pair, seed);
    sodium_memzero(pair, sizeof pair);
}

void crypt_sign(const uint8_t seed[KEY_BYTES], struct str message, uint8_t ret_sig[SIG_BYTES])
{
    uint8_t pub[KEY_BYTES];
    uint8_t pair[crypto_sign_SECRETKEYBYTES];
    crypto_sign_seed_keypair(pub, pair, seed);
    crypto_sign_detached(ret_sig, NULL, bytes_of(message), message.len, pair);
    sodium_memzero(pair, sizeof pair);
}

bool crypt_verify(const uint8_t pub[KEY_BYTES], struct str message, const uint8_t sig[SIG_BYTES])
{
    return crypto_sign_verify_detached(sig, bytes_of(message), message.len, pub) == 0;
}

/* ---- passwords ------------------------------------------------------------------------------- */

enum err crypt_stretch(struct str password, const uint8_t salt[STRETCH_SALT_BYTES], uint64_t ops,
                       size_t mem_bytes, uint8_t *ret_bytes, size_t len)
{
    int rc = crypto_pwhash(ret_bytes, len, password.ptr == NULL ? "" : password.ptr, password.len,
                           salt, ops, mem_bytes, crypto_pwhash_ALG_ARGON2ID13);
    return rc == 0 ? ERR_OK : ERR_NOMEM;
}

enum err crypt_passhash(struct str password, uint64_t ops, size_t mem_bytes,
                        char ret_text[PASSHASH_BYTES])
{
    int rc = crypto_pwhash_str(ret_text, password.ptr == NULL ? "" : password.ptr, password.len,
                               ops, mem_bytes);
    return rc == 0 ? ERR_OK : ERR_NOMEM;
}

bool crypt_passhash_check(const char *text, struct str password)
{
    return crypto_pwhash_str_verify(text, password.ptr == NULL ? "" : password.ptr, password.len) ==
           0;
}
