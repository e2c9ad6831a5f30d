/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * village: a real data folder with the pack `plain`, offices and officers, for the use cases.
 *
 * Offices: hall (top), school and works under it, ethics outside. Officers are named by office and
 * post: hall_lead ... The clock is virtual and stands at a Monday morning until it is moved.
 */
#ifndef HUIYIN_TESTS_MATTER_VILLAGE_H
#define HUIYIN_TESTS_MATTER_VILLAGE_H

#include "matter/use.h"
#include "trust/open.h"

enum village_office { HALL = 0, SCHOOL, WORKS, ETHICS, VILLAGE_OFFICES };
enum village_post { DESK = 0, LEAD, HANDLER, VILLAGE_POSTS };

struct village {
    char folder[64];
    struct open_house *open;
    struct house *h;
    struct office_id offices[VILLAGE_OFFICES];
    struct officer_id officers[VILLAGE_OFFICES][VILLAGE_POSTS];
    struct arena a;
    struct err_info info;
};

/* Group fixtures: the folder is made once. */
int village_open(void **state);
int village_close(void **state);

/* Moves the clock on. */
void village_wait(int64_t us);
int64_t village_now(void);

/* One job in the writer. */
enum err village_raise(struct village *v, const struct matter_raise *r, struct matter_done *ret);
enum err village_act(struct village *v, struct dossier_id id, struct officer_id officer,
                     const struct matter_command *c, struct matter_done *ret);
enum err village_person(struct village *v, struct dossier_id id, const struct matter_command *c,
                        struct matter_done *ret);

/* A raise of that kind by the web, for HALL unless `office` says otherwise. */
struct matter_raise village_raise_of(const char *kind);

/* Do the store files, as they lie on the disk, hold that text? */
bool village_holds(struct village *v, const char *text);

/* The story from the rows, read anew. */
void village_story(struct village *v, struct dossier_id id, struct matter_story *ret);
/* `rebuild --check` of everything finds nothing. */
void village_check(struct village *v);

#endif
