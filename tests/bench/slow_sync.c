/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* slow_sync: preloaded, makes every fsync and fdatasync take HUIYIN_SLOW_SYNC_MS more: a disk that
 * tells the truth, for a bench on one that is very fast. */
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

int fsync(int fd);
int fdatasync(int fd);

static void wait_a_little(void)
{
    const char *text = getenv("HUIYIN_SLOW_SYNC_MS");
    long ms = text == NULL ? 8 : strtol(text, NULL, 10);
    const struct timespec span = {ms / 1000, ms % 1000 * 1000000};
    (void)nanosleep(&span, NULL);
}

int fsync(int fd)
{
    static int (*real)(int);
    if (real == NULL)
        *(void **)&real = dlsym(RTLD_NEXT, "fsync");
    wait_a_little();
    return real(fd);
}

int fdatasync(int fd)
{
    static int (*real)(int);
    if (real == NULL)
        *(void **)&real = dlsym(RTLD_NEXT, "fdatasync");
    wait_a_little();
    return real(fd);
}
