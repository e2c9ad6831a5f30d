/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "trust/code.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "lib/text/words.h"
#include "spine/ref.h"
#include "tests/fuzz/fuzz.h"

enum { DIGITS = 24 };

static void check_code(struct str text)
{
    struct str found = STR_NULL;
    char spaced[CODE_SPACED_BYTES];
    struct str again = STR_NULL;
    if (!code_in_text(text, &found))
        return;
    must(found.ptr >= text.ptr && found.ptr + found.len <= text.ptr + text.len);
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1 << 20);
    words_only_digits(found, &b);
    must(b.len == DIGITS);
    code_spaced(b.ptr, spaced);
    must(code_in_text(str_of(spaced), &again) && again.len == CODE_SPACED_BYTES - 1);
}

static void check_ref(struct str text)
{
    static const uint8_t K_ID[KEY_BYTES] = {1, 2, 3};
    struct dossier_id id = {0};
    struct dossier_id again = {0};
    char written[REF_BYTES + 1];
    if (!ref_parse(K_ID, text, &id))
        return;
    ref_format(K_ID, id, written);
    must(ref_parse(K_ID, str_of(written), &again) && again.v == id.v && id.v > 0);
}

/* What people type from a slip: a code is 24 digits, a reference means one dossier. */
int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t len)
{
    struct str text = str_make(bytes, len);
    check_code(text);
    check_ref(text);
    return 0;
}
