/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sweep: what the sweep of faults works with: a town in which a matter stands at every stage, the
 * use cases, and what must hold after each. Private to tests/fault.
 */
#ifndef HUIYIN_TESTS_FAULT_SWEEP_H
#define HUIYIN_TESTS_FAULT_SWEEP_H

#include "tests/fault/faults.h"
#include "tests/matter/village.h"

/* ---- the town ------------------------------------------------------------------------------- */

/* At which stage the town has a matter. */
enum stage {
    STAGE_NONE = 0,
    STAGE_FRESH,
    STAGE_OFFERED,
    STAGE_OBJECTED,
    STAGE_REFUSED,
    STAGE_TAKEN,
    STAGE_ASSIGNED,
    STAGE_STILL, /* its due is suspended */
    STAGE_WAITING,
    STAGE_ANSWERED,
    STAGE_DELIVERED,
    STAGE_SETTLED, /* delivered, and solved in the person's word */
    STAGE_CONCLUDED,
    STAGE_SCHOOL, /* fresh, in an office under another one */
    STAGE_SEALED,
    STAGE_CARDED,
    STAGE_COUNT
};

enum { STORES = 3, LOOKUP_BYTES = 32 };

struct town {
    struct village v; /* open only while its house is */
    char packs[512];
    char samples[512];
    struct dossier_id ids[STAGE_COUNT];
    int32_t due_n; /* of the STAGE_TAKEN one: what the office owes */
    int32_t still_n;
    int32_t today;
    struct officer_id account; /* who signs in */
    uint8_t lookup[LOOKUP_BYTES];
    unsigned *acknowledged; /* bits of raise-batch's matters; outlives a process that is struck */
    void *bytes[STORES];    /* the stores as they were when the town was finished */
    size_t sizes[STORES];
};

/* Made once and closed. Ends the test when it cannot be made. */
void town_found(struct town *t);
void town_raze(struct town *t);
/* Puts the stores back. The house must be closed. */
void town_restore(const struct town *t);
/* As the server does at start; ERR_OK or t->v.info. */
enum err town_open(struct town *t);
void town_close(struct town *t);

/* An office's answer with all its parts. */
struct matter_command town_answer(const struct town *t);

/* ---- the use cases --------------------------------------------------------------------------- */

struct use_case {
    const char *name;
    enum err (*run)(struct town *t, const struct use_case *c);
    enum stage at;
    enum matter_do what;
    int office; /* of the officer; PERSON or SYSTEM */
    int post;
    int64_t wait_us; /* the clock moves on first */
    bool in_parts;   /* several transactions: what is missing, a second run makes */
};
enum { PERSON = -1, SYSTEM = -2 };

extern const struct use_case USE_CASES[];
extern const size_t USE_CASE_COUNT;

/* ---- what must hold ------------------------------------------------------------------------- */

enum { TABLES_MAX = 96, WHY_BYTES = 700 };

/* What stands in main.db, but for the signed heads, which come when they come. */
struct print {
    int64_t rows[TABLES_MAX]; /* per table, in the order of their names */
    size_t tables;
    int64_t dossiers;
    uint64_t hash; /* over every value */
};
void print_take(const struct town *t, struct print *ret_print);
bool print_is_same(const struct print *a, const struct print *b);
/* The same numbers of rows: the same was done, with other random bytes. */
bool print_is_alike(const struct print *a, const struct print *b);

/* With the house open. False with the reason in `why`. */
bool check_open(struct town *t, char why[WHY_BYTES]);
/* With the house closed: the stores agree with each other, and each is sound. `late`: what a crash
 * left behind must be gone too. */
bool check_stores(const struct town *t, bool late, char why[WHY_BYTES]);

#endif
