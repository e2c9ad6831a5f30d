/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What a witness keeps, and what it fetches to keep it. */
#include "base/mem.h"
#include "spine/tile.h"
#include "verify/tiles.h"
#include "verify/tool.h"
#include "witness/witness.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MODE = 0600, FOLDER_MODE = 0700, TILE_BYTES_MAX = TILE_WIDTH * HASH_BYTES };

struct str state_read(const struct errand *e, const char *name)
{
    struct str text;
    const char *path = arena_printf(e->arena, "%s/%s", e->state, name);
    return tool_read(e->arena, path, NOTE_BYTES_MAX, &text) && text.len > 0 ? text : STR_NULL;
}

static bool write_all(int fd, struct str text)
{
    for (size_t done = 0; done < text.len;) {
        ssize_t n = write(fd, text.ptr + done, text.len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        done += (size_t)n;
    }
    return fsync(fd) == 0;
}

/* A new name beside it, then in one step in its place. */
static bool file_write(const struct errand *e, const char *folder, const char *path,
                       struct str text)
{
    const char *fresh = arena_printf(e->arena, "%s.new", path);
    int fd = fresh == NULL
                 ? -1
                 : open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
    bool is_good = fd >= 0 && write_all(fd, text);
    if (fd >= 0)
        is_good = close(fd) == 0 && is_good;
    is_good = is_good && rename(fresh, path) == 0;
    int dir = is_good ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    is_good = dir >= 0 && fsync(dir) == 0;
    if (dir >= 0)
        (void)close(dir);
    if (!is_good)
        errand_say("%s cannot be written: %s.", "%s 无法写入：%s。", path, strerror(errno));
    return is_good;
}

bool state_write(const struct errand *e, const char *name, struct str text)
{
    const char *path = arena_printf(e->arena, "%s/%s", e->state, name);
    (void)mkdir(e->state, FOLDER_MODE);
    return path != NULL && file_write(e, e->state, path, text);
}

bool head_fetch(const struct errand *e, struct note_key *ret_log, struct str *ret_note,
                struct checkpoint *ret_head, enum witness_answer *ret_answer)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, NOTE_BYTES_MAX);
    *ret_answer = WITNESS_USAGE;
    if (e->log == NULL || !note_key_parse(str_of(e->log), ret_log) ||
        ret_log->algorithm != NOTE_ED25519) {
        errand_say("The log's key is needed: --log VKEY, as /log/vkey says.",
                   "需要日志的公钥：--log 公钥（见 /log/vkey）。");
        return false;
    }
    enum err err = e->url == NULL ? ERR_INVALID : fetch(e, "checkpoint", &b);
    if (err != ERR_OK) {
        errand_say("There is no checkpoint to fetch.", "没有可取的检查点。");
        return false;
    }
    *ret_note = str_copy(e->arena, buf_view(&b));
    *ret_answer = WITNESS_ALARM;
    if (ret_note->ptr == NULL || note_parse(*ret_note, ret_head) != ERR_OK ||
        !str_eq(ret_head->origin, ret_log->name) ||
        note_check(ret_head, ret_log, NULL) != NOTE_SIGNED) {
        errand_say("ALARM: what is at %s is not signed by this log.",
                   "警报：%s 的内容并非由该日志签名。", e->url);
        return false;
    }
    *ret_answer = WITNESS_DONE;
    return true;
}

/* Every folder on the way to a file. */
static void folders_make(const char *path)
{
    char part[1024];
    for (const char *at = strchr(path + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
        (void)snprintf(part, sizeof part, "%.*s", (int)(at - path), path);
        (void)mkdir(part, FOLDER_MODE);
    }
}

enum err tile_fetch(const struct errand *e, const char *folder, unsigned level, uint64_t n,
                    uint64_t size)
{
    CLEANUP(buf_done) struct buf body;
    CLEANUP(buf_done) struct buf name;
    const struct tile t = tile_of(level, n, size);
    const char *path = tiles_path(e->arena, folder, &t);
    buf_init(&body, TILE_BYTES_MAX);
    buf_init(&name, 200);
    buf_c(&name, "tile/");
    tile_put(&t, &name);
    buf_char(&name, '\0');
    TRY(buf_err(&name));
    if (path == NULL)
        return ERR_NOMEM;
    if (access(path, R_OK) == 0)
        return ERR_OK; /* what a tile holds never changes */
    TRY(fetch(e, name.ptr, &body));
    if (body.len != (size_t)t.width * HASH_BYTES)
        return ERR_CORRUPT;
    folders_make(path);
    return file_write(e, folder, path, buf_view(&body)) ? ERR_OK : ERR_IO;
}
