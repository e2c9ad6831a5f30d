/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct err_row {
    const char *key;
    const char *text;
};

static const struct err_row ROWS[ERR_COUNT] = {
    [ERR_OK] = {"err.ok", "No error."},
    [ERR_INVALID] = {"err.invalid", "The input is not well formed."},
    [ERR_REFUSED] = {"err.refused", "A rule does not allow this."},
    [ERR_NOT_FOUND] = {"err.not_found", "There is no such thing."},
    [ERR_CONFLICT] = {"err.conflict", "It has changed since you looked; look again and repeat."},
    [ERR_BUSY] = {"err.busy", "Too much is waiting just now; try again in a moment."},
    [ERR_FULL] = {"err.full", "The disk is full; nothing was written."},
    [ERR_LIMIT] = {"err.limit", "It is larger than allowed."},
    [ERR_NOMEM] = {"err.nomem", "Not enough memory for this request."},
    [ERR_IO] = {"err.io", "Reading or writing failed."},
    [ERR_CORRUPT] = {"err.corrupt", "Stored data is contradictory; run `huiyin rebuild --check`."},
    [ERR_VERSION] = {"err.version", "Written by a newer program; upgrade before you go on."},
    [ERR_INTERNAL] = {"err.internal", "The program made a mistake."},
};

enum err err_set(struct err_info *info, enum err err, const char *key, const char *detail_fmt, ...)
{
    if (info == NULL)
        return err;
    info->err = err;
    info->key[0] = '\0';
    if (key != NULL)
        (void)snprintf(info->key, sizeof info->key, "%s", key);
    memset(info->arg, 0, sizeof info->arg);
    info->detail[0] = '\0';
    if (detail_fmt != NULL) {
        va_list ap;
        va_start(ap, detail_fmt);
        (void)vsnprintf(info->detail, sizeof info->detail, detail_fmt, ap);
        va_end(ap);
    }
    return err;
}

void err_arg(struct err_info *info, size_t i, const char *text)
{
    if (info == NULL || i >= ERR_ARGS || text == NULL)
        return;
    size_t n = strlen(text);
    if (n > ERR_ARG_BYTES - 1) {
        n = ERR_ARG_BYTES - 1;
        while (n > 0 && ((unsigned char)text[n] & 0xC0U) == 0x80U)
            n--;
    }
    memcpy(info->arg[i], text, n);
    info->arg[i][n] = '\0';
}

const char *err_text(enum err err)
{
    return (unsigned)err < ERR_COUNT ? ROWS[err].text : ROWS[ERR_INTERNAL].text;
}

const char *err_key(enum err err)
{
    return (unsigned)err < ERR_COUNT ? ROWS[err].key : ROWS[ERR_INTERNAL].key;
}
