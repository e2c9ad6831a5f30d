# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reads the message catalogues; shared by gen_messages.py and gen_templates.py.

Catalogues are locale/<room>.<language>.json, flat objects {"room.key": "text"}; the syntax of a
text is described in src/lib/text/msg.h. load() gives {key: Message} or raises Fault with a line
that names file and key.
"""
import json
import os
import re

SHIPPED = ("en", "zh-CN")
NAMES = {"en": "English", "zh-CN": "简体中文"}
# English as this house writes it: dates and numbers of Great Britain.
LOCALES = {"en": "en_GB", "zh-CN": "zh_CN"}
# base.*.json also holds the sentences of the error classes and those of lib/text.
PREFIXES = {"base": ("err.", "text.", "base.")}
PLURALS = ("zero", "one", "two", "few", "many", "other")
KEY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+\Z")
NAME = re.compile(r"[a-z0-9_]+\Z")
FORBIDDEN = re.compile("[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


class Fault(Exception):
    """A catalogue that cannot be built; the text is for the person at the terminal."""


class Node:
    def __init__(self, kind, text="", cases=()):
        self.kind = kind      # text arg number date date_short time plural select pound
        self.text = text      # the text, or the argument's name
        self.cases = list(cases)  # [(selector, [Node])], "=0" selectors for exact numbers


class Message:
    def __init__(self, key):
        self.key = key
        self.nodes = {}  # language -> [Node]
        self.files = {}  # language -> file

    def args(self):
        """Names of the arguments, in the order of the English text."""
        return list(arguments(self.nodes["en"]))


def arguments(nodes, found=None):
    """{name: 'text'|'number'|'date'|'time'|'select'} in order of appearance."""
    found = {} if found is None else found
    kinds = {"arg": "text", "number": "number", "plural": "number", "date": "date",
             "date_short": "date", "time": "time", "select": "select"}
    for n in nodes:
        if n.kind in kinds:
            had = found.get(n.text)
            now = kinds[n.kind]
            if had is None or had == "text":
                found[n.text] = now
            elif now not in (had, "text"):
                raise Fault(f"argument {{{n.text}}} is used as {had} and as {now}")
        for _, body in n.cases:
            arguments(body, found)
    return found


class Parser:
    def __init__(self, text):
        self.s = text
        self.i = 0

    def message(self, depth=0, in_plural=False):
        nodes, text = [], []

        def flush():
            if text:
                nodes.append(Node("text", "".join(text)))
                text.clear()

        while self.i < len(self.s):
            c = self.s[self.i]
            if c == "}":
                if depth == 0:
                    raise Fault("a '}' that closes nothing")
                break
            if c == "'":
                self.quote(text)
            elif c == "{":
                flush()
                nodes.append(self.argument(depth, in_plural))
            elif c == "#" and in_plural:
                flush()
                nodes.append(Node("pound"))
                self.i += 1
            else:
                text.append(c)
                self.i += 1
        flush()
        return nodes

    def quote(self, text):
        """ICU's rule: '' is an apostrophe; ' before { } # quotes up to the next '; else itself."""
        following = self.s[self.i + 1:self.i + 2]
        if following == "'":
            text.append("'")
            self.i += 2
        elif following in ("{", "}", "#") and following:
            end = self.s.find("'", self.i + 1)
            if end < 0:
                raise Fault("a quote that is not closed")
            text.append(self.s[self.i + 1:end])
            self.i = end + 1
        else:
            text.append("'")
            self.i += 1

    def word(self):
        m = re.compile(r"\s*([^\s{},]+)\s*").match(self.s, self.i)
        if m is None:
            raise Fault(f"a name is missing at character {self.i + 1}")
        self.i = m.end()
        return m.group(1)

    def argument(self, depth, in_plural):
        self.i += 1
        name = self.word()
        if not NAME.match(name):
            raise Fault(f"argument name {name!r} (a-z, 0-9 and _ only)")
        if self.take("}"):
            return Node("arg", name)
        self.need(",")
        kind = self.word()
        if kind in ("number", "date", "time"):
            if self.take(","):
                style = self.word()
                if (kind, style) != ("date", "short"):
                    raise Fault(f"{{{name}, {kind}}} has no style {style!r}")
                kind = "date_short"
            self.need("}")
            return Node(kind, name)
        if kind not in ("plural", "select"):
            raise Fault(f"{{{name}, {kind}}}: only number, date, time, plural and select are known")
        self.need(",")
        cases = self.cases(name, kind, depth, in_plural)
        return Node(kind, name, cases)

    def cases(self, name, kind, depth, in_plural):
        cases = []
        while not self.take("}"):
            selector = self.word()
            self.need("{")
            body = self.message(depth + 1, in_plural or kind == "plural")
            self.need("}")
            if kind == "plural" and selector not in PLURALS and not re.match(r"=\d+\Z", selector):
                raise Fault(f"{{{name}, plural}} has no category {selector!r}")
            if selector in (s for s, _ in cases):
                raise Fault(f"{{{name}, {kind}}} says {selector!r} twice")
            cases.append((selector, body))
            while self.s[self.i:self.i + 1].isspace():
                self.i += 1
        if "other" not in (s for s, _ in cases):
            raise Fault(f"{{{name}, {kind}}} lacks the case 'other'")
        cases.sort(key=lambda c: c[0] == "other")
        return cases

    def take(self, c):
        while self.s[self.i:self.i + 1].isspace():
            self.i += 1
        if self.s[self.i:self.i + 1] == c:
            self.i += 1
            return True
        return False

    def need(self, c):
        if not self.take(c):
            raise Fault(f"{c!r} is missing at character {self.i + 1}")


def parse(text):
    bad = FORBIDDEN.search(text)
    if bad:
        raise Fault(f"character U+{ord(bad.group()):04X} is not allowed")
    if not text.strip():
        raise Fault("the text is empty")
    p = Parser(text)
    nodes = p.message()
    arguments(nodes)
    return nodes


def no_twins(pairs):
    seen = {}
    for k, v in pairs:
        if k in seen:
            raise Fault(f"key {k!r} stands twice")
        seen[k] = v
    return seen


def read_file(path, room):
    try:
        with open(path, encoding="utf-8") as f:
            data = json.load(f, object_pairs_hook=no_twins)
    except OSError as e:
        raise Fault(f"{path}: {e.strerror}") from None
    except Fault as e:
        raise Fault(f"{path}: {e}") from None
    except ValueError as e:
        raise Fault(f"{path}: not JSON: {e}") from None
    if not isinstance(data, dict):
        raise Fault(f"{path}: must be one object of key and text")
    prefixes = PREFIXES.get(room, (room + ".",))
    for key, text in data.items():
        if not KEY.match(key):
            raise Fault(f"{path}: {key}: keys are words of a-z, 0-9 and _ joined by dots")
        if not key.startswith(prefixes):
            raise Fault(f"{path}: {key}: must begin with {' or '.join(prefixes)}")
        if not isinstance(text, str):
            raise Fault(f"{path}: {key}: the text is not a string")
    return data


def files_of(locale_dir):
    """[(room, language, path)] for every catalogue in the folder, sorted."""
    found = []
    for name in sorted(os.listdir(locale_dir)):
        m = re.match(r"([a-z][a-z0-9_]*)\.([A-Za-z-]+)\.json\Z", name)
        if m:
            found.append((m.group(1), m.group(2), os.path.join(locale_dir, name)))
    return found


def load(locale_dir):
    """({key: Message} sorted by key, [language], [path])."""
    messages, languages, paths = {}, list(SHIPPED), []
    for room, lang, path in files_of(locale_dir):
        paths.append(path)
        if lang not in languages:
            languages.append(lang)
        for key, text in read_file(path, room).items():
            m = messages.setdefault(key, Message(key))
            if lang in m.nodes:
                raise Fault(f"{path}: {key}: is also in {m.files[lang]}")
            try:
                m.nodes[lang] = parse(text)
            except Fault as e:
                raise Fault(f"{path}: {key}: {e}") from None
            m.files[lang] = path
    for m in messages.values():
        check(m)
    enum_names(messages)
    return dict(sorted(messages.items())), languages, paths


def check(m):
    for lang in SHIPPED:
        if lang not in m.nodes:
            other = next(iter(m.files.values()))
            wanted = re.sub(r"\.[A-Za-z-]+\.json\Z", f".{lang}.json", other)
            raise Fault(f"{wanted}: {m.key}: is missing (it is in {other})")
    want = arguments(m.nodes["en"])
    for lang, nodes in m.nodes.items():
        have = arguments(nodes)
        for name in have:
            if name not in want:
                raise Fault(f"{m.files[lang]}: {m.key}: has {{{name}}}, the English text has not")
        for name, kind in want.items():
            if name not in have:
                raise Fault(f"{m.files[lang]}: {m.key}: lacks {{{name}}} of the English text")
            if "text" not in (kind, have[name]) and kind != have[name]:
                raise Fault(f"{m.files[lang]}: {m.key}: {{{name}}} is {have[name]}, "
                            f"in English {kind}")
    if len(want) > 8:
        raise Fault(f"{m.files['en']}: {m.key}: more than 8 arguments")


def enum_name(key):
    return "MSG_" + key.replace(".", "_").upper()


def enum_names(messages):
    seen = {}
    for key, m in messages.items():
        other = seen.setdefault(enum_name(key), key)
        if other != key:
            raise Fault(f"{m.files['en']}: {key}: has the same name in C as {other}")
