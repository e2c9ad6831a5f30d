/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* matter: the use cases of a matter that is there: read its story, act on it. */
#include "base/mem.h"
#include "db/writer.h"
#include "lib/text/msg.h"
#include "matter/matter.sql.h"
#include "matter/store.h"
#include "matter/use_inside.h"
#include "spine/keys.h"
#include "spine/office.h"

/* ---- once ----------------------------------------------------------------------------------- */

enum { ONCE_FORGET = 500, WEEK_DAYS = 7 };

/* The first day of the week that now is in. */
static int32_t once_week(struct tx *tx)
{
    int32_t day = house_day(house_of(tx), tx->now_us);
    return day - day % WEEK_DAYS;
}

void once_of(const struct tx *tx, struct token_id token, struct str key, struct once *ret_once)
{
    *ret_once = (struct once){.is_given = key.len > 0};
    if (!ret_once->is_given)
        return;
    struct mac m;
    mac_init(&m, house_of(tx)->keys->k_id, sizeof ret_once->hash);
    mac_str(&m, STR("huiyin-once/v1"));
    mac_be64(&m, (uint64_t)token.v);
    mac_str(&m, key);
    mac_done(&m, ret_once->hash);
}

enum err once_find(struct tx *tx, const struct once *once, bool *ret_found,
                   struct matter_done *ret_done)
{
    *ret_found = false;
    if (!once->is_given)
        return ERR_OK;
    struct str hash = str_make(once->hash, sizeof once->hash);
    struct matter_sent_find_row row;
    int32_t week = once_week(tx);
    enum err err = matter_sent_find(tx->db, tx->arena, week, week - WEEK_DAYS, hash, &row);
    if (err != ERR_OK)
        return err == ERR_NOT_FOUND ? ERR_OK : err;
    struct dossier d;
    TRY(dossier_load(tx->db, tx->arena, row.dossier, &d));
    *ret_found = true;
    *ret_done = (struct matter_done){
        .id = d.id,
        .state = (enum matter_state)d.state,
        .seq = row.seq,
        .office = d.office,
        .again = true,
    };
    return ERR_OK;
}

enum err once_keep(struct tx *tx, const struct once *once, const struct matter_done *done)
{
    return once->is_given
               ? matter_sent_insert(tx->db, once_week(tx), str_make(once->hash, sizeof once->hash),
                                    done->id, done->seq)
               : ERR_OK;
}

enum err matter_once_forget(struct tx *tx)
{
    return matter_sent_forget(tx->db, once_week(tx) - WEEK_DAYS, ONCE_FORGET);
}

/* ---- the world as values ----------------------------------------------------------------------
 */

/* The office above in which somebody may look at it: an office with nobody unbarred is passed. */
static enum err office_above_unbarred(struct tx *tx, const struct store *s,
                                      struct office_id *ret_above)
{
    const struct house *h = house_of(tx);
    int32_t day = house_day(h, tx->now_us);
    *ret_above = (struct office_id){0};
    const struct office *o = office_above(house_tree(h), s->m.owner);
    for (; o != NULL; o = office_above(house_tree(h), o->id)) {
        int64_t count = 0;
        TRY(office_open_count(tx->db, tx->arena, s->dossier.id, o->id, day, &count));
        if (count > 0) {
            *ret_above = o->id;
            return ERR_OK;
        }
    }
    return ERR_OK;
}

static enum err env_of(struct tx *tx, const struct store *s, struct matter_env *ret_env)
{
    const struct house *h = house_of(tx);
    *ret_env = (struct matter_env){
        .now_us = tx->now_us,
        .today = house_day(h, tx->now_us),
        .pack = h->pack,
        .zone = h->zone,
        .arena = tx->arena,
    };
    return office_above_unbarred(tx, s, &ret_env->above);
}

struct matter_env matter_env_of(struct arena *a, const struct house *h, const struct matter *m,
                                int64_t now_us)
{
    const struct office *above = office_above(house_tree(h), m->owner);
    return (struct matter_env){
        .now_us = now_us,
        .today = house_day(h, now_us),
        .pack = h->pack,
        .zone = h->zone,
        .above = above != NULL ? above->id : (struct office_id){0},
        .arena = a,
    };
}

/* How near an office is to what has to be done now. */
static int office_rank(const struct matter *m, struct office_id office)
{
    if (m->objected && office.v == m->sender.v)
        return 5;
    if (m->state == MATTER_ROUTED && office.v == m->offered.v)
        return 4;
    if (office.v == m->owner.v)
        return 3;
    if (office.v == m->sender.v)
        return 2;
    return 1;
}

/* The post that stands in the event: the one with most to say. */
static enum post post_of(uint32_t posts)
{
    static const enum post ORDER[] = {POST_LEAD, POST_REVIEWER, POST_HANDLER, POST_DESK};
    for (size_t i = 0; i < sizeof(ORDER) / sizeof(ORDER[0]); i++) {
        if (posts & (1u << ORDER[i]))
            return ORDER[i];
    }
    return POST_UNSET;
}

enum err matter_actor_of(struct db *db, struct arena *a, const struct house *h,
                         struct officer_id officer, const struct matter *m, struct dossier_id id,
                         int64_t now_us, struct matter_actor *ret_actor)
{
    struct matter_actor actor = {.who = WHO_OFFICER, .officer = officer};
    int32_t day = house_day(h, now_us);
    TRY(grant_verbs(db, officer, id, day, &actor.verbs));
    if (actor.verbs == 0)
        return ERR_NOT_FOUND;
    struct held *held = NULL;
    size_t count = 0;
    TRY(officer_held(db, a, officer, day, &held, &count));
    int best = 0;
    for (size_t i = 0; i < count; i++) {
        int rank = post_of(held[i].posts) == POST_UNSET ? 0 : office_rank(m, held[i].office);
        if (rank <= best)
            continue;
        best = rank;
        actor.office = held[i].office;
        actor.post = post_of(held[i].posts);
    }
    *ret_actor = actor;
    return ERR_OK;
}

enum err actor_for(struct tx *tx, const struct store *s, enum matter_who who,
                   struct officer_id officer, struct matter_actor *ret_actor)
{
    if (who == WHO_OFFICER)
        return matter_actor_of(tx->db, tx->arena, house_of(tx), officer, &s->m, s->dossier.id,
                               tx->now_us, ret_actor);
    *ret_actor = (struct matter_actor){.who = who};
    return ERR_OK;
}

/* ---- what the rules cannot see ------------------------------------------------------------------
 */

/* The officer holds a post there that may handle, and is not barred. */
static enum err check_handler(struct tx *tx, const struct store *s, struct officer_id handler)
{
    if (handler.v == 0)
        return ERR_OK; /* the rules say so better */
    struct held *held = NULL;
    size_t count = 0;
    int32_t day = house_day(house_of(tx), tx->now_us);
    bool barred = false;
    bool holds = false;
    TRY(officer_held(tx->db, tx->arena, handler, day, &held, &count));
    for (size_t i = 0; i < count; i++) {
        if (held[i].office.v == s->m.owner.v &&
            (held[i].posts & (1u << POST_HANDLER | 1u << POST_LEAD)) != 0)
            holds = true;
    }
    TRY(officer_is_barred(tx->db, tx->arena, s->dossier.id, handler, &barred));
    return holds && !barred
               ? ERR_OK
               : err_set(tx->info, ERR_REFUSED, "matter.refused.handler", "no post, or barred");
}

static enum err check_office(struct tx *tx, const struct store *s, struct office_id to)
{
    if (to.v == 0)
        return ERR_OK;
    const struct office *o = office_find(house_tree(house_of(tx)), to);
    int64_t count = 0;
    if (o != NULL && o->active)
        TRY(office_open_count(tx->db, tx->arena, s->dossier.id, to,
                              house_day(house_of(tx), tx->now_us), &count));
    return count > 0 ? ERR_OK
                     : err_set(tx->info, ERR_INVALID, "matter.invalid.office",
                               "no such office, or nobody there may see it");
}

static enum err check_world(struct tx *tx, const struct store *s, const struct matter_command *c)
{
    if (c->what == DO_ASSIGN)
        return check_handler(tx, s, c->body.handler);
    if (c->what == DO_ROUTE)
        return check_office(tx, s, c->body.to);
    return ERR_OK;
}

/* ---- acting -------------------------------------------------------------------------------- */

enum err act_decide(struct tx *tx, const struct matter_act *a, struct store *ret_store,
                    struct matter_events **ret_events)
{
    struct store *s = ret_store;
    struct matter_actor actor;
    struct matter_env env;
    struct matter_events *events = ARENA_NEW(tx->arena, struct matter_events);
    if (events == NULL)
        return ERR_NOMEM;
    TRY(store_open(tx, a->id, s));
    TRY(actor_for(tx, s, a->who, a->officer, &actor));
    TRY(env_of(tx, s, &env));
    TRY(matter_decide(&s->m, &a->command, &actor, &env, events, tx->info));
    TRY(check_world(tx, s, &a->command));
    *ret_events = events;
    return ERR_OK;
}

/* Somebody was asked to withdraw: that is a matter of its own, read by others than those who have
 * this one. */
static enum err raise_detriment(struct tx *tx, const struct store *s)
{
    const struct house *h = house_of(tx);
    const struct pack_kind *kind = NULL;
    for (size_t i = 0; i < h->pack->kind_count && kind == NULL; i++) {
        if (h->pack->kind[i].base == PACK_DETRIMENT)
            kind = &h->pack->kind[i];
    }
    if (kind == NULL)
        return err_set(tx->info, ERR_REFUSED, "matter.refused.no_detriment_kind", "no kind");
    char ref[REF_BYTES + 1];
    ref_format(h->keys->k_id, s->dossier.id, ref);
    const struct msg_lang *lang = msg_lang_find(s->m.lang);
    const struct subject subject = {SUBJECT_OFFICE, s->m.owner.v, SOURCE_PERSON};
    const struct matter_raise r = {
        .command =
            {
                .what = DO_RAISE,
                .body =
                    {
                        .kind = kind->id,
                        .lang = s->m.lang,
                        .title = msg_plain(lang, MSG_MATTER_DETRIMENT_TITLE),
                        .text = msg_plain(lang, MSG_MATTER_DETRIMENT_TEXT),
                        .ref = str_copy(tx->arena, str_of(ref)),
                        .channel = CHANNEL_WEB,
                        .identity = kind->may_be_anonymous ? IDENTITY_ANONYMOUS : IDENTITY_SEALED,
                    },
            },
        .who = WHO_PERSON,
        .subjects = &subject,
        .subject_count = 1,
    };
    struct matter_done done;
    return matter_raise(tx, &r, &done);
}

enum err matter_act(struct tx *tx, const struct matter_act *a, struct matter_done *ret_done)
{
    bool found = false;
    struct once once;
    once_of(tx, a->token, a->once, &once);
    TRY(once_find(tx, &once, &found, ret_done));
    if (found)
        return ret_done->id.v == a->id.v
                   ? ERR_OK
                   : err_set(tx->info, ERR_CONFLICT, "matter.refused.key_used", "another matter");
    struct store s;
    struct matter_events *events = NULL;
    TRY(act_decide(tx, a, &s, &events));
    TRY(store_save(tx, &s, events));
    if (a->command.what == DO_WITHDRAW && a->command.body.pressed == SAID_YES)
        TRY(raise_detriment(tx, &s));
    const struct matter_done done = {
        .id = a->id, .state = s.m.state, .seq = s.m.seq, .office = s.m.owner};
    TRY(once_keep(tx, &once, &done));
    *ret_done = done;
    return ERR_OK;
}

/* ---- reading ------------------------------------------------------------------------------- */

enum err matter_story_load(struct db *db, struct arena *a, const struct house *h,
                           struct dossier_id id, bool as_officer, struct matter_story *ret_story)
{
    struct matter_story story = {0};
    struct dossier d;
    TRY(store_dossier(db, a, h, id, &d));
    TRY(store_events(db, a, h, &d, as_officer, &story.raw, &story.count));
    if (story.count == 0)
        return ERR_NOT_FOUND;
    TRY(store_fold(a, story.raw, story.count, &story.now, &story.events, NULL));
    *ret_story = story;
    return ERR_OK;
}
