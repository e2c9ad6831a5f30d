/* SPDX-License-Identifier: AGPL-3.0-or-later */
#define HUIYIN_WRITTEN_BY_GEN_TEMPLATES
#include "http/html_emit.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "tests/fuzz/fuzz.h"

/* Nothing that ends a text or an attribute, no reference but ours, no control, no override. */
static void must_be_harmless(struct str s)
{
    static const char *const REFERENCES[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
    must(utf8_scan(s, true, NULL) == UTF8_CLEAN);
    for (size_t i = 0; i < s.len; i++) {
        must(s.ptr[i] != '<' && s.ptr[i] != '>' && s.ptr[i] != '"' && s.ptr[i] != '\'');
        bool is_ours = s.ptr[i] != '&';
        for (size_t k = 0; k < sizeof REFERENCES / sizeof *REFERENCES; k++)
            is_ours = is_ours || str_starts(str_sub(s, i, s.len), str_of(REFERENCES[k]));
        must(is_ours);
    }
}

static void check_segment(struct html *h, struct str text)
{
    html_clear(h);
    html_segment(h, text);
    struct str s = html_view(h);
    size_t at = 0;
    for (size_t i = 0; i < text.len; i++, at++) {
        unsigned char c = (unsigned char)s.ptr[at];
        if (c == '%') {
            must(str_from_hex(str_sub(s, at + 1, 2), &c, 1));
            at += 2;
        } else {
            must(c < 0x80 && strchr("/?#&=<>\"' \\", c) == NULL);
        }
        must(c == (unsigned char)text.ptr[i]);
    }
    must(at == s.len);
}

/* Any bytes in every place a template has for them. */
int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t len)
{
    CLEANUP(html_done) struct html h;
    struct str text = str_make(bytes, len);
    html_init(&h, HTML_BYTES_MAX);
    html_text(&h, text);
    must(html_err(&h) == ERR_OK);
    must_be_harmless(html_view(&h));
    html_clear(&h);
    html_url(&h, text);
    must_be_harmless(html_view(&h));
    struct str url = html_view(&h);
    must(str_eq_c(url, "#") || (url.ptr[0] == '/' && !str_starts(url, STR("//")) &&
                                str_find(url, STR("\\")) == SIZE_MAX));
    check_segment(&h, text);
    html_clear(&h);
    const struct msg_arg args[] = {msg_text("page", text), msg_text("pages", text)};
    html_message(&h, msg_lang_at(len % msg_lang_count()), MSG_HTTP_PAGE_OF, args, 2);
    must(html_err(&h) == ERR_OK);
    must_be_harmless(html_view(&h));
    return 0;
}
