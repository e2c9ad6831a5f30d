/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * html_emit: how templates write; for html.c and the output of tools/gen_templates.py alone.
 *
 * One function per context. Values from outside lose what could break out of a page or turn its
 * direction: bytes that are no UTF-8, controls but line feed and tab, noncharacters and direction
 * overrides become U+FFFD.
 */
#ifndef HUIYIN_HTTP_HTML_EMIT_H
#define HUIYIN_HTTP_HTML_EMIT_H

#ifndef HUIYIN_WRITTEN_BY_GEN_TEMPLATES
#error "only templates write html: see http/html.h"
#endif

#include "http/html.h"

/* Markup of the template itself. */
void html_literal(struct html *h, const char *markup, size_t len);
/* Between tags and inside quoted attributes: & < > " ' as references. */
void html_text(struct html *h, struct str s);
/* One segment or value in an address: all but the unreserved characters of RFC 3986 as %XX. */
void html_segment(struct html *h, struct str s);
/* A whole address: a path of ours ("/" and then neither "/" nor "\"), or "#". */
void html_url(struct html *h, struct str s);
/* The address of a file of web/ ("" when there is none of that name). */
void html_static(struct html *h, const char *name);
void html_message(struct html *h, const struct msg_lang *lang, enum msg_key key,
                  const struct msg_arg *args, size_t args_count);
void html_number(struct html *h, const struct msg_lang *lang, int64_t n);
void html_digits(struct html *h, int64_t n);
/* Day 0 (none) writes nothing; so does instant 0. */
void html_day_long(struct html *h, const struct msg_lang *lang, int32_t day);
void html_day_short(struct html *h, const struct msg_lang *lang, int32_t day);
void html_day_iso(struct html *h, int32_t day);
void html_instant(struct html *h, const struct msg_lang *lang, int64_t at_us);
void html_instant_iso(struct html *h, int64_t at_us);
/* Markup of another template; NULL writes nothing, a failed one makes this one fail. */
void html_join(struct html *h, const struct html *other);

#endif
