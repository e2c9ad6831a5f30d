/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "matter/desk.h"

#include "base/instant.h"
#include "base/mem.h"
#include "lib/text/date.h"
#include "lib/text/zone.h"
#include "matter/desk.sql.h"
#include "spine/keys.h"
#include "spine/ref.h"

const struct house *desk_house(const struct request *req)
{
    return req->house;
}

int32_t desk_today(const struct request *req)
{
    return house_day(desk_house(req), req->now_us);
}

struct str desk_lang(const struct request *req)
{
    return msg_lang_tag(req->lang);
}

enum msg_key desk_key(const char *prefix, struct str word)
{
    char name[80];
    struct buf b = {.ptr = name, .size = sizeof name, .cap_bytes = sizeof name};
    buf_c(&b, prefix);
    buf_str(&b, word);
    return buf_err(&b) == ERR_OK ? msg_key_find(buf_view(&b)) : MSG_NONE;
}

enum msg_key desk_state_key(enum matter_state s)
{
    return desk_key("matter.state.", matter_state_word(s));
}

enum msg_key desk_channel_key(enum matter_channel c)
{
    return desk_key("matter.channel.", matter_channel_word(c));
}

enum msg_key desk_identity_key(enum matter_identity i)
{
    return desk_key("matter.identity.", matter_identity_word(i));
}

enum msg_key desk_do_key(enum matter_do what)
{
    return desk_key("matter.do.", matter_do_word(what));
}

enum msg_key desk_event_key(struct str type)
{
    if (str_starts(type, STR("matter.")))
        return desk_key("matter.event.", str_sub(type, 7, type.len));
    if (str_starts(type, STR("due.")))
        return desk_key("matter.event.due_", str_sub(type, 4, type.len));
    return MSG_NONE;
}

struct str desk_office_name(const struct request *req, struct office_id id)
{
    const struct office *o = office_find(house_tree(desk_house(req)), id);
    return o == NULL ? STR("") : office_name(o, desk_lang(req));
}

struct str desk_officer_name(struct request *req, struct officer_id id)
{
    struct officer_name_row row;
    if (id.v == 0 || officer_name(req->db, req->arena, id, &row) != ERR_OK)
        return STR("");
    return row.name;
}

struct str desk_kind_name(const struct request *req, struct str kind)
{
    const struct pack_kind *k = pack_find_kind(desk_house(req)->pack, kind);
    return k == NULL ? kind : wording_pick(&k->name, desk_lang(req));
}

struct str desk_route_name(const struct request *req, struct str route)
{
    const struct pack_route *r = pack_find_route(desk_house(req)->pack, route);
    return r == NULL ? route : wording_pick(&r->name, desk_lang(req));
}

struct str desk_rule_name(struct request *req, struct str rule)
{
    struct due_rule own;
    const struct due_rule *r = matter_due_rule(desk_house(req)->pack, rule, &own);
    return r == NULL ? rule : wording_pick(&r->name, desk_lang(req));
}

struct str desk_rule_source(struct request *req, struct str rule)
{
    struct due_rule own;
    const struct due_rule *r = matter_due_rule(desk_house(req)->pack, rule, &own);
    if (r == NULL)
        return STR("");
    struct str law = wording_pick(&r->source.law, desk_lang(req));
    struct str article = wording_pick(&r->source.article, desk_lang(req));
    if (article.len == 0)
        return law;
    const char *both =
        arena_printf(req->arena, STR_FMT " " STR_FMT, STR_ARG(law), STR_ARG(article));
    return both == NULL ? law : str_of(both);
}

struct str desk_ref(struct request *req, struct dossier_id id)
{
    char text[REF_BYTES + 1];
    ref_format(desk_house(req)->keys->k_id, id, text);
    return str_copy(req->arena, str_of(text));
}

struct str desk_day_iso(struct request *req, int32_t day)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 32);
    day_format(day, &b);
    return str_copy(req->arena, buf_view(&b));
}

struct str desk_day_long(struct arena *a, const struct msg_lang *lang, int32_t day)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 200);
    date_put_long(&b, lang, day);
    return str_copy(a, buf_view(&b));
}

struct str desk_iso_long(struct arena *a, const struct msg_lang *lang, struct str iso)
{
    int32_t day = 0;
    return day_parse(iso, &day) ? desk_day_long(a, lang, day) : iso;
}

struct msg_say desk_left(const struct request *req, int64_t at_us, int32_t at_day, bool fine)
{
    int64_t days = (int64_t)at_day - desk_today(req);
    struct msg_say say = {.key = MSG_DESK_LEFT_DAYS, .args_count = 1};
    int64_t n = days;
    if (at_us <= req->now_us) {
        say.key = MSG_DESK_LEFT_LATE;
        n = -days;
    } else if (fine && at_us - req->now_us < 2 * US_PER_DAY) {
        say.key = MSG_DESK_LEFT_HOURS;
        n = (at_us - req->now_us) / US_PER_HOUR;
    }
    say.args[0] = msg_number("n", n < 0 ? 0 : n);
    return say;
}

enum err desk_offices(struct request *req, struct held **ret_held, size_t *ret_count)
{
    return officer_held(req->db, req->arena, req->who.officer, desk_today(req), ret_held,
                        ret_count);
}
