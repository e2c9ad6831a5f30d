/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * note: signed checkpoints of the log, as C2SP writes them (c2sp.org/signed-note,
 * c2sp.org/tlog-checkpoint, c2sp.org/tlog-cosignature).
 *
 *   <origin> LF <size> LF <base64 root> LF             the body, what is signed
 *   LF
 *   — <name> <base64(be32 key id || signature)> LF     one or more
 *
 *   key id = SHA-256(name || LF || algorithm || public key)[:4]
 *   vkey   = name + "+" + hex(key id) + "+" + base64(algorithm || public key)
 *
 * Algorithm 1 is Ed25519 over the body; 4 a witness's cosignature over
 * "cosignature/v1\ntime T\n" || body, stored as be64(T) || signature.
 * Signatures of unknown keys are passed over; one of a known key that fails spoils the note.
 * Pure; at most 64 KiB and 32 signatures; strict base64; thread-safe.
 */
#ifndef HUIYIN_SPINE_NOTE_H
#define HUIYIN_SPINE_NOTE_H

#include "base/str.h"
#include "spine/signer.h"

enum { NOTE_BYTES_MAX = 65536, NOTE_SIGS_MAX = 32, NOTE_ED25519 = 1, NOTE_COSIGNATURE = 4 };

/* A key that may have signed. */
struct note_key {
    struct str name;
    uint8_t algorithm;
    uint8_t id[4];
    uint8_t pub[KEY_BYTES];
};

void note_key_init(struct note_key *k, struct str name, uint8_t algorithm,
                   const uint8_t pub[KEY_BYTES]);
/* False when it is not well formed, its id is not its own or the algorithm is unknown. */
bool note_key_parse(struct str vkey, struct note_key *ret_key);
void note_key_format(const struct note_key *k, struct buf *ret_vkey);

/* The three lines that are signed. */
void note_body(struct str origin, uint64_t size, const struct hash *root, struct buf *ret_body);
/* A whole checkpoint with the log's own signature. */
void note_checkpoint(const struct note_key *log, const struct log_head *head, struct buf *ret_note);

/* A witness's line, with its LF: that it has seen the checkpoint with this body at `time`, in
 * seconds. The key id is that of algorithm NOTE_COSIGNATURE; `seed` is its secret half. */
void note_cosign(const struct note_key *witness, const uint8_t seed[KEY_BYTES], struct str body,
                 int64_t time, struct buf *ret_line);

struct note_sig {
    struct str name;
    uint8_t id[4];
    struct str b64; /* as it stands */
    uint8_t bytes[72];
    size_t len; /* of what follows the key id; 0 when no kind known here is as long */
};

struct checkpoint {
    struct str body; /* what is signed, with its last LF */
    struct str origin;
    uint64_t size;
    struct hash root;
    struct note_sig sigs[NOTE_SIGS_MAX];
    size_t sig_count;
};

/* ERR_INVALID unless it is a note whose body is exactly origin, size and root. Views point into
 * `text`. Says nothing about who signed it. */
enum err note_parse(struct str text, struct checkpoint *ret_checkpoint);

enum note_signed { NOTE_UNSIGNED = 0, NOTE_SIGNED, NOTE_FORGED };
/* Is there a signature of `k`, and is it good? A cosignature's time goes to *ret_time (may be
 * NULL). */
enum note_signed note_check(const struct checkpoint *c, const struct note_key *k,
                            int64_t *ret_time);

#endif
