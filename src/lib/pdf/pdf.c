/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "lib/pdf/page.h"

#include "base/instant.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <pthread.h>

enum {
    A4_WIDTH_PU = 595 * 1024 + 282,  /* 210 mm */
    A4_HEIGHT_PU = 841 * 1024 + 911, /* 297 mm */
    PAGES_MAX = 200,
    FILE_BYTES_MAX = 16 << 20
};

/* The families of each face, best first; what none of them has is looked for in every font of the
 * machine, so that a rare character is printed wherever it can be. */
static const char *const families[2][2] = {
    {"Noto Serif,Noto Serif CJK SC,Noto Sans CJK SC", "Noto Sans,Noto Sans CJK SC"},
    {"FangSong,FandolFang R,Noto Serif CJK SC,Noto Serif,Noto Sans CJK SC",
     "Noto Sans CJK SC,Noto Sans"},
};

/* Cairo reads a whole font, 20 MB for Chinese, to cut its subset out: one paper at a time. */
static pthread_mutex_t subsetting = PTHREAD_MUTEX_INITIALIZER;

void page_fail(struct pdf *pdf, enum err err, const char *key, const char *detail)
{
    if (pdf->err == ERR_OK)
        pdf->err = err_set(pdf->info, err, key, "%s", detail);
}

static cairo_status_t take_bytes(void *closure, const unsigned char *bytes, unsigned int len)
{
    struct buf *file = closure;
    buf_bytes(file, bytes, len);
    return buf_err(file) == ERR_OK ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

static void put_metadata(struct pdf *pdf, cairo_pdf_metadata_t what, struct str text)
{
    buf_clear(&pdf->text);
    for (size_t at = 0; at < text.len;) {
        int32_t cp = utf8_next(text, &at);
        if (cp != 0)
            utf8_put(&pdf->text, cp < 0 ? 0xFFFD : cp);
    }
    buf_char(&pdf->text, '\0');
    if (buf_err(&pdf->text) == ERR_OK)
        cairo_pdf_surface_set_metadata(pdf->surface, what, pdf->text.ptr);
}

static enum err begin_file(struct pdf *pdf)
{
    const double width = A4_WIDTH_PU / (double)PANGO_SCALE;
    const double height = A4_HEIGHT_PU / (double)PANGO_SCALE;
    pdf->surface = cairo_pdf_surface_create_for_stream(take_bytes, &pdf->file, width, height);
    pdf->cr = cairo_create(pdf->surface);
    if (cairo_status(pdf->cr) != CAIRO_STATUS_SUCCESS)
        return err_set(pdf->info, ERR_NOMEM, NULL, "cairo: %s",
                       cairo_status_to_string(cairo_status(pdf->cr)));
    put_metadata(pdf, CAIRO_PDF_METADATA_TITLE, pdf->opts.title);
    put_metadata(pdf, CAIRO_PDF_METADATA_AUTHOR, pdf->opts.author);
    put_metadata(pdf, CAIRO_PDF_METADATA_SUBJECT, pdf->opts.subject);
    put_metadata(pdf, CAIRO_PDF_METADATA_CREATOR, STR("Huiyin"));
    CLEANUP(buf_done) struct buf date;
    buf_init(&date, 64);
    instant_format(pdf->opts.created_us, &date);
    put_metadata(pdf, CAIRO_PDF_METADATA_CREATE_DATE, buf_view(&date));
    pdf->fonts = pango_cairo_font_map_new();
    pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(pdf->fonts), 72.0);
    pdf->context = pango_font_map_create_context(pdf->fonts);
    pango_context_set_language(pdf->context, pango_language_from_string(pdf->lang));
    cairo_font_options_t *exact = cairo_font_options_create();
    cairo_font_options_set_hint_metrics(exact, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_hint_style(exact, CAIRO_HINT_STYLE_NONE);
    pango_cairo_context_set_font_options(pdf->context, exact);
    cairo_font_options_destroy(exact);
    pango_context_set_round_glyph_positions(pdf->context, FALSE);
    return ERR_OK;
}

static int32_t margin(int32_t wanted_pu)
{
    return wanted_pu > 0 ? wanted_pu : PDF_MM(25);
}

enum err pdf_open(const struct pdf_opts *opts, struct err_info *info, struct pdf **ret_pdf)
{
    if (opts->lang == NULL || strlen(opts->lang) >= sizeof((struct pdf *)NULL)->lang ||
        opts->created_us < 0)
        return err_set(info, ERR_INVALID, NULL, "pdf: no language, or a date before 1970");
    CLEANUP(pdf_close) struct pdf *pdf = mem_new(sizeof *pdf);
    if (pdf == NULL)
        return err_set(info, ERR_NOMEM, NULL, "pdf");
    pdf->opts = *opts;
    pdf->info = info;
    memcpy(pdf->lang, opts->lang, strlen(opts->lang));
    buf_init(&pdf->text, PDF_PARA_BYTES_MAX * 3 + 64);
    buf_init(&pdf->file, opts->bytes_max > 0 ? opts->bytes_max : FILE_BYTES_MAX);
    buf_init(&pdf->running, 4096);
    buf_str(&pdf->running, utf8_cut(opts->running, 4096));
    pdf->top_pu = margin(opts->top_pu);
    pdf->bottom_pu = A4_HEIGHT_PU - margin(opts->bottom_pu);
    pdf->left_pu = margin(opts->left_pu);
    pdf->width_pu = A4_WIDTH_PU - pdf->left_pu - margin(opts->right_pu);
    pdf->y_pu = pdf->top_pu;
    pdf->pages = 1;
    if (pdf->opts.pages_max == 0)
        pdf->opts.pages_max = PAGES_MAX;
    if (pdf->width_pu < PDF_MM(50) || pdf->bottom_pu - pdf->top_pu < PDF_MM(50))
        return err_set(info, ERR_INVALID, NULL, "pdf: the margins leave no page");
    TRY(begin_file(pdf));
    *ret_pdf = TAKE(pdf);
    return ERR_OK;
}

void pdf_close(struct pdf **pdf)
{
    struct pdf *p = *pdf;
    if (p == NULL)
        return;
    if (p->context != NULL)
        g_object_unref(p->context);
    if (p->fonts != NULL)
        g_object_unref(p->fonts);
    if (p->cr != NULL)
        cairo_destroy(p->cr);
    if (p->surface != NULL)
        cairo_surface_destroy(p->surface);
    buf_done(&p->text);
    buf_done(&p->file);
    buf_done(&p->running);
    mem_free(p);
    *pdf = NULL;
}

/* ---- text ---------------------------------------------------------------------------------- */

/* What would print nothing, or turn the order of what stands around it. */
static bool is_left_out(int32_t cp)
{
    return (cp < 0x20 && cp != '\t') || (cp >= 0x7F && cp < 0xA0) || cp == 0xFEFF || cp == 0x200B ||
           cp == 0x200E || cp == 0x200F || (cp >= 0x2028 && cp <= 0x202E) ||
           (cp >= 0x2060 && cp <= 0x206F) || (cp >= 0xFFF9 && cp <= 0xFFFB);
}

/* Line feeds stay when `lines`: a cell keeps its paragraphs in one layout. */
static void clean(struct buf *out, struct str text, bool lines)
{
    buf_clear(out);
    for (size_t at = 0; at < text.len;) {
        int32_t cp = utf8_next(text, &at);
        if (cp < 0 || (cp & 0xFFFE) == 0xFFFE)
            cp = 0xFFFD;
        if (cp == '\n' && lines)
            buf_char(out, '\n');
        else if (!is_left_out(cp))
            utf8_put(out, cp);
    }
}

static void refuse_glyph(struct pdf *pdf, uint32_t cp)
{
    CLEANUP(buf_done) struct buf shown;
    buf_init(&shown, 16);
    if (cp <= 0x10FFFF && (cp < 0xD800 || cp > 0xDFFF))
        utf8_put(&shown, (int32_t)cp);
    buf_char(&shown, '\0');
    char code[16];
    (void)snprintf(code, sizeof code, "U+%04X", (unsigned)cp);
    if (pdf->err != ERR_OK)
        return;
    page_fail(pdf, ERR_REFUSED, "pdf.glyph_missing", "no installed font has a character");
    err_arg(pdf->info, 0, buf_err(&shown) == ERR_OK ? shown.ptr : "");
    err_arg(pdf->info, 1, code);
}

static bool line_is_whole(struct pdf *pdf, PangoLayoutLine *line)
{
    for (GSList *run = line->runs; run != NULL; run = run->next) {
        const PangoGlyphString *glyphs = ((const PangoLayoutRun *)run->data)->glyphs;
        for (int i = 0; i < glyphs->num_glyphs; i++) {
            PangoGlyph glyph = glyphs->glyphs[i].glyph;
            if ((glyph & PANGO_GLYPH_UNKNOWN_FLAG) == 0 || glyph == PANGO_GLYPH_EMPTY)
                continue;
            refuse_glyph(pdf, glyph & ~(uint32_t)PANGO_GLYPH_UNKNOWN_FLAG);
            return false;
        }
    }
    return true;
}

static void set_style(struct pdf *pdf, PangoLayout *layout, const struct pdf_style *style)
{
    bool han = pdf->lang[0] == 'z' && pdf->lang[1] == 'h';
    PangoFontDescription *font = pango_font_description_new();
    pango_font_description_set_family_static(font, families[han][style->face]);
    pango_font_description_set_size(font, style->size_pu > 0 ? style->size_pu : PDF_PT(11));
    pango_font_description_set_weight(font, style->bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_layout_set_font_description(layout, font);
    pango_font_description_free(font);
    pango_layout_set_auto_dir(layout, TRUE);
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_indent(layout, style->indent_pu);
    pango_layout_set_justify(layout, style->justify);
    pango_layout_set_alignment(layout, style->align == PDF_CENTRE ? PANGO_ALIGN_CENTER
                                       : style->align == PDF_END  ? PANGO_ALIGN_RIGHT
                                                                  : PANGO_ALIGN_LEFT);
}

PangoLayout *page_layout(struct pdf *pdf, const struct pdf_style *style, struct str text,
                         int32_t width_pu)
{
    if (pdf->err != ERR_OK)
        return NULL;
    if (text.len > PDF_PARA_BYTES_MAX) {
        page_fail(pdf, ERR_LIMIT, "pdf.too_long", "one paragraph is too long");
        return NULL;
    }
    clean(&pdf->text, text, true);
    if (buf_err(&pdf->text) != ERR_OK) {
        page_fail(pdf, buf_err(&pdf->text), NULL, "text of a paragraph");
        return NULL;
    }
    PangoLayout *layout = pango_layout_new(pdf->context);
    set_style(pdf, layout, style);
    pango_layout_set_width(layout, width_pu);
    pango_layout_set_text(layout, pdf->text.len > 0 ? pdf->text.ptr : "", (int)pdf->text.len);
    if (pango_layout_get_unknown_glyphs_count(layout) > 0)
        for (GSList *l = pango_layout_get_lines_readonly(layout); l != NULL; l = l->next)
            if (!line_is_whole(pdf, l->data))
                break;
    if (pdf->err == ERR_OK)
        return layout;
    g_object_unref(layout);
    return NULL;
}

/* ---- page ---------------------------------------------------------------------------------- */

void page_ink(struct pdf *pdf, enum pdf_ink ink)
{
    static const double shades[3][3] = {{0, 0, 0}, {0.38, 0.38, 0.38}, {0.78, 0.05, 0.05}};
    cairo_set_source_rgb(pdf->cr, shades[ink][0], shades[ink][1], shades[ink][2]);
}

void page_line(struct pdf *pdf, PangoLayoutLine *line, int32_t x_pu, int32_t base_pu)
{
    cairo_move_to(pdf->cr, x_pu / (double)PANGO_SCALE, base_pu / (double)PANGO_SCALE);
    pango_cairo_show_layout_line(pdf->cr, line);
}

void page_stroke(struct pdf *pdf, int32_t x0_pu, int32_t y0_pu, int32_t x1_pu, int32_t y1_pu)
{
    cairo_move_to(pdf->cr, x0_pu / (double)PANGO_SCALE, y0_pu / (double)PANGO_SCALE);
    cairo_line_to(pdf->cr, x1_pu / (double)PANGO_SCALE, y1_pu / (double)PANGO_SCALE);
    cairo_stroke(pdf->cr);
}

/* One line of text in the margin, its base line at `base_pu`. */
static void margin_line(struct pdf *pdf, const struct pdf_style *style, struct str text,
                        int32_t base_pu)
{
    PangoLayout *layout = page_layout(pdf, style, text, pdf->width_pu);
    if (layout == NULL)
        return;
    pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
    PangoLayoutIter *iter = pango_layout_get_iter(layout);
    PangoRectangle logical;
    pango_layout_iter_get_line_extents(iter, NULL, &logical);
    page_ink(pdf, style->ink);
    page_line(pdf, pango_layout_iter_get_line_readonly(iter), pdf->left_pu + logical.x, base_pu);
    pango_layout_iter_free(iter);
    g_object_unref(layout);
}

static void double_line(struct pdf *pdf, enum pdf_line line, int32_t y_pu)
{
    int32_t right_pu = pdf->left_pu + pdf->width_pu;
    int32_t gap_pu = line == PDF_LINE_THIN ? 0 : PDF_PT(2.6);
    double first = line == PDF_LINE_THICK_THIN ? 2.2 : 0.7;
    cairo_set_line_width(pdf->cr, first);
    page_stroke(pdf, pdf->left_pu, y_pu, right_pu, y_pu);
    if (gap_pu == 0)
        return;
    cairo_set_line_width(pdf->cr, line == PDF_LINE_THICK_THIN ? 0.7 : 2.2);
    page_stroke(pdf, pdf->left_pu, y_pu + gap_pu, right_pu, y_pu + gap_pu);
}

/* GB/T 9704-2012: the page number stands below the text (7.5), and a letter has a double line
 * 20 mm above the edge of its first page (10.1). */
static void draw_foot(struct pdf *pdf)
{
    if (pdf->opts.foot_line && pdf->pages == 1) {
        page_ink(pdf, PDF_RED);
        double_line(pdf, PDF_LINE_THIN_THICK, A4_HEIGHT_PU - PDF_MM(20));
    }
    if (pdf->opts.number == PDF_NUMBER_NONE || (pdf->opts.number_from_second && pdf->pages == 1))
        return;
    char number[32];
    bool dashes = pdf->opts.number == PDF_NUMBER_DASHES;
    (void)snprintf(number, sizeof number, dashes ? "\u2014 %u \u2014" : "%u", pdf->pages);
    struct pdf_style style = {
        .align = PDF_CENTRE, .size_pu = dashes ? PDF_PT(14) : PDF_PT(9), .ink = PDF_BLACK};
    margin_line(pdf, &style, str_of(number), pdf->bottom_pu + PDF_MM(11));
}

void page_break(struct pdf *pdf)
{
    if (pdf->err != ERR_OK)
        return;
    if (pdf->pages >= pdf->opts.pages_max) {
        page_fail(pdf, ERR_LIMIT, "pdf.too_long", "more pages than a paper may have");
        return;
    }
    draw_foot(pdf);
    cairo_show_page(pdf->cr);
    if (cairo_status(pdf->cr) != CAIRO_STATUS_SUCCESS) {
        page_fail(pdf, ERR_LIMIT, "pdf.too_long", "the file is too large");
        return;
    }
    pdf->pages++;
    pdf->y_pu = pdf->top_pu;
    struct pdf_style small = {.face = PDF_SANS, .ink = PDF_GREY, .size_pu = PDF_PT(8.5)};
    if (pdf->running.len > 0)
        margin_line(pdf, &small, buf_view(&pdf->running), pdf->top_pu - PDF_MM(8));
}

/* ---- flow ---------------------------------------------------------------------------------- */

void pdf_keep(struct pdf *pdf, int32_t height_pu)
{
    if (pdf->y_pu > pdf->top_pu && height_pu > pdf->bottom_pu - pdf->y_pu)
        page_break(pdf);
}

void pdf_gap(struct pdf *pdf, int32_t height_pu)
{
    if (pdf->y_pu > pdf->top_pu)
        pdf->y_pu += height_pu;
}

void pdf_sink(struct pdf *pdf, int32_t from_foot_pu)
{
    int32_t to_pu = pdf->bottom_pu - from_foot_pu;
    if (to_pu > pdf->y_pu)
        pdf->y_pu = to_pu;
}

void pdf_rule(struct pdf *pdf, enum pdf_line line, enum pdf_ink ink)
{
    pdf_keep(pdf, PDF_PT(6));
    if (pdf->err != ERR_OK)
        return;
    page_ink(pdf, ink);
    double_line(pdf, line, pdf->y_pu + PDF_PT(2));
    pdf->y_pu += PDF_PT(6);
}

/* A paragraph's first line takes a second one with it, and the line before the last the last. */
static int32_t kept_pu(const struct pdf_style *style, int index, int count, int32_t line_pu)
{
    bool first = index == 0 && count > 1;
    bool last_but_one = count > 2 && index == count - 2;
    return first || last_but_one || (style->keep_next && index == count - 1) ? 2 * line_pu
                                                                             : line_pu;
}

static void flow_layout(struct pdf *pdf, const struct pdf_style *style, PangoLayout *layout)
{
    PangoLayoutIter *iter = pango_layout_get_iter(layout);
    int count = pango_layout_get_line_count(layout);
    int index = 0;
    do {
        PangoRectangle logical;
        pango_layout_iter_get_line_extents(iter, NULL, &logical);
        int32_t ascent_pu = pango_layout_iter_get_baseline(iter) - logical.y;
        int32_t line_pu = logical.height > style->line_pu ? logical.height : style->line_pu;
        pdf_keep(pdf, kept_pu(style, index, count, line_pu));
        if (pdf->err != ERR_OK)
            break;
        page_ink(pdf, style->ink);
        page_line(pdf, pango_layout_iter_get_line_readonly(iter),
                  pdf->left_pu + style->left_pu + logical.x,
                  pdf->y_pu + (line_pu - logical.height) / 2 + ascent_pu);
        pdf->y_pu += line_pu;
        index++;
    } while (pango_layout_iter_next_line(iter));
    pango_layout_iter_free(iter);
}

void pdf_para(struct pdf *pdf, const struct pdf_style *style, struct str text)
{
    int32_t width_pu = pdf->width_pu - style->left_pu - style->right_pu;
    pdf_gap(pdf, style->before_pu);
    struct str rest = text, line;
    bool any = str_cut(&rest, '\n', &line);
    while (any && pdf->err == ERR_OK) {
        PangoLayout *layout = page_layout(pdf, style, line, width_pu);
        if (layout == NULL)
            return;
        flow_layout(pdf, style, layout);
        g_object_unref(layout);
        any = str_cut(&rest, '\n', &line);
    }
    if (pdf->y_pu < pdf->bottom_pu)
        pdf_gap(pdf, style->after_pu);
}

static void half_line(struct pdf *pdf, PangoLayout *layout, int32_t line_pu)
{
    PangoLayoutIter *iter = pango_layout_get_iter(layout);
    PangoRectangle logical;
    pango_layout_iter_get_line_extents(iter, NULL, &logical);
    page_line(pdf, pango_layout_iter_get_line_readonly(iter), pdf->left_pu + logical.x,
              pdf->y_pu + (line_pu - logical.height) / 2 + pango_layout_iter_get_baseline(iter) -
                  logical.y);
    pango_layout_iter_free(iter);
}

void pdf_pair(struct pdf *pdf, const struct pdf_style *style, struct str left, struct str right)
{
    struct pdf_style end = *style;
    end.align = PDF_END;
    pdf_gap(pdf, style->before_pu);
    PangoLayout *a = page_layout(pdf, style, left, pdf->width_pu);
    PangoLayout *b = page_layout(pdf, &end, right, pdf->width_pu);
    if (a != NULL && b != NULL) {
        pango_layout_set_ellipsize(a, PANGO_ELLIPSIZE_END);
        pango_layout_set_ellipsize(b, PANGO_ELLIPSIZE_END);
        int natural_pu = 0;
        pango_layout_get_size(b, NULL, &natural_pu);
        int32_t line_pu = natural_pu > style->line_pu ? natural_pu : style->line_pu;
        pdf_keep(pdf, line_pu);
        page_ink(pdf, style->ink);
        half_line(pdf, a, line_pu);
        half_line(pdf, b, line_pu);
        pdf->y_pu += line_pu;
    }
    if (a != NULL)
        g_object_unref(a);
    if (b != NULL)
        g_object_unref(b);
    pdf_gap(pdf, style->after_pu);
}

uint32_t pdf_pages(const struct pdf *pdf)
{
    return pdf->pages;
}

enum err pdf_finish(struct pdf *pdf, struct buf *out)
{
    if (pdf->err == ERR_OK)
        draw_foot(pdf);
    if (pdf->err != ERR_OK)
        return pdf->err;
    cairo_show_page(pdf->cr);
    (void)pthread_mutex_lock(&subsetting);
    cairo_surface_finish(pdf->surface);
    (void)pthread_mutex_unlock(&subsetting);
    cairo_status_t status = cairo_surface_status(pdf->surface);
    if (buf_err(&pdf->file) == ERR_LIMIT)
        page_fail(pdf, ERR_LIMIT, "pdf.too_long", "the file is too large");
    else if (status != CAIRO_STATUS_SUCCESS)
        page_fail(pdf, status == CAIRO_STATUS_NO_MEMORY ? ERR_NOMEM : ERR_INTERNAL, NULL,
                  cairo_status_to_string(status));
    if (pdf->err != ERR_OK)
        return pdf->err;
    buf_str(out, buf_view(&pdf->file));
    pdf->err = buf_err(out);
    if (pdf->err == ERR_OK)
        pdf->err = ERR_INVALID; /* a paper is finished once */
    return buf_err(out);
}
