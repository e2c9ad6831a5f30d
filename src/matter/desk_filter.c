/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "matter/desk_filter.h"

#include "base/instant.h"
#include "base/mem.h"
#include "db/writer.h"
#include "matter/desk_filter.sql.h"
#include "matter/pages/desk_queue.html.h"
#include "spine/search_words.h"

static const char *const WHOSE[] = {"all", "mine", "unassigned", NULL};

#define FILTER_COMMON                                                                              \
    FORM_TEXT(struct desk_filter, office, 0, 100), FORM_TEXT(struct desk_filter, kind, 0, 100),    \
        FORM_TEXT(struct desk_filter, state, 0, 30),                                               \
        FORM_TEXT(struct desk_filter, channel, 0, 30),                                             \
        FORM_CHOICE(struct desk_filter, whose, WHOSE, false), FORM_FLAG(struct desk_filter, soon), \
        FORM_DATE(struct desk_filter, from, false), FORM_DATE(struct desk_filter, to, false)

static const struct form_field QUEUE_FIELDS[] = {
    FILTER_COMMON,
    FORM_INT(struct desk_filter, kept, 0, FILTERS_MAX, false),
    FORM_TEXT(struct desk_filter, after, 0, 60),
};
const struct form DESK_QUEUE_FORM = FORM_INIT("desk queue", struct desk_filter, QUEUE_FIELDS);

static const struct form_field FILTER_FIELDS[] = {
    FILTER_COMMON,
    FORM_TEXT(struct desk_filter, place, 0, 200),
    FORM_TEXT(struct desk_filter, title, 0, 40),
    FORM_FLAG(struct desk_filter, keep),
};
const struct form DESK_FILTER_FORM = FORM_INIT("desk filter", struct desk_filter, FILTER_FIELDS);

struct drop_input {
    int64_t n;
};
static const struct form_field DROP_FIELDS[] = {
    FORM_INT(struct drop_input, n, 0, FILTERS_MAX, true),
};
const struct form DESK_FILTER_DROP_FORM = FORM_INIT("drop filter", struct drop_input, DROP_FIELDS);

/* ---- what is asked --------------------------------------------------------------------------- */

static int32_t state_of(struct str word)
{
    enum matter_state s = MATTER_NONE;
    return matter_state_of_word(word, &s) ? (int32_t)s : 0;
}

static int32_t channel_of(struct str word)
{
    enum matter_channel c = CHANNEL_NONE;
    return matter_channel_of_word(word, &c) ? (int32_t)c : 0;
}

static void take_row(const struct request *req, const struct filter_list_row *row,
                     struct desk_filter *f)
{
    const struct office *o = office_find(house_tree(desk_house(req)), row->office);
    f->office = o == NULL ? STR("") : o->code;
    f->whose = row->whose;
    f->kind = row->kind;
    f->state = row->state == 0 ? STR("") : matter_state_word((enum matter_state)row->state);
    f->channel =
        row->channel == 0 ? STR("") : matter_channel_word((enum matter_channel)row->channel);
    f->place = row->place;
    f->soon = row->soon;
    f->from = row->from_day == 0 ? FORM_NO_DAY : row->from_day;
    f->to = row->to_day == 0 ? FORM_NO_DAY : row->to_day;
}

enum err desk_filter_settle(struct request *req, struct desk_filter *f)
{
    if (f->kept != FORM_NO_INT) {
        struct filter_list_row *rows = NULL;
        size_t n = 0;
        bool is_there = false;
        TRY(filter_list(req->db, req->arena, req->who.officer, &rows, &n));
        for (size_t i = 0; i < n && !is_there; i++) {
            is_there = rows[i].n == f->kept;
            if (is_there)
                take_row(req, &rows[i], f);
        }
        if (!is_there)
            f->kept = FORM_NO_INT;
    }
    if (pack_find_kind(desk_house(req)->pack, f->kind) == NULL)
        f->kind = STR("");
    if (state_of(f->state) == 0)
        f->state = STR("");
    if (channel_of(f->channel) == 0)
        f->channel = STR("");
    return ERR_OK;
}

static void put_day(struct buf *b, const char *name, int32_t day)
{
    if (day == FORM_NO_DAY)
        return;
    buf_printf(b, "&%s=", name);
    day_format(day, b);
}

/* Nothing here needs to be escaped: codes and words are letters, digits, dots and lines. */
enum err desk_filter_query(struct request *req, const struct desk_filter *f, struct str *ret_query)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1000);
    if (f->kept != FORM_NO_INT) {
        buf_printf(&b, "kept=%d", (int)f->kept);
    } else {
        const struct office *o = office_find_code(house_tree(desk_house(req)), f->office);
        buf_printf(&b, "office=" STR_FMT "&kind=" STR_FMT "&state=" STR_FMT "&channel=" STR_FMT,
                   STR_ARG(o == NULL ? STR("") : o->code), STR_ARG(f->kind), STR_ARG(f->state),
                   STR_ARG(f->channel));
        if (f->whose > 0)
            buf_printf(&b, "&whose=%s", WHOSE[f->whose - 1]);
        if (f->soon)
            buf_c(&b, "&soon=1");
        put_day(&b, "from", f->from);
        put_day(&b, "to", f->to);
    }
    TRY(buf_err(&b));
    *ret_query = str_copy(req->arena, buf_view(&b));
    return ERR_OK;
}

/* ---- what is shown --------------------------------------------------------------------------- */

static enum err kinds_fill(struct request *req, const struct desk_filter *f,
                           struct page_desk_queue *v)
{
    const struct pack *p = desk_house(req)->pack;
    v->kinds = ARENA_ARRAY(req->arena, p->kind_count + 1, struct page_desk_queue_kinds);
    if (v->kinds == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < p->kind_count; i++) {
        const struct pack_kind *k = &p->kind[i];
        v->kinds[v->kinds_count++] =
            (struct page_desk_queue_kinds){.id = k->id,
                                           .name = wording_pick(&k->name, desk_lang(req)),
                                           .on = str_eq(k->id, f->kind)};
    }
    return ERR_OK;
}

/* States that are open, with what the counters of the office say; kinds and channels have none. */
static enum err states_fill(struct request *req, const struct desk_filter *f,
                            struct page_desk_queue *v)
{
    v->states = ARENA_ARRAY(req->arena, MATTER_STATE_COUNT, struct page_desk_queue_states);
    v->channels = ARENA_ARRAY(req->arena, CHANNEL_COUNT, struct page_desk_queue_channels);
    if (v->states == NULL || v->channels == NULL)
        return ERR_NOMEM;
    for (int s = MATTER_NONE + 1; s < MATTER_STATE_COUNT; s++) {
        if (!matter_state_is_open((enum matter_state)s))
            continue;
        enum msg_key name = desk_state_key((enum matter_state)s);
        struct page_desk_queue_states *out = &v->states[v->states_count++];
        *out = (struct page_desk_queue_states){.id = matter_state_word((enum matter_state)s),
                                               .name = name};
        out->on = str_eq(out->id, f->state);
        for (size_t i = 0; i < v->boxes_count; i++)
            out->n += v->boxes[i].name == name ? v->boxes[i].n : 0;
    }
    for (int c = CHANNEL_NONE + 1; c < CHANNEL_COUNT; c++) {
        struct str word = matter_channel_word((enum matter_channel)c);
        v->channels[v->channels_count++] =
            (struct page_desk_queue_channels){.id = word,
                                              .name = desk_channel_key((enum matter_channel)c),
                                              .on = str_eq(word, f->channel)};
    }
    return ERR_OK;
}

static enum err kept_fill(struct request *req, const struct desk_filter *f,
                          struct page_desk_queue *v)
{
    struct filter_list_row *rows = NULL;
    size_t n = 0;
    TRY(filter_list(req->db, req->arena, req->who.officer, &rows, &n));
    v->kept = ARENA_ARRAY(req->arena, n + 1, struct page_desk_queue_kept);
    if (v->kept == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < n; i++) {
        if (rows[i].n > 0)
            v->kept[v->kept_count++] = (struct page_desk_queue_kept){
                .n = rows[i].n, .title = rows[i].title, .on = rows[i].n == f->kept};
    }
    return ERR_OK;
}

/* What was typed as it was typed; else the day of the row. */
static struct str day_shown(struct request *req, const char *field, int32_t day)
{
    struct str typed = request_typed(req, field);
    if (typed.len > 0 || day == FORM_NO_DAY)
        return typed;
    return desk_day_iso(req, day);
}

enum err desk_filter_fill(struct request *req, const struct desk_filter *f,
                          struct page_desk_queue *v)
{
    TRY(kinds_fill(req, f, v));
    TRY(states_fill(req, f, v));
    TRY(kept_fill(req, f, v));
    v->place = f->place;
    v->from = day_shown(req, "from", f->from);
    v->to = day_shown(req, "to", f->to);
    v->soon = f->soon;
    v->keep_title = f->title;
    v->mine = f->whose == WHOSE_MINE;
    v->unassigned = f->whose == WHOSE_UNASSIGNED;
    v->all = f->whose == WHOSE_ALL;
    v->filter_csrf = request_csrf(req, "/desk/filter");
    v->drop_csrf = request_csrf(req, "/desk/filter/drop");
    return ERR_OK;
}

/* ---- keeping --------------------------------------------------------------------------------- */

/* "Wang Xiuying's house" is whose house it is: without what follows a name, it is a name. */
static struct str without_home(struct str part)
{
    static const char *const ENDS[] = {"家里", "家中", "住处", "家", "宅", "户", "的"};
    for (size_t i = 0; i < sizeof(ENDS) / sizeof(ENDS[0]); i++) {
        struct str end = str_of(ENDS[i]);
        if (part.len > end.len && str_eq(str_sub(part, part.len - end.len, end.len), end))
            return str_sub(part, 0, part.len - end.len);
    }
    return part;
}

/* One of its parts is a number of a person, or a name alone. What is written without a gap is read
 * as one: a street that is called after somebody remains a street. */
static bool points_to_person(struct str text)
{
    struct str part;
    if (search_is_number(text) || search_is_name(text))
        return true;
    for (struct str rest = text; rest.len > 0;) {
        (void)str_cut(&rest, ' ', &part);
        if (search_is_number(part) || search_is_name(part) || search_is_name(without_home(part)))
            return true;
    }
    return false;
}

/* Faults stand beside their fields. Neither a place nor a name points to a person. */
static void filter_check(struct request *req, const struct desk_filter *f)
{
    if (f->from != FORM_NO_DAY && f->to != FORM_NO_DAY && f->from > f->to)
        form_fault_add(&req->faults, "to", "desk.filter.days");
    if (f->place.len > 0 && search_is_number(f->place))
        form_fault_add(&req->faults, "place", "search.refused.number");
    else if (f->place.len > 0 && points_to_person(f->place))
        form_fault_add(&req->faults, "place", "desk.filter.place_person");
    if (f->keep && f->title.len == 0)
        form_fault_add(&req->faults, "title", "desk.filter.no_title");
    if (f->title.len > 0 && points_to_person(f->title))
        form_fault_add(&req->faults, "title", "desk.filter.person");
}

/* What is neither named nor has a place needs no row: its address says all. */
enum err desk_filter_prepare(struct request *req)
{
    struct desk_filter *f = request_form(req);
    struct str query;
    f->kept = FORM_NO_INT;
    if (!f->keep)
        f->title = STR("");
    TRY(desk_filter_settle(req, f));
    filter_check(req, f);
    if (req->faults.count > 0 || f->title.len > 0 || f->place.len > 0)
        return ERR_OK;
    TRY(desk_filter_query(req, f, &query));
    const char *path = arena_printf(req->arena, "/desk?" STR_FMT, STR_ARG(query));
    return path == NULL ? ERR_NOMEM : reply_see_other(req, str_of(path));
}

/* The row of that title, else a free one; 0 for no title. */
static enum err row_pick(struct tx *tx, const struct request *req, struct str title, int64_t *ret_n)
{
    struct filter_list_row *rows = NULL;
    size_t count = 0;
    *ret_n = 0;
    if (title.len == 0)
        return ERR_OK;
    TRY(filter_list(tx->db, tx->arena, req->who.officer, &rows, &count));
    int64_t free = 1;
    for (size_t i = 0; i < count; i++) { /* ascending by n */
        if (rows[i].n > 0 && str_eq(rows[i].title, title)) {
            *ret_n = rows[i].n;
            return ERR_OK;
        }
        free += rows[i].n == free;
    }
    if (free > FILTERS_MAX)
        return err_set(tx->info, ERR_REFUSED, "desk.filter.full", "%d filters", FILTERS_MAX);
    *ret_n = free;
    return ERR_OK;
}

enum err desk_filter_act(struct tx *tx, struct request *req)
{
    struct desk_filter *f = request_form(req);
    const struct office *o = office_find_code(house_tree(desk_house(req)), f->office);
    int64_t n = 0;
    TRY(row_pick(tx, req, f->title, &n));
    const struct filter_put_in row = {
        .officer = req->who.officer,
        .n = n,
        .title = f->title,
        .office = o == NULL ? (struct office_id){0} : o->id,
        .whose = f->whose,
        .kind = f->kind,
        .state = state_of(f->state),
        .channel = channel_of(f->channel),
        .place = f->place,
        .soon = f->soon,
        .from_day = f->from == FORM_NO_DAY ? 0 : f->from,
        .to_day = f->to == FORM_NO_DAY ? 0 : f->to,
    };
    TRY(filter_put(tx->db, &row));
    int64_t *kept = ARENA_NEW(req->arena, int64_t);
    if (kept == NULL)
        return ERR_NOMEM;
    *kept = n;
    req->model = kept;
    return ERR_OK;
}

enum err desk_filter_reply(struct request *req)
{
    const int64_t *kept = req->model;
    const char *path = arena_printf(req->arena, "/desk?kept=%d", (int)*kept);
    return path == NULL ? ERR_NOMEM : reply_see_other(req, str_of(path));
}

enum err desk_filter_drop_act(struct tx *tx, struct request *req)
{
    const struct drop_input *in = request_form(req);
    return filter_drop(tx->db, req->who.officer, in->n);
}

enum err desk_filter_drop_reply(struct request *req)
{
    return reply_see_other(req, STR("/desk"));
}
