/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "spine/lookers.h"

#include "base/mem.h"

#include <pthread.h>

struct look {
    struct dossier_id dossier; /* 0: free */
    struct officer_id officer;
    int64_t at_us;
};

struct lookers {
    pthread_mutex_t lock;
    struct look looks[LOOKERS_MAX];
};

enum err lookers_new(struct lookers **ret_lookers)
{
    struct lookers *l = mem_new(sizeof *l);
    if (l == NULL)
        return ERR_NOMEM;
    if (pthread_mutex_init(&l->lock, NULL) != 0) {
        mem_free(l);
        return ERR_NOMEM;
    }
    *ret_lookers = l;
    return ERR_OK;
}

void lookers_free(struct lookers *l)
{
    if (l == NULL)
        return;
    (void)pthread_mutex_destroy(&l->lock);
    mem_free(l);
}

/* The officer's own row of that dossier, else the oldest one; free ones are oldest of all. */
static struct look *row_for(struct lookers *l, struct dossier_id dossier, struct officer_id officer)
{
    struct look *oldest = &l->looks[0];
    for (size_t i = 0; i < LOOKERS_MAX; i++) {
        struct look *k = &l->looks[i];
        if (k->dossier.v == dossier.v && k->officer.v == officer.v)
            return k;
        if (k->at_us < oldest->at_us)
            oldest = k;
    }
    return oldest;
}

void lookers_mark(struct lookers *l, struct dossier_id dossier, struct officer_id officer,
                  int64_t now_us)
{
    (void)pthread_mutex_lock(&l->lock);
    *row_for(l, dossier, officer) =
        (struct look){.dossier = dossier, .officer = officer, .at_us = now_us};
    (void)pthread_mutex_unlock(&l->lock);
}

size_t lookers_others(struct lookers *l, struct dossier_id dossier, struct officer_id but,
                      int64_t now_us, struct officer_id ret_officers[LOOKERS_SHOWN_MAX])
{
    size_t n = 0;
    (void)pthread_mutex_lock(&l->lock);
    for (size_t i = 0; i < LOOKERS_MAX && n < LOOKERS_SHOWN_MAX; i++) {
        const struct look *k = &l->looks[i];
        if (k->dossier.v == dossier.v && k->dossier.v != 0 && k->officer.v != but.v &&
            k->at_us > now_us - LOOKERS_US)
            ret_officers[n++] = k->officer;
    }
    (void)pthread_mutex_unlock(&l->lock);
    return n;
}
