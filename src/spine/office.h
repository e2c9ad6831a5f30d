/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * office: the tree of offices, who holds which post, and where a matter goes first.
 *
 * The tree is small and changes seldom: struct office_tree is loaded whole, is const afterwards
 * and is shared by all threads; a change of configuration loads a new one. Functions on the tree
 * are pure. Who holds a post today is asked of the database, inside the transaction that needs it.
 *
 *     struct office_tree *tree = NULL;
 *     TRY(office_tree_load(db, &tree));
 *     const struct office *first = office_find(tree, id);
 */
#ifndef HUIYIN_SPINE_OFFICE_H
#define HUIYIN_SPINE_OFFICE_H

#include "base/ids.h"
#include "base/str.h"
#include "spine/verb.h"

struct arena;
struct db;
struct tx;

struct remit {
    struct str kind;  /* "" for every kind */
    struct str place; /* "" for every place */
};

struct office {
    struct office_id id;
    struct office_id parent; /* 0 at the top */
    struct str code;         /* "town.school" */
    struct str name_en;
    struct str name_zh;
    struct str place;
    bool outside;
    bool active;
    struct str address;
    struct str phone;
    struct str hours_en;
    struct str hours_zh;
    const struct remit *remits;
    size_t remit_count;
};

struct office_tree {
    struct office *offices; /* ordered by id */
    size_t count;
    struct arena arena;
    struct office_tree *older; /* replaced by this one, still read by somebody: freed with it */
};

enum err office_tree_load(struct db *db, struct office_tree **ret_tree);
void office_tree_free(struct office_tree *tree);

/* NULL when there is none of that id or code. */
const struct office *office_find(const struct office_tree *tree, struct office_id id);
const struct office *office_find_code(const struct office_tree *tree, struct str code);

/* The name in the reader's language ("zh…" or anything else for English). */
struct str office_name(const struct office *o, struct str lang);

/* Is `inner` the office `outer` or below it? */
bool office_is_within(const struct office_tree *tree, struct office_id inner,
                      struct office_id outer);

/* The next office up that is active, or NULL at the top. */
const struct office *office_above(const struct office_tree *tree, struct office_id id);

enum { OFFICE_CANDIDATES_MAX = 32 };

/* Offices that may take a matter of `kind` at `place`, best first: kind and place, kind, place,
 * everything; within one rank the deeper office; then up the tree from there. With `outside_end`
 * (reports of wrongdoing) an office outside the organisation is the last; without one in the tree
 * ERR_REFUSED "office.no_outside". Returns how many were written, at most OFFICE_CANDIDATES_MAX. */
enum err office_candidates(const struct office_tree *tree, struct str kind, struct str place,
                           bool outside_end, struct office_id *ret_ids, size_t *ret_count);

enum { OFFICE_PEOPLE_MAX = 10000 };

/* How many active officers hold any post in the office on `day` and are not in barred[]. Who only
 * asks whether there are enough gives how many in `most` and may be told more; else it is
 * OFFICE_PEOPLE_MAX. */
enum err office_unbarred_count(struct db *db, struct arena *a, struct office_id office, int32_t day,
                               const struct officer_id *barred, size_t barred_count, int64_t most,
                               int64_t *ret_count);

/* In how many dossiers the office owes something: a due of its runs, stands still or was missed. */
enum err office_owes(struct db *db, struct arena *a, struct office_id office, int64_t *ret_count);

struct office_new {
    struct office_id parent;
    struct str code, name_en, name_zh, place, address, phone, hours_en, hours_zh;
    bool outside;
};

/* Configuration, inside a writer's transaction. */
enum err office_add(struct tx *tx, const struct office_new *o, struct office_id *ret_id);
/* ERR_CONFLICT "office.remit_there" when it answers for that already. */
enum err office_remit_add(struct tx *tx, struct office_id office, struct str kind,
                          struct str place);
/* ERR_CONFLICT "office.remit_gone" when it does not. What nobody else answers for must find an
 * office: ERR_REFUSED "office.remit_last" for the house's last "everything, everywhere". */
enum err office_remit_end(struct tx *tx, struct office_id office, struct str kind,
                          struct str place);

/* What may be changed of an office; its code and its place in the tree stay. */
struct office_edit {
    struct office_id id;
    struct str name_en, name_zh, place, address, phone, hours_en, hours_zh;
    bool active;
};
/* An office out of use is offered nothing new; who holds a post in it keeps it. ERR_REFUSED:
 * "office.top_stays"; "office.owes" while it owes something in {0} matters; "office.remit_last";
 * "office.outside_last", without which reports of wrongdoing would end nowhere. */
enum err office_change(struct tx *tx, const struct office_edit *e);

struct officer_new {
    struct str login, name, lang;
};

/* The officer can do nothing until a password and a second factor are set (people/). */
enum err officer_add(struct tx *tx, const struct officer_new *o, struct officer_id *ret_id);

/* Holds `post` in `office` from `from_day` to `to_day`, both inclusive. With `delegate_of` the
 * post of another officer while away: refused (ERR_REFUSED "office.delegate_none") unless that
 * officer holds it over the whole span. Bars are computed anew for the officer's dossiers. */
struct holding {
    struct officer_id officer;
    struct office_id office;
    enum post post;
    int32_t from_day;
    int32_t to_day;
    struct officer_id delegate_of;
};
enum err officer_hold(struct tx *tx, const struct holding *h);

/* `subordinate` reports to `officer`, besides whoever leads an office they hold a post in: kept out
 * of what is about the officer, from now on in dossiers that are there too. ERR_REFUSED
 * "office.lead_self"; "office.lead_circle" when the officer reports to the subordinate, directly or
 * through others. ERR_CONFLICT "office.lead_there". */
enum err officer_lead(struct tx *tx, struct officer_id officer, struct officer_id subordinate);
/* Bars that followed stay. ERR_CONFLICT "office.lead_gone". */
enum err officer_lead_end(struct tx *tx, struct officer_id officer, struct officer_id subordinate);

/* The posts an officer holds on `day`: bits 1 << post per office, in the arena. */
struct held {
    struct office_id office;
    uint32_t posts;
};
enum err officer_held(struct db *db, struct arena *a, struct officer_id officer, int32_t day,
                      struct held **ret_held, size_t *ret_count);

#endif
