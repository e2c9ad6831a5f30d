/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* sim_doom: how the process dies, and what the disk refuses. */
#include "tests/fault/sim.h"

#include "base/instant.h"
#include "tests/db/fault_vfs.h"

#include <sqlite3.h>
#include <unistd.h>

static const char *const NAMES[DOOM_COUNT] = {
    "",
    "stopped in order",
    "killed between two requests",
    "killed in a job, before its commit",
    "killed after a commit, before the answer",
    "a write fails",
    "a sync fails",
    "the disk is full",
};

/* Down for a moment, a night, or days; the clock may have been set back a little meanwhile. */
static void be_away(struct sim *s)
{
    static const int64_t SPANS[] = {US_PER_SECOND, US_PER_MINUTE, US_PER_HOUR, 8 * US_PER_HOUR,
                                    US_PER_DAY};
    s->now_us += SPANS[sim_pick(s, 5)] * (1 + sim_pick(s, 3));
}

void sim_doom_choose(struct sim_life *l)
{
    struct sim *s = l->s;
    s->doom = (enum sim_doom)(1 + sim_pick(s, DOOM_COUNT - 1));
    s->doom_after = sim_pick(s, s->doom == DOOM_WRITE || s->doom == DOOM_FULL ? 24 : 4);
    sim_tell(s, 0, "%s (%lld)", NAMES[s->doom], (long long)s->doom_after);
    s->counts.dooms[s->doom]++;
    if (s->doom == DOOM_CLOSE || s->doom == DOOM_NOW) {
        bool in_order = s->doom == DOOM_CLOSE;
        s->doom = DOOM_NONE;
        be_away(s);
        if (in_order) {
            sweep_free(l->sweep);
            house_close(l->open);
        }
        _exit(LIFE_AGAIN);
    }
}

void sim_doom_arm(struct sim *s)
{
    s->may_die = s->may_die || s->doom >= DOOM_WRITE;
    if (s->doom == DOOM_WRITE)
        fault_vfs_break(FAULT_WRITE, s->doom_after, SQLITE_IOERR_WRITE);
    if (s->doom == DOOM_SYNC)
        fault_vfs_break(FAULT_SYNC, s->doom_after % 2, SQLITE_IOERR_FSYNC);
    if (s->doom == DOOM_FULL)
        fault_vfs_break(FAULT_WRITE, s->doom_after, SQLITE_FULL);
}

void sim_doom_in_job(struct sim *s)
{
    if (s->doom == DOOM_IN_JOB && s->doom_after-- == 0)
        _exit(LIFE_AGAIN);
}

void sim_doom_unsaid(struct sim *s)
{
    if (s->doom == DOOM_UNSAID && s->doom_after-- == 0)
        _exit(LIFE_AGAIN);
}

bool sim_doom_heal(struct sim *s)
{
    bool was = s->doom == DOOM_WRITE || s->doom == DOOM_SYNC || s->doom == DOOM_FULL;
    fault_vfs_heal();
    if (was)
        s->doom = DOOM_NONE;
    return was;
}
