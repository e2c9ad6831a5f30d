/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * field: one encrypted value in a column (trust.md section 7).
 *
 *   blob = 0x01 || nonce24 || XChaCha20-Poly1305(key, nonce, aad, plain)
 *   aad  = "huiyin-field/v1" || id16 || be16(table) || be16(column) || be64(row)
 *   key  = sub(MDK, "field", table || column as two be16), or sub(MLK, "event") for events
 *
 * The AAD ties a value to its place: moved to another row, column or dossier it does not open.
 * The numbers of tables and columns below stand in stored data: never change or reuse one.
 */
#ifndef HUIYIN_SPINE_FIELD_H
#define HUIYIN_SPINE_FIELD_H

#include "lib/crypt/crypt.h"
#include "spine/ref.h"

enum field_table {
    FIELD_EVENT = 1,        /* row: seq */
    FIELD_MATTER = 2,       /* row: 0 */
    FIELD_CONTACT_CARD = 3, /* row: 0 */
    FIELD_DRAFT = 4,        /* row: officer */
    FIELD_OFFICER = 5       /* under KEK; id16 zero; row: officer */
};

enum field_column {
    FIELD_EVENT_TEXT = 1,
    FIELD_EVENT_PAYLOAD = 2,
    FIELD_MATTER_TITLE = 1,
    FIELD_MATTER_TEXT = 2,
    FIELD_MATTER_PLACE = 3,
    FIELD_MATTER_WISH = 4,
    FIELD_CONTACT_CARD_CARD = 1,
    FIELD_DRAFT_BODY = 1,
    FIELD_OFFICER_TOTP = 1
};

enum { FIELD_OVERHEAD_BYTES = 1 + AEAD_NONCE_BYTES + AEAD_TAG_BYTES };

struct field_place {
    struct id16 id16;
    uint16_t table;
    uint16_t column;
    int64_t row;
};

/* sub(MDK, "field", table || column). */
void field_key(const struct key32 *mdk, uint16_t table, uint16_t column, struct key32 *ret_key);

/* The blob, in the arena. */
enum err field_seal(struct arena *a, const struct key32 *key, const struct field_place *place,
                    struct str plain, struct str *ret_blob);
/* ERR_CORRUPT when it was not sealed with this key for this place. */
enum err field_open(struct arena *a, const struct key32 *key, const struct field_place *place,
                    struct str blob, struct str *ret_plain);

#endif
