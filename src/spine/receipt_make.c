/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "spine/receipt.h"

#include "base/mem.h"
#include "db/db.h"
#include "spine/house.h"
#include "spine/keys.h"
#include "spine/log.h"
#include "spine/receipt.sql.h"

#include <string.h>

enum { NOTE_BYTES = NOTE_BYTES_MAX };

static enum err not_signed(struct err_info *info)
{
    return err_set(info, ERR_BUSY, "log.not_signed", "the newest head does not cover the event");
}

static enum err head_stored(struct db *db, struct arena *a, int64_t size, struct log_head *ret_head)
{
    struct receipt_checkpoint_row row;
    TRY(receipt_checkpoint(db, a, size, &row));
    if (row.root.len != HASH_BYTES || row.sig.len != SIG_BYTES)
        return ERR_CORRUPT;
    ret_head->size = (uint64_t)row.size;
    memcpy(ret_head->root.b, row.root.ptr, HASH_BYTES);
    memcpy(ret_head->sig, row.sig.ptr, SIG_BYTES);
    return ERR_OK;
}

/* The newest head whose rows this connection's snapshot has: the one in memory may be younger. */
static enum err head_seen(struct db *db, struct arena *a, const struct house *house,
                          struct log_head *ret_head)
{
    struct receipt_size_row size;
    TRY(receipt_size(db, a, &size));
    if (log_newest_upto(house->log, (uint64_t)size.size, ret_head) == ERR_OK)
        return ERR_OK;
    return head_stored(db, a, size.size, ret_head);
}

/* The newest one that a witness has cosigned, else the newest: who asks again later gets more. */
static enum err head_for(struct db *db, struct arena *a, const struct house *house, int64_t leaf,
                         struct log_head *ret_head)
{
    struct receipt_cosigned_row row;
    enum err err = receipt_cosigned(db, a, leaf, &row);
    if (err == ERR_NOT_FOUND)
        return head_seen(db, a, house, ret_head);
    return err == ERR_OK ? head_stored(db, a, row.size, ret_head) : err;
}

/* The checkpoint with every cosignature of its size. */
static enum err note_of(struct db *db, struct arena *a, const struct house *house,
                        const struct log_head *head, struct buf *ret_note)
{
    struct note_key key;
    note_key_init(&key, house->origin, NOTE_ED25519, log_public_key(house->log));
    note_checkpoint(&key, head, ret_note);
    struct receipt_cosigs_row *rows = NULL;
    size_t count = 0;
    TRY(receipt_cosigs(db, a, (int64_t)head->size, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        buf_str(ret_note, rows[i].line);
        buf_char(ret_note, '\n');
    }
    return buf_err(ret_note);
}

/* The tlog-proof of the leaf at `index`; with the event itself when `e` is given. */
static enum err put_proof(struct db *db, struct arena *a, const struct receipt_ask *ask,
                          const struct event *e, bool is_shown, struct buf *ret_file,
                          struct err_info *info)
{
    struct log_head head;
    enum err err = head_for(db, a, ask->house, e->leaf, &head);
    if (err == ERR_NOT_FOUND || (err == ERR_OK && (uint64_t)e->leaf >= head.size))
        return not_signed(info);
    TRY(err);
    struct receipt *r = ARENA_NEW(a, struct receipt);
    if (r == NULL)
        return ERR_NOMEM;
    CLEANUP(buf_done) struct buf note;
    buf_init(&note, NOTE_BYTES);
    TRY(note_of(db, a, ask->house, &head, &note));
    r->has_event = is_shown;
    r->index = (uint64_t)e->leaf;
    r->note = buf_view(&note);
    r->extra[0] = 1;
    event_salt(ask->mlk->b, e->seq, r->extra + 1);
    memcpy(r->extra + 33, e->text.ptr, e->text.len);
    r->extra_len = 33 + e->text.len;
    TRY(log_inclusion(db, r->index, head.size, &r->path));
    receipt_format(r, ret_file);
    return buf_err(ret_file);
}

static enum err load(struct db *db, struct arena *a, const struct receipt_ask *ask, int64_t after,
                     int64_t max, struct event **ret_events, size_t *ret_count)
{
    struct event_ask want = {.dossier = ask->dossier,
                             .mlk = ask->is_sealed ? ask->mlk : NULL,
                             .after = after,
                             .max = max};
    ref_id16(ask->house->keys->k_id, ask->dossier, &want.id16);
    TRY(event_load(db, a, &want, ret_events, ret_count));
    for (size_t i = 0; i < *ret_count; i++)
        if ((*ret_events)[i].shredded)
            return ERR_NOT_FOUND;
    return *ret_count == 0 ? ERR_NOT_FOUND : ERR_OK;
}

enum err receipt_make(struct db *db, struct arena *a, const struct receipt_ask *ask,
                      struct buf *ret_file, struct err_info *info)
{
    struct event *e = NULL;
    size_t count = 0;
    TRY(load(db, a, ask, ask->seq - 1, 1, &e, &count));
    if (e->seq != ask->seq)
        return ERR_NOT_FOUND;
    return put_proof(db, a, ask, e, true, ret_file, info);
}

static void put_event(const struct receipt_ask *ask, const struct event *e, struct buf *b)
{
    uint8_t salt[32];
    struct hash commit;
    uint8_t entry[EVENT_ENTRY_BYTES];
    struct hash leaf;
    buf_c(b, "event ");
    buf_i64(b, e->seq);
    buf_char(b, ' ');
    buf_i64(b, e->leaf);
    event_salt(ask->mlk->b, e->seq, salt);
    if (ask->is_shown(e->parsed.type)) {
        buf_c(b, " open ");
        buf_b64(b, salt, sizeof salt);
        buf_char(b, ' ');
        buf_b64(b, e->text.ptr, e->text.len);
    } else {
        event_commit(salt, e->text, &commit);
        event_entry(&commit, entry);
        proof_leaf(entry, sizeof entry, &leaf);
        buf_c(b, " closed ");
        buf_b64(b, leaf.b, sizeof leaf.b);
    }
    buf_char(b, '\n');
}

enum err history_make(struct db *db, struct arena *a, const struct receipt_ask *ask,
                      struct buf *ret_file, struct err_info *info)
{
    struct event *e = NULL;
    size_t count = 0;
    TRY(load(db, a, ask, 0, HISTORY_EVENTS_MAX, &e, &count));
    buf_c(ret_file, "huiyin-history/v1\nlog ");
    buf_str(ret_file, ask->house->origin);
    buf_c(ret_file, "\nmatter ");
    buf_hex(ret_file, e[0].parsed.id16.b, ID16_BYTES);
    buf_char(ret_file, '\n');
    for (size_t i = 0; i < count; i++)
        put_event(ask, &e[i], ret_file);
    buf_char(ret_file, '\n');
    const struct event *last = &e[count - 1];
    return put_proof(db, a, ask, last, ask->is_shown(last->parsed.type), ret_file, info);
}

enum err checkpoint_public(struct db *db, const struct house *house, struct buf *ret_note)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 1 << 20);
    struct log_head head;
    TRY(log_public(db, &head, NULL));
    return note_of(db, &a, house, &head, ret_note);
}
