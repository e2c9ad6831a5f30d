/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "http/frame.h"

#include "http/request.h"

#include <string.h>

/* Written once before the first request. */
static char house_en[128] = "Huiyin";
static char house_zh[128] = "回音";

static void keep(char *into, size_t size, struct str name)
{
    size_t n = name.len < size - 1 ? name.len : size - 1;
    if (n > 0)
        memcpy(into, name.ptr, n);
    into[n] = '\0';
}

void frame_set_house(struct str name_en, struct str name_zh)
{
    keep(house_en, sizeof house_en, name_en);
    keep(house_zh, sizeof house_zh, name_zh);
}

struct str frame_house(const struct msg_lang *lang)
{
    return str_starts(msg_lang_tag(lang), STR("zh")) ? str_of(house_zh) : str_of(house_en);
}

enum err frame_person(struct request *req, struct page_person_frame *f, struct msg_say title)
{
    size_t n = msg_lang_count();
    f->langs = ARENA_ARRAY(req->arena, n, struct page_person_frame_langs);
    if (f->langs == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        const struct msg_lang *lang = msg_lang_at(i);
        f->langs[i].tag = msg_lang_tag(lang);
        f->langs[i].name = msg_lang_name(lang);
        f->langs[i].current = lang == req->lang;
    }
    f->langs_count = n;
    f->title = title;
    f->path = req->path;
    f->house = frame_house(req->lang);
    f->large = req->large;
    f->demo = req->demo;
    f->wrong = req->faults.count > 0 || req->err.err != ERR_OK;
    return ERR_OK;
}

struct msg_say frame_fault_say(const struct form_fault *fault)
{
    struct msg_say say = {.key = msg_key_find(str_of(fault->key)),
                          .args_count = 3,
                          .args = {msg_number("min", fault->min), msg_number("max", fault->max),
                                   msg_number("count", fault->count)}};
    if (say.key == MSG_NONE)
        say.key = MSG_ERR_INVALID;
    return say;
}

struct msg_say frame_fault(const struct request *req, const char *field)
{
    const struct form_fault *fault = form_fault_of(&req->faults, field);
    return fault == NULL ? (struct msg_say){.key = MSG_NONE} : frame_fault_say(fault);
}

enum err frame_faults(struct request *req, struct page_error_summary *e)
{
    size_t n = req->faults.count;
    e->items = ARENA_ARRAY(req->arena, n + 1, struct page_error_summary_items);
    if (e->items == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        e->items[i].field = req->faults.items[i].field;
        e->items[i].what = frame_fault_say(&req->faults.items[i]);
    }
    e->items_count = n;
    if (req->err.err != ERR_OK)
        e->refusal = msg_say_err(&req->err);
    return ERR_OK;
}
