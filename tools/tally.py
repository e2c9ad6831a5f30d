#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""tally: adds up what Meson's test programs and the browser walk reported, in one last line.

    python3 tools/tally.py BUILD_DIR...

reads BUILD_DIR/meson-logs/testlog.json and, when it is there, BUILD_DIR/browser.tap. A program
that speaks cmocka or Python's unittest counts once per test case; one that prints "N passed,
N failed" by those numbers; any other counts as one. A program that died counts as a failure even
when all the cases it came to had passed. Skips are printed with their reason. Exit code 0 only
when something ran and nothing failed.
"""

import json
import os
import re
import sys

RUN = re.compile(r"^\[ RUN      \] (.+)$")
STATUS = re.compile(r"^\[( {7}OK|  FAILED |  SKIPPED) \] ([^:]+?)$")
NUMBERS = re.compile(r"^(?:\w+: )?(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", re.M)
UNITTEST = re.compile(r"^Ran (\d+) tests? in .*\n\nOK$", re.M)
TAP = re.compile(r"^ *(not ok|ok) \d+(?: - (.*?))?(?: # SKIP ?(.*))?$")


class Tally:
    """The sums, and the names behind those that did not pass."""

    def __init__(self):
        self.passed = 0
        self.failed = []
        self.skipped = []

    def skip(self, name, reason):
        self.skipped.append((name, reason or "no reason given"))


def cmocka_cases(text):
    """[(name, status, what it printed)] of a cmocka program's output."""
    cases, name, said = [], None, []
    for line in text.splitlines():
        run = RUN.match(line)
        status = STATUS.match(line)
        if run:
            if name is not None:
                cases.append((name, "DIED", said))
            name, said = run.group(1), []
        elif status and name is not None and status.group(2) == name:
            cases.append((name, status.group(1).strip(), said))
            name, said = None, []
        elif name is not None:
            said.append(line)
    if name is not None:
        cases.append((name, "DIED", said))
    return cases


def merged_output(entry):
    """cmocka writes results to stdout or stderr depending on the kind of line."""
    return [entry.get("stdout") or "", entry.get("stderr") or ""]


def count_cmocka(tally, program, cases):
    failed_before = len(tally.failed)
    for name, status, said in cases:
        full = f"{program}: {name}"
        if status == "OK":
            tally.passed += 1
        elif status == "SKIPPED":
            tally.skip(full, next((s.strip() for s in reversed(said) if s.strip()), ""))
        else:
            tally.failed.append(full)
    return len(tally.failed) > failed_before


def count_program(tally, entry):
    """Adds one line of testlog.json."""
    program, good = entry["name"], entry["result"] in ("OK", "EXPECTEDFAIL")
    outputs = merged_output(entry)
    text = "\n".join(outputs)
    if entry["result"] == "SKIP":
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        tally.skip(program, lines[-1] if lines else "")
        return
    cases = cmocka_cases(outputs[0]) or cmocka_cases(text)
    numbers = NUMBERS.search(text)
    if cases:
        shown = count_cmocka(tally, program, cases)
        if not good and not shown:
            tally.failed.append(f"{program}: {entry['result']} (code {entry.get('returncode')})")
    elif numbers and good == (numbers.group(2) == "0"):
        tally.passed += int(numbers.group(1))
        tally.failed += [f"{program}: see its log"] * int(numbers.group(2))
        for _ in range(int(numbers.group(3) or 0)):
            tally.skip(program, "see its log")
    elif good:
        unittest = UNITTEST.search(text)
        tally.passed += int(unittest.group(1)) if unittest else 1
    else:
        tally.failed.append(f"{program}: {entry['result']} (code {entry.get('returncode')})")


def count_tap(tally, path):
    """Counts tests at any depth; a suite only sums up what stands in it."""
    found = []
    with open(path, encoding="utf-8") as tap:
        for line in tap:
            match = TAP.match(line.rstrip("\n"))
            if match:
                found.append(match)
            elif found and line.strip() == "type: 'suite'":
                found.pop()
    for match in found:
        name = f"browser: {match.group(2)}"
        if match.group(3) is not None:
            tally.skip(name, match.group(3))
        elif match.group(1) == "ok":
            tally.passed += 1
        else:
            tally.failed.append(name)


def main(dirs):
    if not dirs:
        print(__doc__)
        return 2
    tally = Tally()
    for folder in dirs:
        log = os.path.join(folder, "meson-logs", "testlog.json")
        if os.path.exists(log):
            with open(log, encoding="utf-8") as lines:
                for line in lines:
                    count_program(tally, json.loads(line))
        tap = os.path.join(folder, "browser.tap")
        if os.path.exists(tap):
            count_tap(tally, tap)
    for name, reason in tally.skipped:
        print(f"skipped  {name}: {reason}")
    for name in tally.failed:
        print(f"FAILED   {name}")
    print(f"{tally.passed} passed, {len(tally.failed)} failed, {len(tally.skipped)} skipped")
    return 0 if tally.passed and not tally.failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
