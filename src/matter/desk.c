/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "matter/desk.h"

#include "http/frame_staff.h"
#include "matter/desk.sql.h"
#include "matter/pages/desk_queue.html.h"
#include "matter/use.h"
#include "spine/keys.h"

enum { QUEUE_ROWS = 60, SOON_DAYS = 2, NO_END = INT32_MAX };

/* ---- what is asked of a list ------------------------------------------------------------------
 */

static const char *const WHOSE[] = {"all", "mine", "unassigned", NULL};
enum { WHOSE_ALL = 1, WHOSE_MINE, WHOSE_UNASSIGNED };

struct queue_input {
    struct str office; /* code; "" for the first one of the reader's */
    struct str kind;
    struct str state;
    int32_t whose;
    bool soon;
    struct str after; /* "<day>.<reference>.<n>": what the page before ended with */
};

static const struct form_field QUEUE_FIELDS[] = {
    FORM_TEXT(struct queue_input, office, 0, 100),
    FORM_TEXT(struct queue_input, kind, 0, 100),
    FORM_TEXT(struct queue_input, state, 0, 30),
    FORM_CHOICE(struct queue_input, whose, WHOSE, false),
    FORM_FLAG(struct queue_input, soon),
    FORM_TEXT(struct queue_input, after, 0, 60),
};
const struct form DESK_QUEUE_FORM = FORM_INIT("desk queue", struct queue_input, QUEUE_FIELDS);

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

static enum err filters_fill(struct request *req, const struct queue_input *in,
                             struct page_desk_queue *v)
{
    const struct pack *p = desk_house(req)->pack;
    v->kinds = ARENA_ARRAY(req->arena, p->kind_count + 1, struct page_desk_queue_kinds);
    v->states = ARENA_ARRAY(req->arena, MATTER_STATE_COUNT, struct page_desk_queue_states);
    if (v->kinds == NULL || v->states == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < p->kind_count; i++) {
        const struct pack_kind *k = &p->kind[i];
        v->kinds[v->kinds_count++] =
            (struct page_desk_queue_kinds){.id = k->id,
                                           .name = wording_pick(&k->name, desk_lang(req)),
                                           .on = str_eq(k->id, in->kind)};
    }
    for (int s = MATTER_NONE + 1; s < MATTER_STATE_COUNT; s++) {
        struct str word = matter_state_word((enum matter_state)s);
        if (matter_state_is_open((enum matter_state)s))
            v->states[v->states_count++] =
                (struct page_desk_queue_states){.id = word,
                                                .name = desk_state_key((enum matter_state)s),
                                                .on = str_eq(word, in->state)};
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
static struct str more_query(struct request *req, const struct queue_input *in,
                             const struct page_desk_queue *v, const struct desk_queue_row *last)
{
    const char *q = arena_printf(
        req->arena,
        "office=" STR_FMT "&kind=" STR_FMT "&state=" STR_FMT "%s%s%s&after=%d." STR_FMT ".%d",
        STR_ARG(v->office), STR_ARG(in->kind), STR_ARG(in->state), in->whose > 0 ? "&whose=" : "",
        in->whose > 0 ? WHOSE[in->whose - 1] : "", in->soon ? "&soon=1" : "", (int)last->at_day,
        STR_ARG(desk_ref(req, last->dossier)), (int)last->n);
    return q == NULL ? STR("") : str_of(q);
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

static enum err queue_ask(struct request *req, const struct queue_input *in,
                          struct office_id office, struct desk_queue_row **ret_rows, size_t *ret_n)
{
    struct queue_mark mark = mark_read(req, in->after);
    enum matter_state state = MATTER_NONE;
    (void)matter_state_of_word(in->state, &state);
    const struct desk_queue_in ask = {
        .office = office,
        .due_state = DUE_OPEN,
        .handler = {in->whose == WHOSE_MINE ? req->who.officer.v : 0},
        .unassigned = in->whose == WHOSE_UNASSIGNED,
        .kind = in->kind,
        .state = (int32_t)state,
        .channel = 0,
        .until = in->soon ? desk_today(req) + SOON_DAYS : NO_END,
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

enum err desk_queue_view(struct request *req)
{
    struct queue_input in = *(const struct queue_input *)request_form(req);
    struct held *held = NULL;
    size_t held_count = 0;
    TRY(desk_offices(req, &held, &held_count));
    struct office_id office = office_pick(req, held, held_count, in.office);
    if (in.whose == 0)
        in.whose = whose_default(held, held_count, office);
    struct page_desk_queue v = {.title = MSG_DESK_QUEUE_TITLE,
                                .none = MSG_DESK_QUEUE_NONE,
                                .kind = in.kind,
                                .state = in.state,
                                .soon = in.soon,
                                .mine = in.whose == WHOSE_MINE,
                                .unassigned = in.whose == WHOSE_UNASSIGNED,
                                .all = in.whose == WHOSE_ALL};
    struct desk_queue_row *rows = NULL;
    size_t n = 0;
    TRY(queue_ask(req, &in, office, &rows, &n));
    TRY(offices_fill(req, held, held_count, office, &v));
    TRY(filters_fill(req, &in, &v));
    TRY(boxes_fill(req, office, &v));
    TRY(rows_fill(req, rows, n, &v));
    if (n == QUEUE_ROWS)
        v.more = more_query(req, &in, &v, &rows[n - 1]);
    if (leads(held, held_count, office))
        TRY(assign_fill(req, office, &v));
    v.csrf = request_csrf(req, "/desk/assign");
    frame_staff(req, MSG_DESK_QUEUE_TITLE, STAFF_WORK, &v.frame);
    page_desk_queue_render(req->html, &v, req->lang);
    return reply_html(req, 200);
}

enum err desk_late_view(struct request *req)
{
    const struct queue_input *in = request_form(req);
    struct held *held = NULL;
    size_t held_count = 0;
    TRY(desk_offices(req, &held, &held_count));
    struct office_id office = office_pick(req, held, held_count, in->office);
    struct queue_mark mark = mark_read(req, in->after);
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
        v.more = more_query(req, in, &v, &rows[n - 1]);
    frame_staff(req, MSG_DESK_LATE_TITLE, STAFF_LATE, &v.frame);
    page_desk_queue_render(req->html, &v, req->lang);
    return reply_html(req, 200);
}
