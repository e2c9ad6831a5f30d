/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "reach/import.h"

#include "base/instant.h"
#include "base/mem.h"
#include "lib/text/msg.h"
#include "reach/import_run.h"
#include "spine/office.h"
#include "trust/open.h"

#include <signal.h>
#include <unistd.h>

enum {
    ARENA_BYTES_MAX = 8 << 20,
    PROGRESS_US = 200000,
    CODE_DONE = 0,
    CODE_FAILED = 1,
    CODE_USAGE = 2
};

struct wanted {
    const char *file;
    const char *map;
    const char *office;
    const char *rejects;
    const char *data_dir;
    bool dry_run;
};

struct told {
    const struct msg_lang *lang;
    int64_t began_us;
    int64_t last_us;
    bool is_terminal;
    bool has_line; /* a progress line stands on the terminal */
};

static volatile sig_atomic_t stop_asked;

static void ask_stop(int signal)
{
    (void)signal;
    stop_asked = 1;
}

/* The language of the one at the terminal. */
static const struct msg_lang *terminal_lang(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < 3; i++) {
        const char *value = getenv(names[i]);
        if (value == NULL || value[0] == '\0')
            continue;
        return msg_lang_find(str_starts(str_of(value), STR("zh")) ? STR("zh-CN") : STR("en"));
    }
    return msg_lang_find(STR("en"));
}

/* ---- saying
 * ---------------------------------------------------------------------------------------- */

static void end_progress(struct told *t)
{
    if (t->has_line)
        fputs("\r\033[K", stderr);
    t->has_line = false;
}

static void say(FILE *to, struct told *t, enum msg_key key, const struct msg_arg *args,
                size_t count)
{
    CLEANUP(buf_done) struct buf line;
    buf_init(&line, 1 << 16);
    end_progress(t);
    msg_put(&line, t->lang, key, args, count);
    fprintf(to, STR_FMT "\n", STR_ARG(buf_view(&line)));
}

static void say_err(struct told *t, const char *before, const struct err_info *info, enum err err)
{
    CLEANUP(buf_done) struct buf line;
    buf_init(&line, 1 << 16);
    struct err_info why = *info;
    if (why.err == ERR_OK)
        (void)err_set(&why, err, NULL, "import");
    end_progress(t);
    msg_put_err(&line, t->lang, &why);
    fprintf(stderr, "%s: " STR_FMT "\n", before, STR_ARG(buf_view(&line)));
}

static void say_faults(struct told *t, const struct wanted *w, const struct import_faults *faults)
{
    for (size_t i = 0; i < faults->count; i++) {
        const struct import_fault *f = &faults->fault[i];
        CLEANUP(buf_done) struct buf where;
        buf_init(&where, 1 << 14);
        if (f->line > 0 || f->path.len > 0)
            buf_printf(&where, "%s:%d: " STR_FMT, w->map, (int)f->line, STR_ARG(f->path));
        else
            buf_c(&where, w->file);
        buf_char(&where, '\0');
        say_err(t, buf_err(&where) == ERR_OK ? where.ptr : w->map, &f->why, ERR_INVALID);
    }
    if (faults->more)
        say(stderr, t, MSG_IMPORT_MORE_FAULTS, NULL, 0);
}

/* One line, rewritten: rows, rate, share, time left. */
static void on_progress(void *ctx, const struct import_figures *f)
{
    struct told *t = ctx;
    const int64_t now_us = instant_monotonic();
    if (!t->is_terminal || now_us - t->last_us < PROGRESS_US || f->size == 0)
        return;
    t->last_us = now_us;
    const int64_t took_us = now_us - t->began_us + 1;
    const int64_t left_us = (int64_t)((f->size - f->bytes) / (f->bytes / (uint64_t)took_us + 1));
    const struct msg_arg args[] = {
        msg_number("rows", f->rows),
        msg_number("rate", f->rows * US_PER_SECOND / took_us),
        msg_number("share", (int64_t)(f->bytes * 100 / f->size)),
        msg_number("left", left_us / US_PER_SECOND),
        msg_number("rejected", f->rejected),
    };
    CLEANUP(buf_done) struct buf line;
    buf_init(&line, 4096);
    msg_put(&line, t->lang, MSG_IMPORT_PROGRESS, args, sizeof args / sizeof *args);
    fprintf(stderr, "\r\033[K" STR_FMT, STR_ARG(buf_view(&line)));
    t->has_line = true;
}

static void say_figures(struct told *t, const struct wanted *w, const struct import_figures *f)
{
    const int64_t took_us = instant_monotonic() - t->began_us + 1;
    const struct msg_arg args[] = {
        msg_number("rows", f->rows),         msg_number("open", f->open),
        msg_number("ended", f->ended),       msg_number("known", f->known),
        msg_number("rejected", f->rejected), msg_number("rate", f->rows * US_PER_SECOND / took_us),
    };
    say(stdout, t, w->dry_run ? MSG_IMPORT_SUM_DRY : MSG_IMPORT_SUM, args,
        sizeof args / sizeof *args);
    const struct msg_arg path = msg_text("path", str_of(w->rejects));
    if (f->rejected > 0)
        say(stdout, t, MSG_IMPORT_REJECTS, &path, 1);
    const struct msg_arg line = msg_number("line", f->last_line);
    if (stop_asked != 0)
        say(stdout, t, MSG_IMPORT_STOPPED, &line, 1);
}

/* ---- called
 * ----------------------------------------------------------------------------------------- */

static bool read_words(int argc, char **argv, struct wanted *w)
{
    *w = (struct wanted){.data_dir = "var"};
    const struct {
        const char *name;
        const char **to;
    } options[] = {{"--map", &w->map},
                   {"--office", &w->office},
                   {"--rejects", &w->rejects},
                   {"--data", &w->data_dir}};
    for (int i = 1; i < argc; i++) {
        const struct str word = str_of(argv[i]);
        bool is_option = false;
        for (size_t k = 0; k < sizeof options / sizeof *options; k++) {
            if (!str_eq_c(word, options[k].name))
                continue;
            if (++i == argc)
                return false;
            *options[k].to = argv[i];
            is_option = true;
        }
        if (is_option)
            continue;
        if (str_eq_c(word, "--dry-run"))
            w->dry_run = true;
        else if (str_starts(word, STR("--")) || w->file != NULL)
            return false;
        else
            w->file = argv[i];
    }
    return w->file != NULL && w->map != NULL;
}

/* "messages.csv.rejects.csv" in the folder one stands in: the file's own may be read-only. */
static const char *rejects_path(struct arena *a, const char *file)
{
    const char *slash = strrchr(file, '/');
    return arena_printf(a, "%s.rejects.csv", slash != NULL ? slash + 1 : file);
}

static enum err find_office(const struct house *h, const struct wanted *w,
                            struct office_id *ret_office, struct err_info *info)
{
    if (w->office == NULL)
        return ERR_OK;
    const struct office *office = office_find_code(house_tree(h), str_of(w->office));
    if (office != NULL && office->active) {
        *ret_office = office->id;
        return ERR_OK;
    }
    (void)err_set(info, ERR_NOT_FOUND, "import.office_none", "no such office");
    err_arg(info, 0, w->office);
    return ERR_NOT_FOUND;
}

static enum err import(const struct wanted *w, const struct import_map *map, struct told *t,
                       struct import_faults *faults, struct import_figures *figures,
                       struct err_info *info)
{
    struct open_house *open = NULL;
    const struct house_how how = {.data_dir = w->data_dir, .write = !w->dry_run};
    TRY(house_open(&how, &open, info));
    struct import_job job = {.path = w->file,
                             .map = map,
                             .house = open_house_get(open),
                             .rejects = w->rejects,
                             .dry_run = w->dry_run,
                             .stop = &stop_asked,
                             .on_progress = on_progress,
                             .ctx = t};
    t->began_us = instant_monotonic();
    enum err err = find_office(job.house, w, &job.office, info);
    if (err == ERR_OK)
        err = import_run(&job, faults, figures, info);
    house_close(open);
    return err;
}

int cmd_import(int argc, char **argv)
{
    CLEANUP(arena_done) struct arena a;
    arena_init(&a, ARENA_BYTES_MAX);
    struct told t = {.lang = terminal_lang(), .is_terminal = isatty(2) == 1};
    struct wanted w;
    if (!read_words(argc, argv, &w))
        return CODE_USAGE;
    if (w.rejects == NULL)
        w.rejects = rejects_path(&a, w.file);
    struct import_faults *faults = ARENA_NEW(&a, struct import_faults);
    struct err_info info = {0};
    if (w.rejects == NULL || faults == NULL) {
        say_err(&t, w.file, &info, ERR_NOMEM);
        return CODE_FAILED;
    }
    const struct import_map *map = NULL;
    struct import_figures figures = {0};
    enum err err = import_map_load(&a, w.map, faults, &info, &map);
    if (err == ERR_OK) {
        const struct sigaction on_stop = {.sa_handler = ask_stop};
        (void)sigaction(SIGINT, &on_stop, NULL);
        (void)sigaction(SIGTERM, &on_stop, NULL);
        err = import(&w, map, &t, faults, &figures, &info);
    }
    if (faults->count > 0)
        say_faults(&t, &w, faults);
    else if (err != ERR_OK)
        say_err(&t, w.file, &info, err);
    if (figures.rows > 0)
        say_figures(&t, &w, &figures);
    return err == ERR_OK && figures.rejected == 0 && stop_asked == 0 ? CODE_DONE : CODE_FAILED;
}
