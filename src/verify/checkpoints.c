/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The questions about checkpoints: who signed one, and whether two are of one history. */
#include "base/mem.h"
#include "verify/tiles.h"
#include "verify/verify.h"

static bool checkpoint_read(const struct question *q, const char *path, struct checkpoint **ret)
{
    struct str text;
    *ret = ARENA_NEW(q->arena, struct checkpoint);
    return *ret != NULL && verify_read(q->arena, path, &text) && note_parse(text, *ret) == ERR_OK;
}

/* Letter for letter but for blanks, line ends and the lines a newspaper breaks. */
static bool is_same_print(struct str a, struct str b)
{
    size_t i = 0;
    size_t k = 0;
    for (;;) {
        while (i < a.len && (unsigned char)a.ptr[i] <= ' ')
            i++;
        while (k < b.len && (unsigned char)b.ptr[k] <= ' ')
            k++;
        if (i == a.len || k == b.len)
            return i == a.len && k == b.len;
        if (a.ptr[i++] != b.ptr[k++])
            return false;
    }
}

enum answer verify_checkpoint(const struct question *q)
{
    struct checkpoint *c = NULL;
    struct policy_seen seen;
    struct str printed;
    struct policy *policy = ARENA_NEW(q->arena, struct policy);
    if (policy == NULL || !verify_policy(q, policy))
        return ANSWER_USAGE;
    if (!checkpoint_read(q, q->file, &c))
        return verify_fail("this is not a checkpoint", "这不是检查点文件");
    enum answer answer = verify_signed(policy, c, &seen);
    if (answer == ANSWER_INVALID || q->printed == NULL)
        return answer;
    if (!verify_read(q->arena, q->printed, &printed))
        return ANSWER_USAGE;
    if (!is_same_print(c->body, printed))
        return verify_fail("its three lines are not the printed ones", "其三行内容与刊登的不一致");
    verify_say("Its three lines are the printed ones.", "其三行内容与刊登的一致。");
    return answer;
}

/* "old N", hashes, an empty line, a checkpoint (the body of c2sp.org/tlog-witness). */
static bool proof_read(struct str text, uint64_t *ret_old, struct proof *ret_proof,
                       struct checkpoint *ret_new)
{
    struct str rest = text;
    struct str line = STR_NULL;
    int64_t old = 0;
    ret_proof->count = 0;
    if (!str_cut(&rest, '\n', &line) || !str_starts(line, STR("old ")) ||
        !str_to_i64(str_sub(line, 4, line.len), 0, INT64_MAX, &old))
        return false;
    *ret_old = (uint64_t)old;
    while (str_cut(&rest, '\n', &line) && line.len > 0) {
        size_t len = 0;
        if (ret_proof->count == PROOF_HASHES_MAX ||
            !str_from_b64(line, ret_proof->h[ret_proof->count].b, HASH_BYTES, &len) ||
            len != HASH_BYTES)
            return false;
        ret_proof->count++;
    }
    return note_parse(rest, ret_new) == ERR_OK;
}

/* The new checkpoint and the proof of the second file. */
static enum answer step_read(const struct question *q, const struct checkpoint *old,
                             struct checkpoint *ret_now, struct proof *ret_proof)
{
    struct str text;
    uint64_t size = 0;
    if (!verify_read(q->arena, q->second, &text))
        return ANSWER_USAGE;
    if (!proof_read(text, &size, ret_proof, ret_now) || size != old->size)
        return verify_fail("the second file is no proof from that checkpoint",
                           "第二个文件不是由该检查点出发的证明");
    return ANSWER_VALID;
}

/* The new checkpoint, and the proof made from a mirror's tiles. */
static enum answer step_make(const struct question *q, const struct checkpoint *old,
                             struct checkpoint *ret_now, struct proof *ret_proof)
{
    struct str text;
    if (!verify_read(q->arena, q->second, &text))
        return ANSWER_USAGE;
    if (note_parse(text, ret_now) != ERR_OK)
        return verify_fail("the second file is not a checkpoint", "第二个文件不是检查点");
    if (ret_now->size < old->size)
        return verify_fail("the second checkpoint is of a smaller log: the log was rolled back, or "
                           "the files are the wrong way round",
                           "第二个检查点的日志较小：日志被回退，或两个文件次序颠倒");
    struct tiles tiles = {.folder = q->tiles, .size = ret_now->size, .arena = q->arena};
    if (proof_make_consistency(old->size, ret_now->size, tiles_hash, &tiles, ret_proof) == ERR_OK)
        return ANSWER_VALID;
    verify_say("The folder lacks a tile that is needed: fetch it again.",
               "目录中缺少所需的数据块，请重新获取。");
    return ANSWER_WAITING;
}

enum answer verify_consistency(const struct question *q)
{
    struct checkpoint *old = NULL;
    struct checkpoint *now = ARENA_NEW(q->arena, struct checkpoint);
    struct policy_seen seen;
    struct proof proof = {.count = 0};
    struct policy *policy = ARENA_NEW(q->arena, struct policy);
    if (policy == NULL || now == NULL || !verify_policy(q, policy))
        return ANSWER_USAGE;
    if (!checkpoint_read(q, q->file, &old))
        return verify_fail("the first file is not a checkpoint", "第一个文件不是检查点");
    enum answer got =
        q->tiles == NULL ? step_read(q, old, now, &proof) : step_make(q, old, now, &proof);
    if (got != ANSWER_VALID)
        return got;
    enum answer first = verify_signed(policy, old, &seen);
    enum answer second = verify_signed(policy, now, &seen);
    if (first == ANSWER_INVALID || second == ANSWER_INVALID)
        return ANSWER_INVALID;
    if (!str_eq(old->origin, now->origin) ||
        !proof_check_consistency(old->size, now->size, &old->root, &now->root, proof.h,
                                 proof.count))
        return verify_fail("the two checkpoints are not of one history",
                           "两个检查点不属于同一段历史");
    verify_say("One history: the second continues the first.", "同一段历史：后者接续前者。");
    return second;
}
