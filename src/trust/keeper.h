/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * keeper: whoever holds the vault, the pepper of the codes and the key of the log
 * (trust.md sections 3.1, 5, 6, 8). One function per operation of its protocol; the structs are the
 * operation's TLVs. Today it lives in this process, later behind a socket, and no caller changes.
 *
 * It knows no matter, no page, no JSON and no network. Nothing it answers lets a caller look for a
 * person: no operation takes a name or an address and says whether it is known.
 *
 * Statuses are the protocol's; keeper_err maps them for callers that speak enum err.
 * Times are the caller's (`now_us`), so that tests and the demo can move the clock.
 *
 * Commits: what is done between two commits is one transaction of vault.db. SEAL computes its boxes
 * in the caller's thread and leaves them to the next commit. keeper_flush commits; the writer has
 * it done while its batch runs and waits for it before its own COMMIT, so that no matter ever
 * stands without its sealed box. LOG_SIGN commits by itself, before it answers. Every function is
 * thread-safe.
 */
#ifndef HUIYIN_TRUST_KEEPER_H
#define HUIYIN_TRUST_KEEPER_H

#include "base/err.h"
#include "base/str.h"
#include "spine/ref.h"
#include "spine/signer.h"

struct keeper;

enum keeper_status {
    KEEPER_OK = 0,
    KEEPER_REFUSED = 1,
    KEEPER_MALFORMED = 2,
    KEEPER_NOT_FOUND = 3,
    KEEPER_RATE = 4,
    KEEPER_INCONSISTENT = 5,
    KEEPER_AGAIN = 6 /* busy, or the disk failed: the same call may succeed later */
};

/* REFUSED -> ERR_REFUSED, NOT_FOUND -> ERR_NOT_FOUND, RATE and AGAIN -> ERR_BUSY,
 * INCONSISTENT -> ERR_CONFLICT, MALFORMED -> ERR_INVALID. */
enum err keeper_err(enum keeper_status status);

enum {
    KEEPER_IDENTITY_BYTES_MAX = 4000,
    KEEPER_ADDRESS_BYTES_MAX = 254,
    KEEPER_BARS_MAX = 64,
    KEEPER_PASSPHRASE_BYTES_MAX = 128,
    CODE_DIGITS = 24,
    CODE_STOCK = 4096,
    BOX_STOCK = 1024
};

/* ---- life ------------------------------------------------------------------------------------ */

struct keeper_setup {
    const char *dir; /* the data directory: vault.db, secret/ */
    struct str origin;
    size_t stock; /* codes kept ready; 0 for none (commands), CODE_STOCK for a server */
    size_t boxes; /* sealed for nobody and kept ready, of each language asked for; the same way */
    size_t custodian_mem_bytes; /* of a new custodian's argon2id; 0: 256 MiB. Tests take less */
};

/* Makes vault.db when it is not there. Reads k_log, k_receipt, k_notify from secret/. */
enum err keeper_open(const struct keeper_setup *setup, struct keeper **ret_keeper,
                     struct err_info *info);
/* Commits, stops its threads, wipes. NULL is allowed. */
void keeper_close(struct keeper *k);
/* What spine/log.h needs; valid as long as the keeper. */
const struct signer *keeper_signer(struct keeper *k);
/* Commits what is open. ERR_IO, ERR_FULL: the batch must not commit either. */
enum err keeper_flush(struct keeper *k, struct err_info *info);
/* The same on the keeper's own thread, while the caller goes on; returns what keeper_flush_wait
 * waits for. What the caller's thread seals after this needs a keeper_flush: keeper_sealed_here
 * tells. */
uint64_t keeper_flush_soon(struct keeper *k);
enum err keeper_flush_wait(struct keeper *k, uint64_t flush, struct err_info *info);
/* How many boxes the calling thread has sealed, in any keeper. */
uint64_t keeper_sealed_here(void);
/* An fsync of vault.db failed: nothing is written there any more, and the process must end. */
bool keeper_is_lost(struct keeper *k);

/* ---- the vault (0x10-0x16) ----------------------------------------------------------------------
 */

/* A policy says to which roles an identity is sealed: made by `huiyin init`, named by packs.
 * 1: mode 1, the office's first role. */
enum { POLICY_DEFAULT = 1 };

enum notify_channel { NOTIFY_NONE = 0, NOTIFY_MAIL = 1, NOTIFY_SMS = 2, NOTIFY_POST = 3 };
enum keeper_bar_kind { KEEPER_BAR_UNSET = 0, KEEPER_BAR_CUSTODIAN = 1, KEEPER_BAR_ROLE = 2 };
struct keeper_bar {
    enum keeper_bar_kind kind;
    struct id16 id;
};

/* What a person says of themselves; all optional, empty when not given. */
struct identity {
    struct str name;   /* tag 1 */
    struct str email;  /* 2 */
    struct str phone;  /* 3 */
    struct str postal; /* 4 */
    struct str other;  /* 5 */
    struct str lang;   /* 6 */
};
/* The TLV plaintext {u8 tag, u16be length, bytes}, ascending, empty ones left out. ERR_LIMIT above
 * KEEPER_IDENTITY_BYTES_MAX. Wipe the buffer after use (crypt_wipe). */
enum err identity_encode(const struct identity *who, uint8_t *ret_bytes, size_t max,
                         size_t *ret_len);
/* Views into `tlv`. */
bool identity_decode(struct str tlv, struct identity *ret_who);

struct keeper_seal {
    uint16_t policy;
    const struct keeper_bar *bars;
    size_t bar_count;
    struct str identity; /* TLV, may be empty */
    enum notify_channel channel;
    struct str address; /* may be empty: the box is made all the same */
    struct str lang;    /* two letters */
    int64_t now_us;
};
/* Seals both boxes and stores them as pending: erased after 24 h unless confirmed. Boxes in which
 * nobody and no address is named are taken from a stock where there is one. */
enum keeper_status keeper_seal(struct keeper *k, const struct keeper_seal *in,
                               struct id16 *ret_handle);
/* The matter is committed. May be called again and for a handle confirmed long ago. */
enum keeper_status keeper_confirm(struct keeper *k, const struct id16 *handle);
/* The same without waiting: it goes with the next commit, whoever asks for that; lost with the
 * process it is made up for at the next start. */
enum keeper_status keeper_confirm_soon(struct keeper *k, const struct id16 *handle);
/* The day (UTC) of the oldest pending one, INT32_MAX when none is: matters from then on may wait
 * for their confirmation. */
enum keeper_status keeper_pending_since(struct keeper *k, int32_t *ret_day);
/* Erases what was pending for more than 24 h; returns how many. */
enum keeper_status keeper_sweep(struct keeper *k, int64_t now_us, int64_t *ret_erased);

/* A proved event: what OPEN_FINISH, ERASE and the role operations want to see in the log. */
struct keeper_event {
    struct str text;
    uint8_t salt[32];
    uint64_t index;
    uint64_t size;
    struct hash root;
    struct proof inclusion;
    struct proof consistency; /* from the head to (size, root) */
};

struct keeper_open_begin {
    struct id16 handle;
    struct id16 custodian;
    struct str passphrase;
    struct id16 viewer;
    uint8_t reason[32];
    int64_t now_us;
};
struct keeper_opening {
    struct id16 req;
    struct id16 missing_role; /* zeros: nobody else is needed */
};
struct keeper_open_finish {
    struct id16 req;
    struct keeper_event event;
    int64_t now_us;
};
/* Opening identities and erasing confirmed ones need custodians at work: until that room is built
 * they answer KEEPER_REFUSED and change nothing. */
enum keeper_status keeper_open_begin(struct keeper *k, const struct keeper_open_begin *in,
                                     struct keeper_opening *ret_opening);
enum keeper_status keeper_open_approve(struct keeper *k, const struct id16 *req,
                                       const struct id16 *custodian, struct str passphrase);
enum keeper_status keeper_open_finish(struct keeper *k, const struct keeper_open_finish *in,
                                      struct buf *ret_identity);
enum keeper_status keeper_erase(struct keeper *k, const struct id16 *handle,
                                const struct keeper_event *event);

/* Bars are only ever added. NOT_FOUND when there is no such item. */
enum keeper_status keeper_bar_add(struct keeper *k, const struct id16 *handle,
                                  const struct keeper_bar *bars, size_t count);

/* Queues a fixed message. KEEPER_REFUSED until the mailer is built. */
enum keeper_status keeper_notify(struct keeper *k, const struct id16 *handle, uint16_t template_id);

/* ---- codes (0x30, 0x31) -------------------------------------------------------------------------
 */

struct code {
    char digits[CODE_DIGITS + 1]; /* wiped by code_wipe */
    uint8_t lookup[32];
};
void code_wipe(struct code *c);

/* From the stock; made on the spot (a tenth of a second) when the stock is empty. */
enum keeper_status keeper_code_new(struct keeper *k, struct code *ret_code);
/* `text` is what was typed: everything but digits of any script is dropped.
 *   MALFORMED  not 24 digits, or the four digits that check the others are wrong: a typing mistake;
 *   OK         *ret_lookup is where the code would stand; whether it does, the caller looks;
 *   RATE       more than 64 are waiting.
 * One at a time runs the slow hash; every other caller waits its turn. */
enum keeper_status keeper_code_find(struct keeper *k, struct str text, uint8_t ret_lookup[32]);

/* ---- the log (0x40, 0x41)
 * ------------------------------------------------------------------------ */

struct keeper_log_sign {
    uint64_t size;
    struct hash root;
    struct proof consistency;
};
/* The head is on disk before this answers. The same (size, root) gives the same signature; a size
 * below the head gives the head. INCONSISTENT: not a continuation of the head. */
enum keeper_status keeper_log_sign(struct keeper *k, const struct keeper_log_sign *in,
                                   struct log_head *ret_head);
/* Size 0 when nothing was ever signed. */
enum keeper_status keeper_log_head(struct keeper *k, struct log_head *ret_head);

/* ---- roles and custodians (0x50-0x57)
 * ------------------------------------------------------------ */

enum { PASSPHRASE_WORDS = 6, PASSPHRASE_TEXT_BYTES = 80 };

struct keeper_custodian_new {
    struct id16 person_tag; /* random per human; zeros: a fresh one */
    int64_t now_us;
};
struct keeper_custodian_made {
    struct id16 custodian;
    char passphrase[PASSPHRASE_TEXT_BYTES]; /* shown once, then wiped */
};
/* Only while there is no custodian: every later one needs the passphrase of an existing one and is
 * KEEPER_REFUSED here. */
enum keeper_status keeper_custodian_enrol(struct keeper *k, const struct keeper_custodian_new *in,
                                          struct keeper_custodian_made *ret_made);
/* A fresh role key of epoch 1, wrapped to `custodian`; only for a role that has none. */
struct keeper_role_new {
    struct id16 role;
    struct id16 custodian;
};
enum keeper_status keeper_role_new(struct keeper *k, const struct keeper_role_new *in);
/* These unwrap a role key and need the room of the custodians: KEEPER_REFUSED until it is built. */
enum keeper_status keeper_custodian_rewrap(struct keeper *k, const struct id16 *custodian,
                                           struct str old_passphrase, struct str new_passphrase);
enum keeper_status keeper_custodian_retire(struct keeper *k, const struct id16 *custodian,
                                           const struct keeper_event *event);
enum keeper_status keeper_role_add(struct keeper *k, const struct id16 *role,
                                   const struct id16 *custodian, struct str passphrase);
enum keeper_status keeper_role_rotate(struct keeper *k, const struct id16 *role,
                                      const struct id16 *custodian, struct str passphrase);
enum keeper_status keeper_rewrap_step(struct keeper *k, const struct id16 *role, int64_t *ret_left);
enum keeper_status keeper_backup(struct keeper *k, const char *path);

/* How many roles and living custodians there are: for `huiyin init` and doctor. */
enum keeper_status keeper_counts(struct keeper *k, int64_t *ret_roles, int64_t *ret_custodians);

#endif
