/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * kit: a whole house in a temporary folder for tests: secrets, vault, keys, database, log, writer.
 *
 * kit_die makes the process end at a point of the next batch, as kill -9 would; kit_in_child runs
 * a function in a child process, so that the parent can look at what was left.
 */
#ifndef HUIYIN_TESTS_TRUST_KIT_H
#define HUIYIN_TESTS_TRUST_KIT_H

#include "db/writer.h"
#include "spine/dossier.h"
#include "spine/event.h"
#include "spine/house.h"
#include "spine/log.h"
#include "trust/confirm.h"
#include "trust/keeper.h"
#include "trust/keys.h"
#include "trust/reconcile.h"

enum kit_point {
    KIT_NOWHERE = 0,
    KIT_BEFORE_COMMIT, /* keys and vault are flushed, the main database is not */
    KIT_AFTER_COMMIT,  /* before CONFIRM and LOG_SIGN */
    KIT_BEFORE_SIGN,   /* confirmed, not signed */
    KIT_AFTER_SIGN     /* the keeper has persisted the head, its answer is lost */
};

struct kit {
    char dir[64];
    struct house house;
    struct keyring *ring;
    struct keeper *keeper;
    struct db *db;
    struct log *log;
    struct writer *writer;
    struct writer_hooks hooks[3];
    struct signer signer; /* the keeper's, with KIT_AFTER_SIGN */
    const struct signer *real;
    enum kit_point die;
    bool no_sign;     /* the signer does not answer */
    bool with_thread; /* the log signs in a thread of its own */
    struct confirm *confirm;
    struct reconciled reconciled;
    char passphrase[PASSPHRASE_TEXT_BYTES]; /* shown at kit_make */
    struct err_info info;
};

/* Makes the folder with everything in it; nothing is open afterwards. */
void kit_make(struct kit *k);
/* Opens all, reconciles and starts the writer. The log is signed in the writer's thread. */
void kit_open(struct kit *k);
void kit_close(struct kit *k);
/* Removes the folder. */
void kit_remove(struct kit *k);

/* A dossier with `events` events, sealed or open; with an identity when `named`. */
struct kit_raise {
    struct kit *kit;
    bool sealed;
    bool named;
    int events;
    enum err fail; /* ends the job with this error after everything was done */
    struct dossier_id id;
    struct id16 handle;
};
enum err kit_raise_job(struct tx *tx, void *raise);
enum err kit_raise(struct kit *k, struct kit_raise *raise);

/* Runs `fn` in a child; its exit status. */
int kit_in_child(void (*fn)(struct kit *k), struct kit *k);

/* A file of the folder copied beside itself and back: "main.db" and its log. */
void kit_copy(const struct kit *k, const char *from, const char *to);

#endif
