/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * pack_read: takes the members of a pack's JSON and lists what is wrong with them. For the files
 * pack*.c alone.
 *
 * Every function goes on after a fault, so that one check shows them all; what could not be read
 * is left empty. Texts and lists live in the pack's arena. Running out of memory is a fault of its
 * own (reader.nomem) and ends the loading.
 */
#ifndef HUIYIN_SPINE_PACK_READ_H
#define HUIYIN_SPINE_PACK_READ_H

#include "lib/json/jsonr.h"
#include "spine/pack.h"

struct pack_reader {
    struct arena *a;
    struct pack_faults *faults;
    struct str file; /* being read, within the pack */
    const struct pack_refused *refused;
    const struct str *language;
    size_t language_count;
    bool nomem;
};

/* `key` is what follows "pack.fault."; arguments may be null strs. */
void pack_fault(struct pack_reader *r, const struct json *at, const char *key, struct str arg0,
                struct str arg1);
/* The same for something that is not there or is not JSON. */
void pack_fault_file(struct pack_reader *r, int32_t line, const char *key, struct str arg0);

void *pack_array(struct pack_reader *r, size_t count, size_t size);
struct str pack_printf(struct pack_reader *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Reads a file of at most 4 MiB below `dir`. ERR_NOT_FOUND without a fault; anything else that is
 * wrong is a fault and gives ERR_INVALID. */
enum err pack_file(struct pack_reader *r, const char *dir, const char *name,
                   const struct json **ret_top);

/* Members that are none of `names` (ending in NULL) are faults. */
void pack_only(struct pack_reader *r, const struct json *object, const char *const *names);

/* The member when it is there and of that kind. A wrong kind is a fault, absence only when
 * `required`. */
const struct json *pack_member(struct pack_reader *r, const struct json *object, const char *name,
                               enum json_kind kind, bool required);

struct str pack_text(struct pack_reader *r, const struct json *object, const char *name,
                     size_t chars_max, bool required);
/* A word of lower-case letters, digits, '_' and '-'. */
struct str pack_id(struct pack_reader *r, const struct json *object, const char *name,
                   bool required);
int32_t pack_int(struct pack_reader *r, const struct json *object, const char *name, int32_t min,
                 int32_t max, int32_t fallback);
bool pack_truth(struct pack_reader *r, const struct json *object, const char *name, bool fallback);
/* "2026-03-01"; a null str when absent. */
struct str pack_date(struct pack_reader *r, const struct json *object, const char *name);

/* One text in every language of the pack; `label` says which words are refused in it. */
struct wording pack_wording(struct pack_reader *r, const struct json *object, const char *name,
                            enum pack_label label, bool required);
void pack_wording_into(struct pack_reader *r, const struct json *value, enum pack_label label,
                       struct wording *ret);
void pack_check_label(struct pack_reader *r, const struct json *at, enum pack_label label,
                      struct str text);

/* The place of the word in `words` (ending in NULL; words[0] is "" for unset); 0 and a fault that
 * lists the words when it is none of them, 0 without one when absent and not required. */
int pack_word(struct pack_reader *r, const struct json *object, const char *name,
              const char *const *words, bool required);
const struct str *pack_strs(struct pack_reader *r, const struct json *object, const char *name,
                            size_t *ret_count);
struct due_span pack_span(struct pack_reader *r, const struct json *value);

const struct calendar *pack_read_calendar(struct pack_reader *r, const struct json *top);
/* dues, calendars and sources stand already in *p. */
void pack_read_dues(struct pack_reader *r, const struct json *top, struct pack *p);
void pack_read_kinds(struct pack_reader *r, const struct json *top, struct pack *p);

extern const char *const PACK_UNITS[];

#endif
