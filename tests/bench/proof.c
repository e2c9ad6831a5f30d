/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/bench/proof.h"

#include "base/instant.h"
#include "base/mem.h"
#include "db/readers.h"
#include "spine/audit.h"
#include "spine/dossier.h"
#include "spine/event.h"
#include "spine/log.h"
#include "spine/receipt.h"
#include "tests/bench/hist.h"
#include "tests/bench/town.h"
#include "trust/keeper.h"
#include "trust/open.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 20000, EVENTS = 2, TEXT_BYTES = 420, PAYLOAD_BYTES = 1300, CHECKS = 60 };

static double thread_cpu(void)
{
    struct timespec t = {0};
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double proof_hashing(int batch)
{
    static char text[TEXT_BYTES];
    static char payload[PAYLOAD_BYTES];
    static uint8_t key[KEY_BYTES];
    struct frontier f = {0};
    struct stored rows[PROOF_HASHES_MAX];
    struct hash h;
    uint8_t salt[32];
    uint8_t entry[EVENT_ENTRY_BYTES];
    uint8_t sig[SIG_BYTES];
    memset(text, 'a', sizeof text);
    memset(payload, 'b', sizeof payload);
    double from = thread_cpu();
    for (int i = 0; i < ROUNDS * EVENTS; i++) {
        event_salt(key, i, salt);
        event_body(salt, str_make(payload, sizeof payload), &h);
        event_commit(salt, str_make(text, sizeof text), &h);
        event_entry(&h, entry);
        proof_leaf(entry, sizeof entry, &h);
        (void)proof_append(&f, &h, rows);
        if (i % (batch * EVENTS) == 0) {
            proof_root(&f, &h);
            crypt_sign(key, str_make(h.b, sizeof h.b), sig);
        }
    }
    return (thread_cpu() - from) / ROUNDS;
}

static enum err audit_all(struct house *h, struct keeper *keeper, struct db *db,
                          struct audit_result *ret_result)
{
    struct log_head head;
    TRY(keeper_err(keeper_log_head(keeper, &head)));
    const struct audit_setup setup = {.origin = h->origin,
                                      .keys = h->keys,
                                      .log_public_key = keeper_signer(keeper)->public_key,
                                      .head = &head};
    return log_audit(db, &setup, ret_result);
}

enum err proof_audit(const char *dir, double *ret_seconds, double *ret_leaves,
                     struct err_info *info)
{
    struct open_house *open = NULL;
    struct db *db = NULL; /* not one of the readers', which may not read for so long */
    struct audit_result r = {.size = 0};
    TRY(house_open(&(struct house_how){.data_dir = dir, .write = true}, &open, info));
    struct house *h = open_house_get(open);
    enum err err = db_open(dir, DB_STORE_MAIN, DB_READ, &db, info);
    int64_t from = instant_monotonic();
    if (err == ERR_OK)
        err = audit_all(h, h->keeper, db, &r);
    db_close(db);
    *ret_seconds = (double)(instant_monotonic() - from) / 1e6;
    *ret_leaves = (double)r.size;
    house_close(open);
    if (err == ERR_OK && r.faults > 0)
        return err_set(info, ERR_CORRUPT, NULL, "the log of %s is not sound", dir);
    return err;
}

/* ---- verifying ------------------------------------------------------------------------------- */

static bool file_write(const char *path, struct str text)
{
    FILE *f = fopen(path, "wb");
    bool is_good = f != NULL && fwrite(text.ptr, 1, text.len, f) == text.len;
    return f != NULL && fclose(f) == 0 && is_good;
}

static enum err receipt_write(struct house *h, struct dossier_id id, const char *receipt,
                              const char *policy, struct err_info *info)
{
    CLEANUP(arena_done) struct arena a;
    CLEANUP(buf_done) struct buf file;
    CLEANUP(buf_done) struct buf line;
    struct db *db = NULL;
    struct dossier d;
    struct key32 mlk;
    struct note_key key;
    arena_init(&a, 8 << 20);
    buf_init(&file, RECEIPT_BYTES_MAX);
    buf_init(&line, 4096);
    TRY(readers_take(h->readers, &db, info));
    enum err err = dossier_load(db, &a, id, &d);
    memcpy(mlk.b, d.mlk, sizeof mlk.b);
    const struct receipt_ask ask = {.house = h, .dossier = id, .mlk = &mlk, .seq = 1};
    if (err == ERR_OK)
        err = receipt_make(db, &a, &ask, &file, info);
    readers_give(h->readers, db);
    note_key_init(&key, h->origin, NOTE_ED25519, log_public_key(h->log));
    buf_c(&line, "log ");
    note_key_format(&key, &line);
    buf_c(&line, "\nquorum none\n");
    if (err == ERR_OK &&
        (!file_write(receipt, buf_view(&file)) || !file_write(policy, buf_view(&line))))
        err = ERR_IO;
    return err;
}

static int verify_once(const char *program, const char *receipt, const char *policy)
{
    int status = -1;
    pid_t pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
        (void)dup2(null, STDOUT_FILENO);
        (void)execl(program, program, "receipt", receipt, "--policy", policy, (char *)NULL);
        _exit(127);
    }
    (void)waitpid(pid, &status, 0);
    return status;
}

enum err proof_verify(const char *dir, const char *program, double *ret_seconds,
                      struct err_info *info)
{
    char receipt[4300];
    char policy[4300];
    struct hist hist = {0};
    struct open_house *open = NULL;
    (void)snprintf(receipt, sizeof receipt, "%s/bench.receipt", dir);
    (void)snprintf(policy, sizeof policy, "%s/bench.policy", dir);
    TRY(house_open(&(struct house_how){.data_dir = dir, .write = true}, &open, info));
    const struct dossier_id first = {town_first_id(dir)};
    enum err err = receipt_write(open_house_get(open), first, receipt, policy, info);
    house_close(open);
    for (int i = 0; i < CHECKS && err == ERR_OK; i++) {
        int64_t from = instant_monotonic();
        if (verify_once(program, receipt, policy) != 0)
            err = err_set(info, ERR_CORRUPT, NULL, "%s refuses %s", program, receipt);
        hist_add(&hist, instant_monotonic() - from);
    }
    *ret_seconds = hist_at(&hist, 0.5) / 1e6;
    return err;
}
