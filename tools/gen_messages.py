#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Writes the message catalogues as C tables.

    gen_messages.py --locale DIR --header msg_key.h --source msg_key.c [--depfile FILE]

The header has `enum msg_key` (MSG_NONE = 0, then MSG_ROOM_KEY for "room.key"), the source the
tables of lib/text/msg_table.h. A key that one of the shipped languages lacks, arguments that differ
between languages, or a text that is not well formed ends the build with file and key.
"""
import argparse
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import messages as cat  # noqa: E402

HEAD = "/* SPDX-License-Identifier: AGPL-3.0-or-later */\n/* Written by tools/gen_messages.py. */\n"
KINDS = {"text": "MSG_NODE_TEXT", "arg": "MSG_NODE_ARG", "number": "MSG_NODE_NUMBER",
         "date": "MSG_NODE_DATE_LONG", "date_short": "MSG_NODE_DATE_SHORT", "time": "MSG_NODE_TIME",
         "plural": "MSG_NODE_PLURAL", "select": "MSG_NODE_SELECT", "pound": "MSG_NODE_POUND"}


def c_string(text):
    out = []
    for byte in text.encode("utf-8"):
        c = chr(byte)
        if c in "\"\\?":
            out.append("\\" + c)
        elif 32 <= byte < 127:
            out.append(c)
        else:
            out.append(f"\\{byte:03o}")
    return '"' + "".join(out) + '"'


def c_str(text):
    return f"{{{c_string(text)}, {len(text.encode('utf-8'))}}}"


class Writer:
    def __init__(self, hints):
        self.lines = []
        self.hints = hints
        self.count = 0

    def body(self, nodes):
        """Writes the arrays of `nodes`, inner ones first; gives the initialiser of a msg_body."""
        rows = []
        for n in nodes:
            cases = "NULL"
            if n.cases:
                cases = self.cases(n.cases)
            hint = self.hints.get(n.text, 0) if n.kind != "text" else 0
            text = c_str(n.text)
            rows.append(f"    {{{KINDS[n.kind]}, {hint}, {len(n.cases)}, {text}, {cases}}},")
        self.count += 1
        name = f"N{self.count}"
        self.lines += [f"static const struct msg_node {name}[] = {{", *rows, "};"]
        return f"{{{name}, {len(rows)}}}"

    def cases(self, cases):
        rows = []
        for selector, nodes in cases:
            body = self.body(nodes or [cat.Node("text", "")])
            if selector.startswith("="):
                rows.append(f"    {{{c_str('')}, true, {int(selector[1:])}, {body}}},")
            else:
                rows.append(f"    {{{c_str(selector)}, false, 0, {body}}},")
        self.count += 1
        name = f"C{self.count}"
        self.lines += [f"static const struct msg_case {name}[] = {{", *rows, "};"]
        return name


def header(keys):
    out = [HEAD, "#ifndef HUIYIN_LIB_TEXT_MSG_KEY_H", "#define HUIYIN_LIB_TEXT_MSG_KEY_H", "",
           "enum msg_key {", "    MSG_NONE = 0,"]
    out += [f"    {cat.enum_name(k)}, /* {k} */" for k in keys]
    out += ["    MSG_COUNT", "};", "", "#endif", ""]
    return "\n".join(out)


def source(messages, languages, include):
    w = Writer({})
    tables = []
    for i, lang in enumerate(languages):
        rows = []
        for key, m in messages.items():
            if lang in m.nodes:
                w.hints = {name: at for at, name in enumerate(m.args())}
                rows.append(f"    [{cat.enum_name(key)}] = {w.body(m.nodes[lang])},")
        tables += [f"static const struct msg_body TEXTS_{i}[MSG_COUNT] = {{", *rows, "};"]
    out = [HEAD, f'#include "{include}"', '#include "lib/text/msg_table.h"', ""]
    out += w.lines + tables
    out += ["const char *const MSG_KEY_NAMES[] = {", '    [MSG_NONE] = "",']
    out += [f'    [{cat.enum_name(k)}] = "{k}",' for k in messages]
    out += ["};", "const uint16_t MSG_KEYS_SORTED[] = {", "    MSG_NONE,"]
    out += [f"    {cat.enum_name(k)}," for k in sorted(messages, key=lambda k: k.encode())]
    out += ["};", "const size_t MSG_KEY_COUNT = MSG_COUNT;",
            "const struct msg_catalogue MSG_CATALOGUES[] = {"]
    for i, lang in enumerate(languages):
        locale = cat.LOCALES.get(lang, lang.replace("-", "_"))
        name = c_string(cat.NAMES.get(lang, lang))
        out.append(f'    {{"{lang}", "{locale}", {name}, TEXTS_{i}}},')
    out += ["};", f"const size_t MSG_CATALOGUE_COUNT = {len(languages)};", ""]
    return "\n".join(out)


def write_if_changed(path, text):
    try:
        with open(path, encoding="utf-8") as f:
            if f.read() == text:
                return
    except OSError:
        pass
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--locale", required=True)
    p.add_argument("--header", required=True)
    p.add_argument("--source", required=True)
    p.add_argument("--include", default="lib/text/msg_key.h",
                   help="how the source names the header")
    p.add_argument("--depfile")
    a = p.parse_args()
    try:
        messages, languages, paths = cat.load(a.locale)
    except cat.Fault as e:
        sys.exit(f"messages: {e}")
    write_if_changed(a.header, header(messages))
    write_if_changed(a.source, source(messages, languages, a.include))
    if a.depfile:
        with open(a.depfile, "w", encoding="utf-8") as f:
            deps = " ".join(p.replace(" ", "\\ ") for p in [a.locale, *paths])
            f.write(f"{a.header}: {deps}\n")


if __name__ == "__main__":
    main()
