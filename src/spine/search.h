/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * search: finds words, not people (trust.md section 7).
 *
 * Only dossiers of open content are indexed, in fts.db, behind the writer's back: search_step
 * takes what the log has and the index has not, in bounded batches, and a crash resumes. What
 * goes in is redacted first: every identity value of that matter, and everything shaped like a
 * telephone number, an address of mail, an identity number, a bank card or a plate, becomes a
 * white square. Queries shaped like those, or that are only a personal name, are not run.
 *
 * Found dossiers pass through v_dossier, newest first, at most SEARCH_HITS_MAX. Nothing is saved,
 * subscribed to, exported or served by the API.
 */
#ifndef HUIYIN_SPINE_SEARCH_H
#define HUIYIN_SPINE_SEARCH_H

#include "base/ids.h"
#include "base/str.h"

struct db;
struct house;
struct search;

enum { SEARCH_HITS_MAX = 50, SEARCH_WORDS_BYTES_MAX = 400 };

/* What of a dossier is indexed. The room supplies it: the spine does not know what a matter says.
 * `texts` are title and every text of the events so far; `hide` are identity values given in it. */
struct search_source {
    void *ctx;
    /* Reads from a system connection; strings in `a`. ERR_NOT_FOUND: nothing (any more) to index,
     * the row is taken out. */
    enum err (*read)(void *ctx, struct db *db, struct arena *a, struct dossier_id id,
                     struct str *ret_text, struct str **ret_hide, size_t *ret_hide_count);
};

/* Opens or makes fts.db in the house's folder. */
enum err search_open(const struct house *h, const struct search_source *source,
                     struct search **ret_search, struct err_info *info);
/* NULL is allowed. */
void search_close(struct search *s);

/* Indexes at most `max` dossiers that have moved; *ret_left says how many events wait. Called by
 * one thread of its own, in the background. */
enum err search_step(struct search *s, int64_t max, int64_t *ret_left, struct err_info *info);
/* For when nothing waits to be indexed: makes one part of the many that indexing leaves, a little
 * at a time, because a search looks into each. Begins when the index has grown by an eighth since
 * it was one; *ret_more says whether it wants to be called again. By the thread of search_step. */
enum err search_tidy(struct search *s, bool *ret_more, struct err_info *info);
/* Throws the index away and starts again at the beginning. */
enum err search_rebuild(struct search *s, struct err_info *info);
/* Events that the index has not seen yet; for the page and for metrics. Any thread. */
int64_t search_behind(const struct search *s);

/* ERR_REFUSED "search.refused.number" or "search.refused.name" for what is not run; ERR_INVALID
 * "search.empty", "search.too_long". Pure but for the word lists. */
enum err search_check(struct str words, struct err_info *info);

/* Dossiers that have all the words, newest first, of those the officer bound to `db` may see.
 * `db` is a reader of the main database; ids in the arena. Any thread. */
enum err search_find(struct search *s, struct db *db, struct arena *a, struct str words,
                     struct dossier_id **ret_ids, size_t *ret_count, struct err_info *info);

/* The same for "similar matters" by place, kind and redacted words of a text that is being typed:
 * those that share most, never by person; at most 5. Refused words are just left out. */
enum err search_similar(struct search *s, struct db *db, struct arena *a, struct str text,
                        struct dossier_id **ret_ids, size_t *ret_count);

#endif
