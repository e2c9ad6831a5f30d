/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "verify/tool.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static bool is_chinese(void)
{
    static const char *const NAMES[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        const char *value = getenv(NAMES[i]);
        if (value != NULL && value[0] != '\0')
            return strncmp(value, "zh", 2) == 0;
    }
    return false;
}

const char *tool_word(const char *english, const char *chinese)
{
    return is_chinese() ? chinese : english;
}

void tool_say(FILE *to, const char *english, const char *chinese, va_list args)
{
    /* The analyzer loses sight of va_start in glibc's fortified vfprintf. */
    if (is_chinese())
        (void)vfprintf(to, chinese, args); /* NOLINT(clang-analyzer-valist.Uninitialized) */
    else
        (void)vfprintf(to, english, args); /* NOLINT(clang-analyzer-valist.Uninitialized) */
    (void)fputc('\n', to);
}

bool tool_options(int argc, char **argv, const struct tool_option *options, size_t option_count,
                  const char **words, size_t count)
{
    size_t found = 0;
    for (int i = 2; i < argc; i++) {
        const char **value = NULL;
        for (size_t k = 0; k < option_count; k++)
            if (strcmp(argv[i], options[k].name) == 0)
                value = options[k].value;
        if (value != NULL && i + 1 < argc)
            *value = argv[++i];
        else if (value != NULL || strncmp(argv[i], "--", 2) == 0 || found == count)
            return false;
        else
            words[found++] = argv[i];
    }
    return found == count;
}

bool tool_read(struct arena *a, const char *path, size_t most, struct str *ret_text)
{
    FILE *f = path == NULL ? NULL : fopen(path, "rb");
    char piece[16384];
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, most);
    for (size_t n = 1; f != NULL && n > 0 && buf_err(&b) == ERR_OK;) {
        n = fread(piece, 1, sizeof piece, f);
        buf_bytes(&b, piece, n);
    }
    bool is_good = f != NULL && ferror(f) == 0 && buf_err(&b) == ERR_OK;
    if (f != NULL)
        (void)fclose(f);
    *ret_text = str_copy(a, b.len == 0 ? STR("") : buf_view(&b));
    return is_good && ret_text->ptr != NULL;
}
