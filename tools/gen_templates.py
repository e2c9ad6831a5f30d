#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Turns page templates into C: a view struct and a render function each.

    gen_templates.py --src src --locale locale --room matter --out DIR [--depfile FILE] NAME...

reads src/<room>/pages/NAME.html and writes NAME.html.h and NAME.html.c. A template is

    {{model}}                        what the page is given, one field a line:
    title   text                     struct str, escaped
    count   int                      int64_t: "12,345" in text, plain digits in an attribute
    late    bool                     only for {{#if}}
    due     day                      int32_t: a long date in text, 2026-03-13 in an attribute
    sent    instant                  int64_t us: date and hour of the house; RFC 3339 in attributes
    label   msg                      enum msg_key without arguments
    why     say                      struct msg_say
    next    url                      struct str, a path of ours; the only thing that may be a
                                     whole href; anything else than /path becomes "#"
    inner   html                     const struct html *, made by another template; may be NULL
    head    view http/person_head    the view of another template (room/name)
    rows    list                     array and rows_count; its fields are indented
      ref   text
    lines   list view matter/line    array of the view of another template
    {{/model}}
    {{layout http/person head}}      optional: the page stands where that layout says {{body}};
                                     `head` is the field that holds the layout's view
    <p class="{{kind}}">{{title}}</p>

    {{name}} {{row.name}}            a field, escaped for where it stands; {{due short}}
    {{t "room.key" n=count}}         a message with its arguments; {{t label}} for msg and say
    {{#if late}}..{{else}}..{{/if}}  also {{#if !late}}; text, int, day, url, html and lists count
                                     as true when they are not empty, zero or NULL
    {{#each rows as r}}..{{/each}}
    {{> http/field label=@room.key value=title n=3 on=true name="text"}}
                                     another template, with each field of its model; a key
                                     may be given for a text
    {{> http/row r}}                 the same with a view that is already there
    {{static "app.css"}}             the address of a file in web/, only in src and href
    {{@lang}}                        the language of the page, for lang=""
    {{! remark }}

Ends the build with file and line: unknown fields, keys and templates; arguments that are missing
or of the wrong kind; an attribute without double quotes; a value in a tag or attribute name, in
script or style, or in a URL whose beginning is not fixed; event handlers, inline style and script;
tags that do not close, or differently in two branches; words that no catalogue has.
"""
import argparse
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import messages as cat  # noqa: E402
from gen_messages import c_string, write_if_changed  # noqa: E402

VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
REFUSED_TAGS = {"style", "iframe", "object", "embed", "base", "frame", "frameset", "applet",
                "template", "noscript"}
URL_ATTRS = {"href", "src", "action", "formaction", "cite", "poster", "data", "srcset"}
WORD_ATTRS = {"title", "alt", "aria-label", "aria-description", "placeholder", "label"}
URL_START = re.compile(r"(/(?![/\\])|[#?]|tel:|mailto:)")
SCALARS = {"text": "struct str", "int": "int64_t", "bool": "bool", "day": "int32_t",
           "instant": "int64_t", "msg": "enum msg_key", "say": "struct msg_say",
           "url": "struct str", "html": "const struct html *"}
IDENT = r"[a-z][a-z0-9_]*"
C_WORDS = {"auto", "bool", "break", "case", "char", "const", "continue", "default", "do", "double",
           "else", "enum", "extern", "float", "for", "goto", "if", "inline", "int", "long",
           "register", "return", "short", "signed", "sizeof", "static", "struct", "switch",
           "typedef", "union", "unsigned", "void", "volatile", "while", "v", "out", "lang"}
HEAD = ("/* SPDX-License-Identifier: AGPL-3.0-or-later */\n"
        "/* Written by tools/gen_templates.py. */\n")


class Fault(Exception):
    pass


class Field:
    def __init__(self, name, kind, ref=None, fields=None):
        self.name, self.kind, self.ref, self.fields = name, kind, ref, fields


class Value:
    """A typed C expression."""
    def __init__(self, c, kind, struct=None, fields=None, count=None):
        self.c, self.kind, self.struct, self.fields, self.count = c, kind, struct, fields, count


class Template:
    def __init__(self, room, name, path):
        self.room, self.name, self.path = room, name, path
        self.struct = "page_" + name
        self.fields, self.layout, self.layout_field, self.tokens = [], None, None, []

    @property
    def include(self):
        return f"{self.room}/pages/{self.name}.html.h"


class Library:
    """Reads each template once; finds those that others name."""
    def __init__(self, src, web):
        self.src, self.web, self.seen, self.paths = src, web, {}, []

    def get(self, ref):
        m = re.fullmatch(rf"({IDENT})/({IDENT})", ref)
        if m is None:
            raise Fault(f"{ref!r} is not room/name")
        if ref not in self.seen:
            room, name = m.groups()
            path = os.path.join(self.src, room, "pages", name + ".html")
            try:
                with open(path, encoding="utf-8") as f:
                    text = f.read()
            except OSError:
                raise Fault(f"there is no template {ref} ({path})") from None
            self.paths.append(path)
            t = Template(room, name, path)
            self.seen[ref] = t
            read_template(t, text)
        return self.seen[ref]


# ---- reading ----

TOKEN = re.compile(r"\{\{(.*?)\}\}", re.S)


def fault_at(t, line, what):
    return Fault(f"{t.path}:{line}: {what}")


def read_template(t, text):
    m = re.match(r"\s*(?:\{\{!.*?\}\}\s*)*\{\{model\}\}[ \t]*\n(.*?)\{\{/model\}\}[ \t]*\n?",
                 text, re.S)
    if m is None:
        raise fault_at(t, 1, "must begin with {{model}} … {{/model}}")
    first = text.count("\n", 0, m.start(1)) + 1
    t.fields = read_model(t, m.group(1).split("\n"), first)
    line = text.count("\n", 0, m.end()) + 1
    rest = text[m.end():]
    lay = re.match(rf"\s*\{{\{{layout\s+({IDENT}/{IDENT})\s+({IDENT})\s*\}}\}}[ \t]*\n?", rest)
    if lay:
        t.layout, t.layout_field = lay.group(1), lay.group(2)
        line += rest.count("\n", 0, lay.end())
        rest = rest[lay.end():]
    at = 0
    for m in TOKEN.finditer(rest):
        if m.start() > at:
            t.tokens.append(("html", rest[at:m.start()], line))
            line += rest.count("\n", at, m.start())
        t.tokens.append(("tag", m.group(1).strip(), line))
        line += m.group(0).count("\n")
        at = m.end()
    if at < len(rest):
        t.tokens.append(("html", rest[at:], line))


def read_model(t, lines, first):
    top, stack = [], []  # stack: [(indent, fields)]
    stack.append((-1, top))
    for i, raw in enumerate(lines):
        if not raw.strip():
            continue
        line = first + i
        indent = len(raw) - len(raw.lstrip(" "))
        m = re.fullmatch(rf"({IDENT})\s+(\w+)"
                         rf"(?:\s+(view)\s+({IDENT}/{IDENT})|\s+({IDENT}/{IDENT}))?",
                         raw.strip())
        if m is None:
            raise fault_at(t, line, f"not a field: {raw.strip()!r}")
        name, kind, view, ref1, ref2 = m.groups()
        while stack[-1][0] >= indent:
            stack.pop()
        fields = stack[-1][1]
        if fields is None:
            raise fault_at(t, line, f"{name} is indented below a field that is not a list")
        if name in C_WORDS or any(f.name == name for f in fields):
            raise fault_at(t, line, f"field name {name!r} is taken")
        fields.append(make_field(t, line, name, kind, view, ref1 or ref2))
        stack.append((indent, fields[-1].fields))
    return top


def make_field(t, line, name, kind, view, ref):
    if kind in SCALARS and ref is None:
        return Field(name, kind)
    if kind == "view" and ref is not None and view is None:
        return Field(name, "view", ref)
    if kind == "list" and (ref is None or view):
        return Field(name, "list", ref, None if ref else [])
    raise fault_at(t, line, f"{name}: unknown type {kind!r}")


# ---- the header ----

def struct_lines(lib, struct, fields, includes):
    """The struct and, before it, those of its lists."""
    before, body = [], []
    for f in fields:
        if f.kind == "list" and f.ref is None:
            if not f.fields:
                raise Fault(f"list {f.name} has no fields")
            before += struct_lines(lib, f"{struct}_{f.name}", f.fields, includes)
            body += [f"    struct {struct}_{f.name} *{f.name};", f"    size_t {f.name}_count;"]
        elif f.kind in ("list", "view"):
            other = lib.get(f.ref)
            includes.add(other.include)
            if f.kind == "view":
                body.append(f"    struct {other.struct} {f.name};")
            else:
                body += [f"    struct {other.struct} *{f.name};", f"    size_t {f.name}_count;"]
        else:
            c = SCALARS[f.kind]
            body.append(f"    {c}{'' if c.endswith('*') else ' '}{f.name};")
    return before + [f"struct {struct} {{", *(body or ["    char unused;"]), "};", ""]


def header(lib, t, is_layout):
    guard = f"HUIYIN_{t.room}_PAGES_{t.name}_HTML_H".upper()
    includes = set()
    structs = struct_lines(lib, t.struct, t.fields, includes)
    out = [HEAD, f"#ifndef {guard}", f"#define {guard}", "", '#include "http/html.h"']
    out += [f'#include "{i}"' for i in sorted(includes)]
    out += ["", *structs]
    for fn in functions(t, is_layout):
        out.append(f"void {fn}(struct html *out, const struct {t.struct} *v, "
                   "const struct msg_lang *lang);")
    out += ["", "#endif", ""]
    return "\n".join(out)


def functions(t, is_layout):
    if is_layout:
        return [t.struct + "_open", t.struct + "_close"]
    return [t.struct + "_render"]


def has_body(t):
    return any(kind == "tag" and text == "body" for kind, text, _ in t.tokens)


# ---- where in the markup we stand ----

class Place:
    """A small HTML tokenizer: fed with literal markup, it knows the context of what comes next."""
    def __init__(self):
        self.state = "data"   # data tag attr after_name before_value value comment
        self.open = []        # elements that are open
        self.tag = ""
        self.closing = False
        self.attr = ""
        self.literal = ""     # the value's beginning, as far as it is fixed
        self.fixed = True     # nothing was put into this value yet
        self.safe_url = False
        self.attrs = []

    def mark(self):
        """What must be the same wherever two ways through the markup meet."""
        of_tag = (self.tag, self.closing) if self.state != "data" else ()
        of_attr = (self.attr, self.safe_url) if self.state == "value" else ()
        return (self.state, tuple(self.open), of_tag, of_attr)

    def copy(self):
        p = Place()
        p.__dict__ = dict(self.__dict__)
        p.open, p.attrs = list(self.open), list(self.attrs)
        return p

    def raw(self):
        return self.state == "data" and self.open and self.open[-1] == "script"

    def keeps_blanks(self):
        return self.state != "data" or any(e in ("pre", "textarea") for e in self.open)

    def feed(self, text):
        i = 0
        while i < len(text):
            i = getattr(self, "in_" + self.state)(text, i)

    def in_data(self, s, i):
        if self.open and self.open[-1] in ("script", "textarea", "title"):
            end = "</" + self.open[-1]
            at = s.find("<", i)
            body = s[i:] if at < 0 else s[i:at]
            if self.open[-1] == "script" and body.strip():
                raise Fault("script must be empty: name a file with src")
            if at >= 0 and not s.startswith(end, at):
                raise Fault(f"'<' inside <{self.open[-1]}>")
        else:
            at = s.find("<", i)
            body = s[i:] if at < 0 else s[i:at]
        self.words(body)
        if at < 0:
            return len(s)
        if s.startswith("<!--", at):
            self.state = "comment"
            return at + 4
        m = re.compile(r"<!doctype html>", re.I).match(s, at)
        if m:
            return m.end()
        m = re.compile(r"<(/?)([a-z][a-z0-9-]*)").match(s, at)
        if m is None:
            raise Fault("'<' that begins no tag in small letters (write &lt;)")
        self.closing, self.tag = bool(m.group(1)), m.group(2)
        if self.tag in REFUSED_TAGS:
            raise Fault(f"<{self.tag}> is not allowed")
        self.state, self.attrs = "tag", []
        return m.end()

    def words(self, text):
        plain = re.sub(r"&[a-zA-Z]+;|&#x?[0-9a-fA-F]+;", "", text)
        if re.search(r"[^\W\d_]", plain):
            raise Fault(f"words that no catalogue has: {plain.strip()[:40]!r} "
                        "(use {{t \"key\"}})")

    def in_comment(self, s, i):
        at = s.find("-->", i)
        if at < 0:
            return len(s)
        self.state = "data"
        return at + 3

    def in_tag(self, s, i):
        c = s[i]
        if c.isspace():
            return i + 1
        if c == ">":
            self.tag_end()
            return i + 1
        m = re.compile(r"[a-z][a-z0-9:-]*").match(s, i)
        if m is None or self.closing:
            raise Fault(f"{c!r} inside <{self.tag}>")
        self.attr = m.group(0)
        if self.attr.startswith("on") or self.attr in ("style", "srcdoc", "srcset", "ping"):
            raise Fault(f"attribute {self.attr} is not allowed")
        if self.attr in self.attrs:
            raise Fault(f"attribute {self.attr} stands twice in <{self.tag}>")
        self.attrs = self.attrs + [self.attr]
        self.state = "after_name"
        return m.end()

    def in_after_name(self, s, i):
        if s[i] == "=":
            self.state = "before_value"
            return i + 1
        if s[i].isspace() or s[i] == ">":
            self.state = "tag"
            return i
        raise Fault(f"{s[i]!r} in the name of an attribute")

    def in_before_value(self, s, i):
        if s[i] != '"':
            raise Fault(f"the value of {self.attr} must stand in double quotes")
        self.state, self.literal, self.fixed, self.safe_url = "value", "", True, False
        return i + 1

    def in_value(self, s, i):
        at = s.find('"', i)
        piece = s[i:] if at < 0 else s[i:at]
        if "<" in piece:
            raise Fault(f"'<' in the value of {self.attr} (write &lt;)")
        if self.fixed:
            self.literal += piece
            if self.attr in URL_ATTRS and self.literal:
                self.safe_url = URL_START.match(self.literal) is not None
        if self.attr in WORD_ATTRS and re.search(r"[^\W\d_]", piece):
            raise Fault(f"words in {self.attr} that no catalogue has: {piece!r}")
        if at < 0:
            return len(s)
        if self.attr in URL_ATTRS and self.fixed and self.literal and not self.safe_url:
            raise Fault(f"{self.attr}=\"{self.literal}\" is not an address of ours")
        self.state = "tag"
        return at + 1

    def tag_end(self):
        if self.closing:
            if not self.open or self.open[-1] != self.tag:
                raise Fault(f"</{self.tag}> closes nothing"
                            + (f" (<{self.open[-1]}> is open)" if self.open else ""))
            self.open = self.open[:-1]
        elif self.tag not in VOID:
            if self.tag == "script" and "src" not in self.attrs:
                raise Fault("script must be empty: name a file with src")
            self.open = self.open + [self.tag]
        self.state = "data"

    def block(self):
        """A block tag ends the name of an attribute that has no value."""
        if self.state == "after_name":
            self.state = "tag"

    def value(self, kind):
        """Something is put here: 'text', 'attr', 'segment' or 'url'."""
        if self.state == "data":
            if self.raw():
                raise Fault("nothing can be put into a script")
            return "text"
        if self.state == "comment":
            raise Fault("nothing can be put into a comment")
        if self.state == "before_value":
            raise Fault(f"the value of {self.attr} must stand in double quotes")
        if self.state != "value":
            raise Fault(f"nothing can be put into the name of a tag or attribute (<{self.tag}>)")
        first = self.fixed and not self.literal
        self.fixed = False
        if self.attr not in URL_ATTRS:
            return "attr"
        if first:
            if kind not in ("url", "static"):
                raise Fault(f"{self.attr} must begin with a fixed path, or be a field of type url")
            return "url"
        if not self.safe_url:
            raise Fault(f"{self.attr} must begin with a fixed path")
        return "segment"


# ---- code ----

class Coder:
    def __init__(self, lib, msgs, t):
        self.lib, self.msgs, self.t = lib, msgs, t
        self.place = Place()
        self.lines, self.literal = [], ""
        self.depth, self.scopes, self.loops = 1, [], 0
        self.includes, self.line = set(), 1
        self.halves = []

    def out(self, text):
        self.lines.append("    " * self.depth + text)

    def flush(self):
        if self.literal:
            n = len(self.literal.encode("utf-8"))
            self.out(f"html_literal(out, {c_string(self.literal)}, {n});")
            self.literal = ""

    def run(self):
        self.scopes = [self.scope_of("v->", self.t.fields, self.t.struct)]
        if self.t.layout:
            self.layout("open")
        blocks = []
        for kind, text, line in self.t.tokens:
            self.line = line
            if kind == "html":
                self.html(text)
            else:
                self.tag(text, blocks)
        if blocks:
            raise Fault(f"{{{{{blocks[-1][0]}}}}} is not closed")
        self.flush()
        if self.t.layout:
            self.layout("close")
        if self.place.state != "data" or (self.place.open and not has_body(self.t)):
            raise Fault(f"<{(self.place.open or [self.place.tag])[-1]}> is not closed")
        if has_body(self.t) and self.place.open:
            raise Fault(f"<{self.place.open[-1]}> is not closed")
        self.halves.append(self.lines)
        return self.halves

    def layout(self, half):
        other = self.lib.get(self.t.layout)
        if not has_body(other):
            raise Fault(f"{self.t.layout} is no layout: it has no {{{{body}}}}")
        v = self.field(self.t.layout_field)
        if v.kind != "view" or v.struct != other.struct:
            raise Fault(f"{self.t.layout_field} is not of type view {self.t.layout}")
        self.includes.add(other.include)
        self.out(f"{other.struct}_{half}(out, &{v.c}, lang);")

    def scope_of(self, prefix, fields, struct):
        return {f.name: self.value_of(prefix, f, struct) for f in fields}

    def value_of(self, prefix, f, struct):
        c = prefix + f.name
        if f.kind == "view" or (f.kind == "list" and f.ref):
            other = self.lib.get(f.ref)
            return Value(c, f.kind, other.struct, other.fields, c + "_count")
        if f.kind == "list":
            return Value(c, "list", f"{struct}_{f.name}", f.fields, c + "_count")
        return Value(c, f.kind)

    def field(self, path):
        parts = path.split(".")
        for scope in reversed(self.scopes):
            if parts[0] in scope:
                v = scope[parts[0]]
                break
        else:
            raise Fault(f"unknown field {parts[0]!r}")
        for p in parts[1:]:
            if v.kind not in ("view", "row"):
                raise Fault(f"{path}: there is nothing below a {v.kind}")
            sep = "->" if v.kind == "row" else "."
            found = [f for f in v.fields if f.name == p]
            if not found:
                raise Fault(f"unknown field {path!r}")
            v = self.value_of(v.c + sep, found[0], v.struct)
        return v

    def html(self, text):
        keeps = self.place.keeps_blanks()
        self.place.feed(text)
        if not keeps and not self.place.keeps_blanks() and "<pre" not in text \
                and "<textarea" not in text:
            text = re.sub(r"\s*\n\s*", "\n", text)
        self.literal += text

    def tag(self, text, blocks):
        if text.startswith("!"):
            return
        m = re.fullmatch(rf"#if\s+(!?)({IDENT}(?:\.{IDENT})*)", text)
        if m:
            self.block_open(blocks, "#if", f"if ({self.truth(m.group(2), m.group(1) == '!')}) {{")
            return
        m = re.fullmatch(rf"#each\s+({IDENT}(?:\.{IDENT})*)\s+as\s+({IDENT})", text)
        if m:
            self.each(blocks, m.group(1), m.group(2))
            return
        if text == "else":
            self.otherwise(blocks)
        elif text in ("/if", "/each"):
            self.block_close(blocks, "#" + text[1:])
        elif text == "body":
            self.body(blocks)
        elif text.startswith(">"):
            self.partial(text[1:].strip())
        elif re.match(r"t\s", text):
            self.message(text[1:].strip())
        else:
            self.plain(text)

    # -- blocks --

    def block_open(self, blocks, kind, code):
        self.place.block()
        self.flush()
        self.out(code)
        self.depth += 1
        blocks.append([kind, self.place.copy(), None])

    def truth(self, path, negate):
        v = self.field(path)
        c = {"text": f"{v.c}.len > 0", "url": f"{v.c}.len > 0", "int": f"{v.c} != 0",
             "day": f"{v.c} != 0", "instant": f"{v.c} != 0", "bool": v.c,
             "msg": f"{v.c} != MSG_NONE", "say": f"{v.c}.key != MSG_NONE",
             "html": f"{v.c} != NULL", "list": f"{v.count} > 0"}.get(v.kind)
        if c is None:
            raise Fault(f"{path} is a {v.kind}, neither true nor false")
        return f"!({c})" if negate else c

    def each(self, blocks, path, name):
        v = self.field(path)
        if v.kind != "list":
            raise Fault(f"{path} is a {v.kind}, not a list")
        if name in C_WORDS or any(name in s for s in self.scopes):
            raise Fault(f"the name {name!r} is taken")
        self.loops += 1
        i = f"i{self.loops}"
        self.block_open(blocks, "#each", f"for (size_t {i} = 0; {i} < {v.count}; {i}++) {{")
        self.out(f"const struct {v.struct} *{name} = &{v.c}[{i}];")
        self.out(f"(void){name};")
        self.scopes.append({name: Value(name, "row", v.struct, v.fields)})

    def otherwise(self, blocks):
        if not blocks or blocks[-1][0] != "#if" or blocks[-1][2] is not None:
            raise Fault("{{else}} without {{#if}}")
        self.place.block()
        self.flush()
        blocks[-1][2] = self.place
        self.place = blocks[-1][1].copy()
        self.depth -= 1
        self.out("} else {")
        self.depth += 1

    def block_close(self, blocks, kind):
        if not blocks or blocks[-1][0] != kind:
            raise Fault(f"{{{{/{kind[1:]}}}}} closes nothing")
        self.place.block()
        self.flush()
        _, before, first = blocks.pop()
        other = first if first is not None else before
        if other.mark() != self.place.mark():
            raise Fault(f"the markup is not the same at both ends of {{{{{kind}}}}}")
        self.place.fixed = self.place.fixed and other.fixed and self.place.literal == other.literal
        self.place.attrs = list(dict.fromkeys(self.place.attrs + other.attrs))
        self.depth -= 1
        self.out("}")
        if kind == "#each":
            self.scopes.pop()

    def body(self, blocks):
        if blocks or self.place.state != "data" or self.halves or self.t.layout:
            raise Fault("{{body}} stands once, outside of blocks and tags")
        self.flush()
        self.halves.append(self.lines)
        self.lines = []

    # -- values --

    def plain(self, text):
        m = re.fullmatch(r'static\s+"([A-Za-z0-9._-]+)"', text)
        if m:
            if self.place.value("static") != "url":
                raise Fault("{{static}} must be the whole of src or href")
            self.flush()
            if self.lib.web and not os.path.exists(os.path.join(self.lib.web, m.group(1))):
                raise Fault(f"there is no file {m.group(1)} in {self.lib.web}")
            self.out(f"html_static(out, {c_string(m.group(1))});")
            return
        if text == "@lang":
            if self.place.value("text") == "segment":
                raise Fault("{{@lang}} stands in lang=\"\" only")
            self.flush()
            self.out("html_text(out, msg_lang_tag(lang));")
            return
        m = re.fullmatch(rf"({IDENT}(?:\.{IDENT})*)(?:\s+(short|long))?", text)
        if m is None:
            raise Fault(f"not understood: {{{{{text}}}}}")
        v = self.field(m.group(1))
        where = self.place.value(v.kind)
        self.flush()
        self.out(self.put(v, where, m.group(2), m.group(1)))

    def put(self, v, where, style, path):
        in_text = where == "text"
        if style and v.kind not in ("day",):
            raise Fault(f"{path} is a {v.kind}; only a day has a short form")
        if where == "segment" and v.kind not in ("text", "int", "day"):
            raise Fault(f"{path} is a {v.kind} and cannot be part of an address")
        if v.kind == "html":
            if not in_text:
                raise Fault(f"{path} is html and can only stand between tags")
            return f"html_join(out, {v.c});"
        if v.kind == "text":
            return f"html_{'segment' if where == 'segment' else 'text'}(out, {v.c});"
        if v.kind == "url":
            return f"html_{'url' if where == 'url' else 'text'}(out, {v.c});"
        if v.kind == "msg":
            return f"html_message(out, lang, {v.c}, NULL, 0);"
        if v.kind == "say":
            return f"html_message(out, lang, {v.c}.key, {v.c}.args, {v.c}.args_count);"
        if v.kind == "int":
            return f"html_number(out, lang, {v.c});" if in_text else f"html_digits(out, {v.c});"
        if v.kind == "day":
            form = "short" if style == "short" else "long"
            return (f"html_day_{form}(out, lang, {v.c});" if in_text
                    else f"html_day_iso(out, {v.c});")
        if v.kind == "instant":
            return f"html_instant(out, lang, {v.c});" if in_text \
                else f"html_instant_iso(out, {v.c});"
        raise Fault(f"{path} is a {v.kind} and cannot be written")

    def params(self, text):
        out, at = [], 0
        rule = re.compile(rf'\s*({IDENT}|\d)=(?:"([^"]*)"|@([a-z0-9_.]+)|(-?\d+)|(true|false)'
                          rf'|({IDENT}(?:\.{IDENT})*))(?=\s|$)')
        while text[at:].strip():
            m = rule.match(text, at)
            if m is None:
                raise Fault(f"not understood: {text[at:].strip()!r}")
            out.append(m.groups())
            at = m.end()
        return out

    def key(self, name):
        if name not in self.msgs:
            raise Fault(f"no catalogue has the key {name!r}")
        return self.msgs[name]

    def message(self, text):
        m = re.match(r'"([^"]*)"', text)
        if m is None:
            v = self.field(text)
            if v.kind not in ("msg", "say"):
                raise Fault(f"{text} is a {v.kind}, not a message")
            where = self.place.value(v.kind)
            self.flush()
            self.out(self.put(v, where, None, text))
            return
        msg = self.key(m.group(1))
        if self.place.value("msg") in ("segment", "url"):
            raise Fault("a message cannot be part of an address")
        want = cat.arguments(msg.nodes["en"])
        for nodes in msg.nodes.values():
            for name, kind in cat.arguments(nodes).items():
                if want[name] == "text":
                    want[name] = kind
        given = {}
        for p in self.params(text[m.end():]):
            if p[0] not in want:
                raise Fault(f"{msg.key} has no argument {p[0]!r}")
            given[p[0]] = self.argument(msg.key, p[0], want[p[0]], p)
        missing = [n for n in want if n not in given]
        if missing:
            raise Fault(f"{msg.key} needs the argument {missing[0]!r}")
        self.flush()
        name = cat.enum_name(msg.key)
        if not want:
            self.out(f"html_message(out, lang, {name}, NULL, 0);")
            return
        args = ", ".join(given[n] for n in msg.args())
        self.out("{")
        self.out(f"    const struct msg_arg args[] = {{{args}}};")
        self.out(f"    html_message(out, lang, {name}, args, {len(want)});")
        self.out("}")

    def argument(self, key, name, want, p):
        _, text, message, number, truth, path = p
        if text is not None:
            v = Value(f"STR({c_string(text)})", "text")
        elif message is not None:
            v = Value(cat.enum_name(self.key(message).key), "msg")
        elif number is not None:
            v = Value(f"INT64_C({number})", "int")
        elif truth is not None:
            v = Value(truth, "bool")
        else:
            v = self.field(path)
        allowed = {"text": ("text", "int", "day", "instant", "msg"), "number": ("int",),
                   "date": ("day", "instant"), "time": ("instant",), "select": ("text", "bool")}
        if v.kind not in allowed[want]:
            raise Fault(f"{key}: {name} is a {v.kind}, needed for {want}")
        make = {"text": "msg_text(\"%s\", %s)", "int": "msg_number(\"%s\", %s)",
                "day": "msg_day(\"%s\", %s)", "instant": "msg_instant(\"%s\", %s)",
                "msg": "msg_text(\"%s\", msg_plain(lang, %s))",
                "bool": "msg_text(\"%s\", %s ? STR(\"yes\") : STR(\"no\"))"}
        return make[v.kind] % (name, v.c)

    # -- other templates --

    def partial(self, text):
        m = re.match(rf"({IDENT}/{IDENT})(?:\s+({IDENT}(?:\.{IDENT})*)\s*$|\s+|$)", text)
        if m is None:
            raise Fault(f"not understood: {{{{> {text}}}}}")
        other = self.lib.get(m.group(1))
        if has_body(other):
            raise Fault(f"{m.group(1)} is a layout")
        if self.place.state != "data" or self.place.raw():
            raise Fault("another template can only stand between tags")
        self.includes.add(other.include)
        self.flush()
        if m.group(2):
            v = self.field(m.group(2))
            if v.kind not in ("view", "row") or v.struct != other.struct:
                raise Fault(f"{m.group(2)} is not of type view {m.group(1)}")
            self.out(f"{other.struct}_render(out, {'' if v.kind == 'row' else '&'}{v.c}, lang);")
            return
        self.partial_call(other, m.group(1), self.params(text[m.end():]))

    def partial_call(self, other, ref, params):
        given = {p[0]: p for p in params}
        if len(given) != len(params):
            raise Fault(f"{ref} is given a field twice")
        inits = []
        for f in other.fields:
            if f.name not in given:
                raise Fault(f"{ref} needs the field {f.name!r}")
            inits += self.init(ref, f, given.pop(f.name))
        if given:
            raise Fault(f"{ref} has no field {next(iter(given))!r}")
        self.out("{")
        self.out(f"    const struct {other.struct} view = {{{', '.join(inits)}}};")
        self.out(f"    {other.struct}_render(out, &view, lang);")
        self.out("}")

    def init(self, ref, f, p):
        _, text, message, number, truth, path = p
        fault = Fault(f"{ref}: field {f.name} is of type {f.kind}")
        if text is not None:
            if f.kind != "text":
                raise fault
            return [f".{f.name} = STR({c_string(text)})"]
        if message is not None:
            msg = self.key(message)
            if f.kind not in ("msg", "say", "text"):
                raise fault
            if msg.args():
                raise Fault(f"{message} has arguments and cannot be passed by key")
            if f.kind == "text":
                return [f".{f.name} = msg_plain(lang, {cat.enum_name(message)})"]
            at = f".{f.name}" + (".key" if f.kind == "say" else "")
            return [f"{at} = {cat.enum_name(message)}"]
        if number is not None:
            if f.kind not in ("int", "day", "instant"):
                raise fault
            return [f".{f.name} = {number}"]
        if truth is not None:
            if f.kind != "bool":
                raise fault
            return [f".{f.name} = {truth}"]
        v = self.field(path)
        mine = self.value_of("", f, "page_" + ref.split("/")[1])
        if v.kind == "msg" and f.kind == "text":
            return [f".{f.name} = msg_plain(lang, {v.c})"]
        if v.kind == "row":
            v = Value(f"(*{v.c})", "view", v.struct, v.fields)
        if v.kind != f.kind or (v.kind in ("view", "list") and v.struct != mine.struct):
            raise fault
        if f.kind == "list":
            return [f".{f.name} = {v.c}", f".{f.name}_count = {v.count}"]
        return [f".{f.name} = {v.c}"]


def source(lib, msgs, t):
    coder = Coder(lib, msgs, t)
    try:
        halves = coder.run()
    except Fault as e:
        if str(e).startswith(lib.src):
            raise
        raise fault_at(t, coder.line, str(e)) from None
    is_layout = has_body(t)
    out = [HEAD, "#define HUIYIN_WRITTEN_BY_GEN_TEMPLATES", f'#include "{t.include}"', "",
           '#include "http/html_emit.h"']
    out += [f'#include "{i}"' for i in sorted(coder.includes)]
    for fn, lines in zip(functions(t, is_layout), halves):
        out += ["", f"void {fn}(struct html *out, const struct {t.struct} *v, "
                    "const struct msg_lang *lang)", "{", "    (void)v;", "    (void)lang;",
                *lines, "}"]
    return "\n".join(out) + "\n"


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    p.add_argument("--src", required=True)
    p.add_argument("--locale", required=True)
    p.add_argument("--room", required=True)
    p.add_argument("--out", required=True)
    p.add_argument("--web", help="the folder of the files that {{static}} names")
    p.add_argument("--depfile")
    p.add_argument("names", nargs="*")
    a = p.parse_args()
    lib = Library(a.src, a.web)
    try:
        msgs, _, paths = cat.load(a.locale)
        made = []
        for name in a.names:
            t = lib.get(f"{a.room}/{name}")
            try:
                made.append((name, header(lib, t, has_body(t)), source(lib, msgs, t)))
            except Fault as e:
                raise e if str(e).startswith(a.src) else fault_at(t, 1, str(e))
    except (Fault, cat.Fault) as e:
        sys.exit(f"templates: {e}")
    for name, head, code in made:
        write_if_changed(os.path.join(a.out, name + ".html.h"), head)
        write_if_changed(os.path.join(a.out, name + ".html.c"), code)
    if a.depfile and a.names:
        deps = " ".join(d.replace(" ", "\\ ") for d in [*lib.paths, a.locale, *paths])
        with open(a.depfile, "w", encoding="utf-8") as f:
            f.write(f"{os.path.join(a.out, a.names[0])}.html.h: {deps}\n")


if __name__ == "__main__":
    main()
