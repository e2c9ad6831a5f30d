/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "matter/explain.h"

#include "base/mem.h"
#include "db/readers.h"
#include "lib/text/msg.h"
#include "lib/text/zone.h"
#include "spine/keys.h"
#include "spine/terminal.h"
#include "trust/open.h"

/* A due and how it ended. */
struct told {
    struct matter_due due;
    enum matter_event_type last; /* the last event about it */
    int32_t last_day;            /* the day of that event */
};

/* ---- from events to dues ----------------------------------------------------------------------
 */

static bool is_due_event(enum matter_event_type t)
{
    return t >= EV_DUE_STARTED && t <= EV_DUE_MOVED;
}

/* Folds the events and keeps each due as the last event about it left it. */
static enum err collect(struct arena *a, const struct house *h, const struct matter_story *story,
                        struct told **ret_told, size_t *ret_count)
{
    struct matter m = {0};
    struct told *told = ARENA_ARRAY(a, story->count + 1, struct told);
    size_t count = 0;
    if (told == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < story->count; i++) {
        const struct matter_event *e = &story->events[i];
        if (e->type == EV_NONE)
            continue;
        TRY(matter_apply(&m, e));
        if (!is_due_event(e->type))
            continue;
        if (e->type == EV_DUE_STARTED)
            count++;
        if (e->body.n < 1 || (size_t)e->body.n > count)
            return ERR_CORRUPT;
        struct told *t = &told[e->body.n - 1];
        const struct matter_due *now = matter_due_find(&m, e->body.n);
        if (now != NULL)
            t->due = *now;
        t->last = e->type;
        t->last_day = house_day(h, story->raw[i].at_us);
    }
    *ret_told = told;
    *ret_count = count;
    return ERR_OK;
}

/* ---- from dues to sentences
 * ---------------------------------------------------------------------- */

static enum msg_key state_key(const struct told *t)
{
    if (t->last == EV_DUE_MET)
        return MSG_DUE_EXPLAIN_MET;
    if (t->last == EV_DUE_DROPPED)
        return MSG_DUE_EXPLAIN_DROPPED;
    if (t->due.due.state == DUE_MISSED)
        return MSG_DUE_EXPLAIN_LATE;
    if (t->last == EV_DUE_MISSED) /* a limit of the person: nothing is owed afterwards */
        return MSG_DUE_EXPLAIN_MISSED;
    if (t->due.due.state == DUE_SUSPENDED)
        return t->due.due.until_day != 0 ? MSG_DUE_EXPLAIN_STANDS_UNTIL : MSG_DUE_EXPLAIN_STANDS;
    return MSG_DUE_EXPLAIN_RUNS;
}

static void put_line(struct buf *b, const struct msg_lang *lang, enum msg_key key,
                     const struct msg_arg *args, size_t count, const char *before)
{
    buf_c(b, before);
    msg_put(b, lang, key, args, count);
    buf_char(b, '\n');
}

static enum err put_one(struct arena *a, const struct house *h, const struct told *t,
                        const struct msg_lang *lang, struct buf *b, struct err_info *info)
{
    struct due_rule hold;
    const struct due_rule *rule = matter_due_rule(h->pack, t->due.rule, &hold);
    if (rule == NULL)
        return err_set(info, ERR_CORRUPT, NULL, "there is no rule " STR_FMT, STR_ARG(t->due.rule));
    struct due_rule as_started = *rule;
    as_started.span = (struct due_span){t->due.amount, t->due.unit};
    struct due d = t->due.due;
    d.rule = &as_started;
    struct msg_arg args[] = {
        msg_number("n", t->due.n),
        msg_text("name", wording_pick(&rule->name, msg_lang_tag(lang))),
        msg_text("side", t->due.side == DUE_PERSON ? STR("person") : STR("office")),
        msg_text("rule", t->due.rule),
        msg_day("day", t->last_day),
        msg_day("since", d.since_day),
        msg_day("until", d.until_day),
        msg_text("calendar", d.calendar),
    };
    size_t arg_count = sizeof(args) / sizeof(args[0]);
    put_line(b, lang, MSG_DUE_EXPLAIN_HEAD, args, arg_count, "");
    put_line(b, lang, state_key(t), args, arg_count, "  ");
    struct due_line *line = NULL;
    size_t count = 0;
    TRY(due_explain(a, &d, h->zone, info, &line, &count));
    bool differs = false;
    for (size_t i = 0; i < count; i++) {
        buf_c(b, "  ");
        due_line_print(&line[i], lang, b);
        buf_char(b, '\n');
        differs = differs || (line[i].kind == DUE_LINE_END && line[i].at_us != d.at_us);
    }
    if (differs) {
        args[4] = msg_day("day", d.at_day);
        put_line(b, lang, MSG_DUE_EXPLAIN_OTHER_CALENDAR, args, arg_count, "  ");
    }
    return buf_err(b);
}

enum err matter_explain(struct arena *a, const struct house *h, const struct matter_story *story,
                        const struct msg_lang *lang, struct buf *b, struct err_info *info)
{
    struct told *told = NULL;
    size_t count = 0;
    TRY(collect(a, h, story, &told, &count));
    if (count == 0)
        put_line(b, lang, MSG_DUE_EXPLAIN_NONE, NULL, 0, "");
    for (size_t i = 0; i < count; i++)
        TRY(put_one(a, h, &told[i], lang, b, info));
    return buf_err(b);
}

/* ---- the command
 * ------------------------------------------------------------------------------------ */

static enum err explain_ref(const struct house *h, struct str ref, struct buf *b,
                            struct err_info *info)
{
    struct dossier_id id;
    if (!ref_parse(h->keys->k_id, ref, &id))
        return err_set(info, ERR_INVALID, "due.explain.no_ref", STR_FMT, STR_ARG(ref));
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 256 << 20);
    struct db *db = NULL;
    struct matter_story story;
    TRY(readers_take(h->readers, &db, info));
    enum err err = matter_story_load(db, &a, h, id, false, &story);
    readers_give(h->readers, db);
    if (err == ERR_NOT_FOUND)
        return err_set(info, err, "due.explain.no_matter", STR_FMT, STR_ARG(ref));
    if (err != ERR_OK)
        return err;
    return matter_explain(&a, h, &story, terminal_lang(), b, info);
}

int cmd_due_explain(int argc, char **argv)
{
    struct house_how how = {.data_dir = "var"};
    const char *ref = NULL;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--data") == 0 && i + 1 < argc)
            how.data_dir = argv[++i];
        else if (strcmp(argv[i], "--packs") == 0 && i + 1 < argc)
            how.packs = argv[++i];
        else if (ref == NULL && argv[i][0] != '-')
            ref = argv[i];
        else
            return 2;
    }
    if (ref == NULL)
        return 2;
    struct err_info info = {0};
    struct open_house *o = NULL;
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 4 << 20);
    enum err err = house_open(&how, &o, &info);
    if (err == ERR_OK)
        err = explain_ref(open_house_get(o), str_of(ref), &b, &info);
    if (err == ERR_OK)
        fwrite(b.ptr, 1, b.len, stdout);
    else {
        info.err = err;
        terminal_say_err(stderr, &info);
    }
    house_close(o);
    return err == ERR_OK ? 0 : 1;
}
