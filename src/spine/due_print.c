/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* due_print: the working of a due in the reader's language. */
#include "lib/text/msg.h"
#include "spine/due.h"

static struct str unit_word(enum due_unit unit)
{
    switch (unit) {
    case DUE_MINUTE:
        return STR("minute");
    case DUE_HOUR:
        return STR("hour");
    case DUE_WORKING_DAY:
        return STR("working_day");
    case DUE_MONTH:
        return STR("month");
    case DUE_CALENDAR_DAY:
    case DUE_AT_ONCE:
    case DUE_UNIT_UNSET:
        break;
    }
    return STR("calendar_day");
}

static bool by_clock(const struct due_line *line)
{
    return line->unit == DUE_MINUTE || line->unit == DUE_HOUR || line->unit == DUE_AT_ONCE;
}

static enum msg_key line_key(const struct due_line *line)
{
    switch (line->kind) {
    case DUE_LINE_START:
        return by_clock(line) ? MSG_DUE_LINE_START_AT : MSG_DUE_LINE_START;
    case DUE_LINE_AMOUNT:
        return MSG_DUE_LINE_AMOUNT;
    case DUE_LINE_EXTENDED:
        return MSG_DUE_LINE_EXTENDED;
    case DUE_LINE_STOOD:
        return MSG_DUE_LINE_STOOD;
    case DUE_LINE_OFF:
        if (line->name == NULL)
            return line->n == 1 ? MSG_DUE_LINE_WEEKEND_DAY : MSG_DUE_LINE_WEEKEND;
        return line->n == 1 ? MSG_DUE_LINE_HOLIDAY : MSG_DUE_LINE_HOLIDAYS;
    case DUE_LINE_MAKE_UP:
        return MSG_DUE_LINE_MAKE_UP;
    case DUE_LINE_COUNTED:
        return MSG_DUE_LINE_COUNTED;
    case DUE_LINE_ROLLED:
        return MSG_DUE_LINE_ROLLED;
    case DUE_LINE_PROVISIONAL:
        return MSG_DUE_LINE_PROVISIONAL;
    case DUE_LINE_END:
        return by_clock(line) ? MSG_DUE_LINE_END_AT : MSG_DUE_LINE_END;
    case DUE_LINE_SOURCE:
        return line->article->count > 0 ? MSG_DUE_LINE_SOURCE : MSG_DUE_LINE_SOURCE_WHOLE;
    }
    return MSG_NONE;
}

void due_line_print(const struct due_line *line, const struct msg_lang *lang, struct buf *b)
{
    struct str tag = msg_lang_tag(lang);
    char year[16];
    snprintf(year, sizeof(year), "%d", (int)line->n);
    struct msg_arg args[] = {
        msg_day("from", line->from_day),
        msg_day("day", line->day),
        msg_instant("at", line->at_us),
        msg_number("n", line->n),
        msg_text("unit", unit_word(line->unit)),
        msg_text("name", wording_pick(line->name, tag)),
        msg_text("article", wording_pick(line->article, tag)),
        msg_text("year", str_of(year)),
    };
    msg_put(b, lang, line_key(line), args, sizeof(args) / sizeof(args[0]));
}
