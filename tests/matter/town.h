/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * town: a pack and offices small enough to see through, for the rules of a matter alone.
 *
 * Offices: 1 town hall, 2 school board and 3 works under it, 4 a school under 2. Days are worked
 * Monday to Friday. Zone UTC, so that a day is US_PER_DAY.
 */
#ifndef HUIYIN_TESTS_MATTER_TOWN_H
#define HUIYIN_TESTS_MATTER_TOWN_H

#include "matter/matter.h"

enum { TOWN_HALL = 1, TOWN_BOARD = 2, TOWN_WORKS = 3, TOWN_SCHOOL = 4, TOWN_OFFICES = 4 };

/* 2026-03-02, a Monday. */
#define TOWN_DAY 20514

extern const struct pack TOWN_PACK;

/* From now on that pack and zone instead of TOWN_PACK and UTC. */
struct zone;
void town_use(const struct pack *pack, const struct zone *zone);

/* The office above, 0 at the top. */
struct office_id town_above(struct office_id office);

/* `day` at nine in the morning. */
int64_t town_nine(int32_t day);

struct matter_env town_env(struct arena *a, int64_t now_us, const struct matter *m);

struct matter_actor town_person(void);
struct matter_actor town_system(void);
/* Holds every verb of a lead there. */
struct matter_actor town_lead(int64_t office, int64_t officer);
struct matter_actor town_post(int64_t office, int64_t officer, enum post post);

/* A whole raise of a kind by the web. */
struct matter_command town_raise(struct str kind);
/* An answer with all its parts. */
struct matter_command town_answer(void);

/* Decides and folds; on ERR_OK *m has moved on. `ret` may be NULL. */
enum err town_do(struct matter *m, const struct matter_command *c, const struct matter_actor *who,
                 struct arena *a, int64_t now_us, struct matter_events *ret, struct err_info *info);

/* Writes every event as a payload, reads it back and folds those; fails the test, saying where,
 * when the state is another one. */
void town_check_fold(const struct matter_event *events, size_t count, const struct matter *m);

#endif
