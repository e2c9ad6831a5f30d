/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "spine/office.h"

#include "base/instant.h"
#include "base/mem.h"
#include "db/writer.h"
#include "spine/grant.h"
#include "spine/office.sql.h"

#include <inttypes.h>
#include <stdio.h>

enum { TREE_BYTES_MAX = 64 << 20, TREE_DEPTH_MAX = 64 };

static struct office office_of_row(const struct office_all_row *r)
{
    return (struct office){
        .id = r->id,
        .parent = r->parent,
        .code = r->code,
        .name_en = r->name_en,
        .name_zh = r->name_zh,
        .place = r->place,
        .outside = r->outside,
        .active = r->active,
        .address = r->address,
        .phone = r->phone,
        .hours_en = r->hours_en,
        .hours_zh = r->hours_zh,
    };
}

/* Remits come ordered by office, as the offices do: one walk over both. */
static enum err remits_attach(struct office_tree *t, const struct remit_all_row *rows, size_t n)
{
    struct remit *remits = ARENA_ARRAY(&t->arena, n + 1, struct remit);
    if (remits == NULL)
        return ERR_NOMEM;
    size_t at = 0;
    for (size_t i = 0; i < t->count; i++) {
        struct office *o = &t->offices[i];
        while (at < n && rows[at].office.v < o->id.v)
            at++;
        o->remits = &remits[at];
        while (at < n && rows[at].office.v == o->id.v) {
            remits[at] = (struct remit){.kind = rows[at].kind, .place = rows[at].place};
            at++;
            o->remit_count++;
        }
    }
    return ERR_OK;
}

static enum err tree_fill(struct db *db, struct office_tree *t)
{
    struct office_all_row *rows = NULL;
    struct remit_all_row *remits = NULL;
    size_t remit_count = 0;
    TRY(office_all(db, &t->arena, &rows, &t->count));
    TRY(remit_all(db, &t->arena, &remits, &remit_count));
    t->offices = ARENA_ARRAY(&t->arena, t->count + 1, struct office);
    if (t->offices == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < t->count; i++)
        t->offices[i] = office_of_row(&rows[i]);
    return remits_attach(t, remits, remit_count);
}

enum err office_tree_load(struct db *db, struct office_tree **ret_tree)
{
    struct office_tree *t = mem_new(sizeof *t);
    if (t == NULL)
        return ERR_NOMEM;
    arena_init(&t->arena, TREE_BYTES_MAX);
    enum err err = tree_fill(db, t);
    if (err != ERR_OK) {
        office_tree_free(t);
        return err;
    }
    *ret_tree = t;
    return ERR_OK;
}

void office_tree_free(struct office_tree *tree)
{
    while (tree != NULL) {
        struct office_tree *older = tree->older;
        arena_done(&tree->arena);
        mem_free(tree);
        tree = older;
    }
}

const struct office *office_find(const struct office_tree *tree, struct office_id id)
{
    size_t lo = 0;
    size_t hi = tree->count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (tree->offices[mid].id.v < id.v)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < tree->count && tree->offices[lo].id.v == id.v ? &tree->offices[lo] : NULL;
}

const struct office *office_find_code(const struct office_tree *tree, struct str code)
{
    for (size_t i = 0; i < tree->count; i++) {
        if (str_eq(tree->offices[i].code, code))
            return &tree->offices[i];
    }
    return NULL;
}

struct str office_name(const struct office *o, struct str lang)
{
    return str_starts(lang, STR("zh")) ? o->name_zh : o->name_en;
}

/* A parent chain longer than TREE_DEPTH_MAX is a ring: it ends here. */
static int office_depth(const struct office_tree *tree, const struct office *o)
{
    int depth = 0;
    while (o != NULL && depth < TREE_DEPTH_MAX) {
        o = office_find(tree, o->parent);
        depth++;
    }
    return depth;
}

bool office_is_within(const struct office_tree *tree, struct office_id inner,
                      struct office_id outer)
{
    const struct office *o = office_find(tree, inner);
    for (int i = 0; o != NULL && i < TREE_DEPTH_MAX; i++) {
        if (o->id.v == outer.v)
            return true;
        o = office_find(tree, o->parent);
    }
    return false;
}

const struct office *office_above(const struct office_tree *tree, struct office_id id)
{
    const struct office *o = office_find(tree, id);
    for (int i = 0; o != NULL && i < TREE_DEPTH_MAX; i++) {
        o = office_find(tree, o->parent);
        if (o != NULL && o->active && !o->outside)
            return o;
    }
    return NULL;
}

/* 4 kind and place, 3 kind, 2 place, 1 everything, 0 not its business. */
static int office_rank(const struct office *o, struct str kind, struct str place)
{
    int best = 0;
    for (size_t i = 0; i < o->remit_count; i++) {
        const struct remit *r = &o->remits[i];
        bool any_kind = r->kind.len == 0;
        bool any_place = r->place.len == 0;
        if ((!any_kind && !str_eq(r->kind, kind)) || (!any_place && !str_eq(r->place, place)))
            continue;
        int rank = 1 + (any_kind ? 0 : 2) + (any_place ? 0 : 1);
        best = rank > best ? rank : best;
    }
    return best;
}

static const struct office *best_office(const struct office_tree *tree, struct str kind,
                                        struct str place)
{
    const struct office *best = NULL;
    int best_rank = 0;
    int best_depth = 0;
    for (size_t i = 0; i < tree->count; i++) {
        const struct office *o = &tree->offices[i];
        if (!o->active || o->outside)
            continue;
        int rank = office_rank(o, kind, place);
        int depth = rank > 0 ? office_depth(tree, o) : 0;
        if (rank > best_rank || (rank == best_rank && rank > 0 && depth > best_depth)) {
            best = o;
            best_rank = rank;
            best_depth = depth;
        }
    }
    return best;
}

enum err office_candidates(const struct office_tree *tree, struct str kind, struct str place,
                           bool outside_end, struct office_id *ret_ids, size_t *ret_count)
{
    size_t n = 0;
    const struct office *o = best_office(tree, kind, place);
    for (; o != NULL && n < OFFICE_CANDIDATES_MAX - 1; o = office_above(tree, o->id))
        ret_ids[n++] = o->id;
    bool has_outside = false;
    for (size_t i = 0; outside_end && !has_outside && i < tree->count; i++) {
        if (tree->offices[i].outside && tree->offices[i].active) {
            ret_ids[n++] = tree->offices[i].id;
            has_outside = true;
        }
    }
    if (outside_end && !has_outside)
        return ERR_REFUSED;
    *ret_count = n;
    return n > 0 ? ERR_OK : ERR_NOT_FOUND;
}

enum err office_unbarred_count(struct db *db, struct arena *a, struct office_id office, int32_t day,
                               const struct officer_id *barred, size_t barred_count, int64_t most,
                               int64_t *ret_count)
{
    struct office_officers_row *rows = NULL;
    size_t n = 0;
    TRY(office_officers(db, a, office, day, most + (int64_t)barred_count, &rows, &n));
    int64_t left = 0;
    for (size_t i = 0; i < n; i++) {
        bool is_barred = false;
        for (size_t k = 0; k < barred_count && !is_barred; k++)
            is_barred = barred[k].v == rows[i].officer.v;
        left += is_barred ? 0 : 1;
    }
    *ret_count = left;
    return ERR_OK;
}

enum err office_add(struct tx *tx, const struct office_new *o, struct office_id *ret_id)
{
    struct office_next_id_row next;
    struct office_by_code_row twin;
    enum err err = office_by_code(tx->db, tx->arena, o->code, &twin);
    if (err == ERR_OK)
        return err_set(tx->info, ERR_CONFLICT, "office.code_taken", "office code taken");
    if (err != ERR_NOT_FOUND)
        return err;
    TRY(office_next_id(tx->db, tx->arena, &next));
    const struct office_insert_in in = {
        .id = {next.id},
        .parent = o->parent,
        .code = o->code,
        .name_en = o->name_en,
        .name_zh = o->name_zh,
        .place = o->place,
        .outside = o->outside,
        .address = o->address,
        .phone = o->phone,
        .hours_en = o->hours_en,
        .hours_zh = o->hours_zh,
    };
    TRY(office_insert(tx->db, &in));
    *ret_id = in.id;
    return ERR_OK;
}

enum err office_remit_add(struct tx *tx, struct office_id office, struct str kind, struct str place)
{
    struct remit_has_row has;
    TRY(remit_has(tx->db, tx->arena, office, kind, place, &has));
    if (has.n > 0)
        return err_set(tx->info, ERR_CONFLICT, "office.remit_there", "remit is there");
    return remit_insert(tx->db, office, kind, place);
}

/* Somebody in the house must answer for what nobody else does. */
static enum err someone_answers(struct tx *tx, struct office_id office)
{
    struct remit_has_row has;
    struct remit_all_elsewhere_row others;
    TRY(remit_has(tx->db, tx->arena, office, STR(""), STR(""), &has));
    TRY(remit_all_elsewhere(tx->db, tx->arena, office, &others));
    if (has.n > 0 && others.n == 0)
        return err_set(tx->info, ERR_REFUSED, "office.remit_last", "the last for everything");
    return ERR_OK;
}

enum err office_remit_end(struct tx *tx, struct office_id office, struct str kind, struct str place)
{
    struct office_row_row row;
    int64_t changed = 0;
    TRY(office_row(tx->db, tx->arena, office, &row));
    if (kind.len == 0 && place.len == 0 && row.active && !row.outside)
        TRY(someone_answers(tx, office));
    TRY(remit_delete(tx->db, office, kind, place, &changed));
    if (changed == 0)
        return err_set(tx->info, ERR_CONFLICT, "office.remit_gone", "no such remit");
    return ERR_OK;
}

enum err office_owes(struct db *db, struct arena *a, struct office_id office, int64_t *ret_count)
{
    struct office_dues_row row;
    TRY(office_dues(db, a, office, &row));
    *ret_count = row.n;
    return ERR_OK;
}

/* May it go out of use? */
static enum err office_may_rest(struct tx *tx, struct office_id office, bool outside)
{
    char number[24];
    if (outside) {
        struct office_outside_elsewhere_row others;
        TRY(office_outside_elsewhere(tx->db, tx->arena, office, &others));
        if (others.n == 0)
            return err_set(tx->info, ERR_REFUSED, "office.outside_last", "the last outside");
    } else {
        struct office_top_row top;
        TRY(office_top(tx->db, tx->arena, &top));
        if (top.id.v == office.v)
            return err_set(tx->info, ERR_REFUSED, "office.top_stays", "the top office");
        TRY(someone_answers(tx, office));
    }
    int64_t owes = 0;
    TRY(office_owes(tx->db, tx->arena, office, &owes));
    if (owes == 0)
        return ERR_OK;
    (void)snprintf(number, sizeof number, "%" PRId64, owes);
    (void)err_set(tx->info, ERR_REFUSED, "office.owes", "owes in %s matters", number);
    err_arg(tx->info, 0, number);
    return ERR_REFUSED;
}

enum err office_change(struct tx *tx, const struct office_edit *e)
{
    struct office_row_row row;
    TRY(office_row(tx->db, tx->arena, e->id, &row));
    if (row.active && !e->active)
        TRY(office_may_rest(tx, e->id, row.outside));
    const struct office_update_in in = {.id = e->id,
                                        .name_en = e->name_en,
                                        .name_zh = e->name_zh,
                                        .place = e->place,
                                        .active = e->active,
                                        .address = e->address,
                                        .phone = e->phone,
                                        .hours_en = e->hours_en,
                                        .hours_zh = e->hours_zh};
    return office_update(tx->db, &in);
}

enum err officer_add(struct tx *tx, const struct officer_new *o, struct officer_id *ret_id)
{
    struct officer_by_login_row twin;
    enum err err = officer_by_login(tx->db, tx->arena, o->login, &twin);
    if (err == ERR_OK)
        return err_set(tx->info, ERR_CONFLICT, "office.login_taken", "login taken");
    if (err != ERR_NOT_FOUND)
        return err;
    struct officer_next_id_row next;
    TRY(officer_next_id(tx->db, tx->arena, &next));
    const struct officer_insert_in in = {
        .id = {next.id},
        .login = o->login,
        .name = o->name,
        .lang = o->lang,
        .none = STR(""),
        .created_day = (int32_t)(tx->now_us / US_PER_DAY),
    };
    TRY(officer_insert(tx->db, &in));
    *ret_id = in.id;
    return ERR_OK;
}

enum err officer_hold(struct tx *tx, const struct holding *h)
{
    if (h->to_day < h->from_day)
        return err_set(tx->info, ERR_INVALID, "office.span_backwards",
                       "span ends before it starts");
    if (h->delegate_of.v != 0) {
        const struct holds_spanning_in span = {.officer = h->delegate_of,
                                               .office = h->office,
                                               .post = (int32_t)h->post,
                                               .from_day = h->from_day,
                                               .to_day = h->to_day};
        struct holds_spanning_row own;
        TRY(holds_spanning(tx->db, tx->arena, &span, &own));
        if (own.n == 0)
            return err_set(tx->info, ERR_REFUSED, "office.delegate_none",
                           "the post is not held over the whole span");
    }
    const struct holds_insert_in in = {
        .officer = h->officer,
        .office = h->office,
        .post = (int32_t)h->post,
        .from_day = h->from_day,
        .to_day = h->to_day,
        .delegate_of = h->delegate_of,
    };
    TRY(holds_insert(tx->db, &in));
    return grant_membership_changed(tx, h->officer, h->office);
}

enum err officer_lead(struct tx *tx, struct officer_id officer, struct officer_id subordinate)
{
    struct supervises_has_row has;
    struct supervises_turns_row turns;
    if (officer.v == subordinate.v)
        return err_set(tx->info, ERR_REFUSED, "office.lead_self", "nobody leads himself");
    TRY(supervises_has(tx->db, tx->arena, officer, subordinate, &has));
    if (has.n > 0)
        return err_set(tx->info, ERR_CONFLICT, "office.lead_there", "is there");
    TRY(supervises_turns(tx->db, tx->arena, officer, subordinate, &turns));
    if (turns.n > 0)
        return err_set(tx->info, ERR_REFUSED, "office.lead_circle", "would be a circle");
    TRY(supervises_insert(tx->db, officer, subordinate));
    return grant_led(tx, officer);
}

enum err officer_lead_end(struct tx *tx, struct officer_id officer, struct officer_id subordinate)
{
    int64_t changed = 0;
    TRY(supervises_delete(tx->db, officer, subordinate, &changed));
    if (changed == 0)
        return err_set(tx->info, ERR_CONFLICT, "office.lead_gone", "is not there");
    return ERR_OK;
}

enum err officer_held(struct db *db, struct arena *a, struct officer_id officer, int32_t day,
                      struct held **ret_held, size_t *ret_count)
{
    struct holds_on_row *rows = NULL;
    size_t n = 0;
    TRY(holds_on(db, a, officer, day, &rows, &n));
    struct held *held = ARENA_ARRAY(a, n + 1, struct held);
    if (held == NULL)
        return ERR_NOMEM;
    size_t offices = 0;
    for (size_t i = 0; i < n; i++) {
        if (offices == 0 || held[offices - 1].office.v != rows[i].office.v)
            held[offices++].office = rows[i].office;
        held[offices - 1].posts |= 1U << (unsigned)rows[i].post;
    }
    *ret_held = held;
    *ret_count = offices;
    return ERR_OK;
}
