/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "spine/search.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "db/db.h"
#include "db/readers.h"
#include "db/writer.h"
#include "spine/house.h"
#include "spine/search.sql.h"
#include "spine/search_fts.sql.h"
#include "spine/search_words.h"

#include <stdatomic.h>

enum {
    STEP_EVENTS_MAX = 4000, /* of the log looked at in one step */
    TEXT_BYTES_MAX = 512 * 1024,
    PAGE_FIRST = 60, /* hits asked for at once: who may see all needs no more */
    PAGE = 200,      /* … and then */
    HITS_LOOKED_AT_MAX = 20000,
    TIDY_LEAVES = 1000, /* less growth is not worth it */
    TIDY_GROWTH = 8,    /* … nor is less than this part of what is there */
    TIDY_PAGES = 200,   /* a step, of 4 kB */
    SIMILAR_MAX = 5,
    SIMILAR_WORDS = 16,
    SIMILAR_EACH = 60,
    STEP_ARENA_BYTES = 256 << 20
};

struct search {
    const struct house *house;
    struct search_source source;
    struct db *db; /* of the indexing thread */
    struct readers *readers;
    bool is_merging; /* of all parts, begun by this thread */
    _Atomic int64_t behind;
};

enum err search_open(const struct house *h, const struct search_source *source,
                     struct search **ret_search, struct err_info *info)
{
    struct search *s = mem_new(sizeof(*s));
    if (s == NULL)
        return ERR_NOMEM;
    s->house = h;
    s->source = *source;
    enum err err = db_open(h->data_dir, DB_STORE_FTS, DB_WRITE, &s->db, info);
    if (err == ERR_OK)
        err = readers_new(h->data_dir, DB_STORE_FTS, 0, &s->readers, info);
    if (err != ERR_OK) {
        search_close(s);
        return err;
    }
    *ret_search = s;
    return ERR_OK;
}

void search_close(struct search *s)
{
    if (s == NULL)
        return;
    readers_free(s->readers);
    db_close(s->db);
    mem_free(s);
}

int64_t search_behind(const struct search *s)
{
    return atomic_load(&s->behind);
}

/* ---- indexing ---------------------------------------------------------------------------------
 */

static enum err index_one(struct search *s, struct db *main_db, struct dossier_id id)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, STEP_ARENA_BYTES);
    struct str text = STR_NULL;
    struct str *hide = NULL;
    size_t hide_count = 0;
    TRY(fts_drop(s->db, id.v));
    enum err err = s->source.read(s->source.ctx, main_db, &a, id, &text, &hide, &hide_count);
    if (err == ERR_NOT_FOUND)
        return ERR_OK;
    if (err != ERR_OK)
        return err;
    CLEANUP(buf_done) struct buf redacted;
    CLEANUP(buf_done) struct buf tokens;
    buf_init(&redacted, 2 * TEXT_BYTES_MAX);
    buf_init(&tokens, 16 * TEXT_BYTES_MAX);
    TRY(search_redact(utf8_cut(text, TEXT_BYTES_MAX), hide, hide_count, &redacted));
    TRY(search_tokens(buf_view(&redacted), &tokens));
    return fts_put(s->db, id.v, buf_view(&tokens));
}

/* The dossiers of the next events, each once, and the leaf after the last event taken. */
struct news {
    struct dossier_id *ids;
    size_t count;
    int64_t leaf;
};

static enum err read_news(struct db *main_db, struct arena *a, int64_t leaf, int64_t max,
                          struct news *ret)
{
    struct search_news_row *rows = NULL;
    size_t count = 0;
    TRY(search_news(main_db, a, leaf, STEP_EVENTS_MAX, &rows, &count));
    struct news n = {.ids = ARENA_ARRAY(a, count + 1, struct dossier_id), .leaf = leaf};
    if (n.ids == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < count; i++) {
        bool known = rows[i].dossier.v == 0; /* the system stream says nothing about a matter */
        for (size_t k = n.count; k > 0 && !known; k--)
            known = n.ids[k - 1].v == rows[i].dossier.v;
        if (!known && (int64_t)n.count == max)
            break;
        if (!known)
            n.ids[n.count++] = rows[i].dossier;
        n.leaf = rows[i].leaf + 1;
    }
    *ret = n;
    return ERR_OK;
}

static enum err step_in(struct search *s, struct db *main_db, struct arena *a, int64_t max,
                        int64_t *ret_left)
{
    struct fts_mark_get_row mark;
    struct search_log_size_row log;
    struct news n;
    TRY(fts_mark_get(s->db, a, &mark));
    TRY(search_log_size(main_db, a, &log));
    TRY(read_news(main_db, a, mark.leaf, max, &n));
    CLEANUP(db_tx_done) struct db_tx tx = DB_TX_NONE;
    TRY(DB_TX_BEGIN(&tx, s->db));
    for (size_t i = 0; i < n.count; i++)
        TRY(index_one(s, main_db, n.ids[i]));
    /* Leaves without an event are padding: past the last event there is nothing to see. */
    int64_t seen = n.leaf == mark.leaf ? log.size : n.leaf;
    if (seen != mark.leaf)
        TRY(fts_mark_put(s->db, seen));
    /* Nothing stands in the index that a power cut could take out of the log. */
    if (s->house->writer != NULL)
        writer_settle(s->house->writer);
    TRY(db_tx_commit(&tx));
    *ret_left = log.size > seen ? log.size - seen : 0;
    return ERR_OK;
}

enum err search_step(struct search *s, int64_t max, int64_t *ret_left, struct err_info *info)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 16 << 20);
    struct db *main_db = NULL;
    int64_t left = 0;
    TRY(readers_take(s->house->readers, &main_db, info));
    db_as_nobody(main_db);
    enum err err = step_in(s, main_db, &a, max, &left);
    if (err != ERR_OK && info != NULL && info->detail[0] == '\0')
        *info = *db_fault(s->db);
    readers_give(s->house->readers, main_db);
    if (err != ERR_OK)
        return err;
    atomic_store(&s->behind, left);
    *ret_left = left;
    return ERR_OK;
}

static enum err tidy_in(struct search *s, bool *ret_more)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 4096);
    struct fts_mark_get_row mark;
    struct fts_whole_get_row whole;
    TRY(fts_mark_get(s->db, &a, &mark));
    TRY(fts_whole_get(s->db, &a, &whole));
    const int64_t growth = mark.leaf - whole.leaf;
    *ret_more = s->is_merging || (growth >= TIDY_LEAVES && growth >= whole.leaf / TIDY_GROWTH);
    if (!*ret_more)
        return ERR_OK;
    CLEANUP(db_tx_done) struct db_tx tx = DB_TX_NONE;
    TRY(DB_TX_BEGIN(&tx, s->db));
    const int64_t changes = db_changes(s->db);
    TRY(fts_merge(s->db, s->is_merging ? TIDY_PAGES : -TIDY_PAGES));
    /* FTS5 counts itself a change; one that does nothing else has come to the end. */
    bool is_done = db_changes(s->db) - changes < 2;
    if (is_done)
        TRY(fts_whole_put(s->db, mark.leaf));
    TRY(db_tx_commit(&tx));
    s->is_merging = *ret_more = !is_done;
    return ERR_OK;
}

enum err search_tidy(struct search *s, bool *ret_more, struct err_info *info)
{
    *ret_more = false;
    enum err err = tidy_in(s, ret_more);
    if (err != ERR_OK && info != NULL)
        *info = *db_fault(s->db);
    return err;
}

static enum err rebuild_in(struct search *s)
{
    CLEANUP(db_tx_done) struct db_tx tx = DB_TX_NONE;
    TRY(DB_TX_BEGIN(&tx, s->db));
    TRY(fts_empty(s->db));
    TRY(fts_mark_put(s->db, 0));
    TRY(fts_whole_put(s->db, 0));
    return db_tx_commit(&tx);
}

enum err search_rebuild(struct search *s, struct err_info *info)
{
    s->is_merging = false; /* of what is thrown away */
    enum err err = rebuild_in(s);
    if (err != ERR_OK && info != NULL)
        *info = *db_fault(s->db);
    return err;
}

/* ---- finding ------------------------------------------------------------------------------------
 */

enum err search_check(struct str words, struct err_info *info)
{
    CLEANUP(buf_done) struct buf query;
    buf_init(&query, 64 * 1024);
    if (words.len > SEARCH_WORDS_BYTES_MAX)
        return err_set(info, ERR_INVALID, "search.too_long", "%zu bytes", words.len);
    if (!utf8_is_valid(words))
        return err_set(info, ERR_INVALID, "search.empty", "not text");
    TRY(search_query(words, &query));
    if (query.len == 0)
        return err_set(info, ERR_INVALID, "search.empty", "no words");
    if (search_is_number(words))
        return err_set(info, ERR_REFUSED, "search.refused.number", "shaped like a number");
    if (search_is_name(words))
        return err_set(info, ERR_REFUSED, "search.refused.name", "only a name");
    return ERR_OK;
}

/* Whether the officer bound to `db` may see it. */
static enum err is_seen(struct db *db, struct arena *a, int64_t id, bool *ret_seen)
{
    struct search_seen_row row;
    enum err err = search_seen(db, a, (struct dossier_id){id}, &row);
    *ret_seen = err == ERR_OK;
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static enum err find_in(struct db *fts, struct db *db, struct arena *a, struct str query,
                        struct dossier_id *ids, size_t *ret_count)
{
    int64_t below = INT64_MAX;
    size_t found = 0;
    size_t count = 0;
    size_t page = PAGE_FIRST;
    for (size_t looked = 0; looked < HITS_LOOKED_AT_MAX; looked += count, page = PAGE) {
        struct fts_find_row *rows = NULL;
        TRY(fts_find(fts, a, query, below, (int64_t)page, &rows, &count));
        for (size_t i = 0; i < count && found < SEARCH_HITS_MAX; i++) {
            bool seen = false;
            TRY(is_seen(db, a, rows[i].id, &seen));
            if (seen)
                ids[found++] = (struct dossier_id){rows[i].id};
            below = rows[i].id;
        }
        if (count < page || found == SEARCH_HITS_MAX)
            break;
    }
    *ret_count = found;
    return ERR_OK;
}

enum err search_find(struct search *s, struct db *db, struct arena *a, struct str words,
                     struct dossier_id **ret_ids, size_t *ret_count, struct err_info *info)
{
    TRY(search_check(words, info));
    CLEANUP(buf_done) struct buf query;
    buf_init(&query, 64 * 1024);
    TRY(search_query(words, &query));
    struct dossier_id *ids = ARENA_ARRAY(a, SEARCH_HITS_MAX, struct dossier_id);
    if (ids == NULL)
        return ERR_NOMEM;
    struct db *fts = NULL;
    TRY(readers_take(s->readers, &fts, info));
    enum err err = find_in(fts, db, a, buf_view(&query), ids, ret_count);
    readers_give(s->readers, fts);
    *ret_ids = ids;
    return err;
}

/* ---- similar
 * ------------------------------------------------------------------------------------- */

struct tally {
    int64_t id;
    int32_t shares;
};

static void count_share(struct tally *t, size_t *count, size_t max, int64_t id)
{
    for (size_t i = 0; i < *count; i++) {
        if (t[i].id == id) {
            t[i].shares++;
            return;
        }
    }
    if (*count < max)
        t[(*count)++] = (struct tally){id, 1};
}

/* More shared words first, then newer. */
static int more_shared(const void *a, const void *b)
{
    const struct tally *x = a;
    const struct tally *y = b;
    if (x->shares != y->shares)
        return x->shares > y->shares ? -1 : 1;
    return x->id > y->id ? -1 : x->id < y->id;
}

static enum err tally_words(struct db *fts, struct arena *a, struct str tokens, struct tally *t,
                            size_t *ret_count)
{
    struct str word;
    struct str done[SIMILAR_WORDS] = {0};
    size_t asked = 0;
    while (asked < SIMILAR_WORDS && str_cut(&tokens, ' ', &word)) {
        struct fts_find_row *rows = NULL;
        size_t count = 0;
        bool is_again = false;
        for (size_t i = 0; i < asked && !is_again; i++)
            is_again = str_eq(done[i], word);
        if (is_again || word.len < 4) /* said twice it is one word; "the", a single character */
            continue;
        const char *query = arena_printf(a, "\"" STR_FMT "\"", STR_ARG(word));
        if (query == NULL)
            return ERR_NOMEM;
        TRY(fts_find(fts, a, str_of(query), INT64_MAX, SIMILAR_EACH, &rows, &count));
        for (size_t i = 0; i < count; i++)
            count_share(t, ret_count, SIMILAR_WORDS * SIMILAR_EACH, rows[i].id);
        done[asked++] = word;
    }
    return ERR_OK;
}

enum err search_similar(struct search *s, struct db *db, struct arena *a, struct str text,
                        struct dossier_id **ret_ids, size_t *ret_count)
{
    CLEANUP(buf_done) struct buf nameless;
    CLEANUP(buf_done) struct buf redacted;
    CLEANUP(buf_done) struct buf tokens;
    buf_init(&nameless, 64 * 1024);
    buf_init(&redacted, 64 * 1024);
    buf_init(&tokens, 256 * 1024);
    /* Two matters that share a name are not alike, and a name finds none. */
    TRY(search_hide_names(utf8_cut(text, 4096), &nameless));
    TRY(search_redact(buf_view(&nameless), NULL, 0, &redacted));
    TRY(search_tokens(buf_view(&redacted), &tokens));
    struct tally *t = ARENA_ARRAY(a, SIMILAR_WORDS * SIMILAR_EACH, struct tally);
    struct dossier_id *ids = ARENA_ARRAY(a, SIMILAR_MAX, struct dossier_id);
    if (t == NULL || ids == NULL)
        return ERR_NOMEM;
    size_t count = 0;
    struct db *fts = NULL;
    TRY(readers_take(s->readers, &fts, NULL));
    enum err err = tally_words(fts, a, buf_view(&tokens), t, &count);
    readers_give(s->readers, fts);
    if (err != ERR_OK)
        return err;
    qsort(t, count, sizeof(*t), more_shared);
    *ret_count = 0;
    *ret_ids = ids;
    for (size_t i = 0; i < count && *ret_count < SIMILAR_MAX && t[i].shares > 1; i++) {
        bool seen = false;
        TRY(is_seen(db, a, t[i].id, &seen));
        if (seen)
            ids[(*ret_count)++] = (struct dossier_id){t[i].id};
    }
    return ERR_OK;
}
