/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "spine/ref.h"

#include "base/utf8.h"

#include <string.h>

static const char LETTERS[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

enum { HALF_BITS = 18, ROUNDS = 4, LETTER_COUNT = 7, LETTER_BITS = 5 };
#define HALF_MASK ((UINT64_C(1) << HALF_BITS) - 1)
#define ID_LIMIT (UINT64_C(1) << REF_ID_BITS)

void ref_id16(const uint8_t k_id[KEY_BYTES], struct dossier_id id, struct id16 *ret_id16)
{
    if (id.v == 0) {
        *ret_id16 = (struct id16){{0}};
        return;
    }
    struct mac m;
    mac_init(&m, k_id, ID16_BYTES);
    mac_str(&m, STR("huiyin-id/v1"));
    mac_be64(&m, (uint64_t)id.v);
    mac_done(&m, ret_id16->b);
}

/* F of the header. */
static uint64_t round_of(const uint8_t k_id[KEY_BYTES], uint8_t round, uint64_t half)
{
    const uint8_t be[5] = {round, (uint8_t)(half >> 24), (uint8_t)(half >> 16),
                           (uint8_t)(half >> 8), (uint8_t)half};
    uint8_t out[ID16_BYTES];
    struct mac m;
    mac_init(&m, k_id, sizeof out);
    mac_str(&m, STR("huiyin-ref/v1"));
    mac_add(&m, be, sizeof be);
    mac_done(&m, out);
    uint64_t v = (uint64_t)out[0] << 24 | (uint64_t)out[1] << 16 | (uint64_t)out[2] << 8 | out[3];
    return v & HALF_MASK;
}

uint64_t ref_permute(const uint8_t k_id[KEY_BYTES], uint64_t v)
{
    do {
        uint64_t left = v >> HALF_BITS;
        uint64_t right = v & HALF_MASK;
        for (unsigned i = 0; i < ROUNDS; i++) {
            uint64_t next = left ^ round_of(k_id, (uint8_t)i, right);
            left = right;
            right = next;
        }
        v = left << HALF_BITS | right;
    } while (v >= ID_LIMIT);
    return v;
}

uint64_t ref_unpermute(const uint8_t k_id[KEY_BYTES], uint64_t v)
{
    do {
        uint64_t left = v >> HALF_BITS;
        uint64_t right = v & HALF_MASK;
        for (uint8_t i = ROUNDS; i > 0; i--) {
            uint64_t last = right ^ round_of(k_id, (uint8_t)(i - 1), left);
            right = left;
            left = last;
        }
        v = left << HALF_BITS | right;
    } while (v >= ID_LIMIT);
    return v;
}

/* Times a in GF(2)[a]/(a^5 + a^2 + 1). */
static unsigned times_a(unsigned v)
{
    v <<= 1;
    return (v & 0x20) != 0 ? v ^ 0x25 : v;
}

/* Horner from the last letter: ((l6 a + l5) a + ...) a gives the sum of a^(i+1) l_i. */
static unsigned check_of(const unsigned letters[LETTER_COUNT])
{
    unsigned sum = 0;
    for (size_t i = LETTER_COUNT; i > 0; i--)
        sum = times_a(sum ^ letters[i - 1]);
    return sum;
}

static void write_ref(const uint8_t k_id[KEY_BYTES], struct dossier_id id,
                      char ret_text[REF_BYTES + 1])
{
    uint64_t v = ref_permute(k_id, (uint64_t)id.v);
    unsigned letters[LETTER_COUNT + 1];
    for (size_t i = 0; i < LETTER_COUNT; i++)
        letters[i] = (unsigned)(v >> (LETTER_BITS * (LETTER_COUNT - 1 - i))) & 31;
    letters[LETTER_COUNT] = check_of(letters);
    char *out = ret_text;
    for (size_t i = 0; i <= LETTER_COUNT; i++) {
        if (i == 4)
            *out++ = '-';
        *out++ = LETTERS[letters[i]];
    }
    *out = '\0';
}

/* References written last, by their place: a list writes the same ones again each time it is asked
 * for, and a permutation is eight hashes. The thread's own. */
struct memo {
    struct dossier_id id; /* 0: nothing here yet */
    uint8_t key[8];       /* the first of k_id */
    char text[REF_BYTES + 1];
};
enum { MEMOS = 512 };
static _Thread_local struct memo memos[MEMOS];

void ref_format(const uint8_t k_id[KEY_BYTES], struct dossier_id id, char ret_text[REF_BYTES + 1])
{
    struct memo *m = &memos[(uint64_t)id.v % MEMOS];
    if (m->id.v == 0 || m->id.v != id.v || memcmp(m->key, k_id, sizeof m->key) != 0) {
        write_ref(k_id, id, m->text);
        memcpy(m->key, k_id, sizeof m->key);
        m->id = id;
    }
    memcpy(ret_text, m->text, sizeof m->text);
}

/* Blanks and dashes that keyboards and input methods put between the groups. */
static bool is_gap(int32_t c)
{
    return c == ' ' || c == '\t' || c == '-' || c == 0xA0 || c == 0x3000 || c == 0xAD ||
           (c >= 0x2010 && c <= 0x2015) || c == 0x2212 || c == 0xFE63 || c == 0xFF0D;
}

/* The value of a letter as typed, or -1. */
static int32_t letter_of(int32_t c)
{
    if (c >= 0xFF01 && c <= 0xFF5E) /* full-width */
        c -= 0xFEE0;
    if (c >= 'a' && c <= 'z')
        c -= 'a' - 'A';
    if (c == 'O')
        c = '0';
    if (c == 'I' || c == 'L')
        c = '1';
    if (c <= 0 || c >= 0x7F)
        return -1;
    const char *at = strchr(LETTERS, (int)c);
    return at == NULL ? -1 : (int32_t)(at - LETTERS);
}

bool ref_parse(const uint8_t k_id[KEY_BYTES], struct str text, struct dossier_id *ret_id)
{
    unsigned letters[LETTER_COUNT + 1];
    size_t count = 0;
    for (size_t at = 0; at < text.len;) {
        int32_t c = utf8_next(text, &at);
        if (is_gap(c))
            continue;
        int32_t letter = letter_of(c);
        if (letter < 0 || count > LETTER_COUNT)
            return false;
        letters[count++] = (unsigned)letter;
    }
    if (count != LETTER_COUNT + 1 || check_of(letters) != letters[LETTER_COUNT])
        return false;
    uint64_t v = 0;
    for (size_t i = 0; i < LETTER_COUNT; i++)
        v = v << LETTER_BITS | letters[i];
    uint64_t id = ref_unpermute(k_id, v);
    if (id == 0)
        return false;
    ret_id->v = (int64_t)id;
    return true;
}
