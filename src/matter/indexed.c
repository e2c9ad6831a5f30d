/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "matter/indexed.h"

#include "base/mem.h"
#include "matter/matter.sql.h"
#include "matter/use_inside.h"
#include "spine/field.h"
#include "spine/keys.h"

enum { TEXT_BYTES_MAX = 1024 * 1024, HIDE_MAX = 8 };

static void put(struct buf *b, struct str text)
{
    if (text.len == 0)
        return;
    buf_str(b, text);
    buf_char(b, '\n');
}

/* The values of the contact card, where there is one. */
static enum err card_values(const struct house *h, struct db *db, struct arena *a,
                            struct dossier_id id, struct str *hide, size_t *ret_count)
{
    struct matter_card_get_row row;
    struct field_place place = {.table = FIELD_CONTACT_CARD, .column = FIELD_CONTACT_CARD_CARD};
    struct key32 mdk;
    struct key32 key;
    struct str plain;
    struct identity card;
    *ret_count = 0;
    enum err err = matter_card_get(db, a, id, &row);
    if (err != ERR_OK)
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    TRY(h->keys->find(h->keys->ctx, id, KEY_MDK, &mdk));
    ref_id16(h->keys->k_id, id, &place.id16);
    field_key(&mdk, FIELD_CONTACT_CARD, FIELD_CONTACT_CARD_CARD, &key);
    err = field_open(a, &key, &place, row.card, &plain);
    key32_wipe(&mdk);
    key32_wipe(&key);
    if (err != ERR_OK)
        return err;
    if (!identity_decode(plain, &card))
        return ERR_CORRUPT;
    const struct str values[] = {card.name, card.email, card.phone, card.postal, card.other};
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        if (values[i].len > 0)
            hide[(*ret_count)++] = values[i];
    }
    return ERR_OK;
}

static enum err read_matter(void *ctx, struct db *db, struct arena *a, struct dossier_id id,
                            struct str *ret_text, struct str **ret_hide, size_t *ret_hide_count)
{
    const struct house *h = ctx;
    struct dossier d;
    TRY(dossier_load(db, a, id, &d));
    if (d.kind != DOSSIER_MATTER || d.content != CONTENT_OPEN)
        return ERR_NOT_FOUND;
    struct matter_story story;
    TRY(matter_story_load(db, a, h, id, false, &story));
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, TEXT_BYTES_MAX);
    for (size_t i = 0; i < story.count; i++) {
        const struct matter_body *body = &story.events[i].body;
        if (story.events[i].type == EV_NONE || b.len > TEXT_BYTES_MAX / 2)
            continue;
        put(&b, body->title);
        put(&b, body->place);
        put(&b, body->text);
        put(&b, body->wish);
        put(&b, body->found);
        put(&b, body->remedy);
    }
    TRY(buf_err(&b));
    *ret_hide = ARENA_ARRAY(a, HIDE_MAX, struct str);
    *ret_text = str_copy(a, buf_view(&b));
    if (*ret_hide == NULL || ret_text->ptr == NULL)
        return ERR_NOMEM;
    return card_values(h, db, a, id, *ret_hide, ret_hide_count);
}

struct search_source matter_search_source(const struct house *h)
{
    return (struct search_source){.ctx = (void *)(uintptr_t)h, .read = read_matter};
}
