/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "people/view.h"

#include "base/instant.h"
#include "base/mem.h"
#include "http/frame.h"
#include "spine/house.h"
#include "spine/office.h"

struct page_field people_field(struct request *req, const char *name, enum msg_key label,
                               enum msg_key hint, const char *type)
{
    return (struct page_field){.name = str_of(name),
                               .label = label,
                               .hint = hint,
                               .value = request_typed(req, name),
                               .fault = frame_fault(req, name),
                               .type = str_of(type),
                               .fill = STR("off")};
}

enum msg_key people_post_key(enum post post)
{
    char key[64];
    int n = snprintf(key, sizeof key, "post.%s", post_name(post));
    return msg_key_find(str_make(key, (size_t)n));
}

struct str people_office_name(struct request *req, struct office_id id)
{
    const struct office *o = office_find(house_tree(req->house), id);
    return o == NULL ? STR("?") : office_name(o, msg_lang_tag(req->lang));
}

struct str people_post_id(struct request *req, struct office_id office, enum post post)
{
    const struct office *o = office_find(house_tree(req->house), office);
    char *text = arena_printf(req->arena, STR_FMT "/%s", STR_ARG(o == NULL ? STR("") : o->code),
                              post_name(post));
    return text == NULL ? STR("") : str_of(text);
}

bool people_post_of(const struct house *h, struct str id, struct office_id *ret_office,
                    enum post *ret_post)
{
    char name[32];
    size_t slash = str_find(id, STR("/"));
    struct str tail = slash == SIZE_MAX ? STR("") : str_sub(id, slash + 1, id.len);
    if (tail.len == 0 || tail.len >= sizeof name)
        return false;
    memcpy(name, tail.ptr, tail.len);
    name[tail.len] = '\0';
    const struct office *o = office_find_code(house_tree(h), str_sub(id, 0, slash));
    enum post post = post_parse(name);
    if (o == NULL || post == POST_UNSET)
        return false;
    *ret_office = o->id;
    *ret_post = post;
    return true;
}

struct str people_day_text(struct request *req, int32_t day)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 32);
    day_format(day, &b);
    struct str s = str_copy(req->arena, buf_view(&b));
    return str_is_null(s) ? STR("") : s;
}

struct msg_say people_refusal(const struct request *req)
{
    if (req->err.err == ERR_OK)
        return (struct msg_say){.key = MSG_NONE};
    return msg_say_err(&req->err);
}
