/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* init: a new data folder, what is shown only once, and the first administrator's link. */
#include "main/init.h"

#include "db/writer.h"
#include "lib/crypt/crypt.h"
#include "main/commands.h"
#include "main/options.h"
#include "main/town.h"
#include "people/people.h"
#include "spine/terminal.h"
#include "trust/open.h"

#include <stdio.h>

struct first {
    struct str login;
    struct str house_name;
    char link[PEOPLE_INVITE_BYTES];
};

static enum err first_job(struct tx *tx, void *ctx)
{
    struct first *f = ctx;
    return people_first(tx, f->login, f->house_name, f->link);
}

static void say_once(enum msg_key key, const char *name, const char *value)
{
    const struct msg_arg args[] = {msg_text(name, str_of(value))};
    terminal_say(stdout, key, args, 1);
}

static enum err administrator_make(const char *data, const char *login, const char *name,
                                   struct err_info *info)
{
    struct first f = {.login = str_of(login), .house_name = str_of(name)};
    struct open_house *o = NULL;
    const struct house_how how = {.data_dir = data, .write = true};
    TRY(house_open(&how, &o, info));
    enum err err = writer_call(open_house_get(o)->writer, first_job, &f, info);
    house_close(o);
    if (err == ERR_OK)
        say_once(MSG_MAIN_INIT_LINK, "link", f.link);
    crypt_wipe(&f, sizeof f);
    return err;
}

int cmd_init(int argc, char **argv)
{
    struct house_plan plan = {.data_dir = "var", .pack = "plain"};
    const char *login = "admin";
    const char *name = "Huiyin";
    const struct option_row rows[] = {
        {"--data", &plan.data_dir, NULL}, {"--pack", &plan.pack, NULL},
        {"--packs", &plan.packs, NULL},   {"--zone", &plan.zone, NULL},
        {"--origin", &plan.origin, NULL}, {"--demo", NULL, &plan.demo},
        {"--admin", &login, NULL},        {"--name", &name, NULL},
    };
    size_t operands = 0;
    if (!options_read(argc, argv, rows, sizeof rows / sizeof *rows, NULL, 0, &operands))
        return EXIT_USAGE;
    struct err_info info = {0};
    struct house_made made = {0};
    enum err err = house_make(&plan, &made, &info);
    if (err == ERR_OK) {
        say_once(MSG_MAIN_INIT_MADE, "folder", plan.data_dir);
        say_once(MSG_MAIN_INIT_PASSPHRASE, "words", made.passphrase);
    }
    crypt_wipe(&made, sizeof made);
    if (err == ERR_OK)
        err = plan.demo ? town_make(plan.data_dir, plan.packs, &info)
                        : administrator_make(plan.data_dir, login, name, &info);
    if (err != ERR_OK) {
        info.err = err;
        terminal_say_err(stderr, &info);
    }
    return err == ERR_OK ? EXIT_DONE : EXIT_WRONG;
}
