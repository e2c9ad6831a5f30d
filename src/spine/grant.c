/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "spine/grant.h"

#include "base/instant.h"
#include "base/mem.h"
#include "db/writer.h"
#include "spine/grant.sql.h"

enum { BARS_MAX = 100000 };

/* Bars while they are collected: unsorted, with doubles. */
struct bar_list {
    struct arena *arena;
    struct bar_row *rows;
    size_t count;
    size_t size;
};

static enum err bars_put(struct bar_list *l, struct officer_id officer, enum bar_why why)
{
    if (l->count == BARS_MAX)
        return ERR_LIMIT;
    if (l->count == l->size) {
        size_t size = l->size == 0 ? 16 : l->size * 2;
        struct bar_row *rows = ARENA_ARRAY(l->arena, size, struct bar_row);
        if (rows == NULL)
            return ERR_NOMEM;
        if (l->count > 0)
            memcpy(rows, l->rows, l->count * sizeof *rows);
        l->rows = rows;
        l->size = size;
    }
    l->rows[l->count++] = (struct bar_row){.officer = officer, .why = why};
    return ERR_OK;
}

static int bar_order(const void *a, const void *b)
{
    const struct bar_row *x = a;
    const struct bar_row *y = b;
    if (x->officer.v != y->officer.v)
        return x->officer.v < y->officer.v ? -1 : 1;
    return (int)x->why - (int)y->why;
}

static size_t bars_unique(struct bar_list *l)
{
    if (l->count == 0)
        return 0;
    qsort(l->rows, l->count, sizeof *l->rows, bar_order);
    size_t n = 1;
    for (size_t i = 1; i < l->count; i++) {
        if (l->rows[i].officer.v != l->rows[n - 1].officer.v)
            l->rows[n++] = l->rows[i];
    }
    return n;
}

static enum err bars_of_office(struct db *db, struct bar_list *l, struct office_id office,
                               int32_t since, enum bar_why why)
{
    struct holds_within_since_row *rows = NULL;
    size_t n = 0;
    TRY(holds_within_since(db, l->arena, office, since, &rows, &n));
    for (size_t i = 0; i < n; i++)
        TRY(bars_put(l, rows[i].officer, why));
    return ERR_OK;
}

static enum err bars_of_officer(struct db *db, struct bar_list *l, struct officer_id officer,
                                int32_t since)
{
    struct subordinates_since_row *rows = NULL;
    size_t n = 0;
    TRY(bars_put(l, officer, BAR_SUBJECT));
    TRY(subordinates_since(db, l->arena, officer, since, POST_LEAD, &rows, &n));
    for (size_t i = 0; i < n; i++)
        TRY(bars_put(l, rows[i].officer, BAR_SUBORDINATE));
    return ERR_OK;
}

static enum err bars_of_subject(struct db *db, struct bar_list *l, const struct subject *s,
                                int32_t since)
{
    struct officer_id officer = {s->kind == SUBJECT_OFFICER ? s->ref : 0};
    struct office_id office = {s->kind == SUBJECT_OFFICE ? s->ref : 0};
    if (officer.v != 0)
        TRY(bars_of_officer(db, l, officer, since));
    if (office.v != 0)
        TRY(bars_of_office(db, l, office, since, BAR_MEMBER));
    struct recused_about_row *rows = NULL;
    size_t n = 0;
    TRY(recused_about(db, l->arena, officer, office, &rows, &n));
    for (size_t i = 0; i < n; i++)
        TRY(bars_put(l, rows[i].officer, BAR_RECUSED));
    return ERR_OK;
}

enum err grant_barred(struct db *db, struct arena *a, const struct grant_about *about,
                      struct bar_row **ret_bars, size_t *ret_count)
{
    struct bar_list l = {.arena = a};
    for (size_t i = 0; i < about->subject_count; i++)
        TRY(bars_of_subject(db, &l, &about->subjects[i], about->facts_day));
    for (size_t i = 0; i < about->exclusion_count; i++) {
        const struct exclusion *e = &about->exclusions[i];
        if (e->officer.v != 0)
            TRY(bars_put(&l, e->officer, BAR_EXCLUDED));
        if (e->office.v != 0)
            TRY(bars_of_office(db, &l, e->office, about->facts_day, BAR_EXCLUDED));
    }
    *ret_count = bars_unique(&l);
    *ret_bars = l.rows;
    return ERR_OK;
}

enum err grant_about_add(struct tx *tx, struct dossier_id dossier, const struct grant_about *about)
{
    for (size_t i = 0; i < about->subject_count; i++) {
        const struct subject *s = &about->subjects[i];
        TRY(subject_insert(tx->db, dossier, (int32_t)s->kind, s->ref, (int32_t)s->source));
    }
    for (size_t i = 0; i < about->exclusion_count; i++) {
        const struct exclusion *e = &about->exclusions[i];
        TRY(excluded_insert(tx->db, dossier, e->officer, e->office));
    }
    return grant_bars_renew(tx, dossier, about->facts_day);
}

static enum err about_load(struct tx *tx, struct dossier_id dossier, struct grant_about *about)
{
    struct subject_of_row *s = NULL;
    struct excluded_of_row *e = NULL;
    TRY(subject_of(tx->db, tx->arena, dossier, &s, &about->subject_count));
    TRY(excluded_of(tx->db, tx->arena, dossier, &e, &about->exclusion_count));
    struct subject *subjects = ARENA_ARRAY(tx->arena, about->subject_count + 1, struct subject);
    struct exclusion *exclusions =
        ARENA_ARRAY(tx->arena, about->exclusion_count + 1, struct exclusion);
    if (subjects == NULL || exclusions == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < about->subject_count; i++)
        subjects[i] = (struct subject){(enum subject_kind)s[i].kind, s[i].ref,
                                       (enum subject_source)s[i].source};
    for (size_t i = 0; i < about->exclusion_count; i++)
        exclusions[i] = (struct exclusion){e[i].officer, e[i].office};
    about->subjects = subjects;
    about->exclusions = exclusions;
    return ERR_OK;
}

enum err grant_bars_renew(struct tx *tx, struct dossier_id dossier, int32_t facts_day)
{
    struct grant_about about = {.facts_day = facts_day};
    struct bar_row *bars = NULL;
    size_t n = 0;
    TRY(about_load(tx, dossier, &about));
    TRY(grant_barred(tx->db, tx->arena, &about, &bars, &n));
    for (size_t i = 0; i < n; i++)
        TRY(bar_insert(tx->db, dossier, bars[i].officer, (int32_t)bars[i].why));
    return ERR_OK;
}

/* Whoever is below `about` by now is barred from whatever is about that officer. */
static enum err bars_below(struct tx *tx, struct officer_id about, int32_t since)
{
    struct subordinates_since_row *rows = NULL;
    size_t n = 0;
    TRY(subordinates_since(tx->db, tx->arena, about, since, POST_LEAD, &rows, &n));
    for (size_t i = 0; i < n; i++)
        TRY(bar_about_officer(tx->db, about, rows[i].officer, BAR_SUBORDINATE));
    return ERR_OK;
}

/* Where an officer stands has changed: of all who stand above somebody else stands below now. */
static enum err bars_of_place(struct tx *tx, struct officer_id officer)
{
    /* The world's day before: no place has a later "today", and one too many stays barred. */
    const int32_t since = (int32_t)(tx->now_us / US_PER_DAY) - 1;
    struct subjects_from_row *rows = NULL;
    size_t n = 0;
    TRY(subjects_from(tx->db, tx->arena, officer, since, POST_LEAD, &rows, &n));
    for (size_t i = 0; i < n; i++)
        TRY(bars_below(tx, rows[i].officer, since));
    return ERR_OK;
}

enum err grant_membership_changed(struct tx *tx, struct officer_id officer, struct office_id office)
{
    TRY(bar_new_member(tx->db, officer, office, BAR_MEMBER));
    TRY(bar_new_member_excluded(tx->db, officer, office, BAR_EXCLUDED));
    return bars_of_place(tx, officer);
}

enum err grant_led(struct tx *tx, struct officer_id officer)
{
    return bars_of_place(tx, officer);
}

enum err grant_recuse(struct tx *tx, struct dossier_id dossier, struct officer_id officer)
{
    return bar_insert(tx->db, dossier, officer, BAR_RECUSED);
}

static enum err grant_put(struct tx *tx, struct dossier_id dossier, int64_t n,
                          const struct grant *g)
{
    const struct grant_insert_in in = {
        .dossier = dossier,
        .n = n,
        .office = g->office,
        .post = (int32_t)g->post,
        .officer = g->officer,
        .verbs = g->verbs & verb_of_post(g->post),
        .from_us = g->from_us,
    };
    return grant_insert(tx->db, &in);
}

enum err grant_first(struct tx *tx, struct dossier_id dossier, const struct grant *grants,
                     size_t count)
{
    for (size_t i = 0; i < count; i++)
        TRY(grant_put(tx, dossier, (int64_t)i + 1, &grants[i]));
    return ERR_OK;
}

enum err grant_add(struct tx *tx, struct dossier_id dossier, const struct grant *g)
{
    struct grant_next_n_row next;
    if (g->officer.v != 0) {
        struct is_barred_row bar;
        enum err err = is_barred(tx->db, tx->arena, dossier, g->officer, &bar);
        if (err == ERR_OK)
            return err_set(tx->info, ERR_REFUSED, "grant.barred", "a barred officer is named");
        if (err != ERR_NOT_FOUND)
            return err;
    }
    TRY(grant_next_n(tx->db, tx->arena, dossier, &next));
    return grant_put(tx, dossier, next.n, g);
}

enum err grant_end(struct tx *tx, struct dossier_id dossier, struct office_id office,
                   enum post post)
{
    if (post == POST_UNSET)
        return grant_close(tx->db, dossier, office, tx->now_us);
    return grant_close_post(tx->db, dossier, office, (int32_t)post, tx->now_us);
}

enum err grant_verbs(struct db *db, struct officer_id officer, struct dossier_id dossier,
                     int32_t day, uint32_t *ret_verbs)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 1 << 20);
    struct is_barred_row bar;
    enum err err = is_barred(db, &a, dossier, officer, &bar);
    if (err != ERR_OK && err != ERR_NOT_FOUND)
        return err;
    bool barred = err == ERR_OK;
    struct grant_held_row *rows = NULL;
    size_t n = 0;
    TRY(grant_held(db, &a, dossier, officer, day, &rows, &n));
    uint32_t verbs = 0;
    for (size_t i = 0; i < n; i++)
        verbs |= (uint32_t)rows[i].verbs;
    *ret_verbs = barred ? VERB_NONE : verbs;
    return ERR_OK;
}

enum err can(struct db *db, struct officer_id officer, struct dossier_id dossier, enum verb verb,
             int32_t day, bool *ret_yes)
{
    uint32_t verbs = 0;
    TRY(grant_verbs(db, officer, dossier, day, &verbs));
    *ret_yes = verb != VERB_NONE && (verbs & (uint32_t)verb) == (uint32_t)verb;
    return ERR_OK;
}
