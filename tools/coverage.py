#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""coverage: what of src/ the tests reached, by room, for the rules and for the engine.

    python3 tools/coverage.py GCOVR.json [--uncovered GROUP]

reads the report of `gcovr --json` and prints lines and branches, covered and there. Branches are
counted twice: all that the compiler made, and those that remain without two kinds of lines, which
only a failing system takes:

    TRY(...)                    the way out when what was called failed: the callee has its own
                                branches and tests
    if (...)                    with `return ERR_NOMEM;` or `return err_set(info, ERR_NOMEM, ...)`
                                as the line below

The engine is all of src/db and, of src/http, what carries a connection from accept to the bytes
that leave, with the table of rows and the sessions; forms and pages are not.

The first number hides nothing; the second is what the aim (95 % of the rules and the engine) is
held against. --uncovered lists file:line of what that number still lacks, of a group or a file.
"""

import argparse
import collections
import json
import re
import sys

RULES = """src/matter/rules.c src/matter/apply.c src/matter/guards.c src/matter/follow.c
    src/matter/body.c src/matter/words.c src/spine/due.c src/spine/due_house.c
    src/spine/due_print.c src/spine/calendar.c src/spine/proof.c src/spine/note.c
    src/spine/event.c src/spine/receipt.c src/spine/ref.c src/spine/field.c""".split()
ENGINE_FOLDER = "src/db/"
ENGINE_HTTP = """src/http/server.c src/http/workers.c src/http/listen.c src/http/proxy_line.c
    src/http/budget.c src/http/slow.c src/http/exchange.c src/http/route.c src/http/gate.c
    src/http/cookie.c src/http/csrf.c src/http/session.c src/http/request.c
    src/http/answer.c""".split()

TRY = re.compile(r"^\s*TRY\(")
IF = re.compile(r"^\s*if \(")
NOMEM = re.compile(r"^\s*return (err_set\(\w+, )?ERR_NOMEM\b")


class Sum:
    """Lines and branches of some files."""

    def __init__(self):
        self.lines = self.lines_met = 0
        self.branches = self.branches_met = 0
        self.kept = self.kept_met = 0

    def add(self, other):
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)

    def row(self, name):
        return "%-28s %6d %6.1f %% %8d %6.1f %% %8d %6.1f %%" % (
            name, self.lines, share(self.lines_met, self.lines), self.branches,
            share(self.branches_met, self.branches), self.kept, share(self.kept_met, self.kept))


def share(met, there):
    return 100.0 if there == 0 else 100.0 * met / there


def is_left_out(source, number):
    """Whether the line only has branches that a failing system takes."""
    line = source[number - 1] if number <= len(source) else ""
    below = source[number] if number < len(source) else ""
    return bool(TRY.match(line) or (IF.match(line) and NOMEM.match(below)))


def measure(file):
    """(Sum, [number of a line that the second number lacks]) of a file of the report."""
    with open(file["file"], encoding="utf-8") as text:
        source = text.read().split("\n")
    total, lacking = Sum(), set()
    for line in file["lines"]:
        if line.get("gcovr/noncode"):
            continue
        number = line["line_number"]
        total.lines += 1
        total.lines_met += line["count"] > 0
        met = [branch["count"] > 0 for branch in line["branches"]]
        total.branches += len(met)
        total.branches_met += sum(met)
        if not is_left_out(source, number):
            total.kept += len(met)
            total.kept_met += sum(met)
            if not all(met):
                lacking.add(number)
    return total, sorted(lacking)


def room_of(path):
    parts = path.split("/")
    return "/".join(parts[:3]) if parts[1] == "lib" else "/".join(parts[:2])


def engine_of(files):
    return sorted(path for path in files if path.startswith(ENGINE_FOLDER)) + ENGINE_HTTP


def show(files, lacking, group):
    chosen = {"rules": RULES, "engine": engine_of(files)}.get(group, [group])
    for path in chosen:
        for number in lacking.get(path, []):
            print(f"{path}:{number}")
    return 0 if all(path in files for path in chosen) else 2


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("report")
    parser.add_argument("--uncovered", metavar="GROUP")
    given = parser.parse_args()
    with open(given.report, encoding="utf-8") as report:
        found = json.load(report)["files"]
    files, lacking = {}, {}
    for file in found:
        if file["file"].startswith("src/"):
            files[file["file"]], lacking[file["file"]] = measure(file)
    if given.uncovered:
        return show(files, lacking, given.uncovered)
    rooms = collections.defaultdict(Sum)
    for path, total in files.items():
        rooms[room_of(path)].add(total)
        rooms["all of src"].add(total)
    print("%-28s %6s %8s %8s %8s %8s %8s" % ("", "lines", "", "branches", "", "kept", ""))
    for name in sorted(rooms):
        print(rooms[name].row(name))
    for name, paths in (("rules", RULES), ("engine", engine_of(files))):
        total = Sum()
        print()
        for path in paths:
            if path not in files:
                sys.exit(f"coverage: {path} is not in the report")
            total.add(files[path])
            print(files[path].row(path))
        print(total.row(name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
