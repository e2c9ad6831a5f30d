/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * ids: the integers of the database, one type each, so that swapping two does not compile.
 *
 * They count up from 1; 0 means none. They never stand in a page, an address, a file or a log
 * line: outside the database a dossier is named by spine/ref.h.
 */
#ifndef HUIYIN_BASE_IDS_H
#define HUIYIN_BASE_IDS_H

#include <stdint.h>

struct dossier_id {
    int64_t v;
};

struct office_id {
    int64_t v;
};

struct officer_id {
    int64_t v;
};

struct grant_id {
    int64_t v;
};

struct outbox_id {
    int64_t v;
};

struct token_id {
    int64_t v;
};

#endif
