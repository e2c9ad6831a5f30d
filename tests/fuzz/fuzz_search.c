/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "spine/search_words.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "lib/text/words.h"
#include "tests/fuzz/fuzz.h"

static void must_have_no_long_number(struct str s)
{
    size_t digits = 0;
    for (size_t at = 0; at < s.len;) {
        digits = words_digit(utf8_next(s, &at)) >= 0 ? digits + 1 : 0;
        must(digits < 7);
    }
}

static void check_redact(struct str text, struct str hidden)
{
    CLEANUP(buf_done) struct buf once;
    CLEANUP(buf_done) struct buf twice;
    buf_init(&once, 1 << 20);
    buf_init(&twice, 1 << 20);
    must(search_redact(text, NULL, 0, &once) == ERR_OK && utf8_is_valid(buf_view(&once)));
    must_have_no_long_number(buf_view(&once));
    must(!search_is_number(buf_view(&once)));
    must(search_redact(buf_view(&once), NULL, 0, &twice) == ERR_OK);
    must(str_eq(buf_view(&once), buf_view(&twice)));
    buf_clear(&once);
    must(search_redact(text, &hidden, 1, &once) == ERR_OK && utf8_is_valid(buf_view(&once)));
    size_t letters = 0;
    for (size_t at = 0; at < hidden.len;) {
        int32_t cp = utf8_next(hidden, &at);
        letters += cp >= 0 && words_is_word(cp);
    }
    if (letters >= 2)
        must(str_find(buf_view(&once), hidden) == SIZE_MAX);
    buf_clear(&once);
    must(search_hide_names(text, &once) == ERR_OK && utf8_is_valid(buf_view(&once)));
}

/* Words in quotes, one blank between, a star behind one character: nothing else of the language. */
static void must_be_a_query(struct str s)
{
    bool is_quoted = false;
    must(utf8_is_valid(s));
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '"')
            is_quoted = !is_quoted;
        else if (!is_quoted)
            must(s.ptr[i] == ' ' || (s.ptr[i] == '*' && s.ptr[i - 1] == '"'));
        must(s.ptr[i] != '\0');
    }
    must(!is_quoted);
}

/* The first line is what to hide, or the words looked for; the rest a text. */
int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t len)
{
    struct str text = str_make(bytes, len);
    struct str line = STR("");
    if (!utf8_is_valid(text) || !str_cut(&text, '\n', &line))
        return 0;
    CLEANUP(buf_done) struct buf b;
    text = text.ptr == NULL ? STR("") : text;
    check_redact(text, line);
    buf_init(&b, 1 << 20);
    enum err err = search_query(line, &b);
    must(err == ERR_OK || err == ERR_LIMIT);
    if (err == ERR_OK)
        must_be_a_query(buf_view(&b));
    buf_clear(&b);
    must(search_tokens(text, &b) == ERR_OK && utf8_is_valid(buf_view(&b)));
    must(str_find(buf_view(&b), STR("  ")) == SIZE_MAX);
    (void)search_is_name(line);
    return 0;
}
