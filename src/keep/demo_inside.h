/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* demo_inside: what the parts of the demo share. Private to keep/demo. */
#ifndef HUIYIN_KEEP_DEMO_INSIDE_H
#define HUIYIN_KEEP_DEMO_INSIDE_H

#include "keep/demo.h"
#include "keep/demo_plan.h"
#include "matter/use.h"

struct sweep;

struct demo {
    struct house *house;
    struct arena *arena; /* of the whole town */
    struct demo_town town;
    struct demo_plan plan;
    struct demo_told *told;
    struct sweep *sweep;
    struct err_info *info;
};

/* A matter about to be raised: what has to be ready before the writer's turn. */
struct raising {
    struct demo *demo;
    struct demo_matter *matter;
    const struct pack_kind *kind;
    struct matter_raise raise;
    struct id16 handle;
    struct identity card;
    struct code code;
    bool coded;
    struct subject subject;
};

/* Writes the body, seals the box, draws the code. `r` must stay where it is until it is raised. */
enum err demo_raise_prepare(struct demo *d, struct demo_matter *m, int64_t at_us,
                            struct raising *r);
/* In a job. */
enum err demo_raise(struct tx *tx, struct raising *r);
/* After the commit: the code goes on the list of those told. */
void demo_raise_tell(struct raising *r);

/* In a job: takes the step when the matter stands so that it can be taken; what the rules refuse is
 * left out, because packs differ and a due may have moved the matter on meanwhile. */
enum err demo_act(struct tx *tx, struct demo *d, const struct demo_step *s, bool *ret_done);

#endif
