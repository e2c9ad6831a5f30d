/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * account: is it really this officer? Passwords, second factors, recovery codes. Private to
 * src/people.
 *
 * account_try is slow on purpose and runs in the slow pool; what it found is written by
 * account_enter in the writer, where a second factor that was used meanwhile is noticed.
 */
#ifndef HUIYIN_PEOPLE_ACCOUNT_H
#define HUIYIN_PEOPLE_ACCOUNT_H

#include "people/people.h"

struct db;

enum { DEVICE_BYTES = 16, DEVICE_TEXT_BYTES = 65, LOGIN_MIN = 2, LOGIN_MAX = 40 };

struct attempt {
    struct str login;
    struct str password;
    struct str second; /* six digits, or a recovery code */
    struct str device; /* the device cookie, "" for none */
};

struct passed {
    struct officer_id officer;
    struct str passhash; /* that the password was tried against */
    int64_t step;        /* of the second factor; -1 when it was a recovery code */
    struct str recovery_before;
    struct str recovery_after;
};

/* ERR_REFUSED "people.sign_in.wrong" whatever was wrong, also when it was tried too often. */
enum err account_try(const struct house *h, struct db *db, struct arena *a, const struct attempt *t,
                     int64_t now_us, struct err_info *info, struct passed *ret_passed);

/* In the writer: the second factor is used up. ERR_REFUSED when it was meanwhile, or when the
 * password has become another or was taken away since it was tried. */
enum err account_enter(struct tx *tx, const struct passed *p);

/* Seeds under the KEK: nonce || XChaCha20-Poly1305(sub(KEK, "totp"), aad = be64 officer). */
enum { SEALED_SEED_BYTES = 24 + TOTP_SEED_BYTES + 16 };
enum err account_seal_seed(const struct house *h, struct officer_id officer,
                           const unsigned char seed[TOTP_SEED_BYTES],
                           unsigned char ret_sealed[SEALED_SEED_BYTES]);
bool account_open_seed(const struct house *h, struct officer_id officer, struct str sealed,
                       unsigned char ret_seed[TOTP_SEED_BYTES]);

/* Ten fresh recovery codes, and the hashes that are stored, one a line. */
enum err account_recovery_make(const struct house *h, struct officer_id officer, struct arena *a,
                               char ret_codes[PEOPLE_RECOVERY_CODES][PEOPLE_RECOVERY_BYTES],
                               struct str *ret_hashes);

/* The seed that belongs to a one-time link: the page can be opened again before it is used. */
void account_invite_seed(const struct house *h, struct str invite,
                         unsigned char ret_seed[TOTP_SEED_BYTES]);

/* A device cookie for this login; NUL-terminated hex. */
enum err account_device_make(const struct house *h, struct str login,
                             char ret_text[DEVICE_TEXT_BYTES]);

/* a-z, 0-9, '.', '_', '-', 2 to 40, beginning with a letter. */
bool account_login_is_valid(struct str login);

#endif
