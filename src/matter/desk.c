/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "matter/desk_filter.h"

#include "http/frame.h"
#include "http/frame_staff.h"
#include "matter/desk.sql.h"
#include "matter/pages/desk_queue.html.h"
#include "matter/use.h"
#include "spine/keys.h"

enum { QUEUE_ROWS = 60, SOON_DAYS = 2, NO_END = INT32_MAX };

/* ---- what is asked of a list ------------------------------------------------------------------
 */

/* Where a page goes on. */
struct queue_mark {
    int32_t day;
    struct dossier_id dossier;
    int64_t n;
};

static struct queue_mark mark_read(struct request *req, struct str after)
{
    struct queue_mark start = {.day = INT32_MIN};
    struct queue_mark m = start;
    struct str part = STR_NULL;
    int64_t day = 0;
    if (!str_cut(&after, '.', &part) || !str_to_i64(part, INT32_MIN, INT32_MAX, &day) ||
        !str_cut(&after, '.', &part) || !ref_parse(desk_house(req)->keys->k_id, part, &m.dossier) ||
        !str_cut(&after, '.', &part) || !str_to_i64(part, 0, INT32_MAX, &m.n))
        return start;
    m.day = (int32_t)day;
    return m;
}

/* One of the reader's offices by its code, the first one otherwise; 0 when there is none. */
static struct office_id office_pick(const struct request *req, const struct held *held, size_t n,
                                    struct str code)
{
    const struct office_tree *tree = house_tree(desk_house(req));
    for (size_t i = 0; i < n; i++) {
        const struct office *o = office_find(tree, held[i].office);
        if (o != NULL && str_eq(o->code, code))
            return o->id;
    }
    return n > 0 ? held[0].office : (struct office_id){0};
}

static enum err offices_fill(struct request *req, const struct held *held, size_t n,
                             struct office_id on, struct page_desk_queue *v)
{
    const struct office_tree *tree = house_tree(desk_house(req));
    v->offices = ARENA_ARRAY(req->arena, n + 1, struct page_desk_queue_offices);
    if (v->offices == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        const struct office *o = office_find(tree, held[i].office);
        if (o == NULL)
            continue;
        v->offices[v->offices_count++] = (struct page_desk_queue_offices){
            .code = o->code, .name = office_name(o, desk_lang(req)), .on = o->id.v == on.v};
        if (o->id.v == on.v)
            v->office = o->code;
    }
    return ERR_OK;
}

/* The office's counts by state, less what the reader is barred from. */
static enum err boxes_fill(struct request *req, struct office_id office, struct page_desk_queue *v)
{
    struct desk_counts_row *all = NULL;
    struct desk_counts_barred_row *barred = NULL;
    size_t all_count = 0;
    size_t barred_count = 0;
    TRY(desk_counts(req->db, req->arena, office, &all, &all_count));
    TRY(desk_counts_barred(req->db, req->arena, office, req->who.officer, &barred, &barred_count));
    v->boxes = ARENA_ARRAY(req->arena, all_count + 1, struct page_desk_queue_boxes);
    if (v->boxes == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < all_count; i++) {
        int64_t n = all[i].n;
        for (size_t k = 0; k < barred_count; k++)
            n -= barred[k].state == all[i].state ? barred[k].n : 0;
        if (n > 0)
            v->boxes[v->boxes_count++] = (struct page_desk_queue_boxes){
                .name = desk_state_key((enum matter_state)all[i].state), .n = n};
    }
    return ERR_OK;
}

/* ---- rows ---------------------------------------------------------------------------------- */

static struct page_desk_queue_rows row_view(struct request *req, const struct desk_queue_row *r)
{
    int32_t today = desk_today(req);
    return (struct page_desk_queue_rows){
        .ref = desk_ref(req, r->dossier),
        .title = r->title,
        .sealed = r->content == CONTENT_SEALED,
        .kind = desk_kind_name(req, r->kind),
        .state = desk_state_key((enum matter_state)r->state),
        .handler = desk_officer_name(req, r->handler),
        .received = r->received_day,
        .rule = desk_rule_name(req, r->rule),
        .last = r->at_day,
        .at = r->at_us,
        .fine = r->fine,
        .left = desk_left(req, r->at_us, r->at_day, r->fine),
        .is_late = r->at_us <= req->now_us,
        .is_soon = r->at_us > req->now_us && r->at_day <= today + SOON_DAYS,
        .provisional = r->provisional,
        .reopened = r->reopened,
    };
}

/* A matter with several limits stands once, under the first. */
static enum err rows_fill(struct request *req, const struct desk_queue_row *rows, size_t n,
                          struct page_desk_queue *v)
{
    v->rows = ARENA_ARRAY(req->arena, n + 1, struct page_desk_queue_rows);
    if (v->rows == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        bool is_again = false;
        for (size_t k = 0; k < i && !is_again; k++)
            is_again = rows[k].dossier.v == rows[i].dossier.v;
        if (!is_again)
            v->rows[v->rows_count++] = row_view(req, &rows[i]);
    }
    return ERR_OK;
}

/* The query of the next page. */
static enum err more_fill(struct request *req, const struct desk_filter *f,
                          const struct desk_queue_row *last, struct page_desk_queue *v)
{
    struct str query;
    TRY(desk_filter_query(req, f, &query));
    const char *q =
        arena_printf(req->arena, STR_FMT "&after=%d." STR_FMT ".%d", STR_ARG(query),
                     (int)last->at_day, STR_ARG(desk_ref(req, last->dossier)), (int)last->n);
    v->more = q == NULL ? STR("") : str_of(q);
    return ERR_OK;
}

static enum err assign_fill(struct request *req, struct office_id office, struct page_desk_queue *v)
{
    struct desk_assignable_row *rows = NULL;
    size_t n = 0;
    TRY(desk_assignable(req->db, req->arena, office, (struct dossier_id){0}, desk_today(req), &rows,
                        &n));
    v->officers = ARENA_ARRAY(req->arena, n + 1, struct page_desk_queue_officers);
    if (v->officers == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++)
        v->officers[v->officers_count++] =
            (struct page_desk_queue_officers){.id = rows[i].login, .name = rows[i].name};
    v->assign = n > 0 && v->rows_count > 0;
    return ERR_OK;
}

static enum err queue_ask(struct request *req, const struct desk_filter *f, struct office_id office,
                          struct desk_queue_row **ret_rows, size_t *ret_n)
{
    struct queue_mark mark = mark_read(req, f->after);
    enum matter_state state = MATTER_NONE;
    enum matter_channel channel = CHANNEL_NONE;
    (void)matter_state_of_word(f->state, &state);
    (void)matter_channel_of_word(f->channel, &channel);
    const struct desk_queue_in ask = {
        .office = office,
        .due_state = DUE_OPEN,
        .handler = {f->whose == WHOSE_MINE ? req->who.officer.v : 0},
        .unassigned = f->whose == WHOSE_UNASSIGNED,
        .kind = f->kind,
        .state = (int32_t)state,
        .channel = (int32_t)channel,
        .at_place = f->place.len > 0,
        .place = f->place,
        .from_day = f->from == FORM_NO_DAY ? 0 : f->from,
        .to_day = f->to == FORM_NO_DAY ? 0 : f->to,
        .until = f->soon ? desk_today(req) + SOON_DAYS : NO_END,
        .after_day = mark.day,
        .after = mark.dossier,
        .after_n = mark.n,
    };
    return desk_queue(req->db, req->arena, &ask, ret_rows, ret_n);
}

/* Whoever only handles sees first what is assigned to them. */
static int32_t whose_default(const struct held *held, size_t n, struct office_id office)
{
    for (size_t i = 0; i < n; i++) {
        if (held[i].office.v == office.v)
            return (held[i].posts & ((1U << POST_DESK) | (1U << POST_LEAD))) != 0 ? WHOSE_ALL
                                                                                  : WHOSE_MINE;
    }
    return WHOSE_ALL;
}

static bool leads(const struct held *held, size_t n, struct office_id office)
{
    for (size_t i = 0; i < n; i++) {
        if (held[i].office.v == office.v)
            return (held[i].posts & (1U << POST_LEAD)) != 0;
    }
    return false;
}

static void faults_fill(const struct request *req, struct page_desk_queue *v)
{
    v->from_fault = frame_fault(req, "from");
    v->to_fault = frame_fault(req, "to");
    v->place_fault = frame_fault(req, "place");
    v->title_fault = frame_fault(req, "title");
    v->faults = req->faults.count > 0;
    if (req->err.err != ERR_OK && req->err.key[0] != '\0')
        v->fault = msg_say_err(&req->err);
}

static enum err page_show(struct request *req, int status)
{
    struct desk_filter f = *(const struct desk_filter *)request_form(req);
    struct held *held = NULL;
    size_t held_count = 0;
    TRY(desk_filter_settle(req, &f));
    TRY(desk_offices(req, &held, &held_count));
    struct office_id office = office_pick(req, held, held_count, f.office);
    if (f.whose == 0)
        f.whose = whose_default(held, held_count, office);
    struct page_desk_queue v = {.title = MSG_DESK_QUEUE_TITLE, .none = MSG_DESK_QUEUE_NONE};
    struct desk_queue_row *rows = NULL;
    size_t n = 0;
    TRY(queue_ask(req, &f, office, &rows, &n));
    TRY(offices_fill(req, held, held_count, office, &v));
    TRY(boxes_fill(req, office, &v));
    TRY(desk_filter_fill(req, &f, &v));
    TRY(rows_fill(req, rows, n, &v));
    if (n == QUEUE_ROWS)
        TRY(more_fill(req, &f, &rows[n - 1], &v));
    v.leads = leads(held, held_count, office);
    if (v.leads)
        TRY(assign_fill(req, office, &v));
    faults_fill(req, &v);
    v.csrf = request_csrf(req, "/desk/assign");
    frame_staff(req, MSG_DESK_QUEUE_TITLE, STAFF_WORK, &v.frame);
    page_desk_queue_render(req->html, &v, req->lang);
    return reply_html(req, status);
}

enum err desk_queue_view(struct request *req)
{
    return page_show(req, 200);
}

/* A filter that does not fit: nothing is found by it, what was typed stands there still. */
enum err desk_queue_again(struct request *req)
{
    struct desk_filter *f = request_form(req);
    if (req->route->method == METHOD_POST)
        f->kept = FORM_NO_INT;
    return page_show(req, 422);
}

enum err desk_late_view(struct request *req)
{
    struct desk_filter f = *(const struct desk_filter *)request_form(req);
    struct held *held = NULL;
    size_t held_count = 0;
    f.kept = FORM_NO_INT;
    TRY(desk_filter_settle(req, &f));
    TRY(desk_offices(req, &held, &held_count));
    struct office_id office = office_pick(req, held, held_count, f.office);
    struct queue_mark mark = mark_read(req, f.after);
    const struct desk_queue_in ask = {.office = office,
                                      .due_state = DUE_MISSED,
                                      .kind = STR(""),
                                      .until = NO_END,
                                      .after_day = mark.day,
                                      .after = mark.dossier,
                                      .after_n = mark.n};
    struct desk_queue_row *rows = NULL;
    size_t n = 0;
    TRY(desk_queue(req->db, req->arena, &ask, &rows, &n));
    struct page_desk_queue v = {
        .title = MSG_DESK_LATE_TITLE, .none = MSG_DESK_LATE_NONE, .is_late = true};
    TRY(offices_fill(req, held, held_count, office, &v));
    TRY(rows_fill(req, rows, n, &v));
    if (n == QUEUE_ROWS)
        TRY(more_fill(req, &f, &rows[n - 1], &v));
    frame_staff(req, MSG_DESK_LATE_TITLE, STAFF_LATE, &v.frame);
    page_desk_queue_render(req->html, &v, req->lang);
    return reply_html(req, 200);
}
