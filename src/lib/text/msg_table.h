/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* msg_table: how tools/gen_messages.py writes the catalogues down; for msg.c and its output only.
 */
#ifndef HUIYIN_LIB_TEXT_MSG_TABLE_H
#define HUIYIN_LIB_TEXT_MSG_TABLE_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum msg_node_kind {
    MSG_NODE_TEXT = 1,
    MSG_NODE_ARG,
    MSG_NODE_NUMBER,
    MSG_NODE_DATE_LONG,
    MSG_NODE_DATE_SHORT,
    MSG_NODE_TIME,
    MSG_NODE_PLURAL,
    MSG_NODE_SELECT,
    MSG_NODE_POUND /* '#': the number of the plural around it */
};

struct msg_case;

struct msg_node {
    enum msg_node_kind kind;
    uint16_t arg_hint;   /* where the caller usually puts that argument */
    uint16_t case_count; /* plural and select; the last case is `other` */
    struct str text;     /* the text itself, or the name of the argument */
    const struct msg_case *cases;
};

struct msg_body {
    const struct msg_node *nodes;
    uint16_t node_count;
};

struct msg_case {
    struct str name; /* category or selector; empty for an exact number */
    bool is_exact;
    int64_t exact;
    struct msg_body body;
};

struct msg_catalogue {
    const char *tag;              /* BCP 47, "zh-CN" */
    const char *locale;           /* ICU, "zh_CN" */
    const char *name;             /* in itself */
    const struct msg_body *texts; /* by enum msg_key; no nodes = not translated */
};

extern const struct msg_catalogue MSG_CATALOGUES[];
extern const size_t MSG_CATALOGUE_COUNT;
extern const char *const MSG_KEY_NAMES[]; /* by enum msg_key */
extern const uint16_t MSG_KEYS_SORTED[];  /* keys in bytewise order of their names */
extern const size_t MSG_KEY_COUNT;        /* with MSG_NONE */

#endif
