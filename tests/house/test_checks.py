# SPDX-License-Identifier: AGPL-3.0-or-later
"""The checks of the house refuse what they are there to refuse: each law is broken once, in a
small tree of its own, and must be named with the right file and line."""

import json
import os
import sys
import tempfile
import unittest

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(ROOT, "tools"))

import check_floors  # noqa: E402
import check_schema  # noqa: E402
import check_style  # noqa: E402
import tally  # noqa: E402

SPDX_C = "/* SPDX-License-Identifier: AGPL-3.0-or-later */\n"


class Tree:
    """A folder with the given files, gone at the end."""

    def __init__(self, files):
        self.files = files

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        for floor in ("base", "lib", "db", "spine", "http", "matter", "people", "main"):
            os.makedirs(os.path.join(self.folder.name, "src", floor))
        for path, text in self.files.items():
            full = os.path.join(self.folder.name, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8") as file:
                file.write(text)
        return self.folder.name

    def __exit__(self, *_):
        self.folder.cleanup()


def floors(path, line):
    with Tree({f"src/{path}": SPDX_C + line + "\n"}) as root:
        return check_floors.check(root)


class Floors(unittest.TestCase):
    def test_an_include_to_the_left_is_fine(self):
        self.assertEqual(floors("matter/a.c", '#include "db/db.h"'), [])

    def test_an_include_to_the_right_is_named(self):
        (path, line, fault), = floors("db/a.c", '#include "http/route.h"')
        self.assertEqual((path, line), ("src/db/a.c", 2))
        self.assertIn("stands above", fault)

    def test_rooms_do_not_include_each_other(self):
        self.assertEqual(len(floors("matter/a.c", '#include "people/people.h"')), 1)

    def test_a_library_has_one_owner(self):
        self.assertEqual(len(floors("matter/a.c", "#include <sqlite3.h>")), 1)
        self.assertEqual(floors("db/a.c", "#include <sqlite3.h>"), [])
        self.assertEqual(len(floors("db/a.c", "#include <unheard_of.h>")), 1)

    def test_malloc_outside_base_is_named_but_not_in_a_comment(self):
        self.assertEqual(len(floors("db/a.c", "int *p = malloc(4);")), 1)
        self.assertEqual(floors("db/a.c", '/* malloc(4) */ const char *s = "malloc(4)";'), [])
        self.assertEqual(floors("base/mem.c", "void *p = malloc(4);"), [])

    def test_nothing_dials_out(self):
        self.assertEqual(len(floors("http/a.c", "int r = connect(fd, a, n);")), 1)
        self.assertEqual(len(floors("main/a.c", "(void)curl_easy_perform(c);")), 1)
        self.assertEqual(len(floors("main/a.c", '#include "witness/witness.h"')), 1)
        self.assertEqual(floors("witness/a.c", "(void)curl_easy_perform(c);"), [])
        self.assertEqual(len(floors("matter/a.c", "int r = socket(1, 2, 3);")), 1)
        self.assertEqual(floors("http/a.c", "int r = socket(1, 2, 3);"), [])

    def test_folders_of_lib_do_not_form_a_circle(self):
        with Tree({"src/lib/a/a.c": '#include "lib/b/b.h"\n',
                   "src/lib/b/b.c": '#include "lib/a/a.h"\n'}) as root:
            self.assertEqual(len(check_floors.check(root)), 1)


def schema(sql):
    with Tree({"src/spine/schema.sql": sql}) as root:
        return check_schema.check(root)


class Schema(unittest.TestCase):
    def test_an_ordinary_table_passes_and_every_column_is_seen(self):
        faults, seen = schema("CREATE TABLE due (\n id ID PRIMARY KEY, -- name\n at_us US,\n"
                              " CHECK (at_us > 0), PRIMARY KEY (id, at_us));")
        self.assertEqual((faults, seen), ([], 2))

    def test_every_refused_word_is_refused_alone_and_inside_a_name(self):
        for words in check_schema.REFUSED.values():
            for word in words:
                for column in (word, f"the_{word}", f"{word}_text"):
                    faults, _ = schema(f"CREATE TABLE m (id ID,\n {column} TEXT);")
                    self.assertEqual([(f[0], f[1]) for f in faults],
                                     [("src/spine/schema.sql", 2)], column)

    def test_a_view_cannot_rename_its_way_past(self):
        faults, _ = schema("CREATE VIEW v AS SELECT x AS person_score FROM t;")
        self.assertEqual(len(faults), 1)

    def test_words_that_only_contain_a_refused_one_pass(self):
        faults, _ = schema("CREATE TABLE m (recipient TEXT, stage INT, description TEXT);")
        self.assertEqual(faults, [])


def style(path, text):
    return [fault for _, fault in check_style.check_text(path, text)]


class Style(unittest.TestCase):
    def test_a_clean_file_passes(self):
        self.assertEqual(style("a.c", SPDX_C + "int a(void)\n{\n    return 1;\n}\n"), [])

    def test_each_law_is_held(self):
        body = "    a();\n" * 99
        cases = {
            "int a;\n": "SPDX",
            SPDX_C + "int a(void)\n{\n" + body + "}\n": "more than 100",
            SPDX_C + "int a;\n" * 900: "more than 900",
            SPDX_C + "/* " + "x" * 100 + " */\n": "columns wide",
            SPDX_C + "/* " + "字" * 50 + " */\n": "columns wide",
            SPDX_C + "int a; \n": "blanks",
            SPDX_C + "\tint a;\n": "tab",
            SPDX_C + "/* TO" "DO: later */\n": "note",
            SPDX_C + '"/ho' 'me/someone/x";\n': "machine",
            SPDX_C + '"https://registry' '.npmjs.org";\n': "registry",
            SPDX_C + "<<<<" "<<< HEAD\n": "conflict",
        }
        for text, what in cases.items():
            self.assertIn(what, " ".join(style("a.c", text)), text[:80])

    def test_a_catalogue_must_have_the_same_keys_in_both_languages(self):
        en = {"m.a": "One", "m.c": "Only here"}
        zh = {"m.a": "一", "m.d": "只在这里"}
        with Tree({"locale/m.en.json": json.dumps(en), "locale/m.zh-CN.json": json.dumps(zh),
                   "locale/x.en.json": "{}"}) as root:
            files = ["locale/m.en.json", "locale/m.zh-CN.json", "locale/x.en.json"]
            said = " ".join(fault for _, _, fault in check_style.check_catalogues(root, files))
        self.assertIn('lacks "m.c"', said)
        self.assertIn('lacks "m.d"', said)
        self.assertIn("no counterpart", said)


def count(**entry):
    total = tally.Tally()
    tally.count_program(total, {"name": "x", "returncode": 0, "result": "OK", **entry})
    return total.passed, len(total.failed), len(total.skipped)


class Counting(unittest.TestCase):
    CMOCKA = ("[ RUN      ] a\n[       OK ] a\n[ RUN      ] b\nno network\n[  SKIPPED ] b\n")

    def test_cases_are_counted_one_by_one(self):
        self.assertEqual(count(stdout=self.CMOCKA), (1, 0, 1))

    def test_a_program_that_dies_in_a_case_or_after_the_last_one_fails(self):
        died = self.CMOCKA + "[ RUN      ] c\n"
        self.assertEqual(count(stdout=died, result="FAIL", returncode=-11), (1, 1, 1))
        self.assertEqual(count(stdout=self.CMOCKA, result="FAIL", returncode=1), (1, 1, 1))

    def test_programs_that_speak_otherwise(self):
        self.assertEqual(count(stdout="12 passed, 0 failed\n"), (12, 0, 0))
        self.assertEqual(count(stdout="7 passed, 2 failed\n", result="FAIL"), (7, 2, 0))
        self.assertEqual(count(stdout="7 passed, 0 failed\n", result="FAIL"), (0, 1, 0))
        self.assertEqual(count(stdout="7 passed, 2 failed\n"), (1, 0, 0))
        self.assertEqual(count(stderr="Ran 5 tests in 0.1s\n\nOK\n"), (5, 0, 0))
        self.assertEqual(count(stdout="anything"), (1, 0, 0))
        self.assertEqual(count(stdout="no data\n", result="SKIP"), (0, 0, 1))
        self.assertEqual(count(stdout="", result="TIMEOUT"), (0, 1, 0))

    def test_a_suite_of_the_browser_counts_its_tests_and_not_itself(self):
        text = ("# Subtest: way\n    ok 1 - raises\n      ---\n      ...\n    not ok 2 - rates\n"
                "ok 3 - way\n  ---\n  type: 'suite'\n  ...\nok 4 - later # SKIP no browser\n")
        with tempfile.NamedTemporaryFile("w", suffix=".tap") as file:
            file.write(text)
            file.flush()
            total = tally.Tally()
            tally.count_tap(total, file.name)
        self.assertEqual((total.passed, total.failed), (1, ["browser: rates"]))
        self.assertEqual(total.skipped, [("browser: later", "no browser")])

    def test_nothing_run_is_a_failure(self):
        with tempfile.TemporaryDirectory() as folder, open(os.devnull, "w") as quiet:
            before, sys.stdout = sys.stdout, quiet
            try:
                self.assertEqual(tally.main([folder]), 1)
            finally:
                sys.stdout = before


class TheTree(unittest.TestCase):
    """What stands in this tree keeps the laws."""

    def held(self, found):
        faults = found[0] if isinstance(found, tuple) else found
        self.assertEqual([f"{p}:{n}: {what}" for p, n, what in faults], [])

    def test_floors(self):
        self.held(check_floors.check(ROOT))

    def test_schema(self):
        faults, seen = check_schema.check(ROOT)
        self.held(faults)
        self.assertGreater(seen, 0)

    def test_style(self):
        self.held(check_style.check(ROOT))


if __name__ == "__main__":
    result = unittest.main(exit=False, verbosity=1).result
    failed = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
