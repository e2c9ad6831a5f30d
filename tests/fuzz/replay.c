/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * replay: runs a fuzz target over the files of a corpus, and over bent copies of each.
 *
 *     fuzz_multipart CORPUS_DIR [ROUNDS [SEED]]
 *
 * The same target links against libFuzzer without this file. The seed is printed, so that a crash
 * can be had again.
 */
#include "base/mem.h"
#include "base/rng.h"
#include "base/str.h"
#include "tests/fuzz/fuzz.h"

#include <dirent.h>

enum { FILE_BYTES_MAX = 64 * 1024, ROUNDS_DEFAULT = 2000 };

/* A few changes of the kinds that break parsers. */
static size_t bend(struct rng *r, unsigned char *bytes, size_t len)
{
    static const char *const PIECES[] = {"\r\n", "--",           "%",        "&",     "=",
                                         ";",    "\"",           "\0",       "{",     "}",
                                         "\xFF", "\xE2\x80\xAE", "\r\n\r\n", "name=", "+"};
    for (uint64_t n = rng_below(r, 4) + 1; n > 0; n--) {
        size_t at = len == 0 ? 0 : (size_t)rng_below(r, len);
        struct str piece = str_of(PIECES[rng_below(r, sizeof PIECES / sizeof PIECES[0])]);
        size_t plen = piece.len == 0 ? 1 : piece.len; /* a NUL is a piece too */
        switch (rng_below(r, 5)) {
        case 0:
            if (len > 0)
                bytes[at] = (unsigned char)rng_next(r);
            break;
        case 1:
            len = at;
            break;
        case 2:
            if (len + plen <= FILE_BYTES_MAX) {
                memmove(bytes + at + plen, bytes + at, len - at);
                memcpy(bytes + at, piece.ptr, plen);
                len += plen;
            }
            break;
        case 3:
            if (len > 1) {
                memmove(bytes + at, bytes + at + 1, len - at - 1);
                len--;
            }
            break;
        default:
            if (len > 0 && 2 * len - at <= FILE_BYTES_MAX) {
                memmove(bytes + len, bytes + at, len - at);
                len += len - at;
            }
            break;
        }
    }
    return len;
}

static int run_file(const char *path, struct rng *r, int64_t rounds)
{
    static unsigned char bytes[FILE_BYTES_MAX];
    static unsigned char bent[FILE_BYTES_MAX];
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        return -1;
    size_t len = fread(bytes, 1, sizeof bytes, f);
    (void)fclose(f);
    (void)LLVMFuzzerTestOneInput(bytes, len);
    for (int64_t i = 0; i < rounds; i++) {
        memcpy(bent, bytes, len);
        size_t now = bend(r, bent, len);
        /* An exact copy, so that a read past the end is seen. */
        unsigned char *exact = mem_new(now == 0 ? 1 : now);
        if (exact == NULL)
            return -1;
        memcpy(exact, bent, now);
        (void)LLVMFuzzerTestOneInput(exact, now);
        mem_free(exact);
    }
    return 0;
}

int main(int argc, char **argv)
{
    int64_t rounds = ROUNDS_DEFAULT;
    int64_t seed = 20261121;
    int files = 0;
    struct rng r;
    if (argc < 2 || (argc > 2 && !str_to_i64(str_of(argv[2]), 0, INT64_MAX, &rounds)) ||
        (argc > 3 && !str_to_i64(str_of(argv[3]), 0, INT64_MAX, &seed)))
        return 2;
    rng_seed(&r, (uint64_t)seed);
    DIR *dir = opendir(argv[1]);
    if (dir == NULL)
        return 2;
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        char path[1024];
        if (e->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", argv[1], e->d_name);
        if (run_file(path, &r, rounds) != 0) {
            fprintf(stderr, "cannot read %s\n", path);
            (void)closedir(dir);
            return 2;
        }
        files++;
    }
    (void)closedir(dir);
    printf("%d files, %lld rounds each, seed %lld\n", files, (long long)rounds, (long long)seed);
    return files == 0 ? 2 : 0;
}
