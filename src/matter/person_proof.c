/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "matter/person_proof.h"

#include "base/mem.h"
#include "spine/dossier.h"
#include "spine/keys.h"
#include "spine/log.h"
#include "spine/note.h"
#include "spine/proof.h"

enum { SIGN_WAIT_MS = 1000 };

/* Events a person sees by name; another room's and internal ones are closed. */
static bool is_open(const struct matter_story *s, size_t i)
{
    return !s->raw[i].shredded && s->events[i].type != EV_NONE &&
           matter_event_is_shown(s->events[i].type);
}

static enum err salts_key(struct db *db, struct arena *a, const struct house *h,
                          struct dossier_id id, struct key32 *ret_key)
{
    struct dossier d;
    TRY(dossier_load(db, a, id, &d));
    if (d.content == CONTENT_SEALED)
        return h->keys->find(h->keys->ctx, id, KEY_MLK, ret_key);
    memcpy(ret_key->b, d.mlk, sizeof ret_key->b);
    return ERR_OK;
}

static void put_b64_line(struct buf *b, const void *bytes, size_t len)
{
    buf_b64(b, bytes, len);
    buf_char(b, '\n');
}

static void put_event(struct buf *b, const struct event *e, const struct key32 *mlk, bool open)
{
    uint8_t salt[32];
    event_salt(mlk->b, e->seq, salt);
    buf_printf(b, "event %lld %lld ", (long long)e->seq, (long long)e->leaf);
    if (open) {
        buf_c(b, "open ");
        buf_b64(b, salt, sizeof salt);
        buf_char(b, ' ');
        put_b64_line(b, e->text.ptr, e->text.len);
        return;
    }
    struct hash commit;
    struct hash leaf;
    uint8_t entry[EVENT_ENTRY_BYTES];
    event_commit(salt, e->text, &commit);
    event_entry(&commit, entry);
    proof_leaf(entry, sizeof entry, &leaf);
    buf_c(b, "closed ");
    put_b64_line(b, leaf.b, sizeof leaf.b);
}

/* The inclusion proof of one event under a signed head. */
static enum err put_proof(struct db *db, const struct house *h, const struct event *e,
                          const struct key32 *mlk, struct buf *b)
{
    struct log_head head;
    struct proof path;
    TRY(log_wait(h->log, (uint64_t)e->leaf + 1, SIGN_WAIT_MS, &head));
    TRY(log_inclusion(db, (uint64_t)e->leaf, head.size, &path));
    CLEANUP(buf_done) struct buf extra;
    buf_init(&extra, EVENT_TEXT_BYTES_MAX + 64);
    uint8_t salt[32];
    event_salt(mlk->b, e->seq, salt);
    buf_char(&extra, '\x01');
    buf_bytes(&extra, salt, sizeof salt);
    buf_str(&extra, e->text);
    TRY(buf_err(&extra));
    buf_c(b, "c2sp.org/tlog-proof@v1\nextra ");
    put_b64_line(b, extra.ptr, extra.len);
    buf_printf(b, "index %lld\n", (long long)e->leaf);
    for (size_t i = 0; i < path.count; i++)
        put_b64_line(b, path.h[i].b, sizeof path.h[i].b);
    buf_char(b, '\n');
    struct note_key key;
    note_key_init(&key, h->origin, NOTE_ED25519, keeper_signer(h->keeper)->public_key);
    note_checkpoint(&key, &head, b);
    return ERR_OK;
}

enum err person_proof(struct db *db, struct arena *a, const struct house *h, struct dossier_id id,
                      const struct matter_story *story, struct buf *b)
{
    size_t last = story->count;
    while (last > 0 && !is_open(story, last - 1))
        last--;
    if (last == 0)
        return ERR_NOT_FOUND;
    struct key32 mlk;
    TRY(salts_key(db, a, h, id, &mlk));
    struct id16 id16;
    ref_id16(h->keys->k_id, id, &id16);
    buf_c(b, "huiyin-history/v1\nlog ");
    buf_str(b, h->origin);
    buf_c(b, "\nmatter ");
    buf_hex(b, id16.b, sizeof id16.b);
    buf_char(b, '\n');
    for (size_t i = 0; i < last; i++)
        put_event(b, &story->raw[i], &mlk, is_open(story, i));
    buf_char(b, '\n');
    enum err e = put_proof(db, h, &story->raw[last - 1], &mlk, b);
    crypt_wipe(&mlk, sizeof mlk);
    return e == ERR_OK ? buf_err(b) : e;
}
