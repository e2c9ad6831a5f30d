/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "reach/import_run.h"

#include "base/instant.h"
#include "base/mem.h"
#include "db/readers.h"
#include "reach/import_reject.h"
#include "reach/import_store.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PIECE_BYTES = 1 << 16,
    SAMPLE_BYTES = 1 << 20,
    PROGRESS_ROWS = 64,
    DRY_BYTES_MAX = 16 << 20
};

struct run {
    const struct import_job *job;
    struct import_faults *faults;
    struct import_figures *figures;
    struct err_info *info;
    int fd;
    enum charset charset;
    struct charset_reader *charset_reader;
    uint64_t charset_from; /* bytes before the charset reader's first */
    struct csv_reader *csv;
    char separator;
    struct buf text; /* a piece as UTF-8 */
    char *piece;
    struct import_head head;
    bool has_head;
    struct import_house house;
    struct import_rejects rejects;
    struct import_store *store;
    struct db *reader;  /* dry run */
    struct arena arena; /* dry run */
    enum err err;       /* of a row that stops the import; info is set */
};

static enum err io_fault(struct run *r, const char *key)
{
    const enum err err = errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
    (void)err_set(r->info, err, key, "import: %s", strerror(errno));
    err_arg(r->info, 0, r->job->path);
    return err;
}

/* ---- rows
 * ------------------------------------------------------------------------------------------ */

/* Refused by a rule or not well formed: the row's own fault. Everything else stops the import. */
static bool is_rows_fault(enum err err)
{
    return err == ERR_INVALID || err == ERR_REFUSED || err == ERR_LIMIT || err == ERR_CONFLICT;
}

static enum err reject(struct run *r, const struct import_reject *reject)
{
    r->figures->rejected++;
    return import_rejects_put(&r->rejects, reject, r->info);
}

static void count_taken(struct run *r, const struct import_item *item, bool was_known)
{
    if (was_known)
        r->figures->known++;
    else if (item->is_ended)
        r->figures->ended++;
    else
        r->figures->open++;
    r->figures->last_line = item->line;
}

/* A row came back from the writer. */
static void slot_done(void *ctx, struct import_slot *slot)
{
    struct run *r = ctx;
    if (slot->err == ERR_OK) {
        count_taken(r, &slot->item, slot->was_known);
        return;
    }
    if (r->err != ERR_OK)
        return;
    if (!is_rows_fault(slot->err)) {
        r->err = slot->err;
        if (r->info != NULL)
            *r->info = slot->why;
        return;
    }
    const struct import_reject why = {.line = slot->item.line,
                                      .column = SIZE_MAX,
                                      .why = &slot->why,
                                      .raw = slot->raw,
                                      .separator = r->separator};
    r->err = reject(r, &why);
}

static enum err reject_row(struct run *r, const struct csv_row *row, const struct err_info *why,
                           size_t column)
{
    const bool is_broken = row->fault != CSV_FINE;
    const struct import_reject rejected = {
        .line = is_broken ? row->fault_line : row->line,
        .text_column = is_broken ? row->fault_column : 0,
        .column = column,
        .why = why,
        .raw = is_broken || row->count != r->head.count ? STR_NULL : row->raw,
        .separator = r->separator};
    return reject(r, &rejected);
}

static enum err row_in_dry_run(struct run *r, const struct csv_row *row)
{
    struct import_item item;
    struct err_info why = {0};
    size_t column = SIZE_MAX;
    bool is_known = false;
    arena_reset(&r->arena);
    const enum err err =
        import_row_read(r->job->map, &r->head, row, &r->house, &r->arena, &item, &why, &column);
    if (is_rows_fault(err))
        return reject_row(r, row, &why, column);
    TRY(err);
    TRY(import_store_has(r->reader, &r->arena, &item, &is_known));
    count_taken(r, &item, is_known);
    return ERR_OK;
}

static enum err row_to_writer(struct run *r, const struct csv_row *row)
{
    struct import_slot *slot = import_store_slot(r->store);
    struct err_info why = {0};
    size_t column = SIZE_MAX;
    const enum err err = import_row_read(r->job->map, &r->head, row, &r->house, &slot->arena,
                                         &slot->item, &why, &column);
    if (is_rows_fault(err)) {
        /* Those ahead of it first, so that the rejects stand in the order of the file. */
        import_store_drain(r->store);
        return reject_row(r, row, &why, column);
    }
    TRY(err);
    slot->raw = str_copy(&slot->arena, row->raw);
    if (slot->raw.ptr == NULL)
        return ERR_NOMEM;
    import_store_submit(r->store, slot);
    return r->err;
}

static enum err one_row(struct run *r, const struct csv_row *row)
{
    if (!r->has_head) {
        if (row->fault != CSV_FINE)
            return err_set(r->info, ERR_INVALID, csv_fault_key(row->fault), "head line");
        TRY(import_head_bind(r->job->map, row, r->faults, &r->head));
        r->has_head = true;
        r->separator = csv_separator(r->csv);
        return ERR_OK;
    }
    r->figures->rows++;
    TRY(r->job->dry_run ? row_in_dry_run(r, row) : row_to_writer(r, row));
    if (r->job->on_progress != NULL && r->figures->rows % PROGRESS_ROWS == 0)
        r->job->on_progress(r->job->ctx, r->figures);
    return ERR_OK;
}

/* ---- bytes
 * ----------------------------------------------------------------------------------------- */

/* A piece as UTF-8. A byte that is no character becomes one that is no UTF-8 either, so that the
 * reader of rows says where it stands and only that row is lost. */
static enum err to_utf8(struct run *r, struct str piece, bool last)
{
    buf_clear(&r->text);
    struct str rest = piece;
    const uint64_t piece_from = r->figures->bytes - piece.len;
    for (;;) {
        uint64_t bad_at = 0;
        const enum err err = charset_read(r->charset_reader, rest, last, &r->text, &bad_at);
        if (err != ERR_INVALID)
            return err;
        const uint64_t bad_byte = r->charset_from + bad_at;
        buf_char(&r->text, '\xFF');
        charset_reader_free(r->charset_reader);
        r->charset_reader = charset_reader_new(r->charset);
        if (r->charset_reader == NULL)
            return ERR_NOMEM;
        const uint64_t next = bad_byte >= piece_from ? bad_byte - piece_from + 1 : 0;
        rest = str_sub(piece, (size_t)next, piece.len);
        r->charset_from = piece_from + (piece.len - rest.len);
    }
}

static enum err rows_of_piece(struct run *r, struct str piece, bool last)
{
    struct str text = piece;
    if (r->charset != CHARSET_UTF8) {
        TRY(to_utf8(r, piece, last));
        text = buf_view(&r->text);
    }
    TRY(csv_feed(r->csv, text, last));
    if (r->job->dry_run)
        TRY(readers_take(r->job->house->readers, &r->reader, r->info));
    enum err err = ERR_OK;
    struct csv_row row;
    while (err == ERR_OK && *r->job->stop == 0 && csv_next(r->csv, &row))
        err = one_row(r, &row);
    /* A reader is borrowed for a piece only: its snapshot must not stand for long. */
    readers_give(r->job->house->readers, r->reader);
    r->reader = NULL;
    return err;
}

static enum err read_piece(struct run *r, size_t *ret_len)
{
    size_t len = 0;
    while (len < PIECE_BYTES) {
        const ssize_t n = read(r->fd, r->piece + len, PIECE_BYTES - len);
        if (n < 0 && errno == EINTR && *r->job->stop == 0)
            continue;
        if (n < 0 && errno != EINTR)
            return io_fault(r, "import.file_read");
        if (n <= 0)
            break;
        len += (size_t)n;
    }
    r->figures->bytes += len;
    *ret_len = len;
    return ERR_OK;
}

static enum err read_rows(struct run *r)
{
    for (bool more = true; more && *r->job->stop == 0;) {
        size_t len = 0;
        TRY(read_piece(r, &len));
        more = len == PIECE_BYTES;
        TRY(rows_of_piece(r, str_make(r->piece, len), !more));
    }
    if (!r->has_head && *r->job->stop == 0)
        return err_set(r->info, ERR_INVALID, "import.file_empty", "no head line");
    return ERR_OK;
}

/* ---- before and after
 * ------------------------------------------------------------------------------- */

static enum err open_file(struct run *r)
{
    r->fd = open(r->job->path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (r->fd < 0 || fstat(r->fd, &st) != 0)
        return io_fault(r, "import.file_none");
    if (!S_ISREG(st.st_mode)) {
        errno = ENOENT;
        return io_fault(r, "import.file_none");
    }
    r->figures->size = (uint64_t)st.st_size;
    /* The rejects would overwrite what is being read. */
    struct stat rejects;
    if (stat(r->job->rejects, &rejects) == 0 && rejects.st_dev == st.st_dev &&
        rejects.st_ino == st.st_ino)
        return err_set(r->info, ERR_INVALID, "import.rejects_same", "rejects are the file itself");
    return ERR_OK;
}

static enum err find_charset(struct run *r)
{
    CLEANUP(mem_free_ptr) char *sample = mem_new(SAMPLE_BYTES);
    if (sample == NULL)
        return ERR_NOMEM;
    const ssize_t len = pread(r->fd, sample, SAMPLE_BYTES, 0);
    if (len < 0)
        return io_fault(r, "import.file_read");
    const struct str head = str_make(sample, (size_t)len);
    if (str_starts(head, STR("\xFF\xFE")) || str_starts(head, STR("\xFE\xFF")))
        return err_set(r->info, ERR_INVALID, "import.file_utf16", "UTF-16");
    r->charset =
        r->job->map->encoding != CHARSET_UNKNOWN ? r->job->map->encoding : charset_guess(head);
    if (r->charset == CHARSET_UNKNOWN)
        return err_set(r->info, ERR_INVALID, "import.file_charset", "neither UTF-8 nor GB18030");
    if (r->charset == CHARSET_UTF8)
        return ERR_OK;
    r->charset_reader = charset_reader_new(r->charset);
    return r->charset_reader != NULL ? ERR_OK : ERR_NOMEM;
}

static enum err check_kind(struct run *r)
{
    const struct pack *pack = r->job->house->pack;
    if (r->job->map->kind.len == 0 || pack_find_kind(pack, r->job->map->kind) != NULL)
        return ERR_OK;
    (void)err_set(r->info, ERR_INVALID, "import.kind_unknown", "kind of the map");
    CLEANUP(buf_done) struct buf kinds;
    buf_init(&kinds, 4096);
    for (size_t i = 0; i < pack->kind_count; i++) {
        buf_str(&kinds, i > 0 ? STR(", ") : STR(""));
        buf_str(&kinds, pack->kind[i].id);
    }
    CLEANUP(arena_done) struct arena words;
    arena_init(&words, 1 << 16);
    err_arg(r->info, 0, str_c(&words, r->job->map->kind));
    err_arg(r->info, 1, str_c(&words, pack->name_version));
    err_arg(r->info, 2, str_c(&words, buf_view(&kinds)));
    return ERR_INVALID;
}

static enum err prepare(struct run *r)
{
    const struct house *h = r->job->house;
    r->house = (struct import_house){
        .pack = h->pack, .zone = h->zone, .lang = STR("en"), .now_us = instant_now()};
    if (h->pack->language_count > 0)
        r->house.lang = h->pack->language[0];
    r->piece = mem_new(PIECE_BYTES);
    if (r->piece == NULL)
        return ERR_NOMEM;
    TRY(check_kind(r));
    TRY(open_file(r));
    TRY(find_charset(r));
    TRY(csv_open(r->job->map->separator, &r->csv));
    if (r->job->dry_run)
        return ERR_OK;
    return import_store_new(h, r->job->office, slot_done, r, &r->store);
}

static void run_done(struct run *r)
{
    import_store_free(r->store);
    import_rejects_done(&r->rejects);
    csv_close(&r->csv);
    charset_reader_free(r->charset_reader);
    arena_done(&r->arena);
    buf_done(&r->text);
    mem_free(r->piece);
    if (r->fd >= 0)
        close(r->fd);
}

enum err import_run(const struct import_job *job, struct import_faults *faults,
                    struct import_figures *ret_figures, struct err_info *info)
{
    *ret_figures = (struct import_figures){0};
    CLEANUP(run_done)
    struct run r = {.job = job, .faults = faults, .figures = ret_figures, .info = info, .fd = -1};
    buf_init(&r.text, (size_t)PIECE_BYTES * 8);
    arena_init(&r.arena, DRY_BYTES_MAX);
    import_rejects_init(&r.rejects, job->rejects, &r.head);
    enum err err = prepare(&r);
    if (err == ERR_OK)
        err = read_rows(&r);
    if (r.store != NULL)
        import_store_drain(r.store);
    if (err == ERR_OK)
        err = r.err;
    if (job->on_progress != NULL)
        job->on_progress(job->ctx, ret_figures);
    return err;
}
