/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A town in which a matter stands at every stage of its life. */
#include "tests/fault/sweep.h"

#include "base/mem.h"
#include "db/writer.h"
#include "lib/text/zone.h"
#include "spine/office.h"
#include "spine/pack.h"
#include "tests/check.h"
#include "trust/code.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const FILES[STORES] = {"main.db", "keys.db", "vault.db"};

static void path_of(const struct town *t, const char *name, const char *tail, char path[128])
{
    (void)snprintf(path, 128, "%s/%s%s", t->v.folder, name, tail);
}

/* ---- the pack: read once, since it is const and most of what opening a house costs ------------
 */

enum err __real_pack_load(const char *dir, const char *refused_dir, struct pack_faults *faults,
                          struct err_info *info, const struct pack **ret_pack);
enum err __wrap_pack_load(const char *dir, const char *refused_dir, struct pack_faults *faults,
                          struct err_info *info, const struct pack **ret_pack);
void __wrap_pack_free(const struct pack *pack);

enum err __wrap_pack_load(const char *dir, const char *refused_dir, struct pack_faults *faults,
                          struct err_info *info, const struct pack **ret_pack)
{
    static const struct pack *read;
    if (read == NULL)
        TRY(__real_pack_load(dir, refused_dir, faults, info, &read));
    *ret_pack = read;
    return ERR_OK;
}

void __wrap_pack_free(const struct pack *pack)
{
    (void)pack;
}

/* ---- opening and closing -------------------------------------------------------------------- */

enum err town_open(struct town *t)
{
    const struct house_how how = {.data_dir = t->v.folder, .packs = t->packs, .write = true};
    t->v.info = (struct err_info){0};
    t->v.open = NULL;
    arena_init(&t->v.a, 256 << 20);
    enum err err = house_open(&how, &t->v.open, &t->v.info);
    if (err == ERR_OK)
        t->v.h = open_house_get(t->v.open);
    return err;
}

void town_close(struct town *t)
{
    house_close(t->v.open);
    arena_done(&t->v.a);
    t->v.open = NULL;
    t->v.h = NULL;
}

static void store_read(struct town *t, int store)
{
    char path[128];
    struct stat st = {0};
    path_of(t, FILES[store], "", path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0 && fstat(fd, &st) == 0);
    t->sizes[store] = (size_t)st.st_size;
    t->bytes[store] = mem_new(t->sizes[store]);
    assert_non_null(t->bytes[store]);
    assert_true(pread(fd, t->bytes[store], t->sizes[store], 0) == (ssize_t)st.st_size);
    (void)close(fd);
}

void town_restore(const struct town *t)
{
    static const char *const TAILS[] = {"-wal", "-shm", "-journal"};
    char path[128];
    for (int i = 0; i < STORES; i++) {
        for (size_t k = 0; k < sizeof TAILS / sizeof *TAILS; k++) {
            path_of(t, FILES[i], TAILS[k], path);
            (void)unlink(path);
        }
        path_of(t, FILES[i], "", path);
        int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (fd < 0 || pwrite(fd, t->bytes[i], t->sizes[i], 0) != (ssize_t)t->sizes[i])
            abort();
        (void)close(fd);
    }
}

/* ---- its matters ----------------------------------------------------------------------------- */

#define DO(verb, ...) ((struct matter_command){.what = (verb), .body = {.at_us = 0, __VA_ARGS__}})

struct matter_command town_answer(const struct town *t)
{
    return DO(DO_ANSWER, .asked = STR("A lamp."), .found = STR("It was broken."),
              .outcome = OUTCOME_SUPPORTED, .basis = STR("Rule 4"), .remedy = STR("A new lamp."),
              .remedy_day = t->today + 30, .review_where = STR("The hall"));
}

static void must(const struct village *v, enum err err, const char *what)
{
    if (err != ERR_OK)
        fail_msg("%s: %s %s (%s)", what, v->info.key, v->info.arg[0], v->info.detail);
}

static struct dossier_id raised(struct town *t, const struct matter_raise *r)
{
    struct matter_done done;
    must(&t->v, village_raise(&t->v, r, &done), "raise");
    return done.id;
}

static void act(struct town *t, enum stage at, int office, int post, struct matter_command c)
{
    struct village *v = &t->v;
    enum err err = office == PERSON
                       ? village_person(v, t->ids[at], &c, NULL)
                       : village_act(v, t->ids[at], v->officers[office][post], &c, NULL);
    must(v, err, matter_do_word(c.what).ptr);
}

static int32_t due_with(struct town *t, enum stage at, enum due_state state)
{
    struct matter_story story;
    village_story(&t->v, t->ids[at], &story);
    for (int32_t i = 0; i < story.now.due_count; i++)
        if (str_eq_c(story.now.dues[i].rule, "plain/answer") &&
            story.now.dues[i].due.state == state)
            return story.now.dues[i].n;
    fail_msg("no such due");
    return 0;
}

static void advance_offers(struct town *t)
{
    const struct office_id works = t->v.offices[WORKS];
    act(t, STAGE_OFFERED, HALL, DESK, DO(DO_ROUTE, .to = works));
    act(t, STAGE_OBJECTED, HALL, DESK, DO(DO_ROUTE, .to = works));
    act(t, STAGE_OBJECTED, WORKS, LEAD, DO(DO_OBJECT, .text = STR("Not our stairs.")));
    act(t, STAGE_REFUSED, HALL, LEAD,
        DO(DO_REFUSE, .reason = STR("in_hand"), .ref = STR("A-1"), .text = STR("Known already.")));
}

static enum err wait_job(struct tx *tx, void *ctx)
{
    struct town *t = ctx;
    int64_t send_us = 0;
    const struct matter_act a = {.id = t->ids[STAGE_WAITING],
                                 .who = WHO_OFFICER,
                                 .officer = t->v.officers[HALL][LEAD],
                                 .command = town_answer(t)};
    return matter_answer_wait(tx, &a, &send_us);
}

static void advance_work(struct town *t)
{
    for (int s = STAGE_TAKEN; s <= STAGE_CONCLUDED; s++)
        act(t, (enum stage)s, HALL, LEAD, DO(DO_ADMIT, .text = STR("")));
    t->due_n = due_with(t, STAGE_TAKEN, DUE_OPEN);
    act(t, STAGE_ASSIGNED, HALL, LEAD, DO(DO_ASSIGN, .handler = t->v.officers[HALL][HANDLER]));
    t->still_n = due_with(t, STAGE_STILL, DUE_OPEN);
    act(t, STAGE_STILL, HALL, LEAD,
        DO(DO_SUSPEND, .n = t->still_n, .reason = STR("awaiting_person"), .text = STR("Which?"),
           .until_day = t->today + 20));
    must(&t->v, writer_call(t->v.h->writer, wait_job, t, &t->v.info), "wait");
    for (int s = STAGE_ANSWERED; s <= STAGE_CONCLUDED; s++)
        act(t, (enum stage)s, HALL, LEAD, town_answer(t));
    for (int s = STAGE_DELIVERED; s <= STAGE_CONCLUDED; s++)
        act(t, (enum stage)s, PERSON, 0, DO(DO_DELIVER, .how = STR("page")));
    for (int s = STAGE_SETTLED; s <= STAGE_CONCLUDED; s++)
        act(t, (enum stage)s, PERSON, 0, DO(DO_RATE, .stars = 5, .solved = SAID_YES));
    act(t, STAGE_CONCLUDED, HALL, LEAD, DO(DO_CONCLUDE, .text = STR("")));
}

static void matters_make(struct town *t)
{
    struct matter_raise r = village_raise_of("help");
    r.lookup = t->lookup;
    t->ids[STAGE_FRESH] = raised(t, &r);
    r.lookup = NULL;
    for (int s = STAGE_OFFERED; s <= STAGE_CONCLUDED; s++)
        t->ids[s] = raised(t, &r);
    r.command.body.place = STR("the school");
    t->ids[STAGE_SCHOOL] = raised(t, &r);
    r = village_raise_of("help");
    const struct identity who = {.name = STR("Wang Xiaomei"), .phone = STR("555 0100")};
    r.card = &who;
    r.command.body.identity = IDENTITY_KNOWN;
    t->ids[STAGE_CARDED] = raised(t, &r);
    r = village_raise_of("wrongdoing");
    const struct subject about = {SUBJECT_OFFICE, t->v.offices[HALL].v, SOURCE_PERSON};
    r.subjects = &about;
    r.subject_count = 1;
    t->ids[STAGE_SEALED] = raised(t, &r);
    act(t, STAGE_SEALED, ETHICS, LEAD, DO(DO_ADMIT, .text = STR("")));
    advance_offers(t);
    advance_work(t);
}

static enum err account_job(struct tx *tx, void *ctx)
{
    struct town *t = ctx;
    const struct officer_new clerk = {
        .login = STR("clerk"), .name = STR("Clerk"), .lang = STR("en")};
    return officer_add(tx, &clerk, &t->account);
}

void town_found(struct town *t)
{
    void *state = NULL;
    *t = (struct town){.lookup = {1, 2, 3}};
    const char *source = getenv("HUIYIN_SOURCE");
    if (source == NULL)
        source = ".";
    (void)snprintf(t->packs, sizeof t->packs, "%s/packs", source);
    (void)snprintf(t->samples, sizeof t->samples, "%s/tests/reach/samples", source);
    assert_int_equal(village_open(&state), 0);
    struct village *v = state;
    t->v = *v;
    mem_free(v);
    t->today = zone_day_of(t->v.h->zone, village_now());
    matters_make(t);
    must(&t->v, writer_call(t->v.h->writer, account_job, t, &t->v.info), "account");
    town_close(t);
    for (int i = 0; i < STORES; i++)
        store_read(t, i);
}

void town_raze(struct town *t)
{
    struct village *v = mem_new(sizeof *v);
    assert_non_null(v);
    for (int i = 0; i < STORES; i++)
        mem_free(t->bytes[i]);
    *v = t->v; /* closed already, which village_close does not mind */
    arena_init(&v->a, 1);
    void *state = v;
    assert_int_equal(village_close(&state), 0);
}
