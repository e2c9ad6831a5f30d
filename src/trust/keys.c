/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "trust/keys.h"

#include "base/instant.h"
#include "base/mem.h"
#include "base/rng.h"
#include "db/db.h"
#include "trust/code.sql.h"
#include "trust/matter_key.sql.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PATH_BYTES = 1200,
    KEK_MAX = 64,
    KEK_ROW_BYTES = 4 + KEY_BYTES,
    WRAPPED_BYTES = KEY_BYTES + AEAD_TAG_BYTES,
    LABEL_BYTES = 13,
    AAD_BYTES = LABEL_BYTES + 8 + 1 + 4
};

/* ---- files ----------------------------------------------------------------------------------- */

static enum err file_error(struct err_info *info, enum err err, const char *key, const char *name,
                           const char *why)
{
    (void)err_set(info, err, key, "secret/%s: %s", name, why);
    err_arg(info, 0, name);
    return err;
}

static enum err path_of(const char *data_dir, const char *name, char ret_path[PATH_BYTES],
                        struct err_info *info)
{
    int n =
        snprintf(ret_path, PATH_BYTES, "%s/secret%s%s", data_dir, name[0] == '\0' ? "" : "/", name);
    return n < 0 || n >= PATH_BYTES
               ? err_set(info, ERR_LIMIT, NULL, "the name of the data folder is too long")
               : ERR_OK;
}

/* What makes it last: the bytes, then the name in its folder. */
static enum err sync_path(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return ERR_IO;
    int rc = fsync(fd);
    (void)close(fd);
    return rc == 0 ? ERR_OK : ERR_IO;
}

static enum err write_all(int fd, const uint8_t *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return errno == ENOSPC ? ERR_FULL : ERR_IO;
        bytes += n;
        len -= (size_t)n;
    }
    return ERR_OK;
}

static enum err secret_write(const char *data_dir, const char *name, const void *bytes, size_t len,
                             struct err_info *info)
{
    char path[PATH_BYTES];
    TRY(path_of(data_dir, name, path, info));
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return file_error(info, errno == EEXIST ? ERR_CONFLICT : ERR_IO, "trust.secret.write", name,
                          strerror(errno));
    enum err err = write_all(fd, bytes, len);
    if (err == ERR_OK && fsync(fd) != 0)
        err = ERR_IO;
    (void)close(fd);
    return err == ERR_OK ? ERR_OK
                         : file_error(info, err, "trust.secret.write", name, "not written");
}

static enum err random_write(const char *data_dir, const char *name, struct err_info *info)
{
    CLEANUP(key32_wipe) struct key32 k;
    TRY(rng_bytes(k.b, sizeof k.b));
    return secret_write(data_dir, name, k.b, sizeof k.b, info);
}

static enum err notify_write(const char *data_dir, struct err_info *info)
{
    CLEANUP(key32_wipe) struct key32 secret;
    uint8_t pub[KEY_BYTES];
    crypt_box_pair(pub, &secret);
    TRY(secret_write(data_dir, "k_notify", secret.b, sizeof secret.b, info));
    return secret_write(data_dir, "k_notify.pub", pub, sizeof pub, info);
}

static enum err kek_write(const char *data_dir, struct err_info *info)
{
    uint8_t row[KEK_ROW_BYTES] = {0, 0, 0, 1};
    TRY(rng_bytes(row + 4, KEY_BYTES));
    enum err err = secret_write(data_dir, "kek", row, sizeof row, info);
    crypt_wipe(row, sizeof row);
    return err;
}

enum err secrets_make(const char *data_dir, struct err_info *info)
{
    char path[PATH_BYTES];
    TRY(crypt_init());
    TRY(path_of(data_dir, "", path, info));
    if (mkdir(path, 0700) != 0)
        return file_error(info, errno == EEXIST ? ERR_CONFLICT : ERR_IO,
                          errno == EEXIST ? "trust.secret.exists" : "trust.secret.write", "",
                          strerror(errno));
    static const char *const RANDOM[] = {"k_log", "k_receipt", "k_id", "k_pad"};
    for (size_t i = 0; i < sizeof RANDOM / sizeof *RANDOM; i++)
        TRY(random_write(data_dir, RANDOM[i], info));
    TRY(notify_write(data_dir, info));
    TRY(kek_write(data_dir, info));
    if (sync_path(path) != ERR_OK || sync_path(data_dir) != ERR_OK)
        return file_error(info, ERR_IO, "trust.secret.write", "", "fsync of the folder");
    return ERR_OK;
}

/* Ours, a plain file, closed to everybody else. */
static enum err mode_check(const char *name, const struct stat *st, bool is_dir,
                           struct err_info *info)
{
    bool kind = is_dir ? S_ISDIR(st->st_mode) : S_ISREG(st->st_mode);
    if (kind && (st->st_mode & 077) == 0 && st->st_uid == geteuid())
        return ERR_OK;
    char mode[32];
    (void)snprintf(mode, sizeof mode, "%04o", (unsigned)st->st_mode & 07777U);
    (void)file_error(info, ERR_REFUSED, is_dir ? "trust.secret.dir_mode" : "trust.secret.mode",
                     name, "wrong owner or mode");
    err_arg(info, 1, mode);
    return ERR_REFUSED;
}

/* Reads the whole file, whose size must be a multiple of `unit`, at most `max`. */
static enum err secret_load(const char *data_dir, const char *name, size_t unit, size_t max,
                            uint8_t *ret_bytes, size_t *ret_len, struct err_info *info)
{
    char path[PATH_BYTES];
    struct stat st;
    TRY(path_of(data_dir, "", path, info));
    if (lstat(path, &st) != 0)
        return file_error(info, ERR_NOT_FOUND, "trust.secret.missing", "", strerror(errno));
    TRY(mode_check("secret", &st, true, info));
    TRY(path_of(data_dir, name, path, info));
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return file_error(info, errno == ENOENT ? ERR_NOT_FOUND : ERR_REFUSED,
                          errno == ENOENT ? "trust.secret.missing" : "trust.secret.mode", name,
                          strerror(errno));
    enum err err = fstat(fd, &st) == 0 ? mode_check(name, &st, false, info) : ERR_IO;
    size_t size = (size_t)st.st_size;
    if (err == ERR_OK && (size == 0 || size % unit != 0 || size > max))
        err = file_error(info, ERR_CORRUPT, "trust.secret.size", name, "wrong size");
    if (err == ERR_OK && read(fd, ret_bytes, size) != (ssize_t)size)
        err = file_error(info, ERR_IO, "trust.secret.size", name, strerror(errno));
    (void)close(fd);
    *ret_len = size;
    return err;
}

enum err secret_read(const char *data_dir, const char *name, size_t len, struct secret **ret_secret,
                     struct err_info *info)
{
    uint8_t bytes[KEK_MAX * KEK_ROW_BYTES];
    size_t got = 0;
    TRY(crypt_init());
    enum err err =
        len > sizeof bytes ? ERR_LIMIT : secret_load(data_dir, name, len, len, bytes, &got, info);
    if (err == ERR_OK) {
        *ret_secret = secret_new(bytes, len);
        err = *ret_secret == NULL ? ERR_NOMEM : ERR_OK;
    }
    crypt_wipe(bytes, sizeof bytes);
    return err;
}

/* ---- the keys of dossiers -----------------------------------------------------------------------
 */

struct keyring {
    struct keys keys;
    struct secret *k_id;
    struct secret *k_pad;
    struct secret *kek; /* rows of epoch and key, ascending */
    size_t kek_count;
    pthread_mutex_t lock;
    struct db *db;   /* under the lock, as is the transaction */
    struct db_tx tx; /* runs from the first new key of a batch to keyring_flush */
};

static const uint8_t *kek_row(const struct keyring *r, size_t i)
{
    return secret_bytes(r->kek) + i * KEK_ROW_BYTES;
}

static uint32_t kek_epoch(const uint8_t *row)
{
    return (uint32_t)row[0] << 24 | (uint32_t)row[1] << 16 | (uint32_t)row[2] << 8 | row[3];
}

/* The key of an epoch, or NULL. */
static const uint8_t *kek_find(const struct keyring *r, int64_t epoch)
{
    for (size_t i = 0; i < r->kek_count; i++)
        if (kek_epoch(kek_row(r, i)) == epoch)
            return kek_row(r, i) + 4;
    return NULL;
}

static void aad_of(struct dossier_id id, enum key_kind kind, uint32_t epoch,
                   uint8_t ret_aad[AAD_BYTES])
{
    uint8_t *at = ret_aad;
    memcpy(at, "huiyin-key/v1", LABEL_BYTES);
    at += LABEL_BYTES;
    for (int i = 0; i < 8; i++)
        *at++ = (uint8_t)((uint64_t)id.v >> (56 - 8 * i));
    *at++ = (uint8_t)kind;
    for (int i = 0; i < 4; i++)
        *at++ = (uint8_t)(epoch >> (24 - 8 * i));
}

static enum err put_key(struct keyring *r, struct dossier_id id, enum key_kind kind,
                        const struct key32 *key)
{
    const uint8_t *kek = kek_row(r, r->kek_count - 1);
    uint32_t epoch = kek_epoch(kek);
    uint8_t aad[AAD_BYTES];
    uint8_t nonce[AEAD_NONCE_BYTES];
    uint8_t wrapped[WRAPPED_BYTES];
    aad_of(id, kind, epoch, aad);
    TRY(rng_few(nonce, sizeof nonce));
    crypt_aead_seal(kek + 4, nonce, str_make(aad, sizeof aad), str_make(key->b, sizeof key->b),
                    wrapped);
    if (r->tx.db == NULL)
        TRY(DB_TX_BEGIN(&r->tx, r->db));
    const struct matter_key_put_in in = {
        .matter = id,
        .kind = (int32_t)kind,
        .epoch = epoch,
        .nonce = str_make(nonce, sizeof nonce),
        .wrapped = str_make(wrapped, sizeof wrapped),
        .made_day = (int32_t)(instant_now() / US_PER_DAY),
    };
    return matter_key_put(r->db, &in);
}

static enum err keys_make(void *ctx, struct dossier_id id, enum key_kind kind,
                          struct key32 *ret_key)
{
    struct keyring *r = ctx;
    CLEANUP(key32_wipe) struct key32 key;
    TRY(rng_few(key.b, sizeof key.b));
    (void)pthread_mutex_lock(&r->lock);
    enum err err = put_key(r, id, kind, &key);
    (void)pthread_mutex_unlock(&r->lock);
    if (err == ERR_OK)
        *ret_key = key;
    return err;
}

static enum err get_key(struct keyring *r, struct dossier_id id, enum key_kind kind,
                        struct key32 *ret_key)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 4096);
    struct matter_key_get_row row;
    TRY(matter_key_get(r->db, &a, id, (int32_t)kind, &row));
    const uint8_t *kek = kek_find(r, row.kek_epoch);
    if (kek == NULL) /* its epoch was destroyed, and the key with it */
        return ERR_NOT_FOUND;
    if (row.nonce.len != AEAD_NONCE_BYTES || row.wrapped.len != WRAPPED_BYTES)
        return ERR_CORRUPT;
    uint8_t aad[AAD_BYTES];
    aad_of(id, kind, (uint32_t)row.kek_epoch, aad);
    bool is_ours = crypt_aead_open(kek, (const uint8_t *)row.nonce.ptr, str_make(aad, sizeof aad),
                                   row.wrapped, ret_key->b);
    return is_ours ? ERR_OK : ERR_CORRUPT;
}

static enum err keys_find(void *ctx, struct dossier_id id, enum key_kind kind,
                          struct key32 *ret_key)
{
    struct keyring *r = ctx;
    (void)pthread_mutex_lock(&r->lock);
    enum err err = get_key(r, id, kind, ret_key);
    (void)pthread_mutex_unlock(&r->lock);
    return err;
}

/* With the lock held. A transaction that SQLite gave up took the keys of the whole batch with it:
 * then the batch fails too. */
static enum err flush(struct keyring *r)
{
    return r->tx.db == NULL ? ERR_OK : db_tx_commit(&r->tx);
}

static enum err keys_destroy(void *ctx, struct dossier_id id, enum key_kind kind)
{
    struct keyring *r = ctx;
    (void)pthread_mutex_lock(&r->lock);
    enum err err = flush(r);
    if (err == ERR_OK)
        err = matter_key_delete(r->db, id, (int32_t)kind);
    (void)pthread_mutex_unlock(&r->lock);
    return err;
}

enum err keyring_flush(struct keyring *r, struct err_info *info)
{
    (void)pthread_mutex_lock(&r->lock);
    enum err err = flush(r);
    if (err != ERR_OK && info != NULL)
        *info = *db_fault(r->db);
    (void)pthread_mutex_unlock(&r->lock);
    return err;
}

void keyring_drop(struct keyring *r)
{
    (void)pthread_mutex_lock(&r->lock);
    db_tx_rollback(&r->tx);
    (void)pthread_mutex_unlock(&r->lock);
}

bool keyring_is_lost(struct keyring *r)
{
    (void)pthread_mutex_lock(&r->lock);
    bool lost = db_sync_failed(r->db);
    (void)pthread_mutex_unlock(&r->lock);
    return lost;
}

const struct keys *keyring_keys(struct keyring *r)
{
    return &r->keys;
}

const uint8_t *keyring_kek(const struct keyring *r)
{
    return kek_row(r, r->kek_count - 1) + 4;
}

/* ---- opening --------------------------------------------------------------------------------- */

static enum err kek_read(struct keyring *r, const char *data_dir, struct err_info *info)
{
    uint8_t rows[KEK_MAX * KEK_ROW_BYTES];
    size_t len = 0;
    enum err err = secret_load(data_dir, "kek", KEK_ROW_BYTES, sizeof rows, rows, &len, info);
    if (err == ERR_OK) {
        r->kek = secret_new(rows, len);
        r->kek_count = len / KEK_ROW_BYTES;
        err = r->kek == NULL ? ERR_NOMEM : ERR_OK;
    }
    crypt_wipe(rows, sizeof rows);
    for (size_t i = 1; err == ERR_OK && i < r->kek_count; i++)
        if (kek_epoch(kek_row(r, i - 1)) >= kek_epoch(kek_row(r, i)))
            err = file_error(info, ERR_CORRUPT, "trust.secret.size", "kek", "epochs not ascending");
    return err;
}

static enum err ring_fill(struct keyring *r, const char *data_dir, struct err_info *info)
{
    TRY(secret_read(data_dir, "k_id", KEY_BYTES, &r->k_id, info));
    TRY(secret_read(data_dir, "k_pad", KEY_BYTES, &r->k_pad, info));
    TRY(kek_read(r, data_dir, info));
    TRY(db_open(data_dir, DB_STORE_KEYS, DB_WRITE, &r->db, info));
    r->keys = (struct keys){
        .ctx = r,
        .k_id = secret_bytes(r->k_id),
        .k_pad = secret_bytes(r->k_pad),
        .make = keys_make,
        .find = keys_find,
        .destroy = keys_destroy,
    };
    return ERR_OK;
}

enum err keyring_open(const char *data_dir, struct keyring **ret_ring, struct err_info *info)
{
    struct keyring *r = mem_new(sizeof *r);
    if (r == NULL)
        return ERR_NOMEM;
    (void)pthread_mutex_init(&r->lock, NULL);
    enum err err = ring_fill(r, data_dir, info);
    if (err != ERR_OK) {
        keyring_close(r);
        return err;
    }
    *ret_ring = r;
    return ERR_OK;
}

void keyring_close(struct keyring *r)
{
    if (r == NULL)
        return;
    db_tx_done(&r->tx);
    db_close(r->db);
    secret_free(r->k_id);
    secret_free(r->k_pad);
    secret_free(r->kek);
    (void)pthread_mutex_destroy(&r->lock);
    mem_free(r);
}

enum err keyring_reconcile(struct keyring *r, struct db *main_db, int32_t today, bool read_only,
                           int64_t *ret_deleted)
{
    *ret_deleted = 0;
    if (read_only)
        return ERR_OK;
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 4096);
    struct newest_dossier_row row;
    TRY(newest_dossier(main_db, &a, &row));
    (void)pthread_mutex_lock(&r->lock);
    enum err err = flush(r);
    if (err == ERR_OK)
        err = matter_key_orphans(r->db, row.id, today - 1, ret_deleted);
    (void)pthread_mutex_unlock(&r->lock);
    return err;
}
