/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "spine/note.h"

#include "base/mem.h"
#include "tests/fuzz/fuzz.h"

static void must_print_the_same(const struct checkpoint *c, struct str text)
{
    CLEANUP(buf_done) struct buf again;
    buf_init(&again, 2 * NOTE_BYTES_MAX);
    note_body(c->origin, c->size, &c->root, &again);
    must(str_eq(buf_view(&again), c->body));
    buf_char(&again, '\n');
    for (size_t i = 0; i < c->sig_count; i++)
        buf_printf(&again, "\xE2\x80\x94 " STR_FMT " " STR_FMT "\n", STR_ARG(c->sigs[i].name),
                   STR_ARG(c->sigs[i].b64));
    must(buf_err(&again) == ERR_OK && str_eq(buf_view(&again), text));
}

/* A key's line and a note: each, written again, is the same. Nobody signed it whose name does not
 * stand in it. */
int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t len)
{
    struct str note = str_make(bytes, len);
    struct str vkey = str_trim(fuzz_cut(&note));
    struct note_key key;
    struct note_key again;
    struct checkpoint c;
    bool has_key = note_key_parse(vkey, &key);
    if (has_key) {
        CLEANUP(buf_done) struct buf b;
        buf_init(&b, 1 << 20);
        note_key_format(&key, &b);
        must(note_key_parse(buf_view(&b), &again) && str_eq(again.name, key.name));
        must(again.algorithm == key.algorithm && memcmp(again.pub, key.pub, KEY_BYTES) == 0);
    }
    if (note_parse(note, &c) != ERR_OK)
        return 0;
    must_print_the_same(&c, note);
    must(c.size <= PROOF_SIZE_MAX && c.sig_count >= 1 && c.sig_count <= NOTE_SIGS_MAX);
    int64_t at = -1;
    if (has_key && note_check(&c, &key, &at) != NOTE_UNSIGNED)
        must(str_find(note, key.name) != SIZE_MAX);
    return 0;
}
