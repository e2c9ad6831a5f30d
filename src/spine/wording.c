/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "spine/wording.h"

static struct str base_language(struct str lang)
{
    size_t dash = str_find(lang, STR("-"));
    return dash == SIZE_MAX ? lang : str_sub(lang, 0, dash);
}

struct str wording_pick(const struct wording *w, struct str lang)
{
    if (w == NULL || w->count == 0)
        return STR_NULL;
    for (size_t i = 0; i < w->count; i++) {
        if (str_eq(w->in[i].lang, lang))
            return w->in[i].text;
    }
    for (size_t i = 0; i < w->count; i++) {
        if (str_eq(base_language(w->in[i].lang), base_language(lang)))
            return w->in[i].text;
    }
    return w->in[0].text;
}
