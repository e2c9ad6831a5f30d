/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "http/proxy_line.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

struct str proxy_reduce(int family, const void *address, char room[PROXY_REDUCED_MAX])
{
    static const unsigned char TOR[8] = {0xfc, 0x00, 0xde, 0xad, 0xbe, 0xef, 0x4d, 0xad};
    const unsigned char *b = address;
    size_t keep = family == AF_INET ? 3 : 6;
    if (family == AF_INET && b[0] == 127)
        return STR("");
    if (family == AF_INET6) {
        const struct in6_addr *v6 = address;
        if (IN6_IS_ADDR_LOOPBACK(v6))
            return STR("");
        if (IN6_IS_ADDR_V4MAPPED(v6))
            return proxy_reduce(AF_INET, b + 12, room);
        if (memcmp(b, TOR, sizeof TOR) == 0)
            keep = 16;
    }
    room[0] = family == AF_INET ? '4' : '6';
    memcpy(room + 1, b, keep);
    return str_make(room, keep + 1);
}

static bool is_port(struct str s)
{
    int64_t port = 0;
    return str_to_i64(s, 0, 65535, &port);
}

/* "PROXY TCP4 source destination sourceport destinationport", each after one blank. */
static bool read_tcp(struct str rest, int family, char room[PROXY_REDUCED_MAX],
                     struct str *ret_reduced)
{
    struct str part[4];
    char text[INET6_ADDRSTRLEN];
    unsigned char source[sizeof(struct in6_addr)];
    unsigned char destination[sizeof(struct in6_addr)];
    for (size_t i = 0; i < 4; i++) {
        if (!str_cut(&rest, ' ', &part[i]) || part[i].len == 0 || part[i].len >= sizeof text)
            return false;
    }
    if (rest.len != 0 || !is_port(part[2]) || !is_port(part[3]))
        return false;
    memcpy(text, part[1].ptr, part[1].len);
    text[part[1].len] = '\0';
    if (inet_pton(family, text, destination) != 1)
        return false;
    memcpy(text, part[0].ptr, part[0].len);
    text[part[0].len] = '\0';
    if (inet_pton(family, text, source) != 1)
        return false;
    *ret_reduced = proxy_reduce(family, source, room);
    return true;
}

enum proxy_verdict proxy_line_read(struct str bytes, char room[PROXY_REDUCED_MAX],
                                   struct str *ret_reduced, size_t *ret_used)
{
    struct str window = str_sub(bytes, 0, PROXY_LINE_MAX);
    struct str start = str_sub(STR("PROXY "), 0, window.len);
    size_t end = str_find(window, STR("\r\n"));
    if (!str_starts(window, start))
        return PROXY_BAD;
    if (end == SIZE_MAX)
        return window.len < PROXY_LINE_MAX ? PROXY_MORE : PROXY_BAD;
    *ret_used = end + 2;
    *ret_reduced = STR("");
    struct str rest = str_sub(window, start.len, end - start.len);
    if (str_starts(rest, STR("UNKNOWN")) && (rest.len == 7 || rest.ptr[7] == ' '))
        return PROXY_GOOD;
    if (str_starts(rest, STR("TCP4 ")))
        return read_tcp(str_sub(rest, 5, rest.len), AF_INET, room, ret_reduced) ? PROXY_GOOD
                                                                                : PROXY_BAD;
    if (str_starts(rest, STR("TCP6 ")))
        return read_tcp(str_sub(rest, 5, rest.len), AF_INET6, room, ret_reduced) ? PROXY_GOOD
                                                                                 : PROXY_BAD;
    return PROXY_BAD;
}
