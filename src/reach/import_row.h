/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * import_row: one row of a file as a matter, or the reason why it is none.
 *
 * Pure: the map, the head, the row and the time go in, values come out; nothing is stored. Text is
 * tidied (line ends, blanks at both ends, control characters, NFC). What the row's own person
 * columns say is taken out of its texts (▢), and so is every identity number.
 */
#ifndef HUIYIN_REACH_IMPORT_ROW_H
#define HUIYIN_REACH_IMPORT_ROW_H

#include "matter/matter.h"
#include "reach/import_map.h"
#include "trust/keeper.h"

enum { IMPORT_TITLE_CHARS_MAX = 100, IMPORT_TEXT_BYTES_MAX = 200000, IMPORT_HASH_BYTES = 16 };

/* What reading a row needs to know of the house. */
struct import_house {
    const struct pack *pack;
    const struct zone *zone;
    struct str lang;
    int64_t now_us;
};

struct import_item {
    int64_t line;
    uint8_t hash[IMPORT_HASH_BYTES]; /* of source and key */
    bool is_ended;                   /* concluded elsewhere: DO_ENTER, else DO_RAISE */
    bool has_identity;
    struct identity who;
    /* kind, lang, title, text, wish, place, channel, received_day, happened_day, source; of an
     * answer found, outcome, and in `day` the day it was delivered */
    struct matter_body body;
};

/* Strings are in `a`. ERR_INVALID: `why` is the sentence, *ret_column the index of the column it is
 * about (SIZE_MAX for the whole row). ERR_NOMEM. */
enum err import_row_read(const struct import_map *map, const struct import_head *head,
                         const struct csv_row *row, const struct import_house *house,
                         struct arena *a, struct import_item *ret_item, struct err_info *why,
                         size_t *ret_column);

#endif
