#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""What gen_messages.py refuses, each with the file and the key in its sentence."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

TOOL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../tools/gen_messages.py")


def run(files):
    with tempfile.TemporaryDirectory() as d:
        for name, data in files.items():
            with open(os.path.join(d, name), "w", encoding="utf-8") as f:
                f.write(data if isinstance(data, str) else json.dumps(data))
        p = subprocess.run([sys.executable, TOOL, "--locale", d, "--header", os.path.join(d, "h"),
                            "--source", os.path.join(d, "c")], capture_output=True, text=True)
        return p.returncode, p.stderr


def pair(en, zh="好"):
    return {"shop.en.json": {"shop.a": en}, "shop.zh-CN.json": {"shop.a": zh}}


class Refusals(unittest.TestCase):
    def refused(self, files, *words):
        code, said = run(files)
        self.assertNotEqual(code, 0)
        self.assertNotIn("Traceback", said)
        for w in words:
            self.assertIn(w, said)

    def test_a_sound_pair_passes(self):
        self.assertEqual(run(pair("Good {n, plural, one{# day} other{# days}}",
                                  "{n, plural, other{#天}}好")), (0, ""))

    def test_a_key_that_one_language_lacks(self):
        self.refused({"shop.en.json": {"shop.a": "x"}, "shop.zh-CN.json": {}},
                     "shop.zh-CN.json", "shop.a", "is missing")

    def test_arguments_that_differ(self):
        self.refused(pair("x {name}", "好"), "shop.zh-CN.json", "shop.a", "lacks {name}")
        self.refused(pair("x", "好{name}"), "shop.zh-CN.json", "shop.a", "has {name}")
        self.refused(pair("{n, number}", "{n, date}"), "shop.a", "is date")

    def test_texts_that_are_not_well_formed(self):
        for text in ("{", "}", "{a", "{a, plural}", "{a, plural, one{x}}", "{a, wat}", "{A}",
                     "{a, plural, weird{x} other{y}}", "{a, select, x{1} x{2} other{3}}",
                     "'{unclosed", "", "   ", "{a, number, percent}", "{a, number}{a, date}"):
            self.refused(pair(text, text), "shop.en.json", "shop.a")

    def test_characters_that_turn_or_hide(self):
        self.refused(pair("a\u202eb"), "shop.a", "U+202E")
        self.refused(pair("a\u0007b"), "shop.a", "U+0007")

    def test_keys(self):
        self.refused({"shop.en.json": {"desk.a": "x"}}, "desk.a", "must begin with shop.")
        self.refused({"shop.en.json": {"shop.A": "x"}}, "shop.A")
        self.refused({"shop.en.json": '{"shop.a": "x", "shop.a": "y"}'}, "shop.a", "twice")
        both = {"shop.a_b": "x", "shop.a.b": "x"}
        self.refused({"shop.en.json": both, "shop.zh-CN.json": both}, "same name in C")

    def test_files(self):
        self.refused({"shop.en.json": "{"}, "shop.en.json", "not JSON")
        self.refused({"shop.en.json": "[]"}, "shop.en.json", "one object")
        self.refused({"shop.en.json": '{"shop.a": 1}'}, "shop.a", "not a string")

    def test_the_same_files_give_the_same_bytes(self):
        outs = []
        for _ in range(2):
            with tempfile.TemporaryDirectory() as d:
                for name, data in pair("x {a} {b}", "{b}{a}").items():
                    with open(os.path.join(d, name), "w", encoding="utf-8") as f:
                        json.dump(data, f)
                subprocess.run([sys.executable, TOOL, "--locale", d, "--header",
                                os.path.join(d, "h"), "--source", os.path.join(d, "c")], check=True)
                with open(os.path.join(d, "c"), encoding="utf-8") as f:
                    outs.append(f.read())
        self.assertEqual(outs[0], outs[1])


if __name__ == "__main__":
    unittest.main()
