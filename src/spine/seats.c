/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "spine/seats.h"

#include "base/mem.h"
#include "db/writer.h"

#include <string.h>

enum { SEATS_MAX = 64, HELD_MAX = 4 };

struct officer_seat {
    uint64_t when; /* it was learned; of now only what stands under `now` */
    struct officer_id officer;
    int32_t day;
    size_t count;
    struct held held[HELD_MAX];
};

struct office_seat {
    uint64_t when;
    struct office_id office;
    int32_t day;
    int64_t most;
    int64_t count;
};

struct seats {
    uint64_t now; /* goes up with each forgetting, from 1 */
    bool is_kept; /* by the job that runs */
    struct officer_seat officers[SEATS_MAX];
    struct office_seat offices[SEATS_MAX];
};

enum err seats_new(struct seats **ret_seats)
{
    struct seats *s = mem_new(sizeof *s);
    if (s == NULL)
        return ERR_NOMEM;
    s->now = 1;
    *ret_seats = s;
    return ERR_OK;
}

void seats_free(struct seats *s)
{
    mem_free(s);
}

void seats_forget(void *self)
{
    struct seats *s = self;
    s->now++;
    s->is_kept = false;
}

enum err seats_begin(void *self, struct tx *tx)
{
    (void)tx;
    seats_forget(self);
    return ERR_OK;
}

/* Before a job: what the one before it learned stands only if that one said so. */
void seats_mark(void *self)
{
    struct seats *s = self;
    if (!s->is_kept)
        seats_forget(s);
    s->is_kept = false;
}

void seats_keep(struct seats *s)
{
    if (s != NULL)
        s->is_kept = true;
}

enum err seats_held(struct seats *s, struct tx *tx, struct officer_id officer, int32_t day,
                    const struct held **ret_held, size_t *ret_count)
{
    struct officer_seat *seat = s == NULL ? NULL : &s->officers[(uint64_t)officer.v % SEATS_MAX];
    if (seat != NULL && seat->when == s->now && seat->officer.v == officer.v && seat->day == day) {
        *ret_held = seat->held;
        *ret_count = seat->count;
        return ERR_OK;
    }
    struct held *held = NULL;
    size_t count = 0;
    TRY(officer_held(tx->db, tx->arena, officer, day, &held, &count));
    if (seat != NULL && count <= HELD_MAX) {
        *seat =
            (struct officer_seat){.when = s->now, .officer = officer, .day = day, .count = count};
        for (size_t i = 0; i < count; i++)
            seat->held[i] = held[i];
    }
    *ret_held = held;
    *ret_count = count;
    return ERR_OK;
}

enum err seats_count(struct seats *s, struct db *db, struct arena *a, struct office_id office,
                     int32_t day, int64_t most, int64_t *ret_count)
{
    struct office_seat *seat = s == NULL ? NULL : &s->offices[(uint64_t)office.v % SEATS_MAX];
    if (seat != NULL && seat->when == s->now && seat->office.v == office.v && seat->day == day &&
        seat->most == most) {
        *ret_count = seat->count;
        return ERR_OK;
    }
    TRY(office_unbarred_count(db, a, office, day, NULL, 0, most, ret_count));
    if (seat != NULL)
        *seat = (struct office_seat){s->now, office, day, most, *ret_count};
    return ERR_OK;
}
