/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sight/public_log.h"

#include "base/mem.h"
#include "http/request.h"
#include "spine/house.h"
#include "spine/log.h"
#include "spine/note.h"
#include "spine/receipt.h"
#include "spine/tile.h"
#include "spine/witness.h"

enum { TEXT_BYTES = NOTE_BYTES_MAX, TILE_BYTES_MAX = 256 * 40 };

/* The bytes in the request's arena, and the answer. */
static enum err answer(struct request *req, const char *type, const struct buf *b)
{
    TRY(buf_err(b));
    struct str bytes = str_copy(req->arena, buf_view(b));
    return bytes.ptr == NULL ? ERR_NOMEM : reply_bytes(req, 200, type, bytes);
}

static void put_vkey(const struct house *h, struct buf *b)
{
    struct note_key key;
    note_key_init(&key, h->origin, NOTE_ED25519, log_public_key(h->log));
    note_key_format(&key, b);
    buf_char(b, '\n');
}

static enum err checkpoint_view(struct request *req)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, TEXT_BYTES);
    TRY(checkpoint_public(req->db, req->house, &b));
    return answer(req, "text/plain; charset=utf-8", &b);
}

static enum err vkey_view(struct request *req)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, TEXT_BYTES);
    put_vkey(req->house, &b);
    return answer(req, "text/plain; charset=utf-8", &b);
}

static enum err policy_view(struct request *req)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, TEXT_BYTES);
    struct witness *rows = NULL;
    size_t count = 0;
    TRY(witness_list(req->db, req->arena, &rows, &count));
    buf_c(&b, "# Add the witnesses you believe, and a quorum of them.\nlog ");
    put_vkey(req->house, &b);
    for (size_t i = 0; i < count; i++)
        buf_printf(&b, "witness " STR_FMT " " STR_FMT "\n", STR_ARG(rows[i].key.name),
                   STR_ARG(rows[i].vkey));
    if (count > 0)
        buf_c(&b, "group witnesses any");
    for (size_t i = 0; i < count; i++)
        buf_printf(&b, " " STR_FMT, STR_ARG(rows[i].key.name));
    buf_c(&b, count > 0 ? "\nquorum witnesses\n" : "quorum none\n");
    return answer(req, "text/plain; charset=utf-8", &b);
}

static enum err tile_view(struct request *req)
{
    struct tile t;
    struct log_head head;
    if (!tile_parse(request_param(req, "tile"), &t))
        return ERR_NOT_FOUND;
    TRY(log_public(req->db, &head, NULL));
    if (!tile_is_within(&t, head.size))
        return ERR_NOT_FOUND;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, TILE_BYTES_MAX);
    TRY(tile_read(req->db, req->arena, &t, &b));
    return answer(req, "application/octet-stream", &b);
}

struct cosignatures {
    struct witness_line *lines;
    size_t count;
};

/* Signatures are checked here, not in the writer. */
static enum err cosignatures_prepare(struct request *req)
{
    struct cosignatures *c = ARENA_NEW(req->arena, struct cosignatures);
    req->model = c;
    return c == NULL ? ERR_NOMEM
                     : witness_check(req->db, req->arena, req->house, req->text, &c->lines,
                                     &c->count, &req->err);
}

static enum err cosignatures_act(struct tx *tx, struct request *req)
{
    const struct cosignatures *c = req->model;
    return witness_keep(tx, c->lines, c->count);
}

/* The checkpoint as it stands now. */
static enum err cosignatures_reply(struct request *req)
{
    if (req->err.err != ERR_OK)
        return req->err.err;
    return checkpoint_view(req);
}

const struct route PUBLIC_LOG_ROUTES[] = {
    {.method = METHOD_POST,
     .path = "/log/cosignatures",
     .door = DOOR_PUBLIC,
     .csrf = CSRF_SIGNED,
     .event = AUDIT_PROOF,
     .budget = BUDGET_API,
     .body_max = NOTE_BYTES_MAX,
     .prepare = cosignatures_prepare,
     .act = cosignatures_act,
     .reply = cosignatures_reply},
    {.method = METHOD_GET,
     .path = "/log/checkpoint",
     .door = DOOR_PUBLIC,
     .csrf = CSRF_NONE,
     .budget = BUDGET_NONE,
     .view = checkpoint_view},
    {.method = METHOD_GET,
     .path = "/log/vkey",
     .door = DOOR_PUBLIC,
     .csrf = CSRF_NONE,
     .budget = BUDGET_NONE,
     .view = vkey_view},
    {.method = METHOD_GET,
     .path = "/log/policy",
     .door = DOOR_PUBLIC,
     .csrf = CSRF_NONE,
     .budget = BUDGET_NONE,
     .view = policy_view},
    {.method = METHOD_GET,
     .path = "/log/tile/{tile*}",
     .door = DOOR_PUBLIC,
     .csrf = CSRF_NONE,
     .budget = BUDGET_NONE,
     .flags = ROUTE_CACHE,
     .view = tile_view},
};
const size_t PUBLIC_LOG_ROUTE_COUNT = sizeof PUBLIC_LOG_ROUTES / sizeof PUBLIC_LOG_ROUTES[0];
