/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "lib/text/msg.h"

#include "base/instant.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "lib/text/msg_table.h"
#include "tests/fuzz/fuzz.h"

/* The names of arguments that sentences use; `kind` says as what they are given. */
static void put_sentence(const struct msg_lang *lang, enum msg_key key, struct str text, int64_t n)
{
    CLEANUP(buf_done) struct buf b;
    const int32_t day = (int32_t)(n % 3000000);
    const struct msg_arg args[MSG_ARGS_MAX] = {
        msg_text("0", text), msg_text("1", text), msg_text("name", text),   msg_number("n", n),
        msg_text("2", text), msg_day("day", day), msg_instant("at", n / 4), msg_text("d", text)};
    buf_init(&b, 16 << 20);
    msg_put(&b, lang, key, args, MSG_ARGS_MAX);
    must(buf_err(&b) == ERR_OK && utf8_is_valid(buf_view(&b)));
}

/* Eight bytes for a sentence and a number, the rest is text: what comes out is text, and a language
 * is found for whatever a browser asks for. */
int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t len)
{
    uint64_t n = 0;
    if (len < 8)
        return 0;
    for (size_t i = 0; i < 8; i++)
        n = n << 8 | bytes[i];
    struct str text = str_make(bytes + 8, len - 8);
    must(msg_lang_choose(text) != NULL);
    (void)msg_lang_find(text);
    enum msg_key named = msg_key_find(text);
    if (named != MSG_NONE)
        must(str_eq(msg_key_name(named), text));
    if (!utf8_is_valid(text))
        return 0;
    const int64_t year_us = 366 * US_PER_DAY;
    put_sentence(msg_lang_at(n % msg_lang_count()), (enum msg_key)(n % MSG_KEY_COUNT), text,
                 (int64_t)(n % (uint64_t)(2000 * year_us)));
    return 0;
}
