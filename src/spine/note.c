/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "spine/note.h"

#include "base/mem.h"
#include "base/utf8.h"

#include <string.h>

enum { KEY_ID_BYTES = 4, LINE_BYTES_MAX = 8192 };
static const char DASH[] = "\xE2\x80\x94 "; /* em dash and a blank */

static void key_id(struct str name, uint8_t algorithm, const uint8_t pub[KEY_BYTES],
                   uint8_t ret_id[KEY_ID_BYTES])
{
    struct sha256 s;
    struct hash h;
    sha256_init(&s);
    sha256_str(&s, name);
    sha256_str(&s, STR("\n"));
    sha256_add(&s, &algorithm, 1);
    sha256_add(&s, pub, KEY_BYTES);
    sha256_done(&s, &h);
    memcpy(ret_id, h.b, KEY_ID_BYTES);
}

void note_key_init(struct note_key *k, struct str name, uint8_t algorithm,
                   const uint8_t pub[KEY_BYTES])
{
    k->name = name;
    k->algorithm = algorithm;
    memcpy(k->pub, pub, KEY_BYTES);
    key_id(name, algorithm, pub, k->id);
}

/* Not empty, no blank of Unicode, no plus. */
static bool is_name(struct str s)
{
    for (size_t at = 0; at < s.len;) {
        int32_t c = utf8_next(s, &at);
        if (c <= ' ' || c == '+' || c == 0x7F || c == 0x85 || c == 0xA0 || c == 0x1680 ||
            (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
            c == 0x205F || c == 0x3000)
            return false;
    }
    return s.len > 0;
}

bool note_key_parse(struct str vkey, struct note_key *ret_key)
{
    struct str rest = vkey;
    struct str name = STR_NULL;
    struct str id = STR_NULL;
    if (!str_cut(&rest, '+', &name) || !str_cut(&rest, '+', &id) || !is_name(name))
        return false;
    uint8_t key[1 + KEY_BYTES];
    size_t len = 0;
    uint8_t want[KEY_ID_BYTES];
    if (id.len != 2 * KEY_ID_BYTES || !str_from_hex(id, want, sizeof want) ||
        !str_from_b64(rest, key, sizeof key, &len) || len != sizeof key)
        return false;
    if (key[0] != NOTE_ED25519 && key[0] != NOTE_COSIGNATURE)
        return false;
    note_key_init(ret_key, name, key[0], key + 1);
    return memcmp(want, ret_key->id, sizeof want) == 0;
}

void note_key_format(const struct note_key *k, struct buf *ret_vkey)
{
    uint8_t key[1 + KEY_BYTES];
    key[0] = k->algorithm;
    memcpy(key + 1, k->pub, KEY_BYTES);
    buf_str(ret_vkey, k->name);
    buf_char(ret_vkey, '+');
    buf_hex(ret_vkey, k->id, sizeof k->id);
    buf_char(ret_vkey, '+');
    buf_b64(ret_vkey, key, sizeof key);
}

void note_body(struct str origin, uint64_t size, const struct hash *root, struct buf *ret_body)
{
    buf_str(ret_body, origin);
    buf_char(ret_body, '\n');
    buf_i64(ret_body, (int64_t)size);
    buf_char(ret_body, '\n');
    buf_b64(ret_body, root->b, sizeof root->b);
    buf_char(ret_body, '\n');
}

void note_checkpoint(const struct note_key *log, const struct log_head *head, struct buf *ret_note)
{
    uint8_t sig[KEY_ID_BYTES + SIG_BYTES];
    memcpy(sig, log->id, KEY_ID_BYTES);
    memcpy(sig + KEY_ID_BYTES, head->sig, SIG_BYTES);
    note_body(log->name, head->size, &head->root, ret_note);
    buf_char(ret_note, '\n');
    buf_c(ret_note, DASH);
    buf_str(ret_note, log->name);
    buf_char(ret_note, ' ');
    buf_b64(ret_note, sig, sizeof sig);
    buf_char(ret_note, '\n');
}

/* ---- parse ----------------------------------------------------------------------------------- */

static bool parse_body(struct checkpoint *c)
{
    struct str rest = c->body;
    struct str size = STR_NULL;
    struct str root = STR_NULL;
    int64_t n = 0;
    size_t len = 0;
    if (!str_cut(&rest, '\n', &c->origin) || !str_cut(&rest, '\n', &size) ||
        !str_cut(&rest, '\n', &root) || rest.len != 0 || c->origin.len == 0)
        return false;
    if (!str_to_i64(size, 0, INT64_MAX, &n) || (size.len > 1 && size.ptr[0] == '0') ||
        size.ptr[0] == '-')
        return false;
    if ((uint64_t)n > PROOF_SIZE_MAX || !str_from_b64(root, c->root.b, HASH_BYTES, &len) ||
        len != HASH_BYTES)
        return false;
    c->size = (uint64_t)n;
    return true;
}

static bool parse_sig(struct str line, struct note_sig *s)
{
    struct str dash = str_of(DASH);
    if (!str_starts(line, dash) || line.len > LINE_BYTES_MAX)
        return false;
    struct str rest = str_sub(line, dash.len, line.len);
    if (!str_cut(&rest, ' ', &s->name) || !is_name(s->name))
        return false;
    uint8_t raw[LINE_BYTES_MAX];
    size_t len = 0;
    if (!str_from_b64(rest, raw, sizeof raw, &len) || len <= KEY_ID_BYTES)
        return false;
    memcpy(s->id, raw, KEY_ID_BYTES);
    s->b64 = rest;
    s->len = len - KEY_ID_BYTES;
    if (s->len > sizeof s->bytes)
        s->len = 0; /* no kind known here: passed over */
    else
        memcpy(s->bytes, raw + KEY_ID_BYTES, s->len);
    return true;
}

/* The last empty line divides text and signatures; a body of three lines has none of its own. */
static bool divide(struct str text, struct str *ret_body, struct str *ret_sigs)
{
    size_t gap = str_find(text, STR("\n\n"));
    if (gap == SIZE_MAX)
        return false;
    *ret_body = str_sub(text, 0, gap + 1);
    *ret_sigs = str_sub(text, gap + 2, text.len);
    return true;
}

enum err note_parse(struct str text, struct checkpoint *ret_checkpoint)
{
    struct checkpoint *c = ret_checkpoint;
    struct str sigs = STR_NULL;
    c->sig_count = 0;
    if (text.len > NOTE_BYTES_MAX || !utf8_is_valid(text) || !str_ends(text, STR("\n")) ||
        !divide(text, &c->body, &sigs) || !parse_body(c))
        return ERR_INVALID;
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] < ' ' && text.ptr[i] != '\n')
            return ERR_INVALID;
    while (sigs.len > 0) {
        struct str line = STR_NULL;
        (void)str_cut(&sigs, '\n', &line);
        if (c->sig_count == NOTE_SIGS_MAX || !parse_sig(line, &c->sigs[c->sig_count]))
            return ERR_INVALID;
        c->sig_count++;
    }
    return c->sig_count == 0 ? ERR_INVALID : ERR_OK;
}

/* ---- check ----------------------------------------------------------------------------------- */

/* What a witness signs. */
static enum err cosigned(struct str body, int64_t time, struct buf *ret_text)
{
    buf_init(ret_text, NOTE_BYTES_MAX + 64);
    buf_c(ret_text, "cosignature/v1\ntime ");
    buf_i64(ret_text, time);
    buf_char(ret_text, '\n');
    buf_str(ret_text, body);
    return buf_err(ret_text);
}

void note_cosign(const struct note_key *witness, const uint8_t seed[KEY_BYTES], struct str body,
                 int64_t time, struct buf *ret_line)
{
    uint8_t sig[KEY_ID_BYTES + 8 + SIG_BYTES];
    CLEANUP(buf_done) struct buf m;
    if (cosigned(body, time, &m) != ERR_OK) {
        ret_line->err = buf_err(&m);
        return;
    }
    memcpy(sig, witness->id, KEY_ID_BYTES);
    for (size_t i = 0; i < 8; i++)
        sig[KEY_ID_BYTES + i] = (uint8_t)((uint64_t)time >> (56 - 8 * i));
    crypt_sign(seed, buf_view(&m), sig + KEY_ID_BYTES + 8);
    buf_c(ret_line, DASH);
    buf_str(ret_line, witness->name);
    buf_char(ret_line, ' ');
    buf_b64(ret_line, sig, sizeof sig);
    buf_char(ret_line, '\n');
}

static bool check_cosignature(const struct checkpoint *c, const struct note_key *k,
                              const struct note_sig *s, int64_t *ret_time)
{
    if (s->len != 8 + SIG_BYTES)
        return false;
    uint64_t at = 0;
    for (size_t i = 0; i < 8; i++)
        at = at << 8 | s->bytes[i];
    if (at > INT64_MAX)
        return false;
    CLEANUP(buf_done) struct buf m;
    if (cosigned(c->body, (int64_t)at, &m) != ERR_OK ||
        !crypt_verify(k->pub, buf_view(&m), s->bytes + 8))
        return false;
    *ret_time = (int64_t)at;
    return true;
}

enum note_signed note_check(const struct checkpoint *c, const struct note_key *k, int64_t *ret_time)
{
    enum note_signed result = NOTE_UNSIGNED;
    int64_t at = 0;
    for (size_t i = 0; i < c->sig_count; i++) {
        const struct note_sig *s = &c->sigs[i];
        if (!str_eq(s->name, k->name) || memcmp(s->id, k->id, sizeof k->id) != 0)
            continue;
        bool good = k->algorithm == NOTE_COSIGNATURE
                        ? check_cosignature(c, k, s, &at)
                        : s->len == SIG_BYTES && crypt_verify(k->pub, c->body, s->bytes);
        if (!good)
            return NOTE_FORGED;
        result = NOTE_SIGNED;
    }
    if (result == NOTE_SIGNED && ret_time != NULL)
        *ret_time = at;
    return result;
}
