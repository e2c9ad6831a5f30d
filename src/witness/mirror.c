/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The whole log in a folder, and its root made again from the entries. */
#include "base/mem.h"
#include "spine/tile.h"
#include "verify/tiles.h"
#include "witness/witness.h"

#include <inttypes.h>
#include <string.h>

enum { ENTRIES_BYTES_MAX = TILE_WIDTH * 40 };

static enum err hashes_fetch(const struct errand *e, uint64_t size)
{
    for (unsigned level = 0; size >> (8 * level) > 0; level++)
        for (uint64_t n = 0; n * TILE_WIDTH < size >> (8 * level); n++)
            TRY(tile_fetch(e, e->name, level, n, size));
    return ERR_OK;
}

/* Each entry after its length. */
static enum err leaves_add(struct str bytes, uint32_t width, struct frontier *f)
{
    struct stored rows[PROOF_HASHES_MAX];
    size_t at = 0;
    for (uint32_t i = 0; i < width; i++) {
        struct hash leaf;
        if (bytes.len - at < 2)
            return ERR_CORRUPT;
        size_t len = (size_t)(uint8_t)bytes.ptr[at] << 8 | (uint8_t)bytes.ptr[at + 1];
        if (len > bytes.len - at - 2)
            return ERR_CORRUPT;
        proof_leaf(bytes.ptr + at + 2, len, &leaf);
        (void)proof_append(f, &leaf, rows);
        at += 2 + len;
    }
    return at == bytes.len ? ERR_OK : ERR_CORRUPT;
}

static enum err root_make(const struct errand *e, uint64_t size, struct hash *ret_root)
{
    struct frontier f = {0};
    CLEANUP(buf_done) struct buf body;
    CLEANUP(buf_done) struct buf name;
    buf_init(&body, ENTRIES_BYTES_MAX);
    buf_init(&name, 200);
    for (uint64_t n = 0; n * TILE_WIDTH < size; n++) {
        struct tile t = tile_of(0, n, size);
        t.is_entries = true;
        buf_clear(&name);
        buf_c(&name, "tile/");
        tile_put(&t, &name);
        buf_char(&name, '\0');
        TRY(buf_err(&name));
        TRY(fetch(e, name.ptr, &body));
        TRY(leaves_add(buf_view(&body), t.width, &f));
    }
    proof_root(&f, ret_root);
    return ERR_OK;
}

enum witness_answer errand_mirror(const struct errand *e)
{
    struct note_key log;
    struct str note;
    struct hash root;
    enum witness_answer answer = WITNESS_USAGE;
    struct errand own = *e;
    struct checkpoint *now = ARENA_NEW(e->arena, struct checkpoint);
    own.state = e->name;
    if (now == NULL || !head_fetch(e, &log, &note, now, &answer))
        return answer;
    enum err err = hashes_fetch(e, now->size);
    if (err == ERR_OK)
        err = root_make(e, now->size, &root);
    if (err == ERR_OK && memcmp(root.b, now->root.b, HASH_BYTES) != 0) {
        errand_say("ALARM: the entries do not make the root that is signed.",
                   "警报：由各条内容算出的根与签名的不一致。");
        return WITNESS_ALARM;
    }
    if (err != ERR_OK || !state_write(&own, "checkpoint", note)) {
        errand_say("The log could not be fetched whole; run it again.",
                   "没有取得完整的日志，请重新运行。");
        return WITNESS_USAGE;
    }
    errand_say("Mirrored: %" PRIu64 " leaves of " STR_FMT ".",
               "已镜像：%" PRIu64 " 条，" STR_FMT "。", now->size, STR_ARG(now->origin));
    return WITNESS_DONE;
}
