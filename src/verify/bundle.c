/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * A closing file or the file for an appeal, as a folder:
 *
 *   manifest.txt     "<sha256 in hex> <bytes> <path>" a line, ascending by path, all other files
 *   history          the matter's events (spine/receipt.h)
 *   proofs/          a receipt each
 *   documents/       whatever else was handed over
 */
#include "base/mem.h"
#include "lib/crypt/crypt.h"
#include "verify/verify.h"

#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { FOLDERS_OPEN_MAX = 16 };

struct entry {
    struct str path;
    struct str hex;
    int64_t size;
};

/* Below the folder, and nowhere else. */
static bool is_path(struct str p)
{
    struct str rest = p;
    struct str part;
    if (p.len == 0 || p.ptr[p.len - 1] == '/' || memchr(p.ptr, '\0', p.len) != NULL)
        return false;
    while (str_cut(&rest, '/', &part))
        if (part.len == 0 || str_eq_c(part, ".") || str_eq_c(part, ".."))
            return false;
    return true;
}

static bool entry_parse(struct str line, struct entry *ret)
{
    struct str rest = line;
    struct str size;
    return str_cut(&rest, ' ', &ret->hex) && ret->hex.len == 2 * HASH_BYTES &&
           str_cut(&rest, ' ', &size) && str_to_i64(size, 0, INT64_MAX, &ret->size) &&
           is_path(ret->path = rest);
}

/* Hashes a file of any length; false when it cannot be read. */
static bool file_hash(const char *path, int64_t *ret_size, struct hash *ret_hash)
{
    static char piece[65536];
    FILE *f = fopen(path, "rb");
    struct sha256 s;
    sha256_init(&s);
    *ret_size = 0;
    for (size_t n = 1; f != NULL && n > 0;) {
        n = fread(piece, 1, sizeof piece, f);
        sha256_add(&s, piece, n);
        *ret_size += (int64_t)n;
    }
    bool is_good = f != NULL && ferror(f) == 0;
    if (f != NULL)
        (void)fclose(f);
    sha256_done(&s, ret_hash);
    return is_good;
}

static enum answer entry_check(const struct question *q, const struct entry *e)
{
    struct hash want;
    struct hash got;
    int64_t size = 0;
    const char *path = arena_printf(q->arena, "%s/" STR_FMT, q->file, STR_ARG(e->path));
    if (path == NULL)
        return ANSWER_USAGE;
    bool is_there = file_hash(path, &size, &got);
    bool is_same = is_there && str_from_hex(e->hex, want.b, sizeof want.b) && size == e->size &&
                   memcmp(want.b, got.b, sizeof want.b) == 0;
    if (is_same)
        return ANSWER_VALID;
    verify_say(is_there ? STR_FMT " is not the file of the manifest." : STR_FMT " is missing.",
               is_there ? STR_FMT " 与清单所列文件不一致。" : "缺少 " STR_FMT "。",
               STR_ARG(e->path));
    return verify_fail("the folder is not what the manifest says", "目录内容与清单不符");
}

/* nftw has no argument. */
static size_t files_found;

static int count_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)path;
    (void)st;
    (void)at;
    files_found += type != FTW_D;
    return 0;
}

/* A receipt in proofs/, the history at its place; documents speak for themselves. */
static enum answer entry_ask(const struct question *q, const struct entry *e)
{
    struct question one = *q;
    bool is_history = str_eq_c(e->path, "history");
    if (!is_history && !str_starts(e->path, STR("proofs/")))
        return ANSWER_VALID;
    one.file = arena_printf(q->arena, "%s/" STR_FMT, q->file, STR_ARG(e->path));
    verify_say(STR_FMT ":", STR_FMT "：", STR_ARG(e->path));
    return is_history ? verify_history(&one) : verify_receipt(&one);
}

static enum answer entries_check(const struct question *q, struct str manifest, size_t *ret_count,
                                 bool *ret_has_history)
{
    struct entry e;
    struct str rest = manifest;
    struct str line;
    struct str before = STR("");
    enum answer answer = ANSWER_VALID;
    *ret_count = 0;
    *ret_has_history = false;
    while (str_cut(&rest, '\n', &line)) {
        if (line.len == 0 && rest.len == 0)
            break;
        if (!entry_parse(line, &e) || str_cmp(before, e.path) >= 0)
            return verify_fail("manifest.txt is not well formed, or not in order",
                               "manifest.txt 格式有误或次序不对");
        before = e.path;
        (*ret_count)++;
        *ret_has_history = *ret_has_history || str_eq_c(e.path, "history");
        enum answer one = entry_check(q, &e);
        if (one == ANSWER_VALID)
            one = entry_ask(q, &e);
        if (one == ANSWER_INVALID || one == ANSWER_USAGE)
            return one;
        answer = one == ANSWER_WAITING ? one : answer;
    }
    return answer;
}

enum answer verify_bundle(const struct question *q)
{
    struct str manifest;
    size_t count = 0;
    bool has_history = false;
    struct policy *policy = ARENA_NEW(q->arena, struct policy);
    if (policy == NULL || !verify_policy(q, policy))
        return ANSWER_USAGE;
    const char *path = arena_printf(q->arena, "%s/manifest.txt", q->file);
    if (path == NULL || !verify_read(q->arena, path, &manifest))
        return ANSWER_USAGE;
    enum answer answer = entries_check(q, manifest, &count, &has_history);
    if (answer == ANSWER_INVALID || answer == ANSWER_USAGE)
        return answer;
    files_found = 0;
    if (nftw(q->file, count_one, FOLDERS_OPEN_MAX, FTW_PHYS) != 0)
        return ANSWER_USAGE;
    if (files_found != count + 1)
        return verify_fail("there are files that the manifest does not name",
                           "目录中有清单未列的文件");
    if (!has_history)
        return verify_fail("it has no history", "缺少事项经过文件 history");
    verify_say("All %llu files are those of the manifest.", "全部 %llu 个文件与清单一致。",
               (unsigned long long)count);
    return answer;
}
