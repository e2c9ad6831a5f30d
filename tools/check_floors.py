#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""check_floors: who may stand on what.

    python3 tools/check_floors.py [ROOT]

Floors: base <- lib <- db <- spine <- trust <- http <- rooms <- sight, reach, keep <- main.
An include may only point to the same folder or to a floor further left. Rooms do not include each
other, nor do sight, reach and keep. A third-party header is included in one folder only, the one
named in OWNERS. Memory comes from base/mem.h. A listening socket is made in http/; nothing that the
server is linked with dials out, only the program of the witness does. Prints FILE:LINE: what is
wrong and what to do; exit code 1 when there was anything.
"""

import os
import re
import sys

FLOORS = [
    ["base"],
    ["lib"],
    ["db"],
    ["spine"],
    ["trust"],
    ["http"],
    [
        "people", "matter", "reception", "relief", "suggestion", "consultation",
        "incident", "plan", "duty", "inspection",
    ],
    ["sight", "reach", "keep"],
    ["main", "verify"],
    ["witness"],
]
FLOOR_OF = {folder: i for i, floor in enumerate(FLOORS) for folder in floor}

# Which folder owns which third-party header (longest prefix counts).
OWNERS = {
    "unicode/": "lib/text",
    "sodium": "lib/crypt",
    "nettle/": "lib/crypt",
    "pango/": "lib/pdf",
    "cairo": "lib/pdf",
    "glib": "lib/pdf",
    "fontconfig/": "lib/pdf",
    "hb": "lib/pdf",
    "liboath/": "lib/oath",
    "zlib": "lib/zip",
    "sqlite3": "db",
    "libpq-fe": "db",
    "microhttpd": "http",
    "curl/": "witness",
}

# Headers the build makes outside src/, and the floor that may include them.
GENERATED = {"web_static.h": "main"}

SYSTEM = re.compile(
    r"^(assert|ctype|dirent|errno|fcntl|float|getopt|inttypes|iso646|libgen|limits|locale|math|"
    r"poll|pthread|pwd|sched|semaphore|setjmp|signal|spawn|stdalign|stdarg|stdatomic|stdbool|"
    r"ftw|stddef|stdint|stdio|stdlib|stdnoreturn|string|strings|syslog|termios|threads|time|unistd|"
    r"arpa/inet|net/if|netinet/(in|tcp)|linux/[a-z_]+|"
    r"sys/(epoll|eventfd|file|ioctl|mman|prctl|random|resource|select|socket|stat|statvfs|"
    r"sysinfo|time|timerfd|types|uio|un|utsname|wait))\.h$"
)

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')
MEMORY = re.compile(r"(?<![\w.>])(malloc|calloc|realloc|reallocarray|strdup|strndup|asprintf|"
                    r"vasprintf|aligned_alloc|posix_memalign)\s*\(")
FREE = re.compile(r"(?<![\w.>])free\s*\(")
LISTEN = re.compile(r"(?<![\w.>])(socket|bind|listen|accept4?)\s*\(")
DIAL = re.compile(r"(?<![\w.>])(connect|getaddrinfo|gethostbyname|sendto|curl_easy_\w+)\s*\(")
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.S)


def place(path):
    """The folder that counts: 'lib/text' below lib, else the first component."""
    parts = path.split("/")
    return "/".join(parts[:2]) if parts[0] == "lib" and len(parts) > 2 else parts[0]


def blank(match):
    """Comments and literals become blanks, so that line numbers stay."""
    return re.sub(r"[^\n]", " ", match.group(0))


def sources(src):
    for folder, _, names in sorted(os.walk(src)):
        for name in sorted(names):
            if name.endswith((".c", ".h")):
                yield os.path.relpath(os.path.join(folder, name), src).replace(os.sep, "/")


def owner_of(header):
    fitting = [prefix for prefix in OWNERS if header.startswith(prefix)]
    return OWNERS[max(fitting, key=len)] if fitting else None


def check_own_include(here, header):
    """The fault of `#include "header"` in a file of folder `here`, or None."""
    if header in GENERATED:
        return None if here.split("/")[0] == GENERATED[header] else f'"{header}" is for main alone'
    there = place(header)
    top_here, top_there = here.split("/")[0], there.split("/")[0]
    if top_there not in FLOOR_OF:
        return f'"{header}" is not below a floor of src/: includes are relative to src/'
    if here == there or (top_here == top_there and top_here != "lib"):
        return None
    mine, other = FLOOR_OF[top_here], FLOOR_OF[top_there]
    if other > mine:
        return (f'{here} must not know {there}, which stands above it: '
                f'declare a struct of functions here and let main fill it')
    if other == mine and top_here != "lib":
        return f"{here} and {there} are rooms side by side: meet through spine"
    return None


def check_calls(path, here, text):
    top = here.split("/")[0]
    for number, line in enumerate(COMMENT.sub(blank, text).split("\n"), 1):
        if line.lstrip().startswith("#"):
            continue
        if top != "base" and MEMORY.search(line):
            yield number, "memory comes from base/mem.h or an arena, not from malloc"
        if top not in ("base", "lib") and FREE.search(line):
            yield number, "free() is for base and for what a library in lib/ hands out"
        if top != "http" and LISTEN.search(line):
            yield number, "listening sockets are made in http/ only"
        if top != "witness" and DIAL.search(line):
            yield number, "nothing here dials out: side effects leave through the outbox"


def check(root):
    """[(path, line, fault)] of the tree below `root`."""
    src = os.path.join(root, "src")
    faults, owners, lib_edges = [], {}, {}
    for path in sources(src):
        here = place(path)
        shown = f"src/{path}"
        if here.split("/")[0] not in FLOOR_OF:
            faults.append((shown, 1, f"src/{here} is not a floor: see FLOORS"))
            continue
        with open(os.path.join(src, path), encoding="utf-8") as file:
            text = file.read()
        for number, line in enumerate(text.split("\n"), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            quote, header = match.groups()
            if quote == '"':
                fault = check_own_include(here, header)
                if fault:
                    faults.append((shown, number, fault))
                there = place(header)
                if here != there and here.startswith("lib/") and there.startswith("lib/"):
                    lib_edges.setdefault(here, {})[there] = (shown, number)
            elif not SYSTEM.match(header):
                owner = owner_of(header)
                if owner is None:
                    faults.append((shown, number, f"<{header}> has no owner: name one in OWNERS"))
                elif here != owner:
                    faults.append((shown, number, f"<{header}> belongs to {owner} alone"))
                owners.setdefault(owner, set()).add(here)
        faults += [(shown, number, fault) for number, fault in check_calls(path, here, text)]
    return faults + lib_cycles(lib_edges)


def lib_cycles(edges):
    """Folders of lib may use each other, but never in a circle."""
    for start in sorted(edges):
        stack, seen = list(edges[start]), set()
        while stack:
            there = stack.pop()
            if there == start:
                path, number = next(iter(edges[start].values()))
                return [(path, number, f"{start} includes itself by way of other folders of lib")]
            if there not in seen:
                seen.add(there)
                stack.extend(edges.get(there, {}))
    return []


def main(argv):
    root = argv[0] if argv else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
    faults = check(root)
    for path, number, fault in faults:
        print(f"{path}:{number}: {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
