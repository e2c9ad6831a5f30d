/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The files under secret/ and the keys of dossiers (trust.md sections 3 and 7). */
#include "tests/check.h"

#include "base/mem.h"
#include "tests/trust/kit.h"
#include "tests/trust/kit_keys.sql.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct kit kit;

static int make_kit(void **state)
{
    (void)state;
    kit_make(&kit);
    return 0;
}

static int remove_kit(void **state)
{
    (void)state;
    kit_remove(&kit);
    return 0;
}

static const char *secret_path(const char *name)
{
    static char path[160];
    (void)snprintf(path, sizeof path, "%s/secret%s%s", kit.dir, name[0] == '\0' ? "" : "/", name);
    return path;
}

static enum err open_ring(struct keyring **ret_ring)
{
    return keyring_open(kit.dir, ret_ring, &kit.info);
}

static void test_secrets_are_made_once_and_closed_to_others(void **state)
{
    (void)state;
    static const char *const FILES[] = {"k_log", "k_receipt", "k_notify", "k_notify.pub",
                                        "k_id",  "k_pad",     "kek"};
    struct stat st;
    assert_int_equal(stat(secret_path(""), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
        assert_int_equal(stat(secret_path(FILES[i]), &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
        assert_int_equal(st.st_size, strcmp(FILES[i], "kek") == 0 ? 36 : 32);
    }
    assert_int_equal(secrets_make(kit.dir, &kit.info), ERR_CONFLICT);
    assert_string_equal(kit.info.key, "trust.secret.exists");
}

static void test_open_modes_are_refused_by_name(void **state)
{
    (void)state;
    struct keyring *r = NULL;
    assert_int_equal(chmod(secret_path("k_id"), 0640), 0);
    assert_int_equal(open_ring(&r), ERR_REFUSED);
    assert_string_equal(kit.info.key, "trust.secret.mode");
    assert_string_equal(kit.info.arg[0], "k_id");
    assert_string_equal(kit.info.arg[1], "0640");
    assert_int_equal(chmod(secret_path("k_id"), 0600), 0);
    assert_int_equal(chmod(secret_path(""), 0755), 0);
    assert_int_equal(open_ring(&r), ERR_REFUSED);
    assert_string_equal(kit.info.key, "trust.secret.dir_mode");
    assert_int_equal(chmod(secret_path(""), 0700), 0);
}

static void test_missing_linked_and_damaged_files_are_refused(void **state)
{
    (void)state;
    struct keyring *r = NULL;
    char path[160];
    char aside[160];
    (void)snprintf(path, sizeof path, "%s", secret_path("k_pad"));
    (void)snprintf(aside, sizeof aside, "%s/aside", kit.dir);
    assert_int_equal(rename(path, aside), 0);
    assert_int_equal(open_ring(&r), ERR_NOT_FOUND);
    assert_string_equal(kit.info.key, "trust.secret.missing");
    assert_int_equal(symlink(aside, path), 0);
    assert_int_equal(open_ring(&r), ERR_REFUSED);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rename(aside, path), 0);
    assert_int_equal(truncate(path, 31), 0);
    assert_int_equal(open_ring(&r), ERR_CORRUPT);
    assert_string_equal(kit.info.key, "trust.secret.size");
    assert_int_equal(truncate(path, 32), 0);
    assert_int_equal(truncate(secret_path("kek"), 35), 0);
    assert_int_equal(open_ring(&r), ERR_CORRUPT);
    assert_int_equal(truncate(secret_path("kek"), 36), 0);
    assert_int_equal(open_ring(&r), ERR_OK);
    keyring_close(r);
}

static void test_a_key_is_found_again_and_dies_when_destroyed(void **state)
{
    (void)state;
    struct keyring *r = NULL;
    struct key32 mdk;
    struct key32 mlk;
    struct key32 got;
    const struct dossier_id id = {7};
    assert_int_equal(open_ring(&r), ERR_OK);
    const struct keys *k = keyring_keys(r);
    assert_int_equal(k->find(k->ctx, id, KEY_MDK, &got), ERR_NOT_FOUND);
    assert_int_equal(k->make(k->ctx, id, KEY_MDK, &mdk), ERR_OK);
    assert_int_equal(k->make(k->ctx, id, KEY_MLK, &mlk), ERR_OK);
    assert_memory_not_equal(mdk.b, mlk.b, 32);
    assert_int_equal(k->find(k->ctx, id, KEY_MDK, &got), ERR_OK); /* before the commit, too */
    assert_int_equal(keyring_flush(r, &kit.info), ERR_OK);
    keyring_close(r);
    assert_int_equal(open_ring(&r), ERR_OK);
    k = keyring_keys(r);
    assert_int_equal(k->find(k->ctx, id, KEY_MDK, &got), ERR_OK);
    assert_memory_equal(got.b, mdk.b, 32);
    assert_int_equal(k->find(k->ctx, id, KEY_MLK, &got), ERR_OK);
    assert_memory_equal(got.b, mlk.b, 32);
    assert_int_equal(k->destroy(k->ctx, id, KEY_MDK), ERR_OK);
    assert_int_equal(k->destroy(k->ctx, id, KEY_MDK), ERR_OK);
    assert_int_equal(k->find(k->ctx, id, KEY_MDK, &got), ERR_NOT_FOUND);
    assert_int_equal(k->find(k->ctx, id, KEY_MLK, &got), ERR_OK);
    keyring_close(r);
}

static void test_keys_not_flushed_are_gone(void **state)
{
    (void)state;
    struct keyring *r = NULL;
    struct key32 key;
    assert_int_equal(open_ring(&r), ERR_OK);
    const struct keys *k = keyring_keys(r);
    assert_int_equal(k->make(k->ctx, (struct dossier_id){8}, KEY_MLK, &key), ERR_OK);
    keyring_close(r);
    assert_int_equal(open_ring(&r), ERR_OK);
    k = keyring_keys(r);
    assert_int_equal(k->find(k->ctx, (struct dossier_id){8}, KEY_MLK, &key), ERR_NOT_FOUND);
    keyring_close(r);
}

/* A row that was moved to another dossier or kind does not open. */
static void test_a_wrapped_key_opens_at_its_place_only(void **state)
{
    (void)state;
    struct keyring *r = NULL;
    struct key32 key;
    const struct dossier_id id = {9};
    assert_int_equal(open_ring(&r), ERR_OK);
    const struct keys *k = keyring_keys(r);
    assert_int_equal(k->make(k->ctx, id, KEY_MLK, &key), ERR_OK);
    assert_int_equal(keyring_flush(r, &kit.info), ERR_OK);
    CLEANUP(db_close_ptr) struct db *db = NULL;
    assert_int_equal(db_open(kit.dir, DB_STORE_KEYS, DB_WRITE, &db, &kit.info), ERR_OK);
    assert_int_equal(kit_key_move(db, id, (struct dossier_id){10}), ERR_OK);
    assert_int_equal(k->find(k->ctx, id, KEY_MLK, &key), ERR_NOT_FOUND);
    assert_int_equal(k->find(k->ctx, (struct dossier_id){10}, KEY_MLK, &key), ERR_CORRUPT);
    /* the epoch's key destroyed: its dossiers are as good as shredded */
    assert_int_equal(kit_key_move(db, (struct dossier_id){10}, id), ERR_OK);
    assert_int_equal(kit_key_epoch(db, id, 2), ERR_OK);
    assert_int_equal(k->find(k->ctx, id, KEY_MLK, &key), ERR_NOT_FOUND);
    keyring_close(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_secrets_are_made_once_and_closed_to_others),
        cmocka_unit_test(test_open_modes_are_refused_by_name),
        cmocka_unit_test(test_missing_linked_and_damaged_files_are_refused),
        cmocka_unit_test(test_a_key_is_found_again_and_dies_when_destroyed),
        cmocka_unit_test(test_keys_not_flushed_are_gone),
        cmocka_unit_test(test_a_wrapped_key_opens_at_its_place_only),
    };
    return cmocka_run_group_tests(tests, make_kit, remove_kit);
}
