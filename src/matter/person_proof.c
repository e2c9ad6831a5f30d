/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What a person takes home: the receipt, the history, and a line for those who keep no file. */
#include "base/mem.h"
#include "http/session.h"
#include "matter/desk.h"
#include "matter/person_mine.h"
#include "spine/keys.h"
#include "spine/log.h"
#include "spine/receipt.h"

#include <string.h>

enum { SIGN_WAIT_MS = 1000, FIRST_SEQ = 1 };

/* What the history shows by name; the rest stands in it as closed. */
static bool is_shown(struct str type)
{
    enum matter_event_type t = EV_NONE;
    return matter_event_of_name(type, &t) && matter_event_is_shown(t);
}

/* The matter's own log key, and whether its events are sealed under it. */
static enum err key_of(struct request *req, struct dossier_id id, struct key32 *ret_mlk,
                       bool *ret_is_sealed)
{
    struct dossier d;
    const struct house *h = desk_house(req);
    TRY(dossier_load(req->db, req->arena, id, &d));
    *ret_is_sealed = d.content == CONTENT_SEALED;
    memcpy(ret_mlk->b, d.mlk, sizeof ret_mlk->b);
    return *ret_is_sealed ? h->keys->find(h->keys->ctx, id, KEY_MLK, ret_mlk) : ERR_OK;
}

/* What has just happened is signed a moment later. */
static enum err wait_signed(struct request *req, struct dossier_id id, bool is_whole)
{
    const struct house *h = desk_house(req);
    struct matter_story story;
    struct log_head head;
    TRY(matter_story_load(req->db, req->arena, h, id, false, &story));
    if (story.count > 0)
        (void)log_wait(h->log, (uint64_t)story.raw[is_whole ? story.count - 1 : 0].leaf + 1,
                       SIGN_WAIT_MS, &head);
    return ERR_OK;
}

static enum err proof_make(struct request *req, bool is_whole, struct buf *ret_file)
{
    struct dossier_id id = req->person->dossier;
    struct key32 mlk;
    bool is_sealed = false;
    TRY(wait_signed(req, id, is_whole));
    TRY(key_of(req, id, &mlk, &is_sealed));
    const struct receipt_ask ask = {.house = desk_house(req),
                                    .dossier = id,
                                    .mlk = &mlk,
                                    .is_sealed = is_sealed,
                                    .seq = FIRST_SEQ,
                                    .is_shown = is_shown};
    enum err e = is_whole ? history_make(req->db, req->arena, &ask, ret_file, &req->err)
                          : receipt_make(req->db, req->arena, &ask, ret_file, &req->err);
    crypt_wipe(&mlk, sizeof mlk);
    return e == ERR_BUSY ? err_set(&req->err, ERR_BUSY, "person.mine.proof_later", NULL) : e;
}

enum err person_proof_reply(struct request *req, bool is_whole)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, RECEIPT_BYTES_MAX);
    TRY(proof_make(req, is_whole, &b));
    struct str bytes = str_copy(req->arena, buf_view(&b));
    struct str ref = desk_ref(req, req->person->dossier);
    const char *name = arena_printf(
        req->arena, is_whole ? "huiyin-" STR_FMT ".txt" : "huiyin-" STR_FMT ".tlog-proof",
        STR_ARG(ref));
    if (bytes.ptr == NULL || name == NULL)
        return ERR_NOMEM;
    return reply_file(req, "text/plain; charset=utf-8", str_of(name), bytes);
}

enum err person_proof_line(struct request *req, const struct matter_story *s, struct str *ret_line)
{
    struct key32 mlk;
    bool is_sealed = false;
    struct hash commit;
    struct hash leaf;
    uint8_t salt[32];
    uint8_t entry[EVENT_ENTRY_BYTES];
    *ret_line = STR("");
    if (s->count == 0 || s->raw[0].seq != FIRST_SEQ)
        return ERR_OK;
    TRY(key_of(req, req->person->dossier, &mlk, &is_sealed));
    event_salt(mlk.b, FIRST_SEQ, salt);
    crypt_wipe(&mlk, sizeof mlk);
    event_commit(salt, s->raw[0].text, &commit);
    event_entry(&commit, entry);
    proof_leaf(entry, sizeof entry, &leaf);
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 100);
    receipt_paper_line((uint64_t)s->raw[0].leaf, &leaf, &b);
    *ret_line = str_copy(req->arena, buf_view(&b));
    return ret_line->ptr == NULL ? ERR_NOMEM : ERR_OK;
}
