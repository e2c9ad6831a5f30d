/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * demo: an invented town to look at, and for the walks in a browser.
 *
 * Its offices, officers and the words of its matters are data (packs/demo/town.json, English and
 * Chinese); what happened in it is made by the same use cases that people use, one after the other
 * under a virtual clock from 120 days ago until now, so that every due, event and log entry is as
 * real as the program makes them. The same seed gives the same town on the same day.
 *
 * Only for a house that was made with `demo`: its pages carry a band that says so.
 */
#ifndef HUIYIN_KEEP_DEMO_H
#define HUIYIN_KEEP_DEMO_H

#include "base/arena.h"
#include "base/err.h"
#include "base/ids.h"
#include "base/str.h"

struct house;

enum { DEMO_CODES_MAX = 8, DEMO_DAYS = 120 };

/* A matter one can come back to. */
struct demo_code {
    char text[32]; /* "0123 4567 ..." */
    struct str lang;
    struct str title;
};

/* Who can log in. Strings live in the arena given. */
struct demo_login {
    struct officer_id id; /* has no password yet: main sets it */
    struct str login;
    struct str name;
    struct str post; /* word of the first post: "desk" */
    struct str office_en;
    struct str office_zh;
};

struct demo_told {
    size_t matters;
    size_t events; /* commands carried out */
    struct demo_login *logins;
    size_t login_count;
    struct demo_code codes[DEMO_CODES_MAX];
    size_t code_count;
};

/* Fills an empty house. `packs_dir` is the folder that has demo/town.json. ERR_REFUSED
 * "keep.demo.not_demo" when the house was not made for it; ERR_INVALID with a detail that names the
 * file and line when town.json says something impossible; otherwise what the use case said. */
enum err demo_make(struct house *h, struct arena *a, const char *packs_dir,
                   struct demo_told *ret_told, struct err_info *info);

#endif
