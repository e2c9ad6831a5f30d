/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * huiyin due check FILE.csv [--packs DIR]
 *
 * Recomputes a table of last days: columns calendar, start, amount, unit, roll, due, in any order;
 * roll is no, none or next_working_day. Calendars are those of the packs. Each line that is wrong
 * is printed with its working, each that cannot be read with what is wrong with it; then
 * "N right, M wrong". Exit 0 only when nothing was wrong.
 */
#include "base/mem.h"
#include "lib/csv/csv.h"
#include "lib/text/zone.h"
#include "spine/due.h"
#include "spine/pack.h"
#include "spine/terminal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum column { CALENDAR = 0, START, AMOUNT, UNIT, ROLL, DUE, COLUMNS };
enum { PACKS_MAX = 64, PIECE_BYTES = 65536 };

struct check {
    const char *file;
    struct arena arena;
    const struct pack *pack[PACKS_MAX];
    size_t pack_count;
    size_t at[COLUMNS]; /* where each column stands */
    size_t width;
    bool has_head;
    bool stop; /* the head is wrong: nothing can be read */
    int64_t right;
    int64_t wrong;
};

static void check_done(struct check *c)
{
    for (size_t i = 0; i < c->pack_count; i++)
        pack_free(c->pack[i]);
    arena_done(&c->arena);
}

/* ---- calendars --------------------------------------------------------------------------------
 */

static void close_dir(DIR **dir)
{
    if (*dir != NULL)
        closedir(*dir);
}

static enum err load_pack(struct check *c, const char *dir, const char *name)
{
    const char *path = arena_printf(&c->arena, "%s/%s", dir, name);
    if (path == NULL)
        return ERR_NOMEM;
    struct err_info info = {0};
    CLEANUP(pack_faults_done) struct pack_faults faults;
    pack_faults_init(&faults);
    enum err err = pack_load(path, dir, &faults, &info, &c->pack[c->pack_count]);
    if (err == ERR_OK)
        c->pack_count++;
    else if (err != ERR_NOT_FOUND)
        terminal_say_err(stderr, &info); /* its calendars are missing, and the lines say so */
    return err == ERR_NOMEM ? err : ERR_OK;
}

static enum err load_packs(struct check *c, const char *given, struct err_info *info)
{
    const char *dir = NULL;
    TRY(pack_find_dir(&c->arena, given, info, &dir));
    CLEANUP(close_dir) DIR *d = opendir(dir);
    if (d == NULL)
        return err_set(info, ERR_IO, NULL, "%s: %s", dir, strerror(errno));
    for (const struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        if (e->d_name[0] != '.' && strchr(e->d_name, '.') == NULL && c->pack_count < PACKS_MAX)
            TRY(load_pack(c, dir, e->d_name));
    }
    return ERR_OK;
}

static const struct calendar *find_calendar(const struct check *c, struct str id)
{
    for (size_t i = 0; i < c->pack_count; i++) {
        const struct calendar *calendar = pack_find_calendar(c->pack[i], id);
        if (calendar != NULL)
            return calendar;
    }
    return NULL;
}

/* ---- one row ------------------------------------------------------------------------------------
 */

static void say_row(struct check *c, enum msg_key key, int64_t line, struct str value)
{
    char number[24];
    snprintf(number, sizeof(number), "%lld", (long long)line);
    struct msg_arg args[] = {msg_text("file", str_of(c->file)), msg_text("line", str_of(number)),
                             msg_text("value", value)};
    terminal_say(stdout, key, args, 3);
    c->wrong++;
}

static bool parse_unit(struct str s, enum due_unit *ret)
{
    static const struct {
        const char *word;
        enum due_unit unit;
    } UNITS[] = {
        {"calendar_day", DUE_CALENDAR_DAY}, {"working_day", DUE_WORKING_DAY}, {"month", DUE_MONTH}};
    for (size_t i = 0; i < sizeof(UNITS) / sizeof(UNITS[0]); i++) {
        if (str_eq_c(s, UNITS[i].word)) {
            *ret = UNITS[i].unit;
            return true;
        }
    }
    return false;
}

struct wanted {
    struct due_rule rule;
    int32_t start_day;
    int32_t due_day;
};

/* What the row says; false when it was told what is wrong with it. */
static bool read_row(struct check *c, const struct csv_row *row, struct wanted *ret)
{
    struct str f[COLUMNS];
    for (size_t i = 0; i < COLUMNS; i++)
        f[i] = str_trim(row->fields[c->at[i]].text);
    int64_t amount = 0;
    *ret = (struct wanted){0};
    ret->rule.calendar = find_calendar(c, f[CALENDAR]);
    enum msg_key fault = MSG_NONE;
    struct str value = STR_NULL;
    if (ret->rule.calendar == NULL)
        fault = MSG_DUE_CHECK_CALENDAR, value = f[CALENDAR];
    else if (!day_parse(f[START], &ret->start_day))
        fault = MSG_DUE_CHECK_DATE, value = f[START];
    else if (!str_to_i64(f[AMOUNT], 1, 4000, &amount))
        fault = MSG_DUE_CHECK_AMOUNT, value = f[AMOUNT];
    else if (!parse_unit(f[UNIT], &ret->rule.span.unit))
        fault = MSG_DUE_CHECK_UNIT, value = f[UNIT];
    else if (!str_eq_c(f[ROLL], "no") && !str_eq_c(f[ROLL], "none") &&
             !str_eq_c(f[ROLL], "next_working_day"))
        fault = MSG_DUE_CHECK_ROLL, value = f[ROLL];
    else if (!day_parse(f[DUE], &ret->due_day))
        fault = MSG_DUE_CHECK_DATE, value = f[DUE];
    if (fault != MSG_NONE) {
        say_row(c, fault, row->line, value);
        return false;
    }
    ret->rule.span.amount = (int32_t)amount;
    ret->rule.roll =
        str_eq_c(f[ROLL], "next_working_day") ? DUE_ROLL_NEXT_WORKING_DAY : DUE_ROLL_NONE;
    return true;
}

static void say_working(struct check *c, const struct due *d)
{
    struct due_line *line = NULL;
    size_t count = 0;
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, 4 << 20);
    if (due_explain(&a, d, zone_utc(), NULL, &line, &count) != ERR_OK)
        return;
    for (size_t i = 0; i < count; i++) {
        CLEANUP(buf_done) struct buf b;
        buf_init(&b, 8192);
        buf_c(&b, "    ");
        due_line_print(&line[i], terminal_lang(), &b);
        buf_char(&b, '\n');
        if (buf_err(&b) == ERR_OK)
            fwrite(b.ptr, 1, b.len, stdout);
    }
    (void)c;
}

static void say_wrong(struct check *c, const struct csv_row *row, const struct wanted *w,
                      const struct due *d)
{
    CLEANUP(buf_done) struct buf found;
    buf_init(&found, 64);
    day_format(d->at_day, &found);
    char number[24];
    snprintf(number, sizeof(number), "%lld", (long long)row->line);
    struct msg_arg args[] = {
        msg_text("file", str_of(c->file)),
        msg_text("line", str_of(number)),
        msg_text("start", str_trim(row->fields[c->at[START]].text)),
        msg_number("amount", w->rule.span.amount),
        msg_text("unit", str_trim(row->fields[c->at[UNIT]].text)),
        msg_text("calendar", w->rule.calendar->id),
        msg_text("given", str_trim(row->fields[c->at[DUE]].text)),
        msg_text("found", buf_view(&found)),
    };
    terminal_say(stdout, MSG_DUE_CHECK_WRONG, args, sizeof(args) / sizeof(args[0]));
    say_working(c, d);
}

static void check_row(struct check *c, const struct csv_row *row)
{
    struct wanted w;
    if (!read_row(c, row, &w))
        return;
    struct err_info info = {0};
    struct due d;
    int64_t start_us = (int64_t)w.start_day * US_PER_DAY;
    if (due_start(&d, &w.rule, zone_utc(), start_us, &info) != ERR_OK) {
        CLEANUP(buf_done) struct buf b;
        buf_init(&b, 8192);
        msg_put_err(&b, terminal_lang(), &info);
        say_row(c, MSG_DUE_CHECK_ROW, row->line, buf_view(&b));
        return;
    }
    if (d.at_day == w.due_day) {
        c->right++;
        return;
    }
    c->wrong++;
    say_wrong(c, row, &w, &d);
}

/* ---- the file
 * ------------------------------------------------------------------------------------ */

static bool read_head(struct check *c, const struct csv_row *row)
{
    static const char *const NAMES[COLUMNS] = {"calendar", "start", "amount",
                                               "unit",     "roll",  "due"};
    c->width = row->count;
    for (size_t i = 0; i < COLUMNS; i++) {
        c->at[i] = SIZE_MAX;
        for (size_t k = 0; k < row->count; k++) {
            if (str_eq_c(str_trim(row->fields[k].text), NAMES[i]))
                c->at[i] = k;
        }
        if (c->at[i] == SIZE_MAX)
            return false;
    }
    return true;
}

static void take_row(struct check *c, const struct csv_row *row)
{
    struct msg_arg file = msg_text("file", str_of(c->file));
    if (!c->has_head) {
        c->has_head = true;
        if (row->fault != CSV_FINE || !read_head(c, row)) {
            terminal_say(stdout, MSG_DUE_CHECK_HEADER, &file, 1);
            c->stop = true;
        }
        return;
    }
    char number[24];
    snprintf(number, sizeof(number), "%lld", (long long)row->line);
    if (row->fault != CSV_FINE) {
        CLEANUP(buf_done) struct buf b;
        buf_init(&b, 8192);
        msg_put(&b, terminal_lang(), msg_key_find(str_of(csv_fault_key(row->fault))), NULL, 0);
        say_row(c, MSG_DUE_CHECK_ROW, row->line, buf_view(&b));
    } else if (row->count != c->width) {
        struct msg_arg args[] = {file, msg_text("line", str_of(number)),
                                 msg_number("n", (int64_t)row->count),
                                 msg_number("want", (int64_t)c->width)};
        terminal_say(stdout, MSG_DUE_CHECK_FIELDS, args, 4);
        c->wrong++;
    } else {
        check_row(c, row);
    }
}

static void say_unreadable(const struct check *c)
{
    struct msg_arg args[] = {msg_text("file", str_of(c->file)),
                             msg_text("why", str_of(strerror(errno)))};
    terminal_say(stdout, MSG_DUE_CHECK_UNREADABLE, args, 2);
}

static enum err read_rows(struct check *c, int fd, struct csv_reader *reader, char *piece)
{
    ssize_t n = 1;
    while (n > 0 && !c->stop) {
        n = read(fd, piece, PIECE_BYTES);
        if (n < 0) {
            say_unreadable(c);
            return ERR_IO;
        }
        TRY(csv_feed(reader, str_make(piece, (size_t)n), n == 0));
        struct csv_row row;
        while (!c->stop && csv_next(reader, &row))
            take_row(c, &row);
    }
    return ERR_OK;
}

/* False when the file could not be read as such a table. */
static bool check_file(struct check *c)
{
    int fd = open(c->file, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        say_unreadable(c);
        return false;
    }
    CLEANUP(csv_close) struct csv_reader *reader = NULL;
    CLEANUP(mem_free_ptr) char *piece = mem_new(PIECE_BYTES);
    enum err err = piece == NULL ? ERR_NOMEM : csv_open(',', &reader);
    if (err == ERR_OK)
        err = read_rows(c, fd, reader, piece);
    close(fd);
    if (err == ERR_NOMEM)
        terminal_say_err(stderr, &(struct err_info){.err = err});
    if (err == ERR_OK && !c->has_head) {
        struct msg_arg file = msg_text("file", str_of(c->file));
        terminal_say(stdout, MSG_DUE_CHECK_EMPTY, &file, 1);
    }
    return err == ERR_OK && c->has_head && !c->stop;
}

int cmd_due_check(int argc, char **argv)
{
    const char *packs = NULL;
    CLEANUP(check_done) struct check c = {0};
    arena_init(&c.arena, 1 << 20);
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--packs") == 0 && i + 1 < argc)
            packs = argv[++i];
        else if (strcmp(argv[i], "--data") == 0 && i + 1 < argc)
            i++; /* calendars come from the packs; the data folder is not needed */
        else if (c.file == NULL && argv[i][0] != '-')
            c.file = argv[i];
        else
            return 2;
    }
    if (c.file == NULL)
        return 2;
    struct err_info info = {0};
    enum err err = load_packs(&c, packs, &info);
    if (err != ERR_OK) {
        info.err = err;
        terminal_say_err(stderr, &info);
        return 1;
    }
    if (!check_file(&c))
        return 1;
    printf("%lld right, %lld wrong\n", (long long)c.right, (long long)c.wrong);
    return c.wrong == 0 ? 0 : 1;
}
