/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * auth: who stands at an officer's door, as a struct of functions that main fills.
 *
 * The server knows cookies and headers; it does not know officers, posts or dossiers. It hashes
 * the token it was given and asks here. All functions may run on any HTTP thread (with that
 * thread's read-only connection) and inside the writer (with the transaction's). A function that
 * finds nobody answers ERR_NOT_FOUND; the visitor never learns why.
 */
#ifndef HUIYIN_HTTP_AUTH_H
#define HUIYIN_HTTP_AUTH_H

#include "base/err.h"
#include "base/ids.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct db;
struct tx;

enum { AUTH_HASH_BYTES = 32 };

/* An officer who is signed in, or whose token came. Strings in the arena of the request. */
struct who {
    struct officer_id officer; /* 0: nobody */
    struct str name;
    struct str lang;   /* the language of the account, "" for none */
    uint32_t verbs;    /* what any post held today may do */
    uint32_t posts;    /* bits 1 << enum post */
    int64_t signed_us; /* password and second factor were given */
    int64_t seen_us;   /* last use that was written down */
    bool by_token;     /* through the API */
    struct token_id token;
};

struct auth {
    void *env;
    /* A live session (idle and total time not passed, officer active). */
    enum err (*session)(void *env, struct db *db, struct arena *a,
                        const unsigned char hash[AUTH_HASH_BYTES], int64_t now_us,
                        struct who *ret_who);
    /* A live API token. */
    enum err (*token)(void *env, struct db *db, struct arena *a,
                      const unsigned char hash[AUTH_HASH_BYTES], int64_t now_us,
                      struct who *ret_who);
    /* Writes down that the session is in use; called at most every five minutes a session. */
    enum err (*seen)(void *env, struct tx *tx, const unsigned char hash[AUTH_HASH_BYTES],
                     int64_t now_us);
    /* The dossier behind a public reference, when this officer may do all of `verbs` with it.
     * ERR_NOT_FOUND for a bad, absent or barred one alike. */
    enum err (*can)(void *env, struct db *db, struct officer_id officer, struct str ref,
                    uint32_t verbs, int64_t now_us, struct dossier_id *ret_dossier);
};

#endif
