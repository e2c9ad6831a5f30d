/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/instant.h"
#include "matter/desk.h"
#include "matter/person_raise.h"

/* "Not this office": the codes of the draft as exclusions. */
static enum err exclusions_of(struct request *req, const struct raise_draft *d,
                              struct matter_raise *r)
{
    const struct office_tree *tree = house_tree(desk_house(req));
    struct exclusion *rows = ARENA_ARRAY(req->arena, tree->count + 1, struct exclusion);
    if (rows == NULL)
        return ERR_NOMEM;
    struct str rest = d->excluded;
    struct str code;
    size_t n = 0;
    while (n < tree->count && str_cut(&rest, ' ', &code)) {
        const struct office *o = code.len == 0 ? NULL : office_find_code(tree, code);
        if (o != NULL)
            rows[n++].office = o->id;
    }
    r->exclusions = rows;
    r->exclusion_count = n;
    return ERR_OK;
}

static enum matter_identity identity_of(struct str word)
{
    enum matter_identity i = IDENTITY_NONE;
    (void)matter_identity_of_word(word, &i);
    return i;
}

enum err raise_build(struct request *req, const struct raise_draft *d,
                     struct matter_raise *ret_raise, struct identity *ret_card)
{
    const struct house *h = desk_house(req);
    const struct pack_kind *kind = raise_kind(req, d);
    int32_t happened = 0;
    if (kind == NULL)
        return ERR_INVALID;
    if (d->happened.len > 0)
        (void)day_parse(d->happened, &happened);
    bool told = str_eq_c(d->identity, "known") || str_eq_c(d->identity, "sealed");
    if (told)
        *ret_card = (struct identity){.name = d->name,
                                      .email = d->email,
                                      .phone = d->phone,
                                      .postal = d->postal,
                                      .lang = str_sub(desk_lang(req), 0, 2)};
    else
        *ret_card = (struct identity){.name = STR("")};
    *ret_raise = (struct matter_raise){.command = {.what = DO_RAISE,
                                                   .body = {.kind = kind->id,
                                                            .lang = desk_lang(req),
                                                            .pack = h->pack->name_version,
                                                            .title = d->title,
                                                            .text = d->text,
                                                            .wish = d->wish,
                                                            .place = d->place,
                                                            .answers = d->answers,
                                                            .channel = CHANNEL_WEB,
                                                            .identity = identity_of(d->identity),
                                                            .danger = d->danger,
                                                            .happened_day = happened,
                                                            .received_day = desk_today(req)}},
                                       .who = WHO_PERSON};
    return exclusions_of(req, d, ret_raise);
}

enum err raise_first(struct request *req, const struct raise_draft *d,
                     struct matter_first *ret_first)
{
    struct matter_raise r;
    struct identity card;
    TRY(raise_build(req, d, &r, &card));
    return matter_first_office(req->db, req->arena, desk_house(req), &r, req->now_us, ret_first);
}
