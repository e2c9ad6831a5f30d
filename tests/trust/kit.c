/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/trust/kit.h"

#include "base/instant.h"
#include "base/mem.h"
#include "lib/text/zone.h"
#include "tests/check.h"
#include "tests/scratch.h"
#include "tests/trust/kit.sql.h"

#include <dirent.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DIED = 9, CHEAP_MEM_BYTES = 8192 * 16 };

void kit_make(struct kit *k)
{
    *k = (struct kit){.die = KIT_NOWHERE};
    scratch_folder(k->dir, sizeof k->dir, "kit");
    assert_int_equal(db_setup(&k->info), ERR_OK);
    assert_int_equal(secrets_make(k->dir, &k->info), ERR_OK);
    const struct keeper_setup setup = {.dir = k->dir,
                                       .origin = STR("log.example.org/huiyin"),
                                       .custodian_mem_bytes = CHEAP_MEM_BYTES};
    struct keeper *keeper = NULL;
    struct keeper_custodian_made made = {.custodian = {{0}}};
    const struct keeper_custodian_new in = {.now_us = 0};
    assert_int_equal(keeper_open(&setup, &keeper, &k->info), ERR_OK);
    assert_int_equal(keeper_custodian_enrol(keeper, &in, &made), KEEPER_OK);
    const struct keeper_role_new role = {.role = {{1}}, .custodian = made.custodian};
    assert_int_equal(keeper_role_new(keeper, &role), KEEPER_OK);
    memcpy(k->passphrase, made.passphrase, sizeof k->passphrase);
    keeper_close(keeper);
}

/* ---- hooks, in the order of the server's
 * ------------------------------------------------------------ */

static void die_at(const struct kit *k, enum kit_point point)
{
    if (k->die == point)
        _exit(DIED);
}

static void mark(void *self)
{
    const struct kit *k = self;
    confirm_mark(k->confirm);
    log_mark(k->log);
}

static void undo(void *self)
{
    const struct kit *k = self;
    confirm_undo(k->confirm);
    log_undo(k->log);
}

static enum err before_commit(void *self, struct tx *tx)
{
    struct kit *k = self;
    TRY(log_before_commit(tx, k->log));
    TRY(keyring_flush(k->ring, tx->info));
    TRY(keeper_flush(k->keeper, tx->info));
    die_at(k, KIT_BEFORE_COMMIT);
    return ERR_OK;
}

static void after_commit(void *self, uint64_t number)
{
    struct kit *k = self;
    die_at(k, KIT_AFTER_COMMIT);
    confirm_after_commit(k->confirm, number);
    log_after_commit(k->log, number);
}

static void settled(void *self, uint64_t number)
{
    struct kit *k = self;
    confirm_settled(k->confirm, number);
    (void)keeper_flush(k->keeper, NULL);
    die_at(k, KIT_BEFORE_SIGN);
    log_settled(k->log, number);
}

static void after_rollback(void *self)
{
    struct kit *k = self;
    confirm_after_rollback(k->confirm);
    log_after_rollback(k->log);
}

static enum err signer_head(void *ctx, struct log_head *ret_head)
{
    struct kit *k = ctx;
    return k->real->head(k->real->ctx, ret_head);
}

static enum err signer_sign(void *ctx, uint64_t size, const struct hash *root,
                            const struct proof *consistency, struct log_head *ret_head)
{
    struct kit *k = ctx;
    if (k->no_sign)
        return ERR_BUSY;
    enum err err = k->real->sign(k->real->ctx, size, root, consistency, ret_head);
    die_at(k, KIT_AFTER_SIGN);
    return err;
}

/* ---- opening
 * ------------------------------------------------------------------------------------------ */

void kit_open(struct kit *k)
{
    const struct keeper_setup setup = {.dir = k->dir, .origin = STR("log.example.org/huiyin")};
    assert_int_equal(keyring_open(k->dir, &k->ring, &k->info), ERR_OK);
    assert_int_equal(keeper_open(&setup, &k->keeper, &k->info), ERR_OK);
    assert_int_equal(confirm_new(k->keeper, &k->confirm), ERR_OK);
    assert_int_equal(db_open(k->dir, DB_STORE_MAIN, DB_WRITE, &k->db, &k->info), ERR_OK);
    k->real = keeper_signer(k->keeper);
    k->signer = (struct signer){k, k->real->public_key, signer_head, signer_sign};
    const struct log_setup log = {.origin = STR("log.example.org/huiyin"),
                                  .keys = keyring_keys(k->ring),
                                  .signer = &k->signer,
                                  .folder = k->dir,
                                  .sign_at_once = !k->with_thread};
    assert_int_equal(log_open(k->db, &log, &k->log, &k->info), ERR_OK);
    assert_int_equal(reconcile(k->ring, k->keeper, k->db, instant_now(),
                               log_refusal(k->log) != NULL, &k->reconciled),
                     ERR_OK);
    k->house = (struct house){
        .data_dir = k->dir,
        .zone = zone_find(STR("Asia/Shanghai")),
        .keys = keyring_keys(k->ring),
        .keeper = k->keeper,
        .log = k->log,
        .origin = STR("log.example.org/huiyin"),
    };
    assert_non_null(k->house.zone);
    k->hooks[0] = (struct writer_hooks){
        .self = k,
        .mark = mark,
        .undo = undo,
        .before_commit = before_commit,
        .after_commit = after_commit,
        .after_rollback = after_rollback,
        .settled = settled,
    };
    const struct writer_options options = {
        .db = k->db, .env = &k->house, .hooks = k->hooks, .hook_count = 1};
    assert_int_equal(writer_new(&options, &k->writer, &k->info), ERR_OK);
}

void kit_close(struct kit *k)
{
    writer_free(k->writer);
    log_close(k->log);
    confirm_free(k->confirm);
    keeper_close(k->keeper);
    keyring_close(k->ring);
    db_close(k->db);
    k->writer = NULL;
}

static void empty_folder(const char *path)
{
    DIR *d = opendir(path);
    assert_non_null(d);
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        char file[512];
        (void)snprintf(file, sizeof file, "%s/%s", path, e->d_name);
        (void)unlink(file); /* not "." and not the folder below */
    }
    (void)closedir(d);
}

void kit_remove(struct kit *k)
{
    char path[160];
    (void)snprintf(path, sizeof path, "%s/secret", k->dir);
    empty_folder(path);
    assert_int_equal(rmdir(path), 0);
    empty_folder(k->dir);
    assert_int_equal(rmdir(k->dir), 0);
}

/* ---- raising
 * ------------------------------------------------------------------------------------------- */

static enum err seal(struct tx *tx, struct kit_raise *r)
{
    struct kit *k = r->kit;
    uint8_t tlv[256];
    size_t len = 0;
    const struct identity who = {.name = STR("Canary Wang"), .phone = STR("13800000000")};
    TRY(identity_encode(&who, tlv, sizeof tlv, &len));
    const struct keeper_seal in = {.policy = POLICY_DEFAULT,
                                   .identity = str_make(tlv, len),
                                   .channel = NOTIFY_MAIL,
                                   .address = STR("canary@example.org"),
                                   .lang = STR("zh"),
                                   .now_us = tx->now_us};
    TRY(keeper_err(keeper_seal(k->keeper, &in, &r->handle)));
    TRY(confirm_add(k->confirm, &r->handle));
    return ERR_OK;
}

static enum err give_keys(struct kit *k, struct dossier *d)
{
    struct key32 mdk;
    struct key32 mlk;
    const struct keys *keys = k->house.keys;
    TRY(keys->make(keys->ctx, d->id, KEY_MDK, &mdk));
    TRY(keys->make(keys->ctx, d->id, KEY_MLK, &mlk));
    memcpy(d->mlk, mlk.b, sizeof d->mlk);
    d->has_mlk = true;
    return ERR_OK;
}

enum err kit_raise_job(struct tx *tx, void *raise)
{
    struct kit_raise *r = raise;
    const struct dossier_birth birth = {
        .kind = DOSSIER_MATTER,
        .content = r->sealed ? CONTENT_SEALED : CONTENT_OPEN,
        .office = {1},
        .opened_day = (int32_t)(tx->now_us / US_PER_DAY),
        .pack = STR("plain@1"),
    };
    struct dossier d;
    TRY(dossier_new(tx, &birth, &d));
    r->id = d.id;
    if (r->sealed)
        TRY(give_keys(r->kit, &d));
    if (r->named)
        TRY(seal(tx, r));
    const struct event_attr attrs[] = {{STR("lang"), STR("en")}, {STR("kind"), STR("help")}};
    for (int i = 0; i < r->events; i++) {
        const struct event_draft e = {
            .type = i == 0 ? STR("matter.received") : STR("matter.noted"),
            .actor = i == 0 ? STR("person") : STR("role:desk"),
            .attrs = attrs,
            .attr_count = i == 0 ? 2 : 0,
            .payload = i == 1 ? STR_NULL : STR("{\"text\":\"the stairs have no light\"}"),
        };
        TRY(event_append(tx, &d, &e, NULL));
    }
    TRY(dossier_store(tx, &d));
    struct str handle = str_make(r->handle.b, r->named ? sizeof r->handle.b : 0);
    TRY(kit_matter_put(tx->db, d.id, handle, tx->now_us));
    return r->fail;
}

enum err kit_raise(struct kit *k, struct kit_raise *raise)
{
    raise->kit = k;
    if (raise->events == 0)
        raise->events = 1;
    enum err err = writer_call(k->writer, kit_raise_job, raise, &k->info);
    if (err != ERR_OK)
        print_message("%s (%s): %s\n", err_text(err), k->info.key, k->info.detail);
    return err;
}

int kit_in_child(void (*fn)(struct kit *k), struct kit *k)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        fn(k);
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

void kit_copy(const struct kit *k, const char *from, const char *to)
{
    char path[160];
    char bytes[4096];
    (void)snprintf(path, sizeof path, "%s/%s", k->dir, from);
    FILE *in = fopen(path, "rb");
    assert_non_null(in);
    (void)snprintf(path, sizeof path, "%s/%s", k->dir, to);
    FILE *out = fopen(path, "wb");
    assert_non_null(out);
    for (size_t n = fread(bytes, 1, sizeof bytes, in); n > 0; n = fread(bytes, 1, sizeof bytes, in))
        assert_int_equal(fwrite(bytes, 1, n, out), n);
    assert_int_equal(fclose(in), 0);
    assert_int_equal(fclose(out), 0);
}
