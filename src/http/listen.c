/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The accept thread: every listener, the PROXY line, and the hand-over to libmicrohttpd. */
#include "base/diag.h"
#include "base/instant.h"
#include "base/mem.h"
#include "http/exchange.h"
#include "http/proxy_line.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 1024, LISTENERS_MAX = 16, PENDING_MAX = 256, PROXY_WAIT_MS = 3000 };

/* A connection whose PROXY line has not come yet. */
struct pending {
    int fd;
    uint32_t listener;
    int64_t until_us;
};

struct accepting {
    struct server *server;
    pthread_t thread;
    int wake;
    atomic_bool stop;
    struct pending pending[PENDING_MAX];
    size_t pending_count;
};

/* ---- opening -------------------------------------------------------------------------------- */

static enum err open_unix(const char *path, struct listener *l, struct err_info *info)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    size_t len = strlen(path);
    if (len == 0 || len >= sizeof addr.sun_path)
        return err_set(info, ERR_INVALID, NULL, "unix socket path too long: %s", path);
    memcpy(addr.sun_path, path, len + 1);
    memcpy(l->path, path, len + 1);
    l->is_unix = true;
    (void)unlink(path);
    l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (l->fd < 0 || bind(l->fd, (const struct sockaddr *)&addr, sizeof addr) != 0 ||
        chmod(path, 0660) != 0 || listen(l->fd, BACKLOG) != 0)
        return err_set(info, ERR_IO, "http.listen_failed", "listen on %s: %s", path,
                       strerror(errno));
    return ERR_OK;
}

/* "127.0.0.1:8080" or "[::1]:8080" into a socket address; false when it is neither. */
static bool parse_tcp(const char *text, struct sockaddr_storage *ret_addr, socklen_t *ret_len)
{
    char host[64];
    const char *colon = strrchr(text, ':');
    int64_t port = 0;
    if (colon == NULL || (size_t)(colon - text) >= sizeof host ||
        !str_to_i64(str_of(colon + 1), 0, 65535, &port))
        return false;
    size_t len = (size_t)(colon - text);
    memcpy(host, text, len);
    host[len] = '\0';
    struct sockaddr_in *v4 = (struct sockaddr_in *)ret_addr;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ret_addr;
    if (len > 2 && host[0] == '[' && host[len - 1] == ']') {
        host[len - 1] = '\0';
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons((uint16_t)port);
        *ret_len = sizeof *v6;
        return inet_pton(AF_INET6, host + 1, &v6->sin6_addr) == 1;
    }
    v4->sin_family = AF_INET;
    v4->sin_port = htons((uint16_t)port);
    *ret_len = sizeof *v4;
    return inet_pton(AF_INET, host, &v4->sin_addr) == 1;
}

static bool is_loopback(const struct sockaddr_storage *addr)
{
    if (addr->ss_family == AF_INET)
        return (ntohl(((const struct sockaddr_in *)addr)->sin_addr.s_addr) >> 24) == 127;
    return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)addr)->sin6_addr);
}

static enum err open_tcp(const char *text, struct listener *l, struct err_info *info)
{
    struct sockaddr_storage addr = {0};
    socklen_t len = 0;
    int on = 1;
    if (!parse_tcp(text, &addr, &len)) {
        (void)err_set(info, ERR_INVALID, "http.listen_bad", "no address: %s", text);
        err_arg(info, 0, text);
        return ERR_INVALID;
    }
    if (!is_loopback(&addr)) {
        (void)err_set(info, ERR_INVALID, "http.listen_not_loopback",
                      "plain http is served on loopback only: %s", text);
        err_arg(info, 0, text);
        return ERR_INVALID;
    }
    l->fd = socket(addr.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (l->fd < 0 || setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(l->fd, (const struct sockaddr *)&addr, len) != 0 || listen(l->fd, BACKLOG) != 0 ||
        getsockname(l->fd, (struct sockaddr *)&addr, &len) != 0) {
        (void)err_set(info, ERR_IO, "http.listen_failed", "listen on %s: %s", text,
                      strerror(errno));
        err_arg(info, 0, text);
        return ERR_IO;
    }
    l->port = addr.ss_family == AF_INET ? ntohs(((struct sockaddr_in *)&addr)->sin_port)
                                        : ntohs(((struct sockaddr_in6 *)&addr)->sin6_port);
    return ERR_OK;
}

enum err listener_open(const struct server_listener *config, struct listener *ret_listener,
                       struct err_info *info)
{
    struct listener *l = ret_listener;
    *l = (struct listener){.fd = -1, .kind = config->kind, .proxy_line = config->proxy_line};
    if (config->kind <= LISTEN_UNSET || config->kind > LISTEN_ONION)
        return err_set(info, ERR_INVALID, NULL, "a listener without a kind");
    if (config->origin != NULL) {
        if (strlen(config->origin) >= sizeof l->origin)
            return err_set(info, ERR_INVALID, NULL, "origin too long");
        memcpy(l->origin, config->origin, strlen(config->origin) + 1);
    }
    if (config->address == NULL) /* connections come through server_adopt only */
        return ERR_OK;
    if (strncmp(config->address, "unix:", 5) == 0)
        return open_unix(config->address + 5, l, info);
    return open_tcp(config->address, l, info);
}

void listener_close(struct listener *l)
{
    if (l->fd >= 0)
        (void)close(l->fd);
    if (l->fd >= 0 && l->is_unix)
        (void)unlink(l->path);
    l->fd = -1;
}

/* ---- handing over --------------------------------------------------------------------------- */

static void refuse_full(int fd)
{
    static const char FULL[] = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\n"
                               "Connection: close\r\nContent-Length: 0\r\n\r\n";
    (void)!send(fd, FULL, sizeof FULL - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)close(fd);
}

const struct peer *peer_of(const struct sockaddr *addr)
{
    return &((const struct peer_address *)(const void *)addr)->peer;
}

enum err accepting_add(struct server *s, uint32_t listener, int fd, struct str reduced)
{
    struct peer_address addr = {.family = AF_UNIX, .peer = {.listener = listener}};
    int on = 1;
    if (atomic_load(&s->connections) >= s->config.connections_max) {
        atomic_fetch_add(&s->refused_busy, 1);
        refuse_full(fd);
        return ERR_BUSY;
    }
    budget_peer_of(s->budgets, reduced, instant_now(), &addr.peer.budget);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on); /* unix sockets have none */
    enum err err = workers_hand(s, fd, &addr);
    if (err == ERR_OK)
        return ERR_OK;
    atomic_fetch_add(&s->refused_busy, 1);
    refuse_full(fd);
    return err;
}

/* The address of a TCP client, cut to its net; loopback is nobody in particular. */
static struct str reduce_socket(const struct sockaddr_storage *addr, char room[PROXY_REDUCED_MAX])
{
    if (addr->ss_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)addr;
        return proxy_reduce(AF_INET, &v4->sin_addr, room);
    }
    if (addr->ss_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)addr;
        return proxy_reduce(AF_INET6, &v6->sin6_addr, room);
    }
    return STR("");
}

static void take_all(struct accepting *a, uint32_t index)
{
    const struct listener *l = &a->server->listeners[index];
    for (int i = 0; i < BACKLOG; i++) {
        struct sockaddr_storage addr = {0};
        socklen_t len = sizeof addr;
        int fd = accept4(l->fd, (struct sockaddr *)&addr, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            if (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)
                (void)poll(NULL, 0, 20); /* no descriptors, no memory: let some be freed */
            return;
        }
        if (!l->proxy_line) {
            char room[PROXY_REDUCED_MAX];
            (void)accepting_add(a->server, index, fd, reduce_socket(&addr, room));
        } else if (a->pending_count == PENDING_MAX) {
            refuse_full(fd);
        } else {
            a->pending[a->pending_count++] =
                (struct pending){.fd = fd,
                                 .listener = index,
                                 .until_us = instant_monotonic() + PROXY_WAIT_MS * INT64_C(1000)};
        }
    }
}

/* True when the connection has left the list: handed over, or closed. */
static bool read_line(struct accepting *a, const struct pending *p)
{
    char line[PROXY_LINE_MAX];
    char room[PROXY_REDUCED_MAX];
    struct str reduced = STR("");
    ssize_t n = recv(p->fd, line, sizeof line, MSG_PEEK | MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR) && instant_monotonic() < p->until_us)
        return false;
    size_t used = 0;
    enum proxy_verdict verdict = PROXY_BAD;
    if (n > 0)
        verdict = proxy_line_read(str_make(line, (size_t)n), room, &reduced, &used);
    if (verdict == PROXY_MORE && instant_monotonic() < p->until_us)
        return false;
    if (verdict != PROXY_GOOD || recv(p->fd, line, used, MSG_DONTWAIT) != (ssize_t)used) {
        (void)close(p->fd);
        return true;
    }
    (void)accepting_add(a->server, p->listener, p->fd, reduced);
    return true;
}

static void *accept_main(void *arg)
{
    struct accepting *a = arg;
    struct server *s = a->server;
    (void)pthread_setname_np(pthread_self(), "accept");
    struct pollfd fds[1 + LISTENERS_MAX + PENDING_MAX];
    while (!atomic_load(&a->stop)) {
        nfds_t n = 0;
        fds[n++] = (struct pollfd){.fd = a->wake, .events = POLLIN};
        for (size_t i = 0; i < s->listener_count; i++)
            fds[n++] = (struct pollfd){.fd = s->listeners[i].fd, .events = POLLIN};
        size_t waiting = a->pending_count;
        for (size_t i = 0; i < waiting; i++)
            fds[n++] = (struct pollfd){.fd = a->pending[i].fd, .events = POLLIN};
        /* A half-sent line keeps the socket readable: then look again after a moment only. */
        if (poll(fds, n, waiting > 0 ? 100 : -1) < 0) {
            (void)poll(NULL, 0, 20); /* a signal, or no memory in the kernel: it passes */
            continue;
        }
        for (size_t i = waiting; i-- > 0;) {
            if (read_line(a, &a->pending[i]))
                a->pending[i] = a->pending[--a->pending_count];
        }
        if (a->pending_count > 0 && a->pending_count == waiting)
            (void)poll(NULL, 0, 2);
        for (size_t i = 0; i < s->listener_count; i++) {
            if ((fds[1 + i].revents & POLLIN) != 0)
                take_all(a, (uint32_t)i);
        }
    }
    return NULL;
}

enum err accepting_start(struct server *s, struct accepting **ret_accepting)
{
    CLEANUP(mem_free_ptr) struct accepting *a = mem_new(sizeof *a);
    if (a == NULL)
        return ERR_NOMEM;
    if (s->listener_count > LISTENERS_MAX)
        return ERR_LIMIT;
    a->server = s;
    a->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (a->wake < 0)
        return ERR_IO;
    if (pthread_create(&a->thread, NULL, accept_main, a) != 0) {
        (void)close(a->wake);
        return ERR_NOMEM;
    }
    *ret_accepting = TAKE(a);
    return ERR_OK;
}

void accepting_stop(struct accepting *a)
{
    atomic_store(&a->stop, true);
    const uint64_t one = 1;
    (void)!write(a->wake, &one, sizeof one);
    (void)pthread_join(a->thread, NULL);
    (void)close(a->wake);
    for (size_t i = 0; i < a->pending_count; i++)
        (void)close(a->pending[i].fd);
    for (size_t i = 0; i < a->server->listener_count; i++)
        listener_close(&a->server->listeners[i]);
    mem_free(a);
}
