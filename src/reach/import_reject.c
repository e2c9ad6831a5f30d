/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "reach/import_reject.h"

#include "base/mem.h"
#include "lib/text/msg.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { LINE_BYTES_MAX = 16 << 20 };

void import_rejects_init(struct import_rejects *r, const char *path, const struct import_head *head)
{
    *r = (struct import_rejects){.path = path, .head = head, .fd = -1};
    buf_init(&r->line, LINE_BYTES_MAX);
}

void import_rejects_done(struct import_rejects *r)
{
    if (r->fd >= 0)
        close(r->fd);
    r->fd = -1;
    buf_done(&r->line);
}

static enum err failed(const struct import_rejects *r, struct err_info *info)
{
    const enum err err = errno == ENOSPC || errno == EDQUOT ? ERR_FULL : ERR_IO;
    (void)err_set(info, err, "import.rejects_write", "rejects: %s", strerror(errno));
    err_arg(info, 0, r->path);
    return err;
}

static enum err write_line(struct import_rejects *r, struct err_info *info)
{
    if (buf_err(&r->line) != ERR_OK)
        return err_set(info, buf_err(&r->line), NULL, "a line of the rejects");
    for (size_t at = 0; at < r->line.len;) {
        const ssize_t n = write(r->fd, r->line.ptr + at, r->line.len - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return failed(r, info);
        at += (size_t)n;
    }
    return ERR_OK;
}

static bool is_own(const struct import_rejects *r, size_t column)
{
    return str_starts(r->head->name[column], STR(IMPORT_OWN_COLUMNS));
}

static enum err make_file(struct import_rejects *r, struct err_info *info)
{
    r->fd = open(r->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (r->fd < 0)
        return failed(r, info);
    buf_clear(&r->line);
    buf_c(&r->line, "\xEF\xBB\xBF");
    csv_put(&r->line, STR(IMPORT_OWN_COLUMNS "line"), true);
    csv_put(&r->line, STR(IMPORT_OWN_COLUMNS "column"), false);
    csv_put(&r->line, STR(IMPORT_OWN_COLUMNS "name"), false);
    csv_put(&r->line, STR(IMPORT_OWN_COLUMNS "reason.zh-CN"), false);
    csv_put(&r->line, STR(IMPORT_OWN_COLUMNS "reason.en"), false);
    for (size_t i = 0; i < r->head->count; i++)
        if (!is_own(r, i))
            csv_put(&r->line, r->head->name[i], false);
    csv_end(&r->line);
    return write_line(r, info);
}

/* The fields that may be shown again. */
static enum err put_fields(struct import_rejects *r, const struct import_reject *reject)
{
    if (str_is_null(reject->raw))
        return ERR_OK;
    CLEANUP(csv_close) struct csv_reader *reader = NULL;
    TRY(csv_open(reject->separator, &reader));
    TRY(csv_feed(reader, reject->raw, true));
    struct csv_row row;
    if (!csv_next(reader, &row))
        return ERR_OK;
    for (size_t i = 0; i < r->head->count; i++) {
        const struct import_column *c = r->head->column[i];
        const bool is_shown = c != NULL && c->use_count > 0 && c->person == IMPORT_NO_PERSON &&
                              c->uses[0].to < TO_IDENTITY_NAME && i < row.count;
        bool is_key = false;
        for (size_t k = 0; k < IMPORT_KEYS_MAX; k++)
            is_key = is_key || (c != NULL && r->head->key[k] == i && i < row.count);
        if (!is_own(r, i))
            csv_put(&r->line, is_shown || is_key ? row.fields[i].text : STR(""), false);
    }
    return ERR_OK;
}

static void put_reason(struct import_rejects *r, const char *lang, const struct err_info *why)
{
    CLEANUP(buf_done) struct buf text;
    buf_init(&text, 4096);
    msg_put_err(&text, msg_lang_find(str_of(lang)), why);
    csv_put(&r->line, buf_view(&text), false);
}

enum err import_rejects_put(struct import_rejects *r, const struct import_reject *reject,
                            struct err_info *info)
{
    if (r->fd < 0)
        TRY(make_file(r, info));
    r->count++;
    buf_clear(&r->line);
    buf_i64(&r->line, reject->line);
    buf_char(&r->line, ',');
    const bool has_column = reject->column < r->head->count;
    if (has_column || reject->text_column > 0)
        buf_i64(&r->line, has_column ? (int64_t)reject->column + 1 : reject->text_column);
    csv_put(&r->line, has_column ? r->head->name[reject->column] : STR(""), false);
    put_reason(r, "zh-CN", reject->why);
    put_reason(r, "en", reject->why);
    TRY(put_fields(r, reject));
    csv_end(&r->line);
    return write_line(r, info);
}
