/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "main/say.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>

const struct msg_lang *say_lang(void)
{
    static const char *const NAMES[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        const char *value = getenv(NAMES[i]);
        if (value == NULL || value[0] == '\0')
            continue;
        const struct msg_lang *lang = value[0] == 'z' ? msg_lang_find(STR("zh-CN")) : NULL;
        return lang != NULL ? lang : msg_lang_at(0);
    }
    return msg_lang_at(0);
}

void say_line(enum msg_key key, const struct msg_arg *args, size_t count)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 16 * 1024);
    msg_put(&b, say_lang(), key, args, count);
    printf(STR_FMT "\n", STR_ARG(buf_view(&b)));
    (void)fflush(stdout);
}

void say_error(const struct err_info *info)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 16 * 1024);
    msg_put_err(&b, say_lang(), info);
    fprintf(stderr, "huiyin: " STR_FMT "\n", STR_ARG(buf_view(&b)));
    if (info->detail[0] != '\0')
        fprintf(stderr, "  %s\n", info->detail);
}
