/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* statements: preloaded, appends every statement that a connection which only reads runs to the
 * file HUIYIN_STATEMENTS, one line each, without its values. */
#include <dlfcn.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static int file = -1;

static int on_statement(unsigned what, void *ctx, void *stmt, void *text)
{
    (void)what;
    (void)ctx;
    (void)text;
    const char *sql = sqlite3_sql(stmt);
    char line[4096];
    size_t n = 0;
    for (; sql != NULL && sql[n] != '\0' && n < sizeof line - 1; n++)
        line[n] = sql[n];
    for (size_t i = 0; i < n; i++)
        if (line[i] == '\n')
            line[i] = ' ';
    line[n] = '\n';
    return write(file, line, n + 1) < 0 ? 1 : 0; /* O_APPEND: whole lines */
}

int sqlite3_open_v2(const char *name, sqlite3 **ret_db, int flags, const char *vfs)
{
    static int (*real)(const char *, sqlite3 **, int, const char *);
    const char *path = getenv("HUIYIN_STATEMENTS");
    if (real == NULL)
        *(void **)&real = dlsym(RTLD_NEXT, "sqlite3_open_v2");
    if (file < 0 && path != NULL)
        file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int rc = real(name, ret_db, flags, vfs);
    if (rc == SQLITE_OK && file >= 0 && (flags & SQLITE_OPEN_READONLY) != 0)
        (void)sqlite3_trace_v2(*ret_db, SQLITE_TRACE_STMT, on_statement, NULL);
    return rc;
}
