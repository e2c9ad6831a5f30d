/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * page: what pdf.c and table.c share. Not for other folders.
 */
#ifndef HUIYIN_LIB_PDF_PAGE_H
#define HUIYIN_LIB_PDF_PAGE_H

#include "lib/pdf/pdf.h"

#include <cairo-pdf.h>
#include <pango/pangocairo.h>

struct pdf {
    struct pdf_opts opts;
    char lang[16];
    struct buf text; /* scratch: text on its way to Pango */
    struct buf file;
    struct buf running; /* the small line, kept for every page */
    cairo_surface_t *surface;
    cairo_t *cr;
    PangoFontMap *fonts;
    PangoContext *context;
    int32_t top_pu, bottom_pu, left_pu, width_pu; /* what is inside the margins */
    int32_t y_pu;
    uint32_t pages;
    enum err err;
    struct err_info *info; /* may be NULL */
};

/* Remembers the first failure. */
void page_fail(struct pdf *pdf, enum err err, const char *key, const char *detail);

/* A layout of `text`, cleaned, in `style` and at most `width_pu` wide; NULL after a failure.
 * Free it with g_object_unref. */
PangoLayout *page_layout(struct pdf *pdf, const struct pdf_style *style, struct str text,
                         int32_t width_pu);

/* Ends the page and begins the next. */
void page_break(struct pdf *pdf);
void page_ink(struct pdf *pdf, enum pdf_ink ink);
/* Draws one laid-out line with its base line at `base_pu`. */
void page_line(struct pdf *pdf, PangoLayoutLine *line, int32_t x_pu, int32_t base_pu);
void page_stroke(struct pdf *pdf, int32_t x0_pu, int32_t y0_pu, int32_t x1_pu, int32_t y1_pu);

#endif
