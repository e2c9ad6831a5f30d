/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* When the writer ends the process, when it does not, and who may not wait for it. */
#include "base/mem.h"
#include "db/connection.h"
#include "db/writer.h"
#include "tests/db/fault_vfs.h"
#include "tests/db/probe.sql.h"
#include "tests/db/store.h"

#include <stdatomic.h>
#include <sys/wait.h>

enum { EXIT_FATAL = 42 };

struct fixture {
    struct folder folder;
    struct db *db;
    struct writer *writer;
};

static void on_fatal(void *env, const struct err_info *info)
{
    (void)env;
    _exit(info->err == ERR_IO ? EXIT_FATAL : 1);
}

static void start(struct fixture *f, struct writer_options opt)
{
    struct err_info info = {0};
    f->db = store_open(&f->folder);
    opt.db = f->db;
    assert_int_equal(writer_new(&opt, &f->writer, &info), ERR_OK);
}

static void finish(struct fixture *f)
{
    writer_free(f->writer);
    db_close(f->db);
    folder_remove(&f->folder);
}

static int64_t count(struct fixture *f)
{
    CLEANUP(db_close_ptr) struct db *db = NULL;
    CLEANUP(arena_done) struct arena a;
    struct item_count_row row = {0};
    arena_init(&a, 4096);
    assert_int_equal(db_open(f->folder.path, DB_STORE_MAIN, DB_READ, &db, NULL), ERR_OK);
    assert_int_equal(item_count(db, &a, &row), ERR_OK);
    return row.n;
}

static enum err job_add(struct tx *tx, void *ctx)
{
    const int64_t *id = ctx;
    const struct item_add_in in = {.id = *id, .data = STR("x")};
    return item_add(tx->db, &in);
}

/* More than the cache is left to hold: SQLite writes to the log, and syncs its head, long before
 * the commit. */
static enum err add_much(struct db *db, int64_t id)
{
    static char big[1024 * 1024];
    const struct item_add_in in = {.id = id, .data = str_make(big, sizeof big)};
    (void)sqlite3_exec(db->sq, "PRAGMA cache_size=5", NULL, NULL, NULL);
    return item_add(db, &in);
}

static enum err job_much(struct tx *tx, void *ctx)
{
    const int64_t *id = ctx;
    return add_much(tx->db, *id);
}

/* ---- the end of the process ----------------------------------------------------------------- */

struct side {
    enum err fail; /* of before_commit */
    bool is_lost;
    bool hides; /* writes, and keeps to itself that it failed */
};

static enum err side_write(void *self, struct tx *tx)
{
    const struct side *s = self;
    if (s->hides)
        (void)add_much(tx->db, 900);
    return s->fail == ERR_OK ? ERR_OK : err_set(tx->info, s->fail, "probe.side", "the other store");
}

static bool side_lost(void *self)
{
    const struct side *s = self;
    return s->is_lost;
}

struct scene {
    writer_fn *fn;
    struct side sides[2];
    bool breaks_sync;
    bool is_unheard;
};

static void on_done_exit(void *ctx, enum err err, const struct err_info *info)
{
    (void)ctx;
    (void)info;
    _exit((int)err);
}

/* In a child, how the process ended: EXIT_FATAL, 74, or what was said to the one job. */
static int end_of(const struct scene *scene)
{
    struct fixture f;
    static int64_t id = 1;
    folder_make(&f.folder);
    pid_t child = fork();
    if (child == 0) {
        struct side sides[2] = {scene->sides[0], scene->sides[1]};
        const struct writer_hooks hooks[] = {
            {.self = &sides[0], .before_commit = side_write, .is_lost = side_lost},
            {.self = &sides[1], .before_commit = side_write, .is_lost = side_lost},
            {.self = NULL}};
        start(&f, (struct writer_options){.hooks = hooks,
                                          .hook_count = 3,
                                          .fatal = scene->is_unheard ? NULL : on_fatal});
        /* The next write begins the log anew, and syncs its head. Only that sync fails. */
        (void)sqlite3_exec(f.db->sq, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL);
        if (scene->breaks_sync)
            fault_vfs_plan(&(struct fault_plan){
                .ops = 1U << FAULT_SYNC, .rc = SQLITE_IOERR_FSYNC, .once = true});
        (void)writer_submit(f.writer, scene->fn, &id, on_done_exit);
        (void)sleep(10);
        _exit(99);
    }
    int end = store_child_end(child);
    folder_remove(&f.folder);
    return end;
}

static void test_a_store_beside_this_one_that_is_lost_ends_the_process(void **state)
{
    (void)state;
    assert_int_equal(end_of(&(struct scene){.fn = job_add, .sides = {{.fail = ERR_IO}}}), ERR_IO);
    assert_int_equal(
        end_of(&(struct scene){.fn = job_add, .sides = {{.fail = ERR_IO, .is_lost = true}}}),
        EXIT_FATAL);
    assert_int_equal(
        end_of(&(struct scene){.fn = job_add, .sides = {{.fail = ERR_IO}, {.is_lost = true}}}),
        EXIT_FATAL);
    /* Nobody asks while all goes well. */
    assert_int_equal(end_of(&(struct scene){.fn = job_add, .sides = {{.is_lost = true}}}), ERR_OK);
}

static void test_a_sync_that_fails_before_the_commit_ends_the_process(void **state)
{
    (void)state;
    assert_int_equal(end_of(&(struct scene){.fn = job_much, .breaks_sync = true}), EXIT_FATAL);
    assert_int_equal(end_of(&(struct scene){.fn = job_much}), ERR_OK);
    /* So too when whoever wrote did not say so. */
    const struct side hides = {.hides = true};
    assert_int_equal(end_of(&(struct scene){.fn = job_add, .sides = {hides}, .breaks_sync = true}),
                     EXIT_FATAL);
    assert_int_equal(end_of(&(struct scene){.fn = job_add, .sides = {hides}}), ERR_OK);
}

static void test_without_a_listener_the_process_ends_with_74(void **state)
{
    (void)state;
    assert_int_equal(
        end_of(&(struct scene){.fn = job_add, .breaks_sync = true, .is_unheard = true}), 74);
    assert_int_equal(end_of(&(struct scene){.fn = job_add, .is_unheard = true}), ERR_OK);
}

/* ---- waiting -------------------------------------------------------------------------------- */

struct caller {
    struct fixture *f;
    int64_t id;
    _Atomic int said; /* of writer_call from `done`; -1: not yet */
};

static void on_done_call(void *ctx, enum err err, const struct err_info *info)
{
    struct caller *c = ctx;
    (void)info;
    assert_int_equal(err, ERR_OK);
    atomic_store(&c->said, (int)writer_call(c->f->writer, job_add, &c->id, NULL));
}

static enum err job_caller(struct tx *tx, void *ctx)
{
    struct caller *c = ctx;
    return job_add(tx, &c->id);
}

/* It would wait for itself. */
static void test_a_call_from_an_answer_is_refused(void **state)
{
    (void)state;
    struct fixture f;
    struct caller c = {.f = &f, .id = 1, .said = -1};
    folder_make(&f.folder);
    start(&f, (struct writer_options){0});
    assert_int_equal(writer_submit(f.writer, job_caller, &c, on_done_call), ERR_OK);
    for (int i = 0; i < 5000 && atomic_load(&c.said) < 0; i++)
        (void)usleep(1000);
    assert_int_equal(atomic_load(&c.said), ERR_INTERNAL);
    assert_int_equal(count(&f), 1);
    finish(&f);
}

static void test_what_is_settled_is_not_waited_for(void **state)
{
    (void)state;
    struct fixture f;
    int64_t id = 1;
    folder_make(&f.folder);
    start(&f, (struct writer_options){0});
    writer_settle(f.writer);
    assert_int_equal(writer_call(f.writer, job_add, &id, NULL), ERR_OK);
    writer_settle(f.writer);
    assert_true(writer_is_settled(f.writer, writer_mark(f.writer)));
    writer_stop(f.writer);
    writer_settle(f.writer); /* nobody is there to wake us */
    finish(&f);
}

struct held {
    int64_t id;
    _Atomic bool is_inside;
    _Atomic bool is_open;
    _Atomic int answers;
};

static enum err job_held(struct tx *tx, void *ctx)
{
    struct held *h = ctx;
    atomic_store(&h->is_inside, true);
    while (!atomic_load(&h->is_open))
        (void)usleep(1000);
    return job_add(tx, &h->id);
}

static void on_held(void *ctx, enum err err, const struct err_info *info)
{
    struct held *h = ctx;
    (void)info;
    atomic_fetch_add(&h->answers, err == ERR_OK);
}

/* While the disk stands still the writer goes so far ahead and then waits, with work in hand. */
static void test_work_waits_for_a_round_that_is_free(void **state)
{
    (void)state;
    enum { ALL = WRITER_ROUNDS_MAX + 2 };
    struct fixture f;
    struct held jobs[ALL] = {0};
    folder_make(&f.folder);
    start(&f, (struct writer_options){.batch_max = 1});
    fault_vfs_hold_syncs(true);
    for (int i = 0; i < ALL; i++) {
        jobs[i].id = i + 1;
        atomic_store(&jobs[i].is_open, i + 1 != WRITER_ROUNDS_MAX);
        assert_int_equal(writer_submit(f.writer, job_held, &jobs[i], on_held), ERR_OK);
    }
    for (int i = 0; i < 5000 && !atomic_load(&jobs[WRITER_ROUNDS_MAX - 1].is_inside); i++)
        (void)usleep(1000);
    atomic_store(&jobs[WRITER_ROUNDS_MAX - 1].is_open, true);
    for (int i = 0; i < 5000 && count(&f) < WRITER_ROUNDS_MAX; i++)
        (void)usleep(1000);
    (void)usleep(20000);
    assert_int_equal(count(&f), WRITER_ROUNDS_MAX);
    assert_int_equal(writer_figures_get(f.writer).queued, ALL - WRITER_ROUNDS_MAX);
    assert_false(atomic_load(&jobs[WRITER_ROUNDS_MAX].is_inside));
    fault_vfs_hold_syncs(false);
    writer_stop(f.writer);
    for (int i = 0; i < ALL; i++)
        assert_int_equal(atomic_load(&jobs[i].answers), 1);
    assert_int_equal(count(&f), ALL);
    finish(&f);
}

static const struct CMUnitTest TESTS[] = {
    cmocka_unit_test(test_a_store_beside_this_one_that_is_lost_ends_the_process),
    cmocka_unit_test(test_a_sync_that_fails_before_the_commit_ends_the_process),
    cmocka_unit_test(test_without_a_listener_the_process_ends_with_74),
    cmocka_unit_test(test_a_call_from_an_answer_is_refused),
    cmocka_unit_test(test_what_is_settled_is_not_waited_for),
    cmocka_unit_test(test_work_waits_for_a_round_that_is_free),
};

int main(void)
{
    if (db_setup(NULL) != ERR_OK)
        return 1;
    fault_vfs_install();
    return cmocka_run_group_tests(TESTS, NULL, NULL);
}
