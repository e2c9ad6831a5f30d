/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Matters like the one that is being typed in: by what happened, never by who says so. What is
 * typed is looked at and forgotten; no event has it, and nothing is written. */
#include "matter/desk_similar.h"

#include "base/mem.h"
#include "matter/desk.sql.h"
#include "spine/pack.h"
#include "spine/search.h"

struct similar_input {
    struct str title;
    struct str text;
    struct str kind;
};

static const struct form_field SIMILAR_FIELDS[] = {
    FORM_TEXT(struct similar_input, title, 0, 200),
    FORM_LINES(struct similar_input, text, 0, 20000),
    FORM_TEXT(struct similar_input, kind, 0, 100),
};
const struct form DESK_SIMILAR_FORM = FORM_INIT("similar", struct similar_input, SIMILAR_FIELDS);

/* Those of the same kind first, else in the order of the search. */
static enum err rows_fill(struct request *req, const struct dossier_id *ids, size_t n,
                          struct str kind, struct page_desk_similar *v)
{
    v->rows = ARENA_ARRAY(req->arena, n + 1, struct page_desk_similar_rows);
    if (v->rows == NULL)
        return ERR_NOMEM;
    for (int same = 1; same >= 0; same--) {
        for (size_t i = 0; i < n; i++) {
            struct desk_matter_row row;
            enum err err = desk_matter(req->db, req->arena, ids[i], &row);
            if (err == ERR_NOT_FOUND)
                continue;
            TRY(err);
            if (str_eq(row.kind, kind) == (same == 1))
                v->rows[v->rows_count++] = (struct page_desk_similar_rows){
                    .ref = desk_ref(req, ids[i]),
                    .title = row.title,
                    .state = desk_state_key((enum matter_state)row.state),
                    .received = row.received_day};
        }
    }
    return ERR_OK;
}

enum err desk_similar_fill(struct request *req, struct str title, struct str text, struct str kind,
                           struct page_desk_similar *v)
{
    const struct house *h = desk_house(req);
    const struct pack_kind *k = pack_find_kind(h->pack, kind);
    struct dossier_id *ids = NULL;
    size_t n = 0;
    /* Words of a sealed kind are asked nowhere. */
    if (h->search == NULL || (k != NULL && k->content == PACK_SEALED))
        return ERR_OK;
    const char *both =
        arena_printf(req->arena, STR_FMT "\n" STR_FMT, STR_ARG(title), STR_ARG(text));
    if (both == NULL)
        return ERR_NOMEM;
    TRY(search_similar(h->search, req->db, req->arena, str_of(both), &ids, &n));
    return rows_fill(req, ids, n, kind, v);
}

enum err desk_similar_reply(struct request *req)
{
    const struct similar_input *in = request_form(req);
    struct page_desk_similar v = {0};
    TRY(desk_similar_fill(req, in->title, in->text, in->kind, &v));
    page_desk_similar_render(req->html, &v, req->lang);
    return reply_html(req, 200);
}
