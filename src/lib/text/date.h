/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * date: days, instants and numbers as the reader writes them.
 *
 * Patterns are messages (text.date.*), so a translator decides the order; ICU knows the names of
 * months and weekdays. ICU objects are cached per thread and language. When ICU has no memory the
 * ISO form is written instead. Any thread.
 */
#ifndef HUIYIN_LIB_TEXT_DATE_H
#define HUIYIN_LIB_TEXT_DATE_H

#include "base/str.h"
#include "lib/text/msg.h"
#include "lib/text/zone.h"

#include <stdint.h>

/* "Friday 13 March 2026", "2026年3月13日 星期五" */
void date_put_long(struct buf *b, const struct msg_lang *lang, int32_t day);
/* "13 March 2026", "2026年3月13日" */
void date_put_short(struct buf *b, const struct msg_lang *lang, int32_t day);
/* "13 March 2026, 14:05", "2026年3月13日 14:05" in zone `z`; 24-hour clock */
void date_put_time(struct buf *b, const struct msg_lang *lang, const struct zone *z, int64_t at_us);
/* "12,345" with the reader's digits and groups */
void date_put_number(struct buf *b, const struct msg_lang *lang, int64_t n);

#endif
