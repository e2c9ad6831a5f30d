/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The demo town, made for real in a folder of its own, under every pack that is shipped. */
#include "tests/check.h"

#include "base/instant.h"
#include "base/mem.h"
#include "db/writer.h"
#include "keep/demo.h"
#include "matter/rebuild.h"
#include "matter/use.h"
#include "tests/scratch.h"
#include "trust/open.h"

#include <ftw.h>
#include <stdlib.h>
#include <unistd.h>

/* 2026-06-10 15:00 in Shanghai, a Wednesday. */
#define NOW_US (INT64_C(20614) * US_PER_DAY + 7 * US_PER_HOUR)

struct town {
    char folder[64];
    char packs[512];
    struct open_house *open;
    struct house *house;
    struct arena arena;
    struct err_info info;
    struct demo_told told;
    int64_t states[MATTER_STATE_COUNT];
    int64_t late;
    int64_t langs[2];
    int64_t stood;
    const char *broken;
};

static void town_make(struct town *t, const char *pack, bool demo)
{
    *t = (struct town){0};
    scratch_folder(t->folder, sizeof t->folder, "demo");
    assert_int_equal(rmdir(t->folder), 0);
    (void)snprintf(t->packs, sizeof(t->packs), "%s/packs", getenv("HUIYIN_SOURCE"));
    arena_init(&t->arena, 128 << 20);
    instant_set_virtual(NOW_US - 130 * US_PER_DAY);
    const struct house_plan plan = {
        .data_dir = t->folder, .pack = pack, .packs = t->packs, .demo = demo};
    struct house_made made;
    const struct house_how how = {.data_dir = t->folder, .packs = t->packs, .write = true};
    if (house_make(&plan, &made, &t->info) != ERR_OK ||
        house_open(&how, &t->open, &t->info) != ERR_OK)
        fail_msg("%s: %s", t->info.key, t->info.detail);
    t->house = open_house_get(t->open);
    instant_set_virtual(NOW_US);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *walk)
{
    (void)st;
    (void)kind;
    (void)walk;
    return remove(path);
}

static void town_close(struct town *t)
{
    house_close(t->open);
    arena_done(&t->arena);
    instant_set_virtual(-1);
    (void)nftw(t->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* Reads every matter back from its events and counts what stands there. */
static enum err job_count(struct tx *tx, void *ctx)
{
    struct town *t = ctx;
    for (int64_t id = 1; id <= (int64_t)t->told.matters; id++) {
        CLEANUP(arena_done) struct arena a;
        arena_init(&a, 8 << 20);
        struct matter_story story;
        TRY(matter_story_load(tx->db, &a, t->house, (struct dossier_id){id}, false, &story));
        const struct matter *m = &story.now;
        if (matter_broken(m) != NULL)
            t->broken = matter_broken(m);
        t->states[m->state]++;
        t->langs[str_eq_c(m->lang, "zh-CN")]++;
        for (int32_t i = 0; i < m->due_count; i++) {
            t->late += m->dues[i].due.state == DUE_MISSED;
            t->stood += m->dues[i].due.state == DUE_SUSPENDED;
        }
    }
    return ERR_OK;
}

static void check_pack(const char *pack)
{
    struct town t;
    town_make(&t, pack, true);
    enum err err = demo_make(t.house, &t.arena, t.packs, &t.told, &t.info);
    if (err != ERR_OK)
        fail_msg("%s: %s %s", pack, t.info.key, t.info.detail);
    instant_set_virtual(NOW_US);
    assert_true(t.told.matters > 100);
    assert_true(t.told.events > 4 * t.told.matters);
    assert_true(t.told.login_count >= 10);
    assert_true(t.told.code_count > 0);
    assert_int_equal(writer_call(t.house->writer, job_count, &t, &t.info), ERR_OK);
    if (t.broken != NULL)
        fail_msg("%s: %s", pack, t.broken);
    static const enum matter_state STATES[] = {MATTER_RECEIVED,  MATTER_ROUTED,   MATTER_ADMITTED,
                                               MATTER_HANDLING,  MATTER_ANSWERED, MATTER_REFUSED,
                                               MATTER_CONCLUDED, MATTER_WITHDRAWN};
    for (size_t i = 0; i < sizeof(STATES) / sizeof(STATES[0]); i++) {
        if (t.states[STATES[i]] == 0)
            fail_msg("%s: no matter is %s", pack, matter_state_word(STATES[i]).ptr);
    }
    assert_true(t.late > 0);
    assert_true(t.langs[0] > 40 && t.langs[1] > 40);
    struct rebuild_found found = {0};
    assert_int_equal(matter_rebuild_check(t.house, NULL, NULL, &found, &t.info), ERR_OK);
    if (found.differences != 0)
        fail_msg("%s: %s", pack, found.first);
    assert_int_equal(found.matters, (int64_t)t.told.matters);
    town_close(&t);
}

static void test_the_town_stands_in_every_state_under_the_plain_pack(void **state)
{
    (void)state;
    check_pack("plain");
}

static void test_the_town_stands_under_the_petition_pack(void **state)
{
    (void)state;
    check_pack("cn-petition");
}

static void test_a_real_installation_takes_no_town(void **state)
{
    (void)state;
    struct town t;
    town_make(&t, "plain", false);
    assert_int_equal(demo_make(t.house, &t.arena, t.packs, &t.told, &t.info), ERR_REFUSED);
    assert_string_equal(t.info.key, "keep.demo.not_demo");
    town_close(&t);
}

static const struct CMUnitTest TESTS[] = {
    cmocka_unit_test(test_the_town_stands_in_every_state_under_the_plain_pack),
    cmocka_unit_test(test_the_town_stands_under_the_petition_pack),
    cmocka_unit_test(test_a_real_installation_takes_no_town),
};

CHECK_MAIN(TESTS)
