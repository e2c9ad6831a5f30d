/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "spine/sweep.h"

#include "base/instant.h"
#include "base/mem.h"
#include "db/readers.h"
#include "db/setting.sql.h"
#include "db/writer.h"
#include "lib/text/zone.h"
#include "spine/house.h"
#include "spine/pack.h"
#include "spine/sweep.sql.h"

/* The calendars every due was counted with when all had been looked at. */
static const char SETTING[] = "sweep.calendars";

enum what { PASSED = 0, PASSED_FINE, STOOD, OTHER_CALENDAR, WHATS };

struct sweep {
    const struct house *house;
    const struct sweep_room *rooms;
    size_t room_count;
    bool calendars_known; /* all dues are counted with the calendars of the pack */
};

/* Where a pass stands, and one chunk of it. */
struct chunk {
    const struct sweep *s;
    enum what what;
    const struct calendar *calendar; /* OTHER_CALENDAR */
    int64_t after;                   /* day or instant of the last one looked at */
    struct dossier_id dossier;
    int64_t n;
    int64_t max;
    /* what the chunk did; taken over when it is committed */
    struct chunk_row {
        int64_t after;
        struct dossier_id dossier;
        int64_t n;
        enum dossier_kind kind;
    } last;
    int64_t count;
    int64_t acted;
    int64_t settled; /* with another one of the chunk */
};

enum err sweep_new(const struct house *h, const struct sweep_room *rooms, size_t room_count,
                   struct sweep **ret_sweep)
{
    struct sweep *s = mem_new(sizeof(*s));
    if (s == NULL)
        return ERR_NOMEM;
    *s = (struct sweep){.house = h, .rooms = rooms, .room_count = room_count};
    *ret_sweep = s;
    return ERR_OK;
}

void sweep_free(struct sweep *s)
{
    mem_free(s);
}

/* ---- which dues ---------------------------------------------------------------------------------
 */

static struct chunk_row *rows_new(struct arena *a, size_t count)
{
    return ARENA_ARRAY(a, count + 1, struct chunk_row);
}

static enum err find_passed(struct db *db, struct arena *a, const struct chunk *c, int64_t now_us,
                            struct chunk_row **ret_rows, size_t *ret_count)
{
    struct sweep_passed_row *rows = NULL;
    const struct sweep_passed_in in = {.today = house_day(c->s->house, now_us),
                                       .after_day = (int32_t)c->after,
                                       .after = c->dossier,
                                       .after_n = c->n,
                                       .max = c->max};
    TRY(sweep_passed(db, a, &in, &rows, ret_count));
    *ret_rows = rows_new(a, *ret_count);
    for (size_t i = 0; *ret_rows != NULL && i < *ret_count; i++)
        (*ret_rows)[i] = (struct chunk_row){rows[i].day, rows[i].dossier, rows[i].n,
                                            (enum dossier_kind)rows[i].kind};
    return *ret_rows == NULL ? ERR_NOMEM : ERR_OK;
}

static enum err find_passed_fine(struct db *db, struct arena *a, const struct chunk *c,
                                 int64_t now_us, struct chunk_row **ret_rows, size_t *ret_count)
{
    struct sweep_passed_fine_row *rows = NULL;
    const struct sweep_passed_fine_in in = {
        .now = now_us, .after_us = c->after, .after = c->dossier, .after_n = c->n, .max = c->max};
    TRY(sweep_passed_fine(db, a, &in, &rows, ret_count));
    *ret_rows = rows_new(a, *ret_count);
    for (size_t i = 0; *ret_rows != NULL && i < *ret_count; i++)
        (*ret_rows)[i] = (struct chunk_row){rows[i].at_us, rows[i].dossier, rows[i].n,
                                            (enum dossier_kind)rows[i].kind};
    return *ret_rows == NULL ? ERR_NOMEM : ERR_OK;
}

static enum err find_stood(struct db *db, struct arena *a, const struct chunk *c, int64_t now_us,
                           struct chunk_row **ret_rows, size_t *ret_count)
{
    struct sweep_stood_row *rows = NULL;
    const struct sweep_stood_in in = {.today = house_day(c->s->house, now_us),
                                      .after_day = (int32_t)c->after,
                                      .after = c->dossier,
                                      .after_n = c->n,
                                      .max = c->max};
    TRY(sweep_stood(db, a, &in, &rows, ret_count));
    *ret_rows = rows_new(a, *ret_count);
    for (size_t i = 0; *ret_rows != NULL && i < *ret_count; i++)
        (*ret_rows)[i] = (struct chunk_row){rows[i].day, rows[i].dossier, rows[i].n,
                                            (enum dossier_kind)rows[i].kind};
    return *ret_rows == NULL ? ERR_NOMEM : ERR_OK;
}

static enum err find_other_calendar(struct db *db, struct arena *a, const struct chunk *c,
                                    struct chunk_row **ret_rows, size_t *ret_count)
{
    struct sweep_other_calendar_row *rows = NULL;
    const char *low = arena_printf(a, STR_FMT "@", STR_ARG(c->calendar->id));
    const char *high = arena_printf(a, STR_FMT "A", STR_ARG(c->calendar->id)); /* '@' + 1 */
    if (low == NULL || high == NULL)
        return ERR_NOMEM;
    const struct sweep_other_calendar_in in = {.after = c->dossier,
                                               .after_n = c->n,
                                               .low = str_of(low),
                                               .high = str_of(high),
                                               .version = c->calendar->id_version,
                                               .max = c->max};
    TRY(sweep_other_calendar(db, a, &in, &rows, ret_count));
    *ret_rows = rows_new(a, *ret_count);
    for (size_t i = 0; *ret_rows != NULL && i < *ret_count; i++)
        (*ret_rows)[i] =
            (struct chunk_row){0, rows[i].dossier, rows[i].n, (enum dossier_kind)rows[i].kind};
    return *ret_rows == NULL ? ERR_NOMEM : ERR_OK;
}

static enum err find_rows(struct tx *tx, const struct chunk *c, struct chunk_row **ret_rows,
                          size_t *ret_count)
{
    switch (c->what) {
    case PASSED:
        return find_passed(tx->db, tx->arena, c, tx->now_us, ret_rows, ret_count);
    case PASSED_FINE:
        return find_passed_fine(tx->db, tx->arena, c, tx->now_us, ret_rows, ret_count);
    case STOOD:
        return find_stood(tx->db, tx->arena, c, tx->now_us, ret_rows, ret_count);
    case OTHER_CALENDAR:
        return find_other_calendar(tx->db, tx->arena, c, ret_rows, ret_count);
    case WHATS:
        break;
    }
    return ERR_INTERNAL;
}

/* ---- one chunk, in the writer ------------------------------------------------------------------
 */

static enum err act(struct tx *tx, const struct chunk *c, const struct chunk_row *row)
{
    const struct sweep *s = c->s;
    for (size_t i = 0; i < s->room_count; i++) {
        const struct sweep_room *room = &s->rooms[i];
        if (room->kind != row->kind)
            continue;
        if (c->what == OTHER_CALENDAR)
            return room->recount(tx, row->dossier, (int32_t)row->n);
        if (c->what == STOOD)
            return room->stood(tx, row->dossier, (int32_t)row->n);
        return room->missed(tx, row->dossier, (int32_t)row->n);
    }
    return err_set(tx->info, ERR_REFUSED, NULL, "no room sweeps dossiers of kind %d",
                   (int)row->kind);
}

/* What was done about one due may have ended others that were found with it: nothing is left to do
 * about those, and they are not stuck. */
static enum err is_settled(struct tx *tx, const struct chunk *c, const struct chunk_row *row,
                           bool *ret_yes)
{
    struct sweep_due_state_row now;
    TRY(sweep_due_state(tx->db, tx->arena, row->dossier, row->n, &now));
    bool stands = now.state == DUE_SUSPENDED;
    bool runs = now.state == DUE_OPEN;
    *ret_yes = c->what == STOOD ? !stands : c->what == OTHER_CALENDAR ? !runs && !stands : !runs;
    return ERR_OK;
}

static enum err chunk_act(struct tx *tx, void *ctx)
{
    struct chunk *c = ctx;
    struct chunk_row *rows = NULL;
    size_t count = 0;
    c->count = 0;
    c->acted = 0;
    c->settled = 0;
    TRY(find_rows(tx, c, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        c->last = rows[i];
        enum err err = act(tx, c, &rows[i]);
        if (err == ERR_OK)
            c->acted++;
        else if (err != ERR_REFUSED && err != ERR_CONFLICT && err != ERR_NOT_FOUND)
            return err;
        bool settled = false;
        if (err != ERR_OK)
            TRY(is_settled(tx, c, &rows[i], &settled));
        c->settled += settled ? 1 : 0;
        c->count++;
    }
    return ERR_OK;
}

/* ---- a pass over one kind of dues
 * ------------------------------------------------------------------ */

static void pass_on(struct chunk *c)
{
    c->after = c->last.after;
    c->dossier = c->last.dossier;
    c->n = c->last.n;
}

/* One due at a time, up to and past the one that fails. */
static enum err pass_singly(struct chunk *c, struct sweep_figures *f, struct err_info *info)
{
    struct writer *w = c->s->house->writer;
    for (int64_t i = 0; i < SWEEP_CHUNK; i++) {
        struct err_info why = {0};
        c->max = 1;
        c->last = (struct chunk_row){0};
        enum err err = writer_call(w, chunk_act, c, &why);
        if (err == ERR_BUSY || (err == ERR_OK && c->count == 0))
            return err;
        if (err != ERR_OK && c->last.dossier.v == 0)
            return err; /* not the due's fault: it could not even be looked up */
        f->acted += err == ERR_OK ? c->acted : 0;
        f->stuck += err == ERR_OK ? c->count - c->acted - c->settled : 1;
        if (err != ERR_OK && info != NULL && info->err == ERR_OK) {
            *info = why;
            info->err = err;
            size_t len = strlen(info->detail);
            snprintf(info->detail + len, sizeof(info->detail) - len, " (dossier %lld, due %lld)",
                     (long long)c->last.dossier.v, (long long)c->last.n);
        }
        pass_on(c);
    }
    return ERR_OK;
}

static enum err pass(struct chunk *c, bool (*go_on)(void *ctx), void *ctx, struct sweep_figures *f,
                     struct err_info *info)
{
    while (go_on == NULL || go_on(ctx)) {
        c->max = SWEEP_CHUNK;
        enum err err = writer_call(c->s->house->writer, chunk_act, c, NULL);
        if (err == ERR_BUSY || err == ERR_FULL)
            return err;
        if (err != ERR_OK) {
            TRY(pass_singly(c, f, info));
            continue;
        }
        f->acted += c->acted;
        f->stuck += c->count - c->acted - c->settled;
        if (c->count < SWEEP_CHUNK)
            return ERR_OK;
        pass_on(c);
    }
    return ERR_OK;
}

/* ---- calendars
 * ------------------------------------------------------------------------------------ */

/* "CN@2026.1 GB-EAW@2028.1": the calendars of the pack. */
static enum err calendars_text(const struct sweep *s, struct buf *b)
{
    const struct pack *p = s->house->pack;
    for (size_t i = 0; i < p->calendar_count; i++) {
        if (i > 0)
            buf_char(b, ' ');
        buf_str(b, p->calendar[i]->id_version);
    }
    return buf_err(b);
}

static enum err calendars_store(struct tx *tx, void *ctx)
{
    const struct sweep *s = ctx;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 65536);
    TRY(calendars_text(s, &b));
    return setting_put(tx->db, str_of(SETTING), buf_view(&b), tx->now_us);
}

static enum err calendars_are_known(struct sweep *s, struct db *db, struct arena *a)
{
    struct setting_get_row row;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 65536);
    TRY(calendars_text(s, &b));
    enum err err = setting_get(db, a, str_of(SETTING), &row);
    if (err != ERR_OK)
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    s->calendars_known = str_eq(row.value, buf_view(&b));
    return ERR_OK;
}

static enum err recount_all(struct sweep *s, bool (*go_on)(void *ctx), void *ctx,
                            struct sweep_figures *f, struct err_info *info)
{
    int64_t stuck = f->stuck;
    const struct pack *p = s->house->pack;
    for (size_t i = 0; i < p->calendar_count; i++) {
        struct chunk c = {.s = s, .what = OTHER_CALENDAR, .calendar = p->calendar[i]};
        TRY(pass(&c, go_on, ctx, f, info));
    }
    if (f->stuck != stuck || (go_on != NULL && !go_on(ctx)))
        return ERR_OK;
    TRY(writer_call(s->house->writer, calendars_store, s, info));
    s->calendars_known = true;
    return ERR_OK;
}

/* ---- looking
 * -------------------------------------------------------------------------------------- */

/* What waits now, from a reader: with nothing due the writer is left alone. */
static enum err look(struct sweep *s, struct arena *a, struct sweep_next_row *ret_next,
                     struct err_info *info)
{
    struct db *db = NULL;
    TRY(readers_take(s->house->readers, &db, info));
    enum err err = sweep_next(db, a, ret_next);
    if (err == ERR_OK && !s->calendars_known)
        err = calendars_are_known(s, db, a);
    if (err != ERR_OK && info != NULL)
        *info = *db_fault(db);
    readers_give(s->house->readers, db);
    return err;
}

static int64_t earliest(const struct house *h, const struct sweep_next_row *next)
{
    int64_t us = next->at_us;
    if (next->day != INT32_MAX && zone_day_end(h->zone, next->day) < us)
        us = zone_day_end(h->zone, next->day);
    if (next->until_day != INT32_MAX && zone_day_end(h->zone, next->until_day) < us)
        us = zone_day_end(h->zone, next->until_day);
    return us;
}

enum err sweep_look(struct sweep *s, bool (*go_on)(void *ctx), void *ctx,
                    struct sweep_figures *ret_figures, struct err_info *info)
{
    const struct house *h = s->house;
    struct sweep_figures f = {0};
    struct sweep_next_row next;
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 1 << 20);
    if (info != NULL)
        info->err = ERR_OK;
    TRY(look(s, &a, &next, info));
    if (!s->calendars_known)
        TRY(recount_all(s, go_on, ctx, &f, info));
    if (earliest(h, &next) <= instant_now()) {
        for (enum what what = PASSED; what <= STOOD; what++) {
            /* Days before 1970 do not occur; ids and numbers begin at 1. */
            struct chunk c = {.s = s, .what = what, .after = -1};
            TRY(pass(&c, go_on, ctx, &f, info));
        }
        TRY(look(s, &a, &next, info));
    }
    f.next_us = earliest(h, &next);
    *ret_figures = f;
    return ERR_OK;
}
