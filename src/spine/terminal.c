/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "spine/terminal.h"

#include "base/mem.h"

const struct msg_lang *terminal_lang(void)
{
    static const char *const NAMES[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
        const char *value = getenv(NAMES[i]);
        if (value == NULL || value[0] == '\0')
            continue;
        /* "zh_CN.UTF-8@x": language and country, in the form of a language tag. */
        char tag[16];
        size_t n = strcspn(value, ".@");
        n = n < sizeof(tag) - 1 ? n : sizeof(tag) - 1;
        for (size_t k = 0; k < n; k++)
            tag[k] = value[k] == '_' ? '-' : value[k];
        tag[n] = '\0';
        const struct msg_lang *lang = msg_lang_find(str_of(tag));
        return lang != NULL ? lang : msg_lang_at(0);
    }
    return msg_lang_at(0);
}

static void put_line(FILE *out, struct buf *b)
{
    buf_char(b, '\n');
    if (buf_err(b) == ERR_OK)
        fwrite(b->ptr, 1, b->len, out);
    (void)fflush(out); /* "ready" is waited for, also through a pipe */
}

void terminal_say(FILE *out, enum msg_key key, const struct msg_arg *args, size_t args_count)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 65536);
    msg_put(&b, terminal_lang(), key, args, args_count);
    put_line(out, &b);
}

void terminal_say_err(FILE *out, const struct err_info *info)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 65536);
    msg_put_err(&b, terminal_lang(), info);
    if (info->detail[0] != '\0')
        buf_printf(&b, " (%s)", info->detail);
    put_line(out, &b);
}
