/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "http/csrf.h"

#include "base/instant.h"
#include "base/mem.h"

enum { EXP_BYTES = 8, MAC_BYTES = 16 };

static void put_be64(uint64_t v, unsigned char out[EXP_BYTES])
{
    for (size_t i = 0; i < EXP_BYTES; i++)
        out[i] = (unsigned char)(v >> (56 - 8 * i));
}

static uint64_t get_be64(const unsigned char in[EXP_BYTES])
{
    uint64_t v = 0;
    for (size_t i = 0; i < EXP_BYTES; i++)
        v = v << 8 | in[i];
    return v;
}

void csrf_key(const unsigned char session[CSRF_KEY_BYTES], struct key32 *ret_key)
{
    crypt_sub(session, STR("csrf"), STR(""), ret_key);
}

/* token[0..8) is filled; writes the rest. */
static void sign(const struct key32 *key, enum method method, const char *route,
                 unsigned char token[CSRF_TOKEN_BYTES])
{
    struct mac m;
    mac_init(&m, key->b, MAC_BYTES);
    mac_str(&m, str_of(route_method_name(method)));
    mac_add(&m, "", 1);
    mac_str(&m, str_of(route));
    mac_add(&m, "", 1);
    mac_add(&m, token, EXP_BYTES);
    mac_done(&m, token + EXP_BYTES);
}

void csrf_make(const struct key32 *key, enum method method, const char *route, int64_t now_us,
               char ret_text[CSRF_TEXT_BYTES + 1])
{
    unsigned char token[CSRF_TOKEN_BYTES];
    put_be64((uint64_t)((now_us + CSRF_LIFE_US) / US_PER_SECOND), token);
    sign(key, method, route, token);
    struct buf b = {.ptr = ret_text, .size = CSRF_TEXT_BYTES, .cap_bytes = CSRF_TEXT_BYTES};
    buf_hex(&b, token, sizeof token);
    ret_text[CSRF_TEXT_BYTES] = '\0';
}

enum csrf_verdict csrf_check(const unsigned char session[CSRF_KEY_BYTES], enum method method,
                             const char *route, int64_t now_us, struct str text,
                             int64_t *ret_age_us)
{
    unsigned char got[CSRF_TOKEN_BYTES];
    unsigned char want[CSRF_TOKEN_BYTES];
    if (!str_from_hex(text, got, sizeof got))
        return CSRF_REFUSED;
    CLEANUP(key32_wipe) struct key32 key;
    csrf_key(session, &key);
    memcpy(want, got, EXP_BYTES);
    sign(&key, method, route, want);
    if (!crypt_equal(got, want, sizeof got))
        return CSRF_REFUSED;
    int64_t exp_us = (int64_t)(get_be64(got) & UINT32_MAX) * US_PER_SECOND;
    if (ret_age_us != NULL)
        *ret_age_us = now_us - (exp_us - CSRF_LIFE_US);
    return now_us > exp_us ? CSRF_STALE : CSRF_GOOD;
}
