/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * csv: rows of comma-separated text in, and out.
 *
 * Reader (RFC 4180, as spreadsheets really write it): quoted fields with commas, line ends and
 * doubled quotes; CRLF, LF or CR; a byte order mark is passed over; the separator is told or found
 * in the head (comma, semicolon, tab). It is fed bytes in pieces of any size and hands out one row
 * at a time; text must be UTF-8 already (see lib/text/charset.h for GB18030).
 *
 * A row that is not well formed is a row, with its fault: the reader says what is wrong, where the
 * row began and at which line and column, finds the next line end and goes on. So one bad row
 * costs one row. A quote that never closes is found out after CSV_QUOTED_BYTES_MAX bytes or at the
 * end; reading goes on after the row's first line, so that it does not swallow the file.
 *
 * Lines and columns count from 1; a column counts characters, the number a text editor shows.
 *
 * Limits: CSV_FIELDS_MAX fields, CSV_FIELD_BYTES_MAX bytes a field; past them the row carries
 * CSV_TOO_MANY or CSV_TOO_LONG. Memory: one row, at most CSV_QUOTED_BYTES_MAX and a piece.
 *
 * Threads: one reader, one thread.
 *
 *     while (more) {
 *         TRY(csv_feed(reader, piece, last));
 *         struct csv_row row;
 *         while (csv_next(reader, &row))
 *             use(&row);
 *     }
 *
 * Writer: csv_put quotes what needs it and takes the sting out of what a spreadsheet would run: a
 * field that begins with = + - @ tab or carriage return (full-width forms too) and is not a plain
 * number gets an apostrophe in front (CWE-1236).
 */
#ifndef HUIYIN_LIB_CSV_CSV_H
#define HUIYIN_LIB_CSV_CSV_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum { CSV_FIELDS_MAX = 256, CSV_FIELD_BYTES_MAX = 1 << 20, CSV_QUOTED_BYTES_MAX = 4 << 20 };

enum csv_fault {
    CSV_FINE = 0,
    CSV_STRAY_QUOTE, /* a quote inside a field that does not begin with one */
    CSV_AFTER_QUOTE, /* something between the closing quote and the comma */
    CSV_OPEN_QUOTE,  /* a quoted field that never ends */
    CSV_TOO_LONG,    /* a field longer than CSV_FIELD_BYTES_MAX */
    CSV_TOO_MANY,    /* more than CSV_FIELDS_MAX fields */
    CSV_NOT_TEXT,    /* bytes that are not UTF-8, or a NUL */
    CSV_FAULT_COUNT
};

struct csv_field {
    struct str text;
    int64_t line; /* where it begins */
    int64_t column;
    bool quoted;
};

struct csv_row {
    const struct csv_field *fields; /* valid until the next call on the reader */
    size_t count;
    int64_t line; /* where the row begins */
    enum csv_fault fault;
    int64_t fault_line;
    int64_t fault_column;
    struct str raw;    /* the row as it stood, without its line end */
    uint64_t end_byte; /* bytes fed and used up, this row and its line end included */
};

struct csv_reader;

/* `separator` 0: the first of comma, semicolon, tab that the head line has most of. */
enum err csv_open(char separator, struct csv_reader **ret_reader);
/* For CLEANUP; NULL inside is allowed. */
void csv_close(struct csv_reader **reader);

/* Adds a piece; `last` says that no more comes. ERR_NOMEM; ERR_INVALID after `last`. */
enum err csv_feed(struct csv_reader *reader, struct str piece, bool last);

/* The next whole row; false when more must be fed, or all is read. Lines with nothing on them are
 * passed over. */
bool csv_next(struct csv_reader *reader, struct csv_row *ret_row);

/* Known after the first row; 0 before. */
char csv_separator(const struct csv_reader *reader);

/* What is wrong, as a catalogue key ("csv.stray_quote"); NULL for CSV_FINE. */
const char *csv_fault_key(enum csv_fault fault);

/* Appends one field; `first` of its row or not. Rows end with csv_end (CRLF). */
void csv_put(struct buf *out, struct str text, bool first);
void csv_end(struct buf *out);

#endif
