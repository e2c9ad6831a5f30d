/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Whole imports into a data folder made for the test. argv: samples, packs, maps. */
#include "tests/check.h"
#include "tests/scratch.h"
#include "tests/shared.h"

#include "base/mem.h"
#include "db/readers.h"
#include "db/writer.h"
#include "lib/text/msg.h"
#include "matter/rebuild.h"
#include "reach/import_run.h"
#include "spine/office.h"
#include "trust/open.h"

#include "probe.sql.h"

#include <errno.h>
#include <ftw.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *samples = "tests/reach/samples";
static const char *packs = "packs";

struct town {
    char dir[64];
    char rejects[96];
    struct open_house *open;
    struct house *house;
    struct office_id office;
    struct arena a;
    struct import_faults *faults;
    struct import_figures figures;
    struct err_info info;
    volatile sig_atomic_t stop;
    int stop_after; /* progress calls, 0: never */
};

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static enum err add_office(struct tx *tx, void *ctx)
{
    struct town *t = ctx;
    const struct office_new town = {.code = STR("town"),
                                    .name_en = STR("Town"),
                                    .name_zh = STR("青石镇"),
                                    .place = STR(""),
                                    .address = STR(""),
                                    .phone = STR(""),
                                    .hours_en = STR(""),
                                    .hours_zh = STR("")};
    return office_add(tx, &town, &t->office);
}

static void open_data(struct town *t, const char *data)
{
    const struct house_how how = {.data_dir = data, .packs = packs, .write = true};
    if (house_open(&how, &t->open, &t->info) != ERR_OK)
        fail_msg("house_open: %s %s", t->info.key, t->info.detail);
    t->house = open_house_get(t->open);
}

/* Below `parent`, or where tests keep files when that is NULL. */
static void town_open(struct town *t, const char *parent)
{
    *t = (struct town){0};
    if (parent == NULL) {
        scratch_folder(t->dir, sizeof t->dir, "import");
    } else {
        (void)snprintf(t->dir, sizeof t->dir, "%s/huiyin-import-XXXXXX", parent);
        assert_non_null(mkdtemp(t->dir));
    }
    (void)snprintf(t->rejects, sizeof t->rejects, "%s/rejects.csv", t->dir);
    char data[80];
    (void)snprintf(data, sizeof data, "%s/var", t->dir);
    const struct house_plan plan = {
        .data_dir = data, .pack = "plain", .packs = packs, .zone = "Asia/Shanghai"};
    struct house_made made;
    if (house_make(&plan, &made, &t->info) != ERR_OK)
        fail_msg("house_make: %s %s", t->info.key, t->info.detail);
    open_data(t, data);
    assert_int_equal(writer_call(t->house->writer, add_office, t, &t->info), ERR_OK);
    house_close(t->open);
    open_data(t, data); /* with the office in its tree */
    arena_init(&t->a, 64 << 20);
    t->faults = ARENA_NEW(&t->a, struct import_faults);
}

static void town_done(struct town *t)
{
    house_close(t->open);
    arena_done(&t->a);
    (void)nftw(t->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void on_progress(void *ctx, const struct import_figures *figures)
{
    struct town *t = ctx;
    if (t->stop_after > 0 && figures->rows >= t->stop_after)
        t->stop = 1;
}

static enum err import(struct town *t, const char *file, const char *map_path, bool dry_run)
{
    const struct import_map *map = NULL;
    t->faults->count = 0;
    t->info = (struct err_info){0};
    const enum err err = import_map_load(&t->a, map_path, t->faults, &t->info, &map);
    if (err != ERR_OK)
        return err;
    const struct import_job job = {.path = file,
                                   .map = map,
                                   .house = t->house,
                                   .office = t->office,
                                   .rejects = t->rejects,
                                   .dry_run = dry_run,
                                   .stop = &t->stop,
                                   .on_progress = on_progress,
                                   .ctx = t};
    return import_run(&job, t->faults, &t->figures, &t->info);
}

static enum err import_sample(struct town *t, const char *name, bool dry_run)
{
    char file[512], map[512];
    (void)snprintf(file, sizeof file, "%s/%s", samples, name);
    (void)snprintf(map, sizeof map, "%s/letters.json", samples);
    return import(t, file, map, dry_run);
}

static void check_figures(const struct town *t, int64_t open, int64_t ended, int64_t known,
                          int64_t rejected)
{
    const struct import_figures *f = &t->figures;
    if (f->open != open || f->ended != ended || f->known != known || f->rejected != rejected)
        fail_msg("open %lld ended %lld known %lld rejected %lld; %s %s", (long long)f->open,
                 (long long)f->ended, (long long)f->known, (long long)f->rejected, t->info.key,
                 t->info.detail);
}

static void read_rejects(const struct town *t, struct buf *out)
{
    char piece[4096];
    buf_clear(out);
    FILE *f = fopen(t->rejects, "rbe");
    assert_non_null(f);
    for (size_t n = fread(piece, 1, sizeof piece, f); n > 0; n = fread(piece, 1, sizeof piece, f))
        buf_bytes(out, piece, n);
    (void)fclose(f);
}

/* What stands in the rows, and that it is what the events say. */
static void look(struct town *t, struct import_probe_row *ret_row)
{
    struct db *db = NULL;
    struct rebuild_found found;
    assert_int_equal(readers_take(t->house->readers, &db, &t->info), ERR_OK);
    assert_int_equal(import_probe(db, &t->a, ret_row), ERR_OK);
    readers_give(t->house->readers, db);
    if (matter_rebuild_check(t->house, NULL, NULL, &found, &t->info) != ERR_OK ||
        found.differences != 0)
        fail_msg("rebuild: %s %s", t->info.detail, found.first);
    assert_int_equal(found.matters, ret_row->matters);
}

static void a_file_is_taken_once_in_any_encoding(void **state)
{
    (void)state;
    CLEANUP(town_done) struct town t;
    town_open(&t, NULL);
    assert_int_equal(import_sample(&t, "letters-utf8.csv", true), ERR_OK);
    check_figures(&t, 2, 1, 0, 0);
    assert_int_equal(import_sample(&t, "letters-utf8.csv", false), ERR_OK);
    check_figures(&t, 2, 1, 0, 0);
    assert_int_equal(import_sample(&t, "letters-utf8.csv", false), ERR_OK);
    check_figures(&t, 0, 0, 3, 0);
    assert_int_equal(import_sample(&t, "letters-bom.csv", false), ERR_OK);
    check_figures(&t, 0, 0, 3, 0);
    assert_int_equal(import_sample(&t, "letters-gb18030.csv", false), ERR_OK);
    check_figures(&t, 0, 0, 3, 0);
    assert_int_equal(import_sample(&t, "letters-gb18030.csv", true), ERR_OK);
    check_figures(&t, 0, 0, 3, 0);
    assert_int_equal(access(t.rejects, F_OK), -1);
    struct import_probe_row row;
    look(&t, &row);
    assert_int_equal(row.matters, 3);
    assert_int_equal(row.outbox, 0);     /* nobody is told */
    assert_int_equal(row.ended_dues, 0); /* what ended elsewhere owes nothing */
    assert_int_equal(row.missed, 2);     /* received in 2019 and open: late, recorded once each */
}

static void a_dry_run_writes_nothing(void **state)
{
    (void)state;
    CLEANUP(town_done) struct town t;
    town_open(&t, NULL);
    assert_int_equal(import_sample(&t, "letters-gb18030.csv", true), ERR_OK);
    check_figures(&t, 2, 1, 0, 0);
    assert_int_equal(import_sample(&t, "letters-gb18030.csv", true), ERR_OK);
    check_figures(&t, 2, 1, 0, 0);
    struct import_probe_row row;
    look(&t, &row);
    assert_int_equal(row.matters, 0);
}

static void bad_rows_are_rejected_and_the_others_taken(void **state)
{
    (void)state;
    CLEANUP(town_done) struct town t;
    CLEANUP(buf_done) struct buf text;
    buf_init(&text, 1 << 20);
    town_open(&t, NULL);
    assert_int_equal(import_sample(&t, "letters-bad.csv", false), ERR_OK);
    check_figures(&t, 2, 0, 0, 10);
    read_rejects(&t, &text);
    assert_true(str_find(buf_view(&text), STR("3,5,收到时间,“昨天下午”不是能看懂的日期。")) !=
                SIZE_MAX);
    assert_true(str_find(buf_view(&text), STR("王五")) == SIZE_MAX);
    assert_true(str_find(buf_view(&text), STR("9,8,")) != SIZE_MAX); /* the stray quote */
    /* a broken byte: found out by itself it is no encoding at all, told it is one bad row */
    assert_int_equal(import_sample(&t, "letters-gb18030-bad.csv", false), ERR_INVALID);
    assert_string_equal(t.info.key, "import.file_charset");
    char file[512], map[512];
    (void)snprintf(file, sizeof file, "%s/letters-gb18030-bad.csv", samples);
    (void)snprintf(map, sizeof map, "%s/letters-gb18030.json", samples);
    assert_int_equal(import(&t, file, map, false), ERR_OK);
    assert_int_equal(t.figures.rows, 3);
    assert_int_equal(t.figures.rejected, 1);
    read_rejects(&t, &text);
    assert_true(str_find(buf_view(&text), STR("这一行里有不是文字的内容。")) != SIZE_MAX);
}

static void write_many(const char *path, int rows)
{
    FILE *f = fopen(path, "wbe");
    assert_non_null(f);
    fputs("编号,来信人,标题,内容,收到时间,答复,答复时间,联系电话\n", f);
    for (int i = 0; i < rows; i++)
        fprintf(f, "N%d,,第%d件,路灯不亮,2019-04-25,,,\n", i, i);
    (void)fclose(f);
}

static void rejects_put_right_are_imported_with_the_same_map(void **state)
{
    (void)state;
    CLEANUP(town_done) struct town t;
    CLEANUP(buf_done) struct buf text;
    buf_init(&text, 1 << 20);
    town_open(&t, NULL);
    assert_int_equal(import_sample(&t, "letters-bad.csv", false), ERR_OK);
    read_rejects(&t, &text);
    char file[96], map[512];
    (void)snprintf(file, sizeof file, "%s/right.csv", t.dir);
    (void)snprintf(map, sizeof map, "%s/letters.json", samples);
    const size_t at = str_find(buf_view(&text), STR(",昨天下午,"));
    assert_int_not_equal(at, SIZE_MAX);
    FILE *f = fopen(file, "wbe");
    assert_non_null(f);
    fprintf(f, STR_FMT ",2019-04-25," STR_FMT, STR_ARG(str_sub(buf_view(&text), 0, at)),
            STR_ARG(str_sub(buf_view(&text), at + strlen(",昨天下午,"), text.len)));
    (void)fclose(f);
    assert_int_equal(import(&t, file, map, false), ERR_OK);
    check_figures(&t, 1, 0, 0, 9);
    assert_int_equal(import(&t, t.rejects, map, false), ERR_INVALID);
    assert_string_equal(t.info.key, "import.rejects_same");
}

static void stopping_keeps_what_was_taken_and_goes_on_later(void **state)
{
    (void)state;
    CLEANUP(town_done) struct town t;
    town_open(&t, NULL);
    char file[96], map[512];
    (void)snprintf(file, sizeof file, "%s/many.csv", t.dir);
    (void)snprintf(map, sizeof map, "%s/letters.json", samples);
    write_many(file, 1000);
    t.stop_after = 300;
    assert_int_equal(import(&t, file, map, false), ERR_OK);
    const int64_t first = t.figures.open;
    assert_true(first >= 300 && first < 1000);
    assert_int_equal(t.figures.last_line, first + 1);
    t.stop = 0;
    t.stop_after = 0;
    assert_int_equal(import(&t, file, map, false), ERR_OK);
    check_figures(&t, 1000 - first, 0, first, 0);
}

static void what_does_not_fit_is_said_before_the_first_row(void **state)
{
    (void)state;
    CLEANUP(town_done) struct town t;
    town_open(&t, NULL);
    char map[512], path[512];
    (void)snprintf(map, sizeof map, "%s/letters.json", samples);
    assert_int_equal(import(&t, "/nonexistent/file.csv", map, false), ERR_NOT_FOUND);
    assert_string_equal(t.info.key, "import.file_none");
    assert_int_equal(import(&t, samples, map, false), ERR_NOT_FOUND); /* a folder */
    assert_int_equal(import_sample(&t, "people.csv", false), ERR_INVALID);
    assert_true(t.faults->count > 0);
    (void)snprintf(path, sizeof path, "%s/empty.csv", t.dir);
    FILE *f = fopen(path, "wbe");
    assert_non_null(f);
    (void)fclose(f);
    assert_int_equal(import(&t, path, map, false), ERR_INVALID);
    assert_string_equal(t.info.key, "import.file_empty");
    f = fopen(path, "wbe");
    assert_non_null(f);
    fwrite("\xFF\xFE\x16\x7F", 1, 4, f);
    (void)fclose(f);
    assert_int_equal(import(&t, path, map, false), ERR_INVALID);
    assert_string_equal(t.info.key, "import.file_utf16");
    assert_int_equal(t.figures.rows, 0);
}

static void the_real_files_are_taken_whole(void **state)
{
    (void)state;
    char messages[1024], requests[1024], map[512];
    if (shared_path(messages, "data/cn-petition-messages/messages-with-replies-1.csv") == NULL ||
        shared_path(requests, "data/baltimore-311/311_sample.csv") == NULL)
        skip();
    CLEANUP(town_done) struct town t;
    town_open(&t, NULL);
    (void)snprintf(map, sizeof map, "%s/maps/cn-petition-messages.json", packs);
    assert_int_equal(import(&t, messages, map, false), ERR_OK);
    check_figures(&t, 0, 1408, 0, 0);
    (void)snprintf(map, sizeof map, "%s/maps/baltimore-311.json", packs);
    assert_int_equal(import(&t, requests, map, false), ERR_OK);
    check_figures(&t, 208, 9792, 0, 0);
    struct import_probe_row row;
    look(&t, &row);
    assert_int_equal(row.matters, 1408 + 10000);
    assert_int_equal(row.outbox, 0);
    assert_int_equal(row.ended_dues, 0);
}

/* A disk of `size` at `dir`; skips the test where that is not allowed. */
static void mount_small(const char *dir, const char *size, unsigned long flags)
{
    if (mount("tmpfs", dir, "tmpfs", flags, size) == 0)
        return;
    print_message("skipped: mounting a small disk: %s\n", strerror(errno));
    (void)rmdir(dir);
    skip();
}

static void a_full_disk_stops_the_import_and_loses_nothing_taken(void **state)
{
    (void)state;
    char disk[64], file[64], map[512];
    scratch_folder(disk, sizeof disk, "disk");
    mount_small(disk, "size=6m", 0);
    close(scratch_file(file, sizeof file, "many"));
    write_many(file, 2000);
    (void)snprintf(map, sizeof map, "%s/letters.json", samples);
    struct town t;
    town_open(&t, disk);
    if (import(&t, file, map, false) != ERR_FULL)
        fail_msg("%s: %s", t.info.key, t.info.detail);
    const int64_t first = t.figures.open;
    assert_true(first > 0 && first < 2000);
    assert_int_equal(t.figures.rejected, 0);
    assert_int_equal(mount("tmpfs", disk, "tmpfs", MS_REMOUNT, "size=256m"), 0);
    struct import_probe_row row;
    look(&t, &row);
    assert_int_equal(row.matters, first);
    if (import(&t, file, map, false) != ERR_OK)
        fail_msg("%s: %s", t.info.key, t.info.detail);
    check_figures(&t, 2000 - first, 0, first, 0);
    town_done(&t);
    assert_int_equal(umount(disk), 0);
    (void)rmdir(disk);
    (void)unlink(file);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_file_is_taken_once_in_any_encoding),
    cmocka_unit_test(a_dry_run_writes_nothing),
    cmocka_unit_test(bad_rows_are_rejected_and_the_others_taken),
    cmocka_unit_test(rejects_put_right_are_imported_with_the_same_map),
    cmocka_unit_test(stopping_keeps_what_was_taken_and_goes_on_later),
    cmocka_unit_test(what_does_not_fit_is_said_before_the_first_row),
    cmocka_unit_test(a_full_disk_stops_the_import_and_loses_nothing_taken),
    cmocka_unit_test(the_real_files_are_taken_whole),
};

int main(int argc, char **argv)
{
    if (argc > 2) {
        samples = argv[1];
        packs = argv[2];
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
