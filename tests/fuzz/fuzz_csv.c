/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "lib/csv/csv.h"

#include "base/mem.h"
#include "tests/fuzz/fuzz.h"

/* Everything a row says, as bytes that can be compared. */
static void put_row(struct buf *b, const struct csv_row *row)
{
    buf_printf(b, "row %d %lld %lld %lld %llu\n", (int)row->fault, (long long)row->line,
               (long long)row->fault_line, (long long)row->fault_column,
               (unsigned long long)row->end_byte);
    for (size_t i = 0; i < row->count; i++) {
        const struct csv_field *f = &row->fields[i];
        buf_printf(b, "%lld %lld %d %zu ", (long long)f->line, (long long)f->column, f->quoted,
                   f->text.len);
        buf_str(b, f->text);
    }
}

static void must_fit(const struct csv_row *row, uint64_t *end_byte, size_t len)
{
    must(row->count <= CSV_FIELDS_MAX && row->end_byte > *end_byte && row->end_byte <= len);
    must((row->fault == CSV_FINE) == (csv_fault_key(row->fault) == NULL));
    *end_byte = row->end_byte;
}

/* All rows of the text, fed in pieces; good rows go to `again`, written anew. */
static void read_rows(struct str text, size_t piece, struct buf *seen, struct buf *again)
{
    CLEANUP(csv_close) struct csv_reader *r = NULL;
    uint64_t end_byte = 0;
    must(csv_open(0, &r) == ERR_OK);
    for (size_t at = 0; at <= text.len; at += piece) {
        struct csv_row row;
        bool is_last = text.len - at < piece;
        must(csv_feed(r, str_sub(text, at, piece), is_last) == ERR_OK);
        while (csv_next(r, &row)) {
            must_fit(&row, &end_byte, text.len);
            put_row(seen, &row);
            bool is_blank = row.count == 1 && row.fields[0].text.len == 0;
            for (size_t i = 0; row.fault == CSV_FINE && !is_blank && i < row.count; i++)
                csv_put(again, row.fields[i].text, i == 0);
            if (row.fault == CSV_FINE && !is_blank)
                csv_end(again);
        }
    }
}

/* What was written is fine, and as it was but for the apostrophe before a formula. */
static void must_be_written_well(struct str written)
{
    CLEANUP(csv_close) struct csv_reader *r = NULL;
    CLEANUP(buf_done) struct buf again;
    struct csv_row row;
    buf_init(&again, 1 << 20);
    must(csv_open(',', &r) == ERR_OK && csv_feed(r, written, true) == ERR_OK);
    while (csv_next(r, &row)) {
        must(row.fault == CSV_FINE);
        for (size_t i = 0; i < row.count; i++) {
            struct str text = row.fields[i].text;
            must(text.len == 0 || (text.ptr[0] != '=' && text.ptr[0] != '@' &&
                                   text.ptr[0] != '\t' && text.ptr[0] != '\r'));
            csv_put(&again, text, i == 0);
        }
        csv_end(&again);
    }
    must(buf_err(&again) == ERR_OK && str_eq(buf_view(&again), written));
}

/* The size of the pieces changes nothing, and what is written is read as it was. */
int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t len)
{
    CLEANUP(buf_done) struct buf whole;
    CLEANUP(buf_done) struct buf pieces;
    CLEANUP(buf_done) struct buf written;
    CLEANUP(buf_done) struct buf twice;
    buf_init(&whole, 16 << 20);
    buf_init(&pieces, 16 << 20);
    buf_init(&written, 1 << 20);
    buf_init(&twice, 1 << 20);
    /* A head of its own, so that a byte order mark in the first field is not one of the file. */
    buf_c(&written, "head\r\n");
    buf_c(&twice, "head\r\n");
    read_rows(str_make(bytes, len), len + 1, &whole, &written);
    read_rows(str_make(bytes, len), len % 13 + 1, &pieces, &twice);
    must(buf_err(&whole) == ERR_OK && str_eq(buf_view(&whole), buf_view(&pieces)));
    must(buf_err(&written) == ERR_OK);
    must_be_written_well(buf_view(&written));
    return 0;
}
