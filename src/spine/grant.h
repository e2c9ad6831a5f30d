/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * grant: who may do what with a dossier, and who is kept out of it (trust.md section 9).
 *
 * can() is the one rule: active, granted, not barred; deny is the default and no post sees all.
 * The view v_dossier says the same in SQL for lists. A grant goes to a post in an office, to one
 * officer only by exception. Bars are computed when a dossier is born and whenever subjects,
 * memberships or recusals change, inside that transaction, and are only ever added.
 */
#ifndef HUIYIN_SPINE_GRANT_H
#define HUIYIN_SPINE_GRANT_H

#include "base/ids.h"
#include "base/str.h"
#include "spine/verb.h"

struct db;
struct tx;

enum bar_why {
    BAR_UNSET = 0,
    BAR_SUBJECT,     /* it is about this officer */
    BAR_MEMBER,      /* was in an office it is about, or in one below it, since the facts began */
    BAR_SUBORDINATE, /* reports to an officer it is about */
    BAR_HEAD,        /* leads an office inside one it is about */
    BAR_EXCLUDED,    /* the person said: not this one */
    BAR_RECUSED      /* stepped aside */
};

enum subject_kind { SUBJECT_UNSET = 0, SUBJECT_OFFICER, SUBJECT_OFFICE };
enum subject_source { SOURCE_UNSET = 0, SOURCE_PERSON, SOURCE_TRIAGE, SOURCE_FINDING };

struct subject {
    enum subject_kind kind;
    int64_t ref; /* officer or office id */
    enum subject_source source;
};

struct exclusion {
    struct officer_id officer; /* one of the two is 0 */
    struct office_id office;
};

struct grant {
    struct office_id office;
    enum post post;
    struct officer_id officer; /* 0: whoever holds the post */
    uint32_t verbs;
    int64_t from_us;
};

/* What a dossier is about, for computing its bars. */
struct grant_about {
    const struct subject *subjects;
    size_t subject_count;
    const struct exclusion *exclusions; /* the person's "must not see this" */
    size_t exclusion_count;
    int32_t facts_day; /* when the facts began: membership of a subject office since then bars */
};

struct bar_row {
    struct officer_id officer;
    enum bar_why why;
};

/* Who would be barred, before the dossier exists: for choosing the first office. Rows in the
 * arena, ascending by officer, each officer once. */
enum err grant_barred(struct db *db, struct arena *a, const struct grant_about *about,
                      struct bar_row **ret_bars, size_t *ret_count);

/* Writes subjects and exclusions and the bars that follow. Adds only. */
enum err grant_about_add(struct tx *tx, struct dossier_id dossier, const struct grant_about *about);
/* Subjects, memberships or recusals changed: computes the dossier's bars again and adds. */
enum err grant_bars_renew(struct tx *tx, struct dossier_id dossier, int32_t facts_day);

/* An officer joined an office or leads it: bars that follow, for him and for who stands below him
 * now, in every dossier. The row of `holds` is there already. */
enum err grant_membership_changed(struct tx *tx, struct officer_id officer,
                                  struct office_id office);

/* Somebody reports to the officer from now on: bars that follow for all below, in every dossier,
 * now. The row of `supervises` is there already. */
enum err grant_led(struct tx *tx, struct officer_id officer);

/* Steps aside at once; undoing it takes two guardians. */
enum err grant_recuse(struct tx *tx, struct dossier_id dossier, struct officer_id officer);

/* The verbs are cut down to what the post may ever hold. An officer named in a grant who is barred
 * is refused with ERR_REFUSED "grant.barred". */
enum err grant_add(struct tx *tx, struct dossier_id dossier, const struct grant *g);
/* The first grants of a dossier that is made in this transaction, none of them by name. */
enum err grant_first(struct tx *tx, struct dossier_id dossier, const struct grant *grants,
                     size_t count);
/* Ends the running grants of an office (a post of it, with post != POST_UNSET). */
enum err grant_end(struct tx *tx, struct dossier_id dossier, struct office_id office,
                   enum post post);

/* Does `officer` hold `verb` on `dossier` on `day` (the installation's day of now)?
 * ERR_OK and *ret_yes; a dossier that is not there is just false. */
enum err can(struct db *db, struct officer_id officer, struct dossier_id dossier, enum verb verb,
             int32_t day, bool *ret_yes);

/* All verbs at once, 0 when barred or not granted: for showing only the buttons that work. */
enum err grant_verbs(struct db *db, struct officer_id officer, struct dossier_id dossier,
                     int32_t day, uint32_t *ret_verbs);

#endif
