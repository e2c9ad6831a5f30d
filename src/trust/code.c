/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "trust/code.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "db/writer.h"
#include "lib/text/words.h"
#include "trust/code.sql.h"

enum { LOOKUP_BYTES = 32, DIGITS = 24, GROUP = 4 };

static struct str key_of(const uint8_t lookup[32])
{
    return str_make(lookup, LOOKUP_BYTES);
}

enum err code_add(struct tx *tx, const uint8_t lookup[32], struct dossier_id dossier)
{
    return code_put(tx->db, key_of(lookup), dossier);
}

enum err code_look(struct db *db, const uint8_t lookup[32], struct code_found *ret_found)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 4096);
    struct code_row_row row;
    TRY(code_row(db, &a, key_of(lookup), &row));
    if (row.state != CODE_LIVE)
        return ERR_NOT_FOUND;
    *ret_found = (struct code_found){row.dossier, row.uses};
    return ERR_OK;
}

enum err code_use(struct tx *tx, const uint8_t lookup[32], struct code_found *ret_found)
{
    int64_t changed = 0;
    TRY(code_look(tx->db, lookup, ret_found));
    TRY(code_count_use(tx->db, key_of(lookup), &changed));
    return changed == 1 ? ERR_OK : ERR_NOT_FOUND;
}

enum err code_dossier(struct db *db, const uint8_t lookup[32], struct dossier_id *ret_dossier)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 4096);
    struct code_row_row row;
    TRY(code_row(db, &a, key_of(lookup), &row));
    *ret_dossier = row.dossier;
    return ERR_OK;
}

enum err code_burn(struct tx *tx, const uint8_t lookup[32])
{
    int64_t changed = 0;
    TRY(code_set_burned(tx->db, key_of(lookup), &changed));
    return changed == 1 ? ERR_OK : ERR_NOT_FOUND;
}

enum err code_replace(struct tx *tx, const uint8_t old[32], const uint8_t fresh[32])
{
    struct code_found found;
    TRY(code_look(tx->db, old, &found));
    TRY(code_burn(tx, old));
    return code_add(tx, fresh, found.dossier);
}

enum err code_expire(struct tx *tx, struct dossier_id dossier)
{
    return code_set_expired(tx->db, dossier);
}

/* What may stand between the digits of a code that was copied from a page or a slip. */
enum err code_has(struct db *db, struct arena *a, struct dossier_id dossier, bool *ret_yes)
{
    struct code_of_dossier_row row;
    TRY(code_of_dossier(db, a, dossier, &row));
    *ret_yes = row.n > 0;
    return ERR_OK;
}

static bool is_gap(int32_t c)
{
    return c == ' ' || c == '-' || c == '\t' || c == '\n' || c == '\r' || c == 0xA0 ||
           c == 0x3000 || (c >= 0x2000 && c <= 0x2015) || c == 0x202F || c == 0xFF0D;
}

bool code_in_text(struct str text, struct str *ret_digits)
{
    size_t start = 0;
    size_t end = 0;
    size_t count = 0;
    for (size_t at = 0; at < text.len;) {
        size_t here = at;
        int32_t c = utf8_next(text, &at);
        if (words_digit(c) >= 0) {
            start = count == 0 ? here : start;
            end = at;
            count++;
        } else if (!is_gap(c)) {
            if (count == DIGITS)
                break;
            count = 0;
        }
    }
    if (count != DIGITS)
        return false;
    *ret_digits = str_sub(text, start, end - start);
    return true;
}

void code_spaced(const char digits[24], char ret_text[CODE_SPACED_BYTES])
{
    char *out = ret_text;
    for (size_t i = 0; i < DIGITS; i++) {
        if (i > 0 && i % GROUP == 0)
            *out++ = ' ';
        *out++ = digits[i];
    }
    *out = '\0';
}
