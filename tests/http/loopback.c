/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/http/loopback.h"

#include "base/mem.h"
#include "lib/crypt/crypt.h"
#include "spine/house.h"
#include "tests/check.h"
#include "tests/scratch.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void open_store(struct loopback *lb, const struct loopback_options *o)
{
    struct err_info info = {0};
    scratch_folder(lb->folder, sizeof lb->folder, "http");
    assert_int_equal(crypt_init(), ERR_OK);
    assert_int_equal(db_setup(&info), ERR_OK);
    if (db_open(lb->folder, DB_STORE_MAIN, DB_WRITE, &lb->db, &info) != ERR_OK)
        fail_msg("%s", info.detail);
    struct writer_options w = {.db = lb->db, .queue_max = o->queue_max};
    assert_int_equal(writer_new(&w, &lb->writer, &info), ERR_OK);
    assert_int_equal(readers_new(lb->folder, DB_STORE_MAIN, 0, &lb->readers, &info), ERR_OK);
}

void loopback_open(struct loopback *lb, const struct loopback_options *o)
{
    struct err_info info = {0};
    *lb = (struct loopback){.borrowed = false};
    lb->borrowed = o->house != NULL && o->house->writer != NULL;
    if (lb->borrowed) {
        lb->writer = o->house->writer;
        lb->readers = o->house->readers;
    } else {
        open_store(lb, o);
    }
    struct route_span span = {o->routes, o->route_count};
    struct server_listener listener = {.kind = o->kind == LISTEN_UNSET ? LISTEN_LOCAL : o->kind,
                                       .address = "127.0.0.1:0",
                                       .proxy_line = o->proxy_line,
                                       .origin = o->origin};
    struct server_config config = {.listeners = &listener,
                                   .listener_count = 1,
                                   .routes = &span,
                                   .route_count = 1,
                                   .auth = o->auth,
                                   .writer = lb->writer,
                                   .readers = lb->readers,
                                   .house = o->house,
                                   .statics = o->statics,
                                   .budgets = o->budgets == NULL ? &BUDGET_OFF : o->budgets,
                                   .connections_max = o->connections_max,
                                   .threads = o->threads,
                                   .onion = o->onion,
                                   .quiet = true};
    if (server_start(&config, &info, &lb->server) != ERR_OK)
        fail_msg("server_start: %s", info.detail);
}

void loopback_close(struct loopback *lb)
{
    server_stop(lb->server, 2000);
    if (lb->borrowed)
        return;
    writer_free(lb->writer);
    readers_free(lb->readers);
    db_close(lb->db);
    DIR *dir = opendir(lb->folder);
    for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir))
        (void)unlinkat(dirfd(dir), e->d_name, 0);
    (void)closedir(dir);
    (void)rmdir(lb->folder);
}

static void patience(int fd)
{
    struct timeval wait = {.tv_sec = 10};
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait), 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait), 0);
}

int loopback_pair(struct loopback *lb)
{
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    assert_int_equal(server_adopt(lb->server, 0, fds[1]), ERR_OK);
    patience(fds[0]);
    return fds[0];
}

int loopback_tcp(struct loopback *lb)
{
    struct sockaddr_in addr = {.sin_family = AF_INET,
                               .sin_port = htons(server_port(lb->server, 0)),
                               .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&addr, sizeof addr), 0);
    patience(fd);
    return fd;
}

int loopback_unix(const char *path)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0 && strlen(path) < sizeof addr.sun_path);
    memcpy(addr.sun_path, path, strlen(path) + 1);
    assert_int_equal(connect(fd, (const struct sockaddr *)&addr, sizeof addr), 0);
    patience(fd);
    return fd;
}

void loopback_write(int fd, struct str bytes)
{
    while (bytes.len > 0) {
        ssize_t n = send(fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);
        if (n <= 0)
            return; /* the server has answered and closed: the answer says what it thinks */
        bytes = str_sub(bytes, (size_t)n, bytes.len);
    }
}

static void parse(struct answer_read *r)
{
    struct str all = str_make(r->bytes, r->len);
    size_t gap = str_find(all, STR("\r\n\r\n"));
    int64_t status = 0;
    if (gap == SIZE_MAX || !str_to_i64(str_sub(all, 9, 3), 100, 599, &status))
        fail_msg("no answer: \"%.*s\"", (int)(r->len < 200 ? r->len : 200), r->bytes);
    r->status = (int)status;
    r->head = str_sub(all, 0, gap + 2);
    r->body = str_sub(all, gap + 4, all.len);
}

void loopback_read(int fd, bool head_only, struct answer_read *r)
{
    r->len = 0;
    r->closed = false;
    for (;;) {
        size_t gap = str_find(str_make(r->bytes, r->len), STR("\r\n\r\n"));
        if (gap != SIZE_MAX) {
            int64_t want = 0;
            parse(r);
            (void)str_to_i64(answer_header(r, "Content-Length"), 0, READ_BYTES_MAX, &want);
            if (head_only || r->body.len >= (size_t)want)
                return;
        }
        ssize_t n = recv(fd, r->bytes + r->len, sizeof r->bytes - r->len, 0);
        if (n <= 0) {
            r->closed = true;
            parse(r);
            return;
        }
        r->len += (size_t)n;
    }
}

static void exchange_one(struct loopback *lb, struct str request, struct answer_read *ret)
{
    int fd = loopback_pair(lb);
    loopback_write(fd, request);
    loopback_read(fd, false, ret);
    (void)close(fd);
}

void loopback_get(struct loopback *lb, const char *path, const char *headers,
                  struct answer_read *ret)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 1 << 20);
    buf_printf(&b, "GET %s HTTP/1.1\r\n%s%s\r\n", path,
               strstr(headers, "Host:") == NULL ? "Host: localhost\r\n" : "", headers);
    exchange_one(lb, buf_view(&b), ret);
}

void loopback_post(struct loopback *lb, const char *path, const char *headers, struct str body,
                   struct answer_read *ret)
{
    CLEANUP(buf_done) struct buf b;
    buf_init(&b, 32 << 20);
    buf_printf(&b, "POST %s HTTP/1.1\r\n%s%s%sContent-Length: %zu\r\n\r\n", path,
               strstr(headers, "Host:") == NULL ? "Host: localhost\r\n" : "",
               strstr(headers, "Content-Type:") == NULL
                   ? "Content-Type: application/x-www-form-urlencoded\r\n"
                   : "",
               headers, body.len);
    buf_str(&b, body);
    exchange_one(lb, buf_view(&b), ret);
}

static struct str header_after(struct str head, const char *name, size_t *at)
{
    size_t len = strlen(name);
    struct str rest = str_sub(head, *at, head.len);
    while (rest.len > 0) {
        size_t eol = str_find(rest, STR("\r\n"));
        struct str line = str_sub(rest, 0, eol == SIZE_MAX ? rest.len : eol);
        size_t step = eol == SIZE_MAX ? rest.len : eol + 2;
        *at += step;
        rest = str_sub(rest, step, rest.len);
        if (line.len > len && line.ptr[len] == ':' && strncasecmp(line.ptr, name, len) == 0)
            return str_trim(str_sub(line, len + 1, line.len));
    }
    return STR_NULL;
}

struct str answer_header(const struct answer_read *r, const char *name)
{
    size_t at = 0;
    return header_after(r->head, name, &at);
}

struct str answer_cookie(const struct answer_read *r, const char *name)
{
    size_t at = 0;
    for (;;) {
        struct str value = header_after(r->head, "Set-Cookie", &at);
        if (str_is_null(value))
            return STR("");
        struct str pair;
        (void)str_cut(&value, ';', &pair);
        if (str_starts(pair, str_of(name)) && pair.ptr[strlen(name)] == '=')
            return pair;
    }
}

bool answer_has(const struct answer_read *r, const char *text)
{
    return str_find(r->body, str_of(text)) != SIZE_MAX;
}
