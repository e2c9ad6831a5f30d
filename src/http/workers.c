/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * workers: the threads that serve connections, one libmicrohttpd daemon each.
 *
 * libmicrohttpd has a pool of its own, but in 0.9.75 a thread of that pool asks epoll once more,
 * and for as long as the oldest connection may stay idle, whenever exactly as many events came as
 * its table holds (128): then nobody on that thread is answered until something else happens, for
 * half a minute at worst. Here its loop is only called when there is something to do and never
 * waits; the waiting is ours.
 */
#include "base/diag.h"
#include "base/mem.h"
#include "http/exchange.h"

#include <limits.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* How much later than the writer a worker comes when both could run: everybody waits for the
 * writer. On Linux the niceness is the thread's own. */
enum { THREADS_MAX = 32, WORKER_NICE = 5 };

/* A connection on its way from the accept thread. */
struct handed {
    struct handed *next;
    int fd;
    struct peer_address address;
};

struct worker {
    struct server *server;
    struct MHD_Daemon *daemon;
    pthread_t thread;
    bool has_thread;
    bool has_lock;
    bool was_told; /* libmicrohttpd has said that the connection it is given has begun */
    int epoll_fd;  /* libmicrohttpd's, only to wait for */
    int wake;
    atomic_bool is_woken; /* the descriptor is written to, and not read since */
    atomic_bool stop;
    atomic_uint open;
    pthread_mutex_t lock; /* guards what follows */
    struct handed *first;
    struct handed *last;
};

/* ---- the thread ------------------------------------------------------------------------------ */

static struct handed *take_handed(struct worker *w)
{
    (void)pthread_mutex_lock(&w->lock);
    struct handed *h = w->first;
    w->first = w->last = NULL;
    (void)pthread_mutex_unlock(&w->lock);
    return h;
}

static void forget(struct worker *w)
{
    atomic_fetch_sub(&w->open, 1);
    atomic_fetch_sub(&w->server->connections, 1);
}

static void begin_all(struct worker *w)
{
    struct handed *h = take_handed(w);
    while (h != NULL) {
        struct handed *next = h->next;
        w->was_told = false;
        enum MHD_Result taken =
            MHD_add_connection(w->daemon, h->fd, (const struct sockaddr *)(const void *)&h->address,
                               sizeof h->address);
        if (taken != MHD_YES) { /* libmicrohttpd has closed it */
            atomic_fetch_add(&w->server->refused_busy, 1);
            if (!w->was_told)
                forget(w);
        }
        mem_free(h);
        h = next;
    }
}

void worker_notify(struct worker *w, enum MHD_ConnectionNotificationCode how)
{
    if (how == MHD_CONNECTION_NOTIFY_STARTED)
        w->was_told = true;
    else
        forget(w);
}

/* How long there is nothing to do but what comes; -1: for ever. */
static int idle_ms(struct worker *w)
{
    MHD_UNSIGNED_LONG_LONG ms = 0;
    if (MHD_get_timeout(w->daemon, &ms) != MHD_YES)
        return -1;
    return ms > INT_MAX ? INT_MAX : (int)ms;
}

static void *worker_main(void *arg)
{
    struct worker *w = arg;
    struct pollfd fds[] = {{.fd = w->epoll_fd, .events = POLLIN},
                           {.fd = w->wake, .events = POLLIN}};
    (void)pthread_setname_np(pthread_self(), "http");
    (void)!nice(WORKER_NICE);
    while (!atomic_load(&w->stop)) {
        uint64_t any = 0;
        (void)poll(fds, 2, idle_ms(w));
        if ((fds[1].revents & POLLIN) != 0)
            (void)!read(w->wake, &any, sizeof any);
        atomic_store(&w->is_woken, false); /* before it is looked what there is */
        begin_all(w);
        (void)MHD_run(w->daemon);
    }
    return NULL;
}

/* ---- from outside ---------------------------------------------------------------------------- */

void worker_wake(struct worker *w)
{
    const uint64_t one = 1;
    if (!atomic_exchange(&w->is_woken, true))
        (void)!write(w->wake, &one, sizeof one);
}

struct server *worker_server(const struct worker *w)
{
    return w->server;
}

static struct worker *least_busy(struct server *s)
{
    struct worker *best = &s->workers[0];
    for (size_t i = 1; i < s->worker_count; i++)
        if (atomic_load(&s->workers[i].open) < atomic_load(&best->open))
            best = &s->workers[i];
    return best;
}

enum err workers_hand(struct server *s, int fd, const struct peer_address *address)
{
    struct handed *h = mem_new(sizeof *h);
    if (h == NULL)
        return ERR_NOMEM;
    *h = (struct handed){.fd = fd, .address = *address};
    struct worker *w = least_busy(s);
    atomic_fetch_add(&w->open, 1);
    atomic_fetch_add(&s->connections, 1);
    (void)pthread_mutex_lock(&w->lock);
    if (w->last != NULL)
        w->last->next = h;
    else
        w->first = h;
    w->last = h;
    (void)pthread_mutex_unlock(&w->lock);
    worker_wake(w);
    return ERR_OK;
}

static enum err start_one(struct worker *w, struct err_info *info)
{
    w->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    w->has_lock = pthread_mutex_init(&w->lock, NULL) == 0;
    if (w->wake < 0 || !w->has_lock)
        return err_set(info, ERR_NOMEM, NULL, "eventfd or mutex of a worker");
    w->daemon = server_daemon(w->server, w);
    const union MHD_DaemonInfo *of =
        w->daemon == NULL ? NULL : MHD_get_daemon_info(w->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    if (of == NULL)
        return err_set(info, ERR_IO, NULL, "libmicrohttpd did not start");
    w->epoll_fd = of->epoll_fd;
    int rc = pthread_create(&w->thread, NULL, worker_main, w);
    if (rc != 0)
        return err_set(info, ERR_NOMEM, NULL, "no thread for a worker (%d)", rc);
    w->has_thread = true;
    return ERR_OK;
}

enum err workers_start(struct server *s, struct err_info *info)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t threads = s->config.threads;
    if (threads == 0)
        threads = cores < 2 ? 2 : (size_t)cores;
    if (threads > THREADS_MAX)
        threads = THREADS_MAX;
    s->workers = mem_new_array(threads, sizeof *s->workers);
    if (s->workers == NULL)
        return err_set(info, ERR_NOMEM, NULL, "workers");
    for (size_t i = 0; i < threads; i++) {
        s->workers[i].server = s;
        s->workers[i].wake = -1;
        s->worker_count = i + 1;
        TRY(start_one(&s->workers[i], info));
    }
    return ERR_OK;
}

void workers_stop(struct server *s)
{
    for (size_t i = 0; i < s->worker_count; i++) {
        atomic_store(&s->workers[i].stop, true);
        worker_wake(&s->workers[i]);
    }
    for (size_t i = 0; i < s->worker_count; i++) {
        struct worker *w = &s->workers[i];
        if (w->has_thread)
            (void)pthread_join(w->thread, NULL);
        for (struct handed *h = w->has_lock ? take_handed(w) : NULL, *next; h != NULL; h = next) {
            next = h->next;
            (void)close(h->fd);
            forget(w);
            mem_free(h);
        }
        if (w->daemon != NULL)
            MHD_stop_daemon(w->daemon);
        if (w->has_lock)
            (void)pthread_mutex_destroy(&w->lock);
        if (w->wake >= 0)
            (void)close(w->wake);
    }
    mem_free(s->workers);
    s->workers = NULL;
    s->worker_count = 0;
}
