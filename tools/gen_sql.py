#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Turns named SQL statements into typed C functions, and schemas into both dialects.

  gen_sql.py statements --ids ids.h --schema A.sql … --room NAME IN.sql OUT.h OUT.c
  gen_sql.py schema     --schema A.sql … [--steps M.sql …] [--name NAME] [--dialect D] --out OUT.c
  gen_sql.py catalogue  --ids ids.h --schema A.sql … --out OUT.c IN.sql …

`statements` and `schema` write what the program runs; `catalogue` writes every statement in both
dialects for the test that prepares them. A statement stands in src/<room>/<name>.sql:

  -- What it is for: becomes the comment in the header.
  -- name: matter_get :one
  -- as: officer
  -- in: dossier dossier_id, lang text
  -- out: title text, due_day day
  SELECT m.title, m.due_day FROM v_matter m WHERE m.id = :dossier AND m.lang = :lang;

Kinds: :one (ERR_NOT_FOUND when none) :many (arena array; needs LIMIT, a key or `-- bounded: why`)
:each (a callback per row) :exec :count (rows changed). Types: i64 i32 bool day us text blob text?
blob? and the ids of base/ids.h. `-- sqlite:` and `-- postgres:` begin a text for one dialect, in
statements until the next name, in schemas until `-- end`. A file's head may say `-- store: keys`
(main keys vault fts; any: a statement about what every store has).

How schemas are written, and what leads from one to the next, stands in sql_schema.py. An officer's
statement reads a table only through a view v_*, when the table has such a view, a column named
after one that has, or the line `-- protected` before it; `-- open: why` lifts that.

Everything is compiled here against an in-memory SQLite made from the schemas, so that a wrong
column is a build error with its line.
"""

import argparse
import os
import re
import sqlite3
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sql_schema import (MACROS, STORES, Refusal, join_tokens, load_schemas,  # noqa: E402
                        load_steps, open_memory, tokens_of)

KINDS = ['one', 'many', 'each', 'exec', 'count']
ROLES = ['officer', 'person', 'system']

# word -> (C type, enum db_type, PostgreSQL type)
TYPES = {
    'i64': ('int64_t', 'DB_TYPE_I64', 'bigint'),
    'i32': ('int32_t', 'DB_TYPE_I32', 'integer'),
    'bool': ('bool', 'DB_TYPE_BOOL', 'smallint'),
    'day': ('int32_t', 'DB_TYPE_I32', 'integer'),
    'us': ('int64_t', 'DB_TYPE_I64', 'bigint'),
    'text': ('struct str', 'DB_TYPE_TEXT', 'text'),
    'blob': ('struct str', 'DB_TYPE_BLOB', 'bytea'),
    'text?': ('struct str', 'DB_TYPE_TEXT', 'text'),
    'blob?': ('struct str', 'DB_TYPE_BLOB', 'bytea'),
}

CLOCKS = {'now', 'current_timestamp', 'current_date', 'current_time', 'localtime',
          'localtimestamp', 'clock_timestamp', 'transaction_timestamp', 'statement_timestamp',
          'datetime', 'julianday', 'strftime', 'unixepoch', 'date', 'time', 'random',
          'randomblob', 'gen_random_uuid'}
PATTERNS = {'like', 'ilike', 'glob', 'match', 'regexp', 'similar'}
RESERVED = set('''auto break case char const continue default do double else enum extern float for
    goto if inline int long register restrict return short signed sizeof static struct switch
    typedef union unsigned void volatile while db a in err'''.split())


# ---- statements ---------------------------------------------------------------------------------

class Field:
    def __init__(self, name, word, types):
        self.name, self.word = name, word
        self.c_type, self.db_type, self.pg_type = types[word]
        self.is_id = self.c_type.startswith('struct ') and self.c_type != 'struct str'
        self.may_be_null = word.endswith('?')


class Statement:
    def __init__(self, path, line, name, kind):
        self.path, self.line, self.name, self.kind = path, line, name, kind
        self.role, self.role_said = 'system', False
        self.ins, self.outs = [], []
        self.doc, self.bounded, self.store = [], None, 'main'
        self.text = {}            # None, 'sqlite', 'postgres' -> (first line, sql)
        self.sql = {}             # dialect -> final text

    def refuse(self, text, line=None):
        raise Refusal(self.path, line or self.line, f'{self.name}: {text}')


def load_types(ids_path):
    types = dict(TYPES)
    with open(ids_path, encoding='utf-8') as f:
        for name in re.findall(r'struct (\w+_id) \{\s*int64_t v;\s*\};', f.read()):
            types[name] = (f'struct {name}', 'DB_TYPE_I64', 'bigint')
    return types


def parse_fields(st, text, types, line):
    fields = []
    for part in filter(None, (p.strip() for p in text.split(','))):
        words = part.split()
        if len(words) == 1 and words[0] in types and words[0].endswith('_id'):
            words = [words[0][:-3], words[0]]
        if len(words) != 2:
            st.refuse(f'"{part}" is not "name type"', line)
        if words[1] not in types:
            st.refuse(f'unknown type {words[1]}', line)
        if not re.fullmatch(r'[a-z][a-z0-9_]*', words[0]) or words[0] in RESERVED:
            st.refuse(f'"{words[0]}" cannot be a name here', line)
        if words[0] in [f.name for f in fields]:
            st.refuse(f'{words[0]} is declared twice', line)
        fields.append(Field(words[0], words[1], types))
    return fields


def parse_file(path, types):
    statements, doc, st, store, dialect = [], [], None, 'main', None
    with open(path, encoding='utf-8') as f:
        lines = f.read().split('\n')
    for number, line in enumerate(lines, 1):
        head = re.fullmatch(r'\s*--\s*(name|as|in|out|store|bounded|sqlite|postgres):\s*(.*?)\s*',
                            line)
        comment = re.fullmatch(r'\s*--\s?(.*?)\s*', line)
        if head and head.group(1) == 'name':
            m = re.fullmatch(r'([a-z][a-z0-9_]*)\s+:(\w+)', head.group(2))
            if not m or m.group(2) not in KINDS:
                raise Refusal(path, number, '"-- name: verb_thing :kind" with a kind of '
                              + ' '.join(KINDS))
            st = Statement(path, number, m.group(1), m.group(2))
            st.store, st.doc, doc, dialect = store, doc, [], None
            statements.append(st)
        elif head and head.group(1) == 'store':
            if head.group(2) not in [*STORES, 'any'] or st:
                raise Refusal(path, number, 'a store is named once, before any statement: '
                              + ' '.join([*STORES, 'any']))
            store = head.group(2)
        elif head and st:
            word, value = head.groups()
            if word == 'as':
                if value not in ROLES:
                    st.refuse(f'unknown role {value}', number)
                st.role = value
            elif word == 'in':
                st.ins += parse_fields(st, value, types, number)
            elif word == 'out':
                st.outs += parse_fields(st, value, types, number)
            elif word == 'bounded':
                st.bounded = value
            else:
                dialect = word
                if dialect in st.text:
                    st.refuse(f'two {dialect} texts', number)
                st.text[dialect] = (number + 1, '')
        elif comment is not None and (st is None or any(
                s.rstrip().endswith(';') for _, s in st.text.values() if s.strip())):
            if 'SPDX' not in line:
                doc.append(comment.group(1))
        elif not line.strip():
            if st is None or ''.join(s for _, s in st.text.values()).rstrip().endswith(';'):
                doc = []
        elif st is None:
            raise Refusal(path, number, 'text before the first "-- name:"')
        else:
            if comment is None:
                doc = []
            first, text = st.text.get(dialect, (number, ''))
            if not text.strip():
                first = number
            st.text[dialect] = (first, text + line + '\n')
    for i, st in enumerate(statements):
        if st.name in [s.name for s in statements[:i]]:
            st.refuse('the name is taken')
    return statements


def check_tokens(st, tokens, overridden):
    """Refuses what has no place in a statement, in any dialect."""
    for i, t in enumerate(tokens):
        before = tokens[i - 1] if i else None
        if t.text == '*' and (before is None or before.text in (',', '.') or
                              before.low in ('select', 'distinct', 'all', 'returning')):
            st.refuse('SELECT * is refused: name the columns', t.line)
        if t.low in PATTERNS and t.kind == 'word' and not overridden:
            st.refuse(f'{t.text} differs between the dialects: say it in "-- sqlite:" and '
                      '"-- postgres:"', t.line)
        if t.low in CLOCKS and t.kind == 'word' and not (before and before.text == '.') and \
                (t.low.startswith('current_') or t.low in ('localtime', 'localtimestamp') or
                 (i + 1 < len(tokens) and tokens[i + 1].text == '(')):
            st.refuse(f'{t.text} is refused: time and chance come in as inputs', t.line)
        if t.text in ('?', '$', '@', '{', '}', '%', '#', '\\', '`') and t.kind == 'op':
            st.refuse(f'"{t.text}" is refused: nothing is interpolated, inputs are :names',
                      t.line)
        if t.kind in ('string', 'quoted') and re.search(r'%[-0-9.*]*[sdifluxc]\b|\{\w*\}|\$\{',
                                                        t.text):
            st.refuse(f'{t.text} looks interpolated: inputs are :names', t.line)
        if t.text == ';' and i != len(tokens) - 1:
            st.refuse('one statement a name', t.line)
    if not tokens or tokens[-1].text != ';':
        st.refuse('a statement ends with a semicolon')
    for i, t in enumerate(tokens):
        if t.kind == 'word' and t.low.startswith('v_') and is_named_query(tokens, i + 1):
            st.refuse(f'{t.text}: v_ is the mark of the schema\'s views', t.line)


def is_named_query(tokens, i):
    """Whether what follows a name makes it a WITH query: [(columns)] AS [NOT MATERIALIZED] (."""
    texts = [t.low for t in tokens]
    if texts[i:i + 1] == ['('] and ')' in texts[i:]:
        i = texts.index(')', i) + 1
    if texts[i:i + 1] != ['as']:
        return False
    i += 1
    while texts[i:i + 1] and texts[i] in ('not', 'materialized'):
        i += 1
    return texts[i:i + 1] == ['(']


def tables_in(tokens, schema):
    """alias -> (table, may be missing in the row), from FROM and JOIN."""
    found = {}
    for i, t in enumerate(tokens):
        if t.low not in ('from', 'join', 'into', 'update') and not (
                t.text == ',' and i >= 2 and tokens[i - 1].low in schema.tables):
            continue
        if i + 1 >= len(tokens) or tokens[i + 1].low not in schema.tables:
            continue
        table, alias = tokens[i + 1].low, tokens[i + 1].low
        follow = tokens[i + 2] if i + 2 < len(tokens) else None
        if follow is not None and follow.low == 'as' and i + 3 < len(tokens):
            alias = tokens[i + 3].low
        elif follow is not None and follow.kind == 'word' and follow.low not in (
                'where', 'join', 'left', 'inner', 'cross', 'order', 'group', 'limit', 'on', 'set',
                'using', 'union', 'values', 'select', 'returning', 'indexed', 'having'):
            alias = follow.low
        outer = any(tokens[j].low == 'left' for j in range(max(0, i - 2), i))
        found[alias] = (table, outer)
    return found


def tables_named(tokens):
    """Every name that stands where a table stands, with its token."""
    for i, t in enumerate(tokens):
        if t.low not in ('from', 'join', 'into', 'update'):
            continue
        j, depth, expected = i + 1, 0, True
        while j < len(tokens) and depth >= 0:
            u = tokens[j]
            if u.low in ('where', 'group', 'order', 'limit', 'union', 'set', 'values', 'join',
                         'select', 'on', 'using', ';'):
                break
            if u.kind in ('word', 'quoted') and expected and depth == 0:
                yield u
            expected = u.text == ',' and depth == 0
            depth += (u.text == '(') - (u.text == ')')
            j += 1


def check_officer(st, tokens, protected):
    """Said in the text already: SQLite does not ask again for a table none of whose columns are
    used, such as count(*) over it."""
    for t in tables_named(tokens):
        if t.text.strip('"').lower() in protected:
            st.refuse(f'an officer reads {t.text} only through a view v_*', t.line)


def check_order(st, tokens, schema):
    """A column that may be NULL sorts differently in the two engines unless it says where."""
    tables = tables_in(tokens, schema)
    i = 0
    while i < len(tokens) - 1:
        if not (tokens[i].low == 'order' and tokens[i + 1].low == 'by'):
            i += 1
            continue
        i, depth, term = i + 2, 0, []
        terms = []
        while i < len(tokens):
            t = tokens[i]
            depth += t.text == '('
            depth -= t.text == ')'
            if depth < 0 or t.text == ';' or (depth == 0 and t.low in ('limit', 'offset', 'union',
                                                                       'rows', 'range')):
                break
            if t.text == ',' and depth == 0:
                terms.append(term)
                term = []
            else:
                term.append(t)
            i += 1
        terms.append(term)
        for term in terms:
            check_order_term(st, term, tables, schema)


def check_order_term(st, term, tables, schema):
    low = [t.low for t in term]
    if 'nulls' in low or 'coalesce' in low:
        return
    for j, t in enumerate(term):
        if t.kind != 'word' or (j + 1 < len(term) and term[j + 1].text in ('(', '.')):
            continue
        if j >= 2 and term[j - 1].text == '.':
            table, outer = tables.get(term[j - 2].low, (None, False))
            null = outer or (table and schema.may_be_null(table, t.low))
        else:
            null = any((outer and schema.may_be_null(name, t.low) is not None) or
                       schema.may_be_null(name, t.low) for name, outer in tables.values())
        if null:
            st.refuse(f'ORDER BY {t.text} may be NULL: say NULLS FIRST or NULLS LAST', t.line)


def check_inputs(st, tokens, dialect):
    used = [t.text[1:] for t in tokens if t.kind == 'param']
    names = [f.name for f in st.ins]
    for t in tokens:
        if t.kind == 'param' and t.text[1:] not in names:
            st.refuse(f'{t.text} is not declared in "-- in:"', t.line)
    for name in names:
        if name not in used:
            st.refuse(f'input {name} is never used' + (f' in {dialect}' if dialect else ''))


def check_shape(st, tokens):
    first = next((t.low for t in tokens), '')
    words = {t.low for t in tokens}
    reads = first in ('select', 'with') and not words & {'insert', 'update', 'delete'}
    if st.kind in ('one', 'many', 'each'):
        if not st.outs:
            st.refuse(f'a :{st.kind} statement says what comes out with "-- out:"')
    elif st.outs:
        st.refuse(f'a :{st.kind} statement has no "-- out:"')
    if st.kind in ('exec', 'count') and reads:
        st.refuse(f'a SELECT is not :{st.kind}')
    if st.role == 'officer' and not reads:
        st.refuse('a statement as officer only reads; changes are made as system after can()')
    if st.kind == 'many':
        keyed = any(t.text == '=' and (tokens[i + 1].kind == 'param' or
                                       tokens[i - 1].kind == 'param')
                    for i, t in enumerate(tokens[:-1]) if i)
        if 'limit' not in words and not keyed and not st.bounded:
            st.refuse(':many needs a LIMIT, a key (x = :x) or "-- bounded: why"')
    if st.role != 'officer':
        for t in tokens:
            if t.kind == 'word' and (t.low.startswith('v_') or t.low in ('hy_officer',
                                                                         'hy_today')):
                st.refuse(f'{t.text} stands only in statements "-- as: officer"', t.line)


def render(st, tokens, dialect):
    order = {f.name: n for n, f in enumerate(st.ins, 1)}
    out = []
    for i, t in enumerate(tokens):
        text = t.text
        if t.kind == 'param':
            text = ('?' if dialect == 'sqlite' else '$') + str(order[text[1:]])
        elif t.kind == 'word' and text in MACROS[dialect] and i and tokens[i - 1].low == 'as' and \
                tokens[i + 1].text == ')':
            text = MACROS[dialect][text]
        if text != ';':
            out.append((t, text))
    return join_tokens(out)


def compile_on_sqlite(st, schema, protected):
    """Prepares the text in memory: unknown columns, wrong outputs, officers at base tables."""
    db = open_memory(schema)
    denied, seen = [], set()

    def authorize(action, one, two, _db, source):
        """As authorize() of src/db/db.c."""
        if st.role != 'officer' or action != sqlite3.SQLITE_READ or one not in protected:
            return sqlite3.SQLITE_OK
        if (source or '').startswith('v_'):
            seen.add(one)
        elif two or one not in seen:
            denied.append(one)
            return sqlite3.SQLITE_DENY
        return sqlite3.SQLITE_OK

    db.set_authorizer(authorize)
    try:
        db.execute('EXPLAIN ' + st.sql['sqlite'], [None] * len(st.ins))
    except sqlite3.Error as e:
        if denied:
            st.refuse(f'an officer reads {denied[0]} only through a view v_*')
        st.refuse(f'SQLite says: {e}')
    db.set_authorizer(None)
    if st.outs and st.sql['sqlite'].lower().startswith(('select', 'with')) and \
            ' returning ' not in st.sql['sqlite'].lower():
        # LIMIT 0: the names of the columns without running it
        sql = f'SELECT * FROM ({st.sql["sqlite"]}) LIMIT 0'
        got = [c[0] for c in db.execute(sql, [None] * len(st.ins)).description]
        want = [f.name for f in st.outs]
        if got != want:
            st.refuse(f'columns are {", ".join(got)} but "-- out:" says {", ".join(want)}')
    db.close()


def finish(st, schemas):
    schema = schemas['main' if st.store == 'any' else st.store]
    if None not in st.text and not {'sqlite', 'postgres'} <= set(st.text):
        st.refuse('a text for one dialect needs one for the other')
    for dialect in ('sqlite', 'postgres'):
        own = dialect in st.text
        line, sql = st.text[dialect] if own else st.text[None]
        tokens = tokens_of(sql, line)
        check_tokens(st, tokens, own)
        check_inputs(st, tokens, dialect if own else None)
        check_shape(st, tokens)
        if st.role == 'officer':
            check_officer(st, tokens, schema.protected())
        if not own:
            check_order(st, tokens, schema)
        st.sql[dialect] = render(st, tokens, dialect)
    compile_on_sqlite(st, schema, schema.protected())


def load_statements(path, schemas, types):
    statements = parse_file(path, types)
    for st in statements:
        finish(st, schemas)
    return statements


# ---- C ------------------------------------------------------------------------------------------

def c_string(text, indent='    '):
    """A C string literal, broken into lines of at most about 90 columns."""
    esc = text.replace('\\', '\\\\').replace('"', '\\"')
    parts, rest = [], esc
    while len(rest) > 88:
        cut = rest.rfind(' ', 0, 88) + 1 or 88
        while rest[cut - 1] == '\\':
            cut -= 1
        parts.append(rest[:cut])
        rest = rest[cut:]
    parts.append(rest)
    return ('\n' + indent).join(f'"{p}"' for p in parts)


def arg_of(f):
    return f'{f.c_type} {f.name}'


def signature(st):
    args = ['struct db *db']
    if st.kind in ('one', 'many'):
        args.append('struct arena *a')
    if len(st.ins) > 4:
        args.append(f'const struct {st.name}_in *in')
    else:
        args += [arg_of(f) for f in st.ins]
    row = f'struct {st.name}_row'
    if st.kind == 'one':
        args.append(f'{row} *ret_row')
    elif st.kind == 'many':
        args += [f'{row} **ret_rows', 'size_t *ret_count']
    elif st.kind == 'each':
        args += [f'enum err (*on_row)(void *ctx, const {row} *row)', 'void *ctx']
    elif st.kind == 'count':
        args.append('int64_t *ret_count')
    return f'enum err {st.name}(' + ', '.join(args) + ')'


def wrap_signature(text):
    if len(text) < 99:
        return text
    head, rest = text.split('(', 1)
    lines, line = [], head + '('
    pad = ' ' * len(line)
    parts = re.split(r', (?![^()]*\)[,;)])', rest)
    for n, part in enumerate(parts, 1):
        piece = part if n == len(parts) else part + ', '
        if len(line) + len(piece) > 98 and line.strip() != head + '(':
            lines.append(line.rstrip())
            line = pad
        line += piece
    lines.append(line)
    return '\n'.join(lines)


def struct_of(name, fields):
    return f'struct {name} {{\n' + ''.join(f'    {arg_of(f)};\n' for f in fields) + '};\n'


CONTRACT = {
    'one': 'ERR_NOT_FOUND when there is none. Strings are in `a`.',
    'many': 'Rows and strings are in `a`.',
    'each': 'Strings live until the callback returns; its error ends the walk.',
    'exec': '', 'count': '*ret_count: rows changed.'}


def write_header(path, room, source, statements):
    base = os.path.basename(source)
    guard = 'HUIYIN_' + re.sub(r'\W', '_', f'{room}_{base}_h').upper()
    out = [f'/* Made by tools/gen_sql.py from {base}; not to be edited. */',
           f'#ifndef {guard}', f'#define {guard}', '',
           '#include "base/ids.h"', '#include "base/str.h"', '',
           'struct db;', '']
    for st in statements:
        if len(st.ins) > 4:
            out.append(struct_of(st.name + '_in', st.ins))
        if st.outs:
            out.append(struct_of(st.name + '_row', st.outs))
        doc = ' '.join(filter(None, [*st.doc, CONTRACT[st.kind]])).replace('*/', '* /')
        if doc:
            lines, line = [], '/*'
            for word in doc.split():
                if len(line) + len(word) > 95:
                    lines.append(line)
                    line = ' *'
                line += ' ' + word
            out.append('\n'.join([*lines, line + ' */']))
        out += [wrap_signature(signature(st) + ';'), '']
    out += ['#endif', '']
    with open(path, 'w', encoding='utf-8') as f:
        f.write('\n'.join(out))


def field_rows(st, fields, struct, offsets):
    rows = []
    for f in fields:
        offset = f'offsetof(struct {struct}, {f.name})' if offsets else '0'
        rows.append(f'    {{"{f.name}", "{f.word}", {f.db_type}, '
                    f'{"true" if f.may_be_null else "false"}, {offset}}},')
    return '\n'.join(rows)


def definition(st, postgres=None):
    """The const struct db_statement of one statement."""
    out, offsets = [], postgres is None
    store = 'UNSET' if st.store == 'any' else st.store.upper()
    if st.ins:
        out.append(f'static const struct db_field {st.name}_ins[] = {{\n'
                   + field_rows(st, st.ins, '', False) + '\n};')
    if st.outs:
        out.append(f'static const struct db_field {st.name}_outs[] = {{\n'
                   + field_rows(st, st.outs, st.name + '_row', offsets) + '\n};')
    place = f'{os.path.basename(os.path.dirname(os.path.abspath(st.path)))}/' \
            f'{os.path.basename(st.path)}:{st.line}'
    out.append(f'static const struct db_statement {st.name}_statement = {{\n'
               f'    .name = "{st.name}",\n    .place = "{place}",\n'
               f'    .sql =\n        {c_string(st.sql["sqlite"], "        ")},\n'
               f'    .store = DB_STORE_{store},\n'
               f'    .role = DB_ROLE_{st.role.upper()},\n'
               + (f'    .ins = {st.name}_ins,\n    .in_count = {len(st.ins)},\n' if st.ins else '')
               + (f'    .outs = {st.name}_outs,\n    .out_count = {len(st.outs)},\n'
                  if st.outs else '')
               + (f'    .row_bytes = sizeof(struct {st.name}_row),\n'
                  if st.outs and offsets else '') + '};')
    return '\n\n'.join(out)


def value_of(st, f):
    access = f'in->{f.name}' if len(st.ins) > 4 else f.name
    if f.c_type == 'struct str':
        return f'{{.s = {access}}}'
    return f'{{.i = {access}.v}}' if f.is_id else f'{{.i = {access}}}'


def body(st):
    values, given = '', 'NULL'
    if st.ins:
        name = 'values'
        values = (f'    const union db_value {name}[] = {{\n' +
                  ''.join(f'        {value_of(st, f)},\n' for f in st.ins) + '    };\n')
        given = name
    ref = f'&{st.name}_statement'
    if st.kind == 'one':
        run = f'    return db_run_one(db, a, {ref}, {given}, ret_row);\n'
    elif st.kind == 'many':
        run = (f'    void *rows = NULL;\n    size_t count = 0;\n'
               f'    TRY(db_run_many(db, a, {ref}, {given}, &rows, &count));\n'
               f'    *ret_rows = rows;\n    *ret_count = count;\n    return ERR_OK;\n')
    elif st.kind == 'each':
        run = (f'    struct {st.name}_row row;\n    bool has_row = false;\n'
               f'    CLEANUP(db_cursor_done) struct db_cursor cursor;\n'
               f'    TRY(db_cursor_init(&cursor, db, {ref}, {given}));\n'
               f'    for (;;) {{\n        TRY(db_cursor_next(&cursor, &row, &has_row));\n'
               f'        if (!has_row)\n            return ERR_OK;\n'
               f'        TRY(on_row(ctx, &row));\n    }}\n')
    elif st.kind == 'exec':
        run = f'    return db_run_exec(db, {ref}, {given}, NULL);\n'
    else:
        run = f'    return db_run_exec(db, {ref}, {given}, ret_count);\n'
    return wrap_signature(signature(st)) + '\n{\n' + values + run + '}'


def write_source(path, room, source, statements):
    base = os.path.basename(source)
    out = [f'/* Made by tools/gen_sql.py from {base}; not to be edited. */',
           f'#include "{room}/{base}.h"', '',
           '#include "base/mem.h"', '#include "db/statement.h"', '', '#include <stddef.h>', '']
    for st in statements:
        out += [definition(st), '', body(st), '']
    with open(path, 'w', encoding='utf-8') as f:
        f.write('\n'.join(out))


def c_list(name, texts):
    return [f'static const char *const {name}[] = {{', *[f'    {c_string(t)},' for t in texts],
            '    NULL,\n};\n']


def write_schema(path, schemas, name, dialect):
    """`name`, a struct db_schema for each store."""
    out = ['/* Made by tools/gen_sql.py from the schemas; not to be edited. */',
           '#include "db/statement.h"', '', '#include <stddef.h>', '',
           f'extern const struct db_schema {name}[DB_STORE_COUNT];', '']
    rows = []
    for s in schemas.values():
        out += c_list(f'protected_{s.store}', s.protected())
        if s.sql[dialect]:
            out += c_list(f'schema_{s.store}', s.sql[dialect])
        for version, step in sorted(s.steps.items()):
            out += c_list(f'from_{s.store}_{version}', s.was[version - 1])
            out += c_list(f'step_{s.store}_{version}', step[dialect])
        out.append(f'static const struct db_step steps_{s.store}[] = {{')
        out += [f'    {{{v}, from_{s.store}_{v}, step_{s.store}_{v}}},' for v in sorted(s.steps)]
        out.append('    {0, NULL, NULL},\n};\n')
        made = bool(s.sql[dialect])
        rows.append(f'    [DB_STORE_{s.store.upper()}] = {{\n        .version = {s.version},\n'
                    f'        .digest = "{s.digest() if made else ""}",\n'
                    f'        .sql = {f"schema_{s.store}" if made else "NULL"},\n'
                    f'        .protected_tables = protected_{s.store},\n'
                    f'        .steps = steps_{s.store},\n    }},')
    out += [f'const struct db_schema {name}[DB_STORE_COUNT] = {{', *rows, '};', '']
    with open(path, 'w', encoding='utf-8') as f:
        f.write('\n'.join(out))


def write_catalogue(path, statements):
    out = ['/* Made by tools/gen_sql.py from every .sql file; not to be edited. */',
           '#include "tests/db/catalogue.h"', '', '#include <stddef.h>', '']
    for st in statements:
        out += [definition(st, postgres=True), '']
    out.append('const struct catalogue_row CATALOGUE[] = {')
    for st in statements:
        pg = st.sql['postgres']
        out.append(f'    {{&{st.name}_statement,\n     {c_string(pg, "     ")}}},')
    out += ['    {NULL, NULL},', '};', '']
    with open(path, 'w', encoding='utf-8') as f:
        f.write('\n'.join(out))


def main(argv=None):
    parser = argparse.ArgumentParser(description='SQL into C')
    modes = parser.add_subparsers(dest='mode', required=True)
    one = modes.add_parser('statements')
    one.add_argument('--ids', required=True)
    one.add_argument('--schema', nargs='+', required=True)
    one.add_argument('--room', required=True)
    one.add_argument('files', nargs=3)
    two = modes.add_parser('schema')
    two.add_argument('--schema', nargs='+', required=True)
    two.add_argument('--steps', nargs='*', default=[])
    two.add_argument('--name', default='DB_SCHEMAS')
    two.add_argument('--dialect', choices=['sqlite', 'postgres'], default='sqlite')
    two.add_argument('--out', required=True)
    three = modes.add_parser('catalogue')
    three.add_argument('--ids', required=True)
    three.add_argument('--schema', nargs='+', required=True)
    three.add_argument('--out', required=True)
    three.add_argument('files', nargs='*')
    args = parser.parse_args(argv)
    try:
        schemas = load_schemas(args.schema)
        if args.mode == 'schema':
            load_steps(args.steps, schemas)
            write_schema(args.out, schemas, args.name, args.dialect)
        elif args.mode == 'statements':
            source, header, code = args.files
            statements = load_statements(source, schemas, load_types(args.ids))
            write_header(header, args.room, source, statements)
            write_source(code, args.room, source, statements)
        else:
            types, statements, seen = load_types(args.ids), [], {}
            for path in args.files:
                for st in load_statements(path, schemas, types):
                    if st.name in seen:
                        st.refuse(f'the name is taken by {seen[st.name]}')
                    seen[st.name] = path
                    statements.append(st)
            write_catalogue(args.out, statements)
    except Refusal as e:
        print(f'{e}', file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
