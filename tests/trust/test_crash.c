/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The rows of trust.md section 8.4: the process ends at each point, and the next start finds what
 * is promised there. */
#include "tests/check.h"

#include "base/instant.h"
#include "base/mem.h"
#include "tests/trust/kit.h"
#include "trust/code.sql.h"

#include <string.h>

enum { DIED = 9 };

/* In the child: one matter that stays, then one with a sealed identity that dies on the way. */
static void raise_and_die(struct kit *k)
{
    enum kit_point die = k->die;
    k->die = KIT_NOWHERE;
    kit_open(k);
    struct kit_raise first = {.events = 2};
    assert_int_equal(kit_raise(k, &first), ERR_OK);
    k->die = die;
    struct kit_raise second = {.sealed = true, .named = true, .events = 3};
    (void)kit_raise(k, &second);
}

static int64_t newest(struct kit *k)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 4096);
    struct newest_dossier_row row;
    assert_int_equal(newest_dossier(k->db, &a, &row), ERR_OK);
    return row.id.v;
}

static uint64_t head_size(struct kit *k)
{
    struct log_head head;
    assert_int_equal(keeper_log_head(k->keeper, &head), KEEPER_OK);
    return head.size;
}

static void die_at(struct kit *k, enum kit_point point)
{
    kit_make(k);
    k->die = point;
    assert_int_equal(kit_in_child(raise_and_die, k), DIED);
    k->die = KIT_NOWHERE;
}

/* The state is sound again: one more matter goes in and is signed. */
static void check_goes_on(struct kit *k, int64_t dossiers)
{
    assert_null(log_refusal(k->log));
    assert_int_equal(newest(k), dossiers);
    struct kit_raise more = {.sealed = true, .named = true};
    assert_int_equal(kit_raise(k, &more), ERR_OK);
    assert_true(more.id.v == dossiers + 1);
    struct log_head head;
    assert_int_equal(log_wait(k->log, 1, 0, &head), ERR_OK);
    assert_true(head.size == head_size(k));
    struct hash root;
    assert_int_equal(log_root(k->db, head.size, &root), ERR_OK);
    assert_memory_equal(root.b, head.root.b, HASH_BYTES);
}

static void test_killed_before_commit_nothing_is_there_but_orphans(void **state)
{
    (void)state;
    struct kit k;
    die_at(&k, KIT_BEFORE_COMMIT);
    kit_open(&k);
    const struct keys *keys = k.house.keys;
    struct key32 key;
    /* the orphan key row is there, and young orphans are kept */
    assert_int_equal(keys->find(keys->ctx, (struct dossier_id){2}, KEY_MLK, &key), ERR_OK);
    assert_true(k.reconciled.keys_deleted == 0 && k.reconciled.items_erased == 0);
    kit_close(&k);
    /* three days later they go */
    instant_set_virtual(instant_now() + 3 * US_PER_DAY);
    kit_open(&k);
    keys = k.house.keys;
    assert_true(k.reconciled.keys_deleted == 2);
    assert_true(k.reconciled.items_erased == 1);
    assert_int_equal(keys->find(keys->ctx, (struct dossier_id){2}, KEY_MLK, &key), ERR_NOT_FOUND);
    check_goes_on(&k, 1);
    instant_set_virtual(-1);
    kit_close(&k);
    kit_remove(&k);
}

static void test_killed_after_commit_the_item_is_confirmed_at_start(void **state)
{
    (void)state;
    struct kit k;
    die_at(&k, KIT_AFTER_COMMIT);
    kit_open(&k);
    assert_true(k.reconciled.items_confirmed == 1);
    /* signed at start, though no promise had been given */
    assert_true(head_size(&k) == 5);
    kit_close(&k);
    /* kept: no sweep erases it */
    instant_set_virtual(instant_now() + 10 * US_PER_DAY);
    kit_open(&k);
    assert_true(k.reconciled.items_erased == 0);
    check_goes_on(&k, 2);
    instant_set_virtual(-1);
    kit_close(&k);
    kit_remove(&k);
}

/* A power cut before a long weekend: the box of a matter that was acknowledged was erased, because
 * only matters of the last three days were looked at. */
static void test_killed_after_commit_and_off_for_ten_days_the_item_is_kept(void **state)
{
    (void)state;
    struct kit k;
    die_at(&k, KIT_AFTER_COMMIT);
    instant_set_virtual(instant_now() + 10 * US_PER_DAY);
    kit_open(&k);
    assert_true(k.reconciled.items_confirmed == 1);
    assert_true(k.reconciled.items_erased == 0);
    check_goes_on(&k, 2);
    instant_set_virtual(-1);
    kit_close(&k);
    kit_remove(&k);
}

static void test_killed_before_signing_the_head_is_signed_at_start(void **state)
{
    (void)state;
    struct kit k;
    die_at(&k, KIT_BEFORE_SIGN);
    kit_open(&k);
    assert_true(head_size(&k) == 5);
    check_goes_on(&k, 2);
    kit_close(&k);
    kit_remove(&k);
}

static void test_a_lost_answer_is_the_same_signature_again(void **state)
{
    (void)state;
    struct kit k;
    die_at(&k, KIT_AFTER_SIGN);
    kit_open(&k);
    struct log_head head;
    struct log_head again;
    assert_int_equal(keeper_log_head(k.keeper, &head), KEEPER_OK);
    assert_true(head.size == 5);
    const struct keeper_log_sign in = {.size = head.size, .root = head.root};
    assert_int_equal(keeper_log_sign(k.keeper, &in, &again), KEEPER_OK);
    assert_memory_equal(head.sig, again.sig, SIG_BYTES);
    check_goes_on(&k, 2);
    kit_close(&k);
    kit_remove(&k);
}

static void raise_one(struct kit *k, bool sealed)
{
    kit_open(k);
    struct kit_raise r = {.sealed = sealed, .named = sealed};
    assert_int_equal(kit_raise(k, &r), ERR_OK);
    kit_close(k);
}

static void check_read_only(struct kit *k, const char *key)
{
    struct kit_raise r = {.events = 1};
    assert_non_null(log_refusal(k->log));
    assert_string_equal(log_refusal(k->log), key);
    int64_t before = newest(k);
    assert_int_equal(kit_raise(k, &r), ERR_REFUSED);
    assert_string_equal(k->info.key, key);
    assert_true(newest(k) == before);
}

static void test_a_restored_database_opens_read_only(void **state)
{
    (void)state;
    struct kit k;
    kit_make(&k);
    raise_one(&k, false);
    kit_copy(&k, "main.db", "main.old");
    raise_one(&k, true);
    kit_copy(&k, "main.old", "main.db");
    instant_set_virtual(instant_now() + 10 * US_PER_DAY);
    kit_open(&k);
    assert_true(k.reconciled.keys_deleted == 0); /* those keys may still be needed */
    assert_true(k.reconciled.items_erased == 0);
    check_read_only(&k, "log.restored");
    kit_close(&k);
    instant_set_virtual(-1);
    kit_remove(&k);
}

/* Somebody went on with the old copy: same length, another history. */
static void test_a_forked_database_opens_read_only(void **state)
{
    (void)state;
    struct kit k;
    kit_make(&k);
    raise_one(&k, false);
    kit_copy(&k, "main.db", "main.old");
    kit_copy(&k, "vault.db", "vault.old");
    raise_one(&k, false);
    kit_copy(&k, "vault.db", "vault.first");
    kit_copy(&k, "main.old", "main.db");
    kit_copy(&k, "vault.old", "vault.db");
    raise_one(&k, false);
    kit_copy(&k, "vault.first", "vault.db");
    kit_open(&k);
    check_read_only(&k, "log.forked");
    kit_close(&k);
    kit_remove(&k);
}

static void test_an_older_vault_accepts_the_continuation(void **state)
{
    (void)state;
    struct kit k;
    kit_make(&k);
    raise_one(&k, false);
    kit_copy(&k, "vault.db", "vault.old");
    raise_one(&k, false);
    kit_copy(&k, "vault.old", "vault.db");
    kit_open(&k);
    assert_true(head_size(&k) == 2);
    check_goes_on(&k, 2);
    kit_close(&k);
    kit_remove(&k);
}

/* A58: what has been recorded is never older than what comes after it. */
static void test_a_clock_set_back_stops_the_record(void **state)
{
    (void)state;
    struct kit k;
    kit_make(&k);
    int64_t now_us = instant_now();
    instant_set_virtual(now_us);
    raise_one(&k, false);
    instant_set_virtual(now_us - 4 * US_PER_MINUTE);
    raise_one(&k, false);
    instant_set_virtual(now_us - 365 * US_PER_DAY);
    kit_open(&k);
    assert_null(log_refusal(k.log));
    struct kit_raise r = {.events = 1};
    assert_int_equal(kit_raise(&k, &r), ERR_REFUSED);
    check_read_only(&k, "log.clock_back");
    kit_close(&k);
    instant_set_virtual(now_us + 1);
    raise_one(&k, false);
    instant_set_virtual(-1);
    kit_remove(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_killed_before_commit_nothing_is_there_but_orphans),
        cmocka_unit_test(test_killed_after_commit_the_item_is_confirmed_at_start),
        cmocka_unit_test(test_killed_after_commit_and_off_for_ten_days_the_item_is_kept),
        cmocka_unit_test(test_killed_before_signing_the_head_is_signed_at_start),
        cmocka_unit_test(test_a_lost_answer_is_the_same_signature_again),
        cmocka_unit_test(test_a_restored_database_opens_read_only),
        cmocka_unit_test(test_a_forked_database_opens_read_only),
        cmocka_unit_test(test_an_older_vault_accepts_the_continuation),
        cmocka_unit_test(test_a_clock_set_back_stops_the_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
