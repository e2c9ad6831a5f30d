/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sim: years of an organisation in minutes, under a seeded scheduler and a clock of its own.
 *
 * The real store, writer, log, keeper and rules, opened as the server opens them; only the time is
 * invented. Persons raise matters and come back, officers take steps or do nothing, staff joins,
 * moves and leaves, the sweep comes on time or days late, the disk fails and the process dies in
 * the midst of what it does. After every step what domain.md promises is held against the matters
 * touched, now and then against everything.
 *
 * The server's life is a child process, so that it can really die. What has to outlive it (the
 * scheduler, what was acknowledged, the story) stands in memory shared with the parent, in one
 * struct sim without pointers into the child's heap; constants keep their addresses over a fork.
 *
 *     sim.c        the scheduler: what happens when, lives one after the other
 *     sim_town.c   offices, officers, posts: made, moved, ended
 *     sim_acts.c   what persons and officers ask for
 *     sim_send.c   requests to the writer, also those that the process died with
 *     sim_doom.c   how the process dies and what the disk refuses
 *     sim_check.c  what must hold in a matter
 *     sim_whole.c  what must hold in everything
 *     sim_story.c  the steps that led there
 *
 * One seed is one history: it prints the same fingerprint again.
 */
#ifndef HUIYIN_TESTS_FAULT_SIM_H
#define HUIYIN_TESTS_FAULT_SIM_H

#include "base/rng.h"
#include "db/writer.h"
#include "matter/use.h"
#include "spine/sweep.h"
#include "trust/open.h"

enum {
    SIM_OFFICES_MAX = 32,
    SIM_OFFICERS_MAX = 2048,
    SIM_SPANS_MAX = 8192,
    SIM_LEADS_MAX = 512,
    SIM_MATTERS_MAX = 1 << 17,
    SIM_THINGS_MAX = 1 << 19,
    SIM_LINES_MAX = 1 << 19,
    SIM_LINE_BYTES = 96,
    SIM_FLIGHTS_MAX = 12
};

struct sim_size {
    int64_t matter_days; /* it ends when that many were lived */
    int32_t days;        /* about so many days it takes */
    int32_t offices;
    int32_t check_days; /* everything is held against everything that often */
};

/* ---- what happens ------------------------------------------------------------------------- */

enum sim_what {
    SIM_RAISE = 1, /* somebody raises a matter; the next one follows */
    SIM_RUSH,      /* many at once */
    SIM_PERSON,    /* the person of a matter comes back */
    SIM_OFFICE,    /* it is somebody's turn in the office, who may let it lie */
    SIM_ANSWERS,   /* the half minute of an answer is over */
    SIM_SWEEP,     /* the sweep of dues looks */
    SIM_NIGHT,     /* a day ends */
    SIM_STAFF,     /* somebody joins, moves, leaves, stands in */
    SIM_CLOCK,     /* the clock is set */
    SIM_DIE,       /* the process is going to die, or the disk to fail */
    SIM_WHOLE      /* everything is checked */
};

struct sim_thing {
    int64_t at_us;
    int64_t order;
    enum sim_what what;
    int64_t matter;
};

/* ---- the organisation as the simulation knows it -------------------------------------------- */

struct sim_office {
    struct office_id id;
    int32_t parent; /* -1 at the top */
    bool outside;
    bool active;
};

struct sim_officer {
    struct officer_id id;
    bool active;
    int32_t zeal; /* of 100: how often a turn is taken */
};

struct sim_span {
    int32_t officer;
    int32_t office;
    enum post post;
    int32_t from_day;
    int32_t to_day;
    int32_t giver; /* -1: the officer's own */
};

struct sim_lead {
    int32_t officer;
    int32_t subordinate;
    bool ended;
};

struct sim_town {
    bool is_built;
    struct sim_office offices[SIM_OFFICES_MAX];
    int32_t office_count;
    struct sim_officer officers[SIM_OFFICERS_MAX];
    int32_t officer_count;
    struct sim_span spans[SIM_SPANS_MAX];
    int32_t span_count;
    struct sim_lead leads[SIM_LEADS_MAX];
    int32_t lead_count;
};

/* ---- matters --------------------------------------------------------------------------------- */

/* Stands at the dossier's id. */
struct sim_matter {
    bool is_there;
    bool is_known; /* has a contact card */
    bool is_sealed;
    bool has_code;
    bool is_over;
    enum matter_state state;
    int64_t acked;  /* events that were acknowledged */
    int64_t seq;    /* events that were seen */
    int64_t looked; /* when it was last checked */
    struct hash tail;
    uint8_t lookup[32];
    struct id16 handle;
    struct subject subject;
    struct exclusion exclusion;
    int32_t facts_day;
    uint64_t name;
};

/* ---- requests -------------------------------------------------------------------------------- */

struct sim_request {
    bool is_raise;
    bool is_answered; /* the caller has its answer */
    enum err err;
    struct err_info info;
    struct matter_done done;
    struct matter_raise raise;
    struct matter_act act;
    struct subject subject;
    struct exclusion exclusion;
    struct id16 handle;
    struct identity card;
    uint64_t name;
    uint8_t lookup[32];
    char name_text[24];
    char once[24];
    char answers[128];
    char kind[48]; /* the pack's own dies with the process */
};

/* ---- how it dies ----------------------------------------------------------------------------- */

enum sim_doom {
    DOOM_NONE = 0,
    DOOM_CLOSE,  /* stopped in order */
    DOOM_NOW,    /* gone between two requests */
    DOOM_IN_JOB, /* in a job that has written everything but is not committed */
    DOOM_UNSAID, /* committed, and nobody was told */
    DOOM_WRITE,  /* a write fails for good */
    DOOM_SYNC,   /* a sync fails */
    DOOM_FULL,   /* no room, for a while */
    DOOM_COUNT
};

/* ---- the story ------------------------------------------------------------------------------- */

struct sim_line {
    int64_t at_us;
    int64_t matter; /* 0: of no matter */
    char text[SIM_LINE_BYTES];
};

struct sim_counts {
    int64_t matters, acts, refused, again, sweeps, acted, lives, dooms[DOOM_COUNT], resent, wholes;
    int64_t done[DO_COUNT], missed, escalated, barred, ended, staff;
};

struct sim {
    uint64_t seed;
    struct sim_size size;
    struct rng rng;
    char top[64];
    char dir[80];
    char packs[512];
    const char *pack;
    int64_t now_us;
    int64_t skew_us; /* the clock shows that much less */
    int64_t matter_days;
    int64_t days;
    int64_t live;
    int64_t leaf;  /* of the log: all before were looked at */
    int64_t looks; /* at what was touched */
    bool is_over;

    struct sim_thing things[SIM_THINGS_MAX];
    int64_t thing_count;
    int64_t thing_order;

    struct sim_town town;
    struct sim_matter matters[SIM_MATTERS_MAX];
    int64_t matter_max;

    struct sim_request flights[SIM_FLIGHTS_MAX];
    int32_t flight_count;
    uint64_t once;
    enum sim_doom doom;
    int64_t doom_after;
    bool may_die; /* the disk was broken in this life */

    struct sim_line lines[SIM_LINES_MAX];
    int64_t line_count;
    uint64_t fingerprint;
    char fault[600];
    int64_t fault_matter;
    struct sim_counts counts;
};

/* One life of the process. */
struct sim_life {
    struct sim *s;
    struct open_house *open;
    struct house *h;
    struct sweep *sweep;
    struct arena a; /* of one step */
    struct err_info info;
};

/* How a life ends, as the exit code of the child. 74 is the writer's own. */
enum { LIFE_OVER = 0, LIFE_FAULT = 9, LIFE_AGAIN = 10, LIFE_FATAL = 74 };

/* Lives through it all; prints counts, or the story of what failed. True when all held. */
bool sim_run(uint64_t seed, const struct sim_size *size);

/* ---- sim.c ---------------------------------------------------------------------------------- */

int64_t sim_pick(struct sim *s, int64_t below);
bool sim_chance(struct sim *s, int32_t percent);
void sim_at(struct sim *s, int64_t at_us, enum sim_what what, int64_t matter);
/* What the clock shows. */
int64_t sim_now(const struct sim *s);
int32_t sim_today(const struct sim_life *l);

/* ---- sim_story.c ----------------------------------------------------------------------------- */

void sim_tell(struct sim *s, int64_t matter, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Notes what does not hold and ends the life. */
_Noreturn void sim_fail(struct sim *s, int64_t matter, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The steps of the matter, and what happened around it. */
void sim_story_print(const struct sim *s);

/* ---- sim_town.c ------------------------------------------------------------------------------ */

void sim_town_build(struct sim_life *l);
/* One change of staff. */
void sim_town_change(struct sim_life *l);
/* Somebody active who holds the post there today; any of the three working posts with POST_UNSET;
 * -1 when nobody does. */
int32_t sim_town_who(struct sim_life *l, struct office_id office, enum post post);
bool sim_town_within(const struct sim *s, int32_t inner, int32_t outer);
int32_t sim_town_index(const struct sim *s, struct office_id office);

/* ---- sim_acts.c ------------------------------------------------------------------------------ */

void sim_raise(struct sim_life *l, int32_t count);
void sim_person(struct sim_life *l, int64_t matter);
void sim_office(struct sim_life *l, int64_t matter);
void sim_answers(struct sim_life *l);
/* The box of who is sealed: made anew for each sending, as the page does. */
void sim_seal(struct sim_life *l, struct sim_request *r);

/* ---- sim_send.c ------------------------------------------------------------------------------ */

/* An empty one at the end of the flight. */
struct sim_request *sim_flight_new(struct sim *s);
/* All of the flight; every one is answered afterwards, and the flight is empty. */
void sim_flight_send(struct sim_life *l);
/* What the process before died with. */
void sim_flight_again(struct sim_life *l);
/* Runs a job that must not fail but with the errors of a rule; says which. */
enum err sim_job(struct sim_life *l, writer_fn *fn, void *ctx);

/* ---- sim_doom.c ------------------------------------------------------------------------------ */

void sim_doom_choose(struct sim_life *l);
/* Before a request is sent: breaks the disk when that is what comes. */
void sim_doom_arm(struct sim *s);
/* In the writer's thread: at the end of a job, before an answer. */
void sim_doom_in_job(struct sim *s);
void sim_doom_unsaid(struct sim *s);
/* The disk works again. True when something was broken. */
bool sim_doom_heal(struct sim *s);

/* ---- sim_check.c, sim_whole.c ---------------------------------------------------------------- */

/* Every matter written to since the last look. */
void sim_check_touched(struct sim_life *l);
void sim_check_matter(struct sim_life *l, struct db *db, struct dossier_id id);
void sim_check_whole(struct sim_life *l);

#endif
