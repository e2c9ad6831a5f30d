/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* sim_whole: what must hold in everything: rows and events, the log, codes, boxes, bars, lists. */
#include "tests/fault/sim.h"

#include "base/mem.h"
#include "db/readers.h"
#include "matter/desk.sql.h"
#include "matter/rebuild.h"
#include "spine/audit.h"
#include "spine/grant.h"
#include "spine/grant.sql.h"
#include "tests/fault/sim.sql.h"
#include "trust/code.h"

enum { PAGE = 1000, LISTS = 4, LIST_MAX = 20000 };

static void take(struct sim_life *l, struct db **ret_db)
{
    if (readers_take(l->h->readers, ret_db, &l->info) != ERR_OK)
        sim_fail(l->s, 0, "no reader: %s", l->info.detail);
}

/* ---- rows and log ------------------------------------------------------------------------------
 */

static void check_rows(struct sim_life *l)
{
    struct rebuild_found found;
    if (matter_rebuild_check(l->h, NULL, NULL, &found, &l->info) != ERR_OK)
        sim_fail(l->s, 0, "rebuild: %s", l->info.detail);
    if (found.differences != 0)
        sim_fail(l->s, 0, "rebuild: %s", found.first);
}

static void on_fault(void *ctx, const struct audit_fault *f)
{
    struct sim_life *l = ctx;
    sim_fail(l->s, f->dossier.v, "log audit: %s, leaf %lld, event %lld", audit_fault_key(f->kind),
             (long long)f->index, (long long)f->seq);
}

static void check_log(struct sim_life *l)
{
    CLEANUP(db_close_ptr) struct db *db = NULL;
    struct log_head head;
    struct audit_result result;
    if (db_open(l->s->dir, DB_STORE_MAIN, DB_READ, &db, &l->info) != ERR_OK ||
        keeper_log_head(l->h->keeper, &head) != KEEPER_OK)
        sim_fail(l->s, 0, "log audit: %s", l->info.detail);
    const struct audit_setup setup = {
        .origin = l->h->origin,
        .keys = l->h->keys,
        .log_public_key = keeper_signer(l->h->keeper)->public_key,
        .head = &head,
        .on_fault = on_fault,
        .ctx = l,
    };
    enum err err = log_audit(db, &setup, &result);
    if (err != ERR_OK)
        sim_fail(l->s, 0, "log audit: %s %s", err_text(err), db_fault(db)->detail);
}

/* ---- every matter ------------------------------------------------------------------------------
 */

/* Officers kept out by what the simulation knows: the subject, whom the person named, and whoever
 * is or was in an office it is about since the facts began. */
static bool is_kept_out(const struct sim *s, const struct sim_matter *m,
                        const struct sim_span *span)
{
    const struct sim_town *t = &s->town;
    struct officer_id officer = t->officers[span->officer].id;
    bool about_officer = m->subject.kind == SUBJECT_OFFICER && m->subject.ref == officer.v;
    if (about_officer || (m->exclusion.officer.v != 0 && m->exclusion.officer.v == officer.v))
        return true;
    struct office_id offices[2] = {m->exclusion.office};
    if (m->subject.kind == SUBJECT_OFFICE)
        offices[1].v = m->subject.ref;
    if (span->to_day < m->facts_day || span->to_day < span->from_day)
        return false;
    for (int i = 0; i < 2; i++) {
        int32_t about = offices[i].v != 0 ? sim_town_index(s, offices[i]) : -1;
        if (about >= 0 && sim_town_within(s, span->office, about))
            return true;
    }
    return false;
}

/* Barred is barred: no verb, and the row is not there for him. */
static void check_barred(struct sim_life *l, struct db *db, struct dossier_id id,
                         struct officer_id officer)
{
    uint32_t verbs = 0;
    struct desk_matter_row row;
    int32_t today = sim_today(l);
    enum err err = grant_verbs(db, officer, id, today, &verbs);
    if (err != ERR_OK || verbs != 0)
        sim_fail(l->s, id.v, "officer %lld is barred and has verbs %x", (long long)officer.v,
                 (unsigned)verbs);
    db_as_officer(db, officer, today);
    if (desk_matter(db, &l->a, id, &row) != ERR_NOT_FOUND)
        sim_fail(l->s, id.v, "officer %lld is barred and reads it", (long long)officer.v);
    db_as_nobody(db);
    l->s->counts.barred++;
}

static void check_bars(struct sim_life *l, struct db *db, struct dossier_id id)
{
    struct sim *s = l->s;
    const struct sim_matter *m = &s->matters[id.v];
    struct bar_of_row *bars = NULL;
    size_t count = 0;
    if (bar_of(db, &l->a, id, &bars, &count) != ERR_OK)
        sim_fail(s, id.v, "bars cannot be read");
    if (count > 0)
        check_barred(l, db, id, bars[sim_pick(s, (int64_t)count)].officer);
    bool about = m->subject.kind != SUBJECT_UNSET || m->exclusion.officer.v != 0 ||
                 m->exclusion.office.v != 0;
    for (int32_t i = 0; about && i < s->town.span_count; i++) {
        if (!is_kept_out(s, m, &s->town.spans[i]))
            continue;
        struct officer_id officer = s->town.officers[s->town.spans[i].officer].id;
        bool barred = false;
        for (size_t b = 0; b < count; b++)
            barred = barred || bars[b].officer.v == officer.v;
        if (!barred)
            sim_fail(s, id.v, "officer %lld is not barred from what is about them",
                     (long long)officer.v);
    }
}

static void check_keeping(struct sim_life *l, struct db *db, struct dossier_id id)
{
    struct sim *s = l->s;
    const struct sim_matter *m = &s->matters[id.v];
    struct code_found found;
    if (m->has_code && (code_look(db, m->lookup, &found) != ERR_OK || found.dossier.v != id.v))
        sim_fail(s, id.v, "its code leads nowhere");
    if (m->is_sealed && keeper_confirm(l->h->keeper, &m->handle) != KEEPER_OK)
        sim_fail(s, id.v, "its sealed box is gone");
}

static void check_standing(struct sim_life *l, struct db *db, const struct sim_standing_row *row)
{
    struct sim *s = l->s;
    const struct sim_matter *m = &s->matters[row->id.v];
    enum matter_state state = (enum matter_state)row->state;
    if (!m->is_there || m->seq != row->seq || m->state != state)
        sim_fail(s, row->id.v, "stands at %lld, was seen at %lld", (long long)row->seq,
                 (long long)m->seq);
    if (sim_town_index(s, row->office) < 0)
        sim_fail(s, row->id.v, "no office answers for it");
    if (matter_state_is_open(state) && row->owed == 0)
        sim_fail(s, row->id.v, "open, and nobody owes anything in it");
    check_bars(l, db, row->id);
    check_keeping(l, db, row->id);
}

static void check_matters(struct sim_life *l)
{
    struct dossier_id after = {0};
    int64_t seen = 0;
    size_t count = PAGE;
    while (count == PAGE) {
        struct db *db = NULL;
        struct sim_standing_row *rows = NULL;
        take(l, &db);
        if (sim_standing(db, &l->a, after, &rows, &count) != ERR_OK)
            sim_fail(l->s, 0, "matters cannot be read");
        for (size_t i = 0; i < count; i++)
            check_standing(l, db, &rows[i]);
        if (count > 0)
            after = rows[count - 1].id;
        seen += (int64_t)count;
        readers_give(l->h->readers, db);
        arena_reset(&l->a);
    }
    if (seen != l->s->counts.matters)
        sim_fail(l->s, 0, "%lld matters of %lld are there", (long long)seen,
                 (long long)l->s->counts.matters);
}

/* ---- lists ------------------------------------------------------------------------------------
 */

/* A list of the desk read along with every due of the office: on it is what the officer may list,
 * in the same order, and nothing else. */
struct list {
    struct sim_life *l;
    struct db *db;
    struct officer_id officer;
    struct office_id office;
    enum due_state state;
    int32_t today;
    struct desk_queue_row shown[64];
    size_t shown_count;
    size_t shown_at;
    bool begun;
};

static void list_fill(struct list *t)
{
    struct desk_queue_in in = {.office = t->office,
                               .due_state = (int32_t)t->state,
                               .kind = STR(""),
                               .place = STR(""),
                               .until = INT32_MAX};
    struct desk_queue_row *rows = NULL;
    if (t->begun && t->shown_count > 0) {
        in.after_day = t->shown[t->shown_count - 1].at_day;
        in.after = t->shown[t->shown_count - 1].dossier;
        in.after_n = t->shown[t->shown_count - 1].n;
    }
    db_as_officer(t->db, t->officer, t->today);
    if (desk_queue(t->db, &t->l->a, &in, &rows, &t->shown_count) != ERR_OK || t->shown_count > 64)
        sim_fail(t->l->s, 0, "a list cannot be read: %s", db_fault(t->db)->detail);
    db_as_nobody(t->db);
    for (size_t i = 0; i < t->shown_count; i++)
        t->shown[i] = rows[i];
    t->shown_at = 0;
    t->begun = true;
}

static void list_step(struct list *t, const struct sim_owed_row *row)
{
    uint32_t verbs = 0;
    if (grant_verbs(t->db, t->officer, row->dossier, t->today, &verbs) != ERR_OK)
        sim_fail(t->l->s, row->dossier.v, "verbs cannot be read");
    if (verbs == 0)
        return;
    if (!t->begun || (t->shown_at == t->shown_count && t->shown_count > 0))
        list_fill(t);
    if (t->shown_at == t->shown_count || t->shown[t->shown_at].dossier.v != row->dossier.v ||
        t->shown[t->shown_at].n != row->n)
        sim_fail(t->l->s, row->dossier.v, "due %lld is not on the list of officer %lld",
                 (long long)row->n, (long long)t->officer.v);
    t->shown_at++;
}

static void check_list(struct list *t)
{
    struct sim_owed_row *rows = NULL;
    struct sim_owed_row last = {0};
    size_t count = PAGE;
    int64_t seen = 0;
    while (count == PAGE && seen < LIST_MAX) {
        const struct sim_owed_in in = {.office = t->office,
                                       .state = (int32_t)t->state,
                                       .after_day = last.day,
                                       .after = last.dossier,
                                       .after_n = last.n};
        take(t->l, &t->db);
        if (sim_owed(t->db, &t->l->a, &in, &rows, &count) != ERR_OK)
            sim_fail(t->l->s, 0, "dues of an office cannot be read");
        for (size_t i = 0; i < count; i++)
            list_step(t, &rows[i]);
        if (count > 0)
            last = rows[count - 1];
        seen += (int64_t)count;
        if (count < PAGE && t->begun && t->shown_at == t->shown_count && t->shown_count > 0)
            list_fill(t);
        if (count < PAGE && t->begun && t->shown_at < t->shown_count)
            sim_fail(t->l->s, t->shown[t->shown_at].dossier.v, "a list shows more than is owed");
        readers_give(t->l->h->readers, t->db);
        arena_reset(&t->l->a);
    }
}

static void check_lists(struct sim_life *l)
{
    struct sim *s = l->s;
    for (int i = 0; i < LISTS; i++) {
        const struct sim_span *span = &s->town.spans[sim_pick(s, s->town.span_count)];
        struct list t = {.l = l,
                         .officer = s->town.officers[span->officer].id,
                         .office = s->town.offices[span->office].id,
                         .state = i % 2 == 0 ? DUE_OPEN : DUE_MISSED,
                         .today = sim_today(l)};
        if (s->town.officers[span->officer].active)
            check_list(&t);
    }
}

void sim_check_whole(struct sim_life *l)
{
    l->s->counts.wholes++;
    check_matters(l);
    check_lists(l);
    check_rows(l);
    check_log(l);
}
