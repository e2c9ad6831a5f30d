/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * crypt: the few pieces of cryptography the program is built from, each in one spelling.
 *
 *   hash      SHA-256 (FIPS 180-4), for what outsiders recompute;
 *   mac, sub  keyed BLAKE2b (RFC 7693), for names, salts and derived keys;
 *   aead      XChaCha20-Poly1305-IETF with a random 24-byte nonce;
 *   box       libsodium's sealed box to an X25519 key;
 *   sign      Ed25519 (RFC 8032);
 *   stretch   argon2id (RFC 9106).
 *
 * The only folder that includes sodium.h and nettle. Call crypt_init once before threads start;
 * everything else is thread-safe. Nothing here logs, stores or decides which key is for what.
 *
 * Short-lived keys are struct key32 on the stack, wiped by CLEANUP(key32_wipe). Long-lived ones
 * are struct secret: locked memory between guard pages, out of core dumps, read-only once filled,
 * wiped when freed; a secret has no text form and no comparison but crypt_equal.
 *
 *     CLEANUP(key32_wipe) struct key32 k;
 *     crypt_sub(secret_bytes(kek), STR("event"), STR_NULL, &k);
 *     crypt_aead_seal(k.b, nonce, aad, plain, ct);
 */
#ifndef HUIYIN_LIB_CRYPT_CRYPT_H
#define HUIYIN_LIB_CRYPT_CRYPT_H

#include "base/err.h"
#include "base/str.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HASH_BYTES = 32,
    KEY_BYTES = 32,
    SIG_BYTES = 64,
    AEAD_NONCE_BYTES = 24,
    AEAD_TAG_BYTES = 16,
    BOX_OVERHEAD_BYTES = 48, /* what a sealed box is longer than its contents */
    STRETCH_SALT_BYTES = 16
};

/* A SHA-256 value, or a node of the log. */
struct hash {
    uint8_t b[HASH_BYTES];
};

/* A symmetric key, or an X25519 or Ed25519 seed, for the time of one operation. */
struct key32 {
    uint8_t b[KEY_BYTES];
};

/* ERR_INTERNAL when the library does not start. May be called again. */
enum err crypt_init(void);

/* ---- memory ---------------------------------------------------------------------------------- */

/* Overwrites with zeros in a way that no optimiser removes. */
void crypt_wipe(void *bytes, size_t len);
/* For CLEANUP. */
void key32_wipe(struct key32 *k);
/* In constant time for equal lengths. */
bool crypt_equal(const void *a, const void *b, size_t len);

struct secret;
/* Copies `len` bytes (1..4096) into locked memory, which is read-only afterwards. NULL without
 * memory or when RLIMIT_MEMLOCK is used up. */
struct secret *secret_new(const void *bytes, size_t len);
/* Random bytes instead. */
struct secret *secret_random(size_t len);
/* Wipes and frees; NULL is allowed. */
void secret_free(struct secret *s);
/* For CLEANUP on `struct secret *`. */
void secret_free_ptr(struct secret **s);
const uint8_t *secret_bytes(const struct secret *s);
size_t secret_len(const struct secret *s);

/* Locked memory that stays writable, for stocks of codes; NULL when there is none. */
void *locked_new(size_t size);
void locked_free(void *p);

/* ---- hashes ---------------------------------------------------------------------------------- */

struct sha256 {
    alignas(16) unsigned char state[112];
};
void sha256_init(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *bytes, size_t len);
void sha256_str(struct sha256 *s, struct str text);
void sha256_done(struct sha256 *s, struct hash *ret_hash);
void crypt_sha256(const void *bytes, size_t len, struct hash *ret_hash);

/* Keyed BLAKE2b of 16 to 64 bytes, given in parts. */
struct mac {
    alignas(64) unsigned char state[384];
    size_t len;
};
void mac_init(struct mac *m, const uint8_t key[KEY_BYTES], size_t out_len);
void mac_add(struct mac *m, const void *bytes, size_t len);
void mac_str(struct mac *m, struct str text);
void mac_be64(struct mac *m, uint64_t value);
void mac_done(struct mac *m, uint8_t *ret_bytes);

/* sub(K, label, ctx) = BLAKE2b-256(K, "huiyin-kdf/v1" || label || 0x00 || ctx). */
void crypt_sub(const uint8_t key[KEY_BYTES], struct str label, struct str ctx,
               struct key32 *ret_key);

/* ---- sealing --------------------------------------------------------------------------------- */

/* ret_ct takes len + AEAD_TAG_BYTES. */
void crypt_aead_seal(const uint8_t key[KEY_BYTES], const uint8_t nonce[AEAD_NONCE_BYTES],
                     struct str aad, struct str plain, uint8_t *ret_ct);
/* ret_plain takes ct.len - AEAD_TAG_BYTES; false, with nothing written, when it is not genuine. */
bool crypt_aead_open(const uint8_t key[KEY_BYTES], const uint8_t nonce[AEAD_NONCE_BYTES],
                     struct str aad, struct str ct, uint8_t *ret_plain);

/* A fresh X25519 pair. */
void crypt_box_pair(uint8_t ret_pub[KEY_BYTES], struct key32 *ret_secret);
/* The public half of an X25519 secret. */
void crypt_box_public(const struct key32 *secret, uint8_t ret_pub[KEY_BYTES]);
/* ret_box takes plain.len + BOX_OVERHEAD_BYTES. */
enum err crypt_box_seal(const uint8_t pub[KEY_BYTES], struct str plain, uint8_t *ret_box);
/* ret_plain takes box.len - BOX_OVERHEAD_BYTES. */
bool crypt_box_open(const uint8_t pub[KEY_BYTES], const struct key32 *secret, struct str box,
                    uint8_t *ret_plain);

/* ---- signing --------------------------------------------------------------------------------- */

void crypt_sign_public(const uint8_t seed[KEY_BYTES], uint8_t ret_pub[KEY_BYTES]);
void crypt_sign(const uint8_t seed[KEY_BYTES], struct str message, uint8_t ret_sig[SIG_BYTES]);
bool crypt_verify(const uint8_t pub[KEY_BYTES], struct str message, const uint8_t sig[SIG_BYTES]);

/* ---- passwords ------------------------------------------------------------------------------- */

/* argon2id13, one lane. ERR_NOMEM when `mem_bytes` cannot be had. */
enum err crypt_stretch(struct str password, const uint8_t salt[STRETCH_SALT_BYTES], uint64_t ops,
                       size_t mem_bytes, uint8_t *ret_bytes, size_t len);
/* The self-describing "$argon2id$..." text for a stored password, NUL-terminated. */
enum { PASSHASH_BYTES = 128 };
enum err crypt_passhash(struct str password, uint64_t ops, size_t mem_bytes,
                        char ret_text[PASSHASH_BYTES]);
/* False for a wrong password, a text that is none, or no memory. */
bool crypt_passhash_check(const char *text, struct str password);

#endif
