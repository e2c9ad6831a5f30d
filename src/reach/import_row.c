/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "reach/import_row.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "http/form.h"
#include "lib/text/words.h"

/* A row on its way: what its columns said so far. */
struct reading {
    const struct import_map *map;
    const struct import_head *head;
    const struct csv_row *row;
    const struct import_house *house;
    struct arena *a;
    struct import_item *item;
    struct err_info *why;
    size_t column;
    struct buf text, note, place, answer; /* what several columns may say */
    struct str status;
    bool has_received;
    bool has_concluded;
    int64_t received_us;
};

static enum err refuse(struct reading *r, const char *key, struct str arg0, struct str arg1)
{
    (void)err_set(r->why, ERR_INVALID, key, "row");
    err_arg(r->why, 0, str_c(r->a, arg0));
    err_arg(r->why, 1, str_c(r->a, arg1));
    return ERR_INVALID;
}

/* ---- text
 * ---------------------------------------------------------------------------------------- */

static bool is_blank(int32_t cp)
{
    return cp == ' ' || cp == '\t' || cp == '\r' || cp == '\n' || cp == 0xA0 || cp == 0x3000;
}

/* Control characters, marks that print nothing, and those that turn the direction of writing. */
static bool is_left_out(struct str character, int32_t cp)
{
    size_t at = 0;
    return cp == 0x200B || cp == 0xFEFF || utf8_scan(character, false, &at) != UTF8_CLEAN;
}

/* One blank between words, none at the ends; with `lines` line ends stay, two in a row at most. */
static void put_tidy(struct str text, bool lines, struct buf *out)
{
    size_t ends = 0;
    bool gap = false;
    for (size_t at = 0; at < text.len;) {
        const size_t from = at;
        int32_t cp = utf8_next(text, &at);
        if (cp == 0x2028 || cp == 0x2029 ||
            (cp == '\r' && !(at < text.len && text.ptr[at] == '\n')))
            cp = '\n';
        if (is_blank(cp)) {
            ends += lines && cp == '\n';
            gap = true;
        } else if (!is_left_out(str_sub(text, from, at - from), cp)) {
            if (out->len > 0 && ends > 0)
                buf_str(out, ends > 1 ? STR("\n\n") : STR("\n"));
            else if (out->len > 0 && gap)
                buf_char(out, ' ');
            utf8_put(out, cp);
            ends = 0;
            gap = false;
        }
    }
}

static enum err tidy(struct reading *r, struct str text, bool lines, struct str *ret_text)
{
    CLEANUP(buf_done) struct buf plain;
    CLEANUP(buf_done) struct buf out;
    buf_init(&plain, CSV_FIELD_BYTES_MAX * 2);
    buf_init(&out, CSV_FIELD_BYTES_MAX * 4);
    put_tidy(text, lines, &plain);
    TRY(buf_err(&plain));
    TRY(words_nfc(buf_view(&plain), &out));
    TRY(buf_err(&out));
    *ret_text = str_copy(r->a, buf_view(&out));
    return ret_text->ptr == NULL ? ERR_NOMEM : ERR_OK;
}

static enum err replace(struct reading *r, struct str *text, struct str what)
{
    if (str_find(*text, what) == SIZE_MAX)
        return ERR_OK;
    CLEANUP(buf_done) struct buf out;
    buf_init(&out, CSV_FIELD_BYTES_MAX * 4);
    struct str rest = *text;
    for (size_t at = str_find(rest, what); at != SIZE_MAX; at = str_find(rest, what)) {
        buf_str(&out, str_sub(rest, 0, at));
        buf_c(&out, "\u25A2");
        rest = str_sub(rest, at + what.len, rest.len);
    }
    buf_str(&out, rest);
    TRY(buf_err(&out));
    *text = str_copy(r->a, buf_view(&out));
    return text->ptr == NULL ? ERR_NOMEM : ERR_OK;
}

/* "网友“A00045581”：您好" loses the name of the one who wrote. */
static enum err take_out_person(struct reading *r, struct str *text)
{
    for (size_t i = 0; i < r->head->count && i < r->row->count; i++) {
        const struct import_column *c = r->head->column[i];
        if (c == NULL || c->person == IMPORT_NO_PERSON)
            continue;
        const struct str value = str_trim(r->row->fields[i].text);
        if (value.len >= 4 && utf8_count(value) >= 2)
            TRY(replace(r, text, value));
    }
    return ERR_OK;
}

/* An identity number is nobody's business here; 18 characters, the last a digit or X. */
static enum err take_out_numbers(struct reading *r, struct str *text)
{
    if (!form_has_identity_number(*text))
        return ERR_OK;
    CLEANUP(buf_done) struct buf ascii;
    buf_init(&ascii, CSV_FIELD_BYTES_MAX * 4);
    words_ascii_digits(*text, &ascii);
    TRY(buf_err(&ascii));
    struct str narrow = str_copy(r->a, buf_view(&ascii));
    if (narrow.ptr == NULL)
        return ERR_NOMEM;
    for (size_t at = 0; at + 18 <= narrow.len;) {
        const struct str eighteen = str_sub(narrow, at, 18);
        if (form_has_identity_number(eighteen)) {
            TRY(replace(r, &narrow, eighteen));
            at = 0;
        } else {
            at++;
        }
    }
    *text = narrow;
    return form_has_identity_number(narrow)
               ? refuse(r, "import.row.identity_number", STR(""), STR(""))
               : ERR_OK;
}

static enum err finish_text(struct reading *r, struct str raw, bool lines, struct str *ret_text)
{
    struct str text = raw;
    TRY(take_out_person(r, &text));
    TRY(tidy(r, text, lines, &text));
    TRY(take_out_numbers(r, &text));
    *ret_text = text;
    return ERR_OK;
}

/* ---- one column
 * ----------------------------------------------------------------------------------- */

static struct str translated(const struct import_use *use, struct str value, bool *ret_known)
{
    struct str other = STR_NULL;
    *ret_known = true;
    for (size_t i = 0; i < use->value_count; i++) {
        if (str_eq(use->values[i].from, value))
            return use->values[i].to;
        if (str_eq_c(use->values[i].from, "*"))
            other = use->values[i].to;
    }
    if (!str_is_null(other))
        return other;
    *ret_known = use->value_count == 0;
    return value;
}

static enum err read_date(struct reading *r, const struct import_use *use, struct str value,
                          struct import_date *ret_date)
{
    static const char *const keys[] = {NULL, "import.row.date_unreadable",
                                       "import.row.date_impossible", "import.row.date_doubtful"};
    const struct zone *zone = use->zone != NULL      ? use->zone
                              : r->map->zone != NULL ? r->map->zone
                                                     : r->house->zone;
    const enum import_date_fault fault = import_date_read(value, use->dates, zone, ret_date);
    if (fault == IMPORT_DATE_NO_MEMORY)
        return ERR_NOMEM;
    if (fault != IMPORT_DATE_FINE)
        return refuse(r, keys[fault], value, STR(""));
    /* A day's grace: the other system's clock may hang further east. */
    if (ret_date->at_us > r->house->now_us + US_PER_DAY)
        return refuse(r, "import.row.date_future", value, STR(""));
    return ERR_OK;
}

static enum err take_date(struct reading *r, const struct import_use *use, struct str value)
{
    struct import_date date = {0};
    if (value.len == 0 && use->to != TO_RECEIVED)
        return ERR_OK;
    if (value.len == 0)
        return refuse(r, "import.row.no_received", STR(""), STR(""));
    TRY(read_date(r, use, value, &date));
    struct matter_body *b = &r->item->body;
    if (use->to == TO_RECEIVED) {
        b->received_day = date.day;
        r->received_us = date.at_us;
        r->has_received = true;
    } else if (use->to == TO_HAPPENED) {
        b->happened_day = date.day;
    } else if (use->to == TO_ANSWER_DELIVERED) {
        b->day = date.day;
    } else {
        r->has_concluded = true;
        if (b->day == 0)
            b->day = date.day;
    }
    return ERR_OK;
}

static enum err take_word(struct reading *r, const struct import_use *use, struct str value)
{
    bool is_known = true;
    const struct str word = str_copy(r->a, translated(use, value, &is_known));
    if (word.ptr == NULL)
        return ERR_NOMEM;
    struct matter_body *b = &r->item->body;
    bool is_good = is_known;
    if (is_good && use->to == TO_KIND) {
        is_good = pack_find_kind(r->house->pack, word) != NULL;
        b->kind = word;
    } else if (is_good && use->to == TO_STATUS) {
        is_good = str_eq_c(word, "open") || str_eq_c(word, "concluded");
        r->status = word;
    } else if (is_good && use->to == TO_CHANNEL) {
        is_good = matter_channel_of_word(word, &b->channel);
    } else if (is_good && use->to == TO_OUTCOME) {
        is_good = word.len == 0 || matter_outcome_of_word(word, &b->outcome);
    } else if (is_good) {
        is_good = msg_lang_find(word) != NULL;
        b->lang = word;
    }
    return is_good ? ERR_OK : refuse(r, "import.row.word", value, r->head->name[r->column]);
}

static void put_line(struct buf *out, struct str label, struct str value)
{
    if (value.len == 0)
        return;
    if (out->len > 0)
        buf_char(out, '\n');
    if (label.len > 0) {
        buf_str(out, label);
        buf_c(out, ": ");
    }
    buf_str(out, value);
}

static enum err take_identity(struct reading *r, const struct import_use *use, struct str text)
{
    if (text.len == 0)
        return ERR_OK;
    const struct str value = str_copy(r->a, text);
    if (value.ptr == NULL)
        return ERR_NOMEM;
    struct identity *who = &r->item->who;
    r->item->has_identity = true;
    switch ((int)use->to) {
    case TO_IDENTITY_NAME:
        who->name = value;
        break;
    case TO_IDENTITY_EMAIL:
        who->email = value;
        break;
    case TO_IDENTITY_PHONE:
        who->phone = value;
        break;
    case TO_IDENTITY_POSTAL:
        who->postal = value;
        break;
    default:
        who->other = value;
        break;
    }
    return ERR_OK;
}

static enum err take(struct reading *r, const struct import_use *use, struct str value)
{
    struct matter_body *b = &r->item->body;
    bool is_known = true;
    const struct str said = translated(use, value, &is_known);
    switch (use->to) {
    case TO_TITLE:
        return finish_text(r, value, false, &b->title);
    case TO_WISH:
        return finish_text(r, value, true, &b->wish);
    case TO_TEXT:
        put_line(&r->text, STR(""), value);
        return ERR_OK;
    case TO_PLACE:
        put_line(&r->place, STR(""), value);
        return ERR_OK;
    case TO_NOTE:
        put_line(&r->note, r->head->name[r->column], is_known ? said : value);
        return ERR_OK;
    case TO_ANSWER_TEXT:
        put_line(&r->answer, STR(""), value);
        return ERR_OK;
    case TO_RECEIVED:
    case TO_HAPPENED:
    case TO_CONCLUDED:
    case TO_ANSWER_DELIVERED:
        return take_date(r, use, value);
    case TO_STATUS:
    case TO_KIND:
    case TO_CHANNEL:
    case TO_LANG:
    case TO_OUTCOME:
        return take_word(r, use, value);
    case TO_IDENTITY_NAME:
    case TO_IDENTITY_EMAIL:
    case TO_IDENTITY_PHONE:
    case TO_IDENTITY_POSTAL:
    case TO_IDENTITY_OTHER:
        return take_identity(r, use, value);
    case TO_NOWHERE:
    case IMPORT_TARGET_COUNT:
        break;
    }
    return ERR_OK;
}

/* ---- the row
 * -------------------------------------------------------------------------------------- */

static enum err make_hash(struct reading *r)
{
    static const uint8_t no_key[KEY_BYTES];
    struct mac m;
    mac_init(&m, no_key, IMPORT_HASH_BYTES);
    mac_str(&m, STR("huiyin-import/v1"));
    mac_be64(&m, r->map->source.len);
    mac_str(&m, r->map->source);
    size_t given = 0;
    for (size_t k = 0; k < r->map->key_count; k++) {
        const struct str value = str_trim(r->row->fields[r->head->key[k]].text);
        mac_be64(&m, value.len);
        mac_str(&m, value);
        given += value.len;
    }
    mac_done(&m, r->item->hash);
    r->column = r->head->key[0];
    return given > 0 ? ERR_OK
                     : refuse(r, "import.row.no_key", r->head->name[r->head->key[0]], STR(""));
}

/* The first characters of the text, to the end of its first sentence when that comes sooner. */
static struct str title_of(struct str text)
{
    size_t at = 0, chars = 0;
    while (at < text.len && chars < IMPORT_TITLE_CHARS_MAX) {
        const int32_t cp = utf8_next(text, &at);
        chars++;
        if (cp == '\n')
            return str_sub(text, 0, at - 1);
        if (chars >= 8 && (cp == 0x3002 || cp == 0xFF01 || cp == 0xFF1F))
            break;
    }
    return str_sub(text, 0, at);
}

/* One text after the other, an empty line between them. */
static enum err join(struct reading *r, struct str a, struct str b, struct str *ret_text)
{
    const char *text = arena_printf(r->a, STR_FMT "\n\n" STR_FMT, STR_ARG(a), STR_ARG(b));
    if (text == NULL)
        return ERR_NOMEM;
    *ret_text = str_of(text);
    return ERR_OK;
}

/* What was gathered from several columns. A piece that found no memory must not pass for an empty
 * one: an answer would be gone, and the row acknowledged. */
static enum err finish_buf(struct reading *r, const struct buf *b, bool lines, struct str *ret_text)
{
    TRY(buf_err(b));
    return finish_text(r, buf_view(b), lines, ret_text);
}

static enum err finish_words(struct reading *r)
{
    struct matter_body *b = &r->item->body;
    TRY(finish_buf(r, &r->text, true, &b->text));
    TRY(finish_buf(r, &r->place, false, &b->place));
    TRY(finish_buf(r, &r->answer, true, &b->found));
    struct str note;
    TRY(finish_buf(r, &r->note, true, &note));
    r->column = SIZE_MAX;
    if (b->text.len == 0 && b->title.len == 0)
        return refuse(r, "import.row.nothing_raised", STR(""), STR(""));
    if (b->title.len == 0)
        b->title = title_of(b->text);
    if (b->text.len == 0)
        b->text = b->title;
    if (utf8_count(b->title) > IMPORT_TITLE_CHARS_MAX) {
        if (!str_eq(b->text, b->title))
            TRY(join(r, b->title, b->text, &b->text));
        b->title = title_of(b->title);
    }
    if (note.len > 0)
        TRY(join(r, b->text, note, &b->text));
    if (b->text.len > IMPORT_TEXT_BYTES_MAX || b->found.len > IMPORT_TEXT_BYTES_MAX)
        return refuse(r, "import.row.too_long", STR(""), STR(""));
    return ERR_OK;
}

static enum err finish_row(struct reading *r)
{
    struct matter_body *b = &r->item->body;
    TRY(finish_words(r));
    if (!r->has_received)
        return refuse(r, "import.row.no_received", STR(""), STR(""));
    if (b->kind.len == 0)
        b->kind = r->map->kind;
    if (b->channel == CHANNEL_NONE && !matter_channel_of_word(r->map->channel, &b->channel))
        b->channel = CHANNEL_IMPORT;
    if (b->lang.len == 0)
        b->lang = r->map->lang.len > 0 ? r->map->lang : r->house->lang;
    b->source = STR("import");
    const bool is_answered = b->found.len > 0;
    r->item->is_ended =
        r->status.len > 0 ? str_eq_c(r->status, "concluded") : r->has_concluded || is_answered;
    if (is_answered && b->day == 0)
        return refuse(r, "import.row.answer_undated", STR(""), STR(""));
    if (b->day != 0 && b->day < b->received_day)
        return refuse(r, "import.row.answer_before", STR(""), STR(""));
    return ERR_OK;
}

static enum err read_columns(struct reading *r)
{
    if (r->row->fault != CSV_FINE)
        return refuse(r, csv_fault_key(r->row->fault), STR(""), STR(""));
    if (r->row->count != r->head->count) {
        char has[24], wants[24];
        (void)snprintf(has, sizeof has, "%zu", r->row->count);
        (void)snprintf(wants, sizeof wants, "%zu", r->head->count);
        return refuse(r, "import.row.fields", str_of(has), str_of(wants));
    }
    TRY(make_hash(r));
    for (size_t i = 0; i < r->head->count; i++) {
        const struct import_column *c = r->head->column[i];
        r->column = i;
        for (size_t k = 0; c != NULL && k < c->use_count; k++)
            TRY(take(r, &c->uses[k], str_trim(r->row->fields[i].text)));
    }
    return finish_row(r);
}

static void reading_done(struct reading *r)
{
    buf_done(&r->text);
    buf_done(&r->note);
    buf_done(&r->place);
    buf_done(&r->answer);
}

enum err import_row_read(const struct import_map *map, const struct import_head *head,
                         const struct csv_row *row, const struct import_house *house,
                         struct arena *a, struct import_item *ret_item, struct err_info *why,
                         size_t *ret_column)
{
    *ret_item = (struct import_item){.line = row->line};
    CLEANUP(reading_done)
    struct reading r = {.map = map,
                        .head = head,
                        .row = row,
                        .house = house,
                        .a = a,
                        .item = ret_item,
                        .why = why,
                        .column = SIZE_MAX};
    buf_init(&r.text, CSV_FIELD_BYTES_MAX * 2);
    buf_init(&r.note, CSV_FIELD_BYTES_MAX * 2);
    buf_init(&r.place, CSV_FIELD_BYTES_MAX * 2);
    buf_init(&r.answer, CSV_FIELD_BYTES_MAX * 2);
    const enum err err = read_columns(&r);
    *ret_column = r.column;
    if (err == ERR_LIMIT)
        return refuse(&r, "import.row.too_long", STR(""), STR(""));
    return err;
}
