/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "spine/field.h"

#include "base/rng.h"

#include <string.h>

enum { VERSION = 1, LABEL_BYTES = 15, AAD_BYTES = LABEL_BYTES + ID16_BYTES + 2 + 2 + 8 };

static void aad_of(const struct field_place *p, uint8_t ret_aad[AAD_BYTES])
{
    uint8_t *at = ret_aad;
    memcpy(at, "huiyin-field/v1", LABEL_BYTES);
    at += LABEL_BYTES;
    memcpy(at, p->id16.b, ID16_BYTES);
    at += ID16_BYTES;
    *at++ = (uint8_t)(p->table >> 8);
    *at++ = (uint8_t)p->table;
    *at++ = (uint8_t)(p->column >> 8);
    *at++ = (uint8_t)p->column;
    for (int i = 0; i < 8; i++)
        *at++ = (uint8_t)((uint64_t)p->row >> (56 - 8 * i));
}

void field_key(const struct key32 *mdk, uint16_t table, uint16_t column, struct key32 *ret_key)
{
    const uint8_t ctx[4] = {(uint8_t)(table >> 8), (uint8_t)table, (uint8_t)(column >> 8),
                            (uint8_t)column};
    crypt_sub(mdk->b, STR("field"), str_make(ctx, sizeof ctx), ret_key);
}

enum err field_seal(struct arena *a, const struct key32 *key, const struct field_place *place,
                    struct str plain, struct str *ret_blob)
{
    uint8_t aad[AAD_BYTES];
    aad_of(place, aad);
    size_t len = FIELD_OVERHEAD_BYTES + plain.len;
    uint8_t *blob = arena_alloc(a, len);
    if (blob == NULL)
        return ERR_NOMEM;
    blob[0] = VERSION;
    TRY(rng_few(blob + 1, AEAD_NONCE_BYTES));
    crypt_aead_seal(key->b, blob + 1, str_make(aad, sizeof aad), plain,
                    blob + 1 + AEAD_NONCE_BYTES);
    *ret_blob = str_make(blob, len);
    return ERR_OK;
}

enum err field_open(struct arena *a, const struct key32 *key, const struct field_place *place,
                    struct str blob, struct str *ret_plain)
{
    if (blob.len < FIELD_OVERHEAD_BYTES || blob.ptr[0] != VERSION)
        return ERR_CORRUPT;
    uint8_t aad[AAD_BYTES];
    aad_of(place, aad);
    size_t len = blob.len - FIELD_OVERHEAD_BYTES;
    uint8_t *plain = arena_alloc(a, len + 1);
    if (plain == NULL)
        return ERR_NOMEM;
    struct str ct = str_sub(blob, 1 + AEAD_NONCE_BYTES, blob.len);
    if (!crypt_aead_open(key->b, (const uint8_t *)blob.ptr + 1, str_make(aad, sizeof aad), ct,
                         plain))
        return ERR_CORRUPT;
    *ret_plain = str_make(plain, len);
    return ERR_OK;
}
