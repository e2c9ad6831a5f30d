/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * words: one text in several languages, as a pack gives it. Views into the pack's arena.
 */
#ifndef HUIYIN_SPINE_WORDS_H
#define HUIYIN_SPINE_WORDS_H

#include "base/str.h"

struct words_in {
    struct str lang; /* "en", "zh-CN" */
    struct str text;
};

struct words {
    const struct words_in *in;
    size_t count;
};

/* The text in `lang`; else in its base language ("zh" for "zh-CN"), else the first; a null str
 * when there is none at all. */
struct str words_pick(const struct words *w, struct str lang);

#endif
