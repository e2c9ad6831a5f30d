/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* sim_check: what must hold in one matter, read anew from the disk after every step. */
#include "tests/fault/sim.h"

#include "base/mem.h"
#include "db/readers.h"
#include "lib/text/zone.h"
#include "matter/store.h"
#include "spine/calendar.h"
#include "spine/grant.h"
#include "spine/grant.sql.h"
#include "spine/office.h"
#include "spine/proof.h"
#include "tests/fault/sim.sql.h"

enum { DUES_MAX = 2000 };

/* One matter being looked at. */
struct look {
    struct sim_life *l;
    struct db *db;
    struct dossier d;
    struct matter_story story;
    int64_t id;
};

/* ---- the chain --------------------------------------------------------------------------------
 */

static void leaf_of(const struct look *k, const struct event *e, struct hash *ret_leaf)
{
    uint8_t salt[32];
    uint8_t entry[EVENT_ENTRY_BYTES];
    struct hash commit;
    event_salt(k->d.mlk, e->seq, salt);
    event_commit(salt, e->text, &commit);
    event_entry(&commit, entry);
    proof_leaf(entry, sizeof entry, ret_leaf);
}

/* Numbered 1 .. n, each on the one before; what was seen once is still the same. */
static void check_chain(struct look *k)
{
    struct sim *s = k->l->s;
    const struct sim_matter *m = &s->matters[k->id];
    struct hash prev = {{0}};
    for (size_t i = 0; i < k->story.count; i++) {
        const struct event *e = &k->story.raw[i];
        if (e->seq != (int64_t)i + 1 || e->parsed.seq != e->seq)
            sim_fail(s, k->id, "event %zu has number %lld", i + 1, (long long)e->seq);
        if (e->parsed.has_prev != (i > 0) ||
            (i > 0 && memcmp(e->parsed.prev.b, prev.b, sizeof prev.b) != 0))
            sim_fail(s, k->id, "event %zu does not name the one before it", i + 1);
        leaf_of(k, e, &prev);
        if (m->seq == e->seq && memcmp(prev.b, m->tail.b, sizeof prev.b) != 0)
            sim_fail(s, k->id, "event %zu is another one than was seen before", i + 1);
    }
    if (memcmp(prev.b, k->d.tail, sizeof prev.b) != 0 || k->d.seq != (int64_t)k->story.count)
        sim_fail(s, k->id, "the row names other events than there are");
    if ((int64_t)k->story.count < m->acked || (int64_t)k->story.count < m->seq)
        sim_fail(s, k->id, "%lld events were acknowledged, %lld seen, %zu are there",
                 (long long)m->acked, (long long)m->seq, k->story.count);
}

/* ---- dues -------------------------------------------------------------------------------------
 */

/* How one due went, from its events. */
struct went {
    struct str rule;
    bool runs;
    bool missed;
    bool over;
};

static const struct due_rule *rule_of(const struct look *k, struct str id, struct due_rule *hold)
{
    const struct due_rule *rule = matter_due_rule(k->l->h->pack, id, hold);
    if (rule == NULL)
        sim_fail(k->l->s, k->id, "no rule " STR_FMT, STR_ARG(id));
    return rule;
}

static void check_one_open(const struct look *k, const struct went *dues, int32_t count, int32_t n)
{
    for (int32_t i = 1; i <= count; i++) {
        if (i != n && dues[i].runs && !dues[i].over && str_eq(dues[i].rule, dues[n].rule))
            sim_fail(k->l->s, k->id, "two dues of " STR_FMT " run", STR_ARG(dues[n].rule));
    }
}

static void due_began(const struct look *k, struct went *dues, int32_t *count,
                      const struct matter_event *e)
{
    if (e->body.n != *count + 1 || e->body.n >= DUES_MAX)
        sim_fail(k->l->s, k->id, "due %d begins after %d", (int)e->body.n, (int)*count);
    (*count)++;
    dues[e->body.n] = (struct went){.rule = e->body.rule, .runs = true};
    check_one_open(k, dues, *count, e->body.n);
}

static void due_ended(const struct look *k, struct went *due, const struct matter_event *e,
                      struct str cause)
{
    struct due_rule hold;
    const struct due_rule *rule = rule_of(k, due->rule, &hold);
    if (due->over)
        sim_fail(k->l->s, k->id, "due %d ends twice", (int)e->body.n);
    if (e->type == EV_DUE_MISSED) {
        if (due->missed)
            sim_fail(k->l->s, k->id, "due %d is missed twice", (int)e->body.n);
        if (e->body.at_us < e->body.last_us)
            sim_fail(k->l->s, k->id, "due %d is missed before its end", (int)e->body.n);
        due->missed = true;
        /* The person's window is simply over. */
        due->over = rule->side == DUE_PERSON;
        return;
    }
    if (e->type == EV_DUE_MET && !due_stops_with(rule, cause))
        sim_fail(k->l->s, k->id, STR_FMT " is met by " STR_FMT, STR_ARG(due->rule), STR_ARG(cause));
    due->over = true;
}

static void check_due_events(const struct look *k)
{
    static struct went dues[DUES_MAX];
    int32_t count = 0;
    struct str cause = STR("");
    for (size_t i = 0; i < k->story.count; i++) {
        const struct matter_event *e = &k->story.events[i];
        if (e->type == EV_NONE)
            continue;
        if (e->type < EV_DUE_STARTED) {
            cause = matter_event_name(e->type);
        } else if (e->type == EV_DUE_STARTED) {
            due_began(k, dues, &count, e);
        } else {
            if (e->body.n < 1 || e->body.n > count)
                sim_fail(k->l->s, k->id, "an event of due %d", (int)e->body.n);
            if (e->type == EV_DUE_MET || e->type == EV_DUE_MISSED || e->type == EV_DUE_DROPPED)
                due_ended(k, &dues[e->body.n], e, cause);
        }
    }
    if (count != k->story.now.dues_started)
        sim_fail(k->l->s, k->id, "%d dues began, the fold says %d", (int)count,
                 (int)k->story.now.dues_started);
}

/* The last day once more, day by day, without the program's arithmetic. */
static int32_t walk_days(const struct look *k, const struct matter_due *d,
                         const struct due_rule *rule)
{
    int32_t left = rule->span.amount + d->due.extended + d->due.stood_days;
    int32_t day = d->due.start_day;
    struct calendar_look at = {.working = true};
    while (left > 0) {
        day++;
        if (rule->span.unit == DUE_WORKING_DAY &&
            calendar_look(rule->calendar, day, NULL, &at) != ERR_OK)
            sim_fail(k->l->s, k->id, "no calendar for day %d", (int)day);
        left -= at.working ? 1 : 0;
    }
    at.working = rule->roll == DUE_ROLL_NONE;
    while (!at.working) {
        if (calendar_look(rule->calendar, day, NULL, &at) != ERR_OK)
            sim_fail(k->l->s, k->id, "no calendar for day %d", (int)day);
        day += at.working ? 0 : 1;
    }
    return day;
}

static void check_last_day(const struct look *k, const struct matter_due *d)
{
    struct due_rule hold;
    const struct due_rule *rule = rule_of(k, d->rule, &hold);
    struct due due = d->due;
    bool moved = false;
    if (rule == &hold)
        hold.span = (struct due_span){d->amount, d->unit};
    due.rule = rule;
    if (due_recompute(&due, k->l->h->zone, &k->l->info, &moved) != ERR_OK || moved ||
        due.at_day != d->due.at_day)
        sim_fail(k->l->s, k->id, STR_FMT " ends on day %d, computed anew on %d", STR_ARG(d->rule),
                 (int)d->due.at_day, (int)due.at_day);
    bool of_days = rule->span.unit == DUE_WORKING_DAY || rule->span.unit == DUE_CALENDAR_DAY;
    if (!of_days || due.state == DUE_SUSPENDED)
        return;
    int32_t day = walk_days(k, d, rule);
    if (day != due.at_day || due.at_us != zone_day_end(k->l->h->zone, day))
        sim_fail(k->l->s, k->id, STR_FMT " ends on day %d, counted by hand on %d", STR_ARG(d->rule),
                 (int)due.at_day, (int)day);
}

/* The rows that queues and the sweep read are what the events say. */
static void check_due_rows(const struct look *k)
{
    struct sim_dues_row *rows = NULL;
    size_t count = 0;
    struct sim *s = k->l->s;
    if (sim_dues(k->db, &k->l->a, k->d.id, &rows, &count) != ERR_OK)
        sim_fail(s, k->id, "dues cannot be read");
    if ((int64_t)count != k->story.now.dues_started)
        sim_fail(s, k->id, "%zu rows of dues", count);
    for (size_t i = 0; i < count; i++) {
        const struct matter_due *d = matter_due_find(&k->story.now, (int32_t)rows[i].n);
        bool live = rows[i].state == DUE_OPEN || rows[i].state == DUE_SUSPENDED ||
                    (rows[i].state == DUE_MISSED && d != NULL);
        if (live != (d != NULL) ||
            (d != NULL && ((int32_t)d->due.state != rows[i].state ||
                           d->due.at_us != rows[i].at_us || d->office.v != rows[i].office.v)))
            sim_fail(s, k->id, "the row of due %lld is not what the events say",
                     (long long)rows[i].n);
    }
    for (int32_t i = 0; i < k->story.now.due_count; i++)
        check_last_day(k, &k->story.now.dues[i]);
}

/* ---- who answers for it ------------------------------------------------------------------------
 */

static void check_owner(const struct look *k)
{
    const struct matter *m = &k->story.now;
    struct sim *s = k->l->s;
    const char *broken = matter_broken(m);
    if (broken != NULL)
        sim_fail(s, k->id, "%s", broken);
    const struct office_tree *tree = house_tree(k->l->h);
    if (office_find(tree, m->owner) == NULL || m->owner.v != k->d.office.v)
        sim_fail(s, k->id, "owned by office %lld", (long long)m->owner.v);
    if (m->offered.v != 0 && office_find(tree, m->offered) == NULL)
        sim_fail(s, k->id, "offered to office %lld", (long long)m->offered.v);
}

/* Who leads the office that owns it can read it, unless barred: nobody else would. */
static void check_leads(const struct look *k)
{
    const struct sim_town *t = &k->l->s->town;
    int32_t owner = sim_town_index(k->l->s, k->story.now.owner);
    int32_t today = sim_today(k->l);
    for (int32_t i = 0; i < t->span_count; i++) {
        const struct sim_span *span = &t->spans[i];
        if (span->office != owner || span->post != POST_LEAD || today < span->from_day ||
            today > span->to_day || !t->officers[span->officer].active)
            continue;
        struct officer_id officer = t->officers[span->officer].id;
        struct is_barred_row row;
        uint32_t verbs = 0;
        enum err barred = is_barred(k->db, &k->l->a, k->d.id, officer, &row);
        (void)grant_verbs(k->db, officer, k->d.id, today, &verbs);
        if (barred == ERR_OK ? verbs != 0 : (verbs & VERB_READ) == 0)
            sim_fail(k->l->s, k->id, "officer %lld leads its office, is %sbarred, has verbs %x",
                     (long long)officer.v, barred == ERR_OK ? "" : "not ", (unsigned)verbs);
    }
}

/* ---- what was done ----------------------------------------------------------------------------
 */

static void check_answer(const struct look *k, const struct matter_event *e)
{
    const struct matter_body *b = &e->body;
    bool whole = b->asked.len > 0 && b->found.len > 0 && b->basis.len > 0 &&
                 b->outcome != OUTCOME_NONE &&
                 (b->outcome != OUTCOME_SUPPORTED || (b->remedy.len > 0 && b->remedy_day != 0)) &&
                 (k->l->h->pack->review_count == 0 || b->review_where.len > 0);
    if (!whole)
        sim_fail(k->l->s, k->id, "an answer lacks a part");
}

/* A miss of a rule that goes up is followed by its grace or by going up, in the same step. */
static void check_miss(const struct look *k, size_t at, const struct matter *before)
{
    const struct matter_event *e = &k->story.events[at];
    struct due_rule hold;
    const struct due_rule *rule = rule_of(k, e->body.rule, &hold);
    struct sim *s = k->l->s;
    s->counts.missed++;
    if (rule->miss != DUE_MISS_ESCALATE || e->body.side != DUE_OFFICE ||
        !matter_state_is_open(before->state))
        return;
    const struct office *above = office_above(house_tree(k->l->h), before->owner);
    for (size_t i = at + 1; i < k->story.count; i++) {
        const struct matter_event *next = &k->story.events[i];
        if (next->type == EV_ESCALATED ||
            (next->type == EV_DUE_STARTED && str_eq_c(next->body.rule, "house/grace")))
            return;
    }
    if (above != NULL && rule->grace.amount > 0)
        sim_fail(s, k->id, STR_FMT " was missed and nothing follows", STR_ARG(e->body.rule));
}

/* Nobody who is barred is given it. */
static void check_assigned(const struct look *k, const struct matter_event *e)
{
    struct is_barred_row row;
    if (e->body.handler.v == k->story.now.handler.v &&
        is_barred(k->db, &k->l->a, k->d.id, e->body.handler, &row) == ERR_OK)
        sim_fail(k->l->s, k->id, "assigned to officer %lld, who is barred",
                 (long long)e->body.handler.v);
}

/* Events that were not seen before. */
static void check_new_events(const struct look *k)
{
    struct sim *s = k->l->s;
    struct matter m = {0};
    for (size_t i = 0; i < k->story.count; i++) {
        const struct matter_event *e = &k->story.events[i];
        bool fresh = k->story.raw[i].seq > s->matters[k->id].seq;
        if (fresh && e->type == EV_ANSWERED)
            check_answer(k, e);
        if (fresh && e->type == EV_ASSIGNED)
            check_assigned(k, e);
        if (fresh && e->type == EV_DUE_MISSED)
            check_miss(k, i, &m);
        s->counts.escalated += fresh && e->type == EV_ESCALATED;
        if (fresh)
            sim_tell(s, k->id, "  %lld " STR_FMT " " STR_FMT "%s%d", (long long)k->story.raw[i].seq,
                     STR_ARG(k->story.raw[i].parsed.type), STR_ARG(e->body.rule),
                     e->type >= EV_DUE_STARTED ? " until day " : " ",
                     e->type >= EV_DUE_STARTED ? (int)e->body.last_day : (int)e->body.to.v);
        if (e->type != EV_NONE)
            (void)matter_apply(&m, e);
    }
}

/* ---- all of it --------------------------------------------------------------------------------
 */

static void keep(struct look *k)
{
    struct sim *s = k->l->s;
    struct sim_matter *m = &s->matters[k->id];
    bool was_live = m->is_there && !m->is_over;
    m->is_over = k->story.now.state >= MATTER_REFUSED;
    s->live += (m->is_over ? 0 : 1) - (was_live ? 1 : 0);
    if (!m->is_there) {
        m->is_there = true;
        s->counts.matters++;
        s->matter_max = k->id > s->matter_max ? k->id : s->matter_max;
        sim_at(s, s->now_us + (1 + sim_pick(s, 50)) * US_PER_HOUR, SIM_OFFICE, k->id);
        sim_at(s, s->now_us + (24 + sim_pick(s, 400)) * US_PER_HOUR, SIM_PERSON, k->id);
    }
    size_t len = 0;
    m->is_sealed = k->story.now.handle.len > 0;
    if (m->is_sealed &&
        (!str_from_b64(k->story.now.handle, m->handle.b, sizeof m->handle.b, &len) ||
         len != sizeof m->handle.b))
        sim_fail(s, k->id, "its handle is none");
    m->state = k->story.now.state;
    m->seq = k->d.seq;
    memcpy(m->tail.b, k->d.tail, sizeof m->tail.b);
}

void sim_check_matter(struct sim_life *l, struct db *db, struct dossier_id id)
{
    struct look k = {.l = l, .db = db, .id = id.v};
    if (id.v >= SIM_MATTERS_MAX)
        sim_fail(l->s, 0, "more matters than there is room for");
    if (store_dossier(db, &l->a, l->h, id, &k.d) != ERR_OK ||
        matter_story_load(db, &l->a, l->h, id, false, &k.story) != ERR_OK)
        sim_fail(l->s, id.v, "cannot be read");
    check_new_events(&k);
    check_chain(&k);
    check_due_events(&k);
    check_due_rows(&k);
    check_owner(&k);
    check_leads(&k);
    keep(&k);
}

void sim_check_touched(struct sim_life *l)
{
    struct sim_touched_row *rows = NULL;
    size_t count = 0;
    struct db *db = NULL;
    struct sim_leaves_row leaves;
    if (readers_take(l->h->readers, &db, &l->info) != ERR_OK)
        sim_fail(l->s, 0, "no reader: %s", l->info.detail);
    if (sim_leaves(db, &l->a, 1, &leaves) != ERR_OK ||
        sim_touched(db, &l->a, l->s->leaf, &rows, &count) != ERR_OK)
        sim_fail(l->s, 0, "what was touched cannot be read");
    if (leaves.size < l->s->leaf)
        sim_fail(l->s, 0, "the log had %lld leaves and has %lld", (long long)l->s->leaf,
                 (long long)leaves.size);
    l->s->looks++;
    for (size_t i = 0; i < count; i++) {
        struct sim_matter *m = &l->s->matters[rows[i].dossier.v % SIM_MATTERS_MAX];
        if (rows[i].dossier.v == 0 || m->looked == l->s->looks)
            continue;
        m->looked = l->s->looks;
        sim_check_matter(l, db, rows[i].dossier);
    }
    l->s->leaf = leaves.size;
    readers_give(l->h->readers, db);
}
