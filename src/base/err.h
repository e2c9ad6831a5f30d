/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * err: how a function says that it did not do what it was asked.
 *
 * Every function that can fail returns `enum err`; ERR_OK is zero. Two channels go with it, both
 * in a struct err_info that the caller supplies (and may leave out with NULL):
 *   key     a message-catalogue key with up to ERR_ARGS arguments: a whole sentence for the person;
 *   detail  a line for the log: names the file, the statement, the row. Never shown to a person,
 *           never holds what a person wrote.
 * Invalid input from a form is not an error but data: see http/form.h.
 *
 *     if (size > MAX)
 *         return err_set(info, ERR_LIMIT, "file.too_large", "%zu bytes in %s", size, path);
 *     TRY(db_step(stmt, &row));
 *
 * Nothing here allocates. Thread-safe.
 */
#ifndef HUIYIN_BASE_ERR_H
#define HUIYIN_BASE_ERR_H

#include <stdbool.h>
#include <stddef.h>

enum err {
    ERR_OK = 0,
    ERR_INVALID,   /* the input is not well formed, or says something impossible */
    ERR_REFUSED,   /* well formed, but a rule forbids it; key says which and what to do instead */
    ERR_NOT_FOUND, /* there is no such thing, or not for this reader */
    ERR_CONFLICT,  /* the thing has moved on since the reader looked */
    ERR_BUSY,      /* the queue is full: the same call may succeed in a moment */
    ERR_FULL,      /* no room on the disk */
    ERR_LIMIT,     /* a fixed bound was passed: size, count, time */
    ERR_NOMEM,     /* no memory for this one request */
    ERR_IO,        /* the operating system or a peer failed */
    ERR_CORRUPT,   /* stored data contradicts itself */
    ERR_VERSION,   /* written by a newer program, or by something else altogether */
    ERR_INTERNAL,  /* a defect in the program */
    ERR_COUNT
};

enum { ERR_ARGS = 3, ERR_ARG_BYTES = 96 };

/* What went wrong, for the person (key, arg) and for the log (detail). */
struct err_info {
    enum err err;
    char key[64];                      /* catalogue key, "" when only the class is known */
    char arg[ERR_ARGS][ERR_ARG_BYTES]; /* arguments {0} {1} {2} of that sentence */
    char detail[512];
};

/* Leaves the calling function with the error of `expr`; the only macro that returns. */
#define TRY(expr)                                                                                  \
    do {                                                                                           \
        enum err try_err_ = (expr);                                                                \
        if (try_err_ != ERR_OK)                                                                    \
            return try_err_;                                                                       \
    } while (0)

/* Fills *info (when not NULL) and returns `err`, so that it can stand in a return statement.
 * `key` may be NULL. */
enum err err_set(struct err_info *info, enum err err, const char *key, const char *detail_fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Sets argument `i` of the sentence, cut at ERR_ARG_BYTES - 1 on a character boundary. */
void err_arg(struct err_info *info, size_t i, const char *text);

/* The class of error in one English sentence, for logs and command lines. Never NULL. */
const char *err_text(enum err err);

/* The catalogue key of the class ("err.busy"), for when info has no key of its own. Never NULL. */
const char *err_key(enum err err);

#endif
