/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "lib/text/charset.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "tests/fuzz/fuzz.h"

static enum err read_in_pieces(enum charset from, struct str text, size_t piece, struct buf *b)
{
    CLEANUP(charset_reader_free_ptr) struct charset_reader *r = charset_reader_new(from);
    uint64_t bad_at = 0;
    enum err err = ERR_OK;
    must(r != NULL);
    for (size_t at = 0; at <= text.len && err == ERR_OK; at += piece)
        err = charset_read(r, str_sub(text, at, piece), text.len - at < piece, b, &bad_at);
    must(bad_at <= text.len);
    return err;
}

static void check(enum charset from, struct str text)
{
    CLEANUP(buf_done) struct buf whole;
    CLEANUP(buf_done) struct buf pieces;
    buf_init(&whole, 1 << 20);
    buf_init(&pieces, 1 << 20);
    enum err err = read_in_pieces(from, text, text.len + 1, &whole);
    must(read_in_pieces(from, text, text.len % 7 + 1, &pieces) == err);
    must(str_eq(buf_view(&whole), buf_view(&pieces)) && utf8_is_valid(buf_view(&whole)));
}

/* The size of the pieces changes nothing, what comes out is UTF-8, and a text that goes to GB18030
 * comes back. */
int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t len)
{
    CLEANUP(buf_done) struct buf there;
    CLEANUP(buf_done) struct buf back;
    struct str text = str_make(bytes, len);
    buf_init(&there, 1 << 20);
    buf_init(&back, 1 << 20);
    check(CHARSET_UTF8, text);
    check(CHARSET_GB18030, text);
    (void)charset_find(text);
    must(!utf8_is_valid(text) || charset_guess(text) == CHARSET_UTF8);
    bool has_mark = str_starts(text, STR("\xEF\xBB\xBF"));
    if (!has_mark && charset_to_gb18030(text, &there) == ERR_OK)
        must(charset_from_gb18030(buf_view(&there), &back) == ERR_OK &&
             str_eq(buf_view(&back), text));
    return 0;
}
