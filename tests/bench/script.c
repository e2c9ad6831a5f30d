/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/bench/script.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUES_FIRST = 1024 };

/* ---- values --------------------------------------------------------------------------------- */

/* 'it''s': taken apart in place. Returns what follows, NULL when it does not end. */
static char *read_quoted(char *at, struct str *ret_bytes)
{
    char *to = at;
    char *from = at + 1;
    for (; *from != '\0'; from++) {
        if (*from == '\'' && from[1] == '\'')
            from++;
        else if (*from == '\'')
            break;
        *to++ = *from;
    }
    *ret_bytes = str_make(at, (size_t)(to - at));
    return *from == '\'' ? from + 1 : NULL;
}

static char *read_blob(char *at, struct str *ret_bytes)
{
    struct str hex = STR_NULL;
    char *end = read_quoted(at + 1, &hex);
    if (end == NULL || !str_from_hex(hex, at, hex.len / 2))
        return NULL;
    *ret_bytes = str_make(at, hex.len / 2);
    return end;
}

static char *read_value(char *at, struct script_value *ret)
{
    char *end = at;
    *ret = (struct script_value){.type = SQLITE_NULL};
    if (strncmp(at, "NULL", 4) == 0)
        return at + 4;
    if (*at == '\'') {
        ret->type = SQLITE_TEXT;
        return read_quoted(at, &ret->bytes);
    }
    if (*at == 'x') {
        ret->type = SQLITE_BLOB;
        return read_blob(at, &ret->bytes);
    }
    ret->type = SQLITE_INTEGER;
    ret->number = strtoll(at, &end, 10);
    return end == at ? NULL : end;
}

/* ---- steps ---------------------------------------------------------------------------------- */

static struct script_value *value_new(struct script *s)
{
    if (s->value_count == s->value_room) {
        size_t room = s->value_room == 0 ? VALUES_FIRST : s->value_room * 2;
        struct script_value *values = mem_resize(s->values, room * sizeof *values);
        if (values == NULL)
            return NULL;
        s->values = values;
        s->value_room = room;
    }
    return &s->values[s->value_count++];
}

/* Walks along `text` and `spelt`; where the first has ?N the second has its value. */
static bool read_values(struct script *s, const char *text, char *spelt)
{
    bool is_quoted = false;
    while (*text != '\0') {
        if (*text == '?' && !is_quoted) {
            char *after = NULL;
            long place = strtol(text + 1, &after, 10);
            struct script_value *value = value_new(s);
            if (place < 1 || value == NULL || (spelt = read_value(spelt, value)) == NULL)
                return false;
            value->place = (int)place;
            text = after;
            continue;
        }
        is_quoted = is_quoted != (*text == '\'');
        if (*text++ != *spelt++)
            return false;
    }
    return *spelt == '\0';
}

static int text_find(struct script *s, char *text)
{
    for (int i = 0; i < s->text_count; i++)
        if (strcmp(s->texts[i], text) == 0)
            return i;
    if (s->text_count == SCRIPT_TEXTS_MAX)
        return -1;
    s->texts[s->text_count] = text;
    return s->text_count++;
}

static bool read_step(struct script *s, char *line)
{
    char *separator = strchr(line, SCRIPT_SEPARATOR);
    if (separator == NULL || s->step_count == SCRIPT_STEPS_MAX)
        return false;
    *separator = '\0';
    struct script_step *step = &s->steps[s->step_count++];
    *step = (struct script_step){.text = text_find(s, line), .first = s->value_count};
    bool is_read = step->text >= 0 && read_values(s, line, separator + 1);
    step->end = s->value_count;
    return is_read;
}

static char *file_read(const char *path)
{
    FILE *f = fopen(path, "re");
    char *bytes = NULL;
    long size = -1;
    if (f != NULL && fseek(f, 0, SEEK_END) == 0 && (size = ftell(f)) > 0 &&
        fseek(f, 0, SEEK_SET) == 0)
        bytes = mem_new((size_t)size + 1);
    if (bytes != NULL)
        bytes[fread(bytes, 1, (size_t)size, f)] = '\0';
    if (f != NULL)
        (void)fclose(f);
    return bytes;
}

enum err script_read(const char *path, struct script *ret_script, struct err_info *info)
{
    struct script s = {.bytes = file_read(path),
                       .steps = mem_new_array(SCRIPT_STEPS_MAX, sizeof *s.steps)};
    enum err err = ERR_OK;
    if (s.bytes == NULL || s.steps == NULL)
        err = err_set(info, ERR_IO, NULL, "cannot read %s", path);
    char *rest = s.bytes;
    for (int n = 1; err == ERR_OK && rest != NULL && *rest != '\0'; n++) {
        char *line = strsep(&rest, "\n");
        if (!read_step(&s, line))
            err = err_set(info, ERR_INVALID, NULL, "%s:%d cannot be run again: %s", path, n, line);
    }
    if (err != ERR_OK) {
        script_done(&s);
        return err;
    }
    *ret_script = s;
    return ERR_OK;
}

void script_done(struct script *s)
{
    mem_free(s->steps);
    mem_free(s->values);
    mem_free(s->bytes);
    *s = (struct script){.text_count = 0};
}

void script_bind(const struct script *s, const struct script_step *step, sqlite3_stmt *stmt)
{
    for (size_t i = step->first; i < step->end; i++) {
        const struct script_value *v = &s->values[i];
        if (v->type == SQLITE_INTEGER)
            (void)sqlite3_bind_int64(stmt, v->place, v->number);
        else if (v->type == SQLITE_TEXT)
            (void)sqlite3_bind_text64(stmt, v->place, v->bytes.ptr, v->bytes.len, SQLITE_STATIC,
                                      SQLITE_UTF8);
        else if (v->type == SQLITE_BLOB)
            (void)sqlite3_bind_blob64(stmt, v->place, v->bytes.ptr, v->bytes.len, SQLITE_STATIC);
        else
            (void)sqlite3_bind_null(stmt, v->place);
    }
}
