/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "lib/text/date.h"

#include "lib/text/icu.h"
#include "lib/text/msg_table.h"
#include "lib/text/wide.h"

#include "base/instant.h"

enum { OUT_UNITS_MAX = 128 };

static size_t lang_index(const struct msg_lang *lang)
{
    for (size_t i = 0; i < msg_lang_count(); i++)
        if (msg_lang_at(i) == lang)
            return i;
    return 0;
}

/* Formats milliseconds of local time, read as UTC; false when ICU could not. */
static bool put_new(struct buf *b, const struct msg_lang *lang, enum icu_date form, double local_ms)
{
    static const enum msg_key PATTERNS[ICU_DATE_COUNT] = {
        [ICU_DATE_LONG] = MSG_TEXT_DATE_LONG,
        [ICU_DATE_SHORT] = MSG_TEXT_DATE_SHORT,
        [ICU_DATE_TIME] = MSG_TEXT_DATE_TIME,
    };
    struct str pattern = msg_plain(lang, PATTERNS[form]);
    UDateFormat *f =
        icu_date_format(lang_index(lang), msg_lang_locale(lang), form, pattern.ptr, pattern.len);
    if (f == NULL)
        return false;
    UErrorCode e = U_ZERO_ERROR;
    UChar out[OUT_UNITS_MAX];
    int32_t n = udat_format(f, local_ms, out, OUT_UNITS_MAX, NULL, &e);
    if (U_FAILURE(e))
        return false;
    wide_put(b, out, n);
    return true;
}

/* What was written last, by its place: a list has the same few days in every row, and ICU takes
 * microseconds for each. The thread's own. */
struct memo {
    int64_t local_s;
    uint8_t form;
    uint8_t lang;
    uint8_t len; /* 0: nothing here yet */
    char text[61];
};
enum { MEMOS = 256 };
static _Thread_local struct memo memos[MEMOS];

static bool put(struct buf *b, const struct msg_lang *lang, enum icu_date form, int64_t local_s)
{
    uint64_t mixed = ((uint64_t)local_s * 3 + (uint64_t)form) * UINT64_C(0x9E3779B97F4A7C15);
    struct memo *m = &memos[mixed >> 56];
    size_t index = lang_index(lang);
    if (m->len == 0 || m->local_s != local_s || m->form != form || m->lang != index) {
        size_t from = b->len;
        if (!put_new(b, lang, form, (double)local_s * 1000.0))
            return false;
        if (buf_err(b) == ERR_OK && b->len - from <= sizeof m->text) {
            *m =
                (struct memo){local_s, (uint8_t)form, (uint8_t)index, (uint8_t)(b->len - from), ""};
            memcpy(m->text, b->ptr + from, m->len);
        }
        return true;
    }
    buf_bytes(b, m->text, m->len);
    return true;
}

void date_put_long(struct buf *b, const struct msg_lang *lang, int32_t day)
{
    if (!put(b, lang, ICU_DATE_LONG, (int64_t)day * (US_PER_DAY / US_PER_SECOND)))
        day_format(day, b);
}

void date_put_short(struct buf *b, const struct msg_lang *lang, int32_t day)
{
    if (!put(b, lang, ICU_DATE_SHORT, (int64_t)day * (US_PER_DAY / US_PER_SECOND)))
        day_format(day, b);
}

void date_put_time(struct buf *b, const struct msg_lang *lang, const struct zone *z, int64_t at_us)
{
    struct zone_time t = zone_time_of(z, at_us);
    int64_t second = t.hour * 3600 + t.minute * 60 + t.second;
    int64_t local_s = (int64_t)t.day * (US_PER_DAY / US_PER_SECOND) + second;
    if (!put(b, lang, ICU_DATE_TIME, local_s)) {
        day_format(t.day, b);
        buf_printf(b, " %02d:%02d", t.hour, t.minute);
    }
}

void date_put_number(struct buf *b, const struct msg_lang *lang, int64_t n)
{
    if (n > -1000 && n < 1000 && lang_index(lang) < 2) { /* the two shipped write these alike */
        buf_i64(b, n);
        return;
    }
    UNumberFormat *f = icu_number_format(lang_index(lang), msg_lang_locale(lang));
    UErrorCode e = U_ZERO_ERROR;
    UChar out[OUT_UNITS_MAX];
    int32_t len = f == NULL ? 0 : unum_formatInt64(f, n, out, OUT_UNITS_MAX, NULL, &e);
    if (f == NULL || U_FAILURE(e))
        buf_i64(b, n);
    else
        wide_put(b, out, len);
}
