/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * demo_town: what packs/demo/town.json says, and the offices and officers made of it.
 *
 * Views point into the arena it was read into. Private to keep/demo.
 */
#ifndef HUIYIN_KEEP_DEMO_TOWN_H
#define HUIYIN_KEEP_DEMO_TOWN_H

#include "base/arena.h"
#include "base/err.h"
#include "base/ids.h"
#include "matter/matter.h"
#include "spine/verb.h"

struct json;
struct tx;

enum demo_lang { DEMO_EN = 0, DEMO_ZH = 1, DEMO_LANGS = 2 };
enum { DEMO_POSTS = 4 };

struct demo_office {
    struct str code;
    struct str parent; /* code, "" at the top */
    struct str place;
    struct str name[DEMO_LANGS];
    struct str hours[DEMO_LANGS];
    struct str address;
    struct str phone;
    bool outside;
    const struct json *remit; /* base codes of the kinds it answers for, "" for all */
    struct office_id id;
};

struct demo_post {
    struct str office; /* code */
    enum post post;
};

struct demo_officer {
    struct str login;
    struct str name;
    struct str lang;
    struct demo_post posts[DEMO_POSTS];
    size_t post_count;
    struct officer_id id;
};

/* One case's words in one language; "{place}" stands where the place goes. */
struct demo_words {
    struct str title, text, wish, asked, found, basis, remedy;
};

struct demo_case {
    struct str base;   /* base code of its kind */
    struct str office; /* code of the office that answers */
    enum matter_outcome outcome;
    const struct json *places; /* [["in English", "in Chinese"], …] */
    struct demo_words words[DEMO_LANGS];
};

struct demo_town {
    struct demo_office *offices;
    size_t office_count;
    struct demo_officer *officers;
    size_t officer_count;
    struct demo_case *cases;
    size_t case_count;
    const struct json *words[DEMO_LANGS];  /* what officers and people say in between */
    const struct json *people[DEMO_LANGS]; /* invented names for the contact cards */
};

/* "en", "zh-CN". */
struct str demo_lang_tag(enum demo_lang lang);

/* ERR_NOT_FOUND, ERR_INVALID (detail: file, line, what), ERR_NOMEM. */
enum err demo_town_read(struct arena *a, const char *path, struct demo_town *ret_town,
                        struct err_info *info);

const struct demo_office *demo_town_office(const struct demo_town *t, struct str code);
/* Somebody who holds one of the posts (bits 1 << post) in the office; NULL when nobody does. */
const struct demo_officer *demo_town_who(const struct demo_town *t, struct office_id office,
                                         uint32_t posts);
/* A sentence of words[lang], "" when there is none of that name. */
struct str demo_town_say(const struct demo_town *t, enum demo_lang lang, const char *name);

/* In a job: makes offices and officers and fills in their ids; posts run from `from_day`. Kinds of
 * remits are the pack's first of that base code; a base the pack has no kind for is left out. */
struct pack;
enum err demo_town_build(struct tx *tx, struct demo_town *t, const struct pack *pack,
                         int32_t from_day);

/* The pack's first kind of that base code, else of a complaint, else of a claim, else its first. */
const struct pack_kind *demo_town_kind(const struct pack *pack, struct str base);

#endif
