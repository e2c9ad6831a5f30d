/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* huiyin-verify on a small log of its own: what it believes, and every lie it must not. */
#include "tests/check.h"

#include "base/instant.h"
#include "base/mem.h"
#include "spine/receipt.h"
#include "tests/scratch.h"
#include "verify/verify.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LEAVES = 9, EVENT_AT = 2, OLD_SIZE = 2, NOW_SIZE = 9 };
#define T_LOW INT64_C(1772000000)  /* 2026-02-25: the log without the event */
#define T_HIGH INT64_C(1772532000) /* 2026-03-03: with it */

static struct arena arena;
static char dir[64];
static uint8_t log_seed[KEY_BYTES] = {1};
static uint8_t witness_seed[KEY_BYTES] = {2};
static struct note_key log_key;
static struct note_key witness_key;
static struct hash leaves[LEAVES];
static struct hash rows[4 * LEAVES];
static int saved_stdout;

static enum err read_row(void *ctx, uint64_t pos, struct hash *ret_hash)
{
    (void)ctx;
    *ret_hash = rows[pos];
    return ERR_OK;
}

static const char *path_of(const char *name)
{
    return arena_printf(&arena, "%s/%s", dir, name);
}

static const char *file_make(const char *name, struct str text)
{
    const char *path = path_of(name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(text.ptr, 1, text.len, f), text.len);
    assert_int_equal(fclose(f), 0);
    return path;
}

static void root_at(uint64_t size, struct hash *ret_root)
{
    struct frontier f;
    assert_int_equal(proof_frontier(size, read_row, NULL, &f), ERR_OK);
    proof_root(&f, ret_root);
}

/* A checkpoint, with the witness's cosignature when `at` is given. */
static struct str checkpoint_make(uint64_t size, int64_t at)
{
    CLEANUP(buf_done) struct buf b;
    CLEANUP(buf_done) struct buf body;
    struct log_head head = {.size = size};
    buf_init(&b, 8192);
    buf_init(&body, 8192);
    root_at(size, &head.root);
    note_body(log_key.name, size, &head.root, &body);
    crypt_sign(log_seed, buf_view(&body), head.sig);
    note_checkpoint(&log_key, &head, &b);
    if (at != 0)
        note_cosign(&witness_key, witness_seed, buf_view(&body), at, &b);
    return str_copy(&arena, buf_view(&b));
}

/* The event at EVENT_AT as it claims to be of `day`. */
static struct str event_make(int32_t day, uint8_t extra[RECEIPT_EXTRA_BYTES_MAX], size_t *ret_len)
{
    struct event_text e = {.origin = log_key.name,
                           .id16 = {{7}},
                           .seq = 1,
                           .date_only = true,
                           .day = day,
                           .type = STR("matter.received"),
                           .actor = STR("person"),
                           .has_body = true};
    uint8_t salt[32] = {9};
    event_body(salt, STR("the content"), &e.body);
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 4096);
    assert_int_equal(event_format(&e, &b, NULL), ERR_OK);
    extra[0] = 1;
    memcpy(extra + 1, salt, 32);
    memcpy(extra + 33, b.ptr, b.len);
    *ret_len = 33 + b.len;
    return str_copy(&arena, buf_view(&b));
}

static void log_make(int32_t day)
{
    static uint8_t extra[RECEIPT_EXTRA_BYTES_MAX];
    size_t len = 0;
    struct hash commit;
    uint8_t entry[EVENT_ENTRY_BYTES];
    struct frontier f = {0};
    struct str text = event_make(day, extra, &len);
    event_commit(extra + 1, text, &commit);
    event_entry(&commit, entry);
    for (size_t i = 0; i < LEAVES; i++) {
        struct stored s[PROOF_HASHES_MAX];
        if (i == EVENT_AT)
            proof_leaf(entry, sizeof entry, &leaves[i]);
        else
            proof_leaf(&i, sizeof i, &leaves[i]);
        size_t n = proof_append(&f, &leaves[i], s);
        for (size_t k = 0; k < n; k++)
            rows[s[k].pos] = s[k].h;
    }
}

static struct str receipt_of(int32_t day, struct str note)
{
    static struct receipt r;
    r = (struct receipt){.has_event = true, .index = EVENT_AT, .note = note};
    (void)event_make(day, r.extra, &r.extra_len);
    assert_int_equal(proof_make_inclusion(EVENT_AT, NOW_SIZE, read_row, NULL, &r.path), ERR_OK);
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1 << 16);
    receipt_format(&r, &b);
    return str_copy(&arena, buf_view(&b));
}

static const char *policy_file(const char *quorum)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 4096);
    buf_c(&b, "# who is believed\nlog ");
    note_key_format(&log_key, &b);
    buf_c(&b, "\nwitness union\t");
    note_key_format(&witness_key, &b);
    buf_printf(&b, " https://union.example.net/\n\nquorum %s\n", quorum);
    return file_make(quorum, buf_view(&b));
}

static int setup(void **state)
{
    (void)state;
    uint8_t pub[KEY_BYTES];
    arena_init(&arena, 512 << 20);
    scratch_folder(dir, sizeof dir, "verify");
    crypt_sign_public(log_seed, pub);
    note_key_init(&log_key, STR("log.example.org/huiyin"), NOTE_ED25519, pub);
    crypt_sign_public(witness_seed, pub);
    note_key_init(&witness_key, STR("union.example.net/w1"), NOTE_COSIGNATURE, pub);
    log_make(20514); /* 2026-03-02 */
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    static const char *const FILES[] = {"union",   "none",  "r",    "cps/2", "cps/9",
                                        "content", "event", "salt", "old",   "proof",
                                        "bad",     "lone",  "c"};
    for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++)
        (void)unlink(path_of(FILES[i]));
    (void)rmdir(path_of("cps"));
    assert_int_equal(rmdir(dir), 0);
    arena_done(&arena);
    return 0;
}

/* What it says goes nowhere while thousands of lies are told. */
static void hush(bool on)
{
    (void)fflush(stdout);
    if (on) {
        saved_stdout = dup(STDOUT_FILENO);
        int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
        assert_true(saved_stdout >= 0 && null >= 0);
        (void)dup2(null, STDOUT_FILENO);
        (void)close(null);
    } else {
        (void)dup2(saved_stdout, STDOUT_FILENO);
        (void)close(saved_stdout);
    }
}

static enum answer ask(enum answer (*verb)(const struct question *q), struct question q)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 64 << 20);
    q.arena = &a;
    return verb(&q);
}

/* ---- receipts
 * ------------------------------------------------------------------------------------- */

static void test_a_receipt_and_its_witness(void **state)
{
    (void)state;
    struct question q = {.policy = policy_file("union")};
    q.file = file_make("r", receipt_of(20514, checkpoint_make(NOW_SIZE, T_HIGH)));
    assert_int_equal(ask(verify_receipt, q), ANSWER_VALID);
    q.file = file_make("r", receipt_of(20514, checkpoint_make(NOW_SIZE, 0)));
    assert_int_equal(ask(verify_receipt, q), ANSWER_WAITING);
    q.policy = policy_file("none");
    assert_int_equal(ask(verify_receipt, q), ANSWER_VALID);
    q.policy = NULL;
    assert_int_equal(ask(verify_receipt, q), ANSWER_USAGE);
    q = (struct question){.policy = path_of("none"), .file = path_of("absent")};
    assert_int_equal(ask(verify_receipt, q), ANSWER_USAGE);
}

static void test_every_changed_byte_of_a_receipt_is_invalid(void **state)
{
    (void)state;
    struct question q = {.policy = policy_file("union")};
    struct str good = receipt_of(20514, checkpoint_make(NOW_SIZE, T_HIGH));
    char *bytes = arena_copy(&arena, good.ptr, good.len);
    hush(true);
    for (size_t i = 0; i < good.len; i++) {
        bytes[i] ^= 1;
        q.file = file_make("bad", str_make(bytes, good.len));
        enum answer answer = ask(verify_receipt, q);
        if (answer == ANSWER_VALID) {
            hush(false);
            fail_msg("byte %zu", i);
        }
        bytes[i] ^= 1;
    }
    hush(false);
}

/* ---- body, time, checkpoints
 * ------------------------------------------------------------------------ */

static void test_the_content_is_what_was_committed_to(void **state)
{
    (void)state;
    uint8_t extra[RECEIPT_EXTRA_BYTES_MAX];
    size_t len = 0;
    struct str text = event_make(20514, extra, &len);
    struct question q = {.file = file_make("content", STR("the content")),
                         .event = file_make("event", text),
                         .salt = file_make("salt", str_make(extra + 1, 32))};
    assert_int_equal(ask(verify_body, q), ANSWER_VALID);
    q.file = file_make("content", STR("the Content"));
    assert_int_equal(ask(verify_body, q), ANSWER_INVALID);
    q.salt = file_make("salt", STR("CQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"));
    q.file = file_make("content", STR("the content"));
    assert_int_equal(ask(verify_body, q), ANSWER_VALID);
    q.salt = file_make("salt", STR("short"));
    assert_int_equal(ask(verify_body, q), ANSWER_INVALID);
}

/* A40, A58: the witnesses' clocks say when a leaf can have come. */
static enum answer time_of(int32_t day)
{
    log_make(day);
    assert_true(mkdir(path_of("cps"), 0700) == 0 || access(path_of("cps"), F_OK) == 0);
    (void)file_make("cps/2", checkpoint_make(OLD_SIZE, T_LOW));
    (void)file_make("cps/9", checkpoint_make(NOW_SIZE, T_HIGH));
    const struct question q = {
        .policy = policy_file("union"),
        .checkpoints = path_of("cps"),
        .file = file_make("r", receipt_of(day, checkpoint_make(NOW_SIZE, T_HIGH)))};
    return ask(verify_time, q);
}

static void test_back_dated_and_post_dated_events_are_found(void **state)
{
    (void)state;
    assert_int_equal(time_of(20514), ANSWER_VALID);         /* 2026-03-02 */
    assert_int_equal(time_of(20509), ANSWER_VALID);         /* 2026-02-25 */
    assert_int_equal(time_of(20500), ANSWER_INVALID);       /* a week before it can have come */
    assert_int_equal(time_of(20514 + 365), ANSWER_INVALID); /* a clock a year ahead */
    log_make(20514);
    const struct question q = {
        .policy = policy_file("union"),
        .checkpoints = path_of("cps"),
        .file = file_make("r", receipt_of(20514, checkpoint_make(NOW_SIZE, T_HIGH)))};
    assert_int_equal(unlink(path_of("cps/2")), 0);
    assert_int_equal(ask(verify_time, q), ANSWER_WAITING);
}

static void test_two_checkpoints_of_one_history(void **state)
{
    (void)state;
    struct proof p;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 8192);
    assert_int_equal(proof_make_consistency(OLD_SIZE, NOW_SIZE, read_row, NULL, &p), ERR_OK);
    buf_printf(&b, "old %d\n", OLD_SIZE);
    for (size_t i = 0; i < p.count; i++) {
        buf_b64(&b, p.h[i].b, HASH_BYTES);
        buf_char(&b, '\n');
    }
    buf_char(&b, '\n');
    buf_str(&b, checkpoint_make(NOW_SIZE, T_HIGH));
    struct question q = {.policy = policy_file("union"),
                         .file = file_make("old", checkpoint_make(OLD_SIZE, T_LOW)),
                         .second = file_make("proof", buf_view(&b))};
    assert_int_equal(ask(verify_consistency, q), ANSWER_VALID);
    assert_int_equal(ask(verify_checkpoint, q), ANSWER_VALID);
    q.file = file_make("old", checkpoint_make(OLD_SIZE + 1, T_LOW));
    assert_int_equal(ask(verify_consistency, q), ANSWER_INVALID);
    /* a fork: the same size, signed by the log's own key, another history */
    log_make(20000);
    q.file = file_make("old", checkpoint_make(OLD_SIZE, T_LOW));
    assert_int_equal(ask(verify_consistency, q), ANSWER_VALID); /* the fork is later */
    struct hash first = leaves[0];
    rows[0].b[0] ^= 1;
    proof_node(&rows[0], &rows[1], &rows[2]);
    q.file = file_make("old", checkpoint_make(OLD_SIZE, T_LOW));
    assert_int_equal(ask(verify_consistency, q), ANSWER_INVALID);
    leaves[0] = first;
    log_make(20514);
}

/* ---- policies
 * -------------------------------------------------------------------------------------- */

static void check_policy(const char *text, enum err want, int32_t want_line)
{
    struct policy *p = ARENA_NEW(&arena, struct policy);
    int32_t line = -1;
    enum err err = policy_parse(str_of(text), p, &line);
    if (err != want || line != want_line)
        fail_msg("%d at line %d: %s", err, line, text);
}

#define LOG_LINE                                                                                   \
    "log log.example.org/huiyin+810cc72d+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c\n"
#define W1                                                                                         \
    "witness union union.example.net/w1+1d571c1c+BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU\n"

static void test_policies(void **state)
{
    (void)state;
    check_policy(LOG_LINE W1 "quorum union\n", ERR_OK, 0);
    check_policy(LOG_LINE "quorum none\n", ERR_OK, 0);
    check_policy("  # note\n\n\t" LOG_LINE W1 "group g all union\nquorum g\n", ERR_OK, 0);
    check_policy(LOG_LINE W1 "group g 1 union\nquorum g", ERR_OK, 0);
    check_policy(LOG_LINE W1, ERR_INVALID, 0);         /* no quorum */
    check_policy(W1 "quorum union\n", ERR_INVALID, 0); /* no log */
    check_policy(LOG_LINE "quorum union\n" W1, ERR_INVALID, 2);
    check_policy(LOG_LINE W1 "quorum union\nquorum union\n", ERR_INVALID, 4);
    check_policy(LOG_LINE LOG_LINE "quorum none\n", ERR_INVALID, 2);
    check_policy(LOG_LINE W1 W1 "quorum union\n", ERR_INVALID, 3);
    check_policy(LOG_LINE W1 "group g 2 union\nquorum g\n", ERR_INVALID, 3);
    check_policy(LOG_LINE W1 "group g 0 union\nquorum g\n", ERR_INVALID, 3);
    check_policy(LOG_LINE W1 "group g any\nquorum g\n", ERR_INVALID, 3);
    check_policy(LOG_LINE W1 "group g any none\nquorum g\n", ERR_INVALID, 3);
    check_policy(LOG_LINE W1 "group g any union union\nquorum g\n", ERR_INVALID, 3);
    check_policy(LOG_LINE W1 "group none any union\nquorum union\n", ERR_INVALID, 3);
    check_policy(LOG_LINE "hello\nquorum none\n", ERR_INVALID, 2);
    check_policy(LOG_LINE "quorum none\r\n", ERR_INVALID, 2);
    check_policy("log nonsense\nquorum none\n", ERR_INVALID, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_receipt_and_its_witness),
        cmocka_unit_test(test_every_changed_byte_of_a_receipt_is_invalid),
        cmocka_unit_test(test_the_content_is_what_was_committed_to),
        cmocka_unit_test(test_back_dated_and_post_dated_events_are_found),
        cmocka_unit_test(test_two_checkpoints_of_one_history),
        cmocka_unit_test(test_policies),
    };
    if (crypt_init() != ERR_OK)
        return 1;
    return cmocka_run_group_tests(tests, setup, teardown);
}
