/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Receipts and histories as files, without a database: what every broken line is told to be. */
#include "tests/check.h"

#include "base/instant.h"
#include "base/mem.h"
#include "spine/receipt.h"

#include <string.h>

enum { EVENTS = 3 };

static struct arena arena;
static struct str receipt_file; /* of the last event */
static struct str history_file;

static struct hash rows[16];

static enum err read_row(void *ctx, uint64_t pos, struct hash *ret_hash)
{
    (void)ctx;
    *ret_hash = rows[pos];
    return ERR_OK;
}

/* The canonical text of event `seq` of one matter, and its leaf under an empty salt. */
static struct str event_make(int64_t seq, const struct hash *prev, struct hash *ret_leaf)
{
    struct event_text e = {.origin = STR("a.example"),
                           .id16 = {{7}},
                           .seq = seq,
                           .has_prev = seq > 1,
                           .at_us = seq * US_PER_DAY,
                           .type = STR("matter.noted"),
                           .actor = STR("system")};
    const uint8_t salt[32] = {0};
    struct hash commit;
    uint8_t entry[EVENT_ENTRY_BYTES];
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 4096);
    if (prev != NULL)
        e.prev = *prev;
    assert_int_equal(event_format(&e, &b, NULL), ERR_OK);
    event_commit(salt, buf_view(&b), &commit);
    event_entry(&commit, entry);
    proof_leaf(entry, sizeof entry, ret_leaf);
    return str_copy(&arena, buf_view(&b));
}

static void put_line(struct buf *b, int64_t seq, struct str text, const struct hash *leaf)
{
    const uint8_t salt[32] = {0};
    buf_printf(b, "event %d %d ", (int)seq, (int)seq - 1);
    if (text.len == 0) {
        buf_c(b, "closed ");
        buf_b64(b, leaf->b, sizeof leaf->b);
    } else {
        buf_c(b, "open ");
        buf_b64(b, salt, sizeof salt);
        buf_char(b, ' ');
        buf_b64(b, text.ptr, text.len);
    }
    buf_char(b, '\n');
}

static void make_files(void)
{
    static struct receipt r;
    static const char SIG[] = "\n\xE2\x80\x94 a.example AAAAAAAA\n";
    struct frontier f = {0};
    struct hash leaf[EVENTS];
    struct hash root;
    struct str text[EVENTS];
    CLEANUP(buf_done) struct buf note;
    CLEANUP(buf_done) struct buf file;
    buf_init(&note, 4096);
    buf_init(&file, 65536);
    buf_c(&file, "huiyin-history/v1\nlog a.example\nmatter 07000000000000000000000000000000\n");
    for (size_t i = 0; i < EVENTS; i++) {
        struct stored s[PROOF_HASHES_MAX];
        text[i] = event_make((int64_t)i + 1, i == 0 ? NULL : &leaf[i - 1], &leaf[i]);
        size_t n = proof_append(&f, &leaf[i], s);
        for (size_t k = 0; k < n; k++)
            rows[s[k].pos] = s[k].h;
        put_line(&file, (int64_t)i + 1, i == 1 ? STR("") : text[i], &leaf[i]);
    }
    proof_root(&f, &root);
    note_body(STR("a.example"), EVENTS, &root, &note);
    buf_c(&note, SIG);
    r = (struct receipt){.has_event = true, .index = EVENTS - 1, .note = buf_view(&note)};
    r.extra[0] = 1;
    memcpy(r.extra + 33, text[EVENTS - 1].ptr, text[EVENTS - 1].len);
    r.extra_len = 33 + text[EVENTS - 1].len;
    assert_int_equal(proof_make_inclusion(r.index, EVENTS, read_row, NULL, &r.path), ERR_OK);
    size_t from = file.len + 1;
    buf_char(&file, '\n');
    receipt_format(&r, &file);
    history_file = str_copy(&arena, buf_view(&file));
    receipt_file = str_sub(history_file, from, history_file.len);
}

/* The file with the first `was` replaced. */
static struct str with(struct str file, const char *was, const char *is)
{
    size_t at = str_find(file, str_of(was));
    assert_true(at != SIZE_MAX);
    struct str before = str_sub(file, 0, at);
    struct str after = str_sub(file, at + strlen(was), file.len);
    return str_of(arena_printf(&arena, STR_FMT "%s" STR_FMT, STR_ARG(before), is, STR_ARG(after)));
}

static const char *fault_of(struct str file)
{
    static struct history h;
    const char *why = "";
    enum err err = history_parse(&arena, file, &h, &why);
    return err == ERR_OK ? history_fault(&h) : why;
}

static void check_fault(struct str file, const char *why)
{
    const char *fault = fault_of(file);
    assert_non_null(fault);
    assert_string_equal(fault, why);
}

static void test_the_files_are_good(void **state)
{
    (void)state;
    static struct receipt r;
    struct hash leaf;
    assert_null(fault_of(history_file));
    assert_int_equal(receipt_parse(receipt_file, &r), ERR_OK);
    assert_true(receipt_leaf(&r, &leaf) && receipt_is_included(&r, &leaf));
}

static void test_every_broken_line_of_a_history_is_told(void **state)
{
    (void)state;
    static const char *const CASES[][3] = {
        {"huiyin-history/v1", "huiyin-history/v2", "not a huiyin-history/v1 file"},
        {"log a", "lag a", "the log is not named"},
        {"matter 07", "matter 7", "the matter is not named"},
        {"matter 07", "motter 07", "the matter is not named"},
        {"matter 07", "matter 0x", "the matter is not named"},
        {"event 2", "event 02", "a line that is no event"},
        {"event 2", "event 0", "a line that is no event"},
        {"event 2", "event x", "a line that is no event"},
        {"event 2", "events 2", "a line that is no event"},
        {"event 2 1 closed", "event 2 -1 closed", "a line that is no event"},
        {"closed ", "closed", "an event that is neither open nor closed"},
        {"closed ", "shut ", "an event that is neither open nor closed"},
        {"closed ", "closed A", "a closed event without its hash"},
        {"open A", "open ", "an event that is neither open nor closed"},
        {"open AAAA", "open ", "an event that is neither open nor closed"},
        {" aHVp", " ?HVp", "an event's text is not base64"},
        {" aHVp", " aHVQ", "an event is not canonical"},
        {"tlog-proof@v1", "tlog-proof@v2", "the proof of the last event is not well formed"},
        {"index 2", "index x", "the proof of the last event is not well formed"},
        {"index 2", "index 1", "the proof is of another event"},
        {"event 2 1", "event 3 1", "the events do not run 1, 2, 3 without a gap"},
        {"event 2 1", "event 2 0", "the places in the log do not ascend"},
        {"matter 07", "matter 08", "an event is of another matter, number or log"},
        {"log a", "log b", "an event is of another matter, number or log"},
        {"closed ", "closed AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nevent 9 9 closed ",
         "the events do not run 1, 2, 3 without a gap"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        check_fault(with(history_file, CASES[i][0], CASES[i][1]), CASES[i][2]);
    size_t closed = str_find(history_file, STR("closed ")) + 7;
    struct str hash = str_sub(history_file, closed, 44);
    check_fault(with(history_file, arena_printf(&arena, STR_FMT, STR_ARG(hash)),
                     "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
                "an event does not follow the one before it");
}

static void test_a_history_cut_anywhere_says_why(void **state)
{
    (void)state;
    for (size_t len = 0; len < history_file.len; len++)
        assert_non_null(fault_of(str_sub(history_file, 0, len)));
    size_t events = str_find(history_file, STR("event 1"));
    size_t proof = str_find(history_file, STR("\n\n"));
    check_fault(str_sub(history_file, 0, proof + 1), "it ends before the proof");
    struct str head = str_sub(history_file, 0, events);
    struct str tail = str_sub(history_file, proof + 1, history_file.len);
    check_fault(str_of(arena_printf(&arena, STR_FMT STR_FMT, STR_ARG(head), STR_ARG(tail))),
                "there is no event");
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 16 << 20);
    buf_str(&b, head);
    for (int i = 1; i <= HISTORY_EVENTS_MAX + 1; i++)
        buf_printf(&b, "event %d %d closed AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", i, i);
    check_fault(buf_view(&b), "too many events");
    while (buf_err(&b) == ERR_OK && b.len <= 8 * (size_t)RECEIPT_BYTES_MAX)
        buf_c(&b, "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n");
    check_fault(buf_view(&b), "too long");
}

static void test_every_broken_line_of_a_receipt_is_refused(void **state)
{
    (void)state;
    static const char *const CASES[][2] = {{"c2sp.org", "C2sp.org"},
                                           {"extra AQ", "extra AA"},
                                           {"extra AQ", "extra ?Q"},
                                           {"extra ", "extra AQ==\nextra "},
                                           {"extra ", "extra AQ==\nindex "},
                                           {"extra ", "extra \nextra "},
                                           {"index 2", "index 02"},
                                           {"index 2", "index -0"},
                                           {"index 2", "index "},
                                           {"index 2", "index 2\nAAAA"},
                                           {"index 2", "index 9223372036854775808"},
                                           {"a.example\n3", "a.example\n03"},
                                           {"index 2\n", "index 2\n\n"}};
    static struct receipt r;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        if (receipt_parse(with(receipt_file, CASES[i][0], CASES[i][1]), &r) != ERR_INVALID)
            fail_msg("taken: %s", CASES[i][1]);
    for (size_t len = 0; len < receipt_file.len; len++)
        assert_int_equal(receipt_parse(str_sub(receipt_file, 0, len), &r), ERR_INVALID);
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 4 << 20);
    buf_c(&b, "index 2\n");
    for (int i = 0; i < PROOF_HASHES_MAX; i++)
        buf_c(&b, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n");
    buf_char(&b, '\0');
    assert_int_equal(receipt_parse(with(receipt_file, "index 2\n", b.ptr), &r), ERR_INVALID);
    buf_clear(&b);
    buf_str(&b, receipt_file);
    while (b.len <= RECEIPT_BYTES_MAX)
        buf_c(&b, "\xE2\x80\x94 a.example AAAAAAAA\n");
    assert_int_equal(receipt_parse(buf_view(&b), &r), ERR_INVALID);
    struct hash leaf;
    r = (struct receipt){.has_event = false};
    assert_false(receipt_leaf(&r, &leaf));
    assert_true(str_is_null(receipt_text(&r)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_files_are_good),
        cmocka_unit_test(test_every_broken_line_of_a_history_is_told),
        cmocka_unit_test(test_a_history_cut_anywhere_says_why),
        cmocka_unit_test(test_every_broken_line_of_a_receipt_is_refused),
    };
    arena_init(&arena, 512 << 20);
    make_files();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_done(&arena);
    return failed;
}
