/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "matter/rebuild.h"

#include "base/mem.h"
#include "db/readers.h"
#include "matter/matter.sql.h"
#include "matter/store.h"
#include "spine/field.h"
#include "spine/keys.h"
#include "spine/terminal.h"
#include "trust/open.h"

#include <stdarg.h>

enum { CHUNK = 200, ARENA_BYTES = 256 << 20, COUNTS_MAX = 4096 };

/* How many matters the events put into a state of an office. */
struct tally {
    struct office_id office;
    int32_t state;
    int64_t n;
};

struct rebuild {
    const struct house *h;
    struct db *db;
    struct arena *a;
    struct rebuild_found *found;
    rebuild_line_fn *line;
    void *ctx;
    struct err_info *info;
    char ref[REF_BYTES + 1];
    struct tally *tally;
    size_t tally_count;
};

static void differs(struct rebuild *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void differs(struct rebuild *r, const char *fmt, ...)
{
    char text[200];
    char whole[256];
    va_list ap;
    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    (void)snprintf(whole, sizeof(whole), "%s %s", r->ref, text);
    if (r->found->differences++ == 0)
        (void)snprintf(r->found->first, sizeof(r->found->first), "%s", whole);
    if (r->line != NULL)
        r->line(r->ctx, whole);
}

static void same(struct rebuild *r, const char *what, int64_t row, int64_t events)
{
    if (row != events)
        differs(r, "%s is %lld, events say %lld", what, (long long)row, (long long)events);
}

static void same_text(struct rebuild *r, const char *what, struct str row, struct str events)
{
    if (!str_eq(row, events))
        differs(r, "%s is not what the events say", what);
}

/* ---- dues ---------------------------------------------------------------------------------- */

/* What every due came to, ended ones too: the fold forgets them, the rows do not. */
static enum err dues_of(struct arena *a, const struct matter_event *events, size_t count,
                        struct matter_due **ret_dues, int32_t *ret_count)
{
    struct matter *m = ARENA_NEW(a, struct matter);
    struct matter_due *dues = ARENA_ARRAY(a, count + 1, struct matter_due);
    if (m == NULL || dues == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < count; i++) {
        const struct matter_event *e = &events[i];
        if (e->type == EV_NONE)
            continue;
        TRY(matter_apply(m, e));
        for (int32_t d = 0; d < m->due_count; d++)
            dues[m->dues[d].n - 1] = m->dues[d];
        bool over = e->type >= EV_DUE_STARTED && matter_due_find(m, e->body.n) == NULL;
        if (!over)
            continue;
        struct matter_due *d = &dues[e->body.n - 1];
        d->office = e->body.office;
        d->due.until_day = 0;
        d->due.since_us = 0;
        d->due.state = store_due_ended(e->type);
    }
    *ret_dues = dues;
    *ret_count = m->dues_started;
    return ERR_OK;
}

static void compare_due(struct rebuild *r, const struct matter_due_rows_row *row,
                        const struct matter_due *d)
{
    struct matter_due_rows_row want;
    store_due_row(d, &want);
    char what[48];
    const struct {
        const char *name;
        int64_t row;
        int64_t want;
    } numbers[] = {
        {"side", row->side, want.side},
        {"state", row->state, want.state},
        {"office", row->office.v, want.office.v},
        {"start_us", row->start_us, want.start_us},
        {"at_us", row->at_us, want.at_us},
        {"at_day", row->at_day, want.at_day},
        {"fine", row->fine, want.fine},
        {"provisional", row->provisional, want.provisional},
        {"until_day", row->until_day, want.until_day},
        {"extended", row->extended, want.extended},
        {"stood_us", row->stood_us, want.stood_us},
        {"since_us", row->since_us, want.since_us},
    };
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        (void)snprintf(what, sizeof(what), "due %d: %s", (int)d->n, numbers[i].name);
        same(r, what, numbers[i].row, numbers[i].want);
    }
    (void)snprintf(what, sizeof(what), "due %d: rule", (int)d->n);
    same_text(r, what, row->rule, want.rule);
    (void)snprintf(what, sizeof(what), "due %d: calendar", (int)d->n);
    same_text(r, what, row->calendar, want.calendar);
}

static enum err compare_dues(struct rebuild *r, struct dossier_id id,
                             const struct matter_event *events, size_t count)
{
    struct matter_due *dues = NULL;
    int32_t due_count = 0;
    struct matter_due_rows_row *rows = NULL;
    size_t row_count = 0;
    TRY(dues_of(r->a, events, count, &dues, &due_count));
    TRY(matter_due_rows(r->db, r->a, id, &rows, &row_count));
    same(r, "number of dues", (int64_t)row_count, due_count);
    for (size_t i = 0; i < row_count && (int32_t)i < due_count; i++) {
        same(r, "number of a due", rows[i].n, dues[i].n);
        compare_due(r, &rows[i], &dues[i]);
    }
    return ERR_OK;
}

/* ---- the matter's row --------------------------------------------------------------------------
 */

static enum err field_plain(struct rebuild *r, const struct dossier *d, uint16_t column,
                            struct str value, struct str *ret_plain)
{
    const struct house *h = r->h;
    struct field_place place = {.table = FIELD_MATTER, .column = column};
    struct key32 mdk;
    struct key32 key;
    *ret_plain = value;
    if (d->content != CONTENT_SEALED)
        return ERR_OK;
    TRY(h->keys->find(h->keys->ctx, d->id, KEY_MDK, &mdk));
    ref_id16(h->keys->k_id, d->id, &place.id16);
    field_key(&mdk, FIELD_MATTER, column, &key);
    enum err e = field_open(r->a, &key, &place, value, ret_plain);
    key32_wipe(&mdk);
    key32_wipe(&key);
    return e;
}

static enum err compare_row(struct rebuild *r, const struct dossier *d, const struct matter *m)
{
    struct matter_row_row row;
    struct str title;
    struct str place;
    TRY(matter_row(r->db, r->a, d->id, &row));
    TRY(field_plain(r, d, FIELD_MATTER_TITLE, row.title, &title));
    TRY(field_plain(r, d, FIELD_MATTER_PLACE, row.place, &place));
    same_text(r, "title", title, m->title);
    same_text(r, "place", place, m->place);
    same_text(r, "kind", row.kind, m->kind);
    same_text(r, "route", row.route, m->route);
    same_text(r, "lang", row.lang, m->lang);
    same(r, "channel", row.channel, m->channel);
    same(r, "identity", row.identity, m->identity);
    same(r, "vault handle", row.handle.len > 0, m->handle.len > 0);
    same(r, "received_day", row.received_day, m->received_day);
    same(r, "entered_us", row.entered_us, m->entered_us);
    same(r, "owner", row.owner.v, m->owner.v);
    same(r, "first_office", row.first_office.v, m->first.v);
    same(r, "offered", row.offered.v, m->offered.v);
    same(r, "handler", row.handler.v, m->handler.v);
    same(r, "answers", row.answers, m->answers);
    same(r, "outcome", row.outcome, m->outcome);
    same(r, "rated", row.rated, m->stars);
    same(r, "solved", row.solved, m->solved);
    same(r, "reopened", row.reopened, m->reopened);
    same(r, "escalated", row.escalated, m->escalated);
    return ERR_OK;
}

static enum err tally_add(struct rebuild *r, struct office_id office, int32_t state)
{
    for (size_t i = 0; i < r->tally_count; i++) {
        if (r->tally[i].office.v == office.v && r->tally[i].state == state) {
            r->tally[i].n++;
            return ERR_OK;
        }
    }
    if (r->tally_count == COUNTS_MAX)
        return err_set(r->info, ERR_LIMIT, NULL, "more than %d counters", (int)COUNTS_MAX);
    r->tally[r->tally_count++] = (struct tally){office, state, 1};
    return ERR_OK;
}

static enum err compare_matter(struct rebuild *r, struct dossier_id id)
{
    struct dossier d;
    struct matter m;
    struct event *raw = NULL;
    struct matter_event *events = NULL;
    size_t count = 0;
    ref_format(r->h->keys->k_id, id, r->ref);
    r->found->matters++;
    enum err e = store_dossier(r->db, r->a, r->h, id, &d);
    if (e == ERR_NOT_FOUND) { /* its key is gone */
        r->found->shredded++;
        return ERR_OK;
    }
    TRY(e);
    TRY(store_events(r->db, r->a, r->h, &d, false, &raw, &count));
    r->found->events += (int64_t)count;
    same(r, "number of events", d.seq, (int64_t)count);
    if (store_fold(r->a, raw, count, &m, &events, r->info) != ERR_OK) {
        differs(r, "events do not fold: %s", r->info->detail);
        return ERR_OK;
    }
    same(r, "office", d.office.v, m.owner.v);
    same(r, "state", d.state, m.state);
    TRY(compare_row(r, &d, &m));
    TRY(compare_dues(r, id, events, count));
    return tally_add(r, m.owner, (int32_t)m.state);
}

/* ---- counters ------------------------------------------------------------------------------ */

static enum err compare_counters(struct rebuild *r)
{
    struct matter_counter_rows_row *rows = NULL;
    size_t count = 0;
    TRY(matter_counter_rows(r->db, r->a, &rows, &count));
    (void)snprintf(r->ref, sizeof(r->ref), "counters");
    same(r, "number of counters", (int64_t)count, (int64_t)r->tally_count);
    for (size_t i = 0; i < count; i++) {
        int64_t want = 0;
        for (size_t t = 0; t < r->tally_count; t++) {
            if (r->tally[t].office.v == rows[i].office.v && r->tally[t].state == rows[i].state)
                want = r->tally[t].n;
        }
        same(r, "a counter", rows[i].n, want);
    }
    return ERR_OK;
}

static enum err newest_leaf(struct rebuild *r, int64_t *ret_leaf)
{
    struct matter_newest_leaf_row row;
    TRY(matter_newest_leaf(r->db, r->a, &row));
    *ret_leaf = row.leaf;
    return ERR_OK;
}

/* ---- all of them --------------------------------------------------------------------------- */

/* One snapshot: up to CHUNK matters, or, when none is left, the counters. */
static enum err chunk(struct rebuild *r, struct dossier_id *after, int64_t *leaf, bool *ret_more)
{
    struct matter_ids_row *ids = NULL;
    size_t count = 0;
    int64_t now = 0;
    TRY(newest_leaf(r, &now));
    if (after->v == 0)
        *leaf = now;
    TRY(matter_ids(r->db, r->a, *after, CHUNK, &ids, &count));
    for (size_t i = 0; i < count; i++)
        TRY(compare_matter(r, ids[i].id));
    *ret_more = count == CHUNK;
    if (count > 0)
        *after = ids[count - 1].id;
    if (*ret_more || now != *leaf)
        return ERR_OK;
    return compare_counters(r);
}

enum err matter_rebuild_check(const struct house *h, rebuild_line_fn *line, void *ctx,
                              struct rebuild_found *ret_found, struct err_info *info)
{
    *ret_found = (struct rebuild_found){0};
    struct err_info own = {0};
    struct rebuild r = {
        .h = h, .found = ret_found, .line = line, .ctx = ctx, .info = info ? info : &own};
    CLEANUP(mem_free_ptr) struct tally *tally = mem_new_array(COUNTS_MAX, sizeof(*tally));
    if (tally == NULL)
        return ERR_NOMEM;
    r.tally = tally;
    struct dossier_id after = {0};
    int64_t leaf = 0;
    bool more = true;
    while (more) {
        CLEANUP(arena_done) struct arena a;
        arena_init(&a, ARENA_BYTES);
        r.a = &a;
        TRY(readers_take(h->readers, &r.db, info));
        enum err e = chunk(&r, &after, &leaf, &more);
        if (e != ERR_OK && r.info->err == ERR_OK)
            *r.info = *db_fault(r.db);
        readers_give(h->readers, r.db);
        TRY(e);
    }
    return ERR_OK;
}

/* ---- the command --------------------------------------------------------------------------- */

static void print_line(void *ctx, const char *text)
{
    (void)ctx;
    printf("%s\n", text);
}

static int rebuild_in(const char *dir)
{
    struct err_info info = {0};
    struct rebuild_found found;
    struct open_house *o = NULL;
    const struct house_how how = {.data_dir = dir};
    enum err e = house_open(&how, &o, &info);
    if (e == ERR_OK)
        e = matter_rebuild_check(open_house_get(o), print_line, NULL, &found, &info);
    house_close(o);
    if (e != ERR_OK) {
        terminal_say_err(stderr, &info);
        return 1;
    }
    const struct msg_arg args[] = {
        msg_number("matters", found.matters), msg_number("events", found.events),
        msg_number("differences", found.differences), msg_number("shredded", found.shredded)};
    terminal_say(stdout, MSG_MATTER_REBUILD_DONE, args, 4);
    return found.differences == 0 ? 0 : 1;
}

int cmd_rebuild(int argc, char **argv)
{
    const char *dir = "var";
    bool check = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--check") == 0)
            check = true;
        else if (strcmp(argv[i], "--data") == 0 && i + 1 < argc)
            dir = argv[++i];
        else
            return 2;
    }
    return check ? rebuild_in(dir) : 2;
}
