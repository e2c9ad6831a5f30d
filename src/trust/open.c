/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "trust/open.h"

#include "base/instant.h"
#include "base/mem.h"
#include "base/rng.h"
#include "db/checkpoint.h"
#include "db/readers.h"
#include "db/setting.sql.h"
#include "db/writer.h"
#include "lib/text/zone.h"
#include "spine/log.h"
#include "spine/lookers.h"
#include "spine/office.h"
#include "spine/pack.h"
#include "spine/seats.h"
#include "trust/confirm.h"
#include "trust/keeper.h"
#include "trust/keys.h"
#include "trust/reconcile.h"

#include <sys/stat.h>
#include <unistd.h>

enum err house_confirm_later(const struct tx *tx, const struct id16 *handle)
{
    return confirm_add(house_of(tx)->confirm, handle);
}

/* ---- one open house ------------------------------------------------------------------------- */

enum { ORIGIN_BYTES = 200, HOOKS = 4 };

struct open_house {
    struct house house;
    struct db_folder_lock lock;
    struct db *db; /* the writer's */
    struct keyring *ring;
    struct checkpoint *checkpoint;
    struct writer_hooks hooks[HOOKS];
    uint64_t flush;  /* of the vault, for the batch that runs */
    uint64_t sealed; /* by the writer's thread before it */
    struct arena arena;
    char data_dir[1024];
};

struct house *open_house_get(struct open_house *o)
{
    return &o->house;
}

bool open_house_was_older(const struct open_house *o)
{
    return o->db != NULL && db_was_migrated(o->db);
}

/* What was decided when the house was made, or "". */
static enum err meta_read(struct db *db, struct arena *a, const char *name, struct str *ret)
{
    struct meta_get_row row;
    enum err err = meta_get(db, a, str_of(name), &row);
    *ret = err == ERR_OK ? row.value : STR("");
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static enum err pack_open(struct open_house *o, struct db *db, const char *packs,
                          struct err_info *info)
{
    struct str id;
    const char *dir = NULL;
    TRY(meta_read(db, &o->arena, "pack", &id));
    TRY(pack_find_dir(&o->arena, packs, info, &dir));
    const char *path = arena_printf(&o->arena, "%s/" STR_FMT, dir, STR_ARG(id));
    if (path == NULL)
        return ERR_NOMEM;
    struct pack_faults faults;
    pack_faults_init(&faults);
    enum err err = pack_load(path, NULL, &faults, info, &o->house.pack);
    if (err == ERR_INVALID && faults.count > 0) {
        CLEANUP(buf_done) struct buf b;
        buf_init(&b, 4096);
        pack_fault_print(&faults.fault[0], STR("en"), &b);
        (void)err_set(info, err, "open.pack_faulty", STR_FMT, STR_ARG(buf_view(&b)));
        err_arg(info, 0, path);
    }
    pack_faults_done(&faults);
    return err;
}

static enum err settings_open(struct open_house *o, struct db *db, struct err_info *info)
{
    struct str zone;
    struct str demo;
    TRY(meta_read(db, &o->arena, "zone", &zone));
    TRY(meta_read(db, &o->arena, "demo", &demo));
    TRY(meta_read(db, &o->arena, "origin", &o->house.origin));
    o->house.zone = zone_find(zone);
    if (o->house.zone == NULL)
        return err_set(info, ERR_CORRUPT, "open.zone", "unknown zone " STR_FMT, STR_ARG(zone));
    zone_set_house(o->house.zone);
    o->house.demo = str_eq(demo, STR("1"));
    return ERR_OK;
}

/* ---- hooks of the writer, in the order in which they are called ------------------------------ */

/* The boxes of a batch were sealed before its jobs were queued: they go to the disk while it runs.
 */
static enum err flush_begin(void *self, struct tx *tx)
{
    struct open_house *o = self;
    (void)tx;
    o->sealed = keeper_sealed_here();
    o->flush = keeper_flush_soon(o->house.keeper);
    return ERR_OK;
}

/* Sealed boxes and keys are on the disk before the matters that need them. */
static enum err flush_before_commit(void *self, struct tx *tx)
{
    struct open_house *o = self;
    TRY(keyring_flush(o->ring, tx->info));
    TRY(keeper_flush_wait(o->house.keeper, o->flush, tx->info));
    return keeper_sealed_here() == o->sealed ? ERR_OK : keeper_flush(o->house.keeper, tx->info);
}

static bool stores_lost(void *self)
{
    struct open_house *o = self;
    return keyring_is_lost(o->ring) || keeper_is_lost(o->house.keeper);
}

/* What one batch left in the keys' transaction must not fail the next one. */
static void keys_drop(void *self)
{
    struct open_house *o = self;
    keyring_drop(o->ring);
}

static void log_hook_mark(void *self)
{
    struct open_house *o = self;
    log_mark(o->house.log);
}

static void log_hook_undo(void *self)
{
    struct open_house *o = self;
    log_undo(o->house.log);
}

static enum err log_hook_before(void *self, struct tx *tx)
{
    struct open_house *o = self;
    return log_before_commit(tx, o->house.log);
}

static void log_hook_after(void *self, uint64_t number)
{
    struct open_house *o = self;
    log_after_commit(o->house.log, number);
}

static void log_hook_settled(void *self, uint64_t number)
{
    struct open_house *o = self;
    log_settled(o->house.log, number);
}

static void log_hook_rollback(void *self)
{
    struct open_house *o = self;
    log_after_rollback(o->house.log);
}

static size_t hooks_fill(struct open_house *o)
{
    o->hooks[0] = (struct writer_hooks){
        .self = o,
        .mark = log_hook_mark,
        .undo = log_hook_undo,
        .before_commit = log_hook_before,
        .after_commit = log_hook_after,
        .after_rollback = log_hook_rollback,
        .settled = log_hook_settled,
    };
    o->hooks[1] = (struct writer_hooks){
        .self = o,
        .begin = flush_begin,
        .before_commit = flush_before_commit,
        .is_lost = stores_lost,
        .after_rollback = keys_drop,
    };
    o->hooks[2] = (struct writer_hooks){
        .self = o->house.confirm,
        .mark = confirm_mark,
        .undo = confirm_undo,
        .after_commit = confirm_after_commit,
        .after_rollback = confirm_after_rollback,
        .settled = confirm_settled,
    };
    o->hooks[3] = (struct writer_hooks){
        .self = o->house.seats,
        .begin = seats_begin,
        .mark = seats_mark,
        .undo = seats_forget,
    };
    return HOOKS;
}

/* ---- opening ----------------------------------------------------------------------------------
 */

static enum err open_for_reading(struct open_house *o, const struct house_how *how,
                                 struct err_info *info)
{
    CLEANUP(db_close_ptr) struct db *db = NULL;
    TRY(db_open(how->data_dir, DB_STORE_MAIN, DB_READ, &db, info));
    TRY(settings_open(o, db, info));
    TRY(pack_open(o, db, how->packs, info));
    TRY(house_tree_renew(&o->house, db));
    TRY(keyring_open(how->data_dir, &o->ring, info));
    return readers_new(how->data_dir, DB_STORE_MAIN, 0, &o->house.readers, info);
}

static enum err writer_start(struct open_house *o, const struct house_how *how,
                             struct err_info *info)
{
    const struct writer_options options = {
        .db = o->db,
        .checkpoint = o->checkpoint,
        .queue_max = how->queue_max,
        .env = &o->house,
        .hooks = o->hooks,
        .hook_count = hooks_fill(o),
    };
    return writer_new(&options, &o->house.writer, info);
}

static enum err open_for_writing(struct open_house *o, const struct house_how *how,
                                 struct err_info *info)
{
    TRY(db_open(how->data_dir, DB_STORE_MAIN, DB_WRITE, &o->db, info));
    TRY(settings_open(o, o->db, info));
    TRY(pack_open(o, o->db, how->packs, info));
    TRY(house_tree_renew(&o->house, o->db));
    TRY(keyring_open(how->data_dir, &o->ring, info));
    o->house.keys = keyring_keys(o->ring);
    o->house.kek = keyring_kek(o->ring);
    const struct keeper_setup keeper = {.dir = how->data_dir,
                                        .origin = o->house.origin,
                                        .stock = how->code_stock,
                                        .boxes = how->box_stock};
    TRY(keeper_open(&keeper, &o->house.keeper, info));
    TRY(confirm_new(o->house.keeper, &o->house.confirm));
    TRY(seats_new(&o->house.seats));
    const struct log_setup log = {.origin = o->house.origin,
                                  .keys = o->house.keys,
                                  .signer = keeper_signer(o->house.keeper),
                                  .folder = how->data_dir};
    TRY(log_open(o->db, &log, &o->house.log, info));
    bool read_only = log_refusal(o->house.log) != NULL;
    struct reconciled done;
    TRY(reconcile(o->ring, o->house.keeper, o->db, instant_now(), read_only, &done));
    TRY(checkpoint_new(how->data_dir, DB_STORE_MAIN, NULL, NULL, &o->checkpoint, info));
    TRY(readers_new(how->data_dir, DB_STORE_MAIN, 0, &o->house.readers, info));
    return writer_start(o, how, info);
}

static enum err folder_check(const char *data_dir, struct err_info *info)
{
    CLEANUP(buf_done) struct buf path;
    buf_init(&path, 4096);
    buf_printf(&path, "%s/%s", data_dir, db_store_file(DB_STORE_MAIN));
    buf_char(&path, '\0');
    TRY(buf_err(&path));
    if (access(path.ptr, F_OK) == 0)
        return ERR_OK;
    (void)err_set(info, ERR_NOT_FOUND, "open.none", "no %s", path.ptr);
    err_arg(info, 0, data_dir);
    return ERR_NOT_FOUND;
}

enum err house_open(const struct house_how *how, struct open_house **ret_open,
                    struct err_info *info)
{
    TRY(db_setup(info));
    TRY(folder_check(how->data_dir, info));
    struct open_house *o = mem_new(sizeof *o);
    if (o == NULL)
        return ERR_NOMEM;
    o->lock = DB_FOLDER_LOCK_NONE;
    arena_init(&o->arena, 1 << 20);
    (void)snprintf(o->data_dir, sizeof o->data_dir, "%s", how->data_dir);
    o->house.data_dir = o->data_dir;
    enum err err = lookers_new(&o->house.lookers);
    if (err == ERR_OK && how->write)
        err = db_folder_lock(how->data_dir, &o->lock, info);
    if (err == ERR_OK)
        err = how->write ? open_for_writing(o, how, info) : open_for_reading(o, how, info);
    if (err != ERR_OK) {
        house_close(o);
        return err;
    }
    o->house.keys = keyring_keys(o->ring);
    o->house.kek = keyring_kek(o->ring);
    *ret_open = o;
    return ERR_OK;
}

void house_close(struct open_house *o)
{
    if (o == NULL)
        return;
    writer_free(o->house.writer);
    readers_free(o->house.readers);
    checkpoint_free(o->checkpoint);
    log_close(o->house.log);
    lookers_free(o->house.lookers);
    confirm_free(o->house.confirm);
    seats_free(o->house.seats);
    keeper_close(o->house.keeper);
    keyring_close(o->ring);
    db_close(o->db);
    office_tree_free((struct office_tree *)(uintptr_t)atomic_load(&o->house.tree));
    pack_free(o->house.pack);
    db_folder_unlock(&o->lock);
    arena_done(&o->arena);
    mem_free(o);
}

enum err house_tree_renew(struct house *h, struct db *db)
{
    struct office_tree *tree = NULL;
    TRY(office_tree_load(db, &tree));
    const struct office_tree *old = atomic_load(&h->tree);
    do {
        tree->older = (struct office_tree *)(uintptr_t)old;
    } while (!atomic_compare_exchange_weak(&h->tree, &old, tree));
    return ERR_OK;
}

/* ---- making ------------------------------------------------------------------------------------
 */

static enum err custodian_make(const struct house_plan *plan, struct house_made *ret_made,
                               struct err_info *info)
{
    struct keeper *k = NULL;
    const struct keeper_setup setup = {.dir = plan->data_dir, .origin = str_of(plan->origin)};
    TRY(keeper_open(&setup, &k, info));
    struct keeper_custodian_made made = {0};
    const struct keeper_custodian_new custodian = {.now_us = instant_now()};
    enum keeper_status status = keeper_custodian_enrol(k, &custodian, &made);
    if (status == KEEPER_OK) {
        struct keeper_role_new role = {.custodian = made.custodian};
        enum err err = rng_bytes(&role.role, sizeof role.role);
        status = err == ERR_OK ? keeper_role_new(k, &role) : KEEPER_AGAIN;
    }
    enum err err = keeper_err(status);
    if (err == ERR_OK)
        err = keeper_flush(k, info);
    keeper_close(k);
    (void)snprintf(ret_made->passphrase, sizeof ret_made->passphrase, "%s", made.passphrase);
    crypt_wipe(&made, sizeof made);
    return err;
}

static enum err settings_make(struct db *db, const struct house_plan *plan)
{
    CLEANUP(db_tx_done) struct db_tx tx = DB_TX_NONE;
    TRY(DB_TX_BEGIN(&tx, db));
    TRY(meta_put(db, STR("pack"), str_of(plan->pack)));
    TRY(meta_put(db, STR("zone"), str_of(plan->zone)));
    TRY(meta_put(db, STR("origin"), str_of(plan->origin)));
    TRY(meta_put(db, STR("demo"), plan->demo ? STR("1") : STR("0")));
    return db_tx_commit(&tx);
}

/* The pack must be whole before anything is made under it; its zone is the default. */
static enum err plan_check(const struct house_plan *plan, struct arena *a, struct str *ret_zone,
                           struct err_info *info)
{
    const char *dir = NULL;
    TRY(pack_find_dir(a, plan->packs, info, &dir));
    const char *path = arena_printf(a, "%s/%s", dir, plan->pack);
    if (path == NULL)
        return ERR_NOMEM;
    struct pack_faults faults;
    const struct pack *pack = NULL;
    pack_faults_init(&faults);
    enum err err = pack_load(path, NULL, &faults, info, &pack);
    pack_faults_done(&faults);
    if (err != ERR_OK) {
        err_arg(info, 0, path);
        return err;
    }
    *ret_zone = str_copy(a, plan->zone == NULL ? pack->zone : str_of(plan->zone));
    pack_free(pack);
    if (zone_find(*ret_zone) != NULL)
        return ERR_OK;
    (void)err_set(info, ERR_INVALID, "open.zone", "unknown zone " STR_FMT, STR_ARG(*ret_zone));
    return ERR_INVALID;
}

static enum err house_fill(const struct house_plan *plan, struct house_made *ret_made,
                           struct err_info *info)
{
    TRY(secrets_make(plan->data_dir, info));
    TRY(custodian_make(plan, ret_made, info));
    CLEANUP(db_close_ptr) struct db *keys = NULL;
    TRY(db_open(plan->data_dir, DB_STORE_KEYS, DB_WRITE, &keys, info));
    CLEANUP(db_close_ptr) struct db *db = NULL;
    TRY(db_open(plan->data_dir, DB_STORE_MAIN, DB_WRITE, &db, info));
    return settings_make(db, plan);
}

/* Takes away what a failed house_make left, and nothing else. */
static void folder_clear(const char *data_dir)
{
    static const char *const FILES[] = {
        "main.db",          "main.db-wal",     "main.db-shm",         "keys.db",
        "keys.db-journal",  "vault.db",        "vault.db-journal",    "secret/k_log",
        "secret/k_receipt", "secret/k_notify", "secret/k_notify.pub", "secret/k_id",
        "secret/k_pad",     "secret/kek",
    };
    for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
        char path[1200];
        (void)snprintf(path, sizeof path, "%s/%s", data_dir, FILES[i]);
        (void)unlink(path);
    }
    char path[1200];
    (void)snprintf(path, sizeof path, "%s/secret", data_dir);
    (void)rmdir(path);
}

enum err house_make(const struct house_plan *plan, struct house_made *ret_made,
                    struct err_info *info)
{
    TRY(db_setup(info));
    if (folder_check(plan->data_dir, NULL) == ERR_OK) {
        (void)err_set(info, ERR_CONFLICT, "open.exists", "%s is in use", plan->data_dir);
        err_arg(info, 0, plan->data_dir);
        return ERR_CONFLICT;
    }
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 1 << 20);
    struct str zone;
    TRY(plan_check(plan, &a, &zone, info));
    struct house_plan full = *plan;
    full.zone = zone.ptr;
    full.origin = plan->origin == NULL ? "localhost/huiyin" : plan->origin;
    struct db_folder_lock lock = DB_FOLDER_LOCK_NONE;
    TRY(db_folder_lock(plan->data_dir, &lock, info));
    enum err err = house_fill(&full, ret_made, info);
    if (err != ERR_OK && err != ERR_CONFLICT)
        folder_clear(plan->data_dir);
    db_folder_unlock(&lock);
    return err;
}
