/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "lib/pdf/page.h"

#include "base/mem.h"

enum { PAD_PU = 5 * 1024, RULE_PT10 = 6 };

/* A cell on its way to paper: what of its text is not drawn yet. */
struct piece {
    PangoLayout *layout;
    PangoLayoutIter *iter; /* at the first line not drawn; NULL when all is drawn */
    const struct pdf_style *style;
    int32_t x_pu, width_pu;
    int32_t from_pu; /* where that line begins in the layout */
};

struct strip {
    struct piece pieces[PDF_COLUMNS_MAX];
    size_t count;
};

static void strip_done(struct strip *s)
{
    for (size_t i = 0; i < s->count; i++) {
        if (s->pieces[i].iter != NULL)
            pango_layout_iter_free(s->pieces[i].iter);
        if (s->pieces[i].layout != NULL)
            g_object_unref(s->pieces[i].layout);
    }
}

static int32_t column_x(const struct pdf *pdf, const struct pdf_table *t, size_t column)
{
    int64_t before = 0, all = 0;
    for (size_t i = 0; i < t->columns; i++) {
        before += i < column ? t->weights[i] : 0;
        all += t->weights[i];
    }
    return pdf->left_pu + (int32_t)(pdf->width_pu * before / (all > 0 ? all : 1));
}

static bool strip_init(struct pdf *pdf, const struct pdf_table *t, const struct pdf_row *row,
                       struct strip *s)
{
    *s = (struct strip){0};
    size_t column = 0;
    for (size_t i = 0; i < row->count && column < t->columns; i++) {
        const struct pdf_cell *cell = &row->cells[i];
        size_t end = column + (cell->span > 0 ? cell->span : 1);
        if (end > t->columns)
            end = t->columns;
        struct piece *p = &s->pieces[s->count++];
        p->style = cell->style != NULL ? cell->style : &t->style;
        p->x_pu = column_x(pdf, t, column);
        p->width_pu = column_x(pdf, t, end) - p->x_pu;
        p->layout = page_layout(pdf, p->style, cell->text, p->width_pu - 2 * PAD_PU);
        if (p->layout == NULL)
            return false;
        if (p->style->line_pu > 0)
            pango_layout_set_line_spacing(p->layout, 1.25F);
        p->iter = pango_layout_get_iter(p->layout);
        column = end;
    }
    return true;
}

static int32_t piece_left(const struct piece *p)
{
    if (p->iter == NULL)
        return 0;
    int height_pu = 0;
    pango_layout_get_size(p->layout, NULL, &height_pu);
    return height_pu - p->from_pu;
}

static int32_t strip_left(const struct strip *s)
{
    int32_t most_pu = 0;
    for (size_t i = 0; i < s->count; i++)
        if (piece_left(&s->pieces[i]) > most_pu)
            most_pu = piece_left(&s->pieces[i]);
    return most_pu;
}

/* Draws the lines of a cell that fit into `room_pu` below `y_pu`; answers their height. */
static int32_t draw_piece(struct pdf *pdf, struct piece *p, int32_t y_pu, int32_t room_pu)
{
    int32_t used_pu = 0;
    page_ink(pdf, p->style->ink);
    while (p->iter != NULL) {
        PangoRectangle logical;
        pango_layout_iter_get_line_extents(p->iter, NULL, &logical);
        int32_t end_pu = logical.y + logical.height - p->from_pu;
        if (end_pu > room_pu)
            break;
        page_line(pdf, pango_layout_iter_get_line_readonly(p->iter), p->x_pu + PAD_PU + logical.x,
                  y_pu + pango_layout_iter_get_baseline(p->iter) - p->from_pu);
        used_pu = end_pu;
        if (!pango_layout_iter_next_line(p->iter)) {
            pango_layout_iter_free(p->iter);
            p->iter = NULL;
        }
    }
    if (p->iter != NULL)
        p->from_pu += used_pu;
    return used_pu;
}

static void draw_frame(struct pdf *pdf, const struct pdf_table *t, const struct strip *s,
                       int32_t height_pu)
{
    int32_t right_pu = pdf->left_pu + pdf->width_pu;
    int32_t y0_pu = pdf->y_pu, y1_pu = pdf->y_pu + height_pu;
    cairo_set_line_width(pdf->cr, RULE_PT10 / 10.0);
    cairo_set_line_cap(pdf->cr, CAIRO_LINE_CAP_SQUARE);
    page_ink(pdf, t->open ? PDF_GREY : PDF_BLACK);
    page_stroke(pdf, pdf->left_pu, y1_pu, right_pu, y1_pu);
    if (t->open)
        return;
    page_stroke(pdf, pdf->left_pu, y0_pu, right_pu, y0_pu);
    page_stroke(pdf, right_pu, y0_pu, right_pu, y1_pu);
    for (size_t i = 0; i < s->count; i++)
        page_stroke(pdf, s->pieces[i].x_pu, y0_pu, s->pieces[i].x_pu, y1_pu);
}

/* One page's share of a row. */
static void draw_share(struct pdf *pdf, const struct pdf_table *t, struct strip *s,
                       int32_t height_pu)
{
    int32_t room_pu = height_pu - 2 * PAD_PU;
    for (size_t i = 0; i < s->count; i++) {
        struct piece *p = &s->pieces[i];
        int32_t left_pu = piece_left(p);
        int32_t spare_pu = !t->open && left_pu < room_pu ? (room_pu - left_pu) / 2 : 0;
        (void)draw_piece(pdf, p, pdf->y_pu + PAD_PU + spare_pu, room_pu);
    }
    draw_frame(pdf, t, s, height_pu);
    pdf->y_pu += height_pu;
}

static void set_row(struct pdf *pdf, const struct pdf_table *t, const struct pdf_row *row)
{
    CLEANUP(strip_done) struct strip s;
    if (!strip_init(pdf, t, row, &s))
        return;
    const int32_t page_pu = pdf->bottom_pu - pdf->top_pu;
    int32_t wants_pu = strip_left(&s) + 2 * PAD_PU;
    if (wants_pu < row->height_pu)
        wants_pu = row->height_pu;
    /* A row goes whole to the next page, unless it would fill half of it; then it is cut. */
    pdf_keep(pdf, wants_pu <= page_pu / 2 ? wants_pu : page_pu / 6);
    while (pdf->err == ERR_OK) {
        int32_t room_pu = pdf->bottom_pu - pdf->y_pu;
        if (wants_pu <= room_pu) {
            draw_share(pdf, t, &s, wants_pu);
            return;
        }
        int32_t before_pu = strip_left(&s);
        draw_share(pdf, t, &s, room_pu);
        if (strip_left(&s) == before_pu && room_pu == page_pu) {
            page_fail(pdf, ERR_LIMIT, "pdf.too_long", "a line taller than the page");
            return;
        }
        if (strip_left(&s) == 0)
            return;
        page_break(pdf);
        wants_pu = strip_left(&s) + 2 * PAD_PU;
    }
}

void pdf_table(struct pdf *pdf, const struct pdf_table *table)
{
    if (table->columns == 0 || table->columns > PDF_COLUMNS_MAX) {
        page_fail(pdf, ERR_INVALID, NULL, "pdf: a table has one to eight columns");
        return;
    }
    for (size_t i = 0; i < table->count && pdf->err == ERR_OK; i++)
        set_row(pdf, table, &table->rows[i]);
}
