#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""huiyin pack check, and packs/schema.json against the packs that ship and the words the program
knows.

    test_pack_check.py HUIYIN SOURCE
"""
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HUIYIN, SOURCE = sys.argv[1], sys.argv[2]
PACKS = os.path.join(SOURCE, "packs")
TYPES = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool}


def load(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


SCHEMA = load(os.path.join(PACKS, "schema.json"))


def faults(value, schema, path="$"):
    """Where the value breaks the schema; what of JSON Schema packs/schema.json uses."""
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    kind = schema.get("type")
    if kind and (not isinstance(value, TYPES[kind]) or
                 kind == "integer" and isinstance(value, bool)):
        return [f"{path}: not a {kind}"]
    found = []
    if "enum" in schema and value not in schema["enum"] or \
            "const" in schema and value != schema["const"]:
        found.append(f"{path}: {value!r}")
    if isinstance(value, str):
        if "pattern" in schema and not re.search(schema["pattern"], value) or \
                not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", 10**9):
            found.append(f"{path}: {value!r}")
    elif isinstance(value, list):
        for i, item in enumerate(value):
            found += faults(item, schema.get("items", {}), f"{path}[{i}]")
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", 10**9):
            found.append(f"{path}: {len(value)} items")
    elif isinstance(value, dict):
        found += [f"{path}: no {n}" for n in schema.get("required", []) if n not in value]
        for name, item in value.items():
            inner = schema.get("properties", {}).get(name, schema.get("additionalProperties", {}))
            found += [f"{path}.{name}: unknown"] if inner is False else \
                faults(item, inner, f"{path}.{name}")
    elif isinstance(value, int):
        if not schema.get("minimum", value) <= value <= schema.get("maximum", value):
            found.append(f"{path}: {value}")
    return found


def words_of(schema):
    """Every member name and every word of a list of words in the schema."""
    found = set(schema.get("properties", {})) | set(schema.get("enum", []))
    for inner in list(schema.get("properties", {}).values()) + list(
            schema.get("$defs", {}).values()) + ([schema["items"]] if "items" in schema else []):
        found |= words_of(inner)
    return found


def check(*dirs, lang="C"):
    run = subprocess.run([HUIYIN, "pack", "check", *dirs], capture_output=True, check=False,
                         timeout=60, env=dict(os.environ, LC_ALL=lang))
    return run.returncode, run.stdout.decode("utf-8")


class Schema(unittest.TestCase):
    def test_the_shipped_packs_have_the_shape(self):
        for path in glob.glob(os.path.join(PACKS, "*", "pack.json")):
            self.assertEqual(faults(load(path), SCHEMA), [], path)
        for path in glob.glob(os.path.join(PACKS, "*", "calendar", "*.json")):
            self.assertEqual(faults(load(path), SCHEMA["$defs"]["calendar"]), [], path)

    def test_the_program_knows_the_same_words(self):
        source = ""
        for path in glob.glob(os.path.join(SOURCE, "src", "spine", "pack*.c")):
            with open(path, encoding="utf-8") as f:
                source += f.read()
        quoted = set(re.findall(r'"([^"\\]*)"', source))
        self.assertEqual(words_of(SCHEMA) - quoted, set())

    def test_what_breaks_the_shape_is_seen(self):
        pack = load(os.path.join(PACKS, "plain", "pack.json"))
        pack["kinds"][0]["base"] = "person"
        pack["secret"] = 1
        del pack["zone"]
        self.assertEqual(faults(pack, SCHEMA), ["$: no zone", "$.kinds[0].base: 'person'",
                                                "$.secret: unknown"])


class Command(unittest.TestCase):
    def test_the_shipped_packs_stand(self):
        code, out = check(*[os.path.join(PACKS, p) for p in ("plain", "cn-petition/",
                                                             "uk-council")])
        self.assertEqual(code, 0)
        self.assertIn("cn-petition@1 stands: 4 kinds, 12 time limits, 1 calendar.", out)

    def test_faults_name_file_line_and_path_in_both_languages(self):
        with tempfile.TemporaryDirectory() as folder:
            copy = os.path.join(folder, "plain")
            shutil.copytree(os.path.join(PACKS, "plain"), copy)
            path = os.path.join(copy, "pack.json")
            with open(path, encoding="utf-8") as f:
                text = f.read().replace('"base": "help"', '"base": "petitioner"', 1)
            with open(path, "w", encoding="utf-8") as f:
                f.write(text)
            line = 1 + text[:text.index('"petitioner"')].count("\n")
            code, out = check(copy)
            self.assertEqual(code, 1)
            self.assertIn(f'{copy}/pack.json:{line}: $.kinds[0].base: "petitioner" is not one of '
                          "the words possible here. Use one of: help, complaint", out)
            self.assertIn("$.kinds[0].base: 此处不能用“petitioner”。",
                          check(copy, lang="zh_CN")[1])
            with open(path, "w", encoding="utf-8") as f:
                f.write("{\n\"id\": ,\n}")
            code, out = check(copy)
            self.assertEqual(code, 1)
            self.assertIn("/pack.json:2: $: This is not JSON", out)

    def test_no_folder_and_no_words(self):
        self.assertEqual(check("/nonexistent")[0], 1)
        self.assertIn("There is no pack in /nonexistent", check("/nonexistent")[1])
        self.assertEqual(check()[0], 2)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
