/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * html: escaped markup under construction.
 *
 * Only templates write into one: tools/gen_templates.py turns `<room>/pages/<name>.html` into
 * "<room>/pages/<name>.html.h" with
 *     struct page_<name>                  the view: what the template's model block declares
 *     void page_<name>_render(struct html *out, const struct page_<name> *v,
 *                             const struct msg_lang *lang);
 * and the writing functions (http/html_emit.h) do not compile anywhere else. There is no way to put
 * a string in as it stands, and no flag that says a string is safe. Syntax: tools/gen_templates.py.
 *
 *     CLEANUP(html_done) struct html out;
 *     html_init(&out, HTML_BYTES_MAX);
 *     page_person_start_render(&out, &view, lang);
 *     TRY(html_err(&out));
 *     respond(r, 200, html_view(&out));
 *
 * Grows on the heap up to its cap; sticky on failure like struct buf. One thread at a time.
 */
#ifndef HUIYIN_HTTP_HTML_H
#define HUIYIN_HTTP_HTML_H

#include "base/str.h"
#include "lib/text/msg.h"

enum { HTML_BYTES_MAX = 4 * 1024 * 1024 };

struct html {
    struct buf private_buf; /* for html.c alone */
    struct buf private_scratch;
};

/* Takes no memory yet. */
void html_init(struct html *h, size_t cap_bytes);
void html_done(struct html *h);
/* Empties and keeps the memory. */
void html_clear(struct html *h);
/* The markup so far; valid until the next write. */
struct str html_view(const struct html *h);
enum err html_err(const struct html *h);
/* Hands the bytes over as the body of an answer: the html is empty afterwards, the caller frees
 * *ret with buf_done. */
void html_take(struct html *h, struct buf *ret);

struct static_table;

/* The files that {{static "name"}} finds its addresses in; once at start, constant afterwards. */
void html_set_statics(const struct static_table *table);

#endif
