/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "main/log_audit.h"

#include "base/instant.h"
#include "base/mem.h"
#include "db/db.h"
#include "main/commands.h"
#include "main/options.h"
#include "spine/audit.h"
#include "spine/ref.h"
#include "spine/terminal.h"
#include "trust/keeper.h"
#include "trust/keys.h"
#include "trust/open.h"

#include <stdio.h>
#include <unistd.h>

enum { FAULTS_SHOWN = 200, PROGRESS_US = 500000 };

struct auditor {
    const uint8_t *k_id;
    int64_t shown;
    int64_t began_us;
    int64_t said_us;
    bool is_terminal;
};

/* A stretch of progress would stand before the next line. */
static void clear_line(const struct auditor *a)
{
    if (a->is_terminal)
        fprintf(stderr, "\r\033[K");
}

static void on_fault(void *ctx, const struct audit_fault *f)
{
    struct auditor *a = ctx;
    if (++a->shown > FAULTS_SHOWN)
        return;
    char ref[REF_BYTES + 1] = "-";
    if (f->dossier.v > 0)
        ref_format(a->k_id, f->dossier, ref);
    const struct msg_arg args[] = {msg_number("leaf", f->index), msg_text("ref", str_of(ref)),
                                   msg_number("n", f->seq)};
    clear_line(a);
    terminal_say(stdout, msg_key_find(str_of(audit_fault_key(f->kind))), args, 3);
}

static void on_progress(void *ctx, int64_t done, int64_t size)
{
    struct auditor *a = ctx;
    int64_t now_us = instant_monotonic();
    if (!a->is_terminal || now_us - a->said_us < PROGRESS_US)
        return;
    a->said_us = now_us;
    int64_t rate = done * US_PER_SECOND / (now_us - a->began_us + 1) + 1;
    const struct msg_arg args[] = {msg_number("done", done), msg_number("all", size),
                                   msg_number("rate", rate),
                                   msg_number("left", (size - done) / rate)};
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 4096);
    msg_put(&b, terminal_lang(), MSG_LOG_AUDIT_PROGRESS, args, 4);
    clear_line(a);
    fprintf(stderr, STR_FMT, STR_ARG(buf_view(&b)));
}

static void say_result(const struct auditor *a, const struct audit_result *r)
{
    CLEANUP(buf_done) struct buf root;
    buf_init(&root, 128);
    buf_b64(&root, r->root.b, sizeof r->root.b);
    const struct msg_arg args[] = {
        msg_number("leaves", r->size),       msg_number("events", r->events),
        msg_number("padding", r->padding),   msg_number("shredded", r->shredded),
        msg_number("dossiers", r->dossiers), msg_number("heads", r->checkpoints),
        msg_text("root", buf_view(&root)),
    };
    clear_line(a);
    terminal_say(stdout, MSG_LOG_AUDIT_COUNTED, args, sizeof args / sizeof *args);
    const struct msg_arg faults = msg_number("faults", r->faults);
    if (r->faults > FAULTS_SHOWN)
        terminal_say(stdout, MSG_LOG_AUDIT_MORE, &faults, 1);
    terminal_say(stdout, r->faults == 0 ? MSG_LOG_AUDIT_SOUND : MSG_LOG_AUDIT_FAULTY, &faults, 1);
}

static enum err audit_house(struct house *h, const char *data, struct keeper *keeper,
                            struct audit_result *ret_result, struct err_info *info)
{
    CLEANUP(db_close_ptr) struct db *db = NULL;
    struct log_head head;
    struct auditor a = {.k_id = h->keys->k_id,
                        .began_us = instant_monotonic(),
                        .is_terminal = isatty(STDERR_FILENO) == 1};
    TRY(db_open(data, DB_STORE_MAIN, DB_READ, &db, info));
    TRY(keeper_err(keeper_log_head(keeper, &head)));
    const struct audit_setup setup = {
        .origin = h->origin,
        .keys = h->keys,
        .log_public_key = keeper_signer(keeper)->public_key,
        .head = &head,
        .on_fault = on_fault,
        .on_progress = on_progress,
        .ctx = &a,
    };
    enum err err = log_audit(db, &setup, ret_result);
    if (err == ERR_OK)
        say_result(&a, ret_result);
    else
        *info = *db_fault(db);
    return err;
}

static enum err audit(const char *data, const char *packs, struct audit_result *ret_result,
                      struct err_info *info)
{
    struct open_house *o = NULL;
    struct keeper *keeper = NULL;
    TRY(house_open(&(struct house_how){.data_dir = data, .packs = packs}, &o, info));
    struct house *h = open_house_get(o);
    const struct keeper_setup setup = {.dir = data, .origin = h->origin};
    enum err err = keeper_open(&setup, &keeper, info);
    if (err == ERR_OK)
        err = audit_house(h, data, keeper, ret_result, info);
    keeper_close(keeper);
    house_close(o);
    return err;
}

int cmd_log_audit(int argc, char **argv)
{
    const char *data = "var";
    const char *packs = NULL;
    const struct option_row rows[] = {{"--data", &data, NULL}, {"--packs", &packs, NULL}};
    size_t operands = 0;
    if (!options_read(argc, argv, rows, 2, NULL, 0, &operands))
        return EXIT_USAGE;
    struct err_info info = {0};
    struct audit_result result = {0};
    enum err err = audit(data, packs, &result, &info);
    if (err != ERR_OK) {
        info.err = err;
        terminal_say_err(stderr, &info);
    }
    return err == ERR_OK && result.faults == 0 ? EXIT_DONE : EXIT_WRONG;
}
