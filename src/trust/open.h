/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * open: a data folder made, opened and closed, with everything that belongs together in order.
 *
 * house_make makes a new folder: secrets, vault, databases, settings, the first custodian.
 * house_open takes the folder's lock, opens keys, keeper, database, log and pack, checks that they
 * belong together, finishes what a crash left half done, and starts the writer. Server and
 * commands use the same two functions, so that neither can forget a step.
 *
 *     struct open_house *o = NULL;
 *     TRY(house_open(&(struct house_how){.data_dir = dir, .write = true}, &o, info));
 *     struct house *h = open_house_get(o);
 *     ...
 *     house_close(o);
 */
#ifndef HUIYIN_TRUST_OPEN_H
#define HUIYIN_TRUST_OPEN_H

#include "base/str.h"
#include "spine/house.h"
#include "spine/ref.h"

struct db;
struct open_house;

enum { PASSPHRASE_SHOWN_BYTES = 96 };

struct house_plan {
    const char *data_dir;
    const char *pack;   /* id of a pack: "plain" */
    const char *packs;  /* folder of packs, NULL to find it */
    const char *zone;   /* IANA name, NULL for the pack's own */
    const char *origin; /* of the log: host and name without scheme, NULL for "localhost/huiyin" */
    bool demo;
};

/* What is shown once and never again. */
struct house_made {
    char passphrase[PASSPHRASE_SHOWN_BYTES]; /* of the first custodian; wipe it */
};

/* ERR_CONFLICT "open.exists" when the folder holds a house already. Nothing half-made stays: what
 * was made is removed when a later step fails. */
enum err house_make(const struct house_plan *plan, struct house_made *ret_made,
                    struct err_info *info);

struct house_how {
    const char *data_dir;
    const char *packs; /* folder of packs, NULL to find it */
    bool write;        /* with lock, writer and keeper; otherwise only readers and keys */
    size_t code_stock; /* codes kept ready: CODE_STOCK for a server, 0 for commands */
    size_t box_stock;  /* empty boxes, the same: BOX_STOCK or 0 */
    size_t queue_max;  /* of the writer, 0 for its default */
};

/* ERR_NOT_FOUND "open.none" when there is no house there (says `huiyin init`), ERR_CONFLICT when
 * another server has it, ERR_VERSION, ERR_CORRUPT, or what the pack's faults are. */
enum err house_open(const struct house_how *how, struct open_house **ret_open,
                    struct err_info *info);
struct house *open_house_get(struct open_house *o);
/* Opened for writing, and its main.db was of an older version until then. */
bool open_house_was_older(const struct open_house *o);
/* Orderly: writer first, then keeper. NULL is allowed. */
void house_close(struct open_house *o);

/* Loads the offices anew after a change of configuration; the old tree stays until the end. */
enum err house_tree_renew(struct house *h, struct db *db);

/* In a job: the vault item of this matter is confirmed when the batch has been committed. */
enum err house_confirm_later(const struct tx *tx, const struct id16 *handle);

#endif
