/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * proxy_line: the line a front proxy puts before each connection (HAProxy PROXY protocol,
 * version 1), and how an address is cut down. Pure; nothing here is stored or written.
 */
#ifndef HUIYIN_HTTP_PROXY_LINE_H
#define HUIYIN_HTTP_PROXY_LINE_H

#include "base/str.h"

enum { PROXY_LINE_MAX = 107, PROXY_REDUCED_MAX = 32 };

enum proxy_verdict {
    PROXY_BAD = 0,
    PROXY_MORE, /* the line is not whole yet */
    PROXY_GOOD
};

/* `family` is AF_INET or AF_INET6. /24 of an IPv4 address, /48 of an IPv6 one, all of a tor circuit
 * id (fc00:dead:beef:4dad::/64); "" for loopback. Into `room`. */
struct str proxy_reduce(int family, const void *address, char room[PROXY_REDUCED_MAX]);

/* Reads the line at the start of `bytes`: the reduced source, and how long the line is. */
enum proxy_verdict proxy_line_read(struct str bytes, char room[PROXY_REDUCED_MAX],
                                   struct str *ret_reduced, size_t *ret_used);

#endif
