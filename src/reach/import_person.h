/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * import_person: whether the head of a column says that it tells who somebody is.
 *
 * Judged by its words, in Chinese and English, however they are joined ("留言用户", "CustomerName",
 * "contact_phone"). A wrong yes costs a line in the map (drop it, or send it to the sealed
 * identity); a wrong no would put a person into a list. Places and things have names too
 * ("StreetName", "单位名称"): a bare name counts only beside a word for a person. Pure.
 */
#ifndef HUIYIN_REACH_IMPORT_PERSON_H
#define HUIYIN_REACH_IMPORT_PERSON_H

#include "base/str.h"

enum import_person {
    IMPORT_NO_PERSON = 0,
    IMPORT_PERSON,   /* who it is, or how to reach them: sealed identity or nowhere */
    IMPORT_FORBIDDEN /* identity number, faith, party, family ...: nowhere */
};

enum import_person import_person_of(struct str column);

#endif
