/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * wording: one text in several languages, as a pack gives it. Views into the pack's arena.
 */
#ifndef HUIYIN_SPINE_WORDING_H
#define HUIYIN_SPINE_WORDING_H

#include "base/str.h"

struct wording_in {
    struct str lang; /* "en", "zh-CN" */
    struct str text;
};

struct wording {
    const struct wording_in *in;
    size_t count;
};

/* The text in `lang`; else in its base language ("zh" for "zh-CN"), else the first; a null str
 * when there is none at all. */
struct str wording_pick(const struct wording *w, struct str lang);

#endif
