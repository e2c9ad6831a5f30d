/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/mem.h"
#include "db/checkpoint.h"
#include "db/connection.h"
#include "db/writer.h"
#include "tests/db/fault_disk.h"
#include "tests/db/fault_vfs.h"
#include "tests/db/probe.sql.h"
#include "tests/db/store.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

struct fixture {
    struct folder folder;
    struct db *db;
    struct writer *writer;
    struct arena a;
};

static void start(struct fixture *f, struct writer_options opt)
{
    folder_make(&f->folder);
    arena_init(&f->a, 1 << 20);
    struct err_info info = {0};
    f->db = store_open(&f->folder);
    opt.db = f->db;
    assert_int_equal(writer_new(&opt, &f->writer, &info), ERR_OK);
}

static void finish(struct fixture *f)
{
    writer_free(f->writer);
    db_close(f->db);
    arena_done(&f->a);
    folder_remove(&f->folder);
}

/* Rows with these ids, seen through a connection of its own. */
static int64_t count(struct fixture *f)
{
    CLEANUP(db_close_ptr) struct db *db = NULL;
    struct item_count_row row = {0};
    assert_int_equal(db_open(f->folder.path, DB_STORE_MAIN, DB_READ, &db, NULL), ERR_OK);
    assert_int_equal(item_count(db, &f->a, &row), ERR_OK);
    return row.n;
}

/* ---- jobs ----------------------------------------------------------------------------------- */

/* A gate keeps the writer inside a job until the test has queued what it wants. */
struct gate {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    bool is_inside;
    bool is_open;
};

static void gate_init(struct gate *g)
{
    *g = (struct gate){.is_open = false};
    (void)pthread_mutex_init(&g->lock, NULL);
    (void)pthread_cond_init(&g->moved, NULL);
}

static enum err job_gate(struct tx *tx, void *ctx)
{
    (void)tx;
    struct gate *g = ctx;
    (void)pthread_mutex_lock(&g->lock);
    g->is_inside = true;
    (void)pthread_cond_broadcast(&g->moved);
    while (!g->is_open)
        (void)pthread_cond_wait(&g->moved, &g->lock);
    (void)pthread_mutex_unlock(&g->lock);
    return ERR_OK;
}

static void gate_hold(struct gate *g, struct writer *w)
{
    gate_init(g);
    assert_int_equal(writer_submit(w, job_gate, g, NULL), ERR_OK);
    (void)pthread_mutex_lock(&g->lock);
    while (!g->is_inside)
        (void)pthread_cond_wait(&g->moved, &g->lock);
    (void)pthread_mutex_unlock(&g->lock);
}

static void gate_release(struct gate *g)
{
    (void)pthread_mutex_lock(&g->lock);
    g->is_open = true;
    (void)pthread_cond_broadcast(&g->moved);
    (void)pthread_mutex_unlock(&g->lock);
}

enum deed { DEED_ADD = 0, DEED_REFUSE, DEED_SILENT, DEED_LOSE, DEED_TURN_AWAY };

struct order {
    int64_t id;
    enum deed deed;
    enum err err;   /* the answer */
    int64_t answer; /* 1, 2, 3 … in the order of the answers; 0 for none yet */
    int64_t runs;
    char key[64];
    _Atomic int64_t *answers;
};

static enum err job_add(struct tx *tx, void *ctx)
{
    struct order *o = ctx;
    o->runs++;
    if (o->deed == DEED_TURN_AWAY)
        return err_set(tx->info, ERR_REFUSED, "probe.turned_away", "row %d", (int)o->id);
    const struct item_add_in in = {.id = o->id, .note = STR("n"), .data = STR(""), .big = o->id};
    TRY(item_add(tx->db, &in));
    if (o->deed == DEED_REFUSE)
        return err_set(tx->info, ERR_REFUSED, "probe.refused", "row %d", (int)o->id);
    if (o->deed == DEED_SILENT)
        return ERR_INVALID;
    if (o->deed == DEED_LOSE) { /* as SQLite does when it gives up a whole transaction */
        (void)sqlite3_exec(tx->db->sq, "ROLLBACK", NULL, NULL, NULL);
        return err_set(tx->info, ERR_NOMEM, "probe.lost", "all of it");
    }
    return ERR_OK;
}

static void on_done(void *ctx, enum err err, const struct err_info *info)
{
    struct order *o = ctx;
    o->err = err;
    (void)snprintf(o->key, sizeof o->key, "%s", info->key);
    o->answer = atomic_fetch_add(o->answers, 1) + 1;
}

static void wait_for(_Atomic int64_t *answers, int64_t n)
{
    while (atomic_load(answers) < n)
        (void)usleep(1000);
}

static void submit(struct fixture *f, struct order *orders, size_t n, _Atomic int64_t *answers)
{
    for (size_t i = 0; i < n; i++) {
        orders[i].id = (int64_t)i + 101;
        orders[i].answers = answers;
        assert_int_equal(writer_submit(f->writer, job_add, &orders[i], on_done), ERR_OK);
    }
}

/* ---- tests ---------------------------------------------------------------------------------- */

static void test_answers_come_in_order_after_few_commits(void **state)
{
    (void)state;
    struct fixture f;
    struct gate g;
    static struct order orders[600];
    _Atomic int64_t answers = 0;
    memset(orders, 0, sizeof orders);
    start(&f, (struct writer_options){0});
    gate_hold(&g, f.writer);
    submit(&f, orders, 600, &answers);
    gate_release(&g);
    writer_stop(f.writer);
    for (size_t i = 0; i < 600; i++) {
        assert_int_equal(orders[i].err, ERR_OK);
        assert_int_equal(orders[i].answer, i + 1);
    }
    assert_int_equal(count(&f), 600);
    struct writer_figures figures = writer_figures_get(f.writer);
    assert_int_equal(figures.jobs, 601);
    assert_int_equal(figures.batches, 1 + 10); /* the gate alone, then nine of 64 and one of 24 */
    finish(&f);
}

static void test_a_refusal_takes_back_its_own_rows_only(void **state)
{
    (void)state;
    struct fixture f;
    struct gate g;
    struct order orders[5] = {{.deed = DEED_ADD},
                              {.deed = DEED_REFUSE},
                              {.deed = DEED_ADD},
                              {.deed = DEED_SILENT},
                              {.deed = DEED_ADD}};
    _Atomic int64_t answers = 0;
    start(&f, (struct writer_options){0});
    gate_hold(&g, f.writer);
    submit(&f, orders, 5, &answers);
    gate_release(&g);
    writer_stop(f.writer);
    assert_int_equal(orders[0].err, ERR_OK);
    assert_int_equal(orders[1].err, ERR_REFUSED);
    assert_string_equal(orders[1].key, "probe.refused");
    assert_int_equal(orders[2].err, ERR_OK);
    assert_int_equal(orders[3].err, ERR_INVALID);
    assert_int_equal(orders[4].err, ERR_OK);
    assert_int_equal(count(&f), 3);
    finish(&f);
}

static void test_only_who_fails_after_writing_makes_a_batch_run_again(void **state)
{
    (void)state;
    struct fixture f;
    struct gate g;
    struct order calm[3] = {{.deed = DEED_ADD}, {.deed = DEED_TURN_AWAY}, {.deed = DEED_ADD}};
    struct order mixed[4] = {
        {.deed = DEED_TURN_AWAY}, {.deed = DEED_ADD}, {.deed = DEED_REFUSE}, {.deed = DEED_ADD}};
    _Atomic int64_t answers = 0;
    start(&f, (struct writer_options){0});
    gate_hold(&g, f.writer);
    submit(&f, calm, 3, &answers);
    gate_release(&g);
    wait_for(&answers, 3);
    gate_hold(&g, f.writer);
    submit(&f, mixed, 4, &answers);
    for (size_t i = 0; i < 4; i++)
        mixed[i].id += 500;
    gate_release(&g);
    writer_stop(f.writer);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(calm[i].runs, 1);
    assert_string_equal(calm[1].key, "probe.turned_away");
    static const int64_t RUNS[] = {2, 2, 2, 1};
    static const enum err ERRS[] = {ERR_REFUSED, ERR_OK, ERR_REFUSED, ERR_OK};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(mixed[i].runs, RUNS[i]);
        assert_int_equal(mixed[i].err, ERRS[i]);
    }
    assert_string_equal(mixed[0].key, "probe.turned_away");
    assert_string_equal(mixed[2].key, "probe.refused");
    assert_int_equal(count(&f), 2 + 2);
    finish(&f);
}

static void test_a_lost_transaction_keeps_none_and_says_so_to_all(void **state)
{
    (void)state;
    struct fixture f;
    struct gate g;
    struct order orders[4] = {
        {.deed = DEED_ADD}, {.deed = DEED_REFUSE}, {.deed = DEED_LOSE}, {.deed = DEED_ADD}};
    _Atomic int64_t answers = 0;
    start(&f, (struct writer_options){0});
    gate_hold(&g, f.writer);
    submit(&f, orders, 4, &answers);
    gate_release(&g);
    wait_for(&answers, 4);
    struct order last = {.id = 9, .answers = &answers};
    assert_int_equal(writer_call(f.writer, job_add, &last, NULL), ERR_OK);
    writer_stop(f.writer);
    assert_int_equal(orders[0].err, ERR_NOMEM);
    assert_int_equal(orders[1].err, ERR_REFUSED);
    assert_int_equal(orders[2].err, ERR_NOMEM);
    assert_int_equal(orders[3].err, ERR_NOMEM);
    assert_int_equal(answers, 4);
    assert_int_equal(count(&f), 1);
    finish(&f);
}

static void test_a_full_queue_refuses_and_forgets_nothing(void **state)
{
    (void)state;
    struct fixture f;
    struct gate g;
    struct order orders[8] = {{0}};
    struct order more = {.id = 99};
    _Atomic int64_t answers = 0;
    start(&f, (struct writer_options){.queue_max = 8, .batch_max = 3});
    gate_hold(&g, f.writer);
    submit(&f, orders, 8, &answers);
    struct err_info info = {0};
    assert_int_equal(writer_call(f.writer, job_add, &more, &info), ERR_BUSY);
    assert_string_equal(info.key, "db.busy");
    assert_int_equal(writer_submit(f.writer, job_add, &more, on_done), ERR_BUSY);
    assert_int_equal(more.answer, 0);
    gate_release(&g);
    writer_stop(f.writer);
    assert_int_equal(answers, 8);
    assert_int_equal(count(&f), 8);
    assert_int_equal(writer_submit(f.writer, job_add, &more, NULL), ERR_BUSY);
    assert_int_equal(writer_call(f.writer, job_add, &more, &info), ERR_BUSY);
    assert_string_equal(info.key, "db.stopping");
    finish(&f);
}

static enum err job_call(struct tx *tx, void *ctx)
{
    struct fixture *f = ctx;
    return writer_call(f->writer, job_gate, NULL, tx->info);
}

static void test_a_call_from_the_writer_itself_is_refused(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, (struct writer_options){0});
    assert_int_equal(writer_call(f.writer, job_call, &f, NULL), ERR_INTERNAL);
    finish(&f);
}

/* ---- hooks ---------------------------------------------------------------------------------- */

struct tail {
    int64_t size;  /* what a log would hold in memory */
    int64_t mark;  /* at the last mark */
    int64_t saved; /* at the last commit */
    int64_t begun;
    int64_t ended;
    bool must_fail;
};

static enum err tail_begin(void *self, struct tx *tx)
{
    (void)tx;
    struct tail *t = self;
    t->begun++;
    return ERR_OK;
}

static void tail_mark(void *self)
{
    struct tail *t = self;
    t->mark = t->size;
    t->size++; /* each job makes it longer */
}

static void tail_undo(void *self)
{
    struct tail *t = self;
    t->size = t->mark;
}

static enum err tail_before(void *self, struct tx *tx)
{
    struct tail *t = self;
    if (t->must_fail)
        return err_set(tx->info, ERR_IO, "probe.tail", "cannot sign");
    struct item_take_row row = {0};
    return item_take(tx->db, tx->arena, STR(""), t->size, &row);
}

static void tail_commit(void *self, uint64_t number)
{
    struct tail *t = self;
    (void)number;
    t->saved = t->size;
    t->ended++;
}

static void tail_rollback(void *self)
{
    struct tail *t = self;
    t->size = t->saved;
    t->ended++;
}

static void test_hooks_follow_each_savepoint_and_each_commit(void **state)
{
    (void)state;
    struct fixture f;
    struct gate g;
    struct tail t = {0};
    const struct writer_hooks hooks[] = {{.self = &t,
                                          .begin = tail_begin,
                                          .mark = tail_mark,
                                          .undo = tail_undo,
                                          .before_commit = tail_before,
                                          .after_commit = tail_commit,
                                          .after_rollback = tail_rollback}};
    struct order orders[3] = {{.deed = DEED_ADD}, {.deed = DEED_REFUSE}, {.deed = DEED_ADD}};
    _Atomic int64_t answers = 0;
    start(&f, (struct writer_options){.hooks = hooks, .hook_count = 1});
    gate_hold(&g, f.writer);
    submit(&f, orders, 3, &answers);
    gate_release(&g);
    wait_for(&answers, 3);
    struct order refused = {.id = 50, .deed = DEED_REFUSE, .answers = &answers};
    assert_int_equal(writer_call(f.writer, job_add, &refused, NULL), ERR_REFUSED);
    writer_stop(f.writer);
    assert_int_equal(t.saved, 3); /* the gate, two of three, none of the last */
    assert_int_equal(t.size, 3);
    assert_int_equal(t.begun, 4); /* the second batch ran twice */
    assert_int_equal(t.ended, 4);
    assert_int_equal(count(&f), 2 + 2); /* with the hook's own row in each commit */
    finish(&f);
}

static void test_a_hook_that_fails_fails_the_batch(void **state)
{
    (void)state;
    struct fixture f;
    struct tail t = {.must_fail = true};
    const struct writer_hooks hooks[] = {
        {.self = &t, .before_commit = tail_before, .after_rollback = tail_rollback}};
    struct order order = {.id = 1};
    struct err_info info = {0};
    start(&f, (struct writer_options){.hooks = hooks, .hook_count = 1});
    assert_int_equal(writer_call(f.writer, job_add, &order, &info), ERR_IO);
    assert_string_equal(info.key, "probe.tail");
    assert_int_equal(count(&f), 0);
    t.must_fail = false;
    assert_int_equal(writer_call(f.writer, job_add, &order, &info), ERR_OK);
    assert_int_equal(count(&f), 2);
    finish(&f);
}

/* ---- the disk ------------------------------------------------------------------------------- */

static void test_a_full_disk_is_said_and_ends_when_there_is_room(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, (struct writer_options){0});
    int64_t i = 0;
    enum err err = ERR_FULL;
    for (; err == ERR_FULL; i++) { /* the i-th write finds no room, then all do */
        struct order order = {.id = i + 1};
        struct order again = {.id = i + 1000};
        struct err_info info = {0};
        fault_vfs_break(FAULT_WRITE, i, SQLITE_FULL);
        err = writer_call(f.writer, job_add, &order, &info);
        bool broke = fault_vfs_failed() > 0;
        if (broke) {
            assert_int_equal(err, ERR_FULL);
            assert_string_equal(info.key, "db.full");
            assert_true(writer_figures_get(f.writer).is_full);
            assert_int_equal(writer_call(f.writer, job_add, &again, &info), ERR_FULL);
        }
        fault_vfs_heal();
        assert_int_equal(writer_call(f.writer, job_add, &again, &info), ERR_OK);
        assert_false(writer_figures_get(f.writer).is_full);
        assert_int_equal(count(&f), i + 1 + !broke);
    }
    assert_int_equal(err, ERR_OK);
    assert_true(i >= 2);
    finish(&f);
}

enum { EXIT_FATAL = 42 };

static void on_fatal(void *env, const struct err_info *info)
{
    (void)env;
    (void)info;
    _exit(EXIT_FATAL);
}

static void on_done_exit(void *ctx, enum err err, const struct err_info *info)
{
    (void)ctx;
    (void)info;
    _exit(err == ERR_OK ? 0 : 1);
}

/* In a child, because the process must end: an fsync that failed says nothing about the disk. */
static int status_of_a_broken(enum fault_op op, int64_t after, int rc)
{
    struct fixture f;
    folder_make(&f.folder);
    pid_t child = fork();
    if (child == 0) {
        struct writer_options opt = {.fatal = on_fatal};
        struct order order = {.id = 1};
        if (db_open(f.folder.path, DB_STORE_MAIN, DB_WRITE, &opt.db, NULL) != ERR_OK ||
            writer_new(&opt, &f.writer, NULL) != ERR_OK)
            _exit(2);
        fault_vfs_break(op, after, rc);
        (void)writer_submit(f.writer, job_add, &order, on_done_exit);
        (void)sleep(10);
        _exit(3);
    }
    int end = store_child_end(child);
    folder_remove(&f.folder);
    return end;
}

static void test_a_failed_fsync_or_commit_ends_the_process_unanswered(void **state)
{
    (void)state;
    assert_int_equal(status_of_a_broken(FAULT_SYNC, 0, SQLITE_IOERR_FSYNC), EXIT_FATAL);
    assert_int_equal(status_of_a_broken(FAULT_WRITE, 0, SQLITE_IOERR_WRITE), EXIT_FATAL);
    assert_int_equal(status_of_a_broken(FAULT_WRITE, 0, SQLITE_FULL), 1);
    assert_int_equal(status_of_a_broken(FAULT_SYNC, 1000, SQLITE_IOERR_FSYNC), 0);
}

/* ---- commits that are ahead of the disk -------------------------------------------------------
 */

/* Until a reader sees so many rows. */
static void wait_for_rows(struct fixture *f, int64_t rows)
{
    while (count(f) < rows)
        (void)usleep(1000);
}

static void submit_each(struct fixture *f, struct order *orders, size_t from, size_t to,
                        _Atomic int64_t *answers)
{
    for (size_t i = from; i < to; i++) { /* a round for each */
        orders[i].id = (int64_t)i + 1;
        orders[i].answers = answers;
        assert_int_equal(writer_submit(f->writer, job_add, &orders[i], on_done), ERR_OK);
        wait_for_rows(f, (int64_t)i + 1);
    }
}

struct waiter {
    _Atomic int64_t *answers;
    int64_t after; /* so many answers */
    int64_t calls;
};

static void on_settled(void *ctx)
{
    struct waiter *w = ctx;
    w->after = atomic_load(w->answers);
    w->calls++;
}

static void *settle_run(void *arg)
{
    writer_settle(arg);
    return NULL;
}

static void test_nothing_is_said_before_it_is_on_the_disk(void **state)
{
    (void)state;
    enum { AHEAD = WRITER_ROUNDS_MAX, ALL = AHEAD + 3 };
    struct fixture f;
    struct order orders[ALL] = {0};
    _Atomic int64_t answers = 0;
    start(&f, (struct writer_options){0});
    assert_true(writer_is_settled(f.writer, writer_mark(f.writer)));
    fault_vfs_plan(&(struct fault_plan){.ops = 0});
    fault_vfs_hold_syncs(true);
    submit_each(&f, orders, 0, 1, &answers);
    struct waiter first = {.answers = &answers};
    struct writer_wait first_wait = {
        .mark = writer_mark(f.writer), .fn = on_settled, .ctx = &first};
    assert_false(writer_is_settled(f.writer, first_wait.mark));
    assert_true(writer_wait_later(f.writer, &first_wait));

    submit_each(&f, orders, 1, AHEAD, &answers);
    struct waiter last = {.answers = &answers};
    struct writer_wait last_wait = {.mark = writer_mark(f.writer), .fn = on_settled, .ctx = &last};
    assert_true(writer_wait_later(f.writer, &last_wait));
    pthread_t settling;
    assert_int_equal(pthread_create(&settling, NULL, settle_run, f.writer), 0);

    struct order refused = {.id = 900, .deed = DEED_TURN_AWAY, .answers = &answers};
    assert_int_equal(writer_submit(f.writer, job_add, &refused, on_done), ERR_OK);
    for (size_t i = AHEAD; i < ALL; i++) { /* for these there is no round left */
        orders[i] = (struct order){.id = (int64_t)i + 1, .answers = &answers};
        assert_int_equal(writer_submit(f.writer, job_add, &orders[i], on_done), ERR_OK);
    }
    (void)usleep(20000);
    assert_int_equal(count(&f), AHEAD);
    assert_int_equal(writer_figures_get(f.writer).queued, 1 + ALL - AHEAD);
    assert_int_equal(atomic_load(&answers), 0);
    assert_int_equal(first.calls + last.calls, 0);

    fault_vfs_hold_syncs(false);
    assert_int_equal(pthread_join(settling, NULL), 0);
    assert_true(writer_is_settled(f.writer, last_wait.mark));
    writer_stop(f.writer);
    for (size_t i = 0; i < ALL; i++) {
        assert_int_equal(orders[i].err, ERR_OK);
        assert_int_equal(orders[i].answer, (int64_t)i + 1 + (i >= AHEAD));
    }
    assert_int_equal(refused.err, ERR_REFUSED);
    assert_int_equal(refused.answer, AHEAD + 1);
    assert_int_equal(first.calls, 1);
    assert_true(first.after >= 1);
    assert_int_equal(last.calls, 1);
    assert_true(last.after >= AHEAD);
    assert_false(writer_wait_later(f.writer, &last_wait));
    assert_int_equal(last.calls, 1);
    /* One for the first commit, one for those that came meanwhile, one for the rest. */
    assert_in_range(fault_vfs_counted(FAULT_SYNC), 2, 4);
    assert_int_equal(writer_figures_get(f.writer).batches, AHEAD + 1);
    finish(&f);
}

static uint64_t cut_seed;

static void cut(void)
{
    fault_disk_cut(cut_seed == 0 ? FAULT_KEEP_SYNCED : FAULT_KEEP_SOME, cut_seed);
    _exit(EXIT_FATAL);
}

enum { CUT_SETTLED = 3, CUT_AHEAD = 3 };

/* In a child: three answered, three in commits that no sync has reached, and the power fails in the
 * next one's `after`th write. */
static void lose_power(const struct folder *folder, int64_t after)
{
    struct fixture f = {.folder = *folder};
    struct order orders[CUT_SETTLED + CUT_AHEAD + 1] = {0};
    _Atomic int64_t answers = 0;
    arena_init(&f.a, 1 << 20);
    fault_vfs_follow();
    struct writer_options opt = {0};
    if (db_open(f.folder.path, DB_STORE_MAIN, DB_WRITE, &f.db, NULL) != ERR_OK)
        _exit(2);
    opt.db = f.db;
    if (writer_new(&opt, &f.writer, NULL) != ERR_OK)
        _exit(2);
    submit_each(&f, orders, 0, CUT_SETTLED, &answers);
    writer_settle(f.writer);
    fault_vfs_hold_syncs(true);
    submit_each(&f, orders, CUT_SETTLED, CUT_SETTLED + CUT_AHEAD, &answers);
    if (atomic_load(&answers) != CUT_SETTLED)
        _exit(3);
    fault_vfs_plan(&(struct fault_plan){.ops = 1U << FAULT_WRITE, .after = after, .fire = cut});
    submit_each(&f, orders, CUT_SETTLED + CUT_AHEAD, CUT_SETTLED + CUT_AHEAD + 1, &answers);
    cut(); /* it had fewer writes */
}

static void test_a_power_cut_takes_only_what_nobody_was_told_of(void **state)
{
    (void)state;
    int64_t lost = 0;
    int64_t kept = 0;
    for (uint64_t seed = 0; seed < 24; seed++) {
        struct fixture f;
        folder_make(&f.folder);
        cut_seed = seed;
        pid_t child = fork();
        if (child == 0)
            lose_power(&f.folder, (int64_t)seed % 4);
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), EXIT_FATAL);

        arena_init(&f.a, 1 << 20);
        assert_int_equal(db_open(f.folder.path, DB_STORE_MAIN, DB_WRITE, &f.db, NULL), ERR_OK);
        int64_t n = count(&f);
        assert_in_range(n, CUT_SETTLED, CUT_SETTLED + CUT_AHEAD + 1);
        struct item_get_row row;
        for (int64_t id = 1; id <= n; id++) /* none is there without those before it */
            assert_int_equal(item_get(f.db, &f.a, id, &row), ERR_OK);
        if (seed == 0)
            assert_int_equal(n, CUT_SETTLED);
        lost += n < CUT_SETTLED + CUT_AHEAD;
        kept += n > CUT_SETTLED;
        db_close(f.db);
        arena_done(&f.a);
        folder_remove(&f.folder);
    }
    assert_true(lost > 0 && kept > 0);
}

static int64_t log_bytes(struct fixture *f)
{
    char path[128];
    struct stat st;
    (void)snprintf(path, sizeof path, "%s/main.db-wal", f->folder.path);
    return stat(path, &st) == 0 ? (int64_t)st.st_size : -1;
}

struct load {
    struct fixture *f;
    int64_t first;
    size_t count;
    size_t failed;
};

static void *load_run(void *arg)
{
    struct load *l = arg;
    for (size_t i = 0; i < l->count; i++) {
        struct order o = {.id = l->first + (int64_t)i};
        l->failed += writer_call(l->f->writer, job_add, &o, NULL) != ERR_OK;
    }
    return NULL;
}

static enum err job_bulk(struct tx *tx, void *ctx)
{
    static char big[64 * 1024];
    const int64_t *id = ctx;
    const struct item_add_in in = {.id = *id, .data = str_make(big, sizeof big)};
    return item_add(tx->db, &in);
}

static void test_the_log_is_carried_over_while_writing_goes_on(void **state)
{
    (void)state;
    struct fixture f;
    struct checkpoint *checkpoint = NULL;
    folder_make(&f.folder);
    arena_init(&f.a, 1 << 20);
    assert_int_equal(db_open(f.folder.path, DB_STORE_MAIN, DB_WRITE, &f.db, NULL), ERR_OK);
    assert_int_equal(
        checkpoint_new(f.folder.path, DB_STORE_MAIN, on_fatal, NULL, &checkpoint, NULL), ERR_OK);
    const struct writer_options opt = {.db = f.db, .checkpoint = checkpoint};
    assert_int_equal(writer_new(&opt, &f.writer, NULL), ERR_OK);
    for (int64_t id = 1; id <= 1500; id++) /* 100 MB through a log of at most 64 */
        assert_int_equal(writer_call(f.writer, job_bulk, &id, NULL), ERR_OK);
    if (log_bytes(&f) > INT64_C(64) << 20)
        fail_msg("the log has %lld MB", (long long)(log_bytes(&f) >> 20));
    writer_free(f.writer);
    checkpoint_free(checkpoint);
    assert_int_equal(count(&f), 1500);
    db_close(f.db);
    arena_done(&f.a);
    folder_remove(&f.folder);
}

static void test_many_threads_lose_nothing(void **state)
{
    (void)state;
    struct fixture f;
    struct load loads[8];
    pthread_t threads[8];
    start(&f, (struct writer_options){0});
    for (size_t i = 0; i < 8; i++) {
        loads[i] = (struct load){&f, 1 + (int64_t)i * 1000, 200, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, load_run, &loads[i]), 0);
    }
    for (size_t i = 0; i < 8; i++) {
        (void)pthread_join(threads[i], NULL);
        assert_int_equal(loads[i].failed, 0);
    }
    assert_int_equal(count(&f), 1600);
    assert_true(writer_figures_get(f.writer).batches <= 1600);
    finish(&f);
}

static void test_every_allocation_may_fail(void **state)
{
    (void)state;
    struct fixture f;
    start(&f, (struct writer_options){0});
    enum err err = ERR_NOMEM;
    for (int64_t i = 0; err == ERR_NOMEM; i++) {
        const struct writer_options opt = {.db = f.db};
        struct writer *w = NULL;
        mem_fail_after(i);
        err = writer_new(&opt, &w, NULL);
        mem_fail_after(-1);
        assert_int_equal(w != NULL, err == ERR_OK);
        writer_free(w);
    }
    assert_int_equal(err, ERR_OK);
    err = ERR_NOMEM;
    for (int64_t i = 0; err == ERR_NOMEM; i++) {
        struct order order = {.id = 1};
        mem_fail_after(i);
        err = writer_call(f.writer, job_add, &order, NULL);
        mem_fail_after(-1);
        assert_int_equal(count(&f), err == ERR_OK);
    }
    assert_int_equal(err, ERR_OK);
    finish(&f);
}

static const struct CMUnitTest TESTS[] = {
    cmocka_unit_test(test_answers_come_in_order_after_few_commits),
    cmocka_unit_test(test_a_refusal_takes_back_its_own_rows_only),
    cmocka_unit_test(test_only_who_fails_after_writing_makes_a_batch_run_again),
    cmocka_unit_test(test_a_lost_transaction_keeps_none_and_says_so_to_all),
    cmocka_unit_test(test_a_full_queue_refuses_and_forgets_nothing),
    cmocka_unit_test(test_a_call_from_the_writer_itself_is_refused),
    cmocka_unit_test(test_hooks_follow_each_savepoint_and_each_commit),
    cmocka_unit_test(test_a_hook_that_fails_fails_the_batch),
    cmocka_unit_test(test_a_full_disk_is_said_and_ends_when_there_is_room),
    cmocka_unit_test(test_a_failed_fsync_or_commit_ends_the_process_unanswered),
    cmocka_unit_test(test_the_log_is_carried_over_while_writing_goes_on),
    cmocka_unit_test(test_many_threads_lose_nothing),
    cmocka_unit_test(test_nothing_is_said_before_it_is_on_the_disk),
    cmocka_unit_test(test_a_power_cut_takes_only_what_nobody_was_told_of),
    cmocka_unit_test(test_every_allocation_may_fail),
};

int main(void)
{
    if (db_setup(NULL) != ERR_OK)
        return 1;
    fault_vfs_install();
    return cmocka_run_group_tests(TESTS, NULL, NULL);
}
