/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/check.h"

#include "base/mem.h"
#include "lib/crypt/crypt.h"

#include <string.h>

static void check_hex(const void *bytes, size_t len, const char *hex)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 4096);
    buf_hex(&b, bytes, len);
    assert_int_equal(buf_err(&b), ERR_OK);
    check_str(buf_view(&b), hex);
}

static void test_sha256_of_the_standard_and_in_parts(void **state)
{
    (void)state;
    struct hash h;
    crypt_sha256("abc", 3, &h);
    check_hex(h.b, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    struct sha256 s;
    sha256_init(&s);
    sha256_add(&s, "a", 1);
    sha256_add(&s, NULL, 0);
    sha256_str(&s, STR("bc"));
    sha256_done(&s, &h);
    check_hex(h.b, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

/* The salt of the design: MLK 03*32, seq 1. */
static void test_keyed_blake2b_gives_the_salt_of_the_design(void **state)
{
    (void)state;
    uint8_t key[KEY_BYTES];
    uint8_t out[32];
    memset(key, 3, sizeof key);
    struct mac m;
    mac_init(&m, key, sizeof out);
    mac_str(&m, STR("huiyin-salt/v1"));
    mac_be64(&m, 1);
    mac_done(&m, out);
    check_hex(out, 32, "817631cb48692835efb4948f15172b243cb72cc9fc2d081fb750660ac3259986");
}

static void test_a_derived_key_depends_on_key_label_and_context(void **state)
{
    (void)state;
    uint8_t key[KEY_BYTES] = {1};
    uint8_t other[KEY_BYTES] = {2};
    struct key32 a;
    struct key32 b;
    crypt_sub(key, STR("event"), STR_NULL, &a);
    crypt_sub(key, STR("event"), STR(""), &b);
    assert_memory_equal(a.b, b.b, 32);
    crypt_sub(other, STR("event"), STR_NULL, &b);
    assert_memory_not_equal(a.b, b.b, 32);
    crypt_sub(key, STR("even"), STR("t"), &b);
    assert_memory_not_equal(a.b, b.b, 32);
    /* label || 0x00 || ctx: the same bytes, spelled by hand */
    struct mac m;
    uint8_t out[32];
    mac_init(&m, key, 32);
    mac_add(&m, "huiyin-kdf/v1event\0", 19);
    mac_done(&m, out);
    assert_memory_equal(a.b, out, 32);
    key32_wipe(&a);
    uint8_t zero[32] = {0};
    assert_memory_equal(a.b, zero, 32);
}

static void test_aead_opens_only_what_it_sealed(void **state)
{
    (void)state;
    uint8_t key[KEY_BYTES] = {7};
    uint8_t nonce[AEAD_NONCE_BYTES] = {9};
    uint8_t ct[5 + AEAD_TAG_BYTES];
    uint8_t plain[5];
    crypt_aead_seal(key, nonce, STR("place"), STR("hello"), ct);
    struct str blob = str_make(ct, sizeof ct);
    assert_true(crypt_aead_open(key, nonce, STR("place"), blob, plain));
    assert_memory_equal(plain, "hello", 5);
    assert_false(crypt_aead_open(key, nonce, STR("other"), blob, plain));
    for (size_t i = 0; i < sizeof ct; i++) {
        ct[i] ^= 1;
        assert_false(crypt_aead_open(key, nonce, STR("place"), blob, plain));
        ct[i] ^= 1;
    }
    assert_false(crypt_aead_open(key, nonce, STR("place"), str_make(ct, 3), plain));
}

static void test_a_box_opens_with_its_secret_only(void **state)
{
    (void)state;
    uint8_t pub[KEY_BYTES];
    uint8_t other_pub[KEY_BYTES];
    uint8_t again[KEY_BYTES];
    struct key32 secret;
    struct key32 other;
    crypt_box_pair(pub, &secret);
    crypt_box_pair(other_pub, &other);
    crypt_box_public(&secret, again);
    assert_memory_equal(pub, again, KEY_BYTES);
    uint8_t box[4 + BOX_OVERHEAD_BYTES];
    uint8_t plain[4];
    assert_int_equal(crypt_box_seal(pub, STR("name"), box), ERR_OK);
    struct str b = str_make(box, sizeof box);
    assert_true(crypt_box_open(pub, &secret, b, plain));
    assert_memory_equal(plain, "name", 4);
    assert_false(crypt_box_open(other_pub, &other, b, plain));
}

/* RFC 8032 section 7.1, test 2. */
static void test_ed25519_of_the_standard(void **state)
{
    (void)state;
    uint8_t seed[KEY_BYTES];
    uint8_t pub[KEY_BYTES];
    uint8_t sig[SIG_BYTES];
    assert_true(str_from_hex(
        STR("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"), seed, 32));
    crypt_sign_public(seed, pub);
    check_hex(pub, 32, "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    crypt_sign(seed, STR("r"), sig);
    check_hex(sig, 64,
              "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
              "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
    assert_true(crypt_verify(pub, STR("r"), sig));
    assert_false(crypt_verify(pub, STR("s"), sig));
    sig[0] ^= 1;
    assert_false(crypt_verify(pub, STR("r"), sig));
}

static void test_passwords_are_checked_against_their_text(void **state)
{
    (void)state;
    char text[PASSHASH_BYTES];
    assert_int_equal(crypt_passhash(STR("correct horse"), 1, 8192 * 16, text), ERR_OK);
    assert_true(crypt_passhash_check(text, STR("correct horse")));
    assert_false(crypt_passhash_check(text, STR("correct horsf")));
    assert_false(crypt_passhash_check("", STR("")));
    assert_false(crypt_passhash_check("$argon2id$broken", STR("")));
    uint8_t salt[STRETCH_SALT_BYTES] = {1};
    uint8_t a[32];
    uint8_t b[32];
    assert_int_equal(crypt_stretch(STR("x"), salt, 1, 8192 * 16, a, 32), ERR_OK);
    salt[0] = 2;
    assert_int_equal(crypt_stretch(STR("x"), salt, 1, 8192 * 16, b, 32), ERR_OK);
    assert_memory_not_equal(a, b, 32);
}

static void test_secrets_hold_what_they_were_given(void **state)
{
    (void)state;
    CLEANUP(secret_free_ptr) struct secret *s = secret_new("0123456789", 10);
    CLEANUP(secret_free_ptr) struct secret *r = secret_random(32);
    CLEANUP(secret_free_ptr) struct secret *q = secret_random(32);
    assert_non_null(s);
    assert_non_null(r);
    assert_non_null(q);
    assert_int_equal(secret_len(s), 10);
    assert_memory_equal(secret_bytes(s), "0123456789", 10);
    assert_false(crypt_equal(secret_bytes(r), secret_bytes(q), 32));
    assert_null(secret_new("", 0));
    assert_null(secret_random(100000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sha256_of_the_standard_and_in_parts),
        cmocka_unit_test(test_keyed_blake2b_gives_the_salt_of_the_design),
        cmocka_unit_test(test_a_derived_key_depends_on_key_label_and_context),
        cmocka_unit_test(test_aead_opens_only_what_it_sealed),
        cmocka_unit_test(test_a_box_opens_with_its_secret_only),
        cmocka_unit_test(test_ed25519_of_the_standard),
        cmocka_unit_test(test_passwords_are_checked_against_their_text),
        cmocka_unit_test(test_secrets_hold_what_they_were_given),
    };
    if (crypt_init() != ERR_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
