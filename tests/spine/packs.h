/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* packs: loads a shipped pack for a test, or fails it with the first fault. */
#ifndef HUIYIN_TESTS_SPINE_PACKS_H
#define HUIYIN_TESTS_SPINE_PACKS_H

#include "tests/check.h"

#include "base/mem.h"
#include "spine/pack.h"

static inline const struct pack *packs_load(const char *name)
{
    char dir[512];
    const char *source = getenv("HUIYIN_SOURCE");
    snprintf(dir, sizeof(dir), "%s/packs/%s", source == NULL ? "." : source, name);
    struct err_info info = {0};
    CLEANUP(pack_faults_done) struct pack_faults faults;
    pack_faults_init(&faults);
    const struct pack *p = NULL;
    enum err err = pack_load(dir, NULL, &faults, &info, &p);
    if (faults.count > 0) {
        CLEANUP(buf_done) struct buf b;
        buf_init(&b, 8192);
        pack_fault_print(&faults.fault[0], STR("en"), &b);
        fail_msg(STR_FMT, STR_ARG(buf_view(&b)));
    }
    if (err != ERR_OK)
        fail_msg("%s: %s", dir, info.detail);
    return p;
}

static inline int32_t packs_day(const char *text)
{
    int32_t day = 0;
    if (!day_parse(str_of(text), &day))
        fail_msg("no date: %s", text);
    return day;
}

#endif
