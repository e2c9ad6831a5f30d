/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * csrf: the hidden field that only a page of ours can hold (trust.md section 10).
 *
 *   key   = sub(session token, "csrf", "")
 *   token = hex(exp8 || MAC16), MAC16 = BLAKE2b-128(key, method || 0x00 || route || 0x00 || exp8)
 *
 * `exp8` is the second it ends, big-endian, six hours after it was made; `route` is the path
 * template of the row it may be sent to. Nothing is stored. Pure; time comes in.
 */
#ifndef HUIYIN_HTTP_CSRF_H
#define HUIYIN_HTTP_CSRF_H

#include "base/str.h"
#include "http/route.h"
#include "lib/crypt/crypt.h"

enum { CSRF_TOKEN_BYTES = 24, CSRF_TEXT_BYTES = 48, CSRF_KEY_BYTES = 32 };

#define CSRF_LIFE_US (INT64_C(6) * 3600 * 1000000)

enum csrf_verdict {
    CSRF_REFUSED = 0, /* not ours, or for another form or session */
    CSRF_STALE,       /* ours, but past its time */
    CSRF_GOOD
};

/* The key of all forms of one session, for csrf_make. */
void csrf_key(const unsigned char session[CSRF_KEY_BYTES], struct key32 *ret_key);

/* Writes 48 hex digits and a NUL. */
void csrf_make(const struct key32 *key, enum method method, const char *route, int64_t now_us,
               char ret_text[CSRF_TEXT_BYTES + 1]);

/* *ret_age_us (may be NULL): since it was made, for all but CSRF_REFUSED. */
enum csrf_verdict csrf_check(const unsigned char session[CSRF_KEY_BYTES], enum method method,
                             const char *route, int64_t now_us, struct str text,
                             int64_t *ret_age_us);

#endif
