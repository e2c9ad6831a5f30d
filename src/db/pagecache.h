/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * pagecache: SQLite's own page cache, asked for less.
 *
 * After every transaction SQLite (3.40, pager_end_transaction) tells the cache to drop what lies
 * beyond the end of the file. The cache remembers the highest page number it ever held and looks
 * only when that lies beyond. But where a b-tree page is split, the balancing (balance_nonroot)
 * parks a page for a moment at the number of the lock byte's page, far beyond the end of most
 * files; from then on every commit goes through all pages the cache holds: at the writer's 48 MB a
 * third of a millisecond and a megabyte of the processor's own cache, for nothing. What stands here
 * passes everything on and leaves out that one question where nothing can be found.
 */
#ifndef HUIYIN_DB_PAGECACHE_H
#define HUIYIN_DB_PAGECACHE_H

/* To be called once, before sqlite3_initialize(). Returns what sqlite3_config() returned. */
int pagecache_install(void);

#endif
