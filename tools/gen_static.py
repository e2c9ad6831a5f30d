#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Puts the files of web/ into the program, each under an address that holds its hash.

    gen_static.py --name WEB_STATICS --header web.h --source web.c FILE...

Writes `extern const struct static_table NAME` (http/static.h) with the files ordered by path and
a gzip form where it is smaller. The same bytes give the same output.
"""
import argparse
import gzip
import hashlib
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from gen_messages import c_string, write_if_changed  # noqa: E402

TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
         ".svg": "image/svg+xml", ".png": "image/png", ".woff2": "font/woff2",
         ".webmanifest": "application/manifest+json", ".ico": "image/x-icon"}


def squeeze_css(data):
    """Without remarks and needless blanks; nothing else is touched."""
    text = re.sub(r"/\*.*?\*/", "", data.decode("utf-8"), flags=re.S)
    text = re.sub(r"\s+", " ", text)
    return re.sub(r" ?([{};,]) ?", r"\1", text).replace(";}", "}").strip().encode("utf-8")


def array(name, data):
    rows = [f"static const unsigned char {name}[] = {{"]
    for i in range(0, len(data), 20):
        rows.append("    " + ", ".join(f"{b}" for b in data[i:i + 20]) + ",")
    return rows + ["};"] if data else [f"static const unsigned char {name}[] = {{0}};"]


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--name", required=True)
    p.add_argument("--header", required=True)
    p.add_argument("--source", required=True)
    p.add_argument("files", nargs="+")
    a = p.parse_args()
    files = []
    for path in a.files:
        name = os.path.basename(path)
        ext = os.path.splitext(name)[1]
        if ext not in TYPES:
            sys.exit(f"gen_static: {path}: no type is known for {ext!r}")
        with open(path, "rb") as f:
            data = f.read()
        if ext == ".css":
            data = squeeze_css(data)
        digest = hashlib.sha256(data).hexdigest()[:12]
        packed = gzip.compress(data, 9, mtime=0)
        files.append((f"/static/{digest}{ext}", name, TYPES[ext], data,
                      packed if len(packed) < len(data) else b""))
    files.sort()
    head = ("/* SPDX-License-Identifier: AGPL-3.0-or-later */\n"
            "/* Written by tools/gen_static.py. */\n")
    guard = "HUIYIN_" + a.name + "_H"
    write_if_changed(a.header, f'{head}#ifndef {guard}\n#define {guard}\n\n#include "http/static.h"'
                               f"\n\nextern const struct static_table {a.name};\n\n#endif\n")
    out = [head, '#include "http/static.h"', f'#include "{os.path.basename(a.header)}"', ""]
    rows = []
    for i, (path, name, mime, data, packed) in enumerate(files):
        out += array(f"BYTES_{i}", data) + array(f"GZIP_{i}", packed)
        rows.append(f"    {{{{{c_string(name)}, {len(name)}}}, {{{c_string(path)}, {len(path)}}}, "
                    f"{c_string(mime)}, {{(const char *)BYTES_{i}, {len(data)}}}, "
                    f"{{(const char *)GZIP_{i}, {len(packed)}}}}},")
    out += ["static const struct static_file FILES[] = {", *rows, "};",
            f"const struct static_table {a.name} = {{FILES, {len(files)}}};", ""]
    write_if_changed(a.source, "\n".join(out))


if __name__ == "__main__":
    main()
