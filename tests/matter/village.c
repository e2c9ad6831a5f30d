/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "village.h"

#include "base/mem.h"
#include "db/readers.h"
#include "db/writer.h"
#include "matter/rebuild.h"
#include "spine/office.h"
#include "tests/check.h"
#include "tests/scratch.h"

#include <ftw.h>
#include <unistd.h>

/* 2026-03-02 09:00 in Shanghai, a Monday. */
#define START_US (INT64_C(20514) * US_PER_DAY + 1 * US_PER_HOUR)

static int64_t now_us = START_US;

void village_wait(int64_t us)
{
    now_us += us;
    instant_set_virtual(now_us);
}

int64_t village_now(void)
{
    return now_us;
}

static enum err people(struct tx *tx, void *ctx)
{
    static const char *const CODES[] = {"hall", "school", "works", "ethics"};
    static const enum post POSTS[] = {POST_DESK, POST_LEAD, POST_HANDLER};
    struct village *v = ctx;
    for (int o = 0; o < VILLAGE_OFFICES; o++) {
        const struct office_new office = {
            .parent = o == SCHOOL || o == WORKS ? v->offices[HALL] : (struct office_id){0},
            .code = str_of(CODES[o]),
            .name_en = str_of(CODES[o]),
            .name_zh = str_of(CODES[o]),
            .place = STR(""),
            .address = STR(""),
            .phone = STR(""),
            .hours_en = STR(""),
            .hours_zh = STR(""),
            .outside = o == ETHICS,
        };
        TRY(office_add(tx, &office, &v->offices[o]));
        for (int p = 0; p < VILLAGE_POSTS; p++) {
            char login[32];
            (void)snprintf(login, sizeof(login), "%s%d", CODES[o], p);
            const struct officer_new officer = {
                .login = str_of(login), .name = str_of(login), .lang = STR("en")};
            TRY(officer_add(tx, &officer, &v->officers[o][p]));
            const struct holding holding = {
                .officer = v->officers[o][p],
                .office = v->offices[o],
                .post = POSTS[p],
                .from_day = 20000,
                .to_day = INT32_MAX,
            };
            TRY(officer_hold(tx, &holding));
        }
    }
    TRY(office_remit_add(tx, v->offices[HALL], STR(""), STR("")));
    TRY(office_remit_add(tx, v->offices[SCHOOL], STR(""), STR("the school")));
    return ERR_OK;
}

static void open_house(struct village *v, const char *packs)
{
    const struct house_how how = {.data_dir = v->folder, .packs = packs, .write = true};
    if (house_open(&how, &v->open, &v->info) != ERR_OK)
        fail_msg("%s: %s", v->info.key, v->info.detail);
    v->h = open_house_get(v->open);
}

static bool file_holds(const char *folder, const char *name, struct str text)
{
    char path[128];
    static char bytes[4 << 20];
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        return false;
    bool found = false;
    size_t n = 0;
    while (!found && (n = fread(bytes, 1, sizeof(bytes), f)) > 0)
        found = str_find(str_make(bytes, n), text) != SIZE_MAX;
    assert_int_equal(fclose(f), 0);
    return found;
}

bool village_holds(struct village *v, const char *text)
{
    static const char *const FILES[] = {"main.db",  "main.db-wal", "keys.db",
                                        "vault.db", "fts.db",      "fts.db-wal"};
    bool found = false;
    for (size_t i = 0; i < sizeof(FILES) / sizeof(FILES[0]); i++)
        found = file_holds(v->folder, FILES[i], str_of(text)) || found;
    return found;
}

int village_open(void **state)
{
    struct village *v = mem_new(sizeof(*v));
    assert_non_null(v);
    const char *source = getenv("HUIYIN_SOURCE");
    char packs[512];
    struct house_made made;
    now_us = START_US;
    instant_set_virtual(now_us);
    scratch_folder(v->folder, sizeof(v->folder), "matter");
    assert_int_equal(rmdir(v->folder), 0);
    (void)snprintf(packs, sizeof(packs), "%s/packs", source != NULL ? source : ".");
    arena_init(&v->a, 256 << 20);
    const struct house_plan plan = {.data_dir = v->folder, .pack = "plain", .packs = packs};
    if (house_make(&plan, &made, &v->info) != ERR_OK)
        fail_msg("%s: %s", v->info.key, v->info.detail);
    open_house(v, packs);
    if (writer_call(v->h->writer, people, v, &v->info) != ERR_OK)
        fail_msg("%s: %s", v->info.key, v->info.detail);
    /* The offices are read when the house is opened. */
    house_close(v->open);
    open_house(v, packs);
    *state = v;
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

int village_close(void **state)
{
    struct village *v = *state;
    house_close(v->open);
    arena_done(&v->a);
    assert_int_equal(nftw(v->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
    mem_free(v);
    return 0;
}

struct raise_job {
    const struct matter_raise *r;
    struct matter_done *ret;
};

static enum err raise_run(struct tx *tx, void *ctx)
{
    struct raise_job *j = ctx;
    return matter_raise(tx, j->r, j->ret);
}

enum err village_raise(struct village *v, const struct matter_raise *r, struct matter_done *ret)
{
    struct raise_job j = {r, ret};
    v->info = (struct err_info){0};
    return writer_call(v->h->writer, raise_run, &j, &v->info);
}

struct act_job {
    const struct matter_act *a;
    struct matter_done *ret;
};

static enum err act_run(struct tx *tx, void *ctx)
{
    struct act_job *j = ctx;
    return matter_act(tx, j->a, j->ret);
}

static enum err act(struct village *v, const struct matter_act *a, struct matter_done *ret)
{
    struct matter_done ignored;
    struct act_job j = {a, ret != NULL ? ret : &ignored};
    v->info = (struct err_info){0};
    return writer_call(v->h->writer, act_run, &j, &v->info);
}

enum err village_act(struct village *v, struct dossier_id id, struct officer_id officer,
                     const struct matter_command *c, struct matter_done *ret)
{
    const struct matter_act a = {.id = id, .who = WHO_OFFICER, .officer = officer, .command = *c};
    return act(v, &a, ret);
}

enum err village_person(struct village *v, struct dossier_id id, const struct matter_command *c,
                        struct matter_done *ret)
{
    const struct matter_act a = {.id = id, .who = WHO_PERSON, .command = *c};
    return act(v, &a, ret);
}

struct matter_raise village_raise_of(const char *kind)
{
    return (struct matter_raise){
        .command =
            {
                .what = DO_RAISE,
                .body =
                    {
                        .kind = str_of(kind),
                        .lang = STR("en"),
                        .title = STR("Stairs at gate 4"),
                        .text = STR("The stairs at gate 4 have had no light since Monday."),
                        .channel = CHANNEL_WEB,
                        .identity = IDENTITY_ANONYMOUS,
                    },
            },
        .who = WHO_PERSON,
    };
}

void village_story(struct village *v, struct dossier_id id, struct matter_story *ret)
{
    struct db *db = NULL;
    assert_int_equal(readers_take(v->h->readers, &db, &v->info), ERR_OK);
    assert_int_equal(matter_story_load(db, &v->a, v->h, id, false, ret), ERR_OK);
    readers_give(v->h->readers, db);
}

void village_check(struct village *v)
{
    struct rebuild_found found;
    if (matter_rebuild_check(v->h, NULL, NULL, &found, &v->info) != ERR_OK)
        fail_msg("rebuild: %s", v->info.detail);
    if (found.differences != 0)
        fail_msg("rebuild: %s", found.first);
}
