/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * msg: every sentence a person can read, from the catalogues in locale/.
 *
 * `locale/<room>.<language>.json` is a flat object {"room.key": "ICU MessageFormat text"}. At build
 * time tools/gen_messages.py checks them against each other and writes them as tables
 * (lib/text/msg_key.h has the enum of keys), so nothing is parsed at run time. Understood:
 *     {name}                     the argument as text; a number in the reader's digits and groups
 *     {n, number}                a number
 *     {d, date} {d, date, short} a day: "Friday 13 March 2026", "13 March 2026"
 *     {t, time}                  an instant in the house's zone: "13 March 2026, 14:05"
 *     {n, plural, =0{none} one{# day} other{# days}}   plural categories by ICU
 *     {x, select, yes{…} other{…}}
 *     '{' for a brace, '' for an apostrophe
 * Arguments are found by name. Text arguments where a number or a date is asked are read as such
 * (the arguments {0} {1} {2} of an err_info are text), and stay text when they are not one.
 * A language other than the two shipped falls back to English key by key.
 *
 *     struct msg_arg args[] = {msg_text("name", office), msg_number("n", days)};
 *     msg_put(&b, lang, MSG_DESK_WAITING, args, 2);
 *
 * Output is plain text, never markup: templates escape it. ICU objects are cached per thread.
 * Any thread.
 */
#ifndef HUIYIN_LIB_TEXT_MSG_H
#define HUIYIN_LIB_TEXT_MSG_H

#include "base/err.h"
#include "base/str.h"
#include "lib/text/msg_key.h"

#include <stdint.h>

struct msg_lang;

enum msg_arg_kind { MSG_ARG_NONE = 0, MSG_ARG_TEXT, MSG_ARG_NUMBER, MSG_ARG_DAY, MSG_ARG_INSTANT };

struct msg_arg {
    const char *name;
    enum msg_arg_kind kind;
    struct str text;
    int64_t value; /* number, day or instant in microseconds */
};

enum { MSG_ARGS_MAX = 8 };

/* A sentence that is not yet in a language: a key with its arguments, for views and refusals. */
struct msg_say {
    enum msg_key key;
    size_t args_count;
    struct msg_arg args[MSG_ARGS_MAX];
};

struct msg_arg msg_text(const char *name, struct str text);
struct msg_arg msg_number(const char *name, int64_t number);
struct msg_arg msg_day(const char *name, int32_t day);
struct msg_arg msg_instant(const char *name, int64_t at_us);

/* Languages in the order of the chooser; English is first and is the fall-back. Never freed. */
size_t msg_lang_count(void);
const struct msg_lang *msg_lang_at(size_t i);
/* "en", "zh-CN"; any case; "zh", "zh-Hans-CN", "en-GB" find their language too. NULL when none. */
const struct msg_lang *msg_lang_find(struct str tag);
/* The best of an Accept-Language header; English when nothing fits. Never NULL. */
const struct msg_lang *msg_lang_choose(struct str accept_language);
struct str msg_lang_tag(const struct msg_lang *lang);  /* "zh-CN" */
struct str msg_lang_name(const struct msg_lang *lang); /* in itself: "简体中文" */
/* The ICU locale behind it, for dates, numbers and sorting. */
const char *msg_lang_locale(const struct msg_lang *lang);

/* Appends the sentence. An argument that is missing is written as "{name}": the build checks
 * templates, tests check the rest. */
void msg_put(struct buf *b, const struct msg_lang *lang, enum msg_key key,
             const struct msg_arg *args, size_t args_count);
void msg_put_say(struct buf *b, const struct msg_lang *lang, const struct msg_say *say);

/* Has the sentence no arguments? */
bool msg_is_plain(const struct msg_lang *lang, enum msg_key key);
/* Then it: a view into the tables, no work. Otherwise its key. */
struct str msg_plain(const struct msg_lang *lang, enum msg_key key);

/* The key of that name, or MSG_NONE. msg_key_name gives it back. */
enum msg_key msg_key_find(struct str name);
struct str msg_key_name(enum msg_key key);

/* The sentence of an error for a person: info->key with {0} {1} {2}, else that of its class. */
void msg_put_err(struct buf *b, const struct msg_lang *lang, const struct err_info *info);
struct msg_say msg_say_err(const struct err_info *info);

#endif
