/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/bench/load.h"

#include "base/instant.h"
#include "base/mem.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEAD_MAX = 16 * 1024, EVENTS = 256, STALL_US = 30 * 1000000 };

struct conn {
    int fd;
    uint64_t n;
    int64_t began_us;
    char request[LOAD_REQUEST_BYTES_MAX];
    size_t request_len;
    size_t sent;
    char in[HEAD_MAX + LOAD_BODY_KEPT_MAX];
    size_t in_len;   /* what is kept */
    size_t head_len; /* 0: not whole yet */
    int status;
    int64_t body_len;
    int64_t body_got;
};

struct run {
    const struct load *l;
    struct load_result *out;
    int epoll;
    uint64_t started;
    int64_t from_us;
    int64_t until_us;
    size_t open;
    bool is_over; /* no new request */
};

static void watch(struct run *r, struct conn *c, uint32_t events, int op)
{
    struct epoll_event e = {.events = events, .data.ptr = c};
    (void)epoll_ctl(r->epoll, op, c->fd, &e);
}

static void drop(struct run *r, struct conn *c)
{
    (void)close(c->fd);
    c->fd = -1;
    r->open--;
}

static void push(struct run *r, struct conn *c)
{
    while (c->sent < c->request_len) {
        ssize_t n = send(c->fd, c->request + c->sent, c->request_len - c->sent, MSG_NOSIGNAL);
        if (n > 0) {
            c->sent += (size_t)n;
        } else if (n < 0 && errno == EAGAIN) {
            watch(r, c, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
            return;
        } else {
            r->out->wrong++;
            drop(r, c);
            return;
        }
    }
}

/* The next request of a connection, or its end. */
static void next(struct run *r, struct conn *c)
{
    const struct load *l = r->l;
    int64_t now = instant_monotonic();
    if ((l->requests > 0 && (int64_t)r->started >= l->requests) || now >= r->until_us)
        r->is_over = true;
    if (r->is_over) {
        drop(r, c);
        return;
    }
    c->n = r->started++;
    c->request_len = l->make(l->ctx, c->n, c->request, sizeof c->request);
    c->sent = c->in_len = c->head_len = 0;
    c->body_got = 0;
    c->began_us = now;
    push(r, c);
}

/* Status and Content-Length of a whole head; false for what is no answer. */
static bool read_head(struct conn *c)
{
    c->in[c->in_len] = '\0';
    const char *end = strstr(c->in, "\r\n\r\n");
    if (end == NULL)
        return c->in_len < HEAD_MAX;
    c->head_len = (size_t)(end - c->in) + 4;
    c->status = 0;
    c->body_len = 0;
    if (strncmp(c->in, "HTTP/1.1 ", 9) != 0)
        return false;
    for (int i = 9; i < 12; i++)
        c->status = c->status * 10 + (c->in[i] - '0');
    for (const char *line = strstr(c->in, "\r\n"); line != NULL && line < end;
         line = strstr(line + 2, "\r\n"))
        if (strncasecmp(line + 2, "content-length:", 15) == 0)
            c->body_len = strtoll(line + 17, NULL, 10);
    c->body_got = (int64_t)(c->in_len - c->head_len);
    return c->status >= 100;
}

static void finish(struct run *r, struct conn *c)
{
    const struct load *l = r->l;
    if (c->status == l->expect) {
        r->out->right++;
        hist_add(&r->out->hist, instant_monotonic() - c->began_us);
    } else {
        if (r->out->wrong == 0)
            r->out->first_wrong_status = c->status;
        r->out->wrong++;
    }
    if (l->answer != NULL) {
        size_t kept = c->in_len - c->head_len;
        c->in[c->in_len] = '\0';
        l->answer(l->ctx, c->n, c->status, c->in + c->head_len, kept);
    }
    next(r, c);
}

static void pull(struct run *r, struct conn *c)
{
    char spill[4096];
    for (;;) {
        size_t room = sizeof c->in - 1 - c->in_len;
        char *to = room > 0 ? c->in + c->in_len : spill;
        ssize_t n = recv(c->fd, to, room > 0 ? room : sizeof spill, 0);
        if (n < 0 && errno == EAGAIN)
            return;
        if (n <= 0) {
            r->out->wrong += !r->l->close_after;
            r->is_over = r->is_over || r->l->close_after;
            drop(r, c);
            return;
        }
        if (room > 0)
            c->in_len += (size_t)n;
        if (c->head_len > 0)
            c->body_got += n;
        else if (!read_head(c)) {
            r->out->wrong++;
            drop(r, c);
            return;
        }
        if (c->head_len > 0 && c->body_got >= c->body_len) {
            finish(r, c);
            return;
        }
    }
}

static enum err dial(struct run *r, struct conn *c, struct err_info *info)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)r->l->port)};
    int on = 1;
    if (inet_pton(AF_INET, r->l->host, &to.sin_addr) != 1)
        return err_set(info, ERR_INVALID, NULL, "%s is no address", r->l->host);
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof to) != 0)
        return err_set(info, ERR_IO, NULL, "connect: %s", strerror(errno));
    (void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (fcntl(c->fd, F_SETFL, O_NONBLOCK) != 0)
        return err_set(info, ERR_IO, NULL, "fcntl: %s", strerror(errno));
    r->open++;
    watch(r, c, EPOLLIN, EPOLL_CTL_ADD);
    return ERR_OK;
}

static double cpu_now(void)
{
    struct rusage u;
    (void)getrusage(RUSAGE_THREAD, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void turn(struct run *r)
{
    struct epoll_event events[EVENTS];
    while (r->open > 0) {
        int n = epoll_wait(r->epoll, events, EVENTS, STALL_US / 1000);
        if (n == 0) /* nobody answers any more */
            break;
        for (int i = 0; i < n; i++) {
            struct conn *c = events[i].data.ptr;
            if (c->fd >= 0 && (events[i].events & EPOLLOUT) != 0) {
                watch(r, c, EPOLLIN, EPOLL_CTL_MOD);
                push(r, c);
            }
            if (c->fd >= 0 && (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
                pull(r, c);
        }
    }
}

enum err load_run(const struct load *l, struct load_result *ret, struct err_info *info)
{
    *ret = (struct load_result){0};
    struct run r = {.l = l, .out = ret, .epoll = epoll_create1(EPOLL_CLOEXEC)};
    struct conn *all = mem_new_array(l->connections, sizeof *all);
    if (all == NULL || r.epoll < 0) {
        mem_free(all);
        return err_set(info, ERR_NOMEM, NULL, "no room for %zu connections", l->connections);
    }
    double cpu = cpu_now();
    enum err err = ERR_OK;
    for (size_t i = 0; i < l->connections; i++)
        all[i].fd = -1;
    for (size_t i = 0; i < l->connections && err == ERR_OK; i++)
        err = dial(&r, &all[i], info);
    r.from_us = instant_monotonic();
    r.until_us = l->seconds > 0 ? r.from_us + (int64_t)(l->seconds * 1e6) : INT64_MAX;
    for (size_t i = 0; i < l->connections && err == ERR_OK; i++)
        next(&r, &all[i]);
    if (err == ERR_OK)
        turn(&r);
    ret->seconds = (double)(instant_monotonic() - r.from_us) / 1e6;
    ret->cpu_seconds = cpu_now() - cpu;
    for (size_t i = 0; i < l->connections; i++)
        if (all[i].fd >= 0)
            (void)close(all[i].fd);
    (void)close(r.epoll);
    mem_free(all);
    return err;
}
