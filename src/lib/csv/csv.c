/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * The reader walks the bytes it holds with one small machine. A row is scanned from its first byte
 * to its line end; when the bytes run out before that, the scan stops and starts again at the row's
 * first byte once more was fed. Fields with doubled quotes are put together in `text`; all others
 * are views of the bytes as they stand.
 */
#include "lib/csv/csv.h"

#include "base/mem.h"
#include "base/utf8.h"

enum { START_SIZE = 1 << 16, ROW_BYTES_MAX = 2 * CSV_QUOTED_BYTES_MAX, RAW_BYTES_MAX = 1 << 16 };

/* Where the scan stands: a byte of `held`, and what an editor calls that place. */
struct place {
    size_t at;
    int64_t line;
    int64_t column;
};

struct csv_reader {
    char separator; /* 0 until it is known */
    bool is_last;   /* all was fed */
    bool is_begun;  /* the byte order mark has been looked for */
    bool is_in_row; /* the rest of a row that was too long comes first */
    char *held;     /* fed and not yet used up */
    size_t held_len;
    size_t held_size;
    struct place row;   /* first byte of the next row */
    uint64_t used_byte; /* bytes that went before held[0] */
    struct buf text;    /* fields without their doubled quotes */
    size_t text_from[CSV_FIELDS_MAX];
    struct csv_field fields[CSV_FIELDS_MAX];
    size_t count;
};

enum err csv_open(char separator, struct csv_reader **ret_reader)
{
    struct csv_reader *r = mem_new(sizeof *r);
    if (r == NULL)
        return ERR_NOMEM;
    r->separator = separator;
    r->row = (struct place){.at = 0, .line = 1, .column = 1};
    buf_init(&r->text, CSV_QUOTED_BYTES_MAX + 1);
    *ret_reader = r;
    return ERR_OK;
}

void csv_close(struct csv_reader **reader)
{
    struct csv_reader *r = *reader;
    if (r == NULL)
        return;
    buf_done(&r->text);
    mem_free(r->held);
    mem_free(r);
    *reader = NULL;
}

enum err csv_feed(struct csv_reader *r, struct str piece, bool last)
{
    if (r->is_last)
        return ERR_INVALID;
    /* What is used up makes room first. */
    if (r->row.at > 0) {
        memmove(r->held, r->held + r->row.at, r->held_len - r->row.at);
        r->held_len -= r->row.at;
        r->used_byte += r->row.at;
        r->row.at = 0;
    }
    if (piece.len > r->held_size - r->held_len) {
        size_t size = r->held_size > 0 ? r->held_size : START_SIZE;
        while (size - r->held_len < piece.len)
            size *= 2;
        char *grown = mem_resize(r->held, size);
        if (grown == NULL)
            return ERR_NOMEM;
        r->held = grown;
        r->held_size = size;
    }
    if (piece.len > 0)
        memcpy(r->held + r->held_len, piece.ptr, piece.len);
    r->held_len += piece.len;
    r->is_last = last;
    return ERR_OK;
}

/* ---- one row --------------------------------------------------------------------------------- */

enum step { STEP_FIELD, STEP_ROW, STEP_MORE };

struct scan {
    struct csv_reader *r;
    struct place p;
    enum csv_fault fault;
    struct place fault_at;
};

static void set_fault(struct scan *s, enum csv_fault fault, struct place at)
{
    if (s->fault != CSV_FINE)
        return;
    s->fault = fault;
    s->fault_at = at;
}

static bool is_line_end(char c)
{
    return c == '\n' || c == '\r';
}

/* Past one byte; continuation bytes of a character do not count as columns. */
static void go_on(struct scan *s)
{
    unsigned char c = (unsigned char)s->r->held[s->p.at];
    s->p.at++;
    if (c == '\n') {
        s->p.line++;
        s->p.column = 1;
    } else if ((c & 0xC0) != 0x80) {
        s->p.column++;
    }
}

/* Past CR LF, LF or CR; false when a CR stands at the very end and a LF may follow. */
static bool pass_line_end(struct scan *s)
{
    struct csv_reader *r = s->r;
    if (r->held[s->p.at] == '\r') {
        if (s->p.at + 1 == r->held_len && !r->is_last)
            return false;
        s->p.at++;
        if (s->p.at < r->held_len && r->held[s->p.at] == '\n')
            s->p.at++;
    } else {
        s->p.at++;
    }
    s->p.line++;
    s->p.column = 1;
    return true;
}

static enum step out_of_bytes(const struct scan *s)
{
    return s->r->is_last ? STEP_ROW : STEP_MORE;
}

/* At the end of a field: the separator is passed, a line end is left for the row. */
static enum step after_field(struct scan *s)
{
    if (s->p.at == s->r->held_len)
        return out_of_bytes(s);
    if (s->r->held[s->p.at] != s->r->separator)
        return STEP_ROW;
    go_on(s);
    return STEP_FIELD;
}

static enum step plain_field(struct scan *s, struct csv_field *f)
{
    struct csv_reader *r = s->r;
    const size_t from = s->p.at;
    while (s->p.at < r->held_len && r->held[s->p.at] != r->separator &&
           !is_line_end(r->held[s->p.at])) {
        if (r->held[s->p.at] == '"')
            set_fault(s, CSV_STRAY_QUOTE, s->p);
        go_on(s);
    }
    if (s->p.at == r->held_len && !r->is_last)
        return STEP_MORE;
    f->text = str_make(r->held + from, s->p.at - from);
    return after_field(s);
}

/* What stands between the closing quote and the next comma is blank, or a fault. */
static void pass_rest(struct scan *s)
{
    struct csv_reader *r = s->r;
    while (s->p.at < r->held_len && r->held[s->p.at] != r->separator &&
           !is_line_end(r->held[s->p.at])) {
        if (r->held[s->p.at] != ' ' && r->held[s->p.at] != '\t')
            set_fault(s, CSV_AFTER_QUOTE, s->p);
        go_on(s);
    }
}

/* From the byte after the opening quote to the closing one, which is passed. */
static bool quoted_text(struct scan *s, struct place opened)
{
    struct csv_reader *r = s->r;
    size_t piece = s->p.at;
    for (;;) {
        const size_t room = r->held_len - s->p.at;
        const char *q = room > 0 ? memchr(r->held + s->p.at, '"', room) : NULL;
        const size_t end = q != NULL ? (size_t)(q - r->held) : r->held_len;
        if (end - opened.at > CSV_QUOTED_BYTES_MAX || (q == NULL && r->is_last)) {
            set_fault(s, CSV_OPEN_QUOTE, opened);
            return true;
        }
        if (q == NULL || (end + 1 == r->held_len && !r->is_last))
            return false;
        while (s->p.at < end)
            go_on(s);
        const bool is_doubled = end + 1 < r->held_len && r->held[end + 1] == '"';
        buf_bytes(&r->text, r->held + piece, end - piece + (is_doubled ? 1 : 0));
        go_on(s);
        if (!is_doubled)
            return true;
        go_on(s);
        piece = s->p.at;
    }
}

static enum step quoted_field(struct scan *s, struct csv_field *f)
{
    struct csv_reader *r = s->r;
    const struct place opened = s->p;
    f->quoted = true;
    go_on(s);
    if (!quoted_text(s, opened))
        return STEP_MORE;
    if (s->fault == CSV_OPEN_QUOTE)
        return STEP_ROW;
    pass_rest(s);
    if (s->p.at == r->held_len && !r->is_last)
        return STEP_MORE;
    return after_field(s);
}

static enum step one_field(struct scan *s)
{
    struct csv_reader *r = s->r;
    struct csv_field over = {0};
    const bool fits = r->count < CSV_FIELDS_MAX;
    struct csv_field *f = fits ? &r->fields[r->count] : &over;
    if (!fits)
        set_fault(s, CSV_TOO_MANY, s->p);
    *f = (struct csv_field){.line = s->p.line, .column = s->p.column};
    if (fits)
        r->text_from[r->count] = r->text.len;
    const size_t from = r->text.len;
    const struct place began = s->p;
    const bool is_quoted = s->p.at < r->held_len && r->held[s->p.at] == '"';
    enum step step = is_quoted ? quoted_field(s, f) : plain_field(s, f);
    if (step == STEP_MORE)
        return step;
    if (is_quoted)
        f->text.len = r->text.len - from;
    if (f->text.len > CSV_FIELD_BYTES_MAX)
        set_fault(s, CSV_TOO_LONG, began);
    if (fits)
        r->count++;
    return step;
}

/* A quote that never closes took the rest of the file with it: the row is its first line only. */
static void end_at_first_line(struct scan *s)
{
    struct csv_reader *r = s->r;
    s->p = r->row;
    while (s->p.at < r->held_len && !is_line_end(r->held[s->p.at]))
        go_on(s);
}

/* A column in front of byte `end` of the row's text. */
static void check_text(struct scan *s, size_t end)
{
    const struct csv_reader *r = s->r;
    struct scan walk = {.r = s->r, .p = r->row};
    while (walk.p.at < end) {
        size_t at = walk.p.at;
        const int32_t cp = utf8_next(str_make(r->held, end), &at);
        if (cp <= 0) {
            set_fault(s, CSV_NOT_TEXT, walk.p);
            return;
        }
        while (walk.p.at < at)
            go_on(&walk);
    }
}

static void fill_row(struct scan *s, size_t end, struct csv_row *ret_row)
{
    struct csv_reader *r = s->r;
    for (size_t i = 0; i < r->count; i++)
        if (r->fields[i].quoted)
            r->fields[i].text.ptr = r->text.len > 0 ? r->text.ptr + r->text_from[i] : "";
    *ret_row = (struct csv_row){.fields = r->fields,
                                .count = r->count,
                                .line = r->row.line,
                                .fault = s->fault,
                                .fault_line = s->fault_at.line,
                                .fault_column = s->fault_at.column,
                                .raw = str_make(r->held + r->row.at, end - r->row.at)};
}

/* ---- rows -------------------------------------------------------------------------------------
 */

/* The byte order mark, and the separator from the head line. False when more must be fed. */
static bool begin(struct csv_reader *r)
{
    if (r->held_len < 3 && !r->is_last)
        return false;
    size_t end = 0;
    size_t counts[3] = {0};
    static const char separators[3] = {',', ';', '\t'};
    bool is_quoted = false;
    while (end < r->held_len && (is_quoted || !is_line_end(r->held[end]))) {
        is_quoted = is_quoted != (r->held[end] == '"');
        for (size_t i = 0; i < 3 && !is_quoted; i++)
            counts[i] += r->held[end] == separators[i];
        end++;
    }
    if (end == r->held_len && !r->is_last && end < CSV_QUOTED_BYTES_MAX)
        return false;
    if (str_starts(str_make(r->held, r->held_len), STR("\xEF\xBB\xBF")))
        r->row.at = 3;
    size_t best = 0;
    for (size_t i = 1; i < 3; i++)
        if (counts[i] > counts[best])
            best = i;
    if (r->separator == 0)
        r->separator = separators[best];
    r->is_begun = true;
    return true;
}

/* Passes empty lines; false when there are no more bytes, or a CR may go on. */
static bool skip_empty(struct csv_reader *r)
{
    struct scan s = {.r = r, .p = r->row};
    while (s.p.at < r->held_len && is_line_end(r->held[s.p.at])) {
        if (!pass_line_end(&s))
            return false;
        r->row = s.p;
    }
    return r->row.at < r->held_len;
}

/* A row without end is given out as far as it is kept, and its rest passed over. */
static void give_up_row(struct scan *s, struct csv_row *ret_row)
{
    struct csv_reader *r = s->r;
    s->fault = CSV_FINE;
    set_fault(s, CSV_TOO_LONG, r->row);
    r->count = 0;
    fill_row(s, r->row.at + RAW_BYTES_MAX, ret_row);
    ret_row->raw = utf8_cut(ret_row->raw, RAW_BYTES_MAX - 4);
    s->p = r->row;
    while (s->p.at < r->held_len)
        go_on(s);
    r->row = s->p;
    r->is_in_row = true;
    ret_row->end_byte = r->used_byte + r->row.at;
}

static void skip_rest_of_row(struct csv_reader *r)
{
    struct scan s = {.r = r, .p = r->row};
    while (s.p.at < r->held_len && !is_line_end(r->held[s.p.at]))
        go_on(&s);
    r->row = s.p;
    r->is_in_row = s.p.at == r->held_len;
}

bool csv_next(struct csv_reader *r, struct csv_row *ret_row)
{
    if (r->is_in_row)
        skip_rest_of_row(r);
    if (r->is_in_row || (!r->is_begun && !begin(r)) || !skip_empty(r))
        return false;
    struct scan s = {.r = r, .p = r->row};
    r->count = 0;
    buf_clear(&r->text);
    enum step step = STEP_FIELD;
    while (step == STEP_FIELD)
        step = one_field(&s);
    if (step == STEP_MORE && r->held_len - r->row.at <= ROW_BYTES_MAX)
        return false;
    if (step == STEP_MORE) {
        give_up_row(&s, ret_row);
        return true;
    }
    if (s.fault == CSV_OPEN_QUOTE)
        end_at_first_line(&s);
    const size_t end = s.p.at;
    check_text(&s, end);
    if (end < r->held_len && !pass_line_end(&s))
        return false;
    if (buf_err(&r->text) != ERR_OK)
        set_fault(&s, CSV_TOO_LONG, r->row);
    fill_row(&s, end, ret_row);
    r->row = s.p;
    ret_row->end_byte = r->used_byte + r->row.at;
    return true;
}

char csv_separator(const struct csv_reader *r)
{
    return r->separator;
}

const char *csv_fault_key(enum csv_fault fault)
{
    switch (fault) {
    case CSV_STRAY_QUOTE:
        return "csv.stray_quote";
    case CSV_AFTER_QUOTE:
        return "csv.after_quote";
    case CSV_OPEN_QUOTE:
        return "csv.open_quote";
    case CSV_TOO_LONG:
        return "csv.too_long";
    case CSV_TOO_MANY:
        return "csv.too_many";
    case CSV_NOT_TEXT:
        return "csv.not_text";
    case CSV_FINE:
    case CSV_FAULT_COUNT:
        break;
    }
    return NULL;
}

/* ---- writer ------------------------------------------------------------------------------------
 */

/* "-12.5" is a number and stays one; "-1+cmd" is not. */
static bool is_number(struct str s)
{
    size_t digits = 0;
    for (size_t i = s.len > 0 && (s.ptr[0] == '-' || s.ptr[0] == '+') ? 1 : 0; i < s.len; i++) {
        if (s.ptr[i] >= '0' && s.ptr[i] <= '9')
            digits++;
        else if (s.ptr[i] != '.' && s.ptr[i] != ',')
            return false;
    }
    return digits > 0;
}

/* What a spreadsheet takes for the beginning of a formula; the full-width forms as well. */
static bool is_formula(struct str s)
{
    size_t at = 0;
    const int32_t cp = s.len > 0 ? utf8_next(s, &at) : 0;
    switch (cp) {
    case '=':
    case '@':
    case '\t':
    case '\r':
    case '\n':
    case 0xFF1D:
    case 0xFF0B:
    case 0xFF0D:
    case 0xFF20:
        return true;
    case '+':
    case '-':
        return !is_number(s);
    default:
        return false;
    }
}

void csv_put(struct buf *out, struct str text, bool first)
{
    const bool sting = is_formula(text);
    bool quote = false;
    for (size_t i = 0; i < text.len && !quote; i++)
        quote = text.ptr[i] == ',' || text.ptr[i] == '"' || text.ptr[i] == ';' ||
                text.ptr[i] == '\t' || is_line_end(text.ptr[i]);
    quote = quote || (text.len > 0 && (text.ptr[0] == ' ' || text.ptr[text.len - 1] == ' '));
    if (!first)
        buf_char(out, ',');
    if (quote)
        buf_char(out, '"');
    if (sting)
        buf_char(out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"')
            buf_char(out, '"');
        buf_char(out, text.ptr[i]);
    }
    if (quote)
        buf_char(out, '"');
}

void csv_end(struct buf *out)
{
    buf_bytes(out, "\r\n", 2);
}
