/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * charset: text files of the country, in and out as UTF-8.
 *
 * GB18030 in its 2022 form: the 18 characters which the 2005 table kept in the private area are
 * the real ones. A byte-order mark at the start is dropped. Any thread.
 */
#ifndef HUIYIN_LIB_TEXT_CHARSET_H
#define HUIYIN_LIB_TEXT_CHARSET_H

#include "base/str.h"

#include <stdbool.h>

enum charset { CHARSET_UNKNOWN = 0, CHARSET_UTF8, CHARSET_GB18030 };

/* "utf-8", "UTF8", "gb18030", "gbk", "gb2312"; CHARSET_UNKNOWN for another name. */
enum charset charset_find(struct str name);

/* What `sample` is: UTF-8 when it is valid but for a character cut off at the end, else GB18030
 * when it decodes, else CHARSET_UNKNOWN. Plain ASCII is UTF-8. */
enum charset charset_guess(struct str sample);

/* A converter for a stream of pieces; a character may be cut between two of them. */
struct charset_reader;

/* NULL when there is no memory. */
struct charset_reader *charset_reader_new(enum charset from);
void charset_reader_free(struct charset_reader *r);
void charset_reader_free_ptr(struct charset_reader **r); /* for CLEANUP */

/* Appends `piece` as UTF-8. ERR_INVALID at a byte sequence that is no character (what came before
 * it has been appended; *ret_bad_at, when not NULL, is its offset in the whole stream). */
enum err charset_read(struct charset_reader *r, struct str piece, bool last, struct buf *b,
                      uint64_t *ret_bad_at);

/* Whole texts. charset_from_gb18030 and charset_to_gb18030 append to `b`; ERR_INVALID on input that
 * is not text of that kind. */
enum err charset_from_gb18030(struct str bytes, struct buf *b);
enum err charset_to_gb18030(struct str utf8, struct buf *b);

#endif
