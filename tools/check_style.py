#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""check_style: the laws of style that a machine can hold.

    python3 tools/check_style.py [ROOT]

Functions up to 100 lines, files up to 900 (generators 1000), lines up to 100 columns, an SPDX
line on top, no trailing blanks, no tabs in C, no merge conflict, no note to do something later,
no path of somebody's machine and no address of a package registry, and catalogues that have the
same keys in both languages. Prints FILE:LINE: what is wrong; exit code 1 when there was anything.
"""

import json
import os
import re
import subprocess
import sys
import unicodedata

FUNCTION_LINES = 100
FILE_LINES = 900
FILE_LINES_GENERATOR = 1000  # a generator that is one file can be read without the others
COLUMNS = 100
COLUMNS_SQL = 110
SPDX = "SPDX-License-Identifier: AGPL-3.0-or-later"

COMMENTED = (".c", ".h", ".py", ".sql", ".css", ".js", ".mjs", ".sh", ".svg")
COMMENTED_NAMES = {"dev", "run", "meson.build", "packages.txt"}
CODE = (".c", ".h", ".py", ".sql", ".js", ".mjs", ".sh")
BINARY = (".png", ".jpg", ".webp", ".woff2", ".pdf", ".gz", ".bin", ".db", ".ico")
SKIP_FOLDERS = {".git", "node_modules", "__pycache__", "var"}
# Spelt in pieces, so that this file does not name what it forbids.
FORBIDDEN = [
    (re.compile(r"(?<![\w.$}])/(?:" + "home|ro" + "ot|wo" + "rk)/[A-Za-z]"),
     "names a path of somebody's machine"),
    (re.compile("registry" + r"\.npmjs|(?:deb|snapshot)" + r"\.debian\.org|node" + "source"),
     "names the host of a package registry"),
    (re.compile(r"\b(?:TO" + "DO|FIX" + "ME|XX" + r"X)\b"), "leaves a note instead of the work"),
    (re.compile(r"^(?:<{7} |>{7} |={7}$)"), "has a merge conflict in it"),
]


def tracked(root):
    """Files git knows or would add; without git, all that are not built."""
    try:
        out = subprocess.run(
            ["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            check=True, capture_output=True).stdout.decode()
        files = sorted(set(out.split("\0")) - {""})
        return [f for f in files if os.path.isfile(os.path.join(root, f))]
    except (OSError, subprocess.CalledProcessError):
        found = []
        for folder, folders, names in os.walk(root):
            folders[:] = [f for f in folders
                          if f not in SKIP_FOLDERS and not f.startswith("build")]
            found += [os.path.relpath(os.path.join(folder, n), root) for n in names]
        return sorted(found)


def width(line):
    """Columns of a terminal: wide characters count twice."""
    if line.isascii():
        return len(line)
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def c_functions(lines):
    """(first line, name, length) of every function body: '{' alone in column 0 to '}'."""
    begin = name = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            begin = number
            head = " ".join(lines[max(0, number - 7) : number - 1])
            names = re.findall(r"(\w+)\s*\(", head)
            name = names[-1] if names else "?"
        elif line == "}" and begin:
            yield begin, name, number - begin + 1
            begin = None


def py_functions(lines):
    begin = name = indent = None
    last = 0
    for number, line in enumerate(lines + ["end"], 1):
        match = re.match(r"(\s*)def (\w+)", line)
        depth = len(line) - len(line.lstrip())
        if begin and line.strip() and depth <= indent and not line.lstrip().startswith(")"):
            yield begin, name, last - begin + 1
            begin = None
        if match and not begin:
            begin, name, indent = number, match.group(2), len(match.group(1))
        if line.strip():
            last = number


def check_text(path, text):
    lines = text.split("\n")
    name = os.path.basename(path)
    own = path.endswith(COMMENTED) or name in COMMENTED_NAMES
    if own and not any(SPDX in line for line in lines[:3]):
        yield 1, f"has no line '{SPDX}' on top"
    if path.endswith(CODE):
        most = FILE_LINES_GENERATOR if name.startswith("gen_") else FILE_LINES
        if len(lines) - 1 > most:
            yield most, f"has {len(lines) - 1} lines, more than {most}"
        for number, line in enumerate(lines, 1):
            declares = path.endswith(".sql") and line.startswith(("-- in:", "-- out:"))
            most = COLUMNS_SQL if path.endswith(".sql") else COLUMNS
            if width(line) > most and not declares:
                yield number, f"is {width(line)} columns wide, more than {most}"
    for number, line in enumerate(lines, 1):
        if line != line.rstrip() and (own or path.endswith((".html", ".json"))):
            yield number, "ends in blanks"
        if "\t" in line and path.endswith((".c", ".h")):
            yield number, "has a tab"
        for pattern, what in FORBIDDEN:
            if pattern.search(line):
                yield number, what
    functions = (c_functions(lines) if path.endswith(".c")
                 else py_functions(lines) if path.endswith(".py") else ())
    for number, function, length in functions:
        if length > FUNCTION_LINES:
            yield number, f"{function} has {length} lines, more than {FUNCTION_LINES}"


def check_catalogues(root, files):
    """Every key of locale/X.en.json is in X.zh-CN.json and back (arguments: gen_messages.py)."""
    for path in files:
        if not re.match(r"locale/.*\.?en\.json$", path):
            continue
        other = path[: -len("en.json")] + "zh-CN.json"
        if not os.path.exists(os.path.join(root, other)):
            yield path, 1, f"has no counterpart {other}"
            continue
        with open(os.path.join(root, path), encoding="utf-8") as file:
            english = json.load(file)
        with open(os.path.join(root, other), encoding="utf-8") as file:
            chinese = json.load(file)
        for key in sorted(set(english) ^ set(chinese)):
            yield (path if key not in english else other), 1, f'lacks "{key}"'


def check(root):
    """([(path, line, fault)], number of files looked at)."""
    faults, files = [], [f for f in tracked(root) if not f.endswith(BINARY)]
    for path in files:
        try:
            with open(os.path.join(root, path), encoding="utf-8", newline="") as file:
                text = file.read()
        except UnicodeDecodeError:
            if not path.startswith("tests/"):
                faults.append((path, 1, "is not UTF-8"))
            continue
        if path == "LICENSE" or path.startswith("tests/data/"):
            continue
        faults += [(path, number, fault) for number, fault in check_text(path, text)]
    faults += list(check_catalogues(root, files))
    return faults, len(files)


def main(argv):
    root = argv[0] if argv else os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
    faults, seen = check(root)
    for path, number, fault in faults:
        print(f"{path}:{number}: {fault}")
    return 1 if faults or seen == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
