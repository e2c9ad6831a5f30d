/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Receipts and histories: made from rows, taken apart and checked as an outsider would, with the
 * log's public key and nothing else. */
#include "tests/check.h"

#include "base/mem.h"
#include "spine/receipt.h"
#include "tests/shared.h"
#include "tests/trust/kit.h"

#include <string.h>

static struct kit kit;
static struct arena arena;
static struct note_key log_key;

static int open_kit(void **state)
{
    (void)state;
    arena_init(&arena, 64 << 20);
    kit_make(&kit);
    kit_open(&kit);
    note_key_init(&log_key, STR("log.example.org/huiyin"), NOTE_ED25519, log_public_key(kit.log));
    return 0;
}

static int close_kit(void **state)
{
    (void)state;
    kit_close(&kit);
    kit_remove(&kit);
    arena_done(&arena);
    return 0;
}

static bool shows_all_but_notes(struct str type)
{
    return !str_eq_c(type, "matter.noted");
}

static struct receipt_ask ask_for(bool sealed, int events)
{
    struct kit_raise r = {.sealed = sealed, .named = sealed, .events = events};
    struct key32 *mlk = ARENA_NEW(&arena, struct key32);
    struct dossier d;
    assert_non_null(mlk);
    assert_int_equal(kit_raise(&kit, &r), ERR_OK);
    assert_int_equal(dossier_load(kit.db, &arena, r.id, &d), ERR_OK);
    memcpy(mlk->b, d.mlk, sizeof mlk->b);
    if (sealed)
        assert_int_equal(kit.house.keys->find(kit.house.keys->ctx, r.id, KEY_MLK, mlk), ERR_OK);
    return (struct receipt_ask){.house = &kit.house,
                                .dossier = r.id,
                                .mlk = mlk,
                                .is_sealed = sealed,
                                .seq = 1,
                                .is_shown = shows_all_but_notes};
}

/* What huiyin-verify does with a receipt. */
static bool is_valid(struct str file, const struct note_key *key)
{
    static struct receipt r;
    struct hash leaf;
    struct event_text t;
    return receipt_parse(file, &r) == ERR_OK && receipt_leaf(&r, &leaf) &&
           event_parse(receipt_text(&r), &t, NULL) == ERR_OK && str_eq(t.origin, r.head.origin) &&
           receipt_is_included(&r, &leaf) && note_check(&r.head, key, NULL) == NOTE_SIGNED;
}

static void check_receipt(bool sealed)
{
    (void)ask_for(false, 3); /* not the first leaves */
    struct receipt_ask ask = ask_for(sealed, 2);
    (void)ask_for(false, 3); /* nor the last */
    CLEANUP(buf_done) struct buf file;
    buf_init(&file, RECEIPT_BYTES_MAX);
    assert_int_equal(receipt_make(kit.db, &arena, &ask, &file, &kit.info), ERR_OK);
    assert_true(is_valid(buf_view(&file), &log_key));
    /* every single changed byte is noticed */
    for (size_t i = 0; i < file.len; i++) {
        file.ptr[i] ^= 1;
        if (is_valid(buf_view(&file), &log_key))
            fail_msg("a change of byte %zu was not noticed", i);
        file.ptr[i] ^= 1;
    }
    for (size_t i = 0; i < file.len; i++)
        assert_false(is_valid(str_make(file.ptr, i), &log_key));
    ask.seq = 3;
    assert_int_equal(receipt_make(kit.db, &arena, &ask, &file, &kit.info), ERR_NOT_FOUND);
}

static void test_a_receipt_is_proof_and_every_changed_byte_is_noticed(void **state)
{
    (void)state;
    check_receipt(false);
    check_receipt(true);
}

static const char *fault_in(struct str file)
{
    struct history h;
    const char *why = NULL;
    if (history_parse(&arena, file, &h, &why) != ERR_OK)
        return why;
    if (note_check(&h.last.head, &log_key, NULL) != NOTE_SIGNED)
        return "not signed";
    return history_fault(&h);
}

/* Where in the file the line of that event begins. */
static size_t line_at(struct str file, const char *start)
{
    size_t at = str_find(file, str_of(start));
    assert_true(at != SIZE_MAX);
    return at;
}

static void test_a_history_shows_what_may_be_seen_and_proves_the_rest(void **state)
{
    (void)state;
    struct receipt_ask ask = ask_for(true, 4);
    CLEANUP(buf_done) struct buf file;
    buf_init(&file, RECEIPT_BYTES_MAX);
    assert_int_equal(history_make(kit.db, &arena, &ask, &file, &kit.info), ERR_OK);
    struct history h;
    const char *why = NULL;
    assert_int_equal(history_parse(&arena, buf_view(&file), &h, &why), ERR_OK);
    assert_null(fault_in(buf_view(&file)));
    assert_int_equal(h.count, 4);
    assert_true(h.events[0].is_open && !h.events[1].is_open && !h.events[3].is_open);
    assert_false(h.last.has_event); /* the last one is a note */
    assert_true(str_find(buf_view(&file), STR("noted")) == SIZE_MAX);
}

static bool shows_all(struct str type)
{
    return type.len > 0;
}

/* All but the index of an event before the last, which the header says is not proved. */
static void test_every_changed_byte_of_a_history_is_noticed(void **state)
{
    (void)state;
    struct receipt_ask ask = ask_for(true, 3);
    ask.is_shown = shows_all;
    CLEANUP(buf_done) struct buf file;
    buf_init(&file, RECEIPT_BYTES_MAX);
    assert_int_equal(history_make(kit.db, &arena, &ask, &file, &kit.info), ERR_OK);
    assert_null(fault_in(buf_view(&file)));
    size_t first = line_at(buf_view(&file), "event 1 ");
    size_t second = line_at(buf_view(&file), "event 2 ");
    for (size_t i = 0; i < file.len; i++) {
        size_t in_line = i < second ? i - first : i - second;
        bool is_index = i >= first && in_line >= 8 && in_line < 12;
        file.ptr[i] ^= 1;
        if (!is_index && fault_in(buf_view(&file)) == NULL)
            fail_msg("a change of byte %zu was not noticed", i);
        file.ptr[i] ^= 1;
    }
}

/* Leaving a line out, or putting another matter's line in, is noticed. */
static void test_a_history_has_no_gap(void **state)
{
    (void)state;
    struct receipt_ask ask = ask_for(false, 4);
    CLEANUP(buf_done) struct buf file;
    buf_init(&file, RECEIPT_BYTES_MAX);
    assert_int_equal(history_make(kit.db, &arena, &ask, &file, &kit.info), ERR_OK);
    CLEANUP(buf_done) struct buf less;
    buf_init(&less, RECEIPT_BYTES_MAX);
    struct str rest = buf_view(&file);
    struct str line = STR_NULL;
    while (str_cut(&rest, '\n', &line)) {
        if (str_starts(line, STR("event 2 ")))
            continue;
        buf_str(&less, line);
        buf_char(&less, '\n');
        if (line.len == 0) { /* str_cut gives no empty tail: the rest as it is */
            buf_str(&less, rest);
            break;
        }
    }
    assert_non_null(fault_in(buf_view(&less)));
}

static void test_the_paper_line(void **state)
{
    (void)state;
    struct hash leaf = {{0x9F, 0x3A, 0x77, 0xC1, 0x02, 0xBD, 0x5E, 0x10, 0xA4, 0xC9, 0xFF}};
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 100);
    receipt_paper_line(18342, &leaf, &b);
    check_str(buf_view(&b), "18342 9F3A-77C1-02BD-5E10-A4C9");
}

static void test_a_head_that_does_not_cover_the_event_yet_is_said(void **state)
{
    (void)state;
    struct kit other;
    kit_make(&other);
    kit_open(&other);
    struct kit_raise r = {.events = 1};
    assert_int_equal(kit_raise(&other, &r), ERR_OK);
    other.no_sign = true;
    assert_int_equal(kit_raise(&other, &r), ERR_OK);
    struct dossier d;
    struct key32 mlk;
    assert_int_equal(dossier_load(other.db, &arena, r.id, &d), ERR_OK);
    memcpy(mlk.b, d.mlk, sizeof mlk.b);
    const struct receipt_ask ask = {.house = &other.house, .dossier = r.id, .mlk = &mlk, .seq = 1};
    CLEANUP(buf_done) struct buf file;
    buf_init(&file, RECEIPT_BYTES_MAX);
    assert_int_equal(receipt_make(other.db, &arena, &ask, &file, &other.info), ERR_BUSY);
    assert_string_equal(other.info.key, "log.not_signed");
    kit_close(&other);
    kit_remove(&other);
}

/* ---- the golden file of the formats
 * ----------------------------------------------------------------- */

static void test_the_golden_receipt_byte_for_byte(void **state)
{
    (void)state;
    char path[1024];
    if (shared_path(path, "vectors/trust/receipt.tlog-proof") == NULL)
        skip();
    struct str file = shared_read(&arena, path);
    static struct receipt r;
    struct hash leaf;
    struct note_key log;
    struct note_key witness;
    int64_t at = 0;
    assert_int_equal(receipt_parse(file, &r), ERR_OK);
    assert_true(receipt_leaf(&r, &leaf));
    assert_true(r.index == 2 && r.head.size == 9 && receipt_is_included(&r, &leaf));
    assert_true(note_key_parse(STR("log.example.org/huiyin+810cc72d+"
                                   "AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c"),
                               &log));
    assert_true(note_key_parse(STR("union.example.net/w1+1d571c1c+"
                                   "BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU"),
                               &witness));
    assert_int_equal(note_check(&r.head, &log, NULL), NOTE_SIGNED);
    assert_int_equal(note_check(&r.head, &witness, &at), NOTE_SIGNED);
    CLEANUP(buf_done) struct buf again;
    buf_init(&again, RECEIPT_BYTES_MAX);
    receipt_format(&r, &again);
    assert_true(str_eq(buf_view(&again), file));
    assert_true(is_valid(file, &log));
}

/* Consistency 4 -> 9 of the golden add-checkpoint file. */
static void test_the_golden_consistency_proof(void **state)
{
    (void)state;
    char path[1024];
    if (shared_path(path, "vectors/trust/add-checkpoint.txt") == NULL)
        skip();
    struct str rest = shared_read(&arena, path);
    struct str line = STR_NULL;
    struct proof p = {.count = 0};
    assert_true(str_cut(&rest, '\n', &line));
    check_str(line, "old 4");
    while (str_cut(&rest, '\n', &line) && line.len > 0) {
        size_t len = 0;
        assert_true(str_from_b64(line, p.h[p.count++].b, 32, &len));
    }
    struct checkpoint old;
    struct checkpoint now;
    assert_int_equal(note_parse(rest, &now), ERR_OK);
    assert_non_null(shared_path(path, "vectors/trust/checkpoint.4"));
    assert_int_equal(note_parse(shared_read(&arena, path), &old), ERR_OK);
    assert_true(proof_check_consistency(old.size, now.size, &old.root, &now.root, p.h, p.count));
    assert_false(proof_check_consistency(old.size, now.size, &now.root, &old.root, p.h, p.count));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_receipt_is_proof_and_every_changed_byte_is_noticed),
        cmocka_unit_test(test_a_history_shows_what_may_be_seen_and_proves_the_rest),
        cmocka_unit_test(test_every_changed_byte_of_a_history_is_noticed),
        cmocka_unit_test(test_a_history_has_no_gap),
        cmocka_unit_test(test_the_paper_line),
        cmocka_unit_test(test_a_head_that_does_not_cover_the_event_yet_is_said),
        cmocka_unit_test(test_the_golden_receipt_byte_for_byte),
        cmocka_unit_test(test_the_golden_consistency_proof),
    };
    return cmocka_run_group_tests(tests, open_kit, close_kit);
}
