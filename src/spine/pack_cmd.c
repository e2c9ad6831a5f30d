/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * huiyin pack check DIR...
 *
 * Loads each pack as a server would and prints every fault as file:line: path: sentence, or one
 * line saying that the pack stands. Exit 0 when all stand, 1 when one does not, 2 when no folder is
 * named.
 */
#include "base/mem.h"
#include "spine/pack.h"
#include "spine/terminal.h"

static void print_faults(const char *dir, const struct pack_faults *faults)
{
    for (size_t i = 0; i < faults->count; i++) {
        CLEANUP(buf_done) struct buf b;
        buf_init(&b, 65536);
        buf_c(&b, dir);
        buf_char(&b, '/');
        pack_fault_print(&faults->fault[i], msg_lang_tag(terminal_lang()), &b);
        buf_char(&b, '\n');
        if (buf_err(&b) == ERR_OK)
            fwrite(b.ptr, 1, b.len, stdout);
    }
    struct msg_arg count = msg_number("n", (int64_t)faults->count);
    if (faults->more)
        terminal_say(stdout, MSG_PACK_CHECK_MORE, &count, 1);
    struct msg_arg args[] = {msg_text("dir", str_of(dir)), count};
    terminal_say(stdout, MSG_PACK_CHECK_FAULTS, args, 2);
}

static bool check_one(const char *dir)
{
    struct err_info info = {0};
    CLEANUP(pack_faults_done) struct pack_faults faults;
    pack_faults_init(&faults);
    const struct pack *p = NULL;
    enum err err = pack_load(dir, NULL, &faults, &info, &p);
    if (err == ERR_INVALID && faults.count > 0) {
        print_faults(dir, &faults);
        return false;
    }
    if (err != ERR_OK) {
        info.err = err;
        terminal_say_err(stdout, &info);
        return false;
    }
    struct msg_arg args[] = {
        msg_text("name", p->name_version),
        msg_number("kinds", (int64_t)p->kind_count),
        msg_number("dues", (int64_t)p->due_count),
        msg_number("calendars", (int64_t)p->calendar_count),
    };
    terminal_say(stdout, MSG_PACK_CHECK_STANDS, args, 4);
    pack_free(p);
    return true;
}

int cmd_pack_check(int argc, char **argv)
{
    if (argc < 2) {
        terminal_say(stderr, MSG_PACK_CHECK_USAGE, NULL, 0);
        return 2;
    }
    int code = 0;
    for (int i = 1; i < argc; i++) {
        size_t len = strlen(argv[i]);
        while (len > 1 && argv[i][len - 1] == '/')
            argv[i][--len] = '\0';
        code = check_one(argv[i]) ? code : 1;
    }
    return code;
}
