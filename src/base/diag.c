/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/diag.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

static _Atomic int most_level = DIAG_INFO;

void diag_set_level(enum diag_level most)
{
    atomic_store(&most_level, (int)most);
}

void diag_line(enum diag_level level, const char *fmt, ...)
{
    static const char *const NAMES[] = {"error", "warning", "info"};
    if ((int)level > atomic_load(&most_level))
        return;
    char line[1024];
    int n = snprintf(line, sizeof line, "huiyin: %s: ", NAMES[level]);
    va_list ap;
    va_start(ap, fmt);
    int m = vsnprintf(line + n, sizeof line - (size_t)n - 1, fmt, ap);
    va_end(ap);
    size_t len = (size_t)n + (m < 0 ? 0 : (size_t)m);
    if (len > sizeof line - 2)
        len = sizeof line - 2;
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7F)
            line[i] = ' ';
    }
    line[len] = '\n';
    if (write(STDERR_FILENO, line, len + 1) < 0)
        return; /* nobody is left to tell */
}

void diag_err(const char *what, const struct err_info *info)
{
    diag_line(DIAG_ERROR, "%s: %s (%s): %s", what, err_text(info->err), info->key, info->detail);
}
