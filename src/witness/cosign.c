/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The key, and one look at the log. */
#include "base/instant.h"
#include "base/mem.h"
#include "base/rng.h"
#include "verify/tiles.h"
#include "verify/tool.h"
#include "witness/witness.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char KEY_FILE[] = "key";
static const char SEEN_FILE[] = "checkpoint";
static const char ALARM_FILE[] = "alarm";

/* "<name>\n<seed in hex>\n" */
static bool key_read(const struct errand *e, struct note_key *ret_key, struct key32 *ret_seed)
{
    struct str rest = e->state == NULL ? STR_NULL : state_read(e, KEY_FILE);
    struct str name;
    struct str hex;
    uint8_t pub[KEY_BYTES];
    if (!str_cut(&rest, '\n', &name) || !str_cut(&rest, '\n', &hex) ||
        hex.len != 2 * sizeof ret_seed->b || !str_from_hex(hex, ret_seed->b, sizeof ret_seed->b))
        return false;
    crypt_sign_public(ret_seed->b, pub);
    note_key_init(ret_key, name, NOTE_COSIGNATURE, pub);
    return true;
}

enum witness_answer errand_keygen(const struct errand *e)
{
    CLEANUP(buf_done) struct buf b;
    struct note_key key;
    struct key32 seed;
    uint8_t pub[KEY_BYTES];
    buf_init(&b, 4096);
    if (e->state == NULL) {
        errand_say("A folder is needed: --state DIR.", "需要指定目录：--state 目录。");
        return WITNESS_USAGE;
    }
    if (!str_is_null(state_read(e, KEY_FILE))) {
        errand_say(
            "There is a key in %s already. It is not replaced: what it signed would be lost.",
            "%s 中已有密钥，不能替换，否则以前的签名就失去依据。", e->state);
        return WITNESS_USAGE;
    }
    if (rng_bytes(seed.b, sizeof seed.b) != ERR_OK)
        return WITNESS_USAGE;
    crypt_sign_public(seed.b, pub);
    note_key_init(&key, str_of(e->name), NOTE_COSIGNATURE, pub);
    note_key_format(&key, &b);
    struct note_key back;
    if (!note_key_parse(buf_view(&b), &back)) {
        errand_say("A name has no blanks and no plus signs, for example union.example/w1.",
                   "名称不能含空格和加号，例如 union.example/w1。");
        return WITNESS_USAGE;
    }
    const char *vkey = arena_printf(e->arena, STR_FMT, STR_ARG(buf_view(&b)));
    buf_clear(&b);
    buf_str(&b, key.name);
    buf_char(&b, '\n');
    buf_hex(&b, seed.b, sizeof seed.b);
    buf_char(&b, '\n');
    bool is_kept = buf_err(&b) == ERR_OK && vkey != NULL && state_write(e, KEY_FILE, buf_view(&b));
    crypt_wipe(&seed, sizeof seed);
    if (is_kept)
        (void)printf("%s\n", vkey);
    return is_kept ? WITNESS_DONE : WITNESS_USAGE;
}

/* ---- one look -------------------------------------------------------------------------------- */

/* Both notes are kept: they are the proof. */
static enum witness_answer alarm(const struct errand *e, struct str seen, struct str now,
                                 const char *why)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 4 * NOTE_BYTES_MAX);
    buf_str(&b, seen);
    buf_c(&b, "\n");
    buf_str(&b, now);
    (void)state_write(e, ALARM_FILE, buf_view(&b));
    errand_say("ALARM: %s. Both checkpoints are in %s/%s: show them to others.",
               "警报：%s。两个检查点保存在 %s/%s，请告知他人。", why, e->state, ALARM_FILE);
    return WITNESS_ALARM;
}

/* A proof_read_fn that fetches the tile it needs. */
struct remote {
    const struct errand *e;
    const char *folder;
    struct tiles tiles;
};

static enum err remote_hash(void *ctx, uint64_t pos, struct hash *ret_hash)
{
    struct remote *r = ctx;
    unsigned level = 0;
    uint64_t n = 0;
    if (tiles_hash(&r->tiles, pos, ret_hash) == ERR_OK)
        return ERR_OK;
    proof_split(pos, &level, &n);
    TRY(tile_fetch(r->e, r->folder, level / 8, (n << level % 8) / TILE_WIDTH, r->tiles.size));
    return tiles_hash(&r->tiles, pos, ret_hash);
}

/* Does the log of now begin with the one that was seen? ERR_CORRUPT: it does not. */
static enum err continues(const struct errand *e, const struct checkpoint *seen,
                          const struct checkpoint *now)
{
    struct proof p;
    struct remote r = {.e = e,
                       .folder = e->state,
                       .tiles = {.folder = e->state, .size = now->size, .arena = e->arena}};
    TRY(proof_make_consistency(seen->size, now->size, remote_hash, &r, &p));
    return proof_check_consistency(seen->size, now->size, &seen->root, &now->root, p.h, p.count)
               ? ERR_OK
               : ERR_CORRUPT;
}

/* Against what was seen last; WITNESS_DONE when it may be signed. */
static enum witness_answer look(const struct errand *e, struct str note,
                                const struct checkpoint *now)
{
    struct str before = state_read(e, SEEN_FILE);
    struct checkpoint *seen = ARENA_NEW(e->arena, struct checkpoint);
    if (str_is_null(before))
        return WITNESS_DONE; /* the first look */
    if (seen == NULL || note_parse(before, seen) != ERR_OK) {
        errand_say("%s/%s is damaged. Put back what it held; nothing is signed until then.",
                   "%s/%s 已损坏，请恢复其内容，恢复之前不签名。", e->state, SEEN_FILE);
        return WITNESS_USAGE;
    }
    if (now->size < seen->size)
        return alarm(e, before, note,
                     tool_word("the log is smaller than it was", "日志比以前小了"));
    if (now->size == seen->size)
        return memcmp(now->root.b, seen->root.b, HASH_BYTES) == 0
                   ? WITNESS_DONE
                   : alarm(e, before, note,
                           tool_word("the log has two histories", "日志有两种不同的历史"));
    enum err err = continues(e, seen, now);
    if (err == ERR_CORRUPT)
        return alarm(
            e, before, note,
            tool_word("the log does not continue what was seen", "日志没有接续以前见到的内容"));
    if (err != ERR_OK)
        errand_say("The tiles that are needed cannot be had; nothing is signed.",
                   "取不到所需的数据块，没有签名。");
    return err == ERR_OK ? WITNESS_DONE : WITNESS_USAGE;
}

static enum witness_answer deliver(const struct errand *e, struct str signed_note)
{
    CLEANUP(buf_done) struct buf answer;
    buf_init(&answer, 4 << 20);
    if (e->file != NULL) {
        FILE *f = fopen(e->file, "wb");
        bool is_good =
            f != NULL && fwrite(signed_note.ptr, 1, signed_note.len, f) == signed_note.len;
        if (f != NULL)
            is_good = fclose(f) == 0 && is_good;
        if (!is_good)
            errand_say("%s cannot be written.", "%s 无法写入。", e->file);
        return is_good ? WITNESS_DONE : WITNESS_USAGE;
    }
    long status = fetch_post(e, "cosignatures", signed_note, &answer);
    if (status != 200)
        errand_say("The log did not take the cosignature (%ld). Is this witness named there?",
                   "日志没有接收见证签名（%ld）。该日志是否已指定本见证方？", status);
    return status == 200 ? WITNESS_DONE : WITNESS_USAGE;
}

enum witness_answer errand_cosign(const struct errand *e)
{
    struct note_key key;
    struct note_key log;
    struct key32 seed;
    struct str note;
    enum witness_answer answer = WITNESS_USAGE;
    CLEANUP(buf_done) struct buf b;
    struct checkpoint *now = ARENA_NEW(e->arena, struct checkpoint);
    buf_init(&b, 2 * NOTE_BYTES_MAX);
    if (now == NULL || !key_read(e, &key, &seed)) {
        errand_say("There is no key: make one with huiyin-witness keygen NAME --state DIR.",
                   "没有密钥：请先用 huiyin-witness keygen 名称 --state 目录 生成。");
        return WITNESS_USAGE;
    }
    if (head_fetch(e, &log, &note, now, &answer))
        answer = look(e, note, now);
    /* Kept before it is signed: a witness that dies in between has signed nothing else. */
    if (answer == WITNESS_DONE && !state_write(e, SEEN_FILE, note))
        answer = WITNESS_USAGE;
    if (answer == WITNESS_DONE) {
        buf_str(&b, note);
        note_cosign(&key, seed.b, now->body, instant_now() / US_PER_SECOND, &b);
        answer = buf_err(&b) == ERR_OK ? deliver(e, buf_view(&b)) : WITNESS_USAGE;
    }
    crypt_wipe(&seed, sizeof seed);
    if (answer == WITNESS_DONE)
        errand_say("Seen and signed: %" PRIu64 " leaves of " STR_FMT ".",
                   "已核对并签名：%" PRIu64 " 条，" STR_FMT "。", now->size, STR_ARG(now->origin));
    return answer;
}
