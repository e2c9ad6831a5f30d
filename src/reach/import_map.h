/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * import_map: what the columns of another system's file are.
 *
 *     {"source": "cn-petition-messages",        who it came from; with the key it names a row
 *      "key": "留言编号",                         column, or list of columns, that names a row
 *      "encoding": "auto",                       auto, utf-8 or gb18030
 *      "separator": ",",                         comma, semicolon or tab; left out: found out
 *      "zone": "Asia/Shanghai",                  where the clocks hung; left out: the house's
 *      "lang": "zh-CN",                          of the texts; left out: the house's
 *      "kind": {"const": "suggestion"},          kind of the pack; or a column goes to "kind"
 *      "channel": {"const": "web"},              left out: import
 *      "columns": {"留言主题": "title",
 *                  "留言时间": {"to": "received", "format": "auto", "zone": "Asia/Shanghai"},
 *                  "状态": {"to": "status", "values": {"已办结": "concluded", "*": "open"}},
 *                  "类型": ["title", "note"]},     one column may go to several places
 *      "drop": ["留言用户"]}
 *
 * Targets: title text wish place note received happened status concluded kind channel lang outcome
 * answer.text answer.delivered identity.name identity.email identity.phone identity.postal
 * identity.other. Several columns may go to text, note, place and answer.text: they stand one under
 * another. A note is a line "column: value" under the text. Words for status: open, concluded; for
 * outcome and channel those of matter.h; "values" translates, "*" is any other, "" an empty one.
 *
 * Refused: a column that is neither mapped nor dropped; a column that tells who somebody is and
 * goes anywhere but to identity.* (identity numbers, faith, party and family go nowhere); a map
 * without title and text, for such a file is a list of people.
 *
 * A map lives in the caller's arena and is const. Pure but for reading the file.
 */
#ifndef HUIYIN_REACH_IMPORT_MAP_H
#define HUIYIN_REACH_IMPORT_MAP_H

#include "base/arena.h"
#include "base/err.h"
#include "lib/csv/csv.h"
#include "lib/text/charset.h"
#include "reach/import_date.h"
#include "reach/import_person.h"

enum import_target {
    TO_NOWHERE = 0,
    TO_TITLE,
    TO_TEXT,
    TO_WISH,
    TO_PLACE,
    TO_NOTE,
    TO_RECEIVED,
    TO_HAPPENED,
    TO_STATUS,
    TO_CONCLUDED,
    TO_KIND,
    TO_CHANNEL,
    TO_LANG,
    TO_OUTCOME,
    TO_ANSWER_TEXT,
    TO_ANSWER_DELIVERED,
    TO_IDENTITY_NAME,
    TO_IDENTITY_EMAIL,
    TO_IDENTITY_PHONE,
    TO_IDENTITY_POSTAL,
    TO_IDENTITY_OTHER,
    IMPORT_TARGET_COUNT
};

struct import_value {
    struct str from;
    struct str to;
};

/* One place a column goes to. */
struct import_use {
    enum import_target to;
    enum import_dates dates;
    const struct zone *zone; /* NULL: the map's */
    const struct import_value *values;
    size_t value_count;
};

struct import_column {
    struct str name;
    enum import_person person;
    const struct import_use *uses; /* none: dropped, or only the key */
    size_t use_count;
};

enum { IMPORT_KEYS_MAX = 4, IMPORT_FAULTS_MAX = 50 };

struct import_map {
    struct str source;
    struct str lang;         /* null: the house's */
    enum charset encoding;   /* CHARSET_UNKNOWN: find out */
    char separator;          /* 0: find out */
    const struct zone *zone; /* NULL: the house's */
    struct str key[IMPORT_KEYS_MAX];
    size_t key_count;
    struct str kind;    /* null: a column says it */
    struct str channel; /* null: a column says it, or import */
    const struct import_column *columns;
    size_t column_count;
};

/* One thing wrong with a map, or with a file seen through it. */
struct import_fault {
    struct str path; /* "$.columns["留言用户"]"; empty for the file */
    int32_t line;    /* of the map; 0 for the file */
    struct err_info why;
};

struct import_faults {
    struct arena *arena;
    struct import_fault fault[IMPORT_FAULTS_MAX];
    size_t count;
    bool more; /* there were more */
};

/* ERR_INVALID with every fault listed; ERR_NOT_FOUND "import.map.none", ERR_IO, ERR_LIMIT,
 * ERR_NOMEM with info. */
enum err import_map_load(struct arena *a, const char *path, struct import_faults *faults,
                         struct err_info *info, const struct import_map **ret_map);

/* Columns of a rejects file that are ours begin so; they are passed over when it comes back. */
#define IMPORT_OWN_COLUMNS "huiyin."

/* The columns of a file, in its order, as the map knows them. */
struct import_head {
    const struct import_column *column[CSV_FIELDS_MAX];
    struct str name[CSV_FIELDS_MAX];
    size_t count;
    size_t key[IMPORT_KEYS_MAX]; /* indexes; SIZE_MAX for none */
};

/* Looks the head row up in the map. ERR_INVALID with faults: a column that the map does not name,
 * one that stands twice, one that the map names and the file lacks. */
enum err import_head_bind(const struct import_map *map, const struct csv_row *row,
                          struct import_faults *faults, struct import_head *ret_head);

/* "title", "answer.text"; TO_NOWHERE for another word. */
enum import_target import_target_of_word(struct str word);

#endif
