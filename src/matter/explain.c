/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "matter/explain.h"

#include "base/mem.h"
#include "db/readers.h"
#include "matter/use.h"
#include "spine/keys.h"
#include "spine/office.h"
#include "spine/terminal.h"
#include "trust/open.h"

enum { DUES_MAX = 512, ARENA_BYTES = 64 << 20 };

/* Every due the events tell of, as it last stood. */
struct dues {
    struct matter_due at[DUES_MAX]; /* by number, from 1 */
    int32_t last;
};

static void dues_keep(struct dues *d, const struct matter *m, const struct matter_event *e)
{
    for (int32_t i = 0; i < m->due_count; i++) {
        const struct matter_due *live = &m->dues[i];
        if (live->n <= 0 || live->n >= DUES_MAX)
            continue;
        d->at[live->n] = *live;
        d->last = live->n > d->last ? live->n : d->last;
    }
    int32_t n = e->body.n;
    if (n <= 0 || n >= DUES_MAX)
        return;
    if (e->type == EV_DUE_MET)
        d->at[n].due.state = DUE_MET;
    if (e->type == EV_DUE_DROPPED)
        d->at[n].due.state = DUE_DROPPED;
}

static enum msg_key state_key(enum due_state state)
{
    static const enum msg_key KEYS[] = {
        [DUE_OPEN] = MSG_EXPLAIN_OPEN,       [DUE_SUSPENDED] = MSG_EXPLAIN_STILL,
        [DUE_MET] = MSG_EXPLAIN_MET,         [DUE_MISSED] = MSG_EXPLAIN_MISSED,
        [DUE_DROPPED] = MSG_EXPLAIN_DROPPED,
    };
    return state >= DUE_OPEN && state <= DUE_DROPPED ? KEYS[state] : MSG_EXPLAIN_OPEN;
}

static void due_head(const struct house *h, const struct matter_due *d, const struct due_rule *rule)
{
    struct str lang = msg_lang_tag(terminal_lang());
    const struct office *o = office_find(house_tree(h), d->office);
    char n[16];
    (void)snprintf(n, sizeof n, "%d", (int)d->n);
    const struct msg_arg args[] = {
        msg_text("n", str_of(n)),
        msg_text("name", wording_pick(&rule->name, lang)),
        msg_text("rule", d->rule),
        msg_text("office",
                 o == NULL ? msg_plain(terminal_lang(), MSG_EXPLAIN_PERSON) : office_name(o, lang)),
        msg_text("state", msg_plain(terminal_lang(), state_key(d->due.state))),
    };
    terminal_say(stdout, MSG_EXPLAIN_DUE, args, 5);
}

static enum err due_tell(struct arena *a, const struct house *h, const struct pack *pack,
                         const struct matter_due *d, struct err_info *info)
{
    struct due_rule own;
    struct due due = d->due;
    struct due_line *lines = NULL;
    size_t count = 0;
    due.rule = matter_due_rule(pack, d->rule, &own);
    if (due.rule == NULL)
        return err_set(info, ERR_CORRUPT, NULL, "no rule " STR_FMT, STR_ARG(d->rule));
    due_head(h, d, due.rule);
    TRY(due_explain(a, &due, h->zone, info, &lines, &count));
    for (size_t i = 0; i < count; i++) {
        CLEANUP(buf_done) struct buf b;
        buf_init(&b, 8192);
        buf_c(&b, "    ");
        due_line_print(&lines[i], terminal_lang(), &b);
        printf(STR_FMT "\n", STR_ARG(buf_view(&b)));
    }
    return ERR_OK;
}

static enum err explain_from(struct db *db, struct arena *a, const struct house *h,
                             struct dossier_id id, struct err_info *info)
{
    struct matter_story story;
    struct matter m = {0};
    struct dues *dues = ARENA_NEW(a, struct dues);
    if (dues == NULL)
        return ERR_NOMEM;
    TRY(matter_story_load(db, a, h, id, false, &story));
    for (size_t i = 0; i < story.count; i++) {
        if (story.events[i].type == EV_NONE)
            continue;
        TRY(matter_apply(&m, &story.events[i]));
        dues_keep(dues, &m, &story.events[i]);
    }
    for (int32_t n = 1; n <= dues->last; n++) {
        if (dues->at[n].n == n)
            TRY(due_tell(a, h, h->pack, &dues->at[n], info));
    }
    return ERR_OK;
}

static enum err explain_in(const struct house *h, const char *ref, struct err_info *info)
{
    struct dossier_id id = {0};
    struct db *db = NULL;
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, ARENA_BYTES);
    enum err err = ERR_NOT_FOUND;
    if (ref_parse(h->keys->k_id, str_of(ref), &id)) {
        TRY(readers_take(h->readers, &db, info));
        err = explain_from(db, &a, h, id, info);
        readers_give(h->readers, db);
    }
    if (err == ERR_NOT_FOUND) {
        (void)err_set(info, err, "explain.none", NULL);
        err_arg(info, 0, ref);
    }
    return err;
}

int cmd_due_explain(int argc, char **argv)
{
    const char *dir = "var";
    const char *ref = NULL;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--data") == 0 && i + 1 < argc)
            dir = argv[++i];
        else if (ref == NULL && argv[i][0] != '-')
            ref = argv[i];
        else
            return 2;
    }
    if (ref == NULL)
        return 2;
    struct err_info info = {0};
    struct open_house *o = NULL;
    const struct house_how how = {.data_dir = dir};
    enum err err = house_open(&how, &o, &info);
    if (err == ERR_OK)
        err = explain_in(open_house_get(o), ref, &info);
    house_close(o);
    if (err != ERR_OK) {
        info.err = err;
        terminal_say_err(stderr, &info);
    }
    return err == ERR_OK ? 0 : 1;
}
