/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* raise: how a matter comes in, whoever brings it, and which office reads it first. */
#include "base/mem.h"
#include "base/rng.h"
#include "db/writer.h"
#include "http/form.h"
#include "lib/json/jsonw.h"
#include "matter/matter.sql.h"
#include "matter/use_inside.h"
#include "spine/field.h"
#include "spine/keys.h"
#include "spine/office.h"
#include "spine/seats.h"
#include "trust/code.h"
#include "trust/open.h"

enum { REGISTER_TRIES = 64, REGISTER_NUMBERS = 10000, READERS_OF_WRONGDOING = 2 };

/* ---- the first office -------------------------------------------------------------------------
 */

static bool is_kept_out(const struct office_tree *tree, const struct matter_raise *r,
                        struct office_id office)
{
    for (size_t i = 0; i < r->exclusion_count; i++) {
        if (r->exclusions[i].office.v != 0 &&
            office_is_within(tree, office, r->exclusions[i].office))
            return true;
    }
    for (size_t i = 0; i < r->subject_count; i++) {
        if (r->subjects[i].kind == SUBJECT_OFFICE &&
            office_is_within(tree, office, (struct office_id){r->subjects[i].ref}))
            return true;
    }
    return false;
}

struct first_ask {
    struct db *db;
    struct arena *a;
    const struct house *h;
    const struct matter_raise *r;
    int64_t now_us;
    int64_t people_max;  /* no more need be counted */
    struct seats *seats; /* NULL outside the writer */
};

static enum err first_barred(const struct first_ask *ask, struct officer_id **ret_barred,
                             size_t *ret_count)
{
    const struct matter_raise *r = ask->r;
    *ret_barred = NULL;
    *ret_count = 0;
    if (r->subject_count == 0 && r->exclusion_count == 0)
        return ERR_OK;
    int32_t happened = r->command.body.happened_day;
    const struct grant_about about = {
        .subjects = r->subjects,
        .subject_count = r->subject_count,
        .exclusions = r->exclusions,
        .exclusion_count = r->exclusion_count,
        .facts_day = happened != 0 ? happened : house_day(ask->h, ask->now_us),
    };
    struct bar_row *bars = NULL;
    size_t count = 0;
    TRY(grant_barred(ask->db, ask->a, &about, &bars, &count));
    struct officer_id *barred = ARENA_ARRAY(ask->a, count + 1, struct officer_id);
    if (barred == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < count; i++)
        barred[i] = bars[i].officer;
    *ret_barred = barred;
    *ret_count = count;
    return ERR_OK;
}

static enum err first_people(const struct first_ask *ask, struct office_id office,
                             const struct officer_id *barred, size_t barred_count,
                             int64_t *ret_people)
{
    int32_t day = house_day(ask->h, ask->now_us);
    return barred_count == 0
               ? seats_count(ask->seats, ask->db, ask->a, office, day, ask->people_max, ret_people)
               : office_unbarred_count(ask->db, ask->a, office, day, barred, barred_count,
                                       ask->people_max, ret_people);
}

/* The most specific office where enough people are not barred, then up; a report of wrongdoing
 * ends outside, whoever sits there. */
static enum err first_find(const struct first_ask *ask, struct matter_first *ret_first)
{
    const struct office_tree *tree = house_tree(ask->h);
    const struct matter_body *b = &ask->r->command.body;
    const struct pack_kind *kind = pack_find_kind(ask->h->pack, b->kind);
    if (kind == NULL)
        return ERR_NOT_FOUND;
    bool wrong = kind->base == PACK_WRONGDOING || kind->base == PACK_DETRIMENT;
    struct office_id ids[OFFICE_CANDIDATES_MAX];
    size_t count = 0;
    struct officer_id *barred = NULL;
    size_t barred_count = 0;
    /* What is about somebody inside may find nobody inside left to read it. */
    bool about = ask->r->subject_count > 0 || ask->r->exclusion_count > 0;
    enum err e = office_candidates(tree, b->kind, b->place, wrong || about, ids, &count);
    if (e == ERR_REFUSED && !wrong)
        e = office_candidates(tree, b->kind, b->place, false, ids, &count);
    TRY(e);
    TRY(first_barred(ask, &barred, &barred_count));
    for (size_t i = 0; i < count; i++) {
        const struct office *o = office_find(tree, ids[i]);
        int64_t people = 0;
        if (o == NULL || !o->active || is_kept_out(tree, ask->r, ids[i]))
            continue;
        TRY(first_people(ask, ids[i], barred, barred_count, &people));
        if (people < (wrong ? READERS_OF_WRONGDOING : 1) && !o->outside)
            continue;
        *ret_first = (struct matter_first){ids[i], people};
        return ERR_OK;
    }
    return ERR_NOT_FOUND;
}

enum err matter_first_office(struct db *db, struct arena *a, const struct house *h,
                             const struct matter_raise *r, int64_t now_us,
                             struct matter_first *ret_first)
{
    const struct first_ask ask = {db, a, h, r, now_us, OFFICE_PEOPLE_MAX, NULL};
    return first_find(&ask, ret_first);
}

/* ---- who brings it -----------------------------------------------------------------------------
 */

/* The desk takes in for an office where the officer holds a post that may. */
static enum err take_in_post(struct tx *tx, const struct matter_raise *r,
                             struct matter_actor *ret_actor)
{
    const struct house *h = house_of(tx);
    const struct held *held = NULL;
    size_t count = 0;
    TRY(seats_held(h->seats, tx, r->officer, house_day(h, tx->now_us), &held, &count));
    for (size_t i = 0; i < count; i++) {
        bool desk = (held[i].posts & (1u << POST_DESK)) != 0;
        bool lead = (held[i].posts & (1u << POST_LEAD)) != 0;
        if ((!desk && !lead) || (r->office.v != 0 && r->office.v != held[i].office.v))
            continue;
        *ret_actor = (struct matter_actor){
            .who = WHO_OFFICER,
            .officer = r->officer,
            .office = held[i].office,
            .post = desk ? POST_DESK : POST_LEAD,
            .verbs = VERB_TAKE_IN,
        };
        return ERR_OK;
    }
    return err_set(tx->info, ERR_REFUSED, "matter.refused.no_desk", "holds no desk there");
}

static enum err raise_actor(struct tx *tx, const struct matter_raise *r,
                            struct matter_actor *ret_actor)
{
    if (r->who == WHO_OFFICER)
        return take_in_post(tx, r, ret_actor);
    *ret_actor = (struct matter_actor){.who = r->who, .office = r->office};
    return ERR_OK;
}

/* The office given must be there and able to read it; else it is found. */
static enum err raise_office(struct tx *tx, const struct matter_raise *r,
                             const struct matter_actor *actor, struct office_id *ret_office)
{
    const struct house *h = house_of(tx);
    const struct first_ask ask = {tx->db,  tx->arena, h, r, tx->now_us, READERS_OF_WRONGDOING,
                                  h->seats};
    struct matter_first first;
    *ret_office = (struct office_id){0};
    if (r->office.v != 0) {
        const struct office *o = office_find(house_tree(h), r->office);
        if (o != NULL && o->active && !is_kept_out(house_tree(h), r, r->office))
            *ret_office = r->office;
        return ERR_OK;
    }
    (void)actor;
    enum err e = first_find(&ask, &first);
    if (e == ERR_OK)
        *ret_office = first.office;
    return e == ERR_NOT_FOUND || e == ERR_REFUSED ? ERR_OK : e;
}

/* ---- what goes with it --------------------------------------------------------------------------
 */

static enum err raise_card(struct tx *tx, const struct store *s, const struct identity *card)
{
    const struct house *h = house_of(tx);
    uint8_t tlv[KEEPER_IDENTITY_BYTES_MAX];
    size_t len = 0;
    struct key32 mdk = s->mdk;
    struct key32 key;
    struct field_place place = {.table = FIELD_CONTACT_CARD, .column = FIELD_CONTACT_CARD_CARD};
    struct str blob;
    TRY(identity_encode(card, tlv, sizeof(tlv), &len));
    if (s->dossier.content != CONTENT_SEALED)
        TRY(h->keys->make(h->keys->ctx, s->dossier.id, KEY_MDK, &mdk));
    ref_id16(h->keys->k_id, s->dossier.id, &place.id16);
    field_key(&mdk, FIELD_CONTACT_CARD, FIELD_CONTACT_CARD_CARD, &key);
    enum err e = field_seal(tx->arena, &key, &place, str_make(tlv, len), &blob);
    crypt_wipe(tlv, sizeof(tlv));
    key32_wipe(&key);
    key32_wipe(&mdk);
    if (e != ERR_OK)
        return e;
    return matter_card_insert(tx->db, s->dossier.id, blob);
}

/* The date and four digits that nobody can count from. */
static enum err raise_register(struct tx *tx, const struct store *s)
{
    for (int i = 0; i < REGISTER_TRIES; i++) {
        uint32_t any = 0;
        struct matter_register_taken_row *rows = NULL;
        size_t count = 0;
        TRY(rng_bytes(&any, sizeof(any)));
        int32_t digits = (int32_t)(any % REGISTER_NUMBERS);
        TRY(matter_register_taken(tx->db, tx->arena, s->m.first, s->m.received_day, digits, &rows,
                                  &count));
        if (count == 0)
            return matter_register_insert(tx->db, s->m.first, s->m.received_day, digits,
                                          s->dossier.id);
    }
    return err_set(tx->info, ERR_LIMIT, NULL, "register numbers of the day are used up");
}

static enum err raise_rest(struct tx *tx, const struct matter_raise *r, struct store *s)
{
    if (r->subject_count > 0 || r->exclusion_count > 0) {
        int32_t happened = r->command.body.happened_day;
        const struct grant_about about = {
            .subjects = r->subjects,
            .subject_count = r->subject_count,
            .exclusions = r->exclusions,
            .exclusion_count = r->exclusion_count,
            .facts_day = happened != 0 ? happened : s->m.received_day,
        };
        TRY(grant_about_add(tx, s->dossier.id, &about));
    }
    if (r->lookup != NULL)
        TRY(code_add(tx, r->lookup, s->dossier.id));
    if (r->card != NULL)
        TRY(raise_card(tx, s, r->card));
    if (r->give_register_number)
        TRY(raise_register(tx, s));
    return r->handle != NULL ? house_confirm_later(tx, r->handle) : ERR_OK;
}

/* ---- answers to questions ------------------------------------------------------------------ */

static int pair_order(const void *a, const void *b)
{
    const struct form_pair *x = a;
    const struct form_pair *y = b;
    return str_cmp(x->name, y->name);
}

/* What no question of a pack is called is no answer to one. */
static bool is_question_name(struct str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!plain && c != '_' && c != '-')
            return false;
    }
    return name.len > 0;
}

enum err matter_answers_write(struct arena *a, const struct form_pair *pairs, size_t count,
                              struct str *ret_answers)
{
    *ret_answers = STR("");
    if (count == 0)
        return ERR_OK;
    struct form_pair *sorted = ARENA_ARRAY(a, count, struct form_pair);
    CLEANUP(buf_done) struct buf b;
    struct jsonw w;
    size_t written = 0;
    buf_init(&b, EVENT_PAYLOAD_BYTES_MAX);
    if (sorted == NULL)
        return ERR_NOMEM;
    memcpy(sorted, pairs, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, pair_order);
    jsonw_init(&w, &b, JSONW_CANONICAL);
    jsonw_object(&w);
    for (size_t i = 0; i < count; i++) {
        if (sorted[i].value.len == 0)
            continue;
        if (!is_question_name(sorted[i].name))
            return ERR_INVALID;
        jsonw_name_str(&w, sorted[i].name);
        jsonw_str(&w, sorted[i].value);
        written++;
    }
    jsonw_end(&w);
    TRY(jsonw_err(&w));
    if (written > 0)
        *ret_answers = str_copy(a, buf_view(&b));
    return written > 0 && ret_answers->ptr == NULL ? ERR_NOMEM : ERR_OK;
}

/* ---- raising ------------------------------------------------------------------------------- */

/* The same code was sent before: one matter, one code. */
static enum err raised_before(struct tx *tx, const struct matter_raise *r, const struct once *once,
                              bool *ret_found, struct matter_done *ret_done)
{
    TRY(once_find(tx, once, ret_found, ret_done));
    if (*ret_found || r->lookup == NULL)
        return ERR_OK;
    struct dossier_id id;
    enum err e = code_dossier(tx->db, r->lookup, &id);
    if (e == ERR_NOT_FOUND)
        return ERR_OK;
    if (e != ERR_OK)
        return e;
    struct dossier d;
    TRY(dossier_load(tx->db, tx->arena, id, &d));
    *ret_found = true;
    *ret_done = (struct matter_done){
        .id = id,
        .state = (enum matter_state)d.state,
        .seq = d.seq,
        .office = d.office,
        .again = true,
    };
    return ERR_OK;
}

static enum err raise_command(struct tx *tx, const struct matter_raise *r,
                              const struct matter_actor *actor, struct matter_command *ret_command)
{
    struct matter_command c = r->command;
    if (r->handle != NULL) {
        CLEANUP(buf_done) struct buf b;
        buf_init(&b, 64);
        buf_b64(&b, r->handle->b, sizeof(r->handle->b));
        TRY(buf_err(&b));
        c.body.handle = str_copy(tx->arena, buf_view(&b));
        if (c.body.handle.ptr == NULL)
            return ERR_NOMEM;
    }
    TRY(raise_office(tx, r, actor, &c.body.first));
    *ret_command = c;
    return ERR_OK;
}

enum err matter_raise(struct tx *tx, const struct matter_raise *r, struct matter_done *ret_done)
{
    bool found = false;
    struct once once;
    once_of(tx, r->token, r->once, &once);
    TRY(raised_before(tx, r, &once, &found, ret_done));
    if (found)
        return ERR_OK;
    const struct house *h = house_of(tx);
    struct matter_actor actor;
    struct matter_command c;
    struct matter_events *events = ARENA_NEW(tx->arena, struct matter_events);
    if (events == NULL)
        return ERR_NOMEM;
    TRY(raise_actor(tx, r, &actor));
    TRY(raise_command(tx, r, &actor, &c));
    struct matter nothing = {.owner = c.body.first};
    const struct matter_env env = matter_env_of(tx->arena, h, &nothing, tx->now_us);
    nothing.owner = (struct office_id){0};
    TRY(matter_decide(&nothing, &c, &actor, &env, events, tx->info));
    struct store s;
    TRY(store_new(tx, &events->items[0].body, &s));
    TRY(store_save(tx, &s, events));
    TRY(raise_rest(tx, r, &s));
    const struct matter_done done = {
        .id = s.dossier.id, .state = s.m.state, .seq = s.m.seq, .office = s.m.owner};
    TRY(once_keep(tx, &once, &done));
    seats_keep(h->seats);
    *ret_done = done;
    return ERR_OK;
}
