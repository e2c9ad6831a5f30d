/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * keys: the files under secret/ and the keys of dossiers in keys.db (trust.md sections 3 and 7).
 *
 *   secret/          0700
 *     k_log          32 bytes, Ed25519 seed        the keeper's
 *     k_receipt      32 bytes, pepper of codes     the keeper's
 *     k_notify       32 bytes, X25519 secret       the mailer's
 *     k_notify.pub   32 bytes                      the keeper's
 *     k_id           32 bytes
 *     k_pad          32 bytes
 *     kek            1 or more of be32 epoch || 32 bytes, ascending; the last one wraps
 * each 0600 and owned by who runs the program; anything else is refused with a sentence. Losing
 * k_receipt voids every code, losing kek every sealed matter: docs/OPERATING.md says how to keep
 * them.
 *
 *   keys.db  matter_key(matter_id, kind, kek_epoch, nonce, wrapped48, made_day)
 *     wrapped = XChaCha20-Poly1305(KEK, nonce, "huiyin-key/v1" || be64(id) || kind || be32(epoch),
 * key)
 *
 * keyring_keys gives what spine/keys.h asks for. The writer commits keys.db before the main
 * database (keyring_flush). Every function is thread-safe.
 */
#ifndef HUIYIN_TRUST_KEYS_H
#define HUIYIN_TRUST_KEYS_H

#include "base/str.h"
#include "lib/crypt/crypt.h"
#include "spine/keys.h"

struct db;
struct keyring;

/* Makes secret/ and every file in it. ERR_CONFLICT "trust.secret.exists" when there is one. */
enum err secrets_make(const char *data_dir, struct err_info *info);
/* Reads one file of secret/ into locked memory. ERR_REFUSED "trust.secret.mode" (name, mode),
 * ERR_NOT_FOUND "trust.secret.missing" (name), ERR_CORRUPT "trust.secret.size" (name). */
enum err secret_read(const char *data_dir, const char *name, size_t len, struct secret **ret_secret,
                     struct err_info *info);

enum err keyring_open(const char *data_dir, struct keyring **ret_ring, struct err_info *info);
/* NULL is allowed. */
void keyring_close(struct keyring *r);
const struct keys *keyring_keys(struct keyring *r);
/* Commits new keys; before the COMMIT of the main database. */
enum err keyring_flush(struct keyring *r, struct err_info *info);
/* Ends it without: no matter of this batch is kept. */
void keyring_drop(struct keyring *r);
/* An fsync of keys.db failed: the process must end. */
bool keyring_is_lost(struct keyring *r);
/* The key that wraps now: for second factors and other small secrets of officers. */
const uint8_t *keyring_kek(const struct keyring *r);
/* At start: deletes keys of dossiers that `main_db` does not have and that are older than a day.
 * Nothing is deleted when the main database looks restored (`read_only`). */
enum err keyring_reconcile(struct keyring *r, struct db *main_db, int32_t today, bool read_only,
                           int64_t *ret_deleted);

#endif
