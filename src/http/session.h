/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * session: what a person's browser and an officer's browser carry (trust.md section 10).
 *
 * A person's session is one row, sealed under a key that is only in the cookie: the database alone
 * tells neither the matter nor a half-filled form. Twenty minutes idle, two hours in all; any
 * process can serve it and a restart loses nothing. Before there is a row the same cookie is a bare
 * random value, whose only use is the key of the csrf field.
 *
 * An officer's session is a row of people/ with the hash of the token; here only its cookie is set
 * and cleared, and the token made.
 *
 * Cookie names by listener: `__Host-hyo`, `__Host-hyp` behind TLS; `hyo`, `hyp` without Secure on
 * loopback and onion.
 */
#ifndef HUIYIN_HTTP_SESSION_H
#define HUIYIN_HTTP_SESSION_H

#include "base/err.h"
#include "base/ids.h"
#include "base/str.h"
#include "http/request.h"

struct tx;

#define SESSION_PERSON_IDLE_US (INT64_C(20) * 60 * 1000000)
#define SESSION_PERSON_TOTAL_US (INT64_C(2) * 3600 * 1000000)

enum { SESSION_TOKEN_BYTES = 32, SESSION_DRAFT_BYTES_MAX = 256 * 1024 };

struct person_session {
    struct dossier_id dossier; /* the matter behind the code; 0 while only a form is filled in */
    struct str draft;          /* the half-filled form, as the room wrote it */
    int64_t made_us;
    int64_t seen_us;
};

/* Writes the session of this browser anew, sealed. In act only. With `fresh` (after a code was
 * right, after a matter was sent) the browser gets a new token and the old row goes, so that a
 * cookie planted before is worth nothing. */
enum err session_person_save(struct tx *tx, struct request *req, const struct person_session *s,
                             bool fresh);

/* Deletes the row and the cookie. In act only. */
enum err session_person_drop(struct tx *tx, struct request *req);

/* Deletes rows past their time, at most 500. */
enum err session_person_sweep(struct tx *tx, int64_t now_us);

/* A new officer token: gives its hash for the row, sets the cookie. In act only. */
enum err session_officer_new(struct request *req, unsigned char ret_hash[AUTH_HASH_BYTES]);

/* The hash of the officer token this browser sent; ERR_NOT_FOUND when it sent none. */
enum err session_officer_hash(const struct request *req, unsigned char ret_hash[AUTH_HASH_BYTES]);

/* Clears the officer's cookie; the row is the caller's to delete. */
void session_officer_clear(struct request *req);

/* The device cookie of an officer's browser (`hyd`, a year): proof that a password was once right
 * here, so that strangers who try passwords cannot lock this browser out. STR_NULL when none. */
struct str session_device_get(const struct request *req);
enum err session_device_set(struct request *req, struct str value);

#endif
