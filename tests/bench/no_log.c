/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * huiyin-bench-no-log: the measured server, of the same objects, without its log.
 *
 * What the log costs can only be seen against a server that has none. --wrap puts these stand-ins
 * before the functions that make leaves and commitments, so that the real program has no switch for
 * it. Left out of each event: its salts, the commitments to payload and text, the entry and the
 * hashes in the tree with their rows, and with the tree's edge that never moves the row of
 * log_state, roots, consistency proofs, signatures, the signer's writes and the checkpoints. Left
 * out of what is stored: the two hashes in the text, bsalt, the dossier's tail and mlk. What stays
 * is the history itself: one row an event under a number of its own, with its text, its payload and
 * their checks. A folder written by this is fit for nothing but raising more.
 */
#include "base/instant.h"
#include "base/rng.h"
#include "spine/dossier.sql.h"
#include "spine/event.h"
#include "spine/event.sql.h"
#include "spine/log.h"
#include "tests/bench/child.h"

#include <stdio.h>
#include <string.h>

enum { SALT_BYTES = 32 };

enum err __real_rng_few(void *ret_bytes, size_t len);
enum err __real_event_format(const struct event_text *e, struct buf *ret_text,
                             struct err_info *info);
enum err __real_event_insert(struct db *db, const struct event_insert_in *in);
enum err __real_dossier_insert(struct db *db, const struct dossier_insert_in *in);

enum err __wrap_rng_few(void *ret_bytes, size_t len);
void __wrap_event_body(const uint8_t bsalt[SALT_BYTES], struct str payload, struct hash *ret_body);
void __wrap_event_salt(const uint8_t mlk[KEY_BYTES], int64_t seq, uint8_t ret_salt[SALT_BYTES]);
void __wrap_event_commit(const uint8_t salt[SALT_BYTES], struct str text, struct hash *ret_commit);
enum err __wrap_event_format(const struct event_text *e, struct buf *ret_text,
                             struct err_info *info);
enum err __wrap_event_insert(struct db *db, const struct event_insert_in *in);
enum err __wrap_dossier_insert(struct db *db, const struct dossier_insert_in *in);
enum err __wrap_log_append(struct log *log, const uint8_t entry[EVENT_ENTRY_BYTES],
                           int64_t *ret_index, struct hash *ret_leaf);

/* In a raise of an open kind salts and the key they come from are all that is drawn at this size.
 */
enum err __wrap_rng_few(void *ret_bytes, size_t len)
{
    if (len != SALT_BYTES)
        return __real_rng_few(ret_bytes, len);
    memset(ret_bytes, 0, len);
    return ERR_OK;
}

void __wrap_event_body(const uint8_t bsalt[SALT_BYTES], struct str payload, struct hash *ret_body)
{
    (void)bsalt;
    (void)payload;
    *ret_body = (struct hash){{0}};
}

void __wrap_event_salt(const uint8_t mlk[KEY_BYTES], int64_t seq, uint8_t ret_salt[SALT_BYTES])
{
    (void)mlk;
    (void)seq;
    memset(ret_salt, 0, SALT_BYTES);
}

void __wrap_event_commit(const uint8_t salt[SALT_BYTES], struct str text, struct hash *ret_commit)
{
    (void)salt;
    (void)text;
    *ret_commit = (struct hash){{0}};
}

/* Only a first event may do without `prev`. */
enum err __wrap_event_format(const struct event_text *e, struct buf *ret_text,
                             struct err_info *info)
{
    struct event_text bare = *e;
    bare.seq = 1;
    bare.has_prev = false;
    bare.has_body = false;
    return __real_event_format(&bare, ret_text, info);
}

enum err __wrap_event_insert(struct db *db, const struct event_insert_in *in)
{
    struct event_insert_in bare = *in;
    bare.bsalt = STR("");
    return __real_event_insert(db, &bare);
}

enum err __wrap_dossier_insert(struct db *db, const struct dossier_insert_in *in)
{
    struct dossier_insert_in bare = *in;
    bare.tail = STR("");
    bare.mlk = STR("");
    return __real_dossier_insert(db, &bare);
}

enum err __wrap_log_append(struct log *log, const uint8_t entry[EVENT_ENTRY_BYTES],
                           int64_t *ret_index, struct hash *ret_leaf)
{
    static int64_t next; /* one writer; behind all that an earlier process wrote */
    if (next == 0)
        next = instant_now();
    (void)log;
    (void)entry;
    *ret_index = next++;
    *ret_leaf = (struct hash){{0}};
    return ERR_OK;
}

int main(int argc, char **argv)
{
    if (argc > 2 && strcmp(argv[1], "--child") == 0)
        return child_main(argv[2], NULL);
    (void)fputs("huiyin-bench-no-log: started by huiyin-bench only\n", stderr);
    return 2;
}
