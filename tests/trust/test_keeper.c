/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The vault byte by byte (trust.md section 5.1), codes (6), the signer (8). What the keeper sealed
 * is opened here by hand, with the passphrase that was shown once. */
#include "tests/check.h"

#include "base/instant.h"
#include "base/mem.h"
#include "base/rng.h"
#include "db/connection.h"
#include "spine/note.h"
#include "tests/trust/kit.h"
#include "tests/trust/kit_vault.sql.h"
#include "trust/code.h"
#include "trust/keeper_inside.h"
#include "trust/passphrase.h"

#include <pthread.h>
#include <string.h>

static struct kit kit;
static struct arena arena;

static int open_kit(void **state)
{
    (void)state;
    arena_init(&arena, 16 << 20);
    kit_make(&kit);
    kit_open(&kit);
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

static struct str bytes_of(const struct id16 *id)
{
    return str_make(id->b, sizeof id->b);
}

/* A second look at vault.db, beside the keeper's own. */
static struct db *vault_look_at(struct keeper *k, const char *dir)
{
    struct db *db = NULL;
    assert_int_equal(keeper_flush(k, NULL), ERR_OK);
    assert_int_equal(db_open(dir, DB_STORE_VAULT, DB_WRITE, &db, NULL), ERR_OK);
    return db;
}

static struct db *vault_look(void)
{
    return vault_look_at(kit.keeper, kit.dir);
}

/* A keeper of another folder, with nothing but that open. */
static struct keeper *other_open(struct kit *other, struct keeper_setup setup)
{
    struct keeper *k = NULL;
    kit_make(other);
    setup.dir = other->dir;
    assert_int_equal(keeper_open(&setup, &k, &other->info), ERR_OK);
    return k;
}

static void other_close(struct kit *other, struct keeper *k)
{
    keeper_close(k);
    kit_remove(other);
}

static struct id16 seal_with(const struct keeper_seal *in)
{
    struct id16 handle = {{0}};
    assert_int_equal(keeper_seal(kit.keeper, in, &handle), KEEPER_OK);
    return handle;
}

static struct str tlv_of(const struct identity *who)
{
    uint8_t *bytes = arena_alloc(&arena, KEEPER_IDENTITY_BYTES_MAX);
    size_t len = 0;
    assert_non_null(bytes);
    assert_int_equal(identity_encode(who, bytes, KEEPER_IDENTITY_BYTES_MAX, &len), ERR_OK);
    return str_make(bytes, len);
}

/* ---- opening by hand
 * ------------------------------------------------------------------------------- */

static bool custodian_secret(struct db *db, struct str id, const char *passphrase,
                             struct key32 *ret_secret)
{
    struct kit_custodian_row c;
    assert_int_equal(kit_custodian(db, &arena, id, &c), ERR_OK);
    assert_int_equal(c.enc_sk.len, 48);
    struct key32 wrap;
    assert_int_equal(crypt_stretch(str_of(passphrase), (const uint8_t *)c.salt.ptr, (uint64_t)c.ops,
                                   (size_t)c.mem, wrap.b, 32),
                     ERR_OK);
    const char *aad = arena_printf(&arena, "huiyin-custodian/v1%48s", "");
    memcpy((char *)(uintptr_t)aad + 19, id.ptr, 16);
    memcpy((char *)(uintptr_t)aad + 35, c.pub.ptr, 32);
    if (!crypt_aead_open(wrap.b, (const uint8_t *)c.nonce.ptr, str_make(aad, 67), c.enc_sk,
                         ret_secret->b))
        return false;
    uint8_t pub[32];
    crypt_box_public(ret_secret, pub);
    assert_memory_equal(pub, c.pub.ptr, 32);
    return true;
}

static bool role_secret(struct db *db, struct str role_id, const char *passphrase,
                        struct kit_role_row *ret_role, struct key32 *ret_secret)
{
    struct key32 custodian;
    uint8_t custodian_pub[32];
    uint8_t plain[56];
    assert_int_equal(kit_role(db, &arena, role_id, ret_role), ERR_OK);
    assert_int_equal(ret_role->sealed.len, 104);
    if (!custodian_secret(db, ret_role->custodian_id, passphrase, &custodian))
        return false;
    crypt_box_public(&custodian, custodian_pub);
    assert_true(crypt_box_open(custodian_pub, &custodian, ret_role->sealed, plain));
    assert_memory_equal(plain, "HYR1", 4);
    assert_memory_equal(plain + 4, role_id.ptr, 16);
    assert_memory_equal(plain + 20, "\0\0\0\1", 4);
    memcpy(ret_secret->b, plain + 24, 32);
    return true;
}

static bool share_open(struct db *db, const struct id16 *handle, int32_t no, const char *passphrase,
                       struct key32 *ret_share)
{
    struct kit_share_row share;
    struct kit_role_row role;
    struct key32 secret;
    uint8_t plain[53];
    assert_int_equal(kit_share(db, &arena, bytes_of(handle), no, &share), ERR_OK);
    assert_int_equal(share.sealed.len, 101);
    if (!role_secret(db, share.role_id, passphrase, &role, &secret))
        return false;
    assert_true(crypt_box_open((const uint8_t *)role.pub.ptr, &secret, share.sealed, plain));
    assert_memory_equal(plain, "HYS1", 4);
    assert_memory_equal(plain + 4, handle->b, 16);
    assert_int_equal(plain[20], no);
    memcpy(ret_share->b, plain + 21, 32);
    return true;
}

static struct str identity_open(const struct kit_item_row *item, const struct id16 *handle,
                                const struct key32 *idk)
{
    uint8_t aad[21] = {'H', 'Y', 'I', '1', (uint8_t)item->mode};
    memcpy(aad + 5, handle->b, 16);
    uint8_t *plain = arena_alloc(&arena, item->ct.len);
    assert_true(crypt_aead_open(idk->b, (const uint8_t *)item->nonce.ptr, str_make(aad, sizeof aad),
                                item->ct, plain));
    size_t len = item->ct.len - AEAD_TAG_BYTES;
    while (plain[len - 1] == 0)
        len--;
    assert_int_equal(plain[len - 1], 0x80);
    return str_make(plain, len - 1);
}

static void test_an_identity_opens_with_the_passphrase_shown_at_init(void **state)
{
    (void)state;
    const struct identity who = {.name = STR("Canary Wang"),
                                 .phone = STR("138 0000 0000"),
                                 .postal = STR("Gate 4"),
                                 .lang = STR("zh")};
    const struct keeper_seal in = {.policy = POLICY_DEFAULT,
                                   .identity = tlv_of(&who),
                                   .channel = NOTIFY_MAIL,
                                   .address = STR("canary@example.org"),
                                   .lang = STR("zh")};
    struct id16 handle = seal_with(&in);
    CLEANUP(db_close_ptr) struct db *db = vault_look();
    struct kit_item_row item;
    struct key32 idk;
    assert_int_equal(kit_item(db, &arena, bytes_of(&handle), &item), ERR_OK);
    assert_true(item.pending && item.mode == 1);
    assert_int_equal(item.ct.len, 1040);
    assert_false(share_open(db, &handle, 1, "bado bado bado bado bado bado", &idk));
    assert_true(share_open(db, &handle, 1, kit.passphrase, &idk));
    struct identity got;
    assert_true(identity_decode(identity_open(&item, &handle, &idk), &got));
    check_str(got.name, "Canary Wang");
    check_str(got.phone, "138 0000 0000");
    check_str(got.postal, "Gate 4");
    check_str(got.email, "");
    check_str(got.lang, "zh");
    assert_int_equal(keeper_confirm(kit.keeper, &handle), KEEPER_OK);
    assert_int_equal(keeper_confirm(kit.keeper, &handle), KEEPER_OK);
    assert_int_equal(keeper_flush(kit.keeper, NULL), ERR_OK);
    assert_int_equal(kit_item(db, &arena, bytes_of(&handle), &item), ERR_OK);
    assert_false(item.pending);
}

/* Whoever else holds the vault, what was sealed and confirmed waits, in its order. */
static void test_what_could_not_be_written_waits(void **state)
{
    (void)state;
    CLEANUP(db_close_ptr) struct db *db = vault_look();
    const struct keeper_seal in = {.policy = POLICY_DEFAULT};
    struct db_tx other = DB_TX_NONE;
    struct kit_item_row item;
    assert_int_equal(DB_TX_BEGIN(&other, db), ERR_OK);
    struct id16 first = seal_with(&in);
    assert_int_equal(keeper_confirm_soon(kit.keeper, &first), KEEPER_OK);
    struct id16 second = seal_with(&in);
    assert_int_not_equal(keeper_flush(kit.keeper, NULL), ERR_OK);
    db_tx_rollback(&other);
    assert_int_equal(kit_item(db, &arena, bytes_of(&first), &item), ERR_NOT_FOUND);
    assert_int_equal(keeper_flush(kit.keeper, NULL), ERR_OK);
    assert_int_equal(kit_item(db, &arena, bytes_of(&first), &item), ERR_OK);
    assert_false(item.pending);
    assert_int_equal(kit_item(db, &arena, bytes_of(&second), &item), ERR_OK);
    assert_true(item.pending);
}

enum { SEALERS = 3, SEALS_EACH = 60 };

/* What a flush that came back says is there, another connection sees. */
static bool seal_one(struct db *db, bool must_flush)
{
    CLEANUP(arena_done) struct arena a;
    const struct keeper_seal in = {.policy = POLICY_DEFAULT, .now_us = 30000 * US_PER_DAY};
    struct kit_item_row item;
    struct id16 handle;
    arena_init(&a, 1 << 16);
    return keeper_seal(kit.keeper, &in, &handle) == KEEPER_OK &&
           keeper_confirm_soon(kit.keeper, &handle) == KEEPER_OK &&
           (!must_flush || (keeper_flush(kit.keeper, NULL) == ERR_OK &&
                            kit_item(db, &a, bytes_of(&handle), &item) == ERR_OK));
}

static void *seal_many(void *arg)
{
    (void)arg;
    CLEANUP(db_close_ptr) struct db *db = NULL;
    bool is_right = db_open(kit.dir, DB_STORE_VAULT, DB_WRITE, &db, NULL) == ERR_OK;
    for (int i = 0; i < SEALS_EACH && is_right; i++)
        is_right = seal_one(db, i % 5 == 0);
    return is_right ? NULL : &kit;
}

/* Requests seal in their threads while the writer commits in its own: each is there once, kept. */
static void pages_allowed(const char *pragma)
{
    assert_int_equal(sqlite3_exec(kit.keeper->db->sq, pragma, NULL, NULL, NULL), 0);
}

static enum err flush_somehow(bool here)
{
    return here ? keeper_flush(kit.keeper, NULL)
                : keeper_flush_wait(kit.keeper, keeper_flush_soon(kit.keeper), NULL);
}

/* SQLite gives the transaction up by itself when there is no room. Once there is again, what was
 * sealed before and after is written; nothing had been said to be safe. */
static void test_a_full_disk_passes(void **state)
{
    (void)state;
    enum { BEFORE = 3, MANY = 60 };
    const struct keeper_seal in = {.policy = POLICY_DEFAULT};
    static struct id16 handle[MANY];
    pages_allowed("PRAGMA max_page_count=1");
    for (size_t i = 0; i < BEFORE; i++)
        handle[i] = seal_with(&in);
    size_t refused = 0;
    for (size_t i = BEFORE; i < MANY; i++) {
        handle[i] = seal_with(&in);
        refused += flush_somehow(i % 2 == 0) != ERR_OK;
    }
    assert_true(refused > 0); /* the file had free pages at first */
    pages_allowed("PRAGMA max_page_count=1000000");
    assert_int_equal(keeper_flush(kit.keeper, NULL), ERR_OK);
    CLEANUP(db_close_ptr) struct db *db = vault_look();
    struct kit_item_row item;
    for (size_t i = 0; i < MANY; i++)
        assert_int_equal(kit_item(db, &arena, bytes_of(&handle[i]), &item), ERR_OK);
}

static void test_threads_seal_while_others_commit(void **state)
{
    (void)state;
    CLEANUP(db_close_ptr) struct db *db = vault_look();
    pthread_t threads[SEALERS];
    struct kit_kept_count_row before;
    struct kit_kept_count_row after;
    assert_int_equal(kit_kept_count(db, &arena, &before), ERR_OK);
    for (size_t i = 0; i < SEALERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, seal_many, NULL), 0);
    for (int i = 0; i < 20; i++)
        assert_int_equal(keeper_flush(kit.keeper, NULL), ERR_OK);
    for (size_t i = 0; i < SEALERS; i++) {
        void *wrong = NULL;
        assert_int_equal(pthread_join(threads[i], &wrong), 0);
        assert_null(wrong);
    }
    assert_int_equal(keeper_flush(kit.keeper, NULL), ERR_OK);
    assert_int_equal(kit_kept_count(db, &arena, &after), ERR_OK);
    assert_int_equal(after.n - before.n, SEALERS * SEALS_EACH);
}

/* A vault that takes nothing must not fill the memory with what waits for it. */
static void test_no_more_waits_than_there_is_room_for(void **state)
{
    (void)state;
    const struct keeper_seal in = {.policy = POLICY_DEFAULT};
    struct id16 handle;
    enum keeper_status status = KEEPER_OK;
    size_t taken = 0;
    for (; status == KEEPER_OK && taken < 10000; taken++)
        status = keeper_seal(kit.keeper, &in, &handle);
    assert_int_equal(status, KEEPER_AGAIN);
    assert_int_equal(keeper_flush(kit.keeper, NULL), ERR_OK);
    assert_int_equal(keeper_seal(kit.keeper, &in, &handle), KEEPER_OK);
}

static void test_two_roles_hold_halves_that_say_nothing_alone(void **state)
{
    (void)state;
    CLEANUP(db_close_ptr) struct db *db = vault_look();
    const struct id16 a = {{1}};
    const struct id16 b = {{2}};
    struct kit_role_row role;
    assert_int_equal(kit_role(db, &arena, bytes_of(&a), &role), ERR_OK);
    struct keeper_role_new second = {.role = b};
    memcpy(second.custodian.b, role.custodian_id.ptr, 16);
    assert_int_equal(keeper_role_new(kit.keeper, &second), KEEPER_OK);
    assert_int_equal(keeper_role_new(kit.keeper, &second), KEEPER_REFUSED);
    assert_int_equal(kit_policy_two(db, 2, bytes_of(&a), bytes_of(&b)), ERR_OK);
    const struct identity who = {.name = STR("Canary")};
    const struct keeper_seal in = {.policy = 2, .identity = tlv_of(&who)};
    struct id16 handle = seal_with(&in);
    assert_int_equal(keeper_flush(kit.keeper, NULL), ERR_OK);
    struct kit_item_row item;
    struct key32 one = {{0}};
    struct key32 two = {{0}};
    assert_int_equal(kit_item(db, &arena, bytes_of(&handle), &item), ERR_OK);
    assert_int_equal(item.mode, 2);
    assert_true(share_open(db, &handle, 1, kit.passphrase, &one));
    assert_true(share_open(db, &handle, 2, kit.passphrase, &two));
    struct key32 idk;
    for (size_t i = 0; i < sizeof idk.b; i++)
        idk.b[i] = one.b[i] ^ two.b[i];
    struct identity got;
    assert_true(identity_decode(identity_open(&item, &handle, &idk), &got));
    check_str(got.name, "Canary");
}

static void test_the_notify_box_opens_for_the_mailer(void **state)
{
    (void)state;
    const struct keeper_seal in = {.policy = POLICY_DEFAULT,
                                   .channel = NOTIFY_SMS,
                                   .address = STR("13800000000"),
                                   .lang = STR("zh")};
    struct id16 handle = seal_with(&in);
    CLEANUP(db_close_ptr) struct db *db = vault_look();
    struct kit_notify_row row;
    assert_int_equal(kit_notify(db, &arena, bytes_of(&handle), &row), ERR_OK);
    assert_int_equal(row.sealed.len, 326);
    CLEANUP(secret_free_ptr) struct secret *s = NULL;
    assert_int_equal(secret_read(kit.dir, "k_notify", 32, &s, &kit.info), ERR_OK);
    struct key32 secret;
    uint8_t pub[32];
    uint8_t plain[278];
    memcpy(secret.b, secret_bytes(s), 32);
    crypt_box_public(&secret, pub);
    assert_true(crypt_box_open(pub, &secret, row.sealed, plain));
    assert_memory_equal(plain, "HYN1", 4);
    assert_memory_equal(plain + 4, handle.b, 16);
    assert_memory_equal(plain + 20,
                        "zh\2"
                        "13800000000\x80",
                        15);
    for (size_t i = 35; i < sizeof plain; i++)
        assert_int_equal(plain[i], 0);
}

/* A02: what two matters have in common is only the size. */
static void test_all_items_look_alike(void **state)
{
    (void)state;
    CLEANUP(db_close_ptr) struct db *db = vault_look();
    char text[1021];
    memset(text, 'x', sizeof text);
    const struct identity none = {.name = STR("")};
    const struct identity full = {.name = str_make(text, 1020)};
    const struct identity more = {.name = str_make(text, 1021)};
    const struct {
        const struct identity *who;
        size_t ct;
    } cases[] = {{&none, 1040}, {&full, 1040}, {&more, 4112}};
    for (size_t i = 0; i < 3; i++) {
        const struct keeper_seal in = {.policy = POLICY_DEFAULT, .identity = tlv_of(cases[i].who)};
        struct id16 one = seal_with(&in);
        struct id16 two = seal_with(&in);
        struct kit_item_row a;
        struct kit_item_row b;
        struct kit_notify_row n;
        assert_int_equal(keeper_flush(kit.keeper, NULL), ERR_OK);
        assert_int_equal(kit_item(db, &arena, bytes_of(&one), &a), ERR_OK);
        assert_int_equal(kit_item(db, &arena, bytes_of(&two), &b), ERR_OK);
        assert_int_equal(kit_notify(db, &arena, bytes_of(&one), &n), ERR_OK);
        assert_true(a.ct.len == cases[i].ct && b.ct.len == a.ct.len);
        assert_false(str_eq(a.ct, b.ct));
        assert_false(str_eq(bytes_of(&one), bytes_of(&two)));
        assert_int_equal(n.sealed.len, 326);
    }
}

static void test_malformed_and_unknown_are_refused(void **state)
{
    (void)state;
    struct id16 handle;
    struct identity who;
    static const char *const BAD[] = {"\1",      "\1\0",           "\1\0\2x", "\0\0\1x",
                                      "\7\0\1x", "\2\0\1x\1\0\1y", "\1\0\0",  "\1\0\1x\1\0\1y"};
    static const size_t LEN[] = {1, 2, 4, 4, 4, 8, 3, 8};
    for (size_t i = 0; i < sizeof LEN / sizeof *LEN; i++) {
        const struct keeper_seal in = {.policy = POLICY_DEFAULT,
                                       .identity = str_make(BAD[i], LEN[i])};
        assert_false(identity_decode(in.identity, &who));
        assert_int_equal(keeper_seal(kit.keeper, &in, &handle), KEEPER_MALFORMED);
    }
    struct keeper_seal in = {.policy = 99};
    assert_int_equal(keeper_seal(kit.keeper, &in, &handle), KEEPER_REFUSED);
    const struct keeper_bar bar = {KEEPER_BAR_ROLE, {{1}}};
    in = (struct keeper_seal){.policy = POLICY_DEFAULT, .bars = &bar, .bar_count = 1};
    assert_int_equal(keeper_seal(kit.keeper, &in, &handle), KEEPER_REFUSED);
    char big[KEEPER_IDENTITY_BYTES_MAX];
    memset(big, 'x', sizeof big);
    who = (struct identity){.name = str_make(big, sizeof big)};
    uint8_t out[5000];
    size_t len = 0;
    assert_int_equal(identity_encode(&who, out, sizeof out, &len), ERR_LIMIT);
    handle = (struct id16){{9}};
    assert_int_equal(keeper_confirm(kit.keeper, &handle), KEEPER_NOT_FOUND);
    assert_int_equal(keeper_bar_add(kit.keeper, &handle, &bar, 1), KEEPER_NOT_FOUND);
}

static void test_bars_are_added_and_pending_items_swept(void **state)
{
    (void)state;
    CLEANUP(db_close_ptr) struct db *db = vault_look();
    const struct keeper_bar bars[] = {{KEEPER_BAR_CUSTODIAN, {{7}}}, {KEEPER_BAR_ROLE, {{8}}}};
    const struct keeper_seal in = {
        .policy = POLICY_DEFAULT, .bars = bars, .bar_count = 1, .now_us = 20000 * US_PER_DAY};
    struct id16 handle = seal_with(&in);
    assert_int_equal(keeper_bar_add(kit.keeper, &handle, bars, 2), KEEPER_OK);
    struct kit_bar_count_row n;
    assert_int_equal(kit_bar_count(db, &arena, bytes_of(&handle), &n), ERR_OK);
    assert_true(n.n == 2);
    int64_t erased = 0;
    struct kit_item_row item;
    assert_int_equal(keeper_sweep(kit.keeper, 20001 * US_PER_DAY, &erased), KEEPER_OK);
    assert_int_equal(kit_item(db, &arena, bytes_of(&handle), &item), ERR_OK);
    assert_int_equal(keeper_sweep(kit.keeper, 20002 * US_PER_DAY, &erased), KEEPER_OK);
    assert_int_equal(kit_item(db, &arena, bytes_of(&handle), &item), ERR_NOT_FOUND);
    assert_int_equal(kit_bar_count(db, &arena, bytes_of(&handle), &n), ERR_OK);
    assert_true(n.n == 0);
}

/* A11: nobody becomes a custodian without one. A03, A04: nothing opens what is not built. */
static void test_there_is_no_way_around_the_custodians(void **state)
{
    (void)state;
    struct keeper_custodian_made made;
    const struct keeper_custodian_new in = {.now_us = 0};
    assert_int_equal(keeper_custodian_enrol(kit.keeper, &in, &made), KEEPER_REFUSED);
    const struct keeper_open_begin begin = {.passphrase = str_of(kit.passphrase)};
    struct keeper_opening opening;
    assert_int_equal(keeper_open_begin(kit.keeper, &begin, &opening), KEEPER_REFUSED);
    const struct keeper_role_new role = {.role = {{3}}, .custodian = {{4}}};
    assert_int_equal(keeper_role_new(kit.keeper, &role), KEEPER_NOT_FOUND);
    int64_t roles = 0;
    int64_t custodians = 0;
    assert_int_equal(keeper_counts(kit.keeper, &roles, &custodians), KEEPER_OK);
    assert_true(roles >= 1 && custodians == 1);
}

static bool file_holds(const char *name, struct str needle)
{
    char path[160];
    (void)snprintf(path, sizeof path, "%s/%s", kit.dir, name);
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        return false;
    static char bytes[4 << 20];
    size_t n = fread(bytes, 1, sizeof bytes, f);
    assert_true(n < sizeof bytes);
    (void)fclose(f);
    return str_find(str_make(bytes, n), needle) != SIZE_MAX;
}

/* A01: names, addresses and their hashes stand in no file. */
static void test_no_file_holds_the_canary(void **state)
{
    (void)state;
    struct kit_raise r = {.sealed = true, .named = true, .events = 3};
    assert_int_equal(kit_raise(&kit, &r), ERR_OK);
    assert_int_equal(keeper_flush(kit.keeper, NULL), ERR_OK);
    static const char *const FILES[] = {"main.db", "main.db-wal", "keys.db", "vault.db"};
    static const char *const WORDS[] = {"Canary", "13800000000", "canary@example", "stairs"};
    for (size_t i = 0; i < 4; i++)
        for (size_t w = 0; w < 4; w++) {
            struct hash h;
            assert_false(file_holds(FILES[i], str_of(WORDS[w])));
            crypt_sha256(WORDS[w], strlen(WORDS[w]), &h);
            assert_false(file_holds(FILES[i], str_make(h.b, 16)));
        }
    assert_true(file_holds("main.db-wal", STR("matter.received"))); /* the search does find */
}

/* ---- codes
 * ------------------------------------------------------------------------------------------- */

static void test_a_code_is_found_however_it_is_typed(void **state)
{
    (void)state;
    CLEANUP(code_wipe) struct code c;
    uint8_t lookup[32];
    char spaced[CODE_SPACED_BYTES];
    assert_int_equal(keeper_code_new(kit.keeper, &c), KEEPER_OK);
    assert_int_equal(strlen(c.digits), CODE_DIGITS);
    code_spaced(c.digits, spaced);
    assert_int_equal(strlen(spaced), 29);
    assert_int_equal(keeper_code_find(kit.keeper, str_of(spaced), lookup), KEEPER_OK);
    assert_memory_equal(lookup, c.lookup, 32);
    CLEANUP(buf_done) struct buf wide;
    buf_init(&wide, 400);
    for (size_t i = 0; i < CODE_DIGITS; i++) { /* full-width and Arabic digits by turns */
        if (i % 2 == 0)
            buf_printf(&wide, "\xEF\xBC%c", 0x90 + (c.digits[i] - '0'));
        else
            buf_printf(&wide, "\xD9%c-", 0xA0 + (c.digits[i] - '0'));
    }
    memset(lookup, 0, sizeof lookup);
    assert_int_equal(keeper_code_find(kit.keeper, buf_view(&wide), lookup), KEEPER_OK);
    assert_memory_equal(lookup, c.lookup, 32);
    struct str found;
    CLEANUP(buf_done) struct buf text;
    buf_init(&text, 400);
    buf_printf(&text, "On 12 May I kept my code %s and went home.", spaced);
    assert_true(code_in_text(buf_view(&text), &found));
    check_str(found, spaced);
    assert_false(code_in_text(STR("call 138 0000 0000 or 139 0000 0000, 3 times"), &found));
    assert_false(code_in_text(STR("1234567890123456789012345"), &found)); /* 25 */
}

/* A29: mistakes and guesses do not reach the slow hash. */
static void test_typing_mistakes_and_guesses_are_told_apart_at_once(void **state)
{
    (void)state;
    CLEANUP(code_wipe) struct code c;
    uint8_t lookup[32];
    assert_int_equal(keeper_code_new(kit.keeper, &c), KEEPER_OK);
    int slow = 0;
    for (size_t i = 0; i < CODE_DIGITS; i++)
        for (int d = '0'; d <= '9'; d++) {
            struct code wrong = c;
            wrong.digits[i] = (char)d;
            enum keeper_status s = keeper_code_find(kit.keeper, str_of(wrong.digits), lookup);
            if (d == c.digits[i])
                assert_memory_equal(lookup, c.lookup, 32);
            else if (s != KEEPER_MALFORMED)
                slow++;
        }
    struct rng r;
    rng_seed(&r, 29);
    for (int i = 0; i < 5000; i++) {
        char digits[CODE_DIGITS + 1];
        for (size_t k = 0; k < CODE_DIGITS; k++)
            digits[k] = (char)('0' + rng_below(&r, 10));
        digits[CODE_DIGITS] = '\0';
        slow += keeper_code_find(kit.keeper, str_of(digits), lookup) != KEEPER_MALFORMED;
    }
    assert_true(slow < 8); /* one in ten thousand is expected */
    static const char *const BAD[] = {"", "1", "12345678901234567890123", "no digits here"};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(keeper_code_find(kit.keeper, str_of(BAD[i]), lookup), KEEPER_MALFORMED);
}

static enum err use_codes(struct tx *tx, void *ctx)
{
    (void)ctx;
    const uint8_t one[32] = {1};
    const uint8_t two[32] = {2};
    struct code_found found;
    struct dossier_id dossier;
    assert_int_equal(code_add(tx, one, (struct dossier_id){5}), ERR_OK);
    assert_int_equal(code_use(tx, one, &found), ERR_OK);
    assert_true(found.dossier.v == 5 && found.uses_before == 0);
    assert_int_equal(code_use(tx, one, &found), ERR_OK);
    assert_true(found.uses_before == 1);
    assert_int_equal(code_look(tx->db, one, &found), ERR_OK);
    assert_true(found.uses_before == 2);
    assert_int_equal(code_use(tx, two, &found), ERR_NOT_FOUND);
    assert_int_equal(code_replace(tx, one, two), ERR_OK);
    assert_int_equal(code_use(tx, one, &found), ERR_NOT_FOUND);
    assert_int_equal(code_dossier(tx->db, one, &dossier), ERR_OK);
    assert_true(dossier.v == 5);
    assert_int_equal(code_use(tx, two, &found), ERR_OK);
    assert_true(found.uses_before == 0);
    assert_int_equal(code_burn(tx, two), ERR_OK);
    assert_int_equal(code_burn(tx, two), ERR_NOT_FOUND);
    const uint8_t three[32] = {3};
    assert_int_equal(code_add(tx, three, (struct dossier_id){5}), ERR_OK);
    assert_int_equal(code_expire(tx, (struct dossier_id){5}), ERR_OK);
    assert_int_equal(code_use(tx, three, &found), ERR_NOT_FOUND);
    assert_int_equal(code_add(tx, three, (struct dossier_id){6}), ERR_CONFLICT);
    return ERR_OK;
}

static void test_codes_are_used_burned_replaced_and_expire(void **state)
{
    (void)state;
    assert_int_equal(writer_call(kit.writer, use_codes, NULL, &kit.info), ERR_OK);
}

static void test_a_stock_of_codes_is_kept_ready(void **state)
{
    (void)state;
    struct kit other;
    struct keeper *k = other_open(&other, (struct keeper_setup){.origin = STR("x"), .stock = 2});
    struct code a;
    struct code b;
    uint8_t lookup[32];
    for (int i = 0; i < 4; i++) { /* more than the stock: the rest is made on the spot */
        assert_int_equal(keeper_code_new(k, &a), KEEPER_OK);
        assert_int_equal(keeper_code_new(k, &b), KEEPER_OK);
        assert_string_not_equal(a.digits, b.digits);
    }
    assert_int_equal(keeper_code_find(k, str_of(a.digits), lookup), KEEPER_OK);
    assert_memory_equal(lookup, a.lookup, 32);
    /* another installation's pepper makes another code of it */
    assert_int_not_equal(keeper_code_find(kit.keeper, str_of(a.digits), lookup), KEEPER_OK);
    other_close(&other, k);
}

static void wait_for_boxes(struct keeper *k, size_t lang, size_t count)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    size_t got = 0;
    for (int i = 0; i < 20000 && got != count; i++) {
        (void)pthread_mutex_lock(&k->waiting_lock);
        got = k->ready[lang].count;
        (void)pthread_mutex_unlock(&k->waiting_lock);
        (void)nanosleep(&pause, NULL);
    }
    assert_int_equal(got, count);
}

static void check_nobody(struct db *db, const struct id16 *handle, const char *passphrase,
                         int32_t day)
{
    struct kit_item_row item;
    struct kit_notify_row notify;
    struct key32 idk;
    assert_int_equal(kit_item(db, &arena, bytes_of(handle), &item), ERR_OK);
    assert_true(item.pending && item.mode == 1);
    assert_int_equal(item.created_day, day);
    assert_int_equal(item.ct.len, 1040);
    assert_true(share_open(db, handle, 1, passphrase, &idk));
    assert_int_equal(identity_open(&item, handle, &idk).len, 0);
    assert_int_equal(kit_notify(db, &arena, bytes_of(handle), &notify), ERR_OK);
    assert_int_equal(notify.sealed.len, 326);
}

enum { BOXES = 3, ENGLISH = 0, CHINESE = 1 };

/* In nothing different from those sealed on the spot, and of the day they are taken. */
static void test_boxes_for_nobody_are_sealed_ahead(void **state)
{
    (void)state;
    struct kit other;
    struct keeper *k =
        other_open(&other, (struct keeper_setup){.origin = STR("x"), .boxes = BOXES});
    struct keeper_seal in = {
        .policy = POLICY_DEFAULT, .lang = STR("zh"), .now_us = 20000 * US_PER_DAY};
    struct id16 handle[2 * BOXES];
    assert_int_equal(keeper_seal(k, &in, &handle[0]), KEEPER_OK);
    wait_for_boxes(k, CHINESE, BOXES);
    assert_int_equal(k->ready[ENGLISH].count, 0); /* nobody has asked for one */
    in.now_us += US_PER_DAY;
    for (size_t i = 0; i < 2 * BOXES; i++) /* more than there are */
        assert_int_equal(keeper_seal(k, &in, &handle[i]), KEEPER_OK);
    assert_int_equal(keeper_flush_wait(k, keeper_flush_soon(k), NULL), ERR_OK);
    assert_true(keeper_flush_soon(k) == 0);
    CLEANUP(db_close_ptr) struct db *db = vault_look_at(k, other.dir);
    for (size_t i = 0; i < 2 * BOXES; i++) {
        check_nobody(db, &handle[i], other.passphrase, 20001);
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(&handle[i], &handle[j], sizeof handle[i]);
    }
    db_close(TAKE(db));
    other_close(&other, k);
}

/* A box with somebody in it, and one whose role has a new key, come from no stock. */
static void test_the_stock_is_for_nobody_and_for_the_keys_of_now(void **state)
{
    (void)state;
    struct kit other;
    struct keeper *k =
        other_open(&other, (struct keeper_setup){.origin = STR("x"), .boxes = BOXES});
    const struct identity who = {.name = STR("Canary")};
    const struct keeper_seal nobody = {.policy = POLICY_DEFAULT, .lang = STR("en")};
    const struct keeper_seal somebody = {
        .policy = POLICY_DEFAULT, .lang = STR("en"), .identity = tlv_of(&who)};
    const struct keeper_seal told = {.policy = POLICY_DEFAULT,
                                     .lang = STR("en"),
                                     .channel = NOTIFY_MAIL,
                                     .address = STR("a@example.org")};
    struct id16 handle;
    assert_int_equal(keeper_seal(k, &nobody, &handle), KEEPER_OK);
    wait_for_boxes(k, ENGLISH, BOXES);
    assert_int_equal(keeper_seal(k, &somebody, &handle), KEEPER_OK);
    assert_int_equal(keeper_seal(k, &told, &handle), KEEPER_OK);
    assert_int_equal(k->ready[ENGLISH].count, BOXES);
    k->policy.to[0].epoch++;
    assert_int_equal(keeper_seal(k, &nobody, &handle), KEEPER_OK);
    CLEANUP(db_close_ptr) struct db *db = vault_look_at(k, other.dir);
    struct kit_share_row share;
    assert_int_equal(kit_share(db, &arena, bytes_of(&handle), 1, &share), ERR_OK);
    assert_true(share.epoch == k->policy.to[0].epoch);
    db_close(TAKE(db));
    other_close(&other, k);
}

/* ---- the signer
 * --------------------------------------------------------------------------------------- */

static void test_only_a_continuation_is_signed(void **state)
{
    (void)state;
    struct kit other;
    kit_make(&other);
    struct keeper *k = NULL;
    const struct keeper_setup setup = {.dir = other.dir, .origin = STR("log.example.org/huiyin")};
    assert_int_equal(keeper_open(&setup, &k, &other.info), ERR_OK);
    struct log_head head;
    assert_int_equal(keeper_log_head(k, &head), KEEPER_OK);
    assert_true(head.size == 0);
    struct frontier f = {0};
    struct stored rows[PROOF_HASHES_MAX];
    struct hash leaf[3];
    struct hash root[4];
    for (size_t i = 0; i < 3; i++) {
        proof_leaf(&i, sizeof i, &leaf[i]);
        (void)proof_append(&f, &leaf[i], rows);
        proof_root(&f, &root[i + 1]);
    }
    struct keeper_log_sign in = {.size = 2, .root = root[2]};
    assert_int_equal(keeper_log_sign(k, &in, &head), KEEPER_OK);
    struct log_head again;
    assert_int_equal(keeper_log_sign(k, &in, &again), KEEPER_OK);
    assert_memory_equal(head.sig, again.sig, SIG_BYTES);
    /* the signature is over the checkpoint's three lines */
    CLEANUP(buf_done) struct buf body;
    buf_init(&body, 400);
    note_body(STR("log.example.org/huiyin"), 2, &root[2], &body);
    assert_true(crypt_verify(keeper_signer(k)->public_key, buf_view(&body), head.sig));
    in = (struct keeper_log_sign){.size = 2, .root = root[3]};
    assert_int_equal(keeper_log_sign(k, &in, &again), KEEPER_INCONSISTENT);
    in = (struct keeper_log_sign){.size = 3, .root = root[3]};
    assert_int_equal(keeper_log_sign(k, &in, &again), KEEPER_INCONSISTENT); /* no proof */
    in.consistency = (struct proof){.count = 1, .h = {leaf[1]}};
    assert_int_equal(keeper_log_sign(k, &in, &again), KEEPER_INCONSISTENT);
    in.consistency.h[0] = leaf[2];
    assert_int_equal(keeper_log_sign(k, &in, &again), KEEPER_OK);
    in = (struct keeper_log_sign){.size = 1, .root = root[3]}; /* below the head: the head */
    assert_int_equal(keeper_log_sign(k, &in, &again), KEEPER_OK);
    assert_true(again.size == 3);
    keeper_close(k);
    assert_int_equal(keeper_open(&setup, &k, &other.info), ERR_OK);
    assert_int_equal(keeper_log_head(k, &head), KEEPER_OK);
    assert_true(head.size == 3);
    assert_memory_equal(head.sig, again.sig, SIG_BYTES);
    keeper_close(k);
    kit_remove(&other);
}

/* ---- passphrases
 * ---------------------------------------------------------------------------------------- */

static int by_word(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void test_the_list_has_7776_different_words(void **state)
{
    (void)state;
    static char words[PASSPHRASE_LIST][PASSPHRASE_WORD_BYTES];
    for (uint32_t i = 0; i < PASSPHRASE_LIST; i++)
        passphrase_word(i, words[i]);
    assert_string_equal(words[0], "baba");
    assert_string_equal(words[PASSPHRASE_LIST - 1], "zozon");
    qsort(words, PASSPHRASE_LIST, sizeof words[0], by_word);
    for (size_t i = 1; i < PASSPHRASE_LIST; i++)
        assert_string_not_equal(words[i - 1], words[i]);
    char one[PASSPHRASE_TEXT_BYTES];
    char two[PASSPHRASE_TEXT_BYTES];
    assert_int_equal(passphrase_make(one), ERR_OK);
    assert_int_equal(passphrase_make(two), ERR_OK);
    assert_string_not_equal(one, two);
    struct str rest = str_of(one);
    struct str word;
    int count = 0;
    while (str_cut(&rest, ' ', &word)) {
        assert_true(word.len == 4 || word.len == 5);
        count++;
    }
    assert_int_equal(count, PASSPHRASE_WORDS);
    char tidy[PASSPHRASE_TEXT_BYTES];
    assert_true(passphrase_tidy(STR("  Bado-kimu\tzozon \n"), tidy));
    assert_string_equal(tidy, "bado kimu zozon");
    char big[200];
    memset(big, 'a', sizeof big);
    assert_false(passphrase_tidy(str_make(big, sizeof big), tidy));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_identity_opens_with_the_passphrase_shown_at_init),
        cmocka_unit_test(test_what_could_not_be_written_waits),
        cmocka_unit_test(test_a_full_disk_passes),
        cmocka_unit_test(test_threads_seal_while_others_commit),
        cmocka_unit_test(test_two_roles_hold_halves_that_say_nothing_alone),
        cmocka_unit_test(test_the_notify_box_opens_for_the_mailer),
        cmocka_unit_test(test_all_items_look_alike),
        cmocka_unit_test(test_malformed_and_unknown_are_refused),
        cmocka_unit_test(test_bars_are_added_and_pending_items_swept),
        cmocka_unit_test(test_there_is_no_way_around_the_custodians),
        cmocka_unit_test(test_no_file_holds_the_canary),
        cmocka_unit_test(test_a_code_is_found_however_it_is_typed),
        cmocka_unit_test(test_typing_mistakes_and_guesses_are_told_apart_at_once),
        cmocka_unit_test(test_codes_are_used_burned_replaced_and_expire),
        cmocka_unit_test(test_a_stock_of_codes_is_kept_ready),
        cmocka_unit_test(test_boxes_for_nobody_are_sealed_ahead),
        cmocka_unit_test(test_the_stock_is_for_nobody_and_for_the_keys_of_now),
        cmocka_unit_test(test_only_a_continuation_is_signed),
        cmocka_unit_test(test_the_list_has_7776_different_words),
        cmocka_unit_test(test_no_more_waits_than_there_is_room_for), /* fills the vault: last */
    };
    return cmocka_run_group_tests(tests, open_kit, close_kit);
}
