/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/http/fault_net.h"

#include "base/err.h"
#include "tests/db/fault_calls.h"

#include <errno.h>
#include <microhttpd.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct server;
struct worker;

static bool fails(enum fault_call call)
{
    int code = fault_call_strike(call);
    if (code != 0)
        errno = code;
    return code != 0;
}

/* Those that answer the code itself, and those that leave it in errno. */
#define WRAP_CODE(call, name, parameters, arguments)                                               \
    int __real_##name parameters;                                                                  \
    int __wrap_##name parameters;                                                                  \
    int __wrap_##name parameters                                                                   \
    {                                                                                              \
        int code = fault_call_strike(call);                                                        \
        return code != 0 ? code : __real_##name arguments;                                         \
    }

#define WRAP_ERRNO(call, name, parameters, arguments)                                              \
    int __real_##name parameters;                                                                  \
    int __wrap_##name parameters;                                                                  \
    int __wrap_##name parameters                                                                   \
    {                                                                                              \
        return fails(call) ? -1 : __real_##name arguments;                                         \
    }

/* ---- threads -------------------------------------------------------------------------------- */

WRAP_CODE(FAULT_MUTEX, pthread_mutex_init, (pthread_mutex_t * m, const pthread_mutexattr_t *a),
          (m, a))
WRAP_CODE(FAULT_COND, pthread_cond_init, (pthread_cond_t * c, const pthread_condattr_t *a), (c, a))
WRAP_CODE(FAULT_CONDATTR, pthread_condattr_init, (pthread_condattr_t * a), (a))
WRAP_CODE(FAULT_CLOCK, pthread_condattr_setclock, (pthread_condattr_t * a, clockid_t id), (a, id))
WRAP_CODE(FAULT_KEY, pthread_key_create, (pthread_key_t * key, void (*fn)(void *)), (key, fn))
WRAP_CODE(FAULT_KEY_SET, pthread_setspecific, (pthread_key_t key, const void *p), (key, p))

/* ---- sockets -------------------------------------------------------------------------------- */

WRAP_ERRNO(FAULT_EVENTFD, eventfd, (unsigned begin, int flags), (begin, flags))
WRAP_ERRNO(FAULT_SOCKET, socket, (int domain, int type, int protocol), (domain, type, protocol))
WRAP_ERRNO(FAULT_CHMOD, chmod, (const char *path, mode_t mode), (path, mode))
WRAP_ERRNO(FAULT_LISTEN, listen, (int fd, int backlog), (fd, backlog))
WRAP_ERRNO(FAULT_GETSOCKNAME, getsockname, (int fd, struct sockaddr *addr, socklen_t *len),
           (fd, addr, len))
WRAP_ERRNO(FAULT_ACCEPT, accept4, (int fd, struct sockaddr *addr, socklen_t *len, int flags),
           (fd, addr, len, flags))
WRAP_ERRNO(FAULT_GETRLIMIT, getrlimit64, (int what, struct rlimit *limit), (what, limit))

int __real_setsockopt(int fd, int level, int name, const void *value, socklen_t len);
int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t len);
int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
    bool is_struck = name == SO_REUSEADDR && fails(FAULT_SETSOCKOPT);
    return is_struck ? -1 : __real_setsockopt(fd, level, name, value, len);
}

/* Only the server asks without waiting. */
ssize_t __real_recv(int fd, void *bytes, size_t len, int flags);
ssize_t __wrap_recv(int fd, void *bytes, size_t len, int flags);
ssize_t __wrap_recv(int fd, void *bytes, size_t len, int flags)
{
    bool is_servers = (flags & MSG_DONTWAIT) != 0;
    if (is_servers && fails((flags & MSG_PEEK) != 0 ? FAULT_PEEK : FAULT_TAKE))
        return -1;
    return __real_recv(fd, bytes, len, flags);
}

/* The accept thread's has its listeners beside one to be woken by; a worker's has two. */
int __real_poll(struct pollfd *fds, nfds_t count, int wait_ms);
int __wrap_poll(struct pollfd *fds, nfds_t count, int wait_ms);
int __wrap_poll(struct pollfd *fds, nfds_t count, int wait_ms)
{
    return count > 2 && fails(FAULT_POLL) ? -1 : __real_poll(fds, count, wait_ms);
}

/* What _FORTIFY_SOURCE calls in their place where no sanitizer looks. */
int __wrap___poll_chk(struct pollfd *fds, nfds_t count, int wait_ms, size_t room);
int __wrap___poll_chk(struct pollfd *fds, nfds_t count, int wait_ms, size_t room)
{
    (void)room;
    return __wrap_poll(fds, count, wait_ms);
}

ssize_t __wrap___recv_chk(int fd, void *bytes, size_t len, size_t room, int flags);
ssize_t __wrap___recv_chk(int fd, void *bytes, size_t len, size_t room, int flags)
{
    (void)room;
    return __wrap_recv(fd, bytes, len, flags);
}

long __real_sysconf(int name);
long __wrap_sysconf(int name);
long __wrap_sysconf(int name)
{
    return fails(FAULT_SYSCONF) ? -1 : __real_sysconf(name);
}

/* ---- ours and libmicrohttpd's --------------------------------------------------------------- */

enum err __real_rng_bytes(void *bytes, size_t len);
enum err __wrap_rng_bytes(void *bytes, size_t len);
enum err __wrap_rng_bytes(void *bytes, size_t len)
{
    return fails(FAULT_RANDOM) ? ERR_IO : __real_rng_bytes(bytes, len);
}

struct MHD_Daemon *__real_server_daemon(struct server *s, struct worker *w);
struct MHD_Daemon *__wrap_server_daemon(struct server *s, struct worker *w);
struct MHD_Daemon *__wrap_server_daemon(struct server *s, struct worker *w)
{
    return fails(FAULT_DAEMON) ? NULL : __real_server_daemon(s, w);
}

/* It closes what it does not take. */
enum MHD_Result __real_MHD_add_connection(struct MHD_Daemon *daemon, int fd,
                                          const struct sockaddr *addr, socklen_t len);
enum MHD_Result __wrap_MHD_add_connection(struct MHD_Daemon *daemon, int fd,
                                          const struct sockaddr *addr, socklen_t len);
enum MHD_Result __wrap_MHD_add_connection(struct MHD_Daemon *daemon, int fd,
                                          const struct sockaddr *addr, socklen_t len)
{
    if (!fails(FAULT_ADD))
        return __real_MHD_add_connection(daemon, fd, addr, len);
    (void)close(fd);
    return MHD_NO;
}

struct MHD_Response *__real_MHD_create_response_from_buffer(size_t size, void *bytes,
                                                            enum MHD_ResponseMemoryMode mode);
struct MHD_Response *__wrap_MHD_create_response_from_buffer(size_t size, void *bytes,
                                                            enum MHD_ResponseMemoryMode mode);
struct MHD_Response *__wrap_MHD_create_response_from_buffer(size_t size, void *bytes,
                                                            enum MHD_ResponseMemoryMode mode)
{
    return fails(FAULT_RESPONSE) ? NULL : __real_MHD_create_response_from_buffer(size, bytes, mode);
}

static _Atomic int64_t shift_us;
static _Atomic int64_t stood_us; /* 0: it does not stand */

int64_t __real_instant_monotonic(void);
int64_t __wrap_instant_monotonic(void);
int64_t __wrap_instant_monotonic(void)
{
    int64_t stood = atomic_load(&stood_us);
    return (stood != 0 ? stood : __real_instant_monotonic()) + atomic_load(&shift_us);
}

void fault_net_shift(int64_t us)
{
    atomic_store(&shift_us, us);
}

void fault_net_stand(bool still)
{
    atomic_store(&stood_us, still ? __real_instant_monotonic() : 0);
}
