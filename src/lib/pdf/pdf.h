/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * pdf: a paper of A4 pages, set from top to bottom.
 *
 * What it is: a flow of paragraphs, rules and tables that breaks into pages by itself, with running
 * header and page numbers; fonts are embedded as subsets and the text can be selected and searched.
 * It knows nothing of matters, letters or languages beyond a language tag for the fonts.
 *
 * Text is plain: no markup is read, control characters and direction overrides are left out, and
 * bytes that are not UTF-8 print as U+FFFD. A character no installed font has stops the paper with
 * ERR_REFUSED and key "pdf.glyph_missing" ({0} the character, {1} "U+XXXX"): a name is never
 * printed with a hole in it.
 *
 * Errors are sticky, as in struct buf: the calls that set something return nothing, do nothing
 * after the first failure, and pdf_finish answers it.
 *
 * Limits: pages_max pages, bytes_max bytes of file, PDF_PARA_BYTES_MAX bytes between two line ends;
 * past them ERR_LIMIT, key "pdf.too_long". Memory is one paragraph's layout, one row's cells and
 * the file itself.
 *
 * Threads: a struct pdf belongs to one thread at a time; different ones may be set in different
 * threads at once, each with its own font map. Fontconfig's list of fonts is shared by the process
 * and read only. Cutting the fonts down, at the end, takes whole fonts into memory (about 20 MB
 * each) and is done for one paper at a time.
 *
 * The same calls with the same fonts give the same bytes: the only date in the file is created_us.
 *
 * Lengths are Pango units, 1/1024 of a point, in int32_t named *_pu; PDF_MM and PDF_PT make them.
 *
 *     struct pdf_opts opts = {.lang = "zh-CN", .title = title, .created_us = now_us};
 *     CLEANUP(pdf_close) struct pdf *pdf = NULL;
 *     TRY(pdf_open(&opts, info, &pdf));
 *     pdf_para(pdf, &heading, title);
 *     pdf_para(pdf, &body, text);
 *     TRY(pdf_finish(pdf, &out));
 *
 * Fonts: fonts-noto-cjk and fonts-noto-core (Debian). FangSong or FandolFang is used for Chinese
 * text where the machine has it, else Noto Serif CJK SC.
 */
#ifndef HUIYIN_LIB_PDF_PDF_H
#define HUIYIN_LIB_PDF_PDF_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

#define PDF_PT(points) ((int32_t)((points)*1024))
#define PDF_MM(millimetres) ((int32_t)((int64_t)(millimetres)*737280 / 254))

enum { PDF_PARA_BYTES_MAX = 1 << 20, PDF_COLUMNS_MAX = 8 };

struct pdf;

enum pdf_face { PDF_SERIF = 0, PDF_SANS };
enum pdf_align { PDF_START = 0, PDF_CENTRE, PDF_END };
enum pdf_ink { PDF_BLACK = 0, PDF_GREY, PDF_RED };
enum pdf_number {
    PDF_NUMBER_NONE = 0,
    PDF_NUMBER_DASHES, /* "— 2 —" */
    PDF_NUMBER_PLAIN   /* "2" */
};
enum pdf_line { PDF_LINE_THIN = 0, PDF_LINE_THICK_THIN, PDF_LINE_THIN_THICK };

struct pdf_opts {
    const char *lang; /* tag for fonts and line breaking: "zh-CN", "en" */
    struct str title, author, subject;
    int64_t created_us;                           /* creation date in the file; >= 0 */
    int32_t top_pu, right_pu, bottom_pu, left_pu; /* margins; 0 means 25 mm */
    struct str running;                           /* small line at the head of later pages */
    enum pdf_number number;
    bool number_from_second; /* the first page carries no number */
    bool foot_line;          /* a red double line at the foot of the first page */
    uint32_t pages_max;      /* 0 means 200 */
    size_t bytes_max;        /* 0 means 16 MiB */
};

struct pdf_style {
    enum pdf_face face;
    enum pdf_align align;
    enum pdf_ink ink;
    bool bold;
    bool justify;
    bool keep_next;    /* never the last line of a page */
    int32_t size_pu;   /* of the letters; 0 means 11 pt */
    int32_t line_pu;   /* from base line to base line; 0 leaves it to the font */
    int32_t indent_pu; /* of each first line */
    int32_t left_pu;   /* of every line */
    int32_t right_pu;  /* kept free at the right */
    int32_t before_pu, after_pu;
};

struct pdf_cell {
    struct str text;
    const struct pdf_style *style; /* NULL takes the table's */
    uint8_t span;                  /* columns it covers; 0 means 1 */
};

struct pdf_row {
    const struct pdf_cell *cells;
    size_t count;
    int32_t height_pu; /* at least */
};

struct pdf_table {
    const uint8_t *weights; /* relative width of each column */
    size_t columns;         /* <= PDF_COLUMNS_MAX */
    const struct pdf_row *rows;
    size_t count;
    struct pdf_style style;
    bool open; /* no frame: definition rows with a thin line under each */
};

/* ERR_INVALID for a missing language or margins that leave no page; ERR_NOMEM. `info` (may be NULL)
 * is filled by whichever call fails and must outlive the paper. */
enum err pdf_open(const struct pdf_opts *opts, struct err_info *info, struct pdf **ret_pdf);
/* For CLEANUP; NULL inside is allowed. */
void pdf_close(struct pdf **pdf);

/* Each line of `text` is a paragraph; an empty one is an empty line. */
void pdf_para(struct pdf *pdf, const struct pdf_style *style, struct str text);
/* Two texts on one line: `left` at the start, `right` at the end. Each stays on its line. */
void pdf_pair(struct pdf *pdf, const struct pdf_style *style, struct str left, struct str right);
void pdf_table(struct pdf *pdf, const struct pdf_table *table);
/* A line from margin to margin. */
void pdf_rule(struct pdf *pdf, enum pdf_line line, enum pdf_ink ink);
void pdf_gap(struct pdf *pdf, int32_t height_pu);
/* A new page unless `height_pu` is left on this one. */
void pdf_keep(struct pdf *pdf, int32_t height_pu);
/* Moves down to `from_foot_pu` above the bottom margin, when that is below. */
void pdf_sink(struct pdf *pdf, int32_t from_foot_pu);

/* Pages so far, the one being set included. */
uint32_t pdf_pages(const struct pdf *pdf);

/* Ends the paper and appends the file to `out`: the first failure, or ERR_OK. */
enum err pdf_finish(struct pdf *pdf, struct buf *out);

#endif
