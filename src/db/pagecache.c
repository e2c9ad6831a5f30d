/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "db/pagecache.h"

#include "base/mem.h"

#include <sqlite3.h>

/* One cache. `guest` is a page that was given a number above `highest`, and may yet be given
 * another; no other page in the cache has a number above `highest`. */
struct pages {
    sqlite3_pcache *inner;
    unsigned highest;
    unsigned guest; /* 0: none */
};

static sqlite3_pcache_methods2 inner;

static struct pages *pages_of(sqlite3_pcache *cache)
{
    return (struct pages *)cache;
}

static sqlite3_pcache *on_create(int page_bytes, int extra_bytes, int purgeable)
{
    struct pages *p = mem_new(sizeof *p);
    if (p == NULL)
        return NULL;
    p->inner = inner.xCreate(page_bytes, extra_bytes, purgeable);
    if (p->inner == NULL) {
        mem_free(p);
        return NULL;
    }
    return (sqlite3_pcache *)p;
}

static void on_size(sqlite3_pcache *cache, int pages)
{
    inner.xCachesize(pages_of(cache)->inner, pages);
}

static int on_count(sqlite3_pcache *cache)
{
    return inner.xPagecount(pages_of(cache)->inner);
}

static sqlite3_pcache_page *on_fetch(sqlite3_pcache *cache, unsigned number, int create)
{
    struct pages *p = pages_of(cache);
    sqlite3_pcache_page *page = inner.xFetch(p->inner, number, create);
    if (page != NULL && number > p->highest)
        p->highest = number;
    return page;
}

static void on_unpin(sqlite3_pcache *cache, sqlite3_pcache_page *page, int discard)
{
    inner.xUnpin(pages_of(cache)->inner, page, discard);
}

static void on_rekey(sqlite3_pcache *cache, sqlite3_pcache_page *page, unsigned from, unsigned to)
{
    struct pages *p = pages_of(cache);
    inner.xRekey(p->inner, page, from, to);
    if (from == p->guest)
        p->guest = 0;
    if (to > p->highest && p->guest == 0)
        p->guest = to;
    else if (to > p->highest)
        p->highest = to;
}

static void on_truncate(sqlite3_pcache *cache, unsigned from)
{
    struct pages *p = pages_of(cache);
    if (p->highest < from && p->guest < from)
        return;
    inner.xTruncate(p->inner, from);
    if (p->highest >= from)
        p->highest = from - 1;
    if (p->guest >= from)
        p->guest = 0;
}

static void on_destroy(sqlite3_pcache *cache)
{
    struct pages *p = pages_of(cache);
    inner.xDestroy(p->inner);
    mem_free(p);
}

static void on_shrink(sqlite3_pcache *cache)
{
    inner.xShrink(pages_of(cache)->inner);
}

int pagecache_install(void)
{
    int rc = sqlite3_config(SQLITE_CONFIG_GETPCACHE2, &inner);
    sqlite3_pcache_methods2 ours = inner;
    ours.xCreate = on_create;
    ours.xCachesize = on_size;
    ours.xPagecount = on_count;
    ours.xFetch = on_fetch;
    ours.xUnpin = on_unpin;
    ours.xRekey = on_rekey;
    ours.xTruncate = on_truncate;
    ours.xDestroy = on_destroy;
    ours.xShrink = on_shrink;
    return rc == SQLITE_OK ? sqlite3_config(SQLITE_CONFIG_PCACHE2, &ours) : rc;
}
