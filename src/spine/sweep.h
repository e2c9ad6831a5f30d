/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * sweep: acts on time limits whose moment has come, each once.
 *
 * Three things come by themselves: an open due passes, a suspension with a stated end ends, and a
 * day counted with an older calendar is counted again. What then happens is the room's: it gets the
 * due inside the writer and passes it through its own rules, as it does for people. A room must
 * leave the due in another state (or with the calendar of now), or refuse before it writes.
 *
 * The work goes through the writer in chunks of SWEEP_CHUNK, so that filings wait behind one chunk
 * at most. A chunk in which a due fails is rolled back and repeated one due at a time; the one that
 * fails is stuck until the next look and holds nobody up. Because the due's own state says whether
 * it was acted on, and changes in the same transaction as the event, a crash repeats nothing.
 *
 *     struct sweep *s;
 *     TRY(sweep_new(house, &MATTER_SWEEP, 1, &s));
 *     while (running) {
 *         sweep_look(s, still_running, ctx, &figures, &info);
 *         sleep until figures.next_us, at most a few seconds;
 *     }
 *
 * One thread.
 */
#ifndef HUIYIN_SPINE_SWEEP_H
#define HUIYIN_SPINE_SWEEP_H

#include "base/ids.h"
#include "spine/dossier.h"

struct house;
struct sweep;
struct tx;

enum { SWEEP_CHUNK = 64 };

/* A room that owns dues. ERR_REFUSED, ERR_CONFLICT and ERR_NOT_FOUND say that nothing was written
 * and leave the due for the next look, unless it ended meanwhile with another one of its dossier.
 */
struct sweep_room {
    enum dossier_kind kind;
    /* The last moment of an open due has passed. */
    enum err (*missed)(struct tx *tx, struct dossier_id dossier, int32_t n);
    /* The stated end of a suspension has passed: it goes on. */
    enum err (*stood)(struct tx *tx, struct dossier_id dossier, int32_t n);
    /* It was counted with another calendar than the pack has now. */
    enum err (*recount)(struct tx *tx, struct dossier_id dossier, int32_t n);
};

struct sweep_figures {
    int64_t acted;
    int64_t stuck;   /* could not be acted on in this look */
    int64_t next_us; /* when the next due passes; INT64_MAX when none runs */
};

/* The rooms stay the caller's. The house needs writer, readers, pack and zone. */
enum err sweep_new(const struct house *h, const struct sweep_room *rooms, size_t room_count,
                   struct sweep **ret_sweep);
/* NULL is allowed. */
void sweep_free(struct sweep *s);

/* Does all that is due by now; `go_on` (may be NULL) is asked between chunks. With nothing due it
 * only reads. ERR_BUSY when the writer's queue is full: the rest follows at the next look. *info
 * holds the first failure of a stuck due, with its dossier's number in the detail. */
enum err sweep_look(struct sweep *s, bool (*go_on)(void *ctx), void *ctx,
                    struct sweep_figures *ret_figures, struct err_info *info);

#endif
